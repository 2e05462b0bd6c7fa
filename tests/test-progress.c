/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "actions/jobs-progress.h"
#include "commands.h"

/* What a command says of how far it is: the reader, then with real commands */

static char *
dup_reading (JobsProgress *progress,
             const char   *pattern,
             const char   *text,
             gssize        size)
{
  g_autoptr (GRegex) regex = jobs_progress_compile (pattern, NULL);
  g_autofree char *message = NULL;
  double fraction;

  g_assert_nonnull (regex);
  if (!jobs_progress_feed (progress, regex, (const guint8 *) text,
                           size < 0 ? strlen (text) : (gsize) size, &fraction, &message))
    return g_strdup ("nothing");

  return g_strdup_printf ("%g %s", fraction, message != NULL ? message : "-");
}

static void
assert_reading (const char *pattern,
                const char *text,
                const char *expected)
{
  JobsProgress progress = { NULL };
  g_autofree char *reading = dup_reading (&progress, pattern, text, -1);

  g_assert_cmpstr (reading, ==, expected);
  jobs_progress_clear (&progress);
}

static void
test_groups (void)
{
  g_test_summary ("One number is per cent, two are so many of so many, a message is one");

  assert_reading ("([0-9]+)%", "12%\n", "0.12 -");
  assert_reading ("([0-9.]+)%", "12.5%\n", "0.125 -");
  assert_reading ("\\[([0-9]+)/([0-9]+)\\]", "[3/12] cc x.c\n", "0.25 -");
  assert_reading ("\\[([0-9]+)/([0-9]+)\\] (?<message>.*)", "[3/12] cc x.c\n", "0.25 cc x.c");
  assert_reading ("(?<message>[a-z]+) ([0-9]+)%", "copying 50%\n", "0.5 copying");
  assert_reading ("^== (?<message>.*)", "== linking\n", "-1 linking");
  assert_reading ("([0-9]+)%", "no number\n", "nothing");
  assert_reading ("(-?[0-9]+)%", "-3%\n", "-1 -");
  assert_reading ("([0-9]+)%", "250%\n", "1 -");
  assert_reading ("([0-9]+)/([0-9]+)", "1/0\n", "-1 -");
  assert_reading ("([0-9]+)/([a-z]+)", "7/x\n", "0.07 -");
  assert_reading ("(?<message>.*)", "\377\n", "-1 \357\277\275");
}

static void
test_lines (void)
{
  JobsProgress progress = { NULL };
  g_autofree char *text = NULL;
  static const char *const pieces[][2] = {
    { "1", "nothing" },
    { "0%", "nothing" },
    { "\r20%\r", "0.2 -" },
    { "30%\n40%\nnothing of the kind\n50", "0.4 -" },
    { "%\n", "0.5 -" },
    { "\n\n\r\r", "nothing" },
  };

  g_test_summary ("Lines may come in pieces, end by a return, and the last one counts");

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autofree char *reading = dup_reading (&progress, "([0-9]+)%", pieces[i][0], -1);

      g_assert_cmpstr (reading, ==, pieces[i][1]);
    }

  /* One that is too long, in pieces too, is none */
  text = g_strnfill (JOBS_PROGRESS_LINE_MAX, '9');
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *reading = dup_reading (&progress, "([0-9]+)%", text, -1);

      g_assert_cmpstr (reading, ==, "nothing");
      g_assert_cmpuint (progress.rest->len, <=, 2 * JOBS_PROGRESS_LINE_MAX);
    }
  {
    g_autofree char *reading = dup_reading (&progress, "([0-9]+)%", "7%\n8%\n9%%%", -1);

    g_assert_cmpstr (reading, ==, "0.08 -");
  }
  jobs_progress_clear (&progress);
}

static void
test_zero_bytes (void)
{
  JobsProgress progress = { NULL };
  g_autofree char *reading = dup_reading (&progress, "([0-9]+)%", "\0\0 5%\n", 6);

  g_test_summary ("Bytes that are no text do no harm");

  g_assert_cmpstr (reading, ==, "0.05 -");
  jobs_progress_clear (&progress);
}

static void
test_errors (void)
{
  JobsAction *action = jobs_command_action_new_shell ("x", NULL, "true");
  g_autoptr (GError) error = NULL;

  g_test_summary ("What is no pattern is refused");

  g_assert_false (jobs_command_action_set_progress (JOBS_COMMAND_ACTION (action), "([0-9", &error));
  g_assert_true (error != NULL && error->domain == G_REGEX_ERROR);
  g_assert_true (jobs_command_action_set_progress (JOBS_COMMAND_ACTION (action), "a", NULL));
  g_assert_true (jobs_command_action_set_progress (JOBS_COMMAND_ACTION (action), NULL, NULL));
  g_assert_finalize_object (action);
}

static void
progress_cb (JobsEngine *engine,
             JobsAction *action,
             GString    *seen)
{
  g_string_append_printf (seen, "%g %s; ", jobs_action_get_progress (action),
                          jobs_action_get_message (action));
}

static void
test_command (Fixture      *fixture,
              gconstpointer data)
{
  JobsAction *action = jobs_command_action_new_shell (
    "copy", NULL, "echo 'copying a 10%'; echo 'copying b 90%' >&2; echo end");
  g_autoptr (GString) seen = g_string_new (NULL);

  g_test_summary ("A command's lines become the progress and the message of its action");

  g_assert_true (jobs_command_action_set_progress (JOBS_COMMAND_ACTION (action),
                                                   "(?<message>copying .) ([0-9]+)%", NULL));
  g_assert_true (jobs_engine_add (fixture->engine, action));
  g_signal_connect (fixture->engine, "action-progress", G_CALLBACK (progress_cb), seen);
  g_assert_true (jobs_engine_orchestrate (fixture->engine, NULL, NULL));
  /* They may be merged: the last one counts */
  g_assert_true (g_str_has_suffix (seen->str, "0.9 copying b; "));
  g_assert_cmpfloat (jobs_action_get_progress (action), ==, 0.9);
  g_assert_cmpstr (jobs_action_get_message (action), ==, "copying b");

  g_signal_handlers_disconnect_by_data (fixture->engine, seen);
  g_object_unref (action);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/progress/groups", test_groups);
  g_test_add_func ("/jobs/progress/lines", test_lines);
  g_test_add_func ("/jobs/progress/zero-bytes", test_zero_bytes);
  g_test_add_func ("/jobs/progress/errors", test_errors);
  g_test_add ("/jobs/progress/command", Fixture, NULL, setup, test_command, teardown);

  return g_test_run ();
}
