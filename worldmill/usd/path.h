#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "worldmill/usd/token.h"

namespace wm::usd {

/// A place in a layer or on a stage: `/World/Car{paint=red}Door.color`. Kept once, four bytes, compared by number;
/// always absolute. Thread-safe; the table behind it lives as long as the program, like Token's. SPEC 8.
class Path {
 public:
  enum class Kind : std::uint8_t { empty, root, prim, variant, property, target };
  static constexpr int kMaxDepth = 500;  ///< Elements of a path; deeper ones are refused where they are read.

  constexpr Path() = default;  ///< The empty path: no place at all.
  static constexpr Path root() { return of_id(1); }

  /// Reads a path; a relative one (`../a.b`, `.b`) starts at `anchor`. Nothing when it is none, or too deep.
  static std::optional<Path> parse(std::string_view text, Path anchor = root());

  Kind kind() const;
  bool empty() const { return id_ == 0; }
  explicit operator bool() const { return id_ != 0; }
  bool is_root() const { return id_ == 1; }
  bool is_prim() const { return kind() == Kind::prim; }
  bool is_property() const { return kind() == Kind::property; }
  bool is_prim_or_variant() const { return kind() == Kind::prim || kind() == Kind::variant; }

  Path parent() const;       ///< One element less; empty above the root.
  Token name() const;        ///< Of a prim or property; the set of a variant.
  Token selection() const;   ///< Of a variant; empty for the path of the set itself.
  Path target_path() const;  ///< What stands in the brackets of a target.

  // Elements added; the caller keeps to kMaxDepth.
  Path child(Token name) const;
  Path property(Token name) const;
  Path variant(Token set, Token selection) const;
  Path target(Path to) const;

  int depth() const;       ///< All elements; 0 for the root.
  int prim_depth() const;  ///< Elements that are no variant selections.
  bool has_variant() const;

  Path prim() const;              ///< The prim (or variant) that holds a property; itself for a prim.
  Path without_variants() const;  ///< Every `{set=sel}` left out.
  bool has_prefix(Path prefix) const;
  Path replace_prefix(Path from, Path to) const;  ///< Itself when `from` is no prefix; empty when it would be too deep.

  std::string text() const;
  constexpr std::uint32_t id() const { return id_; }
  static constexpr Path of_id(std::uint32_t id) {
    Path path;
    path.id_ = id;
    return path;
  }
  friend constexpr bool operator==(Path, Path) = default;

 private:
  std::uint32_t id_ = 0;
};

/// Order by elements, texts by their bytes; a prefix first. Stable on every machine.
bool path_less(Path a, Path b);

/// XID identifiers: ASCII letters, digits, `_`, and every character beyond ASCII (no table of Unicode here).
bool is_identifier(std::string_view text);
/// Identifiers joined by `:`.
bool is_namespaced_identifier(std::string_view text);
/// What a variant may be called: letters, digits, `_`, `|`, `-` after an optional `.`.
bool is_variant_name(std::string_view text);

}  // namespace wm::usd

template <>
struct std::hash<wm::usd::Path> {
  std::size_t operator()(wm::usd::Path path) const { return path.id() * 0x9E3779B97F4A7C15ull; }
};
