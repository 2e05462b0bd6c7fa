/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-utils.h"

/* A connection that is refused so many times */
#define TEST_TYPE_LINE (test_line_get_type ())
G_DECLARE_FINAL_TYPE (TestLine, test_line, TEST, LINE, GObject)

struct _TestLine
{
  GObject parent_instance;

  guint n_failures;
  guint n_opened;
};

static gboolean
test_line_open (JobsResource *resource,
                JobsAttempt  *attempt,
                GError      **error)
{
  TestLine *self = TEST_LINE (resource);

  if (self->n_opened++ < self->n_failures)
    jobs_attempt_fail_message (attempt, "no line");
  else
    jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static void
test_line_iface_init (JobsResourceInterface *iface)
{
  iface->open = test_line_open;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestLine, test_line, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (JOBS_TYPE_RESOURCE, test_line_iface_init))

static void
test_line_class_init (TestLineClass *klass)
{
}

static void
test_line_init (TestLine *self)
{
}

/* Calls jobs_engine_retry () for one action when another one comes into a state */
typedef struct
{
  JobsAction *watched;
  JobsState   state;
  JobsAction *action;
  guint       n_left;
} Retrier;

static void
retry_cb (JobsEngine *engine,
          JobsAction *action,
          JobsState   old_state,
          JobsState   new_state,
          Retrier    *retrier)
{
  g_autoptr (GError) error = NULL;

  if (action != retrier->watched || new_state != retrier->state || retrier->n_left == 0)
    return;

  retrier->n_left--;
  if (TEST_IS_ACTION (retrier->action))
    test_action_set_plan (retrier->action, "ok");
  jobs_engine_retry (engine, retrier->action, &error);
  g_assert_no_error (error);
}

static void
assert_no_retry (JobsEngine *engine,
                 JobsAction *action)
{
  g_autoptr (GError) error = NULL;
  JobsState state = jobs_action_get_state (action);

  g_assert_false (jobs_engine_can_retry (engine, action, NULL));
  g_assert_false (jobs_engine_retry (engine, action, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_BUSY);
  g_assert_cmpint (jobs_action_get_state (action), ==, state);
}

static void
retry (JobsEngine *engine,
       JobsAction *action)
{
  g_autoptr (GError) error = NULL;
  JobsState state = jobs_action_get_state (action);
  gboolean ok = jobs_engine_can_retry (engine, action, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmpint (jobs_action_get_state (action), ==, state);
  ok = jobs_engine_retry (engine, action, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
test_running (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *behind = test_add_behind (engine, "behind", "ok", bad, JOBS_CONDITION_DONE);
  JobsAction *notice = test_add_behind (engine, "notice", "ok", bad, JOBS_CONDITION_FAILURE);
  JobsAction *other = test_add (engine, "other", "hang");

  g_test_summary ("In a run that goes on the action and what was skipped because of it run again");

  test_add_behind (engine, "further", "ok", behind, JOBS_CONDITION_SUCCESS);
  test_begin (engine);
  test_assert_states (engine, "bad=failed behind=skipped notice=finished other=running "
                              "further=skipped");
  assert_no_retry (engine, other);
  assert_no_retry (engine, notice);
  g_assert_true (jobs_engine_get_culprit (engine) == bad);
  retry (engine, bad);
  test_settle ();
  test_assert_states (engine, "bad=failed behind=skipped notice=finished other=running "
                              "further=skipped");
  test_action_set_plan (bad, "ok");
  retry (engine, behind);
  test_settle ();
  test_assert_states (engine, "bad=failed behind=skipped notice=finished other=running "
                              "further=skipped");
  retry (engine, bad);
  g_assert_null (jobs_engine_get_culprit (engine));
  test_settle ();
  test_action_complete (other);
  test_end_well (engine);
  test_assert_states (engine, "bad=finished behind=finished notice=finished other=finished "
                              "further=finished");
  test_assert_log ("bad other notice bad bad behind further other.");

  g_assert_finalize_object (engine);
}

static void
test_kinds (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *slow = test_add (engine, "slow", "hang");
  JobsAction *quitter = test_add (engine, "quitter", "quit");
  JobsAction *other = test_add (engine, "other", "hang");

  g_test_summary ("What has timed out or was cancelled is tried again too, with all its attempts");

  jobs_action_set_timeout (slow, 2);
  jobs_action_set_retries (slow, 1);
  test_begin (engine);
  test_wait_state (slow, JOBS_STATE_TIMED_OUT);
  g_assert_cmpuint (jobs_action_get_attempts (slow), ==, 2);
  test_action_set_plan (slow, "fail ok");
  test_action_set_plan (quitter, "ok");
  retry (engine, slow);
  retry (engine, quitter);
  g_assert_cmpuint (jobs_action_get_attempts (slow), ==, 0);
  g_assert_null (jobs_action_get_error (slow));
  test_settle ();
  g_assert_cmpuint (jobs_action_get_attempts (slow), ==, 2);
  test_action_complete (other);
  test_end_well (engine);
  test_assert_states (engine, "slow=finished quitter=finished other=finished");

  g_assert_finalize_object (engine);
}

static void
test_of_two (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *one = test_add (engine, "one", "fail");
  JobsAction *two = test_add (engine, "two", "fail");
  JobsAction *other = test_add (engine, "other", "hang");

  g_test_summary ("Where one of two failures has been mended, the other one is to blame");

  test_begin (engine);
  g_assert_true (jobs_engine_get_culprit (engine) == one);
  test_action_set_plan (one, "ok");
  retry (engine, one);
  test_settle ();
  g_assert_true (jobs_engine_get_culprit (engine) == two);
  test_action_complete (other);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was two: broken");
  g_assert_true (jobs_engine_get_culprit (engine) == two);

  g_assert_finalize_object (engine);
}

static void
test_in_handler (void)
{
  g_test_summary ("A handler that hears of a failure can have it tried again before it counts");

  for (guint policy = JOBS_ON_FAILURE_ABORT; policy <= JOBS_ON_FAILURE_KEEP_GOING; policy++)
    {
      JobsEngine *engine = test_engine_new (policy);
      JobsAction *bad = test_add (engine, "bad", "fail");
      Retrier retrier = { bad, JOBS_STATE_FAILED, bad, 1 };

      test_add_behind (engine, "behind", "ok", bad, JOBS_CONDITION_SUCCESS);
      test_add_behind (engine, "notice", "ok", bad, JOBS_CONDITION_FAILURE);
      g_signal_connect (engine, "action-state-changed", G_CALLBACK (retry_cb), &retrier);
      test_begin (engine);
      test_end_well (engine);
      test_assert_states (engine, "bad=finished behind=finished notice=skipped");
      test_assert_log ("bad bad behind");

      g_assert_finalize_object (engine);
    }
}

static gboolean
fail_once_cb (JobsAction *action,
              gpointer    user_data,
              GError    **error)
{
  guint *n_calls = user_data;

  if ((*n_calls)++ > 0)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "broken");

  return FALSE;
}

static void
test_of_callback (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  guint n_calls = 0;
  JobsAction *bad = test_add_callback (engine, "bad", fail_once_cb, &n_calls);
  Retrier retrier = { bad, JOBS_STATE_FAILED, bad, 1 };

  g_test_summary ("So it is with one whose work has ended when it returns");

  test_add_behind (engine, "behind", "ok", bad, JOBS_CONDITION_SUCCESS);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (retry_cb), &retrier);
  test_begin (engine);
  test_end_well (engine);
  g_assert_cmpuint (n_calls, ==, 2);
  test_assert_states (engine, "bad=finished behind=finished");

  g_assert_finalize_object (engine);
}

static void
test_during_skips (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *one = test_add_behind (engine, "one", "ok", bad, JOBS_CONDITION_DONE);
  JobsAction *two = test_add_behind (engine, "two", "ok", bad, JOBS_CONDITION_DONE);
  JobsAction *given_up = test_add_behind (engine, "given-up", "ok", bad, JOBS_CONDITION_DONE);
  Retrier retrier = { one, JOBS_STATE_SKIPPED, bad, 1 };

  g_test_summary ("What is about to be skipped because of the failure runs again too; "
                  "what was cancelled singly does not");

  jobs_action_set_critical (given_up, FALSE);
  test_add_behind (engine, "further", "ok", two, JOBS_CONDITION_DONE);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (retry_cb), &retrier);
  test_begin (engine);
  test_end_well (engine);
  test_assert_states (engine, "bad=finished one=finished two=finished given-up=finished "
                              "further=finished");

  jobs_action_set_critical (given_up, TRUE);
  test_action_set_plan (bad, "hang");
  retrier.n_left = 1;
  test_begin (engine);
  jobs_action_cancel (given_up);
  test_settle ();
  test_action_fail (bad);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was given-up: cancelled");
  test_assert_states (engine, "bad=finished one=finished two=finished given-up=cancelled "
                              "further=finished");

  g_assert_finalize_object (engine);
}

static void
test_waiting_again (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *gate = test_add (engine, "gate", "hang");
  JobsAction *minor = test_add (engine, "minor", "fail");
  JobsAction *after = test_add_behind (engine, "after", "ok", minor, JOBS_CONDITION_DONE);
  JobsAction *notice = test_add_behind (engine, "notice", "ok", minor, JOBS_CONDITION_FAILURE);

  g_test_summary ("What waits for something else besides waits for the one tried again, too");

  jobs_action_set_critical (minor, FALSE);
  test_require (after, gate, JOBS_CONDITION_DONE);
  test_require (notice, gate, JOBS_CONDITION_DONE);
  test_begin (engine);
  test_assert_states (engine, "gate=running minor=failed after=idle notice=idle");
  test_action_set_plan (minor, "ok");
  retry (engine, minor);
  test_settle ();
  test_assert_states (engine, "gate=running minor=finished after=idle notice=skipped");
  test_action_complete (gate);
  test_end_well (engine);
  test_assert_log ("gate minor minor gate. after");

  g_assert_finalize_object (engine);
}

static void
test_after (void)
{
  for (guint policy = JOBS_ON_FAILURE_ABORT; policy <= JOBS_ON_FAILURE_DRAIN; policy++)
    {
      JobsEngine *engine = test_engine_new (policy);
      JobsAction *good = test_add (engine, "good", "ok");
      JobsAction *bad = test_add_behind (engine, "bad", "fail", good, JOBS_CONDITION_DONE);
      JobsAction *other = test_add_behind (engine, "other", "hang", good, JOBS_CONDITION_DONE);

      g_test_summary ("After an aborted run the next one does what is missing, and no more");

      test_add_behind (engine, "behind", "ok", bad, JOBS_CONDITION_DONE);
      test_add_behind (engine, "last", "ok", other, JOBS_CONDITION_DONE);
      test_begin (engine);
      if (policy == JOBS_ON_FAILURE_DRAIN)
        test_action_complete (other);
      test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
      g_free (test_take_log ());

      assert_no_retry (engine, good);
      retry (engine, bad);
      test_begin (engine);
      if (policy == JOBS_ON_FAILURE_ABORT)
        {
          test_assert_log ("bad other other!");
          test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
          test_action_set_plan (other, "ok");
        }
      else
        {
          test_assert_log ("bad last");
          test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
        }

      test_action_set_plan (bad, "ok");
      retry (engine, bad);
      test_begin (engine);
      test_end_well (engine);
      test_assert_log (policy == JOBS_ON_FAILURE_ABORT ? "bad other behind last" : "bad behind");
      test_assert_states (engine, "good=finished bad=finished other=finished behind=finished "
                                  "last=finished");

      /* And the one after that does everything */
      test_action_set_plan (other, "ok");
      test_begin (engine);
      test_end_well (engine);
      test_assert_log ("good bad other behind last");

      g_assert_finalize_object (engine);
    }
}

static void
test_of_one_after (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *one = test_add (engine, "one", "fail");
  JobsAction *two = test_add (engine, "two", "fail");

  g_test_summary ("After a run that is mended in part the verdict is that of the whole");

  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "2 critical actions did not end well; the first was one: broken");
  test_action_set_plan (one, "ok");
  retry (engine, one);
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was two: broken");
  test_action_set_plan (two, "ok");
  retry (engine, two);
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("one two one two");

  g_assert_finalize_object (engine);
}

static void
test_too_late (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *other = test_add (engine, "other", "stay");

  g_test_summary ("While a run is ending nothing is tried again");

  test_begin (engine);
  test_assert_states (engine, "bad=failed other=cancelling");
  assert_no_retry (engine, bad);
  test_action_complete (other);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");

  g_assert_finalize_object (engine);
}

static void
test_again (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *action = test_add (engine, "action", "drop fail");
  JobsAction *next = test_add_behind (engine, "next", "ok", action, JOBS_CONDITION_DONE);

  g_test_summary ("Another run forgets all of the last one");

  jobs_action_set_retries (action, 1);
  for (guint i = 0; i < 2; i++)
    {
      test_begin (engine);
      test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "action: broken");
      test_assert_states (engine, "action=failed next=skipped");
      g_assert_cmpuint (jobs_action_get_attempts (action), ==, 2);
    }
  test_action_set_plan (action, "hang");
  test_begin (engine);
  test_assert_states (engine, "action=running next=idle");
  g_assert_cmpuint (jobs_action_get_attempts (action), ==, 1);
  g_assert_null (jobs_action_get_error (action));
  g_assert_null (jobs_engine_get_culprit (engine));
  g_assert_cmpint (jobs_action_get_end_time (action), ==, 0);
  test_action_complete (action);
  test_end_well (engine);
  g_assert_cmpint (jobs_action_get_state (next), ==, JOBS_STATE_FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_elsewhere (void)
{
  JobsEngine *former = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  g_autoptr (JobsAction) good = g_object_ref (test_add (former, "good", "ok"));
  g_autoptr (JobsAction) bad = g_object_ref (test_add (former, "bad", "fail"));
  JobsAction *own = test_add (engine, "own", "fail");
  JobsAction *behind;

  g_test_summary ("What an action did in another engine is nothing to a run of this one");

  test_begin (former);
  g_assert_false (test_end (former, NULL));
  test_begin (engine);
  g_assert_false (test_end (engine, NULL));
  jobs_engine_remove (former, good);
  jobs_engine_remove (former, bad);
  jobs_engine_add (engine, good);
  jobs_engine_add (engine, bad);
  behind = test_add_behind (engine, "behind", "ok", good, JOBS_CONDITION_DONE);
  test_require (behind, bad, JOBS_CONDITION_DONE);
  test_action_set_plan (own, "ok");
  test_action_set_plan (bad, "ok");
  g_free (test_take_log ());
  retry (engine, bad);
  retry (engine, own);
  test_begin (engine);
  test_end_well (engine);
  test_assert_states (engine, "own=finished good=finished bad=finished behind=finished");
  test_assert_log ("own good bad behind");

  g_assert_finalize_object (former);
  g_assert_finalize_object (engine);
}

static void
test_removed_after (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *one = test_add (engine, "one", "fail");
  JobsAction *two = test_add (engine, "two", "fail");

  g_test_summary ("What has failed and was removed since then does not count any more");

  test_begin (engine);
  g_assert_false (test_end (engine, NULL));
  test_action_set_plan (two, "ok");
  retry (engine, two);
  jobs_engine_remove (engine, one);
  test_begin (engine);
  test_end_well (engine);

  /* Before the run has looked at anything */
  test_action_set_plan (two, "fail");
  test_add (engine, "three", "ok");
  test_begin (engine);
  g_assert_false (test_end (engine, NULL));
  jobs_engine_orchestrate_async (engine, NULL, NULL, NULL);
  jobs_engine_remove (engine, two);
  test_settle ();
  g_assert_true (jobs_engine_get_verdict (engine));
  test_assert_states (engine, "three=finished");

  g_assert_finalize_object (engine);
}

static void
alone_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(gboolean *) user_data = jobs_action_run_finish (JOBS_ACTION (object), result, NULL);
}

static void
test_mended_alone (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *one = test_add (engine, "one", "fail");
  JobsAction *two = test_add (engine, "two", "fail");
  JobsAction *minor = test_add (engine, "minor", "fail");
  gboolean ok = TRUE;

  g_test_summary ("One that has ended well in a run of its own is not tried again, nor to blame");

  jobs_action_set_critical (minor, FALSE);
  test_begin (engine);
  g_assert_false (test_end (engine, NULL));
  jobs_action_run_async (one, NULL, alone_cb, &ok);
  test_settle ();
  g_assert_false (ok);
  test_action_set_plan (two, "ok");
  retry (engine, two);
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was one: broken");

  test_action_set_plan (one, "ok");
  jobs_action_run_async (one, NULL, alone_cb, &ok);
  test_settle ();
  g_assert_true (ok);
  retry (engine, minor);
  g_free (test_take_log ());
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("minor");
  test_assert_states (engine, "one=finished two=finished minor=failed");

  g_assert_finalize_object (engine);
}

static void
test_behind_cancelled (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *other = test_add (engine, "other", "hang");
  JobsAction *behind[3];

  g_test_summary ("What was cancelled, and is about to be skipped, waits for what is tried again like others");

  jobs_action_set_critical (bad, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (behind); i++)
    {
      const char label[] = { (char) ('x' + i), '\0' };

      behind[i] = test_add_behind (engine, label, "ok", bad, JOBS_CONDITION_DONE);
      test_require (behind[i], other, JOBS_CONDITION_DONE);
      jobs_action_set_critical (behind[i], FALSE);
    }
  test_begin (engine);
  test_assert_states (engine, "bad=failed other=running x=idle y=idle z=idle");
  for (guint i = 0; i < G_N_ELEMENTS (behind); i++)
    jobs_action_cancel (behind[i]);
  test_action_set_plan (bad, "ok");
  retry (engine, bad);
  g_assert_true (jobs_action_drop_requirement (behind[0], bad));
  test_require (behind[1], bad, JOBS_CONDITION_SUCCESS);
  g_assert_true (jobs_action_drop_requirement (behind[1], other));
  g_assert_true (jobs_action_drop_requirement (behind[1], bad));
  g_assert_true (jobs_engine_remove (engine, bad));
  test_settle ();
  test_assert_states (engine, "other=running x=cancelled y=cancelled z=cancelled");
  test_action_complete (other);
  test_end_well (engine);

  g_assert_finalize_object (engine);
}

static void
test_opening (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  TestLine *line = g_object_new (TEST_TYPE_LINE, NULL);
  JobsAction *one = test_add (engine, "one", "ok");
  JobsAction *two = test_add (engine, "two", "ok");

  g_test_summary ("An attempt also fails where what it uses cannot be opened");

  jobs_action_use (one, JOBS_RESOURCE (line));
  jobs_action_use (two, JOBS_RESOURCE (line));
  jobs_action_set_retries (one, 2);
  jobs_action_set_critical (two, FALSE);
  line->n_failures = 1;
  test_begin (engine);
  test_end_well (engine);
  test_assert_states (engine, "one=finished two=failed");
  g_assert_cmpuint (jobs_action_get_attempts (one), ==, 2);
  g_assert_null (jobs_action_get_error (one));
  g_assert_cmpuint (jobs_action_get_attempts (two), ==, 1);
  g_assert_cmpuint (line->n_opened, ==, 2);

  line->n_failures = G_MAXUINT;
  line->n_opened = 0;
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was one: no line");
  g_assert_cmpuint (jobs_action_get_attempts (one), ==, 3);
  g_assert_cmpint (jobs_action_get_end_time (one), ==, 0);
  g_assert_cmpuint (line->n_opened, ==, 3);

  /* A cancel is the end also of the wait for another attempt */
  jobs_action_set_retry_delay (one, 60000);
  test_begin (engine);
  g_assert_cmpint (jobs_action_get_state (one), ==, JOBS_STATE_SCHEDULED);
  g_assert_cmpstr (jobs_action_get_error (one)->message, ==, "no line");
  jobs_action_cancel (one);
  g_assert_false (test_end (engine, NULL));
  test_assert_states (engine, "one=cancelled two=failed");
  test_assert_log ("one");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (line);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/retry/running", test_running);
  g_test_add_func ("/jobs/retry/kinds", test_kinds);
  g_test_add_func ("/jobs/retry/of-two", test_of_two);
  g_test_add_func ("/jobs/retry/in-handler", test_in_handler);
  g_test_add_func ("/jobs/retry/of-callback", test_of_callback);
  g_test_add_func ("/jobs/retry/during-skips", test_during_skips);
  g_test_add_func ("/jobs/retry/waiting-again", test_waiting_again);
  g_test_add_func ("/jobs/retry/after", test_after);
  g_test_add_func ("/jobs/retry/of-one-after", test_of_one_after);
  g_test_add_func ("/jobs/retry/too-late", test_too_late);
  g_test_add_func ("/jobs/retry/again", test_again);
  g_test_add_func ("/jobs/retry/elsewhere", test_elsewhere);
  g_test_add_func ("/jobs/retry/removed-after", test_removed_after);
  g_test_add_func ("/jobs/retry/mended-alone", test_mended_alone);
  g_test_add_func ("/jobs/retry/behind-cancelled", test_behind_cancelled);
  g_test_add_func ("/jobs/retry/opening", test_opening);

  return g_test_run ();
}
