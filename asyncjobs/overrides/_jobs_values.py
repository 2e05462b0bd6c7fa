# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Values, durations and errors between Python and C, for the override of Jobs."""

import asyncio
import functools
import math

from gi.module import get_introspection_module
from gi.repository import Gio, GLib, GObject

Jobs = get_introspection_module("Jobs")


def milliseconds(name, seconds):
    if seconds is None or seconds == math.inf:
        return 0
    if not 0 <= seconds <= GLib.MAXUINT32 / 1000:
        raise ValueError(f"{name} must be a number of seconds, 0 or more, not {seconds}")
    return math.ceil(seconds * 1000)


def convert_seconds(properties, names):
    for name in names & properties.keys():
        properties[name] = milliseconds(name, properties[name])


def to_enum(enum, value):
    if not isinstance(value, str):
        return value
    member = getattr(enum, value.upper().replace("-", "_"), None)
    if not isinstance(member, enum):
        raise ValueError(f"{enum.__name__} has no value “{value}”")
    return member


def is_exact(value):
    """Whether a plain GValue gives the same value back."""
    kind = type(value)
    if kind is int:
        return -2**63 <= value < 2**63
    if kind is str:
        return "\0" not in value and (value.isascii() or _utf8(value) == value)
    return kind is float or kind is bool


def to_value(value):
    if value is None:
        return None
    if not is_exact(value):
        return GObject.Value(GObject.TYPE_PYOBJECT, value)
    if type(value) is int and not -2**31 <= value < 2**31:
        return GObject.Value(GObject.TYPE_INT64, value)
    return value


def _utf8(text):
    """Text as C can have it."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def to_gerror(error):
    if isinstance(error, GLib.Error):
        return error.copy()
    if isinstance(error, asyncio.CancelledError):
        # The word of the library: who runs the program reads it, unlike what is raised for misuse
        text = GLib.dgettext("asyncjobs", "cancelled")
        return GLib.Error.new_literal(Gio.io_error_quark(), text, Gio.IOErrorEnum.CANCELLED)
    try:
        text = str(error)
    except Exception:
        text = ""
    name = type(error).__name__
    return GLib.Error.new_literal(Jobs.error_quark(), _utf8(f"{name}: {text}" if text else name),
                                  Jobs.Error.FAILED)


def is_error(error, *codes):
    return any(error.matches(Jobs.error_quark(), code) for code in codes)


def raise_misuse(error):
    """The Python exception where an error says that the call itself was wrong."""
    if is_error(error, Jobs.Error.BUSY, Jobs.Error.STARTED):
        raise RuntimeError(error.message) from error
    if is_error(error, Jobs.Error.CYCLE, Jobs.Error.DANGLING, Jobs.Error.POOL):
        raise ValueError(error.message) from error


def translated(method):
    @functools.wraps(method)
    def call(*args, **kwargs):
        try:
            return method(*args, **kwargs)
        except GLib.Error as error:
            raise_misuse(error)
            raise

    return call


def in_seconds(name):
    """A getter and a setter in seconds for a property in milliseconds."""

    def get(self):
        return getattr(self.props, name) / 1000

    def set(self, seconds):
        setattr(self.props, name, milliseconds(name, seconds))

    return get, set
