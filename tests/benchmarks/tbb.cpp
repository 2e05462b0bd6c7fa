/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* oneTBB's flow graph on the graphs that bench-engine runs: a continue_node per
 * job, an edge per requirement. The same figures, as one line of JSON. */

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>

#include <atomic>
#include <cstdio>
#include <deque>
#include <memory>
#include <vector>

#include "bench.h"
#include "dag.h"

using namespace oneapi::tbb::flow;
using Node = continue_node<continue_msg>;

static char *shape = nullptr;
static int n_jobs = 100000;
static int reps = 1;
static int threads = 1;

static const GOptionEntry entries[] = {
  { "shape", 0, 0, G_OPTION_ARG_STRING, &shape, "independent, chain, layered or tree", "SHAPE" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_jobs, "Number of jobs", "N" },
  { "reps", 0, 0, G_OPTION_ARG_INT, &reps, "Measure R times and report the medians", "R" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &threads, "Threads that run jobs", "N" },
  { }
};

struct Times
{
  std::vector<gint64> build, run, teardown;
};

static bool
measure (const Dag &dag, Times &times)
{
  std::atomic<guint32> n_ran { 0 };
  gint64 begin = bench_now ();
  auto graph = std::make_unique<oneapi::tbb::flow::graph> ();
  auto nodes = std::make_unique<std::deque<Node>> ();

  for (guint32 job = 0; job < dag.n_jobs; job++)
    {
      nodes->emplace_back (*graph, [&n_ran] (const continue_msg &) {
        n_ran.fetch_add (1, std::memory_order_relaxed);
      });
      for (guint32 i = dag.offsets[job]; i < dag.offsets[job + 1]; i++)
        make_edge ((*nodes)[dag.requirements[i]], (*nodes)[job]);
    }
  gint64 built = bench_now ();

  for (guint32 job = 0; job < dag.n_jobs; job++)
    if (dag.offsets[job] == dag.offsets[job + 1])
      (*nodes)[job].try_put (continue_msg ());
  graph->wait_for_all ();
  gint64 ran = bench_now ();

  nodes.reset ();
  graph.reset ();
  times.build.push_back (built - begin);
  times.run.push_back (ran - built);
  times.teardown.push_back (bench_now () - ran);
  return n_ran == dag.n_jobs;
}

static double
per_job (std::vector<gint64> &times)
{
  return bench_median (times.data (), (guint) times.size ()) / n_jobs;
}

int
main (int argc, char *argv[])
{
  if (!bench_parse ("- measure oneTBB's flow graph", entries, &argc, &argv))
    return 2;
  if (shape == nullptr)
    shape = g_strdup ("layered");
  g_autoptr (Dag) dag = n_jobs > 0 && reps > 0 && threads > 0 ? dag_new (shape, n_jobs) : nullptr;
  if (dag == nullptr)
    {
      g_printerr ("--shape is independent, chain, layered or tree; numbers are 1 or more\n");
      return 2;
    }

  oneapi::tbb::global_control control (oneapi::tbb::global_control::max_allowed_parallelism,
                                       threads);
  gint64 memory_before = bench_memory ("VmRSS:");
  bool ok = true;
  Times times;

  for (int rep = 0; rep < reps; rep++)
    ok = measure (*dag, times) && ok;

  printf ("{\"shape\": \"%s\", \"n\": %d, \"requirements\": %u, \"threads\": %d, \"reps\": %d, "
          "\"build_ns_per_job\": %.1f, \"run_ns_per_job\": %.1f, \"teardown_ns_per_job\": %.1f, "
          "\"bytes_per_job\": %.1f, \"ok\": %s}\n",
          shape, n_jobs, dag->offsets[n_jobs], threads, reps, per_job (times.build),
          per_job (times.run), per_job (times.teardown),
          (double) (bench_memory ("VmHWM:") - memory_before) / n_jobs, ok ? "true" : "false");

  g_free (shape);
  return ok ? 0 : 1;
}
