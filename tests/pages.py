# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The blocks of code in a page, and how programs of each language are run with this build.

Before a block may be a comment, which nobody sees who reads the page, that says how it is
tried where it is no program of its own:

    <!-- test: around       what is around it, with a line ... in its place
    ...
    -->
    <!-- test: continued -->         goes on where the last one of its language has ended
    <!-- test: file NAME -->         is written to a file, for what comes behind
    <!-- test: check -->             a job file that cannot run here; what is around it may follow
    <!-- test: by PROGRAM -->        is tried by that test, which names the page
"""

import dataclasses
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

WAYS = ("", "around", "continued", "file", "check", "by")
MARK = re.compile(r"<!-- test: ")
BLOCK = re.compile(r"(?:^<!-- test: (?P<how>[a-z]+) ?(?P<what>[^\n]*?)"
                   r"(?:\n(?P<around>(?:(?!-->).)*?))?(?: ?-->)\n)?"
                   r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Skip(Exception):
    """It cannot be tried here"""


@dataclasses.dataclass
class Block:
    language: str
    text: str
    heading: int
    how: str
    what: str
    around: str


def read(path):
    """All blocks of a page"""
    page = path.read_text(encoding="utf-8")
    blocks = [Block(match["language"], match["text"], len(re.findall(r"^## ", page[:match.start()], re.MULTILINE)),
                    match["how"] or "", match["what"] or "", match["around"] or "")
              for match in BLOCK.finditer(page)]
    assert 2 * len(blocks) == len(re.findall(r"^ *```", page, re.MULTILINE)), f"{path}: a block does not end"
    assert sum(bool(block.how) for block in blocks) == len(MARK.findall(page)), f"{path}: a mark without a block"
    for block in blocks:
        assert block.how in WAYS, f"{path}: nothing is known of “{block.how}”"
    return blocks


def whole(block, so_far):
    """A block with what is around it, or before it; so_far has that by language."""
    if block.around:
        assert "\n...\n" in f"\n{block.around}\n", "a line ... has to be around"
        return f"\n{block.around}\n".replace("\n...\n", f"\n{block.text}", 1)
    before = so_far[block.language] if block.how == "continued" else ""
    so_far[block.language] = before + block.text
    return before + block.text


def find(program):
    path = shutil.which(program)
    if path is None:
        raise Skip(f"{program} not installed")
    return path


class House:
    """Runs programs as if this build were installed"""

    def __init__(self, source, build, folder):
        self.source, self.build, self.folder = source, build, folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        overrides = [source / "tests/bindings/uninstalled.py", build / "asyncjobs/overrides"]
        self.add_program("python3", f'exec {sys.executable} {overrides[0]} {overrides[1]} "$@"')
        self.add_program("asyncjobs", f'exec {build / "asyncjobs/tool/asyncjobs"} "$@"')
        libraries = f"{build / 'asyncjobs/gtk'}:{build / 'asyncjobs'}"
        self.environment = os.environ | {
            "GI_TYPELIB_PATH": libraries,
            "GJS_PATH": str(source / "asyncjobs"),
            "LC_ALL": "C.UTF-8",
            "LD_LIBRARY_PATH": f"{libraries}:{os.environ.get('LD_LIBRARY_PATH', '')}",
            "NO_COLOR": "1",
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PKG_CONFIG_PATH": str(build / "meson-uninstalled"),
            "XDG_STATE_HOME": str(folder / "state"),
        }

    def add_program(self, name, text):
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, *command, check=True, merge=False):
        """What the command prints; an exit status but 0 is a failure"""
        done = subprocess.run(command, env=self.environment, cwd=self.folder, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT if merge else subprocess.PIPE)
        if check:
            assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout if check else (done.returncode, done.stdout)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def screen(self, text):
        """What to put before a program: one with windows gets a screen of its own"""
        if "Gtk" not in text:
            return []
        if not (self.build / "meson-uninstalled/asyncjobs-gtk4-1-uninstalled.pc").exists():
            raise Skip("built without GTK")
        find("Xvfb")
        return [sys.executable, str(self.source / "tests/gtk/screen.py")]

    def compile_c(self, text, suffix="c", compiler="cc", library="asyncjobs-1"):
        source = self.write(f"program.{suffix}", text)
        self.run("sh", "-c", f"{compiler} -Wall -Werror -o program {source} $(pkg-config --cflags --libs {library})")

    def run_c(self, text, suffix="c", compiler="cc"):
        screen = self.screen(text)
        self.compile_c(text, suffix, compiler, "asyncjobs-gtk4-1" if screen else "asyncjobs-1")
        return self.run(*screen, str(self.folder / "program"))

    def run_cpp(self, text):
        return self.run_c(text, "cpp", f"{find('c++')} -std=c++11")

    def run_vala(self, text):
        if not (self.build / "asyncjobs/asyncjobs-1.vapi").exists():
            raise Skip("built without the vapi")
        self.write("program.vala", text)
        flags = self.run("pkg-config", "--cflags", "--libs", "asyncjobs-1").split()
        # Beside an installed vapi is one more file, which says that it needs gio-2.0
        self.run(find("valac"), "--fatal-warnings", f"--vapidir={self.build / 'asyncjobs'}", "--pkg", "gio-2.0",
                 "--pkg", "asyncjobs-1", "-X", "-w", *[word for flag in flags for word in ("-X", flag)],
                 "-o", "program", "program.vala")
        return self.run(str(self.folder / "program"))

    def run_python(self, text):
        return self.run(*self.screen(text), "python3", self.write("program.py", text))

    def run_js(self, text):
        return self.run(find("gjs"), "-m", self.write("program.js", text))

    def run_yaml(self, text):
        return self.run("asyncjobs", "run", "--no-journal", self.write("jobs.yaml", text))
