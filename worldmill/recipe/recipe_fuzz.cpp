// Any text as a recipe and, from the first zero byte on, as the base.yaml that it may extend: a Result and nothing
// else. What is read shows itself as a recipe that reads back as the same.
#include <cstdio>
#include <cstdlib>

#include "worldmill/recipe/memory_files.h"
#include "worldmill/recipe/recipe.h"
#include "worldmill/recipe/tree.h"

namespace {

using namespace wm;

recipe::MemoryFiles files_with(const std::string& text, const std::string& base) {
  recipe::MemoryFiles files;
  for (const char* name : {"a.glb", "b.glb", "props/a.glb", "props/x/b.glb", "sky/a.hdr", "sky/b.hdr", "sky/c.hdr"}) {
    files.add(name, "");
  }
  files.add("r.yaml", text);
  files.add("base.yaml", base);
  return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(bytes.find('\0'), size);
  const recipe::Vocabulary vocabulary{{"rgb", "depth", "box_2d"}, {"plain", "coco"}};
  recipe::MemoryFiles files = files_with(bytes.substr(0, cut), bytes.substr(cut + (cut < size)));
  const Result<recipe::Recipe> first = recipe::load(files, "r.yaml", {}, vocabulary);
  if (!first) return 0;
  const std::string shown = recipe::to_yaml(*first);
  recipe::MemoryFiles again = files_with(shown, "");
  const Result<recipe::Recipe> second = recipe::load(again, "r.yaml", {}, vocabulary);
  if (!second || !recipe::same(first->resolved, second->resolved) || !recipe::writes_of(first->resolved)) {
    std::fprintf(stderr, "%s\n%s\n", shown.c_str(), second ? "differs" : to_string(second.error()).c_str());
    std::abort();
  }
  return 0;
}
