#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "worldmill/math/vec.h"
#include "worldmill/scene/material.h"

namespace wm::render {

/// An equirectangular picture of light from everywhere, ready to be read and to be sampled by its luminance. Frame:
/// top row +z, centre column +x, azimuth growing to the left. Immutable; thread-safe.
class Environment {
 public:
  /// None: white everywhere.
  explicit Environment(const scene::PicturePtr& picture);

  /// Luminance per channel from `direction` (length 1), bilinear, and at which density sample() draws it [1/sr].
  struct Look {
    math::Vec3f radiance;
    float density;
  };
  Look look(math::Vec3f direction) const;

  struct Sample {
    math::Vec3f direction;
    float density;  ///< [1/sr]; 0: there is nothing to draw
  };
  Sample sample(math::Vec2f at) const;

  /// The integral of the picture's luminance over the sphere.
  double total() const { return total_; }

 private:
  struct Place {
    float x, y;  // in cells, 0 at the left and upper edge
  };
  Place place(math::Vec3f direction) const;
  math::Vec3f bilinear(Place at) const;
  float density_of(std::size_t x, std::size_t y) const;
  std::size_t column_of(std::size_t y, float pick) const;
  void read(const scene::PicturePtr& picture);
  void weigh();

  int width_ = 1, height_ = 1;
  std::vector<math::Vec3f> texels_;
  std::vector<float> edges_;          // [height + 1] z of the rows' edges, from 1 down to -1
  std::vector<float> rows_;           // [height + 1] cumulative share of rows
  std::vector<float> columns_;        // [height][width + 1] cumulative share within each row
  std::vector<std::uint32_t> guide_;  // [height][kGuide] the column where each of so many equal shares begins
  double total_ = 0;
};

/// Environments' tables, kept as long as the picture is used. Thread-safe.
class EnvironmentCache {
 public:
  std::shared_ptr<const Environment> of(const scene::PicturePtr& picture);

 private:
  struct Entry {
    std::weak_ptr<const scene::Picture> picture;
    std::shared_ptr<const Environment> environment;
  };
  std::mutex mutex_;
  std::map<const scene::Picture*, Entry> entries_;
};

}  // namespace wm::render
