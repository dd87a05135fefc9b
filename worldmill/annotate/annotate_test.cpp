#include <gtest/gtest.h>

#include <cmath>

#include "worldmill/annotate/annotator.h"
#include "worldmill/sense/camera.h"

namespace wm::annotate {
namespace {

using math::Vec3;

/// A camera at the origin looks along +x at square plates that face it. 100 x 100 px, 90 degrees: a plate of half size
/// s at distance d spans s / d * 100 pixels.
class Plates {
 public:
  void add(double distance, double half, double left, double up, std::uint16_t semantic = 1, std::uint16_t part = 0) {
    auto mesh = std::make_shared<geometry::Mesh>();
    const auto s = static_cast<float>(half);
    mesh->positions = {{0, -s, -s}, {0, s, -s}, {0, s, s}, {0, -s, s}};
    mesh->triangles = {{0, 2, 1}, {0, 3, 2}};  // seen from -x
    scene_.meshes.push_back(mesh);
    scene_.materials.emplace_back();
    const std::size_t i = scene_.nodes.size();
    scene_.nodes.push_back({.path = "/plate/" + std::to_string(i),
                            .parent = {},
                            .parent_from_node = math::Affine({}, {distance, left, up}),
                            .parts = {{scene::MeshId(i), scene::MaterialId(i)}}});
    const auto instance = static_cast<std::uint32_t>(i + 1);
    labels_.nodes.push_back({instance, semantic, part});
    labels_.objects.push_back({instance, scene_.nodes.back().path, semantic, ""});
    labels_.roots.emplace_back(i);
  }

  sample::View see() {
    world_ = scene::World::of(std::make_shared<const scene::Scene>(scene_));
    const auto engine = render::make_engine();
    const auto stage = engine->compile(world_);
    sense::Observation seen;
    // Optical z along +x, x to the right (-y), y down (-z).
    const math::Mat3 axes = math::transposed(math::Mat3{{0, -1, 0}, {0, 0, -1}, {1, 0, 0}});
    seen.camera = sense::record({100, 100, 1.5707963267948966, 0}, {math::Rotation::from_matrix(axes), {}});
    seen.labels = sense::cast_labels(stage->surfaces(), seen.camera, labels_);
    seen.silhouettes = sense::cast_silhouettes(*stage, seen.camera, labels_, seen.labels);
    seen.film = render::Film{{100, 100, 3}, {100, 100, 1}};
    std::ranges::fill(seen.film->radiance.values, 0.25f);
    seen.objects = &labels_;
    seen.world = &world_;
    sample::View view{"front", seen.camera, {}, {}};
    view.objects.rows = static_cast<std::int64_t>(labels_.objects.size());
    for (const AnnotatorRow& row : builtin_annotators()) row.make()->annotate(seen, view);
    return view;
  }

 private:
  scene::Scene scene_;
  scene::Labels labels_;
  scene::World world_;
};

double cell(const sample::View& view, const char* column, std::size_t i) {
  return view.objects.find(column)->as<double>()[i];
}

TEST(Annotators, DeclareExactlyWhatTheyAdd) {
  Plates plates;
  plates.add(2, 0.5, 0, 0);
  const sample::View view = plates.see();
  std::size_t channels = 0, columns = 0;
  for (const AnnotatorRow& row : builtin_annotators()) {
    const auto annotator = row.make();
    for (const auto& field : annotator->channels()) {
      ++channels;
      ASSERT_TRUE(view.find(field.name)) << field.name;
      EXPECT_EQ(sample::name(view.find(field.name)->dtype()), field.dtype);
      EXPECT_EQ(view.find(field.name)->shape().size(), field.shape == "H W 3" ? 3u : 2u);
    }
    for (const auto& field : annotator->columns()) {
      ++columns;
      ASSERT_TRUE(view.objects.find(field.name)) << field.name;
      EXPECT_EQ(sample::name(view.objects.find(field.name)->dtype()), field.dtype);
    }
  }
  EXPECT_EQ(channels, view.channels.size());
  EXPECT_EQ(columns, view.objects.columns.size());
}

TEST(Depth, OfAPlateIsItsDistanceAlongTheAxisEverywhere) {
  Plates plates;
  plates.add(2, 1, 0, 0);
  const sample::View view = plates.see();
  const auto depth = view.find("depth")->as<float>();
  const auto distance = view.find("distance")->as<float>();
  EXPECT_NEAR(depth[50 * 100 + 50], 2, 1e-6);
  EXPECT_NEAR(depth[30 * 100 + 70], 2, 1e-6);
  // Pixel (70, 30): u = (70.5 - 50) / 50, v = (30.5 - 50) / 50.
  EXPECT_NEAR(distance[30 * 100 + 70], 2 * std::sqrt(1 + 0.41 * 0.41 + 0.39 * 0.39), 1e-5);
  EXPECT_TRUE(std::isinf(depth[0]));
}

TEST(Normals, OfAPlateThatFacesTheCameraPointBack) {
  Plates plates;
  plates.add(2, 1, 0, 0);
  const sample::View view = plates.see();
  const auto normals = view.find("normals")->as<float>();
  const std::size_t middle = 3 * (50 * 100 + 50);
  EXPECT_NEAR(normals[middle], 0, 1e-6);
  EXPECT_NEAR(normals[middle + 1], 0, 1e-6);
  EXPECT_NEAR(normals[middle + 2], -1, 1e-6);
  EXPECT_EQ(normals[2], 0);
}

TEST(Box2d, OfAPlateIsItsProjection) {
  Plates plates;
  plates.add(2, 0.5, 0.5, 0.25, 7);  // 25 px wide, its middle 12.5 px left and 6.25 px up of the picture's
  const sample::View view = plates.see();
  // From u = 25 to 50, v = 31.25 to 56.25: pixel centres 31.5 .. 55.5.
  EXPECT_EQ(cell(view, "box_2d", 0), 25);
  EXPECT_EQ(cell(view, "box_2d", 1), 31);
  EXPECT_EQ(cell(view, "box_2d", 2), 50);
  EXPECT_EQ(cell(view, "box_2d", 3), 56);
  EXPECT_EQ(view.find("semantics")->as<std::uint16_t>()[40 * 100 + 30], 7);
  EXPECT_EQ(view.find("instances")->as<std::uint32_t>()[40 * 100 + 30], 1u);
}

TEST(Occlusion, CountsWhatIsHiddenByOthersOnly) {
  Plates plates;
  plates.add(4, 2, 0, 0);   // 50 x 50 px in the middle
  plates.add(2, 1, -1, 0);  // 50 x 50 px, hides its right half and 25 px beside it
  const sample::View view = plates.see();
  EXPECT_EQ(view.objects.find("visible_pixels")->as<std::int64_t>()[0], 25 * 50);
  EXPECT_DOUBLE_EQ(cell(view, "visibility", 0), 0.5);
  EXPECT_DOUBLE_EQ(cell(view, "occlusion", 0), 0.5);
  EXPECT_DOUBLE_EQ(cell(view, "truncation", 0), 0);
  EXPECT_DOUBLE_EQ(cell(view, "visibility", 1), 1);
  EXPECT_EQ(cell(view, "box_2d", 2), 50);
  EXPECT_EQ(cell(view, "box_2d_loose", 2), 75);
}

TEST(Truncation, CountsWhatLiesBeyondTheEdge) {
  Plates plates;
  plates.add(2, 0.48, 2, 0);  // its middle on the left edge
  const sample::View view = plates.see();
  EXPECT_DOUBLE_EQ(cell(view, "truncation", 0), 0.5);
  EXPECT_DOUBLE_EQ(cell(view, "visibility", 0), 1);
  EXPECT_EQ(cell(view, "box_2d_loose", 0), -12);  // u from -12 to 12: pixel centres -11.5 .. 11.5
  EXPECT_EQ(cell(view, "box_2d", 0), 0);
}

TEST(Truncation, IsUnknownWhenAnObjectReachesBeyondTheSearchedFrame) {
  Plates plates;
  plates.add(1, 40, 0, 0);
  const sample::View view = plates.see();
  EXPECT_TRUE(std::isnan(cell(view, "truncation", 0)));
  EXPECT_TRUE(std::isnan(cell(view, "box_2d_loose", 0)));
  EXPECT_DOUBLE_EQ(cell(view, "visibility", 0), 1);
}

TEST(UnseenObjects, HaveUnknownBoxesNotZeros) {
  Plates plates;
  plates.add(2, 0.5, 0, 0);
  plates.add(4, 0.5, 0, 0);   // hidden altogether
  plates.add(2, 0.1, 30, 0);  // far outside
  const sample::View view = plates.see();
  EXPECT_TRUE(std::isnan(cell(view, "box_2d", 4)));
  EXPECT_DOUBLE_EQ(cell(view, "visibility", 1), 0);
  EXPECT_TRUE(std::isnan(cell(view, "visibility", 2)));
  EXPECT_FALSE(std::isnan(cell(view, "box_3d_center", 6)));  // it is still somewhere
}

TEST(Box3d, IsInTheCamerasFrame) {
  Plates plates;
  plates.add(3, 0.5, 0.25, 1);
  const sample::View view = plates.see();
  EXPECT_NEAR(cell(view, "box_3d_center", 0), -0.25, 1e-6);
  EXPECT_NEAR(cell(view, "box_3d_center", 1), -1, 1e-6);
  EXPECT_NEAR(cell(view, "box_3d_center", 2), 3, 1e-6);
  EXPECT_NEAR(cell(view, "box_3d_size", 0), 0, 1e-6);
  EXPECT_NEAR(cell(view, "box_3d_size", 1), 1, 1e-6);
  EXPECT_NEAR(cell(view, "box_3d_size", 2), 1, 1e-6);
}

TEST(Rgb, IsTheSrgbCodeOfTheLight) {
  Plates plates;
  plates.add(2, 0.5, 0, 0);
  const sample::View view = plates.see();
  EXPECT_EQ(view.find("rgb")->as<std::uint8_t>()[0], 137);  // 0.25 linear: 1.055 * 0.25^(1 / 2.4) - 0.055 = 0.5371
  EXPECT_EQ(view.find("rgb_linear")->as<float>()[0], 0.25f);
}

}  // namespace
}  // namespace wm::annotate
