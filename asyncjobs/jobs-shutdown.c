/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-run.h"

/* What happens when all actions of a run have ended: each may clean up, then the
 * outermost run closes the resources. Nothing of it changes the verdict. */

static void
jobs_shutdown_note (JobsRun    *self,
                    JobsAction *action,
                    const char *message)
{
  if (self->clean_up_failures == NULL)
    self->clean_up_failures = g_ptr_array_new_with_free_func (g_free);

  if (action != NULL)
    {
      g_autofree char *path = jobs_action_dup_path (action);

      g_ptr_array_add (self->clean_up_failures, g_strdup_printf ("%s: %s", path, message));
      jobs_action_log (action, G_LOG_LEVEL_INFO, "clean-up: %s", message);
    }
  else
    {
      g_ptr_array_add (self->clean_up_failures, g_strdup (message));
    }
}

static void
shutdown_closed_cb (gpointer   data,
                    GPtrArray *errors)
{
  JobsRun *self = data;

  for (guint i = 0; errors != NULL && i < errors->len; i++)
    jobs_shutdown_note (self, NULL, ((GError *) g_ptr_array_index (errors, i))->message);

  /* It may be called from within jobs_leases_close() */
  self->is_closed = TRUE;
  jobs_pump_post (self->pump, &self->shutdown_post);
}

static gint64
shutdown_due (JobsRun *self)
{
  gint64 due = 0;

  if (self->shutdown_timeout > 0)
    due = g_get_monotonic_time () + (gint64) self->shutdown_timeout * 1000;
  if (self->grace_due > 0)
    due = due > 0 ? MIN (due, self->grace_due) : self->grace_due;

  return due;
}

/* When what was asked to end is given up */
static gint64
grace_limit (JobsRun *self)
{
  gint64 due = g_get_monotonic_time () + (gint64) self->grace * 1000;

  if (self->grace == 0 || (self->grace_due > 0 && self->grace_due < due))
    due = self->grace_due;

  return due;
}

static void
jobs_shutdown_close (JobsRun *self)
{
  jobs_deadlines_disarm (self->deadlines, &self->shutdown_deadline);

  if (self->parent != NULL || self->leases == NULL || jobs_leases_is_empty (self->leases))
    {
      jobs_run_finish (self);
      return;
    }

  self->phase = JOBS_RUN_CLOSING;
  self->is_closed = FALSE;
  jobs_leases_close (self->leases, shutdown_due (self), shutdown_closed_cb, self);
}

static void
shutdown_attempt_cb (JobsAttempt      *attempt,
                     JobsAttemptEvents events,
                     gpointer          owner)
{
  JobsRun *self = owner;
  g_autoptr (GError) error = NULL;

  if (!(events & JOBS_ATTEMPT_OUTCOME))
    return;

  error = jobs_attempt_steal_error (attempt);
  if (error != NULL && !self->is_cut)
    jobs_shutdown_note (self, jobs_attempt_get_action (attempt), error->message);

  g_hash_table_remove (self->cleaning, attempt);
  if (g_hash_table_size (self->cleaning) == 0 && !self->is_cleaning)
    jobs_shutdown_close (self);
}

static int
compare_places (gconstpointer a,
                gconstpointer b,
                gpointer      cleaning)
{
  gpointer place_a = g_hash_table_lookup (cleaning, *(JobsAttempt *const *) a);
  gpointer place_b = g_hash_table_lookup (cleaning, *(JobsAttempt *const *) b);

  return GPOINTER_TO_INT (place_a) - GPOINTER_TO_INT (place_b);
}

/* The time is up: those that have not ended are asked to, and waited for as long as
 * any cancelled work is */
static void
jobs_shutdown_cut (JobsRun *self)
{
  g_autofree JobsAttempt **attempts = NULL;
  guint n;

  self->is_cut = TRUE;
  self->is_cleaning = TRUE;
  attempts = (JobsAttempt **) g_hash_table_get_keys_as_array (self->cleaning, &n);
  g_qsort_with_data (attempts, (int) n, sizeof *attempts, compare_places, self->cleaning);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsAttempt) attempt = jobs_attempt_ref_if_alive (attempts[i]);
      g_autoptr (JobsAction) action = g_object_ref (jobs_attempt_get_action (attempts[i]));
      g_autoptr (GError) error = NULL;

      if (attempt == NULL || jobs_attempt_has_outcome (attempt))
        continue;
      jobs_shutdown_note (self, action, _("the clean-up did not end in time"));
      jobs_attempt_cancel (attempt);
      if (!jobs_attempt_has_outcome (attempt))
        JOBS_ACTION_GET_CLASS (action)->stop (action, attempt, &error);
    }
  self->is_cleaning = FALSE;

  if (self->grace > 0 || self->grace_due > 0)
    jobs_deadlines_arm (self->deadlines, &self->shutdown_deadline, grace_limit (self));
}

/* Nor did that end them */
static void
jobs_shutdown_give_up (JobsRun *self)
{
  GHashTableIter iter;
  gpointer attempt;

  g_hash_table_iter_init (&iter, self->cleaning);
  while (g_hash_table_iter_next (&iter, &attempt, NULL))
    {
      jobs_action_log (jobs_attempt_get_action (attempt), G_LOG_LEVEL_INFO,
                       "the clean-up did not end when it was cancelled, and may still go on");
      jobs_attempt_disown (attempt);
    }
  g_hash_table_remove_all (self->cleaning);
  jobs_shutdown_close (self);
}

static void
shutdown_deadline_cb (JobsDeadline *deadline)
{
  JobsRun *self = JOBS_DEADLINE_CONTAINER (deadline, JobsRun, shutdown_deadline);

  jobs_pump_post (self->pump, &self->shutdown_post);
}

static void
shutdown_post_cb (JobsPost *post)
{
  JobsRun *self = JOBS_POST_CONTAINER (post, JobsRun, shutdown_post);
  g_autoptr (GObject) keep = g_object_ref (self->engine != NULL ? G_OBJECT (self->engine)
                                                                : G_OBJECT (self->alone));

  if (self->phase == JOBS_RUN_CLEANING && !self->is_cut)
    jobs_shutdown_cut (self);
  else if (self->phase == JOBS_RUN_CLEANING)
    jobs_shutdown_give_up (self);
  else if (self->phase == JOBS_RUN_CLOSING && self->is_closed)
    jobs_run_finish (self);
}

/* Those that clean up, each before what it requires */
static GPtrArray *
jobs_shutdown_collect (JobsRun *self)
{
  GPtrArray *actions = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree guint32 *order = NULL;
  JobsGraph *graph;
  guint32 n;

  if (self->engine == NULL)
    {
      if (JOBS_ACTION_GET_CLASS (self->alone)->clean_up != NULL)
        g_ptr_array_add (actions, g_object_ref (self->alone));
      return actions;
    }
  if (jobs_engine_get_n_clean_up (self->engine) == 0)
    return actions;

  graph = jobs_engine_get_graph (self->engine);
  n = graph->n_nodes;
  if (!graph->forward)
    {
      order = g_new (guint32, graph->n_nodes);
      n = jobs_graph_sort (graph, order);
    }
  while (n-- > 0)
    {
      JobsAction *action = jobs_engine_peek (self->engine, order != NULL ? order[n] : n);

      if (action != NULL && jobs_action_has_flag (action, JOBS_ACTION_IN_RUN) &&
          JOBS_ACTION_GET_CLASS (action)->clean_up != NULL)
        g_ptr_array_add (actions, g_object_ref (action));
    }

  return actions;
}

void
jobs_shutdown_begin (JobsRun *self)
{
  g_autoptr (GPtrArray) actions = NULL;
  gint64 due;

  self->phase = JOBS_RUN_CLEANING;
  self->is_cut = FALSE;
  self->clock_left = 0;
  self->shutdown_deadline.func = shutdown_deadline_cb;
  self->shutdown_post.func = shutdown_post_cb;
  jobs_deadlines_disarm (self->deadlines, &self->deadline);
  jobs_pump_withdraw (self->pump, &self->deadline_post);

  actions = jobs_shutdown_collect (self);
  if (actions->len == 0)
    {
      jobs_shutdown_close (self);
      return;
    }

  self->cleaning = g_hash_table_new (NULL, NULL);
  self->is_cleaning = TRUE;
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      JobsAttempt *attempt = jobs_attempt_new (self->pump, action, 0, shutdown_attempt_cb, self);
      GError *error = NULL;

      g_hash_table_insert (self->cleaning, attempt, GUINT_TO_POINTER (i));
      if (!JOBS_ACTION_GET_CLASS (action)->clean_up (action, attempt, &error))
        jobs_attempt_take_refusal (attempt, "clean_up", error);
      g_object_unref (attempt);
    }
  self->is_cleaning = FALSE;

  due = shutdown_due (self);
  if (due > 0)
    jobs_deadlines_arm (self->deadlines, &self->shutdown_deadline, due);
}

void
jobs_shutdown_hurry (JobsRun *self)
{
  gint64 due;

  if ((self->grace == 0 && self->grace_due == 0) ||
      (self->is_cut && self->phase == JOBS_RUN_CLEANING))
    return;

  due = grace_limit (self);
  if (self->phase == JOBS_RUN_CLOSING)
    jobs_leases_hurry (self->leases, due);
  else if (!jobs_deadline_is_armed (&self->shutdown_deadline) || self->shutdown_deadline.due > due)
    jobs_deadlines_arm (self->deadlines, &self->shutdown_deadline, due);
}
