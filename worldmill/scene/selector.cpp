#include "worldmill/scene/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>

namespace wm::scene {
namespace {

using base::Place;
using base::Value;

constexpr std::array<std::string_view, 8> kTypes{"mesh",       "light",         "camera",     "sphere_light",
                                                 "rect_light", "distant_light", "spot_light", "environment"};

bool has_glob(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

bool glob_name(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*')
    return glob_name(pattern.substr(1), name) || (!name.empty() && glob_name(pattern, name.substr(1)));
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) && glob_name(pattern.substr(1), name.substr(1));
}

/// First name and the rest of `a/b/c`.
std::pair<std::string_view, std::optional<std::string_view>> parted(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {path, std::nullopt};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

bool is_type(const Scene& scene, const Node& node, std::string_view type) {
  if (type == "mesh") return !node.parts.empty();
  if (type == "camera") return node.camera.exists();
  if (!node.light.exists()) return false;
  if (type == "light") return true;
  constexpr std::array<std::string_view, 5> kKinds{"sphere_light", "rect_light", "distant_light", "spot_light",
                                                   "environment"};
  return kKinds[static_cast<std::size_t>(scene.lights[node.light.index()].kind)] == type;
}

class Matcher {
 public:
  Matcher(const Scene& scene, const Names& names) : scene_(scene), names_(names), chosen_(scene.nodes.size()) {}

  void take(std::string_view text, bool value) {
    const std::size_t colon = text.find(':');
    if (text.starts_with("class:")) return take_class(text.substr(colon + 1), value);
    if (text.starts_with("type:"))
      return take_if([&](const Node& n) { return is_type(scene_, n, text.substr(colon + 1)); }, value);
    if (text.starts_with("tag:")) {
      const std::string tag(text.substr(colon + 1));
      return take_if([&](const Node& n) { return std::ranges::find(n.tags, tag) != n.tags.end(); }, value);
    }
    if (text.starts_with('/')) return take_if([&](const Node& n) { return glob_match(text, n.path); }, value);
    take_name(text, value);
  }

  std::vector<NodeId> nodes() const {
    std::vector<NodeId> all;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      if (chosen_[i]) all.emplace_back(i);
    }
    return all;
  }

 private:
  void take_if(const std::function<bool(const Node&)>& wanted, bool value) {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      if (wanted(scene_.nodes[i])) chosen_[i] = value;
    }
  }

  /// The recipe's labels, then the scene's own semantics.
  void take_class(std::string_view name, bool value) {
    const auto at = names_.classes.find(std::string(name));
    if (at == names_.classes.end()) return take_if([&](const Node& n) { return n.semantic == name; }, value);
    for (const NodeId id : at->second) chosen_[id.index()] = value;
  }

  void take_name(std::string_view text, bool value) {
    const auto [head, rest] = parted(text);
    const auto at = names_.entries.find(std::string(head));
    if (at == names_.entries.end()) return;
    for (std::size_t i = 0; i < at->second.size(); ++i) {
      if (!rest) {
        chosen_[at->second[i].index()] = value;
      } else {
        take_within(at->second[i], std::to_string(i), *rest, value);
      }
    }
  }

  /// `rest` of `jack/rest` within the copy number `index`, which may be written or left out: jack/0/Fork, jack/*/Fork,
  /// jack/**/Fork. A whole number is always the index.
  void take_within(NodeId root, const std::string& index, std::string_view rest, bool value) {
    const auto [first, more] = parted(rest);
    const bool numbered = !first.empty() && std::ranges::all_of(first, [](char c) { return c >= '0' && c <= '9'; });
    if (!more && first != "**" && glob_name(first, index)) chosen_[root.index()] = value;
    const std::string prefix = scene_.node(root).path + "/";
    for (std::size_t i = root.index() + 1; i < chosen_.size(); ++i) {
      const std::string_view path = scene_.nodes[i].path;
      if (!path.starts_with(prefix)) continue;
      const std::string_view inside = path.substr(prefix.size());
      const bool plain = !numbered && glob_match(rest, inside);
      if (plain || glob_match(rest, index + "/" + std::string(inside))) chosen_[i] = value;
    }
  }

  const Scene& scene_;
  const Names& names_;
  std::vector<char> chosen_;
};

std::string_view kind_of(std::string_view text) {
  for (const std::string_view kind : {"class", "type", "tag"}) {
    if (text.starts_with(kind) && text.size() > kind.size() && text[kind.size()] == ':') return kind;
  }
  return text.starts_with('/') ? "path" : "name";
}

Status check_pattern(const std::string& text, const Place& place) {
  constexpr std::ptrdiff_t kMostStars = 8;  // matching backtracks: keep it cheap whatever the text
  if (std::ranges::count(text, '*') > kMostStars || text.size() > 1000) {
    return base::error(
        fmt::format("selector \"{}...\" is too long; a list of selectors is a union", text.substr(0, 40)), place);
  }
  if (text.empty() || text == "/") return base::error("a selector must name something", place);
  if (text.ends_with('/'))
    return base::error(fmt::format("selector \"{}\" ends in a slash; take it away", text), place);
  const std::string_view kind = kind_of(text);
  if (kind == "type") {
    const std::string_view type = std::string_view(text).substr(5);
    if (std::ranges::find(kTypes, type) == kTypes.end()) {
      return base::error(fmt::format("unknown type \"{}\"{}; known: {}", type, base::did_you_mean(type, kTypes),
                                     fmt::join(kTypes, ", ")),
                         place);
    }
  }
  if (kind == "name" && has_glob(parted(text).first)) {
    return base::error(
        fmt::format("selector \"{}\": a recipe name has no * or ?; a path of the scene begins with /", text), place);
  }
  return {};
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view path) {
  const auto [first, pattern_rest] = parted(pattern);
  if (first == "**") {
    if (!pattern_rest) return true;
    if (glob_match(*pattern_rest, path)) return true;
    const auto [name, path_rest] = parted(path);
    return path_rest && glob_match(pattern, *path_rest);
  }
  const auto [name, path_rest] = parted(path);
  if (!glob_name(first, name)) return false;
  if (pattern_rest && path_rest) return glob_match(*pattern_rest, *path_rest);
  return !pattern_rest && !path_rest;
}

Result<Selector> Selector::parse(const Value& value) {
  Selector selector;
  const auto take = [](const Value& from, std::vector<Pattern>& into) -> Status {
    const auto one = [&into](const Value& item) -> Status {
      if (!item.text()) {
        return base::error(fmt::format("a selector is a name, a path, class:, type: or tag:, not {}", describe(item)),
                           item.place);
      }
      WM_TRY_STATUS(check_pattern(*item.text(), item.place));
      into.push_back({*item.text(), item.place});
      return {};
    };
    if (!from.list()) return one(from);
    if (from.list()->empty()) return base::error("a selector must name something", from.place);
    for (const Value& item : *from.list()) WM_TRY_STATUS(one(item));
    return {};
  };
  if (!value.map()) {
    WM_TRY_STATUS(take(value, selector.any_));
    return selector;
  }
  for (const base::Entry& entry : *value.map()) {
    constexpr std::array<std::string_view, 2> kKeys{"any", "except"};
    if (entry.key != "any" && entry.key != "except") {
      return base::error(fmt::format("unknown key \"{}\" in a selector{}; known: any, except", entry.key,
                                     base::did_you_mean(entry.key, kKeys)),
                         entry.place);
    }
    WM_TRY_STATUS(take(entry.value, entry.key == "any" ? selector.any_ : selector.except_));
  }
  if (selector.any_.empty()) return base::error("a selector with except: needs any:", value.place);
  return selector;
}

Result<std::vector<NodeId>> Selector::match(const Scene& scene, const Names& names, bool optional) const {
  Matcher matcher(scene, names);
  for (const Pattern& pattern : any_) matcher.take(pattern.text, true);
  for (const Pattern& pattern : except_) matcher.take(pattern.text, false);
  std::vector<NodeId> nodes = matcher.nodes();
  if (!nodes.empty() || optional) return nodes;
  std::vector<std::string_view> known;
  for (const Node& node : scene.nodes) known.push_back(node.path);
  for (const auto& [name, roots] : names.entries) known.push_back(name);
  const Pattern& first = any_.front();
  return base::error(fmt::format("selector \"{}\" matches nothing{}; `worldmill scene` lists what there is, "
                                 "`optional: true` allows it",
                                 to_string(), base::did_you_mean(first.text, known)),
                     first.place);
}

std::vector<Selector::Head> Selector::heads() const {
  std::vector<Head> heads;
  for (const auto* patterns : {&any_, &except_}) {
    for (const Pattern& p : *patterns) {
      const std::string_view kind = kind_of(p.text);
      const std::string_view text = p.text;
      if (kind == "name") {
        heads.push_back({"name", std::string(parted(text).first), p.place});
      } else {
        heads.push_back(
            {std::string(kind), std::string(kind == "path" ? text : text.substr(kind.size() + 1)), p.place});
      }
    }
  }
  return heads;
}

std::string Selector::to_string() const {
  const auto joined = [](const std::vector<Pattern>& patterns) {
    std::string text;
    for (const Pattern& p : patterns) text += (text.empty() ? "" : ", ") + p.text;
    return text;
  };
  return except_.empty() ? joined(any_) : fmt::format("{} except {}", joined(any_), joined(except_));
}

}  // namespace wm::scene
