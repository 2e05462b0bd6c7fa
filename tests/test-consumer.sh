#!/bin/sh
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# test-consumer.sh SOURCE: the library as others use it, installed and as a
# subproject of meson

. "$(dirname "$0")/tap.sh"
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset DESTDIR MAKEFLAGS

echo 1..14

prefix=$work/prefix
step "configures with another prefix" \
  meson setup "$work/library" "$source" --prefix "$prefix" --libdir lib \
  -Dtests=false -Dvapi=disabled

# Looked at before anything is installed: a test writes nowhere else
outside=$(meson introspect --installed "$work/library" | python3 -c '
import json, sys
for path in json.load(sys.stdin).values():
    if not path.startswith(sys.argv[1] + "/"):
        print(path)' "$prefix")
step "installs nothing outside of the prefix" test -z "$outside"
[ $failed -eq 0 ] || { echo "Bail out! would install $outside"; exit 1; }
step "builds and installs" meson install -C "$work/library"

export PKG_CONFIG_PATH="$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
export LD_LIBRARY_PATH="$prefix/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

step "pkg-config knows it" pkg-config --exists --print-errors "asyncjobs-1 >= 1.0.0"
compile ()
{
  cc -Wall -Werror -o "$work/consumer" "$source/tests/consumer/consumer.c" \
    $(pkg-config --cflags --libs asyncjobs-1) && "$work/consumer"
}
step "a program is compiled with pkg-config alone, and runs" compile

# build_consumer FOLDER OPTION...
build_consumer ()
{
  folder=$1
  shift
  meson setup "$folder/build" "$folder" "$@" && meson test -C "$folder/build"
}
cp -r "$source/tests/consumer" "$work/installed"
step "a meson project uses it installed" build_consumer "$work/installed"

interfaces ()
{
  for interface in Run1 Action1
  do
    [ -s "$prefix/share/dbus-1/interfaces/org.asyncjobs.$interface.xml" ] || return 1
  done
  # Others are not ours to install
  [ "$(ls "$prefix/share/dbus-1/interfaces" | wc -l)" -eq 2 ]
}
step "the interfaces of D-Bus are installed" interfaces

introspect ()
{
  GI_TYPELIB_PATH="$prefix/lib/girepository-1.0" "${PYTHON:-/usr/bin/python3}" -c '
import gi
gi.require_version("Jobs", "1")
from gi.repository import GObject, Jobs
assert GObject.type_is_a(Jobs.Engine, GObject.Object)'
}
if [ -f "$prefix/lib/girepository-1.0/Jobs-1.typelib" ]; then
  step "the installed typelib is read" introspect
else
  skip "the installed typelib is read" "built without introspection"
fi

override ()
{
  GI_TYPELIB_PATH="$prefix/lib/girepository-1.0" \
    XDG_DATA_DIRS="$prefix/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}" gjs -c '
const {Jobs} = imports.gi;
if (!Jobs.Action.from)
    throw new Error("no override")'
}
if [ -f "$prefix/share/gjs-1.0/overrides/Jobs.js" ] && command -v gjs > /dev/null; then
  step "GJS finds the installed override" override
else
  skip "GJS finds the installed override" "no introspection, or no GJS"
fi

# The word is not looked at: a test of its own does that, in the build directory
speaks_french ()
{
  mkdir "$work/locales"
  localedef --no-archive -i fr_FR -f UTF-8 "$work/locales/fr_FR.UTF-8"
  LC_ALL=C.UTF-8 "$prefix/bin/asyncjobs" --help > "$work/english" &&
    LOCPATH="$work/locales" LC_ALL=fr_FR.UTF-8 LANGUAGE= "$prefix/bin/asyncjobs" --help > "$work/french" &&
    ! cmp -s "$work/english" "$work/french"
}
if [ -x "$prefix/bin/asyncjobs" ] && command -v msgfmt localedef > /dev/null && grep -qx fr "$source/po/LINGUAS"; then
  step "the installed command finds its translations" speaks_french
else
  skip "the installed command finds its translations" "no command, or no French"
fi

unset PKG_CONFIG_PATH
mkdir -p "$work/outer/subprojects"
cp "$source"/tests/consumer/* "$work/outer"
ln -s "$source" "$work/outer/subprojects/asyncjobs"
step "a meson project uses it as a subproject" build_consumer "$work/outer" --wrap-mode=forcefallback

# As somebody does who has only read README.md.
# shown NUMBER: the commands of a block in it
shown ()
{
  awk -v wanted="$1" '/^```sh$/ { number++; inside = 1; next } /^```$/ { inside = 0 }
    inside && number == wanted' "$source/README.md"
}

elsewhere ()
{
  shown 2 | sed "s|^prefix=.*|prefix=$prefix|; s|^libdir=.*|libdir=$prefix/lib|" > "$work/environment"
  cat > "$work/users.sh" << 'EOF'
. "$1/environment"
cd "$1" || exit 1
[ -z "$TOOL" ] || asyncjobs run --no-journal "$2/hello.yaml"
cc -o hello "$2/hello.c" $(pkg-config --cflags --libs asyncjobs-1)
./hello
[ -z "$PYTHON" ] || "$PYTHON" "$2/hello.py"
[ -z "$GJS" ] || "$GJS" -m "$2/hello.js"
EOF
  tool=$(ls "$prefix/bin/asyncjobs" 2> /dev/null)
  python= gjs=
  if [ -f "$prefix/lib/girepository-1.0/Jobs-1.typelib" ]; then
    # Others have their modules elsewhere, as the page says
    [ ! -f /etc/debian_version ] || python=${PYTHON:-/usr/bin/python3}
    gjs=$(command -v gjs)
  fi
  env -i HOME="$work" PATH=/usr/bin:/bin TOOL="$tool" PYTHON="$python" GJS="$gjs" \
    sh -e "$work/users.sh" "$work" "$source/examples"
}
step "what README.md says finds it below another prefix" elsewhere

copy=$work/copy
mkdir "$copy"
(cd "$source" && tar cf - --exclude=./.git --exclude='./build*' .) | tar xf - -C "$copy"
readme ()
{
  cd "$copy" && DESTDIR=$work/root sh -e -c "$(shown 1)" &&
    [ -n "$(find "$work/root" -name 'libasyncjobs-1.so')" ]
}
step "what README.md says builds and installs it" readme

no_trace ()
{
  ! grep -rlF "$work" "$prefix/include"
}
step "no installed header names where it was built" no_trace

exit $failed
