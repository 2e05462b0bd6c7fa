/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "kept.h"
#include "monitors/jobs-visible.h"
#include "output.h"

struct _Output
{
  JobsEngine *engine;
  OutputMode mode;
  ToolStream *out;
  ToolStream *err;
  gboolean color;
  gboolean lost;

  GHashTable *jobs;   /* JobsAction to Job, both owned */
};

/* One job */
typedef struct
{
  Output *output;
  JobsAction *action;
  gulong handler;
  char *path;
  Kept *kept;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_signal_handler (&job->handler, job->action);
  g_object_unref (job->action);
  g_free (job->path);
  g_clear_pointer (&job->kept, kept_free);
  g_free (job);
}

static const char *
job_path (Job *job)
{
  if (job->path == NULL)
    {
      g_autofree char *path = jobs_action_dup_path (job->action);
      g_autoptr (GString) safe = g_string_new (NULL);

      jobs_visible_append (safe, path, -1);
      job->path = g_strdup (safe->str);
    }

  return job->path;
}

static void
job_keep (Job        *job,
          const char *data,
          gsize       length)
{
  g_autoptr (GError) error = NULL;
  GString *text;

  if (job->kept == NULL)
    job->kept = kept_new ();

  text = kept_begin (job->kept);
  jobs_visible_append (text, data, length);
  g_string_append_c (text, '\n');
  if (kept_end (job->kept, &error) || job->output->lost)
    return;

  job->output->lost = TRUE;
  /* Translators: the name of a job, a folder, what the system says */
  tool_note (_("cannot keep the output of %s in %s: %s; some of it is lost"),
             job_path (job), g_get_tmp_dir (), error->message);
}

static void
job_show (Job *job)
{
  ToolStream *out = job->output->out;

  if (job->kept == NULL)
    return;

  tool_stream_printf (out, job->output->color ? "\033[1m--- %s\033[0m\n" : "--- %s\n",
                      job_path (job));
  kept_write (job->kept, G_OUTPUT_STREAM (out));
  g_output_stream_flush (G_OUTPUT_STREAM (out), NULL, NULL);
  g_clear_pointer (&job->kept, kept_free);
}

static void
job_prefix (Job        *job,
            const char *data,
            gsize       length)
{
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append_printf (line, job->output->color ? "\033[36m[%s]\033[0m " : "[%s] ",
                          job_path (job));
  jobs_visible_append (line, data, length);
  g_string_append_c (line, '\n');
  tool_stream_put (job->output->out, line->str, line->len);
}

/* Byte for byte: who asks for this has a program that reads it */
static void
output_cb (JobsCommandAction *action,
           guint              stream,
           GBytes            *bytes,
           Output            *self)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  tool_stream_put (stream == STDERR_FILENO ? self->err : self->out, data, length);
}

static void
output_line_cb (JobsCommandAction *action,
                guint              stream,
                GBytes            *line,
                Job               *job)
{
  gsize length;
  const char *data = g_bytes_get_data (line, &length);

  /* The line ends of other systems */
  if (length > 0 && data[length - 1] == '\r')
    length--;

  if (job->output->mode == OUTPUT_PREFIXED)
    job_prefix (job, data, length);
  else
    job_keep (job, data, length);
}

static void
action_state_changed_cb (JobsEngine *engine,
                         JobsAction *action,
                         JobsState   old_state,
                         JobsState   new_state,
                         Output     *self)
{
  Job *job = g_hash_table_lookup (self->jobs, action);

  if (job == NULL || !jobs_state_is_terminal (new_state))
    return;

  if (self->mode == OUTPUT_GROUPED || new_state == JOBS_STATE_FAILED ||
      new_state == JOBS_STATE_TIMED_OUT)
    job_show (job);
  else
    g_clear_pointer (&job->kept, kept_free);
}

gboolean
output_parse_mode (const char *text,
                   OutputMode *mode)
{
  static const struct { const char *name; OutputMode mode; } modes[] = {
    { "auto", OUTPUT_PREFIXED }, { "grouped", OUTPUT_GROUPED }, { "prefixed", OUTPUT_PREFIXED },
    { "stream", OUTPUT_STREAM }, { "errors", OUTPUT_ERRORS }, { "none", OUTPUT_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    if (g_str_equal (text, modes[i].name))
      {
        *mode = modes[i].mode;
        return TRUE;
      }

  return FALSE;
}

Output *
output_new (JobsEngine *engine,
            OutputMode  mode,
            ToolStream *out,
            ToolStream *err,
            gboolean    color)
{
  Output *self = g_new0 (Output, 1);
  g_autoptr (GPtrArray) actions = NULL;

  self->engine = g_object_ref (engine);
  self->mode = mode;
  self->out = g_object_ref (out);
  self->err = g_object_ref (err);
  self->color = color;
  self->jobs = g_hash_table_new_full (NULL, NULL, NULL, job_free);
  if (mode == OUTPUT_NONE)
    return self;

  actions = jobs_engine_dup_all (engine, FALSE);
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      Job *job;

      if (!JOBS_IS_COMMAND_ACTION (action))
        continue;

      job = g_new0 (Job, 1);
      job->output = self;
      job->action = g_object_ref (action);
      if (mode == OUTPUT_STREAM)
        job->handler = g_signal_connect (action, "output", G_CALLBACK (output_cb), self);
      else
        job->handler = g_signal_connect (action, "output-line", G_CALLBACK (output_line_cb), job);
      g_hash_table_insert (self->jobs, action, job);
    }

  if (mode == OUTPUT_GROUPED || mode == OUTPUT_ERRORS)
    g_signal_connect (engine, "action-state-changed", G_CALLBACK (action_state_changed_cb), self);

  return self;
}

gboolean
output_finish (Output *self)
{
  g_autoptr (GPtrArray) jobs = tool_dup_jobs (self->engine);

  /* A job's last words: of its clean-up, or of one that did not want to end */
  for (guint i = 0; i < jobs->len && self->mode == OUTPUT_GROUPED; i++)
    {
      Job *job = g_hash_table_lookup (self->jobs, g_ptr_array_index (jobs, i));

      if (job != NULL)
        job_show (job);
    }

  return !self->lost;
}

void
output_free (Output *self)
{
  g_signal_handlers_disconnect_by_data (self->engine, self);
  g_hash_table_unref (self->jobs);
  g_object_unref (self->out);
  g_object_unref (self->err);
  g_object_unref (self->engine);
  g_free (self);
}
