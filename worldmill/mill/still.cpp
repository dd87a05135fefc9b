#include "worldmill/mill/still.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/annotate/annotator.h"
#include "worldmill/import/import.h"
#include "worldmill/math/elementary.h"
#include "worldmill/mill/alone.h"
#include "worldmill/sense/camera.h"

namespace wm::mill {
namespace {

using math::Vec3;

/// Every node that carries a mesh is an object.
scene::Labels label_meshes(const scene::Scene& scene) {
  scene::Labels labels;
  labels.nodes.resize(scene.nodes.size());
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    if (scene.nodes[i].parts.empty()) continue;
    labels.roots.emplace_back(i);
    const auto instance = static_cast<std::uint32_t>(labels.roots.size());
    labels.nodes[i].instance = instance;
    labels.objects.push_back({instance, scene.nodes[i].path, 0, ""});
  }
  return labels;
}

math::Box3 visible_bounds(const scene::World& world) {
  math::Box3 box;
  for (std::size_t i = 0; i < world.scene->nodes.size(); ++i) {
    if (!world.scene->nodes[i].parent.exists()) box.add(scene::world_bounds(world, scene::NodeId(i)));
  }
  return box;
}

/// The optical frame of an eye that looks at a point with the horizon level.
math::Pose look_at(Vec3 eye, Vec3 target) {
  const Vec3 forward = normalized(target - eye);
  const Vec3 across = cross(forward, Vec3{0, 0, 1});
  const Vec3 right = length(across) > 1e-9 ? normalized(across) : Vec3{1, 0, 0};
  return {math::Rotation::from_matrix(math::transposed(math::Mat3{right, cross(forward, right), forward})), eye};
}

/// The whole box within the picture, with a little air around it.
sample::CameraRecord framing(const math::Box3& box, const StillOptions& options) {
  constexpr double kFov = 0.6981317;  // 40 degrees: about a 50 mm lens
  const double radius = 0.5 * length(box.size());
  const geometry::Pinhole lens = geometry::Pinhole::from_fov(options.width, options.height, kFov);
  const double half = std::min(0.5 * options.width / lens.fx, 0.5 * options.height / lens.fy);
  const double distance = 1.02 * radius * std::sqrt(1 + half * half) / half;
  const auto [sin_a, cos_a] = math::sincos(options.azimuth);
  const auto [sin_e, cos_e] = math::sincos(options.elevation);
  const Vec3 eye = box.center() + Vec3{cos_a * cos_e, sin_a * cos_e, sin_e} * distance;
  return {lens, look_at(eye, box.center()), options.exposure, {}};
}

/// A camera of the file, turned from looking along -z with y up to the optical frame.
Result<sample::CameraRecord> camera_of(const scene::World& world, std::size_t node, const StillOptions& options) {
  const scene::Camera& camera = world.scene->cameras[world.scene->nodes[node].camera.index()];
  if (camera.orthographic) {
    return base::error(
        fmt::format("camera \"{}\" is orthographic, which cannot be rendered yet; name another with --camera",
                    camera.name),
        {options.file.string(), 0, 0});
  }
  const math::Affine world_from_node = scene::world_from_nodes(world)[node];
  const math::Mat3 axes = math::transposed(world_from_node.linear);  // rows are the node's axes in the world
  const Vec3 right = normalized(axes.row0), forward = -normalized(axes.row2);
  const Vec3 down = cross(forward, right);
  const double focal = 0.5 * options.height / math::tan(0.5 * camera.vertical_fov);
  const geometry::Pinhole lens{options.width, options.height, focal, focal, 0.5 * options.width, 0.5 * options.height};
  return sample::CameraRecord{
      lens,
      {math::Rotation::from_matrix(math::transposed(math::Mat3{right, down, forward})), world_from_node.translation},
      options.exposure,
      {}};
}

Result<sample::CameraRecord> choose_camera(const scene::World& world, const StillOptions& options) {
  const auto& nodes = world.scene->nodes;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].camera.exists()) continue;
    if (options.camera == "frame") break;
    const std::string& name = world.scene->cameras[nodes[i].camera.index()].name;
    names.push_back(name);
    const bool wanted = options.camera.empty() ? !world.scene->cameras[nodes[i].camera.index()].orthographic
                                               : options.camera == name || options.camera == nodes[i].path;
    if (wanted) return camera_of(world, i, options);
  }
  if (!options.camera.empty() && options.camera != "frame") {
    return base::error(fmt::format("no camera \"{}\"{}", options.camera, base::did_you_mean(options.camera, names)),
                       {options.file.string(), 0, 0});
  }
  const math::Box3 box = visible_bounds(world);
  if (box.is_empty() || !(length(box.size()) > 0)) {
    return base::error("there is nothing to see in it: no triangle is visible", {options.file.string(), 0, 0});
  }
  return framing(box, options);
}

void add_light(scene::Scene& scene, const scene::Light& light, const std::string& path, const math::Pose& pose) {
  scene.lights.push_back(light);
  scene.nodes.push_back({.path = path,
                         .parent = {},
                         .parent_from_node = math::Affine(pose),
                         .light = scene::LightId(scene.lights.size() - 1)});
}

/// A soft sky and a sun from over the shoulder: what a file without light is seen under.
void add_default_light(scene::Scene& scene) {
  add_light(scene, {.kind = scene::LightKind::environment, .color = {0.5f, 0.5f, 0.5f}, .intensity = 1}, "/default_sky",
            {});
  add_light(scene, {.kind = scene::LightKind::distant, .color = {1, 0.96f, 0.9f}, .intensity = 1.8f, .angle = 0.05f},
            "/default_sun", {math::Rotation::between({0, 0, -1}, normalized(Vec3{-0.35, -0.75, -1})), {}});
}

}  // namespace

Result<Still> render_still(base::Files& files, const StillOptions& options) {
  std::vector<std::filesystem::path> roots = options.roots;
  roots.insert(roots.begin(), options.file.has_parent_path() ? options.file.parent_path() : ".");
  const auto assets = import::make_asset_source(files, roots);
  WM_TRY(asset, assets->load(options.file.filename()));
  scene::Scene scene = asset->scene;
  if (!options.environment.empty()) {
    const std::filesystem::path path = options.environment;
    const auto sky = import::make_asset_source(files, {path.has_parent_path() ? path.parent_path() : "."});
    WM_TRY(picture, sky->load_picture(path.filename()));
    add_light(scene, {.kind = scene::LightKind::environment, .picture = picture}, "/environment", {});
  } else if (scene.lights.empty()) {  // things that glow are signs and screens more often than lamps
    add_default_light(scene);
  }
  const auto shared = std::make_shared<const scene::Scene>(std::move(scene));
  scene::World world = scene::World::of(shared);
  if (!options.take.empty()) {
    WM_TRY(moved, world_of_take(files, shared, options.take, options.time));
    world = std::move(moved);
  }
  WM_TRY(camera, choose_camera(world, options));
  const auto engine = render::make_engine();
  const auto stage = engine->compile(world);
  const scene::Labels labels = label_meshes(*world.scene);
  sense::Observation seen;
  seen.camera = camera;
  seen.labels = sense::cast_labels(stage->surfaces(), camera, labels);
  seen.silhouettes = sense::cast_silhouettes(*stage, camera, labels, seen.labels);
  seen.film = render::trace(*stage, camera, options.quality, base::RandomKey::from_seed(0).child("still"),
                            options.workers, options.cancel);
  seen.objects = &labels;
  seen.world = &world;
  Still still{{"camera", camera, {}, {}}, asset->ignored};
  still.view.objects.rows = static_cast<std::int64_t>(labels.objects.size());
  for (const annotate::AnnotatorRow& row : annotate::builtin_annotators()) row.make()->annotate(seen, still.view);
  return still;
}

}  // namespace wm::mill
