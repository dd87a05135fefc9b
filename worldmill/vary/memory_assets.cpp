#include "worldmill/vary/memory_assets.h"

#include "worldmill/math/elementary.h"

namespace wm::vary {
namespace {

template <class Table>
auto find(const Table& table, const std::filesystem::path& path) -> Result<typename Table::mapped_type> {
  const auto at = table.find(path.string());
  if (at == table.end()) return base::error("there is no such asset in memory", {path.string()});
  return at->second;
}

math::Vec3f to_float(math::Vec3 v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

void add_quad(geometry::Mesh& mesh, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  mesh.triangles.push_back({a, b, c});
  mesh.triangles.push_back({a, c, d});
}

}  // namespace

void MemoryAssets::add(const std::string& path, scene::Scene scene) {
  auto asset = std::make_shared<scene::Asset>();
  asset->scene = std::move(scene);
  asset->files = {{path, base::hash_bytes(path), 0, ""}};
  assets_[path] = std::move(asset);
}

void MemoryAssets::add_picture(const std::string& path, scene::PicturePtr picture) {
  pictures_[path] = std::move(picture);
}

Result<std::shared_ptr<const scene::Asset>> MemoryAssets::load(const std::filesystem::path& path) {
  return find(assets_, path);
}

Result<std::shared_ptr<const scene::Asset>> MemoryAssets::load_body(const std::filesystem::path& path,
                                                                    const scene::BodyOptions&) {
  return find(assets_, path);
}

Result<scene::PicturePtr> MemoryAssets::load_picture(const std::filesystem::path& path) {
  return find(pictures_, path);
}

Result<std::vector<scene::AssetFile>> MemoryAssets::files(const std::filesystem::path& path) {
  if (pictures_.contains(path.string()))
    return std::vector<scene::AssetFile>{{path.string(), base::hash_bytes(path.string()), 0, ""}};
  WM_TRY(asset, find(assets_, path));
  return asset->files;
}

scene::NodeId add_mesh(scene::Scene& scene, const std::string& path, scene::NodeId parent,
                       const math::Affine& parent_from_node, geometry::Mesh mesh) {
  const scene::NodeId id(scene.nodes.size());
  scene::Node& node = scene.nodes.emplace_back();
  node.path = path;
  node.parent = parent;
  node.parent_from_node = parent_from_node;
  node.parts = {{scene::MeshId(scene.meshes.size()), scene::MaterialId(scene.materials.size())}};
  scene.meshes.push_back(std::make_shared<const geometry::Mesh>(std::move(mesh)));
  scene.materials.emplace_back().name = std::string(node.name());
  return id;
}

scene::NodeId add_light(scene::Scene& scene, const std::string& path, scene::NodeId parent,
                        const math::Affine& parent_from_node, scene::LightKind kind) {
  const scene::NodeId id(scene.nodes.size());
  scene::Node& node = scene.nodes.emplace_back();
  node.path = path;
  node.parent = parent;
  node.parent_from_node = parent_from_node;
  node.light = scene::LightId(scene.lights.size());
  scene.lights.emplace_back().kind = kind;
  return id;
}

geometry::Mesh box_mesh(math::Vec3 size) {
  geometry::Mesh mesh;
  for (unsigned i = 0; i < 8; ++i) {
    mesh.positions.push_back(
        to_float({(i & 1 ? 0.5 : -0.5) * size.x, (i & 2 ? 0.5 : -0.5) * size.y, i & 4 ? size.z : 0.0}));
  }
  add_quad(mesh, 0, 2, 3, 1);  // bottom
  add_quad(mesh, 4, 5, 7, 6);  // top
  add_quad(mesh, 0, 1, 5, 4);
  add_quad(mesh, 1, 3, 7, 5);
  add_quad(mesh, 3, 2, 6, 7);
  add_quad(mesh, 2, 0, 4, 6);
  return mesh;
}

geometry::Mesh ball_mesh(double radius, int rings) {
  constexpr double kPi = 3.141592653589793;
  geometry::Mesh mesh;
  const int columns = 2 * rings;
  for (int r = 0; r <= rings; ++r) {
    const math::SinCos polar = math::sincos(kPi * r / rings);
    for (int c = 0; c < columns; ++c) {
      const math::SinCos around = math::sincos(2 * kPi * c / columns);
      mesh.positions.push_back(
          to_float({radius * polar.sin * around.cos, radius * polar.sin * around.sin, radius * polar.cos}));
    }
  }
  const auto at = [&](int r, int c) { return static_cast<std::uint32_t>(r * columns + c % columns); };
  for (int r = 0; r < rings; ++r) {
    for (int c = 0; c < columns; ++c) add_quad(mesh, at(r, c), at(r + 1, c), at(r + 1, c + 1), at(r, c + 1));
  }
  return mesh;
}

geometry::Mesh floor_mesh(double width, double depth, int cells) {
  geometry::Mesh mesh;
  const int row = cells + 1;
  for (int y = 0; y < row; ++y) {
    for (int x = 0; x < row; ++x) {
      mesh.positions.push_back(to_float({width * (double(x) / cells - 0.5), depth * (double(y) / cells - 0.5), 0}));
    }
  }
  const auto at = [&](int x, int y) { return static_cast<std::uint32_t>(y * row + x); };
  for (int y = 0; y < cells; ++y) {
    for (int x = 0; x < cells; ++x) add_quad(mesh, at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1));
  }
  return mesh;
}

scene::Scene body_asset(geometry::Mesh mesh) {
  scene::Scene scene;
  add_mesh(scene, "/Body", {}, {}, std::move(mesh));
  return scene;
}

scene::Scene stage_asset() {
  scene::Scene scene;
  scene.nodes.emplace_back().path = "/World";
  const scene::NodeId world(0);
  add_mesh(scene, "/World/Floor", world, {}, floor_mesh(4, 4, 4));
  add_mesh(scene, "/World/Pillar", world, {{}, {1, 0, 0}}, box_mesh({0.4, 0.4, 2}));
  add_light(scene, "/World/Lamp_0", world, {{}, {-1, 0, 2.5}}, scene::LightKind::sphere);
  add_light(scene, "/World/Lamp_1", world, {{}, {1, 0, 2.5}}, scene::LightKind::sphere);
  scene.nodes.back().light = scene::LightId(0);
  scene.lights.pop_back();
  return scene;
}

}  // namespace wm::vary
