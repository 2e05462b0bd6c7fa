#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Counts the tests in meson's JSON logs, those inside TAP programs one by one.

The last line is "N passed, N failed", with ", N skipped" where there are any;
the exit status is 1 unless something passed and nothing failed.
"""

import argparse
import json
import re
import sys

LINE = re.compile(r"^(not )?ok\b *\d* *-? *(.*?) *(?:# *(SKIP|TODO)\b.*)?$", re.IGNORECASE)
MAX_SAID = 20
PLAN = re.compile(r"^1\.\.(\d+)\s*(#\s*SKIP\b.*)?$", re.IGNORECASE)


def count_tap(text):
    """(passed, failed, skipped, planned) of one TAP program

    Of a failed test: its name, and what the program said of it just before.
    """
    passed, failed, skipped, planned = 0, [], 0, None
    said = []
    for line in text.splitlines():
        if match := PLAN.match(line):
            planned = int(match[1])
            skipped += 1 if match[2] and planned == 0 else 0
        elif match := LINE.match(line):
            if match[3]:
                skipped += 1
            elif match[1]:
                failed.append("\n".join([match[2], *said]))
            else:
                passed += 1
            said = []
        elif line.startswith("# ") and len(said) < MAX_SAID:
            said.append("    " + line)
    return passed, failed, skipped, planned


def count_test(test):
    """(passed, failed, skipped) of one entry of a log

    Failures are (text, how many) pairs, the others numbers.
    """
    name, result = test["name"], test["result"]
    end = f"{result}, exit status {test.get('returncode')}"
    good = result in ("OK", "SKIP", "EXPECTEDFAIL")
    passed, failed, skipped, planned = count_tap(test.get("stdout") or "")
    if planned is None:
        ran = int(good and result != "SKIP")
        return ran, [] if good else [(f"{name}: {end}", 1)], int(result == "SKIP")

    failed = [(f"{name}: {what}", 1) for what in failed]
    missing = planned - passed - skipped - len(failed)
    if planned > 0 and missing > 0:
        failed.append((f"{name}: {missing} of its tests never ended ({end})", missing))
    # A leak, or a crash at the very end, comes after all has been "ok"
    if not good and not failed:
        failed.append((f"{name}: {end}", 1))
    return passed, failed, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--broken", type=int, default=0, help="builds that failed")
    parser.add_argument("logs", nargs="*")
    arguments = parser.parse_args()

    passed, failed, skipped = 0, [], 0
    if arguments.broken:
        failed.append(("what was to be tested could not be built", arguments.broken))
    for log in arguments.logs:
        try:
            with open(log, encoding="utf-8") as lines:
                counts = [count_test(json.loads(line)) for line in lines]
        except OSError as error:
            failed.append((f"no tests were run: {error}", 1))
            continue
        passed += sum(count[0] for count in counts)
        failed += [(f"{log}: {what}", n) for count in counts for what, n in count[1]]
        skipped += sum(count[2] for count in counts)

    for what, _ in failed:
        print("FAILED", what)
    n_failed = sum(n for _, n in failed)
    print(f"{passed} passed, {n_failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
