/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdarg.h>
#include <stdio.h>

#include "world-private.h"

/* A world lives from one settled point to the next: something happens to both, all that
 * comes of it without another outcome and without time comes, and then they must agree. */

#define MAX_STEPS 4000 /* of a run, then it is cancelled */

guint
world_any (World *world,
           guint  n)
{
  return n > 0 ? (guint) g_rand_int_range (world->rand, 0, (gint32) n) : 0;
}

gboolean
world_chance (World *world,
              guint  percent)
{
  return world_any (world, 100) < percent;
}

void
world_tell (World      *world,
            const char *format,
            ...)
{
  va_list args;
  gsize at = world->story->len;

  g_string_append_printf (world->story, "  %7" G_GINT64_FORMAT " ms: ", clock_get () / 1000 - 1000000);
  va_start (args, format);
  g_string_append_vprintf (world->story, format, args);
  va_end (args);
  g_string_append_c (world->story, '\n');
  if (world->is_verbose)
    fputs (world->story->str + at, stdout);
}

JobsAction *
world_peek (World      *world,
            const Node *node)
{
  return g_ptr_array_index (world->actions, node->number);
}

/* What is wrong, and all that may be needed to see why */
static gboolean
world_blame (World      *world,
             const char *format,
             ...)
{
  va_list args;

  g_print ("# The engine and the model differ: ");
  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  g_print ("\n# Seed %" G_GUINT64_FORMAT ", with the graph\n%s# What happened\n%s", world->seed,
           world->graph->str, world->story->str);
  g_print ("# The states of the engine, and of the model\n");
  for (guint i = 0; i < world->model->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (world->model->nodes, i);
      JobsAction *action = world_peek (world, node);
      JobsState state = jobs_action_get_state (action);

      g_print ("  %s %u: %s, %s; attempts %u, %u\n", state == node->state ? " " : "!", i,
               jobs_state_get_nick (state), jobs_state_get_nick (node->state),
               jobs_action_get_attempts (action), node->attempts);
    }
  g_print ("# Again: build/tests/simulation/simulation --seed %" G_GUINT64_FORMAT "\n", world->seed);

  return FALSE;
}

/* The order of starts is that of each engine: nobody is promised more */
static gboolean
check_starts (World *world)
{
  Model *model = world->model;

  for (guint i = 0; i < model->nodes->len; i++)
    {
      guint at = 0;
      guint j = 0;

      if (((Node *) g_ptr_array_index (model->nodes, i))->actions == NULL)
        continue;
      for (;; at++, j++)
        {
#define OF(array, k) ((Node *) g_ptr_array_index (model->nodes, g_array_index (array, guint, k)))
          while (at < world->starts->len && OF (world->starts, at)->engine != model->nodes->pdata[i])
            at++;
          while (j < model->starts->len && OF (model->starts, j)->engine != model->nodes->pdata[i])
            j++;
          if (at == world->starts->len && j == model->starts->len)
            break;
          if (at == world->starts->len || j == model->starts->len ||
              OF (world->starts, at) != OF (model->starts, j))
            return world_blame (world, "in engine %u, %d was started and not %d", i,
                                at < world->starts->len ? (int) OF (world->starts, at)->number : -1,
                                j < model->starts->len ? (int) OF (model->starts, j)->number : -1);
#undef OF
        }
    }

  g_array_set_size (world->starts, 0);
  g_array_set_size (model->starts, 0);

  return TRUE;
}

static gboolean
check_engine (World *world,
              Node  *node)
{
  JobsEngine *engine = JOBS_ENGINE (world_peek (world, node));
  guint counts[JOBS_STATE_SKIPPED + 1] = { 0 };

  if (jobs_engine_is_active (engine) != node->is_active)
    return world_blame (world, "engine %u %s", node->number, node->is_active ? "has ended" : "goes on");
  if (jobs_engine_get_n_stuck (engine) != model_count_stuck (node))
    return world_blame (world, "engine %u has %u stuck attempts, and not %u", node->number,
                        jobs_engine_get_n_stuck (engine), model_count_stuck (node));
  if (g_list_model_get_n_items (G_LIST_MODEL (engine)) != node->actions->len)
    return world_blame (world, "engine %u holds another number of actions", node->number);

  for (guint i = 0; i < node->actions->len; i++)
    counts[((Node *) g_ptr_array_index (node->actions, i))->state]++;
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    if (jobs_engine_count (engine, i) != counts[i])
      return world_blame (world, "engine %u counts %u as %s, and not %u", node->number,
                          jobs_engine_count (engine, i), jobs_state_get_nick (i), counts[i]);

  return TRUE;
}

static gboolean
world_check (World *world)
{
  for (guint i = 0; i < world->model->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (world->model->nodes, i);
      JobsAction *action = world_peek (world, node);

      if (jobs_action_get_state (action) != node->state)
        return world_blame (world, "%u is %s, and not %s", i,
                            jobs_state_get_nick (jobs_action_get_state (action)),
                            jobs_state_get_nick (node->state));
      if (node != world->model->root && jobs_action_get_attempts (action) != node->attempts)
        return world_blame (world, "%u has another number of attempts", i);
      if (node->actions == NULL &&
          sim_action_is_open (SIM_ACTION (action)) != (model_is_under_way (node) && !node->has_outcome))
        return world_blame (world, "%u waits, or does not wait, for an outcome", i);
      if (node->actions != NULL && !check_engine (world, node))
        return FALSE;
    }

  return check_starts (world);
}

/* The error of a run, by what it came to in the model */
static gboolean
check_verdict (World *world)
{
  Node *root = world->model->root;
  gboolean is_good = root->state == JOBS_STATE_FINISHED;
  GQuark domain = JOBS_ERROR;
  int code = root->on_failure == JOBS_ON_FAILURE_KEEP_GOING ? JOBS_ERROR_INCOMPLETE : JOBS_ERROR_CRITICAL;

  if (root->state == JOBS_STATE_TIMED_OUT)
    {
      code = JOBS_ERROR_TIMED_OUT;
    }
  else if (root->state == JOBS_STATE_CANCELLED)
    {
      domain = G_IO_ERROR;
      code = G_IO_ERROR_CANCELLED;
    }

  if (jobs_engine_get_verdict (world->root) != is_good || (world->error == NULL) != is_good)
    return world_blame (world, "the verdict is %d", !is_good);
  if (!is_good && !g_error_matches (world->error, domain, code))
    return world_blame (world, "the error is \"%s\", code %d", world->error->message, world->error->code);

  return TRUE;
}

static void
ended_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  World *world = data;

  g_clear_error (&world->error);
  jobs_engine_orchestrate_finish (JOBS_ENGINE (object), result, &world->error);
  world->is_running = FALSE;
}

static gboolean
world_settle (World *world)
{
  while (g_main_context_iteration (world->context, FALSE))
    ;
  model_settle (world->model);
  world->tally->n_steps++;
  if (world->model->is_unsure)
    {
      world->is_left = TRUE;
      return TRUE;
    }

  return world_check (world);
}

/* What happens next */

/* Of one engine, or of any */
static Node *
pick_open (World      *world,
           const Node *engine)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new ();

  for (guint i = 0; i < world->model->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (world->model->nodes, i);

      if (node->actions == NULL && (engine == NULL || node->engine == engine) &&
          sim_action_is_open (SIM_ACTION (world_peek (world, node))))
        g_ptr_array_add (open, node);
    }

  return open->len > 0 ? g_ptr_array_index (open, world_any (world, open->len)) : NULL;
}

static void
give_outcome (World   *world,
              Node    *node,
              gboolean is_first)
{
  static const Outcome outcomes[] = {
    OUTCOME_GOOD, OUTCOME_GOOD, OUTCOME_GOOD, OUTCOME_GOOD, OUTCOME_GOOD, OUTCOME_GOOD, OUTCOME_GOOD,
    OUTCOME_BAD, OUTCOME_BAD, OUTCOME_BAD, OUTCOME_QUIT, OUTCOME_DROP,
  };
  static const char *const names[] = { "ends well", "fails", "gives up", "forgets its attempt" };
  Outcome outcome = outcomes[world_any (world, G_N_ELEMENTS (outcomes))];
  gboolean in_thread = world_chance (world, 10);

  /* What comes of several at once is sure only where one alone may end the run: the first */
  if (!is_first && node->is_critical && node->engine->on_failure != JOBS_ON_FAILURE_KEEP_GOING)
    outcome = OUTCOME_GOOD;

  world_tell (world, "%u %s%s", node->number, names[outcome], in_thread ? ", in a thread" : "");
  sim_action_end (SIM_ACTION (world_peek (world, node)), outcome, in_thread);
  model_end (world->model, node, outcome);
}

static void
advance (World *world,
         gint64 to)
{
  clock_advance (to);
  model_advance (world->model, to);
}

/* One more thing; FALSE where there is nothing left that could happen */
static gboolean
world_step (World *world)
{
  gboolean is_tie;
  gint64 due = model_get_due (world->model, &is_tie);
  Node *node = pick_open (world, NULL);

  /* Nothing else is at the very same time */
  if (due == 0 || due > clock_get () + 1)
    {
      clock_advance (clock_get () + 1);
      world->model->now++;
    }

  if (node != NULL && world_chance (world, 8))
    {
      world_tell (world, "%u says that it is ready", node->number);
      sim_action_ready (SIM_ACTION (world_peek (world, node)), world_chance (world, 10));
      model_ready (world->model, node);
    }
  else if (due > 0 && (node == NULL || world_chance (world, 15)))
    {
      if (is_tie)
        {
          world->is_left = TRUE;
          return TRUE;
        }
      advance (world, due);
      world_tell (world, "that time has come");
    }
  else if (node != NULL)
    {
      const Node *engine = node->engine;
      guint n = world_chance (world, 15) ? 1 + world_any (world, 4) : 1;

      /* Several at once now and then; not in several engines, which take no notice of
       * each other's turns */
      for (guint i = 0; i < n && node != NULL; i++)
        {
          give_outcome (world, node, i == 0);
          node = pick_open (world, engine);
        }
    }
  else
    {
      return FALSE;
    }

  return TRUE;
}

static gboolean
world_run (World *world)
{
  guint n_steps = 0;

  world->tally->n_runs++;
  world->is_running = TRUE;
  world_tell (world, "the run begins");
  jobs_engine_orchestrate_async (world->root, NULL, ended_cb, world);
  model_run (world->model);
  if (!world_settle (world))
    return FALSE;

  while (world->is_running && !world->is_left)
    {
      if (n_steps++ == MAX_STEPS)
        {
          world_tell (world, "it takes too long, and is cancelled");
          jobs_engine_cancel (world->root);
          model_cancel (world->model, world->model->root);
        }
      else if (!world_step (world))
        {
          return world_blame (world, "nothing can happen any more");
        }
      if (!world_settle (world))
        return FALSE;
    }

  return world->is_left || check_verdict (world);
}

/* An engine with a stuck attempt cannot run again, whether it is the root or not */
static gboolean
has_stuck (World *world)
{
  for (guint i = 0; i < world->model->nodes->len; i++)
    if (((Node *) g_ptr_array_index (world->model->nodes, i))->is_stuck)
      return TRUE;

  return FALSE;
}

static void
gone_cb (gpointer data,
         GObject *object)
{
  (*(guint *) data)--;
}

/* Nothing may remain of it */
static void
world_free (World *world)
{
  guint n_left = 0;

  /* What is left over ends, and is no part of the comparison */
  jobs_engine_cancel (world->root);
  while (g_main_context_iteration (world->context, FALSE))
    ;
  for (guint i = 0; i < world->actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (world->actions, i);

      if (SIM_IS_ACTION (action))
        sim_action_let_go (SIM_ACTION (action));
      while (g_main_context_iteration (world->context, FALSE))
        ;
    }

  model_free (world->model);
  g_assert_cmpuint (jobs_deadlines_get_n_armed (world->deadlines), ==, 0);
  jobs_deadlines_unref (world->deadlines);
  for (guint i = 0; i < world->actions->len; i++)
    {
      g_object_weak_ref (g_ptr_array_index (world->actions, i), gone_cb, &n_left);
      n_left++;
    }
  g_ptr_array_unref (world->actions);
  while (g_main_context_iteration (world->context, FALSE))
    ;
  g_assert_cmpuint (n_left, ==, 0);
  g_array_unref (world->starts);
  g_clear_error (&world->error);
  g_string_free (world->story, TRUE);
  g_string_free (world->graph, TRUE);
  g_rand_free (world->rand);
  g_main_context_pop_thread_default (world->context);
  g_main_context_unref (world->context);
  g_free (world);
}

static void
state_changed_cb (JobsEngine *engine,
                  JobsAction *action,
                  JobsState   old_state,
                  JobsState   new_state,
                  gpointer    data)
{
  g_print ("              %s: %s\n", jobs_action_get_label (action), jobs_state_get_nick (new_state));
}

gboolean
world_live (guint64  seed,
            gboolean is_verbose,
            Tally   *tally)
{
  World *world = g_new0 (World, 1);
  guint32 seeds[] = { (guint32) seed, (guint32) (seed >> 32) };
  gboolean is_well = TRUE;
  guint n_runs;

  clock_reset ();
  world->seed = seed;
  world->rand = g_rand_new_with_seed_array (seeds, 2);
  world->is_verbose = is_verbose;
  world->tally = tally;
  world->story = g_string_new (NULL);
  world->graph = g_string_new (NULL);
  world->context = g_main_context_new ();
  g_main_context_push_thread_default (world->context);
  world->deadlines = jobs_deadlines_ref_for_context (world->context);
  world->actions = g_ptr_array_new_with_free_func (g_object_unref);
  world->starts = g_array_new (FALSE, FALSE, sizeof (guint));
  world->model = model_new (clock_get ());
  world->model->witness = world->starts;
  world->model->jitter = world_any (world, 4) / 4.0;
  clock_set_jitter (world->model->jitter);

  world_build (world);
  if (is_verbose)
    g_signal_connect (world->root, "action-state-changed", G_CALLBACK (state_changed_cb), NULL);
  if (is_verbose)
    g_print ("# Seed %" G_GUINT64_FORMAT "\n%s", seed, world->graph->str);
  n_runs = 1 + world_any (world, 2);
  for (guint i = 0; i < n_runs && is_well && !world->is_left && !has_stuck (world); i++)
    is_well = world_run (world);

  tally->n_worlds++;
  tally->n_left += world->is_left;
  tally->n_actions += world->model->nodes->len;
  world_free (world);

  return is_well;
}
