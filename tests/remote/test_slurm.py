# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Commands as jobs of a real Slurm: what they are given, how they end, and arrays of them"""

import hashlib
import os
import signal
import statistics
import time

from farm import TREE, World, configured, when
from faults import SOON, Fifo, Skip, figure, size, test, wait_until
from remote import GLib, Job, Jobs, faults, run

ALL_BYTES = bytes(range(1, 256))
HARD = ["", " ", "a  b ", "'", '"', "\\", "$HOME", "`id`", "*", "-n", "--", "#", "\n", "a\n#SBATCH --bad\n", "\r",
        "a\r\nb", "%s", "%j", "ä€😀", "\x1b[0m", "it's \"$x\" \\"]


# What it is given, and what is known of it


@test
def statuses_and_signals():
    numbers = [s for s in range(1, 32) if s not in (signal.SIGCHLD, signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP,
                                                    signal.SIGTTIN, signal.SIGTTOU, signal.SIGURG, signal.SIGWINCH)]
    statuses = sorted({*range(0, 256, size(32, 1)), 1, 2, 53, 126, 127, 128, 143, 255})
    with World() as world:
        node = world.node()
        jobs = [Job(node, "exit %d" % status) for status in statuses]
        jobs += [Job(node, "ulimit -c 0; kill -%d $$" % number) for number in numbers]
        run(*jobs, window=100)
        expected = statuses + [-number for number in numbers]
        wrong = [(str(job), status) for job, status in zip(jobs, expected) if job.status != status]
        assert not wrong, wrong


@test
def what_it_is_given():
    """Its words, variables, directory and input, byte by byte"""
    blob = bytes(range(256)) * 4000
    os.mkdir("it's a\\ %j")
    directory = os.path.realpath("it's a\\ %j")
    with World() as world:
        # Together as an array, and each of them alone
        for window in 100, 1:
            node = world.node()
            hard = Job(node, ["printf", r"%s\0", *HARD])
            every = Job(node, ["printf", "%s", os.fsdecode(ALL_BYTES)])
            variables = Job(node, ["sh", "-c", 'printf "%s" "$HARD_ONE"; echo'])
            variables.action.setenv("HARD_ONE", os.fsdecode(ALL_BYTES))
            where = Job(node, ["pwd"], directory=directory)
            reads = Job(node, ["sha256sum"], stdin=blob)
            nothing = Job(node, ["wc", "-c"])
            much = Job(node, "head -c 3000000 /dev/zero; head -c 1000000 /dev/zero >&2")
            captured = Job(node, "echo out; echo err >&2", capture=True)
            slurms = Job(node, "env | grep ^SLURM_ARRAY; env | grep ^SLURM_JOB_NAME=asyncjobs:")
            run(hard, every, variables, where, reads, nothing, much, captured, slurms, window=window)
            assert hard.out.split(b"\0")[:-1] == list(map(os.fsencode, HARD)), str(hard)
            assert every.out == ALL_BYTES, str(every)
            assert variables.out == ALL_BYTES + b"\n", str(variables)
            assert where.out == os.fsencode(directory) + b"\n", str(where)
            assert reads.out.split()[0].decode() == hashlib.sha256(blob).hexdigest(), str(reads)
            assert nothing.out == b"0\n", str(nothing)
            assert len(much.out) == 3000000 and len(much.err) == 1000000, str(much)
            assert captured.action.get_result() == "out", captured.action.get_result()
            assert slurms.out.count(b"\n") == 1, str(slurms)
        assert world.count("sbatch", "began") == 10, world.log("sbatch")


@test
def what_is_not_there():
    """It could not begin: alone, and among others. Who says 127 itself is another case"""
    with World() as world:
        alone = run(Job(world.node(), ["nowhere"]))
        program = Job(world.node(), ["/nowhere/program"])
        directory = Job(world.node(), ["true"], directory="/nowhere")
        inside = Job(world.node(), "nowhere")
        run(program, directory, inside)
        alone.failed_with(Jobs.Error.SPAWN, "nowhere", "farm", "program is not there")
        program.failed_with(Jobs.Error.SPAWN, "/nowhere/program", "program is not there")
        directory.failed_with(Jobs.Error.SPAWN, "directory cannot be entered")
        inside.failed_with(Jobs.Error.EXITED)
        assert inside.status == 127 and b"nowhere" in inside.err, str(inside)


@test
def followed():
    """It waits for what we only do once we have seen what it says"""
    fifo = Fifo("fifo")
    with World() as world:
        job = Job(world.node(), "echo ready; echo aside >&2; read -r line <%s; echo $line" % os.path.abspath("fifo"))
        run(job.on(b"ready", fifo.send))
        assert job.out == b"ready\ngo\n" and job.err == b"aside\n", str(job)


@test
def many():
    with World() as world:
        node = world.node()
        jobs = [Job(node, "true") for _ in range(size(60, 400))]
        began = time.monotonic()
        run(*jobs)
        figure("%d × true" % len(jobs), "%.1f s, %d of sbatch, %d of squeue" % (
            time.monotonic() - began, world.count("sbatch", "began"), world.count("squeue", "began")))
        assert all(job.state == "finished" for job in jobs)
        assert world.count("sbatch", "began") <= 2, world.log("sbatch")


@test
def dependents():
    """Are submitted soon after what they wait for"""
    with World() as world:
        jobs = [Job(world.node(), "date +%s.%N") for _ in range(size(3, 40))]
        for before, job in zip(jobs, jobs[1:]):
            job.action.requires(before.action)
        run(*jobs)
        submitted = [float(line.split()[1]) for line in world.log("sbatch") if line.startswith("began")]
        gaps = [begin - float(job.out) for job, begin in zip(jobs, submitted[1:])]
        figure("from the end of a job to its dependent's sbatch", "median %.2f s, most %.2f s"
               % (statistics.median(gaps), max(gaps)))
        assert statistics.median(gaps) < 10, gaps


@test
def large_output():
    """Is read in pieces, between which others have their turn, and to its end"""
    count = size(20, 200) << 20
    ticks = []
    pieces = {}

    def tick():
        ticks.append((time.monotonic(), time.thread_time()))
        return True

    def output_cb(action, stream, piece):
        pieces[len(ticks)] = pieces.get(len(ticks), 0) + piece.get_size()
    with World() as world:
        job = Job(world.node(), "head -c %d /dev/zero" % count)
        job.action.disconnect_by_func(job.output_cb)
        job.action.connect("output", output_cb)
        tick()
        timer = GLib.timeout_add(1, tick)
        run(job)
        GLib.source_remove(timer)
        figure("longest gap with %d MiB of output" % (count >> 20), "%.0f ms, of the processor %.0f ms" % tuple(
            1000 * max(after[i] - before[i] for before, after in zip(ticks, ticks[1:])) for i in range(2)))
        assert job.state == "finished" and sum(pieces.values()) == count, (str(job), sum(pieces.values()))
        assert max(pieces.values()) <= count / 2, max(pieces.values())


# In arrays


@test
def arrays_that_are_too_large():
    """Are smaller ones then, or none at all"""
    if size(True, False):
        raise Skip("the controller is restarted for each limit")
    for limit in 1, 4, 1001:
        with World() as world, configured(world, "MaxArraySize=%d" % limit):
            jobs = [Job(world.node(), "exit %d" % number) for number in range(40)]
            run(*jobs)
            assert [job.status for job in jobs] == list(range(40)), "\n".join(map(str, jobs))


@test
def more_jobs_than_slurm_takes():
    """Some of them wait"""
    if size(True, True, False):
        raise Skip("sbatch itself tries again for two minutes")
    with World() as world, configured(world, "MaxJobCount=20", "MinJobAge=2"):
        jobs = [Job(world.node(), "exit %d" % number) for number in range(40)]
        run(*jobs)
        assert [job.status for job in jobs] == list(range(40)), "\n".join(map(str, jobs))


@test
def long_scripts():
    """More than Slurm takes in one"""
    with World() as world:
        jobs = [Job(world.node(), ["sh", "-c", "exit %d" % number, "x" * 100000]) for number in range(size(45, 90))]
        run(*jobs)
        assert [job.status for job in jobs] == list(range(len(jobs))), "\n".join(map(str, jobs))


@test
def one_of_an_array():
    """Is cancelled before it has begun, by us or others: it goes alone"""
    with World() as world:
        node = world.node("--begin=now+1hour")
        jobs = [Job(node, "echo never") for _ in range(4)]

        def cancel_two():
            world.slurm.tell("scancel", sorted(world.active())[3])
            jobs[0].action.cancel()

        def cancel_rest():
            assert len(world.active()) == 2, world.slurm.jobs()
            jobs[1].action.cancel()
            jobs[2].action.cancel()
        when(lambda: len(world.active()) == 4, cancel_two)
        when(lambda: jobs[0].ends and jobs[3].ends, cancel_rest)
        run(*jobs)
        assert [job.state for job in jobs] == ["cancelled"] * 3 + ["failed"], "\n".join(map(str, jobs))
        jobs[3].failed_with(Jobs.Error.SIGNALED, "not from here")


# How it is ended


@test
def cancelled():
    """With its children; who ignores the signal TERM gets KILL; who does not may end well"""
    with World() as world:
        node = world.node()
        tree = Job(node, TREE)
        # Without cgroups Slurm misses what is started while it kills, so nothing is
        deaf = Job(node, "trap '' TERM; sleep 100 & echo deep; wait", grace=500)
        well = Job(node, "trap 'sleep 0.2; echo done; exit 0' TERM; echo ready; while :; do sleep 0.01; done",
                   grace=60000)
        tree.on(b"deep", tree.action.cancel)
        deaf.on(b"deep", deaf.action.cancel)
        well.on(b"ready", well.action.cancel)
        run(tree, deaf, well)
        assert tree.state == "cancelled" and tree.status == -signal.SIGTERM, str(tree)
        assert deaf.state == "cancelled" and deaf.status == -signal.SIGKILL, str(deaf)
        assert well.state == "finished" and well.out == b"ready\ndone\n", str(well)
        wait_until(lambda: not world.sleepers(), "a grandchild is left", 5)


@test
def timed_out():
    with World() as world:
        job = Job(world.node(), TREE)
        job.action.set_timeout(SOON)
        run(job)
        assert job.state == "timed-out" and job.status == -signal.SIGTERM, str(job)
        assert job.out == b"deep\n", str(job)
        wait_until(lambda: not world.sleepers(), "a grandchild is left", 5)


@test
def cancelled_while_pending():
    with World() as world:
        job = Job(world.node("--begin=now+1hour"), "echo never")
        when(world.active, job.action.cancel)
        run(job)
        assert job.state == "cancelled" and job.out == b"", str(job)
        assert not world.active()


@test
def cancelled_while_it_is_submitted():
    """Once it is over nothing of it is left in the cluster, nor comes later"""
    with World() as world:
        # Alone, and three in an array
        nodes = [world.node("--comment=%d" % (number if number < 15 else 100 + number // 3)) for number in range(45)]
        # Without cgroups Slurm may miss one that it is only starting
        jobs = [Job(node, "echo never; exec sleep 5") for node in nodes]

        def cancel(count):
            for job in jobs[:count]:
                job.action.cancel()
        for began, count in (5, 10), (10, 20), (12, 30), (14, 45):
            when(lambda began=began: world.count("sbatch", "began") >= began, lambda count=count: cancel(count))
        run(*jobs)
        assert {job.state for job in jobs} == {"cancelled"}, "\n".join(map(str, jobs))
        assert not world.active(), world.active()


@test
def cancelled_before_it_is_submitted():
    """Its files go at once, and not when nothing runs any more"""
    with World() as world:
        stays = Job(world.node("--begin=now+1hour"), "echo never")
        jobs = [Job(world.node("--comment=%d" % number), "echo never; exec sleep 5") for number in range(30)]
        folders = []

        def cancel():
            for job in jobs:
                job.action.cancel()

        def end():
            folders.extend(os.listdir(world.folder))
            stays.action.cancel()
        when(lambda: world.count("sbatch", "began") > 0, cancel)
        when(lambda: all(job.ends for job in jobs), end)
        run(stays, *jobs)
        assert {job.state for job in jobs} == {"cancelled"}, "\n".join(map(str, jobs))
        assert len(folders) == 1, folders


# What Slurm does to it


@test
def refused():
    with World() as world:
        partition = Job(world.node("--partition=nowhere"), "true")
        option = Job(world.node("--no-such-option"), "true")
        fine = Job(world.node(), "true")
        run(partition, option, fine)
        partition.failed_with(Jobs.Error.REFUSED, "farm", "invalid partition")
        option.failed_with(Jobs.Error.REFUSED, "no-such-option")
        assert fine.state == "finished", str(fine)


@test
def pending_for_ever():
    if size(True, False):
        raise Skip("it is given 20 seconds")
    with World() as world:
        held = Job(world.node("--hold"), "true")
        many = Job(world.node("--cpus-per-task=999"), "true")
        began = time.monotonic()
        run(held, many)
        figure("until what cannot run is refused", "%.0f s" % (time.monotonic() - began))
        held.failed_with(Jobs.Error.REFUSED, "JobHeldUser")
        many.failed_with(Jobs.Error.REFUSED, "PartitionConfig")
        assert time.monotonic() - began < 60


@test
def cancelled_from_outside():
    with World() as world:
        job = Job(world.node(), TREE)
        run(job.on(b"deep", lambda: world.slurm.tell("scancel", world.own_job())))
        job.failed_with(Jobs.Error.SIGNALED, "not from here")


@test
def its_machine_fails():
    with World() as world:
        job = Job(world.node("--nodelist=n2"), TREE)
        run(job.on(b"deep", lambda: world.slurm.tell("scontrol", "update", "NodeName=n2", "State=DOWN", "Reason=test")))
        job.failed_with(Jobs.Error.NODE_FAILED)
        world.slurm.wait_for_nodes()  # It answers, and so it is taken again


@test
def drained():
    """It waits until a machine is there again"""
    with World() as world:
        world.slurm.tell("scontrol", "update", "NodeName=n2", "State=DRAIN", "Reason=test")
        job = Job(world.node("--nodelist=n2"), "true")

        def resume():
            world.slurm.tell("scontrol", "update", "NodeName=n2", "State=RESUME")
        when(lambda: world.count("squeue", "ended") > 3, resume)
        run(job)
        assert job.state == "finished", str(job)


@test
def preempted():
    fifo = Fifo("gate")
    with World() as world:
        low = Job(world.node("--exclusive", "--nodelist=n2"), TREE)
        high = Job(world.node("--exclusive", "--nodelist=n2", "--partition=first"), "true")
        gate = Job(None, "read -r line <gate")
        high.action.requires(gate.action)
        low.on(b"deep", fifo.send)
        run(low, gate, high)
        low.failed_with(Jobs.Error.PREEMPTED)
        assert high.state == "finished", str(high)


@test
def limit_of_time():
    if size(True, False):
        raise Skip("no limit is below a minute")
    with World() as world:
        job = run(Job(world.node("--time=1"), TREE))
        job.failed_with(Jobs.Error.TIME_LIMIT)
        wait_until(lambda: not world.sleepers(), "a grandchild is left", 10)


if __name__ == "__main__":
    faults.main("remote")
