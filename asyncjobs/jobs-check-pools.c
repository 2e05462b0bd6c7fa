/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-check-pools.h"
#include "jobs-engine-private.h"

/* One that holds, or in which something wants, so much of a pool */
typedef struct
{
  guint32 engine; /* numbers of nodes */
  guint32 pool;
  guint amount;
} Claim;

/* Of a pool that several hold one may end, and give back enough: such a one is left out */
typedef struct
{
  guint n_holders;
  guint held;
} Hold;

struct _JobsCheckPools
{
  GPtrArray *nodes;    /* (element-type GObject): engines and pools */
  GHashTable *numbers; /* node → its number */
  JobsGraph *graph;
  GArray *holds;       /* (element-type Claim) */
  GArray *wants;       /* likewise */
};

JobsCheckPools *
jobs_check_pools_new (void)
{
  JobsCheckPools *self = g_new0 (JobsCheckPools, 1);

  self->nodes = g_ptr_array_new_with_free_func (g_object_unref);
  self->numbers = g_hash_table_new (NULL, NULL);
  self->graph = jobs_graph_new ();
  self->holds = g_array_new (FALSE, FALSE, sizeof (Claim));
  self->wants = g_array_new (FALSE, FALSE, sizeof (Claim));

  return self;
}

void
jobs_check_pools_free (JobsCheckPools *self)
{
  g_ptr_array_unref (self->nodes);
  g_hash_table_unref (self->numbers);
  jobs_graph_free (self->graph);
  g_array_unref (self->holds);
  g_array_unref (self->wants);
  g_free (self);
}

static guint32
number_of (JobsCheckPools *self,
           gpointer        node)
{
  gpointer number;

  if (g_hash_table_lookup_extended (self->numbers, node, NULL, &number))
    return GPOINTER_TO_UINT (number);

  g_hash_table_insert (self->numbers, node, GUINT_TO_POINTER (self->nodes->len));
  g_ptr_array_add (self->nodes, g_object_ref (node));

  return jobs_graph_add_nodes (self->graph, 1);
}

static void
add_claims (JobsCheckPools *self,
            GArray         *claims,
            gpointer        engine,
            JobsAction     *action)
{
  GArray *needs = jobs_action_get_more (action)->needs;

  for (guint i = 0; needs != NULL && i < needs->len; i++)
    {
      const JobsPoolNeed *need = &g_array_index (needs, JobsPoolNeed, i);
      Claim claim = { .amount = need->amount };

      claim.engine = number_of (self, engine);
      claim.pool = number_of (self, need->pool);
      g_array_append_val (claims, claim);
    }
}

void
jobs_check_pools_add (JobsCheckPools *self,
                      JobsAction     *action,
                      JobsEngine     *holder)
{
  gboolean is_engine = jobs_action_has_flag (action, JOBS_ACTION_IS_ENGINE);

  if (is_engine)
    add_claims (self, self->holds, action, action);
  if (holder == NULL)
    return;

  add_claims (self, self->wants, holder, action);
  /* It ends only when that has */
  if (is_engine)
    jobs_graph_set_edge (self->graph, number_of (self, holder), number_of (self, action), 0);
}

/* Who waits for whom, where the capacities leave no room */
static void
add_edges (JobsCheckPools *self)
{
  g_autofree Hold *holds = g_new0 (Hold, self->nodes->len);

  for (guint i = 0; i < self->holds->len; i++)
    {
      const Claim *claim = &g_array_index (self->holds, Claim, i);

      holds[claim->pool].n_holders++;
      holds[claim->pool].held = claim->amount;
    }
  for (guint i = 0; i < self->holds->len; i++)
    {
      const Claim *claim = &g_array_index (self->holds, Claim, i);

      if (holds[claim->pool].n_holders == 1)
        jobs_graph_set_edge (self->graph, claim->pool, claim->engine, 0);
    }
  for (guint i = 0; i < self->wants->len; i++)
    {
      const Claim *claim = &g_array_index (self->wants, Claim, i);
      guint capacity = jobs_pool_get_capacity (g_ptr_array_index (self->nodes, claim->pool));
      guint held = holds[claim->pool].held;

      if (holds[claim->pool].n_holders == 1 && held <= capacity && claim->amount > capacity - held)
        jobs_graph_set_edge (self->graph, claim->engine, claim->pool, 0);
    }
}

static guint
count_around (JobsAction *action)
{
  guint n = 0;

  while ((action = (JobsAction *) jobs_action_peek_engine (action)) != NULL)
    n++;

  return n;
}

/* Whether both can run at once, as far as the engine around both says */
static gboolean
may_overlap (JobsAction *one,
             JobsAction *other)
{
  guint n_one = count_around (one), n_other = count_around (other);
  JobsEngine *engine;
  JobsGraph *graph;

  for (; n_one > n_other; n_one--)
    one = JOBS_ACTION (jobs_action_peek_engine (one));
  for (; n_other > n_one; n_other--)
    other = JOBS_ACTION (jobs_action_peek_engine (other));
  while (one != other && jobs_action_peek_engine (one) != jobs_action_peek_engine (other))
    {
      one = JOBS_ACTION (jobs_action_peek_engine (one));
      other = JOBS_ACTION (jobs_action_peek_engine (other));
    }
  engine = jobs_action_peek_engine (one);
  if (one == other || engine == NULL)
    return TRUE;

  graph = jobs_engine_get_graph (engine);
  return jobs_engine_get_window (engine) != 1 &&
         !jobs_graph_reaches (graph, jobs_action_get_index (one), jobs_action_get_index (other)) &&
         !jobs_graph_reaches (graph, jobs_action_get_index (other), jobs_action_get_index (one));
}

/* "one -> q -> two -> p -> one"; NULL where two of them never run at once */
static char *
describe_circle (JobsCheckPools *self,
                 GArray         *circle)
{
  g_autoptr (GString) text = g_string_new (NULL);
  JobsAction *last = NULL;
  /* It begins and ends with an engine; who holds a pool is one */
  guint first = JOBS_IS_POOL (g_ptr_array_index (self->nodes, g_array_index (circle, guint32, 0)));

  for (guint i = first; i <= first + circle->len; i++)
    {
      gpointer node = g_ptr_array_index (self->nodes, g_array_index (circle, guint32, i % circle->len));
      g_autofree char *path = NULL;

      if (JOBS_IS_ACTION (node))
        {
          if (last != NULL && !may_overlap (last, node))
            return NULL;
          last = node;
          path = jobs_action_dup_path (node);
        }
      g_string_append_printf (text, "%s%s", i > first ? " -> " : "",
                              path != NULL ? path : jobs_pool_get_display_name (node));
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
jobs_check_pools_describe (JobsCheckPools *self,
                           GPtrArray      *lines)
{
  g_autoptr (GPtrArray) circles = NULL;

  if (self->holds->len == 0 || self->wants->len == 0)
    return;

  add_edges (self);
  circles = jobs_graph_find_cycles (self->graph);
  for (guint i = 0; i < circles->len; i++)
    {
      g_autofree char *circle = describe_circle (self, g_ptr_array_index (circles, i));

      if (circle != NULL)
        g_ptr_array_add (lines,
                         /* Translators: names of engines and pools, as “one -> q -> two -> p -> one” */
                         g_strdup_printf (_("%s: these engines may wait for each other forever, each for a "
                                            "pool that the next one holds: let one require another, or "
                                            "have each take all pools at once"),
                                          circle));
    }
}
