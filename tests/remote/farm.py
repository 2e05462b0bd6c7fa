# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of JobsSlurmNode share: a real Slurm, of whose jobs nothing may be left"""

import atexit
import contextlib
import os
import shutil
import signal
import uuid

# It knows where the others are
from remote import GLib, Job, Jobs, check_descriptors, open_descriptors, run

import slurm
from faults import TOKEN, Skip, processes, wait_until

# A tree of three, the last one in the background of the background
TREE = "sh -c 'sleep 100 & echo deep; wait' & wait"

# Between us and each of Slurm's commands: when it began and how it ended, and whether
# another of its kind went on
WRAPPER = """\
#!/bin/sh
mkdir {log}.lock 2>/dev/null || echo twin >>{log}
echo "began $(date +%s.%N)" >>{log}
{program} "$@"
status=$?
rmdir {log}.lock 2>/dev/null
echo "ended $status" >>{log}
exit $status
"""

shared = []


def shared_slurm():
    """For all tests, as it is slow to begin; each leaves it as it was"""
    if not shared:
        shared.append(slurm.Slurm(cpus=16))
        shared[0].start()
    return shared[0]


def end_shared_slurm():
    while shared:
        shared.pop().clear()


atexit.register(end_shared_slurm)


class World:
    """A cluster, of which at the end all must be as it was"""

    def __enter__(self):
        if slurm.missing():
            raise Skip("; ".join(slurm.missing()))
        self.slurm = shared_slurm()
        self.token = uuid.uuid4().hex
        self.folder = os.path.abspath("100%job's")
        self.environment = dict(os.environ)
        # A sanitizer is for us: jobs of Slurm have our environment, and would not die of signals
        os.environ.pop("LD_PRELOAD", None)
        os.environ.update({TOKEN: self.token, "SLURM_CONF": self.slurm.config,
                           "PATH": os.path.abspath("bin") + ":" + os.environ["PATH"]})
        os.mkdir("bin")
        for name in "squeue", "sbatch":
            path = os.path.join("bin", name)
            with open(path, "w") as file:
                file.write(WRAPPER.format(log=os.path.abspath(name + "s"), program=shutil.which(name)))
            os.chmod(path, 0o755)
        run(Job(None, "true"))  # What the library opens once
        self.descriptors = open_descriptors()
        return self

    def __exit__(self, kind, *rest):
        try:
            if kind is None:
                self.check_is_clean()
            else:
                for name in "slurmctld", *self.slurm.nodes:
                    print("# " + self.slurm.log(name)[-1000:].replace("\n", "\n# "))
        finally:
            os.environ.clear()
            os.environ.update(self.environment)
            shutil.rmtree("bin")
            if kind is not None:
                end_shared_slurm()
            for pid in processes(self.token):
                os.kill(pid, signal.SIGKILL)

    def check_is_clean(self):
        try:
            wait_until(lambda: not processes(self.token), "for the last process to go", 10)
        except AssertionError as error:
            raise AssertionError("left: %s" % processes(self.token)) from error
        wait_until(lambda: not self.active(), "jobs are left", 10)
        assert not os.path.exists(self.folder) or not os.listdir(self.folder), os.listdir(self.folder)
        # Of the last clients nobody has awaited the end
        while GLib.MainContext.default().iteration(False):
            pass
        check_descriptors(self.descriptors)
        assert not self.count("squeue", "twin"), "two of squeue at once"

    def active(self):
        return [number for number, state in self.slurm.jobs().items()
                if state in ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED")]

    def node(self, *options):
        node = Jobs.SlurmNode.new("farm")
        node.set_folder(self.folder)
        for option in options:
            node.add_option(option)
        return node

    def log(self, program):
        with open(os.path.join(os.path.dirname(self.folder), program + "s")) as file:
            return file.read().splitlines()

    def count(self, program, word):
        try:
            return sum(line.startswith(word) for line in self.log(program))
        except FileNotFoundError:
            return 0

    def sleepers(self):
        return [pid for pid, command in processes(self.token).items() if command.startswith("sleep 100")]

    def own_job(self):
        """The id of the one that there is"""
        active = self.active()
        assert len(active) == 1, active
        return active[0]


@contextlib.contextmanager
def configured(world, *lines):
    """The controller and our commands, with these in the configuration"""
    with open(world.slurm.config) as file:
        before = file.read()

    def restart(text):
        with open(world.slurm.config, "w") as file:
            file.write(text)
        world.slurm.stop_daemon("slurmctld")
        world.slurm.start_controller()
        world.slurm.wait_for_nodes()
    restart(before + "".join(line + "\n" for line in lines))
    yield
    restart(before)


def wipe(world):
    world.slurm.stop_daemon("slurmctld")
    world.slurm.start_controller("-c")
    world.slurm.wait_for_nodes()


def lines(name):
    with open(name) as file:
        return file.read().splitlines()


def when(condition, function):
    """Calls it once, from the main loop, when that is true: for what sends no event"""
    def look():
        if not condition():
            return True
        function()
        return False
    # What it calls may take longer than that, and nothing is to wait for it
    GLib.timeout_add(20, look, priority=GLib.PRIORITY_LOW)
