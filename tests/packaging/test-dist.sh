#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# test-dist.sh SOURCE VERSION: the tarball of what is committed, built and tested as it
# is, and by a wrap in a project of somebody else. With the core alone, which takes less
# long: the other parts are in it too

. "$(dirname "$0")/../tap.sh"
source=$1
version=$2
if [ ! -e "$source/.git" ] || ! command -v git > /dev/null; then
  echo "1..0 # SKIP a tarball is made of a checkout, with git"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset DESTDIR MAKEFLAGS
# Whoever runs the tests need not be who owns the checkout
printf '[safe]\n\tdirectory = *\n' > "$work/gitconfig"
export GIT_CONFIG_GLOBAL="$work/gitconfig"

# core PREFIX: the options without which only the core is left
core ()
{
  for feature in scenario journal terminal tool gtk introspection vapi nls docs; do
    echo "-D$1$feature=disabled"
  done
}

# next NAME COMMAND...: a step that needs those before it
next ()
{
  if [ $failed -eq 0 ]; then
    step "$@"
  else
    fail "$1"
  fi
}

echo 1..6

tarball=$work/build/meson-dist/asyncjobs-$version.tar.xz
tree=$work/asyncjobs-$version

make_tarball ()
{
  git clone --quiet --no-hardlinks "$source" "$work/clone" &&
    meson setup "$work/build" "$work/clone" $(core '') -Dtests=false &&
    meson dist -C "$work/build" --no-tests && [ -s "$tarball" ]
}
next "meson dist makes a tarball" make_tarball

complete ()
{
  tar -C "$work" -xf "$tarball" &&
    git -C "$work/clone" ls-files | sort > "$work/committed" &&
    (cd "$tree" && find . -type f | sed 's|^\./||' | sort) | diff "$work/committed" -
}
next "all that is committed is in it" complete

next "it configures" meson setup "$tree/build" "$tree" $(core '') -Dtbb=disabled
next "what is built of it passes tests" meson test -C "$tree/build" engine graph types check-symbols

outer=$work/outer
use_wrap ()
{
  mkdir -p "$outer/subprojects/packagefiles" &&
    cp "$source"/tests/consumer/* "$outer" &&
    cp "$source/doc/packaging/asyncjobs.wrap" "$outer/subprojects" &&
    cp "$tarball" "$outer/subprojects/packagefiles" &&
    meson setup "$outer/build" "$outer" --wrap-mode=forcefallback $(core asyncjobs:) &&
    [ -d "$outer/subprojects/asyncjobs-$version" ]
}
next "a meson project has it by a wrap, as a subproject" use_wrap
next "and runs a program with it" meson test -C "$outer/build" consumer

exit $failed
