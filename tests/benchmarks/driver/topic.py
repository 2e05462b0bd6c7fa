# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is measured together, and the tables that come of it."""

from dataclasses import dataclass

SHAPES = ("independent", "chain", "layered", "tree")


@dataclass(frozen=True)
class Scale:
    """How much of everything."""

    # Numbers of jobs in the graphs; what peers do not reach in reasonable time
    sizes: tuple
    peer_most: int
    # What targets are judged at
    many: int
    # A job among few, and the same among the most
    few: int
    most: int
    # Jobs that wait for something: in GTasks, timeouts
    waiting: int
    processes: int
    # Commands that a monitor looks at
    watched: int
    # On another machine
    remote: int
    # Actions in Python and JavaScript
    bound: int
    files: tuple
    # A program repeats what is small until it has done so many jobs
    repeat: int = 100_000
    # Size of the large process, MiB
    ballast: int = 1024

    def reps(self, n):
        return max(1, min(101, self.repeat // n))


FULL = Scale(sizes=(1_000, 10_000, 100_000, 1_000_000, 10_000_000), peer_most=1_000_000,
             many=1_000_000, few=100_000, most=10_000_000, waiting=100_000,
             processes=1000, watched=10_000, remote=500, bound=10_000, files=(1_000, 10_000, 100_000))
QUICK = Scale(sizes=(1_000, 10_000, 100_000), peer_most=100_000,
              many=100_000, few=10_000, most=1_000_000, waiting=20_000,
              processes=200, watched=2_000, remote=100, bound=2_000, files=(1_000, 10_000))
# What a test compares: as much as it takes for ratios that mean something
TEST = Scale(sizes=(1_000, 1_000_000), peer_most=0,
             many=1_000_000, few=100_000, most=1_000_000, waiting=100_000,
             processes=300, watched=1_500, remote=50, bound=5_000, files=(100_000,))
# Only whether it works
SMOKE = Scale(sizes=(2_000,), peer_most=2_000,
              many=2_000, few=2_000, most=20_000, waiting=2_000,
              processes=20, watched=20, remote=10, bound=100, files=(100,), repeat=1, ballast=16)


@dataclass
class Table:
    """Cells are text, or numbers, or None for what was not measured."""

    head: list
    rows: list


class Topic:
    """Gives what to run, and makes tables and figures of the results."""

    name = ""
    title = ""
    # Its programs take turns within themselves: a round is as good as many
    is_interleaved = False

    def __init__(self, house, scale):
        self.house = house
        self.scale = scale

    def entries(self):
        raise NotImplementedError

    def tables(self, results):
        """By the name of their place in the page."""
        raise NotImplementedError

    def figures(self, results):
        """By the names of targets; None where it could not be measured."""
        return {}
