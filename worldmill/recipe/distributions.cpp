#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/recipe/checker.h"

// The arguments of distributions: constants in the range of what they are drawn for.

namespace wm::recipe {

using base::Entry;
using base::Value;

namespace {

// A bell curve of 53-bit numbers never goes farther from its mean [sd].
constexpr double kFarthest = 9;
constexpr double kLargestWhole = 9e15;

Spec share() {
  return {Type::number, Dimension::none, {0, 1}, false};
}

double real(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
  return std::get<double>(value.data);
}

// A let that nobody uses alone may be of any unit, but of one.
Dimension dimension_of(const Value& value) {
  if (!value.text()) return Dimension::none;
  const auto read = read_quantity(*value.text());
  return read ? read->dimension : Dimension::none;
}

}  // namespace

Value& Checker::argument(Value& value, std::string_view name, const std::string& path) {
  Value* found = find(value, name);
  if (found == nullptr || found->is_null()) refuse(value.place, fmt::format("{} needs \"{}\"", path, name));
  return *found;
}

void Checker::known_arguments(Value& value, std::initializer_list<std::string_view> known, const std::string& path) {
  if (!value.map()) {
    refuse(value.place, fmt::format("{} is {}, must be {{{}}}", path, quote(value), fmt::join(known, ": ..., ")));
  }
  for (const Entry& entry : *value.map()) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const std::vector<std::string_view> names(known);
    std::string advice = base::did_you_mean(entry.key, names);
    for (const auto& [other, ours] : {std::pair{"std", "sd"},
                                      {"sigma", "sd"},
                                      {"stddev", "sd"},
                                      {"mu", "mean"},
                                      {"low", "min"},
                                      {"high", "max"},
                                      {"loc", "mean"},
                                      {"hue", "h"},
                                      {"saturation", "s"},
                                      {"value", "v"},
                                      {"centre", "center"}}) {
      if (entry.key == other && std::find(known.begin(), known.end(), ours) != known.end()) {
        advice = fmt::format("; did you mean \"{}\"?", ours);
      }
    }
    if (advice.empty())
      advice = names.empty() ? "; it takes none: {}" : fmt::format("; known are {}", fmt::join(names, ", "));
    refuse(entry.place, fmt::format("{}: unknown argument \"{}\"{}", path, entry.key, advice));
  }
}

Value Checker::arguments(const Distribution& row, const Spec& spec, Value& value, const std::string& path) {
  const std::string_view name = row.name;
  constexpr std::string_view kFractions[] = {"uniform", "log_uniform", "normal", "truncated_normal", "beta"};
  if (spec.whole && std::find(std::begin(kFractions), std::end(kFractions), name) != std::end(kFractions)) {
    refuse(value.place,
           fmt::format("{} gives fractions and a whole number is needed; draw it by int, poisson, choice or sequence",
                       path));
  }
  if (name == "uniform" || name == "log_uniform" || name == "int") return pair(row, spec, value, path);
  if (name == "normal" || name == "truncated_normal") return bell(row, spec, value, path);
  if (name == "beta") return beta(spec, value, path);
  if (name == "poisson") return fixed({Type::number, Dimension::none, {0, 1e6}, false}, value, path);
  if (name == "bernoulli") return fixed(share(), value, path);
  if (name == "choice") return choice(row, spec, value, path);
  if (name == "sequence") return items(row, spec, value, path);
  if (name == "hsv") return hsv(value, path);
  return region(row, spec, value, path);
}

Value Checker::pair(const Distribution& row, const Spec& spec, Value& value, const std::string& path) {
  Value::List* list = list_of(value);
  if (list == nullptr || list->size() != 2) {
    refuse(value.place, fmt::format("{} is {}, must be [min, max]", path,
                                    list ? fmt::format("a list of {}", list->size()) : quote(value)));
  }
  Spec number = spec.type == Type::any ? Spec{Type::number, Dimension::any, {}, false} : spec;
  number.whole = row.name == "int";
  if (number.whole && !std::isfinite(number.range.most))
    number.range = {std::max(number.range.least, -kLargestWhole), kLargestWhole};
  Value si = numbers(number, 2, value, path, false);
  const Value &low = (*list)[0], &high = (*list)[1];
  if (spec.type == Type::any && dimension_of(low) != dimension_of(high)) {
    refuse(value.place, fmt::format("{}: {} and {} are not of one unit", path, spell(low), spell(high)));
  }
  const double least = real((*si.list())[0]), most = real((*si.list())[1]);
  if (least > most) {
    refuse(value.place, fmt::format("{}: min {} is greater than max {}", path, spell(low), spell(high)));
  }
  if (row.name == "log_uniform" && least <= 0) {
    refuse(low.place, fmt::format("{}: min is {}, must be positive: a logarithm is drawn", path, spell(low)));
  }
  return si;
}

Value Checker::bell(const Distribution& row, const Spec& spec, Value& value, const std::string& path) {
  const bool truncated = row.name == "truncated_normal";
  truncated ? known_arguments(value, {"mean", "sd", "min", "max"}, path) : known_arguments(value, {"mean", "sd"}, path);
  const Dimension dimension = spec.type == Type::any ? Dimension::any : spec.dimension;
  const Spec free{Type::number, dimension, {}, false}, width{Type::number, dimension, {.least = 0}, false};
  const Spec end{Type::number, dimension, spec.range, false};
  Value si{Value::Map(), value.place};
  const double mean = real(put(si, "mean", fixed(free, argument(value, "mean", path), path + ".mean")));
  const double sd = real(put(si, "sd", fixed(width, argument(value, "sd", path), path + ".sd")));
  if (spec.type == Type::any) {
    const Dimension one = dimension_of(*value.find("mean"));
    for (const Entry& entry : *value.map()) {
      if (dimension_of(entry.value) != one) {
        refuse(entry.value.place,
               fmt::format("{}: {} and {} are not of one unit", path, spell(*value.find("mean")), spell(entry.value)));
      }
    }
  }
  if (!truncated) {
    if (!spec.range.has(mean - kFarthest * sd) || !spec.range.has(mean + kFarthest * sd)) {
      refuse(value.place,
             fmt::format("{} can leave the range that is allowed here; write truncated_normal with min and max", path));
    }
    return si;
  }
  double least = mean - kFarthest * sd, most = mean + kFarthest * sd;
  for (const auto& [name, at] : {std::pair{"min", &least}, {"max", &most}}) {
    Value* written = find(value, name);
    if (written) *at = real(put(si, name, fixed(end, *written, join(path, name))));
    if (!written && !spec.range.has(*at)) {
      refuse(value.place, fmt::format("{} can leave the range that is allowed here; give it a {} too", path, name));
    }
  }
  if (least > most && value.find("min") && value.find("max")) {
    refuse(value.place, fmt::format("{}: min {} is greater than max {}", path, spell(*value.find("min")),
                                    spell(*value.find("max"))));
  }
  if (sd == 0 ? mean < least || mean > most : least > mean + kFarthest * sd || most < mean - kFarthest * sd) {
    refuse(value.place, fmt::format("{}: the mean is so far from min and max that nothing can be drawn", path));
  }
  return si;
}

Value Checker::beta(const Spec& spec, Value& value, const std::string& path) {
  known_arguments(value, {"a", "b", "min", "max"}, path);
  const Spec shape{Type::number, Dimension::none, {.least = 0, .open_least = true}, false};
  const Spec end{Type::number, spec.type == Type::any ? Dimension::any : spec.dimension, spec.range, false};
  const bool has_ends = value.find("min") || value.find("max");
  if (!has_ends) {
    const auto preset = [&](double x) -> Value {
      if (spec.dimension == Dimension::none || spec.dimension == Dimension::any)
        return {static_cast<std::int64_t>(x), {"default"}};
      return {exactly(x, spec.dimension), {"default"}};
    };
    put(value, "min", preset(0));
    put(value, "max", preset(1));
  }
  Value si{Value::Map(), value.place};
  put(si, "a", fixed(shape, argument(value, "a", path), path + ".a"));
  put(si, "b", fixed(shape, argument(value, "b", path), path + ".b"));
  const double least = real(put(si, "min", fixed(end, argument(value, "min", path), path + ".min")));
  const double most = real(put(si, "max", fixed(end, argument(value, "max", path), path + ".max")));
  if (least > most) {
    refuse(value.place, fmt::format("{}: min {} is greater than max {}", path, spell(*value.find("min")),
                                    spell(*value.find("max"))));
  }
  return si;
}

Value Checker::choice(const Distribution& row, const Spec& spec, Value& value, const std::string& path) {
  if (value.map()) return weights(spec, value, path);
  if (value.text() && Folders::is_glob(*value.text())) {
    Value list{Value::List(), value.place};
    std::get<Value::List>(list.data).push_back(std::move(value));
    value = std::move(list);
  }
  return items(row, spec, value, path);
}

// A list of constants and draws; globs among files become what they match.
Value Checker::items(const Distribution& row, const Spec& spec, Value& value, const std::string& path) {
  const bool is_file = spec.type == Type::asset || spec.type == Type::picture;
  if (!value.list() || value.list()->empty()) {
    refuse(value.place, fmt::format("{} is {}, must be a list of what to choose from{}", path,
                                    value.list() ? "an empty list" : quote(value), is_file ? ", or a glob" : ""));
  }
  Value written{Value::List(), value.place}, si{Value::List(), value.place};
  auto& all = std::get<Value::List>(written.data);
  const auto has = [&](const Value& item) {
    return std::any_of(all.begin(), all.end(), [&](const Value& other) { return same(item, other); });
  };
  for (Value& item : *list_of(value)) {
    const std::string at = fmt::format("{}[{}]", path, all.size());
    const bool is_glob = is_file && item.text() && Folders::is_glob(*item.text());
    if (is_glob) {
      std::vector<std::string> names;
      try {
        names = folders_.expand(*item.text(), item.place, endings(spec.type));
      } catch (Refused& refused) {
        refused.diagnostic.message = fmt::format("{}: {}", path, refused.diagnostic.message);
        throw;
      }
      for (const std::string& name : names) {
        const Value one{name, item.place};
        if (!has(one)) all.push_back(one), std::get<Value::List>(si.data).push_back(one);
      }
      continue;
    }
    Value one = item.map() ? draw(spec, item, at) : fixed(spec, item, at);
    if (row.name == "choice" && has(item)) {
      if (is_file) continue;  // a glob had it already, or will
      refuse(item.place, fmt::format("{}: {} stands here twice; to weigh it write {{{}: 2, ...}}", path, quote(item),
                                     item.list() ? "name" : spell(item)));
    }
    all.push_back(item);
    std::get<Value::List>(si.data).push_back(std::move(one));
  }
  value = std::move(written);
  return si;
}

Value Checker::weights(const Spec& spec, Value& value, const std::string& path) {
  if (spec.type == Type::colour || spec.type == Type::vector || spec.type == Type::rotation) {
    refuse(value.place,
           fmt::format("{}: weights go with words, numbers and files; draw a word in let: and switch by: it", path));
  }
  Value written{Value::Map(), value.place}, si{Value::Map(), value.place};
  double sum = 0;
  const Spec weight{Type::number, Dimension::none, {.least = 0}, false};
  for (Entry& entry : *map_of(value)) {
    const std::string at = join(path, entry.key);
    const double share_of_it = real(fixed(weight, entry.value, at));
    sum += share_of_it;
    const bool is_file = spec.type == Type::asset || spec.type == Type::picture;
    if (is_file && Folders::is_glob(entry.key)) {  // one weight, shared evenly among its files
      const auto names = folders_.expand(entry.key, entry.place, endings(spec.type));
      for (const std::string& name : names) {
        if (written.find(name))
          refuse(entry.place, fmt::format("{}: \"{}\" matches {}, which has a weight already", path, entry.key, name));
        const Value one{share_of_it / static_cast<double>(names.size()), entry.value.place};
        put(written, name, one);
        put(si, name, one);
      }
      continue;
    }
    Value item{entry.key, entry.place};
    if (spec.type == Type::number || spec.type == Type::truth || spec.type == Type::any) {
      const auto read = read_quantity(entry.key);
      if (read && read->unit.empty()) item.data = read->value;
      if (entry.key == "true" || entry.key == "false") item.data = entry.key == "true";
    }
    const Value known = fixed(spec, item, at);
    const std::string name = is_file ? *known.text() : entry.key;
    if (si.find(spell(known))) refuse(entry.place, fmt::format("{}: {} stands here twice", path, entry.key));
    put(written, name, entry.value);
    put(si, spell(known), Value{share_of_it, entry.value.place});
  }
  if (!(sum > 0)) refuse(value.place, fmt::format("{}: no weight is greater than 0", path));
  if (!std::isfinite(sum)) refuse(value.place, fmt::format("{}: the weights are too large", path));
  value = std::move(written);
  return si;
}

Value Checker::hsv(Value& value, const std::string& path) {
  known_arguments(value, {"h", "s", "v"}, path);
  Value si{Value::Map(), value.place};
  put(si, "h", draw({Type::number, Dimension::angle, {}, false}, argument(value, "h", path), path + ".h"));
  put(si, "s", draw(share(), argument(value, "s", path), path + ".s"));
  put(si, "v", draw(share(), argument(value, "v", path), path + ".v"));
  return si;
}

Value Checker::region(const Distribution& row, const Spec& spec, Value& value, const std::string& path) {
  const Dimension dimension = spec.type == Type::any ? Dimension::any : spec.dimension;
  const Spec number{Type::number, dimension, {}, false};
  Value si{Value::Map(), value.place};
  if (row.name == "direction" || row.name == "rotation") {
    known_arguments(value, {}, path);
    return si;
  }
  if (row.name == "box") {
    known_arguments(value, {"min", "max"}, path);
    put(si, "min", numbers(number, 3, argument(value, "min", path), path + ".min", false));
    put(si, "max", numbers(number, 3, argument(value, "max", path), path + ".max", false));
    for (std::size_t i = 0; i < 3; ++i) {
      if (real((*si.find("min")->list())[i]) <= real((*si.find("max")->list())[i])) continue;
      refuse(value.place, fmt::format("{}: min[{}] is greater than max[{}]", path, i, i));
    }
    return si;
  }
  known_arguments(value, {"center", "radius"}, path);
  if (!value.find("center"))
    put(value, "center", Value{Value::List(3, Value{std::int64_t{0}, {"default"}}), {"default"}});
  if (dimension == Dimension::angle)
    refuse(value.place, fmt::format("{} gives places, not angles; write a list of three draws", path));
  put(si, "center", numbers(number, 3, argument(value, "center", path), path + ".center", false));
  Spec radius = number;
  radius.range = {.least = 0};
  Value& given = argument(value, "radius", path);
  if (row.name == "sphere") {
    put(si, "radius", fixed(radius, given, path + ".radius"));
    return si;
  }
  const Distribution* uniform = find_distribution("uniform");
  put(si, "radius", pair(*uniform, radius, given, path + ".radius"));
  return si;
}

}  // namespace wm::recipe
