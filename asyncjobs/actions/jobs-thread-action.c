/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "../jobs-attempt-private.h"
#include "jobs-thread-action.h"
#include "jobs-workers-private.h"

/**
 * JobsThreadAction:
 *
 * An action that calls a function in a thread, so that it may block.
 *
 * What it leads to, the end of the action included, happens in the context of the
 * run; what was given with the function is destroyed where the action is finalized,
 * never in the thread.
 *
 * An action that is cancelled before a thread was free for it ends at once; one that
 * goes on ends when its function returns.
 *
 * Since: 1.0
 */

typedef struct _Call Call;

struct _JobsThreadAction
{
  JobsAction     parent_instance;

  JobsThreadFunc func;
  gpointer       user_data;
  GDestroyNotify destroy;
  JobsWorkers   *workers; /* NULL for the default ones */
  Call          *call;    /* (unowned), of the attempt that goes on */
};

typedef enum
{
  WAITING,
  TAKEN,     /* by a thread */
  WITHDRAWN, /* before a thread came upon it */
} CallState;

/* One call of the function: goes to a thread and comes home with everything that it
 * refers to, which may be the last reference. It has two references itself: until it
 * has let go of all that, and until it is through the hands of the thread */
struct _Call
{
  JobsWork          work;
  JobsPost          post;

  int               state; /* a CallState, atomic */
  JobsThreadAction *action;
  JobsAttempt      *attempt; /* the engine's */
  JobsAttempt      *inner;   /* the function's: its outcome is kept until it returns */
  JobsPump         *pump;

  gboolean          is_success;
  GError           *error;
};

enum
{
  PROP_0,
  PROP_WORKERS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (JobsThreadAction, jobs_thread_action, JOBS_TYPE_ACTION)

/* In the context */
static void
call_let_go (Call *call)
{
  JobsPump *pump = call->pump;

  if (call->action->call == call)
    call->action->call = NULL;

  jobs_attempt_disown (call->inner);
  g_clear_object (&call->inner);
  g_clear_error (&call->error);
  g_clear_object (&call->attempt);
  g_clear_object (&call->action);

  jobs_pump_release (pump);
  jobs_pump_unref (pump);

  g_atomic_rc_box_release (call);
}

/* FALSE where a thread has it already */
static gboolean
call_withdraw (Call *call)
{
  if (!g_atomic_int_compare_and_exchange (&call->state, WAITING, WITHDRAWN))
    return FALSE;

  call_let_go (call);

  return TRUE;
}

/* In the thread */
static void
call_work_cb (JobsWork *work)
{
  Call *call = JOBS_WORK_CONTAINER (work, Call, work);
  JobsPump *pump;

  if (!g_atomic_int_compare_and_exchange (&call->state, WAITING, TAKEN))
    {
      g_atomic_rc_box_release (call);
      return;
    }

  call->is_success = call->action->func (JOBS_ACTION (call->action), call->inner,
                                         call->action->user_data, &call->error);

  /* At home they may be quicker, and let go of all there is, before this returns */
  pump = jobs_pump_ref (call->pump);
  jobs_pump_post (pump, &call->post);
  jobs_pump_unref (pump);
}

/* At home, like what follows */
static void
call_inner_cb (JobsAttempt      *inner,
               JobsAttemptEvents events,
               gpointer          owner)
{
  Call *call = owner;

  if (events & JOBS_ATTEMPT_REPORT)
    {
      g_autofree char *message = jobs_attempt_steal_message (inner);

      jobs_attempt_report (call->attempt, jobs_attempt_get_fraction (inner), message);
    }
  if (events & JOBS_ATTEMPT_READY)
    jobs_attempt_ready (call->attempt);
}

static void
call_pass_outcome (Call *call)
{
  g_autoptr (GError) error = jobs_attempt_steal_error (call->inner);
  g_auto (GValue) value = G_VALUE_INIT;

  jobs_attempt_steal_value (call->inner, &value);
  if (error != NULL)
    jobs_attempt_fail (call->attempt, error);
  else
    jobs_attempt_complete (call->attempt, &value);
}

static void
call_post_cb (JobsPost *post)
{
  Call *call = JOBS_POST_CONTAINER (post, Call, post);

  if (jobs_attempt_has_outcome (call->inner))
    call_pass_outcome (call);
  else if (call->is_success)
    jobs_attempt_complete (call->attempt, NULL);
  else if (call->error != NULL)
    jobs_attempt_fail (call->attempt, call->error);
  else
    jobs_attempt_fail_message (call->attempt,
                               _("The function of the thread did not return true, and "
                                 "gave no error"));

  call_let_go (call);
  g_atomic_rc_box_release (call);
}

static gboolean
jobs_thread_action_start (JobsAction  *action,
                          JobsAttempt *attempt,
                          GError     **error)
{
  JobsThreadAction *self = JOBS_THREAD_ACTION (action);
  JobsWorkers *workers = self->workers != NULL ? self->workers : jobs_workers_get_default ();
  Call *call = g_atomic_rc_box_acquire (g_atomic_rc_box_new0 (Call));

  call->work.func = call_work_cb;
  call->post.func = call_post_cb;
  call->action = g_object_ref (self);
  call->attempt = g_object_ref (attempt);

  /* Held, so that it takes the call back whatever has become of the run */
  call->pump = jobs_pump_ref (jobs_attempt_get_pump (attempt));
  jobs_pump_hold (call->pump);

  call->inner = jobs_attempt_new (call->pump, action, jobs_attempt_get_number (attempt),
                                  call_inner_cb, call);
  self->call = call;

  if (jobs_workers_push (workers, &call->work, error) || !call_withdraw (call))
    {
      g_clear_error (error);
      return TRUE;
    }

  return FALSE;
}

static gboolean
jobs_thread_action_stop (JobsAction  *action,
                         JobsAttempt *attempt,
                         GError     **error)
{
  JobsThreadAction *self = JOBS_THREAD_ACTION (action);
  Call *call = self->call;
  g_autoptr (GError) cancelled = NULL;

  if (call == NULL || call->attempt != attempt)
    return TRUE;

  if (!call_withdraw (call))
    {
      jobs_attempt_cancel (call->inner);
      return TRUE;
    }

  cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                   _("Cancelled before a thread was free for it"));
  jobs_attempt_fail (attempt, cancelled);

  return TRUE;
}

static void
jobs_thread_action_finalize (GObject *object)
{
  JobsThreadAction *self = JOBS_THREAD_ACTION (object);

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_clear_object (&self->workers);

  G_OBJECT_CLASS (jobs_thread_action_parent_class)->finalize (object);
}

static void
jobs_thread_action_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  JobsThreadAction *self = JOBS_THREAD_ACTION (object);

  switch (prop_id)
    {
    case PROP_WORKERS:
      g_value_set_object (value, self->workers);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_thread_action_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  JobsThreadAction *self = JOBS_THREAD_ACTION (object);

  switch (prop_id)
    {
    case PROP_WORKERS:
      jobs_thread_action_set_workers (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_thread_action_class_init (JobsThreadActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  object_class->finalize = jobs_thread_action_finalize;
  object_class->get_property = jobs_thread_action_get_property;
  object_class->set_property = jobs_thread_action_set_property;

  action_class->start = jobs_thread_action_start;
  action_class->stop = jobs_thread_action_stop;

  /**
   * JobsThreadAction:workers: (getter get_workers) (setter set_workers)
   *
   * The workers whose threads it uses; %NULL for the default ones.
   *
   * Since: 1.0
   */
  properties[PROP_WORKERS] =
    g_param_spec_object ("workers", NULL, NULL, JOBS_TYPE_WORKERS,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
jobs_thread_action_init (JobsThreadAction *self)
{
}

/**
 * jobs_thread_action_new:
 * @label: (nullable): what it is called
 * @func: (scope notified) (closure user_data) (destroy destroy): the function
 * @user_data: (nullable): what it is given
 * @destroy: (nullable): called with @user_data when the action is finalized
 *
 * Makes an action that calls a function in a thread.
 *
 * Returns: (transfer full): a new action
 *
 * Since: 1.0
 */
JobsAction *
jobs_thread_action_new (const char    *label,
                        JobsThreadFunc func,
                        gpointer       user_data,
                        GDestroyNotify destroy)
{
  JobsThreadAction *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = g_object_new (JOBS_TYPE_THREAD_ACTION, "label", label, NULL);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;

  return JOBS_ACTION (self);
}

/**
 * jobs_thread_action_get_workers: (get-property workers)
 * @self: a thread action
 *
 * The workers whose threads it uses.
 *
 * Returns: (transfer none) (nullable): workers; %NULL for the default ones
 *
 * Since: 1.0
 */
JobsWorkers *
jobs_thread_action_get_workers (JobsThreadAction *self)
{
  g_return_val_if_fail (JOBS_IS_THREAD_ACTION (self), NULL);

  return self->workers;
}

/**
 * jobs_thread_action_set_workers: (set-property workers)
 * @self: a thread action
 * @workers: (nullable): workers; %NULL for the default ones
 *
 * Sets whose threads it uses. While it runs, this is for its next start.
 *
 * Since: 1.0
 */
void
jobs_thread_action_set_workers (JobsThreadAction *self,
                                JobsWorkers      *workers)
{
  g_return_if_fail (JOBS_IS_THREAD_ACTION (self));
  g_return_if_fail (workers == NULL || JOBS_IS_WORKERS (workers));

  if (g_set_object (&self->workers, workers))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORKERS]);
}
