#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an action costs in Python, where it does nothing: one line of JSON.

Microseconds per action: to make it, to say what it requires, and to run it.
"""

import argparse
import gc
import json
import time

import gi

gi.require_version("Jobs", "1")
from gi.repository import Jobs

WIDTH = 1000

count = 0


def independent(i):
    return ()


def chain(i):
    return (i - 1,) if i > 0 else ()


def layered(i):
    """Three of the layer before, which are scattered over it."""
    layer, place = divmod(i, WIDTH)
    if layer == 0:
        return ()
    return [(layer - 1) * WIDTH + (place * 7 + k * 331) % WIDTH for k in range(3)]


async def coroutine():
    global count
    count += 1


def function():
    global count
    count += 1


class Kind(Jobs.AbstractAction):
    async def corun(self):
        global count
        count += 1


class Performer(Jobs.Action):
    def do_perform(self):
        global count
        count += 1
        return True


BODIES = {
    "async": lambda: Jobs.Action(coroutine),
    "coroutine": lambda: Jobs.Action(coroutine()),
    "function": lambda: Jobs.Action(function),
    "class": Kind,
    "perform": Performer,
}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def measure(requirements, make):
    """Seconds to make, to require, to run and to drop."""
    global count
    count = 0
    times = [time.perf_counter()]
    actions = [make() for _ in requirements]
    times.append(time.perf_counter())
    for action, numbers in zip(actions, requirements):
        if numbers:
            action.requires([actions[number] for number in numbers])
    engine = Jobs.Engine(actions)
    times.append(time.perf_counter())
    verdict = engine.orchestrate()
    times.append(time.perf_counter())
    if not verdict or count != len(actions):
        raise SystemExit(f"{count} of {len(actions)} actions ran, and the verdict is {verdict}")
    del actions, action, engine
    gc.collect()
    times.append(time.perf_counter())
    return [end - start for start, end in zip(times, times[1:])]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", choices=["independent", "chain", "layered"], default="layered")
    parser.add_argument("--n", type=int, default=10000)
    parser.add_argument("--body", choices=BODIES, default="async")
    parser.add_argument("--reps", type=int, default=1, help="measure so often, and give the best")
    arguments = parser.parse_args()

    requirements = [globals()[arguments.shape](i) for i in range(arguments.n)]
    runs, sizes = [], []
    for _ in range(arguments.reps):
        runs.append(measure(requirements, BODIES[arguments.body]))
        sizes.append(resident() >> 20)
    figures = [round(min(column) / arguments.n * 1e6, 2) for column in zip(*runs)]
    result = dict(body=arguments.body, shape=arguments.shape, n=arguments.n)
    result.update(zip(("make_us", "require_us", "run_us", "drop_us"), figures))
    result.update(total_us=round(sum(figures[:3]), 2), mb_after=sizes)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
