#include <charconv>
#include <cmath>

#include "worldmill/import/obj.h"

namespace wm::import {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";

}  // namespace

void Words::skip() {
  const std::size_t start = rest_.find_first_not_of(kBlanks);
  rest_ = start == std::string_view::npos ? std::string_view() : rest_.substr(start);
}

std::string_view Words::next() {
  const std::string_view word = rest_.substr(0, rest_.find_first_of(kBlanks));
  rest_.remove_prefix(word.size());
  skip();
  return word;
}

std::string_view Words::rest() const {
  const std::size_t end = rest_.find_last_not_of(kBlanks);
  return end == std::string_view::npos ? std::string_view() : rest_.substr(0, end + 1);
}

bool Words::number(double& value) {
  Words ahead = *this;
  std::string_view word = ahead.next();
  if (word.starts_with('+')) word.remove_prefix(1);
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failed == std::errc::result_out_of_range) {
    value = word.find("e-") == word.npos && word.find("E-") == word.npos ? HUGE_VAL : 0;
  } else if (failed != std::errc() || end != word.data() + word.size()) {
    return false;
  }
  *this = ahead;
  return true;
}

bool Lines::next() {
  joined_.clear();
  number_ = ahead_ + 1;
  while (!text_.empty()) {
    ++ahead_;
    const std::size_t end = text_.find('\n');
    line_ = text_.substr(0, end);
    text_.remove_prefix(end == text_.npos ? text_.size() : end + 1);
    line_ = line_.substr(0, line_.find('#'));
    const std::size_t last = line_.find_last_not_of(kBlanks);
    const bool goes_on = last != line_.npos && line_[last] == '\\' && !text_.empty();
    if (!goes_on && joined_.empty()) return true;
    joined_ += line_.substr(0, goes_on ? last : line_.size());
    joined_ += ' ';
    if (goes_on) continue;
    line_ = joined_;
    return true;
  }
  return false;
}

}  // namespace wm::import
