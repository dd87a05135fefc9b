#include "worldmill/render/stage.h"

#include <algorithm>
#include <cmath>

#include "worldmill/base/check.h"

namespace wm::render {
namespace {

using math::Vec3;
using math::Vec3f;

Vec3f to_float(Vec3 v) {
  return {static_cast<float>(v.x), static_cast<float>(v.y), static_cast<float>(v.z)};
}

Vec3 to_double(Vec3f v) {
  return {v.x, v.y, v.z};
}

// Squashed flat (a way to hide things) or so extreme that floats cannot hold it and its inverse: nothing to see.
bool can_stand(const math::Affine& map) {
  const double volume = math::determinant(map.linear);
  if (!(std::abs(volume) > 1e-30) || !(std::abs(volume) < 1e30)) return false;
  const math::Mat3 back = math::inverse(map.linear);
  const Vec3 values[] = {map.linear.row0, map.linear.row1, map.linear.row2, map.translation,
                         back.row0,       back.row1,       back.row2};
  return std::all_of(std::begin(values), std::end(values), [](Vec3 v) { return math::dot(v, v) < 1e30; });
}

double middle(std::vector<double>& values) {
  const auto half = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), half, values.end());
  return *half;
}

// The median of where instances stand, coordinate by coordinate: one thing far away does not move it. Whole metres,
// so that taking it off is exact for most of what people write.
Vec3 origin_amid(std::span<const Instance> instances) {
  if (instances.empty()) return {};
  std::vector<double> x, y, z;
  for (const Instance& instance : instances) {
    const Vec3 at = instance.origin_from_mesh.point(to_double(instance.mesh->positions[0]));
    x.push_back(at.x);
    y.push_back(at.y);
    z.push_back(at.z);
  }
  return {std::round(middle(x)), std::round(middle(y)), std::round(middle(z))};
}

// Some nodes' surfaces alone.
class Excerpt : public Surfaces {
 public:
  Excerpt(std::shared_ptr<const TracedStage> stage, std::unique_ptr<const WorldTree> tree)
      : stage_(std::move(stage)), tree_(std::move(tree)) {}

  void intersect(std::span<const Ray> rays, std::span<Hit> hits) const override {
    tree_->intersect(rays, stage_->origin(), hits);
  }

 private:
  std::shared_ptr<const TracedStage> stage_;
  std::unique_ptr<const WorldTree> tree_;
};

class TracingEngine : public Engine {
 public:
  std::shared_ptr<const Stage> compile(const scene::World& world) override {
    trees_.forget_unused();
    return std::make_shared<const TracedStage>(trees_, environments_, world);
  }

 private:
  TreeCache trees_;
  std::shared_ptr<EnvironmentCache> environments_ = std::make_shared<EnvironmentCache>();
};

}  // namespace

TracedStage::TracedStage(TreeCache trees, std::shared_ptr<EnvironmentCache> environments, const scene::World& world)
    : cache_(std::move(trees)),
      world_(world),
      world_from_node_(scene::world_from_nodes(world)),
      environments_(std::move(environments)) {
  for (std::size_t i = 0; i < world_.materials.size(); ++i) materials_.emplace_back(world_.materials[i]);
  materials_.emplace_back(scene::Material());
  add_instances();
  std::vector<StandingTree> seen;
  for (std::uint32_t i = 0; i < instances_.size(); i += static_cast<std::uint32_t>(parts_of(i).size())) {
    std::vector<MeshPart> parts;
    for (const scene::Part& part : parts_of(i)) {
      const Instance& instance = instances_[i + parts.size()];
      parts.push_back({world_.scene->meshes[part.mesh.index()], instance.material->asks(*instance.mesh)});
    }
    trees_.push_back({i, cache_.tree(parts)});
    if (visible_[i]) seen.push_back(trees_.back());
  }
  tree_ = std::make_unique<const WorldTree>(cache_, instances_, seen);
}

std::span<const scene::Part> TracedStage::parts_of(std::uint32_t instance) const {
  return world_.scene->nodes[instances_[instance].node].parts;
}

void TracedStage::add_instances() {
  const std::vector<char> visible_nodes = scene::effective_visibility(world_);
  for (std::uint32_t n = 0; n < world_.scene->nodes.size(); ++n) {
    const std::vector<scene::Part>& parts = world_.scene->nodes[n].parts;
    if (parts.empty() || !can_stand(world_from_node_[n])) continue;
    for (std::uint32_t p = 0; p < parts.size(); ++p) {
      const MaterialReader& material =
          parts[p].material.exists() ? materials_[parts[p].material.index()] : materials_.back();
      const math::Affine& map = world_from_node_[n];
      const math::Mat3 normals = math::transposed(math::inverse(map.linear));
      instances_.push_back({world_.scene->meshes[parts[p].mesh.index()].get(),
                            &material,
                            n,
                            p,
                            map,
                            normals,
                            {to_float(normals.row0), to_float(normals.row1), to_float(normals.row2)}});
      visible_.push_back(visible_nodes[n]);
    }
  }
  origin_ = origin_amid(instances_);
  for (Instance& instance : instances_) instance.origin_from_mesh.translation -= origin_;
}

std::unique_ptr<const Surfaces> TracedStage::only(std::span<const scene::NodeId> nodes) const {
  std::vector<char> wanted(world_.scene->nodes.size());
  for (const scene::NodeId node : nodes) wanted[node.index()] = 1;
  std::vector<StandingTree> chosen;
  for (const StandingTree& standing : trees_) {
    if (wanted[instances_[standing.first].node]) chosen.push_back(standing);
  }
  return std::make_unique<Excerpt>(shared_from_this(), std::make_unique<const WorldTree>(cache_, instances_, chosen));
}

const Lights& TracedStage::lights() const {
  std::call_once(lights_wanted_, [&] {
    lights_ =
        std::make_unique<const Lights>(world_, world_from_node_, origin_, instances_, visible_,
                                       [&](const scene::PicturePtr& picture) { return environments_->of(picture); });
  });
  return *lights_;
}

LocalRay TracedStage::local(const Ray& ray) const {
  return {to_float(ray.origin - origin_), to_float(ray.direction), ray.t_min, ray.t_max, 0};
}

void TracedStage::intersect(std::span<const Ray> rays, std::span<Hit> hits) const {
  tree_->intersect(rays, origin_, hits);
}

std::unique_ptr<Engine> make_engine() {
  return std::make_unique<TracingEngine>();
}

}  // namespace wm::render
