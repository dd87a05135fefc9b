// What our stepper costs beside MuJoCo alone, on this machine, now. Both sides run in turn; told are medians of the
// turns, in processor time (of all threads together: a batch's steps per second are per processor).
//   bodies_bench pile [seconds=4] [turns=3] [N]      N, or 100, 300, 1000 boxes of 0.2 m dropped at 240 Hz: ms per step
//   bodies_bench robot FILE.xml [steps=5000]         a model alone: steps per second
//   bodies_bench batch FILE.xml [worlds=256] [workers=2] [steps=100]     many of it
#include <fmt/format.h>
#include <mujoco/mjbatch.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "worldmill/base/distributions.h"
#include "worldmill/base/random_key.h"
#include "worldmill/import/import.h"
#include "worldmill/math/distributions.h"
#include "worldmill/physics/physics.h"

namespace {

using namespace wm;

// Processor time of all threads of this process [s], which a busy machine does not stretch.
double now() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Box {
  math::Vec3 position;
  math::Rotation rotation;
};

// A cube of randomly turned boxes that collapses into a heap.
std::vector<Box> pile(int count) {
  const auto key = base::RandomKey::from_seed(3).child("pile");
  const int side = std::max(1, static_cast<int>(std::lround(std::cbrt(count))));
  std::vector<Box> boxes;
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint64_t>(i);
    const math::Vec3 shift = math::point_in_box(key.child("shift"), index, {{-0.03, -0.03, 0}, {0.03, 0.03, 1e-9}});
    boxes.push_back({math::Vec3{(i % side) * 0.3, (i / side % side) * 0.3, 0.4 + (i / (side * side)) * 0.36} + shift,
                     math::uniform_rotation(key.child("turn"), index)});
  }
  return boxes;
}

constexpr double kStep = 1.0 / 240;

std::shared_ptr<scene::Scene> our_pile(const std::vector<Box>& boxes) {
  auto scene = std::make_shared<scene::Scene>();
  scene::Mechanics& m = scene->mechanics;
  m.options.time_step = kStep;
  m.surfaces.push_back({.name = "wood", .friction = 0.7, .static_friction = 0.7});
  m.shapes.push_back({.kind = scene::ShapeKind::plane, .size = {0, 0, 0}, .surface = scene::SurfaceId(0)});
  for (const Box& box : boxes) {
    const scene::NodeId node(scene->nodes.size());
    scene->nodes.push_back({.path = fmt::format("/box{}", node.index()),
                            .parent = {},
                            .parent_from_node = math::Affine(math::Pose{box.rotation, box.position})});
    const scene::BodyId body(m.bodies.size());
    m.bodies.push_back({.node = node, .mass = 8});
    m.joints.push_back({.name = fmt::format("free{}", node.index()), .body = body, .kind = scene::JointKind::free});
    m.shapes.push_back({.node = node, .size = {0.1, 0.1, 0.1}, .surface = scene::SurfaceId(0)});
  }
  return scene;
}

// As well as the engine alone does it: its conjugate gradients, its own contact settings.
mjModel* bare_pile(const std::vector<Box>& boxes) {
  std::string xml = fmt::format(
      "<mujoco><option timestep='{:.17g}' iterations='20' solver='CG' jacobian='sparse'/><size "
      "memory='800M'/><worldbody>"
      "<geom type='plane' size='0 0 1' friction='0.7'/>",
      kStep);
  for (const Box& b : boxes) {
    xml += fmt::format(
        "<body pos='{} {} {}' quat='{} {} {} {}'><freejoint/><geom type='box' size='.1 .1 .1' mass='8' friction='0.7'/>"
        "</body>",
        b.position.x, b.position.y, b.position.z, b.rotation.w, b.rotation.x, b.rotation.y, b.rotation.z);
  }
  char why[1000] = "";
  mjSpec* spec = mj_parseXMLString((xml + "</worldbody></mujoco>").c_str(), nullptr, why, sizeof why);
  mjModel* model = spec ? mj_compile(spec, nullptr) : nullptr;
  if (!model) throw std::runtime_error(why);
  mj_deleteSpec(spec);
  return model;
}

double rest_speed(std::span<const double> velocities) {
  double sum = 0;
  for (std::size_t i = 0; i + 5 < velocities.size(); i += 6) {
    sum += std::sqrt(velocities[i] * velocities[i] + velocities[i + 1] * velocities[i + 1] +
                     velocities[i + 2] * velocities[i + 2]);
  }
  return sum / (static_cast<double>(velocities.size()) / 6);
}

void bench_pile(const std::vector<int>& counts, double seconds, int turns) {
  const int steps = static_cast<int>(std::lround(seconds * 240));
  for (const int count : counts) {
    const std::vector<Box> boxes = pile(count);
    const auto model = *physics::compile(our_pile(boxes));
    mjModel* bare = bare_pile(boxes);
    std::vector<double> ours, theirs, watched;
    double our_speed = 0, their_speed = 0;
    for (int turn = 0; turn < turns; ++turn) {
      for (const bool check : {false, true}) {
        const auto batch = model->batch({.contacts = check, .check = check});
        const double start = now();
        for (int i = 0; i < steps; ++i) batch->step();
        (check ? watched : ours).push_back((now() - start) / steps * 1e3);
        our_speed = rest_speed(batch->velocities(0));
        if (batch->diagnosis(0).trouble != physics::Trouble::none) {
          fmt::print("  trouble: {}\n", batch->diagnosis(0).message);
        }
      }
      mjData* data = mj_makeData(bare);
      const double start = now();
      for (int i = 0; i < steps; ++i) mj_step(bare, data);
      theirs.push_back((now() - start) / steps * 1e3);
      their_speed = rest_speed({data->qvel, static_cast<std::size_t>(bare->nv)});
      mj_deleteData(data);
    }
    mj_deleteModel(bare);
    fmt::print(
        "{:5} boxes: ours {:.2f} ms, with contacts and checks {:.2f} ms, bare {:.2f} ms, ratio {:.2f}; mean speed "
        "left: ours {:.4f}, bare {:.4f} m/s\n",
        count, median(ours), median(watched), median(theirs), median(ours) / median(theirs), our_speed, their_speed);
  }
}

std::shared_ptr<const physics::Model> load(const std::filesystem::path& file) {
  auto asset = import::import_file(base::disk(), file, {file.parent_path()});
  if (!asset) throw std::runtime_error(to_string(asset.error()));
  auto model = physics::compile(std::make_shared<const scene::Scene>(std::move(asset->scene)));
  if (!model) throw std::runtime_error(to_string(model.error()));
  return *model;
}

// The file as the engine loads it; geoms that touch nothing and whose meshes are missing are left out.
mjModel* load_bare(const std::filesystem::path& file) {
  char why[1000] = "";
  mjSpec* spec = mj_parseXML(file.c_str(), nullptr, why, sizeof why);
  if (!spec) throw std::runtime_error(why);
  mjModel* model = mj_compile(spec, nullptr);
  if (!model) {
    mj_deleteSpec(spec);
    spec = mj_parseXML(file.c_str(), nullptr, why, sizeof why);
    for (mjsElement *e = mjs_firstElement(spec, mjOBJ_GEOM), *next = nullptr; e; e = next) {
      next = mjs_nextElement(spec, e);
      const mjsGeom* geom = mjs_asGeom(e);
      if (geom->contype == 0 && geom->conaffinity == 0 && *mjs_getString(geom->meshname)) mjs_delete(spec, e);
    }
    for (mjsElement *e = mjs_firstElement(spec, mjOBJ_MESH), *next = nullptr; e; e = next) {
      next = mjs_nextElement(spec, e);
      const auto there =
          file.parent_path() / mjs_getString(spec->compiler.meshdir) / mjs_getString(mjs_asMesh(e)->file);
      if (!std::filesystem::exists(there)) mjs_delete(spec, e);
    }
    model = mj_compile(spec, nullptr);
  }
  if (!model) throw std::runtime_error(mjs_getError(spec));
  mj_deleteSpec(spec);
  return model;
}

// Each starts at the model's first keyframe, if it has one, and is held there by its own commands.
void bench_robot(const std::filesystem::path& file, int steps) {
  const auto model = load(file);
  mjModel* bare = load_bare(file);
  const int key = bare->nkey > 0 ? 0 : -1;
  std::vector<double> ours, theirs;
  for (int turn = 0; turn < 7; ++turn) {
    const auto batch = model->batch({.check = false});
    batch->reset(0, key);
    double start = now();
    for (int i = 0; i < steps; ++i) batch->step();
    ours.push_back(steps / (now() - start));
    mjData* data = mj_makeData(bare);
    if (key >= 0) mj_resetDataKeyframe(bare, data, key);
    start = now();
    for (int i = 0; i < steps; ++i) mj_step(bare, data);
    theirs.push_back(steps / (now() - start));
    mj_deleteData(data);
  }
  mj_deleteModel(bare);
  fmt::print("{}: ours {:.0f} steps/s, bare {:.0f} steps/s, ratio {:.3f}\n", file.filename().string(), median(ours),
             median(theirs), median(ours) / median(theirs));
}

void bench_batch(const std::filesystem::path& file, int worlds, int workers, int steps) {
  const auto model = load(file);
  mjModel* bare = load_bare(file);
  const int key = bare->nkey > 0 ? 0 : -1;
  const std::vector<int> keys(static_cast<std::size_t>(worlds), key);
  std::vector<double> ours, theirs;
  for (int turn = 0; turn < 5; ++turn) {
    const auto batch = model->batch({.worlds = worlds, .workers = workers, .check = false});
    for (int w = 0; w < worlds; ++w) batch->reset(w, key);
    double start = now();
    for (int i = 0; i < steps; ++i) batch->step();
    ours.push_back(worlds * steps / (now() - start));
    mjBatchConfig config;
    mjb_defaultConfig(&config);
    config.nthread = workers;
    char why[1000] = "";
    mjBatch* engine = mjb_makeBatch(bare, worlds, &config, why, sizeof why);
    if (!engine) throw std::runtime_error(why);
    mjb_reset(engine, nullptr, 0, keys.data(), mjSTAGE_NONE);
    start = now();
    for (int i = 0; i < steps; ++i) mjb_step(engine, nullptr, 0, 1, mjSTAGE_NONE);
    theirs.push_back(worlds * steps / (now() - start));
    mjb_deleteBatch(engine);
  }
  mj_deleteModel(bare);
  fmt::print("{} x {} on {} threads: ours {:.0f} steps/s, bare {:.0f} steps/s, ratio {:.3f}\n", worlds,
             file.filename().string(), workers, median(ours), median(theirs), median(ours) / median(theirs));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const auto number = [&](int i, int fallback) { return argc > i ? std::atoi(argv[i]) : fallback; };
  try {
    if (what == "pile") {
      const std::vector<int> counts = argc > 4 ? std::vector<int>{number(4, 0)} : std::vector<int>{100, 300, 1000};
      bench_pile(counts, argc > 2 ? std::atof(argv[2]) : 4, number(3, 3));
    } else if (what == "robot" && argc > 2) {
      bench_robot(argv[2], number(3, 5000));
    } else if (what == "batch" && argc > 2) {
      bench_batch(argv[2], number(3, 256), number(4, 2), number(5, 100));
    } else {
      fmt::print(stderr, "bodies_bench pile | robot FILE.xml | batch FILE.xml\n");
      return 2;
    }
  } catch (const std::exception& e) {
    fmt::print(stderr, "bodies_bench: {}\n", e.what());
    return 1;
  }
  return 0;
}
