#include "worldmill/usd/map_function.h"

#include <algorithm>

namespace wm::usd {

MapFunction::MapFunction(Pairs pairs, LayerOffset offset) : offset_(offset) {
  std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return path_less(a.first, b.first);
    return path_less(a.second, b.second);
  });
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  // A pair that the nearest pair above it implies says nothing.
  for (const auto& pair : pairs) {
    const std::pair<Path, Path>* above = nullptr;
    for (const auto& kept : pairs_) {
      if (kept.first != pair.first && pair.first.has_prefix(kept.first) &&
          (!above || kept.first.depth() > above->first.depth())) {
        above = &kept;
      }
    }
    const bool implied =
        above ? (above->second ? pair.second && pair.first.replace_prefix(above->first, above->second) == pair.second
                               : !pair.second)
              : !pair.second;
    if (!implied) pairs_.push_back(pair);
  }
}

Path MapFunction::map(Path path, bool backwards) const {
  if (path.has_variant()) path = path.without_variants();
  if (path.empty()) return {};
  const auto from = [&](const auto& pair) { return backwards ? pair.second : pair.first; };
  const auto to = [&](const auto& pair) { return backwards ? pair.first : pair.second; };
  const std::pair<Path, Path>* best = nullptr;
  for (const auto& pair : pairs_) {
    if (from(pair) && path.has_prefix(from(pair)) && (!best || from(pair).depth() > from(*best).depth())) best = &pair;
  }
  if (!best || !to(*best)) return {};
  const Path result = path.replace_prefix(from(*best), to(*best));
  // What another pair leads to by a longer prefix belongs to that pair.
  for (const auto& pair : pairs_) {
    if (&pair != best && to(pair) && to(pair).depth() > to(*best).depth() && result.has_prefix(to(pair))) return {};
  }
  if (path.kind() == Path::Kind::target) {  // what is in the brackets maps too
    const Path inside = map(path.target_path(), backwards);
    if (inside.empty() || result.kind() != Path::Kind::target) return {};
    return result.parent().target(inside);
  }
  return result;
}

MapFunction MapFunction::after(const MapFunction& inner) const {
  Pairs pairs;
  for (const auto& [source, target] : inner.pairs_) {
    pairs.emplace_back(source, target ? to_target(target) : Path());
  }
  for (const auto& [source, target] : pairs_) {
    const Path mapped = source ? inner.to_source(source) : Path();
    if (mapped) pairs.emplace_back(mapped, target);
  }
  return {std::move(pairs), offset_ * inner.offset_};
}

MapFunction MapFunction::inverse() const {
  Pairs pairs;
  for (const auto& [source, target] : pairs_) {
    if (target) pairs.emplace_back(target, source);
  }
  const double scale = offset_.scale != 0 ? 1 / offset_.scale : 1;
  return {std::move(pairs), {-offset_.offset * scale, scale}};
}

MapFunction MapFunction::with_root_identity() const {
  if (is_root_identity()) return *this;
  Pairs pairs = pairs_;
  pairs.emplace_back(Path::root(), Path::root());
  return {std::move(pairs), offset_};
}

}  // namespace wm::usd
