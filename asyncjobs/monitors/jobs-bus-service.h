/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-engine-board.h"

G_BEGIN_DECLS

/* What a monitor does while it has a connection: shows the run there, keeps that up to
 * date, and answers calls */
typedef struct _JobsBusService JobsBusService;

typedef void (*JobsBusServiceFunc) (gpointer data);

/* ready: all that there is now is there for others too, not before the next turn of the
 * main loop. settled: it is worth to ask whether it is settled */
JobsBusService *jobs_bus_service_new        (JobsEngineBoard   *board,
                                             GDBusConnection   *connection,
                                             const char        *path,
                                             JobsBusServiceFunc ready,
                                             JobsBusServiceFunc settled,
                                             gpointer           data);
void            jobs_bus_service_free       (JobsBusService    *self);
/* The title, or when it should end, on the monotonic clock; 0: nobody knows */
void            jobs_bus_service_tell_run   (JobsBusService    *self,
                                             gint64             expected_end);
/* What a board has told of */
void            jobs_bus_service_tell_lines (JobsBusService    *self,
                                             GPtrArray         *lines);
/* Tells at once what would be told within a second */
void            jobs_bus_service_flush      (JobsBusService    *self);
/* All that was told has been taken, and who follows the run has heard it */
gboolean        jobs_bus_service_is_settled (JobsBusService    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsBusService, jobs_bus_service_free)

G_END_DECLS
