#!/usr/bin/env bash
# The sample from end to end, with the real program and the installed SDK:
#
#     examples/policy-sample/test.sh WRIT PREFIX WORKING_DIRECTORY [TYPESCRIPT_SDK]
#
# TYPESCRIPT_SDK is the built package of sdk/typescript; where it is absent its part is left out.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
writ=$1
prefix=$2
work=$3
typescript=${4:-}

rm -rf "$work"/{out,kept,policies,*.log,*.pem,*.tar.gz,stop,codes}
mkdir -p "$work/out" "$work/build"
cd "$work"
pids=
# A checkout may be a project of Writ; these servers are of none.
nowhere=$(mktemp -d)
trap 'kill -9 $pids 2>/dev/null || true; rm -rf "$nowhere"' EXIT
serve=("$writ" --dir "$nowhere" serve --addr 127.0.0.1:0)

fail() {
  echo "FAILED: $1"
  for log in *.log; do echo "--- $log"; tail -n 20 "$log"; done
  exit 1
}
say() { echo "  $1"; }

# start NAME COMMAND…: runs it, waits until it listens, sets $NAME to its URL and $NAME_pid.
start() {
  local name=$1
  shift
  "$@" >"$name.log" 2>"$name.err.log" &
  local pid=$!
  pids="$pids $pid"
  until grep -q '^listening on' "$name.log"; do
    kill -0 "$pid" 2>/dev/null || fail "$name does not start"
    sleep 0.05
  done
  eval "$name=\$(sed -n 's/^listening on //p' $name.log) ${name}_pid=$pid"
}
# until_true COMMAND…: waits for what comes by itself.
until_true() {
  for _ in $(seq 400); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.05
  done
  fail "never: $*"
}
# ask URL USER ROLE DEPARTMENT NETWORK DOCUMENT: the status of reading it.
ask() {
  curl -s -o /dev/null -w '%{http_code}' -H "x-user: $2" -H "x-role: $3" -H "x-department: $4" \
    -H "x-network: $5" "$1/documents/$6"
}
expect() {
  local said
  said=$(ask "${@:2}")
  [ "$said" = "$1" ] || fail "$3 ($4, $5, $6) and $7: $said instead of $1"
}
# Bob may read what is internal, from anywhere or from the office alone; the secret is for leads.
decides() {
  expect 200 "$1" bob reader legal office internal-contract
  expect "$2" "$1" bob reader legal remote internal-contract
  expect 403 "$1" bob reader legal office secret-contract
  expect 403 "$1" eve reader sales office internal-contract
}
health() { curl -s "$1/health"; }
is_at() { health "$1" | grep -q "\"revision\":\"$2\""; }
has_problem() { health "$1" | grep -q "$2"; }

# publish REVISION KEY: builds, signs, and replaces what is handed out, in one step.
publish() {
  "$writ" policy build -b policies --ignore '*_test.rego' --revision "$1" \
    --signing-key "$2" --signing-alg ES256 -o bundle.tar.gz >build.log 2>&1 || fail "build of $1"
  mv bundle.tar.gz out/documents.tar.gz
}

"$writ" policy test "$here/policies" >tests.log || fail 'tests of the policies'
say "policies: $(tail -n 1 tests.log)"

cmake -S "$here" -B build -DCMAKE_PREFIX_PATH="$prefix" >cmake.log 2>&1 || fail 'configuring'
cmake --build build >>cmake.log 2>&1 || fail 'building'
say 'the service is built with the installed SDK'

for key in publisher stranger; do
  openssl ecparam -name prime256v1 -genkey -noout -out $key.pem 2>keys.log
  openssl ec -in $key.pem -pubout -out $key.pub.pem 2>>keys.log
done
cp -r "$here/policies" policies

publish r1 publisher.pem
start publisher "${serve[@]}" --bundle-dir "$work/out"
follow=(build/documents --port 0 --bundle "$publisher/bundles/documents.tar.gz" --key publisher.pub.pem --keep kept)
start service "${follow[@]}"
until_true curl -sf "$service/health"
is_at "$service" r1 || fail "not at r1: $(health "$service")"
decides "$service" 200
say 'revision 1 is enforced'

# From here on somebody asks all the time.
(while [ ! -e stop ]; do ask "$service" bob reader legal remote internal-contract; echo; done >codes) &
asking=$!
pids="$pids $asking"
until_true test -s codes

# Internal documents are for the office from now on.
sed -i '/level == "internal"/a\	input.environment.network == "office"' policies/documents/authz.rego
publish r2 publisher.pem
until_true is_at "$service" r2
decides "$service" 403
say 'revision 2 is enforced without a restart'

# A stranger publishes that everything is allowed.
sed -i 's/^default allow := false/default allow := true/' policies/documents/authz.rego
publish r3 stranger.pem
until_true has_problem "$service" 'verif'
is_at "$service" r2 || fail "not at r2 any more: $(health "$service")"
decides "$service" 403
say 'a bad signature changes nothing'

kill -9 "$publisher_pid"
until_true has_problem "$service" 'connect\|refused\|reach'
decides "$service" 403
say 'nor does it that the publisher is gone'

touch stop
wait "$asking"
said=$(sort -u codes | tr '\n' ' ')
[ "$said" = '200 403 ' ] || fail "somebody who asked all the time saw: $said"
say "no request failed meanwhile: $(wc -l <codes) were answered"

start again "${follow[@]}"
is_at "$again" r2 || fail "not from what was kept: $(health "$again")"
decides "$again" 403
say 'a service that starts without its publisher decides by what it kept'

start policy_server "${serve[@]}" --bundle "$here/policies"
start remote build/documents --port 0 --server "$policy_server"
decides "$remote" 200
say 'asked of a server, the same rule says the same'

if [ -f "$typescript/dist/index.js" ]; then
  mkdir -p room/node_modules/@writ
  cp "$here"/typescript/{service.ts,package.json,tsconfig.json} room
  ln -sfn "$typescript" room/node_modules/@writ/sdk
  ln -sfn "$typescript/node_modules/@types" room/node_modules/@types
  "$typescript/node_modules/.bin/tsc" -p room/tsconfig.json >tsc.log || fail 'compiling service.ts'
  start room node room/dist/service.js 0 "$policy_server"
  decides "$room" 200
  say 'and so it does in TypeScript'
  kill -9 "$policy_server_pid"
  expect 503 "$room" bob reader legal office internal-contract
else
  kill -9 "$policy_server_pid"
  say 'TypeScript is left out: its SDK is not built'
fi
expect 503 "$remote" bob reader legal office internal-contract
say 'who cannot ask allows nothing'
