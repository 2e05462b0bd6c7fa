/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "jobs-run.h"
#include "jobs-value.h"

/* The books of a run: which requirements of which actions are met, and what becomes
 * of that when actions end, come, go or are tried again. Whoever is told of it may
 * change all of that: nobody is before the books are in order. */

#ifdef __GNUC__
#define JOBS_PREFETCH(address) __builtin_prefetch (address)
#else
#define JOBS_PREFETCH(address)
#endif

typedef enum
{
  VERDICT_WAIT,
  VERDICT_MET,
  VERDICT_IMPOSSIBLE,
  VERDICT_TAINTED, /* impossible because of a critical failure */
} Verdict;

static Verdict
judge_end (JobsRun      *self,
           JobsAction   *other,
           JobsState     state,
           JobsCondition condition)
{
  gboolean failed = state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT;
  gboolean taints = self->on_failure == JOBS_ON_FAILURE_KEEP_GOING &&
                    (jobs_action_has_flag (other, JOBS_ACTION_TAINTED) ||
                     (failed && !jobs_action_has_flag (other, JOBS_ACTION_NON_CRITICAL)));

  switch (condition)
    {
    case JOBS_CONDITION_DONE:
      return taints ? VERDICT_TAINTED : VERDICT_MET;
    case JOBS_CONDITION_SUCCESS:
    case JOBS_CONDITION_READY:
      if (state == JOBS_STATE_FINISHED)
        return VERDICT_MET;
      return taints ? VERDICT_TAINTED : VERDICT_IMPOSSIBLE;
    case JOBS_CONDITION_FAILURE:
      return failed ? VERDICT_MET : VERDICT_IMPOSSIBLE;
    case JOBS_CONDITION_AFTER:
      return VERDICT_MET;
    default:
      g_assert_not_reached ();
    }
}

/* What the books say of a requirement on @other; one that has just ended waits until
 * those behind it are told */
static Verdict
judge (JobsRun      *self,
       JobsAction   *other,
       JobsCondition condition)
{
  /* While it compiles, what it has not come to yet is as the last run left it */
  if (self->phase == JOBS_RUN_COMPILING && jobs_action_get_index (other) >= self->cursor &&
      !(self->is_retry && jobs_action_has_flag (other, JOBS_ACTION_SETTLED)))
    return VERDICT_WAIT;
  if (jobs_action_has_flag (other, JOBS_ACTION_SETTLED))
    return judge_end (self, other, jobs_action_peek_state (other), condition);
  if (condition == JOBS_CONDITION_READY && jobs_action_has_flag (other, JOBS_ACTION_READY))
    return VERDICT_MET;
  /* What has come since the run began to end is as good as skipped */
  if (self->phase == JOBS_RUN_GOING && self->ending != JOBS_RUN_GOES_ON &&
      !jobs_action_has_flag (other, JOBS_ACTION_IN_RUN))
    return judge_end (self, other, JOBS_STATE_SKIPPED, condition);

  return VERDICT_WAIT;
}

gboolean
jobs_run_is_waiting (JobsRun    *self,
                     JobsAction *action)
{
  /* While it compiles, what it has not come to yet is not in the books */
  return jobs_action_has_flag (action, JOBS_ACTION_IN_RUN) &&
         jobs_action_peek_state (action) <= JOBS_STATE_SCHEDULED &&
         (self->phase != JOBS_RUN_COMPILING || jobs_action_get_index (action) < self->cursor);
}

void
jobs_run_doom (JobsRun    *self,
               JobsAction *action,
               gboolean    is_tainted)
{
  JobsTicket *ticket = jobs_action_peek_ticket (action);

  if (!jobs_run_is_waiting (self, action) ||
      (ticket != NULL && ticket->phase != JOBS_TICKET_WAITS))
    return;
  if (jobs_action_has_flag (action, JOBS_ACTION_DOOMED))
    {
      /* Nobody has been told yet, and those behind it must know */
      if (is_tainted)
        jobs_action_set_flag (action, JOBS_ACTION_TAINTED);
      return;
    }

  jobs_action_set_flag (action, JOBS_ACTION_DOOMED | (is_tainted ? JOBS_ACTION_TAINTED : 0));
  jobs_ready_push (&self->skips, jobs_action_get_index (action), 0);
}

/* Whether its requirements matter: once it has started they do not any more, also
 * where it waits for another attempt */
static gboolean
jobs_run_is_held_back (JobsRun    *self,
                       JobsAction *action)
{
  JobsActionMore *more = jobs_action_peek_more (action);

  return jobs_run_is_waiting (self, action) && (more == NULL || more->attempts == 0);
}

static inline void
requirement_met (JobsRun *self,
                 guint32  index)
{
  g_assert (self->pending[index] > 0);

  if (--self->pending[index] == 0)
    {
      JOBS_PREFETCH (jobs_engine_peek (self->engine, index));
      jobs_ready_push (&self->fresh, index, 0);
    }
}

/* Tells those behind an action of its end. No user code is called */
void
jobs_run_settle (JobsRun    *self,
                 JobsAction *action,
                 JobsState   state)
{
  gboolean was_ready = jobs_action_has_flag (action, JOBS_ACTION_READY);
  JobsGraphIter iter;
  JobsEdge edge;

  jobs_action_set_flag (action, JOBS_ACTION_SETTLED);
  if (self->engine == NULL)
    return;

  jobs_graph_iter_init (&iter, jobs_engine_peek_graph (self->engine), jobs_action_get_index (action));
  while (jobs_graph_iter_next (&iter, &edge))
    {
      guint32 index = JOBS_EDGE_NODE (edge);
      JobsCondition condition = JOBS_EDGE_CONDITION (edge);
      Verdict verdict = judge_end (self, action, state, condition);
      JobsAction *dependent;

      /* Whether it waits at all is seen when it has its turn: the action itself, which
       * the cache may have lost, is not touched here. That is a third of the run of a
       * graph of three requirements each */
      if (verdict == VERDICT_MET && condition != JOBS_CONDITION_READY && index < self->pending_size)
        {
          if (self->pending[index] > 0)
            requirement_met (self, index);
          continue;
        }

      dependent = jobs_run_peek (self, index);
      if (!jobs_run_is_held_back (self, dependent))
        continue;
      if (verdict != VERDICT_MET)
        jobs_run_doom (self, dependent, verdict == VERDICT_TAINTED);
      else if (!was_ready)
        requirement_met (self, index);
    }
}

void
jobs_run_action_ready (JobsRun    *self,
                       JobsAction *action)
{
  JobsGraphIter iter;
  JobsEdge edge;

  if (jobs_action_has_flag (action, JOBS_ACTION_READY))
    return;

  jobs_action_set_flag (action, JOBS_ACTION_READY);
  if (self->engine == NULL)
    return;

  jobs_graph_iter_init (&iter, jobs_engine_peek_graph (self->engine), jobs_action_get_index (action));
  while (jobs_graph_iter_next (&iter, &edge))
    if (JOBS_EDGE_CONDITION (edge) == JOBS_CONDITION_READY &&
        jobs_run_is_held_back (self, jobs_run_peek (self, JOBS_EDGE_NODE (edge))))
      requirement_met (self, JOBS_EDGE_NODE (edge));
}

void
jobs_run_action_unready (JobsRun    *self,
                         JobsAction *action)
{
  JobsGraphIter iter;
  JobsEdge edge;

  if (!jobs_action_has_flag (action, JOBS_ACTION_READY))
    return;

  jobs_action_unset_flag (action, JOBS_ACTION_READY);
  if (self->engine == NULL)
    return;

  jobs_graph_iter_init (&iter, jobs_engine_peek_graph (self->engine), jobs_action_get_index (action));
  while (jobs_graph_iter_next (&iter, &edge))
    if (JOBS_EDGE_CONDITION (edge) == JOBS_CONDITION_READY &&
        jobs_run_is_held_back (self, jobs_run_peek (self, JOBS_EDGE_NODE (edge))))
      self->pending[JOBS_EDGE_NODE (edge)]++;
}

/* Whether it waits for a failure, which has come or, if asked, may still come */
gboolean
jobs_run_waits_for_failure (JobsRun    *self,
                            JobsAction *action,
                            gboolean    may_come)
{
  const JobsEdge *edges;
  guint32 n_edges;

  if (self->engine == NULL)
    return FALSE;

  edges = jobs_graph_get_edges (jobs_engine_peek_graph (self->engine),
                                jobs_action_get_index (action), &n_edges);
  for (guint32 i = 0; i < n_edges; i++)
    {
      JobsAction *other = jobs_run_peek (self, JOBS_EDGE_NODE (edges[i]));
      JobsState state = jobs_action_peek_state (other);

      if (JOBS_EDGE_CONDITION (edges[i]) != JOBS_CONDITION_FAILURE)
        continue;
      if (state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT ||
          (may_come && jobs_state_is_active (state)))
        return TRUE;
    }

  return FALSE;
}

gboolean
jobs_run_may_start (JobsRun    *self,
                    JobsAction *action)
{
  switch (self->ending)
    {
    case JOBS_RUN_GOES_ON:
      return TRUE;
    case JOBS_RUN_DRAINS:
    case JOBS_RUN_ABORTS:
      return jobs_run_waits_for_failure (self, action, FALSE);
    case JOBS_RUN_FINITE_ENDED:
    case JOBS_RUN_TIMED_OUT:
    case JOBS_RUN_CANCELLED:
    default:
      return FALSE;
    }
}

void
jobs_run_grow_pending (JobsRun *self,
                       guint32  size)
{
  if (size <= self->pending_size)
    return;

  if (self->pending == NULL)
    {
      /* Zero without touching it: a big one takes longer than a frame may */
      self->pending = g_new0 (guint32, size);
      self->pending_size = size;
      return;
    }

  size = MAX (size, self->pending_size + self->pending_size / 2);
  self->pending = g_renew (guint32, self->pending, size);
  memset (self->pending + self->pending_size, 0, (size - self->pending_size) * sizeof *self->pending);
  self->pending_size = size;
}

void
jobs_run_count_requirements (JobsRun    *self,
                             JobsAction *action,
                             guint32     index)
{
  const JobsEdge *edges = NULL;
  guint32 n_edges = 0;

  if (self->engine != NULL)
    edges = jobs_graph_get_edges (jobs_engine_peek_graph (self->engine), index, &n_edges);
  self->pending[index] = n_edges;

  /* In a run from the start nothing has ended yet */
  if (self->is_retry || self->phase == JOBS_RUN_GOING)
    for (guint32 i = 0; i < n_edges; i++)
      {
        Verdict verdict = judge (self, jobs_run_peek (self, JOBS_EDGE_NODE (edges[i])),
                                 JOBS_EDGE_CONDITION (edges[i]));

        if (verdict == VERDICT_MET)
          self->pending[index]--;
        else if (verdict != VERDICT_WAIT)
          jobs_run_doom (self, action, verdict == VERDICT_TAINTED);
      }

  if (self->pending[index] == 0)
    jobs_ready_push (&self->fresh, index, 0);
}

/* Takes an action into the books of the run */
void
jobs_run_enter (JobsRun    *self,
                JobsAction *action,
                guint32     index)
{
  JobsActionMore *more = jobs_action_peek_more (action);

  jobs_action_set_flag (action, JOBS_ACTION_IN_RUN);
  if (more != NULL && more->priority != 0)
    self->has_priorities = TRUE;
  self->n_left++;
  if (!jobs_action_has_flag (action, JOBS_ACTION_FOREVER))
    {
      self->n_finite++;
      self->n_finite_left++;
    }
  jobs_run_count_requirements (self, action, index);
}

/* What happens to the graph while it runs */

void
jobs_run_added (JobsRun *self,
                guint32  first,
                guint32  n)
{
  /* Before that the run comes to it by itself; afterwards it stays IDLE */
  if (self->phase != JOBS_RUN_GOING || self->ending != JOBS_RUN_GOES_ON)
    return;

  jobs_run_grow_pending (self, first + n);
  self->limit = MAX (self->limit, first + n);
  for (guint32 index = first; index < first + n; index++)
    {
      JobsAction *action = jobs_run_peek (self, index);

      jobs_run_forget (self, action);
      jobs_run_enter (self, action, index);
    }
  jobs_run_wake (self);
}

void
jobs_run_removing (JobsRun    *self,
                   JobsAction *action)
{
  JobsState state = jobs_action_peek_state (action);
  JobsTicket *ticket = jobs_action_peek_ticket (action);

  if (!jobs_run_is_active (self))
    return;
  if (!jobs_action_has_flag (action, JOBS_ACTION_IN_RUN) ||
      (self->phase == JOBS_RUN_COMPILING && jobs_action_get_index (action) >= self->cursor))
    {
      /* It is not in the books, but those that wait for it may be: unless its outcome is
       * kept, which they know */
      gboolean is_kept = jobs_action_has_flag (action, JOBS_ACTION_SETTLED) &&
                         (self->is_retry || self->phase != JOBS_RUN_COMPILING);

      jobs_action_unset_flag (action, JOBS_ACTION_OF_RUN);
      if (!is_kept)
        jobs_run_settle (self, action, JOBS_STATE_SKIPPED);
      jobs_run_wake (self);
      return;
    }

  if (ticket != NULL && ticket->phase == JOBS_TICKET_WAITS)
    jobs_ticket_withdraw (ticket);
  else if (ticket != NULL)
    ticket->is_removed = TRUE;

  /* It counts as skipped for those that wait for it */
  if (!jobs_state_is_terminal (state))
    {
      self->n_left--;
      if (!jobs_action_has_flag (action, JOBS_ACTION_FOREVER))
        self->n_finite_left--;
      jobs_run_settle (self, action, JOBS_STATE_SKIPPED);
    }
  else if (!jobs_action_has_flag (action, JOBS_ACTION_SETTLED))
    {
      jobs_run_settle (self, action, state);
    }
  jobs_run_wake (self);
}

void
jobs_run_take_removed (JobsRun    *self,
                       JobsAction *action)
{
  if (self->removed == NULL)
    self->removed = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->removed, action);
}

void
jobs_run_edge_changing (JobsRun *self,
                        guint32  index,
                        guint32  other,
                        int      old_condition,
                        int      new_condition)
{
  JobsAction *action = jobs_run_peek (self, index);
  JobsAction *required = jobs_run_peek (self, other);

  if (!jobs_run_is_active (self) || !jobs_run_is_held_back (self, action))
    return;

  if (old_condition >= 0 && judge (self, required, old_condition) == VERDICT_WAIT)
    requirement_met (self, index);
  if (new_condition >= 0)
    {
      Verdict verdict = judge (self, required, new_condition);

      if (verdict == VERDICT_WAIT)
        self->pending[index]++;
      else if (verdict != VERDICT_MET)
        jobs_run_doom (self, action, verdict == VERDICT_TAINTED);
    }
  jobs_run_wake (self);
}

gboolean
jobs_run_has_started (JobsRun    *self,
                      JobsAction *action)
{
  return jobs_run_is_active (self) && jobs_action_has_flag (action, JOBS_ACTION_IN_RUN) &&
         !(self->phase == JOBS_RUN_COMPILING && jobs_action_get_index (action) >= self->cursor) &&
         (jobs_action_peek_state (action) > JOBS_STATE_SCHEDULED ||
          jobs_action_get_attempts (action) > 0);
}

/* Before a run: an action forgets the last one, and so does all that is in an engine,
 * which may be skipped this time. What still goes on in there is left to itself */
void
jobs_run_forget (JobsRun    *self,
                 JobsAction *action)
{
  JobsRun *inside = jobs_action_has_flag (action, JOBS_ACTION_IS_ENGINE)
                      ? jobs_engine_get_run (JOBS_ENGINE (action)) : NULL;
  JobsActionMore *more = jobs_action_peek_more (action);
  JobsActionNews news;

  if (more != NULL && more->alone != NULL)
    return;

  /* Most are new */
  if (jobs_action_has_flag (action, JOBS_ACTION_STATE_MASK | JOBS_ACTION_OF_RUN | JOBS_ACTION_HAS_MORE) &&
      jobs_action_forget (action, &news))
    {
      g_object_ref (action);
      if (self->news == NULL)
        self->news = g_array_new (FALSE, FALSE, sizeof news);
      g_array_append_val (self->news, news);
    }
  if (inside == NULL)
    return;
  if (jobs_run_is_active (inside) || inside->n_stuck > 0 || jobs_engine_is_held (inside->engine))
    {
      inside->is_stale = TRUE;
      return;
    }

  /* What was restored in there stays */
  if (!inside->has_run && inside->error == NULL && !inside->is_stale)
    return;

  inside->is_stale = FALSE;
  inside->is_retry = inside->is_restored = FALSE;
  inside->has_run = FALSE;
  inside->verdict = FALSE;
  inside->n_bad = 0;
  g_clear_error (&inside->error);
  g_clear_object (&inside->culprit);
  g_clear_pointer (&inside->clean_up_failures, g_ptr_array_unref);
  for (guint32 i = 0; i < jobs_engine_peek_graph (inside->engine)->n_nodes; i++)
    {
      JobsAction *one = jobs_run_peek (inside, i);

      if (one == NULL)
        continue;
      jobs_run_forget (self, one);
      if (jobs_action_has_flag (one, JOBS_ACTION_IS_ENGINE))
        inside->is_stale |= jobs_engine_get_run (JOBS_ENGINE (one))->is_stale;
    }
}

void
jobs_run_tell (JobsRun *self)
{
  g_autoptr (JobsEngine) keep = NULL;

  if (self->news == NULL || self->news->len == 0)
    return;

  /* Handlers may come here too, and tell the rest */
  keep = g_object_ref (self->engine);
  while (self->news != NULL && self->n_told < self->news->len)
    {
      JobsActionNews news = g_array_index (self->news, JobsActionNews, self->n_told++);

      jobs_action_tell (&news);
      g_object_unref (news.action);
    }
  if (self->news != NULL)
    g_array_set_size (self->news, 0);
  self->n_told = 0;
}

/* Another try */

static gboolean
is_victim (JobsAction *action)
{
  JobsState state = jobs_action_peek_state (action);

  return state == JOBS_STATE_SKIPPED ||
         (state == JOBS_STATE_CANCELLED && !jobs_action_has_flag (action, JOBS_ACTION_ALONE));
}

typedef struct
{
  JobsRun *run;
  guint8 *marks;
  GPtrArray *actions;
} Retry;

static void
retry_add (Retry      *retry,
           JobsAction *action)
{
  guint32 index = jobs_action_get_index (action);

  if (!retry->marks[index])
    g_ptr_array_add (retry->actions, g_object_ref (action));
  retry->marks[index] = 1;
}

/* What was skipped or cancelled behind an action; in a new run, also the servers
 * that it used, which were cancelled at the end of the last one */
static void
retry_follow (Retry      *retry,
              JobsAction *action)
{
  JobsRun *run = retry->run;
  JobsGraph *graph = jobs_engine_peek_graph (run->engine);
  const JobsEdge *edges;
  guint32 n_edges;
  JobsGraphIter iter;
  JobsEdge edge;

  jobs_graph_iter_init (&iter, graph, jobs_action_get_index (action));
  while (jobs_graph_iter_next (&iter, &edge))
    if (is_victim (jobs_run_peek (run, JOBS_EDGE_NODE (edge))))
      retry_add (retry, jobs_run_peek (run, JOBS_EDGE_NODE (edge)));

  edges = jobs_graph_get_edges (graph, jobs_action_get_index (action), &n_edges);
  for (guint32 i = 0; i < n_edges && !jobs_run_is_active (run); i++)
    {
      JobsAction *other = jobs_run_peek (run, JOBS_EDGE_NODE (edges[i]));

      if (JOBS_EDGE_CONDITION (edges[i]) == JOBS_CONDITION_READY &&
          jobs_action_has_flag (other, JOBS_ACTION_FOREVER) && is_victim (other))
        retry_add (retry, other);
    }
}

/* The action, what was skipped or cancelled behind it, and, where it ended the
 * run, all that was skipped or cancelled with that */
static GPtrArray *
jobs_run_collect_retry (JobsRun    *self,
                        JobsAction *action)
{
  JobsGraph *graph = jobs_engine_get_graph (self->engine);
  g_autofree guint8 *marks = g_new0 (guint8, graph->n_nodes);
  Retry retry = { self, marks, g_ptr_array_new_with_free_func (g_object_unref) };
  gboolean ended_run = !jobs_run_is_active (self) && jobs_action_has_flag (action, JOBS_ACTION_BAD) &&
                       (self->cause == JOBS_RUN_ABORTS || self->cause == JOBS_RUN_DRAINS);

  retry_add (&retry, action);
  for (guint32 index = 0; ended_run && index < graph->n_nodes; index++)
    {
      JobsAction *other = jobs_run_peek (self, index);

      if (other != NULL && is_victim (other))
        retry_add (&retry, other);
    }
  for (guint i = 0; i < retry.actions->len; i++)
    retry_follow (&retry, g_ptr_array_index (retry.actions, i));

  return retry.actions;
}

/* Those that wait behind an action, or were about to be skipped because of it, wait
 * for it once more. One that was cancelled stays so, but its books must be right */
static void
jobs_run_restore_wait (JobsRun    *self,
                       JobsAction *action)
{
  JobsGraphIter iter;
  JobsEdge edge;

  jobs_graph_iter_init (&iter, jobs_engine_peek_graph (self->engine), jobs_action_get_index (action));
  while (jobs_graph_iter_next (&iter, &edge))
    {
      guint32 index = JOBS_EDGE_NODE (edge);
      JobsAction *dependent = jobs_run_peek (self, index);

      if (!jobs_run_is_held_back (self, dependent))
        continue;
      if (!jobs_action_has_flag (dependent, JOBS_ACTION_ALONE))
        {
          if (jobs_action_has_flag (dependent, JOBS_ACTION_DOOMED) &&
              jobs_action_peek_state (dependent) == JOBS_STATE_SCHEDULED)
            jobs_run_queue (self, dependent, NULL);
          jobs_action_unset_flag (dependent, JOBS_ACTION_DOOMED | JOBS_ACTION_TAINTED);
        }
      jobs_run_count_requirements (self, dependent, index);
    }
}

gboolean
jobs_run_can_retry (JobsRun    *self,
                    JobsAction *action,
                    GError    **error)
{
  if (!jobs_state_is_terminal (jobs_action_peek_state (action)) ||
      jobs_action_peek_state (action) == JOBS_STATE_FINISHED)
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_BUSY,
                           _("only an action that has not ended well can be tried again"));
      return FALSE;
    }
  if (jobs_action_peek_ticket (action) != NULL ||
      (jobs_run_is_active (self) &&
       (self->phase != JOBS_RUN_GOING || self->ending != JOBS_RUN_GOES_ON)))
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_BUSY,
                           _("the run is ending; try again after it"));
      return FALSE;
    }

  return TRUE;
}

gboolean
jobs_run_retry (JobsRun    *self,
                JobsAction *action,
                GError    **error)
{
  g_autoptr (GPtrArray) actions = NULL;
  gboolean is_active = jobs_run_is_active (self);

  if (!jobs_run_can_retry (self, action, error))
    return FALSE;

  actions = jobs_run_collect_retry (self, action);
  if (!is_active)
    self->is_retry = TRUE;
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *one = g_ptr_array_index (actions, i);

      if (is_active && jobs_action_has_flag (one, JOBS_ACTION_BAD))
        self->n_bad--;
      if (is_active && self->culprit == one)
        g_clear_object (&self->culprit);
      jobs_run_forget (self, one);
    }
  for (guint i = 0; is_active && i < actions->len; i++)
    jobs_run_enter (self, g_ptr_array_index (actions, i),
                    jobs_action_get_index (g_ptr_array_index (actions, i)));
  for (guint i = 0; is_active && i < actions->len; i++)
    jobs_run_restore_wait (self, g_ptr_array_index (actions, i));
  jobs_run_wake (self);
  jobs_run_tell (self);

  return TRUE;
}

void
jobs_run_restore (JobsRun      *self,
                  JobsAction   *action,
                  const GValue *result)
{
  GValue copy = G_VALUE_INIT;
  g_autoptr (JobsAction) keep = g_object_ref (action);

  /* As after a run in which it ended well, and some others did not */
  self->is_retry = self->is_restored = TRUE;
  if (jobs_action_has_flag (action, JOBS_ACTION_IS_ENGINE))
    {
      JobsRun *inside = jobs_engine_get_run (JOBS_ENGINE (action));

      inside->has_run = TRUE;
      inside->verdict = TRUE;
    }
  jobs_action_set_flag (action, JOBS_ACTION_SETTLED);
  jobs_value_copy (result, &copy);
  jobs_action_end_attempt (action, JOBS_STATE_FINISHED, &copy, NULL, 0);
}

/* Pausing */

static void
jobs_run_update_clocks (JobsRun *self)
{
  gboolean is_held = jobs_run_is_held_up (self);
  gboolean are_clocks_held = jobs_run_are_clocks_held (self);

  if (is_held && jobs_deadline_is_armed (&self->deadline))
    {
      self->clock_left = MAX (self->deadline.due - g_get_monotonic_time (), 1);
      jobs_deadlines_disarm (self->deadlines, &self->deadline);
    }
  else if (!is_held && self->clock_left > 0)
    {
      jobs_deadlines_arm (self->deadlines, &self->deadline,
                          g_get_monotonic_time () + self->clock_left);
      self->clock_left = 0;
    }

  for (GList *l = self->tickets.head; l != NULL; l = l->next)
    {
      if (are_clocks_held)
        jobs_ticket_hold_clock (l->data);
      else
        jobs_ticket_release_clock (l->data);
    }
  for (GList *l = self->children.head; l != NULL; l = l->next)
    jobs_run_update_clocks (l->data);

  if (!is_held)
    jobs_run_wake (self);
}

void
jobs_run_pause (JobsRun       *self,
                gboolean       is_paused,
                JobsPauseFlags flags)
{
  self->is_paused = is_paused;
  self->pause_flags = flags;
  if (jobs_run_is_active (self))
    jobs_run_update_clocks (self);
}
