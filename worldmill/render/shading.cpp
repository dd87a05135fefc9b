#include "worldmill/render/shading.h"

#include <algorithm>
#include <cmath>

namespace wm::render {
namespace {

using math::Vec3;
using math::Vec3f;

Vec3f to_float(Vec3 v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

Vec3 to_double(Vec3f v) {
  return {v.x, v.y, v.z};
}

Vec3f absolute(Vec3f v) {
  return {std::abs(v.x), std::abs(v.y), std::abs(v.z)};
}

struct Corners {
  Vec3f a, b, c;
};

Corners corners_of(const geometry::Mesh& mesh, const geometry::Triangle& t) {
  return {mesh.positions[t[0]], mesh.positions[t[1]], mesh.positions[t[2]]};
}

// How far rounding may have put the ray's idea of the triangle off it, along the normal: some units in the last place
// of the coordinates that the tree computes with, in the mesh's frame and in the world's.
float skin_of(const Instance& instance, const Corners& p, Vec3f normal_in_mesh, double stretch, Vec3f position,
              Vec3f normal) {
  constexpr float kUnits = 2e-6f;
  const Vec3f most = math::max(absolute(p.a), math::max(absolute(p.b), absolute(p.c)));
  const auto in_mesh = static_cast<float>(stretch) * math::dot(absolute(normal_in_mesh), most);
  const Vec3f shift = absolute(to_float(instance.origin_from_mesh.translation));
  return kUnits * (in_mesh + math::dot(absolute(normal), absolute(position) + shift)) + 1e-12f;
}

struct Tangents {
  Vec3 along, across;  // in the mesh's frame, along u and up (-v)
  bool exist = false;
};

Tangents tangents_of_triangle(const geometry::Mesh& mesh, int set, const geometry::Triangle& t) {
  const std::vector<math::Vec2f>& uv = mesh.uv[set == 1 ? 1 : 0];
  if (uv.empty()) return {};
  const Corners p = corners_of(mesh, t);
  const Vec3 e1 = to_double(p.b - p.a), e2 = to_double(p.c - p.a);
  const math::Vec2f d1 = uv[t[1]] - uv[t[0]], d2 = uv[t[2]] - uv[t[0]];
  const double determinant = static_cast<double>(d1.x) * d2.y - static_cast<double>(d2.x) * d1.y;
  if (std::abs(determinant) < 1e-20) return {};
  const Vec3 along_u = (e1 * d2.y - e2 * d1.y) / determinant, along_v = (e2 * d1.x - e1 * d2.x) / determinant;
  return {along_u, -along_v, true};
}

Tangents tangents_at(const geometry::Mesh& mesh, int set, const geometry::Triangle& t, Vec3 normal, float u, float v) {
  if (mesh.tangents.empty()) return tangents_of_triangle(mesh, set, t);
  const auto& a = mesh.tangents[t[0]];
  const auto& b = mesh.tangents[t[1]];
  const auto& c = mesh.tangents[t[2]];
  const Vec3 along{interpolate(a[0], b[0], c[0], u, v), interpolate(a[1], b[1], c[1], u, v),
                   interpolate(a[2], b[2], c[2], u, v)};
  return {along, math::cross(normal, along) * static_cast<double>(a[3]), true};
}

// The shading normal, seen from the side that triangles are counter-clockwise on; any length. Mesh frame in, world out.
Vec3 shading_normal(const Instance& instance, const geometry::Triangle& t, Vec3 flat, float u, float v) {
  const geometry::Mesh& mesh = *instance.mesh;
  Vec3 normal = flat;
  if (!mesh.normals.empty()) {
    const Vec3 smooth = to_double(interpolate(mesh.normals[t[0]], mesh.normals[t[1]], mesh.normals[t[2]], u, v));
    if (math::dot(smooth, smooth) > 1e-12) normal = math::normalized(smooth);
  }
  const TextureReader& map = instance.material->normal;
  if (!map.exists()) return instance.normals * normal;
  const Tangents tangents = tangents_at(mesh, map.uv_set(), t, normal, u, v);
  if (!tangents.exist) return instance.normals * normal;
  const Rgba texel = map.at(uv_at(mesh, map.uv_set(), t, u, v));
  const float scale = instance.material->spec.normal_scale;
  const Vec3 bent{(2 * texel[0] - 1) * scale, (2 * texel[1] - 1) * scale, 2 * texel[2] - 1};
  const Vec3 n = math::normalized(instance.normals * normal);
  Vec3 x = instance.origin_from_mesh.direction(tangents.along),
       y = instance.origin_from_mesh.direction(tangents.across);
  x = x - n * math::dot(x, n);
  y = y - n * math::dot(y, n);
  const double size_x = math::length(x), size_y = math::length(y);
  if (!(size_x > 0) || !(size_y > 0)) return n;
  return x * (bent.x / size_x) + y * (bent.y / size_y) + n * bent.z;
}

// Where interpolation or a map bent the normal away from who looks, bends it back just into sight.
Vec3f in_sight(Vec3f normal, Vec3f flat, Vec3f to_eye) {
  constexpr float kLeast = 0.02f;
  const float size = math::length(normal);
  if (!(size > 1e-20f)) return flat;
  normal = normal / size;
  if (math::dot(normal, flat) < 0) normal = -normal;
  const float seen = math::dot(normal, to_eye);
  if (seen >= kLeast) return normal;
  const float flat_seen = math::dot(flat, to_eye);
  if (flat_seen <= kLeast) return flat;
  // On the way to the flat normal.
  const float t = (kLeast - seen) / (flat_seen - seen);
  return math::normalized(normal * (1 - t) + flat * t);
}

float unit(float x) {
  return std::clamp(x, 0.0f, 1.0f);
}

}  // namespace

// Duff et al., "Building an orthonormal basis, revisited", JCGT 2017.
Frame::Frame(Vec3f z_axis) : z(z_axis) {
  const float sign = std::copysign(1.0f, z.z);
  const float a = -1 / (sign + z.z), b = z.x * z.y * a;
  x = {1 + sign * z.x * z.x * a, sign * b, -sign * z.x};
  y = {b, sign + z.y * z.y * a, -z.y};
}

SurfaceLook look_at(const Instance& instance, std::uint32_t triangle, float u, float v) {
  const MaterialReader& material = *instance.material;
  const scene::Material& spec = material.spec;
  const geometry::Mesh& mesh = *instance.mesh;
  const geometry::Triangle& t = mesh.triangles[triangle];
  SurfaceLook look{spec.base_color,   spec.metallic,  spec.roughness,          spec.ior,
                   spec.transmission, spec.clearcoat, spec.clearcoat_roughness};
  const auto read = [&](const TextureReader& texture) { return texture.at(uv_at(mesh, texture.uv_set(), t, u, v)); };
  if (material.base_color.exists()) {
    const Rgba c = read(material.base_color);
    look.base_color = look.base_color * Vec3f{c[0], c[1], c[2]};
  }
  if (!mesh.colors.empty()) {
    const Rgba c = color_at(mesh, t, u, v);
    look.base_color = look.base_color * Vec3f{c[0], c[1], c[2]};
  }
  if (material.metallic_roughness.exists()) {
    const Rgba c = read(material.metallic_roughness);
    look.roughness *= c[1];
    look.metallic *= c[2];
  }
  if (material.transmission.exists()) look.transmission *= read(material.transmission)[0];
  look.base_color = {unit(look.base_color.x), unit(look.base_color.y), unit(look.base_color.z)};
  for (float* x : {&look.metallic, &look.roughness, &look.transmission, &look.clearcoat, &look.clearcoat_roughness}) {
    *x = unit(*x);
  }
  look.ior = std::clamp(look.ior, 1.0f, 3.0f);
  return look;
}

ShadingPoint shading_point(const Instance& instance, const LocalHit& hit, Vec3f direction) {
  const geometry::Mesh& mesh = *instance.mesh;
  const geometry::Triangle& t = mesh.triangles[hit.triangle];
  const Corners p = corners_of(mesh, t);
  const double u = hit.u, v = hit.v;
  const Vec3 at = to_double(p.a) * (1 - u - v) + to_double(p.b) * u + to_double(p.c) * v;
  const Vec3f position = to_float(instance.origin_from_mesh.point(at));
  const Vec3 across = math::cross(to_double(p.b) - to_double(p.a), to_double(p.c) - to_double(p.a));
  const double size = math::length(across);
  const Vec3 flat = size > 0 ? across / size : Vec3{0, 0, 1};
  const Vec3 flat_world = instance.normals * flat;
  const double stretch = 1 / math::length(flat_world);
  Vec3f normal = to_float(flat_world * stretch);
  Vec3f shading = to_float(shading_normal(instance, t, flat, hit.u, hit.v));
  const float skin = skin_of(instance, p, to_float(flat), stretch, position, normal);
  if (math::dot(normal, direction) > 0) {
    normal = -normal;
    shading = -shading;
  }
  const Frame frame(in_sight(shading, normal, -direction));
  Vec3f out = frame.in(-direction);
  if (out.z < 1e-4f) out = math::normalized(Vec3f{out.x, out.y, 1e-4f});
  return {position, normal, skin, frame, Bsdf(look_at(instance, hit.triangle, hit.u, hit.v), out)};
}

}  // namespace wm::render
