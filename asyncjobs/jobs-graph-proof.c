/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-graph.h"

/* A proof that there is no cycle, by Kahn's algorithm (A. B. Kahn, Topological
 * sorting of large networks, 1962): a node whose requirements are all proven is
 * proven. Any change of the graph makes it begin anew. */

/* So many steps between two looks at the clock: some 20 µs */
#define STEPS 2048

struct _JobsGraphProof
{
  guint32 *pending; /* node → requirements that are not proven yet */
  guint32 *queue;   /* those that are proven, in order */
  guint32 head;
  guint32 tail;
  guint32 counted;  /* nodes of which pending is set */
  guint steps;
};

void
jobs_graph_forget_proof (JobsGraph *self)
{
  JobsGraphProof *proof = g_steal_pointer (&self->proof);

  if (proof == NULL)
    return;

  g_free (proof->pending);
  g_free (proof->queue);
  g_free (proof);
}

static gboolean
is_late (JobsGraphProof *proof,
         guint           steps,
         gint64          until)
{
  proof->steps += steps;
  if (until == 0 || proof->steps < STEPS)
    return FALSE;

  proof->steps = 0;

  return g_get_monotonic_time () >= until;
}

static gboolean
count_requirements (JobsGraph *self,
                    gint64     until)
{
  JobsGraphProof *proof = self->proof;

  while (proof->counted < self->n_nodes)
    {
      guint32 node = proof->counted++;

      jobs_graph_get_edges (self, node, &proof->pending[node]);
      if (proof->pending[node] == 0 && jobs_graph_has_node (self, node))
        proof->queue[proof->tail++] = node;
      if (is_late (proof, 1, until))
        return FALSE;
    }

  return TRUE;
}

static gboolean
follow_successors (JobsGraph *self,
                   gint64     until)
{
  JobsGraphProof *proof = self->proof;

  while (proof->head < proof->tail)
    {
      JobsGraphIter iter;
      JobsEdge edge;
      guint n_edges = 0;

      jobs_graph_iter_init (&iter, self, proof->queue[proof->head++]);
      for (; jobs_graph_iter_next (&iter, &edge); n_edges++)
        if (--proof->pending[JOBS_EDGE_NODE (edge)] == 0)
          proof->queue[proof->tail++] = JOBS_EDGE_NODE (edge);
      if (is_late (proof, 1 + n_edges, until))
        return FALSE;
    }

  return TRUE;
}

gboolean
jobs_graph_prove (JobsGraph *self,
                  gint64     until)
{
  if (self->forward || self->proven)
    return TRUE;
  if (!jobs_graph_compile (self, until))
    return FALSE;

  if (self->proof == NULL)
    {
      self->proof = g_new0 (JobsGraphProof, 1);
      self->proof->pending = g_new (guint32, self->n_nodes);
      self->proof->queue = g_new (guint32, self->n_nodes);
    }
  if (!count_requirements (self, until) || !follow_successors (self, until))
    return FALSE;

  self->proven = self->proof->tail == self->n_nodes - self->n_removed;
  jobs_graph_forget_proof (self);

  return TRUE;
}
