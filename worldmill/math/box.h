#pragma once
#include <array>
#include <cmath>
#include <limits>

#include "worldmill/math/pose.h"

namespace wm::math {

/// An axis-aligned box with its faces; empty until something is put in.
struct Box3 {
  static constexpr double kFar = std::numeric_limits<double>::infinity();
  Vec3 low{kFar, kFar, kFar};
  Vec3 high{-kFar, -kFar, -kFar};

  bool is_empty() const { return !(low.x <= high.x && low.y <= high.y && low.z <= high.z); }
  Vec3 center() const { return (low + high) * 0.5; }
  Vec3 size() const { return is_empty() ? Vec3{} : high - low; }

  void add(Vec3 point) {
    low = min(low, point);
    high = max(high, point);
  }
  void add(const Box3& box) {
    low = min(low, box.low);
    high = max(high, box.high);
  }
  bool contains(Vec3 p) const {
    return low.x <= p.x && p.x <= high.x && low.y <= p.y && p.y <= high.y && low.z <= p.z && p.z <= high.z;
  }
  /// Whether the two share a point; faces that touch do.
  bool overlaps(const Box3& b) const { return !intersection(b).is_empty(); }
  Box3 intersection(const Box3& b) const { return {max(low, b.low), min(high, b.high)}; }

  /// Corner i takes high x, y, z where bit 0, 1, 2 of i is set. The box must not be empty.
  std::array<Vec3, 8> corners() const {
    std::array<Vec3, 8> all;
    for (unsigned i = 0; i < 8; ++i) {
      all[i] = {i & 1 ? high.x : low.x, i & 2 ? high.y : low.y, i & 4 ? high.z : low.z};
    }
    return all;
  }
};

/// The smallest box in frame a around `box` of frame b; empty stays empty.
inline Box3 transformed(const Affine& a_from_b, const Box3& box) {
  Box3 result;
  if (box.is_empty()) return result;
  for (const Vec3 corner : box.corners()) result.add(a_from_b.point(corner));
  return result;
}

}  // namespace wm::math
