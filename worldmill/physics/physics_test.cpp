#include "worldmill/physics/physics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/physics/test_scenes.h"

namespace wm::physics {
namespace {

using math::Vec3;
using scene::JointKind;
using scene::ShapeKind;

TEST(Model, ManyWorldsOfASceneShareOneCompiledModel) {
  TestScene s;
  s.floor();
  const scene::BodyId ball = s.ball({0, 0, 1}, 0.1, 1);
  const std::int64_t before = compile_count();
  const auto model = s.compile();
  const auto batch = model->batch({.worlds = 100});
  const auto more = model->batch({.worlds = 4});
  for (int w = 0; w < 100; ++w) {
    scene::World world = scene::World::of(model->scene());
    world.masses.set(ball.index(), 1 + w);
    world.gravity = {0, 0, -w * 0.1};
    ASSERT_TRUE(batch->set_values(w, world));
  }
  EXPECT_EQ(compile_count() - before, 1);
  batch->step(100);
  for (int w = 1; w < 100; ++w) EXPECT_LT(batch->pose(w, ball).translation.z, batch->pose(w - 1, ball).translation.z);
}

}  // namespace
}  // namespace wm::physics
