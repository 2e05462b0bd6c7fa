# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""When there is a screen, and when there are lines; what terminals and locales lack."""

import os
import re
import shutil
import sys

from terminal import Fifo, held, terminal

from toolkit import Skip, contains, jobs, lacks, main, test, tool

WATCH = ('"$TOOL" run --bus --no-journal --progress plain jobs.yaml >out & pid=$!; '
         'gdbus wait --session --timeout 30 org.asyncjobs.Run.p$pid && "$TOOL" watch; echo left $?; wait $pid; echo ended $?')
COLOR = re.compile(r"\033\[[0-9;]*3[0-7]m")


def run(*options):
    return '"$TOOL" run --no-journal %s jobs.yaml' % " ".join(options)


def forget(*names):
    for name in names:
        os.unlink(name)


@test
def lines_where_asked_for():
    for options, variables in (((), {"TERM": "dumb"}), ((), {"CI": "1"}), (("--progress", "plain"), {}),
                               (("--output", "grouped"), {}), (("-v",), {}), (("--events", "fd:1"), {})):
        fifo, job = held("a")
        jobs("first: {run: echo seen}\n" + job)
        set_term = "TERM=dumb " if "TERM" in variables else ""
        with terminal(set_term + run(*options), **{k: v for k, v in variables.items() if k != "TERM"}) as screen:
            screen.wait("seen" if "fd:1" not in options else "state")
            assert not screen.is_drawn_on(), (options, variables)
            fifo.send()
            assert screen.status() == 0
        forget("a", "after")


@test
def no_lines_when_quiet():
    fifo, job = held("a")
    jobs(job + "\nbad: {run: exit 1, critical: false}")
    with terminal(run("-q")) as screen:
        fifo.send()
        assert screen.status() == 0
        lacks(screen.screen(), "started")


@test
def screen_on_request():
    """With CI too, and with the output in a file"""
    fifo, job = held("a", before="echo hi")
    jobs(job)
    with terminal(run("--progress", "live") + " >out", CI="1") as screen:
        screen.wait_running("a")
        fifo.send()
        assert screen.status() == 0
    with open("out") as file:
        contains(file.read(), "[a] hi", "1 finished")


@test
def no_terminal_at_all():
    jobs("a: {run: echo hi}")
    result = tool("run", "--no-journal", "--progress=live", "jobs.yaml")
    contains(result.err, "--progress live: this is no terminal")
    contains(result.out, "started     a", "[a] hi", "1 finished")
    result = tool("run", "--no-journal", "jobs.yaml")
    assert result.err == ""


@test
def colors():
    for variables, options, colored in (({}, (), True), ({"NO_COLOR": "1"}, (), False),
                                        ({}, ("--color=never",), False),
                                        ({"NO_COLOR": "1"}, ("--color=always",), True)):
        fifo, job = held("a")
        jobs(job)
        with terminal(run(*options), **variables) as screen:
            screen.wait_running("a")
            assert bool(COLOR.search(screen.screen("-e"))) == colored, (variables, options)
            # Told by a word and a sign, too
            contains(screen.rows()[0], "●", "a", "running")
            fifo.send()
            assert screen.status() == 0
        forget("a", "after")


def watching(command=WATCH):
    """A run of a process of its own, whose lines are in the file out, and the command that shows it"""
    for needed in "dbus-run-session", "gdbus":
        if shutil.which(needed) is None:
            raise Skip("no " + needed)
    return terminal("dbus-run-session sh -c '%s'" % command, NO_COLOR="1")


@test
def watches_another():
    """What runs elsewhere, on the same screen; leaving that leaves the run alone"""
    fifo, job = held("a", before="echo here")
    jobs("tests:\n  jobs:\n    %s" % job)
    with watching() as screen:
        screen.wait_running("tests", "a")
        screen.wait("here")
        assert not COLOR.search(screen.screen("-e"))
        screen.keys("q")
        screen.wait("Leave it running?")
        screen.keys("y")
        screen.wait("left 0")
        assert not screen.is_drawn_on()
        contains(screen.screen(), "2 running; the run goes on\n")
        fifo.send()
        screen.wait("ended 0")
        assert screen.status() == 0
    # To its end: what was on the screen is not lost with it
    jobs("s: {run: exec sleep 60, forever: true}\ntests:\n  on-failure: keep-going\n  jobs:\n    %s\n"
         "    bad: {requires: a, run: 'false'}\n    soft: {requires: a, run: 'exit 3', critical: false}" % job)
    with watching() as screen:
        screen.wait_running("tests", "a", "s")
        fifo.send()
        screen.wait("ended 1")
        text = screen.screen("-S", "-")
        contains(text, "failed      the run: ",
                 "1 finished, 3 failed (1 not critical), 1 ended with the run; ", " s: failed\nfailed: tests/", "left 1\n")
        assert re.search("^failed: tests/(bad, tests/soft|soft, tests/bad)$", text, re.M), text
        assert screen.status() == 0


def choose(screen, name):
    screen.keys("/", "C-u")
    screen.type(name)
    screen.wait_names(name)
    screen.keys("Down")


def was_told(line):
    """By the run itself"""
    with open("out") as file:
        return re.search("^ *[0-9.]+  %s" % line, file.read(), re.M) is not None


def wait_told(screen, *lines):
    screen.wait(lambda: all(was_told(line) for line in lines), "the run to tell of %s" % (lines,))


@test
def steers_another():
    """Keys there do to the run what they do on a screen of its own"""
    first, job_first = held("first", before="echo one; read x <more; echo two")
    _one, job_one = held("one")
    more = Fifo("more")
    jobs("%s\n%s\nbad: {run: 'echo >>tries; test $(wc -l <tries) = 2', critical: false, dir: '%s'}\n"
         "last: {requires: first, run: 'true'}"
         % (job_first.replace("<more", "<" + os.path.abspath("more")), job_one.replace("}", ", critical: false}"), os.getcwd()))
    with watching() as screen:
        screen.wait_running("first", "one")
        screen.wait("1 failed")

        choose(screen, "one")
        screen.keys("c")
        screen.wait("one: told to end")
        screen.wait("1 cancelled")
        wait_told(screen, "cancelled   one")

        choose(screen, "bad")
        screen.keys("r")
        screen.wait("1 finished")
        wait_told(screen, "failed      bad", "finished    bad")
        # What the run refuses comes back
        screen.keys("r")
        screen.wait("only an action that has not ended well")

        choose(screen, "first")
        screen.keys("Enter")
        screen.wait(lambda: "one" in screen.lines(), "its output")
        more.send()
        screen.wait(lambda: "two" in screen.lines(), "more of it")
        screen.keys("Escape")
        screen.wait_names("first")

        screen.keys("Space")
        screen.wait("no more jobs are started")
        screen.wait(lambda: "paused" in screen.lines()[0], "the run to be paused")
        first.send()
        wait_told(screen, "finished    first")
        screen.wait(lambda: "3/4" in screen.lines()[1] and "1 queued" in screen.lines()[1], "what is left")
        assert not was_told("started     last")
        screen.keys("Space")
        screen.wait("ended 0")
        wait_told(screen, "finished    last", "finished    the run")
        assert screen.status() == 0


@test
def counts_as_another():
    """Nested engines among them"""
    fifo, job = held("a")
    jobs("done: {jobs: {x: {}}}\n" + job)
    command = WATCH.replace('"$TOOL" watch', 'until grep -q "finished    done " out; do sleep 0.02; done; "$TOOL" watch --plain')
    with watching(command) as screen:
        screen.wait("2 of 3 actions have ended")
        assert was_told("started     the run: 3 actions")
        fifo.send()
        screen.wait("ended 0")
        with open("out") as file:
            contains(file.read(), "3 finished; ")
        assert screen.status() == 0


@test
def old_terminal():
    fifo, job = held("a")
    jobs(job)
    with terminal("TERM=vt100 " + run()) as screen:
        screen.wait("running")
        assert not COLOR.search(screen.screen("-e"))
        screen.keys("q", "y")
        screen.wait(lambda: screen.ask("cursor_flag") == "1", "the cursor")
        fifo.send()
        assert screen.status() == 0


@test
def unknown_terminal():
    jobs("a: {run: echo hi}")
    with terminal("TERM=nothing-like-that " + run()) as screen:
        assert screen.status() == 0
        contains(screen.screen(), "started     a", "[a] hi")
    forget("after")
    with terminal("TERM=nothing-like-that " + run("--progress=live")) as screen:
        assert screen.status() == 0
        contains(screen.screen(), "nothing-like-that", "[a] hi")


@test
def ascii_only():
    fifo, job = held("a", before="echo \u00e4\u4e2d")
    jobs("tests:\n  jobs:\n    %s" % job)
    with terminal(run(), LC_ALL="C") as screen:
        screen.wait("running")
        screen.wait(lambda: "??" in screen.rows()[-1], "its output")
        screen.screen().encode("ascii")
        contains(screen.rows()[0], "> v tests", "running")
        contains(screen.lines()[1], "....", "0/1")
        fifo.send()
        assert screen.status() == 0


if __name__ == "__main__":
    sys.exit(main("terminal-ways"))
