/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-graph.h"

#include <string.h>

/* The same graph once more, as plain as can be: conditions in a matrix, and
 * the edges of each node in order of insertion. */

#define N 40
#define NONE (-1)

typedef struct
{
  guint n_nodes;
  gboolean alive[N];
  int conditions[N][N];
  GArray *edges[N]; /* (element-type guint32) */
} Model;

static Model *
model_new (void)
{
  Model *model = g_new0 (Model, 1);

  for (guint i = 0; i < N; i++)
    model->edges[i] = g_array_new (FALSE, FALSE, sizeof (guint32));
  memset (model->conditions, 0xff, sizeof model->conditions);

  return model;
}

static void
model_free (Model *model)
{
  for (guint i = 0; i < N; i++)
    g_array_unref (model->edges[i]);
  g_free (model);
}

static void
model_set (Model *model,
           guint32 node,
           guint32 other,
           int     condition)
{
  if (model->conditions[node][other] == NONE)
    g_array_append_val (model->edges[node], other);
  model->conditions[node][other] = condition;
}

static void
model_drop (Model  *model,
            guint32 node,
            guint32 other)
{
  model->conditions[node][other] = NONE;
  for (guint i = 0; i < model->edges[node]->len; i++)
    {
      if (g_array_index (model->edges[node], guint32, i) == other)
        g_array_remove_index (model->edges[node], i--);
    }
}

static void
model_remove (Model  *model,
              guint32 node)
{
  model->alive[node] = FALSE;
  for (guint32 i = 0; i < N; i++)
    {
      model_drop (model, node, i);
      model_drop (model, i, node);
    }
}

static void
model_close (Model   *model,
             gboolean reached[N][N])
{
  for (guint i = 0; i < N; i++)
    for (guint j = 0; j < N; j++)
      reached[i][j] = model->conditions[i][j] != NONE;
  for (guint k = 0; k < N; k++)
    for (guint i = 0; i < N; i++)
      for (guint j = 0; reached[i][k] && j < N; j++)
        reached[i][j] |= reached[k][j];
}

static void
assert_edges (JobsGraph *graph,
              Model     *model)
{
  guint n_edges = 0, n_removed = 0;

  g_assert_cmpuint (graph->n_nodes, ==, model->n_nodes);
  for (guint32 node = 0; node < model->n_nodes; node++)
    {
      guint32 n;
      const JobsEdge *edges = jobs_graph_get_edges (graph, node, &n);

      g_assert_cmpint (jobs_graph_has_node (graph, node), ==, model->alive[node]);
      g_assert_cmpuint (n, ==, model->edges[node]->len);
      for (guint32 i = 0; i < n; i++)
        {
          guint32 other = g_array_index (model->edges[node], guint32, i);
          guint condition;

          g_assert_cmpuint (JOBS_EDGE_NODE (edges[i]), ==, other);
          g_assert_cmpint (JOBS_EDGE_CONDITION (edges[i]), ==, model->conditions[node][other]);
          g_assert_true (jobs_graph_get_edge (graph, node, other, &condition));
          g_assert_cmpint (condition, ==, model->conditions[node][other]);
          if (graph->forward)
            g_assert_cmpuint (other, <, node);
        }
      n_edges += n;
      n_removed += !model->alive[node];
    }
  g_assert_cmpuint (graph->n_edges, ==, n_edges);
  g_assert_cmpuint (graph->n_removed, ==, n_removed);
  g_assert_false (jobs_graph_has_node (graph, graph->n_nodes));
}

static void
assert_way_back (JobsGraph *graph,
                 Model     *model)
{
  for (guint32 node = 0; node < model->n_nodes; node++)
    {
      gboolean seen[N] = { FALSE };
      JobsGraphIter iter;
      JobsEdge edge;
      guint n = 0;

      jobs_graph_iter_init (&iter, graph, node);
      while (jobs_graph_iter_next (&iter, &edge))
        {
          guint32 successor = JOBS_EDGE_NODE (edge);

          g_assert_cmpuint (successor, <, model->n_nodes);
          g_assert_false (seen[successor]);
          seen[successor] = TRUE;
          g_assert_cmpint (JOBS_EDGE_CONDITION (edge), ==, model->conditions[successor][node]);
          n++;
        }
      g_assert_false (jobs_graph_iter_next (&iter, &edge));
      for (guint32 i = 0; i < model->n_nodes; i++)
        n -= model->conditions[i][node] != NONE;
      g_assert_cmpuint (n, ==, 0);
    }
}

static void
assert_order (JobsGraph *graph,
              Model     *model,
              gboolean   reached[N][N])
{
  guint32 order[N], depths[N] = { 0 };
  gboolean sorted[N] = { FALSE };
  guint n_sorted = jobs_graph_sort (graph, order);
  guint n_expected = 0;

  for (guint32 node = 0; node < model->n_nodes; node++)
    {
      gboolean blocked = !model->alive[node] || reached[node][node];

      for (guint32 other = 0; other < model->n_nodes; other++)
        blocked |= reached[node][other] && reached[other][other];
      n_expected += !blocked;
    }
  g_assert_cmpuint (n_sorted, ==, n_expected);

  for (guint i = 0; i < n_sorted; i++)
    {
      guint32 node = order[i];

      g_assert_true (model->alive[node]);
      g_assert_false (sorted[node]);
      for (guint32 other = 0; other < model->n_nodes; other++)
        {
          if (model->conditions[node][other] == NONE)
            continue;

          g_assert_true (sorted[other]);
          depths[node] = MAX (depths[node], depths[other] + 1);
        }
      sorted[node] = TRUE;
      if (i > 0)
        {
          g_assert_cmpuint (depths[order[i - 1]], <=, depths[node]);
          if (depths[order[i - 1]] == depths[node])
            g_assert_cmpuint (order[i - 1], <, node);
        }
    }
}

static void
assert_cycles (JobsGraph *graph,
               Model     *model,
               gboolean   reached[N][N])
{
  g_autoptr (GPtrArray) cycles = jobs_graph_find_cycles (graph);
  guint n_expected = 0;

  /* One for each part, told by its lowest node */
  for (guint32 node = 0; node < model->n_nodes; node++)
    {
      gboolean lowest = reached[node][node];

      for (guint32 other = 0; other < node; other++)
        lowest &= !(reached[node][other] && reached[other][node]);
      if (lowest)
        {
          g_assert_cmpuint (n_expected, <, cycles->len);
          g_assert_cmpuint (g_array_index ((GArray *) cycles->pdata[n_expected], guint32, 0), ==, node);
          n_expected++;
        }
    }
  g_assert_cmpuint (cycles->len, ==, n_expected);

  for (guint i = 0; i < cycles->len; i++)
    {
      GArray *cycle = cycles->pdata[i];
      gboolean seen[N] = { FALSE };

      for (guint j = 0; j < cycle->len; j++)
        {
          guint32 node = g_array_index (cycle, guint32, j);
          guint32 other = g_array_index (cycle, guint32, (j + 1) % cycle->len);

          g_assert_false (seen[node]);
          seen[node] = TRUE;
          g_assert_cmpint (model->conditions[node][other], !=, NONE);
        }
    }
}

static void
assert_marks (JobsGraph *graph,
              Model     *model,
              gboolean   reached[N][N],
              GRand     *rand)
{
  guint32 starts[4];
  guint n_starts = g_rand_int_range (rand, 0, G_N_ELEMENTS (starts));

  for (guint i = 0; i < n_starts; i++)
    starts[i] = g_rand_int_range (rand, 0, N);

  for (guint way = 0; way < 4; way++)
    {
      JobsGraphDirection direction = way & 1 ? JOBS_GRAPH_SUCCESSORS : JOBS_GRAPH_PREDECESSORS;
      gboolean transitive = way & 2;
      guint8 marks[N] = { 0 };

      jobs_graph_mark (graph, starts, n_starts, direction, transitive, marks);
      for (guint32 node = 0; node < N; node++)
        {
          gboolean expected = FALSE;

          for (guint i = 0; i < n_starts; i++)
            {
              guint32 from = way & 1 ? node : starts[i], to = way & 1 ? starts[i] : node;

              expected |= transitive ? reached[from][to] : model->conditions[from][to] != NONE;
            }
          g_assert_cmpint (marks[node], ==, expected);
        }
    }
}

/* Those in no order are those that cannot be proven */
static void
assert_proof (JobsGraph *graph,
              Model     *model,
              gboolean   reached[N][N])
{
  gboolean has_cycle = FALSE;

  for (guint32 i = 0; i < model->n_nodes; i++)
    has_cycle |= reached[i][i];
  g_assert_true (jobs_graph_prove (graph, 0));
  g_assert_cmpint (graph->forward || graph->proven, ==, !has_cycle);
}

static void
assert_same (JobsGraph *graph,
             Model     *model,
             GRand     *rand)
{
  gboolean reached[N][N];

  model_close (model, reached);
  assert_edges (graph, model);
  for (guint32 i = 0; i < model->n_nodes; i++)
    for (guint32 j = 0; j < model->n_nodes; j++)
      g_assert_cmpint (jobs_graph_reaches (graph, i, j), ==, reached[i][j]);
  assert_cycles (graph, model, reached);

  /* From here on it is compiled */
  assert_proof (graph, model, reached);
  assert_cycles (graph, model, reached);
  assert_way_back (graph, model);
  assert_order (graph, model, reached);
  assert_marks (graph, model, reached, rand);
  assert_edges (graph, model);
}

static guint32
pick (Model *model,
      GRand *rand)
{
  guint32 node;

  do
    node = g_rand_int_range (rand, 0, model->n_nodes);
  while (!model->alive[node]);

  return node;
}

static void
keep_some (JobsGraph *graph,
           Model     *model,
           GRand     *rand)
{
  guint8 marks[N];

  for (guint32 i = 0; i < N; i++)
    {
      marks[i] = g_rand_int_range (rand, 0, 8) > 0 || i == 0;
      if (!marks[i] && model->alive[i])
        model_remove (model, i);
    }
  jobs_graph_keep_marked (graph, marks);
}

static void
change_once (JobsGraph *graph,
             Model     *model,
             GRand     *rand,
             gboolean   forward)
{
  int choice = g_rand_int_range (rand, 0, 100);
  guint32 a = pick (model, rand), b = pick (model, rand);
  int condition = g_rand_int_range (rand, 0, 5);

  if (choice < 8 && model->n_nodes < N)
    {
      guint n = g_rand_int_range (rand, 1, MIN (4, N - model->n_nodes + 1));

      g_assert_cmpuint (jobs_graph_add_nodes (graph, n), ==, model->n_nodes);
      for (guint i = 0; i < n; i++)
        model->alive[model->n_nodes++] = TRUE;
    }
  else if (choice < 70)
    {
      if (forward && a == b)
        return;
      if (forward && a < b)
        {
          guint32 swap = a;

          a = b;
          b = swap;
        }
      g_assert_cmpint (jobs_graph_set_edge (graph, a, b, condition), ==, model->conditions[a][b] == NONE);
      model_set (model, a, b, condition);
    }
  else if (choice < 96)
    {
      guint32 n_edges;
      const JobsEdge *edges = jobs_graph_get_edges (graph, a, &n_edges);

      if (n_edges > 0 && choice < 90)
        b = JOBS_EDGE_NODE (edges[g_rand_int_range (rand, 0, n_edges)]);
      g_assert_cmpint (jobs_graph_drop_edge (graph, a, b), ==, model->conditions[a][b] != NONE);
      model_drop (model, a, b);
    }
  else if (choice < 99 && a != 0)
    {
      jobs_graph_remove_node (graph, a);
      model_remove (model, a);
    }
  else if (choice == 99)
    {
      keep_some (graph, model, rand);
    }
}

static void
test_random (gconstpointer data)
{
  gboolean forward = GPOINTER_TO_INT (data);
  /* All of them take minutes under valgrind */
  guint step = g_getenv ("JOBS_TEST_VALGRIND") != NULL ? 7 : 1;

  g_test_summary ("Random changes, compared with a matrix after each few of them");

  for (guint seed = 0; seed < 150; seed += step)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      JobsGraph *graph = jobs_graph_new ();
      Model *model = model_new ();
      guint pace = 1 + seed % 17;

      jobs_graph_add_nodes (graph, 1 + seed % 30);
      for (guint i = 0; i < 1 + seed % 30; i++)
        model->alive[model->n_nodes++] = TRUE;

      for (guint i = 0; i < 300; i++)
        {
          change_once (graph, model, rand, forward);
          if (seed % 3 == 0 && i % 3 == 0)
            jobs_graph_compile (graph, 1);
          else if (seed % 3 == 1 && i % 2 == 0)
            jobs_graph_prove (graph, 1);
          if (i % pace == 0)
            assert_same (graph, model, rand);
        }
      if (forward)
        g_assert_true (graph->forward);
      assert_same (graph, model, rand);

      jobs_graph_clear (graph);
      g_assert_cmpuint (graph->n_nodes + graph->n_edges, ==, 0);
      g_assert_cmpuint (jobs_graph_add_nodes (graph, 2), ==, 0);
      g_assert_true (jobs_graph_set_edge (graph, 1, 0, 0));

      jobs_graph_free (graph);
      model_free (model);
    }
}

static void
test_resumable (void)
{
  JobsGraph *graph = jobs_graph_new ();
  const guint32 n = 30000;
  guint calls = 0;
  JobsGraphIter iter;
  JobsEdge edge;

  g_test_summary ("A compilation without time goes on, step by step, to the same end");

  jobs_graph_add_nodes (graph, n);
  for (guint32 i = 1; i < n; i++)
    {
      jobs_graph_set_edge (graph, i, i - 1, 1);
      jobs_graph_set_edge (graph, n - 1, i - 1, 2);
    }

  g_assert_false (jobs_graph_compile (graph, 1));
  /* Starts over, and comes to its end all the same */
  g_assert_true (jobs_graph_set_edge (graph, n - 2, 0, 3));
  while (!jobs_graph_compile (graph, 1))
    {
      calls++;
      g_assert_cmpuint (calls, <, n);
    }
  g_assert_cmpuint (calls, >, 10);
  g_assert_true (graph->compiled);

  for (guint32 i = 0; i < n; i++)
    {
      jobs_graph_iter_init (&iter, graph, i);
      if (i < n - 2)
        {
          g_assert_true (jobs_graph_iter_next (&iter, &edge));
          g_assert_cmpuint (edge, ==, JOBS_EDGE (i + 1, 1));
        }
      if (i == 0)
        {
          g_assert_true (jobs_graph_iter_next (&iter, &edge));
          g_assert_cmpuint (edge, ==, JOBS_EDGE (n - 2, 3));
        }
      if (i < n - 1)
        {
          g_assert_true (jobs_graph_iter_next (&iter, &edge));
          g_assert_cmpuint (edge, ==, JOBS_EDGE (n - 1, 2));
        }
      g_assert_false (jobs_graph_iter_next (&iter, &edge));
    }

  jobs_graph_free (graph);
}

static void
test_proof (void)
{
  JobsGraph *graph = jobs_graph_new ();
  const guint32 n = 30000;
  guint calls = 0;

  g_test_summary ("A proof without time goes on, step by step, and begins anew after a change");

  /* Backwards: the numbers prove nothing */
  jobs_graph_add_nodes (graph, n);
  for (guint32 i = 1; i < n; i++)
    jobs_graph_set_edge (graph, i - 1, i, 0);
  jobs_graph_compile (graph, 0);

  g_assert_false (jobs_graph_prove (graph, 1));
  /* One that has been counted requires one that has not been reached */
  g_assert_true (jobs_graph_set_edge (graph, 0, n / 2, 0));
  for (calls = 0; !jobs_graph_prove (graph, 1); calls++)
    g_assert_cmpuint (calls, <, n);
  g_assert_cmpuint (calls, >, 10);
  g_assert_true (graph->proven);

  /* What is taken away closes no circle; what comes may */
  jobs_graph_drop_edge (graph, 0, 1);
  g_assert_true (graph->proven);
  jobs_graph_set_edge (graph, n - 1, 2, 0);
  g_assert_false (graph->proven);
  g_assert_true (jobs_graph_prove (graph, 0));
  g_assert_false (graph->proven);
  jobs_graph_remove_node (graph, n - 2);
  g_assert_true (jobs_graph_prove (graph, 0));
  g_assert_true (graph->proven);

  /* Nothing is left behind by one that was not brought to its end */
  jobs_graph_set_edge (graph, n - 1, 3, 1);
  g_assert_false (jobs_graph_prove (graph, 1));
  jobs_graph_free (graph);
}

static void
test_wide (void)
{
  JobsGraph *graph = jobs_graph_new ();
  const guint32 n = 100000;
  guint32 n_edges;
  const JobsEdge *edges;
  guint condition;

  g_test_summary ("A node of 100 000 requirements, and one of as many dependents");

  /* Node 0 requires all, and the last is required by all */
  jobs_graph_add_nodes (graph, n + 2);
  for (guint round = 0; round < 2; round++)
    {
      for (guint32 i = 1; i <= n; i++)
        {
          g_assert_cmpint (jobs_graph_set_edge (graph, 0, i, i % 5), ==, round == 0);
          g_assert_cmpint (jobs_graph_set_edge (graph, i, n + 1, 0), ==, round == 0);
        }
    }
  g_assert_true (jobs_graph_reaches (graph, 0, n + 1));
  g_assert_true (jobs_graph_compile (graph, 0));

  g_assert_false (jobs_graph_set_edge (graph, 0, 4711, 0));
  g_assert_true (jobs_graph_get_edge (graph, 0, 4711, &condition));
  g_assert_cmpuint (condition, ==, 0);

  /* Each third by its edge, each other third as a node; the order stays */
  for (guint32 i = 3; i <= n; i += 3)
    {
      g_assert_true (jobs_graph_drop_edge (graph, 0, i));
      g_assert_false (jobs_graph_drop_edge (graph, 0, i));
      jobs_graph_remove_node (graph, i - 1);
    }
  edges = jobs_graph_get_edges (graph, 0, &n_edges);
  g_assert_cmpuint (n_edges, ==, (n + 2) / 3);
  for (guint32 i = 0; i < n_edges; i++)
    g_assert_cmpuint (JOBS_EDGE_NODE (edges[i]), ==, 3 * i + 1);

  g_assert_true (jobs_graph_set_edge (graph, 0, 3, 4));
  g_assert_true (jobs_graph_get_edge (graph, 0, 3, &condition));
  g_assert_cmpuint (condition, ==, 4);
  edges = jobs_graph_get_edges (graph, 0, &n_edges);
  g_assert_cmpuint (edges[n_edges - 1], ==, JOBS_EDGE (3, 4));

  jobs_graph_remove_node (graph, 0);
  jobs_graph_remove_node (graph, n + 1);
  g_assert_cmpuint (graph->n_edges, ==, 0);

  jobs_graph_free (graph);
}

static void
test_iter_during_changes (void)
{
  JobsGraph *graph = jobs_graph_new ();
  JobsGraphIter iter;
  JobsEdge edge;
  guint n_seen = 0;

  g_test_summary ("An iterator stays valid when edges and nodes come and go");

  jobs_graph_add_nodes (graph, 8);
  for (guint32 i = 1; i < 6; i++)
    jobs_graph_set_edge (graph, i, 0, 0);
  g_assert_true (jobs_graph_compile (graph, 0));
  for (guint32 i = 6; i < 8; i++)
    jobs_graph_set_edge (graph, i, 0, 0);

  jobs_graph_iter_init (&iter, graph, 0);
  g_assert_true (jobs_graph_iter_next (&iter, &edge));
  g_assert_cmpuint (edge, ==, JOBS_EDGE (1, 0));
  jobs_graph_drop_edge (graph, 2, 0);
  jobs_graph_remove_node (graph, 3);
  jobs_graph_set_edge (graph, 4, 0, 2);
  jobs_graph_drop_edge (graph, 6, 0);
  g_assert_true (jobs_graph_iter_next (&iter, &edge));
  g_assert_cmpuint (edge, ==, JOBS_EDGE (4, 2));
  g_assert_true (jobs_graph_iter_next (&iter, &edge));
  g_assert_cmpuint (edge, ==, JOBS_EDGE (5, 0));
  g_assert_true (jobs_graph_iter_next (&iter, &edge));
  g_assert_cmpuint (edge, ==, JOBS_EDGE (7, 0));

  /* The one that it stands on goes, the arrays move, and more come behind it */
  jobs_graph_drop_edge (graph, 7, 0);
  for (guint i = 0; i < 1000; i++)
    jobs_graph_set_edge (graph, jobs_graph_add_nodes (graph, 1), 0, 1);
  while (jobs_graph_iter_next (&iter, &edge))
    {
      g_assert_cmpuint (edge, ==, JOBS_EDGE (8 + n_seen, 1));
      n_seen++;
      /* Each one is dropped while the iterator stands on it */
      jobs_graph_remove_node (graph, JOBS_EDGE_NODE (edge));
    }
  g_assert_cmpuint (n_seen, ==, 1000);

  jobs_graph_remove_node (graph, 0);
  g_assert_false (jobs_graph_iter_next (&iter, &edge));

  jobs_graph_free (graph);
}

static void
test_long_lived (void)
{
  JobsGraph *graph = jobs_graph_new ();
  guint32 hub;

  g_test_summary ("Adding and removing in turns does not let the edges pile up");

  hub = jobs_graph_add_nodes (graph, 100);
  jobs_graph_set_edge (graph, hub + 1, hub, 0);
  jobs_graph_compile (graph, 0);

  for (guint32 i = 0; i < 200000; i++)
    {
      guint32 a = hub + 1 + i % 99, b = hub + 1 + (i + 50) % 99;

      if (!jobs_graph_drop_edge (graph, a, hub))
        jobs_graph_set_edge (graph, a, hub, 0);
      if (!jobs_graph_drop_edge (graph, b, a))
        jobs_graph_set_edge (graph, b, a, 0);
    }
  g_assert_cmpuint (graph->n_edges, <, 2000);
  g_assert_cmpuint (graph->edges_size, <, 20000);

  jobs_graph_free (graph);
}

static void
test_deep (void)
{
  JobsGraph *graph = jobs_graph_new ();
  const guint32 n = 1000000;
  g_autofree guint32 *order = g_new (guint32, n);
  g_autofree guint8 *marks = g_new0 (guint8, n);
  g_autoptr (GPtrArray) cycles = NULL;
  guint32 start = n - 1;

  g_test_summary ("A chain of a million, from the last to the first: no walk recurses");

  jobs_graph_add_nodes (graph, n);
  for (guint32 i = 0; i + 1 < n; i++)
    jobs_graph_set_edge (graph, i, i + 1, 0);
  g_assert_false (graph->forward);

  g_assert_cmpuint (jobs_graph_sort (graph, order), ==, n);
  for (guint32 i = 0; i < n; i++)
    g_assert_cmpuint (order[i], ==, n - 1 - i);
  g_assert_true (jobs_graph_reaches (graph, 0, n - 1));
  g_assert_false (jobs_graph_reaches (graph, n - 1, 0));
  jobs_graph_mark (graph, &start, 1, JOBS_GRAPH_SUCCESSORS, TRUE, marks);
  for (guint32 i = 0; i < n; i++)
    g_assert_cmpuint (marks[i], ==, i != start);

  jobs_graph_set_edge (graph, n - 1, 0, 0);
  cycles = jobs_graph_find_cycles (graph);
  g_assert_cmpuint (cycles->len, ==, 1);
  g_assert_cmpuint (((GArray *) cycles->pdata[0])->len, ==, n);
  g_assert_cmpuint (jobs_graph_sort (graph, order), ==, 0);

  jobs_graph_free (graph);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/jobs/graph/random", GINT_TO_POINTER (FALSE), test_random);
  g_test_add_data_func ("/jobs/graph/random-forward", GINT_TO_POINTER (TRUE), test_random);
  g_test_add_func ("/jobs/graph/resumable", test_resumable);
  g_test_add_func ("/jobs/graph/proof", test_proof);
  g_test_add_func ("/jobs/graph/wide", test_wide);
  g_test_add_func ("/jobs/graph/iter-during-changes", test_iter_during_changes);
  g_test_add_func ("/jobs/graph/long-lived", test_long_lived);
  g_test_add_func ("/jobs/graph/deep", test_deep);

  return g_test_run ();
}
