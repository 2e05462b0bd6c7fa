# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ctrl-C while GLib waits and calls Python, for the override of Jobs."""

import asyncio
import math
import os
import signal
import threading
# Those of signal look for a name of each handler, which takes ten times as long
from _signal import getsignal, signal as set_handler

# What calls a job's own code, and at which Ctrl-C that is cut short. A coroutine is
# cancelled by the first one; a function would hear of nothing
_callers = {asyncio.Handle._run.__code__: 2}


def calls_jobs(n_signals):
    """Marks a function that calls a job's own code, and takes whatever that raises."""

    def mark(function):
        _callers[function.__code__] = n_signals
        return function

    return mark


def _n_signals_to_cut(frame, function):
    """At which Ctrl-C a frame inside of a function is cut short; where no job's own code is, never."""
    while frame is not None and frame.f_code is not function.__code__:
        caller = frame.f_back
        if (caller is not None and caller.f_code in _callers
                and frame.f_globals.get("__package__") not in ("asyncio", __package__)):
            return _callers[caller.f_code]
        frame = caller
    return math.inf


def is_main_thread():
    """Whether Python calls the handlers of signals in this thread."""
    return threading.current_thread() is threading.main_thread()


class Interrupts:
    """Loses nothing that a handler of Ctrl-C raises while a function has GLib run.

    PyGObject would only print it where C has called Python. So it is raised at once in
    a job's own code alone, which others have prepared for; else at the end of the `with`,
    once GLib has been told to return.
    """

    def __init__(self, function, wake):
        self._function = function
        self._wake = wake
        self._taken = None

    def __enter__(self):
        self._before = getsignal(signal.SIGINT) if is_main_thread() else None
        if callable(self._before):
            set_handler(signal.SIGINT, self)

    def __exit__(self, *_):
        if getsignal(signal.SIGINT) is self:
            set_handler(signal.SIGINT, self._before)
        taken, self._taken = self._taken, None
        if taken is not None:
            try:
                raise taken
            finally:
                taken = None

    def __call__(self, signum, frame):
        try:
            self._handle(self._before, signum, frame)
        except BaseException as error:
            # It comes to us from there
            if self._is_to_cut(_n_signals_to_cut(frame, self._function)):
                raise
            self._take(error)

    def _handle(self, handler, signum, frame):
        handler(signum, frame)

    def _is_to_cut(self, n_signals):
        return n_signals < math.inf

    def _take(self, error):
        self._taken = error
        self._wake()


# A descriptor that signals are written to, so that none comes too late to end a wait


def begin_waking(sock):
    """Has signals written to a socket; None where others have seen to that."""
    if sock is None or not is_main_thread():
        return None
    # Who else sets this one is to be told from us
    fd = os.dup(sock.fileno())
    before = signal.set_wakeup_fd(fd, warn_on_full_buffer=False)
    if before == -1:
        return fd
    end_waking(fd, before)
    return None


def end_waking(fd, before=-1):
    if not is_main_thread():
        # The collector has come here: it is in use still
        return
    now = signal.set_wakeup_fd(before, warn_on_full_buffer=False)
    if now != fd:
        # A job has set another one, which is to stay
        signal.set_wakeup_fd(now, warn_on_full_buffer=False)
    os.close(fd)
