// A stored zip archive in a picture:
//
//   for each member: PK34 head, name, padding | data, at a multiple of 64     then: PK12 entries | PK56 end
#include "worldmill/usd/package.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace wm::usd {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr std::size_t kAlignment = 64, kLocalSize = 30, kCentralSize = 46, kEndSize = 22;
constexpr std::uint16_t kPaddingId = 0x1986;

template <class T>
T load(std::span<const std::byte> data, std::size_t at) {
  T value;
  std::memcpy(&value, data.data() + at, sizeof value);
  return value;
}

template <class T>
void give(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

bool stays_inside(std::string_view name) {
  if (name.empty() || name[0] == '/' || name.find('\\') != std::string_view::npos ||
      name.find('\0') != std::string_view::npos) {
    return false;
  }
  for (;;) {
    const std::size_t slash = name.find('/');
    if (name.substr(0, slash) == "..") return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

std::uint32_t crc32(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = c & 1 ? 0xEDB88320u ^ c >> 1 : c >> 1;
      made[i] = c;
    }
    return made;
  }();
  std::uint32_t crc = ~0u;
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ crc >> 8;
  return ~crc;
}

}  // namespace

const Package::Member* Package::find(std::string_view name) const {
  const auto at = std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.name == name; });
  return at == members_.end() ? nullptr : &*at;
}

Result<Package> Package::open(const Bytes& bytes, const std::string& file) {
  const auto data = bytes.data;
  const auto broken = [&](const std::string& what) {
    return base::error("the package is no sound zip archive: " + what, {file});
  };
  if (data.size() < kEndSize) return broken("it is too short");
  // The end record is last; a comment of at most 64 KiB may follow it.
  std::size_t end = data.size() - kEndSize;
  const std::size_t lowest = end > 0xFFFF ? end - 0xFFFF : 0;
  while (load<std::uint32_t>(data, end) != kEnd) {
    if (end == lowest) return broken("it has no end record");
    --end;
  }
  const auto count = load<std::uint16_t>(data, end + 10);
  std::size_t at = load<std::uint32_t>(data, end + 16);
  Package package;
  std::uint64_t total = 0;
  for (int i = 0; i < count; ++i) {
    if (at + kCentralSize > end || load<std::uint32_t>(data, at) != kCentral) return broken("its directory is cut off");
    const auto flags = load<std::uint16_t>(data, at + 8), method = load<std::uint16_t>(data, at + 10);
    const std::size_t size = load<std::uint32_t>(data, at + 20), full = load<std::uint32_t>(data, at + 24);
    const std::size_t name_size = load<std::uint16_t>(data, at + 28), extra = load<std::uint16_t>(data, at + 30),
                      comment = load<std::uint16_t>(data, at + 32), local = load<std::uint32_t>(data, at + 42);
    if (at + kCentralSize + name_size + extra + comment > end) return broken("its directory is cut off");
    const std::string name(bytes.text().substr(at + kCentralSize, name_size));
    at += kCentralSize + name_size + extra + comment;
    if (name.ends_with('/') && full == 0) continue;  // a folder
    if (!stays_inside(name))
      return base::error("the package holds a name that leaves it: " + name.substr(0, 200), {file});
    if (method != 0 || size != full) {
      return base::error("the package's member " + name + " is compressed; USDZ members are stored as they are",
                         {file});
    }
    if (flags & 1) return base::error("the package's member " + name + " is encrypted", {file});
    if (local + kLocalSize > data.size() || load<std::uint32_t>(data, local) != kLocal)
      return broken("a member's head is missing");
    const std::size_t start =
        local + kLocalSize + load<std::uint16_t>(data, local + 26) + load<std::uint16_t>(data, local + 28);
    if (start > data.size() || size > data.size() - start) return broken("a member lies beyond its end");
    total += size;
    if (total > data.size()) return broken("members share their bytes");
    package.members_.push_back({name, bytes.part(start, size), start % kAlignment == 0});
  }
  if (package.members_.empty()) return base::error("the package is empty", {file});
  return package;
}

std::string write_package(const std::vector<std::pair<std::string, std::string_view>>& members) {
  std::string out, directory;
  for (const auto& member : members) {
    const std::string& name = member.first;
    const std::string_view data = member.second;
    const std::size_t start = out.size();
    const std::uint32_t crc = crc32(data);
    std::size_t padding = (kAlignment - (start + kLocalSize + name.size()) % kAlignment) % kAlignment;
    if (padding > 0 && padding < 4) padding += kAlignment;
    const auto fields = [&](std::string& to) {
      give<std::uint16_t>(to, 0);     // flags
      give<std::uint16_t>(to, 0);     // stored
      give<std::uint16_t>(to, 0);     // time
      give<std::uint16_t>(to, 0x21);  // 1980-01-01
      give(to, crc);
      give(to, static_cast<std::uint32_t>(data.size()));
      give(to, static_cast<std::uint32_t>(data.size()));
      give(to, static_cast<std::uint16_t>(name.size()));
    };
    give(out, kLocal);
    give<std::uint16_t>(out, 10);
    fields(out);
    give(out, static_cast<std::uint16_t>(padding));
    out += name;
    if (padding > 0) {
      give(out, kPaddingId);
      give(out, static_cast<std::uint16_t>(padding - 4));
      out.append(padding - 4, '\0');
    }
    out += data;
    give(directory, kCentral);
    give<std::uint16_t>(directory, 10);
    give<std::uint16_t>(directory, 10);
    fields(directory);
    give<std::uint16_t>(directory, 0);  // extra
    give<std::uint16_t>(directory, 0);  // comment
    give<std::uint16_t>(directory, 0);  // disk
    give<std::uint16_t>(directory, 0);
    give<std::uint32_t>(directory, 0);
    give(directory, static_cast<std::uint32_t>(start));
    directory += name;
  }
  const std::size_t directory_at = out.size();
  out += directory;
  give(out, kEnd);
  give<std::uint16_t>(out, 0);
  give<std::uint16_t>(out, 0);
  give(out, static_cast<std::uint16_t>(members.size()));
  give(out, static_cast<std::uint16_t>(members.size()));
  give(out, static_cast<std::uint32_t>(directory.size()));
  give(out, static_cast<std::uint32_t>(directory_at));
  give<std::uint16_t>(out, 0);
  return out;
}

std::pair<std::string_view, std::string_view> split_package_path(std::string_view path) {
  const std::size_t open = path.find('[');
  if (open == std::string_view::npos || !path.ends_with(']')) return {path, {}};
  return {path.substr(0, open), path.substr(open + 1, path.size() - open - 2)};
}

std::string package_path(std::string_view package, std::string_view inner) {
  const std::size_t closing = package.find_first_of(']');
  const std::size_t at = closing == std::string_view::npos || !package.ends_with(']') ? package.size() : closing;
  std::string path(package.substr(0, at));
  return path.append("[").append(inner).append("]").append(package.substr(at));
}

}  // namespace wm::usd
