# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Jobs that do nothing, in graphs of four shapes: ours beside what others offer."""

from ..house import HERE
from ..measure import Entry, ratio
from ..topic import SHAPES, Table, Topic

RUN = ("build_ns_per_job", "run_ns_per_job")
WHOLE = (*RUN, "teardown_ns_per_job")
BYTES = ("bytes_per_job",)

# What a job takes at most with each, bytes, so that the machine never swaps
MEMORY = {"engine": 600, "tbb": 800, "taskgroup": 2500, "graphlib": 800, "node": 1200}

# The largest ones take long: few rounds do
LARGE, LARGE_ROUNDS = 10_000_000, 3


def _engine_entry(house, scale, shape, n, window=0, order="forward", many=False):
    variant = "/many" if many else "" if order == "forward" else f"/{order}"
    key = f"engine/{shape}/{n}" + (f"/w{window}" if window else "") + variant
    command = [house.bench("engine"), "--shape", shape, "--n", n, "--reps", scale.reps(n),
               "--window", window, "--order", order, *(["--many"] if many else [])]
    return Entry(key, command, memory=n * MEMORY["engine"],
                 rounds=LARGE_ROUNDS if n >= LARGE else 1000)


def _tbb_entry(house, scale, shape, n):
    return Entry(f"tbb/{shape}/{n}",
                 [house.bench("tbb"), "--shape", shape, "--n", n, "--reps", scale.reps(n)],
                 peer="oneTBB", memory=n * MEMORY["tbb"],
                 rounds=LARGE_ROUNDS if n >= LARGE else 1000)


def _python_entry(house, variant, shape, n):
    return Entry(f"{variant}/{shape}/{n}",
                 [house.python, HERE / "peer-python.py", "--shape", shape, "--n", n,
                  "--variant", variant],
                 peer="asyncio and graphlib", memory=n * MEMORY[variant],
                 rounds=1 if n >= 1_000_000 else 1000)


def _node_entry(shape, n):
    return Entry(f"node/{shape}/{n}",
                 ["node", "--max-old-space-size=8192", HERE / "peer-node.js",
                  "--shape", shape, "--n", n],
                 peer="Node", memory=n * MEMORY["node"], rounds=LARGE_ROUNDS)


class Graphs(Topic):
    name = "graphs"
    title = "Graphs of jobs that do nothing"

    def entries(self):
        for n in self.scale.sizes:
            for shape in SHAPES:
                yield _engine_entry(self.house, self.scale, shape, n)
                yield _tbb_entry(self.house, self.scale, shape, n)
                if n <= self.scale.peer_most:
                    yield _python_entry(self.house, "taskgroup", shape, n)
                    yield _python_entry(self.house, "graphlib", shape, n)
                    yield _node_entry(shape, n)

    def _row(self, results, shape, n):
        ours, tbb = f"engine/{shape}/{n}", f"tbb/{shape}/{n}"
        return [
            f"{n:,}", *(results.get(ours, stage) for stage in WHOLE),
            *(results.get(tbb, stage) for stage in WHOLE),
            *(results.get(f"{peer}/{shape}/{n}", *RUN) for peer in ("taskgroup", "graphlib", "node")),
            times(ratio(results.series(ours, *RUN), results.series(tbb, *RUN))),
            times(ratio(results.series(ours, *WHOLE), results.series(tbb, *WHOLE))),
        ]

    def tables(self, results):
        head = ["jobs", "ours: build", "run", "drop", "oneTBB: build", "run", "drop",
                "TaskGroup", "graphlib", "Node", "ours / oneTBB", "with drop"]
        peers = ("engine", "tbb", "taskgroup", "graphlib", "node")
        memory = [[shape, *(results.get(f"{peer}/{shape}/{self.scale.many}", *BYTES)
                            for peer in peers)] for shape in SHAPES]
        tables = {shape: Table(head, [self._row(results, shape, n) for n in self.scale.sizes])
                  for shape in SHAPES}
        return tables | {
            "memory": Table(["shape", "ours", "oneTBB", "TaskGroup", "graphlib", "Node"], memory)}

    def figures(self, results):
        figures = {}
        for shape in SHAPES:
            ours, tbb = f"engine/{shape}/{self.scale.many}", f"tbb/{shape}/{self.scale.many}"
            for name, stages in (("run", RUN), ("whole", WHOLE)):
                figures[f"graph.{shape}.{name}"] = ratio(results.series(ours, *stages),
                                                         results.series(tbb, *stages))
            figures[f"graph.{shape}.bytes"] = results.get(ours, *BYTES)
        return figures


def times(value):
    """A ratio as text, which tells it from a time."""
    return None if value is None else f"{value:.2f}"


class Large(Topic):
    """Whether a job costs the same among many as among few."""

    name = "scale"
    title = "The same job among ever more"

    # shape, window, order, whether in one call
    ROWS = (
        ("independent", 0, "forward", False),
        ("chain", 0, "forward", False),
        ("layered", 0, "forward", False),
        ("tree", 0, "forward", False),
        ("independent", 2, "forward", False),
        ("layered", 2, "forward", False),
        ("layered", 1000, "forward", False),
        ("layered", 0, "forward", True),
        ("layered", 0, "reversed", False),
        ("layered", 0, "shuffled", False),
    )

    def _sizes(self):
        return self.scale.few, self.scale.most

    def _pair(self, row):
        return [_engine_entry(self.house, self.scale, row[0], n, *row[1:]) for n in self._sizes()]

    def entries(self):
        for row in self.ROWS:
            yield from self._pair(row)

    def _ratio(self, results, row):
        few, most = (results.series(entry.key, *WHOLE) for entry in self._pair(row))
        return ratio(most, few)

    def tables(self, results):
        rows = []
        for row in self.ROWS:
            shape, window, order, many = row
            rows.append([shape, window or "none", "in one call" if many else order,
                         *(results.get(entry.key, *WHOLE) for entry in self._pair(row)),
                         times(self._ratio(results, row))])
        head = ["shape", "window", "added", *(f"of {n:,}" for n in self._sizes()), "ratio"]
        return {"scale": Table(head, rows)}

    def figures(self, results):
        ratios = [self._ratio(results, row) for row in self.ROWS]
        known = [value for value in ratios if value is not None]
        return {"scale": max(known) if known else None}
