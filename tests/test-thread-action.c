/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include <asyncjobs.h>

/* More than GTask has threads for */
#define N_AT_ONCE 12

static GThread *main_thread;

/* What functions in threads wait for, under one lock */
static GMutex lock;
static GCond cond;
static guint n_arrived;
static gboolean may_go;
static guint n_destroyed;

static void
reset (void)
{
  n_arrived = 0;
  may_go = FALSE;
  n_destroyed = 0;
}

static void
arrive (void)
{
  n_arrived++;
  g_cond_broadcast (&cond);
}

static void
destroy_cb (gpointer data)
{
  g_assert_true (g_thread_self () == main_thread);
  n_destroyed++;
}

static gboolean
result_cb (JobsAction  *action,
           JobsAttempt *attempt,
           gpointer     user_data,
           GError     **error)
{
  GValue value = G_VALUE_INIT;

  g_assert_true (g_thread_self () != main_thread);
  g_assert_true (jobs_attempt_get_action (attempt) == action);

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, user_data);
  jobs_attempt_complete (attempt, &value);
  g_value_unset (&value);

  return TRUE;
}

static gboolean
fail_cb (JobsAction  *action,
         JobsAttempt *attempt,
         gpointer     user_data,
         GError     **error)
{
  if (user_data != NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, user_data);

  return FALSE;
}

static void
test_result (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_thread_action_new ("t", result_cb, (gpointer) "done", destroy_cb);
  g_autoptr (GError) error = NULL;

  g_test_summary ("The function is called in a thread, in each run; its result is the action's");

  reset ();
  jobs_engine_add (engine, action);
  for (guint run = 0; run < 2; run++)
    {
      g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (g_value_get_string (jobs_action_get_result (action)), ==, "done");
    }

  g_assert_finalize_object (engine);
  g_assert_cmpuint (n_destroyed, ==, 0);
  g_assert_finalize_object (action);
  g_assert_cmpuint (n_destroyed, ==, 1);
}

static gboolean
report_cb (JobsAction  *action,
           JobsAttempt *attempt,
           gpointer     user_data,
           GError     **error)
{
  jobs_attempt_report (attempt, 0.5, "half of it");
  jobs_attempt_ready (attempt);

  /* Until what waits for it to be ready has run */
  g_mutex_lock (&lock);
  while (!may_go)
    g_cond_wait (&cond, &lock);
  g_mutex_unlock (&lock);

  jobs_attempt_fail_message (attempt, "enough");

  return TRUE;
}

static gboolean
let_go_cb (JobsAction *action,
           gpointer    user_data,
           GError    **error)
{
  g_mutex_lock (&lock);
  may_go = TRUE;
  g_cond_broadcast (&cond);
  g_mutex_unlock (&lock);

  return TRUE;
}

static void
test_report (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_thread_action_new ("t", report_cb, NULL, NULL);
  JobsAction *client = jobs_callback_action_new ("c", let_go_cb, NULL, NULL);

  g_test_summary ("From its thread it reports progress, says that it is ready, and fails");

  reset ();
  jobs_action_set_critical (action, FALSE);
  jobs_action_requires_full (client, action, JOBS_CONDITION_READY, NULL);
  jobs_engine_add_many (engine, (JobsAction *[]) { action, client }, 2);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_cmpfloat (jobs_action_get_progress (action), ==, 0.5);
  g_assert_cmpstr (jobs_action_get_message (action), ==, "half of it");
  g_assert_cmpint (jobs_action_get_state (client), ==, JOBS_STATE_FINISHED);
  g_assert_error ((GError *) jobs_action_get_error (action), JOBS_ERROR, JOBS_ERROR_FAILED);
  g_assert_cmpstr (jobs_action_get_error (action)->message, ==, "enough");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (client);
  g_assert_finalize_object (action);
}

static void
test_failure (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_thread_action_new ("t", fail_cb, (gpointer) "not there", NULL);
  JobsAction *silent = jobs_thread_action_new ("s", fail_cb, NULL, NULL);

  g_test_summary ("Its error is the action's, and there is one where it gave none");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_engine_add (engine, action);
  jobs_engine_add (engine, silent);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_error ((GError *) jobs_action_get_error (action), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpstr (jobs_action_get_error (action)->message, ==, "not there");
  g_assert_error ((GError *) jobs_action_get_error (silent), JOBS_ERROR, JOBS_ERROR_FAILED);
  g_assert_null (jobs_action_get_result (action));

  g_assert_finalize_object (engine);
  g_assert_finalize_object (action);
  g_assert_finalize_object (silent);
}

static gboolean
meet_cb (JobsAction  *action,
         JobsAttempt *attempt,
         gpointer     user_data,
         GError     **error)
{
  g_mutex_lock (&lock);
  arrive ();
  while (n_arrived < N_AT_ONCE)
    g_cond_wait (&cond, &lock);
  g_mutex_unlock (&lock);

  return TRUE;
}

static void
test_at_once (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GError) error = NULL;

  g_test_summary ("More than ten run at once: each waits here for all the others");

  reset ();
  for (guint i = 0; i < N_AT_ONCE; i++)
    {
      g_autoptr (JobsAction) action = jobs_thread_action_new (NULL, meet_cb, NULL, destroy_cb);

      jobs_engine_add (engine, action);
    }
  g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
  g_assert_no_error (error);
  g_assert_finalize_object (engine);
  g_assert_cmpuint (n_destroyed, ==, N_AT_ONCE);
}

/* Until the cancellable is cancelled */
static gboolean
wait_cb (JobsAction  *action,
         JobsAttempt *attempt,
         gpointer     user_data,
         GError     **error)
{
  GCancellable *cancellable = jobs_attempt_get_cancellable (attempt);
  GPollFD fd;

  g_assert_true (g_cancellable_make_pollfd (cancellable, &fd));
  g_mutex_lock (&lock);
  arrive ();
  g_mutex_unlock (&lock);
  g_poll (&fd, 1, -1);
  g_cancellable_release_fd (cancellable);

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
cancel_cb (JobsAction *action,
           gpointer    user_data,
           GError    **error)
{
  g_mutex_lock (&lock);
  while (n_arrived < 1)
    g_cond_wait (&cond, &lock);
  g_mutex_unlock (&lock);
  jobs_engine_cancel (jobs_action_get_engine (action));

  return TRUE;
}

static void
test_cancel (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_thread_action_new ("1", wait_cb, NULL, destroy_cb);
  JobsAction *canceller = jobs_callback_action_new ("c", cancel_cb, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("One that runs is cancelled by its cancellable, and ends when it returns");

  reset ();
  jobs_engine_add (engine, action);
  jobs_engine_add (engine, canceller);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_CANCELLED);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (action);
  g_assert_finalize_object (canceller);
  g_assert_cmpuint (n_destroyed, ==, 1);
}

/* Heeds no cancellable */
static gboolean
deaf_cb (JobsAction  *action,
         JobsAttempt *attempt,
         gpointer     user_data,
         GError     **error)
{
  g_mutex_lock (&lock);
  arrive ();
  while (!may_go)
    g_cond_wait (&cond, &lock);
  g_mutex_unlock (&lock);

  return TRUE;
}

static gboolean
cancel_other_cb (JobsAction *action,
                 gpointer    user_data,
                 GError    **error)
{
  g_mutex_lock (&lock);
  while (n_arrived < 1)
    g_cond_wait (&cond, &lock);
  g_mutex_unlock (&lock);
  jobs_action_cancel (user_data);

  return TRUE;
}

static void
test_cancel_waiting (void)
{
  JobsWorkers *workers = jobs_workers_new (1);
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *first = jobs_thread_action_new ("1", deaf_cb, NULL, destroy_cb);
  JobsAction *second = jobs_thread_action_new ("2", deaf_cb, NULL, destroy_cb);
  JobsAction *canceller = jobs_callback_action_new ("c", cancel_other_cb, second, NULL);
  JobsAction *behind = jobs_callback_action_new ("b", let_go_cb, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("One that waits for a thread ends at once where it is cancelled, and is never "
                  "called: the only thread is not free before it has ended");

  reset ();
  jobs_thread_action_set_workers (JOBS_THREAD_ACTION (first), workers);
  jobs_thread_action_set_workers (JOBS_THREAD_ACTION (second), workers);
  jobs_action_set_critical (second, FALSE);
  jobs_action_requires (behind, second);
  jobs_engine_add_many (engine, (JobsAction *[]) { first, second, canceller, behind }, 4);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (jobs_action_get_state (first), ==, JOBS_STATE_FINISHED);
  g_assert_cmpint (jobs_action_get_state (second), ==, JOBS_STATE_CANCELLED);
  g_assert_cmpuint (n_arrived, ==, 1);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (behind);
  g_assert_finalize_object (second);
  g_assert_finalize_object (first);
  g_assert_finalize_object (canceller);
  g_assert_finalize_object (workers);
  g_assert_cmpuint (n_destroyed, ==, 2);
}

static void
test_stuck (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_thread_action_new ("deaf", deaf_cb, NULL, destroy_cb);
  JobsAction *canceller = jobs_callback_action_new ("c", cancel_cb, NULL, NULL);
  gpointer weak = action;

  g_test_summary ("One that does not end outlives its run, and what it holds comes home with it, "
                  "to be destroyed there");

  reset ();
  jobs_engine_set_grace (engine, 1);
  jobs_engine_add (engine, action);
  jobs_engine_add (engine, canceller);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));

  g_object_add_weak_pointer (G_OBJECT (action), &weak);
  g_object_unref (engine);
  g_object_unref (canceller);
  g_object_unref (action);
  g_assert_nonnull (weak);
  g_assert_cmpuint (n_destroyed, ==, 0);

  g_mutex_lock (&lock);
  may_go = TRUE;
  g_cond_broadcast (&cond);
  g_mutex_unlock (&lock);
  while (weak != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_destroyed, ==, 1);
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *n_calls)
{
  (*n_calls)++;
}

static void
test_workers (void)
{
  JobsWorkers *workers = jobs_workers_new (3), *same = NULL;
  JobsAction *action = jobs_thread_action_new (NULL, result_cb, NULL, NULL);
  guint size, n_calls = 0;

  g_test_summary ("Workers have a size, and an action has workers, or the default ones");

  g_assert_true (jobs_workers_get_default () == jobs_workers_get_default ());
  g_assert_cmpuint (jobs_workers_get_size (jobs_workers_get_default ()), >=, 16);

  g_signal_connect (workers, "notify::size", G_CALLBACK (count_cb), &n_calls);
  jobs_workers_set_size (workers, 3);
  g_object_set (workers, "size", 5, NULL);
  g_object_get (workers, "size", &size, NULL);
  g_assert_cmpuint (size, ==, 5);
  g_assert_cmpuint (n_calls, ==, 1);

  g_signal_connect (action, "notify::workers", G_CALLBACK (count_cb), &n_calls);
  g_assert_null (jobs_thread_action_get_workers (JOBS_THREAD_ACTION (action)));
  g_object_set (action, "workers", workers, NULL);
  jobs_thread_action_set_workers (JOBS_THREAD_ACTION (action), workers);
  g_object_get (action, "workers", &same, NULL);
  g_assert_true (same == workers);
  g_assert_cmpuint (n_calls, ==, 2);

  g_object_unref (same);
  g_assert_finalize_object (action);
  g_assert_finalize_object (workers);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (120);
  main_thread = g_thread_self ();

  g_test_add_func ("/jobs/thread-action/result", test_result);
  g_test_add_func ("/jobs/thread-action/report", test_report);
  g_test_add_func ("/jobs/thread-action/failure", test_failure);
  g_test_add_func ("/jobs/thread-action/at-once", test_at_once);
  g_test_add_func ("/jobs/thread-action/cancel", test_cancel);
  g_test_add_func ("/jobs/thread-action/cancel-waiting", test_cancel_waiting);
  g_test_add_func ("/jobs/thread-action/stuck", test_stuck);
  g_test_add_func ("/jobs/thread-action/workers", test_workers);

  return g_test_run ();
}
