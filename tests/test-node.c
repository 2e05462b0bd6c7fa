/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <asyncjobs.h>

#define WATCHDOG 60 /* seconds */

/* A node as somebody else would write it; nothing really runs on it */

typedef enum
{
  AT_ONCE,  /* the process has ended when begin returns */
  LATER,    /* it writes and ends in an idle source */
  ON_KILL,  /* it ends when it is killed, within that call */
  DEAF,     /* it cannot be signalled, and ends by itself when it was asked to */
  LOST,     /* the connection is lost */
  REFUSES,  /* it does not begin, and gives no error */
} Manner;

#define TEST_TYPE_NODE (test_node_get_type ())
G_DECLARE_FINAL_TYPE (TestNode, test_node, TEST, NODE, JobsNode)

struct _TestNode
{
  JobsNode parent_instance;

  Manner manner;
  int    signum;
  guint  n_opened;
  guint  n_closed;
};

static void test_node_resource_init (JobsResourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestNode, test_node, JOBS_TYPE_NODE,
                               G_IMPLEMENT_INTERFACE (JOBS_TYPE_RESOURCE, test_node_resource_init))

static void
write_text (JobsProcess *process,
            guint        stream,
            const char  *text)
{
  if (jobs_process_wants_output (process))
    jobs_process_output (process, stream, (const guint8 *) text, strlen (text));
}

static void
end_later_cb (gpointer data)
{
  g_autoptr (JobsProcess) process = data;

  write_text (process, 1, "hel");
  write_text (process, 2, "err\n");
  write_text (process, 1, "lo\n");
  g_assert_false (jobs_process_has_ended (process));
  jobs_process_end (process, 3 << 8);
  g_assert_true (jobs_process_has_ended (process));
}

static void
lose_cb (gpointer data)
{
  g_autoptr (JobsProcess) process = data;
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "lost");

  jobs_process_fail (process, error);
}

static gboolean
test_node_begin (JobsNode    *node,
                 JobsProcess *process,
                 GError     **error)
{
  TestNode *self = TEST_NODE (node);

  g_assert_cmpuint (self->n_opened, ==, self->n_closed + 1);
  g_assert_cmpstr (jobs_process_get_argv (process)[0], ==, "program");
  g_assert_cmpstr (jobs_process_get_environment (process)[0], ==, "A=1");
  g_assert_cmpstr (jobs_process_get_environment (process)[1], ==, "B");
  g_assert_cmpstr (jobs_process_get_directory (process), ==, "there");
  g_assert_null (jobs_process_get_stdin (process));

  switch (self->manner)
    {
    case AT_ONCE:
      write_text (process, 1, "at once");
      jobs_process_end (process, 0);
      break;

    case LATER:
      g_idle_add_once (end_later_cb, g_object_ref (process));
      break;

    case LOST:
      g_idle_add_once (lose_cb, g_object_ref (process));
      break;

    case REFUSES:
      return FALSE;

    case ON_KILL:
    case DEAF:
      break;
    }

  return TRUE;
}

static gboolean
test_node_kill (JobsNode    *node,
                JobsProcess *process,
                int          signum,
                GError     **error)
{
  TestNode *self = TEST_NODE (node);

  self->signum = signum;
  if (self->manner == ON_KILL)
    jobs_process_end (process, signum);
  else
    g_idle_add_once (end_later_cb, g_object_ref (process));

  return self->manner == ON_KILL;
}

static gboolean
test_node_open (JobsResource *resource,
                JobsAttempt  *attempt,
                GError      **error)
{
  TEST_NODE (resource)->n_opened++;
  jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static gboolean
test_node_close (JobsResource *resource,
                 JobsAttempt  *attempt,
                 GError      **error)
{
  TEST_NODE (resource)->n_closed++;
  jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static void
test_node_class_init (TestNodeClass *klass)
{
  JOBS_NODE_CLASS (klass)->begin = test_node_begin;
  JOBS_NODE_CLASS (klass)->kill = test_node_kill;
}

static void
test_node_init (TestNode *self)
{
}

static void
test_node_resource_init (JobsResourceInterface *iface)
{
  iface->open = test_node_open;
  iface->close = test_node_close;
}

/* Runs one command on it; the action is the caller's */
static JobsAction *
run (Manner manner,
     guint  timeout,
     int   *signum)
{
  const char *argv[] = { "program", NULL };
  TestNode *node = g_object_new (TEST_TYPE_NODE, "name", "test", NULL);
  JobsAction *action = jobs_command_action_new ("command", JOBS_NODE (node), argv);
  JobsCommandAction *command = JOBS_COMMAND_ACTION (action);
  JobsEngine *engine = jobs_engine_new ();

  alarm (WATCHDOG);
  node->manner = manner;
  jobs_command_action_setenv (command, "A", "1");
  jobs_command_action_setenv (command, "B", NULL);
  jobs_command_action_set_directory (command, "there");
  jobs_command_action_set_capture (command, TRUE);
  jobs_action_set_timeout (action, timeout);
  jobs_engine_add (engine, action);
  jobs_engine_orchestrate (engine, NULL, NULL);
  g_assert_finalize_object (engine);
  g_assert_cmpuint (node->n_opened, ==, 1);
  g_assert_cmpuint (node->n_closed, ==, 1);
  if (signum != NULL)
    *signum = node->signum;
  g_object_unref (node);
  alarm (0);

  return action;
}

static void
test_at_once (void)
{
  JobsAction *action = run (AT_ONCE, 0, NULL);

  g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_FINISHED);
  g_assert_cmpstr (g_value_get_string (jobs_action_get_result (action)), ==, "at once");
  g_assert_finalize_object (action);
}

static void
test_later (void)
{
  JobsAction *action = run (LATER, 0, NULL);
  g_autofree char *tail = jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (action));

  g_assert_error (jobs_action_get_error (action), JOBS_ERROR, JOBS_ERROR_EXITED);
  g_assert_cmpint (jobs_command_action_get_exit_status (JOBS_COMMAND_ACTION (action)), ==, 3);
  g_assert_cmpstr (tail, ==, "err\nhello\n");
  g_assert_finalize_object (action);
}

static void
test_killed (void)
{
  int signum = 0;
  JobsAction *action = run (ON_KILL, 20, &signum);

  g_assert_cmpint (signum, ==, SIGTERM);
  g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_TIMED_OUT);
  g_assert_cmpint (jobs_command_action_get_term_signal (JOBS_COMMAND_ACTION (action)), ==, SIGTERM);
  g_assert_finalize_object (action);
}

static void
test_deaf (void)
{
  int signum = 0;
  JobsAction *action = run (DEAF, 20, &signum);

  g_assert_cmpint (signum, ==, SIGTERM);
  g_assert_cmpint (jobs_action_get_state (action), ==, JOBS_STATE_TIMED_OUT);
  g_assert_cmpint (jobs_command_action_get_exit_status (JOBS_COMMAND_ACTION (action)), ==, 3);
  g_assert_finalize_object (action);
}

static void
test_lost (void)
{
  JobsAction *action = run (LOST, 0, NULL);

  g_assert_error (jobs_action_get_error (action), G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_cmpint (jobs_command_action_get_exit_status (JOBS_COMMAND_ACTION (action)), ==, -1);
  g_assert_finalize_object (action);
}

static void
test_refuses (void)
{
  JobsAction *action = run (REFUSES, 0, NULL);
  const GError *error = jobs_action_get_error (action);

  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SPAWN);
  g_assert_nonnull (strstr (error->message, "TestNode"));
  g_assert_finalize_object (action);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/node/at-once", test_at_once);
  g_test_add_func ("/jobs/node/later", test_later);
  g_test_add_func ("/jobs/node/killed", test_killed);
  g_test_add_func ("/jobs/node/deaf", test_deaf);
  g_test_add_func ("/jobs/node/lost", test_lost);
  g_test_add_func ("/jobs/node/refuses", test_refuses);

  return g_test_run ();
}
