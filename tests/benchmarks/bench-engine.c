/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an engine costs per job, where the jobs do nothing: to build it, to run
 * it and to drop it, as one line of JSON. */

#include <asyncjobs.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dag.h"

typedef struct
{
  const Dag *dag;
  JobsAction **actions;
  guint32 n_ran;
  gboolean wrong_order;
} Bench;

static char *shape = NULL;
static int n_jobs = 100000;
static int reps = 1;
static int window = 0;
static gboolean verify = FALSE;

static const GOptionEntry entries[] = {
  { "shape", 0, 0, G_OPTION_ARG_STRING, &shape, "independent, chain, layered or tree", "SHAPE" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_jobs, "Number of jobs", "N" },
  { "reps", 0, 0, G_OPTION_ARG_INT, &reps, "Measure R times and report the medians", "R" },
  { "window", 0, 0, G_OPTION_ARG_INT, &window, "At most N jobs at once", "N" },
  { "verify", 0, 0, G_OPTION_ARG_NONE, &verify, "Check the order too, which takes its time", NULL },
  G_OPTION_ENTRY_NULL
};

static gboolean
count (JobsAction *action, gpointer user_data, GError **error)
{
  Bench *bench = user_data;

  bench->n_ran++;
  return TRUE;
}

/* The action carries its number, which says what it requires */
static gboolean
count_in_order (JobsAction *action, gpointer user_data, GError **error)
{
  Bench *bench = user_data;
  guint32 job = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (action), "number"));

  for (guint32 i = bench->dag->offsets[job]; i < bench->dag->offsets[job + 1]; i++)
    if (!jobs_action_is_done (bench->actions[bench->dag->requirements[i]]))
      bench->wrong_order = TRUE;

  bench->n_ran++;
  return TRUE;
}

static gint64
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A figure of /proc/self/status in bytes. VmHWM counts this program alone;
 * getrusage () has the parent's, from before the exec */
static gint64
memory (const char *name)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    return 0;
  line = strstr (status, name);
  return line != NULL ? g_ascii_strtoll (line + strlen (name), NULL, 10) * 1024 : 0;
}

static JobsEngine *
build (Bench *bench)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsCallback callback = verify ? count_in_order : count;
  const Dag *dag = bench->dag;

  jobs_engine_set_window (engine, (guint) window);
  for (guint32 job = 0; job < dag->n_jobs; job++)
    {
      JobsAction *action = jobs_callback_action_new (NULL, callback, bench, NULL);

      if (verify)
        g_object_set_data (G_OBJECT (action), "number", GUINT_TO_POINTER (job));
      bench->actions[job] = action;
      jobs_engine_add (engine, action);
      for (guint32 i = dag->offsets[job]; i < dag->offsets[job + 1]; i++)
        jobs_action_requires (action, bench->actions[dag->requirements[i]]);
      /* The engine's reference does from now on */
      g_object_unref (action);
    }

  return engine;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return (left > right) - (left < right);
}

static double
median_per_job (gint64 *times)
{
  qsort (times, (gsize) reps, sizeof *times, compare);
  return (double) times[reps / 2] / n_jobs;
}

static gboolean
parse (int *argc, char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- measure the engine");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  if (n_jobs < 1 || reps < 1 || window < 0)
    {
      g_printerr ("--n and --reps are 1 or more, --window is 0 or more\n");
      return FALSE;
    }
  return TRUE;
}

int
main (int argc, char *argv[])
{
  g_autoptr (Dag) dag = NULL;
  g_autofree gint64 *build_times = NULL;
  g_autofree gint64 *run_times = NULL;
  g_autofree gint64 *teardown_times = NULL;
  gboolean ok = TRUE;
  gint64 memory_before;
  Bench bench = { 0 };

  if (!parse (&argc, &argv))
    return 2;
  dag = dag_new (shape != NULL ? shape : "layered", (guint32) n_jobs);
  if (dag == NULL)
    {
      g_printerr ("No shape '%s': independent, chain, layered or tree\n", shape);
      return 2;
    }

  build_times = g_new (gint64, reps);
  run_times = g_new (gint64, reps);
  teardown_times = g_new (gint64, reps);
  bench.dag = dag;
  bench.actions = g_new (JobsAction *, n_jobs);
  /* The caller's own array is no cost of the engine's: have it resident */
  memset (bench.actions, 1, (gsize) n_jobs * sizeof *bench.actions);
  memory_before = memory ("VmRSS:");

  for (int rep = 0; rep < reps; rep++)
    {
      gint64 start = now_ns (), built, ran;
      JobsEngine *engine = build (&bench);

      bench.n_ran = 0;
      built = now_ns ();
      ok = jobs_engine_orchestrate (engine, NULL, NULL) && bench.n_ran == dag->n_jobs && ok;
      ran = now_ns ();
      g_object_unref (engine);
      build_times[rep] = built - start;
      run_times[rep] = ran - built;
      teardown_times[rep] = now_ns () - ran;
    }
  ok = ok && !bench.wrong_order;

  printf ("{\"shape\": \"%s\", \"n\": %d, \"requirements\": %u, \"window\": %d, \"reps\": %d, "
          "\"build_ns_per_job\": %.1f, \"run_ns_per_job\": %.1f, \"teardown_ns_per_job\": %.1f, "
          "\"bytes_per_job\": %.1f, \"ok\": %s}\n",
          shape != NULL ? shape : "layered", n_jobs, dag->offsets[n_jobs], window, reps,
          median_per_job (build_times), median_per_job (run_times), median_per_job (teardown_times),
          (double) (memory ("VmHWM:") - memory_before) / n_jobs, ok ? "true" : "false");

  g_free (bench.actions);
  g_free (shape);
  return ok ? 0 : 1;
}
