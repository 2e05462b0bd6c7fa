#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the seed's scenario in some language, and reads what it prints.

    test_seed.py LANGUAGE COMMAND...
"""

import re
import subprocess
import sys
import time

LIMIT = 60

FIRST = ["-> mycoro(1)", "-> mycoro(2)", "-> mycoro(1.5)",
         "<- mycoro(1)", "<- mycoro(1.5)", "<- mycoro(2)", "True"]
SECOND = ["-> mycoro(1)", "-> mycoro(2)", "<- mycoro(1)", "-> mycoro(1.5)",
          "<- mycoro(2)", "<- mycoro(1.5)", "True"]
RESULTS = ["True", "1500.0"]
TEXTS = ["<Action `first' finished -> 1000 - [allows [last]]>",
         "<Action `NO_LABEL' finished -> 2000>",
         "<Action `last' finished -> 1500.0 - [requires [first]]>"]
# What the ones in tests/ do beyond the seed: an action that throws
BROKEN = ["true true"]

language, command = sys.argv[1], sys.argv[2:]
number = 0
failures = 0


def report(name, want, have):
    global number, failures
    number += 1
    failures += want != have
    print(f"{'ok' if want == have else 'not ok'} {number} /jobs/seed/{language}/{name}")
    if want != have:
        print(f"#  want {want}\n#  have {have}")


start = time.monotonic()
process = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=LIMIT)
elapsed = time.monotonic() - start
lines = [re.sub(r"^(->|<-) \d\d-\d\d ", r"\1 ", line) for line in process.stdout.splitlines()]

report("status", 0, process.returncode)
for name, want in (("parallel", FIRST), ("requires", SECOND), ("results", RESULTS), ("texts", TEXTS)):
    report(name, want, lines[:len(want)])
    lines = lines[len(want):]
report("throws", BROKEN if language in ("js", "vala") else [], lines)
# 2 s and 2.5 s: one after the other it would be 9 s
report("time", True, 4.49 <= elapsed < 9)
print(f"1..{number}")
sys.exit(failures > 0)
