/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-graph.h"

/* The way back, compiled: a counting sort by the node that is required: how many edges lead to each,
 * where its part ends, and then all from the last to the first, each part
 * filled from its end, which leaves every offset at the begin of its part. */

/* So many steps between two looks at the clock: some 10 µs */
#define STEPS 4096

typedef enum
{
  COMPILE_BEGIN, /* 0: also where there is nothing to take up again */
  COMPILE_COUNT,
  COMPILE_SUM,
  COMPILE_FILL,
} CompilePhase;

static inline guint32
n_edges_of (const JobsGraph *self,
            guint32          node)
{
  guint32 n_edges = self->nodes[node].n_edges;

  return n_edges != JOBS_GRAPH_REMOVED ? n_edges : 0;
}

static inline gboolean
is_late (gint64 until)
{
  return until != 0 && g_get_monotonic_time () >= until;
}

static gboolean
compile_count (JobsGraph *self,
               gint64     until)
{
  while (self->compile_at < self->edges_used)
    {
      guint32 stop = self->compile_at + MIN (STEPS, self->edges_used - self->compile_at);

      for (guint32 i = self->compile_at; i < stop; i++)
        {
          /* What order the edges come in is no matter here, so holes are */
          if (self->edges[i] != JOBS_EDGE_FREE)
            self->successor_offsets[JOBS_EDGE_NODE (self->edges[i])]++;
        }
      self->compile_at = stop;
      if (is_late (until))
        return FALSE;
    }

  return TRUE;
}

static gboolean
compile_sum (JobsGraph *self,
             gint64     until)
{
  while (self->compile_at < self->compiled_nodes)
    {
      guint32 stop = self->compile_at + MIN (STEPS, self->compiled_nodes - self->compile_at);
      guint32 sum = self->compile_at > 0 ? self->successor_offsets[self->compile_at - 1] : 0;

      for (guint32 i = self->compile_at; i < stop; i++)
        self->successor_offsets[i] = sum += self->successor_offsets[i];
      self->compile_at = stop;
      if (is_late (until))
        return FALSE;
    }

  return TRUE;
}

static gboolean
compile_fill (JobsGraph *self,
              gint64     until)
{
  guint32 steps = 0;

  while (self->compile_at > 0)
    {
      guint32 node = self->compile_at - 1;
      const JobsEdge *edges = self->edges + self->nodes[node].start;
      guint32 edge = self->compile_edge;
      guint32 stop = edge - MIN (edge, STEPS);

      steps += edge - stop + 1;
      while (edge > stop)
        {
          guint32 *offset = &self->successor_offsets[JOBS_EDGE_NODE (edges[--edge])];

          self->successors[--*offset] = JOBS_EDGE (node, JOBS_EDGE_CONDITION (edges[edge]));
        }

      self->compile_edge = stop;
      if (stop == 0 && --self->compile_at > 0)
        self->compile_edge = n_edges_of (self, self->compile_at - 1);

      if (steps >= STEPS)
        {
          steps = 0;
          if (is_late (until))
            return FALSE;
        }
    }

  return TRUE;
}

gboolean
jobs_graph_compile (JobsGraph *self,
                    gint64     until)
{
  if (self->compiled)
    return TRUE;

  switch ((CompilePhase) self->compile_phase)
    {
    case COMPILE_BEGIN:
      self->compiled_nodes = self->n_nodes;
      self->successor_offsets = g_new0 (guint32, self->compiled_nodes + 1);
      self->compile_phase = COMPILE_COUNT;
      self->compile_at = 0;
      G_GNUC_FALLTHROUGH;

    case COMPILE_COUNT:
      if (!compile_count (self, until))
        return FALSE;
      self->compile_phase = COMPILE_SUM;
      self->compile_at = 0;
      G_GNUC_FALLTHROUGH;

    case COMPILE_SUM:
      if (!compile_sum (self, until))
        return FALSE;
      self->successor_offsets[self->compiled_nodes] = self->n_edges;
      self->successors = g_new (JobsEdge, self->n_edges);
      self->compile_phase = COMPILE_FILL;
      self->compile_at = self->compiled_nodes;
      self->compile_edge = self->compile_at > 0 ? n_edges_of (self, self->compile_at - 1) : 0;
      G_GNUC_FALLTHROUGH;

    case COMPILE_FILL:
      if (!compile_fill (self, until))
        return FALSE;
      break;

    default:
      g_assert_not_reached ();
    }

  self->compile_phase = COMPILE_BEGIN;
  self->compiled = TRUE;

  return TRUE;
}
