#include "worldmill/base/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#include "worldmill/base/json.h"

// The library's events, not its nodes: nodes lose duplicate keys, merge aliases and forget how a scalar was quoted.
// A stack of open lists and maps; a map also holds the key that waits for its value.

namespace wm::base {
namespace {

constexpr int kMostNodes = 1'000'000;
constexpr std::size_t kDeepest = 200;

// Leaves the library's callbacks; never leaves this file.
struct Refused {
  Diagnostic diagnostic;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A number as YAML 1.2's core schema writes it in decimal: [-+]? digits [. digits] [e [-+] digits].
bool looks_decimal(std::string_view s) {
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  const auto skip_digits = [&s] {
    const std::size_t count = static_cast<std::size_t>(std::find_if_not(s.begin(), s.end(), is_digit) - s.begin());
    s.remove_prefix(count);
    return count;
  };
  std::size_t digits = skip_digits();
  if (!s.empty() && s[0] == '.') {
    s.remove_prefix(1);
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (s.empty()) return true;
  if (s[0] != 'e' && s[0] != 'E') return false;
  s.remove_prefix(1);
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  return skip_digits() > 0 && s.empty();
}

// 012 and -07, but not 0, 0.5 or 0e3.
bool looks_octal(std::string_view s) {
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  return s.size() > 1 && s[0] == '0' && is_digit(s[1]) && looks_decimal(s);
}

class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Value result() && { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (wants_key()) refuse(mark, "a key is missing before \":\"");
    refuse_swallowed_colour(mark);
    add(Value{{}, place(mark)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "aliases (*name) are not allowed; quote what begins with *, or use let: and $name");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    refuse_anchor(mark, anchor);
    if (tag != "?" && tag != "!") refuse(mark, fmt::format("tags ({}) are not allowed", tag));
    const bool quoted = tag == "!";
    if (wants_key()) return add_key(mark, text);
    add(quoted ? Value{text, place(mark)} : plain(mark, text));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Value{Value::List(), place(mark)});
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Value{Value::Map(), place(mark)});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Value value;
    std::optional<Entry> key;  // of a map: read, its value not yet
  };

  Place place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string message) const {
    throw Refused{{place(mark), std::move(message)}};
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor) refuse(mark, "anchors (&name) are not allowed; use let: and $name");
  }

  bool wants_key() const { return !stack_.empty() && stack_.back().value.map() != nullptr && !stack_.back().key; }

  void add_key(const YAML::Mark& mark, const std::string& key) {
    if (key == "<<") refuse(mark, "merge keys (<<) are not allowed; use extends:");
    for (const Entry& entry : *stack_.back().value.map()) {
      if (entry.key == key) {
        refuse(mark, fmt::format("key \"{}\" stands here twice; the first is in line {}", key, entry.place.line));
      }
    }
    stack_.back().key = Entry{key, place(mark), {}};
  }

  Value plain(const YAML::Mark& mark, const std::string& text) const {
    if (text.empty() || text == "~" || text == "null") return {{}, place(mark)};
    if (text == "true" || text == "false") return {text == "true", place(mark)};
    if (looks_octal(text)) {
      refuse(mark, fmt::format("{} looks like an octal number; drop the leading zero, or quote it", text));
    }
    if (!looks_decimal(text)) return {text, place(mark)};
    const char* first = text.data() + (text[0] == '+' ? 1 : 0);
    const char* last = text.data() + text.size();
    std::int64_t whole = 0;
    const auto read_whole = std::from_chars(first, last, whole);
    if (read_whole.ec == std::errc() && read_whole.ptr == last) return {whole, place(mark)};
    double decimal = 0;
    const auto read = std::from_chars(first, last, decimal);
    if (read.ec != std::errc() || read.ptr != last) refuse(mark, fmt::format("{} is too large a number", text));
    return {decimal, place(mark)};
  }

  // `color: #ff0000` is an empty value and a comment to YAML, and a colour to whoever wrote it.
  void refuse_swallowed_colour(const YAML::Mark& mark) const {
    if (stack_.empty() || !stack_.back().key) return;
    const Place& key = stack_.back().key->place;
    std::string_view rest = text_;
    for (int line = 1; line < key.line; ++line) rest.remove_prefix(std::min(rest.size(), rest.find('\n') + 1));
    rest = rest.substr(0, rest.find('\n'));
    const std::size_t hash = rest.find(" #", static_cast<std::size_t>(key.column) - 1);
    if (hash == std::string_view::npos || hash + 2 >= rest.size()) return;
    const std::string_view word = rest.substr(hash + 1, rest.find_first_of(" \r", hash + 2) - hash - 1);
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    const bool is_colour = (word.size() == 4 || word.size() == 7) && std::all_of(word.begin() + 1, word.end(), is_hex);
    if (is_colour) refuse(mark, fmt::format("{} is a comment to YAML; quote the colour: \"{}\"", word, word));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Value value) {
    refuse_anchor(mark, anchor);
    if (tag != "?" && tag != "!") refuse(mark, fmt::format("tags ({}) are not allowed", tag));
    if (wants_key()) refuse(mark, "a key must be a word, not " + describe(value));
    if (stack_.size() == kDeepest) refuse(mark, fmt::format("is nested deeper than {} levels", kDeepest));
    stack_.push_back({std::move(value), {}});
  }

  void close() {
    Value value = std::move(stack_.back().value);
    stack_.pop_back();
    add(std::move(value));
  }

  void add(Value value) {
    if (++nodes_ > kMostNodes) {
      throw Refused{{value.place, fmt::format("holds more than {} values", kMostNodes)}};
    }
    if (stack_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& top = stack_.back();
    if (auto* list = std::get_if<Value::List>(&top.value.data)) {
      list->push_back(std::move(value));
      return;
    }
    top.key->value = std::move(value);
    std::get<Value::Map>(top.value.data).push_back(std::move(*top.key));
    top.key.reset();
  }

  std::string_view text_;
  const std::string& file_;
  std::vector<Open> stack_;
  Value root_;
  int nodes_ = 0;
};

// Line 0 when there is none.
Place first_not_utf8(std::string_view text, const std::string& file) {
  Place place{file, 1, 1};
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return place;
    ++place.column;
    if (text[0] == '\n') place = {file, place.line + 1, 1};
    text.remove_prefix(length);
  }
  return {};
}

std::string_view line_of(std::string_view text, int line) {
  for (int i = 0; i < line; ++i) text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  return text.substr(0, text.find('\n'));
}

// The library's words, and what a writer can do about it.
std::string explain(const YAML::Exception& broken, std::string_view text) {
  const std::string_view line = line_of(text, broken.mark.line);
  const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
  if (indentation.find('\t') != std::string_view::npos) return "a tab stands in the indentation; use spaces";
  constexpr std::pair<std::string_view, std::string_view> kAdvice[] = {
      {"end of map flow not found", "a } or a comma is missing in this {...}; quote text that holds : , [ ] { }"},
      {"end of sequence flow not found", "a ] or a comma is missing in this [...]; quote text that holds : , [ ] { }"},
      {"illegal map value", "a \":\" cannot stand here; quote text that holds one, or check the indentation"},
      {"end of map not found", "this line does not fit into the map above it; check the indentation"},
      {"end of sequence not found", "this line does not fit into the list above it; check the indentation"},
      {"the referenced anchor is not defined", "a * begins an alias in YAML; quote what begins with one: \"*...\""},
      {"illegal block entry", "a list item (-) cannot stand here; check the indentation"},
  };
  for (const auto& [theirs, ours] : kAdvice) {
    if (broken.msg == theirs) return std::string(ours);
  }
  return broken.msg;
}

}  // namespace

Result<Value> parse_yaml(std::string_view text, const std::string& file) {
  if (const Place bad = first_not_utf8(text, file); bad.line > 0) {
    return error("is not UTF-8 text; save it as UTF-8", bad);
  }
  std::istringstream stream{std::string(text)};
  Builder builder(text, file);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return Value{{}, {file, 1, 1}};
    Builder second(text, file);
    if (parser.HandleNextDocument(second)) return error("holds a second document (---); one is allowed", {file});
  } catch (const Refused& refused) {
    return tl::unexpected(refused.diagnostic);
  } catch (const YAML::Exception& broken) {
    return error(explain(broken, text), {file, broken.mark.line + 1, broken.mark.column + 1});
  }
  return std::move(builder).result();
}

}  // namespace wm::base
