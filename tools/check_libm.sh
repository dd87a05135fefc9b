#!/usr/bin/env bash
# Names every object of a build (default: build/release) that calls one of libm's transcendental functions: their last
# bits differ by processor, so no result may rest on them (worldmill/math/elementary.h has ours). sqrt, floor, fmod and
# their like are exact and allowed.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}

functions='a?sinh?|a?cosh?|a?tanh?|atan2|sincos|exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|cbrt|hypot|erfc?|[tl]gamma'
mapfile -t archives < <(find "$build" -name 'libwm_*.a' | sort)
[[ ${#archives[@]} -gt 0 ]] || {
  echo "check_libm: no libwm_*.a under $build; build first" >&2
  exit 2
}
# OpenSubdiv's headers bring the weights of Loop's scheme and of tangents along, neither of which is asked for.
if nm -A -u "${archives[@]}" 2> /dev/null | grep -v ':usd_subdivide.cpp.o:' | grep -E " U ($functions)[fl]?(@.*)?$"; then
  echo 'check_libm: the above call libm where worldmill/math/elementary.h should be called' >&2
  exit 1
fi
echo "no libm transcendental in ${#archives[@]} libraries"
