#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What asyncio can wait for: engines, actions as they end, open resources, and GIO; in
each of the loops that there are."""

import asyncio
import contextlib
import gc
import os
import threading
import traceback
import unittest
import weakref

import gi

gi.require_version("Jobs", "1")
from gi.repository import Gio, GLib, GObject, Jobs

import tap
from tap import boom, forever, give

State = Jobs.State


def run_as_action(coroutine):
    """Inside of a run that blocks."""
    action = Jobs.Action(coroutine)
    Jobs.Engine(action).orchestrate(check=True)
    return action.result()


def run_late_as_action(coroutine):
    """The same, but not in the first step, which is made outside of the loop."""
    async def late():
        await asyncio.sleep(0)
        return await coroutine
    return run_as_action(late)


def run_with(new_loop):
    def run(coroutine):
        loop = new_loop()
        try:
            return loop.run_until_complete(coroutine)
        finally:
            loop.close()
    return run


def derived(loop_type):
    """As a program may have it, which is in no package of theirs."""
    return type("Derived", (loop_type,), {"__module__": __name__})


def find_loops():
    loops = {
        "asyncio": asyncio.run,
        "action": run_as_action,
        "late action": run_late_as_action,
        "main context": run_with(Jobs.MainContextLoop),
    }
    # Made for the time before gi.events, and fails with it
    if gi.version_info < (3, 50):
        with contextlib.suppress(ImportError):
            import gbulb
            loops["gbulb"] = run_with(lambda: gbulb.GLibEventLoop(context=GLib.MainContext.default()))
            loops["gbulb elsewhere"] = run_with(gbulb.GLibEventLoop)
            loops["gbulb's derived"] = run_with(
                lambda: derived(gbulb.GLibEventLoop)(context=GLib.MainContext.default()))
    with contextlib.suppress(ImportError):
        from gi.events import GLibEventLoop
        loops["gi.events"] = run_with(lambda: GLibEventLoop(GLib.MainContext.default()))
        loops["gi.events' derived"] = run_with(lambda: derived(GLibEventLoop)(GLib.MainContext.default()))
    return loops


LOOPS = find_loops()


def everywhere(test):
    """Runs the coroutine that is a test in each loop."""
    def call(self):
        for name, run in LOOPS.items():
            try:
                run(test(self))
            except Exception as error:
                error.add_note(f"in the loop: {name}")
                raise
    return call


async def until(condition):
    while not condition():
        # gi.events spins for what is less than a millisecond ahead, and others starve
        await asyncio.sleep(0.005)


def collect():
    for _ in range(3):
        gc.collect()


class Connection(GObject.Object, Jobs.Resource):
    """What is opened and closed takes its time."""

    def __init__(self, gateway=None, fails=False):
        super().__init__()
        self.events = []
        self.gateway = gateway
        self.fails = fails

    def _end_soon(self, attempt, event):
        # In another thread: the main context may be any
        threading.Thread(target=self._end, args=[attempt, event]).start()

    def _end(self, attempt, event):
        self.events.append(event)
        if self.fails:
            attempt.fail(GLib.Error.new_literal(Gio.io_error_quark(), "gone", Gio.IOErrorEnum.NOT_FOUND))
        else:
            attempt.complete()

    def do_open(self, attempt):
        self._end_soon(attempt, "opened")
        return True

    def do_close(self, attempt):
        self._end_soon(attempt, "closed")
        return True

    def do_get_parent(self):
        return self.gateway


class Never(GObject.Object, Jobs.Resource):
    """Does not open until it is told to stop."""

    def __init__(self):
        super().__init__()
        self.begun = asyncio.Event()
        self.ended = False

    def do_open(self, attempt):
        self.attempt = attempt
        # Not Gio.Cancellable.connect(), which must not be undone inside of it
        self.handler = GObject.Object.connect(attempt.get_cancellable(), "cancelled", self._stop)
        self.begun.set()
        return True

    def _stop(self, *_):
        self.ended = True
        self.attempt.fail(asyncio.CancelledError())


class Engines(unittest.TestCase):
    """`await engine`."""

    @everywhere
    async def test_await(self):
        action = Jobs.Action(lambda: give(1, 0.001))
        engine = Jobs.Engine(action, Jobs.DelayAction(0.001))
        self.assertIs(await engine, True)
        self.assertEqual(action.result(), 1)
        self.assertIs(await engine, True)
        self.assertIs(await Jobs.Engine(Jobs.Action(boom)), False)

    @everywhere
    async def test_loop(self):
        async def look():
            return asyncio.get_running_loop()
        action = Jobs.Action(look)
        self.assertTrue(await Jobs.Engine(action))
        self.assertIs(action.result(), asyncio.get_running_loop())

    @everywhere
    async def test_as_asyncio_has_it(self):
        engines = [Jobs.Engine(Jobs.Action(lambda: give(1, 0.001))) for _ in range(3)]
        self.assertEqual(await asyncio.gather(*engines), [True] * 3)
        self.assertIs(await asyncio.ensure_future(engines[0]), True)
        slow = Jobs.Engine(Jobs.Action(forever))
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(slow, 0.01)
        # It has ended before anybody goes on
        self.assertFalse(slow.is_active())
        self.assertEqual(slow[0].get_state(), State.CANCELLED)

    @everywhere
    async def test_cancel_both_ways(self):
        seen = []

        async def work():
            seen.append("running")
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.001)
                seen.append("ended")
        engine = Jobs.Engine(Jobs.Action(work))
        task = asyncio.ensure_future(engine)
        await until(lambda: seen)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertEqual(seen, ["running", "ended"])

        task = asyncio.ensure_future(engine)
        await until(lambda: len(seen) == 3)
        engine.cancel()
        self.assertIs(await task, False)
        self.assertEqual(seen, ["running", "ended"] * 2)

    @everywhere
    async def test_misuse(self):
        a, b = Jobs.Action(lambda: 1), Jobs.Action(lambda: 1)
        a.requires(b.requires(a))
        with self.assertRaises(ValueError):
            await Jobs.Engine(a, b)
        engine = Jobs.Engine(Jobs.Action(lambda: give(1, 0.01)))
        task = asyncio.ensure_future(engine)
        await until(lambda: engine.is_active())
        with self.assertRaises(RuntimeError):
            await engine
        self.assertTrue(await task)

    @everywhere
    async def test_refused_and_cancelled(self):
        """That does nothing to the run of somebody else."""
        gate = asyncio.Event()
        engine = Jobs.Engine(Jobs.Action(gate.wait))
        alone = Jobs.Action(gate.wait)
        for action, run, others in [
                (engine[0], engine.orchestrate_async, [engine.orchestrate_async, engine.shutdown_async]),
                (alone, alone.run_async, [alone.run_async])]:
            gate.clear()
            task = asyncio.ensure_future(run())
            await until(lambda: action.get_state() == State.RUNNING)
            for other in others:
                refused = asyncio.ensure_future(other())
                # To its first step
                await asyncio.sleep(0)
                refused.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await refused
                with self.assertRaises(RuntimeError):
                    await other()
            gate.set()
            self.assertTrue(await task)

    @everywhere
    async def test_cancellable(self):
        """The program's own one, which it may share."""
        async def cancel():
            await until(lambda: action.get_state() == State.RUNNING)
            cancellable.cancel()
        action = Jobs.Action(forever)
        engine = Jobs.Engine(action)
        for run in engine.orchestrate_async, action.run_async:
            cancellable = Gio.Cancellable()
            verdict, _ = await asyncio.gather(run(cancellable), cancel())
            self.assertIs(verdict, False)
            self.assertEqual(action.get_state(), State.CANCELLED)
            # From the start
            self.assertIs(await run(cancellable), False)

        cancellable = Gio.Cancellable()
        task = asyncio.ensure_future(engine.orchestrate_async(cancellable))
        await until(lambda: action.get_state() == State.RUNNING)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertFalse(cancellable.is_cancelled())

    def test_callback(self):
        engine = Jobs.Engine()
        for wrong in {"timeout": 1}, {"check": True}:
            with self.assertRaises(TypeError):
                engine.orchestrate_async(None, self.fail, **wrong)
        self.assertFalse(engine.is_active())

    @everywhere
    async def test_incomplete(self):
        """Whatever was raised while the others went on is the cause of what is raised."""
        one = Jobs.Engine(Jobs.Action(lambda: boom("one")), Jobs.Action(lambda: 1), on_failure="keep-going")
        two = Jobs.Engine(Jobs.Action(forever, timeout=0.001), Jobs.Action(lambda: boom("two")), window=1,
                          on_failure="keep-going")
        for engine, kinds in (one, [ValueError]), (two, [TimeoutError, ValueError]):
            with self.assertRaises(GLib.Error) as caught:
                await engine.orchestrate_async(check=True)
            self.assertTrue(caught.exception.matches(Jobs.error_quark(), Jobs.Error.INCOMPLETE))
            cause = caught.exception.__cause__
            self.assertEqual([type(error) for error in getattr(cause, "exceptions", [cause])], kinds)
            self.assertEqual(isinstance(cause, ExceptionGroup), len(kinds) > 1)
            self.assertEqual(traceback.extract_tb(engine[len(kinds) - 1].exception.__traceback__)[-1].name, "boom")

    @everywhere
    async def test_block_meanwhile(self):
        """A loop that knows nothing of GLib, or not enough, is set aside."""
        seen = []
        ticking = asyncio.get_running_loop().call_soon(seen.append, "not inside of it")
        inner = Jobs.Engine(Jobs.Action(lambda: give("inner", 0.001)))
        self.assertTrue(inner.orchestrate())
        self.assertEqual(inner[0].result(), "inner")
        ticking.cancel()
        if not isinstance(asyncio.get_running_loop(), Jobs.MainContextLoop):
            self.assertEqual(seen, [])
        self.assertTrue(await Jobs.Engine(Jobs.Action(lambda: give(1, 0.001))))

    @everywhere
    async def test_clear(self):
        engine = Jobs.Engine(Jobs.Action(lambda: 1) for _ in range(3))
        await engine.clear_async()
        self.assertEqual(len(engine), 0)


class Completed(unittest.TestCase):
    """`async for action in engine.as_completed()`."""

    def make(self, *delays):
        actions = [Jobs.Action(give(delay, delay), label=str(delay)) for delay in delays]
        return Jobs.Engine(actions)

    @everywhere
    async def test_order(self):
        engine = Jobs.Engine(window=1)
        actions = [engine.add(Jobs.Action(lambda: give(1), label=label)) for label in "abc"]
        actions[0].requires(actions[2])
        seen = [action async for action in engine.as_completed()]
        self.assertEqual([action.get_label() for action in seen], ["b", "c", "a"])
        self.assertTrue(all(action in actions for action in seen))

    @everywhere
    async def test_comes_as_it_ends(self):
        gate = asyncio.Event()
        engine = Jobs.Engine(Jobs.Action(lambda: give("first")), Jobs.Action(gate.wait))
        results = []
        async for action in engine.as_completed():
            # The second one ends for no other reason
            results.append(action.result())
            gate.set()
        self.assertEqual(results, ["first", True])
        self.assertFalse(engine.is_active())

    @everywhere
    async def test_all_ends(self):
        bad = Jobs.Action(boom, label="bad")
        behind = Jobs.Action(lambda: 1, label="behind", requires=bad)
        inner = Jobs.Engine(Jobs.Action(lambda: 1, label="not told"), label="inner", critical=False)
        engine = Jobs.Engine(bad, behind, inner, on_failure="keep-going")
        states = {action.get_label(): action.get_state() async for action in engine.as_completed()}
        self.assertEqual(states, {"bad": State.FAILED, "behind": State.SKIPPED, "inner": State.FINISHED})
        with self.assertRaises(ValueError):
            async for _ in Jobs.Engine(Jobs.Action(boom)).as_completed(check=True):
                pass

    @everywhere
    async def test_misuse(self):
        engine = Jobs.Engine()
        self.assertEqual([action async for action in engine.as_completed()], [])
        a, b = Jobs.Action(lambda: 1), Jobs.Action(lambda: 1)
        engine.add(a.requires(b.requires(a)))
        engine.add(b)
        with self.assertRaises(ValueError):
            async for _ in engine.as_completed():
                self.fail("nothing can run")

    @everywhere
    async def test_timeout(self):
        engine = Jobs.Engine(Jobs.Action(forever))
        states = [action.get_state() async for action in engine.as_completed(timeout=0.01)]
        self.assertEqual(states, [State.CANCELLED])
        self.assertIsInstance(engine.exception, TimeoutError)

    @everywhere
    async def test_leave(self):
        """The run is cancelled, and nothing goes on behind that."""
        engine = Jobs.Engine(Jobs.Action(lambda: give("first")), Jobs.Action(forever))
        async with engine.as_completed() as ended:
            async for action in ended:
                break
        self.assertEqual(action.result(), "first")
        self.assertFalse(engine.is_active())
        self.assertEqual(engine[1].get_state(), State.CANCELLED)
        with self.assertRaises(StopAsyncIteration):
            await ended.__anext__()
        self.assertEqual(len([action async for action in self.make(0.001, 0).as_completed()]), 2)

    @everywhere
    async def test_drop(self):
        """Without `async with` it is cancelled all the same."""
        engine = Jobs.Engine(Jobs.Action(lambda: give("first")), Jobs.Action(forever))
        async for action in engine.as_completed():
            break
        collect()
        await until(lambda: not engine.is_active())
        self.assertEqual(engine[1].get_state(), State.CANCELLED)

    @everywhere
    async def test_cancel(self):
        engine = Jobs.Engine(Jobs.Action(forever))

        async def follow():
            async for _ in engine.as_completed():
                pass
        task = asyncio.ensure_future(follow())
        await until(lambda: engine.is_active())
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertFalse(engine.is_active())

    def test_nothing_stays(self):
        async def main():
            engine = self.make(0.001, 0)
            async for action in engine.as_completed():
                pass
            return weakref.ref(engine), weakref.ref(action)
        references = asyncio.run(main())
        collect()
        self.assertEqual([reference() for reference in references], [None, None])


class Resources(unittest.TestCase):
    """`async with resource`."""

    @everywhere
    async def test_open(self):
        gateway = Connection()
        connection = Connection(gateway)
        async with connection as entered:
            self.assertIs(entered, connection)
            self.assertTrue(connection.is_open() and gateway.is_open())
            self.assertEqual(connection.events, ["opened"])
        self.assertEqual((connection.events, gateway.events), (["opened", "closed"],) * 2)
        self.assertFalse(connection.is_open())

    @everywhere
    async def test_runs_share_it(self):
        connection = Connection()
        async with connection:
            for _ in range(2):
                action = Jobs.Action(lambda: give(connection.is_open(), 0.001), uses=connection)
                self.assertTrue(await Jobs.Engine(action))
                self.assertTrue(action.result())
            # A run that blocks has a main context beside that of gbulb
            if "gbulb" not in str(type(asyncio.get_running_loop()).__mro__):
                self.assertTrue(Jobs.Engine(Jobs.Action(lambda: 1, uses=connection)).orchestrate())
            self.assertEqual(connection.events, ["opened"])
        self.assertEqual(connection.events, ["opened", "closed"])

    @everywhere
    async def test_twice(self):
        connection = Connection()
        async with connection:
            async with connection:
                pass
            self.assertEqual(connection.events, ["opened"])
        async with connection:
            pass
        self.assertEqual(connection.events, ["opened", "closed"] * 2)

    @everywhere
    async def test_is_closed_in_any_case(self):
        connection = Connection()
        with self.assertRaises(KeyError):
            async with connection:
                raise KeyError

        async def wait():
            async with connection:
                entered.set()
                await asyncio.Event().wait()
        entered = asyncio.Event()
        task = asyncio.ensure_future(wait())
        await entered.wait()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertEqual(connection.events, ["opened", "closed"] * 2)

    @everywhere
    async def test_cannot_be_opened(self):
        with self.assertRaises(GLib.Error) as caught:
            async with Connection(fails=True):
                self.fail("it is not open")
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND))

    @everywhere
    async def test_cancelled_meanwhile(self):
        resource = Never()

        async def enter():
            async with resource:
                self.fail("it is not open")
        task = asyncio.ensure_future(enter())
        await resource.begun.wait()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertTrue(resource.ended)
        self.assertFalse(resource.is_open())

    @everywhere
    async def test_local_node(self):
        async with Jobs.LocalNode.new("here") as node:
            self.assertTrue(node.is_open())
            action = Jobs.CommandAction.new_shell("true", node, "true")
            self.assertTrue(await Jobs.Engine(action))
        self.assertFalse(node.is_open())

    @everywhere
    async def test_nothing_stays(self):
        connection = Connection()
        async with connection:
            pass
        reference = weakref.ref(connection)
        del connection
        # The last handles of the loop have to go too
        await asyncio.sleep(0.001)
        collect()
        self.assertIsNone(reference())


class GioCalls(unittest.TestCase):
    """`await Jobs.call_async(…)`."""

    def setUp(self):
        self.file = Gio.File.new_tmp("jobs-XXXXXX")[0]
        self.addCleanup(self.file.delete)
        self.file.replace_contents(b"text", None, False, Gio.FileCreateFlags.NONE)

    @everywhere
    async def test_method(self):
        success, contents, _ = await Jobs.call_async(self.file.load_contents_async)
        self.assertEqual((success, contents), (True, b"text"))
        stream = await Jobs.call_async(self.file.read_async, GLib.PRIORITY_DEFAULT)
        data = await Jobs.call_async(stream.read_bytes_async, 2, GLib.PRIORITY_DEFAULT)
        self.assertEqual(data.get_data(), b"te")

    @everywhere
    async def test_process(self):
        process = Gio.Subprocess.new(["cat"], Gio.SubprocessFlags.STDIN_PIPE | Gio.SubprocessFlags.STDOUT_PIPE)
        _, output, _ = await Jobs.call_async(process.communicate_utf8_async, "text")
        self.assertEqual(output, "text")
        self.assertTrue(await Jobs.call_async(process.wait_check_async))

    @everywhere
    async def test_functions_of_classes(self):
        """Which have no object: the function that ends them is found all the same."""
        for method in (Gio.DBusConnection.new_for_address, Gio.DBusProxy.new_for_bus):
            arguments = {
                "new_for_address": ("unix:path=/nowhere", Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None),
                "new_for_bus": (Gio.BusType.SESSION, Gio.DBusProxyFlags.NONE, None, "a.b", "/", "a.b"),
            }[method.__name__]
            # There is no bus: that comes out of the right function
            with self.assertRaises(GLib.Error):
                await Jobs.call_async(method, *arguments)
        with self.assertRaises(GLib.Error):
            await Jobs.call_async(Gio.bus_get, Gio.BusType.SESSION)

    @everywhere
    async def test_jobs_themselves(self):
        engine = Jobs.Engine(Jobs.Action(lambda: 1))
        self.assertTrue(await Jobs.call_async(engine.orchestrate_async))

    @everywhere
    async def test_finish(self):
        """What has more arguments behind the cancellable is called by a function."""
        copy, _ = Gio.File.new_tmp("jobs-XXXXXX")
        self.addCleanup(copy.delete)

        def start(cancellable, ready):
            self.file.copy_async(copy, Gio.FileCopyFlags.OVERWRITE, GLib.PRIORITY_DEFAULT, cancellable,
                                 None, None, ready)
        self.assertTrue(await Jobs.call_async(start, finish=self.file.copy_finish))
        self.assertEqual(copy.load_contents(None)[1], b"text")

    @everywhere
    async def test_error(self):
        with self.assertRaises(GLib.Error) as caught:
            await Jobs.call_async(Gio.File.new_for_path("/nowhere").load_contents_async)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND))

    @everywhere
    async def test_misuse(self):
        for wrong in len, self.file.get_path, lambda: None:
            with self.assertRaisesRegex(TypeError, "finish="):
                await Jobs.call_async(wrong)
        with self.assertRaises(TypeError):
            await Jobs.call_async(self.file.load_contents_async, "one", "too many")

    @everywhere
    async def test_cancel(self):
        """It is passed on, and waited for: the stream can be used again."""
        reader, writer = os.pipe()
        stream = Gio.UnixInputStream.new(reader, True)
        task = asyncio.ensure_future(Jobs.call_async(stream.read_bytes_async, 10, GLib.PRIORITY_DEFAULT))
        await until(lambda: stream.has_pending())
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertFalse(stream.has_pending())
        os.write(writer, b"text")
        os.close(writer)
        data = await Jobs.call_async(stream.read_bytes_async, 10, GLib.PRIORITY_DEFAULT)
        self.assertEqual(data.get_data(), b"text")

    @everywhere
    async def test_action(self):
        """The end of an action is that of what it awaits."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, writer)
        stream = Gio.UnixInputStream.new(reader, True)
        read = Jobs.Action(lambda: Jobs.call_async(stream.read_bytes_async, 10, GLib.PRIORITY_DEFAULT),
                           timeout=0.01)
        self.assertFalse(await Jobs.Engine(read))
        self.assertEqual(read.get_state(), State.TIMED_OUT)
        self.assertFalse(stream.has_pending())

    @unittest.skipIf(gi.version_info < (3, 50), "PyGObject makes nothing that can be awaited")
    def test_newer(self):
        """As PyGObject 3.50 has it, where the loop is in the main context."""
        async def main():
            return (await self.file.load_contents_async())[1]
        for name in set(LOOPS) - {"asyncio"}:
            self.assertEqual(LOOPS[name](main()), b"text", name)


if __name__ == "__main__":
    tap.main()
