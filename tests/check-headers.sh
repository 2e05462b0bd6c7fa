#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-headers.sh SOURCE BUILD: what a user of the headers relies on

. "$(dirname "$0")/tap.sh"
source=$1
build=$2
export PKG_CONFIG_PATH="$build/meson-uninstalled${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
flags=$(pkg-config --cflags asyncjobs-1) || exit 1
cd "$source/asyncjobs" || exit 1

# Public is what is installed: the headers that the meson files say are
public=$(cat meson.build actions/meson.build nodes/meson.build monitors/meson.build \
             scenario/meson.build | grep -oE "'jobs-[a-z0-9-]+\.h'" | tr -d "'" | sort -u |
  while read -r name; do
    find . -name "$name" | sed 's|^\./||'
  done)
[ "$(echo "$public" | wc -l)" -ge 10 ] || { echo "Bail out! no public headers found"; exit 1; }

echo 1..7

# not_public: of lines FILE:#include "HEADER", those whose header is none of users
not_public ()
{
  while IFS= read -r line; do
    name=$(echo "$line" | sed 's/.*"\(.*\)".*/\1/; s|.*/||')
    printf '%s\n' $public jobs-version.h asyncjobs.h | sed 's|.*/||' | grep -qxF "$name" ||
      echo "$line"
  done
}

offenders=$(grep -H '^#include "' $public | not_public)
report "no public header includes a private one" "$offenders"

offenders=$(for header in $public; do
    grep -qF "#include \"$header\"" asyncjobs.h || echo "$header"
  done)
report "asyncjobs.h includes each public header" "$offenders"

offenders=$(for header in $public; do
    grep -q '^#pragma once$' "$header" && grep -q 'JOBS_INSIDE' "$header" || echo "$header"
  done)
report "each header is guarded, and included by asyncjobs.h alone" "$offenders"

compile ()
{
  printf '%s\n' '#include <asyncjobs.h>' \
      '#if !JOBS_CHECK_VERSION (1, 0, 0)' '#error "No version"' '#endif' |
    "$@" -fsyntax-only -Wall -Wextra -Wno-unused-parameter -Werror $flags - 2>&1
}
report "asyncjobs.h compiles as C11" "$(compile "${CC:-cc}" -std=c11 -xc)"

if command -v "${CXX:-c++}" > /dev/null; then
  report "asyncjobs.h compiles as C++" "$(compile "${CXX:-c++}" -std=c++11 -xc++)"
else
  skip "asyncjobs.h compiles as C++" "no C++ compiler"
fi

# test-types.c makes one of each: a type that it does not name is not tested
offenders=$(for header in $public; do
    sed -nE 's/^G_DECLARE_[A-Z]+_?[A-Z]* \((Jobs[A-Za-z]+),.*/\1/p' "$header"
  done | while read -r type; do
    grep -q "TEST_AUTOPTR ($type," "$source/tests/test-types.c" || echo "$type"
  done)
report "test-types.c knows each type" "$offenders"

# One that needs something private shows that the public API lacks it
offenders=$(grep -H '^#include ".*jobs-' monitors/*.[ch] tool/*.[ch] 2> /dev/null | not_public |
  while IFS= read -r line; do
    name=$(echo "$line" | sed 's/.*"\(.*\)".*/\1/; s|.*/||')
    [ -f "$name" ] && echo "$line"
  done)
report "monitors and the tool include no private header of the core" "$offenders"

exit $failed
