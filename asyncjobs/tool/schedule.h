/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "stream.h"

#include <asyncjobs.h>

G_BEGIN_DECLS

/* When each job of the engine would start and end, how long it all takes and why, by the
 * durations in a journal. Where that does not exist, what sleeps is all that takes time */
gboolean schedule_write (ToolStream *to,
                         JobsEngine *engine,
                         const char *journal,
                         GError    **error);

G_END_DECLS
