#pragma once
#include <string>
#include <utility>
#include <vector>

namespace wm::image {

/// The codecs whose versions the bytes of a picture may depend on: name, version.
std::vector<std::pair<std::string, std::string>> codec_versions();

}  // namespace wm::image
