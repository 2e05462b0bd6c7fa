# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where things are: the build, its programs, and the peers that are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import slurm
import sshd

HERE = Path(__file__).resolve().parent.parent
SOURCE = HERE.parent.parent

# what it is called | the program, or the way to see whether it is there
PEERS = {
    "oneTBB": lambda house: house.bench("tbb").exists(),
    "asyncio and graphlib": lambda house: house.python is not None,
    "PyGObject": lambda house: house.python is not None and house.override.exists(),
    "GJS": lambda house: shutil.which("gjs") and house.typelib.exists(),
    "Node": lambda house: shutil.which("node"),
    "GNU make": lambda house: shutil.which("make"),
    "ninja": lambda house: shutil.which("ninja"),
    "xargs": lambda house: shutil.which("xargs"),
    "GNU parallel": lambda house: shutil.which("parallel"),
    "the command asyncjobs": lambda house: house.tool.exists(),
    "dbus-daemon": lambda house: shutil.which("dbus-daemon"),
    "GTK and Xvfb": lambda house: house.bench("window").exists() and shutil.which("Xvfb"),
    "sshd": lambda house: not sshd.missing(),
    "Slurm": lambda house: not slurm.missing(),
}


def _find_python():
    """One with TaskGroup, and with PyGObject if there is such."""
    found = None
    for python in dict.fromkeys((sys.executable, "python3", "/usr/bin/python3")):
        for need in ("import gi, asyncio; asyncio.TaskGroup", "import asyncio; asyncio.TaskGroup"):
            try:
                done = subprocess.run([python, "-c", need], stderr=subprocess.DEVNULL, check=False)
            except OSError:
                continue
            if done.returncode == 0:
                if "gi" in need:
                    return python
                found = found or python
    return found


class House:
    """A build of the project, and what can be run beside it."""

    def __init__(self, build):
        self.build = Path(build).resolve()
        self.python = _find_python()
        self.tool = self.build / "asyncjobs/tool/asyncjobs"
        self.override = self.build / "asyncjobs/overrides/gi/overrides/Jobs.py"
        self.typelib = self.build / "asyncjobs/Jobs-1.typelib"
        self.there = {name for name, is_there in PEERS.items() if is_there(self)}
        self.missing = [name for name in PEERS if name not in self.there]

    def bench(self, name):
        return self.build / f"tests/benchmarks/bench-{name}"

    def timed(self, *command, reps=1):
        return [self.build / "tests/benchmarks/timed", str(reps), *command]

    def on_screen(self, *command):
        """On one that nobody sees"""
        return [sys.executable, SOURCE / "tests/gtk/screen.py", *command]

    def bound(self, program):
        """A program in another language that uses the library of this build."""
        if program.endswith(".js"):
            return ["gjs", HERE / program]
        uninstalled = SOURCE / "tests/bindings/uninstalled.py"
        return [self.python, uninstalled, self.build / "asyncjobs/overrides", HERE / program]

    def environment(self):
        folder = str(self.build / "asyncjobs")
        return os.environ | {"GI_TYPELIB_PATH": folder, "LD_LIBRARY_PATH": folder,
                             "PYTHONDONTWRITEBYTECODE": "1"}


def build_release():
    """Builds with all optimization in build-release/; may raise CalledProcessError."""
    folder = SOURCE / "build-release"
    # A python3 of the user's own, before the system's in PATH, knows no gi
    python = _find_python()
    path = os.environ["PATH"]
    if python and python.startswith("/usr/bin/"):
        path = f"/usr/bin:{path}"
    environment = os.environ | {"PATH": path}
    if not (folder / "build.ninja").exists():
        subprocess.run(["meson", "setup", folder, "--buildtype=release"],
                       cwd=SOURCE, env=environment, stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["ninja", "-C", folder], env=environment, stdout=subprocess.DEVNULL, check=True)
    return House(folder)
