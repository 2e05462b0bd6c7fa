/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-action-private.h"
#include "jobs-check.h"
#include "jobs-run.h"

/* What can be asked about the graph of an engine, and what can be cut from it */

static GPtrArray *
actions_new (void)
{
  return g_ptr_array_new_with_free_func (g_object_unref);
}

static GPtrArray *
dup_marked (JobsEngine   *self,
            const guint8 *marks)
{
  GPtrArray *actions = actions_new ();

  for (guint32 i = 0; i < jobs_engine_peek_graph (self)->n_nodes; i++)
    {
      if (marks[i])
        g_ptr_array_add (actions, g_object_ref (jobs_engine_peek (self, i)));
    }

  return actions;
}

/* The numbers of those that are in the engine */
static guint32 *
dup_indexes (JobsEngine  *self,
             JobsAction **actions,
             guint        n_actions,
             guint       *n_indexes)
{
  guint32 *indexes = g_new (guint32, n_actions);

  *n_indexes = 0;
  for (guint i = 0; i < n_actions; i++)
    {
      if (actions[i] != NULL && jobs_action_peek_engine (actions[i]) == self)
        indexes[(*n_indexes)++] = jobs_action_get_index (actions[i]);
    }

  return indexes;
}

static GPtrArray *
dup_reached (JobsEngine        *self,
             JobsAction       **actions,
             guint              n_actions,
             JobsGraphDirection direction,
             gboolean           transitive)
{
  JobsGraph *graph = jobs_engine_get_graph (self);
  guint n_starts;
  g_autofree guint32 *starts = dup_indexes (self, actions, n_actions, &n_starts);
  g_autofree guint8 *marks = g_new0 (guint8, graph->n_nodes);

  jobs_graph_mark (graph, starts, n_starts, direction, transitive, marks);

  return dup_marked (self, marks);
}

/**
 * jobs_engine_dup_entries:
 * @self: an engine
 *
 * The actions that require none of the engine, in the order in which they were
 * added.
 *
 * Returns: (transfer container) (element-type JobsAction): the actions
 *
 * Since: 1.0
 */
GPtrArray *
jobs_engine_dup_entries (JobsEngine *self)
{
  JobsGraph *graph;
  GPtrArray *actions;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  graph = jobs_engine_get_graph (self);
  actions = actions_new ();
  for (guint32 i = 0; i < graph->n_nodes; i++)
    {
      guint32 n_edges;

      jobs_graph_get_edges (graph, i, &n_edges);
      if (n_edges == 0 && jobs_graph_has_node (graph, i))
        g_ptr_array_add (actions, g_object_ref (jobs_engine_peek (self, i)));
    }

  return actions;
}

/**
 * jobs_engine_dup_exits:
 * @self: an engine
 * @with_forever: whether forever actions count
 *
 * The actions that none of the engine requires, in the order in which they were
 * added.
 *
 * Returns: (transfer container) (element-type JobsAction): the actions
 *
 * Since: 1.0
 */
GPtrArray *
jobs_engine_dup_exits (JobsEngine *self,
                       gboolean    with_forever)
{
  g_autofree guint8 *required = NULL;
  JobsGraph *graph;
  GPtrArray *actions;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  graph = jobs_engine_get_graph (self);
  required = g_new0 (guint8, graph->n_nodes);
  for (guint32 i = 0; i < graph->n_nodes; i++)
    {
      guint32 n_edges;
      const JobsEdge *edges = jobs_graph_get_edges (graph, i, &n_edges);

      for (guint32 k = 0; k < n_edges; k++)
        required[JOBS_EDGE_NODE (edges[k])] = 1;
    }

  actions = actions_new ();
  for (guint32 i = 0; i < graph->n_nodes; i++)
    {
      JobsAction *action = required[i] ? NULL : jobs_engine_peek (self, i);

      if (action != NULL && (with_forever || !jobs_action_has_flag (action, JOBS_ACTION_FOREVER)))
        g_ptr_array_add (actions, g_object_ref (action));
    }

  return actions;
}

/**
 * jobs_engine_dup_predecessors:
 * @self: an engine
 * @actions: (array length=n_actions): some of its actions; others are ignored
 * @n_actions: how many
 * @transitive: whether to go on from those that are found
 *
 * What any of @actions requires, in the order of the engine.
 *
 * One of @actions is in the result only where another one leads to it.
 *
 * Returns: (transfer container) (element-type JobsAction): the actions
 *
 * Since: 1.0
 */
GPtrArray *
jobs_engine_dup_predecessors (JobsEngine  *self,
                              JobsAction **actions,
                              guint        n_actions,
                              gboolean     transitive)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);
  g_return_val_if_fail (actions != NULL || n_actions == 0, NULL);

  return dup_reached (self, actions, n_actions, JOBS_GRAPH_PREDECESSORS, transitive);
}

/**
 * jobs_engine_dup_successors:
 * @self: an engine
 * @actions: (array length=n_actions): some of its actions; others are ignored
 * @n_actions: how many
 * @transitive: whether to go on from those that are found
 *
 * What requires any of @actions, in the order of the engine.
 *
 * One of @actions is in the result only where another one leads to it.
 *
 * Returns: (transfer container) (element-type JobsAction): the actions
 *
 * Since: 1.0
 */
GPtrArray *
jobs_engine_dup_successors (JobsEngine  *self,
                            JobsAction **actions,
                            guint        n_actions,
                            gboolean     transitive)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);
  g_return_val_if_fail (actions != NULL || n_actions == 0, NULL);

  return dup_reached (self, actions, n_actions, JOBS_GRAPH_SUCCESSORS, transitive);
}

/**
 * jobs_engine_dup_all:
 * @self: an engine
 * @with_engines: whether engines are listed too, @self among them
 *
 * All actions of the engine and of those that are nested in it.
 *
 * They come in the order in which they were added, the inside of an engine in
 * the place of the engine, behind it where it is listed itself.
 *
 * Returns: (transfer container) (element-type JobsAction): the actions
 *
 * Since: 1.0
 */
GPtrArray *
jobs_engine_dup_all (JobsEngine *self,
                     gboolean    with_engines)
{
  g_autoptr (GPtrArray) stack = NULL;
  GPtrArray *actions;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  actions = actions_new ();
  stack = g_ptr_array_new ();
  g_ptr_array_add (stack, self);
  while (stack->len > 0)
    {
      JobsAction *action = g_ptr_array_steal_index (stack, stack->len - 1);

      if (!JOBS_IS_ENGINE (action))
        {
          g_ptr_array_add (actions, g_object_ref (action));
          continue;
        }

      if (with_engines)
        g_ptr_array_add (actions, g_object_ref (action));
      /* From the last to the first, which is then taken first */
      for (guint32 i = jobs_engine_peek_graph (JOBS_ENGINE (action))->n_nodes; i > 0; i--)
        {
          JobsAction *inner = jobs_engine_peek (JOBS_ENGINE (action), i - 1);

          if (inner != NULL)
            g_ptr_array_add (stack, inner);
        }
    }

  return actions;
}

/**
 * jobs_engine_sanitize:
 * @self: an engine
 *
 * Drops each requirement that leads out of its engine, in nested engines too.
 *
 * Returns: how many there were; 0 where all was well
 *
 * Since: 1.0
 */
guint
jobs_engine_sanitize (JobsEngine *self)
{
  g_autoptr (GPtrArray) actions = NULL;
  guint n_dropped = 0;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), 0);

  actions = jobs_engine_dup_all (self, TRUE);
  for (guint i = 0; i < actions->len; i++)
    {
      if (JOBS_IS_ENGINE (actions->pdata[i]))
        n_dropped += jobs_engine_drop_dangling (actions->pdata[i]);
    }

  return n_dropped;
}

/**
 * jobs_engine_bypass_and_remove:
 * @self: an engine
 * @action: one of its actions
 *
 * Removes @action, and lets what required it require what @action required.
 *
 * Such a new requirement has the condition of the one on @action: what was to
 * start after a success of @action now starts after a success of each that came
 * before. A requirement that is there already stays as it is.
 *
 * Returns: %FALSE where @action is not in the engine
 *
 * Since: 1.0
 */
gboolean
jobs_engine_bypass_and_remove (JobsEngine *self,
                               JobsAction *action)
{
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) behind = NULL;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (JOBS_IS_ACTION (action), FALSE);
  g_return_val_if_fail (jobs_engine_is_in_its_thread (self), FALSE);

  if (jobs_action_peek_engine (action) != self)
    return FALSE;

  before = jobs_action_dup_requirements (action);
  behind = jobs_action_dup_dependents (action);
  for (guint i = 0; i < behind->len; i++)
    {
      JobsCondition condition = JOBS_CONDITION_DONE;

      jobs_action_get_requirement (behind->pdata[i], action, &condition);
      for (guint k = 0; k < before->len; k++)
        {
          /* One that has started waits for nothing any longer: refused, and rightly */
          if (!jobs_action_get_requirement (behind->pdata[i], before->pdata[k], NULL))
            jobs_action_requires_full (behind->pdata[i], before->pdata[k], condition, NULL);
        }
      /* Removing alone would leave it behind, leading into nowhere */
      jobs_action_drop_requirement (behind->pdata[i], action);
    }

  return jobs_engine_remove (self, action);
}

/**
 * jobs_engine_keep_only:
 * @self: an engine that does not run
 * @actions: (array length=n_actions): what is to stay; others than those of the
 *   engine are ignored
 * @n_actions: how many
 *
 * Removes all other actions. Their requirements go with them and are not bypassed.
 *
 * Since: 1.0
 */
void
jobs_engine_keep_only (JobsEngine  *self,
                       JobsAction **actions,
                       guint        n_actions)
{
  g_autofree guint32 *kept = NULL;
  g_autofree guint8 *marks = NULL;
  guint n_kept;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (actions != NULL || n_actions == 0);
  g_return_if_fail (!jobs_engine_is_active (self));

  kept = dup_indexes (self, actions, n_actions, &n_kept);
  marks = g_new0 (guint8, jobs_engine_get_graph (self)->n_nodes);
  for (guint i = 0; i < n_kept; i++)
    marks[kept[i]] = 1;

  jobs_engine_keep_marked (self, marks);
}

/**
 * jobs_engine_keep_only_between:
 * @self: an engine that does not run
 * @starts: (array length=n_starts) (nullable): actions to begin with
 * @n_starts: how many
 * @ends: (array length=n_ends) (nullable): actions to end with
 * @n_ends: how many
 * @keep_starts: whether the starts stay, wherever they are
 * @keep_ends: whether the ends stay, wherever they are
 *
 * Removes each action that is not on a way from one of the starts to one of the
 * ends.
 *
 * Without starts, all that leads to an end stays; without ends, all that is
 * behind a start; without any, nothing changes. Actions that are not in the
 * engine are ignored. Requirements of what goes are not bypassed.
 *
 * Since: 1.0
 */
void
jobs_engine_keep_only_between (JobsEngine  *self,
                               JobsAction **starts,
                               guint        n_starts,
                               JobsAction **ends,
                               guint        n_ends,
                               gboolean     keep_starts,
                               gboolean     keep_ends)
{
  g_autofree guint32 *from = NULL, *to = NULL;
  g_autofree guint8 *marks = NULL, *leading = NULL;
  JobsGraph *graph;
  guint n_from, n_to;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (starts != NULL || n_starts == 0);
  g_return_if_fail (ends != NULL || n_ends == 0);
  g_return_if_fail (!jobs_engine_is_active (self));

  from = dup_indexes (self, starts, n_starts, &n_from);
  to = dup_indexes (self, ends, n_ends, &n_to);
  if (n_from == 0 && n_to == 0)
    return;

  graph = jobs_engine_get_graph (self);
  marks = g_new0 (guint8, graph->n_nodes);
  leading = g_new0 (guint8, graph->n_nodes);
  jobs_graph_mark (graph, from, n_from, JOBS_GRAPH_SUCCESSORS, TRUE, marks);
  jobs_graph_mark (graph, to, n_to, JOBS_GRAPH_PREDECESSORS, TRUE, leading);
  for (guint32 i = 0; i < graph->n_nodes; i++)
    marks[i] = (marks[i] || n_from == 0) && (leading[i] || n_to == 0);

  for (guint i = 0; keep_starts && i < n_from; i++)
    marks[from[i]] = 1;
  for (guint i = 0; keep_ends && i < n_to; i++)
    marks[to[i]] = 1;

  jobs_engine_keep_marked (self, marks);
}

/**
 * jobs_engine_check:
 * @self: an engine
 * @warnings: (out) (optional) (nullable) (array zero-terminated=1) (transfer full):
 *   return location for what may well be meant but is worth a look, or %NULL
 *   where there is nothing
 * @error: return location for an error
 *
 * Looks for what would keep the engine from running to its end, in all engines
 * that are nested in it too.
 *
 * The error has the code of the first thing found and a message of one line for
 * each: %JOBS_ERROR_CYCLE where actions require each other in a circle, which is
 * told by their paths in the order in which one requires the next;
 * %JOBS_ERROR_DANGLING where a requirement leads out of its engine;
 * %JOBS_ERROR_POOL where an action needs more of a pool than there is, or a pool
 * that an engine around it holds. A run begins with the same check.
 *
 * A warning is given for each finite action that waits for the end of a forever
 * one; and, where there is no error, for a circle of engines each of which holds a
 * pool that something inside of the one before it needs, and that can run at once:
 * they may come to wait for each other. That takes a look at each requirement, and
 * is done only where @warnings is given.
 *
 * Returns: %TRUE where there is no error
 *
 * Since: 1.0
 */
gboolean
jobs_engine_check (JobsEngine *self,
                   char     ***warnings,
                   GError    **error)
{
  JobsCheck *check;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  check = jobs_check_new (self, warnings != NULL);
  jobs_check_go_on (check, 0);

  return jobs_check_finish (check, warnings, error);
}

/**
 * jobs_engine_dup_order:
 * @self: an engine
 * @error: return location for an error
 *
 * The actions of the engine, each behind all that it requires.
 *
 * Those that require nothing come first, then those that require only these, and
 * so on; on each level they are in the order in which they were added.
 *
 * Fails with %JOBS_ERROR_CYCLE where there is no such order.
 *
 * Returns: (transfer container) (element-type JobsAction): the actions, or %NULL
 *   with an error
 *
 * Since: 1.0
 */
GPtrArray *
jobs_engine_dup_order (JobsEngine *self,
                       GError    **error)
{
  g_autofree guint32 *order = NULL;
  JobsGraph *graph;
  GPtrArray *actions;
  guint32 n_sorted;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  graph = jobs_engine_get_graph (self);
  order = g_new (guint32, graph->n_nodes);
  n_sorted = jobs_graph_sort (graph, order);
  if (n_sorted < graph->n_nodes - graph->n_removed)
    {
      jobs_engine_check (self, NULL, error);
      return NULL;
    }

  actions = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint32 i = 0; i < n_sorted; i++)
    g_ptr_array_add (actions, g_object_ref (jobs_engine_peek (self, order[i])));

  return actions;
}
