#include "worldmill/usd/token.h"

#include <cstring>
#include <memory>
#include <string>

#include "worldmill/usd/intern.h"

namespace wm::usd {
namespace {

// FNV-1a, eight bytes a step; ids never show in a result, so the hash is nobody's business.
std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull ^ text.size();
  while (text.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), 8);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
    hash ^= hash >> 32;
    text.remove_prefix(8);
  }
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  hash ^= hash >> 29;
  return hash * 0xBF58476D1CE4E5B9ull;
}

struct TextEntry {
  const char* data;
  std::size_t size;

  static std::uint64_t hash(std::string_view text) { return hash_text(text); }
  explicit TextEntry(std::string_view text) : data(keep(text)), size(text.size()) {}
  bool matches(std::string_view text) const { return std::string_view(data, size) == text; }

  // Called under the table's lock, by one thread at a time.
  static const char* keep(std::string_view text) {
    static char* arena = nullptr;
    static std::size_t left = 0;
    if (text.size() > left) {
      const std::size_t size = std::max<std::size_t>(text.size(), 1 << 16);
      char* fresh = static_cast<char*>(::operator new(size));
      if (text.size() > (1 << 15)) {  // a long text has memory of its own, the arena stays
        if (!text.empty()) std::memcpy(fresh, text.data(), text.size());
        return fresh;
      }
      arena = fresh;
      left = size;
    }
    char* at = arena;
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    arena += text.size();
    left -= text.size();
    return at;
  }
};

InternTable<TextEntry>& table() {
  static InternTable<TextEntry>* const made = [] {
    auto* fresh = new InternTable<TextEntry>;  // never destroyed: tokens outlive every other object
    for (const std::string_view name : kKnownNames) fresh->intern(name);
    return fresh;
  }();
  return *made;
}

}  // namespace

Token::Token(std::string_view text) : id_(table().intern(text)) {}

std::string_view Token::text() const {
  const TextEntry& entry = table()[id_];
  return {entry.data, entry.size};
}

}  // namespace wm::usd
