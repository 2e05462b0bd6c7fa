/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-run.h"

/* The life of a run: from the check of the graph, through the actions in their
 * order, until all have ended. The life of one action is in jobs-ticket.c, what its
 * requirements come to in jobs-books.c, the clean-up in jobs-shutdown.c; how a run
 * begins, is stopped and ends in jobs-run-begin.c, jobs-run-stop.c and jobs-run-end.c. */

/* How long to wait before another try where the system had no room for a start
 * and nothing of this run is there to end, at first and at most, ms */
#define STARVED_DELAY     100
#define STARVED_DELAY_MAX 1000

/* How long to try while nothing is at work whose end would make room, ms. Others,
 * outside, may make some until then */
#define STARVED_LIMIT 60000

JobsAction *
jobs_run_peek (JobsRun *self,
               guint32  index)
{
  return self->engine != NULL ? jobs_engine_peek (self->engine, index) : self->alone;
}

JobsRun *
jobs_run_get_outermost (JobsRun *self)
{
  while (self->parent != NULL)
    self = self->parent;

  return self;
}

gboolean
jobs_run_is_held_up (JobsRun *self)
{
  for (; self != NULL; self = self->parent)
    if (self->is_paused)
      return TRUE;

  return FALSE;
}

gboolean
jobs_run_are_clocks_held (JobsRun *self)
{
  for (; self != NULL; self = self->parent)
    if (self->is_paused && self->pause_flags & JOBS_PAUSE_CLOCKS)
      return TRUE;

  return FALSE;
}

void
jobs_run_wake (JobsRun *self)
{
  if (jobs_run_is_active (self))
    jobs_pump_post (self->pump, &self->step);
}

gboolean
jobs_run_has_room (JobsRun    *self,
                   JobsAction *action)
{
  if (jobs_run_is_held_up (self))
    return FALSE;

  return jobs_action_has_flag (action, JOBS_ACTION_FOREVER) ||
         self->window == 0 || self->n_slots < self->window;
}

void
jobs_run_queue (JobsRun              *self,
                JobsAction           *action,
                const JobsReadyEntry *entry)
{
  gboolean is_forever = jobs_action_has_flag (action, JOBS_ACTION_FOREVER);

  if (entry != NULL)
    jobs_ready_push_back (is_forever ? &self->ready_forever : &self->ready, entry);
  else if (is_forever)
    jobs_ready_push_beside (&self->ready_forever, &self->ready, jobs_action_get_index (action),
                            jobs_action_get_priority (action));
  else
    jobs_ready_push (&self->ready, jobs_action_get_index (action), jobs_action_get_priority (action));
  jobs_run_wake (self);
}

/* Ends of actions */

static void
jobs_run_note_failure (JobsRun    *self,
                       JobsAction *action)
{
  jobs_action_set_flag (action, JOBS_ACTION_BAD);
  if (self->n_bad++ == 0)
    g_set_object (&self->culprit, action);
}

static void
jobs_run_obey_policy (JobsRun *self)
{
  if (self->engine == NULL)
    return;

  if (self->on_failure == JOBS_ON_FAILURE_ABORT)
    jobs_run_end (self, JOBS_RUN_ABORTS);
  else if (self->on_failure == JOBS_ON_FAILURE_DRAIN)
    jobs_run_end (self, JOBS_RUN_DRAINS);
}

void
jobs_run_action_ended (JobsRun    *self,
                       JobsAction *action,
                       JobsState   state,
                       GValue     *value,
                       GError     *error,
                       gint64      end_time,
                       gboolean    is_excused)
{
  gboolean is_bad = !is_excused && !jobs_action_has_flag (action, JOBS_ACTION_NON_CRITICAL) &&
                    (state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT ||
                     state == JOBS_STATE_CANCELLED);

  g_assert (jobs_action_has_flag (action, JOBS_ACTION_IN_RUN));

  self->n_left--;
  if (!jobs_action_has_flag (action, JOBS_ACTION_FOREVER))
    self->n_finite_left--;
  if (is_bad)
    jobs_run_note_failure (self, action);

  jobs_action_end_attempt (action, state, value, error, end_time);

  /* Whoever was told may have had it tried again; or have removed it, and those
   * behind it know then, also where it has been put back */
  if (jobs_action_peek_state (action) != state)
    return;
  if (jobs_action_has_flag (action, JOBS_ACTION_IN_RUN) &&
      (self->engine == NULL || jobs_action_peek_engine (action) == self->engine))
    jobs_run_settle (self, action, state);

  /* One that was cancelled singly was no failure: the others go on */
  if (is_bad && state != JOBS_STATE_CANCELLED)
    jobs_run_obey_policy (self);
}

static void
jobs_run_skip (JobsRun *self,
               guint32  index)
{
  g_autoptr (JobsAction) action = NULL;
  JobsTicket *ticket;
  gboolean is_alone;
  gboolean was_tried;
  const GError *former;
  GError *error = NULL;

  g_set_object (&action, jobs_run_peek (self, index));
  if (action == NULL || !jobs_run_is_waiting (self, action) ||
      !jobs_action_has_flag (action, JOBS_ACTION_DOOMED))
    return;

  ticket = jobs_action_peek_ticket (action);
  if (ticket != NULL)
    jobs_ticket_withdraw (ticket);
  is_alone = jobs_action_has_flag (action, JOBS_ACTION_ALONE);
  was_tried = jobs_action_get_attempts (action) > 0;
  former = jobs_action_get_error (action);
  if (former != NULL)
    error = g_error_copy (former);
  else if (is_alone || was_tried)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("cancelled"));
  jobs_run_action_ended (self, action,
                         is_alone || was_tried ? JOBS_STATE_CANCELLED : JOBS_STATE_SKIPPED,
                         NULL, error, 0, !is_alone);
}

/* Starting */

/* The cheap way, for work that has ended when perform() returns: no ticket, no
 * attempt */
static void
jobs_run_perform (JobsRun         *self,
                  JobsAction      *action,
                  JobsActionClass *klass)
{
  GError *error = NULL;
  JobsState state = JOBS_STATE_FINISHED;
  gboolean is_excused;

  if (!self->has_listened)
    {
      self->has_listened = TRUE;
      self->is_heard = self->engine == NULL || jobs_engine_is_heard (self->engine);
    }
  self->n_in_flight++;
  jobs_action_begin_perform (action, self->is_heard);

  if (jobs_action_peek_state (action) != JOBS_STATE_RUNNING)
    {
      state = JOBS_STATE_CANCELLED;
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("cancelled"));
    }
  else if (!klass->perform (action, &error))
    {
      if (error == NULL)
        error = g_error_new (JOBS_ERROR, JOBS_ERROR_FAILED,
                             /* Translators: %s is the name of a function, such as “start” */
                             _("%s() did not return true, and gave no error"), "perform");
      state = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? JOBS_STATE_CANCELLED
                                                                        : JOBS_STATE_FAILED;
    }

  self->n_in_flight--;
  if (!jobs_action_has_flag (action, JOBS_ACTION_IN_RUN))
    {
      /* It has been removed meanwhile, and the books know */
      jobs_action_end_attempt (action, state, NULL, error, 0);
      return;
    }

  is_excused = jobs_action_peek_state (action) == JOBS_STATE_CANCELLING &&
               !jobs_action_has_flag (action, JOBS_ACTION_ALONE);
  jobs_run_action_ended (self, action, state, NULL, error, 0, is_excused);
}

/* It has its turn, and a slot if it needs one */
static void
jobs_run_launch (JobsRun              *self,
                 JobsAction           *action,
                 const JobsReadyEntry *entry)
{
  JobsActionClass *klass = JOBS_ACTION_GET_CLASS (action);
  JobsActionMore *more = jobs_action_peek_more (action);

  if (klass->perform != NULL && (more == NULL || (more->ticket == NULL && more->retries == 0)) &&
      !jobs_action_has_flag (action, JOBS_ACTION_HAS_NEEDS))
    jobs_run_perform (self, action, klass);
  else
    jobs_ticket_try (self, action, entry);
}

static gboolean
jobs_run_is_cancel_asked (JobsRun *self)
{
  for (; self != NULL; self = self->parent)
    if (g_atomic_int_get (&self->is_cancel_asked))
      return TRUE;

  return FALSE;
}

/* Whether it would be the next one to start, and at once */
static gboolean
jobs_run_is_next (JobsRun    *self,
                  JobsAction *action)
{
  /* A forever action is not started when it would be cancelled at once */
  return !self->has_priorities && !jobs_action_has_flag (action, JOBS_ACTION_HAS_NEEDS) &&
         (self->n_finite_left > 0 || self->n_finite == 0) &&
         jobs_ready_is_empty (&self->ready) && jobs_ready_is_empty (&self->ready_forever) &&
         jobs_ready_is_empty (&self->starved) && jobs_run_has_room (self, action) &&
         !jobs_run_is_cancel_asked (self);
}

/* All requirements of an action are met: it is SCHEDULED if it has to wait for more */
static void
jobs_run_schedule (JobsRun *self,
                   guint32  index)
{
  JobsAction *action = jobs_run_peek (self, index);

  if (action == NULL || self->pending[index] > 0 ||
      !jobs_action_has_flag (action, JOBS_ACTION_IN_RUN) ||
      jobs_action_has_flag (action, JOBS_ACTION_DOOMED) ||
      jobs_action_peek_state (action) != JOBS_STATE_IDLE)
    return;

  if (!jobs_run_may_start (self, action))
    {
      jobs_run_doom (self, action, FALSE);
    }
  else if (jobs_run_is_next (self, action))
    {
      JobsReadyEntry entry = jobs_ready_pass (&self->ready, index);

      jobs_run_launch (self, action, &entry);
    }
  else
    {
      jobs_run_queue (self, action, NULL);
      jobs_action_set_state (action, JOBS_STATE_SCHEDULED);
    }
}

static void
jobs_run_start (JobsRun              *self,
                const JobsReadyEntry *entry)
{
  JobsAction *action = jobs_run_peek (self, entry->index);
  JobsTicket *ticket;

  if (action == NULL || !jobs_action_has_flag (action, JOBS_ACTION_IN_RUN) ||
      jobs_action_has_flag (action, JOBS_ACTION_DOOMED) ||
      jobs_action_peek_state (action) != JOBS_STATE_SCHEDULED)
    {
      self->may_feed = TRUE;
      return;
    }

  if (self->pending[entry->index] > 0)
    {
      /* A requirement has come meanwhile */
      ticket = jobs_action_peek_ticket (action);
      if (ticket != NULL && ticket->phase == JOBS_TICKET_WAITS)
        jobs_ticket_withdraw (ticket);
      self->may_feed = TRUE;
      jobs_action_set_state (action, JOBS_STATE_IDLE);
      return;
    }

  if (!jobs_run_may_start (self, action))
    {
      jobs_run_doom (self, action, FALSE);
      return;
    }

  jobs_run_launch (self, action, entry);
}

static gboolean
jobs_run_pop (JobsRun        *self,
              JobsReadyEntry *entry)
{
  gboolean has_slot = self->window == 0 || self->n_slots < self->window;

  if (jobs_run_is_held_up (self) || jobs_run_is_cancel_asked (self))
    return FALSE;
  if (!jobs_ready_is_empty (&self->ready_forever) &&
      (!has_slot || jobs_ready_is_before (&self->ready_forever, &self->ready)))
    return jobs_ready_pop (&self->ready_forever, entry);

  return has_slot && jobs_ready_pop (&self->ready, entry);
}

/* One of those that the system had no room for has another turn: not all of them at
 * once, since most would wait again. When that has come to anything but that, there
 * may be room for the next one */
static gboolean
jobs_run_feed (JobsRun *self)
{
  JobsReadyEntry entry;
  JobsAction *action = NULL;

  while (self->may_feed && action == NULL && jobs_ready_pop (&self->starved, &entry))
    action = jobs_run_peek (self, entry.index);
  if (action == NULL)
    return FALSE;

  self->may_feed = FALSE;
  jobs_run_queue (self, action, &entry);

  return TRUE;
}

void
jobs_run_starve (JobsRun              *self,
                 const JobsReadyEntry *entry)
{
  jobs_ready_push_back (&self->starved, entry);
  /* Whatever had ended before has not helped */
  self->may_feed = FALSE;
  if (!jobs_deadline_is_armed (&self->starved_deadline))
    {
      self->starved_delay = CLAMP (2 * self->starved_delay, STARVED_DELAY, STARVED_DELAY_MAX);
      jobs_deadlines_arm (self->deadlines, &self->starved_deadline,
                          g_get_monotonic_time () + self->starved_delay * 1000);
    }
}

gboolean
jobs_run_is_starved_out (JobsRun *self)
{
  return self->starved_time >= STARVED_LIMIT;
}

static void
run_starved_deadline_cb (JobsDeadline *deadline)
{
  JobsRun *self = JOBS_DEADLINE_CONTAINER (deadline, JobsRun, starved_deadline);

  if (jobs_run_get_outermost (self)->n_at_work > 0)
    self->starved_time = 0;
  else if (!jobs_run_is_held_up (self))
    self->starved_time += self->starved_delay;
  self->may_feed = TRUE;
  jobs_run_wake (self);
}

/* Its steps */

/* Its graph, and what is inside, is looked at before anything starts. FALSE where that
 * goes on in another step, or has ended the run: the error says all that is wrong */
static gboolean
jobs_run_check (JobsRun *self)
{
  JobsGraph *graph = jobs_engine_get_graph (self->engine);
  gint64 until = jobs_pump_get_end_of_slice (self->pump);

  if (!jobs_graph_compile (graph, until))
    return FALSE;

  /* The outermost run has checked what is inside; only what has changed since
   * may be wrong */
  if (self->parent == NULL || !(graph->forward || graph->proven) ||
      jobs_engine_has_dangling (self->engine))
    {
      if (self->check == NULL)
        self->check = jobs_check_new (self->engine, FALSE);
      if (!jobs_check_go_on (self->check, until))
        return FALSE;
      if (!jobs_check_finish (g_steal_pointer (&self->check), NULL, &self->refusal))
        {
          jobs_run_finish (self);
          return FALSE;
        }
    }
  self->is_checked = TRUE;

  return TRUE;
}

static void
jobs_run_started (JobsRun *self)
{
  JobsAction *action = JOBS_ACTION (self->engine);
  guint timeout = jobs_action_get_timeout (action);

  self->has_run = TRUE;
  if (self->parent == NULL)
    jobs_action_begin_attempt (action, g_get_monotonic_time ());
  if (timeout > 0 && jobs_run_is_held_up (self))
    self->clock_left = (gint64) timeout * 1000;
  else if (timeout > 0)
    jobs_deadlines_arm (self->deadlines, &self->deadline,
                        g_get_monotonic_time () + (gint64) timeout * 1000);
  jobs_engine_emit_started (self->engine);
}

/* The books are complete */
static void
jobs_run_go (JobsRun *self)
{
  g_autoptr (GPtrArray) cancelled = g_steal_pointer (&self->cancelled_early);

  self->limit = jobs_engine_peek_graph (self->engine)->n_nodes;
  self->phase = JOBS_RUN_GOING;
  self->sweeps = self->ending != JOBS_RUN_GOES_ON;
  self->cursor = 0;
  for (guint i = 0; cancelled != NULL && i < cancelled->len; i++)
    if (jobs_action_peek_engine (g_ptr_array_index (cancelled, i)) == self->engine)
      jobs_run_cancel_action (g_ptr_array_index (cancelled, i));
}

/* An action that may have something to forget, which is told when the books know */
static void
jobs_run_compile_used (JobsRun    *self,
                       JobsAction *action)
{
  g_autoptr (JobsAction) keep = g_object_ref (action);
  guint32 index = self->cursor;

  if (!self->is_retry || !jobs_action_has_flag (action, JOBS_ACTION_SETTLED))
    jobs_run_forget (self, action);
  self->cursor = index + 1;

  if (jobs_action_peek_state (action) == JOBS_STATE_IDLE)
    {
      jobs_run_enter (self, action, index);
    }
  else
    {
      /* One whose outcome was restored: a run in which all finite ones have theirs is no
       * run of forever actions alone. Who retries a forever one wants just that */
      if (self->is_restored && !jobs_action_has_flag (action, JOBS_ACTION_FOREVER))
        self->n_finite++;
      if (jobs_action_has_flag (action, JOBS_ACTION_BAD))
        jobs_run_note_failure (self, action);
    }
  jobs_run_tell (self);
}

/* FALSE where it goes on in another step, or has ended */
static gboolean
jobs_run_compile (JobsRun *self)
{
  if (!self->is_checked)
    {
      if (!jobs_run_check (self))
        return FALSE;
      self->cursor = 0;
      jobs_run_started (self);
    }

  while (self->cursor < jobs_engine_peek_graph (self->engine)->n_nodes)
    {
      guint32 index = self->cursor;
      JobsAction *action = jobs_engine_peek (self->engine, index);

      if (jobs_pump_is_out_of_time (self->pump))
        return FALSE;

      jobs_run_grow_pending (self, jobs_engine_peek_graph (self->engine)->n_nodes);
      if (action != NULL && !jobs_action_is_pristine (action))
        {
          jobs_run_compile_used (self, action);
          continue;
        }
      self->cursor++;
      if (action != NULL)
        jobs_run_enter (self, action, index);
    }

  jobs_run_go (self);

  return TRUE;
}

/* Skips what has not started, and shall not any more */
static gboolean
jobs_run_sweep (JobsRun *self)
{
  for (; self->cursor < self->limit; self->cursor++)
    {
      JobsAction *action = jobs_run_peek (self, self->cursor);

      if (jobs_pump_is_out_of_time (self->pump))
        return FALSE;
      if (action == NULL || !jobs_run_is_waiting (self, action))
        continue;
      if (self->ending <= JOBS_RUN_ABORTS && jobs_run_waits_for_failure (self, action, TRUE))
        continue;
      jobs_run_doom (self, action, FALSE);
    }
  self->sweeps = FALSE;

  return TRUE;
}

static void
run_step_cb (JobsPost *post)
{
  JobsRun *self = JOBS_POST_CONTAINER (post, JobsRun, step);
  g_autoptr (GObject) keep = g_object_ref (self->engine != NULL ? G_OBJECT (self->engine)
                                                                : G_OBJECT (self->alone));
  JobsReadyEntry entry;

  g_clear_pointer (&self->removed, g_ptr_array_unref);
  jobs_run_tell (self);
  if (self->phase == JOBS_RUN_COMPILING && !jobs_run_compile (self))
    {
      jobs_run_wake (self);
      return;
    }
  if (self->phase != JOBS_RUN_GOING)
    return;

  self->has_listened = FALSE;
  for (;;)
    {
      /* What has happened is told before more is made to happen */
      if (self->sweeps && !jobs_run_sweep (self))
        break;
      if (jobs_ready_pop (&self->skips, &entry))
        jobs_run_skip (self, entry.index);
      else if (jobs_ready_pop (&self->fresh, &entry))
        jobs_run_schedule (self, entry.index);
      else if (self->n_finite > 0 && self->n_finite_left == 0 && self->n_left > 0 &&
               self->ending < JOBS_RUN_FINITE_ENDED)
        jobs_run_end (self, JOBS_RUN_FINITE_ENDED);
      else if (!jobs_run_feed (self) && jobs_run_pop (self, &entry))
        jobs_run_start (self, &entry);
      else
        break;

      if (jobs_pump_is_out_of_time (self->pump))
        {
          jobs_run_wake (self);
          return;
        }
    }

  if (self->sweeps)
    jobs_run_wake (self);
  else if (self->n_left == 0 && self->n_in_flight == 0)
    jobs_shutdown_begin (self);
}

/* The object */

JobsRun *
jobs_run_new (JobsEngine *engine)
{
  JobsRun *self = g_new0 (JobsRun, 1);

  self->engine = engine;
  self->link.data = self;
  self->grace = JOBS_DEFAULT_GRACE;
  self->shutdown_timeout = JOBS_DEFAULT_SHUTDOWN_TIMEOUT;
  self->source_priority = JOBS_DEFAULT_SOURCE_PRIORITY;
  self->step.func = run_step_cb;
  jobs_run_init_stops (self);
  self->starved_deadline.func = run_starved_deadline_cb;
  g_mutex_init (&self->lock);

  return self;
}

void
jobs_run_free (JobsRun *self)
{
  JobsTicket *ticket;

  g_assert (!jobs_run_is_active (self));

  /* A stuck attempt keeps the pump, and with it what was posted after the run */
  if (self->pump != NULL)
    jobs_pump_withdraw (self->pump, &self->cancel_post);
  while ((ticket = g_queue_peek_head (&self->stopping)) != NULL)
    jobs_ticket_orphan (ticket);
  self->n_stuck = 0;
  jobs_run_forget_pump (self);

  g_clear_error (&self->error);
  g_clear_object (&self->culprit);
  g_clear_object (&self->alone);
  g_clear_pointer (&self->clean_up_failures, g_ptr_array_unref);
  g_clear_pointer (&self->news, g_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}
