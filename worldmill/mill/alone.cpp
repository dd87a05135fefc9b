#include "worldmill/mill/alone.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/import/import.h"
#include "worldmill/physics/physics.h"

namespace wm::mill {
namespace {

namespace fs = std::filesystem;
using scene::NodeId;

/// The nodes of all bodies, and of shapes that belong to none: everything that can be touched, each a thing of its own.
std::vector<NodeId> all_things(const scene::Scene& scene) {
  std::vector<char> is(scene.nodes.size());
  for (const scene::Body& body : scene.mechanics.bodies) is[body.node.index()] = 1;
  const std::vector<scene::BodyId> carriers = sim::bodies_of_shapes(scene);
  for (std::size_t s = 0; s < carriers.size(); ++s) {
    const NodeId node = scene.mechanics.shapes[s].node;
    if (!carriers[s].exists() && node.exists()) is[node.index()] = 1;
  }
  std::vector<NodeId> things;
  for (std::size_t n = 0; n < is.size(); ++n) {
    if (is[n]) things.emplace_back(n);
  }
  return things;
}

/// Shapes that stand in the scene's own frame are one thing more.
void add_ground(const scene::Scene& scene, sim::Group& group) {
  const std::vector<scene::Shape>& shapes = scene.mechanics.shapes;
  for (std::size_t s = 0; s < shapes.size(); ++s) {
    if (!shapes[s].node.exists()) group.of_shape[s] = static_cast<int>(group.size());
  }
  group.names.emplace_back("/");
  group.bodies.emplace_back();
}

Result<NodeId> find_body(const scene::Scene& scene, const std::string& name) {
  std::vector<std::string_view> known;
  for (const scene::Body& body : scene.mechanics.bodies) {
    const scene::Node& node = scene.node(body.node);
    if (node.path == name || node.name() == name) return body.node;
    known.push_back(node.name());
  }
  return base::error(fmt::format("no body is called \"{}\"{}", name, base::did_you_mean(name, known)));
}

Result<sim::Script> script_of(const scene::Scene& scene, const TakeOptions& options) {
  sim::Script script;
  script.settle = options.settle;
  script.run = options.seconds;
  const std::vector<NodeId> things = all_things(scene);
  sim::Group all = sim::group_of(scene, things);
  add_ground(scene, all);
  script.rules = {{"contact", "contact", {all, all}, {}, {}},
                  {"joint_limit", "joint_limit", {all}, {}, {}},
                  {"rest", "rest", {all}, {}, {}}};
  for (const auto& [name, command] : options.commands) {
    WM_TRY(node, find_body(scene, name));
    script.actors.push_back({"drive", "drive", sim::group_of(scene, std::span(&node, 1)), {{"command", command}}, {}});
  }
  for (const auto& [name, force] : options.pushes) {
    WM_TRY(node, find_body(scene, name));
    script.actors.push_back({"push",
                             "push",
                             sim::group_of(scene, std::span(&node, 1)),
                             {{"force_x", force.x}, {"force_y", force.y}, {"force_z", force.z}},
                             {}});
  }
  return script;
}

}  // namespace

Result<TakeAlone> take_alone(base::Files& files, const TakeOptions& options) {
  std::vector<fs::path> roots = options.roots;
  roots.insert(roots.begin(), options.file.has_parent_path() ? options.file.parent_path() : ".");
  WM_TRY(asset, import::make_asset_source(files, roots)->load(options.file.filename()));
  const auto scene = std::make_shared<const scene::Scene>(asset->scene);
  if (scene->mechanics.bodies.empty()) {
    return base::error("has no bodies: nothing in it would move", {options.file.string()});
  }
  WM_TRY(model, physics::compile(scene));
  WM_TRY(script, script_of(*scene, options));
  script.initial = scene::World::of(scene);
  WM_TRY(take, sim::run(*model, script, options.cancel));
  TakeAlone alone{std::move(take), script.initial, asset->ignored};
  std::ranges::copy(model->notes(), std::back_inserter(alone.ignored));
  return alone;
}

Result<scene::World> world_of_take(base::Files& files, const std::shared_ptr<const scene::Scene>& scene,
                                   const fs::path& path, double time) {
  WM_TRY(bytes, files.read(path, std::uint64_t{1} << 32));
  WM_TRY(take, sim::decode(bytes, path.string()));
  for (const sim::Track& track : take.tracks) {
    const std::vector<scene::Body>& bodies = scene->mechanics.bodies;
    if (track.body.index() < bodies.size() && scene->node(bodies[track.body.index()].node).path == track.path) continue;
    return base::error(fmt::format("moves {}, which the scene does not have: it is of another scene", track.path),
                       {path.string()});
  }
  const base::SimTime at = base::SimTime::from_seconds(time);
  if (at > take.end() || at < base::SimTime()) {
    return base::error(fmt::format("goes from 0 to {} s; there is no {} s", take.end().seconds(), time),
                       {path.string()});
  }
  return sim::timeline(std::make_shared<const sim::Take>(std::move(take)), scene::World::of(scene))->world_at(at);
}

}  // namespace wm::mill
