#include "worldmill/import/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace wm::import {

namespace fs = std::filesystem;
using base::error;

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

// Length of the UTF-8 character at the front of `text`, or 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t n = byte(0) < 0x80    ? 1
                        : byte(0) >= 0xf5 ? 0
                        : byte(0) >= 0xf0 ? 4
                        : byte(0) >= 0xe0 ? 3
                        : byte(0) >= 0xc2 ? 2
                                          : 0;
  if (n == 0 || n > text.size()) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xf0 && byte(1) < 0x90);
  const bool surrogate = byte(0) == 0xed && byte(1) >= 0xa0;
  const bool beyond = byte(0) == 0xf4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : n;
}

constexpr std::size_t kLongestName = 250;  // [bytes]: paths are made of many

std::string clean_name(std::string_view name, bool slashes = false) {
  std::string clean;
  while (!name.empty() && clean.size() < kLongestName) {
    const std::size_t n = utf8_length(name);
    const bool plain = n > 1 || (n == 1 && (slashes || name[0] != '/') && static_cast<unsigned char>(name[0]) >= 0x20 &&
                                 name[0] != 0x7f);
    if (plain) {
      clean += name.substr(0, n);
    } else {
      clean += '_';
    }
    name.remove_prefix(std::max<std::size_t>(n, 1));
  }
  return clean;
}

}  // namespace

Roots::Roots(base::Files& files, const std::vector<fs::path>& roots) {
  for (const fs::path& root : roots) {
    fs::path real = files.resolve(root.empty() ? "." : root);
    if (!real.empty()) real_.push_back(std::move(real));
  }
}

bool Roots::contain(base::Files& files, const fs::path& path) const {
  const fs::path inside = files.resolve(path);
  return std::any_of(real_.begin(), real_.end(), [&](const fs::path& root) {
    return std::mismatch(root.begin(), root.end(), inside.begin(), inside.end()).first == root.end();
  });
}

bool Source::exists(const std::string& reference) {
  return files_.kind(main_.parent_path() / reference) != base::Files::Kind::nothing;
}

Result<std::string> Source::read(const std::string& reference) {
  const fs::path path = main_.parent_path() / reference;
  const std::string refers = fmt::format("refers to \"{}\", which", clean_name(reference, true));
  if (files_.kind(path) == base::Files::Kind::nothing) {
    return error(refers + " is not there; put it where the file says", {file()});
  }
  if (!roots_.contain(files_, path)) {
    return error(refers + " is outside the folders that may be read; put it beside the file", {file()});
  }
  auto bytes = files_.read(path, static_cast<std::uint64_t>(budget_.file_bytes));
  if (!bytes) {
    return error(fmt::format("{} {}", refers, bytes.error().message), {file()});
  }
  note(reference, *bytes);
  return bytes;
}

std::string Source::name(const std::string& reference) const {
  if (reference.empty()) return name_;
  return (fs::path(name_).parent_path() / reference).lexically_normal().generic_string();
}

void Source::note(const std::string& reference, std::string_view bytes) {
  note({name(reference), base::hash_bytes(bytes), static_cast<std::int64_t>(bytes.size()), {}});
}

void Source::note(scene::AssetFile file) {
  const auto known = [&](const scene::AssetFile& f) { return f.name == file.name; };
  if (std::none_of(noted_.begin(), noted_.end(), known)) noted_.push_back(std::move(file));
}

void Source::adopt(const Source& other) {
  for (const scene::AssetFile& file : other.noted_) note(file);
}

void Notes::add(const std::string& sentence) {
  if (std::find(sentences_.begin(), sentences_.end(), sentence) == sentences_.end()) sentences_.push_back(sentence);
}

Result<std::string> decode_uri(std::string_view uri, const std::string& file) {
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    char c = uri[i];
    if (c == '%' && i + 2 < uri.size() && hex_digit(uri[i + 1]) >= 0 && hex_digit(uri[i + 2]) >= 0) {
      c = static_cast<char>(hex_digit(uri[i + 1]) * 16 + hex_digit(uri[i + 2]));
      i += 2;
    }
    path += c == '\\' ? '/' : c;
  }
  const std::string scheme = path.substr(0, std::min(path.find(':'), path.size()));
  const bool remote = scheme.size() < path.size() && scheme.find('/') == std::string::npos;
  if (remote || path.empty() || path.find('\0') != std::string::npos) {
    return error(
        fmt::format("refers to \"{}\", which is no file beside it; download it and refer to it by a relative path",
                    clean_name(uri.substr(0, 80), true)),
        {file});
  }
  return path;
}

std::string encode_uri(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

bool is_data_uri(std::string_view uri) {
  return uri.starts_with("data:");
}

Result<std::string> decode_data_uri(std::string_view uri, const std::string& file) {
  const std::size_t comma = uri.find(',');
  if (comma == std::string_view::npos || !uri.substr(0, comma).ends_with(";base64")) {
    return error("holds a data URI that is not base64; write the bytes as base64", {file});
  }
  std::string_view text = uri.substr(comma + 1);
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return error("holds a data URI that is not base64; write the bytes as base64", {file});
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> held & 0xff);
    }
  }
  return bytes;
}

std::vector<std::string> sibling_names(const std::vector<std::string>& names,
                                       const std::vector<std::string>& fallbacks) {
  std::vector<std::string> result;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < names.size(); ++i) {
    result.push_back(clean_name(names[i].empty() ? fallbacks[i] : names[i]));
  }
  std::vector<bool> first(result.size());
  for (std::size_t i = 0; i < result.size(); ++i) first[i] = taken.insert(result[i]).second;
  std::map<std::string, int> next;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (first[i]) continue;
    const std::string stem = result[i];
    do {
      result[i] = fmt::format("{}_{}", stem, ++next[stem]);
    } while (!taken.insert(result[i]).second);
  }
  return result;
}

}  // namespace wm::import
