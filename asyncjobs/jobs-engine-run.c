/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-engine-private.h"
#include "jobs-run.h"

/* The policy of an engine and its runs, as its users see them; what a run is is in
 * jobs-run.c. */

/**
 * jobs_engine_get_window: (attributes org.gtk.Method.get_property=window)
 * @self: an engine
 *
 * How many actions may run at once.
 *
 * Returns: the number; 0, the default, for no limit
 *
 * Since: 1.0
 */
guint
jobs_engine_get_window (JobsEngine *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), 0);

  return jobs_engine_get_private (self)->run->window;
}

/**
 * jobs_engine_set_window: (attributes org.gtk.Method.set_property=window)
 * @self: an engine
 * @window: the new value
 *
 * Sets how many actions may run at once; 0 for no limit.
 *
 * It takes effect at once. An engine inside takes one place, and has a window of
 * its own; actions that go on forever take none.
 *
 * Since: 1.0
 */
void
jobs_engine_set_window (JobsEngine *self,
                        guint      window)
{
  JobsRun *run;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (jobs_engine_is_in_its_thread (self));

  run = jobs_engine_get_private (self)->run;
  if (run->window == window)
    return;

  run->window = window;
  jobs_run_wake (run);

  g_object_notify_by_pspec (G_OBJECT (self), jobs_engine_properties[JOBS_ENGINE_PROP_WINDOW]);
}

/**
 * jobs_engine_get_on_failure: (attributes org.gtk.Method.get_property=on-failure)
 * @self: an engine
 *
 * What happens when a critical action fails.
 *
 * Returns: %JOBS_ON_FAILURE_ABORT by default
 *
 * Since: 1.0
 */
JobsOnFailure
jobs_engine_get_on_failure (JobsEngine *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), JOBS_ON_FAILURE_ABORT);

  return jobs_engine_get_private (self)->run->on_failure;
}

/**
 * jobs_engine_set_on_failure: (attributes org.gtk.Method.set_property=on-failure)
 * @self: an engine
 * @on_failure: the new value
 *
 * Sets what happens when a critical action fails.
 *
 * Engines inside have a policy of their own.
 *
 * Since: 1.0
 */
void
jobs_engine_set_on_failure (JobsEngine   *self,
                            JobsOnFailure on_failure)
{
  JobsRun *run;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (jobs_engine_is_in_its_thread (self));
  g_return_if_fail (on_failure >= JOBS_ON_FAILURE_ABORT && on_failure <= JOBS_ON_FAILURE_KEEP_GOING);

  run = jobs_engine_get_private (self)->run;
  if (run->on_failure == on_failure)
    return;

  run->on_failure = on_failure;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_engine_properties[JOBS_ENGINE_PROP_ON_FAILURE]);
}

/**
 * jobs_engine_get_grace: (attributes org.gtk.Method.get_property=grace)
 * @self: an engine
 *
 * How long a run waits for an action that was asked to end.
 *
 * Returns: milliseconds; 10000 by default, 0 for no limit
 *
 * Since: 1.0
 */
guint
jobs_engine_get_grace (JobsEngine *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), 0);

  return jobs_engine_get_private (self)->run->grace;
}

/**
 * jobs_engine_set_grace: (attributes org.gtk.Method.set_property=grace)
 * @self: an engine
 * @grace: the new value
 *
 * Sets how long a run waits for an action that was asked to end.
 *
 * After that the action is reported with %JOBS_ERROR_STUCK, and the run goes on
 * without it.
 *
 * Since: 1.0
 */
void
jobs_engine_set_grace (JobsEngine *self,
                       guint      grace)
{
  JobsRun *run;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (jobs_engine_is_in_its_thread (self));

  run = jobs_engine_get_private (self)->run;
  if (run->grace == grace)
    return;

  run->grace = grace;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_engine_properties[JOBS_ENGINE_PROP_GRACE]);
}

/**
 * jobs_engine_get_shutdown_timeout: (attributes org.gtk.Method.get_property=shutdown-timeout)
 * @self: an engine
 *
 * How long the clean-up of all actions may take.
 *
 * Returns: milliseconds; 1000 by default, 0 for no limit
 *
 * Since: 1.0
 */
guint
jobs_engine_get_shutdown_timeout (JobsEngine *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), 0);

  return jobs_engine_get_private (self)->run->shutdown_timeout;
}

/**
 * jobs_engine_set_shutdown_timeout: (attributes org.gtk.Method.set_property=shutdown-timeout)
 * @self: an engine
 * @timeout: the new value
 *
 * Sets how long the clean-up of all actions may take, and as long once more the
 * closing of resources.
 *
 * Since: 1.0
 */
void
jobs_engine_set_shutdown_timeout (JobsEngine *self,
                                  guint      timeout)
{
  JobsRun *run;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (jobs_engine_is_in_its_thread (self));

  run = jobs_engine_get_private (self)->run;
  if (run->shutdown_timeout == timeout)
    return;

  run->shutdown_timeout = timeout;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_engine_properties[JOBS_ENGINE_PROP_SHUTDOWN_TIMEOUT]);
}

/**
 * jobs_engine_get_source_priority: (attributes org.gtk.Method.get_property=source-priority)
 * @self: an engine
 *
 * The priority of the outermost run in its main context.
 *
 * Returns: the priority; %G_PRIORITY_HIGH_IDLE + 20 by default
 *
 * Since: 1.0
 */
int
jobs_engine_get_source_priority (JobsEngine *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), 0);

  return jobs_engine_get_private (self)->run->source_priority;
}

/**
 * jobs_engine_set_source_priority: (attributes org.gtk.Method.set_property=source-priority)
 * @self: an engine
 * @priority: the new value
 *
 * Sets the priority of the outermost run in its main context, from the next run
 * on.
 *
 * The default is the one at which GTK redraws: the window stays alive, and so do
 * the jobs.
 *
 * Since: 1.0
 */
void
jobs_engine_set_source_priority (JobsEngine *self,
                                 int        priority)
{
  JobsRun *run;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (jobs_engine_is_in_its_thread (self));

  run = jobs_engine_get_private (self)->run;
  if (run->source_priority == priority)
    return;

  run->source_priority = priority;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_engine_properties[JOBS_ENGINE_PROP_SOURCE_PRIORITY]);
}

/**
 * jobs_engine_orchestrate_async:
 * @self: an engine
 * @cancellable: (nullable): a way to cancel the run
 * @callback: (scope async) (nullable): called when the run has ended
 * @user_data: data for @callback
 *
 * Runs the actions of @self in the thread-default main context.
 *
 * The graph is checked before anything starts. @callback is called when every
 * action has ended and been cleaned up after, or has been given up; see
 * [method@Engine.orchestrate_finish] for the errors.
 *
 * After a run an engine can run again: all is forgotten then, unless
 * [method@Engine.retry] has said what to do again.
 *
 * Since: 1.0
 */
void
jobs_engine_orchestrate_async (JobsEngine         *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  jobs_run_begin (jobs_engine_get_private (self)->run, cancellable, callback, user_data,
                  jobs_engine_orchestrate_async);
}

/**
 * jobs_engine_orchestrate_finish:
 * @self: an engine
 * @result: what the callback got
 * @error: return location for an error
 *
 * The verdict of a run.
 *
 * %JOBS_ERROR_CRITICAL where a critical action failed, with its path and message;
 * %JOBS_ERROR_INCOMPLETE likewise where the run kept going; %JOBS_ERROR_TIMED_OUT
 * where the run took longer than its timeout; %G_IO_ERROR_CANCELLED where it was
 * cancelled; %JOBS_ERROR_CYCLE, %JOBS_ERROR_DANGLING and %JOBS_ERROR_POOL where the
 * graph is wrong and nothing was started; %JOBS_ERROR_BUSY where it runs already.
 *
 * Returns: %TRUE where all went well
 *
 * Since: 1.0
 */
gboolean
jobs_engine_orchestrate_finish (JobsEngine   *self,
                                GAsyncResult *result,
                                GError      **error)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
orchestrate_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

/**
 * jobs_engine_orchestrate:
 * @self: an engine
 * @cancellable: (nullable): a way to cancel the run
 * @error: return location for an error
 *
 * Runs the actions of @self and waits for that, for scripts: it iterates the
 * thread-default main context, so that whatever else is in there goes on too.
 *
 * The errors are those of [method@Engine.orchestrate_finish].
 *
 * Returns: %TRUE where all went well
 *
 * Since: 1.0
 */
gboolean
jobs_engine_orchestrate (JobsEngine   *self,
                         GCancellable *cancellable,
                         GError      **error)
{
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  context = g_main_context_ref_thread_default ();
  jobs_engine_orchestrate_async (self, cancellable, orchestrate_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);

  return jobs_engine_orchestrate_finish (self, result, error);
}

/**
 * jobs_engine_shutdown_async:
 * @self: an engine
 * @cancellable: (nullable): not used
 * @callback: (scope async) (nullable): called when that is done
 * @user_data: data for @callback
 *
 * Sees to it that every action has been cleaned up after.
 *
 * A run does that at its end by itself, once per action. So this does nothing
 * more, and is %JOBS_ERROR_BUSY while @self runs.
 *
 * Since: 1.0
 */
void
jobs_engine_shutdown_async (JobsEngine         *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (task, jobs_engine_shutdown_async);
  if (jobs_engine_is_active (self))
    g_task_return_new_error (task, JOBS_ERROR, JOBS_ERROR_BUSY, "%s",
                             _("the engine runs, and cleans up at its end"));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * jobs_engine_shutdown_finish:
 * @self: an engine
 * @result: what the callback got
 * @error: return location for an error
 *
 * The end of [method@Engine.shutdown_async].
 *
 * Returns: %TRUE unless it is %JOBS_ERROR_BUSY
 *
 * Since: 1.0
 */
gboolean
jobs_engine_shutdown_finish (JobsEngine   *self,
                             GAsyncResult *result,
                             GError      **error)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * jobs_engine_cancel:
 * @self: an engine
 *
 * Asks a run to end: what runs is cancelled and waited for, nothing more starts.
 *
 * Where @self does not run it has no effect. During the clean-up it shortens that
 * to [property@Engine:grace]. Any thread.
 *
 * Since: 1.0
 */
void
jobs_engine_cancel (JobsEngine *self)
{
  g_return_if_fail (JOBS_IS_ENGINE (self));

  jobs_run_cancel (jobs_engine_get_private (self)->run);
}

/**
 * jobs_engine_pause:
 * @self: an engine
 * @flags: what is held up besides
 *
 * Nothing starts any more in @self, and in the engines inside it, until
 * [method@Engine.resume].
 *
 * Attempts that run go on, and so do their timeouts unless %JOBS_PAUSE_CLOCKS is
 * given. The timeout of the run stands still.
 *
 * Since: 1.0
 */
void
jobs_engine_pause (JobsEngine    *self,
                   JobsPauseFlags flags)
{
  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (jobs_engine_is_in_its_thread (self));

  jobs_run_pause (jobs_engine_get_private (self)->run, TRUE, flags);
}

/**
 * jobs_engine_resume:
 * @self: an engine
 *
 * Ends a pause.
 *
 * Since: 1.0
 */
void
jobs_engine_resume (JobsEngine *self)
{
  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (jobs_engine_is_in_its_thread (self));

  jobs_run_pause (jobs_engine_get_private (self)->run, FALSE, JOBS_PAUSE_DEFAULT);
}

/**
 * jobs_engine_is_paused:
 * @self: an engine
 *
 * Whether @self was paused; an engine around it does not count.
 *
 * Returns: whether it was
 *
 * Since: 1.0
 */
gboolean
jobs_engine_is_paused (JobsEngine *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);

  return jobs_engine_get_private (self)->run->is_paused;
}

/**
 * jobs_engine_is_active:
 * @self: an engine
 *
 * Whether a run goes on, its clean-up included.
 *
 * Returns: whether one does
 *
 * Since: 1.0
 */
gboolean
jobs_engine_is_active (JobsEngine *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);

  return jobs_run_is_active (jobs_engine_get_private (self)->run);
}

/**
 * jobs_engine_can_retry:
 * @self: an engine
 * @action: one of its actions
 * @error: return location for an error
 *
 * Whether [method@Engine.retry] would try @action again now; nothing is changed.
 *
 * It is %JOBS_ERROR_BUSY where it would be so there, and says why.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 1.0
 */
gboolean
jobs_engine_can_retry (JobsEngine *self,
                       JobsAction *action,
                       GError    **error)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (JOBS_IS_ACTION (action), FALSE);
  g_return_val_if_fail (jobs_action_peek_engine (action) == self, FALSE);

  return jobs_run_can_retry (jobs_engine_get_private (self)->run, action, error);
}

/**
 * jobs_engine_retry:
 * @self: an engine
 * @action: one of its actions that has not ended well
 * @error: return location for an error
 *
 * Tries @action again, and what was skipped or cancelled because of it.
 *
 * In a run that goes on they start when they may. After a run they wait for the
 * next one, which then does only that and keeps all other outcomes; its verdict is
 * that of the whole.
 *
 * It is %JOBS_ERROR_BUSY where @action has ended well or has not ended, or
 * where the run is ending.
 *
 * Returns: %TRUE unless there is an error
 *
 * Since: 1.0
 */
gboolean
jobs_engine_retry (JobsEngine *self,
                   JobsAction *action,
                   GError    **error)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (jobs_engine_is_in_its_thread (self), FALSE);
  g_return_val_if_fail (JOBS_IS_ACTION (action), FALSE);
  g_return_val_if_fail (jobs_action_peek_engine (action) == self, FALSE);

  return jobs_run_retry (jobs_engine_get_private (self)->run, action, error);
}

/**
 * jobs_engine_restore:
 * @self: an engine
 * @action: one of its actions that has not run
 * @result: (nullable): the value that it gave
 *
 * Takes @action as %JOBS_STATE_FINISHED, with @result, as an earlier run has left it,
 * be it one of another process.
 *
 * The next run does not run it again: what requires it finds it ended well. The run
 * after that forgets it like any other outcome. An engine that is restored does not
 * run what is in it; where some of it is to run, restore the actions inside instead.
 *
 * @self must not run.
 *
 * Since: 1.0
 */
void
jobs_engine_restore (JobsEngine   *self,
                     JobsAction   *action,
                     const GValue *result)
{
  g_return_if_fail (JOBS_IS_ENGINE (self));
  g_return_if_fail (jobs_engine_is_in_its_thread (self));
  g_return_if_fail (JOBS_IS_ACTION (action));
  g_return_if_fail (jobs_action_peek_engine (action) == self);
  g_return_if_fail (jobs_action_peek_state (action) == JOBS_STATE_IDLE);
  g_return_if_fail (!jobs_engine_is_active (self) && !jobs_action_is_under_way (action));

  jobs_run_restore (jobs_engine_get_private (self)->run, action, result);
}

/**
 * jobs_engine_get_n_stuck: (attributes org.gtk.Method.get_property=n-stuck)
 * @self: an engine
 *
 * How many attempts go on that a run has given up waiting for.
 *
 * As long as there is one @self cannot run again.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
jobs_engine_get_n_stuck (JobsEngine *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), 0);

  return jobs_engine_get_private (self)->run->n_stuck;
}

/**
 * jobs_engine_get_verdict:
 * @self: an engine
 *
 * Whether the last run went well.
 *
 * Returns: the verdict; %FALSE where there was no run, or where it goes on
 *
 * Since: 1.0
 */
gboolean
jobs_engine_get_verdict (JobsEngine *self)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);

  return !jobs_engine_is_active (self) && jobs_engine_get_private (self)->run->verdict;
}

/**
 * jobs_engine_get_culprit:
 * @self: an engine
 *
 * The first critical action that did not end well, inside engines too.
 *
 * Returns: (transfer none) (nullable): the action, or %NULL where there is none
 *
 * Since: 1.0
 */
JobsAction *
jobs_engine_get_culprit (JobsEngine *self)
{
  JobsAction *culprit;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  culprit = jobs_run_get_culprit (jobs_engine_get_private (self)->run);
  while (JOBS_IS_ENGINE (culprit))
    {
      JobsAction *inner = jobs_run_get_culprit (jobs_engine_get_run (JOBS_ENGINE (culprit)));

      if (inner == NULL)
        break;
      culprit = inner;
    }

  return culprit;
}

/**
 * jobs_engine_dup_clean_up_failures:
 * @self: an engine
 *
 * What went wrong in the clean-up of the last run; it does not change the verdict.
 *
 * An engine inside @self cleans up at its own end, and has a list of its own.
 *
 * Returns: (transfer full) (array zero-terminated=1): a line each, with the path
 *
 * Since: 1.0
 */
char **
jobs_engine_dup_clean_up_failures (JobsEngine *self)
{
  g_autoptr (GStrvBuilder) builder = NULL;
  GPtrArray *failures;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  builder = g_strv_builder_new ();
  failures = jobs_engine_get_private (self)->run->clean_up_failures;
  for (guint i = 0; failures != NULL && i < failures->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (failures, i));

  return g_strv_builder_end (builder);
}
