#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Coroutines side by side, and one that waits for another."""

import asyncio
import time

import gi

gi.require_version("Jobs", "1")
from gi.repository import Jobs

Action, Engine = Jobs.Action, Jobs.Engine


async def mycoro(timeout):
    print("-> {} mycoro({})".format(time.strftime("%M-%S"), timeout))
    await asyncio.sleep(timeout)
    print("<- {} mycoro({})".format(time.strftime("%M-%S"), timeout))
    # Something that is easy to recognize
    return 1000 * timeout


# Nothing between the three: all start at once
a1, a2, a3 = Action(mycoro(1)), Action(mycoro(2)), Action(mycoro(1.5))
e = Engine(a1, a2, a3)
print(e.orchestrate())

# The last one starts when the first one has ended
b1, b2, b3 = (Action(mycoro(1), label="first"), Action(mycoro(2)),
              Action(mycoro(1.5), label="last"))
b3.requires(b1)
e2 = Engine(b1, b2, b3)
print(e2.orchestrate())

print(b1.is_done())
print(b3.result())
for action in e2.actions:
    print(action)
