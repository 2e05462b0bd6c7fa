/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that runs commands which write very much: how late its main loop
 * gets to other things, how much memory it takes, and what is left afterwards */

#include <asyncjobs.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../processes.h"

#define TICK 5         /* ms */
#define LAG_MAX 50     /* ms, of all but one of a hundred ticks */
#define MEMORY_MAX 32  /* MiB */
#define LARGE ((gsize) 1024 * 1024 * 1024)
#define REDRAW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)

/* What is written repeats itself after so many bytes */
#define PERIOD 2600
#define BLOCK (64 * 1024)

static guint8 pattern[PERIOD + BLOCK];
static gsize total = 16 * 1024 * 1024;
static const char *program;

static void
make_pattern (gboolean lines)
{
  for (gsize i = 0; i < sizeof pattern; i++)
    pattern[i] = lines && i % 100 == 99 ? '\n' : 'a' + i % PERIOD / 100;
}

/* The child */
static int
write_much (gsize    size,
            gboolean lines)
{
  gsize done = 0;

  make_pattern (lines);
  while (done < size)
    {
      gssize written = write (STDOUT_FILENO, pattern + done % PERIOD, MIN (size - done, BLOCK));

      if (written < 0)
        return 1;
      done += written;
    }

  return 0;
}

/* What the program sees of it */

typedef struct
{
  JobsEngine *engine;
  GArray     *lags;     /* µs by which a tick was late */
  GArray     *spans;    /* µs that the thread has worked from tick to tick */
  gint64      expected;
  gint64      worked;
  guint64     resident; /* KiB */
  int         n_descriptors;
} Probe;

static guint64
status_of (const char *key)
{
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  line = strstr (text, key);
  g_assert_nonnull (line);

  return g_ascii_strtoull (line + strlen (key) + 1, NULL, 10);
}

static gint64
get_worked (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &ts);

  return ts.tv_sec * G_USEC_PER_SEC + ts.tv_nsec / 1000;
}

static gboolean
tick_cb (gpointer data)
{
  Probe *self = data;
  gint64 now = g_get_monotonic_time ();
  gint64 worked = get_worked ();
  gint64 lag = MAX (now - self->expected, 0);
  gint64 span = worked - self->worked;

  g_array_append_val (self->lags, lag);
  g_array_append_val (self->spans, span);
  self->expected = now + TICK * 1000;
  self->worked = worked;

  return G_SOURCE_CONTINUE;
}

static void
probe_init (Probe *self)
{
  g_autoptr (JobsEngine) unused = jobs_engine_new ();

  alarm (20 * WATCHDOG);
  /* What GLib opens once and keeps is no leak */
  g_assert_true (jobs_engine_orchestrate (unused, NULL, NULL));
  self->engine = jobs_engine_new ();
  self->lags = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->spans = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->n_descriptors = count_descriptors ();
  malloc_trim (0);
  g_assert_true (g_file_set_contents_full ("/proc/self/clear_refs", "5", 1,
                                           G_FILE_SET_CONTENTS_NONE, 0, NULL));
  self->resident = status_of ("VmRSS:");
}

static int
compare_lags (gconstpointer a,
              gconstpointer b)
{
  gint64 difference = *(const gint64 *) a - *(const gint64 *) b;

  return (difference > 0) - (difference < 0);
}

static double
percentile (GArray *lags,
            double  share)
{
  return g_array_index (lags, gint64, (guint) ((lags->len - 1) * share)) / 1000.0;
}

static void
probe_run (Probe *self)
{
  g_autoptr (GError) error = NULL;
  guint timer = g_timeout_add_full (REDRAW_PRIORITY, TICK, tick_cb, self, NULL);

  self->expected = g_get_monotonic_time () + TICK * 1000;
  self->worked = get_worked ();
  jobs_engine_orchestrate (self->engine, NULL, &error);
  g_assert_no_error (error);
  g_source_remove (timer);
}

static void
probe_judge (Probe *self)
{
  guint64 more = status_of ("VmHWM:") - MIN (self->resident, status_of ("VmHWM:"));

  g_array_sort (self->lags, compare_lags);
  g_array_sort (self->spans, compare_lags);
  g_test_message ("figure: %" G_GSIZE_FORMAT " MiB: %.1f MiB more memory; lag in ms of %u ticks: "
                  "median %.2f, 99th percentile %.2f, longest %.2f; busy for %.2f",
                  total >> 20, more / 1024.0, self->lags->len, percentile (self->lags, 0.5),
                  percentile (self->lags, 0.99), percentile (self->lags, 1),
                  percentile (self->spans, 0.99));
#ifndef __SANITIZE_ADDRESS__
  /* How late a tick is depends on what else the machine does, and a short run is
   * mostly its beginning, when a hundred programs want the processor. What the
   * loop was busy with is its own affair, always */
  g_assert_cmpfloat (percentile (self->spans, 0.99), <, LAG_MAX);
  if (total >= LARGE)
    g_assert_cmpfloat (percentile (self->lags, 0.99), <, LAG_MAX);
  g_assert_cmpuint (more, <, MEMORY_MAX * 1024);
#endif

  g_assert_finalize_object (self->engine);
  g_array_unref (self->lags);
  g_array_unref (self->spans);
  assert_nothing_left (self->n_descriptors);
  alarm (0);
}

/* What is written, byte for byte */

static void
output_cb (JobsCommandAction *action,
           guint              stream,
           GBytes            *bytes,
           gsize             *seen)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpuint (stream, ==, STDOUT_FILENO);
  while (size > 0)
    {
      gsize piece = MIN (size, BLOCK);

      g_assert_true (memcmp (data, pattern + *seen % PERIOD, piece) == 0);
      *seen += piece;
      data += piece;
      size -= piece;
    }
}

static void
count_line_cb (JobsCommandAction *action,
               guint              stream,
               GBytes            *line,
               gsize             *n_bytes)
{
  g_assert_cmpuint (g_bytes_get_size (line), <=, 64 * 1024);
  *n_bytes += g_bytes_get_size (line);
}

static JobsCommandAction *
add_writer (Probe      *self,
            gsize       size,
            const char *how)
{
  g_autofree char *number = g_strdup_printf ("%" G_GSIZE_FORMAT, size);
  const char *argv[] = { program, "--write", number, how, NULL };
  g_autoptr (JobsAction) action = jobs_command_action_new (NULL, NULL, argv);

  g_assert_true (jobs_engine_add (self->engine, action));

  return JOBS_COMMAND_ACTION (action);
}

static void
test_one (gconstpointer data)
{
  const char *how = data;
  Probe probe = { 0 };
  JobsCommandAction *action;
  gsize seen = 0, in_lines = 0;

  g_test_summary ("A command that writes very much does not hold up the loop");
  make_pattern (g_str_equal (how, "lines"));
  probe_init (&probe);
  action = add_writer (&probe, total, how);
  g_signal_connect (action, "output", G_CALLBACK (output_cb), &seen);
  g_signal_connect (action, "output-line", G_CALLBACK (count_line_cb), &in_lines);
  probe_run (&probe);
  g_assert_cmpuint (seen, ==, total);
  g_assert_cmpuint (in_lines, ==, g_str_equal (how, "lines") ? total - total / 100 : total);
  probe_judge (&probe);
}

/* With no limit on how many run, and all lines wanted */
static void
test_many (void)
{
  Probe probe = { 0 };
  gsize seen[100] = { 0 };
  gsize in_lines = 0;

  g_test_summary ("Neither do a hundred of them at once");
  make_pattern (TRUE);
  probe_init (&probe);
  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    {
      JobsCommandAction *action = add_writer (&probe, total / 10, "lines");

      g_signal_connect (action, "output", G_CALLBACK (output_cb), &seen[i]);
      g_signal_connect (action, "output-line", G_CALLBACK (count_line_cb), &in_lines);
    }
  probe_run (&probe);
  g_assert_cmpuint (in_lines, ==, G_N_ELEMENTS (seen) * (total / 10 - total / 1000));
  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    g_assert_cmpuint (seen[i], ==, total / 10);
  probe_judge (&probe);
}

static void
run_crowd (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (JobsAction) action = jobs_command_action_new_shell (NULL, NULL, "seq 100; exit 1");

      jobs_command_action_set_capture (JOBS_COMMAND_ACTION (action), TRUE);
      jobs_action_set_critical (action, FALSE);
      jobs_action_set_retries (action, 1);
      g_assert_true (jobs_engine_add (engine, action));
    }
  jobs_engine_set_window (engine, 20);
  jobs_engine_orchestrate (engine, NULL, &error);
  g_assert_no_error (error);
  g_assert_finalize_object (g_steal_pointer (&engine));
}

static void
test_return (void)
{
  Probe probe = { 0 };
  guint64 before = 0;

  g_test_summary ("After a run, memory and descriptors are where they were");
  probe_init (&probe);
  for (guint i = 0; i < 12; i++)
    {
      run_crowd ();
      malloc_trim (0);
      /* The first ones pay for what is made once */
      if (i == 3)
        before = status_of ("VmRSS:");
      assert_nothing_left (probe.n_descriptors);
    }
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (status_of ("VmRSS:"), <, before + 512);
#endif
  g_test_message ("figure: %d KiB more after 8 more runs of 100 jobs",
                  (int) (status_of ("VmRSS:") - before));
  g_assert_finalize_object (probe.engine);
  g_array_unref (probe.lags);
  g_array_unref (probe.spans);
  alarm (0);
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 4 && g_str_equal (argv[1], "--write"))
    return write_much (g_ascii_strtoull (argv[2], NULL, 10), g_str_equal (argv[3], "lines"));

  program = argv[0];
  if (g_getenv ("FAULTS_MIB") != NULL)
    total = g_ascii_strtoull (g_getenv ("FAULTS_MIB"), NULL, 10) << 20;
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/jobs/faults/lag/lines", "lines", test_one);
  g_test_add_data_func ("/jobs/faults/lag/one-line", "one-line", test_one);
  g_test_add_func ("/jobs/faults/lag/many", test_many);
  g_test_add_func ("/jobs/faults/lag/return", test_return);

  return g_test_run ();
}
