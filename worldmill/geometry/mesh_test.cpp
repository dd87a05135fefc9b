#include "worldmill/geometry/mesh.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace wm::geometry {
namespace {

/// A unit square in z = 0, seen from +z: u right, v down.
Mesh square() {
  Mesh mesh;
  mesh.positions = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}};
  mesh.triangles = {{0, 1, 2}, {0, 2, 3}};
  mesh.uv[0] = {{0, 1}, {1, 1}, {1, 0}, {0, 0}};
  return mesh;
}

TEST(Mesh, SaysWhatIsWrongWithIt) {
  EXPECT_TRUE(validate(square(), "m"));
  Mesh mesh = square();
  mesh.triangles[1][2] = 4;
  EXPECT_EQ(validate(mesh, "m").error().message, "mesh \"m\": triangle 1 names vertex 4, but there are 4");
  mesh = square();
  mesh.positions[2].y = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(validate(mesh, "m").error().message, "mesh \"m\": vertex 2 is not finite");
  mesh = square();
  mesh.uv[0].pop_back();
  EXPECT_EQ(validate(mesh, "m").error().message, "mesh \"m\": 3 texture coordinates for 4 vertices");
  mesh = square();
  mesh.triangles = {{0, 1, 1}};
  EXPECT_EQ(validate(mesh, "m").error().message, "mesh \"m\": no triangle has an area");
}

TEST(Mesh, BoundsLeaveOutVerticesThatNoTriangleUses) {
  Mesh mesh = square();
  mesh.positions.push_back({9, 9, 9});
  EXPECT_EQ(bounds(mesh).high, (math::Vec3{1, 1, 0}));
}

TEST(Mesh, SmoothNormalsOfAFlatSquareAreItsOwn) {
  for (const math::Vec3f n : smooth_normals(square())) EXPECT_EQ(n, (math::Vec3f{0, 0, 1}));
}

TEST(Mesh, TangentsRunAlongUAndTheBitangentUpThePicture) {
  Mesh mesh = square();
  mesh.normals = smooth_normals(mesh);
  for (const auto& t : tangents_from_uv(mesh, 0)) EXPECT_EQ(t, (std::array<float, 4>{1, 0, 0, 1}));
  for (auto& uv : mesh.uv[0]) uv.x = 1 - uv.x;  // mirrored
  for (const auto& t : tangents_from_uv(mesh, 0)) EXPECT_EQ(t, (std::array<float, 4>{-1, 0, 0, -1}));
}

TEST(Mesh, TangentsExistWhereTextureCoordinatesSayNothing) {
  Mesh mesh = square();
  mesh.normals = smooth_normals(mesh);
  for (auto& uv : mesh.uv[0]) uv = {0.5f, 0.5f};
  for (const auto& t : tangents_from_uv(mesh, 0)) {
    EXPECT_NEAR(t[0] * t[0] + t[1] * t[1] + t[2] * t[2], 1, 1e-6);
    EXPECT_NEAR(t[2], 0, 1e-6);
  }
}

TEST(SurfaceSampler, DrawsUniformlyByArea) {
  // 4 x 4 cells of the square under a map that stretches: counts must fit chi-squared with 15 degrees of freedom.
  const Mesh mesh = square();
  const math::Affine map({{2, 0, 0}, {0, 3, 0}, {0, 0, 1}}, {10, 20, 30});
  const SurfaceSampler sampler(mesh, map);
  EXPECT_DOUBLE_EQ(sampler.area(), 6);
  const base::RandomKey key = base::RandomKey::from_seed(5);
  std::array<int, 16> counts{};
  constexpr int kDraws = 16000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const SurfacePoint p = sampler.sample(key, i);
    EXPECT_DOUBLE_EQ(p.position.z, 30);
    EXPECT_EQ(p.normal, (math::Vec3{0, 0, 1}));
    const auto column = static_cast<std::size_t>((p.position.x - 10) * 2);
    const auto row = static_cast<std::size_t>((p.position.y - 20) * 4 / 3);
    ++counts.at(row * 4 + column);
  }
  double chi2 = 0;
  for (const int n : counts) chi2 += (n - kDraws / 16.0) * (n - kDraws / 16.0) / (kDraws / 16.0);
  EXPECT_LT(chi2, 37.7);  // p = 0.001
}

}  // namespace
}  // namespace wm::geometry
