#!/usr/bin/env bash
# Runs Writ's own spec on this checkout with the Writ that was built from it:
#
#     tools/self.sh build/dev/writ
#
# Where the checkout has no .writ yet, one is made, with a key of its own that nobody else trusts.
# The exit code is that of `writ apply`; only 0, attested and verified, is success.
set -euo pipefail
cd "$(dirname "$0")/.."
writ=${1:-build/dev/writ}
[ -x "$writ" ] || { echo "self: no program at $writ" >&2; exit 2; }
# The build of the spec writes build/dev: a program does not replace itself while it runs.
program=$(mktemp "${TMPDIR:-/tmp}/writ-self.XXXXXX")
trap 'rm -f "$program"' EXIT
cp "$writ" "$program"
chmod 755 "$program"

[ -e .writ/keys ] || "$program" init --quiet
code=0
"$program" apply delivery/self.yaml || code=$?
if [ "$code" != 0 ]; then
  "$program" explain || true
  exit "$code"
fi
"$program" verify
