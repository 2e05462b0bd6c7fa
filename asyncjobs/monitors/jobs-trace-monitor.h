/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-engine.h"

G_BEGIN_DECLS

#define JOBS_TYPE_TRACE_MONITOR (jobs_trace_monitor_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsTraceMonitor, jobs_trace_monitor, JOBS, TRACE_MONITOR, GObject)

/**
 * JobsTraceFilter:
 * @text: the message of an error
 * @user_data: what was given with the function
 *
 * Makes of a message what may be written.
 *
 * Returns: (transfer full): the text with what is nobody's business left out
 *
 * Since: 1.0
 */
typedef char *(*JobsTraceFilter) (const char *text,
                                  gpointer    user_data);

/* When each attempt ran, and where, for Perfetto and its like. It keeps no
 * engine alive and can come and go at any time */
JOBS_AVAILABLE_IN_1_0
JobsTraceMonitor *jobs_trace_monitor_new        (JobsEngine    *engine,
                                                 GOutputStream *stream);
JOBS_AVAILABLE_IN_1_0
void              jobs_trace_monitor_set_filter (JobsTraceMonitor *self,
                                                 JobsTraceFilter   filter,
                                                 gpointer          user_data,
                                                 GDestroyNotify    destroy);
JOBS_AVAILABLE_IN_1_0
void              jobs_trace_monitor_detach     (JobsTraceMonitor *self);

G_END_DECLS
