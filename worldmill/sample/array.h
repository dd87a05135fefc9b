#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "worldmill/base/check.h"

namespace wm::sample {

/// In the order of Array's variant.
enum class Dtype { u8, u16, u32, i32, i64, f32, f64 };
std::string_view name(Dtype dtype);  ///< NumPy's: `uint8`, `float32`, ...

/// Numbers of one type with a shape, row-major (the last index runs fastest). No dimension is negative.
class Array {
 public:
  using Values =
      std::variant<std::vector<std::uint8_t>, std::vector<std::uint16_t>, std::vector<std::uint32_t>,
                   std::vector<std::int32_t>, std::vector<std::int64_t>, std::vector<float>, std::vector<double>>;

  Array() = default;
  /// `values` must be as many as `shape` says.
  template <class T>
  Array(std::vector<std::int64_t> shape, std::vector<T> values) : shape_(std::move(shape)), values_(std::move(values)) {
    WM_CHECK(std::get<std::vector<T>>(values_).size() == count(shape_));
  }

  Dtype dtype() const { return static_cast<Dtype>(values_.index()); }
  const std::vector<std::int64_t>& shape() const { return shape_; }
  std::int64_t rows() const { return shape_.empty() ? 1 : shape_.front(); }
  const Values& values() const { return values_; }

  /// The numbers as what they are: the type must be the array's own.
  template <class T>
  std::span<const T> as() const {
    WM_CHECK(std::holds_alternative<std::vector<T>>(values_));
    return std::get<std::vector<T>>(values_);
  }
  template <class T>
  std::span<T> edit() {
    WM_CHECK(std::holds_alternative<std::vector<T>>(values_));
    return std::get<std::vector<T>>(values_);
  }

  static std::size_t count(std::span<const std::int64_t> shape) {
    std::size_t product = 1;
    for (const std::int64_t n : shape) product *= static_cast<std::size_t>(n);
    return product;
  }
  friend bool operator==(const Array&, const Array&) = default;

 private:
  std::vector<std::int64_t> shape_{0};
  Values values_;
};

}  // namespace wm::sample
