/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "monitors/jobs-active.h"
#include "test-utils.h"

/* No two have begun at the same time */
static void
tick (void)
{
  gint64 now = g_get_monotonic_time ();

  while (g_get_monotonic_time () == now)
    ;
}

static JobsAction *
begin (JobsEngine *engine,
       const char *label)
{
  JobsAction *action = test_add (engine, label, "hang");

  jobs_action_set_retries (action, 10);
  if (jobs_engine_is_active (engine))
    test_settle ();
  else
    test_begin (engine);
  test_wait_state (action, JOBS_STATE_RUNNING);
  tick ();

  return action;
}

static void
begin_again (JobsAction *action)
{
  guint attempts = jobs_action_get_attempts (action);

  test_action_fail (action);
  test_settle ();
  test_wait_state (action, JOBS_STATE_RUNNING);
  g_assert_cmpuint (jobs_action_get_attempts (action), ==, attempts + 1);
  tick ();
}

static void
end (JobsActive *active,
     JobsEngine *engine)
{
  jobs_active_free (active);
  jobs_engine_cancel (engine);
  test_end_badly (engine, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  g_assert_finalize_object (engine);
}

static void
assert_active (JobsActive *active,
               const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (GList *link = jobs_active_get_first (active); link != NULL; link = link->next)
    {
      g_assert_true (jobs_active_contains (active, link->data));
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", jobs_action_get_label (link->data));
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_comes_and_goes (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsActive *active = jobs_active_new ();
  JobsAction *a, *b, *idle;

  g_test_summary ("What runs is there once, as long as it runs");

  a = begin (engine, "a");
  b = begin (engine, "b");
  idle = test_add_behind (engine, "idle", "ok", b, JOBS_CONDITION_DONE);
  assert_active (active, "");
  jobs_active_note (active, idle);
  jobs_active_note (active, a);
  jobs_active_note (active, b);
  jobs_active_note (active, a);
  assert_active (active, "a b");
  g_assert_false (jobs_active_contains (active, idle));

  test_action_complete (a);
  test_settle ();
  jobs_active_note (active, a);
  jobs_active_note (active, a);
  assert_active (active, "b");
  g_assert_false (jobs_active_contains (active, a));
  jobs_active_clear (active);
  assert_active (active, "");
  jobs_active_note (active, b);
  assert_active (active, "b");

  end (active, engine);
}

static void
test_begins_again (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsActive *active = jobs_active_new ();
  JobsAction *a, *b, *c;

  g_test_summary ("What has ended and begun again comes behind those that went on meanwhile");

  a = begin (engine, "a");
  b = begin (engine, "b");
  c = begin (engine, "c");
  jobs_active_note (active, a);
  jobs_active_note (active, b);
  jobs_active_note (active, c);
  begin_again (a);
  jobs_active_note (active, a);
  assert_active (active, "b c a");

  /* Also the last one, before one has looked: each of both has changed twice */
  begin_again (b);
  begin_again (a);
  jobs_active_note (active, a);
  jobs_active_note (active, b);
  jobs_active_note (active, b);
  jobs_active_note (active, a);
  assert_active (active, "c b a");

  /* Where it is, it stays */
  begin_again (a);
  jobs_active_note (active, a);
  assert_active (active, "c b a");
  test_action_complete (b);
  test_settle ();
  jobs_active_note (active, b);
  assert_active (active, "c a");

  end (active, engine);
}

static void
test_late (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsActive *active = jobs_active_new ();
  JobsAction *a, *b, *c, *d;

  g_test_summary ("The order is that of the starts, and not that in which one looks");

  a = begin (engine, "a");
  b = begin (engine, "b");
  c = begin (engine, "c");
  d = begin (engine, "d");
  jobs_active_note (active, c);
  jobs_active_note (active, a);
  jobs_active_note (active, b);
  jobs_active_note (active, d);
  assert_active (active, "a b c d");

  end (active, engine);
}

static gboolean
look_at_itself (JobsAction *action,
                gpointer    data,
                GError    **error)
{
  JobsActive *active = data;

  g_assert_cmpint (jobs_action_get_start_time (action), ==, 0);
  jobs_active_note (active, action);
  jobs_active_note (active, action);
  assert_active (active, "a call");

  return TRUE;
}

static void
test_no_times (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsActive *active = jobs_active_new ();
  JobsAction *call;

  g_test_summary ("What keeps no times has begun when it is first seen to run");

  jobs_active_note (active, begin (engine, "a"));
  call = test_add_callback (engine, "call", look_at_itself, active);
  test_wait_state (call, JOBS_STATE_FINISHED);
  jobs_active_note (active, call);
  assert_active (active, "a");

  end (active, engine);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/active/comes-and-goes", test_comes_and_goes);
  g_test_add_func ("/jobs/active/begins-again", test_begins_again);
  g_test_add_func ("/jobs/active/late", test_late);
  g_test_add_func ("/jobs/active/no-times", test_no_times);

  return g_test_run ();
}
