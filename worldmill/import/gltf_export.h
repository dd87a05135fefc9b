#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/time.h"
#include "worldmill/scene/world.h"

namespace wm::import {

struct GltfExportOptions {
  std::string name = "World";  ///< Of the scene, and of its animation.
  bool binary = true;          ///< One .glb; else .gltf with a buffer and pictures beside it.
  std::string stem = "world";  ///< Of the files beside a .gltf: `<stem>.bin`, `<stem>_textures/...`
  /// What moves is written as one animation that begins at 0 s, at these times: ascending, in [0, timeline->end()].
  /// Null: a still.
  const scene::Timeline* timeline = nullptr;
  std::vector<base::SimTime> times;
};

struct GltfExport {
  std::string bytes;                                       ///< Of the .glb or .gltf.
  std::vector<std::pair<std::string, std::string>> files;  ///< Beside a .gltf: relative names, and bytes.
  std::vector<std::string> left_out;                       ///< One sentence for each kind of thing glTF cannot say.
};

/// The world as glTF 2.0: y up, as it must be (the roots are turned), metres; nodes by their names and in their order,
/// meshes and pictures once; metallic-roughness materials with emissive_strength, ior, transmission and clearcoat;
/// KHR_lights_punctual; KHR_node_visibility. Places over time are linear in translation and scale and along the arc in
/// rotation; what stands still between two times has no keys there. import_gltf gives the same nodes again.
/// Equal worlds give equal bytes. An error: more than the 4 GiB that a .glb holds.
Result<GltfExport> export_gltf(const scene::World& world, const GltfExportOptions& options = {});

/// Writes it to `path` (.glb, or .gltf with its files beside it). Gives what was left out.
Result<std::vector<std::string>> write_gltf(base::Files& files, const std::filesystem::path& path,
                                            const scene::World& world, GltfExportOptions options = {});

}  // namespace wm::import
