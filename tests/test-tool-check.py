# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What is said of job files and command lines before anything runs: test-tool-check.py PATH-OF-ASYNCJOBS"""

import os
import sys

from toolkit import contains, environment, jobs, lacks, main, test, tool


def run(*arguments, **options):
    return tool("run", "--progress=none", "--output=none", *arguments, **options)


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


sys.exit(main("tool-check"))
