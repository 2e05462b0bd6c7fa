#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""test-pages.py SOURCE BUILD [PAGE...]: all code that README.md and the pages in doc/ show.

A block is a whole program, a job file, or commands with `$ ` before them, and is run. What
it prints is the next block of text below the same heading, where there is one; `…` in a line
stands for anything. pages.py tells what else there is. A block that nothing is known of is a
failure.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

import pages

SOURCE, BUILD = Path(sys.argv[1]), Path(sys.argv[2])


def matches(line, shown):
    return re.fullmatch(".*".join(re.escape(part) for part in shown.split("…")), line) is not None


def compare(printed, shown, what):
    lines, expected = printed.splitlines(), shown.splitlines()
    same = len(lines) == len(expected) and all(map(matches, lines, expected))
    assert same, f"{what}\nprints\n{printed}\nand not\n{shown}"


def check_contains(printed, shown, what):
    """A run tells more than its jobs say"""
    for line in shown.splitlines():
        assert any(matches(told, f"…{line}") for told in printed.splitlines()), \
            f"{what}\ndoes not print {line!r} but\n{printed}"


class Page:
    def __init__(self, path, folder):
        self.path = path
        self.blocks = pages.read(path)
        self.house = pages.House(SOURCE, BUILD, folder)
        self.so_far = {}
        self.tried = {}
        self.unused = {}

    def output_of(self, number):
        """The text that belongs to a block, or None"""
        heading = self.blocks[number].heading
        for block in self.blocks[number + 1:]:
            if block.heading == heading and block.language == "text" and not block.how:
                return block.text
        return None

    def try_by(self, block):
        test = (SOURCE / block.what).read_text(encoding="utf-8")
        assert self.path.name in test, f"{block.what} knows nothing of {self.path.name}"

    def try_console(self, block):
        """Commands, each with what it prints"""
        status = 0
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, shown = re.fullmatch(r"((?:[^\n]*\\\n)*[^\n]*)\n(.*)", part, re.DOTALL).groups()
            if command.startswith("gjs "):
                pages.find("gjs")
            status, printed = self.house.run("sh", "-c", f"(exit {status}); {command}", check=False, merge=True)
            compare(printed, shown, f"$ {command}")
            # What failed unseen would make anything behind it meaningless
            assert status == 0 or "$?" in block.text or shown, f"$ {command}\nends with {status}"

    def try_yaml(self, block, output):
        text = pages.whole(block, self.so_far)
        if block.how == "file":
            self.write(block)
        self.house.run("asyncjobs", "check", self.house.write(block.what or "jobs.yaml", text))
        if block.how not in ("file", "check"):
            printed = self.house.run_yaml(text)
            if output is not None:
                check_contains(printed, output, text)

    def write(self, block):
        self.house.write(block.what, block.text)
        self.unused[block.what] = Path(block.what).stem

    def use(self, block):
        """Files are used by commands, or by other files"""
        self.unused = {name: stem for name, stem in self.unused.items()
                       if not re.search(rf"\b{re.escape(stem)}\b", block.text)}

    def try_one(self, number):
        block = self.blocks[number]
        self.use(block)
        language, output = block.language, self.output_of(number)
        if block.how == "by":
            self.try_by(block)
            return f"by {block.what}"
        if language == "console":
            self.try_console(block)
        elif language == "yaml":
            self.try_yaml(block, output)
        elif block.how == "file":
            self.write(block)
        elif language == "json":
            json.loads(block.text)
        elif language == "text":
            belongs = any(self.output_of(before) == block.text for before in range(number)
                          if self.blocks[before].language not in ("text", "console"))
            assert belongs, f"no program prints\n{block.text}"
        else:
            run = getattr(self.house, f"run_{language}", None)
            assert language and run, f"nothing is known of how to try\n{block.text}"
            text = pages.whole(block, self.so_far)
            compare(run(text), output or "", text)
        return language

    def try_all(self):
        skipped = None
        for number in range(len(self.blocks)):
            try:
                how = self.try_one(number)
            except pages.Skip as reason:
                how, skipped = f"skipped: {reason}", reason
            self.tried[how] = self.tried.get(how, 0) + 1
        assert not self.unused, f"nothing uses {', '.join(self.unused)}"
        return skipped

    def summary(self):
        counts = ", ".join(f"{count} {how}" for how, count in self.tried.items())
        return f"{len(self.blocks)} blocks" + (f": {counts}" if counts else "")


def check_listed(paths):
    """A page that the reference does not have is found by nobody"""
    listed = (SOURCE / "doc/reference/meson.build").read_text(encoding="utf-8")
    return [path.name for path in paths if path.parent.name == "doc" and f"'{path.name}'" not in listed]


def main():
    asked = [SOURCE / name for name in sys.argv[3:]]
    paths = asked or [SOURCE / "README.md", *sorted((SOURCE / "doc").glob("*.md"))]
    failed = 0
    print(f"1..{len(paths) + 1}", flush=True)
    for number, path in enumerate(paths, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                page = Page(path, Path(folder))
                skipped = page.try_all()
                print(f"ok {number} - {path.name}, {page.summary()}" + (f" # SKIP {skipped}" if skipped else ""),
                      flush=True)
            except (AssertionError, OSError, KeyError, ValueError, pages.subprocess.SubprocessError) as error:
                print("\n".join("# " + line for line in str(error).splitlines()))
                print(f"not ok {number} - {path.name}", flush=True)
                failed += 1
    unlisted = check_listed(paths)
    print(f"{'not ok' if unlisted else 'ok'} {len(paths) + 1} - the reference has each page {' '.join(unlisted)}")
    return 1 if failed or unlisted else 0


if __name__ == "__main__":
    sys.exit(main())
