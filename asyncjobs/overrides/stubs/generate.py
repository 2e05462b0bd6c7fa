#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the stub of a library for type checkers: what Python sees of it.

    generate.py GIR STUB [OVERRIDE.py OTHER-MODULE-OF-IT.py ...]
"""

import dataclasses
import re
import sys

from constructors import constructor, properties_of
from gir import Gir
from override import Override
from signatures import docstring, indented

HEAD = """\
# Generated from {gir}: changes are lost
# mypy: disable-error-code="override, misc"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

"""

# What PyGObject has as modules, and not as classes
LIBRARIES = {"GLib", "GObject", "Gio", "Gdk", "Gtk", "Jobs"}


class Writer:
    def __init__(self, gir, override):
        self.gir = gir
        self.override = override
        self.lines = []

    def is_overridden(self, name):
        return self.override is not None and name in self.override.classes

    def write(self):
        for name, kind in self.gir.constants.items():
            self.lines.append(f"{name}: {kind}")
        for enumeration in self.gir.enumerations:
            self.write_enumeration(enumeration)
        for struct in self.gir.structs:
            self.write_struct(struct)
        functions = {function.name: function for function in self.gir.functions}
        if self.override is not None:
            functions |= self.override.functions
        for function in functions.values():
            self.lines += ["", *function.lines()]
        for name in self.gir.classes:
            self.write_class(name)
        for name in self.override.classes if self.override is not None else ():
            if name not in self.gir.classes:
                self.write_class_of_python(self.override.classes[name])

    def text(self, gir_name):
        body = "\n".join(self.lines)
        head = self.head(body)
        return HEAD.format(gir=gir_name) + "\n".join(head) + "\n\n" + body.strip("\n") + "\n"

    def head(self, body):
        preamble = self.override.preamble if self.override is not None else []
        preamble = [*preamble, *self.literal_names()]
        used = body + "\n".join(preamble)
        head = [f"import {module}" for module in ("asyncio", "contextlib") if f"{module}." in used]
        typing = [name for name in ("Any", "Literal", "TypeVar", "overload") if re.search(rf"\b{name}\b", used)]
        head += ["from collections import abc", f"from typing import {', '.join(typing)}", "",
                 "from typing_extensions import Self", ""]
        libraries = sorted(set(re.findall(r"\b([A-Z]\w+)\.[A-Z]", used)) & LIBRARIES)
        head.append(f"from gi.repository import {', '.join(libraries)}")
        return [*head, "", *preamble] if preamble else head

    def literal_names(self):
        """What may stand for a value of an enumeration."""
        names = self.override.literals if self.override is not None else {}
        for enumeration in self.gir.enumerations:
            if enumeration.name in names:
                nicks = ", ".join(f'"{nick}"' for _, _, nick in enumeration.members)
                yield f"{names[enumeration.name]} = Literal[{nicks}]"

    def write_enumeration(self, enumeration):
        base = "GFlags" if enumeration.is_flags else "GEnum"
        body = docstring(enumeration.doc) if enumeration.doc else []
        body += [f"{name} = {value}" for name, value, _ in enumeration.members]
        for function in enumeration.functions:
            body += function.lines()
        self.lines += ["", f"class {enumeration.name}(GObject.{base}):", *indented(body)]

    def write_struct(self, struct):
        body = []
        for name, kind in struct.fields.items():
            body += ["@property", f"def {name}(self) -> {kind}: ..."]
        for method in struct.methods.values():
            body += method.lines()
        self.write_body(struct.name, ["GObject.GBoxed"], struct.doc, body)

    # Classes -----------------------------------------------------------------

    def write_class(self, name):
        described = self.gir.classes[name]
        bases = [described.parent or "GObject.GInterface", *described.interfaces]
        methods = dict(described.methods)
        if self.override is not None:
            methods |= self.override.given.get(name, {})
        doc = described.doc
        body = []
        if self.is_overridden(name):
            changed = self.override.classes[name]
            doc = changed.doc or doc
            for method, signature in changed.methods.items():
                above = methods.get(method)
                if above is not None and not signature.doc:
                    signature = dataclasses.replace(signature, doc=above.doc)
                methods[method] = signature
            bases += changed.bases
        if described.properties:
            body += self.properties(described)
        if described.parent:
            body += constructor(self.gir, self.override, name).lines()
        for method in methods.values():
            body += method.lines()
        if described.signals:
            body += self.connect(name)
        self.write_body(name, bases, doc, body)

    def write_class_of_python(self, described):
        body = []
        line = self.line_of_python(described.name)
        of_c = next((base for one in line for base in one.bases if base in self.gir.classes), None)
        if of_c is not None:
            body += constructor(self.gir, self.override, of_c, line).lines()
        elif described.init is not None:
            body += described.init.lines()
        for method in described.methods.values():
            body += method.lines()
        self.write_body(described.name, described.bases, described.doc, body)

    def write_body(self, name, bases, doc, body):
        body = [*(docstring(doc) if doc else []), *body]
        self.lines += ["", f"class {name}({', '.join(bases)}):", *indented(body or ["..."])]

    def properties(self, described):
        """props, with a type for each one"""
        parent = described.parent
        inner = []
        for one in described.properties.values():
            if one.is_writable and not one.is_construct_only:
                inner.append(f"{one.name}: {one.takes}")
            else:
                inner += ["@property", f"def {one.name}(self) -> {one.type}: ..."]
        return [f"class Props({parent}.Props):", *indented(inner),
                "@property", "def props(self) -> Props: ..."]

    def line_of_python(self, name):
        """A class of the override and those that it derives from there."""
        line = []
        while self.is_overridden(name):
            line.append(self.override.classes[name])
            name = next(iter(line[-1].bases), "")
            if line[-1].is_override:
                break
        return line

    # Signals -----------------------------------------------------------------

    def connect(self, name):
        """connect () for each signal; what has no data is called with what the signal has."""
        described = self.gir.classes[name]
        lines = []
        signals = {}
        for owner in self.gir.line(name):
            signals |= owner.signals
        for signal, signature in sorted(signals.items()):
            arguments = ", ".join(["Self", *[one.type for one in signature.parameters]])
            result = "object" if signature.result == "None" else signature.result
            called = f"abc.Callable[[{arguments}], {result}]"
            lines += self.connect_lines(f'Literal["{signal}"]', called, "/")
            lines += self.connect_lines(f'Literal["{signal}"]', f"abc.Callable[..., {result}]",
                                        "data: object, /, *more: object")
        if described.is_final:
            # Has no signals but these
            names = ", ".join(f'"{one}"' for one in ["notify", *[
                "notify::" + one.name.replace("_", "-") for one in properties_of(self.gir, name)]])
            lines += self.connect_lines(f"Literal[{names}]", "abc.Callable[..., object]", "/, *data: object")
        else:
            lines += self.connect_lines("str", "abc.Callable[..., Any]", "/, *data: object")
        return lines

    @staticmethod
    def connect_lines(signal, called, rest):
        line = f"def connect(self, signal: {signal}, handler: {called}, {rest}) -> int: ..."
        if len(line) <= 100:
            return ["@overload", line]
        return ["@overload", "def connect(", f"    self, signal: {signal},", f"    handler: {called},",
                f"    {rest},", ") -> int: ..."]


def main():
    source, stub, *modules = sys.argv[1:]
    gir = Gir(source)
    writer = Writer(gir, Override(modules, gir) if modules else None)
    writer.write()
    with open(stub, "w", encoding="utf-8") as file:
        file.write(writer.text(re.sub(r".*/", "", source)))


if __name__ == "__main__":
    main()
