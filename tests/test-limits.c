/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "jobs-run.h"
#include "test-utils.h"

/* Windows, priorities, pools, and a system that has no room */

/* More often than a run tries within a minute where the system has no room, and less
 * often than within two */
#define STARVED_TRIES 80

static void
test_window (void)
{
  g_test_summary ("Never more than the window at once, and never fewer while there are some");

  for (guint window = 1; window <= 6; window++)
    {
      JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
      guint n = 5;

      jobs_engine_set_window (engine, window);
      for (guint i = 0; i < n; i++)
        {
          g_autofree char *label = g_strdup_printf ("%u", i);

          test_add (engine, label, "hang");
        }
      test_begin (engine);
      for (guint i = 0; i < n; i++)
        {
          g_autofree char *label = g_strdup_printf ("%u", i);

          g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_RUNNING), ==, MIN (window, n - i));
          test_action_complete (jobs_engine_lookup (engine, label));
          test_settle ();
        }
      test_end_well (engine);

      g_assert_finalize_object (engine);
    }
}

static void
test_window_changes (void)
{
  static const char *const labels[] = { "a", "b", "c", "d", "e", "f" };
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);

  g_test_summary ("A change of the window takes effect at once; what runs goes on");

  jobs_engine_set_window (engine, 1);
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    test_add (engine, labels[i], "hang");
  test_begin (engine);
  test_assert_log ("a");
  jobs_engine_set_window (engine, 3);
  test_settle ();
  test_assert_log ("b c");
  jobs_engine_set_window (engine, 2);
  test_action_complete (jobs_engine_lookup (engine, "a"));
  test_settle ();
  test_assert_log ("a.");
  test_action_complete (jobs_engine_lookup (engine, "b"));
  test_settle ();
  test_assert_log ("b. d");
  jobs_engine_set_window (engine, 0);
  test_settle ();
  test_assert_log ("e f");
  for (guint i = 2; i < G_N_ELEMENTS (labels); i++)
    test_action_complete (jobs_engine_lookup (engine, labels[i]));
  test_end_well (engine);

  g_assert_finalize_object (engine);
}

static void
test_window_nested (void)
{
  JobsEngine *outer = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsEngine *inner = test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT);

  g_test_summary ("A nested engine takes one slot, and has a window of its own");

  jobs_engine_set_window (outer, 1);
  jobs_engine_set_window (inner, 2);
  test_add (inner, "a", "hang");
  test_add (inner, "b", "hang");
  test_add (inner, "c", "hang");
  test_add (outer, "d", "ok");
  test_begin (outer);
  test_assert_states (inner, "a=running b=running c=scheduled");
  test_assert_states (outer, "inner=running d=scheduled");
  test_action_complete (jobs_engine_lookup (inner, "a"));
  test_action_complete (jobs_engine_lookup (inner, "b"));
  test_settle ();
  test_action_complete (jobs_engine_lookup (inner, "c"));
  test_end_well (outer);
  test_assert_log ("a b a. b. c c. d");

  g_assert_finalize_object (outer);
}

static void
test_order (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *gate = test_add (engine, "gate", "hang");
  JobsAction *late;

  g_test_summary ("Priority comes first, then the time of becoming ready, then insertion");

  jobs_engine_set_window (engine, 1);
  late = test_add_behind (engine, "late", "ok", gate, JOBS_CONDITION_DONE);
  test_add (engine, "a", "ok");
  jobs_action_set_priority (test_add (engine, "b", "ok"), 5);
  jobs_action_set_priority (test_add (engine, "c", "ok"), -1);
  jobs_action_set_priority (test_add (engine, "d", "ok"), 5);
  test_add (engine, "e", "ok");
  jobs_action_set_priority (gate, G_MAXINT);
  test_begin (engine);
  test_action_complete (gate);
  test_end_well (engine);
  test_assert_log ("gate gate. b d a e late c");

  jobs_action_set_priority (late, 6);
  test_begin (engine);
  test_action_complete (gate);
  test_end_well (engine);
  test_assert_log ("gate gate. late b d a e c");

  g_assert_finalize_object (engine);
}

static void
changed_cb (JobsEngine *engine,
            JobsAction *action,
            JobsState   old_state,
            JobsState   new_state,
            GString    *text)
{
  g_string_append_printf (text, "%s=%s ", jobs_action_get_label (action), jobs_state_get_nick (new_state));
}

static void
test_scheduled (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  g_autoptr (GString) text = g_string_new (NULL);
  JobsAction *a = test_add (engine, "a", "hang");

  g_test_summary ("Who starts at once is not SCHEDULED; who waits for a slot or before another one is");

  jobs_engine_set_window (engine, 1);
  test_add (engine, "b", "ok");
  test_add_behind (engine, "c", "ok", a, JOBS_CONDITION_DONE);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (changed_cb), text);
  test_begin (engine);
  g_assert_cmpstr (text->str, ==, "a=running b=scheduled ");
  test_action_complete (a);
  test_end_well (engine);
  g_assert_cmpstr (text->str, ==,
                   "a=running b=scheduled a=finished c=scheduled b=running b=finished c=running c=finished ");

  g_assert_finalize_object (engine);
}

static void
test_priority_at_once (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *gate = test_add (engine, "gate", "hang");
  JobsAction *b;

  g_test_summary ("A priority counts also where it is given while the run goes on, to one that waits");

  jobs_engine_set_window (engine, 1);
  test_add_behind (engine, "a", "ok", gate, JOBS_CONDITION_DONE);
  b = test_add_behind (engine, "b", "ok", gate, JOBS_CONDITION_DONE);
  test_begin (engine);
  jobs_action_set_priority (b, 1);
  test_action_complete (gate);
  test_end_well (engine);
  test_assert_log ("gate gate. b a");

  g_assert_finalize_object (engine);
}

static void
test_pools (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsPool *one = jobs_pool_new ("one", 1);
  JobsPool *two = jobs_pool_new ("two", 2);
  JobsAction *a = test_add (engine, "a", "hang");
  JobsAction *both = test_add (engine, "both", "hang");

  g_test_summary ("A slot and all pools are taken in one step; who waits for a pool has neither");

  jobs_engine_set_window (engine, 2);
  jobs_action_add_pool (a, one, 1);
  jobs_action_add_pool (both, one, 1);
  jobs_action_add_pool (both, two, 2);
  test_add (engine, "free", "hang");
  test_add (engine, "next", "ok");
  test_begin (engine);
  test_assert_states (engine, "a=running both=scheduled free=running next=scheduled");
  g_assert_cmpuint (jobs_pool_get_in_use (two), ==, 0);
  test_action_complete (jobs_engine_lookup (engine, "free"));
  test_settle ();
  test_assert_states (engine, "a=running both=scheduled free=finished next=finished");
  test_action_complete (a);
  test_settle ();
  test_assert_states (engine, "a=finished both=running free=finished next=finished");
  g_assert_cmpuint (jobs_pool_get_in_use (one), ==, 1);
  g_assert_cmpuint (jobs_pool_get_in_use (two), ==, 2);
  test_action_complete (both);
  test_end_well (engine);
  g_assert_cmpuint (jobs_pool_get_in_use (one), ==, 0);
  g_assert_cmpuint (jobs_pool_get_in_use (two), ==, 0);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
}

static void
test_pool_of_engines (void)
{
  JobsPool *pool = jobs_pool_new ("pool", 1);
  JobsEngine *engines[3];
  JobsAction *actions[3];

  g_test_summary ("Engines that share a pool have their turns, and endless actions take it too");

  for (guint i = 0; i < G_N_ELEMENTS (engines); i++)
    {
      engines[i] = test_engine_new (JOBS_ON_FAILURE_ABORT);
      actions[i] = test_add (engines[i], "action", "hang");
      jobs_action_add_pool (actions[i], pool, 1);
    }
  jobs_action_set_forever (actions[0], TRUE);
  jobs_action_set_priority (actions[2], 1);
  for (guint i = 0; i < G_N_ELEMENTS (engines); i++)
    test_begin (engines[i]);
  g_assert_cmpint (jobs_action_get_state (actions[0]), ==, JOBS_STATE_RUNNING);
  g_assert_cmpuint (jobs_pool_get_n_waiting (pool), ==, 2);
  test_action_complete (actions[0]);
  test_end_well (engines[0]);
  test_settle ();
  g_assert_cmpint (jobs_action_get_state (actions[1]), ==, JOBS_STATE_SCHEDULED);
  g_assert_cmpint (jobs_action_get_state (actions[2]), ==, JOBS_STATE_RUNNING);
  jobs_engine_cancel (engines[1]);
  test_end_badly (engines[1], G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  test_assert_states (engines[1], "action=skipped");
  g_assert_cmpuint (jobs_pool_get_n_waiting (pool), ==, 0);
  test_action_complete (actions[2]);
  test_end_well (engines[2]);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (engines); i++)
    g_assert_finalize_object (engines[i]);
  g_assert_finalize_object (pool);
}

static void
test_pool_errors (void)
{
  JobsEngine *outer = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsEngine *inner = test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT);
  JobsPool *pool = jobs_pool_new ("pool", 1);
  JobsAction *action = test_add (inner, "action", "ok");
  g_autoptr (GError) error = NULL;

  g_test_summary ("A need that can never be met is an error before anything starts");

  test_add (outer, "first", "ok");
  jobs_action_add_pool (action, pool, 2);
  test_begin (outer);
  g_assert_false (test_end (outer, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_POOL);
  g_clear_error (&error);
  test_assert_states (outer, "inner=idle first=idle");

  jobs_action_remove_pool (action, pool);
  jobs_action_add_pool (action, pool, 1);
  jobs_action_add_pool (JOBS_ACTION (inner), pool, 1);
  test_begin (outer);
  g_assert_false (test_end (outer, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_POOL);
  test_assert_log ("");

  jobs_action_remove_pool (JOBS_ACTION (inner), pool);
  test_begin (outer);
  test_end_well (outer);

  g_assert_finalize_object (outer);
  g_assert_finalize_object (pool);
}

static void
test_circle_of_pools (void)
{
  JobsEngine *outer = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsPool *p = jobs_pool_new ("p", 1);
  JobsPool *q = jobs_pool_new (NULL, 1);
  JobsEngine *one = test_add_engine (outer, "one", JOBS_ON_FAILURE_ABORT);
  JobsEngine *two = test_add_engine (outer, "two", JOBS_ON_FAILURE_ABORT);
  JobsAction *first = test_add (one, "first", "hang");

  g_test_summary ("Engines that hold what the inside of the other one wants: why says so");

  jobs_engine_set_window (outer, 2);
  jobs_action_add_pool (JOBS_ACTION (one), p, 1);
  jobs_action_add_pool (JOBS_ACTION (two), q, 1);
  jobs_action_add_pool (test_add_behind (one, "a", "ok", first, JOBS_CONDITION_DONE), q, 1);
  jobs_action_add_pool (test_add (two, "b", "ok"), p, 1);
  test_add (outer, "no slot for it", "ok");
  test_begin (outer);
  test_assert_why (outer, "it runs: 3 of 3 actions have not ended");
  test_assert_why (one, "it runs: 2 of 2 actions have not ended");
  test_assert_why (two, "nothing moves: two/b waits for the pool “p”, which one holds");
  test_action_complete (first);
  test_settle ();
  test_assert_why (outer, "nothing moves: one/a waits for the pool “(no name)”, which two holds; "
                          "two/b waits for the pool “p”, which one holds");
  test_assert_why (one, "nothing moves: one/a waits for the pool “(no name)”, which two holds");

  /* More room, and all goes on */
  jobs_pool_set_capacity (p, 2);
  test_end_well (outer);

  g_assert_finalize_object (outer);
  g_assert_finalize_object (p);
  g_assert_finalize_object (q);
}

static void
test_held_forever (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsPool *pool = jobs_pool_new ("pool", 2);
  JobsAction *server = test_add (engine, "server", "hang");

  g_test_summary ("What waits for a pool that a forever action holds: why says so");

  jobs_action_set_forever (server, TRUE);
  jobs_action_add_pool (server, pool, 1);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *label = g_strdup_printf ("client%u", i);

      jobs_action_add_pool (test_add (engine, label, "ok"), pool, 2);
    }
  test_begin (engine);
  test_assert_why (engine, "nothing moves: client0 waits for the pool “pool”, which server holds; "
                           "client1 waits for the pool “pool”, which server holds; "
                           "client2 waits for the pool “pool”, which server holds; "
                           "2 more wait for a pool");
  jobs_pool_set_capacity (pool, 3);
  test_end_well (engine);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (pool);
}

static void
test_never_enough (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsEngine *other = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsPool *pool = jobs_pool_new ("pool", 5);
  JobsAction *holder = test_add (other, "holder", "hang");
  JobsAction *first = test_add (engine, "first", "hang");
  JobsAction *big;

  g_test_summary ("A need that is more than there is since the run began, or that is held in "
                  "another run: why says so");

  jobs_action_add_pool (holder, pool, 2);
  big = test_add_behind (engine, "big", "ok", first, JOBS_CONDITION_DONE);
  jobs_action_add_pool (big, pool, 5);
  test_begin (other);
  test_begin (engine);
  jobs_pool_set_capacity (pool, 1);
  test_assert_why (engine, "it runs: 2 of 2 actions have not ended");
  test_action_complete (first);
  test_settle ();
  test_assert_why (engine, "nothing moves: big needs 5 of the pool “pool”, which has only 1");
  jobs_pool_set_capacity (pool, 5);
  test_settle ();
  test_assert_why (engine, "nothing moves: big waits for the pool “pool”, which is held outside of this run");
  test_action_complete (holder);
  test_end_well (other);
  test_end_well (engine);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (other);
  g_assert_finalize_object (pool);
}

static void
test_no_room (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsRun *run = jobs_engine_get_run (engine);
  JobsPool *pool = jobs_pool_new ("pool", 1);
  JobsAction *action = test_add (engine, "action", "full");
  JobsAction *other = test_add (engine, "other", "hang");

  g_test_summary ("Where the system has no room that was no attempt, and is tried again later");

  jobs_engine_set_window (engine, 1);
  jobs_action_add_pool (action, pool, 1);
  jobs_action_set_timeout (action, 60000);
  test_begin (engine);
  test_assert_states (engine, "action=scheduled other=running");
  g_assert_cmpuint (jobs_action_get_attempts (action), ==, 0);
  g_assert_cmpuint (jobs_pool_get_in_use (pool), ==, 0);
  test_assert_log ("action other");
  test_action_complete (other);
  test_settle ();
  test_assert_states (engine, "action=scheduled other=finished");
  test_assert_log ("other. action");
  test_hurry (&run->starved_deadline);
  test_assert_log ("action");
  test_action_set_plan (action, "ok");
  test_hurry (&run->starved_deadline);
  test_end_well (engine);
  g_assert_cmpuint (jobs_action_get_attempts (action), ==, 1);
  test_assert_nothing_armed ();

  test_action_set_plan (action, "full");
  test_begin (engine);
  test_action_fail (other);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "other: broken");
  test_assert_states (engine, "action=skipped other=failed");
  g_assert_cmpuint (jobs_pool_get_n_waiting (pool), ==, 0);
  test_assert_nothing_armed ();

  g_assert_finalize_object (engine);
  g_assert_finalize_object (pool);
}

static void
test_no_room_ever (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsEngine *inner = test_add_engine (engine, "inner", JOBS_ON_FAILURE_KEEP_GOING);
  JobsRun *run = jobs_engine_get_run (inner);
  JobsAction *busy = test_add (engine, "busy", "hang");
  JobsAction *forever = test_add (engine, "forever", "hang");
  JobsAction *first = test_add (inner, "first", "full");
  JobsAction *second = test_add (inner, "second", "full");
  g_autoptr (GError) error = NULL;

  g_test_summary ("It is tried for a minute in which nothing is at work that would make room");

  jobs_action_set_forever (forever, TRUE);
  test_begin (engine);
  for (guint i = 0; i < STARVED_TRIES; i++)
    test_hurry (&run->starved_deadline);
  test_assert_states (inner, "first=scheduled second=scheduled");

  test_action_complete (busy);
  test_settle ();
  jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
  test_hurry (&run->starved_deadline);
  jobs_engine_resume (engine);
  test_settle ();
  for (guint i = 0; i < STARVED_TRIES / 2; i++)
    test_hurry (&run->starved_deadline);
  test_assert_states (inner, "first=scheduled second=scheduled");

  /* The one that has its turn, and the other one at once */
  for (guint i = 0; i < STARVED_TRIES && jobs_run_is_active (run); i++)
    test_hurry (&run->starved_deadline);
  g_assert_false (test_end (engine, &error));
  g_assert_nonnull (error);
  test_assert_states (inner, "first=failed second=failed");
  g_assert_error (jobs_action_get_error (first), JOBS_ERROR, JOBS_ERROR_NO_RESOURCES);
  g_assert_error (jobs_action_get_error (second), JOBS_ERROR, JOBS_ERROR_NO_RESOURCES);
  test_assert_nothing_armed ();

  g_assert_finalize_object (engine);
}

/* What becomes of the first one of two that the system had no room for, when it has
 * its turn once more */
typedef enum
{
  TURN_REMOVED,
  TURN_CANCELLED,
  TURN_CANCELLED_LATE,
  TURN_HELD_BACK,
  TURN_WITHOUT_POOL,
  N_TURNS
} Turn;

static void
spoil_turn (Turn        turn,
            JobsEngine *engine,
            JobsAction *first,
            JobsAction *gate)
{
  JobsRun *run = jobs_engine_get_run (engine);

  if (turn == TURN_REMOVED)
    jobs_engine_remove (engine, first);
  if (turn == TURN_CANCELLED)
    jobs_action_cancel (first);
  if (turn == TURN_HELD_BACK)
    test_require (first, gate, JOBS_CONDITION_DONE);
  if (turn == TURN_CANCELLED_LATE)
    jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
  test_hurry (&run->starved_deadline);
  if (turn == TURN_CANCELLED_LATE)
    {
      jobs_action_cancel (first);
      test_settle ();
      jobs_engine_resume (engine);
    }
}

static void
test_no_room_for_two (void)
{
  g_test_summary ("Where the turn of one of those comes to nothing, the next one has it");

  for (Turn turn = 0; turn < N_TURNS; turn++)
    {
      JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
      JobsPool *pool = jobs_pool_new ("pool", 1);
      JobsAction *first = test_add (engine, "first", "full");
      JobsAction *second = test_add (engine, "second", "full");
      JobsAction *gate = test_add (engine, "gate", "hang");
      JobsEngine *user = jobs_engine_new ();
      JobsAction *holder = test_add (user, "holder", "hang");

      jobs_action_set_critical (first, FALSE);
      jobs_action_add_pool (first, pool, 1);
      jobs_action_add_pool (holder, pool, 1);
      test_begin (engine);
      test_assert_states (engine, "first=scheduled second=scheduled gate=running");
      if (turn == TURN_WITHOUT_POOL)
        test_begin (user);
      test_action_set_plan (first, "ok");
      test_action_set_plan (second, "ok");
      spoil_turn (turn, engine, first, gate);
      test_settle ();
      g_assert_cmpint (jobs_action_get_state (second), ==, JOBS_STATE_FINISHED);

      if (turn == TURN_WITHOUT_POOL)
        {
          test_action_complete (holder);
          test_end_well (user);
        }
      test_action_complete (gate);
      test_end_well (engine);
      test_assert_nothing_armed ();

      g_assert_finalize_object (engine);
      g_assert_finalize_object (user);
      g_assert_finalize_object (pool);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/limits/window", test_window);
  g_test_add_func ("/jobs/limits/window-changes", test_window_changes);
  g_test_add_func ("/jobs/limits/window-nested", test_window_nested);
  g_test_add_func ("/jobs/limits/order", test_order);
  g_test_add_func ("/jobs/limits/scheduled", test_scheduled);
  g_test_add_func ("/jobs/limits/priority-at-once", test_priority_at_once);
  g_test_add_func ("/jobs/limits/pools", test_pools);
  g_test_add_func ("/jobs/limits/pool-of-engines", test_pool_of_engines);
  g_test_add_func ("/jobs/limits/pool-errors", test_pool_errors);
  g_test_add_func ("/jobs/limits/circle-of-pools", test_circle_of_pools);
  g_test_add_func ("/jobs/limits/held-forever", test_held_forever);
  g_test_add_func ("/jobs/limits/never-enough", test_never_enough);
  g_test_add_func ("/jobs/limits/no-room", test_no_room);
  g_test_add_func ("/jobs/limits/no-room-ever", test_no_room_ever);
  g_test_add_func ("/jobs/limits/no-room-for-two", test_no_room_for_two);

  return g_test_run ();
}
