# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Files of texts and translations, as gettext writes them"""

import ast


class Entry:
    def __init__(self):
        self.comment = ""
        self.text = None
        self.translations = []  # one for each plural


def read_one(paragraph):
    entry = Entry()
    pieces = {}
    key = None
    for line in paragraph.split("\n"):
        if line.startswith("#."):
            entry.comment += line[2:].strip() + " "
        if line.startswith("#") or not line:
            continue
        if not line.startswith('"'):
            key, line = line.split(" ", 1)
        pieces[key] = pieces.get(key, "") + ast.literal_eval(line)
    entry.text = pieces.get("msgid")
    entry.translations = [text for key, text in pieces.items() if key.startswith("msgstr")]
    return entry


def read(path):
    """All but the head"""
    with open(path, encoding="utf-8") as file:
        entries = [read_one(paragraph) for paragraph in file.read().split("\n\n")]
    return [entry for entry in entries if entry.text]
