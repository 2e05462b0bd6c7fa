# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio and GLib in one thread, for the override of Jobs.

A MainContextLoop is a guest of GLib. Where an asyncio loop runs already, GLib is
the guest of that one, as long as something is awaited there.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import math
import selectors
import sys
import threading
import time
import types
import weakref

from gi._ossighelper import wakeup_on_signal
from gi.overrides._jobs_signals import Interrupts, begin_waking, calls_jobs, end_waking, is_main_thread
from gi.repository import Gio, GLib, GObject

# GTK draws at this priority: at a better one a busy loop would keep it from it
_PRIORITY = GLib.PRIORITY_HIGH_IDLE + 20

_DEFAULT_CONTEXT = GLib.MainContext.default()

# How long asyncio may go on before others have their turn
_SLICE = 0.001

# How often a foreign loop looks after GLib where it has no selector to share
_POLL_INTERVAL = 0.005


# asyncio as a guest of GLib ------------------------------------------------


def fd_source(fd, callback):
    source = GLib.unix_fd_source_new(fd, GLib.IOCondition.IN)
    source.set_callback(callback)
    return source


def _ready_time(timeout):
    """What a source has to be told to be ready in timeout seconds; None: never."""
    if timeout is None:
        return -1
    return GLib.get_monotonic_time() + math.ceil(timeout * 1e6)


@contextlib.contextmanager
def set_aside():
    """Makes room for another asyncio loop in this thread, or for another task."""
    running = asyncio._get_running_loop()
    task = running and asyncio.current_task(running)
    if task is not None:
        asyncio._leave_task(running, task)
    asyncio._set_running_loop(None)
    try:
        yield running
    finally:
        asyncio._set_running_loop(running)
        if task is not None:
            asyncio._enter_task(running, task)


class _GuestSelector(selectors.DefaultSelector):
    """Tells the loop to leave where it would begin to wait."""

    def __init__(self, loop):
        super().__init__()
        self.loop = weakref.ref(loop)

    def select(self, timeout=None):
        events = super().select(0)
        self.loop()._turn(timeout, bool(events))
        return events


class MainContextLoop(asyncio.SelectorEventLoop):
    """An asyncio loop that lives in a GMainContext.

    It needs nobody to run it: whatever iterates the context does, a GTK
    application for instance. All of it is one GSource: it watches the
    descriptors, and its ready time is the next timer.
    """

    def __init__(self, context: GLib.MainContext | None = None):
        self.context = context or GLib.MainContext.ref_thread_default()
        # As the loops of others have it; by this PyGObject 3.50 knows that it may make
        # what can be awaited
        self._context = self.context
        self._is_in_turn = False
        self._is_for_jobs = False
        self._main = None
        self._raised = None
        selector = _GuestSelector(self)
        super().__init__(selector)

        # The context must not keep the loop: it could never be closed
        loop = weakref.ref(self)

        def dispatch(*_):
            self = loop()
            return self is not None and self._dispatch()

        self._source = fd_source(selector.fileno(), dispatch)
        self._source.set_priority(_PRIORITY)
        self._source.attach(self.context)
        thread.loops.setdefault(self.context, []).append(self)

    def __del__(self):
        if hasattr(self, "_source") and not self.is_closed():
            self.close()

    def call_soon(self, *args, **kwargs):
        handle = super().call_soon(*args, **kwargs)
        self._arm()
        return handle

    def call_at(self, *args, **kwargs):
        handle = super().call_at(*args, **kwargs)
        self._arm()
        return handle

    def run_forever(self):
        self._check_can_run()
        self._main = GLib.MainLoop(self.context)
        try:
            with Interrupts(MainContextLoop.run_forever, self._main.quit):
                self._main.run()
        finally:
            self._main = None
            raised, self._raised = self._raised, None
        if raised is not None:
            try:
                raise raised
            finally:
                raised = None

    def stop(self):
        super().stop()
        if self._main is not None:
            self._main.quit()

    def close(self):
        super().close()
        self._source.destroy()
        loops = thread.loops.get(self.context, [])
        if self in loops:
            loops.remove(self)
        if not loops:
            thread.loops.pop(self.context, None)

    # What PyGObject 3.50 calls where somebody iterates the context, for loops which have
    # to know of that. Ours is a source like any other, which does not recurse
    def running(self, quit_func):
        return wakeup_on_signal()

    def paused(self):
        return contextlib.nullcontext()

    def _check_can_run(self):
        if self._main is not None or self.is_running():
            raise RuntimeError("This event loop is already running")
        if asyncio._get_running_loop() is not None:
            raise RuntimeError("Cannot run the event loop while another loop is running")
        if self.is_closed():
            raise RuntimeError("Event loop is closed")

    def _arm(self):
        # During a turn the selector learns of everything by itself
        if not self._is_in_turn:
            self._source.set_ready_time(0)

    def _turn(self, timeout, has_events):
        now = time.monotonic()
        if now >= self._turn_end:
            self._rest = 0
        elif has_events or timeout == 0:
            return
        else:
            self._rest = timeout
        super().stop()

    def _dispatch(self):
        self._is_in_turn = True
        self._turn_end = time.monotonic() + _SLICE
        self._rest = 0
        try:
            with set_aside():
                super().run_forever()
        except BaseException as error:
            self._leave(error)
        finally:
            self._is_in_turn = False
            self._source.set_ready_time(_ready_time(self._rest))
        return GLib.SOURCE_CONTINUE

    def _leave(self, error):
        """Has what asyncio may not keep come to whoever runs the loop.

        Raised by a source it would end that, and so the loop.
        """
        if thread.blocking:
            thread.blocking[-1](error)
        elif self._main is not None:
            self._raised = error
            self._main.quit()
        elif isinstance(error, SystemExit):
            # The one that PyGObject does not only print
            raise error
        else:
            sys.excepthook(type(error), error, error.__traceback__)


class _Thread(threading.local):
    """What there is once per thread."""

    def __init__(self):
        self.loops = {}  # the loops of each context
        self.context = None  # where one that was given none runs its engines
        self.blocking = []  # what to do when a blocking call is interrupted
        self.n_signals = 0  # how often Ctrl-C was pressed in the outermost of them
        self.seat = None  # a weak reference to the one that is free


thread = _Thread()


def loop_for_jobs(running):
    """The asyncio loop that the coroutines of a run go to."""
    if running is not None and not isinstance(running, MainContextLoop):
        return running

    context = GLib.MainContext.get_thread_default() or _DEFAULT_CONTEXT
    free = None
    for loop in thread.loops.get(context, ()):
        # One that is in a turn waits for the end of a nested main loop
        if loop._is_in_turn:
            continue
        # One that is run by hand has what the program awaits
        if loop._main is not None:
            return loop
        free = free or loop
    if free is None:
        free = MainContextLoop(context)
        free._is_for_jobs = True
    return free


def _throw(error):
    raise error


def _loop_run_by_hand():
    for loops in thread.loops.values():
        for loop in loops:
            if loop._main is not None:
                return loop
    return None


def interrupt(error):
    """What a job may not keep ends the blocking call, or else is for the loop to raise."""
    running = asyncio._get_running_loop() or _loop_run_by_hand()
    if thread.blocking:
        thread.blocking[-1](error)
    elif running is not None:
        running.call_soon(_throw, error)
    else:
        raise error


# Coroutines that begin at once ----------------------------------------------


@types.coroutine
def _give_up_turn():
    yield


def _traces(task):
    """What those leave on a task who have taken hold of it, or have changed it."""
    return (sys.getrefcount(task), weakref.getweakrefcount(task), task.cancelling(),
            task._callbacks, task.get_name())


class _Seat:
    """A task for coroutines that make their first step outside of it.

    To make a task costs ten times what the step does. So one serves all coroutines
    that end with their first step and leave it as it was: nobody can tell it from a
    new one then. The first one that does not has it for good.
    """

    def __init__(self, loop):
        self.loop = loop
        self.hooks = loop._asyncgen_firstiter_hook, loop._asyncgen_finalizer_hook
        self.is_free = True
        self.rest = None  # what the task has to do once it is kept
        self.parking = None
        work = self._work()
        # To its first turn: it catches what is thrown into it from here on
        work.send(None)
        self.task = asyncio.Task(work, loop=loop, context=contextvars.Context())
        self.task._log_destroy_pending = False
        self.traces = _traces(self.task)

    def leave(self):
        """After a first step; whether another coroutine can have it."""
        asyncio._leave_task(self.loop, self.task)
        # Its own turn has come already where the step has turned a main loop
        self.is_free = self.parking is None and _traces(self.task) == self.traces
        return self.is_free

    def keep(self, rest, *args):
        """The task goes on with this, and is nobody else's any more."""
        self.is_free = False
        self.rest = functools.partial(rest, *args)
        self.task._log_destroy_pending = True
        if self.parking is not None and not self.parking.done():
            self.parking.set_result(None)
        return self.task

    async def _work(self):
        thrown = None
        while True:
            try:
                await (self.parking or _give_up_turn())
            except asyncio.CancelledError as error:
                thrown = error
            if self.is_free or self.rest is not None:
                break
            self.parking = self.loop.create_future()

        if self.rest is not None:
            return await self.rest(thrown)
        # Nobody has come, and now it is too late
        self.loop = None


async def _end(end, thrown):
    """The end of a coroutine that ended with its first step."""
    if not isinstance(end, StopIteration):
        raise end
    if thrown is not None:
        raise thrown
    return end.value


@calls_jobs(2)
@types.coroutine
def _go_on(coroutine, context, awaited, thrown):
    """What a task does with a coroutine, after the first step."""
    if thrown is not None and asyncio.isfuture(awaited):
        # The cancel of a task is one of what it waits for
        awaited.cancel()
    run, send = context.run, coroutine.send
    try:
        while True:
            try:
                yield awaited
            except BaseException as error:
                thrown = error
            if thrown is None:
                awaited = run(send, None)
            else:
                awaited = run(coroutine.throw, thrown)
                thrown = None
    except StopIteration as stop:
        return stop.value
    finally:
        thrown = None


@calls_jobs(2)
def begin(coroutine, loop, attempt):
    """Makes the first step of a coroutine at once, and not in a turn of the loop.

    The attempt is told where it ends with that; else returns the task that goes on.
    """
    seat = thread.seat and thread.seat()
    if seat is None or seat.loop is not loop or not seat.is_free:
        if loop.get_task_factory() is not None:
            return loop.create_task(coroutine)
        seat = _Seat(loop)
        thread.seat = weakref.ref(seat)
    try:
        asyncio._enter_task(loop, seat.task)
    except RuntimeError:
        # Another task turns the main loop that we are called by
        return loop.create_task(coroutine)

    seat.is_free = False
    context = contextvars.copy_context()
    # As in a turn of the loop: it ends the generators that are left behind
    is_hooked = sys.get_asyncgen_hooks()[1] is not None
    if not is_hooked:
        sys.set_asyncgen_hooks(*seat.hooks)
    try:
        awaited = context.run(coroutine.send, None)
    except StopIteration as stop:
        if not seat.leave():
            return seat.keep(_end, stop)
        attempt.complete(stop.value)
        return None
    except BaseException as error:
        # What ends the program is for the loop to raise
        if not seat.leave() or isinstance(error, (KeyboardInterrupt, SystemExit)):
            return seat.keep(_end, error)
        attempt.fail(error)
        return None
    finally:
        if not is_hooked:
            sys.set_asyncgen_hooks(None, None)
    asyncio._leave_task(loop, seat.task)
    return seat.keep(_go_on, coroutine, context, awaited)


# GLib as a guest of asyncio ------------------------------------------------


class _Waker(GLib.Source):
    """Ends one wait of a main context, where a descriptor or the time is ready for that.

    No source with a callback, and none for each wait: PyGObject before 3.50 loses
    80 bytes with each callback. Nor is it changed for each wait, as each change of a
    source ends the next one.
    """

    def __init__(self, fd):
        super().__init__()
        self._tag = self.add_unix_fd(fd, GLib.IOCondition.IN)
        self._end = None
        self._has_woken = False
        self._is_deaf = False

    def arm(self, timeout):
        self._end = time.monotonic() + timeout if timeout else None
        self._has_woken = False
        if self._is_deaf:
            self._is_deaf = False
            self.modify_unix_fd(self._tag, GLib.IOCondition.IN)

    def disarm(self):
        self._end = None

    def prepare(self):
        if self._end is None:
            return False, -1
        rest = self._end - time.monotonic()
        return rest <= 0, max(math.ceil(rest * 1000), 0)

    def check(self):
        # GLib looks at the descriptor itself
        return self._end is not None and self._end <= time.monotonic()

    def dispatch(self, *_):
        # Whoever else turns the context from here on is not to be kept awake
        self._end = None
        if self._has_woken:
            self._is_deaf = True
            self.modify_unix_fd(self._tag, GLib.IOCondition(0))
        self._has_woken = True
        return GLib.SOURCE_CONTINUE


class _HostSelector:
    """The selector of a foreign loop, which turns a main context while it waits."""

    def __init__(self, loop, context):
        self._selector = loop._selector
        self.context = context
        self.users = 0
        self._wakeup = context.wakeup
        self._waker = _Waker(self._selector.fileno())
        self._waker.attach(context)
        # The loop wakes itself by that socket
        self._signals = begin_waking(getattr(loop, "_csock", None))

    def give_back(self):
        self._waker.destroy()
        if self._signals is not None:
            end_waking(self._signals)
            self._signals = None
        return self._selector

    def close(self):
        # The loop is left with something that is awaited, as after Ctrl-C
        self.give_back().close()

    def __getattr__(self, name):
        return getattr(self._selector, name)

    def select(self, timeout=None):
        with Interrupts(_HostSelector.select, self._wakeup):
            self._waker.arm(timeout)
            self.context.iteration(timeout is None or timeout > 0)
            self._waker.disarm()
        return self._selector.select(0)


@contextlib.contextmanager
def _polling(loop, context):
    def poll():
        nonlocal handle
        end = time.monotonic() + _SLICE
        try:
            with Interrupts(poll, context.wakeup):
                while context.iteration(False) and time.monotonic() < end:
                    pass
        finally:
            handle = loop.call_later(_POLL_INTERVAL, poll)

    handle = loop.call_soon(poll)
    try:
        yield
    finally:
        handle.cancel()


@contextlib.contextmanager
def _hosting(loop, context):
    """Has a foreign loop turn the context, for as long as something waits for that."""
    if not isinstance(loop._selector, _HostSelector):
        loop._selector = _HostSelector(loop, context)
    selector = loop._selector
    selector.users += 1
    try:
        yield
    finally:
        selector.users -= 1
        if selector.users == 0 and loop._selector is selector:
            loop._selector = selector.give_back()


def is_of(loop, *packages):
    """Whether a loop, or what it derives from, is made by one of the packages."""
    return any(base.__module__.split(".")[0] in packages for base in type(loop).__mro__)


def _context_of(loop):
    """The main context that a loop lives in; None where it knows nothing of GLib."""
    # Ours is of gi's overrides
    return loop._context if is_of(loop, "gi", "gbulb") else None


def _driving(loop, context):
    if _context_of(loop) is not None:
        return contextlib.nullcontext()
    selector = getattr(loop, "_selector", None)
    # One context can be waited for, a second one only be looked after
    if not hasattr(selector, "fileno") or getattr(selector, "context", context) != context:
        return _polling(loop, context)
    return _hosting(loop, context)


# Waiting for what ends by a callback ----------------------------------------


@contextlib.contextmanager
def _cancelled_by(other, cancellable):
    """Has a cancel of another cancellable, where there is one, be one of this too."""
    if other is None:
        yield
        return
    # Not Gio.Cancellable.connect(), which must not be undone inside of it
    handler = GObject.Object.connect(other, "cancelled", lambda _: cancellable.cancel())
    if other.is_cancelled():
        cancellable.cancel()
    try:
        yield
    finally:
        GObject.Object.disconnect(other, handler)


async def wait(start, finish, cancellable=None):
    """Starts something with GLib's callback, and waits for it to the end.

    A cancel is passed on, and still waited for: nothing goes on behind it. That is by
    a cancellable, which does nothing to the run of somebody else where ours is refused.
    """
    loop = asyncio.get_running_loop()
    context = context_for_jobs()
    waiter = loop.create_future()
    ours = Gio.Cancellable()
    outcome = cancelled = None

    def ready(source, result, *_):
        nonlocal outcome
        outcome = result
        # It may be cancelled already, and another one not be there yet
        if not waiter.done():
            waiter.set_result(None)

    with _driving(loop, context), _cancelled_by(cancellable, ours):
        with thread_default(context):
            start(ours, ready)
        while outcome is None:
            try:
                await waiter
            except asyncio.CancelledError as error:
                cancelled = error
                waiter = loop.create_future()
                ours.cancel()
    if cancelled is not None:
        with contextlib.suppress(GLib.Error):
            finish(outcome)
        raise cancelled
    return finish(outcome)


def context_for_jobs():
    """Where sources go that are to be looked after while this thread waits for jobs."""
    return _context_of(asyncio._get_running_loop()) or private_context()


def private_context():
    """The thread's context; a thread that has none must not use that of another."""
    context = GLib.MainContext.get_thread_default()
    if context is not None:
        return context
    if is_main_thread():
        return GLib.MainContext.default()
    if thread.context is None:
        thread.context = GLib.MainContext.new()
    return thread.context


@contextlib.contextmanager
def thread_default(context):
    context.push_thread_default()
    try:
        yield
    finally:
        context.pop_thread_default()
