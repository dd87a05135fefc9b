#include "worldmill/vary/distribution_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "worldmill/base/distributions.h"
#include "worldmill/math/distributions.h"
#include "worldmill/math/elementary.h"

namespace wm::vary {
namespace {

using base::error;
using base::Value;
using At = Draws::At;

constexpr double kTau = 6.283185307179586;

At inside(const At& at, std::string_view part) {
  At deeper = at;
  deeper.name += fmt::format(".{}", part);
  return deeper;
}

Result<double> number(Draws& draws, const Value& value, const At& at) {
  WM_TRY(drawn, draws.evaluate(value, at));
  return as_number(drawn, at.name);
}

/// The arguments of a distribution that takes a map: complains of keys that are not in `known`.
template <std::size_t n>
Status check_keys(const Value& arguments, const At& at, const std::array<std::string_view, n>& known) {
  if (!arguments.map()) {
    return error(fmt::format("{}: needs a map of {}, not {}", at.name, fmt::join(known, ", "), describe(arguments)),
                 arguments.place);
  }
  for (const base::Entry& entry : *arguments.map()) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    return error(fmt::format("{}: unknown key \"{}\"{}; known: {}", at.name, entry.key,
                             base::did_you_mean(entry.key, known), fmt::join(known, ", ")),
                 entry.place);
  }
  return {};
}

Result<double> number_at(Draws& draws, const Value& arguments, std::string_view key, const At& at) {
  const Value* value = arguments.find(key);
  if (value == nullptr || value->is_null()) {
    return error(fmt::format("{}: \"{}\" is missing", at.name, key), arguments.place);
  }
  return number(draws, *value, inside(at, key));
}

Result<double> number_or(Draws& draws, const Value& arguments, std::string_view key, double fallback, const At& at) {
  const Value* value = arguments.find(key);
  if (value == nullptr || value->is_null()) return fallback;
  return number(draws, *value, inside(at, key));
}

Result<math::Vec3> vec3_at(Draws& draws, const Value& arguments, std::string_view key, const At& at) {
  const Value* value = arguments.find(key);
  if (value == nullptr) return error(fmt::format("{}: \"{}\" is missing", at.name, key), arguments.place);
  WM_TRY(drawn, draws.evaluate(*value, inside(at, key)));
  return as_vec3(drawn, inside(at, key).name);
}

struct Range {
  double low, high;
};

Result<Range> range(Draws& draws, const Value& arguments, const At& at) {
  const Value::List* list = arguments.list();
  if (list == nullptr || list->size() != 2) {
    return error(fmt::format("{}: needs [min, max], not {}", at.name, describe(arguments)), arguments.place);
  }
  WM_TRY(low, number(draws, (*list)[0], inside(at, "0")));
  WM_TRY(high, number(draws, (*list)[1], inside(at, "1")));
  if (!(low <= high) || !std::isfinite(high - low)) {
    return error(fmt::format("{}: min {} is above max {}; swap them", at.name, low, high), arguments.place);
  }
  return Range{low, high};
}

tl::unexpected<base::Diagnostic> refuse(const At& at, const Value& arguments, const std::string& why) {
  return error(fmt::format("{}: {}", at.name, why), arguments.place);
}

base::RandomKey key(const Draws& draws, const At& at) {
  return draws.key(at.per, at.name, at.object);
}

Value number_value(double number, const Value& arguments) {
  return {number, arguments.place};
}

Result<Value> draw_uniform(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY(r, range(draws, arguments, at));
  return number_value(base::uniform(key(draws, at), 0, r.low, r.high), arguments);
}

Result<Value> draw_log_uniform(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY(r, range(draws, arguments, at));
  if (r.low <= 0) return refuse(at, arguments, fmt::format("min is {}, must be above 0", r.low));
  return number_value(math::log_uniform(key(draws, at), 0, r.low, r.high), arguments);
}

Result<Value> draw_int(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY(r, range(draws, arguments, at));
  constexpr double kFarthest = 0x1p53;
  if (r.low != std::floor(r.low) || r.high != std::floor(r.high) || r.low < -kFarthest || r.high > kFarthest) {
    return refuse(at, arguments, fmt::format("[{}, {}] must be whole numbers", r.low, r.high));
  }
  const auto low = static_cast<std::int64_t>(r.low), high = static_cast<std::int64_t>(r.high);
  return Value{base::integer(key(draws, at), 0, low, high), arguments.place};
}

Result<Value> draw_normal(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY_STATUS(check_keys<2>(arguments, at, {"mean", "sd"}));
  WM_TRY(mean, number_at(draws, arguments, "mean", at));
  WM_TRY(sd, number_at(draws, arguments, "sd", at));
  if (sd < 0) return refuse(at, arguments, fmt::format("sd is {}, must not be negative", sd));
  return number_value(math::normal(key(draws, at), 0, mean, sd), arguments);
}

Result<Value> draw_truncated_normal(Draws& draws, const Value& arguments, const At& at) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  WM_TRY_STATUS(check_keys<4>(arguments, at, {"mean", "sd", "min", "max"}));
  WM_TRY(mean, number_at(draws, arguments, "mean", at));
  WM_TRY(sd, number_at(draws, arguments, "sd", at));
  WM_TRY(low, number_or(draws, arguments, "min", -kInfinity, at));
  WM_TRY(high, number_or(draws, arguments, "max", kInfinity, at));
  if (sd < 0) return refuse(at, arguments, fmt::format("sd is {}, must not be negative", sd));
  if (low > high) return refuse(at, arguments, fmt::format("min {} is above max {}; swap them", low, high));
  return number_value(math::truncated_normal(key(draws, at), 0, mean, sd, low, high), arguments);
}

Result<Value> draw_beta(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY_STATUS(check_keys<4>(arguments, at, {"a", "b", "min", "max"}));
  WM_TRY(a, number_at(draws, arguments, "a", at));
  WM_TRY(b, number_at(draws, arguments, "b", at));
  WM_TRY(low, number_or(draws, arguments, "min", 0, at));
  WM_TRY(high, number_or(draws, arguments, "max", 1, at));
  if (a <= 0 || b <= 0) return refuse(at, arguments, fmt::format("a and b must be above 0, not {} and {}", a, b));
  if (low > high) return refuse(at, arguments, fmt::format("min {} is above max {}; swap them", low, high));
  return number_value(math::beta(key(draws, at), 0, a, b, low, high), arguments);
}

Result<Value> draw_poisson(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY(mean, number(draws, arguments, inside(at, "mean")));
  if (mean < 0 || mean > 1e15) return refuse(at, arguments, fmt::format("mean is {}, must be in [0, 1e15]", mean));
  return Value{math::poisson(key(draws, at), 0, mean), arguments.place};
}

Result<Value> draw_bernoulli(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY(p, number(draws, arguments, inside(at, "p")));
  if (!(p >= 0 && p <= 1)) return refuse(at, arguments, fmt::format("probability is {}, must be in [0, 1]", p));
  return Value{base::bernoulli(key(draws, at), 0, p), arguments.place};
}

/// The key of a map of weights stands for what YAML would have read in its place.
Value item_of(const base::Entry& entry) {
  const std::string& text = entry.key;
  if (text == "true" || text == "false") return {text == "true", entry.place};
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc() && read.ptr == end) {
    return {whole, entry.place};
  }
  double number = 0;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string::npos;
  if (const auto read = std::from_chars(text.data(), end, number);
      digits && read.ec == std::errc() && read.ptr == end) {
    return {number, entry.place};
  }
  return {text, entry.place};
}

struct Items {
  std::vector<Value> values;
  std::vector<Candidate> candidates;

  void add(Value value, double weight) {
    std::string written = to_line(value);
    const auto same = std::ranges::find(candidates, written, &Candidate::written);
    if (same != candidates.end()) {  // written twice counts twice
      same->weight += weight;
      return;
    }
    candidates.push_back({std::move(written), weight});
    values.push_back(std::move(value));
  }
};

Result<Items> items(Draws& draws, const Value& arguments, const At& at) {
  Items all;
  if (const Value::List* list = arguments.list()) {
    for (const Value& value : *list) all.add(value, 1);
  } else if (const Value::Map* map = arguments.map()) {
    for (const base::Entry& entry : *map) {
      WM_TRY(weight, number(draws, entry.value, inside(at, entry.key + ".weight")));
      if (!(weight >= 0) || !std::isfinite(weight)) {
        return error(fmt::format("{}: weight of \"{}\" is {}, must not be negative", at.name, entry.key, weight),
                     entry.place);
      }
      all.add(item_of(entry), weight);
    }
  } else {
    return refuse(at, arguments, fmt::format("choice needs a list or a map of weights, not {}", describe(arguments)));
  }
  if (all.values.empty()) return refuse(at, arguments, "there is nothing to choose from");
  return all;
}

/// Takes away what the split deals to other parts than the scene's.
Status keep_own_part(Draws& draws, Items& all, const Value& arguments, const At& at) {
  const Split& split = draws.job().split;
  const std::string& field = at.field->name;
  if (split.parts.empty() || std::ranges::find(split.disjoint, field) == split.disjoint.end()) return {};
  Items kept;
  for (std::size_t i = 0; i < all.values.size(); ++i) {
    const Candidate& candidate = all.candidates[i];
    if (part_of_candidate(draws.job(), field, candidate.written) != draws.part()) continue;
    kept.values.push_back(all.values[i]);
    kept.candidates.push_back(candidate);
  }
  if (kept.values.empty()) {
    return error(fmt::format("split.disjoint: none of the {} candidates of {} is dealt to part \"{}\"; give it more "
                             "candidates or take it from the list",
                             all.values.size(), field, draws.part()),
                 arguments.place);
  }
  all = std::move(kept);
  return {};
}

Result<Value> draw_choice(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY(all, items(draws, arguments, at));
  WM_TRY_STATUS(keep_own_part(draws, all, arguments, at));
  const std::optional<std::size_t> picked = pick(key(draws, at), all.candidates);
  if (!picked) return refuse(at, arguments, "all weights are 0, so there is nothing to choose from");
  return draws.evaluate(all.values[*picked], inside(at, "chosen"));
}

Result<Value> draw_sequence(Draws& draws, const Value& arguments, const At& at) {
  const Value::List* list = arguments.list();
  if (list == nullptr || list->empty()) {
    return refuse(at, arguments, fmt::format("sequence needs a list, not {}", describe(arguments)));
  }
  const auto i = static_cast<std::size_t>(draws.count_of(at.per)) % list->size();
  return draws.evaluate((*list)[i], inside(at, std::to_string(i)));
}

/// Of a colour channel; the double twin of image::linear_from_srgb.
double linear_from_srgb(double c) {
  return c <= 0.04045 ? c / 12.92 : math::pow((c + 0.055) / 1.055, 2.4);
}

/// Smith, "Color gamut transform pairs", SIGGRAPH 1978; the three are of sRGB's encoded values, as painters mean them.
math::Vec3 linear_from_hsv(double hue, double saturation, double value) {
  const double turns = hue / kTau;
  const double sixths = (turns - std::floor(turns)) * 6;
  const auto channel = [&](double shift) {
    const double k = shift + sixths < 6 ? shift + sixths : shift + sixths - 6;
    return linear_from_srgb(value - value * saturation * std::max(0.0, std::min({k, 4 - k, 1.0})));
  };
  return {channel(5), channel(3), channel(1)};
}

Result<Value> draw_hsv(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY_STATUS(check_keys<3>(arguments, at, {"h", "s", "v"}));
  WM_TRY(h, number_at(draws, arguments, "h", at));
  WM_TRY(s, number_at(draws, arguments, "s", at));
  WM_TRY(v, number_at(draws, arguments, "v", at));
  if (!(s >= 0 && s <= 1)) return refuse(at, arguments, fmt::format("s is {}, must be in [0, 1]", s));
  if (!(v >= 0 && v <= 1)) return refuse(at, arguments, fmt::format("v is {}, must be in [0, 1]", v));
  return value_of(linear_from_hsv(h, s, v), arguments.place);
}

Result<Value> draw_box(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY_STATUS(check_keys<2>(arguments, at, {"min", "max"}));
  WM_TRY(low, vec3_at(draws, arguments, "min", at));
  WM_TRY(high, vec3_at(draws, arguments, "max", at));
  const math::Box3 box{low, high};
  if (box.is_empty()) return refuse(at, arguments, "min is above max in one of the three");
  return value_of(math::point_in_box(key(draws, at), 0, box), arguments.place);
}

Result<math::Vec3> center(Draws& draws, const Value& arguments, const At& at) {
  if (arguments.find("center") == nullptr) return math::Vec3{};
  return vec3_at(draws, arguments, "center", at);
}

Result<Value> draw_sphere(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY_STATUS(check_keys<2>(arguments, at, {"center", "radius"}));
  WM_TRY(middle, center(draws, arguments, at));
  WM_TRY(radius, number_at(draws, arguments, "radius", at));
  if (radius < 0) return refuse(at, arguments, fmt::format("radius is {} m, must not be negative", radius));
  return value_of(middle + math::point_in_ball(key(draws, at), 0, radius), arguments.place);
}

Result<Value> draw_shell(Draws& draws, const Value& arguments, const At& at) {
  WM_TRY_STATUS(check_keys<2>(arguments, at, {"center", "radius"}));
  WM_TRY(middle, center(draws, arguments, at));
  const Value* radius = arguments.find("radius");
  if (radius == nullptr) return refuse(at, arguments, "\"radius\" is missing: [min, max]");
  WM_TRY(r, range(draws, *radius, inside(at, "radius")));
  if (r.low < 0) return refuse(at, arguments, fmt::format("radius is {} m, must not be negative", r.low));
  return value_of(middle + math::point_in_shell(key(draws, at), 0, r.low, r.high), arguments.place);
}

Result<Value> draw_direction(Draws& draws, const Value& arguments, const At& at) {
  return value_of(math::uniform_direction(key(draws, at), 0), arguments.place);
}

Result<Value> draw_rotation(Draws& draws, const Value& arguments, const At& at) {
  const math::Rotation r = math::uniform_rotation(key(draws, at), 0);
  Value::List list;
  for (const double part : {r.w, r.x, r.y, r.z}) list.push_back({part, arguments.place});
  return Value{std::move(list), arguments.place};
}

constexpr std::array<DistributionMaker, 16> kTable = {{
    {{"uniform", "Every number of a range alike.", "[min, max]"}, true, draw_uniform},
    {{"log_uniform", "Every order of magnitude of a range alike.", "[min, max], min above 0"}, true, draw_log_uniform},
    {{"int", "Every whole number of a range alike, both ends in.", "[min, max]"}, true, draw_int},
    {{"normal", "A bell around a mean.", "{mean, sd}"}, true, draw_normal},
    {{"truncated_normal", "A bell cut off at its ends.", "{mean, sd, min, max}, an end may be left out"},
     true,
     draw_truncated_normal},
    {{"beta", "Between two ends, leaning as a and b say.", "{a, b, min: 0, max: 1}"}, true, draw_beta},
    {{"poisson", "How many events when so many are expected.", "MEAN"}, true, draw_poisson},
    {{"bernoulli", "True so often.", "PROBABILITY"}, true, draw_bernoulli},
    {{"choice", "One of several, alike or by weight.", "[item, ...] or {item: weight, ...}"}, true, draw_choice},
    {{"sequence", "One after the other: item i mod n of its `per`.", "[item, ...]"}, true, draw_sequence},
    {{"hsv", "A colour by hue, saturation and value (of sRGB).", "{h, s, v}, each may be drawn"}, false, draw_hsv},
    {{"box", "A point of a box.", "{min: [x, y, z], max: [x, y, z]}"}, true, draw_box},
    {{"sphere", "A point inside a ball.", "{center: [0, 0, 0], radius}"}, true, draw_sphere},
    {{"shell", "A point between two spheres.", "{center: [0, 0, 0], radius: [min, max]}"}, true, draw_shell},
    {{"direction", "A unit vector, every way alike.", "{}"}, true, draw_direction},
    {{"rotation", "A rotation (w, x, y, z), each alike.", "{}"}, true, draw_rotation},
}};

constexpr auto kRows = [] {
  std::array<DistributionRow, kTable.size()> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = kTable[i].row;
  return rows;
}();

}  // namespace

std::span<const DistributionMaker> distribution_table() {
  return kTable;
}

const DistributionMaker* find_distribution(std::string_view name) {
  const auto* found = std::ranges::find_if(kTable, [&](const DistributionMaker& m) { return m.row.name == name; });
  return found == kTable.end() ? nullptr : found;
}

std::span<const DistributionRow> distributions() {
  return kRows;
}

}  // namespace wm::vary
