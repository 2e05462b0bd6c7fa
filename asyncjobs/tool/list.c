/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "monitors/jobs-visible.h"
#include "tool.h"

typedef void (*VisitFunc) (JobsAction *action,
                           guint       depth,
                           ToolStream *to);

/* An engine comes before what it holds. What an earlier run has done is left out */
static gboolean
visit (JobsEngine *engine,
       guint       depth,
       VisitFunc   func,
       ToolStream *to,
       GError    **error)
{
  g_autoptr (GPtrArray) order = jobs_engine_dup_order (engine, error);

  if (order == NULL)
    return FALSE;

  for (guint i = 0; i < order->len; i++)
    {
      JobsAction *action = g_ptr_array_index (order, i);

      if (jobs_action_get_state (action) == JOBS_STATE_FINISHED)
        continue;
      func (action, depth, to);
      if (JOBS_IS_ENGINE (action) && !visit (JOBS_ENGINE (action), depth + 1, func, to, error))
        return FALSE;
    }

  return TRUE;
}

static void
append_requirements (GString    *to,
                     JobsAction *action)
{
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  for (guint i = 0; i < requirements->len; i++)
    {
      JobsAction *other = g_ptr_array_index (requirements, i);
      g_autofree char *label = jobs_action_dup_display_label (other);
      JobsCondition condition = JOBS_CONDITION_DONE;

      jobs_action_get_requirement (action, other, &condition);
      /* Translators: names of jobs follow, and so there is a blank at the end */
      g_string_append (to, i == 0 ? _("requires ") : ", ");
      jobs_visible_append (to, label, -1);
      if (condition != JOBS_CONDITION_DONE)
        g_string_append_printf (to, " (%s)", tool_condition_nick (condition));
    }
}

static void
write_entry (JobsAction *action,
             guint       depth,
             ToolStream *to)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GString) more = g_string_new (NULL);
  g_autofree char *label = jobs_action_dup_display_label (action);
  const char *text;

  g_string_append_printf (line, "%*s", (int) depth * 2, "");
  jobs_visible_append (line, label, -1);
  if (JOBS_IS_ENGINE (action))
    g_string_append_c (line, '/');

  append_requirements (more, action);
  tool_append_policy (more, action);
  text = g_str_has_prefix (more->str, "; ") ? more->str + 2 : more->str;
  if (*text != '\0')
    g_string_append_printf (line, "  — %s", text);

  g_string_append_c (line, '\n');
  tool_stream_put (to, line->str, line->len);
}

static void
write_step (JobsAction *action,
            guint       depth,
            ToolStream *to)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *path = NULL;
  g_autofree char *details = NULL;

  /* What it holds is what runs */
  if (JOBS_IS_ENGINE (action))
    return;

  path = jobs_action_dup_path (action);
  details = jobs_action_dup_display_details (action);

  jobs_visible_append (line, path, -1);
  if (details != NULL && *details != '\0')
    {
      g_string_append (line, ": ");
      tool_append_line (line, details);
    }

  g_string_append_c (line, '\n');
  tool_stream_put (to, line->str, line->len);
}

gboolean
tool_write_plan (ToolStream *to,
                 JobsEngine *engine,
                 GError    **error)
{
  return visit (engine, 0, write_step, to, error);
}

static void
put_names (ToolStream   *to,
           JobsScenario *scenario,
           gboolean      with_nul)
{
  g_auto (GStrv) names = jobs_scenario_dup_names (scenario);

  tool_put_names (to, (const char *const *) names, with_nul);
}

int
tool_list (int    argc,
           char **argv)
{
  gboolean names = FALSE, with_nul = FALSE;
  const GOptionEntry entries[] = {
    { "names", 0, 0, G_OPTION_ARG_NONE, &names,
      N_("Only the names that ‘run’ knows, for programs: as they are, one a line"), NULL },
    { "null", '0', 0, G_OPTION_ARG_NONE, &with_nul,
      N_("With --names: a NUL behind each, not a newline"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (JobsScenario) scenario = NULL;
  g_autoptr (ToolStream) out = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) rest = NULL;
  int status;

  if (!tool_parse (_("FILE"),
                   _("Lists the jobs of a file in an order in which they can run, each with\n"
                     "its requirements and policy. What an engine holds is indented below it."),
                   NULL, entries, argv, &rest, &status))
    return status;
  if (g_strv_length (rest) > 2)
    return tool_usage (_("one job file at a time, please"));
  if (with_nul && !names)
    return tool_usage (_("-0 goes with --names"));

  scenario = tool_load (rest[1], &status);
  if (scenario == NULL)
    return status;

  out = tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));
  if (names)
    put_names (out, scenario, with_nul);
  else if (!visit (jobs_scenario_get_engine (scenario), 0, write_entry, out, &error))
    {
      tool_note_lines (error->message);
      return TOOL_EXIT_FILE;
    }

  return tool_stream_finish (out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
}
