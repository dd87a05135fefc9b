#include "worldmill/import/obj.h"

#include <gtest/gtest.h>

#include "worldmill/image/png.h"
#include "worldmill/import/memory_files.h"
#include "worldmill/import/polygon.h"

namespace wm::import {
namespace {

class Obj : public testing::Test {
 protected:
  Result<scene::Asset> import(const std::string& text) {
    files.contents["/data/a.obj"] = text;
    return import_file(files, "/data/a.obj", {"/data"});
  }
  std::string complaint(const std::string& text) {
    const auto result = import(text);
    return result ? "" : to_string(result.error());
  }
  MemoryFiles files;
};

const std::string kSquare = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n";

TEST_F(Obj, ObjectsAndGroupsBecomeNodes) {
  const auto asset = import(kSquare + "f 1 2 3\no box\nf 1 2 3\ng lid\nf 1 3 4\no rod\nf 2 3 4\ng lid\nf -4 -3 -2\n");
  ASSERT_TRUE(asset) << to_string(asset.error());
  std::vector<std::string> paths;
  for (const auto& node : asset->scene.nodes) paths.push_back(node.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"/node_0", "/box", "/box/lid", "/rod", "/rod/lid"}));
  EXPECT_EQ(asset->scene.nodes[2].parent.index(), 1u);
}

TEST_F(Obj, WeldsCornersThatAgreeAndKeepsThoseThatDoNot) {
  const auto asset = import(kSquare + "vt 0 0\nvt 1 0\nvn 0 0 1\nf 1/1/1 2/1/1 3/1/1\nf 1/1/1 3/2/1 4/1/1\n");
  ASSERT_TRUE(asset);
  const geometry::Mesh& mesh = *asset->scene.meshes[0];
  EXPECT_EQ(mesh.positions.size(), 5u);
  EXPECT_EQ(mesh.uv[0][0], (math::Vec2f{0, 1}));  // v counts downwards here
  EXPECT_EQ(mesh.normals[4], (math::Vec3f{0, 0, 1}));
}

TEST_F(Obj, SmoothingGroupsShareNormalsAndFlatFacesHaveNone) {
  const std::string roof = "v 0 0 0\nv 0 1 0\nv 1 1 1\nv 1 0 1\nv 2 0 0\nv 2 1 0\n";
  const auto flat = import(roof + "f 1 4 3 2\nf 4 5 6 3\n");
  EXPECT_TRUE(flat->scene.meshes[0]->normals.empty());
  const auto smooth = import(roof + "s 1\nf 1 4 3 2\nf 4 5 6 3\n");
  const geometry::Mesh& mesh = *smooth->scene.meshes[0];
  EXPECT_EQ(mesh.positions.size(), 6u);
  EXPECT_EQ(mesh.normals[1], (math::Vec3f{0, 0, 1}));  // on the ridge, between both sides
  const auto apart = import(roof + "s 1\nf 1 4 3 2\ns 2\nf 4 5 6 3\n");
  EXPECT_EQ(apart->scene.meshes[0]->positions.size(), 8u);
}

double area(const std::vector<math::Vec3>& outline) {
  double sum = 0;
  for (const geometry::Triangle& t : cut_polygon(outline)) {
    const math::Vec3 across = math::cross(outline[t[1]] - outline[t[0]], outline[t[2]] - outline[t[0]]);
    EXPECT_GE(across.z, 0);
    sum += 0.5 * across.z;
  }
  return sum;
}

TEST(Polygon, KeepsItsAreaWhereItIsNotConvex) {
  EXPECT_EQ(area({{0, 0, 0}, {4, 0, 0}, {4, 4, 0}, {2, 1, 0}, {0, 4, 0}}), 16 - 6);
  EXPECT_EQ(area({{2, 1, 0}, {0, 4, 0}, {0, 0, 0}, {4, 0, 0}, {4, 4, 0}}), 16 - 6);
  EXPECT_EQ(area({{0, 0, 0}, {3, 0, 0}, {3, 1, 0}, {1, 1, 0}, {1, 3, 0}, {0, 3, 0}}), 5);
}

TEST_F(Obj, MaterialsAreReadAsMetallicRoughness) {
  image::Pixels<std::uint8_t> red(1, 1, 3), half(1, 1, 1);
  red.values = {255, 0, 0};
  half.values = {128};
  files.contents["/data/tex/red.png"] = image::encode_png(red);
  files.contents["/data/tex/half.png"] = image::encode_png(half);
  files.contents["/data/tex/a b.mtl"] =
      "newmtl phong\nKd 0.5 0.25 0\nKs 1 1 1\nNs 30\nd 0.5\n"
      "newmtl pbr # new\nKd 0 0 0\nPr 0.25\nPm 1\nmap_Kd -s 2 3 1 -o 0.5 0 red.png\nmap_d half.png\nKe 5 5 5\n";
  const auto asset = import(kSquare + "mtllib tex/a b.mtl\nusemtl phong\nf 1 2 3\nusemtl pbr\nf 1 3 4\n");
  ASSERT_TRUE(asset) << to_string(asset.error());
  ASSERT_EQ(asset->scene.materials.size(), 2u);
  EXPECT_EQ(asset->scene.nodes[0].parts.size(), 2u);
  const scene::Material& phong = asset->scene.materials[0];
  EXPECT_EQ(phong.base_color, (math::Vec3f{0.5f, 0.25f, 0}));
  EXPECT_EQ(phong.roughness, 0.5f);  // (2 / 32)^(1/4)
  EXPECT_EQ(phong.opacity, 0.5f);
  EXPECT_EQ(phong.alpha_mode, scene::AlphaMode::blend);
  const scene::Material& pbr = asset->scene.materials[1];
  EXPECT_EQ(pbr.base_color, (math::Vec3f{1, 1, 1}));
  EXPECT_EQ(pbr.roughness, 0.25f);
  EXPECT_EQ(pbr.metallic, 1);
  EXPECT_EQ(pbr.emission.x, 5);
  EXPECT_EQ(pbr.base_color_texture.scale, (math::Vec2{2, 3}));
  EXPECT_EQ(pbr.base_color_texture.offset, (math::Vec2{0.5, -2}));
  const auto& pixels = std::get<image::Pixels<std::uint8_t>>(pbr.base_color_texture.picture->pixels);
  EXPECT_EQ(pixels.values, (std::vector<std::uint8_t>{255, 0, 0, 128}));
  ASSERT_EQ(asset->files.size(), 4u);
  EXPECT_EQ(asset->files[1].name, "tex/a b.mtl");
}

TEST_F(Obj, WhatIsMissingIsNamed) {
  const auto grey = import(kSquare + "mtllib gone.mtl\nusemtl x\nf 1 2 3\n");
  ASSERT_TRUE(grey);
  EXPECT_EQ(grey->ignored,
            (std::vector<std::string>{
                "the material file \"gone.mtl\" is not there: what it paints is grey; put it beside the file"}));
  files.contents["/data/m.mtl"] = "newmtl x\nmap_Kd gone.png\n";
  EXPECT_EQ(complaint(kSquare + "mtllib m.mtl\nusemtl x\nf 1 2 3\n"),
            "/data/a.obj: refers to \"gone.png\", which is not there; put it where the file says");
  files.contents["/secret.mtl"] = "newmtl x\n";
  EXPECT_EQ(complaint(kSquare + "mtllib ../secret.mtl\nf 1 2 3\n"),
            "/data/a.obj: refers to \"../secret.mtl\", which is outside the folders that may be read; put it beside "
            "the file");
}

TEST_F(Obj, RefusesWithTheLine) {
  EXPECT_EQ(complaint(kSquare + "f 1 2 5\n"), "/data/a.obj:5: a face names \"5\", but there are 4 vertices so far");
  EXPECT_EQ(complaint(kSquare + "f 1 2 \\\n -5\n"),
            "/data/a.obj:5: a face names \"-5\", but there are 4 vertices so far");
  EXPECT_EQ(complaint(kSquare + "f 1 2 3/1\n"),
            "/data/a.obj:5: a face names \"1\", but there are 0 texture coordinates so far");
  EXPECT_EQ(complaint(kSquare + "f 1 2\n"), "/data/a.obj:5: a face has 2 corners, must have 3 or more");
  EXPECT_EQ(complaint("v 0 nan 0\n"), "/data/a.obj:1: a vertex holds a number that is not finite");
  EXPECT_EQ(complaint("v 0 0\n"), "/data/a.obj:1: a vertex needs 3 numbers");
  EXPECT_EQ(complaint("hello\n"), "/data/a.obj: has nothing to show: it has no faces");
  EXPECT_EQ(complaint("v 1 1 1\nf 1 1 1\n"), "/data/a.obj: has nothing to show: /node_0 has no area and is not shown");
}

TEST_F(Obj, ACutFileNeverHurts) {
  const std::string text = kSquare + "vt 0 0\nvn 0 0 1\no x\ng y\ns 1\nusemtl m\nf 1/1/1 2/1/1 3//1 4\nl 1 2\n";
  for (std::size_t length = 0; length < text.size(); ++length) (void)import(text.substr(0, length));
  EXPECT_TRUE(import(text));
}

}  // namespace
}  // namespace wm::import
