# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The runner is killed by -9 at any point, and the run goes on later."""

import contextlib
import random
import shutil
import signal
import sqlite3
from collections import Counter

import faults
from faults import Oracle, Runner, figure, size, test, wait_until, write_jobs

FINISHED = 4
END = 4

# Who is a second one of its job, while the first still lives, says so
ALONE = ('exec 9>"lock.%s"; flock -n 9 || echo "twin %s $$" >>"$ORACLE"; sleep 0.%02d')


def make_jobs(oracle, count, seed):
    """Some wait for up to three of the ten before, some take their time"""
    rand = random.Random(seed)
    jobs = {}
    for number in range(count):
        name = "job%d" % number
        body = ALONE % (name, name, rand.randrange(1, 6)) if number % 9 == 4 else ":"
        before = ["job%d" % i for i in range(max(0, number - 10), number)]
        keys = {"requires": rand.sample(before, min(len(before), rand.randrange(4)))} if before else {}
        if number % 7 == 3:
            keys["capture"] = "V%d" % number
            body += "; echo value%d" % number
        jobs.update(oracle.job(name, body, **keys))
    return jobs


def recorded_done(journal):
    """What the journal says has ended well in its last run; read by another SQLite"""
    with contextlib.closing(sqlite3.connect(journal)) as db:
        rows = db.execute("SELECT jobs.path, entries.kind, entries.state FROM entries"
                          " JOIN jobs ON jobs.run = entries.run AND jobs.number = entries.job"
                          " WHERE entries.run = (SELECT max(id) FROM runs) ORDER BY entries.id")
        last = {path: (kind, state) for path, kind, state in rows}
    return {path for path, entry in last.items() if entry == (END, FINISHED)}


def lines_of(path):
    with open(path, "rb") as file:
        return file.read().count(b"\n")


def kill_once(oracle, jobs, where):
    """FALSE: it had ended before"""
    runner = Runner("-j", "8", "jobs.yaml", "--progress", "none", events=False)
    wait_until(lambda: lines_of(oracle.path) >= where or runner.process.poll() is not None, "progress")
    runner.process.send_signal(signal.SIGKILL)
    return runner.process.wait() == -signal.SIGKILL


def resume(token):
    """In the environment of the run before, so that what it left is found by the oracle too"""
    return Runner("jobs.yaml", "--progress", "none", events=False, command="resume",
                  env={faults.TOKEN: token}).wait(0)


@test
def killed_anywhere():
    """No job is forgotten, none that is done is run again, none runs twice at once"""
    count, kills = size(60, 120, 500), size(12, 60, 1000)
    tries = killed = run_again = 0
    for seed in faults.as_time_allows(range(kills), 12):
        faults.watch()
        shutil.rmtree(".asyncjobs", ignore_errors=True)
        oracle = Oracle()
        jobs = make_jobs(oracle, count, seed)
        write_jobs(jobs)
        tries += 1
        # A job says two lines
        if not kill_once(oracle, jobs, random.Random(seed).randrange(2 * count)):
            continue
        killed += 1
        before = Counter(name for name, *_ in oracle.starts())
        done = recorded_done(".asyncjobs/jobs.yaml.journal")
        resume(faults.RUNNERS[-1].token)
        oracle.check_order(jobs)
        after = Counter(name for name, *_ in oracle.starts())
        for name in jobs:
            assert after[name] >= 1, "seed %d: %s never ran" % (seed, name)
        for name in done:
            assert after[name] == before[name], "seed %d: %s was done, and ran again" % (seed, name)
        run_again += sum(after[name] > 1 for name in jobs)
        assert recorded_done(".asyncjobs/jobs.yaml.journal") == set(jobs), "seed %d" % seed
        faults.kill_runners()
    figure("kills of runs of %d jobs" % count, killed)
    figure("jobs that had begun and were run again", run_again)
    assert killed > tries // 2


@test
def killed_again_and_again():
    """The resumed run is killed too, and so is the next one"""
    count = size(60, 200, 500)
    oracle = Oracle()
    jobs = make_jobs(oracle, count, 1)
    write_jobs(jobs)
    assert kill_once(oracle, jobs, count // 4)
    token = faults.RUNNERS[-1].token
    for round in range(size(4, 10, 20)):
        runner = Runner("jobs.yaml", "--progress", "none", events=False, command="resume",
                        env={faults.TOKEN: token})
        where = lines_of(oracle.path) + count // 8
        wait_until(lambda: lines_of(oracle.path) >= where or runner.process.poll() is not None, "progress")
        runner.process.kill()
        if runner.process.wait() == 0:
            break
    resume(token)
    oracle.check_order(jobs)
    assert {name for name, *_ in oracle.starts()} == set(jobs)


@test
def captured_values_come_again():
    write_jobs({"make": {"run": "echo 'two\nlines'", "capture": "VALUE"},
                "use": {"requires": {"make": "success"}, "run": 'test -e ok && printf %s "$VALUE" >value'}})
    Runner("jobs.yaml", events=False).wait(1)
    with open("ok", "w"):
        pass
    Runner("jobs.yaml", events=False, command="resume").wait(0)
    with open("value") as file:
        assert file.read() == "two\nlines"


@test
def in_use():
    """A second run, and a resume, leave at once and name the first"""
    fifo = faults.Fifo("fifo")
    write_jobs({"wait": {"run": "echo begun >fifo; read -r go <fifo2"}})
    back = faults.Fifo("fifo2")
    first = Runner("jobs.yaml", events=False)
    fifo.line()
    for command in "run", "resume":
        second = Runner("jobs.yaml", events=False, command=command).wait(4)
        assert ("process %d" % first.pid).encode() in second.err, second.err
        assert ("asyncjobs %s: nothing was run; to end the other run: asyncjobs cancel jobs.yaml\n" % command
                ).encode() in second.err, second.err
    back.send()
    first.wait(0)


if __name__ == "__main__":
    faults.main()
