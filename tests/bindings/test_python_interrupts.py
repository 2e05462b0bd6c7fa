#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ctrl-C in Python programs that run jobs: real signals to real processes."""

import asyncio
import contextlib
import ctypes
import functools
import itertools
import os
import select
import signal
import subprocess
import sys
import tempfile
import unittest

import gi

gi.require_version("Jobs", "1")
from gi.repository import GLib, Jobs

import tap
from tap import forever, give

State = Jobs.State

BEGIN = """
import asyncio, os, signal, sys, time
import gi
gi.require_version("Jobs", "1")
from gi.repository import GLib, Jobs

def say(*words):
    # Not by print(), which a signal may come upon
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

class Mine(Jobs.AbstractAction):
    async def corun(self):
        say("running")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)
            say("ended")
            raise

    async def coshutdown(self):
        say("shut down")

async def stubborn():
    say("running")
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            say("refused")

async def refuse_once():
    say("running")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        asyncio.get_running_loop().call_soon(say, "refused")
    try:
        await asyncio.Event().wait()
    finally:
        say("ended")

def block():
    try:
        say("running")
        # Longer than any watchdog has patience
        time.sleep(10000)
    finally:
        say("cut")

async def block_badly():
    block()
"""

END = """
try:
    %s
except KeyboardInterrupt:
    say("interrupted", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""

TWO = "engine = Jobs.Engine(Mine(), Mine())"
IN_ORDER = ["ended", "ended", "shut down", "shut down", "interrupted True"]


@contextlib.contextmanager
def program(text, last="engine.orchestrate()"):
    # As this program was started, but with another one
    command = sys.orig_argv[:len(sys.orig_argv) - len(sys.argv)]
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(BEGIN + text + END % last)
        file.flush()
        process = subprocess.Popen([*command, file.name], text=True, bufsize=1, stdout=subprocess.PIPE)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


class Interrupt(unittest.TestCase):

    def expect(self, process, *lines):
        self.assertEqual([process.stdout.readline().strip() for _ in lines], list(lines))

    def press(self, process, *lines):
        """Ctrl-C, and what is said then."""
        process.send_signal(signal.SIGINT)
        self.expect(process, *lines)

    def expect_end(self, process, status=0):
        self.assertEqual(process.stdout.read(), "")
        self.assertEqual(process.wait(), status)

    def press_once(self, text, last):
        with program(text, last) as process:
            self.expect(process, "running", "running")
            self.press(process, *IN_ORDER)
            self.expect_end(process)


class Order(Interrupt):
    """The first one cancels, waits, shuts down, and is raised then."""

    def test_blocking(self):
        self.press_once(TWO, "engine.orchestrate()")

    def test_other_context(self):
        self.press_once(TWO, "c = GLib.MainContext.new(); c.push_thread_default(); engine.orchestrate()")

    def test_awaited(self):
        self.press_once(TWO + "\nasync def main(): await engine", "asyncio.run(main())")

    def test_set_aside(self):
        self.press_once(TWO + "\nasync def main(): engine.orchestrate()", "asyncio.run(main())")

    def test_inside_of_a_function(self):
        """A run that blocks an action of another one."""
        self.press_once(TWO + "\nouter = Jobs.Engine(Jobs.Action(engine.orchestrate))", "outer.orchestrate()")

    def test_inside_of_a_coroutine(self):
        self.press_once(TWO + """
async def inner():
    engine.orchestrate()
outer = Jobs.Engine(Jobs.Action(inner))""", "outer.orchestrate()")

    def test_again(self):
        """The engine can run again, and that can be interrupted too."""
        with program(TWO + """
try:
    engine.orchestrate()
except KeyboardInterrupt:
    say(engine[0].get_state().value_nick, engine.is_active())
""") as process:
            for end in "cancelled False", "interrupted True":
                self.expect(process, "running", "running")
                self.press(process, *IN_ORDER[:4], end)
            self.expect_end(process)

    def test_function_that_blocks(self):
        """It is cut short where it is, and the others end in order."""
        with program("engine = Jobs.Engine(Mine(), Jobs.Action(block))") as process:
            self.expect(process, "running", "running")
            self.press(process, "cut", "ended", "shut down", "interrupted True")
            self.expect_end(process)

    def test_own_class_that_blocks(self):
        with program("""
class Own(Jobs.Action):
    def do_perform(self):
        block()
        return True
engine = Jobs.Engine(Mine(), Own())""") as process:
            self.expect(process, "running", "running")
            self.press(process, "cut", "ended", "shut down", "interrupted True")
            self.expect_end(process)

    def test_thread(self):
        """It cannot be cut short, but it may look at its cancellable."""
        with program("""
def work():
    say("running")
    cancellable = Jobs.current_attempt().get_cancellable()
    while not cancellable.is_cancelled():
        time.sleep(0.001)
    say("seen")
engine = Jobs.Engine(Jobs.Action(work, thread=True))""") as process:
            self.expect(process, "running")
            self.press(process, "seen", "interrupted True")
            self.expect_end(process)

    def test_raised_by_a_job(self):
        def throw(error):
            raise error

        async def cothrow(error):
            raise error

        def steps(error):
            yield
            raise error
        for error in KeyboardInterrupt, SystemExit:
            for function in throw, cothrow, steps:
                other = Jobs.Action(forever)
                with self.assertRaises(error):
                    Jobs.Engine(other, Jobs.Action(lambda: function(error))).orchestrate()
                self.assertEqual(other.get_state(), State.CANCELLED)


class Raised(Interrupt):
    """What asyncio may not keep, where nothing blocks: the loop goes on."""

    def throw(self, error):
        raise error

    async def cothrow(self, error):
        raise error

    def test_loop(self):
        loop = Jobs.MainContextLoop()
        for error in KeyboardInterrupt, SystemExit:
            with self.assertRaises(error):
                loop.run_until_complete(self.cothrow(error))
            self.assertEqual(loop.run_until_complete(give(7, 0.001)), 7)
        loop.close()

    def test_awaited(self):
        async def main(action):
            await Jobs.Engine(action)
        for new_loop in Jobs.MainContextLoop, asyncio.new_event_loop:
            for function in self.throw, self.cothrow:
                loop = new_loop()
                action = Jobs.Action(lambda: function(KeyboardInterrupt))
                task = loop.create_task(main(action))
                with self.assertRaises(KeyboardInterrupt):
                    loop.run_until_complete(task)
                loop.run_until_complete(task)
                self.assertEqual(action.get_state(), State.FAILED)
                loop.close()

    def test_main_loop(self):
        """Nobody is there to raise it to: it is told, and the run ends."""
        told = []
        self.addCleanup(setattr, sys, "excepthook", sys.excepthook)
        sys.excepthook = lambda kind, *_: told.append(kind)
        for function in self.throw, self.cothrow:
            main = GLib.MainLoop()
            engine = Jobs.Engine(Jobs.Action(lambda: function(KeyboardInterrupt)), Jobs.Action(give(7, 0.001)))
            engine.orchestrate_async(None, lambda *_: main.quit())
            main.run()
            self.assertEqual(engine[0].get_state(), State.FAILED)
        self.assertEqual(told, [KeyboardInterrupt, KeyboardInterrupt])

    def test_exit(self):
        """It ends the program, as wherever GLib calls Python."""
        with program("""
async def leave():
    say("running")
    sys.exit(3)
engine = Jobs.Engine(Jobs.Action(leave))""", "engine.orchestrate_async(None, say); GLib.MainLoop().run()") as process:
            self.expect(process, "running")
            self.expect_end(process, 3)

    def test_runner(self):
        """The second Ctrl-C is raised by asyncio, and comes while the loop waits."""
        with program("", "with asyncio.Runner(loop_factory=Jobs.MainContextLoop) as runner: "
                         "runner.run(refuse_once())") as process:
            self.expect(process, "running")
            self.press(process, "refused")
            self.press(process, "ended", "interrupted True")
            self.expect_end(process)


class Awaited(Interrupt):
    """In a loop of asyncio that turns GLib: it comes out of that as from any other."""

    def run_until_raised(self, loop, action):
        """Runs a loop that waits, and Ctrl-C comes of an action there."""
        async def main():
            await Jobs.Engine(action, Jobs.Action(forever))
        task = loop.create_task(main())
        with self.assertRaises(KeyboardInterrupt):
            loop.run_until_complete(task)
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            loop.run_until_complete(task)
        self.assertEqual(signal.set_wakeup_fd(-1), -1)
        loop.close()

    def sleep(self, process):
        """Until it waits for something that will not come."""
        state = ""
        while state != "S":
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
                state = file.read().rpartition(")")[2].split()[0]

    def test_many(self):
        """As often as it is pressed; what awaits goes on, and ends in order when it is cancelled."""
        count = 10
        with program(TWO + f"""
async def main(): await engine
async def begin():
    # They would take it themselves
    while any(action.get_state() != Jobs.State.RUNNING for action in engine):
        await asyncio.sleep(0)
loop = asyncio.new_event_loop()
task = loop.create_task(main())
loop.run_until_complete(begin())
for _ in range({count}):
    try:
        # In the turns after that it waits
        loop.call_soon(say, "waiting")
        loop.run_until_complete(task)
    except KeyboardInterrupt:
        say("raised", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
task.cancel()
""", """loop.run_until_complete(task)
except asyncio.CancelledError:
    say("cancelled")
try:
    pass""") as process:
            self.expect(process, "running", "running")
            for _ in range(count):
                self.expect(process, "waiting")
                self.sleep(process)
                self.press(process, "raised True")
            self.expect(process, *IN_ORDER[:4], "cancelled")
            self.expect_end(process)

    def test_runner(self):
        """The second one is raised by asyncio, while the loop waits."""
        with program("""
async def main(): await Jobs.Engine(Jobs.Action(refuse_once))
""", "asyncio.run(main())") as process:
            self.expect(process, "running")
            self.press(process, "refused")
            self.sleep(process)
            self.press(process, "ended", "interrupted True")
            self.expect_end(process)

    def test_function_that_blocks(self):
        with program("""
async def main(): await Jobs.Engine(Jobs.Action(block))
""", "asyncio.new_event_loop().run_until_complete(main())") as process:
            self.expect(process, "running")
            self.press(process, "cut", "interrupted True")
            self.expect_end(process)

    def test_callback(self):
        """It comes upon a callback of GLib, where PyGObject would print it."""
        class Bare(asyncio.SelectorEventLoop):
            """Has none that can be waited with."""

            def __getattribute__(self, name):
                if name == "_selector" and "asyncio" not in sys._getframe(1).f_globals["__name__"]:
                    raise AttributeError(name)
                return super().__getattribute__(name)
        ends = []

        def press():
            os.kill(os.getpid(), signal.SIGINT)
            ends.append("not cut short")
        for new_loop in asyncio.new_event_loop, Jobs.MainContextLoop, Bare:
            self.run_until_raised(new_loop(), Jobs.Action(functools.partial(GLib.idle_add, press)))
        self.assertEqual(ends, ["not cut short"] * 3)

    def test_begin_of_a_wait(self):
        """No Python is called any more before that, which could see it."""
        class Late(GLib.Source):
            # Once, and from C to C: os.kill() would look for signals itself
            press = ctypes.CDLL(None)["raise"]
            press.restype = ctypes.c_bool
            prepare = itertools.chain(map(press, [signal.SIGINT.value]), itertools.repeat(False)).__next__

            def check(self):
                return False
        source = Late()
        # Behind all others, once it is there
        self.run_until_raised(asyncio.new_event_loop(), Jobs.Action(source.attach))
        source.destroy()

    def test_own_class(self):
        """An action without a loop of its own raises it to the one that is run by hand."""
        class Own(Jobs.Action):
            def do_perform(self):
                raise KeyboardInterrupt
        for new_loop in asyncio.new_event_loop, Jobs.MainContextLoop:
            self.run_until_raised(new_loop(), Own())

    def test_left(self):
        """A loop that is closed meanwhile leaves nothing behind."""
        before = os.listdir("/proc/self/fd")
        loop = asyncio.new_event_loop()
        task = loop.create_task(Jobs.Engine(Jobs.Action(forever)).orchestrate_async())
        loop.call_later(0.001, os.kill, os.getpid(), signal.SIGINT)
        with self.assertRaises(KeyboardInterrupt):
            loop.run_until_complete(task)
        task._log_destroy_pending = False
        loop.close()
        self.assertEqual(signal.set_wakeup_fd(-1), -1)
        self.assertEqual(os.listdir("/proc/self/fd"), before)


class Twice(Interrupt):
    """The second one waits for nothing."""

    def test_stubborn(self):
        with program("engine = Jobs.Engine(Jobs.Action(stubborn))") as process:
            self.expect(process, "running")
            self.press(process, "refused")
            self.press(process, "interrupted True")
            self.expect_end(process)

    def test_coroutine_that_blocks(self):
        with program("""
count = 0
def note(*args):
    global count
    count += 1
    say("noted")
    if count > 1:
        raise KeyboardInterrupt
signal.signal(signal.SIGINT, note)
engine = Jobs.Engine(Jobs.Action(block_badly))""", """engine.orchestrate()
except KeyboardInterrupt:
    say("left")
try:
    raise KeyboardInterrupt""") as process:
            self.expect(process, "running")
            self.press(process, "noted")
            self.press(process, "noted", "cut", "left", "interrupted False")
            self.expect_end(process)

    def test_commands(self):
        """What ignores SIGTERM is killed."""
        with program("""
action = Jobs.CommandAction.new_shell("command", None, "exec 2> /dev/null; trap 'echo refused' TERM; echo $$;"
                                      "while :; do sleep 100 & wait; done")
action.connect("output", lambda action, stream, data: say(data.get_data().decode().strip()))
action.set_grace(1000000)
engine = Jobs.Engine(action, grace=1000)""") as process:
            command = os.pidfd_open(int(process.stdout.readline()))
            self.addCleanup(self.kill, command)
            self.press(process, "refused")
            self.press(process, "interrupted True")
            self.expect_end(process)
            # Readable once it has ended
            self.assertTrue(select.select([command], [], [], tap.WATCHDOG)[0])

    def kill(self, descriptor):
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        os.close(descriptor)

    def test_inside_of_a_function(self):
        with program("""
inner = Jobs.Engine(Jobs.Action(stubborn))
engine = Jobs.Engine(Jobs.Action(inner.orchestrate), Jobs.Action(stubborn), window=1)""") as process:
            self.expect(process, "running")
            self.press(process, "refused")
            self.press(process, "interrupted True")
            self.expect_end(process)

    def test_others_go_on(self):
        """The thread can run jobs again; what was left ends there."""
        with program("""
ends = []
let_go = asyncio.Event()
async def slow():
    say("running")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        # Not in here, where the second one would cut it short
        asyncio.get_running_loop().call_later(0.01, say, "asked")
        await let_go.wait()
        ends.append("ended")
engine = Jobs.Engine(Jobs.Action(slow))
try:
    engine.orchestrate()
except KeyboardInterrupt:
    say("left", engine.is_active())
    let_go.set()
async def wait():
    while engine.is_active():
        await asyncio.sleep(0.001)
""", "say(Jobs.Engine(Jobs.Action(wait)).orchestrate(timeout=60), engine.is_active(), *ends)") as process:
            self.expect(process, "running")
            self.press(process, "asked")
            self.press(process, "left True", "True False ended")
            self.expect_end(process)


if __name__ == "__main__":
    tap.main()
