#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""test-schema.py TOOL: an editor knows of job files what the loader knows.

The schema is written by hand. It has each key of the loader's tables, and no other; and
of some thousand values each is right for both or wrong for both, but for what a schema
cannot see, which is listed here.
"""

import json
import re
import sys

from support import (EXAMPLES, SOURCE, case, check, core_yaml, main, tables, validator, write)

SCHEMA = json.loads((SOURCE / "data/asyncjobs.schema.json").read_text(encoding="utf-8"))
DEFINITIONS = SCHEMA["definitions"]
JOB = DEFINITIONS["job"]
KINDS = {"command": "run", "delay": "sleep", "engine": "jobs"}

# Where a table of the loader is in the schema
PLACES = {
    "jobs": JOB,
    "node": DEFINITIONS["node"],
    "ready": DEFINITIONS["ready"],
    "run": DEFINITIONS["script"],
    "slurm": DEFINITIONS["node"]["properties"]["slurm"],
}

# A value of each form for each key: right for some of them, wrong for most
VALUES = """
true|yes|OFF|"true"|0|1|-1|300|2147483647|2147483648|1.5|"1"|30|5m|1h30m|1.5s|500ms|1m1h|-5s|5 m|50d
"1h"|h|1000h|2000h|text|a b|-x|a/b|""|"a=b"|other|server|p|n|abort|drain|keep-going|stop|success
[]|[text]|[1, a]|[""]|["", a]|[a, ""]|[[a]]|[{a: b}]|[0, 255]|[256]|[-1]|[other]|[p]|[n]|[-x, --y]
{}|{a: b}|{a: 1}|{a: 0}|{a: -1}|{a: }|{a: [1, 2]}|{a: [b/c]}|{a: []}|{a: {}}|{a: {run: x}}|{a/b: {}}
{"": 1}|{"a=b": c}|{1a: [b]}|{other: success}|{other: after}|{server: ready}|{p: 1}|{p: 1.5}
{group: g}|{group: [g]}|{group: g, more: h}|{output: x}|{run: x}|{run: ""}|{delay: 1s, within: 5}
{within: 5}|{output: x, run: y}|{script: x}|{script: x, args: [1, a, ""]}|{script: x, args: a}
{args: [a]}|{script: ""}|{critical: false}|{retries: -1}|{run: x, window: 1}|{ssh: h}|{partition: p}
{a: {ssh: h}}|{a: {ssh: -h}}|{a: {ssh: h, slurm: {}}}|{a: {sessions: 1}}|{a: {slurm: {cpus: 0}}}
{a: {slurm: {}, gateway: a}}|{a: [n]}|{a: n}|{a: {run: x, sleep: 1s}}|{a: {sleep: 1s, jobs: {}}}
{a: {jobs: {}}}|{a: {jobs: {b: }}}|{a: {run: [x, y]}}|{a: {run: []}}|{a: {unknown: 1}}|{n: [], m: {}}
""".strip().replace("\n", "|").split("|")

# What is wrong for the loader beyond the form: names and sizes
BEYOND = re.compile(r"is named|needs \d+ of pool|never says that it is ready|"
                    r"is no regular expression|is no node with 'ssh'|'/': list the|"
                    r"lead in a circle|another map of jobs|is not inside of")

# No pattern adds up hours, and an editor does not see quotes
UNSEEN = re.compile(r"(?:^|[{ ])(\S+): (2000h|\"true\")[,}]*$", re.MULTILINE)


def referred(value):
    """The name of the definition that a key has"""
    names = [part["$ref"].rpartition("/")[2] for part in value.get("allOf", []) if "$ref" in part]
    return names[0] if names else None


@case
def each_key_and_no_other():
    for name, table in tables().items():
        properties = PLACES[name]["properties"]
        if name != "jobs":
            assert set(properties) == set(table), name
            continue
        for place, properties in (("top", SCHEMA["properties"]),
                                  ("defaults", DEFINITIONS["defaults"]["properties"])):
            assert set(properties) == {key.name for key in table.values() if place in key.where}, place
        assert set(JOB["properties"]) == {key.name for key in table.values()
                                          if key.where & {"command", "delay", "engine", "milestone"}}


@case
def each_type():
    for name, table in tables().items():
        for key in table.values():
            places = [PLACES[name]]
            if name == "jobs":
                places += [SCHEMA, DEFINITIONS["defaults"]]
            for place in places:
                value = place["properties"].get(key.name)
                if value is None or key.kind in ("any", "map") or key.name == "ssh":
                    continue
                assert referred(value) == key.kind, "%s: %s, not %s" % (key.name, value, key.kind)


@case
def each_key_is_described():
    def visit(place, path):
        for name, value in place.get("properties", {}).items():
            assert re.match(r"\S.*\.$", value.get("description", "")), "%s.%s" % (path, name)
            visit(value, path + "." + name)

    visit(SCHEMA, "top")
    for name, definition in DEFINITIONS.items():
        visit(definition, name)


@case
def examples():
    schema = validator()
    assert len(EXAMPLES) > 10
    for path in EXAMPLES:
        schema.validate(core_yaml(path.read_text(encoding="utf-8")))


@case
def corpus():
    """What fuzzing began from: what the loader takes, the schema takes"""
    schema, taken = validator(), 0
    for path in sorted((SOURCE / "tests/fuzz/corpus/scenario").iterdir()):
        if check(str(path), SECRET="x").returncode == 0:
            schema.validate(core_yaml(path.read_text(encoding="utf-8-sig")))
            taken += 1
    assert taken > 10, taken
    return "%d files" % taken


HEAD = """version: 1
nodes: {n: {ssh: h}}
groups: {g: [n]}
pools: {p: 2}
jobs:
  other: {run: x}
  server: {run: x, forever: true, ready: {delay: 1s}}
"""


def wrong_lines(text):
    """{line: what the loader says of it}"""
    wrong = {}
    for message in check(write(text)).stderr.splitlines():
        found = re.match(r"jobs\.yaml:(\d+):\d+: (?!warning)(.*)", message)
        if found:
            wrong.setdefault(int(found[1]), []).append(found[2])
    return wrong


def compare(head, lines):
    """Each line an entry of the map that head ends with, right or wrong by itself"""
    schema = validator()
    text = head + "".join("  %s\n" % line for line in lines)
    wrong = wrong_lines(text)
    whole, last = core_yaml(text), list(core_yaml(head))[-1]
    counts = [0, 0]
    differ = []
    for number, line in enumerate(lines, head.count("\n") + 1):
        messages = wrong.get(number, [])
        if UNSEEN.search(line) or any(BEYOND.search(message) for message in messages):
            continue
        name = line.partition(":")[0]
        one = whole | {last: {name: whole[last][name]}}
        errors = [error.message for error in schema.iter_errors(one)]
        if bool(errors) != bool(messages):
            differ.append("%s: the loader says %s, the schema %s" % (line, messages, errors))
        counts[bool(messages)] += 1
    assert not differ, "\n".join(differ)
    assert all(counts), counts
    return "%d right, %d wrong" % tuple(counts)


@case
def values_in_jobs():
    lines = []
    for key in tables()["jobs"].values():
        kind = next((kind for kind in ("command", "delay", "engine") if kind in key.where), None)
        if kind is None:
            continue
        owner = KINDS[kind]
        rest = {"run": "run: x, ", "sleep": "sleep: 1s, ", "jobs": "jobs: {}, "}[owner]
        if key.name == owner:
            rest = ""
        elif key.name in ("push", "pull"):
            rest += "on: n, "
        for value in VALUES:
            lines.append("j%d: {%s%s: %s}" % (len(lines), rest, key.name, value))
    return compare(HEAD, lines)


@case
def keys_of_kinds():
    good = {"boolean": "true", "duration": "1s", "count": "1", "integer": "1", "filled": "x",
            "variable": "X", "text": "x", "on-failure": "abort"}
    own = {"run": "x", "sleep": "1s", "jobs": "{}", "defaults": "{}", "env": "{}", "pool": "p",
           "requires": "other", "after": "other", "matrix": "{a: [1]}", "on": "n", "push": "{}",
           "pull": "{}", "ready": "{delay: 1s}", "allowed-exits": "0", "secret-env": "[]"}
    lines = ["j0: ", "j1: {}", "j2: {unknown: 1}", "j3: []", "j4: text"]
    for key in tables()["jobs"].values():
        value = own.get(key.name) or good.get(key.kind)
        for start in ("run: x, ", "sleep: 1s, ", "jobs: {}, ", "", "run: x, on: n, ", "run: x, jobs: {}, "):
            if value is not None and key.name + ":" not in start:
                lines.append("j%d: {%s%s: %s}" % (len(lines), start, key.name, value))
    return compare(HEAD, lines)


@case
def values_in_defaults():
    lines = []
    for key in tables()["jobs"].values():
        for value in VALUES if "defaults" in key.where else ["1"]:
            lines.append("j%d: {jobs: {}, defaults: {%s: %s}}" % (len(lines), key.name, value))
    return compare(HEAD, lines)


@case
def values_in_small_maps():
    lines = ["j%d: {run: {script: x, %s: %s}}" % (i, key, value)
             for key in tables()["run"] if key != "script" for i, value in enumerate(VALUES)]
    for key in tables()["ready"]:
        start = "delay: 1s, " if key == "within" else ""
        lines += ["j%s%d: {run: x, ready: {%s%s: %s}}" % (key, i, start, key, value)
                  for i, value in enumerate(VALUES)]
    return compare(HEAD, lines)


@case
def values_in_nodes():
    head = "version: 1\njobs: {a: }\nnodes:\n"
    lines = ["n: {ssh: h}", "e0: {}", "e1: ", "e2: {ssh: h, slurm: {}}"]
    for key in tables()["node"]:
        start = "" if key in ("ssh", "slurm") else "ssh: h, "
        lines += ["n%s%d: {%s%s: %s}" % (key, i, start, key, value) for i, value in enumerate(VALUES)]
    lines += ["i%s: {slurm: {}, %s: x}" % (key, key) for key in tables()["node"] if key != "slurm"]
    for key in tables()["slurm"]:
        lines += ["s%s%d: {slurm: {%s: %s}}" % (key, i, key, value) for i, value in enumerate(VALUES)]
    return compare(head, lines)


@case
def values_at_the_top():
    schema, n = validator(), 0
    for key in ("version", "name", "timeout", "groups", "nodes", "pools", "jobs"):
        for value in VALUES:
            parts = {"version": "1", "jobs": "{a: }", key: value}
            if key == "groups":
                parts["nodes"] = "{n: {ssh: h}}"
            text = "".join("%s: %s\n" % part for part in parts.items())
            done = check(write(text))
            if UNSEEN.search(text) or BEYOND.search(done.stderr):
                continue
            errors = list(schema.iter_errors(core_yaml(text)))
            assert bool(errors) == (done.returncode != 0), "%s: the loader says %s, the schema %s" % (
                text, done.stderr, [error.message for error in errors])
            n += 1
    return "%d values" % n


if __name__ == "__main__":
    sys.exit(main("schema"))
