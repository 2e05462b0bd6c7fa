/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-action-private.h"
#include "jobs-engine-private.h"
#include "jobs-run.h"

/**
 * JobsActionClass::perform:
 * @self: an action
 * @error: return location for an error
 *
 * Does the work, which has ended when it returns.
 *
 * Where a class has it, `start` is not called and there is no attempt. The result is
 * given by [method@Action.take_result]. It is called in the context of the run, and
 * holds that up.
 *
 * Returns: %FALSE where it failed, with an error
 *
 * Since: 1.0
 */

/**
 * JobsActionClass::start:
 * @self: an action
 * @attempt: what is to get the outcome
 * @error: return location for an error
 *
 * Begins the work without blocking.
 *
 * Keep a reference to @attempt, and give it one outcome, now or later, from any
 * thread: [method@Attempt.complete] or [method@Attempt.fail]. It is called in the
 * context of the run; once more, after %JOBS_ERROR_NO_RESOURCES, when there may be
 * room.
 *
 * Returns: %FALSE with an error, which is the outcome, where nothing has begun
 *
 * Since: 1.0
 */

/**
 * JobsActionClass::stop:
 * @self: an action
 * @attempt: the one that is to end
 * @error: return location for an error
 *
 * Asks the work of an attempt to end soon, and does not wait for that.
 *
 * The cancellable of the attempt has been cancelled already. The default fails the
 * attempt as cancelled, unless its cancellable was ever asked for. It is called in
 * the context of the run.
 *
 * Returns: %FALSE with an error, which is logged, where it cannot be asked; the run
 *   waits as long as it does for others
 *
 * Since: 1.0
 */

/**
 * JobsActionClass::clean_up:
 * @self: an action
 * @attempt: one for the clean-up alone
 * @error: return location for an error
 *
 * Clears away what the action leaves behind, without blocking.
 *
 * It is called once per action and run, at the end of the run of its engine, also
 * for an action that never started, in the context of the run; @attempt takes its
 * outcome as that of `start` does. What goes wrong does not change the verdict: see
 * [method@Engine.dup_clean_up_failures].
 *
 * Returns: %FALSE with an error, which is the outcome, where it failed
 *
 * Since: 1.0
 */
#include "jobs-value.h"

/* What becomes of an action: its state and outcome, and the ways to run it. */

/* Returns the state that it had. Nobody is told yet */
static inline JobsState
jobs_action_change_state (JobsAction *self,
                          JobsState   state)
{
  JobsActionPrivate *priv = jobs_action_peek (self);
  JobsState old = priv->flags & JOBS_ACTION_STATE_MASK;
  JobsEngine *engine = jobs_action_peek_engine (self);

  priv->flags = (priv->flags & ~(guint32) JOBS_ACTION_STATE_MASK) | state;
  if (engine != NULL)
    jobs_engine_count_state (engine, old, state);

  return old;
}

static void
jobs_action_tell_state (JobsAction *self,
                        JobsState   old,
                        JobsState   state)
{
  JobsEngine *engine;

  if (old == state)
    return;

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_STATE]);

  /* It may have been removed by whoever was told, and the engine dropped */
  engine = jobs_action_peek_engine (self);
  if (engine != NULL)
    jobs_engine_emit_state_changed (engine, self, old, state);
}

void
jobs_action_set_state (JobsAction *self,
                       JobsState   state)
{
  jobs_action_tell_state (self, jobs_action_change_state (self, state), state);
}

void
jobs_action_begin_perform (JobsAction *self,
                           gboolean    is_heard)
{
  JobsState old = jobs_action_change_state (self, JOBS_STATE_RUNNING);

  if (is_heard)
    jobs_action_tell_state (self, old, JOBS_STATE_RUNNING);
  else
    g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_STATE]);
}

gboolean
jobs_action_forget (JobsAction     *self,
                    JobsActionNews *news)
{
  JobsActionMore *more = jobs_action_peek_more (self);
  JobsState old;
  gboolean had_error = FALSE;
  gboolean was_tried = FALSE;

  jobs_action_unset_flag (self, JOBS_ACTION_OF_RUN);
  if (more != NULL)
    {
      had_error = more->error != NULL;
      was_tried = more->attempts > 0;

      if (jobs_value_is_set (&more->result))
        g_value_unset (&more->result);
      g_clear_error (&more->error);
      g_clear_pointer (&more->message, g_free);
      more->start_time = more->end_time = 0;
      more->attempts = 0;
      more->progress = -1.0;
    }
  old = jobs_action_change_state (self, JOBS_STATE_IDLE);
  *news = (JobsActionNews) { self, old, had_error, was_tried };

  return old != JOBS_STATE_IDLE || had_error || was_tried;
}

void
jobs_action_tell (const JobsActionNews *news)
{
  JobsAction *self = news->action;

  /* First the state: whoever is told of the others may change it */
  jobs_action_tell_state (self, news->old_state, JOBS_STATE_IDLE);
  if (news->had_error)
    g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_ERROR]);
  if (news->was_tried)
    {
      g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_START_TIME]);
      g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_END_TIME]);
      g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_ATTEMPTS]);
      g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_PROGRESS]);
      g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_MESSAGE]);
    }
}

void
jobs_action_reset (JobsAction *self)
{
  JobsActionNews news;

  if (jobs_action_forget (self, &news))
    jobs_action_tell (&news);
}

void
jobs_action_begin_attempt (JobsAction *self,
                           gint64      start_time)
{
  JobsActionMore *more = jobs_action_get_more (self);
  JobsState old;

  if (jobs_value_is_set (&more->result))
    g_value_unset (&more->result);
  g_clear_error (&more->error);
  g_clear_pointer (&more->message, g_free);
  more->start_time = start_time;
  more->end_time = 0;
  more->progress = -1.0;
  more->attempts++;
  jobs_action_unset_flag (self, JOBS_ACTION_READY);
  old = jobs_action_change_state (self, JOBS_STATE_RUNNING);

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_START_TIME]);
  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_ATTEMPTS]);
  jobs_action_tell_state (self, old, JOBS_STATE_RUNNING);
}

void
jobs_action_end_attempt (JobsAction *self,
                         JobsState   state,
                         GValue     *value,
                         GError     *error,
                         gint64      end_time)
{
  gboolean has_value = value != NULL && jobs_value_is_set (value);
  JobsState old;

  if (has_value || error != NULL || end_time != 0)
    {
      JobsActionMore *more = jobs_action_get_more (self);

      if (has_value)
        {
          if (jobs_value_is_set (&more->result))
            g_value_unset (&more->result);
          more->result = *value;
          memset (value, 0, sizeof *value);
        }
      g_clear_error (&more->error);
      more->error = error;
      if (end_time != 0)
        more->end_time = end_time;
    }
  old = jobs_action_change_state (self, state);

  if (end_time != 0)
    g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_END_TIME]);
  if (error != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_ERROR]);
  jobs_action_tell_state (self, old, state);
}

void
jobs_action_set_report (JobsAction *self,
                        double      fraction,
                        char       *message)
{
  JobsActionMore *more = jobs_action_get_more (self);
  gboolean is_new = message != NULL;

  more->progress = fraction;
  if (is_new)
    {
      g_free (more->message);
      more->message = message;
    }

  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_PROGRESS]);
  if (is_new)
    g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_MESSAGE]);
}

/**
 * jobs_action_get_state: (attributes org.gtk.Method.get_property=state)
 * @self: an action
 *
 * Where the action is in its life.
 *
 * Returns: the state in the present run, or the last one
 *
 * Since: 1.0
 */
JobsState
jobs_action_get_state (JobsAction *self)
{
  g_return_val_if_fail (JOBS_IS_ACTION (self), JOBS_STATE_IDLE);

  return jobs_action_peek_state (self);
}

/**
 * jobs_action_is_done:
 * @self: an action
 *
 * Whether the action has run, well or not.
 *
 * Returns: %TRUE for %JOBS_STATE_FINISHED, %JOBS_STATE_FAILED and
 *   %JOBS_STATE_TIMED_OUT
 *
 * Since: 1.0
 */
gboolean
jobs_action_is_done (JobsAction *self)
{
  JobsState state;

  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);

  state = jobs_action_peek_state (self);

  return state == JOBS_STATE_FINISHED || state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT;
}

/**
 * jobs_action_is_ended:
 * @self: an action
 *
 * Whether the action has come to an end, whichever.
 *
 * Returns: %TRUE in a terminal state
 *
 * Since: 1.0
 */
gboolean
jobs_action_is_ended (JobsAction *self)
{
  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);

  return jobs_state_is_terminal (jobs_action_peek_state (self));
}

/**
 * jobs_action_is_ready:
 * @self: an action
 *
 * Whether the attempt that goes on has said [method@Attempt.ready].
 *
 * Returns: %TRUE also where it has FINISHED after it
 *
 * Since: 1.0
 */
gboolean
jobs_action_is_ready (JobsAction *self)
{
  JobsState state;

  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);

  state = jobs_action_peek_state (self);

  return jobs_action_has_flag (self, JOBS_ACTION_READY) &&
         (state == JOBS_STATE_FINISHED || !jobs_state_is_terminal (state));
}

/**
 * jobs_action_get_result:
 * @self: an action
 *
 * The value that the action gave.
 *
 * Returns: (transfer none) (nullable): the value, which is valid until the action
 *   runs again; %NULL where there is none, or none yet
 *
 * Since: 1.0
 */
const GValue *
jobs_action_get_result (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  more = jobs_action_peek_more (self);

  return more != NULL && jobs_value_is_set (&more->result) ? &more->result : NULL;
}

/**
 * jobs_action_take_result:
 * @self: an action
 * @value: (nullable): the value, which is copied
 *
 * Gives the action its result, from within its `perform`.
 *
 * Actions with a `start` give theirs by [method@Attempt.complete].
 *
 * Since: 1.0
 */
void
jobs_action_take_result (JobsAction   *self,
                         const GValue *value)
{
  GValue copy = G_VALUE_INIT;
  JobsActionMore *more;

  g_return_if_fail (JOBS_IS_ACTION (self));

  more = jobs_action_get_more (self);
  if (jobs_value_is_set (&more->result))
    g_value_unset (&more->result);
  if (jobs_value_copy (value, &copy))
    more->result = copy;
}

/**
 * jobs_action_get_error: (attributes org.gtk.Method.get_property=error)
 * @self: an action
 *
 * Why the action did not end well.
 *
 * Returns: (transfer none) (nullable): the error, which is valid until the action
 *   runs again
 *
 * Since: 1.0
 */
const GError *
jobs_action_get_error (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->error : NULL;
}

/**
 * jobs_action_get_start_time: (attributes org.gtk.Method.get_property=start-time)
 * @self: an action
 *
 * When the last attempt began.
 *
 * Returns: monotonic time in microseconds; 0 where there was none
 *
 * Since: 1.0
 */
gint64
jobs_action_get_start_time (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), 0);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->start_time : 0;
}

/**
 * jobs_action_get_end_time: (attributes org.gtk.Method.get_property=end-time)
 * @self: an action
 *
 * When the last attempt ended.
 *
 * Returns: monotonic time in microseconds; 0 where it has not
 *
 * Since: 1.0
 */
gint64
jobs_action_get_end_time (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), 0);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->end_time : 0;
}

/**
 * jobs_action_get_attempts: (attributes org.gtk.Method.get_property=attempts)
 * @self: an action
 *
 * How many attempts were made in this run.
 *
 * Returns: the number, the one that goes on included
 *
 * Since: 1.0
 */
guint
jobs_action_get_attempts (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), 0);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->attempts : 0;
}

/**
 * jobs_action_get_progress: (attributes org.gtk.Method.get_property=progress)
 * @self: an action
 *
 * How much is done.
 *
 * Returns: from 0.0 to 1.0; negative where it is not known
 *
 * Since: 1.0
 */
double
jobs_action_get_progress (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), -1.0);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->progress : -1.0;
}

/**
 * jobs_action_get_message: (attributes org.gtk.Method.get_property=message)
 * @self: an action
 *
 * What the action last reported.
 *
 * Returns: (transfer none) (nullable): the message
 *
 * Since: 1.0
 */
const char *
jobs_action_get_message (JobsAction *self)
{
  JobsActionMore *more;

  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  more = jobs_action_peek_more (self);

  return more != NULL ? more->message : NULL;
}

/**
 * jobs_action_cancel:
 * @self: an action
 *
 * Asks the action to end.
 *
 * One that runs is told so, and its outcome stands: it may still end well. One
 * that waits will not run in this run. One that has ended, or whose engine does
 * not run, is left alone. Where it is critical and ends as cancelled, the run
 * is no success.
 *
 * Since: 1.0
 */
void
jobs_action_cancel (JobsAction *self)
{
  JobsEngine *engine;

  g_return_if_fail (JOBS_IS_ACTION (self));

  engine = jobs_action_peek_engine (self);
  g_return_if_fail (engine == NULL || jobs_engine_is_in_its_thread (engine));

  jobs_run_cancel_action (self);
}

/**
 * jobs_action_run_async:
 * @self: an action
 * @cancellable: (nullable): a way to cancel it
 * @callback: (scope async): called when it has ended
 * @user_data: data for @callback
 *
 * Runs this action alone, in the thread-default main context, as an engine of one
 * would: with its timeout, retries, pools, resources and clean-up, and without
 * its requirements.
 *
 * For an engine this is [method@Engine.orchestrate_async].
 *
 * Since: 1.0
 */
void
jobs_action_run_async (JobsAction         *self,
                       GCancellable       *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer            user_data)
{
  g_return_if_fail (JOBS_IS_ACTION (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  jobs_run_begin_alone (self, cancellable, callback, user_data);
}

/**
 * jobs_action_run_finish:
 * @self: an action
 * @result: what the callback got
 * @error: return location for an error
 *
 * Whether the action has ended well.
 *
 * The error is its own, %G_IO_ERROR_CANCELLED where it was cancelled,
 * %JOBS_ERROR_TIMED_OUT where it took too long, or %JOBS_ERROR_BUSY where it was
 * under way already.
 *
 * Returns: %TRUE where it has FINISHED
 *
 * Since: 1.0
 */
gboolean
jobs_action_run_finish (JobsAction   *self,
                        GAsyncResult *result,
                        GError      **error)
{
  g_return_val_if_fail (JOBS_IS_ACTION (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
