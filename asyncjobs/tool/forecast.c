/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "forecast.h"
#include "history.h"
#include "simulate.h"

/* Of its time, a run gives no more than one part in so many for looking ahead */
#define SHARE 500
/* More jobs take seconds to look at for the first time */
#define JOBS_MAX 20000

/* Of how many known ones there may be one that is not */
#define KNOWN_MIN 3

struct _Forecast
{
  Plan *plan;
  GHashTable *durations;
  gint64 next; /* when it is reckoned anew */
};

Forecast *
forecast_new (JobsEngine *engine,
              const char *journal)
{
  g_autoptr (Forecast) self = g_new0 (Forecast, 1);
  g_autoptr (History) history = NULL;
  g_autoptr (GPtrArray) actions = NULL;

  /* What is wrong with a journal is told by who writes to it */
  if (journal == NULL || g_access (journal, F_OK) != 0)
    return NULL;
  actions = jobs_engine_dup_all (engine, FALSE);
  if (actions->len > JOBS_MAX)
    return NULL;

  history = history_open (journal, 0, NULL);
  if (history != NULL)
    self->durations = history_dup_durations (history, NULL);
  if (self->durations == NULL || g_hash_table_size (self->durations) == 0)
    return NULL;
  self->plan = plan_new (engine, NULL);

  return self->plan != NULL ? g_steal_pointer (&self) : NULL;
}

void
forecast_free (Forecast *self)
{
  g_clear_pointer (&self->plan, plan_free);
  g_clear_pointer (&self->durations, g_hash_table_unref);
  g_free (self);
}

/* FALSE: of too much of what is left nobody knows how long it takes. A job that is new, or
 * has never ended well, counts as nothing */
static gboolean
reduce_to_rest (Forecast *self)
{
  gint64 now = g_get_monotonic_time ();
  guint n_known = 0, n_unknown = 0;

  plan_estimate (self->plan, self->durations);
  for (guint i = 0; i < self->plan->nodes->len; i++)
    {
      PlanNode *node = g_ptr_array_index (self->plan->nodes, i);
      JobsState state = jobs_action_get_state (node->action);

      if (jobs_state_is_terminal (state))
        node->duration = 0;
      else if (node->members == NULL && !node->is_skipped)
        {
          if (node->is_known)
            n_known++;
          else
            n_unknown++;
          if (state == JOBS_STATE_RUNNING)
            node->duration = MAX (node->duration - (now - jobs_action_get_start_time (node->action)), 0);
        }
    }

  return n_unknown <= n_known / KNOWN_MIN;
}

gboolean
forecast_get_left (Forecast *self,
                   gint64   *left)
{
  gint64 begun = g_get_monotonic_time ();

  if (begun < self->next)
    return FALSE;

  *left = -1;
  if (reduce_to_rest (self))
    {
      g_autoptr (Simulation) simulation = simulation_new (self->plan);

      *left = simulation_get_length (simulation);
    }
  self->next = begun + MAX (G_USEC_PER_SEC, SHARE * (g_get_monotonic_time () - begun));

  return TRUE;
}
