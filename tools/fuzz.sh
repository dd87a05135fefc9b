#!/usr/bin/env bash
# Builds every fuzzer (*_fuzz.cpp) with clang's libFuzzer, address and undefined-behaviour sanitizers, and runs each.
#   tools/fuzz.sh                 60 seconds each
#   tools/fuzz.sh 600 base/yaml   10 minutes of those whose name holds "base/yaml"
# Seeds lie in worldmill/MODULE/corpus/THING/; what a run learns is kept in build/fuzz/corpus/, an input that breaks
# something in build/fuzz/found/: mend the cause and add the input to the seeds.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
only=${2:-}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || {
  echo "fuzz: \"$seconds\" is no number of seconds" >&2
  exit 2
}

sources=()
while read -r source; do
  thing=${source#worldmill/}
  [[ ${thing%_fuzz.cpp} == *"$only"* ]] && sources+=("$source")
done < <(find worldmill -name '*_fuzz.cpp' | sort)
[[ ${#sources[@]} -gt 0 ]] || {
  echo "fuzz: no fuzzer's name holds \"$only\"" >&2
  exit 2
}

symbolizer=$(command -v llvm-symbolizer || true)
[[ -z $symbolizer ]] || export ASAN_SYMBOLIZER_PATH=$symbolizer
cmake --preset fuzz > /dev/null
cmake --build build/fuzz --target fuzzers

failed=()
for source in "${sources[@]}"; do
  thing=${source#worldmill/}
  thing=${thing%_fuzz.cpp}
  module=${thing%/*}
  name=${thing##*/}
  learned=build/fuzz/corpus/$thing
  seeds=worldmill/$module/corpus/$name
  mkdir -p "$learned" build/fuzz/found
  folders=("$learned")
  [[ -d $seeds ]] && folders+=("$seeds")
  log=build/fuzz/${module}_$name.log
  if "build/fuzz/worldmill/$module/wm_${module}_${name}_fuzz" -max_total_time="$seconds" -timeout=20 \
    -rss_limit_mb=2048 -print_funcs=0 -artifact_prefix="build/fuzz/found/${module}_${name}_" "${folders[@]}" \
    > "$log" 2>&1; then
    echo "fuzz $thing: $(grep -a '^Done' "$log")"
  else
    tail -n 60 "$log"
    failed+=("$thing")
  fi
done

if [[ ${#failed[@]} -gt 0 ]]; then
  echo "fuzz: broken: ${failed[*]}; the inputs are in build/fuzz/found/" >&2
  exit 1
fi
