/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "recorder.h"
#include "secrets.h"

struct _Recorder
{
  JobsEngine *engine;
  Account *account;
  GPtrArray *actions;   /* (element-type JobsAction), as the jobs of the account */
  GHashTable *numbers;  /* JobsAction → AccountJob */
};

static AccountJob *
recorder_add (Recorder   *self,
              JobsAction *action)
{
  g_autofree char *path = jobs_action_dup_path (action);
  AccountJob *job = account_add (self->account, path);

  job->label = jobs_action_dup_display_label (action);
  job->is_engine = JOBS_IS_ENGINE (action);
  job->is_forever = jobs_action_get_forever (action);
  job->is_critical = jobs_action_get_critical (action);
  g_ptr_array_add (self->actions, g_object_ref (action));
  g_hash_table_insert (self->numbers, action, job);

  return job;
}

static void
begin_attempt (AccountJob *job,
               JobsAction *action)
{
  gint64 start = jobs_action_get_start_time (action);
  AccountAttempt attempt = {
    MAX (jobs_action_get_attempts (action), 1),
    start > 0 ? start : g_get_monotonic_time (),
    -1,
    JOBS_STATE_RUNNING,
  };

  g_array_append_val (job->attempts, attempt);
}

static void
end_attempt (AccountJob *job,
             JobsAction *action,
             JobsState   state)
{
  AccountAttempt *attempt = &g_array_index (job->attempts, AccountAttempt, job->attempts->len - 1);
  gint64 end = jobs_action_get_end_time (action);

  /* That there was no room for it is no attempt */
  if (state == JOBS_STATE_SCHEDULED && jobs_action_get_error (action) == NULL)
    {
      g_array_set_size (job->attempts, job->attempts->len - 1);
      return;
    }

  attempt->end = end >= attempt->start ? end : g_get_monotonic_time ();
  attempt->state = state == JOBS_STATE_SCHEDULED ? JOBS_STATE_FAILED : state;
}

static void
action_state_changed_cb (JobsEngine *engine,
                         JobsAction *action,
                         JobsState   old_state,
                         JobsState   new_state,
                         Recorder   *self)
{
  AccountJob *job = g_hash_table_lookup (self->numbers, action);

  if (job == NULL)
    job = recorder_add (self, action);

  if (new_state == JOBS_STATE_RUNNING)
    begin_attempt (job, action);
  else if (new_state != JOBS_STATE_CANCELLING && job->attempts->len > 0 && jobs_state_is_active (old_state))
    end_attempt (job, action, new_state);
}

Recorder *
recorder_new (JobsEngine *engine)
{
  Recorder *self = g_new0 (Recorder, 1);
  g_autoptr (GPtrArray) actions = tool_dup_jobs (engine);

  self->engine = g_object_ref (engine);
  self->account = account_new ();
  self->actions = g_ptr_array_new_with_free_func (g_object_unref);
  self->numbers = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < actions->len; i++)
    recorder_add (self, g_ptr_array_index (actions, i));
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (action_state_changed_cb), self);

  return self;
}

void
recorder_free (Recorder *self)
{
  g_signal_handlers_disconnect_by_data (self->engine, self);
  g_clear_pointer (&self->account, account_free);
  g_hash_table_unref (self->numbers);
  g_ptr_array_unref (self->actions);
  g_object_unref (self->engine);
  g_free (self);
}

static void
finish_job (Recorder *self,
            guint     number)
{
  AccountJob *job = g_ptr_array_index (self->account->jobs, number);
  JobsAction *action = g_ptr_array_index (self->actions, number);
  gint64 started = jobs_action_get_start_time (JOBS_ACTION (self->engine));
  const GError *error = jobs_action_get_error (action);

  job->state = jobs_action_get_state (action);
  job->n_attempts = jobs_action_get_attempts (action);
  if (error != NULL)
    job->message = secrets_hide (error->message);
  for (guint i = 0; i < job->attempts->len; i++)
    {
      AccountAttempt *attempt = &g_array_index (job->attempts, AccountAttempt, i);

      attempt->start = MAX (attempt->start - started, 0);
      if (attempt->end >= 0)
        attempt->end = MAX (attempt->end - started, attempt->start);
    }
  /* It has a result of the run that was resumed */
  job->is_kept = job->state == JOBS_STATE_FINISHED && job->attempts->len == 0;

  if (!JOBS_IS_COMMAND_ACTION (action))
    return;
  job->exit_status = jobs_command_action_get_exit_status (JOBS_COMMAND_ACTION (action));
  job->term_signal = jobs_command_action_get_term_signal (JOBS_COMMAND_ACTION (action));
  if (job->state == JOBS_STATE_FAILED || job->state == JOBS_STATE_TIMED_OUT)
    {
      g_autofree char *tail = jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (action));

      account_take_tail (self->account, job, tail != NULL ? secrets_hide (tail) : NULL);
    }
}

Account *
recorder_finish (Recorder      *self,
                 const Verdict *verdict,
                 const char    *name,
                 const char    *file,
                 const char    *resume)
{
  Account *account = self->account;
  gint64 start = jobs_action_get_start_time (JOBS_ACTION (self->engine));

  account->name = g_strdup (name);
  account->file = file != NULL ? g_filename_display_name (file) : NULL;
  account->started = g_get_real_time () - (start > 0 ? g_get_monotonic_time () - start : 0);
  account->duration = verdict->duration;
  account->fate = HISTORY_ENDED;
  account->success = verdict->success && verdict->signum == 0;
  account->why = verdict->why != NULL ? secrets_hide (verdict->why) : NULL;
  if (!account->success)
    account->resume = g_strdup (resume);

  for (guint i = 0; i < account->jobs->len; i++)
    finish_job (self, i);
  account_take_needs (account, self->engine);
  account_complete (account);

  return g_steal_pointer (&self->account);
}
