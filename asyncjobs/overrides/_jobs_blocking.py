# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs that block, for the override of Jobs, and Ctrl-C in them."""

import asyncio
import contextlib
import os
import signal
import socket

from gi.module import get_introspection_module
from gi.overrides._jobs_asyncio import fd_source, is_of, private_context, set_aside, thread, thread_default
from gi.overrides._jobs_signals import Interrupts, is_main_thread
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
        thread.blocking.append(take)
        try:
            with _waking(context), _Presses(take, running is not None):
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


class _Presses(Interrupts):
    """Ctrl-C, which is counted, and cancels at once what the call is about."""

    def __init__(self, take, is_inside):
        super().__init__(block, None)
        self._take = take
        self._is_inside = is_inside

    def _handle(self, handler, signum, frame):
        thread.n_signals += 1
        # The handler of what is around us would wait for that, and that for us
        if self._is_inside or isinstance(handler, Interrupts):
            handler = signal.default_int_handler
        handler(signum, frame)

    def _is_to_cut(self, n_signals):
        return thread.n_signals >= n_signals


@contextlib.contextmanager
def _waking(context):
    """Has Python's signal handlers called while the main loop waits."""
    if not is_main_thread():
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

    try:
        yield
    finally:
        now = signal.set_wakeup_fd(before, warn_on_full_buffer=False)
        if now != theirs.fileno():
            # A job has set another one, which is to stay
            signal.set_wakeup_fd(now, warn_on_full_buffer=False)
        source.destroy()
        ours.close()
        theirs.close()
