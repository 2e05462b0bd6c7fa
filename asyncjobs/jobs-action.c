/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-action-private.h"
#include "jobs-attempt-private.h"
#include "jobs-engine.h"
#include "jobs-run.h"
#include "jobs-value.h"

/**
 * JobsAction:
 *
 * Something to be done, that may require other things to be done before.
 *
 * An action belongs to one [class@Engine], which runs it when what it requires
 * has ended. What it does is up to its class: see [struct@ActionClass] for how
 * to write one, and [class@CallbackAction], [class@AsyncAction],
 * [class@ThreadAction], [class@DelayAction], [class@PrintAction] and
 * [class@CommandAction] for those that are there.
 *
 * Its state, outcome, times and progress can be read at any time. For actions
 * that end within one call (those with a `perform`) times and the number of
 * attempts are not kept.
 *
 * Only used in the main context of its engine.
 *
 * Since: 1.0
 */

/**
 * JobsActionClass::dup_label:
 * @self: an action
 *
 * See [struct@ActionClass].
 *
 * Returns: (transfer full) (nullable): the label, or %NULL where there is none
 *
 * Since: 1.0
 */

/**
 * JobsActionClass::dup_details:
 * @self: an action
 *
 * See [struct@ActionClass].
 *
 * Returns: (transfer full) (nullable): the details, or %NULL where there are none
 *
 * Since: 1.0
 */

GParamSpec *jobs_action_properties[JOBS_ACTION_N_PROPS];

int jobs_action_private_offset;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (JobsAction, jobs_action, G_TYPE_OBJECT)

static void
jobs_action_more_free (JobsActionMore *more)
{
  g_assert (more->ticket == NULL);

  g_free (more->label);
  g_free (more->details);
  g_free (more->message);
  g_clear_pointer (&more->needs, g_array_unref);
  g_clear_pointer (&more->resources, g_ptr_array_unref);
  g_clear_pointer (&more->loose, jobs_action_free_loose);
  g_clear_pointer (&more->places, g_hash_table_unref);
  if (jobs_value_is_set (&more->result))
    g_value_unset (&more->result);
  g_clear_error (&more->error);
  g_slice_free (JobsActionMore, more);
}

static gboolean
jobs_action_real_stop (JobsAction  *self,
                       JobsAttempt *attempt,
                       GError     **error)
{
  if (!jobs_attempt_is_cancellable (attempt))
    jobs_attempt_end_by_owner (attempt, NULL,
                               g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("cancelled")));

  return TRUE;
}

static void
jobs_action_finalize (GObject *object)
{
  JobsActionMore *more = jobs_action_peek_more (JOBS_ACTION (object));

  if (more != NULL)
    jobs_action_more_free (more);

  G_OBJECT_CLASS (jobs_action_parent_class)->finalize (object);
}

static void
jobs_action_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  JobsAction *self = JOBS_ACTION (object);

  switch (prop_id)
    {
    case JOBS_ACTION_PROP_LABEL:
      g_value_set_string (value, jobs_action_get_label (self));
      break;
    case JOBS_ACTION_PROP_DETAILS:
      g_value_set_string (value, jobs_action_get_details (self));
      break;
    case JOBS_ACTION_PROP_ENGINE:
      g_value_set_object (value, jobs_action_get_engine (self));
      break;
    case JOBS_ACTION_PROP_CRITICAL:
      g_value_set_boolean (value, jobs_action_get_critical (self));
      break;
    case JOBS_ACTION_PROP_FOREVER:
      g_value_set_boolean (value, jobs_action_get_forever (self));
      break;
    case JOBS_ACTION_PROP_IDEMPOTENT:
      g_value_set_boolean (value, jobs_action_get_idempotent (self));
      break;
    case JOBS_ACTION_PROP_TIMEOUT:
      g_value_set_uint (value, jobs_action_get_timeout (self));
      break;
    case JOBS_ACTION_PROP_RETRIES:
      g_value_set_uint (value, jobs_action_get_retries (self));
      break;
    case JOBS_ACTION_PROP_RETRY_DELAY:
      g_value_set_uint (value, jobs_action_get_retry_delay (self));
      break;
    case JOBS_ACTION_PROP_RETRY_DELAY_MAX:
      g_value_set_uint (value, jobs_action_get_retry_delay_max (self));
      break;
    case JOBS_ACTION_PROP_PRIORITY:
      g_value_set_int (value, jobs_action_get_priority (self));
      break;
    case JOBS_ACTION_PROP_STATE:
      g_value_set_enum (value, jobs_action_get_state (self));
      break;
    case JOBS_ACTION_PROP_START_TIME:
      g_value_set_int64 (value, jobs_action_get_start_time (self));
      break;
    case JOBS_ACTION_PROP_END_TIME:
      g_value_set_int64 (value, jobs_action_get_end_time (self));
      break;
    case JOBS_ACTION_PROP_ATTEMPTS:
      g_value_set_uint (value, jobs_action_get_attempts (self));
      break;
    case JOBS_ACTION_PROP_PROGRESS:
      g_value_set_double (value, jobs_action_get_progress (self));
      break;
    case JOBS_ACTION_PROP_MESSAGE:
      g_value_set_string (value, jobs_action_get_message (self));
      break;
    case JOBS_ACTION_PROP_ERROR:
      g_value_set_boxed (value, jobs_action_get_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_action_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  JobsAction *self = JOBS_ACTION (object);

  switch (prop_id)
    {
    case JOBS_ACTION_PROP_LABEL:
      jobs_action_set_label (self, g_value_get_string (value));
      break;
    case JOBS_ACTION_PROP_DETAILS:
      jobs_action_set_details (self, g_value_get_string (value));
      break;
    case JOBS_ACTION_PROP_CRITICAL:
      jobs_action_set_critical (self, g_value_get_boolean (value));
      break;
    case JOBS_ACTION_PROP_FOREVER:
      jobs_action_set_forever (self, g_value_get_boolean (value));
      break;
    case JOBS_ACTION_PROP_IDEMPOTENT:
      jobs_action_set_idempotent (self, g_value_get_boolean (value));
      break;
    case JOBS_ACTION_PROP_TIMEOUT:
      jobs_action_set_timeout (self, g_value_get_uint (value));
      break;
    case JOBS_ACTION_PROP_RETRIES:
      jobs_action_set_retries (self, g_value_get_uint (value));
      break;
    case JOBS_ACTION_PROP_RETRY_DELAY:
      jobs_action_set_retry_delay (self, g_value_get_uint (value));
      break;
    case JOBS_ACTION_PROP_RETRY_DELAY_MAX:
      jobs_action_set_retry_delay_max (self, g_value_get_uint (value));
      break;
    case JOBS_ACTION_PROP_PRIORITY:
      jobs_action_set_priority (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_name_properties (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * JobsAction:label: (attributes org.gtk.Property.get=jobs_action_get_label org.gtk.Property.set=jobs_action_set_label)
   *
   * The name that was given to the action.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);

  /**
   * JobsAction:details: (attributes org.gtk.Property.get=jobs_action_get_details org.gtk.Property.set=jobs_action_set_details)
   *
   * What the action does, where that was given.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_DETAILS] = g_param_spec_string ("details", NULL, NULL, NULL, flags);
}

static void
install_policy_properties (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * JobsAction:critical: (attributes org.gtk.Property.get=jobs_action_get_critical org.gtk.Property.set=jobs_action_set_critical)
   *
   * Whether a failure of the action is a failure of the run.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_CRITICAL] = g_param_spec_boolean ("critical", NULL, NULL, TRUE, flags);

  /**
   * JobsAction:forever: (attributes org.gtk.Property.get=jobs_action_get_forever org.gtk.Property.set=jobs_action_set_forever)
   *
   * Whether the action is not meant to end: it is not waited for.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_FOREVER] = g_param_spec_boolean ("forever", NULL, NULL, FALSE, flags);

  /**
   * JobsAction:idempotent: (attributes org.gtk.Property.get=jobs_action_get_idempotent org.gtk.Property.set=jobs_action_set_idempotent)
   *
   * Whether doing it twice does no harm.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_IDEMPOTENT] =
    g_param_spec_boolean ("idempotent", NULL, NULL, FALSE, flags);

  /**
   * JobsAction:timeout: (attributes org.gtk.Property.get=jobs_action_get_timeout org.gtk.Property.set=jobs_action_set_timeout)
   *
   * How long an attempt may take, in milliseconds; 0 for no limit.
   *
   * For an engine an attempt is a run.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * JobsAction:retries: (attributes org.gtk.Property.get=jobs_action_get_retries org.gtk.Property.set=jobs_action_set_retries)
   *
   * How many more attempts are made after one that failed or timed out.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_RETRIES] = g_param_spec_uint ("retries", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * JobsAction:retry-delay: (attributes org.gtk.Property.get=jobs_action_get_retry_delay org.gtk.Property.set=jobs_action_set_retry_delay)
   *
   * The time before the second attempt, in milliseconds; it doubles for each
   * further one, less a random part of up to a quarter.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_RETRY_DELAY] = g_param_spec_uint ("retry-delay", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * JobsAction:retry-delay-max: (attributes org.gtk.Property.get=jobs_action_get_retry_delay_max org.gtk.Property.set=jobs_action_set_retry_delay_max)
   *
   * What the time between attempts does not grow beyond, in milliseconds.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_RETRY_DELAY_MAX] =
    g_param_spec_uint ("retry-delay-max", NULL, NULL, 0, G_MAXUINT, JOBS_RETRY_DELAY_MAX, flags);

  /**
   * JobsAction:priority: (attributes org.gtk.Property.get=jobs_action_get_priority org.gtk.Property.set=jobs_action_set_priority)
   *
   * Which of the actions that may start goes first: the one of the highest
   * priority.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_PRIORITY] =
    g_param_spec_int ("priority", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
}

static void
install_life_properties (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * JobsAction:engine: (attributes org.gtk.Property.get=jobs_action_get_engine)
   *
   * The engine that the action is in.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, JOBS_TYPE_ENGINE, flags);

  /**
   * JobsAction:state: (attributes org.gtk.Property.get=jobs_action_get_state)
   *
   * Where the action is in its life.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, JOBS_TYPE_STATE, JOBS_STATE_IDLE, flags);

  /**
   * JobsAction:start-time: (attributes org.gtk.Property.get=jobs_action_get_start_time)
   *
   * When the last attempt began, on the monotonic clock in microseconds; 0 where
   * there was none.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_START_TIME] =
    g_param_spec_int64 ("start-time", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * JobsAction:end-time: (attributes org.gtk.Property.get=jobs_action_get_end_time)
   *
   * When the last attempt ended, on the monotonic clock in microseconds; 0 where
   * it has not.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_END_TIME] = g_param_spec_int64 ("end-time", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * JobsAction:attempts: (attributes org.gtk.Property.get=jobs_action_get_attempts)
   *
   * How many attempts were made in this run.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_ATTEMPTS] = g_param_spec_uint ("attempts", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * JobsAction:progress: (attributes org.gtk.Property.get=jobs_action_get_progress)
   *
   * How much is done, from 0.0 to 1.0; negative where it is not known.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, -1.0, 1.0, -1.0, flags);

  /**
   * JobsAction:message: (attributes org.gtk.Property.get=jobs_action_get_message)
   *
   * What the action last reported.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);

  /**
   * JobsAction:error: (attributes org.gtk.Property.get=jobs_action_get_error)
   *
   * Why the action did not end well.
   *
   * Since: 1.0
   */
  jobs_action_properties[JOBS_ACTION_PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
}

static void
jobs_action_class_init (JobsActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  jobs_action_private_offset = g_type_class_get_instance_private_offset (klass);

  object_class->finalize = jobs_action_finalize;
  object_class->get_property = jobs_action_get_property;
  object_class->set_property = jobs_action_set_property;

  klass->stop = jobs_action_real_stop;

  install_name_properties ();
  install_policy_properties ();
  install_life_properties ();
  g_object_class_install_properties (object_class, JOBS_ACTION_N_PROPS, jobs_action_properties);
}

static void
jobs_action_init (JobsAction *self)
{
}

guint32
jobs_action_get_index (JobsAction *self)
{
  return jobs_action_peek (self)->index;
}

JobsActionMore *
jobs_action_get_more (JobsAction *self)
{
  JobsActionPrivate *priv = jobs_action_peek (self);
  JobsActionMore *more;

  if (priv->flags & JOBS_ACTION_HAS_MORE)
    return priv->home;

  more = g_slice_new0 (JobsActionMore);
  more->engine = priv->home;
  more->retry_delay_max = JOBS_RETRY_DELAY_MAX;
  more->progress = -1.0;
  priv->home = more;
  priv->flags |= JOBS_ACTION_HAS_MORE;

  return more;
}

void
jobs_action_set_engine (JobsAction *self,
                        JobsEngine *engine,
                        guint32     index)
{
  JobsActionPrivate *priv = jobs_action_peek (self);

  if (priv->flags & JOBS_ACTION_HAS_MORE)
    ((JobsActionMore *) priv->home)->engine = engine;
  else
    priv->home = engine;
  priv->index = index;

  /* What it was to the run of another engine is no matter here; a run of its own
   * goes on */
  if (jobs_action_peek_more (self) == NULL || jobs_action_peek_more (self)->alone == NULL)
    priv->flags &= ~(guint32) (engine != NULL ? JOBS_ACTION_OF_RUN : JOBS_ACTION_IN_RUN);
}

void
jobs_action_notify_engine (JobsAction *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), jobs_action_properties[JOBS_ACTION_PROP_ENGINE]);
}

void
jobs_action_log (JobsAction    *self,
                 GLogLevelFlags level,
                 const char    *format,
                 ...)
{
  g_autofree char *path = self != NULL ? jobs_action_dup_path (self) : NULL;
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  g_log_structured (G_LOG_DOMAIN, level,
                    "JOBS_ACTION", path != NULL ? path : "",
                    "MESSAGE", "%s%s%s", path != NULL ? path : "", path != NULL ? ": " : "", text);
}

/**
 * jobs_action_get_engine: (attributes org.gtk.Method.get_property=engine)
 * @self: an action
 *
 * The engine that the action is in.
 *
 * Returns: (transfer none) (nullable): the engine
 *
 * Since: 1.0
 */
JobsEngine *
jobs_action_get_engine (JobsAction *self)
{
  g_return_val_if_fail (JOBS_IS_ACTION (self), NULL);

  return jobs_action_peek_engine (self);
}
