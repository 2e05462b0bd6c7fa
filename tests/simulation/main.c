/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

/* Lives as many worlds as it is asked to, and compares the engine with the model in
 * each: a test by the protocol TAP. */

#define WATCHDOG 120 /* s, for each world */

static guint64 the_seed; /* for the last words */

static void
abort_cb (int signal_number)
{
  static char text[] = "Bail out! at seed 00000000000000000000\n";
  guint64 rest = the_seed;

  for (gsize i = sizeof text - 3; text[i] >= '0' && text[i] <= '9'; i--, rest /= 10)
    text[i] = (char) ('0' + rest % 10);
  if (write (STDOUT_FILENO, text, sizeof text - 1) > 0)
    _exit (3);
  _exit (3);
}

/* That an outcome was a second one is said, as it should be */
static GLogWriterOutput
log_writer (GLogLevelFlags   level,
            const GLogField *fields,
            gsize            n_fields,
            gpointer         data)
{
  for (gsize i = 0; i < n_fields && (level & G_LOG_LEVEL_WARNING); i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && fields[i].length < 0 &&
        strstr (fields[i].value, "second outcome") != NULL)
      return G_LOG_WRITER_HANDLED;

  return g_log_writer_default (level, fields, n_fields, data);
}

int
main (int    argc,
      char **argv)
{
  gint64 one = -1;
  gint64 from = 0;
  gint64 n = 1;
  gboolean is_verbose = FALSE;
  const GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_INT64, &one, "Live this world alone", "N" },
    { "seeds", 0, 0, G_OPTION_ARG_INT64, &n, "Live so many worlds", "N" },
    { "from", 0, 0, G_OPTION_ARG_INT64, &from, "The first one's seed", "N" },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &is_verbose, "Tell what happens", NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  gboolean is_well = TRUE;
  Tally tally = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (one >= 0)
    {
      from = one;
      n = 1;
    }

  g_log_set_writer_func (log_writer, NULL, NULL);
  signal (SIGABRT, abort_cb);
  signal (SIGALRM, abort_cb);
  g_print ("1..1\n");
  for (gint64 seed = from; seed < from + n && is_well; seed++)
    {
      the_seed = (guint64) seed;
      alarm (WATCHDOG);
      is_well = world_live (the_seed, is_verbose, &tally);
    }
  g_print ("# %" G_GUINT64_FORMAT " worlds, %" G_GUINT64_FORMAT " actions, %" G_GUINT64_FORMAT
           " runs, %" G_GUINT64_FORMAT " settled points; %" G_GUINT64_FORMAT " left early\n",
           tally.n_worlds, tally.n_actions, tally.n_runs, tally.n_steps, tally.n_left);
  g_print ("%s 1 /jobs/simulation/seeds-%" G_GINT64_FORMAT "-to-%" G_GINT64_FORMAT "\n",
           is_well ? "ok" : "not ok", from, from + n - 1);

  return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}
