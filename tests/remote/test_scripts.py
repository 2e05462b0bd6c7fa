# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A file of this machine that runs on another one: what it is given there, and that
nothing of it is left, however it ends"""

import os
import shutil

import remote
from faults import size, test, wait_until
from remote import ALL_BYTES, HARD, TREE, Job, Jobs, Proxy, World, run, sleepers


class Script(Job):
    """A file, and arguments for it"""

    def __init__(self, node, text, *arguments, name="script", mode=0o755, **properties):
        self.filename = os.path.abspath(name)
        if text is not None:
            write(self.filename, text, mode)
        super().__init__(node, arguments, label=name, **properties)

    def make(self, label, node, what):
        return Jobs.CommandAction.new_script(label, node, self.filename, what)


def write(filename, text, mode=0o755):
    with open(filename, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(filename, mode)


def world_with_folder(**options):
    """One whose far side has a folder of its own for temporary files"""
    os.mkdir("far tmp")
    return World(environment={"TMPDIR": os.path.abspath("far tmp")}, **options)


def left():
    return os.listdir("far tmp")


@test
def words():
    with world_with_folder() as world:
        node = world.node()
        hard = Script(node, "#!/bin/sh\nprintf '%s\\0' \"$@\"\n", *HARD)
        every = Script(node, "#!/usr/bin/env perl\nprint @ARGV\n", os.fsdecode(ALL_BYTES), name="it's a \"$name\"\n")
        none = Script(node, "#!/bin/sh\necho $#\n", name="-none")
        run(hard, every, none)
        assert hard.out.split(b"\0")[:-1] == [word.encode() for word in HARD], str(hard)
        assert every.out == ALL_BYTES, str(every)
        assert none.out == b"0\n", str(none)
        assert not left()


@test
def where_it_is():
    """In a folder that nobody else may enter, under its own name"""
    with world_with_folder() as world:
        tells = Script(world.node(), "#!/bin/sh\nstat -c %a \"$0\" \"${0%/*}\"\necho \"$0\"\n", name="tells me",
                       mode=0o555)
        run(tells)
        modes, path = tells.out.split(b"\n")[:2], tells.out.decode().split("\n")[2]
        assert modes == [b"700", b"700"], str(tells)
        folder, name = os.path.split(path)
        assert name == "tells me" and os.path.dirname(folder) == os.path.abspath("far tmp"), path
        assert not os.path.exists(folder)


@test
def any_bytes():
    """A program, also a large one; what it reads comes behind"""
    with world_with_folder() as world:
        with open(shutil.which("cat"), "rb") as file:
            program = file.read()
        node = world.node()
        blob = os.urandom(size(21, 24)) * 100000
        large = Script(node, b"#!/bin/sh\nwc -c <\"$0\"; cat; exit\n" + os.urandom(8 << 20), stdin=b"input", name="large")
        cat = Script(node, program, stdin=blob[:3 << 20], name="kitten")
        run(large, cat)
        assert large.out == b"%d\ninput" % os.path.getsize("large"), str(large)
        assert cat.out == blob[:3 << 20], len(cat.out)
        assert not left()


@test
def its_surroundings():
    """Are those of any command; none of its variables is one of ours"""
    with world_with_folder() as world:
        os.mkdir("dir")
        node = world.node()
        job = Script(node, "#!/bin/sh\npwd; echo \"$folder $name $S\"; cat\n", stdin=b"some",
                     directory=os.path.abspath("dir"), capture=True)
        for name in "folder", "name", "S":
            job.action.setenv(name, "/" + name)
        kept = Script(node, "#!/bin/sh\necho never\n", name="kept")
        kept.action.set_unless("test -d /")
        asked = Script(node, "#!/bin/sh\necho ran\n", name="asked")
        asked.action.set_unless("test -z \"$(ls \"$TMPDIR\")\" && exit 1")
        run(job, kept, asked, window=1)
        assert job.out.decode() == "%s\n/folder /name /S\nsome" % os.path.abspath("dir"), str(job)
        assert job.action.result() == job.out.decode()
        assert kept.state == "finished" and kept.out == b"", str(kept)
        assert asked.out == b"ran\n", str(asked)
        assert not left()


@test
def tried_again():
    """It is read anew"""
    with world_with_folder() as world:
        job = Script(world.node(), "#!/bin/sh\necho first; exit 1\n")
        job.action.set_retries(1)
        run(job.on(b"first", lambda: write(job.filename, "#!/bin/sh\necho second\n")))
        assert job.out == b"first\nsecond\n" and job.state == "finished", str(job)
        assert not left()


@test
def what_cannot_be_run():
    """Is told before anything is asked, copied or run"""
    with world_with_folder() as world:
        os.mkdir("folder")
        write("huge", b"#!/bin/sh\n" + bytes(17 << 20))
        node = world.node()
        cases = [
            (Script(node, None, name="absent"), "no such file"),
            (Script(node, "#!/bin/sh\n", name="plain", mode=0o644), "not executable"),
            (Script(node, None, name="folder"), "directory"),
        ]
        for job, _ in cases:
            job.action.set_unless("touch '%s'; exit 1" % os.path.abspath("asked"))
            job.action.add_push("huge", os.path.abspath("pushed"))
        huge = Script(node, None, name="huge"), "16 MiB"
        # What the far side has to say
        there = Script(node, "#!/no/interpreter\n", name="there"), "far"
        lost = Script(node, "#!/bin/sh\n", name="lost", directory="/nonexistent"), "directory"
        run(*(job for job, _ in [*cases, huge, there, lost]))
        for job, words in [*cases, huge, there, lost]:
            job.failed_with(Jobs.Error.SPAWN, words, os.path.basename(job.filename))
        assert not os.path.exists("asked") and not os.path.exists("pushed")
        assert not left()


@test
def no_room():
    """Over there, for a file"""
    with world_with_folder() as world:
        job = Script(world.node(), "#!/bin/sh\necho never\n")
        os.rmdir("far tmp")
        run(job)
        job.failed_with(Jobs.Error.SPAWN, "no room", "far")
        os.mkdir("far tmp")


@test
def no_perl():
    with world_with_folder() as world:
        world.sshd.stop()
        world.sshd.environment["PATH"] = world.folder_without("perl")
        os.symlink(shutil.which("chmod"), world.sshd.path("bin/chmod"))
        world.sshd.start()
        job = Script(world.node(), "#!/bin/sh\necho $1; exit 7\n", "it")
        run(job)
        assert job.out == b"it\n" and job.status == 7, str(job)
        assert not left()


# Its end

@test
def ends():
    """By itself, well or not, asked to, or killed: it has gone when the job has ended"""
    tree = "#!/bin/sh\n%s%s\n"
    with world_with_folder() as world:
        node = world.node()

        def jobs():
            yield Script(node, "#!/bin/sh\nexit 0\n", name="good"), "finished"
            yield Script(node, "#!/bin/sh\nexit 5\n", name="bad"), "failed"
            yield Script(node, "#!/bin/sh\nkill -KILL $$\n", name="dies"), "failed"
            yield Script(node, "#!/bin/sh\nkill -KILL 0\n", name="all die"), "failed"
            job = Script(node, tree % ("", TREE), name="cancelled")
            yield job.on(b"deep", job.action.cancel), "cancelled"
            job = Script(node, tree % ("trap '' TERM;", TREE), name="stubborn", grace=300)
            yield job.on(b"deep", job.action.cancel), "cancelled"
            job = Script(node, tree % ("", TREE), name="slow")
            job.action.set_timeout(1)
            yield job, "timed-out"
            yield Script(node, "#!/bin/sh\nsleep 100 & exit 4\n", name="background"), "failed"
        for job, state in jobs():
            run(job)
            assert job.state == state, str(job)
            assert not left(), str(job)


@test
def the_connection_is_lost():
    with world_with_folder() as world:
        job = Script(world.node(), "#!/bin/sh\n" + TREE)
        run(job.on(b"deep", world.sshd.cut))
        job.failed_with(Jobs.Error.LOST, "far")
        wait_until(lambda: not sleepers(world), "a grandchild is left", 5)
        wait_until(lambda: not left(), "its folder is left", 5)


@test
def the_far_shell_is_killed():
    """Then the other one sees to it"""
    with world_with_folder() as world:
        job = Script(world.node(), "#!/bin/sh\n" + TREE)
        run(job.on(b"deep", world.kill_shells))
        job.failed_with(Jobs.Error.LOST, "far")
        wait_until(lambda: not sleepers(world), "a grandchild is left", 5)
        wait_until(lambda: not left(), "its folder is left", 5)


@test
def cut_anywhere():
    """On its way there, or while it runs: all of it runs, or nothing"""
    path = os.path.abspath("ran")
    text = b"#!/bin/sh\nwc -c <\"$0\" >>\"$1\"; sleep 0.05; exit\n" + os.urandom(60000)
    with world_with_folder() as world:
        for cut in range(3000, 93000, size(6000, 1500)):
            with Proxy(world.sshd, [cut]) as proxy:
                name = "cut-%d" % cut
                proxy.add_host(name)
                job = Script(world.node(name), text, path)
                run(job)
            assert job.state == "finished" or job.has_failed_with(Jobs.Error.LOST) or \
                job.has_failed_with(Jobs.Error.UNREACHABLE), str(job)
        with open(path) as file:
            assert set(file.read().split()) == {str(len(text))}
        wait_until(lambda: not left(), "a folder is left", 5)


remote.main()
