# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Job files that mean harm, through the real command:
test-hostile.py PATH-OF-ASYNCJOBS PATH-OF-TIMED SECONDS MIB [--table]

Each is to be refused with exit 3 and its place, within so many seconds and so
much memory; MIB 0 is for a build whose memory says nothing. With --table the
figures are printed, for the documentation."""

import json
import os
import subprocess
import sys
import threading

from support import TOOL, case, environment, main, write

TIMED = os.path.abspath(sys.argv[2])
SECONDS, MIB = float(sys.argv[3]), float(sys.argv[4])
TABLE = "--table" in sys.argv[5:]

HEAD = "version: 1\njobs:\n"
GOOD = HEAD + "  a: {run: x}\n"
BAD = HEAD + "  a: {run: x}\n  b: {runn: x}\n"
HINT = "unknown key 'runn' in a job; did you mean 'run'?"
BOM = b"\xef\xbb\xbf"
DEEP = "lists and maps stand more than 100 deep in one another"
MANY_JOBS = "with this the file has more than 1000000 jobs"


def numbers(count):
    return "[" + ",".join(map(str, range(count))) + "]"


def alias_bomb():
    return "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        "a%d: &a%d [%s]\n" % (i, i, ", ".join(["*a%d" % (i - 1)] * 10)) for i in range(1, 30))


def alias_bomb_of_jobs():
    return HEAD + "  e0: &e0 {jobs: {a: {}, b: {}, c: {}, d: {}}}\n" + "".join(
        "  e%d: &e%d {jobs: {%s}}\n" % (i, i, ", ".join("%s: *e%d" % (c, i - 1) for c in "abcd"))
        for i in range(1, 40))


# What it is, the file, and how its first error begins behind the name of the file
FILES = [
    ("alias bomb", alias_bomb(), "5:45: with this alias the aliases of the file make more than 100000"),
    ("alias bomb of jobs", alias_bomb_of_jobs(), "10:38: with this alias the aliases"),
    ("200 000 aliases", "a: &a [x]\nb: [" + ", ".join(["*a"] * 200000) + "]\n",
     "2:200005: with this alias the aliases of the file make more than 100000"),
    ("aliases of 1 MiB of text", "a: &a " + "x" * (1 << 20) + "\nb: [" + ", ".join(["*a"] * 17) + "]\n",
     "2:69: with this alias the aliases of the file make more than 16 MiB"),
    ("alias of itself", "a: &a [*a]\n", "1:8: the alias '*a' stands for what it is a part of"),
    ("depth 100 000, flow", "[" * 100000 + "]" * 100000, "1:101: " + DEEP),
    ("depth 100 000, flow, open", "[" * 100000, "1:101: " + DEEP),
    ("depth 100 000, flow maps", '{"a":' * 100000, "1:501: " + DEEP),
    ("depth 100 000, flow keys", "{? " * 100000, "1:4: expected text as a key"),
    ("depth 100 000, block", "- " * 100000 + "x\n", "1:201: " + DEEP),
    ("depth 100 000, block keys", "? " * 100000 + "x\n", "1:3: expected text as a key"),
    ("depth 5 000, block maps", "\n".join(" " * i + "a:" for i in range(5000)), "101:101: " + DEEP),
    ("depth 100 000, jobs in jobs", "version: 1\n" + "jobs: {a: {" * 100000, "2:550: " + DEEP),
    ("depth 8 000 000", "- " * (8 << 20), "1:201: " + DEEP),
    ("duplicate keys", HEAD + "  a: {run: x, run: y}\n", "3:15: duplicate key 'run'"),
    ("200 000 duplicate keys", HEAD + "  a: {run: x}\n" * 200000, "4:3: duplicate key 'a'"),
    ("16 MiB of duplicate keys", HEAD + "  a: x\n" * ((16 << 20) // 7 - 3), "4:3: duplicate key 'a'"),
    ("unknown key", HEAD + "  a: {runn: x}\n", "3:7: " + HINT),
    ("100 000 unknown keys", HEAD + "  a: {" + ", ".join("k%d: x" % i for i in range(100000)) + "}\n",
     "3:7: unknown key 'k0' in a job"),
    ("20 000 unknown names", HEAD + "".join("  j%d: {}\n" % i for i in range(20000)) +
     "  a: {requires: [" + ", ".join("k%d" % i for i in range(20000)) + "]}\n",
     "20003:18: no job is named 'k0'"),
    ("tab", HEAD + "\ta: {run: x}\n", "3:1: a tab cannot stand here"),
    ("tab below a job", HEAD + "  a:\n\t\trun: x\n", "4:1: a tab cannot stand here"),
    ("BOM, and a mistake", BOM + BAD.encode(), "4:7: " + HINT),
    ("BOM, and a mistake in line 1", BOM + b"a: [\xff]", "1:5: a byte that is not valid UTF-8"),
    ("two BOMs", BOM + BOM + GOOD.encode(), "2:1: did not find expected <document start>"),
    ("UTF-16, little end", b"\xff\xfe" + GOOD.encode("utf-16le"), "1:1: the file is UTF-16"),
    ("UTF-16, big end", b"\xfe\xff" + GOOD.encode("utf-16be"), "1:1: the file is UTF-16"),
    ("UTF-16 without a mark", GOOD.encode("utf-16le"), "1:2: a NUL byte"),
    ("NUL byte", HEAD + "  a: {run: x\0y}\n", "3:13: a NUL byte"),
    ("NUL, escaped", HEAD + '  a: {run: "x\\0y"}\n', "3:12: a text with a NUL character"),
    ("invalid UTF-8", HEAD.encode() + b"  a: {run: \xff}\n", "3:12: a byte that is not valid UTF-8"),
    ("surrogate in UTF-8", HEAD.encode() + b"  a: {run: \xed\xa0\x80}\n",
     "3:12: a byte that is not valid UTF-8"),
    ("escape character", HEAD + "  a: {run: x\x1b[2J}\n", "3:13: control characters are not allowed"),
    ("CRLF, and a mistake", BAD.replace("\n", "\r\n"), "4:7: " + HINT),
    ("CR, and a mistake", BAD.replace("\n", "\r"), "4:7: " + HINT),
    ("line of 1 000 000 characters", HEAD + "  a: {run: x, " + " " * 1000000 + "runn: x}\n",
     "3:1000015: " + HINT),
    ("8 MiB of comment", "#" + "x" * (8 << 20) + "\n" + BAD, "5:7: " + HINT),
    ("1 000 001 jobs", HEAD + "  a: {matrix: {x: %s, y: %s}}\n  b: {}\n" % (numbers(1000), numbers(1000)),
     "4:3: " + MANY_JOBS),
    ("matrix of 4 to the power of 200", HEAD + "  a: {matrix: {%s}}\n" % ", ".join(
        "v%d: [1, 2, 3, 4]" % i for i in range(200)), "3:3: " + MANY_JOBS),
    ("matrix in a matrix", HEAD + "  a: {matrix: {x: %s}, jobs: {b: {matrix: {y: %s}}}}\n" % (
        numbers(1000), numbers(1000)), "3:3920: " + MANY_JOBS),
    ("matrix of texts", HEAD + "  a: {matrix: {x: %s}, run: '%s'}\n" % (numbers(1000), "x" * 300000),
     "3:3: with this the jobs of the file, each with its environment, take more than 256 MiB"),
    ("200 000 times %TAG", "".join("%%TAG !t%d! x\n" % i for i in range(200000)),
     "101:1: more than 100 times %TAG"),
    ("100 000 documents", "---\n" * 100000, "2:1: a second document begins here"),
    ("100 000 tags", "".join("- !t%d x\n" % i for i in range(100000)), "1:3: a job file has no tags"),
    ("nothing", "", "1:1: the file is empty"),
]


def check(name, expected, **options):
    """Runs the command over a file, and measures it"""
    with open("errors", "wb") as errors:
        done = subprocess.run([TIMED, "1", TOOL, "check", name], stdout=subprocess.PIPE, stderr=errors,
                              env=environment(), timeout=60, **options)
    figures = json.loads(done.stdout)
    with open("errors", encoding="utf-8") as errors:
        lines = errors.read().splitlines()

    shown = "<stdin>" if name == "-" else name
    assert figures["exit"] == 3, "%s: exit %s, %s" % (expected, figures["exit"], lines[:3])
    assert lines[0].startswith("%s:%s" % (shown, expected)), (lines[0], expected)
    for line in lines:
        place = line[len(shown):].split(":", 3)
        assert line.startswith(shown) and int(place[1]) > 0 and int(place[2]) > 0, line
    assert len(lines) <= 10001, len(lines)
    assert figures["seconds"] <= SECONDS, (expected, figures)
    assert MIB == 0 or figures["peak_mib"] <= MIB, (expected, figures)
    return figures


def tell(what, figures):
    if TABLE:
        print("# | %s | %.1f ms | %.1f MiB |" % (what, figures["seconds"] * 1e3, figures["peak_mib"]))


@case
def hostile_files_are_refused():
    longest = peak = 0
    for what, content, expected in FILES:
        figures = check(write("f", content), expected)
        longest = max(longest, figures["seconds"])
        peak = max(peak, figures["peak_mib"])
        tell(what, figures)
    return "%d files, at most %.1f ms and %.1f MiB" % (len(FILES), longest * 1e3, peak)


@case
def a_scalar_of_1_gb_is_not_read():
    with open("f", "wb") as file:
        file.write(b"version: 1\nname: ")
        file.truncate(1 << 30)
    tell("scalar of 1 GiB, in a file", check("f", "1:1: the file is larger than 16 MiB"))


@case
def a_scalar_without_end_is_read_up_to_the_limit():
    reader, writer = os.pipe()
    written = 0

    def feed():
        nonlocal written
        try:
            written = os.write(writer, b"version: 1\nname: ")
            while written < 1 << 30:
                written += os.write(writer, b"x" * 65536)
        except BrokenPipeError:
            pass
        os.close(writer)

    thread = threading.Thread(target=feed)
    thread.start()
    # Only the command must have the end that is read
    process_end = os.dup(reader)
    os.close(reader)
    try:
        figures = check("-", "1:1: the file is larger than 16 MiB", stdin=process_end)
    finally:
        os.close(process_end)
        thread.join()
    tell("scalar of 1 GiB, from a pipe", figures)
    assert 16 << 20 < written < 18 << 20, written
    return "%d KiB were read" % (written // 1024)


@case
def what_is_odd_is_not_wrong():
    for content in (BOM + GOOD.encode(), GOOD.replace("\n", "\r\n"), GOOD.replace("\n", "\r"),
                    "# \t\n" + GOOD, GOOD + "...\n", "%YAML 1.1\n---\n" + GOOD,
                    '{"version": 1,\n\t"jobs": {"a": {"run": "x"}}}'):
        done = subprocess.run([TOOL, "check", write("f", content)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=environment(), timeout=60)
        assert done.returncode == 0 and done.stdout.startswith(b"1 job, "), (content, done)


sys.exit(main("hostile"))
