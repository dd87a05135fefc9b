#include "worldmill/sim/touches.h"

#include <algorithm>

namespace wm::sim {
namespace {

constexpr int kNobody = -1;

int thing(const Group& group, scene::ShapeId shape) {
  return shape.exists() ? group.of_shape[shape.index()] : kNobody;
}

scene::BodyId body_of(const Instant& instant, scene::ShapeId shape) {
  return shape.exists() ? instant.body_of_shape[shape.index()] : scene::BodyId();
}

}  // namespace

std::vector<Touch> touches(const Instant& instant, const Group& a, const Group& b) {
  std::vector<Touch> found;
  for (const physics::Contact& contact : instant.contacts) {
    int first = thing(a, contact.a), second = thing(b, contact.b);
    const bool straight = first != kNobody && second != kNobody;
    if (!straight) first = thing(a, contact.b), second = thing(b, contact.a);
    if (first == kNobody || second == kNobody) continue;
    const double sign = straight ? 1 : -1;
    const math::Vec3 normal = contact.normal * sign;
    auto at = std::ranges::find_if(found, [&](const Touch& t) { return t.a == first && t.b == second; });
    if (at == found.end()) {
      found.push_back({.a = first, .b = second, .overlap = -1e30});
      at = found.end() - 1;
    }
    at->force += math::dot(contact.force * sign, normal);
    if (-contact.distance <= at->overlap) continue;
    const scene::ShapeId shape_a = straight ? contact.a : contact.b, shape_b = straight ? contact.b : contact.a;
    const math::Vec3 relative = instant.velocity(body_of(instant, shape_b), contact.point) -
                                instant.velocity(body_of(instant, shape_a), contact.point);
    const double along = math::dot(relative, normal);
    at->overlap = -contact.distance;
    at->point = contact.point;
    at->normal = normal;
    at->approach = -along;
    at->sliding = math::length(relative - normal * along);
  }
  std::ranges::sort(found, [](const Touch& x, const Touch& y) { return x.a != y.a ? x.a < y.a : x.b < y.b; });
  return found;
}

base::SimTime when_met(const Instant& instant, const Touch& touch) {
  const std::int64_t step = instant.now.time.nanoseconds - instant.before.time.nanoseconds;
  if (touch.approach <= 0 || touch.overlap <= 0) return instant.now.time;
  const auto ago = static_cast<std::int64_t>(touch.overlap / touch.approach * 1e9);
  return {instant.now.time.nanoseconds - std::min(ago, step)};
}

std::vector<char> touched(const Instant& instant, const Group& group) {
  std::vector<char> is(group.size());
  for (const physics::Contact& contact : instant.contacts) {
    const int a = thing(group, contact.a), b = thing(group, contact.b);
    if (a == b || contact.distance > 0) continue;
    if (a != kNobody) is[static_cast<std::size_t>(a)] = 1;
    if (b != kNobody) is[static_cast<std::size_t>(b)] = 1;
  }
  return is;
}

}  // namespace wm::sim
