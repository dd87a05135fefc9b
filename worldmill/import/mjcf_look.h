#pragma once
#include <map>
#include <optional>

#include "worldmill/import/mjcf_text.h"
#include "worldmill/scene/scene.h"

struct mjModel_;

namespace wm::import {

/// What a compiled MJCF model looks like: meshes, materials and textures, each put into the scene at its first use.
class MjcfLook {
 public:
  /// All must outlive this.
  MjcfLook(const mjModel_& model, const MjcfText& text, scene::Scene& scene, Notes& notes)
      : model_(model), text_(text), scene_(scene), notes_(notes) {}

  /// What one of the model's geoms shows in its own frame; none when there is nothing to see of it. `hidden`: even if
  /// it is in a group that the engine's viewers hide.
  std::optional<scene::Part> part_of(int geom, bool hidden);

 private:
  std::optional<scene::MeshId> mesh_of(int geom);
  geometry::Mesh asset_mesh(int mesh) const;
  geometry::Mesh height_mesh(int field) const;
  scene::MaterialId material_of(int geom);
  scene::Texture texture_of(int material, int geom);
  scene::PicturePtr picture_of(int texture);

  const mjModel_& model_;
  const MjcfText& text_;
  scene::Scene& scene_;
  Notes& notes_;
  std::map<std::string, scene::MeshId> meshes_;
  std::map<std::string, scene::MaterialId> materials_;
  std::map<int, scene::PicturePtr> pictures_;
};

}  // namespace wm::import
