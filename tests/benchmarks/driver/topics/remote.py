# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Commands on another machine, which is this one behind an sshd of our own."""

import shlex
import tempfile
import weakref
from pathlib import Path

import sshd

from ..measure import Entry, ratio
from ..topic import Table, Topic
from .graphs import times

AT_ONCE = 8
HOST = sshd.HOSTS[0]

# A program for each place in the table; the first is what the others are compared to
ROWS = (
    ("loop", "xargs and ssh -S"),
    ("library", "the library"),
    ("tool", "asyncjobs run"),
    ("parallel", "GNU parallel"),
)


class Ssh(Topic):
    name = "ssh"
    title = "Commands on another machine"

    def __init__(self, house, scale):
        super().__init__(house, scale)
        self._server = None
        self._folder = None

    def _start(self):
        """The server, for as long as the topic lives."""
        self._folder = tempfile.TemporaryDirectory(prefix="asyncjobs-benchmarks-")
        self._server = sshd.Sshd()
        weakref.finalize(self, self._server.clear)
        self._server.start()

    def _file(self, name, text, mode=0o644):
        path = Path(self._folder.name) / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def _loop(self):
        socket = Path(self._folder.name) / "socket"
        ssh = f"ssh -F {shlex.quote(self._server.config)} -S {shlex.quote(str(socket))}"
        return (f"{ssh} -MNf {HOST} || exit; "
                f"seq {self.scale.remote} | xargs -P{AT_ONCE} -I@ {ssh} {HOST} /bin/true; status=$?; "
                f"{ssh} -q -O exit {HOST} && exit $status")

    def _job_file(self):
        jobs = "".join(f"  job{i}: {{on: far, run: /bin/true}}\n" for i in range(self.scale.remote))
        return self._file("jobs.yaml", f"version: 1\nnodes:\n  far: {{ssh: {HOST}, sessions: {AT_ONCE}, "
                                       f"config: '{self._server.config}'}}\njobs:\n{jobs}")

    def _parallel(self):
        # It shares a connection only where ssh is one word, and writes into the home directory
        ssh = self._file("ssh", f'#!/bin/sh\nexec ssh -F {shlex.quote(self._server.config)} "$@"\n', 0o755)
        logins = self._file("logins", f"{AT_ONCE}/{HOST}\n")
        return (f"seq {self.scale.remote} | HOME={self._folder.name} parallel --will-cite --controlmaster "
                f"--ssh {ssh} --sshloginfile {logins} -j{AT_ONCE} /bin/true")

    def entries(self):
        if "sshd" not in self.house.there:
            return
        if self._server is None:
            self._start()
        yield Entry("ssh/loop", self.house.timed("sh", "-c", self._loop()), peer="xargs")
        yield Entry("ssh/library", self.house.timed(
            self.house.bench("processes"), "--n", self.scale.remote, "--at-once", AT_ONCE,
            "--on", HOST, "--config", self._server.config))
        yield Entry("ssh/tool", self.house.timed(self.house.tool, "run", f"-j{AT_ONCE}", self._job_file()),
                    peer="the command asyncjobs")
        yield Entry("ssh/parallel", self.house.timed("sh", "-c", self._parallel()), peer="GNU parallel")

    def _row(self, results, name, text):
        key = f"ssh/{name}"
        seconds = results.get(key, "seconds")
        return [text, seconds and seconds / self.scale.remote * 1e3,
                times(ratio(results.series(key, "seconds"), results.series("ssh/loop", "seconds")))]

    def tables(self, results):
        return {"ssh": Table(["by", "a command", "ratio to the loop"],
                             [self._row(results, *row) for row in ROWS])}
