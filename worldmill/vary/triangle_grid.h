#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "worldmill/vary/polygon.h"

namespace wm::vary {

/// A triangle in the world [m], counter-clockwise seen from outside.
using WorldTriangle = std::array<math::Vec3, 3>;

/// Triangles by where they lie seen from above. Add them, build once, then ask.
class TriangleGrid {
 public:
  void add(const WorldTriangle& triangle) { triangles_.push_back(triangle); }
  void build();
  const std::vector<WorldTriangle>& triangles() const { return triangles_; }

  /// Calls visit(triangle) for each whose bounds overlap [low, high] in x and y, each once, until one returns false.
  template <class Visit>
  void visit(math::Vec2 low, math::Vec2 high, const Visit& visit) const {
    if (triangles_.empty()) return;
    const Cells asked = cells(low, high);
    for (int y = asked.low_y; y <= asked.high_y; ++y) {
      for (int x = asked.low_x; x <= asked.high_x; ++x) {
        const std::size_t cell = static_cast<std::size_t>(y) * static_cast<std::size_t>(side_) + x;
        for (std::uint32_t i = starts_[cell]; i < starts_[cell + 1]; ++i) {
          const Bounds& b = bounds_[members_[i]];
          if (b.low.x > high.x || b.high.x < low.x || b.low.y > high.y || b.high.y < low.y) continue;
          const Cells own = cells(b.low, b.high);  // only in the first cell that both have
          if (x != std::max(own.low_x, asked.low_x) || y != std::max(own.low_y, asked.low_y)) continue;
          if (!visit(triangles_[members_[i]])) return;
        }
      }
    }
  }

 private:
  struct Bounds {
    math::Vec2 low, high;
  };
  struct Cells {
    int low_x, low_y, high_x, high_y;
  };
  int cell(double at, double from, double per_metre) const {
    return static_cast<int>(std::clamp(std::floor((at - from) * per_metre), 0.0, double(side_ - 1)));
  }
  Cells cells(math::Vec2 low, math::Vec2 high) const {
    return {cell(low.x, low_.x, per_metre_.x), cell(low.y, low_.y, per_metre_.y), cell(high.x, low_.x, per_metre_.x),
            cell(high.y, low_.y, per_metre_.y)};
  }

  std::vector<WorldTriangle> triangles_;
  std::vector<Bounds> bounds_;
  std::vector<std::uint32_t> starts_, members_;  // of cells: members_[starts_[c] .. starts_[c + 1]]
  int side_ = 1;
  math::Vec2 low_, per_metre_;
};

}  // namespace wm::vary
