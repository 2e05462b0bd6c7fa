# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What asyncio can wait for, for the override of Jobs: functions of GIO, actions as they
end, and resources that are open for a while."""

from __future__ import annotations

import asyncio
import collections
import functools
import importlib
from typing import TYPE_CHECKING

from gi.module import get_introspection_module
from gi.overrides._jobs_asyncio import wait
from gi.repository import GLib

Jobs = get_introspection_module("Jobs")

if TYPE_CHECKING:
    from collections import abc
    from typing import Any


async def _end(task):
    """Waits for the end of a task; where it is cancelled itself, it has that be quick."""
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
            task.cancel()
    if cancelled is not None:
        raise cancelled


# Functions of GIO ------------------------------------------------------------


def _finish_of(method):
    """The function that goes with an asynchronous one, of the result alone."""
    name = method.__name__.removesuffix("_async") + "_finish"
    try:
        if hasattr(method, "__self__"):
            return getattr(method.__self__, name)
        owner = importlib.import_module(f"gi.repository.{method.get_namespace()}")
        if method.get_container() is not None:
            owner = getattr(owner, method.get_container().get_name())
        finish = getattr(owner, name)
    except AttributeError:
        raise TypeError(f"{method!r} has no {name}(): say which with finish=") from None
    if not finish.is_method():
        return finish
    return lambda result: finish(result.get_source_object(), result)


async def call_async(method: abc.Callable[..., Any], *args, finish: abc.Callable[..., Any] | None = None):
    """Awaits an asynchronous function of GIO, or of any library made like that.

    The arguments are those before the cancellable; it gives what the function that
    ends with _finish gives, which is found by its name. A cancel is passed on, and
    still waited for.
    """
    if finish is None:
        finish = _finish_of(method)
    return await wait(functools.partial(method, *args), finish)


# Actions as they end ---------------------------------------------------------


def _note(engine, action, before, now, ended, changed):
    if Jobs.state_is_terminal(now) and action.get_engine() == engine:
        ended.append(action)
        changed.set()


class Completed:
    """Runs an engine, and gives each of its actions as it ends.

    To leave early cancels the run; `async with` waits for that.
    """

    def __init__(self, engine: Jobs.Engine, run: abc.Callable[[], abc.Awaitable[bool]]):
        self._engine = engine
        self._run = run
        self._task = None
        self._handler = None
        self._ended = collections.deque()
        self._is_closed = False

    def __aiter__(self) -> Completed:
        return self

    def _begin(self):
        self._changed = asyncio.Event()
        # Neither the task nor the engine keeps this object: that nobody wants it
        # any more is to be noticed
        self._task = asyncio.ensure_future(self._run())
        self._task.add_done_callback(functools.partial(lambda changed, _: changed.set(), self._changed))
        self._handler = self._engine.connect("action-state-changed", _note, self._ended, self._changed)

    def _disconnect(self):
        if self._handler is not None:
            self._engine.disconnect(self._handler)
            self._handler = None

    async def __anext__(self) -> Jobs.Action:
        if self._is_closed:
            raise StopAsyncIteration
        if self._task is None:
            self._begin()
        while not self._ended:
            if self._task.done():
                self._disconnect()
                self._is_closed = True
                self._task.result()
                raise StopAsyncIteration
            self._changed.clear()
            try:
                await self._changed.wait()
            except asyncio.CancelledError:
                await self.aclose()
                raise
        return self._ended.popleft()

    async def aclose(self):
        """Cancels the run where it goes on, and waits for its end."""
        self._is_closed = True
        self._disconnect()
        if self._task is None or self._task.done():
            return
        self._task.cancel()
        try:
            await _end(self._task)
        finally:
            if not self._task.cancelled():
                # Nobody asks for it any more
                self._task.exception()

    async def __aenter__(self) -> Completed:
        return self

    async def __aexit__(self, *_):
        await self.aclose()

    def __del__(self):
        self._disconnect()
        if self._task is not None and not self._task.done() and not self._task.get_loop().is_closed():
            # The collector may have come in any thread
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)


# Resources -------------------------------------------------------------------


class _Holder(Jobs.Action):
    """An action that does nothing but use a resource."""

    # PyGObject registers no type for a class of an override module
    __module__ = "asyncjobs"
    __gtype_name__ = "JobsPyHolder"

    def do_start(self, attempt):
        self.attempt = attempt
        self.begun.set_result(None)
        return True


class _Hold:
    """A run that keeps a resource open, to which other runs may join."""

    async def open(self, resource):
        self._holder = _Holder()
        self._holder.begun = asyncio.get_running_loop().create_future()
        self._holder.use(resource)
        engine = Jobs.Engine()
        engine.add(self._holder)
        self._task = asyncio.ensure_future(wait(engine.orchestrate_async, engine.orchestrate_finish))
        try:
            await asyncio.wait([self._holder.begun, self._task], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._task.cancel()
            await self._end()
            raise
        if not self._holder.begun.done():
            await self._end()
            raise self._holder.get_error() or self._task.exception()

    async def close(self):
        # Somebody may have cancelled all tasks there are
        if not self._task.done() and not self._holder.attempt.has_outcome():
            self._holder.attempt.complete(None)
        await self._end()

    async def _end(self):
        try:
            await _end(self._task)
        finally:
            # The attempt leads back to the action, by way of C
            self._holder.attempt = None
            if not self._task.cancelled():
                self._task.exception()


async def _enter(resource):
    hold = _Hold()
    await hold.open(resource)
    resource.__dict__.setdefault("_holds", []).append(hold)
    return resource


async def _leave(resource, *_):
    await resource._holds.pop().close()


def make_enterable():
    """Has `async with` open and close resources, of all classes that are one."""
    Jobs.Resource.__aenter__ = _enter
    Jobs.Resource.__aexit__ = _leave
