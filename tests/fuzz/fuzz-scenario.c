/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A job file of any bytes: either all that is wrong with it is told, each with
 * its place, or there is an engine that can be checked, listed and drawn */

#define _GNU_SOURCE

#include "fuzz.h"

#include <asyncjobs.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scenario/jobs-tally.h"
#include "tool/tool.h"

#define MAX_JOBS 5000

/* The command gets the same bytes as a file */
static int memory_fd = -1;
static char memory_path[64];

int
LLVMFuzzerInitialize (int    *argc,
                      char ***argv)
{
  g_log_set_always_fatal (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR);
  g_set_prgname ("asyncjobs");
  g_setenv ("SECRET", "hush", TRUE);

  memory_fd = memfd_create ("fuzz", MFD_CLOEXEC);
  g_assert_cmpint (memory_fd, >=, 0);
  g_snprintf (memory_path, sizeof memory_path, "/proc/self/fd/%d", memory_fd);

  return 0;
}

/* f:LINE:COLUMN: TEXT. A break at the very end begins one more line */
static void
check_line (const char *line,
            gsize       size)
{
  char *end = NULL;
  guint64 number;

  g_assert_true (g_str_has_prefix (line, "f:"));
  number = g_ascii_strtoull (line + 2, &end, 10);
  g_assert_cmpuint (number, >=, 1);
  g_assert_cmpuint (number, <=, size + 2);
  g_assert_cmpint (*end, ==, ':');
  number = g_ascii_strtoull (end + 1, &end, 10);
  g_assert_cmpuint (number, >=, 1);
  g_assert_cmpuint (number, <=, size + 2);
  g_assert_true (g_str_has_prefix (end, ": ") && end[2] != '\0');

  g_assert_true (g_utf8_validate (line, -1, NULL));
  for (const char *p = line; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

static void
check_error (const GError *error,
             gsize         size)
{
  g_auto (GStrv) lines = NULL;

  g_assert_true (error->domain == JOBS_ERROR);
  g_assert_true (error->code == JOBS_ERROR_SYNTAX || error->code == JOBS_ERROR_SCHEMA ||
                 error->code == JOBS_ERROR_CYCLE || error->code == JOBS_ERROR_POOL);

  lines = g_strsplit (error->message, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    check_line (lines[i], size);
}

static void
run_tool (const guint8 *data,
          gsize         size)
{
  static const char *const formats[] = { "dot", "mermaid", "json" };
  const char *list[] = { "list", memory_path, NULL };

  g_assert_true (ftruncate (memory_fd, 0) == 0 &&
                 pwrite (memory_fd, data, size, 0) == (gssize) size);

  g_assert_cmpint (tool_list (2, (char **) list), ==, TOOL_EXIT_OK);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      const char *graph[] = { "graph", "-f", formats[i], memory_path, NULL };

      g_assert_cmpint (tool_graph (4, (char **) graph), ==, TOOL_EXIT_OK);
    }
}

/* What a command line does to it, with a job that has all before it or all behind
 * it, most probably */
static void
select_jobs (JobsScenario *scenario)
{
  JobsEngine *engine = jobs_scenario_get_engine (scenario);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (engine));
  g_autoptr (JobsAction) first = g_list_model_get_item (G_LIST_MODEL (engine), 0);
  g_autoptr (JobsAction) last = g_list_model_get_item (G_LIST_MODEL (engine), n - 1);
  g_autofree char *first_path = jobs_action_dup_path (first);
  g_autofree char *last_path = jobs_action_dup_path (last);
  const char *const firsts[] = { first_path, NULL };
  const char *const lasts[] = { last_path, NULL };
  g_autoptr (GError) error = NULL;

  jobs_scenario_setenv (scenario, "NAME", "value");
  jobs_scenario_set_on_failure (scenario, JOBS_ON_FAILURE_KEEP_GOING);
  g_assert_true (jobs_scenario_select (scenario, lasts, TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (jobs_scenario_get_n_jobs (scenario), >, 0);
  g_assert_true (jobs_scenario_skip (scenario, firsts, &error));
  g_assert_no_error (error);
}

/* A file that is good and makes a million jobs takes a minute under sanitizers, in
 * which a hundred thousand others can be tried */
static gboolean
is_too_large (const guint8 *data,
              gsize         size)
{
  g_autoptr (JobsProblems) problems = jobs_problems_new ("f");
  g_autoptr (JobsYaml) yaml = jobs_yaml_parse ((const char *) data, size, problems);
  JobsTally tally = { 0 };

  return yaml != NULL && jobs_tally_count (&tally, jobs_yaml_get_root (yaml), problems) &&
         tally.n_jobs > MAX_JOBS;
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (JobsScenario) scenario = NULL;
  g_autoptr (ToolStream) plan = NULL;
  g_autoptr (GVariant) report = NULL;
  g_autofree char *debrief = NULL;
  g_auto (GStrv) warnings = NULL;
  JobsEngine *engine;

  if (is_too_large (data, size))
    return 0;

  scenario = jobs_scenario_new_from_bytes (bytes, "f", &error);
  if (scenario == NULL)
    {
      check_error (error, size);
      return 0;
    }

  g_assert_no_error (error);
  warnings = jobs_scenario_dup_warnings (scenario);
  for (guint i = 0; warnings[i] != NULL; i++)
    check_line (warnings[i], size);

  /* What the loader lets through has no error left for the engine to find */
  engine = jobs_scenario_get_engine (scenario);
  g_assert_true (jobs_engine_check (engine, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (jobs_scenario_get_longest_path (scenario, NULL), <=,
                    jobs_scenario_get_n_jobs (scenario));

  run_tool (data, size);
  select_jobs (scenario);
  plan = tool_stream_new (STDOUT_FILENO, FALSE, "standard output");
  g_assert_true (tool_write_plan (plan, engine, &error));
  debrief = jobs_engine_debrief (engine);
  report = jobs_engine_dup_report (engine);
  g_assert_true (g_utf8_validate (debrief, -1, NULL));

  return 0;
}
