#pragma once
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "worldmill/math/elementary.h"
#include "worldmill/scene/world.h"

/// Small scenes for this module's tests.
namespace wm::render::testing {

inline constexpr double kPi = 3.14159265358979323846;

/// A square in the plane z = 0, `side` [m] long, facing +z, uv (0, 0) at its upper left as seen from +z.
inline geometry::Mesh square(float side) {
  const float h = side / 2;
  geometry::Mesh mesh;
  mesh.positions = {{-h, -h, 0}, {h, -h, 0}, {h, h, 0}, {-h, h, 0}};
  mesh.triangles = {{0, 1, 2}, {0, 2, 3}};
  mesh.uv[0] = {{0, 1}, {1, 1}, {1, 0}, {0, 0}};
  return mesh;
}

/// A sphere about 0 with smooth normals and uv by longitude and latitude.
inline geometry::Mesh ball(float radius, int rows = 32) {
  geometry::Mesh mesh;
  const int columns = 2 * rows;
  for (int r = 0; r <= rows; ++r) {
    for (int c = 0; c <= columns; ++c) {
      const auto [sin_theta, cos_theta] = math::sincos(kPi * r / rows);
      const auto [sin_phi, cos_phi] = math::sincos(2 * kPi * (c % columns) / columns);
      const math::Vec3f n{static_cast<float>(sin_theta * cos_phi), static_cast<float>(sin_theta * sin_phi),
                          static_cast<float>(cos_theta)};
      mesh.positions.push_back(n * radius);
      mesh.normals.push_back(n);
      mesh.uv[0].push_back(
          {static_cast<float>(c) / static_cast<float>(columns), static_cast<float>(r) / static_cast<float>(rows)});
    }
  }
  const auto vertex = [&](int r, int c) { return static_cast<std::uint32_t>(r * (columns + 1) + c); };
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      if (r > 0) mesh.triangles.push_back({vertex(r, c), vertex(r + 1, c), vertex(r, c + 1)});
      if (r < rows - 1) mesh.triangles.push_back({vertex(r, c + 1), vertex(r + 1, c), vertex(r + 1, c + 1)});
    }
  }
  return mesh;
}

inline math::Affine moved(double x, double y, double z) {
  return {math::Mat3(), {x, y, z}};
}

/// Puts a scene together, a node at a time.
struct Builder {
  scene::Scene scene;

  scene::MeshId mesh(geometry::Mesh m) {
    scene.meshes.push_back(std::make_shared<const geometry::Mesh>(std::move(m)));
    return scene::MeshId(scene.meshes.size() - 1);
  }
  scene::MaterialId material(scene::Material m) {
    scene.materials.push_back(std::move(m));
    return scene::MaterialId(scene.materials.size() - 1);
  }
  scene::NodeId node(const math::Affine& parent_from_node, std::vector<scene::Part> parts,
                     scene::NodeId parent = scene::NodeId()) {
    scene::Node node;
    node.path = (parent.exists() ? scene.nodes[parent.index()].path : "") + "/n" + std::to_string(scene.nodes.size());
    node.parent = parent;
    node.parent_from_node = parent_from_node;
    node.parts = std::move(parts);
    scene.nodes.push_back(std::move(node));
    return scene::NodeId(scene.nodes.size() - 1);
  }
  scene::NodeId light(const math::Affine& parent_from_node, scene::Light light) {
    const scene::NodeId id = node(parent_from_node, {});
    scene.lights.push_back(std::move(light));
    scene.nodes[id.index()].light = scene::LightId(scene.lights.size() - 1);
    return id;
  }
  scene::World world() const { return scene::World::of(std::make_shared<const scene::Scene>(scene)); }
};

/// 8-bit texels of `channels` each, row by row.
inline scene::PicturePtr picture(int width, int height, int channels, std::vector<std::uint8_t> values) {
  image::Pixels<std::uint8_t> pixels(width, height, channels);
  pixels.values = std::move(values);
  return std::make_shared<const scene::Picture>(scene::Picture{"test", std::move(pixels)});
}

/// Linear RGB, the same everywhere.
inline scene::PicturePtr flat_light(math::Vec3f color, int width = 4, int height = 2) {
  image::Pixels<float> pixels(width, height, 3);
  for (std::size_t i = 0; i < pixels.values.size(); i += 3) {
    pixels.values[i] = color.x;
    pixels.values[i + 1] = color.y;
    pixels.values[i + 2] = color.z;
  }
  return std::make_shared<const scene::Picture>(scene::Picture{"test", std::move(pixels)});
}

}  // namespace wm::render::testing
