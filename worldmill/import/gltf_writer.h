#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worldmill/base/value.h"
#include "worldmill/geometry/mesh.h"

namespace wm::import {

/// A glTF 2.0 file in the making: the lists at its root, and the one buffer that its numbers stand in. Equal numbers
/// are written once.
class GltfWriter {
 public:
  using Entries = std::vector<std::pair<std::string, base::Value>>;

  /// What an accessor's numbers are for: where the bytes go (bufferView.target), and whether its bounds are told.
  enum class For { attribute, positions, indices, times, values };

  /// A further entry of a list at the root; gives its index.
  std::size_t add(std::string_view list, base::Value item);
  std::size_t count(std::string_view list) const;
  /// Numbers, `components` (1 to 4) to an element.
  std::size_t numbers(std::span<const float> values, int components, For use);
  std::size_t triangles(std::span<const geometry::Triangle> triangles);
  /// A view of bytes that are no numbers: a picture.
  std::size_t bytes(std::string_view content);
  /// Names an extension that the file uses.
  void use(std::string_view extension) { extensions_.emplace(extension); }
  /// A further entry of the root's `extensions`.
  void extend(std::string_view extension, base::Value value);

  /// The whole as JSON. `uri`: of the file that holds binary(); empty: it stands beside in a .glb.
  std::string json(const std::string& uri, int scene) const;
  const std::string& binary() const { return binary_; }

 private:
  std::size_t view(std::string_view content, int target);
  std::size_t accessor(std::string_view content, int target, Entries entries);

  std::map<std::string, base::Value::List, std::less<>> lists_;
  std::map<std::pair<std::string, std::string>, std::size_t> known_;  // hash of the bytes, entries -> accessor
  std::set<std::string> extensions_;
  Entries extended_;
  std::string binary_;
};

/// A whole number, and numbers, as JSON has them.
base::Value index_of(std::size_t index);
base::Value numbers_of(std::span<const double> numbers);

/// `JSON` and `BIN` chunks as one .glb.
std::string glb_of(std::string json, std::string_view binary);

}  // namespace wm::import
