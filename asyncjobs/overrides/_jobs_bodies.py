# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What actions can be made of, for the override of Jobs: what is awaited, generators,
functions, and those that block."""

import asyncio
import concurrent.futures
import contextlib
import contextvars
import inspect
import types

from gi.module import get_introspection_module
from gi.overrides._jobs_signals import calls_jobs

Jobs = get_introspection_module("Jobs")

# The threads of all actions that block; made for the first one
_threads = None


@calls_jobs(1)
def called(function, *args):
    """What a function returns and raises, from a generator: that is called by nobody.

    The frames of an exception that is kept would keep those of all callers, where
    the engine is, and the engine keeps the action: Python sees no such cycle.
    """
    value = raised = None
    try:
        value = function(*args)
    except BaseException as error:
        raised = error
    yield value, raised


class _Once:
    """A coroutine or generator as a function that makes one, once."""

    def __init__(self, made):
        self.made = made

    def __call__(self):
        made, self.made = self.made, None
        if made is None:
            raise RuntimeError("cannot reuse already awaited coroutine: to run again, "
                               "make the action of the function that returns the coroutine")
        return made

    def __del__(self):
        # That it never ran was the engine's decision: no reason for a warning
        if self.made is not None:
            self.made.close()


def to_function(body, thread):
    """What an action is made of as what it calls."""
    if type(body) is types.FunctionType and not thread:
        return body
    is_made = inspect.iscoroutine(body) or inspect.isgenerator(body)
    if thread and (is_made or inspect.iscoroutinefunction(body) or inspect.isgeneratorfunction(body)):
        raise TypeError(f"only a plain function can be called in a thread, not {body!r}")
    if is_made:
        return _Once(body)
    if not callable(body):
        raise TypeError("Action() takes a coroutine or a generator, or a function that may return one, "
                        f"not {body!r}")
    return (lambda: _call_in_thread(body)) if thread else body


def to_coroutine(value):
    """What is still to be done once a function has returned; None: nothing, it is a value."""
    if inspect.isawaitable(value):
        # An engine can be awaited too, but one that is returned is a result
        return None if isinstance(value, Jobs.Action) else _wait_for(value)
    return _take_steps(value) if inspect.isgenerator(value) else None


async def _wait_for(awaitable):
    return await awaitable


@types.coroutine
def _give_up_turn():
    yield


@calls_jobs(2)
async def _take_steps(generator):
    """Awaits what a generator yields, and sends it what comes of that."""
    value = thrown = None
    try:
        while True:
            try:
                awaited = generator.send(value) if thrown is None else generator.throw(thrown)
            except StopIteration as stop:
                return stop.value
            value = thrown = None
            try:
                if awaited is None:
                    awaited = _give_up_turn()
                elif not inspect.isawaitable(awaited):
                    raise TypeError(f"an action's generator yields what can be awaited, not {awaited!r}")
                value = await awaited
            except GeneratorExit:
                raise
            except BaseException as error:
                # To the generator it comes from its own yield
                thrown = error.with_traceback(error.__traceback__.tb_next)
    finally:
        thrown = None
        generator.close()


async def _call_in_thread(function):
    """Calls a function in another thread; a thread cannot be stopped, and so is waited for."""
    global _threads
    if _threads is None:
        _threads = concurrent.futures.ThreadPoolExecutor(Jobs.Workers.get_default().get_size(), "jobs")

    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    cancelled = None

    def end(_):
        # The action may have been given up, and its loop closed
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(over.set)

    future = _threads.submit(contextvars.copy_context().run, next, called(function))
    future.add_done_callback(end)
    while not over.is_set():
        try:
            await over.wait()
        except asyncio.CancelledError as error:
            cancelled = error
            # Before a thread was free for it, it ends with that
            future.cancel()
    if future.cancelled():
        raise cancelled
    value, raised = future.result()
    if raised is not None:
        raise raised
    if inspect.iscoroutine(value) or inspect.isgenerator(value):
        value.close()
        raise TypeError(f"a function that is called in a thread returns a value, not {value!r}, which would "
                        "never run: leave out thread=True, or run it in there")
    return value
