#!/usr/bin/env bash
# Makes .venv, the Python packages of tools/requirements.txt, each held to its hash; does nothing when they are there.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=$(sha256sum tools/requirements.txt)
[[ -f .venv/complete && $(< .venv/complete) == "$wanted" ]] && exit 0

python=$(command -v python3.11 || command -v python3)
[[ $("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') == 3.11 ]] || {
  echo "venv: needs Python 3.11, for which tools/requirements.txt holds the hashes; $python is another" >&2
  exit 3
}
echo 'venv: packages of tools/requirements.txt'
rm -rf .venv
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary=:all: \
  --require-hashes -r tools/requirements.txt || {
  echo 'venv: the packages could not be had; is there a way to the Python package index from here (PIP_INDEX_URL)?' >&2
  exit 3
}
echo "$wanted" > .venv/complete
