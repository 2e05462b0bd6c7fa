#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""test-man.py TOOL: the man pages have all there is, and nothing else"""

import os
import re
import shutil
import subprocess
import sys

from support import (CHOICES, SOURCE, TOOL, Skip, case, check, commands, core_yaml, main, options,
                     sections, statuses, validator, values, write)

PAGES = sorted((SOURCE / "doc/man").glob("*.[0-9]"))
COMMAND = (SOURCE / "doc/man/asyncjobs.1").read_text(encoding="utf-8")
VIEWER = (SOURCE / "doc/man/asyncjobs-viewer.1").read_text(encoding="utf-8")
JOB_FILE = (SOURCE / "doc/man/asyncjobs-job-file.5").read_text(encoding="utf-8")


def section(page, headline):
    """What stands below a headline, to the next one of its kind or above"""
    kind, _, name = headline.partition(" ")
    end = r"\.S[hs] " if kind == "Ss" else r"\.Sh "
    found = re.search(r"^\.%s %s\n(.*?)(?=^%s|\Z)" % (kind, re.escape(name), end), page,
                      re.MULTILINE | re.DOTALL)
    assert found, "there is no " + headline
    return found[1]


def headlines(page, kind):
    return re.findall(r"^\.%s (.*)$" % kind, page, re.MULTILINE)


def items(text):
    return re.findall(r"^\.It (.*)$", text, re.MULTILINE)


def quiet(*command):
    if not shutil.which(command[0]):
        raise Skip(command[0] + " is not installed")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                          env=os.environ | {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"})
    said = done.stderr + (done.stdout if "-Tlint" in command else "")
    assert done.returncode == 0 and not said, "%s: %s" % (command, said)


@case
def mandoc():
    for page in PAGES:
        quiet("mandoc", "-Tlint", "-Wwarning", str(page))


@case
def groff():
    for page in PAGES:
        quiet("groff", "-ww", "-mdoc", "-Tutf8", str(page))


@case
def man():
    for page in PAGES:
        quiet("man", "--warnings", "-l", str(page))


@case
def each_command():
    assert headlines(section(COMMAND, "Sh COMMANDS"), "Ss") == commands()
    in_synopsis = re.findall(r"^\.Cm (\w+)", section(COMMAND, "Sh SYNOPSIS"), re.MULTILINE)
    assert in_synopsis == commands(), in_synopsis
    assert "\n.Fl -help" in section(COMMAND, "Sh DESCRIPTION")


def option(item):
    """(name, (short, value)) of an item such as: Fl j Ar n , Fl -jobs Ns = Ns Ar n"""
    short, long = None, item
    if " , " in item:
        short, long = item.split(" , ")
    found = re.fullmatch(r"Fl (-[a-z-]+)(?: Ns = Ns (Ar .*))?", long)
    assert found, item
    name, value = "-" + found[1], found[2]
    if short is not None:
        assert re.fullmatch(r"Fl \w" + (" " + re.escape(value) if value else ""), short), item
    return name, (short and "-" + short[3], bool(value))


@case
def each_option():
    n = 0
    for command in commands():
        told = {name: (short, bool(value)) for name, (short, value) in options(command).items()}
        assert told.pop("--help") == ("-h", False)
        page = dict(map(option, items(section(COMMAND, "Ss " + command))))
        assert page == told, "%s: the page has %s, --help %s" % (command, page, told)
        n += len(told)
    return "%d options" % n


@case
def each_value():
    for command, option in CHOICES:
        item = re.search(r"^\.It [^\n]*Fl -%s Ns = Ns [^\n]*\n(.*?)^\.(?:It|El)" % option[2:],
                         section(COMMAND, "Ss " + command), re.MULTILINE | re.DOTALL)[1]
        page, told = set(re.findall(r"^\.Cm (\w+)", item, re.MULTILINE)), values(command, option)
        assert page == told, "%s: %s, not %s" % (option, page, told)


@case
def viewer():
    page = set(re.findall(r"Fl (-?\w+)", "\n".join(items(VIEWER))))
    code = (SOURCE / "asyncjobs/gtk/viewer/main.c").read_text(encoding="utf-8")
    entries = re.findall(r"{ \"(\w+)\", ('\w'|0), 0, G_OPTION", code)
    told = {"h", "-help"} | {"-" + name for name, _ in entries} | {short[1] for _, short in entries
                                                                 if short != "0"}
    assert page == told, "%s, not %s" % (page, told)


@case
def each_status():
    page = {int(status) for item in items(section(COMMAND, "Sh EXIT STATUS"))
            for status in item.split(",")}
    assert page == statuses(), page


@case
def examples_run():
    os.mkdir("bin")
    os.symlink(TOOL, "bin/asyncjobs")
    write("version: 1\njobs: {build: {run: echo built}, docs: {},"
          " tests: {requires: build, jobs: {unit: {requires: []}}}}\n", "release.yaml")
    found = re.findall(r"^\.Dl \$ (.*)$", section(COMMAND, "Sh EXAMPLES"), re.MULTILINE)
    assert len(found) > 5
    for command in found:
        if "release.svg" in command and not shutil.which("dot"):
            continue
        subprocess.run(command, shell=True, check=True, timeout=60, capture_output=True,
                       env=os.environ | {"PATH": os.path.abspath("bin") + ":" + os.environ["PATH"]})


@case
def each_key():
    for name, keys in sections().items():
        page = {re.match(r"Ic ([a-z-]+)", item)[1] for item in items(section(JOB_FILE, "Ss " + name))}
        assert page == keys, "%s: too many %s, too few %s" % (name, page - keys, keys - page)
    assert set(headlines(JOB_FILE, "Ss")) == set(sections())


@case
def examples_are_right():
    found = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", JOB_FILE, re.MULTILINE | re.DOTALL)
    assert len(found) > 1
    for text in found:
        done = check(write(text))
        assert done.returncode == 0, done.stderr
        validator().validate(core_yaml(text))


if __name__ == "__main__":
    sys.exit(main("man"))
