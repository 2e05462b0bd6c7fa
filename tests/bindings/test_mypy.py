#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""mypy, with the stubs of this build where they will be installed.

    test_mypy.py STUBS MYPY: the folder that has Jobs.pyi, and JobsGtk.pyi where it is built

What our stubs refer to in those of PyGObject, which Debian does not have, is in stubs/gi-stubs.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import venv
from pathlib import Path

import tap

STUBS, MYPY = Path(sys.argv.pop(1)), sys.argv.pop(1)
HERE = Path(__file__).parent
SOURCE = HERE.parent.parent
HAVE_GTK = (STUBS / "JobsGtk.pyi").exists()
ERROR = re.compile(r"^(.*?):(\d+): error: .*\[([a-z-]+)\]$", re.MULTILINE)

sys.path.append(str(HERE.parent))
import pages


class Mypy(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        venv.create(cls.folder / "python", symlinks=True)
        installed = next(cls.folder.glob("python/lib/python*/site-packages")) / "gi-stubs"
        cls.copy_stubs(installed)

    @staticmethod
    def copy_stubs(to):
        shutil.copytree(HERE / "stubs/gi-stubs", to)
        for path in STUBS.glob("*.pyi"):
            shutil.copy(path, to / "repository")

    def mypy(self, *arguments, at=None):
        done = subprocess.run([MYPY, "--config-file=", "--no-color-output", "--no-error-summary",
                               f"--cache-dir={self.folder / 'cache'}",
                               f"--python-executable={self.folder / 'python/bin/python3'}",
                               "--check-untyped-defs", *map(str, arguments)],
                              cwd=at or self.folder, capture_output=True, text=True)
        # 1 is that it has found something
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        self.assertEqual("", done.stderr)
        return done.stdout

    def check_clean(self, *arguments, at=None):
        self.assertEqual("", self.mypy(*arguments, at=at))

    def test_stubs(self):
        # An installed one would not be looked at
        self.copy_stubs(self.folder / "own/gi")
        self.check_clean("--strict", "-p", "gi", at=self.folder / "own")

    def test_uses(self):
        self.check_clean(HERE / "stubs/uses.py")

    def check_mistakes(self, name):
        path = HERE / "stubs" / name
        wanted = {(number, line.rsplit("# ", 1)[1])
                  for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
                  if re.search(r"\S  # [a-z-]+$", line)}
        found = {(int(number), code) for _, number, code in ERROR.findall(self.mypy(path))}
        self.assertGreater(len(wanted), 4)
        self.assertEqual(wanted, found)

    def test_mistakes(self):
        self.check_mistakes("mistakes.py")

    @unittest.skipUnless(HAVE_GTK, "built without GTK")
    def test_mistakes_gtk(self):
        self.check_mistakes("mistakes-gtk.py")

    def check_programs(self, programs, folder):
        """Those that run as they are have few annotations: all at once, which is quicker."""
        programs = {name: text for name, text in programs.items() if "JobsGtk" not in text or HAVE_GTK}
        for name, text in programs.items():
            (folder / name).write_text(text, encoding="utf-8")
        self.check_clean("--disable-error-code=var-annotated", *programs, at=folder)
        return sum("Jobs" in text for text in programs.values())

    def test_examples(self):
        folder = self.folder / "examples"
        folder.mkdir()
        programs = {path.name.replace("-", "_"): path.read_text(encoding="utf-8")
                    for path in (SOURCE / "examples").glob("*.py")}
        self.assertGreater(self.check_programs(programs, folder), 1)

    @staticmethod
    def programs_of(page):
        """The programs of a page, by the names that they have there, where they have some."""
        so_far = {}
        return {block.what if block.how == "file" else f"{page.stem.replace('-', '_')}_{number}.py":
                pages.whole(block, so_far)
                for number, block in enumerate(pages.read(page))
                if block.language == "python" and block.how != "by"}

    def test_pages(self):
        together = {}
        count = 0
        for page in [SOURCE / "README.md", *sorted((SOURCE / "doc").glob("*.md"))]:
            programs = self.programs_of(page)
            if programs.keys() & together.keys():
                count += self.check_together(together)
                together = {}
            together |= programs
        self.assertGreater(count + self.check_together(together), 10)

    def check_together(self, programs):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            return self.check_programs(programs, Path(folder))


if __name__ == "__main__":
    tap.main()
