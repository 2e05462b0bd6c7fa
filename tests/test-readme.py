#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""test-readme.py SOURCE BUILD: what README.md shows is so.

Each block of code in it is the example of its language, is run, and says what
the README says that it says.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE, BUILD = Path(sys.argv[1]), Path(sys.argv[2])
README = (SOURCE / "README.md").read_text(encoding="utf-8")


def block(language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"README.md has {len(found)} blocks of {language}"
    return found[0]


def run(*command):
    """What the command prints; an exit status but 0 is a failure"""
    library = BUILD / "asyncjobs"
    environment = os.environ | {
        "PKG_CONFIG_PATH": str(BUILD / "meson-uninstalled"),
        "LD_LIBRARY_PATH": f"{library}:{os.environ.get('LD_LIBRARY_PATH', '')}",
        "GI_TYPELIB_PATH": str(library),
        "NO_COLOR": "1",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout


def check_is_example(text, name):
    example = (SOURCE / "examples" / name).read_text(encoding="utf-8")
    assert example.endswith("\n\n" + text), f"the README's {name} differs from examples/{name}"


def check_c(folder):
    text = block("c")
    check_is_example(text, "hello.c")
    program = folder / "hello"
    (folder / "hello.c").write_text(text)
    command = f"cc -Wall -Werror -o {program} {folder}/hello.c"
    run("sh", "-c", command + " $(pkg-config --cflags --libs asyncjobs-1)")
    assert run(str(program)) == block("text")


def check_python(folder):
    text = block("python")
    check_is_example(text, "hello.py")
    (folder / "hello.py").write_text(text)
    uninstalled = [str(SOURCE / "tests/bindings/uninstalled.py"), str(BUILD / "asyncjobs/overrides")]
    assert run(sys.executable, *uninstalled, str(folder / "hello.py")) == block("text")


def check_job_file(folder):
    text = block("yaml")
    check_is_example(text, "hello.yaml")
    (folder / "hello.yaml").write_text(text)
    tool = BUILD / "asyncjobs" / "tool" / "asyncjobs"
    printed = run(str(tool), "run", str(folder / "hello.yaml"))
    for line in block("text").splitlines():
        assert line in printed, f"{line!r} is not in\n{printed}"


def check_commands(folder):
    commands = re.findall(r"^    ((?:examples|tests)/\S+)", README, re.MULTILINE)
    assert commands == ["examples/demo", "tests/run"], f"the README says to run {commands}"
    for command in commands:
        assert os.access(SOURCE / command, os.X_OK), f"{command} cannot be run"


def check_links(folder):
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (SOURCE / target).exists(), f"README.md links to {target}, which is not there"


def main():
    checks = [check_c, check_python, check_job_file, check_commands, check_links]
    failed = 0
    print(f"1..{len(checks)}", flush=True)
    for number, check in enumerate(checks, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(Path(folder))
                print(f"ok {number} - {check.__name__}", flush=True)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                print("\n".join("# " + line for line in str(error).splitlines()))
                print(f"not ok {number} - {check.__name__}", flush=True)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
