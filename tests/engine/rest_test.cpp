// Props of recipes/assets, made solid, dropped onto the table of recipes/assets: they come to rest on what is seen of
// it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/base/distributions.h"
#include "worldmill/import/import.h"
#include "worldmill/physics/physics.h"
#include "worldmill/sim/run.h"

namespace wm {
namespace {

namespace fs = std::filesystem;

const fs::path kAssets = fs::path(WM_SOURCE_DIR) / "recipes" / "assets" / "tabletop";
constexpr double kTop = 0.74;  // [m] of the table
constexpr int kDrops = 100;

/// The lowest point of what is seen of a thing [m].
double lowest(const scene::Scene& scene, std::span<const math::Affine> world_from_node, scene::NodeId root) {
  double low = 1e9;
  for (std::size_t n = root.index(); n < scene.nodes.size(); ++n) {
    bool below = false;
    for (scene::NodeId up(n); up.exists(); up = scene.nodes[up.index()].parent) below = below || up == root;
    if (!below) continue;
    for (const scene::Part& part : scene.nodes[n].parts) {
      for (const math::Vec3f& p : scene.meshes[part.mesh.index()]->positions) {
        low = std::min(low, world_from_node[n].point({p.x, p.y, p.z}).z);
      }
    }
  }
  return low;
}

TEST(Rest, PropsLieOnWhatIsSeenOfTheTable) {
  const auto source = import::make_asset_source(base::disk(), {kAssets});
  const auto table = source->load_body("stage.glb", {.kind = scene::BodyOptions::Kind::fixed}).value();
  // Those whose colliders take no seconds to make: simple shapes and hulls.
  const char* names[] = {"apple.glb",  "book.glb",        "cereal_box.glb",  "lemon.glb",       "milk_carton.glb",
                         "orange.glb", "puzzle_cube.glb", "tennis_ball.glb", "wooden_block.glb"};
  int flush = 0, fallen = 0, restless = 0, rolled = 0;
  for (int drop = 0; drop < kDrops; ++drop) {
    const base::RandomKey key = base::RandomKey::from_seed(7).child("drop").child(static_cast<std::uint64_t>(drop));
    const char* name = names[static_cast<std::size_t>(drop) % std::size(names)];
    const auto prop = source->load_body(name, {}).value();
    const scene::ShapeKind kind = prop->scene.mechanics.shapes.front().kind;
    ASSERT_NE(kind, scene::ShapeKind::pieces) << name;
    const bool is_round = kind == scene::ShapeKind::sphere || kind == scene::ShapeKind::capsule;
    scene::Scene scene = table->scene;
    const auto around = [&](std::uint64_t index) { return base::unit(key, index) - 0.5; };
    const math::Rotation turn = math::Rotation::normalized(around(0), around(1), around(2), around(5));
    const math::Vec3 at{0.6 * (base::unit(key, 3) - 0.5), 0.3 * (base::unit(key, 4) - 0.5), kTop + 0.25};
    const scene::NodeId root = scene::add(scene, prop->scene, "/prop", {}, math::Affine(math::Pose{turn, at}));
    const auto shared = std::make_shared<const scene::Scene>(std::move(scene));
    const auto model = physics::compile(shared).value();
    sim::Script script;
    script.run = 4;
    script.initial = scene::World::of(shared);
    const auto take = std::make_shared<const sim::Take>(sim::run(*model, script).value());
    ASSERT_EQ(take->trouble.trouble, physics::Trouble::none) << name << ": " << take->trouble.message;
    const scene::World end = sim::timeline(take, script.initial)->world_at(take->end());
    const double low = lowest(*shared, scene::world_from_nodes(end), root);
    const sim::Key last = take->tracks.front().keys.back();
    if (low < kTop / 2) {
      ++(low > -0.01 ? rolled : fallen);
      continue;
    }
    if (std::abs(low - kTop) < 0.002) ++flush;
    if (!is_round && length(last.twist.linear) > 0.005) ++restless;
    if (std::abs(low - kTop) >= 0.002) fmt::print("{}: {:.2f} mm\n", name, 1000 * (low - kTop));
  }
  fmt::print("{} flush, {} rolled off, {} moving still, {} fell through\n", flush, rolled, restless, fallen);
  EXPECT_EQ(fallen, 0);
  EXPECT_GE(flush, 0.95 * (kDrops - rolled));
  EXPECT_LE(restless, 5) << "an apple may rock still";
}

}  // namespace
}  // namespace wm
