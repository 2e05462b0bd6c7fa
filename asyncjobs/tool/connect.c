/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "connect.h"
#include "monitors/jobs-visible.h"

/* A connection to each node of a file: those that can be had are told of as they come */

typedef struct
{
  ToolStream *out;
  GHashTable *actions; /* JobsNode → JobsAction, borrowed */
} Visit;

static JobsNode *
get_gateway (JobsAction *action)
{
  JobsNode *node = jobs_command_action_get_node (JOBS_COMMAND_ACTION (action));

  return JOBS_IS_SSH_NODE (node) ? JOBS_NODE (jobs_ssh_node_get_gateway (JOBS_SSH_NODE (node))) : NULL;
}

static void
tell (Visit      *self,
      JobsAction *action)
{
  g_autoptr (GString) line = g_string_new (NULL);
  const GError *error = jobs_action_get_error (action);
  JobsNode *gateway = get_gateway (action);
  JobsAction *before = gateway != NULL ? g_hash_table_lookup (self->actions, gateway) : NULL;

  if (error == NULL)
    {
      jobs_visible_append (line, jobs_action_get_label (action), -1);
      g_string_append (line, _(": connected"));
    }
  else if (before != NULL && g_error_matches (error, JOBS_ERROR, JOBS_ERROR_UNREACHABLE) &&
           g_error_matches (jobs_action_get_error (before), JOBS_ERROR, JOBS_ERROR_UNREACHABLE))
    {
      /* Translators: the names of two nodes */
      g_autofree char *text = g_strdup_printf (_("cannot reach %s: its gateway %s cannot be reached"),
                                               jobs_action_get_label (action), jobs_node_get_name (gateway));

      jobs_visible_append (line, text, -1);
    }
  else
    {
      /* It has the name */
      jobs_visible_append (line, error->message, -1);
    }
  g_string_append_c (line, '\n');
  tool_stream_put (self->out, line->str, line->len);
}

/* Whether it is the gateway that is in the way is known once that has been tried too */
static gboolean
is_told_later (JobsAction *action)
{
  return jobs_action_get_error (action) != NULL && get_gateway (action) != NULL;
}

static void
node_cb (JobsEngine *engine,
         JobsAction *action,
         JobsState   old_state,
         JobsState   new_state,
         Visit      *self)
{
  if (jobs_state_is_terminal (new_state) && action != JOBS_ACTION (engine) && !is_told_later (action))
    tell (self, action);
}

gboolean
tool_connect (JobsScenario *scenario,
              ToolStream   *out)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (GPtrArray) nodes = jobs_scenario_dup_nodes (scenario);
  g_autoptr (GHashTable) actions = g_hash_table_new (NULL, NULL);
  Visit visit = { out, actions };
  gboolean all_connected;

  jobs_engine_set_on_failure (engine, JOBS_ON_FAILURE_KEEP_GOING);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (node_cb), &visit);
  for (guint i = 0; i < nodes->len; i++)
    {
      JobsNode *node = g_ptr_array_index (nodes, i);
      g_autoptr (JobsAction) action = jobs_command_action_new_shell (jobs_node_get_name (node), node, ":");

      jobs_engine_add (engine, action);
      g_hash_table_insert (actions, node, action);
    }

  all_connected = jobs_engine_orchestrate (engine, NULL, NULL);
  for (guint i = 0; i < nodes->len; i++)
    {
      JobsAction *action = g_hash_table_lookup (actions, g_ptr_array_index (nodes, i));

      if (is_told_later (action))
        tell (&visit, action);
    }

  return all_connected;
}
