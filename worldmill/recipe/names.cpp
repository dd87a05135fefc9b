#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/json.h"
#include "worldmill/base/yaml.h"
#include "worldmill/recipe/checker.h"

// Parameters are constants: their value is put where their name stands. Lets are draws: their names stay, and each is
// checked as what it is used for (a let that is a yaw must have angles).

namespace wm::recipe {

using base::Entry;
using base::Expression;
using base::Place;
using base::Term;
using base::Value;
using vary::Per;

namespace {

constexpr std::string_view kParamKinds[] = {"int", "number", "choice", "text", "bool"};

// The name in a lone `$name`, else empty.
std::string_view lone_name(const Value& value) {
  if (!value.text() || value.text()->size() < 2 || value.text()->front() != '$') return {};
  const std::string_view name = std::string_view(*value.text()).substr(1);
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return std::all_of(name.begin(), name.end(), is_word) ? name : std::string_view();
}

// Of a number as written, bare or with a unit.
std::optional<Quantity> quantity_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) {
    return Quantity{static_cast<double>(*whole), Dimension::none, ""};
  }
  if (const auto* number = std::get_if<double>(&value.data)) return Quantity{*number, Dimension::none, ""};
  if (!value.text()) return std::nullopt;
  auto quantity = read_quantity(*value.text());
  return quantity && quantity->dimension != Dimension::any ? quantity : std::nullopt;
}

Term term_of(const Value& value) {
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth;
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value.data)) return *number;
  return spell(value);
}

// What an expression that cannot be read was perhaps to say.
std::string_view hint(std::string_view text) {
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '=' && text[i + 1] != '=' && std::string_view("=!<>").find(text[i - 1]) == std::string_view::npos) {
      return "; equal is written ==";
    }
  }
  for (const std::string_view unit : {"deg", "rad", "mm", "cm", "km", "m", "s", "ms"}) {
    if (text.ends_with(unit) && read_quantity(text.substr(text.find_last_of("+-*/(<>=") + 1))) {
      return "; numbers in expressions are SI and have no units";
    }
  }
  return "";
}

// Some values of a draw: all of them when there are few (`all`), else one or two; nothing when they are not known.
struct Samples {
  std::vector<Term> terms;
  bool all = true;
};

std::optional<Samples> samples_of(const Value& drawn) {
  if (drawn.list() || (drawn.text() && drawn.text()->find('$') != std::string::npos)) return std::nullopt;
  if (!drawn.map()) return Samples{{term_of(drawn)}};
  if (drawn.find("bernoulli")) return Samples{{true, false}};
  Samples samples;
  if (drawn.find("by")) {
    for (const Entry& entry : *drawn.map()) {
      if (entry.key == "by") continue;
      const auto more = samples_of(entry.value);
      if (!more) return std::nullopt;
      samples.terms.insert(samples.terms.end(), more->terms.begin(), more->terms.end());
      samples.all = samples.all && more->all;
    }
    return samples;
  }
  const Entry& row = drawn.map()->front();
  const bool is_choice = row.key == "choice" || row.key == "sequence";
  if (is_choice && row.value.map()) {
    for (const Entry& entry : *row.value.map()) {
      const auto number = read_quantity(entry.key);
      samples.terms.push_back(number && number->unit.empty() ? Term(number->value) : Term(entry.key));
    }
    return samples;
  }
  samples.all = is_choice;
  if (row.value.list()) {
    for (const Value& item : *row.value.list()) {
      if (item.list() || item.map()) return std::nullopt;
      samples.terms.push_back(term_of(item));
    }
    return samples;
  }
  if (row.key == "poisson") return Samples{{term_of(row.value)}, false};
  const Value* some = row.value.find("mean") ? row.value.find("mean") : row.value.find("min");
  if (some == nullptr || some->list()) return std::nullopt;
  return Samples{{term_of(*some)}, false};
}

// Every combination of the samples, first names fastest, but no more than `most`.
class Combinations {
 public:
  void add(std::string name, Samples samples) {
    all_ = all_ && samples.all;
    count_ = std::min<std::size_t>(kMost + 1, count_ * std::max<std::size_t>(1, samples.terms.size()));
    names_.emplace_back(std::move(name), std::move(samples));
  }
  std::size_t count() const { return std::min(count_, kMost); }
  bool are_all() const { return all_ && count_ <= kMost; }
  Term at(std::size_t combination, const std::string& name) const {
    for (const auto& [known, samples] : names_) {
      const std::size_t size = samples.terms.size();
      if (known == name) return samples.terms[combination % size];
      combination /= size;
    }
    return false;
  }

 private:
  static constexpr std::size_t kMost = 256;
  std::vector<std::pair<std::string, Samples>> names_;
  std::size_t count_ = 1;
  bool all_ = true;
};

}  // namespace

void Checker::read_params(Value& params) {
  std::vector<std::string_view> names;
  for (const Entry& entry : *params.map()) names.push_back(entry.key);
  for (const Setting& setting : settings_) {
    if (std::find(names.begin(), names.end(), setting.name) != names.end()) continue;
    std::string advice = base::did_you_mean(setting.name, names);
    if (advice.empty() && !names.empty()) advice = fmt::format("; known are {}", fmt::join(names, ", "));
    refuse(setting.place, fmt::format("the recipe has no parameter \"{}\"{}", setting.name, advice));
  }
  for (Entry& entry : *map_of(params)) read_param(entry);
}

void Checker::read_param(Entry& entry) {
  const std::string path = join("params", entry.key);
  if (!entry.value.map()) {
    Value full{Value::Map(), entry.value.place};
    put(full, "default", std::move(entry.value));
    entry.value = std::move(full);
  }
  Value& param = entry.value;
  Value si = param_value(param, *find(param, "default"), path + ".default");
  for (const Setting& setting : settings_) {
    if (setting.name != entry.key) continue;
    const bool is_word = si.text() && !param.find("int") && !param.find("number");
    for (std::string_view rest = setting.text; !rest.empty(); rest.remove_prefix(base::utf8_length(rest))) {
      if (base::utf8_length(rest) == 0) refuse(setting.place, "is not UTF-8 text");
    }
    Value value{setting.text, setting.place};
    if (!is_word) {
      Result<Value> parsed = base::parse_yaml(setting.text, setting.place.file);
      if (!parsed) refuse(setting.place, parsed.error().message);
      value.data = std::move(parsed->data);
    }
    si = param_value(param, value, path);
    *find(param, "default") = std::move(value);
  }
  params_[entry.key] = {*param.find("default"), term_of(si)};
  params_si_.emplace_back(entry.key, std::move(si));
}

Value Checker::param_value(const Value& param, Value& value, const std::string& path) {
  const Entry* kind = nullptr;
  for (const std::string_view name : kParamKinds) {
    const Entry* found = find_entry(param, name);
    if (found && kind) refuse(found->place, fmt::format("{} is both {} and {}; say one", path, kind->key, name));
    if (found) kind = found;
  }
  const Value& old = *param.find("default");
  if (value.text() && value.text()->find('$') != std::string::npos) {
    refuse(value.place, fmt::format("{} is a constant: it cannot be made of others with $", path));
  }
  const std::string_view kind_name = kind ? std::string_view(kind->key) : "";
  if (kind_name == "choice") {
    const Value::List& list = *kind->value.list();
    const auto is_it = [&](const Value& item) { return spell(item) == spell(value); };
    std::vector<std::string> words;
    for (const Value& item : list) words.push_back(spell(item));
    const std::vector<std::string_view> known(words.begin(), words.end());
    const auto found = std::find_if(list.begin(), list.end(), is_it);
    if (found != list.end()) return *found;
    const std::string advice = base::did_you_mean(spell(value), known);
    refuse(value.place,
           fmt::format("{} is {}, must be one of {}{}", path, quote(value), fmt::join(words, ", "), advice));
  }
  const bool is_truth = kind_name == "bool" || (!kind && std::holds_alternative<bool>(old.data));
  if (is_truth) return constant({Type::truth, Dimension::none, {}, false}, value, path);
  const auto old_quantity = quantity_of(old);
  if (kind_name == "text" || (!kind && !old_quantity)) return text(value, path);
  Spec spec{Type::number, old_quantity ? old_quantity->dimension : Dimension::none, {}, kind_name == "int"};
  if (kind) {
    const auto low = quantity_of((*kind->value.list())[0]), high = quantity_of((*kind->value.list())[1]);
    if (!low || !high || low->value > high->value || low->dimension != high->dimension) {
      refuse(kind->value.place, fmt::format("{}.{} must be [least, most], two numbers of one unit",
                                            path.substr(0, path.rfind(".default")), kind->key));
    }
    spec.dimension = low->dimension;
    spec.range = {low->value, high->value};
  }
  return number(spec, value, path);
}

void Checker::note_lets(Value& lets) {
  if (!lets.map()) refuse(lets.place, fmt::format("let is {}, must be a map of names", describe(lets)));
  for (Entry& entry : *map_of(lets)) {
    check_entry(*schema_.root().key("let")->node, entry, join("let", entry.key));
    if (params_.count(entry.key)) {
      refuse(entry.place, fmt::format("let.{}: a parameter has this name already; choose another", entry.key));
    }
    lets_[entry.key].written = &entry.value;
  }
}

void Checker::read_lets(Value& recipe) {
  const Value* lets = recipe.find("let");
  if (lets == nullptr) return;
  if (lets->is_null()) return erase(recipe, "let");
  for (const Entry& entry : *lets->map()) read_let(entry.key, entry.place, join("let", entry.key));
}

void Checker::infer(const Node& node, Value& value) {
  if (value.is_null()) return;
  if (node.kind == Node::Kind::field) infer_field(node.spec, value);
  if (node.kind == Node::Kind::map && value.map()) {
    for (const Key& key : node.keys) {
      Value* child = find(value, key.name);
      if (child && key.name != "let") infer(*key.node, *child);
    }
  }
  if (node.kind == Node::Kind::named && value.map()) {
    for (Entry& entry : *map_of(value)) infer(*node.below(entry.key), entry.value);
  }
  if (&node != &schema_.root()) return;
  for (std::size_t i = 0; i < lets_.size(); ++i) {  // a let that is another let is of its type
    for (auto& [name, let] : lets_) {
      if (let.spec) infer_field(*let.spec, *let.written);
    }
  }
}

void Checker::infer_field(const Spec& spec, Value& value) {
  if (const std::string_view name = lone_name(value); !name.empty()) {
    const auto let = lets_.find(std::string(name));
    if (let != lets_.end() && !let->second.spec) let->second.spec = spec;
  }
  Value::Map* map = map_of(value);
  if (map && value.find("by")) {
    for (Entry& entry : *map) {
      if (entry.key != "by") infer_field(spec, entry.value);
    }
  } else if (map && value.find("set")) {
    infer_field(spec, *find(value, "set"));
  }
  Value::List* list = list_of(value);
  if (list && (spec.type == Type::vector || spec.type == Type::colour)) {
    for (Value& item : *list) infer_field({Type::number, spec.dimension, spec.range, false}, item);
  }
}

void Checker::read_let(const std::string& name, const Place& user, const std::string& user_path) {
  LetState& let = lets_.at(name);
  if (let.done) return;
  if (let.busy) refuse(user, fmt::format("{}: let.{} is made of itself", user_path, name));
  let.busy = true;
  const Per outer = per_;
  const bool outer_constant = is_constant_;
  is_constant_ = false;
  const std::string path = join("let", name);
  per_ = let.written->map() ? per_of(*let.written, Per::take, path) : Per::take;
  let.per = per_;
  const Node field_node{.kind = Node::Kind::field, .spec = let.spec.value_or(Spec{})};
  let.si = field(field_node, *let.written, path);
  per_ = outer;
  is_constant_ = outer_constant;
  let.busy = false;
  let.done = true;
  lets_done_.push_back({name, let.si, let.per});
}

void Checker::use_let(const std::string& name, const Place& place, const std::string& path) {
  if (is_constant_) {
    refuse(place, fmt::format("{} is a constant: ${} is drawn, and only a parameter may stand here", path, name));
  }
  read_let(name, place, path);
  const Per per = lets_.at(name).per;
  if (per <= per_) return;
  refuse(place, fmt::format("{} is made once per {} but ${} is drawn per {}; write per: {} in let.{}", path,
                            kPers[static_cast<int>(per_)], name, kPers[static_cast<int>(per)],
                            kPers[static_cast<int>(per_)], name));
}

Expression Checker::expression(const std::string& text, const Place& place, const std::string& path) {
  Result<Expression> parsed = Expression::parse(text, place);
  if (!parsed) refuse(place, fmt::format("{}: {}{}", path, parsed.error().message, hint(text)));
  std::vector<std::string_view> known;
  for (const auto& [name, param] : params_) known.push_back(name);
  for (const auto& [name, let] : lets_) known.push_back(name);
  for (const std::string& name : parsed->names()) {
    if (params_.count(name) || lets_.count(name)) continue;
    std::string advice = base::did_you_mean(name, known);
    if (advice.empty()) {
      advice = known.empty() ? "; params: or let: gives names" : fmt::format("; known are {}", fmt::join(known, ", "));
    }
    refuse(place, fmt::format("{}: nothing is named ${}{}", path, name, advice));
  }
  return *std::move(parsed);
}

bool Checker::settle(Value& value, const std::string& path, Dimension dimension) {
  if (!value.text() || value.text()->find('$') == std::string::npos) return false;
  const Expression parsed = expression(*value.text(), value.place, path);
  bool has_lets = false;
  for (const std::string& name : parsed.names()) {
    if (!lets_.count(name)) continue;
    use_let(name, value.place, path);
    has_lets = true;
  }
  if (has_lets) return true;
  if (const std::string_view name = lone_name(value); !name.empty()) {
    value = params_.at(std::string(name)).written;
    return false;
  }
  const Result<Term> term =
      parsed.evaluate([&](const std::string& name) -> Result<Term> { return params_.at(name).term; });
  if (!term) refuse(value.place, fmt::format("{}: {}", path, term.error().message));
  if (const auto* truth = std::get_if<bool>(&*term)) {
    value.data = *truth;
  } else if (const auto* word = std::get_if<std::string>(&*term)) {
    value.data = *word;
  } else {
    const double number = std::get<double>(*term);
    const bool is_whole = number == static_cast<double>(static_cast<std::int64_t>(std::clamp(number, -9e15, 9e15)));
    if (dimension == Dimension::angle) {
      value.data = exactly(number, dimension);
    } else if (is_whole) {
      value.data = static_cast<std::int64_t>(number);
    } else {
      value.data = number;
    }
  }
  return false;
}

void Checker::try_out(const Value& value, Type type, const std::string& path) {
  if (!lone_name(value).empty() && type != Type::truth) return;  // looked at as what it is used for
  const Expression parsed = expression(*value.text(), value.place, path);
  Combinations combinations;
  bool has_params = false;
  for (const std::string& name : parsed.names()) {
    const auto let = lets_.find(name);
    has_params = has_params || let == lets_.end();
    if (let == lets_.end()) continue;
    auto samples = samples_of(*let->second.si.find("value"));
    if (!samples || samples->terms.empty()) return;
    combinations.add(name, *std::move(samples));
  }
  std::optional<base::Diagnostic> failed;
  bool has_value = false, is_true = false;
  for (std::size_t i = 0; i < combinations.count(); ++i) {
    const Result<Term> term = parsed.evaluate([&](const std::string& name) -> Result<Term> {
      const auto param = params_.find(name);
      return param == params_.end() ? combinations.at(i, name) : param->second.term;
    });
    if (!term) {
      if (!failed) failed = term.error();
      continue;
    }
    has_value = true;
    const bool* truth = std::get_if<bool>(&*term);
    const bool fits = type == Type::truth    ? truth != nullptr
                      : type == Type::number ? std::holds_alternative<double>(*term)
                      : type == Type::any    ? true
                                             : std::holds_alternative<std::string>(*term);
    if (!fits) {
      const char* kind = truth ? "true or false" : std::holds_alternative<double>(*term) ? "a number" : "a word";
      const char* wanted = type == Type::truth ? "true or false" : type == Type::number ? "a number" : "a word";
      refuse(value.place, fmt::format("{}: \"{}\" gives {}, must give {}", path, *value.text(), kind, wanted));
    }
    is_true = is_true || (truth && *truth);
  }
  if (!has_value && failed) refuse(value.place, fmt::format("{}: {}", path, failed->message));
  if (type == Type::truth && has_value && !is_true && combinations.are_all() && !has_params) {
    refuse(value.place,
           fmt::format("{}: \"{}\" is never true; {}", path, *value.text(), what_lets_are(parsed.names())));
  }
}

std::string Checker::what_lets_are(const std::vector<std::string>& names) const {
  std::vector<std::string> all;
  for (const std::string& name : names) {
    const auto words = candidates(*lets_.at(name).si.find("value"));
    if (words) all.push_back(fmt::format("${} is one of {}", name, fmt::join(*words, ", ")));
  }
  return fmt::format("{}", fmt::join(all, ", "));
}

void Checker::settle_constant(Value& value, const std::string& path, Dimension dimension) {
  const bool outer = is_constant_;
  is_constant_ = true;
  settle(value, path, dimension);
  is_constant_ = outer;
}

std::optional<std::vector<std::string>> Checker::candidates(const Value& drawn) {
  if (drawn.list()) return std::nullopt;
  if (drawn.text() && drawn.text()->find('$') != std::string::npos) return std::nullopt;
  if (!drawn.map()) return std::vector<std::string>{spell(drawn)};
  if (drawn.find("bernoulli")) return std::vector<std::string>{"true", "false"};
  std::vector<std::string> words;
  if (drawn.find("by")) {
    for (const Entry& entry : *drawn.map()) {
      if (entry.key == "by") continue;
      const auto more = candidates(entry.value);
      if (!more) return std::nullopt;
      words.insert(words.end(), more->begin(), more->end());
    }
    return words;
  }
  if (const Value* range = drawn.find("int")) {
    const auto low = std::get<std::int64_t>((*range->list())[0].data);
    const auto high = std::get<std::int64_t>((*range->list())[1].data);
    if (high - low > 1000) return std::nullopt;
    for (std::int64_t i = low; i <= high; ++i) words.push_back(fmt::format("{}", i));
    return words;
  }
  const Value* from = drawn.find("choice") ? drawn.find("choice") : drawn.find("sequence");
  if (from == nullptr) return std::nullopt;
  if (from->map()) {
    for (const Entry& entry : *from->map()) words.push_back(entry.key);
    return words;
  }
  for (const Value& item : *from->list()) {
    if (item.list() || item.map()) return std::nullopt;
    words.push_back(spell(item));
  }
  return words;
}

}  // namespace wm::recipe
