# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A canary given by secret-env is in nothing that we write: test-secrets.py PATH-OF-ASYNCJOBS [sanitized]

What a job prints is its own affair: it is shown as it is, and kept as it is in
the logs beside the journal, which only their owner can read. But it is not again
in what we say about it: last lines, errors, events, reports, journals."""

import os
import re
import subprocess
import sys

from support import TOOL, Skip, case, environment, main, need_strace, write

SANITIZED = "sanitized" in sys.argv[2:]

CANARY = "canary-4f1c2a9e"
# Of several lines, as keys are; all of them are canaries
LINES = "\n".join("canary-of-line-%02d" % i for i in range(30)) + "\n"
# No UTF-8
BYTES = b"canary-\xff\xfe-raw"

# What fails in each way there is, with the canary at hand
JOBS = """version: 1
name: secrets
on-failure: keep-going
jobs:
  argv: {run: 'cat /proc/[0-9]*/cmdline > cmdlines 2> /dev/null; true', secret-env: [CANARY]}
  captured: {run: 'printf %s "$CANARY"', secret-env: CANARY, capture: COPY}
  fails: {requires: captured, run: 'echo "got <$COPY>" >&2; exit 3'}
  signal: {run: 'echo "<$CANARY>"; kill -9 $$'}
  unless: {run: 'echo "$CANARY"; exit 1', unless: 'echo "$CANARY"; exit 1'}
  no-program: {run: [/nowhere/program, $CANARY]}
  no-directory: {run: 'true', dir: /nowhere/$CANARY}
  no-text: {run: 'printf "\\377%s" "$CANARY"', capture: RAW}
  no-room: {run: 'echo "$CANARY"', output: /dev/full}
  not-ready: {run: 'echo "$CANARY"; exec sleep 60', forever: true, ready: {output: never, within: 1ms}}
  too-long: {run: 'echo "$CANARY"; exec sleep 60', timeout: 1ms}
  untidy: {run: 'true', shutdown: 'echo "$CANARY" >&2; exit 9'}
  nested: {jobs: {inner: {run: 'echo "$CANARY" >&2; exit 1', retries: 1}}}
  behind: {requires: {fails: success}, run: 'echo "$COPY"'}
"""


def run(*arguments, expect=1, **variables):
    env = environment(G_MESSAGES_DEBUG="all", HOME=os.getcwd(), TMPDIR=os.getcwd(),
                      XDG_STATE_HOME=os.path.join(os.getcwd(), "state"),
                      XDG_RUNTIME_DIR=os.path.join(os.getcwd(), "runtime"), **variables)
    done = subprocess.run([TOOL, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=env, timeout=60)
    assert done.returncode == expect, (arguments, done)
    return done.stdout + done.stderr


def lacks(data, what):
    if isinstance(data, str):
        data = data.encode()
    for number, line in enumerate(data.split(b"\n"), 1):
        assert b"canary" not in line, "%s, line %d: %r" % (what, number, line)


def lacks_in_files():
    """All files that there are now, in what is home, temporary and current folder at once,
    and so the journals too. Gives their names"""
    paths = [os.path.join(folder, name) for folder, _, names in os.walk(".") for name in names]
    for path in paths:
        if re.fullmatch(r"\./\.asyncjobs/.*\.logs/.*\.log", path):
            assert os.stat(".asyncjobs").st_mode & 0o077 == 0
        with open(path, "rb") as file:
            lacks(file.read(), path)
    return [os.path.relpath(path) for path in paths]


def journals(paths):
    """Of names of files, those of journals: of each run there has to be one"""
    return [path for path in paths if path.startswith(".asyncjobs/") and path.endswith(".journal")]


@case
def what_we_say_has_no_secret():
    write("jobs.yaml", JOBS)
    for extra in ([], ["-v"], ["-v", "--color=always"], ["-q"]):
        said = run("run", "--output=none", "--events=events.json", "--report=report.json", *extra,
                   "jobs.yaml", CANARY=CANARY)
        assert b"exited with status" in said
        lacks(said, "what is said with %s" % extra)
        run("run", "--output=none", "--report=report.xml", *extra, "jobs.yaml", CANARY=CANARY)
        paths = lacks_in_files()
        assert {"events.json", "report.json", "report.xml", "cmdlines"} <= set(paths), paths
        assert journals(paths), paths
    for command in (["status"], ["status", "--json"]):
        said = run(*command, journals(paths)[0], expect=0, CANARY=CANARY)
        assert b"captured" in said, said
        lacks(said, command)
    with open("report.json", encoding="utf-8") as file:
        assert "***" in file.read()
    with open("cmdlines", "rb") as file:
        assert b"jobs.yaml" in file.read()


@case
def what_jobs_print_is_theirs():
    write("jobs.yaml", JOBS)
    said = run("run", "-v", "--output=prefixed", "jobs.yaml", CANARY=CANARY).decode("utf-8")
    theirs = [line for line in said.split("\n") if re.match(r"\[[a-z/-]+\] ", line)]
    assert any(CANARY in line for line in theirs), said
    lacks("\n".join(line for line in said.split("\n") if line not in theirs), "our lines")
    lacks_in_files()


@case
def what_runs_nothing_has_no_secret():
    write("jobs.yaml", JOBS)
    for command in (["check"], ["list"], ["graph"], ["graph", "-f", "json"], ["graph", "-f", "mermaid"],
                    ["run", "-n"], ["run", "-n", "-v"], ["run", "-n", "-e", "OTHER=" + CANARY]):
        lacks(run(*command, "jobs.yaml", expect=0, CANARY=CANARY), command)
    lacks_in_files()


@case
def a_secret_given_by_e_is_one_too():
    write("jobs.yaml", JOBS)
    said = run("run", "-v", "--output=none", "--events=events.json", "--report=report.json",
               "-e", "CANARY=" + CANARY, "jobs.yaml", CANARY="other-canary")
    lacks(said, "what is said")
    os.unlink("cmdlines")  # Whoever writes a secret on a command line shows it
    lacks_in_files()


@case
def usage_errors_have_no_secret():
    write("jobs.yaml", JOBS)
    for given in (CANARY, "=" + CANARY, b"CANARY=" + BYTES, b"\xff" + CANARY.encode()):
        lacks(run("run", "-e", given, "jobs.yaml", expect=2, CANARY=CANARY), given)
    write("unset.yaml", JOBS.replace("secret-env: CANARY", "secret-env: [CANARY, UNSET_VARIABLE]"))
    said = run("run", "unset.yaml", expect=2, CANARY=CANARY)
    assert b"UNSET_VARIABLE" in said
    lacks(said, "an unset variable")
    lacks(run("run", "jobs.yaml", "no-such-job", expect=2, CANARY=CANARY), "an unknown job")


@case
def a_secret_of_lines_or_bytes_is_one_too():
    # One job that fails is enough for last lines, and the only one with this canary
    write("jobs.yaml", "version: 1\njobs:\n"
          "  a: {run: 'printf \"%s\" \"$CANARY\"; exit 1', secret-env: CANARY}\n")
    for value in (LINES, BYTES, b"canary-\x01-\x1b[31m\ttab", CANARY + "\n" + CANARY + "-longer"):
        said = run("run", "-v", "--output=none", "--events=events.json", "--report=report.json",
                   "jobs.yaml", CANARY=value)
        lacks(said, "what is said of %r" % value)
        run("run", "-v", "--output=none", "--report=report.xml", "jobs.yaml", CANARY=value)
        lacks_in_files()


@case
def no_argv_has_a_secret():
    if SANITIZED:
        raise Skip("a sanitizer cannot be traced")
    need_strace()
    write("jobs.yaml", JOBS)
    done = subprocess.run(["strace", "-f", "-qq", "-s", "65536", "-e", "trace=execve,execveat",
                           "-e", "signal=none", "-o", "trace", TOOL, "run", "-v", "--output=none",
                           "--events=events.json", "--report=report.json", "jobs.yaml"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(CANARY=CANARY), timeout=60)
    assert done.returncode == 1, done
    with open("trace", encoding="utf-8", errors="replace") as file:
        # The canary's own jobs use only what the shell has built in
        calls = [line for line in file if "execve" in line]
    assert len(calls) > 10, calls
    lacks("".join(calls), "argv")
    return "%d programs were started" % len(calls)


sys.exit(main("secrets"))
