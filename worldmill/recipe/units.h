#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "worldmill/base/result.h"

/// Numbers with units, as recipes write them: `1.5 m`, `30 deg`, `5 N s`.
namespace wm::recipe {

/// `none` takes no unit; `any` takes every unit (a let may be drawn for anything); an angle must have one.
enum class Dimension {
  none,
  any,
  length,
  time,
  rate,
  angle,
  mass,
  density,
  force,
  torque,
  impulse,
  speed,
  acceleration,
  angular_speed,
  temperature,
  power,
  luminous_flux,
  illuminance,
  pixels,
};

struct Quantity {
  double value = 0;     ///< SI [m, s, Hz, rad, kg, kg/m^3, N, N m, N s, m/s, m/s^2, rad/s, K, W, lm, lx, px].
  Dimension dimension;  ///< none: no unit was written.
  std::string unit;     ///< As written; empty when none was.
};

/// A number and perhaps a unit, or nothing when `text` does not begin with a number. `unit` holds the rest even when no
/// such unit is known; then `dimension` is `any`.
std::optional<Quantity> read_quantity(std::string_view text);

/// `a length`, `an angle`, `a number`.
std::string_view name_of(Dimension dimension);

/// `m, cm, mm or km`.
std::string units_of(Dimension dimension);

/// A value in SI as a person would write it: `30 deg`, `1.5 m`, `0.2`.
std::string with_unit(double value, Dimension dimension);

/// The same, reading back as exactly the same number: `0.5235987755982988 rad`.
std::string exactly(double value, Dimension dimension);

/// `; did you mean "deg"?` among all units, or nothing.
std::string did_you_mean_unit(std::string_view unit);

}  // namespace wm::recipe
