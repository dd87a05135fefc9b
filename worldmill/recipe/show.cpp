#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/json.h"
#include "worldmill/base/yaml.h"
#include "worldmill/recipe/recipe.h"
#include "worldmill/recipe/tree.h"

// `worldmill show`. A setting that has an origin of its own is one line; what holds such settings is opened.

namespace wm::recipe {

using base::Entry;
using base::Value;

namespace {

constexpr std::size_t kWidth = 100;

// Text as a plain scalar where it reads back as itself, else quoted as JSON does, which YAML reads the same.
std::string text_of(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/' ||
           c == '.' || c == '-' || c == '$' || c == '^' || c == ' ' || c == '+';
  };
  const bool starts_well = !text.empty() && text.front() != '-' && text.front() != ' ' && text.back() != ' ';
  if (starts_well && std::all_of(text.begin(), text.end(), is_plain)) {
    const Result<Value> read = base::parse_yaml(text, "");
    if (read && read->text() && *read->text() == text) return text;
  }
  std::string out;
  base::append_json(out, std::string_view(text));
  return out;
}

std::string flow(const Value& value) {
  if (value.text()) return text_of(*value.text());
  if (value.is_null()) return "null";
  std::string out;
  if (value.list()) {
    for (const Value& item : *value.list()) out += (out.empty() ? "" : ", ") + flow(item);
    return "[" + out + "]";
  }
  if (value.map()) {
    for (const Entry& entry : *value.map()) {
      out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", text_of(entry.key), flow(entry.value));
    }
    return "{" + out + "}";
  }
  base::append_json(out, value);
  return out;
}

class Printer {
 public:
  explicit Printer(const Recipe& recipe) : recipe_(recipe) {}

  std::string print() && {
    for (const Entry& entry : *recipe_.resolved.map()) setting(entry, "", 0);
    return std::move(out_);
  }

 private:
  void setting(const Entry& entry, const std::string& above, std::size_t depth) {
    const std::string path = join(above, entry.key);
    const std::string head = std::string(2 * depth, ' ') + text_of(entry.key) + ":";
    const auto origin = recipe_.origins.find(path);
    if (origin == recipe_.origins.end() && entry.value.map()) {
      out_ += head + "\n";
      for (const Entry& inside : *entry.value.map()) setting(inside, path, depth + 1);
      return;
    }
    const std::string comment = origin == recipe_.origins.end() ? "" : "  # " + origin->second;
    const std::string line = head + " " + flow(entry.value);
    if (line.size() <= kWidth || !is_long(entry.value)) {
      out_ += line + comment + "\n";
      return;
    }
    out_ += head + comment + "\n";
    block(entry.value, depth + 1);
  }

  static bool is_long(const Value& value) {
    return (value.map() && !value.map()->empty()) || (value.list() && !value.list()->empty());
  }

  void block(const Value& value, std::size_t depth) {
    const std::string indent(2 * depth, ' ');
    if (value.list()) {
      for (const Value& item : *value.list()) out_ += indent + "- " + flow(item) + "\n";
      return;
    }
    for (const Entry& entry : *value.map()) {
      const std::string line = indent + text_of(entry.key) + ": " + flow(entry.value);
      if (line.size() <= kWidth || !is_long(entry.value)) {
        out_ += line + "\n";
        continue;
      }
      out_ += indent + text_of(entry.key) + ":\n";
      block(entry.value, depth + 1);
    }
  }

  const Recipe& recipe_;
  std::string out_;
};

}  // namespace

std::string to_yaml(const Recipe& recipe) {
  return Printer(recipe).print();
}

}  // namespace wm::recipe
