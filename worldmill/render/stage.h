#pragma once
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "worldmill/render/lights.h"
#include "worldmill/render/render.h"
#include "worldmill/render/surface.h"
#include "worldmill/render/trees.h"

/// What the Stages of make_engine() are made of; private to the module.
namespace wm::render {

class TracedStage : public Stage, public Surfaces, public std::enable_shared_from_this<TracedStage> {
 public:
  TracedStage(TreeCache trees, std::shared_ptr<EnvironmentCache> environments, const scene::World& world);

  const Surfaces& surfaces() const override { return *this; }
  std::unique_ptr<const Surfaces> only(std::span<const scene::NodeId> nodes) const override;
  const scene::World& world() const override { return world_; }
  void intersect(std::span<const Ray> rays, std::span<Hit> hits) const override;

  /// The stage's origin in the world [m]: amid its instances, so that floats about it are precise.
  math::Vec3 origin() const { return origin_; }
  const WorldTree& tree() const { return *tree_; }
  std::span<const Instance> instances() const { return instances_; }
  /// Made when first asked for: labels do without.
  const Lights& lights() const;

  /// The ray about the stage's origin.
  LocalRay local(const Ray& ray) const;

 private:
  void add_instances();
  /// Of the node of an instance.
  std::span<const scene::Part> parts_of(std::uint32_t instance) const;

  TreeCache cache_;
  scene::World world_;
  std::vector<math::Affine> world_from_node_;
  math::Vec3 origin_;
  std::vector<MaterialReader> materials_;  // the last one serves parts that have none
  std::vector<Instance> instances_;
  std::vector<char> visible_;        // [instance] To all rays, or only to those that ask for its node alone.
  std::vector<StandingTree> trees_;  // one for each node that has instances
  std::unique_ptr<const WorldTree> tree_;
  std::shared_ptr<EnvironmentCache> environments_;
  mutable std::once_flag lights_wanted_;
  mutable std::unique_ptr<const Lights> lights_;
};

}  // namespace wm::render
