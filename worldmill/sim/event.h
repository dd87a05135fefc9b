#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worldmill/base/result.h"
#include "worldmill/base/time.h"
#include "worldmill/base/value.h"
#include "worldmill/math/vec.h"

namespace wm::sim {

/// Something that happened in a take. Times count from the take's beginning.
struct Event {
  std::string name;                                    ///< Of the rule that looked for it.
  std::string kind;                                    ///< Of the detector: `contact`, `zone` ...
  base::SimTime begin, end;                            ///< The same for what has no length.
  bool open = false;                                   ///< It still went on when the take ended.
  std::vector<std::string> participants;               ///< Paths of things, in the order of the rule's groups.
  double severity = 0;                                 ///< In the unit of the detector's row.
  std::optional<math::Vec3> point;                     ///< Where, in the world's frame [m].
  std::optional<math::Vec3> normal;                    ///< From the first participant to the second, length 1.
  std::vector<std::pair<std::string, double>> values;  ///< Further measures, SI, named as the row says.
  std::string cause;                                   ///< Actor or fault that led to it; empty: unknown.
};

/// As a line of events.jsonl has it; times in whole nanoseconds.
base::Value to_value(const Event& event);
/// The other way. An error names the field that is missing or of another type.
Result<Event> event_of(const base::Value& value);

}  // namespace wm::sim
