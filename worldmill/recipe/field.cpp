#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/image/color.h"
#include "worldmill/recipe/checker.h"

// What stands in a field: a constant, an expression, a switch, a draw.

namespace wm::recipe {

using base::Entry;
using base::Value;
using vary::Per;

namespace {

// Sets a variable until the end of a scope.
template <class T>
class Scoped {
 public:
  Scoped(T& variable, T value) : variable_(variable), before_(variable) { variable = value; }
  ~Scoped() { variable_ = before_; }
  Scoped(const Scoped&) = delete;

 private:
  T& variable_;
  T before_;
};

bool is_act(std::string_view key) {
  return std::find(std::begin(kActs), std::end(kActs), key) != std::end(kActs);
}

// Names of distributions elsewhere.
std::string_view usual_name(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kOther[] = {{"gaussian", "normal"},
                                                                      {"gauss", "normal"},
                                                                      {"randint", "int"},
                                                                      {"integer", "int"},
                                                                      {"integers", "int"},
                                                                      {"range", "uniform"},
                                                                      {"random", "uniform"},
                                                                      {"categorical", "choice"},
                                                                      {"choose", "choice"},
                                                                      {"one_of", "choice"},
                                                                      {"options", "choice"},
                                                                      {"values", "choice"},
                                                                      {"truncnorm", "truncated_normal"},
                                                                      {"loguniform", "log_uniform"},
                                                                      {"bool", "bernoulli"},
                                                                      {"chance", "bernoulli"},
                                                                      {"probability", "bernoulli"},
                                                                      {"min", "uniform"},
                                                                      {"max", "uniform"},
                                                                      {"mean", "normal"},
                                                                      {"list", "choice"}};
  for (const auto& [other, ours] : kOther) {
    if (name == other) return ours;
  }
  return {};
}

std::string type_name(const Spec& spec) {
  switch (spec.type) {
    case Type::number:
      return spec.whole ? "a whole number" : std::string(name_of(spec.dimension));
    case Type::truth:
      return "true or false";
    case Type::word:
      return "a word";
    case Type::vector:
      return "three numbers [x, y, z]";
    case Type::colour:
      return "a colour";
    case Type::rotation:
      return "a quaternion [w, x, y, z]";
    case Type::asset:
      return "a scene file";
    case Type::picture:
      return "a picture file";
    case Type::any:
      break;
  }
  return "a value";
}

std::string distributions_for(const Spec& spec) {
  constexpr std::string_view kFractions[] = {"uniform", "log_uniform", "normal", "truncated_normal", "beta"};
  std::vector<std::string_view> names;
  for (const Distribution& row : known_distributions()) {
    const bool fraction = std::find(std::begin(kFractions), std::end(kFractions), row.name) != std::end(kFractions);
    if (gives(row, spec.type) && !(spec.whole && fraction)) names.push_back(row.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

bool is_draw(const Value& value) {
  if (!value.map()) return false;
  const auto names_one = [](const Entry& e) { return e.key == "by" || find_distribution(e.key) != nullptr; };
  return std::any_of(value.map()->begin(), value.map()->end(), names_one);
}

std::string range_text(const Spec& spec) {
  const Range& r = spec.range;
  const auto show = [&](double x) { return with_unit(x, spec.dimension); };
  const bool low = std::isfinite(r.least), high = std::isfinite(r.most);
  if (low && high) {
    const bool open = r.open_least || r.open_most;
    return fmt::format("must be between {} and {}{}", show(r.least), show(r.most), open ? ", ends excluded" : "");
  }
  if (low && r.least == 0) return r.open_least ? "must be positive" : "must not be negative";
  if (low) return fmt::format("must be at least {}", show(r.least));
  return fmt::format("must be at most {}", show(r.most));
}

// [255, 128, 0]: codes of sRGB where linear light is meant.
void refuse_codes(const Spec& spec, const Value& value, const std::string& path) {
  if (!value.list() || value.list()->size() != 3 || spec.range.most != 1) return;
  std::string hex = "#";
  bool is_light = true;
  for (const Value& item : *value.list()) {
    const auto* code = std::get_if<std::int64_t>(&item.data);
    if (code == nullptr || *code < 0 || *code > 255) return;
    is_light = is_light && *code <= 1;
    hex += fmt::format("{:02x}", *code);
  }
  if (is_light) return;
  refuse(value.place, fmt::format("{} has more than 1: a list is linear light from 0 to 1; the sRGB colour is written "
                                  "\"{}\"",
                                  path, hex));
}

// `vary.look` of `vary.look.light.intensity`.
std::string too_fine(const std::string& path, Per own, Per entry) {
  const std::string_view is = kPers[static_cast<int>(own)], made = kPers[static_cast<int>(entry)];
  const bool is_scene = path.starts_with("scene.add.");
  const std::string name = is_scene ? "what is in scene.add" : path.substr(0, path.find('.', path.find('.') + 1));
  const std::string advice = is_scene ? "" : fmt::format("; write per: {} there", is);
  return fmt::format("{} is drawn per {}, but {} is made once per {}{}", path, is, name, made, advice);
}

}  // namespace

Value Checker::field(const Node& node, Value& value, const std::string& path) {
  std::string_view act = "set";
  Value* inner = &value;
  Spec spec = node.spec;
  if (value.map() && !value.map()->empty() && is_act(value.map()->front().key)) {
    const Entry& first = value.map()->front();
    if (!node.acts) {
      refuse(first.place,
             fmt::format("{}: {} changes what a scene says already; that is for vary: alone", path, first.key));
    }
    if (value.map()->size() > 1) {
      refuse((*value.map())[1].place,
             fmt::format("{}: {} stands alone in its map; per and shared go inside, beside the distribution", path,
                         first.key));
    }
    act = *std::find(std::begin(kActs), std::end(kActs), first.key);
    inner = find(value, act);
    spec = acted(node, act, *inner, path);
  }
  Value si{Value::Map(), value.place};
  put(si, "act", Value{std::string(act), value.place});
  const std::string inner_path = act == "set" ? path : join(path, act);
  if (!is_draw(*inner)) {
    put(si, "value", draw(spec, *inner, inner_path));
    return si;
  }
  const Per own = per_of(*inner, per_, path);
  if (const Value* written = inner->find("per")) {
    if (own > per_) refuse(written->place, too_fine(path, own, per_));
    put(si, "per", *written);
  }
  const Scoped<Per> per(per_, own);
  Value bare = *inner;
  erase(bare, "per");
  erase(bare, "shared");
  if (Value* shared = find(*inner, "shared"))
    put(si, "shared", fixed({Type::truth, Dimension::none, {}, false}, *shared, join(path, "shared")));
  Value drawn = draw(spec, bare, inner_path);
  if (bare.map()) {
    for (const char* key : {"per", "shared"}) {
      if (const Value* written = inner->find(key)) put(bare, key, *written);
    }
  }
  *inner = std::move(bare);
  put(si, "value", std::move(drawn));
  return si;
}

Spec Checker::acted(const Node& node, std::string_view act, const Value& value, const std::string& path) {
  const Spec& spec = node.spec;
  if (act == "set") return spec;
  if (act == "add" ? !node.adds : !node.scales) {
    refuse(value.place, fmt::format("{} can only be set{}, not {}", path,
                                    node.adds     ? " or added to"
                                    : node.scales ? " or scaled"
                                                  : "",
                                    act == "add" ? "added to" : "scaled"));
  }
  if (act == "add") return {spec.type, spec.dimension, {}, spec.whole};
  const bool each = value.list() != nullptr;
  return {each ? spec.type : Type::number, Dimension::none, {.least = 0}, false};
}

Value Checker::draw(const Spec& spec, Value& value, const std::string& path) {
  if (value.is_null()) refuse(value.place, fmt::format("{} is empty; write a value or a draw", path));
  if (settle(value, path, spec.dimension)) {
    let_as(spec, value, path);
    try_out(value, spec.type, path);
    return value;
  }
  if (!value.map()) return constant(spec, value, path);
  return value.find("by") ? by(spec, value, path) : distribution(spec, value, path);
}

// A lone $name of a let must be of the type that its user wants; a let has the type of its first user already.
void Checker::let_as(const Spec& spec, const Value& value, const std::string& path) {
  const auto let = lets_.find(value.text()->substr(1));
  if (let == lets_.end() || spec.type == Type::any) return;
  const Spec& is = let->second.spec.value_or(Spec{});
  const bool same_type = is.type == spec.type && is.dimension == spec.dimension && is.whole == spec.whole &&
                         is.range.least == spec.range.least && is.range.most == spec.range.most;
  if (same_type) return;
  const Scoped<Per> per(per_, let->second.per);
  Value copy = *let->second.written;
  try {
    field(Node{.kind = Node::Kind::field, .spec = spec}, copy, join("let", let->first));
  } catch (Refused& refused) {
    refused.diagnostic.message += fmt::format(" ({} uses it)", path);
    throw;
  }
}

Value Checker::by(const Spec& spec, Value& value, const std::string& path) {
  Value* name = find(value, "by");
  if (!name->text() || !name->text()->starts_with('$')) {
    refuse(name->place, fmt::format("{}.by is {}, must be one name, as in by: $hour", path, quote(*name)));
  }
  Value word = *name;
  if (!settle(word, path + ".by", Dimension::none)) {  // a parameter: its case is the value
    Value* chosen = find(value, spell(word));
    if (chosen == nullptr) chosen = find(value, "else");
    if (chosen == nullptr) refuse(value.place, fmt::format("{} has no case \"{}\" and no else", path, spell(word)));
    Value copy = std::move(*chosen);
    value = std::move(copy);
    return draw(spec, value, path);
  }
  const auto let = lets_.find(name->text()->substr(1));
  if (let == lets_.end()) refuse(name->place, fmt::format("{}.by must be one name, as in by: $hour", path));
  const auto known = candidates(*let->second.si.find("value"));
  if (!known && !value.find("else")) {
    refuse(value.place, fmt::format("{}: the values of ${} cannot be listed, so an else: is needed", path, let->first));
  }
  Value si{Value::Map(), value.place};
  put(si, "by", *name);
  for (Entry& entry : *map_of(value)) {
    if (entry.key == "by") continue;
    if (known && entry.key != "else" && std::find(known->begin(), known->end(), entry.key) == known->end()) {
      const std::vector<std::string_view> words(known->begin(), known->end());
      std::string advice = base::did_you_mean(entry.key, words);
      if (advice.empty()) advice = fmt::format("; it is one of {}", fmt::join(words, ", "));
      refuse(entry.place, fmt::format("{}: ${} is never \"{}\"{}", path, let->first, entry.key, advice));
    }
    put(si, entry.key, draw(spec, entry.value, join(path, entry.key)));
  }
  for (const std::string& word_known : known.value_or(std::vector<std::string>())) {
    if (value.find(word_known) || value.find("else")) continue;
    refuse(value.place, fmt::format("{} has no case for {}; add it or an else:", path, word_known));
  }
  return si;
}

Value Checker::distribution(const Spec& spec, Value& value, const std::string& path) {
  const Distribution* row = nullptr;
  for (const Entry& entry : *value.map()) {
    if (entry.key == "per" || entry.key == "shared") {
      if (is_draw(value)) {
        refuse(entry.place, fmt::format("{}: {} stands beside the outermost distribution alone", path, entry.key));
      }
      continue;
    }
    const Distribution* found = find_distribution(entry.key);
    if (found == nullptr) {
      std::vector<std::string_view> names = {"by", "per", "shared"};
      for (const Distribution& known : known_distributions()) names.push_back(known.name);
      std::string advice = base::did_you_mean(entry.key, names);
      if (const std::string_view ours = usual_name(entry.key); !ours.empty()) {
        const Distribution* usual = find_distribution(ours);
        advice = fmt::format("; did you mean {{{}: {}}}?", usual->name, usual->arguments);
      }
      if (row && advice.empty()) {
        refuse(entry.place,
               fmt::format(
                   "{}: a draw has its distribution, and beside it only per and shared; \"{}\" does not belong here",
                   path, entry.key));
      }
      if (advice.empty()) advice = fmt::format("; {} is drawn by {}", type_name(spec), distributions_for(spec));
      refuse(entry.place, fmt::format("{}: there is no distribution \"{}\"{}", path, entry.key, advice));
    }
    if (row)
      refuse(entry.place,
             fmt::format("{}: a draw names one distribution, not both {} and {}", path, row->name, found->name));
    row = found;
  }
  if (row == nullptr) {
    refuse(value.place,
           fmt::format("{} names no distribution; {} is drawn by {}", path, type_name(spec), distributions_for(spec)));
  }
  if (!gives(*row, spec.type)) {
    refuse(value.place, fmt::format("{} must be {}, and {} does not give that; it is drawn by {}", path,
                                    type_name(spec), row->name, distributions_for(spec)));
  }
  Value& given = *find(value, row->name);
  Value si{Value::Map(), value.place};
  const bool may_hold_draws = row->name == "hsv" || row->name == "choice" || row->name == "sequence";
  const Scoped<bool> constant(is_constant_, !may_hold_draws);
  put(si, row->name, arguments(*row, spec, given, join(path, row->name)));
  return si;
}

Value Checker::constant(const Spec& spec, Value& value, const std::string& path) {
  settle(value, path, spec.dimension);
  if (is_draw(value)) {
    refuse(value.place, fmt::format("{} is a constant and cannot be drawn; a parameter may stand here", path));
  }
  switch (spec.type) {
    case Type::number:
      return number(spec, value, path);
    case Type::truth:
      if (!std::holds_alternative<bool>(value.data)) unfit(spec, value, path);
      return value;
    case Type::word:
      return text(value, path);
    case Type::vector:
      return numbers({Type::number, spec.dimension, spec.range, false}, 3, value, path, !is_constant_);
    case Type::colour:
      return colour(spec, value, path);
    case Type::rotation:
      return rotation(value, path);
    case Type::asset:
    case Type::picture:
      return file(spec, value, path);
    case Type::any:
      return any(value, path);
  }
  return value;
}

void Checker::unfit(const Spec& spec, const Value& value, const std::string& path) {
  if (spec.type == Type::number && value.list() && value.list()->size() == 2) {
    refuse(value.place, fmt::format("{} is a list, must be {}; to draw from a range write {{{}: [min, max]}}", path,
                                    type_name(spec), spec.whole ? "int" : "uniform"));
  }
  if (spec.type == Type::truth && value.text()) {
    refuse(value.place, fmt::format("{} is {}, must be true or false (YAML's yes, no, on, off are plain words here)",
                                    path, quote(value)));
  }
  if (spec.type == Type::colour) {
    refuse(value.place,
           fmt::format("{} is {}, must be a colour: [r, g, b] in linear light, \"#rrggbb\", or {{hsv: {{h: "
                       "..., s: ..., v: ...}}}}",
                       path, quote(value)));
  }
  refuse(value.place, fmt::format("{} is {}, must be {}", path, quote(value), type_name(spec)));
}

void Checker::in_range(const Spec& spec, double value, const Value& written, const std::string& path) {
  if (spec.range.has(value)) return;
  const std::string shown = written.text() ? *written.text() : spell(written);
  refuse(written.place, fmt::format("{} is {}, {}", path, shown, range_text(spec)));
}

// The number in SI; its unit must be one of the dimension's.
double Checker::quantity(const Spec& spec, const Value& value, const std::string& path) {
  const bool bare_angle = spec.dimension == Dimension::angle;
  if (!value.text()) {
    const bool is_whole = std::holds_alternative<std::int64_t>(value.data);
    if (!is_whole && !std::holds_alternative<double>(value.data)) unfit(spec, value, path);
    if (bare_angle) {
      refuse(value.place, fmt::format("{} is {} without a unit; an angle is written {} deg or {} rad", path,
                                      spell(value), spell(value), spell(value)));
    }
    return is_whole ? static_cast<double>(std::get<std::int64_t>(value.data)) : std::get<double>(value.data);
  }
  const auto read = read_quantity(*value.text());
  if (!read) unfit(spec, value, path);
  const std::string& written = *value.text();
  if (read->unit.empty()) {
    refuse(value.place, fmt::format("{} is \"{}\" in quotes, which is text; take the quotes away", path, written));
  }
  const std::string known = units_of(spec.dimension);
  if (read->dimension == Dimension::any) {
    std::string advice = did_you_mean_unit(read->unit);
    if (known.empty()) advice = "; must be a number without a unit";
    if (advice.empty()) advice = fmt::format("; {} is written in {}", name_of(spec.dimension), known);
    refuse(value.place, fmt::format("{} is {}: there is no unit \"{}\"{}", path, written, read->unit, advice));
  }
  if (spec.dimension == Dimension::none) {
    refuse(value.place, fmt::format("{} is {}, must be a number without a unit", path, written));
  }
  if (spec.dimension != Dimension::any && read->dimension != spec.dimension) {
    refuse(value.place, fmt::format("{} is {}, which is {}, must be {} ({})", path, written, name_of(read->dimension),
                                    name_of(spec.dimension), known));
  }
  return read->value;
}

Value Checker::number(const Spec& spec, Value& value, const std::string& path) {
  settle(value, path, spec.dimension);
  const double si = quantity(spec, value, path);
  if (!std::isfinite(si)) refuse(value.place, fmt::format("{} is {}, which is too large", path, quote(value)));
  if (spec.whole && si != std::floor(si)) {
    refuse(value.place, fmt::format("{} is {}, must be a whole number", path, spell(value)));
  }
  in_range(spec, si, value, path);
  if (spec.whole && std::fabs(si) > 9.2e18) refuse(value.place, fmt::format("{} is too large", path));
  if (spec.whole) {
    const auto* exact = std::get_if<std::int64_t>(&value.data);
    return {exact ? *exact : static_cast<std::int64_t>(si), value.place};
  }
  return {si, value.place};
}

Value Checker::fixed(const Spec& spec, Value& value, const std::string& path) {
  const Scoped<bool> constant_here(is_constant_, true);
  if (value.is_null()) refuse(value.place, fmt::format("{} is empty", path));
  return constant(spec, value, path);
}

Value Checker::numbers(const Spec& spec, std::size_t count, Value& value, const std::string& path, bool drawn) {
  Value::List* list = list_of(value);
  if (list == nullptr || list->size() != count) {
    refuse(value.place, fmt::format("{} is {}, must be a list of {} numbers", path,
                                    list ? fmt::format("a list of {}", list->size()) : quote(value), count));
  }
  Value si{Value::List(), value.place};
  for (std::size_t i = 0; i < count; ++i) {
    const std::string at = fmt::format("{}[{}]", path, i);
    std::get<Value::List>(si.data).push_back(drawn ? draw(spec, (*list)[i], at) : fixed(spec, (*list)[i], at));
  }
  return si;
}

Value Checker::colour(const Spec& spec, Value& value, const std::string& path) {
  const Spec channel{Type::number, Dimension::none, spec.range, false};
  refuse_codes(spec, value, path);
  if (value.list()) return numbers(channel, 3, value, path, !is_constant_);
  const std::string* text = value.text();
  const auto hex = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  const bool is_hex = text && text->size() == 7 && text->front() == '#' &&
                      std::all_of(text->begin() + 1, text->end(), [&](char c) { return hex(c) >= 0; });
  if (!is_hex) unfit(spec, value, path);
  Value si{Value::List(), value.place};
  for (const std::size_t at : {1, 3, 5}) {
    const auto code = static_cast<std::uint8_t>(hex((*text)[at]) * 16 + hex((*text)[at + 1]));
    std::get<Value::List>(si.data).push_back({double{image::linear_from_srgb(code)}, value.place});
  }
  return si;
}

Value Checker::rotation(Value& value, const std::string& path) {
  Value si = numbers({Type::number, Dimension::none, {}, false}, 4, value, path, false);
  double square = 0;
  for (const Value& item : *si.list()) square += std::get<double>(item.data) * std::get<double>(item.data);
  constexpr double kTolerance = 1e-3;  // three written decimals
  if (std::fabs(square - 1) > 2 * kTolerance) {
    refuse(value.place, fmt::format("{} has length {:.4g}, a rotation has 1", path, std::sqrt(square)));
  }
  return si;
}

const std::vector<std::string>& Checker::endings(Type type) const {
  return type == Type::picture ? vocabulary_.picture_endings : vocabulary_.asset_endings;
}

Value Checker::file(const Spec& spec, Value& value, const std::string& path) {
  if (!value.text()) unfit(spec, value, path);
  if (Folders::is_glob(*value.text())) {
    refuse(value.place, fmt::format("{}: \"{}\" means several files; one is drawn by {{choice: \"{}\"}}", path,
                                    *value.text(), *value.text()));
  }
  try {
    value.data = folders_.find(*value.text(), value.place, endings(spec.type));
  } catch (Refused& refused) {
    refused.diagnostic.message = fmt::format("{}: {}", path, refused.diagnostic.message);
    throw;
  }
  return value;
}

Value Checker::any(Value& value, const std::string& path) {
  if (value.list()) {
    Value si{Value::List(), value.place};
    for (std::size_t i = 0; i < value.list()->size(); ++i) {
      Value& item = (*list_of(value))[i];
      const std::string at = fmt::format("{}[{}]", path, i);
      std::get<Value::List>(si.data).push_back(is_constant_ ? fixed({}, item, at) : draw({}, item, at));
    }
    return si;
  }
  if (value.map()) refuse(value.place, fmt::format("{} is a map, must be a value", path));
  if (!value.text()) return value;
  const auto quantity = read_quantity(*value.text());
  if (!quantity || quantity->unit.empty() || quantity->dimension == Dimension::any) return value;
  return {quantity->value, value.place};
}

}  // namespace wm::recipe
