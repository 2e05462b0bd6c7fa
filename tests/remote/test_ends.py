# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""How a command on another machine is ended, with all that it has started there"""

import os
import signal
import time

import remote
from faults import Fifo, processes, size, test, wait_until
from remote import TREE, GLib, Job, Jobs, Proxy, World, run, sleepers


@test
def cancelled():
    with World() as world:
        node = world.node()
        job = Job(node, TREE)
        run(job.on(b"deep", job.action.cancel))
        assert job.state == "cancelled" and job.status == -signal.SIGTERM, str(job)
        wait_until(lambda: not sleepers(world), "a grandchild is left", 2)


@test
def cancelled_and_ends_well():
    """It is asked, and has time for what it has to do"""
    with World() as world:
        node = world.node()
        job = Job(node, "trap 'sleep 0.2; echo done; exit 0' TERM; echo ready; while :; do sleep 0.01; done",
                  grace=20000)
        run(job.on(b"ready", job.action.cancel))
        assert job.state == "finished" and job.out == b"ready\ndone\n", str(job)


@test
def timed_out():
    with World() as world:
        job = Job(world.node(), TREE)
        job.action.set_timeout(1)
        run(job)
        assert job.state == "timed-out" and job.status == -signal.SIGTERM, str(job)
        assert job.out == b"deep\n", str(job)
        wait_until(lambda: not sleepers(world), "a grandchild is left", 2)


@test
def who_ignores_it():
    """Gets the signal KILL, with its children, which have ignored it, too"""
    with World() as world:
        job = Job(world.node(), "trap '' TERM; (sleep 100; sleep 100) & echo deep; sleep 100; sleep 100", grace=300)
        run(job.on(b"deep", job.action.cancel))
        assert job.state == "cancelled" and job.status == -signal.SIGKILL, str(job)
        wait_until(lambda: not sleepers(world), "a grandchild is left", 2)


@test
def who_is_stopped():
    """Is continued, so that it sees the signal TERM"""
    with World() as world:
        job = Job(world.node(), "trap 'echo seen; exit 0' TERM; echo ready; kill -STOP $$; sleep 1", grace=20000)
        run(job.on(b"ready", lambda: GLib.timeout_add(100, job.action.cancel)))
        assert job.state == "finished" and job.out == b"ready\nseen\n", str(job)


@test
def what_is_left_in_the_background():
    """Of what has ended by itself: in its group it is killed, as here"""
    with World() as world:
        job = Job(world.node(), "sleep 100 & exit 4")
        run(job)
        assert job.status == 4, str(job)
        wait_until(lambda: not sleepers(world), "it is left", 2)


@test
def who_leaves_its_group():
    """Lives on, and though it holds the output, that ends"""
    with World() as world:
        job = Job(world.node(), "setsid sh -c 'echo away; exec sleep 100' & while read -r x; do :; done; "
                                "until [ -e %s ]; do sleep 0.01; done; exit 6" % os.path.abspath("away"))
        began = time.monotonic()
        run(job.on(b"away", lambda: open("away", "w").close()))
        assert job.status == 6, str(job)
        assert time.monotonic() - began < 20
        left = sleepers(world)
        assert len(left) == 1, left
        os.kill(left[0], signal.SIGKILL)


@test
def cancelled_while_it_waits():
    """For a session: it never runs"""
    with World() as world:
        node = world.node(max_sessions=1)
        first = Job(node, "echo ready; sleep 100")
        second = Job(node, "echo never")

        def cancel():
            second.action.cancel()
            first.action.cancel()
        run(first.on(b"ready", cancel), second)
        assert first.state == second.state == "cancelled" and second.out == b"", str(second)


@test
def cancelled_while_its_input_is_on_the_way():
    """Then it begins with all of that or not at all"""
    path = os.path.abspath("sizes")
    with World() as world:
        for delay in range(0, 60, size(20, 3)):
            job = Job(world.node(), "wc -c >>%s" % path, stdin=bytes(20 << 20), grace=0)
            # From when it is connected
            before = Job(job.action.get_node(), "echo connected")
            job.action.requires(before.action)
            before.on(b"connected", lambda: GLib.timeout_add(delay, job.action.cancel))
            run(before, job)
            assert job.state in ("cancelled", "failed", "finished"), str(job)
        if os.path.exists(path):
            with open(path) as file:
                assert set(file.read().split()) <= {str(20 << 20)}, path


@test
def cancelled_on_a_line_that_stands_still():
    """With more than fits it nothing can have begun: it ends at once, else by the signal KILL"""
    with World() as world:
        for size_of_input, grace, within in (50 << 20, 30000, 15), (1000, 1000, 5):
            with Proxy(world.sshd) as proxy:
                name = "still-%d" % size_of_input
                proxy.add_host(name)
                node = world.node(name)
                job = Job(node, "echo never", stdin=bytes(size_of_input), grace=grace)
                before = Job(node, "echo connected")
                job.action.requires(before.action)
                asked = []

                def cancel():
                    asked.append(time.monotonic())
                    job.action.cancel()

                def freeze(proxy=proxy):
                    proxy.freeze()
                    GLib.timeout_add(300, cancel)
                job.action.connect("notify::state", lambda *_: job.state == "running" and freeze())
                run(before, job)
                assert job.state == "cancelled" and job.out == b"", str(job)
                assert time.monotonic() - asked[0] < within, time.monotonic() - asked[0]


@test
def the_program_is_killed():
    """By a signal that leaves it no time: nothing is left of it, here or there"""
    with World() as world:
        fifo = Fifo(os.path.abspath("fifo"))
        command = "trap '' TERM HUP; (sleep 100; sleep 100) & echo deep >%s; sleep 100; sleep 100" % fifo.name
        program = remote.start_program(world.sshd.config, "far", command)
        assert fifo.line() == "deep"
        wait_until(lambda: sleepers(world), "it does not run")
        os.close(fifo.fd)
        program.kill()
        program.wait()
        wait_until(lambda: not processes(world.token), "left: %s" % processes(world.token), 5)
        wait_until(lambda: not os.listdir(world.runtime), "a folder is left", 5)


@test
def the_far_side_is_killed():
    """The shell that holds the command there: its end is not known, and it does not live on"""
    with World() as world:
        job = Job(world.node(), TREE)
        run(job.on(b"deep", world.kill_shells))
        job.failed_with(Jobs.Error.LOST, "far")
        wait_until(lambda: not sleepers(world), "a grandchild is left", 5)


remote.main()
