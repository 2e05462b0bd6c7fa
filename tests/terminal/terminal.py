# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A real terminal for the command: a tmux of our own, which tells what is on its screen"""

import contextlib
import itertools
import os
import shlex
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from toolkit import PATIENCE, TOOL, Skip, environment  # noqa: E402  (found by the path above)


NUMBERS = itertools.count()


class Fifo:
    """What a job reads before it goes on"""

    def __init__(self, name):
        self.name = name
        os.mkfifo(name)
        # With a reader of our own it never blocks
        self.fd = os.open(name, os.O_RDWR | os.O_CLOEXEC)

    def send(self, text="go"):
        os.write(self.fd, text.encode() + b"\n")


def held(name, before=":", after=":"):
    """A job that waits for the fifo of its name; a key and value of `jobs:`"""
    fifo = Fifo(name)
    return fifo, "%s: {run: '%s; read x <%s; %s'}" % (name, before, os.path.abspath(name), after)


class Terminal:
    """A shell command in a terminal; $TOOL in it is the command under test"""

    def __init__(self, command, columns=100, rows=24, **variables):
        if shutil.which("tmux") is None:
            raise Skip("no tmux")
        # One that ends may be there for a moment yet
        self.socket = os.path.abspath("tmux-%d" % next(NUMBERS))
        env = environment(TERM="xterm-256color", **variables)
        env["TOOL"] = TOOL
        # Ctrl-C is for the command alone
        script = ("mode () { stty -a | grep -v columns; }; trap : INT QUIT; mode >before; %s\n"
                  "echo $? >status; mode >after; exec cat" % command)
        self.tmux("-f", "/dev/null", "start-server", ";", "set", "-g", "default-terminal", "screen-256color",
                  ";", "set", "-g", "status", "off", ";", "set", "-g", "history-limit", "10000", ";",
                  "new-session", "-d", "-x", str(columns), "-y", str(rows), "sh", "-c", script, env=env)

    def tmux(self, *arguments, **more):
        done = subprocess.run(["tmux", "-S", self.socket, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE, check=False, **more)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout.decode()

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], stderr=subprocess.DEVNULL, check=False)

    def screen(self, *options):
        return self.tmux("capture-pane", "-p", *options)

    def lines(self):
        return [line.rstrip() for line in self.screen().splitlines()]

    def rows(self):
        """The jobs, as they are indented: what is between the head and the last line"""
        lines = self.lines()
        return [line for line in lines[3:len(lines) - 1] if line.strip()]

    def names(self):
        """Of the rows: a dot for each level, the name, with - or + for an engine"""
        names = []
        for row in self.rows():
            indent = len(row) - len(row.lstrip()) - 1
            words = row.split()[1:] or [""]
            fold = {"▾": "-", "▸": "+"}.get(words[0], "")
            names.append("." * (indent // 2) + words[1 if fold else 0] + fold)
        return " ".join(names)

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def ask(self, what):
        return self.tmux("display-message", "-p", "#{%s}" % what).strip()

    def wait(self, condition, what="", patience=PATIENCE):
        """Until condition holds, or until a text is seen"""
        limit = time.monotonic() + patience
        while True:
            value = condition() if callable(condition) else condition in self.screen()
            if value:
                return value
            assert time.monotonic() < limit, "waited in vain for %s; the screen:\n%s" % (
                what or condition, self.screen())
            time.sleep(0.02)

    def wait_names(self, names):
        self.wait(lambda: self.names() == names, names)

    def wait_running(self, *names):
        def are_running():
            running = [row.split() for row in self.rows() if "running" in row]
            return all(any(name in words for words in running) for name in names)
        self.wait(are_running, "running: %s" % ", ".join(names))

    def is_drawn_on(self):
        return self.ask("alternate_on") == "1"

    def status(self):
        """Of the command, once it has ended; and then the terminal is as it was"""
        self.wait(lambda: os.path.exists("after") and os.path.getsize("after"), "the end")
        with open("before") as before, open("after") as after:
            modes, left = before.read(), after.read()
            assert modes == left, (modes, left)
        assert not self.is_drawn_on()
        assert self.ask("cursor_flag") == "1"
        with open("status") as file:
            return int(file.read())

    def record(self):
        """From now on all bytes that come to the terminal, in a file"""
        self.tmux("pipe-pane", "-O", "cat >%s" % shlex.quote(os.path.abspath("bytes")))


@contextlib.contextmanager
def terminal(command='"$TOOL" run --no-journal jobs.yaml', **more):
    opened = Terminal(command, **more)
    try:
        yield opened
    finally:
        opened.close()
