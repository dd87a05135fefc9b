#include "worldmill/usd/path.h"

#include <algorithm>
#include <vector>

#include "worldmill/usd/intern.h"

namespace wm::usd {
namespace {

struct Node {
  std::uint32_t parent = 0;
  std::uint32_t name = 0;   // a token
  std::uint32_t other = 0;  // the selection's token, or the target's path
  std::uint16_t depth = 0, prim_depth = 0;
  Path::Kind kind = Path::Kind::empty;
  bool has_variant = false;

  static std::uint64_t hash(const Node& n) {
    std::uint64_t hash = (std::uint64_t{n.parent} << 32 | n.name) * 0x9E3779B97F4A7C15ull;
    hash ^= (hash >> 31) ^ (std::uint64_t{n.other} << 8 | static_cast<std::uint64_t>(n.kind));
    hash *= 0xBF58476D1CE4E5B9ull;
    return hash ^ (hash >> 30) * 0x94D049BB133111EBull;
  }
  bool matches(const Node& o) const {
    return parent == o.parent && name == o.name && other == o.other && kind == o.kind;
  }
};

InternTable<Node>& table() {
  static InternTable<Node>* const made = [] {
    auto* fresh = new InternTable<Node>;  // never destroyed, like the tokens
    fresh->intern(Node{});
    fresh->intern(Node{.kind = Path::Kind::root});
    return fresh;
  }();
  return *made;
}

Path append(Path parent, Path::Kind kind, std::uint32_t name, std::uint32_t other = 0) {
  const Node& above = table()[parent.id()];
  WM_CHECK(above.depth < 65000);
  Node node{parent.id(), name, other};
  node.depth = static_cast<std::uint16_t>(above.depth + 1);
  node.prim_depth = static_cast<std::uint16_t>(above.prim_depth + (kind != Path::Kind::variant));
  node.kind = kind;
  node.has_variant = above.has_variant || kind == Path::Kind::variant;
  return Path::of_id(table().intern(node));
}

bool is_start(unsigned char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}
bool is_inner(unsigned char c) {
  return is_start(c) || (c >= '0' && c <= '9');
}

// A path under reading: `text` holds what is left.
struct Reader {
  std::string_view text;
  Path at;

  bool take(char c) {
    if (text.empty() || text[0] != c) return false;
    text.remove_prefix(1);
    return true;
  }
  std::string_view word(bool colons) {
    std::size_t n = 0;
    while (n < text.size() && (is_inner(text[n]) || (colons && text[n] == ':'))) ++n;
    const std::string_view found = text.substr(0, n);
    text.remove_prefix(n);
    return found;
  }
  bool deep() const { return at.depth() >= Path::kMaxDepth; }

  bool variant() {
    std::size_t end = text.find('}');
    if (end == std::string_view::npos) return false;
    const std::string_view inside = text.substr(0, end);
    const std::size_t equals = inside.find('=');
    if (equals == std::string_view::npos || deep() || !at.is_prim_or_variant()) return false;
    const auto trim = [](std::string_view s) {
      while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
      while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
      return s;
    };
    const std::string_view set = trim(inside.substr(0, equals)), selection = trim(inside.substr(equals + 1));
    if (!is_identifier(set) || !(selection.empty() || is_variant_name(selection))) return false;
    at = at.variant(Token(set), Token(selection));
    text.remove_prefix(end + 1);
    return true;
  }

  bool property() {
    const std::string_view name = word(true);
    if (at.is_root() || !is_namespaced_identifier(name) || deep()) return false;
    at = at.property(Token(name));
    if (!take('[')) return text.empty();
    const std::size_t end = text.rfind(']');
    if (end == std::string_view::npos || end + 1 != text.size() || text.find('[') < end) return false;
    const auto to = Path::parse(text.substr(0, end), at.prim());
    if (!to) return false;
    at = at.target(*to);
    text = {};
    return true;
  }

  bool names() {
    for (bool first = true; !text.empty(); first = false) {
      if (take('.')) return property();
      if (take('{')) {
        if (!variant()) return false;
        if (!text.empty() && is_start(text[0])) {
          if (!name()) return false;
        }
        continue;
      }
      if (!first && !take('/')) return false;
      if (!name()) return false;
    }
    return true;
  }
  bool name() {
    const std::string_view found = word(false);
    if (!is_identifier(found) || deep()) return false;
    at = at.child(Token(found));
    return true;
  }
};

}  // namespace

bool is_identifier(std::string_view text) {
  return !text.empty() && is_start(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_inner(c); });
}

bool is_namespaced_identifier(std::string_view text) {
  for (;;) {
    const std::size_t colon = text.find(':');
    if (!is_identifier(text.substr(0, colon))) return false;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
  }
}

bool is_variant_name(std::string_view text) {
  if (!text.empty() && text[0] == '.') text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_inner(c) || c == '|' || c == '-'; });
}

std::optional<Path> Path::parse(std::string_view text, Path anchor) {
  if (text.empty()) return std::nullopt;
  Reader reader{text, anchor};
  if (reader.take('/')) {
    reader.at = root();
    if (reader.text.empty()) return root();
    if (reader.text[0] == '.' || reader.text[0] == '{') return std::nullopt;
    return reader.names() ? std::optional(reader.at) : std::nullopt;
  }
  if (text == ".") return anchor;
  while (reader.text.substr(0, 2) == "..") {
    if (reader.at.is_root() || reader.at.empty()) return std::nullopt;
    do reader.at = reader.at.parent();
    while (reader.at.kind() == Kind::variant);
    reader.text.remove_prefix(2);
    if (reader.text.empty()) return reader.at;
    if (reader.text[0] == '.') break;
    if (!reader.take('/')) return std::nullopt;
  }
  if (reader.text.empty()) return std::nullopt;
  return reader.names() ? std::optional(reader.at) : std::nullopt;
}

Path::Kind Path::kind() const {
  return table()[id_].kind;
}
Path Path::parent() const {
  return of_id(table()[id_].parent);
}
Token Path::name() const {
  return Token::of_id(table()[id_].name);
}
Token Path::selection() const {
  const Node& node = table()[id_];
  return node.kind == Kind::variant ? Token::of_id(node.other) : Token();
}
Path Path::target_path() const {
  const Node& node = table()[id_];
  return node.kind == Kind::target ? of_id(node.other) : Path();
}
Path Path::child(Token name) const {
  return append(*this, Kind::prim, name.id());
}
Path Path::property(Token name) const {
  return append(*this, Kind::property, name.id());
}
Path Path::variant(Token set, Token selection) const {
  return append(*this, Kind::variant, set.id(), selection.id());
}
Path Path::target(Path to) const {
  return append(*this, Kind::target, 0, to.id());
}
int Path::depth() const {
  return table()[id_].depth;
}
int Path::prim_depth() const {
  return table()[id_].prim_depth;
}
bool Path::has_variant() const {
  return table()[id_].has_variant;
}

Path Path::prim() const {
  Path path = *this;
  while (path.kind() == Kind::property || path.kind() == Kind::target) path = path.parent();
  return path;
}

Path Path::without_variants() const {
  if (!has_variant()) return *this;
  Path base = *this;
  std::vector<Path> above;
  for (; base.has_variant(); base = base.parent()) {
    if (base.kind() != Kind::variant) above.push_back(base);
  }
  for (auto it = above.rbegin(); it != above.rend(); ++it) {
    const Node& node = table()[it->id()];
    base = append(base, node.kind, node.name, node.other);
  }
  return base;
}

bool Path::has_prefix(Path prefix) const {
  if (prefix.empty() || empty()) return false;
  const int depth = prefix.depth();
  Path path = *this;
  while (path.depth() > depth) path = path.parent();
  return path == prefix;
}

Path Path::replace_prefix(Path from, Path to) const {
  if (from == to || !has_prefix(from)) return *this;
  if (*this == from) return to;
  if (parent() == from && kind() == Kind::prim) return to.child(name());
  std::vector<Path> above;
  for (Path path = *this; path != from; path = path.parent()) above.push_back(path);
  if (to.depth() + static_cast<int>(above.size()) > 4 * kMaxDepth) return {};
  for (auto it = above.rbegin(); it != above.rend(); ++it) {
    const Node& node = table()[it->id()];
    to = append(to, node.kind, node.name, node.other);
  }
  return to;
}

std::string Path::text() const {
  if (empty()) return {};
  if (is_root()) return "/";
  std::vector<Path> elements;
  for (Path path = *this; !path.is_root() && !path.empty(); path = path.parent()) elements.push_back(path);
  std::string text;
  bool slash = true;
  for (auto it = elements.rbegin(); it != elements.rend(); ++it) {
    const Node& node = table()[it->id()];
    const std::string_view name = Token::of_id(node.name).text();
    switch (node.kind) {
      case Kind::prim:
        if (slash) text += '/';
        text += name;
        slash = true;
        break;
      case Kind::variant:
        text.append("{").append(name).append("=").append(Token::of_id(node.other).text()).append("}");
        slash = false;
        break;
      case Kind::property:
        text.append(".").append(name);
        break;
      case Kind::target:
        text.append("[").append(Path::of_id(node.other).text()).append("]");
        break;
      case Kind::empty:
      case Kind::root:
        break;
    }
  }
  return text;
}

bool path_less(Path a, Path b) {
  if (a == b) return false;
  const int shared = std::min(a.depth(), b.depth());
  const int a_depth = a.depth(), b_depth = b.depth();
  while (a.depth() > shared) a = a.parent();
  while (b.depth() > shared) b = b.parent();
  if (a == b) return a_depth < b_depth;
  while (a.parent() != b.parent()) a = a.parent(), b = b.parent();
  const Node &x = table()[a.id()], &y = table()[b.id()];
  if (x.kind != y.kind) return x.kind < y.kind;
  if (x.name != y.name) return a.name().text() < b.name().text();
  if (x.kind == Path::Kind::variant) return a.selection().text() < b.selection().text();
  return path_less(Path::of_id(x.other), Path::of_id(y.other));
}

}  // namespace wm::usd
