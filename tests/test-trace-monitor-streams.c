/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "traces.h"

/* Of a trace monitor: what its stream and its filter may do while it writes */

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

  g_test_add_func ("/jobs/trace-monitor/broken-stream", test_broken_stream);
  g_test_add_data_func ("/jobs/trace-monitor/meddling-stream", NULL, test_meddling);
  g_test_add_data_func ("/jobs/trace-monitor/meddling-filter", end_by_filter, test_meddling);

  return g_test_run ();
}
