# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Commands as jobs of a real Slurm when that, its files or the runner have faults"""

import ctypes
import json
import os
import shutil
import signal

import remote
from farm import TREE, World, configured, lines, when, wipe
from faults import TOKEN, Fifo, Skip, processes, size, test, wait_until, write_jobs
from remote import Job, Jobs, faults, run

EXAMPLE = os.path.join(remote.HERE, "..", "..", "examples", "slurm.yaml")
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 1 << 18

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
        wipe(world)
        jobs = [Job(node, TREE) for node in (world.node(), world.node("--comment=x"), world.node("--comment=x"))]

        def forget():
            wipe(world)
            for _ in range(3):
                world.slurm.tell("sbatch", "--output=/dev/null", "--array=0-1", "--wrap=exit 7")
        when(lambda: all(job.out for job in jobs), forget)
        run(*jobs)
        for job in jobs:
            job.failed_with(Jobs.Error.LOST)


@test
def answer_that_comes_too_late():
    """sbatch has given up, and the controller takes it all the same: it runs once"""
    with World() as world, configured(world, "MessageTimeout=2"):
        command = "echo $$ >>%s/ran" % os.getcwd()
        node = world.node("--comment=x")
        jobs = [Job(world.node(), command), Job(node, command), Job(node, command)]
        controller = world.slurm.daemons["slurmctld"]
        controller.send_signal(signal.SIGSTOP)
        when(lambda: world.count("sbatch", "ended 1") == 2, lambda: controller.send_signal(signal.SIGCONT))
        run(*jobs)
        assert {job.state for job in jobs} == {"finished"}, "\n".join(map(str, jobs))
        assert len(lines("ran")) == 3 and world.count("sbatch", "began") == 2, world.log("sbatch")


@test
def answer_that_is_lost():
    """sbatch is killed, before or after it has been heard: it runs once"""
    for before in True, False:
        with World() as world:
            with open("bin/sbatch", "w") as file:
                file.write("#!/bin/sh\necho >>{here}/tried\n"
                           "if [ $(wc -l <{here}/tried) -gt 1 ]; then exec {program} \"$@\"; fi\n"
                           "{first} \"$@\"; kill -9 $$\n".format(
                               here=os.getcwd(), program=shutil.which("sbatch", path=os.defpath),
                               first="true" if before else shutil.which("sbatch", path=os.defpath)))
            job = run(Job(world.node(), "echo $$ >>%s/ran" % os.getcwd()))
            assert job.state == "finished", str(job)
            assert len(lines("ran")) == 1 and len(lines("tried")) == (2 if before else 1), lines("tried")
            os.remove("ran")
            os.remove("tried")


@test
def sbatch_that_always_dies():
    if size(True, False):
        raise Skip("it is tried three times, with pauses")
    with World() as world:
        with open("bin/sbatch", "w") as file:
            file.write("#!/bin/sh\nkill -9 $$\n")
        run(Job(world.node(), "true")).failed_with(Jobs.Error.REFUSED, "killed")


@test
def gone_between_two_looks():
    """What has completed is in a file, too; alone and in an array"""
    if size(True, False):
        raise Skip("Slurm forgets nothing within some seconds")
    gates = [Fifo("gate%d" % number) for number in range(3)]
    with World() as world, configured(world, "JobCompType=jobcomp/filetxt", "MinJobAge=2",
                                      "JobCompLoc=" + os.path.abspath("completed")):
        node = world.node("--comment=x")
        ends = "exit 0", "exit 3", "kill -9 $$"
        jobs = [Job(world.node() if end == ends[0] else node,
                    "echo ready; read -r x <%s; %s" % (os.path.abspath("gate%d" % number), end))
                for number, end in enumerate(ends)]

        def miss_it():
            for gate in gates:
                gate.send()
            wait_until(lambda: not world.slurm.jobs(), "Slurm does not forget them", 100)
        when(lambda: all(job.out for job in jobs), miss_it)
        run(*jobs)
        assert [job.status for job in jobs] == [0, 3, -signal.SIGKILL], "\n".join(map(str, jobs))


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
        # While it is read it is there, whoever removes it
        assert job.state == "finished" and job.out.startswith(b"ready\n"), str(job)
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


def killed_and_resumed(world, command):
    """What was there when the runner died, and its states once it has been resumed"""
    here = os.getcwd()
    body = "cd %s; echo $SLURM_JOB_ID >>begun; test -e good || { sleep 1000; echo >>twice; }" % here
    write_jobs({"first": {"on": "farm", "run": "echo >>%s/first" % here},
                "long": {"on": "farm", "requires": "first", "matrix": {"x": [1, 2, 3]}, "run": body},
                "alone": {"on": "alone", "requires": "first", "run": body}},
               nodes={"farm": {"slurm": {"folder": os.path.join(here, "files")}},
                      "alone": {"slurm": {"folder": os.path.join(here, "files"), "extra": ["--comment=x"]}}})
    runner = faults.Runner("jobs.yaml", env={TOKEN: world.token})
    command(runner)
    runner.process.wait()
    # That one may have left a client behind, or one that is still to become it
    wait_until(lambda: not [what for what in processes(world.token).values()
                            if "squeue" in what or what.startswith(faults.options.tool)], "squeue does not end")
    former = world.active()
    with open("good", "w"):
        pass
    faults.Runner("jobs.yaml", command="resume", events=False, env={TOKEN: world.token}).wait(0)
    assert not os.path.exists("twice")
    assert lines("first") == [""]
    assert not os.listdir("files"), os.listdir("files")
    states = world.slurm.jobs()
    return {number: states[number] for number in former}


@test
def runner_killed_and_resumed():
    """The jobs go on without their runner; before they run again, the first ones are ended"""
    with World() as world:
        def kill(runner):
            wait_until(lambda: os.path.exists("begun") and len(lines("begun")) == 4, "they do not begin")
            runner.signal(signal.SIGKILL)
        states = killed_and_resumed(world, kill)
        # Its processes are on this machine, too, where they are found before
        assert len(states) == 4 and set(states.values()) <= {"CANCELLED", "FAILED"}, states
        assert len(set(lines("begun"))) == 8, lines("begun")


@test
def runner_killed_while_it_submits():
    """The cluster has an array of which nobody has heard yet"""
    with World() as world:
        with open("bin/sbatch") as file:
            wrapper = file.read()
        with open("bin/sbatch", "w") as file:
            file.write(wrapper.replace("status=$?\n", 'status=$?\ncase " $* " in *" --array"*) '
                                       'test -e good || kill -9 $PPID ;; esac\n'))
        states = killed_and_resumed(world, lambda runner: None)
        assert len([number for number in states if "_" in number]) == 3, states
        # One that begins only now ends well, if it is quick
        assert set(states.values()) <= {"CANCELLED", "FAILED", "COMPLETED"}, states
        assert len(lines("begun")) >= 4, lines("begun")


@test
def example():
    with World() as world:
        shutil.copy(EXAMPLE, "slurm.yaml")
        ended = faults.run("slurm.yaml", env={TOKEN: world.token, "XDG_CACHE_HOME": os.path.abspath("cache")})
        assert {state["state"] for state in ended.states().values()} == {"finished"}, ended.states()
        assert not os.path.exists("/tmp/asyncjobs-sweep")


if __name__ == "__main__":
    faults.main("remote")
