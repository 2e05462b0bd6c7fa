# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A GIR as PyGObject shows it: what is gone there, what is put together, and the types."""

import dataclasses
import keyword
import re
import xml.etree.ElementTree as ElementTree

from signatures import Parameter, Signature, optional

CORE = "{http://www.gtk.org/introspection/core/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"

BASIC = {
    "none": "None",
    "gboolean": "bool",
    "gdouble": "float",
    "gfloat": "float",
    "utf8": "str",
    "filename": "str",
    "gpointer": "Any",
    "GType": "GObject.GType",
    # Is taken out of its box, and put into one
    "GObject.Value": "Any",
    "GLib.Quark": "int",
}
INTEGER = re.compile(r"g(u?int(8|16|32|64)?|s?size|u?long|u?short|u?char)$")


@dataclasses.dataclass
class Property:
    name: str  # as in Python
    type: str
    takes: str  # what it may be set to
    is_readable: bool
    is_writable: bool
    is_construct_only: bool


@dataclasses.dataclass
class Class:
    name: str
    doc: str
    parent: str  # "" for an interface
    interfaces: list
    is_final: bool
    properties: dict
    methods: dict  # Signature by name: constructors, functions, methods, and virtual functions
    signals: dict  # likewise


@dataclasses.dataclass
class Enumeration:
    name: str
    doc: str
    is_flags: bool
    members: list  # (name, value, nick)
    functions: list  # of Signature


@dataclasses.dataclass
class Struct:
    """One that is handed about by value."""
    name: str
    doc: str
    fields: dict  # type by name
    methods: dict  # Signature by name


def _find_all(node, *tags):
    return [child for child in node if child.tag in [CORE + tag for tag in tags]
            and child.get("introspectable") != "0"]


def _python_name(name):
    name = name.replace("-", "_")
    return name + "_" if keyword.iskeyword(name) else name


def short(doc):
    """The first sentence, without marks."""
    text = " ".join(doc.strip().split("\n\n")[0].split())
    text = re.sub(r"\[`?(?:\w+)@(?:\w+\.)?([^\]`]+)`?\]", lambda link: link[1].split("::")[-1], text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"%NULL|\bNULL\b", "None", text)
    text = text.replace("%TRUE", "True").replace("%FALSE", "False")
    text = re.sub(r"[%@#](?=\w)|`", "", text)
    text = re.split(r"(?<=[.:;])\s", text)[0].rstrip(":;")
    return text if text.endswith(".") else text + "."


def _doc_of(node):
    doc = node.find(CORE + "doc")
    return "" if doc is None or not doc.text else short(doc.text)


class Gir:
    """One namespace."""

    def __init__(self, path):
        self._namespace = ElementTree.parse(path).getroot().find(CORE + "namespace")
        self.name = self._namespace.get("name")
        self._callbacks = {node.get("name"): node for node in self._namespace.findall(CORE + "callback")}
        self.enumerations = [self._enumeration(node)
                             for node in _find_all(self._namespace, "enumeration", "bitfield")]
        self._numbers = {one.name for one in self.enumerations}
        self.classes = {node.get("name"): self._class(node)
                        for node in _find_all(self._namespace, "interface", "class")}
        self.structs = [self._struct(node) for node in _find_all(self._namespace, "record")
                        if node.get(GLIB + "get-type")]
        self.constants = {node.get("name"): self._plain(node.find(CORE + "type"))
                          for node in _find_all(self._namespace, "constant")}
        self.functions = [dataclasses.replace(self._signature(node), first="", decorators=())
                          for node in _find_all(self._namespace, "function")]

    def line(self, name):
        """A class and those that it derives from, in this namespace."""
        while name in self.classes:
            yield self.classes[name]
            name = self.classes[name].parent

    # Types -------------------------------------------------------------------

    def _plain(self, node):
        name = node.get("name", "gpointer")
        if INTEGER.match(name):
            return "int"
        if name in BASIC:
            return BASIC[name]
        if name == "Gio.AsyncReadyCallback":
            return "abc.Callable[..., object]"
        if name in self._callbacks:
            # What else it is called with depends on the data that is given
            return f"abc.Callable[..., {self._value(self._callbacks[name].find(CORE + 'return-value'))}]"
        return name.removeprefix(self.name + ".")

    def _value(self, node, goes_in=False):
        """The type of what has a type or an array in it, maybe None."""
        array = node.find(CORE + "array")
        if array is None:
            kind = self._plain(node.find(CORE + "type"))
        else:
            kind = self._array(array, goes_in)
            # None comes as an empty list
            if not goes_in:
                return kind
        return optional(kind) if node.get("nullable") == "1" else kind

    def _array(self, array, goes_in):
        inner = array.find(CORE + "type")
        if inner.get("name") == "guint8":
            return "bytes"
        return f"abc.Sequence[{self._plain(inner)}]" if goes_in else f"list[{self._plain(inner)}]"

    # Callables ---------------------------------------------------------------

    def _unseen(self, node, parameters):
        """Numbers of the parameters that are part of another one, and of data for a callback."""
        gone, data = set(), set()
        for value in [node.find(CORE + "return-value"), *parameters]:
            array = value.find(CORE + "array")
            if array is not None and array.get("length"):
                gone.add(int(array.get("length")))
            if value.get("destroy"):
                gone.add(int(value.get("destroy")))
            if value.get("closure") and value.tag == CORE + "parameter":
                data.add(int(value.get("closure")))
        return gone, data

    def _signature(self, node, goes_in=True):
        """goes_in: whether Python calls it, or is called by it"""
        parameters = node.findall(f"{CORE}parameters/{CORE}parameter")
        gone, data = self._unseen(node, parameters)
        taken, given = [], []
        for number, parameter in enumerate(parameters):
            if number in gone:
                continue
            name = _python_name(parameter.get("name"))
            if number in data:
                taken.append(Parameter(name, "Any", stars="*"))
                continue
            direction = parameter.get("direction", "in")
            if direction != "out":
                is_optional = goes_in and parameter.get("nullable") == "1"
                taken.append(Parameter(name, self._value(parameter, goes_in), "None" if is_optional else ""))
            if direction != "in":
                given.append(self._value(parameter, not goes_in))
        doc = _doc_of(node)
        if node.get("throws") == "1" and goes_in and doc:
            doc += " Raises GLib.Error."
        return Signature(_python_name(node.get("name")), self._with_trailing_defaults(taken),
                         self._result(node, given, not goes_in), doc)

    def _with_trailing_defaults(self, parameters):
        """PyGObject has one, None, only where nothing has to follow."""
        result = []
        must_follow = False
        for parameter in reversed(parameters):
            if not parameter.stars:
                if must_follow:
                    parameter = parameter._replace(default="")
                must_follow = must_follow or not parameter.default
            result.insert(0, parameter)
        # Data in the middle is one argument, that at the end any number
        return [parameter._replace(stars="") if parameter is not result[-1] else parameter for parameter in result]

    def _result(self, node, given, goes_in):
        """What is returned, and the parameters that go out, as one."""
        value = node.find(CORE + "return-value")
        kind = self._value(value, goes_in)
        if kind != "None" and value.get("skip") != "1":
            given = [kind, *given]
        if not given:
            return "None"
        return given[0] if len(given) == 1 else f"tuple[{', '.join(given)}]"

    # Classes -----------------------------------------------------------------

    def _property(self, node, methods):
        name = _python_name(node.get("name"))
        kind = self._value(node)
        getter = methods.get(node.get("getter"))
        if getter is not None:
            kind = getter.result
        setter = methods.get(node.get("setter"))
        array = node.find(CORE + "array")
        takes = kind if array is None else self._value(node, goes_in=True)
        if setter is not None and setter.parameters:
            takes = setter.parameters[0].type
        elif kind == "str" or kind[0].isupper() and kind not in self._numbers:
            # An object: it is None as long as nothing is given
            takes = optional(takes)
        return Property(name, kind, takes, node.get("readable") != "0", node.get("writable") == "1",
                        node.get("construct-only") == "1")

    def _methods(self, node):
        methods = {}
        for child in _find_all(node, "constructor", "function", "method", "virtual-method"):
            kind = child.tag.removeprefix(CORE)
            signature = self._signature(child, goes_in=kind != "virtual-method")
            if kind == "virtual-method":
                signature = dataclasses.replace(signature, name="do_" + child.get("name"), doc="")
            elif kind == "constructor":
                signature = dataclasses.replace(signature, first="cls", decorators=("classmethod",),
                                                result=node.get("name"))
            elif kind == "function":
                signature = dataclasses.replace(signature, first="", decorators=("staticmethod",))
            methods[signature.name] = signature
        return methods

    def _class(self, node):
        methods = self._methods(node)
        properties = [self._property(child, methods) for child in _find_all(node, "property")]
        return Class(
            name=node.get("name"),
            doc=_doc_of(node),
            parent=node.get("parent", "").removeprefix(self.name + "."),
            interfaces=[other.get("name").removeprefix(self.name + ".")
                        for other in node.findall(CORE + "implements")],
            is_final=node.get("final") == "1",
            properties={one.name: one for one in properties},
            methods=methods,
            signals={child.get("name"): self._signature(child, goes_in=False)
                     for child in node.findall(GLIB + "signal")},
        )

    def _struct(self, node):
        fields = {_python_name(child.get("name")): self._value(child) for child in _find_all(node, "field")}
        return Struct(node.get("name"), _doc_of(node), fields, self._methods(node))

    def _enumeration(self, node):
        members = [(child.get("name").upper(), int(child.get("value")), child.get(GLIB + "nick"))
                   for child in node.findall(CORE + "member")]
        return Enumeration(node.get("name"), _doc_of(node), node.tag == CORE + "bitfield", members,
                           list(self._methods(node).values()))
