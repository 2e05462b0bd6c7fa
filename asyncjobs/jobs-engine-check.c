/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-action-private.h"
#include "jobs-engine-private.h"

/* What would keep an engine from running to its end */

/* Of a circle of more actions than this only the ends are told */
#define LONG_CYCLE 32

/* The way through nested engines, which may be too deep to recurse */
typedef struct
{
  JobsEngine *engine; /* (owned) */
  guint32 next;       /* of its actions */
} Level;

static void
level_clear (gpointer data)
{
  g_object_unref (((Level *) data)->engine);
}

static void
enter_engine (GArray     *levels,
              JobsEngine *engine)
{
  Level level = { g_object_ref (engine), 0 };

  g_array_append_val (levels, level);
}

static void
leave_engine (GArray *levels)
{
  g_array_set_size (levels, levels->len - 1);
}

static GArray *
levels_new (void)
{
  GArray *levels = g_array_new (FALSE, FALSE, sizeof (Level));

  g_array_set_clear_func (levels, level_clear);

  return levels;
}

/* The next action of the innermost engine, or NULL where there is none */
static JobsAction *
next_action (GArray *levels)
{
  Level *level = &g_array_index (levels, Level, levels->len - 1);
  JobsGraph *graph = jobs_engine_peek_graph (level->engine);

  while (level->next < graph->n_nodes)
    {
      JobsAction *action = jobs_engine_peek (level->engine, level->next++);

      if (action != NULL)
        return action;
    }

  return NULL;
}

typedef struct
{
  GPtrArray *errors;   /* (element-type utf8) */
  GPtrArray *warnings; /* (element-type utf8) (nullable) */
  JobsError code;      /* of the first error */
  GHashTable *held;    /* JobsPool → the JobsEngine around that takes it; both borrowed */
} Check;

static void
add_error (Check    *check,
           JobsError code,
           char     *message)
{
  if (check->errors->len == 0)
    check->code = code;
  g_ptr_array_add (check->errors, message);
}

static char *
describe_cycle (JobsEngine *self,
                GArray     *cycle)
{
  GString *text = g_string_new (NULL);
  guint n_left_out = cycle->len > LONG_CYCLE ? cycle->len - LONG_CYCLE : 0;

  /* Once round: the first comes again at the end */
  for (guint i = 0; i <= cycle->len; i++)
    {
      JobsAction *action = jobs_engine_peek (self, g_array_index (cycle, guint32, i % cycle->len));
      g_autofree char *path = action != NULL ? jobs_action_dup_path (action) : NULL;

      if (path != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? " -> " : "", path);
      if (n_left_out > 0 && i == LONG_CYCLE / 2)
        {
          g_string_append_printf (text, " -> … %u …", n_left_out);
          i += n_left_out;
        }
    }

  return g_string_free (text, FALSE);
}

static void
check_cycles (Check      *check,
              JobsEngine *engine)
{
  g_autoptr (GPtrArray) cycles = jobs_graph_find_cycles (jobs_engine_get_graph (engine));

  for (guint i = 0; i < cycles->len; i++)
    {
      g_autofree char *cycle = describe_cycle (engine, cycles->pdata[i]);

      /* Translators: a circle of names, as “a -> b -> a” */
      add_error (check, JOBS_ERROR_CYCLE,
                 g_strdup_printf (_("%s: a circle of requirements, drop one of them"), cycle));
    }
}

static gboolean
collect_dangling_cb (JobsAction *action,
                     JobsAction *other,
                     gpointer    data)
{
  g_ptr_array_add (data, g_object_ref (action));
  g_ptr_array_add (data, g_object_ref (other));

  return TRUE;
}

static void
check_dangling (Check      *check,
                JobsEngine *engine)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_object_unref);

  jobs_engine_foreach_dangling (engine, collect_dangling_cb, pairs);
  for (guint i = 0; i < pairs->len; i += 2)
    {
      g_autofree char *path = jobs_action_dup_path (pairs->pdata[i]);
      g_autofree char *other = jobs_action_dup_path (pairs->pdata[i + 1]);
      gboolean alone = jobs_action_get_engine (pairs->pdata[i + 1]) == NULL;

      add_error (check, JOBS_ERROR_DANGLING,
                 g_strdup_printf (alone ? _("“%s” requires “%s”, which is in no engine: "
                                            "add it, or drop the requirement")
                                        : _("“%s” requires “%s”, which is in another engine: "
                                            "require that engine, or drop the requirement"),
                                  path, other));
    }
}

static void
check_needs (Check      *check,
             JobsAction *action)
{
  JobsActionMore *more = jobs_action_peek_more (action);

  for (guint i = 0; more->needs != NULL && i < more->needs->len; i++)
    {
      const JobsPoolNeed *need = &g_array_index (more->needs, JobsPoolNeed, i);
      guint capacity = jobs_pool_get_capacity (need->pool);
      JobsAction *holder = g_hash_table_lookup (check->held, need->pool);
      g_autofree char *path = NULL;

      if (need->amount <= capacity && holder == NULL)
        continue;

      path = jobs_action_dup_path (action);
      if (need->amount > capacity)
        add_error (check, JOBS_ERROR_POOL,
                   g_strdup_printf (_("“%s” needs %u of the pool “%s”, which has only %u: "
                                      "ask for less, or make it larger"),
                                    path, need->amount, jobs_pool_get_name (need->pool), capacity));
      if (holder != NULL)
        {
          g_autofree char *around = jobs_action_dup_path (holder);

          add_error (check, JOBS_ERROR_POOL,
                     g_strdup_printf (_("“%s” needs the pool “%s”, which “%s” around it holds already: "
                                        "take it only once"),
                                      path, jobs_pool_get_name (need->pool), around));
        }
    }
}

static void
check_endless (Check      *check,
               JobsEngine *engine,
               JobsAction *action)
{
  guint32 n_edges;
  const JobsEdge *edges = jobs_graph_get_edges (jobs_engine_get_graph (engine),
                                                jobs_action_get_index (action), &n_edges);
  g_autoptr (GPtrArray) endless = NULL;

  for (guint32 i = 0; i < n_edges; i++)
    {
      guint condition = JOBS_EDGE_CONDITION (edges[i]);
      JobsAction *other = jobs_engine_peek (engine, JOBS_EDGE_NODE (edges[i]));

      if (condition == JOBS_CONDITION_READY || condition == JOBS_CONDITION_AFTER ||
          !jobs_action_has_flag (other, JOBS_ACTION_FOREVER))
        continue;

      if (endless == NULL)
        endless = g_ptr_array_new_with_free_func (g_object_unref);
      g_ptr_array_add (endless, g_object_ref (other));
    }

  /* Only now: the labels may be made by code that changes the edges */
  for (guint i = 0; endless != NULL && i < endless->len; i++)
    {
      g_autofree char *path = jobs_action_dup_path (action);
      g_autofree char *other = jobs_action_dup_path (endless->pdata[i]);

      g_ptr_array_add (check->warnings,
                       g_strdup_printf (_("“%s” waits for the end of “%s”, which runs forever: "
                                          "require that it is ready"),
                                        path, other));
    }
}

static void
check_in (Check      *check,
          GArray     *levels,
          JobsEngine *engine)
{
  JobsActionMore *more = jobs_action_peek_more (JOBS_ACTION (engine));

  enter_engine (levels, engine);
  check_cycles (check, engine);
  check_dangling (check, engine);

  for (guint i = 0; more != NULL && more->needs != NULL && i < more->needs->len; i++)
    {
      JobsPool *pool = g_array_index (more->needs, JobsPoolNeed, i).pool;

      if (!g_hash_table_contains (check->held, pool))
        g_hash_table_insert (check->held, pool, engine);
    }
}

static void
check_out (Check      *check,
           GArray     *levels,
           JobsEngine *engine)
{
  JobsActionMore *more = jobs_action_peek_more (JOBS_ACTION (engine));

  for (guint i = 0; more != NULL && more->needs != NULL && i < more->needs->len; i++)
    {
      JobsPool *pool = g_array_index (more->needs, JobsPoolNeed, i).pool;

      if (g_hash_table_lookup (check->held, pool) == engine)
        g_hash_table_remove (check->held, pool);
    }

  leave_engine (levels);
}

static void
check_all (Check      *check,
           JobsEngine *self)
{
  g_autoptr (GArray) levels = levels_new ();

  check_in (check, levels, self);
  while (levels->len > 0)
    {
      JobsEngine *engine = g_array_index (levels, Level, levels->len - 1).engine;
      JobsAction *action = next_action (levels);

      if (action == NULL)
        {
          check_out (check, levels, engine);
          continue;
        }

      g_object_ref (action);
      if (jobs_action_has_flag (action, JOBS_ACTION_HAS_NEEDS))
        check_needs (check, action);
      if (check->warnings != NULL && !jobs_action_has_flag (action, JOBS_ACTION_FOREVER))
        check_endless (check, engine, action);
      if (JOBS_IS_ENGINE (action))
        check_in (check, levels, JOBS_ENGINE (action));
      g_object_unref (action);
    }
}

static char *
join_lines (GPtrArray *lines)
{
  g_ptr_array_add (lines, NULL);

  return g_strjoinv ("\n", (char **) lines->pdata);
}

/**
 * jobs_engine_check:
 * @self: an engine
 * @warnings: (out) (optional) (nullable) (array zero-terminated=1) (transfer full):
 *   return location for what may well be meant but is worth a look, or %NULL
 *   where there is nothing
 * @error: return location for an error
 *
 * Looks for what would keep the engine from running to its end, in all engines
 * that are nested in it too.
 *
 * The error has the code of the first thing found and a message of one line for
 * each: %JOBS_ERROR_CYCLE where actions require each other in a circle, which is
 * told by their paths in the order in which one requires the next;
 * %JOBS_ERROR_DANGLING where a requirement leads out of its engine;
 * %JOBS_ERROR_POOL where an action needs more of a pool than there is, or a pool
 * that an engine around it holds. A run begins with the same check.
 *
 * A warning is given for each finite action that waits for the end of a forever
 * one. That takes a look at each requirement, and is done only where @warnings
 * is given.
 *
 * Returns: %TRUE where there is no error
 *
 * Since: 1.0
 */
gboolean
jobs_engine_check (JobsEngine *self,
                   char     ***warnings,
                   GError    **error)
{
  g_autoptr (GPtrArray) errors = NULL;
  g_autoptr (GHashTable) held = NULL;
  Check check = { 0 };

  g_return_val_if_fail (JOBS_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  check.errors = errors = g_ptr_array_new_with_free_func (g_free);
  check.held = held = g_hash_table_new (NULL, NULL);
  if (warnings != NULL)
    check.warnings = g_ptr_array_new_with_free_func (g_free);

  check_all (&check, self);

  if (warnings != NULL)
    {
      *warnings = NULL;
      if (check.warnings->len > 0)
        {
          g_ptr_array_add (check.warnings, NULL);
          *warnings = (char **) g_ptr_array_steal (check.warnings, NULL);
        }
      g_ptr_array_unref (check.warnings);
    }

  if (errors->len > 0)
    {
      g_autofree char *message = join_lines (errors);

      g_set_error_literal (error, JOBS_ERROR, check.code, message);
      return FALSE;
    }

  return TRUE;
}

/**
 * jobs_engine_dup_order:
 * @self: an engine
 * @error: return location for an error
 *
 * The actions of the engine, each behind all that it requires.
 *
 * Those that require nothing come first, then those that require only these, and
 * so on; on each level they are in the order in which they were added.
 *
 * Fails with %JOBS_ERROR_CYCLE where there is no such order.
 *
 * Returns: (transfer container) (element-type JobsAction) (nullable): the actions,
 *   or %NULL with an error
 *
 * Since: 1.0
 */
GPtrArray *
jobs_engine_dup_order (JobsEngine *self,
                       GError    **error)
{
  g_autofree guint32 *order = NULL;
  JobsGraph *graph;
  GPtrArray *actions;
  guint32 n_sorted;

  g_return_val_if_fail (JOBS_IS_ENGINE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  graph = jobs_engine_get_graph (self);
  order = g_new (guint32, graph->n_nodes);
  n_sorted = jobs_graph_sort (graph, order);
  if (n_sorted < graph->n_nodes - graph->n_removed)
    {
      g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *message = NULL;
      Check check = { .errors = errors };

      check_cycles (&check, self);
      message = join_lines (errors);
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_CYCLE, message);
      return NULL;
    }

  actions = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint32 i = 0; i < n_sorted; i++)
    g_ptr_array_add (actions, g_object_ref (jobs_engine_peek (self, order[i])));

  return actions;
}

