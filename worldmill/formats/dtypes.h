#pragma once
#include <optional>
#include <string_view>
#include <type_traits>

#include "worldmill/sample/array.h"

namespace wm::formats {

/// Calls `f` with a std::type_identity of the number that `dtype` names.
template <class F>
auto with_dtype(sample::Dtype dtype, F&& f) {
  switch (dtype) {
    case sample::Dtype::u8:
      return f(std::type_identity<std::uint8_t>());
    case sample::Dtype::u16:
      return f(std::type_identity<std::uint16_t>());
    case sample::Dtype::u32:
      return f(std::type_identity<std::uint32_t>());
    case sample::Dtype::i32:
      return f(std::type_identity<std::int32_t>());
    case sample::Dtype::i64:
      return f(std::type_identity<std::int64_t>());
    case sample::Dtype::f32:
      return f(std::type_identity<float>());
    case sample::Dtype::f64:
      break;
  }
  return f(std::type_identity<double>());
}

/// The type that NumPy calls `name`.
inline std::optional<sample::Dtype> dtype_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(sample::Dtype::f64); ++i) {
    if (sample::name(static_cast<sample::Dtype>(i)) == name) return static_cast<sample::Dtype>(i);
  }
  return {};
}

}  // namespace wm::formats
