# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""In French, as those read it who have chosen it for their system:
test_french.py PATH-OF-ASYNCJOBS FR.PO LIBRARY-PROGRAM [PYTHON...]"""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from catalogue import read
from toolkit import PATIENCE, Skip, contains, environment, main, test, tool, write

FRENCH = {entry.text: entry.translations for entry in read(sys.argv[2])}
LIBRARY = [*sys.argv[4:], sys.argv[3]]
JOBS = """\
version: 1
jobs:
  good: {run: 'true'}
  bad: {requires: good, run: 'exit 3'}
  late: {requires: bad, run: 'true'}
"""
WRONG = "version: 1\njobs:\n  one: {requires: other, run: 'true'}\n  other: {requires: one, run: 'true', wen: 1}\n"


def in_french(**changes):
    """As a desktop sets it"""
    return environment(LC_ALL=None, LANG="fr_FR.UTF-8", **changes)


def french(text, plural=0):
    """The translation, which must be one, of the text that begins so, or is it"""
    texts = [text] if text in FRENCH else [other for other in FRENCH if other.startswith(text)]
    assert len(texts) == 1, "%r begins %d texts" % (text, len(texts))
    translation = FRENCH[texts[0]][plural]
    assert translation not in ("", texts[0]), "%r is not translated" % texts[0]
    return translation


def pattern(text, plural=0):
    """What finds it in an output, whatever stands for its placeholders"""
    pieces = re.split(r"%(?:\d+\$)?[-+ #0]*[\d.*]*(?:l|ll|h|z)?[a-zA-Z]", french(text, plural).strip("\n"))
    return ".*".join(map(re.escape, pieces))


def says(output, text, plural=0):
    assert re.search(pattern(text, plural), output), "%r is not in:\n%s" % (pattern(text, plural), output)


@test
def the_help():
    said = tool("--help", env=in_french()).out
    contains(said, french("Usage:\n  asyncjobs COMMAND"), french("Run the jobs of a file"),
             french("Draw jobs and requirements"), french("\nasyncjobs help COMMAND says more"))


@test
def the_help_of_a_command():
    said = tool("run", "--help", env=in_french()).out
    contains(said, french("Only print what would run, in order"),
             french("Leave out this job (may be repeated)"))


@test
def a_wrong_job_file():
    write(WRONG, "wrong.yaml")
    result = tool("check", "wrong.yaml", env=in_french(), expect=3)
    says(result.out + result.err, "unknown key '%s' in %s%s")


@test
def a_run_and_its_summary():
    write(JOBS)
    result = tool("run", "--progress", "plain", "jobs.yaml", env=in_french(), expect=1)
    said = result.out + result.err
    for word in ("started", "finished", "failed"):
        assert re.search(r"^ +\d+\.\d{3}  %s " % re.escape(french(word)), said, re.MULTILINE), said
    says(said, "exited with status %d")
    contains(said, french("failed: "), "bad", french("to go on: "))
    assert re.search("1 %s, 1 %s" % (re.escape(french("finished")), re.escape(french("failed"))), said), said


@test
def the_columns_of_a_run():
    """However wide the words are, the names stand below each other"""
    write(JOBS)
    said = tool("run", "--progress", "plain", "jobs.yaml", env=in_french(), expect=1)
    lines = re.findall(r"^ +\d+\.\d{3}  \S.*?  +(?=(?:good|bad)\b)", said.out + said.err, re.MULTILINE)
    assert len(lines) >= 4 and len(set(map(len, lines))) == 1, lines


@test
def numbers_have_a_point():
    """Programs read them, too"""
    write(JOBS)
    said = tool("run", "jobs.yaml", env=in_french(), expect=1)
    assert not re.search(r"\d,\d", said.out + said.err), said


@test
def the_language_of_choice_comes_first():
    """Of gettext: LANGUAGE before LANG"""
    assert tool("--help", env=in_french(LANGUAGE="C")).out == tool("--help", env=environment()).out


def run_library(**changes):
    if len(LIBRARY) == 1:
        raise Skip("built without PyGObject")
    write(WRONG, "wrong.yaml")
    done = subprocess.run([*LIBRARY, "errors"], env=in_french(**changes), timeout=PATIENCE, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode()


@test
def errors_of_the_library():
    """In a program that has called setlocale (), and has no domain of its own"""
    said = run_library()
    says(said, "unknown key '%s' in %s%s")
    says(said, "%s%u action\n", plural=1)
    contains(said, french("finished"))


@test
def words_in_pictures():
    """And in what comes of Python's own errors; not the units"""
    said = run_library()
    finished = french("finished")
    contains(said, ': %s, %s", style' % (finished, french("not critical")), ", %s" % french("forever"),
             "<br/>%s, 1.0 s" % finished, "given up: %s" % french("cancelled"))


@test
def debug_is_english():
    said = run_library(G_MESSAGES_DEBUG="all")
    contains(said, "stop() failed: ")


sys.exit(main("french"))
