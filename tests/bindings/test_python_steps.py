#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The first step of a coroutine, which is made outside of its task."""

import asyncio
import contextvars
import gc
import traceback
import unittest
import weakref

import gi

gi.require_version("Jobs", "1")
from gi.repository import GLib, Jobs

import tap
from tap import forever, give

State = Jobs.State

variable = contextvars.ContextVar("variable", default="outside")


def run_one(corun, **kwargs):
    action = Jobs.Action(corun, **kwargs)
    Jobs.Engine(action).orchestrate()
    return action


def await_one(corun, **kwargs):
    """As in a notebook: asyncio is there before, and drives GLib."""
    async def main():
        action = Jobs.Action(corun, **kwargs)
        await Jobs.Engine(action).orchestrate_async()
        return action
    return asyncio.run(main())


def both(test):
    """Runs a test in both worlds."""
    def call(self):
        for self.run_one in run_one, await_one:
            test(self)
    return call


class Task(unittest.TestCase):
    """What a coroutine sees of its task."""

    @both
    def test_is_the_same_later(self):
        async def look():
            before = asyncio.current_task()
            listed = before in asyncio.all_tasks()
            loop = asyncio.get_running_loop()
            await asyncio.sleep(0)
            return isinstance(before, asyncio.Task), listed, asyncio.current_task() is before, before.get_loop() is loop
        self.assertEqual(self.run_one(look).result(), (True,) * 4)

    def test_is_ones_own(self):
        async def look():
            return asyncio.current_task()
        actions = [Jobs.Action(look) for _ in range(10)]
        self.assertTrue(Jobs.Engine(actions).orchestrate())
        tasks = [action.result() for action in actions]
        self.assertEqual(len(set(tasks)), 10)
        self.assertTrue(all(task.done() for task in tasks))
        self.assertIs(tasks[0].result(), tasks[0])

    def test_is_left_clean(self):
        """Nothing that one coroutine does to its task is there for the next one."""
        seen = []

        async def spoil(how):
            how(asyncio.current_task())
            return "spoilt"

        async def look():
            task = asyncio.current_task()
            return task.get_name() == "mine", task.cancelling(), task in noted
        noted = weakref.WeakSet()
        for how in (lambda task: task.set_name("mine"), lambda task: task.cancel(), noted.add,
                    lambda task: task.add_done_callback(lambda task: seen.append(task.result()))):
            spoiling = Jobs.Action(spoil(how), critical=False)
            looking = Jobs.Action(look, requires=spoiling)
            Jobs.Engine(spoiling, looking).orchestrate()
            self.assertEqual(looking.result(), (False, 0, False))
        self.assertEqual(seen, ["spoilt"])

    @both
    def test_weak_references(self):
        tasks = weakref.WeakKeyDictionary()

        async def note():
            tasks[asyncio.current_task()] = True
            await asyncio.sleep(0)
            return tasks.get(asyncio.current_task())
        self.assertTrue(self.run_one(note).result())

    @both
    def test_groups(self):
        async def quick():
            return 1

        async def group():
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(quick()) for _ in range(3)]
            return sum(task.result() for task in tasks)

        async def empty():
            async with asyncio.TaskGroup():
                pass
            return "empty"
        self.assertEqual(self.run_one(group).result(), 3)
        self.assertEqual(self.run_one(empty).result(), "empty")

    @both
    def test_timeouts(self):
        async def in_time():
            async with asyncio.timeout(60):
                return "in time"

        async def late():
            try:
                async with asyncio.timeout(0.01):
                    await asyncio.Event().wait()
            except TimeoutError:
                return "late"
        self.assertEqual(self.run_one(in_time).result(), "in time")
        self.assertEqual(self.run_one(late).result(), "late")
        self.assertEqual(self.run_one(forever, timeout=0.01).get_state(), State.TIMED_OUT)

    def test_factory(self):
        made = []

        def factory(loop, coroutine, **kwargs):
            made.append(coroutine)
            return asyncio.Task(coroutine, loop=loop, **kwargs)

        async def main():
            asyncio.get_running_loop().set_task_factory(factory)
            coroutine = give("made")
            action = Jobs.Action(coroutine)
            await Jobs.Engine(action).orchestrate_async()
            self.assertIn(coroutine, made)
            return action.result()
        self.assertEqual(asyncio.run(main()), "made")

    @both
    def test_order(self):
        """Two that pass their turn to one another."""
        turns = []

        async def talk(name):
            for _ in range(3):
                turns.append(name)
                await asyncio.sleep(0)

        async def pair():
            other = asyncio.ensure_future(talk("b"))
            await talk("a")
            await other
        self.run_one(pair)
        self.assertEqual("".join(turns), "ababab")

    @both
    def test_bad_yield(self):
        class Bad:
            def __await__(self):
                yield 3

        async def bad():
            await Bad()
        self.assertIn("bad yield", str(self.run_one(bad).exception))


class Context(unittest.TestCase):

    @both
    def test_is_ones_own(self):
        async def change(wait):
            before = variable.get()
            variable.set("inside")
            if wait:
                await asyncio.sleep(0)
            return before, variable.get()
        for wait in False, True, False:
            self.assertEqual(self.run_one(lambda: change(wait)).result(), ("outside", "inside"))
        self.assertEqual(variable.get(), "outside")

    @both
    def test_attempt(self):
        async def look():
            return Jobs.current_attempt()

        async def begin():
            child = asyncio.ensure_future(look())
            mine = Jobs.current_attempt()
            await asyncio.sleep(0)
            return Jobs.current_attempt() is mine and await child is mine
        self.assertTrue(self.run_one(begin).result())

    def test_attempt_of_what_is_left_behind(self):
        async def look():
            attempts.append(Jobs.current_attempt().get_action())

        async def leave():
            tasks.append(asyncio.ensure_future(look()))
        attempts, tasks = [], []
        actions = [Jobs.Action(leave) for _ in range(3)]
        self.assertTrue(Jobs.Engine(actions, Jobs.Action(give(1, 0.001))).orchestrate())
        self.assertEqual(attempts, actions)


class Errors(unittest.TestCase):

    @both
    def test_traceback_is_ones_own(self):
        async def fail(wait):
            if wait:
                await asyncio.sleep(0)
            raise KeyError("deep")
        for wait in False, True:
            action = self.run_one(lambda: fail(wait))
            self.assertIsInstance(action.exception, KeyError)
            names = [frame.name for frame in traceback.extract_tb(action.exception.__traceback__)]
            self.assertEqual(names, ["fail"])

    @both
    def test_kept_task(self):
        kept = []

        async def fail():
            kept.append(asyncio.current_task())
            raise KeyError("deep")
        action = self.run_one(fail)
        self.assertIs(kept.pop().exception(), action.exception)

    @both
    def test_nothing_stays(self):
        async def fail(wait):
            async with asyncio.timeout(60):
                if wait:
                    await asyncio.sleep(0)
                raise KeyError("deep")
        for wait in False, True:
            action = self.run_one(lambda: fail(wait))
            self.assertIsInstance(action.exception, KeyError)
            reference = weakref.ref(action)
            del action
            for _ in range(3):
                gc.collect()
            self.assertIsNone(reference())

    def test_closed_loop(self):
        """A task that nobody needs goes without a word."""
        problems = []
        context = GLib.MainContext.new()
        context.push_thread_default()
        self.addCleanup(context.pop_thread_default)
        loop = Jobs.MainContextLoop()
        loop.set_exception_handler(lambda loop, problem: problems.append(problem))

        async def quick():
            return asyncio.get_running_loop()
        first, last = Jobs.Action(quick), Jobs.Action(lambda: asyncio.get_running_loop().close())
        self.assertTrue(Jobs.Engine(first, last).orchestrate())
        self.assertIs(first.result(), loop)
        self.assertTrue(loop.is_closed())
        gc.collect()
        self.assertEqual(problems, [])


class Cancel(unittest.TestCase):

    @both
    def test_itself(self):
        async def cancel():
            asyncio.current_task().cancel()
        self.assertEqual(self.run_one(cancel).get_state(), State.CANCELLED)

        async def raise_it():
            raise asyncio.CancelledError
        self.assertEqual(self.run_one(raise_it).get_state(), State.CANCELLED)

        async def fail():
            asyncio.current_task().cancel()
            raise KeyError("first")
        self.assertIsInstance(self.run_one(fail).exception, KeyError)

    def cancel(self, awaited):
        """What is seen where a cancel comes in the first step."""
        seen = []

        async def work():
            Jobs.current_attempt().get_action().cancel()
            seen.append("goes on")
            try:
                await awaited()
            except asyncio.CancelledError:
                seen.append("cancelled")
                await asyncio.sleep(0)
                raise
            finally:
                seen.append("cleaned up")
        action = self.run_one(work)
        self.assertEqual(action.get_state(), State.CANCELLED)
        self.assertEqual(seen, ["goes on", "cancelled", "cleaned up"])

    @both
    def test_in_the_first_step(self):
        self.cancel(forever)
        self.cancel(lambda: asyncio.sleep(0))
        self.cancel(lambda: asyncio.sleep(60))

        async def ready():
            future = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(future.set_result, 1)
            await asyncio.shield(future)
        self.cancel(ready)

    @both
    def test_is_passed_on(self):
        ends = []

        async def child():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ends.append("child")
                raise

        async def parent():
            task = asyncio.ensure_future(child())
            asyncio.get_running_loop().call_soon(lambda: action_of["it"].cancel())
            await task
        action_of = {}

        def start():
            action_of["it"] = Jobs.current_attempt().get_action()
            return parent()
        self.assertEqual(self.run_one(start).get_state(), State.CANCELLED)
        self.assertEqual(ends, ["child"])

    @both
    def test_swallowed(self):
        async def stubborn():
            Jobs.current_attempt().get_action().cancel()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await asyncio.sleep(0)
                return "done nevertheless"
        action = self.run_one(stubborn)
        self.assertEqual(action.result(), "done nevertheless")

    def test_by_the_run(self):
        ends = []

        async def work():
            try:
                await asyncio.Event().wait()
            finally:
                ends.append("ended")

        async def fail():
            raise KeyError("deep")
        working, failing = Jobs.Action(work), Jobs.Action(fail)
        self.assertFalse(Jobs.Engine(working, failing).orchestrate())
        self.assertEqual(working.get_state(), State.CANCELLED)
        self.assertEqual(ends, ["ended"])


class Nested(unittest.TestCase):
    """A first step that turns a main loop."""

    @both
    def test_blocks(self):
        async def inner():
            task = asyncio.current_task()
            await asyncio.sleep(0.001)
            return task is asyncio.current_task()

        async def outer(wait):
            task = asyncio.current_task()
            action = Jobs.Action(inner)
            self.assertTrue(Jobs.Engine(action, Jobs.Action(lambda: inner())).orchestrate())
            self.assertIs(asyncio.current_task(), task)
            self.assertFalse(task.done())
            if wait:
                await asyncio.sleep(0.001)
            return task is asyncio.current_task(), action.result()
        for wait in False, True:
            action = self.run_one(lambda: outer(wait))
            self.assertIsNone(action.exception)
            self.assertEqual(action.result(), (True, True))

    def test_turns_by_hand(self):
        turned = []

        async def other():
            await asyncio.sleep(0)
            turned.append(asyncio.current_task())

        async def outer(wait):
            task = asyncio.current_task()
            while not turned:
                GLib.MainContext.default().iteration(True)
            self.assertIs(asyncio.current_task(), task)
            self.assertIsNot(turned.pop(), task)
            if wait:
                await asyncio.sleep(0)
            return task is asyncio.current_task()
        for wait in False, True:
            action = Jobs.Action(lambda: outer(wait))
            self.assertTrue(Jobs.Engine(Jobs.Action(other), action).orchestrate())
            self.assertTrue(action.result())

    def test_other_engine(self):
        """What starts meanwhile has a task of its own."""
        async def look():
            return asyncio.current_task()

        def turn(action):
            engine = Jobs.Engine(action)
            engine.orchestrate_async(None, lambda *_: None)
            while not action.is_done():
                GLib.MainContext.default().iteration(True)
            return action.result()

        async def outer():
            action = Jobs.Action(look)
            task = asyncio.current_task()
            other = turn(action)
            self.assertIs(asyncio.current_task(), task)
            await asyncio.sleep(0)
            return other is not task and asyncio.current_task() is task
        action = run_one(outer)
        self.assertIsNone(action.exception)
        self.assertTrue(action.result())

    def test_inside_of_a_task(self):
        async def main():
            action = Jobs.Action(look)
            running = asyncio.ensure_future(Jobs.Engine(action).orchestrate_async())
            await asyncio.sleep(0)
            while action.get_state() != State.RUNNING:
                GLib.MainContext.default().iteration(True)
            await running
            return action.result(), asyncio.current_task()

        async def look():
            return asyncio.current_task()
        one, other = asyncio.run(main())
        self.assertIsInstance(one, asyncio.Task)
        self.assertIsNot(one, other)

    def test_cancelled_meanwhile(self):
        async def outer():
            task = asyncio.current_task()
            Jobs.Engine(Jobs.Action(lambda: give(1, 0.001))).orchestrate()
            task.cancel()
            Jobs.Engine(Jobs.Action(lambda: give(1, 0.001))).orchestrate()
            await asyncio.sleep(60)
        self.assertEqual(run_one(outer).get_state(), State.CANCELLED)


if __name__ == "__main__":
    tap.main()
