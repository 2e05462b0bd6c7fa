/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "json.h"
#include "report.h"
#include "secrets.h"

/* What it has is in doc/reports.md. Members may come within a version, none go */
#define REPORT_VERSION 1

static void
hide_secrets (JsonNode *node)
{
  g_autofree char *hidden = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (GList) values = json_object_get_values (json_node_get_object (node));

      for (GList *l = values; l != NULL; l = l->next)
        hide_secrets (l->data);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      g_autoptr (GList) values = json_array_get_elements (json_node_get_array (node));

      for (GList *l = values; l != NULL; l = l->next)
        hide_secrets (l->data);
    }
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      hidden = secrets_hide (json_node_get_string (node));
      json_node_set_string (node, hidden);
    }
}

static void
add_attempts (JsonBuilder      *builder,
              const Account    *account,
              const AccountJob *job)
{
  json_builder_set_member_name (builder, "attempts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < job->attempts->len; i++)
    {
      const AccountAttempt *attempt = &g_array_index (job->attempts, AccountAttempt, i);

      json_builder_begin_object (builder);
      tool_json_add_number (builder, "attempt", attempt->number);
      tool_json_add_text (builder, "state", account_get_nick (account, attempt->state));
      tool_json_add_number (builder, "start-us", attempt->start);
      if (attempt->end >= 0)
        tool_json_add_number (builder, "duration-us", attempt->end - attempt->start);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_needs (JsonBuilder      *builder,
           const Account    *account,
           const AccountJob *job)
{
  if (account->unknown != NULL)
    return;

  json_builder_set_member_name (builder, "requires");
  json_builder_begin_array (builder);
  for (guint i = 0; i < job->needs->len; i++)
    {
      const AccountNeed *need = &g_array_index (job->needs, AccountNeed, i);

      json_builder_begin_object (builder);
      tool_json_add_text (builder, "job", ((AccountJob *) g_ptr_array_index (account->jobs, need->job))->path);
      tool_json_add_text (builder, "condition", tool_condition_nick (need->condition));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_job (JsonBuilder      *builder,
         const Account    *account,
         const AccountJob *job)
{
  json_builder_begin_object (builder);
  tool_json_add_text (builder, "job", job->path);
  tool_json_add_text (builder, "state", account_get_nick (account, job->state));
  if (job->is_engine)
    tool_json_add_flag (builder, "engine", TRUE);
  if (job->is_forever)
    tool_json_add_flag (builder, "forever", TRUE);
  if (!job->is_critical)
    tool_json_add_flag (builder, "critical", FALSE);
  if (job->is_kept)
    tool_json_add_flag (builder, "kept", TRUE);
  add_attempts (builder, account, job);
  add_needs (builder, account, job);
  if (job->exit_status >= 0)
    tool_json_add_number (builder, "exit-status", job->exit_status);
  if (job->term_signal > 0)
    tool_json_add_number (builder, "term-signal", job->term_signal);
  tool_json_add_text (builder, "message", job->message);
  tool_json_add_text (builder, "output", job->tail);
  json_builder_end_object (builder);
}

static void
add_jobs (JsonBuilder   *builder,
          const Account *account)
{
  json_builder_set_member_name (builder, "jobs-by-state");
  json_builder_begin_object (builder);
  for (guint i = 0; i < N_STATES; i++)
    if (account->counts.states[i] > 0)
      tool_json_add_number (builder, account_get_nick (account, i), account->counts.states[i]);
  json_builder_end_object (builder);

  json_builder_set_member_name (builder, "jobs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < account->jobs->len; i++)
    add_job (builder, account, g_ptr_array_index (account->jobs, i));
  json_builder_end_array (builder);

  if (account->unknown != NULL)
    return;
  json_builder_set_member_name (builder, "longest-path");
  json_builder_begin_array (builder);
  for (guint i = 0; i < account->longest->len; i++)
    json_builder_add_string_value (builder, ((AccountJob *) g_ptr_array_index (account->longest, i))->path);
  json_builder_end_array (builder);
  tool_json_add_number (builder, "longest-path-us", account->length);
}

static void
add_run (JsonBuilder   *builder,
         const Account *account)
{
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (account->started / G_USEC_PER_SEC);
  g_autofree char *date = start != NULL ? g_date_time_format_iso8601 (start) : NULL;

  tool_json_add_number (builder, "version", REPORT_VERSION);
  tool_json_add_text (builder, "program", "asyncjobs " PACKAGE_VERSION);
  tool_json_add_text (builder, "name", account->name);
  tool_json_add_text (builder, "file", account->file);
  if (account->run > 0)
    tool_json_add_number (builder, "run", account->run);
  tool_json_add_text (builder, "date", date);
  tool_json_add_text (builder, "verdict", account_get_verdict (account));
  tool_json_add_number (builder, "duration-us", account->duration);
  if (account->cause != ACCOUNT_NONE)
    tool_json_add_text (builder, "cause", ((AccountJob *) g_ptr_array_index (account->jobs, account->cause))->path);
  tool_json_add_text (builder, "why", account->why);
  tool_json_add_text (builder, "logs", account->logs);
  tool_json_add_text (builder, "resume", account->resume);
}

/* What the engine tells of itself, less what we have told already */
static void
add_report (JsonBuilder *builder,
            JobsEngine  *engine)
{
  g_autoptr (GVariant) report = jobs_engine_dup_report (engine);
  g_autoptr (JsonNode) node = json_gvariant_serialize (report);
  g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));

  for (GList *l = names; l != NULL; l = l->next)
    {
      if (g_str_equal (l->data, "why"))
        continue;
      json_builder_set_member_name (builder, l->data);
      json_builder_add_value (builder, json_node_copy (json_object_get_member (json_node_get_object (node), l->data)));
    }
}

GString *
report_make_json (Account    *account,
                  JobsEngine *engine)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  add_run (builder, account);
  add_jobs (builder, account);
  if (engine != NULL)
    add_report (builder, engine);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  if (secrets_exist ())
    hide_secrets (root);

  return tool_make_json (root, TRUE);
}
