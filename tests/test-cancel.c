/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

static void
test_engine (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *done = add (engine, "done", succeed);
  JobsAction *runs = add (engine, "runs", NULL);
  JobsAction *waits = add (engine, "waits", succeed);
  Run run;

  g_test_summary ("A cancelled run ends what runs, skips what waits, and says that it was cancelled");

  jobs_engine_cancel (engine);
  jobs_action_requires (waits, runs);
  begin (&run, engine, NULL);
  spin_until (jobs_action_is_ended (done) && test (runs)->attempt != NULL);
  jobs_engine_cancel (engine);
  jobs_engine_cancel (engine);
  assert_state (runs, JOBS_STATE_RUNNING);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&test (runs)->attempt);
  assert_state (done, JOBS_STATE_FINISHED);
  assert_state (runs, JOBS_STATE_CANCELLED);
  g_assert_error (jobs_action_get_error (runs), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (test (runs)->n_stops, ==, 1);
  assert_state (waits, JOBS_STATE_SKIPPED);
  assert_state (engine, JOBS_STATE_CANCELLED);
  g_assert_false (jobs_engine_get_verdict (engine));
  g_assert_null (jobs_engine_get_culprit (engine));

  /* What was cancelled before a run is forgotten */
  jobs_engine_cancel (engine);
  test (runs)->start = succeed;
  run_well (engine);
  assert_state (waits, JOBS_STATE_FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_before_start (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", succeed);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Run run;

  g_test_summary ("A run that is cancelled before the first turn of the main loop starts nothing");

  begin (&run, engine, NULL);
  g_assert_true (jobs_engine_is_active (engine));
  jobs_engine_cancel (engine);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (test (a)->n_starts, ==, 0);
  assert_state (a, JOBS_STATE_SKIPPED);

  g_cancellable_cancel (cancellable);
  begin (&run, engine, cancellable);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (test (a)->n_starts, ==, 0);
  assert_state (a, JOBS_STATE_SKIPPED);

  g_assert_finalize_object (engine);
}

static gpointer
cancel_engine_cb (gpointer data)
{
  jobs_engine_cancel (data);

  return NULL;
}

static gpointer
cancel_cb (gpointer data)
{
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_from_thread (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  JobsAction *a = add (engine, "a", NULL);
  Run run;

  g_test_summary ("Another thread cancels, by the engine or by a cancellable");

  g_thread_join (g_thread_new ("early", cancel_engine_cb, engine));
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  g_thread_join (g_thread_new ("other", cancel_engine_cb, engine));
  assert_state (a, JOBS_STATE_RUNNING);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&test (a)->attempt);
  assert_state (a, JOBS_STATE_CANCELLED);

  begin (&run, engine, cancellable);
  spin_until (test (a)->attempt != NULL);
  g_thread_join (g_thread_new ("other", cancel_cb, cancellable));
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&test (a)->attempt);
  g_thread_join (g_thread_new ("late", cancel_engine_cb, engine));

  g_assert_finalize_object (engine);
}

static void
test_cancellable (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  JobsAction *a = add (engine, "a", succeed);
  Run run;

  g_test_summary ("A cancellable that comes too late changes nothing, and is not held");

  begin (&run, engine, cancellable);
  spin_until (run.result != NULL);
  g_cancellable_cancel (cancellable);
  end_well (&run, engine);
  settle ();
  assert_state (a, JOBS_STATE_FINISHED);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);

  g_assert_finalize_object (engine);
}

/* From each callback: the one of this number cancels */

typedef struct
{
  JobsEngine *engine;
  guint       n;    /* calls so far */
  guint       when; /* the one that cancels */
  gboolean    is_cancelled;
  guint       n_started_after;
} Trigger;

static void
trigger_pull (Trigger *trigger)
{
  if (trigger->n++ == trigger->when)
    {
      trigger->is_cancelled = TRUE;
      jobs_engine_cancel (trigger->engine);
    }
}

static void
pull_cb (Trigger *trigger)
{
  trigger_pull (trigger);
}

static void
set_cb (gboolean *flag)
{
  *flag = TRUE;
}

static void
pull_state_cb (JobsEngine *engine,
               JobsAction *action,
               JobsState   old_state,
               JobsState   new_state,
               Trigger    *trigger)
{
  trigger_pull (trigger);
}

static void
pull_notify_cb (JobsAction *action,
                GParamSpec *pspec,
                Trigger    *trigger)
{
  trigger_pull (trigger);
}

static gboolean
pull_start (JobsAction  *action,
            JobsAttempt *attempt,
            GError     **error)
{
  Trigger *trigger = test (action)->data;
  gboolean is_kept = g_strcmp0 (jobs_action_get_label (action), "kept") == 0;

  trigger->n_started_after += trigger->is_cancelled;
  trigger_pull (trigger);
  jobs_attempt_report (attempt, 0.5, NULL);
  if (!is_kept)
    jobs_attempt_complete (attempt, NULL);
  else
    g_set_object (&test (action)->attempt, attempt);

  return TRUE;
}

static gboolean
pull_stop (JobsAction  *action,
           JobsAttempt *attempt,
           GError     **error)
{
  trigger_pull (test (action)->data);
  jobs_attempt_fail_message (attempt, "stopped");
  g_clear_object (&test (action)->attempt);

  return TRUE;
}

static gboolean
pull_clean_up (JobsAction  *action,
               JobsAttempt *attempt,
               GError     **error)
{
  trigger_pull (test (action)->data);
  jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static gboolean
pull_perform (JobsAction *action,
              gpointer    data,
              GError    **error)
{
  Trigger *trigger = data;

  trigger->n_started_after += trigger->is_cancelled;
  trigger_pull (trigger);

  return TRUE;
}

static JobsAction *
add_pulling (JobsEngine *engine,
             const char *label,
             Trigger    *trigger)
{
  JobsAction *action = add_tidy (engine, label, pull_start);

  test (action)->data = trigger;
  test (action)->stop = pull_stop;
  test (action)->clean_up = pull_clean_up;
  g_signal_connect (action, "notify", G_CALLBACK (pull_notify_cb), trigger);

  return action;
}

static void
test_from_callbacks (void)
{
  guint n_calls = G_MAXUINT;

  g_test_summary ("A run may be cancelled from within whatever it calls");

  for (guint when = 0; when < n_calls; when++)
    {
      JobsEngine *engine = jobs_engine_new ();
      JobsEngine *inner = add_engine (engine, "inner");
      Trigger trigger = { .engine = engine, .when = G_MAXUINT };
      JobsAction *a = add_pulling (engine, "a", &trigger);
      JobsAction *forever = add_pulling (engine, "kept", &trigger);
      JobsAction *perform = add_callback (engine, "perform", pull_perform, &trigger);
      JobsAction *last = add_pulling (engine, "last", &trigger);
      g_autoptr (GPtrArray) all = NULL;
      gboolean inner_has_run = FALSE;
      gboolean success;
      Run run;

      jobs_action_set_forever (forever, TRUE);
      add_pulling (inner, "inside", &trigger);
      jobs_action_requires (perform, a);
      jobs_action_requires (last, perform);
      jobs_action_requires (JOBS_ACTION (inner), perform);
      g_signal_connect_swapped (engine, "started", G_CALLBACK (pull_cb), &trigger);
      g_signal_connect_swapped (engine, "finished", G_CALLBACK (pull_cb), &trigger);
      g_signal_connect (engine, "action-state-changed", G_CALLBACK (pull_state_cb), &trigger);
      g_signal_connect_swapped (engine, "action-progress", G_CALLBACK (pull_cb), &trigger);
      g_signal_connect_swapped (inner, "finished", G_CALLBACK (pull_cb), &trigger);
      g_signal_connect_swapped (inner, "started", G_CALLBACK (set_cb), &inner_has_run);
      trigger.n = 0;
      trigger.when = when;

      begin (&run, engine, NULL);
      success = end (&run, engine, NULL);
      settle ();

      /* What is RUNNING already is started still */
      g_assert_cmpuint (trigger.n_started_after, <=, 1);
      all = jobs_engine_dup_all (engine, TRUE);
      g_assert_cmpuint (all->len, ==, 7);
      for (guint i = 0; i < all->len; i++)
        {
          JobsAction *action = all->pdata[i];
          gboolean has_run = jobs_action_get_state (action) != JOBS_STATE_IDLE;

          /* What is in an engine that did not run stays as it was */
          g_assert_true (jobs_action_get_engine (action) == inner ? has_run || !inner_has_run
                                                                  : jobs_action_is_ended (action));
          if (TEST_IS_TIDY (action))
            g_assert_cmpuint (test (action)->n_clean_ups, ==, has_run);
        }
      if (when == 0)
        g_assert_false (success);
      if (!trigger.is_cancelled)
        {
          g_assert_true (success);
          n_calls = when;
        }
      g_clear_pointer (&all, g_ptr_array_unref);
      g_assert_finalize_object (engine);
    }

  g_assert_cmpuint (n_calls, >, 40);
}

static void
test_action (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *first = add (engine, "first", NULL);
  JobsAction *scheduled = add (engine, "scheduled", NULL);
  JobsAction *waits = add (engine, "waits", NULL);
  JobsAction *behind = add (engine, "behind", succeed);
  Run run;

  g_test_summary ("One action is cancelled while it is idle, scheduled, running and ended");

  jobs_action_cancel (first);
  assert_state (first, JOBS_STATE_IDLE);

  jobs_engine_set_window (engine, 1);
  jobs_action_set_critical (first, FALSE);
  jobs_action_set_critical (scheduled, FALSE);
  jobs_action_set_critical (waits, FALSE);
  jobs_action_requires (waits, scheduled);
  jobs_action_requires (behind, first);
  jobs_action_requires (behind, scheduled);
  jobs_action_requires (behind, waits);
  begin (&run, engine, NULL);
  spin_until (test (first)->attempt != NULL &&
              jobs_action_get_state (scheduled) == JOBS_STATE_SCHEDULED);
  jobs_action_cancel (waits);
  jobs_action_cancel (scheduled);
  jobs_action_cancel (scheduled);
  settle ();
  assert_state (waits, JOBS_STATE_CANCELLED);
  assert_state (scheduled, JOBS_STATE_CANCELLED);
  assert_state (behind, JOBS_STATE_IDLE);
  jobs_action_cancel (first);
  jobs_action_cancel (first);
  assert_state (first, JOBS_STATE_CANCELLING);
  end_well (&run, engine);
  assert_state (first, JOBS_STATE_CANCELLED);
  assert_state (behind, JOBS_STATE_FINISHED);
  g_assert_cmpuint (test (first)->n_stops, ==, 1);
  g_assert_cmpuint (test (scheduled)->n_starts, ==, 0);
  jobs_action_cancel (first);
  jobs_action_cancel (behind);
  assert_state (behind, JOBS_STATE_FINISHED);

  g_clear_object (&test (first)->attempt);
  g_assert_finalize_object (engine);
}

static void
test_critical (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *other = add (engine, "other", NULL);
  JobsAction *waits = add (engine, "waits", succeed);
  GError *error = NULL;
  Run run;

  g_test_summary ("A critical action that is cancelled singly makes the run no success; the others go on");

  jobs_action_requires (waits, other);
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL && test (other)->attempt != NULL);
  jobs_action_cancel (a);
  spin_until (jobs_action_is_ended (a));
  settle ();
  assert_state (other, JOBS_STATE_RUNNING);
  complete (other);
  g_assert_false (end (&run, engine, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_cmpstr (error->message, ==, "a: cancelled");
  g_clear_error (&error);
  assert_state (waits, JOBS_STATE_FINISHED);
  g_assert_true (jobs_engine_get_culprit (engine) == a);

  g_clear_object (&test (a)->attempt);
  g_assert_finalize_object (engine);
}

static void
test_retry_wait (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", fail);
  JobsAction *b = add (engine, "b", fail);
  Run run;

  g_test_summary ("One that waits for its next attempt is cancelled, and so is a run with such a one");

  jobs_action_set_critical (a, FALSE);
  jobs_action_set_retries (a, 5);
  jobs_action_set_retry_delay (a, 60000);
  jobs_action_set_retries (b, 5);
  jobs_action_set_retry_delay (b, 60000);
  begin (&run, engine, NULL);
  spin_until (jobs_action_get_error (a) != NULL && jobs_action_get_error (b) != NULL);
  assert_state (a, JOBS_STATE_SCHEDULED);
  jobs_action_cancel (a);
  spin_until (jobs_action_is_ended (a));
  assert_state (a, JOBS_STATE_CANCELLED);
  assert_state (b, JOBS_STATE_SCHEDULED);
  jobs_engine_cancel (engine);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_state (b, JOBS_STATE_CANCELLED);
  g_assert_cmpuint (test (b)->n_starts, ==, 1);
  g_assert_cmpuint (test (b)->n_stops, ==, 0);

  g_assert_finalize_object (engine);
}

static void
test_nested (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsEngine *innermost = add_engine (inner, "innermost");
  JobsAction *a = add (innermost, "a", NULL);
  JobsAction *later = add (inner, "later", succeed);
  JobsAction *beside = add (engine, "beside", NULL);
  Run run;

  g_test_summary ("Cancelling an engine inside ends that one only, to any depth; cancelling the outer one all");

  jobs_action_set_critical (JOBS_ACTION (inner), FALSE);
  jobs_action_requires (later, JOBS_ACTION (innermost));

  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL && test (beside)->attempt != NULL);
  jobs_action_cancel (JOBS_ACTION (inner));
  assert_state (inner, JOBS_STATE_CANCELLING);
  spin_until (jobs_action_is_ended (JOBS_ACTION (inner)));
  assert_state (inner, JOBS_STATE_CANCELLED);
  assert_state (innermost, JOBS_STATE_CANCELLED);
  assert_state (a, JOBS_STATE_CANCELLED);
  assert_state (later, JOBS_STATE_SKIPPED);
  assert_state (beside, JOBS_STATE_RUNNING);
  complete (beside);
  end_well (&run, engine);
  g_clear_object (&test (a)->attempt);

  /* The same by its own call, as from another thread */
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL && test (beside)->attempt != NULL);
  jobs_engine_cancel (inner);
  complete (beside);
  end_well (&run, engine);
  assert_state (inner, JOBS_STATE_CANCELLED);
  g_clear_object (&test (a)->attempt);

  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL && test (beside)->attempt != NULL);
  jobs_engine_cancel (engine);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_state (inner, JOBS_STATE_CANCELLED);
  assert_state (a, JOBS_STATE_CANCELLED);
  assert_state (beside, JOBS_STATE_CANCELLED);
  g_clear_object (&test (a)->attempt);
  g_clear_object (&test (beside)->attempt);

  /* An action deep inside is cancelled singly */
  jobs_action_set_critical (a, FALSE);
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL && test (beside)->attempt != NULL);
  jobs_action_cancel (a);
  complete (beside);
  end_well (&run, engine);
  assert_state (inner, JOBS_STATE_FINISHED);
  assert_state (later, JOBS_STATE_FINISHED);
  g_clear_object (&test (a)->attempt);

  /* An engine that waits */
  jobs_action_requires (JOBS_ACTION (inner), beside);
  begin (&run, engine, NULL);
  spin_until (test (beside)->attempt != NULL);
  jobs_action_cancel (JOBS_ACTION (inner));
  complete (beside);
  end_well (&run, engine);
  assert_state (inner, JOBS_STATE_CANCELLED);
  g_assert_null (test (a)->attempt);

  g_assert_finalize_object (engine);
}

static void
test_outcomes (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *finishes = add (engine, "finishes", NULL);
  JobsAction *fails = add (engine, "fails", NULL);
  JobsAction *gives_up = add (engine, "gives-up", NULL);
  JobsAction *abandons = add (engine, "abandons", NULL);
  g_autoptr (GError) cancelled = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "I gave up");
  GValue value = G_VALUE_INIT;
  Run run;

  g_test_summary ("What an action makes of being cancelled stands, and does not change the verdict");

  test (finishes)->stop = test (fails)->stop = test (gives_up)->stop = test (abandons)->stop = ignore;
  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, 3);
  begin (&run, engine, NULL);
  spin_until (jobs_engine_count (engine, JOBS_STATE_RUNNING) == 4 && test (abandons)->attempt != NULL);
  jobs_engine_cancel (engine);
  spin_until (jobs_engine_count (engine, JOBS_STATE_CANCELLING) == 4);
  jobs_attempt_complete (test (finishes)->attempt, &value);
  jobs_attempt_fail_message (test (fails)->attempt, "broken");
  jobs_attempt_fail (test (gives_up)->attempt, cancelled);
  g_clear_object (&test (finishes)->attempt);
  g_clear_object (&test (fails)->attempt);
  g_clear_object (&test (gives_up)->attempt);
  settle ();
  g_assert_null (run.result);
  g_clear_object (&test (abandons)->attempt);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  assert_text (jobs_action_to_string (finishes), "<Action `finishes' finished -> 3>");
  assert_text (jobs_action_to_string (fails), "<Action `fails' failed !! broken>");
  assert_text (jobs_action_to_string (gives_up), "<Action `gives-up' cancelled !! I gave up>");
  g_assert_true (jobs_action_is_ended (abandons));
  g_assert_null (jobs_engine_get_culprit (engine));

  g_assert_finalize_object (engine);
}

static void
count_notify_cb (GObject    *object,
                 GParamSpec *pspec,
                 guint      *n)
{
  (*n)++;
}

static void
test_stuck (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *other = jobs_engine_new ();
  g_autoptr (JobsPool) pool = jobs_pool_new ("pool", 1);
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *b = add (other, "b", NULL);
  guint n = 0;
  Run run, other_run, third;

  g_test_summary ("One that does not end within the grace is stuck, keeps its pool, and blocks a new run until it ends");

  g_signal_connect (engine, "notify::n-stuck", G_CALLBACK (count_notify_cb), &n);
  jobs_engine_set_grace (engine, 1);
  jobs_action_add_pool (a, pool, 1);
  jobs_action_add_pool (b, pool, 1);
  test (a)->stop = ignore;
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  begin (&other_run, other, NULL);
  jobs_engine_cancel (engine);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_state (a, JOBS_STATE_CANCELLED);
  g_assert_error (jobs_action_get_error (a), JOBS_ERROR, JOBS_ERROR_STUCK);
  g_assert_cmpuint (jobs_engine_get_n_stuck (engine), ==, 1);
  g_assert_cmpuint (n, ==, 1);
  g_assert_false (jobs_engine_is_active (engine));
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 1);
  g_assert_null (test (b)->attempt);

  begin (&third, engine, NULL);
  end_badly (&third, engine, JOBS_ERROR, JOBS_ERROR_BUSY);
  g_assert_cmpuint (test (a)->n_starts, ==, 1);
  assert_state (a, JOBS_STATE_CANCELLED);

  /* It still may end, and its outcome comes too late */
  complete (a);
  spin_until (test (b)->attempt != NULL);
  g_assert_cmpuint (jobs_engine_get_n_stuck (engine), ==, 0);
  g_assert_cmpuint (n, ==, 2);
  assert_state (a, JOBS_STATE_CANCELLED);
  g_assert_error (jobs_action_get_error (a), JOBS_ERROR, JOBS_ERROR_STUCK);
  complete (b);
  end_well (&other_run, other);

  test (a)->start = succeed;
  run_well (engine);
  assert_state (a, JOBS_STATE_FINISHED);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (other);
}

static void
test_stuck_slot (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *b = add (engine, "b", NULL);
  JobsAction *c = add (engine, "c", NULL);
  Run run;

  g_test_summary ("A stuck action keeps its place in the window while the run goes on, and is not retried");

  jobs_engine_set_grace (engine, 1);
  jobs_engine_set_window (engine, 2);
  jobs_action_set_critical (a, FALSE);
  jobs_action_set_timeout (a, 1);
  jobs_action_set_retries (a, 3);
  test (a)->stop = ignore;
  begin (&run, engine, NULL);
  spin_until (jobs_action_is_ended (a));
  assert_state (a, JOBS_STATE_TIMED_OUT);
  g_assert_error (jobs_action_get_error (a), JOBS_ERROR, JOBS_ERROR_STUCK);
  settle ();
  assert_state (b, JOBS_STATE_RUNNING);
  assert_state (c, JOBS_STATE_SCHEDULED);
  complete (a);
  spin_until (test (c)->attempt != NULL);
  assert_state (b, JOBS_STATE_RUNNING);
  g_assert_cmpuint (jobs_engine_get_n_stuck (engine), ==, 0);
  complete (b);
  complete (c);
  end_well (&run, engine);
  g_assert_cmpuint (test (a)->n_starts, ==, 1);
  assert_state (a, JOBS_STATE_TIMED_OUT);

  g_assert_finalize_object (engine);
}

static void
test_stuck_dropped (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsPool) pool = jobs_pool_new ("pool", 1);
  JobsAction *a = add (engine, "a", NULL);
  JobsAttempt *attempt;
  Run run;

  g_test_summary ("An engine may go while one of its actions is stuck, which may end after it");

  jobs_engine_set_grace (engine, 1);
  jobs_action_add_pool (a, pool, 1);
  test (a)->stop = ignore;
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  jobs_engine_cancel (engine);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  jobs_engine_cancel (engine);
  attempt = g_steal_pointer (&test (a)->attempt);
  g_assert_finalize_object (engine);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);
  g_assert_true (JOBS_IS_ACTION (a));
  jobs_attempt_complete (attempt, NULL);
  settle ();
  assert_state (a, JOBS_STATE_CANCELLED);
  g_assert_finalize_object (attempt);
}

static void
test_stuck_removed (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *b = add (engine, "b", NULL);
  JobsAttempt *attempt;
  Run run;

  g_test_summary ("A stuck action may be removed, after the run or in it");

  jobs_engine_set_grace (engine, 1);
  test (a)->stop = ignore;
  test (b)->stop = ignore;
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL && test (b)->attempt != NULL);
  g_object_ref (a);
  g_object_ref (b);
  g_assert_true (jobs_engine_remove (engine, b));
  spin_until (jobs_action_is_ended (b));
  jobs_engine_cancel (engine);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (jobs_action_get_error (b), JOBS_ERROR, JOBS_ERROR_STUCK);
  g_assert_cmpuint (jobs_engine_get_n_stuck (engine), ==, 2);
  g_assert_true (jobs_engine_remove (engine, a));
  expect_log ("cannot be added to an engine: it is under way");
  g_assert_false (jobs_engine_add (engine, a));
  assert_logged ();
  complete (a);
  spin_until (jobs_engine_get_n_stuck (engine) == 1);

  attempt = g_steal_pointer (&test (b)->attempt);
  g_assert_finalize_object (engine);
  jobs_attempt_complete (attempt, NULL);
  g_object_unref (attempt);
  settle ();
  g_assert_finalize_object (a);
  g_assert_finalize_object (b);
}

static void
test_stuck_nested (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsAction *a = add (inner, "a", NULL);
  Run run;

  g_test_summary ("Inside an engine the shortest grace around an action counts");

  for (guint i = 0; i < 2; i++)
    {
      jobs_engine_set_grace (engine, i == 0 ? 1 : 0);
      jobs_engine_set_grace (inner, i == 0 ? 0 : 1);
      test (a)->stop = ignore;
      begin (&run, engine, NULL);
      spin_until (test (a)->attempt != NULL);
      jobs_engine_cancel (engine);
      end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_state (inner, JOBS_STATE_CANCELLED);
      g_assert_error (jobs_action_get_error (a), JOBS_ERROR, JOBS_ERROR_STUCK);
      g_assert_cmpuint (jobs_engine_get_n_stuck (inner), ==, 1);

      /* Inside it is busy, so the next run cannot go well */
      run_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL);
      g_assert_error (jobs_action_get_error (JOBS_ACTION (inner)), JOBS_ERROR, JOBS_ERROR_BUSY);
      g_assert_cmpuint (test (a)->n_starts, ==, i + 1);
      complete (a);
      spin_until (jobs_engine_get_n_stuck (inner) == 0);
    }

  /* No limit anywhere: it waits */
  jobs_engine_set_grace (engine, 0);
  jobs_engine_set_grace (inner, 0);
  begin (&run, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  jobs_engine_cancel (engine);
  settle ();
  g_assert_null (run.result);
  complete (a);
  end_badly (&run, engine, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_state (a, JOBS_STATE_FINISHED);
  g_assert_cmpuint (jobs_engine_get_n_stuck (inner), ==, 0);

  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/cancel/engine", test_engine);
  g_test_add_func ("/jobs/cancel/before-start", test_before_start);
  g_test_add_func ("/jobs/cancel/from-thread", test_from_thread);
  g_test_add_func ("/jobs/cancel/cancellable", test_cancellable);
  g_test_add_func ("/jobs/cancel/from-callbacks", test_from_callbacks);
  g_test_add_func ("/jobs/cancel/action", test_action);
  g_test_add_func ("/jobs/cancel/critical", test_critical);
  g_test_add_func ("/jobs/cancel/retry-wait", test_retry_wait);
  g_test_add_func ("/jobs/cancel/nested", test_nested);
  g_test_add_func ("/jobs/cancel/outcomes", test_outcomes);
  g_test_add_func ("/jobs/cancel/stuck", test_stuck);
  g_test_add_func ("/jobs/cancel/stuck-slot", test_stuck_slot);
  g_test_add_func ("/jobs/cancel/stuck-dropped", test_stuck_dropped);
  g_test_add_func ("/jobs/cancel/stuck-removed", test_stuck_removed);
  g_test_add_func ("/jobs/cancel/stuck-nested", test_stuck_nested);

  return test_run ();
}
