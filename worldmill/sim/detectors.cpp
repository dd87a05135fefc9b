#include "worldmill/sim/detectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace wm::sim {
namespace {

using std::nullopt;

// What every event that has a length may say too.
const NumberSchema kGap{"gap", "s", 0.02, "What stops for less has not stopped."};
const NumberSchema kLasting{"lasting", "s", 0, "What lasts shorter is no event."};

const std::vector<NumberSchema> kTouching{
    {"impulse", "N s", 0, "Of the first `window`, at least."},
    {"force", "N", 0, "Greatest force along the normal, at least."},
    {"speed", "m/s", 0, "At which the two close in, at least."},
    {"window", "s", 0.05, "How long the first impulse is counted."},
    {"gap", "s", 0.05, "Two that part for less have not parted."},
};

std::vector<NumberSchema> collision_numbers() {
  std::vector<NumberSchema> numbers = kTouching;
  numbers[2].preset = 0.1;
  return numbers;
}

const std::vector<DetectorRow>& rows() {
  static const std::vector<DetectorRow> all{
      {"contact",
       "Two things touch, until they have parted.",
       {"between", "between"},
       kTouching,
       "impulse of the first window [N s]",
       make_contact},
      {"collision",
       "Two things run into each other.",
       {"between", "between"},
       collision_numbers(),
       "impulse of the first window [N s]",
       make_contact},
      {"slip",
       "Two things that touch slide on each other.",
       {"between", "between"},
       {{"speed", "m/s", 0.01, "Of sliding, at least."}, kGap, kLasting},
       "greatest speed [m/s]",
       make_slip},
      {"grasp",
       "A thing is held from opposite sides by two fingers or more.",
       {"of", "by"},
       {{"force", "N", 0.01, "Of each finger, at least."}, {"gap", "s", 0.05, kGap.help}, kLasting},
       "greatest force of the weaker finger [N]",
       make_grasp},
      {"drop",
       "A thing falls from what held it.",
       {"of"},
       {{"height", "m", 0.05, "Fallen, at least."}},
       "height fallen [m]",
       make_drop},
      {"zone",
       "A thing's origin is in a box.",
       {"of"},
       {{"min_x", "m", nullopt, "Of the box, in the world's frame."},
        {"min_y", "m", nullopt, "Likewise."},
        {"min_z", "m", nullopt, "Likewise."},
        {"max_x", "m", nullopt, "Likewise."},
        {"max_y", "m", nullopt, "Likewise."},
        {"max_z", "m", nullopt, "Likewise."},
        {"gap", "s", 0, kGap.help},
        kLasting},
       "how deep inside [m]",
       make_motion},
      {"proximity",
       "The surfaces of two things are near each other.",
       {"between", "between"},
       {{"below", "m", nullopt, "Of the distance."}, kGap, kLasting},
       "least distance, negated [m]",
       make_distance},
      {"time_to_collision",
       "Two things would meet soon, were they to go on so.",
       {"between", "between"},
       {{"below", "s", nullopt, "Of the time that is left."},
        {"range", "m", 50, "Within which the distance is looked at."},
        kGap,
        kLasting},
       "least time left, negated [s]",
       make_distance},
      {"near_miss",
       "Two things come near each other and part again, untouched.",
       {"between", "between"},
       {{"below", "m", nullopt, "Of the distance."}},
       "least distance [m]",
       make_distance},
      {"topple",
       "A thing has turned away from how it stood.",
       {"of"},
       {{"angle", "rad", 0.7853981633974483, "Between its up and up, at least."}, kGap, kLasting},
       "greatest angle [rad]",
       make_motion},
      {"rest",
       "A thing lies still.",
       {"of"},
       {{"speed", "m/s", 0.01, "Below."},
        {"spin", "rad/s", 0.05, "Below."},
        kGap,
        {"lasting", "s", 0.2, kLasting.help}},
       "least speed, negated [m/s]",
       make_motion},
      {"speed",
       "A thing is fast.",
       {"of"},
       {{"above", "m/s", nullopt, "At least."}, kGap, kLasting},
       "greatest speed [m/s]",
       make_motion},
      {"acceleration",
       "A thing changes its velocity fast.",
       {"of"},
       {{"above", "m/s^2", nullopt, "At least."}, kGap, kLasting},
       "greatest acceleration [m/s^2]",
       make_motion},
      {"joint_limit",
       "A joint of a thing is at the end of its range.",
       {"of"},
       {{"within", "rad or m", 0.01, "Of the end."}, kGap, kLasting},
       "how far past `within` [rad or m]",
       make_motion},
      {"expression",
       "A condition holds of a thing: $x $y $z [m], $vx $vy $vz $speed [m/s], $spin [rad/s], $tilt [rad], $time [s].",
       {"of"},
       {kGap, kLasting},
       "1",
       make_motion},
  };
  return all;
}

constexpr std::string_view kTerms[] = {"x", "y", "z", "vx", "vy", "vz", "speed", "spin", "tilt", "time"};

}  // namespace

std::span<const DetectorRow> builtin_detectors() {
  return rows();
}

std::span<const std::string_view> expression_terms() {
  return kTerms;
}

Result<std::unique_ptr<Detector>> make_detector(const Rule& rule) {
  const auto row = std::ranges::find(rows(), rule.detector, &DetectorRow::name);
  if (row == rows().end()) {
    std::vector<std::string_view> known;
    for (const DetectorRow& r : rows()) known.push_back(r.name);
    return base::error(fmt::format("{}: there is no detector \"{}\"{}", rule.name, rule.detector,
                                   base::did_you_mean(rule.detector, known)));
  }
  Rule full = rule;
  if (full.groups.size() != row->groups.size()) {
    return base::error(fmt::format("{}: {} is about {}", rule.name, row->name, fmt::join(row->groups, " and ")));
  }
  for (const auto& [name, number] : full.numbers) {
    if (std::ranges::find(row->numbers, name, &NumberSchema::name) == row->numbers.end()) {
      return base::error(fmt::format("{}: {} has no \"{}\"", rule.name, row->name, name));
    }
  }
  for (const NumberSchema& number : row->numbers) {
    if (!number.preset && !full.numbers.contains(std::string(number.name))) {
      return base::error(
          fmt::format("{}: {} needs \"{}\" [{}]: {}", rule.name, row->name, number.name, number.unit, number.help));
    }
    if (number.preset) full.numbers.try_emplace(std::string(number.name), *number.preset);
  }
  if ((row->name == "expression") != rule.when.has_value()) {
    return base::error(fmt::format("{}: {}", rule.name,
                                   rule.when ? "only `expression` has a condition" : "expression needs a condition"));
  }
  if (rule.when) {
    for (const std::string& name : rule.when->names()) {
      if (std::ranges::find(kTerms, name) != std::end(kTerms)) continue;
      return base::error(
          fmt::format("{}: a thing has no ${}; known are ${}", rule.name, name, fmt::join(kTerms, ", $")));
    }
  }
  return row->make(full);
}

}  // namespace wm::sim
