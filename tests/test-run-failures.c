/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-runs.h"

/* What becomes of a run in which something fails: policies, timeouts, retries */

static gboolean
nothing_cb (JobsAction *action,
            gpointer    user_data,
            GError    **error)
{
  return TRUE;
}

static void
test_abort (void)
{
  g_autoptr (GString) diary = g_string_new (NULL);
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_HOLD, diary);
  Probe *slow = probe_add (engine, "slow", PROBE_HOLD, diary);
  Probe *slower = probe_add (engine, "slower", PROBE_HOLD, diary);
  Probe *later = probe_add (engine, "later", PROBE_COMPLETE, diary);
  Run run;

  g_test_summary ("A critical failure cancels what runs, the last started first, and is named");

  slower->stop = PROBE_STOP_IGNORE;
  require (later, slow, JOBS_CONDITION_DONE);
  run_begin (&run, engine);
  test_wait (slower->attempt != NULL);
  probe_fail (a);
  test_wait (slow->n_stops == 1);
  assert_diary (diary, "a+slow+slower+slower-slow-");
  test_settle ();
  g_assert_false (run.is_done);
  assert_state (slower, CANCELLING);
  assert_state (slow, CANCELLED);
  assert_state (later, SKIPPED);
  probe_complete (slower);
  test_wait (run.is_done);
  g_assert_error (run.error, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_cmpstr (run.error->message, ==, "a: broken");
  assert_state (slower, FINISHED);
  assert_state (engine, FAILED);
  run_clear (&run);

  g_assert_finalize_object (engine);
}

static void
test_drain (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_HOLD, NULL);
  Probe *slow = probe_add (engine, "slow", PROBE_HOLD, NULL);
  Probe *later = probe_add (engine, "later", PROBE_COMPLETE, NULL);
  Probe *server = probe_add (engine, "server", PROBE_HOLD, NULL);
  Run run;

  g_test_summary ("DRAIN lets what runs end; what does not end by itself is cancelled then");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_DRAIN);
  jobs_action_set_forever (ACTION (server), TRUE);
  require (later, slow, JOBS_CONDITION_DONE);
  run_begin (&run, engine);
  test_wait (slow->attempt != NULL && server->attempt != NULL);
  probe_fail (a);
  test_wait (jobs_action_is_ended (ACTION (later)));
  assert_state (later, SKIPPED);
  assert_state (slow, RUNNING);
  assert_state (server, RUNNING);
  probe_complete (slow);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  assert_state (slow, FINISHED);
  assert_state (server, CANCELLED);

  g_assert_finalize_object (engine);
}

static void
test_failure_handler (void)
{
  const JobsOnFailure policies[] = { JOBS_ON_FAILURE_ABORT, JOBS_ON_FAILURE_DRAIN };

  g_test_summary ("What waits for the failure starts when all that it requires has ended");

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      JobsEngine *engine = jobs_engine_new ();
      Probe *a = probe_add (engine, "a", PROBE_HOLD, NULL);
      Probe *b = probe_add (engine, "b", PROBE_HOLD, NULL);
      Probe *handler = probe_add (engine, "handler", PROBE_HOLD, NULL);
      Probe *behind = probe_add (engine, "behind", PROBE_COMPLETE, NULL);
      Probe *other = probe_add (engine, "other", PROBE_COMPLETE, NULL);
      Run run;

      b->stop = PROBE_STOP_IGNORE;
      jobs_engine_set_on_failure (engine, policies[i]);
      require (handler, a, JOBS_CONDITION_FAILURE);
      require (handler, b, JOBS_CONDITION_DONE);
      require (behind, handler, JOBS_CONDITION_DONE);
      require (other, b, JOBS_CONDITION_FAILURE);
      run_begin (&run, engine);
      test_wait (a->attempt != NULL && b->attempt != NULL);
      probe_fail (a);
      test_wait (jobs_action_is_ended (ACTION (behind)));
      assert_state (behind, SKIPPED);
      assert_state (handler, IDLE);
      probe_complete (b);
      test_wait (handler->attempt != NULL);
      assert_state (other, SKIPPED);
      probe_complete (handler);
      run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
      assert_state (handler, FINISHED);

      /* One that is under way goes on, but not through a cancellation */
      run_begin (&run, engine);
      test_wait (a->attempt != NULL && b->attempt != NULL);
      probe_complete (b);
      probe_fail (a);
      test_wait (handler->attempt != NULL);
      jobs_engine_cancel (engine);
      run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
      assert_state (handler, CANCELLED);

      g_assert_finalize_object (engine);
    }
}

static void
test_forever_failure (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *server = probe_add (engine, "server", PROBE_HOLD, NULL);
  Probe *work = probe_add (engine, "work", PROBE_HOLD, NULL);
  Run run;

  g_test_summary ("A forever action that fails by itself is a failure like any other");

  jobs_action_set_forever (ACTION (server), TRUE);
  run_begin (&run, engine);
  test_wait (server->attempt != NULL && work->attempt != NULL);
  probe_fail (server);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  assert_state (work, CANCELLED);

  g_assert_finalize_object (engine);
}

static void
test_timeout (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_HOLD, NULL);
  Run run;

  g_test_summary ("After its timeout an action has timed out, whatever comes");

  a->stop = PROBE_STOP_COMPLETE;
  jobs_action_set_timeout (ACTION (a), 5);
  run_begin (&run, engine);
  test_wait (run.is_done);
  g_assert_error (run.error, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_cmpstr (run.error->message, ==, "a: timed out after 0.005 s");
  run_clear (&run);
  assert_state (a, TIMED_OUT);
  g_assert_error (jobs_action_get_error (ACTION (a)), JOBS_ERROR, JOBS_ERROR_TIMED_OUT);
  g_assert_cmpint (jobs_action_get_end_time (ACTION (a)) - jobs_action_get_start_time (ACTION (a)),
                   >=, 5000);

  g_assert_finalize_object (engine);
}

static void
test_run_timeout (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_HOLD, NULL);
  Probe *b = probe_add (engine, "b", PROBE_FAIL, NULL);
  Probe *handler = probe_add (engine, "handler", PROBE_COMPLETE, NULL);
  Run run;

  g_test_summary ("A run that has timed out starts nothing, and says so before any failure");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_action_set_timeout (JOBS_ACTION (engine), 5);
  require (handler, a, JOBS_CONDITION_FAILURE);
  a->stop = PROBE_STOP_ERROR;
  run_begin (&run, engine);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_TIMED_OUT);
  assert_state (a, FAILED);
  assert_state (b, FAILED);
  assert_state (handler, SKIPPED);
  assert_state (engine, TIMED_OUT);

  g_assert_finalize_object (engine);
}

static void
test_retries (void)
{
  const ProbeWay ways[] = { PROBE_FAIL, PROBE_REFUSE, PROBE_SAY_NOTHING, PROBE_ABANDON };

  g_test_summary ("A failure of any kind is tried again; only the last one counts");

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      JobsEngine *engine = jobs_engine_new ();
      Probe *a = probe_add (engine, "a", ways[i], NULL);
      Run run;

      a->n_times = 2;
      jobs_action_set_retries (ACTION (a), 2);
      run_begin (&run, engine);
      run_assert_success (&run);
      g_assert_cmpuint (jobs_action_get_attempts (ACTION (a)), ==, 3);
      g_assert_null (jobs_action_get_error (ACTION (a)));

      a->n_times = 0;
      jobs_action_set_retry_delay (ACTION (a), 2);
      run_begin (&run, engine);
      run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
      g_assert_cmpuint (jobs_action_get_attempts (ACTION (a)), ==, 3);

      a->way = PROBE_GIVE_UP;
      run_begin (&run, engine);
      run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
      g_assert_cmpuint (jobs_action_get_attempts (ACTION (a)), ==, 1);
      assert_state (a, CANCELLED);

      g_assert_finalize_object (engine);
    }
}

static void
test_retry_of_timeout (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_HOLD, NULL);
  g_autoptr (JobsAttempt) first = NULL;
  Run run;

  g_test_summary ("A timeout is retried; a late outcome of the first attempt is ignored");

  a->n_times = 1;
  jobs_action_set_timeout (ACTION (a), 5);
  jobs_action_set_retries (ACTION (a), 1);
  jobs_action_set_retry_delay (ACTION (a), 30);
  run_begin (&run, engine);
  test_wait (a->attempt != NULL);
  first = g_object_ref (a->attempt);
  test_wait (jobs_action_get_state (ACTION (a)) == JOBS_STATE_SCHEDULED);
  g_assert_error (jobs_action_get_error (ACTION (a)), JOBS_ERROR, JOBS_ERROR_TIMED_OUT);
  jobs_attempt_fail_message (first, "late");
  run_assert_success (&run);
  g_assert_cmpuint (a->n_starts, ==, 2);
  jobs_attempt_fail_message (first, "later");

  g_assert_finalize_object (engine);
}

static void
test_retry_frees_slot (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsPool *pool = jobs_pool_new ("pool", 1);
  Probe *a = probe_add (engine, "a", PROBE_FAIL, NULL);
  Probe *b = probe_add (engine, "b", PROBE_HOLD, NULL);
  Run run;

  g_test_summary ("Slot and pool are free during a retry delay, and a cancel ends it");

  jobs_engine_set_window (engine, 1);
  jobs_action_add_pool (ACTION (a), pool, 1);
  jobs_action_add_pool (ACTION (b), pool, 1);
  jobs_action_set_retries (ACTION (a), 1);
  jobs_action_set_retry_delay (ACTION (a), 3600000);
  jobs_action_set_retry_delay_max (ACTION (a), 3600000);
  run_begin (&run, engine);
  test_wait (b->attempt != NULL);
  assert_state (a, SCHEDULED);
  probe_complete (b);
  test_wait (jobs_action_is_ended (ACTION (b)));
  jobs_action_cancel (ACTION (a));
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  assert_state (a, CANCELLED);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (pool);
}

static void
test_no_room (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *first = probe_add (engine, "first", PROBE_HOLD, NULL);
  Probe *probes[20];
  guint n_starts = 0;
  Run run;

  g_test_summary ("Where the system has no room it is tried again when something has ended, one by one");

  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    {
      probes[i] = probe_add (engine, "p", PROBE_STARVE, NULL);
      probes[i]->n_times = 2;
    }
  run_begin (&run, engine);
  test_wait (probes[19]->n_starts == 1);
  assert_state (probes[0], SCHEDULED);
  g_assert_cmpuint (jobs_action_get_attempts (ACTION (probes[0])), ==, 0);
  probe_complete (first);
  run_assert_success (&run);
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    {
      n_starts += probes[i]->n_starts;
      g_assert_cmpuint (jobs_action_get_attempts (ACTION (probes[i])), ==, 1);
    }
  g_assert_cmpuint (n_starts, ==, 3 * G_N_ELEMENTS (probes));

  g_assert_finalize_object (engine);
}

static void
test_nested_timeout (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = engine_add (engine, "inner");
  Probe *a = probe_add (inner, "a", PROBE_HOLD, NULL);
  Run run;

  g_test_summary ("An inner engine times out by its own timeout, is retried, and cancelled from outside");

  jobs_action_set_timeout (JOBS_ACTION (inner), 5);
  jobs_action_set_retries (JOBS_ACTION (inner), 1);
  run_begin (&run, engine);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  assert_state (inner, TIMED_OUT);
  g_assert_cmpuint (a->n_starts, ==, 2);
  g_assert_cmpuint (a->n_clean_ups, ==, 2);

  jobs_action_set_timeout (JOBS_ACTION (inner), 0);
  run_begin (&run, engine);
  test_wait (a->n_starts == 3);
  jobs_engine_cancel (inner);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  assert_state (inner, CANCELLED);
  assert_state (a, CANCELLED);
  g_assert_cmpuint (a->n_starts, ==, 3);

  g_assert_finalize_object (engine);
}

static void
test_retry_after (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *done = probe_add (engine, "done", PROBE_COMPLETE, NULL);
  Probe *a = probe_add (engine, "a", PROBE_FAIL, NULL);
  Probe *b = probe_add (engine, "b", PROBE_COMPLETE, NULL);
  Probe *other = probe_add (engine, "other", PROBE_FAIL, NULL);
  Probe *both = probe_add (engine, "both", PROBE_COMPLETE, NULL);
  Probe *late = NULL;
  g_autoptr (GError) error = NULL;
  Run run;

  g_test_summary ("After a run only what is tried again runs; the verdict is that of the whole");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_action_requires (ACTION (b), ACTION (a));
  require (both, a, JOBS_CONDITION_SUCCESS);
  require (both, other, JOBS_CONDITION_SUCCESS);
  run_begin (&run, engine);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_INCOMPLETE);
  g_assert_false (jobs_engine_retry (engine, ACTION (done), &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_BUSY);
  g_clear_error (&error);

  /* What it waits for is impossible still */
  a->way = PROBE_COMPLETE;
  g_assert_true (jobs_engine_retry (engine, ACTION (a), &error));
  assert_state (a, IDLE);
  assert_state (b, IDLE);
  late = probe_add (engine, "late", PROBE_COMPLETE, NULL);
  jobs_action_requires (ACTION (late), ACTION (b));
  run_begin (&run, engine);
  test_wait (run.is_done);
  g_assert_error (run.error, JOBS_ERROR, JOBS_ERROR_INCOMPLETE);
  g_assert_nonnull (strstr (run.error->message, "other"));
  run_clear (&run);
  assert_state (a, FINISHED);
  assert_state (b, FINISHED);
  assert_state (late, FINISHED);
  assert_state (both, SKIPPED);
  g_assert_cmpuint (done->n_starts, ==, 1);
  g_assert_true (jobs_engine_get_culprit (engine) == ACTION (other));

  other->way = PROBE_COMPLETE;
  g_assert_true (jobs_engine_retry (engine, ACTION (other), &error));
  run_begin (&run, engine);
  run_assert_success (&run);
  assert_state (both, FINISHED);
  g_assert_cmpuint (done->n_starts, ==, 1);
  g_assert_cmpuint (a->n_starts, ==, 2);

  g_assert_finalize_object (engine);
}

static void
test_retry_aborted (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *server = probe_add (engine, "server", PROBE_HOLD, NULL);
  Probe *a = probe_add (engine, "a", PROBE_HOLD, NULL);
  Probe *beside = probe_add (engine, "beside", PROBE_HOLD, NULL);
  g_autoptr (GError) error = NULL;
  Run run;

  g_test_summary ("To try again what has aborted a run takes up all that was cancelled by it");

  server->is_ready = TRUE;
  jobs_action_set_forever (ACTION (server), TRUE);
  require (a, server, JOBS_CONDITION_READY);
  run_begin (&run, engine);
  test_wait (a->attempt != NULL && beside->attempt != NULL);
  probe_fail (a);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  assert_state (beside, CANCELLED);

  g_assert_true (jobs_engine_retry (engine, ACTION (a), &error));
  assert_state (beside, IDLE);
  assert_state (server, IDLE);
  run_begin (&run, engine);
  test_wait (a->attempt != NULL && beside->attempt != NULL);
  probe_complete (a);
  probe_complete (beside);
  run_assert_success (&run);

  /* Its server is gone since the end of that run */
  jobs_action_set_critical (ACTION (a), FALSE);
  run_begin (&run, engine);
  test_wait (a->attempt != NULL && beside->attempt != NULL);
  probe_fail (a);
  probe_complete (beside);
  run_assert_success (&run);
  g_assert_true (jobs_engine_retry (engine, ACTION (a), &error));
  run_begin (&run, engine);
  test_wait (a->attempt != NULL);
  probe_complete (a);
  run_assert_success (&run);
  assert_state (a, FINISHED);
  assert_state (server, CANCELLED);

  g_assert_finalize_object (engine);
}

static void
test_retry_during (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_FAIL, NULL);
  Probe *slow = probe_add (engine, "slow", PROBE_HOLD, NULL);
  Probe *both = probe_add (engine, "both", PROBE_COMPLETE, NULL);
  Probe *skipped = probe_add (engine, "skipped", PROBE_COMPLETE, NULL);
  g_autoptr (GError) error = NULL;
  Run run;

  g_test_summary ("In a run those behind it wait once more, those skipped because of it come back");

  jobs_action_set_critical (ACTION (a), FALSE);
  require (both, a, JOBS_CONDITION_DONE);
  require (both, slow, JOBS_CONDITION_DONE);
  require (skipped, a, JOBS_CONDITION_SUCCESS);
  run_begin (&run, engine);
  test_wait (jobs_action_is_ended (ACTION (skipped)) && slow->attempt != NULL);
  a->way = PROBE_HOLD;
  g_assert_true (jobs_engine_retry (engine, ACTION (a), &error));
  assert_state (skipped, IDLE);
  test_wait (a->attempt != NULL);
  g_assert_false (jobs_engine_retry (engine, ACTION (a), &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_BUSY);
  g_clear_error (&error);
  probe_complete (a);
  test_wait (jobs_action_is_ended (ACTION (skipped)));
  test_settle ();
  assert_state (skipped, FINISHED);
  assert_state (both, IDLE);
  probe_complete (slow);
  run_assert_success (&run);
  assert_state (both, FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_retry_one_of_two (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_FAIL, NULL);
  Probe *b = probe_add (engine, "b", PROBE_FAIL, NULL);
  Probe *slow = probe_add (engine, "slow", PROBE_HOLD, NULL);
  g_autoptr (GError) error = NULL;
  Run run;

  g_test_summary ("Of two failures one is tried again and goes well: the other one is the culprit");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  run_begin (&run, engine);
  test_wait (jobs_action_is_ended (ACTION (b)) && slow->attempt != NULL);
  a->way = PROBE_COMPLETE;
  g_assert_true (jobs_engine_retry (engine, ACTION (a), &error));
  probe_complete (slow);
  test_wait (run.is_done);
  g_assert_error (run.error, JOBS_ERROR, JOBS_ERROR_INCOMPLETE);
  g_assert_cmpstr (run.error->message, ==,
                   "1 critical action did not end well; the first was b: broken");
  run_clear (&run);

  g_assert_finalize_object (engine);
}

static void
test_removed_failure (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_FAIL, NULL);
  Probe *slow = probe_add (engine, "slow", PROBE_HOLD, NULL);
  Run run;

  g_test_summary ("To remove what has failed does not make the run a success");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  run_begin (&run, engine);
  test_wait (jobs_action_is_ended (ACTION (a)) && slow->attempt != NULL);
  jobs_engine_remove (engine, ACTION (a));
  probe_complete (slow);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_INCOMPLETE);

  g_assert_finalize_object (engine);
}

static void
test_cancelled_early (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsAction) a = jobs_callback_action_new ("a", nothing_cb, NULL, NULL);
  g_autoptr (JobsAction) b = jobs_callback_action_new ("b", nothing_cb, NULL, NULL);
  Run run;

  g_test_summary ("An action that is cancelled before the run comes to it is cancelled singly");

  jobs_engine_add (engine, a);
  jobs_engine_add (engine, b);
  jobs_action_requires (b, a);
  run_begin (&run, engine);
  jobs_action_cancel (a);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  assert_state (a, CANCELLED);
  assert_state (b, FINISHED);
  g_assert_error (jobs_action_get_error (a), G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  test_start (&argc, &argv);

  g_test_add_func ("/jobs/run-failures/abort", test_abort);
  g_test_add_func ("/jobs/run-failures/drain", test_drain);
  g_test_add_func ("/jobs/run-failures/failure-handler", test_failure_handler);
  g_test_add_func ("/jobs/run-failures/forever-failure", test_forever_failure);
  g_test_add_func ("/jobs/run-failures/timeout", test_timeout);
  g_test_add_func ("/jobs/run-failures/run-timeout", test_run_timeout);
  g_test_add_func ("/jobs/run-failures/retries", test_retries);
  g_test_add_func ("/jobs/run-failures/retry-of-timeout", test_retry_of_timeout);
  g_test_add_func ("/jobs/run-failures/retry-frees-slot", test_retry_frees_slot);
  g_test_add_func ("/jobs/run-failures/no-room", test_no_room);
  g_test_add_func ("/jobs/run-failures/nested-timeout", test_nested_timeout);
  g_test_add_func ("/jobs/run-failures/retry-after", test_retry_after);
  g_test_add_func ("/jobs/run-failures/retry-aborted", test_retry_aborted);
  g_test_add_func ("/jobs/run-failures/retry-during", test_retry_during);
  g_test_add_func ("/jobs/run-failures/retry-one-of-two", test_retry_one_of_two);
  g_test_add_func ("/jobs/run-failures/removed-failure", test_removed_failure);
  g_test_add_func ("/jobs/run-failures/cancelled-early", test_cancelled_early);

  return g_test_run ();
}
