# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints where below a prefix this Python looks for overrides of PyGObject."""

import os
import site
import sys

import gi

prefix = sys.argv[1]
beside_gi = os.path.dirname(gi.__path__[0])
searched = [path for path in site.getsitepackages() if path.startswith(prefix + "/")]
if prefix == sys.prefix:
    base = beside_gi
elif searched:
    base = searched[0]
else:
    # Not searched by itself: a PYTHONPATH has to name it
    base = os.path.join(prefix, os.path.relpath(beside_gi, sys.prefix))
print(os.path.join(base, "gi", "overrides"))
