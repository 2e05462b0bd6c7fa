# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""check, list, graph and run -n start nothing, write nothing, and open nothing but
the job file: test-opens.py PATH-OF-ASYNCJOBS

strace tells each system call that could. What the dynamic linker, libc with its
locales, and GLib open by themselves before main() or for translations is READ."""

import os
import re
import subprocess
import sys

from support import TOOL, case, environment, main, need_strace, write

# Each of these, where it is not an open for reading, would leave a trace outside
TRACED = "%file,%process,%network,%desc,kill,tgkill,tkill"

READ = [re.compile(pattern) for pattern in (
    r".*/lib[^/]*\.so[0-9.]*$",                    # libraries, wherever they are looked for
    r"/etc/ld\.so\.(cache|preload)$",
    r"/proc/filesystems$",                         # libselinux, which GIO links
    r".*/locale/.*",                               # locales and translations
    r"/usr/(lib|share)/(.*/)?(locale-archive|locale\.alias|charset\.alias)$",
    r".*/gconv/gconv-modules(\.cache|\.d.*)?$",
    r"/etc/selinux/config$",
)]

# Of files: to look at one is allowed, anything else is not; and the first execve
LOOK = {"access", "faccessat", "faccessat2", "stat", "lstat", "newfstatat", "statx", "statfs",
        "readlink", "readlinkat", "getcwd"}
# Of processes: what one does to itself
OWN = {"exit", "exit_group", "arch_prctl"}
# Of descriptors: what writes to no file
DESC = {"close", "close_range", "fcntl", "dup", "dup2", "dup3", "read", "pread64", "readv", "lseek",
        "fstat", "mmap", "mmap2", "poll", "ppoll", "ioctl", "eventfd2", "epoll_create1", "fstatfs",
        "getdents64", "fadvise64", "pselect6", "select"}

TRAPS = """version: 1
name: traps
env: {A: b}
nodes: {gate: {ssh: root@gate}, far: {ssh: root@far, gateway: gate}, farm: {slurm: {cpus: 1}}}
pools: {p: 1}
jobs:
  a: {run: touch ran, unless: touch ran, shutdown: touch ran, dir: sub, output: ran, stdin: x}
  b: {run: [touch, ran], requires: a, capture: B, pool: p, secret-env: [TRAP]}
  c: {run: touch ran, forever: true, ready: {run: touch ran}}
  d: {run: touch ran, requires: {c: ready}, on: far, push: {f: g}, pull: {g: h}}
  e: {run: touch ran, on: farm}
  f: {matrix: {x: [1, 2]}, run: touch ran}
  g: {jobs: {h: {run: touch ran}}, requires: b}
  i: {sleep: 1h}
"""


def trace(*arguments, stdin=None, expect=0):
    """Pairs of a system call and its arguments, of all processes"""
    command = ["strace", "-f", "-qq", "-s", "4096", "-e", "signal=none", "-e", "trace=" + TRACED,
               "-o", "trace", TOOL, *arguments]
    done = subprocess.run(command, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=environment(TRAP="hush"), timeout=60)
    assert done.returncode == expect, (arguments, done)
    with open("trace", encoding="utf-8", errors="replace") as file:
        calls = [re.match(r"\d+ +(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)", line) for line in file]
    calls = [call.groups() for call in calls if call is not None]
    assert len(calls) > 20, calls
    return calls


def judge(calls, files, what):
    """Each call is harmless, and the job files are the only ones opened for us"""
    opened = []
    started = 0
    for name, rest in calls:
        call = "%s: %s(%s" % (what, name, rest)
        if name in ("open", "openat", "openat2"):
            path = re.search(r'"((?:[^"\\]|\\.)*)"', rest).group(1)
            assert not re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)", rest), call
            if path in files:
                opened.append(path)
            else:
                assert any(pattern.match(path) for pattern in READ), call
        elif name == "execve":
            started += 1
        elif name in ("write", "writev"):
            # Standard output and error; or 8 bytes to an eventfd of GLib
            assert re.match(r"[12],", rest) or re.match(r'\d+, "(\\\d+){8}", 8\)', rest), call
        else:
            assert name in LOOK | OWN | DESC, call
    assert started == 1, (what, started)
    return opened


@case
def nothing_is_started_or_written():
    need_strace()
    commands = [
        ["check"], ["list"], ["graph"], ["graph", "-f", "mermaid"], ["graph", "-f", "json"],
        ["run", "-n"],
        ["run", "-n", "-v", "-j2", "-k", "--events=events", "--report=report.json", "-e", "A=c",
         "--timeout=1s", "--output=grouped", "--color=always", "--skip=i"],
    ]
    os.mkdir("sub")
    write("jobs.yaml", TRAPS)
    for command in commands:
        calls = trace(*command, "jobs.yaml")
        assert judge(calls, ["jobs.yaml"], " ".join(command)) == ["jobs.yaml"]
    assert sorted(os.listdir(".")) == ["jobs.yaml", "sub", "trace"] and not os.listdir("sub")
    return "%d commands, %d system calls of the last" % (len(commands), len(calls))


@case
def a_wrong_file_opens_nothing_either():
    need_strace()
    write("jobs.yaml", TRAPS + "  j: {runn: touch ran, requires: k}\n")
    for command in (["check"], ["list"], ["graph"], ["run", "-n"], ["run"]):
        calls = trace(*command, "jobs.yaml", expect=3)
        assert judge(calls, ["jobs.yaml"], " ".join(command)) == ["jobs.yaml"]
    assert sorted(os.listdir(".")) == ["jobs.yaml", "trace"]


@case
def the_standard_input_is_a_job_file():
    need_strace()
    write("jobs.yaml", TRAPS)
    for command in (["check"], ["list"], ["run", "-n"]):
        with open("jobs.yaml", "rb") as file:
            assert judge(trace(*command, "-", stdin=file), [], " ".join(command)) == []


@case
def what_does_start_is_seen():
    """The judge is no good if it lets a real run through"""
    need_strace()
    write("jobs.yaml", "version: 1\njobs: {a: {run: 'true'}}\n")
    try:
        judge(trace("run", "jobs.yaml"), ["jobs.yaml"], "run")
    except AssertionError:
        return
    raise AssertionError("a run was taken for nothing")


sys.exit(main("opens"))
