#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "worldmill/base/value.h"

namespace wm::base {

/// What a JSON text may hold; checked while it is read.
struct JsonBudget {
  std::uint64_t bytes = std::uint64_t{1} << 28;
  std::uint64_t values = std::uint64_t{1} << 23;
  int depth = 100;
};

/// Reads JSON: keys keep their order and occur once, whole numbers are exact (int64; larger ones are refused), numbers
/// with a point or an exponent are doubles. Only complaints know lines; the values' places stay empty. `file` is what a
/// complaint names.
Result<Value> parse_json(std::string_view text, const std::string& file, const JsonBudget& budget = {});

/// Length of the UTF-8 character that `s` begins with (RFC 3629: no overlong forms, no surrogates); 0: it does not.
std::size_t utf8_length(std::string_view s);

/// Each adds the JSON of a value to `out`. A double has the fewest digits that read back as the same double, and always
/// a point or an exponent; NaN is null, infinities are "inf" and "-inf" (json_double reads all of these).
/// Bytes that are not UTF-8 become U+FFFD.
void append_json(std::string& out, std::string_view text);
void append_json(std::string& out, double number);
void append_json(std::string& out, std::int64_t number);
void append_json(std::string& out, const Value& value);

/// The same for a person: maps and lists of maps over lines of their own, two spaces a level.
std::string pretty_json(const Value& value);

/// The double that append_json wrote, also from a whole number; false when `value` is none.
bool json_double(const Value& value, double& number);

}  // namespace wm::base
