/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "jobs-run.h"
#include "test-utils.h"

static void
test_pause (void)
{
  JobsEngine *outer = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsEngine *inner = test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT);
  JobsAction *one = test_add (inner, "one", "hang");
  JobsAction *two = test_add (outer, "two", "fail ok");

  g_test_summary ("In a pause nothing starts, also inside, and what runs goes on to its end");

  test_add_behind (inner, "next", "ok", one, JOBS_CONDITION_DONE);
  jobs_action_set_retries (two, 1);
  jobs_engine_pause (outer, JOBS_PAUSE_DEFAULT);
  test_begin (outer);
  test_assert_states (outer, "inner=scheduled two=scheduled");
  jobs_engine_resume (outer);
  test_settle ();
  test_assert_states (outer, "inner=running two=finished");
  jobs_engine_pause (outer, JOBS_PAUSE_DEFAULT);
  g_assert_true (jobs_engine_is_paused (outer));
  g_assert_false (jobs_engine_is_paused (inner));
  test_action_complete (one);
  test_add (outer, "three", "ok");
  test_settle ();
  test_assert_states (inner, "one=finished next=scheduled");
  test_assert_states (outer, "inner=running two=finished three=scheduled");
  test_assert_why (inner, "it is paused");
  jobs_engine_resume (outer);
  test_end_well (outer);
  test_assert_states (inner, "one=finished next=finished");
  test_assert_states (outer, "inner=finished two=finished three=finished");

  g_assert_finalize_object (outer);
}

static void
test_pause_ends (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);

  g_test_summary ("A paused run can be cancelled, and the next one is still paused");

  test_add (engine, "one", "ok");
  jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
  test_begin (engine);
  jobs_engine_cancel (engine);
  test_end_badly (engine, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  test_assert_states (engine, "one=skipped");
  test_begin (engine);
  test_assert_states (engine, "one=scheduled");
  jobs_engine_resume (engine);
  test_end_well (engine);

  g_assert_finalize_object (engine);
}

static void
test_pause_clocks (void)
{
  JobsEngine *outer = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsEngine *inner = test_add_engine (outer, "inner", JOBS_ON_FAILURE_ABORT);
  JobsRun *runs[] = { jobs_engine_get_run (outer), jobs_engine_get_run (inner) };
  JobsAction *action = test_add (inner, "action", "hang");
  JobsDeadline *deadline;
  gint64 left, due;

  g_test_summary ("The clocks of runs stand still in a pause, those of attempts only if asked to");

  jobs_action_set_timeout (JOBS_ACTION (outer), 60000);
  jobs_action_set_timeout (JOBS_ACTION (inner), 60000);
  jobs_action_set_timeout (action, 60000);
  test_begin (outer);
  deadline = &jobs_action_peek_ticket (action)->deadline;

  due = deadline->due;
  jobs_engine_pause (outer, JOBS_PAUSE_DEFAULT);
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    g_assert_false (jobs_deadline_is_armed (&runs[i]->deadline));
  g_assert_true (jobs_deadline_is_armed (deadline));
  jobs_engine_pause (outer, JOBS_PAUSE_CLOCKS);
  left = due - g_get_monotonic_time ();
  g_assert_false (jobs_deadline_is_armed (deadline));
  jobs_engine_resume (outer);
  g_assert_cmpint (deadline->due, >=, due);
  g_assert_cmpint (deadline->due, <=, g_get_monotonic_time () + left + G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    g_assert_true (jobs_deadline_is_armed (&runs[i]->deadline));

  jobs_engine_pause (outer, JOBS_PAUSE_CLOCKS);
  jobs_engine_pause (outer, JOBS_PAUSE_DEFAULT);
  g_assert_true (jobs_deadline_is_armed (deadline));
  jobs_engine_pause (inner, JOBS_PAUSE_DEFAULT);
  jobs_engine_resume (outer);
  g_assert_true (jobs_deadline_is_armed (&runs[0]->deadline));
  g_assert_false (jobs_deadline_is_armed (&runs[1]->deadline));
  jobs_engine_resume (inner);
  g_assert_true (jobs_deadline_is_armed (&runs[1]->deadline));
  test_action_complete (action);
  test_end_well (outer);

  g_assert_finalize_object (outer);
}

static void
test_pause_timeout (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsRun *run = jobs_engine_get_run (engine);
  JobsAction *action = test_add (engine, "action", "hang");

  g_test_summary ("A run that begins paused does not time out before it goes on");

  jobs_action_set_timeout (JOBS_ACTION (engine), 60000);
  jobs_engine_pause (engine, JOBS_PAUSE_DEFAULT);
  test_begin (engine);
  test_assert_states (engine, "action=scheduled");
  g_assert_false (jobs_deadline_is_armed (&run->deadline));
  jobs_engine_resume (engine);
  g_assert_cmpint (run->deadline.due, >, g_get_monotonic_time () + 59 * G_USEC_PER_SEC);
  test_settle ();
  test_time_out (JOBS_ACTION (engine));
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_TIMED_OUT, "timed out after 60 s");
  test_assert_states (engine, "action=cancelled");
  g_assert_cmpuint (jobs_action_get_attempts (action), ==, 1);

  g_assert_finalize_object (engine);
}

static void
test_add_running (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *one = test_add (engine, "one", "ok");
  JobsAction *two = test_add (engine, "two", "hang");
  JobsAction *minor;

  g_test_summary ("What is added to a run starts when it may, behind what has ended too");

  test_begin (engine);
  test_add (engine, "three", "ok");
  test_add_behind (engine, "four", "ok", one, JOBS_CONDITION_DONE);
  test_add_behind (engine, "five", "ok", two, JOBS_CONDITION_SUCCESS);
  test_add_behind (engine, "six", "ok", one, JOBS_CONDITION_FAILURE);
  minor = test_add (engine, "minor", "fail");
  jobs_action_set_critical (minor, FALSE);
  test_settle ();
  test_add_behind (engine, "seven", "ok", minor, JOBS_CONDITION_FAILURE);
  test_settle ();
  test_assert_states (engine, "one=finished two=running three=finished four=finished five=idle "
                              "six=skipped minor=failed seven=finished");
  test_action_complete (two);
  test_end_well (engine);
  test_assert_log ("one two three four minor seven two. five");

  g_assert_finalize_object (engine);
}

static void
test_add_too_late (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *other = test_add (engine, "other", "stay");

  g_test_summary ("What is added to a run that is ending stays idle, until the next one");

  test_begin (engine);
  test_add (engine, "late", "ok");
  test_settle ();
  test_assert_states (engine, "bad=failed other=cancelling late=idle");
  test_action_complete (other);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
  test_assert_states (engine, "bad=failed other=finished late=idle");
  test_action_set_plan (bad, "ok");
  test_action_set_plan (other, "ok");
  test_begin (engine);
  test_end_well (engine);
  test_assert_states (engine, "bad=finished other=finished late=finished");

  g_assert_finalize_object (engine);
}

static void
test_add_required (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *gate = test_add (engine, "gate", "hang");
  JobsAction *waiting = test_add_behind (engine, "waiting", "ok", gate, JOBS_CONDITION_DONE);
  g_autoptr (JobsAction) late = test_action_new ("late", "ok");

  g_test_summary ("What is waited for weakly and comes later is waited for as well, not instead");

  test_require (waiting, late, JOBS_CONDITION_AFTER);
  test_begin (engine);
  g_assert_true (jobs_engine_add (engine, late));
  test_settle ();
  test_assert_states (engine, "gate=running waiting=idle late=finished");
  test_action_complete (gate);
  test_end_well (engine);

  /* One that has a past elsewhere, and goes on for longer than the gate */
  g_assert_true (jobs_engine_remove (engine, late));
  test_action_set_plan (late, "hang");
  test_begin (engine);
  g_assert_true (jobs_engine_add (engine, late));
  test_settle ();
  test_action_complete (gate);
  test_settle ();
  test_assert_states (engine, "gate=finished waiting=idle late=running");
  test_action_complete (late);
  test_end_well (engine);

  g_assert_finalize_object (engine);
}

static void
test_add_weak_circle (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *gate = test_add (engine, "gate", "hang");
  JobsAction *waiting = test_add_behind (engine, "waiting", "ok", gate, JOBS_CONDITION_DONE);
  g_autoptr (JobsAction) late = test_action_new ("late", "ok");

  g_test_summary ("A weak requirement gives way where it would close a circle");

  test_require (waiting, late, JOBS_CONDITION_AFTER);
  test_require (late, waiting, JOBS_CONDITION_DONE);
  test_begin (engine);
  g_assert_true (jobs_engine_add (engine, late));
  test_settle ();
  test_assert_states (engine, "gate=running waiting=idle late=idle");
  test_action_complete (gate);
  test_end_well (engine);
  test_assert_log ("gate gate. waiting late");

  g_assert_finalize_object (engine);
}

static GLogWriterOutput
count_criticals (GLogLevelFlags   level,
                 const GLogField *fields,
                 gsize            n_fields,
                 gpointer         data)
{
  guint *n_criticals = data;

  if (!(level & G_LOG_LEVEL_CRITICAL))
    return g_log_writer_default (level, fields, n_fields, NULL);

  (*n_criticals)++;

  return G_LOG_WRITER_HANDLED;
}

static void
test_add_circle (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *gate = test_add (engine, "gate", "hang");
  JobsAction *actions[3];
  static guint n_criticals;

  g_test_summary ("A running engine does not take what requires one another in a circle");

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      actions[i] = test_action_new (i == 0 ? "one" : i == 1 ? "two" : "three", "ok");
      test_require (actions[i], gate, JOBS_CONDITION_DONE);
    }
  test_require (actions[0], actions[1], JOBS_CONDITION_DONE);
  test_require (actions[1], actions[2], JOBS_CONDITION_AFTER);
  test_require (actions[2], actions[0], JOBS_CONDITION_SUCCESS);
  test_begin (engine);

  /* It can be set once in a program */
  g_log_set_writer_func (count_criticals, &n_criticals, NULL);
  g_assert_false (jobs_engine_add_many (engine, actions, G_N_ELEMENTS (actions)));
  g_assert_cmpuint (n_criticals, ==, 1);
  test_assert_states (engine, "gate=running");
  g_assert_true (jobs_action_drop_requirement (actions[2], actions[0]));
  g_assert_true (jobs_engine_add_many (engine, actions, G_N_ELEMENTS (actions)));
  g_assert_cmpuint (n_criticals, ==, 1);
  test_action_complete (gate);
  test_end_well (engine);
  test_assert_log ("gate gate. three two one");

  g_assert_finalize_object (engine);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    g_assert_finalize_object (actions[i]);
}

typedef struct
{
  JobsAction *action;
  JobsAction *other;
  guint       n_refused;
} Circle;

static void
close_circle_cb (JobsEngine *engine,
                 guint       place,
                 guint       n_removed,
                 guint       n_added,
                 Circle     *circle)
{
  g_autoptr (GError) error = NULL;

  if (n_added == 0)
    return;
  g_assert_false (jobs_action_requires_full (circle->action, circle->other, JOBS_CONDITION_DONE, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  circle->n_refused++;
}

static void
test_add_circle_in_handler (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *gate = test_add (engine, "gate", "hang");
  JobsAction *waiting = test_add_behind (engine, "waiting", "ok", gate, JOBS_CONDITION_DONE);
  g_autoptr (JobsAction) late = test_action_new ("late", "ok");
  Circle circle = { waiting, late };

  g_test_summary ("Nor may a handler close one with what comes just now");

  test_require (late, waiting, JOBS_CONDITION_DONE);
  g_signal_connect (engine, "items-changed", G_CALLBACK (close_circle_cb), &circle);
  test_begin (engine);
  g_assert_true (jobs_engine_add (engine, late));
  g_assert_cmpuint (circle.n_refused, ==, 1);
  test_action_complete (gate);
  test_end_well (engine);
  test_assert_log ("gate gate. waiting late");

  g_assert_finalize_object (engine);
}

/* Puts back what has just been removed, and the other way round */
static void
undo_cb (JobsEngine  *engine,
         guint        place,
         guint        n_removed,
         guint        n_added,
         JobsAction **action)
{
  JobsAction *undone = g_steal_pointer (action);

  if (undone != NULL && n_added > 0)
    g_assert_true (jobs_engine_remove (engine, undone));
  else if (undone != NULL)
    g_assert_true (jobs_engine_add (engine, undone));
}

static void
test_undo (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *gate = test_add (engine, "gate", "hang");
  JobsAction *waiting = test_add_behind (engine, "waiting", "ok", gate, JOBS_CONDITION_DONE);
  g_autoptr (JobsAction) late = test_action_new ("late", "ok");
  JobsAction *undone = NULL;

  g_test_summary ("A handler may undo at once what it is told of");

  g_signal_connect (engine, "items-changed", G_CALLBACK (undo_cb), &undone);
  test_require (late, gate, JOBS_CONDITION_DONE);
  test_begin (engine);
  undone = late;
  g_assert_true (jobs_engine_add (engine, late));
  test_assert_states (engine, "gate=running waiting=idle");
  undone = waiting;
  g_assert_true (jobs_engine_remove (engine, waiting));
  test_settle ();
  test_assert_states (engine, "gate=running waiting=finished");
  test_action_complete (gate);
  test_end_well (engine);
  g_assert_cmpint (jobs_action_get_state (late), ==, JOBS_STATE_SKIPPED);

  g_assert_finalize_object (engine);
}

static void
test_require_too_late (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *other = test_add (engine, "other", "stay");
  JobsAction *weak = test_add_behind (engine, "weak", "ok", bad, JOBS_CONDITION_FAILURE);
  JobsAction *strong = test_add_behind (engine, "strong", "ok", bad, JOBS_CONDITION_FAILURE);
  JobsAction *known = test_add_behind (engine, "known", "ok", bad, JOBS_CONDITION_FAILURE);
  g_autoptr (JobsAction) late = test_action_new ("late", "ok");

  g_test_summary ("Nobody waits for what came too late to run");

  test_require (weak, other, JOBS_CONDITION_DONE);
  test_require (strong, other, JOBS_CONDITION_DONE);
  test_require (known, other, JOBS_CONDITION_DONE);
  test_require (known, late, JOBS_CONDITION_AFTER);
  test_begin (engine);
  test_assert_states (engine, "bad=failed other=cancelling weak=idle strong=idle known=idle");
  g_assert_true (jobs_engine_add (engine, late));
  test_require (weak, late, JOBS_CONDITION_AFTER);
  test_require (strong, late, JOBS_CONDITION_SUCCESS);
  test_action_complete (other);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
  test_assert_states (engine, "bad=failed other=finished weak=finished strong=skipped "
                              "known=finished late=idle");

  g_assert_finalize_object (engine);
}

/* Requires something of the first action when the second one forgets its past */
static void
require_cb (JobsEngine  *engine,
            JobsAction  *action,
            JobsState    old_state,
            JobsState    new_state,
            JobsAction **actions)
{
  if (action == actions[1] && old_state == JOBS_STATE_FINISHED && new_state == JOBS_STATE_IDLE)
    test_require (actions[0], actions[2], JOBS_CONDITION_DONE);
}

static void
test_require_early (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *actions[] = {
    test_add (engine, "one", "ok"), test_add (engine, "two", "ok"), test_add (engine, "three", "ok")
  };

  g_test_summary ("While a run begins, what has ended in the last one has not ended in this one");

  g_signal_connect (engine, "action-state-changed", G_CALLBACK (require_cb), actions);
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("one two three");
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("two three one");

  g_assert_finalize_object (engine);
}

static void
test_remove_running (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *one = test_add (engine, "one", "stay");
  JobsAction *two = test_add_behind (engine, "two", "ok", one, JOBS_CONDITION_DONE);
  JobsAction *three = test_add_behind (engine, "three", "ok", two, JOBS_CONDITION_SUCCESS);
  g_autoptr (JobsAction) kept = g_object_ref (one);

  g_test_summary ("What is removed from a run counts as skipped, is cancelled, and is waited for");

  test_add_behind (engine, "four", "ok", three, JOBS_CONDITION_DONE);
  test_add_behind (engine, "five", "ok", one, JOBS_CONDITION_SUCCESS);
  test_begin (engine);
  g_assert_true (jobs_engine_remove (engine, two));
  test_settle ();
  test_assert_states (engine, "one=running three=skipped four=finished five=idle");
  g_assert_true (jobs_engine_remove (engine, one));
  test_settle ();
  test_assert_states (engine, "three=skipped four=finished five=skipped");
  g_assert_cmpint (jobs_action_get_state (one), ==, JOBS_STATE_CANCELLING);
  g_assert_true (jobs_engine_is_active (engine));
  test_action_fail (one);
  test_end_well (engine);
  g_assert_cmpint (jobs_action_get_state (one), ==, JOBS_STATE_FAILED);

  g_assert_finalize_object (engine);
}

static void
assert_refused (JobsAction   *action,
                JobsAction   *other,
                JobsCondition condition,
                int           code)
{
  g_autoptr (GError) error = NULL;
  gboolean had = jobs_action_get_requirement (action, other, NULL);

  g_assert_false (jobs_action_requires_full (action, other, condition, &error));
  g_assert_error (error, JOBS_ERROR, code);
  g_assert_cmpint (jobs_action_get_requirement (action, other, NULL), ==, had);
}

static void
test_require_running (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_KEEP_GOING);
  JobsAction *good = test_add (engine, "good", "ok");
  JobsAction *gate = test_add (engine, "gate", "hang");
  JobsAction *other = test_add (engine, "other", "hang");
  JobsAction *one = test_add_behind (engine, "one", "ok", gate, JOBS_CONDITION_DONE);
  JobsAction *two = test_add_behind (engine, "two", "ok", gate, JOBS_CONDITION_DONE);
  JobsAction *three = test_add_behind (engine, "three", "ok", gate, JOBS_CONDITION_DONE);
  JobsAction *four = test_add_behind (engine, "four", "ok", gate, JOBS_CONDITION_DONE);
  g_autoptr (JobsAction) stranger = test_action_new ("stranger", "ok");

  g_test_summary ("Requirements come, change and go while it runs; some are refused");

  test_begin (engine);
  assert_refused (gate, other, JOBS_CONDITION_DONE, JOBS_ERROR_STARTED);
  assert_refused (good, other, JOBS_CONDITION_AFTER, JOBS_ERROR_STARTED);
  assert_refused (one, stranger, JOBS_CONDITION_DONE, JOBS_ERROR_DANGLING);
  test_require (one, stranger, JOBS_CONDITION_AFTER);
  test_require (two, one, JOBS_CONDITION_DONE);
  assert_refused (one, two, JOBS_CONDITION_AFTER, JOBS_ERROR_CYCLE);

  test_require (one, other, JOBS_CONDITION_DONE);
  test_require (three, good, JOBS_CONDITION_FAILURE);
  test_require (four, good, JOBS_CONDITION_SUCCESS);
  test_settle ();
  test_assert_states (engine, "good=finished gate=running other=running one=idle two=idle "
                              "three=skipped four=idle");
  g_assert_true (jobs_action_drop_requirement (four, gate));
  test_settle ();
  g_assert_cmpint (jobs_action_get_state (four), ==, JOBS_STATE_FINISHED);
  test_require (one, gate, JOBS_CONDITION_FAILURE);
  test_action_fail (other);
  test_settle ();
  test_assert_states (engine, "good=finished gate=running other=failed one=skipped two=skipped "
                              "three=skipped four=finished");
  test_action_complete (gate);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                  "1 critical action did not end well; the first was other: broken");

  g_assert_finalize_object (engine);
}

static void
test_require_scheduled (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsPool *pool = jobs_pool_new ("pool", 1);
  JobsAction *one = test_add (engine, "one", "hang");
  JobsAction *slot = test_add (engine, "slot", "ok");
  JobsAction *pooled = test_add (engine, "pooled", "ok");
  JobsAction *delayed = test_add (engine, "delayed", "fail ok");

  g_test_summary ("What waits for a slot or a pool goes back to its requirements; what has had an "
                  "attempt does not");

  jobs_action_add_pool (one, pool, 1);
  jobs_action_add_pool (pooled, pool, 1);
  jobs_action_set_retries (delayed, 1);
  jobs_action_set_retry_delay (delayed, 100000);
  jobs_engine_set_window (engine, 2);
  jobs_action_set_priority (slot, -1);
  test_add (engine, "two", "hang");
  test_begin (engine);
  test_assert_states (engine, "one=running slot=scheduled pooled=scheduled delayed=scheduled "
                              "two=running");
  test_require (slot, pooled, JOBS_CONDITION_DONE);
  test_require (pooled, jobs_engine_lookup (engine, "two"), JOBS_CONDITION_DONE);
  assert_refused (delayed, one, JOBS_CONDITION_DONE, JOBS_ERROR_STARTED);
  test_action_complete (one);
  test_settle ();
  test_time_out (delayed);
  test_assert_states (engine, "one=finished slot=idle pooled=idle delayed=finished two=running");
  g_assert_cmpuint (jobs_pool_get_n_waiting (pool), ==, 0);
  test_action_complete (jobs_engine_lookup (engine, "two"));
  test_end_well (engine);
  test_assert_log ("one delayed two one. delayed two. pooled slot");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (pool);
}

typedef struct
{
  JobsAction *action;
  JobsAction *behind;
} Return;

static void
return_cb (JobsEngine *engine,
           JobsAction *action,
           JobsState   old_state,
           JobsState   new_state,
           Return     *back)
{
  if (action != back->action || !jobs_state_is_terminal (new_state))
    return;

  g_assert_true (jobs_engine_remove (engine, action));
  g_assert_true (jobs_engine_add (engine, action));
  test_require (back->behind, action, JOBS_CONDITION_DONE);
}

static void
test_return (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *bad = test_add (engine, "bad", "fail");
  JobsAction *other = test_add (engine, "other", "stay");
  JobsAction *last = test_add (engine, "last", "stay");
  JobsAction *notice = test_add_behind (engine, "notice", "ok", bad, JOBS_CONDITION_FAILURE);
  Return back = { other, notice };

  g_test_summary ("One that ends late, and is put back when that is told, is not waited for again");

  test_require (notice, last, JOBS_CONDITION_DONE);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (return_cb), &back);
  test_begin (engine);
  test_assert_states (engine, "bad=failed other=cancelling last=cancelling notice=idle");
  test_action_complete (other);
  test_settle ();
  test_assert_states (engine, "bad=failed last=cancelling notice=idle other=finished");
  test_action_complete (last);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "bad: broken");
  test_assert_states (engine, "bad=failed last=finished notice=finished other=finished");

  g_assert_finalize_object (engine);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/changes/pause", test_pause);
  g_test_add_func ("/jobs/changes/pause-ends", test_pause_ends);
  g_test_add_func ("/jobs/changes/pause-clocks", test_pause_clocks);
  g_test_add_func ("/jobs/changes/pause-timeout", test_pause_timeout);
  g_test_add_func ("/jobs/changes/add-running", test_add_running);
  g_test_add_func ("/jobs/changes/add-too-late", test_add_too_late);
  g_test_add_func ("/jobs/changes/add-required", test_add_required);
  g_test_add_func ("/jobs/changes/add-weak-circle", test_add_weak_circle);
  g_test_add_func ("/jobs/changes/add-circle", test_add_circle);
  g_test_add_func ("/jobs/changes/add-circle-in-handler", test_add_circle_in_handler);
  g_test_add_func ("/jobs/changes/undo", test_undo);
  g_test_add_func ("/jobs/changes/require-too-late", test_require_too_late);
  g_test_add_func ("/jobs/changes/require-early", test_require_early);
  g_test_add_func ("/jobs/changes/remove-running", test_remove_running);
  g_test_add_func ("/jobs/changes/require-running", test_require_running);
  g_test_add_func ("/jobs/changes/require-scheduled", test_require_scheduled);
  g_test_add_func ("/jobs/changes/return", test_return);

  return g_test_run ();
}
