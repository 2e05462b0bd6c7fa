# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The graphs of dag.c in Python, and what the programs that use them have in common."""

import argparse
import json
import time

LAYER_WIDTH = 1000
SHAPES = ("independent", "chain", "layered", "tree")


def _layered(n):
    yield from [()] * min(n, LAYER_WIDTH)
    random = 42
    for job in range(LAYER_WIDTH, n):
        first = (job // LAYER_WIDTH - 1) * LAYER_WIDTH
        required = []
        while len(required) < 3:
            random = (random * 1664525 + 1013904223) & 0xFFFFFFFF
            other = first + (random >> 8) % LAYER_WIDTH
            if other not in required:
                required.append(other)
        yield tuple(required)


def _tree(n):
    for job in range(n):
        place = n - 1 - job
        yield tuple(n - 1 - child for child in (2 * place + 1, 2 * place + 2) if child < n)


def make(shape, n):
    """What each job requires, by their numbers."""
    if shape == "independent":
        return [()] * n
    if shape == "chain":
        return [(job - 1,) if job else () for job in range(n)]
    return list(_layered(n) if shape == "layered" else _tree(n))


def arguments(description, variants):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--shape", choices=SHAPES, default="layered")
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--variant", choices=variants, default=variants[0])
    return parser.parse_args()


def memory(name):
    """A figure of /proc/self/status, in bytes."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) * 1024


class Report:
    """Measures from stage to stage, and prints the line of JSON."""

    def __init__(self, asked):
        self.asked = asked
        self.figures = {}
        self.memory_before = memory("VmRSS:")
        self.since = time.perf_counter_ns()

    def stage(self, name):
        now = time.perf_counter_ns()
        self.figures[f"{name}_ns_per_job"] = round((now - self.since) / self.asked.n, 1)
        self.since = time.perf_counter_ns()

    def print(self, n_ran):
        grown = memory("VmHWM:") - self.memory_before
        self.figures["bytes_per_job"] = round(grown / self.asked.n, 1)
        ok = n_ran == self.asked.n
        print(json.dumps(vars(self.asked) | self.figures | {"ok": ok}))
        return 0 if ok else 1
