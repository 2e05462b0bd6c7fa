# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests in shell have in common. They source it, say how many results there will be
# (echo 1..N), and end with: exit $failed

number=0
failed=0

pass ()
{
  number=$((number + 1))
  echo "ok $number - $1"
}

# skip NAME WHY
skip ()
{
  pass "$1 # SKIP $2"
}

fail ()
{
  number=$((number + 1))
  echo "not ok $number - $1"
  failed=1
}

# report NAME OFFENDERS [WHAT-TO-DO]: an empty list of offenders is a pass
report ()
{
  if [ -z "$2" ]; then
    pass "$1"
  else
    printf '%s\n' "$2" ${3:+"$3"} | sed 's/^/# /'
    fail "$1"
  fi
}

# step NAME COMMAND...: what it prints, in $work, is shown where it fails
step ()
{
  step_name=$1
  shift
  if "$@" > "$work/log" 2>&1; then
    pass "$step_name"
  else
    sed 's/^/# /' "$work/log" | tail -n 40
    fail "$step_name"
  fi
}
