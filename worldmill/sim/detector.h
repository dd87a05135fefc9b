#pragma once
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/expression.h"
#include "worldmill/sim/cast.h"
#include "worldmill/sim/event.h"

namespace wm::sim {

/// What a recipe's `events` entry asks a detector to look for.
struct Rule {
  std::string name;
  std::string detector;
  std::vector<Group> groups;              ///< As the row's `groups` name them.
  std::map<std::string, double> numbers;  ///< SI; those left out stand at the row's presets.
  std::optional<base::Expression> when;   ///< `expression` alone.
};

/// Looks at every step of one take, and writes down events. Not thread-safe; one for each take.
class Detector {
 public:
  virtual ~Detector() = default;
  virtual void observe(const Instant& instant, std::vector<Event>& events) = 0;
  /// The take is over: what is still going on is written as open.
  virtual void finish(base::SimTime end, std::vector<Event>& events) = 0;
};

struct NumberSchema {
  std::string_view name;
  std::string_view unit;  ///< SI
  std::optional<double> preset;
  std::string_view help;
};

/// A row of the catalogue.
struct DetectorRow {
  std::string_view name;
  std::string_view summary;
  std::vector<std::string_view> groups;  ///< `of`; `between` counts for two; `by`.
  std::vector<NumberSchema> numbers;
  std::string_view severity;  ///< What an event's severity is, with its unit.
  std::unique_ptr<Detector> (*make)(const Rule& rule);
};

std::span<const DetectorRow> builtin_detectors();
/// What the condition of `expression` may ask of a thing: x y z [m], vx vy vz speed [m/s], spin [rad/s], tilt [rad] and
/// time [s].
std::span<const std::string_view> expression_terms();

/// A detector for a rule; an error says what it lacks.
Result<std::unique_ptr<Detector>> make_detector(const Rule& rule);

}  // namespace wm::sim
