/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs.h>
#include <unistd.h>

#include "callbacks.h"
#include "monitors/jobs-visible.h"

/* A stream that does something while it is flushed */

typedef struct
{
  GFilterOutputStream parent_instance;

  JobsTextMonitor *monitor; /* (unowned) */
  guint n_flushed;
} Meddler;

typedef GFilterOutputStreamClass MeddlerClass;

GType meddler_get_type (void);

G_DEFINE_TYPE (Meddler, meddler, G_TYPE_FILTER_OUTPUT_STREAM)

static gboolean
meddler_flush (GOutputStream *stream,
               GCancellable  *cancellable,
               GError       **error)
{
  Meddler *self = (Meddler *) stream;

  if (self->n_flushed++ == 0)
    {
      /* Which holds the last reference to this stream */
      jobs_text_monitor_set_stream (self->monitor, NULL);
      jobs_text_monitor_detach (self->monitor);
    }

  return TRUE;
}

static void
meddler_class_init (MeddlerClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->flush = meddler_flush;
}

static void
meddler_init (Meddler *self)
{
}

static JobsAction *
add (JobsEngine  *engine,
     const char  *label,
     JobsCallback callback,
     gpointer     data)
{
  JobsAction *action = jobs_callback_action_new (label, callback, data, NULL);

  g_assert_true (jobs_engine_add (engine, action));
  g_object_unref (action);

  return action;
}

/* All lines but their times, one string */
static char *
dup_lines (GOutputStream *stream)
{
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (stream);
  g_autofree char *text = g_strndup (g_memory_output_stream_get_data (memory),
                                     g_memory_output_stream_get_data_size (memory));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      const char *time = g_strchug (lines[i]);

      g_assert_true (g_regex_match_simple ("^[0-9]+\\.[0-9]{3}  [^ ]", time, 0, 0));
      g_string_append (all, time + strcspn (time, " ") + 2);
      g_string_append_c (all, '\n');
    }

  return g_string_free (g_steal_pointer (&all), FALSE);
}

static JobsTextMonitor *
watch (JobsEngine     *engine,
       GOutputStream **stream)
{
  JobsTextMonitor *monitor = jobs_text_monitor_new (engine);

  *stream = g_memory_output_stream_new_resizable ();
  jobs_text_monitor_set_stream (monitor, *stream);

  return monitor;
}

static void
test_lines (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTextMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_autofree char *lines = NULL;
  JobsAction *one, *two;

  g_test_summary ("There is one line per event, in their order");

  one = add (engine, "one", succeed, NULL);
  two = add (engine, "two", fail, (gpointer) "no luck");
  jobs_action_requires (two, one);
  monitor = watch (engine, &stream);

  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));
  lines = dup_lines (stream);
  g_assert_true (g_str_has_prefix (lines, "started     the run: 2 actions\n"));
  g_assert_nonnull (strstr (lines, "finished    one"));
  g_assert_nonnull (strstr (lines, "failed      two: no luck"));
  g_assert_nonnull (strstr (lines, "failed      the run: "));
  g_assert_true (strstr (lines, "finished    one") < strstr (lines, "started     two"));

  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}

static void
test_nested (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *nested = jobs_engine_new ();
  JobsTextMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_autofree char *lines = NULL;

  g_test_summary ("Actions of nested engines have lines too, by their path");

  jobs_action_set_label (JOBS_ACTION (nested), "tests");
  add (nested, "unit", succeed, NULL);
  g_assert_true (jobs_engine_add (engine, JOBS_ACTION (nested)));
  monitor = watch (engine, &stream);

  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  lines = dup_lines (stream);
  g_assert_nonnull (strstr (lines, "finished    tests/unit"));
  g_assert_true (strstr (lines, "finished    tests/unit") < strstr (lines, "finished    tests  ("));
  g_assert_true (g_str_has_suffix (lines, "finished    the run\n"));

  g_assert_finalize_object (monitor);
  g_object_unref (nested);
  g_assert_finalize_object (engine);
}

static void
test_retries (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTextMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_autofree char *lines = NULL;
  guint left = 1;

  g_test_summary ("A retry is told");

  jobs_action_set_retries (add (engine, "shaky", fail_some, &left), 1);
  monitor = watch (engine, &stream);

  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  lines = dup_lines (stream);
  g_assert_nonnull (strstr (lines, "again       shaky"));
  g_assert_nonnull (strstr (lines, "started     shaky  (attempt 2)"));
  g_assert_null (strstr (lines, "failed"));

  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}

static void
test_harmless (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTextMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_autofree char *lines = NULL;

  g_test_summary ("Labels and messages can neither steer the terminal nor forge lines");

  add (engine, "a\033[2Jb", fail, (gpointer) "x\n   0.000  finished  y\r\xc2\x9b");
  monitor = watch (engine, &stream);

  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));
  lines = dup_lines (stream);
  g_assert_null (strchr (lines, '\033'));
  g_assert_null (strchr (lines, '\r'));
  g_assert_nonnull (strstr (lines, "failed      a^[[2Jb: x^J   0.000  finished  y^M<U+009B>"));

  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}

static void
test_color (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTextMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_autofree char *text = NULL;
  gboolean color;

  g_test_summary ("Only with color are states coloured");

  add (engine, "one", succeed, NULL);
  monitor = watch (engine, &stream);
  g_object_get (monitor, "color", &color, NULL);
  g_assert_false (color);
  jobs_text_monitor_set_color (monitor, TRUE);

  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  text = g_strndup (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (stream)),
                    g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)));
  g_assert_nonnull (strstr (text, "\033[32mfinished\033[0m    one"));

  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}

typedef struct
{
  JobsEngine *engine;
  JobsTextMonitor *monitor;
  GOutputStream *stream;
} Late;

static gboolean
attach_late (JobsAction *action,
             gpointer    data,
             GError    **error)
{
  Late *late = data;

  late->monitor = watch (late->engine, &late->stream);
  return TRUE;
}

static gboolean
detach_early (JobsAction *action,
              gpointer    data,
              GError    **error)
{
  Late *late = data;

  jobs_text_monitor_detach (late->monitor);
  jobs_text_monitor_detach (late->monitor);
  return TRUE;
}

static void
test_come_and_go (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Late late = { engine };
  g_autofree char *lines = NULL;
  g_autoptr (JobsEngine) watched = NULL;
  JobsAction *one, *two, *three, *four;

  g_test_summary ("A monitor can come and go in the middle of a run");

  one = add (engine, "one", attach_late, &late);
  two = add (engine, "two", succeed, NULL);
  three = add (engine, "three", detach_early, &late);
  four = add (engine, "four", succeed, NULL);
  jobs_action_requires (two, one);
  jobs_action_requires (three, two);
  jobs_action_requires (four, three);

  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  lines = dup_lines (late.stream);
  g_assert_null (strstr (lines, "started     one"));
  g_assert_nonnull (strstr (lines, "finished    two"));
  g_assert_null (strstr (lines, "four"));
  g_assert_null (strstr (lines, "the run"));

  g_object_get (late.monitor, "engine", &watched, NULL);
  g_assert_null (watched);
  g_object_unref (late.stream);
  g_assert_finalize_object (late.monitor);
  g_assert_finalize_object (engine);
}

static gboolean
drop_monitor (JobsAction *action,
              gpointer    data,
              GError    **error)
{
  g_assert_finalize_object (*(JobsTextMonitor **) data);
  return TRUE;
}

static gboolean
was_written (GOutputStream *stream,
             const char    *line)
{
  g_autofree char *lines = NULL;

  if (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)) == 0)
    return FALSE;

  lines = dup_lines (stream);

  return strstr (lines, line) != NULL;
}

/* Whoever of five began first, and however long ago: that is the machine's affair */
static gboolean
was_reminded (GOutputStream *stream)
{
  g_autofree char *lines = was_written (stream, "running") ? dup_lines (stream) : NULL;

  return lines != NULL &&
         g_regex_match_simple ("running     \\S+ \\(\\d+ s\\)(, \\S+ \\(\\d+ s\\)){2} and 2 more\n",
                               lines, 0, 0);
}

static gboolean
set_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_reminder (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsEngine) inner = jobs_engine_new ();
  g_autoptr (JobsTextMonitor) monitor = NULL;
  g_autoptr (GOutputStream) stream = NULL;
  gboolean is_later = FALSE;
  gsize size;
  guint reminder;

  g_test_summary ("What runs is named from time to time, the oldest first, while there is a run");

  jobs_action_set_label (JOBS_ACTION (inner), "inner");
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *label = g_strdup_printf ("job-%u", i);
      g_autoptr (JobsAction) action = jobs_delay_action_new (label, 3600 * 1000);

      jobs_engine_add (i == 1 ? inner : engine, action);
      if (i == 0)
        jobs_engine_add (engine, JOBS_ACTION (inner));
    }
  monitor = watch (engine, &stream);
  /* Longer than it takes to write one under valgrind, or the run would never have its turn */
  jobs_text_monitor_set_reminder (monitor, 100);
  g_object_get (monitor, "reminder", &reminder, NULL);
  g_assert_cmpuint (reminder, ==, 100);

  jobs_engine_orchestrate_async (engine, NULL, NULL, NULL);
  while (!was_reminded (stream))
    g_main_context_iteration (NULL, TRUE);

  jobs_engine_cancel (engine);
  while (jobs_engine_is_active (engine))
    g_main_context_iteration (NULL, TRUE);

  /* A reminder that had not ended would come before that */
  size = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream));
  g_timeout_add (2 * reminder, set_cb, &is_later);
  while (!is_later)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)), ==, size);
}

static void
test_gathered (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (JobsAction) stay = jobs_delay_action_new ("stay", G_MAXUINT);
  JobsTextMonitor *monitor = jobs_text_monitor_new (engine);
  g_autoptr (GOutputStream) base = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) gathers = g_buffered_output_stream_new_sized (base, 1 << 20);
  g_autofree char *lines = NULL;

  g_test_summary ("A stream that gathers lines is flushed soon, while the run goes on, and at its end");

  add (engine, "one", succeed, NULL);
  g_assert_true (jobs_engine_add (engine, stay));
  jobs_text_monitor_set_stream (monitor, gathers);

  jobs_engine_orchestrate_async (engine, NULL, NULL, NULL);
  while (!was_written (base, "started     stay\n"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (was_written (base, "finished    one"));

  jobs_engine_cancel (engine);
  while (jobs_engine_is_active (engine))
    g_main_context_iteration (NULL, TRUE);
  lines = dup_lines (base);
  g_assert_nonnull (strstr (lines, "failed      the run"));

  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}

static void
test_gathered_until_detached (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTextMonitor *monitor = jobs_text_monitor_new (engine);
  Late late = { engine, monitor };
  g_autoptr (GOutputStream) base = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) gathers = g_buffered_output_stream_new_sized (base, 1 << 20);

  g_test_summary ("Who detaches a monitor finds all lines in the stream");

  add (engine, "one", detach_early, &late);
  jobs_text_monitor_set_stream (monitor, gathers);

  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_true (was_written (base, "started     one\n"));
  g_assert_false (was_written (base, "the run\n"));

  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}

static gboolean
flush_here (JobsAction *action,
            gpointer    data,
            GError    **error)
{
  Late *late = data;

  jobs_text_monitor_flush (late->monitor);
  g_assert_true (was_written (late->stream, "started     two\n"));
  return TRUE;
}

static void
test_flush (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Late late = { engine };

  g_test_summary ("Who writes to the same place can have all written that has happened");

  jobs_action_requires (add (engine, "two", flush_here, &late), add (engine, "one", succeed, NULL));
  late.monitor = watch (engine, &late.stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_true (was_written (late.stream, "finished    two"));

  g_assert_finalize_object (late.monitor);
  jobs_text_monitor_flush (late.monitor = jobs_text_monitor_new (engine));
  jobs_text_monitor_detach (late.monitor);
  jobs_text_monitor_flush (late.monitor);
  g_object_unref (late.monitor);
  g_object_unref (late.stream);
  g_assert_finalize_object (engine);
}

static gboolean
fail_otherwise (JobsAction *action,
                gpointer    data,
                GError    **error)
{
  guint *n_calls = data;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "trouble %u", ++*n_calls);
  return FALSE;
}

static void
test_as_it_was (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTextMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_autofree char *lines = NULL;
  guint n_calls = 0;
  JobsAction *job;

  g_test_summary ("Lines that are written later say what was so then, each error in its place");

  job = add (engine, "job", fail_otherwise, &n_calls);
  jobs_action_set_retries (job, 2);
  jobs_action_set_retry_delay (job, 0);
  monitor = watch (engine, &stream);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));

  lines = dup_lines (stream);
  g_assert_nonnull (strstr (lines, "started     job\n"
                                   "again       job: trouble 1\n"
                                   "started     job  (attempt 2)\n"
                                   "again       job: trouble 2\n"
                                   "started     job  (attempt 3)\n"
                                   "failed      job: trouble 3  ("));

  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}

static void
test_changed_while_flushed (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTextMonitor *monitor = jobs_text_monitor_new (engine);
  g_autoptr (GOutputStream) base = g_memory_output_stream_new_resizable ();
  Meddler *stream = g_object_new (meddler_get_type (), "base-stream", base, NULL);

  g_test_summary ("A stream may drop itself, and detach the monitor, while it is flushed");

  add (engine, "one", succeed, NULL);
  stream->monitor = monitor;
  jobs_text_monitor_set_stream (monitor, G_OUTPUT_STREAM (stream));
  g_object_unref (stream);

  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_true (was_written (base, "started     the run: 1 action\n"));
  g_assert_false (was_written (base, "started     one\n"));

  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}

static void
test_lifetimes (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTextMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_autofree char *lines = NULL;

  g_test_summary ("Neither keeps the other alive, and either may go first");

  add (engine, "drop", drop_monitor, &monitor);
  jobs_action_requires (add (engine, "two", succeed, NULL), jobs_engine_lookup (engine, "drop"));
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  lines = dup_lines (stream);
  g_assert_null (strstr (lines, "two"));

  monitor = jobs_text_monitor_new (engine);
  g_assert_finalize_object (engine);
  jobs_text_monitor_detach (monitor);
  g_assert_finalize_object (monitor);
}

static void
test_broken_stream (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTextMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;

  g_test_summary ("A stream that takes nothing does not hold up the run");

  add (engine, "one", succeed, NULL);
  monitor = watch (engine, &stream);
  g_assert_true (g_output_stream_close (stream, NULL, NULL));

  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));

  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}

static void
test_visible (void)
{
  static const struct { const char *from; gssize length; const char *to; } cases[] = {
    { "plain \tté 𝄞", -1, "plain \tté 𝄞" },
    { "", -1, "" },
    { "a\033[31mb", -1, "a^[[31mb" },
    { "a\0b", 3, "a^@b" },
    { "\0", 1, "^@" },
    { "a\nb\rc\x7f", -1, "a^Jb^Mc^?" },
    { "\xff\xfe", -1, "\xef\xbf\xbd\xef\xbf\xbd" },
    { "caf\xc3", -1, "caf\xef\xbf\xbd" },
    { "\xc3\xa9tude", 1, "\xef\xbf\xbd" },
    { "\xed\xa0\x80", -1, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xc2\x9b" "31m", -1, "<U+009B>31m" },
    { "a\xe2\x80\xae" "b", -1, "a<U+202E>b" },
    { "a\xe2\x80\xa8" "b", -1, "a<U+2028>b" },
  };

  g_test_summary ("What could harm a terminal is shown as text, all else as it is");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) to = g_string_new (NULL);

      jobs_visible_append (to, cases[i].from, cases[i].length);
      g_assert_cmpstr (to->str, ==, cases[i].to);
      g_assert_true (g_utf8_validate (to->str, to->len, NULL));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (60);

  g_test_add_func ("/jobs/text-monitor/lines", test_lines);
  g_test_add_func ("/jobs/text-monitor/nested", test_nested);
  g_test_add_func ("/jobs/text-monitor/retries", test_retries);
  g_test_add_func ("/jobs/text-monitor/harmless", test_harmless);
  g_test_add_func ("/jobs/text-monitor/color", test_color);
  g_test_add_func ("/jobs/text-monitor/come-and-go", test_come_and_go);
  g_test_add_func ("/jobs/text-monitor/reminder", test_reminder);
  g_test_add_func ("/jobs/text-monitor/gathered", test_gathered);
  g_test_add_func ("/jobs/text-monitor/gathered-until-detached", test_gathered_until_detached);
  g_test_add_func ("/jobs/text-monitor/flush", test_flush);
  g_test_add_func ("/jobs/text-monitor/as-it-was", test_as_it_was);
  g_test_add_func ("/jobs/text-monitor/changed-while-flushed", test_changed_while_flushed);
  g_test_add_func ("/jobs/text-monitor/lifetimes", test_lifetimes);
  g_test_add_func ("/jobs/text-monitor/broken-stream", test_broken_stream);
  g_test_add_func ("/jobs/text-monitor/visible", test_visible);

  return g_test_run ();
}
