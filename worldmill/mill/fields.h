#pragma once
#include <charconv>
#include <string>
#include <string_view>

#include "worldmill/base/hash.h"
#include "worldmill/base/value.h"

namespace wm::mill {

/// Reads the fields of one line; the first that is missing or of another type is remembered.
class Fields {
 public:
  explicit Fields(const base::Value& value) : value_(value) {}

  std::string text(std::string_view key) {
    const base::Value* v = value_.find(key);
    if (v && v->text()) return *v->text();
    return fail(key), "";
  }
  std::int64_t number(std::string_view key) {
    const base::Value* v = value_.find(key);
    const auto* n = v ? std::get_if<std::int64_t>(&v->data) : nullptr;
    if (n) return *n;
    return fail(key), 0;
  }
  base::Hash hash(std::string_view key) {
    const std::string digits = text(key);
    base::Hash hash;
    const char* middle = digits.data() + 16;
    if (digits.size() != 32 || std::from_chars(digits.data(), middle, hash.high, 16).ptr != middle ||
        std::from_chars(middle, middle + 16, hash.low, 16).ptr != middle + 16) {
      fail(key);
    }
    return hash;
  }
  const base::Value::List& list(std::string_view key) {
    static const base::Value::List kNone;
    const base::Value* v = value_.find(key);
    if (v && v->list()) return *v->list();
    return fail(key), kNone;
  }
  const base::Value::Map& map(std::string_view key) {
    static const base::Value::Map kNone;
    const base::Value* v = value_.find(key);
    if (v && v->map()) return *v->map();
    return fail(key), kNone;
  }
  void fail(std::string_view key) {
    if (bad_.empty()) bad_ = key;
  }
  const std::string& bad() const { return bad_; }

 private:
  const base::Value& value_;
  std::string bad_;
};

}  // namespace wm::mill
