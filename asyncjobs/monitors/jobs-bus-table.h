/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-engine-board.h"

G_BEGIN_DECLS

/* The actions of a board by number, and in order of their last change: so whoever knows
 * those up to one number, and has seen all up to one change, can be told of what is new
 * to him, and of that alone.
 *
 * An action gets its row when somebody wants to know of all, or of this one. */
typedef struct _JobsBusTable JobsBusTable;

typedef struct
{
  guint       number; /* from 1, never used again */
  guint       parent; /* the number of the engine around it; 0: the run */
  JobsAction *action;
  JobsLine   *line;   /* while it runs, or has an object; otherwise NULL */

  /*< private >*/
  gboolean has_object;
  guint64 changed; /* 0: not since it is there */
  guint   sighted;
  GList   link;
} JobsBusRow;

JobsBusTable *jobs_bus_table_new         (JobsEngineBoard *board);
void          jobs_bus_table_free        (JobsBusTable    *self);

/* Makes at most so many rows more, from now on in order. TRUE: there are all of them */
gboolean      jobs_bus_table_extend      (JobsBusTable    *self,
                                          guint            n);
/* All are wanted, or have been made */
gboolean      jobs_bus_table_is_extended (JobsBusTable    *self);
/* Actions were removed, or added before others: looks at all of them, where all were wanted */
void          jobs_bus_table_refresh     (JobsBusTable    *self);

/* NULL: none */
JobsBusRow   *jobs_bus_table_get         (JobsBusTable    *self,
                                          guint            number);
JobsBusRow   *jobs_bus_table_find        (JobsBusTable    *self,
                                          JobsAction      *action);
guint         jobs_bus_table_get_last    (JobsBusTable    *self);
/* Makes one, and those around it, where there is none and not all are wanted; NULL: it
 * will come with them */
JobsBusRow   *jobs_bus_table_ensure      (JobsBusTable    *self,
                                          JobsAction      *action);
/* Forgets a row where not all are wanted */
void          jobs_bus_table_release     (JobsBusTable    *self,
                                          guint            number);

/* Something stands for it on the bus, which wants its line */
void          jobs_bus_table_set_object  (JobsBusTable    *self,
                                          JobsBusRow      *row,
                                          gboolean         has_object);

/* Of states it hears by itself where all are wanted */
void          jobs_bus_table_touch       (JobsBusTable    *self,
                                          JobsBusRow      *row);
/* What is told of the run as such, which may have changed */
void          jobs_bus_table_set_run     (JobsBusTable    *self,
                                          GVariant        *run);
gboolean      jobs_bus_table_is_news     (JobsBusTable    *self,
                                          guint64          since,
                                          guint            known);
/* What GetChanges answers, and whether that is not all; (transfer floating) */
GVariant     *jobs_bus_table_get_changes (JobsBusTable    *self,
                                          guint64          since,
                                          guint            known,
                                          guint            max,
                                          gboolean        *more);
/* What GetRequirements answers, of which at most so many numbers and requirements;
 * (transfer floating) */
GVariant     *jobs_bus_table_get_requirements (JobsBusTable *self,
                                               GVariant     *numbers,
                                               guint         max);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsBusTable, jobs_bus_table_free)

G_END_DECLS
