/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-workers.h"

G_BEGIN_DECLS

/* Embedded in what is to be done by a thread; func is called there, once */
typedef struct _JobsWork JobsWork;

typedef void (*JobsWorkFunc) (JobsWork *work);

struct _JobsWork
{
  JobsWorkFunc func;
};

#define JOBS_WORK_CONTAINER(work, type, member) \
  ((type *) (gpointer) ((guint8 *) (work) - G_STRUCT_OFFSET (type, member)))

/* FALSE with JOBS_ERROR_NO_RESOURCES where there is no thread and none can be
 * had. Even then the work is in the queue and func will be called, perhaps very
 * late. The object may go before the work is done */
gboolean jobs_workers_push (JobsWorkers *self,
                            JobsWork    *work,
                            GError     **error);

G_END_DECLS
