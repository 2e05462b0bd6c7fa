# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test_example.py PICTURE COMMAND...: the example in Python, until all of it has run"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from reader import Reader
from screen import Screen

print("1..1", flush=True)
with Screen(size="1010x480", bus=True) as screen:
    process = screen.start(sys.argv[2:])
    reader = Reader(screen)
    reader.wait_for("label", "fetch maps")
    reader.wait("the end of all", lambda: [thing for thing in reader.all() if thing["name"] ==
                                           "Graph of the run: 0 running, 0 failed, 7 finished"])
    assert process.poll() is None
    screen.shoot(sys.argv[1])
print("ok 1 - the jobs of the example are seen to run")
