/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "world-private.h"

/* A random graph, in both */

/* ms. They differ, so that nothing is due at the same time as something else */
static guint
any_duration (World *world)
{
  return (1 + world_any (world, 1000)) * 4096 + ++world->n_durations;
}

static void
describe (World *world,
          Node  *node)
{
  static const char *const conditions[] = { "done", "success", "failure", "ready", "after" };
  static const char *const answers[] = { "quit", "win", "lose", "stay" };

  g_string_append_printf (world->graph, "  %s%u", node->actions != NULL ? "engine " : "", node->number);
  if (node->engine != NULL)
    g_string_append_printf (world->graph, " in %u", node->engine->number);
  if (node->actions != NULL)
    g_string_append_printf (world->graph, ", %s, window %u, grace %u",
                            node->on_failure == JOBS_ON_FAILURE_ABORT ? "abort"
                            : node->on_failure == JOBS_ON_FAILURE_DRAIN ? "drain" : "keep-going",
                            node->window, node->grace);
  else
    g_string_append_printf (world->graph, ", asked to end: %s", answers[node->answer]);
  if (node->is_critical)
    g_string_append (world->graph, ", critical");
  if (node->is_forever)
    g_string_append (world->graph, ", forever");
  if (node->priority != 0)
    g_string_append_printf (world->graph, ", priority %d", node->priority);
  if (node->timeout > 0)
    g_string_append_printf (world->graph, ", timeout %u", node->timeout);
  if (node->retries > 0)
    g_string_append_printf (world->graph, ", retries %u after %u to %u", node->retries,
                            node->retry_delay, node->retry_delay_max);
  for (guint i = 0; i < node->needs->len; i++)
    {
      Need *need = &g_array_index (node->needs, Need, i);

      g_string_append_printf (world->graph, "%s %u (%s)", i == 0 ? "; requires" : "",
                              need->other->number, conditions[need->condition]);
    }
  g_string_append_c (world->graph, '\n');
}

/* What an engine can have as well as any other action */
static void
set_policy (World *world,
            Node  *node)
{
  JobsAction *action = world_peek (world, node);
  char label[16];

  node->is_critical = world_chance (world, 50);
  node->is_forever = world_chance (world, 8);
  node->priority = world_chance (world, 20) ? (int) world_any (world, 5) - 2 : 0;
  node->timeout = world_chance (world, 15) ? any_duration (world) : 0;
  node->retries = world_chance (world, 20) ? 1 + world_any (world, 3) : 0;
  node->retry_delay = world_chance (world, 60) ? any_duration (world) : 0;
  node->retry_delay_max = node->retry_delay + any_duration (world);

  jobs_action_set_critical (action, node->is_critical);
  jobs_action_set_forever (action, node->is_forever);
  jobs_action_set_priority (action, node->priority);
  jobs_action_set_timeout (action, node->timeout);
  jobs_action_set_retries (action, node->retries);
  jobs_action_set_retry_delay_max (action, node->retry_delay_max);
  jobs_action_set_retry_delay (action, node->retry_delay);
  g_snprintf (label, sizeof label, "%u", node->number);
  jobs_action_set_label (action, label);
}

Node *
world_new_leaf (World *world)
{
  Node *node = model_add (world->model, FALSE);

  node->answer = world_any (world, N_ANSWERS);
  g_ptr_array_add (world->actions, sim_action_new (node->number, node->answer, world->starts));
  set_policy (world, node);

  return node;
}

static void
engine_state_cb (World      *world,
                 GParamSpec *pspec,
                 JobsAction *engine)
{
  if (jobs_action_get_state (engine) == JOBS_STATE_RUNNING && engine != JOBS_ACTION (world->root))
    {
      guint number = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (engine), "number"));

      g_array_append_val (world->starts, number);
    }
}

static Node *
new_engine (World   *world,
            gboolean is_root)
{
  Node *node = model_add (world->model, TRUE);
  JobsEngine *engine = jobs_engine_new ();

  g_ptr_array_add (world->actions, engine);
  g_object_set_data (G_OBJECT (engine), "number", GUINT_TO_POINTER (node->number));
  g_signal_connect_swapped (engine, "notify::state", G_CALLBACK (engine_state_cb), world);
  set_policy (world, node);
  if (is_root && node->is_forever)
    jobs_action_set_forever (JOBS_ACTION (engine), node->is_forever = FALSE);

  node->on_failure = world_any (world, 3);
  node->window = world_chance (world, 50) ? world_any (world, 5) : 0;
  node->grace = world_chance (world, 30) ? 0 : any_duration (world);
  jobs_engine_set_on_failure (engine, node->on_failure);
  jobs_engine_set_window (engine, node->window);
  jobs_engine_set_grace (engine, node->grace);

  return node;
}

void
world_require_any (World *world,
                   Node  *node,
                   Node  *other)
{
  static const JobsCondition conditions[] = {
    JOBS_CONDITION_DONE, JOBS_CONDITION_DONE, JOBS_CONDITION_DONE, JOBS_CONDITION_SUCCESS,
    JOBS_CONDITION_SUCCESS, JOBS_CONDITION_FAILURE, JOBS_CONDITION_READY, JOBS_CONDITION_AFTER,
  };
  JobsCondition condition = conditions[world_any (world, G_N_ELEMENTS (conditions))];
  gboolean may = TRUE;

  if (node->engine != NULL)
    may = model_demand (world->model, node, other, condition);
  else
    model_require (node, other, condition);
  g_assert_true (jobs_action_requires_full (world_peek (world, node), world_peek (world, other),
                                            condition, NULL) == may);
}

static Node *
build (World *world,
       guint  depth,
       guint  n)
{
  Node *engine = new_engine (world, depth == 0);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GPtrArray) actions = g_ptr_array_new ();
  guint n_needs = world_any (world, 5);

  for (guint i = 0; i < n; i++)
    {
      guint n_inside = depth < 4 && world_chance (world, 12) ? world_any (world, MIN (n - i, 20)) : 0;
      Node *node = n_inside > 0 ? build (world, depth + 1, n_inside) : world_new_leaf (world);

      i += n_inside;
      for (guint j = world_any (world, n_needs + 1); j > 0 && nodes->len > 0; j--)
        world_require_any (world, node, g_ptr_array_index (nodes, world_any (world, nodes->len)));
      g_ptr_array_add (nodes, node);
    }

  /* Not always in the order of their requirements */
  for (guint i = nodes->len; i > 1 && depth % 2 == world->seed % 2; i--)
    {
      guint j = world_any (world, i);
      gpointer node = nodes->pdata[j];

      nodes->pdata[j] = nodes->pdata[i - 1];
      nodes->pdata[i - 1] = node;
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      model_put (engine, nodes->pdata[i]);
      g_ptr_array_add (actions, world_peek (world, nodes->pdata[i]));
      describe (world, nodes->pdata[i]);
    }
  g_assert_true (jobs_engine_add_many (JOBS_ENGINE (world_peek (world, engine)),
                                       (JobsAction **) actions->pdata, actions->len));

  return engine;
}

void
world_build (World *world)
{
  guint most = world_chance (world, 10) ? MAX_ACTIONS : world_chance (world, 40) ? 30 : 8;

  world->model->root = build (world, 0, 1 + world_any (world, most));
  world->root = JOBS_ENGINE (world_peek (world, world->model->root));
  describe (world, world->model->root);
}
