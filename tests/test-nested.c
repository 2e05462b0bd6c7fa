/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-utils.h"

#define N_LEVELS 50

static const JobsOnFailure policies[] = {
  JOBS_ON_FAILURE_ABORT, JOBS_ON_FAILURE_DRAIN, JOBS_ON_FAILURE_KEEP_GOING
};

/* inner holds a failure and one that runs; outer holds it, one that runs, and one
 * behind inner */
static JobsEngine *
engine_with_engine (JobsOnFailure  outer_policy,
                    JobsOnFailure  inner_policy,
                    JobsEngine   **inner)
{
  JobsEngine *outer = test_engine_new (outer_policy);

  *inner = test_add_engine (outer, "inner", inner_policy);
  test_add (*inner, "bad", "fail");
  test_add (*inner, "one", "hang");
  test_add_behind (*inner, "two", "ok", jobs_engine_lookup (*inner, "one"), JOBS_CONDITION_DONE);
  test_add (outer, "three", "hang");
  test_add_behind (outer, "four", "ok", JOBS_ACTION (*inner), JOBS_CONDITION_DONE);
  test_add_behind (outer, "five", "ok", JOBS_ACTION (*inner), JOBS_CONDITION_FAILURE);

  return outer;
}

/* Without its outer run having anything to do with it */
static void
check_inner (JobsEngine   *inner,
             JobsOnFailure policy)
{
  switch (policy)
    {
    case JOBS_ON_FAILURE_ABORT:
      test_assert_states (inner, "bad=failed one=cancelled two=skipped");
      break;
    case JOBS_ON_FAILURE_DRAIN:
      test_assert_states (inner, "bad=failed one=running two=skipped");
      test_action_complete (jobs_engine_lookup (inner, "one"));
      test_settle ();
      test_assert_states (inner, "bad=failed one=finished two=skipped");
      break;
    case JOBS_ON_FAILURE_KEEP_GOING:
    default:
      test_assert_states (inner, "bad=failed one=running two=idle");
      test_action_complete (jobs_engine_lookup (inner, "one"));
      test_settle ();
      test_assert_states (inner, "bad=failed one=finished two=finished");
      break;
    }
  g_assert_false (jobs_engine_is_active (inner));
}

static void
test_policies (void)
{
  static const int codes[] = { JOBS_ERROR_CRITICAL, JOBS_ERROR_CRITICAL, JOBS_ERROR_INCOMPLETE };
  static const char *const states[] = {
    "inner=failed three=cancelled four=skipped five=finished",
    "inner=failed three=running four=skipped five=finished",
    "inner=failed three=running four=skipped five=finished",
  };
  static const char incomplete[] = "1 critical action did not end well; the first was inner/bad: broken";
  static const char *const messages[][3] = {
    { "inner/bad: broken", "inner/bad: broken",
      "inner: 1 critical action did not end well; the first was inner/bad: broken" },
    { "inner/bad: broken", "inner/bad: broken",
      "inner: 1 critical action did not end well; the first was inner/bad: broken" },
    { "1 critical action did not end well; the first was inner: inner/bad: broken",
      "1 critical action did not end well; the first was inner: inner/bad: broken",
      "1 critical action did not end well; the first was inner: "
      "1 critical action did not end well; the first was inner/bad: broken" },
  };

  g_test_summary ("A failure ends its own engine by that one's policy, and then the outer one by its own");

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    for (guint j = 0; j < G_N_ELEMENTS (policies); j++)
      {
        JobsEngine *inner;
        JobsEngine *outer = engine_with_engine (policies[i], policies[j], &inner);

        test_begin (outer);
        if (policies[j] != JOBS_ON_FAILURE_ABORT)
          test_assert_states (outer, "inner=running three=running four=idle five=idle");
        check_inner (inner, policies[j]);
        test_assert_states (outer, states[i]);
        g_assert_true (g_error_matches (jobs_action_get_error (JOBS_ACTION (inner)), JOBS_ERROR,
                                        codes[j]));
        test_assert_why (inner, policies[j] == JOBS_ON_FAILURE_KEEP_GOING ? incomplete
                                                                          : "inner/bad: broken");
        g_assert_true (jobs_engine_get_culprit (outer) == jobs_engine_lookup (outer, "inner/bad"));
        if (policies[i] != JOBS_ON_FAILURE_ABORT)
          test_action_complete (jobs_engine_lookup (outer, "three"));
        test_end_badly (outer, JOBS_ERROR, codes[i], messages[i][j]);

        g_assert_finalize_object (outer);
      }
}

static void
test_not_critical (void)
{
  g_test_summary ("A nested engine that is not critical fails all the same, and changes nothing else");

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    for (guint j = 0; j < G_N_ELEMENTS (policies); j++)
      {
        JobsEngine *inner;
        JobsEngine *outer = engine_with_engine (policies[i], policies[j], &inner);
        const GValue *result;

        jobs_action_set_critical (JOBS_ACTION (inner), FALSE);
        test_begin (outer);
        check_inner (inner, policies[j]);
        test_assert_states (outer, "inner=failed three=running four=finished five=finished");
        result = jobs_action_get_result (JOBS_ACTION (inner));
        g_assert_true (G_VALUE_HOLDS_BOOLEAN (result) && !g_value_get_boolean (result));
        test_action_complete (jobs_engine_lookup (outer, "three"));
        test_end_well (outer);
        g_assert_false (jobs_engine_get_verdict (inner));

        g_assert_finalize_object (outer);
      }
}

static void
test_ends (void)
{
  JobsEngine *outer = test_engine_new (JOBS_ON_FAILURE_DRAIN);
  JobsEngine *inner = test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT);
  JobsAction *action = test_add (inner, "action", "hang");

  g_test_summary ("A nested engine is TIMED_OUT by its own timeout, and CANCELLED from outside");

  jobs_action_set_timeout (JOBS_ACTION (inner), 60000);
  test_begin (outer);
  test_time_out (JOBS_ACTION (inner));
  test_end_badly (outer, JOBS_ERROR, JOBS_ERROR_CRITICAL, "inner: timed out after 60 s");
  test_assert_states (outer, "inner=timed-out");
  test_assert_states (inner, "action=cancelled");
  g_assert_true (jobs_engine_get_culprit (outer) == JOBS_ACTION (inner));

  jobs_action_set_timeout (JOBS_ACTION (inner), 0);
  test_begin (outer);
  jobs_action_cancel (JOBS_ACTION (inner));
  test_end_badly (outer, JOBS_ERROR, JOBS_ERROR_CRITICAL, "inner: cancelled");
  test_assert_states (outer, "inner=cancelled");
  test_assert_states (inner, "action=cancelled");

  test_begin (outer);
  jobs_engine_cancel (inner);
  test_end_badly (outer, JOBS_ERROR, JOBS_ERROR_CRITICAL, "inner: cancelled");
  test_assert_states (outer, "inner=cancelled");

  test_begin (outer);
  jobs_engine_cancel (outer);
  test_end_badly (outer, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  test_assert_states (outer, "inner=cancelled");
  test_assert_states (inner, "action=cancelled");

  jobs_action_set_timeout (JOBS_ACTION (outer), 60000);
  test_begin (outer);
  test_time_out (JOBS_ACTION (outer));
  test_end_badly (outer, JOBS_ERROR, JOBS_ERROR_TIMED_OUT, "timed out after 60 s");
  test_assert_states (outer, "inner=cancelled");

  jobs_action_set_timeout (JOBS_ACTION (outer), 0);
  test_begin (outer);
  test_action_complete (action);
  test_end_well (outer);
  test_assert_states (outer, "inner=finished");

  g_assert_finalize_object (outer);
}

static void
test_skipped (void)
{
  JobsEngine *outer = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *bad = test_add (outer, "bad", "fail ok");
  JobsEngine *inner = test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT);

  g_test_summary ("What is inside an engine that is skipped forgets its last run");

  test_add (inner, "action", "ok");
  jobs_action_set_retries (bad, 1);
  test_require (JOBS_ACTION (inner), bad, JOBS_CONDITION_SUCCESS);
  test_begin (outer);
  test_end_well (outer);
  test_assert_states (inner, "action=finished");
  g_assert_true (jobs_engine_get_verdict (inner));

  jobs_action_set_retries (bad, 0);
  test_begin (outer);
  g_assert_false (test_end (outer, NULL));
  test_assert_states (outer, "bad=failed inner=skipped");
  test_assert_states (inner, "action=idle");
  g_assert_false (jobs_engine_get_verdict (inner));
  test_assert_why (inner, "it has not run");

  g_assert_finalize_object (outer);
}

static JobsEngine *
deep_engine (JobsOnFailure policy,
             const char   *plan,
             JobsAction  **bottom,
             GString      *path)
{
  JobsEngine *outer = test_engine_new (policy);
  JobsEngine *engine = outer;

  for (guint i = 1; i < N_LEVELS; i++)
    {
      g_autofree char *label = g_strdup_printf ("%u", i);

      g_string_append_printf (path, "%s/", label);
      engine = test_add_engine (engine, label, policy);
      jobs_engine_set_window (engine, 1);
    }
  g_string_append (path, "bottom");
  *bottom = test_add (engine, "bottom", plan);

  return outer;
}

static void
test_deep (void)
{
  g_test_summary ("Fifty engines inside one another end well, fail, and are cancelled as one does");

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autoptr (GString) path = g_string_new (NULL);
      g_autofree char *message = NULL;
      g_autoptr (GError) error = NULL;
      JobsAction *bottom;
      JobsEngine *outer = deep_engine (policies[i], "hang", &bottom, path);

      g_assert_true (jobs_engine_lookup (outer, path->str) == bottom);
      test_begin (outer);
      g_assert_cmpint (jobs_action_get_state (bottom), ==, JOBS_STATE_RUNNING);
      test_action_complete (bottom);
      test_end_well (outer);

      test_begin (outer);
      test_action_fail (bottom);
      g_assert_false (test_end (outer, &error));
      message = g_strdup_printf ("%s: broken", path->str);
      if (policies[i] == JOBS_ON_FAILURE_KEEP_GOING)
        {
          g_assert_error (error, JOBS_ERROR, JOBS_ERROR_INCOMPLETE);
          g_assert_true (g_str_has_suffix (error->message, message));
        }
      else
        {
          g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CRITICAL);
          g_assert_cmpstr (error->message, ==, message);
        }
      g_assert_true (jobs_engine_get_culprit (outer) == bottom);

      test_begin (outer);
      jobs_engine_cancel (outer);
      test_end_badly (outer, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
      g_assert_cmpint (jobs_action_get_state (bottom), ==, JOBS_STATE_CANCELLED);

      jobs_action_set_timeout (JOBS_ACTION (outer), 60000);
      test_begin (outer);
      test_time_out (JOBS_ACTION (outer));
      test_end_badly (outer, JOBS_ERROR, JOBS_ERROR_TIMED_OUT, "timed out after 60 s");
      g_assert_cmpint (jobs_action_get_state (bottom), ==, JOBS_STATE_CANCELLED);

      g_assert_finalize_object (outer);
    }
}

typedef struct
{
  JobsEngine *outer;
  guint       n_busy;
} Taking;

static void
busy_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Taking *taking = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (jobs_engine_orchestrate_finish (JOBS_ENGINE (object), result, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_BUSY);
  taking->n_busy++;
}

static void
take_out_and_run_cb (JobsEngine *inner,
                     gboolean    success,
                     Taking     *taking)
{
  g_assert_true (jobs_engine_remove (taking->outer, JOBS_ACTION (inner)));
  jobs_engine_orchestrate_async (inner, NULL, busy_cb, taking);
}

static void
test_taken_out (void)
{
  JobsEngine *outer = test_engine_new (JOBS_ON_FAILURE_ABORT);
  g_autoptr (JobsEngine) inner = g_object_ref (test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT));
  Taking taking = { outer };

  g_test_summary ("One that is taken out at its end is under way until that has been heard of");

  test_add (inner, "one", "ok");
  g_signal_connect (inner, "finished", G_CALLBACK (take_out_and_run_cb), &taking);
  test_begin (outer);
  test_end_well (outer);
  test_settle ();
  g_assert_cmpuint (taking.n_busy, ==, 1);
  g_assert_cmpint (jobs_action_get_state (JOBS_ACTION (inner)), ==, JOBS_STATE_FINISHED);
  g_signal_handlers_disconnect_by_data (inner, &taking);
  test_begin (inner);
  test_end_well (inner);

  g_assert_finalize_object (outer);
}

static void
test_stuck_inside (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *first = test_add (engine, "first", "ok");
  JobsEngine *outer = test_add_engine (engine, "outer", JOBS_ON_FAILURE_ABORT);
  JobsEngine *inner = test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT);
  JobsAction *stuck = test_add (inner, "stuck", "stay");

  g_test_summary ("What a stuck attempt has kept from being forgotten is forgotten later");

  test_require (JOBS_ACTION (outer), first, JOBS_CONDITION_DONE);
  test_begin (engine);
  jobs_engine_cancel (engine);
  test_settle ();
  test_time_out (stuck);
  test_end_badly (engine, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  g_assert_cmpuint (jobs_engine_get_n_stuck (inner), ==, 1);

  for (guint run = 0; run < 2; run++)
    {
      test_action_set_plan (first, "hang");
      test_begin (engine);
      g_assert_cmpint (jobs_action_get_state (JOBS_ACTION (inner)), ==, JOBS_STATE_IDLE);
      g_assert_cmpint (jobs_action_get_state (stuck), ==,
                       run == 0 ? JOBS_STATE_CANCELLED : JOBS_STATE_IDLE);
      jobs_engine_cancel (engine);
      test_end_badly (engine, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
      if (run == 0)
        test_action_complete (stuck);
      test_settle ();
    }

  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/nested/policies", test_policies);
  g_test_add_func ("/jobs/nested/not-critical", test_not_critical);
  g_test_add_func ("/jobs/nested/ends", test_ends);
  g_test_add_func ("/jobs/nested/skipped", test_skipped);
  g_test_add_func ("/jobs/nested/deep", test_deep);
  g_test_add_func ("/jobs/nested/taken-out", test_taken_out);
  g_test_add_func ("/jobs/nested/stuck-inside", test_stuck_inside);

  return g_test_run ();
}
