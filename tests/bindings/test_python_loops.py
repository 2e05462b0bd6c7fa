#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library in Python: loops, threads, and what is left behind."""

import asyncio
import gc
import os
import selectors
import signal
import sys
import threading
import time
import unittest
import weakref

import gi

gi.require_version("Jobs", "1")
from gi.repository import Gio, GLib, Jobs

import tap
from tap import boom, forever, give

State = Jobs.State


def collect():
    for _ in range(3):
        gc.collect()


class Loops(unittest.TestCase):
    """With asyncio outside."""

    def test_await(self):
        async def main():
            a, b = Jobs.Action(give(1, 0.01)), Jobs.DelayAction(0.01)
            b.requires(a)
            return await Jobs.Engine(a, b).orchestrate_async()
        self.assertTrue(asyncio.run(main()))

    def test_await_restores_the_selector(self):
        async def main():
            loop = asyncio.get_running_loop()
            await asyncio.gather(*(Jobs.Engine(Jobs.DelayAction(0.01)).orchestrate_async() for _ in range(3)))
            self.assertIsInstance(loop._selector, selectors.BaseSelector)
        asyncio.run(main())

    def test_await_is_the_same_loop(self):
        async def main():
            loop = asyncio.get_running_loop()
            event = asyncio.Event()

            async def wait():
                await event.wait()
                return asyncio.get_running_loop() is loop
            action = Jobs.Action(wait)
            task = asyncio.ensure_future(Jobs.Engine(action).orchestrate_async())
            await asyncio.sleep(0.01)
            event.set()
            await task
            return action.result()
        self.assertTrue(asyncio.run(main()))

    def test_await_raises(self):
        async def main():
            engine = Jobs.Engine(Jobs.Action(lambda: boom()))
            self.assertFalse(await engine.orchestrate_async())
            with self.assertRaises(ValueError):
                await engine.orchestrate_async(check=True)
            with self.assertRaises(TimeoutError):
                await Jobs.Engine(Jobs.Action(forever)).orchestrate_async(timeout=0.01, check=True)
            busy = Jobs.Engine(Jobs.Action(give(1, 0.01)))
            task = asyncio.ensure_future(busy.orchestrate_async())
            await asyncio.sleep(0)
            with self.assertRaises(RuntimeError):
                await busy.orchestrate_async()
            self.assertTrue(await task)
        asyncio.run(main())

    def test_await_without_selector(self):
        """A loop that has none to share is served too."""
        class Bare(asyncio.SelectorEventLoop):
            def __getattribute__(self, name):
                if name == "_selector" and "asyncio" not in sys._getframe(1).f_globals["__name__"]:
                    raise AttributeError(name)
                return super().__getattribute__(name)
        loop = Bare()
        engine = Jobs.Engine(Jobs.Action(give(1, 0.01)), Jobs.DelayAction(0.01))
        self.assertTrue(loop.run_until_complete(engine.orchestrate_async()))
        loop.close()

    def test_await_sleeps(self):
        """Nothing turns as long as nothing happens, whoever it is that will end the wait."""
        class Counting(selectors.DefaultSelector):
            n = 0

            def select(self, timeout=None):
                self.n += 1
                return super().select(timeout)

        async def main():
            engine = Jobs.Engine(Jobs.DelayAction(0.2), Jobs.Action(give(1, 0.1)))
            self.assertTrue(await engine)
        selector = Counting()
        loop = asyncio.SelectorEventLoop(selector)
        loop.run_until_complete(main())
        loop.close()
        self.assertLess(selector.n, 50)

    def test_await_blocks_meanwhile(self):
        """Nor does a main loop that is inside, where something waits for the one outside."""
        def block():
            reader, writer = os.pipe()
            asyncio.get_running_loop().add_reader(reader, os.read, reader, 1)
            os.write(writer, b"x")
            context, end = GLib.MainContext.default(), time.monotonic() + 0.1
            n_turns = 0
            GLib.timeout_add(100, lambda: None)
            while time.monotonic() < end:
                context.iteration(True)
                n_turns += 1
            asyncio.get_running_loop().remove_reader(reader)
            os.close(reader)
            os.close(writer)
            return n_turns

        async def main():
            action = Jobs.Action(block)
            # Before it and after it the loop hears of its own
            self.assertTrue(await Jobs.Engine(action, Jobs.Action(give(1, 0.001), requires=action)))
            self.assertLess(action.result(), 50)
        asyncio.run(main())

    def test_await_leaves_signal_handlers(self):
        async def main():
            loop = asyncio.get_running_loop()
            future = loop.create_future()
            self.assertTrue(await Jobs.Engine(Jobs.Action(
                lambda: loop.add_signal_handler(signal.SIGUSR1, future.set_result, "came"))))
            os.kill(os.getpid(), signal.SIGUSR1)
            return await future
        self.assertEqual(asyncio.run(main()), "came")

    def test_cancel_awaited(self):
        seen = []

        async def slow():
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.01)
                seen.append("ended")

        async def main():
            task = asyncio.ensure_future(Jobs.Engine(Jobs.Action(slow)).orchestrate_async())
            await asyncio.sleep(0.01)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(seen, ["ended"])
        asyncio.run(main())

    def test_block_inside(self):
        """As in a notebook: the loop that runs is set aside, and comes back."""
        async def main():
            loop = asyncio.get_running_loop()
            engine = Jobs.Engine(Jobs.Action(give("inside", 0.01)))
            self.assertTrue(engine.orchestrate())
            self.assertIs(asyncio.get_running_loop(), loop)
            await asyncio.sleep(0.001)
            return engine[0].result()
        self.assertEqual(asyncio.run(main()), "inside")

    def test_block_inside_awaited(self):
        async def main():
            async def block():
                return Jobs.Engine(Jobs.Action(give(1, 0.01))).orchestrate()
            outer = Jobs.Engine(Jobs.Action(block), Jobs.Action(give(1, 0.005)))
            return await outer.orchestrate_async()
        self.assertTrue(asyncio.run(main()))

    def test_two_contexts(self):
        """Engines in two main contexts, awaited in one loop."""
        async def main():
            tasks = []
            for _ in range(2):
                context = GLib.MainContext.new()
                context.push_thread_default()
                engine = Jobs.Engine(Jobs.DelayAction(0.01), Jobs.Action(give(1, 0.01)))
                tasks.append(asyncio.ensure_future(engine.orchestrate_async()))
                await asyncio.sleep(0)
                context.pop_thread_default()
            return await asyncio.gather(*tasks)
        self.assertEqual(asyncio.run(main()), [True, True])

    def test_own_loop(self):
        """The main context's loop, run by hand: jobs go to it too."""
        loop = Jobs.MainContextLoop()

        async def which():
            return asyncio.get_running_loop()

        async def main():
            action = Jobs.Action(which)
            self.assertTrue(await Jobs.Engine(action).orchestrate_async())
            self.assertIs(action.result(), loop)
            return "done"
        self.assertEqual(loop.run_until_complete(main()), "done")
        with self.assertRaises(RuntimeError):
            asyncio.run(self.run_inside(loop))
        loop.close()
        with self.assertRaises(RuntimeError):
            loop.run_forever()

    async def run_inside(self, loop):
        loop.run_forever()

    def test_guest(self):
        """Nobody runs the loop but a main loop."""
        loop = Jobs.MainContextLoop()
        main = GLib.MainLoop()
        seen = []

        async def work():
            seen.append(await give(1, 0.01))
            main.quit()
        task = loop.create_task(work())
        main.run()
        self.assertEqual(seen, [1])
        self.assertFalse(loop.is_running())
        del task
        loop.close()
        reference = weakref.ref(loop)
        del loop
        collect()
        self.assertIsNone(reference())

    def test_call_soon_threadsafe(self):
        loop = Jobs.MainContextLoop()

        async def main():
            future = loop.create_future()
            threading.Thread(target=loop.call_soon_threadsafe, args=[future.set_result, "from there"]).start()
            return await future
        self.assertEqual(loop.run_until_complete(main()), "from there")
        loop.close()

    def test_signal_handler(self):
        async def main():
            loop = asyncio.get_running_loop()
            future = loop.create_future()
            loop.add_signal_handler(signal.SIGUSR1, future.set_result, "came")
            os.kill(os.getpid(), signal.SIGUSR1)
            value = await future
            loop.remove_signal_handler(signal.SIGUSR1)
            return value
        action = Jobs.Action(main)
        self.assertTrue(Jobs.Engine(action).orchestrate(timeout=20))
        self.assertEqual(action.result(), "came")


class Threads(unittest.TestCase):

    def run_threads(self, context_of):
        barrier = threading.Barrier(2)
        verdicts = {}

        async def meet():
            # Both engines run at the same time, or this never returns
            await asyncio.to_thread(barrier.wait, 20)
            return threading.get_ident()

        def work(number):
            context = context_of()
            if context is not None:
                context.push_thread_default()
            action = Jobs.Action(meet)
            chain = Jobs.Sequence(Jobs.Action(lambda: give(1, 0.001)) for _ in range(50))
            chain.requires(action)
            verdicts[number] = Jobs.Engine(action, chain).orchestrate()
            self.assertEqual(action.result(), threading.get_ident())
            if context is not None:
                context.pop_thread_default()
        threads = [threading.Thread(target=work, args=[number]) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(verdicts, {0: True, 1: True})

    def test_own_contexts(self):
        self.run_threads(GLib.MainContext.new)

    def test_no_context(self):
        self.run_threads(lambda: None)

    def test_asyncio_in_a_thread(self):
        verdicts = []

        async def main():
            verdicts.append(await Jobs.Engine(Jobs.Action(give(1, 0.01)), Jobs.DelayAction(0.01)).orchestrate_async())
        thread = threading.Thread(target=asyncio.run, args=[main()])
        thread.start()
        thread.join()
        self.assertEqual(verdicts, [True])


class Memory(unittest.TestCase):

    def assert_freed(self, *references):
        collect()
        self.assertEqual([reference() for reference in references], [None] * len(references))

    def test_wrappers(self):
        a, b = Jobs.Action(lambda: give({"a": 1})), Jobs.Action(boom())
        a.requires(b)
        engine = Jobs.Engine(a, b, label="e")
        engine.orchestrate()
        str(a), engine.actions, a.requirements, b.exception
        references = [weakref.ref(item) for item in (a, b, engine, b.corun)]
        del a, b, engine
        self.assert_freed(*references)

    def test_raised(self):
        """What is raised keeps neither the action nor the engine."""
        def fail():
            raise ValueError

        def fail_like_c():
            raise GLib.Error.new_literal(Gio.io_error_quark(), "gone", Gio.IOErrorEnum.FAILED)

        class Mine(Jobs.Action):
            def do_perform(self):
                raise ValueError

        def make(kind):
            action = kind()
            engine = Jobs.Engine(action)
            self.assertFalse(engine.orchestrate())
            self.assertIsNotNone(action.exception)
            return weakref.ref(action), weakref.ref(engine)
        for kind in lambda: Jobs.Action(fail), lambda: Jobs.Action(fail_like_c), Mine:
            self.assert_freed(*make(kind))

    def test_first(self):
        """The loop that is made for it keeps nothing of it."""
        def note():
            loops.append(asyncio.get_running_loop())
        loops = []

        def work():
            action = Jobs.Action(note)
            Jobs.Engine(action).orchestrate()
            references.append(weakref.ref(action))
        references = []
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        self.assert_freed(*references)

    def test_result(self):
        class Thing:
            pass
        thing = Thing()
        action = Jobs.Action(give(thing))
        engine = Jobs.Engine(action)
        engine.orchestrate()
        self.assertIs(action.result(), thing)
        reference = weakref.ref(thing)
        del thing, action, engine
        self.assert_freed(reference)

    def test_attempts(self):
        attempts = []

        class Mine(Jobs.Action):
            def do_start(self, attempt):
                attempts.append(weakref.ref(attempt))
                attempt.complete(1)
                return True

        async def note():
            attempts.append(weakref.ref(Jobs.current_attempt()))
        engine = Jobs.Engine(Mine(), Jobs.Action(note), Jobs.Action(lambda: 1))
        engine.orchestrate()
        self.assertEqual(len(attempts), 2)
        self.assert_freed(*attempts)

    def test_python_cycle(self):
        """An action and what it calls hold one another."""
        class Holder:
            def __init__(self):
                self.action = Jobs.Action(self.work)

            async def work(self):
                pass
        holder = Holder()
        Jobs.Engine(holder.action).orchestrate()
        reference = weakref.ref(holder)
        del holder
        self.assert_freed(reference)

    def test_graph_cycle(self):
        a, b = Jobs.Action(lambda: 1), Jobs.Action(lambda: 1)
        a.requires(b)
        b.requires(a)
        engine = Jobs.Engine(a, b)
        references = [weakref.ref(item) for item in (a, b, engine)]
        del a, b, engine
        self.assert_freed(*references)

    def test_cleared(self):
        """What holds its own engine is freed once that is cleared."""
        engine = Jobs.Engine()
        engine.add(Jobs.Action(lambda: engine and None))
        engine.orchestrate()
        reference = weakref.ref(engine)
        engine.clear()
        del engine
        self.assert_freed(reference)

    def test_contexts_leave_nothing(self):
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            context = GLib.MainContext.new()
            context.push_thread_default()
            self.assertTrue(Jobs.Engine(Jobs.Action(give(1))).orchestrate())
            context.pop_thread_default()
            del context
        collect()
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_threads_leave_nothing(self):
        seen = []

        def work():
            action = Jobs.Action(give(1))
            Jobs.Engine(action).orchestrate()

            async def which():
                return asyncio.get_running_loop()
            action = Jobs.Action(which)
            Jobs.Engine(action).orchestrate()
            seen.append(weakref.ref(action.result()))
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        self.assert_freed(*seen)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)


if __name__ == "__main__":
    tap.main()
