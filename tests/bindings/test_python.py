#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library in Python, with its override."""

import asyncio
import contextlib
import gc
import subprocess
import threading
import time
import traceback
import unittest
import warnings

import gi

gi.require_version("Jobs", "1")
from gi.repository import Gio, GLib, GObject, Jobs

import tap
from tap import boom, forever, give

State = Jobs.State


def is_error(error, code):
    return isinstance(error, GLib.Error) and error.matches(Jobs.error_quark(), code)


def collect():
    for _ in range(3):
        gc.collect()


class Action(unittest.TestCase):
    """What an action is made of, and what it gives."""

    def run_one(self, corun, **kwargs):
        action = Jobs.Action(corun, **kwargs)
        Jobs.Engine(action).orchestrate()
        return action

    def test_factory(self):
        action = Jobs.Action(lambda: 1, label="one")
        self.assertIsInstance(action, Jobs.Action)
        self.assertIsInstance(action, Jobs.AbstractAction)
        self.assertEqual(action.get_label(), "one")
        for wrong in (None, 3, "text", [lambda: 1]):
            with self.assertRaises(TypeError):
                Jobs.Action(wrong)
        with self.assertRaises(TypeError):
            Jobs.Action(lambda: 1, lable="typo")

    def test_sources(self):
        async def function():
            return "function"

        future = lambda: asyncio.ensure_future(give("future"))
        for corun, want in ((give("coroutine"), "coroutine"), (function, "function"),
                            (lambda: give("lambda"), "lambda"), (lambda: "plain", "plain"),
                            (future, "future")):
            self.assertEqual(self.run_one(corun).result(), want)

    def test_results_are_kept(self):
        thing = object()
        values = [None, True, False, 0, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**63 - 1, -2**63,
                  2**63, 10**40, 0.0, 1500.0, 1e300, float("inf"), "", "text", "ü", "a\0b", "\udcff",
                  b"bytes", (1, 2), {"a": [1]}, {1}, thing, ValueError("no error"), State.IDLE, Jobs.Action]
        for value in values:
            for corun in (give(value), lambda: value if value is not Jobs.Action else give(value)):
                have = self.run_one(corun).result()
                self.assertEqual(have, value)
                self.assertIs(type(have), type(value))
        self.assertIs(self.run_one(give(thing)).result(), thing)

    def test_text(self):
        for value, want in ((1000, "1000"), (1500.0, "1500.0"), (True, "True"), (None, "None"),
                            ("ab", "ab"), ({"a": 1}, "{'a': 1}"), (2**70, str(2**70)), ([1, 2], "[1, 2]")):
            action = self.run_one(give(value), label="a")
            self.assertEqual(str(action), f"<Action `a' finished -> {want}>")
            self.assertEqual(repr(action), str(action))

    def test_result_too_early(self):
        action = Jobs.Action(give(1))
        with self.assertRaises(ValueError):
            action.result()
        behind = Jobs.Action(give(2), requires=Jobs.Action(boom()))
        Jobs.Engine(behind, behind.requirements).orchestrate()
        with self.assertRaises(ValueError):
            behind.result()

    def test_exception_is_kept(self):
        action = self.run_one(boom("with a traceback"), label="a")
        self.assertEqual(action.get_state(), State.FAILED)
        self.assertTrue(action.is_done())
        self.assertIsInstance(action.exception, ValueError)
        self.assertIs(action.error, action.exception)
        names = [frame.name for frame in traceback.extract_tb(action.exception.__traceback__)]
        self.assertIn("boom", names)
        for _ in range(3):
            with self.assertRaises(ValueError) as caught:
                action.result()
            self.assertIs(caught.exception, action.exception)
        self.assertEqual([frame.name for frame in traceback.extract_tb(action.exception.__traceback__)], names)
        self.assertEqual(str(action), "<Action `a' failed !! ValueError: with a traceback>")

    def test_exceptions_of_all_kinds(self):
        class Silent(Exception):
            def __str__(self):
                raise RuntimeError

        for error in (KeyError("deep"), Silent(), OSError(2, "gone"), Exception("\udcff \0"), StopIteration()):
            def fail():
                raise error
            self.assertIs(self.run_one(fail).exception, error)
        gerror = GLib.Error.new_literal(Gio.io_error_quark(), "not there", Gio.IOErrorEnum.NOT_FOUND)

        async def fail():
            raise gerror
        action = self.run_one(fail)
        self.assertIs(action.exception, gerror)
        self.assertTrue(action.get_error().matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND))

    def test_seconds(self):
        action = Jobs.Action(lambda: 1, timeout=1.5, retry_delay=0.25)
        self.assertEqual(action.props.timeout, 1500)
        self.assertEqual(action.get_timeout(), 1.5)
        self.assertEqual(action.get_retry_delay(), 0.25)
        action.set_timeout(None)
        self.assertEqual(action.props.timeout, 0)
        action.set_timeout(0.0001)
        self.assertEqual(action.props.timeout, 1)
        for wrong in (-1, float("nan"), 10**9):
            with self.assertRaises(ValueError):
                action.set_timeout(wrong)
            with self.assertRaises(ValueError):
                Jobs.Engine(grace=wrong)
        engine = Jobs.Engine(grace=2, shutdown_timeout=None)
        self.assertEqual((engine.props.grace, engine.props.shutdown_timeout), (2000, 0))
        self.assertEqual(Jobs.DelayAction(0.5).props.delay, 500)

    def test_timeout(self):
        action = Jobs.Action(forever, timeout=0.02)
        self.assertFalse(Jobs.Engine(action).orchestrate())
        self.assertEqual(action.get_state(), State.TIMED_OUT)
        self.assertIsInstance(action.exception, TimeoutError)

    def test_retries(self):
        tries = []

        async def third():
            tries.append(Jobs.current_attempt().get_number())
            if len(tries) < 3:
                raise ValueError
            return "good"
        action = self.run_one(third, retries=5, retry_delay=0.001)
        self.assertEqual(action.result(), "good")
        self.assertEqual(len(tries), 3)
        self.assertEqual(len(set(tries)), 3)
        self.assertIsNone(action.exception)

    def test_runs_again(self):
        counts = []
        action = Jobs.Action(lambda: counts.append(1))
        engine = Jobs.Engine(action)
        self.assertTrue(engine.orchestrate())
        self.assertTrue(engine.orchestrate())
        self.assertEqual(len(counts), 2)

    def test_spent_coroutine(self):
        action = Jobs.Action(give(1))
        engine = Jobs.Engine(action)
        self.assertTrue(engine.orchestrate())
        self.assertFalse(engine.orchestrate())
        self.assertIsInstance(action.exception, RuntimeError)
        self.assertIn("cannot reuse already awaited coroutine", str(action.exception))

    def test_skipped_coroutine_is_closed(self):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            first = Jobs.Action(boom())
            coroutine = give(1)
            second = Jobs.Action(coroutine, requires=first)
            self.assertFalse(Jobs.Engine(first, second).orchestrate())
            self.assertEqual(second.get_state(), State.SKIPPED)
            del first, second
            collect()
            with self.assertRaises(RuntimeError):
                coroutine.send(None)
            Jobs.Action(give(1))
            collect()
        self.assertEqual([str(warning.message) for warning in seen], [])

    def test_attempt(self):
        reports = []

        async def report():
            Jobs.current_attempt().report(0.5, "half")
            await asyncio.sleep(0)
        action = Jobs.Action(report)
        engine = Jobs.Engine(action)
        engine.connect("action-progress", lambda engine, action: reports.append(
            (action.get_progress(), action.get_message())))
        self.assertTrue(engine.orchestrate())
        self.assertEqual(reports, [(0.5, "half")])
        with self.assertRaises(LookupError):
            Jobs.current_attempt()

    def test_ready(self):
        async def serve():
            Jobs.current_attempt().ready()
            await asyncio.Event().wait()
        server = Jobs.Action(serve, forever=True)
        client = Jobs.Action(give("served")).requires(server, condition="ready")
        self.assertTrue(Jobs.Engine(server, client).orchestrate(timeout=10))
        self.assertEqual(client.result(), "served")
        self.assertEqual(server.get_state(), State.CANCELLED)

    def test_alone(self):
        action = Jobs.Action(lambda: give(4))
        self.assertTrue(action.run())
        self.assertEqual(action.result(), 4)
        self.assertFalse(Jobs.Action(boom()).run())
        with self.assertRaises(ValueError):
            Jobs.Action(boom()).run(check=True)


class Kinds(unittest.TestCase):
    """Classes of one's own."""

    def test_coroutine(self):
        class Mine(Jobs.AbstractAction):
            def __init__(self, value, **kwargs):
                super().__init__(**kwargs)
                self.value = value

            async def corun(self):
                return self.value

        action = Mine(3, label="mine", critical=False)
        self.assertTrue(Jobs.Engine(action).orchestrate())
        self.assertEqual(action.result(), 3)
        bare = type("Bare", (Jobs.AbstractAction,), {})()
        self.assertFalse(Jobs.Engine(bare).orchestrate())
        self.assertIsInstance(bare.exception, NotImplementedError)

    def test_shutdown(self):
        events = []

        class Mine(Jobs.AbstractAction):
            async def corun(self):
                events.append("run")

            async def coshutdown(self):
                await asyncio.sleep(0.01)
                events.append("shutdown")

        class Derived(Mine):
            pass

        class Raising(Mine):
            async def coshutdown(self):
                raise KeyError("at the end")

        raising = Raising()
        self.assertTrue(Jobs.Engine(Mine(), Derived(), raising).orchestrate())
        self.assertEqual(events, ["run"] * 3 + ["shutdown"] * 2)
        self.assertIsNone(raising.exception)

    def test_shutdown_is_cut(self):
        ends = []

        class Mine(Jobs.AbstractAction):
            async def corun(self):
                pass

            async def coshutdown(self):
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    ends.append("cut")
                    raise

        self.assertTrue(Jobs.Engine(Mine(), shutdown_timeout=0.02).orchestrate())
        self.assertEqual(ends, ["cut"])

    def test_vfuncs(self):
        class Mine(Jobs.Action):
            def do_start(self, attempt):
                GLib.idle_add(lambda: attempt.complete({"a": 1}))
                return True

            def do_dup_label(self):
                return "of the class"

        action = Mine()
        self.assertTrue(Jobs.Engine(action).orchestrate())
        self.assertEqual(action.result(), {"a": 1})
        self.assertEqual(str(action), "<Action `of the class' finished -> {'a': 1}>")

    def test_perform(self):
        class Mine(Jobs.Action):
            def do_perform(self):
                self.take_result(7)
                return True

        class Raising(Jobs.Action):
            def do_perform(self):
                raise LookupError("not there")

        mine, raising = Mine(), Raising(critical=False)
        self.assertTrue(Jobs.Engine(mine, raising).orchestrate())
        self.assertEqual(mine.result(), 7)
        self.assertIsInstance(raising.exception, LookupError)

    def test_stop(self):
        stopped = []

        class Mine(Jobs.Action):
            def do_start(self, attempt):
                self.attempt = attempt
                return True

            def do_stop(self, attempt):
                stopped.append(attempt is self.attempt)
                attempt.complete("in the end")
                return True

        action = Mine(forever=True)
        self.assertTrue(Jobs.Engine(action, Jobs.Action(give(1))).orchestrate())
        self.assertEqual(stopped, [True])
        self.assertEqual(action.result(), "in the end")

    def test_start_without_true(self):
        class Mine(Jobs.Action):
            def do_start(self, attempt):
                pass

        action = Mine()
        self.assertFalse(Jobs.Engine(action).orchestrate())
        self.assertEqual(action.get_state(), State.FAILED)

    def test_abandoned(self):
        class Mine(Jobs.Action):
            def do_start(self, attempt):
                return True

        action = Mine()
        self.assertFalse(Jobs.Engine(action).orchestrate(timeout=10))
        self.assertTrue(is_error(action.exception, Jobs.Error.ABANDONED))

    def test_exception_of_another_run(self):
        class Mine(Jobs.Action):
            def do_start(self, attempt):
                if self.get_error() is not None or not hasattr(self, "ran"):
                    self.ran = True
                    raise ValueError
                return True

        action = Mine()
        engine = Jobs.Engine(action)
        self.assertFalse(engine.orchestrate())
        self.assertIsInstance(action.exception, ValueError)
        self.assertFalse(engine.orchestrate())
        self.assertTrue(is_error(action.exception, Jobs.Error.ABANDONED))

    def test_other_thread(self):
        class Mine(Jobs.Action):
            def do_start(self, attempt):
                threading.Thread(target=attempt.complete, args=[[1, 2]]).start()
                return True

        actions = [Mine() for _ in range(20)]
        self.assertTrue(Jobs.Engine(actions).orchestrate())
        self.assertEqual([action.result() for action in actions], [[1, 2]] * 20)


class Graph(unittest.TestCase):
    """Requirements, sequences, and what an engine holds."""

    def setUp(self):
        self.actions = [Jobs.Action(lambda: 1, label=label) for label in "abcd"]

    def test_requires(self):
        a, b, c, d = self.actions
        self.assertIs(d.requires(a, None, [b, [c, [None]]], d, a), d)
        self.assertEqual(d.requirements, [a, b, c])
        d.requires(b, remove=True)
        self.assertEqual(d.requirements, [a, c])
        with self.assertRaises(KeyError):
            d.requires(b, remove=True)
        for wrong in ("text", 3, [3], b"x"):
            with self.assertRaises(TypeError):
                d.requires(wrong)
        with self.assertRaises(ValueError):
            d.requires(a, condition="sometimes")
        self.assertEqual(Jobs.Action(lambda: 1, requires=[a, b]).requirements, [a, b])

    def test_engine(self):
        a, b, c, d = self.actions
        engine = Jobs.Engine(a, None, [b], label="e")
        self.assertEqual((len(engine), list(engine), engine.actions), (2, [a, b], [a, b]))
        self.assertIs(engine.add(c), c)
        self.assertIs(engine.update([d, a]), engine)
        self.assertEqual(engine.actions, self.actions)
        self.assertTrue(b in engine and engine[1] is b)
        self.assertIs(engine.remove(b), engine)
        self.assertNotIn(b, engine)
        self.assertNotIn("text", engine)
        with self.assertRaises(KeyError):
            engine.remove(b)
        with self.assertRaises(ValueError):
            Jobs.Engine(a)
        self.assertTrue(Jobs.Engine())
        with self.assertRaises(ValueError):
            engine.add(engine)
        outer = Jobs.Engine(engine)
        with self.assertRaises(ValueError):
            engine.add(outer)

    def test_engine_is_an_action(self):
        a, b = self.actions[:2]
        inner = Jobs.Engine(a)
        b.requires(inner)
        self.assertEqual(b.requirements, [inner])
        self.assertEqual(Jobs.Engine(inner, b).actions, [inner, b])

    def test_sequence(self):
        a, b, c, d = self.actions
        sequence = Jobs.Sequence(b, [c], requires=a)
        d.requires(sequence)
        self.assertEqual((b.requirements, c.requirements, d.requirements), ([a], [b], [c]))
        engine = Jobs.Engine(sequence, d, a)
        self.assertEqual(engine.actions, [b, c, d, a])
        late = Jobs.Action(lambda: 1)
        sequence.append(late)
        self.assertIn(late, engine)
        self.assertEqual(late.requirements, [c])
        self.assertEqual(len(sequence), 3)
        self.assertTrue(Jobs.Sequence())
        self.assertTrue(engine.orchestrate())

    def test_bad_graphs(self):
        a, b, c, d = self.actions
        a.requires(b)
        b.requires(a)
        with self.assertRaises(ValueError) as caught:
            Jobs.Engine(a, b).orchestrate()
        self.assertIn("a -> b -> a", str(caught.exception))
        c.requires(d)
        engine = Jobs.Engine(c)
        with self.assertRaises(ValueError):
            engine.check()
        engine.add(d)
        self.assertEqual(engine.check(), [])
        self.assertEqual(engine.dup_order(), [d, c])
        self.assertEqual(c.get_state(), State.IDLE)

    def test_board(self):
        a, b, _, _ = self.actions
        engine = Jobs.Engine(a, b)
        b.requires(a, condition="success")
        board = Jobs.EngineBoard.new(engine)
        loop, told = GLib.MainLoop(), []

        def take(board, result):
            told.extend(board.list_requirements_finish(result))
            loop.quit()

        board.list_requirements_async(list(board), None, take)
        loop.run()
        collect()
        self.assertEqual([(one.line.get_label(), one.other.get_label(), one.condition) for one in told],
                         [("b", "a", Jobs.Condition.SUCCESS)])

    def test_pools(self):
        pool = Jobs.Pool("licences", 2)
        most = now = 0

        async def hold():
            nonlocal most, now
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.005)
            now -= 1
        self.assertTrue(Jobs.Engine([Jobs.Action(hold, pools=pool) for _ in range(6)]).orchestrate())
        self.assertEqual(most, 2)
        self.assertTrue(Jobs.Engine([Jobs.Action(hold, pools={pool: 2}) for _ in range(2)]).orchestrate())
        with self.assertRaises(ValueError):
            Jobs.Engine(Jobs.Action(hold, pools={pool: 3})).orchestrate()


class Engine(unittest.TestCase):
    """Runs."""

    def test_resource(self):
        """What several actions share is opened once, and closed after the last."""
        events = []

        class Connection(GObject.Object, Jobs.Resource):
            def do_open(self, attempt):
                events.append("open")
                GLib.idle_add(lambda: attempt.complete())
                return True

            def do_close(self, attempt):
                events.append("close")
                attempt.complete()
                return True

        connection = Connection()
        actions = [Jobs.Action(lambda: events.append("use"), uses=connection) for _ in range(3)]
        actions[2].requires(actions[1])
        self.assertTrue(Jobs.Engine(actions).orchestrate(timeout=20))
        self.assertEqual(events, ["open", "use", "use", "use", "close"])

    def test_surgery(self):
        a, b, c, d = (Jobs.Action(lambda: 1, label=label) for label in "abcd")
        chain = Jobs.Sequence(a, b, c, d)
        engine = Jobs.Engine(chain)
        engine.bypass_and_remove(b)
        self.assertEqual(c.requirements, [a])
        engine.keep_only_between(starts=a, ends=[c])
        self.assertEqual(engine.actions, [a, c])
        engine.keep_only(c)
        self.assertEqual((engine.actions, c.requirements), ([c], []))
        self.assertTrue(engine.orchestrate())

    def test_check(self):
        engine = Jobs.Engine(Jobs.Action(give(1)), Jobs.Action(boom("deep"), label="b"))
        self.assertFalse(engine.orchestrate())
        self.assertIsInstance(engine.error, ValueError)
        engine = Jobs.Engine(Jobs.Engine(Jobs.Engine(Jobs.Action(boom("deep")))))
        with self.assertRaisesRegex(ValueError, "deep"):
            engine.orchestrate(check=True)
        engine = Jobs.Engine(Jobs.Action(forever))
        with self.assertRaises(TimeoutError):
            engine.orchestrate(timeout=0.02, check=True)
        self.assertEqual(engine.get_timeout(), 0)

    def test_first_failure_is_the_error(self):
        async def late():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise KeyError("late") from None
        engine = Jobs.Engine(Jobs.Action(late), Jobs.Action(boom("first")), Jobs.Action(late))
        self.assertFalse(engine.orchestrate())
        self.assertEqual(str(engine.error), "first")

    def test_timeout(self):
        start = time.monotonic()
        engine = Jobs.Engine(Jobs.Action(forever))
        self.assertFalse(engine.orchestrate(timeout=0.05))
        self.assertGreaterEqual(time.monotonic() - start, 0.05)
        self.assertIsInstance(engine.error, TimeoutError)

    def test_busy(self):
        seen = []

        async def again():
            try:
                engine.orchestrate()
            except RuntimeError as error:
                seen.append(error)
        engine = Jobs.Engine(Jobs.Action(again))
        self.assertTrue(engine.orchestrate())
        self.assertEqual(len(seen), 1)
        with contextlib.suppress(RuntimeError):
            engine.orchestrate(timeout=1)

    def test_cancel(self):
        seen = []

        async def cancelled():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                seen.append("asked")
                await asyncio.sleep(0.01)
                seen.append("ended")
                raise
        action = Jobs.Action(cancelled)
        engine = Jobs.Engine(action, Jobs.Action(lambda: GLib.idle_add(engine.cancel) and None))
        self.assertFalse(engine.orchestrate())
        self.assertEqual(seen, ["asked", "ended"])
        self.assertEqual(action.get_state(), State.CANCELLED)
        self.assertTrue(engine.error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_cancels_itself(self):
        async def give_up():
            raise asyncio.CancelledError
        action = Jobs.Action(give_up, critical=False)
        self.assertTrue(Jobs.Engine(action).orchestrate())
        self.assertEqual(action.get_state(), State.CANCELLED)

    def test_nested_blocking(self):
        """A coroutine that blocks on another engine, whose jobs need a loop too."""
        async def block():
            return Jobs.Engine(Jobs.Action(give("inner", 0.01))).orchestrate()
        actions = [Jobs.Action(block) for _ in range(3)]
        self.assertTrue(Jobs.Engine(actions).orchestrate())
        self.assertEqual([action.result() for action in actions], [True] * 3)

    def test_nested_awaited(self):
        inner = Jobs.Engine(Jobs.Action(give("inner", 0.01)))
        action = Jobs.Action(inner.orchestrate_async)
        self.assertTrue(Jobs.Engine(action).orchestrate())
        self.assertIs(action.result(), True)

    def test_signals(self):
        seen = []
        action = Jobs.Action(give(1))
        engine = Jobs.Engine(action)
        engine.connect("started", lambda engine: seen.append("started"))
        engine.connect("action-state-changed", lambda engine, action, old, new: seen.append((old, new)))
        engine.connect("finished", lambda engine, success: seen.append(success))
        engine.orchestrate()
        self.assertEqual(seen[0], "started")
        self.assertEqual(seen[-1], True)
        self.assertEqual(seen[-2][1], State.FINISHED)

    def test_asyncio_inside(self):
        """What a loop has to offer, as a guest of GLib."""
        async def process():
            child = await asyncio.create_subprocess_exec("echo", "hello", stdout=asyncio.subprocess.PIPE)
            return (await child.communicate())[0]

        async def sockets():
            async def answer(reader, writer):
                writer.write((await reader.readline()).upper())
                writer.close()
            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            async with server:
                reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                writer.write(b"text\n")
                line = await reader.readline()
                writer.close()
                await writer.wait_closed()
            return line

        async def timers():
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.01)
            handle = asyncio.get_running_loop().call_later(0.001, self.fail)
            handle.cancel()
            await asyncio.sleep(0.01)
            return len(await asyncio.gather(*(give(i, 0.01) for i in range(500))))

        async def executor():
            return await asyncio.to_thread(threading.get_ident)

        actions = [Jobs.Action(function) for function in (process, sockets, timers, executor)]
        Jobs.Engine(actions).orchestrate(check=True)
        self.assertEqual([action.result() for action in actions[:3]], [b"hello\n", b"TEXT\n", 500])
        self.assertNotEqual(actions[3].result(), threading.get_ident())

    def test_busy_coroutine_starves_nobody(self):
        ticks = 0

        def tick():
            nonlocal ticks
            ticks += 1
            return GLib.SOURCE_CONTINUE

        async def spin():
            # As often as it takes: without its turn the other source never ticks
            while ticks < 10:
                await asyncio.sleep(0)
        source = GLib.idle_add(tick, priority=GLib.PRIORITY_HIGH_IDLE + 20)
        self.assertTrue(Jobs.Engine(Jobs.Action(spin)).orchestrate(timeout=30))
        GLib.source_remove(source)


class Size(unittest.TestCase):
    """100 000 jobs with 300 000 requirements, in a few seconds."""

    N_JOBS = 100000
    LIMIT = 30

    def run_many(self, make):
        start = time.monotonic()
        actions = [make() for _ in range(self.N_JOBS)]
        for i, action in enumerate(actions):
            if i >= 3:
                action.requires(actions[i - 1], actions[i // 2], actions[i // 3])
        engine = Jobs.Engine(actions)
        built = time.monotonic()
        engine.check()
        checked = time.monotonic()
        self.assertTrue(engine.orchestrate())
        ran = time.monotonic()
        self.assertEqual(engine.count(State.FINISHED), self.N_JOBS)
        print(f"# build {built - start:.2f} s, check {checked - built:.2f} s, run {ran - checked:.2f} s")
        self.assertLess(ran - start, self.LIMIT)

    def test_delays(self):
        self.run_many(Jobs.DelayAction)

    def test_functions(self):
        count = [0]

        def work():
            count[0] += 1
        self.run_many(lambda: Jobs.Action(work))
        self.assertEqual(count[0], self.N_JOBS)


if __name__ == "__main__":
    tap.main()
