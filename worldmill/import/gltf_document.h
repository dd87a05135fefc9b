#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/import/fields.h"
#include "worldmill/import/source.h"

namespace wm::import {

/// The two halves of a .glb, or the text of a .gltf and no binary. Views into the file's bytes.
struct GltfChunks {
  std::string_view json;
  std::string_view binary;
};
Result<GltfChunks> split_gltf(std::string_view bytes, const std::string& file);

/// Numbers of an accessor, `components` to an element.
struct Numbers {
  std::size_t components = 0;
  std::vector<float> values;
  std::size_t count() const { return components == 0 ? 0 : values.size() / components; }
};

/// Bytes of a buffer view; `stride` 0: one element after the other without gaps.
struct ByteView {
  std::string_view bytes;
  std::size_t stride = 0;
};

/// A glTF file: its JSON and the bytes that stand behind it. Buffers are read at their first use, and everything is
/// checked at its use: what nothing shown refers to may be broken, as in other viewers. Not thread-safe.
class GltfDocument {
 public:
  /// `chunks` must outlive the document.
  GltfDocument(Source& source, const base::Value& root, const GltfChunks& chunks);

  Source& source() { return source_; }
  Complaint& complaint() { return complaint_; }
  const Fields& root() const { return root_; }
  std::size_t count(const char* things) const { return root_.size(things); }
  /// Entry i of a list at the root; i < count(things).
  Fields item(const char* things, std::size_t i) const { return root_.item(things, i); }

  Result<ByteView> view(std::size_t i);
  /// Converted to float; normalized integers to [0, 1] or [-1, 1]. `what` is what a complaint calls them.
  Result<Numbers> numbers(std::size_t accessor, const std::string& what);
  /// Of a scalar accessor of whole numbers.
  Result<std::vector<std::uint32_t>> indices(std::size_t accessor, const std::string& what);
  /// Whether an accessor's integers stand for fractions.
  bool normalized(std::size_t accessor) const { return item("accessors", accessor).flag("normalized", false); }
  /// Counts towards the budget of one file.
  Status spend(std::uint64_t vertices);

 private:
  struct Accessor;
  struct Layout;
  base::Place place() const { return {source_.file(), 0, 0}; }
  Result<std::string_view> buffer(std::size_t i);
  Result<ByteView> decoded_view(std::size_t i, const Fields& packed);
  Result<Accessor> accessor(std::size_t i, const std::string& what);
  template <class T>
  Result<std::vector<T>> elements(const Accessor& accessor, const std::string& what);
  template <class T>
  Status copy(const Layout& layout, std::vector<T>& to, const std::string& what);
  template <class T>
  Status overlay(const Accessor& accessor, std::vector<T>& to, const std::string& what);

  Source& source_;
  Complaint complaint_;
  Fields root_;
  std::string_view binary_;
  std::map<std::size_t, std::string> buffers_;
  std::map<std::size_t, std::string> decoded_;
  std::uint64_t spent_ = 0;
};

}  // namespace wm::import
