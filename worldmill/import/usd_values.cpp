#include <algorithm>
#include <cmath>

#include "worldmill/import/usd_parts.h"

namespace wm::import {

using math::Affine;
using math::Pose;
using math::Rotation;
using math::Vec3;
using usd::Prim;
using usd::Token;
using usd::Value;

Value UsdValues::value(const Prim& prim, std::string_view name) const {
  const usd::Property property(prim, Token(name));
  return property && property.is_attribute() ? property.value(time_) : Value();
}

std::vector<double> numbers_of(const Value& value) {
  const usd::TypeInfo& type = usd::info(value.type());
  std::vector<double> out;
  if (type.scalar == usd::Scalar::none || type.scalar == usd::Scalar::text) return out;
  const auto bytes = value.bytes();
  const std::size_t count = value.size() * static_cast<std::size_t>(type.components);
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.push_back(usd::number_at(type.scalar, bytes.data(), i));
  return out;
}

std::optional<double> UsdValues::number(const Prim& prim, std::string_view name) const {
  const Value v = value(prim, name);
  const usd::TypeInfo& type = usd::info(v.type());
  const bool fits = type.scalar != usd::Scalar::none && type.scalar != usd::Scalar::text && type.components == 1;
  if (!fits || v.is_array()) return std::nullopt;
  const double number = v.number();
  return std::isnan(number) ? std::nullopt : std::optional(number);
}

bool UsdValues::flag(const Prim& prim, std::string_view name, bool fallback) const {
  const auto n = number(prim, name);
  return n ? *n != 0 : fallback;
}

std::string UsdValues::text(const Prim& prim, std::string_view name, std::string_view fallback) const {
  const Value v = value(prim, name);
  if (usd::info(v.type()).scalar != usd::Scalar::text || v.is_array()) return std::string(fallback);
  return std::string(v.token().text());
}

std::vector<std::string> UsdValues::texts(const Prim& prim, std::string_view name) const {
  const Value v = value(prim, name);
  std::vector<std::string> out;
  if (usd::info(v.type()).scalar != usd::Scalar::text) return out;
  for (std::size_t i = 0; i < v.size(); ++i) out.emplace_back(v.get<Token>(i).text());
  return out;
}

std::optional<Vec3> UsdValues::vector(const Prim& prim, std::string_view name) const {
  const Value v = value(prim, name);
  if (v.is_array() || usd::info(v.type()).components != 3) return std::nullopt;
  const std::vector<double> n = numbers_of(v);
  if (n.size() != 3 || !std::isfinite(n[0]) || !std::isfinite(n[1]) || !std::isfinite(n[2])) return std::nullopt;
  return Vec3{n[0], n[1], n[2]};
}

// Kept with the real part last.
std::optional<Rotation> UsdValues::rotation(const Prim& prim, std::string_view name) const {
  const std::vector<double> n = numbers_of(value(prim, name));
  if (n.size() != 4) return std::nullopt;
  const double size = n[0] * n[0] + n[1] * n[1] + n[2] * n[2] + n[3] * n[3];
  if (!std::isnormal(size)) return std::nullopt;
  return Rotation::normalized(n[3], n[0], n[1], n[2]);
}

std::vector<float> UsdValues::floats(const Prim& prim, std::string_view name) const {
  const Value v = value(prim, name);
  const usd::TypeInfo& type = usd::info(v.type());
  if (type.scalar == usd::Scalar::f32) {
    const auto bytes = v.bytes();
    std::vector<float> out(bytes.size() / sizeof(float));
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
    return out;
  }
  const std::vector<double> wide = numbers_of(v);
  return {wide.begin(), wide.end()};
}

std::vector<std::int32_t> UsdValues::integers(const Prim& prim, std::string_view name) const {
  const Value v = value(prim, name);
  std::vector<std::int32_t> out;
  if (!v.is(usd::Type::int_)) return out;
  const auto bytes = v.bytes();
  out.resize(bytes.size() / sizeof(std::int32_t));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(std::int32_t));
  return out;
}

std::vector<std::string> applied_schemas(const Prim& prim) {
  const Value value = prim.metadata(usd::known("apiSchemas"));
  std::vector<std::string> out;
  if (!value.is(usd::Type::token_list_op)) return out;
  const auto& op = value.content<usd::TokenListOp>();
  const auto add = [&](const std::vector<Token>& names) {
    for (const Token name : names) out.emplace_back(name.text());
  };
  add(op.explicit_items), add(op.prepended), add(op.added), add(op.appended);
  return out;
}

bool has_schema(const Prim& prim, std::string_view name) {
  const auto all = applied_schemas(prim);
  return std::find(all.begin(), all.end(), name) != all.end();
}

std::vector<std::string> schema_instances(const Prim& prim, std::string_view name) {
  std::vector<std::string> out;
  for (const std::string& schema : applied_schemas(prim)) {
    if (schema.size() > name.size() + 1 && schema.starts_with(name) && schema[name.size()] == ':') {
      out.push_back(schema.substr(name.size() + 1));
    }
  }
  return out;
}

UsdMark mark_of(const Prim& prim) {
  UsdMark mark;
  const Value data = prim.metadata(usd::known("customData"));
  if (!data.is(usd::Type::dictionary)) return mark;
  const Value* ours = usd::find(data.content<usd::Dictionary>(), Token("worldmill"));
  if (!ours || !ours->is(usd::Type::dictionary)) return mark;
  const auto& words = ours->content<usd::Dictionary>();
  if (const Value* part = usd::find(words, Token("part"))) mark.part = part->truth();
  if (const Value* folder = usd::find(words, Token("folder"))) mark.folder = folder->truth();
  if (const Value* name = usd::find(words, Token("name"))) mark.name = std::string(name->token().text());
  return mark;
}

Vec3 scale_of(const Affine& map) {
  const math::Mat3 c = math::transposed(map.linear);
  return {length(c.row0), length(c.row1), length(c.row2)};
}

Pose rigid_part(const Affine& map) {
  const math::Mat3 c = math::transposed(map.linear);
  const Vec3 x = normalized(c.row0), y = normalized(c.row1 - x * dot(x, c.row1));
  return {Rotation::from_matrix(math::transposed(math::Mat3{x, y, cross(x, y)})), map.translation};
}

}  // namespace wm::import
