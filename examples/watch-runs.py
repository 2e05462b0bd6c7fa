# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tells of all runs that are shown on the session bus, by `asyncjobs run --bus` or by
a program with a JobsBusMonitor, until the last of them has ended. It needs PyGObject,
and nothing of asyncjobs.
"""

from gi.repository import Gio, GLib

PREFIX = "org.asyncjobs.Run."

loop = GLib.MainLoop()
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
watched = {}


class Run:
    def __init__(self, name):
        self.name = name
        self.path = "/" + name.replace(".", "/") + "/run"
        self.serial = self.known = 0
        self.jobs = {}  # number → path
        self.ask()

    def ask(self):
        # It is answered when something has changed, which may take hours
        bus.call(self.name, self.path, "org.asyncjobs.Run1", "GetChanges",
                 GLib.Variant("(tuu)", (self.serial, self.known, 500)), None,
                 Gio.DBusCallFlags.NO_AUTO_START, GLib.MAXINT, None, self.answered)

    def answered(self, bus, result):
        try:
            reply = bus.call_finish(result).unpack()
        except GLib.Error:
            self.say("is gone")
            del watched[self.name]
            if not watched:
                loop.quit()
            return

        self.serial, self.known, run, added, changed, said, removed, more = reply
        numbers, parents, kinds, texts = added
        texts = bytes(texts).decode().split("\0")
        for number, path, label in zip(numbers, texts[::3], texts[1::3]):
            self.jobs[number] = path or label
        for state, columns in changed.items():
            for number, start, end, attempts in zip(*columns):
                if state not in ("idle", "scheduled"):
                    self.say(f"{self.jobs[number]}: {state}")
        title, state, why = run[:3]
        if why:
            self.say(f"{title} {state}: {why}")
        self.ask()

    def say(self, text):
        print(self.name[len(PREFIX):], text, flush=True)


def name_owner_changed(bus, sender, path, interface, signal, arguments):
    name, old, new = arguments
    if new and name not in watched:
        watched[name] = Run(name)


bus.signal_subscribe("org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged", "/org/freedesktop/DBus",
                     PREFIX[:-1], Gio.DBusSignalFlags.MATCH_ARG0_NAMESPACE, name_owner_changed)
names = bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ListNames", None,
                      None, Gio.DBusCallFlags.NONE, -1, None).unpack()[0]
watched.update({name: Run(name) for name in names if name.startswith(PREFIX) and name not in watched})
loop.run()
