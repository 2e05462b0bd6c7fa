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

  return g_test_run ();
}
