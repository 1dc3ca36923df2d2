#!/usr/bin/env bash
# Runs every benchmark of a build and writes down what each prints, with the machine it ran on:
#
#     bench/run.sh build/release docs/benchmarks.md
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$here/build/release}" && pwd)
out=${2:-$here/docs/benchmarks.md}

benchmarks=()
for benchmark in "$build"/bench/*_bench; do
  [ -x "$benchmark" ] && benchmarks+=("$benchmark")
done
[ ${#benchmarks[@]} -gt 0 ] || { echo "bench: no benchmarks below $build/bench" >&2; exit 2; }

filesystem() { df --output=fstype "$1" | tail -n 1 | tr -d ' '; }
place=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/writ-bench.XXXXXX")
trap 'rm -rf "$place"' EXIT
export TMPDIR=$place

{
  echo '# Benchmarks'
  echo
  echo 'Written by `make bench`. Floor or peer and ours come from one run on one machine; figures of'
  echo 'different machines do not compare. A machine that does other things at the same time shows in'
  echo 'every wall time, so look at the ratios first.'
  echo
  echo '| | |'
  echo '|---|---|'
  echo "| date | $(date -u +%Y-%m-%d) |"
  echo "| revision | $(git -C "$here" describe --always --dirty 2>/dev/null || echo unknown) |"
  echo "| processor | $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores |"
  echo "| memory | $(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo) |"
  echo "| kernel | $(uname -sr) |"
  echo "| file system | $(filesystem "$place") |"
  echo "| compiler | $(c++ --version | head -n 1) |"
  echo "| load before | $(cut -d ' ' -f 1 /proc/loadavg) |"
} >"$place/report.md"

for benchmark in "${benchmarks[@]}"; do
  name=$(basename "$benchmark" _bench)
  echo "bench: $name" >&2
  {
    printf '\n## %s\n\n' "$name"
    printf '    $ %s\n' "bench/${name}_bench"
    (cd "$place" && "$benchmark") 2>&1 | sed 's/^/    /; s/ *$//'
  } >>"$place/report.md"
done
mv "$place/report.md" "$out"
echo "bench: wrote $out" >&2
