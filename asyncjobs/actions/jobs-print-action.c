/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-print-action.h"

/**
 * JobsPrintAction:
 *
 * An action that prints a line to standard output, with g_print().
 *
 * Since: 1.0
 */

struct _JobsPrintAction
{
  JobsAction parent_instance;

  char      *text;
};

G_DEFINE_FINAL_TYPE (JobsPrintAction, jobs_print_action, JOBS_TYPE_ACTION)

static gboolean
jobs_print_action_perform (JobsAction *action,
                           GError    **error)
{
  g_print ("%s\n", JOBS_PRINT_ACTION (action)->text);

  return TRUE;
}

static char *
jobs_print_action_dup_details (JobsAction *action)
{
  return g_strdup_printf ("print %s", JOBS_PRINT_ACTION (action)->text);
}

static void
jobs_print_action_finalize (GObject *object)
{
  g_free (JOBS_PRINT_ACTION (object)->text);

  G_OBJECT_CLASS (jobs_print_action_parent_class)->finalize (object);
}

static void
jobs_print_action_class_init (JobsPrintActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  object_class->finalize = jobs_print_action_finalize;

  action_class->perform = jobs_print_action_perform;
  action_class->dup_details = jobs_print_action_dup_details;
}

static void
jobs_print_action_init (JobsPrintAction *self)
{
}

/**
 * jobs_print_action_new:
 * @label: (nullable): what it is called
 * @message: what to print, without the newline at its end
 *
 * Makes an action that prints a line.
 *
 * Returns: (transfer full): a new action
 *
 * Since: 1.0
 */
JobsAction *
jobs_print_action_new (const char *label,
                       const char *message)
{
  JobsPrintAction *self;

  g_return_val_if_fail (message != NULL, NULL);

  self = g_object_new (JOBS_TYPE_PRINT_ACTION, "label", label, NULL);
  self->text = g_strdup (message);

  return JOBS_ACTION (self);
}
