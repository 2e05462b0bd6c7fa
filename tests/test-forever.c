/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-utils.h"

static void
test_end_of_run (void)
{
  static const char *const plans[] = { "hang", "lose", "win" };
  static const char *const states[] = { "cancelled", "failed", "finished" };

  g_test_summary ("One that goes on forever is asked to end after all others, and may do so badly");

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
      JobsAction *server = test_add (engine, "server", plans[i]);
      JobsAction *action = test_add (engine, "action", "hang");
      g_autofree char *expected = g_strdup_printf ("server=%s action=finished", states[i]);

      jobs_action_set_forever (server, TRUE);
      jobs_action_set_retries (server, 3);
      test_begin (engine);
      test_assert_states (engine, "server=running action=running");
      test_action_complete (action);
      test_end_well (engine);
      test_assert_states (engine, expected);
      test_assert_log ("server action action. server!");

      g_assert_finalize_object (engine);
    }
}

static void
test_too_late (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *action = test_add (engine, "action", "hang");

  g_test_summary ("One that would be asked to end at once is not started");

  jobs_action_set_forever (test_add_behind (engine, "server", "hang", action, JOBS_CONDITION_DONE),
                           TRUE);
  test_begin (engine);
  test_action_complete (action);
  test_end_well (engine);
  test_assert_states (engine, "action=finished server=skipped");
  test_assert_log ("action action.");

  g_assert_finalize_object (engine);
}

static void
test_slots (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);

  g_test_summary ("Those that go on forever take no slot");

  jobs_engine_set_window (engine, 1);
  jobs_action_set_forever (test_add (engine, "one", "hang"), TRUE);
  jobs_action_set_forever (test_add (engine, "two", "hang"), TRUE);
  test_add (engine, "three", "hang");
  test_add (engine, "four", "hang");
  jobs_action_set_forever (test_add (engine, "five", "hang"), TRUE);
  test_begin (engine);
  test_assert_states (engine, "one=running two=running three=running four=scheduled five=running");
  test_action_complete (jobs_engine_lookup (engine, "three"));
  test_settle ();
  test_action_complete (jobs_engine_lookup (engine, "four"));
  test_end_well (engine);

  g_assert_finalize_object (engine);
}

static void
test_order (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *low = test_add (engine, "low", "hang");
  JobsAction *one = test_add (engine, "one", "ok");
  JobsAction *middle = test_add (engine, "middle", "hang");
  JobsAction *high, *first;

  g_test_summary ("They have their turn among the others, but need not wait for a slot");

  test_add (engine, "two", "ok");
  high = test_add (engine, "high", "hang");
  first = test_add (engine, "first", "ok");
  jobs_action_set_forever (low, TRUE);
  jobs_action_set_forever (middle, TRUE);
  jobs_action_set_forever (high, TRUE);
  jobs_action_set_priority (low, -1);
  jobs_action_set_priority (high, 1);
  jobs_action_set_priority (first, 1);
  jobs_action_set_retries (one, 1);

  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("high first one middle two low low! middle! high!");

  jobs_engine_set_window (engine, 1);
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("high first middle low one two low! middle! high!");

  jobs_engine_set_window (engine, 3);
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("high first one middle two low low! middle! high!");

  g_assert_finalize_object (engine);
}

static gboolean
succeed_cb (JobsAction *action,
            gpointer    user_data,
            GError    **error)
{
  return TRUE;
}

static void
test_order_of_time (void)
{
  static const int priorities[] = { 0, 1 };

  g_test_summary ("Of the same priority that one starts first which has been ready for longer");

  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
      JobsAction *quick = test_add_callback (engine, "quick", succeed_cb, NULL);
      JobsAction *server = test_add_behind (engine, "server", "hang", quick, JOBS_CONDITION_DONE);
      JobsAction *other = test_add_behind (engine, "other", "hang", quick, JOBS_CONDITION_DONE);
      JobsAction *waiting = test_add (engine, "waiting", "ok");
      JobsAction *behind = test_add_behind (engine, "behind", "ok", quick, JOBS_CONDITION_DONE);

      jobs_action_set_forever (server, TRUE);
      jobs_action_set_forever (other, TRUE);
      jobs_action_set_priority (quick, 2);
      jobs_action_set_priority (server, priorities[i]);
      jobs_action_set_priority (other, priorities[i]);
      jobs_action_set_priority (waiting, priorities[i]);
      jobs_action_set_priority (behind, priorities[i]);
      test_begin (engine);
      test_end_well (engine);
      test_assert_log ("waiting server other behind other! server!");

      g_assert_finalize_object (engine);
    }
}

static void
test_only (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *one = test_add (engine, "one", "hang");
  JobsAction *two = test_add (engine, "two", "hang");

  g_test_summary ("With nothing else a run goes on until they end, are cancelled or timed out");

  jobs_action_set_forever (one, TRUE);
  jobs_action_set_forever (two, TRUE);
  test_begin (engine);
  test_action_complete (one);
  test_settle ();
  test_assert_states (engine, "one=finished two=running");
  test_assert_why (engine, "it runs: 1 of 2 actions have not ended");
  test_action_complete (two);
  test_end_well (engine);

  test_begin (engine);
  jobs_engine_cancel (engine);
  test_end_badly (engine, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  test_assert_states (engine, "one=cancelled two=cancelled");

  jobs_action_set_timeout (JOBS_ACTION (engine), 60000);
  test_begin (engine);
  test_time_out (JOBS_ACTION (engine));
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_TIMED_OUT, "timed out after 60 s");
  test_assert_states (engine, "one=cancelled two=cancelled");

  g_assert_finalize_object (engine);
}

static void
test_ends_early (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *server = test_add (engine, "server", "fail drop ok");
  JobsAction *action = test_add (engine, "action", "hang");

  g_test_summary ("One that should go on forever is tried again when it fails, not when it ends");

  jobs_action_set_forever (server, TRUE);
  jobs_action_set_retries (server, 5);
  test_begin (engine);
  test_assert_states (engine, "server=finished action=running");
  g_assert_cmpuint (jobs_action_get_attempts (server), ==, 3);
  test_action_complete (action);
  test_end_well (engine);

  test_action_set_plan (server, "fail");
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "server: broken");
  g_assert_cmpuint (jobs_action_get_attempts (server), ==, 6);
  test_assert_states (engine, "server=failed action=cancelled");

  g_assert_finalize_object (engine);
}

static void
test_endless (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *server = test_add (engine, "server", "hang");
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("What waits for the end of something endless is told of, and not refused");

  jobs_action_set_forever (server, TRUE);
  test_add_behind (engine, "one", "ok", server, JOBS_CONDITION_DONE);
  g_assert_true (jobs_engine_check (engine, &warnings, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  test_begin (engine);
  test_assert_states (engine, "server=running one=idle");
  test_assert_why (engine, "1 action waits for server, which goes on forever");
  test_add_behind (engine, "two", "ok", server, JOBS_CONDITION_AFTER);
  test_settle ();
  test_assert_why (engine, "2 actions wait for server, which goes on forever");
  jobs_action_cancel (server);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "server: cancelled");
  test_assert_states (engine, "server=cancelled one=finished two=finished");

  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/forever/end-of-run", test_end_of_run);
  g_test_add_func ("/jobs/forever/too-late", test_too_late);
  g_test_add_func ("/jobs/forever/slots", test_slots);
  g_test_add_func ("/jobs/forever/order", test_order);
  g_test_add_func ("/jobs/forever/order-of-time", test_order_of_time);
  g_test_add_func ("/jobs/forever/only", test_only);
  g_test_add_func ("/jobs/forever/ends-early", test_ends_early);
  g_test_add_func ("/jobs/forever/endless", test_endless);

  return g_test_run ();
}
