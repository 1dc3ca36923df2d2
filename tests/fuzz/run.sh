#!/usr/bin/env bash
# Runs every fuzz target of a build for so many seconds, as many at a time as there are processors:
#
#     tests/fuzz/run.sh build/fuzz 60
#
# What a target finds on its way stays below BUILD/corpus and is its start the next time; the corpus
# of tests/fuzz/corpus is only read. Exits with 1 when a target crashes, hangs or leaks, and shows
# where the input lies that made it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$here/../../build/fuzz}" && pwd)
seconds=${2:-60}

targets=()
for target in "$build"/tests/fuzz/*_fuzz; do
  [ -x "$target" ] && targets+=("$target")
done
[ ${#targets[@]} -gt 0 ] || { echo "fuzz: no targets below $build/tests/fuzz" >&2; exit 2; }

run_one() {
  local name corpus=$here/corpus
  name=$(basename "$1" _fuzz)
  mkdir -p "$build/corpus/$name" "$build/found"
  local folders=("$build/corpus/$name")
  [ -d "$corpus/$name" ] && folders+=("$corpus/$name")
  if ! "$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$build/found/$name-" "${folders[@]}" >"$build/found/$name.log" 2>&1; then
    echo "$name: found something; the input lies in $build/found, the words:"
    grep -vE '^(#|stat::)' "$build/found/$name.log" | tail -n 60
    return 1
  fi
  echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/found/$name.log") inputs"
}
export -f run_one
export here build

printf '%s\0' "${targets[@]}" |
  xargs -0 -P "${JOBS:-$(nproc)}" -I{} bash -c 'run_one "$1" "$2"' run {} "$seconds"
echo "${#targets[@]} targets, $seconds s each, found nothing"
