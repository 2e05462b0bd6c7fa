# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What becomes of commands where their connection is lost: each ends once, as finished
or as lost, and none runs twice. The oracle is a file to which they append, over there"""

import random
from collections import Counter

import remote
from faults import Oracle, as_time_allows, figure, size, test
from remote import GLib, Job, Jobs, Proxy, World, run

LOST = Jobs.Error.LOST
UNREACHABLE = Jobs.Error.UNREACHABLE
INPUT = 100000


@test
def the_server_is_killed():
    """What ran is lost, and what waits runs once there is a server again"""
    with World() as world:
        node = world.node(max_sessions=2)
        ran = [Job(node, "echo ready; sleep 100") for _ in range(2)]
        waited = [Job(node, "echo there") for _ in range(5)]

        def stop():
            world.sshd.stop()
            # Not before it was tried in vain
            GLib.timeout_add(1500, lambda: world.sshd.start())
        ready = []

        def is_ready():
            ready.append(1)
            if len(ready) == 2:
                stop()
        for job in ran:
            job.on(b"ready", is_ready)
        run(*ran, *waited)
        for job in ran:
            job.failed_with(LOST, "far", "not known")
        for job in waited:
            assert job.out == b"there\n", str(job)
        assert world.sshd.count_accepted() == 2, world.sshd.log()


@test
def lost_through_a_gateway():
    """The far connection goes with that to the gateway, and both come back"""
    with World() as world:
        near = world.node("near")
        node = world.node("far", near, max_sessions=1)
        job = Job(node, "echo ready; sleep 100")
        after = Job(node, "echo there")
        run(job.on(b"ready", world.sshd.cut), after)
        job.failed_with(LOST, "far")
        assert after.out == b"there\n", str(after)
        assert world.sshd.count_accepted() == 4, world.sshd.log()


@test
def run_again_where_asked_for():
    """Retries are for those who want them"""
    with World() as world:
        oracle = Oracle()
        job = Job(world.node(), "echo start 1 1 >>%s; echo ready; [ $(wc -l <%s) = 2 ] || sleep 100"
                  % (oracle.path, oracle.path))
        job.action.props.retries = 3
        job.action.props.idempotent = True
        run(job.on(b"ready", world.sshd.cut))
        assert job.status == 0 and len(oracle.lines()) == 2, str(job)


def make_jobs(node, oracle, count, dice):
    jobs = []
    for number in range(count):
        reads = number % 4 == 0
        text = ('echo "start %d $(wc -c)" >>%s; sleep 0.0%d; echo out; echo "end %d 1" >>%s; exit %d'
                % (number, oracle.path, dice.randrange(5), number, oracle.path, number % 3))
        jobs.append(Job(node, text, label=str(number), stdin=bytes(INPUT) if reads else b""))
    return jobs


def check(jobs, oracle):
    """For each that is lost, whether it had begun"""
    lines = oracle.lines()
    starts = Counter(int(line[1]) for line in lines if line[0] == "start")
    ended = {int(line[1]) for line in lines if line[0] == "end"}
    assert not starts or max(starts.values()) == 1, "some ran twice: %s" % starts
    for word, number, read in lines:
        assert word == "end" or int(read) == (INPUT if int(number) % 4 == 0 else 0), "it had not all of its input"
    lost = []
    for number, job in enumerate(jobs):
        if job.status >= 0:
            assert job.status == number % 3 and number in ended and job.out == b"out\n", str(job)
        else:
            job.failed_with(LOST)
            lost.append(number in starts)
    return lost


def cut_again_and_again(world, node, seed, count):
    """After any command has said something, and a moment that dice give"""
    dice = random.Random(seed)
    oracle = Oracle("oracle-%d" % seed)
    jobs = make_jobs(node, oracle, count, dice)
    pending = []
    cuts = []

    def cut():
        pending.clear()
        cuts.append(world.sshd.cut())
        return False

    def output_cb(*_):
        if not pending and len(cuts) < count / 5:
            pending.append(GLib.timeout_add(dice.randrange(60), cut))
    for job in jobs:
        job.action.connect("output", output_cb)
    run(*jobs, window=16)
    for source in pending:
        GLib.source_remove(source)
    lost = check(jobs, oracle)
    assert len(lost) <= len(cuts) * node.props.max_sessions, "more than ran are lost"
    figure("seed %d: cuts, lost, of these begun" % seed,
           "%d, %d of %d, %d" % (len(cuts), len(lost), count, sum(lost)))


@test
def cut_by_the_clock():
    with World() as world:
        for seed in as_time_allows(range(size(1, 8)), 1):
            cut_again_and_again(world, world.node(), seed, size(40, 200))


@test
def cut_by_the_clock_behind_a_gateway():
    with World() as world:
        for seed in as_time_allows(range(100, 100 + size(1, 8)), 1):
            cut_again_and_again(world, world.node("far", world.node("near")), seed, size(30, 100))


@test
def cut_by_the_byte():
    """At any point of what goes over the wire, also in the middle of a packet"""
    with World() as world:
        dice = random.Random(7)
        total = lost = unreachable = 0
        with Proxy(world.sshd) as proxy:
            proxy.add_host("whole")
            run(Job(world.node("whole"), "true"))
            first = proxy.counts[0]
            oracle = Oracle("whole")
            jobs = make_jobs(world.node("whole"), oracle, 4, dice)
            run(*jobs)
            assert check(jobs, oracle) == []
            last = proxy.counts[1]
        for number in as_time_allows(range(size(6, 150)), 6):
            # The first is a handshake, mostly
            with Proxy(world.sshd, [dice.randrange(1, dice.choice((first, last)))]) as proxy:
                name = "cut-%d" % number
                proxy.add_host(name)
                oracle = Oracle(name)
                jobs = make_jobs(world.node(name), oracle, 4, dice)
                run(*jobs)
                try:
                    # Where the handshake is cut, the first connection is none
                    if all(job.has_failed_with(UNREACHABLE) for job in jobs):
                        assert not oracle.lines()
                        unreachable += len(jobs)
                    else:
                        lost += len(check(jobs, oracle))
                except AssertionError as error:
                    raise AssertionError("cut after %s of %d, %d bytes" % (proxy.cuts, first, last)) from error
                total += len(jobs)
        figure("lost, not reached", "%d, %d of %d" % (lost, unreachable, total))


remote.main()
