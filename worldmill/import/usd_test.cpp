#include "worldmill/import/usd.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <set>

#include "worldmill/image/png.h"
#include "worldmill/import/import.h"
#include "worldmill/import/memory_files.h"

namespace wm::import {
namespace {

namespace fs = std::filesystem;
using math::Vec3;
using scene::JointKind;
using scene::ShapeKind;

const std::string kMetres = "#usda 1.0\n(metersPerUnit = 1\nupAxis = \"Z\")\n";

/// Every closing brace on a line of its own, as USDA wants it.
std::string spread(const std::string& text) {
  std::string out;
  for (const char c : text) c == '}' ? out += "\n}\n" : out += c;
  return out;
}

class Usd : public testing::Test {
 protected:
  MemoryFiles files;

  Result<scene::Asset> read(const std::string& text, const Budget& budget = {}) {
    files.contents["/w/a.usda"] = spread(text);
    return import_file(files, "/w/a.usda", {"/w"}, budget);
  }
  scene::Asset sound(const std::string& text) {
    auto asset = read(text);
    if (asset) return *std::move(asset);
    ADD_FAILURE() << to_string(asset.error());
    return {};
  }
  std::string complaint(const std::string& text, const Budget& budget = {}) {
    const auto asset = read(text, budget);
    return asset ? "none" : to_string(asset.error());
  }
};

const scene::Node& node_at(const scene::Scene& scene, const std::string& path) {
  for (const scene::Node& node : scene.nodes) {
    if (node.path == path) return node;
  }
  ADD_FAILURE() << "no node " << path;
  return scene.nodes.at(0);
}

const geometry::Mesh& mesh_at(const scene::Scene& scene, const std::string& path, std::size_t part = 0) {
  return *scene.meshes.at(node_at(scene, path).parts.at(part).mesh.index());
}

double area(const geometry::Mesh& mesh) {
  double sum = 0;
  const auto at = [&](std::uint32_t i) { return Vec3{mesh.positions[i].x, mesh.positions[i].y, mesh.positions[i].z}; };
  for (const auto& t : mesh.triangles) sum += 0.5 * length(cross(at(t[1]) - at(t[0]), at(t[2]) - at(t[0])));
  return sum;
}

std::string mesh(const std::string& name, const std::string& more, const std::string& scheme = "none") {
  return fmt::format(R"(def Mesh "{}" {{
    point3f[] points = [(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0), (4, 0, 0), (4, 2, 0)]
    int[] faceVertexCounts = [4, 4]
    int[] faceVertexIndices = [0, 1, 2, 3, 1, 4, 5, 2]
    uniform token subdivisionScheme = "{}"
    {}
}}
)",
                     name, scheme, more);
}

TEST_F(Usd, CentimetresWithYUpBecomeMetresWithZUp) {
  const scene::Scene scene = sound(R"(#usda 1.0
(upAxis = "Y")
def Xform "World" {
  double3 xformOp:translate = (100, 200, 300)
  uniform token[] xformOpOrder = ["xformOp:translate"]
  def Cube "Box" { double size = 50 }
})")
                                 .scene;
  const Vec3 at = node_at(scene, "/World").parent_from_node.translation;
  EXPECT_LT(length(at - Vec3{1, -3, 2}), 1e-15);
  EXPECT_EQ(geometry::bounds(mesh_at(scene, "/World/Box")).high.x, 0.25);
}

TEST_F(Usd, OpsOfATransformMultiplyInTheirOrder) {
  const scene::Scene scene = sound(kMetres + R"(def Cube "a" {
  double3 xformOp:translate = (1, 2, 3)
  float xformOp:rotateZ = 90
  float3 xformOp:scale = (2, 1, 1)
  float3 xformOp:translate:pivot = (1, 0, 0)
  uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateZ", "xformOp:translate:pivot",
                                  "xformOp:scale", "!invert!xformOp:translate:pivot"]
})")
                                 .scene;
  // (1 0 0) is the pivot: it stays, is turned to (0 1 0), and moves.
  EXPECT_LT(length(node_at(scene, "/a").parent_from_node.point({1, 0, 0}) - Vec3{1, 3, 3}), 1e-15);
  EXPECT_LT(length(node_at(scene, "/a").parent_from_node.point({2, 0, 0}) - Vec3{1, 5, 3}), 1e-15);
}

TEST_F(Usd, APolygonKeepsItsAreaAndItsFacing) {
  const scene::Scene scene = sound(kMetres + R"(def Mesh "star" {
  point3f[] points = [(0, 0, 0), (4, 0, 0), (4, 4, 0), (2, 1, 0), (0, 4, 0)]
  int[] faceVertexCounts = [5]
  int[] faceVertexIndices = [0, 1, 2, 3, 4]
  uniform token subdivisionScheme = "none"
})" + mesh("left", "uniform token orientation = \"leftHanded\""))
                                 .scene;
  EXPECT_DOUBLE_EQ(area(mesh_at(scene, "/star")), 10);
  const auto& left = mesh_at(scene, "/left");
  const auto& t = left.triangles[0];
  const auto at = [&](std::size_t i) { return left.positions[t[i]]; };
  EXPECT_LT(cross(at(1) - at(0), at(2) - at(0)).z, 0);
}

TEST_F(Usd, HolesAreNotThereAndSubsetsHaveTheirMaterials) {
  const std::string looks = R"(def Material "red" {
  token outputs:surface.connect = </red/s.outputs:surface>
  def Shader "s" { uniform token info:id = "UsdPreviewSurface"
                   color3f inputs:diffuseColor = (1, 0, 0)
                   token outputs:surface }
}
)";
  const scene::Scene scene = sound(kMetres + looks + mesh("hole", "int[] holeIndices = [1]") + mesh("two", R"(
    def GeomSubset "right" (apiSchemas = ["MaterialBindingAPI"]) {
      uniform token elementType = "face"
      uniform token familyName = "materialBind"
      int[] indices = [1]
      rel material:binding = </red>
    })"))
                                 .scene;
  EXPECT_DOUBLE_EQ(area(mesh_at(scene, "/hole")), 4);
  const scene::Node& two = node_at(scene, "/two");
  ASSERT_EQ(two.parts.size(), 2u);
  EXPECT_EQ(scene.materials[two.parts[0].material.index()].base_color, (math::Vec3f{1, 0, 0}));
  EXPECT_DOUBLE_EQ(area(mesh_at(scene, "/two", 0)), 4);
  EXPECT_DOUBLE_EQ(area(mesh_at(scene, "/two", 1)), 4);
  EXPECT_EQ(geometry::bounds(mesh_at(scene, "/two", 0)).low.x, 2);
}

TEST_F(Usd, CornersThatAgreeAreOneVertexAndSeamsAreNot) {
  const std::string seam = R"(
    texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (1, 0), (1, 1), (0, 1)] (
      interpolation = "faceVarying")";
  const scene::Scene scene = sound(kMetres + mesh("seam", seam + ")") + mesh("one", R"(
    texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1)] (interpolation = "faceVarying")
    int[] primvars:st:indices = [0, 1, 2, 3, 1, 0, 3, 2])"))
                                 .scene;
  EXPECT_EQ(mesh_at(scene, "/seam").positions.size(), 8u);
  EXPECT_EQ(mesh_at(scene, "/one").positions.size(), 6u);
  EXPECT_EQ(mesh_at(scene, "/one").uv[0][0], (math::Vec2f{0, 1}));  // v grows downwards here
}

const std::string kCube = R"(
  point3f[] points = [(-1, -1, -1), (1, -1, -1), (1, 1, -1), (-1, 1, -1), (-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)]
  int[] faceVertexCounts = [4, 4, 4, 4, 4, 4]
  int[] faceVertexIndices = [0, 3, 2, 1, 4, 5, 6, 7, 0, 1, 5, 4, 1, 2, 6, 5, 2, 3, 7, 6, 3, 0, 4, 7]
)";

TEST_F(Usd, AMeshWithoutASchemeIsASmoothSurface) {
  const scene::Scene scene = sound(kMetres + "def Mesh \"ball\" {" + kCube + "}\ndef Mesh \"sharp\" {" + kCube + R"(
    int[] creaseIndices = [0, 1, 2, 3, 0, 4, 5, 6, 7, 4, 0, 4, 1, 5, 2, 6, 3, 7]
    int[] creaseLengths = [5, 5, 2, 2, 2, 2]
    float[] creaseSharpnesses = [10, 10, 10, 10, 10, 10]
    int[] cornerIndices = [0, 1, 2, 3, 4, 5, 6, 7]
    float[] cornerSharpnesses = [10, 10, 10, 10, 10, 10, 10, 10] })")
                                 .scene;
  const auto& ball = mesh_at(scene, "/ball");
  // The limit of a cube's middle is known: (1 + 4/9 ...) faces stay symmetric, all lies within, and normals point out.
  const math::Box3 box = geometry::bounds(ball);
  EXPECT_LT(length(box.high + box.low), 1e-6);
  EXPECT_LT(box.high.x, 0.9);
  EXPECT_GT(box.high.x, 0.6);
  ASSERT_EQ(ball.normals.size(), ball.positions.size());
  for (std::size_t i = 0; i < ball.normals.size(); ++i) {
    EXPECT_GT(dot(ball.normals[i], ball.positions[i]), 0.5f * length(ball.positions[i]));
  }
  EXPECT_EQ(geometry::bounds(mesh_at(scene, "/sharp")).high, (Vec3{1, 1, 1}));
  EXPECT_NEAR(area(mesh_at(scene, "/sharp")), 24, 1e-4);
}

TEST_F(Usd, InstancesHaveNodesOfTheirOwnAndShareMeshes) {
  const scene::Scene scene = sound(kMetres + R"(
class "_crate" { def Xform "lid" { def Cube "top" {} } }
def Xform "a" (instanceable = true
  references = </_crate>) {}
def Xform "b" (instanceable = true
  references = </_crate>) {}
)")
                                 .scene;
  ASSERT_EQ(scene.nodes.size(), 6u);
  EXPECT_EQ(node_at(scene, "/a/lid/top").parts[0].mesh, node_at(scene, "/b/lid/top").parts[0].mesh);
  EXPECT_EQ(scene.meshes.size(), 1u);
}

TEST_F(Usd, PointInstancesStandWhereTheyAreToldWithPathsOfTheirOwn) {
  const scene::Scene scene = sound(kMetres + R"(
def PointInstancer "pile" {
  int[] protoIndices = [0, 1, 0]
  point3f[] positions = [(1, 0, 0), (2, 0, 0), (3, 0, 0)]
  quath[] orientations = [(1, 0, 0, 0), (0.7071, 0, 0, 0.7071), (1, 0, 0, 0)]
  float3[] scales = [(1, 1, 1), (2, 2, 2), (1, 1, 1)]
  int64[] invisibleIds = [2]
  rel prototypes = [</pile/box>, </pile/bar>]
  def Cube "box" { double3 xformOp:translate = (0, 0, 5)
                   uniform token[] xformOpOrder = ["xformOp:translate"] }
  def Xform "bar" { def Cube "core" {} }
})")
                                 .scene;
  ASSERT_EQ(scene.nodes.size(), 4u);
  EXPECT_EQ(node_at(scene, "/pile/instance_0").parent_from_node.translation, (Vec3{1, 0, 5}));
  const math::Affine& bar = node_at(scene, "/pile/instance_1").parent_from_node;
  EXPECT_LT(length(bar.point({1, 0, 0}) - Vec3{2, 2, 0}), 1e-3);  // halves have 11 bits
  EXPECT_EQ(node_at(scene, "/pile/instance_1/core").parts.size(), 1u);
}

TEST_F(Usd, SemanticsOfBothKindsAreRead) {
  const scene::Scene scene = sound(kMetres + R"(
def Cube "new" (apiSchemas = ["SemanticsLabelsAPI:class", "SemanticsLabelsAPI:wikidata_qcode"]) {
  token[] semantics:labels:class = ["forklift", "vehicle"]
  token[] semantics:labels:wikidata_qcode = ["Q181546"]
}
def Cube "old" (apiSchemas = ["SemanticsAPI:Semantics_x"]) {
  string semantic:Semantics_x:params:semanticType = "class"
  string semantic:Semantics_x:params:semanticData = "pallet"
})")
                                 .scene;
  EXPECT_EQ(node_at(scene, "/new").semantic, "forklift");
  EXPECT_EQ(node_at(scene, "/new").tags, (std::vector<std::string>{"vehicle", "wikidata_qcode:Q181546"}));
  EXPECT_EQ(node_at(scene, "/old").semantic, "pallet");
}

TEST_F(Usd, GuidesAndProxiesAreNotShownAndWhatIsInvisibleIsHidden) {
  const scene::Scene scene = sound(kMetres + R"(
def Cube "seen" {}
def Xform "helpers" { uniform token purpose = "guide"
  def Cube "hull" {} }
def Cube "hidden" { token visibility = "invisible" }
)")
                                 .scene;
  EXPECT_TRUE(node_at(scene, "/helpers/hull").parts.empty());
  EXPECT_FALSE(node_at(scene, "/hidden").visible);
  EXPECT_TRUE(node_at(scene, "/seen").visible);
}

TEST_F(Usd, WithoutAMaterialTheDisplayColorIsSeen) {
  const scene::Scene scene = sound(kMetres + R"(
def Xform "all" { color3f[] primvars:displayColor = [(0, 1, 0)]
  def Cube "green" {} }
)" + mesh("painted", R"(color3f[] primvars:displayColor = [(1, 0, 0), (0, 0, 1)] (interpolation = "uniform"))"))
                                 .scene;
  const auto material = node_at(scene, "/all/green").parts[0].material;
  EXPECT_EQ(scene.materials[material.index()].base_color, (math::Vec3f{0, 1, 0}));
  const auto& painted = mesh_at(scene, "/painted");
  ASSERT_EQ(painted.colors.size(), 8u);
  EXPECT_EQ(painted.colors[0][0], 1);
  EXPECT_EQ(painted.colors[7][2], 1);
}

TEST_F(Usd, ABindingFurtherUpCountsWhenItIsStronger) {
  const auto material = [](const std::string& name, const std::string& color) {
    return fmt::format(R"(def Material "{0}" {{ token outputs:surface.connect = </{0}/s.outputs:surface>
      def Shader "s" {{ uniform token info:id = "UsdPreviewSurface"
        color3f inputs:diffuseColor = {1}
        token outputs:surface }} }}
)",
                       name, color);
  };
  const scene::Scene scene = sound(kMetres + material("red", "(1, 0, 0)") + material("blue", "(0, 0, 1)") + R"(
def Xform "weak" { rel material:binding = </red>
  def Cube "own" { rel material:binding = </blue> }
  def Cube "inherits" {} }
def Xform "strong" { rel material:binding = </red> (bindMaterialAs = "strongerThanDescendants")
  def Cube "own" { rel material:binding = </blue> } }
def Xform "by" {
  rel material:binding:collection:some = [</by.collection:some>, </blue>]
  uniform token collection:some:expansionRule = "expandPrims"
  rel collection:some:includes = </by>
  rel collection:some:excludes = </by/not>
  def Cube "in" {}
  def Cube "not" {} }
)")
                                 .scene;
  const auto color = [&](const std::string& path) {
    return scene.materials[node_at(scene, path).parts[0].material.index()].base_color;
  };
  EXPECT_EQ(color("/weak/own"), (math::Vec3f{0, 0, 1}));
  EXPECT_EQ(color("/weak/inherits"), (math::Vec3f{1, 0, 0}));
  EXPECT_EQ(color("/strong/own"), (math::Vec3f{1, 0, 0}));
  EXPECT_EQ(color("/by/in"), (math::Vec3f{0, 0, 1}));
  EXPECT_NE(color("/by/not"), (math::Vec3f{0, 0, 1}));
}

TEST_F(Usd, TwoPicturesOfRoughnessAndMetalBecomeOne) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("worldmill_usd_import_{}", getpid());
  fs::create_directories(folder);
  const auto grey = [&](const char* name, int size, std::uint8_t value) {
    image::Pixels<std::uint8_t> pixels(size, size, 1);
    std::fill(pixels.values.begin(), pixels.values.end(), value);
    base::disk().commit(folder / name, image::encode_png(pixels));
  };
  grey("rough.png", 4, 51), grey("metal.png", 2, 204);
  base::disk().commit(folder / "a.usda", spread(kMetres + R"(
def Cube "a" { rel material:binding = </m> }
def Material "m" { token outputs:surface.connect = </m/s.outputs:surface>
  def Shader "s" { uniform token info:id = "UsdPreviewSurface"
    float inputs:roughness.connect = </m/rough.outputs:r>
    float inputs:metallic.connect = </m/metal.outputs:r>
    token outputs:surface }
  def Shader "rough" { uniform token info:id = "UsdUVTexture"
    asset inputs:file = @rough.png@
    float outputs:r }
  def Shader "metal" { uniform token info:id = "UsdUVTexture"
    asset inputs:file = @./metal.png@
    float outputs:r }
})"));
  const auto asset = import_file(base::disk(), folder / "a.usda", {folder});
  fs::remove_all(folder);
  ASSERT_TRUE(asset) << to_string(asset.error());
  ASSERT_EQ(asset->files.size(), 3u);
  const scene::Texture& texture = asset->scene.materials[0].metallic_roughness_texture;
  ASSERT_TRUE(texture.picture);
  const auto& pixels = std::get<image::Pixels<std::uint8_t>>(texture.picture->pixels);
  EXPECT_EQ(pixels.width, 4);
  EXPECT_EQ(pixels.at(3, 3, 1), 51);
  EXPECT_EQ(pixels.at(3, 3, 2), 204);
}

// Two bodies side by side, a joint between them.
std::string pair(const std::string& joint) {
  return kMetres + R"(
def PhysicsScene "physics" { vector3f physics:gravityDirection = (0, 0, -1)
                             float physics:gravityMagnitude = 1.62 }
def Xform "robot" (apiSchemas = ["PhysicsArticulationRootAPI"]) {
  def Cube "base" (apiSchemas = ["PhysicsRigidBodyAPI", "PhysicsCollisionAPI", "PhysicsMassAPI"]) {
    float physics:mass = 3
    double size = 0.2
  }
  def Cube "link" (apiSchemas = ["PhysicsRigidBodyAPI", "PhysicsCollisionAPI"]) {
    double size = 0.2
    double3 xformOp:translate = (0, 0, 1)
    uniform token[] xformOpOrder = ["xformOp:translate"]
  }
)" + joint +
         "}\n";
}
const std::string kFrames = R"(
    rel physics:body0 = </robot/base>
    rel physics:body1 = </robot/link>
    point3f physics:localPos0 = (0, 0, 0.5)
    point3f physics:localPos1 = (0, 0, -0.5)
    quatf physics:localRot0 = (1, 0, 0, 0)
    quatf physics:localRot1 = (1, 0, 0, 0)
)";

TEST_F(Usd, WhatAJointCarriesStandsBelowWhatCarriesItAndKeepsItsPath) {
  const scene::Scene scene = sound(pair(R"(def PhysicsRevoluteJoint "hinge" (apiSchemas = ["PhysicsDriveAPI:angular"]) {
    uniform token physics:axis = "Y"
    float physics:lowerLimit = -90
    float physics:upperLimit = 45
    float drive:angular:physics:stiffness = 10
    float drive:angular:physics:maxForce = 4)" +
                                        kFrames + "}"))
                                 .scene;
  const scene::Mechanics& m = scene.mechanics;
  ASSERT_EQ(m.bodies.size(), 2u);
  const scene::Node& link = scene.node(m.bodies[1].node);
  EXPECT_EQ(link.path, "/robot/link");
  EXPECT_EQ(scene.node(link.parent).path, "/robot/base");
  EXPECT_EQ(link.parent_from_node.translation, (Vec3{0, 0, 1}));
  ASSERT_EQ(m.joints.size(), 2u);
  EXPECT_EQ(m.joints[0].kind, JointKind::free);
  EXPECT_EQ(m.joints[1].name, "hinge");
  EXPECT_EQ(m.joints[1].anchor, (Vec3{0, 0, -0.5}));
  EXPECT_LT(length(m.joints[1].axis - Vec3{0, 1, 0}), 1e-15);
  EXPECT_NEAR(m.joints[1].lower, -1.5707963267948966, 1e-6);
  EXPECT_EQ(m.joints[1].reference, 0);
  ASSERT_EQ(m.drives.size(), 1u);
  EXPECT_NEAR(m.drives[0].stiffness, 572.957795, 1e-5);  // a degree has few radians
  EXPECT_EQ(m.drives[0].upper_force, 4);
  EXPECT_EQ(m.bodies[0].mass, 3);
  EXPECT_EQ(m.shapes.size(), 2u);
  EXPECT_NEAR(m.options.gravity.z, -1.62, 1e-6);
}

TEST_F(Usd, AJointWhoseFramesDoNotMeetPullsWhatItCarries) {
  std::string frames = kFrames;
  frames.replace(frames.find("(0, 0, 0.5)"), 11, "(0, 0, 0.9)");
  const scene::Asset asset = sound(pair("def PhysicsRevoluteJoint \"hinge\" {" + frames + "}"));
  EXPECT_LT(length(node_at(asset.scene, "/robot/link").parent_from_node.translation - Vec3{0, 0, 1.4}), 1e-6);
  EXPECT_EQ(asset.ignored, std::vector<std::string>{"/robot/link is put where its joint /robot/hinge holds it"});
}

TEST_F(Usd, AJointToTheWorldHoldsAndAFixedOneLeavesNoFreedom) {
  const scene::Scene scene = sound(pair(R"(
  def PhysicsFixedJoint "ground" { rel physics:body1 = </robot/base> }
  def PhysicsPrismaticJoint "lift" { uniform token physics:axis = "Z")" +
                                        kFrames + "}"))
                                 .scene;
  const scene::Mechanics& m = scene.mechanics;
  ASSERT_EQ(m.joints.size(), 1u);
  EXPECT_EQ(m.joints[0].kind, JointKind::slider);
  EXPECT_FALSE(m.joints[0].limited);
  EXPECT_EQ(scene.node(m.bodies[0].node).path, "/robot/base");
}

TEST_F(Usd, AJointOfSixFreedomsHasThoseThatAreNotLocked) {
  std::string limits;
  for (const char* name : {"transX", "transY", "rotX"}) {
    limits += fmt::format("float limit:{0}:physics:low = 1\nfloat limit:{0}:physics:high = -1\n", name);
  }
  const scene::Scene scene =
      sound(pair(R"(def PhysicsJoint "six" (apiSchemas = ["PhysicsLimitAPI:transX", "PhysicsLimitAPI:transY",
        "PhysicsLimitAPI:rotX"]) {)" +
                 limits + kFrames + "}"))
          .scene;
  std::vector<std::string> names;
  for (const scene::Joint& joint : scene.mechanics.joints) names.push_back(joint.name);
  EXPECT_EQ(names, (std::vector<std::string>{"/robot/base", "six_transZ", "six_rotY", "six_rotZ"}));
}

TEST_F(Usd, AJointThatClosesALoopBecomesAConstraint) {
  const scene::Scene scene = sound(pair("def PhysicsRevoluteJoint \"a\" {" + kFrames + "}\n" +
                                        "def PhysicsRevoluteJoint \"b\" {" + kFrames + "}\n"))
                                 .scene;
  ASSERT_EQ(scene.mechanics.constraints.size(), 2u);  // two points of its axis
  EXPECT_EQ(scene.mechanics.constraints[0].kind, scene::ConstraintKind::connect);
  EXPECT_EQ(scene.mechanics.constraints[0].anchor, (Vec3{0, 0, 0.5}));
}

TEST_F(Usd, CollidersAreWhatTheirApproximationSays) {
  const auto collider = [](const std::string& name, const std::string& approximation) {
    return "def Mesh \"" + name + "\" (apiSchemas = [\"PhysicsCollisionAPI\", \"PhysicsMeshCollisionAPI\"]) {" + kCube +
           "uniform token physics:approximation = \"" + approximation + "\" }\n";
  };
  // An L, which is not its hull.
  const std::string dented = R"(
  point3f[] points = [(0, 0, 0), (2, 0, 0), (2, 1, 0), (1, 1, 0), (1, 2, 0), (0, 2, 0),
                      (0, 0, 1), (2, 0, 1), (2, 1, 1), (1, 1, 1), (1, 2, 1), (0, 2, 1)]
  int[] faceVertexCounts = [6, 6, 4, 4, 4, 4, 4, 4]
  int[] faceVertexIndices = [5, 4, 3, 2, 1, 0, 6, 7, 8, 9, 10, 11, 0, 1, 7, 6, 1, 2, 8, 7, 2, 3, 9, 8, 3, 4, 10, 9,
                             4, 5, 11, 10, 5, 0, 6, 11]
)";
  const auto still = [&](const std::string& name, const std::string& schema) {
    return "def Mesh \"" + name + "\" (apiSchemas = [\"PhysicsCollisionAPI\"" + schema + "]) {" + dented + "}\n";
  };
  const scene::Scene scene = sound(kMetres + collider("hull", "convexHull") + still("exact", "") +
                                   collider("box", "boundingCube") + collider("ball", "boundingSphere") +
                                   collider("convex", "none") + still("moving", ", \"PhysicsRigidBodyAPI\""))
                                 .scene;
  const auto& shapes = scene.mechanics.shapes;
  ASSERT_EQ(shapes.size(), 6u);
  EXPECT_EQ(shapes[0].kind, ShapeKind::hull);
  EXPECT_EQ(shapes[0].mesh->positions.size(), 8u);  // the cage, not the smooth surface
  EXPECT_EQ(shapes[1].kind, ShapeKind::distance_field);
  EXPECT_EQ(shapes[2].size, (Vec3{1, 1, 1}));
  EXPECT_DOUBLE_EQ(shapes[3].size.x, std::sqrt(3.0));
  EXPECT_EQ(shapes[4].kind, ShapeKind::hull);  // it is its own
  EXPECT_EQ(shapes[5].kind, ShapeKind::hull);  // as PhysX has it
}

TEST_F(Usd, LightsHaveTheirStrengthInPhotometricUnits) {
  const scene::Scene scene = sound(kMetres + R"(
def SphereLight "bulb" { float inputs:intensity = 1000
                         float inputs:radius = 0.1 }
def DistantLight "sun" { float inputs:intensity = 50000
                         bool inputs:normalize = true }
def RectLight "panel" { float inputs:intensity = 10
                        float inputs:exposure = 3 }
def DomeLight "sky" { float inputs:intensity = 2 }
)")
                                 .scene;
  ASSERT_EQ(scene.lights.size(), 4u);
  EXPECT_NEAR(scene.lights[0].intensity, 1000 * 3.14159265 * 0.01, 1e-4);  // L pi r^2 [cd]
  EXPECT_EQ(scene.lights[1].intensity, 50000);
  EXPECT_EQ(scene.lights[2].intensity, 80);
  EXPECT_EQ(scene.lights[3].kind, scene::LightKind::environment);
  // The pole of the dome is y, the pole of ours z.
  EXPECT_EQ(node_at(scene, "/sky").parent_from_node.direction({0, 0, 1}), (Vec3{0, 1, 0}));
}

TEST_F(Usd, ValuesAreThoseOfTheStagesStart) {
  const scene::Scene scene = sound(R"(#usda 1.0
(metersPerUnit = 1
upAxis = "Z"
startTimeCode = 5)
def Cube "a" {
  double3 xformOp:translate.timeSamples = { 0: (0, 0, 0), 10: (10, 0, 0) }
  uniform token[] xformOpOrder = ["xformOp:translate"]
})")
                                 .scene;
  EXPECT_EQ(scene.nodes[0].parent_from_node.translation.x, 5);
}

TEST_F(Usd, WhatDoesNotFitIsASentence) {
  EXPECT_EQ(complaint(kMetres), "/w/a.usda: has nothing to show: no prim of it is a shape, a light or a camera");
  EXPECT_NE(complaint("PK\x03\x04 nothing"), "none");
  EXPECT_NE(complaint("#usda 1.0\ndef Xform {"), "none");
  const scene::Asset asset =
      sound(kMetres + "def Cube \"a\" (references = @../../etc/passwd@) {}\n" + mesh("bad", "").replace(0, 0, "") +
            "def Mesh \"broken\" {\n"
            "  point3f[] points = [(0, 0, 0)]\n  int[] faceVertexCounts = [3]\n"
            "  int[] faceVertexIndices = [0, 1, 2]\n}\n");
  const std::set<std::string> notes(asset.ignored.begin(), asset.ignored.end());
  EXPECT_TRUE(notes.contains("/broken: a corner is point 1, but there are 1 points; it is left out"));
  EXPECT_GE(asset.ignored.size(), 2u);  // the reference too
}

TEST_F(Usd, HostileStagesMeetBudgets) {
  Budget small;
  small.vertices = 1000;
  std::string instances = "0";
  for (int i = 0; i < 2000; ++i) instances += ", 0";
  EXPECT_EQ(complaint(kMetres + "def PointInstancer \"p\" { int[] protoIndices = [" + instances +
                          "]\nrel prototypes = </p/a>\ndef Cube \"a\" {} }",
                      small),
            "/w/a.usda: has more than 1000 prims with their instances, which is more than allowed here");
  // Each holds all of itself again.
  const std::string self = "def PointInstancer \"p\" { int[] protoIndices = [0, 0]\nrel prototypes = </p> }";
  EXPECT_NE(complaint(kMetres + self, small), "none");
  std::string deep = "def Cube \"x\" {}";
  for (int i = 0; i < 300; ++i) deep = "def Xform \"x\" { " + deep + " }\n";
  EXPECT_EQ(complaint(kMetres + deep), "/w/a.usda: its tree is deeper than the 256 levels allowed here");
}

}  // namespace
}  // namespace wm::import
