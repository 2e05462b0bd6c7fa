#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""How long a command needs until its last job is submitted to Slurm, and until all of them
have ended. One line of JSON.

    submits.py [--loop] COMMAND...    --loop: the command itself ends once they are submitted
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

# It tells what goes on, and costs the command some milliseconds each time
WRAPPER = """\
#!/bin/sh
echo "+ $(date +%s.%N)" >>{log}
{program} "$@"
status=$?
echo "- $(date +%s.%N)" >>{log}
exit $status
"""


def wrap(folder, program):
    path = os.path.join(folder, program)
    with open(path, "w", encoding="utf-8") as file:
        file.write(WRAPPER.format(log=path + ".log", program=shutil.which(program)))
    os.chmod(path, 0o755)


def read(folder, program):
    """When each began and ended, in order"""
    with open(os.path.join(folder, program + ".log"), encoding="utf-8") as file:
        return [(line[0] == "+", float(line[2:])) for line in file]


def most_at_once(log):
    now = most = 0
    for begins, _ in log:
        now += 1 if begins else -1
        most = max(most, now)
    return most


def has_jobs():
    return subprocess.run(["squeue", "-h"], stdout=subprocess.PIPE, check=True).stdout.strip() != b""


def measure_loop(command):
    began = time.time()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    submitted = time.time()
    while has_jobs():
        time.sleep(0.1)
    return {"submitted": submitted - began, "seconds": time.time() - began, "ok": done.returncode == 0}


def measure(command):
    with tempfile.TemporaryDirectory(prefix="asyncjobs-benchmarks-") as folder:
        for program in "sbatch", "squeue":
            wrap(folder, program)
        began = time.time()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False,
                              env=os.environ | {"PATH": folder + ":" + os.environ["PATH"]})
        seconds = time.time() - began
        looks = read(folder, "squeue")
        submits = read(folder, "sbatch")
        return {"submitted": max(when for _, when in submits) - began, "seconds": seconds,
                "sbatch": len(submits) // 2, "squeue": len(looks) // 2, "squeue_at_once": most_at_once(looks),
                "ok": done.returncode == 0}


if __name__ == "__main__":
    is_loop = sys.argv[1] == "--loop"
    print(json.dumps(measure_loop(sys.argv[2:]) if is_loop else measure(sys.argv[1:])))
