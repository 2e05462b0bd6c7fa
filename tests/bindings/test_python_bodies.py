#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an action can be made of in Python besides a coroutine."""

import asyncio
import gc
import threading
import traceback
import types
import unittest
import warnings
import weakref

import gi

gi.require_version("Jobs", "1")
from gi.repository import GLib, Jobs

import tap
from tap import boom, forever, give

State = Jobs.State

N_THREADS = Jobs.Workers.get_default().get_size()
PATIENCE = 20


def run_one(body, **kwargs):
    action = Jobs.Action(body, **kwargs)
    Jobs.Engine(action).orchestrate()
    return action


def frames_of(error):
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


class Generator(unittest.TestCase):
    """Yields what is to be awaited, and gets what comes of that."""

    def test_steps(self):
        def steps(first):
            second = yield give(first + 1, 0.001)
            third = yield asyncio.ensure_future(give(second + 1))
            nothing = yield
            return first, second, third, nothing
        action = run_one(lambda: steps(1))
        self.assertEqual(action.result(), (1, 2, 3, None))

    def test_is_in_one_task(self):
        def steps():
            before = asyncio.current_task()
            yield give(1, 0.001)
            return before is asyncio.current_task() and Jobs.current_attempt().get_number() == 1
        self.assertTrue(run_one(steps).result())

    def test_without_steps(self):
        def steps():
            return "at once"
            yield
        self.assertEqual(run_one(steps).result(), "at once")

    def test_object(self):
        def steps():
            yield
            return 7
        action = Jobs.Action(steps())
        engine = Jobs.Engine(action)
        self.assertTrue(engine.orchestrate())
        self.assertEqual(action.result(), 7)
        self.assertFalse(engine.orchestrate())
        self.assertIn("cannot reuse", str(action.exception))

    def test_runs_again(self):
        def steps():
            return (yield give(7))
        action = Jobs.Action(steps)
        engine = Jobs.Engine(action)
        for _ in range(2):
            self.assertTrue(engine.orchestrate())
            self.assertEqual(action.result(), 7)

    def test_own_kind(self):
        ends = []

        class Mine(Jobs.AbstractAction):
            def corun(self):
                return (yield give("run", 0.001))

            def coshutdown(self):
                ends.append((yield give("shut down", 0.001)))
        action = Mine()
        self.assertTrue(Jobs.Engine(action).orchestrate())
        self.assertEqual((action.result(), ends), ("run", ["shut down"]))

    def test_engine(self):
        def steps():
            inner = Jobs.Action(give("inner", 0.001))
            success = yield Jobs.Engine(inner)
            return success, inner.result()
        self.assertEqual(run_one(steps).result(), (True, "inner"))

    def test_decorated(self):
        """As of asyncio's first years: it can be awaited as it is."""
        @types.coroutine
        def steps():
            return (yield from give(7, 0.001))
        self.assertEqual(run_one(steps).result(), 7)

    def test_errors_come_to_the_yield(self):
        def steps():
            try:
                yield boom("caught")
            except ValueError as error:
                return frames_of(error)
        # As after an await: its own frame, and the one that raised
        self.assertEqual(run_one(steps).result(), ["steps", "boom"])

    def test_traceback(self):
        def steps(error):
            yield give(1, 0.001)
            yield error
        action = run_one(lambda: steps(boom("deep")))
        self.assertIsInstance(action.exception, ValueError)
        self.assertEqual(frames_of(action.exception), ["steps", "boom"])

    def test_wrong_yield(self):
        def steps(seen):
            try:
                yield 3
            except TypeError as error:
                seen.append(str(error))
            yield "text"
        seen = []
        action = run_one(lambda: steps(seen))
        self.assertIn("not 3", seen[0])
        self.assertIsInstance(action.exception, TypeError)

    def test_cancel(self):
        seen = []

        def steps():
            try:
                yield forever()
            except asyncio.CancelledError:
                seen.append("asked")
                yield give(1, 0.001)
                seen.append("ended")
                raise
        action = run_one(steps, timeout=0.01)
        self.assertEqual(action.get_state(), State.TIMED_OUT)
        self.assertEqual(seen, ["asked", "ended"])

    def test_nothing_stays(self):
        def steps():
            try:
                yield boom()
            finally:
                yield
        action = run_one(steps)
        self.assertIsInstance(action.exception, ValueError)
        reference = weakref.ref(action)
        del action
        for _ in range(3):
            gc.collect()
        self.assertIsNone(reference())

    def test_skipped(self):
        def steps():
            yield
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            first = Jobs.Action(boom)
            second = Jobs.Action(steps(), requires=first)
            self.assertFalse(Jobs.Engine(first, second).orchestrate())
            del first, second
            gc.collect()
        self.assertEqual([str(warning.message) for warning in seen], [])

    def test_left_behind(self):
        """An asynchronous generator that a first step leaves is ended by the loop."""
        ends = []

        async def numbers():
            try:
                yield 1
            finally:
                await asyncio.sleep(0)
                ends.append("ended")

        async def first(wait):
            if wait:
                await asyncio.sleep(0)
            async for number in numbers():
                return number
        for wait in False, True:
            action = Jobs.Action(lambda: first(wait))
            self.assertTrue(Jobs.Engine(action, Jobs.Action(give(1, 0.01))).orchestrate())
            self.assertEqual(action.result(), 1)
        self.assertEqual(ends, ["ended"] * 2)


class Function(unittest.TestCase):
    """Is called in the thread of the run."""

    def test_thread(self):
        self.assertEqual(run_one(threading.get_ident).result(), threading.get_ident())

    def test_engine_is_a_value(self):
        inner = Jobs.Engine(Jobs.Action(give(1)))
        self.assertIs(run_one(lambda: inner).result(), inner)
        self.assertEqual(inner.get_state(), State.IDLE)


class Thread(unittest.TestCase):
    """Functions that block."""

    def test_thread(self):
        action = run_one(lambda: (threading.get_ident(), threading.current_thread().name), thread=True, label="a")
        ident, name = action.result()
        self.assertNotEqual(ident, threading.get_ident())
        self.assertTrue(name.startswith("jobs"))
        self.assertEqual(action.get_label(), "a")

    def test_at_once(self):
        """They wait for one another, while a coroutine goes on."""
        barrier = threading.Barrier(2)

        async def tick():
            while not barrier.n_waiting:
                await asyncio.sleep(0)
            barrier.wait(PATIENCE)
        first = Jobs.Action(lambda: barrier.wait(PATIENCE), thread=True)
        self.assertTrue(Jobs.Engine(first, Jobs.Action(tick)).orchestrate(timeout=PATIENCE))

    def test_awaited(self):
        async def main():
            action = Jobs.Action(threading.get_ident, thread=True)
            self.assertTrue(await Jobs.Engine(action))
            return action.result()
        self.assertNotEqual(asyncio.run(main()), threading.get_ident())

    def test_result_is_kept(self):
        thing = object()
        self.assertIs(run_one(lambda: thing, thread=True).result(), thing)

    def test_exception_is_kept(self):
        def fail():
            raise KeyError("deep")
        action = run_one(fail, thread=True)
        self.assertIsInstance(action.exception, KeyError)
        self.assertEqual(frames_of(action.exception), ["fail"])
        reference = weakref.ref(action)
        del action
        for _ in range(3):
            gc.collect()
        self.assertIsNone(reference())

    def test_what_never_runs(self):
        """A coroutine is no result: nobody would await it."""
        def steps():
            called.append(1)
            yield
        called = []
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for function in lambda: give(1), lambda: steps():
                action = run_one(function, thread=True)
                self.assertEqual(action.get_state(), State.FAILED)
                with self.assertRaisesRegex(TypeError, "thread=True"):
                    action.result()
        self.assertEqual(called, [])

    def test_attempt(self):
        reports = []

        def work():
            Jobs.current_attempt().report(0.5, "half")
        action = Jobs.Action(work, thread=True)
        engine = Jobs.Engine(action)
        engine.connect("action-progress", lambda engine, action: reports.append(threading.get_ident()))
        self.assertTrue(engine.orchestrate())
        self.assertEqual((action.get_progress(), reports), (0.5, [threading.get_ident()]))

    def test_cancel_is_waited_for(self):
        seen = []

        def work():
            cancellable = Jobs.current_attempt().get_cancellable()
            asked = threading.Event()
            cancellable.connect(lambda *_: asked.set())
            Jobs.current_attempt().ready()
            seen.append(asked.wait(PATIENCE))
            return "in the end"
        action = Jobs.Action(work, thread=True, forever=True)
        client = Jobs.Action(give(1)).requires(action, condition="ready")
        self.assertTrue(Jobs.Engine(action, client).orchestrate(timeout=PATIENCE))
        self.assertEqual(seen, [True])
        self.assertEqual(action.result(), "in the end")

    def test_cancelled_before_its_turn(self):
        """Where no thread was free for it, it ends at once, and is never called."""
        called = []
        gate = threading.Event()
        holding = [Jobs.Action(lambda: gate.wait(PATIENCE), thread=True) for _ in range(N_THREADS)]
        waiting = Jobs.Action(lambda: called.append(1), thread=True, critical=False, timeout=0.01)
        behind = Jobs.Action(gate.set, requires=waiting)
        self.assertTrue(Jobs.Engine(holding, waiting, behind).orchestrate(timeout=PATIENCE))
        self.assertEqual((waiting.get_state(), called), (State.TIMED_OUT, []))

    def test_given_up(self):
        """What does not end is left behind, and tells nobody when it does."""
        gate = threading.Event()
        ended = threading.Event()

        def work():
            gate.wait(PATIENCE)
            ended.set()
        context = GLib.MainContext.new()
        context.push_thread_default()
        self.addCleanup(context.pop_thread_default)
        action = Jobs.Action(work, thread=True, timeout=0.01)
        self.assertFalse(Jobs.Engine(action, grace=0.01).orchestrate())
        self.assertTrue(action.get_error().matches(Jobs.error_quark(), Jobs.Error.STUCK))
        gate.set()
        self.assertTrue(ended.wait(PATIENCE))

    def test_wrong(self):
        def steps():
            yield
        for wrong in boom, steps, steps():
            with self.assertRaises(TypeError):
                Jobs.Action(wrong, thread=True)
        coroutine = give(1)
        with self.assertRaises(TypeError):
            Jobs.Action(coroutine, thread=True)
        coroutine.close()


if __name__ == "__main__":
    tap.main()
