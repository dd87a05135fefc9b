#include "worldmill/import/gltf_packed.h"

#include <draco/compression/decode.h>
#include <fmt/format.h>
#include <meshoptimizer.h>

#include <memory>
#include <optional>

namespace wm::import {

using base::error;

namespace {

Status apply_filter(const MeshoptView& view, std::string& bytes) {
  const std::size_t stride = view.stride;
  if (view.filter.empty() || view.filter == "NONE") return {};
  if (view.filter == "OCTAHEDRAL" && (stride == 4 || stride == 8)) {
    meshopt_decodeFilterOct(bytes.data(), view.count, stride);
  } else if (view.filter == "QUATERNION" && stride == 8) {
    meshopt_decodeFilterQuat(bytes.data(), view.count, stride);
  } else if (view.filter == "EXPONENTIAL" && stride % 4 == 0) {
    meshopt_decodeFilterExp(bytes.data(), view.count, stride);
  } else {
    return error(
        fmt::format("has a meshopt filter \"{}\" that does not go with {} bytes an element", view.filter, stride));
  }
  return {};
}

// Draco's header, to know the counts before its library makes room for them:
//
//   "DRACO" major minor  type (1 mesh)  method (0 sequential, 1 edgebreaker)  flags (0x8000: metadata follow)
//   sequential:  faces points          edgebreaker: traversal vertices faces          (variable-length numbers)
class DracoHeader {
 public:
  explicit DracoHeader(std::string_view bytes) : bytes_(bytes) {}

  struct Counts {
    std::uint64_t vertices = 0, faces = 0;
  };
  std::optional<Counts> read() {
    if (bytes_.size() < 11 || !bytes_.starts_with("DRACO") || bytes_[7] != 1) return {};
    const int version = static_cast<unsigned char>(bytes_[5]) * 256 + static_cast<unsigned char>(bytes_[6]);
    const int method = bytes_[8];
    const bool has_metadata = (static_cast<unsigned char>(bytes_[10]) & 0x80) != 0;
    if (version < 0x0202 || method > 1) return {};
    at_ = 11;
    if (has_metadata) skip_metadata();
    if (method == 1) skip(1);
    const std::uint64_t first = number(), second = number();
    if (!good_) return {};
    return method == 1 ? Counts{first, second} : Counts{second, first};
  }

 private:
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      if (at_ >= bytes_.size()) break;
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if ((byte & 0x80) == 0) return value;
    }
    good_ = false;
    return 0;
  }
  void skip(std::uint64_t count) {
    good_ = good_ && count <= bytes_.size() - at_;
    if (good_) at_ += count;
  }
  void skip_name() { skip(at_ < bytes_.size() ? 1u + static_cast<unsigned char>(bytes_[at_]) : 1u); }
  void skip_metadata() {
    for (std::uint64_t left = number(); good_ && left > 0; --left) {
      number();
      skip_element(0);
    }
    skip_element(0);
  }
  void skip_element(int depth) {
    good_ = good_ && depth < 32;
    for (std::uint64_t left = number(); good_ && left > 0; --left) {
      skip_name();
      skip(number());
    }
    for (std::uint64_t left = number(); good_ && left > 0; --left) {
      skip_name();
      skip_element(depth + 1);
    }
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool good_ = true;
};

float largest(draco::DataType type) {
  switch (type) {
    case draco::DT_INT8:
      return 127;
    case draco::DT_UINT8:
      return 255;
    case draco::DT_INT16:
      return 32767;
    case draco::DT_UINT16:
      return 65535;
    default:
      return 1;
  }
}

Status read_attribute(const draco::Mesh& mesh, DracoAttribute& to) {
  const draco::PointAttribute* from = mesh.GetAttributeByUniqueId(to.id);
  if (!from || from->num_components() < 1 || from->num_components() > 16) {
    return error(fmt::format("has no attribute {} in its Draco data", to.id));
  }
  to.components = static_cast<std::size_t>(from->num_components());
  to.values.resize(to.components * mesh.num_points());
  const float most = to.normalized && !from->normalized() ? largest(from->data_type()) : 1;
  for (std::uint32_t i = 0; i < mesh.num_points(); ++i) {
    float* values = to.values.data() + i * to.components;
    const auto at = from->mapped_index(draco::PointIndex(i));
    if (at.value() >= from->size() || !from->ConvertValue(at, from->num_components(), values)) {
      return error("has damaged Draco data; export it again");
    }
    for (std::size_t c = 0; c < to.components; ++c) values[c] /= most;
  }
  return {};
}

}  // namespace

Result<std::string> decode_meshopt(const MeshoptView& view) {
  const auto* packed = reinterpret_cast<const unsigned char*>(view.bytes.data());
  const bool indices = view.mode == "INDICES" || view.mode == "TRIANGLES";
  const bool fits = indices ? view.stride == 2 || view.stride == 4 : view.stride % 4 == 0 && view.stride > 0;
  if ((!indices && view.mode != "ATTRIBUTES") || !fits || (view.mode == "TRIANGLES" && view.count % 3 != 0)) {
    return error(fmt::format("has meshopt mode \"{}\" with {} elements of {} bytes, which cannot be", view.mode,
                             view.count, view.stride));
  }
  std::string bytes(view.count * view.stride, '\0');
  int failed = 0;
  if (view.mode == "ATTRIBUTES") {
    failed = meshopt_decodeVertexBuffer(bytes.data(), view.count, view.stride, packed, view.bytes.size());
  } else if (view.mode == "TRIANGLES") {
    failed = meshopt_decodeIndexBuffer(bytes.data(), view.count, view.stride, packed, view.bytes.size());
  } else {
    failed = meshopt_decodeIndexSequence(bytes.data(), view.count, view.stride, packed, view.bytes.size());
  }
  if (failed != 0) return error("has damaged meshopt data; export it again");
  if (!indices) WM_TRY_STATUS(apply_filter(view, bytes));
  return bytes;
}

Result<DracoMesh> decode_draco(std::string_view bytes, std::vector<DracoAttribute>& attributes, std::int64_t budget) {
  const auto counts = DracoHeader(bytes).read();
  if (!counts) return error("has Draco data that are damaged or older than version 2.2; export it again");
  const auto allowed = static_cast<std::uint64_t>(budget);
  if (counts->vertices > allowed || counts->faces > allowed) {
    return error(fmt::format("has {} vertices and {} triangles in its Draco data, more than the {} allowed here",
                             counts->vertices, counts->faces, budget));
  }
  draco::DecoderBuffer buffer;
  buffer.Init(bytes.data(), bytes.size());
  draco::Decoder decoder;
  auto decoded = decoder.DecodeMeshFromBuffer(&buffer);
  if (!decoded.ok()) {
    return error(fmt::format("has damaged Draco data ({}); export it again", decoded.status().error_msg_string()));
  }
  const std::unique_ptr<draco::Mesh> mesh = std::move(decoded).value();
  DracoMesh result;
  result.vertices = mesh->num_points();
  result.indices.reserve(std::size_t{3} * mesh->num_faces());
  for (std::uint32_t f = 0; f < mesh->num_faces(); ++f) {
    for (const auto& corner : mesh->face(draco::FaceIndex(f))) result.indices.push_back(corner.value());
  }
  for (DracoAttribute& attribute : attributes) WM_TRY_STATUS(read_attribute(*mesh, attribute));
  return result;
}

}  // namespace wm::import
