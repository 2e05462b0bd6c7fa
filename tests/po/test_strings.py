# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What there is to be translated, and what the translations are worth:
test_strings.py SOURCE XGETTEXT ARGUMENT-OF-XGETTEXT..."""

import os
import re
import subprocess
import sys

# The toolkit takes the first argument for the command, which is not needed here
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from catalogue import read
from toolkit import main, test

SOURCE = os.path.abspath(sys.argv[1])
XGETTEXT = sys.argv[2:]
MARKED = re.compile(r"\b(?:_|N_|C_|NC_|g_dn?gettext) ?\((?:GETTEXT_PACKAGE,)?\s*(?:/\*.*?\*/\s*)?\"", re.DOTALL)
# What is said to programmers
DEBUG = re.compile(r"\b(?:g_debug|g_info|g_message|g_warning|g_critical|g_log\w*|jobs_action_log) "
                   r"\([^;]*?\b_ ?\(", re.DOTALL)
# Behind a macro xgettext sees no more of a text
CUT = re.compile(r"\b(?:_|N_|g_dn?gettext) ?\((?:GETTEXT_PACKAGE,)?\s*(?:/\*.*?\*/\s*)?"
                 r"(?:\"(?:[^\"\\]|\\.)*\"\s*)+[A-Z]\w+", re.DOTALL)
FORMAT = re.compile(r"%(?!%)")


def lines(name):
    with open(os.path.join(SOURCE, "po", name), encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def sources():
    """Each file of ours that may have texts, and what is in it"""
    for folder, _, names in os.walk(os.path.join(SOURCE, "asyncjobs")):
        for name in names:
            if name.endswith((".c", ".h", ".ui", ".desktop.in", ".metainfo.xml.in")):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    yield os.path.relpath(path, SOURCE), file.read()


def has_texts(path, text):
    if path.endswith(".ui"):
        return 'translatable="yes"' in text
    return path.endswith(".in") or MARKED.search(text) is not None


def run(*command):
    """What it says, on both of its outputs"""
    done = subprocess.run(command, cwd=SOURCE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=dict(os.environ, LC_ALL="C.UTF-8"), check=False)
    # gettext has rules of its own for where GTK's and AppStream's are not installed
    said = "".join(line for line in done.stdout.decode("utf-8").splitlines(keepends=True)
                   if "a fallback ITS rule file" not in line)
    return done.returncode, said


def make_pot(name="asyncjobs.pot"):
    path = os.path.abspath(name)
    status, said = run(*XGETTEXT, "--files-from=po/POTFILES", "--output=" + path)
    assert status == 0 and said == "", said
    return path


@test
def potfiles_is_complete():
    want = sorted(path for path, text in sources() if has_texts(path, text))
    have = lines("POTFILES")
    assert len(want) > 100
    assert have == sorted(have), "not sorted"
    assert have == want, "missing: %s; in vain: %s" % (sorted(set(want) - set(have)), sorted(set(have) - set(want)))
    return "%d files" % len(have)


@test
def texts_are_found_without_warnings():
    entries = read(make_pot())
    assert len(entries) > 600
    return "%d texts" % len(entries)


@test
def texts_are_whole():
    for path, text in sources():
        cut = CUT.search(text)
        assert cut is None, "%s: %s" % (path, cut.group())


@test
def translators_are_told_what_a_format_is_about():
    """Where there are several things in it, or blanks at its edges"""
    silent = []
    for entry in read(make_pot()):
        core = entry.text.strip("\n")
        if (len(FORMAT.findall(core)) > 1 or core != core.strip()) and "Translators:" not in entry.comment:
            silent.append(entry.text)
    assert not silent, "\n".join(silent)


@test
def debug_is_not_translated():
    found = ["%s: %s" % (path, match.group().split("\n")[0])
             for path, text in sources() if path.endswith(".c") for match in [DEBUG.search(text)] if match]
    assert not found, "\n".join(found)


@test
def each_translation_is_named():
    names = sorted(name[:-len(".po")] for name in os.listdir(os.path.join(SOURCE, "po")) if name.endswith(".po"))
    assert lines("LINGUAS") == names, "LINGUAS: %s, files: %s" % (lines("LINGUAS"), names)


@test
def translations_are_complete():
    pot = make_pot()
    for language in lines("LINGUAS"):
        path = os.path.join("po", language + ".po")
        status, said = run("msgfmt", "--check", "--output-file=" + os.devnull, path)
        assert status == 0 and said == "", said
        # Fuzzy ones are none for it, and what is of no use any more is a warning
        status, said = run("msgcmp", path, pot)
        assert status == 0 and said == "", said
    return ", ".join(lines("LINGUAS")) or "there is none yet"


@test
def translations_keep_what_is_at_the_edges():
    """Blanks that hold a text and its neighbours apart; msgfmt looks at newlines"""
    for language in lines("LINGUAS"):
        for entry in read(os.path.join(SOURCE, "po", language + ".po")):
            before = len(entry.text) - len(entry.text.lstrip(" "))
            after = len(entry.text) - len(entry.text.rstrip(" "))
            for text in entry.translations:
                assert len(text) - len(text.lstrip(" ")) == before, (language, entry.text, text)
                assert len(text) - len(text.rstrip(" ")) == after, (language, entry.text, text)


sys.exit(main("strings"))
