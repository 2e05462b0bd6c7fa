/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "../jobs-types.h"

G_BEGIN_DECLS

/* Text on a bus is there and valid; nothing is an empty one. In *buffer is what has to be freed */
const char   *jobs_bus_text            (const char   *text,
                                        char        **buffer);
const char   *jobs_bus_or_null         (const char   *text);

/* The words for states and conditions are their nicks. One of a later version, that we do not
 * know, stands for idle */
JobsState     jobs_bus_parse_state     (const char   *word);
const char   *jobs_bus_get_word        (JobsCondition condition);
/* Or for the weakest condition */
JobsCondition jobs_bus_parse_condition (const char   *word);

G_END_DECLS
