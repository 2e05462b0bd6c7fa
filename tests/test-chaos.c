/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "asyncjobs/jobs-pump.h"
#include "chaos.h"

/* Random graphs of random actions, to which random things happen; and what must hold
 * whatever happens.
 *
 * A world is made from its seed: JOBS_CHAOS_SEED=N runs one again, and
 * JOBS_CHAOS_SEEDS=N runs N more than the everyday ones. The seed does not fix when
 * threads and clocks come: another try may be needed to see the same. */

#define N_QUIET_SEEDS 60
#define N_WILD_SEEDS  120
#define N_FIXED       10
#define FIRST_SEED    1000000 /* of the additional ones */
#define NUDGE         200     /* ms */

/* Building */

static void
record_gone (gpointer data)
{
  g_atomic_int_add (&((Record *) data)->world->n_alive, -1);
  g_main_context_wakeup (NULL);
}

static Record *
world_record (World      *world,
              JobsAction *action)
{
  Record *record = g_new0 (Record, 1);
  char label[16];

  record->world = world;
  record->action = action;
  record->number = world->records->len;
  g_weak_ref_init (&record->weak, action);
  g_ptr_array_add (world->records, record);
  g_atomic_int_inc (&world->n_alive);

  g_snprintf (label, sizeof label, "%c%u", JOBS_IS_ENGINE (action) ? 'e' : 'a', record->number);
  jobs_action_set_label (action, label);
  g_object_set_data_full (G_OBJECT (action), "record", record, record_gone);
  g_signal_connect (action, "notify::state", G_CALLBACK (state_cb), record);

  return record;
}

static void
record_free (gpointer data)
{
  Record *record = data;

  g_weak_ref_clear (&record->weak);
  g_clear_pointer (&record->items, g_ptr_array_unref);
  g_free (record);
}

static How
any_how (World *world)
{
  static const How hows[] = {
    HOW_NOW, HOW_NOW, HOW_IDLE, HOW_IDLE, HOW_THREAD, HOW_THREAD, HOW_DELAY, HOW_NEVER, HOW_NEVER,
    HOW_ABANDON, HOW_REFUSE, HOW_REFUSE_SILENTLY, HOW_END_AND_REFUSE,
  };

  if (chance (world, 1))
    return HOW_NO_RESOURCES;
  if (chance (world, 60))
    return hows[any (world, 6)];

  return hows[any (world, G_N_ELEMENTS (hows))];
}

static void
script_any (World  *world,
            Script *script)
{
  script->how = any_how (world);
  script->stop = any (world, N_STOP);
  script->clean_up = chance (world, 70) ? any (world, HOW_NEVER) : any (world, HOW_NO_RESOURCES);
  script->n_failures = chance (world, 20) ? any (world, 3) : 0;
  script->gives_up = chance (world, 3);
  script->ends_twice = chance (world, 5);
  script->reports = chance (world, 20);
  script->readies = chance (world, 30);
  script->delay = 1 + any (world, script->stop == STOP_IGNORE ? 12 : 3);
}

static void
policy_any (World      *world,
            JobsAction *action)
{
  jobs_action_set_critical (action, chance (world, world->is_wild ? 60 : 40));
  jobs_action_set_retry_delay (action, any (world, 3));
  if (chance (world, 20))
    jobs_action_set_retries (action, 1 + any (world, 2));
  if (chance (world, 15))
    jobs_action_set_timeout (action, 1 + any (world, 5));
  if (chance (world, 20))
    jobs_action_set_priority (action, (int) any (world, 5) - 2);
}

static JobsAction *
leaf_new (World *world)
{
  const GType types[] = {
    chaos_get_type (), chaos_get_type (), chaos_get_type (), cleaner_get_type (),
    performer_get_type (), cleaning_performer_get_type (),
  };
  JobsAction *action = g_object_new (types[any (world, G_N_ELEMENTS (types))], NULL);
  Chaos *self = (Chaos *) action;
  gboolean is_endless;

  self->world = world;
  script_any (world, &self->script);
  world_record (world, action);
  policy_any (world, action);

  /* So that a quiet run ends by itself: what never ends has a timeout or is forever,
   * and can be required as a server */
  is_endless = JOBS_ACTION_GET_CLASS (action)->perform == NULL && self->script.how == HOW_NEVER;
  if (is_endless && chance (world, 60))
    jobs_action_set_forever (action, TRUE);
  else if (is_endless)
    jobs_action_set_timeout (action, 1 + any (world, 5));
  else if (chance (world, 5))
    jobs_action_set_forever (action, TRUE);
  if (jobs_action_get_forever (action))
    self->script.readies = TRUE;
  else if (chance (world, 20))
    jobs_action_add_pool (action, world->pools[any (world, 2)], 1 + any (world, 2));

  return action;
}

static JobsEngine *
engine_new (World *world)
{
  JobsEngine *engine = jobs_engine_new ();
  Record *record = world_record (world, JOBS_ACTION (engine));

  record->items = g_ptr_array_new ();
  g_signal_connect (engine, "started", G_CALLBACK (started_cb), record);
  g_signal_connect (engine, "finished", G_CALLBACK (finished_cb), record);
  g_signal_connect (engine, "items-changed", G_CALLBACK (items_changed_cb), record);
  jobs_engine_set_window (engine, any (world, 4));
  jobs_engine_set_on_failure (engine, any (world, 3));
  jobs_engine_set_grace (engine, chance (world, 20) ? 0 : 5);
  jobs_engine_set_shutdown_timeout (engine, chance (world, 20) ? 50 : 5);

  return engine;
}

static JobsCondition
any_condition (World      *world,
               JobsAction *other)
{
  static const JobsCondition conditions[] = {
    JOBS_CONDITION_DONE, JOBS_CONDITION_DONE, JOBS_CONDITION_DONE, JOBS_CONDITION_DONE,
    JOBS_CONDITION_SUCCESS, JOBS_CONDITION_SUCCESS, JOBS_CONDITION_FAILURE,
    JOBS_CONDITION_READY, JOBS_CONDITION_AFTER,
  };

  if (jobs_action_get_forever (other))
    return JOBS_CONDITION_READY;

  return conditions[any (world, G_N_ELEMENTS (conditions))];
}

static void
state_changed_cb (JobsEngine *engine,
                  JobsAction *action,
                  JobsState   old_state,
                  JobsState   new_state,
                  World      *world)
{
  world_op (world);
}

static JobsEngine *
build (World *world,
       guint  depth,
       guint  n)
{
  JobsEngine *engine = engine_new (world);
  g_autofree JobsAction **actions = g_new (JobsAction *, n + 1);

  for (guint i = 0; i < n; i++)
    {
      if (depth < 3 && chance (world, 10))
        actions[i] = JOBS_ACTION (build (world, depth + 1, any (world, 8)));
      else
        actions[i] = leaf_new (world);
      if (i == 0)
        jobs_action_set_forever (actions[i], FALSE);
      if (i == 0 && !JOBS_IS_ENGINE (actions[i]) && ((Chaos *) actions[i])->script.how == HOW_NEVER)
        jobs_action_set_timeout (actions[i], 3);
      for (guint j = any (world, 4); i > 0 && j > 0; j--)
        {
          JobsAction *other = actions[any (world, i)];

          jobs_action_requires_full (actions[i], other, any_condition (world, other), NULL);
        }
    }
  if (depth > 0)
    policy_any (world, JOBS_ACTION (engine));
  if (depth == 1 && chance (world, 20))
    jobs_action_add_pool (JOBS_ACTION (engine), world->pools[2], 1);
  jobs_action_set_timeout (JOBS_ACTION (engine), chance (world, 10) ? 1 + any (world, 10) : 0);

  /* In an order of their own now and then */
  for (guint i = n; i > 1 && depth % 2 == 1; i--)
    {
      guint j = any (world, i);
      JobsAction *action = actions[j];

      actions[j] = actions[i - 1];
      actions[i - 1] = action;
    }
  jobs_engine_add_many (engine, actions, n);
  for (guint i = 0; i < n; i++)
    g_object_unref (actions[i]);

  return engine;
}

/* Whatever a program may do to it */

static JobsAction *
pick (World *world)
{
  for (guint i = 0; i < 8; i++)
    {
      Record *record = g_ptr_array_index (world->records, any (world, world->records->len));
      JobsAction *action = g_weak_ref_get (&record->weak);

      if (action != NULL)
        return action;
    }

  return g_object_ref (JOBS_ACTION (world->root));
}

static JobsEngine *
pick_engine (World *world)
{
  g_autoptr (JobsAction) action = pick (world);

  if (JOBS_IS_ENGINE (action))
    return JOBS_ENGINE (g_steal_pointer (&action));
  if (jobs_action_get_engine (action) != NULL)
    return g_object_ref (jobs_action_get_engine (action));

  return g_object_ref (world->root);
}

static JobsAction *
pick_from (World      *world,
           JobsEngine *engine)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (engine));

  return n > 0 ? g_list_model_get_item (G_LIST_MODEL (engine), any (world, n)) : NULL;
}

static void
op_add (World *world)
{
  g_autoptr (JobsEngine) engine = pick_engine (world);
  g_autoptr (JobsAction) action = chance (world, 85) ? leaf_new (world)
                                                     : JOBS_ACTION (build (world, 3, any (world, 4)));
  gboolean is_first = chance (world, 50);
  gboolean is_active = jobs_engine_is_active (engine);

  /* Whoever was told that something came into it may have run it */
  if (jobs_action_get_engine (action) != NULL ||
      (JOBS_IS_ENGINE (action) && jobs_engine_is_active (JOBS_ENGINE (action))))
    return;
  record_of (action)->is_late = is_active;
  for (guint step = 0; step < 2; step++)
    if ((step == 0) == is_first)
      {
        g_assert_true (jobs_engine_add (engine, action));
      }
    else
      {
        g_autoptr (JobsAction) other = pick_from (world, engine);

        if (other != NULL)
          jobs_action_requires_full (action, other, any_condition (world, other), NULL);
      }
}

/* A circle of what is in no engine would keep itself alive */
static void
drop_requirements (JobsAction *action)
{
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  for (guint i = 0; i < requirements->len; i++)
    jobs_action_drop_requirement (action, g_ptr_array_index (requirements, i));
}

static void
op_add_again (World *world)
{
  g_autoptr (JobsEngine) engine = pick_engine (world);
  g_autoptr (JobsAction) action = pick (world);
  Record *record = record_of (action);

  if (jobs_action_get_engine (action) != NULL || JOBS_IS_ENGINE (action) || is_alone (action) ||
      !(record->state == JOBS_STATE_FINISHED || record->state == JOBS_STATE_SKIPPED))
    return;

  drop_requirements (action);
  record->is_late = jobs_engine_is_active (engine);
  record->n_clean_ups = 0;
  allow_reset (record);
  g_assert_true (jobs_engine_add (engine, action));
}

static void
op_remove (World *world)
{
  g_autoptr (JobsAction) action = pick (world);
  g_autoptr (JobsEngine) engine = jobs_action_get_engine (action);

  if (engine == NULL)
    return;
  g_object_ref (engine);
  g_assert_true (jobs_engine_remove (engine, action));
  drop_requirements (action);
}

static void
op_cancel (World *world)
{
  g_autoptr (JobsAction) action = pick (world);

  if (action != JOBS_ACTION (world->root) || chance (world, 20))
    jobs_action_cancel (action);
}

static void
op_cancel_engine (World *world)
{
  g_autoptr (JobsEngine) engine = pick_engine (world);

  if (engine == world->root && !chance (world, 30))
    return;
  if (chance (world, 50))
    {
      jobs_engine_cancel (engine);
      return;
    }
  {
    /* From a thread that does not outlive the call: it only has to be another one */
    GThread *thread = g_thread_new ("cancel", (GThreadFunc) jobs_engine_cancel, engine);

    g_thread_join (thread);
  }
}

static gboolean
resume_cb (gpointer data)
{
  Record *record = record_of (data);

  jobs_engine_resume (data);
  g_atomic_int_add (&record->world->n_pending, -1);
  g_object_unref (data);

  return G_SOURCE_REMOVE;
}

static void
op_pause (World *world)
{
  JobsEngine *engine = pick_engine (world);

  jobs_engine_pause (engine, chance (world, 50) ? JOBS_PAUSE_CLOCKS : JOBS_PAUSE_DEFAULT);
  g_atomic_int_inc (&world->n_pending);
  g_timeout_add (1 + any (world, 3), resume_cb, engine);
}

static void
op_retry (World *world)
{
  g_autoptr (JobsAction) action = pick (world);
  JobsEngine *engine = jobs_action_get_engine (action);

  if (engine == NULL || is_alone (action))
    return;
  world->n_retrying++;
  world->retried = engine;
  jobs_engine_retry (engine, action, NULL);
  world->n_retrying--;
}

/* Never in a circle, nor to the engine around: see above */
static void
require_outside (JobsAction *action,
                 JobsAction *other)
{
  if (!JOBS_IS_ENGINE (other) && record_of (action)->number > record_of (other)->number &&
      (jobs_action_get_engine (action) != jobs_action_get_engine (other) ||
       jobs_action_get_engine (action) == NULL))
    jobs_action_requires_full (action, other, JOBS_CONDITION_AFTER, NULL);
}

static void
op_require (World *world)
{
  g_autoptr (JobsAction) action = pick (world);
  JobsEngine *engine = jobs_action_get_engine (action);
  g_autoptr (JobsAction) other = engine != NULL && chance (world, 90) ? pick_from (world, engine)
                                                                      : pick (world);

  if (engine != NULL && jobs_action_get_engine (other) == engine)
    jobs_action_requires_full (action, other, any_condition (world, other), NULL);
  else
    require_outside (action, other);
}

static void
op_drop_requirement (World *world)
{
  g_autoptr (JobsAction) action = pick (world);
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  if (requirements->len > 0)
    g_assert_true (jobs_action_drop_requirement (
      action, g_ptr_array_index (requirements, any (world, requirements->len))));
}

static void
op_policy (World *world)
{
  g_autoptr (JobsAction) action = pick (world);

  if (chance (world, 50))
    {
      g_autoptr (JobsEngine) engine = pick_engine (world);

      jobs_engine_set_window (engine, any (world, 4));
    }
  else if (!JOBS_IS_ENGINE (action))
    {
      jobs_action_set_retries (action, any (world, 3));
      if (!jobs_state_is_terminal (record_of (action)->state))
        jobs_action_set_critical (action, chance (world, 50));
      jobs_action_set_priority (action, (int) any (world, 3));
    }
}

static void
run_again_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  Record *record = data;
  g_autoptr (GError) error = NULL;
  gboolean success;

  record->world->n_tasks--;
  if (JOBS_IS_ENGINE (object))
    {
      success = jobs_engine_orchestrate_finish (JOBS_ENGINE (object), result, &error);
    }
  else
    {
      success = jobs_action_run_finish (JOBS_ACTION (object), result, &error);
    }
  assert_law (record, success == (error == NULL));
  world_op (record->world);
}

static void
op_run (World *world)
{
  g_autoptr (JobsAction) action = pick (world);
  Record *record = record_of (action);

  world->n_tasks++;
  if (JOBS_IS_ENGINE (action) && !jobs_engine_is_active (JOBS_ENGINE (action)))
    {
      allow_reset (record);
    }
  else if (!JOBS_IS_ENGINE (action) &&
           (jobs_action_get_engine (action) == NULL || !jobs_engine_is_active (jobs_action_get_engine (action))))
    {
      allow_reset (record);
      record->n_clean_ups = 0;
    }
  jobs_action_run_async (action, NULL, run_again_cb, record);
}

static void
op_look (World *world)
{
  g_autoptr (JobsEngine) engine = pick_engine (world);
  g_autoptr (JobsAction) action = pick (world);
  g_autofree char *why = jobs_engine_why (engine);
  g_autofree char *list = jobs_engine_dup_list (engine, TRUE);
  g_autofree char *debrief = jobs_engine_debrief (engine);
  g_autofree char *text = jobs_action_to_string (action);
  g_autoptr (GVariant) report = g_variant_take_ref (jobs_engine_dup_report (engine));

  jobs_engine_check (engine, NULL, NULL);
  check_counts (engine);
}

static void
op_let_go (World *world)
{
  g_autoptr (JobsAction) action = pick (world);

  g_clear_object (&record_of (action)->held);
}

static void
op_any (World *world)
{
  static void (*const ops[]) (World *world) = {
    op_add, op_add, op_add_again, op_remove, op_remove, op_cancel, op_cancel, op_cancel_engine,
    op_pause, op_retry, op_retry, op_require, op_require, op_drop_requirement, op_policy, op_run,
    op_look, op_let_go,
  };

  ops[any (world, G_N_ELEMENTS (ops))] (world);
}

/* Running */

static void
ended_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  Record *record = data;
  g_autoptr (GError) error = NULL;
  gboolean success = jobs_engine_orchestrate_finish (JOBS_ENGINE (object), result, &error);

  record->world->n_tasks--;
  assert_law (record, success == (error == NULL));
  assert_law (record, !record->is_busy || g_error_matches (error, JOBS_ERROR, JOBS_ERROR_BUSY));
  if (!record->world->is_wild && !record->is_busy)
    {
      assert_law (record, success || record->is_bad ||
                          g_error_matches (error, JOBS_ERROR, JOBS_ERROR_TIMED_OUT));
      assert_law (record, jobs_engine_get_verdict (JOBS_ENGINE (object)) == success);
    }
}

/* A wild world may come to wait for what does not end by itself: that is cancelled.
 * But there must be something that it waits for */
static gboolean
nudge_cb (gpointer data)
{
  World *world = data;
  guint n_running = 0;

  for (guint i = 0; i < world->records->len; i++)
    {
      g_autoptr (JobsAction) action = g_weak_ref_get (&((Record *) g_ptr_array_index (world->records, i))->weak);

      if (action == NULL || JOBS_IS_ENGINE (action))
        continue;
      n_running += g_object_get_data (G_OBJECT (action), "attempt") != NULL ||
                   jobs_action_get_state (action) == JOBS_STATE_RUNNING ||
                   jobs_action_get_state (action) == JOBS_STATE_CANCELLING ||
                   ((Chaos *) action)->script.how == HOW_NO_RESOURCES;
    }
  assert_law (record_of (world->root), n_running > 0 || g_atomic_int_get (&world->n_pending) > 0);

  for (guint i = 0; i < world->records->len; i++)
    {
      g_autoptr (JobsAction) action = g_weak_ref_get (&((Record *) g_ptr_array_index (world->records, i))->weak);

      if (action != NULL)
        jobs_action_cancel (action);
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
watchdog_cb (gpointer data)
{
  World *world = data;

  world_describe (world);
  g_error ("%s, seed %u: it does not end; %u tasks, %d completions, %d actions", world->name,
           world->seed, world->n_tasks, world->n_pending, world->n_alive);

  return G_SOURCE_REMOVE;
}

static void
world_run (World *world)
{
  Record *record = record_of (world->root);
  /* Where the machine is busy the time may be up before the run has got its turn */
  guint nudge = world->is_wild
                  ? g_timeout_add_full (G_PRIORITY_LOW, NUDGE, nudge_cb, world, NULL) : 0;

  world->n_tasks++;
  allow_reset (record);
  record->is_busy = jobs_engine_get_n_stuck (world->root) > 0;
  jobs_engine_orchestrate_async (world->root, NULL, ended_cb, record);
  while (world->n_tasks > 0)
    g_main_context_iteration (NULL, TRUE);
  if (nudge > 0)
    g_source_remove (nudge);
}

static World *
world_new (const char *name,
           guint32     seed,
           gboolean    is_wild,
           guint       n)
{
  World *world = g_new0 (World, 1);

  world->name = name;
  world->seed = seed;
  world->rand = g_rand_new_with_seed (seed);
  world->is_wild = is_wild;
  world->records = g_ptr_array_new_with_free_func (record_free);
  world->threads = g_thread_pool_new (ending_thread_cb, world, 2, FALSE, NULL);
  world->op = op_any;
  for (guint i = 0; i < G_N_ELEMENTS (world->pools); i++)
    world->pools[i] = jobs_pool_new (NULL, 2);

  the_world = world;
  world->root = build (world, 0, n > 0 ? n : 1 + any (world, chance (world, 20) ? 60 : 15));
  for (guint i = any (world, 4); i > 0; i--)
    {
      g_autoptr (JobsAction) action = pick (world);
      g_autoptr (JobsAction) other = pick (world);

      require_outside (action, other);
    }
  g_signal_connect (world->root, "action-state-changed", G_CALLBACK (state_changed_cb), world);

  return world;
}

/* Whatever has become of it, nothing remains */
static void
world_end (World *world)
{
  world->n_ops = 0;
  for (guint i = 0; i < world->records->len; i++)
    g_clear_object (&((Record *) g_ptr_array_index (world->records, i))->held);
  g_clear_object (&world->root);
  while (g_atomic_int_get (&world->n_alive) > 0 || g_atomic_int_get (&world->n_pending) > 0)
    g_main_context_iteration (NULL, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (world->pools); i++)
    {
      g_assert_cmpuint (jobs_pool_get_in_use (world->pools[i]), ==, 0);
      g_assert_cmpuint (jobs_pool_get_n_waiting (world->pools[i]), ==, 0);
      g_assert_finalize_object (world->pools[i]);
    }
  g_thread_pool_free (world->threads, FALSE, TRUE);
  g_ptr_array_unref (world->records);
  g_rand_free (world->rand);
  g_free (world);
}

static void
live (const char *name,
      guint32     seed,
      gboolean    is_wild)
{
  /* A turn of the main loop is one piece of work, what can be done in a while, or all */
  static const gint64 dispatch_times[] = { 0, 1000, G_TIME_SPAN_DAY };
  World *world = world_new (name, seed, is_wild, 0);
  guint watchdog = g_timeout_add_seconds_full (G_PRIORITY_HIGH, WATCHDOG, watchdog_cb, world, NULL);
  guint n_runs = 1 + any (world, 3);

  alarm (3 * WATCHDOG);
  jobs_pump_set_slice (dispatch_times[seed % G_N_ELEMENTS (dispatch_times)]);
  for (guint run = 0; run < n_runs; run++)
    {
      world->n_ops = is_wild ? 3 + any (world, 25) : 0;
      world_run (world);
    }
  world_end (world);
  g_source_remove (watchdog);
  alarm (0);
}

static void
test_quiet (void)
{
  g_test_summary ("Nobody interferes: states, order and verdict are as the requirements say");

  for (guint32 seed = 0; seed < N_QUIET_SEEDS; seed++)
    live ("quiet", seed, FALSE);
}

static void
test_wild (void)
{
  g_test_summary ("Handlers and actions do at random whatever a program may do");

  for (guint32 seed = 0; seed < N_WILD_SEEDS; seed++)
    live ("wild", seed, TRUE);
}

static guint
number_from (const char *name)
{
  const char *text = g_getenv (name);

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : 0;
}

static void
test_more (void)
{
  guint n = number_from ("JOBS_CHAOS_SEEDS");
  const char *one = g_getenv ("JOBS_CHAOS_SEED");
  guint32 first = g_test_rand_int ();

  g_test_summary ("As many more as were asked for, from --seed on");

  if (one != NULL)
    {
      live ("quiet", number_from ("JOBS_CHAOS_SEED"), FALSE);
      live ("wild", number_from ("JOBS_CHAOS_SEED"), TRUE);
    }
  for (guint i = 0; i < n; i++)
    live (i % 2 == 0 ? "quiet" : "wild", first + i, i % 2 == 1);
}

static GLogWriterOutput
log_writer (GLogLevelFlags   level,
            const GLogField *fields,
            gsize            n_fields,
            gpointer         data)
{
  for (gsize i = 0; i < n_fields && (level & G_LOG_LEVEL_WARNING); i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && fields[i].length < 0 &&
        strstr (fields[i].value, "second outcome") != NULL)
      {
        g_atomic_int_inc (&n_warnings);
        return G_LOG_WRITER_HANDLED;
      }

  return g_log_writer_default (level, fields, n_fields, data);
}

int
main (int    argc,
      char **argv)
{
  g_log_set_writer_func (log_writer, NULL, NULL);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/chaos/quiet", test_quiet);
  g_test_add_func ("/jobs/chaos/wild", test_wild);
  g_test_add_func ("/jobs/chaos/more", test_more);

  return g_test_run ();
}
