/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-action-private.h"
#include "jobs-check.h"
#include "jobs-check-pools.h"

/* So many actions between two looks at the clock: some 10 µs */
#define STEPS 1024

/* Of a circle of more actions than this only the ends are told */
#define LONG_CYCLE 32

/* The way through nested engines, which may be too deep to recurse */
typedef struct
{
  JobsEngine *engine; /* (owned) */
  JobsEngine *holder; /* (borrowed) (nullable): it, or the next around it, that needs pools */
  gboolean is_in;     /* its graph has been looked at */
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
  Level level = { .engine = g_object_ref (engine) };

  if (jobs_action_has_flag (JOBS_ACTION (engine), JOBS_ACTION_HAS_NEEDS))
    level.holder = engine;
  else if (levels->len > 0)
    level.holder = g_array_index (levels, Level, levels->len - 1).holder;
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

struct _JobsCheck
{
  GArray *levels;      /* (element-type Level) */
  GPtrArray *errors;   /* (element-type utf8) */
  GPtrArray *warnings; /* (element-type utf8) (nullable) */
  JobsError code;      /* of the first error */
  GHashTable *held;    /* JobsPool → the JobsEngine around that takes it; both borrowed */
  JobsCheckPools *pools; /* with warnings */
};

static void
add_error (JobsCheck *self,
           JobsError  code,
           char      *message)
{
  if (self->errors->len == 0)
    self->code = code;
  g_ptr_array_add (self->errors, message);
}

static char *
describe_cycle (JobsEngine *engine,
                GArray     *cycle)
{
  GString *text = g_string_new (NULL);
  guint n_left_out = cycle->len > LONG_CYCLE ? cycle->len - LONG_CYCLE : 0;

  /* Once round: the first comes again at the end */
  for (guint i = 0; i <= cycle->len; i++)
    {
      JobsAction *action = jobs_engine_peek (engine, g_array_index (cycle, guint32, i % cycle->len));
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
check_cycles (JobsCheck  *self,
              JobsEngine *engine)
{
  g_autoptr (GPtrArray) cycles = jobs_graph_find_cycles (jobs_engine_get_graph (engine));

  for (guint i = 0; i < cycles->len; i++)
    {
      g_autofree char *cycle = describe_cycle (engine, cycles->pdata[i]);

      /* Translators: a circle of names, as “a -> b -> a” */
      add_error (self, JOBS_ERROR_CYCLE,
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
check_dangling (JobsCheck  *self,
                JobsEngine *engine)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_object_unref);

  jobs_engine_foreach_dangling (engine, collect_dangling_cb, pairs);
  for (guint i = 0; i < pairs->len; i += 2)
    {
      g_autofree char *path = jobs_action_dup_path (pairs->pdata[i]);
      g_autofree char *other = jobs_action_dup_path (pairs->pdata[i + 1]);
      gboolean alone = jobs_action_get_engine (pairs->pdata[i + 1]) == NULL;

      add_error (self, JOBS_ERROR_DANGLING,
                 /* Translators: the names of two actions */
                 g_strdup_printf (alone ? _("“%s” requires “%s”, which is in no engine: "
                                            "add it, or drop the requirement")
                                        /* Translators: the names of two actions */
                                        : _("“%s” requires “%s”, which is in another engine: "
                                            "require that engine, or drop the requirement"),
                                  path, other));
    }
}

static void
check_needs (JobsCheck  *self,
             JobsAction *action)
{
  JobsActionMore *more = jobs_action_peek_more (action);
  const Level *level = &g_array_index (self->levels, Level, self->levels->len - 1);

  if (self->pools != NULL)
    jobs_check_pools_add (self->pools, action, level->holder);
  for (guint i = 0; more->needs != NULL && i < more->needs->len; i++)
    {
      const JobsPoolNeed *need = &g_array_index (more->needs, JobsPoolNeed, i);
      guint capacity = jobs_pool_get_capacity (need->pool);
      JobsAction *holder = g_hash_table_lookup (self->held, need->pool);
      g_autofree char *path = NULL;

      if (need->amount <= capacity && holder == NULL)
        continue;

      path = jobs_action_dup_path (action);
      if (need->amount > capacity)
        add_error (self, JOBS_ERROR_POOL,
                   /* Translators: the name of an action, an amount, the name of a pool, its size */
                   g_strdup_printf (_("“%s” needs %u of the pool “%s”, which has only %u: "
                                      "ask for less, or make it larger"),
                                    path, need->amount, jobs_pool_get_display_name (need->pool), capacity));
      if (holder != NULL)
        {
          g_autofree char *around = jobs_action_dup_path (holder);

          add_error (self, JOBS_ERROR_POOL,
                     /* Translators: the names of an action, of a pool, and of an engine that the
                      * action is in */
                     g_strdup_printf (_("“%s” needs the pool “%s”, which “%s” around it holds already: "
                                        "take it only once"),
                                      path, jobs_pool_get_display_name (need->pool), around));
        }
    }
}

static void
check_endless (JobsCheck  *self,
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

      g_ptr_array_add (self->warnings,
                       /* Translators: the names of two actions */
                       g_strdup_printf (_("“%s” waits for the end of “%s”, which runs forever: "
                                          "require that it is ready"),
                                        path, other));
    }
}

static void
hold_pools (JobsCheck  *self,
            JobsEngine *engine)
{
  JobsActionMore *more = jobs_action_peek_more (JOBS_ACTION (engine));

  for (guint i = 0; more != NULL && more->needs != NULL && i < more->needs->len; i++)
    {
      JobsPool *pool = g_array_index (more->needs, JobsPoolNeed, i).pool;

      if (!g_hash_table_contains (self->held, pool))
        g_hash_table_insert (self->held, pool, engine);
    }
}

static void
release_pools (JobsCheck  *self,
               JobsEngine *engine)
{
  JobsActionMore *more = jobs_action_peek_more (JOBS_ACTION (engine));

  for (guint i = 0; more != NULL && more->needs != NULL && i < more->needs->len; i++)
    {
      JobsPool *pool = g_array_index (more->needs, JobsPoolNeed, i).pool;

      if (g_hash_table_lookup (self->held, pool) == engine)
        g_hash_table_remove (self->held, pool);
    }
}

/* The graph of an engine as a whole. FALSE where the time is up */
static gboolean
check_graph (JobsCheck  *self,
             JobsEngine *engine,
             gint64      until)
{
  if (!jobs_graph_prove (jobs_engine_get_graph (engine), until))
    return FALSE;

  check_cycles (self, engine);
  check_dangling (self, engine);
  hold_pools (self, engine);

  return TRUE;
}

static void
check_action (JobsCheck  *self,
              JobsEngine *engine,
              JobsAction *action)
{
  g_autoptr (JobsAction) keep = g_object_ref (action);

  if (jobs_action_has_flag (action, JOBS_ACTION_HAS_NEEDS))
    check_needs (self, action);
  if (self->warnings != NULL && !jobs_action_has_flag (action, JOBS_ACTION_FOREVER))
    check_endless (self, engine, action);
  if (jobs_action_has_flag (action, JOBS_ACTION_IS_ENGINE))
    enter_engine (self->levels, JOBS_ENGINE (action));
}

/* The actions of the innermost engine, up to one that is an engine itself. FALSE
 * where the time is up */
static gboolean
check_actions (JobsCheck *self,
               gint64     until)
{
  guint depth = self->levels->len;
  Level *level = &g_array_index (self->levels, Level, depth - 1);
  JobsEngine *engine = level->engine;
  guint flags = JOBS_ACTION_HAS_NEEDS | JOBS_ACTION_IS_ENGINE;

  while (level->next < jobs_engine_peek_graph (engine)->n_nodes)
    {
      guint32 index = level->next++;
      JobsAction *action = jobs_engine_peek (engine, index);

      if (action != NULL && (self->warnings != NULL || jobs_action_has_flag (action, flags)))
        check_action (self, engine, action);
      if (self->levels->len > depth)
        return TRUE;
      if (index % STEPS == STEPS - 1 && until != 0 && g_get_monotonic_time () >= until)
        return FALSE;
    }

  release_pools (self, engine);
  leave_engine (self->levels);

  return TRUE;
}

JobsCheck *
jobs_check_new (JobsEngine *engine,
                gboolean    with_warnings)
{
  JobsCheck *self = g_new0 (JobsCheck, 1);

  self->levels = levels_new ();
  self->errors = g_ptr_array_new_with_free_func (g_free);
  self->held = g_hash_table_new (NULL, NULL);
  if (with_warnings)
    {
      self->warnings = g_ptr_array_new_with_free_func (g_free);
      self->pools = jobs_check_pools_new ();
    }
  enter_engine (self->levels, engine);

  return self;
}

void
jobs_check_free (JobsCheck *self)
{
  g_array_unref (self->levels);
  g_ptr_array_unref (self->errors);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
  g_clear_pointer (&self->pools, jobs_check_pools_free);
  g_hash_table_unref (self->held);
  g_free (self);
}

gboolean
jobs_check_go_on (JobsCheck *self,
                  gint64     until)
{
  while (self->levels->len > 0)
    {
      Level *level = &g_array_index (self->levels, Level, self->levels->len - 1);

      if (!level->is_in && !(level->is_in = check_graph (self, level->engine, until)))
        return FALSE;
      if (!check_actions (self, until))
        return FALSE;
    }

  return TRUE;
}

static char *
join_lines (GPtrArray *lines)
{
  g_ptr_array_add (lines, NULL);

  return g_strjoinv ("\n", (char **) lines->pdata);
}

gboolean
jobs_check_finish (JobsCheck *self,
                   char    ***warnings,
                   GError   **error)
{
  gboolean is_good = self->errors->len == 0;

  g_assert (self->levels->len == 0);

  /* Where an engine holds a pool that is wanted inside of it that is an error */
  if (warnings != NULL)
    *warnings = NULL;
  if (warnings != NULL && is_good)
    jobs_check_pools_describe (self->pools, self->warnings);
  if (warnings != NULL && self->warnings->len > 0)
    {
      g_ptr_array_add (self->warnings, NULL);
      *warnings = (char **) g_ptr_array_steal (self->warnings, NULL);
    }
  if (!is_good)
    {
      g_autofree char *message = join_lines (self->errors);

      g_set_error_literal (error, JOBS_ERROR, self->code, message);
    }
  jobs_check_free (self);

  return is_good;
}
