#include "worldmill/mill/alone.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/import/gltf_export.h"
#include "worldmill/import/import.h"
#include "worldmill/import/usd_export.h"
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

/// The scene of a file, whose further files lie beside it or in one of `roots`.
Result<std::shared_ptr<const scene::Asset>> load_scene(base::Files& files, const fs::path& file,
                                                       std::vector<fs::path> roots) {
  roots.insert(roots.begin(), file.has_parent_path() ? file.parent_path() : ".");
  return import::make_asset_source(files, roots)->load(file.filename());
}

/// A take that was made of the scene.
Result<std::shared_ptr<const sim::Take>> load_take(base::Files& files, const scene::Scene& scene,
                                                   const fs::path& path) {
  WM_TRY(bytes, files.read(path, std::uint64_t{1} << 32));
  WM_TRY(take, sim::decode(bytes, path.string()));
  for (const sim::Track& track : take.tracks) {
    const std::vector<scene::Body>& bodies = scene.mechanics.bodies;
    if (track.body.index() < bodies.size() && scene.node(bodies[track.body.index()].node).path == track.path) continue;
    return base::error(fmt::format("moves {}, which the scene does not have: it is of another scene", track.path),
                       {path.string()});
  }
  return std::make_shared<const sim::Take>(std::move(take));
}

/// Every time at which a body has a key, the take's beginning and its end.
std::vector<base::SimTime> key_times(const sim::Take& take) {
  std::vector<base::SimTime> times{{}, take.end()};
  for (const sim::Track& track : take.tracks) {
    for (const sim::Key& key : track.keys) times.push_back(key.time);
  }
  std::ranges::sort(times);
  times.erase(std::ranges::unique(times).begin(), times.end());
  return times;
}

/// Ticks of a rate to the take's end, and the end.
std::vector<base::SimTime> ticks(base::Rate rate, base::SimTime end) {
  std::vector<base::SimTime> times;
  for (std::int64_t k = 0; rate.tick(k) < end; ++k) times.push_back(rate.tick(k));
  times.push_back(end);
  return times;
}

}  // namespace

Result<TakeAlone> take_alone(base::Files& files, const TakeOptions& options) {
  WM_TRY(asset, load_scene(files, options.file, options.roots));
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
  WM_TRY(take, load_take(files, *scene, path));
  const base::SimTime at = base::SimTime::from_seconds(time);
  if (at > take->end() || at < base::SimTime()) {
    return base::error(fmt::format("goes from 0 to {} s; there is no {} s", take->end().seconds(), time),
                       {path.string()});
  }
  return sim::timeline(take, scene::World::of(scene))->world_at(at);
}

Result<std::vector<std::string>> export_take(base::Files& files, const TakeExportOptions& options) {
  const std::string ending = options.out.extension().string();
  const bool gltf = ending == ".glb" || ending == ".gltf";
  if (!gltf && ending != ".usd" && ending != ".usda" && ending != ".usdc" && ending != ".usdz") {
    return base::error("is no kind of file that takes are written as: name it .glb, .gltf, .usda, .usdc, .usd or .usdz",
                       {options.out.string()});
  }
  WM_TRY(asset, load_scene(files, options.scene, options.roots));
  const auto scene = std::make_shared<const scene::Scene>(asset->scene);
  WM_TRY(take, load_take(files, *scene, options.take));
  const auto timeline = sim::timeline(take, scene::World::of(scene));
  const scene::World first = timeline->world_at({});
  std::vector<std::string> notes = asset->ignored;
  const auto add = [&](Result<std::vector<std::string>> left_out) -> Status {
    WM_TRY(more, std::move(left_out));
    std::ranges::copy(more, std::back_inserter(notes));
    return {};
  };
  if (gltf) {
    import::GltfExportOptions to{.timeline = timeline.get()};
    to.times = options.rate ? ticks(*options.rate, take->end()) : key_times(*take);
    WM_TRY_STATUS(add(import::write_gltf(files, options.out, first, std::move(to))));
  } else {
    const base::Rate rate = options.rate.value_or(base::Rate{60, 1});
    import::UsdExportOptions to{.timeline = timeline.get(), .rate = rate, .end = take->end()};
    WM_TRY_STATUS(add(import::write_usd(files, options.out, first, std::move(to))));
  }
  return notes;
}

}  // namespace wm::mill
