/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-types.h"

G_BEGIN_DECLS

#define JOBS_TYPE_WORKERS (jobs_workers_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsWorkers, jobs_workers, JOBS, WORKERS, GObject)

JOBS_AVAILABLE_IN_1_0
JobsWorkers *jobs_workers_new         (guint size);
JOBS_AVAILABLE_IN_1_0
JobsWorkers *jobs_workers_get_default (void);
JOBS_AVAILABLE_IN_1_0
guint        jobs_workers_get_size    (JobsWorkers *self);
JOBS_AVAILABLE_IN_1_0
void         jobs_workers_set_size    (JobsWorkers *self,
                                       guint        size);

G_END_DECLS
