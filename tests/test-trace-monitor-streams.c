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
  void (*told) (const char *text);
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
  g_autofree char *text = g_strndup (buffer, count);

  self->most = MAX (self->most, count);
  if (self->told != NULL)
    self->told (text);

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

/* Meddling */

typedef struct
{
  const char *path;
  gboolean is_filter;
  const char *at;         /* what it has been given: it does it then */
  void (*meddle) (void);
  const char *part;       /* what is in the trace, in so many lines at least */
  guint n;
  gboolean ends_it;       /* the job that may does */
} Meddling;

static struct
{
  const Meddling *meddling;
  JobsEngine *engine;
  JobsTraceMonitor *monitor;
  guint n_calls;
} meddler;

static void
detach (void)
{
  jobs_trace_monitor_detach (meddler.monitor);
}

static void
drop (void)
{
  g_clear_object (&meddler.monitor);
}

/* So many changes are told at once */
static void
retry_and_detach (void)
{
  g_assert_true (jobs_engine_retry (meddler.engine, jobs_engine_lookup (meddler.engine, "bad"), NULL));
  detach ();
}

static void
meddle (const char *text)
{
  if (strstr (text, meddler.meddling->at) != NULL && meddler.n_calls++ == 0)
    meddler.meddling->meddle ();
}

static char *
meddle_by_filter (const char *text,
                  gpointer    data)
{
  meddle (text);

  return g_strdup (text);
}

static gboolean
end_trace (JobsAction *action,
           gpointer    data,
           GError    **error)
{
  if (meddler.meddling->ends_it)
    detach ();

  return TRUE;
}

#define N_LONG 100

static JobsEngine *
make_engine (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autofree char *padding = g_strnfill (1000, 'x');
  JobsAction *join = add (engine, "join", succeed, NULL);
  JobsAction *ender = add (engine, "ender", end_trace, NULL);
  JobsAction *bad = add (engine, "bad", fail, (gpointer) "it is bad");

  for (guint i = 0; i < N_LONG; i++)
    {
      g_autofree char *label = g_strdup_printf ("%s %u", padding, i);

      jobs_action_set_forever (add_delay (engine, label, G_MAXUINT), TRUE);
    }
  for (guint i = 0; i < N_PARTS; i++)
    {
      jobs_action_requires (join, add (engine, "part", succeed, NULL));
      jobs_action_requires (add (engine, "behind", succeed, NULL), bad);
    }
  jobs_action_requires (ender, join);
  jobs_action_requires (bad, ender);

  return engine;
}

static void
test_meddling (gconstpointer data)
{
  const Meddling *self = data;
  g_autoptr (TestStream) stream = test_stream_new ();
  g_auto (Trace) trace = { NULL };
  gpointer watched;

  g_test_summary ("A stream and a filter may end the trace, which has all that had happened by then");

  meddler.meddling = self;
  meddler.n_calls = 0;
  meddler.engine = make_engine ();
  meddler.monitor = watched = jobs_trace_monitor_new (meddler.engine, G_OUTPUT_STREAM (stream));
  g_object_add_weak_pointer (watched, &watched);
  if (self->is_filter)
    jobs_trace_monitor_set_filter (meddler.monitor, meddle_by_filter, NULL, NULL);
  else
    stream->told = meddle;
  g_assert_false (jobs_engine_orchestrate (meddler.engine, NULL, NULL));

  g_assert_cmpuint (meddler.n_calls, >=, 1);
  trace_read (&trace, G_OUTPUT_STREAM (stream));
  g_assert_cmpuint (trace_count (&trace, self->part), >=, self->n);

  g_assert_true (watched == meddler.monitor);
  g_clear_object (&meddler.monitor);
  g_assert_null (watched);
  g_assert_finalize_object (meddler.engine);
}

#define BAR(name) "\"name\":\"" name "\""
#define ARROW "\"cat\":\"requirement\""
#define RUNS "\"state\":\"running\""
#define BAD "\"error\":\"it is bad\""

static const Meddling meddlings[] = {
  { "stream-detaches", FALSE, BAR ("part"), detach, BAR ("part"), 1 },
  { "stream-drops", FALSE, BAR ("part"), drop, BAR ("part"), 1 },
  { "stream-detaches-within-arrows", FALSE, ARROW, detach, ARROW, 2 * N_PARTS },
  { "stream-drops-within-arrows", FALSE, ARROW, drop, ARROW, 2 * N_PARTS },
  { "stream-detaches-at-the-end", FALSE, BAR ("run"), detach, BAR ("run"), 1 },
  { "stream-drops-at-the-end", FALSE, BAR ("run"), drop, BAR ("run"), 1 },
  { "stream-detaches-within-detach", FALSE, RUNS, detach, RUNS, N_LONG + 2, TRUE },
  { "stream-drops-within-detach", FALSE, RUNS, drop, RUNS, N_LONG + 2, TRUE },
  { "stream-drops-behind-all", FALSE, "\n]\n", drop, RUNS, N_LONG + 2, TRUE },
  { "filter-detaches", TRUE, "it is bad", detach, BAD, 1 },
  { "filter-drops", TRUE, "it is bad", drop, BAD, 1 },
  { "filter-detaches-at-the-end", TRUE, "bad: it is bad", detach, BAR ("run"), 1 },
  { "filter-drops-at-the-end", TRUE, "bad: it is bad", drop, BAR ("run"), 1 },
  { "filter-retries-at-the-end", TRUE, "bad: it is bad", retry_and_detach, BAR ("run"), 1 },
};

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
  for (guint i = 0; i < G_N_ELEMENTS (meddlings); i++)
    {
      g_autofree char *path = g_strconcat ("/jobs/trace-monitor/meddling/", meddlings[i].path, NULL);

      g_test_add_data_func (path, &meddlings[i], test_meddling);
    }

  return g_test_run ();
}
