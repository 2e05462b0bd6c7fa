/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What it costs a run of short commands to be watched by a monitor: runs with and
 * without it take turns. One line of JSON. */

#include <asyncjobs.h>

#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"

typedef GObject *(*Watch) (JobsEngine    *engine,
                           GOutputStream *stream);

static const char *const command[] = { "/bin/true", NULL };

static char *variant = NULL;
static int n_jobs = 10000;
static int n_turns = 100;
static int at_once = 2;

static const GOptionEntry entries[] = {
  { "variant", 0, 0, G_OPTION_ARG_STRING, &variant, "trace, text, bus or none", "VARIANT" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_jobs, "How many jobs are watched", "N" },
  { "turns", 0, 0, G_OPTION_ARG_INT, &n_turns, "In how many runs", "N" },
  { "at-once", 0, 0, G_OPTION_ARG_INT, &at_once, "How many at once", "N" },
  G_OPTION_ENTRY_NULL
};

static GObject *
watch_by_trace (JobsEngine    *engine,
                GOutputStream *stream)
{
  return G_OBJECT (jobs_trace_monitor_new (engine, stream));
}

static GObject *
watch_by_text (JobsEngine    *engine,
               GOutputStream *stream)
{
  g_autoptr (GOutputStream) gathers = g_buffered_output_stream_new (stream);
  JobsTextMonitor *monitor = jobs_text_monitor_new (engine);

  g_filter_output_stream_set_close_base_stream (G_FILTER_OUTPUT_STREAM (gathers), FALSE);
  jobs_text_monitor_set_stream (monitor, gathers);
  return G_OBJECT (monitor);
}

/* For nobody in particular */
static GObject *
watch_by_bus (JobsEngine    *engine,
              GOutputStream *stream)
{
  g_autoptr (JobsEngineBoard) board = JOBS_ENGINE_BOARD (jobs_engine_board_new (engine));

  return G_OBJECT (jobs_bus_monitor_new (board, NULL));
}

/* To see how much is chance */
static GObject *
watch_by_none (JobsEngine    *engine,
               GOutputStream *stream)
{
  return NULL;
}

static Watch
find_watch (void)
{
  static const struct
  {
    const char *name;
    Watch watch;
  } variants[] = {
    { "trace", watch_by_trace },
    { "text", watch_by_text },
    { "bus", watch_by_bus },
    { "none", watch_by_none },
  };

  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    if (g_str_equal (variants[i].name, variant))
      return variants[i].watch;
  return NULL;
}

typedef struct
{
  gint64 *spent;  /* ns, of each turn */
  gint64 *worked; /* by the program alone, ns */
} Series;

static gboolean
run (Watch          watch,
     GOutputStream *stream,
     Series        *series,
     int            turn)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (GObject) monitor = NULL;
  gint64 begin, worked;
  gboolean ok;

  jobs_engine_set_window (engine, (guint) at_once);
  for (int i = 0; i < n_jobs / n_turns; i++)
    {
      g_autofree char *label = g_strdup_printf ("job-%d", i);
      g_autoptr (JobsAction) action = jobs_command_action_new (label, NULL, command);

      jobs_engine_add (engine, action);
    }

  begin = bench_now ();
  worked = bench_worked ();
  if (watch != NULL)
    monitor = watch (engine, stream);
  ok = jobs_engine_orchestrate (engine, NULL, NULL);
  g_clear_object (&monitor);
  series->spent[turn] = bench_now () - begin;
  series->worked[turn] = bench_worked () - worked;

  return ok;
}

/* Of the whole time of a run, in %: the median over neighbours in time */
static double
cost (const gint64 *more,
      const gint64 *less,
      const gint64 *whole)
{
  g_autofree gint64 *parts = g_new (gint64, n_turns);

  for (int i = 0; i < n_turns; i++)
    parts[i] = (more[i] - less[i]) * 1000000 / whole[i];

  return bench_median (parts, (guint) n_turns) / 1e4;
}

static gboolean
measure (Watch watch)
{
  g_autofree char *name = NULL;
  int fd = g_file_open_tmp ("bench-monitors-XXXXXX", &name, NULL);
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFileIOStream) both = NULL;
  Series with = { g_new (gint64, n_turns), g_new (gint64, n_turns) };
  Series without = { g_new (gint64, n_turns), g_new (gint64, n_turns) };
  gboolean ok = TRUE;
  double in_time, in_work;

  if (fd < 0)
    g_error ("No temporary file can be made");
  close (fd);
  file = g_file_new_for_path (name);
  both = g_file_open_readwrite (file, NULL, NULL);

  for (int i = 0; i < n_turns && ok; i++)
    ok = run (NULL, NULL, &without, i) &&
         run (watch, g_io_stream_get_output_stream (G_IO_STREAM (both)), &with, i);
  g_unlink (name);

  if (ok)
    {
      in_time = cost (with.spent, without.spent, without.spent);
      in_work = cost (with.worked, without.worked, without.spent);
      printf ("{\"variant\": \"%s\", \"n\": %d, \"at_once\": %d, \"us_per_job\": %.1f, "
              "\"cost_percent\": %.2f, \"work_percent\": %.2f, \"ok\": true}\n",
              variant, n_jobs, at_once,
              bench_median (with.spent, (guint) n_turns) / 1e3 / (n_jobs / n_turns), in_time, in_work);
    }
  g_free (with.spent);
  g_free (with.worked);
  g_free (without.spent);
  g_free (without.worked);

  return ok;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GTestDBus) bus = NULL;
  gboolean ok;
  Watch watch;

  if (!bench_parse ("- measure what monitors cost", entries, &argc, &argv))
    return 2;
  if (variant == NULL)
    variant = g_strdup ("trace");
  watch = find_watch ();
  if (watch == NULL || n_turns < 1 || n_jobs < n_turns || at_once < 1)
    {
      g_printerr ("--variant is trace, text, bus or none; --turns is 1 or more, --n as many or more, "
                  "--at-once 1 or more\n");
      return 2;
    }

  if (watch == watch_by_bus)
    {
      bus = g_test_dbus_new (G_TEST_DBUS_NONE);
      g_test_dbus_up (bus);
    }
  ok = measure (watch);
  if (bus != NULL)
    g_test_dbus_stop (bus);
  g_free (variant);

  return ok ? 0 : 1;
}
