# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Chromium without a screen, told what to do by the DevTools protocol over a pipe"""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 120  # seconds until a browser that hangs is a failure


def find():
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    def __init__(self, program):
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        their_in, self._to = os.pipe()
        self._from, their_out = os.pipe()
        # The protocol wants these two to be descriptors 3 and 4
        command = 'exec 3<&%d 4>&%d; exec "$@"' % (their_in, their_out)
        # As root it has no sandbox; what it is shown is our own
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
                   "--disable-dev-shm-usage", "--user-data-dir=" + self._profile.name, "--remote-debugging-pipe",
                   "about:blank"]
        self._process = subprocess.Popen(["bash", "-c", command, "bash", program, *options],
                                         pass_fds=[their_in, their_out], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(their_in)
        os.close(their_out)
        self._read = b""
        self._number = 0
        self._events = []
        self.complaints = []
        target = [t for t in self._call("Target.getTargets")["targetInfos"] if t["type"] == "page"][0]
        self._session = None
        self._session = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log", "Network":
            self._call(domain + ".enable")

    def close(self):
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)
        self._profile.cleanup()

    def _receive(self):
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._read:
            left = until - time.monotonic()
            assert left > 0 and select.select([self._from], [], [], left)[0], "the browser says nothing"
            piece = os.read(self._from, 1 << 20)
            assert piece, "the browser has gone"
            self._read += piece
        message, self._read = self._read.split(b"\0", 1)
        return json.loads(message)

    def _take(self, event):
        method, parameters = event["method"], event["params"]
        if method == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(parameters["args"]))
        elif method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        self._events.append(method)

    def _call(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if getattr(self, "_session", None):
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data):]
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            if "method" in answer:
                self._take(answer)

    def open(self, url, width=1280, height=900, dark=False):
        self.requests, self.complaints = [], []
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._call("Emulation.setEmulatedMedia",
                   features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self._events.clear()
        self._call("Page.navigate", url=url)
        while "Page.loadEventFired" not in self._events:
            answer = self._receive()
            if "method" in answer:
                self._take(answer)

    def evaluate(self, expression):
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def click(self, element):
        """The mouse, in the middle of what that expression is"""
        place = self.evaluate("(element => { element.scrollIntoView({block: 'center'}); "
                              "const place = element.getBoundingClientRect(); "
                              "return {x: place.x + place.width / 2, y: place.y + place.height / 2}; })(%s)" % element)
        for what in "mouseMoved", "mousePressed", "mouseReleased":
            self._call("Input.dispatchMouseEvent", type=what, button="none" if what == "mouseMoved" else "left",
                       clickCount=1, **place)

    def press(self, key, code, text=None):
        """A key by its name and the number that Windows gives it"""
        for what in "keyDown", "keyUp":
            more = {"text": text} if text is not None and what == "keyDown" else {}
            self._call("Input.dispatchKeyEvent", type=what, key=key, code=key, windowsVirtualKeyCode=code, **more)

    def type(self, text):
        for letter in text:
            self.press(letter, ord(letter.upper()), letter)

    def picture(self, filename, whole=False, place=None):
        """Of a place, which is an expression for an element, or of all that is seen, or there"""
        part = {}
        if place is not None:
            part["clip"] = self.evaluate("(({x, y, width, height}) => ({x, y, width, height, scale: 1}))"
                                         "((%s).getBoundingClientRect())" % place)
        data = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **part)["data"]
        with open(filename, "wb") as file:
            file.write(base64.b64decode(data))


@contextlib.contextmanager
def browser(program):
    one = Browser(program)
    try:
        yield one
    finally:
        one.close()
