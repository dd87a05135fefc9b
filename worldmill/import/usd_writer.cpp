#include "worldmill/import/usd_writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace wm::import {

using usd::known;
using usd::Path;
using usd::Token;
using usd::Value;

std::string usd_identifier(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    out += fits ? c : '_';
  }
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out.insert(0, "_");
  return out;
}

UsdWriter::UsdWriter() {
  make(Path::root(), usd::SpecType::pseudo_root);
}

UsdWriter::Spec& UsdWriter::make(Path path, usd::SpecType type) {
  WM_CHECK(index_.emplace(path, specs_.size()).second);
  paths_.push_back(path);
  return specs_.emplace_back(Spec{type, {}, {}, {}, {}, {}, {}});
}

Path UsdWriter::define(Path parent, std::string_view name, std::string_view type, usd::Specifier specifier) {
  const std::string wanted = usd_identifier(name);
  Spec& above = at(parent);
  std::string unique = wanted;
  for (int i = 1; !above.names.insert(unique).second; ++i) unique = fmt::format("{}_{}", wanted, i);
  const Path path = parent.child(Token(unique));
  above.children.push_back(path.name());
  Spec& spec = make(path, usd::SpecType::prim);
  spec.fields.push_back(
      {known("specifier"), Value::small(usd::Type::specifier, static_cast<std::uint64_t>(specifier))});
  if (!type.empty()) spec.fields.push_back({known("typeName"), Value::of(Token(type))});
  if (unique != name) usd::set(spec.mark, Token("name"), Value::of(Token(name), usd::Type::string));
  if (wanted != name) spec.fields.push_back({known("displayName"), Value::of(Token(name), usd::Type::string)});
  return path;
}

void UsdWriter::metadata(Path path, std::string_view key, Value value) {
  Spec& spec = at(path);
  const Token name(key);
  for (usd::Field& field : spec.fields) {
    if (field.name == name) {
      field.value = std::move(value);
      return;
    }
  }
  spec.fields.push_back({name, std::move(value)});
}

void UsdWriter::mark_part(Path prim) {
  usd::set(at(prim).mark, Token("part"), Value::of(true));
}

void UsdWriter::mark_folder(Path prim) {
  usd::set(at(prim).mark, Token("folder"), Value::of(true));
}

void UsdWriter::mark_name(Path prim, std::string_view name) {
  usd::set(at(prim).mark, Token("name"), Value::of(Token(name), usd::Type::string));
}

void UsdWriter::apply(Path prim, std::string_view schema) {
  auto& schemas = at(prim).schemas;
  const Token token(schema);
  if (std::find(schemas.begin(), schemas.end(), token) == schemas.end()) schemas.push_back(token);
}

void UsdWriter::refer(Path prim, Path to) {
  usd::ReferenceListOp references;
  references.prepended.push_back({Token(), to, {}, nullptr});
  metadata(prim, "references", Value::boxed(usd::Type::reference_list_op, std::move(references)));
}

UsdWriter::Spec& UsdWriter::property(Path path, usd::SpecType type) {
  if (const auto known_one = index_.find(path); known_one != index_.end()) return specs_[known_one->second];
  at(path.parent()).properties.push_back(path.name());
  return make(path, type);
}

Path UsdWriter::put(Path prim, std::string_view name, std::string_view type, Value value, bool uniform) {
  const Path path = prim.property(Token(name));
  Spec& spec = property(path, usd::SpecType::attribute);
  spec.fields = {{known("typeName"), Value::of(Token(type))}};
  if (uniform) spec.fields.push_back({known("variability"), Value::small(usd::Type::variability, 1)});
  spec.fields.push_back({known("default"), std::move(value)});
  return path;
}

Path UsdWriter::output(Path prim, std::string_view name, std::string_view type) {
  const Path path = prim.property(Token(name));
  property(path, usd::SpecType::attribute).fields = {{known("typeName"), Value::of(Token(type))}};
  return path;
}

void UsdWriter::connect(Path prim, std::string_view name, std::string_view type, Path to) {
  const Path path = output(prim, name, type);
  metadata(path, "connectionPaths", Value::boxed(usd::Type::path_list_op, usd::PathListOp::of({to})));
}

void UsdWriter::relate(Path prim, std::string_view name, std::vector<Path> targets) {
  const Path path = prim.property(Token(name));
  property(path, usd::SpecType::relationship).fields = {
      {known("variability"), Value::small(usd::Type::variability, 1)},
      {known("targetPaths"), Value::boxed(usd::Type::path_list_op, usd::PathListOp::of(std::move(targets)))}};
}

void UsdWriter::samples(Path attribute, std::vector<double> times, std::vector<Value> values) {
  usd::TimeSamples all{Value::array_of<double>(usd::Type::double_vector, times), std::move(values)};
  metadata(attribute, "timeSamples", Value::boxed(usd::Type::time_samples, std::move(all)));
}

Value UsdWriter::value_of(std::string_view, bool v) {
  return Value::of(v);
}

Value UsdWriter::value_of(std::string_view type, std::string_view text) {
  return Value::of(Token(text), usd::type_named(type).type);
}

Value UsdWriter::value_of(std::string_view type, const std::vector<std::string>& texts) {
  std::vector<Token> tokens;
  for (const std::string& text : texts) tokens.emplace_back(text);
  return Value::array_of<Token>(usd::type_named(type).type, tokens);
}

std::shared_ptr<usd::Layer> UsdWriter::finish(const std::string& identifier) {
  auto layer = std::make_shared<usd::Layer>(identifier);
  layer->reserve(specs_.size(), specs_.size() * 4);
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    Spec& spec = specs_[i];
    if (!spec.mark.empty()) {
      usd::Dictionary data;
      usd::set(data, Token("worldmill"), Value::boxed(usd::Type::dictionary, std::move(spec.mark)));
      spec.fields.push_back({known("customData"), Value::boxed(usd::Type::dictionary, std::move(data))});
    }
    if (!spec.schemas.empty()) {
      usd::TokenListOp op;
      op.prepended = spec.schemas;
      spec.fields.push_back({known("apiSchemas"), Value::boxed(usd::Type::token_list_op, std::move(op))});
    }
    if (!spec.properties.empty()) spec.fields.push_back({known("properties"), Value::tokens(spec.properties)});
    if (!spec.children.empty()) spec.fields.push_back({known("primChildren"), Value::tokens(spec.children)});
    layer->put(paths_[i], spec.type, std::move(spec.fields));
  }
  return layer;
}

}  // namespace wm::import
