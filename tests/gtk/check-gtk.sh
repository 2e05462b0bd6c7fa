#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-gtk.sh SOURCE BUILD: what a user of the headers of the widgets relies on

. "$(dirname "$0")/../tap.sh"
source=$1
build=$2
export PKG_CONFIG_PATH="$build/meson-uninstalled${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
flags=$(pkg-config --cflags asyncjobs-gtk4-1) || exit 1
cd "$source/asyncjobs/gtk" || exit 1

public=$(sed -n '/^gtk_headers = files/,/^)/p' meson.build | grep -oE "'jobs-gtk-[a-z0-9-]+\.h'" | tr -d "'")
[ "$(echo "$public" | wc -l)" -ge 3 ] || { echo "Bail out! no public headers found"; exit 1; }

echo 1..6

offenders=$(for header in $public; do
    grep -qF "#include \"$header\"" asyncjobs-gtk.h || echo "$header is not in asyncjobs-gtk.h"
    grep -q '^#pragma once$' "$header" && grep -q 'JOBS_GTK_INSIDE' "$header" || echo "$header"
    grep -H '^#include "' "$header" | grep -vF "$(echo "$public" | sed 's/.*/"&"/')"
  done)
report "each header is guarded, included by asyncjobs-gtk.h alone, and includes no private one" "$offenders"

compile ()
{
  echo '#include <asyncjobs-gtk.h>' |
    "$@" -fsyntax-only -Wall -Wextra -Wno-unused-parameter -Wno-deprecated-declarations -Werror $flags - 2>&1
}
report "asyncjobs-gtk.h compiles as C11" "$(compile "${CC:-cc}" -std=c11 -xc)"

if command -v "${CXX:-c++}" > /dev/null; then
  report "asyncjobs-gtk.h compiles as C++" "$(compile "${CXX:-c++}" -std=c++11 -xc++)"
else
  skip "asyncjobs-gtk.h compiles as C++" "no C++ compiler"
fi

offenders=$(sed -nE 's/^G_DECLARE_[A-Z]+_?[A-Z]* \((JobsGtk[A-Za-z]+),.*/\1/p' $public | while read -r type; do
    grep -q "TEST_AUTOPTR ($type," "$source/tests/gtk/test-gtk-types.c" || echo "$type"
  done)
report "test-gtk-types.c knows each type" "$offenders"

# A user of the library like any other, but for how text from outside is shown, and in which
# words jobs are counted
offenders=$(grep -H '^#include ["<].*jobs-' *.[ch] viewer/*.[ch] | grep -vE '"jobs-gtk-[a-z-]*\.h"|<asyncjobs(-gtk)?\.h>' |
  grep -vE '"(\.\./)+monitors/jobs-(counts|visible)\.h"')
report "the widgets and the viewer include nothing of the library but asyncjobs.h" "$offenders"

offenders=$(for icon in icons/scalable/status/*.svg; do
    grep -qF "<file>$icon</file>" gtk.gresource.xml || echo "$icon is not in gtk.gresource.xml"
    grep -qF "\"$(basename "$icon" .svg)\"" jobs-gtk-look.c || echo "$icon is no state's"
  done)
report "each icon is one of a state, and built in" "$offenders"

exit $failed
