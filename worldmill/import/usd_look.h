#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "worldmill/import/usd_mesh.h"
#include "worldmill/import/usd_parts.h"

/// Materials and shapes of the USD importer.
namespace wm::import {

/// A material of the scene, and what a mesh must have for it.
struct UsdLook {
  scene::MaterialId id;
  std::vector<std::string> coordinates;  ///< Primvars of the texture coordinate sets 0 and 1.
  bool colors = false;                   ///< It shows the primvar displayColor.
  bool tangents = false;                 ///< It has a normal map: tangents are needed, of the set `normal_set`.
  int normal_set = 0;
};

/// The pictures of a stage, each read once, through the stage's own resolver and within its roots.
class UsdPictures {
 public:
  UsdPictures(usd::Stage& stage, Source& source, Notes& notes) : stage_(stage), source_(source), notes_(notes) {}
  /// The picture that an asset-valued attribute names; none, with a note, when it is not there or is none.
  scene::PicturePtr read(const usd::Prim& prim, std::string_view attribute, const UsdValues& values);
  /// Says that an asset was used.
  void note_file(const std::string& identifier);

 private:
  usd::Stage& stage_;
  Source& source_;
  Notes& notes_;
  std::map<std::string, scene::PicturePtr> known_;
};

/// Materials: what is bound where, and what it looks like.
class UsdShade {
 public:
  UsdShade(const usd::Stage& stage, const UsdValues& values, UsdPictures& pictures, scene::Scene& scene, Notes& notes)
      : stage_(stage), values_(values), pictures_(pictures), scene_(scene), notes_(notes) {}

  /// The material prim bound to `prim` for a purpose ("full", "physics" ...), or for all; none when nothing is bound.
  usd::Prim bound(const usd::Prim& prim, std::string_view purpose) const;
  /// How the material looks; of no prim: white with the colours of the mesh.
  const UsdLook& look(const usd::Prim& material, bool double_sided);
  /// A plain material of one colour, for what has no material.
  const UsdLook& plain(math::Vec3f color, float opacity, bool double_sided);

 private:
  /// A material bound right at a prim: to itself and all below, or to what a collection has.
  struct Binding {
    std::string purpose, collection;  ///< Empty: all purposes; no collection.
    usd::Prim holder;                 ///< Of the collection.
    usd::Path material;
    bool strong = false;
  };
  const std::vector<Binding>& bindings_at(const usd::Prim& prim) const;
  UsdLook read(const usd::Prim& material, scene::Material& out);

  const usd::Stage& stage_;
  const UsdValues& values_;
  UsdPictures& pictures_;
  scene::Scene& scene_;
  Notes& notes_;
  std::map<std::pair<std::uint32_t, bool>, UsdLook> known_;
  std::map<std::array<float, 5>, UsdLook> plain_;
  mutable std::unordered_map<std::uint32_t, std::vector<Binding>> bindings_;
};

/// Parts of a prim that has a shape, each with its material.
class UsdShapes {
 public:
  UsdShapes(const UsdValues& values, const UsdUnits& units, UsdShade& shade, Source& source, scene::Scene& scene,
            Notes& notes)
      : values_(values), units_(units), shade_(shade), source_(source), scene_(scene), notes_(notes) {}

  static bool is_shape(const usd::Prim& prim);
  Result<std::vector<scene::Part>> parts(const UsdNode& node);
  /// The surface itself, unsubdivided; none when it has no area.
  Result<std::shared_ptr<const geometry::Mesh>> collision(const UsdNode& node);

 private:
  struct Subset {
    usd::Prim prim;
    std::vector<std::int32_t> faces;
  };
  Result<UsdPolygons> polygons(const UsdNode& node);
  std::optional<geometry::Mesh> primitive(const UsdNode& node);
  UsdPrimvar primvar(const usd::Prim& prim, const std::string& name, bool inherited) const;
  std::vector<Subset> subsets(const usd::Prim& prim) const;
  Result<std::vector<scene::Part>> mesh_parts(const UsdNode& node);
  const UsdLook& look_of(const usd::Prim& prim, const usd::Prim& subset, const UsdPrimvar& colors,
                         const UsdPrimvar& opacities, bool double_sided);
  std::optional<scene::Part> add(std::optional<geometry::Mesh> mesh, const UsdLook& look, const std::string& key);
  Status spend(std::size_t vertices);

  const UsdValues& values_;
  const UsdUnits& units_;
  UsdShade& shade_;
  Source& source_;
  scene::Scene& scene_;
  Notes& notes_;
  std::map<std::string, std::optional<scene::MeshId>> meshes_;  ///< By what they were made of; none: has no area.
  std::map<std::uint32_t, std::shared_ptr<const geometry::Mesh>> collisions_;
  std::int64_t spent_ = 0;
};

/// Transform of a prim against its parent, lengths in metres; whether it starts anew from the root.
struct UsdLocal {
  math::Affine parent_from_prim;
  bool resets = false;
};
UsdLocal local_transform(const usd::Prim& prim, const UsdValues& values, double meters, Notes& notes);
math::Affine affine_of(const std::vector<double>& rows, double meters);  ///< Of a matrix4d.

/// A light of UsdLux, and how its node must be turned for ours; none: not a light that is read.
struct UsdLight {
  scene::Light light;
  math::Mat3 prim_from_node;
};
std::optional<UsdLight> read_light(const usd::Prim& prim, const UsdValues& values, double meters, math::Vec3 scale,
                                   UsdPictures& pictures, Notes& notes);
scene::Camera read_camera(const usd::Prim& prim, const UsdValues& values, Notes& notes);

}  // namespace wm::import
