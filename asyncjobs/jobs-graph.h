/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A directed graph of small integers, for one engine. Knows no GObject.
 *
 * Nodes are numbered in order of insertion; a removed number is not used again.
 * An edge of a node leads to one that it requires, and bears a condition. Edges
 * live in one array, each node's as one run of it, so that a node costs 8 bytes
 * and an edge 4. The way back, from a node to its successors, is compiled from
 * that when first needed: one array with offsets (CSR), successors in order of
 * their numbers. Edges that come later are chained beside it. */
typedef struct _JobsGraph JobsGraph;

/* An edge: 29 bits of number, 3 bits of condition (a JobsCondition) */
typedef guint32 JobsEdge;

#define JOBS_EDGE_FREE             G_MAXUINT32 /* a slot of the array without an edge */
#define JOBS_EDGE_NODE_BITS        29
#define JOBS_GRAPH_MAX_NODES       ((1u << JOBS_EDGE_NODE_BITS) - 1)
#define JOBS_EDGE(node, condition) ((guint32) (node) | (guint32) (condition) << JOBS_EDGE_NODE_BITS)
#define JOBS_EDGE_NODE(edge)       ((edge) & JOBS_GRAPH_MAX_NODES)
#define JOBS_EDGE_CONDITION(edge)  ((edge) >> JOBS_EDGE_NODE_BITS)

/* No condition has this value. An entry of the way back that bears it has been
 * dropped, but keeps its number, so that its neighbours are still found by
 * bisection. JOBS_EDGE_FREE bears it too */
#define JOBS_EDGE_DROPPED          7
#define JOBS_EDGE_IS_DROPPED(edge) (JOBS_EDGE_CONDITION (edge) == JOBS_EDGE_DROPPED)

#define JOBS_GRAPH_REMOVED G_MAXUINT32 /* n_edges of a removed node */

typedef struct
{
  guint32 start;   /* of its edges in JobsGraph.edges */
  guint32 n_edges;
} JobsGraphNode;

typedef struct _JobsGraphProof JobsGraphProof;

struct _JobsGraph
{
  guint32 n_nodes; /* removed ones included */
  guint32 n_removed;
  guint32 n_edges;
  gboolean forward; /* every edge leads to a lower number: acyclic without looking */
  gboolean proven;  /* acyclic, as a look has shown */

  /*< private >*/
  JobsGraphNode *nodes;
  guint32 nodes_size;
  JobsEdge *edges;
  guint32 edges_used;
  guint32 edges_size;
  GHashTable *wide; /* node → its (other → place) table, for nodes of many edges */

  /* the way back; valid where compiled */
  gboolean compiled;
  guint32 compiled_nodes;       /* nodes from here on have no CSR part */
  guint32 *successor_offsets;   /* compiled_nodes + 1 */
  JobsEdge *successors;
  guint32 *later_tails;         /* node → 1 + place of its last in later, 0 = none; NULL where unused */
  guint32 later_tails_size;
  GArray *later;                /* { JobsEdge edge; guint32 next; }: a ring per node */
  guint32 compile_phase;
  guint32 compile_at;           /* in the phase */
  guint32 compile_edge;         /* of the node at compile_at */

  JobsGraphProof *proof;        /* while it is under way */
};

typedef struct
{
  JobsGraph *graph;
  guint32 node;
  guint32 at;
  guint32 end;
  guint32 later;
} JobsGraphIter;

JobsGraph      *jobs_graph_new              (void);
void            jobs_graph_free             (JobsGraph *self);
void            jobs_graph_clear            (JobsGraph *self);
/* Lets go of one of its big arrays: TRUE where none is left. It is good for nothing but
 * to be freed afterwards */
gboolean        jobs_graph_crumble          (JobsGraph *self);

/* Returns the number of the first of them */
guint32         jobs_graph_add_nodes        (JobsGraph *self,
                                             guint32    n_nodes);
/* With all edges from it and to it; those are lost, not bypassed */
void            jobs_graph_remove_node      (JobsGraph *self,
                                             guint32    node);
/* Removes each node with marks[node] == 0, in one pass */
void            jobs_graph_keep_marked      (JobsGraph    *self,
                                             const guint8 *marks);
gboolean        jobs_graph_has_node         (JobsGraph *self,
                                             guint32    node);

/* TRUE where the edge is new, FALSE where it was there: its condition is
 * replaced. Constant time, also for a node of very many edges. An edge of a
 * compiled graph is in the way back at once */
gboolean        jobs_graph_set_edge         (JobsGraph *self,
                                             guint32    node,
                                             guint32    other,
                                             guint      condition);
gboolean        jobs_graph_drop_edge        (JobsGraph *self,
                                             guint32    node,
                                             guint32    other);
gboolean        jobs_graph_get_edge         (JobsGraph *self,
                                             guint32    node,
                                             guint32    other,
                                             guint     *condition);
/* Valid until the next change, in order of insertion */
const JobsEdge *jobs_graph_get_edges        (JobsGraph *self,
                                             guint32    node,
                                             guint32   *n_edges);

/* Goes on until all is done (TRUE) or the time is up (monotonic µs; 0: no
 * limit). A change in between starts it over. Dropping an edge or a node of a
 * compiled graph leaves it compiled */
gboolean        jobs_graph_compile          (JobsGraph *self,
                                             gint64     until);
/* Looks whether there is no cycle, in the same manner; proven is set then */
gboolean        jobs_graph_prove            (JobsGraph *self,
                                             gint64     until);

/*< private >*/
void            jobs_graph_forget_proof     (JobsGraph *self);
gboolean        jobs_graph_iter_next_later  (JobsGraphIter *iter,
                                             JobsEdge      *edge);

/*< public >*/
/* Compiles where need be. The edge that next gives leads to a successor and
 * bears the condition of its requirement. Edges and nodes may be added or
 * removed while iterating */
static inline void
jobs_graph_iter_init (JobsGraphIter *iter,
                      JobsGraph     *graph,
                      guint32        node)
{
  if (G_UNLIKELY (!graph->compiled))
    jobs_graph_compile (graph, 0);

  *iter = (JobsGraphIter) { .graph = graph, .node = node };
  if (G_LIKELY (node < graph->compiled_nodes))
    {
      iter->at = graph->successor_offsets[node];
      iter->end = graph->successor_offsets[node + 1];
    }
}

static inline gboolean
jobs_graph_iter_next (JobsGraphIter *iter,
                      JobsEdge      *edge)
{
  while (iter->at < iter->end)
    {
      *edge = iter->graph->successors[iter->at++];
      if (G_LIKELY (!JOBS_EDGE_IS_DROPPED (*edge)))
        return TRUE;
    }

  return G_UNLIKELY (iter->graph->later != NULL) && jobs_graph_iter_next_later (iter, edge);
}

/* Fills order (n_nodes long) with the numbers that can be ordered, each after
 * what it requires, lowest number first where there is a choice of the same
 * depth; returns how many: all that are left, or there is a cycle */
guint32         jobs_graph_sort             (JobsGraph *self,
                                             guint32   *order);
/* Each strongly connected part of two nodes or more (or with an edge to
 * itself), as one cycle through it: (element-type GArray of guint32), in the
 * direction "a requires b". Linear, and no recursion */
GPtrArray      *jobs_graph_find_cycles      (JobsGraph *self);
/* Whether @node requires @other, directly or not. Does not compile */
gboolean        jobs_graph_reaches          (JobsGraph *self,
                                             guint32    node,
                                             guint32    other);

typedef enum
{
  JOBS_GRAPH_PREDECESSORS,
  JOBS_GRAPH_SUCCESSORS,
} JobsGraphDirection;

/* Sets marks[i] (n_nodes long, all 0 before) to 1 for each node that is next to
 * one of the starts, or, transitive, that can be reached from one. A start
 * itself is marked only where it is reached so; one that is no node is ignored */
void            jobs_graph_mark             (JobsGraph         *self,
                                             const guint32     *starts,
                                             guint32            n_starts,
                                             JobsGraphDirection direction,
                                             gboolean           transitive,
                                             guint8            *marks);

G_END_DECLS
