# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an override of PyGObject defines, read from its source: it is not run.

Types are those of its annotations. Where there is none, what can be told from a default
value, from the GIR, and from how a function returns; else it is Any.
"""

import ast
import dataclasses
import importlib
import sys

from signatures import Parameter, Signature, optional

KEPT_DECORATORS = {"classmethod", "staticmethod", "property"}
MAKES_CONTEXT_MANAGER = {"contextmanager": "contextlib.AbstractContextManager[{}]",
                         "asynccontextmanager": "contextlib.AbstractAsyncContextManager[{}]"}
HIDDEN = {"__init__", "__init_subclass__", "__new__", "__del__", "__repr__", "__str__"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclasses.dataclass
class Class:
    name: str
    doc: str
    bases: list
    methods: dict  # Signature by name; properties too
    init: Signature  # None: that of the class it derives from
    seconds: set  # properties that the constructor takes in seconds
    is_override: bool  # of a class of C that has the same name
    makes: str = ""  # the class that is made in its place


def _name_of(node):
    """The last part of a dotted name."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_helper(call, name):
    """Whether it calls what the override has to convert arguments."""
    return isinstance(call, ast.Call) and _name_of(call).lstrip("_") == name


def _is_public(name):
    return not name.startswith("_") or name.startswith("__") and name.endswith("__")


def _is_known(bases, name):
    """Whether a class of Python's own library has it, which has its types elsewhere."""
    for base in bases:
        module, _, kind = base.partition(".")
        if module in sys.stdlib_module_names and hasattr(getattr(importlib.import_module(module), kind), name):
            return True
    return False


def _statements(body):
    """Those of a module or a class, also where they are so under a condition."""
    for node in body:
        if isinstance(node, ast.If) and _name_of(node.test) != "TYPE_CHECKING":
            yield from _statements([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from _statements([*node.body, *node.orelse])
        else:
            yield node


def _inside(function):
    """What a function does itself, and not the functions in it."""
    for node in ast.iter_child_nodes(function):
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.Lambda)):
            yield from _inside(node)


def _doc_of(node):
    doc = ast.get_docstring(node) or ""
    return " ".join(doc.split("\n\n")[0].split())


class Override:
    """The modules of one override; the first of them is the one that others see."""

    def __init__(self, paths, gir):
        self._gir = gir
        self._nodes = {}  # functions and classes of all modules by name
        self.preamble = []  # what the annotations need
        self.literals = {}  # by enumeration
        modules = []
        for path in paths:
            with open(path, encoding="utf-8") as source:
                modules.append(ast.parse(source.read(), path))
        for module in reversed(modules):
            for node in _statements(module.body):
                if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
                    self._nodes[node.name] = node
                elif isinstance(node, ast.If):
                    self.preamble += [self._text(statement) for statement in node.body
                                      if isinstance(statement, ast.Assign)]
        self._seconds_of_all = set().union(*[self._seconds(module) for module in modules])
        self.public = self._read_all(modules[0])
        self.given = self._read_given(modules)
        self.classes = {}
        self.functions = {}
        for name in self.public:
            node = self._nodes.get(name)
            if isinstance(node, ast.ClassDef):
                self.classes[name] = self._class(node)
            elif node is not None:
                self.functions[name] = self._signature(node, is_method=False)
            else:
                raise SystemExit(f"{paths[0]}: “{name}” in __all__ is defined nowhere")

    @staticmethod
    def _read_all(module):
        """The names in __all__, which may be made bit by bit."""
        names = []
        for node in module.body:
            about = ast.unparse(node).split("\n")[0]
            if about.startswith("__all__"):
                names += [part.value for part in ast.walk(node)
                          if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        return names

    def _read_given(self, modules):
        """Methods that classes in C get one by one: Library.Class.name = function"""
        given = {}
        for node in (node for module in modules for node in ast.walk(module) if isinstance(node, ast.Assign)):
            parts = ast.unparse(node.targets[0]).split(".")
            if len(parts) == 3 and parts[0] == self._gir.name and _name_of(node.value) in self._nodes:
                signature = self._signature(self._nodes[_name_of(node.value)], parts[1])
                given.setdefault(parts[1], {})[parts[2]] = dataclasses.replace(signature, name=parts[2], first="self")
        return given

    # Types -------------------------------------------------------------------

    def _text(self, node):
        """As in the source, but for the name of the module that the stub itself is."""
        text = ast.unparse(node)
        return text.replace(self._gir.name + ".", "")

    def _literal(self, enum):
        """The type of a value of an enumeration, or of its name."""
        self.literals[enum] = f"_{enum}Name"
        return f"{enum} | _{enum}Name"

    def _converted(self, function, name):
        """The type of what a function gives to a helper that converts it."""
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or len(node.args) < 2 or _name_of(node.args[1]) != name:
                continue
            if _is_helper(node, "to_enum"):
                return self._literal(_name_of(node.args[0]))
            if _is_helper(node, "milliseconds"):
                return "float | None"
        return None

    @staticmethod
    def _type_of_default(default):
        if not isinstance(default, ast.Constant):
            return "Any"
        kind = type(default.value).__name__
        return {"bool": "bool", "int": "float", "float": "float", "str": "str"}.get(kind, "Any")

    def _parameter_type(self, argument, default, function, inherited):
        name = argument.arg
        if argument.annotation is not None:
            return self._text(argument.annotation)
        converted = self._converted(function, name)
        if converted is not None:
            return converted
        known = inherited.get(name, "Any")
        if known == "Any" and name in self._seconds_of_all:
            return "float | None"
        if known == "Any" and default is not None:
            known = self._type_of_default(default)
        is_none = isinstance(default, ast.Constant) and default.value is None
        return optional(known) if is_none else known

    def _result(self, function, inherited, of_class):
        if function.returns is not None:
            return self._text(function.returns)
        returned = [node.value for node in _inside(function)
                    if isinstance(node, ast.Return) and node.value is not None]
        yields = any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in _inside(function))
        if yields:
            if isinstance(function, ast.AsyncFunctionDef):
                return "abc.AsyncIterator[Any]"
            return "abc.Generator[Any, Any, Any]"
        kinds = {self._type_of_value(value, function, inherited, of_class) for value in returned}
        if function.name.startswith("do_") and inherited:
            return inherited["return"]
        if not kinds:
            return "None"
        return kinds.pop() if len(kinds) == 1 else "Any"

    def _type_of_value(self, value, function, inherited, of_class):
        first = function.args.args[:1] if of_class else []
        if isinstance(value, ast.Name) and value.id in [one.arg for one in first]:
            return "Self"
        if isinstance(value, ast.Constant):
            return {bool: "bool", str: "str"}.get(type(value.value), "Any")
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div):
            return "float"
        if not isinstance(value, ast.Call):
            return "Any"
        called = ast.unparse(value.func)
        if called == f"super().{function.name}":
            return inherited.get("return", "Any")
        if called.startswith("self."):
            return self._inherited(called.removeprefix("self."), of_class).get("return", "Any")
        return "Any"

    # Functions ---------------------------------------------------------------

    def _inherited(self, name, of_class):
        """The types that C has for a function of the same name."""
        for owner in self._gir.line(of_class):
            if name == "__init__":
                return {one.name: one.takes for one in self._properties(of_class)}
            if name in owner.methods:
                above = owner.methods[name]
                return {one.name: one.type for one in above.parameters} | {"return": above.result}
        return {}

    def _properties(self, of_class):
        return [one for owner in self._gir.line(of_class) for one in owner.properties.values()]

    def _parameters(self, function, inherited, skip_first):
        arguments = function.args
        plain = [*arguments.posonlyargs, *arguments.args]
        defaults = [None] * (len(plain) - len(arguments.defaults)) + arguments.defaults
        result = []
        for argument, default in list(zip(plain, defaults))[skip_first:]:
            result.append(self._parameter(argument, default, function, inherited))
        if arguments.vararg is not None:
            # C may have one list for what these are many of
            result.append(self._parameter(arguments.vararg, None, function, {})._replace(stars="*"))
        elif arguments.kwonlyargs:
            result.append(Parameter("", None, stars="*"))
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
            result.append(self._parameter(argument, default, function, inherited))
        if arguments.kwarg is not None:
            result.append(self._parameter(arguments.kwarg, None, function, inherited)._replace(stars="**"))
        return result

    def _parameter(self, argument, default, function, inherited):
        kind = self._parameter_type(argument, default, function, inherited)
        if default is None:
            written = ""
        else:
            # A stub of an installed library is no place for long expressions
            written = ast.unparse(default) if isinstance(default, ast.Constant) else "..."
        return Parameter(argument.arg, kind, written)

    def _signature(self, function, of_class="", is_method=True):
        names = [_name_of(decorator) for decorator in function.decorator_list]
        inherited = self._inherited(function.name, of_class)
        decorators = [ast.unparse(decorator) for decorator, name in zip(function.decorator_list, names)
                      if name in KEPT_DECORATORS or name == "setter"]
        is_static = not is_method or "staticmethod" in decorators
        result = self._result(function, inherited, of_class)
        is_async = isinstance(function, ast.AsyncFunctionDef)
        for name in names:
            if name in MAKES_CONTEXT_MANAGER:
                inner = "Any"
                if function.returns is not None and isinstance(function.returns, ast.Subscript):
                    inner = self._text(function.returns.slice)
                result = MAKES_CONTEXT_MANAGER[name].format(inner)
                is_async = False
        # What yields is called as it is; so is what says that it returns an iterator
        if is_async and any(isinstance(node, ast.Yield) for node in _inside(function)):
            is_async = False
        first = "" if is_static else function.args.args[0].arg
        return Signature(function.name, self._parameters(function, inherited, not is_static), result,
                         _doc_of(function), first, tuple(decorators), is_async)

    # Classes -----------------------------------------------------------------

    def _class(self, node):
        bases = [ast.unparse(base) for base in node.bases]
        own = f"{self._gir.name}.{node.name}"
        found = Class(node.name, _doc_of(node), [], {}, None, set(), own in bases)
        of_class = self._class_of_c(node)
        for base in bases:
            name = base.rsplit(".", 1)[-1]
            if base != own and name in self._nodes and name not in self.public:
                self._read_body(self._nodes[name].body, found, of_class)
            elif base != own:
                found.bases.append(base.removeprefix(self._gir.name + "."))
        self._read_body(node.body, found, of_class)
        return found

    def _class_of_c(self, node):
        """The nearest class in C."""
        for base in node.bases:
            name = _name_of(base)
            if name in self._gir.classes:
                return name
            if name in self._nodes:
                return self._class_of_c(self._nodes[name])
        return ""

    def _read_body(self, body, found, of_class):
        for node in _statements(body):
            if isinstance(node, FUNCTIONS):
                self._read_function(node, found, of_class)
            elif isinstance(node, ast.Assign):
                self._read_assignment(node, found)

    def _read_function(self, node, found, of_class):
        if node.name == "__init__":
            found.init = self._signature(node, of_class)
            found.seconds |= self._seconds(node)
        elif node.name == "__new__":
            found.makes = self._made_instead(node)
        elif _is_public(node.name) and node.name not in HIDDEN and not _is_known(found.bases, node.name):
            signature = self._signature(node, of_class)
            if self._is_awaitable(node.name, of_class):
                signature = self._with_and_without_callback(signature, of_class)
            is_setter = any(decorator.endswith(".setter") for decorator in signature.decorators)
            found.methods[node.name + "=" if is_setter else node.name] = signature

    def _is_awaitable(self, name, of_class):
        """Whether it begins in C what has a function that ends it."""
        return name.endswith("_async") and any(name.removesuffix("_async") + "_finish" in owner.methods
                                               for owner in self._gir.line(of_class))

    def _with_and_without_callback(self, signature, of_class):
        """Without a callback it returns what is to be awaited: what the function at the end does."""
        value = self._inherited(signature.name.removesuffix("_async") + "_finish", of_class)["return"]
        plain = [one for one in signature.parameters if not one.stars]
        here = [one.name for one in plain].index("callback")
        by_name = plain[here + 1:]
        awaited = [*plain[:here], Parameter("callback", "None", "None")]
        if by_name:
            awaited += [Parameter("", None, stars="*"), *by_name]
        called = [*[one._replace(default="") for one in plain[:here]],
                  Parameter("callback", "abc.Callable[..., object]"), Parameter("user_data", "Any", stars="*")]
        return dataclasses.replace(signature, overloads=(
            dataclasses.replace(signature, parameters=awaited, result=f"abc.Coroutine[Any, Any, {value}]"),
            dataclasses.replace(signature, parameters=called, result="None", doc="")))

    def _read_assignment(self, node, found):
        """alias = method, and get_x, set_x = function(…) that returns functions"""
        target = node.targets[0]
        if isinstance(node.value, ast.Name) and node.value.id in found.methods:
            if _is_public(target.id) and target.id not in HIDDEN:
                found.methods[target.id] = dataclasses.replace(found.methods[node.value.id],
                                                               name=target.id)
        elif isinstance(target, ast.Tuple) and _name_of(node.value) in self._nodes:
            for name, function in zip(target.elts, self._returned(self._nodes[_name_of(node.value)])):
                found.methods[name.id] = dataclasses.replace(
                    self._signature(function, found.name), name=name.id)

    @staticmethod
    def _returned(function):
        """The functions that a function defines and returns."""
        inner = {node.name: node for node in function.body if isinstance(node, FUNCTIONS)}
        returned = function.body[-1].value
        return [inner[_name_of(name)] for name in getattr(returned, "elts", [returned])]

    @staticmethod
    def _seconds(function):
        """The names that are given to convert_seconds ()."""
        return {name.value for node in ast.walk(function)
                if _is_helper(node, "convert_seconds")
                for name in ast.walk(node.args[1]) if isinstance(name, ast.Constant)}

    @staticmethod
    def _made_instead(function):
        """Other if cls is This else cls"""
        for node in ast.walk(function):
            if isinstance(node, ast.IfExp) and ast.unparse(node.orelse) == function.args.args[0].arg:
                return _name_of(node.body)
        return ""

    def own_parameters(self, name):
        """What the constructor takes of a class that need not be public."""
        return self._class(self._nodes[name]).init.parameters
