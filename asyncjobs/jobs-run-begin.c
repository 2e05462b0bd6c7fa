/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-run.h"

/* The beginning of a run: of an engine, of one inside another one, of an action
 * alone. */

static void
jobs_run_reset (JobsRun  *self,
                JobsPump *pump)
{
  g_mutex_lock (&self->lock);
  g_atomic_int_set (&self->is_cancel_asked, FALSE);
  self->pump = jobs_pump_ref (pump);
  g_mutex_unlock (&self->lock);
  jobs_pump_hold (pump);
  self->deadlines = jobs_deadlines_ref_for_context (jobs_pump_get_context (pump));

  g_clear_error (&self->error);
  self->n_bad = 0;
  g_clear_object (&self->culprit);
  self->phase = JOBS_RUN_COMPILING;
  self->ending = self->cause = JOBS_RUN_GOES_ON;
  self->grace_due = 0;
  self->may_feed = FALSE;
  self->has_priorities = FALSE;
  self->verdict = FALSE;
  self->is_checked = FALSE;
  self->sweeps = FALSE;
  self->limit = 0;
  self->n_left = self->n_finite = self->n_finite_left = 0;
  g_clear_pointer (&self->clean_up_failures, g_ptr_array_unref);
  g_assert (self->n_slots == self->n_stuck);
}

static gboolean
run_cancellable_cb (GCancellable *cancellable,
                    gpointer      data)
{
  JobsAction *action = g_weak_ref_get (data);

  if (action != NULL)
    {
      jobs_action_cancel (action);
      g_object_unref (action);
    }

  return G_SOURCE_REMOVE;
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* A source, since a handler of the signal may not disconnect itself */
static void
jobs_run_watch (JobsRun      *self,
                GCancellable *cancellable)
{
  GWeakRef *weak;

  if (cancellable == NULL)
    return;

  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self->engine != NULL ? (gpointer) self->engine : self->alone);
  self->cancellable_source = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancellable_source, G_SOURCE_FUNC (run_cancellable_cb), weak,
                         weak_ref_free);
  g_source_attach (self->cancellable_source, jobs_pump_get_context (self->pump));
}

static gboolean
is_busy (JobsRun *self,
         GError **error)
{
  if (!jobs_run_is_active (self) && self->n_stuck == 0 && !jobs_engine_is_held (self->engine))
    return FALSE;

  g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_BUSY,
                       self->n_stuck > 0
                         ? _("an action of the last run is stuck, and goes on")
                         : _("the engine runs already"));

  return TRUE;
}

/* Likewise what is in an engine that runs, which has its own plans for it, or may come
 * to it; or has not heard yet that it has ended */
static gboolean
is_busy_elsewhere (JobsAction *action,
                   GError    **error)
{
  JobsEngine *outer = jobs_action_peek_engine (action);

  if (jobs_action_is_under_way (action))
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_BUSY, _("the action is under way already"));
      return TRUE;
    }

  while (outer != NULL && !jobs_engine_is_active (outer))
    outer = jobs_action_peek_engine (JOBS_ACTION (outer));
  if (outer == NULL)
    return FALSE;

  g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_BUSY, _("the engine that it is in runs"));

  return TRUE;
}

/* An engine, or an action alone, that runs although it is in an engine */
static void
jobs_run_hold (JobsRun *self)
{
  JobsEngine *outer = jobs_action_peek_engine (self->engine != NULL ? JOBS_ACTION (self->engine)
                                                                    : self->alone);

  if (outer != NULL)
    jobs_engine_count_alone (outer, 1);
}

void
jobs_run_begin (JobsRun            *self,
                GCancellable       *cancellable,
                GAsyncReadyCallback callback,
                gpointer            user_data,
                gpointer            tag)
{
  g_autoptr (GTask) task = g_task_new (self->engine, NULL, callback, user_data);
  GError *error = NULL;
  JobsPump *pump;

  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (task, tag);
  if (is_busy (self, &error) || is_busy_elsewhere (JOBS_ACTION (self->engine), &error))
    {
      g_task_return_error (task, error);
      return;
    }

  pump = jobs_pump_new (g_task_get_context (task), self->source_priority);
  jobs_run_reset (self, pump);
  jobs_pump_unref (pump);
  self->task = g_steal_pointer (&task);
  jobs_run_hold (self);
  jobs_action_reset (JOBS_ACTION (self->engine));
  jobs_run_watch (self, cancellable);
  jobs_run_wake (self);
}

gboolean
jobs_run_begin_nested (JobsRun     *self,
                       JobsAttempt *attempt,
                       GError     **error)
{
  JobsEngine *outer = jobs_action_peek_engine (JOBS_ACTION (self->engine));

  if (is_busy (self, error))
    return FALSE;

  self->parent = jobs_engine_get_run (outer);
  g_queue_push_tail_link (&self->parent->children, &self->link);
  jobs_run_reset (self, jobs_attempt_get_pump (attempt));
  self->attempt = g_object_ref (attempt);
  jobs_run_wake (self);

  return TRUE;
}

void
jobs_run_begin_alone (JobsAction         *action,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  JobsPump *pump;
  JobsRun *self;
  guint32 index;

  if (JOBS_IS_ENGINE (action))
    {
      jobs_engine_orchestrate_async (JOBS_ENGINE (action), cancellable, callback, user_data);
      return;
    }

  task = g_task_new (action, NULL, callback, user_data);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (task, jobs_action_run_async);
  if (is_busy_elsewhere (action, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  self = jobs_run_new (NULL);
  self->alone = g_object_ref (action);
  jobs_action_get_more (action)->alone = self;
  jobs_run_hold (self);
  pump = jobs_pump_new (g_task_get_context (task), self->source_priority);
  jobs_run_reset (self, pump);
  jobs_pump_unref (pump);
  self->task = g_steal_pointer (&task);
  jobs_action_reset (action);
  jobs_run_watch (self, cancellable);

  index = jobs_action_get_index (action);
  jobs_run_grow_pending (self, index + 1);
  jobs_run_enter (self, action, index);
  self->limit = index + 1;
  self->phase = JOBS_RUN_GOING;
  jobs_run_wake (self);
}
