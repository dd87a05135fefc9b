#include <benchmark/benchmark.h>

#include <array>
#include <cmath>

#include "worldmill/base/distributions.h"
#include "worldmill/math/elementary.h"

namespace wm::math {
namespace {

/// 1024 numbers in low..high.
template <class T>
std::array<T, 1024> numbers(double low, double high, std::uint64_t seed) {
  std::array<T, 1024> all;
  const base::RandomKey key = base::RandomKey::from_seed(seed);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<T>(base::uniform(key, i, low, high));
  return all;
}

/// Time of one call, calls one after another.
template <class F>
void one(benchmark::State& state, F f, double low, double high) {
  using T = decltype(f({}));
  const auto xs = numbers<T>(low, high, 1);
  for (auto _ : state) {
    T sum = 0;
    for (const T x : xs) sum += f(x);
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * 1024);
}

template <class F>
void two(benchmark::State& state, F f, double low, double high) {
  using T = decltype(f({}, {}));
  const auto xs = numbers<T>(low, high, 1), ys = numbers<T>(-2, 2, 2);
  for (auto _ : state) {
    T sum = 0;
    for (std::size_t i = 0; i < xs.size(); ++i) sum += f(xs[i], ys[i]);
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * 1024);
}

// Ours beside libm's.
#define WM_BENCH(T, f, low, high)                         \
  BENCHMARK_CAPTURE(                                      \
      one, f##_##T, [](T x) { return f(x); }, low, high); \
  BENCHMARK_CAPTURE(                                      \
      one, std_##f##_##T, [](T x) { return std::f(x); }, low, high)
#define WM_BENCH2(T, f, low, high)                                \
  BENCHMARK_CAPTURE(                                              \
      two, f##_##T, [](T x, T y) { return f(x, y); }, low, high); \
  BENCHMARK_CAPTURE(                                              \
      two, std_##f##_##T, [](T x, T y) { return std::f(x, y); }, low, high)

WM_BENCH(double, exp, -20, 20);
WM_BENCH(double, log, 0.1, 10);
WM_BENCH(double, sin, -10, 10);
WM_BENCH(double, tan, -10, 10);
WM_BENCH(double, acos, -1, 1);
WM_BENCH(double, cbrt, 0, 10);
WM_BENCH2(double, atan2, -2, 2);
WM_BENCH2(double, pow, 0.1, 10);
WM_BENCH2(double, hypot, -2, 2);
BENCHMARK_CAPTURE(
    one, sincos_double,
    [](double x) {
      const SinCos s = sincos(x);
      return s.sin + s.cos;
    },
    -10, 10);

WM_BENCH(float, exp, -20, 20);
WM_BENCH(float, log, 0.1, 10);
WM_BENCH(float, sin, -10, 10);
WM_BENCH(float, acos, -1, 1);
WM_BENCH2(float, atan2, -2, 2);
WM_BENCH2(float, pow, 0.1, 10);
BENCHMARK_CAPTURE(
    one, sincos_float,
    [](float x) {
      const SinCosF s = sincos(x);
      return s.sin + s.cos;
    },
    -10, 10);

}  // namespace
}  // namespace wm::math
