#!/usr/bin/env bash
# Installs what is missing of tools/debian-packages.txt: `setup.sh build` for building and the demo,
# `setup.sh test` for tests, checks and fuzzing too. Lists it first; asks when it stands
# at a terminal (YES=1 answers for you). Does nothing when nothing is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
purpose=${1:-build}

wanted() {
  sed -e 's/#.*//' -e '/^ *$/d' "$here/debian-packages.txt" |
    if [ "$purpose" = test ]; then sed 's/^test: //'; else grep -v '^test: '; fi
}

if ! command -v dpkg-query >/dev/null; then
  echo 'setup: this is no Debian; see to these yourself:' $(wanted | sed 's/@.*//') >&2
  exit 0
fi
missing=()
for package in $(wanted); do
  command=${package#*@}
  if [ "$command" != "$package" ] && command -v "$command" >/dev/null; then continue; fi
  package=${package%@*}
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

printf 'To be installed with apt-get: %s\n' "${missing[*]}"
if [ -t 0 ] && [ "${YES:-}" != 1 ]; then
  read -r -p 'Install them? [y/N] ' answer
  case $answer in y | Y | yes) ;; *) echo 'Nothing was installed.'; exit 1 ;; esac
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo 'setup: neither root nor sudo; install the packages above and start again' >&2
    exit 1
  }
  as_root=(sudo)
fi
# A machine that was set up long ago may know none of the packages, or only versions that are gone.
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
  --no-install-recommends "${missing[@]}" >/dev/null
