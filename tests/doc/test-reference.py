#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""test-reference.py TOOL: doc/job-files.md has each key, and its examples run; what
doc/journal.md shows is what one sees
"""

import json
import os
import re
import subprocess
import sys

from support import SOURCE, TOOL, case, check, core_yaml, main, sections, tool, validator, write

PAGE = (SOURCE / "doc/job-files.md").read_text(encoding="utf-8")
JOURNAL = (SOURCE / "doc/journal.md").read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(r"^```%s\n(.*?)^```$" % language, page, re.MULTILINE | re.DOTALL)


def examples():
    found = blocks(PAGE, "yaml")
    assert len(found) > 10, len(found)
    return found


def keys_of_tables(name):
    """From the first column of each table of keys below a headline"""
    text = re.search(r"^##+ %s\n(.*?)(?=^##|\Z)" % name, PAGE, re.MULTILINE | re.DOTALL)[1]
    tables = re.findall(r"^\| key \|.*\n\|[-|]+\n((?:\|.*\n)*)", text, re.MULTILINE)
    return {key for table in tables for row in table.splitlines()
            for key in re.findall(r"`([a-z-]+)`", row.split("|")[1])}


@case
def each_key():
    for name, keys in sections().items():
        page = keys_of_tables(name)
        assert page == keys, "%s: too many %s, too few %s" % (name, page - keys, keys - page)


@case
def links_inside():
    headlines = {re.sub(r"[^a-z -]", "", line.lower()).replace(" ", "-")
                 for line in re.findall(r"^##+ (.*)$", PAGE, re.MULTILINE)}
    for target in re.findall(r"\]\(#([^)]+)\)", PAGE):
        assert target in headlines, target


@case
def examples_are_right():
    schema = validator()
    for text in examples():
        done = check(write(text))
        assert done.returncode == 0 and not done.stderr, text + done.stderr
        schema.validate(core_yaml(text))


@case
def examples_run():
    """But those that need other machines"""
    said, n = "", 0
    for number, text in enumerate(examples()):
        if "\nnodes:" not in text:
            said += tool("run", "--progress=none", write(text, "%d.yaml" % number)).out
            n += 1
    for line in ("there are 2 words", "[complain] no build today", "[report] whatever came of it",
                 "[paint[huge]] Linux is blue and huge", "[measure] measured current", "served"):
        assert line in said, "%r is not in\n%s" % (line, said)
    assert "never" not in said, said
    return "%d examples" % n


@case
def journal_example():
    """What is typed there says what stands below it"""
    write(blocks(JOURNAL, "yaml")[0])
    os.mkdir("bin")
    os.symlink(TOOL, "bin/asyncjobs")
    dialogue = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", blocks(JOURNAL, "console")[0], re.MULTILINE)
    assert len(dialogue) > 4
    for command, told in dialogue:
        said = subprocess.run(command, shell=True, check=False, timeout=60, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL,
                              env=os.environ | {"PATH": os.path.abspath("bin") + ":" + os.environ["PATH"],
                                                "LC_ALL": "C.UTF-8"}).stdout
        assert re.fullmatch(re.escape(told).replace("…", ".*"), said), "%s says\n%s" % (command, said)


@case
def journal_members():
    write(blocks(JOURNAL, "yaml")[0])
    tool("run", "-q", "jobs.yaml", expect=1)
    status = json.loads(tool("status", "--json").out)
    members = set(re.findall(r"`([a-z-]+)`", JOURNAL[JOURNAL.index("| member |"):]))
    told = set(status) | {name for job in status["jobs"] for name in job}
    assert told <= members, told - members


if __name__ == "__main__":
    sys.exit(main("reference"))
