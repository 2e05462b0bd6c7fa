# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of input have in common: each case in a folder of its own, told in TAP"""

import os
import subprocess
import sys
import tempfile
import traceback

CASES = []


class Skip(Exception):
    """What a test needs is not there; the argument says what"""


def case(function):
    """A test; what it returns is told beside its name"""
    CASES.append(function)
    return function


def environment(**changes):
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI", "LANGUAGE")}
    env.update(LC_ALL="C.UTF-8", TERM="dumb", G_DEBUG="fatal-warnings")
    env.update(changes)
    return env


def write(name, content):
    with open(name, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return name


def need_strace():
    try:
        usable = subprocess.run(["strace", "-f", "-o", "trace", "true"], stderr=subprocess.PIPE,
                                timeout=60).returncode == 0
    except FileNotFoundError:
        raise Skip("strace is not installed") from None
    if not usable:
        raise Skip("strace may trace nothing here")


def main(name):
    print("1..%d" % len(CASES), flush=True)
    failures = 0
    for number, function in enumerate(CASES, 1):
        line = "%d /jobs/%s/%s" % (number, name, function.__name__.replace("_", "-"))
        with tempfile.TemporaryDirectory() as directory:
            os.chdir(directory)
            try:
                note = function()
                print("ok %s%s" % (line, " # " + note if note else ""), flush=True)
            except Skip as reason:
                print("ok %s # SKIP %s" % (line, reason), flush=True)
            except Exception:  # whatever went wrong, the other cases are to be run
                failures += 1
                for text in traceback.format_exc().splitlines():
                    print("# " + text)
                print("not ok " + line, flush=True)
            finally:
                os.chdir("/")
    sys.exit(1 if failures else 0)
