/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include <asyncjobs.h>

/* The kinds of action that call a function at once: callback, async, print */

static guint n_destroyed;

static void
destroy_cb (gpointer data)
{
  n_destroyed++;
}

static gboolean
count_cb (JobsAction *action,
          gpointer    user_data,
          GError    **error)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, ++*(int *) user_data);
  jobs_action_take_result (action, &value);
  g_value_unset (&value);

  return TRUE;
}

static gboolean
fail_cb (JobsAction *action,
         gpointer    user_data,
         GError    **error)
{
  if (user_data != NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, user_data);

  return FALSE;
}

static void
test_callback (void)
{
  JobsEngine *engine = jobs_engine_new ();
  int number = 0;
  JobsAction *action = jobs_callback_action_new ("n", count_cb, &number, destroy_cb);
  g_autoptr (GError) error = NULL;

  g_test_summary ("The function is called once in each run, and its data destroyed in the end");

  n_destroyed = 0;
  g_assert_cmpstr (jobs_action_get_label (action), ==, "n");
  jobs_engine_add (engine, action);
  for (int run = 1; run <= 2; run++)
    {
      g_assert_true (jobs_engine_orchestrate (engine, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpint (g_value_get_int (jobs_action_get_result (action)), ==, run);
    }

  g_assert_finalize_object (engine);
  g_assert_cmpuint (n_destroyed, ==, 0);
  g_assert_finalize_object (action);
  g_assert_cmpuint (n_destroyed, ==, 1);
}

static void
test_callback_failure (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_callback_action_new ("f", fail_cb, (gpointer) "gone", NULL);
  JobsAction *silent = jobs_callback_action_new (NULL, fail_cb, NULL, NULL);

  g_test_summary ("FALSE is a failure, with its error or with one that says there was none");

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_engine_add (engine, action);
  jobs_engine_add (engine, silent);
  g_assert_false (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_error ((GError *) jobs_action_get_error (action), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_error ((GError *) jobs_action_get_error (silent), JOBS_ERROR, JOBS_ERROR_FAILED);
  g_assert_cmpstr (jobs_action_get_error (silent)->message, ==,
                   "its function returned FALSE without an error");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (action);
  g_assert_finalize_object (silent);
}

static void
test_callback_size (void)
{
  GTypeQuery action, callback;

  g_test_summary ("A million of them are small: three pointers more than any action");

  g_type_query (JOBS_TYPE_ACTION, &action);
  g_type_query (JOBS_TYPE_CALLBACK_ACTION, &callback);
  g_assert_cmpuint (callback.instance_size, ==, action.instance_size + 3 * sizeof (gpointer));
}

static gboolean
complete_cb (gpointer data)
{
  JobsAttempt *attempt = data;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_static_string (&value, "later");
  jobs_attempt_complete (attempt, &value);
  g_value_unset (&value);
  g_object_unref (attempt);

  return G_SOURCE_REMOVE;
}

static gboolean
start_cb (JobsAction  *action,
          JobsAttempt *attempt,
          gpointer     user_data,
          GError     **error)
{
  g_assert_true (jobs_attempt_get_action (attempt) == action);
  if (user_data == NULL)
    return FALSE;

  g_idle_add (complete_cb, g_object_ref (attempt));

  return TRUE;
}

static void
test_async (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_async_action_new ("a", start_cb, &n_destroyed, destroy_cb);
  JobsAction *silent = jobs_async_action_new (NULL, start_cb, NULL, NULL);

  g_test_summary ("The function begins the work, which ends later; FALSE is a failure");

  n_destroyed = 0;
  jobs_action_set_critical (silent, FALSE);
  jobs_engine_add (engine, action);
  jobs_engine_add (engine, silent);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  g_assert_cmpstr (g_value_get_string (jobs_action_get_result (action)), ==, "later");
  g_assert_error ((GError *) jobs_action_get_error (silent), JOBS_ERROR, JOBS_ERROR_FAILED);

  g_assert_finalize_object (engine);
  g_assert_finalize_object (action);
  g_assert_finalize_object (silent);
  g_assert_cmpuint (n_destroyed, ==, 1);
}

static GString *printed;

static void
print_cb (const char *string)
{
  g_string_append (printed, string);
}

static void
test_print (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsAction *action = jobs_print_action_new ("p", "100 %s");
  g_autofree char *details = jobs_action_dup_display_details (action);
  GPrintFunc former;

  g_test_summary ("A print action prints its message and a newline, whatever is in it");

  g_assert_cmpstr (details, ==, "print 100 %s");
  printed = g_string_new (NULL);
  jobs_engine_add (engine, action);
  former = g_set_print_handler (print_cb);
  g_assert_true (jobs_engine_orchestrate (engine, NULL, NULL));
  g_set_print_handler (former);
  g_assert_cmpstr (printed->str, ==, "100 %s\n");

  g_string_free (printed, TRUE);
  g_assert_finalize_object (engine);
  g_assert_finalize_object (action);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (120);

  g_test_add_func ("/jobs/callback-action/callback", test_callback);
  g_test_add_func ("/jobs/callback-action/failure", test_callback_failure);
  g_test_add_func ("/jobs/callback-action/size", test_callback_size);
  g_test_add_func ("/jobs/async-action/async", test_async);
  g_test_add_func ("/jobs/print-action/print", test_print);

  return g_test_run ();
}
