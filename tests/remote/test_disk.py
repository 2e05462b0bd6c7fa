# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What becomes of commands on a machine whose disk is full: that machine is this one,
and the disk a small one that is made for the test."""

import contextlib
import ctypes
import os

import remote
from remote import Job, Jobs, World, run
from faults import Skip, test

MNT_DETACH = 2
SIZE = 1024 * 1024


@contextlib.contextmanager
def small_disk():
    os.mkdir("small")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", b"small", b"tmpfs", 0, b"size=%d" % SIZE) != 0:
        raise Skip("no file system can be mounted: " + os.strerror(ctypes.get_errno()))
    try:
        yield os.path.abspath("small")
    finally:
        libc.umount2(b"small", MNT_DETACH)


def fill(disk):
    with contextlib.suppress(OSError), open(os.path.join(disk, "filler"), "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@test
def no_room_for_what_is_pushed():
    """The job fails and does not run; what there is room for goes on to work"""
    with small_disk() as disk, World() as world:
        for name, size in ("large", 2 * SIZE), ("little", 1000):
            with open(name, "wb") as file:
                file.write(bytes(size))
        large = Job(world.node(), "touch ran")
        large.action.set_directory(disk)
        large.action.add_push("large", disk + "/large")
        run(large)
        large.failed_with(Jobs.Error.COPY, "large")
        assert not os.path.exists(disk + "/ran")
        os.remove(disk + "/large")

        little = Job(world.node(), "wc -c < little")
        little.action.set_directory(disk)
        little.action.add_push("little", disk + "/little")
        assert run(little).out.strip() == b"1000", str(little)


@test
def no_room_for_what_it_writes():
    """It says so itself, and its status is the true one"""
    with small_disk() as disk, World() as world:
        job = run(Job(world.node(), "head -c %d /dev/zero > %s/x; s=$?; echo status $s; exit 9" % (2 * SIZE, disk)))
        assert job.status == 9 and b"status 1" in job.out, str(job)
        assert b"space" in job.err, str(job)


@test
def no_room_for_its_input():
    """It does not run with half of it; what needs none runs"""
    with small_disk() as disk:
        fill(disk)
        with World(environment={"TMPDIR": disk}) as world:
            node = world.node()
            fed = Job(node, "cat > %s" % os.path.abspath("got"), stdin=b"x" * 100000)
            plain = Job(node, "echo hi")
            run(fed, plain)
            fed.failed_with(Jobs.Error.SPAWN, "no room for its standard input")
            assert not os.path.exists("got")
            assert plain.out == b"hi\n", str(plain)


remote.main()
