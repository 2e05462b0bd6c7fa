#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A private sshd on loopback, which touches nothing of the user's or the system's.

    sshd.py up DIR [--max-sessions N]     starts one, and says how to use it
    sshd.py down DIR                      ends it, and removes DIR

As a module: `with Sshd() as sshd:`. All is in a folder of its own: the keys of the host
and the user, known_hosts, a home without anybody's dot files, and an ssh configuration
in which `near`, `far` and `third` are the same machine.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from service import Service, command, find, read

PATIENCE = 30  # seconds until a server that does not come up is a failure
PORT_TRIES = 10
HOSTS = ("near", "far", "third")

SSHD_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
# The folder may be below one that anybody may write to
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UseDNS no
PrintMotd no
LogLevel VERBOSE
MaxSessions {max_sessions}
MaxStartups 200:30:400
SetEnv {environment}
Subsystem sftp internal-sftp
"""

SSH_CONFIG = {
    "HostName": "127.0.0.1",
    "Port": "{port}",
    "User": "{user}",
    "IdentityFile": "{folder}/user_key",
    "IdentitiesOnly": "yes",
    "UserKnownHostsFile": "{folder}/known_hosts",
    "GlobalKnownHostsFile": "/dev/null",
    "StrictHostKeyChecking": "yes",
}


def missing():
    """The names of the programs that are not installed"""
    return [name for name in ("sshd", "ssh", "ssh-keygen") if find(name) is None]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def make_key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)


class Sshd(Service):
    """A server; what is set may be changed, and counts from the next start() on"""

    def __init__(self, folder=None, max_sessions=10, environment=None, options=""):
        self.folder = folder
        self.max_sessions = max_sessions
        self.environment = dict(environment or {})  # of its commands
        self.options = options                      # more lines of its configuration
        self.port = None
        self.process = None
        self.is_temporary = folder is None

    # The folder

    def path(self, name):
        return os.path.join(self.folder, name)

    @property
    def config(self):
        return self.path("ssh_config")

    @property
    def home(self):
        return self.path("home")

    def make_folder(self):
        if self.is_temporary:
            self.folder = tempfile.mkdtemp(prefix="asyncjobs-sshd-")
        else:
            os.makedirs(self.folder, mode=0o700)
            self.folder = os.path.abspath(self.folder)
        os.mkdir(self.home)
        make_key(self.path("host_key"))
        make_key(self.path("user_key"))
        shutil.copy(self.path("user_key.pub"), self.path("authorized_keys"))

    def add_host(self, name, **options):
        """One more in the ssh configuration; like the others but for these options"""
        user = pwd.getpwuid(os.getuid()).pw_name
        with open(self.config, "a", encoding="utf-8") as file:
            print("Host", name, file=file)
            for key, value in {**SSH_CONFIG, **options}.items():
                print("   ", key, str(value).format(port=self.port, folder=self.folder, user=user), file=file)

    def add_known(self, file, key="host_key"):
        kind, number = read(self.path(key + ".pub")).split()[:2]
        with open(self.path(file), "a", encoding="utf-8") as known:
            print("[127.0.0.1]:%d %s %s" % (self.port, kind, number), file=known)

    # The server

    def write_config(self):
        environment = {"HOME": self.home, **self.environment}
        with open(self.path("sshd_config"), "w", encoding="utf-8") as file:
            file.write(SSHD_CONFIG.format(
                port=self.port, folder=self.folder, max_sessions=self.max_sessions,
                environment=" ".join('"%s=%s"' % item for item in environment.items())))
            file.write(self.options)

    def launch(self):
        """Whether it listens; else its port was taken meanwhile"""
        self.write_config()
        # A test may be killed
        holder = [find("setpriv"), "--pdeathsig", "KILL"] if self.is_temporary and find("setpriv") else []
        self.process = subprocess.Popen(
            [*holder, find("sshd"), "-D", "-f", self.path("sshd_config"), "-E", self.path("log")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
        limit = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as client:
                # Somebody else might listen there
                if client.recv(4) == b"SSH-" and self.process.poll() is None:
                    return True
            assert time.monotonic() < limit, "sshd does not come up: " + self.log()
            time.sleep(0.01)
        if "Address already in use" in self.log():
            return False
        raise RuntimeError("sshd has ended: " + self.log())

    def start(self):
        """Makes the folder, where that is not yet; again it is on the same port"""
        # Compiled in, and empty: where no init has made it. It is root's
        if os.getuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        if self.folder is None or not os.path.exists(self.folder):
            self.make_folder()
        again = self.port is not None
        for _ in range(PORT_TRIES):
            if not again:
                self.port = free_port()
            if self.launch():
                break
        else:
            raise RuntimeError("no port for sshd: " + self.log())
        if not again:
            self.add_known("known_hosts")
            for name in HOSTS:
                self.add_host(name)

    def stop(self):
        """The server, and all connections; its folder stays"""
        if self.process is None:
            return
        sessions = self.sessions()
        self.process.kill()
        self.process.wait()
        self.process = None
        for pid in sessions:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # What it knows

    def log(self):
        with contextlib.suppress(FileNotFoundError):
            return read(self.path("log"))
        return ""

    def count_accepted(self):
        """How many connections have logged in"""
        return self.log().count("Accepted publickey")

    def sessions(self):
        """The processes of sshd that serve one connection each, or a part of it"""
        parents = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                command, rest = read("/proc/%s/stat" % name).split("(", 1)[1].rsplit(")", 1)
                if command.startswith("sshd"):
                    parents[int(name)] = int(rest.split()[1])
        found = []
        wanted = [self.process.pid] if self.process is not None else []
        while wanted:
            wanted = [pid for pid, parent in parents.items() if parent in wanted]
            found += wanted
        return found

    def cut(self):
        """All connections, as if the machine were gone; it goes on to listen"""
        for pid in self.sessions():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


# For people


def up(options):
    sshd = Sshd(os.path.abspath(options.folder), max_sessions=options.max_sessions)
    sshd.start()
    with open(sshd.path("pid"), "w", encoding="utf-8") as file:
        print(sshd.process.pid, file=file)
    print("ssh -F %s %s" % (sshd.config, HOSTS[0]))
    # It shall outlive us, without a warning
    sshd.process.returncode = 0


def down(options):
    folder = os.path.abspath(options.folder)
    pid = int(read(os.path.join(folder, "pid")))
    # After a restart of the machine, the number may be another's
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        if os.path.join(folder, "sshd_config") in read("/proc/%d/cmdline" % pid):
            os.kill(pid, signal.SIGTERM)
    shutil.rmtree(folder)


if __name__ == "__main__":
    command("sshd", up, down, ["not installed: " + name for name in missing()], "--max-sessions", 10)
