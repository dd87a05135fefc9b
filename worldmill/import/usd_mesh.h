#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "worldmill/geometry/mesh.h"
#include "worldmill/import/source.h"

/// Polygon meshes as OpenUSD has them, and what becomes of them.
namespace wm::import {

/// Over what a value of a primvar reaches; `vertex` also stands for `varying`, which differs for patches alone.
enum class Reach { constant, uniform, vertex, face_varying };

/// A primvar: `values` has `width` numbers for each element, `indices` choose among them where there are any.
struct UsdPrimvar {
  Reach reach = Reach::constant;
  int width = 0;  ///< 0: there is none.
  std::vector<float> values;
  std::vector<std::int32_t> indices;

  bool exists() const { return width > 0; }
  std::size_t elements() const { return width > 0 ? values.size() / static_cast<std::size_t>(width) : 0; }
};

enum class Subdivision { none, catmull_clark, loop, bilinear };

struct UsdPolygons {
  std::string name;                           ///< For complaints: the prim's path.
  std::vector<math::Vec3f> points;            ///< [m]
  std::vector<std::int32_t> counts, corners;  ///< faceVertexCounts, faceVertexIndices
  std::vector<std::int32_t> holes;            ///< Faces that are not there.
  bool left_handed = false;
  UsdPrimvar normals, colors, opacities;
  std::array<UsdPrimvar, 2> st;
  Subdivision subdivision = Subdivision::none;
  std::vector<std::int32_t> crease_indices, crease_lengths, corner_indices;
  std::vector<float> crease_sharpness, corner_sharpness;
  std::string boundary = "edgeAndCorner";          ///< interpolateBoundary
  std::string face_varying_rule = "cornersPlus1";  ///< faceVaryingLinearInterpolation
};

/// Whether counts, indices and primvars fit each other: else a sentence. A primvar that does not fit is taken away with
/// a note, a mesh whose faces do not fit is refused.
Status check_polygons(UsdPolygons& mesh, const std::string& file, Notes& notes);

/// Subdivides uniformly until the faces are smooth enough or too many (about `most_faces`): points on the limit
/// surface, smooth normals. `parents` gives the face that each new one comes from.
void subdivide(UsdPolygons& mesh, std::vector<std::int32_t>& parents, std::size_t most_faces, Notes& notes);

/// Triangles of the faces with `part[face] == which` (all when `part` is empty): corners that agree are one vertex;
/// without normals it is flat. Nothing when no face has an area.
std::optional<geometry::Mesh> triangulated(const UsdPolygons& mesh, const std::vector<int>& part, int which);

}  // namespace wm::import
