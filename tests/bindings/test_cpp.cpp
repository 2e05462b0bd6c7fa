/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The headers in a program in C++: functions with state, and a class of its own */

#include <functional>
#include <string>

#include <asyncjobs.h>

/* A function in C++ as an action; what it throws fails that */
static gboolean
call_cb (JobsAction *action,
         gpointer    user_data,
         GError    **error)
{
  try
    {
      (*static_cast<std::function<void (JobsAction *)> *> (user_data)) (action);
    }
  catch (const std::exception &exception)
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_FAILED, exception.what ());
      return FALSE;
    }

  return TRUE;
}

static JobsAction *
new_action (const char                        *label,
            std::function<void (JobsAction *)> function)
{
  return jobs_callback_action_new (label, call_cb,
                                   new std::function<void (JobsAction *)> (std::move (function)),
                                   [] (gpointer data) {
                                     delete static_cast<std::function<void (JobsAction *)> *> (data);
                                   });
}

#define TEST_TYPE_DOUBLER (test_doubler_get_type ())
G_DECLARE_FINAL_TYPE (TestDoubler, test_doubler, TEST, DOUBLER, JobsAction)

struct _TestDoubler
{
  JobsAction parent_instance;
  JobsAction *source;
};

G_DEFINE_TYPE (TestDoubler, test_doubler, JOBS_TYPE_ACTION)

static gboolean
test_doubler_start (JobsAction  *action,
                    JobsAttempt *attempt,
                    GError     **)
{
  const GValue *source = jobs_action_get_result (TEST_DOUBLER (action)->source);
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, 2 * g_value_get_int (source));
  jobs_attempt_complete (attempt, &value);
  g_value_unset (&value);

  return TRUE;
}

static void
test_doubler_class_init (TestDoublerClass *klass)
{
  JOBS_ACTION_CLASS (klass)->start = test_doubler_start;
}

static void
test_doubler_init (TestDoubler *)
{
}

static void
test_run ()
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (GError) error = nullptr;
  int calls = 0;
  g_autoptr (JobsAction) number = new_action ("number", [&calls] (JobsAction *action) {
    GValue value = G_VALUE_INIT;
    g_value_init (&value, G_TYPE_INT);
    g_value_set_int (&value, 21);
    jobs_action_take_result (action, &value);
    calls++;
  });
  g_autoptr (JobsAction) doubled = JOBS_ACTION (g_object_new (TEST_TYPE_DOUBLER, "label", "doubled", nullptr));

  TEST_DOUBLER (doubled)->source = number;
  jobs_action_requires (doubled, number);
  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_engine_add (engine, number);
  jobs_engine_add (engine, doubled);

  g_assert_true (jobs_engine_orchestrate (engine, nullptr, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_value_get_int (jobs_action_get_result (doubled)), ==, 42);
  g_assert_cmpint (calls, ==, 1);
}

static void
test_exception ()
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (GError) error = nullptr;
  g_autoptr (JobsAction) broken = new_action ("broken", [] (JobsAction *) {
    std::string ().at (1);
  });

  jobs_engine_add (engine, broken);
  g_assert_false (jobs_engine_orchestrate (engine, nullptr, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_cmpint (jobs_action_get_state (broken), ==, JOBS_STATE_FAILED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, nullptr);
  g_test_add_func ("/jobs/cpp/run", test_run);
  g_test_add_func ("/jobs/cpp/exception", test_exception);

  return g_test_run ();
}
