# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A screen that nobody sees, what is clicked and typed on it, and pictures of it.

    screen.py COMMAND...     runs it there, and exits as it does
"""

import contextlib
import os
import select
import subprocess
import sys
import tempfile


class Screen:
    """With a bus of its own for those who read the screen to others, where asked for"""

    def __init__(self, size="1280x800", bus=False):
        self.stack = contextlib.ExitStack()
        self.size = size
        self.bus = bus
        self.pointer = None

    def __enter__(self):
        # Nothing of the user's own: settings, fonts and themes make other pictures
        home = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="asyncjobs-screen-"))
        self.env = dict(os.environ)
        for name in ("WAYLAND_DISPLAY", "GTK_THEME", "DESKTOP_STARTUP_ID", "AT_SPI_BUS_ADDRESS"):
            self.env.pop(name, None)
        self.env.update(
            DISPLAY=":" + self._start_server(),
            HOME=home, XDG_CONFIG_HOME=home + "/config", XDG_CACHE_HOME=home + "/cache",
            XDG_DATA_HOME=home + "/data", XDG_RUNTIME_DIR=home,
            GDK_BACKEND="x11", GSK_RENDERER="cairo", GSETTINGS_BACKEND="memory",
            GTK_A11Y=os.environ.get("GTK_A11Y", "none"), LC_ALL="C.UTF-8",
            DBUS_SESSION_BUS_ADDRESS="disabled:")
        if self.bus:
            self._start_bus()
        return self

    def __exit__(self, *exception):
        self.stack.close()

    def _start(self, command, **options):
        process = subprocess.Popen(command, **options)

        def stop():
            process.terminate()
            process.wait()

        self.stack.callback(stop)
        return process

    def _start_server(self):
        ours, theirs = os.pipe()
        self._start(["Xvfb", "-displayfd", str(theirs), "-screen", "0", self.size + "x24",
                     "-nolisten", "tcp", "-noreset"],
                    pass_fds=[theirs], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs)
        # The number comes once it serves; an end of file if it never will
        number = b""
        while not number.endswith(b"\n"):
            if not select.select([ours], [], [], 30)[0]:
                raise RuntimeError("Xvfb does not start")
            piece = os.read(ours, 32)
            if not piece:
                raise RuntimeError("Xvfb ended at once")
            number += piece
        os.close(ours)
        return number.decode().strip()

    def _start_bus(self):
        self.env["GTK_A11Y"] = "atspi"
        process = self._start(["dbus-daemon", "--session", "--nofork", "--print-address=1"],
                              env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = process.stdout.readline().strip()

    def start(self, command, **options):
        return self._start(command, env=self.env, **options)

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True,
                              capture_output=True, text=True).stdout

    def click(self, x, y, button=1, times=1):
        # Where it stands already, xdotool would wait long for it to move
        if (int(x), int(y)) == self.pointer:
            self.xdotool("mousemove", "--sync", int(x) + 1, int(y))
        self.xdotool("mousemove", "--sync", int(x), int(y))
        self.pointer = int(x), int(y)
        self.xdotool("click", "--repeat", times, "--delay", 60, button)

    def key(self, *keys):
        self.xdotool("key", "--delay", 40, *keys)

    def type(self, text):
        self.xdotool("type", "--delay", 30, text)

    def shoot(self, path):
        """A picture of all of it, as PNG"""
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        subprocess.run(["import", "-window", "root", path], env=self.env, check=True,
                       stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    with Screen() as screen:
        sys.exit(subprocess.run(sys.argv[1:], env=screen.env).returncode)
