# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Engines in a notebook, for the override of Jobs: at rest, and while they run."""

import contextvars
import functools
import html
import time

from gi.module import get_introspection_module
from gi.overrides._jobs_asyncio import context_for_jobs, thread_default
from gi.repository import Gio, GLib

Jobs = get_introspection_module("Jobs")

# Nobody sees more, and each picture is a process
_MIN_INTERVAL = 0.1

# Of a list in the place of a picture that would have been too big
_MAX_LINES = 200


def draw(engine):
    """SVG; None where there can be no picture."""
    try:
        return Jobs.Picture.new(engine).render("svg", None).get_data().decode()
    except GLib.Error:
        return None


def list_in_words(engine):
    """What there is in the place of a picture, and why; None: there can be a picture."""
    try:
        Jobs.Picture.new(engine).can_render()
    except GLib.Error as error:
        lines = engine.dup_list(False).splitlines()
        if len(lines) > _MAX_LINES:
            lines[_MAX_LINES:] = ["…"]
        return "\n".join([*lines, "", f"({error.message})"])
    return None


def list_in_html(engine):
    words = list_in_words(engine)
    return words and f"<pre>{html.escape(words)}</pre>"


def _bundle(engine, svg):
    if svg is None:
        return {"text/plain": list_in_words(engine) or str(engine)}
    return {"text/plain": str(engine), "image/svg+xml": svg}


class Show:
    """One place in a notebook where an engine is drawn anew until a run of it has ended.

    It keeps no engine: it is kept by one, as what hears its signals.
    """

    def __init__(self, engine, interval):
        from IPython import display, get_ipython

        if get_ipython() is None:
            raise RuntimeError("show() is for notebooks; to_dot() and Jobs.Picture draw elsewhere")
        self._interval = max(interval, _MIN_INTERVAL)
        self._is_stale = False
        self._timer = None
        self._drawing = None
        # What the kernel needs to know whose output it is
        self._context = contextvars.copy_context()
        begin = time.monotonic()
        self._handle = display.display(_bundle(engine, draw(engine)), raw=True, display_id=True)
        self._duration = time.monotonic() - begin
        self._handlers = [
            engine.connect("action-state-changed", self._on_change),
            engine.connect("finished", self._on_finished),
        ]

    def _update(self, engine, svg):
        self._context.run(self._handle.update, _bundle(engine, svg), raw=True)

    def _on_change(self, engine, *_):
        self._is_stale = True
        self._arm(engine)

    def _arm(self, engine):
        if self._timer is not None or self._drawing is not None:
            return
        # Pictures are not to take more time than there is between them
        delay = max(self._interval, self._duration)
        self._timer = GLib.timeout_source_new(int(delay * 1000))
        self._timer.set_callback(functools.partial(self._on_time, engine))
        self._timer.attach(context_for_jobs())

    def _on_time(self, engine, *_):
        self._timer = None
        self._is_stale = False
        self._drawing = Gio.Cancellable()
        with thread_default(context_for_jobs()):
            Jobs.Picture.new(engine).render_async("svg", self._drawing, self._on_drawn, engine,
                                                  time.monotonic())
        return GLib.SOURCE_REMOVE

    def _on_drawn(self, picture, result, engine, begin):
        try:
            svg = picture.render_finish(result).get_data().decode()
        except GLib.Error as error:
            if error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                return
            svg = None
        self._drawing = None
        self._duration = time.monotonic() - begin
        self._update(engine, svg)
        if self._is_stale:
            self._arm(engine)

    def _on_finished(self, engine, *_):
        """Draws the last one at once: nobody may look after GLib any more behind this."""
        for handler in self._handlers:
            engine.disconnect(handler)
        if self._timer is not None:
            self._timer.destroy()
            self._timer = None
        if self._drawing is not None:
            self._drawing.cancel()
            self._drawing = None
        self._update(engine, draw(engine))
