#include <benchmark/benchmark.h>

#include <algorithm>

#include "worldmill/import/import.h"

// The things that the tabletop recipe chooses among: small .glb with JPEG textures, all read once by one thread.
namespace wm::import {
namespace {

namespace fs = std::filesystem;

void tabletop(benchmark::State& state) {
  const fs::path folder = fs::path(WM_SOURCE_DIR) / "recipes/assets/tabletop";
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".glb") paths.push_back(entry.path().filename());
  }
  std::sort(paths.begin(), paths.end());
  for (auto _ : state) {
    const auto source = make_asset_source(base::disk(), {folder});
    for (const fs::path& path : paths) {
      const auto asset = source->load(path);
      if (!asset) state.SkipWithError(to_string(asset.error()).c_str());
      benchmark::DoNotOptimize(asset);
    }
  }
  state.counters["files"] = static_cast<double>(paths.size());
}
BENCHMARK(tabletop)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wm::import
