#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// The two packings of crate files. Pure functions; hostile bytes give nothing.
namespace wm::usd {

/// LZ4 blocks behind a count of chunks; the result has exactly `size` bytes, or there is none.
std::optional<std::vector<std::byte>> unpack_bytes(std::span<const std::byte> packed, std::size_t size);
std::string pack_bytes(std::span<const std::byte> bytes);

/// Differences of neighbours in as few bytes as they need, then packed as above. T is any 32- or 64-bit integer.
template <class T>
bool unpack_integers(std::span<const std::byte> packed, std::span<T> integers);
template <class T>
std::string pack_integers(std::span<const T> integers);

/// Whether so many integers can come out of so few packed bytes: LZ4 expands by 255 at most.
inline bool can_hold(std::size_t packed_bytes, std::uint64_t integers) {
  return integers / (4 * 255) <= packed_bytes;
}

}  // namespace wm::usd
