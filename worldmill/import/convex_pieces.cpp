#include "worldmill/import/convex_pieces.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <span>
#include <system_error>

#include "worldmill/base/hash.h"
#include "worldmill/geometry/convex.h"

// CoACD's own interface for other languages; its wheel has no header.
// NOLINTBEGIN(readability-identifier-naming): its names
extern "C" {
struct CoACD_Mesh {
  double* vertices;
  std::uint64_t vertex_count;
  int* triangles;
  std::uint64_t triangle_count;
};
struct CoACD_MeshArray {
  CoACD_Mesh* meshes;
  std::uint64_t count;
};
CoACD_MeshArray CoACD_run(const CoACD_Mesh& input, double threshold, int max_convex_hull, int preprocess_mode,
                          int preprocess_resolution, int sample_resolution, int mcts_nodes, int mcts_iterations,
                          int mcts_max_depth, bool pca, bool merge, bool decimate, int max_ch_vertex, bool extrude,
                          double extrude_margin, int apx_mode, unsigned seed, bool real_metric);
void CoACD_freeMeshArray(CoACD_MeshArray meshes);
void CoACD_setLogLevel(const char* level);
}
// NOLINTEND(readability-identifier-naming)

namespace wm::import {
namespace {

namespace fs = std::filesystem;
using geometry::Mesh;

constexpr std::string_view kMagic = "WMPIECE1";
constexpr std::size_t kMostVertices = 64;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 26;
// A threshold of concavity twice CoACD's own, and a smaller search: a mug is 17 pieces within seconds, where its own
// settings make 57 in a minute.
constexpr double kThreshold = 0.1;
constexpr int kResolution = 30, kSamples = 1000, kNodes = 10, kIterations = 40, kDepth = 2;

/// The library's own bytes: another version, other pieces.
const std::string& library_hash() {
  static const std::string hash = [] {
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&CoACD_run), &info) == 0 || info.dli_fname == nullptr)
      return std::string();
    const auto bytes = base::disk().read(info.dli_fname, kMostBytes);
    return bytes ? base::to_string(base::hash_bytes(*bytes)) : std::string();
  }();
  return hash;
}

template <class T>
void put(std::string& out, std::span<const T> values) {
  const std::uint64_t count = values.size();
  out.append(reinterpret_cast<const char*>(&count), sizeof count);
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

template <class T>
bool take(std::string_view& in, std::vector<T>& values) {
  std::uint64_t count = 0;
  if (in.size() < sizeof count) return false;
  std::memcpy(&count, in.data(), sizeof count);
  in.remove_prefix(sizeof count);
  if (count > in.size() / sizeof(T)) return false;
  values.resize(count);
  std::memcpy(values.data(), in.data(), count * sizeof(T));
  in.remove_prefix(count * sizeof(T));
  return true;
}

std::string encode(const Pieces& pieces) {
  std::string body;
  for (const auto& piece : pieces) {
    put(body, std::span(piece->positions));
    put(body, std::span(piece->triangles));
  }
  return std::string(kMagic) + base::to_string(base::hash_bytes(body)) + body;
}

/// Empty when it is not as written.
Pieces decode(std::string_view bytes) {
  constexpr std::size_t kHash = 32;  // digits
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kHash) return {};
  const std::string_view hash = bytes.substr(kMagic.size(), kHash);
  bytes.remove_prefix(kMagic.size() + kHash);
  if (base::to_string(base::hash_bytes(bytes)) != hash) return {};
  Pieces pieces;
  while (!bytes.empty()) {
    auto piece = std::make_shared<Mesh>();
    if (!take(bytes, piece->positions) || !take(bytes, piece->triangles)) return {};
    if (!geometry::validate(*piece, "piece")) return {};
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

Pieces decompose(const Mesh& mesh) {
  std::vector<double> vertices;
  std::vector<int> triangles;
  for (const math::Vec3f& p : mesh.positions) vertices.insert(vertices.end(), {p.x, p.y, p.z});
  for (const geometry::Triangle& t : mesh.triangles) {
    for (const std::uint32_t i : t) triangles.push_back(static_cast<int>(i));
  }
  const CoACD_Mesh input{vertices.data(), mesh.positions.size(), triangles.data(), mesh.triangles.size()};
  static std::mutex one_at_a_time;  // it has threads of its own, and a log of its own
  const std::lock_guard lock(one_at_a_time);
  CoACD_setLogLevel("off");
  const CoACD_MeshArray parts = CoACD_run(input, kThreshold, -1, 0, kResolution, kSamples, kNodes, kIterations, kDepth,
                                          false, true, true, static_cast<int>(kMostVertices), false, 0.01, 0, 0, false);
  Pieces pieces;
  for (const CoACD_Mesh& part : std::span(parts.meshes, parts.count)) {
    std::vector<math::Vec3f> points;
    for (std::size_t i = 0; i < part.vertex_count; ++i) {
      const double* p = part.vertices + 3 * i;
      points.push_back({static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2])});
    }
    if (auto hull = geometry::convex_hull(points)) pieces.push_back(std::make_shared<const Mesh>(*std::move(hull)));
  }
  CoACD_freeMeshArray(parts);
  return pieces;
}

}  // namespace

std::optional<fs::path> cache_folder() {
  if (const char* said = std::getenv("WORLDMILL_CACHE")) return *said ? std::optional(fs::path(said)) : std::nullopt;
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache) return fs::path(cache) / "worldmill";
  if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / ".cache" / "worldmill";
  return std::nullopt;
}

Pieces convex_pieces(base::Files& files, const std::optional<fs::path>& cache, const Mesh& mesh) {
  if (!cache) return decompose(mesh);
  std::string content = library_hash();
  content += fmt::format(" {} {} {} {} {} {} {} ", kThreshold, kResolution, kSamples, kNodes, kIterations, kDepth,
                         kMostVertices);
  put(content, std::span(mesh.positions));
  put(content, std::span(mesh.triangles));
  const fs::path file = *cache / "pieces" / base::to_string(base::hash_bytes(content));
  if (const auto bytes = files.read(file, kMostBytes)) {
    if (Pieces pieces = decode(*bytes); !pieces.empty()) return pieces;
  }
  Pieces pieces = decompose(mesh);
  try {
    if (!pieces.empty()) files.commit(file, encode(pieces));
  } catch (const std::system_error&) {
    // A cache that cannot be written is no failure of what it was for: the pieces are there, only made again next time.
  }
  return pieces;
}

}  // namespace wm::import
