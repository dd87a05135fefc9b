#include "worldmill/sim/causes.h"

#include <algorithm>
#include <map>
#include <utility>

namespace wm::sim {
namespace {

bool related(const std::string& a, const std::string& b) {
  const auto within = [](const std::string& inner, const std::string& outer) {
    return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
  };
  return within(a, b) || within(b, a);
}

}  // namespace

Chain::Chain(const scene::Scene& scene, std::vector<Deed> deeds) : deeds_(std::move(deeds)) {
  const std::vector<scene::Body>& bodies = scene.mechanics.bodies;
  std::map<std::size_t, std::size_t> body_at;  // node
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    body_at[bodies[b].node.index()] = b;
    path_.push_back(scene.node(bodies[b].node).path);
  }
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    std::size_t top = b;
    for (scene::NodeId node = bodies[b].node; node.exists(); node = scene.node(node).parent) {
      if (const auto found = body_at.find(node.index()); found != body_at.end()) top = found->second;
    }
    system_.push_back(top);
  }
  going_.assign(bodies.size(), -1);
}

std::optional<std::size_t> Chain::system_of(const physics::Contact& contact, bool second,
                                            std::span<const scene::BodyId> body_of_shape) const {
  const scene::ShapeId shape = second ? contact.b : contact.a;
  if (!shape.exists() || !body_of_shape[shape.index()].exists()) return std::nullopt;
  return system_[body_of_shape[shape.index()].index()];
}

void Chain::observe(base::SimTime now, std::span<const physics::Contact> contacts,
                    std::span<const scene::BodyId> body_of_shape) {
  for (; begun_ < deeds_.size() && deeds_[begun_].time <= now; ++begun_) {
    for (std::size_t b = 0; b < path_.size(); ++b) {
      const auto& things = deeds_[begun_].things;
      if (std::ranges::any_of(things, [&](const std::string& thing) { return related(thing, path_[b]); })) {
        going_[system_[b]] = static_cast<std::ptrdiff_t>(begun_);
      }
    }
  }
  if (begun_ == 0) return;
  for (const physics::Contact& contact : contacts) {
    auto from = system_of(contact, false, body_of_shape), to = system_of(contact, true, body_of_shape);
    if (!from || !to || going_[*from] == going_[*to]) continue;
    if (going_[*from] < going_[*to]) std::swap(from, to);
    going_[*to] = going_[*from];
    passed_.push_back({now, deeds_[static_cast<std::size_t>(going_[*from])].actor, {path_[*to]}});
  }
}

std::vector<Deed> Chain::take() {
  std::ranges::move(passed_, std::back_inserter(deeds_));
  std::ranges::stable_sort(deeds_, {}, &Deed::time);
  return std::move(deeds_);
}

void find_causes(std::span<const Deed> deeds, std::span<Event> events) {
  // Thing -> who last set it going, and when.
  struct Going {
    std::string actor;
    base::SimTime since;
  };
  std::map<std::string, Going> going;
  std::size_t next = 0;
  const auto cause_of = [&](const std::string& thing) -> const Going* {
    const Going* latest = nullptr;
    for (const auto& [name, state] : going) {
      if (related(name, thing) && (latest == nullptr || state.since > latest->since)) latest = &state;
    }
    return latest;
  };
  for (Event& event : events) {
    for (; next < deeds.size() && deeds[next].time <= event.begin; ++next) {
      for (const std::string& thing : deeds[next].things) going[thing] = {deeds[next].actor, deeds[next].time};
    }
    const Going* cause = nullptr;
    for (const std::string& thing : event.participants) {
      const Going* own = cause_of(thing);
      if (own != nullptr && (cause == nullptr || own->since > cause->since)) cause = own;
    }
    if (cause != nullptr) event.cause = cause->actor;
  }
}

}  // namespace wm::sim
