#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-project.sh SOURCE: rules that hold for every file of the project

. "$(dirname "$0")/tap.sh"
cd "$1" || exit 1
list=$(mktemp)
trap 'rm -f "$list"' EXIT

# By name and not by git: a tarball has the same rules
find . \( -path ./.git -o -path './build*' -o -path './subprojects' -o -name __pycache__ \
          -o -name .asyncjobs \) -prune -o -type f -print | sed 's|^\./||' | sort > "$list"

echo 1..5

[ "$(wc -l < "$list")" -gt 40 ] || { echo "Bail out! no sources in $1"; exit 1; }

# What has no room for a comment, or is the exact input or output of a test
offenders=$(grep -Ev '^COPYING$|^doc/packaging/debian/(changelog|copyright|source/format)$|\.(json|ipynb|svg|png|out|txt|pot)$|^tests/data/|^tests/fuzz/corpus/|(^|/)\.git$' "$list" |
  while read -r file; do
    [ -s "$file" ] || continue
    head -n 6 "$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later' || echo "$file"
  done)
report "each file names its licence" "$offenders"

# Spelled so that this file does not find itself
offenders=$(xargs grep -InE '(^|[^[:alnum:]_])/[w]ork/|\.\./[s]hared' < "$list" | head)
report "nothing leads out of the project" "$offenders"

offenders=$(grep -nE '#include [<"](\.\./)?(actions|nodes|monitors|scenario|gtk|tool)/' \
              asyncjobs/*.c asyncjobs/jobs-*.h)
report "the core includes nothing from the folders below" "$offenders"

# actions may use nodes
offenders=$(
  grep -nE '#include ".*(actions|monitors|scenario|tool)/' asyncjobs/nodes/*.[ch] 2>/dev/null
  grep -nE '#include ".*(monitors|scenario|tool)/' asyncjobs/actions/*.[ch] 2>/dev/null
  grep -nE '#include ".*(scenario|tool)/' asyncjobs/monitors/*.[ch] 2>/dev/null
  grep -nE '#include ".*(monitors|tool)/' asyncjobs/scenario/*.[ch] 2>/dev/null)
report "no folder includes from one above it in the house" "$offenders"

offenders=$(grep -E '\.(c|h|py|js|vala|sh|md|yaml|build)$' "$list" | grep -vE '^tests/(data|fuzz/corpus)/' |
  xargs grep -nIE '[[:blank:]]+$' | head)
report "no blanks at the ends of lines" "$offenders"

exit $failed
