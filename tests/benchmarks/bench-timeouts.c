/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the main loop pays for each of its turns while many timeouts are pending:
 * those of jobs that are under way, or as many of GLib's. One line of JSON. */

#include <asyncjobs.h>

#include <stdio.h>

#include "bench.h"

static char *variant = NULL;
static int n_timeouts = 100000;
static int n_turns = 10000;

static const GOptionEntry entries[] = {
  { "variant", 0, 0, G_OPTION_ARG_STRING, &variant, "engine, glib or none", "VARIANT" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_timeouts, "Number of pending timeouts", "N" },
  { "turns", 0, 0, G_OPTION_ARG_INT, &n_turns, "Turns of the loop", "N" },
  G_OPTION_ENTRY_NULL
};

/* Different ones, none of which passes while we measure */
static guint
get_timeout (guint i)
{
  return 600000 + (i * 7919u) % 100000;
}

static gboolean
once_cb (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* ns a turn; an idle source gives each of them something to do */
static double
measure_turns (void)
{
  gint64 begin;

  while (g_main_context_iteration (NULL, FALSE))
    ;
  begin = bench_now ();
  for (int i = 0; i < n_turns; i++)
    {
      g_idle_add (once_cb, NULL);
      g_main_context_iteration (NULL, FALSE);
    }

  return (double) (bench_now () - begin) / n_turns;
}

static gboolean
start (JobsAction *action, JobsAttempt *attempt, gpointer user_data, GError **error)
{
  g_ptr_array_add (user_data, g_object_ref (attempt));
  return TRUE;
}

static void
finished_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  gboolean *ok = user_data;

  *ok = jobs_engine_orchestrate_finish (JOBS_ENGINE (object), result, NULL);
}

/* ns a timeout to begin and to end it, job and all */
static gboolean
measure_engine (double *each, double *turn)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (GPtrArray) attempts = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean ok = FALSE;
  gint64 begin, spent;

  for (guint i = 0; i < (guint) n_timeouts; i++)
    {
      g_autoptr (JobsAction) action = jobs_async_action_new (NULL, start, attempts, NULL);

      jobs_action_set_timeout (action, get_timeout (i));
      jobs_engine_add (engine, action);
    }

  begin = bench_now ();
  jobs_engine_orchestrate_async (engine, NULL, finished_cb, &ok);
  while (attempts->len < (guint) n_timeouts)
    g_main_context_iteration (NULL, TRUE);
  spent = bench_now () - begin;

  *turn = measure_turns ();

  begin = bench_now ();
  for (guint i = 0; i < attempts->len; i++)
    jobs_attempt_complete (attempts->pdata[i], NULL);
  while (jobs_engine_is_active (engine) || !ok)
    g_main_context_iteration (NULL, TRUE);
  spent += bench_now () - begin;

  *each = (double) spent / n_timeouts;
  return ok && !g_main_context_pending (NULL);
}

static void
measure_glib (double *each, double *turn)
{
  g_autofree guint *ids = g_new (guint, n_timeouts);
  gint64 begin = bench_now (), spent;

  for (guint i = 0; i < (guint) n_timeouts; i++)
    ids[i] = g_timeout_add (get_timeout (i), once_cb, NULL);
  spent = bench_now () - begin;

  *turn = measure_turns ();

  begin = bench_now ();
  for (guint i = 0; i < (guint) n_timeouts; i++)
    g_source_remove (ids[i]);
  spent += bench_now () - begin;

  *each = (double) spent / n_timeouts;
}

int
main (int argc, char *argv[])
{
  gboolean ok = TRUE;
  double each = 0, turn = 0;

  if (!bench_parse ("- measure pending timeouts", entries, &argc, &argv))
    return 2;
  if (variant == NULL)
    variant = g_strdup ("engine");
  if (n_timeouts < 1 || n_turns < 1)
    {
      g_printerr ("--n and --turns are 1 or more\n");
      return 2;
    }

  if (g_str_equal (variant, "engine"))
    ok = measure_engine (&each, &turn);
  else if (g_str_equal (variant, "glib"))
    measure_glib (&each, &turn);
  else if (g_str_equal (variant, "none"))
    turn = measure_turns ();
  else
    {
      g_printerr ("--variant is engine, glib or none\n");
      return 2;
    }

  printf ("{\"variant\": \"%s\", \"n\": %d, \"turns\": %d, \"turn_ns\": %.1f, "
          "\"timeout_ns\": %.1f, \"ok\": %s}\n",
          variant, n_timeouts, n_turns, turn, each, ok ? "true" : "false");

  g_free (variant);
  return ok ? 0 : 1;
}
