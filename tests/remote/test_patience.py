# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What takes its time, because only time tells"""

import socket
import time

import remote
from faults import test
from remote import GLib, Job, Jobs, World, run

UNREACHABLE = Jobs.Error.UNREACHABLE


@test
def no_sessions_at_all():
    """Said once, after a while in which another program might have given one back"""
    with World(max_sessions=0) as world:
        run(job := Job(world.node(), "true"))
        job.failed_with(UNREACHABLE, "far", "MaxSessions")


@test
def an_answer_that_does_not_go_on():
    """Of that the client itself has no limit, we have"""
    with World() as world, socket.create_server(("127.0.0.1", 0)) as listener:
        world.sshd.add_host("slow", Port=listener.getsockname()[1])
        clients = []

        def accept_cb(*_):
            clients.append(listener.accept()[0])
            clients[0].send(b"SSH-2.0-OpenSSH_9.2\r\n")
            return False
        GLib.unix_fd_add_full(0, listener.fileno(), GLib.IOCondition.IN, accept_cb)
        began = time.monotonic()
        run(job := Job(world.node("slow", connect_timeout=1000), "true"))
        clients[0].close()
        job.failed_with(UNREACHABLE, "slow", "the network: there is no answer")
        assert time.monotonic() - began < 15


@test
def silence():
    """No packet comes through any more, and no end either"""
    with World() as world, remote.Proxy(world.sshd) as proxy:
        proxy.add_host("silent")
        node = world.node("silent")
        first = Job(node, "echo ready; sleep 100")
        began = time.monotonic()
        run(first.on(b"ready", proxy.freeze))
        first.failed_with(Jobs.Error.LOST, "silent", "not known")
        assert 10 < time.monotonic() - began < 30
        world.sshd.cut()


@test
def it_does_not_come_back():
    """Who has waited hears why, in the end"""
    with World() as world:
        node = world.node(max_sessions=1)
        first = Job(node, "echo ready; sleep 100")
        waits = Job(node, "true")
        run(first.on(b"ready", world.sshd.stop), waits)
        first.failed_with(Jobs.Error.LOST, "far")
        waits.failed_with(UNREACHABLE, "nothing listens")


remote.main()
