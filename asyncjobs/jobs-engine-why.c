/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-engine-private.h"
#include "jobs-run.h"

/* What a run does, in words; above all, why it goes no further. */

/* Of those that wait for a pool so many are named */
#define N_NAMED 3

/* All that is left waits for actions that do not end */
static gboolean
waits_for_endless (JobsRun *run)
{
  if (run->n_finite_left == 0 || run->phase != JOBS_RUN_GOING ||
      !jobs_ready_is_empty (&run->ready) || !jobs_ready_is_empty (&run->fresh) ||
      !jobs_ready_is_empty (&run->skips) || g_queue_is_empty (&run->tickets))
    return FALSE;

  for (GList *l = run->tickets.head; l != NULL; l = l->next)
    if (!jobs_action_has_flag (((JobsTicket *) l->data)->action, JOBS_ACTION_FOREVER))
      return FALSE;

  return g_queue_is_empty (&run->stopping);
}

/* Whether all that this run has left to do is what is under way */
static gboolean
is_quiet (JobsRun *run)
{
  if (run->phase != JOBS_RUN_GOING || run->ending != JOBS_RUN_GOES_ON || jobs_run_is_held_up (run) ||
      !jobs_ready_is_empty (&run->fresh) || !jobs_ready_is_empty (&run->skips) ||
      !jobs_ready_is_empty (&run->ready_forever) || !jobs_ready_is_empty (&run->starved) ||
      !(jobs_ready_is_empty (&run->ready) || (run->window > 0 && run->n_slots >= run->window)))
    return FALSE;

  /* What is stuck may never end */
  return run->stopping.length == run->n_stuck;
}

/* FALSE where it will go on by itself; waiting gets those that wait for a pool, and
 * runs what is to be looked at too */
static gboolean
collect_ticket (JobsTicket *ticket,
                GPtrArray  *waiting,
                GPtrArray  *runs)
{
  gboolean is_engine = jobs_action_has_flag (ticket->action, JOBS_ACTION_IS_ENGINE);

  if (ticket->phase == JOBS_TICKET_RUNS)
    {
      if (jobs_action_has_flag (ticket->action, JOBS_ACTION_FOREVER))
        return TRUE;
      if (is_engine)
        g_ptr_array_add (runs, jobs_engine_get_run (JOBS_ENGINE (ticket->action)));
      return is_engine;
    }
  if (ticket->waits_for_resources || jobs_deadline_is_armed (&ticket->deadline))
    return FALSE;
  /* Else it waits for a slot, which nothing gives back */
  if (ticket->claim != NULL && jobs_pool_claim_is_waiting (ticket->claim))
    {
      if (jobs_pool_claim_find_obstacle (ticket->claim, NULL) == NULL)
        return FALSE;
      g_ptr_array_add (waiting, ticket);
    }

  return TRUE;
}

/* What waits for a pool, in this run and those inside, where nothing will go on in
 * them before somebody gives one back; else NULL */
static GPtrArray *
find_waiting (JobsRun *run)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new ();
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();

  g_ptr_array_add (runs, run);
  for (guint i = 0; i < runs->len; i++)
    {
      JobsRun *one = g_ptr_array_index (runs, i);

      if (!is_quiet (one))
        return NULL;
      for (GList *l = one->tickets.head; l != NULL; l = l->next)
        if (!collect_ticket (l->data, waiting, runs))
          return NULL;
    }

  return waiting->len > 0 ? g_steal_pointer (&waiting) : NULL;
}

static JobsAction *
find_holder_among (GQueue   *tickets,
                   JobsPool *pool)
{
  for (GList *l = tickets->head; l != NULL; l = l->next)
    {
      JobsTicket *ticket = l->data;

      if (ticket->claim != NULL && jobs_pool_claim_holds (ticket->claim, pool))
        return ticket->action;
    }

  return NULL;
}

/* One that holds some of the pool, in this run or inside */
static JobsAction *
find_holder (JobsRun  *run,
             JobsPool *pool)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new ();

  g_ptr_array_add (runs, run);
  for (guint i = 0; i < runs->len; i++)
    {
      JobsRun *one = g_ptr_array_index (runs, i);
      JobsAction *holder = find_holder_among (&one->tickets, pool);

      if (holder == NULL)
        holder = find_holder_among (&one->stopping, pool);
      if (holder != NULL)
        return holder;
      for (GList *l = one->children.head; l != NULL; l = l->next)
        g_ptr_array_add (runs, l->data);
    }

  return NULL;
}

static char *
describe_wait (JobsTicket *ticket)
{
  g_autofree char *path = jobs_action_dup_path (ticket->action);
  g_autofree char *holder_path = NULL;
  guint amount = 0;
  JobsPool *pool = jobs_pool_claim_find_obstacle (ticket->claim, &amount);
  JobsAction *holder;
  const char *name;
  guint capacity;

  /* Another thread has given it back this moment */
  if (pool == NULL)
    /* Translators: the name of an action */
    return g_strdup_printf (_("%s has waited for a pool"), path);

  name = jobs_pool_get_display_name (pool);
  capacity = jobs_pool_get_capacity (pool);
  if (amount > capacity)
    /* Translators: the name of an action, an amount, the name of a pool, its size */
    return g_strdup_printf (_("%s needs %u of the pool “%s”, which has only %u"), path, amount, name,
                            capacity);

  holder = find_holder (jobs_run_get_outermost (ticket->run), pool);
  if (holder != NULL)
    {
      holder_path = jobs_action_dup_path (holder);
      /* Translators: the name of an action, of a pool, of an action */
      return g_strdup_printf (_("%s waits for the pool “%s”, which %s holds"), path, name, holder_path);
    }
  if (jobs_pool_get_in_use (pool) > 0)
    /* Translators: the name of an action, of a pool */
    return g_strdup_printf (_("%s waits for the pool “%s”, which is held outside of this run"), path, name);

  /* Translators: the name of an action, of a pool */
  return g_strdup_printf (_("%s waits for the pool “%s”, behind others"), path, name);
}

static char *
describe_waits (GPtrArray *waiting)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < MIN (waiting->len, N_NAMED); i++)
    {
      g_autofree char *wait = describe_wait (g_ptr_array_index (waiting, i));

      g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", wait);
    }
  if (waiting->len > N_NAMED)
    {
      g_string_append (text, "; ");
      g_string_append_printf (text,
                              g_dngettext (GETTEXT_PACKAGE,
                                           /* Translators: how many more actions */
                                           "%u more waits for a pool",
                                           "%u more wait for a pool", waiting->len - N_NAMED),
                              waiting->len - N_NAMED);
    }

  /* Translators: why a run goes no further: "x waits for …; y waits for …" */
  return g_strdup_printf (_("nothing moves: %s"), text->str);
}

/**
 * jobs_engine_why:
 * @self: an engine
 *
 * The verdict of the last run in words, or what the present one does.
 *
 * Where nothing goes on in it because pools are held it says who waits for which,
 * and who holds that; and likewise where all that is left waits for an action that
 * goes on forever.
 *
 * Returns: (transfer full): a sentence, or two
 *
 * Since: 1.0
 */
char *
jobs_engine_why (JobsEngine *self)
{
  g_autoptr (GPtrArray) waiting = NULL;
  JobsRun *run;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);

  run = jobs_engine_get_private (self)->run;
  if (!jobs_run_is_active (run))
    {
      if (run->error != NULL)
        return g_strdup (run->error->message);
      return g_strdup (run->has_run ? _("all went well") : _("it has not run"));
    }

  if (run->phase >= JOBS_RUN_CLEANING)
    return g_strdup (_("all actions have ended, and are being cleaned up after"));
  if (run->ending == JOBS_RUN_TIMED_OUT)
    return g_strdup (_("the run has timed out, and waits for what still runs"));
  if (run->ending == JOBS_RUN_CANCELLED)
    return g_strdup (_("the run was cancelled, and waits for what still runs"));
  if (run->ending >= JOBS_RUN_DRAINS && jobs_run_get_culprit (run) != NULL)
    {
      g_autofree char *path = jobs_action_dup_path (run->culprit);

      return g_strdup_printf (_("%s failed; the run waits for what still runs"), path);
    }
  if (jobs_run_is_held_up (run))
    return g_strdup (_("it is paused"));
  waiting = find_waiting (run);
  if (waiting != NULL)
    return describe_waits (waiting);
  if (waits_for_endless (run))
    {
      JobsTicket *ticket = g_queue_peek_head (&run->tickets);
      g_autofree char *path = jobs_action_dup_path (ticket->action);

      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                           /* Translators: why a run has not ended; the second is the name of an action */
                                           "%u action waits for %s, which goes on forever",
                                           "%u actions wait for %s, which goes on forever",
                                           run->n_finite_left),
                              run->n_finite_left, path);
    }

  /* Translators: why a run has not ended; two numbers of actions */
  return g_strdup_printf (_("it runs: %u of %u actions have not ended"), run->n_left,
                          jobs_engine_get_private (self)->n_items);
}
