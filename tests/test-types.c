/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <asyncjobs.h>

/* Each type with g_autoptr: that it has a clean-up function, and that the type
 * system knows what the header says of it. */

#define TEST_AUTOPTR(Type, TYPE, parent)                        \
  G_STMT_START                                                  \
  {                                                             \
    g_autoptr (Type) object = NULL;                             \
                                                                \
    g_assert_null (object);                                     \
    g_assert_cmpstr (g_type_name (TYPE), ==, #Type);            \
    g_assert_true (g_type_is_a (TYPE, parent));                 \
  }                                                             \
  G_STMT_END

static void
test_autoptr (void)
{
  g_test_summary ("Each type can be held by g_autoptr and is what its header says");

  TEST_AUTOPTR (JobsAction, JOBS_TYPE_ACTION, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsAttempt, JOBS_TYPE_ATTEMPT, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsEngine, JOBS_TYPE_ENGINE, JOBS_TYPE_ACTION);
  TEST_AUTOPTR (JobsPool, JOBS_TYPE_POOL, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsResource, JOBS_TYPE_RESOURCE, G_TYPE_INTERFACE);
  TEST_AUTOPTR (JobsSequence, JOBS_TYPE_SEQUENCE, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsAsyncAction, JOBS_TYPE_ASYNC_ACTION, JOBS_TYPE_ACTION);
  TEST_AUTOPTR (JobsCallbackAction, JOBS_TYPE_CALLBACK_ACTION, JOBS_TYPE_ACTION);
  TEST_AUTOPTR (JobsDelayAction, JOBS_TYPE_DELAY_ACTION, JOBS_TYPE_ACTION);
  TEST_AUTOPTR (JobsPrintAction, JOBS_TYPE_PRINT_ACTION, JOBS_TYPE_ACTION);
  TEST_AUTOPTR (JobsThreadAction, JOBS_TYPE_THREAD_ACTION, JOBS_TYPE_ACTION);
  TEST_AUTOPTR (JobsWorkers, JOBS_TYPE_WORKERS, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsNode, JOBS_TYPE_NODE, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsLocalNode, JOBS_TYPE_LOCAL_NODE, JOBS_TYPE_NODE);
  TEST_AUTOPTR (JobsSlurmNode, JOBS_TYPE_SLURM_NODE, JOBS_TYPE_NODE);
  TEST_AUTOPTR (JobsSshNode, JOBS_TYPE_SSH_NODE, JOBS_TYPE_NODE);
  TEST_AUTOPTR (JobsProcess, JOBS_TYPE_PROCESS, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsCommandAction, JOBS_TYPE_COMMAND_ACTION, JOBS_TYPE_ACTION);
  TEST_AUTOPTR (JobsBoard, JOBS_TYPE_BOARD, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsEngineBoard, JOBS_TYPE_ENGINE_BOARD, JOBS_TYPE_BOARD);
  TEST_AUTOPTR (JobsLine, JOBS_TYPE_LINE, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsPicture, JOBS_TYPE_PICTURE, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsRequirement, JOBS_TYPE_REQUIREMENT, G_TYPE_BOXED);
  TEST_AUTOPTR (JobsBusBoard, JOBS_TYPE_BUS_BOARD, JOBS_TYPE_BOARD);
  TEST_AUTOPTR (JobsBusMonitor, JOBS_TYPE_BUS_MONITOR, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsTextMonitor, JOBS_TYPE_TEXT_MONITOR, G_TYPE_OBJECT);
  TEST_AUTOPTR (JobsTraceMonitor, JOBS_TYPE_TRACE_MONITOR, G_TYPE_OBJECT);
#ifdef JOBS_TYPE_TERMINAL_MONITOR
  TEST_AUTOPTR (JobsTerminalMonitor, JOBS_TYPE_TERMINAL_MONITOR, G_TYPE_OBJECT);
#endif
#ifdef JOBS_TYPE_SCENARIO
  TEST_AUTOPTR (JobsScenario, JOBS_TYPE_SCENARIO, G_TYPE_OBJECT);
#endif
#ifdef JOBS_TYPE_JOURNAL
  TEST_AUTOPTR (JobsJournal, JOBS_TYPE_JOURNAL, G_TYPE_OBJECT);
#endif
}

static void
test_interfaces (void)
{
  g_test_summary ("What holds actions is a list of them; a node is a resource");

  g_assert_true (g_type_is_a (JOBS_TYPE_ENGINE, G_TYPE_LIST_MODEL));
  g_assert_true (g_type_is_a (JOBS_TYPE_SEQUENCE, G_TYPE_LIST_MODEL));
  g_assert_true (g_type_is_a (JOBS_TYPE_NODE, JOBS_TYPE_RESOURCE));
  g_assert_true (G_TYPE_IS_ABSTRACT (JOBS_TYPE_ACTION));
  g_assert_true (G_TYPE_IS_ABSTRACT (JOBS_TYPE_NODE));
  g_assert_false (G_TYPE_IS_ABSTRACT (JOBS_TYPE_ENGINE));
}

static gboolean
succeed (JobsAction *action, gpointer user_data, GError **error)
{
  return TRUE;
}

static void
test_finalized (void)
{
  const char *const argv[] = { "true", NULL };
  gpointer objects[9];

  g_test_summary ("What was made and never run goes with its last reference");

  objects[0] = jobs_engine_new ();
  objects[1] = jobs_pool_new ("pool", 1);
  objects[2] = jobs_sequence_new ();
  objects[3] = jobs_callback_action_new ("callback", succeed, NULL, NULL);
  objects[4] = jobs_delay_action_new ("delay", 1);
  objects[5] = jobs_print_action_new ("print", "text");
  objects[6] = jobs_command_action_new ("command", NULL, argv);
  objects[7] = jobs_workers_new (1);
  objects[8] = jobs_text_monitor_new (objects[0]);

  for (guint i = G_N_ELEMENTS (objects); i-- > 0;)
    {
      g_object_add_weak_pointer (objects[i], &objects[i]);
      g_object_unref (objects[i]);
      g_assert_null (objects[i]);
    }
}

static void
check_enum (GType type, const char *name, guint n_values, const char *first, const char *last)
{
  GEnumClass *klass = g_type_class_ref (type);

  g_assert_cmpstr (g_type_name (type), ==, name);
  g_assert_cmpuint (klass->n_values, ==, n_values);
  g_assert_cmpstr (klass->values[0].value_nick, ==, first);
  g_assert_cmpstr (klass->values[n_values - 1].value_nick, ==, last);
  for (guint i = 0; i < n_values; i++)
    g_assert_cmpint (klass->values[i].value, ==, (int) i);

  g_type_class_unref (klass);
}

static void
test_enums (void)
{
  g_test_summary ("Enumerations and the error domain are known to the type system");

  check_enum (JOBS_TYPE_STATE, "JobsState", 9, "idle", "skipped");
  check_enum (JOBS_TYPE_CONDITION, "JobsCondition", 5, "done", "after");
  check_enum (JOBS_TYPE_ON_FAILURE, "JobsOnFailure", 3, "abort", "keep-going");
  check_enum (JOBS_TYPE_ERROR, "JobsError", 30, "failed", "preempted");
  g_assert_true (G_TYPE_IS_FLAGS (JOBS_TYPE_PAUSE_FLAGS));
#ifdef JOBS_TYPE_JOURNAL
  g_assert_true (G_TYPE_IS_FLAGS (JOBS_TYPE_JOURNAL_FLAGS));
#endif
  g_assert_cmpstr (g_quark_to_string (JOBS_ERROR), ==, "jobs-error-quark");
}

static void
test_states (void)
{
  g_test_summary ("The last five states are the terminal ones");

  for (int state = JOBS_STATE_IDLE; state <= JOBS_STATE_SKIPPED; state++)
    {
      g_assert_cmpint (jobs_state_is_terminal (state), ==, state >= JOBS_STATE_FINISHED);
      g_assert_cmpint (jobs_state_is_active (state), ==,
                       state == JOBS_STATE_RUNNING || state == JOBS_STATE_CANCELLING);
      g_assert_nonnull (jobs_state_get_nick (state));
    }
  g_assert_cmpstr (jobs_state_get_nick (JOBS_STATE_TIMED_OUT), ==, "timed-out");
}

static void
test_version (void)
{
  g_test_summary ("The version macros agree with each other");

  g_assert_true (JOBS_CHECK_VERSION (1, 0, 0));
  g_assert_true (JOBS_CHECK_VERSION (JOBS_MAJOR_VERSION, JOBS_MINOR_VERSION, JOBS_MICRO_VERSION));
  g_assert_true (JOBS_CHECK_VERSION (0, 99, 99));
  g_assert_false (JOBS_CHECK_VERSION (JOBS_MAJOR_VERSION, JOBS_MINOR_VERSION,
                                      JOBS_MICRO_VERSION + 1));
  g_assert_false (JOBS_CHECK_VERSION (JOBS_MAJOR_VERSION, JOBS_MINOR_VERSION + 1, 0));
  g_assert_false (JOBS_CHECK_VERSION (JOBS_MAJOR_VERSION + 1, 0, 0));
  g_assert_cmpstr (JOBS_VERSION_S, ==, PACKAGE_VERSION);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/types/autoptr", test_autoptr);
  g_test_add_func ("/jobs/types/interfaces", test_interfaces);
  g_test_add_func ("/jobs/types/finalized", test_finalized);
  g_test_add_func ("/jobs/types/enums", test_enums);
  g_test_add_func ("/jobs/types/states", test_states);
  g_test_add_func ("/jobs/types/version", test_version);

  return g_test_run ();
}
