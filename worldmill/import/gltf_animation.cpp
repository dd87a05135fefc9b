// glTF 2.0, appendix C: between two keys k and k+1, with t the share of the way and d the time between them,
//
//   STEP         v_k
//   LINEAR       v_k + t (v_k+1 - v_k); rotations along the shorter arc
//   CUBICSPLINE  (2t^3-3t^2+1) v_k + d (t^3-2t^2+t) b_k + (-2t^3+3t^2) v_k+1 + d (t^3-t^2) a_k+1,
//                of triples a (in-tangent), v (value), b (out-tangent); rotations normalized after
#include "worldmill/import/gltf_animation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/math/elementary.h"

namespace wm::import {

using base::error;
using base::Value;

namespace {

struct Curve {
  std::vector<float> times;
  std::vector<float> values;  // of each key: [a] v [b], `size` numbers each
  std::size_t size = 0;
  bool step = false, cubic = false, turns = false;

  double at(std::size_t key, std::size_t third, std::size_t i) const {
    return values[(cubic ? (3 * key + third) : key) * size + i];
  }
  std::vector<double> value(double time) const;
};

std::vector<double> along_arc(std::vector<double> p, const std::vector<double>& q, double t) {
  double cosine = 0;
  for (std::size_t i = 0; i < 4; ++i) cosine += p[i] * q[i];
  const double side = cosine < 0 ? -1 : 1;
  const double angle = math::acos(std::min(cosine * side, 1.0));
  const bool close = angle < 1e-6;
  const double sine = math::sin(angle);
  const double from = close ? 1 - t : math::sin((1 - t) * angle) / sine;
  const double to = side * (close ? t : math::sin(t * angle) / sine);
  for (std::size_t i = 0; i < 4; ++i) p[i] = from * p[i] + to * q[i];
  return p;
}

std::vector<double> Curve::value(double time) const {
  const auto after = static_cast<std::size_t>(std::ranges::upper_bound(times, time) - times.begin());
  const std::size_t k = after == 0 ? 0 : after - 1;
  const bool held = after == 0 || after == times.size() || step;
  std::vector<double> p(size), q(size);
  for (std::size_t i = 0; i < size; ++i) p[i] = at(k, 1, i), q[i] = held ? p[i] : at(k + 1, 1, i);
  if (held) return p;
  const double d = double{times[k + 1]} - times[k], t = (time - times[k]) / d;
  if (turns && !cubic) return along_arc(std::move(p), q, t);
  for (std::size_t i = 0; i < size; ++i) {
    if (!cubic) {
      p[i] += t * (q[i] - p[i]);
      continue;
    }
    const double b = at(k, 2, i), a = at(k + 1, 0, i), t2 = t * t, t3 = t2 * t;
    p[i] = (2 * t3 - 3 * t2 + 1) * p[i] + d * (t3 - 2 * t2 + t) * b + (3 * t2 - 2 * t3) * q[i] + d * (t3 - t2) * a;
  }
  return p;
}

// An absent list, a wrong count or times that do not grow are said, and give no curve.
Result<Curve> read_curve(GltfDocument& document, const Fields& sampler, std::size_t size) {
  const auto input = sampler.index("input", document.count("accessors"), "accessors");
  const auto output = sampler.index("output", document.count("accessors"), "accessors");
  const std::string how = sampler.text("interpolation");
  if (!input || !output) sampler.say("has no input or no output");
  WM_TRY_STATUS(document.complaint().status());
  WM_TRY(times, document.numbers(*input, sampler.where() + ", input"));
  WM_TRY(values, document.numbers(*output, sampler.where() + ", output"));
  Curve curve{std::move(times.values), std::move(values.values), size};
  curve.step = how == "STEP", curve.cubic = how == "CUBICSPLINE";
  const std::size_t keys = curve.times.size(), whole = curve.values.size(), fold = curve.cubic ? 3 : 1;
  const bool grow = std::ranges::adjacent_find(curve.times, std::greater_equal<>()) == curve.times.end();
  if (size == 0 && keys > 0) curve.size = whole / (keys * fold);  // weights: as many as it has
  if (keys == 0 || times.components != 1 || !grow) sampler.say("has times that are none or do not grow");
  if (curve.size == 0 || whole != keys * fold * curve.size) sampler.say("has not as many values as its times need");
  WM_TRY_STATUS(document.complaint().status());
  return curve;
}

Value& entry(Value& map, const char* key) {
  auto& entries = std::get<Value::Map>(map.data);
  const auto at = std::ranges::find(entries, key, &base::Entry::key);
  if (at != entries.end()) return at->value;
  entries.push_back({key, {}, {}});
  return entries.back().value;
}

Status pose(GltfDocument& document, Value& root, const Fields& animation, std::size_t index, double time) {
  const Fields channel = animation.item("channels", index), target = channel.object("target");
  const auto node = target.index("node", document.count("nodes"), "nodes");
  const auto sampler = channel.index("sampler", animation.size("samplers"), "samplers");
  const std::string path = target.text("path");
  const bool weights = path == "weights", turns = path == "rotation";
  if (!sampler) channel.say("has no sampler");
  WM_TRY_STATUS(document.complaint().status());
  if (!node || (!weights && !turns && path != "translation" && path != "scale")) return {};  // is an extension's
  const Fields from = document.item("nodes", *node);
  if (!weights && from.has("matrix")) from.say("has a matrix and is animated, which cannot be");
  WM_TRY(curve, read_curve(document, animation.item("samplers", *sampler), weights ? 0 : turns ? 4 : 3));
  curve.turns = turns;
  Value::List list;
  for (const double number : curve.value(time)) list.push_back(base::value_of(number));
  Value& nodes = entry(root, "nodes");
  entry(std::get<Value::List>(nodes.data)[*node], path.c_str()) = base::list_of(std::move(list));
  return {};
}

}  // namespace

Result<Value> posed(GltfDocument& document, Value root, double time) {
  if (document.count("animations") == 0) return root;
  const Fields animation = document.item("animations", 0);
  for (std::size_t c = 0; c < animation.size("channels"); ++c) {
    WM_TRY_STATUS(pose(document, root, animation, c, time));
  }
  return root;
}

}  // namespace wm::import
