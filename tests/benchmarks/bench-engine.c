/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an engine costs per job, where the jobs do nothing: to build it, to run
 * it and to drop it, as one line of JSON. */

#include <asyncjobs.h>

#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "dag.h"

typedef struct
{
  const Dag *dag;
  JobsAction **actions;
  guint32 n_ran;
  gboolean wrong_order;
} Bench;

static char *shape = NULL;
static char *order = NULL;
static int n_jobs = 100000;
static int reps = 1;
static int window = 0;
static gboolean many = FALSE;
static gboolean verify = FALSE;

static const GOptionEntry entries[] = {
  { "shape", 0, 0, G_OPTION_ARG_STRING, &shape, "independent, chain, layered or tree", "SHAPE" },
  { "order", 0, 0, G_OPTION_ARG_STRING, &order, "Add them forward, reversed or shuffled", "ORDER" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_jobs, "Number of jobs", "N" },
  { "reps", 0, 0, G_OPTION_ARG_INT, &reps, "Measure R times and report the medians", "R" },
  { "window", 0, 0, G_OPTION_ARG_INT, &window, "At most N jobs at once", "N" },
  { "many", 0, 0, G_OPTION_ARG_NONE, &many, "Add all of them in one call", NULL },
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

static void
make_action (Bench *bench, guint32 job)
{
  JobsAction *action;

  action = jobs_callback_action_new (NULL, verify ? count_in_order : count, bench, NULL);
  if (verify)
    g_object_set_data (G_OBJECT (action), "number", GUINT_TO_POINTER (job));
  bench->actions[job] = action;
}

static void
set_requirements (Bench *bench, guint32 job)
{
  const Dag *dag = bench->dag;

  for (guint32 i = dag->offsets[job]; i < dag->offsets[job + 1]; i++)
    jobs_action_requires (bench->actions[job], bench->actions[dag->requirements[i]]);
}

/* Each one is made, added, and given what it requires: what a program does that
 * has its jobs in order */
static void
add_forward (Bench *bench, JobsEngine *engine)
{
  for (guint32 job = 0; job < bench->dag->n_jobs; job++)
    {
      make_action (bench, job);
      jobs_engine_add (engine, bench->actions[job]);
      set_requirements (bench, job);
      /* The engine's reference does from now on */
      g_object_unref (bench->actions[job]);
    }
}

/* All are made and know what they require before the first is added; @sequence
 * NULL: in one call, by their numbers */
static void
add_made (Bench *bench, JobsEngine *engine, const guint32 *sequence)
{
  guint32 n = bench->dag->n_jobs;

  for (guint32 job = 0; job < n; job++)
    {
      make_action (bench, job);
      set_requirements (bench, job);
    }
  if (sequence == NULL)
    jobs_engine_add_many (engine, bench->actions, n);
  else
    for (guint32 i = 0; i < n; i++)
      jobs_engine_add (engine, bench->actions[sequence[i]]);
  for (guint32 job = 0; job < n; job++)
    g_object_unref (bench->actions[job]);
}

static JobsEngine *
build (Bench *bench, const guint32 *sequence)
{
  JobsEngine *engine = jobs_engine_new ();

  jobs_engine_set_window (engine, (guint) window);
  if (sequence == NULL && !many)
    add_forward (bench, engine);
  else
    add_made (bench, engine, sequence);

  return engine;
}

/* The numbers in the order in which they are added; NULL: one after the other */
static guint32 *
dup_sequence (void)
{
  guint32 n = (guint32) n_jobs;
  guint32 *sequence;
  guint32 random = 42;

  if (g_str_equal (order, "forward"))
    return NULL;

  sequence = g_new (guint32, n);
  for (guint32 i = 0; i < n; i++)
    sequence[i] = n - 1 - i;
  if (g_str_equal (order, "shuffled"))
    for (guint32 i = n - 1; i > 0; i--)
      {
        guint32 other, swapped = sequence[i];

        random = random * 1664525u + 1013904223u;
        other = (guint32) (((guint64) random * (i + 1)) >> 32);
        sequence[i] = sequence[other];
        sequence[other] = swapped;
      }

  return sequence;
}

static gboolean
parse (int *argc, char ***argv)
{
  static const char *const orders[] = { "forward", "reversed", "shuffled", NULL };

  if (!bench_parse ("- measure the engine", entries, argc, argv))
    return FALSE;
  if (shape == NULL)
    shape = g_strdup ("layered");
  if (order == NULL)
    order = g_strdup ("forward");
  if (n_jobs < 1 || reps < 1 || window < 0)
    {
      g_printerr ("--n and --reps are 1 or more, --window is 0 or more\n");
      return FALSE;
    }
  if (!g_strv_contains (orders, order) || (many && !g_str_equal (order, "forward")))
    {
      g_printerr ("--order is forward, reversed or shuffled, and forward with --many\n");
      return FALSE;
    }
  return TRUE;
}

static gboolean
measure (Bench *bench, const guint32 *sequence, gint64 *built, gint64 *ran, gint64 *dropped)
{
  gint64 start = bench_now ();
  JobsEngine *engine = build (bench, sequence);
  gint64 run_start = bench_now (), run_end;
  gboolean ok;

  bench->n_ran = 0;
  ok = jobs_engine_orchestrate (engine, NULL, NULL) && bench->n_ran == bench->dag->n_jobs;
  run_end = bench_now ();
  g_object_unref (engine);

  *built = run_start - start;
  *ran = run_end - run_start;
  *dropped = bench_now () - run_end;
  return ok;
}

int
main (int argc, char *argv[])
{
  g_autoptr (Dag) dag = NULL;
  g_autofree guint32 *sequence = NULL;
  g_autofree gint64 *built = NULL;
  g_autofree gint64 *ran = NULL;
  g_autofree gint64 *dropped = NULL;
  gboolean ok = TRUE;
  gint64 memory_before;
  Bench bench = { 0 };

  if (!parse (&argc, &argv))
    return 2;
  dag = dag_new (shape, (guint32) n_jobs);
  if (dag == NULL)
    {
      g_printerr ("No shape '%s': independent, chain, layered or tree\n", shape);
      return 2;
    }

  sequence = dup_sequence ();
  built = g_new (gint64, reps);
  ran = g_new (gint64, reps);
  dropped = g_new (gint64, reps);
  bench.dag = dag;
  bench.actions = g_new (JobsAction *, n_jobs);
  /* The caller's own array is no cost of the engine's: have it resident */
  memset (bench.actions, 1, (gsize) n_jobs * sizeof *bench.actions);
  memory_before = bench_memory ("VmRSS:");

  for (int rep = 0; rep < reps; rep++)
    ok = measure (&bench, sequence, &built[rep], &ran[rep], &dropped[rep]) && ok;
  ok = ok && !bench.wrong_order;

  printf ("{\"shape\": \"%s\", \"n\": %d, \"requirements\": %u, \"window\": %d, \"reps\": %d, "
          "\"build_ns_per_job\": %.1f, \"run_ns_per_job\": %.1f, \"teardown_ns_per_job\": %.1f, "
          "\"bytes_per_job\": %.1f, \"ok\": %s}\n",
          shape, n_jobs, dag->offsets[n_jobs], window, reps,
          bench_median (built, (guint) reps) / n_jobs, bench_median (ran, (guint) reps) / n_jobs,
          bench_median (dropped, (guint) reps) / n_jobs,
          (double) (bench_memory ("VmHWM:") - memory_before) / n_jobs, ok ? "true" : "false");

  g_free (bench.actions);
  g_free (shape);
  g_free (order);
  return ok ? 0 : 1;
}
