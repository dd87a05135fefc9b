#include "worldmill/import/gltf_writer.h"

#include <algorithm>
#include <cstring>

#include "worldmill/base/hash.h"
#include "worldmill/base/json.h"

namespace wm::import {

using base::Value;
using base::value_of;

namespace {

constexpr int kFloat = 5126, kUint = 5125, kArrayBuffer = 34962, kElementBuffer = 34963;

template <class T>
std::string_view bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

void pad(std::string& bytes, char with) {
  bytes.resize((bytes.size() + 3) / 4 * 4, with);
}

void append_word(std::string& out, std::size_t value) {
  const auto word = static_cast<std::uint32_t>(value);
  char bytes[4];
  std::memcpy(bytes, &word, 4);
  out.append(bytes, 4);
}

void add_bounds(GltfWriter::Entries& entries, std::span<const float> values, std::size_t components) {
  std::vector<double> least(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(components)), most = least;
  for (std::size_t i = 0; i < values.size(); ++i) {
    double &low = least[i % components], &high = most[i % components];
    low = std::min<double>(low, values[i]), high = std::max<double>(high, values[i]);
  }
  entries.emplace_back("min", numbers_of(least));
  entries.emplace_back("max", numbers_of(most));
}

}  // namespace

Value index_of(std::size_t index) {
  return value_of(static_cast<std::int64_t>(index));
}

Value numbers_of(std::span<const double> numbers) {
  Value::List list;
  for (const double number : numbers) list.push_back(value_of(number));
  return base::list_of(std::move(list));
}

std::size_t GltfWriter::add(std::string_view list, Value item) {
  auto at = lists_.find(list);
  if (at == lists_.end()) at = lists_.emplace(list, Value::List()).first;
  at->second.push_back(std::move(item));
  return at->second.size() - 1;
}

std::size_t GltfWriter::count(std::string_view list) const {
  const auto at = lists_.find(list);
  return at == lists_.end() ? 0 : at->second.size();
}

std::size_t GltfWriter::view(std::string_view content, int target) {
  Entries entries{
      {"buffer", index_of(0)}, {"byteOffset", index_of(binary_.size())}, {"byteLength", index_of(content.size())}};
  if (target != 0) entries.emplace_back("target", value_of(std::int64_t{target}));
  binary_ += content;
  pad(binary_, '\0');
  return add("bufferViews", base::map_of(std::move(entries)));
}

std::size_t GltfWriter::bytes(std::string_view content) {
  return view(content, 0);
}

std::size_t GltfWriter::accessor(std::string_view content, int target, Entries entries) {
  std::string said;
  base::append_json(said, base::map_of(entries));
  const auto key = std::pair(base::to_string(base::hash_bytes(content)), said + std::to_string(target));
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  entries.insert(entries.begin(), {"bufferView", index_of(view(content, target))});
  return known_[key] = add("accessors", base::map_of(std::move(entries)));
}

std::size_t GltfWriter::numbers(std::span<const float> values, int components, For use) {
  static constexpr std::string_view kTypes[] = {"SCALAR", "VEC2", "VEC3", "VEC4"};
  const auto size = static_cast<std::size_t>(components);
  Entries entries{{"componentType", value_of(std::int64_t{kFloat})},
                  {"type", value_of(std::string(kTypes[size - 1]))},
                  {"count", index_of(values.size() / size)}};
  if (use == For::positions || use == For::times) add_bounds(entries, values, size);
  const bool vertices = use == For::positions || use == For::attribute;
  return accessor(bytes_of(values), vertices ? kArrayBuffer : 0, std::move(entries));
}

std::size_t GltfWriter::triangles(std::span<const geometry::Triangle> triangles) {
  return accessor(bytes_of(triangles), kElementBuffer,
                  {{"componentType", value_of(std::int64_t{kUint})},
                   {"type", value_of("SCALAR")},
                   {"count", index_of(triangles.size() * 3)}});
}

void GltfWriter::extend(std::string_view extension, Value value) {
  use(extension);
  extended_.emplace_back(extension, std::move(value));
}

std::string GltfWriter::json(const std::string& uri, int scene) const {
  Entries root{{"asset", base::map_of({{"version", value_of("2.0")}, {"generator", value_of("Worldmill")}})},
               {"scene", value_of(std::int64_t{scene})}};
  if (!extensions_.empty()) {
    Value::List names;
    for (const std::string& name : extensions_) names.push_back(value_of(name));
    root.emplace_back("extensionsUsed", base::list_of(std::move(names)));
  }
  if (!extended_.empty()) root.emplace_back("extensions", base::map_of(extended_));
  for (const auto& [name, list] : lists_) root.emplace_back(name, base::list_of(list));
  if (!binary_.empty()) {
    Entries buffer{{"byteLength", index_of(binary_.size())}};
    if (!uri.empty()) buffer.emplace_back("uri", value_of(uri));
    root.emplace_back("buffers", base::list_of({base::map_of(std::move(buffer))}));
  }
  const Value whole = base::map_of(std::move(root));
  if (!uri.empty()) return base::pretty_json(whole);
  std::string text;
  base::append_json(text, whole);
  return text;
}

std::string glb_of(std::string json, std::string_view binary) {
  pad(json, ' ');
  std::string out = "glTF";
  append_word(out, 2);
  append_word(out, 12 + 8 + json.size() + (binary.empty() ? 0 : 8 + binary.size()));
  append_word(out, json.size());
  out += "JSON" + json;
  if (binary.empty()) return out;
  append_word(out, binary.size());
  out.append("BIN\0", 4);
  out += binary;
  return out;
}

}  // namespace wm::import
