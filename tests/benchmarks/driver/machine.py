# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""On what it was measured."""

import os
import re
import subprocess
from datetime import date
from pathlib import Path

from .house import PEERS, SOURCE

# What it is called | how it tells its version
VERSIONS = {
    "GLib": ["pkg-config", "--modversion", "glib-2.0"],
    "oneTBB": ["pkg-config", "--modversion", "tbb"],
    "C compiler": ["cc", "-dumpfullversion"],
    "GJS": ["gjs", "--version"],
    "Node": ["node", "--version"],
    "GNU make": ["make", "--version"],
    "ninja": ["ninja", "--version"],
    "xargs": ["xargs", "--version"],
    "GNU parallel": ["parallel", "--version"],
    # It says so on its standard error, and knows no way to ask for less
    "sshd": ["sh", "-c", "ssh -V 2>&1"],
    "Slurm": ["sbatch", "--version"],
}


def _first_line(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.splitlines()[0].strip() if done.stdout else None


def _find(path, pattern):
    try:
        match = re.search(pattern, Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        match = None
    return match[1] if match else "unknown"


def available_memory():
    """Bytes that may be used without disturbing anybody."""
    return int(_find("/proc/meminfo", r"^MemAvailable:\s*(\d+)")) * 1024


def describe():
    """Lines of Markdown."""
    gibibytes = int(_find("/proc/meminfo", r"^MemTotal:\s*(\d+)")) / 1024**2
    processor = _find("/proc/cpuinfo", r"^model name\s*:\s*(.*)")
    system = _find("/etc/os-release", r'^PRETTY_NAME="(.*)"')
    return "\n".join([
        f"- processor: {processor}, {os.cpu_count()} cores",
        f"- memory: {gibibytes:.0f} GiB",
        f"- system: {system}, Linux {os.uname().release}",
        f"- measured on {date.today()}, at commit {commit()}",
    ])


def commit():
    name = _first_line(["git", "-C", str(SOURCE), "describe", "--always", "--dirty"])
    return name or "unknown"


def versions(house):
    """What was measured, and in which version: a list for a sentence."""
    commands = dict(VERSIONS)
    if house.python:
        commands["Python"] = [house.python, "--version"]
        commands["PyGObject"] = [house.python, "-c", "import gi; print(gi.__version__)"]
    found = []
    for name, command in commands.items():
        version = re.search(r"\d[\d.]*\d|\d+", _first_line(command) or "")
        if version and (name in house.there or name not in PEERS):
            found.append(f"{name} {version[0]}")
    return ", ".join(found)
