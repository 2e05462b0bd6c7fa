/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-support.h"

/* Actions that run without an engine, or beside the one that they are in */

static void
begin_alone (Run          *run,
             JobsAction   *action,
             GCancellable *cancellable)
{
  run->result = NULL;
  jobs_action_run_async (action, cancellable, run_cb, run);
}

static gboolean
end_alone (Run        *run,
           JobsAction *action,
           GError    **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  spin_until (run->result != NULL);
  result = g_steal_pointer (&run->result);

  return jobs_action_run_finish (action, result, error);
}

#define assert_alone_fails(run, action, domain, code) \
  G_STMT_START { \
    GError *the_error = NULL; \
    g_assert_false (end_alone (run, action, &the_error)); \
    g_assert_error (the_error, domain, code); \
    g_error_free (the_error); \
  } G_STMT_END

static void
assert_alone_ends_well (Run        *run,
                        JobsAction *action)
{
  GError *error = NULL;

  g_assert_true (end_alone (run, action, &error));
  g_assert_no_error (error);
}

static gboolean
perform (JobsAction *action,
         gpointer    data,
         GError    **error)
{
  GValue value = G_VALUE_INIT;

  if (data == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "no");
      return FALSE;
    }
  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, data);
  jobs_action_take_result (action, &value);
  g_value_unset (&value);

  return TRUE;
}

static void
test_outcome (void)
{
  JobsAction *action = add_tidy (NULL, "a", NULL);
  JobsAction *performs = add_callback (NULL, "p", perform, (gpointer) "text");
  JobsAction *refuses = add_callback (NULL, "r", perform, NULL);
  Run run;

  g_test_summary ("One action runs alone: its result and error are its own, it is cleaned up after, and can run again");

  begin_alone (&run, action, NULL);
  g_assert_null (test (action)->attempt);
  spin_until (test (action)->attempt != NULL);
  assert_state (action, JOBS_STATE_RUNNING);
  complete (action);
  assert_alone_ends_well (&run, action);
  assert_state (action, JOBS_STATE_FINISHED);
  g_assert_cmpuint (test (action)->n_clean_ups, ==, 1);

  test (action)->start = fail;
  begin_alone (&run, action, NULL);
  assert_alone_fails (&run, action, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  assert_state (action, JOBS_STATE_FAILED);
  g_assert_cmpuint (test (action)->n_clean_ups, ==, 2);
  jobs_action_set_critical (action, FALSE);
  begin_alone (&run, action, NULL);
  assert_alone_fails (&run, action, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);

  begin_alone (&run, performs, NULL);
  assert_alone_ends_well (&run, performs);
  assert_text (jobs_action_to_string (performs), "<Action `p' finished -> text>");
  begin_alone (&run, refuses, NULL);
  assert_alone_fails (&run, refuses, G_IO_ERROR, G_IO_ERROR_BUSY);

  g_assert_finalize_object (action);
  g_assert_finalize_object (performs);
  g_assert_finalize_object (refuses);
}

static gboolean
fail_at_first (JobsAction  *action,
               JobsAttempt *attempt,
               GError     **error)
{
  if (jobs_attempt_get_number (attempt) < 3)
    return fail (action, attempt, error);

  return succeed (action, attempt, error);
}

static void
test_policy (void)
{
  JobsAction *action = add (NULL, "a", fail_at_first);
  g_autoptr (JobsPool) pool = jobs_pool_new ("pool", 2);
  JobsAction *other = add (NULL, "other", NULL);
  Run run, other_run;

  g_test_summary ("Retries, timeouts and pools are those of the action; forever and requirements mean nothing");

  jobs_action_set_retries (action, 1);
  begin_alone (&run, action, NULL);
  assert_alone_fails (&run, action, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpuint (jobs_action_get_attempts (action), ==, 2);
  jobs_action_set_retries (action, 2);
  begin_alone (&run, action, NULL);
  assert_alone_ends_well (&run, action);
  g_assert_cmpuint (jobs_action_get_attempts (action), ==, 3);

  jobs_action_requires (action, other);
  jobs_action_set_forever (action, TRUE);
  test (action)->start = succeed;
  begin_alone (&run, action, NULL);
  assert_alone_ends_well (&run, action);
  assert_state (other, JOBS_STATE_IDLE);

  jobs_action_set_retries (action, 0);
  jobs_action_set_timeout (action, 1);
  test (action)->start = NULL;
  begin_alone (&run, action, NULL);
  assert_alone_fails (&run, action, JOBS_ERROR, JOBS_ERROR_TIMED_OUT);
  assert_state (action, JOBS_STATE_TIMED_OUT);
  g_clear_object (&test (action)->attempt);

  jobs_action_set_timeout (action, 0);
  jobs_action_add_pool (action, pool, 1);
  jobs_action_add_pool (other, pool, 2);
  begin_alone (&other_run, other, NULL);
  spin_until (test (other)->attempt != NULL);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 2);
  begin_alone (&run, action, NULL);
  settle ();
  assert_state (action, JOBS_STATE_SCHEDULED);
  g_assert_cmpuint (jobs_pool_get_n_waiting (pool), ==, 1);
  complete (other);
  assert_alone_ends_well (&other_run, other);
  spin_until (test (action)->attempt != NULL);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 1);
  complete (action);
  assert_alone_ends_well (&run, action);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);

  g_assert_finalize_object (action);
  g_assert_finalize_object (other);
}

static void
test_needs_too_much (void)
{
  JobsAction *action = add (NULL, "a", succeed);
  g_autoptr (JobsPool) pool = jobs_pool_new ("pool", 1);
  Run run;

  g_test_summary ("One that waits for more than a pool has can be cancelled, and runs when the pool grows");

  jobs_action_add_pool (action, pool, 2);
  begin_alone (&run, action, NULL);
  settle ();
  assert_state (action, JOBS_STATE_SCHEDULED);
  jobs_action_cancel (action);
  assert_alone_fails (&run, action, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  begin_alone (&run, action, NULL);
  settle ();
  g_assert_null (run.result);
  jobs_pool_set_capacity (pool, 2);
  assert_alone_ends_well (&run, action);

  g_assert_finalize_object (action);
}

static void
test_busy (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  JobsAction *b = add (engine, "b", succeed);
  Run run, second;

  g_test_summary ("An action that is under way is busy, and so is its engine; in a run of the engine all are");

  /* Alone, in an engine that does not run */
  jobs_action_requires (a, b);
  begin_alone (&run, a, NULL);
  begin_alone (&second, a, NULL);
  assert_alone_fails (&second, a, JOBS_ERROR, JOBS_ERROR_BUSY);
  spin_until (test (a)->attempt != NULL);
  begin_alone (&second, a, NULL);
  assert_alone_fails (&second, a, JOBS_ERROR, JOBS_ERROR_BUSY);
  begin (&second, engine, NULL);
  end_badly (&second, engine, JOBS_ERROR, JOBS_ERROR_BUSY);
  assert_state (a, JOBS_STATE_RUNNING);
  assert_state (b, JOBS_STATE_IDLE);

  /* Another one of it may run alone meanwhile */
  begin_alone (&second, b, NULL);
  assert_alone_ends_well (&second, b);
  complete (a);
  assert_alone_ends_well (&run, a);

  /* In a run of the engine */
  begin (&run, engine, NULL);
  begin_alone (&second, b, NULL);
  assert_alone_fails (&second, b, JOBS_ERROR, JOBS_ERROR_BUSY);
  spin_until (test (a)->attempt != NULL);
  begin_alone (&second, b, NULL);
  assert_alone_fails (&second, b, JOBS_ERROR, JOBS_ERROR_BUSY);
  begin_alone (&second, a, NULL);
  assert_alone_fails (&second, a, JOBS_ERROR, JOBS_ERROR_BUSY);
  complete (a);
  end_well (&run, engine);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FINISHED), ==, 2);

  g_assert_finalize_object (engine);
}

static void
test_cancel (void)
{
  JobsAction *action = add_tidy (NULL, "a", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Run run;

  g_test_summary ("It is cancelled by itself or a cancellable, before it starts, while it runs and between attempts");

  begin_alone (&run, action, NULL);
  jobs_action_cancel (action);
  assert_alone_fails (&run, action, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (test (action)->n_starts, ==, 0);
  assert_state (action, JOBS_STATE_CANCELLED);
  g_assert_cmpuint (test (action)->n_clean_ups, ==, 1);

  begin_alone (&run, action, NULL);
  spin_until (test (action)->attempt != NULL);
  jobs_action_cancel (action);
  assert_alone_fails (&run, action, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&test (action)->attempt);

  begin_alone (&run, action, cancellable);
  spin_until (test (action)->attempt != NULL);
  test (action)->stop = ignore;
  g_cancellable_cancel (cancellable);
  spin_until (jobs_action_get_state (action) == JOBS_STATE_CANCELLING);
  complete (action);
  assert_alone_ends_well (&run, action);
  assert_state (action, JOBS_STATE_FINISHED);

  /* A cancellable that was cancelled already */
  begin_alone (&run, action, cancellable);
  assert_alone_fails (&run, action, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (test (action)->n_starts, ==, 2);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);

  test (action)->start = fail;
  jobs_action_set_retries (action, 1);
  jobs_action_set_retry_delay (action, 60000);
  begin_alone (&run, action, NULL);
  spin_until (jobs_action_get_error (action) != NULL);
  jobs_action_cancel (action);
  g_assert_false (end_alone (&run, action, NULL));
  assert_state (action, JOBS_STATE_CANCELLED);
  g_assert_cmpuint (test (action)->n_starts, ==, 3);

  g_assert_finalize_object (action);
}

static void
test_removed (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (NULL, "a", NULL);
  Run run;

  g_test_summary ("One that runs alone may be taken out of its engine, and the engine dropped");

  g_assert_true (jobs_engine_add (engine, a));
  begin_alone (&run, a, NULL);
  spin_until (test (a)->attempt != NULL);
  g_assert_true (jobs_engine_remove (engine, a));
  expect_log ("cannot be added to an engine: it is under way");
  g_assert_false (jobs_engine_add (engine, a));
  assert_logged ();
  run_well (engine);
  complete (a);
  assert_alone_ends_well (&run, a);

  /* With others, by surgery */
  add (engine, "b", succeed);
  g_assert_true (jobs_engine_add (engine, a));
  begin_alone (&run, a, NULL);
  spin_until (test (a)->attempt != NULL);
  jobs_engine_keep_only (engine, NULL, 0);
  run_well (engine);
  complete (a);
  assert_alone_ends_well (&run, a);

  g_assert_true (jobs_engine_add (engine, a));
  begin_alone (&run, a, NULL);
  spin_until (test (a)->attempt != NULL);
  g_assert_finalize_object (engine);
  g_assert_null (jobs_action_get_engine (a));
  complete (a);
  assert_alone_ends_well (&run, a);

  g_assert_finalize_object (a);
}

static void
test_clear (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", NULL);
  Run run;

  g_test_summary ("An engine with an action that runs alone cannot be cleared");

  begin_alone (&run, a, NULL);
  g_test_expect_message ("Jobs", G_LOG_LEVEL_CRITICAL, "*jobs_engine_is_held*");
  jobs_engine_clear (engine);
  g_test_assert_expected_messages ();
  g_assert_true (jobs_engine_contains (engine, a));
  spin_until (test (a)->attempt != NULL);
  complete (a);
  assert_alone_ends_well (&run, a);
  jobs_engine_clear (engine);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (engine)), ==, 0);

  g_assert_finalize_object (engine);
}

static void
test_engine (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *a = add (engine, "a", fail);
  GError *error = NULL;
  Run run;

  g_test_summary ("Of an engine it is an ordinary run");

  begin_alone (&run, JOBS_ACTION (engine), NULL);
  g_assert_false (end_alone (&run, JOBS_ACTION (engine), &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_cmpstr (error->message, ==, "a: no luck");
  g_error_free (error);
  test (a)->start = succeed;
  begin_alone (&run, JOBS_ACTION (engine), NULL);
  assert_alone_ends_well (&run, JOBS_ACTION (engine));
  assert_state (a, JOBS_STATE_FINISHED);

  g_assert_finalize_object (engine);
}

static void
test_nested (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = add_engine (engine, "inner");
  JobsAction *a = add (inner, "a", NULL);
  Run run, outer;

  g_test_summary ("An engine inside another one runs on its own, and is busy for that one as long");

  begin (&run, inner, NULL);
  spin_until (test (a)->attempt != NULL);
  begin (&outer, engine, NULL);
  g_assert_false (end (&outer, engine, NULL));
  complete (a);
  end_well (&run, inner);
  assert_state (a, JOBS_STATE_FINISHED);
  g_assert_cmpuint (test (a)->n_starts, ==, 1);

  /* An action of it, while the outer one runs */
  begin_alone (&run, a, NULL);
  spin_until (test (a)->attempt != NULL);
  begin (&outer, engine, NULL);
  g_assert_false (end (&outer, engine, NULL));
  complete (a);
  assert_alone_ends_well (&run, a);

  begin (&outer, engine, NULL);
  spin_until (test (a)->attempt != NULL);
  complete (a);
  end_well (&outer, engine);

  g_assert_finalize_object (engine);
}

static void
test_clean_up (void)
{
  JobsAction *action = add_tidy (NULL, "a", succeed);
  g_autoptr (JobsPool) pool = jobs_pool_new ("pool", 1);
  Run run;

  g_test_summary ("The clean-up of one that runs alone is cut when it is out of time");

  jobs_action_add_pool (action, pool, 1);
  test (action)->clean_up = keep_cleaning;
  begin_alone (&run, action, NULL);
  spin_until (test (action)->cleaning != NULL);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);
  clean (action);
  assert_alone_ends_well (&run, action);

  begin_alone (&run, action, NULL);
  assert_alone_ends_well (&run, action);
  g_assert_cmpuint (test (action)->n_stops, ==, 1);
  g_clear_object (&test (action)->cleaning);

  g_assert_finalize_object (action);
}

int
main (int    argc,
      char **argv)
{
  test_setup (&argc, &argv);

  g_test_add_func ("/jobs/alone/outcome", test_outcome);
  g_test_add_func ("/jobs/alone/policy", test_policy);
  g_test_add_func ("/jobs/alone/needs-too-much", test_needs_too_much);
  g_test_add_func ("/jobs/alone/busy", test_busy);
  g_test_add_func ("/jobs/alone/cancel", test_cancel);
  g_test_add_func ("/jobs/alone/removed", test_removed);
  g_test_add_func ("/jobs/alone/clear", test_clear);
  g_test_add_func ("/jobs/alone/engine", test_engine);
  g_test_add_func ("/jobs/alone/nested", test_nested);
  g_test_add_func ("/jobs/alone/clean-up", test_clean_up);

  return test_run ();
}
