#!/usr/bin/env bash
# The package's own tests, against the real program:
#
#     sdk/typescript/test.sh BINARY WORKING_DIRECTORY
#
# Leaves the built package in WORKING_DIRECTORY. Exits with 77 and says why where node is absent or
# the compiler cannot be installed.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
export WRIT=$1
work=$2
skip() {
  echo "skipped: $1"
  exit 77
}
command -v node >/dev/null && command -v npm >/dev/null || skip 'node and npm are not installed'

mkdir -p "$work"
rm -rf "${work:?}"/{src,tests,build,dist}
cp -r "$here"/{package.json,package-lock.json,tsconfig.json,tsconfig.tests.json,src,tests} "$work"
cd "$work"
# What was installed for this lock file is used again.
if ! cmp -s package-lock.json node_modules/.installed; then
  timeout 90 npm ci --prefer-offline --ignore-scripts --no-audit --no-fund >npm.log 2>&1 ||
    skip "the packages cannot be installed: $(grep -m1 'npm error' npm.log || echo 'no answer')"
  cp package-lock.json node_modules/.installed
fi
node_modules/.bin/tsc -p tsconfig.json
node_modules/.bin/tsc -p tsconfig.tests.json
# Types that Writ makes of its contracts are TypeScript, too.
mkdir -p build/contracts
for name in '' $(cd "$here/../../contracts" && ls *.schema.json); do
  "$WRIT" contract types --lang ts ${name:+"${name%.schema.json}"} >"build/contracts/${name:-api}.ts"
done
node_modules/.bin/tsc --noEmit --strict --target ES2022 --module nodenext build/contracts/*.ts
exec timeout 120 node --test build/tests/*.test.js
