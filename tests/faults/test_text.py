# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Bytes that are no text, text that commands a terminal, lines that pretend to be ours."""

import contextlib
import glob
import json
import os
import re
import subprocess
import xml.etree.ElementTree

import faults
from faults import Oracle, Runner, main, run, test, write_jobs

# All bytes there are; then what terminals and readers obey: a title, a cleared
# screen, colours in 7 and 8 bits, a hyperlink, a clipboard, marks that turn the
# direction of text, overlong and cut off UTF-8
ALL_BYTES = bytes(range(256)) + b"\n"
NASTY = (b"\033]0;title\007\n\033[2J\033[Hgone\n\033[31mred\n\302\2332J\n"
         b"\033]8;;http://x/\033\\link\033]8;;\033\\\n\033]52;c;eA==\007\n\033P1$r\033\\\n"
         b"\342\200\256ltr\342\200\254\n\300\257\n\360\237\n\355\240\200\nover\rwritten\n\010\010\177\n")
EVIL = "e\033[2J\033]0;t\007v\u009b31m\u202ei\r\nl\u0007"  # the name of whatever has one

OURS = re.compile(rb"\033\[(0|1|2|31|32|33|36)m")


def assert_harmless(text, turned="\u202e\u202c"):
    """Nothing but text, and our own colours; turned: the direction of it"""
    plain = OURS.sub(b"", text).replace(b"\r\n", b"\n")
    bad = [c for c in plain.decode("utf-8")
           if (ord(c) < 32 and c not in "\n\t") or 0x7f <= ord(c) < 0xa0 or c in turned]
    assert not bad, (bad, plain)


def on_terminal(*arguments, command="run", expect=0):
    """All that a terminal is sent by this: what is said of trouble, too"""
    master, slave = os.openpty()
    if command == "run":
        runner = Runner(*arguments, stdout=slave, stderr=slave)
        process = runner.process
    else:
        process = subprocess.Popen([faults.options.tool, command, *arguments], stdout=slave,
                                   stderr=slave, stdin=subprocess.DEVNULL)
    os.close(slave)
    text = b""
    with contextlib.suppress(OSError):  # EIO: the other side is closed
        while True:
            piece = os.read(master, 65536)
            if not piece:
                break
            text += piece
    os.close(master)
    status = runner.wait(expect).status if command == "run" else process.wait(faults.PATIENCE)
    assert status == expect, (status, text)
    return text


def cat(path, content):
    with open(path, "wb") as file:
        file.write(content)
    return "cat " + path


@test
def terminal_is_not_obeyed():
    body = cat("bytes", ALL_BYTES + NASTY)
    jobs = {"good": {"run": body}, "bad": {"run": body + "; exit 3", "requires": ["good"]},
            "lost": {"run": ["./" + EVIL], "requires": ["good"], "critical": False},
            "late": {"run": body + "; exec sleep 1000", "timeout": "300ms", "critical": False}}
    write_jobs(jobs, name=EVIL, **{"on-failure": "keep-going"})
    for mode in "prefixed", "grouped", "errors", "none":
        for color in "always", "never":
            text = on_terminal("-v", "--output", mode, "--color", color, "jobs.yaml", expect=1)
            assert_harmless(text)
            if color == "never":
                assert b"\033" not in text
            assert b"^[[2J^[[Hgone" in text and b"over^Mwritten" in text, text


@test
def names_are_not_obeyed():
    jobs = {EVIL: {"run": "true", "label": EVIL + "1", "details": EVIL, "env": {"A": EVIL}},
            "nest" + EVIL: {"requires": [EVIL], "jobs": {EVIL: {"run": "echo x; exit 1"}}}}
    write_jobs(jobs, name=EVIL, pools={EVIL: 1})
    text = on_terminal("-v", "jobs.yaml", expect=1)
    assert_harmless(text)
    for command, more in (("list", []), ("check", []), ("run", ["-n"])):
        assert_harmless(on_terminal(*more, "jobs.yaml", command=command))
    for kind in "dot", "mermaid", "json":
        # For a program, which is to have the names as they are
        assert_harmless(on_terminal("--format", kind, "jobs.yaml", command="graph"), "")


@test
def errors_are_not_obeyed():
    for jobs, head in (
        ({"a": {"rum": "x", EVIL: 1}}, {}),
        ({"a": {"run": "x", "requires": [EVIL]}}, {}),
        ({"a": {"run": "x", "on": EVIL}}, {}),
        ({"a": {"run": "x", "on": EVIL}}, {"nodes": {EVIL: {"ssh": EVIL, "gateway": EVIL + "x"}}}),
        ({"a": {"run": "x", "timeout": EVIL}}, {}),
        ({"a": {"run": "x", "pool": EVIL}}, {}),
        ({EVIL: {"run": "x", "requires": [EVIL + "2"]}, EVIL + "2": {"requires": [EVIL]}}, {}),
    ):
        write_jobs(jobs, **head)
        assert_harmless(on_terminal("jobs.yaml", expect=3))
    write_jobs({"a": {"run": "x", "on": EVIL}}, nodes={EVIL: {"ssh": EVIL.split(chr(13))[0]}})
    # In lines: what a screen sends is its own, and tried in a real terminal (tests/terminal)
    assert_harmless(on_terminal("--progress=plain", "jobs.yaml", expect=6))
    write_jobs({"a": {"run": "true"}})
    for arguments, status in (
        (["--only", EVIL, "jobs.yaml"], 2), (["jobs.yaml", EVIL], 2), (["--output", EVIL, "jobs.yaml"], 2),
        (["--" + EVIL, "jobs.yaml"], 2), (["-C", EVIL, "jobs.yaml"], 2), ([EVIL], 3),
        (["--report", EVIL + "/r.json", "jobs.yaml"], 5), ([b"\xff\033[2J"], 3),
        (["-C", b"\xff\033", "jobs.yaml"], 2), (["jobs.yaml", b"\xff\033"], 2),
    ):
        assert_harmless(on_terminal(*arguments, expect=status))
    assert_harmless(on_terminal("jobs.yaml", command=EVIL, expect=2))


@test
def logs_keep_every_byte():
    content = ALL_BYTES + NASTY + b"\0\0\r\n\r\n" + b"no newline at the end\377"
    body = cat("bytes", content)
    write_jobs({"a": {"run": body, "output": "log"}, "b": {"run": body + "; exit 2", "output": "log2"}},
               **{"on-failure": "keep-going"})
    for mode in "prefixed", "grouped", "none":
        run("--output", mode, "jobs.yaml", expect=1)
        for log in "log", "log2":
            with open(log, "rb") as file:
                assert file.read() == content
    write_jobs({"a": {"run": body}})
    assert run("--output", "stream", "jobs.yaml").out == content
    # And so do those that are kept with the journal
    kept = glob.glob(".asyncjobs/jobs.yaml.logs/*/*.log")
    assert kept
    for name in kept:
        with open(name, "rb") as file:
            assert file.read() == content, name


@test
def json_and_xml_are_valid():
    body = cat("bytes", ALL_BYTES + NASTY)
    jobs = {EVIL: {"run": body + "; exit 1", "label": EVIL},
            "captured": {"run": "echo '%s'" % EVIL.replace("\0", ""), "capture": "X"},
            "no-text": {"run": body, "capture": "Y"},
            "no-program": {"run": ["./" + EVIL]}}
    write_jobs(jobs, name=EVIL, **{"on-failure": "keep-going"})
    for report in "r.json", "r.xml":
        ended = run("--report", report, "jobs.yaml", expect=1)
        assert EVIL in ended.states(), ended.states().keys()
        with open("events.json", "rb") as file:
            assert_harmless(file.read(), "")
        assert ended.states()["no-text"]["state"] == "failed"
    with open("r.json", "rb") as file:
        text = file.read()
    assert_harmless(text, "")
    labels = [action.get("label") for action in json.loads(text)["actions"]]
    assert EVIL in labels, labels
    suite = xml.etree.ElementTree.parse("r.xml").getroot()[0]
    assert len(suite.findall("testcase")) == len(jobs)


@test
def no_text_from_outside():
    """Names of folders and variables may be any bytes"""
    os.mkdir(b"dir\xff\033[2J")
    os.chdir(b"dir\xff\033[2J")
    write_jobs({"a": {"run": "pwd; printf '%s\\n' \"$A\""},
                "b": {"run": "nothing-of-this-name", "critical": False}}, path=b"\xfe.yaml")
    ended = run("--report", "r.json", b"\xfe.yaml", env={b"A": b"\xfd\033x", b"PATH": b"/\xfc\033:/bin"})
    assert_harmless(ended.out)
    assert "[a] �^[x\n".encode() in ended.out, ended.out
    assert "error" in ended.states()["b"]
    with open("r.json", encoding="utf-8") as file:
        json.load(file)
    assert run("--output=stream", b"\xfe.yaml", env={b"A": b"\xfd\033x"}).out.endswith(b"\xfd\033x\n")


@test
def lines_that_pretend_to_be_ours():
    victim = "   0.001  finished    victim"
    lines = [victim, "[other] hello", "1 finished; 0.001 s", "--- other",
             "asyncjobs run: interrupted: ending the jobs", "stopped by signal 2 (Interrupt)",
             "  | tail", "\033[32mfinished\033[0m", "x\r" + victim, "x\x0b" + victim, "x\x85" + victim,
             "x\u2028" + victim]
    body = cat("lines", "\n".join(lines).encode())  # the last one without its end
    write_jobs({"job": {"run": body + "; cat lines >&2"}, "other": {"run": "echo", "requires": ["job"]}})
    out = run("--progress=none", "jobs.yaml").out.decode()
    shown = out.split("\n")
    assert shown[-4] == "[other] " and shown[-3].startswith("2 finished; "), shown
    assert shown[-2].startswith("output: ") and shown[-1] == "", shown
    assert len(shown) == 2 * len(lines) + 4, shown
    for line in shown[:-4]:
        assert line.startswith("[job] "), line
        assert len(line.splitlines()) == 1, line
    # Nor can a job speak between the parts of a line of ours
    write_jobs({"a": {"run": "printf '[b] '; sleep 0.1; printf 'x'"}, "b": {"run": "printf '[a] y'"}})
    assert sorted(run("--progress=none", "jobs.yaml").out.split(b"\n")[:2]) == \
        [b"[a] [b] x", b"[b] [a] y"]


@test
def names_cannot_begin_a_line():
    oracle = Oracle()
    name = "a\n   0.001  finished    victim"
    write_jobs({name: dict(oracle.job("a", "echo x; exit 1")["a"], label=name)})
    out = run("-v", "jobs.yaml", expect=1).out
    assert b"\n   0.001  finished    victim" not in out, out
    assert b"a^J   0.001  finished    victim" in out, out


if __name__ == "__main__":
    main()
