#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Wrong arguments end with status 2 and a hint

for argument in x 3x ''; do
  "$OUT/tally" "$argument" < /dev/null 2> /dev/null
  status=$?
  if [ $status -ne 2 ]; then
    echo "tally '$argument': expected exit status 2, got $status"
    exit 1
  fi
done
