# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the graphs of dag.c as what tells a program to run commands: job files for
asyncjobs, and the files of make and ninja.

    jobfile.py [--shape SHAPE] [--n N] [--form asyncjobs|make|ninja] [--run COMMAND]
"""

import argparse
import sys

import dag


def write_asyncjobs(file, needs, command):
    file.write("version: 1\njobs:\n")
    for job, required in enumerate(needs):
        file.write(f"  job{job}:\n    run: '{command}'\n")
        if required:
            file.write(f"    requires: [{', '.join(f'job{other}' for other in required)}]\n")


def write_make(file, needs, command):
    names = " ".join(f"job{job}" for job in range(len(needs)))
    file.write(f"all: {names}\n.PHONY: all {names}\n")
    for job, required in enumerate(needs):
        file.write(f"job{job}: {' '.join(f'job{other}' for other in required)}\n\t@{command}\n")


def write_ninja(file, needs, command):
    file.write(f"rule run\n  command = {command}\n")
    for job, required in enumerate(needs):
        file.write(f"build job{job}: run {' '.join(f'job{other}' for other in required)}\n")


FORMS = {"asyncjobs": write_asyncjobs, "make": write_make, "ninja": write_ninja}


def write(path, form, shape, n, command="true"):
    with open(path, "w", encoding="utf-8") as file:
        FORMS[form](file, dag.make(shape, n), command)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--shape", choices=dag.SHAPES, default="layered")
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--form", choices=FORMS, default="asyncjobs")
    parser.add_argument("--run", default="true")
    asked = parser.parse_args()
    FORMS[asked.form](sys.stdout, dag.make(asked.shape, asked.n), asked.run)


if __name__ == "__main__":
    main()
