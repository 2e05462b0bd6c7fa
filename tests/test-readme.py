#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""test-readme.py SOURCE BUILD: what README.md and pages in doc/ show is so.

Each block of code in the README is the example of its language, is run, and says
what the README says that it says; so do those of doc/javascript.md and doc/vala.md.
Those of doc/remote.md run over an sshd.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE, BUILD = Path(sys.argv[1]), Path(sys.argv[2])
README = (SOURCE / "README.md").read_text(encoding="utf-8")
REMOTE = (SOURCE / "doc/remote.md").read_text(encoding="utf-8")
JAVASCRIPT = (SOURCE / "doc/javascript.md").read_text(encoding="utf-8")
VALA = (SOURCE / "doc/vala.md").read_text(encoding="utf-8")
TERMINAL = (SOURCE / "doc/terminal.md").read_text(encoding="utf-8")

sys.path.append(str(SOURCE / "tests/services"))
import sshd


class Skip(Exception):
    """It cannot be tried here"""


def blocks(language, page):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def block(language, page=README):
    found = blocks(language, page)
    assert len(found) == 1, f"{len(found)} blocks of {language}"
    return found[0]


def run(*command, cwd=None, **variables):
    """What the command prints; an exit status but 0 is a failure"""
    library = BUILD / "asyncjobs"
    environment = os.environ | {
        "PKG_CONFIG_PATH": str(BUILD / "meson-uninstalled"),
        "LD_LIBRARY_PATH": f"{library}:{os.environ.get('LD_LIBRARY_PATH', '')}",
        "GI_TYPELIB_PATH": str(library),
        "NO_COLOR": "1",
        **variables,
    }
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout


def find(program):
    path = shutil.which(program)
    if path is None:
        raise Skip(f"{program} not installed")
    return path


def check_is_example(text, name):
    example = (SOURCE / "examples" / name).read_text(encoding="utf-8")
    assert example.endswith("\n\n" + text), f"what is shown as {name} differs from examples/{name}"


def compile_c(text, folder, suffix="c", compiler="cc"):
    program = folder / "program"
    (folder / f"program.{suffix}").write_text(text)
    command = f"{compiler} -Wall -Werror -o {program} {folder}/program.{suffix}"
    run("sh", "-c", command + " $(pkg-config --cflags --libs asyncjobs-1)")
    return str(program)


def compile_vala(text, folder):
    (folder / "program.vala").write_text(text)
    flags = run("pkg-config", "--cflags", "--libs", "asyncjobs-1").split()
    # Beside an installed vapi is one more file, which says that it needs gio-2.0
    run(find("valac"), "--fatal-warnings", f"--vapidir={BUILD / 'asyncjobs'}", "--pkg", "gio-2.0",
        "--pkg", "asyncjobs-1", "-X", "-w", *[word for flag in flags for word in ("-X", flag)],
        "-o", "program", "program.vala", cwd=folder)
    return str(folder / "program")


def run_python(text, folder, **variables):
    (folder / "program.py").write_text(text)
    uninstalled = [str(SOURCE / "tests/bindings/uninstalled.py"), str(BUILD / "asyncjobs/overrides")]
    return run(sys.executable, *uninstalled, str(folder / "program.py"), **variables)


def check_c(folder):
    text = block("c")
    check_is_example(text, "hello.c")
    assert run(compile_c(text, folder)) == block("text")


def check_python(folder):
    text = block("python")
    check_is_example(text, "hello.py")
    assert run_python(text, folder) == block("text")


def check_job_file(folder):
    text = block("yaml")
    check_is_example(text, "hello.yaml")
    (folder / "hello.yaml").write_text(text)
    tool = BUILD / "asyncjobs" / "tool" / "asyncjobs"
    printed = run(str(tool), "run", str(folder / "hello.yaml"))
    for line in block("text").splitlines():
        assert line in printed, f"{line!r} is not in\n{printed}"


def check_javascript(folder):
    gjs = find("gjs")
    programs, outputs = blocks("js", JAVASCRIPT), blocks("text", JAVASCRIPT)
    check_is_example(programs[0], "hello.js")
    assert len(programs) == len(outputs) > 1
    for text, output in zip(programs, outputs):
        (folder / "program.js").write_text(text)
        said = run(gjs, "-m", str(folder / "program.js"), GJS_PATH=str(SOURCE / "asyncjobs"))
        assert said == output, f"{text}\nsays\n{said}"


def check_vala(folder):
    if not (BUILD / "asyncjobs/asyncjobs-1.vapi").exists():
        raise Skip("built without the vapi")
    text = block("vala", VALA)
    check_is_example(text, "hello.vala")
    assert run(compile_vala(text, folder)) == blocks("text", VALA)[0]


def check_cpp(folder):
    program = compile_c(block("cpp", VALA), folder, "cpp", f"{find('c++')} -std=c++11")
    assert run(program) == blocks("text", VALA)[1]


def check_terminal(folder):
    if "HAS_TERMINAL (1)" not in (BUILD / "asyncjobs/jobs-version.h").read_text():
        raise Skip("built without the monitor of terminals")
    # Without a terminal it says so, and runs
    text = block("c", TERMINAL)
    call = "\nint\nmain (void)\n{\n  g_autoptr (JobsEngine) engine = jobs_engine_new ();\n" \
           "  run_on_terminal (engine);\n  return !jobs_state_is_terminal (" \
           "jobs_action_get_state (JOBS_ACTION (engine)));\n}\n"
    run(compile_c(text + call, folder))


def check_commands(folder):
    commands = re.findall(r"^    ((?:examples|tests)/\S+)", README, re.MULTILINE)
    assert commands == ["examples/demo", "tests/run"], f"the README says to run {commands}"
    for command in commands:
        assert os.access(SOURCE / command, os.X_OK), f"{command} cannot be run"


def check_links(folder):
    for page in (SOURCE / "README.md", *(SOURCE / "doc").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page} links to {target}, which is not there"


def wrap(program, folder, config):
    """As if that were the user's own configuration"""
    path = folder / program
    path.write_text(f'#!/bin/sh\nexec {sshd.find(program)} -F {config} "$@"\n')
    path.chmod(0o755)


def remote_block(language, folder):
    # Somebody else may have that place
    return block(language, REMOTE).replace("/tmp/remote-demo", str(folder / "there"))


def check_remote(folder):
    if sshd.missing():
        raise Skip(", ".join(sshd.missing()) + " not installed")

    tool = str(BUILD / "asyncjobs" / "tool" / "asyncjobs")
    around = {"PATH": f"{folder}:{os.environ['PATH']}", "TOKEN": "secret", "cwd": folder}
    (folder / "words").write_text("two\none\ntwo\n")
    (folder / "jobs.yaml").write_text(remote_block("yaml", folder))
    with sshd.Sshd() as server:
        for host in ("gate.example.org", "left.lan", "right.lan"):
            server.add_host(host)
        for program in ("ssh", "scp"):
            wrap(program, folder, server.config)

        said = run(tool, "check", "--connect", "jobs.yaml", **around)
        assert said.count(": connected\n") == 3, said
        run(tool, "run", "jobs.yaml", **around)
        assert (folder / "sorted").read_text() == "one\ntwo\n"
        assert run(compile_c(remote_block("c", folder), folder), **around) == "left counts 3\n"
        said = run_python(remote_block("python", folder), folder, **around)
        assert re.fullmatch(r"{'left': '\d+', 'right': '\d+'}\n", said), said


def main():
    checks = [check_c, check_python, check_job_file, check_javascript, check_vala, check_cpp,
              check_terminal, check_commands, check_links, check_remote]
    failed = 0
    print(f"1..{len(checks)}", flush=True)
    for number, check in enumerate(checks, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(Path(folder))
                print(f"ok {number} - {check.__name__}", flush=True)
            except Skip as reason:
                print(f"ok {number} - {check.__name__} # SKIP {reason}", flush=True)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                print("\n".join("# " + line for line in str(error).splitlines()))
                print(f"not ok {number} - {check.__name__}", flush=True)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
