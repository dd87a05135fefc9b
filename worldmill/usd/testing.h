#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "worldmill/base/files.h"

/// What the tests of this module share. WM_SOURCE_DIR is the root of the checkout.
namespace wm::usd {

/// The folder of stages that others made: $WM_DATA/usd, or shared/data/usd beside the checkout.
inline std::filesystem::path usd_data() {
  const char* said = std::getenv("WM_DATA");
  return (said ? std::filesystem::path(said) : std::filesystem::path(WM_SOURCE_DIR) / "../shared/data") / "usd";
}

inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, std::string_view ending) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ending) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

inline std::string slurp(const std::filesystem::path& path) {
  const auto text = base::disk().read(path, std::uint64_t{1} << 30);
  return text ? *text : std::string();
}

}  // namespace wm::usd

#define WM_NEEDS(folder) \
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "not there: " << (folder)
