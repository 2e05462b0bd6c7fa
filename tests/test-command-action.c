/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <signal.h>

#include "commands.h"

#define MIB (1024 * 1024)

static void
test_result (Fixture      *fixture,
             gconstpointer data)
{
  const char *argv[] = { "printf", "%s\n", "a b", "", "'$(x)'", "\303\244", NULL };
  g_autoptr (JobsAction) program = jobs_command_action_new ("program", NULL, argv);
  JobsCommandAction *shell = add_shell (fixture, "shell", "echo x");
  const GValue *value;

  g_assert_true (jobs_engine_add (fixture->engine, program));
  jobs_command_action_set_capture (JOBS_COMMAND_ACTION (program), TRUE);
  g_assert_cmpint (jobs_command_action_get_exit_status (shell), ==, -1);
  g_assert_true (jobs_command_action_get_node (shell) == jobs_local_node_get_default ());
  g_assert_cmpstr (jobs_command_action_get_command (shell), ==, "echo x");
  g_assert_null (jobs_command_action_get_argv (shell));

  g_assert_true (run (fixture));
  assert_text (JOBS_COMMAND_ACTION (program), "a b\n\n'$(x)'\n\303\244");
  value = jobs_action_get_result (JOBS_ACTION (shell));
  g_assert_true (G_VALUE_HOLDS_INT (value));
  g_assert_cmpint (g_value_get_int (value), ==, 0);
  g_assert_cmpint (jobs_command_action_get_exit_status (shell), ==, 0);
  g_assert_cmpint (jobs_command_action_get_term_signal (shell), ==, -1);
}

static void
test_details (Fixture      *fixture,
              gconstpointer data)
{
  const char *argv[] = { "cc", "-o", "a b", "it's", "", "--x=/y,z", NULL };
  g_autoptr (JobsAction) program = jobs_command_action_new (NULL, NULL, argv);
  g_autoptr (JobsAction) shell = jobs_command_action_new_shell (NULL, NULL, "echo \"$A\" | cat");
  g_autofree char *first = jobs_action_dup_display_details (program);
  g_autofree char *second = jobs_action_dup_display_details (shell);

  g_assert_cmpstr (first, ==, "cc -o 'a b' 'it'\\''s' '' --x=/y,z");
  g_assert_cmpstr (second, ==, "echo \"$A\" | cat");
}

static void
test_script (Fixture      *fixture,
             gconstpointer data)
{
  const char *arguments[] = { "a b", "", "it's", NULL };
  g_autofree char *filename = path_of (fixture, "a script");
  g_autoptr (JobsAction) script = jobs_command_action_new_script (NULL, NULL, filename, arguments);
  g_autoptr (JobsAction) missing = jobs_command_action_new_script (NULL, NULL, "./no-such-file", NULL);
  JobsCommandAction *command = JOBS_COMMAND_ACTION (script);

  jobs_engine_set_on_failure (fixture->engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_engine_add (fixture->engine, script);
  jobs_engine_add (fixture->engine, missing);
  jobs_command_action_set_capture (command, TRUE);
  /* Relative names are those of the program, not of the directory */
  jobs_command_action_set_directory (JOBS_COMMAND_ACTION (missing), "/");
  jobs_command_action_set_unless (JOBS_COMMAND_ACTION (missing), "true");
  g_assert_true (jobs_command_action_get_is_script (command));
  g_assert_cmpstrv (jobs_command_action_get_argv (command),
                    ((const char *[]) { filename, "a b", "", "it's", NULL }));

  g_assert_true (g_file_set_contents (filename, "#!/bin/sh\nprintf '%s|' \"$@\"\n", -1, NULL));
  g_assert_cmpint (g_chmod (filename, 0700), ==, 0);
  g_assert_false (run (fixture));
  assert_text (command, "a b||it's|");
  assert_failed (JOBS_COMMAND_ACTION (missing), JOBS_ERROR_SPAWN, "no-such-file");
}

static void
test_environment (Fixture      *fixture,
                  gconstpointer data)
{
  JobsCommandAction *name = add_capture (fixture, "echo 'a  b$(x)'");
  JobsCommandAction *status = add_shell (fixture, "status", "exit 0");
  JobsCommandAction *broken = add_shell (fixture, "broken", "exit 1");
  JobsCommandAction *action =
    add_capture (fixture, "echo \"$NAME|$STATUS|$BROKEN|${T-none}|$A|$B\"");

  jobs_action_set_critical (JOBS_ACTION (broken), FALSE);
  jobs_action_requires (JOBS_ACTION (action), JOBS_ACTION (name));
  jobs_action_requires (JOBS_ACTION (action), JOBS_ACTION (status));
  jobs_action_requires (JOBS_ACTION (action), JOBS_ACTION (broken));
  jobs_command_action_add_input (action, "NAME", JOBS_ACTION (name));
  jobs_command_action_setenv (action, "NAME", "less than the input");
  jobs_command_action_add_input (action, "STATUS", JOBS_ACTION (status));
  jobs_command_action_add_input (action, "BROKEN", JOBS_ACTION (broken));
  jobs_command_action_setenv (action, "BROKEN", "stays");
  jobs_command_action_setenv (action, "T", NULL);
  jobs_command_action_setenv (action, "A", "1");
  jobs_command_action_setenv (action, "A", "2=2\n\"");
  jobs_command_action_setenv (action, "B", "x");
  jobs_command_action_setenv (action, "B", NULL);

  g_assert_true (run (fixture));
  assert_text (action, "a  b$(x)|0|stays|none|2=2\n\"|");
}

static void
test_directory (Fixture      *fixture,
                gconstpointer data)
{
  JobsCommandAction *action = add_capture (fixture, "pwd -P");
  JobsCommandAction *lost = add_shell (fixture, NULL, "true");
  const char *argv[] = { "no-such-program", NULL };
  g_autoptr (JobsAction) missing = jobs_command_action_new (NULL, NULL, argv);

  jobs_engine_set_on_failure (fixture->engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_engine_add (fixture->engine, missing);
  jobs_command_action_set_directory (action, fixture->directory);
  jobs_command_action_set_directory (lost, "/no/such/directory");
  g_assert_false (run (fixture));
  assert_text (action, fixture->directory);
  assert_failed (lost, JOBS_ERROR_SPAWN, "/no/such/directory");
  assert_failed (JOBS_COMMAND_ACTION (missing), JOBS_ERROR_SPAWN, "no such program in PATH");
}

static void
test_stdin (Fixture      *fixture,
            gconstpointer data)
{
  g_autofree char *text = g_strnfill (MIB, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new (text, MIB);
  JobsCommandAction *all = add_capture (fixture, "wc -c");
  JobsCommandAction *early = add_capture (fixture, "head -c 3; exec 0<&-; echo; echo more");
  JobsCommandAction *none = add_capture (fixture, "wc -c");

  jobs_command_action_set_stdin (all, bytes);
  jobs_command_action_set_stdin (early, bytes);
  g_assert_true (run (fixture));
  assert_text (all, "1048576");
  assert_text (early, "xxx\nmore");
  assert_text (none, "0");
}

static void
test_capture (Fixture      *fixture,
              gconstpointer data)
{
  JobsCommandAction *empty = add_capture (fixture, "true");
  JobsCommandAction *newline = add_capture (fixture, "echo; echo no >&2");
  JobsCommandAction *two = add_capture (fixture, "printf 'a\\n\\n'");
  JobsCommandAction *invalid = add_capture (fixture, "printf 'a\\377b'");
  JobsCommandAction *nul = add_capture (fixture, "printf 'a\\000b'");
  JobsCommandAction *full = add_capture (fixture, "head -c 1048576 /dev/zero | tr '\\0' x");
  JobsCommandAction *endless = add_capture (fixture, "yes");

  jobs_engine_set_on_failure (fixture->engine, JOBS_ON_FAILURE_KEEP_GOING);
  g_assert_false (run (fixture));
  assert_text (empty, "");
  assert_text (newline, "");
  assert_text (two, "a\n");
  assert_failed (invalid, JOBS_ERROR_OUTPUT, "not valid UTF-8");
  assert_failed (nul, JOBS_ERROR_OUTPUT, "not valid UTF-8");
  g_assert_cmpint (state_of (full), ==, JOBS_STATE_FINISHED);
  g_assert_cmpuint (strlen (g_value_get_string (jobs_action_get_result (JOBS_ACTION (full)))), ==,
                    JOBS_COMMAND_CAPTURE_MAX);
  assert_failed (endless, JOBS_ERROR_OUTPUT, "longer than 1048576 bytes");
}

typedef struct
{
  GString *text;
  guint    n_lines;
  gsize    n_bytes;
  gsize    longest;
  gboolean cancel;
} Lines;

static void
output_line_cb (JobsCommandAction *action,
                guint              stream,
                GBytes            *line,
                Lines             *lines)
{
  gsize size;
  const char *text = g_bytes_get_data (line, &size);

  lines->n_lines++;
  lines->n_bytes += size;
  lines->longest = MAX (lines->longest, size);
  if (lines->text != NULL)
    {
      g_string_append_printf (lines->text, "%u:", stream);
      g_string_append_len (lines->text, text, size);
      g_string_append_c (lines->text, ';');
    }
  if (lines->cancel)
    jobs_action_cancel (JOBS_ACTION (action));
}

static void
test_output_line (Fixture      *fixture,
                  gconstpointer data)
{
  JobsCommandAction *action =
    add_shell (fixture, NULL, "printf 'one\\n\\nthr'; printf 'ee\\nfour'");
  JobsCommandAction *error = add_shell (fixture, NULL, "printf 'a\\377\\n' >&2; exit 0");
  Lines lines = { 0 };

  lines.text = g_string_new (NULL);
  g_signal_connect (action, "output-line", G_CALLBACK (output_line_cb), &lines);
  g_signal_connect (error, "output-line", G_CALLBACK (output_line_cb), &lines);
  jobs_action_requires (JOBS_ACTION (error), JOBS_ACTION (action));
  g_assert_true (run (fixture));
  g_assert_cmpstr (lines.text->str, ==, "1:one;1:;1:three;1:four;2:a\377;");
  g_string_free (lines.text, TRUE);
}

static void
collect_cb (JobsCommandAction *action,
            guint              stream,
            GBytes            *data,
            gpointer           user_data)
{
  GByteArray *const *collected = user_data;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (data, &size);

  g_assert_cmpuint (size, >, 0);
  g_byte_array_append (collected[stream - 1], bytes, size);
}

/* Where lines end, and whether the last one does, is in the bytes alone */
static void
test_output (Fixture      *fixture,
             gconstpointer data)
{
  JobsCommandAction *action =
    add_shell (fixture, NULL, "printf '\\n\\0\\377\\r\\nend'; printf 'a\\n' >&2");
  JobsCommandAction *many = add_shell (fixture, NULL, "seq 100000");
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) err = g_byte_array_new ();
  g_autoptr (GByteArray) numbers = g_byte_array_new ();
  GByteArray *collected[] = { out, err }, *collected_many[] = { numbers, NULL };
  g_autofree char *tail = NULL;

  jobs_command_action_set_shutdown (action, "echo last");
  g_signal_connect (action, "output", G_CALLBACK (collect_cb), collected);
  g_signal_connect (many, "output", G_CALLBACK (collect_cb), collected_many);
  g_assert_true (run (fixture));
  g_assert_cmpmem (out->data, out->len, "\n\0\377\r\nendlast\n", 13);
  g_assert_cmpmem (err->data, err->len, "a\n", 2);

  /* 9 of one digit, 90 of two, ..., each with its newline */
  g_assert_cmpuint (numbers->len, ==, 9 * 2 + 90 * 3 + 900 * 4 + 9000 * 5 + 90000 * 6 + 7);
  g_assert_true (memcmp (numbers->data + numbers->len - 14, "\n99999\n100000\n", 14) == 0);
  tail = jobs_command_action_dup_tail (many);
  g_assert_true (g_str_has_prefix (tail, "99981\n"));
}

static void
test_long_line (Fixture      *fixture,
                gconstpointer data)
{
  JobsCommandAction *action =
    add_shell (fixture, NULL, "head -c 10485761 /dev/zero | tr '\\0' x; echo; echo end");
  g_autofree char *tail = NULL;
  Lines lines = { 0 };

  g_signal_connect (action, "output-line", G_CALLBACK (output_line_cb), &lines);
  g_assert_true (run (fixture));
  g_assert_cmpuint (lines.n_bytes, ==, 10485761 + 3);
  g_assert_cmpuint (lines.longest, ==, 64 * 1024);
  g_assert_cmpuint (lines.n_lines, ==, 160 + 1 + 1);
  tail = jobs_command_action_dup_tail (action);
  g_assert_true (g_str_has_suffix (tail, "x\nend\n"));
  g_assert_cmpuint (strlen (tail), <=, 16 * 1024);
}

static gsize
get_peak_memory (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "VmHWM:");
  g_assert_nonnull (line);

  return g_ascii_strtoull (line + strlen ("VmHWM:"), NULL, 10) * 1024;
}

static void
test_bounded_memory (Fixture      *fixture,
                     gconstpointer data)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("The sanitizer keeps what was freed");
#else
  JobsCommandAction *quiet = add_shell (fixture, NULL, "yes | head -c 104857600");
  JobsCommandAction *heard =
    add_shell (fixture, NULL, "yes \"$(printf %0100d 0)\" | head -c 104857600");
  JobsCommandAction *one_line = add_shell (fixture, NULL, "head -c 104857600 /dev/zero");
  gsize before = get_peak_memory ();
  Lines lines = { 0 };

  g_signal_connect (heard, "output-line", G_CALLBACK (output_line_cb), &lines);
  g_assert_true (run (fixture));
  g_assert_cmpint (state_of (quiet), ==, JOBS_STATE_FINISHED);
  g_assert_cmpint (state_of (one_line), ==, JOBS_STATE_FINISHED);
  g_assert_cmpuint (lines.n_bytes + lines.n_lines, >=, 104857600);
  g_assert_cmpuint (get_peak_memory () - before, <, 16 * MIB);
#endif
}

static void
test_tail (Fixture      *fixture,
           gconstpointer data)
{
  JobsCommandAction *lines = add_shell (fixture, NULL, "seq 1000; printf 'end' >&2");
  JobsCommandAction *wide =
    add_shell (fixture, NULL, "for i in 1 2 3 4 5 6; do printf '%04999d\\n' $i; done");
  JobsCommandAction *odd = add_shell (fixture, NULL, "printf 'a\\377\\000b\\n'");
  JobsCommandAction *none = add_shell (fixture, NULL, "true");
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autofree char *lines_tail = NULL;
  g_autofree char *wide_tail = NULL;
  g_autofree char *odd_tail = NULL;
  g_autofree char *no_tail = NULL;

  g_assert_true (run (fixture));

  for (guint i = 982; i <= 1000; i++)
    g_string_append_printf (expected, "%u\n", i);
  g_string_append (expected, "end\n");
  lines_tail = jobs_command_action_dup_tail (lines);
  g_assert_cmpstr (lines_tail, ==, expected->str);

  wide_tail = jobs_command_action_dup_tail (wide);
  g_assert_cmpuint (strlen (wide_tail), ==, 16 * 1024);
  g_assert_true (g_str_has_suffix (wide_tail, "0005\n") || g_str_has_suffix (wide_tail, "6\n"));

  odd_tail = jobs_command_action_dup_tail (odd);
  g_assert_cmpstr (odd_tail, ==, "a\357\277\275\357\277\275b\n");

  no_tail = jobs_command_action_dup_tail (none);
  g_assert_cmpstr (no_tail, ==, "");
}

static void
test_output_file (Fixture      *fixture,
                  gconstpointer data)
{
  JobsCommandAction *action = add_shell (fixture, NULL, "echo out; echo err >&2; printf end");
  JobsCommandAction *full = add_shell (fixture, NULL, "echo x; sleep 1000");
  JobsCommandAction *lost = add_shell (fixture, NULL, "touch \"$T/started\"");
  g_autofree char *path = path_of (fixture, "output");
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (path, "what was there before, and is longer", -1, NULL));
  jobs_engine_set_on_failure (fixture->engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_command_action_set_output_file (action, path);
  jobs_command_action_set_output_file (full, "/dev/full");
  jobs_command_action_set_output_file (lost, "/no/such/directory/file");
  g_assert_false (run (fixture));

  g_assert_cmpint (state_of (action), ==, JOBS_STATE_FINISHED);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpuint (strlen (text), ==, strlen ("out\nerr\nend"));
  g_assert_nonnull (strstr (text, "err\n"));
  assert_failed (full, JOBS_ERROR_OUTPUT, "“/dev/full”: No space left on device");
  assert_failed (lost, JOBS_ERROR_OUTPUT, "“/no/such/directory/file”: No such file");
  g_assert_false (has_file (fixture, "started"));
}

static void
test_ends (Fixture      *fixture,
           gconstpointer data)
{
  const guint8 allowed[] = { 0, 3 };
  const guint8 only[] = { 3 };
  JobsCommandAction *three = add_shell (fixture, NULL, "exit 3");
  JobsCommandAction *killed = add_shell (fixture, NULL, "kill -KILL $$");
  JobsCommandAction *fine = add_shell (fixture, NULL, "exit 3");
  JobsCommandAction *zero = add_shell (fixture, NULL, "exit 0");

  jobs_engine_set_on_failure (fixture->engine, JOBS_ON_FAILURE_KEEP_GOING);
  jobs_command_action_set_allowed_exits (fine, allowed, G_N_ELEMENTS (allowed));
  jobs_command_action_set_allowed_exits (zero, only, G_N_ELEMENTS (only));
  g_assert_false (run (fixture));

  assert_failed (three, JOBS_ERROR_EXITED, "exited with status 3");
  g_assert_cmpint (jobs_command_action_get_exit_status (three), ==, 3);
  assert_failed (killed, JOBS_ERROR_SIGNALED, "was ended by signal 9 (KILL)");
  g_assert_cmpint (jobs_command_action_get_exit_status (killed), ==, -1);
  g_assert_cmpint (jobs_command_action_get_term_signal (killed), ==, SIGKILL);
  g_assert_cmpint (state_of (fine), ==, JOBS_STATE_FINISHED);
  g_assert_cmpint (g_value_get_int (jobs_action_get_result (JOBS_ACTION (fine))), ==, 3);
  assert_failed (zero, JOBS_ERROR_EXITED, "exited with status 0");
}

static void
test_nothing (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (JobsAction) action = g_object_new (JOBS_TYPE_COMMAND_ACTION, NULL);

  jobs_engine_add (fixture->engine, action);
  g_assert_false (run (fixture));
  assert_failed (JOBS_COMMAND_ACTION (action), JOBS_ERROR_SPAWN, "nothing to run");
}

static void
notify_cb (GObject    *object,
           GParamSpec *pspec,
           guint      *n)
{
  (*n)++;
}

static void
test_properties (Fixture      *fixture,
                 gconstpointer data)
{
  const char *argv[] = { "true", NULL };
  g_autoptr (JobsAction) action = jobs_command_action_new ("label", NULL, argv);
  JobsCommandAction *command = JOBS_COMMAND_ACTION (action);
  g_auto (GStrv) got = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *file = NULL;
  gboolean capture = FALSE;
  guint grace = 0;
  guint n = 0;

  g_signal_connect (action, "notify", G_CALLBACK (notify_cb), &n);
  for (guint i = 0; i < 2; i++)
    g_object_set (action, "directory", "/", "capture", TRUE, "output-file", "f", "grace", 7, NULL);
  g_assert_cmpuint (n, ==, 4);
  g_object_get (action, "argv", &got, "directory", &directory, "capture", &capture,
                "output-file", &file, "grace", &grace, NULL);
  g_assert_cmpstr (got[0], ==, "true");
  g_assert_cmpstr (directory, ==, "/");
  g_assert_cmpstr (file, ==, "f");
  g_assert_true (capture);
  g_assert_cmpuint (grace, ==, 7);
  g_assert_cmpstr (jobs_command_action_get_directory (command), ==, "/");
  g_assert_cmpstr (jobs_command_action_get_output_file (command), ==, "f");
  g_assert_true (jobs_command_action_get_capture (command));
  g_assert_cmpuint (jobs_command_action_get_grace (command), ==, 7);

  g_signal_handlers_disconnect_by_data (action, &n);
  g_object_add_weak_pointer (G_OBJECT (action), (gpointer *) &command);
  g_clear_object (&action);
  g_assert_null (command);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/jobs/command-action/properties", test_properties);
  add ("/jobs/command-action/details", test_details);
  add ("/jobs/command-action/nothing", test_nothing);
  add ("/jobs/command-action/result", test_result);
  add ("/jobs/command-action/script", test_script);
  add ("/jobs/command-action/environment", test_environment);
  add ("/jobs/command-action/directory", test_directory);
  add ("/jobs/command-action/stdin", test_stdin);
  add ("/jobs/command-action/capture", test_capture);
  add ("/jobs/command-action/output", test_output);
  add ("/jobs/command-action/output-line", test_output_line);
  add ("/jobs/command-action/long-line", test_long_line);
  add ("/jobs/command-action/bounded-memory", test_bounded_memory);
  add ("/jobs/command-action/tail", test_tail);
  add ("/jobs/command-action/output-file", test_output_file);
  add ("/jobs/command-action/ends", test_ends);

  return g_test_run ();
}
