# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of JobsSshNode share: a world with an sshd in it, of which nothing
may be left, and jobs that remember what they were told.

    test_TOPIC.py [--size everyday|slow|large] [NAME...]
    remote.py CONFIG HOST COMMAND     runs one command on a node: a program to be killed
"""

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections import Counter

import gi

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "faults"), os.path.join(HERE, "..", "services")]

gi.require_version("Jobs", "1")
from gi.repository import GLib, Jobs

import faults
import sshd
from faults import TOKEN, Skip, processes, stat_of, wait_until

GONE_WITHIN = 5  # seconds until the last process here and there has gone
ENDED = [Jobs.State.FINISHED, Jobs.State.FAILED, Jobs.State.TIMED_OUT, Jobs.State.CANCELLED,
         Jobs.State.SKIPPED]

ALL_BYTES = bytes(range(1, 256))
# What shells, and those who quote for them, are known to stumble over
HARD = ["", " ", "a  b ", "'", "''", '"', "\\", "\\\\", "$HOME", "`id`", "$(id)", "!", "!!", "*", "~", "-n", "--",
        "#", ";", "&", "|", "a\nb", "\n", "\t", "\r", "%s", "{a,b}", "=", "ä€😀", "\x7f", "\x1b[0m", "it's \"$x\" \\"]
# A tree of three, the last one in the background of the background
TREE = "sh -c 'sleep 100 & echo deep; wait' & wait"


class Job:
    """A command on a node; `what` is an argv, or for the shell"""

    def __init__(self, node, what, label=None, stdin=None, **properties):
        self.action = self.make(label or str(what)[:40], node, what)
        self.action.props.critical = False
        for name, value in properties.items():
            self.action.set_property(name.replace("_", "-"), value)
        if stdin is not None:
            self.action.set_stdin(GLib.Bytes.new(stdin))
        self.pieces = {1: [], 2: []}
        self.ends = Counter()
        self.when = None  # (text, function): called once, when that is in the output
        self.action.connect("output", self.output_cb)
        self.action.connect("notify::state", self.state_cb)

    def make(self, label, node, what):
        make = Jobs.CommandAction.new_shell if isinstance(what, str) else Jobs.CommandAction.new
        return make(label, node, what)

    def output_cb(self, action, stream, piece):
        self.pieces[stream].append(piece.get_data())
        if self.when is not None and self.when[0] in self.out:
            self.when, (_, function) = None, self.when
            function()

    def state_cb(self, action, pspec):
        if action.get_state() in ENDED:
            self.ends[action.get_state()] += 1

    def on(self, text, function):
        self.when = text, function
        return self

    @property
    def out(self):
        return b"".join(self.pieces[1])

    @property
    def err(self):
        return b"".join(self.pieces[2])

    @property
    def status(self):
        """The exit status; that of a signal, negative"""
        number = self.action.get_term_signal()
        return -number if number > 0 else self.action.get_exit_status()

    @property
    def state(self):
        return self.action.get_state().value_nick

    def has_failed_with(self, code):
        error = self.action.get_error()
        return error is not None and error.matches(Jobs.error_quark(), code)

    def failed_with(self, code, *words):
        error = self.action.get_error()
        assert self.has_failed_with(code), str(self)
        for word in words:
            assert word in error.message, "%r is not in: %s" % (word, error.message)

    def __str__(self):
        error = self.action.get_error()
        return "%s: %s %s (%s) out %r err %r" % (
            self.action.get_label(), self.state, self.status, error and error.message,
            self.out[-200:], self.err[-200:])


def run(*jobs, window=None):
    """All of them, each to its one end: none is given up, whose rest would come later"""
    engine = Jobs.Engine([job.action for job in jobs], window=window)
    engine.set_grace(0)
    engine.orchestrate()
    for job in jobs:
        assert sum(job.ends.values()) == 1, "%s has ended %s" % (job, job.ends)
    return jobs[0] if len(jobs) == 1 else jobs


def sleepers(world):
    return [pid for pid, command in world.remote_processes().items() if command.startswith("sleep 100")]


def open_descriptors():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[int(name)] = os.readlink("/proc/self/fd/" + name)
        except FileNotFoundError:
            pass
    return found


def check_descriptors(before):
    """That there are none but those"""
    new = {fd: what for fd, what in open_descriptors().items() if fd not in before}
    assert not new, "descriptors: %s" % new


class World:
    """An sshd, and the nodes of one test; at its end, all must be as it was"""

    def __init__(self, **options):
        self.token = uuid.uuid4().hex
        options["environment"] = {TOKEN: self.token, **options.get("environment", {})}
        self.sshd = sshd.Sshd(**options)

    def __enter__(self):
        if sshd.missing():
            raise Skip("not installed: " + ", ".join(sshd.missing()))
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.sshd)
            self.prepare()
            stack.pop_all()
        return self

    def prepare(self):
        # Where connections have their sockets
        os.environ["XDG_RUNTIME_DIR"] = self.runtime = os.path.join(self.sshd.folder, "runtime")
        os.mkdir(self.runtime)
        os.environ[TOKEN] = self.token
        run(Job(None, "true"))  # What the library opens once
        self.descriptors = open_descriptors()

    def __exit__(self, kind, *rest):
        try:
            if kind is None:
                self.check_is_clean()
        finally:
            for pid in processes(self.token):
                os.kill(pid, 9)
            self.sshd.clear()
            del os.environ[TOKEN], os.environ["XDG_RUNTIME_DIR"]

    def check_is_clean(self):
        wait_until(lambda: not processes(self.token), "left: %s" % processes(self.token), GONE_WITHIN)
        left = [os.path.join(folder, *names[:1]) for folder, _, names in os.walk(self.runtime)][1:]
        assert not left, left
        check_descriptors(self.descriptors)

    def node(self, host="far", gateway=None, **properties):
        node = Jobs.SshNode.new(None, host, gateway)
        node.set_config_file(self.sshd.config)
        for name, value in properties.items():
            node.set_property(name.replace("_", "-"), value)
        return node

    def remote_processes(self):
        """Those of ours that came through sshd; the local ones are clients"""
        return {pid: command for pid, command in processes(self.token).items()
                if not command.startswith(("ssh ", "/bin/sh -c exec 3<&0"))}

    def kill_shells(self):
        """What sshd itself has begun: the shells that hold our commands"""
        sessions = self.sshd.sessions()
        for pid in self.remote_processes():
            stat = stat_of(pid)
            # One that was its child may have gone by now
            if stat is not None and int(stat[1]) in sessions:
                os.kill(pid, signal.SIGKILL)

    def folder_without(self, *names, folder="bin"):
        """A PATH that has what a far side has, but for these"""
        folder = self.sshd.path(folder)
        os.mkdir(folder)
        for name in ("sh", "setsid", "perl", "mktemp", "head", "wc", "rm", "cat", "sleep", "true"):
            if name not in names:
                os.symlink(shutil.which(name), os.path.join(folder, name))
        return folder


class Proxy:
    """A port behind which is the sshd; it counts the bytes of both ways, and after so
    many of them it cuts the connection: once for each number in cuts"""

    def __init__(self, server, cuts=()):
        self.server = server
        self.cuts = list(cuts)
        self.counts = []  # of each connection
        self.is_frozen = False

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def add_host(self, name):
        """The sshd by this way"""
        self.server.add_host(name, Port=self.port, HostKeyAlias="[127.0.0.1]:{port}")

    def freeze(self):
        self.is_frozen = True

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", self.server.port)) as server:
                self.connect(client, server)

    def connect(self, client, server):
        """Until its end, or that of the listener; there is one at a time"""
        number = len(self.counts)
        self.counts.append(0)
        limit = self.cuts[number] if number < len(self.cuts) else None
        other = {client: server, server: client}
        while True:
            ready = select.select([client, server], [], [])[0]
            for end in ready:
                with contextlib.suppress(OSError):
                    data = end.recv(4096 if limit is None else min(4096, limit - self.counts[number]))
                    if data and not self.is_frozen:
                        other[end].sendall(data)
                    self.counts[number] += len(data)
                    if data and self.counts[number] != limit:
                        continue
                return


def main():
    faults.main("remote", needs_tool=False)


def start_program(config, host, command):
    """A program of its own that runs it, with the override that we have"""
    overrides = os.path.dirname(os.path.dirname(gi.overrides.__path__[0]))
    return subprocess.Popen([sys.executable, os.path.join(HERE, "..", "bindings", "uninstalled.py"), overrides,
                             os.path.join(HERE, "remote.py"), config, host, command])


def run_one_command(config, host, command):
    node = Jobs.SshNode.new(None, host, None)
    node.set_config_file(config)
    return Jobs.Engine(Jobs.CommandAction.new_shell(command, node, command)).orchestrate()


if __name__ == "__main__":
    sys.exit(0 if run_one_command(*sys.argv[1:]) else 1)
