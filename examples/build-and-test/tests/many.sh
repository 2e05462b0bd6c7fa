#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Many words: the table grows, and every word is found again

count=$(awk 'BEGIN { for (i = 0; i < 50000; i++) print "w" i % 20000 }' |
  "$OUT/tally" 20000 | awk '$1 == 2 || $1 == 3 { n++ } END { print n }')
if [ "$count" != 20000 ]; then
  echo "expected 20000 words, each 2 or 3 times; found $count"
  exit 1
fi
