# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs that block, for the override of Jobs, and Ctrl-C in them."""

import asyncio
import contextlib
import os
import signal
import socket
import threading

from gi.module import get_introspection_module
from gi.overrides._jobs_asyncio import (callers, fd_source, is_of, private_context, set_aside, thread,
                                        thread_default)
from gi.repository import GLib

Jobs = get_introspection_module("Jobs")


def block(start, finish, cancel):
    """Starts something with GLib's callback, and runs a main loop to its end.

    What interrupts it cancels, is waited for, and is raised then. A second Ctrl-C
    waits for nothing any more.
    """
    outcome = []
    interrupts = []
    context = _context_beside(asyncio._get_running_loop())
    main = GLib.MainLoop(context)

    def ready(source, result, *_):
        outcome.append(result)
        main.quit()

    def take(error):
        interrupts.append(error)
        if thread.n_signals > 1:
            Jobs.LocalNode.kill_all()
            main.quit()
        else:
            cancel()

    with set_aside() as running, _paused(running), thread_default(context):
        is_inside = running is not None or bool(thread.blocking)
        thread.blocking.append(take)
        try:
            with _signals(context, take, is_inside):
                start(None, ready)
                if interrupts:
                    # There may have been nothing to cancel yet
                    cancel()
                if not outcome and thread.n_signals < 2:
                    # Not PyGObject's own run(): it knows signals in the default context alone
                    super(GLib.MainLoop, main).run()
                if outcome:
                    _finish_loops(context)
        finally:
            thread.blocking.pop()
            if not thread.blocking:
                thread.n_signals = 0

    if interrupts:
        if outcome:
            with contextlib.suppress(GLib.Error):
                finish(outcome[0])
        raise interrupts[0]
    return finish(outcome[0])


def _context_beside(running):
    # A loop of gbulb is many sources in its context, none of which may go on inside of us
    if is_of(running, "gbulb"):
        return GLib.MainContext.new()
    return private_context()


def _paused(running):
    """Has a loop of gi.events, which is in the main context, not go on inside of us."""
    return running.paused() if is_of(running, "gi") else contextlib.nullcontext()


def _finish_loops(context):
    """After a blocking call nobody may iterate the context for long, or ever again."""
    for loop in tuple(thread.loops.get(context, ())):
        if loop.is_running():
            continue
        # What was cut short at the end of the run learns of it now, or never
        loop._dispatch()
        is_kept = context in (GLib.MainContext.default(), thread.context)
        if loop._is_for_jobs and not is_kept and not asyncio.all_tasks(loop):
            loop.close()


def _is_to_cut(frame):
    """Whether a signal has come upon a job's own code, which is not to go on."""
    while frame is not None and frame.f_code is not block.__code__:
        caller = frame.f_back
        if (caller is not None and caller.f_code in callers
                and frame.f_globals.get("__package__") not in ("asyncio", __package__)):
            return thread.n_signals >= callers[caller.f_code]
        frame = caller
    return False


@contextlib.contextmanager
def _signals(context, take, is_inside):
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

    source = fd_source(ours.fileno(), woken)
    source.attach(context)

    handler = signal.getsignal(signal.SIGINT)

    def interrupted(signum, frame):
        thread.n_signals += 1
        try:
            # The handler of what is around us would wait for that, and that for us
            (signal.default_int_handler if is_inside else handler)(signum, frame)
        except BaseException as error:
            # It comes to us from there
            if _is_to_cut(frame):
                raise
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
