/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "json.h"
#include "status.h"

#define STATUS_VERSION 1

/* As the journal has it: a letter for the type, then the value */
static void
add_value (JsonBuilder *builder,
           const char  *text)
{
  switch (text != NULL ? *text : '\0')
    {
    case 's':
      tool_json_add_text (builder, "value", text + 1);
      break;
    case 'b':
      tool_json_add_flag (builder, "value", text[1] == '1');
      break;
    case 'd':
      json_builder_set_member_name (builder, "value");
      json_builder_add_double_value (builder, g_ascii_strtod (text + 1, NULL));
      break;
    case 'i':
    case 'x':
      tool_json_add_number (builder, "value", g_ascii_strtoll (text + 1, NULL, 10));
      break;
    default:
      /* It had a secret in it, and is not there */
      break;
    }
}

static void
add_job (JsonBuilder *builder,
         Status      *self,
         HistoryJob  *job)
{
  gboolean runs = job->state == JOBS_STATE_RUNNING;
  gboolean is_cut = runs && self->history->fate == HISTORY_INTERRUPTED;
  gint64 expected = outlook_get_expected (self->outlook, job->record.path);

  json_builder_begin_object (builder);
  tool_json_add_text (builder, "job", job->record.path);
  tool_json_add_text (builder, "state", is_cut ? "interrupted" : jobs_state_get_nick (job->state));
  if (job->attempts > 0)
    tool_json_add_number (builder, "attempts", job->attempts);
  if (job->duration >= 0)
    tool_json_add_number (builder, "duration-us", job->duration);
  else if (runs && !is_cut)
    tool_json_add_number (builder, "duration-us", MAX (g_get_real_time () - job->started, 0));
  if (expected >= 0)
    tool_json_add_number (builder, "expected-us", expected);
  if (job->pid != 0 && runs)
    tool_json_add_number (builder, "pid", job->pid);
  if (job->exit_status >= 0)
    tool_json_add_number (builder, "exit-status", job->exit_status);
  if (job->term_signal > 0)
    tool_json_add_number (builder, "term-signal", job->term_signal);
  add_value (builder, job->value);
  tool_json_add_text (builder, "message", job->message);
  json_builder_end_object (builder);
}

static void
add_jobs (JsonBuilder *builder,
          Status      *self)
{
  json_builder_set_member_name (builder, "counts");
  json_builder_begin_object (builder);
  for (guint i = 0; i < N_STATES; i++)
    if (self->counts.states[i] > 0)
      tool_json_add_number (builder,
                            i == JOBS_STATE_RUNNING && self->history->fate == HISTORY_INTERRUPTED
                              ? "interrupted" : jobs_state_get_nick (i),
                            self->counts.states[i]);
  json_builder_end_object (builder);

  json_builder_set_member_name (builder, "jobs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->history->jobs->len; i++)
    add_job (builder, self, g_ptr_array_index (self->history->jobs, i));
  json_builder_end_array (builder);

  if (self->history->clean_ups->len > 0)
    {
      json_builder_set_member_name (builder, "clean-up-failures");
      json_builder_begin_array (builder);
      for (guint i = 0; i < self->history->clean_ups->len; i++)
        json_builder_add_string_value (builder, g_ptr_array_index (self->history->clean_ups, i));
      json_builder_end_array (builder);
    }

  json_builder_set_member_name (builder, "left-behind");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->orphans->len; i++)
    {
      HistoryOrphan *orphan = g_ptr_array_index (self->orphans, i);

      json_builder_begin_object (builder);
      tool_json_add_number (builder, "pid", orphan->pid);
      tool_json_add_text (builder, "job", orphan->path);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_outlook (JsonBuilder *builder,
             Status      *self)
{
  Outlook *outlook = self->outlook;

  if (self->history->fate == HISTORY_ENDED || outlook->plan == NULL)
    return;

  tool_json_add_number (builder, "left-us", outlook->left);
  tool_json_add_number (builder, "unknown", outlook->n_unknown);
  json_builder_set_member_name (builder, "longest-path");
  json_builder_begin_array (builder);
  for (guint i = 0; i < outlook->path->len; i++)
    json_builder_add_string_value (builder, ((PlanNode *) g_ptr_array_index (outlook->path, i))->path);
  json_builder_end_array (builder);
}

char *
status_to_json (Status *self)
{
  static const char *const fates[] = { "running", "interrupted", "ended" };
  History *history = self->history;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (history->run.started / G_USEC_PER_SEC);
  g_autofree char *date = start != NULL ? g_date_time_format_iso8601 (start) : NULL;

  json_builder_begin_object (builder);
  tool_json_add_number (builder, "version", STATUS_VERSION);
  tool_json_add_text (builder, "journal", history->journal);
  tool_json_add_text (builder, "file", history->file);
  tool_json_add_text (builder, "name", history->name);
  tool_json_add_number (builder, "run", history->run.id);
  tool_json_add_text (builder, "date", date);
  tool_json_add_text (builder, "state", fates[history->fate]);
  if (history->fate == HISTORY_LIVES)
    tool_json_add_number (builder, "pid", history->run.pid);
  if (history->fate == HISTORY_ENDED)
    {
      tool_json_add_flag (builder, "success", history->run.success);
      tool_json_add_text (builder, "why", history->run.why);
    }
  tool_json_add_number (builder, "duration-us", history_get_duration (history));
  add_jobs (builder, self);
  add_outlook (builder, self);
  tool_json_add_text (builder, "logs", self->logs);
  tool_json_add_text (builder, "resume", self->resume);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);

  return g_string_free (tool_make_json (root, TRUE), FALSE);
}
