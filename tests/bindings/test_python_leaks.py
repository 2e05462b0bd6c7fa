#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""That 20 000 to 100 000 actions of each kind leave nothing in memory: neither objects nor
bytes, but for what PyGObject loses."""

import asyncio
import functools
import gc
import os
import unittest

import gi

gi.require_version("Jobs", "1")
from gi.repository import Gio, GLib, Jobs

import tap

N_ACTIONS = 100000
N_AT_ONCE = 1000

# What may come and go by itself: caches, the allocator's arenas
SPARE_OBJECTS = 200
SPARE_BYTES = 2 << 20

# Granted for each callback that an asynchronous function of C was given: PyGObject itself
# loses 80
LOST_BYTES = 96 if gi.version_info < (3, 50) else 0


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure():
    for _ in range(2):
        gc.collect()
    return len(gc.get_objects()), resident()


class Leaks(unittest.TestCase):

    def grow(self, run, total):
        """What there is more of after the second half, when there is all that stays."""
        for _ in range(total // N_AT_ONCE // 2):
            run(N_AT_ONCE)
        objects, size = measure()
        for _ in range(total // N_AT_ONCE // 2):
            run(N_AT_ONCE)
        more_objects, more_size = measure()
        objects, size = more_objects - objects, more_size - size
        print(f"# {total} actions: {objects:+} objects, {size / 1024:+.0f} KiB", flush=True)
        return objects, size

    def check(self, run, total=N_ACTIONS, lost=0):
        objects, size = self.grow(run, total)
        self.assertLess(objects, SPARE_OBJECTS)
        self.assertLess(size, SPARE_BYTES + lost * total / 2)

    def check_bodies(self, make, total=N_ACTIONS):
        def run(count):
            engine = Jobs.Engine([Jobs.Action(make(i), critical=False) for i in range(count)], window=100)
            self.assertTrue(engine.orchestrate())
        self.check(run, total)

    def test_functions(self):
        self.check_bodies(lambda i: lambda: [i])

    def test_coroutines(self):
        async def work(i):
            if i % 2:
                await asyncio.sleep(0)
            return [i]
        self.check_bodies(work)

    def test_generators(self):
        async def give(i):
            return i

        def work(i):
            yield
            return (yield give(i))
        self.check_bodies(work)

    def test_exceptions(self):
        async def work(i):
            if i % 2:
                await asyncio.sleep(0)
            raise ValueError([i])

        def steps(i):
            yield
            raise ValueError([i])

        def fail(i):
            raise ValueError([i])
        self.check_bodies(lambda i: functools.partial((work, steps, fail)[i % 3], i))

    def test_threads(self):
        def work(i):
            if i % 2:
                raise ValueError([i])
            return [i]

        def run(count):
            engine = Jobs.Engine([Jobs.Action(lambda i=i: work(i), thread=True, critical=False)
                                  for i in range(count)], window=100)
            self.assertTrue(engine.orchestrate())
        # Each one goes to a thread and back
        self.check(run, N_ACTIONS // 5)

    def test_own_kind(self):
        class Mine(Jobs.AbstractAction):
            def __init__(self, last):
                super().__init__()
                self.requires(last)

            async def corun(self):
                return [self.get_label()]

            async def coshutdown(self):
                await asyncio.sleep(0)

        def run(count):
            last = None
            engine = Jobs.Engine()
            for _ in range(count):
                last = engine.add(Mine(last))
            self.assertTrue(engine.orchestrate())
        self.check(run)

    def test_cancelled(self):
        def run(count):
            async def wait():
                await asyncio.Event().wait()
            engine = Jobs.Engine([Jobs.Action(wait) for _ in range(count)], Jobs.Action(lambda: engine.cancel()))
            self.assertFalse(engine.orchestrate())
            engine.clear()
        self.check(run)

    def test_awaited(self):
        """In a loop of asyncio, each in an engine of its own."""
        async def many(count):
            for _ in range(count // 2):
                async for action in Jobs.Engine(Jobs.Action(lambda: asyncio.sleep(0))).as_completed():
                    pass
                await Jobs.Engine(Jobs.Action(lambda: 1))
        self.check(lambda count: asyncio.run(many(count)), N_ACTIONS // 2, LOST_BYTES)

    def test_resources_and_calls(self):
        file = Gio.File.new_for_path("/dev/null")
        node = Jobs.LocalNode.new("here")

        async def many(count):
            for _ in range(count // 2):
                async with node:
                    pass
                await Jobs.call_async(file.query_info_async, "standard::type", Gio.FileQueryInfoFlags.NONE,
                                      GLib.PRIORITY_DEFAULT)
        self.check(lambda count: asyncio.run(many(count)), N_ACTIONS // 5, LOST_BYTES)

    def test_is_noticed(self):
        """One object for each action would be seen, and so would some bytes."""
        kept = []

        def keep(size):
            def run(count):
                for _ in range(count):
                    kept.append(bytearray(size))
                    if size == 0:
                        kept.append([])
            return run
        self.assertGreater(self.grow(keep(0), N_AT_ONCE * 2)[0], SPARE_OBJECTS)
        self.assertGreater(self.grow(keep(100), N_ACTIONS)[1], SPARE_BYTES)


if __name__ == "__main__":
    # There are many of them
    tap.WATCHDOG = 500
    tap.main()
