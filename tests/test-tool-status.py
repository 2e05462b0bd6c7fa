# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Looks at real runs, ended, interrupted and living ones: test-tool-status.py PATH-OF-ASYNCJOBS"""

import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time

from toolkit import (PATIENCE, TOOL, contains, environment, is_alive, jobs, lacks, main, on_terminal, running,
                     test, tool, write)

JOURNAL = ".asyncjobs/jobs.yaml.journal"
WAITS = "job: {run: 'echo ready $$; exec sleep 60'}\n"


def run(*arguments, **options):
    return tool("run", "--progress=none", "--output=none", *arguments, **options)


def status(*arguments, **options):
    return json.loads(tool("status", "--json", *arguments, **options).out)


def job_of(state, path):
    return [job for job in state["jobs"] if job["job"] == path][0]


def raw_logs(*arguments):
    return subprocess.run([TOOL, "logs", *arguments], stdout=subprocess.PIPE, env=environment(), check=True,
                          timeout=PATIENCE).stdout


def wait_until(true):
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "never came true"
        time.sleep(0.01)


@contextlib.contextmanager
def interrupted(text=WAITS):
    """A run that was killed; the process that it has left behind"""
    jobs(text)
    with running("jobs.yaml") as (process, pid):
        # By then its process is in the journal too
        wait_until(lambda: "pid" in job_of(status("jobs.yaml"), "job"))
        process.kill()
        process.wait()
        try:
            yield pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def checksum(values):
    """FNV-1a as in the journal: numbers of eight bytes, texts behind their length"""
    total = 0xcbf29ce484222325
    for value in values:
        if value is None:
            data = (-1).to_bytes(8, sys.byteorder, signed=True)
        elif isinstance(value, int):
            data = value.to_bytes(8, sys.byteorder, signed=True)
        else:
            text = value if isinstance(value, bytes) else value.encode()
            data = len(text).to_bytes(8, sys.byteorder) + text
        for byte in data:
            total = (total ^ byte) * 0x100000001b3 % 2**64
    return total - 2**64 if total >= 2**63 else total


def record(**durations):
    """Runs the jobs, and says that each has taken so long, in seconds"""
    run("jobs.yaml")
    with contextlib.closing(sqlite3.connect(JOURNAL)) as db, db:
        latest = db.execute("SELECT max(id) FROM runs").fetchone()[0]
        rows = db.execute("SELECT entries.*, jobs.path FROM entries JOIN jobs ON jobs.run = entries.run"
                          " AND jobs.number = entries.job WHERE entries.run = ? AND kind = 4", [latest]).fetchall()
        for row in rows:
            if row[-1] in durations:
                values = list(row[1:14])
                values[5] = round(durations[row[-1]] * 1e6)
                db.execute("UPDATE entries SET duration = ?, sum = ? WHERE id = ?",
                           [values[5], checksum(values), row[0]])


# How a run stands


@test
def ended_well():
    jobs("a: {run: 'true', label: x}\nt: {jobs: {u: {}}}", head="name: demo\n")
    run("jobs.yaml")
    for arguments in [], ["jobs.yaml"], [JOURNAL], ["./jobs.yaml"]:
        lines = tool("status", *arguments).out.splitlines()
        assert re.fullmatch(r"/.*/jobs\.yaml \(demo\): run 1, begun \S+ \S+, ended well", lines[0]), lines
        assert re.fullmatch(r"3 finished; 0\.[0-9]+ s", lines[1]), lines
        assert len(lines) == 2, lines
    state = status()
    assert state["version"] == 1 and state["state"] == "ended" and state["success"] is True, state
    assert state["counts"] == {"finished": 3} and state["run"] == 1 and state["name"] == "demo", state
    assert state["file"] == os.path.abspath("jobs.yaml") and state["left-behind"] == [], state
    assert "left-us" not in state and 0 < state["duration-us"] < PATIENCE * 1e6, state
    run("jobs.yaml")
    assert status()["run"] == 2


@test
def results_with_and_without_secrets():
    """One that is withheld is no value, and not another one"""
    jobs("plain: {run: 'echo \"it is known\"', capture: PLAIN}\n"
         "secret: {run: 'echo \"it is $TOKEN\"', capture: SECRET, secret-env: TOKEN}")
    run("jobs.yaml", env=environment(TOKEN="whatever"))
    state = status()
    assert job_of(state, "plain")["value"] == "it is known", state
    assert "value" not in job_of(state, "secret"), state


@test
def ended_badly():
    jobs("good: {run: echo fine}\nbad: {requires: good, run: 'exit 3'}\nbehind: {requires: bad}")
    run("jobs.yaml", expect=1)
    lines = tool("status", "jobs.yaml").out.splitlines()
    contains(lines[0], "ended badly")
    contains("\n".join(lines), "bad", "1 finished, 1 failed, 1 ", "failed: bad: exited with status 3\n",
             "output: " + os.path.abspath(".asyncjobs/jobs.yaml.logs/1"))
    assert lines[-1] == "to go on: asyncjobs resume jobs.yaml", lines
    bad = job_of(status(), "bad")
    assert bad["state"] == "failed" and bad["exit-status"] == 3 and bad["attempts"] == 1, bad
    assert status()["success"] is False and "bad" in status()["why"]
    # Without a name the one that it would need everywhere
    contains(tool("status").out, "asyncjobs resume " + os.path.abspath("jobs.yaml"))


@test
def failed_clean_ups():
    jobs("a: {run: 'true', shutdown: 'exit 4'}\nt: {jobs: {u: {run: 'true', shutdown: 'exit 5', secret-env: TOKEN}}}")
    run("jobs.yaml", env=environment(TOKEN="shutdown"))
    told = ["a: its *** command exited with status 4", "t/u: its *** command exited with status 5"]
    contains(tool("status").out, "ended well\n3 finished; ", "".join("after the end: %s\n" % line for line in told))
    assert status()["clean-up-failures"] == told, status()
    # It has no more to do with the jobs than that: they are done
    contains(tool("resume", "jobs.yaml", env=environment(TOKEN="x")).err, "going on: 3 jobs are done")
    contains(tool("status").out, "3 finished; ")
    jobs("a: {run: 'true'}")
    run("jobs.yaml")
    lacks(tool("status").out, "after the end")
    assert "clean-up-failures" not in status()


@test
def living():
    jobs("first: {run: echo done}\n" + WAITS.replace("{", "{requires: first, ") +
         "ever: {run: sleep 60, forever: true}\nlast: {requires: job, run: 'true'}")
    with running("jobs.yaml") as (process, pid):
        out = tool("status").out
        contains(out, "goes on as process %d\n" % process.pid, "1 finished, 2 running, 1 not started; ")
        assert re.search(r"^  job: [0-9.]+ s$", out, re.M), out
        assert re.search(r"^  ever: [0-9.]+ s, forever$", out, re.M), out
        contains(out, "time left: not known; of 2 jobs")
        lacks(out, "to go on")
        state = status()
        assert state["state"] == "running" and state["pid"] == process.pid, state
        assert state["left-behind"] == [] and state["unknown"] == 2, state
        wait_until(lambda: job_of(status(), "job").get("pid") == pid)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert status()["state"] == "ended"


@test
def time_left():
    text = ("a: {run: 'true'}\njob: {requires: a, run: 'test -e quick || { echo ready $$; exec sleep 60; }'}\n"
            "c: {requires: job, run: 'true'}\nd: {requires: a, run: 'true'}\n"
            "t: {requires: c, jobs: {u: {run: 'true'}, v: {sleep: 1ms}}}")
    jobs(text)
    write("", "quick")
    record(a=1, job=1000, c=300, d=1100, **{"t/u": 20, "t/v": 5})
    os.unlink("quick")
    with running("jobs.yaml") as (process, pid):
        state = status()
        assert state["longest-path"] == ["job", "c", "t/u"] and state["unknown"] == 0, state
        # Since job has begun some time has passed, which is no longer left
        begun = job_of(state, "job")["duration-us"]
        assert 1320e6 - PATIENCE * 1e6 < state["left-us"] <= 1320e6 - begun + 1e6, state
        assert state["left-us"] < 1320e6, state
        assert job_of(state, "job")["expected-us"] == 1000e6
        out = tool("status").out
        contains(out, "time left: about 2", " min ", " s, along job → c → t/u\n")
        assert re.search(r"^  job: [0-9.]+ s of about 16 min 40\.0 s$", out, re.M), out
        # Without the file nobody knows who waits for whom
        os.utime("jobs.yaml", (time.time() + 10,) * 2)
        contains(tool("status").out, "time left: not known: ", "jobs.yaml has changed since the run began")
        os.unlink("jobs.yaml")
        contains(tool("status", JOURNAL).out, "jobs.yaml is not there any more")
        assert "left-us" not in status()
        process.kill()
        process.wait()
        os.kill(pid, signal.SIGKILL)
    # All that was not finished is to be done again
    jobs(text)
    os.utime("jobs.yaml", (1, 1))
    assert status()["left-us"] in (1320e6, 1320e6 + 1e6) and status()["state"] == "interrupted"


@test
def time_left_in_pools_and_windows():
    text = "".join("m%d: {run: 'test -e quick || exec sleep 60', pool: radio}\n" % i for i in range(4))
    go = "job: {run: 'test -e quick || { echo ready $$; exec sleep 60; }', priority: 1}\n"

    def look(text, *arguments, head=""):
        jobs(text, head=head)
        os.utime("jobs.yaml", (1, 1))
        with running(*arguments, "jobs.yaml") as (process, pid):
            state, out = status(), tool("status").out
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)
        return state, out

    jobs(go + text, head="pools: {radio: 2}\n")
    write("", "quick")
    record(job=500, **{"m%d" % i: 1000 for i in range(4)})
    os.unlink("quick")
    state, out = look(go + text, head="pools: {radio: 2}\n")
    assert 2000e6 - PATIENCE * 1e6 < state["left-us"] < 2000e6 and len(state["longest-path"]) == 1, state
    contains(out, "time left: about 33 min ", "; bottleneck: the pool radio of 2; the longest path takes 16 min ", " s: m")
    # The window may have been given to the run alone
    state, out = look(go + text, "-j2", head="pools: {radio: 4}\n")
    assert 2000e6 < state["left-us"] < 3000e6, state
    contains(out, "; bottleneck: the window of 2; ")
    # What nobody knows can only come on top
    contains(look(go + text + "new: {requires: m0, run: 'true'}", head="pools: {radio: 4}\n")[1], "time left: at least 16 min ",
             ", along m", "; of 1 job that is left no duration is recorded")


@test
def median_of_durations():
    jobs("a: {run: 'true'}\nb: {run: 'test -e quick || { echo ready $$; exec sleep 60; }'}")
    write("", "quick")
    for seconds in 1, 100, 5:
        record(a=seconds)
    assert job_of(status(), "a")["expected-us"] == 5e6
    # What it was before it was changed says nothing
    jobs("a: {run: ':'}\nb: {run: 'test -e quick'}")
    record(a=7)
    assert job_of(status(), "a")["expected-us"] == 7e6


@test
def interrupted_run():
    with interrupted(WAITS + "next: {requires: job}") as pid:
        out = tool("status", "jobs.yaml").out
        contains(out, "was interrupted: process ", " is gone\n", "1 not started, 1 interrupted; at least ",
                 "  job: interrupted\n", "processes left behind by an interrupted run:\n  %d: job\n" % pid,
                 "time left: ", "to go on: asyncjobs resume jobs.yaml\n", "resume ends what was left behind")
        state = status()
        assert state["state"] == "interrupted" and state["left-behind"] == [{"pid": pid, "job": "job"}], state
        assert job_of(state, "job")["state"] == "interrupted" and "success" not in state, state
        contains(tool("cancel").err, "ending process %d, left behind by job" % pid)
        assert not is_alive(pid)
        assert status()["left-behind"] == []


@test
def orphans_and_another_run():
    """A run ends what an earlier one has left behind, where it was interrupted"""
    with interrupted(WAITS) as pid:
        jobs("other: {}")
        run("jobs.yaml")
        assert not is_alive(pid)
        state = status()
        assert state["state"] == "ended" and state["left-behind"] == [], state


@test
def orphans_without_a_mark():
    with interrupted("job: {run: 'echo ready $$; exec env -i sleep 60'}") as pid:
        assert status()["left-behind"] == [{"pid": pid, "job": "job"}]
        tool("cancel")
        assert not is_alive(pid)


@test
def orphans_of_a_setsid():
    with interrupted("job: {run: 'setsid sleep 60 & echo ready $!; wait'}") as pid:
        assert pid in [one["pid"] for one in status()["left-behind"]]
        tool("cancel")
        assert not is_alive(pid) and status()["left-behind"] == []


@test
def harmless_words():
    jobs("\"a\\e[2J\\x9b\": {run: 'echo \"\\033[31m\"; exit 1'}", head="name: \"x\\e[1m\"\n")
    run("jobs.yaml", expect=1)
    for variables in {}, {"NO_COLOR": "1"}, {"TERM": "dumb"}:
        for command in "status", "logs":
            lacks(on_terminal(command, **variables), "\033", "\x9b")
    assert job_of(status(), "a\033[2J\x9b")["state"] == "failed"
    lacks(tool("status", "--json").out, "\033", "\x9b")


# Which run


@test
def which_journal():
    contains(tool("status", expect=4).err, "no journal in ./.asyncjobs", "name a job file")
    write("version: 1\njobs: {a: {}}\n", "a.yaml")
    write("version: 1\njobs: {b: {}}\n", "b.yaml")
    contains(tool("status", "a.yaml", expect=4).err, "‘a.yaml’ has no journal", "not run yet")
    contains(tool("status", "c.yaml", expect=4).err, "asyncjobs status: ", "no file ‘c.yaml’; name a job file that was run")
    contains(tool("status", "c.journal", expect=4).err, "no journal ‘c.journal’")
    run("a.yaml")
    assert tool("status").err == ""
    run("b.yaml")
    result = tool("status")
    contains(result.err, "of 2 journals", "the one written last: .asyncjobs/b.yaml.journal")
    contains(result.out, "b.yaml: run 1")
    run("a.yaml")
    contains(tool("status").out, "a.yaml: run 2")
    contains(tool("status", "b.yaml").out, "b.yaml: run 1")
    # By any name
    run("--journal", "kept", "a.yaml")
    contains(tool("status", "kept").out, "a.yaml: run 1")
    contains(tool("logs", "--journal", "kept").err, "no output")
    for command in "status", "cancel":
        contains(tool(command, "a", "b", expect=2).err, "one journal at a time")
        contains(tool(command, "--frob", expect=2).err, "--frob")
        contains(tool(command, "--help").out, "[JOURNAL]")


@test
def journal_elsewhere():
    jobs("a: {run: echo hi}")
    env = environment(XDG_STATE_HOME=os.path.abspath("state"))
    # Nothing can be made in there, not even by the superuser
    with open("jobs.yaml") as file:
        name = "/proc/self/fd/%d" % file.fileno()
        number = file.fileno()
        run(name, env=env, pass_fds=[number])
        nowhere = run(name, env=environment(XDG_STATE_HOME="/proc"), pass_fds=[number], expect=5)
        contains(nowhere.err, "/proc/asyncjobs’ for the journal cannot be made", "--journal FILE", "--no-journal")
    journals = [n for n in os.listdir("state/asyncjobs") if n.endswith(".journal")]
    assert len(journals) == 1 and re.fullmatch(r"[0-9a-f]{16}-%d\.journal" % number, journals[0]), journals
    assert os.stat("state/asyncjobs").st_mode & 0o777 == 0o700
    contains(tool("status", name, env=env).out, "1 finished")
    assert tool("logs", "--journal", name, env=env).out == "hi\n"
    run("jobs.yaml")
    assert os.stat(".asyncjobs").st_mode & 0o777 == 0o700


@test
def damaged_journals():
    jobs("".join("job%d: {run: 'true'}\n" % i for i in range(50)))
    run("jobs.yaml")
    with contextlib.closing(sqlite3.connect(JOURNAL)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(JOURNAL, "rb") as file:
        good = file.read()
    for bad in b"", b"no journal at all" * 100, good[:len(good) // 2], good.replace(b"job7", b"job8"):
        for suffix in "-wal", "-shm":
            with contextlib.suppress(FileNotFoundError):
                os.unlink(JOURNAL + suffix)
        with open(JOURNAL, "wb") as file:
            file.write(bad)
        for command in ["status"], ["status", "--json"], ["logs"], ["cancel"], ["run", "-n", "--simulate", "jobs.yaml"]:
            result = tool(*command, expect=4)
            contains(result.err, "journal", "jobs.yaml.journal", "move it away to begin anew")
            assert result.out == "", result


@test
def journals_of_others():
    """What another program says of its runs need not be ours"""
    jobs("a: {run: 'true'}")
    run("jobs.yaml")
    with contextlib.closing(sqlite3.connect(JOURNAL)) as db, db:
        row = db.execute("SELECT id, pid, started, token, boot FROM runs").fetchone()
        db.execute("UPDATE runs SET about = 'my run', sum = ?",
                   [checksum([row[0], row[1], row[2], row[3], "my run", row[4]])])
    contains(tool("status").out, "jobs.yaml.journal: run 1, ", "1 finished")
    assert "file" not in status()


# Its end


@test
def cancel_a_run():
    jobs(WAITS)
    with running("jobs.yaml") as (process, pid):
        result = tool("cancel", "jobs.yaml")
        # It was waited for
        assert not is_alive(pid) and process.poll() in (None, 130)
        contains(result.err, "process %d was told to end its jobs" % process.pid, "run 1 has ended")
        assert process.wait(timeout=PATIENCE) == 130
    contains(tool("status").out, "ended badly\n", "1 cancelled")
    contains(tool("cancel").err, "nothing runs: run 1 has ended")


@test
def cancel_twice_kills():
    jobs("job: {run: \"trap '' TERM INT; echo ready $$; while :; do sleep 1; done\", grace: 60s}")
    with running("jobs.yaml") as (process, pid):
        first = subprocess.Popen([TOOL, "cancel"], stderr=subprocess.PIPE, env=environment())
        contains(first.stderr.readline().decode(), "was told to end")
        tool("cancel")
        assert first.wait(timeout=PATIENCE) == 0
        first.communicate()
        assert process.wait(timeout=PATIENCE) == 130
        assert not is_alive(pid)
    assert status()["left-behind"] == []


@test
def cancel_an_interrupted_run():
    with interrupted() as pid:
        contains(tool("cancel").err, "nothing runs: run 1 was interrupted", "ending process %d" % pid)
        assert not is_alive(pid)
        result = tool("cancel")
        contains(result.err, "nothing runs")
        lacks(result.err, "ending process")


# What was printed


@test
def logs_are_exact():
    jobs("z: {run: \"printf 'a\\\\0\\\\377\\\\033[31m\\\\r\\\\nb'\"}\n"
         "quiet: {run: 'true'}\n"
         "b: {requires: z, run: 'echo out; echo err >&2'}")
    run("jobs.yaml")
    assert raw_logs("z") == b"a\0\xff\033[31m\r\nb"
    assert raw_logs() == b"==> z <==\na\0\xff\033[31m\r\nb" + b"\n==> b <==\nout\nerr\n"
    assert raw_logs("quiet") == b""
    contains(tool("logs", "quiet").err, "no output is kept")
    contains(tool("logs", "bb", expect=2).err, "no job ‘bb’", "did you mean ‘b’")
    contains(tool("logs", "--attempt", "0", "b", expect=2).err, "--attempt wants")
    with open("/dev/full", "w") as full:
        tool("logs", stdout=full, expect=5)


@test
def logs_on_a_terminal():
    long_one = "x" * 200000
    jobs("z: {run: \"printf 'a\\\\0\\\\377\\\\033[31m\\\\nb'\"}\nb: {requires: z, run: echo \u00e4}\n"
         "long: {requires: b, run: 'cat long'}")
    write(long_one, "long")
    run("jobs.yaml")
    text = on_terminal("logs", "z", "b").replace("\r\n", "\n")
    assert text == "==> z <==\na^@\ufffd^[[31m\nb\n\n==> b <==\n\u00e4\n", text
    assert on_terminal("logs", "b") == "\u00e4\r\n"
    assert on_terminal("logs", "long") == long_one + "\r\n"


@test
def logs_of_attempts():
    jobs("job: {run: 'echo x >>tries; echo try $(wc -l <tries); test $(wc -l <tries) = 3', retries: 2,"
         " retry-delay: 1ms}")
    run("jobs.yaml")
    assert raw_logs() == b"try 3\n"
    assert [raw_logs("--attempt", str(n)) for n in (1, 2, 3)] == [b"try 1\n", b"try 2\n", b"try 3\n"]
    contains(tool("logs", "--attempt=4", expect=2).err, "‘job’ had 3 attempts\n", "--help")
    contains(tool("logs", "job", "--attempt=9", expect=2).err, "‘job’ had 3 attempts\n")
    contains(on_terminal("logs", "--attempt=2"), "try 2")
    assert job_of(status(), "job")["attempts"] == 3
    jobs("once: {run: echo one}\ntwice: {requires: once, run: 'echo x; test -e y || { touch y; exit 1; }', retries: 1}\n"
         "last: {requires: twice, run: 'false'}")
    run("jobs.yaml", expect=1)
    # One of them had as many
    assert raw_logs("--attempt", "2") == b"==> twice, attempt 2 <==\nx\n"
    contains(tool("logs", "--attempt=3", expect=2).err, "none of these jobs had more than 2 attempts\n")
    # What was kept has been tried before
    tool("resume", "-q", "jobs.yaml", expect=1)
    assert raw_logs("--attempt", "2", "twice") == b"x\n"
    contains(tool("logs", "--attempt=2", "once", expect=2).err, "‘once’ had 1 attempt\n")


@test
def logs_of_a_file():
    for name in "one.yaml", "two.yaml", "j":
        write("version: 1\njobs: {a: {run: echo %s}, j: {run: 'echo the job'}}\n" % name, name)
    write("", "new.yaml")
    run("one.yaml")
    run("two.yaml")
    assert raw_logs("one.yaml", "a") == raw_logs("a", "--journal=one.yaml") == b"one.yaml\n"
    assert tool("logs", "one.yaml", "a").err == ""
    assert raw_logs(".asyncjobs/one.yaml.journal", "a") == b"one.yaml\n"
    # A job has the name of a file that was never run
    assert raw_logs("j") == b"the job\n"
    contains(tool("logs", "new.yaml", expect=2).err, "no job ‘new.yaml’ in this run", "was not run yet")
    contains(tool("logs", "one.yaml", "b", expect=2).err, "no job ‘b’")


@test
def logs_of_many():
    jobs("t: {jobs: {u: {run: echo u}, v: {requires: u, run: echo v}}}\n"
         "s: {requires: t, window: 1, jobs: {m: {matrix: {x: [1, 2]}, run: 'echo $x'}}}\n"
         "tt: {requires: s, run: echo tt}")
    run("jobs.yaml")
    assert raw_logs("t") == b"==> t/u <==\nu\n\n==> t/v <==\nv\n" and raw_logs("t/v") == b"v\n"
    assert sorted(re.findall(b"==> (.*) <==\n(.*)\n", raw_logs("s/m"))) == [(b"s/m[1]", b"1"), (b"s/m[2]", b"2")]
    assert raw_logs().endswith(b"\n\n==> tt <==\ntt\n")


@test
def logs_names():
    jobs('"a b": {run: echo 1}\nt: {jobs: {u: {run: echo 2}}}')
    run("jobs.yaml")
    assert tool("logs", "--names").out == "a b\nt\nt/u\n"
    assert tool("logs", "--names", "-0", "t/u").out == "t/u\0"
    contains(tool("logs", "-0", expect=2).err, "--names")


@test
def logs_of_what_was_kept():
    jobs("a: {run: 'echo first; echo >>ran'}\nb: {requires: a, run: 'echo second; test -e good'}")
    run("jobs.yaml", expect=1)
    for name in "jobs.yaml", "../%s/jobs.yaml" % os.path.basename(os.getcwd()):
        # As it was called here, not where it was run at first
        ended = tool("resume", name, "--progress=none", expect=1)
        assert ended.out.splitlines()[-1] == "to go on: asyncjobs resume " + name, ended
    write("", "good")
    tool("resume", "jobs.yaml", "--progress=none")
    assert raw_logs() == b"==> a <==\nfirst\n\n==> b <==\nsecond\n"
    with open("ran") as file:
        assert file.read() == "\n"
    # It has taken as long as it did when it ran
    assert status()["run"] == 4 and job_of(status(), "a")["duration-us"] == job_of(status(), "a")["expected-us"]


@test
def logs_follow():
    os.mkfifo("fifo")
    jobs("job: {run: 'echo ready $$; read go <fifo; printf $go'}\nnext: {requires: job, run: 'echo last'}")
    with running("jobs.yaml") as (process, pid):
        follower = subprocess.Popen([TOOL, "logs", "--follow", "job", "next"], stdout=subprocess.PIPE,
                                    env=environment())
        assert follower.stdout.readline() == b"==> job <==\n"
        assert follower.stdout.readline() == b"ready %d\n" % pid
        with open("fifo", "w") as fifo:
            fifo.write("go\n")
        # It ends by itself, with all that came until the end of the run
        assert follower.communicate(timeout=PATIENCE)[0] == b"go\n==> next <==\nlast\n"
        assert follower.returncode == 0
        assert process.wait(timeout=PATIENCE) == 0
    assert raw_logs("--follow") == raw_logs() == b"==> job <==\nready %d\ngo\n==> next <==\nlast\n" % pid


@test
def follower_without_reader():
    jobs(WAITS)
    with running("jobs.yaml"):
        follower = subprocess.Popen([TOOL, "logs", "-f"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                    env=environment())
        follower.stdout.readline()
        follower.stdout.close()
        follower.wait(timeout=PATIENCE)
        tool("cancel")


# Going on


@test
def resume_takes_options_first():
    jobs("a: {run: 'true'}\nb: {requires: a, run: test -e good}")
    run("jobs.yaml", expect=1)
    # Of each option that has a value the next word is that, and not the journal
    names = [word for line in tool("run", "--help").out.splitlines() if re.match(r" +-.*=", line)
             for word in re.findall(r"(?:^ +|, )(--?[a-zA-Z-]+)", line)]
    assert len(names) > 15 and "-j" in names and "--only" in names, names
    os.mkdir("empty")
    for name in names:
        contains(tool("resume", name, "nofile.yaml", cwd="empty", expect=4).err, "no journal in ./.asyncjobs")
        contains(tool("resume", "-kq", name, "x", "nofile.yaml", expect=4).err, "no file ‘nofile.yaml’")
    for words in ["-q", "jobs.yaml"], ["-q", "-j", "2", "jobs.yaml"], ["-qj2", "--progress=none", "jobs.yaml"], [
            "--strict", "--", "jobs.yaml"], ["-q", "jobs.yaml", "--", "b"], ["--", "jobs.yaml", "b"], ["jobs.yaml", "-q"], ["-qj", "2", "jobs.yaml", "b"], ["-q"]:
        result = tool("resume", *words, expect=1)
        contains(result.err, "going on: 1 job is done")
        contains(result.out, "1 finished, 1 failed; ", "failed: b")
    write("", "good")
    contains(tool("resume", "-q", "jobs.yaml").out, "2 finished; ")


@test
def resume_forgets_the_screen():
    jobs("a: {run: test -e good}")
    run("jobs.yaml", expect=1)
    with contextlib.closing(sqlite3.connect(JOURNAL)) as db, db:
        row = db.execute("SELECT id, pid, started, token, about, boot FROM runs").fetchone()
        about = json.loads(row[4])
        about["arguments"] = ["--progress", "live", "jobs.yaml"]
        db.execute("UPDATE runs SET about = ?, sum = ?", [json.dumps(about), checksum(
            [row[0], row[1], row[2], row[3], json.dumps(about), row[5]])])
    result = tool("resume", "jobs.yaml", expect=1)
    lacks(result.err, "--progress live")
    contains(result.out, "started     a")
    contains(tool("resume", "jobs.yaml", "--progress=live", expect=1).err, "--progress live: this is no terminal")


# Ahead of time


def simulate(*arguments):
    """Start and end by job, and what is said below"""
    lines = tool("run", "-n", "--simulate", *arguments).out.splitlines()
    contains(lines[0], "start [s]", "end [s]", "job")
    times, order = {}, []
    for number, line in enumerate(lines[1:], 1):
        found = re.fullmatch(r" *([0-9]+\.[0-9]{3}) +([0-9]+\.[0-9]{3})  (.*)", line)
        if not found:
            break
        times[found[3]] = float(found[1]), float(found[2])
        order.append(found[3])
    return times, order, lines[number:]


@test
def simulate_longest_path():
    jobs("b: {requires: a, sleep: 2s}\na: {sleep: 1s}\nc: {sleep: 1500ms}\nend: {requires: [b, c]}")
    times, order, lines = simulate("jobs.yaml")
    assert times == {"a": (0, 1), "c": (0, 1.5), "b": (1, 3), "end": (3, 3)}, times
    assert order == ["a", "c", "b", "end"], order
    assert lines == ["length: 3.000 s",
                     "bottleneck: the longest path: a (1.000 s) → b (2.000 s)"], lines
    assert not os.path.exists(".asyncjobs")
    contains(tool("run", "--simulate", "jobs.yaml", expect=2).err, "goes with -n")


@test
def simulate_long_paths():
    jobs("j0: {sleep: 1s}\n" + "".join("j%d: {sleep: 1s, requires: j%d}\n" % (i, i - 1) for i in range(1, 20)))
    line = simulate("jobs.yaml")[2][1]
    contains(line, "j0 (1.000 s) → ", " → j6 (1.000 s) → (12 more) → j19 (1.000 s)")
    assert line.endswith("j19 (1.000 s)") and "j7" not in line, line


@test
def simulate_windows():
    text = "b: {requires: a, sleep: 2s}\na: {sleep: 1s}\nc: {sleep: 1500ms}\nhigh: {sleep: 1s, priority: 1}"
    jobs(text, head="window: 1\n")
    times, _, lines = simulate("jobs.yaml")
    assert times == {"high": (0, 1), "a": (1, 2), "c": (2, 3.5), "b": (3.5, 5.5)}, times
    assert lines == ["length: 5.500 s", "bottleneck: the window of 1; the longest path takes 3.000 s: "
                     "a (1.000 s) → b (2.000 s)"], lines
    assert simulate("-j0", "jobs.yaml")[2][0] == "length: 3.000 s"
    # A nested engine takes one slot around it, and has a window of its own
    jobs("t: {window: 1, jobs: {u: {sleep: 1s}, v: {sleep: 1s}, w: {sleep: 1s}}}\na: {sleep: 500ms}\n"
         "z: {requires: [t, a], sleep: 1s}", head="window: 2\n")
    times, _, lines = simulate("jobs.yaml")
    assert times == {"t/u": (0, 1), "t/v": (1, 2), "t/w": (2, 3), "a": (0, 0.5), "z": (3, 4)}, times
    contains(lines[1], "the window of t, of 1; the longest path takes 2.000 s")
    times, _, lines = simulate("-j1", "jobs.yaml")
    assert lines[0] == "length: 4.500 s", lines
    contains(lines[1], "bottleneck: -j 1; ")


@test
def simulate_pools():
    # Who needs more is not starved by who needs less; who waits for a pool holds no slot
    jobs("a: {sleep: 2s, pool: gpu}\nboth: {sleep: 1s, pool: {gpu: 2}}\nc: {sleep: 1s, pool: gpu}\n"
         "free: {sleep: 1s}", head="window: 2\npools: {gpu: 2}\n")
    times, _, lines = simulate("jobs.yaml")
    assert times == {"a": (0, 2), "free": (0, 1), "both": (2, 3), "c": (3, 4)}, times
    contains(lines[1], "bottleneck: the pool gpu of 2; the longest path takes 2.000 s: a (2.000 s)")


@test
def simulate_as_it_runs():
    """One at a time the order does not depend on how long it takes here"""
    rand = random.Random(7)

    def level(prefix, count, depth):
        names, text = [], []
        for number in range(count):
            name = prefix + str(number)
            keys = "requires: [%s], priority: %d" % (", ".join(rand.sample(names, min(len(names), rand.randrange(3)))),
                                                     rand.randrange(-1, 2))
            if depth > 0 and rand.random() < 0.3:
                text.append("%s: {%s, window: 1, jobs: {%s}}" % (name, keys, level(name + "x", 4, depth - 1)))
            else:
                text.append("%s: {%s, sleep: 1ms}" % (name, keys))
            names.append(name)
        return ", ".join(text)

    for _ in range(5):
        write("version: 1\nwindow: 1\njobs: {%s}\n" % level("j", 20, 2))
        order = simulate("jobs.yaml")[1]
        run("--no-journal", "--events=events.json", "jobs.yaml")
        with open("events.json", encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        ran = [e["job"] for e in events if e["event"] == "state" and e["state"] == "running"]
        assert len(order) > 20 and order == [job for job in ran if job in order], (order, ran)


@test
def simulate_conditions():
    jobs("a: {sleep: 1s}\nclean: {requires: {a: failure}, sleep: 5s}\nbehind: {requires: {clean: success}, sleep: 5s}\n"
         "then: {requires: [clean, a], sleep: 1s}\nserver: {run: sleep 9, forever: true, requires: a, ready: {delay: 1s}}\n"
         "client: {requires: {server: ready}, sleep: 1s}")
    times, _, lines = simulate("jobs.yaml")
    assert times == {"a": (0, 1), "then": (1, 2), "client": (1, 2)}, times
    assert lines[-1] == "3 jobs are left out: they run forever, or after a failure only", lines


@test
def simulate_recorded():
    jobs("a: {run: 'true'}\nb: {requires: a, run: 'true'}\nc: {requires: a, run: 'true'}")
    assert simulate("jobs.yaml")[2][-1] == "of 3 jobs of 3 no duration is recorded (?): they count as 0"
    record(a=1, b=2.5, c=0.25)
    record(a=1, b=2.5, c=0.25)
    times, _, lines = simulate("jobs.yaml")
    assert times == {"a": (0, 1), "b": (1, 3.5), "c": (1, 1.25)}, times
    assert lines[0] == "length: 3.500 s" and len(lines) == 2, lines
    assert simulate("--no-journal", "jobs.yaml")[2][0] == "length: 0.000 s"
    assert simulate("--skip", "b", "jobs.yaml")[2][0] == "length: 1.250 s"
    assert simulate("--journal", JOURNAL, "-j1", "jobs.yaml")[2][0] == "length: 3.750 s"
    # One that is new
    jobs("a: {run: 'true'}\nn: {requires: a, run: 'true'}")
    times, _, lines = simulate("jobs.yaml")
    assert times == {"a": (0, 1), "n (?)": (1, 1)}, times
    contains(lines[-1], "of 1 job of 2 no duration is recorded")


sys.exit(main("tool-status"))
