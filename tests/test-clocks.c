/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "jobs-run.h"
#include "test-utils.h"

/* Timeouts, and retries with their delays */

/* One that ends at once and is cleaned up after when the test says so */
typedef struct
{
  JobsAction   parent_instance;
  JobsAttempt *clean_up;
} Cleaner;

typedef struct
{
  JobsActionClass parent_class;
} CleanerClass;

static GType cleaner_get_type (void);
G_DEFINE_TYPE (Cleaner, cleaner, JOBS_TYPE_ACTION)

static gboolean
cleaner_perform (JobsAction *action,
                 GError    **error)
{
  return TRUE;
}

static gboolean
cleaner_clean_up (JobsAction  *action,
                  JobsAttempt *attempt,
                  GError     **error)
{
  ((Cleaner *) action)->clean_up = g_object_ref (attempt);

  return TRUE;
}

static void
cleaner_class_init (CleanerClass *klass)
{
  JOBS_ACTION_CLASS (klass)->perform = cleaner_perform;
  JOBS_ACTION_CLASS (klass)->clean_up = cleaner_clean_up;
}

static void
cleaner_init (Cleaner *self)
{
}

static JobsDeadline *
deadline_of (JobsAction *action)
{
  return &jobs_action_peek_ticket (action)->deadline;
}

static void
test_timeout (void)
{
  static const char *const plans[] = { "hang", "win", "lose", "ready" };

  g_test_summary ("After its timeout an action is TIMED_OUT, whatever comes");

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
      JobsAction *action = test_add (engine, "action", plans[i]);

      jobs_action_set_timeout (action, 2);
      test_begin (engine);
      test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "action: timed out after 0.002 s");
      test_assert_states (engine, "action=timed-out");
      g_assert_true (g_error_matches (jobs_action_get_error (action), JOBS_ERROR,
                                      JOBS_ERROR_TIMED_OUT));
      g_assert_null (jobs_action_get_result (action));
      g_assert_true (jobs_action_is_done (action));
      test_assert_log ("action action!");
      test_assert_nothing_armed ();

      g_assert_finalize_object (engine);
    }
}

static void
test_timeout_clock (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *first = test_add (engine, "first", "hang");
  JobsAction *second = test_add (engine, "second", "hang");
  gint64 begin;

  g_test_summary ("The clock of an action starts with its attempt, and stops with the outcome");

  jobs_engine_set_window (engine, 1);
  jobs_action_set_timeout (first, 600 * 1000);
  jobs_action_set_timeout (second, 7000);
  begin = g_get_monotonic_time ();
  test_begin (engine);
  g_assert_cmpint (deadline_of (first)->due, >=, begin + 600 * G_USEC_PER_SEC);
  g_assert_cmpint (deadline_of (first)->due, ==,
                   jobs_action_get_start_time (first) + 600 * G_USEC_PER_SEC);
  g_assert_null (jobs_action_peek_ticket (second));
  test_action_complete (first);
  test_settle ();
  g_assert_cmpint (deadline_of (second)->due, ==,
                   jobs_action_get_start_time (second) + 7 * G_USEC_PER_SEC);
  test_action_complete (second);
  test_end_well (engine);
  test_assert_nothing_armed ();

  g_assert_finalize_object (engine);
}

static void
test_run_timeout (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *one = test_add (engine, "one", "win");
  JobsAction *two = test_add (engine, "two", "lose");

  g_test_summary ("A run that has timed out cancels what runs, and nobody is to blame");

  test_add_behind (engine, "three", "ok", one, JOBS_CONDITION_DONE);
  jobs_action_set_retries (two, 3);
  jobs_action_set_timeout (JOBS_ACTION (engine), 1500);
  test_begin (engine);
  test_time_out (JOBS_ACTION (engine));
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_TIMED_OUT, "timed out after 1.5 s");
  test_assert_states (engine, "one=finished two=failed three=skipped");
  g_assert_null (jobs_engine_get_culprit (engine));
  g_assert_cmpint (jobs_action_get_state (JOBS_ACTION (engine)), ==, JOBS_STATE_TIMED_OUT);
  test_assert_nothing_armed ();

  g_assert_finalize_object (engine);
}

static void
test_run_clock (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsRun *run = jobs_engine_get_run (engine);
  Cleaner *cleaner = g_object_new (cleaner_get_type (), NULL);
  gint64 begin;

  g_test_summary ("The clock of a run stops when its last action has ended");

  jobs_engine_add (engine, JOBS_ACTION (cleaner));
  test_add (engine, "action", "hang");
  jobs_action_set_timeout (JOBS_ACTION (engine), 60000);
  begin = g_get_monotonic_time ();
  test_begin (engine);
  g_assert_true (jobs_deadline_is_armed (&run->deadline));
  g_assert_cmpint (run->deadline.due, >=, begin + 60 * G_USEC_PER_SEC);
  g_assert_cmpint (run->deadline.due, <=, g_get_monotonic_time () + 60 * G_USEC_PER_SEC);
  test_action_complete (jobs_engine_lookup (engine, "action"));
  test_settle ();
  g_assert_nonnull (cleaner->clean_up);
  g_assert_false (jobs_deadline_is_armed (&run->deadline));
  test_assert_why (engine, "all actions have ended, and are being cleaned up after");
  jobs_attempt_complete (cleaner->clean_up, NULL);
  g_clear_object (&cleaner->clean_up);
  test_end_well (engine);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (cleaner);
}

static void
test_nested_timeout (void)
{
  JobsEngine *outer = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsEngine *inner = test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT);
  JobsAction *good = test_add (inner, "good", "ok");

  g_test_summary ("The timeout of a nested engine is one for each attempt, which resets its inside");

  test_add_behind (inner, "slow", "lose", good, JOBS_CONDITION_DONE);
  jobs_action_set_timeout (JOBS_ACTION (inner), 60000);
  jobs_action_set_retries (JOBS_ACTION (inner), 2);
  test_begin (outer);
  for (guint i = 0; i < 3; i++)
    test_time_out (JOBS_ACTION (inner));
  test_end_badly (outer, JOBS_ERROR, JOBS_ERROR_CRITICAL, "inner: timed out after 60 s");
  test_assert_states (outer, "inner=timed-out");
  test_assert_states (inner, "good=finished slow=failed");
  g_assert_cmpuint (jobs_action_get_attempts (JOBS_ACTION (inner)), ==, 3);
  test_assert_log ("good slow slow! good slow slow! good slow slow!");
  test_assert_nothing_armed ();

  g_assert_finalize_object (outer);
}

static void
test_retries (void)
{
  static const struct
  {
    const char *plan;
    guint       retries;
    JobsState   state;
    guint       attempts;
  } cases[] = {
    { "fail", 0, JOBS_STATE_FAILED, 1 },          { "fail", 3, JOBS_STATE_FAILED, 4 },
    { "fail ok", 1, JOBS_STATE_FINISHED, 2 },     { "fail fail ok", 5, JOBS_STATE_FINISHED, 3 },
    { "drop ok", 1, JOBS_STATE_FINISHED, 2 },     { "drop", 2, JOBS_STATE_FAILED, 3 },
    { "hang ok", 1, JOBS_STATE_FINISHED, 2 },     { "hang fail", 1, JOBS_STATE_FAILED, 2 },
    { "fail hang", 1, JOBS_STATE_TIMED_OUT, 2 },  { "quit ok", 5, JOBS_STATE_CANCELLED, 1 },
    { "fail quit ok", 5, JOBS_STATE_CANCELLED, 2 }, { "ok fail", 5, JOBS_STATE_FINISHED, 1 },
  };

  g_test_summary ("FAILED, TIMED_OUT and ABANDONED are tried again, CANCELLED never; "
                  "only the last failure counts");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
      JobsAction *action = test_add (engine, "action", cases[i].plan);
      JobsAction *next = test_add_behind (engine, "next", "ok", action, JOBS_CONDITION_FAILURE);
      gboolean is_good = cases[i].state == JOBS_STATE_FINISHED;
      gboolean is_bad = cases[i].state == JOBS_STATE_FAILED || cases[i].state == JOBS_STATE_TIMED_OUT;

      jobs_action_set_retries (action, cases[i].retries);
      jobs_action_set_timeout (action, 2);
      test_begin (engine);
      g_assert_cmpint (test_end (engine, NULL), ==, is_good);
      g_assert_cmpint (jobs_action_get_state (action), ==, cases[i].state);
      g_assert_cmpuint (jobs_action_get_attempts (action), ==, cases[i].attempts);
      g_assert_cmpint (jobs_action_get_state (next), ==,
                       is_bad ? JOBS_STATE_FINISHED : JOBS_STATE_SKIPPED);
      g_assert_true ((jobs_action_get_error (action) == NULL) == is_good);
      test_assert_nothing_armed ();

      g_assert_finalize_object (engine);
    }
}

static void
test_retry_delay (void)
{
  static const guint delays[] = { 1000, 2000, 3000, 3000, 3000 };
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *action = test_add (engine, "action", "fail");

  g_test_summary ("The delay doubles up to its limit, and loses a quarter of it at most");

  jobs_action_set_retries (action, G_N_ELEMENTS (delays));
  jobs_action_set_retry_delay (action, 1000);
  jobs_action_set_retry_delay_max (action, 3000);
  test_begin (engine);
  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    {
      gint64 end = jobs_action_get_end_time (action);

      test_assert_states (engine, "action=scheduled");
      g_assert_cmpuint (jobs_action_get_attempts (action), ==, i + 1);
      g_assert_cmpstr (jobs_action_get_error (action)->message, ==, "broken");
      g_assert_cmpint (deadline_of (action)->due, >=, end + delays[i] * 750);
      g_assert_cmpint (deadline_of (action)->due, <=,
                       g_get_monotonic_time () + delays[i] * 1000);
      test_time_out (action);
    }
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "action: broken");

  g_assert_finalize_object (engine);
}

static void
test_retry_delay_holds_nothing (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsPool *pool = jobs_pool_new ("pool", 1);
  JobsAction *action = test_add (engine, "action", "fail ok");
  JobsAction *other = test_add (engine, "other", "hang");

  g_test_summary ("Slots and pools are given back during a retry delay");

  jobs_engine_set_window (engine, 1);
  jobs_action_add_pool (action, pool, 1);
  jobs_action_add_pool (other, pool, 1);
  jobs_action_set_retries (action, 1);
  jobs_action_set_retry_delay (action, 100000);
  test_begin (engine);
  test_assert_states (engine, "action=scheduled other=running");
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 1);
  test_time_out (action);
  test_assert_states (engine, "action=scheduled other=running");
  test_action_complete (other);
  test_end_well (engine);
  test_assert_log ("action other other. action");
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);
  g_assert_cmpuint (jobs_pool_get_n_waiting (pool), ==, 0);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (pool);
}

static void
test_retry_delay_ends (void)
{
  static const char *const states[] = { "action=cancelled bad=failed", "action=finished bad=failed" };

  g_test_summary ("A retry delay ends when the run does, and not by KEEP_GOING");

  for (guint i = 0; i < 2; i++)
    {
      JobsEngine *engine = test_engine_new (i == 0 ? JOBS_ON_FAILURE_ABORT
                                                   : JOBS_ON_FAILURE_KEEP_GOING);
      JobsAction *action = test_add (engine, "action", "fail ok");
      JobsAction *bad = test_add (engine, "bad", "hang");

      jobs_action_set_retries (action, 1);
      jobs_action_set_retry_delay (action, 100000);
      test_begin (engine);
      test_action_fail (bad);
      test_settle ();
      if (i == 1)
        test_time_out (action);
      g_assert_false (test_end (engine, NULL));
      test_assert_states (engine, states[i]);
      g_assert_true (jobs_engine_get_culprit (engine) == bad);
      test_assert_nothing_armed ();

      g_assert_finalize_object (engine);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/clocks/timeout", test_timeout);
  g_test_add_func ("/jobs/clocks/timeout-clock", test_timeout_clock);
  g_test_add_func ("/jobs/clocks/run-timeout", test_run_timeout);
  g_test_add_func ("/jobs/clocks/run-clock", test_run_clock);
  g_test_add_func ("/jobs/clocks/nested-timeout", test_nested_timeout);
  g_test_add_func ("/jobs/clocks/retries", test_retries);
  g_test_add_func ("/jobs/clocks/retry-delay", test_retry_delay);
  g_test_add_func ("/jobs/clocks/retry-delay-holds-nothing", test_retry_delay_holds_nothing);
  g_test_add_func ("/jobs/clocks/retry-delay-ends", test_retry_delay_ends);

  return g_test_run ();
}
