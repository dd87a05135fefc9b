#include "worldmill/vary/actions.h"

#include <fmt/format.h>

#include "worldmill/base/distributions.h"
#include "worldmill/math/elementary.h"
#include "worldmill/vary/build.h"

namespace wm::vary {
namespace {

using base::error;

constexpr int kTries = 100;  ///< For each drawn window.

std::string path_of(const Action& action) {
  return fmt::format("simulate.{}.{}", action.fault ? "faults" : "actors", action.name);
}

class Drawing {
 public:
  Drawing(const Action& action, Draws& draws, double run) : action_(action), draws_(draws), run_(run) {}

  /// What is done to `of`; nothing when a fault does not come in time.
  Result<std::optional<DrawnAction>> draw(std::vector<scene::NodeId> of, std::string_view object) {
    DrawnAction drawn{action_.name, action_.kind, std::move(of), {}, {}, action_.place};
    for (const auto& [name, field] : action_.numbers) WM_TRY_STATUS(draw_number(name, field, object, drawn));
    for (const Field& field : action_.points) {
      WM_TRY(point, draws_.vec3(field, Per::take, object));
      drawn.points.push_back(point);
    }
    if (!action_.hazard.exists()) return drawn;
    WM_TRY(when, draw_hazard(object));
    if (when > run_) return std::nullopt;
    drawn.numbers["at"] = when;
    return drawn;
  }

 private:
  Status draw_number(const std::string& name, const Field& field, std::string_view object, DrawnAction& into) {
    WM_TRY(value, draws_.draw(field, Per::take, object));
    if (!value.list()) {
      WM_TRY(number, as_number(value, field.name));
      into.numbers[name] = number;
      return {};
    }
    WM_TRY(vector, as_vec3(value, field.name));
    into.numbers[name + "_x"] = vector.x;
    into.numbers[name + "_y"] = vector.y;
    into.numbers[name + "_z"] = vector.z;
    return {};
  }

  /// Exponential by inversion: -ln(1 - u) / rate.
  Result<double> draw_hazard(std::string_view object) {
    WM_TRY(rate, draws_.number(action_.hazard, Per::take, object));
    if (!(rate > 0)) {
      return error(fmt::format("{} is {}, must be above 0", action_.hazard.name, rate), action_.hazard.value.place);
    }
    const std::string name = action_.hazard.name + ".at";
    const double when = -math::log(1 - base::unit(draws_.key(Per::take, name, object), 0)) / rate;
    draws_.record(draws_.address(Per::take, name, object), fmt::format("exponential {}", rate), {when, {}});
    return when;
  }

  const Action& action_;
  Draws& draws_;
  double run_;
};

}  // namespace

Status draw_actions(const Simulate& simulate, Draws& draws, const scene::Names& names, Varied& varied) {
  const scene::Scene& scene = *varied.world.scene;
  if (simulate.gravity.exists()) {
    WM_TRY(gravity, draws.vec3(simulate.gravity, Per::take, {}));
    varied.world.gravity = gravity;
  }
  for (const Action& action : simulate.actions) {
    WM_TRY(holds, draws.holds(action.when, Per::take, path_of(action), action.place));
    if (!holds) continue;
    WM_TRY(matches, match(action.of, scene, names, action.optional));
    if (matches.empty()) continue;
    Drawing drawing(action, draws, simulate.run);
    std::vector<std::vector<scene::NodeId>> groups;
    if (action.shared) {
      groups.push_back(std::move(matches));
    } else {
      for (const scene::NodeId match : matches) groups.push_back({match});
    }
    for (std::vector<scene::NodeId>& group : groups) {
      const std::string_view object = action.shared ? std::string_view() : scene.node(group.front()).path;
      WM_TRY(drawn, drawing.draw(std::move(group), object));
      if (drawn) varied.actions.push_back(*std::move(drawn));
    }
  }
  return {};
}

Result<std::vector<double>> draw_times(const Job& job, const Staged& staged, const Varied& varied,
                                       const Capture& capture, double length, const std::function<bool(double)>& fits,
                                       std::vector<sample::DrawRecord>& records) {
  Draws draws(job, {staged.scene_index, staged.attempt, varied.take_index, varied.attempt, {}});
  std::vector<double> times;
  if (capture.at.exists()) {
    WM_TRY(time, draws.number(capture.at, Per::take, {}));
    times.push_back(time);
  }
  const std::string name = fmt::format("capture.{}.begin", capture.name);
  const base::RandomKey key = draws.key(Per::take, name, {});
  for (std::int64_t window = 0; window < capture.count; ++window) {
    for (int attempt = 0; attempt < kTries; ++attempt) {
      const auto index = static_cast<std::uint64_t>(window * kTries + attempt);
      const double begin = base::uniform(key, index, 0, std::max(0.0, length - capture.length));
      if (!fits(begin)) continue;
      draws.record(draws.address(Per::take, name, std::to_string(window)),
                   fmt::format("uniform [0, {:.6g}]", std::max(0.0, length - capture.length)), {begin, {}});
      times.push_back(begin);
      break;
    }
  }
  std::vector<sample::DrawRecord> more = draws.take_records();
  std::ranges::move(more, std::back_inserter(records));
  return times;
}

}  // namespace wm::vary
