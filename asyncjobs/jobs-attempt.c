/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-action-private.h"
#include "jobs-attempt-private.h"
#include "jobs-value.h"

/**
 * JobsAttempt:
 *
 * One attempt at one action, to be given exactly one outcome.
 *
 * An action's `start` gets it, keeps a reference, and gives it its outcome when
 * the work has ended: [method@Attempt.complete] or [method@Attempt.fail]. That
 * may be at once or later, from any thread. The first outcome wins; a second one
 * is a warning and changes nothing. An attempt whose last reference goes
 * without an outcome has failed with %JOBS_ERROR_ABANDONED, so that a forgotten
 * callback fails a run instead of hanging it.
 *
 * What the outcome leads to happens in the main context of the run, never
 * inside the call.
 *
 * Since: 1.0
 */

struct _JobsAttempt
{
  GObject parent_instance;

  JobsPump *pump;
  JobsAction *action; /* (owned) (nullable) */
  JobsAttemptFunc func;
  gpointer owner;
  guint number;
  JobsPost post; /* has a reference while it is queued */

  int lock; /* a bit lock, of what follows */
  JobsAttemptEvents events;
  guint has_outcome : 1;
  guint is_abandoned : 1;
  guint is_owned : 1;
  guint is_ended_by_owner : 1; /* what its author says later is no mistake */
  guint is_cancelled : 1;
  GError *error;
  GValue value;
  double fraction;
  char *message;
  GCancellable *cancellable; /* made when first asked for */
};

G_DEFINE_FINAL_TYPE (JobsAttempt, jobs_attempt, G_TYPE_OBJECT)

static void
jobs_attempt_lock (JobsAttempt *self)
{
  g_bit_lock (&self->lock, 0);
}

static void
jobs_attempt_unlock (JobsAttempt *self)
{
  g_bit_unlock (&self->lock, 0);
}

static void
jobs_attempt_post_cb (JobsPost *post)
{
  JobsAttempt *self = JOBS_POST_CONTAINER (post, JobsAttempt, post);
  JobsAttemptEvents events;
  gboolean is_owned;

  jobs_attempt_lock (self);
  events = self->events;
  self->events = 0;
  is_owned = self->is_owned;
  jobs_attempt_unlock (self);

  if (is_owned)
    self->func (self, events, self->owner);

  g_object_unref (self);
}

/* Under the lock */
static void
jobs_attempt_add_event (JobsAttempt      *self,
                        JobsAttemptEvents event)
{
  gboolean is_first = self->events == 0;

  if (!self->is_owned)
    return;

  self->events |= event;
  if (!is_first)
    return;

  /* Before it is posted: its context may be quick. A dispose revives it so */
  g_object_ref (self);
  if (!jobs_pump_post (self->pump, &self->post))
    {
      /* The run is over and its context wants no more; the caller has a reference */
      self->events = 0;
      g_object_unref (self);
    }
}

static void
jobs_attempt_dispose (GObject *object)
{
  JobsAttempt *self = JOBS_ATTEMPT (object);

  jobs_attempt_lock (self);
  if (!self->has_outcome)
    {
      self->has_outcome = TRUE;
      self->is_abandoned = TRUE;
      self->error = g_error_new_literal (JOBS_ERROR, JOBS_ERROR_ABANDONED,
                                         _("abandoned: nothing can give the attempt its outcome any more"));
      jobs_attempt_add_event (self, JOBS_ATTEMPT_OUTCOME);
    }
  jobs_attempt_unlock (self);

  G_OBJECT_CLASS (jobs_attempt_parent_class)->dispose (object);
}

static void
jobs_attempt_finalize (GObject *object)
{
  JobsAttempt *self = JOBS_ATTEMPT (object);

  g_clear_object (&self->action);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_clear_pointer (&self->message, g_free);
  if (jobs_value_is_set (&self->value))
    g_value_unset (&self->value);
  g_clear_pointer (&self->pump, jobs_pump_unref);

  G_OBJECT_CLASS (jobs_attempt_parent_class)->finalize (object);
}

static void
jobs_attempt_class_init (JobsAttemptClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = jobs_attempt_dispose;
  object_class->finalize = jobs_attempt_finalize;
}

static void
jobs_attempt_init (JobsAttempt *self)
{
  self->post.func = jobs_attempt_post_cb;
  self->fraction = -1.0;
}

JobsAttempt *
jobs_attempt_new (JobsPump       *pump,
                  JobsAction     *action,
                  guint           number,
                  JobsAttemptFunc func,
                  gpointer        owner)
{
  JobsAttempt *self = g_object_new (JOBS_TYPE_ATTEMPT, NULL);

  self->pump = jobs_pump_ref (pump);
  self->action = action != NULL ? g_object_ref (action) : NULL;
  self->number = number;
  self->func = func;
  self->owner = owner;
  self->is_owned = TRUE;

  return self;
}

void
jobs_attempt_disown (JobsAttempt *self)
{
  jobs_attempt_lock (self);
  self->is_owned = FALSE;
  self->is_ended_by_owner = TRUE;
  jobs_attempt_unlock (self);
}

JobsAttempt *
jobs_attempt_ref_if_alive (JobsAttempt *self)
{
  JobsAttempt *attempt = NULL;

  /* A last unref in another thread waits for the lock in dispose: it gives up what
   * its author has left, but the object lives as long as this reference */
  jobs_attempt_lock (self);
  if (!self->is_abandoned)
    attempt = g_object_ref (self);
  jobs_attempt_unlock (self);

  return attempt;
}

void
jobs_attempt_cancel (JobsAttempt *self)
{
  GCancellable *cancellable = NULL;

  jobs_attempt_lock (self);
  self->is_cancelled = TRUE;
  if (self->cancellable != NULL)
    cancellable = g_object_ref (self->cancellable);
  jobs_attempt_unlock (self);

  if (cancellable != NULL)
    {
      g_cancellable_cancel (cancellable);
      g_object_unref (cancellable);
    }
}

gboolean
jobs_attempt_is_cancellable (JobsAttempt *self)
{
  gboolean is_cancellable;

  jobs_attempt_lock (self);
  is_cancellable = self->cancellable != NULL;
  jobs_attempt_unlock (self);

  return is_cancellable;
}

JobsPump *
jobs_attempt_get_pump (JobsAttempt *self)
{
  return self->pump;
}

/* Takes error and value, one of which may be NULL; value is what g_value_init()
 * made of it, and is left empty */
static void
jobs_attempt_end (JobsAttempt *self,
                  GValue      *value,
                  GError      *error,
                  gboolean     by_owner)
{
  gboolean is_second;

  jobs_attempt_lock (self);
  is_second = self->has_outcome;
  if (!is_second)
    {
      self->has_outcome = TRUE;
      self->error = g_steal_pointer (&error);
      if (value != NULL && jobs_value_is_set (value))
        {
          self->value = *value;
          memset (value, 0, sizeof *value);
        }
      jobs_attempt_add_event (self, JOBS_ATTEMPT_OUTCOME);
    }
  if (by_owner)
    self->is_ended_by_owner = TRUE;
  if (self->is_ended_by_owner)
    is_second = FALSE;
  jobs_attempt_unlock (self);

  if (value != NULL && jobs_value_is_set (value))
    g_value_unset (value);
  g_clear_error (&error);

  /* The path of an action is for its own context only. One that a program has made
   * by itself, which any language can, has neither */
  if (is_second)
    jobs_action_log (self->pump != NULL && g_main_context_is_owner (jobs_pump_get_context (self->pump))
                       ? self->action
                       : NULL,
                     G_LOG_LEVEL_WARNING, "an attempt was given a second outcome, which is ignored");
}

void
jobs_attempt_end_by_owner (JobsAttempt *self,
                           GValue      *value,
                           GError      *error)
{
  jobs_attempt_end (self, value, error, TRUE);
}

GError *
jobs_attempt_steal_error (JobsAttempt *self)
{
  return g_steal_pointer (&self->error);
}

gboolean
jobs_attempt_steal_value (JobsAttempt *self,
                          GValue      *value)
{
  if (!jobs_value_is_set (&self->value))
    return FALSE;

  *value = self->value;
  memset (&self->value, 0, sizeof self->value);

  return TRUE;
}

gboolean
jobs_attempt_is_abandoned (JobsAttempt *self)
{
  return self->is_abandoned;
}

double
jobs_attempt_get_fraction (JobsAttempt *self)
{
  double fraction;

  jobs_attempt_lock (self);
  fraction = self->fraction;
  jobs_attempt_unlock (self);

  return fraction;
}

char *
jobs_attempt_steal_message (JobsAttempt *self)
{
  char *message;

  jobs_attempt_lock (self);
  message = g_steal_pointer (&self->message);
  jobs_attempt_unlock (self);

  return message;
}

void
jobs_attempt_take_refusal (JobsAttempt *self,
                           const char  *what,
                           GError      *error)
{
  if (error == NULL)
    error = g_error_new (JOBS_ERROR, JOBS_ERROR_FAILED,
                         /* Translators: %s is the name of a function, such as “start” */
                         _("%s() did not return true, and gave no error"), what);

  jobs_attempt_lock (self);
  if (!self->has_outcome)
    {
      self->has_outcome = TRUE;
      self->error = g_steal_pointer (&error);
      jobs_attempt_add_event (self, JOBS_ATTEMPT_OUTCOME);
    }
  self->is_ended_by_owner = TRUE;
  jobs_attempt_unlock (self);

  g_clear_error (&error);
}

/**
 * jobs_attempt_get_action:
 * @self: an attempt
 *
 * What it is an attempt at. Any thread.
 *
 * Returns: (transfer none) (nullable): the action; %NULL where a resource is
 *   opened or closed
 *
 * Since: 1.0
 */
JobsAction *
jobs_attempt_get_action (JobsAttempt *self)
{
  g_return_val_if_fail (JOBS_IS_ATTEMPT (self), NULL);

  return self->action;
}

/**
 * jobs_attempt_get_number:
 * @self: an attempt
 *
 * Which attempt of the run it is, from 1. Any thread.
 *
 * Returns: the number; 0 for a clean-up, or where a resource is opened or closed
 *
 * Since: 1.0
 */
guint
jobs_attempt_get_number (JobsAttempt *self)
{
  g_return_val_if_fail (JOBS_IS_ATTEMPT (self), 0);

  return self->number;
}

/**
 * jobs_attempt_get_cancellable:
 * @self: an attempt
 *
 * A cancellable to hand to the operation that does the work.
 *
 * It is cancelled when the attempt has to end early, before the action's `stop`
 * is called. It is made when first asked for, and asking for it says that
 * the operation will end by itself when it is cancelled. Any thread.
 *
 * Returns: (transfer none): the cancellable of this attempt
 *
 * Since: 1.0
 */
GCancellable *
jobs_attempt_get_cancellable (JobsAttempt *self)
{
  gboolean is_late = FALSE;

  g_return_val_if_fail (JOBS_IS_ATTEMPT (self), NULL);

  jobs_attempt_lock (self);
  if (self->cancellable == NULL)
    {
      self->cancellable = g_cancellable_new ();
      is_late = self->is_cancelled;
    }
  jobs_attempt_unlock (self);

  if (is_late)
    g_cancellable_cancel (self->cancellable);

  return self->cancellable;
}

/**
 * jobs_attempt_has_outcome:
 * @self: an attempt
 *
 * Whether the attempt was given an outcome, by whoever it was. Any thread.
 *
 * Returns: whether another one would be too late
 *
 * Since: 1.0
 */
gboolean
jobs_attempt_has_outcome (JobsAttempt *self)
{
  gboolean has_outcome;

  g_return_val_if_fail (JOBS_IS_ATTEMPT (self), FALSE);

  jobs_attempt_lock (self);
  has_outcome = self->has_outcome;
  jobs_attempt_unlock (self);

  return has_outcome;
}

/**
 * jobs_attempt_complete:
 * @self: an attempt
 * @value: (nullable): the result, which is copied; %NULL where there is none
 *
 * The work has ended well. Any thread.
 *
 * A value of no type, or a null pointer without a type (which is what
 * JavaScript makes of `null`), is no value.
 *
 * Since: 1.0
 */
void
jobs_attempt_complete (JobsAttempt  *self,
                       const GValue *value)
{
  GValue copy = G_VALUE_INIT;

  g_return_if_fail (JOBS_IS_ATTEMPT (self));

  jobs_value_copy (value, &copy);
  jobs_attempt_end (self, &copy, NULL, FALSE);
}

/**
 * jobs_attempt_fail:
 * @self: an attempt
 * @error: (transfer none): why, which is copied
 *
 * The work has failed, or, with %G_IO_ERROR_CANCELLED, was given up. Any
 * thread.
 *
 * Since: 1.0
 */
void
jobs_attempt_fail (JobsAttempt  *self,
                   const GError *error)
{
  g_return_if_fail (JOBS_IS_ATTEMPT (self));
  g_return_if_fail (error != NULL);

  jobs_attempt_end (self, NULL, g_error_copy (error), FALSE);
}

/**
 * jobs_attempt_fail_message:
 * @self: an attempt
 * @message: why, in words
 *
 * The work has failed; for languages whose exceptions are no #GError. The error
 * is %JOBS_ERROR_FAILED. Any thread.
 *
 * Since: 1.0
 */
void
jobs_attempt_fail_message (JobsAttempt *self,
                           const char  *message)
{
  g_return_if_fail (JOBS_IS_ATTEMPT (self));
  g_return_if_fail (message != NULL);

  jobs_attempt_end (self, NULL, g_error_new_literal (JOBS_ERROR, JOBS_ERROR_FAILED, message), FALSE);
}

/**
 * jobs_attempt_ready:
 * @self: an attempt
 *
 * What was started can be used now, although it has not ended: a server
 * listens, say.
 *
 * Those that require the action with %JOBS_CONDITION_READY may start. Again, or
 * after the outcome, it has no effect. Any thread.
 *
 * Since: 1.0
 */
void
jobs_attempt_ready (JobsAttempt *self)
{
  g_return_if_fail (JOBS_IS_ATTEMPT (self));

  jobs_attempt_lock (self);
  if (!self->has_outcome)
    jobs_attempt_add_event (self, JOBS_ATTEMPT_READY);
  jobs_attempt_unlock (self);
}

/**
 * jobs_attempt_report:
 * @self: an attempt
 * @fraction: how much is done, from 0.0 to 1.0; negative where it is not known
 * @message: (nullable): what goes on, in words; %NULL leaves the former message
 *
 * Says how far the work is, for monitors.
 *
 * Reports may be frequent: those that the main context cannot keep up with are
 * merged into the last one. After the outcome it has no effect. Any thread.
 *
 * Since: 1.0
 */
void
jobs_attempt_report (JobsAttempt *self,
                     double       fraction,
                     const char  *message)
{
  char *former = NULL;
  char *valid;

  g_return_if_fail (JOBS_IS_ATTEMPT (self));

  valid = message != NULL ? g_utf8_make_valid (message, -1) : NULL;

  jobs_attempt_lock (self);
  if (!self->has_outcome)
    {
      self->fraction = fraction < 0.0 || fraction != fraction ? -1.0 : MIN (fraction, 1.0);
      if (valid != NULL)
        {
          former = self->message;
          self->message = g_steal_pointer (&valid);
        }
      jobs_attempt_add_event (self, JOBS_ATTEMPT_REPORT);
    }
  jobs_attempt_unlock (self);

  g_free (former);
  g_free (valid);
}
