#include <benchmark/benchmark.h>
#include <embree3/rtcore.h>

#include <cstring>

#include "worldmill/render/render.h"
#include "worldmill/render/test_scenes.h"

// Rays of a camera through Surfaces, beside the same rays through bare Embree on the same trees (robust, instanced,
// AVX2), one at a time and in packets of eight; and pictures by light. Rays are counted in items per second.

namespace wm::render {
namespace {

using testing::Builder;
using testing::moved;

struct Stand {
  double x, y, size;
};

// Fifteen things on a table.
std::vector<Stand> stands() {
  std::vector<Stand> all;
  for (int i = 0; i < 15; ++i) all.push_back({-0.6 + 0.3 * (i % 5), -0.3 + 0.3 * (i / 5), 0.08 + 0.004 * (i * 7 % 11)});
  return all;
}

scene::World tabletop() {
  Builder b;
  scene::Material wood;
  wood.base_color = {0.5f, 0.35f, 0.2f};
  wood.roughness = 0.6f;
  b.node({}, {{b.mesh(testing::square(2)), b.material(wood)}});
  const auto ball = b.mesh(testing::ball(1, 36));  // 5040 triangles
  int i = 0;
  for (const Stand& s : stands()) {
    scene::Material m;
    m.base_color = {0.2f + 0.05f * static_cast<float>(i), 0.6f, 0.9f - 0.05f * static_cast<float>(i)};
    m.roughness = 0.1f + 0.06f * static_cast<float>(i);
    m.metallic = i % 3 == 0 ? 1.0f : 0.0f;
    b.node({{{s.size, 0, 0}, {0, s.size, 0}, {0, 0, s.size}}, {s.x, s.y, s.size}}, {{ball, b.material(m)}});
    ++i;
  }
  image::Pixels<float> pixels(1024, 512, 3);
  for (int y = 0; y < 512; ++y) {
    for (int x = 0; x < 1024; ++x) {
      const bool sun = y > 100 && y < 110 && x > 300 && x < 310;
      for (int c = 0; c < 3; ++c)
        pixels.at(x, y, c) = sun ? 5000.0f : y < 256 ? 0.6f + 0.2f * static_cast<float>(c) : 0.2f;
    }
  }
  scene::Light sky;
  sky.kind = scene::LightKind::environment;
  sky.picture = std::make_shared<const scene::Picture>(scene::Picture{"sky", std::move(pixels)});
  b.light({}, sky);
  return b.world();
}

sample::CameraRecord camera() {
  sample::CameraRecord camera;
  camera.lens = geometry::Pinhole::from_fov(640, 480, 0.8);
  // From the side, 35 degrees down.
  const double s = math::sin(0.61), c = math::cos(0.61);
  camera.world_from_camera = {math::Rotation::from_matrix({{1, 0, 0}, {0, -s, c}, {0, -c, -s}}), {0, -1.6, 1.25}};
  return camera;
}

std::vector<Ray> rays() {
  const sample::CameraRecord from = camera();
  std::vector<Ray> all;
  for (int y = 0; y < from.lens.height; ++y) {
    for (int x = 0; x < from.lens.width; ++x) {
      all.push_back({from.world_from_camera.translation,
                     from.world_from_camera.rotation * from.lens.unproject({x + 0.5, y + 0.5})});
    }
  }
  return all;
}

struct Bare {
  RTCDevice device = rtcNewDevice("isa=avx2,max_isa=avx2");
  RTCScene top = rtcNewScene(device);

  Bare() {
    rtcSetSceneFlags(top, RTC_SCENE_FLAG_ROBUST);
    const scene::World world = tabletop();
    for (const scene::Node& node : world.scene->nodes) {
      for (const scene::Part& part : node.parts) add(*world.scene->meshes[part.mesh.index()], node.parent_from_node);
    }
    rtcCommitScene(top);
  }
  void add(const geometry::Mesh& mesh, const math::Affine& map) {
    RTCScene bottom = rtcNewScene(device);
    rtcSetSceneFlags(bottom, RTC_SCENE_FLAG_ROBUST);
    RTCGeometry g = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_TRIANGLE);
    std::memcpy(rtcSetNewGeometryBuffer(g, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3, 12, mesh.positions.size()),
                mesh.positions.data(), mesh.positions.size() * 12);
    std::memcpy(rtcSetNewGeometryBuffer(g, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3, 12, mesh.triangles.size()),
                mesh.triangles.data(), mesh.triangles.size() * 12);
    rtcCommitGeometry(g);
    rtcAttachGeometry(bottom, g);
    rtcCommitScene(bottom);
    RTCGeometry instance = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_INSTANCE);
    rtcSetGeometryInstancedScene(instance, bottom);
    const math::Mat3& m = map.linear;
    const math::Vec3& t = map.translation;
    const double rows[12] = {m.row0.x, m.row0.y, m.row0.z, t.x,      m.row1.x, m.row1.y,
                             m.row1.z, t.y,      m.row2.x, m.row2.y, m.row2.z, t.z};
    float values[12];
    for (int i = 0; i < 12; ++i) values[i] = static_cast<float>(rows[i]);
    rtcSetGeometryTransform(instance, 0, RTC_FORMAT_FLOAT3X4_ROW_MAJOR, values);
    rtcCommitGeometry(instance);
    rtcAttachGeometry(top, instance);
    rtcReleaseGeometry(g);
    rtcReleaseGeometry(instance);
    rtcReleaseScene(bottom);
  }
};

struct FloatRay {
  float o[3], d[3];
};

std::vector<FloatRay> float_rays() {
  std::vector<FloatRay> all;
  for (const Ray& r : rays()) {
    all.push_back(
        {{static_cast<float>(r.origin.x), static_cast<float>(r.origin.y), static_cast<float>(r.origin.z)},
         {static_cast<float>(r.direction.x), static_cast<float>(r.direction.y), static_cast<float>(r.direction.z)}});
  }
  return all;
}

void bare_embree_one_by_one(benchmark::State& state) {
  const Bare bare;
  const std::vector<FloatRay> all = float_rays();
  for (auto _ : state) {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    for (const FloatRay& r : all) {
      alignas(16) RTCRayHit q{};
      q.ray = {r.o[0], r.o[1], r.o[2], 0, r.d[0], r.d[1], r.d[2], 0, 1e30f, ~0U, 0, 0};
      q.hit.geomID = q.hit.instID[0] = RTC_INVALID_GEOMETRY_ID;
      rtcIntersect1(bare.top, &context, &q);
      benchmark::DoNotOptimize(q);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(all.size()));
}
BENCHMARK(bare_embree_one_by_one)->Unit(benchmark::kMillisecond);

void bare_embree_by_eight(benchmark::State& state) {
  const Bare bare;
  const std::vector<FloatRay> all = float_rays();
  for (auto _ : state) {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
    for (std::size_t i = 0; i + 8 <= all.size(); i += 8) {
      alignas(32) RTCRayHit8 q;
      alignas(32) int valid[8];
      for (std::size_t k = 0; k < 8; ++k) {
        const FloatRay& r = all[i + k];
        q.ray.org_x[k] = r.o[0], q.ray.org_y[k] = r.o[1], q.ray.org_z[k] = r.o[2];
        q.ray.dir_x[k] = r.d[0], q.ray.dir_y[k] = r.d[1], q.ray.dir_z[k] = r.d[2];
        q.ray.tnear[k] = 0, q.ray.tfar[k] = 1e30f, q.ray.time[k] = 0, q.ray.mask[k] = ~0U, q.ray.flags[k] = 0;
        q.hit.geomID[k] = q.hit.instID[0][k] = RTC_INVALID_GEOMETRY_ID;
        valid[k] = -1;
      }
      rtcIntersect8(valid, bare.top, &context, &q);
      benchmark::DoNotOptimize(q);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(all.size()));
}
BENCHMARK(bare_embree_by_eight)->Unit(benchmark::kMillisecond);

void surfaces(benchmark::State& state) {
  const auto engine = make_engine();
  const auto stage = engine->compile(tabletop());
  const std::vector<Ray> all = rays();
  std::vector<Hit> hits(640);
  for (auto _ : state) {
    for (std::size_t i = 0; i < all.size(); i += hits.size()) {  // a row at a time, as labels are cast
      stage->surfaces().intersect({&all[i], hits.size()}, hits);
      benchmark::DoNotOptimize(hits.data());
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(all.size()));
}
BENCHMARK(surfaces)->Unit(benchmark::kMillisecond);

void compile_again(benchmark::State& state) {
  const auto engine = make_engine();
  const scene::World world = tabletop();
  for (auto _ : state) benchmark::DoNotOptimize(engine->compile(world));
}
BENCHMARK(compile_again)->Unit(benchmark::kMicrosecond);

// 640 x 480, 16 samples a pixel.
void picture(benchmark::State& state) {
  const auto engine = make_engine();
  const auto stage = engine->compile(tabletop());
  const Quality quality{.noise = {}, .max_samples = 16, .max_depth = 8};
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        trace(*stage, camera(), quality, base::RandomKey::from_seed(1), static_cast<int>(state.range(0))));
  }
}
BENCHMARK(picture)->Arg(1)->Arg(2)->Unit(benchmark::kSecond)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
}  // namespace wm::render
