#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What count.py makes of a log: a test that goes missing must not go unseen."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

COUNT = Path(__file__).with_name("count.py")

# (entries of the log: result and output) -> last line
CASES = {
    "tap": (
        [("OK", "1..3\nok 1 /a\nok 2 /b # SKIP no bus\nok 3 - c\n")],
        "2 passed, 0 failed, 1 skipped",
    ),
    "tap-failure": (
        [("FAIL", "1..2\nok 1 /a\n# why\nnot ok 2 /b\n")],
        "1 passed, 1 failed",
    ),
    "crash": (
        [("ERROR", "1..3\nok 1 /a\n")],
        "1 passed, 2 failed",
    ),
    "leak-at-the-end": (
        [("ERROR", "1..1\nok 1 /a\n")],
        "1 passed, 1 failed",
    ),
    "plain": (
        [("OK", "said something\n"), ("FAIL", ""), ("SKIP", None), ("TIMEOUT", None)],
        "1 passed, 2 failed, 1 skipped",
    ),
    "all-skipped": (
        [("SKIP", "1..0 # SKIP no gjs\n"), ("OK", "")],
        "1 passed, 0 failed, 1 skipped",
    ),
    "expected-failure": (
        [("OK", "1..2\nok 1 a\nnot ok 2 b # TODO later\n")],
        "1 passed, 0 failed, 1 skipped",
    ),
    "nothing": ([], "0 passed, 0 failed"),
}


def count(*arguments):
    done = subprocess.run([sys.executable, COUNT, *arguments], capture_output=True, text=True)
    return done.stdout.splitlines()[-1], done.returncode


def check(entries, expected):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as log:
        for result, output in entries:
            entry = {"name": "test", "result": result, "stdout": output, "returncode": 1}
            log.write(json.dumps(entry) + "\n")
        log.flush()
        status = 0 if " 0 failed" in expected and not expected.startswith("0 ") else 1
        return count(log.name) == (expected, status)


def main():
    outcomes = {name: check(*case) for name, case in CASES.items()}
    outcomes["no-log"] = count("/nonexistent/log") == ("0 passed, 1 failed", 1)
    outcomes["broken-build"] = count("--broken", "1") == ("0 passed, 1 failed", 1)

    print(f"1..{len(outcomes)}")
    for number, (name, good) in enumerate(outcomes.items(), 1):
        print("ok" if good else "not ok", number, name)
    return 0 if all(outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
