#include "worldmill/render/lights.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "worldmill/base/check.h"
#include "worldmill/math/elementary.h"
#include "worldmill/render/ggx.h"

namespace wm::render {
namespace {

using math::Vec3;
using math::Vec3f;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kPiD = 3.14159265358979323846;
constexpr float kShort = 0.99999f;  // of the way to a flat light, which may lie in a surface

Vec3f to_float(Vec3 v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

Vec3 to_double(Vec3f v) {
  return {v.x, v.y, v.z};
}

double luminance(Vec3f c) {
  return 0.2126 * c.x + 0.7152 * c.y + 0.0722 * c.z;
}

struct Axes {
  Vec3f x, y;
};

// Two directions that make a right-handed frame with z (Duff et al., "Building an orthonormal basis, revisited", JCGT
// 2017).
Axes across(Vec3f z) {
  const float sign = std::copysign(1.0f, z.z);
  const float a = -1 / (sign + z.z), b = z.x * z.y * a;
  return {{1 + sign * z.x * z.x * a, sign * b, -sign * z.x}, {b, sign + z.y * z.y * a, -z.y}};
}

struct Cone {
  Vec3f direction;
  float cosine, sine2;
};

// Evenly in the cone about z whose cosine is 1 - one_minus_cos.
Cone in_cone(Vec3f z, float one_minus_cos, math::Vec2f at) {
  const float down = at.x * one_minus_cos;
  const float sine2 = down * (2 - down), r = std::sqrt(std::max(0.0f, sine2));
  const math::SinCosF turn = math::sincos(2 * kPi * at.y);
  const Axes axes = across(z);
  return {math::normalized(axes.x * (r * turn.cos) + axes.y * (r * turn.sin) + z * (1 - down)), 1 - down, sine2};
}

float one_minus_cos_of_sphere(float radius, float distance) {
  const float sine = radius / distance;
  return sine * sine / (1 + std::sqrt(std::max(0.0f, 1 - sine * sine)));
}

std::size_t drawn(const std::vector<float>& cumulative, float pick) {
  const auto after = std::upper_bound(cumulative.begin() + 1, cumulative.end() - 1, pick);
  return static_cast<std::size_t>(after - cumulative.begin() - 1);
}

// The length that a map gives to lengths, on average.
double mean_scale(const math::Mat3& m) {
  const math::Mat3 columns = math::transposed(m);
  return std::sqrt((math::dot(columns.row0, columns.row0) + math::dot(columns.row1, columns.row1) +
                    math::dot(columns.row2, columns.row2)) /
                   3);
}

Vec3 normalized_or(Vec3 v, Vec3 otherwise) {
  const double size = math::length(v);
  return size > 1e-150 ? v / size : otherwise;
}

Vec3f clean(Vec3f color, float intensity) {
  const auto part = [&](float c) { return c * intensity > 0 ? std::min(c * intensity, 1e15f) : 0; };
  return {part(color.x), part(color.y), part(color.z)};
}

}  // namespace

Vec3f emission_at(const Instance& instance, std::uint32_t triangle, float u, float v) {
  const MaterialReader& material = *instance.material;
  if (!material.emission.exists()) return material.spec.emission;
  const geometry::Triangle& corners = instance.mesh->triangles[triangle];
  const Rgba c = material.emission.at(uv_at(*instance.mesh, material.emission.uv_set(), corners, u, v));
  return material.spec.emission * Vec3f{c[0], c[1], c[2]};
}

Lights::Lights(const scene::World& world, std::span<const math::Affine> world_from_node, Vec3 origin,
               std::span<const Instance> instances, std::span<const char> visible, const EnvironmentOf& environment_of)
    : instances_(instances) {
  const std::vector<char> nodes_visible = scene::effective_visibility(world);
  for (std::size_t n = 0; n < world.scene->nodes.size(); ++n) {
    const scene::LightId id = world.scene->nodes[n].light;
    if (!id.exists() || !nodes_visible[n] || !world.lights[id.index()].on) continue;
    math::Affine origin_from_light = world_from_node[n];
    origin_from_light.translation -= origin;
    add_light(world.lights[id.index()], origin_from_light, environment_of);
  }
  add_shining(instances, visible);
  math::Box3 bounds;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (visible[i]) bounds.add(math::transformed(instances[i].origin_from_mesh, geometry::bounds(*instances[i].mesh)));
  }
  settle_chances(bounds.is_empty() ? 1 : math::length(bounds.size()) / 2);
}

void Lights::add_light(const scene::Light& light, const math::Affine& origin_from_light,
                       const EnvironmentOf& environment_of) {
  const Vec3f strength = clean(light.color, light.intensity);
  if (!(luminance(strength) > 0)) return;
  const math::Mat3& map = origin_from_light.linear;
  const Vec3 axis = normalized_or(map * Vec3{0, 0, -1}, {0, 0, -1});
  switch (light.kind) {
    case scene::LightKind::sphere:
    case scene::LightKind::spot: {
      Near near{to_float(origin_from_light.translation), to_float(axis), strength};
      near.radius = static_cast<float>(std::max(0.0, light.radius * mean_scale(map)));
      double solid_angle = 4 * kPiD;
      if (light.kind == scene::LightKind::spot) {
        const double widest = std::clamp(static_cast<double>(light.outer_cone), 0.0, kPiD);
        const double outer = math::cos(widest);
        const double inner = math::cos(std::clamp(static_cast<double>(light.inner_cone), 0.0, widest));
        near.cone_scale = static_cast<float>(1 / std::max(1e-3, inner - outer));
        near.cone_offset = static_cast<float>(-outer) * near.cone_scale;
        solid_angle = 2 * kPiD * (1 - outer);
      }
      near_.push_back(near);
      return enter(Kind::near, near_.size() - 1, luminance(strength) * solid_angle);
    }
    case scene::LightKind::rect: {
      const Vec3 x = map * Vec3{light.width / 2.0, 0, 0}, y = map * Vec3{0, light.height / 2.0, 0};
      const double area = 4 * math::length(math::cross(x, y));
      if (!(area > 1e-12)) return;
      Vec3 normal = math::normalized(math::cross(x, y));
      if (math::dot(normal, axis) < 0) normal = -normal;
      rects_.push_back({to_float(origin_from_light.translation), to_float(x), to_float(y), to_float(normal), strength,
                        static_cast<float>(area)});
      return enter(Kind::rect, rects_.size() - 1, luminance(strength) * area * kPiD);
    }
    case scene::LightKind::distant: {
      const double half = std::clamp(static_cast<double>(light.angle), 0.0, kPiD) / 2;
      const double sine = math::sin(half / 2);
      distant_.push_back({to_float(-axis), strength, static_cast<float>(2 * sine * sine)});
      return enter(Kind::distant, distant_.size() - 1, luminance(strength));
    }
    case scene::LightKind::environment: {
      const math::Mat3 columns = math::transposed(map);
      const Vec3 z = normalized_or(columns.row2, {0, 0, 1});
      Vec3 x = normalized_or(columns.row0 - z * math::dot(columns.row0, z), {1, 0, 0});
      skies_.push_back({environment_of(light.picture), {x, math::cross(z, x), z}, strength});
      return enter(Kind::sky, skies_.size() - 1, luminance(strength) * skies_.back().environment->total());
    }
  }
}

void Lights::add_shining(std::span<const Instance> instances, std::span<const char> visible) {
  shining_of_.assign(instances.size(), -1);
  for (std::uint32_t i = 0; i < instances.size(); ++i) {
    const Instance& instance = instances[i];
    if (!visible[i] || !instance.material->emits()) continue;
    Shining light{i, {0}, {}};
    std::vector<double> powers, areas;
    double sum = 0;
    for (std::uint32_t t = 0; t < instance.mesh->triangles.size(); ++t) {
      const geometry::Triangle& c = instance.mesh->triangles[t];
      const Vec3 a = to_double(instance.mesh->positions[c[0]]), b = to_double(instance.mesh->positions[c[1]]),
                 d = to_double(instance.mesh->positions[c[2]]);
      const math::Mat3& map = instance.origin_from_mesh.linear;
      areas.push_back(math::length(math::cross(map * (b - a), map * (d - a))) / 2);
      double bright = luminance(instance.material->spec.emission);
      if (instance.material->emission.exists()) {
        bright = 0;  // of 16 points spread over the triangle; where they miss, scattered rays still find the light
        for (int k = 0; k < 16; ++k) {
          float u = (static_cast<float>(k % 4) + 0.5f) / 4, v = (static_cast<float>(k / 4) + 0.5f) / 4;
          if (u + v > 1) u = 1 - u, v = 1 - v;
          bright += luminance(emission_at(instance, t, u, v)) / 16;
        }
      }
      powers.push_back(areas.back() * bright);
      sum += powers.back();
    }
    if (!(sum > 0)) continue;
    double so_far = 0;
    for (std::size_t t = 0; t < powers.size(); ++t) {
      so_far += powers[t];
      light.cumulative.push_back(static_cast<float>(so_far / sum));
      const double share = static_cast<double>(light.cumulative[t + 1]) - static_cast<double>(light.cumulative[t]);
      light.density.push_back(areas[t] > 0 ? static_cast<float>(share / areas[t]) : 0);
    }
    shining_of_[i] = static_cast<std::int32_t>(shining_.size());
    shining_.push_back(std::move(light));
    enter(Kind::shining, shining_.size() - 1, 2 * kPiD * sum);
  }
}

void Lights::enter(Kind kind, std::size_t index, double power) {
  entries_.push_back({kind, static_cast<std::uint32_t>(index)});
  powers_.push_back(power);
}

void Lights::settle_chances(double scene_radius) {
  if (entries_.empty()) return;
  double sum = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].kind == Kind::distant || entries_[i].kind == Kind::sky) {
      powers_[i] *= kPiD * scene_radius * scene_radius;
    }
    sum += powers_[i];
  }
  const auto count = static_cast<double>(entries_.size());
  double so_far = 0;
  cumulative_ = {0};
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const double chance = 0.5 / count + (sum > 0 ? 0.5 * powers_[i] / sum : 0.5 / count);
    so_far += chance;
    cumulative_.push_back(static_cast<float>(so_far));
    chances_.push_back(cumulative_[i + 1] - cumulative_[i]);
    chance_of_[static_cast<std::size_t>(entries_[i].kind)].push_back(chances_.back());
  }
}

Lights::Sample Lights::sample(Vec3f point, float pick, math::Vec2f at) const {
  if (empty()) return {};
  const std::size_t i = drawn(cumulative_, pick);
  const std::uint32_t index = entries_[i].index;
  Sample sample;
  switch (entries_[i].kind) {
    case Kind::near:
      sample = sample_near(near_[index], point, at);
      break;
    case Kind::rect:
      sample = sample_rect(rects_[index], point, at);
      break;
    case Kind::distant:
      sample = sample_distant(distant_[index], at);
      break;
    case Kind::sky:
      sample = sample_sky(index, at);
      break;
    case Kind::shining: {
      const float within = std::clamp((pick - cumulative_[i]) / chances_[i], 0.0f, 0.9999999f);
      sample = sample_shining(shining_[index], point, within, at);
      break;
    }
  }
  if (sample.single) sample.shine = sample.shine / chances_[i];
  sample.density *= chances_[i];
  return sample;
}

Vec3f Lights::Near::shine(Vec3f from_light) const {
  const float fade = std::clamp(math::dot(axis, from_light) * cone_scale + cone_offset, 0.0f, 1.0f);
  return strength * (fade * fade);  // as KHR_lights_punctual recommends
}

Lights::Sample Lights::sample_near(const Near& light, Vec3f point, math::Vec2f at) const {
  const Vec3f way = light.center - point;
  const float distance = math::length(way);
  if (!(distance > light.radius * 1.0001f) || !(distance > 1e-6f)) return {};
  const Vec3f direction = way / distance;
  const Vec3f intensity = light.shine(-direction);
  if (light.radius <= 0) return {direction, distance, intensity / (distance * distance), 0, true};
  const float one_minus_cos = one_minus_cos_of_sphere(light.radius, distance);
  const Cone cone = in_cone(direction, one_minus_cos, at);
  const float near = distance * cone.cosine -
                     std::sqrt(std::max(0.0f, light.radius * light.radius - distance * distance * cone.sine2));
  return {cone.direction, near, intensity / (kPi * light.radius * light.radius), 1 / (2 * kPi * one_minus_cos), false};
}

Lights::Sample Lights::sample_rect(const Rect& light, Vec3f point, math::Vec2f at) const {
  const Vec3f target = light.center + light.x * (2 * at.x - 1) + light.y * (2 * at.y - 1);
  const Vec3f way = target - point;
  const float distance = math::length(way);
  if (!(distance > 1e-6f)) return {};
  const Vec3f direction = way / distance;
  const float cosine = -math::dot(direction, light.normal);
  if (cosine <= 1e-6f) return {};
  return {direction, distance * kShort, light.luminance, distance * distance / (cosine * light.area), false};
}

Lights::Sample Lights::sample_distant(const Distant& light, math::Vec2f at) const {
  if (light.one_minus_cos <= 0) return {light.to_light, kInfinity, light.irradiance, 0, true};
  const Cone cone = in_cone(light.to_light, light.one_minus_cos, at);
  const float sine2 = light.one_minus_cos * (2 - light.one_minus_cos);
  return {cone.direction, kInfinity, light.irradiance / (kPi * sine2), 1 / (2 * kPi * light.one_minus_cos), false};
}

Lights::Sample Lights::sample_sky(std::uint32_t index, math::Vec2f at) const {
  const Sky& light = skies_[index];
  const Environment::Sample there = light.environment->sample(at);
  if (!(there.density > 0)) return {};
  const Vec3f direction = to_float(math::transposed(light.sky_from_world) * to_double(there.direction));
  return {direction, kInfinity, {}, there.density, false, static_cast<std::int32_t>(index)};
}

Vec3f Lights::radiance(const Sample& sample) const {
  if (sample.sky < 0) return sample.shine;
  const Sky& light = skies_[static_cast<std::size_t>(sample.sky)];
  return light.factor * light.environment->look(to_float(light.sky_from_world * to_double(sample.direction))).radiance;
}

Lights::Sample Lights::sample_shining(const Shining& light, Vec3f point, float pick, math::Vec2f at) const {
  const auto triangle = static_cast<std::uint32_t>(drawn(light.cumulative, pick));
  const Instance& instance = instances_[light.instance];
  const float root = std::sqrt(at.x), u = root * (1 - at.y), v = root * at.y;
  const geometry::Triangle& c = instance.mesh->triangles[triangle];
  const auto& positions = instance.mesh->positions;
  const Vec3f in_mesh = interpolate(positions[c[0]], positions[c[1]], positions[c[2]], u, v);
  const Vec3f normal_in_mesh = math::cross(positions[c[1]] - positions[c[0]], positions[c[2]] - positions[c[0]]);
  const Vec3 normal = normalized_or(instance.normals * to_double(normal_in_mesh), {0, 0, 1});
  const Vec3f way = to_float(instance.origin_from_mesh.point(to_double(in_mesh))) - point;
  const float distance = math::length(way);
  if (!(distance > 1e-6f)) return {};
  const Vec3f direction = way / distance;
  const float cosine = std::abs(math::dot(direction, to_float(normal)));
  if (cosine <= 1e-6f) return {};
  return {direction, distance * kShort, emission_at(instance, triangle, u, v),
          light.density[triangle] * distance * distance / cosine, false};
}

float Lights::density(std::uint32_t instance, std::uint32_t triangle, float distance, float cosine) const {
  const std::int32_t index = shining_of_[instance];
  if (index < 0 || !(cosine > 1e-6f)) return 0;
  const auto i = static_cast<std::size_t>(index);
  return chance_of_[static_cast<std::size_t>(Kind::shining)][i] * shining_[i].density[triangle] * distance * distance /
         cosine;
}

Vec3f Lights::along(const Stretch& stretch, float scattered) const {
  const auto [point, direction, from, to] = stretch;
  Vec3f sum;
  const auto chance = [&](Kind kind, std::size_t i) { return chance_of_[static_cast<std::size_t>(kind)][i]; };
  for (std::size_t i = 0; i < near_.size(); ++i) {
    const Near& light = near_[i];
    if (light.radius <= 0) continue;
    const Vec3f way = light.center - point;
    const float along_way = math::dot(way, direction), far = math::length(way);
    if (along_way <= 0 || far <= light.radius * 1.0001f) continue;
    const Vec3f aside = way - direction * along_way;
    const float inside2 = light.radius * light.radius - math::dot(aside, aside);
    const float enters = along_way - std::sqrt(std::max(0.0f, inside2));
    if (inside2 <= 0 || enters <= from || enters > to) continue;
    const float drawn_at = chance(Kind::near, i) / (2 * kPi * one_minus_cos_of_sphere(light.radius, far));
    sum += light.shine(-(way / far)) * (mis_weight(scattered, drawn_at) / (kPi * light.radius * light.radius));
  }
  for (std::size_t i = 0; i < rects_.size(); ++i) {
    const Rect& light = rects_[i];
    const float cosine = -math::dot(direction, light.normal);
    if (cosine <= 1e-6f) continue;
    const float t = -math::dot(light.center - point, light.normal) / cosine;
    if (t <= from || t > to) continue;
    const Vec3f at = point + direction * t - light.center;
    // Coordinates along x and y, which need not be perpendicular.
    const float xx = math::dot(light.x, light.x), xy = math::dot(light.x, light.y), yy = math::dot(light.y, light.y);
    const float ax = math::dot(at, light.x), ay = math::dot(at, light.y), determinant = xx * yy - xy * xy;
    if (std::abs(ax * yy - ay * xy) > determinant || std::abs(ay * xx - ax * xy) > determinant) continue;
    sum += light.luminance * mis_weight(scattered, chance(Kind::rect, i) * t * t / (cosine * light.area));
  }
  if (to < kInfinity) return sum;
  for (std::size_t i = 0; i < distant_.size(); ++i) {
    const Distant& light = distant_[i];
    if (light.one_minus_cos <= 0) continue;
    const Vec3f aside = direction - light.to_light;
    if (math::dot(aside, aside) > 2 * light.one_minus_cos) continue;  // |a - b|^2 = 2 (1 - cos)
    const float drawn_at = chance(Kind::distant, i) / (2 * kPi * light.one_minus_cos);
    const float sine2 = light.one_minus_cos * (2 - light.one_minus_cos);
    sum += light.irradiance * (mis_weight(scattered, drawn_at) / (kPi * sine2));
  }
  for (std::size_t i = 0; i < skies_.size(); ++i) {
    const Sky& light = skies_[i];
    const Vec3f in_sky = to_float(light.sky_from_world * to_double(direction));
    const Environment::Look look = light.environment->look(in_sky);
    sum += light.factor * look.radiance * mis_weight(scattered, chance(Kind::sky, i) * look.density);
  }
  return sum;
}

Vec3f Lights::background(Vec3f direction) const {
  Vec3f sum;
  for (const Sky& light : skies_) {
    sum += light.factor * light.environment->look(to_float(light.sky_from_world * to_double(direction))).radiance;
  }
  return sum;
}

}  // namespace wm::render
