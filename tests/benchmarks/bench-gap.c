/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long an application freezes while many jobs are built, run and dropped in
 * its main loop, beside a source that redraws 60 times a second as GDK does. One
 * line of JSON. */

#include <asyncjobs.h>

#include <stdio.h>

#include "bench.h"
#include "dag.h"

#define REDRAW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)
#define FRAME (G_USEC_PER_SEC / 60)
#define SLICE_NS 1000000

typedef enum
{
  BUILD,
  RUN,
  DROP,
  N_PHASES
} Phase;

static char *shape = NULL;
static int n_jobs = 1000000;

static const GOptionEntry entries[] = {
  { "shape", 0, 0, G_OPTION_ARG_STRING, &shape, "independent, chain, layered or tree", "SHAPE" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_jobs, "Number of jobs", "N" },
  G_OPTION_ENTRY_NULL
};

/* The beat: it is asked in each turn of the loop, first of all sources, and never
 * has anything to do. From the end of the poll to the next beginning of a turn is
 * how long the loop was away; waiting in the poll is no gap. */
typedef struct
{
  GSource source;
  gint64 since;
  gint64 worked_since;
  gint64 longest[N_PHASES];
  gint64 longest_worked[N_PHASES];
  Phase phase;
} Beat;

typedef struct
{
  GMainLoop *loop;
  const Dag *dag;
  JobsAction **actions;
  JobsEngine *engine;
  Beat *beat;
  guint32 n_built;
  guint32 n_ran;
  guint n_frames;
  gint64 next_frame;
  gint64 latest_frame;
  gboolean ok;
} App;

static gboolean
beat_prepare (GSource *source, int *timeout)
{
  Beat *self = (Beat *) source;

  *timeout = -1;
  if (self->since != 0)
    {
      gint64 gap = bench_now () - self->since;
      gint64 worked = bench_worked () - self->worked_since;

      self->longest[self->phase] = MAX (self->longest[self->phase], gap);
      self->longest_worked[self->phase] = MAX (self->longest_worked[self->phase], worked);
    }
  return FALSE;
}

static gboolean
beat_check (GSource *source)
{
  Beat *self = (Beat *) source;

  self->since = bench_now ();
  self->worked_since = bench_worked ();
  return FALSE;
}

static gboolean
beat_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_assert_not_reached ();
}

static Beat *
beat_new (void)
{
  static GSourceFuncs funcs = { beat_prepare, beat_check, beat_dispatch };
  GSource *source = g_source_new (&funcs, sizeof (Beat));

  g_source_set_priority (source, G_MININT);
  g_source_attach (source, NULL);
  return (Beat *) source;
}

/* The phase changes inside a turn: what it has cost so far is of the old one */
static void
app_enter (App *app, Phase phase)
{
  beat_prepare (&app->beat->source, &(int) { 0 });
  beat_check (&app->beat->source);
  app->beat->phase = phase;
}

static gboolean
redraw_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static gboolean
redraw_cb (gpointer user_data)
{
  App *app = user_data;
  gint64 now = g_get_monotonic_time ();

  app->n_frames++;
  app->latest_frame = MAX (app->latest_frame, now - app->next_frame);
  app->next_frame += FRAME * (1 + (now - app->next_frame) / FRAME);
  g_source_set_ready_time (g_main_current_source (), app->next_frame);
  return G_SOURCE_CONTINUE;
}

static GSource *
redraw_new (App *app)
{
  static GSourceFuncs funcs = { .dispatch = redraw_dispatch };
  GSource *source = g_source_new (&funcs, sizeof (GSource));

  app->next_frame = g_get_monotonic_time () + FRAME;
  g_source_set_priority (source, REDRAW_PRIORITY);
  g_source_set_callback (source, redraw_cb, app, NULL);
  g_source_set_ready_time (source, app->next_frame);
  g_source_attach (source, NULL);
  return source;
}

static gboolean
count (JobsAction *action, gpointer user_data, GError **error)
{
  App *app = user_data;

  app->n_ran++;
  return TRUE;
}

static void
cleared_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  App *app = user_data;

  app->ok = jobs_engine_clear_finish (JOBS_ENGINE (object), result, NULL) && app->ok;
  g_clear_object (&app->engine);
  app_enter (app, DROP);
  g_main_loop_quit (app->loop);
}

static void
finished_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  App *app = user_data;

  app->ok = jobs_engine_orchestrate_finish (JOBS_ENGINE (object), result, NULL);
  app_enter (app, DROP);
  jobs_engine_clear_async (app->engine, NULL, cleared_cb, app);
}

/* The application builds its jobs in slices, like all it does */
static gboolean
build_cb (gpointer user_data)
{
  App *app = user_data;
  const Dag *dag = app->dag;
  gint64 end = bench_now () + SLICE_NS;

  while (app->n_built < dag->n_jobs)
    {
      guint32 job = app->n_built++;
      JobsAction *action = jobs_callback_action_new (NULL, count, app, NULL);

      app->actions[job] = action;
      jobs_engine_add (app->engine, action);
      for (guint32 i = dag->offsets[job]; i < dag->offsets[job + 1]; i++)
        jobs_action_requires (action, app->actions[dag->requirements[i]]);
      g_object_unref (action);
      if (job % 64 == 0 && bench_now () > end)
        return G_SOURCE_CONTINUE;
    }

  app_enter (app, RUN);
  jobs_engine_orchestrate_async (app->engine, NULL, finished_cb, app);
  return G_SOURCE_REMOVE;
}

static void
report (App *app, double seconds)
{
  static const char *const phases[N_PHASES] = { "build", "run", "drop" };

  printf ("{\"shape\": \"%s\", \"n\": %d, \"seconds\": %.3f, \"frames\": %u, "
          "\"latest_frame_us\": %.1f",
          shape, n_jobs, seconds, app->n_frames, (double) app->latest_frame);
  for (Phase phase = 0; phase < N_PHASES; phase++)
    printf (", \"%s_gap_us\": %.1f, \"%s_gap_worked_us\": %.1f",
            phases[phase], app->beat->longest[phase] / 1e3,
            phases[phase], app->beat->longest_worked[phase] / 1e3);
  printf (", \"ok\": %s}\n", app->ok ? "true" : "false");
}

int
main (int argc, char *argv[])
{
  g_autoptr (Dag) dag = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (GSource) redraw = NULL;
  g_autofree JobsAction **actions = NULL;
  gint64 begin;
  App app = { 0 };

  if (!bench_parse ("- measure how long the main loop is held up", entries, &argc, &argv))
    return 2;
  if (shape == NULL)
    shape = g_strdup ("layered");
  dag = n_jobs > 0 ? dag_new (shape, (guint32) n_jobs) : NULL;
  if (dag == NULL)
    {
      g_printerr ("--shape is independent, chain, layered or tree; --n is 1 or more\n");
      return 2;
    }

  loop = g_main_loop_new (NULL, FALSE);
  actions = g_new (JobsAction *, n_jobs);
  app.loop = loop;
  app.dag = dag;
  app.actions = actions;
  app.engine = jobs_engine_new ();
  app.beat = beat_new ();
  redraw = redraw_new (&app);
  g_idle_add_full (REDRAW_PRIORITY, build_cb, &app, NULL);

  begin = bench_now ();
  g_main_loop_run (loop);
  app.ok = app.ok && app.n_ran == dag->n_jobs;
  report (&app, (double) (bench_now () - begin) / 1e9);

  g_source_destroy (redraw);
  g_source_destroy (&app.beat->source);
  g_source_unref (&app.beat->source);
  g_free (shape);
  return app.ok ? 0 : 1;
}
