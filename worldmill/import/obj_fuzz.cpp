// Any bytes as an .obj and, from the first zero byte on, as the a.mtl it may name: a Result and nothing else.
#include <cstdlib>

#include "worldmill/geometry/mesh.h"
#include "worldmill/import/import.h"
#include "worldmill/import/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wm;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(bytes.find('\0'), size);
  import::MemoryFiles files;
  files.contents["/f/a.obj"] = bytes.substr(0, cut);
  files.contents["/f/a.mtl"] = bytes.substr(std::min(cut + 1, size));
  import::Budget budget;
  budget.file_bytes = 1 << 20;
  budget.pixels = 1 << 16;
  budget.vertices = 1 << 16;
  const auto asset = import::import_file(files, "/f/a.obj", {"/f"}, budget);
  if (!asset) return 0;
  for (const auto& mesh : asset->scene.meshes) {
    if (!geometry::validate(*mesh, "fuzz")) std::abort();
  }
  return 0;
}
