// glTF 2.0 as bytes. A .glb is
//
//   "glTF" | version 2 | length of all      12 bytes, little endian
//   length | "JSON"    | text, padded
//   length | "BIN\0"   | bytes, padded      the first buffer without a uri; optional
//   ...                                     chunks of other kinds are skipped
//
// and numbers are found by accessor -> bufferView -> buffer -> file, data URI or the BIN chunk.
#include "worldmill/import/gltf_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "worldmill/import/gltf_packed.h"

namespace wm::import {

using base::error;

namespace {

constexpr std::int64_t kBytes = std::int64_t{1}
                                << 40;  // larger than any file we read, small enough to add and multiply
constexpr std::int64_t kElements = std::int64_t{1} << 32;

std::uint32_t word(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

constexpr std::uint32_t kJson = 0x4e4f534a, kBin = 0x004e4942;

enum Component { kByte = 5120, kUByte = 5121, kShort = 5122, kUShort = 5123, kUInt = 5125, kFloat = 5126 };

std::size_t size_of(std::int64_t component) {
  switch (component) {
    case kByte:
    case kUByte:
      return 1;
    case kShort:
    case kUShort:
      return 2;
    case kUInt:
    case kFloat:
      return 4;
    default:
      return 0;
  }
}

std::size_t components_of(std::string_view type) {
  constexpr std::pair<std::string_view, std::size_t> kTypes[] = {{"SCALAR", 1}, {"VEC2", 2}, {"VEC3", 3}, {"VEC4", 4},
                                                                 {"MAT2", 4},   {"MAT3", 9}, {"MAT4", 16}};
  for (const auto& [name, count] : kTypes) {
    if (name == type) return count;
  }
  return 0;
}

// Elements of `components` numbers of type From, `stride` bytes apart; integers divided by `most` unless it is 0.
template <class From, class To>
void spread(std::string_view from, std::size_t stride, std::size_t components, float most, To* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const char* element = from.data() + i * stride;
    for (std::size_t c = 0; c < components; ++c) {
      From value;
      std::memcpy(&value, element + c * sizeof(From), sizeof(From));
      *to = static_cast<To>(value);
      if constexpr (std::is_same_v<To, float>) {
        if (most > 0) *to = std::max(*to / most, -1.0f);
      }
      ++to;
    }
  }
}

}  // namespace

Result<GltfChunks> split_gltf(std::string_view bytes, const std::string& file) {
  if (!bytes.starts_with("glTF")) return GltfChunks{bytes, {}};
  if (bytes.size() < 20) return error("is cut off: not even a header is there; get the file again", {file});
  if (word(bytes, 4) != 2) {
    return error(fmt::format("is binary glTF {}, only version 2 is read; convert it", word(bytes, 4)), {file});
  }
  const std::size_t length = word(bytes, 8);
  if (length > bytes.size()) {
    return error(
        fmt::format("is cut off: it has {} bytes, its header says {}; get the file again", bytes.size(), length),
        {file});
  }
  GltfChunks chunks;
  for (std::size_t at = 12; at + 8 <= length;) {
    const std::size_t size = word(bytes, at);
    const std::uint32_t kind = word(bytes, at + 4);
    if (size > length - at - 8) {
      return error(fmt::format("is damaged: the chunk at byte {} reaches beyond its end; get the file again", at),
                   {file});
    }
    const std::string_view body = bytes.substr(at + 8, size);
    if (at == 12 && kind != kJson) return error("is damaged: its first chunk is not JSON; get the file again", {file});
    if (kind == kJson && at == 12) chunks.json = body;
    if (kind == kBin && chunks.binary.data() == nullptr) chunks.binary = body;
    at += 8 + size;
  }
  return chunks;
}

// Where elements of one kind lie.
struct GltfDocument::Layout {
  std::size_t view = 0;
  std::uint64_t offset = 0;
  std::int64_t component = 0;
  std::size_t components = 1;
  bool normalized = false;
  std::size_t count = 0;
};

struct GltfDocument::Accessor {
  Layout layout;
  bool stored = false;  ///< Else it begins as zeros.
  struct Sparse {
    Layout indices, values;
  };
  std::optional<Sparse> sparse;
};

GltfDocument::GltfDocument(Source& source, const base::Value& root, const GltfChunks& chunks)
    : source_(source), complaint_(source.file()), root_(&root, "", complaint_), binary_(chunks.binary) {}

Status GltfDocument::spend(std::uint64_t vertices) {
  spent_ += vertices;
  if (spent_ <= static_cast<std::uint64_t>(source_.budget().vertices)) return {};
  return error(fmt::format("has more than the {} vertices and triangles allowed here", source_.budget().vertices),
               place());
}

Result<std::string_view> GltfDocument::buffer(std::size_t i) {
  const Fields fields = item("buffers", i);
  const std::string uri = fields.text("uri");
  const auto length = static_cast<std::uint64_t>(fields.integer("byteLength", 0, 0, kBytes));
  WM_TRY_STATUS(complaint_.status());
  std::string_view bytes = binary_;
  if (uri.empty() && (i != 0 || binary_.data() == nullptr)) {
    return error(fmt::format("buffers[{}] has no bytes: neither a uri nor a binary chunk", i), place());
  }
  if (!uri.empty()) {
    auto found = buffers_.find(i);
    if (found == buffers_.end()) {
      std::string loaded;
      if (is_data_uri(uri)) {
        WM_TRY(decoded, decode_data_uri(uri, source_.file()));
        loaded = std::move(decoded);
      } else {
        WM_TRY(path, decode_uri(uri, source_.file()));
        WM_TRY(read, source_.read(path));
        loaded = std::move(read);
      }
      found = buffers_.emplace(i, std::move(loaded)).first;
    }
    bytes = found->second;
  }
  if (bytes.size() >= length) return bytes.substr(0, length);
  return error(
      fmt::format("buffers[{}] is cut off: {} bytes of {} are there; get the file again", i, bytes.size(), length),
      place());
}

Result<ByteView> GltfDocument::view(std::size_t i) {
  const Fields fields = item("bufferViews", i);
  const Fields packed = fields.extension("EXT_meshopt_compression");
  if (packed.exists()) return decoded_view(i, packed);
  const auto source = fields.index("buffer", count("buffers"), "buffers");
  const auto offset = static_cast<std::uint64_t>(fields.integer("byteOffset", 0, 0, kBytes));
  const auto length = static_cast<std::uint64_t>(fields.integer("byteLength", 0, 0, kBytes));
  const auto stride = static_cast<std::size_t>(fields.integer("byteStride", 0, 0, 252));
  if (!source) fields.say("names no buffer");
  WM_TRY_STATUS(complaint_.status());
  WM_TRY(bytes, buffer(*source));
  if (offset + length > bytes.size()) {
    return error(fmt::format("bufferViews[{}] reaches to byte {}, its buffer has {}", i, offset + length, bytes.size()),
                 place());
  }
  return ByteView{bytes.substr(offset, length), stride};
}

Result<ByteView> GltfDocument::decoded_view(std::size_t i, const Fields& packed) {
  MeshoptView job;
  const auto source = packed.index("buffer", count("buffers"), "buffers");
  const auto offset = static_cast<std::uint64_t>(packed.integer("byteOffset", 0, 0, kBytes));
  const auto length = static_cast<std::uint64_t>(packed.integer("byteLength", 0, 0, kBytes));
  job.stride = static_cast<std::size_t>(packed.integer("byteStride", 0, 1, 256));
  job.count = static_cast<std::size_t>(packed.integer("count", 0, 0, kElements));
  job.mode = packed.text("mode");
  job.filter = packed.text("filter");
  if (!source) packed.say("names no buffer");
  WM_TRY_STATUS(complaint_.status());
  auto found = decoded_.find(i);
  if (found == decoded_.end()) {
    WM_TRY(bytes, buffer(*source));
    if (offset + length > bytes.size()) {
      return error(
          fmt::format("bufferViews[{}] reaches to byte {}, its buffer has {}", i, offset + length, bytes.size()),
          place());
    }
    WM_TRY_STATUS(spend(job.count / 4));
    job.bytes = bytes.substr(offset, length);
    auto decoded = decode_meshopt(job);
    if (!decoded) return error(fmt::format("bufferViews[{}] {}", i, decoded.error().message), place());
    found = decoded_.emplace(i, std::move(*decoded)).first;
  }
  return ByteView{found->second, job.stride};
}

Result<GltfDocument::Accessor> GltfDocument::accessor(std::size_t i, const std::string& what) {
  const Fields fields = item("accessors", i);
  Accessor accessor;
  Layout& layout = accessor.layout;
  layout.component = fields.integer("componentType", 0, 0, 1 << 16);
  layout.components = components_of(fields.text("type"));
  layout.normalized = fields.flag("normalized", false);
  layout.count = static_cast<std::size_t>(fields.integer("count", 0, 0, kElements));
  layout.offset = static_cast<std::uint64_t>(fields.integer("byteOffset", 0, 0, kBytes));
  const auto view = fields.index("bufferView", count("bufferViews"), "buffer views");
  accessor.stored = view.has_value();
  layout.view = view.value_or(0);
  const Fields sparse = fields.object("sparse");
  if (sparse.exists()) {
    accessor.sparse.emplace();
    const auto part = [&](const char* key, Layout& to) {
      const Fields of = sparse.object(key);
      to.count = static_cast<std::size_t>(sparse.integer("count", 0, 0, kElements));
      to.view = of.index("bufferView", count("bufferViews"), "buffer views").value_or(count("bufferViews"));
      to.offset = static_cast<std::uint64_t>(of.integer("byteOffset", 0, 0, kBytes));
      to.component = of.integer("componentType", layout.component, 0, 1 << 16);
      if (to.view == count("bufferViews")) sparse.say(fmt::format("has no {}.bufferView", key));
    };
    accessor.sparse->values.components = layout.components;
    accessor.sparse->values.normalized = layout.normalized;
    part("indices", accessor.sparse->indices);
    part("values", accessor.sparse->values);
    accessor.sparse->values.component = layout.component;
    if (accessor.sparse->values.count > layout.count) sparse.say("replaces more elements than there are");
  }
  if (size_of(layout.component) == 0) fields.say(fmt::format("has component type {}, which is none", layout.component));
  if (layout.components == 0) fields.say(fmt::format("has type \"{}\", which is none", fields.text("type")));
  WM_TRY_STATUS(complaint_.status());
  if (layout.count > static_cast<std::size_t>(source_.budget().vertices) * 3) {
    return error(fmt::format("{}: accessors[{}] counts {} elements, more than allowed here", what, i, layout.count),
                 place());
  }
  return accessor;
}

template <class T>
Status GltfDocument::copy(const Layout& layout, std::vector<T>& to, const std::string& what) {
  if (layout.count == 0) return {};
  WM_TRY(from, view(layout.view));
  const std::size_t element = size_of(layout.component) * layout.components;
  if (element == 0) return error(fmt::format("{}: component type {} is none", what, layout.component), place());
  const std::size_t stride = from.stride == 0 ? element : from.stride;
  const std::uint64_t end = layout.offset + std::uint64_t{stride} * (layout.count - 1) + element;
  if (stride < element || end > from.bytes.size()) {
    return error(fmt::format("{}: its accessor reads to byte {} of bufferViews[{}], which has {}", what, end,
                             layout.view, from.bytes.size()),
                 place());
  }
  const std::string_view bytes = from.bytes.substr(layout.offset);
  const bool unit = layout.normalized;
  const auto run = [&]<class From>(From, float most) {
    spread<From>(bytes, stride, layout.components, unit ? most : 0, to.data(), layout.count);
  };
  switch (layout.component) {
    case kByte:
      run(std::int8_t{}, 127);
      break;
    case kUByte:
      run(std::uint8_t{}, 255);
      break;
    case kShort:
      run(std::int16_t{}, 32767);
      break;
    case kUShort:
      run(std::uint16_t{}, 65535);
      break;
    case kUInt:
      run(std::uint32_t{}, 4294967295.0f);
      break;
    default:
      if constexpr (std::is_same_v<T, float>) run(float{}, 0);
  }
  return {};
}

template <class T>
Status GltfDocument::overlay(const Accessor& accessor, std::vector<T>& to, const std::string& what) {
  const Layout& where = accessor.sparse->indices;
  const Layout& values = accessor.sparse->values;
  if (where.component == kFloat)
    return error(fmt::format("{}: its sparse indices are not whole numbers", what), place());
  std::vector<std::uint32_t> index(where.count);
  std::vector<T> fresh(values.count * values.components);
  WM_TRY_STATUS(copy(where, index, what));
  WM_TRY_STATUS(copy(values, fresh, what));
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (index[i] >= accessor.layout.count) {
      return error(
          fmt::format("{}: sparse index {} is {}, but it has {} elements", what, i, index[i], accessor.layout.count),
          place());
    }
    std::copy_n(fresh.begin() + static_cast<std::ptrdiff_t>(i * values.components), values.components,
                to.begin() + static_cast<std::ptrdiff_t>(index[i] * values.components));
  }
  return {};
}

template <class T>
Result<std::vector<T>> GltfDocument::elements(const Accessor& accessor, const std::string& what) {
  if (!accessor.stored) WM_TRY_STATUS(spend(accessor.layout.count));  // no bytes stand behind these
  std::vector<T> all(accessor.layout.count * accessor.layout.components);
  if (accessor.stored) WM_TRY_STATUS(copy(accessor.layout, all, what));
  if (accessor.sparse) WM_TRY_STATUS(overlay(accessor, all, what));
  return all;
}

Result<Numbers> GltfDocument::numbers(std::size_t i, const std::string& what) {
  WM_TRY(from, accessor(i, what));
  WM_TRY(values, elements<float>(from, what));
  return Numbers{from.layout.components, std::move(values)};
}

Result<std::vector<std::uint32_t>> GltfDocument::indices(std::size_t i, const std::string& what) {
  WM_TRY(from, accessor(i, what));
  if (from.layout.components != 1 || from.layout.component == kFloat) {
    return error(fmt::format("{}: accessors[{}] must hold single whole numbers", what, i), place());
  }
  return elements<std::uint32_t>(from, what);
}

}  // namespace wm::import
