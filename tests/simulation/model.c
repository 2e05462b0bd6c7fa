/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model-private.h"

/* Building, and what happens to it from outside; what comes of that is in
 * model-rules.c. */

static void
node_free (gpointer data)
{
  Node *node = data;

  g_array_unref (node->needs);
  g_clear_pointer (&node->actions, g_ptr_array_unref);
  g_clear_pointer (&node->leaving, g_ptr_array_unref);
  g_free (node);
}

Model *
model_new (gint64 now)
{
  Model *model = g_new0 (Model, 1);

  model->now = now;
  model->nodes = g_ptr_array_new_with_free_func (node_free);
  model->tangled = g_array_new (FALSE, TRUE, sizeof (gboolean));
  g_array_set_size (model->tangled, 1);
  model->starts = g_array_new (FALSE, FALSE, sizeof (guint));

  return model;
}

void
model_free (Model *model)
{
  g_queue_clear_full (&model->posts, g_free);

  g_ptr_array_unref (model->nodes);
  g_array_unref (model->tangled);
  g_array_unref (model->starts);
  g_free (model);
}

Node *
model_add (Model   *model,
           gboolean is_engine)
{
  Node *node = g_new0 (Node, 1);

  node->number = model->nodes->len;
  node->needs = g_array_new (FALSE, FALSE, sizeof (Need));
  if (is_engine)
    {
      node->actions = g_ptr_array_new ();
      node->leaving = g_ptr_array_new ();
    }
  g_ptr_array_add (model->nodes, node);

  return node;
}

void
model_put (Node *engine,
           Node *node)
{
  node->engine = engine;
  g_ptr_array_add (engine->actions, node);
}

void
model_require (Node         *node,
               Node         *other,
               JobsCondition condition)
{
  Need need = { other, condition };

  for (guint i = 0; i < node->needs->len; i++)
    if (g_array_index (node->needs, Need, i).other == other)
      {
        g_array_index (node->needs, Need, i).condition = condition;
        return;
      }

  g_array_append_val (node->needs, need);
}

static void
drop_need (Node *node,
           Node *other)
{
  for (guint i = node->needs->len; i > 0; i--)
    if (g_array_index (node->needs, Need, i - 1).other == other)
      g_array_remove_index (node->needs, i - 1);
}

gboolean
model_is_under_way (const Node *node)
{
  return node->state == JOBS_STATE_RUNNING || node->state == JOBS_STATE_CANCELLING || node->is_stuck;
}

guint
model_count_stuck (const Node *engine)
{
  guint n = 0;

  for (guint i = 0; i < engine->actions->len; i++)
    n += ((Node *) g_ptr_array_index (engine->actions, i))->is_stuck;
  for (guint i = 0; i < engine->leaving->len; i++)
    n += ((Node *) g_ptr_array_index (engine->leaving, i))->is_stuck;

  return n;
}

void
model_run (Model *model)
{
  model->n_events++;
  model_begin_run (model, model->root);
}

void
model_end (Model  *model,
           Node   *node,
           Outcome outcome)
{
  Post *post;

  /* The first one counts */
  if (node->has_outcome)
    return;

  node->has_outcome = TRUE;
  post = g_new0 (Post, 1);
  *post = (Post) { node, FALSE, outcome };
  g_queue_push_tail (&model->posts, post);
}

guint
model_count_outcomes (const Model *model)
{
  guint n = 0;

  for (GList *l = model->posts.head; l != NULL; l = l->next)
    n += !((Post *) l->data)->is_step;

  return n;
}

void
model_wake (Model *model,
            Node  *engine)
{
  Post *post;

  if (!engine->is_active || engine->is_woken)
    return;

  engine->is_woken = TRUE;
  post = g_new0 (Post, 1);
  *post = (Post) { engine, TRUE, 0 };
  g_queue_push_tail (&model->posts, post);
}

void
model_forget_step (Model *model,
                   Node  *engine)
{
  for (GList *l = model->posts.head; l != NULL && engine->is_woken; l = l->next)
    {
      Post *post = l->data;

      if (!post->is_step || post->node != engine)
        continue;
      g_free (post);
      g_queue_delete_link (&model->posts, l);
      break;
    }
  engine->is_woken = FALSE;
}

void
model_ready (Model *model,
             Node  *node)
{
  model->n_events++;
  if (node->state == JOBS_STATE_RUNNING && !node->is_leaving)
    {
      node->is_ready = TRUE;
      model_wake (model, node->engine);
    }
}

void
model_cancel (Model *model,
              Node  *node)
{
  model->n_events++;
  if (node == model->root)
    {
      if (node->is_active)
        model_end_run (model, node, ENDING_CANCEL);
      return;
    }

  if (node->state == JOBS_STATE_RUNNING)
    model_stop (model, node, REASON_SINGLY);
  else if (model_is_waiting (node) && !node->is_doomed)
    {
      /* One that would not run anyway is no loss */
      node->is_single = model_may_start (node);
      node->is_doomed = TRUE;
      model_wake (model, node->engine);
    }
}

void
model_pause (Model   *model,
             Node    *engine,
             gboolean is_paused,
             gboolean holds_clocks)
{
  model->n_events++;
  engine->is_paused = is_paused;
  engine->holds_clocks = holds_clocks;
  if (engine->is_active)
    model_hold_clocks (model, engine);
  model_wake (model, engine);
}

void
model_insert (Model *model,
              Node  *engine,
              Node  *node)
{
  model->n_events++;
  model_put (engine, node);
  if (engine->is_active && engine->ending == ENDING_NONE)
    model_enter (node);
  model_wake (model, engine);
}

void
model_remove (Model *model,
              Node  *node)
{
  Node *engine = node->engine;

  model->n_events++;

  /* For those behind it, it counts as skipped */
  for (guint i = 0; i < engine->actions->len; i++)
    {
      Node *behind = g_ptr_array_index (engine->actions, i);

      for (guint j = 0; j < behind->needs->len; j++)
        {
          Need *need = &g_array_index (behind->needs, Need, j);

          if (need->other == node && model_is_held_back (behind) &&
              !jobs_state_is_terminal (node->state) &&
              (need->condition == JOBS_CONDITION_SUCCESS ||
               need->condition == JOBS_CONDITION_FAILURE ||
               need->condition == JOBS_CONDITION_READY))
            behind->is_doomed = TRUE;
        }
      drop_need (behind, node);
    }

  g_ptr_array_remove (engine->actions, node);
  g_array_set_size (node->needs, 0);
  if (model_is_under_way (node))
    {
      node->is_leaving = TRUE;
      g_ptr_array_add (engine->leaving, node);
      model_stop (model, node, REASON_SINGLY);
    }
  else
    {
      if (!jobs_state_is_terminal (node->state))
        node->state = node->attempts > 0 ? JOBS_STATE_CANCELLED : JOBS_STATE_SKIPPED;
      node->is_delayed = FALSE;
      node->due = 0;
      node->engine = NULL;
    }
  model_wake (model, engine);
}

/* What was skipped or cancelled because of it, and because of those */
static void
collect_victims (Node      *node,
                 GPtrArray *victims)
{
  GPtrArray *actions = node->engine->actions;

  if (g_ptr_array_find (victims, node, NULL))
    return;

  g_ptr_array_add (victims, node);
  for (guint i = 0; i < actions->len; i++)
    {
      Node *behind = g_ptr_array_index (actions, i);

      for (guint j = 0; j < behind->needs->len; j++)
        if (g_array_index (behind->needs, Need, j).other == node && model_is_victim (behind))
          collect_victims (behind, victims);
    }

  /* The servers that it used were cancelled at the end of the run */
  for (guint j = 0; j < node->needs->len && !node->engine->is_active; j++)
    {
      Need *need = &g_array_index (node->needs, Need, j);

      if (need->condition == JOBS_CONDITION_READY && need->other->is_forever &&
          model_is_victim (need->other))
        collect_victims (need->other, victims);
    }
}

gboolean
model_retry (Model *model,
             Node  *node)
{
  g_autoptr (GPtrArray) victims = g_ptr_array_new ();
  Node *engine = node->engine;

  model->n_events++;
  if (!jobs_state_is_terminal (node->state) || node->state == JOBS_STATE_FINISHED || node->is_stuck ||
      (engine->is_active && engine->ending != ENDING_NONE))
    return FALSE;

  collect_victims (node, victims);
  if (!engine->is_active)
    {
      engine->is_retry = TRUE;
      for (guint i = 0; i < engine->actions->len && node->is_bad &&
                        (engine->cause == ENDING_ABORT || engine->cause == ENDING_DRAIN); i++)
        if (model_is_victim (g_ptr_array_index (engine->actions, i)))
          collect_victims (g_ptr_array_index (engine->actions, i), victims);
    }

  for (guint i = 0; i < victims->len; i++)
    {
      Node *victim = g_ptr_array_index (victims, i);

      if (engine->is_active && victim->is_bad)
        engine->n_bad--;
      if (engine->is_active)
        model_enter (victim);
      else
        model_forget (victim);
    }
  model_wake (model, engine);

  return TRUE;
}

gboolean
model_demand (Model        *model,
              Node         *node,
              Node         *other,
              JobsCondition condition)
{
  model->n_events++;
  if (node->engine->is_active && node->is_in_run &&
      (node->state > JOBS_STATE_SCHEDULED || node->attempts > 0))
    return FALSE;

  model_require (node, other, condition);
  model_wake (model, node->engine);

  return TRUE;
}

gboolean
model_drop (Model *model,
            Node  *node,
            Node  *other)
{
  guint n = node->needs->len;

  model->n_events++;
  drop_need (node, other);
  model_wake (model, node->engine);

  return node->needs->len < n;
}
