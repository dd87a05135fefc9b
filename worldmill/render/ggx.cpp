#include "worldmill/render/ggx.h"

#include <array>
#include <vector>

namespace wm::render {
namespace {

constexpr int kSize = 32;  // nodes: square roots of cosine and alpha, evenly spaced
// Points behind one entry: of half a turn (the rest mirrors it), and from the cap's centre out.
constexpr int kTurns = 16, kRings = 48;

struct Tables {
  std::vector<MirrorAlbedo> directional;  // [alpha][cosine]
  std::array<MirrorAlbedo, kSize> mean;

  Tables();
  const MirrorAlbedo& at(int roughness, int cosine) const {
    return directional[static_cast<std::size_t>(roughness * kSize + cosine)];
  }
};

MirrorAlbedo integrated(float cosine, float alpha) {
  const math::Vec3f out{std::sqrt(std::max(0.0f, 1 - cosine * cosine)), 0, cosine};
  const float lambda_out = smith_lambda(cosine, alpha);
  double low = 0, high = 0;
  for (int ring = 0; ring < kRings; ++ring) {
    // GGX has a long tail, the last few facets: cubed steps spend most points there.
    const float t = (static_cast<float>(ring) + 0.5f) / kRings, left = 1 - t;
    const double weight = 3.0 * left * left / (kRings * kTurns);
    for (int turn = 0; turn < kTurns; ++turn) {
      const math::Vec2f at{(static_cast<float>(turn) + 0.5f) / (2 * kTurns), 1 - left * left * left};
      const math::Vec3f half = visible_normal(out, alpha, at);
      const float cosine_half = math::dot(out, half);
      const float in_z = 2 * cosine_half * half.z - out.z;
      if (in_z <= 0) continue;
      const double seen = weight * (1 + lambda_out) / (1 + lambda_out + smith_lambda(in_z, alpha));
      low += seen * (1 - schlick(cosine_half));
      high += seen * schlick(cosine_half);
    }
  }
  return {static_cast<float>(low), static_cast<float>(high)};
}

float node(int i) {
  const float root = static_cast<float>(i) / (kSize - 1);
  return std::max(root * root, 1e-4f);
}

Tables::Tables() {
  for (int r = 0; r < kSize; ++r) {
    for (int c = 0; c < kSize; ++c) directional.push_back(integrated(node(c), node(r)));
  }
  for (int r = 0; r < kSize; ++r) {
    double low = 0, high = 0;
    constexpr int steps = 512;
    for (int i = 0; i < steps; ++i) {  // over the interpolated table, so that what it says sums up
      const float x = (static_cast<float>(i) + 0.5f) / steps * (kSize - 1);  // root of the cosine
      const int c = std::min(static_cast<int>(x), kSize - 2);
      const float t = x - static_cast<float>(c), root = x / (kSize - 1);
      const double weight = 4.0 * root * root * root / steps;  // 2 cosine d(cosine)
      low += weight * (at(r, c).low + (at(r, c + 1).low - at(r, c).low) * t);
      high += weight * (at(r, c).high + (at(r, c + 1).high - at(r, c).high) * t);
    }
    mean[static_cast<std::size_t>(r)] = {static_cast<float>(low), static_cast<float>(high)};
  }
}

const Tables& tables() {
  static const Tables made;
  return made;
}

struct Between {
  int index;
  float t;
};

Between between(float value) {
  const float x = std::sqrt(std::clamp(value, 0.0f, 1.0f)) * (kSize - 1);
  const int i = std::min(static_cast<int>(x), kSize - 2);
  return {i, x - static_cast<float>(i)};
}

MirrorAlbedo mixed(MirrorAlbedo a, MirrorAlbedo b, float t) {
  return {a.low + (b.low - a.low) * t, a.high + (b.high - a.high) * t};
}

}  // namespace

MirrorAlbedos::MirrorAlbedos(float alpha) {
  const Between r = between(alpha);
  row_ = r.index;
  t_ = r.t;
}

MirrorAlbedo MirrorAlbedos::at(float cosine) const {
  const Between c = between(cosine);
  const MirrorAlbedo* smoother = &tables().at(row_, c.index);
  const MirrorAlbedo* rougher = smoother + kSize;
  return mixed(mixed(smoother[0], smoother[1], c.t), mixed(rougher[0], rougher[1], c.t), t_);
}

MirrorAlbedo MirrorAlbedos::mean() const {
  const MirrorAlbedo* smoother = &tables().mean[static_cast<std::size_t>(row_)];
  return mixed(smoother[0], smoother[1], t_);
}

}  // namespace wm::render
