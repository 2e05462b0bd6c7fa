/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-graph.h"

#include <string.h>

/* Up to so many edges of a node are looked through one by one */
#define NARROW 16

#define NOWHERE G_MAXUINT32

typedef struct
{
  JobsEdge edge;
  guint32 next; /* 1 + place */
} Later;

static inline guint32
n_edges_of (const JobsGraph *self,
            guint32          node)
{
  guint32 n_edges = self->nodes[node].n_edges;

  return n_edges != JOBS_GRAPH_REMOVED ? n_edges : 0;
}

static inline const JobsEdge *
edges_of (const JobsGraph *self,
          guint32          node)
{
  return self->edges + self->nodes[node].start;
}

static inline gboolean
is_node (const JobsGraph *self,
         guint32          node)
{
  return node < self->n_nodes && self->nodes[node].n_edges != JOBS_GRAPH_REMOVED;
}

static guint32
grown (guint32 size,
       guint32 needed)
{
  guint64 larger = MAX ((guint64) size + size / 2, 64);

  larger = MAX (larger, needed);
  return MIN (larger, G_MAXUINT32 - 1);
}

static void
forget_way_back (JobsGraph *self)
{
  jobs_graph_forget_proof (self);
  self->compiled = FALSE;
  self->compiled_nodes = 0;
  self->compile_phase = 0;
  g_clear_pointer (&self->successor_offsets, g_free);
  g_clear_pointer (&self->successors, g_free);
  g_clear_pointer (&self->later_tails, g_free);
  self->later_tails_size = 0;
  g_clear_pointer (&self->later, g_array_unref);
}

/* What was counted so far does not hold any longer */
static inline void
restart_compile (JobsGraph *self)
{
  if (G_UNLIKELY (!self->compiled && self->compile_phase != 0))
    forget_way_back (self);
  if (G_UNLIKELY (self->proof != NULL))
    jobs_graph_forget_proof (self);
}

/* Wide nodes
 *
 * A node of more than NARROW edges has a table (other → rank) as soon as it is
 * searched. Ranks rise along the run but need not be without gaps, so that
 * dropping an edge does not renumber those behind it; the place of an edge is
 * found by bisection over the ranks. */

static GHashTable *
ensure_table (JobsGraph *self,
              guint32    node)
{
  GHashTable *table;

  if (self->wide == NULL)
    self->wide = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_hash_table_unref);

  table = g_hash_table_lookup (self->wide, GUINT_TO_POINTER (node));
  if (table == NULL)
    {
      const JobsEdge *edges = edges_of (self, node);

      table = g_hash_table_new (NULL, NULL);
      for (guint32 i = 0; i < self->nodes[node].n_edges; i++)
        g_hash_table_insert (table, GUINT_TO_POINTER (JOBS_EDGE_NODE (edges[i])),
                             GUINT_TO_POINTER (i));
      g_hash_table_insert (self->wide, GUINT_TO_POINTER (node), table);
    }

  return table;
}

static inline guint32
rank_of (GHashTable *table,
         JobsEdge    edge)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (table, GUINT_TO_POINTER (JOBS_EDGE_NODE (edge))));
}

static void
drop_table (JobsGraph *self,
            guint32    node)
{
  if (self->wide != NULL)
    g_hash_table_remove (self->wide, GUINT_TO_POINTER (node));
}

static guint32
find_wide (JobsGraph *self,
           guint32    node,
           guint32    other)
{
  GHashTable *table = ensure_table (self, node);
  const JobsEdge *edges = edges_of (self, node);
  guint32 low = 0, high = self->nodes[node].n_edges;
  gpointer rank;

  if (!g_hash_table_lookup_extended (table, GUINT_TO_POINTER (other), NULL, &rank))
    return NOWHERE;

  while (high - low > 1)
    {
      guint32 middle = low + (high - low) / 2;

      if (rank_of (table, edges[middle]) <= GPOINTER_TO_UINT (rank))
        low = middle;
      else
        high = middle;
    }

  return low;
}

/* The place of the edge in the run of the node, or NOWHERE */
static inline guint32
find_edge (JobsGraph *self,
           guint32    node,
           guint32    other)
{
  const JobsEdge *edges = edges_of (self, node);
  guint32 n_edges = n_edges_of (self, node);

  if (G_UNLIKELY (n_edges > NARROW))
    return find_wide (self, node, other);

  for (guint32 i = 0; i < n_edges; i++)
    {
      if (JOBS_EDGE_NODE (edges[i]) == other)
        return i;
    }

  return NOWHERE;
}

/* Runs of edges
 *
 * A run owns its edges and nothing else: a free slot belongs to whoever's last
 * edge lies before it. So a run may be given room by leaving slots free behind
 * it, and what it leaves behind when it moves or shrinks is of use to the one
 * before it. */

static void
compact (JobsGraph *self)
{
  JobsEdge *edges = g_new (JobsEdge, self->edges_size);
  guint32 used = 0;

  for (guint32 node = 0; node < self->n_nodes; node++)
    {
      guint32 n_edges = n_edges_of (self, node);

      if (n_edges == 0)
        continue;

      memcpy (edges + used, edges_of (self, node), n_edges * sizeof *edges);
      self->nodes[node].start = used;
      used += n_edges;
    }

  g_assert (used == self->n_edges);
  g_free (self->edges);
  self->edges = edges;
  self->edges_used = used;
}

static void
reserve_edges (JobsGraph *self,
               guint32    n_edges)
{
  if (G_LIKELY (n_edges <= self->edges_size - self->edges_used))
    return;

  /* Where most of the array is holes: without this, adding and dropping in
   * turns would let it grow forever */
  if (self->n_edges < self->edges_size / 2 && self->n_nodes < self->edges_size)
    compact (self);

  if (n_edges > self->edges_size - self->edges_used)
    {
      if (n_edges > G_MAXUINT32 - 1 - self->edges_used)
        g_error ("More than %u requirements in one engine", G_MAXUINT32 - 1);
      self->edges_size = grown (self->edges_size, self->edges_used + n_edges);
      self->edges = g_renew (JobsEdge, self->edges, self->edges_size);
    }
}

/* To the end, with room for as many again */
static void
move_run (JobsGraph *self,
          guint32    node)
{
  JobsGraphNode *run = &self->nodes[node];
  guint32 capacity = 1u << g_bit_storage (run->n_edges);
  JobsEdge *from, *to;

  reserve_edges (self, capacity);
  from = self->edges + run->start;
  to = self->edges + self->edges_used;
  memcpy (to, from, run->n_edges * sizeof *to);
  memset (to + run->n_edges, 0xff, (capacity - run->n_edges) * sizeof *to);
  memset (from, 0xff, run->n_edges * sizeof *from);
  run->start = self->edges_used;
  self->edges_used += capacity;
}

static inline void
append_edge (JobsGraph *self,
             guint32    node,
             JobsEdge   edge)
{
  JobsGraphNode *run = &self->nodes[node];

  reserve_edges (self, 1);

  if (run->n_edges == 0)
    run->start = self->edges_used++;
  else if (run->start + run->n_edges == self->edges_used)
    self->edges_used++;
  else if (self->edges[run->start + run->n_edges] != JOBS_EDGE_FREE)
    move_run (self, node);

  self->edges[run->start + run->n_edges++] = edge;
  self->n_edges++;
}

static void
trim_edges (JobsGraph *self)
{
  while (self->edges_used > 0 && self->edges[self->edges_used - 1] == JOBS_EDGE_FREE)
    self->edges_used--;
}

static void
cut_edge (JobsGraph *self,
          guint32    node,
          guint32    place)
{
  JobsGraphNode *run = &self->nodes[node];
  JobsEdge *edges = self->edges + run->start;
  guint32 behind = run->n_edges - 1 - place;

  /* The shorter side moves: taking all away from either end is linear */
  if (behind <= place)
    {
      memmove (edges + place, edges + place + 1, behind * sizeof *edges);
      edges[run->n_edges - 1] = JOBS_EDGE_FREE;
    }
  else
    {
      memmove (edges + 1, edges, place * sizeof *edges);
      edges[0] = JOBS_EDGE_FREE;
      run->start++;
    }

  run->n_edges--;
  self->n_edges--;
  trim_edges (self);
}

/* The way back */

/* Live or dropped; NULL where it came after the compilation */
static JobsEdge *
find_compiled (JobsGraph *self,
               guint32    node,
               guint32    successor)
{
  guint32 low, high;

  if (node >= self->compiled_nodes)
    return NULL;

  low = self->successor_offsets[node];
  high = self->successor_offsets[node + 1];
  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;
      guint32 found = JOBS_EDGE_NODE (self->successors[middle]);

      if (found == successor)
        return &self->successors[middle];
      if (found < successor)
        low = middle + 1;
      else
        high = middle;
    }

  return NULL;
}

static inline Later *
get_later (JobsGraph *self,
           guint32    place)
{
  return &g_array_index (self->later, Later, place - 1);
}

static inline guint32
get_later_tail (JobsGraph *self,
                guint32    node)
{
  return node < self->later_tails_size ? self->later_tails[node] : 0;
}

/* Dropped entries that are met are taken out of the ring, so that one which
 * lives long does not fill up with them. They keep their own way on, for the
 * sake of an iterator that stands on one; and the tail stays, for otherwise
 * that way might miss the end */
static Later *
find_later (JobsGraph *self,
            guint32    node,
            guint32    successor)
{
  guint32 tail = get_later_tail (self, node);
  guint32 before = tail, at;

  if (tail == 0)
    return NULL;

  do
    {
      Later *later;

      at = get_later (self, before)->next;
      later = get_later (self, at);
      if (later->edge == JOBS_EDGE_FREE && at != tail)
        {
          get_later (self, before)->next = later->next;
          continue;
        }
      if (later->edge != JOBS_EDGE_FREE && JOBS_EDGE_NODE (later->edge) == successor)
        return later;
      before = at;
    }
  while (at != tail);

  return NULL;
}

static void
add_later (JobsGraph *self,
           guint32    node,
           JobsEdge   edge)
{
  Later later = { edge, 0 };
  guint32 tail;

  if (node >= self->later_tails_size)
    {
      guint32 size = MAX (self->nodes_size, node + 1);

      self->later_tails = g_renew (guint32, self->later_tails, size);
      memset (self->later_tails + self->later_tails_size, 0,
              (size - self->later_tails_size) * sizeof (guint32));
      self->later_tails_size = size;
    }
  if (self->later == NULL)
    self->later = g_array_new (FALSE, FALSE, sizeof (Later));

  tail = self->later_tails[node];
  later.next = tail != 0 ? get_later (self, tail)->next : self->later->len + 1;
  g_array_append_val (self->later, later);
  if (tail != 0)
    get_later (self, tail)->next = self->later->len;
  self->later_tails[node] = self->later->len;
}

static void
add_way_back (JobsGraph *self,
              guint32    node,
              JobsEdge   edge)
{
  JobsEdge *compiled = find_compiled (self, node, JOBS_EDGE_NODE (edge));

  if (compiled != NULL)
    *compiled = edge;
  else
    add_later (self, node, edge);
}

static void
set_way_back (JobsGraph *self,
              guint32    node,
              guint32    successor,
              guint      condition)
{
  JobsEdge *compiled = find_compiled (self, node, successor);

  if (compiled != NULL)
    {
      *compiled = JOBS_EDGE (successor, condition);
    }
  else
    {
      Later *later = find_later (self, node, successor);

      g_assert (later != NULL);
      later->edge = condition == JOBS_EDGE_DROPPED ? JOBS_EDGE_FREE : JOBS_EDGE (successor, condition);
    }
}

JobsGraph *
jobs_graph_new (void)
{
  JobsGraph *self = g_new0 (JobsGraph, 1);

  self->forward = TRUE;

  return self;
}

void
jobs_graph_free (JobsGraph *self)
{
  jobs_graph_clear (self);
  g_free (self);
}

void
jobs_graph_clear (JobsGraph *self)
{
  forget_way_back (self);
  g_clear_pointer (&self->wide, g_hash_table_unref);
  g_free (self->nodes);
  g_free (self->edges);
  *self = (JobsGraph) { .forward = TRUE };
}

gboolean
jobs_graph_crumble (JobsGraph *self)
{
  gpointer *arrays[] = {
    (gpointer *) &self->successors, (gpointer *) &self->successor_offsets, (gpointer *) &self->later_tails,
    (gpointer *) &self->edges, (gpointer *) &self->nodes,
  };

  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    if (*arrays[i] != NULL)
      {
        g_free (g_steal_pointer (arrays[i]));
        return FALSE;
      }

  return TRUE;
}

guint32
jobs_graph_add_nodes (JobsGraph *self,
                      guint32    n_nodes)
{
  guint32 first = self->n_nodes;

  if (G_UNLIKELY (self->proof != NULL))
    jobs_graph_forget_proof (self);
  if (n_nodes > JOBS_GRAPH_MAX_NODES - first)
    g_error ("More than %u actions in one engine", JOBS_GRAPH_MAX_NODES);

  if (n_nodes > self->nodes_size - first)
    {
      self->nodes_size = grown (self->nodes_size, first + n_nodes);
      self->nodes = g_renew (JobsGraphNode, self->nodes, self->nodes_size);
    }
  if (n_nodes > 0)
    memset (self->nodes + first, 0, n_nodes * sizeof (JobsGraphNode));
  self->n_nodes += n_nodes;

  return first;
}

void
jobs_graph_remove_node (JobsGraph *self,
                        guint32    node)
{
  g_assert (is_node (self, node));

  if (G_UNLIKELY (self->proof != NULL))
    jobs_graph_forget_proof (self);
  if (self->n_edges > 0)
    {
      JobsGraphIter iter;
      JobsEdge edge;

      jobs_graph_iter_init (&iter, self, node);
      while (jobs_graph_iter_next (&iter, &edge))
        jobs_graph_drop_edge (self, JOBS_EDGE_NODE (edge), node);
      /* From the last: nothing need be moved */
      while (self->nodes[node].n_edges > 0)
        {
          edge = edges_of (self, node)[self->nodes[node].n_edges - 1];
          jobs_graph_drop_edge (self, node, JOBS_EDGE_NODE (edge));
        }
    }

  self->nodes[node].n_edges = JOBS_GRAPH_REMOVED;
  self->n_removed++;
}

void
jobs_graph_keep_marked (JobsGraph    *self,
                        const guint8 *marks)
{
  forget_way_back (self);
  g_clear_pointer (&self->wide, g_hash_table_unref);
  self->n_edges = 0;
  self->forward = TRUE;

  for (guint32 node = 0; node < self->n_nodes; node++)
    {
      JobsGraphNode *run = &self->nodes[node];
      guint32 n_edges = n_edges_of (self, node), n_kept = 0;
      JobsEdge *edges = self->edges + run->start;

      for (guint32 i = 0; marks[node] && i < n_edges; i++)
        {
          if (!marks[JOBS_EDGE_NODE (edges[i])])
            continue;

          if (JOBS_EDGE_NODE (edges[i]) >= node)
            self->forward = FALSE;
          edges[n_kept++] = edges[i];
        }

      for (guint32 i = n_kept; i < n_edges; i++)
        edges[i] = JOBS_EDGE_FREE;

      if (marks[node] && run->n_edges != JOBS_GRAPH_REMOVED)
        {
          run->n_edges = n_kept;
          self->n_edges += n_kept;
        }
      else if (run->n_edges != JOBS_GRAPH_REMOVED)
        {
          run->n_edges = JOBS_GRAPH_REMOVED;
          self->n_removed++;
        }
    }

  trim_edges (self);
}

gboolean
jobs_graph_has_node (JobsGraph *self,
                     guint32    node)
{
  return is_node (self, node);
}

gboolean
jobs_graph_set_edge (JobsGraph *self,
                     guint32    node,
                     guint32    other,
                     guint      condition)
{
  guint32 place;

  g_assert (is_node (self, node) && is_node (self, other));
  g_assert (condition < JOBS_EDGE_DROPPED);

  place = find_edge (self, node, other);
  if (place != NOWHERE)
    {
      JobsEdge *edge = &self->edges[self->nodes[node].start + place];

      if (JOBS_EDGE_CONDITION (*edge) != condition)
        {
          restart_compile (self);
          *edge = JOBS_EDGE (other, condition);
          if (self->compiled)
            set_way_back (self, other, node, condition);
        }
      return FALSE;
    }

  restart_compile (self);
  if (G_UNLIKELY (self->nodes[node].n_edges > NARROW))
    {
      GHashTable *table = ensure_table (self, node);
      guint32 last = rank_of (table, edges_of (self, node)[self->nodes[node].n_edges - 1]);

      g_hash_table_insert (table, GUINT_TO_POINTER (other), GUINT_TO_POINTER (last + 1));
    }

  append_edge (self, node, JOBS_EDGE (other, condition));
  self->proven = FALSE;
  if (other >= node)
    self->forward = FALSE;
  if (self->compiled)
    add_way_back (self, other, JOBS_EDGE (node, condition));

  return TRUE;
}

gboolean
jobs_graph_drop_edge (JobsGraph *self,
                      guint32    node,
                      guint32    other)
{
  guint32 place;

  if (!is_node (self, node))
    return FALSE;

  place = find_edge (self, node, other);
  if (place == NOWHERE)
    return FALSE;

  restart_compile (self);
  if (self->compiled)
    set_way_back (self, other, node, JOBS_EDGE_DROPPED);

  cut_edge (self, node, place);
  if (G_UNLIKELY (self->nodes[node].n_edges == NARROW))
    drop_table (self, node);
  else if (G_UNLIKELY (self->nodes[node].n_edges > NARROW))
    g_hash_table_remove (ensure_table (self, node), GUINT_TO_POINTER (other));

  return TRUE;
}

gboolean
jobs_graph_get_edge (JobsGraph *self,
                     guint32    node,
                     guint32    other,
                     guint     *condition)
{
  guint32 place = is_node (self, node) ? find_edge (self, node, other) : NOWHERE;

  if (place == NOWHERE)
    return FALSE;

  if (condition != NULL)
    *condition = JOBS_EDGE_CONDITION (edges_of (self, node)[place]);

  return TRUE;
}

const JobsEdge *
jobs_graph_get_edges (JobsGraph *self,
                      guint32    node,
                      guint32   *n_edges)
{
  g_assert (node < self->n_nodes);

  *n_edges = n_edges_of (self, node);

  return edges_of (self, node);
}

gboolean
jobs_graph_iter_next_later (JobsGraphIter *iter,
                            JobsEdge      *edge)
{
  JobsGraph *graph = iter->graph;
  guint32 tail = get_later_tail (graph, iter->node);

  while (iter->later != tail)
    {
      const Later *later = get_later (graph, iter->later != 0 ? iter->later : tail);

      iter->later = later->next;
      later = get_later (graph, iter->later);
      if (later->edge != JOBS_EDGE_FREE)
        {
          *edge = later->edge;
          return TRUE;
        }
    }

  return FALSE;
}
