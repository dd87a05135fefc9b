#pragma once
#include "worldmill/recipe/checker.h"
#include "worldmill/recipe/recipe.h"

namespace wm::recipe {

/// Reads what Checker gave into `recipe` (job, order, quality, annotate, writes, store, license): the tree has the
/// schema's shape, so nothing can fail here but our own promises.
void fill(const base::Value& si, const Checker& checker, Recipe& recipe);

/// What holds between parts of a recipe: names that are meant, labels, writers of one field, demands, splits. Gives
/// labels their ids, in `recipe.resolved` too. Throws Refused.
void hold_rules(Recipe& recipe);

}  // namespace wm::recipe
