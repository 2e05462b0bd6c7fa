# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The graphs in Python's own ways: asyncio's TaskGroup with a task and an Event
for each job, and graphlib, which awaits what is ready one after the other."""

import asyncio
import graphlib
import sys

import dag

n_ran = 0


async def noop():
    global n_ran
    n_ran += 1


async def run_group(needs, events):
    async def job(mine, required):
        for event in required:
            await event.wait()
        await noop()
        mine.set()

    async with asyncio.TaskGroup() as group:
        for mine, required in zip(events, needs):
            group.create_task(job(mine, [events[other] for other in required]))


async def run_sorter(sorter):
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        for _ in ready:
            await noop()
        sorter.done(*ready)


def main():
    asked = dag.arguments(__doc__, ("taskgroup", "graphlib"))
    needs = dag.make(asked.shape, asked.n)
    report = dag.Report(asked)
    if asked.variant == "taskgroup":
        work = run_group(needs, [asyncio.Event() for _ in needs])
    else:
        sorter = graphlib.TopologicalSorter()
        for job, required in enumerate(needs):
            sorter.add(job, *required)
        work = run_sorter(sorter)
    report.stage("build")
    asyncio.run(work)
    report.stage("run")
    return report.print(n_ran)


if __name__ == "__main__":
    sys.exit(main())
