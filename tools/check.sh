#!/usr/bin/env bash
# What CI checks beside the tests:
#
#     tools/check.sh [BASE]
#
# One line for each check that holds; for one that does not, everything it has to say. All of them
# run. With BASE, a git revision, format and clang-tidy look only at what changed since. Without, the
# slow ones look at the last changed first and say how many they left out: HEADER_LIMIT headers
# (default 60), TIDY_LIMIT sources (default 20) that clang-tidy has not found clean before; 0 is all.
# SKIP="tidy headers" leaves checks out, and says so.
set -uo pipefail
cd "$(dirname "$0")/.."
base=${1:-}
jobs=${JOBS:-$(nproc)}
logs=build/check
mkdir -p "$logs"
failed=()

check() {
  local name=$1 log=$logs/$1.log begin=$SECONDS
  shift
  if [[ " ${SKIP:-} " == *" $name "* ]]; then
    printf '  -  %-13s left out\n' "$name"
    return
  fi
  if "$@" >"$log" 2>&1; then
    printf '  ✔  %-13s %s  (%d s)\n' "$name" "$(tail -n 1 "$log")" $((SECONDS - begin))
  else
    printf '  ✖  %-13s (%d s)\n' "$name" $((SECONDS - begin))
    sed 's/^/     /' "$log"
    failed+=("$name")
  fi
}

format() {
  python3 -B tools/check_format.py ${base:+"$base"} && echo 'every file is formatted'
}

layers() {
  python3 -B tools/check_layers.py && echo 'every include is allowed by tools/layers.json'
}

headers() { python3 -B tools/check_headers.py --limit "${HEADER_LIMIT:-60}" --jobs "$jobs"; }

tidy() {
  cmake --preset nopch >/dev/null || return
  # Sources that the build generates must be there to be looked at, and headers to be included.
  ninja -C build/nopch writ_api_types_made >/dev/null || return
  python3 -B tools/check_tidy.py ${base:+"$base"} --limit "${TIDY_LIMIT:-20}" --jobs "$jobs"
}

# Writ's own documents against Writ's own contracts.
documents() {
  cmake --build build/dev -j"$jobs" --target writ || return
  build/dev/writ contract validate --schema protocol protocols/*.yaml || return
  build/dev/writ contract validate --schema spec examples/*/spec.yaml delivery/*.yaml || return
  echo 'specs and protocols keep their contracts'
}

check format format
check layers layers
check headers headers
check links python3 -B tools/check_links.py
check traceability python3 -B tools/check_traceability.py
check documents documents
check tidy tidy

if [ ${#failed[@]} -gt 0 ]; then
  echo "does not hold: ${failed[*]}"
  exit 1
fi
echo 'everything that was checked holds'
