#pragma once
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "worldmill/render/environment.h"
#include "worldmill/render/surface.h"
#include "worldmill/scene/world.h"

namespace wm::render {

/// All that shines in a stage, to be drawn from. Points are about the stage's origin; directions have length 1.
/// Immutable; thread-safe.
///
/// A light is drawn by half its share of the power, half evenly among lights (a shining instance is one light), then a
/// point on it. Lights have no surface that labels know: rays from the camera do not see them, only what they light;
/// the environment is seen. Surfaces that shine do so on both sides.
class Lights {
 public:
  using EnvironmentOf = std::function<std::shared_ptr<const Environment>(const scene::PicturePtr&)>;
  Lights(const scene::World& world, std::span<const math::Affine> world_from_node, math::Vec3 origin,
         std::span<const Instance> instances, std::span<const char> visible, const EnvironmentOf& environment_of);

  bool empty() const { return chances_.empty(); }

  struct Sample {
    math::Vec3f direction;
    float distance = 0;     ///< [m]; infinity: from beyond everything
    math::Vec3f shine;      ///< Radiance; of a single direction: irradiance on what faces it, divided by its chance.
    float density = 0;      ///< [1/sr], the light's chance included.
    bool single = false;    ///< Nothing but sample() finds it: a point, a parallel.
    std::int32_t sky = -1;  ///< Whose radiance is still to be looked up: most draws are for nothing.
    bool exists() const { return single || density > 0; }
  };
  /// A direction from `point` in which light may come.
  Sample sample(math::Vec3f point, float pick, math::Vec2f at) const;

  /// Of a sample of this.
  math::Vec3f radiance(const Sample& sample) const;

  /// A stretch of a straight line on which nothing is met: from distance `from` to `to` [m] of `point`.
  struct Stretch {
    math::Vec3f point, direction;
    float from = 0, to = 0;
  };
  /// What comes along a line whose direction was drawn at density `scattered` [1/sr], weighed against sample(): from
  /// lights on the stretch, and if `to` is infinity, from far ones and the environment.
  math::Vec3f along(const Stretch& stretch, float scattered) const;
  /// The environment as the camera sees it.
  math::Vec3f background(math::Vec3f direction) const;
  /// At which sample() from a point at `distance` draws a point of a triangle whose normal has `cosine` to the way.
  float density(std::uint32_t instance, std::uint32_t triangle, float distance, float cosine) const;

 private:
  struct Near {                          // sphere (radius > 0), point, spot
    math::Vec3f center, axis, strength;  // strength: intensity [cd]
    float radius = 0, cone_scale = 0, cone_offset = 1;
    math::Vec3f shine(math::Vec3f from_light) const;  // intensity towards a direction
  };
  struct Rect {
    math::Vec3f center, x, y, normal, luminance;  // x, y: half edges; shines to the side of the normal
    float area = 0;
  };
  struct Distant {
    math::Vec3f to_light, irradiance;
    float one_minus_cos = 0;  // of the half angle; 0: parallel
  };
  struct Sky {
    std::shared_ptr<const Environment> environment;
    math::Mat3 sky_from_world;
    math::Vec3f factor;
  };
  struct Shining {
    std::uint32_t instance;
    std::vector<float> cumulative;  // [triangles + 1]
    std::vector<float> density;     // [triangles] per area [1/m^2], within this light
  };
  enum class Kind { near, rect, distant, sky, shining };
  struct Entry {
    Kind kind;
    std::uint32_t index;
  };

  void add_light(const scene::Light& light, const math::Affine& origin_from_light, const EnvironmentOf& environment_of);
  void add_shining(std::span<const Instance> instances, std::span<const char> visible);
  void enter(Kind kind, std::size_t index, double power);
  void settle_chances(double scene_radius);

  Sample sample_near(const Near& light, math::Vec3f point, math::Vec2f at) const;
  Sample sample_rect(const Rect& light, math::Vec3f point, math::Vec2f at) const;
  Sample sample_distant(const Distant& light, math::Vec2f at) const;
  Sample sample_sky(std::uint32_t index, math::Vec2f at) const;
  Sample sample_shining(const Shining& light, math::Vec3f point, float pick, math::Vec2f at) const;

  std::span<const Instance> instances_;
  std::vector<Near> near_;
  std::vector<Rect> rects_;
  std::vector<Distant> distant_;
  std::vector<Sky> skies_;
  std::vector<Shining> shining_;
  std::vector<std::int32_t> shining_of_;  // [instance] index in shining_, or -1
  std::vector<Entry> entries_;
  std::vector<double> powers_;       // far lights': per m^2 of the scene's disc
  std::vector<float> chances_;       // [entry]
  std::vector<float> cumulative_;    // [entry + 1]
  std::vector<float> chance_of_[5];  // [kind][index]
};

/// How much a draw at density `mine` counts where another way draws the same at `other`: Veach's power heuristic.
inline float mis_weight(float mine, float other) {
  const float ratio = other / mine;
  return 1 / (1 + ratio * ratio);
}

/// Luminance per channel that a surface sends out at a point.
math::Vec3f emission_at(const Instance& instance, std::uint32_t triangle, float u, float v);

}  // namespace wm::render
