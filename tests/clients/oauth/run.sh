#!/usr/bin/env bash
# openid-client, oauth4webapi and jose against `writ serve`:
#
#     tests/clients/oauth/run.sh BINARY WORKING_DIRECTORY
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
cp "$here"/package.json "$here"/package-lock.json "$here"/clients.mjs "$here"/attacks.mjs "$work"
cd "$work"
# What was installed for this lock file is used again.
if ! cmp -s package-lock.json node_modules/.installed; then
  timeout 90 npm ci --prefer-offline --ignore-scripts --no-audit --no-fund >npm.log 2>&1 ||
    skip "the packages cannot be installed: $(grep -m1 'npm error' npm.log || echo 'no answer')"
  cp package-lock.json node_modules/.installed
fi

rm -rf project
mkdir project
cd project
git init --quiet
"$binary" init >/dev/null
export WRIT_PASSWORD='violet harbour 71 lamps'
printf '%s\n' "$WRIT_PASSWORD" | "$binary" identity bootstrap-admin root@example.org >/dev/null

# The issuer is part of every token, so the port is chosen first.
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
  console.log(s.address().port); s.close(); })')
coproc server { exec "$binary" serve --addr "127.0.0.1:$port" --check-answers \
  --setting server.resources=urn:example:api 2>server.log; }
pid=$server_PID
trap 'kill -TERM "$pid" 2>/dev/null || true' EXIT
read -r line <&"${server[0]}" || { cat server.log; exit 1; }
cd ..
node clients.mjs "${line#listening on }"
