#!/usr/bin/env bash
# openid-client, oauth4webapi and jose against `writ serve`, which lets people sign in with oidc-provider:
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
cp "$here"/package.json "$here"/package-lock.json "$here"/*.mjs "$work"
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

# Issuers are part of tokens and settings, so the ports are chosen first.
read -r port UPSTREAM_PORTS < <(node -e 'const net = require("net");
const all = [0, 1, 2, 3, 4].map(() => net.createServer().listen(0, "127.0.0.1"));
Promise.all(all.map((s) => require("events").once(s, "listening"))).then(() => {
  console.log(...all.map((s) => s.address().port)); all.forEach((s) => s.close()); })')
export UPSTREAM_PORTS
printf "upstream secret: it's 32 characters\n" >upstream.secret
chmod 600 upstream.secret
read -r first second third plain <<<"$UPSTREAM_PORTS"
cat >.writ/settings.yaml <<YAML
identity:
  providers:
    - {name: first, title: First, issuer: 'http://127.0.0.1:$first', client_id: writ, secret_file: $PWD/upstream.secret}
    - {name: second, issuer: 'http://127.0.0.1:$second', client_id: writ, secret_file: $PWD/upstream.secret, links_by_email: true}
    - {name: third, issuer: 'http://127.0.0.1:$third', client_id: writ, secret_file: $PWD/upstream.secret}
    - name: plain
      issuer: 'http://127.0.0.1:$plain'
      client_id: writ
      secret_file: $PWD/upstream.secret
      token_auth: client_secret_post
      scopes: ['user:read']
      authorization_endpoint: 'http://127.0.0.1:$plain/auth'
      token_endpoint: 'http://127.0.0.1:$plain/token'
      userinfo_endpoint: 'http://127.0.0.1:$plain/api/user'
      subject_member: id
rates: {login: 0/0, return: 0/0, authorize: 0/0}
YAML
coproc server { exec "$binary" serve --addr "127.0.0.1:$port" --check-answers \
  --setting server.resources=urn:example:api 2>server.log; }
pid=$server_PID
trap 'kill -TERM "$pid" 2>/dev/null || true' EXIT
read -r line <&"${server[0]}" || { cat server.log; exit 1; }
cd ..
node clients.mjs "${line#listening on }"
