# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What is said of job files and command lines before anything runs: test-tool-check.py PATH-OF-ASYNCJOBS"""

import json
import os
import sys

from toolkit import contains, environment, jobs, lacks, main, test, tool, write


def run(*arguments, **options):
    return tool("run", "--progress=none", "--output=none", *arguments, **options)


# Command lines

HINTS = (
    (["run", "--job", "2", "jobs.yaml"], "--job; did you mean --jobs?"),
    (["run", "jobs.yaml", "--keepgoing"], "--keepgoing; did you mean --keep-going?"),
    (["run", "jobs.yaml", "-e", "--x=1", "--dryrun"], "--dryrun; did you mean --dry-run?"),
    (["run", "jobs.yaml", "--tiemout=5"], "did you mean --timeout?"),
    (["check", "jobs.yaml", "--hepl"], "did you mean --help?"),
    (["list", "--conect", "jobs.yaml"], "--conect\n"),
    (["--hepl"], "did you mean --help?"),
    (["--verison"], "did you mean --version?"),
    (["-n", "run"], "options of a command come after its name"),
    (["jobs.yaml"], "did you mean ‘asyncjobs run jobs.yaml’?"),
    (["it's.yaml"], "did you mean ‘asyncjobs run 'it'\\''s.yaml'’?"),
    (["help", "chekc"], "did you mean ‘check’?"),
)


@test
def what_was_meant():
    jobs("a: {run: 'touch ran'}")
    write("", "it's.yaml")
    for arguments, text in HINTS:
        result = tool(*arguments, expect=2)
        contains(result.err, text)
        assert result.out == "", result
    assert not os.path.exists("ran")
    # Also in another language, where there is one
    contains(tool("run", "--job", "jobs.yaml", expect=2, env=environment(LC_ALL="de_DE.UTF-8")).err, "--jobs")


@test
def help_of_one_command():
    for command in "run", "resume", "status", "check", "graph", "watch":
        assert tool("help", command).out == tool(command, "--help").out
    assert tool("help").out == tool("--help").out
    contains(tool("help").out, "timed out or was lost", "a secret that is not set", "130 also on request")


# Secrets


@test
def secrets_are_asked_for_by_what_runs():
    jobs("a: {run: 'touch ran', secret-env: [TOKEN, OTHER_TOKEN]}\nb: {run: exit 1, requires: a}")
    unset = environment(TOKEN=None, OTHER_TOKEN=None)
    for arguments in (["check"], ["list"], ["list", "--names"], ["graph"], ["run", "-n"], ["run", "-n", "--simulate"]):
        assert tool(*arguments, "jobs.yaml", env=unset).err == "", arguments
    result = run("--events=e.json", "jobs.yaml", env=environment(TOKEN="hush", OTHER_TOKEN=None), expect=2)
    contains(result.err, "‘OTHER_TOKEN’", "export it first", "nothing was run")
    lacks(result.err, "‘TOKEN’")
    contains(run("jobs.yaml", env=unset, expect=2).err, "‘OTHER_TOKEN’", "‘TOKEN’")
    assert sorted(os.listdir()) == ["jobs.yaml"]
    # An empty one is one, and so is one that is given
    run("jobs.yaml", "-e", "OTHER_TOKEN=", env=environment(TOKEN="", OTHER_TOKEN=None), expect=1)
    assert os.path.exists("ran")
    # What is done is not forgotten for want of it
    for arguments, env, status in (([], unset, 2), (["-n"], unset, 0), ([], environment(TOKEN=""), 1)):
        result = tool("resume", "jobs.yaml", *arguments, env=env, expect=status)
    contains(result.err, "1 job is done")


# A run that is to go on


@test
def dry_run_of_resume():
    text = ("a: {run: 'true'}\nb: {run: exit 1, requires: a}\nc: {run: 'true', requires: b}\n"
            "t: {jobs: {u: {run: 'true'}, v: {run: exit 1, critical: false}}}\n"
            "w: {jobs: {x: {run: 'true'}, y: {run: exit 1, requires: x}}}")
    head = "on-failure: keep-going\n"
    jobs(text, head)
    run("jobs.yaml", expect=1)
    before = tool("status", "--json", "jobs.yaml").out

    def would_run(*arguments, **options):
        result = tool("resume", "jobs.yaml", "-n", *arguments, **options)
        return result, sorted(line.split(":")[0] for line in result.out.splitlines())

    result, names = would_run()
    assert names == ["b", "c", "w/y"], result
    contains(result.err, "going on: 4 jobs are done")
    steps = would_run("--simulate")[0].out
    assert sorted(line.split()[2] for line in steps.splitlines()[1:4]) == ["b", "c", "w/y"], steps
    contains(steps, "length:")
    # What has changed is told of as it is when it runs
    jobs(text.replace("u: {run: 'true'}", "u: {run: 'true #'}"), head)
    result, names = would_run()
    assert names == ["b", "c", "t/u", "t/v", "w/y"], result
    contains(would_run("--strict", expect=4)[0].err, "changed, or behind what has changed: t, t/u", "nothing was run")
    # Nothing of all this has left a trace
    assert tool("status", "--json", "jobs.yaml").out == before
    contains(result.err, "run again: t/u")
    real = tool("resume", "jobs.yaml", "--events=e.json", expect=1)
    assert real.err.startswith(result.err), (real, result)
    with open("e.json", encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    ran = {event["job"] for event in events if event["event"] == "state" and event["state"] == "running"}
    assert ran - {"", "t", "w"} == set(names) - {"c"}, ran


sys.exit(main("tool-check"))
