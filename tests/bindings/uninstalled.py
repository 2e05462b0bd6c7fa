# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a Python program with the override of this build.

PYTHONPATH would not do: an override that is installed beside PyGObject comes first.

    uninstalled.py OVERRIDES PROGRAM ARGUMENT...
"""

import os
import runpy
import sys

import gi.overrides

gi.overrides.__path__.insert(0, os.path.join(sys.argv[1], "gi", "overrides"))
sys.argv = sys.argv[2:]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
