#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "worldmill/base/check.h"
#include "worldmill/formats/store.h"

// POSIX ustar, the part that regular files need. A header is one block of 512 bytes, numbers in octal text:
//   0 name[100]  100 mode[8]  108 uid[8]  116 gid[8]  124 size[12]  136 mtime[12]  148 checksum[8]  156 type[1]
//   157 link[100]  257 "ustar\0" "00"  265 user[32]  297 group[32]  329 major[8]  337 minor[8]  345 prefix[155]
// Contents follow, filled up to a block with zeros; two blocks of zeros end the archive. The checksum is the sum of
// the header's bytes with itself taken as spaces. A longer path is prefix + '/' + name.

namespace wm::formats {
namespace {

using base::error;

constexpr std::size_t kBlock = 512;
constexpr std::size_t kMostBytes = std::size_t{1} << 33;  // of one file: what 11 octal digits hold
constexpr std::size_t kMostFiles = 1'000'000;

/// Where `path` is cut into prefix and name; 0 when it fits into the name, nothing when it fits nowhere.
std::optional<std::size_t> cut(std::string_view path) {
  if (path.size() <= 100) return 0;
  for (std::size_t at = std::min<std::size_t>(path.size() - 1, 155); at > 0; --at) {
    if (path[at] == '/' && path.size() - at - 1 <= 100 && at + 1 < path.size()) return at;
  }
  return {};
}

void put(char* header, std::size_t at, std::string_view text) {
  std::memcpy(header + at, text.data(), text.size());
}

unsigned checksum(std::string_view header) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) sum += i >= 148 && i < 156 ? 32u : static_cast<unsigned char>(header[i]);
  return sum;
}

void append_header(std::string& out, std::string_view path, std::size_t size) {
  char header[kBlock] = {};
  const std::optional<std::size_t> at = cut(path);
  WM_CHECK(at && size < kMostBytes);
  put(header, 0, path.substr(*at == 0 ? 0 : *at + 1));
  put(header, 345, path.substr(0, *at));
  put(header, 100, "0000644");
  put(header, 108, "0000000");
  put(header, 116, "0000000");
  put(header, 124, fmt::format("{:011o}", size));
  put(header, 136, "00000000000");
  put(header, 156, "0");
  put(header, 257, std::string_view("ustar\00000", 8));
  put(header, 329, "0000000");
  put(header, 337, "0000000");
  put(header, 148, fmt::format("{:06o}", checksum({header, kBlock})));
  header[155] = ' ';
  out.append(header, kBlock);
}

std::string_view text_at(std::string_view header, std::size_t at, std::size_t most) {
  const std::string_view field = header.substr(at, most);
  return field.substr(0, std::min(field.find('\0'), field.size()));
}

/// An octal number, spaces around it allowed; nothing when it is none.
std::optional<std::size_t> octal_at(std::string_view header, std::size_t at, std::size_t most) {
  std::string_view text = text_at(header, at, most);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.empty()) return {};
  std::size_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return {};
    number = number * 8 + static_cast<std::size_t>(c - '0');
  }
  return number;
}

/// A relative path that stays inside: no empty, `.` or `..` steps, no backslash, nothing unprintable.
bool stays_inside(std::string_view path) {
  if (path.empty()) return false;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') return false;
  }
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view step = path.substr(start, end - start);
    if (step.empty() || step == "." || step == "..") return false;
    start = end + 1;
  }
  return true;
}

bool is_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == bytes.npos;
}

/// The path and size of one entry.
Result<std::pair<std::string, std::size_t>> read_header(std::string_view header, const std::string& place) {
  if (header.substr(257, 5) != "ustar") return error("is no ustar archive", {place});
  if (octal_at(header, 148, 8) != std::size_t{checksum(header)}) {
    return error("is a damaged tar: a header's checksum is wrong", {place});
  }
  std::string path(text_at(header, 0, 100));
  const std::string_view prefix = text_at(header, 345, 155);
  if (!prefix.empty()) path = fmt::format("{}/{}", prefix, path);
  if (!stays_inside(path)) return error("holds a file whose path is not a plain relative one", {place});
  if (header[156] != '0' && header[156] != '\0') {
    return error(fmt::format("holds \"{}\", which is no regular file", path), {place});
  }
  const std::optional<std::size_t> size = octal_at(header, 124, 12);
  if (!size) return error(fmt::format("gives no size for \"{}\"", path), {place});
  return std::pair{std::move(path), *size};
}

Status check_unique(const std::vector<OutFile>& files, const std::string& place) {
  std::vector<std::string_view> paths;
  for (const OutFile& file : files) paths.push_back(file.path);
  std::sort(paths.begin(), paths.end());
  const auto twice = std::adjacent_find(paths.begin(), paths.end());
  if (twice != paths.end()) return error(fmt::format("holds \"{}\" twice", *twice), {place});
  return {};
}

}  // namespace

std::string tar(std::span<const OutFile> files) {
  std::vector<const OutFile*> sorted;
  std::size_t size = 2 * kBlock;
  for (const OutFile& file : files) {
    WM_CHECK(stays_inside(file.path));
    sorted.push_back(&file);
    size += 2 * kBlock + file.bytes.size();
  }
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->path < b->path; });
  std::string out;
  out.reserve(size);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    WM_CHECK(i == 0 || sorted[i - 1]->path != sorted[i]->path);
    append_header(out, sorted[i]->path, sorted[i]->bytes.size());
    out += sorted[i]->bytes;
    out.resize((out.size() + kBlock - 1) / kBlock * kBlock, '\0');
  }
  return out.append(2 * kBlock, '\0');
}

Result<std::vector<OutFile>> untar(std::string_view bytes, const std::string& place) {
  std::vector<OutFile> files;
  if (bytes.empty() || bytes.size() % kBlock != 0) return error("is no tar: not a whole number of blocks", {place});
  while (!bytes.empty() && !is_zero(bytes.substr(0, kBlock))) {
    if (files.size() == kMostFiles) return error(fmt::format("holds more than {} files", kMostFiles), {place});
    WM_TRY(entry, read_header(bytes.substr(0, kBlock), place));
    auto& [path, size] = entry;
    bytes.remove_prefix(kBlock);
    if (size > bytes.size()) return error(fmt::format("ends inside \"{}\"", path), {place});
    files.push_back({std::move(path), std::string(bytes.substr(0, size))});
    bytes.remove_prefix((size + kBlock - 1) / kBlock * kBlock);
  }
  if (bytes.size() < 2 * kBlock) return error("ends without its closing blocks: it was cut off", {place});
  if (!is_zero(bytes)) return error("holds something after its end", {place});
  WM_TRY_STATUS(check_unique(files, place));
  return files;
}

}  // namespace wm::formats
