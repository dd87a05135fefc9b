#include "worldmill/render/stage.h"

#include <gtest/gtest.h>

#include <thread>

#include "worldmill/base/distributions.h"
#include "worldmill/render/test_scenes.h"

namespace wm::render {
namespace {

using math::Vec3;
using testing::Builder;
using testing::moved;

Hit first(const Surfaces& surfaces, Vec3 origin, Vec3 direction) {
  const Ray ray{origin, direction};
  Hit hit;
  surfaces.intersect({&ray, 1}, {&hit, 1});
  return hit;
}

// Rays from a shell of `radius` about `center` inwards, a few of them along axes.
std::vector<Ray> rays_inward(Vec3 center, double radius, int count) {
  std::vector<Ray> rays;
  const base::RandomKey key = base::RandomKey::from_seed(7);
  const auto draw = [&](int i, int k) { return base::uniform(key, static_cast<std::uint64_t>(6 * i + k), -1, 1); };
  for (int i = 0; i < count; ++i) {
    const Vec3 out = math::normalized(Vec3{draw(i, 0), draw(i, 1), draw(i, 2) + 1e-9});
    const Vec3 target = Vec3{draw(i, 3), draw(i, 4), draw(i, 5)} * (radius / 4);
    rays.push_back({center + out * radius, (target - out * radius) * 0.5});
  }
  return rays;
}

std::vector<Hit> all(const Surfaces& surfaces, const std::vector<Ray>& rays) {
  std::vector<Hit> hits(rays.size());
  surfaces.intersect(rays, hits);
  return hits;
}

bool same(const Hit& a, const Hit& b) {
  return a.t == b.t && a.node == b.node && a.part == b.part && a.triangle == b.triangle && a.u == b.u && a.v == b.v &&
         a.normal == b.normal;
}

TEST(Stage, MeetsASquareWhereItStands) {
  Builder b;
  const auto square = b.mesh(testing::square(2));
  b.node(moved(0, 0, 5), {});
  b.node(moved(10, 0, 3), {{square, {}}, {square, {}}});
  const auto stage = make_engine()->compile(b.world());
  const Hit hit = first(stage->surfaces(), {10.25, 0.5, 0}, {0, 0, 2});
  ASSERT_TRUE(hit.exists());
  EXPECT_FLOAT_EQ(hit.t, 1.5f);  // counted in the direction's length
  EXPECT_EQ(hit.node, 1u);
  EXPECT_EQ(hit.normal, (math::Vec3f{0, 0, -1}));  // towards the ray, though the square faces +z
  EXPECT_FALSE(first(stage->surfaces(), {12, 0, 0}, {0, 0, 1}).exists());
  EXPECT_FALSE(first(stage->surfaces(), {10, 0, 0}, {0, 0, -1}).exists());
}

TEST(Stage, BarycentricsAreOfTheTrianglesCorners) {
  Builder b;
  const auto square = b.mesh(testing::square(2));
  b.node(moved(0, 0, 0), {{square, {}}});
  const auto stage = make_engine()->compile(b.world());
  const geometry::Mesh& mesh = *b.scene.meshes[0];
  for (const auto& [x, y] : {std::pair{0.7, -0.4}, std::pair{-0.3, 0.6}}) {
    const Hit hit = first(stage->surfaces(), {x, y, 1}, {0, 0, -1});
    ASSERT_TRUE(hit.exists());
    const geometry::Triangle& t = mesh.triangles[hit.triangle];
    const math::Vec3f p = interpolate(mesh.positions[t[0]], mesh.positions[t[1]], mesh.positions[t[2]], hit.u, hit.v);
    EXPECT_NEAR(p.x, x, 1e-6);
    EXPECT_NEAR(p.y, y, 1e-6);
  }
}

TEST(Stage, AnInstanceEqualsItsMeshFlattened) {
  // Scaled unevenly, sheared, mirrored, nested.
  const math::Affine outer{{{0.8, -0.6, 0}, {0.6, 0.8, 0}, {0, 0, 1}}, {1, 2, 3}};
  const math::Affine inner{{{2, 0.3, 0}, {0, -0.5, 0.1}, {0.2, 0, 1}}, {0.5, 0, -1}};
  const geometry::Mesh ball = testing::ball(1, 12);
  geometry::Mesh flat = ball;
  for (math::Vec3f& p : flat.positions) {
    const Vec3 q = (outer * inner).point({p.x, p.y, p.z});
    p = {static_cast<float>(q.x), static_cast<float>(q.y), static_cast<float>(q.z)};
  }
  Builder instanced, flattened;
  const auto root = instanced.node(outer, {});
  instanced.node(inner, {{instanced.mesh(ball), {}}}, root);
  flattened.node({}, {{flattened.mesh(flat), {}}});
  const auto engine = make_engine();
  const auto rays = rays_inward((outer * inner).point({0, 0, 0}), 6, 4000);
  const auto a = all(engine->compile(instanced.world())->surfaces(), rays);
  const auto b = all(engine->compile(flattened.world())->surfaces(), rays);
  int differ = 0, met = 0;
  for (std::size_t i = 0; i < rays.size(); ++i) {
    if (a[i].exists() != b[i].exists() || a[i].triangle != b[i].triangle) {
      ++differ;  // grazing an edge: floats round otherwise in another frame
      continue;
    }
    if (!a[i].exists()) continue;
    ++met;
    EXPECT_NEAR(a[i].t, b[i].t, 2e-5);
    EXPECT_GT(math::dot(a[i].normal, b[i].normal), 0.9999f);
    EXPECT_NEAR(math::length(a[i].normal), 1, 1e-6);
    EXPECT_LE(math::dot(Vec3{a[i].normal.x, a[i].normal.y, a[i].normal.z}, rays[i].direction), 0);
  }
  EXPECT_GT(met, 1000);
  EXPECT_LT(differ, 5);
}

TEST(Stage, IsAsPreciseFarFromZeroAsNearIt) {
  const Vec3 far{4e6, -3e6, 1e5};  // whole metres: the same world, moved
  const auto engine = make_engine();
  const auto hits_at = [&](Vec3 offset) {
    Builder b;
    const auto ball = b.mesh(testing::ball(1, 16));
    for (int i = 0; i < 5; ++i) b.node(moved(offset.x + 3 * i - 6, offset.y, offset.z), {{ball, {}}});
    return all(engine->compile(b.world())->surfaces(), rays_inward(offset, 8, 2000));
  };
  const auto near = hits_at({}), away = hits_at(far);
  for (std::size_t i = 0; i < near.size(); ++i) {
    ASSERT_EQ(near[i].exists(), away[i].exists());
    // The rays themselves are rounded to 1e-9 m there.
    if (near[i].exists()) {
      EXPECT_NEAR(near[i].t, away[i].t, 2e-6);
    }
  }
}

TEST(Stage, ResultsDoNotDependOnHowRaysAreBatched) {
  Builder b;
  b.node({}, {{b.mesh(testing::ball(1, 24)), {}}});
  const auto stage = make_engine()->compile(b.world());
  const auto rays = rays_inward({}, 3, 1000);
  const auto together = all(stage->surfaces(), rays);
  for (std::size_t i = 0; i < rays.size(); ++i) {
    Hit alone;
    stage->surfaces().intersect({&rays[i], 1}, {&alone, 1});
    EXPECT_TRUE(same(alone, together[i]));
  }
}

TEST(Stage, RaysThroughEdgesMeetTheSameTriangleAloneAndTogether) {
  geometry::Mesh grid;
  for (int y = 0; y <= 8; ++y) {
    for (int x = 0; x <= 8; ++x) grid.positions.push_back({static_cast<float>(x), static_cast<float>(y), 0});
  }
  for (std::uint32_t y = 0; y < 8; ++y) {
    for (std::uint32_t x = 0; x < 8; ++x) {
      const std::uint32_t a = 9 * y + x;
      grid.triangles.push_back({a, a + 1, a + 10});
      grid.triangles.push_back({a, a + 10, a + 9});
    }
  }
  Builder b;
  b.node({}, {{b.mesh(grid), {}}});
  const auto stage = make_engine()->compile(b.world());
  std::vector<Ray> rays;
  for (int i = 0; i < 33 * 33; ++i) rays.push_back({{i % 33 * 0.25, i / 33 * 0.25, 4}, {0, 0, -1}});
  const auto together = all(stage->surfaces(), rays);
  for (std::size_t i = 0; i < rays.size(); ++i) {
    Hit alone;
    stage->surfaces().intersect({&rays[i], 1}, {&alone, 1});
    const Vec3 at = rays[i].origin;
    if (at.x > 0 && at.x < 8 && at.y > 0 && at.y < 8) {
      EXPECT_TRUE(alone.exists());  // no way between triangles
    }
    EXPECT_TRUE(same(alone, together[i]));
  }
}

TEST(Stage, LabelsSeeMasksByCutoffAndBlendsByHalf) {
  // Left texel alpha 100 / 255, right 200 / 255.
  const auto picture = testing::picture(2, 1, 4, {255, 255, 255, 100, 255, 255, 255, 200});
  const auto meets = [&](scene::AlphaMode mode, float cutoff, double x) {
    Builder b;
    scene::Material m;
    m.alpha_mode = mode;
    m.alpha_cutoff = cutoff;
    m.base_color_texture.picture = picture;
    m.base_color_texture.filter = scene::Filter::nearest;
    b.node({}, {{b.mesh(testing::square(2)), b.material(m)}});
    return first(make_engine()->compile(b.world())->surfaces(), {x, 0.1, 1}, {0, 0, -1}).exists();
  };
  EXPECT_TRUE(meets(scene::AlphaMode::opaque, 0.5f, -0.5));
  EXPECT_FALSE(meets(scene::AlphaMode::mask, 0.5f, -0.5));
  EXPECT_TRUE(meets(scene::AlphaMode::mask, 0.5f, 0.5));
  EXPECT_TRUE(meets(scene::AlphaMode::mask, 0.3f, -0.5));
  EXPECT_FALSE(meets(scene::AlphaMode::mask, 0.9f, 0.5));
  EXPECT_FALSE(meets(scene::AlphaMode::blend, 0.9f, -0.5));
  EXPECT_TRUE(meets(scene::AlphaMode::blend, 0.9f, 0.5));
}

TEST(Stage, LooksThroughAHoleAtWhatIsBehind) {
  Builder b;
  const auto square = b.mesh(testing::square(2));
  scene::Material hole;
  hole.alpha_mode = scene::AlphaMode::mask;
  hole.opacity = 0.1f;
  b.node(moved(0, 0, 2), {{square, b.material(hole)}});
  b.node(moved(0, 0, 1), {{square, {}}});
  const Hit hit = first(make_engine()->compile(b.world())->surfaces(), {0, 0, 3}, {0, 0, -1});
  ASSERT_TRUE(hit.exists());
  EXPECT_EQ(hit.node, 1u);
}

TEST(Stage, OnlyMeetsTheNodesAskedForEvenHiddenOnes) {
  Builder b;
  const auto square = b.mesh(testing::square(2));
  const auto top = b.node(moved(0, 0, 3), {{square, {}}});
  const auto child = b.node(moved(0, 0, -1), {{square, {}}}, top);
  const auto hidden = b.node(moved(0, 0, 1), {{square, {}}});
  b.scene.nodes[hidden.index()].visible = false;
  const auto stage = make_engine()->compile(b.world());
  const auto meets = [&](const Surfaces& surfaces) { return first(surfaces, {0, 0, 9}, {0, 0, -1}); };
  EXPECT_EQ(meets(stage->surfaces()).node, 0u);
  EXPECT_EQ(meets(*stage->only(std::array{child})).node, 1u);
  EXPECT_EQ(meets(*stage->only(std::array{hidden})).node, 2u);
  EXPECT_EQ(meets(*stage->only(std::array{hidden, child})).node, 1u);
  EXPECT_FALSE(meets(*stage->only({})).exists());
  EXPECT_FALSE(first(*stage->only(std::array{top}), {0, 0, 2.5}, {0, 0, -1}).exists());  // not its children
}

TEST(Stage, HidesWholeSubtreesAndWhatIsSquashedFlat) {
  Builder b;
  const auto square = b.mesh(testing::square(2));
  const auto top = b.node(moved(0, 0, 3), {});
  b.scene.nodes[top.index()].visible = false;
  b.node(moved(0, 0, -1), {{square, {}}}, top);
  b.node({{{1, 0, 0}, {0, 0, 0}, {0, 0, 1}}, {}}, {{square, {}}});
  EXPECT_FALSE(first(make_engine()->compile(b.world())->surfaces(), {0, 0, 9}, {0, 0, -1}).exists());
}

TEST(Stage, OutlivesItsEngineAndItsStageServesOnlys) {
  Builder b;
  const auto node = b.node({}, {{b.mesh(testing::square(2)), {}}});
  std::unique_ptr<const Surfaces> only;
  {
    const auto stage = make_engine()->compile(b.world());
    only = stage->only(std::array{node});
  }
  EXPECT_TRUE(first(*only, {0, 0, 1}, {0, 0, -1}).exists());
}

TEST(TreeCache, KeepsATreeAsLongAsItsMeshIsUsed) {
  TreeCache cache;
  auto mesh = std::make_shared<const geometry::Mesh>(testing::square(1));
  const auto tree = cache.tree(std::vector{MeshPart{mesh, false}});
  EXPECT_EQ(cache.tree(std::vector{MeshPart{mesh, false}}), tree);
  EXPECT_NE(cache.tree(std::vector{MeshPart{mesh, true}}), tree);
  EXPECT_EQ(cache.forget_unused(), 2u);
  mesh.reset();
  EXPECT_EQ(cache.forget_unused(), 0u);
}

TEST(TreeCache, ServesManyThreadsTheSameTree) {
  TreeCache cache;
  const auto mesh = std::make_shared<const geometry::Mesh>(testing::ball(1, 64));
  std::vector<std::shared_ptr<const MeshTree>> trees(8);
  std::vector<std::thread> threads;
  for (auto& tree : trees) threads.emplace_back([&] { tree = cache.tree(std::vector{MeshPart{mesh, false}}); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& tree : trees) EXPECT_EQ(tree, trees[0]);
}

}  // namespace
}  // namespace wm::render
