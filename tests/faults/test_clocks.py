# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The clock of the day is set while jobs run: no timeout and no duration changes."""

import contextlib
import datetime
import os
import sqlite3
import struct
import xml.etree.ElementTree

import faults
from faults import Fifo, Oracle, Runner, main, test, wait_until, write_jobs

HOUR = 3600
TEN_YEARS = 3653 * 24 * HOUR
LAYOUT = struct.Struct("qq")  # as clock.c has it


class Clock:
    """What the runner takes for the clock of the day"""

    def __init__(self):
        self.path = os.path.abspath("clock")
        with open(self.path, "wb") as file:
            file.write(LAYOUT.pack(0, 0))
        self.env = {"FAULTS_CLOCK": self.path, "ASAN_OPTIONS": "verify_asan_link_order=0",
                    "LD_PRELOAD": os.path.join(faults.options.helpers, "libfaults-clock.so")}

    def step(self, seconds):
        with open(self.path, "r+b") as file:
            file.write(struct.pack("q", seconds))

    def asked(self):
        with open(self.path, "rb") as file:
            return LAYOUT.unpack(file.read())[1]


def stepped(seconds, *arguments):
    """A run in which the clock is set: forth or back, then half of that again"""
    for name in "ready", "go":
        if os.path.exists(name):
            os.unlink(name)
    clock, ready, go, oracle = Clock(), Fifo("ready"), Fifo("go"), Oracle()
    jobs = dict(
        oracle.job("long", "date +%s >day; echo ready >ready; read x <go; date +%s >>day", timeout="1h"),
        **oracle.job("late", requires=["long"], timeout="1h"),
        **oracle.job("again", "test -e again || { >again; exit 1; }", retries=1,
                     **{"retry-delay": "400ms"}),
        **oracle.job("short", "sleep 1000", timeout="400ms", critical=False))
    write_jobs(jobs, timeout="2h")
    runner = Runner(*arguments, "jobs.yaml", env=clock.env)
    ready.line()
    wait_until(lambda: len(oracle.starts()) >= 3, "all have started")
    clock.step(seconds)
    wait_until(lambda: b"timed out   short" in runner.read("out"), "its timeout")
    wait_until(lambda: b"finished    again" in runner.read("out"), "the second attempt")
    clock.step(seconds // 2)
    go.send()
    ended = runner.wait(0)
    os.unlink("again")
    oracle.check(jobs, ended.events)
    assert ended.err == b"", ended.err
    # The date of the first event, and no more; a report needs a name that is new, and
    # a journal tells when each thing happened
    if arguments == ("--no-journal",):
        assert clock.asked() == 1, clock.asked()
    with open("day") as file:
        before, after = map(int, file)
    assert abs(after - before - seconds // 2) < faults.PATIENCE, "the clock was not set"
    return ended


def assert_durations(ended):
    times = [e["us"] for e in ended.events if "us" in e]
    assert times == sorted(times) and times[0] >= 0, times
    assert times[-1] < faults.PATIENCE * 1000000, times
    states = ended.states()
    for state in states.values():
        assert 0 <= state["duration-us"] < faults.PATIENCE * 1000000, state
    assert [states[name]["state"] for name in ("long", "late", "again", "short")] == \
        ["finished", "finished", "finished", "timed-out"], states
    assert 400000 <= states["short"]["duration-us"] < 10000000, states["short"]
    assert states["again"]["attempt"] == 2
    assert b"-" not in ended.out.split(b";")[-1], ended.out


@test
def an_hour():
    for seconds in HOUR, -HOUR:
        assert_durations(stepped(seconds, "--report", "report.xml"))
        suite = xml.etree.ElementTree.parse("report.xml").getroot()[0]
        for element in [suite, *suite]:
            assert 0 <= float(element.get("time", "0")) < faults.PATIENCE, element.attrib
        with contextlib.closing(sqlite3.connect(".asyncjobs/jobs.yaml.journal")) as db:
            durations = [row[0] for row in db.execute("SELECT duration FROM entries WHERE kind > 2")]
        assert durations and all(0 <= d < faults.PATIENCE * 1000000 for d in durations), durations


@test
def ten_years():
    for seconds in TEN_YEARS, -TEN_YEARS:
        assert_durations(stepped(seconds, "--no-journal"))


@test
def date_is_that_of_the_day():
    """The one time of day that we tell is asked for where it is told"""
    clock = Clock()
    clock.step(TEN_YEARS)
    write_jobs({"one": {"run": "true"}})
    start = Runner("--no-journal", "jobs.yaml", env=clock.env).wait(0).events[0]
    date = datetime.datetime.fromisoformat(start["date"].replace("Z", "+00:00"))
    ahead = date - datetime.datetime.now(datetime.timezone.utc)
    assert abs(ahead.total_seconds() - TEN_YEARS) < faults.PATIENCE, start
    assert clock.asked() == 1, clock.asked()


if __name__ == "__main__":
    main()
