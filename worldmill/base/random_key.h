#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace wm::base {

using Counter = std::array<std::uint32_t, 4>;

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
Counter philox(Counter counter, std::array<std::uint32_t, 2> key);

/// The address of a random value: a place of 128 bits, 64 in Philox's key and 64 in its counter, which leaves 64 for
/// the index of the draw. A key has no state: the same key and index give the same bits on every thread and machine,
/// and siblings do not disturb each other. Names and numbers are different children: child("1") is not child(1).
class RandomKey {
 public:
  static RandomKey from_seed(std::uint64_t seed);

  RandomKey child(std::string_view name) const;
  RandomKey child(std::uint64_t number) const;

  /// 128 random bits for draw `index` of this key.
  Counter bits(std::uint64_t index) const;

  std::uint64_t low() const { return low_; }
  std::uint64_t high() const { return high_; }
  friend constexpr bool operator==(const RandomKey&, const RandomKey&) = default;

 private:
  RandomKey(std::uint64_t low, std::uint64_t high) : low_(low), high_(high) {}
  RandomKey descend(char kind, std::string_view bytes) const;

  std::uint64_t low_;   // Philox's key
  std::uint64_t high_;  // the upper half of its counter
};

}  // namespace wm::base
