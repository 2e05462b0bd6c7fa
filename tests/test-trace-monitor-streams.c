/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "traces.h"

/* Of a trace monitor: what its stream and its filter may do while it writes */

/* A stream in memory that knows how much came at once, and may do something about it */
#define TEST_TYPE_STREAM (test_stream_get_type ())
G_DECLARE_FINAL_TYPE (TestStream, test_stream, TEST, STREAM, GMemoryOutputStream)

struct _TestStream
{
  GMemoryOutputStream parent_instance;

  gsize most;
};

G_DEFINE_FINAL_TYPE (TestStream, test_stream, G_TYPE_MEMORY_OUTPUT_STREAM)

static gssize
test_stream_write (GOutputStream *stream,
                   const void    *buffer,
                   gsize          count,
                   GCancellable  *cancellable,
                   GError       **error)
{
  TestStream *self = TEST_STREAM (stream);

  self->most = MAX (self->most, count);

  return G_OUTPUT_STREAM_CLASS (test_stream_parent_class)->write_fn (stream, buffer, count, cancellable, error);
}

static void
test_stream_class_init (TestStreamClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = test_stream_write;
}

static void
test_stream_init (TestStream *self)
{
}

static TestStream *
test_stream_new (void)
{
  return g_object_new (TEST_TYPE_STREAM, "realloc-function", g_realloc, "destroy-function", g_free, NULL);
}

/* Tests */

/* What is written at once, and the longest event of these tests */
#define AT_ONCE (32 * 1024 + 4096)

#define N_PARTS 500

static void
test_bounded (gconstpointer has_bars)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (TestStream) stream = test_stream_new ();
  g_autofree char *padding = g_strnfill (1000, 'x');
  JobsTraceMonitor *monitor;
  JobsAction *join;
  g_auto (Trace) trace = { NULL };

  g_test_summary ("What waits to be written is little, however much happens at once");

  join = add_delay (engine, "join", 1);
  for (guint i = 0; i < N_PARTS; i++)
    {
      g_autofree char *label = g_strdup_printf ("%s %u", has_bars != NULL ? padding : "part", i);

      jobs_action_requires (join, add (engine, label, succeed, NULL));
    }
  monitor = jobs_trace_monitor_new (engine, G_OUTPUT_STREAM (stream));
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));

  trace_read (&trace, G_OUTPUT_STREAM (stream));
  g_assert_cmpuint (trace.slices->len, ==, N_PARTS + 2);
  g_assert_cmpuint (trace_count (&trace, "\"cat\":\"requirement\""), ==, 2 * N_PARTS);
  g_assert_cmpuint (stream->most, <=, AT_ONCE);

  let_go (monitor, engine);
}

static void
test_bounded_slots (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (TestStream) stream = test_stream_new ();
  JobsTraceMonitor *monitor;
  g_auto (Trace) trace = { NULL };

  g_test_summary ("Nor are many slots named at once");

  for (guint i = 0; i < N_PARTS; i++)
    jobs_action_set_forever (add_delay (engine, NULL, G_MAXUINT), TRUE);
  add_delay (engine, "last", 1);
  monitor = jobs_trace_monitor_new (engine, G_OUTPUT_STREAM (stream));
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));

  trace_read (&trace, G_OUTPUT_STREAM (stream));
  g_assert_cmpuint (trace_count (&trace, "\"name\":\"thread_name\""), ==, N_PARTS + 2);
  g_assert_cmpuint (stream->most, <=, AT_ONCE);

  let_go (monitor, engine);
}

static void
test_broken_stream (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;

  g_test_summary ("A stream that takes nothing does not hold up the run");

  for (guint i = 0; i < 1000; i++)
    add (engine, "one of many, with a label that is long enough to fill what is written at once", succeed, NULL);
  monitor = watch (engine, &stream);
  g_assert_true (g_output_stream_close (stream, NULL, NULL));

  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));

  let_go (monitor, engine);
}

static JobsTraceMonitor *meddled;

/* While it is written to */
static gpointer
end_by_stream (gpointer data,
               gsize    size)
{
  jobs_trace_monitor_detach (meddled);
  return g_realloc (data, size);
}

static char *
end_by_filter (const char *text,
               gpointer    data)
{
  jobs_trace_monitor_detach (meddled);
  return g_strdup (text);
}

static void
test_meddling (gconstpointer filter)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GOutputStream) stream =
    g_memory_output_stream_new (NULL, 0, filter == NULL ? end_by_stream : g_realloc, g_free);
  g_auto (Trace) trace = { NULL };

  g_test_summary ("A stream and a filter may end the trace, which has all that had happened by then");

  meddled = jobs_trace_monitor_new (engine, stream);
  jobs_trace_monitor_set_filter (meddled, filter, NULL, NULL);
  jobs_action_requires (add (engine, "two", succeed, NULL), add (engine, "one", fail, (gpointer) "bad"));
  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);
  assert_in_line (trace_find (&trace, "one"), filter == NULL ? "\"state\":" : "\"error\":\"bad\"");
  let_go (meddled, engine);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (60);

  g_test_add_data_func ("/jobs/trace-monitor/bounded", NULL, test_bounded);
  g_test_add_data_func ("/jobs/trace-monitor/bounded-bars", GINT_TO_POINTER (TRUE), test_bounded);
  g_test_add_func ("/jobs/trace-monitor/bounded-slots", test_bounded_slots);
  g_test_add_func ("/jobs/trace-monitor/broken-stream", test_broken_stream);
  g_test_add_data_func ("/jobs/trace-monitor/meddling-stream", NULL, test_meddling);
  g_test_add_data_func ("/jobs/trace-monitor/meddling-filter", end_by_filter, test_meddling);

  return g_test_run ();
}
