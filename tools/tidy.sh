#!/usr/bin/env bash
# Static analysis by clang-tidy with the checks of .clang-tidy, on the build database of build/dev.
#   tools/tidy.sh              sources that differ from the last commit
#   tools/tidy.sh main         sources that differ from a branch or commit
#   tools/tidy.sh --all        every source
#   tools/tidy.sh FILE...      these
# Tests, benchmarks and fuzzers are left to the compilers' warnings.
set -euo pipefail
cd "$(dirname "$0")/.."

list() {
  case ${1:-HEAD} in
    --all) git ls-files --cached --others --exclude-standard 'worldmill/*.cpp' ;;
    *.cpp) printf '%s\n' "$@" ;;
    *)
      git diff --name-only --diff-filter=d "${1:-HEAD}" -- 'worldmill/*.cpp'
      git ls-files --others --exclude-standard 'worldmill/*.cpp'
      ;;
  esac
}

mapfile -t files < <(list "$@" | grep -vE '_(test|bench|fuzz)\.cpp$' | sort -u)
[[ ${#files[@]} -gt 0 ]] || {
  echo 'tidy: nothing to look at'
  exit 0
}
[[ -f build/dev/compile_commands.json ]] || cmake --preset dev > /dev/null
echo "tidy: ${#files[@]} sources"
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy-16 -p build/dev --quiet 2> >(grep -v 'warnings generated' >&2)
