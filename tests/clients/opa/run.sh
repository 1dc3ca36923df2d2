#!/usr/bin/env bash
# OPA's own clients for JavaScript against `writ serve`:
#
#     tests/clients/opa/run.sh BINARY WORKING_DIRECTORY
#
# Exits with 77 and says why where node is absent or the packages cannot be installed.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
binary=$1
work=$2
skip() {
  echo "skipped: $1"
  exit 77
}
command -v node >/dev/null && command -v npm >/dev/null || skip 'node and npm are not installed'

mkdir -p "$work"
cp "$here"/package.json "$here"/package-lock.json "$here"/clients.mjs "$work"
cd "$work"
# What was installed for this lock file is used again.
if ! cmp -s package-lock.json node_modules/.installed; then
  timeout 90 npm ci --prefer-offline --ignore-scripts --no-audit --no-fund >npm.log 2>&1 ||
    skip "the packages cannot be installed: $(grep -m1 'npm error' npm.log || echo 'no answer')"
  cp package-lock.json node_modules/.installed
fi

cat >policy.rego <<'REGO'
package authz

default allow := false

allow if input.subject == "alice"

torn := 1

torn := 2 if input.both
REGO
cat >main.rego <<'REGO'
package system

main := concat(" ", ["hello", input.subject])
REGO
echo '{"roles": {"read": ["admin", "auditor"]}}' >data.json

coproc server { exec "$binary" serve --addr 127.0.0.1:0 --check-answers policy.rego main.rego data.json; }
pid=$server_PID
trap 'kill -TERM "$pid" 2>/dev/null || true' EXIT
read -r line <&"${server[0]}"
node clients.mjs "${line#listening on }"
