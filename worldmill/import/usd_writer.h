#pragma once
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "worldmill/usd/layer.h"

namespace wm::import {

/// A layer in the making: prims in the order they are defined, each with its properties in the order they are said.
/// Names of types are USD's own; a value's C++ type must be as large as its USD type.
class UsdWriter {
 public:
  UsdWriter();

  /// A new prim below `parent`. `name` is made an identifier and unique among the siblings, by `_1`, `_2`;
  /// one that this changes is kept as `displayName` and in the mark.
  usd::Path define(usd::Path parent, std::string_view name, std::string_view type,
                   usd::Specifier specifier = usd::Specifier::def);
  /// Metadata of a prim, a property or (at the root) the layer.
  void metadata(usd::Path path, std::string_view key, usd::Value value);
  /// Our own mark, `customData = {dictionary worldmill = {bool part = 1, bool folder = 1, string name = ...}}`.
  void mark_part(usd::Path prim);
  void mark_folder(usd::Path prim);
  void mark_name(usd::Path prim, std::string_view name);
  void apply(usd::Path prim, std::string_view schema);  ///< An applied API schema, each once.
  void refer(usd::Path prim, usd::Path to);             ///< An internal reference.
  void relate(usd::Path prim, std::string_view name, std::vector<usd::Path> targets);
  void connect(usd::Path prim, std::string_view name, std::string_view type, usd::Path to);
  /// An output that others connect to.
  usd::Path output(usd::Path prim, std::string_view name, std::string_view type);

  template <class T>
  usd::Path attribute(usd::Path prim, std::string_view name, std::string_view type, const T& value) {
    return put(prim, name, type, value_of(type, value), false);
  }
  template <class T>
  usd::Path uniform(usd::Path prim, std::string_view name, std::string_view type, const T& value) {
    return put(prim, name, type, value_of(type, value), true);
  }
  /// An attribute of a value that is made already.
  usd::Path set(usd::Path prim, std::string_view name, std::string_view type, usd::Value value) {
    return put(prim, name, type, std::move(value), false);
  }
  void samples(usd::Path attribute, std::vector<double> times, std::vector<usd::Value> values);

  static usd::Value value_of(std::string_view type, bool v);
  static usd::Value value_of(std::string_view type, std::string_view text);
  static usd::Value value_of(std::string_view type, const std::string& text) {
    return value_of(type, std::string_view(text));
  }
  static usd::Value value_of(std::string_view type, const char* text) { return value_of(type, std::string_view(text)); }
  static usd::Value value_of(std::string_view type, const std::vector<std::string>& texts);
  template <class T>
  static usd::Value value_of(std::string_view type, const T& v) {
    return usd::Value::of(usd::type_named(type).type, v);
  }
  template <class T>
  static usd::Value value_of(std::string_view type, const std::vector<T>& items) {
    return usd::Value::array_of<T>(usd::type_named(type).type, items);
  }

  std::shared_ptr<usd::Layer> finish(const std::string& identifier);

 private:
  struct Spec {
    usd::SpecType type;
    std::vector<usd::Field> fields;
    std::vector<usd::Token> children, properties, schemas;
    std::set<std::string> names;  ///< Of children.
    usd::Dictionary mark;
  };
  usd::Path put(usd::Path prim, std::string_view name, std::string_view type, usd::Value value, bool uniform);
  Spec& property(usd::Path path, usd::SpecType type);
  Spec& at(usd::Path path) { return specs_[index_.at(path)]; }
  Spec& make(usd::Path path, usd::SpecType type);

  std::vector<Spec> specs_;
  std::vector<usd::Path> paths_;
  std::unordered_map<usd::Path, std::size_t> index_;
};

/// `name` as an identifier: what is no ASCII letter, digit or `_` becomes `_`, one before a leading digit.
std::string usd_identifier(std::string_view name);

}  // namespace wm::import
