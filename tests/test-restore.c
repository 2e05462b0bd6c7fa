/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "test-utils.h"

/* What an earlier run has done, be it in another process, is not done again */

static void
restore (JobsEngine *engine,
         JobsAction *action,
         const char *text)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, text);
  jobs_engine_restore (engine, action, text != NULL ? &value : NULL);
  g_value_unset (&value);
}

static void
test_some (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *a = test_add (engine, "a", "ok");
  JobsAction *b = test_add_behind (engine, "b", "ok", a, JOBS_CONDITION_SUCCESS);
  JobsAction *c = test_add_behind (engine, "c", "ok", b, JOBS_CONDITION_DONE);

  g_test_summary ("Only the rest runs, and finds what was done; the run after that does all");

  test_add_behind (engine, "notice", "ok", a, JOBS_CONDITION_FAILURE);
  restore (engine, a, "text");
  g_assert_true (jobs_action_is_done (a));
  g_assert_cmpstr (g_value_get_string (jobs_action_get_result (a)), ==, "text");
  g_assert_cmpuint (jobs_action_get_attempts (a), ==, 0);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FINISHED), ==, 1);
  restore (engine, b, NULL);
  g_assert_null (jobs_action_get_result (b));

  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("c");
  test_assert_states (engine, "a=finished b=finished c=finished notice=skipped");
  g_assert_cmpstr (g_value_get_string (jobs_action_get_result (a)), ==, "text");

  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("a b c");
  g_assert_null (jobs_action_get_result (a));
  g_assert_cmpuint (jobs_action_get_attempts (c), ==, 1);

  g_assert_finalize_object (engine);
}

static void
test_all (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *a = test_add (engine, "a", "ok");
  JobsAction *server = test_add (engine, "server", "hang");
  g_autofree char *log = NULL;

  g_test_summary ("Where nothing finite is left the run succeeds, and forever actions end with it");

  jobs_action_set_forever (server, TRUE);
  restore (engine, a, NULL);
  test_begin (engine);
  test_end_well (engine);
  test_assert_states (engine, "a=finished server=skipped");
  g_assert_true (jobs_engine_get_verdict (engine));
  log = test_take_log ();

  g_assert_finalize_object (engine);
}

static void
test_nested (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsEngine *inner = test_add_engine (engine, "inner", JOBS_ON_FAILURE_ABORT);
  JobsEngine *done = test_add_engine (engine, "done", JOBS_ON_FAILURE_ABORT);
  JobsAction *a = test_add (inner, "a", "ok");

  g_test_summary ("An engine inside goes on where it stopped, or is not entered at all");

  test_add_behind (inner, "b", "ok", a, JOBS_CONDITION_DONE);
  test_add (done, "c", "ok");
  restore (inner, a, NULL);
  restore (engine, JOBS_ACTION (done), NULL);
  g_assert_true (jobs_engine_get_verdict (done));

  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("b");
  test_assert_states (inner, "a=finished b=finished");
  test_assert_states (done, "c=idle");

  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("a c b");

  g_assert_finalize_object (engine);
}

static gboolean
fail_once_cb (JobsAction *action,
              gpointer    user_data,
              GError    **error)
{
  if ((*(guint *) user_data)++ > 0)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "not yet");

  return FALSE;
}

static void
test_nested_retry (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsEngine *inner = test_add_engine (engine, "inner", JOBS_ON_FAILURE_ABORT);
  JobsAction *a = test_add (inner, "a", "ok");
  guint n_calls = 0;

  g_test_summary ("Another attempt at an engine does all in it, also what was restored");

  test_require (test_add_callback (inner, "b", fail_once_cb, &n_calls), a, JOBS_CONDITION_DONE);
  jobs_action_set_retries (JOBS_ACTION (inner), 1);
  restore (inner, a, NULL);
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("a");
  g_assert_cmpuint (n_calls, ==, 2);

  g_assert_finalize_object (engine);
}

static void
test_removed (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *kept = test_add (engine, "kept", "ok");
  JobsAction *other = test_add (engine, "other", "hang");
  JobsAction *behind = test_add_behind (engine, "behind", "ok", kept, JOBS_CONDITION_SUCCESS);

  g_test_summary ("One that is kept and goes while the run does is no news to those behind it");

  test_require (behind, other, JOBS_CONDITION_DONE);
  restore (engine, kept, NULL);
  test_begin (engine);
  g_object_ref (kept);
  g_assert_true (jobs_engine_remove (engine, kept));
  test_settle ();
  test_assert_states (engine, "other=running behind=idle");
  test_action_complete (other);
  test_end_well (engine);
  test_assert_log ("other other. behind");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (kept);
}

static void
test_misuse (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *a = test_add (engine, "a", "hang");

  g_test_summary ("What goes on, or has an outcome, cannot be restored");

  test_begin (engine);
  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*JOBS_STATE_IDLE*");
  jobs_engine_restore (engine, a, NULL);
  test_action_complete (a);
  test_end_well (engine);
  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*JOBS_STATE_IDLE*");
  jobs_engine_restore (engine, a, NULL);
  g_test_assert_expected_messages ();

  g_assert_finalize_object (engine);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/restore/some", test_some);
  g_test_add_func ("/jobs/restore/all", test_all);
  g_test_add_func ("/jobs/restore/nested", test_nested);
  g_test_add_func ("/jobs/restore/nested-retry", test_nested_retry);
  g_test_add_func ("/jobs/restore/removed", test_removed);
  g_test_add_func ("/jobs/restore/misuse", test_misuse);

  return g_test_run ();
}
