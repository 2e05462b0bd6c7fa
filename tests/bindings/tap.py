# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""unittest that prints TAP, and what the tests have in common."""

import asyncio
import faulthandler
import sys
import unittest

WATCHDOG = 120


async def give(value, delay=0):
    await asyncio.sleep(delay)
    return value


async def boom(message="boom", delay=0):
    await asyncio.sleep(delay)
    raise ValueError(message)


async def forever():
    await asyncio.Event().wait()


class Tap(unittest.TestResult):
    """Prints TAP."""

    number = 0

    def report(self, test, status, note=""):
        self.number += 1
        name = test.id().split(".", 1)[-1].replace("test_", "").replace(".", "/").lower()
        print(f"{status} {self.number} /jobs/python/{name}{note}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.report(test, "ok")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.report(test, "ok", f" # SKIP {reason}")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.report(test, "not ok")
        for line in self.failures[-1][1].splitlines():
            print(f"# {line}")

    def addError(self, test, error):
        super().addError(test, error)
        self.report(test, "not ok")
        for line in self.errors[-1][1].splitlines():
            print(f"# {line}")


def main():
    """Runs the tests of the program, or those that are named."""
    faulthandler.dump_traceback_later(WATCHDOG, exit=True)
    module = sys.modules["__main__"]
    loader = unittest.defaultTestLoader
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    print(f"1..{suite.countTestCases()}")
    result = Tap()
    suite.run(result)
    sys.exit(not result.wasSuccessful())
