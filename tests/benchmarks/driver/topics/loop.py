# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Jobs in a main loop: work that ends later, timeouts, and what else has to run."""

from ..measure import Entry, ratio
from ..topic import SHAPES, Table, Topic
from .graphs import times


class Asynchronous(Topic):
    name = "async"
    title = "Asynchronous jobs"

    ENDS = ("source", "idle", "direct")
    SHAPES = ("independent", "chain", "layered")
    WINDOW = 2

    def _entry(self, shape, n, end="source", window=0):
        return Entry(f"async/{shape}/{n}/{end}" + (f"/w{window}" if window else ""),
                     [self.house.bench("async"), "--shape", shape, "--n", n, "--end", end,
                      "--window", window, "--reps", self.scale.reps(n)])

    def _windows(self):
        return [self._entry("independent", n, window=self.WINDOW)
                for n in self.scale.sizes if n <= self.scale.many]

    def entries(self):
        for shape in self.SHAPES:
            for end in self.ENDS:
                yield self._entry(shape, self.scale.waiting, end)
        yield from self._windows()

    def tables(self, results):
        rows = []
        for end in self.ENDS:
            for shape in self.SHAPES:
                key = self._entry(shape, self.scale.waiting, end).key
                rows.append([end, shape, results.get(key, "run_ns_per_job"),
                             results.get(key, "whole_ns_per_job"),
                             results.get(key, "bare_ns_per_job") or None])
        windows = [[f"{int(entry.key.split('/')[2]):,}", results.get(entry.key, "run_ns_per_job"),
                    times(self._growth(results, entry))] for entry in self._windows()]
        return {
            "async": Table(["how it ends", "shape", "run", "build, run and drop",
                            "GTask without an engine"], rows),
            "window": Table(["jobs", "run", "ratio to the first row"], windows),
        }

    def _growth(self, results, entry):
        first = self._windows()[0]
        return ratio(results.series(entry.key, "run_ns_per_job"),
                     results.series(first.key, "run_ns_per_job"))

    def _to_bare(self, results, shape):
        key = self._entry(shape, self.scale.waiting).key
        return ratio(results.series(key, "run_ns_per_job"), results.series(key, "bare_ns_per_job"))

    def figures(self, results):
        grown = [self._growth(results, entry) for entry in self._windows()]
        known = [growth for growth in grown if growth is not None]
        return {
            "async.independent": self._to_bare(results, "independent"),
            "async.chain": self._to_bare(results, "chain"),
            "async.window": max(known) if known else None,
        }


class Timeouts(Topic):
    name = "timeouts"
    title = "Pending timeouts"

    def _key(self, variant):
        return f"timeouts/{variant}"

    def entries(self):
        # A turn with GLib's takes thousands of times as long
        for variant, turns in (("engine", 20_000), ("glib", 100), ("none", 20_000)):
            yield Entry(self._key(variant),
                        [self.house.bench("timeouts"), "--variant", variant,
                         "--n", self.scale.waiting, "--turns", turns])

    def tables(self, results):
        def row(variant, text, each):
            return [text, results.get(self._key(variant), "turn_ns"),
                    results.get(self._key(variant), "timeout_ns") if each else None]

        n = f"{self.scale.waiting:,}"
        return {"timeouts": Table(["pending", "a turn of the loop", "to begin and end one"], [
            row("none", "nothing", False),
            row("engine", f"{n} jobs with a timeout each", True),
            row("glib", f"{n} of g_timeout_add ()", True),
        ])}

    def figures(self, results):
        turn = results.get(self._key("engine"), "turn_ns")
        return {"timeouts.turn": turn and turn / 1000}


class Gap(Topic):
    name = "gap"
    title = "The longest gap of a main loop"

    PHASES = ("build", "run", "drop")

    def entries(self):
        for shape in SHAPES:
            yield Entry(f"gap/{shape}",
                        [self.house.bench("gap"), "--shape", shape, "--n", self.scale.many])

    def _milliseconds(self, results, shape, name):
        figure = results.get(f"gap/{shape}", name)
        return figure and figure / 1000

    def tables(self, results):
        rows = [[shape,
                 *(self._milliseconds(results, shape, f"{phase}_gap_us") for phase in self.PHASES),
                 *(self._milliseconds(results, shape, f"{phase}_gap_worked_us")
                   for phase in self.PHASES),
                 self._milliseconds(results, shape, "latest_frame_us"),
                 results.get(f"gap/{shape}", "frames")] for shape in SHAPES]
        return {"gap": Table(["shape", "build", "run", "drop", "processor: build", "run", "drop",
                              "latest frame", "frames"], rows)}

    def figures(self, results):
        def longest(ending):
            known = [self._milliseconds(results, shape, phase + ending)
                     for shape in SHAPES for phase in self.PHASES]
            return max((gap for gap in known if gap is not None), default=None)

        return {"gap.longest": longest("_gap_us"), "gap.worked": longest("_gap_worked_us")}
