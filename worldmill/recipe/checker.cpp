#include "worldmill/recipe/checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/scene/selector.h"

// The shape of a recipe: maps, names, lists. What stands in fields is field.cpp's.

namespace wm::recipe {

using base::Entry;
using base::Place;
using base::Value;
using vary::Per;

namespace {

std::vector<std::string_view> names_of(const std::vector<Key>& keys) {
  std::vector<std::string_view> names;
  for (const Key& key : keys) names.push_back(key.name);
  return names;
}

// What people call things elsewhere, where no slip of the hand leads from there to our word.
std::string_view also_known_as(std::string_view key) {
  constexpr std::pair<std::string_view, std::string_view> kOther[] = {
      {"colour", "color"},         {"albedo", "base_color"},    {"diffuse", "base_color"},  {"rotation", "rpy"},
      {"orientation", "rpy"},      {"translation", "position"}, {"texture", "image"},       {"hdri", "image"},
      {"objects", "add"},          {"randomize", "vary"},       {"cameras", "sensors"},     {"annotators", "annotate"},
      {"annotations", "annotate"}, {"writers", "write"},        {"output", "write"},        {"classes", "labels"},
      {"variables", "let"},        {"path", "asset"},           {"file", "asset"},          {"amount", "count"},
      {"target", "look_at"},       {"field_of_view", "fov"},    {"samples", "max_samples"}, {"spp", "max_samples"},
      {"power", "intensity"},      {"strength", "intensity"},   {"on", "switch"},           {"include", "extends"},
      {"import", "extends"},       {"frequency", "per"},        {"parameters", "params"},   {"size", "resolution"},
      {"selector", "of"},          {"emissive", "emission"},    {"alpha", "opacity"}};
  for (const auto& [other, ours] : kOther) {
    if (key == other) return ours;
  }
  return {};
}

std::string place_name(const std::string& path) {
  return path.empty() ? "a recipe" : path;
}

bool is_name(std::string_view name, bool identifier) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_more = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || (!identifier && c == '-'); };
  return !name.empty() && name.size() <= 64 && is_letter(name[0]) && std::all_of(name.begin(), name.end(), is_more);
}

}  // namespace

Value Checker::check(Value& recipe) {
  const Node& root = schema_.root();
  const Value* version = recipe.find("worldmill");
  if (version == nullptr) {
    refuse({recipe.place.file, 1, 1}, "\"worldmill: 1\" is missing; every recipe says so in its first line");
  }
  unknown_keys(root, recipe, "");
  add_presets(root, recipe);
  Value si{Value::Map(), recipe.place};
  if (Value* params = find(recipe, "params"); params && !params->is_null()) {
    node(*root.key("params")->node, *params, "params");
    read_params(*params);
  }
  if (Value* lets = find(recipe, "let"); lets && !lets->is_null()) note_lets(*lets);
  infer(root, recipe);
  for (const Key& key : root.keys) {
    if (key.name == "params") continue;
    if (key.name == "let") {
      read_lets(recipe);
      continue;
    }
    Value result = child(key, recipe, "");
    if (!result.is_null()) put(si, key.name, std::move(result));
  }
  return si;
}

Value Checker::node(const Node& node, Value& value, const std::string& path) {
  switch (node.kind) {
    case Node::Kind::map:
      return map(node, value, path);
    case Node::Kind::named:
      return named(node, value, path);
    case Node::Kind::list:
      return list(node, value, path);
    case Node::Kind::either:
      return either(node, value, path);
    case Node::Kind::constant: {
      is_constant_ = true;
      Value si = constant(node.spec, value, path);
      is_constant_ = false;
      return si;
    }
    case Node::Kind::field:
      return field(node, value, path);
    case Node::Kind::word:
      return word(node, value, path);
    case Node::Kind::selector:
      return selector(value, path);
    case Node::Kind::guard:
      return guard(value, path);
    case Node::Kind::text:
      return text(value, path);
    case Node::Kind::write:
      return write(node, value, path);
    case Node::Kind::param:
      if (value.list() || value.map() || value.is_null()) {
        refuse(value.place, fmt::format("{} is {}, must be a number, a word, true or false", path, describe(value)));
      }
      return value;
    case Node::Kind::version:
    case Node::Kind::extends:
      return value;  // looked at while files were merged
  }
  return value;
}

void Checker::unknown_keys(const Node& node, const Value& value, const std::string& path) {
  const std::vector<std::string_view> known = names_of(node.keys);
  for (const Entry& entry : *value.map()) {
    if (node.key(entry.key)) continue;
    const std::string_view ours = also_known_as(entry.key);
    std::string advice = base::did_you_mean(entry.key, known);
    if (!ours.empty() && node.key(ours)) advice = fmt::format("; did you mean \"{}\"?", ours);
    const bool is_torn_text = entry.value.is_null() && entry.key.find(' ') != std::string::npos;
    if (is_torn_text) advice = "; a comma ends text within {...}: quote text that has one";
    if (advice.empty()) advice = fmt::format(" in {}; known are {}", place_name(path), fmt::join(known, ", "));
    refuse(entry.place, fmt::format("unknown key \"{}\"{}", entry.key, advice));
  }
}

void Checker::add_presets(const Node& node, Value& value) {
  for (const Key& key : node.keys) {
    if (!key.preset) continue;
    const Value* written = value.find(key.name);
    if (written && !written->is_null()) continue;
    put(value, key.name, *key.preset);
  }
}

Value Checker::child(const Key& key, Value& value, const std::string& path) {
  Value* written = find(value, key.name);
  const std::string child_path = join(path, key.name);
  if (written && written->is_null() && !key.required) {
    erase(value, key.name);  // nothing stands there
    written = nullptr;
  }
  if (written && !written->is_null()) return node(*key.node, *written, child_path);
  if (key.required) {
    std::string help(key.help.substr(0, key.help.find_last_not_of('.') + 1));
    help[0] = static_cast<char>(help[0] | 0x20);
    refuse(written ? written->place : value.place,
           fmt::format("{} needs \"{}\": {}", place_name(path), key.name, help));
  }
  return {};
}

Per Checker::per_of(Value& entry, Per otherwise, const std::string& path) {
  Value* per = find(entry, "per");
  if (per == nullptr || per->is_null()) return otherwise;
  Node words{.kind = Node::Kind::word, .words = {std::begin(kPers), std::end(kPers)}};
  const Value known = word(words, *per, join(path, "per"));
  return static_cast<Per>(std::find(words.words.begin(), words.words.end(), *known.text()) - words.words.begin());
}

Value Checker::map(const Node& node, Value& value, const std::string& path) {
  if (!value.map()) {
    refuse(value.place,
           fmt::format("{} is {}, must be a map of {}", path, describe(value), fmt::join(names_of(node.keys), ", ")));
  }
  unknown_keys(node, value, path);
  add_presets(node, value);
  const Per outer = per_;
  if (node.per) per_ = per_of(value, *node.per, path);
  Value si{Value::Map(), value.place};
  for (const Key& key : node.keys) {
    Value result = child(key, value, path);
    if (!result.is_null()) put(si, key.name, std::move(result));
  }
  per_ = outer;
  return si;
}

void Checker::check_entry(const Node& node, const Entry& entry, const std::string& path) {
  if (!is_name(entry.key, node.identifiers)) {
    refuse(entry.place,
           fmt::format("\"{}\" cannot name a {}: names are made of letters, digits{} _, and begin with a letter",
                       entry.key, node.noun, node.identifiers ? " and" : ", - and"));
  }
  if (!entry.value.is_null()) return;
  if (node.item->kind == Node::Kind::write) {
    refuse(entry.place, fmt::format("{} is empty; without options write {}: {{}}", path, entry.key));
  }
  refuse(entry.place, fmt::format("{} is empty; say what it is, or take it away (null deletes an entry of a base "
                                  "recipe, and none has it)",
                                  path));
}

Value Checker::named(const Node& node, Value& value, const std::string& path) {
  if (value.list()) {
    const std::string example = node.item->kind == Node::Kind::write && !node.item->words.empty()
                                    ? fmt::format("{}: {{{}: {{}}}}", path, node.item->words.front())
                                    : fmt::format("{}: {{some_name: ...}}", path.substr(path.rfind('.') + 1));
    refuse(value.place,
           fmt::format("{} is a list, must be a map: each {} has a name, as in {}", path, node.noun, example));
  }
  if (!value.map()) {
    refuse(value.place, fmt::format("{} is {}, must be a map of names", path, describe(value)));
  }
  if (value.map()->size() < node.least) {
    refuse(value.place, fmt::format("{} is empty, must name at least one {}", path, node.noun));
  }
  Value si{Value::Map(), value.place};
  for (Entry& entry : *map_of(value)) {
    const std::string child_path = join(path, entry.key);
    const Key* key = node.key(entry.key);
    if (key && entry.value.is_null()) continue;
    if (!key) check_entry(node, entry, child_path);
    Value result = this->node(*node.below(entry.key), entry.value, child_path);
    std::get<Value::Map>(si.data).push_back({entry.key, entry.place, std::move(result)});
  }
  return si;
}

Value Checker::list(const Node& node, Value& value, const std::string& path) {
  Value::List* items = list_of(value);
  if (items == nullptr) {
    const std::string example = node.example.empty() ? "" : fmt::format(", as in {}", node.example);
    refuse(value.place, fmt::format("{} is {}, must be a list{}", path, quote(value), example));
  }
  if (items->size() < node.least || items->size() > node.most) {
    refuse(value.place, fmt::format("{} has {} items, must have {} {}", path, items->size(),
                                    items->size() < node.least ? (node.most == node.least ? "exactly" : "at least")
                                                               : (node.most == node.least ? "exactly" : "at most"),
                                    items->size() < node.least ? node.least : node.most));
  }
  Value si{Value::List(), value.place};
  for (std::size_t i = 0; i < items->size(); ++i) {
    std::get<Value::List>(si.data).push_back(this->node(*node.item, (*items)[i], fmt::format("{}[{}]", path, i)));
  }
  return si;
}

Value Checker::either(const Node& node, Value& value, const std::string& path) {
  const auto fits = [&](const Node* option) {
    const bool is_map = option->kind == Node::Kind::map || option->kind == Node::Kind::named;
    const bool is_list = option->kind == Node::Kind::list;
    return value.map() ? is_map : value.list() ? is_list : !is_map && !is_list;
  };
  const auto found = std::find_if(node.options.begin(), node.options.end(), fits);
  return this->node(found == node.options.end() ? *node.options.front() : **found, value, path);
}

Value Checker::word(const Node& node, Value& value, const std::string& path) {
  settle_constant(value, path, Dimension::none);
  const std::string written = spell(value);
  const std::vector<std::string_view> known(node.words.begin(), node.words.end());
  if (!value.text()) {
    refuse(value.place, fmt::format("{} is {}, must be one of {}", path, quote(value), fmt::join(known, ", ")));
  }
  if (std::find(known.begin(), known.end(), written) == known.end()) {
    const std::string advice = base::did_you_mean(written, known);
    refuse(value.place, advice.empty()
                            ? fmt::format("{} is \"{}\", must be one of {}", path, written, fmt::join(known, ", "))
                            : fmt::format("{}: there is no \"{}\"{}", path, written, advice));
  }
  return value;
}

Value Checker::text(Value& value, const std::string& path) {
  if (value.list() || value.map()) {
    refuse(value.place, fmt::format("{} is {}, must be text", path, describe(value)));
  }
  if (!value.text()) {
    refuse(value.place, fmt::format("{} is {}, must be text; quote it: \"{}\"", path, quote(value), spell(value)));
  }
  if (value.text()->empty()) refuse(value.place, fmt::format("{} is empty text", path));
  return value;
}

Value Checker::guard(Value& value, const std::string& path) {
  if (std::holds_alternative<bool>(value.data)) return Value{spell(value), value.place};
  if (!value.text()) {
    refuse(value.place, fmt::format("{} is {}, must be a condition, as in: $hour == night", path, quote(value)));
  }
  if (value.text()->find('$') == std::string::npos) {
    refuse(value.place,
           fmt::format("{}: \"{}\" names no draw or parameter; a name begins with $, as in: $hour == night", path,
                       *value.text()));
  }
  if (!settle(value, path, Dimension::none)) {
    if (!std::holds_alternative<bool>(value.data)) {
      refuse(value.place, fmt::format("{} is {}, must be true or false", path, quote(value)));
    }
    return Value{spell(value), value.place};
  }
  try_out(value, Type::truth, path);
  return value;
}

Value Checker::selector(Value& value, const std::string& path) {
  const auto settle_one = [&](Value& item) {
    if (item.text() && item.text()->starts_with('$')) settle_constant(item, path, Dimension::none);
  };
  for_each_value(value, settle_one);
  Result<scene::Selector> parsed = scene::Selector::parse(value);
  if (!parsed) refuse(parsed.error().place, fmt::format("{}: {}", path, parsed.error().message));
  return value;
}

// {format-named entry: options} or {name: {format: options}}; gives {format, options}.
Value Checker::write(const Node& node, Value& value, const std::string& path) {
  const std::string name = path.substr(path.rfind('.') + 1);
  const std::vector<std::string_view> formats(node.words.begin(), node.words.end());
  const auto is_format = [&](std::string_view word) {
    return std::find(formats.begin(), formats.end(), word) != formats.end();
  };
  if (!value.map()) {
    refuse(value.place, fmt::format("{} is {}, must be a map; without options: {}: {{}}", path, quote(value), name));
  }
  constexpr std::string_view kTaken[] = {"samples", "takes", "splits", "parts"};
  if (std::find(std::begin(kTaken), std::end(kTaken), name) != std::end(kTaken)) {
    refuse(value.place, fmt::format("{}: the dataset has a folder \"{}\" of its own; choose another name", path, name));
  }
  const std::string* format = &name;
  const Value* options = &value;
  if (!is_format(name)) {
    if (value.map()->size() > 1 && is_format(value.map()->front().key)) {
      refuse(value.place,
             fmt::format("{} holds {} formats; each needs an entry of its own", path, value.map()->size()));
    }
    const bool is_one = value.map()->size() == 1;
    const std::string named = is_one ? value.map()->front().key : "";
    if (!is_format(named)) {
      const bool is_name_meant = named.empty() || !base::did_you_mean(name, formats).empty();
      const std::string& meant = is_name_meant ? name : named;
      std::string advice = base::did_you_mean(meant, formats);
      if (advice.empty()) {
        advice = fmt::format("; an entry is named like one ({}) or holds one: {{{}: {{}}}}", fmt::join(formats, ", "),
                             formats.empty() ? "FORMAT" : formats.front());
      }
      refuse(value.place, fmt::format("{}: there is no format \"{}\"{}", path, meant, advice));
    }
    format = &value.map()->front().key;
    options = &value.map()->front().value;
    if (!options->map()) {
      refuse(options->place,
             fmt::format("{}.{} is {}, must be a map of options; without any: {{}}", path, *format, quote(*options)));
    }
  }
  if (const Value* sensors = options->find("sensors")) {
    const auto is_text = [](const Value& item) { return item.text() != nullptr; };
    const bool is_list = sensors->list() && std::all_of(sensors->list()->begin(), sensors->list()->end(), is_text);
    if (!is_list)
      refuse(sensors->place, fmt::format("{}.sensors is {}, must be a list of names", path, quote(*sensors)));
  }
  Value si{Value::Map(), value.place};
  put(si, "format", Value{*format, value.place});
  put(si, "options", *options);
  return si;
}

}  // namespace wm::recipe
