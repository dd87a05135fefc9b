#include <benchmark/benchmark.h>

#include "worldmill/formats/store.h"
#include "worldmill/formats/synthetic.h"

// One view of 640 x 480 with rgb, depth, normals, instances and semantics, as each format takes it.
namespace wm::formats {
namespace {

const sample::Sample& sample() {
  static const sample::Sample made = [] {
    sample::Sample shot = synthetic::shoot({0, 0, 0}, synthetic::scatter(1), {"left"}, 640, 480);
    std::erase_if(shot.views[0].channels, [](const sample::Channel& c) {
      return c.name == "rgb_linear" || c.name == "distance" || c.name == "parts";
    });
    return shot;
  }();
  return made;
}

void store(benchmark::State& state) {
  std::size_t bytes = 0;
  for (auto _ : state) bytes = tar(store_files(sample())).size();
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(store)->Unit(benchmark::kMillisecond);

void emit(benchmark::State& state) {
  const WriterRow& row = builtin_writers()[static_cast<std::size_t>(state.range(0))];
  state.SetLabel(std::string(row.name));
  const auto writer = row.make(synthetic::info(), {}).value();
  std::size_t bytes = 0;
  for (auto _ : state) {
    const Emitted emitted = writer->emit(sample()).value();
    bytes = emitted.fragment.size();
    for (const OutFile& file : emitted.files) bytes += file.bytes.size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(emit)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

void read(benchmark::State& state) {
  const std::string bytes = tar(store_files(sample()));
  for (auto _ : state) benchmark::DoNotOptimize(read_store(bytes, "a.tar"));
}
BENCHMARK(read)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wm::formats
