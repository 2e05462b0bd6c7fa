# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs programs that print a line of JSON: all of them once, then again, so that
whatever else the machine does meanwhile concerns all of them."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from statistics import median

# A program that takes longer is a failure
TIMEOUT = 1200


@dataclass
class Entry:
    """One thing to measure."""

    key: str
    command: list
    # What it needs: names in house.PEERS
    peer: str = ""
    # At most so many rounds, for what takes long
    rounds: int = 1000
    # Bytes that it may need at most
    memory: int = 0


@dataclass
class Results:
    """What has been measured: by key, the figures of each round."""

    house: object
    rounds: dict = field(default_factory=dict)
    failed: dict = field(default_factory=dict)
    # What this machine is too small for
    left_out: list = field(default_factory=list)

    def add(self, entry):
        figures, problem = _run(entry, self.house)
        if problem:
            self.failed[entry.key] = problem
        else:
            self.rounds.setdefault(entry.key, []).append(figures)

    def series(self, key, *names):
        """The sum of these figures in each round; empty where it was not measured."""
        if key in self.failed:
            return []
        return [sum(figures[name] for name in names) for figures in self.rounds.get(key, [])]

    def get(self, key, *names):
        """The median; None where it was not measured."""
        series = self.series(key, *names)
        return median(series) if series else None


def ratio(ours, theirs):
    """The median of the ratios of rounds: what runs at the same time shares its luck."""
    pairs = [a / b for a, b in zip(ours, theirs) if b > 0]
    return median(pairs) if pairs else None


def _run(entry, house):
    """The figures, and in words what went wrong."""
    command = [str(part) for part in entry.command]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT,
                              env=house.environment(), check=False)
        figures = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return None, f"took longer than {TIMEOUT} s"
    except (OSError, IndexError, ValueError):
        return None, f"{' '.join(command)} measured nothing: {done.stderr.strip()[-300:]}"
    if done.returncode != 0 or figures.get("ok") is not True:
        return None, f"{' '.join(command)} ended with {done.returncode}"
    return figures, None


def run_interleaved(entries, results, rounds, say=lambda text: print(text, flush=True)):
    """Entries that results have already are not run again."""
    todo = [entry for entry in entries if entry.key not in results.rounds]
    todo = [entry for entry in todo if not entry.peer or entry.peer in results.house.there]
    for number in range(rounds):
        say(f"  round {number + 1} of {rounds}")
        for entry in todo:
            if number >= entry.rounds or entry.key in results.failed:
                continue
            if sys.stderr.isatty():
                print(f"\r\033[K    {entry.key}", end="", file=sys.stderr, flush=True)
            results.add(entry)
            if entry.key in results.failed:
                say(f"  FAILED {entry.key}: {results.failed[entry.key]}")
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
