#!/usr/bin/env python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""test-readme.py SOURCE BUILD: what README.md and the pages show is what there is.

What they show first is the example of its language, the commands can be run, and links
lead somewhere. What doc/remote.md shows runs over an sshd.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pages

SOURCE, BUILD = Path(sys.argv[1]), Path(sys.argv[2])

sys.path.append(str(SOURCE / "tests/services"))
import sshd


def block(page, language):
    """The first one"""
    return next(block.text for block in pages.read(SOURCE / page) if block.language == language)


def check_examples(folder):
    for page, suffixes in (("README.md", {"c": "c", "python": "py", "yaml": "yaml"}),
                           ("doc/javascript.md", {"js": "js"}), ("doc/vala.md", {"vala": "vala"})):
        for language, suffix in suffixes.items():
            example = (SOURCE / "examples" / f"hello.{suffix}").read_text(encoding="utf-8")
            assert example.endswith("\n\n" + block(page, language)), f"{page} differs from hello.{suffix}"


def check_commands(folder):
    readme = (SOURCE / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    ((?:examples|tests)/\S+)", readme, re.MULTILINE)
    assert commands == ["examples/demo", "tests/run"], f"the README says to run {commands}"
    for command in commands:
        assert os.access(SOURCE / command, os.X_OK), f"{command} cannot be run"
        said = subprocess.run([SOURCE / command, "--help"], check=True, capture_output=True, text=True).stdout
        assert said.startswith(f"Usage: {command}"), said

    # A folder that was set up as the page says is set up anew by these commands
    setup = (SOURCE / "tests/setup").read_text(encoding="utf-8")
    features = re.search(r"^features='(.*)'$", setup, re.MULTILINE)[1]
    for option in re.findall(r"-D(\w+)=", block("README.md", "sh")):
        assert f"-D{option}=" in features, f"{option} would stay as it is"


def check_links(folder):
    for page in (SOURCE / "README.md", *(SOURCE / "doc").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page} links to {target}, which is not there"


def check_names(folder):
    """What doc/migrating.md calls by its name in Python"""
    page = (SOURCE / "doc/migrating.md").read_text(encoding="utf-8")
    names = sorted(set(re.findall(r"`(Jobs(?:\.\w+)+)", page)))
    assert len(names) > 40, names
    said = pages.House(SOURCE, BUILD, folder).run_python(
        "import gi\n"
        "gi.require_version('Jobs', '1')\n"
        "from gi.repository import Jobs\n" +
        "".join(f"{name}\n" for name in names) + "print('all there')\n")
    assert said == "all there\n"


def check_remote(folder):
    if sshd.missing():
        raise pages.Skip(", ".join(sshd.missing()) + " not installed")

    def shown(language):
        # Somebody else may have that place
        return block("doc/remote.md", language).replace("/tmp/remote-demo", str(folder / "there"))

    house = pages.House(SOURCE, BUILD, folder)
    house.environment["TOKEN"] = "secret"
    house.write("words", "two\none\ntwo\n")
    house.write("jobs.yaml", shown("yaml"))
    with sshd.Sshd() as server:
        for host in ("gate.example.org", "left.lan", "right.lan"):
            server.add_host(host)
        for program in ("ssh", "scp"):
            # As if that were the user's own configuration
            house.add_program(program, f'exec {sshd.find(program)} -F {server.config} "$@"')

        said = house.run("asyncjobs", "check", "--connect", "jobs.yaml")
        assert said.count(": connected\n") == 3, said
        house.run("asyncjobs", "run", "jobs.yaml")
        assert (folder / "sorted").read_text() == "one\ntwo\n"
        assert house.run_c(shown("c")) == "left counts 3\n"
        said = house.run_python(shown("python"))
        assert re.fullmatch(r"{'left': '\d+', 'right': '\d+'}\n", said), said


def main():
    checks = [check_examples, check_commands, check_links, check_names, check_remote]
    failed = 0
    print(f"1..{len(checks)}", flush=True)
    for number, check in enumerate(checks, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(Path(folder))
                print(f"ok {number} - {check.__name__}", flush=True)
            except pages.Skip as reason:
                print(f"ok {number} - {check.__name__} # SKIP {reason}", flush=True)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                print("\n".join("# " + line for line in str(error).splitlines()))
                print(f"not ok {number} - {check.__name__}", flush=True)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
