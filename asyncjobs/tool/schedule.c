/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "history.h"
#include "monitors/jobs-visible.h"
#include "schedule.h"
#include "simulate.h"
#include "tool.h"

static void
append_seconds (GString *to,
                gint64   usec)
{
  g_string_append_printf (to, "%12.3f", usec / (double) G_USEC_PER_SEC);
}

static void
append_steps (GString    *to,
              Simulation *simulation)
{
  GArray *steps = simulation_get_steps (simulation);

  /* Translators: heads of columns of 12 letters, right-aligned; times in seconds, and names */
  g_string_append (to, _("   start [s]     end [s]  job\n"));
  for (guint i = 0; i < steps->len; i++)
    {
      const SimulationStep *step = &g_array_index (steps, SimulationStep, i);

      if (step->node->is_done)
        continue;
      append_seconds (to, step->start);
      append_seconds (to, step->end);
      g_string_append (to, "  ");
      jobs_visible_append (to, step->node->path, -1);
      if (!step->node->is_known)
        g_string_append (to, " (?)");
      g_string_append_c (to, '\n');
    }
}

static void
append_holder (GString    *to,
               JobsEngine *engine,
               JobsPool   *pool)
{
  g_autoptr (GString) name = g_string_new (NULL);
  guint size = engine != NULL ? jobs_engine_get_window (engine) : jobs_pool_get_capacity (pool);

  /* The option is a pool where engines are nested */
  if (pool != NULL && g_strcmp0 (jobs_pool_get_name (pool), "-j") == 0)
    {
      g_string_append_printf (to, "-j %u", size);
    }
  else if (pool != NULL)
    {
      jobs_visible_append (name, jobs_pool_get_name (pool), -1);
      /* Translators: the name of a pool, how much there is of it */
      g_string_append_printf (to, _("the pool %s of %u"), name->str, size);
    }
  else if (jobs_action_get_engine (JOBS_ACTION (engine)) != NULL)
    {
      g_autofree char *path = jobs_action_dup_path (JOBS_ACTION (engine));

      jobs_visible_append (name, path, -1);
      /* Translators: the name of an engine, how many of its actions may run at once */
      g_string_append_printf (to, _("the window of %s, of %u"), name->str, size);
    }
  else
    g_string_append_printf (to, _("the window of %u"), size);
}

void
schedule_append_bottleneck (GString    *to,
                            Simulation *simulation,
                            gint64      longest,
                            GPtrArray  *path,
                            gboolean    with_durations)
{
  g_autofree char *longest_text = tool_format_duration (longest);
  JobsEngine *engine = NULL;
  JobsPool *pool = NULL;

  if (simulation_get_length (simulation) > longest)
    simulation_find_bottleneck (simulation, &engine, &pool);

  /* Translators: what makes a run as long as it is follows, and so there is a blank at the end */
  g_string_append (to, _("bottleneck: "));
  if (engine != NULL || pool != NULL)
    {
      append_holder (to, engine, pool);
      g_string_append_printf (to, _("; the longest path takes %s"), longest_text);
    }
  else
    g_string_append (to, _("the longest path"));
  if (path->len > 0)
    {
      g_string_append (to, ": ");
      plan_append_path (to, path, with_durations);
    }
}

static void
append_verdict (GString    *to,
                Plan       *plan,
                Simulation *simulation)
{
  g_autoptr (GPtrArray) path = g_ptr_array_new ();
  gint64 longest = plan_find_longest (plan, path);
  g_autofree char *length = tool_format_duration (simulation_get_length (simulation));

  g_string_append_printf (to, _("length: %s\n"), length);
  schedule_append_bottleneck (to, simulation, longest, path, TRUE);
  g_string_append_c (to, '\n');
}

static void
append_doubts (GString *to,
               Plan    *plan)
{
  guint n = plan_count_unknown (plan);
  guint n_skipped = 0;

  for (guint i = 0; i < plan->nodes->len; i++)
    {
      PlanNode *node = g_ptr_array_index (plan->nodes, i);

      n_skipped += node->is_skipped && !node->is_done && node->members == NULL;
    }

  if (n > 0)
    g_string_append_printf (to,
                            g_dngettext (GETTEXT_PACKAGE,
                                         /* Translators: of how many jobs, of how many in all; (?) stands beside them */
                                         "of %u job of %u no duration is recorded (?): it counts as 0\n",
                                         "of %u jobs of %u no duration is recorded (?): they count as 0\n", n),
                            n, plan_count (plan));
  if (n_skipped > 0)
    g_string_append_printf (to,
                            g_dngettext (GETTEXT_PACKAGE,
                                         "%u job is left out: it runs forever, or after a failure only\n",
                                         "%u jobs are left out: they run forever, or after a failure only\n",
                                         n_skipped),
                            n_skipped);
}

gboolean
schedule_write (ToolStream *to,
                JobsEngine *engine,
                const char *journal,
                GError    **error)
{
  g_autoptr (Plan) plan = plan_new (engine, error);
  g_autoptr (Simulation) simulation = NULL;
  g_autoptr (GHashTable) durations = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (plan == NULL)
    return FALSE;

  if (journal != NULL && g_access (journal, F_OK) == 0)
    {
      g_autoptr (GError) trouble = NULL;
      g_autoptr (History) history = history_open (journal, 0, &trouble);

      /* One without a run says nothing, as one that is not there */
      if (history == NULL && !g_error_matches (trouble, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&trouble));
          return FALSE;
        }
      if (history != NULL && (durations = history_dup_durations (history, error)) == NULL)
        return FALSE;
    }

  plan_estimate (plan, durations);
  simulation = simulation_new (plan);
  append_steps (text, simulation);
  append_verdict (text, plan, simulation);
  append_doubts (text, plan);
  tool_stream_put (to, text->str, text->len);

  return TRUE;
}
