#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "worldmill/scene/asset_source.h"

namespace wm::vary {

/// Assets that a test makes itself. Fill it first; then thread-safe.
class MemoryAssets : public scene::AssetSource {
 public:
  void add(const std::string& path, scene::Scene scene);
  void add_picture(const std::string& path, scene::PicturePtr picture);

  Result<std::shared_ptr<const scene::Asset>> load(const std::filesystem::path& path) override;
  /// What was added, as it is: it says what bodies it has.
  Result<std::shared_ptr<const scene::Asset>> load_body(const std::filesystem::path& path,
                                                        const scene::BodyOptions& options) override;
  Result<scene::PicturePtr> load_picture(const std::filesystem::path& path) override;
  Result<std::vector<scene::AssetFile>> files(const std::filesystem::path& path) override;

 private:
  std::map<std::string, std::shared_ptr<const scene::Asset>> assets_;
  std::map<std::string, scene::PicturePtr> pictures_;
};

/// A node of its own mesh and material (named as the node is), below `parent` (none: a root). Gives the node.
scene::NodeId add_mesh(scene::Scene& scene, const std::string& path, scene::NodeId parent,
                       const math::Affine& parent_from_node, geometry::Mesh mesh);
/// A node with a light.
scene::NodeId add_light(scene::Scene& scene, const std::string& path, scene::NodeId parent,
                        const math::Affine& parent_from_node, scene::LightKind kind);

/// A closed box of `size` [m] that stands on z = 0 about the z axis.
geometry::Mesh box_mesh(math::Vec3 size);
/// A closed ball of `radius` [m] about the origin, in `rings` rings of 2 * rings quads.
geometry::Mesh ball_mesh(double radius, int rings);
/// A rectangle of `width` x `depth` [m] about the origin, in `cells` x `cells` squares, that looks up.
geometry::Mesh floor_mesh(double width, double depth, int cells = 1);

/// An asset of one node `/Body`.
scene::Scene body_asset(geometry::Mesh mesh);
/// A stage: `/World`, a floor `/World/Floor` of 4 x 4 m whose top is z = 0, a box `/World/Pillar` (0.4 x 0.4 x 2 m) on
/// it at x = 1, and two lamps `/World/Lamp_0`, `/World/Lamp_1` that share one light.
scene::Scene stage_asset();

}  // namespace wm::vary
