#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""test-completion.py TOOL: what bash, zsh and fish complete is what there is.

Each shell runs on a terminal; what it has completed is judged by the arguments that it
then gives to the command, so names of any characters have to be quoted rightly.
"""

import json
import os
import sys

from shells import SHELLS
from support import CHOICES, case, commands, main, options, tool, values, write

TAB = "\t"

# By a beginning that no other name has, as it is typed
NAMES = {
    "a": "a b",
    "c": "c'd",
    "e": 'e"f',
    "g": "g$HOME",
    "h": "h;ls",
    "i": "i*",
    "j": "j:k l",
    "m": "m=n",
    "o": "o@p",
    "q": "q\\r",
    "sw": "sweep",
    r"sweep\[1": "sweep[1,x y]",
    "t/": "t/unit test",
    "u": "u#(v)",
    "w": "w&|<>",
    "x": "x~!?{}",
    "ü": "üñï",
    "z": "z`id`",
}


def write_jobs(name):
    jobs = {value: {"run": "echo"} for value in NAMES.values() if value[:2] not in ("sw", "t/")}
    jobs["sweep"] = {"matrix": {"n": [1, 2], "m": ["x y"]}, "run": "echo"}
    jobs["t"] = {"jobs": {"unit test": {"run": "echo"}}}
    jobs["new\nline"] = {}
    return write(json.dumps({"version": 1, "jobs": jobs}), name)


def each_shell(function):
    """A test for each of them"""
    for kind in SHELLS:
        def one(kind=kind):
            return function(kind())
        one.__name__ = "%s_%s" % (kind.name, function.__name__)
        case(one)
    return function


def expect(shell, typed, *arguments):
    given = shell.run("asyncjobs " + typed)
    assert given == list(arguments), "%r is completed to %s, not %s:\n%s" % (
        typed, given, list(arguments), shell.screen)


@each_shell
def each_command_and_option(shell):
    found = shell.candidates("")
    assert set(commands()) == {word for word in found if not word.startswith("-")}, found
    n = 0
    for command in commands():
        told = set()
        if command == "resume":
            told |= {word for pair in options("run").items() for word in (pair[0], pair[1][0]) if word}
        told |= {word for pair in options(command).items() for word in (pair[0], pair[1][0]) if word}
        found = shell.candidates(command, "-") | shell.candidates(command, "--")
        found = {word for word in found if word.startswith("-")}
        assert found == told, "%s: too many %s, too few %s" % (command, found - told, told - found)
        n += len(told)
    return "%d options" % n


@each_shell
def names_of_jobs(shell):
    write_jobs("jobs file.yaml")
    with shell:
        for typed, name in NAMES.items():
            expect(shell, "run jobs\\ file.yaml " + typed + TAB, "run", "jobs file.yaml", name)
        assert shell.run("~/bin/asyncjobs run 'jobs file.yaml' a" + TAB)[-1] == "a b"
        expect(shell, "run jobs\\ file.yaml --skip=a" + TAB, "run", "jobs file.yaml", "--skip=a b")
        expect(shell, "run jobs\\ file.yaml --only c" + TAB, "run", "jobs file.yaml", "--only", "c'd")
        expect(shell, "run -j 2 'jobs file.yaml' q" + TAB, "run", "-j", "2", "jobs file.yaml", "q\\r")
        expect(shell, "run \"jobs file.yaml\" 'a" + TAB, "run", "jobs file.yaml", "a b")
        expect(shell, "run \"jobs file.yaml\" \"e" + TAB, "run", "jobs file.yaml", 'e"f')
        expect(shell, "run \"jobs file.yaml\" \"g" + TAB, "run", "jobs file.yaml", "g$HOME")


@each_shell
def job_files(shell):
    for name in "jobs $1 file.yml", "jobs.txt", "two.json":
        write("", name)
    os.makedirs("deep/er")
    write_jobs("deep/er/file.yaml")
    with shell:
        for command in "run", "check", "list", "graph":
            expect(shell, command + " jo" + TAB, command, "jobs $1 file.yml")
            expect(shell, command + " tw" + TAB, command, "two.json")
        expect(shell, "run dee" + TAB + "e" + TAB + "f" + TAB, "run", "deep/er/file.yaml")
        expect(shell, "run -C deep/er file.yaml a" + TAB, "run", "-C", "deep/er", "file.yaml", "a b")
        expect(shell, "run --directory=deep/er file.yaml a" + TAB,
               "run", "--directory=deep/er", "file.yaml", "a b")


@each_shell
def runs(shell):
    os.mkdir("deep")
    for name in "jobs 1.yaml", "deep/other.yaml":
        tool("run", "-q", write('{"version": 1, "jobs": {"a b": {"run": "echo"}, "c": {}}}', name))
    write("", "jobs 2.yaml")
    with shell:
        for command in "resume", "status", "report", "watch", "cancel":
            expect(shell, command + " jo" + TAB, command, "jobs 1.yaml")
            expect(shell, command + " deep/o" + TAB, command, "deep/other.yaml")
        expect(shell, "status --json jo" + TAB, "status", "--json", "jobs 1.yaml")
        expect(shell, "resume -q -j 2 jo" + TAB, "resume", "-q", "-j", "2", "jobs 1.yaml")
        expect(shell, "logs --journal=jo" + TAB, "logs", "--journal=jobs 1.yaml")
        expect(shell, "logs --journal jo" + TAB, "logs", "--journal", "jobs 1.yaml")
        expect(shell, "logs a" + TAB, "logs", "a b")
        expect(shell, "logs --journal=deep/other.yaml a" + TAB,
               "logs", "--journal=deep/other.yaml", "a b")
        expect(shell, "status .asyncjobs/jobs\\ 1.yaml.j" + TAB, "status", ".asyncjobs/jobs 1.yaml.journal")


@each_shell
def some_values(shell):
    write_jobs("f.yaml")
    with shell:
        expect(shell, "run --output=gr" + TAB, "run", "--output=grouped")
        expect(shell, "run --output gr" + TAB, "run", "--output", "grouped")
        expect(shell, "resume --progress=pl" + TAB, "resume", "--progress=plain")
        expect(shell, "run --color=al" + TAB, "run", "--color=always")
        expect(shell, "graph -f me" + TAB, "graph", "-f", "mermaid")
        expect(shell, "report -f ju" + TAB, "report", "-f", "junit")
        expect(shell, "graph --format=sv" + TAB, "graph", "--format=svg")
        # Here -f is an option without a value
        attempt = ["--attempt", "1"] if shell.name == "fish" else ["--attempt=1"]
        expect(shell, "logs -f --at" + TAB + "1", "logs", "-f", *attempt)


@each_shell
def all_values(shell):
    for command, option in CHOICES:
        found, told = shell.candidates(command, option, ""), values(command, option)
        assert found == told, "%s: %s, not %s" % (option, found, told)


@each_shell
def nothing_is_run(shell):
    write("", "$(touch pwned).yaml")
    with shell:
        # Ctrl-U takes back what was typed
        for typed in ('run "$(touch pwned)" ', "run $(touch pwned) ", "run '$(touch pwned).yaml' ",
                      'run "`touch pwned`.yaml" --only=', 'status "$(touch pwned)',
                      'logs --journal="$(touch pwned)" ', 'run --directory="$(touch pwned)" f.yaml '):
            expect(shell, typed + TAB + "\x15asyncjobs over", "over")
            assert not os.path.exists("pwned"), typed


if __name__ == "__main__":
    sys.exit(main("completion"))
