# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Signals to the runner and to its jobs; children that do not want to end."""

import array
import contextlib
import fcntl
import os
import signal
import termios
import time

from faults import (ORPHANS, PATIENCE, SOON, Fifo, Oracle, Runner, figure, main, size, state_of, test,
                    wait_until, write_jobs)

# What may still start once a signal was sent; and what the clock of the kernel
# may be off, which counts in hundredths
LATEST_START = 0.1 + 0.02

# Ignores TERM, as its children do, of which one has lost its parents; all of
# them keep the pipe of its output
DEAF = ("trap '' TERM INT HUP; sh -c '(sleep 1000 &) &'; sleep 1000 & "
        "echo ready $$ >ready; while :; do sleep 1000; done")

ENDS = ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129))


def assert_no_start_after(oracle, moment):
    late = [start for start in oracle.starts() if start[3] > moment + LATEST_START]
    assert not late, (moment, late)


def churn(oracle, n):
    """Jobs that come and go all the time"""
    jobs = {}
    for i in range(n):
        body = "sleep 0.02" if i != n // 10 else "echo ready $$ >ready"
        jobs.update(oracle.job("job-%d" % i, body, requires=["job-%d" % (i - 7)] if i >= 7 else []))
    return jobs


def end_by(number, status, group):
    for name in "oracle", "ready":
        if os.path.exists(name):
            os.unlink(name)
    oracle, ready = Oracle(), Fifo("ready")
    jobs = dict(churn(oracle, 400), **oracle.job("deaf", DEAF, grace="300ms"))
    write_jobs(jobs, window=4, grace="10s")
    runner = Runner("jobs.yaml")
    ready.line()
    ready.line()
    sent = runner.signal(number, group)
    ended = runner.wait(status)
    took = time.clock_gettime(time.CLOCK_BOOTTIME) - sent
    oracle.check(jobs, ended.events)
    assert_no_start_after(oracle, sent)
    assert ended.states()["deaf"]["term-signal"] == signal.SIGKILL
    assert took < 0.3 + ORPHANS, took
    assert ended.err.count(b"\n") == 1, ended.err
    return took


@test
def ends_alone():
    for number, status in ENDS:
        figure("from signal %d to the end, with a grace of 0.3 s" % number,
               "%.2f s" % end_by(number, status, False))


@test
def ends_with_group():
    for number, status in ENDS:
        end_by(number, status, True)


@test
def second_interrupt():
    oracle, ready = Oracle(), Fifo("ready")
    jobs = oracle.job("deaf", DEAF, grace="1h", shutdown="sleep 1000")
    jobs.update(oracle.job("behind", requires=["deaf"]))
    write_jobs(jobs, grace="1h", **{"shutdown-timeout": "1h"})
    runner = Runner("jobs.yaml")
    pid = int(ready.line().split()[-1])
    runner.signal(signal.SIGINT)
    wait_until(lambda: b"once more" in runner.read("err"), "the note")
    assert state_of(pid) not in (None, "Z")
    sent = runner.signal(signal.SIGINT)
    runner.wait(130)
    assert time.clock_gettime(time.CLOCK_BOOTTIME) - sent < 1
    assert [start[0] for start in oracle.starts()] == ["deaf"]


@test
def interrupt_while_it_starts():
    """Whenever it comes, it ends, and nothing is left"""
    oracle = Oracle()
    write_jobs(oracle.job("one", "sleep 1000"))
    for i in range(size(20, 100)):
        runner = Runner("jobs.yaml")
        time.sleep(i * 0.001)
        runner.signal(signal.SIGINT)
        # Spread over its start, not waiting for it. Before it listens, it dies of it
        runner.wait(expect=runner.process.wait(PATIENCE))
        assert runner.process.returncode in (-signal.SIGINT, 130), runner.process.returncode


def is_listening(runner):
    """It takes SIGINT, and sleeps"""
    with open(f"/proc/{runner.pid}/status", encoding="ascii") as status:
        caught = next(line for line in status if line.startswith("SigCgt")).split()[1]
    return int(caught, 16) >> (signal.SIGINT - 1) & 1 and state_of(runner.pid) == "S"


@test
def interrupt_before_it_starts():
    """While it waits for room for its first line"""
    oracle = Oracle()
    write_jobs(oracle.job("one", "sleep 1000"))
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write_end, b"." * 4096)
    os.set_blocking(write_end, True)
    runner = Runner("--events", "/dev/stdout", "jobs.yaml", stdout=write_end, events=False)
    os.close(write_end)
    wait_until(lambda: is_listening(runner), "it waits")
    runner.signal(signal.SIGINT)
    wait_until(lambda: b"interrupted" in runner.read("err"), "it has taken the signal")
    while os.read(read_end, 65536):
        pass
    os.close(read_end)
    runner.wait(130)


def flood(runner):
    """Two thousand signals, or as many as it lives to get"""
    for _ in range(1000):
        if runner.process.poll() is None:
            runner.signal(signal.SIGTERM)
            runner.signal(signal.SIGHUP)


@test
def many_signals():
    """The first one that it has taken decides, and it says so once"""
    oracle, ready = Oracle(), Fifo("ready")
    write_jobs(oracle.job("one", "trap '' TERM; echo ready >ready; sleep 1000", grace="300ms"))
    runner = Runner("jobs.yaml")
    ready.line()
    runner.signal(signal.SIGTERM)
    wait_until(lambda: b"told to end" in runner.read("err"), "it has taken the first")
    flood(runner)
    ended = runner.wait(143)
    assert b"signal 15 " in ended.out, ended.out
    assert ended.err.count(b"\n") == 1, ended.err


@test
def many_signals_at_once():
    """Of those that wait for it the kernel hands over the lowest first, and that one counts"""
    oracle, ready = Oracle(), Fifo("ready")
    write_jobs(oracle.job("one", "echo ready >ready; sleep 1000"))
    runner = Runner("jobs.yaml")
    ready.line()
    runner.signal(signal.SIGSTOP)
    wait_until(lambda: state_of(runner.pid) == "T", "it has stopped")
    runner.signal(signal.SIGTERM)
    runner.signal(signal.SIGHUP)
    runner.signal(signal.SIGCONT)
    flood(runner)
    ended = runner.wait(129)
    assert b"signal 1 " in ended.out, ended.out
    assert ended.err.count(b"\n") == 1, ended.err


def full_pipe(both):
    """A runner that waits for a reader; its output, its process"""
    ready = Fifo("ready")
    read_end, write_end = os.pipe()
    more = {"stderr": write_end} if both else {}
    write_jobs({"job": {"run": "echo $$ >ready; exec yes"}}, grace="1s")
    runner = Runner("jobs.yaml", stdout=write_end, **more)
    os.close(write_end)
    pid = int(ready.line())
    filled = array.array("i", [0])

    def is_full():
        fcntl.ioctl(read_end, termios.FIONREAD, filled)
        # In the end it sleeps in a call to write, or waits for room
        return filled[0] > 60000 and state_of(runner.pid) == "S"

    wait_until(is_full, "the pipe is full")
    # There may be room for some short line yet
    filler = os.open("/proc/self/fd/%d" % read_end, os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(filler, b".")
    os.close(filler)
    return runner, read_end, pid


@test
def end_while_nobody_reads():
    """Not even what it says of the signal, which goes to the same pipe"""
    for both in False, True:
        if both:
            os.unlink("ready")
        runner, read_end, _pid = full_pipe(both)
        runner.signal(signal.SIGTERM)
        runner.wait(143)
        os.close(read_end)


# Children that do not want to end


@test
def stopped_child_times_out():
    ready = Fifo("ready")
    oracle = Oracle()
    body = "echo $$ >ready; trap 'exit 0' TERM; sleep 1000 & kill -STOP $$; wait"
    deaf = "trap '' TERM; echo $$ >ready; sleep 1000 & kill -STOP $$; wait"
    jobs = dict(oracle.job("polite", body, timeout=SOON, grace="1h"),
                **oracle.job("deaf", deaf, timeout=SOON, grace="200ms"))
    write_jobs(jobs, **{"on-failure": "keep-going"})
    runner = Runner("jobs.yaml")
    for _ in jobs:
        pid = int(ready.line())
        wait_until(lambda pid=pid: state_of(pid) in "tT", "the child stops")
    ended = runner.wait(1)
    oracle.check(jobs, ended.events)
    for name in jobs:
        state = ended.states()[name]
        assert state["state"] == "timed-out", state
        assert SOON * 1e6 <= state["duration-us"] < (SOON + 3) * 1e6, state
    assert ended.states()["deaf"]["term-signal"] == signal.SIGKILL


@test
def deaf_tree_times_out():
    ready = Fifo("ready")
    oracle = Oracle()
    jobs = dict(oracle.job("deaf", DEAF, timeout=SOON, grace="200ms", critical=False),
                **oracle.job("behind", requires=["deaf"]))
    # What has left its group, as daemons do, still has its pipe: nobody waits for it
    jobs["daemon"] = {"run": "setsid sh -c 'echo $$ >ready; exec sleep 1000' & wait",
                      "timeout": SOON, "critical": False}
    write_jobs(jobs)
    runner = Runner("jobs.yaml")
    said = [ready.line(), ready.line()]
    daemon = int([line for line in said if "ready" not in line][0])
    runner.process.wait(PATIENCE)
    assert state_of(daemon) == "S"
    os.kill(daemon, signal.SIGKILL)
    ended = runner.wait(0)
    assert ended.states()["deaf"]["state"] == ended.states()["daemon"]["state"] == "timed-out"
    assert ended.states()["daemon"]["duration-us"] < (SOON + 1.2) * 1e6, ended.states()["daemon"]
    assert ended.states()["behind"]["state"] == "finished"


# Ctrl-Z


def wait_stopped(runner):
    def stopped():
        pid, status = os.waitpid(runner.pid, os.WUNTRACED | os.WNOHANG)
        assert not pid or os.WIFSTOPPED(status), "it ended: %s" % status
        return pid and os.WSTOPSIG(status)
    return wait_until(stopped, "it stops")


def stays_stopped(runner, pids, seconds):
    """Time must pass here: that no clock ticks on is what is to be seen"""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        for pid in pids:
            assert state_of(pid) in "tT", (pid, state_of(pid))
        time.sleep(0.01)
    assert runner.process.poll() is None


@test
def stop_and_continue():
    ready, go = Fifo("ready"), Fifo("go")
    oracle = Oracle()
    body = "sh -c 'echo $$ >ready; exec sleep 1000' & echo $$ >ready; read x <go; kill $!"
    jobs = dict(oracle.job("patient", body, timeout="3s"),
                **oracle.job("behind", requires=["patient"]))
    # Its clock goes on where it stood, and does end it
    jobs["slow"] = {"run": "echo $$ >ready; exec sleep 1000", "timeout": "2s", "critical": False}
    write_jobs(jobs, timeout="4s")
    runner = Runner("jobs.yaml")
    pids = [int(ready.line()) for _ in range(3)]
    for seconds in 2.1, 0.4:  # not only once
        runner.signal(signal.SIGTSTP)
        assert wait_stopped(runner) == signal.SIGTSTP
        wait_until(lambda: all(state_of(pid) in "tT" for pid in pids), "the jobs stop")
        stays_stopped(runner, pids, seconds)
        ended = [e for e in runner.events() if e.get("state") in ("timed-out", "finished")]
        assert not ended, ended
        runner.signal(signal.SIGCONT)
        wait_until(lambda: all(state_of(pid) == "S" for pid in pids), "the jobs go on")
    wait_until(lambda: [e for e in runner.events() if e.get("state") == "timed-out"],
               "the one that is slow times out")
    go.send()
    ended = runner.wait(0)
    states = ended.states()
    assert states["patient"]["state"] == states["behind"]["state"] == "finished", states
    assert states["slow"]["state"] == "timed-out", states
    assert states["slow"]["duration-us"] > 2500000 + 2000000, states["slow"]
    assert ended.err == b"", ended.err


@test
def stop_the_group():
    """As a shell does with all of a pipeline"""
    ready, go = Fifo("ready"), Fifo("go")
    oracle = Oracle()
    write_jobs(oracle.job("one", "echo $$ >ready; read x <go"))
    runner = Runner("jobs.yaml")
    pid = int(ready.line())
    runner.signal(signal.SIGTSTP, group=True)
    wait_stopped(runner)
    wait_until(lambda: state_of(pid) in "tT", "the job stops")
    runner.signal(signal.SIGCONT, group=True)
    go.send()
    runner.wait(0)


@test
def stop_and_end():
    """A signal that comes while it is stopped counts once it goes on"""
    ready = Fifo("ready")
    oracle = Oracle()
    write_jobs(oracle.job("one", "echo $$ >ready; sleep 1000"))
    runner = Runner("jobs.yaml")
    ready.line()
    runner.signal(signal.SIGTSTP)
    wait_stopped(runner)
    runner.signal(signal.SIGTERM)
    runner.signal(signal.SIGCONT)
    runner.wait(143)


@test
def stop_while_nobody_reads():
    """A pager is stopped with us: nothing may get lost for that"""
    runner, read_end, pid = full_pipe(False)
    runner.signal(signal.SIGTSTP)
    wait_stopped(runner)
    wait_until(lambda: state_of(pid) in "tT", "the job stops")
    runner.signal(signal.SIGCONT)
    for _ in range(50):
        assert os.read(read_end, 4096), "nothing more is written"
    runner.signal(signal.SIGTERM)
    with open(read_end, "rb") as rest:
        text = rest.read()
    ended = runner.wait(143)
    assert b"1 cancelled; " in text and ended.err.count(b"\n") == 1, (text[-500:], ended.err)


@test
def no_stop_where_ignored():
    ready, go = Fifo("ready"), Fifo("go")
    oracle = Oracle()
    write_jobs(oracle.job("one", "echo $$ >ready; read x <go; grep SigIgn /proc/$$/status"))
    runner = Runner("jobs.yaml", ignored=(signal.SIGTSTP,))
    ready.line()
    runner.signal(signal.SIGTSTP)
    go.send()
    runner.wait(0)


if __name__ == "__main__":
    main()
