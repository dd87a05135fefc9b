#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>

#include "worldmill/render/rays.h"
#include "worldmill/render/surface.h"

/// Acceleration structures. The one door to Embree; private to the module.
namespace wm::render {

/// A ray about the stage's origin; t counts in the direction's length.
struct LocalRay {
  math::Vec3f origin;
  math::Vec3f direction;
  float t_min = 0;
  float t_max = std::numeric_limits<float>::infinity();
  std::uint32_t chance = 0;  ///< Random bits of this ray: which blends it meets.
};

struct LocalHit {
  float t = std::numeric_limits<float>::infinity();
  float u = 0, v = 0;
  std::uint32_t instance = 0, triangle = 0;
  math::Vec3f normal;  ///< Geometric, mesh frame, either side, any length.
  bool exists() const { return t < std::numeric_limits<float>::infinity(); }
};

/// What a ray of light finds on its way.
enum class Way { free, blocked, clear };  ///< clear: nothing but surfaces that let light straight through

/// Over the triangles of the parts of a node. Built once, shared; thread-safe.
class MeshTree;

struct MeshPart {
  std::shared_ptr<const geometry::Mesh> mesh;
  bool asks = false;  ///< Hits are put to is_there before they count.
};

/// Meshes' trees, kept as long as the mesh is used. Thread-safe; copies are the same cache.
class TreeCache {
 public:
  TreeCache();

  std::shared_ptr<const MeshTree> tree(std::span<const MeshPart> parts);
  /// Lets go of the trees of meshes that are gone; how many are left.
  std::size_t forget_unused();

  struct State;
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

/// A tree where it stands: its parts are the instances `first`, `first` + 1, ...
struct StandingTree {
  std::uint32_t first = 0;
  std::shared_ptr<const MeshTree> tree;
};

/// Over standing trees. Immutable; thread-safe; the instances must outlive it.
class WorldTree {
 public:
  WorldTree(const TreeCache& cache, std::span<const Instance> instances, std::span<const StandingTree> trees);
  ~WorldTree();
  WorldTree(const WorldTree&) = delete;
  WorldTree& operator=(const WorldTree&) = delete;

  LocalHit intersect(const LocalRay& ray, Sight sight) const;
  /// Of labels, about the stage's `origin` in the world: in packets, faster when neighbours go nearly the same way.
  void intersect(std::span<const Ray> rays, math::Vec3 origin, std::span<Hit> hits) const;
  Way look(const LocalRay& ray) const;  ///< For light.

 private:
  void intersect_packet(std::span<const Ray> rays, math::Vec3 origin, std::span<Hit> hits) const;

  struct State;
  std::unique_ptr<State> state_;
};

/// In this scope the processor rounds to nearest and keeps subnormal numbers, whatever a caller has set.
class PlainFloats {
 public:
  PlainFloats();
  ~PlainFloats();
  PlainFloats(const PlainFloats&) = delete;
  PlainFloats& operator=(const PlainFloats&) = delete;

 private:
  unsigned before_;
};

}  // namespace wm::render
