# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of input have in common, beyond what all tests of the command share"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import toolkit
from toolkit import TOOL, Skip, main, test as case

__all__ = ["TOOL", "Skip", "case", "environment", "main", "need_strace", "write"]


def environment(**changes):
    return toolkit.environment(TERM="dumb", G_DEBUG="fatal-warnings", **changes)


def write(name, content):
    with open(name, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return name


def need_strace():
    try:
        usable = subprocess.run(["strace", "-f", "-o", "trace", "true"], stderr=subprocess.PIPE,
                                timeout=60).returncode == 0
    except FileNotFoundError:
        raise Skip("strace is not installed") from None
    if not usable:
        raise Skip("strace may trace nothing here")
