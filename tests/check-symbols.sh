#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-symbols.sh LIBRARY [ENTRY]: what the library exports, ENTRY among it

symbols=$(nm --dynamic --defined-only --format=posix "$1") || exit 1

echo 1..2
failed=0

# The linker adds some of its own, where a library asks for them
foreign=$(echo "$symbols" | awk '$1 !~ /^jobs_/ && $1 !~ /^(__bss_start|_edata|_end)$/ { print "# " $1 }')
if [ -z "$foreign" ]; then
  echo "ok 1 - each exported symbol begins with jobs_"
else
  echo "$foreign"
  echo "not ok 1 - each exported symbol begins with jobs_"
  failed=1
fi

# Nothing exported at all would pass the first
entry=${2:-jobs_engine_orchestrate}
if echo "$symbols" | grep -q "^$entry "; then
  echo "ok 2 - the entry point is exported"
else
  echo "not ok 2 - the entry point is exported"
  failed=1
fi

exit $failed
