/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "connect.h"

static void
write_summary (ToolStream   *out,
               JobsScenario *scenario)
{
  g_autoptr (GString) line = g_string_new (NULL);
  guint jobs = jobs_scenario_get_n_jobs (scenario);
  guint requirements = jobs_scenario_get_n_requirements (scenario);
  gint64 duration = 0;
  guint longest = jobs_scenario_get_longest_path (scenario, &duration);

  /* Translators: how many requirements follow, and so there is a blank at the end */
  g_string_append_printf (line, g_dngettext (GETTEXT_PACKAGE, "%u job, ", "%u jobs, ", jobs), jobs);
  g_string_append_printf (line,
                          /* Translators: the longest path follows, and so there is a blank at the end */
                          g_dngettext (GETTEXT_PACKAGE, "%u requirement, ", "%u requirements, ",
                                       requirements),
                          requirements);
  g_string_append_printf (line,
                          g_dngettext (GETTEXT_PACKAGE, "longest path %u job", "longest path %u jobs",
                                       longest),
                          longest);

  /* How long commands take nobody knows: only what sleeps counts */
  if (duration > 0)
    {
      g_autofree char *text = tool_format_duration (duration);

      g_string_append_printf (line, ", %s", text);
    }

  tool_stream_printf (out, "%s\n", line->str);
}

int
tool_check (int    argc,
            char **argv)
{
  gboolean connect = FALSE;
  const GOptionEntry entries[] = {
    { "connect", 0, 0, G_OPTION_ARG_NONE, &connect,
      N_("Also connect to each node, and say which cannot be reached (exit status 6)"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (JobsScenario) scenario = NULL;
  g_autoptr (ToolStream) out = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) rest = NULL;
  g_auto (GStrv) warnings = NULL;
  gboolean all_connected = TRUE;
  int status;

  /* Translators: what is not an option of a command */
  if (!tool_parse (_("FILE"),
                   _("Says all that is wrong with a job file, or how big it is. Nothing is run."),
                   NULL, entries, argv, &rest, &status))
    return status;
  if (g_strv_length (rest) > 2)
    return tool_usage (_("one job file at a time, please"));

  scenario = tool_load (rest[1], &status);
  if (scenario == NULL)
    return status;

  if (!jobs_engine_check (jobs_scenario_get_engine (scenario), NULL, &error))
    {
      tool_note_lines (error->message);
      return TOOL_EXIT_FILE;
    }

  warnings = jobs_scenario_dup_warnings (scenario);
  for (guint i = 0; warnings != NULL && warnings[i] != NULL; i++)
    tool_note_lines (warnings[i]);

  out = tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));
  write_summary (out, scenario);
  if (connect)
    all_connected = tool_connect (scenario, out);
  if (!tool_stream_finish (out))
    return TOOL_EXIT_TROUBLE;

  return all_connected ? TOOL_EXIT_OK : TOOL_EXIT_UNREACHED;
}
