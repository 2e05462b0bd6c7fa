/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "world-private.h"

/* What a program may do to a run while it goes on, at random, and to both. */

static Node *
pick (World *world)
{
  return g_ptr_array_index (world->model->nodes, world_any (world, world->model->nodes->len));
}

static Node *
pick_engine (World *world)
{
  Node *node = pick (world);

  return node->actions != NULL ? node : node->engine;
}

/* Another one in the same engine that may be required: no circles */
static Node *
pick_before (World      *world,
             const Node *node)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();

  for (guint i = 0; i < node->engine->actions->len; i++)
    {
      Node *other = g_ptr_array_index (node->engine->actions, i);

      if (other->number < node->number)
        g_ptr_array_add (nodes, other);
    }

  return nodes->len > 0 ? g_ptr_array_index (nodes, world_any (world, nodes->len)) : NULL;
}

static void
op_cancel (World *world)
{
  Node *node = pick (world);

  if (node == world->model->root && !world_chance (world, 20))
    return;

  world_tell (world, "%u is cancelled", node->number);
  jobs_action_cancel (world_peek (world, node));
  model_cancel (world->model, node);
}

static gpointer
cancel_thread (gpointer data)
{
  jobs_engine_cancel (data);

  return NULL;
}

static void
op_cancel_engine (World *world)
{
  Node *engine = pick_engine (world);

  if (engine == NULL || (engine == world->model->root && !world_chance (world, 20)))
    return;

  world_tell (world, "engine %u is cancelled by a thread", engine->number);
  g_thread_join (g_thread_new ("cancel", cancel_thread, world_peek (world, engine)));
  if (engine->is_active)
    model_cancel (world->model, engine);
}

static void
op_pause (World *world)
{
  Node *engine = pick_engine (world);
  gboolean is_paused = world_chance (world, 60);
  gboolean holds_clocks = world_chance (world, 50);

  if (engine == NULL)
    return;

  world_tell (world, "engine %u %s%s", engine->number, is_paused ? "pauses" : "resumes",
              is_paused && holds_clocks ? ", and its clocks" : "");
  if (is_paused)
    jobs_engine_pause (JOBS_ENGINE (world_peek (world, engine)),
                       holds_clocks ? JOBS_PAUSE_CLOCKS : JOBS_PAUSE_DEFAULT);
  else
    jobs_engine_resume (JOBS_ENGINE (world_peek (world, engine)));
  model_pause (world->model, engine, is_paused, is_paused && holds_clocks);
}

static void
op_window (World *world)
{
  Node *engine = pick_engine (world);
  guint window = world_any (world, 5);

  if (engine == NULL || engine->has_instants)
    return;

  world_tell (world, "the window of engine %u is %u", engine->number, window);
  jobs_engine_set_window (JOBS_ENGINE (world_peek (world, engine)), window);
  model_set_window (world->model, engine, window);
}

static void
op_add (World *world)
{
  Node *engine = pick_engine (world);
  gboolean is_first = world_chance (world, 50);
  Node *node;
  Node *other;

  if (engine == NULL || world->model->nodes->len >= 2 * MAX_ACTIONS)
    return;

  node = world_new_leaf (world);
  other = engine->actions->len > 0
            ? g_ptr_array_index (engine->actions, world_any (world, engine->actions->len)) : NULL;
  if (other != NULL && is_first)
    world_require_any (world, node, other);
  model_insert (world->model, engine, node);
  g_assert_true (jobs_engine_add (JOBS_ENGINE (world_peek (world, engine)), world_peek (world, node)));
  if (other != NULL && !is_first)
    world_require_any (world, node, other);
  world_tell (world, "an action comes:");
  world_describe (world, node, world->story);
}

/* With its requirements, which it would keep */
static void
take_out (JobsAction *action)
{
  g_autoptr (GPtrArray) requirements = NULL;

  g_assert_true (jobs_engine_remove (jobs_action_get_engine (action), action));
  requirements = jobs_action_dup_requirements (action);
  for (guint i = 0; i < requirements->len; i++)
    jobs_action_drop_requirement (action, g_ptr_array_index (requirements, i));
}

static void
op_remove (World *world)
{
  Node *node = pick (world);

  /* Outside of a run requirements would dangle */
  if (node->engine == NULL || !node->engine->is_active || node->is_leaving)
    return;

  world_tell (world, "%u is removed from %u", node->number, node->engine->number);
  take_out (world_peek (world, node));
  model_remove (world->model, node);
}

static void
op_retry (World *world)
{
  Node *node = pick (world);

  for (guint i = 0; i < 10 && !(jobs_state_is_terminal (node->state) && node->state != JOBS_STATE_FINISHED); i++)
    node = pick (world);
  if (node->engine != NULL && node->engine->is_active && !node->is_leaving)
    world_retry (world, node);
}

void
world_retry (World *world,
             Node  *node)
{
  world_tell (world, "%u is tried again", node->number);
  g_assert_true (jobs_engine_retry (JOBS_ENGINE (world_peek (world, node->engine)),
                                    world_peek (world, node), NULL) ==
                 model_retry (world->model, node));
}

static void
op_require (World *world)
{
  Node *node = pick (world);
  Node *other = node->engine != NULL && !node->is_leaving ? pick_before (world, node) : NULL;

  if (other == NULL)
    return;

  world_require_any (world, node, other);
  world_tell (world, "%u is to require %u, and is now:", node->number, other->number);
  world_describe (world, node, world->story);
}

static void
op_drop (World *world)
{
  Node *node = pick (world);
  Node *other;

  if (node->needs->len == 0 || node->is_leaving)
    return;

  other = g_array_index (node->needs, Need, world_any (world, node->needs->len)).other;
  world_tell (world, "%u does not require %u any more", node->number, other->number);
  g_assert_true (jobs_action_drop_requirement (world_peek (world, node), world_peek (world, other)));
  model_drop (world->model, node, other);
}

/* A second outcome changes nothing, also where a later attempt goes on */
static void
op_end_again (World *world)
{
  JobsAction *action = world_peek (world, pick (world));

  if (SIM_IS_ACTION (action) && sim_action_end_again (SIM_ACTION (action)))
    world_tell (world, "%s has another outcome", jobs_action_get_label (action));
}

void
world_op (World *world)
{
  static void (*const ops[]) (World *world) = {
    op_cancel, op_cancel, op_cancel_engine, op_pause, op_window, op_add, op_add, op_remove, op_remove,
    op_retry, op_retry, op_require, op_drop, op_end_again,
  };

  ops[world_any (world, G_N_ELEMENTS (ops))] (world);
}

/* From within */

void
world_started_cb (guint    number,
                  gpointer data)
{
  World *world = data;
  Node *node = g_ptr_array_index (world->model->nodes, number);
  JobsAction *action = world_peek (world, node);
  JobsAction *other = node->other != NULL ? world_peek (world, node->other) : NULL;
  JobsEngine *engine = jobs_action_get_engine (action);

  g_array_append_val (world->starts, number);
  switch (node->deed)
    {
    case DEED_END:
    case DEED_FAIL:
      sim_action_end (SIM_ACTION (action), node->deed == DEED_END ? OUTCOME_GOOD : OUTCOME_BAD, FALSE);
      break;
    case DEED_CANCEL:
      jobs_action_cancel (other);
      break;
    case DEED_END_OTHER:
      if (SIM_IS_ACTION (other) && sim_action_is_open (SIM_ACTION (other)))
        sim_action_end (SIM_ACTION (other), OUTCOME_GOOD, FALSE);
      break;
    case DEED_REMOVE:
      if (jobs_action_get_engine (other) == engine)
        take_out (other);
      break;
    case DEED_RETRY:
      if (jobs_action_get_engine (other) == engine)
        jobs_engine_retry (engine, other, NULL);
      break;
    case DEED_PAUSE:
      jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
      break;
    case DEED_WINDOW:
      if (!node->engine->has_instants)
        jobs_engine_set_window (engine, number % 4);
      break;
    case DEED_ADD:
      if (jobs_action_get_engine (other) == NULL && jobs_action_get_state (other) == JOBS_STATE_IDLE)
        g_assert_true (jobs_engine_add (engine, other));
      break;
    case DEED_NONE:
    case N_DEEDS:
    default:
      break;
    }
}

void
world_deed_cb (Node    *node,
               gpointer data)
{
  World *world = data;
  Model *model = world->model;
  Node *other = node->other;

  switch (node->deed)
    {
    case DEED_END:
    case DEED_FAIL:
      model_end (model, node, node->deed == DEED_END ? OUTCOME_GOOD : OUTCOME_BAD);
      break;
    case DEED_CANCEL:
      model_cancel (model, other);
      break;
    case DEED_END_OTHER:
      if (other->actions == NULL && model_is_under_way (other))
        model_end (model, other, OUTCOME_GOOD);
      break;
    case DEED_REMOVE:
      if (other->engine == node->engine && !other->is_leaving)
        model_remove (model, other);
      break;
    case DEED_RETRY:
      if (other->engine == node->engine && !other->is_leaving)
        model_retry (model, other);
      break;
    case DEED_PAUSE:
      model_pause (model, node->engine, TRUE, FALSE);
      break;
    case DEED_WINDOW:
      if (!node->engine->has_instants)
        model_set_window (model, node->engine, node->number % 4);
      break;
    case DEED_ADD:
      if (other->engine == NULL && other->state == JOBS_STATE_IDLE)
        model_insert (model, node->engine, other);
      break;
    case DEED_NONE:
    case N_DEEDS:
    default:
      break;
    }
}
