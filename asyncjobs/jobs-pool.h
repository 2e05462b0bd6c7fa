/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-types.h"

G_BEGIN_DECLS

#define JOBS_TYPE_POOL (jobs_pool_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsPool, jobs_pool, JOBS, POOL, GObject)

JOBS_AVAILABLE_IN_1_0
JobsPool   *jobs_pool_new           (const char *name,
                                     guint       capacity);
JOBS_AVAILABLE_IN_1_0
const char *jobs_pool_get_name      (JobsPool *self);
JOBS_AVAILABLE_IN_1_0
guint       jobs_pool_get_capacity  (JobsPool *self);
JOBS_AVAILABLE_IN_1_0
void        jobs_pool_set_capacity  (JobsPool *self,
                                     guint     capacity);
JOBS_AVAILABLE_IN_1_0
guint       jobs_pool_get_in_use    (JobsPool *self);
JOBS_AVAILABLE_IN_1_0
guint       jobs_pool_get_n_waiting (JobsPool *self);

G_END_DECLS
