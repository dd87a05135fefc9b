#include "worldmill/base/id.h"

#include <gtest/gtest.h>

namespace wm::base {
namespace {

TEST(Id, IsNoneUntilItIsGivenAnIndex) {
  using LampId = Id<struct LampTag>;
  EXPECT_FALSE(LampId().exists());
  EXPECT_EQ(LampId(7).index(), 7u);
  EXPECT_LT(LampId(7), LampId(8));
  EXPECT_LT(LampId(7), LampId());  // none comes last
  EXPECT_EQ(LampId(), LampId());
}

}  // namespace
}  // namespace wm::base
