/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../jobs-action.h"

G_BEGIN_DECLS

/* The path of an action, for who tells it at once. To put one together takes as long as the
 * rest of a line does, and for most actions it is their label: made, to be freed, stays as it was
 * then */
const char *jobs_path_peek (JobsAction *action,
                            char      **made);

G_END_DECLS
