# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""There is no memory: that ends the runner like a crash, and the run goes on later."""

import os
import random
import shutil
from collections import Counter

import faults
from faults import Oracle, Runner, figure, only_unsanitized, size, test, write_jobs

KILLED = (-5, -6, -11)  # abort, the trap of g_error (), or a NULL pointer


def make_jobs(oracle):
    jobs = {}
    for number in range(8):
        before = ["job%d" % i for i in range(max(0, number - 2), number)]
        jobs.update(oracle.job("job%d" % number, requires=before))
    jobs["job5"]["capture"] = "VALUE"
    return jobs


def start(**env):
    shutil.rmtree(".asyncjobs", ignore_errors=True)
    env["LD_PRELOAD"] = os.path.join(faults.options.helpers, "libfailing-malloc.so")
    # All that GLib allocates is to be seen
    env["G_SLICE"] = "always-malloc"
    return Runner("jobs.yaml", "--progress", "none", events=False, env=env)


@test
def allocation_fails():
    only_unsanitized("a malloc of our own")
    oracle = Oracle()
    jobs = make_jobs(oracle)
    write_jobs(jobs)
    start(COUNT_TO=os.path.abspath("count")).wait(0)
    with open("count") as file:
        total = int(file.read())
    assert total > 1000, total

    tries = size(10, 100, 1000)
    rand = random.Random(5)
    endings = Counter()
    for number in range(tries):
        oracle = Oracle()
        env = {"FAIL_AT": str(rand.randrange(1, total + 1))}
        if number % 2:
            env["FAIL_ONCE"] = "1"
        runner = start(**env)
        status = runner.process.wait(timeout=faults.PATIENCE)
        endings[status] += 1
        assert status in KILLED or status in (0, 1, 2, 3, 4, 5, 70), (env, status, runner.read("err")[-500:])
        again = Runner("jobs.yaml", "--progress", "none", events=False, command="resume",
                       env={faults.TOKEN: runner.token})
        if again.process.wait(timeout=faults.PATIENCE) == 4:
            # Nothing had been recorded
            assert not oracle.lines(), (env, oracle.lines(), again.read("err"))
            Runner("jobs.yaml", "--progress", "none", events=False).wait(0)
        else:
            again.wait(0)
        ended = oracle.check_order(jobs)
        assert ended == set(jobs), (env, ended)
        faults.kill_runners()
    figure("of %d allocations, tried" % total, tries)
    figure("how it ended: status, times", sorted(endings.items()))
    assert sum(endings[status] for status in KILLED) > tries // 4, endings


if __name__ == "__main__":
    faults.main()
