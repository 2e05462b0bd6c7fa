# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Very much output, and nobody who takes it: memory, every byte, the exit status."""

import contextlib
import hashlib
import os
import resource
import subprocess

from faults import Oracle, Runner, figure, main, only_unsanitized, run, size, small_disk, test, write_jobs

MIB = 1024 * 1024
MEMORY_MAX = 32 * 1024  # KiB
MODES = ("prefixed", "grouped", "stream", "errors", "none")

# One line of a job: no UTF-8, and what a terminal would obey
RAW = b"caf\351 \033[31mred\033[0m \001 and some more of it to have a line of usual length\n"
SHOWN = RAW.replace(b"\351", b"\xef\xbf\xbd").replace(b"\033", b"^[").replace(b"\001", b"^A")
TEXT = r"caf\351 \033[31mred\033[0m \001 and some more of it to have a line of usual length"


def lines_in(n_bytes):
    return n_bytes // len(RAW)


def write_lines(n):
    return 'yes "$(printf "%s")" | head -n %d' % (TEXT, n)


def measured(jobs):
    """Behind a job that looks how big the runner is, and before another one"""
    look = "grep VmHWM /proc/$PPID/status >"
    for job in jobs.values():
        job.setdefault("requires", ["before"])
    return dict(jobs, before={"run": look + "before"},
                after={"run": look + "after", "requires": list(jobs)})


def assert_little_memory(what):
    size_of = {}
    for name in "before", "after":
        with open(name) as file:
            size_of[name] = int(file.read().split()[1])
    more = size_of["after"] - size_of["before"]
    if not os.environ.get("FAULTS_SANITIZED"):
        figure("more memory, " + what, "%.1f MiB" % (more / 1024))
        assert more < MEMORY_MAX, more


class Reader:
    """Reads all that the runner prints, and keeps what it cannot foresee"""

    def __init__(self, *arguments, **more):
        self.runner = Runner(*arguments, stdout=subprocess.PIPE, bufsize=0, **more)

    def assert_text(self, line, n):
        """Begins with n times this line; returns what comes behind"""
        expected = line * (1 + MIB // len(line))
        left, position = n * len(line), 0
        while left > 0:
            piece = os.read(self.runner.process.stdout.fileno(), min(left, MIB))
            assert piece, "it is too short by %d bytes" % left
            assert piece == expected[position:position + len(piece)], piece[:200]
            left -= len(piece)
            position = (position + len(piece)) % len(line)
        return self.runner.process.stdout.read()


@test
def much_from_one():
    n = lines_in(size(8, 256, 1024) * MIB)
    for mode, line, head in (("prefixed", b"[job] " + SHOWN, b""), ("stream", RAW, b""),
                             ("grouped", SHOWN, b"--- job\n")):
        write_jobs(measured({"job": {"run": write_lines(n)}}))
        reader = Reader("--progress", "none", "--output", mode, "jobs.yaml")
        assert reader.runner.process.stdout.read(len(head)) == head
        rest = reader.assert_text(line, n)
        ended = reader.runner.wait(0)
        assert b"finished; " in (ended.err if mode == "stream" else rest), (rest, ended.err)
        assert_little_memory("%.1f MiB of lines, %s" % (n * len(RAW) / MIB, mode))


@test
def one_long_line():
    n = size(8, 256, 1024) * MIB
    body = "head -c %d /dev/zero | tr '\\0' x" % n
    for mode, piece, head in (("prefixed", b"[job] " + b"x" * 65536 + b"\n", b""),
                              ("stream", b"x" * 65536, b""),
                              ("grouped", b"x" * 65536 + b"\n", b"--- job\n")):
        write_jobs(measured({"job": {"run": body}}))
        reader = Reader("--progress", "none", "--output", mode, "jobs.yaml")
        assert reader.runner.process.stdout.read(len(head)) == head
        reader.assert_text(piece, n // 65536)
        reader.runner.wait(0)
        assert_little_memory("one line of %d MiB, %s" % (n // MIB, mode))


def digest(line, n):
    sha = hashlib.sha256()
    block = line * 10000
    for _ in range(n // 10000):
        sha.update(block)
    sha.update(line * (n % 10000))
    return sha.hexdigest()


def hundred(n, **keys):
    """A hundred jobs with logs, each of which is looked at and removed behind it"""
    jobs = {}
    for i in range(100):
        jobs["out-%d" % i] = dict(keys, run=write_lines(n), output="log-%d" % i)
    jobs = measured(jobs)
    for i in range(100):
        jobs["sum-%d" % i] = {"run": "sha256sum <log-%d >>sums; rm log-%d" % (i, i), "priority": 1,
                              "requires": {"out-%d" % i: "success"}}
    return jobs


@test
def logs_of_a_hundred():
    n = lines_in(size(1, 4, 100) * MIB)
    write_jobs(hundred(n))
    ended = run("-j", "8", "--output", "none", "jobs.yaml")
    assert all(e["state"] == "finished" for e in ended.states().values())
    with open("sums") as file:
        sums = file.read().split()[::2]
    assert len(sums) == 100 and set(sums) == {digest(RAW, n)}
    assert_little_memory("100 logs of %.1f MiB, 8 at once" % (n * len(RAW) / MIB))


@test
def a_hundred_at_once():
    for mode, n in (("prefixed", size(0.25, 4, 10)), ("grouped", size(0.25, 4, 10))):
        n = lines_in(int(n * MIB))
        jobs = {"job-%d" % i: {"run": write_lines(n)} for i in range(100)}
        write_jobs(measured(jobs))
        runner = Runner("--progress", "none", "--output", mode, "jobs.yaml",
                        stdout=subprocess.PIPE)
        seen, last = 0, b""
        while True:
            piece = os.read(runner.process.stdout.fileno(), MIB)
            if not piece:
                break
            seen += piece.count(b"\n")
            last = (last + piece)[-1000:]
        runner.wait(0)
        assert b"102 finished; " in last, last[-200:]
        assert seen == 100 * (n + (mode == "grouped")) + 2, (seen, n)
        assert_little_memory("100 times %.1f MiB at once, %s" % (n * len(RAW) / MIB, mode))


# Where nothing can be written


def talkative(oracle, n):
    jobs = {}
    for i in range(n):
        jobs.update(oracle.job("job-%d" % i, write_lines(500) + "; echo oh >&2",
                               requires=["job-%d" % (i - 1)] if i % 4 else []))
    return jobs


def assert_all_went_on(oracle, jobs, ended):
    oracle.check(jobs, ended.events)
    assert all(e["state"] == "finished" for e in ended.states().values()), ended.states()


@test
def reader_goes_away():
    for mode in MODES:
        oracle = Oracle()
        jobs = talkative(oracle, 24)
        write_jobs(jobs)
        runner = Runner("--output", mode, "-j", "2", "jobs.yaml", stdout=subprocess.PIPE)
        if mode != "stream":
            assert b"the run" in os.read(runner.process.stdout.fileno(), 4096)
        runner.process.stdout.close()
        ended = runner.wait(5)
        assert_all_went_on(oracle, jobs, ended)
        assert ended.err.count(b"cannot write") == 1, (mode, ended.err[-500:])


@test
def full_or_closed():
    """What was asked for and is lost makes the run one with trouble, and no more"""
    for stream in "stdout", "stderr":
        for how in "/dev/full", None:
            for mode in MODES:
                oracle = Oracle()
                jobs = talkative(oracle, 4)
                write_jobs(jobs)
                with contextlib.ExitStack() as stack:
                    # One that is not open for writing stands for one that is closed
                    file = stack.enter_context(open(how, "wb") if how else open("/dev/null", "rb"))
                    runner = Runner("--output", mode, "jobs.yaml", **{stream: file})
                lost = stream == "stdout" or mode == "stream"
                ended = runner.wait(5 if lost else 0)
                assert_all_went_on(oracle, jobs, ended)
                if stream == "stdout":
                    assert ended.err.count(b"cannot write") == 1, (mode, ended.err[-500:])


@test
def events_that_nobody_reads():
    oracle = Oracle()
    jobs = talkative(oracle, 8)
    write_jobs(jobs)
    read_end, write_end = os.pipe()
    runner = Runner("--events", "fd:%d" % write_end, "--output=none", "jobs.yaml",
                    pass_fds=[write_end], events=False)
    os.close(write_end)
    assert os.read(read_end, 100).startswith(b'{"event":"start"')
    os.close(read_end)
    ended = runner.wait(5)
    assert ended.err.count(b"cannot write") == 1, ended.err
    assert len(oracle.starts()) == len(jobs)


@test
def no_room_for_what_is_kept():
    oracle = Oracle()
    jobs = dict(oracle.job("one", write_lines(lines_in(24 * MIB))),
                **oracle.job("two", "echo fine", requires=["one"]))
    write_jobs(jobs)
    with small_disk(1024) as disk:
        ended = run("--output=grouped", "jobs.yaml", expect=5,
                    env={"TMPDIR": os.path.abspath(disk)})
        assert os.listdir(disk) == []
    assert_all_went_on(oracle, jobs, ended)
    assert ended.err.count(b"\n") == 1 and b"some of it is lost" in ended.err, ended.err
    assert b"--- two\nfine\n" in ended.out


@test
def files_are_limited():
    """ulimit -f: the system kills whoever does not ask to be told instead"""
    only_unsanitized("a limit of files")
    oracle = Oracle()
    jobs = dict(oracle.job("big", write_lines(lines_in(4 * MIB)), output="log", critical=False),
                **oracle.job("behind", requires=["big"]))
    write_jobs(jobs)
    ended = run("--no-journal", "--output=none", "jobs.yaml",
                limits={resource.RLIMIT_FSIZE: MIB})
    states = ended.states()
    assert states["behind"]["state"] == "finished"
    assert states["big"]["state"] == "failed" and "log" in states["big"]["error"]["message"], states
    assert os.stat("log").st_size == MIB


if __name__ == "__main__":
    main()
