#include "worldmill/usd/list_op.h"

#include <gtest/gtest.h>

#include "worldmill/base/json.h"
#include "worldmill/usd/testing.h"

namespace wm::usd {
namespace {

namespace fs = std::filesystem;
using Op = ListOp<int>;

Op op_of(const base::Value& map) {
  Op op;
  const auto read = [&](const char* key, std::vector<int>& items) {
    const base::Value* list = map.find(key);
    if (!list) return false;
    for (const base::Value& item : *list->list()) items.push_back(static_cast<int>(std::get<std::int64_t>(item.data)));
    return true;
  };
  op.is_explicit = read("explicit_items", op.explicit_items);
  read("appended_items", op.appended);
  read("prepended_items", op.prepended);
  read("deleted_items", op.deleted);
  return op;
}

TEST(ListOp, ChainsReduceAsTheComplianceSuiteSays) {
  const fs::path folder = usd_data() / "aousd/data_types/tests/combine_chain";
  WM_NEEDS(folder);
  int cases = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto text = base::disk().read(entry.path(), 1 << 20);
    ASSERT_TRUE(text.has_value());
    const auto json = base::parse_json(*text, entry.path().string());
    ASSERT_TRUE(json.has_value()) << to_string(json.error());
    for (const base::Value& one : *json->list()) {
      const auto& chain = *one.find("chain")->list();
      Op combined_op = reduced(op_of(chain.back()));
      for (std::size_t i = chain.size() - 1; i-- > 0;) combined_op = combined(op_of(chain[i]), combined_op);
      EXPECT_EQ(combined_op, op_of(*one.find("combined_reduced"))) << entry.path() << *one.find("description")->text();
      ++cases;
    }
  }
  EXPECT_GT(cases, 40);
}

TEST(ListOp, CombiningTwoOpsDoesWhatBothDoInTurn) {
  Op weak, strong;
  weak.prepended = {1, 2};
  weak.appended = {8};
  weak.deleted = {5};
  strong.prepended = {8, 3};
  strong.appended = {1};
  strong.deleted = {2};
  std::vector<int> in_turn = {4, 5, 6, 3}, at_once = in_turn;
  edit(in_turn, weak);
  edit(in_turn, strong);
  edit(at_once, combined(strong, weak));
  EXPECT_EQ(in_turn, at_once);
}

TEST(ListOp, ReorderingTakesFollowersAlong) {
  std::vector<int> items = {0, 1, 2, 3, 4};
  reorder(items, {3, 1});
  EXPECT_EQ(items, (std::vector<int>{0, 3, 4, 1, 2}));
}

}  // namespace
}  // namespace wm::usd
