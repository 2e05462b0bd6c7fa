# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a stub says of a function, wherever that was read, and how it is written."""

import dataclasses
import textwrap
from typing import NamedTuple

WIDTH = 100


class Parameter(NamedTuple):
    name: str
    type: str
    default: str = ""  # as it is written; nothing where one has to be given
    stars: str = ""

    def __str__(self):
        if self.type is None:
            return self.stars + self.name
        text = f"{self.stars}{self.name}: {self.type}"
        return f"{text} = {self.default}" if self.default else text


@dataclasses.dataclass
class Signature:
    name: str
    parameters: list  # of Parameter, without self
    result: str
    doc: str = ""
    first: str = "self"  # "" for what is no method
    decorators: tuple = ()
    is_async: bool = False
    overloads: tuple = ()  # of Signature, which stand in its place

    def lines(self):
        if self.overloads:
            return [line for one in self.overloads for line in ["@overload", *one.lines()]]
        parameters = [str(parameter) for parameter in self.parameters]
        if self.first:
            parameters.insert(0, self.first)
        start = f"{'async ' if self.is_async else ''}def {self.name}("
        end = f") -> {self.result}:"
        line = start + ", ".join(parameters) + end
        head = [line]
        if len(line) > WIDTH:
            head = [start, *[f"    {parameter}," for parameter in parameters], end]
        decorators = ["@" + decorator for decorator in self.decorators]
        if not self.doc:
            return [*decorators, *head[:-1], head[-1] + " ..."]
        return [*decorators, *head, *indented(docstring(self.doc))]


def docstring(text):
    text = text.replace("\\", "\\\\").replace('"""', "'''")
    lines = textwrap.wrap(text, WIDTH - 20, break_long_words=False, break_on_hyphens=False)
    if len(lines) > 1:
        lines.append("")
    lines[0] = '"""' + lines[0]
    lines[-1] += '"""'
    return lines


def indented(lines):
    return ["    " + line if line else "" for line in lines]


def optional(kind):
    """The type, or None."""
    if kind in ("Any", "None", "object") or kind.endswith("| None"):
        return kind
    return f"{kind} | None"
