/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include <asyncjobs.h>

#include "jobs-deadlines.h"

#define N_MANY 20000

/* Of the default context, where this program runs everything */
static guint
count_armed (void)
{
  JobsDeadlines *deadlines = jobs_deadlines_ref_for_context (NULL);
  guint n_armed = jobs_deadlines_get_n_armed (deadlines);

  jobs_deadlines_unref (deadlines);

  return n_armed;
}

static void
count_cb (JobsDelayAction *action,
          GParamSpec      *pspec,
          guint           *n_calls)
{
  (*n_calls)++;
}

static void
test_delay (void)
{
  JobsAction *action = jobs_delay_action_new ("nap", 30);
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GError) error = NULL;
  gint64 begin;

  g_test_summary ("It takes its time, no less, in each run, and has no result");

  jobs_engine_add (engine, action);
  for (guint run = 0; run < 2; run++)
    {
      begin = g_get_monotonic_time ();
      g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpint (g_get_monotonic_time () - begin, >=, 30000);
      g_assert_cmpint (jobs_action_get_end_time (action) - jobs_action_get_start_time (action),
                       >=, 30000);
      g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_FINISHED);
      g_assert_null (jobs_action_get_result (action));
    }

  g_assert_finalize_object (engine);
  g_assert_finalize_object (action);
}

static void
test_properties (void)
{
  static const struct
  {
    guint       delay;
    const char *details;
  } cases[] = {
    { 1500, "sleep 1.5 s" }, { 0, "sleep 0 s" }, { 1, "sleep 0.001 s" }, { 100, "sleep 0.1 s" },
    { 60000, "sleep 60 s" }, { G_MAXUINT, "sleep 4294967.295 s" },
  };
  JobsAction *action = jobs_delay_action_new (NULL, 7);
  guint n_calls = 0, delay;

  g_test_summary ("The delay can be changed, and is told in the details");

  g_signal_connect (action, "notify::delay", G_CALLBACK (count_cb), &n_calls);
  jobs_delay_action_set_delay (JOBS_DELAY_ACTION (action), 7);
  g_assert_cmpuint (n_calls, ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *details = NULL;

      g_object_set (action, "delay", cases[i].delay, NULL);
      g_object_get (action, "delay", &delay, NULL);
      details = jobs_action_dup_display_details (action);
      g_assert_cmpuint (delay, ==, cases[i].delay);
      g_assert_cmpuint (jobs_delay_action_get_delay (JOBS_DELAY_ACTION (action)), ==, delay);
      g_assert_cmpstr (details, ==, cases[i].details);
    }
  g_assert_cmpuint (n_calls, ==, G_N_ELEMENTS (cases));

  g_assert_finalize_object (action);
}

static void
test_many (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GError) error = NULL;

  g_test_summary ("Many at once all end, none before its time, and leave nothing armed");

  for (guint i = 0; i < N_MANY; i++)
    {
      g_autoptr (JobsAction) action = jobs_delay_action_new (NULL, 20 + i % 7);

      jobs_engine_add (engine, action);
    }
  g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FINISHED), ==, N_MANY);
  g_assert_cmpuint (count_armed (), ==, 0);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);

      g_assert_cmpint (jobs_action_get_end_time (action) - jobs_action_get_start_time (action), >=,
                       20000 + 1000 * (i % 7));
    }

  g_assert_finalize_object (engine);
}

static gboolean
cancel_cb (JobsAction *action,
           gpointer    user_data,
           GError    **error)
{
  g_assert_cmpuint (count_armed (), ==, 1);
  jobs_action_cancel (user_data);

  return TRUE;
}

static void
test_cancel (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_delay_action_new ("long", 3600 * 1000);
  g_autoptr (JobsAction) canceller = jobs_callback_action_new (NULL, cancel_cb, action, NULL);

  g_test_summary ("A cancelled one ends at once and leaves nothing armed");

  jobs_action_set_critical (action, FALSE);
  jobs_engine_add (engine, action);
  jobs_engine_add (engine, canceller);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_CANCELLED);
  g_assert_cmpuint (count_armed (), ==, 0);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (action);
}

static void
test_timeout (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_delay_action_new ("long", 3600 * 1000);
  g_autoptr (GError) error = NULL;

  g_test_summary ("One that is timed out, and tried again, ends as timed out");

  jobs_action_set_timeout (action, 5);
  jobs_action_set_retries (action, 2);
  jobs_engine_add (engine, action);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_TIMED_OUT);
  g_assert_cmpuint (jobs_action_get_attempts (action), ==, 3);
  g_assert_cmpuint (count_armed (), ==, 0);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (action);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (120);

  g_test_add_func ("/jobs/delay-action/delay", test_delay);
  g_test_add_func ("/jobs/delay-action/properties", test_properties);
  g_test_add_func ("/jobs/delay-action/many", test_many);
  g_test_add_func ("/jobs/delay-action/cancel", test_cancel);
  g_test_add_func ("/jobs/delay-action/timeout", test_timeout);

  return g_test_run ();
}
