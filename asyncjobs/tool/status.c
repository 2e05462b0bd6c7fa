/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "monitors/jobs-visible.h"
#include "schedule.h"
#include "status.h"
#include "summary.h"

/* One that the file was given, and not from its name */
static gboolean
has_name (History *history)
{
  g_autofree char *base = history->file != NULL ? g_path_get_basename (history->file) : g_strdup ("");

  return history->name != NULL &&
         !(g_str_has_prefix (base, history->name) && base[strlen (history->name)] == '.');
}

static void
append_head (GString *to,
             Status  *self)
{
  History *history = self->history;
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_local (history->run.started / G_USEC_PER_SEC);
  g_autofree char *date = start != NULL ? g_date_time_format (start, "%F %T") : g_strdup ("?");
  g_autofree char *display = g_filename_display_name (history->file != NULL ? history->file : history->journal);

  jobs_visible_append (to, display, -1);
  if (has_name (history))
    {
      g_string_append (to, " (");
      tool_append_line (to, history->name);
      g_string_append_c (to, ')');
    }

  /* Translators: behind a file: the number of a run, a time; what became of it follows, and so
   * there is a blank at the end */
  g_string_append_printf (to, _(": run %d, begun %s, "), (int) history->run.id, date);
  if (history->fate == HISTORY_LIVES)
    g_string_append_printf (to, _("goes on as process %d"), (int) history->run.pid);
  else if (history->fate == HISTORY_INTERRUPTED)
    g_string_append_printf (to, _("was interrupted: process %d is gone"), (int) history->run.pid);
  else
    g_string_append (to, history->run.success ? _("ended well") : _("ended badly"));
  g_string_append_c (to, '\n');

  if (history->fate == HISTORY_INTERRUPTED && history->writer != 0)
    g_string_append_printf (to, _("process %d has the journal open to go on with it\n"), (int) history->writer);
  if (history->fate == HISTORY_ENDED && history->run.why != NULL)
    {
      tool_append_line (to, history->run.why);
      g_string_append_c (to, '\n');
    }
}

static void
append_numbers (GString *to,
                Status  *self)
{
  g_autofree char *duration = tool_format_duration (history_get_duration (self->history));
  JobsCounts counts = self->counts;
  guint n_cut = 0;

  if (self->history->fate == HISTORY_INTERRUPTED)
    {
      n_cut = counts.states[JOBS_STATE_RUNNING];
      counts.states[JOBS_STATE_RUNNING] = 0;
    }

  summary_append_counts (to, &counts);
  if (n_cut > 0)
    {
      if (n_cut < self->history->jobs->len)
        g_string_append (to, ", ");
      g_string_append_printf (to, _("%u interrupted"), n_cut);
    }
  /* Nobody wrote down when it was interrupted */
  g_string_append_printf (to, self->history->fate == HISTORY_INTERRUPTED ? _("; at least %s\n") : "; %s\n",
                          duration);
}

static void
append_running (GString    *to,
                Status     *self,
                HistoryJob *job)
{
  gint64 elapsed = MAX (g_get_real_time () - job->started, 0);
  g_autofree char *so_long = tool_format_duration (elapsed);
  gint64 expected = outlook_get_expected (self->outlook, job->record.path);

  g_string_append (to, "  ");
  jobs_visible_append (to, job->record.path, -1);
  if (self->history->fate == HISTORY_INTERRUPTED)
    g_string_append (to, _(": interrupted"));
  else if (job->record.is_forever)
    g_string_append_printf (to, _(": %s, forever"), so_long);
  else if (expected >= 0)
    {
      g_autofree char *usual = tool_format_duration (expected);

      /* Translators: behind a job: how long it has run, how long it usually takes */
      g_string_append_printf (to, _(": %s of about %s"), so_long, usual);
    }
  else
    g_string_append_printf (to, ": %s", so_long);
  if (job->attempts > 1)
    g_string_append_printf (to, _(", attempt %u"), job->attempts);
  g_string_append_c (to, '\n');
}

static void
append_failed (GString    *to,
               HistoryJob *job)
{
  /* Translators: the name of a job follows, and so there is a blank at the end */
  g_string_append (to, job->state == JOBS_STATE_TIMED_OUT ? _("timed out: ") : _("failed: "));
  jobs_visible_append (to, job->record.path, -1);
  if (job->message != NULL)
    {
      g_string_append (to, ": ");
      tool_append_line (to, job->message);
    }
  g_string_append_c (to, '\n');
}

static void
append_jobs (GString *to,
             Status  *self)
{
  for (guint i = 0; i < self->history->jobs->len; i++)
    {
      HistoryJob *job = g_ptr_array_index (self->history->jobs, i);

      if (job->state == JOBS_STATE_FAILED || job->state == JOBS_STATE_TIMED_OUT)
        append_failed (to, job);
    }

  /* Of an engine those are told that it runs */
  for (guint i = 0; i < self->history->jobs->len; i++)
    {
      HistoryJob *job = g_ptr_array_index (self->history->jobs, i);

      if (job->state == JOBS_STATE_RUNNING && !job->record.is_engine && self->history->fate != HISTORY_ENDED)
        append_running (to, self, job);
    }

  for (guint i = 0; i < self->history->clean_ups->len; i++)
    summary_append_clean_up (to, g_ptr_array_index (self->history->clean_ups, i));

  if (self->orphans->len > 0)
    g_string_append (to, _("processes left behind by an interrupted run:\n"));
  for (guint i = 0; i < self->orphans->len; i++)
    {
      HistoryOrphan *orphan = g_ptr_array_index (self->orphans, i);

      g_string_append_printf (to, "  %d: ", (int) orphan->pid);
      jobs_visible_append (to, orphan->path, -1);
      g_string_append_c (to, '\n');
    }
}

static void
append_outlook (GString *to,
                Status  *self)
{
  Outlook *outlook = self->outlook;
  g_autofree char *left = tool_format_duration (outlook->left);

  if (self->history->fate == HISTORY_ENDED)
    return;

  if (outlook->plan == NULL)
    {
      /* Translators: the reason follows, and so there is a blank at the end */
      g_string_append (to, _("time left: not known: "));
      tool_append_line (to, outlook->trouble);
      g_string_append_c (to, '\n');
      return;
    }

  if (outlook->path->len > 0)
    {
      g_string_append_printf (to, outlook->n_unknown > 0 ? _("time left: at least %s") : _("time left: about %s"), left);
      if (outlook->left > outlook->longest)
        {
          g_string_append (to, "; ");
          schedule_append_bottleneck (to, outlook->simulation, outlook->longest, outlook->path, FALSE);
        }
      else
        {
          /* Translators: names of jobs that follow each other come next, and so there is a blank at the end */
          g_string_append (to, _(", along "));
          plan_append_path (to, outlook->path, FALSE);
        }
    }
  else if (outlook->n_unknown == 0)
    g_string_append (to, _("time left: about to end"));
  else
    g_string_append (to, _("time left: not known"));
  if (outlook->n_unknown > 0)
    g_string_append_printf (to,
                            g_dngettext (GETTEXT_PACKAGE, "; of %u job that is left no duration is recorded",
                                         "; of %u jobs that are left no duration is recorded",
                                         outlook->n_unknown),
                            outlook->n_unknown);
  g_string_append_c (to, '\n');
}

char *
status_to_text (Status *self)
{
  GString *text = g_string_new (NULL);

  append_head (text, self);
  append_numbers (text, self);
  append_jobs (text, self);
  append_outlook (text, self);
  if (self->logs != NULL)
    {
      g_string_append (text, _("output: "));
      tool_append_line (text, self->logs);
      g_string_append_c (text, '\n');
    }
  if (self->history->fate == HISTORY_INTERRUPTED || (self->history->fate == HISTORY_ENDED && !self->history->run.success))
    {
      g_string_append (text, _("to go on: "));
      tool_append_line (text, self->resume);
      g_string_append_c (text, '\n');
    }
  if (self->orphans->len > 0)
    g_string_append (text, _("resume ends what was left behind, and so does cancel\n"));

  return g_string_free (text, FALSE);
}

static gboolean
status_gather (Status     *self,
               const char *argument,
               GError    **error)
{
  g_autofree char *logs = NULL;

  self->history = history_open_argument (argument, error);
  if (self->history == NULL)
    return FALSE;
  self->outlook = outlook_new (self->history, error);
  if (self->outlook == NULL)
    return FALSE;
  self->orphans = history_find_orphans (self->history, error);
  if (self->orphans == NULL)
    return FALSE;

  for (guint i = 0; i < self->history->jobs->len; i++)
    {
      HistoryJob *job = g_ptr_array_index (self->history->jobs, i);

      jobs_counts_add (&self->counts, job->state, history_is_minor (self->history, job), job->record.is_forever);
    }
  logs = history_dup_logs (self->history);
  if (g_file_test (logs, G_FILE_TEST_IS_DIR))
    self->logs = g_steal_pointer (&logs);
  self->resume = history_dup_resume (self->history, argument);

  return TRUE;
}

static void
status_clear (Status *self)
{
  g_clear_pointer (&self->orphans, g_ptr_array_unref);
  g_clear_pointer (&self->outlook, outlook_free);
  g_clear_pointer (&self->history, history_free);
  g_free (self->logs);
  g_free (self->resume);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Status, status_clear)

int
tool_status (int    argc,
             char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("As JSON, for programs"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (Status) self = { NULL };
  g_auto (GStrv) rest = NULL;
  g_autoptr (ToolStream) out = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  int status;

  if (!tool_parse (_("[JOURNAL]"),
                   _("Says how a run goes on, or how it ended: what runs, what has failed, how long the\n"
                     "rest will take, and what an interrupted run has left behind. JOURNAL is a journal\n"
                     "or a job file; by default the last one that was written in .asyncjobs here."),
                   NULL, entries, argv, &rest, &status))
    return status;
  if (g_strv_length (rest) > 2)
    return tool_usage (_("one journal at a time, please"));

  if (!status_gather (&self, rest[1], &error))
    {
      tool_note_error (error);
      return TOOL_EXIT_JOURNAL;
    }

  text = json ? status_to_json (&self) : status_to_text (&self);
  out = tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));
  tool_stream_put (out, text, -1);

  return tool_stream_finish (out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
}
