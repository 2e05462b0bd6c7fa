# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the private services of tests have in common: a life in a `with`, and a command."""

import argparse
import os
import shutil
import sys


def find(program):
    """Servers are called by their full path, and are not in everybody's PATH"""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


class Service:
    """It has start() and stop(), and all of it is in a folder"""

    folder = None

    def clear(self):
        self.stop()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.clear()
            raise
        return self

    def __exit__(self, *error):
        self.clear()


def command(what, up, down, missing, option, default):
    """`up DIR` and `down DIR`; the option is a number for `up`"""
    parser = argparse.ArgumentParser(description="A private %s on loopback" % what)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for function, text in (up, "starts one, and says how to use it"), (down, "ends it, and removes its folder"):
        one = commands.add_parser(function.__name__, help=text)
        one.add_argument("folder", metavar="DIR", help="is made, and removed")
        one.set_defaults(function=function)
        if function is up:
            one.add_argument(option, type=int, default=default, metavar="N")
    options = parser.parse_args()
    if missing:
        sys.exit("; ".join(missing))
    options.function(options)
