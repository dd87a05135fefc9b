// takes_bench [TAKES] [SECONDS]: takes of twenty boxes and balls that are dropped, with detectors and recorder, beside
// the same worlds stepped by bare MuJoCo. Prints takes a minute on one thread, the share of the bare engine's, and
// bytes a take. Both sides run in turn, a take each; what is told are medians of ratios.
#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "worldmill/base/distributions.h"
#include "worldmill/physics/test_scenes.h"
#include "worldmill/sim/run.h"

namespace {

using namespace wm;

double processor_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

struct Bare {
  mjModel* model = nullptr;
  mjData* data = nullptr;
};

/// The same bodies in the engine's own words, with the options that ours are stepped by.
Bare bare_of(int props) {
  mjSpec* spec = mj_makeSpec();
  spec->option.timestep = 0.002;
  spec->option.integrator = mjINT_IMPLICITFAST;
  spec->option.cone = mjCONE_ELLIPTIC;
  spec->option.impratio = 300;
  mjsBody* world = mjs_findBody(spec, "world");
  const auto contact = [](mjsGeom* geom) {
    geom->friction[0] = 0.8;
    geom->friction[1] = 0.005;
    geom->friction[2] = 0.0001;
    geom->condim = 4;
    geom->solref[0] = 0.015;
    const double solimp[5] = {0.99, 0.999, 0.001, 0.5, 2};
    std::copy(std::begin(solimp), std::end(solimp), geom->solimp);
  };
  mjsGeom* floor = mjs_addGeom(world, nullptr);
  floor->type = mjGEOM_PLANE;
  floor->size[2] = 1;
  contact(floor);
  for (int i = 0; i < props; ++i) {
    mjsBody* body = mjs_addBody(world, nullptr);
    mjs_addFreeJoint(body);
    mjsGeom* geom = mjs_addGeom(body, nullptr);
    geom->type = i % 3 == 0 ? mjGEOM_SPHERE : mjGEOM_BOX;
    std::fill_n(geom->size, 3, 0.08);
    geom->mass = 0.5;
    contact(geom);
  }
  Bare bare;
  bare.model = mj_compile(spec, nullptr);
  mj_deleteSpec(spec);
  if (bare.model != nullptr) bare.data = mj_makeData(bare.model);
  return bare;
}

}  // namespace

int main(int count, char** arguments) {
  const int takes = count > 1 ? std::atoi(arguments[1]) : 100;
  const double seconds = count > 2 ? std::atof(arguments[2]) : 3;
  constexpr int kProps = 20;
  physics::TestScene s;
  std::vector<scene::NodeId> props;
  for (int i = 0; i < kProps; ++i) {
    const scene::BodyId body = i % 3 == 0 ? s.ball({0, 0, 1}, 0.08, 0.5) : s.box({0, 0, 1}, {0.08, 0.08, 0.08}, 0.5);
    props.push_back(s.m.bodies[body.index()].node);
  }
  s.floor();
  const std::vector<scene::NodeId> ground{scene::NodeId(s.scene->nodes.size() - 1)};
  const sim::Group things = sim::group_of(*s.scene, props), floor = sim::group_of(*s.scene, ground);
  const auto model = s.compile();
  const Bare bare = bare_of(kProps);
  if (bare.model == nullptr) return fmt::print(stderr, "the engine does not take the scene\n"), 1;
  sim::Script script;
  script.run = seconds;
  script.rules = {{"hit", "contact", {things, things}, {}, {}},
                  {"landed", "contact", {things, floor}, {}, {}},
                  {"toppled", "topple", {things}, {}, {}},
                  {"rests", "rest", {things}, {}, {}}};
  std::vector<double> ours, shares, bytes;
  std::size_t events = 0;
  for (int take = 0; take < takes; ++take) {
    const base::RandomKey key = base::RandomKey::from_seed(7).child(static_cast<std::uint64_t>(take));
    script.initial = scene::World::of(s.scene);
    mj_resetData(bare.model, bare.data);
    for (int i = 0; i < kProps; ++i) {
      const auto at = static_cast<std::uint64_t>(i);
      const math::Vec3 place{base::uniform(key, 4 * at, -0.3, 0.3), base::uniform(key, 4 * at + 1, -0.3, 0.3),
                             0.3 + 0.2 * i};
      script.initial.parent_from_node.set(props[at].index(), math::Affine(math::Pose{{}, place}));
      mjtNum* q = bare.data->qpos + 7 * i;
      q[0] = place.x, q[1] = place.y, q[2] = place.z;
    }
    const double began = processor_seconds();
    const auto made = sim::run(*model, script);
    if (!made) return fmt::print(stderr, "{}\n", to_string(made.error())), 1;
    const std::string file = sim::encode(*made);
    const double middle = processor_seconds();
    for (double t = 0; t < seconds - 1e-9; t += 0.002) mj_step(bare.model, bare.data);
    const double end = processor_seconds();
    ours.push_back(middle - began);
    shares.push_back((end - middle) / (middle - began));
    bytes.push_back(double(file.size()));
    events += made->events.size();
  }
  fmt::print(
      "{} takes of {} s, {} props: {:.0f} takes a minute, {:.0f} % of the bare engine's; {:.0f} kB a take; {:.1f} "
      "events\n",
      takes, seconds, kProps, 60 / median(ours), 100 * median(shares), median(bytes) / 1000, double(events) / takes);
  mj_deleteData(bare.data);
  mj_deleteModel(bare.model);
  return 0;
}
