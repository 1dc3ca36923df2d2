#!/usr/bin/env bash
# How long whoever changes Writ waits: a clean build of src/ on two cores without a compiler cache,
# and from the edit of one file to its module's passing unit tests. Prints budget lines as the
# benchmarks do.
#
#     bench/build_time.sh [source file]
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
edited=${1:-src/execution/judge.cc}
module=$(basename "$(dirname "$edited")")
place=$(mktemp -d "${TMPDIR:-/tmp}/writ-build.XXXXXX")
trap 'rm -rf "$place"' EXIT
export CCACHE_DISABLE=1

# measure NAME LIMIT command…: how many seconds it takes, and how many of processors: where other
# programs run beside, only the latter say much.
measure() {
  local name=$1 limit=$2 took verdict=met
  shift 2
  TIMEFORMAT='%R %U %S'
  took=$({ time "$@" >/dev/null 2>&1; } 2>&1) || { echo "build_time: failed: $*" >&2; exit 1; }
  read -r wall user system <<<"$took"
  [ "${wall%.*}" -lt "$limit" ] || verdict=MISSED
  printf 'budget\t%s\t\t%.0f s, %.0f s of processors\t\t<= %d s\t%s\n' \
    "$name" "$wall" "$(echo "$user $system" | awk '{ print $1 + $2 }')" "$limit" "$verdict"
}

# A copy, so that the edit is not one of this tree.
git -C "$here" ls-files -z | (cd "$here" && tar --null --files-from=- --create) |
  tar --extract --directory "$place"
cd "$place"
cmake --preset dev >/dev/null

# 480 s for what is shipped; 900 s in all.
measure 'clean build of writ, two cores, no cache' 480 ninja -C build/dev -j2 writ
measure 'the tests of src/ behind it' 420 ninja -C build/dev -j2 src/all

echo '// edited' >>"$edited"
edit_to_test() {
  ninja -C build/dev -j2 "writ_${module}_test" && "build/dev/src/$module/writ_${module}_test"
}
measure "edit of $edited to passing unit tests" 15 edit_to_test
