#pragma once
#include "worldmill/vary/draws.h"

namespace wm::vary {

/// How a distribution draws: `arguments` as written beside its name, at `at`.
struct DistributionMaker {
  DistributionRow row;
  bool random;  ///< false: it only computes with what its arguments drew (hsv); it is not recorded itself.
  Result<base::Value> (*draw)(Draws& draws, const base::Value& arguments, const Draws::At& at);
};

std::span<const DistributionMaker> distribution_table();
const DistributionMaker* find_distribution(std::string_view name);

}  // namespace wm::vary
