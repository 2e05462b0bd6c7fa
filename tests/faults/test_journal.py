# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The journal is cut off, its bits are flipped, its disk is full."""

import os
import random
import shutil
import subprocess

import faults
from faults import (Oracle, Runner, Skip, as_time_allows, figure, only_unsanitized, run, size, small_disk, test,
                    wait_until, write_jobs)

JOURNAL = ".asyncjobs/jobs.yaml.journal"


def make_journal(oracle):
    """A run that was killed when three of its six jobs were done"""
    fifo = faults.Fifo("fifo")
    jobs = {}
    for number in range(6):
        name = "job%d" % number
        body = 'test -e go || { echo here >fifo; sleep 1000; }' if number == 3 else ":"
        jobs.update(oracle.job(name, body, requires=["job%d" % (number - 1)] if number else []))
    write_jobs(jobs)
    runner = Runner("jobs.yaml", "--progress", "none", events=False)
    fifo.line()
    runner.process.kill()
    runner.process.wait()
    runner.kill_all()
    faults.RUNNERS.remove(runner)
    with open("go", "w"):
        pass
    return jobs


class Copies:
    """The journal and what SQLite has beside it, to be put back whole"""

    def __init__(self):
        shutil.copytree(".asyncjobs", "kept")

    def restore(self):
        shutil.rmtree(".asyncjobs")
        shutil.copytree("kept", ".asyncjobs")


def resume_damaged(oracle, jobs, what):
    """What is valid is used, or exit 4 names the damage: never is a job skipped"""
    with open(oracle.path, "w"):
        pass
    result = subprocess.run([faults.options.tool, "resume", "jobs.yaml", "--progress", "none"],
                            env=dict(os.environ, ORACLE=oracle.path, LC_ALL="C.UTF-8"), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=faults.PATIENCE, check=False)
    assert result.returncode in (0, 4), (what, result)
    ran = [name for name, *_ in oracle.starts()]
    if result.returncode == 4:
        assert b"journal" in result.stderr and b"nothing was run" in result.stderr, (what, result.stderr)
        assert not ran, (what, ran)
    else:
        # Those behind the last that was done run in any case, each once
        assert ran[-3:] == ["job3", "job4", "job5"] and len(set(ran)) == len(ran), (what, ran)
        assert ran == list(jobs)[len(jobs) - len(ran):], (what, ran)
    return result.returncode


def try_all(oracle, jobs, damages):
    copies, seen = Copies(), {0: 0, 4: 0}
    for what, damage in as_time_allows(damages, 60):
        copies.restore()
        damage()
        seen[resume_damaged(oracle, jobs, what)] += 1
    return seen


@test
def cut_off():
    """At every byte, the journal and its WAL"""
    oracle = Oracle()
    jobs = make_journal(oracle)
    damages = []
    step = size(997, 61, 1)
    for suffix in "", "-wal":
        path = JOURNAL + suffix
        length = os.path.getsize(path)
        for at in range(0, length, step):
            damages.append(("%s cut at %d of %d" % (path, at, length),
                            lambda path=path, at=at: os.truncate(path, at)))
    seen = try_all(oracle, jobs, damages)
    figure("cut off: used, refused", "%d, %d of %d" % (seen[0], seen[4], sum(seen.values())))
    assert seen[0] and seen[4]


def flip(path, at, bit):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


@test
def flipped():
    """Single bits, and whole sectors of nothing"""
    oracle = Oracle()
    jobs = make_journal(oracle)
    rand = random.Random(7)
    damages = []
    for suffix in "", "-wal":
        path = JOURNAL + suffix
        length = os.path.getsize(path)
        for _ in range(size(30, 400, 5000)):
            at, bit = rand.randrange(length), rand.randrange(8)
            damages.append(("%s byte %d bit %d" % (path, at, bit),
                            lambda path=path, at=at, bit=bit: flip(path, at, bit)))
        for at in range(0, length - 512, 512 * size(8, 1)):
            def zero(path=path, at=at):
                with open(path, "r+b") as file:
                    file.seek(at)
                    file.write(bytes(512))
            damages.append(("%s sector at %d" % (path, at), zero))
    seen = try_all(oracle, jobs, damages)
    figure("flipped: used, refused", "%d, %d of %d" % (seen[0], seen[4], sum(seen.values())))
    assert seen[0] and seen[4]


@test
def disk_full():
    """Nothing new starts, what runs is ended, exit 5 says where and why; later it goes on"""
    oracle = Oracle()
    jobs = {}
    for number in range(300):
        jobs.update(oracle.job("job%d" % number, requires=["job%d" % (number - 1)] if number else []))
    write_jobs(jobs)
    with small_disk(160) as disk:
        runner = Runner("--journal", disk + "/journal", "jobs.yaml", "--progress", "none", events=False)
        ended = runner.wait(5)
        begun = {name for name, *_ in oracle.starts()}
        assert 0 < len(begun) < len(jobs), len(begun)
        assert b"disk/journal" in ended.err and b"No space left" in ended.err, ended.err
        subprocess.run(["mount", "-o", "remount,size=8m", disk], check=True)
        Runner(disk + "/journal", "--progress", "none", events=False, command="resume").wait(0)
        starts = [name for name, *_ in oracle.starts()]
        assert set(starts) == set(jobs)
        # Only what was not known to be done has run again
        assert len(starts) - len(jobs) <= 1, len(starts)


@test
def nowhere_to_write():
    """Without a place for it nothing is run; without a journal all is"""
    write_jobs({"a": {"run": "touch ran"}})
    ended = run("--journal", "/proc/journal", "jobs.yaml", expect=5, events=False)
    assert b"--no-journal" in ended.err and not os.path.exists("ran"), ended.err
    run("--journal", "/proc/journal", "--no-journal", "jobs.yaml", events=False)
    assert os.path.exists("ran")


@test
def beside_a_file_that_cannot_have_one():
    """It is kept among the user's state"""
    only_unsanitized("to be somebody else")
    if os.geteuid() == 0:
        raise Skip("root may write everywhere")
    os.mkdir("folder")
    write_jobs({"a": {"run": "exit 3"}}, "folder/jobs.yaml")
    os.chmod("folder", 0o555)
    run("folder/jobs.yaml", expect=1, events=False, env={"XDG_STATE_HOME": os.path.abspath("state")})
    Runner("folder/jobs.yaml", events=False, command="resume", env={"XDG_STATE_HOME": os.path.abspath("state")}).wait(1)


@test
def not_for_others():
    """Folders 0700 and files 0600, whatever the umask"""
    write_jobs({"a": {"run": "echo words; exit 1"}})
    old = os.umask(0)
    try:
        run("jobs.yaml", expect=1, events=False)
    finally:
        os.umask(old)
    for folder, folders, files in os.walk(".asyncjobs"):
        assert os.stat(folder).st_mode & 0o777 == 0o700, folder
        for name in files:
            path = os.path.join(folder, name)
            assert os.stat(path).st_mode & 0o777 == 0o600, path


@test
def output_byte_for_byte():
    """Also what is no text"""
    data = random.Random(3).randbytes(300000)
    with open("data", "wb") as file:
        file.write(data)
    write_jobs({"a": {"run": "cat data", "retries": 1}, "b": {"run": "cat data >&2; exit 1"},
                "c": {"run": ":"}}, **{"on-failure": "keep-going"})
    run("jobs.yaml", expect=1, events=False)
    logs = ".asyncjobs/jobs.yaml.logs/1"
    assert sorted(os.listdir(logs)) == ["0-1.log", "1-1.log"], os.listdir(logs)
    for name in os.listdir(logs):
        with open(os.path.join(logs, name), "rb") as file:
            assert file.read() == data, name


@test
def changed_jobs_are_named():
    write_jobs({"a": {"run": "echo a >>log"}, "b": {"run": "echo b >>log", "requires": "a"},
                "c": {"run": "echo c >>log; test -e ok"}})
    run("-k", "jobs.yaml", expect=1, events=False)
    write_jobs({"a": {"run": "echo A >>log"}, "b": {"run": "echo b >>log", "requires": "a"},
                "c": {"run": "echo c >>log; test -e ok"}})
    os.unlink("log")
    strict = Runner("jobs.yaml", "--strict", events=False, command="resume").wait(4)
    assert b"a, b" in strict.err and not os.path.exists("log"), strict.err
    with open("ok", "w"):
        pass
    ended = Runner("jobs.yaml", events=False, command="resume").wait(0)
    assert b"run again: a\n" in ended.err and b"run again: b\n" in ended.err, ended.err
    with open("log") as file:
        assert sorted(file.read().split()) == ["A", "b", "c"]


@test
def engines_behind_what_has_changed():
    """All that is in them is run again"""
    def write(text):
        write_jobs({"gen": {"run": "echo %s >>log" % text},
                    "group": {"requires": "gen", "jobs": {"use": {"run": "echo use >>log"}}},
                    "last": {"requires": "group", "run": "echo last >>log; test -e ok"}})
    write("one")
    run("jobs.yaml", expect=1, events=False)
    write("two")
    with open("ok", "w"):
        pass
    ended = Runner("jobs.yaml", events=False, command="resume").wait(0)
    for name in "gen", "group", "group/use", "last":
        assert ("run again: %s\n" % name).encode() in ended.err, ended.err
    with open("log") as file:
        assert file.read().split() == ["one", "use", "last", "two", "use", "last"]


@test
def notices_are_judged_anew():
    """What ran since something failed is to run again where that fails again"""
    write_jobs({"work": {"run": "exit 3"}, "notice": {"requires": {"work": "failure"}, "run": "echo told >>log"}})
    run("jobs.yaml", expect=1, events=False)
    Runner("jobs.yaml", events=False, command="resume").wait(1)
    with open("log") as file:
        assert file.read().split() == ["told", "told"]


@test
def servers_do_not_keep_it():
    """Where all that ends is done, so is the run"""
    write_jobs({"server": {"run": "sleep 1000", "forever": True}, "job": {"run": ":"}})
    run("jobs.yaml", events=False)
    Runner("jobs.yaml", events=False, command="resume").wait(0)


@test
def daemons_of_what_is_done_stay():
    """Only attempts that were interrupted are ended"""
    fifo = faults.Fifo("fifo")
    faults.Fifo("gone")  # or it could still be in the group that is swept
    write_jobs({"db": {"run": "setsid sh -c 'echo out >gone; exec sleep 1000' <&- >&- 2>&- & read x <gone"},
                "use": {"requires": "db", "run": "echo here >fifo; test -e ok || sleep 1000"}})
    runner = Runner("jobs.yaml", events=False)
    fifo.line()
    runner.process.kill()
    runner.process.wait()
    with open("ok", "w"):
        pass
    resumed = Runner("jobs.yaml", events=False, command="resume")
    resumed.wait(0)
    left = faults.processes(runner.token)
    assert len(left) == 1 and "sleep" in str(left), left
    runner.kill_all()


@test
def run_ends_orphans_too():
    """Also where the run is begun anew, no job runs twice at once"""
    fifo = faults.Fifo("fifo")
    write_jobs({"a": {"run": "echo begun >fifo; test -e ok || sleep 1000"}})
    runner = Runner("jobs.yaml", events=False)
    fifo.line()
    runner.process.kill()
    runner.process.wait()
    left = set(faults.processes(runner.token))
    with open("ok", "w"):
        pass
    Runner("jobs.yaml", events=False).wait(0)
    assert left and not left & set(faults.processes(runner.token))


@test
def secrets_are_asked_for_again():
    """What was not written is not taken for the value"""
    with open("jobs.yaml", "w") as file:
        file.write("version: 1\njobs:\n  a: {run: 'test \"$URL\" = http://hunter2@host && test -e ok',"
                   " secret-env: [TOKEN]}\n")
    given = ("-e", "TOKEN=hunter2", "--env=URL=http://hunter2@host")
    env = {"TOKEN": "something-else"}
    Runner("jobs.yaml", *given, events=False, env=env).wait(1)
    for name in (JOURNAL, JOURNAL + "-wal"):
        if os.path.exists(name):
            with open(name, "rb") as file:
                assert b"hunter2" not in file.read(), name
    with open("ok", "w"):
        pass

    def resume(*given, expect):
        return Runner("jobs.yaml", *given, events=False, command="resume", env=env).wait(expect)

    assert b"-e TOKEN=VALUE" in (ended := resume(expect=2)).err, ended.err
    assert b"-e URL=VALUE" in (ended := resume("-e", "TOKEN=hunter2", expect=2)).err, ended.err
    resume(*given, expect=0)


@test
def orphans_are_ended_first():
    """One that ignores TERM, and has started another in a session of its own"""
    fifo = faults.Fifo("fifo")
    write_jobs({"a": {"run": "trap '' TERM; test -e ok || setsid sleep 1000 & echo begun >fifo;"
                             " test -e ok || sleep 1000"}})
    runner = Runner("jobs.yaml", events=False)
    fifo.line()
    runner.process.kill()
    runner.process.wait()
    left = faults.processes(runner.token)
    assert left, "nothing was left behind"
    with open("ok", "w"):
        pass
    resumed = Runner("jobs.yaml", events=False, command="resume")
    resumed.wait(0)
    wait_until(lambda: not set(left) & set(faults.processes(runner.token)), "the orphans' end")
    fifo.line()


if __name__ == "__main__":
    faults.main()
