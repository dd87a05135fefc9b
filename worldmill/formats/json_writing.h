#pragma once
#include <span>
#include <string>
#include <string_view>

#include "worldmill/base/json.h"

/// JSON written straight into text, without a tree.
namespace wm::formats {

/// `"key":value,...`, written in order.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) {}
  template <class T>
  Members& member(std::string_view key, const T& value) {
    base::append_json(begin(key), value);
    return *this;
  }
  Members& numbers(std::string_view key, std::initializer_list<double> values) {
    return numbers(key, std::span(values.begin(), values.size()));
  }
  Members& numbers(std::string_view key, std::span<const double> values) {
    begin(key) += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += ',';
      base::append_json(out_, values[i]);
    }
    out_ += ']';
    return *this;
  }
  /// The text, after `"key":`.
  std::string& begin(std::string_view key) {
    base::append_json(next(), key);
    return out_ += ':';
  }
  /// The text, where a member may follow.
  std::string& next() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

/// An object that the members are of; `close()` ends it.
inline Members object_in(std::string& out) {
  return Members(out += '{');
}

/// `[` one item a line `]`
template <class Items, class Write>
void append_lines(std::string& out, const Items& items, Write write) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    out += first ? "\n" : ",\n";
    first = false;
    write(item);
  }
  out += ']';
}

}  // namespace wm::formats
