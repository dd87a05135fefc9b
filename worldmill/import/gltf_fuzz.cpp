// Any bytes as a .glb or .gltf: a Result and nothing else, and what is read is sound.
#include <cmath>
#include <cstdlib>

#include "worldmill/geometry/mesh.h"
#include "worldmill/import/import.h"
#include "worldmill/import/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wm;
  import::MemoryFiles files;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  files.contents["/f/a.gltf"] = bytes;
  files.contents["/f/b.bin"] = bytes;
  import::Budget budget;
  budget.file_bytes = 1 << 20;
  budget.pixels = 1 << 16;
  budget.vertices = 1 << 16;
  const auto asset = import::import_file(files, "/f/a.gltf", {"/f"}, budget);
  if (!asset) return 0;
  for (const scene::Node& node : asset->scene.nodes) {
    for (const scene::Part& part : node.parts) {
      if (!geometry::validate(*asset->scene.meshes.at(part.mesh.index()), "fuzz")) std::abort();
      (void)asset->scene.materials.at(part.material.index());
    }
    if (node.parent.exists() && node.parent.index() >= asset->scene.nodes.size()) std::abort();
  }
  return 0;
}
