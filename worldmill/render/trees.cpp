#include "worldmill/render/trees.h"

#include <embree3/rtcore.h>
#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "worldmill/base/check.h"
#include "worldmill/base/jobs.h"
#include "worldmill/render/render.h"

// Two levels: a tree for each node's parts, and one over where they stand, both robust (watertight).
//
// What pins the bits: isa and max_isa keep Embree at its AVX2 kernels on newer processors. Its `threads=1` would hold
// all of TBB in this process to one thread, so builds run in an arena of one instead. A ray's hit is the same bits
// alone and in a packet, but for ties: where triangles share an edge exactly hit, packets are asked again one by one.

namespace wm::render {
namespace {

constexpr const char* kDevice = "isa=avx2,max_isa=avx2,set_affinity=0";

constexpr std::size_t kPacket = 8;

math::Vec3 to_double(math::Vec3f v) {
  return {v.x, v.y, v.z};
}

math::Vec3f to_float(math::Vec3 v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

struct Release {
  void operator()(RTCDevice device) const { rtcReleaseDevice(device); }
  void operator()(RTCScene scene) const { rtcReleaseScene(scene); }
  void operator()(RTCGeometry geometry) const { rtcReleaseGeometry(geometry); }
};
using Device = std::unique_ptr<RTCDeviceTy, Release>;
using Scene = std::unique_ptr<RTCSceneTy, Release>;
using Geometry = std::unique_ptr<RTCGeometryTy, Release>;

// No mistake of a user's gets this far: what fails here is the machine.
void expect_well(RTCDevice device, const char* what) {
  const RTCError error = rtcGetDeviceError(device);
  if (error == RTC_ERROR_OUT_OF_MEMORY) throw std::bad_alloc();
  if (error == RTC_ERROR_UNSUPPORTED_CPU) throw std::runtime_error("Embree needs a processor with AVX2 (x86-64-v3)");
  if (error != RTC_ERROR_NONE) {
    throw std::runtime_error(std::string("Embree ") + what + " failed with error " + std::to_string(error));
  }
}

struct Context {
  RTCIntersectContext embree;
  std::span<const Instance> instances;
  Sight sight;
  std::uint32_t chance;
  bool looks;  // through what lets light straight through
  bool clear;  // such a surface was on the way
};

Context context(std::span<const Instance> instances, Sight sight, std::uint32_t chance, bool looks) {
  Context result{{}, instances, sight, chance, looks, false};
  rtcInitIntersectContext(&result.embree);
  return result;
}

// The same for the same ray and triangle, in whatever order the tree finds them. lowbias32 by Chris Wellons.
float chance_of(std::uint32_t chance, std::uint32_t instance, std::uint32_t triangle) {
  std::uint32_t x = chance ^ (instance * 0x9e3779b9U) ^ std::rotl(triangle * 0x85ebca6bU, 13);
  x = (x ^ x >> 16) * 0x7feb352dU;
  x = (x ^ x >> 15) * 0x846ca68bU;
  x ^= x >> 16;
  return static_cast<float>(x >> 8) * 0x1p-24f;
}

void ask(const RTCFilterFunctionNArguments* arguments) {
  auto* asked = reinterpret_cast<Context*>(arguments->context);
  const unsigned n = arguments->N;
  for (unsigned i = 0; i < n; ++i) {
    if (arguments->valid[i] != -1) continue;
    const std::uint32_t index = RTCHitN_instID(arguments->hit, n, i, 0) + RTCHitN_geomID(arguments->hit, n, i);
    const std::uint32_t triangle = RTCHitN_primID(arguments->hit, n, i);
    const Instance& instance = asked->instances[index];
    const float u = RTCHitN_u(arguments->hit, n, i), v = RTCHitN_v(arguments->hit, n, i);
    bool there = is_there(instance, triangle, u, v, asked->sight, chance_of(asked->chance, index, triangle));
    if (there && asked->looks && instance.material->lets_through()) {
      asked->clear = true;
      there = false;
    }
    if (!there) arguments->valid[i] = 0;
  }
}

RTCRay embree_ray(const LocalRay& ray) {
  return {ray.origin.x,
          ray.origin.y,
          ray.origin.z,
          ray.t_min,
          ray.direction.x,
          ray.direction.y,
          ray.direction.z,
          0,
          ray.t_max,
          ~0U,
          0,
          0};
}

template <class T>
void copy(RTCGeometry geometry, RTCBufferType type, RTCFormat format, const std::vector<T>& values) {
  void* to = rtcSetNewGeometryBuffer(geometry, type, 0, format, sizeof(T), values.size());
  if (to == nullptr) throw std::bad_alloc();
  std::memcpy(to, values.data(), values.size() * sizeof(T));
}

Scene new_scene(RTCDevice device) {
  Scene scene(rtcNewScene(device));
  rtcSetSceneFlags(scene.get(), RTC_SCENE_FLAG_ROBUST);
  rtcSetSceneBuildQuality(scene.get(), RTC_BUILD_QUALITY_MEDIUM);
  return scene;
}

void commit(RTCDevice device, RTCScene scene) {
  const PlainFloats floats;
  base::run_on_this_thread([&] { rtcCommitScene(scene); });
  expect_well(device, "building a tree");
}

}  // namespace

class MeshTree {
 public:
  MeshTree(RTCDevice device, std::span<const MeshPart> parts) : scene(new_scene(device)) {
    for (std::uint32_t i = 0; i < parts.size(); ++i) {
      const Geometry triangles(rtcNewGeometry(device, RTC_GEOMETRY_TYPE_TRIANGLE));
      copy(triangles.get(), RTC_BUFFER_TYPE_VERTEX, RTC_FORMAT_FLOAT3, parts[i].mesh->positions);
      copy(triangles.get(), RTC_BUFFER_TYPE_INDEX, RTC_FORMAT_UINT3, parts[i].mesh->triangles);
      if (parts[i].asks) {
        rtcSetGeometryIntersectFilterFunction(triangles.get(), ask);
        rtcSetGeometryOccludedFilterFunction(triangles.get(), ask);
      }
      rtcCommitGeometry(triangles.get());
      rtcAttachGeometryByID(scene.get(), triangles.get(), i);
    }
    commit(device, scene.get());
  }
  Scene scene;
};

struct TreeCache::State {
  struct Entry {
    std::vector<std::weak_ptr<const geometry::Mesh>> meshes;
    std::mutex building;
    std::shared_ptr<const MeshTree> tree;
    bool expired() const {
      return std::ranges::any_of(meshes, [](const auto& mesh) { return mesh.expired(); });
    }
  };
  // Pointers serve for finding alone: no result depends on their order.
  using Key = std::vector<std::pair<const geometry::Mesh*, bool>>;
  Device device{rtcNewDevice(kDevice)};
  std::mutex mutex;
  std::map<Key, std::shared_ptr<Entry>> entries;
};

TreeCache::TreeCache() : state_(std::make_shared<State>()) {
  expect_well(state_->device.get(), "starting");
  WM_CHECK(rtcGetDeviceProperty(state_->device.get(), RTC_DEVICE_PROPERTY_FILTER_FUNCTION_SUPPORTED) == 1);
}

std::shared_ptr<const MeshTree> TreeCache::tree(std::span<const MeshPart> parts) {
  State::Key key;
  for (const MeshPart& part : parts) key.emplace_back(part.mesh.get(), part.asks);
  std::shared_ptr<State::Entry> entry;
  {
    const std::lock_guard lock(state_->mutex);
    std::shared_ptr<State::Entry>& found = state_->entries[std::move(key)];
    if (!found || found->expired()) {
      found = std::make_shared<State::Entry>();
      for (const MeshPart& part : parts) found->meshes.push_back(part.mesh);
    }
    entry = found;
  }
  const std::lock_guard lock(entry->building);
  if (!entry->tree) entry->tree = std::make_shared<const MeshTree>(state_->device.get(), parts);
  return entry->tree;
}

std::size_t TreeCache::forget_unused() {
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->entries, [](const auto& entry) { return entry.second->expired(); });
  return state_->entries.size();
}

namespace {

// Where floats would under- or overflow.
math::Vec3f normal_in_double(const Instance& instance, const LocalHit& hit) {
  const geometry::Mesh& mesh = *instance.mesh;
  const geometry::Triangle& t = mesh.triangles[hit.triangle];
  const math::Vec3 a = to_double(mesh.positions[t[0]]);
  const math::Vec3 across = math::cross(to_double(mesh.positions[t[1]]) - a, to_double(mesh.positions[t[2]]) - a);
  return to_float(math::normalized(instance.normals * across));
}

// Rays that go nearly the same way are traced twice as fast as a bundle; others twice as fast each by itself.
bool go_together(std::span<const Ray> rays) {
  constexpr double kSpread = 0.95;  // cosine of 18 degrees
  const math::Vec3 first = rays[0].direction;
  return std::ranges::all_of(rays, [&](const Ray& ray) {
    const double along = math::dot(ray.direction, first);
    return along > 0 &&
           along * along > kSpread * kSpread * math::dot(ray.direction, ray.direction) * math::dot(first, first);
  });
}

}  // namespace

struct WorldTree::State {
  Hit told(const LocalHit& hit, math::Vec3f direction) const {
    const Instance& instance = instances[hit.instance];
    const auto& rows = instance.normal_rows;
    const math::Vec3f across{math::dot(rows[0], hit.normal), math::dot(rows[1], hit.normal),
                             math::dot(rows[2], hit.normal)};
    const float square = math::dot(across, across);
    math::Vec3f normal =
        square > 1e-34f && square < 1e34f ? across * (1 / std::sqrt(square)) : normal_in_double(instance, hit);
    if (math::dot(normal, direction) > 0) normal = -normal;
    return {hit.t, instance.node, instance.part, hit.triangle, hit.u, hit.v, normal};
  }

  std::shared_ptr<TreeCache::State> cache;
  std::span<const Instance> instances;
  std::vector<std::shared_ptr<const MeshTree>> trees;
  Scene scene;
};

WorldTree::WorldTree(const TreeCache& cache, std::span<const Instance> instances, std::span<const StandingTree> trees)
    : state_(std::make_unique<State>()) {
  state_->cache = cache.state();
  state_->instances = instances;
  RTCDevice device = state_->cache->device.get();
  state_->scene = new_scene(device);
  for (const auto& [i, tree] : trees) {
    state_->trees.push_back(tree);
    const Geometry geometry(rtcNewGeometry(device, RTC_GEOMETRY_TYPE_INSTANCE));
    rtcSetGeometryInstancedScene(geometry.get(), tree->scene.get());
    const math::Mat3& m = instances[i].origin_from_mesh.linear;
    const math::Vec3& t = instances[i].origin_from_mesh.translation;
    float rows[12];
    int at = 0;
    for (const auto& [row, offset] : {std::pair{m.row0, t.x}, std::pair{m.row1, t.y}, std::pair{m.row2, t.z}}) {
      for (const double value : {row.x, row.y, row.z, offset}) rows[at++] = static_cast<float>(value);
    }
    rtcSetGeometryTransform(geometry.get(), 0, RTC_FORMAT_FLOAT3X4_ROW_MAJOR, rows);
    rtcCommitGeometry(geometry.get());
    rtcAttachGeometryByID(state_->scene.get(), geometry.get(), i);
  }
  commit(device, state_->scene.get());
}

WorldTree::~WorldTree() = default;

LocalHit WorldTree::intersect(const LocalRay& ray, Sight sight) const {
  Context asked = context(state_->instances, sight, ray.chance, false);
  alignas(16) RTCRayHit query;
  query.ray = embree_ray(ray);
  query.hit.geomID = query.hit.instID[0] = RTC_INVALID_GEOMETRY_ID;
  rtcIntersect1(state_->scene.get(), &asked.embree, &query);
  if (query.hit.geomID == RTC_INVALID_GEOMETRY_ID) return {};
  return {query.ray.tfar,   query.hit.u,
          query.hit.v,      query.hit.instID[0] + query.hit.geomID,
          query.hit.primID, {query.hit.Ng_x, query.hit.Ng_y, query.hit.Ng_z}};
}

void WorldTree::intersect(std::span<const Ray> rays, math::Vec3 origin, std::span<Hit> hits) const {
  WM_CHECK(rays.size() == hits.size());
  const PlainFloats floats;
  for (std::size_t first = 0; first < rays.size(); first += kPacket) {
    const std::size_t count = std::min(kPacket, rays.size() - first);
    intersect_packet(rays.subspan(first, count), origin, hits.subspan(first, count));
  }
}

void WorldTree::intersect_packet(std::span<const Ray> rays, math::Vec3 origin, std::span<Hit> hits) const {
  Context asked = context(state_->instances, Sight::labels, 0, false);
  asked.embree.flags = go_together(rays) ? RTC_INTERSECT_CONTEXT_FLAG_COHERENT : RTC_INTERSECT_CONTEXT_FLAG_INCOHERENT;
  alignas(32) RTCRayHit8 query;
  alignas(32) int valid[kPacket] = {};
  for (std::size_t i = 0; i < rays.size(); ++i) {
    const Ray& ray = rays[i];
    query.ray.org_x[i] = static_cast<float>(ray.origin.x - origin.x);
    query.ray.org_y[i] = static_cast<float>(ray.origin.y - origin.y);
    query.ray.org_z[i] = static_cast<float>(ray.origin.z - origin.z);
    query.ray.dir_x[i] = static_cast<float>(ray.direction.x);
    query.ray.dir_y[i] = static_cast<float>(ray.direction.y);
    query.ray.dir_z[i] = static_cast<float>(ray.direction.z);
    query.ray.tnear[i] = ray.t_min;
    query.ray.tfar[i] = ray.t_max;
    query.ray.time[i] = 0;
    query.ray.mask[i] = ~0U;
    query.ray.id[i] = query.ray.flags[i] = 0;
    query.hit.geomID[i] = query.hit.instID[0][i] = RTC_INVALID_GEOMETRY_ID;
    valid[i] = -1;
  }
  rtcIntersect8(valid, state_->scene.get(), &asked.embree, &query);
  for (std::size_t i = 0; i < rays.size(); ++i) {
    if (query.hit.geomID[i] == RTC_INVALID_GEOMETRY_ID) {
      hits[i] = {};
      continue;
    }
    LocalHit hit{query.ray.tfar[i],   query.hit.u[i],
                 query.hit.v[i],      query.hit.instID[0][i] + query.hit.geomID[i],
                 query.hit.primID[i], {query.hit.Ng_x[i], query.hit.Ng_y[i], query.hit.Ng_z[i]}};
    const math::Vec3f direction{query.ray.dir_x[i], query.ray.dir_y[i], query.ray.dir_z[i]};
    constexpr float kEdge = 1e-6f;
    if (hit.u < kEdge || hit.v < kEdge || hit.u + hit.v > 1 - kEdge) [[unlikely]] {
      const math::Vec3f from{query.ray.org_x[i], query.ray.org_y[i], query.ray.org_z[i]};
      hit = intersect({from, direction, rays[i].t_min, rays[i].t_max, 0}, Sight::labels);
    }
    hits[i] = hit.exists() ? state_->told(hit, direction) : Hit();
  }
}

Way WorldTree::look(const LocalRay& ray) const {
  Context asked = context(state_->instances, Sight::light, ray.chance, true);
  alignas(16) RTCRay query = embree_ray(ray);
  rtcOccluded1(state_->scene.get(), &asked.embree, &query);
  if (query.tfar < 0) return Way::blocked;
  return asked.clear ? Way::clear : Way::free;
}

PlainFloats::PlainFloats() : before_(_mm_getcsr()) {
  constexpr unsigned kAllMasked = 0x1f80;
  _mm_setcsr(kAllMasked);
}
PlainFloats::~PlainFloats() {
  _mm_setcsr(before_);
}

std::string ray_backend() {
  return "Embree " RTC_VERSION_STRING ", AVX2";
}

}  // namespace wm::render
