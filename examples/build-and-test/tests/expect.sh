#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# expect.sh LINES TEXT EXPECTED: what tally says of a text

said=$(printf '%s' "$2" | "$OUT/tally" "$1" | tr -s ' ')
if [ "$said" != "$3" ]; then
  printf 'tally %s of "%s"\nexpected: %s\nsaid:     %s\n' "$1" "$2" "$3" "$said"
  exit 1
fi
