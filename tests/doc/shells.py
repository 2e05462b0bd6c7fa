# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Real shells on terminals of their own, that complete what is typed"""

import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

from support import SOURCE, TOOL, Skip

COMPLETIONS = SOURCE / "data/completions"
PATIENCE = 60  # seconds: the machine may be busy
PROMPT = "READY> "

# Stands for the command where it is run; where it is asked for names, it is the command
WRAPPER = """#!/bin/sh
for word; do
  [ "$word" != --names ] || exec '%s' "$@"
done
{ printf '%%s\\0' "$@"; printf 'end\\0'; } > '%s'
echo HAS-RUN
"""


class Shell:
    """In a folder of its own; completions are where it looks for them by itself"""
    name = None
    start = None

    def __init__(self):
        if not shutil.which(self.name):
            raise Skip(self.name + " is not installed")
        self.home = os.path.abspath(self.name)
        os.makedirs(self.home + "/bin")
        os.mkfifo(self.home + "/fifo")
        self.write("bin/asyncjobs", WRAPPER % (TOOL, self.home + "/fifo"))
        os.chmod(self.home + "/bin/asyncjobs", 0o755)
        self.set_up()

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def link(self, name, target):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)

    def environment(self):
        return {
            "HOME": self.home, "LC_ALL": "C.UTF-8", "TERM": "dumb", "ZDOTDIR": self.home,
            "PATH": self.home + "/bin:" + os.environ["PATH"],
            "XDG_CONFIG_HOME": self.home + "/config", "XDG_DATA_HOME": self.home + "/share",
        }

    def __enter__(self):
        self.fifo = os.open(self.home + "/fifo", os.O_RDWR | os.O_NONBLOCK)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 200, 0, 0))
        self.process = subprocess.Popen(
            self.start, stdin=slave, stdout=slave, stderr=slave, env=self.environment(),
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.screen = ""
        self.wait(lambda: PROMPT in self.screen)
        return self

    def __exit__(self, *exception):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)
        os.close(self.fifo)

    def wait(self, done):
        deadline = time.monotonic() + PATIENCE
        while not done():
            ready, _, _ = select.select([self.master, self.fifo], [], [], deadline - time.monotonic())
            assert ready, "%s hangs; its screen:\n%s" % (self.name, self.screen)
            if self.master in ready:
                self.screen += os.read(self.master, 65536).decode("utf-8", "replace")
            if self.fifo in ready:
                self.given += os.read(self.fifo, 65536)

    def run(self, typed):
        """The arguments that the command is given, once this and Enter is typed"""
        self.given, self.screen = b"", ""
        os.write(self.master, typed.encode() + b"\r")
        # What was on the screen before has then been read, too
        self.wait(lambda: self.given.endswith(b"end\0") and "HAS-RUN" in self.screen)
        self.screen = self.screen.partition("HAS-RUN")[0]
        return self.given.decode().split("\0")[:-2]


class Bash(Shell):
    name = "bash"
    start = ["bash", "--noprofile", "-i"]

    def set_up(self):
        loader = "/usr/share/bash-completion/bash_completion"
        if not os.path.exists(loader):
            raise Skip("bash-completion is not installed")
        self.link("share/bash-completion/completions/asyncjobs", COMPLETIONS / "asyncjobs.bash")
        self.write(".bashrc", "source %s\nPS1='%s'\nunset HISTFILE PROMPT_COMMAND\n"
                   "bind 'set enable-bracketed-paste off'\n" % (loader, PROMPT))

    def candidates(self, *words):
        script = """
            source /usr/share/bash-completion/bash_completion
            source %s
            compopt () { :; }
            COMP_WORDS=(asyncjobs "$@") COMP_CWORD=$# COMP_LINE="asyncjobs $*"
            COMP_POINT=${#COMP_LINE}
            _asyncjobs asyncjobs
            printf '%%s\\n' "${COMPREPLY[@]}"
            """ % (COMPLETIONS / "asyncjobs.bash")
        done = subprocess.run(["bash", "-c", script, "bash", *words], env=self.environment(),
                              capture_output=True, text=True, timeout=PATIENCE, check=True)
        return {line.rstrip("=") for line in done.stdout.splitlines()}


class Zsh(Shell):
    name = "zsh"
    start = ["zsh", "-i"]

    def set_up(self):
        self.link("functions/_asyncjobs", COMPLETIONS / "_asyncjobs")
        # By itself zsh expands what it completes, and runs $(...) for that
        self.write(".zshrc", "fpath=($HOME/functions $fpath)\nautoload -U compinit\ncompinit -u -D\n"
                   "PS1='%s'\nLISTMAX=10000\nunsetopt prompt_sp\n"
                   "bindkey '^X' list-choices '^I' complete-word\n"
                   "zstyle ':completion:*' list-separator '#'\n" % PROMPT)

    def candidates(self, *words):
        with self:
            self.run(" ".join(["asyncjobs", *words]) + "\x18")
            lines = self.screen.split("\n")[1:]
        return {word for line in lines for word in re.split(r"\s+#", line.strip())[0].split()
                if PROMPT not in line}


class Fish(Shell):
    name = "fish"
    start = ["fish", "-i"]

    def set_up(self):
        self.link("config/fish/completions/asyncjobs.fish", COMPLETIONS / "asyncjobs.fish")
        self.write("config/fish/config.fish", "function fish_prompt; echo -n '%s'; end\n"
                   "function fish_right_prompt; end\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n"
                   % PROMPT)

    def candidates(self, *words):
        done = subprocess.run(["fish", "-c", "complete -C $argv[1]", " ".join(["asyncjobs", *words])],
                              env=self.environment(), capture_output=True, text=True,
                              timeout=PATIENCE, check=True)
        return {line.partition("\t")[0] for line in done.stdout.splitlines()}


SHELLS = (Bash, Zsh, Fish)
