/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

G_BEGIN_DECLS

/* The jobs of an engine with how long each takes, to look ahead.
 *
 * It is taken that all goes well: what is there for a failure does not run, and nothing
 * is tried twice. What runs forever takes no time and is ready at once. */

typedef struct _PlanNode PlanNode;

typedef struct
{
  PlanNode *to;
  JobsCondition condition;
} PlanEdge;

struct _PlanNode
{
  JobsAction *action;   /* (owned) */
  char *path;
  guint index;          /* in the order of adding; an engine before what it holds */
  PlanNode *around;     /* NULL: the whole */
  GPtrArray *members;   /* (element-type PlanNode) (nullable): of an engine, in an order in
                         * which they can run */
  GArray *requirements; /* (element-type PlanEdge) */
  GArray *dependents;   /* (element-type PlanEdge) */
  gint64 duration;      /* µs; not of an engine */
  gboolean is_known;    /* or 0 for want of better */
  gboolean is_skipped;
  gboolean is_done;     /* by an earlier run, that of a job or of an engine around it */

  /* On the longest path to it */
  gint64 start;
  gint64 end;
  PlanNode *via;        /* nullable */
};

typedef struct
{
  PlanNode *whole;
  GPtrArray *nodes;     /* (element-type PlanNode), by index; the first one is the whole */
} Plan;

/* Fails where no order exists */
Plan     *plan_new          (JobsEngine *engine,
                             GError    **error);
void      plan_free         (Plan *self);
/* By path, in µs, of earlier runs (nullable). What sleeps needs none, and what does nothing */
void      plan_estimate     (Plan       *self,
                             GHashTable *durations);
/* Of those that would run, and are no engines */
guint     plan_count        (Plan *self);
guint     plan_count_unknown (Plan *self);
/* In µs; the nodes on it that are no engines go to the end of @path */
gint64    plan_find_longest (Plan      *self,
                             GPtrArray *path);
/* "a → b", harmless; of many the middle is left out */
void      plan_append_path  (GString   *to,
                             GPtrArray *path,
                             gboolean   with_durations);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Plan, plan_free)

G_END_DECLS
