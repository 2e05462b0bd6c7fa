# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What a command on another machine is given, and what is known of it"""

import hashlib
import os
import signal

import remote
from faults import Fifo, size, test, wait_until
from remote import ALL_BYTES, HARD, GLib, Job, Jobs, World, run


@test
def statuses():
    with World() as world:
        node = world.node()
        jobs = [Job(node, "exit %d" % status) for status in range(0, 256, size(3, 1))]
        run(*jobs, window=16)
        for job in jobs:
            assert "exit %d" % job.status == job.action.get_label(), str(job)


@test
def signals():
    numbers = [s for s in range(1, 32) if s not in (signal.SIGCHLD, signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP,
                                                    signal.SIGTTIN, signal.SIGTTOU, signal.SIGURG, signal.SIGWINCH)]
    with World() as world:
        node = world.node()
        jobs = [Job(node, "ulimit -c 0; kill -%d $$" % number) for number in numbers]
        # What a shell would show for them are these
        jobs += [Job(node, "exit %d" % (128 + number)) for number in numbers]
        run(*jobs, window=16)
        expected = [-number for number in numbers] + [128 + number for number in numbers]
        assert [job.status for job in jobs] == expected, "\n".join(map(str, jobs))


@test
def its_own_group_can_be_killed():
    """Who tells of the end is in it, too"""
    with World() as world:
        node = world.node()
        asks = Job(node, "trap 'exit 9' TERM; kill 0; sleep 9")
        kills = Job(node, "kill -KILL 0")
        run(asks, kills)
        assert asks.status == 9, str(asks)
        assert kills.status == -signal.SIGKILL, str(kills)


@test
def no_perl():
    """Then the shell tells, which cannot tell 143 from the signal TERM"""
    with World() as world:
        world.sshd.stop()
        world.sshd.environment["PATH"] = world.folder_without("perl")
        world.sshd.start()
        node = world.node()
        cases = [("exit 0", 0), ("exit 7", 7), ("exit 128", 128), ("kill -TERM $$", -15), ("kill -KILL $$", -9),
                 ("exit 143", -15)]
        jobs = [Job(node, text) for text, _ in cases]
        reads = Job(node, ["cat"], stdin=b"some")
        absent = Job(node, ["perl", "-e", "1"])
        run(*jobs, reads, absent)
        assert [job.status for job in jobs] == [status for _, status in cases], "\n".join(map(str, jobs))
        assert reads.out == b"some", str(reads)
        absent.failed_with(Jobs.Error.SPAWN, "perl", "not there")


@test
def no_setsid():
    """perl makes the process group; where that is not there either, it is said"""
    with World() as world:
        for absent in ("setsid",), ("perl", "setsid"):
            world.sshd.stop()
            world.sshd.environment["PATH"] = world.folder_without(*absent, folder="without" + "-".join(absent))
            world.sshd.start()
            job = Job(world.node(), "sleep 100 & exit 143")
            run(job)
            if "perl" in absent:
                job.failed_with(Jobs.Error.SPAWN, "neither perl nor setsid")
            else:
                assert job.status == 143, str(job)
            wait_until(lambda: not world.remote_processes(), "it is left", 2)


@test
def words():
    with World() as world:
        node = world.node()
        hard = Job(node, ["printf", r"%s\0", *HARD])
        every = Job(node, ["printf", "%s", os.fsdecode(ALL_BYTES)])
        long = Job(node, ["printf", "%s", "x" * 100000])
        run(hard, every, long)
        assert hard.out.split(b"\0")[:-1] == [word.encode() for word in HARD], str(hard)
        assert every.out == ALL_BYTES, str(every)
        assert long.out == b"x" * 100000, len(long.out)


@test
def variables():
    with World() as world:
        node = world.node()
        job = Job(node, ["env", "-0"])
        for number, word in enumerate(HARD):
            job.action.setenv("V%d" % number, word)
        job.action.setenv("BYTES", os.fsdecode(ALL_BYTES))
        job.action.setenv("PATH", "/usr/bin:/bin:/nowhere")
        job.action.setenv("HOME", None)
        bad = Job(node, "true")
        bad.action.setenv("no name", "x")
        run(job, bad)
        there = dict(line.split(b"=", 1) for line in job.out.split(b"\0")[:-1])
        for number, word in enumerate(HARD):
            assert there[b"V%d" % number] == word.encode(), (word, there)
        assert there[b"BYTES"] == ALL_BYTES
        assert there[b"PATH"].endswith(b"/nowhere") and b"HOME" not in there
        bad.failed_with(Jobs.Error.UNSUPPORTED, "no name")


@test
def variables_of_any_name():
    """Also those that the script by which it is run has for itself"""
    names = ["T", "N", "W", "perl", "leader", "pid", "input", "status", "signal"]
    with World() as world:
        node = world.node()
        jobs = [Job(node, ["sh", "-c", 'printenv "$0"; exit 3', name]) for name in names]
        absent = Job(node, ["nosuchprogram"])
        for job in [*jobs, absent]:
            for name in names:
                job.action.setenv(name, "of " + name)
        run(*jobs, absent)
        for name, job in zip(names, jobs):
            assert (job.status, job.out, job.err) == (3, b"of %s\n" % name.encode(), b""), str(job)
        absent.failed_with(Jobs.Error.SPAWN, "not there")


@test
def more_than_a_program_may_have():
    """Is refused over there; what follows is not disturbed"""
    with World() as world:
        node = world.node()
        job = Job(node, "true")
        job.action.setenv("MUCH", "x" * 1000000)
        after = Job(node, "echo fine")
        run(job, after, window=1)
        assert job.state == "failed", str(job)
        assert after.out == b"fine\n", str(after)


@test
def directories():
    names = ["plain", "a b'c", "-dash", "$HOME", "ä", "new\nline"]
    with World() as world:
        node = world.node()
        for name in names:
            os.mkdir(world.sshd.path(name))
        jobs = [Job(node, ["pwd"], directory=world.sshd.path(name)) for name in names]
        run(*jobs)
        for name, job in zip(names, jobs):
            assert job.out == world.sshd.path(name).encode() + b"\n", str(job)


@test
def what_is_not_there():
    with World() as world:
        node = world.node()
        with open(world.sshd.path("text"), "w") as file:
            file.write("no program")
        cases = [
            (Job(node, ["true"], directory="/nonexistent"), "directory"),
            (Job(node, ["nosuchprogram"]), "not there"),
            (Job(node, ["/nosuch/program"]), "not there"),
            (Job(node, [world.sshd.path("text")]), "Permission denied"),
            (Job(node, [world.sshd.home]), "Permission denied"),
            # Is one of the script by which it is run
            (Job(node, ["fail"]), ""),
        ]
        run(*(job for job, _ in cases))
        for job, words in cases:
            job.failed_with(Jobs.Error.SPAWN, words, "far")
            assert job.out + job.err == b"", str(job)


@test
def inputs():
    big = os.urandom(1 << size(21, 25))
    with World() as world:
        node = world.node()
        nothing = Job(node, ["cat"])
        empty = Job(node, ["cat"], stdin=b"")
        every = Job(node, ["cat"], stdin=bytes(range(256)))
        large = Job(node, ["sha256sum"], stdin=big)
        # Nothing is lost by that, and nothing hangs
        unread = Job(node, "exit 3", stdin=big)
        some = Job(node, "head -c 10", stdin=big)
        run(nothing, empty, every, large, unread, some)
        assert nothing.out == empty.out == b"" and nothing.status == empty.status == 0
        assert every.out == bytes(range(256)), str(every)
        assert large.out.split()[0].decode() == hashlib.sha256(big).hexdigest()
        assert unread.status == 3, str(unread)
        assert some.out == big[:10], str(some)


@test
def outputs():
    with World() as world:
        node = world.node()
        apart = Job(node, "printf out; printf err >&2; printf out; printf err >&2")
        # Looks like the beginning of what is looked for there
        near = Job(node, r"printf '\001asyncjobs:'; printf '\001asyncjobs:0\n' >&2; printf '\001'")
        every = Job(node, ["cat"], stdin=bytes(range(256)) * 1000)
        run(apart, near, every)
        assert (apart.out, apart.err) == (b"outout", b"errerr"), str(apart)
        assert (near.out, near.err) == (b"\1asyncjobs:\1", b"\1asyncjobs:0\n"), str(near)
        assert every.out == bytes(range(256)) * 1000


@test
def much_output():
    """All of it, on both streams at once, also where it is slowly read"""
    mebibytes = size(8, 64)
    text = ("head -c %d /dev/zero | tr '\\0' o & head -c %d /dev/zero | tr '\\0' e >&2; wait"
            % (mebibytes << 20, mebibytes << 20))
    with World() as world:
        job = Job(world.node(), text)
        job.action.connect("output", lambda *_: GLib.usleep(200))
        run(job)
        assert job.status == 0, job.state
        for got, letter in (job.out, b"o"), (job.err, b"e"):
            assert len(got) == mebibytes << 20 and not got.strip(letter), len(got)


@test
def streamed():
    """Each piece comes while the command runs: it waits for an answer to it"""
    fifo = Fifo(os.path.abspath("fifo"))
    with World() as world:
        job = Job(world.node(), "printf no-newline; read -r answer <%s; echo; echo $answer" % fifo.name)
        run(job.on(b"no-newline", lambda: fifo.send("answer")))
        assert job.out == b"no-newline\nanswer\n", str(job)


@test
def noise_of_the_login_shell():
    with World() as world:
        for name in (".bashrc", ".profile", ".bash_profile", ".zshenv", ".kshrc"):
            with open(os.path.join(world.sshd.home, name), "w") as file:
                file.write("echo noise; echo noise >&2; printf unfinished; printf unfinished >&2\n")
        job = Job(world.node(), "echo out; echo err >&2; exit 5")
        run(job)
        assert (job.out, job.err, job.status) == (b"out\n", b"err\n", 5), str(job)


@test
def a_login_shell_that_runs_nothing():
    with World(options="ForceCommand echo This account is not available; exit 1\n") as world:
        job = Job(world.node(), "echo never")
        run(job)
        job.failed_with(Jobs.Error.SPAWN, "status 1", "ran nothing")
        assert job.out == b"", str(job)


def run_elsewhere(node):
    context = GLib.MainContext.new()
    context.push_thread_default()
    try:
        assert run(Job(node, "echo elsewhere")).out == b"elsewhere\n"
    finally:
        context.pop_thread_default()


@test
def one_run_after_another():
    """With the same node, also in another main context"""
    with World() as world:
        node = world.node()
        for _ in range(2):
            assert run(Job(node, "echo again")).out == b"again\n"
        run_elsewhere(node)
        assert world.sshd.count_accepted() == 3, world.sshd.log()


remote.main()
