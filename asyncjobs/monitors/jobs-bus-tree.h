/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-line-private.h"
#include "jobs-requirement-private.h"

G_BEGIN_DECLS

/* What an action requires */
typedef struct
{
  guint         number;
  JobsCondition condition;
} JobsBusOther;

/* What stands for an action of another process: the source of its line */
#define JOBS_TYPE_BUS_ITEM (jobs_bus_item_get_type ())

G_DECLARE_FINAL_TYPE (JobsBusItem, jobs_bus_item, JOBS, BUS_ITEM, GObject)

struct _JobsBusItem
{
  GObject parent_instance;

  guint         number;
  guint         parent;
  GList         link;     /* in active */
  gboolean      is_active;
  JobsLine     *line;     /* weak: it keeps us */
  GCancellable *follow;   /* nullable: its output is asked for */
  guint64       position; /* of what came of that */
  GArray       *others;   /* JobsBusOther; NULL: it was never told what is required */
};

JobsBusItem *jobs_bus_item_of             (JobsLine    *line);
/* Its output is asked for no more */
void         jobs_bus_item_stop_following (JobsBusItem *self);

/* The lines of a run in another process, made of what GetChanges tells */
typedef struct _JobsBusTree JobsBusTree;

JobsBusTree *jobs_bus_tree_new          (void);
void         jobs_bus_tree_free         (JobsBusTree  *self);
/* (transfer none): those of the run itself */
GListModel  *jobs_bus_tree_get_lines    (JobsBusTree  *self);
/* As GetChanges has them */
void         jobs_bus_tree_take         (JobsBusTree  *self,
                                         GVariant     *added,
                                         GVariant     *changed,
                                         GVariant     *said,
                                         GVariantIter *removed);
/* The clocks of what runs stand still: nobody knows more */
void         jobs_bus_tree_stop         (JobsBusTree  *self);
/* (transfer full) (element-type JobsLine): since the last time */
GPtrArray   *jobs_bus_tree_take_changed (JobsBusTree  *self);
/* Likewise: those that run, in order of their start */
GPtrArray   *jobs_bus_tree_dup_active   (JobsBusTree  *self,
                                         guint         max);
/* (transfer full) (element-type JobsLine): those of lines that are in it */
GPtrArray   *jobs_bus_tree_dup_own           (JobsBusTree *self,
                                              GPtrArray   *lines);
/* As GetRequirements has them: all that n of the lines require, from one on */
void         jobs_bus_tree_take_requirements (JobsBusTree *self,
                                              GPtrArray   *lines,
                                              guint        from,
                                              guint        n,
                                              GVariant    *requirements);
/* (transfer full) (nullable) (element-type JobsRequirement): of lines that are, or have
 * been, in it; NULL: of one of them that was never told */
GPtrArray   *jobs_bus_tree_dup_requirements  (JobsBusTree *self,
                                              GPtrArray   *lines);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsBusTree, jobs_bus_tree_free)

G_END_DECLS
