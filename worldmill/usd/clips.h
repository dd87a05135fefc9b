#pragma once
#include <memory>
#include <vector>

#include "worldmill/usd/stage.h"
#include "worldmill/usd/value.h"

namespace wm::usd {

/// A set of clips: layers whose time samples stand for those of a prim and all beneath it. SPEC 12.3.4.
struct ClipSet {
  Token name;
  Path prim;                          ///< On the stage.
  const LayerStack* stack = nullptr;  ///< Where it was written: clips are just weaker than this layer.
  const Layer* layer = nullptr;
  LayerOffset offset;                                    ///< Of that layer's time to the stage's.
  Path source;                                           ///< The prim in the clips that stands for `prim`.
  std::vector<std::shared_ptr<Layer>> clips;             ///< Null: cannot be opened.
  std::shared_ptr<Layer> manifest;                       ///< Null: every attribute with samples in a clip counts.
  std::vector<std::pair<double, double>> active, times;  ///< (time, clip), (time, time in the clip), by time.
  bool interpolate_missing = false;

  /// Whether it speaks for the attribute at `path` of the stage.
  bool has(Path path) const;
  /// At a time of its layer; none where its clip says nothing.
  Value value(Path path, double time, bool held) const;
  std::vector<double> sample_times(Path path) const;  ///< Of its layer.
};

/// The sets that hold for a prim, those of the nearest prim first. Their `prim` is the path in `prim`'s index, which
/// for one within an instance is the first instance's.
std::vector<ClipSet> clip_sets(const Prim& prim, LayerLibrary& library);

/// The value of time samples at a time of their layer: mixed, held, or blocked (a block). The samples are not empty.
Value sampled(const Layer& layer, const TimeSamples& samples, double time, bool held);

}  // namespace wm::usd
