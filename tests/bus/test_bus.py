# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Real runs on a real bus, watched and steered by others: test_bus.py PATH-OF-ASYNCJOBS"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from bus import ACTION, OPEN_BUS, PATIENCE, RUN, TOOL, Bus, GLib, Gio, tool, toolkit, wait_until, watch
import pages
from toolkit import Skip, contains, environment, jobs, lacks, main, test

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
INTERFACES = os.path.join(TOP, "asyncjobs", "monitors")
# Goes on until there is a file
HOLD = "until [ -e go ]; do sleep 0.02; done"
QUIET = ["--no-journal", "--progress=none", "--output=none"]


def release():
    with open("go", "w"):
        pass


def many(n, command="/bin/true"):
    jobs("hold: {run: '%s'}\n" % HOLD + "".join("j%d: {run: [%s], requires: hold}\n" % (i, command) for i in range(n)))


def paths_of(added):
    """By number"""
    numbers, _, _, texts = added
    texts = bytes(texts).decode().split("\0")
    return {number: path or label for number, path, label in zip(numbers, texts[::3], texts[1::3])}


def elements(interface, kind):
    """Of the installed file"""
    return ET.parse(os.path.join(INTERFACES, interface + ".xml")).find("interface").findall(kind)


# What there is to see


@test
def off_by_default():
    jobs("job: {run: '%s'}" % HOLD)
    with Bus() as bus:
        process = subprocess.Popen([TOOL, "run", *QUIET, "jobs.yaml"], env=bus.env, stdout=subprocess.DEVNULL)
        with bus.run(*QUIET, "jobs.yaml") as run:
            assert [n for n in bus.names() if n.startswith("org.asyncjobs")] == [run.name]
            release()
            run.end()
        assert process.wait(timeout=PATIENCE) == 0


@test
def introspection():
    """What gdbus tells is what the installed files say"""
    jobs("job: {run: '%s'}" % HOLD)
    with Bus() as bus, bus.run(*QUIET, "jobs.yaml") as run:
        for interface, path in (RUN, "/run"), (ACTION, "/actions/1"):
            told = ET.fromstring(bus.gdbus("introspect", "--xml", "--session", "--dest", run.name, "--object-path",
                                           run.path + path)).find("interface[@name='%s']" % interface)
            for kind in "method", "property":
                names = [e.get("name") for e in elements(interface, kind)]
                assert len(names) > 2 and names == [e.get("name") for e in told.findall(kind)], (kind, names)
        text = bus.gdbus("introspect", "--session", "--dest", run.name, "--object-path", "/", "--recurse",
                         "--only-properties")
        contains(text, "readonly s Path = 'job'")
        contains(text, "readonly s Title = 'jobs'")


@test
def nested_and_retried():
    jobs("first: {run: 'true'}\n"
         "tests:\n  requires: first\n  jobs:\n"
         "    unit: {run: 'echo out; exit 3', retries: 1, critical: false, label: 'ünit'}\n"
         "    hold: {run: '%s', requires: {unit: failure}}\n" % HOLD, head="name: demo\n")
    with Bus() as bus, bus.run(*QUIET, "jobs.yaml") as run:
        wait_until(lambda: run.state("tests/hold") == "running")
        objects = run.objects()
        number, unit = objects["tests/unit"]
        tests, engine = objects["tests"]
        assert (unit["Attempts"], unit["State"], unit["Critical"]) == (2, "failed", False), unit
        assert unit["Label"] == "unit" and unit["Details"] == "ünit" and "3" in unit["Error"], unit
        assert unit["Message"] == "out" and 0 < unit["StartTime"] <= unit["EndTime"], unit
        assert unit["Parent"] == "%s/actions/%d" % (run.path, tests) and not unit["IsEngine"], unit
        assert engine["Parent"] == run.path + "/run" and engine["IsEngine"], engine
        assert objects["tests/hold"][1]["Requirements"] == [("%s/actions/%d" % (run.path, number), "failure")]
        assert run.get("Title") == "demo" and run.get("Pid") == run.process.pid and run.get("Complete")
        # Alone they are told once a second
        wait_until(lambda: run.get("Counts") == {"finished": 1, "failed": 1, "running": 1})
        assert run.get("State") == "running" and run.get("StartTime") > 0
        release()
        run.end()


@test
def requirements():
    """All that actions require, by numbers, in as many pieces as one likes"""
    jobs("first: {run: 'true'}\n"
         "tests:\n  requires: {first: success}\n  jobs:\n"
         "    unit: {run: '%s'}\n"
         "    whole: {run: 'true', requires: {unit: failure}}\n"
         "after: {run: 'true', requires: [first], after: tests}\n"
         "last: {run: 'true', requires: [first, after]}\n" % HOLD)
    with Bus() as bus, bus.run(*QUIET, "jobs.yaml") as run:
        more, known, paths = True, 0, {}
        while more:
            _, known, _, added, _, _, _, more = run.call(RUN, "GetChanges", GLib.Variant("(tuu)", (0, known, 100)))
            paths.update(paths_of(added))

        def ask(numbers, most, connection=None):
            told, n = run.call(RUN, "GetRequirements", GLib.Variant("(auu)", (numbers, most)), connection=connection)
            return [(paths[one], paths[other], word) for one, other, word in told], n

        numbers = sorted(paths, key=paths.get)
        expected = [("after", "tests", "after"), ("after", "first", "done"), ("last", "first", "done"),
                    ("last", "after", "done"), ("tests", "first", "success"), ("tests/whole", "tests/unit", "failure")]
        assert ask(numbers, 1000) == (expected, 6), ask(numbers, 1000)
        # Another one knows them by the same numbers
        other = bus.connect()
        assert ask(numbers, 1000, other) == (expected, 6)
        other.close_sync(None)
        for most in 0, 1, 3, 4:
            told, left = [], list(numbers)
            while left:
                some, n = ask(left, most)
                assert 1 <= n <= max(most, 1) and len(some) + n <= most + 3, (some, n)
                told += some
                del left[:n]
            assert told == expected, (most, told)
        assert ask([0, 77, 2 ** 32 - 1], 10) == ([], 3) and ask([], 10) == ([], 0)
        number = {path: number for number, path in paths.items()}["last"]
        assert ask([77, number], 10) == (expected[2:4], 2)
        release()
        run.end()


# What can be asked for


@test
def methods():
    jobs("hold: {run: 'echo said; %s', critical: false}\n"
         "next: {run: 'true', requires: hold}\nlast: {run: '%s', requires: next}" % (HOLD, HOLD))
    with Bus() as bus, bus.run(*QUIET, "jobs.yaml") as run:
        def call(method, path="/run", interface=RUN, expect=0):
            return bus.gdbus("call", "--session", "--dest", run.name, "--object-path", run.path + path, "--method",
                             interface + "." + method, expect=expect)

        hold = "/actions/%d" % run.objects()["hold"][0]
        wait_until(lambda: "said" in call("GetOutput", hold, ACTION))
        contains(call("GetGraph"), "digraph", "hold", "next", "last")
        contains(call("Retry", hold, ACTION, expect=1), "org.asyncjobs.Error.Refused")
        assert call("Pause") == "()\n"
        wait_until(lambda: run.get("Paused"))
        assert call("Cancel", hold, ACTION) == "()\n"
        wait_until(lambda: run.state("hold") == "cancelled")
        assert run.state("next") != "running"
        assert call("Resume") == "()\n"
        wait_until(lambda: run.state("last") == "running" and not run.get("Paused"))
        assert call("Retry", hold, ACTION) == "()\n"
        wait_until(lambda: run.state("hold") == "running")
        assert call("Cancel") == "()\n"
        out, _ = run.end(expect=130)
        assert "cancelled" in out, out


@test
def another_user():
    """Refused whatever he calls, where the bus lets him in"""
    if os.geteuid() != 0:
        raise Skip("only root can become another user")
    os.chmod(".", 0o755)
    with open("bus.conf", "w") as file:
        file.write(OPEN_BUS % os.path.abspath("socket"))
    jobs("job: {run: '%s'}" % HOLD)
    with Bus(os.path.abspath("bus.conf")) as bus, bus.run(*QUIET, "jobs.yaml") as run:
        # Of actions first: it is him who asks for anything first
        for interface, path in (ACTION, "/actions/1"), (RUN, "/run"):
            for method in elements(interface, "method"):
                arguments = [{"u": "1", "t": "0", "au": "[1]"}[a.get("type")] for a in method.findall("arg")
                             if a.get("direction") == "in"]
                for _ in range(2):  # who he is has been asked by then
                    refused = bus.gdbus("call", "--address", bus.address, "--dest", run.name, "--object-path",
                                        run.path + path, "--method", interface + "." + method.get("name"), *arguments,
                                        expect=1, user=65534, group=65534)
                    contains(refused, "AccessDenied", "another user")
        assert run.get("State") == "running" and not run.get("Paused")
        # The same from us
        assert run.call(RUN, "Pause") == ()
        run.call(RUN, "Resume")
        release()
        run.end()


# What it costs those who listen


class Listener:
    """Counts what is sent to somebody who wants to hear all, in a thread of its own"""

    def __init__(self, bus, run):
        self.connection = bus.connect()
        self.context = GLib.MainContext.new()
        self.context.push_thread_default()
        self.messages = []
        self.states = []  # of the run
        self.n_counts = 0  # told of the run, and nothing else
        self.connection.signal_subscribe(run.name, None, None, None, None, Gio.DBusSignalFlags.NONE, self.take)
        self.context.pop_thread_default()

    def take(self, connection, sender, path, interface, name, arguments):
        self.messages.append((path, name))
        if not path.endswith("/run") or name != "PropertiesChanged":
            return
        properties = arguments.unpack()[1]
        if "State" in properties:
            self.states.append(properties["State"])
        self.n_counts += list(properties) == ["Counts"]

    def listen_until(self, ended):
        while not ended():
            while self.context.iteration(False):
                pass
            time.sleep(0.005)
        while self.context.iteration(False):
            pass
        self.connection.close_sync(None)


def listen(n, command, asks):
    """What is heard, and for how long, s"""
    many(n, command)
    with Bus() as bus, bus.run("-j2", *QUIET, "jobs.yaml") as run:
        listener = Listener(bus, run)
        if asks:
            assert run.state("hold") in ("scheduled", "running")
        begun = time.monotonic()
        release()
        listener.listen_until(lambda: run.process.poll() is not None)
        assert run.process.returncode == 0
        # The end is told, too, before the process goes
        assert listener.states[-1] == "finished", listener.states
        return listener, time.monotonic() - begun


@test
def nobody_has_asked():
    """Then nobody is told of actions, few or many, and of how many there are once a second"""
    for n in 400, 600:
        listener, took = listen(n, "sleep, '0.01'", asks=False)
        assert {path.rsplit("/", 1)[1] for path, _ in listener.messages} == {"run"}, listener.messages
        assert took > 1 and 1 <= listener.n_counts <= took + 1, (listener.n_counts, took)
        assert len(listener.messages) - listener.n_counts <= 3, (listener.messages, listener.n_counts)
        os.remove("go")
    return "%d messages in %.1f s" % (len(listener.messages), took)


@test
def few_jobs_are_batched():
    """Each object tells of an end at most once, with its beginning where that was near"""
    listener, took = listen(400, "sleep, '0.01'", asks=True)
    turns = 10 * took + 3
    told = [path for path, name in listener.messages if name == "PropertiesChanged"]
    of_run = [path for path in told if path.endswith("/run")]
    assert took > 1 and 1 <= listener.n_counts <= took + 1, (listener.n_counts, took)
    assert len(of_run) - listener.n_counts <= 3, (len(of_run), listener.n_counts)
    assert 400 <= len(told) - len(of_run) <= 2.2 * 401 + 2 * turns, (len(told), turns)
    return "%d messages in %.1f s" % (len(listener.messages), took)


@test
def many_jobs_are_batched():
    """Of a thousand, only those that run at the end of each turn have objects"""
    listener, took = listen(1000, "/bin/true", asks=True)
    turns = 10 * took + 3
    # Two come, two go, two change, and the run
    assert 1 <= len(listener.messages) <= 7 * turns, (len(listener.messages), turns)
    return "%d messages in %.1f s" % (len(listener.messages), took)


@test
def late_client():
    """Who comes late sees all that has been, in pages"""
    jobs("".join("j%d: {run: [/bin/true]}\n" % i for i in range(1200)) + "hold: {run: '%s'}" % HOLD)
    with Bus() as bus, bus.run("-j4", *QUIET, "jobs.yaml") as run:
        wait_until(lambda: run.get("Counts") == {"finished": 1200, "running": 1})
        serial, known, seen, states = 0, 0, {}, {}
        more = True
        while more:
            serial, known, told, added, changed, said, removed, more = run.call(
                RUN, "GetChanges", GLib.Variant("(tuu)", (serial, known, 500)))
            new = paths_of(added)
            now = {row[0]: state for state, columns in changed.items() for row in zip(*columns)}
            assert len(new.keys() | now.keys()) <= 500 and not said and not removed
            seen.update(new)
            states.update(now)
        assert [seen[n] for n in sorted(seen)] == ["j%d" % i for i in range(1200)] + ["hold"]
        assert {seen[number]: state for number, state in states.items() if state != "finished"} == {"hold": "running"}
        assert told[1] == "running" and told[7] == {"finished": 1200, "running": 1}
        # Then it waits
        release()
        more = run.call(RUN, "GetChanges", GLib.Variant("(tuu)", (serial, known, 500)))
        assert more[4] or more[2][7] != told[7], more
        run.end()


# What goes wrong


def plain(out):
    """Without times; those that begin a line are on the right of their column"""
    return re.sub(r"^ *[0-9.]+|[0-9.]+", "", out, flags=re.MULTILINE)


def normal(*options):
    """What the run ends with, and says, when there is no bus in it"""
    done = subprocess.run([TOOL, "run", "--no-journal", *options, "jobs.yaml"], capture_output=True, env=environment(),
                          check=False)
    return done.returncode, plain(done.stdout.decode())


def same_as_normal(run):
    out, err = run.process.communicate(timeout=PATIENCE)
    assert (run.process.returncode, plain(out.decode())) == normal(), (out, err)
    return err.decode()


@test
def no_bus():
    jobs("job: {run: 'exit 3'}")
    done = subprocess.run([TOOL, "run", "--bus", "--no-journal", "jobs.yaml"], capture_output=True, check=False,
                          env=environment(DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus"))
    assert (done.returncode, plain(done.stdout.decode())) == normal()
    # One that ends sooner may not have noticed
    jobs("job: {run: 'sleep 0.5'}")
    done = subprocess.run([TOOL, "run", "--bus", "--no-journal", "jobs.yaml"], capture_output=True, check=True,
                          env=environment(DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus"))
    assert done.stderr.decode().count("--bus: ") == 1 and done.stderr.count(b"\n") == 1, done.stderr
    contains(done.stderr.decode(), "asyncjobs run: --bus: the session bus cannot be reached: ", "dbus-run-session")
    for address in "unix:path=/nonexistent/bus", "":
        told = toolkit.tool("watch", expect=5, env=environment(DBUS_SESSION_BUS_ADDRESS=address)).err
        contains(told, "asyncjobs watch: the session bus cannot be reached: ", "DBUS_SESSION_BUS_ADDRESS")


@test
def bus_dies():
    jobs("hold: {run: '%s; exit 3', critical: false}\nnext: {run: 'true', requires: hold}" % HOLD)
    with Bus() as bus, bus.run("--no-journal", "jobs.yaml") as run:
        follower = watch(bus, str(run.process.pid))
        bus.daemon.kill()
        _, err = follower.communicate(timeout=PATIENCE)
        assert follower.returncode == 5 and err.count(b"\n") == 1, err
        release()
        err = same_as_normal(run)
        assert err.count("--bus: ") == 1 and err.count("\n") == 1, err


@test
def bus_hangs():
    """One that is stopped holds nothing up"""
    many(600)

    def time_alone():
        begun = time.monotonic()
        told = normal("-j1")
        return time.monotonic() - begun, told

    # Others may have the machine, before as well as after
    release()
    before, _ = time_alone()
    os.remove("go")
    with Bus() as bus, bus.run("-j1", "--no-journal", "jobs.yaml") as run:
        # There is something to tell of actions, too
        assert run.state("hold") in ("scheduled", "running")
        bus.daemon.send_signal(signal.SIGSTOP)
        release()
        begun = time.monotonic()
        out, err = run.end()
        took = time.monotonic() - begun
        after, told = time_alone()
        assert (0, plain(out)) == told, out
        assert err == "", err
        # At the end the bus is waited for, half a second
        assert took < 3 * max(before, after) + 2, (took, before, after)
        return "%.1f s, %.1f and %.1f s without a bus" % (took, before, after)


def resident(pid):
    with open("/proc/%d/status" % pid) as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


@test
def slow_reader():
    """Who follows a run and is stopped costs it neither time nor memory"""
    jobs("talk: {run: 'touch ready; %s; for i in $(seq 200); do head -c 100000 /dev/zero; done; touch said; %s'}\n"
         "hold: {run: '%s'}" % (HOLD, HOLD.replace("go", "stop"), HOLD.replace("go", "stop")))
    with Bus() as bus, bus.run(*QUIET, "jobs.yaml") as run:
        follower = watch(bus, str(run.process.pid))
        wait_until(lambda: os.path.exists("ready"))
        number = run.objects()["talk"][0]
        other = bus.connect()
        other.call(run.name, run.path + "/run", RUN, "GetOutput", GLib.Variant("(ut)", (number, 0)), None, 0, -1, None,
                   None)
        other.flush_sync(None)
        follower.send_signal(signal.SIGSTOP)
        before = resident(run.process.pid)
        release()
        wait_until(lambda: os.path.exists("said"))
        # Both have been told of what there was by then
        run.call(RUN, "GetGraph")
        grown = resident(run.process.pid) - before
        with open("stop", "w"):
            pass
        begun = time.monotonic()
        run.end()
        took = time.monotonic() - begun
        follower.send_signal(signal.SIGCONT)
        follower.communicate(timeout=PATIENCE)
        other.close_sync(None)
        assert grown < 8192 or os.environ.get("SANITIZED"), grown
        assert took < 5, took
        return "%d KiB more for 20 MB of output, %.1f s to the end" % (grown, took)


# asyncjobs watch


@test
def watch_to_the_end():
    for body, status, word in ("true", 0, "finished"), ("exit 3", 1, "failed"):
        jobs("hold: {run: '%s; %s'}" % (HOLD, body), head="name: demo\n")
        with Bus() as bus, bus.run("jobs.yaml") as run:
            wait_until(lambda: run.state("hold") == "running")
            follower = watch(bus, "jobs.yaml")
            contains(follower.first_line, "demo: 0 of 1 actions have ended\n")
            release()
            run.end(expect=status)
            out, _ = follower.communicate(timeout=PATIENCE)
            assert follower.returncode == status, (follower.returncode, out)
            contains(out.decode(), "started     hold\n", "%-12shold" % word, "%-12sthe run" % word)
        os.remove("go")


@test
def watch_a_timeout():
    jobs("job: {run: '%s'}" % HOLD, head="timeout: 1500ms\n")
    with Bus() as bus, bus.run(*QUIET, "jobs.yaml") as run:
        tool(bus, "watch", expect=124)
        run.end(expect=124)


@test
def watch_one_that_is_killed():
    jobs("job: {run: 'exec sleep 60'}")
    with Bus() as bus, bus.run(*QUIET, "jobs.yaml") as run:
        follower = watch(bus, run.name)
        contains(follower.stdout.readline().decode(), "started     job")
        run.call(RUN, "Pause")
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(run.process.pid)], capture_output=True, text=True,
                                  check=True).stdout.split()
        run.process.kill()
        _, err = follower.communicate(timeout=PATIENCE)
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        assert follower.returncode == 5 and "process of the run is gone" in err.decode(), err


@test
def two_runs():
    jobs("job: {run: '%s'}" % HOLD)
    with Bus() as bus:
        contains(tool(bus, "watch", expect=5).err, "no run is shown")
        contains(tool(bus, "watch", "1", expect=5).err, "--bus")
        with bus.run(*QUIET, "jobs.yaml") as one, bus.run(*QUIET, "jobs.yaml") as other:
            told = tool(bus, "watch", expect=2).err
            contains(told, "several runs")
            for run in one, other:
                assert "%d  jobs\n" % run.process.pid in told, told
            # What is done to the one is not done to the other
            one.call(RUN, "Cancel")
            one.end(expect=130)
            assert other.get("State") == "running"
            follower = watch(bus)
            release()
            other.end()
            follower.communicate(timeout=PATIENCE)
            assert follower.returncode == 0


# What is written of it


@test
def example():
    jobs("first: {run: '%s'}\nlast: {run: exit 1, requires: first}" % HOLD, head="name: demo\n")
    with Bus() as bus, bus.run(*QUIET, "jobs.yaml") as run:
        client = subprocess.Popen([sys.executable, os.path.join(TOP, "examples", "watch-runs.py")], env=bus.env,
                                  stdout=subprocess.PIPE, bufsize=0)
        assert client.stdout.readline().decode() == "p%d first: running\n" % run.process.pid
        release()
        out, _ = client.communicate(timeout=PATIENCE)
        assert client.returncode == 0
        contains(out.decode(), "first: finished\n", "last: failed\n", "demo failed: ", "is gone\n")


@test
def page():
    """The client in doc/bus.md does what it should, and all names there are right"""
    with open(os.path.join(TOP, "doc", "bus.md"), encoding="utf-8") as file:
        text = file.read()
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1)
    jobs("first: {run: '%s'}\nlast: {run: 'true', requires: first}" % HOLD)
    with Bus() as bus, bus.run(*QUIET, "jobs.yaml") as run:
        wait_until(lambda: run.state("first") == "running")
        out = subprocess.run([sys.executable, "-c", code], env=bus.env, capture_output=True, text=True, check=True).stdout
        assert sorted(out.splitlines()) == ["idle last", "running first"], out
        release()
    tables = text[text.index("| of a run |"):text.index("Times are")]
    for interface in RUN, ACTION:
        for element in elements(interface, "*"):
            assert "`%s`" % element.get("name") in tables, element.get("name")


@test
def program():
    """A program as in doc/bus.md: who watches it hears how it ended, and where there is no bus it says so"""
    if os.environ.get("SANITIZED"):
        raise Skip("the compiler would need the same sanitizers")
    block = next(block for block in pages.read(Path(TOP) / "doc/bus.md") if block.language == "c")
    source = pages.whole(block, {}).replace(
        'jobs_delay_action_new ("wait", 10)', 'jobs_command_action_new_shell ("wait", NULL, "%s")' % HOLD)
    with tempfile.TemporaryDirectory() as folder:
        house = pages.House(Path(TOP), Path(TOOL).parents[2], Path(folder))
        house.compile_c(source)
        command = [os.path.join(folder, "program")]
        with Bus() as bus:
            house.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.address
            process = subprocess.Popen(command, env=house.environment)
            wait_until(lambda: "org.asyncjobs.Run.p%d" % process.pid in bus.names())
            follower = watch(bus, str(process.pid))
            release()
            out, _ = follower.communicate(timeout=PATIENCE)
            assert process.wait(timeout=PATIENCE) == 0
            assert follower.returncode == 0, out
            contains(out.decode(), "finished    the run\n")
        os.remove("go")
        house.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + os.path.join(folder, "none")
        process = subprocess.Popen(command, env=house.environment, stderr=subprocess.PIPE, bufsize=0)
        contains(process.stderr.readline().decode(), "nobody can watch: ")
        release()
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0


@test
def own_session():
    """By dbus-run-session, as one does"""
    jobs("job: {run: 'sleep 1'}")
    done = subprocess.run(["dbus-run-session", "--", "sh", "-c",
                           '"$0" run --bus --no-journal jobs.yaml & pid=$!; '
                           'until "$0" watch $pid 2> /dev/null; do kill -0 $pid || exit 1; done; wait $pid', TOOL],
                          capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    assert done.returncode == 0, done
    contains(done.stdout.decode(), "watching")


if __name__ == "__main__":
    sys.exit(main("bus-tool"))
