/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-run.h"
#include "jobs-value.h"

/* The end of a run: its verdict, who is told of it, and what is given back. */

JobsAction *
jobs_run_get_culprit (JobsRun *self)
{
  guint32 n = self->engine != NULL ? jobs_engine_peek_graph (self->engine)->n_nodes : 0;

  /* The first one may have been tried again, and have gone well */
  for (guint32 i = 0; i < n && self->n_bad > 0 && self->culprit == NULL; i++)
    {
      JobsAction *action = jobs_engine_peek (self->engine, i);

      if (action != NULL && jobs_action_has_flag (action, JOBS_ACTION_BAD))
        self->culprit = g_object_ref (action);
    }

  return self->culprit;
}

static GError *
jobs_run_make_culprit_error (JobsRun *self)
{
  const GError *cause = jobs_action_get_error (self->culprit);
  const char *message = cause != NULL ? cause->message : _("cancelled");
  g_autofree char *path = jobs_action_dup_path (self->culprit);

  if (self->on_failure == JOBS_ON_FAILURE_KEEP_GOING)
    return g_error_new (JOBS_ERROR, JOBS_ERROR_INCOMPLETE,
                        g_dngettext (GETTEXT_PACKAGE,
                                     /* Translators: how many, the name of an action, why it failed */
                                     "%u critical action did not end well; the first was %s: %s",
                                     "%u critical actions did not end well; the first was %s: %s",
                                     self->n_bad),
                        self->n_bad, path, message);
  if (JOBS_IS_ENGINE (self->culprit) && g_error_matches (cause, JOBS_ERROR, JOBS_ERROR_CRITICAL))
    return g_error_copy (cause);

  return g_error_new (JOBS_ERROR, JOBS_ERROR_CRITICAL, "%s: %s", path, message);
}

static GError *
jobs_run_make_error (JobsRun *self)
{
  JobsRunEnding cause = self->cause >= JOBS_RUN_TIMED_OUT ? self->cause : self->ending;

  if (jobs_run_get_culprit (self) != NULL && self->cause < JOBS_RUN_TIMED_OUT)
    return jobs_run_make_culprit_error (self);
  if (cause == JOBS_RUN_TIMED_OUT)
    return g_error_new (JOBS_ERROR, JOBS_ERROR_TIMED_OUT, _("timed out after %g s"),
                        jobs_action_get_timeout (JOBS_ACTION (self->engine)) / 1000.0);
  if (cause == JOBS_RUN_CANCELLED)
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("cancelled"));

  return g_error_new_literal (JOBS_ERROR,
                              self->on_failure == JOBS_ON_FAILURE_KEEP_GOING ? JOBS_ERROR_INCOMPLETE
                                                                             : JOBS_ERROR_CRITICAL,
                              _("a critical action did not end well, and has been removed"));
}

static JobsState
jobs_run_get_end_state (JobsRun *self)
{
  if (self->verdict)
    return JOBS_STATE_FINISHED;
  if (g_error_matches (self->error, JOBS_ERROR, JOBS_ERROR_TIMED_OUT))
    return JOBS_STATE_TIMED_OUT;
  if (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return JOBS_STATE_CANCELLED;

  return JOBS_STATE_FAILED;
}

void
jobs_run_forget_pump (JobsRun *self)
{
  if (self->n_stuck > 0)
    return;

  g_mutex_lock (&self->lock);
  if (self->pump != NULL)
    jobs_pump_withdraw (self->pump, &self->cancel_post);
  g_clear_pointer (&self->pump, jobs_pump_unref);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->deadlines, jobs_deadlines_unref);
}

/* Gives back all that only a run needs */
static void
jobs_run_clear (JobsRun *self)
{
  JobsPump *pump = self->pump;

  if (self->cancellable_source != NULL)
    g_source_destroy (self->cancellable_source);
  g_clear_pointer (&self->cancellable_source, g_source_unref);
  jobs_deadlines_disarm (self->deadlines, &self->deadline);
  jobs_deadlines_disarm (self->deadlines, &self->starved_deadline);
  jobs_deadlines_disarm (self->deadlines, &self->shutdown_deadline);
  jobs_pump_withdraw (pump, &self->step);
  jobs_pump_withdraw (pump, &self->deadline_post);
  jobs_pump_withdraw (pump, &self->shutdown_post);
  g_clear_pointer (&self->check, jobs_check_free);
  g_clear_pointer (&self->cleaning, g_hash_table_unref);
  g_clear_pointer (&self->leases, jobs_leases_free);
  g_clear_pointer (&self->pending, g_free);
  self->pending_size = 0;
  jobs_ready_clear (&self->starved);
  jobs_ready_clear (&self->ready);
  jobs_ready_clear (&self->ready_forever);
  jobs_ready_clear (&self->skips);
  jobs_ready_clear (&self->fresh);
  g_assert (self->news == NULL || self->news->len == 0);
  g_clear_pointer (&self->news, g_array_unref);
  if (self->parent != NULL)
    g_queue_unlink (&self->parent->children, &self->link);
  self->parent = NULL;
  self->clock_left = 0;
  self->grace_due = 0;

  jobs_pump_ref (pump);
  jobs_run_forget_pump (self);
  jobs_pump_release (pump);
  jobs_pump_unref (pump);
  g_clear_pointer (&self->cancelled_early, g_ptr_array_unref);
  g_clear_pointer (&self->removed, g_ptr_array_unref);
}

static void
jobs_run_let_go (JobsRun *self)
{
  JobsEngine *outer = jobs_action_peek_engine (self->engine != NULL ? JOBS_ACTION (self->engine)
                                                                    : self->alone);

  if (outer != NULL)
    jobs_engine_count_alone (outer, -1);
}

/* The outcome of an action that ran alone */
static void
jobs_run_finish_alone (JobsRun *self)
{
  g_autoptr (JobsAction) action = g_object_ref (self->alone);
  g_autoptr (GTask) task = g_steal_pointer (&self->task);
  const GError *error = jobs_action_get_error (action);
  gboolean success = jobs_action_peek_state (action) == JOBS_STATE_FINISHED;

  jobs_action_unset_flag (action, JOBS_ACTION_IN_RUN);
  jobs_run_let_go (self);
  jobs_action_get_more (action)->alone = NULL;
  self->phase = JOBS_RUN_OFF;
  jobs_run_clear (self);
  if (self->n_stuck == 0)
    jobs_run_free (self);

  if (success)
    g_task_return_boolean (task, TRUE);
  else if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s", _("cancelled"));
}

void
jobs_run_finish (JobsRun *self)
{
  g_autoptr (JobsEngine) engine = NULL;
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;
  GValue value = G_VALUE_INIT;
  gboolean is_nested = self->attempt != NULL;
  gboolean is_checked = self->is_checked;
  gboolean success;
  JobsState state;

  if (self->engine == NULL)
    {
      jobs_run_finish_alone (self);
      return;
    }

  engine = g_object_ref (self->engine);
  task = g_steal_pointer (&self->task);
  self->verdict = self->refusal == NULL && self->n_bad == 0 && self->ending < JOBS_RUN_TIMED_OUT;
  g_clear_error (&self->error);
  if (self->refusal != NULL)
    self->error = g_steal_pointer (&self->refusal);
  else if (!self->verdict)
    self->error = jobs_run_make_error (self);

  /* From the next one on, handlers may start it again */
  success = self->verdict;
  error = self->error != NULL ? g_error_copy (self->error) : NULL;
  state = jobs_run_get_end_state (self);
  g_value_init (&value, G_TYPE_BOOLEAN);
  g_value_set_boolean (&value, success);

  if (is_nested)
    {
      jobs_attempt_end_by_owner (self->attempt, &value, error != NULL ? g_error_copy (error) : NULL);
      g_clear_object (&self->attempt);
    }
  else
    {
      jobs_run_let_go (self);
    }
  self->phase = JOBS_RUN_OFF;
  if (is_checked)
    self->is_retry = self->is_restored = FALSE;
  jobs_run_clear (self);

  if (is_checked && !is_nested)
    jobs_action_end_attempt (JOBS_ACTION (engine), state, &value,
                             error != NULL ? g_error_copy (error) : NULL, g_get_monotonic_time ());
  if (jobs_value_is_set (&value))
    g_value_unset (&value);
  if (is_checked)
    jobs_engine_emit_finished (engine, success);

  if (task != NULL && success)
    g_task_return_boolean (task, TRUE);
  else if (task != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
}
