#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What type checkers are told, beside what PyGObject makes.

    test_stubs.py STUBS: the folder that has Jobs.pyi, and JobsGtk.pyi where it is built
"""

import ast
import importlib
import inspect
import re
import sys
import types
import unittest
from pathlib import Path

import gi

gi.require_version("Jobs", "1")
from gi.repository import GObject

import tap

STUBS = Path(sys.argv.pop(1))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

# Of these each object has one, and it is known what they do
HIDDEN = {"__init__", "__init_subclass__", "__new__", "__del__", "__repr__", "__str__"}


def is_ours(kind):
    return kind.__module__.startswith(("gi.repository.Jobs", "gi.overrides.Jobs", "gi.overrides._jobs", "asyncjobs"))


def is_shown(name, value):
    if name.startswith("__") and name.endswith("__"):
        return inspect.isfunction(value) and name not in HIDDEN
    # The first field of a struct in C
    return not name.startswith("_") and name != "parent_instance"


def members_of(kind):
    """What a class has from us, by name."""
    return {name: value for base in reversed(kind.__mro__) if is_ours(base)
            for name, value in vars(base).items() if is_shown(name, value)}


class Stub:
    """One file, as it is written."""

    def __init__(self, path):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self.names = {}
        for node in tree.body:
            if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
                self.names[node.name] = node
            elif isinstance(node, ast.AnnAssign):
                self.names[node.target.id] = node
        self.classes = {name: node for name, node in self.names.items() if isinstance(node, ast.ClassDef)}

    def line(self, name):
        """A class, and those in the file that it derives from."""
        if name in self.classes:
            yield self.classes[name]
            for base in self.classes[name].bases:
                yield from self.line(ast.unparse(base))

    def members(self, name):
        found = {}
        for node in self.line(name):
            for member in node.body:
                if isinstance(member, FUNCTIONS):
                    found.setdefault(member.name, member)
                elif isinstance(member, ast.Assign):
                    found.setdefault(member.targets[0].id, member)
        return found

    def properties(self, name):
        """Whether each can be set."""
        return {getattr(one, "name", None) or one.target.id: isinstance(one, ast.AnnAssign)
                for node in self.line(name) for inner in node.body
                if isinstance(inner, ast.ClassDef) and inner.name == "Props" for one in inner.body}


def parameters(node):
    """Each name without self, and whether it may be left out."""
    arguments = node.args
    plain = [one.arg for one in [*arguments.posonlyargs, *arguments.args]]
    left_out = [False] * (len(plain) - len(arguments.defaults)) + [True] * len(arguments.defaults)
    found = [pair for pair in zip(plain, left_out) if pair[0] not in ("self", "cls")]
    if arguments.vararg is not None:
        found.append((arguments.vararg.arg, True))
    return found + [(one.arg, default is not None) for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults)]


class Stubs(unittest.TestCase):

    def pairs(self):
        for name in ("Jobs", "JobsGtk"):
            path = STUBS / f"{name}.pyi"
            if name == "Jobs" or path.exists():
                gi.require_version(name, "1")
                yield importlib.import_module(f"gi.repository.{name}"), Stub(path)

    def class_pairs(self):
        for module, stub in self.pairs():
            for name in stub.classes:
                yield getattr(module, name), name, stub

    def test_each_name_is_there(self):
        for module, stub in self.pairs():
            # The structs of classes in C are of no use in Python
            live = {name for name in dir(module) if not name.startswith("_")
                    and not (inspect.isclass(getattr(module, name))
                             and issubclass(getattr(module, name), gi._gi.Struct))}
            self.assertEqual(live, set(stub.names))

    def test_each_member_is_there(self):
        count = 0
        for kind, name, stub in self.class_pairs():
            live, told = members_of(kind), stub.members(name)
            known = dir(asyncio_of(kind))
            self.assertEqual([], [member for member in live if member not in told and member not in known], name)
            self.assertEqual([], [member for member in told if not hasattr(kind, member)
                                  and member not in self.of_interfaces(name, stub)], name)
            count += len(told)
        self.assertGreater(count, 500)

    @staticmethod
    def of_interfaces(name, stub):
        """Virtual functions that are there to be written, and cannot be called."""
        return {member.name for node in stub.line(name) if "GObject.GInterface" in map(ast.unparse, node.bases)
                for member in node.body if isinstance(member, FUNCTIONS) and member.name.startswith("do_")}

    def test_each_property_is_there(self):
        for kind, name, stub in self.class_pairs():
            if not issubclass(kind, GObject.Object):
                continue
            live = {one.name.replace("-", "_"): bool(one.flags & GObject.ParamFlags.WRITABLE)
                    and not one.flags & GObject.ParamFlags.CONSTRUCT_ONLY
                    for one in GObject.list_properties(kind) if is_ours(one.owner_type.pytype)}
            self.assertEqual(live, stub.properties(name), name)

    def test_constructors_take_the_properties(self):
        for kind, name, stub in self.class_pairs():
            told = stub.members(name)
            if not issubclass(kind, GObject.Object) or kind.__gtype__.is_abstract():
                continue
            for one in GObject.list_properties(kind):
                if one.flags & GObject.ParamFlags.WRITABLE and is_ours(one.owner_type.pytype):
                    self.assertIn(one.name.replace("-", "_"), dict(parameters(told["__init__"])), name)

    def compare_with_c(self, function, node, what):
        """PyGObject says of each function in C: name(a:type, b:type=None) -> type, type"""
        takes, gives = re.fullmatch(r"\w+\((.*)\)(?: -> (.*))?", function.__doc__).groups()
        live = [(re.match(r"\w+", part)[0], part.endswith("=None"))
                for part in (takes.split(", ") if takes else []) if part != "self"]
        # Elsewhere it is given, None or not
        live = [(name, left_out and all(later for _, later in live[number:]))
                for number, (name, left_out) in enumerate(live)]
        self.assertEqual(live, parameters(node), what)
        returns = node.returns
        told = len(returns.slice.elts) if ast.unparse(returns).startswith("tuple[") else 1
        self.assertEqual(len(gives.split(", ")) if gives else 0,
                         0 if ast.unparse(returns) == "None" else told, what)

    def test_functions_in_c_are_called_so(self):
        count = 0
        for kind, name, stub in self.class_pairs():
            told = stub.members(name)
            for member, value in members_of(kind).items():
                if type(value).__module__ == "gi" and value.__doc__:
                    self.compare_with_c(value, told[member], f"{name}.{member}")
                    count += 1
        for module, stub in self.pairs():
            for name, node in stub.names.items():
                if isinstance(node, FUNCTIONS) and not isinstance(getattr(module, name), types.FunctionType):
                    self.compare_with_c(getattr(module, name), node, name)
                    count += 1
        self.assertGreater(count, 500)

    def compare_with_python(self, function, node, what):
        empty = inspect.Parameter.empty
        live = [(one.name, one.default is not empty or one.kind is one.VAR_POSITIONAL)
                for one in list(inspect.signature(function).parameters.values())[1:]
                if one.kind is not one.VAR_KEYWORD]
        self.assertEqual(live, parameters(node), what)

    def test_functions_in_python_are_called_so(self):
        count = 0
        for kind, name, stub in self.class_pairs():
            told = stub.members(name)
            for member, value in members_of(kind).items():
                if hasattr(asyncio_of(kind), member):
                    continue
                if isinstance(value, property):
                    self.assertEqual(ast.unparse(told[member].decorator_list[0]), "property", f"{name}.{member}")
                elif inspect.isfunction(value) and not self.is_overloaded(told[member]):
                    self.compare_with_python(value, told[member], f"{name}.{member}")
                    count += 1
        self.assertGreater(count, 50)

    @staticmethod
    def is_overloaded(node):
        return any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)

    def test_without_a_callback_it_is_awaited(self):
        node = Stub(STUBS / "Jobs.pyi").members("Engine")["orchestrate_async"]
        self.assertTrue(self.is_overloaded(node))
        self.assertEqual([("cancellable", True), ("callback", True), ("timeout", True), ("check", True)],
                         parameters(node))
        self.assertEqual("abc.Coroutine[Any, Any, bool]", ast.unparse(node.returns))


def asyncio_of(kind):
    """A class of Python's own that it derives from, which says itself how it is called."""
    return next((base for base in kind.__mro__ if base.__module__.startswith("asyncio.")), None)


if __name__ == "__main__":
    tap.main()
