#!/usr/bin/env bash
# Puts the Python packages of a list, each held to its hash, into .venv; does nothing when they are there.
#   tools/venv.sh                                what the build needs: tools/requirements_build.txt
#   tools/venv.sh tools/requirements.txt         what tests/interop needs
set -euo pipefail
cd "$(dirname "$0")/.."

list=${1:-tools/requirements_build.txt}
stamp=.venv/$(basename "$list").installed
wanted=$(sha256sum "$list")
[[ -f $stamp && $(< "$stamp") == "$wanted" ]] && exit 0

python=$(command -v python3.11 || command -v python3)
[[ $("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') == 3.11 ]] || {
  echo "venv: needs Python 3.11, for which $list holds the hashes; $python is another" >&2
  exit 3
}
echo "venv: packages of $list"
[[ -x .venv/bin/python ]] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary=:all: \
  --require-hashes -r "$list" || {
  echo 'venv: the packages could not be had; is there a way to the Python package index from here (PIP_INDEX_URL)?' >&2
  exit 3
}
echo "$wanted" > "$stamp"
