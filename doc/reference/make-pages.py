#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""make-pages.py FOLDER GIR PAGE...: makes pages of the reference of those in doc/.

In doc/ they are Markdown as anybody reads it, also where the sources are shown. Here
the title goes where gi-docgen looks for it, and names of the API become links.
"""

import re
import sys
import xml.etree.ElementTree
from pathlib import Path

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
TYPES = {"class": "class", "interface": "iface", "enumeration": "enum", "bitfield": "flags"}
MEMBERS = {"constructor": "ctor", "method": "method", "function": "func"}


def links(gir):
    """How gi-docgen wants to be told of each name of C"""
    found = {}
    namespace = xml.etree.ElementTree.parse(gir).find(CORE + "namespace")
    for element in namespace:
        kind, name = element.tag.removeprefix(CORE), element.get("name")
        if kind == "function" and not element.get("moved-to"):
            found[element.get(C + "identifier")] = f"[func@{name}]"
        if kind not in TYPES:
            continue
        # An enumeration with a domain of errors is written as one of those
        is_error = element.get(GLIB + "error-domain")
        found[element.get(C + "type")] = f"[{'error' if is_error else TYPES[kind]}@{name}]"
        for member in element:
            if member.tag.removeprefix(CORE) in MEMBERS:
                link = MEMBERS[member.tag.removeprefix(CORE)]
                found[member.get(C + "identifier")] = f"[{link}@{name}.{member.get('name')}]"
    return found


def link_names(text, found):
    """Code in the text that is a name and no more; jobs_engine_new () is one too"""
    def link(match):
        return found.get(match.group(1), match.group())

    return re.sub(r"(?<!\[)`(\w+)(?: \(\))?`(?!\])", link, text)


def link_pages(text, names):
    def link(match):
        shown, target, anchor = match.group(1), match.group(2), match.group(3) or ""
        if target in names:
            return f"[{shown}]({target.removesuffix('.md')}.html{anchor})"
        if target.startswith("pictures/"):
            return f"[{shown}]({Path(target).name})"
        # A file of the sources, which is not there
        return shown

    return re.sub(r"\[([^]]*)\]\(([^):#]+)(#[^)]*)?\)", link, text)


def convert(source, found, names):
    text = re.sub(r"<!--.*?-->\n*", "", source, flags=re.DOTALL)
    title, text = re.fullmatch(r"# (.*?)\n+(.*)", text, re.DOTALL).groups()
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    # The code itself is every second one
    parts[::2] = [link_names(link_pages(part, names), found) for part in parts[::2]]
    return f"Title: {title}\n\n{''.join(parts)}"


def main():
    folder, gir, *pages = map(Path, sys.argv[1:])
    found = links(gir)
    names = {page.name for page in pages}
    for page in pages:
        (folder / page.name).write_text(convert(page.read_text(encoding="utf-8"), found, names), encoding="utf-8")


main()
