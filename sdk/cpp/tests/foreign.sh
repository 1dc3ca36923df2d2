#!/usr/bin/env bash
# The installed SDK in a project that knows nothing of this one:
#
#     sdk/cpp/tests/foreign.sh PREFIX WORKING_DIRECTORY
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
prefix=$1
work=$2

rm -rf "$work"
mkdir -p "$work"
cmake -S "$here/foreign" -B "$work" -DCMAKE_PREFIX_PATH="$prefix" >"$work.log" ||
  { cat "$work.log"; exit 1; }
cmake --build "$work" >>"$work.log" 2>&1 || { cat "$work.log"; exit 1; }

printf 'package app\n\ndefault allow := false\n\nallow if input.role == "chief"\n' >"$work/app.rego"
expect() {
  local said
  said=$("$work/foreign" "$work/app.rego" "$1" | tr '\n' ' ')
  [ "$said" = "$2" ] || { echo "$1: '$said' instead of '$2'"; exit 1; }
}
expect chief 'app/allow is true 0 '
expect nurse 'app/allow is false 0 '
# Beside each other, headers include the standard library alone.
if grep -rhE '^ *# *include' "$prefix/include/writ" | grep -vE '<(writ/sdk/[a-z_]+\.h|[a-z_]+)>'; then
  echo 'public headers include what is not theirs'
  exit 1
fi
echo 'a foreign project decides with the installed SDK'
