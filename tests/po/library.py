# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A program that uses the library in the locale of its user, and translates nothing itself.

    library.py numbers    runs jobs.yaml: trace.json, and what it was, as text
    library.py errors     what is wrong with wrong.yaml, and what became of a run, in pictures too
"""

import asyncio
import locale
import sys

import gi

gi.require_version("Jobs", "1")
from gi.repository import Gio, GLib, Jobs


class Deaf(Jobs.Action):
    """Cannot be stopped, and ends when it is told so"""

    def do_start(self, attempt):
        self.attempt = attempt
        attempt.get_cancellable().connect(lambda *_: GLib.timeout_add(10, self.end))
        return True

    def end(self):
        self.attempt.complete(1.5)
        return GLib.SOURCE_REMOVE

    def do_stop(self, attempt):
        raise GLib.Error("it is deaf")


def numbers():
    scenario = Jobs.Scenario.new_from_file("jobs.yaml")
    engine = scenario.get_engine()
    stream = Gio.File.new_for_path("trace.json").replace(None, False, Gio.FileCreateFlags.NONE, None)
    monitor = Jobs.TraceMonitor.new(engine, stream)
    engine.orchestrate()
    monitor.detach()
    stream.close()
    print(Jobs.Picture.new(engine).to_dot())
    print(Jobs.Picture.new(engine).to_mermaid())
    print(engine.dup_report().print_(True))


def errors():
    try:
        Jobs.Scenario.new_from_file("wrong.yaml")
    except GLib.Error as error:
        print(error.message)
    quick = Jobs.DelayAction(delay=1, critical=False)
    engine = Jobs.Engine(quick, Deaf(forever=True))
    engine.orchestrate()
    print(engine.debrief())
    print(Jobs.Picture.new(engine).to_dot())
    print(Jobs.Picture.new(engine).to_mermaid())

    async def give_up():
        raise asyncio.CancelledError
    given_up = Jobs.Action(give_up)
    Jobs.Engine(given_up).orchestrate()
    print("given up:", given_up.get_error().message)


locale.setlocale(locale.LC_ALL, "")
{"numbers": numbers, "errors": errors}[sys.argv[1]]()
