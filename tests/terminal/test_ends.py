# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The terminal is given back, whatever ends the run or stops it, and never holds it up."""

import contextlib
import os
import select
import signal
import sys

from terminal import Fifo, held, terminal

from toolkit import PATIENCE, contains, is_alive, jobs, lacks, main, test

# The command, whose process is told of
RUN = 'sh -c \'echo $$ >pid; exec "$TOOL" run --no-journal jobs.yaml\''


def read_pid(screen, name="pid"):
    def read():
        if not os.path.exists(name):
            return None
        with open(name) as file:
            return int(file.read() or 0)
    return screen.wait(read, name)


def forget(*names):
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


@test
def signals():
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        forget("a", "after", "pid")
        _fifo, job = held("a")
        jobs(job)
        with terminal(RUN) as screen:
            screen.wait_running("a")
            os.kill(read_pid(screen), number)
            assert screen.status() == status
            contains(screen.screen(), "asyncjobs run: ", "1 cancelled; ", "stopped by signal")


@test
def ctrl_c_twice():
    ready = Fifo("ready")
    jobs("deaf: {run: 'trap \"\" TERM; echo $$ >pid-deaf; while :; do sleep 1; done', grace: 1h, dir: '%s'}" % os.getcwd())
    with terminal(RUN) as screen:
        screen.wait_running("deaf")
        pid = read_pid(screen, "pid-deaf")
        screen.keys("C-c")
        screen.wait("once more kills them at once")
        screen.wait("cancelling")
        screen.keys("C-c")
        assert screen.status() == 130
        screen.wait(lambda: not is_alive(pid), "the job is killed")
    os.close(ready.fd)


@test
def crashes():
    for number in signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT, signal.SIGUSR1, signal.SIGFPE:
        forget("a", "after", "pid")
        fifo, job = held("a")
        jobs(job)
        # A sanitizer has handlers of its own, which are left alone
        with terminal("ulimit -c 0; export ASAN_OPTIONS=$ASAN_OPTIONS:handle_segv=0:handle_sigfpe=0; " + RUN) as screen:
            screen.wait_running("a")
            os.kill(read_pid(screen), number)
            assert screen.status() == 128 + number
        fifo.send()  # to what it has left behind


@test
def hang_up():
    _fifo, job = held("a", before="echo $$ >job")
    jobs(job.replace("}", ", dir: '%s'}" % os.getcwd()))
    with terminal(RUN) as screen:
        screen.wait_running("a")
        pid, job_pid = read_pid(screen), read_pid(screen, "job")
        fds = [os.pidfd_open(pid), os.pidfd_open(job_pid)]
        screen.close()
        for fd in fds:
            assert select.select([fd], [], [], PATIENCE)[0], "it goes on"
            os.close(fd)


@test
def stops_and_goes_on():
    fifo, job = held("a", after="echo behind")
    jobs(job)
    with terminal("PS1='$ ' sh -im; true", rows=20) as screen:
        screen.wait("$")
        screen.keys('"$TOOL" run --no-journal jobs.yaml; echo told $?', "Enter")
        screen.wait_running("a")
        for _ in range(2):
            screen.keys("C-z")
            screen.wait(lambda: not screen.is_drawn_on(), "it stops")
            screen.wait("Stopped")
            assert screen.ask("cursor_flag") == "1"
            screen.keys("fg", "Enter")
            screen.wait(screen.is_drawn_on, "it goes on")
            screen.wait_running("a")
        # In the background it leaves the terminal to the shell
        screen.keys("C-z")
        screen.wait("Stopped")
        screen.keys("bg; echo in the; echo background", "Enter")
        screen.wait("background\n")
        assert not screen.is_drawn_on()
        screen.keys("fg", "Enter")
        screen.wait(screen.is_drawn_on, "it comes back")
        screen.wait_running("a")
        fifo.send()
        screen.wait(lambda: not screen.is_drawn_on(), "it ends")
        screen.wait("1 finished; ")
        screen.keys("exit", "Enter")
        assert screen.status() == 0


@test
def stopped_terminal():
    """Ctrl-S stops what is seen, not what is done"""
    fifo, job = held("a")
    jobs(job + "\nb: {requires: a, run: 'for i in $(seq 3000); do echo $i; done; echo >told', dir: '%s'}\n"
         "c: {requires: b, run: 'read x <a'}" % os.getcwd())
    with terminal() as screen:
        screen.wait_running("a")
        screen.keys("C-s")
        fifo.send()
        screen.wait(lambda: os.path.exists("told"), "the jobs go on")
        screen.keys("C-q")
        screen.wait_names("c a b")
        fifo.send()
        assert screen.status() == 0


@test
def others_write_there():
    """Ctrl-L mends what somebody else has spoiled"""
    fifo, job = held("a")
    jobs(job)
    with terminal() as screen:
        screen.wait_running("a")
        with open(screen.ask("pane_tty"), "w") as tty:
            tty.write("\033[5;1Hspoiled\033[9;9Hspoiled")
        screen.wait("spoiled")
        screen.keys("C-l")
        screen.wait(lambda: "spoiled" not in screen.screen(), "it is drawn anew")
        fifo.send()
        assert screen.status() == 0
        lacks(screen.screen(), "spoiled")


if __name__ == "__main__":
    sys.exit(main("terminal-ends"))
