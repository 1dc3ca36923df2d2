#!/usr/bin/env bash
# Walks Writ's main job on the order book of examples/orders, in a temporary directory that is
# removed at the end:
#
#     examples/demo.sh build/release/writ
#
# Every command's exit code is compared with what it must be; the first that differs ends the walk
# with 1. Runs at a terminal and without one.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
binary=${1:-$here/../build/release/writ}
[ -x "$binary" ] || { echo "demo: no program at $binary; build it with: make build" >&2; exit 2; }
binary=$(cd "$(dirname "$binary")" && pwd)/$(basename "$binary")
for tool in git cmake ctest c++; do
  command -v "$tool" >/dev/null || { echo "demo: $tool is missing; see: make setup" >&2; exit 2; }
done

# Whoever runs this keeps their own git settings and passphrase out of it.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Demo GIT_AUTHOR_EMAIL=demo@example.org
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
unset WRIT_KEY_PASSPHRASE

bold='' dim='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

place=$(mktemp -d "${TMPDIR:-/tmp}/writ-demo.XXXXXX")
trap 'rm -rf "$place"' EXIT

part=0
checked=0
say() {
  part=$((part + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$part" "$1" "$plain"
  shift
  for line in "$@"; do printf '   %s\n' "$line"; done
  echo
}

# A command as one would type it.
typed() {
  local word out=''
  for word in "$@"; do
    case $word in *[!A-Za-z0-9_./:=@-]*) word="'$word'" ;; esac
    out+=" $word"
  done
  printf '%s$%s%s\n' "$dim" "$out" "$plain"
}

# expect CODE command…: shows the command, runs it, and insists on its exit code.
expect() {
  local wanted=$1 code=0
  shift
  typed "$@"
  if [ "$1" = writ ]; then
    shift
    "$binary" "$@" 2>&1 || code=$?
  else
    "$@" 2>&1 || code=$?
  fi
  if [ "$code" != "$wanted" ]; then
    printf '%sdemo: exit code %s, where it must be %s%s\n' "$red" "$code" "$wanted" "$plain" >&2
    exit 1
  fi
  checked=$((checked + 1))
  [ "$wanted" = 0 ] || printf '%sexit code %s, as it must be%s\n' "$green" "$code" "$plain"
}

say 'A repository with real code' \
  'An order book in C++ with sixteen tests and a spec. Somebody left a function that only' \
  'pretends to work, and says that it is done.'
cp -r "$here/orders" "$place/orders"
rm -rf "$place/orders/build" "$place/orders/.writ"
cd "$place/orders"
expect 0 git init --quiet
expect 0 writ init

say 'Two keys: the one that runs, and the one that approves' \
  'Which keys may do what stands in .writ/trust.yaml, and a run goes by the committed file.'
expect 0 writ keys new --out ../reviewer.key
expect 0 writ trust add --role maintainer ../reviewer.key.pub
expect 0 git add --all
expect 0 git commit --quiet -m 'An order book, its spec, and who may approve'

say 'The spec runs, and stops at the function that pretends'
expect 3 writ apply spec.yaml

say 'The author mends it, and the run goes on' \
  'What was proved on the old code is proved again on the new. Then somebody else must look.'
expect 0 git apply fix.patch
expect 6 writ resume

say 'Nobody approves their own work' 'The key that ran the steps may not approve them.'
expect 8 writ approve latest review/second-pair-of-eyes

say 'The reviewer approves, and the run is attested'
expect 0 writ approve latest review/second-pair-of-eyes --key ../reviewer.key
expect 0 writ resume
expect 0 writ verify

say 'The evidence verifies elsewhere' \
  'In an empty directory, with nothing but the bundle and the public keys.'
expect 0 writ export --out ../run.bundle
mkdir ../elsewhere
cp ../run.bundle .writ/trust.yaml ../elsewhere
cd ../elsewhere
expect 0 writ verify run.bundle --trust trust.yaml

say 'The lie: "all tests passed"' \
  'A step that only says so, while a good report of an earlier run still lies around.'
cd ../orders
cat >claim.yaml <<'SPEC'
writ: 1
kind: Spec
module: {id: orders.claim}
steps:
  - id: tests
    run: echo "16 tests ran, all tests passed"
    evidence: {tests: build/junit.xml}
    gate: tests.failed == 0 and tests.passed >= 12
SPEC
expect 0 cat claim.yaml
expect 4 writ apply claim.yaml
expect 0 writ explain

say 'The forgery: sixteen tests become ninety-six' 'One byte of the bundle is edited.'
cd ../elsewhere
count=$(grep -abo '"tests.passed":16' run.bundle | head -n 1 | cut -d : -f 1)
[ -n "$count" ] || { echo 'demo: the bundle does not hold the count of tests' >&2; exit 1; }
cp run.bundle forged.bundle
printf '9' | dd of=forged.bundle bs=1 seek=$((count + 15)) conv=notrunc status=none
expect 1 cmp run.bundle forged.bundle
expect 7 writ verify forged.bundle --trust trust.yaml

printf '\n%sDone.%s %d commands, each with the exit code that it must have: blocked at the\n' \
  "$bold" "$plain" "$checked"
cat <<'END'
violation (3), waiting for a second key (6), closed to one's own key (8), attested (0) and verified
elsewhere (0); shut to a claim without evidence (4), and not fooled by an edited byte (7).
END
