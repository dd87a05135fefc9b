#include "worldmill/base/distributions.h"

#include <algorithm>
#include <cmath>

#include "worldmill/base/check.h"

namespace wm::base {
namespace {

__extension__ typedef unsigned __int128 Wide;

std::uint64_t bits64(RandomKey key, std::uint64_t index) {
  const Counter bits = key.bits(index);
  return std::uint64_t{bits[1]} << 32 | bits[0];
}

}  // namespace

double unit(RandomKey key, std::uint64_t index) {
  return static_cast<double>(bits64(key, index) >> 11) * 0x1p-53;
}

double uniform(RandomKey key, std::uint64_t index, double low, double high) {
  WM_CHECK(std::isfinite(high - low) && low <= high);
  const double value = low + unit(key, index) * (high - low);
  return value < high || low == high ? value : std::max(low, std::nextafter(high, low));
}

std::int64_t integer(RandomKey key, std::uint64_t index, std::int64_t low, std::int64_t high) {
  WM_CHECK(low <= high);
  const Wide count = Wide{static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low)} + 1;
  const auto step = static_cast<std::uint64_t>(count * bits64(key, index) >> 64);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
}

bool bernoulli(RandomKey key, std::uint64_t index, double probability) {
  WM_CHECK(probability >= 0 && probability <= 1);
  return unit(key, index) < probability;
}

std::size_t choice(RandomKey key, std::uint64_t index, std::span<const double> weights) {
  double total = 0;
  for (const double weight : weights) {
    WM_CHECK(std::isfinite(weight) && weight >= 0);
    total += weight;
  }
  WM_CHECK(std::isfinite(total) && total > 0);
  double rest = unit(key, index) * total;
  std::size_t drawn = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    drawn = i;  // rounding may leave a crumb after the last one: it is the last one's
    if (rest < weights[i]) break;
    rest -= weights[i];
  }
  return drawn;
}

}  // namespace wm::base
