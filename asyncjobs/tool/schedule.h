/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "simulate.h"
#include "stream.h"

G_BEGIN_DECLS

/* When each job of the engine would start and end, how long it all takes and why, by the
 * durations in a journal. Where that does not exist, what sleeps is all that takes time */
gboolean schedule_write (ToolStream *to,
                         JobsEngine *engine,
                         const char *journal,
                         GError    **error);

/* "bottleneck: the pool gpu of 2; the longest path takes 2.000 s: a → b", where that path is
 * so long, in µs */
void     schedule_append_bottleneck (GString    *to,
                                     Simulation *simulation,
                                     gint64      longest,
                                     GPtrArray  *path,
                                     gboolean    with_durations);

G_END_DECLS
