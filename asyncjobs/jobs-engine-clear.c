/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-engine-private.h"
#include "jobs-run.h"

/* How an engine lets go of all that it holds, at once or little by little. */

void
jobs_engine_drop_actions (JobsAction **actions,
                          guint        n)
{
  for (guint i = 0; i < n; i++)
    if (actions[i] != NULL)
      {
        jobs_action_set_engine (actions[i], NULL, 0);
        jobs_action_notify_engine (actions[i]);
        g_object_unref (actions[i]);
      }
}

JobsAction **
jobs_engine_steal_actions (JobsEngine *self,
                           JobsGraph **graph)
{
  JobsEnginePrivate *priv = jobs_engine_get_private (self);
  JobsAction **actions;

  /* A circle of requirements beside the graph would keep itself alive */
  jobs_engine_settle (self);
  for (guint i = 0; priv->unsettled != NULL && i < priv->unsettled->len; i++)
    jobs_action_unset_flag (g_ptr_array_index (priv->unsettled, i), JOBS_ACTION_UNSETTLED);
  actions = g_steal_pointer (&priv->actions);
  *graph = priv->graph;
  priv->graph = jobs_graph_new ();
  priv->actions_size = 0;
  g_clear_pointer (&priv->places, g_free);
  priv->places_size = 0;
  priv->n_items = 0;
  g_clear_pointer (&priv->unsettled, g_ptr_array_unref);
  g_clear_pointer (&priv->labels, g_hash_table_unref);
  memset (priv->counts, 0, sizeof priv->counts);
  priv->n_clean_up = 0;
  g_clear_object (&priv->run->culprit);
  priv->run->is_retry = priv->run->is_restored = FALSE;

  return actions;
}

/**
 * jobs_engine_clear:
 * @self: an engine
 *
 * Removes all actions, and the requirements between them.
 *
 * It drops them before it returns: for very many see
 * [method@Engine.clear_async]. It must not run.
 *
 * Since: 1.0
 */
void
jobs_engine_clear (JobsEngine *self)
{
  g_autofree JobsAction **actions = NULL;
  JobsGraph *graph;
  guint n_items;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (!jobs_engine_is_active (self));
  g_return_if_fail (!jobs_engine_is_held (self));

  n_items = jobs_engine_get_private (self)->n_items;
  actions = jobs_engine_steal_actions (self, &graph);
  g_object_ref (self);
  if (n_items > 0)
    jobs_engine_items_changed (self, 0, n_items, 0);
  jobs_engine_drop_actions (actions, graph->n_nodes);
  jobs_graph_free (graph);
  g_object_unref (self);
}

typedef struct
{
  JobsPost post;
  JobsPump *pump;
  GTask *task;
  JobsAction **actions;
  JobsGraph *graph;
  guint32 at;
} Clearing;

static void
clearing_post_cb (JobsPost *post)
{
  Clearing *clearing = JOBS_POST_CONTAINER (post, Clearing, post);

  while (clearing->at < clearing->graph->n_nodes)
    {
      jobs_engine_drop_actions (clearing->actions + clearing->at++, 1);
      if (jobs_pump_is_out_of_time (clearing->pump))
        {
          jobs_pump_post (clearing->pump, post);
          return;
        }
    }

  /* The kernel takes a millisecond or two to take back each array of a million */
  if (clearing->actions != NULL || !jobs_graph_crumble (clearing->graph))
    {
      g_clear_pointer (&clearing->actions, g_free);
      jobs_pump_yield (clearing->pump);
      jobs_pump_post (clearing->pump, post);
      return;
    }

  g_task_return_boolean (clearing->task, TRUE);
  g_object_unref (clearing->task);
  jobs_pump_release (clearing->pump);
  jobs_pump_unref (clearing->pump);
  jobs_graph_free (clearing->graph);
  g_free (clearing);
}

/**
 * jobs_engine_clear_async:
 * @self: an engine
 * @cancellable: (nullable): not used: what has begun is brought to its end
 * @callback: (scope async) (nullable): called when all have been dropped
 * @user_data: data for @callback
 *
 * Removes all actions at once, and drops them little by little, so that the main
 * loop goes on.
 *
 * It must not run.
 *
 * Since: 1.0
 */
void
jobs_engine_clear_async (JobsEngine         *self,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  Clearing *clearing;
  guint n_items;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  g_return_if_fail (!jobs_engine_is_active (self));
  g_return_if_fail (!jobs_engine_is_held (self));

  clearing = g_new0 (Clearing, 1);
  clearing->post.func = clearing_post_cb;
  clearing->task = g_task_new (self, NULL, callback, user_data);
  g_task_set_check_cancellable (clearing->task, FALSE);
  g_task_set_source_tag (clearing->task, jobs_engine_clear_async);
  clearing->pump = jobs_pump_new (g_task_get_context (clearing->task),
                                  jobs_engine_get_private (self)->run->source_priority);
  jobs_pump_hold (clearing->pump);

  n_items = jobs_engine_get_private (self)->n_items;
  clearing->actions = jobs_engine_steal_actions (self, &clearing->graph);
  jobs_pump_post (clearing->pump, &clearing->post);
  if (n_items > 0)
    jobs_engine_items_changed (self, 0, n_items, 0);
}

/**
 * jobs_engine_clear_finish:
 * @self: an engine
 * @result: what the callback got
 * @error: return location for an error
 *
 * The end of [method@Engine.clear_async].
 *
 * Returns: %TRUE
 *
 * Since: 1.0
 */
gboolean
jobs_engine_clear_finish (JobsEngine   *self,
                          GAsyncResult *result,
                          GError      **error)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
