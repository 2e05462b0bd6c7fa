# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio and GLib in one thread, for the override of Jobs.

A MainContextLoop is a guest of GLib. Where an asyncio loop runs already, GLib is
the guest of that one, as long as something is awaited there.
"""

import asyncio
import contextlib
import math
import os
import selectors
import signal
import socket
import threading
import time
import weakref

from gi.repository import GLib

# GTK draws at this priority: at a better one a busy loop would keep it from it
_PRIORITY = GLib.PRIORITY_HIGH_IDLE + 20

# How long asyncio may go on before others have their turn
_SLICE = 0.001

# How often a foreign loop looks after GLib where it has no selector to share
_POLL_INTERVAL = 0.005


# asyncio as a guest of GLib ------------------------------------------------


def _fd_source(fd, callback):
    source = GLib.unix_fd_source_new(fd, GLib.IOCondition.IN)
    source.set_callback(callback)
    return source


def _ready_time(timeout):
    """What a source has to be told to be ready in timeout seconds; None: never."""
    if timeout is None:
        return -1
    return GLib.get_monotonic_time() + math.ceil(timeout * 1e6)


@contextlib.contextmanager
def _set_aside():
    """Makes room for another asyncio loop in this thread."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield running
    finally:
        asyncio._set_running_loop(running)


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

    def __init__(self, context=None):
        self.context = context or GLib.MainContext.ref_thread_default()
        self._is_in_turn = False
        self._is_for_jobs = False
        self._main = None
        selector = _GuestSelector(self)
        super().__init__(selector)

        # The context must not keep the loop: it could never be closed
        loop = weakref.ref(self)

        def dispatch(*_):
            self = loop()
            return self is not None and self._dispatch()

        self._source = _fd_source(selector.fileno(), dispatch)
        self._source.set_priority(_PRIORITY)
        self._source.attach(self.context)
        _thread.loops.setdefault(self.context, []).append(self)

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
            self._main.run()
        finally:
            self._main = None

    def stop(self):
        super().stop()
        if self._main is not None:
            self._main.quit()

    def close(self):
        super().close()
        self._source.destroy()
        loops = _thread.loops.get(self.context, [])
        if self in loops:
            loops.remove(self)
        if not loops:
            _thread.loops.pop(self.context, None)

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
            with _set_aside():
                super().run_forever()
        except BaseException as error:
            interrupt(error)
        finally:
            self._is_in_turn = False
            self._source.set_ready_time(_ready_time(self._rest))
        return GLib.SOURCE_CONTINUE


class _Thread(threading.local):
    """What there is once per thread."""

    def __init__(self):
        self.loops = {}  # the loops of each context
        self.context = None  # where one that was given none runs its engines
        self.blocking = []  # what to do when a blocking call is interrupted


_thread = _Thread()


def loop_for_jobs():
    """The asyncio loop that the coroutines of a run go to."""
    running = asyncio._get_running_loop()
    if running is not None and not isinstance(running, MainContextLoop):
        return running

    context = GLib.MainContext.ref_thread_default()
    # One that is in a turn waits for the end of a nested main loop
    free = [loop for loop in _thread.loops.get(context, ()) if not loop.is_running()]
    if not free:
        loop = MainContextLoop(context)
        loop._is_for_jobs = True
        return loop
    # One that is run by hand has what the program awaits
    return next((loop for loop in free if loop._main is not None), free[0])


def interrupt(error):
    """What neither a job nor asyncio may keep ends the blocking call, if there is one."""
    if not _thread.blocking:
        raise error
    _thread.blocking[-1](error)


# GLib as a guest of asyncio ------------------------------------------------


class _HostSelector:
    """The selector of a foreign loop, which turns a main context while it waits."""

    def __init__(self, selector, context):
        self._selector = selector
        self.context = context
        self.users = 0

    def __getattr__(self, name):
        return getattr(self._selector, name)

    def select(self, timeout=None):
        if timeout is not None and timeout <= 0:
            self.context.iteration(False)
        else:
            source = _fd_source(self._selector.fileno(), lambda *_: True)
            source.set_ready_time(_ready_time(timeout))
            source.attach(self.context)
            self.context.iteration(True)
            source.destroy()
        return self._selector.select(0)


@contextlib.contextmanager
def _polling(loop, context):
    def poll():
        nonlocal handle
        end = time.monotonic() + _SLICE
        while context.iteration(False) and time.monotonic() < end:
            pass
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
        loop._selector = _HostSelector(loop._selector, context)
    selector = loop._selector
    selector.users += 1
    try:
        yield
    finally:
        selector.users -= 1
        if selector.users == 0:
            loop._selector = selector._selector


def _driving(loop, context):
    if isinstance(loop, MainContextLoop) or type(loop).__module__.split(".")[0] in ("gi", "gbulb"):
        return contextlib.nullcontext()
    selector = getattr(loop, "_selector", None)
    # One context can be waited for, a second one only be looked after
    if not hasattr(selector, "fileno") or getattr(selector, "context", context) != context:
        return _polling(loop, context)
    return _hosting(loop, context)


# Waiting for what ends by a callback ----------------------------------------


async def wait(start, finish, cancel):
    """Starts something with GLib's callback, and waits for it to the end.

    A cancel is passed on, and still waited for: nothing goes on behind it.
    """
    loop = asyncio.get_running_loop()
    context = loop.context if isinstance(loop, MainContextLoop) else _private_context()
    future = loop.create_future()
    cancelled = None

    def ready(source, result, *_):
        future.set_result(result)

    with _driving(loop, context):
        with _thread_default(context):
            start(None, ready)
        while not future.done():
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError as error:
                cancelled = error
                cancel()
    if cancelled is not None:
        with contextlib.suppress(GLib.Error):
            finish(future.result())
        raise cancelled
    return finish(future.result())


def block(start, finish, cancel):
    """The same for those who cannot await: runs a main loop meanwhile."""
    outcome = []
    interrupts = []
    context = _private_context()
    main = GLib.MainLoop(context)

    def ready(source, result, *_):
        outcome.append(result)
        main.quit()

    def take(error):
        interrupts.append(error)
        cancel()

    with _set_aside() as running, _thread_default(context):
        _thread.blocking.append(take)
        try:
            with _signals(context, take, running is not None):
                start(None, ready)
                if not outcome:
                    # Not PyGObject's own run(): it knows signals in the default context alone
                    super(GLib.MainLoop, main).run()
                _finish_loops(context)
        finally:
            _thread.blocking.pop()

    if interrupts:
        with contextlib.suppress(GLib.Error):
            finish(outcome[0])
        raise interrupts[0]
    return finish(outcome[0])


def _finish_loops(context):
    """After a blocking call nobody may iterate the context for long, or ever again."""
    for loop in tuple(_thread.loops.get(context, ())):
        if loop.is_running():
            continue
        # What was cut short at the end of the run learns of it now, or never
        loop._dispatch()
        is_kept = context in (GLib.MainContext.default(), _thread.context)
        if loop._is_for_jobs and not is_kept and not asyncio.all_tasks(loop):
            loop.close()


def _private_context():
    """The thread's context; a thread that has none must not use that of another."""
    context = GLib.MainContext.get_thread_default()
    if context is not None:
        return context
    if threading.current_thread() is threading.main_thread():
        return GLib.MainContext.default()
    if _thread.context is None:
        _thread.context = GLib.MainContext.new()
    return _thread.context


@contextlib.contextmanager
def _thread_default(context):
    context.push_thread_default()
    try:
        yield
    finally:
        context.pop_thread_default()


@contextlib.contextmanager
def _signals(context, take, is_aside):
    """Has Python's signal handlers called while the main loop waits."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)

    def woken(*_):
        data = ours.recv(4096)
        if before != -1:
            with contextlib.suppress(OSError):
                os.write(before, data)
        return GLib.SOURCE_CONTINUE

    source = _fd_source(ours.fileno(), woken)
    source.attach(context)

    handler = signal.getsignal(signal.SIGINT)

    def interrupted(*args):
        try:
            # The handler of a loop set aside would wait for that loop
            (signal.default_int_handler if is_aside else handler)(*args)
        except BaseException as error:
            take(error)

    if callable(handler):
        signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is interrupted:
            signal.signal(signal.SIGINT, handler)
        now = signal.set_wakeup_fd(before, warn_on_full_buffer=False)
        if now != theirs.fileno():
            # A job has set another one, which is to stay
            signal.set_wakeup_fd(now, warn_on_full_buffer=False)
        source.destroy()
        ours.close()
        theirs.close()
