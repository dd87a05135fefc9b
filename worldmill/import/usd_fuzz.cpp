// Any bytes as a stage, text, crate or package by what they begin with: a Result and nothing else, and
// what is read is sound.
#include <cstdlib>

#include "worldmill/geometry/mesh.h"
#include "worldmill/import/import.h"
#include "worldmill/import/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wm;
  import::MemoryFiles files;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  files.contents["/f/a.usd"] = bytes;
  import::Budget budget;
  budget.file_bytes = 1 << 16;
  budget.pixels = 1 << 16;
  budget.vertices = 1 << 16;
  const auto asset = import::import_file(files, "/f/a.usd", {"/f"}, budget);
  if (!asset) return 0;
  const scene::Mechanics& m = asset->scene.mechanics;
  for (const scene::Node& node : asset->scene.nodes) {
    for (const scene::Part& part : node.parts) {
      if (!geometry::validate(*asset->scene.meshes.at(part.mesh.index()), "fuzz")) std::abort();
      (void)asset->scene.materials.at(part.material.index());
    }
  }
  for (const scene::Body& body : m.bodies) (void)asset->scene.nodes.at(body.node.index());
  for (const scene::Joint& joint : m.joints) (void)m.bodies.at(joint.body.index());
  return 0;
}
