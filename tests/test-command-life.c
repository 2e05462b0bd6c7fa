/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <sys/resource.h>

#include "commands.h"

static void
test_unless (Fixture      *fixture,
             gconstpointer data)
{
  JobsCommandAction *unneeded = add_shell (fixture, NULL, "touch \"$T/unneeded\"");
  JobsCommandAction *needed = add_shell (fixture, NULL, "touch \"$T/needed\"; echo x");
  JobsCommandAction *slow = add_shell (fixture, NULL, "touch \"$T/slow\"");

  jobs_command_action_set_unless (unneeded, "test -d \"$T\"");
  jobs_command_action_set_unless (needed, "echo no; exit 9");
  jobs_command_action_set_unless (slow, "exec sleep 1000");
  jobs_action_set_timeout (JOBS_ACTION (slow), 50);
  jobs_action_set_critical (JOBS_ACTION (slow), FALSE);

  g_assert_true (run (fixture));
  g_assert_cmpint (state_of (unneeded), ==, JOBS_STATE_FINISHED);
  g_assert_null (jobs_action_get_result (JOBS_ACTION (unneeded)));
  g_assert_false (has_file (fixture, "unneeded"));
  g_assert_cmpint (state_of (needed), ==, JOBS_STATE_FINISHED);
  g_assert_true (has_file (fixture, "needed"));
  g_assert_cmpint (state_of (slow), ==, JOBS_STATE_TIMED_OUT);
  g_assert_false (has_file (fixture, "slow"));
}

static void
test_shutdown (Fixture      *fixture,
               gconstpointer data)
{
  JobsCommandAction *good = add_shell (fixture, NULL, "true");
  JobsCommandAction *bad = add_shell (fixture, NULL, "false");
  JobsCommandAction *behind = add_shell (fixture, NULL, "true");

  jobs_command_action_set_shutdown (good, "touch \"$T/good\"; exit 5");
  jobs_command_action_set_shutdown (bad, "touch \"$T/bad\"");
  jobs_command_action_set_shutdown (behind, "touch \"$T/behind-$A\"");
  jobs_command_action_setenv (behind, "A", "1");
  jobs_action_set_critical (JOBS_ACTION (bad), FALSE);
  jobs_action_requires_full (JOBS_ACTION (behind), JOBS_ACTION (bad), JOBS_CONDITION_SUCCESS, NULL);

  g_assert_true (run (fixture));
  g_assert_cmpint (state_of (behind), ==, JOBS_STATE_SKIPPED);
  g_assert_true (has_file (fixture, "good"));
  g_assert_true (has_file (fixture, "bad"));
  g_assert_true (has_file (fixture, "behind-1"));
}

static void
test_shutdown_killed (Fixture      *fixture,
                      gconstpointer data)
{
  JobsCommandAction *action = add_shell (fixture, NULL, "true");
  int lifeline = make_lifeline (fixture->directory);

  jobs_command_action_set_shutdown (action, "exec 9>\"$T/lifeline\"; trap '' TERM; sleep 1000");
  jobs_engine_set_shutdown_timeout (fixture->engine, 200);
  g_assert_true (run (fixture));
  wait_for_death (lifeline);
  /* Its end comes behind that of the run */
  while (count_descriptors () > fixture->n_descriptors)
    g_main_context_iteration (NULL, TRUE);
}

static void
require_ready (JobsCommandAction *client,
               JobsCommandAction *server)
{
  jobs_action_set_forever (JOBS_ACTION (server), TRUE);
  jobs_action_requires_full (JOBS_ACTION (client), JOBS_ACTION (server), JOBS_CONDITION_READY,
                             NULL);
}

static void
make_fifo (Fixture    *fixture,
           const char *name)
{
  g_autofree char *path = path_of (fixture, name);

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
}

static void
test_ready_output (Fixture      *fixture,
                   gconstpointer data)
{
  JobsCommandAction *server = add_shell (fixture, "server",
                                         "echo starting; mkfifo \"$T/go\"; touch \"$T/up\";"
                                         "echo now listening on 1 >&2;"
                                         "read x <\"$T/go\"; sleep 1000");
  JobsCommandAction *client = add_shell (fixture, "client", "test -e \"$T/up\"; echo x >\"$T/go\"");

  jobs_command_action_set_ready_output (server, "listening on");
  require_ready (client, server);
  g_assert_true (run (fixture));
  g_assert_cmpint (state_of (client), ==, JOBS_STATE_FINISHED);
  g_assert_cmpint (state_of (server), ==, JOBS_STATE_CANCELLED);
}

static void
test_ready_command (Fixture      *fixture,
                    gconstpointer data)
{
  /* It becomes ready only after it was asked for the first time */
  JobsCommandAction *server = add_shell (fixture, "server",
                                         "read x <\"$T/asked\"; touch \"$T/up\"; sleep 1000");
  JobsCommandAction *client = add_shell (fixture, "client", "test -e \"$T/up\"");

  make_fifo (fixture, "asked");
  jobs_command_action_set_ready_command (server,
                                         "test -e \"$T/up\" && exit 0; test -e \"$T/once\" ||"
                                         "{ touch \"$T/once\"; echo >\"$T/asked\"; }; exit 1");
  require_ready (client, server);
  g_assert_true (run (fixture));
  g_assert_cmpint (state_of (client), ==, JOBS_STATE_FINISHED);
  g_assert_true (has_file (fixture, "once"));
}

static void
test_ready_delay (Fixture      *fixture,
                  gconstpointer data)
{
  JobsCommandAction *server = add_shell (fixture, "server", "sleep 1000");
  JobsCommandAction *client = add_shell (fixture, "client", "true");
  gint64 waited;

  jobs_command_action_set_ready_delay (server, 100);
  require_ready (client, server);
  g_assert_true (run (fixture));
  waited = jobs_action_get_start_time (JOBS_ACTION (client))
           - jobs_action_get_start_time (JOBS_ACTION (server));
  g_assert_cmpint (waited, >=, 100 * 1000);
}

static void
test_not_ready (Fixture      *fixture,
                gconstpointer data)
{
  JobsCommandAction *silent = add_shell (fixture, NULL, "exec 9>\"$T/lifeline\"; sleep 1000");
  JobsCommandAction *hung = add_shell (fixture, NULL, "exec 9>\"$T/lifeline\"; sleep 1000");
  JobsCommandAction *crash = add_shell (fixture, NULL, "exit 4");
  int lifeline = make_lifeline (fixture->directory);

  jobs_engine_set_on_failure (fixture->engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_command_action_set_ready_output (silent, "listening");
  jobs_command_action_set_ready_within (silent, 50);
  jobs_command_action_set_ready_command (hung, "exec 9>\"$T/lifeline\"; trap '' TERM; sleep 1000");
  jobs_command_action_set_ready_within (hung, 50);
  jobs_command_action_set_ready_output (crash, "listening");
  g_assert_false (run (fixture));
  assert_failed (silent, JOBS_ERROR_NOT_READY, "0.05 s");
  assert_failed (hung, JOBS_ERROR_NOT_READY, "0.05 s");
  assert_failed (crash, JOBS_ERROR_EXITED, "status 4");
  wait_for_death (lifeline);
}

static void
cancel_cb (JobsCommandAction *action,
           guint              stream,
           GBytes            *line,
           gpointer           data)
{
  jobs_action_cancel (JOBS_ACTION (action));
}

static void
test_cancel (Fixture      *fixture,
             gconstpointer data)
{
  JobsCommandAction *plain = add_shell (fixture, NULL, "echo on; sleep 1000");
  JobsCommandAction *polite =
    add_shell (fixture, NULL, "trap 'echo bye; exit 0' TERM; echo on;"
                              "while :; do sleep 100 & wait; done");
  JobsCommandAction *rude =
    add_shell (fixture, NULL, "trap 'exit 7' TERM; echo on;"
                              "while :; do sleep 100 & wait; done");
  JobsCommandAction *deaf =
    add_shell (fixture, NULL, "exec 9>\"$T/lifeline\"; trap '' TERM; (sleep 1000 &) &"
                              "echo on; sleep 1000");
  JobsCommandAction *all[] = { plain, polite, rude, deaf };
  int lifeline = make_lifeline (fixture->directory);
  g_autofree char *tail = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      jobs_action_set_critical (JOBS_ACTION (all[i]), FALSE);
      jobs_command_action_set_grace (all[i], all[i] == deaf ? 50 : WATCHDOG * 1000);
      g_signal_connect (all[i], "output-line", G_CALLBACK (cancel_cb), NULL);
    }
  g_assert_true (run (fixture));
  g_assert_cmpint (state_of (plain), ==, JOBS_STATE_CANCELLED);
  g_assert_error (jobs_action_get_error (JOBS_ACTION (plain)), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (jobs_command_action_get_term_signal (plain), ==, SIGTERM);
  g_assert_cmpint (state_of (polite), ==, JOBS_STATE_FINISHED);
  tail = jobs_command_action_dup_tail (polite);
  g_assert_cmpstr (tail, ==, "on\nbye\n");
  g_assert_cmpint (state_of (rude), ==, JOBS_STATE_CANCELLED);
  g_assert_cmpint (state_of (deaf), ==, JOBS_STATE_CANCELLED);
  g_assert_cmpint (jobs_command_action_get_term_signal (deaf), ==, SIGKILL);
  wait_for_death (lifeline);
}

static void
test_timeout (Fixture      *fixture,
              gconstpointer data)
{
  JobsCommandAction *action = add_shell (fixture, NULL, "exec 9>\"$T/lifeline\"; sleep 1000 | cat");
  int lifeline = make_lifeline (fixture->directory);

  jobs_action_set_timeout (JOBS_ACTION (action), 100);
  g_assert_false (run (fixture));
  g_assert_cmpint (state_of (action), ==, JOBS_STATE_TIMED_OUT);
  wait_for_death (lifeline);
}

static void
test_stuck (Fixture      *fixture,
            gconstpointer data)
{
  JobsCommandAction *action = add_shell (fixture, NULL, "trap '' TERM; echo on; sleep 1000");

  /* It outlives the run, but ends in the same main context */
  jobs_engine_set_grace (fixture->engine, 20);
  jobs_command_action_set_grace (action, 200);
  g_signal_connect_swapped (action, "output-line", G_CALLBACK (jobs_engine_cancel),
                            fixture->engine);
  g_assert_false (run (fixture));
  g_assert_error (jobs_action_get_error (JOBS_ACTION (action)), JOBS_ERROR, JOBS_ERROR_STUCK);
  g_assert_cmpuint (jobs_engine_get_n_stuck (fixture->engine), ==, 1);
  while (jobs_engine_get_n_stuck (fixture->engine) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (jobs_command_action_get_term_signal (action), ==, SIGKILL);
}

static void
test_abort (Fixture      *fixture,
            gconstpointer data)
{
  JobsCommandAction *other = add_shell (fixture, NULL, "exec 9>\"$T/lifeline\"; echo >\"$T/fifo\";"
                                                       "sleep 1000");
  JobsCommandAction *bad = add_shell (fixture, NULL, "read x <\"$T/fifo\"; exit 1");
  int lifeline = make_lifeline (fixture->directory);

  make_fifo (fixture, "fifo");
  g_assert_false (run (fixture));
  g_assert_cmpint (state_of (bad), ==, JOBS_STATE_FAILED);
  g_assert_cmpint (state_of (other), ==, JOBS_STATE_CANCELLED);
  wait_for_death (lifeline);
}

static void
test_retry (Fixture      *fixture,
            gconstpointer data)
{
  JobsCommandAction *action = add_capture (fixture, "printf first; test -e \"$T/once\" && exit 0;"
                                                    "touch \"$T/once\"; printf more; exit 1");
  g_autofree char *path = path_of (fixture, "output");
  g_autofree char *tail = NULL;

  jobs_action_set_retries (JOBS_ACTION (action), 1);
  jobs_command_action_set_output_file (action, path);
  g_assert_true (run (fixture));
  assert_text (action, "first");
  assert_file (fixture, "output", "first");
  tail = jobs_command_action_dup_tail (action);
  g_assert_cmpstr (tail, ==, "first\n");
  g_assert_cmpuint (jobs_action_get_attempts (JOBS_ACTION (action)), ==, 2);
  g_assert_cmpint (jobs_command_action_get_exit_status (action), ==, 0);
}

typedef struct
{
  guint running;
  guint most;
  guint finished;
} Crowd;

static void
state_changed_cb (JobsEngine *engine,
                  JobsAction *action,
                  JobsState   old_state,
                  JobsState   new_state,
                  Crowd      *crowd)
{
  if (new_state == JOBS_STATE_RUNNING)
    crowd->running++;
  else if (old_state == JOBS_STATE_RUNNING)
    crowd->running--;
  crowd->most = MAX (crowd->most, crowd->running);
  if (new_state == JOBS_STATE_FINISHED)
    crowd->finished++;
}

static void
add_crowd (Fixture *fixture,
           guint    n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *command = g_strdup_printf ("echo %u", i);

      add_capture (fixture, command);
    }
}

static void
assert_crowd (Fixture *fixture)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (fixture->engine));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsCommandAction) action =
        g_list_model_get_item (G_LIST_MODEL (fixture->engine), i);
      g_autofree char *expected = g_strdup_printf ("%u", i);

      assert_text (action, expected);
    }
}

static void
test_window (Fixture      *fixture,
             gconstpointer data)
{
  Crowd crowd = { 0 };

  add_crowd (fixture, 200);
  jobs_engine_set_window (fixture->engine, 16);
  g_signal_connect (fixture->engine, "action-state-changed", G_CALLBACK (state_changed_cb), &crowd);
  g_assert_true (run (fixture));
  g_assert_cmpuint (crowd.most, <=, 16);
  g_assert_cmpuint (crowd.finished, ==, 200);
  assert_crowd (fixture);
}

static void
test_no_resources (void)
{
  Fixture fixture = { 0 };
  struct rlimit limit;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  setup (&fixture, NULL);
  add_crowd (&fixture, 60);
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = fixture.n_descriptors + 20;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_true (run (&fixture));
  assert_crowd (&fixture);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  teardown (&fixture, NULL);
}

static void
raise_limit_cb (gpointer data)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
test_no_resources_later (void)
{
  Fixture fixture = { 0 };
  JobsCommandAction *action;
  struct rlimit limit;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  /* The question needs fewer descriptors than the command, which must wait */
  setup (&fixture, NULL);
  action = add_capture (&fixture, "echo x");
  jobs_command_action_set_unless (action, "false");
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = fixture.n_descriptors - 1 + 3;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_timeout_add_once (JOBS_COMMAND_READY_INTERVAL * 3 / 2, raise_limit_cb, NULL);
  g_assert_true (run (&fixture));
  assert_text (action, "x");
  g_assert_cmpint (jobs_action_get_end_time (JOBS_ACTION (action))
                     - jobs_action_get_start_time (JOBS_ACTION (action)),
                   >=, JOBS_COMMAND_READY_INTERVAL * 1000);

  /* It can be cancelled while it waits */
  limit.rlim_cur = fixture.n_descriptors - 1 + 3;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  jobs_action_set_timeout (JOBS_ACTION (action), JOBS_COMMAND_READY_INTERVAL / 2);
  g_assert_false (run (&fixture));
  g_assert_cmpint (state_of (action), ==, JOBS_STATE_TIMED_OUT);
  raise_limit_cb (NULL);
  teardown (&fixture, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/jobs/command-life/unless", test_unless);
  add ("/jobs/command-life/shutdown", test_shutdown);
  add ("/jobs/command-life/shutdown-killed", test_shutdown_killed);
  add ("/jobs/command-life/ready-output", test_ready_output);
  add ("/jobs/command-life/ready-command", test_ready_command);
  add ("/jobs/command-life/ready-delay", test_ready_delay);
  add ("/jobs/command-life/not-ready", test_not_ready);
  add ("/jobs/command-life/cancel", test_cancel);
  add ("/jobs/command-life/timeout", test_timeout);
  add ("/jobs/command-life/stuck", test_stuck);
  add ("/jobs/command-life/abort", test_abort);
  add ("/jobs/command-life/retry", test_retry);
  add ("/jobs/command-life/window", test_window);
  g_test_add_func ("/jobs/command-life/no-resources", test_no_resources);
  g_test_add_func ("/jobs/command-life/no-resources-later", test_no_resources_later);

  return g_test_run ();
}
