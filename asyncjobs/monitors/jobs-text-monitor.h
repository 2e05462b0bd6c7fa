/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-engine.h"

G_BEGIN_DECLS

#define JOBS_TYPE_TEXT_MONITOR (jobs_text_monitor_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsTextMonitor, jobs_text_monitor, JOBS, TEXT_MONITOR, GObject)

/* One line per event on a stream (default: stdout). It keeps no engine alive
 * and can come and go at any time */
JOBS_AVAILABLE_IN_1_0
JobsTextMonitor *jobs_text_monitor_new          (JobsEngine *engine);
JOBS_AVAILABLE_IN_1_0
void             jobs_text_monitor_set_stream   (JobsTextMonitor *self,
                                                 GOutputStream   *stream);
JOBS_AVAILABLE_IN_1_0
void             jobs_text_monitor_set_color    (JobsTextMonitor *self,
                                                 gboolean         color);
JOBS_AVAILABLE_IN_1_0
void             jobs_text_monitor_set_reminder (JobsTextMonitor *self,
                                                 guint            milliseconds);
JOBS_AVAILABLE_IN_1_0
void             jobs_text_monitor_flush        (JobsTextMonitor *self);
JOBS_AVAILABLE_IN_1_0
void             jobs_text_monitor_detach       (JobsTextMonitor *self);

G_END_DECLS
