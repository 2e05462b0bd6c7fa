/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>

#include "commands.h"
#include "nodes/jobs-shell.h"

static char **
dup_environment (void)
{
  g_autofree char *here = g_get_current_dir ();
  g_auto (GStrv) environment = g_environ_setenv (NULL, "PATH", "/usr/bin:/bin", TRUE);

  return g_environ_setenv (g_steal_pointer (&environment), "PWD", here, TRUE);
}

static void
assert_words (const char *command,
              const char *expected)
{
  g_auto (GStrv) environment = dup_environment ();
  g_auto (GStrv) words = jobs_shell_split (command, (const char *const *) environment);
  g_autofree char *joined = words != NULL ? g_strjoinv ("|", words) : NULL;

  if (g_strcmp0 (joined, expected) != 0)
    g_error ("“%s” became “%s”, not “%s”", command, joined, expected);
}

static void
test_words (void)
{
  g_test_summary ("A program and its arguments need no shell");

  assert_words ("make", "make");
  assert_words ("  cc\t-o  x.o -DA=1,2 ./x.c:y@z% \n\n", "cc|-o|x.o|-DA=1,2|./x.c:y@z%");
  assert_words ("/bin/echo -n a+b", "/bin/echo|-n|a+b");
  assert_words ("./cd", "./cd");
  assert_words ("_7z 0", "_7z|0");
  assert_words ("false", "false");
  assert_words ("true\n", "true");
}

static void
test_left_to_shell (void)
{
  static const char *const commands[] = {
    "",         " ",        "\n",        "\nls",       "ls\nls",       "ls\n ls", "ls;",
    "ls &",     "ls|wc",    "ls >x",     "ls 2>x",     "ls <x",        "$A",      "ls $A",
    "ls `pwd`", "ls 'a'",   "ls \"a\"",  "ls a\\ b",   "ls *",         "ls a?",   "ls [ab]",
    "ls ~",     "ls ~/a",   "ls {a,b}",  "(ls)",       "{ ls; }",      "! ls",    "!1",
    "ls #a",    "#",        "A=1",       "A=1 ls",     "A+=1 ls",      "%1",      "-x",
    "+x",       ":",        ". x",       "[ a ]",      "[[ a ]]",      "a^b",     "ls \303\244",
    "cd",       "cd /",     "exit 3",    "export A",   "ulimit -n",    "umask",   "wait",
    "test x",   "echo -e",  "printf x",  "kill 1",     "exec ls",      "eval ls", "time ls",
    "if",       "done",     "while x",   "case x in",  "function x",   "true x",  "false x",
    "command x", "type ls", "read x",    "sleep 0",    "ls \r",        "ls\vx",   "ls\fx",
    "ls x\001", "pwd",      "local",     "declare -p", "mapfile x",    "set -e",  "trap x",
  };

  g_test_summary ("Whatever a shell treats specially is left to it");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    assert_words (commands[i], NULL);
}

static void
test_environments (void)
{
  static const char *const others[] = {
    "PATH=",           "PATH=~/bin:/bin", "PATH=/bin:%x", "PWD=/no/such/directory", "PWD=/", "PWD=.",
    "BASH_FUNC_x%%=()", "a-b=1",          "1a=1",         "=1",                     "SHELLOPTS=xtrace",
  };

  g_test_summary ("An environment in which a shell would do more");

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_auto (GStrv) environment = dup_environment ();
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
      g_auto (GStrv) changed = NULL;

      /* The first of a name counts */
      g_strv_builder_add (builder, others[i]);
      g_strv_builder_addv (builder, (const char **) environment);
      changed = g_strv_builder_end (builder);
      g_assert_null (jobs_shell_split ("ls", (const char *const *) changed));
    }
  for (guint i = 0; i < 2; i++)
    {
      g_auto (GStrv) environment = dup_environment ();
      g_auto (GStrv) changed =
        g_environ_unsetenv (g_steal_pointer (&environment), i == 0 ? "PATH" : "PWD");

      g_assert_null (jobs_shell_split ("ls", (const char *const *) changed));
    }
}

static void
output_cb (JobsCommandAction *action,
           guint              stream,
           GBytes            *bytes,
           GString          **texts)
{
  g_string_append_len (texts[stream - 1], g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* What a job does, next to what sh does */
static void
assert_same (Fixture    *fixture,
             const char *command,
             const char *name,
             const char *value)
{
  const char *argv[] = { "/bin/sh", "-c", command, NULL };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GString) err = g_string_new (NULL);
  GString *texts[] = { out, err };
  JobsCommandAction *action = add_shell (fixture, NULL, command);
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "T", fixture->directory, TRUE);
  g_autofree char *expected_out = NULL;
  g_autofree char *expected_err = NULL;
  int status;

  g_test_message ("%s, %s=%s", command, name, value);
  if (name != NULL)
    {
      jobs_command_action_setenv (action, name, value);
      environment = value != NULL ? g_environ_setenv (environment, name, value, TRUE)
                                  : g_environ_unsetenv (environment, name);
    }
  g_assert_true (g_spawn_sync (NULL, (char **) argv, environment, 0, NULL, NULL, &expected_out,
                               &expected_err, &status, NULL));

  g_signal_connect (action, "output", G_CALLBACK (output_cb), texts);
  g_assert_cmpint (run (fixture), ==, status == 0);
  g_assert_cmpstr (out->str, ==, expected_out);
  g_assert_cmpstr (err->str, ==, expected_err);
  g_assert_cmpint (jobs_command_action_get_exit_status (action), ==, WEXITSTATUS (status));
  jobs_engine_remove (fixture->engine, JOBS_ACTION (action));
}

static void
write_file (Fixture    *fixture,
            const char *name,
            const char *text,
            int         mode)
{
  g_autofree char *path = path_of (fixture, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

static void
test_same (Fixture      *fixture,
           gconstpointer data)
{
  static const char *const names[] = { "script", "bare", "plain", "broken", "folder", "no-such", "cd" };
  static const char *const more[] = {
    "true",  "false",      "true --version", "exit 3",   "cd",       ":",         "umask", "pwd",
    "test x", "echo -e a", "printenv PWD",   "printenv a-b", "no/such", "/", "A=1 printenv A",
  };
  g_autofree char *folder = path_of (fixture, "folder");
  g_autofree char *path = g_strconcat (fixture->directory, ":/usr/bin:/bin", NULL);

  g_test_summary ("A job does what sh does, with or without it");

  write_file (fixture, "script", "#!/bin/sh\necho \"$0\" \"$@\"; echo e >&2; exit 4\n", 0755);
  write_file (fixture, "bare", "echo bare \"$@\"\n", 0755);
  write_file (fixture, "plain", "echo plain\n", 0644);
  write_file (fixture, "broken", "#!/no/such/interpreter\n", 0755);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *full = g_strdup_printf ("%s/%s a b", fixture->directory, names[i]);
      g_autofree char *found = g_strdup_printf ("%s a b", names[i]);

      assert_same (fixture, full, NULL, NULL);
      assert_same (fixture, found, "PATH", path);
    }
  for (guint i = 0; i < G_N_ELEMENTS (more); i++)
    {
      assert_same (fixture, more[i], NULL, NULL);
      assert_same (fixture, more[i], "PWD", "/no/such");
      assert_same (fixture, more[i], "a-b", "1");
      assert_same (fixture, more[i], "PATH", NULL);
    }
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *here = g_get_current_dir ();

  g_test_init (&argc, &argv, NULL);
  g_setenv ("PWD", here, TRUE);

  g_test_add_func ("/jobs/shell/words", test_words);
  g_test_add_func ("/jobs/shell/left-to-shell", test_left_to_shell);
  g_test_add_func ("/jobs/shell/environments", test_environments);
  add ("/jobs/shell/same", test_same);

  return g_test_run ();
}
