/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "buses.h"

static void
test_same (Fixture      *fixture,
           gconstpointer data)
{
  JobsAction *first = add (fixture->engine, "first", NULL);
  JobsEngine *tests = add_engine (fixture->engine, "tests");
  JobsEngine *inner = add_engine (tests, "inner");
  JobsAction *unit = add (inner, "unit", NULL);
  JobsAction *last = add (fixture->engine, "last", NULL);
  g_autoptr (JobsAction) later = add (NULL, "later", NULL);
  g_autoptr (GPtrArray) lines = NULL, copies = NULL;
  g_autofree char *expected = NULL;

  g_test_summary ("A board in another process knows what actions require as the engine's own does");

  jobs_action_requires_full (JOBS_ACTION (tests), first, JOBS_CONDITION_SUCCESS, NULL);
  jobs_action_requires_full (add (inner, "whole", NULL), unit, JOBS_CONDITION_READY, NULL);
  jobs_action_requires_full (last, JOBS_ACTION (tests), JOBS_CONDITION_FAILURE, NULL);
  jobs_action_requires_full (last, first, JOBS_CONDITION_AFTER, NULL);
  show (fixture);
  watch (fixture);
  lines = dup_lines (fixture->board);
  copies = dup_lines (fixture->copy);
  expected = dup_requirements (fixture->board, lines, NULL);
  g_assert_cmpstr (expected, ==, "tests>first:success tests/inner/whole>tests/inner/unit:ready last>tests:failure "
                                 "last>first:after");
  assert_text (dup_requirements (fixture->copy, copies, &fixture->error), expected);
  g_assert_no_error (fixture->error);

  /* It is asked for anew each time */
  jobs_action_requires (later, first);
  jobs_engine_add (fixture->engine, later);
  jobs_action_drop_requirement (last, first);
  jobs_engine_remove (fixture->engine, JOBS_ACTION (tests));
  spin_until (get_line (G_LIST_MODEL (fixture->copy), "later") != NULL &&
              get_line (G_LIST_MODEL (fixture->copy), "tests") == NULL);
  g_ptr_array_add (copies, g_object_ref (line_of (fixture, "later")));
  assert_text (dup_requirements (fixture->copy, copies, &fixture->error), "later>first:done");
  g_assert_no_error (fixture->error);
}

static void
test_many (Fixture      *fixture,
           gconstpointer data)
{
  JobsAction *first[50];
  g_autoptr (GPtrArray) lines = NULL, copies = NULL;
  g_autofree char *expected = NULL;

  g_test_summary ("Of many, all requirements come, in more than one answer");

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    {
      g_autofree char *label = g_strdup_printf ("first %u", i);

      first[i] = add (fixture->engine, label, NULL);
    }
  for (guint i = 0; i < 1200; i++)
    {
      g_autofree char *label = g_strdup_printf ("%u", i);
      JobsAction *action = add (fixture->engine, label, NULL);

      for (guint j = 0; j < (i < 300 ? G_N_ELEMENTS (first) : 1); j++)
        jobs_action_requires (action, first[j]);
    }
  show (fixture);
  watch (fixture);
  lines = dup_lines (fixture->board);
  copies = dup_lines (fixture->copy);
  expected = dup_requirements (fixture->board, lines, NULL);
  assert_text (dup_requirements (fixture->copy, copies, &fixture->error), expected);
  g_assert_no_error (fixture->error);
}

static void
test_gone (Fixture      *fixture,
           gconstpointer data)
{
  JobsAction *first = add (fixture->engine, "first", NULL);
  g_autoptr (GPtrArray) all = NULL, one = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) requirements = NULL;

  g_test_summary ("What was not asked for before the other process goes is not known, the rest still is");

  jobs_action_requires (add (fixture->engine, "last", NULL), first);
  show (fixture);
  watch (fixture);
  all = dup_lines (fixture->copy);
  one = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (one, g_object_ref (all->pdata[1]));
  assert_text (dup_requirements (fixture->copy, one, &fixture->error), "last>first:done");
  g_assert_no_error (fixture->error);

  /* It goes while it is asked */
  jobs_board_list_requirements_async (fixture->copy, all, NULL, take_result, &result);
  close_connection (&fixture->near);
  spin_until (result != NULL);
  requirements = jobs_board_list_requirements_finish (fixture->copy, result, &fixture->error);
  if (requirements == NULL)
    g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&fixture->error);

  spin_until (is_gone (fixture));
  assert_text (dup_requirements (fixture->copy, one, &fixture->error), "last>first:done");
  g_assert_no_error (fixture->error);
  if (requirements == NULL)
    {
      g_assert_null (dup_requirements (fixture->copy, all, &fixture->error));
      g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CLOSED);
    }
}

static void
test_removed (Fixture      *fixture,
              gconstpointer data)
{
  JobsAction *first = add (fixture->engine, "first", NULL);
  JobsAction *last = add (fixture->engine, "last", NULL);
  JobsAction *end = add (fixture->engine, "end", NULL);
  g_autoptr (GPtrArray) lines = NULL;

  g_test_summary ("What has been removed requires nothing, also once nobody is there to say so");

  jobs_action_requires (last, first);
  jobs_action_requires (end, last);
  show (fixture);
  watch (fixture);
  lines = dup_lines (fixture->copy);
  assert_text (dup_requirements (fixture->copy, lines, &fixture->error), "last>first:done end>last:done");
  g_assert_no_error (fixture->error);

  jobs_engine_remove (fixture->engine, last);
  spin_until (get_line (G_LIST_MODEL (fixture->copy), "last") == NULL);
  close_connection (&fixture->near);
  spin_until (is_gone (fixture));
  assert_text (dup_requirements (fixture->copy, lines, &fixture->error), "");
  g_assert_no_error (fixture->error);
}

static void
test_others (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (JobsBoard) twin = NULL;
  g_autoptr (GPtrArray) lines = NULL, same = NULL, original = NULL;

  g_test_summary ("Lines of other boards are passed over, be they of the same run");

  jobs_action_requires (add (fixture->engine, "last", NULL), add (fixture->engine, "first", NULL));
  show (fixture);
  watch (fixture);
  twin = g_steal_pointer (&fixture->copy);
  watch (fixture);
  lines = dup_lines (fixture->copy);
  same = dup_lines (twin);
  original = dup_lines (fixture->board);

  assert_text (dup_requirements (fixture->copy, same, &fixture->error), "");
  assert_text (dup_requirements (fixture->copy, original, &fixture->error), "");
  assert_text (dup_requirements (fixture->board, lines, &fixture->error), "");
  g_ptr_array_insert (lines, 0, g_object_ref (same->pdata[0]));
  g_ptr_array_insert (lines, 0, g_object_ref (original->pdata[0]));
  assert_text (dup_requirements (fixture->copy, lines, &fixture->error), "last>first:done");
  g_assert_no_error (fixture->error);

  /* Nothing of ours is left to be asked for */
  close_connection (&fixture->near);
  spin_until (is_gone (fixture));
  assert_text (dup_requirements (fixture->copy, same, &fixture->error), "");
  g_assert_no_error (fixture->error);
}

static void
test_left (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) lines = NULL;
  g_autoptr (GAsyncResult) result = NULL, other = NULL;
  JobsBoard *copy;

  g_test_summary ("Who asks for requirements may give up, and let go of the board meanwhile");

  jobs_action_requires (add (fixture->engine, "last", NULL), add (fixture->engine, "first", NULL));
  show (fixture);
  watch (fixture);
  copy = g_steal_pointer (&fixture->copy);
  lines = dup_lines (copy);
  jobs_board_list_requirements_async (copy, lines, cancellable, take_result, &result);
  jobs_board_list_requirements_async (copy, lines, NULL, take_result, &other);
  g_clear_pointer (&lines, g_ptr_array_unref);
  g_object_add_weak_pointer (G_OBJECT (copy), (gpointer *) &copy);
  g_object_unref (copy);
  g_cancellable_cancel (cancellable);
  spin_until (result != NULL && other != NULL);
  g_assert_null (jobs_board_list_requirements_finish (copy, result, &fixture->error));
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&fixture->error);
  {
    g_autoptr (GPtrArray) requirements = jobs_board_list_requirements_finish (copy, other, &fixture->error);

    g_assert_no_error (fixture->error);
    g_assert_cmpuint (requirements->len, ==, 1);
  }
  g_clear_object (&result);
  g_clear_object (&other);
  spin_until (copy == NULL);
}

/* A connection of its own to a real bus */
static void
join (GTestDBus        *bus,
      GDBusConnection **connection)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  close_connection (connection);
  g_dbus_connection_new_for_address (g_test_dbus_get_bus_address (bus),
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                       G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, NULL, take_result, &result);
  spin_until (result != NULL);
  *connection = g_dbus_connection_new_for_address_finish (result, &error);
  g_assert_no_error (error);
}

static void
test_on_a_bus (Fixture      *fixture,
               gconstpointer data)
{
  JobsEngine *tests = add_engine (fixture->engine, "tests");
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  g_autoptr (GTestDBus) bus = NULL;
  g_autoptr (GPtrArray) all = NULL, one = NULL;

  g_test_summary ("Through a real bus they are the same, and its word that nobody is there any more is understood");

  if (daemon == NULL)
    {
      g_test_skip ("there is no dbus-daemon");
      return;
    }

  jobs_action_requires_full (add (tests, "whole", NULL), add (tests, "unit", NULL), JOBS_CONDITION_AFTER, NULL);
  jobs_action_requires (add (fixture->engine, "last", NULL), JOBS_ACTION (tests));
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  join (bus, &fixture->near);
  join (bus, &fixture->far);
  show (fixture);
  watch (fixture);
  all = dup_lines (fixture->copy);
  one = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (one, g_object_ref (line_of (fixture, "last")));
  assert_text (dup_requirements (fixture->copy, one, &fixture->error), "last>tests:done");
  g_assert_no_error (fixture->error);

  close_connection (&fixture->near);
  g_assert_null (dup_requirements (fixture->copy, all, &fixture->error));
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&fixture->error);
  assert_text (dup_requirements (fixture->copy, one, &fixture->error), "last>tests:done");
  g_assert_no_error (fixture->error);
  spin_until (is_gone (fixture));
  close_connection (&fixture->far);
  g_test_dbus_stop (bus);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/jobs/bus-requirements/" name, Fixture, NULL, setup, function, teardown)

  ADD ("same", test_same);
  ADD ("many", test_many);
  ADD ("gone", test_gone);
  ADD ("removed", test_removed);
  ADD ("others", test_others);
  ADD ("left", test_left);
  ADD ("on-a-bus", test_on_a_bus);

  return g_test_run ();
}
