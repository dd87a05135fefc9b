#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace wm::base {

/// 128 bits that stand for some bytes: XXH3-128 with seed 0. Not for secrets; equal on every machine.
struct Hash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend constexpr auto operator<=>(const Hash&, const Hash&) = default;
};

Hash hash_bytes(std::string_view bytes);
/// 32 lower-case hexadecimal digits, most significant first.
std::string to_string(const Hash& hash);

}  // namespace wm::base
