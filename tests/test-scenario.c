/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <unistd.h>

#include "scenarios.h"

/* Job files that are right: what becomes of them */

static void
test_many (void)
{
  const guint n = 100000;
  g_autoptr (GString) text = g_string_new (V "jobs:\n");
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario;
  gint64 begin;

  g_test_summary ("A hundred thousand jobs are read, in whatever order they stand");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "  job%u: {requires: [job%u, job%u, job%u], run: [\"true\"]}\n",
                            i, i + 1, i + 2, i + 3);
  for (guint i = n; i < n + 3; i++)
    g_string_append_printf (text, "  job%u: {sleep: 1}\n", i);

  begin = g_get_monotonic_time ();
  scenario = load (text->str);
  g_test_minimized_result ((g_get_monotonic_time () - begin) / 1e6, "loading 100 000 jobs: %.3f s",
                           (g_get_monotonic_time () - begin) / 1e6);

  g_assert_cmpuint (jobs_scenario_get_n_jobs (scenario), ==, n + 3);
  g_assert_cmpuint (jobs_scenario_get_n_requirements (scenario), ==, 3 * n);
  g_assert_true (jobs_engine_check (jobs_scenario_get_engine (scenario), NULL, &error));
  g_assert_no_error (error);
  assert_dies (scenario);
}

static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("jobs-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "ré lease.yaml", NULL);
  g_autofree char *expected = NULL;
  JobsScenario *scenario;

  g_test_summary ("Files that cannot be read, are too big, or have no end");

  g_assert_null (jobs_scenario_new_from_file (path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);

  g_assert_null (jobs_scenario_new_from_file (dir, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);

  g_assert_null (jobs_scenario_new_from_file ("/dev/zero", &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==, "/dev/zero:1:1: the file is larger than 16 MiB");
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, V "jobs: {a: {}}\n", -1, NULL));
  scenario = jobs_scenario_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (jobs_scenario_get_name (scenario), ==, "ré lease");
  assert_dies (scenario);

  g_assert_true (g_file_set_contents (path, V "jobs: {a: {runn: x}}\n", -1, NULL));
  g_assert_null (jobs_scenario_new_from_file (path, &error));
  expected = g_strconcat (path, ":2:12: unknown key 'runn' in a job; did you mean 'run'?", NULL);
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);

  /* A gigabyte that takes no room on the disk */
  g_assert_cmpint (truncate (path, 1024 * 1024 * 1024), ==, 0);
  g_assert_null (jobs_scenario_new_from_file (path, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_nonnull (strstr (error->message, ":1:1: the file is larger than 16 MiB"));

  g_unlink (path);
  g_rmdir (dir);
}

static void
test_standard_input (void)
{
  const char *text = V "name: piped\njobs: {a: {}}\n";
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario;
  int spare, fds[2];

  g_test_summary ("A dash is the standard input");

  spare = dup (STDIN_FILENO);
  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_cmpint (write (fds[1], text, strlen (text)), ==, strlen (text));
  close (fds[1]);
  dup2 (fds[0], STDIN_FILENO);
  close (fds[0]);

  scenario = jobs_scenario_new_from_file ("-", &error);
  dup2 (spare, STDIN_FILENO);
  close (spare);

  g_assert_no_error (error);
  g_assert_cmpstr (jobs_scenario_get_name (scenario), ==, "piped");
  assert_dies (scenario);
}

static void
test_policies (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "policies.yaml", NULL);
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario = jobs_scenario_new_from_file (path, &error);
  JobsAction *action;
  JobsEngine *engine;
  GPtrArray *pools;

  g_test_summary ("What the file says is what the engine and its jobs have");

  g_assert_no_error (error);
  engine = jobs_scenario_get_engine (scenario);
  g_assert_cmpstr (jobs_scenario_get_name (scenario), ==, "policies");
  g_assert_cmpstr (jobs_action_get_label (JOBS_ACTION (engine)), ==, "policies");
  g_assert_cmpuint (jobs_engine_get_window (engine), ==, 4);
  g_assert_cmpuint (jobs_engine_get_grace (engine), ==, 20000);
  g_assert_cmpuint (jobs_engine_get_shutdown_timeout (engine), ==, 5000);
  g_assert_cmpint (jobs_engine_get_on_failure (engine), ==, JOBS_ON_FAILURE_DRAIN);
  g_assert_cmpuint (jobs_action_get_timeout (JOBS_ACTION (engine)), ==, 600000);

  action = find (scenario, "plain");
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 300000);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 1);
  g_assert_cmpint (jobs_action_get_priority (action), ==, -2);
  g_assert_true (jobs_action_get_critical (action));
  g_assert_cmpuint (jobs_command_action_get_grace (JOBS_COMMAND_ACTION (action)), ==, 3000);
  g_assert_cmpstr (jobs_command_action_get_directory (JOBS_COMMAND_ACTION (action)), ==, "/tmp");
  g_assert_cmpstr (jobs_command_action_get_command (JOBS_COMMAND_ACTION (action)), ==,
                   "echo 'a b'");
  g_assert_cmpstr (jobs_action_get_details (action), ==, "A plain one: as plain as can be");

  action = find (scenario, "own");
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 5000);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 0);
  g_assert_cmpuint (jobs_action_get_retry_delay (action), ==, 1500);
  g_assert_false (jobs_action_get_critical (action));
  g_assert_cmpuint (jobs_command_action_get_grace (JOBS_COMMAND_ACTION (action)), ==, 500);
  g_assert_cmpstr (jobs_command_action_get_output_file (JOBS_COMMAND_ACTION (action)), ==, "0777");
  g_assert_true (jobs_command_action_get_capture (JOBS_COMMAND_ACTION (action)));
  g_assert_cmpstr (jobs_command_action_get_argv (JOBS_COMMAND_ACTION (action))[1], ==, "no");
  pools = jobs_action_dup_pools (action);
  g_assert_cmpuint (pools->len, ==, 2);
  g_assert_cmpuint (jobs_action_get_pool_amount (action, pools->pdata[0]), ==, 2);
  g_assert_cmpstr (jobs_pool_get_name (pools->pdata[1]), ==, "download");
  g_ptr_array_unref (pools);

  /* No defaults for what runs forever, nor for engines */
  action = find (scenario, "server");
  g_assert_true (jobs_action_get_forever (action));
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 0);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 0);

  action = find (scenario, "nested");
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 0);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 0);
  g_assert_cmpint (jobs_action_get_priority (action), ==, -2);
  g_assert_cmpuint (jobs_engine_get_window (JOBS_ENGINE (action)), ==, 2);
  g_assert_cmpuint (jobs_engine_get_grace (JOBS_ENGINE (action)), ==, 10000);
  g_assert_cmpint (jobs_engine_get_on_failure (JOBS_ENGINE (action)), ==, JOBS_ON_FAILURE_ABORT);

  action = find (scenario, "nested/inner");
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 7000);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 1);
  g_assert_true (JOBS_IS_DELAY_ACTION (action));
  g_assert_cmpuint (jobs_delay_action_get_delay (JOBS_DELAY_ACTION (action)), ==, 5400000);
  g_assert_true (JOBS_IS_CALLBACK_ACTION (find (scenario, "nested/empty")));

  jobs_scenario_set_on_failure (scenario, JOBS_ON_FAILURE_KEEP_GOING);
  g_assert_cmpint (jobs_engine_get_on_failure (engine), ==, JOBS_ON_FAILURE_DRAIN);
  action = find (scenario, "nested");
  g_assert_cmpint (jobs_engine_get_on_failure (JOBS_ENGINE (action)), ==,
                   JOBS_ON_FAILURE_KEEP_GOING);

  assert_dies (scenario);
}

static void
test_requirements (void)
{
  JobsScenario *scenario;

  g_test_summary ("Names, lists and conditions become requirements");

  scenario = load (V "jobs:\n"
                     "  last: {requires: {one: success, two: failure, three: ready}, "
                     "after: sweep}\n"
                     "  one: {requires: two}\n"
                     "  two: {}\n"
                     "  three: {run: x, ready: {delay: 1s}}\n"
                     "  sweep: {matrix: {rate: [10, 100], mode: [a, b]}, "
                     "requires: [two, one, two]}\n"
                     "  all: {requires: sweep}\n"
                     "  some: {requires: {sweep: done, 'sweep[100,a]': success}}\n"
                     "  both: {after: [one, two], requires: one}\n");
  assert_labels (scenario, "last one two three sweep[10,a] sweep[10,b] sweep[100,a] sweep[100,b] "
                           "all some both");
  assert_requires (scenario, "last", "sweep[10,a] after, sweep[10,b] after, sweep[100,a] after, "
                                     "sweep[100,b] after, one success, two failure, three ready");
  assert_requires (scenario, "one", "two done");
  assert_requires (scenario, "two", "");
  assert_requires (scenario, "sweep[100,b]", "two done, one done");
  assert_requires (scenario, "all",
                   "sweep[10,a] done, sweep[10,b] done, sweep[100,a] done, sweep[100,b] done");
  assert_requires (scenario, "some",
                   "sweep[10,a] done, sweep[10,b] done, sweep[100,a] success, sweep[100,b] done");
  assert_requires (scenario, "both", "one done, two after");
  g_assert_cmpuint (jobs_scenario_get_n_jobs (scenario), ==, 11);
  g_assert_cmpuint (jobs_scenario_get_n_requirements (scenario), ==, 7 + 1 + 8 + 4 + 4 + 2);
  assert_dies (scenario);
}

static void
test_nested_matrix (void)
{
  JobsScenario *scenario;

  g_test_summary ("A nested engine with a matrix is several, each with its own inside");

  scenario = load (V "jobs:\n"
                     "  build:\n"
                     "    matrix: {cc: [gcc, clang]}\n"
                     "    jobs:\n"
                     "      make: {matrix: {opt: [0]}}\n"
                     "      check: {requires: make}\n"
                     "  ship: {requires: 'build[gcc]'}\n");
  assert_labels (scenario, "build[gcc] build[gcc]/make[0] build[gcc]/check build[clang] "
                           "build[clang]/make[0] build[clang]/check ship");
  assert_requires (scenario, "build[clang]/check", "make[0] done");
  assert_requires (scenario, "ship", "build[gcc] done");
  assert_dies (scenario);
}

static void
test_warnings (void)
{
  JobsScenario *scenario;
  g_auto (GStrv) warnings = NULL;

  g_test_summary ("What is odd is told, and runs");

  scenario = load (V "jobs:\n"
                     "  s: {run: x, forever: true, ready: {delay: 1s}}\n"
                     "  a: {requires: {s: success}}\n"
                     "  b: {requires: {s: ready}}\n"
                     "  c: {requires: s, run: x, forever: true}\n"
                     "  d: {after: s, run: x, grace: 1m}\n");
  warnings = jobs_scenario_dup_warnings (scenario);
  g_assert_cmpuint (g_strv_length (warnings), ==, 2);
  g_assert_cmpstr (warnings[0], ==,
                   "f:4:18: warning: 'a' waits for the end of 's', which runs forever; is {s: ready} "
                   "meant?");
  g_assert_cmpstr (warnings[1], ==,
                   "f:7:32: warning: this 'grace' is not shorter than that of the engine around it, 10000 "
                   "ms: the job would be given up as stuck before it is killed");
  assert_dies (scenario);
}

static void
test_secrets (void)
{
  g_auto (GStrv) secrets = NULL;
  JobsScenario *scenario;

  g_test_summary ("Secrets are named, whether or not they are set");

  g_setenv ("JOBS_TEST_TOKEN", "hush-hush", TRUE);
  g_unsetenv ("JOBS_TEST_KEY");
  scenario = load (V "jobs:\n"
                     "  a: {run: x, secret-env: [JOBS_TEST_TOKEN, JOBS_TEST_KEY]}\n"
                     "  b: {run: x, secret-env: JOBS_TEST_TOKEN}\n");
  secrets = jobs_scenario_dup_secrets (scenario);
  g_assert_cmpuint (g_strv_length (secrets), ==, 2);
  g_assert_cmpstr (secrets[0], ==, "JOBS_TEST_KEY");
  g_assert_cmpstr (secrets[1], ==, "JOBS_TEST_TOKEN");
  assert_dies (scenario);
}

static void
test_longest_path (void)
{
  JobsScenario *scenario;
  gint64 duration;

  g_test_summary ("The longest path is the one whose delays take longest");

  scenario = load (V "jobs:\n"
                     "  a: {sleep: 2s}\n"
                     "  b: {requires: a, run: x}\n"
                     "  c: {requires: b, jobs: {d: {sleep: 1s}, e: {requires: d, sleep: 500ms}}}\n"
                     "  f: {sleep: 3s}\n"
                     "  g: {requires: f}\n"
                     "  h: {requires: [g, f], sleep: 1h, forever: true}\n");
  g_assert_cmpuint (jobs_scenario_get_longest_path (scenario, &duration), ==, 5);
  g_assert_cmpint (duration, ==, 3500000);
  g_assert_cmpuint (jobs_scenario_get_n_jobs (scenario), ==, 8);
  assert_dies (scenario);

  scenario = load (V "jobs: {a: {}, b: {requires: a}, c: {requires: [a, b]}, d: {}}\n");
  g_assert_cmpuint (jobs_scenario_get_longest_path (scenario, NULL), ==, 3);
  assert_dies (scenario);
}

static const char some_jobs[] = V "jobs:\n"
                                  "  fetch: {}\n"
                                  "  build: {requires: fetch}\n"
                                  "  note: {}\n"
                                  "  tests:\n"
                                  "    requires: build\n"
                                  "    after: note\n"
                                  "    jobs:\n"
                                  "      prepare: {}\n"
                                  "      unit: {requires: prepare}\n"
                                  "      style: {}\n"
                                  "      fuzz: {matrix: {n: [1, 2]}, requires: unit}\n"
                                  "  ship: {requires: tests}\n";

static void
test_select (void)
{
  static const struct
  {
    const char *names[3];
    gboolean with_requirements;
    const char *left;
  } cases[] = {
    { { "ship" }, TRUE, "fetch build tests tests/prepare tests/unit tests/style tests/fuzz[1] "
                        "tests/fuzz[2] ship" },
    { { "ship" }, FALSE, "ship" },
    { { "tests/unit" }, TRUE, "fetch build tests tests/prepare tests/unit" },
    { { "tests/unit" }, FALSE, "tests tests/unit" },
    { { "tests/fuzz" }, FALSE, "tests tests/fuzz[1] tests/fuzz[2]" },
    { { "tests/fuzz[2]", "note" }, TRUE,
      "fetch build note tests tests/prepare tests/unit tests/fuzz[2]" },
    { { "tests", "tests/style" }, FALSE,
      "tests tests/prepare tests/unit tests/style tests/fuzz[1] tests/fuzz[2]" },
    { { "tests/style", "ship" }, TRUE,
      "fetch build tests tests/prepare tests/unit tests/style tests/fuzz[1] tests/fuzz[2] ship" },
  };

  g_test_summary ("A selection keeps what it names, and what that requires");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      JobsScenario *scenario = load (some_jobs);
      g_autoptr (GError) error = NULL;

      g_assert_true (jobs_scenario_select (scenario, cases[i].names, cases[i].with_requirements,
                                           &error));
      g_assert_no_error (error);
      assert_labels (scenario, cases[i].left);
      g_assert_true (jobs_engine_check (jobs_scenario_get_engine (scenario), NULL, &error));
      g_assert_no_error (error);
      assert_dies (scenario);
    }
}

static void
test_names (void)
{
  static const char *const skipped[] = { "tests", NULL };
  JobsScenario *scenario = load (some_jobs);
  g_autofree char *before = NULL, *after = NULL;
  g_auto (GStrv) names = NULL;

  g_test_summary ("Names are those of all levels, of matrices and of what was taken out");

  names = jobs_scenario_dup_names (scenario);
  before = g_strjoinv (" ", names);
  g_assert_cmpstr (before, ==,
                   "build fetch note ship tests tests/fuzz tests/fuzz[1] tests/fuzz[2] "
                   "tests/prepare tests/style tests/unit");

  g_assert_true (jobs_scenario_skip (scenario, skipped, NULL));
  g_strfreev (names);
  names = jobs_scenario_dup_names (scenario);
  after = g_strjoinv (" ", names);
  g_assert_cmpstr (after, ==, before);
  assert_dies (scenario);
}

static void
test_skip (void)
{
  const char *const names[] = { "build", "tests/unit", "tests/fuzz[1]", "build", NULL };
  const char *const group[] = { "tests/fuzz", NULL };
  const char *const wrong[] = { "note", "biuld", "tests/unti", "nothing", NULL };
  JobsScenario *scenario = load (some_jobs);
  g_autoptr (GError) error = NULL;

  g_test_summary ("What is skipped is bypassed, and unknown names change nothing");

  g_assert_false (jobs_scenario_skip (scenario, wrong, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==,
                   "no job is named 'biuld'; did you mean 'build'?\n"
                   "no job is named 'tests/unti'; did you mean 'tests/unit'?\n"
                   "no job is named 'nothing'");
  g_clear_error (&error);
  g_assert_false (jobs_scenario_select (scenario, wrong, TRUE, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_cmpuint (jobs_scenario_get_n_jobs (scenario), ==, 10);

  g_assert_true (jobs_scenario_skip (scenario, names, &error));
  assert_labels (scenario, "fetch note tests tests/prepare tests/style tests/fuzz[2] ship");
  assert_requires (scenario, "tests", "note after, fetch done");
  assert_requires (scenario, "tests/fuzz[2]", "prepare done");
  g_assert_true (jobs_scenario_skip (scenario, group, &error));
  assert_labels (scenario, "fetch note tests tests/prepare tests/style ship");
  assert_dies (scenario);
}

static void
test_select_again (void)
{
  const char *const one[] = { "a", NULL };
  const char *const gone[] = { "t[1]/s", "t[2]", "t[1]/s[2]", NULL };
  JobsScenario *scenario;

  g_test_summary ("What one selection has taken out, others know but leave alone");

  for (guint how = 0; how < 2; how++)
    {
      scenario = load (V "jobs:\n"
                         "  a: {}\n"
                         "  t: {matrix: {x: [1, 2]}, jobs: {s: {matrix: {y: [1, 2]}}}}\n");
      g_assert_true (jobs_scenario_select (scenario, one, TRUE, NULL));
      if (how == 0)
        g_assert_true (jobs_scenario_skip (scenario, gone, NULL));
      else
        g_assert_true (jobs_scenario_select (scenario, gone, TRUE, NULL));
      assert_labels (scenario, how == 0 ? "a" : "");
      assert_dies (scenario);
    }
}

static const char *
get_output (JobsScenario *scenario,
            const char   *path)
{
  const GValue *value = jobs_action_get_result (find (scenario, path));

  return value != NULL && G_VALUE_HOLDS_STRING (value) ? g_value_get_string (value) : NULL;
}

static void
test_environment (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "environment.yaml", NULL);
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario = jobs_scenario_new_from_file (path, &error);

  g_test_summary ("The innermost value of a variable wins, and that of the caller over all");

  g_assert_no_error (error);
  jobs_scenario_setenv (scenario, "CALLER", "caller");
  g_assert_true (jobs_engine_orchestrate (jobs_scenario_get_engine (scenario), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (get_output (scenario, "outer"), ==, "top top caller");
  g_assert_cmpstr (get_output (scenario, "own"), ==, "top own caller");
  g_assert_cmpstr (get_output (scenario, "level/inner"), ==, "level level caller");
  g_assert_cmpstr (get_output (scenario, "level/own"), ==, "level own caller");
  g_assert_cmpstr (get_output (scenario, "sweep[10,a]"), ==, "10-a");
  g_assert_cmpstr (get_output (scenario, "sweep[100,b]"), ==, "100-b");
  g_assert_cmpstr (get_output (scenario, "build[x y]/make"), ==, "x y");
  assert_dies (scenario);
}

static void
test_captures (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "captures.yaml", NULL);
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario = jobs_scenario_new_from_file (path, &error);

  g_test_summary ("What a job captures reaches all that is behind it, and nothing else");

  g_assert_no_error (error);
  g_assert_true (jobs_engine_orchestrate (jobs_scenario_get_engine (scenario), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (get_output (scenario, "version"), ==, "1.2 $(no code)");
  g_assert_cmpstr (get_output (scenario, "behind"), ==, "1.2 $(no code)");
  g_assert_cmpstr (get_output (scenario, "far-behind"), ==, "1.2 $(no code)");
  g_assert_cmpstr (get_output (scenario, "tests/inside"), ==, "1.2 $(no code)+");
  g_assert_cmpstr (get_output (scenario, "tests/deeper/inside"), ==, "1.2 $(no code)+count");
  g_assert_cmpstr (get_output (scenario, "tests/deeper/beside"), ==, "1.2 $(no code)+count");
  g_assert_cmpstr (get_output (scenario, "after-tests"), ==, "1.2 $(no code)+count+deep");
  g_assert_cmpstr (get_output (scenario, "weak"), ==, "unset");
  g_assert_cmpstr (get_output (scenario, "elsewhere"), ==, "unset");
  assert_dies (scenario);
}

static void
test_command_keys (void)
{
  g_autofree char *dir = g_dir_make_tmp ("jobs-XXXXXX", NULL);
  g_autofree char *text = NULL, *output = g_build_filename (dir, "out", NULL);
  g_autofree char *shutdown = g_build_filename (dir, "shutdown", NULL), *contents = NULL;
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario;

  g_test_summary ("The keys of a command do what they say");

  text = g_strdup_printf (V "defaults: {dir: %s}\njobs:\n"
                            "  input: {run: [cat], stdin: \"a\\nb\", output: %s, capture: I}\n"
                            "  exits: {run: exit 3, allowed-exits: [0, 3]}\n"
                            "  unless: {run: exit 1, unless: test -d /}\n"
                            "  hook: {run: \"true\", shutdown: touch shutdown}\n"
                            "  server: {run: 'echo up; sleep 60', ready: {output: up}, "
                            "forever: true}\n"
                            "  bar: {run: 'echo 3 of 4', progress: '(.) of (.)'}\n"
                            "  client: {requires: {server: ready}, run: pwd, capture: D, dir: /}\n",
                          dir, output);
  scenario = load (text);
  g_assert_true (jobs_engine_orchestrate (jobs_scenario_get_engine (scenario), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (get_output (scenario, "input"), ==, "a\nb");
  g_assert_cmpstr (get_output (scenario, "client"), ==, "/");
  g_assert_cmpfloat (jobs_action_get_progress (jobs_engine_lookup (jobs_scenario_get_engine (scenario), "bar")),
                     ==, 0.75);
  g_assert_true (g_file_get_contents (output, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "a\nb");
  g_assert_true (g_file_test (shutdown, G_FILE_TEST_EXISTS));
  assert_dies (scenario);

  g_unlink (output);
  g_unlink (shutdown);
  g_rmdir (dir);
}

static void
test_remote (void)
{
  g_autoptr (GPtrArray) nodes = NULL;
  g_autofree char *details = NULL;
  JobsScenario *scenario;
  JobsNode *node;
  JobsAction *action;

  g_test_summary ("Jobs on other nodes have these, with what the file says of them");

  scenario = load (V "nodes:\n"
                     "  gate: {ssh: root@gate, options: [Port=2222], connect-timeout: 2s}\n"
                     "  fit01: {ssh: fit01, gateway: gate, config: my/config, sessions: 3}\n"
                     "  farm: {slurm: {partition: main, cpus: 2, time: 10m, extra: [--qos=x], folder: /x}}\n"
                     "jobs:\n"
                     "  a: {run: [make, 'a b'], on: fit01, push: {x: /tmp/x}, pull: {/tmp/y: y},\n"
                     "      idempotent: true, requires: b}\n"
                     "  b: {run: srun x, on: farm}\n");
  action = find (scenario, "a");
  details = JOBS_ACTION_GET_CLASS (action)->dup_details (action);
  g_assert_cmpstr (details, ==, "on fit01: make 'a b'");
  g_assert_true (jobs_action_get_idempotent (action));
  nodes = jobs_scenario_dup_nodes (scenario);
  g_assert_cmpuint (nodes->len, ==, 3);
  node = jobs_command_action_get_node (JOBS_COMMAND_ACTION (action));
  g_assert_true (node == g_ptr_array_index (nodes, 1));
  g_assert_cmpstr (jobs_ssh_node_get_destination (JOBS_SSH_NODE (node)), ==, "fit01");
  g_assert_cmpstr (jobs_ssh_node_get_config_file (JOBS_SSH_NODE (node)), ==, "my/config");
  g_assert_cmpuint (jobs_ssh_node_get_max_sessions (JOBS_SSH_NODE (node)), ==, 3);
  g_assert_true (JOBS_NODE (jobs_ssh_node_get_gateway (JOBS_SSH_NODE (node))) == g_ptr_array_index (nodes, 0));
  node = g_ptr_array_index (nodes, 0);
  g_assert_cmpuint (jobs_ssh_node_get_connect_timeout (JOBS_SSH_NODE (node)), ==, 2000);

  node = jobs_command_action_get_node (JOBS_COMMAND_ACTION (find (scenario, "b")));
  g_assert_true (node == g_ptr_array_index (nodes, 2));
  g_assert_cmpstr (jobs_slurm_node_get_folder (JOBS_SLURM_NODE (node)), ==, "/x");
  g_clear_pointer (&nodes, g_ptr_array_unref);
  assert_dies (scenario);
}

static void
test_gateways (void)
{
  g_autoptr (GString) text = g_string_new (V "nodes:\n  n0: {ssh: x}\n");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("There are 32 gateways on the way to a node, and no more");

  for (guint i = 1; i <= 33; i++)
    g_string_append_printf (text, "  n%u: {ssh: x, gateway: n%u}\n", i, i - 1);
  g_string_append (text, "jobs: {a: {run: x, on: n32}}\n");
  bytes = g_bytes_new (text->str, text->len);
  g_assert_null (jobs_scenario_new_from_bytes (bytes, "f", &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==, "f:36:26: there are more than 32 gateways on the way");
}

static void
test_fan_out (void)
{
  JobsScenario *scenario;

  g_test_summary ("A job on several nodes is one for each of them");

  scenario = load (V "nodes: {a: {ssh: a}, b: {ssh: b}, c: {ssh: c}}\n"
                     "groups: {two: [a, c], all: [a, b, c]}\n"
                     "jobs:\n"
                     "  one: {run: x, on: [b]}\n"
                     "  two: {run: x, on: {group: two}, matrix: {rate: [1, 2]}}\n"
                     "  end: {requires: two, run: x, on: {group: all}, matrix: {y: [z]}}\n");
  assert_labels (scenario, "one[b] two[1,a] two[1,c] two[2,a] two[2,c] end[z,a] end[z,b] end[z,c]");
  g_assert_cmpstr (jobs_node_get_name (jobs_command_action_get_node (
                     JOBS_COMMAND_ACTION (find (scenario, "two[2,c]")))), ==, "c");
  g_assert_true (jobs_action_get_requirement (find (scenario, "end[z,b]"), find (scenario, "two[2,a]"), NULL));
  assert_dies (scenario);
}

static void
test_plain_text (void)
{
  JobsScenario *scenario;

  g_test_summary ("Names and texts are what they look like, booleans only where one is wanted");

  scenario = load (V "name: 1:30\njobs:\n"
                     "  no: {run: [\"true\", no, 0777, 1:30, ~, null]}\n"
                     "  0777: {requires: no}\n"
                     "  1:30: {requires: [0777]}\n"
                     "  é ü: \n"
                     "  true: {requires: [é ü], critical: no, forever: Off}\n"
                     "  on: {run: x, forever: ON, priority: 0777}\n");
  g_assert_cmpstr (jobs_scenario_get_name (scenario), ==, "1:30");
  assert_labels (scenario, "no 0777 1:30 é ü true on");
  assert_requires (scenario, "1:30", "0777 done");
  g_assert_false (jobs_action_get_critical (find (scenario, "true")));
  g_assert_false (jobs_action_get_forever (find (scenario, "true")));
  g_assert_true (jobs_action_get_forever (find (scenario, "on")));
  g_assert_cmpint (jobs_action_get_priority (find (scenario, "on")), ==, 777);
  assert_dies (scenario);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/scenario/many", test_many);
  g_test_add_func ("/jobs/scenario/files", test_files);
  g_test_add_func ("/jobs/scenario/standard-input", test_standard_input);
  g_test_add_func ("/jobs/scenario/plain-text", test_plain_text);
  g_test_add_func ("/jobs/scenario/policies", test_policies);
  g_test_add_func ("/jobs/scenario/requirements", test_requirements);
  g_test_add_func ("/jobs/scenario/nested-matrix", test_nested_matrix);
  g_test_add_func ("/jobs/scenario/warnings", test_warnings);
  g_test_add_func ("/jobs/scenario/secrets", test_secrets);
  g_test_add_func ("/jobs/scenario/longest-path", test_longest_path);
  g_test_add_func ("/jobs/scenario/names", test_names);
  g_test_add_func ("/jobs/scenario/select", test_select);
  g_test_add_func ("/jobs/scenario/skip", test_skip);
  g_test_add_func ("/jobs/scenario/select-again", test_select_again);
  g_test_add_func ("/jobs/scenario/environment", test_environment);
  g_test_add_func ("/jobs/scenario/captures", test_captures);
  g_test_add_func ("/jobs/scenario/command-keys", test_command_keys);
  g_test_add_func ("/jobs/scenario/remote", test_remote);
  g_test_add_func ("/jobs/scenario/fan-out", test_fan_out);
  g_test_add_func ("/jobs/scenario/gateways", test_gateways);

  return g_test_run ();
}
