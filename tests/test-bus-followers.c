/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "buses.h"

/* Who is told what, and when, of those that follow a run by changes. */

static void
count_cb (guint *n)
{
  (*n)++;
}

/* Says something all the time */
static gboolean
say_cb (gpointer data)
{
  jobs_attempt_report (data, g_random_double (), NULL);

  return G_SOURCE_CONTINUE;
}

/* While something happens all the time */
static void
assert_paced (Fixture *fixture)
{
  gint64 begin = g_get_monotonic_time ();
  guint before = fixture->n_changes, n;

  spin_until (fixture->n_changes - before >= 10);
  n = fixture->n_changes - before;
  /* The first one may come at once, as what came before is told by it */
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, (n - 2) * G_TIME_SPAN_SECOND / 5 - G_TIME_SPAN_SECOND / 10);
}

static void
test_rate (Fixture      *fixture,
           gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);
  guint talker;

  g_test_summary ("Who follows is told of it five times a second at most, and of the end");

  start (fixture);
  spin_until (test (action)->attempt != NULL);
  show (fixture);
  watch (fixture);
  talker = g_timeout_add (10, say_cb, test (action)->attempt);
  assert_paced (fixture);

  g_source_remove (talker);
  complete (action);
  spin_until (jobs_board_get_state (fixture->copy) == JOBS_STATE_FINISHED);
  g_assert_cmpint (jobs_line_get_state (line_of (fixture, "action")), ==, JOBS_STATE_FINISHED);
}

static gboolean
add_cb (gpointer engine)
{
  add (engine, NULL, NULL);

  return G_SOURCE_CONTINUE;
}

static void
test_growing (Fixture      *fixture,
              gconstpointer data)
{
  guint grower;

  g_test_summary ("Who follows is told of actions that are added five times a second at most, and of all of them");

  show (fixture);
  watch (fixture);
  grower = g_timeout_add (10, add_cb, fixture->engine);
  assert_paced (fixture);

  g_source_remove (grower);
  spin_until (g_list_model_get_n_items (G_LIST_MODEL (fixture->copy)) ==
              g_list_model_get_n_items (G_LIST_MODEL (fixture->engine)));
}

static void
test_nested_growing (Fixture      *fixture,
                     gconstpointer data)
{
  JobsEngine *inner = add_engine (fixture->engine, "inner");
  JobsAction *first = add (inner, "first", NULL);

  g_test_summary ("Actions that are added to a nested engine and beside it are told of, and one that is removed");

  show (fixture);
  watch (fixture);
  g_assert_nonnull (get_line (G_LIST_MODEL (fixture->copy), "inner/first"));

  add (inner, "last", NULL);
  add (fixture->engine, "beside", NULL);
  spin_until (get_line (G_LIST_MODEL (fixture->copy), "inner/last") != NULL);
  spin_until (get_line (G_LIST_MODEL (fixture->copy), "beside") != NULL);
  jobs_engine_remove (inner, first);
  spin_until (get_line (G_LIST_MODEL (fixture->copy), "inner/first") == NULL);
  g_assert_nonnull (get_line (G_LIST_MODEL (fixture->copy), "inner/last"));
}

static void
test_busy (Fixture      *fixture,
           gconstpointer data)
{
  guint n_turns = 0, before;

  g_test_summary ("Where more changes than anybody reads, who follows is told at every second turn of the board");

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (JobsAction) action = jobs_delay_action_new (NULL, 5);

      jobs_engine_add (fixture->engine, action);
    }
  jobs_engine_set_window (fixture->engine, 10);
  show (fixture);
  watch (fixture);
  start (fixture);
  /* By then the board has seen how much there is */
  g_signal_connect_swapped (fixture->board, "changed", G_CALLBACK (count_cb), &n_turns);
  spin_until (n_turns >= 2);
  n_turns = 0;
  before = fixture->n_changes;
  spin_until (n_turns >= 8);
  g_assert_cmpuint (fixture->n_changes - before, <=, 6);
  g_assert_cmpuint (fixture->n_changes - before, >=, 2);
  g_assert_cmpuint (jobs_engine_count (fixture->engine, JOBS_STATE_SCHEDULED), >, 0);

  jobs_engine_cancel (fixture->engine);
  spin_until (!jobs_engine_is_active (fixture->engine));
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (GError) error = NULL;

  *(GVariant **) data = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_assert_no_error (error);
}

/* All of which run; the serial of who knows that */
static guint64
start_three (Fixture    *fixture,
             JobsAction *actions[3])
{
  static const char *const labels[] = { "a", "b", "c" };
  g_autoptr (GVariant) all = NULL;
  guint64 serial;
  guint known;

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    actions[i] = add (fixture->engine, labels[i], NULL);
  start (fixture);
  spin_until (test (actions[2])->attempt != NULL);
  show (fixture);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", G_GUINT64_CONSTANT (0), 0, 100), answered_cb, &all);
  spin_until (all != NULL);
  g_variant_get_child (all, 0, "t", &serial);
  g_variant_get_child (all, 1, "u", &known);
  g_assert_cmpuint (known, ==, 3);

  return serial;
}

static void
test_page_by_page (Fixture      *fixture,
                   gconstpointer data)
{
  JobsAction *actions[3];
  g_autoptr (GVariant) first = NULL, second = NULL, other = NULL;
  gboolean more;
  guint64 serial;

  g_test_summary ("Of more than one answer takes, the rest is told at once");

  serial = start_three (fixture, actions);

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    jobs_attempt_report (test (actions[i])->attempt, 0.5, NULL);
  spin_until (jobs_action_get_progress (actions[2]) == 0.5);
  jobs_board_update (fixture->board);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, 3, 1), answered_cb, &first);
  spin_until (first != NULL);
  g_variant_get_child (first, 0, "t", &serial);
  g_variant_get_child (first, 7, "b", &more);
  g_assert_true (more);

  /* Answers keep their order: one that is held back comes after that of the next call */
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, 3, 1), answered_cb, &second);
  call_run (fixture, "GetRequirements", g_variant_new_parsed ("(@au [], uint32 1)"), answered_cb, &other);
  spin_until (other != NULL);
  g_assert_nonnull (second);
  cancel_all (fixture);
}

static void
report (Fixture    *fixture,
        JobsAction *action,
        double      progress)
{
  jobs_attempt_report (test (action)->attempt, progress, NULL);
  spin_until (jobs_action_get_progress (action) == progress);
  jobs_board_update (fixture->board);
}

static void
test_page_beside (Fixture      *fixture,
                  gconstpointer data)
{
  JobsAction *actions[3];
  g_autoptr (GVariant) told = NULL, more = NULL, first = NULL, second = NULL, other = NULL;
  guint64 serial;

  g_test_summary ("Who begins is told of what there is at once, though another one of his connection is told between");

  serial = start_three (fixture, actions);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, 3, 100), answered_cb, &told);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", G_GUINT64_CONSTANT (0), 0, 1), answered_cb, &first);
  spin_until (first != NULL);
  report (fixture, actions[0], 0.5);
  spin_until (told != NULL);
  g_variant_get_child (told, 0, "t", &serial);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, 3, 100), answered_cb, &more);
  report (fixture, actions[0], 0.75);
  spin_until (more != NULL);

  g_variant_get_child (first, 0, "t", &serial);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, 1, 1), answered_cb, &second);
  call_run (fixture, "GetRequirements", g_variant_new_parsed ("(@au [], uint32 1)"), answered_cb, &other);
  spin_until (other != NULL);
  g_assert_nonnull (second);
  cancel_all (fixture);
}

static void
test_page_of_removed (Fixture      *fixture,
                      gconstpointer data)
{
  JobsAction *actions[3];
  g_autoptr (GVariant) first = NULL, second = NULL, changed = NULL;
  g_autofree char *text = NULL;
  guint64 serial;

  g_test_summary ("One that goes when it would be told of next is left out, and those behind it are not");

  serial = start_three (fixture, actions);

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    complete (actions[i]);
  spin_until (!jobs_engine_is_active (fixture->engine));
  jobs_board_update (fixture->board);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, 3, 1), answered_cb, &first);
  spin_until (first != NULL);
  g_variant_get_child (first, 0, "t", &serial);

  g_assert_true (jobs_engine_remove (fixture->engine, actions[1]));
  jobs_board_update (fixture->board);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, 3, 1), answered_cb, &second);
  spin_until (second != NULL);
  changed = g_variant_get_child_value (second, 4);
  text = g_variant_print (changed, FALSE);
  g_assert_true (g_str_has_prefix (text, "{'finished': ([3], "));
}

/* What is told of in one answer, once for each time */
static guint
count_told (GVariant *answer)
{
  g_autoptr (GVariant) changed = g_variant_get_child_value (answer, 4);
  g_autoptr (GVariant) columns = NULL, numbers = NULL;
  GVariantIter iter;
  guint n = 0;

  g_variant_iter_init (&iter, changed);
  while (g_variant_iter_next (&iter, "{&s@(auaxaxau)}", NULL, &columns))
    {
      numbers = g_variant_get_child_value (columns, 0);
      n += (guint) g_variant_n_children (numbers);
      g_clear_pointer (&numbers, g_variant_unref);
      g_clear_pointer (&columns, g_variant_unref);
    }

  return n;
}

static void
test_once (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (GVariant) all = NULL, next = NULL, said = NULL;
  JobsAction *first = add (fixture->engine, "first", NULL), *second;
  guint64 serial;
  guint known;

  g_test_summary ("One that is added and has begun is told of once");

  start (fixture);
  spin_until (test (first)->attempt != NULL);
  show (fixture);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", G_GUINT64_CONSTANT (0), 0, 100), answered_cb, &all);
  spin_until (all != NULL);
  g_variant_get (all, "(tu@(sssbxxxa{su})@(auauayay)@a{s(auaxaxau)}@a{u(dss)}@aub)", &serial, &known, NULL, NULL,
                 NULL, NULL, NULL, NULL);
  g_assert_cmpuint (known, ==, 1);

  second = add (fixture->engine, "second", NULL);
  spin_until (test (second)->attempt != NULL);
  jobs_attempt_report (test (second)->attempt, 0.5, "half of it");
  spin_until (jobs_action_get_progress (second) == 0.5);
  jobs_board_update (fixture->board);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, known, 100), answered_cb, &next);
  spin_until (next != NULL);
  g_assert_cmpuint (count_told (next), ==, 1);
  said = g_variant_get_child_value (next, 5);
  g_assert_cmpuint (g_variant_n_children (said), ==, 1);
  cancel_all (fixture);
}

static void
test_nobody_forgotten (Fixture      *fixture,
                       gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);
  g_autoptr (GVariant) all = NULL, first = NULL, second = NULL, late = NULL;
  guint64 serial, next;
  guint n_rung = 0;

  g_test_summary ("Who waits for his turn is told, though another one is told before him and then nothing happens");

  start (fixture);
  spin_until (test (action)->attempt != NULL);
  show (fixture);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", G_GUINT64_CONSTANT (0), 0, 100), answered_cb, &all);
  spin_until (all != NULL);
  g_variant_get_child (all, 0, "t", &serial);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, 1, 100), answered_cb, &first);
  report (fixture, action, 0.25);
  spin_until (first != NULL);
  g_timeout_add_once (G_TIME_SPAN_SECOND / 5 / G_TIME_SPAN_MILLISECOND + 1, (GSourceOnceFunc) count_cb, &n_rung);
  g_variant_get_child (first, 0, "t", &next);

  /* He is too early, and the other one is not */
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", next, 1, 100), answered_cb, &second);
  report (fixture, action, 0.5);
  spin_until (n_rung > 0);
  call_run (fixture, "GetChanges", g_variant_new ("(tuu)", serial, 1, 100), answered_cb, &late);
  spin_until (late != NULL);
  /* He has waited longer */
  g_assert_nonnull (second);
  cancel_all (fixture);
}

static void
test_two_of_one_connection (Fixture      *fixture,
                            gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);
  JobsBoard *first;
  guint before, n_first = 0, talker;

  g_test_summary ("Two who follow by one connection are told alike");

  start (fixture);
  spin_until (test (action)->attempt != NULL);
  show (fixture);
  watch (fixture);
  first = g_steal_pointer (&fixture->copy);
  g_signal_handlers_disconnect_by_func (first, changed_cb, fixture);
  g_signal_connect_swapped (first, "changed", G_CALLBACK (count_cb), &n_first);
  watch (fixture);
  talker = g_timeout_add (10, say_cb, test (action)->attempt);
  before = fixture->n_changes;
  spin_until (fixture->n_changes - before >= 5 && n_first >= 5);

  g_source_remove (talker);
  g_assert_finalize_object (first);
  cancel_all (fixture);
}

static void
test_flush_in_mid_run (Fixture      *fixture,
                       gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  gint64 began;

  g_test_summary ("A flush tells what was to be told later, of a run that goes on as well");

  start (fixture);
  spin_until (test (action)->attempt != NULL);
  show (fixture);
  watch (fixture);
  jobs_attempt_report (test (action)->attempt, 0.25, NULL);
  spin_until (jobs_line_get_progress (line_of (fixture, "action")) == 0.25);

  jobs_attempt_report (test (action)->attempt, 0.5, NULL);
  spin_until (jobs_action_get_progress (action) == 0.5);
  jobs_board_update (fixture->board);
  began = g_get_monotonic_time ();
  jobs_bus_monitor_flush_async (fixture->monitor, NULL, take_result, &result);
  spin_until (result != NULL);
  g_assert_true (jobs_bus_monitor_flush_finish (fixture->monitor, result, NULL));
  /* It is given up after half a second, which may be too short on a busy machine */
  if (g_get_monotonic_time () - began < G_TIME_SPAN_SECOND / 2)
    g_assert_cmpfloat (jobs_line_get_progress (line_of (fixture, "action")), ==, 0.5);
  cancel_all (fixture);
}

static void
test_board_first (Fixture      *fixture,
                  gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);

  g_test_summary ("A board that is disposed of while its engine lives leaves nothing at it");

  show (fixture);
  watch (fixture);
  g_object_run_dispose (G_OBJECT (fixture->board));
  g_assert_finalize_object (g_steal_pointer (&fixture->monitor));
  g_assert_finalize_object (g_steal_pointer (&fixture->board));
  start (fixture);
  spin_until (test (action)->attempt != NULL);
  cancel_all (fixture);
}

static void
test_engine_gone (Fixture      *fixture,
                  gconstpointer data)
{
  g_test_summary ("Who comes when the engine has gone is told of what still changes");

  add (fixture->engine, "action", NULL);
  show (fixture);
  g_assert_finalize_object (g_steal_pointer (&fixture->engine));
  watch (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->copy)), ==, 0);
  jobs_board_set_title (fixture->board, "what it was");
  spin_until (g_strcmp0 (jobs_board_get_title (fixture->copy), "what it was") == 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/jobs/bus-followers/" name, Fixture, NULL, setup, function, teardown)

  ADD ("rate", test_rate);
  ADD ("growing", test_growing);
  ADD ("nested-growing", test_nested_growing);
  ADD ("busy", test_busy);
  ADD ("page-by-page", test_page_by_page);
  ADD ("page-beside", test_page_beside);
  ADD ("page-of-removed", test_page_of_removed);
  ADD ("once", test_once);
  ADD ("nobody-forgotten", test_nobody_forgotten);
  ADD ("two-of-one-connection", test_two_of_one_connection);
  ADD ("flush-in-mid-run", test_flush_in_mid_run);
  ADD ("board-first", test_board_first);
  ADD ("engine-gone", test_engine_gone);

  return g_test_run ();
}
