/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "test-utils.h"
#include "traces.h"

static void
test_attempts (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };

  g_test_summary ("Each attempt is one bar, and in a slot none lies on another");
  jobs_engine_set_window (engine, 3);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *label = g_strdup_printf ("job-%u", i);

      if (i % 3 == 0)
        add (engine, label, succeed, NULL);
      else
        add_delay (engine, label, 1 + i % 5);
    }
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);

  g_assert_cmpuint (trace.slices->len, ==, 41);
  trace_check_overlaps (&trace);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *label = g_strdup_printf ("job-%u", i);
      const Slice *slice = trace_find (&trace, label);

      assert_in_line (slice, "\"state\":\"finished\"");
      g_assert_cmpint (slice->end, >, slice->start);
      if (i % 3 != 0)
        g_assert_cmpint (slice->end - slice->start, >=, (1 + i % 5) * 1000);
    }
  /* Three slots, and the one of the run */
  g_assert_cmpuint (trace_count (&trace, "\"name\":\"thread_name\""), ==, 4);
  g_assert_cmpuint (trace_count (&trace, "\"name\":\"process_name\""), ==, 2);
  g_assert_cmpuint (trace_count (&trace, "\"name\":\"waits for its turn\""), >, 10);
  g_assert_cmpuint (trace_count (&trace, "{\"ph\":\"b\""), ==, trace_count (&trace, "{\"ph\":\"e\""));

  let_go (monitor, engine);
}

static void
test_requirements (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };
  JobsAction *one, *two, *three, *skipped;

  g_test_summary ("An arrow leads from the end of what was required to the start");

  one = add_delay (engine, "one", 2);
  two = add (engine, "two", succeed, NULL);
  three = add_delay (engine, "three", 1);
  skipped = add (engine, "skipped", succeed, NULL);
  jobs_action_requires (two, one);
  jobs_action_requires (three, two);
  g_assert_true (jobs_action_requires_full (skipped, one, JOBS_CONDITION_FAILURE, NULL));
  jobs_action_requires (three, skipped);
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);

  trace_check_arrow (&trace, 1, trace_find (&trace, "one"), trace_find (&trace, "two"));
  trace_check_arrow (&trace, 2, trace_find (&trace, "two"), trace_find (&trace, "three"));
  g_assert_cmpuint (trace_count (&trace, "\"cat\":\"requirement\""), ==, 4);
  g_assert_cmpuint (trace_count (&trace, "skipped"), ==, 0);

  let_go (monitor, engine);
}

static void
test_retries (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };
  JobsAction *shaky, *before;
  guint left = 2;

  g_test_summary ("Each of several attempts has its bar, and what is between them is a wait");

  before = add (engine, "before", succeed, NULL);
  shaky = add (engine, "shaky", fail_some, &left);
  jobs_action_set_retries (shaky, 2);
  jobs_action_set_retry_delay (shaky, 2);
  jobs_action_requires (shaky, before);
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);
  trace_check_overlaps (&trace);
  g_assert_cmpuint (trace_count (&trace, "\"path\":\"shaky\",\"state\":\"failed\",\"attempt\":1,\"error\":\"not yet\""), ==, 1);
  g_assert_cmpuint (trace_count (&trace, "\"path\":\"shaky\",\"state\":\"failed\",\"attempt\":2,\"error\":\"not yet\""), ==, 1);
  g_assert_cmpuint (trace_count (&trace, "\"path\":\"shaky\",\"state\":\"finished\",\"attempt\":3}"), ==, 1);
  g_assert_cmpuint (trace_count (&trace, "\"name\":\"waits for a retry\""), ==, 4);
  /* What was required was so once */
  g_assert_cmpuint (trace_count (&trace, "\"cat\":\"requirement\""), ==, 2);

  let_go (monitor, engine);
}

static void
test_nested (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *nested = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };
  const Slice *unit, *tests;

  g_test_summary ("Engines have tracks of their own, around the bars of what they hold");

  jobs_action_set_label (JOBS_ACTION (nested), "tests");
  add_delay (nested, "unit", 2);
  take (engine, JOBS_ACTION (nested));
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);
  trace_check_overlaps (&trace);
  unit = trace_find (&trace, "unit");
  tests = trace_find (&trace, "tests");
  assert_in_line (unit, "\"cat\":\"attempt\"");
  assert_in_line (unit, "\"path\":\"tests/unit\"");
  assert_in_line (tests, "\"cat\":\"engine\"");
  g_assert_cmpuint (unit->process, !=, tests->process);
  g_assert_cmpuint (trace_find (&trace, "run")->process, ==, tests->process);
  g_assert_cmpint (tests->start, <=, unit->start);
  g_assert_cmpint (tests->end, >=, unit->end);

  let_go (monitor, engine);
}

static void
test_nodes (void)
{
  const char *const argv[] = { "true", NULL };
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_autoptr (JobsNode) node = jobs_ssh_node_new ("far", "nowhere.invalid", NULL);
  g_auto (Trace) trace = { NULL };

  g_test_summary ("A node is a group of tracks, and one that cannot be reached has no bar in it");

  jobs_action_set_critical (take (engine, jobs_command_action_new ("there", node, argv)), FALSE);
  take (engine, jobs_command_action_new ("here", NULL, argv));
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);
  trace_check_overlaps (&trace);
  g_assert_cmpuint (trace_count (&trace, "\"args\":{\"name\":\"local\"}"), ==, 1);
  assert_in_line (trace_find (&trace, "here"), "\"state\":\"finished\"");
  g_assert_cmpuint (trace.slices->len, ==, 2);

  let_go (monitor, engine);
}

static void
test_harmless (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };

  g_test_summary ("Labels and messages are escaped");

  add (engine, "a\"\\\n\033[2J\x7f\xc2\x9b/é", fail, (gpointer) "\"}]\xff");
  monitor = watch (engine, &stream);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));

  trace_read (&trace, stream);
  g_assert_cmpuint (trace_count (&trace, "\"path\":\"a\\\"\\\\\\u000a\\u001b[2J\\u007f\\u009b/é\",\"state\":\"failed\","
                                         "\"attempt\":1,\"error\":\"\\\"}]\\ufffd\"}"), ==, 1);

  let_go (monitor, engine);
}

static char *
hide (const char *text,
      gpointer    data)
{
  (*(guint *) data)++;

  return g_strdup ("***");
}

static void
forget (gpointer data)
{
  *(guint *) data += 100;
}

static void
test_filter (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };
  guint n_calls = 0;

  g_test_summary ("A filter sees the messages before they are written");

  add (engine, "one", fail, (gpointer) "the secret");
  monitor = watch (engine, &stream);
  jobs_trace_monitor_set_filter (monitor, hide, &n_calls, forget);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));

  trace_read (&trace, stream);
  g_assert_cmpuint (trace_count (&trace, "secret"), ==, 0);
  assert_in_line (trace_find (&trace, "one"), "\"error\":\"***\"");
  g_assert_cmpuint (n_calls, >=, 1);
  g_assert_cmpuint (n_calls, <, 100);

  g_assert_finalize_object (monitor);
  g_assert_cmpuint (n_calls, >, 100);
  g_assert_finalize_object (engine);
}

typedef struct
{
  JobsEngine *engine;
  JobsTraceMonitor *monitor;
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

  jobs_trace_monitor_detach (late->monitor);
  jobs_trace_monitor_detach (late->monitor);
  return TRUE;
}

static gboolean
cancel_other (JobsAction *action,
              gpointer    data,
              GError    **error)
{
  jobs_action_cancel (data);
  return TRUE;
}

static void
test_come_and_go (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Late late = { engine };
  g_auto (Trace) trace = { NULL };
  g_autoptr (JobsEngine) watched = NULL;
  JobsAction *early, *one, *two, *three, *long_one;

  g_test_summary ("In the middle of a run it learns what was, and in the middle it may go");

  early = add_delay (engine, "early", 2);
  long_one = add_delay (engine, "long", G_MAXUINT);
  jobs_action_set_critical (long_one, FALSE);
  one = add (engine, "one", attach_late, &late);
  two = add_delay (engine, "two", 1);
  three = add (engine, "three", detach_early, &late);
  jobs_action_requires (one, early);
  jobs_action_requires (two, one);
  jobs_action_requires (three, two);
  jobs_action_requires (add (engine, "four", cancel_other, long_one), three);
  jobs_action_requires (add (engine, "five", succeed, NULL), long_one);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));

  trace_read (&trace, late.stream);
  trace_check_overlaps (&trace);
  assert_in_line (trace_find (&trace, "early"), "\"state\":\"finished\"");
  g_assert_cmpint (trace_find (&trace, "early")->start, >=, 0);
  assert_in_line (trace_find (&trace, "two"), "\"state\":\"finished\"");
  assert_in_line (trace_find (&trace, "long"), "\"state\":\"running\"");
  assert_in_line (trace_find (&trace, "three"), "\"state\":\"running\"");
  assert_in_line (trace_find (&trace, "run"), "\"state\":\"running\"");
  g_assert_cmpuint (trace_count (&trace, "four") + trace_count (&trace, "five"), ==, 0);

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
  g_assert_finalize_object (*(JobsTraceMonitor **) data);
  return TRUE;
}

static void
drop_monitor_cb (JobsEngine        *engine,
                 JobsAction        *action,
                 JobsState          old_state,
                 JobsState          new_state,
                 JobsTraceMonitor **monitor)
{
  if (new_state == JOBS_STATE_RUNNING)
    g_clear_object (monitor);
}

static void
test_lifetimes (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  GOutputStream *stream;
  Trace trace = { NULL };

  g_test_summary ("Neither keeps the other alive, and either may go first");

  add (engine, "drop", drop_monitor, &monitor);
  jobs_action_requires (add (engine, "two", succeed, NULL), jobs_engine_lookup (engine, "drop"));
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);
  g_assert_cmpuint (trace.slices->len, ==, 2);
  assert_in_line (trace_find (&trace, "drop"), "\"state\":\"running\"");
  trace_clear (&trace);
  g_object_unref (stream);

  /* Another handler of the same signal drops the last reference, before or after it has heard */
  jobs_engine_clear (engine);
  add (engine, "one", succeed, NULL);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (drop_monitor_cb), &monitor);
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_null (monitor);
  trace_read (&trace, stream);
  trace_clear (&trace);
  g_object_unref (stream);

  monitor = watch (engine, &stream);
  g_assert_finalize_object (engine);
  jobs_trace_monitor_detach (monitor);
  g_assert_finalize_object (monitor);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (stream)),
                   g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)), "[]\n", 3);
  g_object_unref (stream);
}

static gboolean
remove_other (JobsAction *action,
              gpointer    data,
              GError    **error)
{
  JobsEngine *engine = jobs_action_get_engine (action);

  g_assert_true (jobs_engine_remove (engine, jobs_engine_lookup (engine, data)));
  return TRUE;
}

static void
test_removed (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };
  JobsAction *remover, *later;

  g_test_summary ("What is removed while it runs is left alone");
  jobs_action_set_forever (add_delay (engine, "goes", 60000), TRUE);
  remover = add (engine, "remover", remove_other, (gpointer) "goes");
  later = add_delay (engine, "later", 1);
  jobs_action_requires (later, remover);
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);
  trace_check_overlaps (&trace);
  trace_find (&trace, "remover");
  trace_find (&trace, "later");

  let_go (monitor, engine);
}

static void
test_forever (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };

  g_test_summary ("What goes on for ever has a bar up to when it was ended");
  jobs_action_set_forever (add_delay (engine, "server", 60000), TRUE);
  add_delay (engine, "client", 3);
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);
  trace_check_overlaps (&trace);
  assert_in_line (trace_find (&trace, "server"), "\"state\":\"cancelled\"");
  g_assert_cmpint (trace_find (&trace, "server")->end, >=, trace_find (&trace, "client")->end - 1);

  let_go (monitor, engine);
}

static gboolean
make_room (JobsAction *action,
           gpointer    data,
           GError    **error)
{
  test_action_set_plan (data, "ok");
  return TRUE;
}

static void
test_no_room (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };
  JobsAction *first, *other, *full;

  g_test_summary ("What found the system without room has not been tried");

  first = add (engine, "first", succeed, NULL);
  other = add_delay (engine, "other", 2);
  full = take (engine, test_action_new ("full", "full"));
  jobs_action_requires (add (engine, "room", make_room, full), other);
  jobs_action_requires (full, first);
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);
  trace_check_overlaps (&trace);
  assert_in_line (trace_find (&trace, "full"), "\"state\":\"finished\"");
  trace_check_arrow (&trace, 2, trace_find (&trace, "first"), trace_find (&trace, "full"));
  g_assert_cmpuint (trace_count (&trace, "\"cat\":\"requirement\""), ==, 4);
  g_assert_cmpuint (trace_count (&trace, "\"name\":\"waits for the system\""), >=, 2);

  let_go (monitor, engine);
}

static void
test_again (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsTraceMonitor *monitor;
  g_autoptr (GOutputStream) stream = NULL;
  g_auto (Trace) trace = { NULL };

  g_test_summary ("A trace is of one run; the next one has another");

  add (engine, "one", succeed, NULL);
  monitor = watch (engine, &stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  trace_read (&trace, stream);
  g_assert_cmpuint (trace.slices->len, ==, 2);

  let_go (monitor, engine);
}

/* What is there by now, as after a kill */
static gboolean
look_at_file (JobsAction *action,
              gpointer    data,
              GError    **error)
{
  g_autofree char *text = take_text (G_MEMORY_OUTPUT_STREAM (((Late *) data)->stream));

  g_assert_true (g_str_has_prefix (text, "[\n{"));
  g_assert_true (g_str_has_suffix (text, "}"));
  g_assert_nonnull (strstr (text, "\"path\":\"first\""));
  return TRUE;
}

static void
test_cut_off (void)
{
  JobsEngine *engine = jobs_engine_new ();
  Late late = { engine };
  JobsAction *first, *pause, *look;

  g_test_summary ("What happened is written soon, and lacks but the bracket at its end");

  first = add (engine, "first", succeed, NULL);
  pause = add_delay (engine, "pause", 300);
  look = add (engine, "look", look_at_file, &late);
  jobs_action_requires (pause, first);
  jobs_action_requires (look, pause);
  late.monitor = watch (engine, &late.stream);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));

  g_object_unref (late.stream);
  g_assert_finalize_object (late.monitor);
  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (60);

  g_test_add_func ("/jobs/trace-monitor/attempts", test_attempts);
  g_test_add_func ("/jobs/trace-monitor/requirements", test_requirements);
  g_test_add_func ("/jobs/trace-monitor/retries", test_retries);
  g_test_add_func ("/jobs/trace-monitor/nested", test_nested);
  g_test_add_func ("/jobs/trace-monitor/nodes", test_nodes);
  g_test_add_func ("/jobs/trace-monitor/harmless", test_harmless);
  g_test_add_func ("/jobs/trace-monitor/filter", test_filter);
  g_test_add_func ("/jobs/trace-monitor/come-and-go", test_come_and_go);
  g_test_add_func ("/jobs/trace-monitor/lifetimes", test_lifetimes);
  g_test_add_func ("/jobs/trace-monitor/removed", test_removed);
  g_test_add_func ("/jobs/trace-monitor/forever", test_forever);
  g_test_add_func ("/jobs/trace-monitor/no-room", test_no_room);
  g_test_add_func ("/jobs/trace-monitor/again", test_again);
  g_test_add_func ("/jobs/trace-monitor/cut-off", test_cut_off);

  return g_test_run ();
}
