#include "worldmill/usd/value.h"

#include <algorithm>

#include "worldmill/usd/spline.h"

namespace wm::usd {
namespace {

constexpr TypeInfo numbers(std::string_view name, Scalar scalar, int components, int bytes) {
  return {name, scalar, components, bytes};
}

constexpr std::array<TypeInfo, 64> kInfos = [] {
  std::array<TypeInfo, 64> t{};
  const auto set = [&](Type type, TypeInfo i) { t[static_cast<std::size_t>(type)] = i; };
  set(Type::boolean, numbers("bool", Scalar::boolean, 1, 1));
  set(Type::uchar, numbers("uchar", Scalar::u8, 1, 1));
  set(Type::int_, numbers("int", Scalar::i32, 1, 4));
  set(Type::uint, numbers("uint", Scalar::u32, 1, 4));
  set(Type::int64, numbers("int64", Scalar::i64, 1, 8));
  set(Type::uint64, numbers("uint64", Scalar::u64, 1, 8));
  set(Type::half, numbers("half", Scalar::f16, 1, 2));
  set(Type::float_, numbers("float", Scalar::f32, 1, 4));
  set(Type::double_, numbers("double", Scalar::f64, 1, 8));
  set(Type::timecode, numbers("timecode", Scalar::f64, 1, 8));
  set(Type::string, numbers("string", Scalar::text, 1, 4));
  set(Type::token, numbers("token", Scalar::text, 1, 4));
  set(Type::asset, numbers("asset", Scalar::text, 1, 4));
  set(Type::path_expression, numbers("pathExpression", Scalar::text, 1, 4));
  set(Type::matrix2d, numbers("matrix2d", Scalar::f64, 4, 32));
  set(Type::matrix3d, numbers("matrix3d", Scalar::f64, 9, 72));
  set(Type::matrix4d, numbers("matrix4d", Scalar::f64, 16, 128));
  set(Type::quatd, numbers("quatd", Scalar::f64, 4, 32));
  set(Type::quatf, numbers("quatf", Scalar::f32, 4, 16));
  set(Type::quath, numbers("quath", Scalar::f16, 4, 8));
  set(Type::double2, numbers("double2", Scalar::f64, 2, 16));
  set(Type::float2, numbers("float2", Scalar::f32, 2, 8));
  set(Type::half2, numbers("half2", Scalar::f16, 2, 4));
  set(Type::int2, numbers("int2", Scalar::i32, 2, 8));
  set(Type::double3, numbers("double3", Scalar::f64, 3, 24));
  set(Type::float3, numbers("float3", Scalar::f32, 3, 12));
  set(Type::half3, numbers("half3", Scalar::f16, 3, 6));
  set(Type::int3, numbers("int3", Scalar::i32, 3, 12));
  set(Type::double4, numbers("double4", Scalar::f64, 4, 32));
  set(Type::float4, numbers("float4", Scalar::f32, 4, 16));
  set(Type::half4, numbers("half4", Scalar::f16, 4, 8));
  set(Type::int4, numbers("int4", Scalar::i32, 4, 16));
  set(Type::token_vector, numbers("", Scalar::text, 1, 4));
  set(Type::string_vector, numbers("", Scalar::text, 1, 4));
  set(Type::path_vector, numbers("", Scalar::u32, 1, 4));
  set(Type::double_vector, numbers("", Scalar::f64, 1, 8));
  set(Type::layer_offset_vector, numbers("", Scalar::f64, 2, 16));
  return t;
}();

struct Role {
  std::string_view name;
  Type type;
  std::string_view role;
};
constexpr Role kRoles[] = {{"point3h", Type::half3, "point"},
                           {"point3f", Type::float3, "point"},
                           {"point3d", Type::double3, "point"},
                           {"vector3h", Type::half3, "vector"},
                           {"vector3f", Type::float3, "vector"},
                           {"vector3d", Type::double3, "vector"},
                           {"normal3h", Type::half3, "normal"},
                           {"normal3f", Type::float3, "normal"},
                           {"normal3d", Type::double3, "normal"},
                           {"color3h", Type::half3, "color"},
                           {"color3f", Type::float3, "color"},
                           {"color3d", Type::double3, "color"},
                           {"color4h", Type::half4, "color"},
                           {"color4f", Type::float4, "color"},
                           {"color4d", Type::double4, "color"},
                           {"texCoord2h", Type::half2, "texCoord"},
                           {"texCoord2f", Type::float2, "texCoord"},
                           {"texCoord2d", Type::double2, "texCoord"},
                           {"texCoord3h", Type::half3, "texCoord"},
                           {"texCoord3f", Type::float3, "texCoord"},
                           {"texCoord3d", Type::double3, "texCoord"},
                           {"frame4d", Type::matrix4d, "frame"},
                           // Names that old files use.
                           {"Vec2i", Type::int2, ""},
                           {"Vec2h", Type::half2, ""},
                           {"Vec2f", Type::float2, ""},
                           {"Vec2d", Type::double2, ""},
                           {"Vec3i", Type::int3, ""},
                           {"Vec3h", Type::half3, ""},
                           {"Vec3f", Type::float3, ""},
                           {"Vec3d", Type::double3, ""},
                           {"Vec4i", Type::int4, ""},
                           {"Vec4h", Type::half4, ""},
                           {"Vec4f", Type::float4, ""},
                           {"Vec4d", Type::double4, ""},
                           {"Point", Type::double3, "point"},
                           {"PointFloat", Type::float3, "point"},
                           {"Normal", Type::double3, "normal"},
                           {"NormalFloat", Type::float3, "vector"},
                           {"Vector", Type::double3, "vector"},
                           {"VectorFloat", Type::float3, "normal"},
                           {"Color", Type::double3, "color"},
                           {"ColorFloat", Type::float3, "color"},
                           {"Quatd", Type::quatd, ""},
                           {"Quatf", Type::quatf, ""},
                           {"Quath", Type::quath, ""},
                           {"Matrix2d", Type::matrix2d, ""},
                           {"Matrix3d", Type::matrix3d, ""},
                           {"Matrix4d", Type::matrix4d, ""},
                           {"Frame", Type::matrix4d, "frame"},
                           {"Transform", Type::matrix4d, "frame"},
                           {"PointIndex", Type::int_, ""},
                           {"EdgeIndex", Type::int_, ""},
                           {"FaceIndex", Type::int_, ""},
                           {"Schema", Type::token, ""}};

bool same(const std::shared_ptr<const Dictionary>& a, const std::shared_ptr<const Dictionary>& b) {
  if (a == b) return true;
  static const Dictionary none;
  return (a ? *a : none) == (b ? *b : none);
}

}  // namespace

const TypeInfo& info(Type type) {
  return kInfos[static_cast<std::size_t>(type)];
}

TypeName type_named(std::string_view name) {
  TypeName found;
  if (name.ends_with("[]")) {
    found.array = true;
    name.remove_suffix(2);
  }
  if (name == "opaque" || name == "group") {
    found.opaque = true;
    return found;
  }
  if (name == "dictionary") return found.array ? TypeName{} : TypeName{Type::dictionary};
  for (std::size_t i = 1; i < kInfos.size(); ++i) {
    if (!kInfos[i].name.empty() && kInfos[i].name == name) {
      found.type = static_cast<Type>(i);
      return found;
    }
  }
  for (const Role& role : kRoles) {
    if (role.name == name) {
      found.type = role.type;
      found.role = role.role;
      const bool old = name[0] >= 'A' && name[0] <= 'Z';
      if (old && !name.ends_with("Index") && name != "Schema") {
        found.current = info(role.type).name;
        for (const Role& other : kRoles) {
          if (!role.role.empty() && other.type == role.type && other.role == role.role) {
            found.current = other.name;
            break;
          }
        }
      }
      return found;
    }
  }
  return {};
}

bool operator==(const Reference& a, const Reference& b) {
  return a.asset == b.asset && a.prim == b.prim && a.offset == b.offset && same(a.custom_data, b.custom_data);
}

struct Value::Bytes final : Value::Box {
  std::span<const std::byte> view;
  std::vector<std::byte> own;
  std::shared_ptr<const void> owner;
  bool equals(const Box& other) const override {
    const auto o = static_cast<const Bytes&>(other).view;
    return view.size() == o.size() && (view.empty() || std::memcmp(view.data(), o.data(), view.size()) == 0);
  }
};

Value Value::of_box(Type type, bool array, Box* box) {
  Value value;
  value.type_ = type;
  value.array_ = array;
  value.boxed_ = true;
  value.bits_ = std::bit_cast<std::uint64_t>(box);
  return value;
}

Value Value::element(Type type, const void* bytes) {
  const auto size = static_cast<std::size_t>(info(type).bytes);
  WM_CHECK(size > 0);
  if (size <= 8) {
    Value value;
    value.type_ = type;
    std::memcpy(&value.bits_, bytes, size);
    return value;
  }
  auto box = std::make_unique<Bytes>();
  box->own.resize(size);
  std::memcpy(box->own.data(), bytes, size);
  box->view = box->own;
  return of_box(type, false, box.release());
}

Value Value::array(Type type, std::vector<std::byte> bytes) {
  auto box = std::make_unique<Bytes>();
  box->own = std::move(bytes);
  box->view = box->own;
  return of_box(type, true, box.release());
}

Value Value::array_view(Type type, std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  auto box = std::make_unique<Bytes>();
  box->view = bytes;
  box->owner = std::move(owner);
  return of_box(type, true, box.release());
}

std::span<const std::byte> Value::bytes() const {
  const auto size = static_cast<std::size_t>(info(type_).bytes);
  if (size == 0) return {};
  if (!boxed_) return {reinterpret_cast<const std::byte*>(&bits_), size};
  return static_cast<const Bytes*>(box())->view;
}

std::size_t Value::size() const {
  return array_ ? bytes().size() / static_cast<std::size_t>(info(type_).bytes) : 1;
}

double Value::number(double otherwise) const {
  const TypeInfo& i = info(type_);
  if (array_ || i.components != 1 || i.scalar == Scalar::none || i.scalar == Scalar::text) return otherwise;
  return number_at(i.scalar, bytes().data(), 0);
}

bool operator==(const Value& a, const Value& b) {
  if (a.type_ != b.type_ || a.array_ != b.array_ || a.boxed_ != b.boxed_) return false;
  if (!a.boxed_ || a.bits_ == b.bits_) return a.bits_ == b.bits_;
  return a.box()->equals(*b.box());
}

const Value* find(const Dictionary& dictionary, Token key) {
  for (const auto& [name, value] : dictionary) {
    if (name == key) return &value;
  }
  return nullptr;
}

void set(Dictionary& dictionary, Token key, Value value) {
  const auto at = std::lower_bound(dictionary.begin(), dictionary.end(), key.text(),
                                   [](const auto& entry, std::string_view text) { return entry.first.text() < text; });
  if (at != dictionary.end() && at->first == key) {
    at->second = std::move(value);
  } else {
    dictionary.insert(at, {key, std::move(value)});
  }
}

Dictionary merged(const Dictionary& strong, const Dictionary& weak) {
  Dictionary result = strong;
  for (const auto& [key, value] : weak) {
    const Value* own = find(strong, key);
    if (!own) {
      set(result, key, value);
    } else if (own->is(Type::dictionary) && value.is(Type::dictionary)) {
      set(result, key, Value::boxed(Type::dictionary, merged(own->content<Dictionary>(), value.content<Dictionary>())));
    }
  }
  return result;
}

bool is_interpolated(Type type) {
  const Scalar scalar = info(type).scalar;
  return scalar == Scalar::f16 || scalar == Scalar::f32 || scalar == Scalar::f64;
}

int scalar_bytes(Scalar scalar) {
  switch (scalar) {
    case Scalar::none:
      return 0;
    case Scalar::boolean:
    case Scalar::u8:
      return 1;
    case Scalar::f16:
      return 2;
    case Scalar::i64:
    case Scalar::u64:
    case Scalar::f64:
      return 8;
    case Scalar::i32:
    case Scalar::u32:
    case Scalar::f32:
    case Scalar::text:
      return 4;
  }
  return 0;
}

namespace {
template <class T>
T load(const std::byte* bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
  return value;
}
template <class T>
void store(std::byte* bytes, std::size_t i, T value) {
  std::memcpy(bytes + i * sizeof(T), &value, sizeof(T));
}
}  // namespace

double number_at(Scalar scalar, const std::byte* bytes, std::size_t i) {
  switch (scalar) {
    case Scalar::boolean:
    case Scalar::u8:
      return load<std::uint8_t>(bytes, i);
    case Scalar::i32:
      return load<std::int32_t>(bytes, i);
    case Scalar::u32:
      return load<std::uint32_t>(bytes, i);
    case Scalar::i64:
      return static_cast<double>(load<std::int64_t>(bytes, i));
    case Scalar::u64:
      return static_cast<double>(load<std::uint64_t>(bytes, i));
    case Scalar::f16:
      return to_float(load<Half>(bytes, i));
    case Scalar::f32:
      return load<float>(bytes, i);
    case Scalar::f64:
      return load<double>(bytes, i);
    case Scalar::none:
    case Scalar::text:
      return 0;
  }
  return 0;
}

void put_number(Scalar scalar, std::byte* bytes, std::size_t i, double number) {
  switch (scalar) {
    case Scalar::boolean:
      return store(bytes, i, static_cast<std::uint8_t>(number != 0));
    case Scalar::u8:
      return store(bytes, i, static_cast<std::uint8_t>(number));
    case Scalar::i32:
      return store(bytes, i, static_cast<std::int32_t>(number));
    case Scalar::u32:
      return store(bytes, i, static_cast<std::uint32_t>(number));
    case Scalar::i64:
      return store(bytes, i, static_cast<std::int64_t>(number));
    case Scalar::u64:
      return store(bytes, i, static_cast<std::uint64_t>(number));
    case Scalar::f16:
      return store(bytes, i, to_half(static_cast<float>(number)));
    case Scalar::f32:
      return store(bytes, i, static_cast<float>(number));
    case Scalar::f64:
      return store(bytes, i, number);
    case Scalar::none:
    case Scalar::text:
      return;
  }
}

}  // namespace wm::usd
