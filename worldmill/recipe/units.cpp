#include "worldmill/recipe/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace wm::recipe {
namespace {

// SI = number * times / over: two whole factors where one would not be exact in binary.
struct Unit {
  std::string_view name;
  Dimension dimension;
  double times, over;
};

constexpr double kPi = 3.14159265358979323846;

// The first of a dimension is the SI unit.
constexpr std::array<Unit, 25> kUnits = {{
    {"m", Dimension::length, 1, 1},
    {"cm", Dimension::length, 1, 100},
    {"mm", Dimension::length, 1, 1000},
    {"km", Dimension::length, 1000, 1},
    {"s", Dimension::time, 1, 1},
    {"ms", Dimension::time, 1, 1e3},
    {"us", Dimension::time, 1, 1e6},
    {"ns", Dimension::time, 1, 1e9},
    {"Hz", Dimension::rate, 1, 1},
    {"rad", Dimension::angle, 1, 1},
    {"deg", Dimension::angle, kPi, 180},
    {"kg", Dimension::mass, 1, 1},
    {"g", Dimension::mass, 1, 1000},
    {"kg/m^3", Dimension::density, 1, 1},
    {"N", Dimension::force, 1, 1},
    {"N m", Dimension::torque, 1, 1},
    {"N s", Dimension::impulse, 1, 1},
    {"m/s", Dimension::speed, 1, 1},
    {"m/s^2", Dimension::acceleration, 1, 1},
    {"rad/s", Dimension::angular_speed, 1, 1},
    {"K", Dimension::temperature, 1, 1},
    {"W", Dimension::power, 1, 1},
    {"lm", Dimension::luminous_flux, 1, 1},
    {"lx", Dimension::illuminance, 1, 1},
    {"px", Dimension::pixels, 1, 1},
}};

bool begins_number(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (!text.empty() && text[0] == '.') text.remove_prefix(1);
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

// Spaces around dropped, runs of them within made one.
std::string tidy(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t') {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

const Unit* find_unit(std::string_view name) {
  const auto* found = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == name; });
  return found == kUnits.end() ? nullptr : found;
}

}  // namespace

std::optional<Quantity> read_quantity(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (!begins_number(text)) return std::nullopt;
  if (text[0] == '+') text.remove_prefix(1);
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return std::nullopt;
  Quantity quantity{number, Dimension::none, tidy({read.ptr, text.data() + text.size()})};
  if (quantity.unit.empty()) return quantity;
  const Unit* unit = find_unit(quantity.unit);
  quantity.dimension = unit ? unit->dimension : Dimension::any;
  if (unit) quantity.value = number * unit->times / unit->over;
  return quantity;
}

std::string_view name_of(Dimension dimension) {
  constexpr std::array<std::string_view, 19> kNames = {"a number",
                                                       "a number",
                                                       "a length",
                                                       "a time",
                                                       "a rate",
                                                       "an angle",
                                                       "a mass",
                                                       "a density",
                                                       "a force",
                                                       "a torque",
                                                       "an impulse",
                                                       "a speed",
                                                       "an acceleration",
                                                       "an angular speed",
                                                       "a temperature",
                                                       "a power",
                                                       "a luminous flux",
                                                       "an illuminance",
                                                       "a number of pixels"};
  return kNames[static_cast<std::size_t>(dimension)];
}

std::string units_of(Dimension dimension) {
  std::vector<std::string_view> names;
  for (const Unit& unit : kUnits) {
    if (unit.dimension == dimension) names.push_back(unit.name);
  }
  if (names.empty()) return "";
  const std::string_view last = names.back();
  names.pop_back();
  return names.empty() ? std::string(last) : fmt::format("{} or {}", fmt::join(names, ", "), last);
}

std::string with_unit(double value, Dimension dimension) {
  if (dimension == Dimension::angle) return fmt::format("{:.6g} deg", value * 180 / kPi);
  const auto* unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.dimension == dimension; });
  if (unit == kUnits.end()) return fmt::format("{:.12g}", value);
  return fmt::format("{:.12g} {}", value, unit->name);
}

std::string exactly(double value, Dimension dimension) {
  const auto* unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.dimension == dimension; });
  return unit == kUnits.end() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit->name);
}

std::string did_you_mean_unit(std::string_view unit) {
  std::vector<std::string_view> names;
  for (const Unit& known : kUnits) names.push_back(known.name);
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kOther = {{{"degree", "deg"},
                                                                                     {"degrees", "deg"},
                                                                                     {"\xC2\xB0", "deg"},
                                                                                     {"radians", "rad"},
                                                                                     {"meter", "m"},
                                                                                     {"meters", "m"},
                                                                                     {"metre", "m"},
                                                                                     {"metres", "m"},
                                                                                     {"second", "s"},
                                                                                     {"seconds", "s"},
                                                                                     {"sec", "s"},
                                                                                     {"hz", "Hz"}}};
  for (const auto& [other, name] : kOther) {
    if (unit == other) return fmt::format("; did you mean \"{}\"?", name);
  }
  return base::did_you_mean(unit, names);
}

}  // namespace wm::recipe
