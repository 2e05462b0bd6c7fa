/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <pthread.h>

#include "test-runs.h"

/* Chains that would grow the stack, were anything recursive */

static gboolean
count_cb (JobsAction *action,
          gpointer    n_calls,
          GError    **error)
{
  (*(guint *) n_calls)++;

  return TRUE;
}

static gpointer
long_chain_thread (gpointer data)
{
  const guint n = 1000000;
  g_autoptr (GMainContext) context = g_main_context_new ();
  JobsEngine *engine = jobs_engine_new ();
  g_autoptr (GError) error = NULL;
  JobsAction *last = NULL;
  guint n_calls = 0;

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < n; i++)
    {
      JobsAction *action = jobs_callback_action_new (NULL, count_cb, &n_calls, NULL);

      jobs_engine_add (engine, action);
      jobs_action_requires (action, last);
      g_object_unref (action);
      last = action;
    }
  g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_calls, ==, n);
  g_assert_cmpuint (jobs_engine_count (engine, JOBS_STATE_FINISHED), ==, n);
  g_assert_finalize_object (engine);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static gpointer
loose_chain_thread (gpointer data)
{
  JobsAction *last = NULL;
  guint n_calls = 0;

  for (guint i = 0; i < 200000; i++)
    {
      JobsAction *action = jobs_callback_action_new (NULL, count_cb, &n_calls, NULL);

      if (last != NULL)
        {
          jobs_action_requires (action, last);
          g_object_unref (last);
        }
      last = action;
    }
  g_assert_finalize_object (last);

  return NULL;
}

/* With a small stack, which pthread gives where it is asked */
static void
run_on_small_stack (gpointer (*func) (gpointer data))
{
  pthread_attr_t attributes;
  pthread_t thread;

  g_assert_cmpint (pthread_attr_init (&attributes), ==, 0);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, 256 * 1024), ==, 0);
  g_assert_cmpint (pthread_create (&thread, &attributes, func, NULL), ==, 0);
  g_assert_cmpint (pthread_join (thread, NULL), ==, 0);
  pthread_attr_destroy (&attributes);
}

static void
test_long_chain (void)
{
  g_test_summary ("A chain of a million actions does not grow the stack");

  if (g_getenv ("G_SLICE") != NULL)
    g_test_skip ("too slow under valgrind");
  else
    run_on_small_stack (long_chain_thread);
}

static void
test_loose_chain (void)
{
  g_test_summary ("Nor does the end of a chain that is in no engine");

  run_on_small_stack (loose_chain_thread);
}

int
main (int    argc,
      char **argv)
{
  test_start (&argc, &argv);

  g_test_add_func ("/jobs/chains/long-chain", test_long_chain);
  g_test_add_func ("/jobs/chains/loose-chain", test_loose_chain);

  return g_test_run ();
}
