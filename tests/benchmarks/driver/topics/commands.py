# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Commands: what starts them, and job files full of them."""

import tempfile
from pathlib import Path

import jobfile

from ..measure import Entry, ratio
from ..topic import FULL, Table, Topic
from .graphs import times

AT_ONCE = 2


class _WithFiles(Topic):
    """Has a folder for the files that programs read, as long as it lives."""

    def __init__(self, house, scale):
        super().__init__(house, scale)
        self._folder = tempfile.TemporaryDirectory(prefix="asyncjobs-benchmarks-")

    def file(self, form, shape, n, command):
        path = Path(self._folder.name) / f"{form}-{shape}-{n}-{command.replace('/', '')}"
        if not path.exists():
            jobfile.write(path, form, shape, n, command)
        return path

    def ninja(self, path, *options):
        """ninja keeps its log in the folder, and would find its jobs done in it."""
        folder = path.with_suffix(".ninja")
        folder.mkdir(exist_ok=True)
        script = 'cd "$0" && rm -f .ninja_log && exec ninja "$@"'
        return ["sh", "-c", script, folder, "-f", path, *options]


class Processes(_WithFiles):
    name = "processes"
    title = "Commands"

    def _bench(self, variant, ballast=0):
        n = self.scale.processes // (10 if ballast else 1)
        return Entry(f"processes/{variant}" + ("/ballast" if ballast else ""),
                     [self.house.bench("processes"), "--variant", variant, "--n", n,
                      "--at-once", AT_ONCE, "--ballast", ballast])

    def _tool(self, name, peer, *command):
        return Entry(f"tool/{name}", self.house.timed(*command), peer=peer)

    def _tools(self):
        n, at_once = self.scale.processes, f"-j{AT_ONCE}"
        for command in ("/bin/true", "true"):
            def file(form):
                return self.file(form, "independent", n, command)

            yield self._tool(f"asyncjobs/{command}", "the command asyncjobs",
                             self.house.tool, "run", at_once, file("asyncjobs"))
            yield self._tool(f"ninja/{command}", "ninja", *self.ninja(file("ninja"), at_once))
            yield self._tool(f"make/{command}", "GNU make", "make", at_once, "-f", file("make"))
        yield self._tool("xargs//bin/true", "xargs", "sh", "-c",
                         f"seq {n} | xargs -P{AT_ONCE} -n1 /bin/true")
        # parallel writes into the home directory
        yield self._tool("parallel//bin/true", "GNU parallel", "sh", "-c",
                         f"seq {n} | HOME={self._folder.name} parallel --will-cite {at_once} /bin/true")

    def entries(self):
        for variant in ("engine", "spawn", "gsubprocess"):
            yield self._bench(variant)
        yield from self._tools()
        for variant in ("engine", "spawn", "gsubprocess"):
            yield self._bench(variant, self.scale.ballast)

    def _microseconds(self, results, name):
        seconds = results.get(f"tool/{name}", "seconds")
        return seconds and seconds / self.scale.processes * 1e6

    def tables(self, results):
        def row(text, key, small):
            return [text, small, times(self._to_spawn(results, key)),
                    results.get(f"{key}/ballast", "us_per_job")]

        rows = [row(text, f"processes/{variant}", results.get(f"processes/{variant}", "us_per_job"))
                for variant, text in (("spawn", "a bare posix_spawn () loop"),
                                      ("engine", "the library"), ("gsubprocess", "GSubprocess"))]
        rows += [row(text, f"tool/{name}//bin/true", self._microseconds(results, f"{name}//bin/true"))
                 for name, text in (("asyncjobs", "asyncjobs run"), ("ninja", "ninja"),
                                    ("make", "GNU make"), ("xargs", "xargs"),
                                    ("parallel", "GNU parallel"))]
        tools = [[text, self._microseconds(results, f"{name}/true"),
                  results.get(f"tool/{name}/true", "peak_mib")]
                 for name, text in (("asyncjobs", "asyncjobs run"), ("ninja", "ninja"),
                                    ("make", "GNU make"))]
        return {
            "processes": Table(["by", "a command", "ratio to the bare loop",
                                "in a process of 1 GiB"], rows),
            "tools": Table(["by", "a command", "memory (MiB)"], tools),
        }

    def _to_spawn(self, results, key):
        spawn = results.series("processes/spawn", "us_per_job")
        if key.startswith("tool/"):
            spawn = [value * self.scale.processes / 1e6 for value in spawn]
            return ratio(results.series(key, "seconds"), spawn)
        return ratio(results.series(key, "us_per_job"), spawn)

    def figures(self, results):
        engine = [value * self.scale.processes / 1e6
                  for value in results.series("processes/engine", "us_per_job")]
        return {
            "processes.spawn": self._to_spawn(results, "processes/engine"),
            "processes.ninja": ratio(engine, results.series("tool/ninja//bin/true", "seconds")),
            "tool.ninja": ratio(results.series("tool/asyncjobs/true", "seconds"),
                                results.series("tool/ninja/true", "seconds")),
            "tool.memory": results.get("tool/asyncjobs/true", "peak_mib"),
        }


class Monitors(Topic):
    name = "monitors"
    title = "Monitors"
    is_interleaved = True

    VARIANTS = {"none": "nothing: what is chance", "text": "a line for each event, in a file",
                "trace": "a trace, in a file", "screen": "a screen of 40 lines",
                "bus": "D-Bus, with nobody who asks", "followed": "D-Bus, with one who follows",
                "window": "a GTK window, beside one with nothing"}

    # Long ones, so that what goes on in the turn of the other one is little: a monitor is told
    # of the last commands of a turn and shows them when the other one is at work, where the
    # caches are not its own; a run by itself has none of that. With 20 turns it was 0.18 % of
    # the run, with 5 it is 0.03 %
    TURNS = 5

    def entries(self):
        for variant in self.VARIANTS:
            command, peer = [self.house.bench("monitors")], ""
            if variant == "window":
                command, peer = self.house.on_screen(self.house.bench("window")), "GTK and Xvfb"
            elif variant in ("bus", "followed"):
                peer = "dbus-daemon"
            yield Entry(f"monitors/{variant}",
                        [*command, "--variant", variant,
                         "--n", self.scale.watched, "--at-once", AT_ONCE, "--whole", FULL.watched,
                         "--turns", max(3, min(self.scale.watched // 150, self.TURNS))], peer=peer)

    def tables(self, results):
        rows = [[text, results.get(f"monitors/{variant}", "us_per_job"),
                 *(self._percent(results, variant, figure)
                   for figure in ("cost_percent", "all_percent", "work_percent")),
                 self._range(results, variant, "all_percent")]
                for variant, text in self.VARIANTS.items()]
        return {"monitors": Table(["watched by", "a command", "longer (%)", "all work (%)", "own work (%)",
                                   "all work of each round (%)"], rows)}

    def _percent(self, results, variant, figure):
        value = results.get(f"monitors/{variant}", figure)
        return value if value is None else f"{value:.2f}"

    def _range(self, results, variant, figure):
        series = results.series(f"monitors/{variant}", figure)
        return f"{min(series):.2f} to {max(series):.2f}" if series else None

    def figures(self, results):
        return {f"monitors.{variant}": results.get(f"monitors/{variant}", "all_percent")
                for variant in self.VARIANTS if variant != "none"}


class Files(_WithFiles):
    name = "files"
    title = "Job files"

    REPS = 15

    def entries(self):
        for n in self.scale.files:
            yield Entry(f"check/{n}",
                        self.house.timed(self.house.tool, "check",
                                         self.file("asyncjobs", "layered", n, "true")),
                        peer="the command asyncjobs")
            yield Entry(f"ninja-n/{n}",
                        self.house.timed(*self.ninja(self.file("ninja", "layered", n, "true"), "-n")),
                        peer="ninja")
        one = self.file("asyncjobs", "independent", 1, "true")
        for name, arguments in (("--version", ["--version"]), ("check", ["check", one]),
                                ("run", ["run", one])):
            yield Entry(f"start/{name}",
                        self.house.timed(self.house.tool, *arguments, reps=self.REPS),
                        peer="the command asyncjobs")

    def tables(self, results):
        rows = [[f"{n:,}", *(results.get(f"{key}/{n}", figure)
                             for key in ("check", "ninja-n") for figure in ("seconds", "peak_mib"))]
                for n in self.scale.files]
        start = [[text, self._milliseconds(results, name), results.get(f"start/{name}", "peak_mib")]
                 for name, text in (("--version", "--version"), ("check", "check a file of one job"),
                                    ("run", "run a file of one job, true"))]
        return {
            "files": Table(["jobs", "asyncjobs check (s)", "MiB", "ninja -n (s)", "MiB"], rows),
            "start": Table(["asyncjobs", "ms", "memory (MiB)"], start),
        }

    def _milliseconds(self, results, name):
        seconds = results.get(f"start/{name}", "seconds")
        return seconds and seconds * 1000

    def figures(self, results):
        largest = f"check/{self.scale.files[-1]}"
        return {
            "check.time": results.get(largest, "seconds"),
            "check.memory": results.get(largest, "peak_mib"),
            "tool.start": self._milliseconds(results, "check"),
        }
