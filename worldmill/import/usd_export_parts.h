#pragma once
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "worldmill/import/source.h"
#include "worldmill/import/usd_export.h"
#include "worldmill/import/usd_writer.h"

/// What the files of the USD exporter share.
namespace wm::import {

/// A matrix for vectors as rows, as USD multiplies.
std::array<double, 16> usd_matrix(const math::Affine& map);

/// values[0], and, when any is another, the rest as samples at the time codes 0, 1, 2 ...
void write_values(UsdWriter& out, usd::Path prim, std::string_view name, std::string_view type,
                  std::span<const usd::Value> values);

/// Translate, orient and scale where the maps are made of them, else one matrix; nothing for the identity. maps[0],
/// and the rest as samples.
void write_transform(UsdWriter& out, usd::Path prim, std::span<const math::Affine> maps);

/// Points, triangles, normals, texture coordinates, colours, extent.
void write_mesh(UsdWriter& out, usd::Path prim, const geometry::Mesh& mesh, bool double_sided);

/// Materials, each written when first asked for, and their pictures.
class UsdLooks {
 public:
  UsdLooks(UsdWriter& out, const scene::World& world, usd::Path root, std::string folder, Notes& notes)
      : out_(out), world_(world), root_(root), folder_(std::move(folder)), notes_(notes) {}

  /// `colors`: the mesh has colours of its own, which the material is to show where it can.
  usd::Path material(scene::MaterialId id, bool colors);
  void bind(usd::Path prim, scene::MaterialId id, bool colors);
  /// The name of the file, relative to the layer, that holds the picture.
  std::string picture(const scene::PicturePtr& picture);
  std::vector<std::pair<std::string, std::string>> take_files() { return std::move(files_); }
  /// What was written of each material: for samples over time.
  struct Written {
    scene::MaterialId id;
    usd::Path surface;  ///< Its UsdPreviewSurface.
    bool colors;
  };
  const std::vector<Written>& written() const { return written_; }

 private:
  struct Map {
    const scene::Texture* texture;
    bool color;
    std::array<float, 4> scale, bias;
  };
  usd::Path texture(usd::Path material, std::string_view name, const Map& map);
  usd::Path coordinates(usd::Path material, std::string_view name, const scene::Texture& texture);

  UsdWriter& out_;
  const scene::World& world_;
  usd::Path root_, scope_;
  std::string folder_;
  Notes& notes_;
  std::map<std::pair<std::size_t, bool>, usd::Path> known_;
  std::map<const scene::Picture*, std::string> pictures_;
  std::vector<std::pair<std::string, std::string>> files_;
  std::vector<Written> written_;
};

/// The constant inputs of a UsdPreviewSurface that a world may change over time: name, type, value.
struct UsdInput {
  std::string_view name, type;
  usd::Value value;
};
std::vector<UsdInput> surface_inputs(const scene::Material& material, bool colors);

/// The upper side of a height field.
geometry::Mesh mesh_of_heights(const scene::HeightField& field);
/// The triangles of a mesh that the scene keeps for an engine; none when it has points alone, or is of a kind that is
/// not read here.
std::optional<geometry::Mesh> mesh_of_file(const scene::MeshFile& file);

/// Bodies, shapes, joints and drives as UsdPhysics. `nodes` are the prims of the scene's nodes.
void write_physics(UsdWriter& out, const scene::World& world, usd::Path root, const std::vector<usd::Path>& nodes,
                   Notes& notes);

}  // namespace wm::import
