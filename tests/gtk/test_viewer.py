# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test_viewer.py VIEWER ASYNCJOBS PICTURES: the application, with real clicks on a real screen.

What is seen is asked for as a screen reader asks. PICTURES: a folder, for people to look at"""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from reader import Reader
from screen import Screen

HERE = pathlib.Path(__file__).resolve().parent
viewer, asyncjobs, pictures = map(os.path.abspath, sys.argv[1:])

case = 0


def passed(what):
    global case
    case += 1
    print("ok %d - %s" % (case, what), flush=True)


def points_to(link, folder):
    try:
        return os.readlink(link) == str(folder)
    except OSError:  # it is gone, or another user's
        return False


class Viewer:
    def __init__(self, screen, *arguments):
        self.screen = screen
        self.process = screen.start([viewer, *arguments])
        self.reader = Reader(screen)
        self.wait_for = self.reader.wait_for
        frame = self.wait_for("frame")
        self.window = self.find_named(frame["name"])

    def find_named(self, name):
        return self.screen.xdotool("search", "--sync", "--onlyvisible", "--name", name).split()[0]

    def key(self, *keys):
        # Nobody manages windows here, so somebody has to give it the keyboard
        self.screen.xdotool("windowfocus", self.window)
        self.screen.key(*keys)

    def says(self, words):
        """Waits for words that are a part of what is seen"""
        self.reader.wait(words, lambda: any(words in (thing["name"] or "") for thing in self.reader.all()))

    def answer(self, *keys):
        """The same in a dialog"""
        self.screen.xdotool("windowfocus", self.find_window(100, 1000)[0])
        self.screen.key(*keys)

    def type(self, text):
        self.screen.xdotool("windowfocus", self.window)
        self.screen.type(text)

    def rows(self):
        """The names of jobs, from top to bottom, and what their states are"""
        things = [thing for thing in self.reader.all() if thing["role"] in ("image", "label")]
        rows = {}
        for icon in things:
            if icon["role"] != "image" or icon["place"][2] != 16:
                continue
            for label in things:
                if label["role"] == "label" and abs(label["place"][1] - icon["place"][1]) < 3 \
                   and 0 < label["place"][0] - icon["place"][0] <= 26:
                    rows[label["name"]] = icon["name"]
        return rows

    def match(self, **states):
        rows = self.rows()
        return all(rows.get(name) == state for name, state in states.items())

    def wait_rows(self, **states):
        return self.reader.wait("rows %s" % states, lambda: self.match(**states))

    def wait_names(self, *names):
        return self.reader.wait("just %s" % (names,), lambda: tuple(self.rows()) == names)

    def pop_up(self, label, item, *keys):
        """The menu on something, by these keys or the mouse; one that a busy machine loses comes again"""
        for seconds in 5, 5, 20:
            self.reader.click("label", label, button=1 if keys else 3)
            if keys:
                self.key(*keys)
            with contextlib.suppress(AssertionError):
                self.reader.wait(item, lambda: self.reader.find("menu item", item), seconds)
                break

    def menu(self, label, item, done):
        """Chooses from that menu, until done() is true: so does a click"""
        for seconds in 5, 5, 20:
            self.pop_up(label, item)
            self.click_item(item)
            with contextlib.suppress(AssertionError):
                return self.reader.wait(item, done, seconds)
        return self.reader.wait(item, done)

    def click_item(self, name):
        # Where a menu is, GTK tells wrong, but not how its items lie
        items = [thing for thing in self.reader.all() if thing["role"] == "menu item"]
        item = [thing for thing in items if thing["name"] == name][0]
        top = min(thing["place"][1] for thing in items)
        bottom = max(thing["place"][1] + thing["place"][3] for thing in items)
        x, y, width, height = self.find_window(50, 500, bottom - top)[1]
        self.screen.click(x + width // 2, y + (height - (bottom - top)) // 2 + item["place"][1] - top
                          + item["place"][3] // 2)

    def find_window(self, least, most, height=0):
        """One as wide as that, and not less high, as a tip may be; and where it is"""
        for window in self.screen.xdotool("search", "--onlyvisible", "--name", ".*").split():
            words = self.screen.xdotool("getwindowgeometry", "--shell", window).split()
            sizes = dict(word.split("=") for word in words)
            if least < int(sizes["WIDTH"]) < most and int(sizes["HEIGHT"]) >= height:
                return window, [int(sizes[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")]
        raise AssertionError("there is no such window")

    def close_output(self):
        self.reader.click("push button", "Close the output")
        self.reader.wait("no output", lambda: self.reader.find("text", "Output") is None)

    def expand(self, job):
        x, y = self.reader.center(self.wait_for("label", job))
        width = self.wait_for("label", job)["place"][2]
        self.screen.click(x - width // 2 - 38, y)

    def focus_graph(self):
        """By a click where nothing is drawn"""
        graph = self.get_graph()
        x, y = self.reader.center(graph)
        self.screen.click(x - graph["place"][2] // 2 + 20, y - graph["place"][3] // 2 + 20)

    def get_graph(self):
        return [thing for thing in self.reader.all() if thing["name"].startswith("Graph of the run")][0]

    def measure_graph(self):
        """How wide it is drawn, in pixels"""
        x, y = self.reader.center(self.get_graph())
        width, height = self.get_graph()["place"][2:]
        shot = os.path.join(pictures, "graph-now.png")
        self.screen.shoot(shot)
        # Without its frame, and without the buttons that are on it
        place = "%dx%d+%d+%d" % (width - 20, height - 80, x - width // 2 + 10, y - height // 2 + 10)
        return int(subprocess.run(["convert", shot, "-crop", place, "+repage", "-trim", "-format", "%w", "info:"],
                                  capture_output=True, text=True, check=True).stdout)

    def drag_graph(self):
        x, y, width, height = self.get_graph()["place"]
        x, y = self.reader.center(self.get_graph())
        left, top = x - width // 2 + 20, y - height // 2 + 20
        self.screen.xdotool("mousemove", "--sync", left, top, "mousedown", 1, "mousemove", "--sync", left + 40, top + 20,
                            "mousemove", "--sync", left + 60, top + 30, "mouseup", 1)
        self.screen.pointer = left + 60, top + 30

    def ended(self):
        return self.process.wait(timeout=20)

    def shoot(self, name):
        self.screen.shoot(os.path.join(pictures, name + ".png"))


def look_at_a_run(screen, folder):
    view = Viewer(screen, str(folder / "walk.yaml"))
    view.wait_names("prepare", "server", "checks", "long", "notice")
    view.wait_rows(prepare="idle", long="idle")
    passed("a file is opened, and nothing runs yet")

    view.reader.click("push button", "Run")
    view.wait_rows(prepare="finished", server="running", checks="failed", long="running")
    view.shoot("run")
    passed("its jobs run, and their states are told")

    view.expand("checks")
    view.wait_rows(quick="finished", broken="failed", after="skipped")
    view.shoot("expanded")
    passed("a click on an engine shows what is in it")

    filter_jobs(view)
    sort_jobs(view)
    show_output(view)
    walk_by_keys(view)
    use_keys(view)
    zoom(view)
    cancel_and_retry(view, folder)
    view.key("ctrl+w")
    assert view.ended() == 0
    passed("what does not run is closed without a question")


def filter_jobs(view):
    view.reader.click("entry", "Filter jobs by name")
    view.type("BRO")
    view.wait_names("checks", "broken")
    view.shoot("filtered")
    view.key("Escape")
    view.reader.wait("all rows again", lambda: len(view.rows()) == 8)
    passed("typing filters, and Escape ends that")

    running = [thing for thing in view.reader.all() if thing["role"] == "label"
               and thing["name"].startswith("Running")][0]
    view.reader.click("label", running["name"])
    view.wait_names("server", "long")
    view.reader.click("label", [thing["name"] for thing in view.reader.all()
                                if thing["name"].startswith("All  ")][0])
    view.reader.wait("all rows again", lambda: len(view.rows()) == 8)
    passed("a button shows what runs")


def sort_jobs(view):
    order = list(view.rows())
    view.reader.click("label", "Job")
    view.wait_names("checks", "after", "broken", "quick", "long", "notice", "prepare", "server")
    view.reader.click("label", "Job")
    view.wait_names("server", "prepare", "notice", "long", "checks", "quick", "broken", "after")
    view.shoot("sorted")
    view.menu("Job", "In the Order of the Run", lambda: list(view.rows()) == order)
    passed("clicks on a header sort each level: up, down, and as the engine has them")

    # What asks for attention comes first
    view.reader.click("label", "State")
    view.wait_names("checks", "broken", "after", "quick", "server", "long", "prepare", "notice")
    view.reader.click("label", "State")
    view.wait_names("prepare", "notice", "server", "long", "checks", "quick", "after", "broken")
    passed("so they do by state")

    # What is over in no time may come in any order, but not after what goes on
    view.reader.click("label", "Time")
    view.reader.wait("the shortest first", lambda: list(view.rows())[-2:] == ["long", "server"])
    view.reader.click("label", "Time")
    view.reader.wait("the longest first", lambda: list(view.rows())[:2] == ["server", "long"])
    view.menu("Time", "In the Order of the Run", lambda: list(view.rows()) == order)
    passed("and by time")


def show_output(view):
    view.reader.click("label", "prepare", times=2)
    view.wait_for("text", "Output", text="one\nred\nanew\n^Gbell\n")
    view.shoot("output")
    passed("a double click shows what a job has written, and no control character does harm")
    view.close_output()


def walk_by_keys(view):
    view.reader.click("label", "prepare")
    view.key("Down", "Down")
    view.wait_for("image", description="checks: failed")
    for fold, unfold in ("shift+Left", "shift+Right"), ("minus", "plus"):
        view.key(fold)
        view.wait_names("prepare", "server", "checks", "long", "notice")
        view.key(unfold)
        view.wait_names("prepare", "server", "checks", "quick", "broken", "after", "long", "notice")
    view.key("Down", "Down")
    view.wait_for("image", description="broken: failed")
    view.key("Up")
    view.wait_for("image", description="quick: finished")
    passed("keys go from row to row, and fold and unfold an engine")

    view.key("Return")
    view.wait_for("text", "Output", text="quick\n")
    view.close_output()
    passed("Enter shows what a job has written")

    view.reader.click("label", "broken")
    view.type("bro")
    view.wait_names("checks", "broken")
    view.reader.click("label", "broken")
    # Letters would go there by themselves, but not what takes them away again
    view.key("ctrl+f", "BackSpace", "BackSpace", "BackSpace")
    view.reader.wait("all rows again", lambda: len(view.rows()) == 8)
    view.key("Escape")
    passed("Ctrl-F goes to the filter")


def use_keys(view):
    view.pop_up("long", "Cancel", "shift+F10")
    view.wait_for("menu item", "Cancel", enabled=True)
    view.wait_for("menu item", "Retry", enabled=False)
    view.shoot("menu")
    view.key("Escape")
    view.reader.wait("no menu", lambda: view.reader.find("menu item") is None)
    passed("the menu comes by keys, with what can be done")

    # What cannot be done is passed by; a letter goes to what has it
    for keys in ["Down", "Return"], ["o"]:
        view.pop_up("long", "Show Output", "shift+F10")
        view.key(*keys)
        view.wait_for("text", "Output")
        view.close_output()
    passed("keys choose in it")

    view.focus_graph()
    view.key("Right")
    view.wait_for("image", description="prepare: finished")
    view.key("Down")
    view.wait_for("image", description="long: running")
    view.shoot("graph")
    passed("keys go from node to node of the graph, which says where")


def zoom(view):
    follow = "Go along with what runs"
    view.wait_for("push button", follow, pressed=True)
    natural = view.measure_graph()
    view.reader.click("push button", "Smaller")
    view.reader.wait("a smaller graph", lambda: view.measure_graph() < natural)
    view.reader.click("push button", "Bigger", times=2)
    view.reader.wait("a bigger graph", lambda: view.measure_graph() > natural)
    view.reader.click("push button", "All of it")
    view.reader.wait("all of the graph", lambda: view.measure_graph() == natural)
    passed("buttons show the graph smaller, bigger and all of it")

    view.wait_for("push button", follow, pressed=False)
    view.reader.click("push button", follow)
    view.wait_for("push button", follow, pressed=True)
    view.drag_graph()
    view.wait_for("push button", follow, pressed=False)
    passed("one has it go along with the run, which dragging ends")


def cancel_and_retry(view, folder):
    view.pop_up("long", "Cancel", "shift+F10")
    view.wait_for("menu item", "Cancel", enabled=True)
    view.key("Return")
    view.wait_rows(long="cancelled")
    passed("a job is cancelled by keys in its menu")

    view.wait_for("push button", "Run", enabled=True)
    view.wait_rows(server="cancelled")
    view.says(" · 3 finished · 2 failed · 1 cancelled · 1 ended with the run · 1 skipped · ")
    view.shoot("ended")
    (folder / "mended").touch()
    view.menu("broken", "Retry",
              lambda: view.match(broken="finished", after="finished", checks="finished"))
    view.wait_for("push button", "Run", enabled=True)
    view.shoot("retried")
    passed("a job is tried again after the run, and what waited for it runs")


def use_buttons(screen, folder):
    view = Viewer(screen)
    view.reader.click("push button", "Open")
    dialog = view.find_named("Open a Job File")
    screen.xdotool("windowfocus", "--sync", dialog)
    screen.type(str(folder / "gate.yaml"))
    view.shoot("open")
    screen.key("Return")
    view.wait_names("gate", "next", "endless")
    passed("a button opens a file by a dialog")

    view.reader.click("push button", "Run")
    view.wait_rows(gate="running")
    view.reader.click("push button", "Pause")
    view.says(" · paused · ")
    (folder / "opened").touch()
    view.wait_rows(gate="finished", next="scheduled")
    view.shoot("paused")
    (folder / "resumed").touch()
    view.reader.click("push button", "Pause")
    view.wait_rows(next="finished", endless="running")
    passed("one starts nothing more for the time being")

    view.reader.click("push button", "Cancel the run")
    view.wait_rows(gate="finished", next="finished", endless="cancelled")
    view.wait_for("push button", "Run", enabled=True)
    passed("one cancels the run")
    view.key("ctrl+w")
    assert view.ended() == 0


def keep_time(view):
    seen = set()

    def tells():
        names = [thing["name"] or "" for thing in view.reader.all()]
        run = [int(minutes) * 60 + int(seconds) for name in names
               for minutes, seconds in re.findall(r"^\d+ jobs.* · (\d+):(\d\d)$", name)]
        jobs = [int(seconds) for name in names for seconds in re.findall(r"^(\d+) s$", name)]
        # The head is the last that is read
        assert not run or not jobs or run[0] >= max(jobs), (run, jobs)
        seen.update(run)
        return len(seen) > 4

    view.reader.wait("some seconds", tells)
    passed("at no time the run is told to be shorter than a job in it")


def close_a_run(screen, folder):
    view = Viewer(screen, "--run", str(folder / "walk.yaml"))
    view.wait_rows(prepare="finished", long="running")
    keep_time(view)
    view.key("ctrl+w")
    view.wait_for("label", "Keep Running")
    view.shoot("question")
    view.answer("Return")
    view.reader.wait("no question", lambda: view.reader.find("label", "Keep Running") is None)
    view.wait_rows(long="running")
    passed("one who closes a run is asked, and may let it go on")

    view.key("ctrl+w")
    view.wait_for("label", "Cancel the Run and Close")
    view.answer("Tab", "Return")
    assert view.ended() == 0
    assert not [process for process in pathlib.Path("/proc").glob("[0-9]*/cwd")
                if points_to(process, folder)], "jobs are left"
    passed("or cancel it, and the window goes once it has ended")


def open_nonsense(screen):
    view = Viewer(screen, str(HERE / "data/wrong.yaml"))
    text = view.wait_for("text", "What is wrong with the file")["text"]
    lines = text.strip().split("\n")
    assert any(line.startswith("wrong.yaml:6:") and "colour" in line for line in lines), text
    assert any(line.startswith("wrong.yaml:7:") and "three" in line for line in lines), text
    assert view.reader.find("push button", "Run")["enabled"] is False
    view.shoot("problems")
    view.process.terminate()
    assert view.ended() == 0
    passed("all mistakes in a file are told, with their lines")


def attach_to_another(screen, folder):
    tool = screen.start([asyncjobs, "run", "--bus", "--no-journal", "walk.yaml"], cwd=folder,
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    view = Viewer(screen)
    view.reader.wait("a run on the bus", lambda: "org.asyncjobs" in subprocess.run(
        ["dbus-send", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
         "org.freedesktop.DBus.ListNames"], env=screen.env, capture_output=True, text=True).stdout)
    view.reader.click("push button", "Menu")
    view.wait_for("menu item", "Attach to a Run…")
    view.click_item("Attach to a Run…")
    view.reader.wait("a list of runs", lambda: [thing for thing in view.reader.all()
                     if thing["role"] == "label" and thing["name"].startswith("org.asyncjobs")])
    view.answer("Down", "Return")
    view.wait_rows(prepare="finished", long="running")
    passed("a run of another program is found on the bus and shown")

    # Nothing is above the first one, so that it may be asked for until it is drawn
    view.focus_graph()
    view.reader.wait("a graph", lambda: view.key("Up") or view.reader.find("image", description="prepare: finished"))
    # Only what is required is above: without arrows all would be beside each other
    view.key("Down")
    view.wait_for("image", description="long: running")
    view.shoot("attached")
    passed("so is its graph, with what its jobs require")

    view.menu("long", "Cancel", lambda: view.match(long="cancelled"))
    view.wait_for("image", description="long: cancelled")
    view.shoot("attached-ended")
    assert tool.wait(timeout=20) != 0
    view.key("ctrl+w")
    assert view.ended() == 0
    passed("its jobs are cancelled from here, and its end is seen")


def like_it_dark(screen, folder):
    screen.env["GTK_THEME"] = "Adwaita:dark"
    view = Viewer(screen, "--run", str(folder / "walk.yaml"))
    view.wait_rows(prepare="finished", long="running", checks="finished")
    view.expand("checks")
    view.wait_rows(quick="finished")
    view.shoot("dark")
    # A background of light text: of one that is not dark nothing could be read
    shot = os.path.join(pictures, "dark.png")
    value = subprocess.run(["convert", shot, "-crop", "500x100+100+500", "-colorspace", "gray",
                            "-format", "%[fx:mean]", "info:"], capture_output=True, text=True, check=True)
    assert float(value.stdout) < 0.4, value.stdout
    view.process.terminate()
    assert view.ended() == 0
    passed("it is dark in a dark style, and ends its run when told to end")


def main():
    print("1..31", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="asyncjobs-viewer-"))
    for name in "walk.yaml", "gate.yaml":
        shutil.copy(HERE / "data" / name, folder)
    shutil.rmtree(pictures, ignore_errors=True)
    try:
        with Screen(bus=True) as screen:
            screen.env["G_DEBUG"] = "fatal-criticals"
            look_at_a_run(screen, folder)
            use_buttons(screen, folder)
            close_a_run(screen, folder)
            open_nonsense(screen)
            attach_to_another(screen, folder)
            like_it_dark(screen, folder)
    finally:
        shutil.rmtree(folder)


main()
