/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model-private.h"

/* The rules, one after the other as the documentation of JobsEngine has them. */

#define MS G_GINT64_CONSTANT (1000)

typedef enum
{
  VERDICT_WAIT,
  VERDICT_MET,
  VERDICT_NEVER,
  VERDICT_TAINTED, /* never, since something critical has failed */
} Verdict;

/* Requirements */

static gboolean
has_failed (const Node *node)
{
  return node->state == JOBS_STATE_FAILED || node->state == JOBS_STATE_TIMED_OUT;
}

static Verdict
judge (const Node *node,
       const Need *need)
{
  const Node *other = need->other;
  const Node *engine = node->engine;
  gboolean is_over = jobs_state_is_terminal (other->state);
  gboolean taints = engine->on_failure == JOBS_ON_FAILURE_KEEP_GOING &&
                    ((has_failed (other) && other->is_critical) || other->is_tainted);
  Verdict never = taints ? VERDICT_TAINTED : VERDICT_NEVER;

  /* What has come too late for this run is as good as skipped */
  if (!other->is_in_run && engine->ending != ENDING_NONE)
    is_over = TRUE;

  switch (need->condition)
    {
    case JOBS_CONDITION_DONE:
      if (!is_over)
        return VERDICT_WAIT;
      return taints ? VERDICT_TAINTED : VERDICT_MET;
    case JOBS_CONDITION_SUCCESS:
      if (!is_over)
        return VERDICT_WAIT;
      return other->state == JOBS_STATE_FINISHED ? VERDICT_MET : never;
    case JOBS_CONDITION_FAILURE:
      if (!is_over)
        return VERDICT_WAIT;
      return has_failed (other) ? VERDICT_MET : VERDICT_NEVER;
    case JOBS_CONDITION_READY:
      if (!is_over)
        return other->is_ready ? VERDICT_MET : VERDICT_WAIT;
      return other->state == JOBS_STATE_FINISHED ? VERDICT_MET : never;
    case JOBS_CONDITION_AFTER:
    default:
      return is_over ? VERDICT_MET : VERDICT_WAIT;
    }
}

/* That of all: one that can never be met decides, whatever the others come to */
static Verdict
judge_all (const Node *node)
{
  Verdict verdict = VERDICT_MET;

  for (guint i = 0; i < node->needs->len; i++)
    {
      Verdict one = judge (node, &g_array_index (node->needs, Need, i));

      if (one == VERDICT_WAIT && verdict == VERDICT_MET)
        verdict = VERDICT_WAIT;
      else if (one > VERDICT_MET)
        verdict = MAX (verdict, one);
    }

  return verdict;
}

/* Whether it waits for a failure that has come, or may still come */
static gboolean
waits_for_failure (const Node *node,
                   gboolean    may_come)
{
  for (guint i = 0; i < node->needs->len; i++)
    {
      const Need *need = &g_array_index (node->needs, Need, i);

      if (need->condition == JOBS_CONDITION_FAILURE &&
          (has_failed (need->other) ||
           (may_come && (need->other->state == JOBS_STATE_RUNNING ||
                         need->other->state == JOBS_STATE_CANCELLING))))
        return TRUE;
    }

  return FALSE;
}

gboolean
model_is_waiting (const Node *node)
{
  return node->engine != NULL && node->engine->is_active && node->is_in_run &&
         node->state <= JOBS_STATE_SCHEDULED;
}

gboolean
model_is_held_back (const Node *node)
{
  return model_is_waiting (node) && node->attempts == 0;
}

gboolean
model_is_victim (const Node *node)
{
  return node->state == JOBS_STATE_SKIPPED || (node->state == JOBS_STATE_CANCELLED && !node->is_single);
}

gboolean
model_may_start (const Node *node)
{
  Ending ending = node->engine->ending;

  return ending == ENDING_NONE || (ending <= ENDING_ABORT && waits_for_failure (node, FALSE));
}

static gboolean
is_held_up (const Node *engine)
{
  for (; engine != NULL; engine = engine->engine)
    if (engine->is_paused)
      return TRUE;

  return FALSE;
}

static gboolean
are_clocks_held (const Node *engine)
{
  for (; engine != NULL; engine = engine->engine)
    if (engine->is_paused && engine->holds_clocks)
      return TRUE;

  return FALSE;
}

static void note_all (Model *model);

/* From now on nobody can say what comes first in this moment */
static void
tangle (Model *model)
{
  g_array_index (model->tangled, gboolean, model->moment) = TRUE;
}

/* Beginnings */

void
model_forget (Node *node)
{
  node->state = JOBS_STATE_IDLE;
  node->attempts = 0;
  node->reason = REASON_NONE;
  node->is_ready = node->is_single = node->is_tainted = node->is_bad = FALSE;
  node->is_delayed = node->is_doomed = node->is_in_run = FALSE;
  node->is_met = node->is_never = FALSE;
  node->due = node->clock_left = 0;

  if (node->actions == NULL || model_count_stuck (node) > 0)
    return;
  for (guint i = 0; i < node->actions->len; i++)
    model_forget (g_ptr_array_index (node->actions, i));
}

void
model_enter (Node *node)
{
  model_forget (node);
  node->is_in_run = TRUE;
  if (!node->is_forever)
    node->engine->had_finite = TRUE;
}

void
model_begin_run (Model *model,
                 Node  *engine)
{
  engine->is_active = TRUE;
  engine->begun = model->moment;
  engine->ending = engine->cause = ENDING_NONE;
  engine->n_bad = 0;
  engine->grace_due = 0;
  engine->had_finite = engine->is_sweeping = FALSE;
  if (engine == model->root)
    engine->state = JOBS_STATE_RUNNING;

  for (guint i = 0; i < engine->actions->len; i++)
    {
      Node *node = g_ptr_array_index (engine->actions, i);

      /* A retry keeps what it was not about */
      if (!engine->is_retry || node->state == JOBS_STATE_IDLE)
        model_enter (node);
      else if (node->is_bad)
        engine->n_bad++;
    }
  engine->is_retry = FALSE;

  model_wake (model, engine);
  engine->run_due = engine->run_clock_left = 0;
  if (engine->timeout > 0 && is_held_up (engine))
    engine->run_clock_left = engine->timeout * MS;
  else if (engine->timeout > 0)
    engine->run_due = model->now + engine->timeout * MS;
}

static void
start (Model *model,
       Node  *node)
{
  g_array_append_val (model->starts, node->number);
  node->state = JOBS_STATE_RUNNING;
  node->attempts++;
  node->reason = REASON_NONE;
  node->has_outcome = FALSE;
  node->due = node->clock_left = 0;

  if (node->actions == NULL)
    node->due = node->timeout > 0 ? model->now + node->timeout * MS : 0;
  else if (model_count_stuck (node) > 0)
    model_end (model, node, OUTCOME_BAD);
  else
    model_begin_run (model, node);
  note_all (model);
}

/* Early ends */

static void
limit_grace (Node  *engine,
             gint64 due)
{
  GPtrArray *lists[] = { engine->actions, engine->leaving };

  if (!engine->is_active || due == 0 || (engine->grace_due > 0 && engine->grace_due <= due))
    return;

  engine->grace_due = due;
  for (guint i = 0; i < 2; i++)
    for (guint j = 0; j < lists[i]->len; j++)
      {
        Node *node = g_ptr_array_index (lists[i], j);

        if (node->state != JOBS_STATE_CANCELLING)
          continue;
        if (node->actions != NULL)
          limit_grace (node, due);
        else if (node->due == 0 || node->due > due)
          node->due = due;
      }
}

void
model_stop (Model *model,
            Node  *node,
            Reason reason)
{
  static const Outcome outcomes[] = {
    [ANSWER_QUIT] = OUTCOME_QUIT, [ANSWER_WIN] = OUTCOME_GOOD, [ANSWER_LOSE] = OUTCOME_BAD
  };
  Node *engine = node->engine;
  gint64 due = engine->grace > 0 ? model->now + engine->grace * MS : 0;

  if (node->state != JOBS_STATE_RUNNING)
    return;

  node->state = JOBS_STATE_CANCELLING;
  node->reason = reason;
  node->clock_left = 0;
  if (engine->grace_due > 0 && (due == 0 || engine->grace_due < due))
    due = engine->grace_due;

  if (node->actions != NULL)
    {
      /* Begun and asked to end at once: nobody can say how far it came */
      model->is_unsure |= node->begun == model->moment;
      limit_grace (node, due);
      model_end_run (model, node, ENDING_CANCEL);
      return;
    }
  node->due = due;
  if (!node->has_outcome && node->answer != ANSWER_STAY)
    model_end (model, node, outcomes[node->answer]);
}

void
model_end_run (Model *model,
               Node  *engine,
               Ending ending)
{
  if (!engine->is_active || ending <= engine->ending || engine->ending >= ENDING_TIMEOUT)
    return;

  tangle (model);
  engine->ending = ending;
  engine->is_sweeping = TRUE;
  if (engine->cause == ENDING_NONE && ending != ENDING_FINITE)
    engine->cause = ending;
  if (ending == ENDING_DRAIN)
    {
      model_wake (model, engine);
      return;
    }

  for (guint i = 0; i < engine->actions->len; i++)
    {
      Node *node = g_ptr_array_index (engine->actions, i);

      if (ending > ENDING_ABORT || !waits_for_failure (node, FALSE))
        model_stop (model, node, REASON_RUN);
    }
  model_wake (model, engine);
}

/* Ends */

static void
node_ended (Model    *model,
            Node     *node,
            JobsState state,
            gboolean  is_excused)
{
  Node *engine = node->engine;

  node->state = state;
  node->due = 0;
  node->is_delayed = FALSE;
  if (node->is_leaving)
    return;

  if (!node->is_critical || is_excused ||
      !(has_failed (node) || state == JOBS_STATE_CANCELLED))
    return;
  node->is_bad = TRUE;
  engine->n_bad++;
  if (!has_failed (node))
    return;
  if (engine->on_failure == JOBS_ON_FAILURE_ABORT)
    model_end_run (model, engine, ENDING_ABORT);
  else if (engine->on_failure == JOBS_ON_FAILURE_DRAIN)
    model_end_run (model, engine, ENDING_DRAIN);
}

static JobsState
judge_outcome (const Node *node,
               Outcome     outcome)
{
  if (node->reason == REASON_TIMEOUT)
    return JOBS_STATE_TIMED_OUT;

  switch (outcome)
    {
    case OUTCOME_GOOD:
      return JOBS_STATE_FINISHED;
    case OUTCOME_QUIT:
      return JOBS_STATE_CANCELLED;
    case OUTCOME_DROP:
      return node->reason != REASON_NONE ? JOBS_STATE_CANCELLED : JOBS_STATE_FAILED;
    case OUTCOME_LATE:
      return JOBS_STATE_TIMED_OUT;
    case OUTCOME_BAD:
    default:
      return JOBS_STATE_FAILED;
    }
}

static gint64
retry_delay (const Model *model,
             const Node  *node)
{
  guint64 delay = node->retry_delay;

  for (guint i = 1; i < node->attempts && delay < node->retry_delay_max; i++)
    delay *= 2;
  delay = MIN (delay, MAX (node->retry_delay_max, 1)) * MS;

  return (gint64) (delay - delay / 4 * model->jitter);
}

static void
hear (Model  *model,
      Node   *node,
      Outcome outcome)
{
  JobsState state = judge_outcome (node, outcome);

  if (node->is_stuck)
    {
      node->is_stuck = FALSE;
    }
  else if ((state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT) &&
           node->attempts <= node->retries && node->reason <= REASON_TIMEOUT &&
           !node->is_leaving && model_may_start (node))
    {
      gint64 delay = retry_delay (model, node);
      node->state = JOBS_STATE_SCHEDULED;
      node->reason = REASON_NONE;
      node->is_ready = FALSE;
      node->is_delayed = delay > 0;
      node->due = delay > 0 ? model->now + delay : 0;
      node->since = model->n_events;
      node->moment = model->moment;
    }
  else
    {
      if (state == JOBS_STATE_CANCELLED && node->reason != REASON_RUN)
        node->is_single = TRUE;
      node_ended (model, node, state, node->reason == REASON_RUN);
    }

  model_wake (model, node->engine);
  if (node->is_leaving)
    {
      g_ptr_array_remove (node->engine->leaving, node);
      node->engine = NULL;
      node->is_leaving = FALSE;
    }
}

static void
give_up (Model *model,
         Node  *node)
{
  if (node->reason == REASON_SINGLY)
    node->is_single = TRUE;
  node->is_stuck = TRUE;
  node_ended (model, node,
              node->reason == REASON_TIMEOUT ? JOBS_STATE_TIMED_OUT : JOBS_STATE_CANCELLED,
              node->reason == REASON_RUN);
  model_wake (model, node->engine);
}

static void
finish_run (Model *model,
            Node  *engine)
{
  gboolean is_good = engine->n_bad == 0 && engine->ending < ENDING_TIMEOUT;
  Ending cause = engine->cause >= ENDING_TIMEOUT || engine->n_bad == 0 ? engine->ending : ENDING_NONE;
  Outcome outcome = OUTCOME_BAD;

  if (engine->cause >= ENDING_TIMEOUT)
    cause = engine->cause;
  if (is_good)
    outcome = OUTCOME_GOOD;
  else if (cause == ENDING_TIMEOUT)
    outcome = OUTCOME_LATE;
  else if (cause == ENDING_CANCEL)
    outcome = OUTCOME_QUIT;

  engine->is_active = FALSE;
  model_forget_step (model, engine);
  engine->run_due = engine->run_clock_left = 0;
  if (engine != model->root)
    model_end (model, engine, outcome);
  else
    engine->state = judge_outcome (engine, outcome);
}

/* One engine, until nothing changes in it */

/* It will not run in this run */
static gboolean
is_never (const Node *node)
{
  Ending ending = node->engine->ending;

  return node->is_doomed || (node->attempts == 0 && judge_all (node) > VERDICT_MET) ||
         (ending != ENDING_NONE && !node->engine->is_sweeping && !node->is_spared);
}

/* Something has happened: since when the others may start, or never will */
static void
note_all (Model *model)
{
  model->n_events++;
  for (guint i = 0; i < model->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (model->nodes, i);
      gboolean was_met = node->is_met;
      gboolean was_never = node->is_never;

      node->is_never = model_is_waiting (node) && is_never (node);
      /* One that has a turn keeps it, until it comes to it that it must wait again */
      if (!(node->state == JOBS_STATE_SCHEDULED && node->is_met && model_is_held_back (node)))
        node->is_met = model_is_held_back (node) && judge_all (node) == VERDICT_MET;
      if ((node->is_met && !was_met) || (node->is_never && !was_never))
        {
          node->since = model->n_events;
          node->moment = model->moment;
        }
    }
}

/* What is skipped has ended, and so on: one after the other */
static gboolean
skip_first (Model *model,
            Node  *engine)
{
  Node *first = NULL;
  gboolean was_tried;

  for (guint i = 0; i < engine->actions->len; i++)
    {
      Node *node = g_ptr_array_index (engine->actions, i);

      if (node->is_never && (first == NULL || node->since < first->since))
        first = node;
    }
  if (first == NULL)
    return FALSE;

  tangle (model);
  was_tried = first->attempts > 0;
  first->is_tainted = !was_tried && judge_all (first) == VERDICT_TAINTED;
  node_ended (model, first,
              was_tried || first->is_single ? JOBS_STATE_CANCELLED : JOBS_STATE_SKIPPED,
              !first->is_single);
  note_all (model);

  return TRUE;
}

static gboolean
schedule_one (Node *node)
{
  if (!model_is_held_back (node) || !node->is_met || node->state == JOBS_STATE_SCHEDULED)
    return FALSE;

  node->state = JOBS_STATE_SCHEDULED;

  return TRUE;
}

static guint
count_slots (const Node *engine)
{
  guint n = 0;

  for (guint i = 0; i < engine->actions->len; i++)
    {
      const Node *node = g_ptr_array_index (engine->actions, i);

      n += !node->is_forever && model_is_under_way (node);
    }
  for (guint i = 0; i < engine->leaving->len; i++)
    n += !((Node *) g_ptr_array_index (engine->leaving, i))->is_forever;

  return n;
}

static gboolean
is_eligible (const Node *node)
{
  const Node *engine = node->engine;

  return node->is_in_run && node->state == JOBS_STATE_SCHEDULED && !node->is_delayed &&
         !is_held_up (engine) &&
         (node->is_forever || engine->window == 0 || count_slots (engine) < engine->window);
}

/* The one that the real engine has started in this place */
static Node *
find_witness (const Model *model,
              const Node  *engine)
{
  guint n = 0;

  for (guint i = 0; i < model->starts->len; i++)
    n += ((Node *) model->nodes->pdata[g_array_index (model->starts, guint, i)])->engine == engine;
  for (guint i = 0; i < model->witness->len; i++)
    {
      Node *node = model->nodes->pdata[g_array_index (model->witness, guint, i)];

      if (node->engine == engine && n-- == 0)
        return node;
    }

  return NULL;
}

/* Priority, time of becoming ready, insertion. Where several things have happened at
 * the same moment, nobody can say what became ready before what: the engine may choose */
static Node *
find_next (const Model *model,
           const Node  *engine)
{
  Node *next = NULL;
  Node *witness;

  for (guint i = 0; i < engine->actions->len; i++)
    {
      Node *node = g_ptr_array_index (engine->actions, i);

      if (is_eligible (node) &&
          (next == NULL || node->priority > next->priority ||
           (node->priority == next->priority && node->since < next->since)))
        next = node;
    }
  if (next == NULL || !g_array_index (model->tangled, gboolean, next->moment))
    return next;

  witness = find_witness (model, engine);
  if (witness != NULL && is_eligible (witness) && witness->priority == next->priority &&
      witness->moment == next->moment)
    return witness;

  return next;
}

static gboolean
is_over (const Node *engine)
{
  for (guint i = 0; i < engine->leaving->len; i++)
    if (!((Node *) g_ptr_array_index (engine->leaving, i))->is_stuck)
      return FALSE;
  for (guint i = 0; i < engine->actions->len; i++)
    {
      const Node *node = g_ptr_array_index (engine->actions, i);

      if (node->is_in_run && !jobs_state_is_terminal (node->state))
        return FALSE;
    }

  return TRUE;
}

/* Only forever actions are left */
static gboolean
has_only_endless (const Node *engine)
{
  gboolean has_endless = FALSE;

  for (guint i = 0; i < engine->actions->len; i++)
    {
      const Node *node = g_ptr_array_index (engine->actions, i);

      if (!node->is_in_run || jobs_state_is_terminal (node->state))
        continue;
      if (!node->is_forever)
        return FALSE;
      has_endless = TRUE;
    }

  return has_endless && engine->had_finite;
}

/* The run has begun to end: who is still let start, if what it waits for comes */
static void
sweep (Model *model,
       Node  *engine)
{
  for (guint i = 0; i < engine->actions->len; i++)
    {
      Node *node = g_ptr_array_index (engine->actions, i);

      node->is_spared = engine->ending <= ENDING_ABORT && waits_for_failure (node, TRUE);
    }
  engine->is_sweeping = FALSE;
  note_all (model);
}

static void
settle_engine (Model *model,
               Node  *engine)
{
  for (;;)
    {
      gboolean has_changed = FALSE;
      Node *next;

      if (engine->is_sweeping)
        sweep (model, engine);
      if (skip_first (model, engine))
        continue;
      for (guint i = 0; i < engine->actions->len; i++)
        has_changed |= schedule_one (g_ptr_array_index (engine->actions, i));
      if (has_changed)
        continue;

      if (has_only_endless (engine) && engine->ending < ENDING_FINITE)
        {
          model_end_run (model, engine, ENDING_FINITE);
          continue;
        }
      next = find_next (model, engine);
      if (next == NULL)
        break;
      if (next->attempts == 0 && judge_all (next) == VERDICT_WAIT)
        {
          next->state = JOBS_STATE_IDLE;
          next->is_met = FALSE;
          continue;
        }
      start (model, next);
    }

  if (is_over (engine))
    finish_run (model, engine);
}

void
model_settle (Model *model)
{
  Post *post;

  note_all (model);
  if (model_count_outcomes (model) > 1)
    tangle (model);
  while ((post = g_queue_pop_head (&model->posts)) != NULL)
    {
      Node *node = post->node;

      if (post->is_step)
        {
          node->is_woken = FALSE;
          if (node->is_active)
            settle_engine (model, node);
        }
      else
        {
          hear (model, node, post->outcome);
          note_all (model);
        }
      g_free (post);
    }
  model->moment++;
  g_array_set_size (model->tangled, model->moment + 1);
}

/* Time */

static void
expire (Model *model,
        Node  *node)
{
  if (node->run_due > 0 && node->run_due <= model->now)
    {
      node->run_due = 0;
      model_end_run (model, node, ENDING_TIMEOUT);
    }
  if (node->due == 0 || node->due > model->now)
    return;

  node->due = 0;
  if (node->state == JOBS_STATE_RUNNING)
    {
      model_stop (model, node, REASON_TIMEOUT);
    }
  else if (node->state == JOBS_STATE_CANCELLING)
    {
      give_up (model, node);
    }
  else
    {
      node->is_delayed = FALSE;
      node->since = model->n_events;
      node->moment = model->moment;
      model_wake (model, node->engine);
    }
}

void
model_advance (Model *model,
               gint64 now)
{
  model->n_events++;
  model->now = now;
  for (guint i = 0; i < model->nodes->len; i++)
    expire (model, g_ptr_array_index (model->nodes, i));
}

gint64
model_get_due (Model    *model,
               gboolean *is_tie)
{
  gint64 due = 0;
  gboolean is_grace = FALSE;

  *is_tie = FALSE;
  for (guint i = 0; i < model->nodes->len; i++)
    {
      const Node *node = g_ptr_array_index (model->nodes, i);
      gint64 dues[] = { node->due, node->run_due };

      for (guint j = 0; j < 2; j++)
        {
          gboolean is_excused = j == 0 && node->state == JOBS_STATE_CANCELLING &&
                                node->reason == REASON_RUN;

          if (dues[j] == 0)
            continue;
          if (dues[j] == due && !(is_grace && is_excused))
            *is_tie = TRUE;
          if (due == 0 || dues[j] < due)
            {
              due = dues[j];
              is_grace = is_excused;
              *is_tie = FALSE;
            }
        }
    }

  return due;
}

/* Pausing */

static void
hold_clock (Model   *model,
            gboolean is_held,
            gint64  *due,
            gint64  *left)
{
  if (is_held && *due > 0)
    {
      *left = *due - model->now;
      *due = 0;
    }
  else if (!is_held && *left > 0)
    {
      *due = model->now + *left;
      *left = 0;
    }
}

void
model_hold_clocks (Model *model,
                   Node  *engine)
{
  hold_clock (model, is_held_up (engine), &engine->run_due, &engine->run_clock_left);
  for (guint i = 0; i < engine->actions->len; i++)
    {
      Node *node = g_ptr_array_index (engine->actions, i);

      if (node->actions != NULL && node->is_active)
        {
          model_wake (model, node);
          model_hold_clocks (model, node);
        }
      else if (node->state == JOBS_STATE_RUNNING)
        hold_clock (model, are_clocks_held (engine), &node->due, &node->clock_left);
    }
}
