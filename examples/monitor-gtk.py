# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A window that shows some jobs as a list and as a graph while they run

import gi

gi.require_version("Gtk", "4.0")
from gi.repository import Gtk, Jobs, JobsGtk


def make_engine():
    fetched = [Jobs.DelayAction(seconds, label="fetch " + name)
               for name, seconds in (("maps", 2), ("names", 0.5), ("heights", 1))]
    checks = [Jobs.CommandAction.new_shell(name, None, f"sleep 0.5; echo the {name} are fine")
              for name in ("borders", "rivers", "roads")]
    check = Jobs.Engine(checks, label="check", requires=fetched)
    draw = Jobs.DelayAction(1.5, label="draw", requires=check)
    return Jobs.Engine(fetched, check, draw, label="atlas")


def activate(app):
    app.engine = engine = make_engine()  # widgets keep no engine
    board = Jobs.EngineBoard.new(engine)
    paned = Gtk.Paned(start_child=JobsGtk.Monitor(board=board), end_child=JobsGtk.Graph(board=board),
                      position=620)
    Gtk.ApplicationWindow(application=app, title="Atlas", child=paned,
                          default_width=1000, default_height=420).present()

    # The window may be closed at any time: the run goes on without it
    app.hold()
    engine.orchestrate_async(None, lambda *ended: app.release())


app = Gtk.Application(application_id="org.asyncjobs.Atlas")
app.connect("activate", activate)
app.run()
