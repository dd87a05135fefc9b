#include "worldmill/recipe/merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/yaml.h"
#include "worldmill/recipe/tree.h"

namespace wm::recipe {

namespace fs = std::filesystem;
using base::Entry;
using base::Place;
using base::Value;

namespace {

constexpr std::uint64_t kLargestFile = 8u << 20;
constexpr std::size_t kDeepest = 16;
constexpr std::size_t kMostFiles = 64;

// The node that says what a map's `key` is, or null within values that are never merged into.
const Node* below(const Node& node, std::string_view key) {
  switch (node.kind) {
    case Node::Kind::map:
    case Node::Kind::named:
      return node.below(key);
    case Node::Kind::either:
      for (const Node* option : node.options) {
        if (option->kind == Node::Kind::map || option->kind == Node::Kind::named) return below(*option, key);
      }
      return nullptr;
    default:
      return nullptr;
  }
}

bool merges(const Node& node) {
  const auto is_map = [](const Node* n) { return n->kind == Node::Kind::map || n->kind == Node::Kind::named; };
  return is_map(&node) ||
         (node.kind == Node::Kind::either && std::any_of(node.options.begin(), node.options.end(), is_map));
}

class Reader {
 public:
  Reader(base::Files& files, const Schema& schema, Folders& folders)
      : files_(files), schema_(schema), folders_(folders) {}

  Value read(const fs::path& file, const Place& place) {
    const fs::path resolved = files_.resolve(file);
    check_stack(file, resolved, place);
    Result<std::string> text = files_.read(file, kLargestFile);
    if (!text) {
      if (place.line == 0) throw Refused{{{file.string()}, text.error().message}};
      refuse(place, fmt::format("\"{}\" {}", file.string(), text.error().message));
    }
    Value recipe = need(base::parse_yaml(*text, file.string()));
    if (recipe.is_null()) refuse(recipe.place, "is empty; a recipe begins with \"worldmill: 1\"");
    if (!recipe.map()) refuse(recipe.place, fmt::format("a recipe is a map of settings, not {}", describe(recipe)));
    folders_.add_root(folder_of(file));
    check_version(recipe);
    const Value* extends = recipe.find("extends");
    if (extends == nullptr || extends->is_null()) return recipe;
    stack_.push_back(resolved);
    Value merged{Value::Map(), recipe.place};
    for (const Value& path : paths(*extends)) {
      merge(schema_.root(), merged, read(base_file(path, file), path.place));
      erase(merged, "extends");
    }
    stack_.pop_back();
    erase(recipe, "extends");
    merged.place = recipe.place;
    merge(schema_.root(), merged, std::move(recipe));
    return merged;
  }

 private:
  void check_stack(const fs::path& file, const fs::path& resolved, const Place& place) {
    if (std::find(stack_.begin(), stack_.end(), resolved) != stack_.end()) {
      refuse(place, fmt::format("extends goes in a circle: \"{}\" comes back to itself", file.string()));
    }
    if (stack_.size() >= kDeepest) refuse(place, fmt::format("extends goes deeper than {} files", kDeepest));
    if (++read_ > kMostFiles) refuse(place, fmt::format("extends reads more than {} files", kMostFiles));
  }

  static void check_version(const Value& recipe) {
    const Value* version = recipe.find("worldmill");
    if (version == nullptr) return;
    const auto* number = std::get_if<std::int64_t>(&version->data);
    if (number && *number == 1) return;
    refuse(version->place, fmt::format("worldmill is {}; this program reads recipes of version 1", quote(*version)));
  }

  static Value::List paths(const Value& extends) {
    if (extends.text()) return {extends};
    if (extends.list() == nullptr) {
      refuse(extends.place, fmt::format("extends is {}, must be a path or a list of paths", quote(extends)));
    }
    for (const Value& path : *extends.list()) {
      if (!path.text()) refuse(path.place, fmt::format("extends holds {}, must hold paths", quote(path)));
    }
    return *extends.list();
  }

  static fs::path base_file(const Value& path, const fs::path& file) {
    const fs::path written(*path.text());
    if (written.empty()) refuse(path.place, "extends must name a file");
    if (written.is_absolute()) {
      refuse(path.place,
             fmt::format("extends: \"{}\" is an absolute path; write it as seen from this file", written.string()));
    }
    return (file.parent_path() / written).lexically_normal();
  }

  base::Files& files_;
  const Schema& schema_;
  Folders& folders_;
  std::vector<fs::path> stack_;
  std::size_t read_ = 0;
};

// Draws, texts and lists are taken whole; so a path may lead into one as it is.
void put_at(const Node* node, Value& at, std::span<const std::string> path, Value value) {
  if (path.empty()) {
    if (node && merges(*node) && value.map() && at.map()) return merge(*node, at, std::move(value));
    at = std::move(value);
    return;
  }
  const Place place = value.place;
  if (!at.map()) at = Value{Value::Map(), place};
  const std::string& key = path.front();
  if (path.size() == 1 && value.is_null()) {
    if (at.find(key) == nullptr) {
      std::vector<std::string_view> names;
      for (const Entry& entry : *at.map()) names.push_back(entry.key);
      refuse(place, fmt::format("there is no \"{}\" to delete{}", key, base::did_you_mean(key, names)));
    }
    return erase(at, key);
  }
  Value* child = find(at, key);
  if (child == nullptr) {
    std::get<Value::Map>(at.data).push_back({key, place, Value{{}, place}});
    child = find(at, key);
  }
  put_at(node ? below(*node, key) : nullptr, *child, path.subspan(1), std::move(value));
}

}  // namespace

void merge(const Node& node, Value& base, Value over) {
  if (!base.map() || !over.map() || !merges(node)) {
    base = std::move(over);
    return;
  }
  for (Entry& entry : *map_of(over)) {
    Value* old = find(base, entry.key);
    if (entry.value.is_null() && old) {
      erase(base, entry.key);
      continue;
    }
    if (old == nullptr) {
      std::get<Value::Map>(base.data).push_back(std::move(entry));
      continue;
    }
    const Node* child = below(node, entry.key);
    child ? merge(*child, *old, std::move(entry.value)) : void(*old = std::move(entry.value));
  }
}

Value read_merged(base::Files& files, const fs::path& file, const Schema& schema, Folders& folders) {
  return Reader(files, schema, folders).read(file, {file.string()});
}

void set(const Schema& schema, Value& recipe, const std::string& option) {
  const Place place{"--set " + option};
  const std::size_t equals = option.find('=');
  if (equals == std::string::npos || equals == 0) refuse(place, "must read path=value, as in order.scenes=10");
  std::vector<std::string> path(1);
  for (const char c : option.substr(0, equals)) {
    if (c == '.') {
      path.emplace_back();
    } else {
      path.back() += c;
    }
  }
  if (std::find(path.begin(), path.end(), "") != path.end()) refuse(place, "a name is missing in the path");
  constexpr std::size_t kLongest = 32;
  if (path.size() > kLongest) refuse(place, fmt::format("the path has more than {} names", kLongest));
  if (path.front() == "extends") refuse(place, "extends is read before anything is set; write it in a recipe");
  Result<Value> value = base::parse_yaml(option.substr(equals + 1), place.file);
  if (!value) refuse(place, value.error().message);
  for_each_value(*value, [&](Value& part) {
    part.place = place;
    if (auto* map = map_of(part)) {
      for (Entry& entry : *map) entry.place = place;
    }
  });
  put_at(&schema.root(), recipe, path, *std::move(value));
}

}  // namespace wm::recipe
