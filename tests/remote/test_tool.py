# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Job files with ssh nodes: the command runs them over a real sshd."""

import os
import shutil
import signal
import sqlite3
import subprocess
from collections import Counter

from remote import HERE, World, faults, processes, wait_until
from faults import Fifo, Runner, run, test, write_jobs

EXAMPLES = os.path.join(HERE, "..", "..", "examples")


def nodes(world, *names, **options):
    """In a job file; each is the same machine"""
    return {name: dict({"ssh": "far", "config": world.sshd.config}, **options) for name in names}


def tool(*arguments, expect=0, env=None):
    done = subprocess.run([faults.options.tool, *arguments], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env=dict(os.environ, **(env or {})))
    assert done.returncode == expect, done
    return done.stdout + done.stderr


def events_of(ended, state):
    return [e["job"] for e in ended.events if e.get("state") == state]


@test
def example():
    """As its first lines say; what it does is checked by itself"""
    with World() as world:
        for name in "testbed.yaml", "testbed-measure.py":
            shutil.copy(os.path.join(EXAMPLES, name), name)
        os.symlink(world.sshd.folder, "bed")
        ended = run("testbed.yaml")
        assert sorted(events_of(ended, "finished")) == sorted(
            ["prepare[server]", "prepare[left]", "prepare[right]", "warm-up[left]", "warm-up[right]",
             "measure[10]", "measure[100]", "collect", "tell", "tidy[server]", "tidy[left]",
             "tidy[right]"])
        assert b"[tell] 100 times: " in ended.out, ended.out
        assert events_of(ended, "cancelled") == ["serve"]
        assert not os.path.exists("/tmp/asyncjobs-testbed")
        world.check_is_clean()


@test
def files():
    with World() as world:
        os.mkdir("tree")
        os.mkdir("tree/in")
        blob = bytes(range(256)) * 500
        for name in "a:b", "tree/x y", "tree/in/-z":
            with open(name, "wb") as file:
                file.write(blob)
        far = world.sshd.path("far")
        os.mkdir(far)
        jobs = {
            "there": {"on": "n", "push": {"a:b": far + "/it's", "tree": far + "/tree"}, "dir": far,
                      "run": "cmp \"it's\" 'tree/x y' && cmp \"it's\" tree/in/-z && cp -r tree back",
                      "pull": {far + "/back": "home", far + "/it's": "b:c"}},
            "kept": {"requires": "there", "on": "n", "unless": "test -d " + far, "run": "exit 1",
                     "push": {"nothing": far}},
            "nothing": {"requires": "there", "on": "n", "push": {"nothing": far}, "run": "touch ran",
                        "dir": far, "critical": False},
            "no home": {"requires": "there", "on": "n", "run": "touch ran2", "dir": far,
                        "pull": {far + "/nowhere": "x"}, "critical": False},
            "bad": {"requires": "there", "on": "n", "run": "exit 3", "pull": {far + "/back": "never"},
                    "critical": False}}
        write_jobs(jobs, nodes=nodes(world, "n"))
        ended = run("jobs.yaml")
        states = ended.states()
        assert states["there"]["state"] == states["kept"]["state"] == "finished", states
        for name in "b:c", "home/x y", "home/in/-z":
            with open(name, "rb") as file:
                assert file.read() == blob, name
        assert "cannot push" in states["nothing"]["error"]["message"], states["nothing"]
        assert "nothing" in states["nothing"]["error"]["message"], states["nothing"]
        assert not os.path.exists(far + "/ran") and os.path.exists(far + "/ran2")
        assert "cannot pull" in states["no home"]["error"]["message"], states["no home"]
        assert states["bad"]["state"] == "failed" and not os.path.exists("never")


@test
def scripts():
    """A file of this machine, here and there; another one of its name is run again"""
    def write(text):
        with open("measure.sh", "w") as file:
            file.write(text)
        os.chmod("measure.sh", 0o755)
    with World() as world:
        write('#!/bin/sh\necho "$1 $2 $x" >>ran\n')
        here = os.getcwd()
        far = world.sshd.path("far")
        os.mkdir(far)
        job = {"run": {"script": "./measure.sh", "args": [10, "a b"]}}
        write_jobs({"there": dict(job, on=["a", "b"], matrix={"x": [1, 2]}, dir=far), "here": job,
                    "none": {"run": {"script": "none.sh"}, "on": "a", "unless": "touch asked", "dir": here}},
                   nodes=nodes(world, "a", "b"), **{"on-failure": "keep-going"})
        planned = tool("run", "-n", "jobs.yaml")
        assert "on b: ./measure.sh 10 'a b'" in planned and "on a: none.sh" in planned, planned
        assert "on b: ./measure.sh 10 'a b'" in tool("graph", "--format", "json", "jobs.yaml")
        ended = run("jobs.yaml", expect=1)
        assert "none.sh" in ended.states()["none"]["error"]["message"], ended.states()
        assert not os.path.exists("asked")

        def check(times):
            with open(far + "/ran") as file:
                assert Counter(file.read().splitlines()) == {"10 a b %d" % x: 2 * times for x in (1, 2)}
            with open("ran") as file:
                assert file.read() == "10 a b \n" * times
        check(1)
        said = tool("resume", "jobs.yaml", "--progress", "none", expect=1)
        assert "5 jobs are done" in said, said
        check(1)
        write('#!/bin/sh\n# changed\necho "$1 $2 $x" >>ran\n')
        tool("resume", "jobs.yaml", "--progress", "none", expect=1)
        check(2)


@test
def several_nodes():
    fifo = Fifo("fifo")
    with World(max_sessions=2) as world:
        write_jobs({"each": {"on": {"group": "all"}, "matrix": {"x": [1, 2]}, "run": "echo $x >%s/fifo" % os.getcwd()},
                    "behind": {"requires": {"each": "success"}, "on": ["b"], "run": "true"}},
                   nodes=nodes(world, "a", "b"), groups={"all": ["a", "b"]})
        ended = run("jobs.yaml")
        assert sorted(fifo.line() for _ in range(4)) == ["1", "1", "2", "2"]
        assert sorted(events_of(ended, "finished")) == [
            "behind[b]", "each[1,a]", "each[1,b]", "each[2,a]", "each[2,b]"], ended.events


@test
def not_reached():
    """Exit 6, unless something else has failed too; what is in the way is said"""
    with World() as world:
        far = dict(nodes(world, "good"), gone={"ssh": "gone.invalid"},
                   behind={"ssh": "far", "config": world.sshd.config, "gateway": "gone"})
        write_jobs({"a": {"on": "behind", "run": "true"}}, nodes=far)
        ended = run("jobs.yaml", expect=6)
        assert b"the name of its host is not known" in ended.out, ended.out
        write_jobs({"a": {"on": "behind", "run": "true"}, "b": {"on": "good", "run": "exit 1"}},
                   nodes=far, **{"on-failure": "keep-going"})
        run("jobs.yaml", expect=1)
        said = tool("check", "--connect", "jobs.yaml", expect=6)
        assert "good: connected\n" in said and said.count("cannot reach gone: ") == 1, said
        assert "cannot reach behind: its gateway gone cannot be reached\n" in said, said
        far["last"] = {"ssh": "last.invalid", "config": world.sshd.config, "gateway": "good"}
        write_jobs({"a": {"run": "true"}}, nodes=far)
        said = tool("check", "--connect", "jobs.yaml", expect=6)
        assert "cannot reach last: " in said and "gateway good" not in said, said
        write_jobs({"a": {"on": "good", "run": "true"}}, nodes=nodes(world, "good", "other"))
        said = tool("check", "--connect", "jobs.yaml")
        assert "good: connected\n" in said and "other: connected\n" in said, said


@test
def secrets():
    """They are there, and nowhere else"""
    canary = "canary-4711"
    fifo, go = Fifo("fifo"), Fifo("go")
    with World() as world:
        write_jobs({"a": {"on": "n", "secret-env": "TOKEN", "run": 'test "$TOKEN" = %s; echo $? >%s/fifo; read x <%s/go'
                          % ("canary-$((4710 + 1))", os.getcwd(), os.getcwd())}}, nodes=nodes(world, "n"))
        runner = Runner("jobs.yaml", env={"TOKEN": canary, faults.TOKEN: world.token})
        assert fifo.line() == "0"
        for command in processes(world.token).values():
            assert canary not in command, command
        go.send()
        runner.wait(0)
        for folder, _, names in os.walk(".asyncjobs"):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    assert canary.encode() not in file.read(), name
        # Another one is no other job
        said = tool("resume", "jobs.yaml", "--progress", "none", env={"TOKEN": "other"})
        assert "1 job is done" in said, said


@test
def killed_and_resumed():
    """What ran over there does not outlive the runner, and runs again"""
    fifo = Fifo("fifo")
    with World() as world:
        here = os.getcwd()
        write_jobs({"first": {"on": "n", "run": "echo first >>%s/ran" % here},
                    "long": {"on": "n", "requires": "first",
                             "run": "echo long >>%s/ran; echo $$ >%s/fifo; test -e %s/good || sleep 1000" % (here, here, here)},
                    "last": {"on": "n", "requires": "long", "run": "echo last >>%s/ran" % here}},
                   nodes=nodes(world, "n"))
        runner = Runner("jobs.yaml", env={faults.TOKEN: world.token})
        pid = int(fifo.line())
        runner.signal(signal.SIGKILL)
        runner.process.wait()
        wait_until(lambda: faults.state_of(pid) in (None, "Z"), "the command over there ends", 5)
        wait_until(lambda: not processes(world.token), "all end", 5)
        with open("good", "w"):
            pass
        tool("resume", "jobs.yaml", "--progress", "none")
        with open("ran") as file:
            assert file.read().split() == ["first", "long", "long", "last"]
        with sqlite3.connect(".asyncjobs/jobs.yaml.journal") as db:
            assert db.execute("SELECT count(*) FROM runs").fetchone()[0] == 2
        db.close()


@test
def lost():
    """A job whose connection is cut is not run twice, unless it may be"""
    fifo = Fifo("fifo")
    with World() as world:
        here = os.getcwd()
        body = "cd {here}; echo {name} >>ran; echo >fifo; test $(grep -c {name} ran) = 2 || sleep 1000"
        for name, more, expect in (("once", {}, 1), ("twice", {"idempotent": True}, 0)):
            write_jobs({name: dict(more, on="n", retries=3, run=body.format(here=here, name=name))},
                       nodes=nodes(world, "n"))
            runner = Runner("jobs.yaml", env={faults.TOKEN: world.token})
            fifo.line()
            world.sshd.cut()
            ended = runner.wait(expect)
            with open("ran") as file:
                assert file.read().split().count(name) == (1 if expect else 2)
            if expect:
                assert "was lost while it ran" in ended.states()[name]["error"]["message"], ended.states()


if __name__ == "__main__":
    faults.main("remote")
