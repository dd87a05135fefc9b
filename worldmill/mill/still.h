#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/jobs.h"
#include "worldmill/render/render.h"
#include "worldmill/sample/sample.h"
#include "worldmill/scene/world.h"

namespace wm::mill {

/// One picture of a scene file.
struct StillOptions {
  std::filesystem::path file;
  std::vector<std::filesystem::path> roots;  ///< Where its further files may lie; its own folder always may.
  int width = 960, height = 720;             ///< [px]
  std::string camera;  ///< Name of one of the file's, or `frame`: the whole scene; empty: its first, else `frame`.
  std::filesystem::path take;  ///< A take of the file; empty: as it stands.
  double time = 0;             ///< Of the take [s].
  std::string environment;     ///< A picture that lights the scene; empty: what the file brings, else a default light.
  double exposure = 0;         ///< [EV]
  double azimuth = 0.6, elevation = 0.35;  ///< [rad] Where the framing camera stands, seen from the scene's middle.
  render::Quality quality;
  int workers = 1;
  const base::Cancel* cancel = nullptr;
};

struct Still {
  sample::View view;                 ///< All channels; instances are the nodes that carry meshes, in their order.
  std::vector<std::string> ignored;  ///< What the importer left out.
};

Result<Still> render_still(base::Files& files, const StillOptions& options);

}  // namespace wm::mill
