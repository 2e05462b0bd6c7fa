/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-runs.h"

/* How an engine runs: order, conditions, readiness, windows, nesting, pauses */

static void
test_order (void)
{
  g_autoptr (GString) diary = g_string_new (NULL);
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_COMPLETE, diary);
  Probe *b = probe_add (engine, "b", PROBE_COMPLETE, diary);
  Probe *c = probe_add (engine, "c", PROBE_COMPLETE, diary);
  Probe *d = probe_add (engine, "d", PROBE_COMPLETE, diary);
  Run run;

  g_test_summary ("Each after what it requires, else as inserted; the highest priority first");

  jobs_action_requires (ACTION (a), ACTION (d));
  jobs_action_requires (ACTION (b), ACTION (c));
  jobs_engine_set_window (engine, 1);
  run_begin (&run, engine);
  run_assert_success (&run);
  assert_diary (diary, "c+d+b+a+b~a~d~c~");

  jobs_action_set_priority (ACTION (d), 1);
  run_begin (&run, engine);
  run_assert_success (&run);
  g_assert_true (g_str_has_prefix (diary->str, "d+c+"));

  g_assert_finalize_object (engine);
}

static void
test_empty (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autofree char *before = jobs_engine_why (engine);
  g_autofree char *after = NULL;
  Run run;

  g_test_summary ("An empty engine succeeds");

  g_assert_cmpstr (before, ==, "it has not run");
  run_begin (&run, engine);
  run_assert_success (&run);
  after = jobs_engine_why (engine);
  g_assert_cmpstr (after, ==, "all went well");
  g_assert_true (jobs_engine_get_verdict (engine));
  assert_state (engine, FINISHED);

  g_assert_finalize_object (engine);
}

typedef struct
{
  ProbeWay way;
  JobsCondition condition;
  JobsOnFailure on_failure;
  gboolean critical;
  JobsState state; /* of what is behind it */
} Condition;

static void
test_conditions (void)
{
  const Condition conditions[] = {
    { PROBE_COMPLETE, JOBS_CONDITION_DONE, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_FINISHED },
    { PROBE_COMPLETE, JOBS_CONDITION_SUCCESS, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_FINISHED },
    { PROBE_COMPLETE, JOBS_CONDITION_FAILURE, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_SKIPPED },
    { PROBE_COMPLETE, JOBS_CONDITION_READY, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_FINISHED },
    { PROBE_COMPLETE, JOBS_CONDITION_AFTER, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_FINISHED },
    { PROBE_FAIL, JOBS_CONDITION_DONE, JOBS_ON_FAILURE_ABORT, FALSE, JOBS_STATE_FINISHED },
    { PROBE_FAIL, JOBS_CONDITION_SUCCESS, JOBS_ON_FAILURE_ABORT, FALSE, JOBS_STATE_SKIPPED },
    { PROBE_FAIL, JOBS_CONDITION_FAILURE, JOBS_ON_FAILURE_ABORT, FALSE, JOBS_STATE_FINISHED },
    { PROBE_FAIL, JOBS_CONDITION_READY, JOBS_ON_FAILURE_ABORT, FALSE, JOBS_STATE_SKIPPED },
    { PROBE_FAIL, JOBS_CONDITION_AFTER, JOBS_ON_FAILURE_ABORT, FALSE, JOBS_STATE_FINISHED },
    { PROBE_FAIL, JOBS_CONDITION_DONE, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_SKIPPED },
    { PROBE_FAIL, JOBS_CONDITION_FAILURE, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_FINISHED },
    { PROBE_FAIL, JOBS_CONDITION_DONE, JOBS_ON_FAILURE_DRAIN, TRUE, JOBS_STATE_SKIPPED },
    { PROBE_FAIL, JOBS_CONDITION_FAILURE, JOBS_ON_FAILURE_DRAIN, TRUE, JOBS_STATE_FINISHED },
    { PROBE_FAIL, JOBS_CONDITION_DONE, JOBS_ON_FAILURE_KEEP_GOING, TRUE, JOBS_STATE_SKIPPED },
    { PROBE_FAIL, JOBS_CONDITION_SUCCESS, JOBS_ON_FAILURE_KEEP_GOING, TRUE, JOBS_STATE_SKIPPED },
    { PROBE_FAIL, JOBS_CONDITION_FAILURE, JOBS_ON_FAILURE_KEEP_GOING, TRUE, JOBS_STATE_FINISHED },
    { PROBE_FAIL, JOBS_CONDITION_AFTER, JOBS_ON_FAILURE_KEEP_GOING, TRUE, JOBS_STATE_FINISHED },
    { PROBE_FAIL, JOBS_CONDITION_DONE, JOBS_ON_FAILURE_KEEP_GOING, FALSE, JOBS_STATE_FINISHED },
    { PROBE_GIVE_UP, JOBS_CONDITION_DONE, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_FINISHED },
    { PROBE_GIVE_UP, JOBS_CONDITION_SUCCESS, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_SKIPPED },
    { PROBE_GIVE_UP, JOBS_CONDITION_FAILURE, JOBS_ON_FAILURE_ABORT, TRUE, JOBS_STATE_SKIPPED },
    { PROBE_GIVE_UP, JOBS_CONDITION_DONE, JOBS_ON_FAILURE_KEEP_GOING, TRUE, JOBS_STATE_FINISHED },
  };

  g_test_summary ("What is behind an action, by its end, the condition and the policy");

  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    {
      const Condition *one = &conditions[i];
      JobsEngine *engine = jobs_engine_new ();
      Probe *a = probe_add (engine, "a", one->way, NULL);
      Probe *b = probe_add (engine, "b", PROBE_COMPLETE, NULL);
      Run run;

      g_test_message ("case %u", i);
      jobs_engine_set_on_failure (engine, one->on_failure);
      jobs_action_set_critical (ACTION (a), one->critical);
      require (b, a, one->condition);
      run_begin (&run, engine);
      test_wait (run.is_done);
      g_assert_true (run.success == (one->way == PROBE_COMPLETE || !one->critical));
      g_assert_cmpstr (jobs_state_get_nick (jobs_action_get_state (ACTION (b))), ==,
                       jobs_state_get_nick (one->state));
      run_clear (&run);
      g_assert_finalize_object (engine);
    }
}

static void
test_tainted (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_FAIL, NULL);
  Probe *b = probe_add (engine, "b", PROBE_COMPLETE, NULL);
  Probe *c = probe_add (engine, "c", PROBE_COMPLETE, NULL);
  Probe *d = probe_add (engine, "d", PROBE_COMPLETE, NULL);
  Probe *soft = probe_add (engine, "soft", PROBE_FAIL, NULL);
  Probe *e = probe_add (engine, "e", PROBE_COMPLETE, NULL);
  Probe *f = probe_add (engine, "f", PROBE_COMPLETE, NULL);
  Run run;

  g_test_summary ("A critical failure takes all behind it along; another skip counts as ended");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_action_set_critical (ACTION (soft), FALSE);
  require (b, a, JOBS_CONDITION_DONE);
  require (c, b, JOBS_CONDITION_DONE);
  require (d, c, JOBS_CONDITION_AFTER);
  require (e, soft, JOBS_CONDITION_SUCCESS);
  require (f, e, JOBS_CONDITION_DONE);
  run_begin (&run, engine);
  test_wait (run.is_done);
  g_assert_error (run.error, JOBS_ERROR, JOBS_ERROR_INCOMPLETE);
  g_assert_nonnull (strstr (run.error->message, "first was a: broken"));
  run_clear (&run);
  assert_state (b, SKIPPED);
  assert_state (c, SKIPPED);
  assert_state (d, FINISHED);
  assert_state (e, SKIPPED);
  assert_state (f, FINISHED);
  g_assert_true (jobs_engine_get_culprit (engine) == ACTION (a));

  g_assert_finalize_object (engine);
}

static void
test_ready (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *server = probe_add (engine, "server", PROBE_HOLD, NULL);
  Probe *client = probe_add (engine, "client", PROBE_HOLD, NULL);
  Probe *late = probe_add (engine, "late", PROBE_COMPLETE, NULL);
  g_autofree char *why = NULL;
  Run run;

  g_test_summary ("A client starts when its server is ready; a retry of that restores the wait");

  jobs_action_set_forever (ACTION (server), TRUE);
  jobs_action_set_retries (ACTION (server), 1);
  require (client, server, JOBS_CONDITION_READY);
  require (late, server, JOBS_CONDITION_READY);
  require (late, client, JOBS_CONDITION_DONE);
  run_begin (&run, engine);
  test_wait (server->attempt != NULL);
  test_settle ();
  assert_state (client, IDLE);
  why = jobs_engine_why (engine);
  g_assert_nonnull (strstr (why, "2 actions wait for server"));

  jobs_attempt_ready (server->attempt);
  jobs_attempt_ready (server->attempt);
  test_wait (client->attempt != NULL);
  g_assert_true (jobs_action_is_ready (ACTION (server)));
  probe_fail (server);
  test_wait (server->n_starts == 2);
  g_assert_false (jobs_action_is_ready (ACTION (server)));
  assert_state (client, RUNNING);
  probe_complete (client);
  test_wait (jobs_action_is_ended (ACTION (client)));
  test_settle ();
  assert_state (late, IDLE);
  jobs_attempt_ready (server->attempt);
  run_assert_success (&run);
  assert_state (late, FINISHED);
  assert_state (server, CANCELLED);

  g_assert_finalize_object (engine);
}

static void
test_ready_while_scheduled (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *server = probe_add (engine, "server", PROBE_HOLD, NULL);
  Probe *block = probe_add (engine, "block", PROBE_HOLD, NULL);
  Probe *client = probe_add (engine, "client", PROBE_COMPLETE, NULL);
  Run run;

  g_test_summary ("The wait is restored also for one that waits for its slot by now");

  jobs_engine_set_window (engine, 1);
  jobs_action_set_forever (ACTION (server), TRUE);
  jobs_action_set_retries (ACTION (server), 1);
  require (client, server, JOBS_CONDITION_READY);
  run_begin (&run, engine);
  test_wait (server->attempt != NULL && block->attempt != NULL);
  jobs_attempt_ready (server->attempt);
  test_wait (jobs_action_get_state (ACTION (client)) == JOBS_STATE_SCHEDULED);
  probe_fail (server);
  test_wait (server->n_starts == 2);
  probe_complete (block);
  test_wait (jobs_action_is_ended (ACTION (block)));
  test_settle ();
  g_assert_cmpuint (client->n_starts, ==, 0);
  jobs_attempt_ready (server->attempt);
  run_assert_success (&run);
  assert_state (client, FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_forever (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *server = probe_add (engine, "server", PROBE_HOLD, NULL);
  Probe *work = probe_add (engine, "work", PROBE_HOLD, NULL);
  Probe *again = probe_add (engine, "again", PROBE_HOLD, NULL);
  Run run;

  g_test_summary ("A forever action takes no slot, is cancelled at the end, or is all there is");

  jobs_engine_set_window (engine, 1);
  jobs_action_set_forever (ACTION (server), TRUE);
  server->stop = PROBE_STOP_ERROR;
  run_begin (&run, engine);
  test_wait (jobs_action_get_state (ACTION (again)) == JOBS_STATE_SCHEDULED);
  test_wait (work->attempt != NULL);
  assert_state (server, RUNNING);
  assert_state (again, SCHEDULED);
  probe_complete (work);
  test_wait (again->attempt != NULL);
  probe_complete (again);
  run_assert_success (&run);
  assert_state (server, FAILED);

  jobs_engine_remove (engine, ACTION (work));
  jobs_engine_remove (engine, ACTION (again));
  run_begin (&run, engine);
  test_wait (server->attempt != NULL);
  test_settle ();
  g_assert_false (run.is_done);
  probe_complete (server);
  run_assert_success (&run);
  assert_state (server, FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_window (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *probes[6];
  Run run;

  g_test_summary ("So many at once, and a change takes effect at once");

  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    probes[i] = probe_add (engine, "p", PROBE_HOLD, NULL);
  jobs_engine_set_window (engine, 2);
  run_begin (&run, engine);
  test_wait (probes[1]->attempt != NULL);
  test_settle ();
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_RUNNING), ==, 2);
  jobs_engine_set_window (engine, 4);
  test_wait (probes[3]->attempt != NULL);
  test_settle ();
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_RUNNING), ==, 4);
  jobs_engine_set_window (engine, 1);
  for (guint i = 0; i < 3; i++)
    probe_complete (probes[i]);
  test_wait (jobs_action_is_ended (ACTION (probes[2])));
  test_settle ();
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_RUNNING), ==, 1);
  jobs_engine_set_window (engine, 0);
  test_wait (probes[5]->attempt != NULL);
  for (guint i = 3; i < 6; i++)
    probe_complete (probes[i]);
  run_assert_success (&run);

  g_assert_finalize_object (engine);
}

static void
test_nested (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *one = engine_add (engine, "one");
  JobsEngine *two = engine_add (one, "two");
  Probe *deep = probe_add (two, "deep", PROBE_HOLD, NULL);
  Probe *beside = probe_add (two, "beside", PROBE_HOLD, NULL);
  Probe *top = probe_add (engine, "top", PROBE_HOLD, NULL);
  Probe *behind = probe_add (engine, "behind", PROBE_COMPLETE, NULL);
  Run run;

  g_test_summary ("A failure deep inside ends its engine, then those around it by their policies");

  jobs_action_requires (ACTION (behind), JOBS_ACTION (one));
  run_begin (&run, engine);
  test_wait (deep->attempt != NULL && beside->attempt != NULL && top->attempt != NULL);
  probe_fail (deep);
  test_wait (run.is_done);
  g_assert_error (run.error, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_cmpstr (run.error->message, ==, "one/two/deep: broken");
  run_clear (&run);
  assert_state (two, FAILED);
  assert_state (one, FAILED);
  assert_state (beside, CANCELLED);
  assert_state (top, CANCELLED);
  assert_state (behind, SKIPPED);
  g_assert_true (jobs_engine_get_culprit (engine) == ACTION (deep));
  g_assert_cmpuint (deep->n_clean_ups, ==, 1);

  /* An inner engine that is not critical fails for itself */
  jobs_action_set_critical (JOBS_ACTION (two), FALSE);
  run_begin (&run, engine);
  test_wait (deep->attempt != NULL && top->attempt != NULL);
  probe_fail (deep);
  test_wait (jobs_action_is_ended (ACTION (behind)));
  assert_state (two, FAILED);
  assert_state (one, FINISHED);
  assert_state (top, RUNNING);
  probe_complete (top);
  run_assert_success (&run);

  g_assert_finalize_object (engine);
}

static void
test_nested_window (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = engine_add (engine, "inner");
  Probe *a = probe_add (inner, "a", PROBE_HOLD, NULL);
  Probe *b = probe_add (inner, "b", PROBE_HOLD, NULL);
  Probe *c = probe_add (engine, "c", PROBE_COMPLETE, NULL);
  Run run;

  g_test_summary ("An inner engine takes one slot, whatever runs inside");

  jobs_engine_set_window (engine, 1);
  run_begin (&run, engine);
  test_wait (a->attempt != NULL && b->attempt != NULL);
  test_settle ();
  assert_state (c, SCHEDULED);
  probe_complete (a);
  probe_complete (b);
  run_assert_success (&run);
  assert_state (c, FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_pause (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = engine_add (engine, "inner");
  Probe *a = probe_add (inner, "a", PROBE_HOLD, NULL);
  Probe *b = probe_add (inner, "b", PROBE_COMPLETE, NULL);
  Run run;

  g_test_summary ("In a pause nothing starts, inside either, and clocks that are to stand still do");

  jobs_action_requires (ACTION (b), ACTION (a));
  jobs_action_set_timeout (ACTION (a), 20);
  jobs_action_set_timeout (JOBS_ACTION (engine), 20);
  jobs_action_set_timeout (JOBS_ACTION (inner), 20);
  run_begin (&run, engine);
  test_wait (a->attempt != NULL);
  jobs_engine_pause (engine, JOBS_PAUSE_CLOCKS);
  g_assert_true (jobs_engine_is_paused (engine));
  for (gint64 end = g_get_monotonic_time () + 60000; g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, FALSE);
  assert_state (a, RUNNING);
  probe_complete (a);
  test_wait (jobs_action_is_ended (ACTION (a)));
  test_settle ();
  g_assert_cmpuint (b->n_starts, ==, 0);
  jobs_engine_resume (engine);
  run_assert_success (&run);

  /* Without the clocks the attempt times out, but not the run */
  run_begin (&run, engine);
  test_wait (a->attempt != NULL);
  jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
  test_wait (jobs_action_is_ended (ACTION (a)));
  assert_state (a, TIMED_OUT);
  jobs_engine_resume (engine);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  assert_state (engine, FAILED);

  /* The clocks go on where they stood */
  run_begin (&run, engine);
  test_wait (a->attempt != NULL);
  jobs_engine_pause (engine, JOBS_PAUSE_CLOCKS);
  jobs_engine_resume (engine);
  run_clear (&run);
  g_assert_true (jobs_action_get_state (ACTION (a)) >= JOBS_STATE_TIMED_OUT);

  g_assert_finalize_object (engine);
}

static void
test_pause_and_cancel (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_HOLD, NULL);
  Probe *b = probe_add (engine, "b", PROBE_COMPLETE, NULL);
  Run run;

  g_test_summary ("A run that is paused can be cancelled");

  jobs_action_requires (ACTION (b), ACTION (a));
  jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
  run_begin (&run, engine);
  test_settle ();
  assert_state (a, SCHEDULED);
  jobs_engine_cancel (engine);
  run_assert_error (&run, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_state (a, SKIPPED);
  assert_state (engine, CANCELLED);

  g_assert_finalize_object (engine);
}

static void
test_again (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_FAIL, NULL);
  Probe *b = probe_add (engine, "b", PROBE_COMPLETE, NULL);
  Run run;

  g_test_summary ("A new run forgets the last one");

  jobs_action_requires (ACTION (b), ACTION (a));
  run_begin (&run, engine);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_false (jobs_engine_get_verdict (engine));
  a->way = PROBE_COMPLETE;
  run_begin (&run, engine);
  run_assert_success (&run);
  g_assert_null (jobs_action_get_error (ACTION (a)));
  g_assert_null (jobs_engine_get_culprit (engine));
  assert_state (b, FINISHED);
  g_assert_cmpuint (b->n_clean_ups, ==, 2);

  g_assert_finalize_object (engine);
}

static void
test_refusal (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = engine_add (engine, "inner");
  Probe *a = probe_add (inner, "a", PROBE_COMPLETE, NULL);
  Probe *b = probe_add (inner, "b", PROBE_COMPLETE, NULL);
  Probe *c = probe_add (engine, "c", PROBE_COMPLETE, NULL);
  Run run;

  g_test_summary ("A cycle, also inside, is an error before anything starts");

  jobs_action_requires (ACTION (a), ACTION (b));
  jobs_action_requires (ACTION (b), ACTION (a));
  run_begin (&run, engine);
  run_assert_error (&run, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_assert_cmpuint (c->n_starts + c->n_clean_ups, ==, 0);
  g_assert_false (jobs_engine_is_active (engine));
  assert_state (engine, IDLE);

  jobs_action_drop_requirement (ACTION (a), ACTION (b));
  run_begin (&run, engine);
  run_assert_success (&run);

  g_assert_finalize_object (engine);
}

static void
test_late_requirements (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_HOLD, NULL);
  Probe *b = probe_add (engine, "b", PROBE_COMPLETE, NULL);
  Probe *c = probe_add (engine, "c", PROBE_COMPLETE, NULL);
  g_autoptr (JobsAction) outside = ACTION (probe_new ("outside", PROBE_HOLD, NULL));
  g_autoptr (GError) error = NULL;
  Run run;

  g_test_summary ("In a run: too late, in a circle, out of the engine, met already, and weak ones");

  jobs_action_requires (ACTION (b), ACTION (a));
  jobs_action_requires (ACTION (c), ACTION (a));
  require (c, outside, JOBS_CONDITION_AFTER);
  run_begin (&run, engine);
  test_wait (a->attempt != NULL);

  g_assert_false (jobs_action_requires_full (ACTION (a), ACTION (b), JOBS_CONDITION_DONE, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_STARTED);
  g_clear_error (&error);
  require (c, b, JOBS_CONDITION_DONE);
  g_assert_false (jobs_action_requires_full (ACTION (b), ACTION (c), JOBS_CONDITION_DONE, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_clear_error (&error);
  g_assert_false (jobs_action_requires_full (ACTION (b), outside, JOBS_CONDITION_DONE, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_DANGLING);
  g_clear_error (&error);

  /* A second weak one leaves the others where they are */
  {
    g_autoptr (JobsAction) further = ACTION (probe_new ("further", PROBE_COMPLETE, NULL));

    require (c, further, JOBS_CONDITION_AFTER);
  }

  /* Now it is in the engine: what requires it weakly waits for it */
  jobs_action_requires (outside, ACTION (a));
  jobs_engine_add (engine, outside);
  probe_complete (a);
  test_wait (PROBE (outside)->attempt != NULL);
  test_wait (jobs_action_is_ended (ACTION (b)));
  test_settle ();
  assert_state (c, IDLE);
  probe_complete (PROBE (outside));
  run_assert_success (&run);
  assert_state (c, FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_weak_circle (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Probe *a = probe_add (engine, "a", PROBE_HOLD, NULL);
  Probe *b = probe_add (engine, "b", PROBE_COMPLETE, NULL);
  JobsAction *pair[2];
  Run run;

  g_test_summary ("In a run a weak requirement that would close a circle has no effect; others are refused");

  jobs_action_requires (ACTION (b), ACTION (a));
  pair[0] = ACTION (probe_new ("c", PROBE_COMPLETE, NULL));
  pair[1] = ACTION (probe_new ("d", PROBE_COMPLETE, NULL));
  require (b, pair[0], JOBS_CONDITION_AFTER);
  run_begin (&run, engine);
  test_wait (a->attempt != NULL);

  jobs_action_requires (pair[0], ACTION (b));
  jobs_action_requires (pair[0], pair[1]);
  jobs_action_requires (pair[1], pair[0]);
  test_expect_log ("circle");
  g_assert_false (jobs_engine_add_many (engine, pair, 2));
  test_assert_logged (1);
  g_assert_null (jobs_action_get_engine (pair[0]));
  jobs_action_drop_requirement (pair[1], pair[0]);
  g_assert_true (jobs_engine_add_many (engine, pair, 2));
  probe_complete (a);
  run_assert_success (&run);
  assert_state (pair[0], FINISHED);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (pair[0]);
  g_assert_finalize_object (pair[1]);
}

static void
told_cb (JobsEngine *engine,
         JobsAction *action,
         JobsState   old_state,
         JobsState   new_state,
         GString    *told)
{
  g_assert_true (JOBS_IS_ENGINE (engine));
  g_string_append_printf (told, "%s: %s, %s\n", jobs_action_get_label (action),
                          jobs_state_get_nick (old_state), jobs_state_get_nick (new_state));
}

static void
told_swapped_cb (GString    *told,
                 JobsAction *action,
                 JobsState   old_state,
                 JobsState   new_state,
                 JobsEngine *engine)
{
  told_cb (engine, action, old_state, new_state, told);
}

static void
test_told_of_states (void)
{
  static const char expected[] = "a: idle, running\na: running, finished\n";

  g_test_summary ("One handler alone is told the same as one of several, and as a swapped one");

  for (guint way = 1; way <= 3; way++)
    {
      g_autoptr (GString) diary = g_string_new (NULL);
      g_autoptr (GString) plain = g_string_new (NULL), swapped = g_string_new (NULL);
      JobsEngine *engine = jobs_engine_new ();
      Run run;

      probe_add (engine, "a", PROBE_COMPLETE, diary);
      if (way & 1)
        g_signal_connect (engine, "action-state-changed", G_CALLBACK (told_cb), plain);
      if (way & 2)
        g_signal_connect_swapped (engine, "action-state-changed", G_CALLBACK (told_swapped_cb), swapped);
      run_begin (&run, engine);
      run_assert_success (&run);

      g_assert_cmpstr (plain->str, ==, way & 1 ? expected : "");
      g_assert_cmpstr (swapped->str, ==, way & 2 ? expected : "");
      g_assert_finalize_object (engine);
    }
}

int
main (int    argc,
      char **argv)
{
  test_start (&argc, &argv);

  g_test_add_func ("/jobs/run/order", test_order);
  g_test_add_func ("/jobs/run/empty", test_empty);
  g_test_add_func ("/jobs/run/conditions", test_conditions);
  g_test_add_func ("/jobs/run/tainted", test_tainted);
  g_test_add_func ("/jobs/run/ready", test_ready);
  g_test_add_func ("/jobs/run/ready-while-scheduled", test_ready_while_scheduled);
  g_test_add_func ("/jobs/run/forever", test_forever);
  g_test_add_func ("/jobs/run/window", test_window);
  g_test_add_func ("/jobs/run/nested", test_nested);
  g_test_add_func ("/jobs/run/nested-window", test_nested_window);
  g_test_add_func ("/jobs/run/pause", test_pause);
  g_test_add_func ("/jobs/run/pause-and-cancel", test_pause_and_cancel);
  g_test_add_func ("/jobs/run/again", test_again);
  g_test_add_func ("/jobs/run/refusal", test_refusal);
  g_test_add_func ("/jobs/run/late-requirements", test_late_requirements);
  g_test_add_func ("/jobs/run/weak-circle", test_weak_circle);
  g_test_add_func ("/jobs/run/told-of-states", test_told_of_states);

  return g_test_run ();
}
