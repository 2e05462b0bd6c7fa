# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Commands as jobs of a real Slurm, and what becomes of them when that has faults"""

import atexit
import ctypes
import hashlib
import json
import os
import shutil
import signal
import statistics
import time
import uuid

import remote
import slurm
from faults import SOON, TOKEN, Fifo, Skip, figure, processes, size, test, wait_until, write_jobs
from remote import GLib, Job, Jobs, check_descriptors, faults, open_descriptors, run

EXAMPLE = os.path.join(remote.HERE, "..", "..", "examples", "slurm.yaml")
ALL_BYTES = bytes(range(1, 256))
HARD = ["", " ", "a  b ", "'", '"', "\\", "$HOME", "`id`", "*", "-n", "--", "#", "\n", "a\n#SBATCH --bad\n", "\r",
        "a\r\nb", "%s", "%j", "ä€😀", "\x1b[0m", "it's \"$x\" \\"]
# A tree of three, the last one in the background of the background
TREE = "sh -c 'sleep 100 & echo deep; wait' & wait"
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 1 << 18

# Between us and each of Slurm's commands: when it began and how it ended, and whether
# another of its kind went on
WRAPPER = """\
#!/bin/sh
mkdir {log}.lock 2>/dev/null || echo twin >>{log}
echo "began $(date +%s.%N)" >>{log}
{program} "$@"
status=$?
rmdir {log}.lock 2>/dev/null
echo "ended $status" >>{log}
exit $status
"""

shared = []


def shared_slurm():
    """For all tests, as it is slow to begin; each leaves it as it was"""
    if not shared:
        shared.append(slurm.Slurm(cpus=16))
        shared[0].start()
    return shared[0]


def end_shared_slurm():
    while shared:
        shared.pop().clear()


atexit.register(end_shared_slurm)


class World:
    """A cluster, of which at the end all must be as it was"""

    def __enter__(self):
        if slurm.missing():
            raise Skip("; ".join(slurm.missing()))
        self.slurm = shared_slurm()
        self.token = uuid.uuid4().hex
        self.folder = os.path.abspath("100%job's")
        self.environment = dict(os.environ)
        # A sanitizer is for us: jobs of Slurm have our environment, and would not die of signals
        os.environ.pop("LD_PRELOAD", None)
        os.environ.update({TOKEN: self.token, "SLURM_CONF": self.slurm.config,
                           "PATH": os.path.abspath("bin") + ":" + os.environ["PATH"]})
        os.mkdir("bin")
        for name in "squeue", "sbatch":
            path = os.path.join("bin", name)
            with open(path, "w") as file:
                file.write(WRAPPER.format(log=os.path.abspath(name + "s"), program=shutil.which(name)))
            os.chmod(path, 0o755)
        run(Job(None, "true"))  # What the library opens once
        self.descriptors = open_descriptors()
        return self

    def __exit__(self, kind, *rest):
        try:
            if kind is None:
                self.check_is_clean()
            else:
                for name in "slurmctld", *self.slurm.nodes:
                    print("# " + self.slurm.log(name)[-1000:].replace("\n", "\n# "))
        finally:
            os.environ.clear()
            os.environ.update(self.environment)
            if kind is not None:
                end_shared_slurm()
            for pid in processes(self.token):
                os.kill(pid, signal.SIGKILL)

    def check_is_clean(self):
        try:
            wait_until(lambda: not processes(self.token), "for the last process to go", 10)
        except AssertionError as error:
            raise AssertionError("left: %s" % processes(self.token)) from error
        wait_until(lambda: not self.active(), "jobs are left", 10)
        assert not os.path.exists(self.folder) or not os.listdir(self.folder), os.listdir(self.folder)
        check_descriptors(self.descriptors)
        assert not self.count("squeue", "twin"), "two of squeue at once"

    def active(self):
        return [number for number, state in self.slurm.jobs().items()
                if state in ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED")]

    def node(self, *options):
        node = Jobs.SlurmNode.new("farm")
        node.set_folder(self.folder)
        for option in options:
            node.add_option(option)
        return node

    def log(self, program):
        with open(os.path.join(os.path.dirname(self.folder), program + "s")) as file:
            return file.read().splitlines()

    def count(self, program, word):
        try:
            return sum(line.startswith(word) for line in self.log(program))
        except FileNotFoundError:
            return 0

    def sleepers(self):
        return [pid for pid, command in processes(self.token).items() if command.startswith("sleep 100")]

    def own_job(self):
        """The id of the one that there is"""
        active = self.active()
        assert len(active) == 1, active
        return active[0]


def when(condition, function):
    """Calls it once, from the main loop, when that is true: for what sends no event"""
    def look():
        if not condition():
            return True
        function()
        return False
    GLib.timeout_add(20, look)


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
        run(hard, every, variables, where, reads, nothing, much, captured)
        assert hard.out.split(b"\0")[:-1] == list(map(os.fsencode, HARD)), str(hard)
        assert every.out == ALL_BYTES, str(every)
        assert variables.out == ALL_BYTES + b"\n", str(variables)
        assert where.out == os.fsencode(directory) + b"\n", str(where)
        assert reads.out.split()[0].decode() == hashlib.sha256(blob).hexdigest(), str(reads)
        assert nothing.out == b"0\n", str(nothing)
        assert len(much.out) == 3000000 and len(much.err) == 1000000, str(much)
        assert captured.action.get_result() == "out", captured.action.get_result()


@test
def what_is_not_there():
    """Its shell says so"""
    with World() as world:
        program = Job(world.node(), ["/nowhere/program"])
        directory = Job(world.node(), ["true"], directory="/nowhere")
        run(program, directory)
        assert program.status == 127 and b"/nowhere/program" in program.err, str(program)
        assert directory.status > 0 and b"/nowhere" in directory.err, str(directory)


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
        figure("%d × true" % len(jobs), "%.1f s, %d of squeue" % (time.monotonic() - began, world.count("squeue", "began")))
        assert all(job.state == "finished" for job in jobs)
        assert world.count("sbatch", "began") == len(jobs)


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
        jobs = [Job(world.node(), "echo never; exec sleep 100") for _ in range(30)]

        def cancel(count):
            for job in jobs[:count]:
                job.action.cancel()
        for count in 10, 20, 30:
            when(lambda count=count: world.count("sbatch", "began") >= count // 2, lambda count=count: cancel(count))
        run(*jobs)
        assert {job.state for job in jobs} == {"cancelled"}, "\n".join(map(str, jobs))
        assert not world.active(), world.active()


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


# What happens to Slurm


@test
def controller_restarted():
    """While it is away a job ends and another one is due: nothing fails, nothing runs twice"""
    gate, over, local_gate = Fifo("gate"), Fifo("over"), Fifo("local-gate")
    with World() as world:
        node = world.node()
        node.add_option("--chdir=" + os.getcwd())
        first = Job(node, "echo ready; read -r x <gate; echo one >>ran; echo >over; exit 3")
        local = Job(None, "read -r x <local-gate")
        second = Job(node, "echo two >>ran")
        second.action.requires(local.action)

        def stop():
            world.slurm.stop_daemon("slurmctld")
            gate.send()
            over.line()
            local_gate.send()
            tried = world.count("squeue", "ended"), world.count("sbatch", "ended")

            def has_tried():
                # Those that go on wait for it; they give up after some seconds
                if size(True, False):
                    return (world.count("squeue", "began") > tried[0]
                            and world.count("sbatch", "began") > tried[1])
                return world.count("squeue", "ended 1") > 1 and world.count("sbatch", "ended 1") > 0
            when(has_tried, world.slurm.start_controller)
        run(first.on(b"ready", stop), local, second)
        assert first.status == 3 and first.out == b"ready\n", str(first)
        assert second.state == "finished", str(second)
        with open("ran") as file:
            assert file.read().split() == ["one", "two"]


@test
def controller_forgets():
    """Of its jobs, and gives their numbers to others"""
    with World() as world:
        job = Job(world.node(), TREE)

        def wipe():
            world.slurm.stop_daemon("slurmctld")
            world.slurm.start_controller("-c")
            world.slurm.wait_for_nodes()
            for _ in range(3):
                world.slurm.tell("sbatch", "--output=/dev/null", "--wrap=true")
        run(job.on(b"deep", wipe))
        job.failed_with(Jobs.Error.LOST)


# Its files


@test
def folder_that_is_not_shared():
    with World() as world:
        os.mkdir(world.folder)

        def hide():
            libc = ctypes.CDLL(None)
            assert libc.unshare(CLONE_NEWNS) == 0
            assert libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
            assert libc.mount(b"none", os.fsencode(world.folder), b"tmpfs", 0, None) == 0
        world.slurm.restart_node("n2", prepare=hide)
        job = run(Job(world.node("--nodelist=n2"), "echo hi"))
        world.slurm.restart_node("n2")
        job.failed_with(Jobs.Error.NODE_FAILED, world.folder, "share")


@test
def folder_removed_meanwhile():
    fifo = Fifo("fifo")
    with World() as world:
        job = Job(world.node(), "echo ready; read -r x <%s; echo more" % os.path.abspath("fifo"))

        def remove():
            shutil.rmtree(world.folder)
            fifo.send()
        run(job.on(b"ready", remove))
        assert job.state == "finished" and job.out == b"ready\n", str(job)
        assert b"cannot be read" in job.err and os.fsencode(world.folder) in job.err, str(job)


@test
def folder_that_cannot_be_made():
    with World() as world:
        with open(world.folder, "w"):
            pass
        job = run(Job(world.node(), "true"))
        os.remove(world.folder)
        job.failed_with(Jobs.Error.SPAWN, world.folder)


# In a job file


@test
def job_file():
    with World() as world:
        farm = {"slurm": {"partition": "main", "cpus": 2, "memory": "10M", "time": "5m", "folder": world.folder,
                          "extra": ["--comment=it's one"]}}
        show = "scontrol show job $SLURM_JOB_ID"
        write_jobs({"show": {"on": "farm", "run": show},
                    "sweep": {"on": "farm", "matrix": {"x": [1, 2, 3]}, "run": "echo $x; exit $x", "critical": False},
                    "bad": {"on": "nowhere", "run": "true", "critical": False},
                    "here": {"after": ["sweep", "bad"], "requires": "show", "run": "echo here"}},
                   nodes={"farm": farm, "nowhere": {"slurm": {"partition": "nowhere"}}})
        ended = faults.run("jobs.yaml", env={TOKEN: world.token})
        states = ended.states()
        assert [states["sweep[%d]" % x]["exit-status"] for x in (1, 2, 3)] == [1, 2, 3], json.dumps(states)
        assert "invalid partition" in states["bad"]["error"]["message"], states["bad"]
        assert states["here"]["state"] == "finished"
        for words in (b"Partition=main", b"CPUs/Task=2", b"MinMemoryNode=10M", b"TimeLimit=00:05:00",
                      b"Comment=it's one"):
            assert words in ended.out, ended.out


@test
def tool_interrupted():
    with World() as world:
        write_jobs({"long": {"on": "farm", "run": TREE}}, nodes={"farm": {"slurm": {"folder": world.folder}}})
        runner = faults.Runner("jobs.yaml", env={TOKEN: world.token})
        wait_until(lambda: b"deep" in runner.read("out"), "it does not begin")
        runner.signal(signal.SIGINT)
        runner.wait(130)
        assert not world.active()


@test
def runner_killed_and_resumed():
    """The job goes on without its runner; before it runs again, the first one is ended"""
    with World() as world:
        here = os.getcwd()
        body = "cd %s; echo $SLURM_JOB_ID >>begun; test -e good || { sleep 1000; echo >>twice; }" % here
        write_jobs({"first": {"on": "farm", "run": "echo >>%s/first" % here},
                    "long": {"on": "farm", "requires": "first", "run": body}},
                   nodes={"farm": {"slurm": {"folder": os.path.join(here, "files")}}})
        runner = faults.Runner("jobs.yaml", env={TOKEN: world.token})
        wait_until(lambda: os.path.exists("begun"), "it does not begin")
        runner.signal(signal.SIGKILL)
        runner.process.wait()
        former = world.own_job()
        with open("good", "w"):
            pass
        faults.Runner("jobs.yaml", command="resume", events=False, env={TOKEN: world.token}).wait(0)
        with open("begun") as file:
            ids = file.read().split()
        assert len(ids) == 2 and ids[0] == str(former), (ids, former)
        # Its processes are on this machine, too, where they are found before
        assert world.slurm.jobs()[former] in ("CANCELLED", "FAILED"), world.slurm.jobs()
        assert not os.path.exists("twice")
        with open("first") as file:
            assert file.read() == "\n"


@test
def example():
    with World() as world:
        shutil.copy(EXAMPLE, "slurm.yaml")
        ended = faults.run("slurm.yaml", env={TOKEN: world.token, "XDG_CACHE_HOME": os.path.abspath("cache")})
        assert {state["state"] for state in ended.states().values()} == {"finished"}, ended.states()
        assert not os.path.exists("/tmp/asyncjobs-sweep")


if __name__ == "__main__":
    faults.main("remote")
