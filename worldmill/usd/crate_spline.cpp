// The packed form of a spline: two bytes of bits, slopes, a loop, then the knots.
#include "worldmill/usd/crate_file.h"
#include "worldmill/usd/spline.h"

namespace wm::usd {
namespace {

double read_number(CrateCursor& cursor, Type type) {
  if (type == Type::half) return to_float(cursor.read<Half>());
  if (type == Type::float_) return cursor.read<float>();
  return cursor.read<double>();
}

template <class T>
void give(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void give_number(std::string& out, Type type, double number) {
  if (type == Type::half) return give(out, to_half(static_cast<float>(number)));
  if (type == Type::float_) return give(out, static_cast<float>(number));
  give(out, number);
}

constexpr Type kTypes[] = {Type::double_, Type::double_, Type::float_, Type::half};

}  // namespace

std::optional<Spline> unpack_spline(std::span<const std::byte> bytes) {
  CrateCursor cursor(bytes, 0);
  Spline spline;
  if (bytes.empty()) return spline;
  const auto first = cursor.read<std::uint8_t>(), second = cursor.read<std::uint8_t>();
  const int version = first & 15, type = (first >> 4) & 3;
  if (version < 1 || version > 2) return std::nullopt;
  spline.value_type = kTypes[type];
  spline.time_valued = first & 0x40;
  spline.curve = first & 0x80 ? Spline::Curve::hermite : Spline::Curve::bezier;
  const auto mode = [](int bits) { return static_cast<Spline::Beyond>(std::min(bits, 6)); };
  spline.before.mode = mode(second & 7);
  spline.after.mode = mode((second >> 3) & 7);
  if (spline.before.mode == Spline::Beyond::sloped) spline.before.slope = cursor.read<double>();
  if (spline.after.mode == Spline::Beyond::sloped) spline.after.slope = cursor.read<double>();
  if (second & 0x40) {
    Spline::Loop loop;
    loop.start = cursor.read<double>();
    loop.end = cursor.read<double>();
    loop.before = cursor.read<std::int32_t>();
    loop.after = cursor.read<std::int32_t>();
    loop.value_offset = cursor.read<double>();
    spline.loop = loop;
  }
  if (type == 0) return cursor.ok() ? std::optional(spline) : std::nullopt;
  const auto count = cursor.read<std::uint32_t>();
  if (count > cursor.left() / 9) return std::nullopt;
  for (std::uint32_t i = 0; i < count && cursor.ok(); ++i) {
    Spline::Knot knot;
    const auto flags = cursor.read<std::uint8_t>();
    knot.next = static_cast<Spline::Next>((flags >> 1) & 3);
    if (version > 1) cursor.read<std::uint8_t>();  // how the tangents are made; the numbers are the outcome
    knot.time = cursor.read<double>();
    knot.value = read_number(cursor, spline.value_type);
    if (flags & 1) knot.pre_value = read_number(cursor, spline.value_type);
    if (!(flags & 8)) {
      knot.pre_width = cursor.read<double>();
      knot.post_width = cursor.read<double>();
    }
    knot.pre_slope = read_number(cursor, spline.value_type);
    knot.post_slope = read_number(cursor, spline.value_type);
    if (!spline.knots.empty() && !(spline.knots.back().time < knot.time)) return std::nullopt;
    spline.knots.push_back(std::move(knot));
  }
  return cursor.ok() ? std::optional(spline) : std::nullopt;
}

std::string pack_spline(const Spline& spline) {
  std::string out;
  const int type = spline.value_type == Type::half ? 3 : spline.value_type == Type::float_ ? 2 : 1;
  const bool hermite = spline.curve == Spline::Curve::hermite;
  out += static_cast<char>(1 | type << 4 | (spline.time_valued ? 0x40 : 0) | (hermite ? 0x80 : 0));
  out += static_cast<char>(static_cast<int>(spline.before.mode) | static_cast<int>(spline.after.mode) << 3 |
                           (spline.loop ? 0x40 : 0));
  if (spline.before.mode == Spline::Beyond::sloped) give(out, spline.before.slope);
  if (spline.after.mode == Spline::Beyond::sloped) give(out, spline.after.slope);
  if (spline.loop) {
    give(out, spline.loop->start);
    give(out, spline.loop->end);
    give(out, spline.loop->before);
    give(out, spline.loop->after);
    give(out, spline.loop->value_offset);
  }
  give(out, static_cast<std::uint32_t>(spline.knots.size()));
  for (const Spline::Knot& knot : spline.knots) {
    out += static_cast<char>((knot.pre_value ? 1 : 0) | static_cast<int>(knot.next) << 1 | (hermite ? 8 : 0));
    give(out, knot.time);
    give_number(out, spline.value_type, knot.value);
    if (knot.pre_value) give_number(out, spline.value_type, *knot.pre_value);
    if (!hermite) {
      give(out, knot.pre_width);
      give(out, knot.post_width);
    }
    give_number(out, spline.value_type, knot.pre_slope);
    give_number(out, spline.value_type, knot.post_slope);
  }
  return out;
}

}  // namespace wm::usd
