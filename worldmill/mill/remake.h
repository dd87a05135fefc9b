#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "worldmill/mill/dataset.h"

namespace wm::mill {

struct Remade {
  std::vector<std::string> samples;      ///< Ids of those made again.
  std::vector<std::string> differences;  ///< One sentence each; empty: the same bytes.
};

/// Makes `count` samples of a dataset again, picked anew at each call, and compares their bytes with the ledger's.
/// Assets are looked for in `assets` and where the last run on this machine found them.
Result<Remade> remake(base::Files& files, const Dataset& dataset, const std::vector<std::filesystem::path>& assets,
                      int count);

/// Remembers beside the dataset, not in it, where its assets lie on this machine.
void keep_roots(base::Files& files, const std::filesystem::path& folder,
                const std::vector<std::filesystem::path>& roots);

}  // namespace wm::mill
