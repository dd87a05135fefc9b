// STL is a bag of triangles.
//
//   binary   80 bytes of anything, uint32 count, then for each: normal, 3 corners (12 float32), uint16
//   text     solid NAME  { facet normal x y z  outer loop  { vertex x y z } x 3  endloop  endfacet }  endsolid
//
// A file is binary when its length says so: some binary ones begin with "solid" too. Normals are not trusted.
#include "worldmill/import/stl.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>

namespace wm::import {

using base::error;
using geometry::Mesh;

namespace {

constexpr std::size_t kHead = 84, kFacet = 50;

class Welder {
 public:
  std::uint32_t vertex(const std::array<float, 3>& p) {
    const auto [known, is_new] = known_.try_emplace(p, static_cast<std::uint32_t>(mesh.positions.size()));
    if (is_new) mesh.positions.push_back({p[0], p[1], p[2]});
    return known->second;
  }
  // Triangles without an area are of no use to anybody.
  void triangle(const std::array<std::array<float, 3>, 3>& corners) {
    const geometry::Triangle t = {vertex(corners[0]), vertex(corners[1]), vertex(corners[2])};
    if (t[0] != t[1] && t[1] != t[2] && t[2] != t[0]) mesh.triangles.push_back(t);
  }
  Mesh mesh;

 private:
  std::map<std::array<float, 3>, std::uint32_t> known_;
};

Result<Mesh> read_binary(std::string_view bytes, std::uint32_t count) {
  Welder welder;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::array<std::array<float, 3>, 3> corners;
    std::memcpy(&corners, bytes.data() + kHead + i * kFacet + 12, sizeof corners);
    for (const auto& corner : corners) {
      for (const float c : corner) {
        if (!std::isfinite(c)) return error(fmt::format("triangle {} has a corner that is not finite", i));
      }
    }
    welder.triangle(corners);
  }
  return std::move(welder.mesh);
}

Result<Mesh> read_text(std::string_view text) {
  Welder welder;
  std::array<std::array<float, 3>, 3> corners{};
  std::size_t corner = 0;
  for (std::size_t at = text.find("vertex"); at != std::string_view::npos; at = text.find("vertex", at)) {
    at += 6;
    for (float& c : corners[corner]) {
      while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
      if (at < text.size() && text[at] == '+') ++at;
      const auto [end, bad] = std::from_chars(text.data() + at, text.data() + text.size(), c);
      if (bad != std::errc() || !std::isfinite(c)) {
        return error(fmt::format("vertex {} is not three numbers", 3 * welder.mesh.triangles.size() + corner));
      }
      at = static_cast<std::size_t>(end - text.data());
    }
    if (++corner < 3) continue;
    welder.triangle(corners);
    corner = 0;
  }
  return std::move(welder.mesh);
}

}  // namespace

Result<Mesh> read_stl(std::string_view bytes, const Budget& budget, const std::string& file) {
  std::uint32_t count = 0;
  if (bytes.size() >= kHead) std::memcpy(&count, bytes.data() + 80, sizeof count);
  const bool binary = bytes.size() >= kHead && bytes.size() >= kHead + std::uint64_t{count} * kFacet && count > 0;
  const bool text = bytes.starts_with("solid") && bytes.find("facet") != std::string_view::npos;
  if (!binary && !text) return error("is no STL, or is cut off; export it again", {file});
  const std::uint64_t facets = binary ? count : bytes.size() / 60;
  if (facets * 3 > static_cast<std::uint64_t>(budget.vertices)) {
    return error(fmt::format("has more than the {} vertices and triangles allowed here", budget.vertices), {file});
  }
  auto mesh = binary ? read_binary(bytes, count) : read_text(bytes);
  if (!mesh) return error(mesh.error().message + "; export it again", {file});
  if (auto valid = geometry::validate(*mesh, "the mesh"); !valid) return error(valid.error().message, {file});
  return mesh;
}

}  // namespace wm::import
