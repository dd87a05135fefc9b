#include "worldmill/mujoco/fields.h"

#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <memory>

namespace wm::mujoco {
namespace {

using SpecPtr = std::unique_ptr<mjSpec, decltype(&mj_deleteSpec)>;

TEST(Fields, WhatStandsAtItsDefaultIsNotSaid) {
  const SpecPtr spec(mj_makeSpec(), mj_deleteSpec);
  const mjsJoint* joint = mjs_addJoint(mjs_findBody(spec.get(), "world"), nullptr);
  const base::Value extras = extras_of(*joint, {});
  ASSERT_NE(extras.map(), nullptr);
  EXPECT_TRUE(extras.map()->empty());
}

TEST(Fields, WhatWasWrittenComesBackTheSame) {
  const SpecPtr spec(mj_makeSpec(), mj_deleteSpec);
  mjsBody* world = mjs_findBody(spec.get(), "world");
  mjsJoint* joint = mjs_addJoint(world, nullptr);
  joint->solref_limit[0] = 0.1 + 0.2;
  joint->group = 7;
  joint->actgravcomp = true;
  joint->armature = 3;
  const double user[] = {1, 2.5};
  mjs_setDouble(joint->userdata, user, 2);
  const std::string_view handled[] = {"armature"};
  const base::Value extras = extras_of(*joint, handled);
  EXPECT_EQ(extras.find("armature"), nullptr);
  mjsJoint* copy = mjs_addJoint(world, nullptr);
  ASSERT_TRUE(set_extras(*copy, extras));
  EXPECT_EQ(copy->solref_limit[0], 0.1 + 0.2);
  EXPECT_EQ(copy->group, 7);
  EXPECT_TRUE(copy->actgravcomp);
  EXPECT_EQ(copy->armature, 0);
  int count = 0;
  EXPECT_EQ(mjs_getDouble(copy->userdata, &count)[1], 2.5);
  EXPECT_EQ(count, 2);
}

TEST(Fields, TextsAndListsOfThemComeBackTheSame) {
  const SpecPtr spec(mj_makeSpec(), mj_deleteSpec);
  mjsFlex* flex = mjs_addFlex(spec.get());
  mjs_appendString(flex->vertbody, "a body with a name that is longer than any small buffer");
  mjs_appendString(flex->vertbody, "b");
  mjsFlex* copy = mjs_addFlex(spec.get());
  ASSERT_TRUE(set_extras(*copy, extras_of(*flex, {})));
  EXPECT_STREQ(mjs_getInStringVec(copy->vertbody, 0), "a body with a name that is longer than any small buffer");
  EXPECT_STREQ(mjs_getInStringVec(copy->vertbody, 1), "b");
  EXPECT_EQ(mjs_getInStringVec(copy->vertbody, 2), nullptr);
}

TEST(Fields, ANameThatIsNotThereIsRefusedWithTheNearest) {
  mjOption option;
  mj_defaultOption(&option);
  const auto said = set_extras(option, base::map_of({{"impratoi", base::value_of(10.0)}}));
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().message, "MuJoCo has no field \"impratoi\" there; did you mean \"impratio\"?");
}

}  // namespace
}  // namespace wm::mujoco
