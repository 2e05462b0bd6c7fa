/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* FALSE: it has been said what is wrong */
gboolean
bench_parse (const char         *what,
             const GOptionEntry *entries,
             int                *argc,
             char             ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (what);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  if (*argc > 1)
    {
      g_printerr ("What is '%s'?\n", (*argv)[1]);
      return FALSE;
    }
  return TRUE;
}

static gint64
read_clock (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ns */
gint64
bench_now (void)
{
  return read_clock (CLOCK_MONOTONIC);
}

/* What this thread has had of a processor, ns: what else the machine does is
 * not in it */
gint64
bench_worked (void)
{
  return read_clock (CLOCK_THREAD_CPUTIME_ID);
}

/* What all threads of this process have had, ns */
gint64
bench_worked_all (void)
{
  return read_clock (CLOCK_PROCESS_CPUTIME_ID);
}

/* A figure of /proc/self/status in bytes. VmHWM counts this program alone;
 * getrusage () has the parent's, from before the exec */
gint64
bench_memory (const char *name)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    return 0;
  line = strstr (status, name);
  return line != NULL ? g_ascii_strtoll (line + strlen (name), NULL, 10) * 1024 : 0;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return (left > right) - (left < right);
}

double
bench_median (gint64 *values, guint n_values)
{
  qsort (values, n_values, sizeof *values, compare);
  return (double) values[n_values / 2];
}
