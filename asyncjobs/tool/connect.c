/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "connect.h"
#include "monitors/jobs-visible.h"

/* A connection to each node of a file: those that can be had are told of as they come */

static void
node_cb (JobsEngine *engine,
         JobsAction *action,
         JobsState   old_state,
         JobsState   new_state,
         ToolStream *out)
{
  g_autoptr (GString) line = NULL;
  const GError *error = jobs_action_get_error (action);

  if (!jobs_state_is_terminal (new_state) || action == JOBS_ACTION (engine))
    return;

  line = g_string_new (NULL);
  if (error == NULL)
    {
      jobs_visible_append (line, jobs_action_get_label (action), -1);
      g_string_append (line, _(": connected"));
    }
  else
    {
      /* It has the name */
      jobs_visible_append (line, error->message, -1);
    }
  g_string_append_c (line, '\n');
  tool_stream_put (out, line->str, line->len);
}

gboolean
tool_connect (JobsScenario *scenario,
              ToolStream   *out)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (GPtrArray) nodes = jobs_scenario_dup_nodes (scenario);

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (node_cb), out);
  for (guint i = 0; i < nodes->len; i++)
    {
      JobsNode *node = g_ptr_array_index (nodes, i);
      g_autoptr (JobsAction) action = jobs_command_action_new_shell (jobs_node_get_name (node), node, ":");

      jobs_engine_add (engine, action);
    }

  return jobs_engine_orchestrate (engine, NULL, NULL);
}
