#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "worldmill/import/gltf_writer.h"
#include "worldmill/import/source.h"
#include "worldmill/scene/world.h"

namespace wm::import {

/// Materials and pictures of a glTF file, each written when first asked for.
class GltfLooks {
 public:
  /// `folder`: where pictures stand beside a .gltf; empty: in the buffer.
  GltfLooks(GltfWriter& out, const scene::World& world, std::string folder, Notes& notes)
      : out_(out), world_(world), folder_(std::move(folder)), notes_(notes) {}

  std::size_t material(scene::MaterialId id);
  std::vector<std::pair<std::string, std::string>> take_files() { return std::move(files_); }

 private:
  base::Value texture(const scene::Texture& texture, bool color, GltfWriter::Entries more = {});
  std::size_t sampler(const scene::Texture& texture);
  std::size_t image(const scene::PicturePtr& picture, bool color);
  GltfWriter::Entries extensions(const scene::Material& m, float strength);

  GltfWriter& out_;
  const scene::World& world_;
  std::string folder_;
  Notes& notes_;
  std::map<std::size_t, std::size_t> materials_;
  std::map<std::pair<const scene::Picture*, bool>, std::size_t> images_;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> textures_;  // image, sampler
  std::map<std::vector<int>, std::size_t> samplers_;
  std::vector<std::pair<std::string, std::string>> files_;
};

}  // namespace wm::import
