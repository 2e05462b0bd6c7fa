#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-symbols.sh LIBRARY LIST VERSION [PART]: what the library exports, against the list
# of symbols that Debian keeps for it, which is the only one. VERSION is that of now; with
# PART, something is not built, and may be missing

. "$(dirname "$0")/tap.sh"
library=$1
list=$2
version=$3
part=$4

exported=$(mktemp)
declared=$(mktemp)
trap 'rm -f "$exported" "$declared"' EXIT

# The linker adds some of its own, where a library asks for them
nm --dynamic --defined-only --format=posix "$library" | awk '{ print $1 }' |
  grep -vxE '__bss_start|_edata|_end' | LC_ALL=C sort > "$exported"
sed -n 's/^ \(.*\)@Base .*/\1/p' "$list" | LC_ALL=C sort > "$declared"
# Nothing at all on both sides would pass
[ -s "$exported" ] && [ -s "$declared" ] || { echo "Bail out! no symbols in $library or $list"; exit 1; }

echo 1..4

report "each exported symbol begins with jobs_" "$(grep -v '^jobs_' "$exported")" \
  "These were made visible by mistake"

report "each exported symbol is declared" \
  "$(LC_ALL=C comm -23 "$exported" "$declared" | sed "s/.*/ &@Base $version/")" \
  "New ones? Add these lines to $list, in the order of the alphabet"

if [ -z "$part" ]; then
  report "each declared symbol is exported" "$(LC_ALL=C comm -13 "$exported" "$declared")" \
    "Programs that use these would not start. Once released, none is taken away without a new soname"
else
  skip "each declared symbol is exported" "not all is built here"
fi

report "the list is in order, and names the soname" "$(
  sed -n 's/^ \(.*\)@Base .*/\1/p' "$list" | LC_ALL=C sort -c 2>&1
  soname=$(basename "$library" | sed 's/\(\.so\.[0-9]*\).*/\1/')
  grep -q "^$soname " "$list" || echo "$soname")" "See $list"

exit $failed
