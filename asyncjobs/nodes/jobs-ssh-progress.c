/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "jobs-process-private.h"
#include "jobs-ssh-progress.h"
#include "jobs-timer.h"

/* How often it is told, ms. What takes less than that is not worth to be looked at */
#define INTERVAL 200

/* What scp reads or writes for a file beside what is in that: the names and answers of
 * sftp, bytes. With it, many small files count for what they cost */
#define FILE_COST 300

/* Of what there is here: how much is looked at in one turn of the loop, and at most */
#define TURN_MAX  20
#define FILES_MAX 1000000

/* What there is over there: how many files, and their bytes */
#define QUESTION "LC_ALL=C find -L \"$1\" -type f -exec ls -lnLq {} + | " \
                 "awk '{ bytes += $5; files++ } END { printf \"%.0f %.0f\", files, bytes }'"

/* What is read of the answer, and of a file of the kernel */
#define ANSWER_MAX 100

struct _JobsSshProgress
{
  JobsProcess *process;
  char        *counters; /* the file in which the kernel counts */
  gboolean     push;
  char        *from;

  double   total; /* bytes; negative: it is not known */
  double   told;
  GSource *tick;

  GQueue   folders; /* char: that wait to be looked at */
  GDir    *folder;  /* the one that is, and its name */
  char    *name;
  guint    n_files;
  double   size;
  GSource *walk;

  JobsProcess *question; /* NULL: it is not asked */
  GString     *answer;

  JobsSshProgressFunc func;
  gpointer            user_data;
};

static void
progress_free (JobsSshProgress *self)
{
  g_assert (self->question == NULL);

  jobs_timer_clear (&self->tick);
  jobs_timer_clear (&self->walk);
  g_queue_clear_full (&self->folders, g_free);
  g_clear_pointer (&self->folder, g_dir_close);
  g_free (self->name);
  g_string_free (self->answer, TRUE);
  g_clear_object (&self->process);
  g_free (self->counters);
  g_free (self->from);
  g_free (self);
}

static void
set_total (JobsSshProgress *self,
           double           n_files,
           double           size)
{
  if (n_files > 0.0)
    self->total = size + n_files * FILE_COST;
}

/* What there is here */

static void
look_at (JobsSshProgress *self,
         char            *path)
{
  GStatBuf st;
  /* As scp does, which follows links */
  gboolean is_there = g_stat (path, &st) == 0;

  if (is_there && S_ISDIR (st.st_mode))
    {
      g_queue_push_tail (&self->folders, path);
      return;
    }

  if (is_there && S_ISREG (st.st_mode))
    self->size += st.st_size;
  self->n_files++;
  g_free (path);
}

/* FALSE: that was all */
static gboolean
look_at_next (JobsSshProgress *self)
{
  const char *child;

  if (self->folder == NULL)
    {
      g_free (self->name);
      self->name = g_queue_pop_head (&self->folders);
      if (self->name == NULL)
        return FALSE;
      self->folder = g_dir_open (self->name, 0, NULL);
      return TRUE;
    }

  child = g_dir_read_name (self->folder);
  if (child != NULL)
    look_at (self, g_build_filename (self->name, child, NULL));
  else
    g_clear_pointer (&self->folder, g_dir_close);

  return TRUE;
}

static gboolean
walk_cb (gpointer data)
{
  JobsSshProgress *self = data;

  for (guint i = 0; i < TURN_MAX; i++)
    if (!look_at_next (self))
      {
        set_total (self, self->n_files, self->size);
        jobs_timer_clear (&self->walk);
        return G_SOURCE_REMOVE;
      }

  /* Links may lead in circles */
  if (self->n_files + self->folders.length < FILES_MAX)
    return G_SOURCE_CONTINUE;

  jobs_timer_clear (&self->walk);

  return G_SOURCE_REMOVE;
}

static void
begin_walk (JobsSshProgress *self)
{
  look_at (self, g_strdup (self->from));
  self->walk = g_idle_source_new ();
  g_source_set_callback (self->walk, walk_cb, self, NULL);
  g_source_attach (self->walk, jobs_process_get_context (self->process));
}

/* What there is over there */

static void
question_output (JobsProcess  *question,
                 guint         stream,
                 const guint8 *data,
                 gsize         size,
                 gpointer      owner)
{
  JobsSshProgress *self = owner;

  if (stream == 1)
    g_string_append_len (self->answer, (const char *) data,
                         (gssize) MIN (size, ANSWER_MAX - MIN (self->answer->len, ANSWER_MAX)));
}

static void
question_ended (JobsProcess  *question,
                int           wait_status,
                const GError *error,
                gpointer      owner)
{
  JobsSshProgress *self = owner;
  const char *space = strchr (self->answer->str, ' ');

  g_clear_object (&self->question);
  if (error == NULL && wait_status == 0 && space != NULL)
    set_total (self, g_ascii_strtod (self->answer->str, NULL), g_ascii_strtod (space, NULL));
  if (self->func == NULL)
    return;

  self->func (self->user_data);
  progress_free (self);
}

/* By the same connection. It waits for a session as any command does */
static void
begin_question (JobsSshProgress *self)
{
  static const JobsProcessFuncs funcs = { question_output, question_ended };
  g_autofree char *from = g_path_is_absolute (self->from) ? g_strdup (self->from)
                                                          : g_strconcat ("./", self->from, NULL);
  const char *argv[] = { "/bin/sh", "-c", QUESTION, "sh", from, NULL };

  self->question = jobs_process_new (jobs_process_get_node (self->process),
                                     jobs_process_get_context (self->process), argv, NULL, NULL, NULL,
                                     &funcs, self);
  if (!jobs_process_begin (self->question, NULL))
    g_clear_object (&self->question);
}

/* How much is done */

/* Negative where it is not known */
static double
count_bytes (JobsSshProgress *self)
{
  const char *key = self->push ? "rchar: " : "wchar: ";
  g_autofree char *text = NULL;
  const char *place;

  if (!g_file_get_contents (self->counters, &text, NULL, NULL))
    return -1.0;

  place = strstr (text, key);

  return place != NULL ? g_ascii_strtod (place + strlen (key), NULL) : -1.0;
}

static gboolean
tick_cb (gpointer data)
{
  JobsSshProgress *self = data;
  double done = count_bytes (self);

  /* At its end scp takes over what its own child has read and written: that is twice as
   * much, and no news */
  if (self->total > 0.0 && done > self->told && done <= self->total)
    {
      self->told = done;
      jobs_process_progress (self->process, done / self->total);
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
first_tick_cb (gpointer data)
{
  JobsSshProgress *self = data;

  jobs_timer_start (&self->tick, jobs_process_get_context (self->process), INTERVAL, tick_cb, self);
  if (count_bytes (self) < 0.0)
    return G_SOURCE_REMOVE;

  if (self->push)
    begin_walk (self);
  else
    begin_question (self);

  return G_SOURCE_REMOVE;
}

JobsSshProgress *
jobs_ssh_progress_new (JobsProcess *process,
                       JobsProcess *client,
                       gboolean     push,
                       const char  *from)
{
  JobsSshProgress *self = g_new0 (JobsSshProgress, 1);

  self->process = g_object_ref (process);
  self->counters = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/io", jobs_process_get_pid (client));
  self->push = push;
  self->from = g_strdup (from);
  self->total = -1.0;
  self->answer = g_string_new (NULL);
  jobs_timer_start (&self->tick, jobs_process_get_context (process), INTERVAL, first_tick_cb, self);

  return self;
}

void
jobs_ssh_progress_end (JobsSshProgress     *self,
                       JobsSshProgressFunc  func,
                       gpointer             user_data)
{
  self->func = func;
  self->user_data = user_data;
  jobs_timer_clear (&self->tick);
  jobs_timer_clear (&self->walk);
  if (self->question != NULL)
    {
      jobs_process_kill (self->question, SIGKILL, NULL);
      return;
    }

  func (user_data);
  progress_free (self);
}
