#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What bindings, generated or not, rely on in the GIR and the typelib.

    test_introspection.py GIR
"""

import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import gi

gi.require_version("Jobs", "1")
from gi.repository import GLib, Jobs

import tap

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
CALLABLES = {CORE + name for name in ("constructor", "function", "method", "virtual-method", "callback")}
BASIC = {"none", "gboolean", "gint", "guint", "gint64", "guint64", "gsize", "guint8", "gdouble", "gpointer",
         "utf8", "filename", "GType"}
LIBRARIES = {"GLib", "GObject", "Gio"}

namespace = ElementTree.parse(sys.argv.pop(1)).getroot().find(CORE + "namespace")
names = {node.get("name") for node in namespace}


def callables(tags=CALLABLES):
    """Each one with its name and what it is in."""
    for node in namespace.iter():
        if node.tag in tags and node.get("introspectable") != "0":
            yield node.get(C + "identifier") or node.get("name"), node


def parameters(node):
    return node.findall(f"{CORE}parameters/{CORE}parameter")


def values(node):
    """What goes in and out."""
    yield "the result", node.find(CORE + "return-value")
    for parameter in parameters(node):
        yield parameter.get("name"), parameter


def doc_of(node):
    doc = node.find(CORE + "doc")
    return "" if doc is None else doc.text


def is_known(name):
    if "." not in name:
        return name in BASIC or name in names
    if name == "GLib.Quark":
        # An alias, which no typelib has
        return True
    library, member = name.split(".", 1)
    return library in LIBRARIES and gi.Repository.get_default().find_by_name(library, member) is not None


class Introspection(unittest.TestCase):

    def check(self, wrong):
        self.assertEqual([], list(wrong))

    def test_nothing_is_left_out(self):
        self.check(node.get(C + "identifier") or node.get("name") for node in namespace.iter()
                   if node.get("introspectable") == "0" and node.tag != CORE + "function-macro"
                   or node.find(f".//{CORE}varargs") is not None and node.tag in CALLABLES)

    def test_types_are_known(self):
        self.check(other.get("name") for other in namespace.iter(CORE + "type")
                   if not is_known(other.get("name", "")))

    def test_types_have_names_in_c(self):
        for name, node in callables():
            for what, value in values(node):
                outer = value.find(CORE + "type")
                if outer is None:
                    outer = value.find(CORE + "array")
                self.assertTrue(outer.get(C + "type"), f"{name}: {what}")

    def test_arrays_have_lengths(self):
        for name, node in callables():
            for what, value in values(node):
                array = value.find(CORE + "array")
                if array is None:
                    continue
                inner = array.find(CORE + "type").get("name")
                self.assertNotEqual(inner, "gpointer", f"{name}: {what}")
                if array.get("name") != "GLib.PtrArray":
                    # Terminated by NULL where nothing else is said
                    self.assertTrue(array.get("length") or array.get("zero-terminated") == "1"
                                    or inner in ("utf8", "filename"), f"{name}: {what}")

    def test_arrays_free_what_is_in_them(self):
        # Ours do that themselves: whoever took the elements as well would free them twice
        for name, node in callables():
            for what, value in values(node):
                array = value.find(CORE + "array")
                if array is not None and array.get("name") == "GLib.PtrArray":
                    self.assertNotEqual(value.get("transfer-ownership"), "full", f"{name}: {what}")

    def test_functions_have_scopes(self):
        functions = {node.get("name") for node in namespace.findall(CORE + "callback")}
        for name, node in callables(CALLABLES - {CORE + "callback"}):
            for parameter in parameters(node):
                kind = parameter.find(CORE + "type")
                if kind is None:
                    continue
                if kind.get("name") == "Gio.AsyncReadyCallback":
                    self.assertEqual(parameter.get("scope"), "async", name)
                    self.assertTrue(parameter.get("closure"), name)
                elif kind.get("name") in functions:
                    self.assertEqual(parameter.get("scope"), "notified", name)
                    self.assertTrue(parameter.get("closure") and parameter.get("destroy"), name)
        for node in namespace.findall(CORE + "callback"):
            self.assertTrue(any(parameter.get("closure") for parameter in parameters(node)), node.get("name"))

    def test_null_is_annotated(self):
        for name, node in callables():
            for what, value in values(node):
                says = "%NULL" in doc_of(value)
                # Beside an error nothing is returned, in any language
                with_error = node.get("throws") == "1" and what == "the result"
                has = value.get("nullable") == "1"
                if with_error and re.search(r"%NULL\s+with\s+an\s+error", doc_of(value)):
                    self.assertFalse(has, f"{name}: {what} is nullable")
                elif says and value.get("optional") != "1":
                    self.assertTrue(has, f"{name}: {what} may be NULL")

    def test_async_pairs(self):
        methods = dict(callables({CORE + "method"}))
        for name in [name for name in methods if name.endswith("_async")]:
            finish = methods[name.removesuffix("_async") + "_finish"]
            self.assertEqual(finish.get("throws"), "1", name)
            self.assertEqual([parameter.find(CORE + "type").get("name") for parameter in parameters(finish)],
                             ["Gio.AsyncResult"], name)

    def test_no_method_is_named_like_another_virtual_function(self):
        # Vala drops it
        for kind in [*namespace.findall(CORE + "class"), *namespace.findall(CORE + "interface")]:
            methods = {node.get("name"): node for node in kind.findall(CORE + "method")}
            for vfunc in kind.findall(CORE + "virtual-method"):
                method = methods.get(vfunc.get("name"))
                if method is not None:
                    self.assertEqual(vfunc.get("invoker"), vfunc.get("name"), kind.get("name"))

    def test_all_is_documented(self):
        for name, node in callables(CALLABLES - {CORE + "virtual-method", CORE + "callback"}):
            # The quark of an error is known by that
            if not name.endswith("_quark"):
                self.assertTrue(doc_of(node), name)
                self.assertEqual(node.get("version"), "1.0", name)

    def test_errors_have_a_domain(self):
        error = Jobs.Error(Jobs.Error.BUSY)
        self.assertEqual(GLib.quark_to_string(Jobs.error_quark()),
                         namespace.find(f"{CORE}enumeration[@name='Error']").get(GLIB + "error-domain"))
        self.assertEqual(error.value_nick, "busy")


class Classes(unittest.TestCase):
    """One of each, made by its properties alone, which are read."""

    PROGRAM = """if True:
        import sys, gi
        gi.require_version("Jobs", "1")
        from gi.repository import GObject, Jobs
        made = getattr(Jobs, sys.argv[1])()
        for pspec in made.list_properties():
            if pspec.flags & GObject.ParamFlags.READABLE:
                made.get_property(pspec.name)
        for getter in sys.argv[2:]:
            getattr(made, getter)()
        del made
        """

    # What these have comes from the functions that make them
    MADE_ELSEWHERE = {"Journal", "Line", "Process", "Scenario"}

    def test_each_can_be_made(self):
        count = 0
        for kind in namespace.findall(CORE + "class"):
            if kind.get("abstract") == "1":
                continue
            getters = [method.get("name") for method in kind.findall(CORE + "method")
                       if re.match("(get|is|has)_", method.get("name")) and not parameters(method)
                       and kind.get("name") not in self.MADE_ELSEWHERE]
            done = subprocess.run([sys.executable, "-c", self.PROGRAM, kind.get("name"), *getters],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{kind.get('name')}: {done.stderr}")
            count += 1
        self.assertGreater(count, 10)


if __name__ == "__main__":
    tap.main()
