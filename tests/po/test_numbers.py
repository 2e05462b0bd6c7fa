# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What programs read is the same in all languages, where 1.5 may be written 1,5:
test_numbers.py PATH-OF-ASYNCJOBS LIBRARY-PROGRAM [PYTHON...]"""

import locale
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from toolkit import PATIENCE, Skip, environment, main, test, tool, write

LIBRARY = [*sys.argv[3:], sys.argv[2]]
GERMAN = {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}
FILE = """\
version: 1
name: numbers
env: {RATE: '1.5'}
timeout: 1m30s
pools: {memory: 4}
jobs:
  sleeps: {sleep: %s, timeout: 20s, pool: {memory: 2}}
  tries: {requires: sleeps, run: 'sleep 0.02; exit 3', retries: 1, retry-delay: 20ms, critical: false}
  goes: {requires: tries, run: 'test "$RATE" = 1.5 && echo 2.75 && sleep 0.011', capture: NUMBER}
"""
# Each run has its own, and its own processes; and a comma makes two of one
NUMBER = re.compile(r"\d+(\.\d+)?")


# Where there is one, and how many of them, is a question of time
PASSING = re.compile(r'"cat":"wait"|class="(?:tick|time|step)"')


def without_times(text):
    text = re.sub(r"\d+-\d+-\d+T[\d:.]+(Z|[+-][\d:]+)?", "TIME", text)
    text = re.sub(r"\b[0-9a-f]{8,}\b", "TOKEN", text)
    return NUMBER.sub("N", text)


def in_both(make):
    """What it makes in C, and in German without the words of a translation"""
    made = []
    for variables in ({"LC_ALL": "C.UTF-8"}, dict(GERMAN, LANGUAGE="C")):
        with tempfile.TemporaryDirectory(dir=".") as folder:
            os.rename(folder, "run")  # both have the same names
            os.chdir("run")
            made.append(make(environment(**variables)))
            os.chdir("..")
            os.rename("run", folder)
    return made


def same(one, other):
    lines, others = [[line for line in text.splitlines() if not PASSING.search(line)] for text in (one, other)]
    assert len(one) > 100, one
    for ours, theirs in zip(lines, others):
        assert without_times(ours) == without_times(theirs), "%s\n%s" % (ours, theirs)
    assert len(lines) == len(others), "%s\n%s" % (one, other)


def contents(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


@test
def the_locale_has_another_sign():
    """Without it all of this would say nothing"""
    locale.setlocale(locale.LC_NUMERIC, "de_DE.UTF-8")
    assert locale.localeconv()["decimal_point"] == ","
    locale.setlocale(locale.LC_NUMERIC, "C")


def run(env):
    write(FILE % "20ms")
    tool("run", "--jobs", "1", "--trace", "trace.json", "--events", "events.json", "--report", "run.json",
         "jobs.yaml", env=env)
    return env


@test
def traces():
    same(*in_both(lambda env: run(env) and contents("trace.json")))


@test
def events():
    same(*in_both(lambda env: run(env) and contents("events.json")))


@test
def reports():
    def make(env):
        run(env)
        return contents("run.json") + "".join(tool("report", "-f", form, env=env).out
                                              for form in ("json", "junit", "html"))

    same(*in_both(make))


@test
def graphs_and_status():
    def make(env):
        run(env)
        return "".join(tool(*arguments, "jobs.yaml", env=env).out for arguments in (
            ("graph", "-f", "json"), ("graph", "-f", "dot"), ("graph", "-f", "mermaid"),
            ("graph", "-f", "dot", "--states"), ("status", "--json"), ("check",), ("run", "-n", "--simulate")))

    same(*in_both(make))


@test
def a_resumed_run():
    """What is read from a journal is what was written there in another language"""
    write(FILE % "20ms")
    tool("run", "jobs.yaml", env=environment(**GERMAN))
    tool("resume", "jobs.yaml", env=environment())
    tool("resume", "jobs.yaml", env=environment(**GERMAN))


@test
def the_library_in_a_program_that_sets_its_locale():
    if len(LIBRARY) == 1:
        raise Skip("built without PyGObject")

    def make(env):
        write(FILE % "1200ms")  # long enough to have a fraction in a picture
        done = subprocess.run([*LIBRARY, "numbers"], env=env, timeout=PATIENCE, check=True, stdout=subprocess.PIPE)
        return done.stdout.decode() + contents("trace.json")

    same(*in_both(make))


sys.exit(main("numbers"))
