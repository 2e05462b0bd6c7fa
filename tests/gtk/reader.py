# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is on a screen, as those are told who do not see it: by AT-SPI.

Only a program whose environment is that of the screen can ask, so this one is run there and
told what to look for, one line of JSON each, and answers likewise."""

import json
import subprocess
import sys
import time


class Reader:
    def __init__(self, screen, python=sys.executable):
        self.screen = screen
        self.offset = None
        self.process = screen.start([python, __file__], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True)

    def all(self):
        """Role, name, place and more of each thing that is seen"""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def find(self, role=None, name=None, **facts):
        for thing in self.all():
            if (role is None or thing["role"] == role) and (name is None or thing["name"] == name) \
               and all(thing.get(key) == value for key, value in facts.items()):
                return thing
        return None

    def wait(self, what, found, seconds=20):
        """Until found() is true; what: to say what never came"""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            result = found()
            if result:
                return result
            time.sleep(0.05)
        raise AssertionError("never seen: %s\n%s" % (what, "\n".join(
            "%(role)s %(name)r %(place)s" % thing for thing in self.all())))

    def wait_for(self, role=None, name=None, **facts):
        return self.wait("%s %r %s" % (role, name, facts or ""),
                         lambda: self.find(role, name, **facts))

    def center(self, thing):
        # Around the window is a border, which what is in it is not measured from
        if self.offset is None:
            frame = self.find("frame")
            window = self.screen.xdotool("search", "--onlyvisible", "--name", frame["name"]).split()[0]
            words = self.screen.xdotool("getwindowgeometry", "--shell", window)
            sizes = dict(word.split("=") for word in words.split())
            self.offset = (int(sizes["X"]) + (int(sizes["WIDTH"]) - frame["place"][2]) // 2,
                           int(sizes["Y"]) + (int(sizes["HEIGHT"]) - frame["place"][3]) // 2)
        x, y, width, height = thing["place"]
        return self.offset[0] + x + width // 2, self.offset[1] + y + height // 2

    def click(self, role, name, **options):
        self.screen.click(*self.center(self.wait_for(role, name)), **options)


# Only these are asked for more than for what is in them
ROLES = ("frame", "image", "label", "text", "entry", "push button", "toggle button", "menu item",
         "check box")


def look(thing, things, atspi):
    role = thing.get_role_name()
    try:
        extents = thing.get_extents(atspi.CoordType.WINDOW)
        place = [extents.x, extents.y, extents.width, extents.height]
    except Exception:  # what has no place, as the page of a stack
        place = None
    if place is not None and (place[2] <= 0 or place[3] <= 0):
        return
    if place is not None and role in ROLES:
        states = thing.get_state_set()
        fact = {"role": role, "name": thing.get_name(), "place": place,
                "enabled": states.contains(atspi.StateType.SENSITIVE),
                "pressed": states.contains(atspi.StateType.PRESSED)}
        if role == "image":
            fact["description"] = thing.get_description()
        if role == "text":
            fact["text"] = atspi.Text.get_text(thing, 0, -1)
        things.append(fact)
    for number in range(thing.get_child_count()):
        child = thing.get_child_at_index(number)
        if child is not None:
            look(child, things, atspi)


def main():
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib

    for _ in sys.stdin:
        things = []
        # What is remembered of a thing is brought up to date by events, which come this way
        while GLib.MainContext.default().iteration(False):
            pass
        desktop = Atspi.get_desktop(0)
        for number in range(desktop.get_child_count()):
            program = desktop.get_child_at_index(number)
            try:
                if program is not None:
                    program.clear_cache()
                    look(program, things, Atspi)
            except GLib.Error:  # it has changed under our eyes
                pass
        print(json.dumps(things), flush=True)


if __name__ == "__main__":
    main()
