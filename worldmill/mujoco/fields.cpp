#include "worldmill/mujoco/fields.h"

#include <fmt/format.h>
#include <mujoco/mjspecmacro.h>
#include <mujoco/mjxmacro.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

namespace wm::mujoco {

using base::error;
using base::Value;

namespace {

/// What a map cannot hold.
template <class T>
constexpr bool kOutside =
    std::is_same_v<T, mjsElement*> || std::is_same_v<T, mjsOrientation> || std::is_same_v<T, mjsPlugin> ||
    std::is_same_v<T, mjIntVec*> || std::is_same_v<T, mjFloatVec*> || std::is_same_v<T, mjByteVec*>;

template <class T>
constexpr FieldKind kind_of() {
  if constexpr (std::is_same_v<T, double>) return FieldKind::number;
  if constexpr (std::is_same_v<T, float>) return FieldKind::number32;
  if constexpr (std::is_same_v<T, bool>) return FieldKind::truth;
  if constexpr (std::is_same_v<T, mjtByte>) return FieldKind::byte;
  if constexpr (std::is_same_v<T, int> || std::is_enum_v<T>) {
    static_assert(sizeof(T) == sizeof(int));
    return FieldKind::integer;
  }
  if constexpr (std::is_same_v<T, mjString*>) return FieldKind::text;
  if constexpr (std::is_same_v<T, mjStringVec*>) return FieldKind::texts;
  if constexpr (std::is_same_v<T, mjDoubleVec*>) return FieldKind::numbers;
}

template <class T>
void add_row(std::vector<Field>& rows, const char* name, std::size_t offset, int count) {
  if constexpr (!kOutside<T>) {
    if (std::string_view(name) != "info") rows.push_back({name, offset, kind_of<T>(), count});
  }
}

// The library's own lists of fields (mjspecmacro.h, mjxmacro.h) are the tables: a field that a later version adds is
// in.
#define X(type, name, count) add_row<type>(rows, #name, offsetof(Spec, name), count);
#define XVEC(type, name, count) add_row<type>(rows, #name, offsetof(Spec, name), count);
// NOLINTBEGIN(bugprone-macro-parentheses): types and lists of macros cannot stand in parentheses
#define WM_FIELDS(STRUCT, LIST)                \
  template <>                                  \
  std::span<const Field> table<STRUCT>() {     \
    using Spec = STRUCT;                       \
    static const std::vector<Field> all = [] { \
      std::vector<Field> rows;                 \
      LIST return rows;                        \
    }();                                       \
    return all;                                \
  }

// NOLINTEND(bugprone-macro-parentheses)
template <class Spec>
std::span<const Field> table();
WM_FIELDS(mjsBody, MJSBODY_FIELDS)
WM_FIELDS(mjsJoint, MJSJOINT_FIELDS)
WM_FIELDS(mjsGeom, MJSGEOM_FIELDS)
WM_FIELDS(mjsSite, MJSSITE_FIELDS)
WM_FIELDS(mjsTendon, MJSTENDON_FIELDS)
WM_FIELDS(mjsActuator, MJSACTUATOR_FIELDS)
WM_FIELDS(mjsEquality, MJSEQUALITY_FIELDS)
WM_FIELDS(mjsFlex, MJSFLEX_FIELDS)
WM_FIELDS(mjsSensor, MJSSENSOR_FIELDS)
WM_FIELDS(mjsPair, MJSPAIR_FIELDS)
WM_FIELDS(mjsMesh, MJSMESH_FIELDS)
WM_FIELDS(mjOption, MJOPTION_FIELDS)
#undef WM_FIELDS
#undef X
#undef XVEC

void set_default(mjsBody& s) {
  mjs_defaultBody(&s);
}
void set_default(mjsJoint& s) {
  mjs_defaultJoint(&s);
}
void set_default(mjsGeom& s) {
  mjs_defaultGeom(&s);
}
void set_default(mjsSite& s) {
  mjs_defaultSite(&s);
}
void set_default(mjsTendon& s) {
  mjs_defaultTendon(&s);
}
void set_default(mjsActuator& s) {
  mjs_defaultActuator(&s);
}
void set_default(mjsEquality& s) {
  mjs_defaultEquality(&s);
}
void set_default(mjsFlex& s) {
  mjs_defaultFlex(&s);
}
void set_default(mjsSensor& s) {
  mjs_defaultSensor(&s);
}
void set_default(mjsPair& s) {
  mjs_defaultPair(&s);
}
void set_default(mjsMesh& s) {
  mjs_defaultMesh(&s);
}
void set_default(mjOption& s) {
  mj_defaultOption(&s);
}

// NOLINTBEGIN(bugprone-sizeof-expression): a field may be a pointer, and its own size is meant
template <class T>
T at(const void* spec, const Field& field, int i) {
  T value;
  std::memcpy(&value, static_cast<const std::byte*>(spec) + field.offset + static_cast<std::size_t>(i) * sizeof(T),
              sizeof(T));
  return value;
}

template <class T>
void put(void* spec, const Field& field, int i, T value) {
  std::memcpy(static_cast<std::byte*>(spec) + field.offset + static_cast<std::size_t>(i) * sizeof(T), &value,
              sizeof(T));
}
// NOLINTEND(bugprone-sizeof-expression)

Value value_at(const void* spec, const Field& field, int i) {
  switch (field.kind) {
    case FieldKind::number:
      return base::value_of(at<double>(spec, field, i));
    case FieldKind::number32:
      return base::value_of(static_cast<double>(at<float>(spec, field, i)));
    case FieldKind::byte:
      return base::value_of(static_cast<std::int64_t>(at<mjtByte>(spec, field, i)));
    case FieldKind::truth:
      return base::value_of(at<bool>(spec, field, i));
    default:
      return base::value_of(static_cast<std::int64_t>(at<int>(spec, field, i)));
  }
}

std::size_t size_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::number:
      return sizeof(double);
    case FieldKind::byte:
    case FieldKind::truth:
      return 1;
    default:
      return sizeof(int);
  }
}

bool is_scalar(FieldKind kind) {
  return kind != FieldKind::text && kind != FieldKind::texts && kind != FieldKind::numbers;
}

// By their bits, so that a NaN, which stands for "not said", equals itself.
bool same(const void* a, const void* b, const Field& field) {
  return std::memcmp(static_cast<const std::byte*>(a) + field.offset, static_cast<const std::byte*>(b) + field.offset,
                     size_of(field.kind) * static_cast<std::size_t>(field.count)) == 0;
}

Value text_at(const void* spec, const Field& field) {
  const auto* text = at<const mjString*>(spec, field, 0);
  const char* said = text ? mjs_getString(text) : "";
  return said && *said ? base::value_of(said) : Value{};
}

Value texts_at(const void* spec, const Field& field) {
  const auto* texts = at<const mjStringVec*>(spec, field, 0);
  std::vector<Value> all;
  for (int i = 0; texts; ++i) {
    const char* text = mjs_getInStringVec(texts, i);
    if (!text) break;
    all.push_back(base::value_of(text));
  }
  return all.empty() ? Value{} : base::list_of(std::move(all));
}

Value numbers_at(const void* spec, const Field& field) {
  const auto* numbers = at<const mjDoubleVec*>(spec, field, 0);
  int count = 0;
  const double* data = numbers ? mjs_getDouble(numbers, &count) : nullptr;
  std::vector<Value> all;
  for (int i = 0; i < count; ++i) all.push_back(base::value_of(data[i]));
  return all.empty() ? Value{} : base::list_of(std::move(all));
}

// Null when it stands at its default.
Value read(const void* spec, const void* defaults, const Field& field) {
  if (field.kind == FieldKind::text) return text_at(spec, field);
  if (field.kind == FieldKind::texts) return texts_at(spec, field);
  if (field.kind == FieldKind::numbers) return numbers_at(spec, field);
  if (same(spec, defaults, field)) return {};
  if (field.count == 1) return value_at(spec, field, 0);
  std::vector<Value> all;
  for (int i = 0; i < field.count; ++i) all.push_back(value_at(spec, field, i));
  return base::list_of(std::move(all));
}

bool number_of(const Value& value, double& number) {
  if (const auto* real = std::get_if<double>(&value.data)) return number = *real, true;
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return number = static_cast<double>(*whole), true;
  if (const auto* truth = std::get_if<bool>(&value.data)) return number = *truth, true;
  return false;
}

void put_number(void* spec, const Field& field, int i, double number) {
  switch (field.kind) {
    case FieldKind::number:
      return put(spec, field, i, number);
    case FieldKind::number32:
      return put(spec, field, i, static_cast<float>(number));
    case FieldKind::byte:
      return put(spec, field, i, static_cast<mjtByte>(number));
    case FieldKind::truth:
      return put(spec, field, i, number != 0);
    default:
      return put(spec, field, i, static_cast<int>(number));
  }
}

Status write_scalars(void* spec, const Field& field, std::span<const Value> values) {
  if (values.size() > static_cast<std::size_t>(field.count)) {
    return error(fmt::format("{} has {} numbers, at most {} are read", field.name, values.size(), field.count));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    double number = 0;
    if (!number_of(values[i], number))
      return error(fmt::format("{} is {}, no number", field.name, describe(values[i])));
    put_number(spec, field, static_cast<int>(i), number);
  }
  return {};
}

Status write(void* spec, const Field& field, const Value& value) {
  const std::span<const Value> values = value.list() ? std::span<const Value>(*value.list()) : std::span(&value, 1);
  if (is_scalar(field.kind)) return write_scalars(spec, field, values);
  std::vector<double> numbers;
  for (const Value& item : values) {
    double number = 0;
    if (field.kind == FieldKind::numbers ? !number_of(item, number) : !item.text()) {
      return error(fmt::format("{} may not hold {}", field.name, describe(item)));
    }
    if (field.kind == FieldKind::text) mjs_setString(at<mjString*>(spec, field, 0), item.text()->c_str());
    if (field.kind == FieldKind::texts) mjs_appendString(at<mjStringVec*>(spec, field, 0), item.text()->c_str());
    numbers.push_back(number);
  }
  if (field.kind == FieldKind::numbers) {
    mjs_setDouble(at<mjDoubleVec*>(spec, field, 0), numbers.data(), static_cast<int>(numbers.size()));
  }
  return {};
}

}  // namespace

template <class Spec>
std::span<const Field> fields_of() {
  return table<Spec>();
}

template <class Spec>
Value extras_of(const Spec& spec, std::span<const std::string_view> handled) {
  Spec defaults{};
  set_default(defaults);
  std::vector<std::pair<std::string, Value>> entries;
  for (const Field& field : table<Spec>()) {
    if (std::find(handled.begin(), handled.end(), field.name) != handled.end()) continue;
    Value value = read(&spec, &defaults, field);
    if (!value.is_null()) entries.emplace_back(field.name, std::move(value));
  }
  return base::map_of(std::move(entries));
}

template <class Spec>
Status set_extras(Spec& spec, const Value& extras) {
  if (!extras.map()) return {};
  const std::span<const Field> fields = table<Spec>();
  for (const base::Entry& entry : *extras.map()) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return entry.key == f.name; });
    if (field == fields.end()) {
      std::vector<std::string_view> names;
      for (const Field& f : fields) names.push_back(f.name);
      return error(fmt::format("MuJoCo has no field \"{}\" there{}", entry.key, base::did_you_mean(entry.key, names)));
    }
    WM_TRY_STATUS(write(&spec, *field, entry.value));
  }
  return {};
}

// NOLINTBEGIN(bugprone-macro-parentheses): likewise
#define WM_INSTANTIATE(STRUCT)                                                        \
  template std::span<const Field> fields_of<STRUCT>();                                \
  template Value extras_of<STRUCT>(const STRUCT&, std::span<const std::string_view>); \
  template Status set_extras<STRUCT>(STRUCT&, const Value&);
// NOLINTEND(bugprone-macro-parentheses)
WM_INSTANTIATE(mjsBody)
WM_INSTANTIATE(mjsJoint)
WM_INSTANTIATE(mjsGeom)
WM_INSTANTIATE(mjsSite)
WM_INSTANTIATE(mjsTendon)
WM_INSTANTIATE(mjsActuator)
WM_INSTANTIATE(mjsEquality)
WM_INSTANTIATE(mjsFlex)
WM_INSTANTIATE(mjsSensor)
WM_INSTANTIATE(mjsPair)
WM_INSTANTIATE(mjsMesh)
WM_INSTANTIATE(mjOption)
#undef WM_INSTANTIATE

}  // namespace wm::mujoco
