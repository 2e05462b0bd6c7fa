/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "../jobs-attempt-private.h"
#include "../jobs-deadlines.h"
#include "jobs-delay-action.h"

/**
 * JobsDelayAction:
 *
 * An action that ends some time after it has started. It blocks nothing, and a
 * hundred thousand of them at once are no burden for the main loop.
 *
 * Since: 1.0
 */

struct _JobsDelayAction
{
  JobsAction     parent_instance;

  guint          delay;

  /* while it runs */
  JobsAttempt   *attempt;
  JobsDeadlines *deadlines;
  JobsDeadline   deadline;
};

enum
{
  PROP_0,
  PROP_DELAY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (JobsDelayAction, jobs_delay_action, JOBS_TYPE_ACTION)

/* The caller gets the attempt, and may drop the last reference to the action
 * with it */
static JobsAttempt *
disarm (JobsDelayAction *self)
{
  if (self->deadlines != NULL)
    {
      jobs_deadlines_disarm (self->deadlines, &self->deadline);
      g_clear_pointer (&self->deadlines, jobs_deadlines_unref);
    }

  return g_steal_pointer (&self->attempt);
}

static void
deadline_cb (JobsDeadline *deadline)
{
  JobsDelayAction *self = JOBS_DEADLINE_CONTAINER (deadline, JobsDelayAction, deadline);
  g_autoptr (JobsAttempt) attempt = disarm (self);

  jobs_attempt_complete (attempt, NULL);
}

static gboolean
jobs_delay_action_start (JobsAction  *action,
                         JobsAttempt *attempt,
                         GError     **error)
{
  JobsDelayAction *self = JOBS_DELAY_ACTION (action);
  GMainContext *context = jobs_pump_get_context (jobs_attempt_get_pump (attempt));
  g_autoptr (JobsAttempt) former = disarm (self);

  self->attempt = g_object_ref (attempt);
  self->deadlines = jobs_deadlines_ref_for_context (context);
  jobs_deadlines_arm (self->deadlines, &self->deadline,
                      g_get_monotonic_time () + self->delay * G_GINT64_CONSTANT (1000));

  return TRUE;
}

static gboolean
jobs_delay_action_stop (JobsAction  *action,
                        JobsAttempt *attempt,
                        GError     **error)
{
  JobsDelayAction *self = JOBS_DELAY_ACTION (action);
  g_autoptr (JobsAttempt) former = NULL;
  g_autoptr (GError) cancelled = NULL;

  if (attempt != self->attempt)
    return TRUE;

  former = disarm (self);
  cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The delay was cancelled"));
  jobs_attempt_fail (attempt, cancelled);

  return TRUE;
}

static char *
jobs_delay_action_dup_details (JobsAction *action)
{
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  /* The whole range of the property to the millisecond, without needless zeros */
  g_ascii_formatd (seconds, sizeof seconds, "%.10g", JOBS_DELAY_ACTION (action)->delay / 1000.0);

  /* Not translated, like a command: the word is that of job files, and programs read details in reports */
  return g_strdup_printf ("sleep %s s", seconds);
}

static void
jobs_delay_action_dispose (GObject *object)
{
  g_autoptr (JobsAttempt) attempt = disarm (JOBS_DELAY_ACTION (object));

  G_OBJECT_CLASS (jobs_delay_action_parent_class)->dispose (object);
}

static void
jobs_delay_action_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  JobsDelayAction *self = JOBS_DELAY_ACTION (object);

  switch (prop_id)
    {
    case PROP_DELAY:
      g_value_set_uint (value, self->delay);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_delay_action_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  JobsDelayAction *self = JOBS_DELAY_ACTION (object);

  switch (prop_id)
    {
    case PROP_DELAY:
      jobs_delay_action_set_delay (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_delay_action_class_init (JobsDelayActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  object_class->dispose = jobs_delay_action_dispose;
  object_class->get_property = jobs_delay_action_get_property;
  object_class->set_property = jobs_delay_action_set_property;

  action_class->start = jobs_delay_action_start;
  action_class->stop = jobs_delay_action_stop;
  action_class->dup_details = jobs_delay_action_dup_details;

  /**
   * JobsDelayAction:delay: (getter get_delay) (setter set_delay)
   *
   * How long it takes, in ms.
   *
   * Since: 1.0
   */
  properties[PROP_DELAY] =
    g_param_spec_uint ("delay", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
jobs_delay_action_init (JobsDelayAction *self)
{
  self->deadline.func = deadline_cb;
}

/**
 * jobs_delay_action_new:
 * @label: (nullable): what it is called
 * @delay: how long it takes, in ms
 *
 * Makes an action that ends some time after it has started.
 *
 * Returns: (transfer full): a new action
 *
 * Since: 1.0
 */
JobsAction *
jobs_delay_action_new (const char *label,
                       guint       delay)
{
  return g_object_new (JOBS_TYPE_DELAY_ACTION, "label", label, "delay", delay, NULL);
}

/**
 * jobs_delay_action_get_delay: (get-property delay)
 * @self: a delay
 *
 * How long it takes.
 *
 * Returns: a time in ms
 *
 * Since: 1.0
 */
guint
jobs_delay_action_get_delay (JobsDelayAction *self)
{
  g_return_val_if_fail (JOBS_IS_DELAY_ACTION (self), 0);

  return self->delay;
}

/**
 * jobs_delay_action_set_delay: (set-property delay)
 * @self: a delay
 * @delay: a time in ms
 *
 * Sets how long it takes. While it runs, this is for its next start.
 *
 * Since: 1.0
 */
void
jobs_delay_action_set_delay (JobsDelayAction *self,
                             guint            delay)
{
  g_return_if_fail (JOBS_IS_DELAY_ACTION (self));

  if (self->delay == delay)
    return;

  self->delay = delay;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DELAY]);
}
