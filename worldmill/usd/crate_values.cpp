// Values of crate files, decoded when they are asked for.
#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/log.h"
#include "worldmill/usd/crate_coding.h"
#include "worldmill/usd/crate_file.h"
#include "worldmill/usd/spline.h"

namespace wm::usd {
namespace {

constexpr int kMaxNesting = 64;

bool is_text(Type type) {
  return info(type).scalar == Scalar::text;
}

}  // namespace

Value CrateFile::decode(const Value& encoded) const {
  const ValueRep rep{encoded.bits()};
  Value value = value_of(rep, 0);
  if (!value) {
    base::warn_once(
        fmt::format("{}: a value of type {} cannot be decoded, it is left out", file_, static_cast<int>(rep.type())));
  }
  return value;
}

Value CrateFile::value_of(ValueRep rep, int depth) const {
  if (depth > kMaxNesting || rep.array_edit()) return {};
  if (rep.array()) return array(rep);
  if (rep.inlined()) return inlined(rep);
  return stored(rep, depth);
}

Value CrateFile::inlined(ValueRep rep) const {
  const auto low = static_cast<std::uint32_t>(rep.payload());
  const Type type = rep.type();
  const TypeInfo& i = info(type);
  std::int8_t small[4];
  std::memcpy(small, &low, 4);
  switch (type) {
    case Type::string:
    case Type::path_expression:
      return Value::of(string_at(low), type);
    case Type::token:
    case Type::asset:
      return Value::of(token_at(low), type);
    case Type::specifier:
    case Type::permission:
      return Value::small(type, std::min<std::uint32_t>(low, 2));
    case Type::variability:
      return Value::small(type, low != 0);
    case Type::value_block:
    case Type::animation_block:
      return Value::small(type, 0);
    case Type::dictionary:
      return Value::boxed(type, Dictionary());
    case Type::boolean:
      return Value::of((low & 0xFF) != 0);
    case Type::uchar:
    case Type::int_:
    case Type::uint:
    case Type::half:
    case Type::float_:
    case Type::half2:
      return Value::element(type, &low);
    case Type::int64:
      return Value::of<std::int64_t>(type, static_cast<std::int32_t>(low));
    case Type::uint64:
      return Value::of<std::uint64_t>(type, low);
    case Type::double_:
    case Type::timecode:
      return Value::of<double>(type, std::bit_cast<float>(low));
    case Type::matrix2d:
    case Type::matrix3d:
    case Type::matrix4d: {
      const int n = type == Type::matrix2d ? 2 : type == Type::matrix3d ? 3 : 4;
      double matrix[16] = {};
      for (int k = 0; k < n; ++k) matrix[k * (n + 1)] = small[k];
      return Value::element(type, matrix);
    }
    default:
      break;
  }
  if (i.components < 2 || i.components > 4 || i.name.empty()) return {};
  std::byte bytes[32];
  for (int k = 0; k < i.components; ++k) put_number(i.scalar, bytes, static_cast<std::size_t>(k), small[k]);
  return Value::element(type, bytes);
}

Value CrateFile::array(ValueRep rep) const {
  const Type type = rep.type();
  const TypeInfo& i = info(type);
  if (i.bytes == 0 || i.name.empty()) return {};
  if (rep.payload() == 0) return Value::array(type, {});
  CrateCursor cursor(bytes_.data, rep.payload());
  if (version_ < version_of(0, 5, 0)) cursor.read<std::uint32_t>();
  const std::uint64_t count =
      version_ < version_of(0, 7, 0) ? cursor.read<std::uint32_t>() : cursor.read<std::uint64_t>();
  if (!cursor.ok()) return {};
  if (rep.compressed() && count >= kCompressFrom) return compressed_array(rep, cursor, count);
  if (count > cursor.left() / static_cast<std::uint64_t>(i.bytes)) return {};
  const auto bytes = cursor.take(count * static_cast<std::uint64_t>(i.bytes));
  if (!is_text(type)) return Value::array_view(type, bytes, bytes_.owner);
  std::vector<Token> tokens(count);
  for (std::uint64_t k = 0; k < count; ++k) {
    std::uint32_t index;
    std::memcpy(&index, bytes.data() + k * 4, 4);
    tokens[k] = type == Type::token ? token_at(index) : string_at(index);
  }
  return Value::tokens(tokens, type);
}

namespace {

template <class T>
Value unpacked(Type type, std::span<const std::byte> packed, std::uint64_t count) {
  std::vector<std::byte> bytes(count * sizeof(T));
  if (!unpack_integers<T>(packed, {reinterpret_cast<T*>(bytes.data()), count})) return {};
  return Value::array(type, std::move(bytes));
}

}  // namespace

Value CrateFile::compressed_array(ValueRep rep, CrateCursor& cursor, std::uint64_t count) const {
  const Type type = rep.type();
  const auto size = static_cast<std::uint64_t>(info(type).bytes);
  if (!can_hold(cursor.left(), count) || count * size > budget_.decoded_bytes) return {};
  const auto packed_integers = [&] { return cursor.take(cursor.read<std::uint64_t>()); };
  const auto fits = [&](std::span<const std::byte> packed) { return cursor.ok() && can_hold(packed.size(), count); };
  switch (type) {
    case Type::int_:
    case Type::uint: {
      const auto packed = packed_integers();
      return fits(packed) ? unpacked<std::int32_t>(type, packed, count) : Value();
    }
    case Type::int64:
    case Type::uint64: {
      const auto packed = packed_integers();
      return fits(packed) ? unpacked<std::int64_t>(type, packed, count) : Value();
    }
    case Type::half:
    case Type::float_:
    case Type::double_:
      break;
    default:
      return {};
  }
  const auto code = cursor.read<std::uint8_t>();
  std::vector<std::byte> bytes;
  if (code == 'i') {
    const auto packed = packed_integers();
    if (!fits(packed)) return {};
    std::vector<std::int32_t> integers(count);
    if (!unpack_integers<std::int32_t>(packed, integers)) return {};
    bytes.resize(count * size);
    for (std::uint64_t k = 0; k < count; ++k) put_number(info(type).scalar, bytes.data(), k, integers[k]);
  } else if (code == 't') {
    const auto table_size = cursor.read<std::uint32_t>();
    const auto table = cursor.take(table_size * size);
    const auto packed = packed_integers();
    if (!fits(packed)) return {};
    std::vector<std::uint32_t> indices(count);
    if (!unpack_integers<std::uint32_t>(packed, indices)) return {};
    bytes.resize(count * size);
    for (std::uint64_t k = 0; k < count; ++k) {
      if (indices[k] >= table_size) return {};
      std::memcpy(bytes.data() + k * size, table.data() + indices[k] * size, size);
    }
  } else {
    return {};
  }
  return Value::array(type, std::move(bytes));
}

template <class T, class Item>
std::optional<std::vector<T>> CrateFile::items(CrateCursor& cursor, std::uint64_t least, Item item) const {
  const std::uint64_t count = cursor.count(least);
  std::vector<T> found;
  for (std::uint64_t k = 0; k < count && cursor.ok(); ++k) found.push_back(item());
  if (!cursor.ok()) return std::nullopt;
  return found;
}

template <class T, class Item>
Value CrateFile::list_op(Type type, CrateCursor& cursor, std::uint64_t least, Item item) const {
  const auto bits = cursor.read<std::uint8_t>();
  ListOp<T> op;
  op.is_explicit = bits & 1;
  const std::pair<int, std::vector<T>*> lists[] = {{2, &op.explicit_items}, {4, &op.added},   {0x20, &op.prepended},
                                                   {0x40, &op.appended},    {8, &op.deleted}, {0x10, &op.ordered}};
  for (const auto& [bit, list] : lists) {
    if (!(bits & bit)) continue;
    auto found = items<T>(cursor, least, item);
    if (!found) return {};
    *list = std::move(*found);
  }
  if (!cursor.ok()) return {};
  return Value::boxed(type, std::move(op));
}

// A distance from here to where a value's eight bytes lie; what follows them comes next.
Value CrateFile::indirect(CrateCursor& cursor, int depth) const {
  const std::uint64_t here = cursor.at();
  const auto distance = cursor.read<std::int64_t>();
  if (!cursor.ok()) return {};
  cursor.go(here + static_cast<std::uint64_t>(distance));
  const ValueRep rep{cursor.read<std::uint64_t>()};
  if (!cursor.ok()) return {};
  return value_of(rep, depth + 1);
}

std::optional<Dictionary> CrateFile::dictionary(CrateCursor& cursor, int depth) const {
  if (depth > kMaxNesting) return std::nullopt;
  const std::uint64_t count = cursor.count(12);
  Dictionary entries;
  std::uint64_t last = cursor.at();
  for (std::uint64_t k = 0; k < count && cursor.ok(); ++k) {
    const Token key = string_at(cursor.read<std::uint32_t>());
    Value value = indirect(cursor, depth);
    // Entries follow each other, so the walk goes forward: no circle, and no more entries than bytes.
    if (!cursor.ok() || cursor.at() <= last) return std::nullopt;
    last = cursor.at();
    if (value) entries.emplace_back(key, std::move(value));
  }
  if (!cursor.ok()) return std::nullopt;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.first.text() < b.first.text(); });
  entries.erase(std::unique(entries.begin(), entries.end(), [](auto& a, auto& b) { return a.first == b.first; }),
                entries.end());
  return entries;
}

std::optional<Reference> CrateFile::reference(CrateCursor& cursor, bool payload, int depth) const {
  Reference found;
  found.asset = string_at(cursor.read<std::uint32_t>());
  found.prim = path_at(cursor.read<std::uint32_t>());
  if (!payload || version_ >= version_of(0, 8, 0)) {
    found.offset.offset = cursor.read<double>();
    found.offset.scale = cursor.read<double>();
  }
  if (!payload) {
    auto data = dictionary(cursor, depth);
    if (!data) return std::nullopt;
    if (!data->empty()) found.custom_data = std::make_shared<const Dictionary>(std::move(*data));
  }
  return cursor.ok() ? std::optional(found) : std::nullopt;
}

Value CrateFile::samples(CrateCursor& cursor, int depth) const {
  const std::uint64_t here = cursor.at();
  const auto distance = cursor.read<std::int64_t>();
  if (!cursor.ok()) return {};
  cursor.go(here + static_cast<std::uint64_t>(distance));
  const ValueRep times_rep{cursor.read<std::uint64_t>()};
  if (!cursor.ok()) return {};
  TimeSamples found;
  {
    const std::lock_guard lock(times_mutex_);
    const auto known_times = times_.find(times_rep.bits);
    if (known_times != times_.end()) found.times = known_times->second;
  }
  if (!found.times) {
    found.times = value_of(times_rep, depth + 1);
    if (found.times.is(Type::double_) && found.times.is_array()) found.times = found.times.retyped(Type::double_vector);
    if (!found.times.is(Type::double_vector)) return {};
    for (std::size_t k = 1; k < found.times.size(); ++k) {
      if (!(found.times.get<double>(k - 1) < found.times.get<double>(k))) return {};
    }
    const std::lock_guard lock(times_mutex_);
    times_.emplace(times_rep.bits, found.times);
  }
  const std::uint64_t there = cursor.at();
  cursor.go(there + static_cast<std::uint64_t>(cursor.read<std::int64_t>()));
  const std::uint64_t count = cursor.count(8);
  if (!cursor.ok() || count != found.times.size()) return {};
  found.values.reserve(count);
  for (std::uint64_t k = 0; k < count; ++k) {
    const ValueRep rep{cursor.read<std::uint64_t>()};
    if (rep.type() == Type::time_samples) return {};
    found.values.push_back(rep.type() == Type::value_block ? Value::small(Type::value_block, 0)
                                                           : Value::small(Type::encoded, rep.bits));
  }
  return Value::boxed(Type::time_samples, std::move(found));
}

Value CrateFile::spline(CrateCursor& cursor, int depth) const {
  const auto packed = cursor.take(cursor.read<std::uint64_t>());
  if (!cursor.ok()) return {};
  auto found = unpack_spline(packed);
  if (!found) return {};
  const std::uint64_t count = cursor.count(16);
  for (std::uint64_t k = 0; k < count && cursor.ok(); ++k) {
    const auto time = cursor.read<double>();
    auto data = dictionary(cursor, depth + 1);
    if (!data) return {};
    for (Spline::Knot& knot : found->knots) {
      if (knot.time == time) knot.custom_data = *data;
    }
  }
  if (!cursor.ok()) return {};
  return Value::boxed(Type::spline, std::move(*found));
}

Value CrateFile::stored(ValueRep rep, int depth) const {
  CrateCursor cursor(bytes_.data, rep.payload());
  const Type type = rep.type();
  const TypeInfo& i = info(type);
  const auto text_item = [&] { return token_at(cursor.read<std::uint32_t>()); };
  const auto string_item = [&] { return string_at(cursor.read<std::uint32_t>()); };
  const auto path_item = [&] { return path_at(cursor.read<std::uint32_t>()); };
  const auto reference_item = [&] {
    auto found = reference(cursor, type == Type::payload_list_op, depth + 1);
    if (!found) cursor.spoil();
    return found.value_or(Reference());
  };
  switch (type) {
    case Type::string:
    case Type::path_expression:
    case Type::asset:
    case Type::token: {
      const Token token = type == Type::token ? text_item() : string_item();
      return cursor.ok() ? Value::of(token, type) : Value();
    }
    case Type::dictionary: {
      auto entries = dictionary(cursor, depth);
      return entries ? Value::boxed(type, std::move(*entries)) : Value();
    }
    case Type::token_list_op:
      return list_op<Token>(type, cursor, 4, text_item);
    case Type::string_list_op:
      return list_op<Token>(type, cursor, 4, string_item);
    case Type::path_list_op:
      return list_op<Path>(type, cursor, 4, path_item);
    case Type::reference_list_op:
    case Type::payload_list_op:
      return list_op<Reference>(type, cursor, 8, reference_item);
    case Type::int_list_op:
      return list_op<std::int64_t>(type, cursor, 4, [&] { return std::int64_t{cursor.read<std::int32_t>()}; });
    case Type::uint_list_op:
      return list_op<std::int64_t>(type, cursor, 4, [&] { return std::int64_t{cursor.read<std::uint32_t>()}; });
    case Type::int64_list_op:
    case Type::uint64_list_op:
      return list_op<std::int64_t>(type, cursor, 8, [&] { return cursor.read<std::int64_t>(); });
    case Type::unregistered_list_op:
      return list_op<Value>(type, cursor, 8, [&] {
        Value item = indirect(cursor, depth);
        if (!item) cursor.spoil();
        return Value::boxed(Type::unregistered, std::move(item));
      });
    case Type::token_vector:
    case Type::string_vector: {
      const auto tokens =
          type == Type::token_vector ? items<Token>(cursor, 4, text_item) : items<Token>(cursor, 4, string_item);
      return tokens ? Value::tokens(*tokens, type) : Value();
    }
    case Type::path_vector: {
      const auto paths = items<Path>(cursor, 4, path_item);
      return paths ? Value::array_of<Path>(type, *paths) : Value();
    }
    case Type::double_vector:
    case Type::layer_offset_vector: {
      const auto size = static_cast<std::uint64_t>(i.bytes);
      const std::uint64_t count = cursor.count(size);
      const auto bytes = cursor.take(count * size);
      return cursor.ok() ? Value::array_view(type, bytes, bytes_.owner) : Value();
    }
    case Type::variant_selection_map: {
      auto found = items<std::pair<Token, Token>>(cursor, 8, [&] {
        const Token set = string_item();
        return std::pair(set, string_item());
      });
      if (!found) return {};
      std::sort(found->begin(), found->end(),
                [](const auto& a, const auto& b) { return a.first.text() < b.first.text(); });
      return Value::boxed(type, VariantSelections(std::move(*found)));
    }
    case Type::relocates: {
      auto found = items<std::pair<Path, Path>>(cursor, 8, [&] {
        const Path from = path_item();
        return std::pair(from, path_item());
      });
      return found ? Value::boxed(type, Relocates(std::move(*found))) : Value();
    }
    case Type::payload: {
      const auto found = reference(cursor, true, depth);
      if (!found) return {};
      std::vector<Reference> list;
      if (found->asset) list.push_back(*found);
      return Value::boxed(Type::payload_list_op, ReferenceListOp::of(std::move(list)));
    }
    case Type::time_samples:
      return samples(cursor, depth);
    case Type::spline:
      return spline(cursor, depth);
    case Type::value:
      return indirect(cursor, depth);
    case Type::unregistered: {
      Value inside = indirect(cursor, depth);
      if (inside.is(Type::unregistered_list_op)) return inside;
      return inside ? Value::boxed(type, std::move(inside)) : Value();
    }
    default:
      break;
  }
  if (i.bytes == 0 || i.name.empty()) return {};
  const auto bytes = cursor.take(static_cast<std::uint64_t>(i.bytes));
  return cursor.ok() ? Value::element(type, bytes.data()) : Value();
}

}  // namespace wm::usd
