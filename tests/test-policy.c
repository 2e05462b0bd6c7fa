/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "test-utils.h"

static const JobsOnFailure policies[] = {
  JOBS_ON_FAILURE_ABORT, JOBS_ON_FAILURE_DRAIN, JOBS_ON_FAILURE_KEEP_GOING
};

static void
run_condition (JobsCondition condition,
               JobsOnFailure policy,
               const char   *plan,
               guint         timeout,
               JobsState     expected)
{
  JobsEngine *engine = test_engine_new (policy);
  JobsAction *first = test_add (engine, "first", plan[0] == '-' ? "fail" : "ok");
  JobsAction *other = test_add_behind (engine, "other", plan[0] == '-' ? "ok" : plan, first,
                                       JOBS_CONDITION_SUCCESS);
  JobsAction *action = test_add_behind (engine, "action", "ok", other, condition);

  jobs_action_set_critical (first, FALSE);
  jobs_action_set_critical (other, FALSE);
  jobs_action_set_timeout (other, timeout);
  test_begin (engine);
  test_end_well (engine);
  g_assert_cmpint (jobs_action_get_state (action), ==, expected);

  g_assert_finalize_object (engine);
}

static void
test_conditions (void)
{
  static const struct
  {
    const char *plan; /* of the other one; "-": it is skipped */
    guint       timeout;
    const char *expected; /* Finished or Skipped, by condition */
  } cases[] = {
    { "ok", 0, "FFSFF" },   { "fail", 0, "FSFSF" }, { "hang", 2, "FSFSF" },
    { "drop", 0, "FSFSF" }, { "quit", 0, "FSSSF" }, { "-", 0, "FSSSF" },
  };

  g_test_summary ("Each condition, behind each end of one that is not critical, in each policy");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint condition = 0; condition <= JOBS_CONDITION_AFTER; condition++)
      for (guint j = 0; j < G_N_ELEMENTS (policies); j++)
        run_condition (condition, policies[j], cases[i].plan, cases[i].timeout,
                       cases[i].expected[condition] == 'F' ? JOBS_STATE_FINISHED
                                                           : JOBS_STATE_SKIPPED);
}

static void
test_impossible (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *slow = test_add (engine, "slow", "hang");
  JobsAction *action = test_add_behind (engine, "action", "ok", slow, JOBS_CONDITION_DONE);

  g_test_summary ("One is skipped as soon as one requirement is impossible, whatever the others");

  jobs_action_set_critical (bad, FALSE);
  test_require (action, bad, JOBS_CONDITION_SUCCESS);
  test_add_behind (engine, "next", "ok", action, JOBS_CONDITION_DONE);
  test_begin (engine);
  test_assert_states (engine, "bad=failed slow=running action=skipped next=finished");
  test_action_complete (slow);
  test_end_well (engine);

  g_assert_finalize_object (engine);
}

static void
test_all_met (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *bad = test_add (engine, "bad", "hang");
  JobsAction *server = test_add (engine, "server", "hang");
  JobsAction *last = test_add (engine, "last", "ok");
  JobsAction *good = test_add (engine, "good", "hang");

  g_test_summary ("One starts when the last of its requirements is met, each by its condition");

  jobs_action_set_forever (server, TRUE);
  jobs_action_set_critical (bad, FALSE);
  test_require (last, bad, JOBS_CONDITION_FAILURE);
  test_require (last, server, JOBS_CONDITION_READY);
  test_require (last, good, JOBS_CONDITION_SUCCESS);
  test_begin (engine);
  test_action_fail (bad);
  test_settle ();
  test_action_complete (good);
  test_settle ();
  test_assert_log ("bad server good bad. good.");
  test_action_ready (server);
  test_settle ();
  test_assert_log ("last server!");
  test_end_well (engine);
  test_assert_states (engine, "bad=failed server=cancelled last=finished good=finished");

  g_assert_finalize_object (engine);
}

static void
test_ready (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *server = test_add (engine, "server", "hang");
  JobsAction *client = test_add_behind (engine, "client", "hang", server, JOBS_CONDITION_READY);

  g_test_summary ("A finite action can stand behind one that goes on forever");

  jobs_action_set_forever (server, TRUE);
  test_begin (engine);
  test_assert_states (engine, "server=running client=idle");
  g_assert_false (jobs_action_is_ready (server));
  test_action_ready (server);
  test_settle ();
  test_assert_states (engine, "server=running client=running");
  g_assert_true (jobs_action_is_ready (server));
  test_action_complete (client);
  test_end_well (engine);
  test_assert_states (engine, "server=cancelled client=finished");
  test_assert_log ("server client client. server!");

  g_assert_finalize_object (engine);
}

static void
test_ready_taken_back (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *server = test_add (engine, "server", "ready hang");
  JobsAction *early = test_add_behind (engine, "early", "hang", server, JOBS_CONDITION_READY);
  JobsAction *late = test_add_behind (engine, "late", "ok", server, JOBS_CONDITION_READY);

  g_test_summary ("A retry restores the wait; who has started already is left alone");

  jobs_action_set_retries (server, 1);
  jobs_engine_set_window (engine, 2);
  test_begin (engine);
  test_assert_states (engine, "server=running early=running late=scheduled");
  test_action_fail (server);
  test_settle ();
  test_assert_states (engine, "server=running early=running late=idle");
  g_assert_false (jobs_action_is_ready (server));
  jobs_engine_set_window (engine, 0);
  test_settle ();
  test_assert_states (engine, "server=running early=running late=idle");
  test_action_ready (server);
  test_settle ();
  test_assert_states (engine, "server=running early=running late=finished");
  test_action_complete (server);
  test_action_complete (early);
  test_end_well (engine);
  g_assert_cmpint (jobs_action_get_state (late), ==, JOBS_STATE_FINISHED);
  test_assert_log ("server early server. server late server. early.");

  g_assert_finalize_object (engine);
}

static void
test_ready_then_failed (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *server = test_add (engine, "server", "ready");

  g_test_summary ("Being ready does not outlive an end that is not a good one");

  jobs_action_set_critical (server, FALSE);
  jobs_engine_set_window (engine, 1);
  test_add_behind (engine, "client", "ok", server, JOBS_CONDITION_READY);
  test_begin (engine);
  test_assert_states (engine, "server=running client=scheduled");
  test_action_fail (server);
  test_end_well (engine);
  test_assert_states (engine, "server=failed client=skipped");

  g_assert_finalize_object (engine);
}

static void
test_after (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *elsewhere = test_action_new ("elsewhere", "ok");
  JobsAction *other = test_add (engine, "other", "hang");
  JobsAction *free_one = test_add (engine, "free", "ok");
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("The weak condition waits for the end of what runs, and asks for nothing");

  test_add_behind (engine, "action", "ok", other, JOBS_CONDITION_AFTER);
  test_require (free_one, elsewhere, JOBS_CONDITION_AFTER);
  g_assert_true (jobs_engine_check (engine, &warnings, &error));
  g_assert_no_error (error);
  g_assert_null (warnings);
  test_begin (engine);
  test_assert_states (engine, "other=running free=finished action=idle");
  test_action_complete (other);
  test_end_well (engine);
  test_assert_log ("other free other. action");
  g_assert_cmpint (jobs_action_get_state (elsewhere), ==, JOBS_STATE_IDLE);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (elsewhere);
}

static void
test_after_skipped (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *skipped = test_add_behind (engine, "skipped", "ok", bad, JOBS_CONDITION_DONE);

  g_test_summary ("The weak condition is met by a skip too, even because of a failure");

  test_add_behind (engine, "action", "ok", skipped, JOBS_CONDITION_AFTER);
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was bad: broken");
  test_assert_states (engine, "bad=failed skipped=skipped action=finished");

  g_assert_finalize_object (engine);
}

static void
test_abort (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *one = test_add (engine, "one", "hang");
  JobsAction *two = test_add (engine, "two", "stay");
  JobsAction *bad = test_add (engine, "bad", "hang");

  g_test_summary ("ABORT cancels what runs, waits for it, and starts nothing more");

  jobs_engine_set_window (engine, 3);
  test_add (engine, "waiting", "ok");
  test_add_behind (engine, "behind", "ok", one, JOBS_CONDITION_DONE);
  test_begin (engine);
  test_action_fail (bad);
  test_settle ();
  test_assert_states (engine, "one=cancelled two=cancelling bad=failed waiting=skipped "
                              "behind=skipped");
  test_assert_why (engine, "bad failed; the run waits for what still runs");
  g_assert_true (jobs_engine_is_active (engine));
  test_action_complete (two);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
  test_assert_log ("one two bad bad. two! one! two.");
  g_assert_true (jobs_engine_get_culprit (engine) == bad);
  g_assert_cmpint (jobs_action_get_state (two), ==, JOBS_STATE_FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_drain (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_DRAIN);
  JobsAction *one = test_add (engine, "one", "hang");
  JobsAction *two = test_add (engine, "two", "hang");
  JobsAction *bad = test_add (engine, "bad", "hang");

  g_test_summary ("DRAIN starts nothing more and lets the others come to their end");

  jobs_engine_set_window (engine, 3);
  test_add (engine, "waiting", "ok");
  test_add_behind (engine, "behind", "ok", one, JOBS_CONDITION_DONE);
  test_begin (engine);
  test_action_fail (bad);
  test_settle ();
  test_assert_states (engine, "one=running two=running bad=failed waiting=skipped behind=skipped");
  test_assert_why (engine, "bad failed; the run waits for what still runs");
  test_action_complete (one);
  test_action_fail (two);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
  test_assert_states (engine, "one=finished two=failed bad=failed waiting=skipped behind=skipped");
  test_assert_log ("one two bad bad. one. two.");
  g_assert_true (jobs_engine_get_culprit (engine) == bad);

  g_assert_finalize_object (engine);
}

static void
test_drain_cancelled (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_DRAIN);

  g_test_summary ("A run that drains can still be cancelled; the failure stays its cause");

  test_add (engine, "one", "hang");
  test_add (engine, "bad", "fail");
  test_begin (engine);
  test_assert_states (engine, "one=running bad=failed");
  jobs_engine_cancel (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
  test_assert_states (engine, "one=cancelled bad=failed");

  g_assert_finalize_object (engine);
}

static void
test_keep_going (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *behind = test_add_behind (engine, "behind", "ok", bad, JOBS_CONDITION_DONE);
  JobsAction *success = test_add_behind (engine, "success", "ok", bad, JOBS_CONDITION_SUCCESS);
  JobsAction *further = test_add_behind (engine, "further", "ok", behind, JOBS_CONDITION_DONE);
  JobsAction *other = test_add (engine, "other", "ok");

  g_test_summary ("KEEP_GOING skips all that is behind a failure, and runs everything else");

  test_add_behind (engine, "last", "ok", further, JOBS_CONDITION_DONE);
  test_add_behind (engine, "side", "ok", success, JOBS_CONDITION_DONE);
  test_add_behind (engine, "ready", "ok", behind, JOBS_CONDITION_READY);
  test_add_behind (engine, "notice", "ok", bad, JOBS_CONDITION_FAILURE);
  test_require (test_add_behind (engine, "both", "ok", other, JOBS_CONDITION_DONE), further,
                JOBS_CONDITION_DONE);
  test_add_behind (engine, "next", "fail", other, JOBS_CONDITION_DONE);
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "2 critical actions did not end well; the first was bad: broken");
  test_assert_states (engine, "bad=failed behind=skipped success=skipped further=skipped "
                              "other=finished last=skipped side=skipped ready=skipped "
                              "notice=finished both=skipped next=failed");
  g_assert_true (jobs_engine_get_culprit (engine) == bad);

  g_assert_finalize_object (engine);
}

static void
test_two_reasons (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *behind = test_add_behind (engine, "behind", "ok", bad, JOBS_CONDITION_SUCCESS);
  JobsAction *further = test_add_behind (engine, "further", "ok", behind, JOBS_CONDITION_DONE);
  JobsAction *both = test_add_behind (engine, "both", "ok", behind, JOBS_CONDITION_FAILURE);

  g_test_summary ("KEEP_GOING skips what is behind a failure, also where it is skipped anyway");

  test_require (both, further, JOBS_CONDITION_DONE);
  test_add_behind (engine, "last", "ok", both, JOBS_CONDITION_DONE);
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was bad: broken");
  test_assert_states (engine, "bad=failed behind=skipped further=skipped both=skipped last=skipped");

  g_assert_finalize_object (engine);
}

static void
test_other_skips (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *good = test_add (engine, "good", "ok");
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *one = test_add_behind (engine, "one", "ok", good, JOBS_CONDITION_FAILURE);
  JobsAction *two = test_add_behind (engine, "two", "ok", bad, JOBS_CONDITION_SUCCESS);
  JobsAction *quitter = test_add (engine, "quitter", "quit");

  g_test_summary ("KEEP_GOING counts a skip for any other reason, and a cancel, as an end");

  jobs_action_set_critical (bad, FALSE);
  test_add_behind (engine, "three", "ok", one, JOBS_CONDITION_DONE);
  test_add_behind (engine, "four", "ok", two, JOBS_CONDITION_DONE);
  test_add_behind (engine, "five", "ok", quitter, JOBS_CONDITION_DONE);
  test_add_behind (engine, "six", "ok", bad, JOBS_CONDITION_DONE);
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was quitter: cancelled");
  test_assert_states (engine, "good=finished bad=failed one=skipped two=skipped quitter=cancelled "
                              "three=finished four=finished five=finished six=finished");
  g_assert_true (jobs_engine_get_culprit (engine) == quitter);

  g_assert_finalize_object (engine);
}

static void
test_not_critical (void)
{
  g_test_summary ("A failure that is not critical changes nothing else");

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      JobsEngine *engine = test_engine_new (policies[i]);
      JobsAction *bad = test_add (engine, "bad", "fail");
      JobsAction *slow = test_add (engine, "slow", "hang");
      JobsAction *quitter = test_add (engine, "quitter", "quit");

      jobs_action_set_critical (bad, FALSE);
      jobs_action_set_critical (slow, FALSE);
      jobs_action_set_critical (quitter, FALSE);
      jobs_action_set_timeout (slow, 3);
      test_add_behind (engine, "one", "ok", bad, JOBS_CONDITION_DONE);
      test_add_behind (engine, "two", "ok", slow, JOBS_CONDITION_DONE);
      test_add_behind (engine, "three", "ok", quitter, JOBS_CONDITION_DONE);
      test_begin (engine);
      test_end_well (engine);
      test_assert_states (engine, "bad=failed slow=timed-out quitter=cancelled one=finished "
                                  "two=finished three=finished");

      g_assert_finalize_object (engine);
    }
}

/* A failure, its handlers, and what is behind them. Both policies decide alike,
 * but for what runs */
static JobsEngine *
engine_with_handlers (JobsOnFailure policy)
{
  JobsEngine *engine = test_engine_new (policy);
  JobsAction *bad = test_add (engine, "bad", "hang");
  JobsAction *slow = test_add (engine, "slow", "stay");
  JobsAction *idle = test_add_behind (engine, "idle", "ok", slow, JOBS_CONDITION_DONE);
  JobsAction *notice = test_add_behind (engine, "notice", "ok", bad, JOBS_CONDITION_FAILURE);
  JobsAction *after_all = test_add_behind (engine, "after-all", "ok", bad, JOBS_CONDITION_FAILURE);
  JobsAction *strict = test_add_behind (engine, "strict", "ok", bad, JOBS_CONDITION_FAILURE);
  JobsAction *chain = test_add_behind (engine, "chain", "ok", notice, JOBS_CONDITION_DONE);

  test_require (after_all, slow, JOBS_CONDITION_DONE);
  test_require (after_all, idle, JOBS_CONDITION_DONE);
  test_require (strict, idle, JOBS_CONDITION_SUCCESS);
  test_add_behind (engine, "chained", "ok", chain, JOBS_CONDITION_DONE);
  test_add_behind (engine, "unneeded", "ok", slow, JOBS_CONDITION_FAILURE);
  test_begin (engine);
  test_action_fail (bad);
  test_settle ();

  return engine;
}

static void
test_handlers (void)
{
  static const char *const states[] = { "cancelling", "running" };

  g_test_summary ("Under ABORT and DRAIN what waits for a failure starts, nothing behind it does");

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      JobsEngine *engine = engine_with_handlers (policies[i]);
      JobsAction *slow = jobs_engine_lookup (engine, "slow");
      g_autofree char *expected = g_strdup_printf ("bad=failed slow=%s idle=skipped notice=finished "
                                                   "after-all=idle strict=skipped chain=skipped "
                                                   "chained=skipped unneeded=idle", states[i]);

      test_assert_states (engine, expected);
      test_action_complete (slow);
      test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
      test_assert_states (engine, "bad=failed slow=finished idle=skipped notice=finished "
                                  "after-all=finished strict=skipped chain=skipped "
                                  "chained=skipped unneeded=skipped");

      g_assert_finalize_object (engine);
    }
}

static void
test_handler_of_aborted (void)
{
  g_test_summary ("What fails when it is asked to end has its handlers too");

  for (guint i = 0; i < 2; i++)
    {
      JobsEngine *engine = engine_with_handlers (policies[i]);

      test_action_fail (jobs_engine_lookup (engine, "slow"));
      test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
      test_assert_states (engine, "bad=failed slow=failed idle=skipped notice=finished "
                                  "after-all=finished strict=skipped chain=skipped "
                                  "chained=skipped unneeded=finished");
      g_assert_true (jobs_engine_get_culprit (engine) == jobs_engine_lookup (engine, "bad"));

      g_assert_finalize_object (engine);
    }
}

static void
test_handler_goes_on (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *minor = test_add (engine, "minor", "fail");
  JobsAction *notice = test_add_behind (engine, "notice", "hang", minor, JOBS_CONDITION_FAILURE);
  JobsAction *waiting = test_add_behind (engine, "waiting", "ok", minor, JOBS_CONDITION_FAILURE);
  JobsAction *bad = test_add (engine, "bad", "hang");

  g_test_summary ("A handler that runs, or waits for a slot, is not hurt by an abort");

  jobs_action_set_critical (minor, FALSE);
  jobs_engine_set_window (engine, 2);
  test_begin (engine);
  test_assert_states (engine, "minor=failed notice=running waiting=scheduled bad=running");
  jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
  test_action_fail (bad);
  test_settle ();
  test_assert_states (engine, "minor=failed notice=running waiting=scheduled bad=failed");
  jobs_engine_resume (engine);
  test_settle ();
  g_assert_cmpint (jobs_action_get_state (waiting), ==, JOBS_STATE_FINISHED);
  test_action_complete (notice);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
  test_assert_log ("minor bad notice bad. waiting notice.");

  g_assert_finalize_object (engine);
}

static void
test_handler_fails (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *notice = test_add_behind (engine, "notice", "fail ok", bad, JOBS_CONDITION_FAILURE);

  g_test_summary ("A handler is tried again like any other, and its failure is not the first");

  jobs_action_set_retries (notice, 1);
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
  test_assert_states (engine, "bad=failed notice=finished");
  test_action_set_plan (notice, "fail");
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
  test_assert_states (engine, "bad=failed notice=failed");

  g_assert_finalize_object (engine);
}

static void
test_no_handlers (void)
{
  g_test_summary ("A run that was cancelled or has timed out starts no handlers");

  for (guint timeout = 0; timeout <= 60000; timeout += 60000)
    {
      JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
      JobsAction *action = test_add (engine, "action", "lose");

      jobs_action_set_timeout (JOBS_ACTION (engine), timeout);
      test_add_behind (engine, "notice", "ok", action, JOBS_CONDITION_FAILURE);
      test_begin (engine);
      if (timeout == 0)
        {
          jobs_engine_cancel (engine);
          test_end_badly (engine, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
          g_assert_cmpint (jobs_action_get_state (JOBS_ACTION (engine)), ==, JOBS_STATE_CANCELLED);
        }
      else
        {
          test_time_out (JOBS_ACTION (engine));
          test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_TIMED_OUT, "timed out after 60 s");
          g_assert_cmpint (jobs_action_get_state (JOBS_ACTION (engine)), ==, JOBS_STATE_TIMED_OUT);
        }
      test_assert_states (engine, "action=failed notice=skipped");
      g_assert_null (jobs_engine_get_culprit (engine));

      g_assert_finalize_object (engine);
    }
}

static void
test_empty (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);

  g_test_summary ("An engine without actions succeeds");

  test_assert_why (engine, "it has not run");
  g_assert_false (jobs_engine_get_verdict (engine));
  test_begin (engine);
  test_end_well (engine);
  g_assert_cmpint (jobs_action_get_state (JOBS_ACTION (engine)), ==, JOBS_STATE_FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_cancelled_singly (void)
{
  g_test_summary ("One that is cancelled singly makes the run no success, and stops no other");

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      JobsEngine *engine = test_engine_new (policies[i]);
      JobsAction *running = test_add (engine, "running", "hang");
      JobsAction *idle = test_add_behind (engine, "idle", "ok", running, JOBS_CONDITION_DONE);
      g_autoptr (GError) error = NULL;

      test_add_behind (engine, "next", "ok", idle, JOBS_CONDITION_DONE);
      test_begin (engine);
      jobs_action_cancel (idle);
      test_settle ();
      test_assert_states (engine, "running=running idle=cancelled next=finished");
      jobs_action_cancel (running);
      g_assert_false (test_end (engine, &error));
      g_assert_true (error->domain == JOBS_ERROR);
      g_assert_cmpint (error->code, ==, policies[i] == JOBS_ON_FAILURE_KEEP_GOING
                                          ? JOBS_ERROR_INCOMPLETE : JOBS_ERROR_CRITICAL);
      g_assert_nonnull (strstr (error->message, "idle: cancelled"));
      g_assert_true (jobs_engine_get_culprit (engine) == idle);
      test_assert_states (engine, "running=cancelled idle=cancelled next=finished");

      g_assert_finalize_object (engine);
    }
}

static void
test_asked_to_end (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *one = test_add (engine, "one", "lose");

  g_test_summary ("One that was cancelled singly and fails is a failure; one that ends well is none");

  test_begin (engine);
  jobs_action_cancel (one);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was one: broken");
  test_assert_states (engine, "one=failed");

  test_action_set_plan (one, "win");
  test_begin (engine);
  jobs_action_cancel (one);
  test_end_well (engine);
  test_assert_states (engine, "one=finished");

  g_assert_finalize_object (engine);
}

static void
test_why (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *action = test_add (engine, "action", "stay");

  g_test_summary ("What a run does is said in words at any time");

  test_add (engine, "other", "ok");
  test_assert_why (engine, "it has not run");
  test_begin (engine);
  test_assert_why (engine, "it runs: 1 of 2 actions have not ended");
  jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
  test_assert_why (engine, "it is paused");
  jobs_engine_resume (engine);
  test_assert_why (engine, "it runs: 1 of 2 actions have not ended");
  jobs_engine_cancel (engine);
  test_settle ();
  test_assert_why (engine, "the run was cancelled, and waits for what still runs");
  test_action_complete (action);
  test_end_badly (engine, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");

  jobs_action_set_timeout (JOBS_ACTION (engine), 60000);
  test_begin (engine);
  test_time_out (JOBS_ACTION (engine));
  g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_CANCELLING);
  test_assert_why (engine, "the run has timed out, and waits for what still runs");
  test_action_complete (action);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_TIMED_OUT, "timed out after 60 s");

  jobs_action_set_timeout (JOBS_ACTION (engine), 0);
  test_action_set_plan (action, "ok");
  test_begin (engine);
  test_end_well (engine);

  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/policy/conditions", test_conditions);
  g_test_add_func ("/jobs/policy/impossible", test_impossible);
  g_test_add_func ("/jobs/policy/all-met", test_all_met);
  g_test_add_func ("/jobs/policy/ready", test_ready);
  g_test_add_func ("/jobs/policy/ready-taken-back", test_ready_taken_back);
  g_test_add_func ("/jobs/policy/ready-then-failed", test_ready_then_failed);
  g_test_add_func ("/jobs/policy/after", test_after);
  g_test_add_func ("/jobs/policy/after-skipped", test_after_skipped);
  g_test_add_func ("/jobs/policy/abort", test_abort);
  g_test_add_func ("/jobs/policy/drain", test_drain);
  g_test_add_func ("/jobs/policy/drain-cancelled", test_drain_cancelled);
  g_test_add_func ("/jobs/policy/keep-going", test_keep_going);
  g_test_add_func ("/jobs/policy/two-reasons", test_two_reasons);
  g_test_add_func ("/jobs/policy/other-skips", test_other_skips);
  g_test_add_func ("/jobs/policy/not-critical", test_not_critical);
  g_test_add_func ("/jobs/policy/handlers", test_handlers);
  g_test_add_func ("/jobs/policy/handler-of-aborted", test_handler_of_aborted);
  g_test_add_func ("/jobs/policy/handler-goes-on", test_handler_goes_on);
  g_test_add_func ("/jobs/policy/handler-fails", test_handler_fails);
  g_test_add_func ("/jobs/policy/no-handlers", test_no_handlers);
  g_test_add_func ("/jobs/policy/empty", test_empty);
  g_test_add_func ("/jobs/policy/cancelled-singly", test_cancelled_singly);
  g_test_add_func ("/jobs/policy/asked-to-end", test_asked_to_end);
  g_test_add_func ("/jobs/policy/why", test_why);

  return g_test_run ();
}
