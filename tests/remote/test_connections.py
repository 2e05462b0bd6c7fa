# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""How a connection is made, shared and closed, and why there is none"""

import asyncio
import os
import socket
import threading
import time

import remote
import sshd
from faults import Oracle, processes, size, test
from remote import GLib, Job, Jobs, World, run

UNREACHABLE = Jobs.Error.UNREACHABLE


def check_many(max_sessions, options):
    count = size(40, 200)
    with World(max_sessions=max_sessions) as world:
        oracle = Oracle()
        node = world.node(**options)
        jobs = [Job(node, "echo start %d 1 >>%s; exit %d" % (number, oracle.path, number % 5))
                for number in range(count)]
        run(*jobs, window=16)
        assert [job.status for job in jobs] == [number % 5 for number in range(count)], "\n".join(map(str, jobs))
        assert sorted(int(line[1]) for line in oracle.lines()) == list(range(count))
        assert world.sshd.count_accepted() == 1, world.sshd.log()


@test
def one_session_at_once():
    check_many(1, {})


@test
def two_sessions_at_once():
    check_many(2, {})


@test
def as_many_as_there_are():
    check_many(10, {"max_sessions": 10})


@test
def more_than_there_are():
    check_many(10, {"max_sessions": 100})


@test
def never_more_than_asked_for():
    with World() as world:
        path = os.path.abspath("running")
        os.mkdir(path)
        node = world.node(max_sessions=3)
        # Each goes once there are three, or have been
        text = ("cd %s; mkdir $$; until n=$(ls -d [0-9]* | wc -l); [ $n -ge 3 ] || [ -e three ]; do sleep 0.01; done; "
                "touch three; echo $n; sleep 0.1; rmdir $$" % path)
        jobs = run(*(Job(node, text) for _ in range(12)), window=12)
        most = max(int(job.out) for job in jobs)
        assert most == 3, most


@test
def opened_when_it_is_needed():
    """And not where nobody does; each node has one of its own"""
    with World() as world:
        unused = world.node("near")
        run(Job(None, "true"))
        assert world.sshd.count_accepted() == 0
        run(Job(world.node("far"), "true"), Job(world.node("third"), "true"))
        assert world.sshd.count_accepted() == 2
        assert not unused.is_open()


class MasterWatch(threading.Thread):
    """Whether a gateway's connection ends before one that goes through it"""

    def __init__(self, world, *hosts):
        super().__init__()
        self.world = world
        self.hosts = hosts  # gateways first
        self.seen = []
        self.is_over = threading.Event()

    def is_alive_there(self, host):
        return any(" -MNT " in command and command.endswith(" -- " + host)
                   for command in processes(self.world.token).values())

    def run(self):
        while not self.is_over.wait(0.002):
            # Each by a look of its own, gateways first. One look at all of them takes its time, in order of
            # numbers that begin anew at some point: what it had found may end before it finds a gateway gone
            alive = [self.is_alive_there(host) for host in self.hosts]
            if alive not in self.seen:
                self.seen.append(alive)


@test
def gateways():
    """Each hop is one connection; the gateways are closed last"""
    with World() as world:
        near = world.node("near")
        far = world.node("far", near)
        third = world.node("third", far)
        watch = MasterWatch(world, "near", "far", "third")
        watch.start()
        jobs = run(*(Job(third, "echo $SSH_CONNECTION") for _ in range(5)), Job(near, "echo near"))
        watch.is_over.set()
        watch.join()
        assert all(job.status == 0 for job in jobs), "\n".join(map(str, jobs))
        assert world.sshd.count_accepted() == 3, world.sshd.log()
        assert [True] * 3 in watch.seen
        # While they are opened, one may come between two looks
        for alive in watch.seen[watch.seen.index([True] * 3):]:
            assert alive == sorted(alive, reverse=True), watch.seen


@test
def open_for_a_while():
    """By `async with`: one connection for all the runs in it, which is closed in any case"""
    async def use(node):
        async with node:
            assert node.is_open()
            for _ in range(3):
                assert await Jobs.Engine(Job(node, "true").action)
            raise KeyError

    async def enter(node):
        async with node:
            assert False, "it cannot be open"

    with World() as world:
        for gateway in None, world.node("near"):
            node = world.node("far", gateway)
            try:
                asyncio.run(use(node))
                assert False, "what was raised is lost"
            except KeyError:
                assert not node.is_open()
        assert world.sshd.count_accepted() == 3, world.sshd.log()

        world.sshd.add_host("refused", Port=sshd.free_port())
        try:
            asyncio.run(enter(world.node("refused")))
        except GLib.Error as error:
            assert error.matches(Jobs.error_quark(), UNREACHABLE), error


@test
def what_is_in_the_way():
    """Is said, each in its own words"""
    with World() as world:
        far = world.sshd
        sshd.make_key(far.path("other_key"))
        far.add_known("changed_hosts", "other_key")
        far.add_host("no-name", HostName="no-such-host.invalid")
        far.add_host("refused", Port=sshd.free_port())
        far.add_host("wrong-key", IdentityFile=far.path("other_key"))
        far.add_host("unknown", UserKnownHostsFile="/dev/null")
        far.add_host("changed", UserKnownHostsFile=far.path("changed_hosts"))
        cases = [("no-name", "the name", "no-such-host.invalid"), ("refused", "the network", "nothing listens"),
                 ("wrong-key", "none of the keys", "authorized_keys"), ("unknown", "host key is not known"),
                 ("changed", "host key has changed", "ssh-keygen -R")]
        gate = world.node("near")
        jobs = [Job(world.node(name, gateway), "true") for name, *_ in cases for gateway in (None, gate)]
        run(*jobs, window=len(jobs))
        for number, job in enumerate(jobs):
            name, *words = cases[number // 2]
            # What a gateway cannot connect to, it does not say why
            if number % 2 == 1 and name in ("no-name", "refused"):
                words = ["the name or the network", "its gateway"]
            job.failed_with(UNREACHABLE, "cannot reach " + name, *words)


@test
def a_wrong_configuration():
    with World() as world:
        world.sshd.add_host("bad", Nonsense="yes")
        run(job := Job(world.node(), "true"))
        job.failed_with(UNREACHABLE, "the ssh configuration is wrong", world.sshd.config)


@test
def no_answer():
    """A listener that takes the connection, and says nothing"""
    with World() as world, socket.create_server(("127.0.0.1", 0)) as listener:
        world.sshd.add_host("silent", Port=listener.getsockname()[1])
        began = time.monotonic()
        run(job := Job(world.node("silent", connect_timeout=1000), "true"))
        job.failed_with(UNREACHABLE, "silent", "the network: there is no answer")
        assert time.monotonic() - began < 10


@test
def cancelled_while_it_connects():
    """It does not wait for the limit"""
    with World() as world, socket.create_server(("127.0.0.1", 0)) as listener:
        world.sshd.add_host("silent", Port=listener.getsockname()[1])
        job = Job(world.node("silent", connect_timeout=60000), "true")
        clients = []

        def accept_cb(*_):
            clients.append(listener.accept()[0])
            job.action.cancel()
            return False
        GLib.unix_fd_add_full(0, listener.fileno(), GLib.IOCondition.IN, accept_cb)
        began = time.monotonic()
        run(job)
        clients[0].close()
        assert job.state == "cancelled", str(job)
        assert time.monotonic() - began < 10


@test
def unreachable_and_then_not():
    """Each run, and each retry, tries again"""
    with World() as world:
        world.sshd.stop()
        node = world.node()
        run(job := Job(node, "true"))
        job.failed_with(UNREACHABLE, "nothing listens")
        job = Job(node, "echo there")
        job.action.props.retries = 20
        job.action.props.retry_delay = 100
        job.action.connect("notify::state", lambda action, _: world.sshd.process is None
                           and action.get_error() is not None and world.sshd.start())
        GLib.timeout_add(500, lambda: world.sshd.process is None and world.sshd.start())
        run(job)
        assert job.out == b"there\n", str(job)


@test
def no_ssh_here():
    with World() as world:
        path = os.environ["PATH"]
        os.environ["PATH"] = world.folder_without()
        try:
            run(job := Job(world.node(), "true"))
        finally:
            os.environ["PATH"] = path
        job.failed_with(UNREACHABLE, "far", "ssh", "not found")


remote.main()
