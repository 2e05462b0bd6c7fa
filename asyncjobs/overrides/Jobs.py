# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Jobs for Python: coroutines as actions, and asyncio beside GLib.

Durations are seconds here, in arguments and methods; properties (`props`) are
milliseconds, as in C.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import inspect
from typing import TYPE_CHECKING

from gi.module import get_introspection_module
from gi.overrides import override
from gi.overrides._jobs_asyncio import MainContextLoop, begin, interrupt, loop_for_jobs, wait
from gi.overrides._jobs_blocking import block
from gi.overrides._jobs_bodies import called, to_coroutine, to_function
from gi.overrides._jobs_notebook import Show, draw, list_in_html
from gi.overrides._jobs_values import (convert_seconds, in_seconds, is_error, is_exact, milliseconds,
                                       raise_misuse, to_enum, to_gerror, to_value, translated)
from gi.overrides._jobs_waiting import Completed, call_async, make_enterable
from gi.repository import GLib, GObject

Jobs = get_introspection_module("Jobs")

__all__ = ["Completed", "MainContextLoop", "call_async"]

# Nothing evaluates annotations: the stubs are made of them, and of what can be told without
if TYPE_CHECKING:
    from collections import abc
    from typing import Any, TypeVar

    _Actions = Jobs.Action | Jobs.Sequence | None | abc.Iterable["_Actions"]
    _Added = TypeVar("_Added", bound="Jobs.Action | Jobs.Sequence")
    _Body = abc.Coroutine[Any, Any, Any] | abc.Generator[Any, Any, Any] | abc.Callable[[], Any]
    _Pools = Jobs.Pool | abc.Iterable[Jobs.Pool] | abc.Mapping[Jobs.Pool, int]
    _Resources = Jobs.Resource | abc.Iterable[Jobs.Resource]

# What each action needs: PyGObject makes an object wherever a method is looked up
_new_action = Jobs.Action.__new__
_init_action = Jobs.Action.__init__
_get_engine = Jobs.Action.get_engine
_requires_full = Jobs.Action.requires_full
_complete = Jobs.Attempt.complete

# Actions in lists ------------------------------------------------------------


def _flatten(items, flat, takes_last=False):
    """Appends the actions and sequences in what may be nested; None is nothing."""
    for item in items:
        # An engine is iterable too, but it is the engine that is meant
        if isinstance(item, Jobs.Action):
            flat.append(item)
        elif isinstance(item, Jobs.Sequence):
            item = item.get_last() if takes_last else item
            if item is not None:
                flat.append(item)
        elif isinstance(item, (str, bytes)) or not hasattr(item, "__iter__"):
            if item is not None:
                raise TypeError(f"expected actions, sequences, or lists of them, not {item!r}")
        else:
            _flatten(item, flat, takes_last)
    return flat


def _flatten_required(items):
    """Likewise, with the last action of a sequence in its place."""
    return _flatten(items, [], takes_last=True)


# Attempts --------------------------------------------------------------------

# asyncio holds its tasks weakly; and so a task is found by its attempt
_tasks = {}

_current_attempt = contextvars.ContextVar("attempt")


def current_attempt() -> Attempt:
    """The attempt that the running coroutine or function belongs to.

    It serves to report progress (`report`), or to say that the action is ready
    (`ready`). LookupError where there is none.
    """
    return _current_attempt.get()


__all__.append("current_attempt")


class Attempt(Jobs.Attempt):

    def complete(self, value=None):
        """The work has ended well; any value, which is kept as it is."""
        _complete(self, value if value is None else to_value(value))

    def fail(self, error: BaseException):
        """The work has failed; any exception, which is kept as it is."""
        action = self.get_action()
        if action is not None:
            action._keep(error)
        super().fail(to_gerror(error))


Attempt = override(Attempt)
__all__.append("Attempt")


def _end(attempt, task):
    del _tasks[attempt]
    if task.cancelled():
        attempt.fail(asyncio.CancelledError())
    elif task.exception() is not None:
        attempt.fail(task.exception())
    else:
        attempt.complete(task.result())


def _begin(action, attempt, function):
    """Calls the function, and goes on with what it returns if that can be awaited."""
    running = asyncio._get_running_loop()
    # Before the attempt is in the context, which a loop that is made here would keep
    loop = loop_for_jobs(running)
    token = _current_attempt.set(attempt)
    # Plain functions too may make tasks and futures, and want to find the loop
    asyncio._set_running_loop(loop)
    try:
        value, raised = next(called(function))
        if raised is not None:
            raise _refusal(action, raised)
        if not inspect.iscoroutine(value):
            coroutine = to_coroutine(value)
            if coroutine is None:
                attempt.complete(value)
                return True
            value = coroutine
        task = begin(value, loop, attempt)
        if task is not None:
            _tasks[attempt] = task
            task.add_done_callback(functools.partial(_end, attempt))
    finally:
        asyncio._set_running_loop(running)
        _current_attempt.reset(token)
    return True


def _refusal(action, error):
    """Keeps what a virtual function has raised; returns what to raise in its place."""
    action._keep(error)
    if not isinstance(error, Exception):
        interrupt(error)
    return to_gerror(error)


def _guarded(vfunc):
    """Lets a virtual function in Python raise anything."""
    begins = vfunc.__name__ in ("do_perform", "do_start")

    @functools.wraps(vfunc)
    def call(self, *args):
        if begins and self._raised is not None:
            self._raised = None
        value, raised = next(called(vfunc, self, *args))
        if raised is not None:
            raise _refusal(self, raised)
        return value

    return call


# Actions ---------------------------------------------------------------------


class Action(Jobs.Action):
    """What there is to do.

    Called itself, it makes an action of a coroutine, or of a function; one of a
    function can run again. A generator yields what is to be awaited, and gets
    what comes of that. A plain function is called in the thread of the run; with
    thread=True in another one, so that it may block.

    The base class of your own kinds with coroutines is AbstractAction; others
    derive from this one and override do_start().

    Arguments by name: label, details, critical, forever, timeout, retries,
    retry_delay, retry_delay_max (seconds), priority, requires, pools (a pool, a
    list of them, or amounts by pool), uses (resources).
    """

    _raised = None

    def __new__(cls, *args, **kwargs):
        return _new_action(_CoroutineAction if cls is Action else cls)

    def __init_subclass__(cls, **kwargs):
        for name in ("do_perform", "do_start", "do_stop", "do_clean_up"):
            vfunc = cls.__dict__.get(name)
            if inspect.isfunction(vfunc) and vfunc.__module__ != __name__:
                setattr(cls, name, _guarded(vfunc))
        super().__init_subclass__(**kwargs)

    def __init__(self, *, requires: _Actions = None, pools: _Pools | None = None,
                 uses: _Resources | None = None, **properties):
        if properties:
            convert_seconds(properties, {"timeout", "retry_delay", "retry_delay_max"})
            super().__init__(**properties)
        else:
            _init_action(self)
        if requires is not None:
            self.requires(requires)
        if pools is not None:
            self._take_pools(pools)
        if uses is not None:
            for resource in uses if hasattr(uses, "__iter__") else [uses]:
                self.use(resource)

    def __str__(self):
        text = self.to_string()
        value = self.get_result()
        if value is not None and not is_exact(value):
            # C knows no more of a Python object than where it is
            where = GObject.strdup_value_contents(GObject.Value(GObject.TYPE_PYOBJECT, value))
            text = text.replace(where, str(value), 1)
        return text

    __repr__ = __str__

    def _keep(self, error):
        # What a clean-up raises is not why the action failed
        if self.is_ended():
            return
        traceback = error.__traceback__
        # Our frames explain nothing, and hold the attempt, which would hold the action
        while traceback is not None and traceback.tb_frame.f_globals.get("__package__") == __package__:
            traceback = traceback.tb_next
        self._raised = error.with_traceback(traceback)
        self._traceback = traceback

    def _take_pools(self, pools):
        if isinstance(pools, Jobs.Pool):
            pools = [pools]
        if not hasattr(pools, "items"):
            pools = dict.fromkeys(pools, 1)
        for pool, amount in pools.items():
            self.add_pool(pool, amount)

    def requires(self, *requirements: _Actions, remove=False, condition=Jobs.Condition.DONE):
        """Makes actions requirements of this one, or removes them; returns it.

        Takes actions, sequences (their last action), None, and lists of all that.
        """
        condition = to_enum(Jobs.Condition, condition)
        try:
            for other in _flatten_required(requirements):
                if remove:
                    if not self.drop_requirement(other):
                        raise KeyError(other)
                elif other is not self:
                    _requires_full(self, other, condition)
        except GLib.Error as error:
            raise_misuse(error)
            raise
        return self

    @property
    def requirements(self):
        return self.dup_requirements()

    @property
    def dependents(self):
        return self.dup_dependents()

    def result(self):
        """What the action returned.

        ValueError while there is none; what it raised where it has failed.
        """
        if not self.is_done():
            raise ValueError(f"no result: the action is {self.get_state().value_nick}")
        value = self.get_result()
        if value is None and self.get_state() != Jobs.State.FINISHED:
            raise self.exception
        return value

    @property
    def exception(self) -> BaseException | None:
        """Why the action failed: what it raised, else a GLib.Error or a TimeoutError."""
        error = self.get_error()
        if error is None:
            return None
        if self.get_state() == Jobs.State.FAILED and self._raised is not None:
            # Each time that it is raised again lengthens its traceback
            return self._raised.with_traceback(self._traceback)
        if is_error(error, Jobs.Error.TIMED_OUT):
            timeout = TimeoutError(error.message)
            timeout.__cause__ = error
            return timeout
        return error

    error = exception

    get_timeout, set_timeout = in_seconds("timeout")
    get_retry_delay, set_retry_delay = in_seconds("retry_delay")
    get_retry_delay_max, set_retry_delay_max = in_seconds("retry_delay_max")

    def run_async(self, cancellable=None, callback=None, *user_data):
        """Runs this action alone; without a callback it is to be awaited.

        True or False, as with Engine.orchestrate_async().
        """
        if callback is not None:
            return super().run_async(cancellable, callback, *user_data)
        return _verdict(self, super().run_async, self.run_finish, cancellable)

    def run(self, check=False) -> bool:
        """Runs this action alone."""
        return _block_for_verdict(self, super().run_async, self.run_finish, check)


Action = override(Action)
__all__.append("Action")


class AbstractAction(Action):
    """The base class of actions that are coroutines: override corun().

    coshutdown(), where a class has it, is awaited at the end of each run, also
    for an action that has not started.
    """

    # PyGObject registers no type for a class of an override module
    __module__ = "asyncjobs"
    __gtype_name__ = "JobsPyAbstractAction"

    def __init_subclass__(cls, **kwargs):
        if cls.coshutdown is not AbstractAction.coshutdown and "do_clean_up" not in cls.__dict__:
            # Only here: what has nothing to clean up is not called for it
            cls.do_clean_up = AbstractAction._clean_up
        super().__init_subclass__(**kwargs)

    async def corun(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no corun()")

    async def coshutdown(self) -> Any:
        pass

    def do_start(self, attempt):
        if self._raised is not None:
            self._raised = None
        return _begin(self, attempt, self.corun)

    def do_stop(self, attempt):
        task = _tasks.get(attempt)
        if task is None:
            return Jobs.Action.do_stop(self, attempt)
        task.cancel()
        return True

    def _clean_up(self, attempt):
        return _begin(self, attempt, self.coshutdown)


__all__.append("AbstractAction")


class _CoroutineAction(AbstractAction):
    """What Action() returns."""

    __module__ = "asyncjobs"
    __gtype_name__ = "JobsPyAction"

    def __init__(self, corun: _Body, thread=False, **kwargs):
        if kwargs:
            super().__init__(**kwargs)
        else:
            _init_action(self)
        self.corun = to_function(corun, thread)


class DelayAction(Jobs.DelayAction):
    """Does nothing, for a time in seconds."""

    def __init__(self, delay=0, **kwargs):
        super().__init__(delay=milliseconds("delay", delay), **kwargs)

    get_delay, set_delay = in_seconds("delay")


DelayAction = override(DelayAction)
__all__.append("DelayAction")


# Engines ---------------------------------------------------------------------


async def _verdict(owner, start, finish, cancellable, check=False):
    try:
        return await wait(start, finish, cancellable)
    except GLib.Error as error:
        return _judge(owner, error, check)


def _block_for_verdict(owner, start, finish, check):
    try:
        return block(start, finish, owner.cancel)
    except GLib.Error as error:
        return _judge(owner, error, check)


def _judge(owner, error, check):
    raise_misuse(error)
    if check:
        raise owner.exception or error
    return False


class Engine(Jobs.Engine):
    """An action that holds actions, and runs them.

    Arguments: actions, sequences, and lists of them; by name, beside those of an
    action: window, on_failure ("abort", "drain", "keep-going"), grace and
    shutdown_timeout (seconds).
    """

    def __init__(self, *actions: _Actions, window=None, on_failure=Jobs.OnFailure.ABORT, **kwargs):
        if window is not None and window < 0:
            raise ValueError(f"window must be 0 or more, not {window}")
        convert_seconds(kwargs, {"grace", "shutdown_timeout"})
        super().__init__(window=window or 0, on_failure=to_enum(Jobs.OnFailure, on_failure), **kwargs)
        self.update(actions)

    # An empty list model is false, but this is an action too
    def __bool__(self):
        return True

    def __contains__(self, action: object) -> bool:
        return isinstance(action, Jobs.Action) and self.contains(action)

    def __iter__(self) -> abc.Iterator[Action]:
        return iter(self.actions)

    @property
    def actions(self) -> list[Action]:
        """The actions, as they were added."""
        return [self.get_item(i) for i in range(self.get_n_items())]

    def add(self, action: _Added) -> _Added:
        """Adds an action, or the actions of a sequence; returns it."""
        self.update([action])
        return action

    def update(self, actions: _Actions):
        """Adds all of them; returns the engine."""
        some = {}
        for item in _flatten([actions], []):
            if isinstance(item, Jobs.Sequence):
                self._add_many(some)
                if not self.add_sequence(item):
                    raise ValueError("an action of the sequence is in another engine")
            else:
                some[item] = None
        self._add_many(some)
        return self

    def _add_many(self, actions):
        new = []
        for action in actions:
            engine = _get_engine(action)
            if engine is self:
                continue
            if engine is not None:
                raise ValueError(f"{action} is in another engine")
            if isinstance(action, Jobs.Engine) and action._holds(self):
                raise ValueError(f"{action} would be inside itself")
            new.append(action)
        actions.clear()
        if new:
            self.add_many(new)

    def _holds(self, action):
        while action is not None and action is not self:
            action = action.get_engine()
        return action is self

    def remove(self, action):
        """Removes an action, and what requires it no longer does; returns the engine."""
        if action not in self:
            raise KeyError(action)
        super().remove(action)
        return self

    @translated
    def check(self) -> list[str]:
        """The warnings about the graph; ValueError where it cannot run."""
        _, warnings = super().check()
        return list(warnings or ())

    @translated
    def dup_order(self):
        return super().dup_order()

    @translated
    def retry(self, action):
        return super().retry(action)

    def keep_only(self, *actions: _Actions):
        super().keep_only(_flatten_required(actions))

    def keep_only_between(self, starts: _Actions = (), ends: _Actions = (), keep_starts=True,
                          keep_ends=True):
        super().keep_only_between(_flatten_required([starts]), _flatten_required([ends]),
                                  keep_starts, keep_ends)

    @property
    def exception(self) -> BaseException | None:
        """Why the last run failed: what the action raised that made it fail.

        With keep-going no single one did: a GLib.Error, whose __cause__ is what an
        action raised, or where several did, an ExceptionGroup of that.
        """
        error = super().exception
        if not isinstance(error, GLib.Error) or not is_error(error, Jobs.Error.CRITICAL, Jobs.Error.INCOMPLETE):
            return error
        failed = [action for action in self
                  if action.get_critical() and action.get_error() is not None
                  and action.get_state() in (Jobs.State.FAILED, Jobs.State.TIMED_OUT)]
        causes = [action.exception for action in sorted(failed, key=Jobs.Action.get_end_time)]
        if causes and is_error(error, Jobs.Error.CRITICAL):
            return causes[0]
        if causes:
            error.__cause__ = causes[0] if len(causes) == 1 else BaseExceptionGroup(error.message, causes)
        return error

    error = exception

    # What notebooks ask for: a picture, or where there can be none, words
    def _repr_svg_(self):
        return draw(self)

    def _repr_html_(self):
        return list_in_html(self)

    def show(self, interval=0.5):
        """Shows the engine in a notebook, and anew as it runs, until the run has ended.

        The states are drawn at most once in each interval, in seconds. To be called
        before the run or in it, in the same thread; IPython must be there.
        """
        Show(self, interval)

    @contextlib.contextmanager
    def _with_timeout(self, timeout):
        if timeout is None:
            yield
            return
        if self.is_active():
            raise RuntimeError("the engine runs already: it can run again once that has ended")
        before = self.get_timeout()
        self.set_timeout(timeout)
        try:
            yield
        finally:
            self.set_timeout(before)

    def orchestrate(self, timeout=None, check=False) -> bool:
        """Runs the actions to the end, and blocks meanwhile.

        True where all went well, else False, or with check what was raised. A
        timeout, in seconds, is for this run alone. ValueError where the graph
        cannot run, RuntimeError where the engine runs already. Ctrl-C cancels
        the run, waits for its end, and is raised then.
        """
        with self._with_timeout(timeout):
            return _block_for_verdict(self, super().orchestrate_async, self.orchestrate_finish, check)

    def orchestrate_async(self, cancellable=None, callback=None, *user_data, timeout=None, check=False):
        """The same without blocking; without a callback it is to be awaited."""
        if callback is not None:
            if timeout is not None or check:
                raise TypeError("timeout and check are for what is awaited, and not for a callback")
            return super().orchestrate_async(cancellable, callback, *user_data)
        return self._orchestrate(super().orchestrate_async, cancellable, timeout, check)

    async def _orchestrate(self, start, cancellable, timeout, check):
        with self._with_timeout(timeout):
            return await _verdict(self, start, self.orchestrate_finish, cancellable, check)

    def __await__(self) -> abc.Generator[Any, Any, bool]:
        """Runs the engine; like orchestrate_async()."""
        return self.orchestrate_async().__await__()

    def as_completed(self, timeout=None, check=False) -> Completed:
        """Runs the engine, and gives each action as it ends: for `async for`.

        What orchestrate() would raise is raised at the end. To leave the loop early
        cancels the run; what is given is for `async with` too, which waits for that.
        """
        return Completed(self, functools.partial(self.orchestrate_async, timeout=timeout, check=check))

    def shutdown_async(self, cancellable=None, callback=None, *user_data):
        """Cleans up after the actions; done already where a run has ended."""
        if callback is not None:
            return super().shutdown_async(cancellable, callback, *user_data)
        return _verdict(self, super().shutdown_async, self.shutdown_finish, cancellable)

    def clear_async(self, cancellable=None, callback=None, *user_data):
        """Removes all actions, a few at a time; awaitable likewise."""
        if callback is not None:
            return super().clear_async(cancellable, callback, *user_data)
        return _verdict(self, super().clear_async, self.clear_finish, cancellable)

    def shutdown(self) -> bool:
        return _block_for_verdict(self, super().shutdown_async, self.shutdown_finish, False)

    get_grace, set_grace = in_seconds("grace")
    get_shutdown_timeout, set_shutdown_timeout = in_seconds("shutdown_timeout")


Engine = override(Engine)
__all__.append("Engine")


class Sequence(Jobs.Sequence):
    """Actions of which each requires the one before it."""

    def __init__(self, *actions: _Actions, requires: _Actions = None, engine: Engine | None = None):
        super().__init__()
        self.append(*actions)
        self.requires(requires)
        if engine is not None:
            engine.add(self)

    def append(self, *actions: _Actions):
        for item in _flatten(actions, []):
            append = super().append_sequence if isinstance(item, Jobs.Sequence) else super().append
            if not append(item):
                raise ValueError(f"{item} cannot be appended: it is in a sequence or an engine already")

    def requires(self, *requirements: _Actions):
        for other in _flatten_required(requirements):
            super().requires(other)

    def __bool__(self):
        return True


Sequence = override(Sequence)
__all__.append("Sequence")


class Pool(Jobs.Pool):
    """A budget that actions of any engine draw on."""

    def __init__(self, name=None, capacity=1):
        super().__init__(name=name, capacity=capacity)


Pool = override(Pool)
__all__.append("Pool")

make_enterable()
