# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of the documentation have in common: what there is to be documented,
from the tables of the loader and from what the command says of itself"""

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import toolkit
from toolkit import TOOL, Skip, main, test as case, tool, write

__all__ = ["CHOICES", "EXAMPLES", "SOURCE", "TOOL", "Key", "Skip", "case", "check", "commands",
           "core_yaml", "main", "options", "sections", "statuses", "tables", "tool", "validator",
           "values", "write"]

SOURCE = Path(__file__).resolve().parents[2]
EXAMPLES = sorted([*SOURCE.glob("examples/**/*.yaml"), *SOURCE.glob("tests/data/*.yaml")])


class Key:
    def __init__(self, name, kind, where):
        self.name = name
        self.kind = kind.lower().replace("_", "-")
        self.where = {word.strip().lower() for word in where.split("|")}
        if "job" in self.where:
            self.where |= {"command", "delay", "engine", "milestone"}


def tables():
    """The maps that a job file may have: {"jobs": {"run": Key}, "node": ..., "slurm": ...}"""
    found = {}
    for path in sorted(SOURCE.glob("asyncjobs/scenario/*.c")):
        text = path.read_text(encoding="utf-8")
        for name, body in re.findall(r"^(?:static )?const JobsSchemaKey (\w+)\[\w+\] = {(.*?)^};", text,
                                     re.MULTILINE | re.DOTALL):
            entries = re.findall(r'{ "([^"]+)", JOBS_SCHEMA_(\w+), ([^}]+) }', body)
            assert len(entries) == len(body.strip().splitlines()), "%s: what is %s?" % (path, name)
            found[name.removesuffix("_keys")] = {entry[0]: Key(*entry) for entry in entries}
    assert {"jobs", "node", "ready", "run", "slurm"} <= set(found), found.keys()
    return found


def sections():
    """What a reference of job files has, and under which headline: {"Nodes": {"ssh", ...}}"""
    found = tables()

    def where(place):
        return {key.name for key in found["jobs"].values() if place in key.where}

    jobs = {"run", "sleep", "jobs"} | (where("command") & where("delay") & where("engine"))
    return {
        "The file": where("top"),
        "Jobs": jobs,
        "Commands": where("command") - jobs,
        "Engines": where("engine") - jobs,
        "Defaults": where("defaults"),
        "Scripts": set(found["run"]),
        "Ready": set(found["ready"]),
        "Nodes": set(found["node"]),
        "Clusters": set(found["slurm"]),
    }


def commands():
    text = tool("--help").out
    return re.findall(r"^  ([a-z]+)  ", text[text.index("Commands:"):text.index("Exit status")],
                      re.MULTILINE)


def options(command):
    """{"--jobs": ("-j", "N")}, either of which may be None, as --help has it"""
    text = tool(command, "--help").out
    lines = re.findall(r"^  (?:(-\w), )?(--[a-z-]+)(?:=(\S+))?(?:  |$)", text, re.MULTILINE)
    assert lines, text
    return {name: (short or None, value or None) for short, name, value in lines}


# Those of which the command says what they want instead of a wrong value
CHOICES = (("run", "--output"), ("run", "--progress"), ("run", "--color"), ("graph", "--format"),
           ("report", "--format"))


def values(command, option):
    """The values that an option may have"""
    write("version: 1\njobs: {a: }\n", "choice.yaml")
    said = tool(command, option + "=?", "choice.yaml", expect=2).err.splitlines()[0]
    told = re.search(r"(?:wants|there are) ([a-z, ]*)", said)[1]
    return set(told.replace(",", " ").split()) - {"or", "and"}


def statuses():
    text = tool("--help").out
    lines = re.findall(r"^  (\d[\d, ]*\d|\d)  ", text[text.index("Exit status"):], re.MULTILINE)
    return {int(status) for line in lines for status in line.split(",")}


def core_yaml(text):
    """As editors read it, by the core schema of YAML 1.2: there 'no' is text"""
    try:
        import yaml
    except ImportError:
        raise Skip("PyYAML is not installed") from None

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {}

    def mapping(loader, node):
        values = {}
        for key, value in node.value:
            values[loader.construct_scalar(key)] = loader.construct_object(value, deep=True)
        return values

    for tag, pattern, first in (
            ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
            ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
            ("int", r"[-+]?[0-9]+", list("-+0123456789")),
            ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789"))):
        Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile("^(?:%s)$" % pattern), first)
    Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    return yaml.load(text, Loader)


def validator():
    import json
    try:
        import jsonschema
    except ImportError:
        raise Skip("jsonschema is not installed") from None
    schema = json.loads((SOURCE / "data/asyncjobs.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def check(*arguments, **variables):
    """What `asyncjobs check` says, whatever that is"""
    return subprocess.run([TOOL, "check", *arguments], env=toolkit.environment(**variables),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=toolkit.PATIENCE)
