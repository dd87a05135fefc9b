// Splines evaluated: knots, what lies between them, what lies beyond. SPEC 12.4.2.
#include "worldmill/usd/spline.h"

#include <algorithm>
#include <cmath>

namespace wm::usd {
namespace {

using Knot = Spline::Knot;
using Knots = std::vector<Knot>;

double left_value(const Knot& k) {
  return k.pre_value.value_or(k.value);
}

// Where x(u) = x on a cubic whose controls' x are in order, so that it rises. Newton, kept inside by bisection.
double solve(double x0, double x1, double x2, double x3, double x) {
  double low = 0, high = 1, u = (x - x0) / (x3 - x0);
  for (int i = 0; i < 60; ++i) {
    const double v = 1 - u;
    const double at = v * v * v * x0 + 3 * v * v * u * x1 + 3 * v * u * u * x2 + u * u * u * x3 - x;
    if (std::abs(at) <= 1e-15 * std::max(1.0, std::abs(x))) break;
    (at < 0 ? low : high) = u;
    const double slope = 3 * (v * v * (x1 - x0) + 2 * v * u * (x2 - x1) + u * u * (x3 - x2));
    const double next = slope > 0 ? u - at / slope : -1;
    const double old = u;
    u = next > low && next < high ? next : (low + high) / 2;
    if (u == old) break;
  }
  return u;
}

double curve(const Knot& a, const Knot& b, double time, Spline::Curve kind) {
  const double width = b.time - a.time, y0 = a.value, y3 = left_value(b);
  if (kind == Spline::Curve::hermite) {
    const double u = (time - a.time) / width, u2 = u * u, u3 = u2 * u;
    return (2 * u3 - 3 * u2 + 1) * y0 + (u3 - 2 * u2 + u) * width * a.post_slope + (3 * u2 - 2 * u3) * y3 +
           (u3 - u2) * width * b.pre_slope;
  }
  // Tangents that would make time run backwards are shortened, both by one factor.
  double w0 = std::max(0.0, a.post_width), w1 = std::max(0.0, b.pre_width);
  if (w0 > width) w0 = width;
  if (w1 > width) w1 = width;
  if (w0 + w1 > width) {
    // x(u) rises when the controls' distances allow it: 4/3 of the width in all is the most that always does.
    const double x1 = w0 / width, x2 = 1 - w1 / width;
    const double discriminant = x1 * x1 - x1 * (1 + x2) + (1 - x2) * (1 - x2) * 0 + x2 * x2;
    if (discriminant < 0 || w0 + w1 > width * 4 / 3) {
      const double scale = std::min(1.0, width * 4 / 3 / (w0 + w1));
      w0 *= scale, w1 *= scale;
    }
  }
  const double u = solve(a.time, a.time + w0, b.time - w1, b.time, time), v = 1 - u;
  const double y1 = y0 + w0 * a.post_slope, y2 = y3 - w1 * b.pre_slope;
  return v * v * v * y0 + 3 * v * v * u * y1 + 3 * v * u * u * y2 + u * u * u * y3;
}

std::optional<double> between(const Knot& a, const Knot& b, double time, Spline::Curve kind) {
  switch (a.next) {
    case Spline::Next::none:
      return std::nullopt;
    case Spline::Next::held:
      return a.value;
    case Spline::Next::linear:
      return a.value + (left_value(b) - a.value) * (time - a.time) / (b.time - a.time);
    case Spline::Next::curve:
      return curve(a, b, time, kind);
  }
  return std::nullopt;
}

// The knots with the inner loop's copies in place of what they cover.
Knots looped(const Spline& spline) {
  if (!spline.loop || !(spline.loop->end > spline.loop->start)) return spline.knots;
  const Spline::Loop& loop = *spline.loop;
  const double period = loop.end - loop.start;
  Knots original;
  for (const Knot& k : spline.knots) {
    if (k.time >= loop.start && k.time < loop.end) original.push_back(k);
  }
  if (original.empty() || original.front().time != loop.start) return spline.knots;
  constexpr std::size_t kMost = 1'000'000;
  const auto copies =
      static_cast<std::size_t>(std::max(loop.before, 0)) + static_cast<std::size_t>(std::max(loop.after, 0)) + 2;
  if (copies > kMost / original.size()) return spline.knots;
  const double first = loop.start - loop.before * period, last = loop.end + loop.after * period;
  Knots all;
  for (const Knot& k : spline.knots) {
    if (k.time < first) all.push_back(k);
  }
  for (int turn = -loop.before; turn <= loop.after; ++turn) {
    for (Knot k : original) {
      k.time += turn * period;
      k.value += turn * loop.value_offset;
      if (k.pre_value) *k.pre_value += turn * loop.value_offset;
      all.push_back(std::move(k));
    }
  }
  Knot closing = original.front();
  closing.time = last;
  closing.value += (loop.after + 1) * loop.value_offset;
  if (closing.pre_value) *closing.pre_value += (loop.after + 1) * loop.value_offset;
  all.push_back(std::move(closing));
  for (const Knot& k : spline.knots) {
    if (k.time > last) all.push_back(k);
  }
  return all;
}

double end_slope(const Knots& knots, bool before, const Spline& spline) {
  const Spline::Side& side = before ? spline.before : spline.after;
  if (side.mode == Spline::Beyond::sloped) return side.slope;
  if (side.mode != Spline::Beyond::linear || knots.size() < 2) return 0;
  const Knot& edge = before ? knots.front() : knots.back();
  const Knot& inner = before ? knots[1] : knots[knots.size() - 2];
  const Spline::Next segment = before ? edge.next : inner.next;
  if (edge.pre_value && *edge.pre_value != edge.value) return 0;
  if (segment == Spline::Next::curve) return before ? edge.post_slope : edge.pre_slope;
  if (segment == Spline::Next::linear) {
    return before ? (left_value(inner) - edge.value) / (inner.time - edge.time)
                  : (left_value(edge) - inner.value) / (edge.time - inner.time);
  }
  return 0;
}

std::optional<double> inside(const Knots& knots, double time, Spline::Curve kind) {
  const auto after =
      std::upper_bound(knots.begin(), knots.end(), time, [](double t, const Knot& k) { return t < k.time; });
  const Knot& a = *std::prev(after);
  if (after == knots.end() || a.time == time)
    return a.next == Spline::Next::none && after != knots.end() ? std::nullopt : std::optional(a.value);
  return between(a, *after, time, kind);
}

}  // namespace

std::optional<double> evaluate(const Spline& spline, double time) {
  const Knots knots = looped(spline);
  if (knots.empty()) return std::nullopt;
  const Knot &first = knots.front(), &last = knots.back();
  if (time >= first.time && time <= last.time) return inside(knots, time, spline.curve);
  const bool before = time < first.time;
  const Spline::Side& side = before ? spline.before : spline.after;
  const double edge_time = before ? first.time : last.time;
  const double edge_value = before ? left_value(first) : last.value;
  switch (side.mode) {
    case Spline::Beyond::none:
      return std::nullopt;
    case Spline::Beyond::held:
      return edge_value;
    case Spline::Beyond::linear:
    case Spline::Beyond::sloped:
      return edge_value + end_slope(knots, before, spline) * (time - edge_time);
    default:
      break;
  }
  const double span = last.time - first.time;
  if (!(span > 0)) return edge_value;
  const double turns = std::floor((time - first.time) / span);
  double at = time - turns * span;
  if (side.mode == Spline::Beyond::loop_oscillate && std::fmod(std::abs(turns), 2) == 1)
    at = first.time + last.time - at;
  const auto value = inside(knots, std::clamp(at, first.time, last.time), spline.curve);
  if (!value || side.mode != Spline::Beyond::loop_repeat) return value;
  return *value + turns * (last.value - first.value);
}

}  // namespace wm::usd
