/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-async-action.h"

/**
 * JobsAsyncAction:
 *
 * An action that calls a function, which begins work that ends later.
 *
 * To stop it early, its attempt's [method@Attempt.get_cancellable] is cancelled;
 * where the function never asked for that, the attempt is given up at once.
 *
 * Since: 1.0
 */

struct _JobsAsyncAction
{
  JobsAction     parent_instance;

  JobsAsyncStart start;
  gpointer       user_data;
  GDestroyNotify destroy;
};

G_DEFINE_FINAL_TYPE (JobsAsyncAction, jobs_async_action, JOBS_TYPE_ACTION)

static gboolean
jobs_async_action_start (JobsAction  *action,
                         JobsAttempt *attempt,
                         GError     **error)
{
  JobsAsyncAction *self = JOBS_ASYNC_ACTION (action);

  return self->start (action, attempt, self->user_data, error);
}

static void
jobs_async_action_finalize (GObject *object)
{
  JobsAsyncAction *self = JOBS_ASYNC_ACTION (object);

  if (self->destroy != NULL)
    self->destroy (self->user_data);

  G_OBJECT_CLASS (jobs_async_action_parent_class)->finalize (object);
}

static void
jobs_async_action_class_init (JobsAsyncActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  object_class->finalize = jobs_async_action_finalize;

  action_class->start = jobs_async_action_start;
}

static void
jobs_async_action_init (JobsAsyncAction *self)
{
}

/**
 * jobs_async_action_new:
 * @label: (nullable): what it is called
 * @start: (scope notified) (closure user_data) (destroy destroy): the function
 * @user_data: (nullable): what it is given
 * @destroy: (nullable): called with @user_data when the action is finalized
 *
 * Makes an action that calls a function, which begins the work.
 *
 * Returns: (transfer full): a new action
 *
 * Since: 1.0
 */
JobsAction *
jobs_async_action_new (const char    *label,
                       JobsAsyncStart start,
                       gpointer       user_data,
                       GDestroyNotify destroy)
{
  JobsAsyncAction *self;

  g_return_val_if_fail (start != NULL, NULL);

  self = g_object_new (JOBS_TYPE_ASYNC_ACTION, NULL);
  self->start = start;
  self->user_data = user_data;
  self->destroy = destroy;
  if (label != NULL)
    jobs_action_set_label (JOBS_ACTION (self), label);

  return JOBS_ACTION (self);
}
