#!/usr/bin/env bash
# Runs every benchmark of a build and writes down what each prints, with the machine it ran on and
# a table of the budgets in front:
#
#     bench/run.sh build/release docs/benchmarks.md
#
# BENCH_BUILD=1 measures the build too (ten minutes). BENCH_DIR: where files are written.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$here/build/release}" && pwd)
out=${2:-$here/docs/benchmarks.md}

benchmarks=()
for benchmark in "$build"/bench/*_bench; do
  [ -x "$benchmark" ] && benchmarks+=("$benchmark")
done
[ ${#benchmarks[@]} -gt 0 ] || { echo "bench: no benchmarks below $build/bench" >&2; exit 2; }

place=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/writ-bench.XXXXXX")
chmod 755 "$place" # PostgreSQL, which refuses to be root, has to come in
trap 'rm -rf "$place"' EXIT
export TMPDIR=$place

load() { cut -d ' ' -f 1 /proc/loadavg; }
filesystem() { df --output=fstype "$1" | tail -n 1 | tr -d ' '; }

# What the benchmark NAME printed goes into NAME.txt, its budget lines into budgets.tsv. One that
# fails is written down as failed, and fails the whole at the end.
failed=0
measure() {
  local name=$1 code=0
  shift
  echo "bench: $name" >&2
  (cd "$place" && "$@") >"$place/$name.all" 2>&1 || code=$?
  if [ "$code" != 0 ]; then
    failed=1
    echo "ended with exit code $code" >>"$place/$name.all"
  fi
  grep '^budget' "$place/$name.all" >>"$place/budgets.tsv" || true
  grep -v '^budget' "$place/$name.all" >"$place/$name.txt" || true
}

load_before=$(load)
names=()
for benchmark in "${benchmarks[@]}"; do
  name=$(basename "$benchmark" _bench)
  names+=("$name")
  measure "$name" "$benchmark"
done
if [ "${BENCH_BUILD:-0}" = 1 ]; then
  measure build_time "$here/bench/build_time.sh"
else
  printf 'budget\tclean build, and edit to test\t\tnot measured in this run\t\t%s\t\n' \
    '<= 480 s, 420 s of tests, <= 15 s' >>"$place/budgets.tsv"
fi

{
  echo '# Benchmarks'
  echo
  echo 'Written by `make bench`. Floor or peer and ours come from one run on one machine, in turns;'
  echo 'each figure is a median. Figures of different machines do not compare, and a machine that'
  echo 'does other things at the same time shows in every wall time: see its load, and look at the'
  echo 'ratios first. A budget that is missed says so.'
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
  echo "| load before, after | $load_before, $(load), where $(nproc) is fully at work |"
  echo
  echo '## Budgets'
  echo
  echo '| path | floor or peer | ours | ratio | budget | |'
  echo '|---|---|---|---|---|---|'
  awk -F '\t' '{ printf "| %s | %s | %s | %s | %s | %s |\n", $2, $3, $4, $5, $6, $7 }' \
    "$place/budgets.tsv"
  for name in "${names[@]}"; do
    [ -s "$place/$name.txt" ] || continue
    printf '\n## %s\n\n' "$name"
    sed 's/^/    /; s/ *$//' "$place/$name.txt"
  done
} >"$place/report.md"
mv "$place/report.md" "$out"
echo "bench: wrote $out" >&2
exit "$failed"
