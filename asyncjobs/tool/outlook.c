/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "outlook.h"
#include "tool.h"

/* Of the fingerprints in the journal only the library could make the same again, with the
 * environment of that time; the file's time is enough here */
char *
outlook_find_change (History *history)
{
  g_autofree char *display = history->file != NULL ? g_filename_display_name (history->file) : NULL;
  GStatBuf about;

  if (history->file == NULL)
    return g_strdup (_("the journal names no job file"));
  if (g_stat (history->file, &about) != 0)
    return g_strdup_printf (_("%s is not there any more"), display);
  if (about.st_mtim.tv_sec * G_USEC_PER_SEC + about.st_mtim.tv_nsec / 1000 > history->run.started)
    return g_strdup_printf (_("%s has changed since the run began"), display);

  return NULL;
}

static void
load_plan (Outlook *self,
           History *history)
{
  g_autoptr (GError) error = NULL;

  self->trouble = outlook_find_change (history);
  if (self->trouble != NULL)
    return;

  self->scenario = jobs_scenario_new_from_file (history->file, &error);
  if (self->scenario != NULL && history->window >= 0 && history->window <= G_MAXINT)
    tool_limit_jobs (jobs_scenario_get_engine (self->scenario), (guint) history->window);
  if (self->scenario != NULL)
    self->plan = plan_new (jobs_scenario_get_engine (self->scenario), &error);
  if (self->plan == NULL)
    {
      g_autofree char *display = g_filename_display_name (history->file);

      self->trouble = g_strdup_printf (_("%s cannot be read any more"), display);
    }
}

/* What an interrupted run has not finished is run again by the one that resumes it */
static gboolean
is_left (History    *history,
         HistoryJob *job)
{
  if (job == NULL || job->state == JOBS_STATE_FINISHED)
    return FALSE;

  return history->fate != HISTORY_LIVES || !jobs_state_is_terminal (job->state);
}

static void
reduce_to_rest (Outlook *self,
                History *history)
{
  gint64 now = g_get_real_time ();

  for (guint i = 0; i < self->plan->nodes->len; i++)
    {
      PlanNode *node = g_ptr_array_index (self->plan->nodes, i);
      HistoryJob *job = g_hash_table_lookup (history->by_path, node->path);

      if (!is_left (history, job))
        {
          node->duration = 0;
          node->is_known = TRUE;
        }
      else if (history->fate == HISTORY_LIVES && job->state == JOBS_STATE_RUNNING)
        {
          node->duration = MAX (node->duration - MAX (now - job->started, 0), 0);
        }
    }
}

/* What is on the way but done is no part of it */
static void
keep_rest (GPtrArray *path)
{
  for (guint i = path->len; i > 0; i--)
    if (((PlanNode *) g_ptr_array_index (path, i - 1))->duration == 0)
      g_ptr_array_remove_index (path, i - 1);
}

Outlook *
outlook_new (History *history,
             GError **error)
{
  g_autoptr (Outlook) self = g_new0 (Outlook, 1);

  self->durations = history_dup_durations (history, error);
  if (self->durations == NULL)
    return NULL;

  /* Of a run that has ended nothing is left */
  if (history->fate != HISTORY_ENDED)
    load_plan (self, history);
  if (self->plan == NULL)
    return g_steal_pointer (&self);

  plan_estimate (self->plan, self->durations);
  reduce_to_rest (self, history);
  self->path = g_ptr_array_new ();
  self->longest = plan_find_longest (self->plan, self->path);
  self->simulation = simulation_new (self->plan);
  self->left = simulation_get_length (self->simulation);
  self->n_unknown = plan_count_unknown (self->plan);
  keep_rest (self->path);

  return g_steal_pointer (&self);
}

void
outlook_free (Outlook *self)
{
  g_clear_pointer (&self->path, g_ptr_array_unref);
  g_clear_pointer (&self->simulation, simulation_free);
  g_clear_pointer (&self->plan, plan_free);
  g_clear_object (&self->scenario);
  g_clear_pointer (&self->durations, g_hash_table_unref);
  g_free (self->trouble);
  g_free (self);
}

gint64
outlook_get_expected (Outlook    *self,
                      const char *path)
{
  const gint64 *duration = g_hash_table_lookup (self->durations, path);

  return duration != NULL ? *duration : -1;
}
