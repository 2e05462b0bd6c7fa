# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""How far a copy is, which is told while it goes on, and how it is ended"""

import os
import signal
import time

import remote
from faults import processes, size, test, wait_until
from remote import GLib, Job, Jobs, World, run

MEBIBYTE = 1 << 20
# Of scp, kbit/s, so that what is copied takes some seconds
LIMIT = 400000


class Copy(Job):
    """One that tells what it is told: (seconds, fraction)"""

    def __init__(self, node, push=(), pull=(), what="true"):
        super().__init__(node, what)
        self.told = []
        for names in push:
            self.action.add_push(*names)
        for names in pull:
            self.action.add_pull(*names)
        self.action.connect("notify::progress", self.progress_cb)

    def progress_cb(self, action, pspec):
        if action.get_progress() >= 0:
            self.told.append((time.monotonic(), action.get_progress()))

    @property
    def fractions(self):
        return [fraction for _, fraction in self.told]

    def parts(self, count):
        """Where files end; what is told between these took longer than is not worth a look"""
        ends = [number / count for number in range(count + 1)]
        for moment, fraction in self.told:
            if fraction in ends:
                last = moment
            else:
                assert moment - last > 0.19, self.told
        return [fraction for fraction in self.fractions if fraction in ends]

    def check(self, at_least):
        """They grow, to the end, and not too often"""
        assert self.state == "finished", str(self)
        fractions = self.fractions
        between = [fraction for fraction in fractions if 0 < fraction < 1]
        assert fractions == sorted(set(fractions)), fractions
        assert len(between) >= at_least and fractions[-1] == 1, fractions
        for number in range(len(self.told) - 12):
            assert self.told[number + 12][0] - self.told[number][0] > 1, self.told
        return between


class Slow(World):
    """An sshd to which scp is slow, and has more options"""

    def __init__(self, *options):
        super().__init__()
        self.options = " ".join(["-l", str(LIMIT), *options])

    def prepare(self):
        # What is found first says so
        folder = self.sshd.path("slow")
        os.mkdir(folder)
        with open(os.path.join(folder, "scp"), "w") as file:
            file.write("#!/bin/sh\nexec /usr/bin/scp %s \"$@\"\n" % self.options)
        os.chmod(os.path.join(folder, "scp"), 0o755)
        self.path = os.environ["PATH"]
        os.environ["PATH"] = folder + ":" + self.path
        super().prepare()

    def __exit__(self, *rest):
        os.environ["PATH"] = self.path
        super().__exit__(*rest)


def make(path, mebibytes):
    with open(path, "wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(MEBIBYTE))


def is_even(between):
    """They go all the way, in no great steps"""
    return max(b - a for a, b in zip([0, *between], [*between, 1])) < 0.4


@test
def a_large_file():
    make("large", size(100, 200))
    with Slow() as world:
        there, back = world.sshd.path("there"), os.path.abspath("back")
        push = Copy(world.node(), push=[("large", there)])
        pull = Copy(world.node(), pull=[(there, back)])
        run(push)
        assert is_even(push.check(4)), push.fractions
        run(pull)
        assert is_even(pull.check(4)), pull.fractions
        with open("large", "rb") as large, open(back, "rb") as copy:
            assert large.read() == copy.read()


@test
def folders():
    """Of few large files and many small ones, and a link, which is followed"""
    os.mkdir("tree")
    os.mkdir("tree/in")
    for number in range(size(40, 80)):
        make("tree/in/%d of them" % number, 1)
        for small in range(10):
            with open("tree/new\nline %d %d" % (number, small), "w") as file:
                file.write("small")
    os.symlink("in/0 of them", "tree/again")
    with Slow() as world:
        there = world.sshd.path("there")
        push = Copy(world.node(), push=[("tree", there)])
        pull = Copy(world.node(), pull=[(there, "back")])
        run(push)
        push.check(4)
        run(pull)
        pull.check(4)
        assert sum(len(names) for _, _, names in os.walk("back")) == size(40, 80) * 11 + 1


@test
def the_protocol_of_rcp():
    """By which older ones copy"""
    make("large", 60)
    with Slow("-O") as world:
        there = world.sshd.path("there")
        for names in {"push": [("large", there)]}, {"pull": [(there, "back")]}:
            job = Copy(world.node(), **names)
            run(job)
            assert is_even(job.check(3)), job.fractions
        assert os.path.getsize("back") == os.path.getsize("large")


@test
def links_that_lead_in_circles():
    """By that protocol they are followed, and never all copied"""
    os.mkdir("round")
    os.mkdir("round/about")
    for name in "a", "b", "c":
        os.symlink("..", "round/about/" + name)
    with Slow("-O") as world:
        job = Copy(world.node(), push=[("round", world.sshd.path("there"))])
        # As soon as it has been looked at
        GLib.timeout_add(2000, job.action.cancel)
        run(job)
        assert job.state == "cancelled" and job.fractions == [0], str(job)


@test
def several():
    """Each is a like part of the whole; what is done at once is told at its end"""
    make("one", 1)
    with World() as world:
        node = world.node()
        names = [("one", world.sshd.path(name)) for name in "abcd"]
        job = Copy(node, push=names)
        run(job)
        assert job.parts(4) == [0, 0.25, 0.5, 0.75, 1], job.fractions
        back = Copy(node, pull=[(world.sshd.path("a"), "back")])
        run(back)
        assert back.parts(1) == [0, 1], back.fractions


@test
def what_comes_behind():
    """How far the command is, is not how far its files were"""
    make("one", 1)
    with World() as world:
        job = Copy(world.node(), push=[("one", world.sshd.path("a"))],
                   what="until [ -e %s ]; do sleep 0.01; done" % os.path.abspath("seen"))

        def told_cb(action, pspec):
            if action.get_progress() < 0 and job.fractions:
                open("seen", "w").close()
        job.action.connect("notify::progress", told_cb)
        run(job)
        assert job.state == "finished" and job.parts(1) == [0, 1], job.told


@test
def one_session():
    """Is what the copy has: nobody is left to ask how much there is, and it goes on"""
    make("large", 60)
    with Slow() as world:
        job = Copy(world.node(max_sessions=1), pull=[(os.path.abspath("large"), "back")])
        run(job)
        assert job.state == "finished" and job.fractions == [0, 1], str(job)
        assert os.path.getsize("back") == os.path.getsize("large")


@test
def cancelled():
    """At once, on both ways, whatever it looks at"""
    make("large", 100)
    with Slow() as world:
        for direction in "push", "pull":
            for after in (220, 600, 150, 260)[:size(2, 4)]:
                job = Copy(world.node(), **{direction: [(os.path.abspath("large"), world.sshd.path("there"))]})
                before = Job(job.action.get_node(), "echo connected")
                job.action.requires(before.action)
                asked = []

                def cancel():
                    asked.append(time.monotonic())
                    job.action.cancel()
                before.on(b"connected", lambda: GLib.timeout_add(after, cancel))
                run(before, job)
                assert job.state == "cancelled", str(job)
                # Far less than its grace, after which it would be killed
                assert time.monotonic() - asked[0] < 8


# Ends well when it is asked to end, as servers do, and leaves two files
POLITE = "trap 'echo left >%(left)s; exit 0' TERM; echo here >%(here)s; echo runs; while :; do sleep 0.01; done"


class Polite(Copy):
    def __init__(self, world, **properties):
        names = {name: world.sshd.path(name) for name in ("here", "left")}
        super().__init__(world.node(), pull=[(there, name) for name, there in names.items()], what=POLITE % names)
        self.action.props.grace = 20000  # The signal has a long way
        for name, value in properties.items():
            self.action.set_property(name, value)


@test
def cancelled_before_its_files_are_home():
    """It is cancelled, however well its command has ended"""
    with World() as world:
        job = Polite(world)
        job.on(b"runs", job.action.cancel)
        run(job)
        assert job.state == "cancelled" and job.status == 0, str(job)
        assert not os.path.exists("here") and not job.told, job.told


@test
def stopped_at_the_end_of_its_run():
    """Is how one that runs forever ends: its files come home as any other's"""
    with World() as world:
        server = Polite(world, forever=True)
        client = Job(world.node(), "until [ -e %s ]; do sleep 0.01; done" % world.sshd.path("here"))
        run(client, server)
        assert server.state == "finished" and server.status == 0, str(server)
        assert server.parts(2) == [0, 0.5, 1], server.told
        for name in "here", "left":
            with open(name) as file:
                assert file.read() == name + "\n"


@test
def at_the_end_of_its_run_on_their_way():
    """They come home all the same, of one that had ended by itself"""
    with World() as world:
        told = world.sshd.path("told")
        make("one", 1)
        server = Copy(world.node(), pull=[(os.path.abspath("one"), name) for name in ("first", "second")])
        server.action.props.forever = True
        client = Job(world.node(), "until [ -e %s ]; do sleep 0.01; done" % told)
        server.action.connect("notify::progress", lambda *_: open(told, "w").close())
        run(client, server)
        assert server.state == "finished" and server.parts(2) == [0, 0.5, 1], (str(server), server.told)
        assert os.path.getsize("first") == os.path.getsize("second") == MEBIBYTE


@test
def who_copies_is_killed():
    """Then it is not copied"""
    make("large", 100)
    with Slow() as world:
        ran = os.path.abspath("ran")
        job = Copy(world.node(), push=[("large", world.sshd.path("there"))], what="touch " + ran)

        def kill():
            for pid, command in processes(world.token).items():
                if command.startswith("/usr/bin/scp "):
                    os.kill(pid, signal.SIGKILL)
        job.action.connect("notify::progress", lambda *_: job.action.get_progress() > 0 and kill())
        run(job)
        job.failed_with(Jobs.Error.SIGNALED, "9")
        assert not os.path.exists(ran)
        wait_until(lambda: not world.remote_processes(), "who writes it is left", 5)


remote.main()
