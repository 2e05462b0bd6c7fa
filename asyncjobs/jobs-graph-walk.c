/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-graph.h"

#include <string.h>

/* Walks over a graph: order, cycles, closures. None of them recurses, for a
 * chain may be as long as memory lasts. */

#define NOWHERE G_MAXUINT32

/* With all edges forward the depths follow in one pass; else Kahn's algorithm
 * gives them, and with them whether there is a cycle. Returns how many nodes
 * have a depth; the others' is NOWHERE */
static guint32
find_depths (JobsGraph *self,
             guint32   *depths,
             guint32   *queue)
{
  g_autofree guint32 *pending = NULL;
  guint32 head = 0, tail = 0;

  if (self->forward)
    {
      for (guint32 node = 0; node < self->n_nodes; node++)
        {
          guint32 n_edges;
          const JobsEdge *edges = jobs_graph_get_edges (self, node, &n_edges);

          depths[node] = jobs_graph_has_node (self, node) ? 0 : NOWHERE;
          for (guint32 i = 0; i < n_edges; i++)
            depths[node] = MAX (depths[node], depths[JOBS_EDGE_NODE (edges[i])] + 1);
        }
      return self->n_nodes - self->n_removed;
    }

  pending = g_new (guint32, self->n_nodes);
  for (guint32 node = 0; node < self->n_nodes; node++)
    {
      jobs_graph_get_edges (self, node, &pending[node]);
      depths[node] = NOWHERE;
      if (pending[node] == 0 && jobs_graph_has_node (self, node))
        {
          depths[node] = 0;
          queue[tail++] = node;
        }
    }

  while (head < tail)
    {
      guint32 node = queue[head++];
      JobsGraphIter iter;
      JobsEdge edge;

      jobs_graph_iter_init (&iter, self, node);
      while (jobs_graph_iter_next (&iter, &edge))
        {
          if (--pending[JOBS_EDGE_NODE (edge)] == 0)
            {
              /* Taken from the queue in order of depth: this one is its greatest */
              depths[JOBS_EDGE_NODE (edge)] = depths[node] + 1;
              queue[tail++] = JOBS_EDGE_NODE (edge);
            }
        }
    }

  return tail;
}

guint32
jobs_graph_sort (JobsGraph *self,
                 guint32   *order)
{
  g_autofree guint32 *depths = g_new (guint32, self->n_nodes);
  g_autofree guint32 *ends = NULL;
  guint32 n_sorted, n_depths = 0;

  n_sorted = find_depths (self, depths, order);

  for (guint32 node = 0; node < self->n_nodes; node++)
    {
      if (depths[node] != NOWHERE)
        n_depths = MAX (n_depths, depths[node] + 1);
    }

  ends = g_new0 (guint32, n_depths + 1);
  for (guint32 node = 0; node < self->n_nodes; node++)
    {
      if (depths[node] != NOWHERE)
        ends[depths[node] + 1]++;
    }
  for (guint32 depth = 0; depth < n_depths; depth++)
    ends[depth + 1] += ends[depth];
  for (guint32 node = 0; node < self->n_nodes; node++)
    {
      if (depths[node] != NOWHERE)
        order[ends[depths[node]]++] = node;
    }

  return n_sorted;
}

/* Tarjan's algorithm with its recursion laid out in arrays */
typedef struct
{
  guint32 *visits; /* when the node was met, from 1; 0 = not yet */
  guint32 *lows;   /* the earliest one on the stack that is known to be reached */
  guint32 *parts;  /* the number of its part; NOWHERE while on the stack */
  guint32 *places; /* of its next edge */
  guint32 *stack;
  guint32 *path;
  guint32 n_visited;
  guint32 n_stack;
  guint32 n_path;
  guint32 n_parts;
} PartFinder;

static inline void
enter_node (PartFinder *finder,
            guint32     node)
{
  finder->visits[node] = finder->lows[node] = ++finder->n_visited;
  finder->places[node] = 0;
  finder->stack[finder->n_stack++] = node;
  finder->path[finder->n_path++] = node;
}

static void
leave_node (PartFinder *finder,
            guint32     node)
{
  finder->n_path--;
  if (finder->n_path > 0)
    {
      guint32 above = finder->path[finder->n_path - 1];

      finder->lows[above] = MIN (finder->lows[above], finder->lows[node]);
    }

  if (finder->lows[node] == finder->visits[node])
    {
      guint32 member;

      do
        {
          member = finder->stack[--finder->n_stack];
          finder->parts[member] = finder->n_parts;
        }
      while (member != node);
      finder->n_parts++;
    }
}

static void
find_parts_from (JobsGraph  *self,
                 PartFinder *finder,
                 guint32     start)
{
  enter_node (finder, start);

  while (finder->n_path > 0)
    {
      guint32 node = finder->path[finder->n_path - 1];
      guint32 n_edges, other;
      const JobsEdge *edges = jobs_graph_get_edges (self, node, &n_edges);

      if (finder->places[node] == n_edges)
        {
          leave_node (finder, node);
          continue;
        }

      other = JOBS_EDGE_NODE (edges[finder->places[node]++]);
      if (finder->visits[other] == 0)
        enter_node (finder, other);
      else if (finder->parts[other] == NOWHERE)
        finder->lows[node] = MIN (finder->lows[node], finder->visits[other]);
    }
}

/* The shortest way from the node through its part back to it, or NULL */
static GArray *
find_cycle_from (JobsGraph     *self,
                 guint32        start,
                 const guint32 *parts,
                 guint32       *parents,
                 guint32       *queue)
{
  guint32 head = 0, tail = 0;

  parents[start] = start;
  queue[tail++] = start;
  while (head < tail)
    {
      guint32 node = queue[head++];
      guint32 n_edges;
      const JobsEdge *edges = jobs_graph_get_edges (self, node, &n_edges);

      for (guint32 i = 0; i < n_edges; i++)
        {
          guint32 other = JOBS_EDGE_NODE (edges[i]);

          if (other == start)
            {
              GArray *cycle = g_array_new (FALSE, FALSE, sizeof (guint32));

              for (; node != start; node = parents[node])
                g_array_append_val (cycle, node);
              g_array_append_val (cycle, start);
              for (guint j = 0; j < cycle->len / 2; j++)
                {
                  guint32 *a = &g_array_index (cycle, guint32, j);
                  guint32 *b = &g_array_index (cycle, guint32, cycle->len - 1 - j);
                  guint32 swap = *a;

                  *a = *b;
                  *b = swap;
                }
              return cycle;
            }
          if (parts[other] == parts[start] && parents[other] == NOWHERE)
            {
              parents[other] = node;
              queue[tail++] = other;
            }
        }
    }

  return NULL;
}

GPtrArray *
jobs_graph_find_cycles (JobsGraph *self)
{
  GPtrArray *cycles = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  PartFinder finder = { 0 };
  guint32 *parents;
  g_autofree guint8 *told = NULL;
  guint32 n = self->n_nodes;

  if (self->forward || self->proven)
    return cycles;

  finder.visits = g_new0 (guint32, n);
  finder.lows = g_new (guint32, n);
  finder.parts = g_new (guint32, n);
  finder.places = g_new (guint32, n);
  finder.stack = g_new (guint32, n);
  finder.path = g_new (guint32, n);
  memset (finder.parts, 0xff, n * sizeof (guint32));

  for (guint32 node = 0; node < n; node++)
    {
      if (finder.visits[node] == 0)
        find_parts_from (self, &finder, node);
    }

  parents = finder.lows;
  memset (parents, 0xff, n * sizeof (guint32));
  told = g_new0 (guint8, finder.n_parts);
  for (guint32 node = 0; node < n; node++)
    {
      GArray *cycle;

      if (told[finder.parts[node]])
        continue;

      told[finder.parts[node]] = 1;
      cycle = find_cycle_from (self, node, finder.parts, parents, finder.stack);
      if (cycle != NULL)
        g_ptr_array_add (cycles, cycle);
    }

  g_free (finder.visits);
  g_free (finder.lows);
  g_free (finder.parts);
  g_free (finder.places);
  g_free (finder.stack);
  g_free (finder.path);

  return cycles;
}

gboolean
jobs_graph_reaches (JobsGraph *self,
                    guint32    node,
                    guint32    other)
{
  g_autofree guint8 *seen = NULL;
  g_autoptr (GArray) stack = NULL;

  if (self->forward && other >= node)
    return FALSE;

  seen = g_new0 (guint8, self->n_nodes / 8 + 1);
  stack = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (;;)
    {
      guint32 n_edges;
      const JobsEdge *edges = jobs_graph_get_edges (self, node, &n_edges);

      for (guint32 i = 0; i < n_edges; i++)
        {
          guint32 next = JOBS_EDGE_NODE (edges[i]);

          if (next == other)
            return TRUE;
          /* With all edges forward there is no way up again */
          if ((self->forward && next < other) || (seen[next / 8] & 1 << next % 8))
            continue;
          seen[next / 8] |= 1 << next % 8;
          g_array_append_val (stack, next);
        }

      if (stack->len == 0)
        return FALSE;
      node = g_array_index (stack, guint32, stack->len - 1);
      g_array_set_size (stack, stack->len - 1);
    }
}

static inline void
mark_node (guint8  *marks,
           GArray  *stack,
           guint32  node,
           gboolean transitive)
{
  if (marks[node])
    return;

  marks[node] = 1;
  if (transitive)
    g_array_append_val (stack, node);
}

void
jobs_graph_mark (JobsGraph         *self,
                 const guint32     *starts,
                 guint32            n_starts,
                 JobsGraphDirection direction,
                 gboolean           transitive,
                 guint8            *marks)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 start = 0;

  while (stack->len > 0 || start < n_starts)
    {
      guint32 node;

      if (stack->len > 0)
        {
          node = g_array_index (stack, guint32, stack->len - 1);
          g_array_set_size (stack, stack->len - 1);
        }
      else
        {
          node = starts[start++];
          if (!jobs_graph_has_node (self, node))
            continue;
        }

      if (direction == JOBS_GRAPH_PREDECESSORS)
        {
          guint32 n_edges;
          const JobsEdge *edges = jobs_graph_get_edges (self, node, &n_edges);

          for (guint32 i = 0; i < n_edges; i++)
            mark_node (marks, stack, JOBS_EDGE_NODE (edges[i]), transitive);
        }
      else
        {
          JobsGraphIter iter;
          JobsEdge edge;

          jobs_graph_iter_init (&iter, self, node);
          while (jobs_graph_iter_next (&iter, &edge))
            mark_node (marks, stack, JOBS_EDGE_NODE (edge), transitive);
        }
    }
}
