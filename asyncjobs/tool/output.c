/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "monitors/jobs-visible.h"
#include "output.h"

#define KEPT_MAX (1024 * 1024)

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

/* One job. What it prints is kept in memory up to a limit, then in a file */
typedef struct
{
  Output *output;
  JobsAction *action;
  gulong handler;
  char *path;
  GString *kept;
  int spill;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_signal_handler (&job->handler, job->action);
  g_object_unref (job->action);
  g_free (job->path);
  if (job->kept != NULL)
    g_string_free (job->kept, TRUE);
  if (job->spill >= 0)
    g_close (job->spill, NULL);
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

static gboolean
write_all (int         fd,
           const char *data,
           gsize       length)
{
  while (length > 0)
    {
      gssize written = write (fd, data, length);

      if (written < 0 && errno != EINTR)
        return FALSE;
      data += MAX (written, 0);
      length -= MAX (written, 0);
    }

  return TRUE;
}

static void
job_spill (Job *job)
{
  if (job->spill < 0)
    {
      g_autofree char *name = NULL;

      job->spill = g_file_open_tmp ("asyncjobs-XXXXXX", &name, NULL);
      if (job->spill >= 0)
        {
          g_unlink (name);
          fcntl (job->spill, F_SETFD, FD_CLOEXEC);
        }
    }

  if ((job->spill < 0 || !write_all (job->spill, job->kept->str, job->kept->len)) &&
      !job->output->lost)
    {
      job->output->lost = TRUE;
      tool_note (_("cannot keep the output of %s in %s: %s; some of it is lost"),
                 job_path (job), g_get_tmp_dir (), g_strerror (errno));
    }

  g_string_truncate (job->kept, 0);
}

static void
job_keep (Job        *job,
          const char *data,
          gsize       length)
{
  if (job->kept == NULL)
    job->kept = g_string_new (NULL);
  else if (job->kept->len > KEPT_MAX)
    job_spill (job);

  jobs_visible_append (job->kept, data, length);
  g_string_append_c (job->kept, '\n');
}

static void
job_drop (Job *job)
{
  if (job->kept != NULL)
    g_string_free (g_steal_pointer (&job->kept), TRUE);
  if (job->spill >= 0)
    g_close (job->spill, NULL);
  job->spill = -1;
}

static void
job_show (Job *job)
{
  ToolStream *out = job->output->out;

  if (job->kept == NULL)
    return;

  tool_stream_printf (out, job->output->color ? "\033[1m--- %s\033[0m\n" : "--- %s\n",
                      job_path (job));
  if (job->spill >= 0 && lseek (job->spill, 0, SEEK_SET) == 0)
    {
      char buffer[32 * 1024];
      gssize n;

      while ((n = read (job->spill, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
        tool_stream_put (out, buffer, MAX (n, 0));
    }
  tool_stream_put (out, job->kept->str, job->kept->len);

  job_drop (job);
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
    job_drop (job);
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
      job->spill = -1;
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
