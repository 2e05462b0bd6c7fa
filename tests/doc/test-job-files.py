#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""test-job-files.py TOOL: doc/job-files.md has each key, and examples that an editor takes;
doc/journal.md has all that `status --json` tells. The test `pages` runs what they show.
"""

import json
import re
import sys

from support import SOURCE, case, check, core_yaml, main, sections, tool, validator, write

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
def journal_members():
    write(blocks(JOURNAL, "yaml")[0])
    tool("run", "-q", "jobs.yaml", expect=1)
    status = json.loads(tool("status", "--json").out)
    members = set(re.findall(r"`([a-z-]+)`", JOURNAL[JOURNAL.index("| member |"):]))
    told = set(status) | {name for job in status["jobs"] for name in job}
    assert told <= members, told - members


if __name__ == "__main__":
    sys.exit(main("job-files"))
