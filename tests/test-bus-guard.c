/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "buses.h"

/* Who asks while nobody is there any more, and where it is answered. */

#define N_ROUNDS 300
#define N_CALLS 5

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  (*(guint *) data)--;
}

static void
ask (Fixture    *fixture,
     const char *method,
     GVariant   *arguments,
     guint      *n_open)
{
  (*n_open)++;
  call_run (fixture, method, arguments, answered_cb, n_open);
}

static void
test_goes_while_asked (Fixture      *fixture,
                       gconstpointer data)
{
  guint n_open = 0;

  g_test_summary ("A monitor that goes while it is asked leaves no question behind, and nothing else");

  add (fixture->engine, "action", NULL);
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      show (fixture);
      for (guint k = 0; k < N_CALLS; k++)
        {
          ask (fixture, "Pause", NULL, &n_open);
          ask (fixture, "Resume", NULL, &n_open);
        }
      /* Some of them have come by then */
      for (guint k = 0; k < i % 4; k++)
        g_main_context_iteration (NULL, FALSE);
      g_assert_finalize_object (fixture->monitor);
      fixture->monitor = NULL;
      g_clear_object (&fixture->board);
      spin_until (n_open == 0);
    }
}

static GDBusConnection *
connect_bus (GTestDBus *bus)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);

  g_assert_no_error (error);

  return connection;
}

/* What asks the bus whose a call is gets no answer */
static GDBusMessage *
lose_question (GDBusConnection *connection,
               GDBusMessage    *message,
               gboolean         incoming,
               gpointer         data)
{
  if (incoming || g_strcmp0 (g_dbus_message_get_member (message), "GetConnectionUnixUser") != 0)
    return message;

  g_atomic_int_set ((int *) data, TRUE);
  g_main_context_wakeup (NULL);
  g_object_unref (message);

  return NULL;
}

static void
refused_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_assert_null (jobs_bus_board_new_finish (result, data));
}

/* On a bus, where it has to be asked for */
static void
test_goes_while_it_asks (void)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  g_autoptr (GTestDBus) bus = NULL;
  g_autoptr (GError) error = NULL;
  Fixture fixture = { .engine = jobs_engine_new () };
  int has_asked = FALSE;

  g_test_summary ("Who calls a monitor that goes before it knows whose he is hears that it went");

  if (daemon == NULL)
    {
      g_object_unref (fixture.engine);
      g_test_skip ("there is no dbus-daemon");
      return;
    }

  alarm (WATCHDOG);
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  fixture.near = connect_bus (bus);
  fixture.far = connect_bus (bus);
  g_dbus_connection_add_filter (fixture.near, lose_question, &has_asked, NULL);
  show (&fixture);
  jobs_bus_board_new_async (fixture.far, jobs_bus_monitor_get_name (fixture.monitor), NULL, refused_cb, &error);
  spin_until (g_atomic_int_get (&has_asked));
  jobs_bus_monitor_detach (fixture.monitor);
  spin_until (error != NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);

  teardown (&fixture, NULL);
  g_test_dbus_down (bus);
}

static void
state_cb (JobsEngine *engine,
          JobsAction *action,
          JobsState   before,
          JobsState   now,
          gpointer    data)
{
  *(GThread **) data = g_thread_self ();
}

static void
test_thread (Fixture      *fixture,
             gconstpointer data)
{
  JobsAction *action = add (fixture->engine, "action", NULL);
  GThread *thread = NULL;
  guint n_open = 0;

  g_test_summary ("What is asked for is done in the thread of the run");

  show (fixture);
  jobs_engine_orchestrate_async (fixture->engine, NULL, NULL, NULL);
  spin_until (jobs_action_get_state (action) == JOBS_STATE_RUNNING);
  g_signal_connect (fixture->engine, "action-state-changed", G_CALLBACK (state_cb), &thread);
  ask (fixture, "Cancel", NULL, &n_open);
  spin_until (n_open == 0 && thread != NULL);
  g_assert_true (thread == g_thread_self ());
  g_signal_handlers_disconnect_by_data (fixture->engine, &thread);
  spin_until (!jobs_engine_is_active (fixture->engine));
  g_clear_object (&test (action)->attempt);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/jobs/bus-guard/" name, Fixture, NULL, setup, function, teardown)

  ADD ("goes-while-asked", test_goes_while_asked);
  ADD ("thread", test_thread);
  g_test_add_func ("/jobs/bus-guard/goes-while-it-asks", test_goes_while_it_asks);

  return g_test_run ();
}
