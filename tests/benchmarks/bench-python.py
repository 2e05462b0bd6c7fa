# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an action costs in Python: made of an `async def`, of a plain function, or
of a class of one's own."""

import sys

import dag
import gi

gi.require_version("Jobs", "1")
from gi.repository import Jobs

n_ran = 0


async def coroutine():
    global n_ran
    n_ran += 1


def function():
    global n_ran
    n_ran += 1


class Own(Jobs.Action):

    def do_start(self, attempt):
        function()
        attempt.complete()
        return True


MAKE = {
    "coroutine": lambda: Jobs.Action(coroutine()),
    "function": lambda: Jobs.Action(function),
    "class": Own,
}


def main():
    asked = dag.arguments(__doc__, tuple(MAKE))
    make = MAKE[asked.variant]
    needs = dag.make(asked.shape, asked.n)
    report = dag.Report(asked)
    actions = []
    for required in needs:
        action = make()
        if required:
            action.requires([actions[other] for other in required])
        actions.append(action)
    engine = Jobs.Engine(actions)
    report.stage("build")
    good = engine.orchestrate()
    report.stage("run")
    del actions, action, engine
    report.stage("teardown")
    return report.print(n_ran if good else -1)


if __name__ == "__main__":
    sys.exit(main())
