# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of the bus share: a bus of their own, runs on it, and who calls them"""

import contextlib
import os
import signal
import subprocess
import sys
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import toolkit
from toolkit import PATIENCE, TOOL, environment

from gi.repository import Gio, GLib

RUN = "org.asyncjobs.Run1"
ACTION = "org.asyncjobs.Action1"
PROPERTIES = "org.freedesktop.DBus.Properties"
# Everybody may come, and talk to everybody: then only we keep others out
OPEN_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


def wait_until(true):
    until = time.monotonic() + PATIENCE
    while True:
        value = true()
        if value:
            return value
        assert time.monotonic() < until, "never came true"
        time.sleep(0.01)


class Bus:
    """A bus for one test; in it, with `connection`, we are a client like any other"""

    def __init__(self, config=None):
        command = ["dbus-daemon", "--nofork", "--print-address=1"]
        command += ["--config-file=" + config] if config else ["--session"]
        self.daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.address = self.daemon.stdout.readline().decode().strip()
        assert self.address, "dbus-daemon does not start"
        self.env = environment(DBUS_SESSION_BUS_ADDRESS=self.address)
        self.connection = self.connect()

    def connect(self):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        return Gio.DBusConnection.new_for_address_sync(self.address, flags, None, None)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        with contextlib.suppress(GLib.GError):  # it may have died
            self.connection.close_sync(None)
        self.daemon.send_signal(signal.SIGCONT)
        self.daemon.kill()
        self.daemon.wait()
        self.daemon.stdout.close()

    def names(self):
        return self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                         "ListNames", None, None, 0, -1, None).unpack()[0]

    @contextlib.contextmanager
    def run(self, *arguments, shown=True):
        """A run, as soon as others can see it"""
        run = Run(self, arguments)
        try:
            if shown:
                wait_until(lambda: run.name in self.names() or run.process.poll() is not None)
            yield run
        finally:
            run.leave()

    def gdbus(self, *arguments, expect=0, **options):
        done = subprocess.run(["gdbus", *arguments], env=self.env, capture_output=True, text=True, check=False,
                              timeout=PATIENCE, **options)
        assert done.returncode == expect, done
        return done.stdout if expect == 0 else done.stderr


class Run:
    def __init__(self, bus, arguments):
        self.bus = bus
        self.process = subprocess.Popen([TOOL, "run", "--bus", *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=bus.env)
        self.name = "org.asyncjobs.Run.p%d" % self.process.pid
        self.path = "/org/asyncjobs/Run/p%d" % self.process.pid

    def leave(self):
        """In order, if it goes on: who is killed leaves its jobs behind"""
        self.process.terminate()
        try:
            self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate(timeout=PATIENCE)

    def end(self, expect=0):
        """Waits for it: what it has said, and what on stderr"""
        out, err = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == expect, (self.process.returncode, out, err)
        return out.decode(), err.decode()

    def call(self, interface, method, arguments=None, path="/run", timeout=PATIENCE * 1000, connection=None):
        reply = (connection or self.bus.connection).call_sync(self.name, self.path + path, interface, method, arguments,
                                                              None, 0, timeout, None)
        return reply.unpack()

    def get(self, name, path="/run", interface=RUN):
        return self.call(PROPERTIES, "Get", GLib.Variant("(ss)", (interface, name)), path)[0]

    def objects(self):
        """Path of its action → number and properties"""
        objects = self.call("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", path="")[0]
        return {interfaces[ACTION]["Path"]: (int(path.rsplit("/", 1)[1]), interfaces[ACTION])
                for path, interfaces in objects.items() if ACTION in interfaces}

    def action(self, path, method, number=None):
        number = number or self.objects()[path][0]
        return self.call(ACTION, method, path="/actions/%d" % number)

    def state(self, path):
        return self.objects()[path][1]["State"]


def tool(bus, *arguments, expect=0):
    return toolkit.tool(*arguments, env=bus.env, expect=expect)


def watch(bus, *arguments):
    """asyncjobs watch, once it watches"""
    # Without a buffer: what comes behind the first line is for communicate()
    process = subprocess.Popen([TOOL, "watch", *arguments], env=bus.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               bufsize=0)
    line = process.stdout.readline().decode()
    assert "watching    " in line, (line, process.communicate())
    process.first_line = line
    return process
