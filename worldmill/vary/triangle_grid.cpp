#include "worldmill/vary/triangle_grid.h"

#include <algorithm>
#include <limits>

namespace wm::vary {

void TriangleGrid::build() {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  math::Vec2 low{kFar, kFar}, high{-kFar, -kFar};
  bounds_.clear();
  for (const WorldTriangle& t : triangles_) {
    const math::Vec3 a = math::min(math::min(t[0], t[1]), t[2]), b = math::max(math::max(t[0], t[1]), t[2]);
    bounds_.push_back({{a.x, a.y}, {b.x, b.y}});
    low = {std::min(low.x, a.x), std::min(low.y, a.y)};
    high = {std::max(high.x, b.x), std::max(high.y, b.y)};
  }
  low_ = low;
  const auto divide = [&](int side) {
    side_ = side;
    per_metre_ = {side / std::max(high.x - low.x, 1e-9), side / std::max(high.y - low.y, 1e-9)};
  };
  const auto members = [this] {
    std::size_t count = 0;
    for (const Bounds& b : bounds_) {
      const Cells c = cells(b.low, b.high);
      count += static_cast<std::size_t>(c.high_x - c.low_x + 1) * static_cast<std::size_t>(c.high_y - c.low_y + 1);
    }
    return count;
  };
  divide(std::clamp(static_cast<int>(std::sqrt(static_cast<double>(triangles_.size()))), 1, 128));
  while (side_ > 1 && members() > 16 * triangles_.size() + 1024) divide(side_ / 2);  // many large triangles
  starts_.assign(static_cast<std::size_t>(side_) * static_cast<std::size_t>(side_) + 1, 0);
  const auto for_cells = [&](const Bounds& b, const auto& use) {
    const Cells c = cells(b.low, b.high);
    for (int y = c.low_y; y <= c.high_y; ++y) {
      for (int x = c.low_x; x <= c.high_x; ++x) use(static_cast<std::size_t>(y) * static_cast<std::size_t>(side_) + x);
    }
  };
  for (const Bounds& b : bounds_) for_cells(b, [&](std::size_t c) { ++starts_[c + 1]; });
  for (std::size_t c = 1; c < starts_.size(); ++c) starts_[c] += starts_[c - 1];
  members_.resize(starts_.back());
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    for_cells(bounds_[i], [&](std::size_t c) { members_[next[c]++] = static_cast<std::uint32_t>(i); });
  }
}

}  // namespace wm::vary
