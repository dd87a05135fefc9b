#include "worldmill/base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace wm::base {

std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF && tail(1)) return 2;
  if (a >= 0xE0 && a <= 0xEF && tail(1) && tail(2)) {
    return (a == 0xE0 && b < 0xA0) || (a == 0xED && b >= 0xA0) ? 0 : 3;
  }
  if (a >= 0xF0 && a <= 0xF4 && tail(1) && tail(2) && tail(3)) {
    return (a == 0xF0 && b < 0x90) || (a == 0xF4 && b >= 0x90) ? 0 : 4;
  }
  return 0;
}

namespace {

/// Builds a Value while nlohmann's parser reads; keeps the first complaint.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view text, const JsonBudget& budget) : text_(text), budget_(budget) {}

  bool null() override { return put(Value{}); }
  bool boolean(bool b) override { return put(Value{b, {}}); }
  bool number_integer(std::int64_t n) override { return put(Value{n, {}}); }
  bool number_unsigned(std::uint64_t n) override {
    if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return refuse(fmt::format("{} is larger than 64 signed bits hold", n));
    }
    return put(Value{static_cast<std::int64_t>(n), {}});
  }
  bool number_float(double d, const std::string& written) override {
    if (!std::isfinite(d)) return refuse(fmt::format("{} is larger than a double holds", written));
    return put(Value{d, {}});
  }
  bool string(std::string& s) override { return put(Value{std::move(s), {}}); }
  bool binary(nlohmann::json::binary_t&) override { return refuse("binary data"); }

  bool start_object(std::size_t) override { return open(Value{Value::Map{}, {}}); }
  bool start_array(std::size_t) override { return open(Value{Value::List{}, {}}); }
  bool key(std::string& k) override {
    std::get<Value::Map>(open_.back().data).push_back({std::move(k), {}, {}});
    return true;
  }
  bool end_object() override {
    const std::string* twice = repeated_key(std::get<Value::Map>(open_.back().data));
    if (twice != nullptr) return refuse(fmt::format("key \"{}\" stands twice in one object", *twice));
    return close();
  }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    position_ = std::min(position, text_.size());
    return refuse("is no JSON from here on");
  }

  Value root;
  std::string complaint;
  Place place(const std::string& file) const {
    if (position_ == 0) return {file};
    const std::string_view before = text_.substr(0, position_ - 1);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    return {file, static_cast<int>(lines) + 1, static_cast<int>(before.size() - line_start) + 1};
  }

 private:
  bool refuse(std::string why) {
    complaint = std::move(why);
    return false;
  }
  bool counted() {
    if (++count_ <= budget_.values) return true;
    return refuse(fmt::format("holds more than {} values", budget_.values));
  }
  bool put(Value value) {
    if (!counted()) return false;
    attach(std::move(value));
    return true;
  }
  bool open(Value value) {
    if (static_cast<int>(open_.size()) >= budget_.depth) {
      return refuse(fmt::format("is nested deeper than {} levels", budget_.depth));
    }
    if (!counted()) return false;
    open_.push_back(std::move(value));
    return true;
  }
  bool close() {
    Value done = std::move(open_.back());
    open_.pop_back();
    attach(std::move(done));
    return true;
  }
  void attach(Value value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (auto* list = std::get_if<Value::List>(&open_.back().data)) {
      list->push_back(std::move(value));
    } else {
      std::get<Value::Map>(open_.back().data).back().value = std::move(value);
    }
  }
  static const std::string* repeated_key(const Value::Map& map) {
    std::vector<const std::string*> keys;
    for (const Entry& entry : map) keys.push_back(&entry.key);
    std::sort(keys.begin(), keys.end(), [](auto* a, auto* b) { return *a < *b; });
    const auto twice = std::adjacent_find(keys.begin(), keys.end(), [](auto* a, auto* b) { return *a == *b; });
    return twice == keys.end() ? nullptr : *twice;
  }

  std::string_view text_;
  const JsonBudget& budget_;
  std::uint64_t count_ = 0;
  std::size_t position_ = 0;
  std::vector<Value> open_;
};

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
  } else {
    out += c;
  }
}

void append_list(std::string& out, const Value::List& list) {
  out += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    append_json(out, list[i]);
  }
  out += ']';
}

void append_map(std::string& out, const Value::Map& map) {
  out += '{';
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (i > 0) out += ',';
    append_json(out, std::string_view(map[i].key));
    out += ':';
    append_json(out, map[i].value);
  }
  out += '}';
}

}  // namespace

Result<Value> parse_json(std::string_view text, const std::string& file, const JsonBudget& budget) {
  if (text.size() > budget.bytes) {
    return error(fmt::format("is {} bytes long; {} are allowed", text.size(), budget.bytes), {file});
  }
  Builder builder(text, budget);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return error(std::move(builder.complaint), builder.place(file));
  }
  return std::move(builder.root);
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 1) {
      append_escaped(out, text.front());
    } else {
      out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

void append_json(std::string& out, double number) {
  if (std::isnan(number)) {
    out += "null";
  } else if (std::isinf(number)) {
    out += number > 0 ? "\"inf\"" : "\"-inf\"";
  } else {
    const std::size_t start = out.size();
    fmt::format_to(std::back_inserter(out), "{}", number);
    if (out.find_first_of(".e", start) == out.npos) out += ".0";
  }
}

void append_json(std::string& out, std::int64_t number) {
  fmt::format_to(std::back_inserter(out), "{}", number);
}

void append_json(std::string& out, const Value& value) {
  if (const auto* b = std::get_if<bool>(&value.data)) {
    out += *b ? "true" : "false";
  } else if (const auto* n = std::get_if<std::int64_t>(&value.data)) {
    append_json(out, *n);
  } else if (const auto* d = std::get_if<double>(&value.data)) {
    append_json(out, *d);
  } else if (value.text() != nullptr) {
    append_json(out, std::string_view(*value.text()));
  } else if (value.list() != nullptr) {
    append_list(out, *value.list());
  } else if (value.map() != nullptr) {
    append_map(out, *value.map());
  } else {
    out += "null";
  }
}

namespace {

/// Whether it reads well on one line: a scalar, an empty thing, a list of scalars.
bool short_json(const Value& value) {
  if (value.map() != nullptr) return value.map()->empty();
  if (value.list() == nullptr) return true;
  return std::ranges::none_of(*value.list(), [](const Value& v) { return v.map() != nullptr || v.list() != nullptr; });
}

void append_pretty(std::string& out, const Value& value, std::size_t indent) {
  if (short_json(value)) return append_json(out, value);
  const std::string line = '\n' + std::string(indent + 2, ' ');
  const char* comma = "";
  out += value.map() != nullptr ? '{' : '[';
  if (value.map() != nullptr) {
    for (const Entry& entry : *value.map()) {
      out += comma + line;
      append_json(out, std::string_view(entry.key));
      out += ": ";
      append_pretty(out, entry.value, indent + 2);
      comma = ",";
    }
  } else {
    for (const Value& item : *value.list()) {
      out += comma + line;
      append_pretty(out, item, indent + 2);
      comma = ",";
    }
  }
  out += '\n' + std::string(indent, ' ');
  out += value.map() != nullptr ? '}' : ']';
}

}  // namespace

std::string pretty_json(const Value& value) {
  std::string out;
  append_pretty(out, value, 0);
  return out + '\n';
}

bool json_double(const Value& value, double& number) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (const auto* d = std::get_if<double>(&value.data)) {
    number = *d;
  } else if (const auto* n = std::get_if<std::int64_t>(&value.data)) {
    number = static_cast<double>(*n);
  } else if (value.is_null()) {
    number = std::numeric_limits<double>::quiet_NaN();
  } else if (value.text() != nullptr && (*value.text() == "inf" || *value.text() == "-inf")) {
    number = value.text()->front() == '-' ? -kInfinity : kInfinity;
  } else {
    return false;
  }
  return true;
}

}  // namespace wm::base
