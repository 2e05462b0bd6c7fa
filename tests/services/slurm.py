#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A private Slurm on loopback, which touches nothing of the user's or the system's.

    slurm.py up DIR [--nodes N]     starts one, and says how to use it
    slurm.py down DIR               ends it and its jobs, and removes DIR

As a module: `with Slurm() as slurm:`. All is in a folder of its own: munge with its key,
the controller and its state, and nodes n1, n2 ..., which are the same machine. There is
no accounting. Only root can have one.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from service import Service, command, find, read

PATIENCE = 60  # seconds until a cluster that does not come up is a failure
PORT_TRIES = 5
PROGRAMS = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
MARK = "ASYNCJOBS_SLURM_DAEMON"
CLONE_NEWUTS = 0x04000000
PR_SET_PDEATHSIG = 1

CONFIG = """\
ClusterName=asyncjobs
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={port}
# On no address but that
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge/socket
MailProg=/bin/true

StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdSpoolDir={folder}/spool/%n
SlurmdPidFile={folder}/%n.pid

# Without cgroups, helpers of root's, or other hardware than there is
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides

# As quick as it can be
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,default_queue_depth=10000
PriorityType=priority/basic
MaxJobCount=100000
KillWait=1
ReturnToService=2

# What is in `first` makes room for itself
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=first Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=2
"""

NODE = ("NodeName={name} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} CPUs={cpus} RealMemory=1000 "
        "State=UNKNOWN\n")


def private_name():
    """The machine is called localhost for us and whom we start: Slurm looks up the name
    of its machine, which has not always an address"""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUTS) != 0 or libc.sethostname(b"localhost", 9) != 0:
        raise OSError(ctypes.get_errno(), "no name of its own")


def missing():
    """Why there cannot be one here; empty: there can"""
    reasons = ["%s is not installed" % name for name in PROGRAMS if find(name) is None]
    if os.getuid() != 0:
        reasons.append("only root can start it")
    elif not reasons:
        try:
            subprocess.run(["true"], preexec_fn=private_name, check=True)
        except subprocess.SubprocessError:
            reasons.append("a machine here cannot have two names")
    return reasons


def free_ports(count):
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


def processes_of(folder):
    """The daemons, and what runs in their jobs: not who only asks them"""
    found = []
    config = "SLURM_CONF=%s/slurm.conf" % folder
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            environment = read("/proc/%s/environ" % name).split("\0")
            if config in environment and any(one.startswith((MARK, "SLURM_JOB_ID=")) for one in environment):
                found.append(int(name))
    return found


def kill_processes(folder):
    """Until there are none: the killed ones might just have started more"""
    limit = time.monotonic() + PATIENCE
    while True:
        left = [pid for pid in processes_of(folder) if " Z " not in read_stat(pid)]
        if not left:
            return
        assert time.monotonic() < limit, "cannot be killed: %s" % left
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def read_stat(pid):
    with contextlib.suppress(OSError):
        return read("/proc/%d/stat" % pid)
    return " Z "


class Slurm(Service):
    def __init__(self, folder=None, nodes=2, cpus=4, options=""):
        self.folder = folder
        self.nodes = ["n%d" % number for number in range(1, nodes + 1)]
        self.cpus = cpus        # of each node; they need not exist
        self.options = options  # more lines of its configuration
        self.daemons = {}       # name → process
        self.is_temporary = folder is None

    # The folder

    def path(self, *names):
        return os.path.join(self.folder, *names)

    @property
    def config(self):
        return self.path("slurm.conf")

    def make_folder(self):
        if self.is_temporary:
            self.folder = os.path.realpath(tempfile.mkdtemp(prefix="asyncjobs-slurm-"))
        else:
            os.makedirs(self.folder)
            self.folder = os.path.realpath(self.folder)
        # munge asks for a socket that everybody can reach
        os.chmod(self.folder, 0o755)
        for name in "munge", "state", "spool", "log":
            os.mkdir(self.path(name), 0o755)
        for node in self.nodes:
            os.mkdir(self.path("spool", node))
        with open(os.open(self.path("munge", "key"), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(os.urandom(128))
        # Nothing uses it, but the one that is looked for by default may not load
        with open(self.path("cgroup.conf"), "w", encoding="utf-8") as file:
            print("CgroupPlugin=cgroup/v1", file=file)

    def write_config(self):
        port, *ports = free_ports(1 + len(self.nodes))
        with open(self.config, "w", encoding="utf-8") as file:
            # Partitions take all nodes that are there before them
            for name, number in zip(self.nodes, ports):
                file.write(NODE.format(name=name, port=number, cpus=self.cpus))
            file.write(CONFIG.format(port=port, folder=self.folder))
            file.write(self.options)

    # The daemons

    def launch(self, name, *argv, prepare=None):
        def before():
            private_name()
            # Whoever is killed with this module in it leaves none of them
            if self.is_temporary:
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if prepare is not None:
                prepare()
        with open(self.path("log", name), "ab") as log:
            self.daemons[name] = subprocess.Popen(
                [find(argv[0]), *argv[1:]], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                start_new_session=True, preexec_fn=before,
                env={"PATH": os.defpath + ":/usr/sbin:/usr/local/sbin", "SLURM_CONF": self.config, MARK: name})

    def start_munge(self):
        self.launch("munged", "munged", "--foreground", "--num-threads=4",
                    *("--%s=%s" % (option, self.path("munge", file)) for option, file in (
                        ("key-file", "key"), ("socket", "socket"), ("pid-file", "pid"), ("seed-file", "seed"))))
        self.wait_for("munged", "munge", "--socket=" + self.path("munge", "socket"), "--no-input")

    def start_controller(self, *options):
        """With -c it remembers nothing"""
        self.launch("slurmctld", "slurmctld", "-D", *options)
        self.wait_for("slurmctld", "scontrol", "ping")

    def start_node(self, name, prepare=None):
        """prepare is called in its process"""
        self.launch(name, "slurmd", "-D", "-N", name, prepare=prepare)

    def restart_node(self, name, prepare=None):
        self.stop_daemon(name)
        self.start_node(name, prepare)
        self.wait_for_nodes()

    def stop_daemon(self, name, signum=signal.SIGTERM):
        """The controller writes its state then"""
        process = self.daemons.pop(name)
        process.send_signal(signum)
        process.wait(PATIENCE)

    def wait_for(self, daemon, *argv):
        """That one answers"""
        limit = time.monotonic() + PATIENCE
        while self.ask(*argv).returncode != 0 or "DOWN" in self.answer:
            if self.daemons[daemon].poll() is not None:
                raise ChildProcessError("%s has ended: %s" % (daemon, self.log(daemon)))
            assert time.monotonic() < limit, "%s does not answer: %s" % (daemon, self.log(daemon))
            time.sleep(0.02)

    def wait_for_nodes(self):
        limit = time.monotonic() + PATIENCE
        ready = "sinfo", "-h", "-N", "-p", "main", "-t", "idle,mixed,alloc", "-o", "%N"
        while len(self.tell(*ready).split()) < len(self.nodes):
            for name in self.nodes:
                if self.daemons[name].poll() is not None:
                    raise ChildProcessError("%s has ended: %s" % (name, self.log(name)))
            assert time.monotonic() < limit, "nodes do not come up: " + self.tell("sinfo", "-N", "-l")
            time.sleep(0.05)

    def start(self):
        self.make_folder()
        self.start_munge()
        for tries in range(PORT_TRIES):
            self.write_config()
            try:
                self.start_controller("-c")
                for name in self.nodes:
                    self.start_node(name)
                self.wait_for_nodes()
                return
            except ChildProcessError as error:
                # A port may have been taken meanwhile
                if tries == PORT_TRIES - 1 or "ddress already in use" not in str(error):
                    raise
                for name in [name for name in self.daemons if name != "munged"]:
                    self.stop_daemon(name, signal.SIGKILL)

    def stop(self):
        """With its jobs; its folder stays"""
        if self.folder is None:
            return
        kill_processes(self.folder)
        for process in self.daemons.values():
            process.wait()
        self.daemons.clear()

    # What it knows

    def ask(self, *argv):
        """One of Slurm's commands, to its end"""
        done = subprocess.run(argv, env=dict(os.environ, SLURM_CONF=self.config), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.answer = done.stdout
        return done

    def tell(self, *argv):
        done = self.ask(*argv)
        assert done.returncode == 0, "%s: %s" % (argv, done.stdout)
        return done.stdout

    def jobs(self):
        """id → state of each that it knows"""
        lines = self.tell("squeue", "-h", "-t", "all", "--array", "-o", "%i %T").splitlines()
        return dict(line.split() for line in lines)

    def log(self, daemon):
        with contextlib.suppress(FileNotFoundError):
            return read(self.path("log", daemon))[-5000:]
        return ""


# For people


def up(options):
    slurm = Slurm(os.path.abspath(options.folder), nodes=options.nodes)
    try:
        slurm.start()
    except BaseException:
        slurm.clear()
        raise
    print("export SLURM_CONF=" + slurm.config)
    # They shall outlive us, without a warning
    for process in slurm.daemons.values():
        process.returncode = 0


def down(options):
    folder = os.path.realpath(options.folder)
    if not os.path.exists(os.path.join(folder, "slurm.conf")):
        sys.exit("no Slurm was started in " + folder)
    kill_processes(folder)
    shutil.rmtree(folder)


if __name__ == "__main__":
    command("Slurm", up, down, missing(), "--nodes", 2)
