#pragma once
#include <cstdint>

#include "worldmill/usd/value.h"

namespace wm::usd {

/// Eight bytes that say what a value is and where it lies.
struct ValueRep {
  static constexpr std::uint64_t kArray = 1ull << 63, kInlined = 1ull << 62, kCompressed = 1ull << 61,
                                 kEdit = 1ull << 60;
  std::uint64_t bits = 0;

  bool array() const { return bits & kArray; }
  bool inlined() const { return bits & kInlined; }
  bool compressed() const { return bits & kCompressed; }
  bool array_edit() const { return bits & kEdit; }
  /// none for numbers that no type has.
  Type type() const {
    const std::uint64_t number = (bits >> 48) & 0xFF;
    return number < 63 ? static_cast<Type>(number) : Type::none;
  }
  std::uint64_t payload() const { return bits & ((1ull << 48) - 1); }
  static ValueRep of(Type type, std::uint64_t flags, std::uint64_t payload) {
    return {flags | static_cast<std::uint64_t>(type) << 48 | payload};
  }
};

constexpr std::uint32_t version_of(int major, int minor, int patch) {
  return static_cast<std::uint32_t>(major << 16 | minor << 8 | patch);
}
inline constexpr std::uint32_t kNoIndex = ~0u;
inline constexpr std::size_t kCompressFrom = 16;  ///< Shorter arrays are stored as they are.

}  // namespace wm::usd
