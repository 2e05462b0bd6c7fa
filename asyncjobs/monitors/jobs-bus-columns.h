/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-line-private.h"

G_BEGIN_DECLS

/* What GetChanges tells of the run */
#define JOBS_BUS_RUN_TYPE "(sssbxxxa{su})"

/* And of actions, as org.asyncjobs.Run1.xml describes it. It has an array for
 * each thing that is told, and not a tuple for each action: a tuple of ten small values is ten
 * pieces of memory, each of which is made, looked at when the message is written, and freed in
 * another thread, 15 µs for a short job. So is each text on the bus, and they are one array of bytes */
#define JOBS_BUS_ADDED_TYPE "(auauayay)"
#define JOBS_BUS_CHANGED_TYPE "a{s(auaxaxau)}"
#define JOBS_BUS_SAID_TYPE "a{u(dss)}"
/* All that it answers, and as a format that leaves its parts whole */
#define JOBS_BUS_ANSWER_TYPE "(tu" JOBS_BUS_RUN_TYPE JOBS_BUS_ADDED_TYPE JOBS_BUS_CHANGED_TYPE JOBS_BUS_SAID_TYPE "aub)"
#define JOBS_BUS_ANSWER_FORMAT \
  "(tu@" JOBS_BUS_RUN_TYPE "@" JOBS_BUS_ADDED_TYPE "@" JOBS_BUS_CHANGED_TYPE "@" JOBS_BUS_SAID_TYPE "aub)"

/* Making it */
typedef struct _JobsBusColumns JobsBusColumns;

JobsBusColumns *jobs_bus_columns_new     (void);
void            jobs_bus_columns_free    (JobsBusColumns      *self);
/* number, and that of the engine around it, or 0 */
void            jobs_bus_columns_add     (JobsBusColumns      *self,
                                          guint                number,
                                          guint                parent,
                                          gboolean             is_engine,
                                          const JobsLineFacts *facts);
/* Of one that is added, too, unless it is as all are at first */
void            jobs_bus_columns_change  (JobsBusColumns      *self,
                                          guint                number,
                                          const JobsLineNews  *news);
/* No more is to be told at once */
gboolean        jobs_bus_columns_are_full (JobsBusColumns     *self);
/* (transfer floating): once */
void            jobs_bus_columns_end     (JobsBusColumns      *self,
                                          GVariant           **added,
                                          GVariant           **changed,
                                          GVariant           **said);

/* Reading it. The texts are valid during the call */
typedef void (*JobsBusAddedFunc)   (guint                number,
                                    guint                parent,
                                    gboolean             is_engine,
                                    const JobsLineFacts *facts,
                                    gpointer             data);
typedef void (*JobsBusChangedFunc) (guint                number,
                                    const JobsLineNews  *news,
                                    gpointer             data);

void            jobs_bus_columns_read_added   (GVariant          *added,
                                               JobsBusAddedFunc   func,
                                               gpointer           data);
void            jobs_bus_columns_read_changed (GVariant          *changed,
                                               GVariant          *said,
                                               JobsBusChangedFunc func,
                                               gpointer           data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsBusColumns, jobs_bus_columns_free)

G_END_DECLS
