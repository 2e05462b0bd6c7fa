/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>

#include "nodes/jobs-launch.h"
#include "processes.h"

#define N_THREADS 4
#define N_EACH    50

static const char *const environment[] = { "A=1", NULL };
static const int nothing[3] = { -1, -1, -1 };

static int
launch (const char *program,
        const char *directory,
        GPid       *pid)
{
  const char *const argv[] = { program, NULL };
  const JobsLaunch what = { program, argv, environment, directory, nothing };

  return jobs_launch (&what, pid);
}

static int
wait_for (GPid pid)
{
  int status = 0;

  while (waitpid (pid, &status, 0) < 0)
    g_assert_cmpint (errno, ==, EINTR);

  return status;
}

static void
assert_no_child (void)
{
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

/* What fails */

static void
test_failures (void)
{
  char *folder = g_dir_make_tmp ("asyncjobs-XXXXXX", NULL);
  g_autofree char *program = g_build_filename (folder, "program", NULL);
  int n_descriptors = count_descriptors ();
  GPid pid;

  g_test_summary ("The errno of any step comes back, and no child is left");

  g_assert_true (g_file_set_contents_full (program, "neither\n", -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  g_assert_cmpint (launch ("/nonexistent/program", NULL, &pid), ==, ENOENT);
  g_assert_cmpint (launch ("/bin/true", "/nonexistent", &pid), ==, ENOENT);
  g_assert_cmpint (launch ("/bin/true", program, &pid), ==, ENOTDIR);
  g_assert_cmpint (launch (folder, NULL, &pid), ==, EACCES);
  g_assert_cmpint (launch (program, NULL, &pid), ==, ENOEXEC);
  assert_no_child ();
  g_assert_cmpint (count_descriptors (), ==, n_descriptors);

  g_assert_cmpint (launch ("/bin/true", folder, &pid), ==, 0);
  g_assert_cmpint (wait_for (pid), ==, 0);
  remove_folder (folder);
}

/* Threads */

static gpointer
thread_cb (gpointer data)
{
  for (guint i = 0; i < N_EACH; i++)
    {
      GPid pid;

      g_assert_cmpint (launch ("/bin/true", NULL, &pid), ==, 0);
      g_assert_cmpint (wait_for (pid), ==, 0);
      g_assert_cmpint (launch ("/nonexistent/program", NULL, &pid), ==, ENOENT);
      g_assert_cmpint (launch ("/bin/false", "/", &pid), ==, 0);
      g_assert_cmpint (WEXITSTATUS (wait_for (pid)), ==, 1);
    }

  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[N_THREADS];

  g_test_summary ("They launch at once, and each is told of its own");

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new (NULL, thread_cb, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  assert_no_child ();
}

/* Signals */

static void
test_pending (void)
{
  /* Its own end would send one */
  const char *const argv[] = { "/bin/sleep", "100", NULL };
  const JobsLaunch what = { argv[0], argv, environment, NULL, nothing };
  sigset_t blocked;
  sigset_t now;
  GPid pid;

  g_test_summary ("A SIGCHLD that somebody holds back is not lost");

  sigemptyset (&blocked);
  sigaddset (&blocked, SIGCHLD);
  pthread_sigmask (SIG_BLOCK, &blocked, NULL);
  raise (SIGCHLD);
  g_assert_cmpint (jobs_launch (&what, &pid), ==, 0);

  sigpending (&now);
  g_assert_true (sigismember (&now, SIGCHLD));
  pthread_sigmask (SIG_SETMASK, NULL, &now);
  g_assert_true (sigismember (&now, SIGCHLD));
  g_assert_false (sigismember (&now, SIGTERM));

  kill (pid, SIGKILL);
  wait_for (pid);
  pthread_sigmask (SIG_UNBLOCK, &blocked, NULL);
}

static pid_t own_pid;
static volatile sig_atomic_t n_here;
static volatile sig_atomic_t n_elsewhere;
static gint is_over;

static void
signal_cb (int signum)
{
  if (getpid () == own_pid)
    n_here++;
  else
    n_elsewhere++;
}

static gpointer
shooter_cb (gpointer data)
{
  while (!g_atomic_int_get (&is_over))
    kill (0, SIGUSR1);

  return NULL;
}

/* A child is of our group at first */
static void
test_handlers (void)
{
  GThread *shooter;
  guint n_shot = 0;

  g_test_summary ("None of ours runs in a child, which a signal ends as any program");

  own_pid = getpid ();
  if (getpgrp () != own_pid)
    g_assert_cmpint (setpgid (0, 0), ==, 0);
  signal (SIGUSR1, signal_cb);
  shooter = g_thread_new (NULL, shooter_cb, NULL);

  for (guint i = 0; i < N_THREADS * N_EACH; i++)
    {
      GPid pid;
      int status;

      g_assert_cmpint (launch ("/bin/true", NULL, &pid), ==, 0);
      status = wait_for (pid);
      if (WIFSIGNALED (status))
        {
          g_assert_cmpint (WTERMSIG (status), ==, SIGUSR1);
          n_shot++;
        }
      else
        g_assert_cmpint (status, ==, 0);
    }

  g_atomic_int_set (&is_over, TRUE);
  g_thread_join (shooter);
  signal (SIGUSR1, SIG_DFL);
  g_test_message ("%d signals, %u children were shot", (int) n_here, n_shot);
  g_assert_cmpint (n_here, >, 0);
  g_assert_cmpint (n_elsewhere, ==, 0);
  assert_no_child ();
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  alarm (WATCHDOG);

  g_test_add_func ("/jobs/launch/failures", test_failures);
  g_test_add_func ("/jobs/launch/threads", test_threads);
  g_test_add_func ("/jobs/launch/pending", test_pending);
  g_test_add_func ("/jobs/launch/handlers", test_handlers);

  return g_test_run ();
}
