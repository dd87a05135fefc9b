#include "worldmill/render/texture.h"

#include <cmath>
#include <vector>

#include "worldmill/image/color.h"
#include "worldmill/math/elementary.h"

namespace wm::render {
namespace {

constexpr float kBrightest = 1e9f;  // of a texel: what a picture of sunlight may hold, far from overflow

std::vector<float> table(int codes, Encoding encoding) {
  std::vector<float> values(static_cast<std::size_t>(codes));
  for (int i = 0; i < codes; ++i) {
    const double code = static_cast<double>(i) / (codes - 1);
    double value = code;
    if (encoding == Encoding::color) value = code <= 0.04045 ? code / 12.92 : math::pow((code + 0.055) / 1.055, 2.4);
    if (encoding == Encoding::color && codes == 256) value = image::linear_from_srgb(static_cast<std::uint8_t>(i));
    values[static_cast<std::size_t>(i)] = static_cast<float>(value);
  }
  return values;
}

const float* decoded_u8(Encoding encoding) {
  static const std::vector<float> color = table(256, Encoding::color), data = table(256, Encoding::data);
  return (encoding == Encoding::color ? color : data).data();
}

const float* decoded_u16(Encoding encoding) {
  static const std::vector<float> color = table(65536, Encoding::color), data = table(65536, Encoding::data);
  return (encoding == Encoding::color ? color : data).data();
}

float cleaned(float value) {
  return value >= 0 ? std::min(value, kBrightest) : 0;  // NaN too gives 0
}

int wrapped(int i, int size, scene::Wrap wrap) {
  if (wrap == scene::Wrap::clamp) return std::clamp(i, 0, size - 1);
  const int period = wrap == scene::Wrap::repeat ? size : 2 * size;
  i %= period;
  if (i < 0) i += period;
  return i < size ? i : period - 1 - i;
}

// Into a range where texel indices are small, without changing what is read there.
float reduced(float u, scene::Wrap wrap) {
  if (wrap == scene::Wrap::clamp) return u >= -1 ? std::min(u, 2.0f) : -1;
  if (!(std::abs(u) < 1e9f)) return 0;
  return wrap == scene::Wrap::repeat ? u - std::floor(u) : u - 2 * std::floor(u * 0.5f);
}

}  // namespace

TextureReader::TextureReader(const scene::Texture& texture, Encoding encoding)
    : uv_set_(texture.uv_set),
      wrap_u_(texture.wrap_u),
      wrap_v_(texture.wrap_v),
      nearest_(texture.filter == scene::Filter::nearest) {
  if (!texture.picture) return;
  std::visit(
      [&](const auto& pixels) {
        using T = typename std::decay_t<decltype(pixels.values)>::value_type;
        kind_ = std::is_same_v<T, std::uint8_t> ? Kind::u8 : std::is_same_v<T, std::uint16_t> ? Kind::u16 : Kind::f32;
        width_ = pixels.width;
        height_ = pixels.height;
        channels_ = pixels.channels;
        if (!pixels.values.empty()) values_ = pixels.values.data();
      },
      texture.picture->pixels);
  if (kind_ == Kind::u8) colors_ = decoded_u8(encoding), data_ = decoded_u8(Encoding::data);
  if (kind_ == Kind::u16) colors_ = decoded_u16(encoding), data_ = decoded_u16(Encoding::data);
  // Counter-clockwise as seen, with v down.
  const auto [sine, cosine] = math::sincos(texture.rotation);
  uu_ = static_cast<float>(cosine * texture.scale.x);
  uv_ = static_cast<float>(sine * texture.scale.y);
  vu_ = static_cast<float>(-sine * texture.scale.x);
  vv_ = static_cast<float>(cosine * texture.scale.y);
  u0_ = static_cast<float>(texture.offset.x);
  v0_ = static_cast<float>(texture.offset.y);
}

TextureReader::Tap TextureReader::tap(math::Vec2f uv) const {
  const float u = reduced(uu_ * uv.x + uv_ * uv.y + u0_, wrap_u_) * static_cast<float>(width_);
  const float v = reduced(vu_ * uv.x + vv_ * uv.y + v0_, wrap_v_) * static_cast<float>(height_);
  const float shift = nearest_ ? 0 : 0.5f;
  const float left = std::floor(u - shift), top = std::floor(v - shift);
  const int x = static_cast<int>(left), y = static_cast<int>(top);
  return {wrapped(x, width_, wrap_u_),
          wrapped(x + 1, width_, wrap_u_),
          wrapped(y, height_, wrap_v_),
          wrapped(y + 1, height_, wrap_v_),
          u - shift - left,
          v - shift - top};
}

template <class T>
Rgba TextureReader::texel(int x, int y) const {
  const std::size_t at =
      (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)) * channels_;
  const T* p = static_cast<const T*>(values_) + at;
  const auto color = [&](int c) {
    if constexpr (std::is_same_v<T, float>)
      return cleaned(p[c]);
    else
      return colors_[p[c]];
  };
  const auto alpha = [&](int c) {
    if constexpr (std::is_same_v<T, float>)
      return cleaned(p[c]);
    else
      return data_[p[c]];
  };
  if (channels_ >= 3) return {color(0), color(1), color(2), channels_ == 4 ? alpha(3) : 1};
  const float grey = color(0);
  return {grey, grey, grey, channels_ == 2 ? alpha(1) : 1};
}

template <class T>
Rgba TextureReader::blend(const Tap& tap) const {
  if (nearest_) return texel<T>(tap.x0, tap.y0);
  const Rgba a = texel<T>(tap.x0, tap.y0), b = texel<T>(tap.x1, tap.y0);
  const Rgba c = texel<T>(tap.x0, tap.y1), d = texel<T>(tap.x1, tap.y1);
  Rgba result;
  for (std::size_t i = 0; i < 4; ++i) {
    const float above = a[i] + (b[i] - a[i]) * tap.across, below = c[i] + (d[i] - c[i]) * tap.across;
    result[i] = above + (below - above) * tap.down;
  }
  return result;
}

Rgba TextureReader::at(math::Vec2f uv) const {
  if (!exists()) return {1, 1, 1, 1};
  const Tap where = tap(uv);
  switch (kind_) {
    case Kind::u8:
      return blend<std::uint8_t>(where);
    case Kind::u16:
      return blend<std::uint16_t>(where);
    case Kind::f32:
      break;
  }
  return blend<float>(where);
}

}  // namespace wm::render
