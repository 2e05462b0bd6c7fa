/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-run.h"

/* How a run comes to be asked to end, or an action of it: by a failure, by a deadline,
 * or from outside, also from another thread. */

static void
jobs_run_stop_tickets (JobsRun *self)
{
  g_autoptr (GPtrArray) actions = g_ptr_array_new_with_free_func (g_object_unref);

  /* The last one first: a client ends before its server. Those that wait are
   * skipped by the sweep */
  for (GList *l = self->tickets.tail; l != NULL; l = l->prev)
    {
      JobsTicket *ticket = l->data;

      if (ticket->phase == JOBS_TICKET_RUNS &&
          (self->ending > JOBS_RUN_ABORTS || !jobs_run_waits_for_failure (self, ticket->action, FALSE)))
        g_ptr_array_add (actions, g_object_ref (ticket->action));
    }

  /* What is told of one may bring others into motion */
  for (guint i = 0; i < actions->len; i++)
    {
      JobsTicket *ticket = jobs_action_peek_ticket (g_ptr_array_index (actions, i));

      if (ticket != NULL && ticket->run == self)
        jobs_ticket_stop (ticket, JOBS_STOP_RUN);
    }
}

void
jobs_run_end (JobsRun      *self,
              JobsRunEnding ending)
{
  if (self->phase >= JOBS_RUN_CLEANING || ending <= self->ending ||
      self->ending >= JOBS_RUN_TIMED_OUT)
    return;

  self->ending = ending;
  if (self->cause == JOBS_RUN_GOES_ON && ending != JOBS_RUN_FINITE_ENDED)
    self->cause = ending;
  if (self->phase == JOBS_RUN_GOING)
    {
      self->sweeps = TRUE;
      self->cursor = 0;
      if (ending != JOBS_RUN_DRAINS)
        jobs_run_stop_tickets (self);
    }
  jobs_run_wake (self);
}

static void
run_deadline_cb (JobsDeadline *deadline)
{
  JobsRun *self = JOBS_DEADLINE_CONTAINER (deadline, JobsRun, deadline);

  jobs_pump_post (self->pump, &self->deadline_post);
}

static void
run_deadline_post_cb (JobsPost *post)
{
  JobsRun *self = JOBS_POST_CONTAINER (post, JobsRun, deadline_post);
  g_autoptr (GObject) keep = g_object_ref (G_OBJECT (self->engine));

  jobs_run_end (self, JOBS_RUN_TIMED_OUT);
}

/* The run around it has less patience, also with what was asked to end before */
static void
jobs_run_tighten (JobsRun *self)
{
  for (GList *l = self->stopping.head; self->grace_due > 0 && l != NULL; l = l->next)
    jobs_ticket_tighten (l->data, self->grace_due);
}

void
jobs_run_limit_grace (JobsRun *self,
                      gint64   due)
{
  if (!jobs_run_is_active (self) || due == 0 || (self->grace_due > 0 && self->grace_due <= due))
    return;

  self->grace_due = due;
  if (self->phase >= JOBS_RUN_CLEANING)
    jobs_shutdown_hurry (self);
  else
    jobs_run_tighten (self);
}

void
jobs_run_stop (JobsRun *self)
{
  if (!jobs_run_is_active (self))
    return;

  if (self->phase >= JOBS_RUN_CLEANING)
    {
      jobs_shutdown_hurry (self);
      return;
    }

  jobs_run_tighten (self);
  jobs_run_end (self, JOBS_RUN_CANCELLED);
}

static void
run_cancel_post_cb (JobsPost *post)
{
  JobsRun *self = JOBS_POST_CONTAINER (post, JobsRun, cancel_post);
  g_autoptr (GObject) keep = g_object_ref (self->engine != NULL ? G_OBJECT (self->engine)
                                                                : G_OBJECT (self->alone));
  JobsTicket *ticket = self->parent != NULL ? jobs_action_peek_ticket (JOBS_ACTION (self->engine))
                                            : NULL;

  if (ticket != NULL)
    jobs_ticket_stop (ticket, JOBS_STOP_ALONE);
  else
    jobs_run_stop (self);
}

void
jobs_run_init_stops (JobsRun *self)
{
  self->cancel_post.func = run_cancel_post_cb;
  self->deadline.func = run_deadline_cb;
  self->deadline_post.func = run_deadline_post_cb;
}

gboolean
jobs_run_is_in_its_thread (JobsRun *self)
{
  gboolean is_in_its_thread;

  g_mutex_lock (&self->lock);
  is_in_its_thread = self->pump == NULL || jobs_pump_is_in_its_thread (self->pump);
  g_mutex_unlock (&self->lock);

  return is_in_its_thread;
}

void
jobs_run_cancel (JobsRun *self)
{
  g_mutex_lock (&self->lock);
  if (self->pump != NULL)
    {
      g_atomic_int_set (&self->is_cancel_asked, TRUE);
      jobs_pump_post (self->pump, &self->cancel_post);
    }
  g_mutex_unlock (&self->lock);
}

void
jobs_run_cancel_action (JobsAction *action)
{
  JobsTicket *ticket = jobs_action_peek_ticket (action);
  JobsActionMore *more = jobs_action_peek_more (action);
  JobsEngine *engine = jobs_action_peek_engine (action);
  JobsRun *run;

  if (ticket != NULL && ticket->phase != JOBS_TICKET_WAITS)
    {
      jobs_ticket_stop (ticket, JOBS_STOP_ALONE);
      return;
    }
  if (JOBS_IS_ENGINE (action) && ticket == NULL)
    jobs_engine_cancel (JOBS_ENGINE (action));

  run = more != NULL ? more->alone : NULL;
  if (run == NULL && engine != NULL)
    run = jobs_engine_get_run (engine);
  if (run == NULL || !jobs_run_is_active (run))
    return;
  if (run->phase == JOBS_RUN_COMPILING && jobs_action_get_index (action) >= run->cursor)
    {
      if (run->cancelled_early == NULL)
        run->cancelled_early = g_ptr_array_new_with_free_func (g_object_unref);
      g_ptr_array_add (run->cancelled_early, g_object_ref (action));
      return;
    }
  if (!jobs_action_has_flag (action, JOBS_ACTION_IN_RUN))
    return;

  if (jobs_run_is_waiting (run, action))
    {
      /* One that would not run anyway does not change the verdict by this */
      if (!jobs_action_has_flag (action, JOBS_ACTION_DOOMED) && jobs_run_may_start (run, action))
        jobs_action_set_flag (action, JOBS_ACTION_ALONE);
      jobs_run_doom (run, action, FALSE);
      jobs_run_wake (run);
    }
  else if (jobs_action_peek_state (action) == JOBS_STATE_RUNNING)
    {
      g_autoptr (JobsAction) keep = g_object_ref (action);

      jobs_action_set_flag (keep, JOBS_ACTION_ALONE);
      jobs_action_set_state (keep, JOBS_STATE_CANCELLING);
    }
}
