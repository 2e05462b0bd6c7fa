/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "script.h"

struct _SimAction
{
  JobsAction parent_instance;

  guint number;
  Answer answer;
  GArray *starts;       /* borrowed */
  JobsAttempt *attempt; /* without an outcome yet */
  JobsAttempt *former;  /* the last one with an outcome */
};

G_DEFINE_FINAL_TYPE (SimAction, sim_action, JOBS_TYPE_ACTION)

static gboolean
sim_action_start (JobsAction  *action,
                  JobsAttempt *attempt,
                  GError     **error)
{
  SimAction *self = SIM_ACTION (action);

  g_assert_null (self->attempt);

  g_array_append_val (self->starts, self->number);
  self->attempt = g_object_ref (attempt);

  return TRUE;
}

static void
give (JobsAttempt *attempt,
      Outcome      outcome)
{
  g_autoptr (GError) error = NULL;

  switch (outcome)
    {
    case OUTCOME_GOOD:
      jobs_attempt_complete (attempt, NULL);
      break;
    case OUTCOME_BAD:
      jobs_attempt_fail_message (attempt, "broken");
      break;
    case OUTCOME_QUIT:
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
      jobs_attempt_fail (attempt, error);
      break;
    case OUTCOME_DROP:
    case OUTCOME_LATE:
    default:
      break;
    }
}

static gboolean
sim_action_stop (JobsAction  *action,
                 JobsAttempt *attempt,
                 GError     **error)
{
  SimAction *self = SIM_ACTION (action);

  g_assert_true (self->attempt == attempt);

  switch (self->answer)
    {
    case ANSWER_QUIT:
      g_set_object (&self->former, attempt);
      g_clear_object (&self->attempt);
      return JOBS_ACTION_CLASS (sim_action_parent_class)->stop (action, attempt, error);
    case ANSWER_WIN:
      sim_action_end (self, OUTCOME_GOOD, FALSE);
      return TRUE;
    case ANSWER_LOSE:
      sim_action_end (self, OUTCOME_BAD, FALSE);
      return TRUE;
    case ANSWER_STAY:
    case N_ANSWERS:
    default:
      return TRUE;
    }
}

static void
sim_action_finalize (GObject *object)
{
  SimAction *self = SIM_ACTION (object);

  g_clear_object (&self->attempt);
  g_clear_object (&self->former);

  G_OBJECT_CLASS (sim_action_parent_class)->finalize (object);
}

static void
sim_action_class_init (SimActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  object_class->finalize = sim_action_finalize;
  action_class->start = sim_action_start;
  action_class->stop = sim_action_stop;
}

static void
sim_action_init (SimAction *self)
{
}

SimAction *
sim_action_new (guint   number,
                Answer  answer,
                GArray *starts)
{
  SimAction *self = g_object_new (SIM_TYPE_ACTION, NULL);

  self->number = number;
  self->answer = answer;
  self->starts = starts;

  return self;
}

gboolean
sim_action_is_open (SimAction *self)
{
  return self->attempt != NULL;
}

typedef struct
{
  JobsAttempt *attempt;
  Outcome outcome;
  gboolean is_ready;
} Call;

static gpointer
call_thread (gpointer data)
{
  Call *call = data;

  if (call->is_ready)
    jobs_attempt_ready (call->attempt);
  else
    give (call->attempt, call->outcome);
  /* The last one, where it is dropped */
  g_object_unref (call->attempt);

  return NULL;
}

/* Another thread, but at a time that the seed fixes */
static void
make_call (Call     call,
           gboolean in_thread)
{
  if (in_thread)
    g_thread_join (g_thread_new ("outcome", call_thread, &call));
  else
    call_thread (&call);
}

void
sim_action_end (SimAction *self,
                Outcome    outcome,
                gboolean   in_thread)
{
  g_assert_nonnull (self->attempt);

  if (outcome == OUTCOME_DROP)
    g_clear_object (&self->former);
  else
    g_set_object (&self->former, self->attempt);
  make_call ((Call) { g_steal_pointer (&self->attempt), outcome, FALSE }, in_thread);
}

void
sim_action_ready (SimAction *self,
                  gboolean   in_thread)
{
  g_assert_nonnull (self->attempt);

  make_call ((Call) { g_object_ref (self->attempt), 0, TRUE }, in_thread);
}

gboolean
sim_action_end_again (SimAction *self)
{
  if (self->former == NULL)
    return FALSE;

  give (self->former, OUTCOME_BAD);

  return TRUE;
}

void
sim_action_let_go (SimAction *self)
{
  g_clear_object (&self->attempt);
  g_clear_object (&self->former);
}
