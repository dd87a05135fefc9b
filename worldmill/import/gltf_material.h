#pragma once
#include <map>

#include "worldmill/import/gltf_document.h"
#include "worldmill/scene/material.h"

namespace wm::import {

/// Reads materials and the pictures that they use; a picture is decoded once. Baked occlusion is passed over without a
/// note: light is computed here. KHR_materials_unlit becomes a matte surface, lit as everything around it.
class GltfMaterials {
 public:
  GltfMaterials(GltfDocument& document, Notes& notes) : document_(document), notes_(notes) {}

  /// Material `i` of the file; i < count("materials").
  Result<scene::Material> read(std::size_t i);
  /// What a primitive without a material has.
  static scene::Material standard();

 private:
  Status read_core(const Fields& fields, scene::Material& material);
  Status read_metallic_roughness(const Fields& fields, scene::Material& material);
  Status read_specular_glossiness(const Fields& fields, scene::Material& material);
  Status read_extensions(const Fields& fields, scene::Material& material);
  Result<scene::Texture> texture(const Fields& info);
  Result<scene::PicturePtr> picture(std::size_t image);
  std::optional<std::size_t> image_of(const Fields& texture);

  GltfDocument& document_;
  Notes& notes_;
  std::map<std::size_t, scene::PicturePtr> pictures_;           ///< By image.
  std::map<std::string, scene::PicturePtr> pictures_of_files_;  ///< Two images may name one file.
};

}  // namespace wm::import
