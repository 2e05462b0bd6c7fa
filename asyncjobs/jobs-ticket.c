/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-run.h"
#include "jobs-value.h"

/* One action under way in a run: the wait for its resources and pools, its
 * attempts, their timeouts, the delays between them, and its way to an early end. */

static gboolean
jobs_ticket_is_engine (JobsTicket *self)
{
  return jobs_action_has_flag (self->action, JOBS_ACTION_IS_ENGINE);
}

static void
jobs_ticket_free (JobsTicket *self)
{
  g_assert (self->attempt == NULL);
  g_assert (!self->has_slot);

  /* In an open() that this ticket asks for: it goes when that returns */
  self->is_gone = TRUE;
  if (self->is_asking)
    return;

  if (self->waits_for_resources)
    jobs_leases_forget (jobs_run_get_outermost (self->run)->leases, self);
  if (self->run != NULL)
    {
      jobs_deadlines_disarm (self->run->deadlines, &self->deadline);
      jobs_pump_withdraw (self->run->pump, &self->deadline_post);
      g_queue_unlink (self->phase >= JOBS_TICKET_STOPPING ? &self->run->stopping : &self->run->tickets,
                      &self->link);
    }
  /* Its func posts claim_post, from any thread: it is freed first */
  g_clear_pointer (&self->claim, jobs_pool_claim_free);
  if (self->run != NULL)
    jobs_pump_withdraw (self->run->pump, &self->claim_post);
  jobs_action_get_more (self->action)->ticket = NULL;
  g_object_unref (self->action);
  g_slice_free (JobsTicket, self);
}

/* A nested run only waits for what is inside of it */
static void
jobs_ticket_count_work (JobsTicket *self,
                        int         change)
{
  if (!jobs_ticket_is_engine (self))
    jobs_run_get_outermost (self->run)->n_at_work += change;
}

static void
jobs_ticket_take_slot (JobsTicket *self)
{
  self->has_slot = TRUE;
  self->run->n_slots++;
  jobs_ticket_count_work (self, 1);
}

static void
jobs_ticket_return_slot (JobsTicket *self)
{
  if (self->has_slot)
    {
      self->has_slot = FALSE;
      self->run->n_slots--;
      if (self->phase != JOBS_TICKET_STUCK)
        jobs_ticket_count_work (self, -1);
    }
  if (self->claim != NULL)
    jobs_pool_claim_release (self->claim);
}

/* Called under the lock of the pools, from any thread */
static void
ticket_claim_cb (gpointer data)
{
  JobsTicket *self = data;

  jobs_pump_post (self->run->pump, &self->claim_post);
}

static void
ticket_claim_post_cb (JobsPost *post)
{
  JobsTicket *self = JOBS_POST_CONTAINER (post, JobsTicket, claim_post);

  if (self->phase != JOBS_TICKET_WAITS || jobs_deadline_is_armed (&self->deadline))
    return;

  /* It has its turn at the pools, but not here: it lets others go first */
  if (!jobs_run_has_room (self->run, self->action))
    jobs_pool_claim_leave (self->claim);
  jobs_run_queue (self->run, self->action, &self->entry);
}

static void
ticket_deadline_cb (JobsDeadline *deadline)
{
  JobsTicket *self = JOBS_DEADLINE_CONTAINER (deadline, JobsTicket, deadline);

  jobs_pump_post (self->run->pump, &self->deadline_post);
}

static GError *
jobs_ticket_make_error (JobsTicket *self)
{
  if (self->reason == JOBS_STOP_TIMEOUT)
    {
      double seconds = jobs_action_get_timeout (self->action) / 1000.0;

      return g_error_new (JOBS_ERROR, JOBS_ERROR_TIMED_OUT,
                          /* Translators: %g is a number of seconds */
                          _("timed out after %g s"), seconds);
    }

  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("cancelled"));
}

/* The attempt did not end within the grace: the run goes on without it */
static void
jobs_ticket_give_up (JobsTicket *self)
{
  g_autoptr (JobsAction) action = g_object_ref (self->action);
  JobsRun *run = self->run;
  JobsState state = self->reason == JOBS_STOP_TIMEOUT ? JOBS_STATE_TIMED_OUT : JOBS_STATE_CANCELLED;
  GError *error;

  if (self->reason == JOBS_STOP_ALONE)
    jobs_action_set_flag (action, JOBS_ACTION_ALONE);
  error = g_error_new (JOBS_ERROR, JOBS_ERROR_STUCK,
                       /* Translators: %g is a number of seconds */
                       _("did not end within %g s after it was asked to, and may still go on"),
                       run->grace / 1000.0);
  if (self->has_slot)
    jobs_ticket_count_work (self, -1);
  self->phase = JOBS_TICKET_STUCK;
  /* It may have been armed anew before it was heard of */
  jobs_deadlines_disarm (run->deadlines, &self->deadline);
  jobs_pump_withdraw (run->pump, &self->deadline_post);
  run->n_stuck++;
  run->n_in_flight--;
  /* What it holds is its own until it really ends, behind the run's back */
  jobs_pump_hold (run->pump);
  jobs_action_log (action, G_LOG_LEVEL_INFO, "%s", error->message);
  if (self->is_removed)
    jobs_action_end_attempt (action, state, NULL, error, g_get_monotonic_time ());
  else
    jobs_run_action_ended (run, action, state, NULL, error, g_get_monotonic_time (),
                           self->reason == JOBS_STOP_RUN);
  if (run->engine != NULL)
    jobs_engine_notify_n_stuck (run->engine);
  jobs_run_wake (run);
}

static void
ticket_deadline_post_cb (JobsPost *post)
{
  JobsTicket *self = JOBS_POST_CONTAINER (post, JobsTicket, deadline_post);
  g_autoptr (GObject) keep = g_object_ref (G_OBJECT (self->action));

  switch (self->phase)
    {
    case JOBS_TICKET_WAITS:
      jobs_run_queue (self->run, self->action, NULL);
      break;
    case JOBS_TICKET_RUNS:
      jobs_ticket_stop (self, JOBS_STOP_TIMEOUT);
      break;
    case JOBS_TICKET_STOPPING:
      jobs_ticket_give_up (self);
      break;
    case JOBS_TICKET_STUCK:
    default:
      g_assert_not_reached ();
    }
}

static JobsTicket *
jobs_ticket_new (JobsRun              *run,
                 JobsAction           *action,
                 const JobsReadyEntry *entry)
{
  JobsTicket *self = g_slice_new0 (JobsTicket);
  JobsActionMore *more = jobs_action_get_more (action);

  g_assert (more->ticket == NULL);

  self->run = run;
  self->action = g_object_ref (action);
  self->entry = *entry;
  if (jobs_action_has_flag (action, JOBS_ACTION_HAS_NEEDS))
    self->ready_time = g_get_monotonic_time ();
  self->claim_post.func = ticket_claim_post_cb;
  self->deadline.func = ticket_deadline_cb;
  self->deadline_post.func = ticket_deadline_post_cb;
  self->link.data = self;
  more->ticket = self;
  g_queue_push_tail_link (&run->tickets, &self->link);

  return self;
}

/* How long to wait before attempt n + 1: the delay doubles up to its limit, and
 * loses up to a quarter at random ("jitter": AWS Architecture Blog, Exponential
 * Backoff and Jitter, 2015). µs */
static gint64
retry_delay (JobsActionMore *more)
{
  guint64 delay = more->retry_delay;
  guint64 limit = MAX (more->retry_delay_max, 1);

  for (guint i = 1; i < more->attempts && delay < limit; i++)
    delay *= 2;
  delay = MIN (delay, limit) * 1000;

  return (gint64) (delay - delay / 4 * g_random_double ());
}

static gboolean
jobs_ticket_may_retry (JobsTicket   *self,
                       JobsState     state,
                       const GError *error)
{
  JobsActionMore *more = jobs_action_get_more (self->action);

  if ((state != JOBS_STATE_FAILED && state != JOBS_STATE_TIMED_OUT) ||
      more->attempts > more->retries)
    return FALSE;

  /* It may still go on somewhere */
  if (g_error_matches (error, JOBS_ERROR, JOBS_ERROR_LOST) &&
      !jobs_action_has_flag (self->action, JOBS_ACTION_IDEMPOTENT))
    return FALSE;

  return self->reason != JOBS_STOP_ALONE && self->reason != JOBS_STOP_RUN &&
         !self->is_removed && jobs_run_may_start (self->run, self->action);
}

static void
jobs_ticket_retry (JobsTicket *self,
                   GError     *error)
{
  JobsAction *action = self->action;
  JobsActionMore *more = jobs_action_get_more (action);
  gint64 delay = retry_delay (more);
  gint64 now = g_get_monotonic_time ();

  if (self->phase == JOBS_TICKET_STOPPING)
    {
      g_queue_unlink (&self->run->stopping, &self->link);
      g_queue_push_tail_link (&self->run->tickets, &self->link);
    }
  self->phase = JOBS_TICKET_WAITS;
  self->reason = JOBS_STOP_NONE;
  self->ready_time = now + delay;
  g_clear_pointer (&self->claim, jobs_pool_claim_free);
  jobs_pump_withdraw (self->run->pump, &self->claim_post);
  jobs_run_action_unready (self->run, action);
  if (delay > 0)
    jobs_deadlines_arm (self->run->deadlines, &self->deadline, now + delay);
  else
    jobs_run_queue (self->run, action, NULL);

  /* Whoever is told may remove it, and the ticket goes with it */
  jobs_action_end_attempt (action, JOBS_STATE_SCHEDULED, NULL, error,
                           more->start_time != 0 ? now : 0);
}

/* What it uses cannot be opened: that was an attempt, though start() is not called.
 * Takes the error */
static void
jobs_ticket_refuse (JobsTicket *self,
                    GError     *error)
{
  g_autoptr (JobsAction) action = g_object_ref (self->action);
  JobsRun *run = self->run;

  jobs_action_get_more (action)->attempts++;
  if (jobs_ticket_may_retry (self, JOBS_STATE_FAILED, error))
    {
      jobs_ticket_retry (self, error);
    }
  else
    {
      jobs_ticket_free (self);
      jobs_run_action_ended (run, action, JOBS_STATE_FAILED, NULL, error, 0, FALSE);
    }
  g_object_notify_by_pspec (G_OBJECT (action), jobs_action_properties[JOBS_ACTION_PROP_ATTEMPTS]);
}

static void
ticket_resources_cb (gpointer      data,
                     const GError *error)
{
  JobsTicket *self = data;
  JobsRun *run = self->run;

  self->waits_for_resources = FALSE;
  if (jobs_action_has_flag (self->action, JOBS_ACTION_DOOMED))
    return;

  if (error == NULL)
    {
      self->has_resources = TRUE;
      jobs_run_queue (run, self->action, &self->entry);
    }
  else
    {
      jobs_ticket_refuse (self, g_error_copy (error));
    }
  jobs_run_wake (run);
}

static JobsState
jobs_ticket_judge (JobsTicket *self,
                   GError     *error)
{
  if (self->reason == JOBS_STOP_TIMEOUT)
    return JOBS_STATE_TIMED_OUT;
  if (error == NULL)
    return JOBS_STATE_FINISHED;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return JOBS_STATE_CANCELLED;
  /* To let go of what was cancelled is one way to end it */
  if (self->phase == JOBS_TICKET_STOPPING && g_error_matches (error, JOBS_ERROR, JOBS_ERROR_ABANDONED))
    return JOBS_STATE_CANCELLED;
  if (jobs_ticket_is_engine (self) && g_error_matches (error, JOBS_ERROR, JOBS_ERROR_TIMED_OUT))
    return JOBS_STATE_TIMED_OUT;

  return JOBS_STATE_FAILED;
}

/* What the run had given up waiting for has ended after all */
static void
jobs_ticket_unstick (JobsTicket *self)
{
  JobsRun *run = self->run;
  JobsPump *pump = jobs_pump_ref (run->pump); /* held by the ticket */
  g_autoptr (JobsEngine) engine = run->engine != NULL ? g_object_ref (run->engine) : NULL;

  run->n_stuck--;
  jobs_ticket_free (self);
  if (jobs_run_is_active (run))
    jobs_run_wake (run);
  else
    jobs_run_forget_pump (run);
  if (!jobs_run_is_active (run) && engine == NULL && run->n_stuck == 0)
    jobs_run_free (run);
  jobs_pump_release (pump);
  jobs_pump_unref (pump);

  if (engine != NULL)
    jobs_engine_notify_n_stuck (engine);
}

/* The attempt has really ended. Takes value and error */
static void
jobs_ticket_attempt_ended (JobsTicket *self,
                           GValue     *value,
                           GError     *error)
{
  g_autoptr (JobsAction) action = g_object_ref (self->action);
  JobsRun *run = self->run;
  JobsState state = jobs_ticket_judge (self, error);
  gboolean is_stuck = self->phase == JOBS_TICKET_STUCK;
  gint64 now = g_get_monotonic_time ();

  jobs_deadlines_disarm (run->deadlines, &self->deadline);
  jobs_pump_withdraw (run->pump, &self->deadline_post);
  self->clock_left = 0;
  jobs_ticket_return_slot (self);
  run->may_feed = TRUE;

  /* The error of an early end is ours: it says why */
  if (is_stuck || self->reason == JOBS_STOP_TIMEOUT ||
      (state == JOBS_STATE_CANCELLED && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    {
      g_clear_error (&error);
      error = is_stuck ? NULL : jobs_ticket_make_error (self);
    }
  if (jobs_value_is_set (value) && state != JOBS_STATE_FINISHED && !jobs_ticket_is_engine (self))
    g_value_unset (value);

  if (is_stuck)
    {
      if (jobs_value_is_set (value))
        g_value_unset (value);
      jobs_ticket_unstick (self);
      return;
    }

  run->n_in_flight--;
  if (jobs_ticket_may_retry (self, state, error))
    {
      if (jobs_value_is_set (value))
        g_value_unset (value);
      jobs_ticket_retry (self, error);
      jobs_run_wake (run);
      return;
    }

  /* One that gives itself up is cancelled singly too */
  if (state == JOBS_STATE_CANCELLED && self->reason != JOBS_STOP_RUN)
    jobs_action_set_flag (action, JOBS_ACTION_ALONE);

  if (self->is_removed)
    {
      jobs_ticket_free (self);
      jobs_action_end_attempt (action, state, value, error, now);
    }
  else
    {
      gboolean is_excused = self->reason == JOBS_STOP_RUN;

      jobs_ticket_free (self);
      jobs_run_action_ended (run, action, state, value, error, now, is_excused);
    }
  jobs_run_wake (run);
}

static void
ticket_attempt_cb (JobsAttempt      *attempt,
                   JobsAttemptEvents events,
                   gpointer          owner)
{
  JobsTicket *self = owner;
  g_autoptr (JobsAction) action = g_object_ref (self->action);

  if (events & JOBS_ATTEMPT_REPORT && self->phase != JOBS_TICKET_STUCK)
    {
      jobs_action_set_report (action, jobs_attempt_get_fraction (attempt),
                              jobs_attempt_steal_message (attempt));
      if (jobs_action_peek_engine (action) != NULL)
        jobs_engine_emit_progress (jobs_action_peek_engine (action), action);
    }

  if (events & JOBS_ATTEMPT_READY && self->phase == JOBS_TICKET_RUNS && !self->is_removed)
    {
      jobs_run_action_ready (self->run, action);
      jobs_run_wake (self->run);
    }

  if (events & JOBS_ATTEMPT_OUTCOME)
    {
      GValue value = G_VALUE_INIT;
      GError *error = jobs_attempt_steal_error (attempt);

      jobs_attempt_steal_value (attempt, &value);
      self->attempt = NULL;
      jobs_ticket_attempt_ended (self, &value, error);
    }
}

/* An open() may take the action out of the engine */
static JobsLeasesAnswer
jobs_ticket_ask_for_resources (JobsTicket *self,
                               GError    **error)
{
  JobsActionMore *more = jobs_action_get_more (self->action);
  JobsRun *outermost = jobs_run_get_outermost (self->run);
  JobsLeasesAnswer answer;

  if (outermost->leases == NULL)
    outermost->leases = jobs_leases_new (outermost->pump);

  self->is_asking = TRUE;
  answer = jobs_leases_open (outermost->leases, more->resources, ticket_resources_cb, self, error);
  self->is_asking = FALSE;

  return answer;
}

/* TRUE where all resources are open; else it waits for them, or has ended */
static gboolean
jobs_ticket_get_resources (JobsTicket *self)
{
  g_autoptr (JobsAction) action = g_object_ref (self->action);
  JobsLeasesAnswer answer;
  GError *error = NULL;

  if (self->has_resources || jobs_action_get_more (action)->resources == NULL)
    return TRUE;
  if (self->waits_for_resources)
    return FALSE;

  answer = jobs_ticket_ask_for_resources (self, &error);
  self->waits_for_resources = answer == JOBS_LEASES_WAIT;
  if (self->is_gone)
    {
      g_clear_error (&error);
      jobs_ticket_free (self);
      return FALSE;
    }
  if (answer == JOBS_LEASES_REFUSED)
    {
      jobs_ticket_refuse (self, error);
      return FALSE;
    }

  self->has_resources = answer == JOBS_LEASES_OPEN;

  return self->has_resources;
}

static gboolean
jobs_ticket_get_pools (JobsTicket *self)
{
  JobsActionMore *more = jobs_action_get_more (self->action);

  if (more->needs == NULL || more->needs->len == 0)
    return TRUE;

  if (self->claim == NULL)
    self->claim = jobs_pool_claim_new ((const JobsPoolNeed *) (gpointer) more->needs->data,
                                       more->needs->len, more->priority, self->ready_time,
                                       self->run->engine != NULL
                                         ? jobs_engine_get_serial (self->run->engine) : 0,
                                       jobs_action_get_index (self->action),
                                       ticket_claim_cb, self);

  return jobs_pool_claim_try (self->claim);
}

/* The system had no room: that was no attempt */
static void
jobs_ticket_put_back (JobsTicket *self)
{
  JobsAction *action = self->action;
  JobsActionMore *more = jobs_action_get_more (action);
  JobsRun *run = self->run;

  jobs_attempt_disown (self->attempt);
  self->attempt = NULL;
  self->clock_left = 0;
  jobs_deadlines_disarm (run->deadlines, &self->deadline);
  jobs_ticket_return_slot (self);
  run->n_in_flight--;
  self->phase = JOBS_TICKET_WAITS;
  more->attempts--;
  more->start_time = 0;
  jobs_run_starve (run, &self->entry);
  /* Its requirements matter again, and nobody has kept count */
  if (more->attempts == 0)
    jobs_run_count_requirements (run, action, jobs_action_get_index (action));
  jobs_action_set_state (action, JOBS_STATE_SCHEDULED);
  /* Those that cannot hold any more only count where it is scheduled */
  if (more->attempts == 0 && jobs_run_is_waiting (run, action))
    jobs_run_count_requirements (run, action, jobs_action_get_index (action));
}

/* The attempt's cancellable, then stop(). Where that runs a main loop the ticket may
 * be gone before it returns */
static void
ask_to_end (JobsAction  *action,
            JobsAttempt *attempt)
{
  g_autoptr (GError) error = NULL;

  jobs_attempt_cancel (attempt);
  if (!jobs_attempt_has_outcome (attempt) &&
      !JOBS_ACTION_GET_CLASS (action)->stop (action, attempt, &error))
    jobs_action_log (action, G_LOG_LEVEL_DEBUG, "stop() failed: %s",
                     error != NULL ? error->message : "no error was given");
}

static void
jobs_ticket_arm_timeout (JobsTicket *self)
{
  guint timeout = jobs_action_get_timeout (self->action);

  /* A nested run looks after its own */
  if (timeout == 0 || jobs_ticket_is_engine (self))
    return;

  if (jobs_run_are_clocks_held (self->run))
    self->clock_left = (gint64) timeout * 1000;
  else
    jobs_deadlines_arm (self->run->deadlines, &self->deadline,
                        jobs_action_get_start_time (self->action) + (gint64) timeout * 1000);
}

/* Calls what does the work. FALSE where the system had no room for it */
static gboolean
jobs_ticket_call (JobsTicket  *self,
                  JobsAttempt *attempt)
{
  JobsAction *action = self->action;
  JobsActionClass *klass = JOBS_ACTION_GET_CLASS (action);
  GError *error = NULL;

  if (klass->perform != NULL)
    {
      if (klass->perform (action, &error))
        jobs_attempt_end_by_owner (attempt, NULL, NULL);
      else
        jobs_attempt_take_refusal (attempt, "perform", error);
      return TRUE;
    }

  if (klass->start == NULL)
    error = g_error_new (JOBS_ERROR, JOBS_ERROR_UNSUPPORTED,
                         _("the class %s has neither perform() nor start()"),
                         G_OBJECT_TYPE_NAME (action));
  else if (klass->start (action, attempt, &error))
    {
      self->run->starved_delay = self->run->starved_time = 0;
      return TRUE;
    }

  if (g_error_matches (error, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES) &&
      !jobs_attempt_has_outcome (attempt))
    {
      if (self->phase == JOBS_TICKET_RUNS && !jobs_run_is_starved_out (self->run))
        {
          g_clear_error (&error);
          return FALSE;
        }
      if (self->phase != JOBS_TICKET_RUNS)
        {
          g_clear_error (&error);
          error = jobs_ticket_make_error (self);
        }
    }
  jobs_attempt_take_refusal (attempt, "start", error);

  return TRUE;
}

static void
jobs_ticket_start (JobsTicket *self)
{
  g_autoptr (JobsAction) action = g_object_ref (self->action);
  g_autoptr (JobsAttempt) attempt = NULL;
  gboolean had_room = TRUE;

  self->phase = JOBS_TICKET_RUNS;
  self->run->n_in_flight++;
  if (!jobs_action_has_flag (action, JOBS_ACTION_FOREVER))
    jobs_ticket_take_slot (self);
  attempt = jobs_attempt_new (self->run->pump, action, jobs_action_get_attempts (action) + 1,
                              ticket_attempt_cb, self);
  self->attempt = attempt;
  self->is_starting = TRUE;
  jobs_action_begin_attempt (action, g_get_monotonic_time ());

  /* Whoever was told may have cancelled it already; and it may be from within */
  if (self->phase == JOBS_TICKET_RUNS)
    {
      jobs_ticket_arm_timeout (self);
      had_room = jobs_ticket_call (self, attempt);
    }
  else
    {
      jobs_attempt_end_by_owner (attempt, NULL, jobs_ticket_make_error (self));
    }
  self->is_starting = FALSE;

  if (!had_room)
    {
      jobs_ticket_put_back (self);
      return;
    }
  self->run->may_feed = TRUE;
  if (self->phase == JOBS_TICKET_STOPPING)
    ask_to_end (action, attempt);
}

void
jobs_ticket_try (JobsRun              *run,
                 JobsAction           *action,
                 const JobsReadyEntry *entry)
{
  JobsTicket *self = jobs_action_peek_ticket (action);

  if (self == NULL)
    self = jobs_ticket_new (run, action, entry);
  else
    self->entry = *entry;

  if (self->phase == JOBS_TICKET_WAITS && !jobs_deadline_is_armed (&self->deadline) &&
      jobs_ticket_get_resources (self) && jobs_ticket_get_pools (self))
    jobs_ticket_start (self);
  else
    run->may_feed = TRUE;
}

void
jobs_ticket_withdraw (JobsTicket *self)
{
  g_assert (self->phase == JOBS_TICKET_WAITS);

  jobs_ticket_free (self);
}

void
jobs_ticket_stop (JobsTicket    *self,
                  JobsStopReason reason)
{
  g_autoptr (JobsAction) action = g_object_ref (self->action);
  g_autoptr (JobsAttempt) attempt = NULL;
  JobsRun *run = self->run;
  gboolean is_starting = self->is_starting;
  gint64 due = 0;

  if (self->phase != JOBS_TICKET_RUNS)
    return;

  self->phase = JOBS_TICKET_STOPPING;
  self->reason = reason;
  self->clock_left = 0;
  g_queue_unlink (&run->tickets, &self->link);
  g_queue_push_tail_link (&run->stopping, &self->link);
  jobs_deadlines_disarm (run->deadlines, &self->deadline);
  jobs_pump_withdraw (run->pump, &self->deadline_post);

  /* A nested run ends by itself within its own limits, and within ours */
  if (run->grace > 0)
    due = g_get_monotonic_time () + (gint64) run->grace * 1000;
  if (run->grace_due > 0)
    due = due > 0 ? MIN (due, run->grace_due) : run->grace_due;
  if (due > 0)
    jobs_ticket_tighten (self, due);

  attempt = jobs_attempt_ref_if_alive (self->attempt);
  jobs_action_set_state (action, JOBS_STATE_CANCELLING);
  if (attempt != NULL && !is_starting)
    ask_to_end (action, attempt);
}

void
jobs_ticket_tighten (JobsTicket *self,
                     gint64      due)
{
  if (self->phase != JOBS_TICKET_STOPPING)
    return;

  if (jobs_ticket_is_engine (self))
    jobs_engine_limit_grace (JOBS_ENGINE (self->action), due);
  else if (!jobs_deadline_is_armed (&self->deadline) || due < self->deadline.due)
    jobs_deadlines_arm (self->run->deadlines, &self->deadline, due);
}

gboolean
jobs_ticket_is_dismissed (JobsTicket *self)
{
  return self != NULL && self->reason == JOBS_STOP_RUN && self->run->ending == JOBS_RUN_FINITE_ENDED;
}

void
jobs_ticket_hold_clock (JobsTicket *self)
{
  if (self->phase == JOBS_TICKET_RUNS && jobs_deadline_is_armed (&self->deadline))
    {
      self->clock_left = MAX (self->deadline.due - g_get_monotonic_time (), 1);
      jobs_deadlines_disarm (self->run->deadlines, &self->deadline);
    }
}

void
jobs_ticket_release_clock (JobsTicket *self)
{
  if (self->phase == JOBS_TICKET_RUNS && self->clock_left > 0)
    {
      jobs_deadlines_arm (self->run->deadlines, &self->deadline,
                          g_get_monotonic_time () + self->clock_left);
      self->clock_left = 0;
    }
}

void
jobs_ticket_orphan (JobsTicket *self)
{
  JobsPump *pump = self->run->pump;

  g_assert (self->phase == JOBS_TICKET_STUCK);

  jobs_attempt_disown (self->attempt);
  self->attempt = NULL;
  jobs_ticket_return_slot (self);
  jobs_ticket_free (self);
  jobs_pump_release (pump);
}
