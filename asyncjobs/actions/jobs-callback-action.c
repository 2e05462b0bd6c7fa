/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-callback-action.h"

/**
 * JobsCallbackAction:
 *
 * An action that calls a function, which does all the work before it returns.
 *
 * It is the cheapest kind there is: no attempt is made, and programs may have
 * millions of them.
 *
 * Since: 1.0
 */

struct _JobsCallbackAction
{
  JobsAction     parent_instance;

  JobsCallback   callback;
  gpointer       user_data;
  GDestroyNotify destroy;
};

G_DEFINE_FINAL_TYPE (JobsCallbackAction, jobs_callback_action, JOBS_TYPE_ACTION)

/* Apart from what is called for each job */
G_NO_INLINE static gboolean
refuse (GError **error)
{
  if (error != NULL && *error == NULL)
    g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_FAILED,
                         _("its function returned FALSE without an error"));

  return FALSE;
}

/* Not checked casts: this is called once per job, where a job may take 50 ns */
static gboolean
jobs_callback_action_perform (JobsAction *action,
                              GError    **error)
{
  JobsCallbackAction *self = (JobsCallbackAction *) action;

  return G_LIKELY (self->callback (action, self->user_data, error)) ? TRUE : refuse (error);
}

static void
jobs_callback_action_finalize (GObject *object)
{
  JobsCallbackAction *self = (JobsCallbackAction *) object;

  if (self->destroy != NULL)
    self->destroy (self->user_data);

  G_OBJECT_CLASS (jobs_callback_action_parent_class)->finalize (object);
}

static void
jobs_callback_action_class_init (JobsCallbackActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  object_class->finalize = jobs_callback_action_finalize;

  action_class->perform = jobs_callback_action_perform;
}

static void
jobs_callback_action_init (JobsCallbackAction *self)
{
}

/**
 * jobs_callback_action_new:
 * @label: (nullable): what it is called
 * @callback: (scope notified) (closure user_data) (destroy destroy): the function
 * @user_data: (nullable): what it is given
 * @destroy: (nullable): called with @user_data when the action is finalized
 *
 * Makes an action that calls a function.
 *
 * Returns: (transfer full): a new action
 *
 * Since: 1.0
 */
JobsAction *
jobs_callback_action_new (const char    *label,
                          JobsCallback   callback,
                          gpointer       user_data,
                          GDestroyNotify destroy)
{
  JobsCallbackAction *self;

  g_return_val_if_fail (callback != NULL, NULL);

  /* A tenth cheaper than g_object_new () */
  self = (JobsCallbackAction *) g_object_new_with_properties (JOBS_TYPE_CALLBACK_ACTION, 0, NULL, NULL);
  self->callback = callback;
  self->user_data = user_data;
  self->destroy = destroy;
  if (label != NULL)
    jobs_action_set_label ((JobsAction *) self, label);

  return (JobsAction *) self;
}
