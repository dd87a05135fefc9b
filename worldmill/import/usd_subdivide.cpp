// Uniform refinement by OpenSubdiv, level by level: points and what goes with them by the scheme's own weights, texture
// coordinates and colours as face-varying data with their seams, then positions on the limit surface. Its normals, and
// the weights of Loop's scheme, would take libm's cos: normals are those of the fine faces, loop surfaces their cages.
#include <fmt/format.h>
#include <opensubdiv/far/primvarRefiner.h>
#include <opensubdiv/far/topologyDescriptor.h>
#include <opensubdiv/far/topologyRefinerFactory.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "worldmill/import/usd_mesh.h"

namespace wm::import {

namespace Far = OpenSubdiv::Far;
namespace Sdc = OpenSubdiv::Sdc;
using math::Vec3;
using math::Vec3f;

namespace {

/// A value that the refiner sums up: points, colours, texture coordinates.
struct Sum {
  std::array<float, 4> values{};
  // NOLINTBEGIN(readability-identifier-naming): the refiner calls them so
  void Clear(void* = nullptr) { values = {}; }
  void AddWithWeight(const Sum& other, float weight) {
    for (std::size_t i = 0; i < 4; ++i) values[i] += weight * other.values[i];
  }
  // NOLINTEND(readability-identifier-naming)
};
using Sums = std::vector<Sum>;

Sums sums_of(const UsdPrimvar& primvar) {
  Sums out(primvar.elements());
  const auto width = static_cast<std::size_t>(primvar.width);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::copy_n(primvar.values.begin() + static_cast<std::ptrdiff_t>(i * width), width, out[i].values.begin());
  }
  return out;
}

void put(const Sums& from, UsdPrimvar& to) {
  to.values.clear();
  for (const Sum& sum : from) to.values.insert(to.values.end(), sum.values.begin(), sum.values.begin() + to.width);
}

// Corners of one point that have the same value share it, so that there is no seam where the file has none.
void index_corners(const UsdPolygons& mesh, UsdPrimvar& primvar) {
  if (!primvar.indices.empty()) {
    primvar.indices.resize(mesh.corners.size());
    return;
  }
  const auto width = static_cast<std::size_t>(primvar.width);
  std::vector<std::vector<std::int32_t>> at_point(mesh.points.size());
  std::vector<float> kept;
  for (std::size_t c = 0; c < mesh.corners.size(); ++c) {
    const float* value = primvar.values.data() + c * width;
    auto& known = at_point[static_cast<std::size_t>(mesh.corners[c])];
    const auto same = std::find_if(known.begin(), known.end(), [&](std::int32_t k) {
      return std::equal(value, value + width, kept.begin() + static_cast<std::ptrdiff_t>(k) * primvar.width);
    });
    if (same != known.end()) {
      primvar.indices.push_back(*same);
      continue;
    }
    const auto made = static_cast<std::int32_t>(kept.size() / width);
    kept.insert(kept.end(), value, value + width);
    known.push_back(made);
    primvar.indices.push_back(made);
  }
  primvar.values = std::move(kept);
}

// Values of points that are indexed, written out.
void flatten(UsdPrimvar& primvar) {
  if (primvar.indices.empty()) return;
  std::vector<float> values;
  for (const std::int32_t i : primvar.indices) {
    const auto first = primvar.values.begin() + static_cast<std::ptrdiff_t>(i) * primvar.width;
    values.insert(values.end(), first, first + primvar.width);
  }
  primvar.values = std::move(values);
  primvar.indices.clear();
}

struct Creases {
  std::vector<Far::Index> pairs;
  std::vector<float> weights;
};

// Creases are runs of points with one sharpness, or one for each of their edges.
Creases creases_of(const UsdPolygons& mesh) {
  Creases out;
  std::size_t edges = 0;
  for (const std::int32_t length : mesh.crease_lengths) edges += static_cast<std::size_t>(std::max(length - 1, 0));
  const bool per_edge = mesh.crease_sharpness.size() == edges && edges != mesh.crease_lengths.size();
  if (!per_edge && mesh.crease_sharpness.size() < mesh.crease_lengths.size()) return out;
  std::size_t at = 0, edge = 0;
  for (std::size_t run = 0; run < mesh.crease_lengths.size(); ++run) {
    for (std::int32_t i = 0; i + 1 < mesh.crease_lengths[run]; ++i, ++edge) {
      if (at + 1 >= mesh.crease_indices.size()) return out;
      const std::int32_t a = mesh.crease_indices[at], b = mesh.crease_indices[at + 1];
      ++at;
      const auto points = static_cast<std::int32_t>(mesh.points.size());
      if (a < 0 || b < 0 || a >= points || b >= points || a == b) continue;
      out.pairs.push_back(a);
      out.pairs.push_back(b);
      out.weights.push_back(std::clamp(mesh.crease_sharpness[per_edge ? edge : run], 0.0f, 10.0f));
    }
    ++at;
  }
  return out;
}

Sdc::Options options_of(const UsdPolygons& mesh) {
  Sdc::Options options;
  options.SetVtxBoundaryInterpolation(mesh.boundary == "none"       ? Sdc::Options::VTX_BOUNDARY_NONE
                                      : mesh.boundary == "edgeOnly" ? Sdc::Options::VTX_BOUNDARY_EDGE_ONLY
                                                                    : Sdc::Options::VTX_BOUNDARY_EDGE_AND_CORNER);
  static const std::pair<std::string_view, Sdc::Options::FVarLinearInterpolation> kRules[] = {
      {"none", Sdc::Options::FVAR_LINEAR_NONE},
      {"cornersOnly", Sdc::Options::FVAR_LINEAR_CORNERS_ONLY},
      {"cornersPlus1", Sdc::Options::FVAR_LINEAR_CORNERS_PLUS1},
      {"cornersPlus2", Sdc::Options::FVAR_LINEAR_CORNERS_PLUS2},
      {"boundaries", Sdc::Options::FVAR_LINEAR_BOUNDARIES},
      {"all", Sdc::Options::FVAR_LINEAR_ALL}};
  for (const auto& [name, rule] : kRules) {
    if (mesh.face_varying_rule == name) options.SetFVarLinearInterpolation(rule);
  }
  return options;
}

int levels_for(const UsdPolygons& mesh, std::size_t most_faces) {
  constexpr int kMostLevels = 4;
  constexpr std::size_t kSmooth = 4000;  // faces: a round thing looks round
  std::size_t faces = mesh.counts.size();
  int levels = 0;
  while (levels < kMostLevels && faces < kSmooth) {
    const std::size_t next =
        levels == 0 && mesh.subdivision == Subdivision::catmull_clark ? mesh.corners.size() : 4 * faces;
    if (next > most_faces) break;
    faces = next;
    ++levels;
  }
  return std::max(levels, mesh.corners.size() <= most_faces ? 1 : 0);
}

// What follows the points, and what follows the corners of faces.
struct Carried {
  std::vector<UsdPrimvar*> points, corners, faces;
};

Carried sort_primvars(UsdPolygons& mesh) {
  Carried all;
  for (UsdPrimvar* primvar : {&mesh.st[0], &mesh.st[1], &mesh.colors, &mesh.opacities}) {
    if (!primvar->exists()) continue;
    if (primvar->reach == Reach::vertex) {
      flatten(*primvar);
      all.points.push_back(primvar);
    } else if (primvar->reach == Reach::face_varying) {
      index_corners(mesh, *primvar);
      all.corners.push_back(primvar);
    } else if (primvar->reach == Reach::uniform) {
      flatten(*primvar);
      all.faces.push_back(primvar);
    }
  }
  return all;
}

std::unique_ptr<Far::TopologyRefiner> refiner_of(const UsdPolygons& mesh, const Carried& carried) {
  const Creases creases = creases_of(mesh);
  std::vector<Far::TopologyDescriptor::FVarChannel> channels(carried.corners.size());
  for (std::size_t i = 0; i < channels.size(); ++i) {
    channels[i].numValues = static_cast<int>(carried.corners[i]->elements());
    channels[i].valueIndices = carried.corners[i]->indices.data();
  }
  std::vector<Far::Index> sharp, holes;
  std::vector<float> sharpness;
  const auto inside = [](std::int32_t i, std::size_t n) { return i >= 0 && static_cast<std::size_t>(i) < n; };
  for (std::size_t i = 0; i < std::min(mesh.corner_indices.size(), mesh.corner_sharpness.size()); ++i) {
    if (!inside(mesh.corner_indices[i], mesh.points.size())) continue;
    sharp.push_back(mesh.corner_indices[i]);
    sharpness.push_back(std::clamp(mesh.corner_sharpness[i], 0.0f, 10.0f));
  }
  for (const std::int32_t face : mesh.holes) {
    if (inside(face, mesh.counts.size())) holes.push_back(face);
  }
  Far::TopologyDescriptor topology;
  topology.numVertices = static_cast<int>(mesh.points.size());
  topology.numFaces = static_cast<int>(mesh.counts.size());
  topology.numVertsPerFace = mesh.counts.data();
  topology.vertIndicesPerFace = mesh.corners.data();
  topology.numCreases = static_cast<int>(creases.weights.size());
  topology.creaseVertexIndexPairs = creases.pairs.data();
  topology.creaseWeights = creases.weights.data();
  topology.numCorners = static_cast<int>(sharp.size());
  topology.cornerVertexIndices = sharp.data();
  topology.cornerWeights = sharpness.data();
  topology.numHoles = static_cast<int>(holes.size());
  topology.holeIndices = holes.data();
  topology.isLeftHanded = false;  // kept apart: corners stay in the file's order
  topology.numFVarChannels = static_cast<int>(channels.size());
  topology.fvarChannels = channels.data();
  using Factory = Far::TopologyRefinerFactory<Far::TopologyDescriptor>;
  Factory::Options options(Sdc::SCHEME_CATMARK, options_of(mesh));
  options.validateFullTopology = true;
  return std::unique_ptr<Far::TopologyRefiner>(Factory::Create(topology, options));
}

bool can_be_refined(const UsdPolygons& mesh) {
  constexpr std::int32_t kMostCorners = 1000;  // the library keeps valences in 16 bits
  return mesh.subdivision == Subdivision::catmull_clark &&
         std::all_of(mesh.counts.begin(), mesh.counts.end(),
                     [&](std::int32_t n) { return n >= 3 && n <= kMostCorners; });
}

// By the areas of the faces about each point.
void add_smooth_normals(UsdPolygons& mesh) {
  std::vector<Vec3> sums(mesh.points.size());
  std::size_t begin = 0;
  const auto point = [&](std::size_t corner) {
    const Vec3f p = mesh.points[static_cast<std::size_t>(mesh.corners[corner])];
    return Vec3{p.x, p.y, p.z};
  };
  for (const std::int32_t count : mesh.counts) {
    Vec3 normal;
    for (std::int32_t i = 1; i + 1 < count; ++i) {
      const std::size_t k = begin + static_cast<std::size_t>(i);
      normal += cross(point(k) - point(begin), point(k + 1) - point(begin));
    }
    for (std::int32_t i = 0; i < count; ++i) {
      sums[static_cast<std::size_t>(mesh.corners[begin + static_cast<std::size_t>(i)])] += normal;
    }
    begin += static_cast<std::size_t>(count);
  }
  mesh.normals = {Reach::vertex, 3, {}, {}};
  for (const Vec3& n : sums) {
    const double sign = mesh.left_handed ? -1 : 1;
    for (const double v : {n.x, n.y, n.z}) mesh.normals.values.push_back(static_cast<float>(sign * v));
  }
}

}  // namespace

void subdivide(UsdPolygons& mesh, std::vector<std::int32_t>& parents, std::size_t most_faces, Notes& notes) {
  mesh.normals = {};
  const int levels = levels_for(mesh, most_faces);
  Carried carried = sort_primvars(mesh);
  const auto refiner = levels > 0 && can_be_refined(mesh) ? refiner_of(mesh, carried) : nullptr;
  if (!refiner) {
    notes.add(
        "surfaces of subdivision that are not Catmull-Clark's, have too many faces or do not hang together are shown "
        "as cages");
    add_smooth_normals(mesh);
    return;
  }
  Far::TopologyRefiner::UniformOptions uniform(levels);
  uniform.fullTopologyInLastLevel = true;
  refiner->RefineUniform(uniform);
  const Far::PrimvarRefiner primvars(*refiner);
  Sums points(mesh.points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].values = {mesh.points[i].x, mesh.points[i].y, mesh.points[i].z, 0};
  }
  std::vector<Sums> with_points, with_corners;
  for (const UsdPrimvar* primvar : carried.points) with_points.push_back(sums_of(*primvar));
  for (const UsdPrimvar* primvar : carried.corners) with_corners.push_back(sums_of(*primvar));
  const auto refine = [&](int level, Sums& values) {
    Sums finer(static_cast<std::size_t>(refiner->GetLevel(level).GetNumVertices()));
    primvars.Interpolate(level, values, finer);
    values = std::move(finer);
  };
  for (int level = 1; level <= levels; ++level) {
    refine(level, points);
    for (Sums& values : with_points) refine(level, values);
    for (std::size_t c = 0; c < with_corners.size(); ++c) {
      const int channel = static_cast<int>(c);
      Sums finer(static_cast<std::size_t>(refiner->GetLevel(level).GetNumFVarValues(channel)));
      primvars.InterpolateFaceVarying(level, with_corners[c], finer, channel);
      with_corners[c] = std::move(finer);
    }
  }
  Sums limit(points.size());
  primvars.Limit(points, limit);

  mesh.points.resize(limit.size());
  for (std::size_t i = 0; i < limit.size(); ++i) {
    mesh.points[i] = {limit[i].values[0], limit[i].values[1], limit[i].values[2]};
  }
  for (std::size_t i = 0; i < carried.points.size(); ++i) put(with_points[i], *carried.points[i]);

  const Far::TopologyLevel& last = refiner->GetLevel(levels);
  const auto faces = static_cast<std::size_t>(last.GetNumFaces());
  mesh.counts.clear(), mesh.corners.clear(), mesh.holes.clear();
  for (std::size_t i = 0; i < carried.corners.size(); ++i) {
    put(with_corners[i], *carried.corners[i]);
    carried.corners[i]->indices.clear();
  }
  parents.resize(faces);
  for (std::size_t f = 0; f < faces; ++f) {
    const auto face = static_cast<Far::Index>(f);
    const Far::ConstIndexArray corners = last.GetFaceVertices(face);
    mesh.counts.push_back(corners.size());
    mesh.corners.insert(mesh.corners.end(), corners.begin(), corners.end());
    for (std::size_t i = 0; i < carried.corners.size(); ++i) {
      const Far::ConstIndexArray values = last.GetFaceFVarValues(face, static_cast<int>(i));
      carried.corners[i]->indices.insert(carried.corners[i]->indices.end(), values.begin(), values.end());
    }
    if (last.IsFaceHole(face)) mesh.holes.push_back(face);
    Far::Index parent = face;
    for (int level = levels; level > 0; --level) parent = refiner->GetLevel(level).GetFaceParentFace(parent);
    parents[f] = parent;
  }
  for (UsdPrimvar* primvar : carried.faces) primvar->indices.assign(parents.begin(), parents.end());
  add_smooth_normals(mesh);
}

}  // namespace wm::import
