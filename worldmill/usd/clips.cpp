#include "worldmill/usd/clips.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "worldmill/usd/interpolate.h"

namespace wm::usd {
namespace {

constexpr int kMaxTemplateClips = 100'000;

// A set under making: what all layers say, and where the strongest that names clips stands.
struct Written {
  Dictionary entries;
  const PrimNode* node = nullptr;
  const LayerStack::Entry* entry = nullptr;
};

std::vector<std::pair<double, double>> pairs_of(const Value* value) {
  std::vector<std::pair<double, double>> pairs;
  if (!value || !value->is(Type::double2) || !value->is_array()) return pairs;
  for (std::size_t i = 0; i < value->size(); ++i) {
    const auto p = value->get<std::array<double, 2>>(i);
    pairs.emplace_back(p[0], p[1]);
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return pairs;
}

std::string text_of_entry(const Dictionary& entries, Token key) {
  const Value* value = find(entries, key);
  return value ? std::string(value->token().text()) : std::string();
}

double number_of(const Dictionary& entries, Token key, double otherwise) {
  const Value* value = find(entries, key);
  return value ? value->number(otherwise) : otherwise;
}

std::shared_ptr<Layer> opened(LayerLibrary& library, const std::string& anchor, std::string_view path) {
  const std::string identifier = library.resolve(anchor, path);
  if (identifier.empty()) return nullptr;
  auto layer = library.open(identifier);
  return layer ? *layer : nullptr;
}

// `clip.###.usd`, or `clip.###.##.usd` for parts of a time code.
void from_template(const Written& written, ClipSet& set, LayerLibrary& library) {
  const std::string pattern = text_of_entry(written.entries, known("templateAssetPath"));
  const std::size_t first = pattern.find('#');
  if (first == std::string::npos) return;
  std::size_t end = first;
  while (end < pattern.size() && pattern[end] == '#') ++end;
  const std::size_t whole = end - first;
  std::size_t parts = 0;
  if (end + 1 < pattern.size() && pattern[end] == '.' && pattern[end + 1] == '#') {
    const std::size_t from = ++end;
    while (end < pattern.size() && pattern[end] == '#') ++end;
    parts = end - from;
  }
  const double start = number_of(written.entries, known("templateStartTime"), 0);
  const double stop = number_of(written.entries, known("templateEndTime"), -1);
  const double stride = number_of(written.entries, known("templateStride"), 0);
  const double shift = number_of(written.entries, known("templateActiveOffset"), 0);
  if (!(stride > 0) || !(stop >= start) || (stop - start) / stride > kMaxTemplateClips || parts > 9 || whole > 18)
    return;
  if (std::abs(shift) > stride) return;
  const auto count = static_cast<std::int64_t>(std::floor((stop - start) / stride + 1e-9)) + 1;
  for (std::int64_t k = 0; k < count; ++k) {
    const double time = start + static_cast<double>(k) * stride;
    double scale = 1;
    for (std::size_t i = 0; i < parts; ++i) scale *= 10;  // exact: a small power
    const auto digits = static_cast<std::int64_t>(std::llround(time * scale));
    const auto unit = static_cast<std::int64_t>(scale);
    std::string number = fmt::format("{:0{}}", digits / unit, whole);
    if (parts > 0) number += fmt::format(".{:0{}}", digits % unit, parts);
    std::string path = pattern;
    path.replace(first, end - first, number);
    auto layer = opened(library, written.entry->layer->identifier(), path);
    if (!layer) continue;
    const auto index = static_cast<double>(set.clips.size());
    set.clips.push_back(std::move(layer));
    set.active.emplace_back(time + shift, index);
    set.times.emplace_back(time, time);
  }
}

void collect(const PrimIndex& index, LayerLibrary& library, std::vector<ClipSet>& sets) {
  std::map<std::string, Written> written;
  std::vector<Token> order;
  bool ordered = false;
  for (const std::uint32_t i : index.order) {
    const PrimNode& n = index.nodes[i];
    if (!n.contributes()) continue;
    for (const LayerStack::Entry& entry : n.stack->layers) {
      const Value clips = entry.layer->field(n.path, known("clips"));
      const Value names = entry.layer->field(n.path, known("clipSets"));
      if (names.is(Type::string_list_op) && !ordered) {
        edit(order, names.content<TokenListOp>());
        ordered = names.content<TokenListOp>().is_explicit;
      }
      if (!clips.is(Type::dictionary)) continue;
      for (const auto& [name, value] : clips.content<Dictionary>()) {
        if (!value.is(Type::dictionary)) continue;
        const auto& entries = value.content<Dictionary>();
        Written& w = written[std::string(name.text())];
        w.entries = merged(w.entries, entries);
        if (!w.node && (find(entries, known("assetPaths")) || find(entries, known("templateAssetPath")))) {
          w.node = &n;
          w.entry = &entry;
        }
      }
    }
  }
  std::vector<std::string> names;
  for (const Token name : order) names.emplace_back(name.text());
  for (const auto& [name, w] : written) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  for (const std::string& name : names) {
    const auto found = written.find(name);
    if (found == written.end() || !found->second.node) continue;
    const Written& w = found->second;
    ClipSet set;
    set.name = Token(name);
    set.prim = index.path();
    set.stack = w.node->stack;
    set.layer = w.entry->layer.get();
    set.offset = w.node->to_root->offset() * w.entry->offset;
    const std::string anchor = set.layer->identifier();
    const auto source = Path::parse(text_of_entry(w.entries, known("primPath")));
    if (!source || !source->is_prim()) continue;
    set.source = *source;
    if (const Value* missing = find(w.entries, known("interpolateMissingClipValues")))
      set.interpolate_missing = missing->truth();
    if (const Value* paths = find(w.entries, known("assetPaths"));
        paths && paths->is(Type::asset) && paths->is_array()) {
      set.active = pairs_of(find(w.entries, Token("active")));
      set.times = pairs_of(find(w.entries, known("times")));
      for (std::size_t k = 0; k < paths->size(); ++k) {
        set.clips.push_back(opened(library, anchor, paths->get<Token>(k).text()));
      }
    } else {
      from_template(w, set, library);
    }
    const std::string manifest = text_of_entry(w.entries, known("manifestAssetPath"));
    if (!manifest.empty()) set.manifest = opened(library, anchor, manifest);
    if (!set.clips.empty() && !set.active.empty()) sets.push_back(std::move(set));
  }
}

const TimeSamples* samples_of(const Layer& layer, Path path, Value& keep) {
  keep = layer.field(path, known("timeSamples"));
  if (!keep.is(Type::time_samples)) return nullptr;
  const auto& samples = keep.content<TimeSamples>();
  return samples.size() > 0 ? &samples : nullptr;
}

}  // namespace

Value sampled(const Layer& layer, const TimeSamples& samples, double time, bool held) {
  std::size_t low = 0, high = samples.size();
  while (low < high) {  // the first later than `time`
    const std::size_t middle = (low + high) / 2;
    if (samples.time(middle) <= time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const std::size_t at = low == 0 ? 0 : low - 1;
  const Value before = layer.decoded(samples.values[at]);
  if (held || low == 0 || low == samples.size() || before.is_block() || samples.time(at) == time) return before;
  const Value after = layer.decoded(samples.values[low]);
  if (after.is_block()) return before;
  return interpolated(before, after, (time - samples.time(at)) / (samples.time(low) - samples.time(at)));
}

std::vector<ClipSet> clip_sets(const Prim& prim, LayerLibrary& library) {
  std::vector<ClipSet> sets;
  for (Prim at = prim; at && !at.path().is_root(); at = at.parent()) collect(at.index(), library, sets);
  return sets;
}

bool ClipSet::has(Path path) const {
  const Path inside = path.replace_prefix(prim, source);
  if (manifest) {
    const Layer::Spec* spec = manifest->find(inside);
    return spec && spec->type == SpecType::attribute && manifest->field(*spec, known("variability")).bits() == 0;
  }
  return std::any_of(clips.begin(), clips.end(), [&](const auto& clip) {
    Value keep;
    return clip && samples_of(*clip, inside, keep);
  });
}

namespace {

// The clip that is active, and the time in it.
std::pair<std::size_t, double> place_of(const ClipSet& set, double time) {
  std::size_t active = 0;
  while (active + 1 < set.active.size() && set.active[active + 1].first <= time) ++active;
  double inside = time;
  if (!set.times.empty()) {
    const auto& t = set.times;
    if (time <= t.front().first) {
      inside = t.front().second;
    } else if (time >= t.back().first) {
      inside = t.back().second;
    } else {
      std::size_t k = 0;
      while (t[k + 1].first <= time) ++k;  // of two at one time the later: a jump
      inside = t[k].second + (t[k + 1].second - t[k].second) * (time - t[k].first) / (t[k + 1].first - t[k].first);
    }
  }
  return {active, inside};
}

}  // namespace

Value ClipSet::value(Path path, double time, bool held) const {
  const Path inside = path.replace_prefix(prim, source);
  const auto [first, clip_time] = place_of(*this, time);
  const auto clip_at = [&](std::size_t k) -> const Layer* {
    const double index = active[k].second;
    return index >= 0 && index < static_cast<double>(clips.size()) ? clips[static_cast<std::size_t>(index)].get()
                                                                   : nullptr;
  };
  Value keep;
  if (const Layer* clip = clip_at(first)) {
    if (const TimeSamples* samples = samples_of(*clip, inside, keep)) return sampled(*clip, *samples, clip_time, held);
  }
  if (interpolate_missing) {
    // The nearest clips on both sides that say something, at their edges.
    Value before, after;
    double before_time = 0, after_time = 0;
    for (std::size_t k = first; k-- > 0 && !before;) {
      if (const Layer* clip = clip_at(k)) {
        if (const TimeSamples* samples = samples_of(*clip, inside, keep)) {
          before_time = active[k + 1].first;
          before = sampled(*clip, *samples, place_of(*this, std::nextafter(before_time, -1e300)).second, held);
        }
      }
    }
    for (std::size_t k = first + 1; k < active.size() && !after; ++k) {
      if (const Layer* clip = clip_at(k)) {
        if (const TimeSamples* samples = samples_of(*clip, inside, keep)) {
          after_time = active[k].first;
          after = sampled(*clip, *samples, place_of(*this, after_time).second, held);
        }
      }
    }
    if (before && after)
      return held ? before : interpolated(before, after, (time - before_time) / (after_time - before_time));
    if (before) return before;
    if (after) return after;
  }
  if (manifest) return manifest->field(inside, known("default"));
  return {};
}

std::vector<double> ClipSet::sample_times(Path path) const {
  const Path inside = path.replace_prefix(prim, source);
  std::set<double> found;
  for (std::size_t k = 0; k < active.size(); ++k) {
    const double from = k == 0 ? -std::numeric_limits<double>::infinity() : active[k].first;
    const double to = k + 1 < active.size() ? active[k + 1].first : std::numeric_limits<double>::infinity();
    const auto index = active[k].second;
    if (!(index >= 0 && index < static_cast<double>(clips.size()))) continue;
    const Layer* clip = clips[static_cast<std::size_t>(index)].get();
    Value keep;
    const TimeSamples* samples = clip ? samples_of(*clip, inside, keep) : nullptr;
    found.insert(active[k].first);
    if (!samples) continue;
    for (std::size_t s = 0; s < samples->size(); ++s) {
      const double at = samples->time(s);
      if (times.empty()) {
        if (at >= from && at < to) found.insert(at);
        continue;
      }
      for (std::size_t m = 0; m + 1 < times.size(); ++m) {
        const auto [t0, c0] = times[m];
        const auto [t1, c1] = times[m + 1];
        if (t0 == t1 || c0 == c1 || at < std::min(c0, c1) || at > std::max(c0, c1)) continue;
        const double outer = t0 + (at - c0) * (t1 - t0) / (c1 - c0);
        if (outer >= from && outer < to) found.insert(outer);
      }
    }
    constexpr double kJump = 4.440892098500626e-9;  // just before two clip times of one time
    for (std::size_t m = 0; m < times.size(); ++m) {
      if (times[m].first >= from && times[m].first < to) found.insert(times[m].first);
      if (m > 0 && times[m].first == times[m - 1].first) found.insert(times[m].first - kJump);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace wm::usd
