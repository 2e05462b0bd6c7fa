# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of the command share; the command is the first argument of a test"""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import tempfile
import traceback

TOOL = os.path.abspath(sys.argv[1])
PATIENCE = 30  # seconds until a tool that hangs is a failure
TESTS = []


class Skip(Exception):
    """What a test needs is not there; the argument says what"""


def test(function):
    """What it returns is told beside its name"""
    TESTS.append(function)
    return function


def environment(**changes):
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI", "LANGUAGE")}
    env.update(LC_ALL="C.UTF-8", TERM="xterm")
    env.update(changes)
    return {k: v for k, v in env.items() if v is not None}


def write(text, name="jobs.yaml"):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def jobs(text, head=""):
    """A job file with this below `jobs:`"""
    lines = ["  " + line for line in text.strip("\n").split("\n")]
    return write("version: 1\n" + head + "jobs:\n" + "\n".join(lines) + "\n")


class Result:
    def __init__(self, status, out, err):
        self.status = status
        self.raw = out
        self.out = out.decode("utf-8") if out is not None else None
        self.err = err.decode("utf-8") if err is not None else None

    def __str__(self):
        return "status %s\nstdout:\n%s\nstderr:\n%s" % (self.status, self.out, self.err)


def tool(*arguments, env=None, stdin=b"", expect=0, **options):
    options.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run([TOOL, *arguments], input=stdin, stderr=subprocess.PIPE,
                          env=env or environment(), timeout=PATIENCE, **options)
    result = Result(done.returncode, done.stdout, done.stderr)
    assert result.status == expect, "expected status %s, got %s" % (expect, result)
    return result


def contains(text, *parts):
    position = 0
    for part in parts:
        found = text.find(part, position)
        assert found >= 0, "%r is not (in this order) in:\n%s" % (part, text)
        position = found + len(part)


def lacks(text, *parts):
    for part in parts:
        assert part not in text, "%r is in:\n%s" % (part, text)


def is_alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def running(*arguments, ready="[job] ready", **options):
    """The tool, once its job has said so; the job's process"""
    process = subprocess.Popen([TOOL, "run", *arguments], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=environment(), **options)
    try:
        for line in process.stdout:
            if ready in line.decode():
                break
        else:
            raise AssertionError("never ready: " + process.stderr.read().decode())
        yield process, int(line.split()[-1])
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def on_terminal(*arguments, **variables):
    master, slave = pty.openpty()
    process = subprocess.Popen([TOOL, *arguments], stdin=subprocess.DEVNULL, stdout=slave,
                               stderr=subprocess.PIPE, env=environment(**variables))
    os.close(slave)
    text = b""
    with contextlib.suppress(OSError):  # EIO: the other side is closed
        while True:
            piece = os.read(master, 65536)
            if not piece:
                break
            text += piece
    os.close(master)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return text.decode()


def main(group):
    # Under nohup all that we start would be deaf to it
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    print("1..%d" % len(TESTS), flush=True)
    failures = 0
    for number, function in enumerate(TESTS, 1):
        name = "/jobs/%s/" % group + function.__name__.replace("_", "-")
        note = ""
        with tempfile.TemporaryDirectory() as directory:
            os.chdir(directory)
            try:
                told = function()
                verdict, note = "ok", " # " + told if told else ""
            except Skip as reason:
                verdict, note = "ok", " # SKIP %s" % reason
            except Exception:  # whatever went wrong, the other tests are to be run
                verdict = "not ok"
                failures += 1
                for line in traceback.format_exc().splitlines():
                    print("# " + line)
            finally:
                os.chdir("/")
        print("%s %d %s%s" % (verdict, number, name, note), flush=True)
    return 1 if failures else 0
