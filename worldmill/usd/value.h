#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "worldmill/base/check.h"
#include "worldmill/usd/half.h"
#include "worldmill/usd/list_op.h"
#include "worldmill/usd/path.h"
#include "worldmill/usd/token.h"

namespace wm::usd {

/// What a value can be; the numbers are those of the crate format.
enum class Type : std::uint8_t {
  none = 0,
  boolean,
  uchar,
  int_,
  uint,
  int64,
  uint64,
  half,
  float_,
  double_,
  string,
  token,
  asset,
  matrix2d,
  matrix3d,
  matrix4d,
  quatd,
  quatf,
  quath,
  double2,
  float2,
  half2,
  int2,
  double3,
  float3,
  half3,
  int3,
  double4,
  float4,
  half4,
  int4,
  dictionary,
  token_list_op,
  string_list_op,
  path_list_op,
  reference_list_op,
  int_list_op,
  int64_list_op,
  uint_list_op,
  uint64_list_op,
  path_vector,
  token_vector,
  specifier,
  permission,
  variability,
  variant_selection_map,
  time_samples,
  payload,
  double_vector,
  layer_offset_vector,
  string_vector,
  value_block,
  value,
  unregistered,
  unregistered_list_op,
  payload_list_op,
  timecode,
  path_expression,
  relocates,
  spline,
  animation_block,
  encoded = 63  ///< Still lies in a crate file; Layer::decoded gives the value.
};

/// The kind of number (or text) that a value is made of.
enum class Scalar : std::uint8_t { none, boolean, u8, i32, u32, i64, u64, f16, f32, f64, text };

struct TypeInfo {
  std::string_view name;         ///< As text files write it; empty for what is no attribute's type.
  Scalar scalar = Scalar::none;  ///< none: not made of numbers.
  int components = 1;            ///< Numbers in one element.
  int bytes = 0;                 ///< Of one element in memory, without padding.
};
const TypeInfo& info(Type type);

/// A type as attributes name it: `point3f[]` is float3, an array, with the role "point".
struct TypeName {
  Type type = Type::none;  ///< none: a name that USD does not know, or opaque.
  bool array = false;
  std::string_view role;
  bool opaque = false;            ///< `opaque`, `group`: has no values.
  std::string_view current = {};  ///< What a name of old files is called now, without []; empty: still so.
};
TypeName type_named(std::string_view name);

enum class Specifier : std::uint8_t { def = 0, over = 1, class_ = 2 };

/// Maps time of what is inside to time of what holds it: outer = scale * inner + offset.
struct LayerOffset {
  double offset = 0, scale = 1;
  bool is_identity() const { return offset == 0 && scale == 1; }
  double operator()(double inner) const { return scale * inner + offset; }
  double inverse(double outer) const { return (outer - offset) / scale; }
  friend bool operator==(const LayerOffset&, const LayerOffset&) = default;
  friend LayerOffset operator*(const LayerOffset& outer, const LayerOffset& inner) {
    return {outer.offset + outer.scale * inner.offset, outer.scale * inner.scale};
  }
};

class Value;
using Dictionary = std::vector<std::pair<Token, Value>>;  ///< Sorted by the bytes of its keys, each once.

/// A reference; a payload is one whose custom data is empty.
struct Reference {
  Token asset;  ///< Empty: this layer stack.
  Path prim;    ///< Empty: the default prim.
  LayerOffset offset;
  std::shared_ptr<const Dictionary> custom_data;  ///< Null when empty.
  friend bool operator==(const Reference& a, const Reference& b);
};

struct TimeSamples;
struct Spline;

/// A value of any type: sixteen bytes, immutable, cheap to copy, its large parts shared. Small numbers lie in it;
/// arrays may point into a mapped file, which they keep open. Thread-safe like any value.
class Value {
 public:
  Value() = default;
  Value(const Value& other) : type_(other.type_), array_(other.array_), boxed_(other.boxed_), bits_(other.bits_) {
    if (boxed_) box()->references.fetch_add(1, std::memory_order_relaxed);
  }
  Value(Value&& other) noexcept { swap(other); }
  Value& operator=(Value other) noexcept {
    swap(other);
    return *this;
  }
  ~Value() {
    if (boxed_ && box()->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete box();
  }

  Type type() const { return type_; }
  bool is_array() const { return array_; }
  bool is(Type type) const { return type_ == type; }
  explicit operator bool() const { return type_ != Type::none; }
  bool is_block() const { return type_ == Type::value_block; }
  bool is_encoded() const { return type_ == Type::encoded; }
  std::uint64_t bits() const { return bits_; }  ///< Of what is encoded.

  /// One element of a type made of numbers or text; `bytes` are info(type).bytes long.
  static Value element(Type type, const void* bytes);
  template <class T>
  static Value of(Type type, const T& element) {
    WM_CHECK(sizeof(T) == static_cast<std::size_t>(info(type).bytes));
    return Value::element(type, &element);
  }
  static Value of(Token token, Type type = Type::token) { return of<Token>(type, token); }
  static Value of(bool truth) { return of<std::uint8_t>(Type::boolean, truth); }
  static Value of(std::int32_t number) { return of(Type::int_, number); }
  static Value of(double number) { return of(Type::double_, number); }
  static Value small(Type type, std::uint64_t bits) {  ///< Specifiers, blocks, encoded ones.
    Value value;
    value.type_ = type;
    value.bits_ = bits;
    return value;
  }
  /// An array that owns its bytes.
  static Value array(Type type, std::vector<std::byte> bytes);
  /// An array that points into memory kept by `owner`. The bytes need not be aligned.
  static Value array_view(Type type, std::span<const std::byte> bytes, std::shared_ptr<const void> owner);
  template <class T>
  static Value array_of(Type type, std::span<const T> items) {
    std::vector<std::byte> bytes(items.size_bytes());
    if (!items.empty()) std::memcpy(bytes.data(), items.data(), bytes.size());
    return array(type, std::move(bytes));
  }
  static Value tokens(std::span<const Token> items, Type type = Type::token_vector) { return array_of(type, items); }

  /// Anything that is no number: Dictionary, ListOp<...>, vectors, TimeSamples, Spline.
  template <class T>
  static Value boxed(Type type, T content);
  template <class T>
  const T& content() const;

  /// The bytes of an element, or of all of an array.
  std::span<const std::byte> bytes() const;
  /// Elements of an array; 1 for what is none.
  std::size_t size() const;
  /// One element copied out; T is as large as the type says.
  template <class T>
  T get(std::size_t index = 0) const {
    const auto all = bytes();
    WM_CHECK((index + 1) * sizeof(T) <= all.size());
    T item;
    std::memcpy(static_cast<void*>(&item), all.data() + index * sizeof(T), sizeof(T));
    return item;
  }
  Token token() const { return info(type_).scalar == Scalar::text && !array_ ? get<Token>() : Token(); }
  bool truth() const { return type_ == Type::boolean && !array_ && bits_ != 0; }
  /// Any single number as a double; `otherwise` for what is none.
  double number(double otherwise = 0) const;
  /// A copy with another type of the same size: string for token.
  Value retyped(Type type) const {
    Value copy = *this;
    copy.type_ = type;
    return copy;
  }

  friend bool operator==(const Value& a, const Value& b);

 private:
  struct Box {
    std::atomic<std::uint32_t> references{1};
    virtual ~Box() = default;
    virtual bool equals(const Box& other) const = 0;
  };
  template <class T>
  struct Holder;
  struct Bytes;
  Box* box() const { return std::bit_cast<Box*>(bits_); }
  void swap(Value& other) noexcept {
    std::swap(type_, other.type_), std::swap(array_, other.array_);
    std::swap(boxed_, other.boxed_), std::swap(bits_, other.bits_);
  }
  static Value of_box(Type type, bool array, Box* box);

  Type type_ = Type::none;
  bool array_ = false;
  bool boxed_ = false;
  std::uint64_t bits_ = 0;
};

/// Times [time codes] in order, and a value for each; the values of a crate file stay encoded until they are asked for.
struct TimeSamples {
  Value times;  ///< double_vector.
  std::vector<Value> values;

  std::size_t size() const { return values.size(); }
  double time(std::size_t index) const { return times.get<double>(index); }
  friend bool operator==(const TimeSamples&, const TimeSamples&) = default;
};

using TokenListOp = ListOp<Token>;  ///< Also of strings.
using PathListOp = ListOp<Path>;
using ReferenceListOp = ListOp<Reference>;   ///< Also of payloads.
using IntegerListOp = ListOp<std::int64_t>;  ///< Of all four kinds of integers; uint64 as its bits.
using ValueListOp = ListOp<Value>;           ///< Of unregistered values.
using VariantSelections = std::vector<std::pair<Token, Token>>;
using Relocates = std::vector<std::pair<Path, Path>>;

template <class T>
struct Value::Holder final : Value::Box {
  explicit Holder(T c) : content(std::move(c)) {}
  bool equals(const Box& other) const override { return content == static_cast<const Holder&>(other).content; }
  T content;
};

template <class T>
Value Value::boxed(Type type, T content) {
  return of_box(type, false, new Holder<T>(std::move(content)));
}
template <class T>
const T& Value::content() const {
  WM_CHECK(boxed_);
  const auto* holder = dynamic_cast<const Holder<T>*>(box());
  WM_CHECK(holder);
  return holder->content;
}

/// The value under `key`, or null.
const Value* find(const Dictionary& dictionary, Token key);
/// Sets `key`; keeps the order.
void set(Dictionary& dictionary, Token key, Value value);
/// `strong` over `weak`: dictionaries within merge, all else is the stronger's.
Dictionary merged(const Dictionary& strong, const Dictionary& weak);

/// Whether values of `type` are mixed between time samples, component by component or (quaternions) along the arc.
bool is_interpolated(Type type);
/// Component `i` of the numbers at `bytes`, as a double.
double number_at(Scalar scalar, const std::byte* bytes, std::size_t i);
void put_number(Scalar scalar, std::byte* bytes, std::size_t i, double number);
int scalar_bytes(Scalar scalar);

}  // namespace wm::usd
