#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/result.h"
#include "worldmill/base/value.h"

namespace wm::import {

/// The first complaint about a file; later ones are dropped. Readers go on with defaults and ask at the end.
class Complaint {
 public:
  explicit Complaint(std::string file) : file_(std::move(file)) {}
  void say(std::string message) {
    if (!first_) first_ = base::Diagnostic{{file_, 0, 0}, std::move(message)};
  }
  bool exists() const { return first_.has_value(); }
  Status status() const { return first_ ? Status(tl::unexpected(*first_)) : Status(); }
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::optional<base::Diagnostic> first_;
};

/// An object of a JSON text and the words that lead to it (`nodes[3]`). What is absent gives the fallback; what has the
/// wrong type or range is complained about. An absent object has no fields.
class Fields {
 public:
  Fields(const base::Value* object, std::string where, Complaint& complaint);

  bool exists() const { return object_ != nullptr; }
  const std::string& where() const { return where_; }
  bool has(const char* key) const { return find(key) != nullptr; }
  const base::Value* find(const char* key) const;

  static constexpr double kFar = std::numeric_limits<double>::max();
  std::int64_t integer(const char* key, std::int64_t fallback, std::int64_t low, std::int64_t high) const;
  double number(const char* key, double fallback, double low = -kFar, double high = kFar) const;
  float number32(const char* key, float fallback, float low, float high) const {
    return static_cast<float>(number(key, fallback, low, high));
  }
  bool flag(const char* key, bool fallback) const;
  std::string text(const char* key) const;
  /// An index into something of `count` entries that the file calls `things`.
  std::optional<std::size_t> index(const char* key, std::size_t count, const char* things) const;
  /// Whether there are N numbers, which were put into `values`.
  template <std::size_t N>
  bool numbers(const char* key, std::array<double, N>& values) const {
    return numbers(key, values.data(), N);
  }

  Fields object(const char* key) const;
  Fields extension(const char* name) const { return object("extensions").object(name); }
  std::size_t size(const char* list) const;
  /// Entry of a list of objects; i < size(list).
  Fields item(const char* list, std::size_t i) const;
  /// Indices in a list, each below `count`.
  std::vector<std::size_t> indices(const char* list, std::size_t count, const char* things) const;

  void say(std::string_view what) const;

 private:
  bool numbers(const char* key, double* values, std::size_t count) const;
  std::string at(const char* key) const { return where_.empty() ? key : where_ + "." + key; }

  const base::Value* object_;
  std::string where_;
  Complaint* complaint_;
};

}  // namespace wm::import
