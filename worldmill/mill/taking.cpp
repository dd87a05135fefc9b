#include "worldmill/mill/taking.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/sim/run.h"

namespace wm::mill {
namespace {

using base::SimTime;
using scene::NodeId;

constexpr std::size_t kMostMoments = 1'000'000;  ///< of a take

/// The scene as physics is to see it: what is hidden touches nothing and does not fall; the recipe's own step.
scene::World staged_for_physics(const vary::Job& job, scene::World world) {
  const std::vector<char> visible = scene::effective_visibility(world);
  const scene::Mechanics& m = world.scene->mechanics;
  const bool hides = std::ranges::any_of(
      m.shapes, [&](const scene::Shape& shape) { return shape.node.exists() && !visible[shape.node.index()]; });
  const bool steps = job.simulate->step && *job.simulate->step != m.options.time_step;
  if (!hides && !steps) return world;
  auto scene = std::make_shared<scene::Scene>(*world.scene);
  if (steps) scene->mechanics.options.time_step = *job.simulate->step;
  for (scene::Shape& shape : scene->mechanics.shapes) {
    if (!shape.node.exists() || visible[shape.node.index()]) continue;
    shape.category = shape.collides_with = 0;
    if (shape.extras.map()) shape.extras = base::Value{base::Value::Map(), {}};  // an author's contacts would win
  }
  for (scene::Body& body : scene->mechanics.bodies) {
    if (!visible[body.node.index()]) body.gravity_compensation = 1;
  }
  world.scene = std::move(scene);
  return world;
}

Result<sim::Script> script_of(const vary::Job& job, const vary::Staged& staged, const vary::Varied& varied,
                              scene::World initial) {
  const scene::Scene& scene = *initial.scene;
  sim::Script script;
  script.settle = job.simulate->settle;
  script.run = job.simulate->run;
  script.keys = job.simulate->keys;
  for (const vary::DrawnAction& action : varied.actions) {
    script.actors.push_back({action.name, action.kind, sim::group_of(scene, action.of), action.numbers, action.points});
  }
  for (const vary::EventRule& rule : job.events) {
    sim::Rule looked_for{rule.name, rule.detector, {}, {}, rule.when};
    bool any = true;
    for (const scene::Selector& group : rule.groups) {
      WM_TRY(matches, vary::match(group, scene, staged.names, rule.optional));
      any = any && !matches.empty();
      looked_for.groups.push_back(sim::group_of(scene, matches));
    }
    looked_for.numbers.insert(rule.numbers.begin(), rule.numbers.end());
    if (any) script.rules.push_back(std::move(looked_for));
  }
  script.initial = std::move(initial);
  return script;
}

/// A window before its moments are counted out.
struct Window {
  SimTime anchor, begin, end;
};

class Selector {
 public:
  Selector(const vary::Job& job, const vary::Staged& staged, const vary::Varied& varied, const sim::Take& take)
      : job_(job), staged_(staged), varied_(varied), take_(take) {}

  Result<Selection> run() {
    for (const vary::Capture& rule : job_.captures) {
      WM_TRY(windows, windows_of(rule));
      clip(rule, windows);
      std::ranges::stable_sort(windows, {}, &Window::begin);
      if (rule.merge) merge(windows);
      if (rule.max && windows.size() > static_cast<std::size_t>(*rule.max)) {
        windows.resize(static_cast<std::size_t>(*rule.max));
      }
      for (std::size_t i = 0; i < windows.size(); ++i) {
        found_.push_back({fmt::format("{}-{}", rule.name, i), &rule, windows[i]});
      }
    }
    std::ranges::stable_sort(found_, {}, [](const Found& f) { return f.window.begin; });
    for (const Found& found : found_) WM_TRY_STATUS(count_out(found));
    return std::move(selection_);
  }

 private:
  struct Found {
    std::string name;
    const vary::Capture* rule;
    Window window;
  };

  Result<std::vector<Window>> windows_of(const vary::Capture& rule) {
    std::vector<Window> windows;
    const SimTime before = SimTime::from_seconds(rule.before), after = SimTime::from_seconds(rule.after);
    const auto around = [&](SimTime edge) { windows.push_back({edge, edge - before, edge + after}); };
    if (rule.event.empty() && !rule.at.exists() && rule.count == 0) return std::vector<Window>{{{}, {}, take_.end()}};
    for (const sim::Event& event : take_.events) {
      if (event.name != rule.event) continue;
      if (rule.edge != vary::Capture::Edge::end) around(event.begin);
      if (rule.edge != vary::Capture::Edge::begin && !event.open) around(event.end);
    }
    const SimTime length = SimTime::from_seconds(rule.length);
    const auto is_calm = [&](double begin) {
      const SimTime margin = SimTime::from_seconds(rule.margin);
      const SimTime from = SimTime::from_seconds(begin) - margin, to = SimTime::from_seconds(begin) + length + margin;
      const auto meets = [&](const Window& other) { return from <= other.end && other.begin <= to; };
      return std::ranges::none_of(take_.events,
                                  [&](const sim::Event& event) {
                                    return std::ranges::find(rule.away_from, event.name) != rule.away_from.end() &&
                                           meets({{}, event.begin, event.end});
                                  }) &&
             std::ranges::none_of(windows, meets);
    };
    const auto drawn = [&](double begin) {
      if (!is_calm(begin)) return false;
      const SimTime edge = SimTime::from_seconds(begin);
      windows.push_back({edge, edge, edge + length});
      return true;
    };
    WM_TRY(times, vary::draw_times(job_, staged_, varied_, rule, take_.end().seconds(), drawn, selection_.draws));
    if (rule.at.exists()) around(SimTime::from_seconds(times.front()));
    return windows;
  }

  void clip(const vary::Capture& rule, std::vector<Window>& windows) const {
    std::erase_if(windows, [&](const Window& window) {
      const bool reaches_past = window.begin < SimTime() || window.end > take_.end();
      return (reaches_past && !rule.keep_clipped) || window.end < SimTime() || window.begin > take_.end();
    });
    for (Window& window : windows) {
      window.begin = std::max(window.begin, SimTime());
      window.end = std::min(window.end, take_.end());
    }
  }

  /// Of windows in order of begin; what overlaps goes by the first one's edge.
  static void merge(std::vector<Window>& windows) {
    std::vector<Window> merged;
    for (const Window& window : windows) {
      if (merged.empty() || window.begin > merged.back().end) {
        merged.push_back(window);
      } else {
        merged.back().end = std::max(merged.back().end, window.end);
      }
    }
    windows = std::move(merged);
  }

  Status count_out(const Found& found) {
    const Window& window = found.window;
    Sequence sequence{found.name, found.rule->name, window.begin, window.end, selection_.moments.size(), 0};
    const auto add = [&](SimTime time) {  // the edge itself may lie past the take
      if (time < window.begin || time > window.end) return;
      selection_.moments.push_back({time, selection_.sequences.size()});
    };
    if (!found.rule->rate) {
      add(std::clamp(window.anchor, window.begin, window.end));
    } else {
      const base::Rate rate = *found.rule->rate;
      // Ticks before the edge mirror those after it.
      const std::int64_t earlier = rate.ticks_before(window.anchor - window.begin + SimTime{1}) - 1;
      const std::int64_t later = rate.ticks_before(window.end - window.anchor + SimTime{1}) - 1;
      if (earlier + later > static_cast<std::int64_t>(kMostMoments)) {
        return base::error(fmt::format("capture.{} selects {} moments of one take, more than {}", found.rule->name,
                                       earlier + later, kMostMoments),
                           found.rule->place);
      }
      for (std::int64_t k = earlier; k > 0; --k) add(window.anchor - rate.tick(k));
      for (std::int64_t k = 0; k <= later; ++k) add(window.anchor + rate.tick(k));
    }
    sequence.count = selection_.moments.size() - sequence.first;
    selection_.sequences.push_back(std::move(sequence));
    return {};
  }

  const vary::Job& job_;
  const vary::Staged& staged_;
  const vary::Varied& varied_;
  const sim::Take& take_;
  std::vector<Found> found_;
  Selection selection_;
};

}  // namespace

Result<Ran> run_take(const vary::Job& job, const vary::Staged& staged, const vary::Varied& varied) {
  scene::World initial = staged_for_physics(job, varied.world);
  if (initial.scene->mechanics.bodies.empty()) {
    return base::error(
        "simulate: nothing in the scene can move; give what shall a body: (scene.add.NAME.body), or add "
        "an MJCF or URDF file",
        job.simulate->place);
  }
  WM_TRY(model, physics::compile(initial.scene));
  WM_TRY(script, script_of(job, staged, varied, std::move(initial)));
  auto run = sim::run(*model, script);
  if (!run) {
    base::Diagnostic what = run.error();
    if (what.place.file.empty()) what.place = job.simulate->place;
    return tl::unexpected(std::move(what));
  }
  auto take = std::make_shared<const sim::Take>(*std::move(run));
  return Ran{take, sim::timeline(take, varied.world), model->notes()};
}

Result<Selection> select(const vary::Job& job, const vary::Staged& staged, const vary::Varied& varied,
                         const sim::Take* take) {
  if (take == nullptr || job.captures.empty()) {
    return Selection{{}, {{take ? take->end() : SimTime(), Moment::kAlone}}, {}};
  }
  return Selector(job, staged, varied, *take).run();
}

std::int64_t moments_of_whole_take(const vary::Job& job) {
  std::int64_t most = 1;
  const SimTime end = SimTime::from_seconds(job.simulate ? job.simulate->run : 0);
  for (const vary::Capture& rule : job.captures) {
    if (rule.rate) most = std::max(most, rule.rate->ticks_before(end + SimTime{1}));
  }
  return most;
}

std::vector<base::Value> events_at(const sim::Take& take, const Selection& selection, std::size_t moment) {
  const Moment& at = selection.moments[moment];
  const bool first = at.sequence == Moment::kAlone || selection.sequences[at.sequence].first == moment;
  const SimTime since = first ? at.time : selection.moments[moment - 1].time;
  std::vector<base::Value> events;
  for (const sim::Event& event : take.events) {
    const bool after = first ? event.end >= since : event.end > since;
    if (event.begin <= at.time && after) events.push_back(sim::to_value(event));
  }
  return events;
}

std::vector<sample::ActionRecord> actions_at(const sim::Take& take, SimTime time) {
  std::vector<sample::ActionRecord> actions;
  for (const sim::Channel& channel : take.channels) {
    const auto after = std::ranges::upper_bound(channel.times, time);
    if (after == channel.times.begin()) continue;
    const auto row = (after - channel.times.begin() - 1) * channel.size;
    const auto numbers = [&](const std::vector<double>& all) {
      return std::vector<double>(all.begin() + row, all.begin() + row + channel.size);
    };
    actions.push_back(
        {channel.name, channel.kind, channel.unit, channel.frame, numbers(channel.commanded), numbers(channel.actual)});
  }
  return actions;
}

}  // namespace wm::mill
