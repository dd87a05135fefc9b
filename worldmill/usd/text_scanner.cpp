#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "worldmill/usd/text_parser.h"

namespace wm::usd {
namespace {

bool is_start(unsigned char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_inner(unsigned char c) {
  return is_start(c) || is_digit(static_cast<char>(c));
}
int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

}  // namespace

bool TextScanner::fail_at(std::size_t at, std::string message) {
  if (error_) return false;
  base::Place place{file_, 1, 1};
  at = std::min(at, text_.size());
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < at; ++i) {
    if (text_[i] == '\n' || (text_[i] == '\r' && (i + 1 >= text_.size() || text_[i + 1] != '\n'))) {
      ++place.line;
      line_start = i + 1;
    }
  }
  place.column = static_cast<int>(std::min<std::size_t>(at - line_start + 1, 1 << 30));
  error_ = base::Diagnostic{std::move(place), std::move(message)};
  return false;
}

void TextScanner::blanks() {
  for (;;) {
    while (peek() == ' ' || peek() == '\t') ++at_;
    if (peek() != '/' || peek(1) != '*') return;
    const std::size_t end = text_.find("*/", at_ + 2);
    at_ = end == std::string_view::npos ? text_.size() : end + 2;
  }
}

void TextScanner::skip_lines() {
  for (;;) {
    blanks();
    if (peek() == '\n' || peek() == '\r') {
      ++at_;
    } else if (peek() == '#' || (peek() == '/' && peek(1) == '/')) {
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    } else {
      return;
    }
  }
}

bool TextScanner::expect(char c, std::string_view after) {
  if (take(c)) return true;
  return fail("expected `" + std::string(1, c) + "` " + std::string(after));
}

bool TextScanner::at_line_end() {
  blanks();
  return done() || peek() == '\n' || peek() == '\r' || peek() == '#' || (peek() == '/' && peek(1) == '/');
}

bool TextScanner::end_statement(std::string_view what) {
  if (at_line_end() || take(';')) return true;
  return fail("expected a new line or `;` after " + std::string(what));
}

std::string_view TextScanner::word() {
  const std::size_t from = at_;
  if (!is_start(static_cast<unsigned char>(peek()))) return {};
  while (is_inner(static_cast<unsigned char>(peek()))) ++at_;
  return between(from, at_);
}

std::string_view TextScanner::long_word() {
  const std::size_t from = at_;
  if (word().empty()) return {};
  for (;;) {
    const std::size_t before = at_;
    if (take(':')) {
      take(':');
    } else if (!take('.')) {
      break;
    }
    if (word().empty()) {
      at_ = before;
      break;
    }
  }
  return between(from, at_);
}

std::string_view TextScanner::spaced_name() {
  const std::size_t from = at_;
  if (word().empty()) return {};
  while (peek() == ':' && is_start(static_cast<unsigned char>(peek(1)))) {
    ++at_;
    word();
  }
  return between(from, at_);
}

bool TextScanner::is_word(std::string_view expected) const {
  return rest().starts_with(expected) && !is_inner(static_cast<unsigned char>(peek(expected.size())));
}

bool TextScanner::quoted(std::string& text) {
  const std::size_t start = at_;
  const char quote = peek();
  const bool triple = peek(1) == quote && peek(2) == quote;
  at_ += triple ? 3 : 1;
  text.clear();
  for (;;) {
    if (done()) return fail_at(start, "this text is not closed: a quotation mark is missing");
    const char c = text_[at_];
    if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
      at_ += triple ? 3 : 1;
      return true;
    }
    if ((c == '\n' || c == '\r') && !triple) return fail_at(start, "this text is not closed on its line");
    ++at_;
    if (c != '\\') {
      text += c;
      continue;
    }
    if (done()) return fail_at(start, "this text is not closed: a quotation mark is missing");
    const char escaped = text_[at_++];
    constexpr std::string_view kFrom = "abfnrtv", kTo = "\a\b\f\n\r\t\v";
    if (const std::size_t k = kFrom.find(escaped); k != std::string_view::npos) {
      text += kTo[k];
    } else if (escaped == 'x' && hex_digit(peek()) >= 0) {
      int code = hex_digit(text_[at_++]);
      if (hex_digit(peek()) >= 0) code = code * 16 + hex_digit(text_[at_++]);
      text += static_cast<char>(code);
    } else if (escaped >= '0' && escaped <= '7') {
      int code = escaped - '0';
      for (int i = 0; i < 2 && peek() >= '0' && peek() <= '7'; ++i) code = code * 8 + (text_[at_++] - '0');
      text += static_cast<char>(code);
    } else {
      text += escaped;
    }
  }
}

bool TextScanner::asset(std::string& path) {
  const std::size_t start = at_;
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  path.clear();
  if (!rest().starts_with("@@@")) {
    ++at_;
    const std::size_t end = std::min(text_.find_first_of("@\r\n", at_), text_.size());
    if (end >= text_.size() || text_[end] != '@')
      return fail_at(start, "this asset path is not closed: an @ is missing");
    path = between(at_, end);
    at_ = end + 1;
  } else {
    at_ += 3;
    for (;;) {
      const std::size_t end = text_.find("@@@", at_);
      if (end == std::string_view::npos) return fail_at(start, "this asset path is not closed: @@@ is missing");
      path += between(at_, end);
      at_ = end + 3;
      if (!path.empty() && path.back() == '\\') {
        path.back() = '@';
        path += "@@";
        continue;
      }
      for (int i = 0; i < 2 && take('@'); ++i) path += '@';
      break;
    }
  }
  for (const char c : path) {
    if (is_control(static_cast<unsigned char>(c))) return fail_at(start, "this asset path holds a control character");
  }
  return true;
}

bool TextScanner::angled(std::string_view& path) {
  const std::size_t start = at_;
  if (!take('<')) return fail("expected a path in < >");
  const std::size_t end = text_.find_first_of(">\r\n", at_);
  if (end == std::string_view::npos || text_[end] != '>')
    return fail_at(start, "this path is not closed: a > is missing");
  path = between(at_, end);
  at_ = end + 1;
  return true;
}

bool TextScanner::number(double& value, std::int64_t& integer, std::uint64_t& natural, bool& is_integer,
                         bool& is_negative) {
  const std::size_t start = at_;
  is_negative = take('-');
  is_integer = false;
  if (is_start(static_cast<unsigned char>(peek()))) {
    const std::string_view name = word();
    if (name == "inf") {
      value = is_negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
      return true;
    }
    if (name == "nan" && !is_negative) {
      value = std::numeric_limits<double>::quiet_NaN();
      return true;
    }
    return fail_at(start, "expected a number, not `" + std::string(name.substr(0, 40)) + "`");
  }
  std::uint64_t digits = 0;
  int exponent = 0;
  const std::size_t first = at_;
  const char* at = text_.data() + at_;
  const char* const end = text_.data() + text_.size();
  while (at != end && is_digit(*at)) digits = digits * 10 + static_cast<std::uint64_t>(*at++ - '0');
  std::ptrdiff_t count = at - (text_.data() + first);
  bool whole = true;
  if (at != end && *at == '.') {
    whole = false;
    const char* const point = ++at;
    while (at != end && is_digit(*at)) digits = digits * 10 + static_cast<std::uint64_t>(*at++ - '0');
    count += at - point;
    exponent = static_cast<int>(std::max<std::ptrdiff_t>(point - at, -100000));
  }
  at_ = static_cast<std::size_t>(at - text_.data());
  if (count == 0) {
    at_ = start;
    return fail("expected a number");
  }
  bool overflow = false;
  if (count > 19) {  // perhaps too much for 64 bits, perhaps zeros in front
    overflow = true;
    if (whole) {
      const auto result = std::from_chars(text_.data() + first, text_.data() + at_, digits);
      overflow = result.ec != std::errc();
    }
  }
  if (peek() == 'e' || peek() == 'E') {
    whole = false;
    ++at_;
    const bool minus = peek() == '-';
    if (peek() == '-' || peek() == '+') ++at_;
    if (!is_digit(peek())) return fail("expected the digits of an exponent");
    int power = 0;
    while (is_digit(peek())) power = std::min(power * 10 + (text_[at_++] - '0'), 100000);
    exponent += minus ? -power : power;
  }
  if (is_start(static_cast<unsigned char>(peek()))) return fail("letters follow a number");
  is_integer =
      whole && !overflow && !(is_negative && digits > (std::uint64_t{1} << 63)) && !(is_negative && digits == 0);
  if (is_integer) {
    natural = digits;
    integer = static_cast<std::int64_t>(is_negative ? 0 - digits : digits);
  }
  if (!overflow && digits < (std::uint64_t{1} << 53) && exponent >= -22 && exponent <= 22) {
    // Both are exact doubles, so one rounding gives the nearest.
    const double exact = static_cast<double>(digits);
    value = exponent < 0 ? exact / kPowers[-exponent] : exact * kPowers[exponent];
  } else {
    const auto result = std::from_chars(text_.data() + first, text_.data() + at_, value);
    if (result.ec == std::errc::result_out_of_range) {
      value = exponent + static_cast<int>(std::min<std::ptrdiff_t>(count, 1000000)) > 0
                  ? std::numeric_limits<double>::infinity()
                  : 0.0;
    } else if (result.ec != std::errc()) {
      return fail_at(start, "expected a number");
    }
  }
  if (is_negative) value = -value;
  return true;
}

bool TextScanner::number(double& value) {
  std::int64_t integer;
  std::uint64_t natural;
  bool is_integer, is_negative;
  return number(value, integer, natural, is_integer, is_negative);
}

bool TextScanner::raw_value(std::string_view& raw) {
  const std::size_t start = at_;
  std::string ignored, open;
  std::string_view path;
  do {
    const char c = peek();
    if (done()) return fail_at(start, "this value is not closed");
    if (is_quote()) {
      if (!quoted(ignored)) return false;
    } else if (c == '@') {
      if (!asset(ignored)) return false;
    } else if (c == '<') {
      if (!angled(path)) return false;
    } else if (c == '[' || c == '(' || c == '{') {
      open += c;
      ++at_;
    } else if (c == ']' || c == ')' || c == '}') {
      if (open.empty()) break;
      const char opener = c == ']' ? '[' : c == ')' ? '(' : '{';
      if (open.back() != opener) return fail("this bracket closes none that is open");
      open.pop_back();
      ++at_;
    } else if (open.empty()) {
      while (!done() && std::string_view(" \t\r\n;,()[]{}#").find(peek()) == std::string_view::npos) ++at_;
    } else {
      ++at_;
    }
    if (!open.empty()) lines();
  } while (!open.empty());
  raw = between(start, at_);
  return !raw.empty() || fail("expected a value");
}

}  // namespace wm::usd
