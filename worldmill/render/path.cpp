#include "worldmill/render/path.h"

#include <algorithm>
#include <cmath>

namespace wm::render {
namespace {

using math::Vec3f;

constexpr int kMostPanes = 64;    // that a straight line passes before we call it dark
constexpr int kSureSegments = 3;  // before roulette

// Dimensions of a step's draws.
enum Draw : std::uint32_t { kLightPoint, kDirection, kChoices, kRoulette, kPerStep };

float luminance(Vec3f c) {
  return 0.2126f * c.x + 0.7152f * c.y + 0.0722f * c.z;
}

// Light must not come through the surface from the side that the shading normal alone can see.
bool agrees(const ShadingPoint& point, Vec3f direction, float shading_z) {
  return (math::dot(direction, point.normal) > 0) == (shading_z > 0);
}

}  // namespace

Vec3f PathTracer::radiance(LocalRay ray, const Sampler& sampler) const {
  Vec3f sum, share{1, 1, 1};
  Vec3f scattered_at;   // where a direction was drawn last,
  float scattered = 0;  // its density; 0: it is the camera's,
  float travelled = 0;  // and how far it was followed: panes do not turn it
  int depth = 1;
  for (std::uint32_t step = 0; step < static_cast<std::uint32_t>(max_depth_ + kMostPanes); ++step) {
    const std::uint32_t dimension = 1 + step * kPerStep;
    ray.chance = sampler.bits(2 * step);
    const LocalHit hit = stage_.tree().intersect(ray, Sight::light);
    if (scattered > 0) {
      sum += share * lights_.along({scattered_at, ray.direction, travelled, travelled + hit.t}, scattered);
    } else if (!hit.exists()) {
      sum += share * lights_.background(ray.direction);
    }
    if (!hit.exists()) break;
    travelled += hit.t;
    const Instance& instance = stage_.instances()[hit.instance];
    const ShadingPoint point = shading_point(instance, hit, ray.direction);
    if (instance.material->emits()) {
      const float cosine = std::abs(math::dot(point.normal, ray.direction));
      const float drawn = scattered > 0 ? lights_.density(hit.instance, hit.triangle, travelled, cosine) : 0;
      const float weight = drawn > 0 ? mis_weight(scattered, drawn) : 1;
      sum += share * emission_at(instance, hit.triangle, hit.u, hit.v) * weight;
    }
    const math::Vec2f choices = sampler.pair(dimension + kChoices);
    if (depth < max_depth_) {
      sum += share * direct(point, choices.x, sampler.pair(dimension + kLightPoint), sampler.bits(2 * step + 1));
    }
    const ScatteringSample next = point.bsdf.sample(choices.y, sampler.pair(dimension + kDirection));
    share = share * next.weight;
    if (next.straight) {
      ray.origin = point.start(ray.direction);
      continue;
    }
    if (!(next.density > 0) || ++depth > max_depth_) break;
    ray.direction = math::normalized(point.frame.out(next.direction));
    if (!agrees(point, ray.direction, next.direction.z)) break;
    ray.origin = point.start(ray.direction);
    scattered_at = point.position;
    scattered = next.density;
    travelled = 0;
    if (depth <= kSureSegments) continue;
    const float survives = std::min(0.95f, std::max({share.x, share.y, share.z}));
    if (sampler.pair(dimension + kRoulette).x >= survives) break;
    share = share / survives;
  }
  return sum;
}

Vec3f PathTracer::direct(const ShadingPoint& point, float pick, math::Vec2f at, std::uint32_t chance) const {
  const Lights::Sample light = lights_.sample(point.position, pick, at);
  if (!light.exists()) return {};
  const Vec3f in = point.frame.in(light.direction);
  if (!agrees(point, light.direction, in.z)) return {};
  const Scattering scattering = point.bsdf.evaluate(in);
  if (!(scattering.density > 0)) return {};
  const Vec3f arrives = passed({point.start(light.direction), light.direction, 0, light.distance, chance});
  if (luminance(arrives) <= 0) return {};
  const Vec3f value = scattering.value * arrives * lights_.radiance(light);
  return light.single ? value : value * (mis_weight(light.density, scattering.density) / light.density);
}

Vec3f PathTracer::passed(LocalRay ray) const {
  const Way way = stage_.tree().look(ray);
  if (way == Way::blocked) return {};
  Vec3f share{1, 1, 1};
  if (way == Way::free) return share;
  for (int pane = 0; pane < kMostPanes; ++pane) {
    const LocalHit hit = stage_.tree().intersect(ray, Sight::light);
    if (!hit.exists()) return share;
    share = share * shading_point(stage_.instances()[hit.instance], hit, ray.direction).bsdf.clear();
    if (luminance(share) <= 0) return {};
    ray.t_min = hit.t + std::max(hit.t, 1e-6f) * 1e-6f;
  }
  return {};
}

}  // namespace wm::render
