# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-ratios.py BUILD: no target is missed by far.

What the limits are stands in driver/targets.py. A figure beyond its limit is
measured again, with all that it is compared to: another program may have had the
machine meanwhile. Only what is beyond it each time has failed.
"""

import sys

from driver.house import House
from driver.measure import Results, run_interleaved
from driver.targets import TARGETS, TODAY, test_limit
from driver.topic import TEST
from driver.topics import TOPICS

ROUNDS = 3
TRIES = 3


def say(text):
    print(f"# {text}", flush=True)


def measure(topic, house):
    results = Results(house)
    run_interleaved(topic.entries(), results, 1 if topic.is_interleaved else ROUNDS, say)
    return topic.figures(results), bool(results.failed)


def is_good(key, figure):
    return figure is None or figure <= test_limit(key)


def best_figures(topic, house):
    """The least of each figure, None where a peer is missing; and whether all worked."""
    best = {}
    for _ in range(TRIES):
        figures, failed = measure(topic, house)
        for key, figure in figures.items():
            known = [value for value in (figure, best.get(key)) if value is not None]
            best[key] = min(known, default=None)
        if failed:
            return best, False
        if all(is_good(key, figure) for key, figure in best.items()):
            break
    return best, True


class Tap:
    """Prints one line for each thing that was to be seen."""

    def __init__(self):
        self.number = 0
        self.good = True

    def report(self, good, name, note=""):
        self.number += 1
        self.good = self.good and good
        print(f"{'ok' if good else 'not ok'} {self.number} /jobs/benchmarks/{name}{note}", flush=True)

    def report_figure(self, key, figure):
        target, limit = TARGETS[key], test_limit(key)
        if figure is None:
            self.report(True, key, " # SKIP a peer is not installed")
            return
        say(f"{target.text}: {figure:.3g}, should be {target.limit:g} {target.unit}, "
            f"and fails above {limit:.3g}")
        self.report(is_good(key, figure), key)


def main():
    house = House(sys.argv[1])
    tap, seen = Tap(), set()
    for kind in TOPICS:
        figures, worked = best_figures(kind(house, TEST), house)
        tap.report(worked, f"{kind.name}/measured")
        for key, figure in figures.items():
            tap.report_figure(key, figure)
        seen |= figures.keys()
    tap.report(seen == TARGETS.keys() and TODAY.keys() <= seen, "each-target-is-measured")
    print(f"1..{tap.number}")
    return 0 if tap.good else 1


if __name__ == "__main__":
    sys.exit(main())
