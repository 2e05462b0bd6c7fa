/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "graph.h"
#include "json.h"
#include "tool.h"

#define GRAPH_VERSION 1

typedef struct
{
  Graph *graph;
  JsonBuilder *builder;
  GHashTable *longest; /* set of JobsAction */
} Writing;

static void
add_requirements (JsonBuilder *builder,
                  JobsAction  *action)
{
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  json_builder_set_member_name (builder, "requires");
  json_builder_begin_array (builder);
  for (guint i = 0; i < requirements->len; i++)
    {
      JobsAction *other = g_ptr_array_index (requirements, i);
      g_autofree char *path = jobs_action_dup_path (other);
      JobsCondition condition = JOBS_CONDITION_DONE;

      jobs_action_get_requirement (action, other, &condition);
      json_builder_begin_object (builder);
      tool_json_add_text (builder, "job", path);
      tool_json_add_text (builder, "condition", tool_condition_nick (condition));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* Nothing where no run is shown */
static void
add_state (Writing    *self,
           const char *path)
{
  History *history = self->graph->history;
  HistoryJob *job = history != NULL ? g_hash_table_lookup (history->by_path, path) : NULL;
  const char *word = job != NULL ? graph_get_word (self->graph, job) : NULL;

  if (history == NULL)
    return;

  /* One that has come into the file since then is idle */
  if (word == NULL)
    word = jobs_state_get_nick (job != NULL ? job->state : JOBS_STATE_IDLE);
  tool_json_add_text (self->builder, "state", word);
  if (job != NULL && job->attempts > 0)
    tool_json_add_number (self->builder, "attempts", job->attempts);
  if (job != NULL && job->duration >= 0)
    tool_json_add_number (self->builder, "duration-us", job->duration);
  if (job != NULL)
    tool_json_add_text (self->builder, "message", job->message);
}

static void
add_jobs (Writing    *self,
          JobsEngine *engine)
{
  JsonBuilder *builder = self->builder;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (engine));

  tool_json_add_number (builder, "window", jobs_engine_get_window (engine));
  tool_json_add_text (builder, "on-failure", tool_on_failure_nick (jobs_engine_get_on_failure (engine)));
  json_builder_set_member_name (builder, "jobs");
  json_builder_begin_array (builder);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (engine), i);
      g_autofree char *path = jobs_action_dup_path (action);
      g_autofree char *details = jobs_action_dup_display_details (action);

      json_builder_begin_object (builder);
      tool_json_add_text (builder, "path", path);
      tool_json_add_text (builder, "details", details);
      add_requirements (builder, action);
      tool_json_add_flag (builder, "critical", jobs_action_get_critical (action));
      tool_json_add_flag (builder, "forever", jobs_action_get_forever (action));
      tool_json_add_number (builder, "timeout-ms", jobs_action_get_timeout (action));
      tool_json_add_number (builder, "retries", jobs_action_get_retries (action));
      tool_json_add_number (builder, "priority", jobs_action_get_priority (action));
      tool_json_add_flag (builder, "longest-path", g_hash_table_contains (self->longest, action));
      add_state (self, path);
      if (JOBS_IS_ENGINE (action))
        add_jobs (self, JOBS_ENGINE (action));
      json_builder_end_object (builder);
    }

  json_builder_end_array (builder);
}

char *
graph_to_json (Graph *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GHashTable) longest = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) path = jobs_picture_dup_longest_path (self->picture);
  g_autoptr (JsonNode) root = NULL;
  Writing writing = { self, builder, longest };

  for (guint i = 0; i < path->len; i++)
    g_hash_table_add (longest, path->pdata[i]);

  json_builder_begin_object (builder);
  tool_json_add_number (builder, "version", GRAPH_VERSION);
  tool_json_add_text (builder, "name", jobs_scenario_get_name (self->scenario));
  add_jobs (&writing, jobs_scenario_get_engine (self->scenario));
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);

  return g_string_free (tool_make_json (root, TRUE), FALSE);
}
