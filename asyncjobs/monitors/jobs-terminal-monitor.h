/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-board.h"

G_BEGIN_DECLS

#define JOBS_TYPE_TERMINAL_MONITOR (jobs_terminal_monitor_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsTerminalMonitor, jobs_terminal_monitor, JOBS, TERMINAL_MONITOR, GObject)

/* A whole terminal. It keeps no run alive and can come and go at any time */
JOBS_AVAILABLE_IN_1_0
JobsTerminalMonitor *jobs_terminal_monitor_new         (JobsBoard           *board,
                                                        int                  fd,
                                                        GError             **error);
JOBS_AVAILABLE_IN_1_0
JobsBoard           *jobs_terminal_monitor_get_board   (JobsTerminalMonitor *self);
JOBS_AVAILABLE_IN_1_0
gboolean             jobs_terminal_monitor_get_color   (JobsTerminalMonitor *self);
JOBS_AVAILABLE_IN_1_0
void                 jobs_terminal_monitor_set_color   (JobsTerminalMonitor *self,
                                                        gboolean             color);
JOBS_AVAILABLE_IN_1_0
void                 jobs_terminal_monitor_say         (JobsTerminalMonitor *self,
                                                        const char          *text);
JOBS_AVAILABLE_IN_1_0
void                 jobs_terminal_monitor_suspend     (JobsTerminalMonitor *self);
JOBS_AVAILABLE_IN_1_0
void                 jobs_terminal_monitor_resume      (JobsTerminalMonitor *self);
JOBS_AVAILABLE_IN_1_0
void                 jobs_terminal_monitor_detach      (JobsTerminalMonitor *self);
JOBS_AVAILABLE_IN_1_0
void                 jobs_terminal_monitor_restore_now (void);

G_END_DECLS
