#include "worldmill/vary/draws.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "worldmill/base/distributions.h"
#include "worldmill/math/elementary.h"
#include "worldmill/vary/distribution_table.h"

// An address, step by step; what is drawn per dataset leaves out scene and take, per scene the take, and so on:
//
//   seed / "scene" / n / attempt / "take" / n / attempt / "moment" / n / field's name / path of the object / index
//
// A draw inside a field has the field's name with where in it: `.h` of an hsv, `.0` of a list, `.night` of a case.

namespace wm::vary {
namespace {

using base::error;
using base::Value;

constexpr std::array<std::string_view, 4> kPers{"dataset", "scene", "take", "moment"};

std::size_t index(Per per) {
  return static_cast<std::size_t>(per);
}

std::uint64_t unsigned_(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}

bool is_identifier(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && letter(text[0]) && std::ranges::all_of(text, [&](char c) { return letter(c) || digit(c); });
}

Value value_of_term(const base::Term& term, const base::Place& place) {
  return std::visit([&](const auto& t) { return Value{t, place}; }, term);
}

std::string written_number(double number, bool brief) {
  return brief ? fmt::format("{:.6g}", number) : fmt::format("{}", number);
}

}  // namespace

std::string_view name_of(Per per) {
  return kPers[index(per)];
}

std::optional<std::size_t> pick(base::RandomKey key, std::span<const Candidate> candidates) {
  std::optional<std::size_t> best;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[i];
    if (c.weight <= 0) continue;
    const double u = 1 - base::unit(key.child(c.written), 0);  // in (0, 1]
    const double score = -math::log(u) / c.weight;
    const bool wins = !best || score < least || (score == least && c.written < candidates[*best].written);
    if (!wins) continue;
    best = i;
    least = score;
  }
  return best;
}

namespace {

/// The split's part that is picked at `key` by the shares.
std::string pick_part(const Split& split, base::RandomKey key) {
  std::vector<Candidate> parts;
  for (std::size_t i = 0; i < split.parts.size(); ++i) parts.push_back({split.parts[i], split.shares.at(i)});
  const std::optional<std::size_t> picked = pick(key, parts);
  return picked ? split.parts[*picked] : std::string();
}

}  // namespace

std::string split_part(const Job& job, std::int64_t scene_index) {
  const base::RandomKey seed = base::RandomKey::from_seed(job.seed);
  return pick_part(job.split, seed.child("scene").child(unsigned_(scene_index)).child("split"));
}

std::string part_of_candidate(const Job& job, const std::string& field, const std::string& written) {
  return pick_part(job.split, base::RandomKey::from_seed(job.seed).child("split").child(field).child(written));
}

std::string to_line(const Value& value, bool brief) {
  if (value.is_null()) return "null";
  if (const bool* truth = std::get_if<bool>(&value.data)) return *truth ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return std::to_string(*whole);
  if (const double* number = std::get_if<double>(&value.data)) return written_number(*number, brief);
  if (const std::string* text = value.text()) return *text;
  std::string line;
  if (const Value::List* list = value.list()) {
    for (const Value& item : *list) line += (line.empty() ? "" : ", ") + to_line(item, brief);
    return "[" + line + "]";
  }
  for (const base::Entry& entry : *value.map()) {
    line += (line.empty() ? "" : ", ") + entry.key + ": " + to_line(entry.value, brief);
  }
  return "{" + line + "}";
}

Draws::Draws(const Job& job, const Slot& slot)
    : job_(job), slot_(slot), part_(split_part(job, slot.scene)), lets_(job.lets.size()) {
  base::RandomKey key = base::RandomKey::from_seed(job.seed);
  std::string text;
  const auto level = [&] {
    keys_.push_back(key);
    addresses_.push_back(text);
  };
  const auto descend = [&](std::string_view name, std::int64_t n, int attempt) {
    key = key.child(name).child(unsigned_(n)).child(unsigned_(attempt));
    text += fmt::format("{}/{}/{}/", name, n, attempt);
    level();
  };
  level();
  descend("scene", slot.scene, slot.scene_attempt);
  if (!slot.take) return;
  descend("take", *slot.take, slot.take_attempt);
  if (!slot.moment) return;
  key = key.child("moment").child(unsigned_(*slot.moment));
  text += fmt::format("moment/{}/", *slot.moment);
  level();
}

base::RandomKey Draws::key(Per per, std::string_view name, std::string_view object) const {
  WM_CHECK(index(per) < keys_.size());
  const base::RandomKey field = keys_[index(per)].child(name);
  return object.empty() ? field : field.child(object);
}

std::string Draws::address(Per per, std::string_view name, std::string_view object) const {
  return fmt::format("{}{}{}", addresses_[index(per)], name, object);
}

void Draws::record(std::string address, std::string distribution, Value value) {
  if (!silent_) records_.push_back({std::move(address), std::move(distribution), std::move(value)});
}

std::int64_t Draws::count_of(Per per) const {
  if (per == Per::scene) return slot_.scene;
  if (per == Per::moment) return slot_.moment.value_or(0);
  return per == Per::take ? slot_.take.value_or(0) : 0;
}

Status Draws::evaluate_lets() {
  for (std::size_t i = 0; i < lets_.size(); ++i) {
    if (level_of(job_.lets[i].per) != slot_.level()) continue;
    WM_TRY_STATUS(let_value(i));
  }
  return {};
}

Result<Value> Draws::let_value(std::size_t i) {
  const Let& let = job_.lets[i];
  LetState& state = lets_[i];
  if (state.stage == LetState::Stage::done) return state.value;
  if (state.stage == LetState::Stage::busy) {
    return error(fmt::format("let.{} needs its own value", let.name), let.field.value.place);
  }
  state.stage = LetState::Stage::busy;
  const bool before = silent_;
  silent_ = before || level_of(let.per) < slot_.level();
  const std::string name = let.field.name.empty() ? "let." + let.name : let.field.name;
  auto value = evaluate(let.field.value, {&let.field, name, let.per, let.per, {}});
  silent_ = before;
  if (!value) return value;
  state = {LetState::Stage::done, *value};
  return value;
}

Result<Value> Draws::lookup(const std::string& name, Per per, const std::string& user, const base::Place& place) {
  for (std::size_t i = 0; i < lets_.size(); ++i) {
    if (job_.lets[i].name != name) continue;
    if (job_.lets[i].per > per) {
      return error(fmt::format("{} is drawn per {} and cannot use ${}, which is drawn per {}; write `per: {}`", user,
                               name_of(per), name, name_of(job_.lets[i].per), name_of(job_.lets[i].per)),
                   place);
    }
    return let_value(i);
  }
  std::vector<std::string_view> known;
  for (const auto& [param, value] : job_.params) {
    if (param == name) return value;
    known.push_back(param);
  }
  for (const Let& let : job_.lets) known.push_back(let.name);
  return error(fmt::format("{}: there is no let or param \"{}\"{}", user, name, base::did_you_mean(name, known)),
               place);
}

Result<base::Term> Draws::expression(const base::Expression& expression, Per per, const std::string& user,
                                     const base::Place& place) {
  return expression.evaluate([&](const std::string& name) -> Result<base::Term> {
    WM_TRY(value, lookup(name, per, user, place));
    if (const bool* truth = std::get_if<bool>(&value.data)) return base::Term(*truth);
    if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return base::Term(static_cast<double>(*whole));
    if (const double* number = std::get_if<double>(&value.data)) return base::Term(*number);
    if (const std::string* text = value.text()) return base::Term(*text);
    return error(
        fmt::format("{}: ${} is {}; expressions reckon with numbers, texts and truths", user, name, describe(value)),
        place);
  });
}

Result<Value> Draws::draw(const Field& field, Per entry, std::string_view object) {
  const Per per = field.per.value_or(entry);
  return evaluate(field.value, {&field, field.name, per, entry, field.shared ? std::string_view() : object});
}

Result<double> Draws::number(const Field& field, Per entry, std::string_view object) {
  WM_TRY(value, draw(field, entry, object));
  return as_number(value, field.name);
}

Result<math::Vec3> Draws::vec3(const Field& field, Per entry, std::string_view object) {
  WM_TRY(value, draw(field, entry, object));
  return as_vec3(value, field.name);
}

Result<std::string> Draws::text(const Field& field, Per entry, std::string_view object) {
  WM_TRY(value, draw(field, entry, object));
  return as_text(value, field.name);
}

Result<bool> Draws::holds(const std::optional<base::Expression>& when, Per entry, const std::string& name,
                          const base::Place& place) {
  if (!when) return true;
  WM_TRY(term, expression(*when, entry, name + ".when", place));
  if (const bool* truth = std::get_if<bool>(&term)) return *truth;
  return error(fmt::format("{}.when must be true or false, as `$hour == night` is", name), place);
}

Result<Value> Draws::evaluate(const Value& value, const At& at) {
  if (at.per > at.entry) {
    return error(fmt::format("{} is drawn per {}, finer than its entry, which is per {}", at.name, name_of(at.per),
                             name_of(at.entry)),
                 value.place);
  }
  if (value.map()) return evaluate_map(value, at);
  if (value.text()) return evaluate_text(value, at);
  if (!value.list()) return value;
  Value::List items;
  for (std::size_t i = 0; i < value.list()->size(); ++i) {
    At deeper = at;
    deeper.name += fmt::format(".{}", i);
    WM_TRY(item, evaluate((*value.list())[i], deeper));
    items.push_back(std::move(item));
  }
  return Value{std::move(items), value.place};
}

Result<Value> Draws::evaluate_text(const Value& value, const At& at) {
  const std::string& text = *value.text();
  if (text.find('$') == std::string::npos) return value;
  if (text[0] == '$' && is_identifier(std::string_view(text).substr(1))) {
    return lookup(text.substr(1), at.per, at.name, value.place);
  }
  WM_TRY(parsed, base::Expression::parse(text, value.place));
  WM_TRY(term, expression(parsed, at.per, at.name, value.place));
  return value_of_term(term, value.place);
}

Result<Value> Draws::evaluate_switch(const Value& value, const At& at) {
  WM_TRY(said, evaluate(*value.find("by"), at));
  const std::string name = to_line(said);
  std::vector<std::string_view> cases;
  const base::Entry* chosen = nullptr;
  for (const base::Entry& entry : *value.map()) {
    if (entry.key == "by" || entry.key == "per" || entry.key == "shared") continue;
    if (entry.key == name) chosen = &entry;
    if (entry.key == "else" && chosen == nullptr) chosen = &entry;
    cases.push_back(entry.key);
  }
  if (chosen == nullptr) {
    return error(fmt::format("{}: {} is \"{}\", which is none of the cases {}; add it or `else:`", at.name,
                             to_line(*value.find("by")), name, fmt::join(cases, ", ")),
                 value.place);
  }
  At deeper = at;
  deeper.name += "." + chosen->key;
  return evaluate(chosen->value, deeper);
}

namespace {

/// Reads `per` and `shared` beside a distribution's name into `at`.
Status read_manner(const Value& value, Draws::At& at) {
  if (const Value* per = value.find("per")) {
    const auto known = std::ranges::find(kPers, per->text() ? std::string_view(*per->text()) : std::string_view());
    if (known == kPers.end()) {
      return error(fmt::format("{}: per is one of {}, not {}", at.name, fmt::join(kPers, ", "), describe(*per)),
                   per->place);
    }
    at.per = static_cast<Per>(known - kPers.begin());
  }
  if (const Value* shared = value.find("shared")) {
    WM_TRY(is_shared, as_truth(*shared, at.name + ".shared"));
    if (is_shared) at.object = {};
  }
  return {};
}

std::string distribution_line(const DistributionMaker& maker, const Value& arguments) {
  constexpr std::size_t kLongest = 160;
  std::string line = fmt::format("{} {}", maker.row.name, to_line(arguments, true));
  if (line.size() <= kLongest) return line;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;  // not amid a character
  const std::size_t items = arguments.list() ? arguments.list()->size() : arguments.map() ? arguments.map()->size() : 1;
  return fmt::format("{} ... ({} in all)", line.substr(0, end), items);
}

}  // namespace

Result<Value> Draws::evaluate_map(const Value& value, const At& outer) {
  At at = outer;
  WM_TRY_STATUS(read_manner(value, at));
  if (at.per > at.entry) return evaluate(Value{false, value.place}, at);  // gives the complaint
  if (value.find("by") != nullptr) return evaluate_switch(value, at);
  const base::Entry* named = nullptr;
  for (const base::Entry& entry : *value.map()) {
    if (entry.key == "per" || entry.key == "shared") continue;
    if (named != nullptr) {
      return error(fmt::format("{}: a draw is a map with one distribution's name, but here are \"{}\" and \"{}\"",
                               at.name, named->key, entry.key),
                   entry.place);
    }
    named = &entry;
  }
  if (named == nullptr) return error(fmt::format("{}: a draw needs a distribution's name", at.name), value.place);
  const DistributionMaker* maker = find_distribution(named->key);
  if (maker == nullptr) {
    std::vector<std::string_view> known;
    for (const DistributionRow& row : distributions()) known.push_back(row.name);
    return error(fmt::format("{}: unknown distribution \"{}\"{}; known: {}", at.name, named->key,
                             base::did_you_mean(named->key, known), fmt::join(known, ", ")),
                 named->place);
  }
  WM_TRY(drawn, maker->draw(*this, named->value, at));
  if (maker->random) {
    record(address(at.per, at.name, at.object), distribution_line(*maker, named->value), drawn);
  }
  return drawn;
}

Result<double> as_number(const Value& value, std::string_view name) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
  if (const double* number = std::get_if<double>(&value.data)) {
    if (std::isfinite(*number)) return *number;
  }
  return error(fmt::format("{} must be a finite number, not {}", name, describe(value)), value.place);
}

Result<math::Vec3> as_vec3(const Value& value, std::string_view name) {
  const Value::List* list = value.list();
  if (list == nullptr || list->size() != 3) {
    return error(fmt::format("{} must be a list of three numbers, not {}", name, describe(value)), value.place);
  }
  WM_TRY(x, as_number((*list)[0], name));
  WM_TRY(y, as_number((*list)[1], name));
  WM_TRY(z, as_number((*list)[2], name));
  return math::Vec3{x, y, z};
}

Result<std::string> as_text(const Value& value, std::string_view name) {
  if (value.text()) return *value.text();
  return error(fmt::format("{} must be a text, not {}", name, describe(value)), value.place);
}

Result<bool> as_truth(const Value& value, std::string_view name) {
  if (const bool* truth = std::get_if<bool>(&value.data)) return *truth;
  return error(fmt::format("{} must be true or false, not {}", name, describe(value)), value.place);
}

Value value_of(math::Vec3 v, base::Place place) {
  Value::List list;
  for (const double part : {v.x, v.y, v.z}) list.push_back({part, place});
  return {std::move(list), std::move(place)};
}

}  // namespace wm::vary
