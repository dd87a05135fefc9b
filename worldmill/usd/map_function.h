#pragma once
#include <vector>

#include "worldmill/usd/path.h"
#include "worldmill/usd/value.h"

namespace wm::usd {

/// What a composition arc does to names and time: paths of its source become paths of its target. Pairs of prefixes,
/// the longest counts; what several ways or none lead to maps to the empty path. Times: outer = offset(inner). SPEC 10.
class MapFunction {
 public:
  using Pairs = std::vector<std::pair<Path, Path>>;  ///< (source, target); an empty target: what is there is gone.

  MapFunction() = default;  ///< Maps nothing.
  MapFunction(Pairs pairs, LayerOffset offset);
  static MapFunction identity() { return MapFunction({{Path::root(), Path::root()}}, {}); }

  Path to_target(Path source) const { return map(source, false); }
  Path to_source(Path target) const { return map(target, true); }
  const LayerOffset& offset() const { return offset_; }
  bool is_identity() const { return pairs_.size() == 1 && is_root_identity() && offset_.is_identity(); }
  bool is_root_identity() const { return !pairs_.empty() && pairs_[0] == std::pair(Path::root(), Path::root()); }

  /// First `inner`, then this.
  MapFunction after(const MapFunction& inner) const;
  MapFunction inverse() const;
  MapFunction with_root_identity() const;
  friend bool operator==(const MapFunction&, const MapFunction&) = default;

 private:
  Path map(Path path, bool backwards) const;

  Pairs pairs_;  // sorted by source, none of them following from another
  LayerOffset offset_;
};

}  // namespace wm::usd
