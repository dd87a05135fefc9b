#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/geometry/mesh.h"

namespace wm::import {

/// Where results that take long are kept from run to run: $WORLDMILL_CACHE, or worldmill/ in $XDG_CACHE_HOME or in
/// ~/.cache. Nothing when none of them is set, or when WORLDMILL_CACHE is empty: then nothing is kept.
std::optional<std::filesystem::path> cache_folder();

using Pieces = std::vector<std::shared_ptr<const geometry::Mesh>>;

/// Convex pieces that together fill what a surface encloses, each of at most 64 vertices (CoACD: Wei and others,
/// "Approximate Convex Decomposition for 3D Meshes with Collision-Aware Concavity and Tree Search", 2022). At least
/// one. Takes seconds; `cache` keeps results by the content of the mesh and of the library, a file each, so that they
/// do not drift from run to run. What is damaged there is made anew. Nothing for a surface that encloses nothing.
Pieces convex_pieces(base::Files& files, const std::optional<std::filesystem::path>& cache, const geometry::Mesh& mesh);

}  // namespace wm::import
