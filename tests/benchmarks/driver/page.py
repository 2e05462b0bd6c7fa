# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tables as Markdown, and the page made of them."""

from string import Template

from . import machine
from .house import HERE
from .targets import TARGETS
from .topic import Table

TEMPLATE = HERE / "performance.md.in"
ABSENT = "–"


def cell(value):
    """A number with as many digits as mean something."""
    if value is None:
        return ABSENT
    if isinstance(value, str):
        return value
    if isinstance(value, int) or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _is_number(text):
    return text == ABSENT or text.removeprefix("-").replace(",", "").replace(".", "").isdigit()


def to_markdown(table):
    """Aligned, so that it can be read as it is, too."""
    rows = [[cell(value) for value in row] for row in table.rows]
    lines = [table.head, *rows]
    widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(table.head))]
    right = [all(_is_number(row[i]) for row in rows) for i in range(len(widths))]

    def line(cells):
        padded = [text.rjust(width) if is_right else text.ljust(width)
                  for text, width, is_right in zip(cells, widths, right)]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * (width - 1) + (":" if is_right else "-")
            for width, is_right in zip(widths, right)]
    return "\n".join([line(table.head), "| " + " | ".join(rule) + " |", *map(line, rows)])


def verdict(figure, limit):
    if figure is None:
        return "not measured"
    return "met" if figure <= limit else "**missed**"


def targets_table(figures):
    rows = [[target.text, f"{target.limit:g} {target.unit}", figures.get(key),
             verdict(figures.get(key), target.limit)] for key, target in TARGETS.items()]
    return Table(["what", "at most", "figure", "target"], rows)


def summary(figures):
    known = [(key, figure) for key, figure in figures.items() if figure is not None]
    met = sum(figure <= TARGETS[key].limit for key, figure in known)
    return f"{met} of {len(known)} targets are met."


class _Places(dict):
    """What a run left out says so in its place."""

    def __missing__(self, name):
        return "*Not measured in this run.*"


def _sizes(scale, rounds, full):
    text = (f"Graphs have up to {scale.sizes[-1]:,} jobs; targets are judged at {scale.many:,}. "
            + (f"Figures are medians of {rounds} rounds, of fewer for what takes longest."
               if rounds > 1 else "Each program ran once: figures are rough."))
    if not full:
        text += "\n\n**This was a run of small size**, where targets are not what they are meant for."
    return text


def make_page(house, scale, rounds, full, results, tables, figures):
    places = _Places({name: to_markdown(table) for name, table in tables.items()})
    missing = ", ".join(house.missing)
    notes = [f"{key} failed: {what}" for key, what in results.failed.items()]
    notes += [f"{key} was left out: there is not enough memory" for key in results.left_out]
    places.update(
        targets=to_markdown(targets_table(figures)),
        summary=summary(figures),
        machine=machine.describe(),
        versions=machine.versions(house),
        sizes=_sizes(scale, rounds, full),
        missing=(f"Not installed, and so left out: {missing}." if missing
                 else "All that can be measured was installed.")
        + "".join(f"\n- {note}" for note in notes),
    )
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(places)
