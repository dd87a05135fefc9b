#!/usr/bin/env bash
# Installs the Debian packages of tools/packages.txt, or of the list named, that are missing; asks nothing, does nothing
# when all are there.
set -euo pipefail
cd "$(dirname "$0")/.."
list=${1:-tools/packages.txt}

missing=()
while read -r package; do
  [[ -z $package || $package == '#'* ]] && continue
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done < "$list"
[[ ${#missing[@]} -gt 0 ]] || exit 0

command -v apt-get > /dev/null || {
  echo "install: no apt-get here; install what stands for these Debian packages: ${missing[*]}" >&2
  exit 3
}
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo > /dev/null || {
    echo "install: needs root or sudo to install: ${missing[*]}" >&2
    exit 3
  }
  as_root=(sudo)
fi
echo "install: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
