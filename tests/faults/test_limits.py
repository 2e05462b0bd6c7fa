# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Too few descriptors, too few processes: fewer jobs at once, and none fails."""

import os
import resource
import subprocess

import faults
from faults import Oracle, Skip, figure, main, only_unsanitized, run, size, test, write_jobs

NOBODY = 61184  # a user without other processes: the limit counts them all


def crowd(oracle, n, body="echo out; echo err >&2"):
    """A tree of jobs that fork nothing: a fork of theirs could fail, too"""
    jobs = {}
    for i in range(n):
        requires = ["job-%d" % ((i - 1) // 4)] if i > 0 and i % 3 == 0 else []
        jobs.update(oracle.job("job-%d" % i, body, requires=requires))
    return jobs


def assert_all_ran(oracle, jobs, ended):
    oracle.check(jobs, ended.events)
    assert all(e["state"] == "finished" for e in ended.states().values()), ended.states()
    starts = oracle.starts()
    assert len(starts) == len(jobs), (len(starts), len(jobs))
    assert ended.most_at_once() > 1


def descriptors(*arguments, limit=32, **more):
    only_unsanitized("a limit of descriptors")
    oracle = Oracle()
    jobs = crowd(oracle, size(300, 2000), **more)
    write_jobs(jobs)
    ended = run("-j", "64", *arguments, "jobs.yaml", limits={resource.RLIMIT_NOFILE: limit})
    assert_all_ran(oracle, jobs, ended)
    assert ended.err == b"", ended.err
    figure("at once with %d descriptors" % limit, ended.most_at_once())
    return ended


@test
def few_descriptors():
    out = descriptors().out
    assert out.count(b"] out\n") == out.count(b"] err\n") == size(300, 2000)


@test
def few_descriptors_grouped():
    out = descriptors("--output", "grouped").out
    assert out.count(b"\nout\n") == size(300, 2000)


@test
def hardly_any_descriptors():
    descriptors("--no-journal", limit=14)
    # Those of the journal itself
    descriptors(limit=14 + 4)


@test
def few_descriptors_and_much_output():
    """What is kept until the end of a job needs a file, for which there is no room"""
    only_unsanitized("a limit of descriptors")
    n, lines = 8, 100000
    with open("text", "w") as file:
        file.writelines("a line of some length which is number %d\n" % i for i in range(lines))
    for limit in 15, 18, 19:  # where jobs leave no descriptor
        oracle = Oracle()
        jobs = crowd(oracle, n, "cat text")
        write_jobs(jobs)
        ended = run("-j", "64", "--output", "grouped", "--no-journal", "jobs.yaml",
                    limits={resource.RLIMIT_NOFILE: limit})
        assert_all_ran(oracle, jobs, ended)
        assert ended.err == b"", ended.err
        assert ended.out.count(b"which is number %d\n" % (lines - 1)) == n
        assert ended.out.count(b"which is number") == lines * n


def as_nobody(n_processes):
    """How to run with few processes: who may do anything is not held to it"""
    limits = {resource.RLIMIT_NPROC: n_processes}
    if os.getuid() != 0:
        theirs = sum(1 for name in os.listdir("/proc")
                     if name.isdigit() and os.path.isdir("/proc/" + name)
                     and os.stat("/proc/" + name).st_uid == os.getuid())
        return {"limits": {resource.RLIMIT_NPROC: theirs + n_processes}}

    os.chown(".", NOBODY, NOBODY)
    probe = subprocess.run([faults.options.tool, "--version"], user=NOBODY, group=NOBODY,
                           extra_groups=[], stdout=subprocess.DEVNULL, check=False)
    if probe.returncode != 0:
        raise Skip("the build folder is not for other users")
    return {"limits": limits, "user": NOBODY, "group": NOBODY, "extra_groups": []}


@test
def few_processes():
    only_unsanitized("a limit of processes")
    oracle = Oracle()
    jobs = crowd(oracle, size(300, 2000))
    write_jobs(jobs)
    ended = run("-j", "64", "jobs.yaml", **as_nobody(16))
    assert_all_ran(oracle, jobs, ended)
    assert ended.most_at_once() < 20, ended.most_at_once()
    figure("at once with 16 processes", ended.most_at_once())


@test
def few_of_both():
    only_unsanitized("a limit of processes")
    oracle = Oracle()
    jobs = crowd(oracle, size(300, 2000))
    write_jobs(jobs)
    how = as_nobody(6)
    how["limits"][resource.RLIMIT_NOFILE] = 24
    assert_all_ran(oracle, jobs, run("-j", "64", "jobs.yaml", **how))


if __name__ == "__main__":
    main()
