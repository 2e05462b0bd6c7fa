/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a job costs whose work ends later, each with a GTask of its own, as one
 * line of JSON. Beside it, what GLib itself takes for as many GTasks. */

#include <asyncjobs.h>

#include <stdio.h>

#include "bench.h"
#include "dag.h"

static char *shape = NULL;
static char *end = NULL;
static int n_jobs = 100000;
static int reps = 1;
static int window = 0;

static const GOptionEntry entries[] = {
  { "shape", 0, 0, G_OPTION_ARG_STRING, &shape, "independent, chain, layered or tree", "SHAPE" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_jobs, "Number of jobs", "N" },
  { "reps", 0, 0, G_OPTION_ARG_INT, &reps, "Measure R times and report the medians", "R" },
  { "window", 0, 0, G_OPTION_ARG_INT, &window, "At most N jobs at once", "N" },
  { "end", 0, 0, G_OPTION_ARG_STRING, &end,
    "How the GTasks end: 'source': one source ends those that are under way, as where data "
    "arrives; 'idle': each is returned at once and GLib calls back from an idle source; "
    "'direct': without a GTask, the outcome is given at once", "HOW" },
  G_OPTION_ENTRY_NULL
};

/* The world in which work goes on: what is under way ends when the loop turns */
typedef struct
{
  GPtrArray *tasks;
  GPtrArray *ending;
  GSource *source;
  guint32 n_ended;
} World;

static gboolean
world_end_tasks_cb (gpointer user_data)
{
  World *world = user_data;
  GPtrArray *tasks = world->tasks;

  /* What ends may begin what is next */
  world->tasks = world->ending;
  world->ending = tasks;
  g_source_set_ready_time (world->source, -1);
  for (guint i = 0; i < tasks->len; i++)
    {
      GTask *task = tasks->pdata[i];

      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
  g_ptr_array_set_size (tasks, 0);

  return G_SOURCE_CONTINUE;
}

static gboolean
world_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static void
world_init (World *world)
{
  static GSourceFuncs funcs = { .dispatch = world_source_dispatch };

  world->tasks = g_ptr_array_new ();
  world->ending = g_ptr_array_new ();
  world->source = g_source_new (&funcs, sizeof (GSource));
  g_source_set_callback (world->source, world_end_tasks_cb, world, NULL);
  g_source_attach (world->source, NULL);
}

static void
world_clear (World *world)
{
  g_source_destroy (world->source);
  g_source_unref (world->source);
  g_ptr_array_unref (world->tasks);
  g_ptr_array_unref (world->ending);
}

static void
world_begin (World *world, GTask *task)
{
  if (g_str_equal (end, "idle"))
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  if (world->tasks->len == 0)
    g_source_set_ready_time (world->source, 0);
  g_ptr_array_add (world->tasks, task);
}

static void
ended_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (JobsAttempt) attempt = user_data;
  g_autoptr (GError) error = NULL;
  World *world = g_task_get_task_data (G_TASK (result));

  world->n_ended++;
  if (g_task_propagate_boolean (G_TASK (result), &error))
    jobs_attempt_complete (attempt, NULL);
  else
    jobs_attempt_fail (attempt, error);
}

static gboolean
start (JobsAction *action, JobsAttempt *attempt, gpointer user_data, GError **error)
{
  GTask *task = g_task_new (action, NULL, ended_cb, g_object_ref (attempt));

  g_task_set_task_data (task, user_data, NULL);
  world_begin (user_data, task);
  return TRUE;
}

static gboolean
start_direct (JobsAction *action, JobsAttempt *attempt, gpointer user_data, GError **error)
{
  World *world = user_data;

  world->n_ended++;
  jobs_attempt_complete (attempt, NULL);
  return TRUE;
}

/* ns: to run the graph, and to do all there is to do with it */
static gboolean
measure (World *world, const Dag *dag, JobsAction **actions, gint64 *ran, gint64 *whole)
{
  gint64 begin = bench_now (), run_begin;
  JobsEngine *engine = jobs_engine_new ();
  gboolean ok;

  jobs_engine_set_window (engine, (guint) window);
  for (guint32 job = 0; job < dag->n_jobs; job++)
    {
      actions[job] = jobs_async_action_new (NULL, g_str_equal (end, "direct") ? start_direct : start,
                                            world, NULL);
      jobs_engine_add (engine, actions[job]);
      for (guint32 i = dag->offsets[job]; i < dag->offsets[job + 1]; i++)
        jobs_action_requires (actions[job], actions[dag->requirements[i]]);
      g_object_unref (actions[job]);
    }

  world->n_ended = 0;
  run_begin = bench_now ();
  ok = jobs_engine_orchestrate (engine, NULL, NULL) && world->n_ended == dag->n_jobs;
  *ran = bench_now () - run_begin;
  g_object_unref (engine);
  *whole = bench_now () - begin;
  return ok;
}

typedef struct
{
  World *world;
  guint32 n_begun;
  guint32 n_ended;
} Bare;

static void bare_begin (Bare *bare);

static void
bare_ended_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Bare *bare = user_data;

  bare->n_ended++;
  if (bare->n_begun < (guint32) n_jobs)
    bare_begin (bare);
}

static void
bare_begin (Bare *bare)
{
  bare->n_begun++;
  world_begin (bare->world, g_task_new (NULL, NULL, bare_ended_cb, bare));
}

/* As many GTasks without any engine, one after the other for a chain */
static gint64
measure_bare (World *world)
{
  Bare bare = { .world = world };
  guint32 at_once = g_str_equal (shape, "chain") ? 1 : (guint32) window;
  gint64 begin = bench_now ();

  if (g_str_equal (end, "direct"))
    return 0;
  do
    bare_begin (&bare);
  while (bare.n_begun < (guint32) n_jobs && bare.n_begun != at_once);
  while (bare.n_ended < (guint32) n_jobs)
    g_main_context_iteration (NULL, TRUE);

  return bench_now () - begin;
}

static gboolean
parse (int *argc, char ***argv)
{
  static const char *const ends[] = { "source", "idle", "direct", NULL };

  if (!bench_parse ("- measure asynchronous jobs", entries, argc, argv))
    return FALSE;
  if (shape == NULL)
    shape = g_strdup ("independent");
  if (end == NULL)
    end = g_strdup ("source");
  if (n_jobs < 1 || reps < 1 || window < 0 || !g_strv_contains (ends, end))
    {
      g_printerr ("--n and --reps are 1 or more, --window is 0 or more; --end: see --help\n");
      return FALSE;
    }
  return TRUE;
}

int
main (int argc, char *argv[])
{
  g_autoptr (Dag) dag = NULL;
  g_autofree JobsAction **actions = NULL;
  g_autofree gint64 *ran = NULL;
  g_autofree gint64 *whole = NULL;
  g_autofree gint64 *bare = NULL;
  gboolean ok = TRUE;
  World world = { 0 };

  if (!parse (&argc, &argv))
    return 2;
  dag = dag_new (shape, (guint32) n_jobs);
  if (dag == NULL)
    {
      g_printerr ("No shape '%s': independent, chain, layered or tree\n", shape);
      return 2;
    }

  actions = g_new (JobsAction *, n_jobs);
  ran = g_new (gint64, reps);
  whole = g_new (gint64, reps);
  bare = g_new (gint64, reps);
  world_init (&world);
  for (int rep = 0; rep < reps; rep++)
    {
      ok = measure (&world, dag, actions, &ran[rep], &whole[rep]) && ok;
      bare[rep] = measure_bare (&world);
    }
  world_clear (&world);

  printf ("{\"shape\": \"%s\", \"n\": %d, \"window\": %d, \"end\": \"%s\", \"reps\": %d, "
          "\"run_ns_per_job\": %.1f, \"whole_ns_per_job\": %.1f, \"bare_ns_per_job\": %.1f, "
          "\"ok\": %s}\n",
          shape, n_jobs, window, end, reps, bench_median (ran, (guint) reps) / n_jobs,
          bench_median (whole, (guint) reps) / n_jobs, bench_median (bare, (guint) reps) / n_jobs,
          ok ? "true" : "false");

  g_free (shape);
  g_free (end);
  return ok ? 0 : 1;
}
