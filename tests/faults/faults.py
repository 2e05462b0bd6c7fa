# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of faults share: the oracle, the runner, the scanner of
processes, the watchdog, and TAP.

    test_TOPIC.py [--size everyday|slow|large] TOOL [NAME...]

The real command runs over real jobs. What they did is told by the jobs
themselves, in a file to which each only appends: asyncjobs is asked last.
"""

import argparse
import contextlib
import faulthandler
import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import uuid
from collections import Counter

PATIENCE = 60  # seconds until what hangs is a failure
# A timeout that a job is to meet, and within which any job has begun, also on a
# machine that is busy with the files of other tests
SOON = 3
ENOUGH = 60  # seconds after which the many tries of one test may be fewer
ORPHANS = 2  # seconds that the last process may take to go once the run has ended
TOKEN = "FAULTS_TOKEN"  # is in the environment of all processes of one test
TERMINAL = ("finished", "failed", "timed-out", "cancelled", "skipped")
TICKS = os.sysconf("SC_CLK_TCK")

TESTS = []
options = None


class Skip(Exception):
    """The reason why a test cannot run here."""


def test(function):
    TESTS.append(function)
    return function


def size(everyday, slow=None, large=None):
    """The one that was asked for; each is at least the one before."""
    slow = everyday if slow is None else slow
    large = slow if large is None else large
    return {"everyday": everyday, "slow": slow, "large": large}[options.size]


def as_time_allows(tries, at_least):
    """Those for which there is time, in any order. On a slow machine they are fewer, so that
    a test takes no longer, but not where it was asked for the large size"""
    tries = list(tries)
    random.Random(1).shuffle(tries)
    limit = time.monotonic() + ENOUGH
    for number, one in enumerate(tries):
        if number >= at_least and time.monotonic() > limit and options.size != "large":
            figure("time allowed for", "%d of %d" % (number, len(tries)))
            return
        yield one


def only_unsanitized(why):
    """With AddressSanitizer a process has other limits and another size."""
    if os.environ.get("FAULTS_SANITIZED"):
        raise Skip(why + " does not mix with a sanitizer")


def figure(what, value):
    print("# figure: %s: %s" % (what, value), flush=True)


def wait_until(condition, what, patience=PATIENCE):
    """For what sends no event; its value, once that is true"""
    limit = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < limit, "waited in vain: " + what
        time.sleep(0.002)


def watch():
    """The watchdog counts from here again: for a test that takes hours, and moves"""
    faulthandler.dump_traceback_later(options.watchdog, exit=True)


# Processes


def stat_of(pid):
    """What /proc says of a process, from its state on; None: there is none"""
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def state_of(pid):
    stat = stat_of(pid)
    return stat[0] if stat else None


def processes(token):
    """All that live and have the token, wherever they have gone"""
    found = {}
    needle = ("%s=%s" % (TOKEN, token)).encode()
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError):
            with open("/proc/%s/environ" % name, "rb") as file:
                if needle not in file.read().split(b"\0"):
                    continue
            with open("/proc/%s/cmdline" % name, "rb") as file:
                command = file.read().replace(b"\0", b" ").decode("utf-8", "replace")
            if state_of(int(name)) not in (None, "Z", "X"):
                found[int(name)] = command.strip()
    return found


# Jobs


class Fifo:
    """Where jobs and the test wait for each other"""

    def __init__(self, name):
        self.name = name
        os.mkfifo(name)
        os.chmod(name, 0o666)
        # With a writer of our own it has no end, and opening it never blocks
        self.fd = os.open(name, os.O_RDWR | os.O_CLOEXEC)
        self.rest = b""

    def line(self, patience=PATIENCE):
        while b"\n" not in self.rest:
            ready = select.select([self.fd], [], [], patience)[0]
            assert ready, "nothing came through " + self.name
            self.rest += os.read(self.fd, 4096)
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()

    def send(self, text="go"):
        os.write(self.fd, text.encode() + b"\n")


class Oracle:
    """Each job appends `start ID PID STAT` when it starts, and `end ID PID` when
    it ends of itself. STAT is what the kernel says of it, its start time too."""

    def __init__(self, path="oracle"):
        self.path = os.path.abspath(path)
        with open(self.path, "w"):
            os.chmod(self.path, 0o666)

    def job(self, name, body=":", **keys):
        """A job of this name that runs body, a piece of shell; without a fork"""
        script = ('read -r stat </proc/self/stat; echo "start %s $$ ${stat##*) }" >>"$ORACLE"; '
                  '%s; status=$?; echo "end %s $$" >>"$ORACLE"; exit $status' % (name, body, name))
        return {name: dict(keys, run=script)}

    def lines(self):
        with open(self.path) as file:
            return [line.split() for line in file]

    def starts(self):
        """(id, attempt, pid, seconds since boot), as they started"""
        seen = Counter()
        starts = []
        for line in self.lines():
            if line[0] == "start":
                seen[line[1]] += 1
                starts.append((line[1], seen[line[1]], int(line[2]), int(line[22]) / TICKS))
        return starts

    def check_order(self, jobs):
        """No job has started before the end of what it requires, and none twice at
        once. Gives those that have ended"""
        ended = set()
        for word, name, *_ in self.lines():
            assert word != "twin", "two attempts at %s at once" % name
            if word == "end":
                ended.add(name)
                continue
            for other in jobs[name].get("requires", []):
                assert other in ended, "%s started before the end of %s" % (name, other)
        return ended

    def check(self, jobs, events):
        """What must be so whatever happened. jobs: as in the job file, without
        nested ones; events: as the runner wrote them"""
        ends = Counter(e["job"] for e in events
                       if e["event"] == "state" and e["state"] in TERMINAL)
        for name in jobs:
            assert ends[name] == 1, "%s ended %d times" % (name, ends[name])
        states = {e["job"]: e for e in events if e["event"] == "state"}
        starts = Counter(name for name, *_ in self.starts())
        for name, count in starts.items():
            assert count == states[name]["attempt"], (name, count, states[name])
        said = self.check_order(jobs)
        for name in jobs:
            if states[name]["state"] == "finished":
                assert name in said, name + " is said to have finished"


def write_jobs(jobs, path="jobs.yaml", **head):
    # Any JSON is YAML, too
    with open(path, "w") as file:
        json.dump(dict(head, version=1, jobs=jobs), file)
    return path


@contextlib.contextmanager
def small_disk(kibibytes):
    """A tmpfs of that size in ./disk"""
    os.mkdir("disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk" % kibibytes, "tmpfs", "disk"],
                             stderr=subprocess.DEVNULL, check=False)
    if mounted.returncode != 0:
        raise Skip("no file system may be mounted here")
    try:
        yield "disk"
        subprocess.run(["umount", "disk"], check=True)
    finally:
        if os.path.ismount("disk"):
            subprocess.run(["umount", "-l", "disk"], check=False)


# The runner


class Ended:
    def __init__(self, runner, status):
        self.status = status
        self.out = runner.read("out")
        self.err = runner.read("err")
        self.events = runner.events()

    def states(self):
        """How each job ended"""
        return {e["job"]: e for e in self.events
                if e["event"] == "state" and e["state"] in TERMINAL}

    def most_at_once(self):
        now, most = set(), 0
        for event in self.events:
            if event["event"] == "state":
                (now.add if event["state"] == "running" else now.discard)(event["job"])
                most = max(most, len(now))
        return most


class Runner:
    """asyncjobs run, in a process group of its own; what it says goes to the
    files out and err, its events to events.json"""

    def __init__(self, *arguments, limits=None, ignored=(), env=None, events=True,
                 command="run", **popen):
        # Of two runs with one token each finds what the other has left
        self.token = (env or {}).get(TOKEN) or uuid.uuid4().hex
        # A tool that a test started with nohup must not be deaf to HUP
        ordinary = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGTSTP, signal.SIGCONT)

        def prepare():
            os.setpgid(0, 0)
            for number in ordinary:
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
            for which, limit in (limits or {}).items():
                resource.setrlimit(which, (limit, limit))

        if events:
            arguments = ("--events", "events.json", *arguments)
        with contextlib.ExitStack() as stack:
            for name in "out", "err":
                if "std" + name not in popen:
                    popen["std" + name] = stack.enter_context(open(name, "wb"))
            self.process = subprocess.Popen([options.tool, command, *arguments], preexec_fn=prepare,
                                            stdin=subprocess.DEVNULL,
                                            env=self.environment(env or {}), **popen)
        self.pid = self.process.pid
        RUNNERS.append(self)

    def environment(self, changes):
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI", "LANGUAGE")}
        env.update({"LC_ALL": "C.UTF-8", "TERM": "xterm", TOKEN: self.token,
                    "ORACLE": os.path.abspath("oracle")})
        env.update(changes)
        return {k: v for k, v in env.items() if v is not None}

    def read(self, name):
        with contextlib.suppress(FileNotFoundError), open(name, "rb") as file:
            return file.read()
        return b""

    def events(self):
        """Each line is to be JSON, and whole"""
        return [json.loads(line.decode("utf-8")) for line in self.read("events.json").splitlines(True)
                if line.endswith(b"\n") or self.process.returncode is not None]

    def signal(self, number, group=False):
        """When that was, in seconds since boot"""
        if group:
            os.killpg(self.pid, number)
        else:
            self.process.send_signal(number)
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wait(self, expect=0):
        """To its end; nothing may be left of it a little later"""
        try:
            # At full size, much may be left to do; what hangs meets the watchdog
            status = self.process.wait(timeout=size(PATIENCE, PATIENCE, options.watchdog))
        except subprocess.TimeoutExpired:
            raise AssertionError("it hangs; stderr: %s" % self.read("err")[-2000:]) from None
        wait_until(lambda: not processes(self.token), "orphans: %s" % processes(self.token), ORPHANS)
        assert status == expect, "expected status %s, got %s: %s%s" % (
            expect, status, self.read("out")[-500:], self.read("err")[-500:])
        return Ended(self, status)

    def kill_all(self):
        for pid in processes(self.token):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()


RUNNERS = []


def tell_of_runners():
    """What the last words were, while the folder is there"""
    for runner in RUNNERS[-2:]:
        print("# runner %d, status %s" % (runner.pid, runner.process.poll()))
        for name in "out", "err", "events.json":
            for line in runner.read(name)[-2000:].splitlines()[-10:]:
                print("# %s: %s" % (name, ascii(line)))
        for pid, command in processes(runner.token).items():
            print("# %d is %s: %s" % (pid, state_of(pid), command[:200]))


def kill_runners():
    while RUNNERS:
        RUNNERS.pop().kill_all()


def run(*arguments, expect=0, **more):
    return Runner(*arguments, **more).wait(expect)


# TAP


def run_one(function):
    """What goes wrong, None if nothing does"""
    with tempfile.TemporaryDirectory(prefix="asyncjobs-") as directory:
        os.chdir(directory)
        watch()
        try:
            function()
            return None
        except Exception as error:  # whatever it is, the other tests are to be run
            tell_of_runners()
            return error
        finally:
            faulthandler.cancel_dump_traceback_later()
            kill_runners()
            os.chdir("/")


def main(group="faults", needs_tool=True):
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=("everyday", "slow", "large"), default="everyday")
    parser.add_argument("--helpers", type=os.path.abspath, help="the folder of what is built for these tests")
    if needs_tool:
        parser.add_argument("tool", type=os.path.abspath)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.watchdog = {"everyday": 120, "slow": 300, "large": 1800}[options.size]
    topic = os.path.basename(sys.argv[0]).removeprefix("test_").removesuffix(".py")
    chosen = [f for f in TESTS if not options.names or f.__name__ in options.names]
    failures = 0

    print("1..%d" % len(chosen), flush=True)
    for number, function in enumerate(chosen, 1):
        began = time.monotonic()
        error = run_one(function)
        print("# it took %.1f s" % (time.monotonic() - began))
        name = "/jobs/%s/%s/%s" % (group, topic, function.__name__.replace("_", "-"))
        if isinstance(error, Skip):
            name += " # SKIP %s" % error
        elif error is not None:
            failures += 1
            for line in "".join(traceback.format_exception(error)).splitlines():
                print("# " + line)
        bad = error is not None and not isinstance(error, Skip)
        print("%s %d %s" % ("not ok" if bad else "ok", number, name), flush=True)
    sys.exit(1 if failures else 0)
