#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/time.h"
#include "worldmill/scene/world.h"
#include "worldmill/usd/layer.h"

namespace wm::import {

struct UsdExportOptions {
  std::string name = "World";         ///< Of the prim that holds the scene's roots when there are several.
  std::string pictures = "textures";  ///< Folder of the pictures, beside the layer.
  /// [node] Classes of each, first the most general; empty: Node::semantic alone.
  std::vector<std::vector<std::string>> classes;
  /// What moves is written as time samples: one each tick of `rate` in [begin, end]. Null: a still.
  const scene::Timeline* timeline = nullptr;
  base::Rate rate{24, 1};
  base::SimTime begin, end;  ///< In [0, timeline->end()].
};

struct UsdExport {
  std::shared_ptr<usd::Layer> layer;
  std::vector<std::pair<std::string, std::string>> files;  ///< Names relative to the layer, and bytes.
  std::vector<std::string> left_out;                       ///< One sentence for each kind of thing USD cannot say.
};

/// The world as OpenUSD: z up, metres, kilograms; one root prim, the default; nodes as Xforms by their names, a mesh of
/// several nodes once, as a prototype that instances share; UsdPreviewSurface materials; UsdLux lights; UsdPhysics
/// bodies; SemanticsLabelsAPI. What USD cannot say of nodes (a prim that is one of several parts of its node, a name
/// that is none of USD's) stands in `customData = {dictionary worldmill = ...}`, so that import_usd gives the same
/// nodes again. Time code k is tick k of the rate after `begin`. Equal worlds give equal bytes.
UsdExport export_usd(const scene::World& world, const UsdExportOptions& options = {});

/// Writes it to `path` (.usda, .usdc, .usd, or .usdz with the pictures in it), pictures into `<stem>_textures` beside
/// it. Gives what was left out.
Result<std::vector<std::string>> write_usd(base::Files& files, const std::filesystem::path& path,
                                           const scene::World& world, UsdExportOptions options = {});

}  // namespace wm::import
