# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Commands in a cluster, which is this machine with a Slurm of our own."""

import sys
import tempfile
import weakref

import slurm

from ..house import HERE
from ..measure import Entry, ratio
from ..topic import Table, Topic
from .graphs import times

AT_ONCE = 10

# A program for each place in the table; the first is what the others are compared to
ROWS = (
    ("loop", "xargs and sbatch"),
    ("library", "the library"),
)


class Slurm(Topic):
    name = "slurm"
    title = "Commands in a cluster"

    def __init__(self, house, scale):
        super().__init__(house, scale)
        self._server = None
        self._folder = None

    def _start(self):
        """The cluster, for as long as the topic lives."""
        self._folder = tempfile.TemporaryDirectory(prefix="asyncjobs-benchmarks-")
        self._server = slurm.Slurm(cpus=16)
        weakref.finalize(self, self._server.clear)
        self._server.start()

    def _measured(self, *command):
        return ["env", "SLURM_CONF=" + self._server.config, sys.executable, HERE / "submits.py", *command]

    def _loop(self):
        return (f"cd {self._folder.name} && seq {self.scale.remote} | xargs -P{AT_ONCE} -I@ "
                "sbatch --quiet --output=out.@ --error=err.@ --wrap='exec /bin/true'")

    def entries(self):
        if "Slurm" not in self.house.there:
            return
        if self._server is None:
            self._start()
        yield Entry("slurm/loop", self._measured("--loop", "sh", "-c", self._loop()), peer="xargs")
        yield Entry("slurm/library", self._measured(
            self.house.bench("processes"), "--n", self.scale.remote, "--at-once", self.scale.remote,
            "--slurm", self._folder.name))

    def _row(self, results, name, text):
        key = f"slurm/{name}"
        submitted = results.get(key, "submitted")
        return [text, submitted and self.scale.remote / submitted,
                times(ratio(results.series("slurm/loop", "submitted"), results.series(key, "submitted"))),
                results.get(key, "seconds")]

    def tables(self, results):
        return {"slurm": Table(["by", "submitted a second", "ratio to the loop", "s until the last one has ended"],
                               [self._row(results, *row) for row in ROWS])}

    def figures(self, results):
        return {"slurm.submits": ratio(results.series("slurm/library", "submitted"),
                                       results.series("slurm/loop", "submitted")),
                "slurm.looks": results.get("slurm/library", "squeue_at_once")
                if results.series("slurm/library", "seconds") else None}
