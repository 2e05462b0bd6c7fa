/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-engine-board.h"

G_BEGIN_DECLS

#define JOBS_TYPE_BUS_MONITOR (jobs_bus_monitor_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsBusMonitor, jobs_bus_monitor, JOBS, BUS_MONITOR, GObject)

/* Shows a run to other processes, by D-Bus */
JOBS_AVAILABLE_IN_1_0
JobsBusMonitor *jobs_bus_monitor_new          (JobsEngineBoard *board,
                                               GDBusConnection *connection);
JOBS_AVAILABLE_IN_1_0
const char     *jobs_bus_monitor_get_name     (JobsBusMonitor *self);
JOBS_AVAILABLE_IN_1_0
gboolean        jobs_bus_monitor_get_shown    (JobsBusMonitor *self);
JOBS_AVAILABLE_IN_1_0
void            jobs_bus_monitor_detach       (JobsBusMonitor *self);
JOBS_AVAILABLE_IN_1_0
void            jobs_bus_monitor_flush_async  (JobsBusMonitor     *self,
                                               GCancellable       *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer            user_data);
JOBS_AVAILABLE_IN_1_0
gboolean        jobs_bus_monitor_flush_finish (JobsBusMonitor *self,
                                               GAsyncResult   *result,
                                               GError        **error);

G_END_DECLS
