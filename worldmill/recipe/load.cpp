#include <fmt/format.h>

#include "worldmill/base/yaml.h"
#include "worldmill/recipe/checker.h"
#include "worldmill/recipe/fill.h"
#include "worldmill/recipe/merge.h"

// load(): files -> one tree (merge) -> checked and completed (Checker) -> Job (fill) -> rules between parts.

namespace wm::recipe {

namespace fs = std::filesystem;
using base::Entry;
using base::Place;
using base::Value;

namespace {

std::vector<Checker::Setting> settings(const Overrides& overrides) {
  std::vector<Checker::Setting> all;
  for (const std::string& param : overrides.params) {
    const Place place{"-p " + param};
    const std::size_t equals = param.find('=');
    if (equals == std::string::npos || equals == 0) refuse(place, "must read name=value, as in clutter=40");
    all.push_back({param.substr(0, equals), param.substr(equals + 1), place});
  }
  return all;
}

void set_seed(Value& recipe, std::uint64_t seed) {
  const Place place{fmt::format("--seed {}", seed)};
  constexpr std::uint64_t kLargest = 9'200'000'000'000'000'000u;
  if (seed > kLargest) refuse(place, fmt::format("must be at most {}", kLargest));
  Value* order = find(recipe, "order");
  if (order == nullptr || order->is_null()) order = &put(recipe, "order", Value{Value::Map(), place});
  if (order->map()) put(*order, "seed", Value{static_cast<std::int64_t>(seed), place});
}

std::string origin(const Place& place) {
  if (place.file == "default") return "default";
  if (place.file.starts_with('-')) return "command line";
  return base::to_string({place, ""}).substr(0, base::to_string({place, ""}).rfind(": "));
}

// Sections and their entries are looked into; draws and lists are settings.
void note_origins(const Node* node, const Value& value, const std::string& path,
                  std::map<std::string, std::string>& origins) {
  const bool opens = node && (node->kind == Node::Kind::map || node->kind == Node::Kind::named ||
                              (node->kind == Node::Kind::either && value.map()));
  if (!opens || !value.map() || value.map()->empty()) {
    origins[path] = origin(value.place);
    return;
  }
  const Node* inside = node;
  if (node->kind == Node::Kind::either) {
    for (const Node* option : node->options) {
      if (option->kind == Node::Kind::map || option->kind == Node::Kind::named) inside = option;
    }
  }
  for (const Entry& entry : *value.map()) {
    note_origins(inside->below(entry.key), entry.value, join(path, entry.key), origins);
  }
}

Recipe load_or_refuse(base::Files& files, const fs::path& file, const Overrides& overrides,
                      const Vocabulary& vocabulary) {
  const Schema schema(vocabulary);
  Recipe recipe;
  recipe.file = file.string();
  Folders folders(files);
  Value tree = read_merged(files, file, schema, folders);
  for (const fs::path& folder : overrides.assets) folders.add_assets(folder);
  for (const std::string& option : overrides.sets) set(schema, tree, option);
  if (overrides.seed) set_seed(tree, *overrides.seed);
  const Value* name = tree.find("name");
  if (name == nullptr || name->is_null()) put(tree, "name", Value{file.stem().string(), {"default"}});
  Checker checker(schema, folders, vocabulary, settings(overrides));
  const Value si = checker.check(tree);
  recipe.resolved = std::move(tree);
  fill(si, checker, recipe);
  hold_rules(recipe);
  note_origins(&schema.root(), recipe.resolved, "", recipe.origins);
  recipe.roots = folders.roots();
  return recipe;
}

}  // namespace

Result<Recipe> load(base::Files& files, const fs::path& file, const Overrides& overrides,
                    const Vocabulary& vocabulary) {
  try {
    return load_or_refuse(files, file, overrides, vocabulary);
  } catch (Refused& refused) {
    return tl::unexpected(std::move(refused.diagnostic));
  }
}

}  // namespace wm::recipe
