/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "account.h"

/* What so many jobs have printed is more than anybody reads */
#define MAX_TAILS 500

static void
job_free (gpointer data)
{
  AccountJob *self = data;

  g_free (self->path);
  g_free (self->label);
  g_free (self->message);
  g_free (self->tail);
  g_array_unref (self->attempts);
  g_array_unref (self->needs);
  g_free (self);
}

Account *
account_new (void)
{
  Account *self = g_new0 (Account, 1);

  self->jobs = g_ptr_array_new_with_free_func (job_free);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->longest = g_ptr_array_new ();
  self->cause = ACCOUNT_NONE;

  return self;
}

void
account_free (Account *self)
{
  g_ptr_array_unref (self->longest);
  g_hash_table_unref (self->by_path);
  g_ptr_array_unref (self->jobs);
  g_free (self->name);
  g_free (self->file);
  g_free (self->why);
  g_free (self->logs);
  g_free (self->resume);
  g_free (self->unknown);
  g_free (self);
}

static guint
account_find (Account    *self,
              const char *path)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_path, path));

  return number > 0 ? number - 1 : ACCOUNT_NONE;
}

AccountJob *
account_add (Account    *self,
             const char *path)
{
  AccountJob *job = g_new0 (AccountJob, 1);

  job->path = g_strdup (path);
  job->attempts = g_array_new (FALSE, FALSE, sizeof (AccountAttempt));
  job->needs = g_array_new (FALSE, FALSE, sizeof (AccountNeed));
  job->exit_status = job->term_signal = -1;
  job->is_critical = TRUE;
  g_ptr_array_add (self->jobs, job);
  if (!g_hash_table_contains (self->by_path, path))
    g_hash_table_insert (self->by_path, job->path, GUINT_TO_POINTER (self->jobs->len));

  return job;
}

/* What was left out passes on what it requires */
static void
add_needs (Account    *self,
           AccountJob *job,
           JobsAction *action,
           guint       depth)
{
  g_autoptr (GPtrArray) others = jobs_action_dup_requirements (action);

  for (guint i = 0; i < others->len; i++)
    {
      JobsAction *other = g_ptr_array_index (others, i);
      g_autofree char *path = jobs_action_dup_path (other);
      AccountNeed need = { account_find (self, path), JOBS_CONDITION_DONE };

      if (need.job == ACCOUNT_NONE)
        {
          if (depth < 16)
            add_needs (self, job, other, depth + 1);
          continue;
        }
      jobs_action_get_requirement (action, other, &need.condition);
      g_array_append_val (job->needs, need);
    }
}

void
account_take_needs (Account    *self,
                    JobsEngine *engine)
{
  g_autoptr (GPtrArray) actions = tool_dup_jobs (engine);

  for (guint i = 0; i < actions->len; i++)
    {
      g_autofree char *path = jobs_action_dup_path (g_ptr_array_index (actions, i));
      guint number = account_find (self, path);

      if (number != ACCOUNT_NONE)
        add_needs (self, g_ptr_array_index (self->jobs, number), g_ptr_array_index (actions, i), 0);
    }
}

void
account_take_tail (Account    *self,
                   AccountJob *job,
                   char       *tail)
{
  if (tail != NULL && self->n_tails < MAX_TAILS)
    {
      job->tail = tail;
      self->n_tails++;
    }
  else
    g_free (tail);
}

/* The engine around it is the one with the longest path that begins its own */
static void
find_around (Account    *self,
             AccountJob *job)
{
  g_autofree char *path = g_strdup (job->path);
  char *slash;

  job->around = ACCOUNT_NONE;
  while ((slash = strrchr (path, '/')) != NULL)
    {
      guint number;

      *slash = '\0';
      number = account_find (self, path);
      if (number == ACCOUNT_NONE || !((AccountJob *) g_ptr_array_index (self->jobs, number))->is_engine)
        continue;
      job->around = number;
      break;
    }

  if (job->label == NULL)
    job->label = g_strdup (job->around != ACCOUNT_NONE ? job->path + strlen (path) + 1 : job->path);
}

/* The run is none the worse for it */
static gboolean
is_minor (Account          *self,
          const AccountJob *job)
{
  while (job->is_critical && job->around != ACCOUNT_NONE)
    job = g_ptr_array_index (self->jobs, job->around);

  return !job->is_critical;
}

/* A failure counts where all on the way up to the run count */
static gboolean
mattered (Account          *self,
          const AccountJob *job)
{
  for (;;)
    {
      if (!job->is_critical || (job->state != JOBS_STATE_FAILED && job->state != JOBS_STATE_TIMED_OUT))
        return FALSE;
      if (job->around == ACCOUNT_NONE)
        return TRUE;
      job = g_ptr_array_index (self->jobs, job->around);
    }
}

static gint64
last_end_of (const AccountJob *job)
{
  if (job->attempts->len == 0)
    return G_MAXINT64;

  return g_array_index (job->attempts, AccountAttempt, job->attempts->len - 1).end;
}

static void
find_cause (Account *self)
{
  gint64 first = 0;

  for (guint i = 0; i < self->jobs->len; i++)
    {
      AccountJob *job = g_ptr_array_index (self->jobs, i);
      gint64 end = last_end_of (job);

      /* What an engine holds ends before it, or with it */
      if (!mattered (self, job) ||
          (self->cause != ACCOUNT_NONE && (end > first || (end == first && job->is_engine))))
        continue;
      self->cause = i;
      first = end;
    }
}

void
account_complete (Account *self)
{
  self->counts = (JobsCounts) { { 0 } };
  for (guint i = 0; i < self->jobs->len; i++)
    {
      AccountJob *job = g_ptr_array_index (self->jobs, i);

      find_around (self, job);
      if (job->n_attempts < job->attempts->len)
        job->n_attempts = job->attempts->len;
    }
  for (guint i = 0; i < self->jobs->len; i++)
    {
      const AccountJob *job = g_ptr_array_index (self->jobs, i);

      jobs_counts_add (&self->counts, job->state, is_minor (self, job), job->is_forever);
    }
  if (self->fate == HISTORY_INTERRUPTED)
    self->n_cut = self->counts.states[JOBS_STATE_RUNNING];

  find_cause (self);
  account_find_longest (self);
}

gint64
account_get_end (const Account        *self,
                 const AccountAttempt *attempt)
{
  return attempt->end >= 0 ? attempt->end : MAX (self->duration, attempt->start);
}

gint64
account_job_get_time (const Account    *self,
                      const AccountJob *job)
{
  const AccountAttempt *attempts = (const AccountAttempt *) (gpointer) job->attempts->data;

  if (job->attempts->len == 0)
    return -1;

  return account_get_end (self, &attempts[job->attempts->len - 1]) - attempts[0].start;
}

const char *
account_get_nick (const Account *self,
                  JobsState      state)
{
  if (self->fate == HISTORY_INTERRUPTED && state == JOBS_STATE_RUNNING)
    return "interrupted";

  return jobs_state_get_nick (state);
}

const char *
account_get_word (const Account *self,
                  JobsState      state)
{
  if (self->fate == HISTORY_INTERRUPTED && state == JOBS_STATE_RUNNING)
    /* Translators: of a job, or of a run: its process has gone */
    return _("interrupted");

  return tool_get_state_word (state);
}

const char *
account_get_verdict (const Account *self)
{
  if (self->fate == HISTORY_LIVES)
    return "running";
  if (self->fate == HISTORY_INTERRUPTED)
    return "interrupted";

  return self->success ? "succeeded" : "failed";
}
