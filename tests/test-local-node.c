/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "courses.h"
#include "jobs-resource.h"
#include "nodes/jobs-child.h"

typedef struct
{
  int   n_descriptors;
  char *directory;
} Fixture;

/* As one line of a shell: what it wrote, after a good end */
static void
assert_shell (const char *command,
              const char *expected)
{
  g_auto (Course) course = { 0 };

  course_init (&course);
  course_begin_shell (&course, command);
  course_wait (&course);
  g_assert_no_error (course.error);
  g_assert_cmpint (course.wait_status, ==, 0);
  g_assert_cmpstr (course_text (&course, 1), ==, expected);
}

static void
setup (Fixture      *fixture,
       gconstpointer use_pidfd)
{
  alarm (WATCHDOG);
  fixture->directory = g_dir_make_tmp ("asyncjobs-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  variables[0] = g_strconcat ("TEST_DIRECTORY=", fixture->directory, NULL);
  /* What GLib opens once and keeps is no leak */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  jobs_child_set_pidfd (GPOINTER_TO_INT (use_pidfd));
  if (!GPOINTER_TO_INT (use_pidfd))
    assert_shell ("true", "");
  fixture->n_descriptors = count_descriptors ();
}

static void
teardown (Fixture      *fixture,
          gconstpointer use_pidfd)
{
  assert_nothing_left (fixture->n_descriptors);
  jobs_child_set_pidfd (TRUE);
  g_clear_pointer (&variables[0], g_free);
  remove_folder (fixture->directory);
  alarm (0);
}

static gboolean
has_line (Course     *course,
          const char *line)
{
  return strstr (course_text (course, 1), line) != NULL;
}

static void
wait_for_line (Course     *course,
               const char *line)
{
  while (!has_line (course, line))
    {
      g_assert_false (course->ended);
      g_main_context_iteration (course->context, TRUE);
    }
}

static void
test_argv (Fixture      *fixture,
           gconstpointer data)
{
  const char *argv[] = { "/bin/sh", "-c", "printf '%s\\n' \"$@\"", "sh",
                         "", " ", "a b", "'", "\"", "$HOME", "`id`", "\\", "-n", "*", "x\ny",
                         "\xff\xfe", "\303\244", "\t\r", ";|&<>(){}[]!#~?=%", NULL };
  g_autoptr (GString) expected = g_string_new (NULL);
  g_auto (Course) course = { 0 };
  GError *error = NULL;

  for (guint i = 4; argv[i] != NULL; i++)
    g_string_append_printf (expected, "%s\n", argv[i]);

  course_init (&course);
  course_begin (&course, argv, NULL, NULL, NULL, &funcs, &error);
  g_assert_no_error (error);
  course_wait (&course);
  g_assert_cmpmem (course.output[0]->data, course.output[0]->len, expected->str, expected->len);
}

static void
test_environment (Fixture      *fixture,
                  gconstpointer data)
{
  const char *argv[] = { "/usr/bin/env", NULL };
  const char *changes[] = { "TEST_A=1", "TEST_REMOVED", "TEST_B=x=y\nz", "TEST_A=2", "TEST_C=3",
                            "TEST_C", "TEST_D", "TEST_D=4", NULL };
  g_auto (Course) course = { 0 };
  GError *error = NULL;

  course_init (&course);
  course_begin (&course, argv, changes, NULL, NULL, &funcs, &error);
  g_assert_no_error (error);
  course_wait (&course);
  g_assert_true (has_line (&course, "TEST_A=2\n"));
  g_assert_false (has_line (&course, "TEST_A=1\n"));
  g_assert_true (has_line (&course, "TEST_B=x=y\nz\n"));
  g_assert_false (has_line (&course, "TEST_C"));
  g_assert_true (has_line (&course, "TEST_D=4\n"));
  g_assert_false (has_line (&course, "TEST_REMOVED"));
  g_assert_true (has_line (&course, "TEST_INHERITED=x\n"));
}

static void
write_script (Fixture    *fixture,
              const char *name,
              const char *text,
              int         mode)
{
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, mode, NULL));
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

static void
test_path (Fixture      *fixture,
           gconstpointer data)
{
  const char *argv[] = { "only-here", NULL };
  const char *beside[] = { "./only-here", NULL };
  g_autofree char *path = g_strconcat ("PATH=/nowhere:", fixture->directory, NULL);
  const char *absolute[] = { path, NULL };
  const char *relative[] = { "PATH=/nowhere::/bin", NULL };
  struct
  {
    const char *const *argv;
    const char *const *environment;
    const char        *directory;
  } cases[] = {
    { argv, absolute, NULL },
    { argv, absolute, "/" },
    { argv, relative, fixture->directory },
    { beside, NULL, fixture->directory },
  };

  write_script (fixture, "only-here", "#!/bin/sh\npwd -P\n", 0755);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Course) course = { 0 };
      GError *error = NULL;

      course_init (&course);
      course_begin (&course, cases[i].argv, cases[i].environment, cases[i].directory, NULL, &funcs,
                    &error);
      g_assert_no_error (error);
      course_wait (&course);
      g_assert_cmpint (course.wait_status, ==, 0);
      if (cases[i].directory != NULL)
        {
          g_autofree char *expected = g_strconcat (cases[i].directory, "\n", NULL);

          g_assert_cmpstr (course_text (&course, 1), ==, expected);
        }
    }
}

static void
assert_refused (const char *program,
                const char *environment,
                const char *directory,
                const char *text)
{
  const char *argv[] = { program, NULL };
  const char *changes[] = { environment, NULL };
  g_auto (Course) course = { 0 };
  g_autoptr (GError) error = NULL;

  course_init (&course);
  g_assert_false (course_begin (&course, argv, changes, directory, NULL, &funcs, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SPAWN);
  g_test_message ("%s", error->message);
  if (strstr (error->message, text) == NULL)
    g_error ("No “%s” in “%s”", text, error->message);
}

static void
test_refused (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *path = g_strconcat ("PATH=", fixture->directory, NULL);
  g_autofree char *huge = g_strnfill (4 * 1024 * 1024, 'x');
  g_autofree char *variable = g_strconcat ("HUGE=", huge, NULL);
  g_autofree char *file = g_build_filename (fixture->directory, "plain", NULL);

  write_script (fixture, "plain", "#!/bin/sh\n", 0644);
  write_script (fixture, "lost", "#!/no/such/interpreter\n", 0755);
  write_script (fixture, "bare", "echo x\n", 0755);

  assert_refused ("no-such-program", path, NULL, "no such program in PATH (/");
  assert_refused ("no-such-program", "PATH", NULL, "no such program in PATH (/usr/bin:/bin)");
  assert_refused ("/no/such/program", NULL, NULL, "there is no such file");
  assert_refused ("plain", path, NULL, "not executable");
  assert_refused (file, NULL, NULL, "not executable");
  assert_refused ("lost", path, NULL, "the interpreter that it names does not exist");
  assert_refused ("bare", path, NULL, "a script needs a first line");
  assert_refused ("/usr/bin", NULL, NULL, "it is a directory");
  assert_refused ("true", NULL, "/no/such/directory", "in the directory “/no/such/directory”");
  assert_refused ("true", NULL, file, "Not a directory");
  assert_refused ("true", variable, NULL, "too long");
}

static void
test_stdin (Fixture      *fixture,
            gconstpointer data)
{
  const char *cat[] = { "cat", NULL };
  /* The second one stops reading while there is much to come, and lives on */
  const char *head[] = { "/bin/sh", "-c", "head -c 1; exec 0<&-; echo; /bin/true; echo on", NULL };
  const gsize sizes[] = { 0, 1, 64 * 1024, 64 * 1024 + 1, 1024 * 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = g_strnfill (sizes[i], 'x');
      g_autoptr (GBytes) input = g_bytes_new (text, sizes[i]);
      g_auto (Course) whole = { 0 };
      g_auto (Course) part = { 0 };
      GError *error = NULL;

      course_init (&whole);
      course_begin (&whole, cat, NULL, NULL, input, &funcs, &error);
      g_assert_no_error (error);
      course_wait (&whole);
      g_assert_cmpmem (whole.output[0]->data, whole.output[0]->len, text, sizes[i]);

      course_init (&part);
      course_begin (&part, head, NULL, NULL, input, &funcs, &error);
      g_assert_no_error (error);
      course_wait (&part);
      g_assert_cmpint (part.wait_status, ==, 0);
      g_assert_cmpstr (course_text (&part, 1), ==, sizes[i] == 0 ? "\non\n" : "x\non\n");
    }

  assert_shell ("readlink /proc/self/fd/0", "/dev/null\n");
  assert_shell ("cat", "");
}

static void
test_blocking_stdin (Fixture      *fixture,
                     gconstpointer data)
{
  /* 04000 is O_NONBLOCK */
  const char *argv[] = { "/bin/sh", "-c",
                         "cat /proc/self/fdinfo/0 /proc/self/fdinfo/1 |"
                         "grep -c 'flags:.*[4567]...$'",
                         NULL };
  g_autofree char *text = g_strnfill (1024 * 1024, 'x');
  g_autoptr (GBytes) input = g_bytes_new (text, 1024 * 1024);
  g_auto (Course) course = { 0 };

  course_init (&course);
  g_assert_true (course_begin (&course, argv, NULL, NULL, input, &funcs, NULL));
  course_wait (&course);
  g_assert_cmpstr (course_text (&course, 1), ==, "0\n");
}

static void
test_inherits_nothing (Fixture      *fixture,
                       gconstpointer data)
{
  int careless = open ("/dev/null", O_RDONLY);
  sigset_t blocked;
  sigset_t before;

  g_assert_cmpint (careless, >, 2);
  sigemptyset (&blocked);
  sigaddset (&blocked, SIGUSR1);
  sigaddset (&blocked, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &blocked, &before);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGHUP, SIG_IGN);

#ifdef HAVE_CLOSEFROM
  /* ls itself has the folder open as 3 */
  assert_shell ("ls /proc/self/fd", "0\n1\n2\n3\n");
#endif
  /* Bit 31 and those above are the C library's own signals */
  assert_shell ("grep -cE 'Sig(Blk|Ign):.*[08]0000000$' /proc/self/status", "2\n");
  assert_shell ("test $(cut -d' ' -f5 /proc/$$/stat) = $$ && echo leader", "leader\n");

  signal (SIGPIPE, SIG_DFL);
  signal (SIGHUP, SIG_DFL);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  close (careless);
}

static void
test_status (Fixture      *fixture,
             gconstpointer data)
{
  struct
  {
    const char *command;
    gboolean    exited;
    int         number;
  } cases[] = {
    { "exit 0", TRUE, 0 },
    { "exit 3", TRUE, 3 },
    { "exit 255", TRUE, 255 },
    { "kill -KILL $$", FALSE, SIGKILL },
    { "kill -TERM $$", FALSE, SIGTERM },
    { "ulimit -c 0; kill -SEGV $$", FALSE, SIGSEGV },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Course) course = { 0 };

      course_init (&course);
      course_begin_shell (&course, cases[i].command);
      course_wait (&course);
      g_assert_no_error (course.error);
      if (cases[i].exited)
        {
          g_assert_true (WIFEXITED (course.wait_status));
          g_assert_cmpint (WEXITSTATUS (course.wait_status), ==, cases[i].number);
        }
      else
        {
          g_assert_true (WIFSIGNALED (course.wait_status));
          g_assert_cmpint (WTERMSIG (course.wait_status), ==, cases[i].number);
        }
    }
}

static const JobsProcessFuncs quiet_funcs = { NULL, ended_cb };

static void
test_streams (Fixture      *fixture,
              gconstpointer data)
{
  g_auto (Course) course = { 0 };
  g_auto (Course) quiet = { 0 };
  const char *argv[] = { "/bin/sh", "-c",
                         "cp -P /proc/$$/fd/1 \"$TEST_DIRECTORY/where\"; echo x; echo y >&2",
                         NULL };
  g_autofree char *where = g_build_filename (fixture->directory, "where", NULL);
  g_autofree char *text = NULL;

  course_init (&course);
  course_begin_shell (&course, "echo out; echo err >&2; printf more");
  course_wait (&course);
  g_assert_cmpstr (course_text (&course, 1), ==, "out\nmore");
  g_assert_cmpstr (course_text (&course, 2), ==, "err\n");

  course_init (&quiet);
  g_assert_true (course_begin (&quiet, argv, (const char *const *) variables, NULL, NULL,
                               &quiet_funcs, NULL));
  course_wait (&quiet);
  g_assert_cmpint (quiet.wait_status, ==, 0);
  text = g_file_read_link (where, NULL);
  g_assert_cmpstr (text, ==, "/dev/null");
}

static void
test_much_output (Fixture      *fixture,
                  gconstpointer data)
{
  g_auto (Course) course = { 0 };

  /* The last pipe full is still in there when the command has ended */
  course_init (&course);
  course_begin_shell (&course, "head -c 3000001 /dev/zero; head -c 60000 /dev/zero >&2");
  course_wait (&course);
  g_assert_cmpuint (course.output[0]->len, ==, 3000001);
  g_assert_cmpuint (course.output[1]->len, ==, 60000);
}

static void
test_terminate (Fixture      *fixture,
                gconstpointer data)
{
  g_auto (Course) good = { 0 };
  g_auto (Course) deaf = { 0 };
  int lifeline = make_lifeline (fixture->directory);

  course_init (&good);
  course_begin_shell (&good, "trap 'echo bye; exit 7' TERM; echo on;"
                             "while :; do sleep 100 & wait; done");
  wait_for_line (&good, "on\n");
  g_assert_true (jobs_process_terminate (good.process, 60000, NULL));
  course_wait (&good);
  g_assert_cmpint (WEXITSTATUS (good.wait_status), ==, 7);
  g_assert_true (has_line (&good, "bye\n"));

  /* Neither it nor what it has started listens */
  course_init (&deaf);
  course_begin_shell (&deaf, "exec 9>\"$TEST_DIRECTORY/lifeline\"; trap '' TERM;"
                             "(sleep 1000 & sleep 1000) & echo on; while :; do sleep 1; done");
  wait_for_line (&deaf, "on\n");
  g_assert_true (jobs_process_terminate (deaf.process, 50, NULL));
  g_assert_true (jobs_process_terminate (deaf.process, 60000, NULL));
  course_wait (&deaf);
  g_assert_true (WIFSIGNALED (deaf.wait_status));
  g_assert_cmpint (WTERMSIG (deaf.wait_status), ==, SIGKILL);
  wait_for_death (lifeline);

  /* Afterwards it is harmless */
  g_assert_true (jobs_process_terminate (deaf.process, 0, NULL));
  g_assert_true (jobs_process_kill (deaf.process, SIGKILL, NULL));
}

static void
test_terminate_at_once (Fixture      *fixture,
                        gconstpointer data)
{
  g_auto (Course) course = { 0 };

  course_init (&course);
  course_begin_shell (&course, "trap '' TERM; echo on; sleep 1000");
  wait_for_line (&course, "on\n");
  g_assert_true (jobs_process_terminate (course.process, 60000, NULL));
  g_assert_true (jobs_process_terminate (course.process, 0, NULL));
  course_wait (&course);
  g_assert_cmpint (WTERMSIG (course.wait_status), ==, SIGKILL);
}

static gboolean
is_stopped (gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));

  return strstr (text, ") T ") != NULL;
}

static void
test_terminate_stopped (Fixture      *fixture,
                        gconstpointer data)
{
  g_auto (Course) course = { 0 };
  gint64 pid;

  course_init (&course);
  course_begin_shell (&course, "echo $$; kill -STOP $$; exit 0");
  wait_for_line (&course, "\n");
  pid = g_ascii_strtoll (course_text (&course, 1), NULL, 10);
  while (!is_stopped (pid))
    g_thread_yield ();

  g_assert_true (jobs_process_terminate (course.process, 2 * WATCHDOG * 1000, NULL));
  course_wait (&course);
  g_assert_cmpint (WTERMSIG (course.wait_status), ==, SIGTERM);
}

static void
test_sweep (Fixture      *fixture,
            gconstpointer data)
{
  g_auto (Course) course = { 0 };
  int lifeline = make_lifeline (fixture->directory);

  /* They ignore TERM and hold the pipe, but belong to the group */
  course_init (&course);
  course_begin_shell (&course, "exec 9>\"$TEST_DIRECTORY/lifeline\"; trap '' TERM HUP;"
                               "sleep 1000 & (sleep 1000 &) & echo on; exit 5");
  course_wait (&course);
  g_assert_cmpint (WEXITSTATUS (course.wait_status), ==, 5);
  wait_for_death (lifeline);
}

static void
test_escaped (Fixture      *fixture,
              gconstpointer data)
{
  g_auto (Course) course = { 0 };
  int lifeline = make_lifeline (fixture->directory);
  gint64 pid;

  course_init (&course);
  course_begin_shell (&course, "mkfifo \"$TEST_DIRECTORY/pid\";"
                               "exec 9>\"$TEST_DIRECTORY/lifeline\";"
                               "setsid sh -c 'echo $$ >\"$TEST_DIRECTORY/pid\"; exec sleep 1000' &"
                               "read pid <\"$TEST_DIRECTORY/pid\"; echo $pid");
  course_wait (&course);
  g_assert_cmpint (course.wait_status, ==, 0);

  /* It lives on and holds both pipes, and yet we are here */
  pid = g_ascii_strtoll (course_text (&course, 1), NULL, 10);
  g_assert_cmpint (pid, >, 1);
  g_assert_cmpint (kill ((pid_t) pid, SIGKILL), ==, 0);
  wait_for_death (lifeline);
}

static void
quit_cb (gpointer data)
{
  gboolean *done = data;

  *done = TRUE;
}

static void
looping_output_cb (JobsProcess  *process,
                   guint         stream,
                   const guint8 *data,
                   gsize         size,
                   gpointer      owner)
{
  Course *course = owner;
  gboolean done = FALSE;

  output_cb (process, stream, data, size, owner);
  if (!course->nest)
    return;

  course->nest = FALSE;
  jobs_process_kill (process, SIGKILL, NULL);
  g_timeout_add_once (3 * JOBS_LOCAL_NODE_DRAIN, quit_cb, &done);
  while (!done)
    g_main_context_iteration (course->context, TRUE);
  /* Killed and drained long ago, but our own output has not been handled */
  g_assert_false (course->ended);
}

static void
test_nested_loop (Fixture      *fixture,
                  gconstpointer data)
{
  static const JobsProcessFuncs looping = { looping_output_cb, ended_cb };
  const char *argv[] = { "/bin/sh", "-c", "echo on; sleep 1000", NULL };
  g_auto (Course) course = { 0 };

  course_init (&course);
  course.nest = TRUE;
  g_assert_true (course_begin (&course, argv, NULL, NULL, NULL, &looping, NULL));
  course_wait (&course);
  g_assert_cmpstr (course_text (&course, 1), ==, "on\n");
  g_assert_cmpint (WTERMSIG (course.wait_status), ==, SIGKILL);
}

static void
test_kill_all (Fixture      *fixture,
               gconstpointer data)
{
  g_auto (Course) first = { 0 };
  g_auto (Course) second = { 0 };
  int lifeline = make_lifeline (fixture->directory);
  const char *command = "exec 9>\"$TEST_DIRECTORY/lifeline\"; echo on; sleep 1000 & sleep 1000";

  course_init (&first);
  course_init (&second);
  course_begin_shell (&first, command);
  course_begin_shell (&second, command);
  wait_for_line (&first, "on\n");
  wait_for_line (&second, "on\n");
  jobs_local_node_kill_all ();
  course_wait (&first);
  course_wait (&second);
  g_assert_cmpint (WTERMSIG (first.wait_status), ==, SIGKILL);
  g_assert_cmpint (WTERMSIG (second.wait_status), ==, SIGKILL);
  wait_for_death (lifeline);
}

static void
test_many (Fixture      *fixture,
           gconstpointer data)
{
  Course courses[100];
  g_autofree char *expected = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (courses); i++)
    {
      g_autofree char *command = g_strdup_printf ("echo %u; exit %u", i, i);

      course_init (&courses[i]);
      course_begin_shell (&courses[i], command);
    }
  for (guint i = 0; i < G_N_ELEMENTS (courses); i++)
    {
      g_autofree char *line = g_strdup_printf ("%u\n", i);

      course_wait (&courses[i]);
      g_assert_cmpint (WEXITSTATUS (courses[i].wait_status), ==, i);
      g_assert_cmpstr (course_text (&courses[i], 1), ==, line);
      course_clear (&courses[i]);
    }
}

static void
test_no_descriptors (void)
{
  struct rlimit limit = { 0 };
  const char *argv[] = { "true", NULL };
  const char *subprocess[] = { "/bin/sh", "-c", "cat; exit 4", NULL };
  g_autoptr (GBytes) input = g_bytes_new_static ("x", 1);
  int n;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  /* However few there are, it is refused or it runs, and nothing is lost */
  assert_shell ("true", "");
  n = count_descriptors ();
  getrlimit (RLIMIT_NOFILE, &limit);
  for (int room = 0; room < 12; room++)
    {
      g_auto (Course) course = { 0 };
      g_autoptr (GError) error = NULL;

      course_init (&course);
      limit.rlim_cur = n - 1 + room;
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
      if (course_begin (&course, room % 2 ? subprocess : argv, NULL, NULL, input, &funcs, &error))
        {
          g_assert_cmpint (room, >, 4);
          course_wait (&course);
          g_assert_no_error (course.error);
          g_assert_cmpint (WEXITSTATUS (course.wait_status), ==, room % 2 ? 4 : 0);
        }
      else
        {
          g_assert_error (error, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES);
          g_assert_cmpint (room, <, 10);
        }
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
      g_assert_cmpint (count_descriptors (), ==, n);
    }
}

static void
test_closed_standard (void)
{
  const char *argv[] = { "/bin/sh", "-c", "cat; echo err >&2", NULL };
  g_autoptr (GBytes) input = g_bytes_new_static ("in", 2);
  g_auto (Course) course = { 0 };

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  close (STDIN_FILENO);
  close (STDOUT_FILENO);
  course_init (&course);
  g_assert_true (course_begin (&course, argv, NULL, NULL, input, &funcs, NULL));
  course_wait (&course);
  g_assert_cmpint (course.wait_status, ==, 0);
  g_assert_cmpstr (course_text (&course, 1), ==, "in");
  g_assert_cmpstr (course_text (&course, 2), ==, "err\n");
}

static void
test_lost_status (void)
{
  g_auto (Course) course = { 0 };

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  signal (SIGCHLD, SIG_IGN);
  course_init (&course);
  course_begin_shell (&course, "exit 3");
  course_wait (&course);
  g_assert_error (course.error, JOBS_ERROR, JOBS_ERROR_FAILED);
  g_assert_nonnull (strstr (course.error->message, "SIGCHLD"));
}

static void
test_nodes (void)
{
  JobsNode *node = jobs_local_node_new ("here");

  g_assert_cmpstr (jobs_node_get_name (node), ==, "here");
  g_assert_true (JOBS_IS_RESOURCE (node));
  g_assert_finalize_object (node);

  node = jobs_local_node_get_default ();
  g_assert_true (node == jobs_local_node_get_default ());
  g_assert_cmpstr (jobs_node_get_name (node), ==, "local");
}

typedef void (*TestFunc) (Fixture      *fixture,
                          gconstpointer data);

int
main (int   argc,
      char *argv[])
{
  const struct
  {
    const char *name;
    TestFunc    func;
  } tests[] = {
    { "argv", test_argv },
    { "environment", test_environment },
    { "path", test_path },
    { "refused", test_refused },
    { "stdin", test_stdin },
    { "blocking-stdin", test_blocking_stdin },
    { "inherits-nothing", test_inherits_nothing },
    { "status", test_status },
    { "streams", test_streams },
    { "much-output", test_much_output },
    { "terminate", test_terminate },
    { "terminate-at-once", test_terminate_at_once },
    { "terminate-stopped", test_terminate_stopped },
    { "sweep", test_sweep },
    { "escaped", test_escaped },
    { "nested-loop", test_nested_loop },
    { "kill-all", test_kill_all },
    { "many", test_many },
  };

  g_test_init (&argc, &argv, NULL);
  alarm (WATCHDOG);
  g_setenv ("TEST_INHERITED", "x", TRUE);
  g_setenv ("TEST_REMOVED", "x", TRUE);

  g_test_add_func ("/jobs/local-node/nodes", test_nodes);
  g_test_add_func ("/jobs/local-node/no-descriptors", test_no_descriptors);
  g_test_add_func ("/jobs/local-node/closed-standard", test_closed_standard);
  g_test_add_func ("/jobs/local-node/lost-status", test_lost_status);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *pidfd = g_strdup_printf ("/jobs/local-node/pidfd/%s", tests[i].name);
      g_autofree char *watch = g_strdup_printf ("/jobs/local-node/child-watch/%s", tests[i].name);

      g_test_add (pidfd, Fixture, GINT_TO_POINTER (TRUE), setup, tests[i].func, teardown);
      g_test_add (watch, Fixture, GINT_TO_POINTER (FALSE), setup, tests[i].func, teardown);
    }

  return g_test_run ();
}
