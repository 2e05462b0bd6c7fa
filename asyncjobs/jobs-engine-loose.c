/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-engine-private.h"
#include "jobs-run.h"

/* The requirements of the actions of an engine: into its graph, out of it, and
 * those that lead to where no graph reaches. */

gboolean
jobs_engine_is_inside (JobsEngine *self,
                       JobsAction *other)
{
  for (JobsAction *one = JOBS_ACTION (self); one != NULL; one = (JobsAction *) jobs_action_peek_engine (one))
    if (one == other)
      return TRUE;

  return FALSE;
}

/* Whether anybody may */
static gboolean
jobs_engine_is_required (JobsEngine *self)
{
  for (; self != NULL; self = jobs_action_peek_engine (JOBS_ACTION (self)))
    if (jobs_action_has_flag (JOBS_ACTION (self), JOBS_ACTION_REQUIRED))
      return TRUE;

  return FALSE;
}

gboolean
jobs_engine_is_required_by (JobsEngine *self,
                            JobsAction *action)
{
  GArray *loose = jobs_action_has_loose (action) ? jobs_action_get_more (action)->loose : NULL;
  GPtrArray *unsettled = NULL;

  if (!jobs_engine_is_required (self))
    return FALSE;

  for (guint i = 0; loose != NULL && i < loose->len; i++)
    if (jobs_engine_is_inside (self, g_array_index (loose, JobsLoose, i).other))
      return TRUE;

  if (JOBS_IS_ENGINE (action))
    {
      jobs_engine_settle (JOBS_ENGINE (action));
      unsettled = jobs_engine_get_private (JOBS_ENGINE (action))->unsettled;
    }
  for (guint i = 0; unsettled != NULL && i < unsettled->len; i++)
    if (jobs_engine_is_required_by (self, g_ptr_array_index (unsettled, i)))
      return TRUE;

  return FALSE;
}

/* In a run a weak requirement that comes too late, or would close a cycle, has no
 * effect; what is not in the books yet is counted when it comes to them */
static void
jobs_engine_settle_edge (JobsEngine      *self,
                         JobsAction      *action,
                         const JobsLoose *loose)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  guint32 index = jobs_action_get_index (action);
  guint32 other = jobs_action_get_index (loose->other);

  if (jobs_run_is_active (priv->run) && loose->condition == JOBS_CONDITION_AFTER)
    {
      if (jobs_run_has_started (priv->run, action) ||
          (!(priv->graph->forward && other < index) && jobs_graph_reaches (priv->graph, other, index)))
        return;
      if (jobs_graph_set_edge (priv->graph, index, other, loose->condition))
        jobs_run_edge_changing (priv->run, index, other, -1, loose->condition);
      return;
    }

  jobs_graph_set_edge (priv->graph, index, other, loose->condition);
}

/* Into the graph with them, except with those that lead out of the engine */
static void
jobs_engine_settle_action (JobsEngine *self,
                           JobsAction *action)
{
  GArray *loose = jobs_action_get_more (action)->loose;
  guint n_settled = 0;

  for (guint i = 0; i < loose->len; i++)
    {
      JobsLoose *one = &g_array_index (loose, JobsLoose, i);

      if (jobs_action_peek_engine (one->other) != self)
        continue;
      jobs_engine_settle_edge (self, action, one);
      n_settled++;
    }

  /* Most often that is all of them */
  if (n_settled == loose->len)
    jobs_action_clear_loose (action);
  else if (n_settled > 0)
    jobs_action_drop_loose_into (action, self);
}

void
jobs_engine_settle (JobsEngine *self)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  guint n_kept = 0;

  if (priv->unsettled == NULL)
    return;

  /* The last ones first: what they require is known then, where an older one has a
   * weak requirement of one of them */
  for (guint i = priv->unsettled->len; i > 0; i--)
    if (jobs_action_has_loose (g_ptr_array_index (priv->unsettled, i - 1)))
      jobs_engine_settle_action (self, g_ptr_array_index (priv->unsettled, i - 1));
  for (guint i = 0; i < priv->unsettled->len; i++)
    {
      JobsAction *action = g_ptr_array_index (priv->unsettled, i);

      if (jobs_action_has_loose (action))
        priv->unsettled->pdata[n_kept++] = action;
      else
        jobs_action_unset_flag (action, JOBS_ACTION_UNSETTLED);
    }
  g_ptr_array_set_size (priv->unsettled, n_kept);
}

void
jobs_engine_note_unsettled (JobsEngine *self,
                            JobsAction *action)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);

  if (jobs_action_has_flag (action, JOBS_ACTION_UNSETTLED))
    return;

  jobs_action_set_flag (action, JOBS_ACTION_UNSETTLED);
  if (priv->unsettled == NULL)
    priv->unsettled = g_ptr_array_new ();
  g_ptr_array_add (priv->unsettled, action);
}

void
jobs_engine_forget_unsettled (JobsEngine *self,
                              JobsAction *action)
{
  if (!jobs_action_has_flag (action, JOBS_ACTION_UNSETTLED))
    return;

  jobs_action_unset_flag (action, JOBS_ACTION_UNSETTLED);
  g_ptr_array_remove (jobs_engine_get_private (self)->unsettled, action);
}

/* Takes one requirement out of the graph */
void
jobs_engine_unsettle_edge (JobsEngine *self,
                           JobsAction *action,
                           JobsAction *other)
{
  JobsGraph *graph = jobs_engine_peek_graph (self);
  guint32 index = jobs_action_get_index (action);
  guint condition;

  if (!jobs_graph_get_edge (graph, index, jobs_action_get_index (other), &condition))
    return;

  jobs_graph_drop_edge (graph, index, jobs_action_get_index (other));
  jobs_action_add_loose (action, other, condition);
  jobs_engine_note_unsettled (self, action);
}

/* And all of an action */
void
jobs_engine_unsettle_action (JobsEngine *self,
                             JobsAction *action)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  guint32 index = jobs_action_get_index (action);
  g_autofree JobsEdge *edges = NULL;
  const JobsEdge *found;
  guint32 n_edges;

  found = jobs_graph_get_edges (priv->graph, index, &n_edges);
  edges = g_memdup2 (found, n_edges * sizeof *edges);
  for (guint32 i = 0; i < n_edges; i++)
    jobs_action_add_loose (action, priv->actions[JOBS_EDGE_NODE (edges[i])],
                           JOBS_EDGE_CONDITION (edges[i]));
  while (n_edges-- > 0)
    jobs_graph_drop_edge (priv->graph, index, JOBS_EDGE_NODE (edges[n_edges]));
  if (jobs_action_has_loose (action))
    jobs_engine_note_unsettled (self, action);
}

static gboolean
find_dangling_cb (JobsAction *action,
                  JobsAction *other,
                  gpointer    data)
{
  *(gboolean *) data = TRUE;

  return FALSE;
}

gboolean
jobs_engine_has_dangling (JobsEngine *self)
{
  gboolean has_dangling = FALSE;

  jobs_engine_foreach_dangling (self, find_dangling_cb, &has_dangling);

  return has_dangling;
}

void
jobs_engine_foreach_dangling (JobsEngine            *self,
                              JobsEngineDanglingFunc func,
                              gpointer               data)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);

  jobs_engine_settle (self);
  for (guint i = 0; priv->unsettled != NULL && i < priv->unsettled->len; i++)
    {
      JobsAction *action = g_ptr_array_index (priv->unsettled, i);
      GArray *loose = jobs_action_get_more (action)->loose;

      for (guint j = 0; j < loose->len; j++)
        {
          JobsLoose *one = &g_array_index (loose, JobsLoose, j);

          if (one->condition != JOBS_CONDITION_AFTER && !func (action, one->other, data))
            return;
        }
    }
}

guint
jobs_engine_drop_dangling (JobsEngine *self)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  g_autoptr (GPtrArray) arrays = g_ptr_array_new ();
  guint n_dropped = 0;

  jobs_engine_settle (self);
  for (guint i = 0; priv->unsettled != NULL && i < priv->unsettled->len; i++)
    {
      GArray *loose = jobs_action_steal_loose (g_ptr_array_index (priv->unsettled, i));

      n_dropped += loose->len;
      g_ptr_array_add (arrays, loose);
    }
  jobs_engine_settle (self);

  /* Only now: what goes with them may be of a class whose end changes the engine */
  for (guint i = 0; i < arrays->len; i++)
    jobs_action_free_loose (g_ptr_array_index (arrays, i));

  return n_dropped;
}

gboolean
jobs_engine_set_requirement (JobsEngine   *self,
                             JobsAction   *action,
                             JobsAction   *other,
                             JobsCondition condition,
                             GError      **error)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  gboolean is_active = jobs_run_is_active (priv->run);
  gboolean is_inside = jobs_action_peek_engine (other) == self;
  guint32 index = jobs_action_get_index (action);
  guint32 other_index = jobs_action_get_index (other);
  guint old_condition;
  gboolean is_old;

  /* While a graph is built */
  if (G_LIKELY (!is_active && is_inside && !jobs_action_has_loose (action)))
    {
      jobs_graph_set_edge (priv->graph, index, other_index, condition);
      return TRUE;
    }

  g_return_val_if_fail (jobs_engine_is_in_its_thread (self), FALSE);

  if (jobs_run_has_started (priv->run, action))
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_STARTED,
                           _("it has started: it is too late for a requirement"));
      return FALSE;
    }
  if (!is_inside && jobs_engine_is_inside (self, other))
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_CYCLE, _("it is in what it would require"));
      return FALSE;
    }
  if (!is_inside && is_active && condition != JOBS_CONDITION_AFTER)
    {
      g_autofree char *label = jobs_action_dup_display_label (other);

      g_set_error (error, JOBS_ERROR, JOBS_ERROR_DANGLING,
                   _("it requires %s, which is not in the same engine, and the engine runs"),
                   label != NULL ? label : "NO_LABEL");
      return FALSE;
    }
  /* One that is beside the graph already gets there with the others */
  if (!is_inside || (!is_active && jobs_action_has_loose_to (action, other)))
    {
      jobs_action_add_loose (action, other, condition);
      jobs_engine_note_unsettled (self, action);
      return TRUE;
    }

  is_old = jobs_graph_get_edge (priv->graph, index, other_index, &old_condition);
  if (is_active && !is_old && !(priv->graph->forward && other_index < index) &&
      jobs_graph_reaches (priv->graph, other_index, index))
    {
      g_autofree char *path = jobs_action_dup_path (action);
      g_autofree char *other_path = jobs_action_dup_path (other);

      g_set_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE,
                   /* Translators: the names of two actions */
                   _("%s cannot require %s, which requires it"), path, other_path);
      return FALSE;
    }

  /* A weak one that has not been settled yet would come after it */
  jobs_action_drop_loose (action, other);
  jobs_graph_set_edge (priv->graph, index, other_index, condition);
  if (is_active)
    jobs_run_edge_changing (priv->run, index, other_index, is_old ? (int) old_condition : -1,
                            condition);

  return TRUE;
}

gboolean
jobs_engine_drop_requirement (JobsEngine *self,
                              JobsAction *action,
                              JobsAction *other)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  guint32 index = jobs_action_get_index (action);
  guint32 other_index = jobs_action_get_index (other);
  guint condition;

  g_return_val_if_fail (jobs_engine_is_in_its_thread (self), FALSE);

  if (!jobs_graph_get_edge (priv->graph, index, other_index, &condition))
    return FALSE;

  jobs_run_edge_changing (priv->run, index, other_index, condition, -1);

  return jobs_graph_drop_edge (priv->graph, index, other_index);
}
