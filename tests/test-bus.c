/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>

#include "buses.h"

static gboolean
has_ended (Fixture *fixture)
{
  return jobs_state_is_terminal (jobs_board_get_state (fixture->copy));
}

static gboolean
one_runs (Fixture *fixture)
{
  return jobs_board_count (fixture->copy, JOBS_STATE_RUNNING) == 1;
}

static void
test_mirror (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "too bad");
  JobsAction *first = add (fixture->engine, "first", NULL);
  JobsEngine *tests = add_engine (fixture->engine, "tests");
  JobsAction *unit = add (tests, "unit", NULL);
  JobsAction *last = add (fixture->engine, "last", NULL);
  JobsLine *line;

  g_test_summary ("A board in another process shows all that the engine's own does");

  jobs_action_set_label (JOBS_ACTION (fixture->engine), "all");
  jobs_action_set_details (first, "what it does");
  jobs_action_set_critical (last, FALSE);
  jobs_action_set_forever (last, TRUE);
  jobs_action_requires (JOBS_ACTION (tests), first);
  show (fixture);
  watch (fixture);

  g_assert_cmpstr (jobs_board_get_title (fixture->copy), ==, "all");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->copy)), ==, 3);
  g_assert_cmpuint (jobs_board_count (fixture->copy, JOBS_STATE_IDLE), ==, 3);
  line = line_of (fixture, "first");
  g_assert_cmpstr (jobs_line_get_details (line), ==, "what it does");
  g_assert_true (jobs_line_get_critical (line));
  g_assert_true (jobs_line_get_forever (line_of (fixture, "last")));
  g_assert_false (jobs_line_get_critical (line_of (fixture, "last")));
  g_assert_nonnull (jobs_line_get_children (line_of (fixture, "tests")));
  g_assert_cmpint (jobs_board_get_time_left (fixture->copy), ==, -1);

  jobs_board_set_time_left (fixture->board, 90 * G_TIME_SPAN_SECOND);
  start (fixture);
  spin_until (jobs_board_count (fixture->copy, JOBS_STATE_RUNNING) == 2);
  g_assert_cmpint (jobs_board_get_time_left (fixture->copy), >, 10 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (jobs_line_get_start_time (line), ==, jobs_action_get_start_time (first));
  jobs_attempt_report (test (first)->attempt, 0.5, "half \xff of it");
  spin_until (jobs_line_get_progress (line) == 0.5);
  g_assert_true (g_utf8_validate (jobs_line_get_message (line), -1, NULL));
  g_assert_true (g_str_has_prefix (jobs_line_get_message (line), "half "));

  complete (first);
  spin_until (jobs_line_get_state (line_of (fixture, "tests/unit")) == JOBS_STATE_RUNNING);
  {
    g_autoptr (GPtrArray) active = jobs_board_dup_active (fixture->copy, 10);

    g_assert_cmpuint (active->len, ==, 2);
    g_assert_cmpstr (jobs_line_get_path (active->pdata[0]), ==, "last");
    g_assert_cmpstr (jobs_line_get_path (active->pdata[1]), ==, "tests/unit");
  }
  jobs_attempt_fail (test (unit)->attempt, error);
  g_clear_object (&test (unit)->attempt);
  spin_until (has_ended (fixture));

  g_assert_cmpstr (jobs_line_get_error (line_of (fixture, "tests/unit")), ==, "too bad");
  g_assert_cmpint (jobs_board_get_state (fixture->copy), ==, JOBS_STATE_FAILED);
  g_assert_cmpstr (jobs_board_get_why (fixture->copy), ==, jobs_board_get_why (fixture->board));
  g_clear_object (&test (last)->attempt);
  g_assert_cmpint (jobs_board_get_end_time (fixture->copy), ==, jobs_action_get_end_time (JOBS_ACTION (fixture->engine)));
}

static void
test_methods (Fixture      *fixture,
              gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);
  JobsAction *other = add (fixture->engine, "other", NULL);

  g_test_summary ("What is asked of a board is done in the other process, or it is told why not");

  jobs_action_set_critical (action, FALSE);
  jobs_engine_set_window (fixture->engine, 1);
  show (fixture);
  start (fixture);
  watch (fixture);
  spin_until (one_runs (fixture));

  jobs_board_pause (fixture->copy);
  spin_until (jobs_board_get_paused (fixture->copy));
  g_assert_true (jobs_engine_is_paused (fixture->engine));

  jobs_board_retry_line (fixture->copy, line_of (fixture, "action"));
  spin_until (fixture->trouble != NULL);
  g_assert_null (strstr (fixture->trouble, "GDBus"));
  g_clear_pointer (&fixture->trouble, g_free);

  jobs_board_cancel_line (fixture->copy, line_of (fixture, "action"));
  spin_until (jobs_line_get_state (line_of (fixture, "action")) == JOBS_STATE_CANCELLED);
  g_assert_cmpint (jobs_action_get_state (other), !=, JOBS_STATE_RUNNING);

  jobs_board_resume (fixture->copy);
  spin_until (one_runs (fixture));
  g_assert_false (jobs_board_get_paused (fixture->copy));
  jobs_board_retry_line (fixture->copy, line_of (fixture, "action"));
  spin_until (jobs_action_get_state (action) == JOBS_STATE_SCHEDULED);
  g_clear_object (&test (action)->attempt);
  complete (other);
  spin_until (test (action)->n_starts == 2);
  jobs_board_cancel (fixture->copy);
  spin_until (has_ended (fixture));
  g_assert_cmpint (jobs_action_get_state (JOBS_ACTION (fixture->engine)), ==, JOBS_STATE_CANCELLED);
  g_assert_cmpint (jobs_board_get_state (fixture->copy), ==, JOBS_STATE_CANCELLED);
  g_assert_null (fixture->trouble);
  g_clear_object (&test (action)->attempt);
}

static void
test_retry_in_an_engine (Fixture      *fixture,
                         gconstpointer data)
{
  JobsAction *hold = add (fixture->engine, "hold", NULL);
  JobsEngine *tests = add_engine (fixture->engine, "tests");
  JobsAction *unit = add (tests, "unit", fail);

  g_test_summary ("What is tried again in an engine that has ended has that begin again");

  jobs_action_set_critical (JOBS_ACTION (tests), FALSE);
  show (fixture);
  start (fixture);
  watch (fixture);
  spin_until (jobs_line_get_state (line_of (fixture, "tests")) == JOBS_STATE_FAILED);
  test (unit)->start = NULL;
  jobs_board_retry_line (fixture->copy, line_of (fixture, "tests/unit"));
  spin_until (jobs_line_get_state (line_of (fixture, "tests/unit")) == JOBS_STATE_RUNNING);
  complete (unit);
  spin_until (jobs_line_get_state (line_of (fixture, "tests")) == JOBS_STATE_FINISHED);
  g_assert_null (fixture->trouble);
  complete (hold);
  spin_until (has_ended (fixture));
}

static void
test_members (Fixture      *fixture,
              gconstpointer data)
{
  JobsAction *hold = add (fixture->engine, "hold", NULL);
  JobsAction *gone = add (fixture->engine, "gone", NULL);
  g_autoptr (JobsAction) nested = JOBS_ACTION (jobs_engine_new ());

  g_test_summary ("Actions come and go while they are watched");

  jobs_action_requires (gone, hold);
  show (fixture);
  start (fixture);
  watch (fixture);
  spin_until (one_runs (fixture));

  jobs_action_set_label (nested, "nested");
  add (JOBS_ENGINE (nested), "inner", NULL);
  jobs_action_requires (nested, hold);
  jobs_engine_add (fixture->engine, nested);
  spin_until (get_line (G_LIST_MODEL (fixture->copy), "nested/inner") != NULL);

  jobs_engine_remove (fixture->engine, gone);
  spin_until (get_line (G_LIST_MODEL (fixture->copy), "gone") == NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->copy)), ==, 2);
  jobs_engine_remove (fixture->engine, nested);
  spin_until (get_line (G_LIST_MODEL (fixture->copy), "nested") == NULL);

  complete (hold);
  spin_until (has_ended (fixture));
  g_assert_cmpint (jobs_board_get_state (fixture->copy), ==, JOBS_STATE_FINISHED);
}

static void
test_output (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (JobsAction) talks =
    JOBS_ACTION (jobs_command_action_new_shell ("talks", NULL, "echo before; until [ -e $GO ]; do sleep 0.02; done; echo after; sleep 100"));
  JobsAction *silent = add (fixture->engine, "silent", NULL);
  g_autofree char *folder = g_dir_make_tmp ("asyncjobs-XXXXXX", NULL);
  g_autofree char *go = g_build_filename (folder, "go", NULL);
  JobsLine *line;

  g_test_summary ("The output of a command can be followed, and no longer than it is");

  jobs_engine_add (fixture->engine, talks);
  jobs_action_set_forever (talks, TRUE);
  jobs_command_action_setenv (JOBS_COMMAND_ACTION (talks), "GO", go);
  show (fixture);
  start (fixture);
  watch (fixture);
  line = line_of (fixture, "talks");
  g_assert_null (jobs_line_get_output (line));
  jobs_board_follow (fixture->copy, line, TRUE);
  g_assert_cmpstr (jobs_line_get_output (line), ==, "");
  spin_until (*jobs_line_get_output (line) != '\0');
  g_assert_cmpstr (jobs_line_get_output (line), ==, "before\n");
  g_assert_true (g_file_set_contents (go, "", 0, NULL));
  spin_until (strstr (jobs_line_get_output (line), "after\n") != NULL);
  g_assert_cmpstr (jobs_line_get_output (line), ==, "before\nafter\n");
  spin_until (g_strcmp0 (jobs_line_get_message (line), "after") == 0);

  jobs_board_follow (fixture->copy, line, FALSE);
  g_assert_null (jobs_line_get_output (line));
  jobs_board_follow (fixture->copy, line, TRUE);
  spin_until (*jobs_line_get_output (line) != '\0');
  g_assert_cmpstr (jobs_line_get_output (line), ==, "before\nafter\n");

  jobs_board_follow (fixture->copy, line_of (fixture, "silent"), TRUE);
  g_assert_cmpstr (jobs_line_get_output (line_of (fixture, "silent")), ==, "");
  complete (silent);
  spin_until (has_ended (fixture));
  g_assert_null (fixture->trouble);
  g_remove (go);
  g_rmdir (folder);
}

static void
test_detach (Fixture      *fixture,
             gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);

  g_test_summary ("A monitor that is taken away ends the board at the other end, and not the run");

  show (fixture);
  start (fixture);
  watch (fixture);
  spin_until (one_runs (fixture));
  jobs_bus_monitor_detach (fixture->monitor);
  jobs_bus_monitor_detach (fixture->monitor);
  g_assert_false (jobs_bus_monitor_get_shown (fixture->monitor));
  spin_until (is_gone (fixture));
  g_assert_cmpint (jobs_board_get_state (fixture->copy), ==, JOBS_STATE_FAILED);
  g_assert_nonnull (jobs_board_get_why (fixture->copy));
  {
    g_autoptr (GPtrArray) active = jobs_board_dup_active (fixture->copy, 10);
    gint64 elapsed = jobs_line_get_elapsed (line_of (fixture, "action")), now = g_get_monotonic_time ();

    g_assert_cmpuint (active->len, ==, 0);
    while (g_get_monotonic_time () == now)
      ;
    g_assert_cmpint (jobs_line_get_elapsed (line_of (fixture, "action")), ==, elapsed);
  }

  jobs_board_cancel (fixture->copy);
  spin_until (fixture->trouble != NULL);
  g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_RUNNING);
  complete (action);
  spin_until (!jobs_engine_is_active (fixture->engine));
  g_assert_true (jobs_engine_get_verdict (fixture->engine));
}

static void
test_engine_first (Fixture      *fixture,
                   gconstpointer data)
{
  g_test_summary ("A monitor keeps no engine alive, and survives it");

  add (fixture->engine, "action", NULL);
  show (fixture);
  watch (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->copy)), ==, 1);
  g_assert_finalize_object (g_steal_pointer (&fixture->engine));
  spin_until (g_list_model_get_n_items (G_LIST_MODEL (fixture->copy)) <= 0);
}

static void
test_comes_again (Fixture      *fixture,
                  gconstpointer data)
{
  JobsAction *first = add (fixture->engine, "first", NULL);
  JobsAction *second = add (fixture->engine, "second", NULL);
  g_autofree char *name = NULL;

  g_test_summary ("A monitor can come in the middle of a run, go, and come again");

  jobs_action_requires (second, first);
  start (fixture);
  spin_until (test (first)->attempt != NULL);
  show (fixture);
  watch (fixture);
  g_assert_cmpint (jobs_line_get_state (line_of (fixture, "first")), ==, JOBS_STATE_RUNNING);
  g_assert_cmpint (jobs_line_get_start_time (line_of (fixture, "first")), ==, jobs_action_get_start_time (first));
  g_assert_true (one_runs (fixture));

  name = g_strdup (jobs_bus_monitor_get_name (fixture->monitor));
  g_assert_finalize_object (g_steal_pointer (&fixture->monitor));
  g_assert_finalize_object (g_steal_pointer (&fixture->board));
  spin_until (is_gone (fixture));
  g_assert_finalize_object (g_steal_pointer (&fixture->copy));
  jobs_bus_board_new_async (fixture->far, name, NULL, copy_cb, fixture);
  spin_until (fixture->error != NULL);
  g_assert_error (fixture->error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
  g_clear_error (&fixture->error);

  /* Meanwhile it goes on */
  complete (first);
  spin_until (test (second)->attempt != NULL);
  show (fixture);
  g_assert_cmpstr (jobs_bus_monitor_get_name (fixture->monitor), !=, name);
  watch (fixture);
  g_assert_cmpint (jobs_line_get_state (line_of (fixture, "first")), ==, JOBS_STATE_FINISHED);
  g_assert_cmpint (jobs_line_get_state (line_of (fixture, "second")), ==, JOBS_STATE_RUNNING);
  complete (second);
  spin_until (has_ended (fixture));
  g_assert_cmpint (jobs_board_get_state (fixture->copy), ==, JOBS_STATE_FINISHED);
  g_assert_true (jobs_engine_get_verdict (fixture->engine));
  g_assert_null (fixture->trouble);
}

static void
test_peer_goes (Fixture      *fixture,
                gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);

  g_test_summary ("A connection that is closed ends what needs it, and nothing else");

  show (fixture);
  g_signal_connect (fixture->monitor, "trouble", G_CALLBACK (trouble_cb), fixture);
  start (fixture);
  watch (fixture);
  spin_until (one_runs (fixture));
  close_connection (&fixture->near);
  spin_until (is_gone (fixture));
  g_assert_cmpint (jobs_board_get_state (fixture->copy), ==, JOBS_STATE_FAILED);
  complete (action);
  spin_until (fixture->trouble != NULL);
  g_assert_false (jobs_bus_monitor_get_shown (fixture->monitor));
  spin_until (!jobs_engine_is_active (fixture->engine));
  g_assert_true (jobs_engine_get_verdict (fixture->engine));
}

/* (transfer full) */
static GVariant *
get_objects (Fixture *fixture)
{
  g_autofree char *path = g_strdelimit (g_strconcat ("/", jobs_bus_monitor_get_name (fixture->monitor), NULL), ".", '/');
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GVariant *reply;

  g_dbus_connection_call (fixture->far, NULL, path, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                          G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, take_result, &result);
  spin_until (result != NULL);
  reply = g_dbus_connection_call_finish (fixture->far, result, &error);
  g_assert_no_error (error);

  return reply;
}

static guint
count_objects (Fixture *fixture)
{
  g_autoptr (GVariant) reply = get_objects (fixture);
  g_autoptr (GVariant) objects = g_variant_get_child_value (reply, 0);

  return g_variant_n_children (objects);
}

static void
test_objects (Fixture      *fixture,
              gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  JobsAction *first = add (fixture->engine, "first", NULL);

  g_test_summary ("Each action has an object, or, of many, those that run; a board has all of them");

  for (guint i = 1; i < n; i++)
    {
      g_autofree char *label = g_strdup_printf ("%u", i);
      JobsAction *action = add (fixture->engine, label, succeed);

      jobs_action_requires (action, first);
    }
  show (fixture);
  g_assert_cmpuint (count_objects (fixture), ==, n <= 500 ? n + 1 : 1);
  start (fixture);
  while (jobs_board_count (fixture->board, JOBS_STATE_RUNNING) == 0 || count_objects (fixture) < 2)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (count_objects (fixture), ==, n <= 500 ? n + 1 : 2);

  watch (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->copy)), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsLine) line = g_list_model_get_item (G_LIST_MODEL (fixture->copy), i);
      g_autofree char *label = i == 0 ? g_strdup ("first") : g_strdup_printf ("%u", i);

      g_assert_cmpstr (jobs_line_get_path (line), ==, label);
    }

  complete (first);
  spin_until (has_ended (fixture));
  g_assert_cmpuint (jobs_board_count (fixture->copy, JOBS_STATE_FINISHED), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsLine) line = g_list_model_get_item (G_LIST_MODEL (fixture->copy), i);

      while (jobs_line_get_state (line) != JOBS_STATE_FINISHED)
        g_main_context_iteration (NULL, TRUE);
    }
  /* The steps of a run that takes no time, not one for each action */
  g_assert_cmpuint (fixture->n_changes, <, 20 + n / 100);
}

static void
test_nobody_there (Fixture      *fixture,
                   gconstpointer data)
{
  g_test_summary ("A run that is not there is an error");

  jobs_bus_board_new_async (fixture->far, "org.asyncjobs.Run.p1", NULL, copy_cb, fixture);
  spin_until (fixture->copy != NULL || fixture->error != NULL);
  g_assert_error (fixture->error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
  g_assert_null (strstr (fixture->error->message, "GDBus.Error"));
}

static void
test_flush (Fixture      *fixture,
            gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  gint64 began;

  g_test_summary ("Who follows a run has heard the end when a flush has ended");

  show (fixture);
  start (fixture);
  watch (fixture);
  spin_until (one_runs (fixture));
  complete (action);
  spin_until (!jobs_engine_is_active (fixture->engine));
  began = g_get_monotonic_time ();
  jobs_bus_monitor_flush_async (fixture->monitor, NULL, take_result, &result);
  spin_until (result != NULL);
  g_assert_true (jobs_bus_monitor_flush_finish (fixture->monitor, result, NULL));
  /* It is given up after half a second, which may be too short on a busy machine */
  if (g_get_monotonic_time () - began >= G_TIME_SPAN_SECOND / 2)
    spin_until (jobs_board_get_state (fixture->copy) == JOBS_STATE_FINISHED);
  g_assert_cmpint (jobs_board_get_state (fixture->copy), ==, JOBS_STATE_FINISHED);
  g_assert_cmpint (jobs_line_get_state (line_of (fixture, "action")), ==, JOBS_STATE_FINISHED);
}

static GDBusMessage *
lose_call (GDBusConnection *connection,
           GDBusMessage    *message,
           gboolean         incoming,
           gpointer         data)
{
  g_object_unref (message);

  return NULL;
}

static void
test_open_cancelled (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_test_summary ("Who gives up before it begins makes no board, though nobody answers");

  g_dbus_connection_add_filter (fixture->near, lose_call, NULL, NULL);
  g_cancellable_cancel (cancellable);
  jobs_bus_board_new_async (fixture->far, "org.example.Nobody", cancellable, copy_cb, fixture);
  spin_until (fixture->copy != NULL || fixture->error != NULL);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (fixture->copy);
}

static void
test_cancelled_later (Fixture      *fixture,
                      gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_test_summary ("What was to give up the making of a board has no part in it once it is made");

  show (fixture);
  start (fixture);
  jobs_bus_board_new_async (fixture->far, jobs_bus_monitor_get_name (fixture->monitor), cancellable, copy_cb, fixture);
  spin_until (fixture->copy != NULL);
  spin_until (one_runs (fixture));
  g_cancellable_cancel (cancellable);
  complete (action);
  spin_until (has_ended (fixture));
  g_assert_cmpint (jobs_board_get_state (fixture->copy), ==, JOBS_STATE_FINISHED);
  g_assert_false (is_gone (fixture));
}

static void
test_without_board (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_test_summary ("A monitor that was made without a board shows nothing, and does no harm");

  fixture->monitor = g_object_new (JOBS_TYPE_BUS_MONITOR, "connection", fixture->near, NULL);
  g_assert_false (jobs_bus_monitor_get_shown (fixture->monitor));
  jobs_bus_monitor_flush_async (fixture->monitor, NULL, take_result, &result);
  spin_until (result != NULL);
  g_assert_true (jobs_bus_monitor_flush_finish (fixture->monitor, result, NULL));
  jobs_bus_monitor_detach (fixture->monitor);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, function) g_test_add ("/jobs/bus/" name, Fixture, data, setup, function, teardown)

  ADD ("mirror", NULL, test_mirror);
  ADD ("methods", NULL, test_methods);
  ADD ("retry-in-an-engine", NULL, test_retry_in_an_engine);
  ADD ("members", NULL, test_members);
  ADD ("output", NULL, test_output);
  ADD ("detach", NULL, test_detach);
  ADD ("engine-first", NULL, test_engine_first);
  ADD ("comes-again", NULL, test_comes_again);
  ADD ("peer-goes", NULL, test_peer_goes);
  ADD ("objects/few", GUINT_TO_POINTER (300), test_objects);
  ADD ("objects/many", GUINT_TO_POINTER (3000), test_objects);
  ADD ("nobody-there", NULL, test_nobody_there);
  ADD ("flush", NULL, test_flush);
  ADD ("open-cancelled", NULL, test_open_cancelled);
  ADD ("cancelled-later", NULL, test_cancelled_later);
  ADD ("without-board", NULL, test_without_board);

  return g_test_run ();
}
