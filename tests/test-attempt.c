/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

/* Calls what it is given in another thread, and waits for that */
static void
in_thread (GThreadFunc func,
           gpointer    data)
{
  g_thread_join (g_thread_new ("other", func, data));
}

static void
assert_ended (JobsAction *action,
              GQuark      domain,
              int         code,
              const char *message)
{
  g_assert_error (jobs_action_get_error (action), domain, code);
  g_assert_cmpstr (jobs_action_get_error (action)->message, ==, message);
}

/* An engine with one action that does not make it fail, until its attempt goes on */
static JobsAction *
start (JobsEngine **engine,
       Run         *run,
       TestHook     hook)
{
  JobsAction *action;

  *engine = jobs_engine_new ();
  action = add (*engine, "a", hook);
  jobs_action_set_critical (action, FALSE);
  begin (run, *engine, NULL);
  spin_until (test (action)->n_starts == 1);

  return action;
}

static void
test_complete (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *action = start (&engine, &run, NULL);
  JobsAttempt *attempt = test (action)->attempt;
  GValue value = G_VALUE_INIT;

  g_test_summary ("The outcome is told at once, what it leads to comes later");

  g_assert_true (jobs_attempt_get_action (attempt) == action);
  g_assert_cmpuint (jobs_attempt_get_number (attempt), ==, 1);
  g_assert_false (jobs_attempt_has_outcome (attempt));
  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, "text");
  jobs_attempt_complete (attempt, &value);
  g_value_unset (&value);
  g_assert_true (jobs_attempt_has_outcome (attempt));
  assert_state (action, JOBS_STATE_RUNNING);
  end_well (&run, engine);
  assert_state (action, JOBS_STATE_FINISHED);
  g_assert_cmpstr (g_value_get_string (jobs_action_get_result (action)), ==, "text");

  g_clear_object (&test (action)->attempt);
  g_assert_finalize_object (engine);
}

static void
test_fail (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *action = start (&engine, &run, NULL);
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED, "closed");

  g_test_summary ("An error is copied, a message becomes one, and a cancellation is one");

  jobs_attempt_fail (test (action)->attempt, error);
  end_well (&run, engine);
  assert_state (action, JOBS_STATE_FAILED);
  assert_ended (action, G_IO_ERROR, G_IO_ERROR_CLOSED, "closed");
  g_assert_true (jobs_action_get_error (action) != error);
  g_clear_object (&test (action)->attempt);

  begin (&run, engine, NULL);
  spin_until (test (action)->attempt != NULL);
  g_assert_null (jobs_action_get_error (action));
  jobs_attempt_fail_message (test (action)->attempt, "in words");
  end_well (&run, engine);
  assert_state (action, JOBS_STATE_FAILED);
  assert_ended (action, JOBS_ERROR, JOBS_ERROR_FAILED, "in words");
  g_clear_object (&test (action)->attempt);

  begin (&run, engine, NULL);
  spin_until (test (action)->attempt != NULL);
  error->code = G_IO_ERROR_CANCELLED;
  jobs_attempt_fail (test (action)->attempt, error);
  end_well (&run, engine);
  assert_state (action, JOBS_STATE_CANCELLED);
  g_clear_object (&test (action)->attempt);

  g_assert_finalize_object (engine);
}

static gboolean
refuse_silently (JobsAction  *action,
                 JobsAttempt *attempt,
                 GError     **error)
{
  return FALSE;
}

static gboolean
complete_and_refuse (JobsAction  *action,
                     JobsAttempt *attempt,
                     GError     **error)
{
  jobs_attempt_complete (attempt, NULL);

  return fail (action, attempt, error);
}

static gboolean
keep_and_refuse (JobsAction  *action,
                 JobsAttempt *attempt,
                 GError     **error)
{
  g_set_object (&test (action)->attempt, attempt);

  return FALSE;
}

static void
test_refusal (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *action = start (&engine, &run, fail);

  g_test_summary ("A start that returns FALSE has failed, with its error or without; the first outcome counts");

  end_well (&run, engine);
  assert_state (action, JOBS_STATE_FAILED);
  assert_ended (action, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no luck");

  test (action)->start = refuse_silently;
  run_well (engine);
  assert_state (action, JOBS_STATE_FAILED);
  assert_ended (action, JOBS_ERROR, JOBS_ERROR_FAILED,
                "start() did not return true, and gave no error");

  test (action)->start = complete_and_refuse;
  run_well (engine);
  assert_state (action, JOBS_STATE_FINISHED);

  /* A binding whose exception came after it had given the attempt away */
  test (action)->start = keep_and_refuse;
  run_well (engine);
  assert_state (action, JOBS_STATE_FAILED);
  complete (action);
  assert_state (action, JOBS_STATE_FAILED);

  g_assert_finalize_object (engine);
}

static gpointer
drop_cb (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

static void
test_abandoned (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *action = start (&engine, &run, ignore);
  gpointer attempt;

  g_test_summary ("An attempt that nobody can give an outcome to has failed");

  end_well (&run, engine);
  assert_state (action, JOBS_STATE_FAILED);
  g_assert_error (jobs_action_get_error (action), JOBS_ERROR, JOBS_ERROR_ABANDONED);

  test (action)->start = NULL;
  begin (&run, engine, NULL);
  spin_until (test (action)->attempt != NULL);
  attempt = test (action)->attempt;
  g_object_add_weak_pointer (attempt, &attempt);
  g_clear_object (&test (action)->attempt);
  assert_state (action, JOBS_STATE_RUNNING);
  end_well (&run, engine);
  g_assert_null (attempt);
  g_assert_error (jobs_action_get_error (action), JOBS_ERROR, JOBS_ERROR_ABANDONED);

  begin (&run, engine, NULL);
  spin_until (test (action)->attempt != NULL);
  in_thread (drop_cb, g_steal_pointer (&test (action)->attempt));
  assert_state (action, JOBS_STATE_RUNNING);
  end_well (&run, engine);
  g_assert_error (jobs_action_get_error (action), JOBS_ERROR, JOBS_ERROR_ABANDONED);

  /* One that was asked to end is no failure of its own */
  begin (&run, engine, NULL);
  spin_until (test (action)->attempt != NULL);
  test (action)->stop = ignore;
  jobs_engine_cancel (engine);
  spin_until (test (action)->n_stops == 1);
  g_clear_object (&test (action)->attempt);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (jobs_action_is_ended (action));

  g_assert_finalize_object (engine);
}

static void
test_second (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *action = start (&engine, &run, NULL);
  JobsAttempt *attempt = test (action)->attempt;
  GValue value = G_VALUE_INIT;

  g_test_summary ("The first outcome counts; each further one is one warning, during the run and after it");

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, 1);
  jobs_attempt_complete (attempt, &value);
  g_value_set_int (&value, 2);
  expect_log ("a second outcome, which is ignored");
  jobs_attempt_complete (attempt, &value);
  assert_logged ();
  expect_log ("a second outcome, which is ignored");
  jobs_attempt_fail_message (attempt, "no");
  assert_logged ();
  end_well (&run, engine);
  assert_text (jobs_action_to_string (action), "<Action `a' finished -> 1>");
  expect_log ("a second outcome, which is ignored");
  jobs_attempt_complete (attempt, NULL);
  assert_logged ();

  /* What else comes too late is harmless */
  jobs_attempt_ready (attempt);
  jobs_attempt_report (attempt, 0.5, "late");
  settle ();
  g_assert_null (jobs_action_get_message (action));
  g_assert_false (g_cancellable_is_cancelled (jobs_attempt_get_cancellable (attempt)));

  g_clear_object (&test (action)->attempt);
  g_assert_finalize_object (engine);
}

static void
test_late (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *action = start (&engine, &run, NULL);
  JobsAttempt *attempt = test (action)->attempt;

  g_test_summary ("An outcome after the attempt was ended from outside is no mistake, nor after its engine");

  jobs_action_cancel (action);
  g_assert_true (jobs_attempt_has_outcome (attempt));
  jobs_attempt_complete (attempt, NULL);
  end_well (&run, engine);
  assert_state (action, JOBS_STATE_CANCELLED);
  g_object_ref (attempt);
  g_clear_object (&test (action)->attempt);
  g_assert_finalize_object (engine);
  jobs_attempt_fail_message (attempt, "too late");
  jobs_attempt_report (attempt, 0.5, "too late");
  g_assert_true (jobs_attempt_get_action (attempt) == action);
  g_assert_finalize_object (attempt);
}

static void
test_ready (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *server = start (&engine, &run, NULL);
  JobsAction *client = add (NULL, "client", succeed);
  JobsAction *never = add (NULL, "never", succeed);

  g_test_summary ("Ready, said while it runs, lets those start that wait for it, once");

  g_assert_true (jobs_action_requires_full (client, server, JOBS_CONDITION_READY, NULL));
  g_assert_true (jobs_engine_add (engine, client));
  settle ();
  assert_state (client, JOBS_STATE_IDLE);
  jobs_attempt_ready (test (server)->attempt);
  jobs_attempt_ready (test (server)->attempt);
  g_assert_false (jobs_action_is_ready (server));
  spin_until (jobs_action_is_ended (client));
  g_assert_true (jobs_action_is_ready (server));
  assert_state (server, JOBS_STATE_RUNNING);
  jobs_attempt_ready (test (server)->attempt);
  settle ();
  g_assert_cmpuint (test (client)->n_starts, ==, 1);
  complete (server);
  end_well (&run, engine);
  g_assert_true (jobs_action_is_ready (server));

  /* One that fails before it is ready */
  g_assert_true (jobs_action_requires_full (never, server, JOBS_CONDITION_READY, NULL));
  g_assert_true (jobs_engine_add (engine, never));
  test (server)->start = fail;
  run_well (engine);
  g_assert_false (jobs_action_is_ready (server));
  assert_state (never, JOBS_STATE_SKIPPED);
  assert_state (client, JOBS_STATE_SKIPPED);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (client);
  g_assert_finalize_object (never);
}

static void
progress_cb (JobsEngine *engine,
             JobsAction *action,
             GString    *reports)
{
  g_string_append_printf (reports, "%g%s ", jobs_action_get_progress (action),
                          jobs_action_get_message (action) != NULL
                            ? jobs_action_get_message (action) : "-");
}

static void
test_report (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *action = start (&engine, &run, NULL);
  JobsAttempt *attempt = test (action)->attempt;
  g_autoptr (GString) reports = g_string_new (NULL);

  g_test_summary ("Reports between two turns of the main loop are merged; each is in its bounds");

  g_signal_connect (engine, "action-progress", G_CALLBACK (progress_cb), reports);
  jobs_attempt_report (attempt, 0.25, NULL);
  settle ();
  for (guint i = 0; i < 1000; i++)
    jobs_attempt_report (attempt, i / 2000.0, "many");
  jobs_attempt_report (attempt, 0.5, NULL);
  settle ();
  jobs_attempt_report (attempt, 17.0, "more");
  settle ();
  jobs_attempt_report (attempt, -3.0, "\xff");
  settle ();
  jobs_attempt_report (attempt, 0.0 / 0.0, "");
  settle ();
  g_assert_cmpstr (reports->str, ==, "0.25- 0.5many 1more -1\xef\xbf\xbd -1 ");

  /* The last words are not lost to the outcome */
  jobs_attempt_report (attempt, 0.75, "end");
  complete (action);
  end_well (&run, engine);
  g_assert_cmpfloat (jobs_action_get_progress (action), ==, 0.75);
  g_assert_cmpstr (jobs_action_get_message (action), ==, "end");

  g_assert_finalize_object (engine);
}

static gpointer
ask_cb (gpointer data)
{
  return jobs_attempt_get_cancellable (data);
}

static void
test_cancellable (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *action = start (&engine, &run, NULL);
  JobsAttempt *attempt = test (action)->attempt;
  GCancellable *cancellable;

  g_test_summary ("Whoever asked for the cancellable ends by it; asked for late, it is cancelled already");

  cancellable = jobs_attempt_get_cancellable (attempt);
  g_assert_true (g_thread_join (g_thread_new ("other", ask_cb, attempt)) == cancellable);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  jobs_action_cancel (action);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_cmpuint (test (action)->n_stops, ==, 1);
  g_assert_false (jobs_attempt_has_outcome (attempt));
  settle ();
  assert_state (action, JOBS_STATE_CANCELLING);
  complete (action);
  end_well (&run, engine);
  assert_state (action, JOBS_STATE_FINISHED);

  test (action)->stop = ignore;
  begin (&run, engine, NULL);
  spin_until (test (action)->attempt != NULL);
  jobs_action_cancel (action);
  cancellable = jobs_attempt_get_cancellable (test (action)->attempt);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  complete (action);
  end_well (&run, engine);

  g_assert_finalize_object (engine);
}

static gpointer
complete_in_thread (gpointer data)
{
  g_autoptr (JobsAttempt) attempt = data;
  guint number = GPOINTER_TO_UINT (g_object_get_data (data, "number"));
  GValue value = G_VALUE_INIT;

  jobs_attempt_report (attempt, 0.5, "half");
  jobs_attempt_ready (attempt);
  if (number % 3 == 0)
    {
      jobs_attempt_fail_message (attempt, "three");
    }
  else if (number % 3 == 1)
    {
      g_value_init (&value, G_TYPE_UINT);
      g_value_set_uint (&value, number);
      jobs_attempt_complete (attempt, &value);
    }

  return NULL;
}

static void
pooled_cb (gpointer data,
           gpointer user_data)
{
  complete_in_thread (data);
}

static gboolean
start_in_thread (JobsAction  *action,
                 JobsAttempt *attempt,
                 GError     **error)
{
  g_object_set_data (G_OBJECT (attempt), "number",
                     GUINT_TO_POINTER (jobs_action_get_priority (action)));
  g_thread_pool_push (test (action)->data, g_object_ref (attempt), NULL);

  return TRUE;
}

static void
own_thread_cb (JobsEngine *engine,
               JobsAction *action,
               JobsState   old_state,
               JobsState   new_state,
               GThread    *thread)
{
  g_assert_true (g_thread_self () == thread);
}

static void
test_threads (void)
{
  const guint n = 5000;
  JobsEngine *engine = jobs_engine_new ();
  GThreadPool *threads = g_thread_pool_new (pooled_cb, NULL, 8, FALSE, NULL);
  JobsAction **actions = g_new (JobsAction *, n);

  g_test_summary ("Thousands of outcomes from other threads, all in the main context");

  for (guint i = 0; i < n; i++)
    {
      actions[i] = add (engine, NULL, start_in_thread);
      test (actions[i])->data = threads;
      jobs_action_set_priority (actions[i], (int) i);
      jobs_action_set_critical (actions[i], FALSE);
      if (i % 5 == 4)
        jobs_action_requires (actions[i], actions[i - 1]);
      if (i % 5 == 3)
        g_assert_true (jobs_action_requires_full (actions[i], actions[i - 2], JOBS_CONDITION_AFTER, NULL));
    }
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (own_thread_cb), g_thread_self ());
  run_well (engine);
  g_thread_pool_free (threads, FALSE, TRUE);

  for (guint i = 0; i < n; i++)
    if (i % 3 == 1)
      g_assert_cmpuint (g_value_get_uint (jobs_action_get_result (actions[i])), ==, i);
    else
      g_assert_error (jobs_action_get_error (actions[i]), JOBS_ERROR,
                      (i % 3 == 0 ? JOBS_ERROR_FAILED : (int) JOBS_ERROR_ABANDONED));
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FINISHED), ==, n / 3 + (n % 3 > 1));

  g_free (actions);
  g_assert_finalize_object (engine);
}

static void
test_threads_cancelled (void)
{
  const guint n = 2000;
  JobsEngine *engine = jobs_engine_new ();
  GThreadPool *threads = g_thread_pool_new (pooled_cb, NULL, 4, FALSE, NULL);
  Run run;

  g_test_summary ("Outcomes from other threads meet a cancel, and all actions end once");

  for (guint i = 0; i < n; i++)
    {
      JobsAction *action = add (engine, NULL, start_in_thread);

      test (action)->data = threads;
      jobs_action_set_priority (action, 1);
    }
  jobs_engine_set_window (engine, 50);
  begin (&run, engine, NULL);
  spin_until (jobs_engine_count (engine, JOBS_STATE_FINISHED) > n / 10);
  jobs_engine_cancel (engine);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_pool_free (threads, FALSE, TRUE);
  settle ();

  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FINISHED) +
                    jobs_engine_count (engine, JOBS_STATE_CANCELLED) +
                    jobs_engine_count (engine, JOBS_STATE_SKIPPED), ==, n);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_SKIPPED), >, 0);
  g_assert_finalize_object (engine);
}

static void
test_misuse (void)
{
  JobsEngine *engine;
  Run run;
  JobsAction *action = start (&engine, &run, NULL);
  GValue value = G_VALUE_INIT;

  g_test_summary ("Failing without a reason is a mistake, and no outcome");

  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*error != NULL*");
  jobs_attempt_fail (test (action)->attempt, NULL);
  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*message != NULL*");
  jobs_attempt_fail_message (test (action)->attempt, NULL);
  g_test_assert_expected_messages ();
  g_assert_false (jobs_attempt_has_outcome (test (action)->attempt));

  /* A pointer is no value that could be kept */
  g_value_init (&value, G_TYPE_POINTER);
  g_value_set_pointer (&value, &run);
  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*g_value_peek_pointer*");
  jobs_attempt_complete (test (action)->attempt, &value);
  g_test_assert_expected_messages ();
  end_well (&run, engine);
  g_assert_null (jobs_action_get_result (action));

  g_clear_object (&test (action)->attempt);
  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/attempt/complete", test_complete);
  g_test_add_func ("/jobs/attempt/fail", test_fail);
  g_test_add_func ("/jobs/attempt/refusal", test_refusal);
  g_test_add_func ("/jobs/attempt/abandoned", test_abandoned);
  g_test_add_func ("/jobs/attempt/second", test_second);
  g_test_add_func ("/jobs/attempt/late", test_late);
  g_test_add_func ("/jobs/attempt/ready", test_ready);
  g_test_add_func ("/jobs/attempt/report", test_report);
  g_test_add_func ("/jobs/attempt/cancellable", test_cancellable);
  g_test_add_func ("/jobs/attempt/threads", test_threads);
  g_test_add_func ("/jobs/attempt/threads-cancelled", test_threads_cancelled);
  g_test_add_func ("/jobs/attempt/misuse", test_misuse);

  return test_run ();
}
