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

now() { date +%s%N; }
# row NAME START LIMIT: how long it is since START, in seconds, against the limit.
row() {
  local took=$((($(now) - $2) / 1000000000)) verdict=met
  [ "$took" -lt "$3" ] || verdict=MISSED
  printf 'budget\t%s\t\t%d s\t\t<= %d s\t%s\n' "$1" "$took" "$3" "$verdict"
}

# A copy, so that the edit is not one of this tree.
git -C "$here" ls-files -z | (cd "$here" && tar --null --files-from=- --create) |
  tar --extract --directory "$place"
cd "$place"
cmake --preset dev >/dev/null

start=$(now)
ninja -C build/dev -j2 src/all >/dev/null
row 'clean build of src/ with its tests, two cores, no cache' "$start" 480

echo '// edited' >>"$edited"
start=$(now)
ninja -C build/dev -j2 "writ_${module}_test" >/dev/null
"build/dev/src/$module/writ_${module}_test" >/dev/null
row "edit of $edited to passing unit tests" "$start" 15
