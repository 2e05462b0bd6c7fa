# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What is on the screen of a run, and what keys do there."""

import os
import re
import sys
import time

from terminal import Fifo, held, terminal

from toolkit import contains, jobs, lacks, main, test, write


@test
def head_and_order():
    a, job_a = held("a")
    b, job_b = held("b", before="echo half done")
    unit, job_unit = held("unit")
    jobs("%s\ntests:\n  jobs:\n    good: {run: 'true'}\n    %s\n%s\nlast: {requires: [a, b, tests], run: 'true'}"
         % (job_a, job_unit, job_b), head="name: release\n")
    with terminal() as screen:
        screen.wait_names("a tests- .unit .good b last")
        screen.wait("half done")
        head = screen.lines()[:2]
        contains(head[0], "release", "0:0")
        contains(head[1], "1/5", "3 running", "1 finished", "1 waiting")
        a.send()
        screen.wait_names("tests- .unit .good b a last")
        contains(screen.rows()[4], "✓", "a", "finished", " s")
        unit.send()
        b.send()
        assert screen.status() == 0
        # And what is said at the end is there to be read
        contains(screen.screen(), "6 finished; ")


@test
def folds():
    unit, job = held("unit")
    jobs("tests:\n  jobs:\n    deep:\n      jobs:\n        %s\n    other: {requires: deep, run: 'true'}" % job)
    with terminal() as screen:
        screen.wait_running("unit")
        screen.wait_names("tests- .deep- ..unit .other")
        screen.keys("Down", "Down", "Left")
        screen.wait_names("tests- .deep+ .other")
        screen.keys("Left", "Left")
        screen.wait_names("tests+")
        screen.keys("Enter")
        screen.wait_names("tests- .deep+ .other")
        screen.keys("j", "+")
        screen.wait_names("tests- .deep- ..unit .other")
        unit.send()
        assert screen.status() == 0


@test
def filters():
    gate, job = held("alpha")
    jobs("%s\nbeta: {requires: alpha, run: 'true'}\ntests:\n  jobs:\n    alphabet: {run: 'true'}\n" % job)
    with terminal() as screen:
        screen.wait_running("alpha")
        screen.wait("1 finished")
        screen.keys("/")
        screen.type("ALPH")
        screen.wait_names("alpha tests/alphabet")
        contains(screen.screen(), "/ALPH")
        assert screen.ask("cursor_flag") == "1"
        screen.keys("BSpace", "BSpace", "BSpace", "BSpace")
        screen.type("xyz")
        screen.wait("no job has that in its name")
        screen.keys("C-u")
        screen.type("bet")
        screen.keys("Enter")
        screen.wait("/bet: 2 jobs")
        screen.wait_names("beta tests/alphabet")
        screen.keys("Escape")
        screen.wait("beta")
        screen.wait(lambda: ".alphabet" in screen.names(), "all jobs")
        gate.send()
        assert screen.status() == 0


@test
def scrolls_1000_jobs():
    gate = Fifo("gate")
    text = "\n".join("job-%d: {run: 'read x <%s'}" % (i, os.path.abspath("gate")) for i in range(1000))
    jobs(text, head="window: 1\n")
    with terminal(rows=24) as screen:
        screen.wait_running("job-0")
        screen.wait_names(" ".join("job-%d" % i for i in range(20)))
        screen.keys("End")
        screen.wait("job-999")
        assert screen.names().split()[0] == "job-980", screen.names()
        screen.keys("PPage", "k", "k")
        screen.wait(lambda: screen.names().startswith("job-978 "), "two more than a page")
        screen.keys("g")
        screen.wait_names(" ".join("job-%d" % i for i in range(20)))
        for _ in range(5):
            screen.keys("NPage")
        screen.wait("job-95")
        screen.keys("C-c")
        screen.wait("interrupted")
        assert screen.status() == 130
        contains(screen.screen(), "999 skipped")


@test
def shows_output():
    job, text = held("job", before="seq 1 50; echo one; read x <next; echo two")
    following = Fifo("next")
    jobs(text.replace("<next", "<" + os.path.abspath("next")))
    with terminal() as screen:
        screen.wait_running("job")
        screen.keys("Enter")
        screen.wait(lambda: "one" in screen.lines() and "50" in screen.lines(), "its output")
        contains(screen.screen(), "job", "running", "read x")
        following.send()
        screen.wait(lambda: "two" in screen.lines(), "more of it")
        screen.keys("k")
        screen.wait(lambda: "two" not in screen.lines(), "what was before")
        screen.keys("End")
        screen.wait(lambda: "two" in screen.lines(), "the end again")
        screen.keys("Escape")
        screen.wait_names("job")
        lacks(screen.screen(), "\none\n")
        job.send()
        assert screen.status() == 0


@test
def cancels():
    other, job_other = held("other")
    _one, job_one = held("one")
    jobs(job_one.replace("}", ", critical: false}") + "\n" + job_other)
    with terminal() as screen:
        screen.wait_running("one", "other")
        screen.keys("c")
        screen.wait("choose a job first")
        screen.keys("Down", "c")
        screen.wait("one: told to end")
        screen.wait("cancelled")
        screen.keys("c")
        screen.wait("one has ended already")
        other.send()
        screen.status()
        contains(screen.screen(), "1 finished, 1 cancelled")


@test
def retries():
    gate, job = held("gate")
    jobs("bad: {run: 'echo >>tries; test $(wc -l <tries) = 2', critical: false, dir: '%s'}\n%s"
         % (os.getcwd(), job))
    with terminal() as screen:
        screen.wait_running("gate")
        screen.wait("1 failed")
        screen.keys("End", "r")
        screen.wait("bad: to be tried again")
        screen.wait(lambda: any("bad" in row and "finished" in row for row in screen.rows()), "it has finished")
        # What cannot be is told
        screen.keys("r")
        screen.wait("only an action that has not ended well")
        gate.send()
        assert screen.status() == 0
        contains(screen.screen(), "2 finished")


@test
def pauses():
    gate, job = held("gate")
    jobs(job + "\nbehind: {requires: gate, run: 'true'}\n")
    with terminal() as screen:
        screen.wait_running("gate")
        screen.keys("Space")
        screen.wait("no more jobs are started")
        gate.send()
        screen.wait(lambda: "1/2" in screen.lines()[1], "the first one")
        contains(screen.lines()[0], "paused")
        screen.keys("Space")
        assert screen.status() == 0
        contains(screen.screen(), "2 finished")


@test
def quits():
    gate, job = held("gate", before="echo before", after="echo behind")
    jobs(job)
    with terminal() as screen:
        screen.wait_running("gate")
        screen.wait("before")
        screen.keys("q")
        screen.wait("Leave it running?")
        screen.keys("Escape")
        screen.wait("? help")
        screen.keys("q", "y")
        screen.wait(lambda: not screen.is_drawn_on(), "the screen is left")
        gate.send()
        assert screen.status() == 0
        contains(screen.screen(), "[gate] behind", "finished    gate", "1 finished; ")
        lacks(screen.screen(), "before")


@test
def cancels_the_run():
    _gate, job = held("gate")
    jobs(job)
    with terminal() as screen:
        screen.wait_running("gate")
        screen.keys("q", "c")
        assert screen.status() == 130
        contains(screen.screen(), "1 cancelled")


@test
def helps():
    gate, job = held("gate")
    jobs(job)
    with terminal() as screen:
        screen.wait_running("gate")
        screen.keys("?")
        screen.wait("what the job has written")
        screen.keys("x")
        screen.wait_names("gate")
        gate.send()
        assert screen.status() == 0


@test
def sizes():
    gate, job = held("gate", before="echo 中文")
    jobs("tests:\n  jobs:\n    %s\n" % job)
    with terminal() as screen:
        screen.wait_names("tests- .gate")
        for size in (40, 10), (20, 5), (7, 3), (2, 2), (1, 1), (1, 40), (200, 1), (3, 60), (300, 100):
            screen.resize(*size)
            screen.wait(lambda size=size: screen.ask("pane_width") == str(size[0]), "the size")
            for key in "Down", "Down", "Enter", "?", "x", "Escape", "Up", "Enter", "+", "/", "a", "Enter", "q", "n":
                screen.keys(key)
            screen.keys("Escape")
        screen.resize(80, 24)
        screen.keys("Home", "+")
        screen.wait("中文")
        screen.wait_names("tests- .gate")
        contains(screen.lines()[1], "0/1", "1 running")
        gate.send()
        assert screen.status() == 0


@test
def harmless():
    gate = Fifo("gate")
    nasty = (r"\033[31mred \033]0;title\007 \033[2J\033[?1049l\033[20;20Hx \233 \302\233 "
             r"\342\200\256rtl\342\200\254 \377\376 e\314\201 \344\270\255\346\226\207 \000nul\n")
    write("version: 1\njobs:\n  \"na\\x1b[31mme\": {run: \"printf '%s'; read x <%s; exit 1\"}\n"
          % (nasty.replace("\\", "\\\\"), os.path.abspath("gate")))
    with terminal() as screen:
        screen.record()
        screen.wait("red")
        contains(screen.rows()[0], "na^[[31mme", "^[[31mred ^[]0;title^G ^[[2J")
        screen.keys("Enter")
        screen.wait("^[]0;title^G")
        screen.wait("^[[20;20Hx")
        screen.wait("<U+202E>rtl<U+202C>")
        screen.wait("中文")
        # Another title than the one of the job, which is only text
        assert screen.ask("pane_title") != "title"
        assert screen.is_drawn_on()
        gate.send()
        assert screen.status() == 1
        with open("bytes", "rb") as file:
            raw = file.read()
        for sequence in b"\033[31mred", b"\033]0;", b"\033[20;20Hx", b"\033[2J\033[?1049l", b"\xc2\x9b", b"\xe2\x80\xae":
            assert sequence not in raw, sequence
        contains(screen.screen(), "failed: na^[[31mme")


@test
def attempts_and_bars():
    gate, job_again = held("again", before="echo >>tries; test $(wc -l <tries) = 2 || exit 1")
    other, job_part = held("part", before="echo 3 of 8")
    jobs("good: {run: 'true'}\nbad: {run: 'false', critical: false}\n%s\n%s\nlast: {requires: [again, part]}"
         % (job_again.replace("}", ", retries: 3, retry-delay: 10ms, dir: '%s'}" % os.getcwd()),
            job_part.replace("}", ", progress: '^(\\d+) of (\\d+)'}")))
    with terminal() as screen:
        screen.wait("2/5")
        screen.wait("#2")
        screen.wait("37 %")
        rows = {row.split()[1]: row for row in screen.rows()}
        assert re.search(r" running +0:0\d +#2\b", rows["again"]), rows
        # 4.5 of 12
        assert re.search(r" ████▌░{7}  37 %  3 of 8$", rows["part"]), rows
        assert not any("#" in row for name, row in rows.items() if name != "again"), rows
        # 2 of 5, and a third of the screen
        assert screen.lines()[1].split()[:2] == ["█" * 13 + "▏" + "░" * 19, "2/5"], screen.lines()
        # One of them has failed, and that is no lost run
        colored = screen.screen("-e").splitlines()[1]
        assert re.search("\033\\[31m█{6}\033\\[32m█{7}▏", colored), repr(colored)
        gate.send()
        other.send()
        assert screen.status() == 0


@test
def keys_of_narrow_screens():
    """None is cut in half, and how to learn of the others is told to the last"""
    gate, job = held("gate")
    jobs(job)
    with terminal() as screen:
        screen.wait_running("gate")
        for columns, first, last in ((99, "↑↓ choose", "Space pause   ? help   q quit"),
                                     (98, "↑↓ choose", "r retry   ? help   q quit"),
                                     (80, "↑↓ choose", "c cancel   ? help   q quit"),
                                     (30, "↑↓ choose", "? help   q quit"), (20, "? help", "q quit")):
            screen.resize(columns, 24)
            screen.wait(lambda first=first, last=last: re.search("^ %s.*%s$" % (re.escape(first), re.escape(last)),
                                                                 screen.lines()[-1]), last)
        screen.resize(60, 24)
        screen.keys("/")
        screen.type("gat")
        screen.keys("Enter")
        screen.wait(lambda: screen.lines()[-1] == " /gat: 1 job   Esc all jobs   ? help   q quit", "the filter")
        gate.send()
        assert screen.status() == 0


def seconds_left(screen):
    """None: it is not told"""
    found = re.search(r", about (\d+):(\d\d) left$", screen.lines()[0])
    return int(found[1]) * 60 + int(found[2]) if found else None


@test
def tells_how_long():
    """By an earlier run, of which we know about how long it took"""
    gate, other = Fifo("gate"), Fifo("other")
    jobs("one: {run: 'if test -e long; then read x <%s; fi'}\n"
         "two: {requires: one, run: 'if test -e long; then read x <%s; else sleep 3; fi'}"
         % (os.path.abspath("gate"), os.path.abspath("other")))
    began = time.monotonic()
    with terminal('"$TOOL" run jobs.yaml') as screen:
        assert seconds_left(screen) is None
        assert screen.status() == 0
    took = time.monotonic() - began
    os.unlink("after")
    with open("long", "w"):
        pass
    with terminal('"$TOOL" run jobs.yaml') as screen:
        # What runs has gone on for longer than it did, and what is behind it takes as long as it took
        screen.wait(lambda: 3 <= (seconds_left(screen) or 0) <= took + 0.5, "from 3 to %.1f s left" % took)
        gate.send()
        screen.wait_running("two")
        screen.wait(lambda: seconds_left(screen) == 1, "two seconds later")
        other.send()
        assert screen.status() == 0


@test
def ends_of_failures():
    jobs("good: {run: echo fine}\nbad: {run: 'seq 1 30; echo no luck; exit 3'}")
    with terminal() as screen:
        assert screen.status() == 1
        contains(screen.screen("-S", "-"), "1 failed", "failed: bad", "| no luck")
        lacks(screen.screen("-S", "-"), "fine", "| 5\n")


if __name__ == "__main__":
    sys.exit(main("terminal-screen"))
