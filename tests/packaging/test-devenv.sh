#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# test-devenv.sh SOURCE BUILD PYTHON GJS [PART...]: what is built, used without being
# installed. The PARTs among tool, python, gjs, gtk, gtk-typelib and viewer are built here

. "$(dirname "$0")/../tap.sh"
source=$1
build=$2
python=$3
gjs=$4
shift 4
parts=" library $* "
export source build python gjs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the tests are told of the library is not what a shell has
unset LD_LIBRARY_PATH GI_TYPELIB_PATH GJS_PATH PYTHONPATH PKG_CONFIG_PATH G_DEBUG

in_devenv ()
{
  (cd "$work" && meson devenv -C "$build" sh -e -c "cd '$work'; $1")
}

# part PART NAME SCRIPT: runs the script in the devenv, if the part is there
part ()
{
  case $parts in
    *" $1 "*) step "$2" in_devenv "$3" ;;
    *) skip "$2" "built without $1" ;;
  esac
}

echo 1..7

part library "pkg-config finds the library, and a program with it runs" '
cc -o hello "$source/examples/hello.c" $(pkg-config --cflags --libs asyncjobs-1)
ldd hello | grep -F "$build/asyncjobs/libasyncjobs-1.so"
./hello'

part gtk "pkg-config finds the widgets" '
echo "#include <asyncjobs-gtk.h>
int main (void) { return jobs_gtk_monitor_get_type () == 0; }" > widgets.c
cc -o widgets widgets.c $(pkg-config --cflags --libs asyncjobs-gtk4-1)
./widgets'

part tool "the command is that of the build" '
[ "$(command -v asyncjobs)" = "$build/asyncjobs/tool/asyncjobs" ]
asyncjobs --version
asyncjobs run --no-journal "$source/examples/hello.yaml"'

part viewer "the viewer is that of the build" '
[ "$(command -v asyncjobs-viewer)" = "$build/asyncjobs/gtk/viewer/asyncjobs-viewer" ]'

# An override that is installed beside PyGObject comes first
if "$python" -c '
import importlib.util, sys
sys.exit(importlib.util.find_spec("gi.overrides.Jobs") is None)' 2> /dev/null; then
  skip "Python has the override of the build" "another one is installed"
else
  part python "Python has the override of the build" '
"$python" -c "
import os, sys
from gi.repository import Jobs
path = sys.modules[\"gi.overrides.Jobs\"].__file__
assert path.startswith(os.environ[\"build\"]), path"
"$python" "$source/examples/hello.py"'
fi

# Without a screen, to which GTK for Python wants to be connected
part gtk-typelib "the introspection of the widgets is found" '
"$python" -c "
from gi import Repository
Repository.get_default().require(\"JobsGtk\", \"1\", 0)"'

part gjs "GJS has the override of the build" '
"$gjs" -c "if (!imports.gi.Jobs.Action.from) throw new Error(\"no override\")"
"$gjs" -m "$source/examples/hello.js"'

exit $failed
