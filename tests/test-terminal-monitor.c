/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include <fcntl.h>
#include <glib-unix.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "test-utils.h"

/* A monitor on a terminal that this program has the other end of: how it comes and goes.
 * What it shows, tests/terminal looks at */

#define LEAVE "\033[?1049l"

typedef struct
{
  int master;
  int slave;
  struct termios mode; /* as it was */
  GSource *reader;
  GString *shown;      /* what has come to the terminal */

  JobsEngine *engine;
  JobsBoard *board;
  JobsTerminalMonitor *monitor;
  guint n_quits;
} Fixture;

static gboolean
read_cb (int          fd,
         GIOCondition condition,
         gpointer     data)
{
  Fixture *fixture = data;
  char bytes[4096];
  gssize n = read (fd, bytes, sizeof bytes);

  g_assert_cmpint (n, >, 0);
  g_string_append_len (fixture->shown, bytes, n);

  return G_SOURCE_CONTINUE;
}

static void
open_terminal (Fixture *fixture)
{
  const struct winsize size = { .ws_row = 24, .ws_col = 80 };

  fixture->master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (fixture->master, >=, 0);
  g_assert_cmpint (grantpt (fixture->master), ==, 0);
  g_assert_cmpint (unlockpt (fixture->master), ==, 0);
  fixture->slave = open (ptsname (fixture->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (fixture->slave, >=, 0);
  g_assert_cmpint (ioctl (fixture->slave, TIOCSWINSZ, &size), ==, 0);
  g_assert_cmpint (tcgetattr (fixture->slave, &fixture->mode), ==, 0);

  fixture->shown = g_string_new (NULL);
  fixture->reader = g_unix_fd_source_new (fixture->master, G_IO_IN);
  g_source_set_callback (fixture->reader, G_SOURCE_FUNC (read_cb), fixture, NULL);
  g_source_attach (fixture->reader, NULL);
}

static void
close_master (Fixture *fixture)
{
  g_source_destroy (fixture->reader);
  g_clear_pointer (&fixture->reader, g_source_unref);
  close (fixture->master);
}

static void
close_terminal (Fixture *fixture)
{
  if (fixture->reader != NULL)
    close_master (fixture);
  close (fixture->slave);
  g_string_free (fixture->shown, TRUE);
}

static gboolean
was_shown (Fixture    *fixture,
           const char *text)
{
  return memmem (fixture->shown->str, fixture->shown->len, text, strlen (text)) != NULL;
}

static void
wait_shown (Fixture    *fixture,
            const char *text)
{
  while (!was_shown (fixture, text))
    g_main_context_iteration (NULL, TRUE);
}

static void
press (Fixture    *fixture,
       const char *keys)
{
  g_string_truncate (fixture->shown, 0);
  g_assert_cmpint (write (fixture->master, keys, strlen (keys)), ==, strlen (keys));
}

/* Ctrl-L, for else only what differs is drawn */
static void
assert_shows (Fixture    *fixture,
              const char *text)
{
  jobs_board_update (fixture->board);
  press (fixture, "\f");
  wait_shown (fixture, text);
}

/* Of all that was drawn until now; what we write ourselves comes behind that */
static char *
take_shown (Fixture *fixture)
{
  char *shown;

  test_settle ();
  g_assert_cmpint (write (fixture->slave, "OVER", 4), ==, 4);
  wait_shown (fixture, "OVER");
  shown = g_strndup (fixture->shown->str, fixture->shown->len - 4);
  g_string_truncate (fixture->shown, 0);

  return shown;
}

static void
assert_nothing_shown (Fixture *fixture)
{
  g_autofree char *shown = take_shown (fixture);

  g_assert_cmpstr (shown, ==, "");
}

static void
count_quit (Fixture *fixture)
{
  fixture->n_quits++;
}

static void
attach (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fixture->monitor);
  if (fixture->board == NULL)
    fixture->board = jobs_engine_board_new (fixture->engine);
  fixture->monitor = jobs_terminal_monitor_new (fixture->board, fixture->slave, &error);
  g_assert_no_error (error);
  g_assert_true (jobs_terminal_monitor_get_board (fixture->monitor) == fixture->board);
  g_signal_connect_swapped (fixture->monitor, "quit", G_CALLBACK (count_quit), fixture);
}

static void
begin (Fixture       *fixture,
       JobsOnFailure on_failure)
{
  *fixture = (Fixture) { .engine = test_engine_new (on_failure) };
  open_terminal (fixture);
}

/* As before there was one */
static void
assert_given_back (Fixture *fixture)
{
  g_autofree char *shown = take_shown (fixture);
  struct termios mode;

  g_assert_nonnull (strstr (shown, LEAVE));
  g_assert_cmpint (tcgetattr (fixture->slave, &mode), ==, 0);
  g_assert_cmpuint (mode.c_lflag, ==, fixture->mode.c_lflag);
  g_assert_cmpuint (mode.c_oflag, ==, fixture->mode.c_oflag);
}

static void
finish (Fixture *fixture)
{
  if (fixture->monitor != NULL)
    {
      g_assert_finalize_object (g_steal_pointer (&fixture->monitor));
      assert_given_back (fixture);
    }
  g_assert_finalize_object (fixture->board);
  g_assert_finalize_object (fixture->engine);
  close_terminal (fixture);
}

static void
test_before_a_run (void)
{
  Fixture fixture;
  JobsAction *job;

  g_test_summary ("One that is there before the run shows all of it, and the next one");

  begin (&fixture, JOBS_ON_FAILURE_ABORT);
  job = test_add (fixture.engine, "job", "hang");
  attach (&fixture);
  assert_shows (&fixture, "1 waiting");

  for (guint i = 0; i < 2; i++)
    {
      test_begin (fixture.engine);
      assert_shows (&fixture, "1 running");
      test_action_complete (job);
      test_end_well (fixture.engine);
      assert_shows (&fixture, "1 finished");
    }

  finish (&fixture);
}

static void
test_comes_and_goes (void)
{
  Fixture fixture;
  JobsAction *one, *two;

  g_test_summary ("It comes in the middle of a run, goes, and comes again");

  begin (&fixture, JOBS_ON_FAILURE_ABORT);
  one = test_add (fixture.engine, "one", "hang");
  two = test_add_behind (fixture.engine, "two", "hang", one, JOBS_CONDITION_DONE);
  test_begin (fixture.engine);
  attach (&fixture);
  assert_shows (&fixture, "1 running");

  jobs_terminal_monitor_detach (fixture.monitor);
  assert_given_back (&fixture);
  test_action_complete (one);
  test_wait_state (two, JOBS_STATE_RUNNING);
  jobs_board_update (fixture.board);
  /* Nothing of it has an effect on a terminal that is not its own */
  jobs_terminal_monitor_say (fixture.monitor, "a word");
  jobs_terminal_monitor_set_color (fixture.monitor, FALSE);
  jobs_terminal_monitor_suspend (fixture.monitor);
  jobs_terminal_monitor_resume (fixture.monitor);
  jobs_terminal_monitor_detach (fixture.monitor);
  assert_nothing_shown (&fixture);

  /* Beside one that was detached, and without it */
  for (guint i = 0; i < 2; i++)
    {
      JobsTerminalMonitor *before = g_steal_pointer (&fixture.monitor);

      if (i == 1)
        g_assert_finalize_object (before);
      attach (&fixture);
      assert_shows (&fixture, "1 finished");
      if (i == 0)
        g_assert_finalize_object (before);
    }
  test_action_complete (two);
  test_end_well (fixture.engine);
  assert_shows (&fixture, "2 finished");

  finish (&fixture);
}

static void
test_keeps_nothing (void)
{
  Fixture fixture;

  g_test_summary ("It keeps no engine alive, and shows what is left where one has gone");

  begin (&fixture, JOBS_ON_FAILURE_ABORT);
  test_add (fixture.engine, "job", "ok");
  attach (&fixture);
  test_begin (fixture.engine);
  test_end_well (fixture.engine);
  g_assert_finalize_object (fixture.engine);

  press (&fixture, "\f");
  wait_shown (&fixture, "q quit");
  /* Keys that would do something to it */
  press (&fixture, "jcr c \f");
  wait_shown (&fixture, "q quit");

  g_assert_finalize_object (g_steal_pointer (&fixture.monitor));
  assert_given_back (&fixture);
  g_assert_finalize_object (fixture.board);
  close_terminal (&fixture);
}

static void
test_one_at_a_time (void)
{
  Fixture fixture, other;
  g_autoptr (GError) error = NULL;

  g_test_summary ("There is one at a time, and a second one does not disturb it");

  begin (&fixture, JOBS_ON_FAILURE_ABORT);
  begin (&other, JOBS_ON_FAILURE_ABORT);
  attach (&fixture);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_null (jobs_terminal_monitor_new (fixture.board, i == 0 ? fixture.slave : other.slave, &error));
      g_assert_error (error, JOBS_ERROR, JOBS_ERROR_BUSY);
      g_clear_error (&error);
    }
  assert_shows (&fixture, "0/0");
  assert_nothing_shown (&other);

  g_assert_finalize_object (g_steal_pointer (&fixture.monitor));
  attach (&other);
  assert_shows (&other, "0/0");

  finish (&other);
  finish (&fixture);
}

static void
test_no_terminal (void)
{
  static const char *const terms[] = { NULL, "", "dumb", "nothing-like-that" };
  Fixture fixture;
  g_autoptr (GError) error = NULL;
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  g_test_summary ("What cannot be drawn on is not, and stays as it is");

  begin (&fixture, JOBS_ON_FAILURE_ABORT);
  fixture.board = jobs_engine_board_new (fixture.engine);
  g_assert_null (jobs_terminal_monitor_new (fixture.board, null, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_assert_null (jobs_terminal_monitor_new (fixture.board, -1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);

  for (guint i = 0; i < G_N_ELEMENTS (terms); i++)
    {
      if (terms[i] != NULL)
        g_setenv ("TERM", terms[i], TRUE);
      else
        g_unsetenv ("TERM");
      g_assert_null (jobs_terminal_monitor_new (fixture.board, fixture.slave, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
      g_clear_error (&error);
    }
  g_setenv ("TERM", "xterm-256color", TRUE);
  assert_nothing_shown (&fixture);

  /* None of them counts as one that is there */
  attach (&fixture);
  assert_shows (&fixture, "0/0");

  finish (&fixture);
  close (null);
}

static void
test_quits (void)
{
  Fixture fixture;
  JobsAction *job;

  g_test_summary ("By q a person leaves or ends the run, which is asked first, but not of one that has ended");

  begin (&fixture, JOBS_ON_FAILURE_ABORT);
  job = test_add (fixture.engine, "job", "hang");
  attach (&fixture);
  test_begin (fixture.engine);

  press (&fixture, "q");
  wait_shown (&fixture, "Leave it running?");
  press (&fixture, "n\f");
  wait_shown (&fixture, "q quit");
  g_assert_cmpuint (fixture.n_quits, ==, 0);

  press (&fixture, "qy");
  while (fixture.n_quits == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (jobs_action_get_state (job), ==, JOBS_STATE_RUNNING);
  /* It is for who has it to let go of it */
  assert_shows (&fixture, "1 running");

  press (&fixture, "qc");
  g_assert_false (test_end (fixture.engine, NULL));
  assert_shows (&fixture, "1 cancelled");
  g_assert_cmpuint (fixture.n_quits, ==, 1);
  press (&fixture, "q");
  while (fixture.n_quits == 1)
    g_main_context_iteration (NULL, TRUE);

  finish (&fixture);
}

static void
let_go (Fixture *fixture)
{
  count_quit (fixture);
  /* It is kept as long as it emits this */
  g_clear_object (&fixture->monitor);
}

static void
wait_gone (Fixture *fixture)
{
  gpointer monitor = fixture->monitor;

  g_object_add_weak_pointer (G_OBJECT (fixture->monitor), &monitor);
  g_signal_handlers_disconnect_by_func (fixture->monitor, count_quit, fixture);
  g_signal_connect_swapped (fixture->monitor, "quit", G_CALLBACK (let_go), fixture);
  while (monitor != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (fixture->monitor);
  g_assert_cmpuint (fixture->n_quits, ==, 1);
}

static void
test_last_reference (void)
{
  Fixture fixture;
  JobsAction *job;

  g_test_summary ("Who hears that a person leaves may let go of it there, with keys to come and a page open");

  begin (&fixture, JOBS_ON_FAILURE_ABORT);
  job = test_add (fixture.engine, "job", "hang");
  attach (&fixture);
  test_begin (fixture.engine);
  press (&fixture, "\r");
  wait_shown (&fixture, "nothing was written yet");
  press (&fixture, "qyjjq\f");
  wait_gone (&fixture);
  assert_given_back (&fixture);

  test_action_complete (job);
  test_end_well (fixture.engine);
  finish (&fixture);
}

static void
test_gone_terminal (void)
{
  Fixture fixture;
  JobsAction *job;

  g_test_summary ("A terminal that has gone is told of as well, and the run goes on");

  begin (&fixture, JOBS_ON_FAILURE_ABORT);
  job = test_add (fixture.engine, "job", "hang");
  attach (&fixture);
  test_begin (fixture.engine);
  assert_shows (&fixture, "1 running");
  close_master (&fixture);
  wait_gone (&fixture);

  test_action_complete (job);
  test_end_well (fixture.engine);
  finish (&fixture);
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_CTYPE, "C.UTF-8");
  g_setenv ("TERM", "xterm-256color", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/terminal-monitor/before-a-run", test_before_a_run);
  g_test_add_func ("/jobs/terminal-monitor/comes-and-goes", test_comes_and_goes);
  g_test_add_func ("/jobs/terminal-monitor/keeps-nothing", test_keeps_nothing);
  g_test_add_func ("/jobs/terminal-monitor/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/jobs/terminal-monitor/no-terminal", test_no_terminal);
  g_test_add_func ("/jobs/terminal-monitor/quits", test_quits);
  g_test_add_func ("/jobs/terminal-monitor/last-reference", test_last_reference);
  g_test_add_func ("/jobs/terminal-monitor/gone-terminal", test_gone_terminal);

  return g_test_run ();
}
