#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "worldmill/base/result.h"

namespace wm::usd {

/// Bytes of a file and who keeps them; copies share. A mapped file must not be cut while it is in use.
struct Bytes {
  std::span<const std::byte> data;
  std::shared_ptr<const void> owner;

  std::string_view text() const { return {reinterpret_cast<const char*>(data.data()), data.size()}; }
  /// A part, kept by the same owner.
  Bytes part(std::size_t offset, std::size_t size) const { return {data.subspan(offset, size), owner}; }
};

/// The file's bytes: read when small, mapped when not. Refuses what is no file or longer than `budget` [bytes].
Result<Bytes> map_file(const std::filesystem::path& path, std::uint64_t budget);
/// Bytes that own a text.
Bytes bytes_of(std::string text);

}  // namespace wm::usd
