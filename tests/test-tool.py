# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs the real command over small job files: test-tool.py PATH-OF-ASYNCJOBS"""

import array
import contextlib
import fcntl
import json
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time
import xml.etree.ElementTree

from toolkit import (PATIENCE, TOOL, contains, environment, is_alive, jobs, lacks, main, on_terminal, running,
                     test, tool, write)


def run(*arguments, **options):
    return tool("run", *arguments, **options)


def events_of(path="events.json"):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


# What it is told


@test
def help_and_version():
    contains(tool("--help").out, "run", "check", "list", "graph", "Exit status")
    assert re.fullmatch(r"asyncjobs [0-9.]+\n", tool("--version").out)
    for command in "run", "check", "list", "graph":
        contains(tool(command, "--help").out, "Usage", "asyncjobs %s" % command, "FILE", "--help")
    contains(run("-h").out, "--events=FILE|fd:N")


@test
def wrong_usage():
    jobs("one: {run: 'touch ran'}")
    for arguments, text in (
        ([], "a command is missing"),
        (["rnu", "jobs.yaml"], "did you mean ‘run’?"),
        (["cheek", "jobs.yaml"], "did you mean ‘check’?"),
        (["frobnicate"], "no command ‘frobnicate’"),
        (["watch", "1", "2"], "one run at a time"),
        (["--frob"], "unknown option --frob"),
        (["run"], "job file is missing"),
        (["check"], "job file is missing"),
        (["list", "jobs.yaml", "jobs.yaml"], "one job file"),
        (["run", "--frob", "jobs.yaml"], "--frob"),
        (["run", "-j", "many", "jobs.yaml"], "not ‘many’"),
        (["run", "-j-1", "jobs.yaml"], "not ‘-1’"),
        (["run", "--timeout", "5 parsecs", "jobs.yaml"], "1h30m"),
        (["run", "--timeout", "-5", "jobs.yaml"], "1h30m"),
        (["run", "--timeout", "1s1h", "jobs.yaml"], "1h30m"),
        (["run", "--output", "loud", "jobs.yaml"], "not ‘loud’"),
        (["run", "--progress", "fast", "jobs.yaml"], "not ‘fast’"),
        (["run", "--color", "red", "jobs.yaml"], "not ‘red’"),
        (["run", "-e", "NAME", "jobs.yaml"], "NAME=VALUE"),
        (["run", "-e", "=x", "jobs.yaml"], "NAME=VALUE"),
        (["run", "-e", "A B=1", "jobs.yaml"], "letters, digits"),
        (["run", "-e", "1A=1", "jobs.yaml"], "letters, digits"),
        (["run", "-e", "A;x=1", "jobs.yaml"], "letters, digits"),
        (["run", "--report", "r.txt", "jobs.yaml"], ".json"),
        (["run", "-C", "nowhere", "jobs.yaml"], "nowhere"),
        (["run", "jobs.yaml", "two"], "asyncjobs run: no job is named 'two'"),
        (["run", "jobs.yaml", "--only", "onne"], "one"),
        (["run", "jobs.yaml", "--skip", "one"], "leaves no job"),
        (["run", b"jobs.yaml", b"\xff"], "UTF-8"),
        (["graph", "--format", "gif", "jobs.yaml"], "mermaid"),
        (["graph", "-o", "x.gif", "jobs.yaml"], "--format"),
    ):
        result = tool(*arguments, expect=2)
        contains(result.err, text)
        contains(result.err, "--help\n")
        assert result.out == "", result
    assert not os.path.exists("ran")


@test
def names_like_options():
    write('{"version": 1, "jobs": {"-n": {"run": "echo ran"}, "--": {"run": "echo too"}}}', "-x.yaml")
    for command in "check", "list", "graph":
        tool(command, "--", "-x.yaml")
    assert run("-q", "--output=stream", "--", "-x.yaml", "-n").out == "ran\n"
    assert run("-q", "--output=stream", "--", "-x.yaml", "--").out == "too\n"
    assert tool("logs", "--journal=-x.yaml", "--", "--").out == "too\n"
    contains(tool("resume", "-q", "--", "-x.yaml", "-n").err, "going on: 1 job is done")


@test
def wrong_files():
    write("version: 1\njobs: {a: {requires: b, rum: x}, b: {requires: [a, c]}}\n")
    for command in "run", "check", "list", "graph":
        result = tool(command, "jobs.yaml", expect=3)
        contains(result.err, "jobs.yaml:2:", "rum")
        assert result.out == "", result
    write("version: 1\njobs:\n  a: {run: 'touch ran', requires: b}\n  b: {requires: a}\n")
    contains(run("jobs.yaml", expect=3).err, "a -> b -> a")
    write("version: 1\njobs: {a: [\n")
    contains(run("jobs.yaml", expect=3).err, "jobs.yaml:")
    contains(run("nowhere.yaml", expect=3).err, "nowhere.yaml")
    contains(run(".", expect=3).err, "asyncjobs run: ")
    write('version: 1\njobs: {"a\\e[2J": {rum: x}}\n')
    lacks(run("jobs.yaml", expect=3).err, "\033")
    assert not os.path.exists("ran")


@test
def file_from_standard_input():
    contains(run("-", stdin=b"version: 1\njobs: {one: {run: echo hi}}\n").out, "[one] hi")
    # A resume would find the journal of another file
    jobs("other: {run: 'false'}")
    run("jobs.yaml", expect=1)
    bad = b"version: 1\njobs: {one: {run: 'false'}}\n"
    out = run("-", stdin=bad, expect=1).out
    assert out.splitlines()[-1] == ("no journal is kept of what comes by the standard input: "
                                    "this run cannot be resumed"), out
    lacks(out, "asyncjobs resume")
    lacks(run("-", "--no-journal", stdin=bad, expect=1).out, "no journal is kept")
    contains(run("-", "--journal", "kept", stdin=bad, expect=1).out, "to go on: asyncjobs resume kept\n")


@test
def short_options_together():
    jobs("one: {run: 'false'}\ntwo: {run: 'echo \"$A\"'}")
    contains(run("-kj1", "-eA=hi", "jobs.yaml", expect=1).out, "[two] hi")


# What becomes of it


@test
def exit_of_success():
    jobs("one: {run: 'true'}\ntwo: {requires: one, run: 'false', critical: false}")
    out = run("jobs.yaml").out
    contains(out, "started     one", "finished    one", "started     two",
             "failed      two: exited with status 1")
    assert re.fullmatch(r"1 finished, 1 failed \(not critical\); [0-9.]+ s: went well", out.splitlines()[-2]), out
    assert out.splitlines()[-1] == "not critical: two", out
    jobs("one: {run: 'echo hi'}")
    for quiet in [], ["-q"]:
        # Where it is, and nothing to go on with
        assert re.search(r"^1 finished; [0-9.]+ s: went well\noutput: %s/.asyncjobs/jobs.yaml.logs/[23]\n\Z" % os.getcwd(),
                         run(*quiet, "jobs.yaml").out, re.M), quiet
    assert re.fullmatch(r"1 finished; [0-9.]+ s: went well\n", run("-q", "--no-journal", "jobs.yaml").out)


@test
def exit_of_failure():
    jobs("bad: {run: 'seq 30; exit 3'}\nnext: {requires: bad, run: touch ran}")
    lines = run("jobs.yaml", expect=1).out.splitlines()
    assert lines[-1] == "to go on: asyncjobs resume jobs.yaml", lines
    assert lines[-2] == "output: %s/.asyncjobs/jobs.yaml.logs/1" % os.getcwd(), lines
    assert lines[-23] == "failed: bad: exited with status 3", lines
    assert lines[-22:-2] == ["  | %d" % i for i in range(11, 31)], lines
    assert re.fullmatch(r"1 failed, 1 (skipped|cancelled); [0-9.]+ s: failed", lines[-24]), lines
    assert not os.path.exists("ran")


@test
def first_cause_is_the_one_that_mattered():
    jobs("soft: {run: 'exit 4', critical: false}\n"
         "tests:\n  requires: soft\n  jobs:\n    unit: {run: 'echo why; exit 5'}\n")
    contains(run("jobs.yaml", expect=1).out,
             "failed: tests/unit: exited with status 5\n  | why\n")


@test
def exit_of_timeouts():
    jobs("long: {run: 'echo $$ > pid; exec sleep 60'}")
    contains(run("--timeout", "1s", "jobs.yaml", expect=124).out, "1 cancelled; ", " s: timed out\ntimed out after 1 s\n")
    with open("pid") as file:
        assert not is_alive(int(file.read()))
    jobs("long: {run: exec sleep 60}", head="timeout: 300ms\n")
    run("jobs.yaml", expect=124)
    jobs("long: {run: exec sleep 60, timeout: 300ms}")
    contains(run("jobs.yaml", expect=1).out, "1 timed out; ", " s: failed\ntimed out: long")


@test
def failures_of_shutdown():
    jobs("a: {run: 'true', shutdown: 'exit 4'}\nt: {jobs: {u: {run: 'true', shutdown: 'exit 5'}}}")
    contains(run("jobs.yaml").out, "3 finished; ",
             "after the end: a: its shutdown command exited with status 4\n",
             "after the end: t/u: its shutdown command exited with status 5\n")


@test
def keep_going():
    jobs("bad: {run: 'false'}\nbehind: {requires: bad, run: touch behind}\n"
         "slow: {run: 'sleep 0.2; touch slow'}\nlast: {requires: slow, run: touch last}")
    contains(run("-k", "jobs.yaml", expect=1).out, "2 finished, 1 failed, 1 skipped")
    assert os.path.exists("last") and not os.path.exists("behind")


@test
def verdict_without_progress():
    """The counts alone do not say it: they look the same in runs that went well and that did not"""
    server = "server: {run: exec sleep 60, forever: true}\n"
    jobs(server + "soft: {run: 'false', critical: false}\n"
         "late: {run: exec sleep 60, timeout: 100ms, critical: false}\n"
         "group: {critical: false, jobs: {hard: {run: 'false'}}}")
    assert re.fullmatch(r"3 failed \(not critical\), 1 timed out \(not critical\), 1 ended with the run; [0-9.]+ s: "
                        r"went well\nnot critical: (soft, group/hard|group/hard, soft), late\n", run("-q", "jobs.yaml").out)
    jobs(server + "soft: {run: 'false', critical: false}\nhard: {run: 'false', requires: soft}")
    assert re.fullmatch(r"2 failed \(1 not critical\), 1 ended with the run; [0-9.]+ s: failed\n"
                        r"failed: hard: exited with status 1\nfailed too: soft\nto go on: .*\n",
                        run("-q", "jobs.yaml", expect=1).out)


@test
def other_failures_by_name():
    jobs("".join("j%02d: {run: 'false', priority: %d}\n" % (i, -i) for i in range(13)) +
         "t: {priority: -20, jobs: {u: {run: 'false'}}}", head="window: 1\n")
    contains(run("-qk", "jobs.yaml", expect=1).out, "failed: j00: ",
             "\nfailed too: j01, j02, j03, j04, j05, j06, j07, j08, j09, j10 and 3 more\n")


@test
def signals():
    jobs("job: {run: 'echo ready $$; exec sleep 60', shutdown: touch down}")
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        with contextlib.suppress(FileNotFoundError):
            os.unlink("down")
        with running("--events", "events.json", "jobs.yaml") as (process, pid):
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
            assert process.returncode == status, (process.returncode, err)
            assert not is_alive(pid)
            contains(out.decode(), "1 cancelled; ", " s: stopped\nstopped by signal %d" % number)
            end = events_of()[-1]
            assert end["event"] == "end" and end["exit"] == status, end
            assert os.path.exists("down")


@test
def second_interrupt_kills():
    jobs("job: {run: 'trap \"\" TERM; echo ready $$; while :; do sleep 60; done', grace: 50s}",
         head="grace: 60s\nshutdown-timeout: 60s\n")
    with running("--report", "report.json", "jobs.yaml") as (process, pid):
        process.send_signal(signal.SIGINT)
        contains(process.stderr.readline().decode(), "interrupted", "once more")
        assert is_alive(pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130, (process.returncode, err)
        # Our own child no more, so that it may take a moment to be gone
        fd = None
        with contextlib.suppress(ProcessLookupError):
            fd = os.pidfd_open(pid)
        if fd is not None:
            assert select.select([fd], [], [], PATIENCE)[0], "still there"
            os.close(fd)
        contains(out.decode(), "stopped by signal 2")
        assert os.path.exists("report.json")


@test
def signal_beats_slow_reader():
    jobs("job: {run: 'echo ready $$; exec yes'}")
    with running("jobs.yaml") as (process, pid):
        # Nobody reads any more, so that the pipe fills up
        limit = time.monotonic() + PATIENCE
        filled = array.array("i", [0])
        while filled[0] < 60000:
            assert time.monotonic() < limit, filled
            os.sched_yield()
            fcntl.ioctl(process.stdout, termios.FIONREAD, filled)
        process.terminate()
        process.wait(timeout=PATIENCE)
        assert process.returncode == 143
        assert not is_alive(pid)


@test
def nohup_is_obeyed():
    os.mkfifo("fifo")
    jobs("job: {run: 'echo ready $$; read x < fifo'}")
    with running("jobs.yaml", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) \
            as (process, _pid):
        process.send_signal(signal.SIGHUP)
        with open("fifo", "w") as file:
            file.write("go\n")
        out, _err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out


@test
def jobs_have_ordinary_signals():
    jobs("job: {run: 'grep SigIgn /proc/self/status'}")
    ignored = re.search(r"SigIgn:\t([0-9a-f]+)", run("jobs.yaml").out).group(1)
    # The highest ones belong to the C library
    assert int(ignored, 16) & 0x7fffffff == 0, ignored


# Where it speaks


@test
def lost_output():
    jobs("one: {run: 'echo hi; touch one'}\ntwo: {requires: one, run: touch two}")
    for how in ">/dev/full", ">&-":
        for name in "one", "two":
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
        done = subprocess.run(["sh", "-c", '"$0" run jobs.yaml ' + how, TOOL], timeout=PATIENCE,
                              stderr=subprocess.PIPE, env=environment())
        assert done.returncode == 5, (how, done)
        assert done.stderr.count(b"cannot write") == 1, done
        assert os.path.exists("one") and os.path.exists("two")
    for command in "check", "list", "graph", "run -n":
        done = subprocess.run(["sh", "-c", '"$0" %s jobs.yaml >/dev/full' % command, TOOL],
                              timeout=PATIENCE, stderr=subprocess.PIPE, env=environment())
        assert done.returncode == 5, (command, done)
    done = subprocess.run(["sh", "-c", '"$0" --help >/dev/full', TOOL], timeout=PATIENCE,
                          stderr=subprocess.PIPE, env=environment())
    assert done.returncode == 5


@test
def reader_goes_away():
    jobs("one: {run: 'seq 100000'}\ntwo: {requires: one, run: touch two}")
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        run("jobs.yaml", stdout=write_end, expect=5)
    finally:
        os.close(write_end)
    assert os.path.exists("two")


@test
def lost_events_and_reports():
    jobs("one: {run: touch one}")
    contains(run("--events", "/dev/full", "jobs.yaml", expect=5).err, "/dev/full")
    assert os.path.exists("one")
    os.unlink("one")
    for target in "nowhere/events", "fd:77", "fd:x", "fd:0":
        contains(run("--events", target, "jobs.yaml", expect=5).err, "--events")
        assert not os.path.exists("one"), target
    contains(run("--report", "nowhere/r.json", "jobs.yaml", expect=5).err, "--report", "nowhere/r.json:")
    assert not os.path.exists("one")
    os.symlink("/dev/full", "full.json")
    contains(run("--report", "full.json", "jobs.yaml", expect=5).err, "--report")
    assert os.path.islink("full.json")


@test
def precedence_of_exits():
    jobs("bad: {run: 'exit 1'}")
    run("--events", "/dev/full", "jobs.yaml", expect=5)
    jobs("long: {run: exec sleep 60}")
    run("--events", "/dev/full", "--timeout", "200ms", "jobs.yaml", expect=5)
    jobs("bad: {run: 'exit 3'}\nlong: {run: exec sleep 60}")
    contains(run("-k", "--timeout", "1s", "jobs.yaml", expect=124).out,
             "\ntimed out after 1 s\n", "failed: bad: exited with status 3\n")
    jobs("job: {run: 'echo ready $$; exec sleep 60'}")
    with running("--events", "/dev/full", "jobs.yaml") as (process, _pid):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 143


@test
def colors():
    jobs("one: {run: echo hi}")
    plain = ("run", "--progress", "plain", "jobs.yaml")
    contains(on_terminal(*plain), "\033[32mfinished")
    for variables in {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"CI": "true"}, {"TERM": None}:
        lacks(on_terminal(*plain, **variables), "\033")
    contains(on_terminal(*plain, NO_COLOR=""), "\033[32m")
    contains(on_terminal(*plain, "--color", "always", NO_COLOR="1"), "\033[32m")
    lacks(on_terminal(*plain, "--color=never"), "\033")
    lacks(run("jobs.yaml").out, "\033")
    contains(run("--color=always", "jobs.yaml").out, "\033[32m")


@test
def quiet_and_verbose():
    jobs("good: {run: echo fine}\nbad: {requires: good, run: 'echo oh; exit 3'}\n"
         "next: {requires: bad, run: 'true'}")
    out = run("-q", "jobs.yaml", expect=1).out
    lacks(out, "started", "fine")
    contains(out, "--- bad\noh\n", "1 finished, 1 failed", "failed: bad")
    out = run("-v", "jobs.yaml", expect=1).out
    contains(out, "started     good", "$ ", "echo fine")
    contains(run("--progress=none", "--no-journal", "jobs.yaml", expect=1).out, "[good] fine")
    lacks(run("--progress=none", "jobs.yaml", expect=1).out, "started")


# What jobs print


@test
def output_prefixed():
    jobs("a: {run: 'echo one; echo two >&2; printf three'}")
    for mode in [], ["--output", "prefixed"], ["--output=auto"]:
        out = run(*mode, "jobs.yaml").out
        contains(out, "[a] one\n")
        contains(out, "[a] two\n")
        contains(out, "[a] three\n", "finished    a")


@test
def lines_keep_their_order():
    """Of the run and of its jobs, in one file by way of two descriptors"""
    jobs("".join("j%d: {run: 'echo out; echo err >&2'}\n" % i for i in range(200)))
    for mode in "prefixed", "stream", "grouped":
        with open("lines", "w+") as lines:
            subprocess.run([TOOL, "run", "-j1", "--output", mode, "jobs.yaml"], timeout=PATIENCE,
                           stdout=lines, stderr=subprocess.STDOUT, env=environment(), check=True)
            lines.seek(0)
            text = lines.read()
        for i in range(200):
            one, _, text = text.partition("finished    j%d " % i)
            before, begun, behind = one.partition("started     j%d\n" % i)
            assert begun, one
            if mode == "prefixed":
                assert behind.count("[j%d] " % i) == 2, one
            elif mode == "stream":
                assert "out\n" in behind and "err\n" in behind, one
            elif i > 0:
                contains(before, "--- j%d\n" % (i - 1))


@test
def output_grouped():
    for name in "ab", "ba":
        os.mkfifo(name)
    jobs("a: {run: 'echo a1; echo x > ab; read x < ba; echo a2'}\n"
         "b: {run: 'read x < ab; echo b1; echo x > ba; echo b2'}\n"
         "c: {run: 'true'}")
    out = run("--output", "grouped", "jobs.yaml").out
    contains(out, "finished    a")
    contains(out, "--- a\na1\na2\n")
    contains(out, "--- b\nb1\nb2\n")
    lacks(out, "--- c")


@test
def output_grouped_is_all_there():
    jobs("a: {run: seq 500000}\nb: {run: seq 500000}")
    os.mkdir("tmp")
    out = run("--output", "grouped", "--progress", "none", "jobs.yaml",
              env=environment(TMPDIR=os.path.abspath("tmp"))).out
    numbers = "".join("%d\n" % i for i in range(1, 500001))
    for name in "ab":
        assert "--- %s\n%s" % (name, numbers) in out
    assert out.count("\n") == 2 * 500001 + 2
    assert os.listdir("tmp") == []


@test
def output_errors_and_none():
    jobs("good: {run: echo fine}\nsoft: {run: 'echo soft; exit 1', critical: false}\n"
         "bad: {requires: [good, soft], run: 'echo oh; exit 3'}")
    out = run("--output=errors", "jobs.yaml", expect=1).out
    contains(out, "--- soft\nsoft\n", "--- bad\noh\n")
    lacks(out, "fine")
    out = run("--output=none", "jobs.yaml", expect=1).out
    lacks(out, "fine", "[bad]", "--- ", "soft\nsoft")
    contains(out, "failed: bad: exited with status 3\n  | oh\n")


@test
def output_stream():
    jobs(r"a: {run: 'printf ''\033[1m\377\000\r\n\n''; printf end; printf ''oh\n'' >&2'}")
    done = subprocess.run([TOOL, "run", "--output=stream", "jobs.yaml"], timeout=PATIENCE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    assert done.stdout == b"\033[1m\xff\x00\r\n\nend", done
    contains(done.stderr.decode(), "oh\n", "finished    a", "1 finished; ")


@test
def output_is_harmless():
    jobs(r"a: {run: 'printf ''\033]0;x\007\377\r\n'''}")
    for mode in "prefixed", "grouped":
        out = run("--output", mode, "jobs.yaml").out
        contains(out, "^[]0;x^G�\n")
        lacks(out, "\033", "\007", "\r")


@test
def long_lines():
    jobs("a: {run: 'head -c 300000 /dev/zero | tr \"\\\\0\" x; echo'}")
    done = subprocess.run([TOOL, "run", "--output=stream", "jobs.yaml"], timeout=PATIENCE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    assert done.stdout == b"x" * 300000 + b"\n", (len(done.stdout), done.stderr)


# Events and reports


@test
def events():
    jobs("a: {run: 'true'}\nb: {requires: a, sleep: 10ms}\n"
         "t:\n  requires: b\n  jobs: {u: {run: 'exit 3', critical: false}}")
    run("--events", "events.json", "jobs.yaml")
    all_events = events_of()
    first, last = all_events[0], all_events[-1]
    assert first["event"] == "start" and first["version"] == 1 and first["jobs"] == 4, first
    assert last["event"] == "end" and last["exit"] == 0 and last["success"] is True, last
    assert last["counts"] == {"finished": 3, "failed": 1}, last
    assert last["duration-us"] >= 10000, last
    times = [e["us"] for e in all_events if "us" in e]
    assert times == sorted(times)
    states = [(e["job"], e["state"]) for e in all_events if e["event"] == "state"]
    order = [states.index(x) for x in (("a", "running"), ("a", "finished"), ("b", "running"),
                                      ("b", "finished"), ("t", "running"), ("t/u", "running"),
                                      ("t/u", "failed"), ("t", "finished"))]
    assert order == sorted(order), states
    failed = [e for e in all_events if e.get("state") == "failed"][0]
    assert failed["exit-status"] == 3 and failed["error"]["domain"].startswith("jobs-error"), failed
    contains(failed["error"]["message"], "exited with status 3")
    assert failed["attempt"] == 1 and failed["duration-us"] >= 0


@test
def events_to_descriptor():
    jobs("a: {run: 'echo hi; ls -l /proc/self/fd >&2'}")
    result = run("--events", "fd:1", "jobs.yaml")
    assert [json.loads(line)["event"] for line in result.out.splitlines()][0] == "start"
    contains(result.err, "[a] hi", "1 finished")
    with open("out.json", "wb") as file:
        result = run("--events=fd:%d" % file.fileno(), "jobs.yaml", pass_fds=[file.fileno()])
    assert events_of("out.json")[-1]["event"] == "end"
    lacks(result.out, "out.json")


@test
def events_keep_secrets():
    jobs("a: {run: 'echo \"$TOKEN\"', secret-env: [TOKEN]}")
    out = run("--events=events.json", "--report=r.json", "jobs.yaml",
              env=environment(TOKEN="hush-hush")).out
    contains(out, "[a] hush-hush")
    for name in "events.json", "r.json":
        with open(name) as file:
            lacks(file.read(), "hush")
    # Its output, too, is in what others read: a result, the last lines
    jobs("a: {run: 'echo \"$TOKEN\"', secret-env: [TOKEN], capture: RESULT}\n"
         "b: {requires: a, run: 'echo \"<$TOKEN>\"; exit 1'}")
    for extra in [], ["-e", "TOKEN=hush-now"]:
        run("--events=events.json", "--report=r.json", *extra, "jobs.yaml", expect=1,
            env=environment(TOKEN="hush-hush"))
        run("--report=r.xml", *extra, "jobs.yaml", expect=1, env=environment(TOKEN="hush-hush"))
        for name in "events.json", "r.json", "r.xml":
            with open(name) as file:
                lacks(file.read(), "hush")
    contains(xml.etree.ElementTree.parse("r.xml").getroot().find(".//failure").text, "<***>")


@test
def reports():
    jobs("a: {run: 'true'}\nt: {jobs: {u: {run: 'printf \"<\\033&\"; exit 3'}}, requires: a}\n"
         "b: {requires: t, run: 'true'}", head="name: rel<ease\n")
    run("--report", "r.json", "jobs.yaml", expect=1)
    with open("r.json", encoding="utf-8") as file:
        assert isinstance(json.load(file), dict)
    run("--report", "r.xml", "jobs.yaml", expect=1)
    suite = xml.etree.ElementTree.parse("r.xml").getroot()[0]
    assert suite.get("name") == "rel<ease" and suite.get("tests") == "4"
    assert suite.get("failures") == "2" and suite.get("skipped") == "1", suite.attrib
    case = [c for c in suite if c.get("name") == "u"][0]
    assert case.get("classname") == "t"
    assert case.find("failure").get("message") == "exited with status 3"
    contains(case.find("failure").text, "<^[&")
    # None of the jobs inside has failed here, and yet the run has
    jobs("t: {timeout: 100ms, jobs: {u: {sleep: 60s}}}")
    run("--report", "r.xml", "jobs.yaml", expect=1)
    suite = xml.etree.ElementTree.parse("r.xml").getroot()[0]
    assert suite.get("errors") == "1" and suite.get("skipped") == "1", suite.attrib
    assert suite.find("testcase[@name='t']/error") is not None


@test
def all_count_alike():
    jobs("t: {jobs: {u: {}, v: {jobs: {w: {}}}}}\ns: {matrix: {x: [1, 2]}, requires: t}")
    contains(tool("check", "jobs.yaml").out, "6 jobs, ")
    out = run("--events=events.json", "--report=r.xml", "jobs.yaml").out
    contains(out, "the run: 6 actions\n", "6 finished; ")
    first, last = events_of()[0], events_of()[-1]
    assert first["jobs"] == 6 and last["counts"] == {"finished": 6}, (first, last)
    suite = xml.etree.ElementTree.parse("r.xml").getroot()[0]
    assert suite.get("tests") == "6", suite.attrib
    assert tool("list", "jobs.yaml").out.count("\n") == 6
    # One with nothing inside is a job too
    jobs("t: {jobs: {}}")
    contains(run("jobs.yaml").out, "1 finished; ")


# What is run


@test
def dry_run():
    jobs("b: {requires: a, run: touch ran}\na: {run: [touch, ran]}\nt: {requires: b, jobs: {u: {}}}")
    out = run("-n", "--events=events.json", "jobs.yaml").out
    assert [line.split(":")[0] for line in out.splitlines()] == ["a", "b", "t/u"], out
    contains(out, "touch ran")
    assert not os.path.exists("ran") and not os.path.exists("events.json")
    assert run("-n", "jobs.yaml", "a").out.count("\n") == 1


@test
def selection():
    text = "".join("%s: {requires: [%s], run: touch ran-%s}\n" % (n, r, n)
                   for n, r in (("a", ""), ("b", "a"), ("c", "b"), ("d", "")))
    jobs(text)

    def ran(*arguments):
        run(*arguments)
        names = sorted(n[4:] for n in os.listdir() if n.startswith("ran-"))
        for name in names:
            os.unlink("ran-" + name)
        return "".join(names)

    assert ran("jobs.yaml") == "abcd"
    assert ran("jobs.yaml", "b") == "ab"
    assert ran("jobs.yaml", "b", "d") == "abd"
    assert ran("jobs.yaml", "--only", "c") == "c"
    assert ran("jobs.yaml", "--only=c", "--only=a") == "ac"
    assert ran("jobs.yaml", "--skip", "b") == "acd"
    assert ran("jobs.yaml", "c", "--skip", "a") == "bc"
    run("--events=events.json", "jobs.yaml", "c", "--skip", "b")
    states = [(e["job"], e["state"]) for e in events_of() if e["event"] == "state"]
    assert states.index(("a", "finished")) < states.index(("c", "running"))


@test
def nested_selection():
    jobs("t:\n  jobs:\n    u: {run: touch ran-u}\n    v: {run: touch ran-v}\nw: {run: touch ran-w}")
    run("jobs.yaml", "t/u")
    assert os.path.exists("ran-u")
    assert not os.path.exists("ran-v") and not os.path.exists("ran-w")


def most_at_once():
    now, most, leaves = set(), 0, ("job", "t/")
    for event in events_of():
        if event["event"] == "state" and event["job"].startswith(leaves):
            (now.add if event["state"] == "running" else now.discard)(event["job"])
            most = max(most, len(now))
    return most


@test
def window():
    jobs("".join("job%d: {sleep: 100ms}\n" % i for i in range(6)), head="window: 1\n")
    for n, most in (("0", 6), ("2", 2)):
        run("-j" + n, "--events=events.json", "jobs.yaml")
        assert most_at_once() == most, n
    jobs("job: {sleep: 20ms}\nt:\n  jobs:\n" +
         "".join("    job%d: {sleep: 20ms}\n" % i for i in range(3)))
    run("-j", "1", "--events=events.json", "jobs.yaml")
    assert most_at_once() == 1


@test
def environment_and_directory():
    os.mkdir("deep")
    write("version: 1\nenv: {A: file}\njobs: {a: {run: 'echo \"$A\"; pwd', env: {A: job}}}\n",
          "deep/jobs.yaml")
    contains(run("-C", "deep", "-e", "A=b=c", "jobs.yaml").out, "[a] b=c\n", "/deep\n")


# The other commands


@test
def check():
    jobs("a: {run: 'touch ran'}\nb: {requires: a, run: 'true'}")
    assert re.match(r"2 jobs, 1 requirement, longest path 2 jobs\n", tool("check", "jobs.yaml").out)
    jobs("a: {sleep: 1s}\nb: {requires: a, sleep: 200ms}\nc: {sleep: 1.1s}")
    assert tool("check", "jobs.yaml").out == \
        "3 jobs, 1 requirement, longest path 2 jobs, 1.200 s\n"
    jobs("a: {run: exec sleep 60, forever: true}\nb: {requires: a}")
    result = tool("check", "jobs.yaml")
    contains(result.err, "jobs.yaml:4:17: warning: 'b' waits for the end of 'a'")
    assert not os.path.exists("ran")


@test
def list_jobs():
    jobs("late: {requires: {t: success}, run: 'true', timeout: 5m, retries: 2}\n"
         "t:\n  window: 2\n  jobs:\n    u: {run: 'true', critical: false}\n    s: {run: x, forever: true}")
    out = tool("list", "jobs.yaml").out
    assert [re.split(" +— ", line)[0] for line in out.splitlines()] == ["t/", "  u", "  s", "late"]
    contains(out, "at most 2 at once", "not critical", "forever",
             "requires t (success)", "timeout 5m", "2 retries")


@test
def list_names():
    jobs('plain: {}\n"with space": {}\n"a\\nb": {}\nsweep: {matrix: {m: [1, "*"]}}\n'
         "t: {jobs: {u: {}}}")
    names = ["a\nb", "plain", "sweep", "sweep[*]", "sweep[1]", "t", "t/u", "with space"]
    assert tool("list", "--names", "-0", "jobs.yaml").out == "".join(name + "\0" for name in names)
    assert tool("list", "--names", "jobs.yaml").out == "".join(name + "\n" for name in names)
    for name in names:
        tool("run", "-n", "jobs.yaml", name)
    contains(tool("list", "-0", "jobs.yaml", expect=2).err, "--names")


sys.exit(main("tool"))
