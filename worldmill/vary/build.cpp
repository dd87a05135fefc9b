#include "worldmill/vary/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/math/elementary.h"

namespace wm::vary {
namespace {

using base::error;
using scene::NodeId;
using scene::Scene;

constexpr double kMostCopies = 1e5;

/// Another's complaint, said of what the recipe wrote at `place`.
tl::unexpected<base::Diagnostic> within(const base::Diagnostic& cause, const std::string& what,
                                        const base::Place& place) {
  return error(fmt::format("{}: {}", what, base::to_string(cause)), place);
}

bool is_taken(const Scene& scene, const std::string& path) {
  return std::ranges::any_of(scene.nodes, [&](const scene::Node& n) {
    return n.path.starts_with(path) && (n.path.size() == path.size() || n.path[path.size()] == '/');
  });
}

/// In takes everything is solid: what is said to move, does; all else stays where it is.
std::optional<scene::BodyOptions> body_of(const Job& job, const std::optional<scene::BodyOptions>& said) {
  if (!job.simulate) return std::nullopt;
  return said.value_or(scene::BodyOptions{.kind = scene::BodyOptions::Kind::fixed});
}

Result<std::shared_ptr<const scene::Asset>> load(Built& built, scene::AssetSource& assets, const std::string& path,
                                                 const std::optional<scene::BodyOptions>& body, const std::string& what,
                                                 const base::Place& place) {
  auto asset = body ? assets.load_body(path, *body) : assets.load(path);
  if (!asset) return within(asset.error(), what, place);
  built.assets.insert(path);
  return asset;
}

Result<double> draw_scale(Draws& draws, const Add& add, const std::string& path) {
  if (!add.scale.exists()) return 1.0;
  WM_TRY(scale, draws.number(add.scale, Per::scene, path));
  if (scale <= 0) {
    return error(fmt::format("{} is {}, must be above 0", add.scale.name, scale), add.scale.value.place);
  }
  return scale;
}

Result<math::Affine> draw_place(Draws& draws, const Add& add, const std::string& path) {
  math::Vec3 position;
  if (add.position.exists()) {
    WM_TRY(drawn, draws.vec3(add.position, Per::scene, path));
    position = drawn;
  }
  WM_TRY(rotation, draw_rotation(draws, add.yaw, add.rpy, add.quat_wxyz, Per::scene, path));
  WM_TRY(scale, draw_scale(draws, add, path));
  math::Affine parent_from_root(math::Pose{rotation, position});
  for (math::Vec3* row :
       {&parent_from_root.linear.row0, &parent_from_root.linear.row1, &parent_from_root.linear.row2}) {
    *row *= scale;
  }
  return parent_from_root;
}

Result<std::int64_t> draw_count(Draws& draws, const Add& add) {
  WM_TRY(wanted, draws.holds(add.when, Per::scene, "scene.add." + add.name, add.place));
  if (!wanted) return 0;
  if (!add.count.exists()) return 1;
  WM_TRY(count, draws.number(add.count, Per::scene, {}));
  if (!(count >= 0 && count <= kMostCopies) || count != std::floor(count)) {
    return error(
        fmt::format("{} is {}, must be a whole number from 0 to {}", add.count.name, count, std::int64_t{100000}),
        add.count.value.place);
  }
  return static_cast<std::int64_t>(count);
}

Status add_copies(Built& built, Draws& draws, scene::AssetSource& assets, const Add& add) {
  std::vector<NodeId>& roots = built.names.entries[add.name];
  WM_TRY(count, draw_count(draws, add));
  if (count > 0 && is_taken(built.scene, "/" + add.name)) {
    return error(fmt::format("scene.add.{}: the stage has a node /{} of its own; give the entry another name", add.name,
                             add.name),
                 add.place);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string path = fmt::format("/{}/{}", add.name, i);
    WM_TRY(file, draws.text(add.asset, Per::scene, path));
    WM_TRY(asset,
           load(built, assets, file, body_of(draws.job(), add.body), "scene.add." + add.name, add.asset.value.place));
    WM_TRY(parent_from_root, draw_place(draws, add, path));
    const NodeId root = scene::add(built.scene, asset->scene, path, {}, parent_from_root);
    built.asset_of[root] = file;
    roots.push_back(root);
  }
  return {};
}

void add_sky(Built& built) {
  Scene& scene = built.scene;
  const auto surrounds = [](const scene::Light& light) { return light.kind == scene::LightKind::environment; };
  if (std::ranges::any_of(scene.lights, surrounds)) return;
  std::string path = "/Sky";
  for (int i = 1; is_taken(scene, path); ++i) path = fmt::format("/Sky_{}", i);
  built.sky = NodeId(scene.nodes.size());
  scene::Node& node = scene.nodes.emplace_back();
  node.path = path;
  node.light = scene::LightId(scene.lights.size());
  scene.lights.push_back({.kind = scene::LightKind::environment});
}

}  // namespace

Result<Built> build_scene(Draws& draws, scene::AssetSource& assets) {
  const Job& job = draws.job();
  Built built;
  if (!job.stage.empty()) {
    WM_TRY(asset, load(built, assets, job.stage, body_of(job, {}), "scene.stage", job.stage_place));
    built.scene = asset->scene;
  }
  for (const Add& add : job.adds) WM_TRY_STATUS(add_copies(built, draws, assets, add));
  add_sky(built);
  return built;
}

Result<std::vector<NodeId>> match(const scene::Selector& selector, const Scene& scene, const scene::Names& names,
                                  bool optional) {
  WM_TRY(nodes, selector.match(scene, names, true));
  if (!nodes.empty() || optional) return nodes;
  for (const scene::Selector::Head& head : selector.heads()) {
    const auto at = names.entries.find(head.text);
    if (head.kind == "name" && at != names.entries.end() && at->second.empty()) return nodes;
  }
  return selector.match(scene, names, false);
}

std::vector<int> owners(const Scene& scene, std::span<const NodeId> roots) {
  std::vector<int> owner(scene.nodes.size(), -1);
  for (std::size_t i = 0; i < roots.size(); ++i) owner[roots[i].index()] = static_cast<int>(i);
  for (std::size_t i = 0; i < owner.size(); ++i) {
    const NodeId parent = scene.nodes[i].parent;
    if (owner[i] < 0 && parent.exists()) owner[i] = owner[parent.index()];
  }
  return owner;
}

math::Rotation rotation_about_z(double angle) {
  const math::SinCos half = math::sincos(angle / 2);
  return {half.cos, 0, 0, half.sin};
}

Result<math::Rotation> rotation_from_rpy(const base::Value& value, std::string_view name) {
  WM_TRY(rpy, as_vec3(value, name));
  const math::SinCos roll = math::sincos(rpy.x / 2), pitch = math::sincos(rpy.y / 2);
  return rotation_about_z(rpy.z) * math::Rotation{pitch.cos, 0, pitch.sin, 0} *
         math::Rotation{roll.cos, roll.sin, 0, 0};
}

Result<math::Rotation> rotation_from_quat(const base::Value& value, std::string_view name) {
  const base::Value::List* list = value.list();
  if (list == nullptr || list->size() != 4) {
    return error(fmt::format("{} must be a list of four numbers w, x, y, z, not {}", name, describe(value)),
                 value.place);
  }
  std::array<double, 4> q{};
  double square = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    WM_TRY(part, as_number((*list)[i], name));
    q[i] = part;
    square += part * part;
  }
  if (!(square > 1e-12 && square < 1e12)) {
    return error(fmt::format("{} has length {}, must be 1", name, std::sqrt(square)), value.place);
  }
  return math::Rotation::normalized(q[0], q[1], q[2], q[3]);
}

Result<math::Rotation> draw_rotation(Draws& draws, const Field& yaw, const Field& rpy, const Field& quat, Per per,
                                     std::string_view object) {
  if (yaw.exists()) {
    WM_TRY(angle, draws.number(yaw, per, object));
    return rotation_about_z(angle);
  }
  if (rpy.exists()) {
    WM_TRY(drawn, draws.draw(rpy, per, object));
    return rotation_from_rpy(drawn, rpy.name);
  }
  if (!quat.exists()) return math::Rotation{};
  WM_TRY(drawn, draws.draw(quat, per, object));
  return rotation_from_quat(drawn, quat.name);
}

}  // namespace wm::vary
