/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

#define N_THREADS 4
#define N_ACTIONS 400
#define CAPACITY 3

typedef struct
{
  JobsPool *pool;
  guint     number;
  GThread  *thread;
  guint     n_performed;
} Worker;

/* How many draw on the pool right now, of all engines */
static int n_in_pool;

static gboolean
leave_cb (gpointer data)
{
  JobsAttempt *attempt = data;
  GValue value = G_VALUE_INIT;

  g_atomic_int_add (&n_in_pool, -1);
  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, jobs_action_get_priority (jobs_attempt_get_action (attempt)));
  jobs_attempt_complete (attempt, &value);

  return G_SOURCE_REMOVE;
}

static gboolean
enter_pool (JobsAction  *action,
            JobsAttempt *attempt,
            GError     **error)
{
  Worker *worker = test (action)->data;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_assert_true (g_thread_self () == worker->thread);
  g_assert_cmpint (g_atomic_int_add (&n_in_pool, 1), <, CAPACITY);
  g_source_set_callback (source, leave_cb, g_object_ref (attempt), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());

  return TRUE;
}

static gboolean
perform (JobsAction *action,
         gpointer    data,
         GError    **error)
{
  Worker *worker = data;

  g_assert_true (g_thread_self () == worker->thread);
  worker->n_performed++;

  return TRUE;
}

static gpointer
thread_func (gpointer data)
{
  Worker *worker = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  JobsEngine *engine;
  JobsAction *actions[N_ACTIONS];
  GError *error = NULL;

  worker->thread = g_thread_self ();
  g_main_context_push_thread_default (context);
  engine = jobs_engine_new ();
  for (guint i = 0; i < N_ACTIONS; i++)
    {
      actions[i] = add (NULL, NULL, enter_pool);
      test (actions[i])->data = worker;
      jobs_action_set_priority (actions[i], (int) (i * N_THREADS + worker->number));
      jobs_action_add_pool (actions[i], worker->pool, 1 + i % 2);
      if (i % 3 == 2)
        jobs_action_requires (actions[i], actions[i - 1]);
      g_assert_true (jobs_engine_add (engine, actions[i]));
      g_object_unref (actions[i]);
      jobs_action_requires (add_callback (engine, NULL, perform, worker), actions[i]);
    }

  for (guint round = 1; round <= 2; round++)
    {
      g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (worker->n_performed, ==, round * N_ACTIONS);
      g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FINISHED), ==, 2 * N_ACTIONS);
      for (guint i = 0; i < N_ACTIONS; i++)
        g_assert_cmpint (g_value_get_int (jobs_action_get_result (actions[i])), ==,
                         jobs_action_get_priority (actions[i]));
    }

  g_assert_finalize_object (engine);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_pool (void)
{
  g_autoptr (JobsPool) pool = jobs_pool_new ("pool", CAPACITY);
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];

  g_test_summary ("Engines in threads of their own draw on one pool, never on more than it has");

  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker) { .pool = pool, .number = i };
      threads[i] = g_thread_new ("engine", thread_func, &workers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_assert_cmpint (g_atomic_int_get (&n_in_pool), ==, 0);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);
  g_assert_cmpuint (jobs_pool_get_n_waiting (pool), ==, 0);
  g_assert_cmpuint (G_OBJECT (pool)->ref_count, ==, 1);
}

/* Engines that are cancelled from here while they run there */

typedef struct
{
  GMutex      lock;
  GCond       cond;
  JobsEngine *engine; /* (unowned), while it runs */
  JobsPool   *pool;
  guint       n_runs;
} Target;

static void
publish (Target     *target,
         JobsEngine *engine)
{
  g_mutex_lock (&target->lock);
  target->engine = engine;
  g_cond_signal (&target->cond);
  g_mutex_unlock (&target->lock);
}

static gpointer
target_func (gpointer data)
{
  Target *target = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  JobsEngine *engine;
  JobsAction *action;

  g_main_context_push_thread_default (context);
  engine = jobs_engine_new ();
  action = add (engine, "a", NULL);
  jobs_action_add_pool (action, target->pool, 1);
  add (engine, "b", succeed);
  for (guint i = 0; i < target->n_runs; i++)
    {
      g_autoptr (GError) error = NULL;

      publish (target, engine);
      g_assert_false (jobs_engine_orchestrate (engine, NULL, &error));
      publish (target, NULL);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_true (jobs_action_is_ended (action));
      g_clear_object (&test (action)->attempt);
    }
  publish (target, NULL);
  g_assert_finalize_object (engine);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static gpointer
shoot_func (gpointer data)
{
  Target *target = data;

  g_mutex_lock (&target->lock);
  while (target->n_runs > 0)
    {
      while (target->engine == NULL && target->n_runs > 0)
        g_cond_wait (&target->cond, &target->lock);
      if (target->engine != NULL)
        jobs_engine_cancel (target->engine);
      g_mutex_unlock (&target->lock);
      g_thread_yield ();
      g_mutex_lock (&target->lock);
    }
  g_mutex_unlock (&target->lock);

  return NULL;
}

static void
test_cancel (void)
{
  g_autoptr (JobsPool) pool = jobs_pool_new ("pool", 1);
  Target target = { .pool = pool, .n_runs = 200 };
  GThread *thread, *shooter;

  g_test_summary ("Runs are cancelled from another thread at any time of their lives");

  g_mutex_init (&target.lock);
  g_cond_init (&target.cond);
  thread = g_thread_new ("engine", target_func, &target);
  shooter = g_thread_new ("cancel", shoot_func, &target);
  g_thread_join (thread);
  g_mutex_lock (&target.lock);
  target.n_runs = 0;
  g_cond_signal (&target.cond);
  g_mutex_unlock (&target.lock);
  g_thread_join (shooter);
  g_mutex_clear (&target.lock);
  g_cond_clear (&target.cond);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);
}

/* An engine that is built here and run there */

static gpointer
run_func (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  g_assert_true (jobs_engine_orchestrate (data, NULL, NULL));
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_contexts (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsAction *a = add (inner, "a", succeed);

  g_test_summary ("An engine runs in the context that each run begins in, one after another");

  for (guint i = 0; i < 10; i++)
    {
      g_thread_join (g_thread_new ("run", run_func, engine));
      run_well (engine);
    }
  g_assert_cmpuint (test (a)->n_starts, ==, 20);

  g_assert_finalize_object (engine);
}

/* What only the thread of a run may do */

typedef struct
{
  JobsEngine *engine;
  JobsAction *waits;
  JobsAction *other;
  JobsAction *late;
} Shared;

#define expect_refusal() g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*in_its_thread*")

static gpointer
meddle_func (gpointer data)
{
  Shared *shared = data;
  GError *error = NULL;

  for (guint i = 0; i < 16; i++)
    expect_refusal ();
  g_assert_false (jobs_engine_add (shared->engine, shared->late));
  g_assert_false (jobs_engine_add_many (shared->engine, &shared->late, 1));
  g_assert_false (jobs_engine_remove (shared->engine, shared->waits));
  g_assert_false (jobs_engine_bypass_and_remove (shared->engine, shared->waits));
  g_assert_false (jobs_engine_retry (shared->engine, shared->waits, &error));
  g_assert_no_error (error);
  jobs_engine_pause (shared->engine, JOBS_PAUSE_DEFAULT);
  jobs_engine_resume (shared->engine);
  jobs_engine_set_window (shared->engine, 3);
  jobs_engine_set_on_failure (shared->engine, JOBS_ON_FAILURE_DRAIN);
  jobs_engine_set_grace (shared->engine, 3);
  jobs_engine_set_shutdown_timeout (shared->engine, 3);
  jobs_engine_set_source_priority (shared->engine, 3);
  jobs_action_cancel (shared->waits);
  jobs_action_requires (shared->other, shared->waits);
  g_assert_false (jobs_action_requires_full (shared->other, shared->waits, JOBS_CONDITION_DONE, &error));
  g_assert_no_error (error);
  g_assert_true (jobs_action_get_requirement (shared->waits, shared->other, NULL));
  g_assert_false (jobs_action_drop_requirement (shared->waits, shared->other));
  g_test_assert_expected_messages ();

  return NULL;
}

static gboolean
meddle (JobsAction *action,
        gpointer    data,
        GError    **error)
{
  g_thread_join (g_thread_new ("meddle", meddle_func, data));

  return TRUE;
}

static void
test_refusals (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Shared shared = { .engine = engine };
  g_autoptr (JobsAction) meddler = jobs_callback_action_new ("meddler", meddle, &shared, NULL);

  g_test_summary ("What only the thread of a run may do is refused in another one, while it runs");

  jobs_engine_add (engine, meddler);
  shared.other = add (engine, "other", succeed);
  jobs_action_requires (shared.other, meddler);
  shared.waits = add (engine, "waits", succeed);
  jobs_action_requires (shared.waits, shared.other);
  shared.late = add (NULL, "late", succeed);
  run_well (engine);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (engine)), ==, 3);
  g_assert_cmpint (jobs_action_get_state (shared.waits), ==, JOBS_STATE_FINISHED);
  g_assert_cmpuint (jobs_engine_get_window (engine), ==, 0);

  g_object_unref (shared.late);
  g_assert_finalize_object (engine);
}

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);

  return G_SOURCE_REMOVE;
}

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      loop)
{
  g_assert_true (jobs_engine_orchestrate_finish (JOBS_ENGINE (source), result, NULL));
  g_main_loop_quit (loop);
}

static void
test_before_the_loop (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *first = add (engine, "first", succeed), *second = add (engine, "second", succeed);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_test_summary ("A run that has begun is steered before its main loop runs, and between two of its turns");

  jobs_engine_orchestrate_async (engine, NULL, ended_cb, loop);
  jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
  jobs_action_requires (first, second);
  g_idle_add (quit_cb, loop);
  g_main_loop_run (loop);
  jobs_engine_resume (engine);
  g_main_loop_run (loop);
  g_assert_cmpint (jobs_action_get_state (first), ==, JOBS_STATE_FINISHED);

  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/threads/pool", test_pool);
  g_test_add_func ("/jobs/threads/cancel", test_cancel);
  g_test_add_func ("/jobs/threads/contexts", test_contexts);
  g_test_add_func ("/jobs/threads/refusals", test_refusals);
  g_test_add_func ("/jobs/threads/before-the-loop", test_before_the_loop);

  return test_run ();
}
