#include "worldmill/usd/interpolate.h"

#include <cmath>

#include "worldmill/math/elementary.h"

namespace wm::usd {
namespace {

bool is_quaternion(Type type) {
  return type == Type::quatd || type == Type::quatf || type == Type::quath;
}

// i, j, k, real.
void slerp(Scalar scalar, const std::byte* a, const std::byte* b, double t, std::byte* out) {
  double p[4], q[4], dot = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    p[k] = number_at(scalar, a, k);
    q[k] = number_at(scalar, b, k);
    dot += p[k] * q[k];
  }
  const double sign = dot < 0 ? -1 : 1;
  dot = std::min(1.0, std::abs(dot));
  double u = 1 - t, v = t;
  if (1 - dot > 1e-5) {
    const double angle = math::acos(dot), sine = math::sin(angle);
    u = math::sin((1 - t) * angle) / sine;
    v = math::sin(t * angle) / sine;
  }
  // Halves are multiplied as halves, as other programs do it.
  const auto rounded = [&](double x) { return scalar == Scalar::f16 ? to_float(to_half(static_cast<float>(x))) : x; };
  for (std::size_t k = 0; k < 4; ++k) {
    put_number(scalar, out, k, rounded(rounded(u) * p[k]) + rounded(rounded(sign * v) * q[k]));
  }
}

}  // namespace

Value interpolated(const Value& a, const Value& b, double t) {
  if (t <= 0 || a.type() != b.type() || a.is_array() != b.is_array() || !is_interpolated(a.type())) return a;
  const TypeInfo& i = info(a.type());
  const auto from = a.bytes(), to = b.bytes();
  if (from.size() != to.size()) return a;
  std::vector<std::byte> out(from.size());
  const std::size_t elements = out.size() / static_cast<std::size_t>(i.bytes);
  if (is_quaternion(a.type())) {
    for (std::size_t e = 0; e < elements; ++e) {
      const std::size_t at = e * static_cast<std::size_t>(i.bytes);
      slerp(i.scalar, from.data() + at, to.data() + at, t, out.data() + at);
    }
  } else {
    const std::size_t count = elements * static_cast<std::size_t>(i.components);
    for (std::size_t k = 0; k < count; ++k) {
      const double x = number_at(i.scalar, from.data(), k), y = number_at(i.scalar, to.data(), k);
      put_number(i.scalar, out.data(), k, (1 - t) * x + t * y);
    }
  }
  return a.is_array() ? Value::array(a.type(), std::move(out)) : Value::element(a.type(), out.data());
}

Value retimed(const Value& value, const LayerOffset& offset) {
  if (offset.is_identity()) return value;
  if (value.is(Type::timecode)) {
    std::vector<double> times(value.size());
    for (std::size_t k = 0; k < times.size(); ++k) times[k] = offset(value.get<double>(k));
    return value.is_array() ? Value::array_of<double>(Type::timecode, times) : Value::of(Type::timecode, times[0]);
  }
  if (value.is(Type::dictionary)) {
    Dictionary entries = value.content<Dictionary>();
    for (auto& [key, entry] : entries) entry = retimed(entry, offset);
    return Value::boxed(Type::dictionary, std::move(entries));
  }
  return value;
}

}  // namespace wm::usd
