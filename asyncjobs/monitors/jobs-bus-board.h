/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-board.h"

G_BEGIN_DECLS

#define JOBS_TYPE_BUS_BOARD (jobs_bus_board_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsBusBoard, jobs_bus_board, JOBS, BUS_BOARD, JobsBoard)

/* A run of another process, which shows it by a JobsBusMonitor */
JOBS_AVAILABLE_IN_1_0
void        jobs_bus_board_new_async   (GDBusConnection    *connection,
                                        const char         *name,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
JOBS_AVAILABLE_IN_1_0
JobsBoard  *jobs_bus_board_new_finish  (GAsyncResult *result,
                                        GError      **error);
JOBS_AVAILABLE_IN_1_0
const char *jobs_bus_board_get_name    (JobsBusBoard *self);
JOBS_AVAILABLE_IN_1_0
gboolean    jobs_bus_board_get_gone    (JobsBusBoard *self);

G_END_DECLS
