#include <benchmark/benchmark.h>

#include "worldmill/vary/testing.h"

// Staging a scene of twenty objects with its assets at hand: 15 ms are its share of the half second to the first ray.

namespace wm::vary {
namespace {

using namespace testing;

MemoryAssets heavy_assets() {
  MemoryAssets source = assets();
  source.add("heavy", body_asset(ball_mesh(0.1, 78)));  // 24336 triangles
  source.add("light", body_asset(ball_mesh(0.1, 55)));  // 12100 triangles
  return source;
}

Job crowded(const std::string& asset, const std::string& clear_of) {
  Job j = job();
  j.adds = {add("thing", asset, "20")};
  j.places = {place("spots", "thing")};
  j.places[0].clear_of = selector(clear_of);
  j.places[0].yaw = field("scene.place.spots.yaw", "{uniform: [0, 6]}");
  j.labels = {label("thing", "thing", 1)};
  j.varies = {vary_entry("paint", "thing", "material.roughness", "{uniform: [0, 1]}")};
  j.sensors.emplace_back();
  j.sensors[0].name = "cam";
  j.sensors[0].look_at = selector("thing");
  j.sensors[0].distance = field("sensors.cam.pose.distance", "{uniform: [1, 3]}");
  return j;
}

void run(benchmark::State& state, const Job& job) {
  MemoryAssets source = heavy_assets();
  std::int64_t scene = 0;
  for (auto _ : state) benchmark::DoNotOptimize(stage(job, scene++, 0, source).value());
}

void stage_20_of_12k_triangles(benchmark::State& state) {
  run(state, crowded("light", "/World/Pillar"));
}
void stage_20_of_24k_triangles(benchmark::State& state) {
  run(state, crowded("heavy", "/World/Pillar"));
}

void stage_60_crowded(benchmark::State& state) {
  Job j = crowded("light", "/World/Pillar");
  j.adds[0].count = field("scene.add.thing.count", "60");
  j.places[0].spread = Place::Spread::poisson_disk;
  j.places[0].gap = 0.1;
  run(state, j);
}

void vary_a_take(benchmark::State& state) {
  MemoryAssets source = heavy_assets();
  const Job j = crowded("light", "/World/Pillar");
  const Staged staged = stage(j, 0, 0, source).value();
  std::int64_t take = 0;
  for (auto _ : state) benchmark::DoNotOptimize(vary(j, staged, take++, 0, source).value());
}

BENCHMARK(stage_20_of_12k_triangles)->Unit(benchmark::kMillisecond);
BENCHMARK(stage_20_of_24k_triangles)->Unit(benchmark::kMillisecond);
BENCHMARK(stage_60_crowded)->Unit(benchmark::kMillisecond);
BENCHMARK(vary_a_take)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wm::vary
