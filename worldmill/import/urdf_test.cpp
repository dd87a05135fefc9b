#include "worldmill/import/urdf.h"

#include <gtest/gtest.h>

#include <cstring>

#include "worldmill/import/import.h"
#include "worldmill/import/memory_files.h"
#include "worldmill/import/stl.h"

namespace wm::import {
namespace {

using scene::JointKind;

class Urdf : public testing::Test {
 protected:
  MemoryFiles files;

  Result<scene::Asset> read(const std::string& inside) {
    files.contents["/w/pkg/urdf/a.urdf"] = "<robot name='r'>" + inside + "</robot>";
    return import_file(files, "/w/pkg/urdf/a.urdf", {"/w"});
  }
  scene::Asset sound(const std::string& inside) {
    auto asset = read(inside);
    if (asset) return *std::move(asset);
    ADD_FAILURE() << to_string(asset.error());
    return {};
  }
  std::string complaint(const std::string& inside) {
    const auto asset = read(inside);
    return asset ? "none" : to_string(asset.error());
  }
};

const std::string kInertia =
    "<inertial><mass value='2'/><inertia ixx='1' iyy='2' izz='2.5' ixy='0' ixz='0' iyz='0'/>"
    "</inertial>";
const std::string kGripper =
    "<link name='hand'/><link name='left'>" + kInertia + "</link><link name='right'>" + kInertia +
    "</link>"
    "<joint name='l' type='prismatic'><parent link='hand'/><child link='left'/>"
    "<origin xyz='0 1 0' rpy='0 0 1.5707963267948966'/><axis xyz='0 0 2'/>"
    "<limit lower='0' upper='0.04' effort='20'/><dynamics damping='3' friction='0.5'/></joint>"
    "<joint name='r' type='prismatic'><parent link='hand'/><child link='right'/>"
    "<limit lower='0' upper='0.04' effort='20'/><mimic joint='l' multiplier='-2' offset='0.1'/>"
    "</joint>";

TEST_F(Urdf, LinksBecomeNodesAndBodiesJointsMoveThem) {
  const scene::Scene scene = sound(kGripper).scene;
  const scene::Mechanics& m = scene.mechanics;
  ASSERT_EQ(scene.nodes.size(), 3u);
  EXPECT_EQ(scene.nodes[1].path, "/hand/left");
  EXPECT_EQ(scene.nodes[1].parent_from_node.translation.y, 1);
  EXPECT_NEAR(scene.nodes[1].parent_from_node.direction({1, 0, 0}).y, 1, 1e-15);
  ASSERT_EQ(m.joints.size(), 2u);
  EXPECT_EQ(m.joints[0].kind, JointKind::slider);
  EXPECT_EQ(m.joints[0].axis, (math::Vec3{0, 0, 1}));
  EXPECT_EQ(m.joints[0].upper, 0.04);
  EXPECT_EQ(m.joints[0].damping, 3);
  EXPECT_EQ(m.joints[0].friction_loss, 0.5);
  EXPECT_EQ(m.bodies[1].mass, 2);
  EXPECT_EQ(m.bodies[1].inertia, (math::Vec3{1, 2, 2.5}));
}

TEST_F(Urdf, AMimicFollowsAndIsNotDriven) {
  const scene::Mechanics m = sound(kGripper).scene.mechanics;
  ASSERT_EQ(m.drives.size(), 1u);
  EXPECT_EQ(m.drives[0].name, "l");
  EXPECT_EQ(m.drives[0].upper_force, 20);
  ASSERT_EQ(m.constraints.size(), 1u);
  EXPECT_EQ(m.constraints[0].joint_a, scene::JointId(1));
  EXPECT_EQ(m.constraints[0].joint_b, scene::JointId(0));
  EXPECT_EQ(m.constraints[0].polynomial, (std::array<double, 5>{0.1, -2, 0, 0, 0}));
}

TEST_F(Urdf, FindsAPackageAboveTheFile) {
  files.contents["/w/pkg/meshes/t.obj"] = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n";
  const scene::Asset asset = sound(
      "<link name='a'><visual><geometry><mesh filename='package://org/pkg/meshes/t.obj' "
      "scale='2 2 2'/></geometry></visual><collision><geometry>"
      "<mesh filename='package://org/pkg/meshes/t.obj'/></geometry></collision></link>");
  ASSERT_EQ(asset.scene.meshes.size(), 1u);
  EXPECT_EQ(asset.scene.nodes[1].path, "/a/visual_0");
  EXPECT_EQ(asset.scene.nodes[1].parent_from_node.linear.row1.y, 2);
  EXPECT_EQ(asset.scene.mechanics.shapes.at(0).mesh->positions.size(), 4u);
  ASSERT_EQ(asset.files.size(), 2u);
  EXPECT_EQ(asset.files[1].name, "../../pkg/meshes/t.obj");
}

TEST_F(Urdf, NamesAMeshThatIsNotThere) {
  EXPECT_EQ(complaint("<link name='a'><collision><geometry><mesh filename='package://pkg/gone.stl'/></geometry>"
                      "</collision></link>"),
            "/w/pkg/urdf/a.urdf: refers to \"pkg/gone.stl\", which is not there; put it where the file says");
}

TEST_F(Urdf, TakesTheDefaultOfAnEnvironmentVariable) {
  const scene::Scene scene = sound(
                                 "<link name='a'/><link name='b'/><joint name='j' type='fixed'><parent link='a'/>"
                                 "<child link='b'/><origin xyz='$(optenv NO_SUCH 0.19 0 0.149)'/></joint>")
                                 .scene;
  EXPECT_EQ(scene.nodes[1].parent_from_node.translation, (math::Vec3{0.19, 0, 0.149}));
}

TEST_F(Urdf, MendsAnInertiaThatNoBodyHasAndSaysSo) {
  const scene::Asset asset = sound(
      "<link name='a'><inertial><mass value='1'/><inertia ixx='1' iyy='1' izz='4' ixy='0' "
      "ixz='0' iyz='0'/></inertial></link>");
  EXPECT_EQ(asset.scene.mechanics.bodies[0].inertia, (math::Vec3{2, 2, 2}));
  ASSERT_EQ(asset.ignored.size(), 1u);
  EXPECT_EQ(asset.ignored[0], "link \"a\": no body has such an inertia; the mean of its moments is taken");
}

TEST_F(Urdf, SaysWhatIsWrong) {
  EXPECT_EQ(complaint("<link name='a'/><joint name='j' type='hinge'><parent link='a'/><child link='b'/></joint>"),
            "/w/pkg/urdf/a.urdf:1: there is no link \"b\"");
  EXPECT_EQ(complaint("<link name='a'/><link name='b'/><joint name='j' type='hinge'><parent link='a'/><child link='b'/>"
                      "</joint>"),
            "/w/pkg/urdf/a.urdf:1: joint \"j\" is of type \"hinge\"; known are revolute, continuous, prismatic, fixed, "
            "floating and planar");
  EXPECT_EQ(complaint("<link name='a'/><link name='b'/><joint name='j' type='fixed'><parent link='a'/><child link='b'/>"
                      "</joint><joint name='k' type='fixed'><parent link='b'/><child link='a'/></joint>"),
            "/w/pkg/urdf/a.urdf:1: its joints lead in a circle; URDF is a tree, take one joint out");
  EXPECT_EQ(complaint("<xacro:include filename='x'/>"),
            "/w/pkg/urdf/a.urdf:1: holds xacro macros; run xacro on it and give what comes out");
}

std::string binary_stl(const std::vector<std::array<float, 9>>& triangles) {
  std::string bytes(80, ' ');
  const auto count = static_cast<std::uint32_t>(triangles.size());
  bytes.append(reinterpret_cast<const char*>(&count), 4);
  for (const auto& t : triangles) {
    bytes.append(12, '\0');
    bytes.append(reinterpret_cast<const char*>(t.data()), 36);
    bytes.append(2, '\0');
  }
  return bytes;
}

TEST(Stl, ReadsBothKindsAlike) {
  const auto binary = read_stl(binary_stl({{0, 0, 0, 1, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 1, 0, 0, 0, 1}}), {}, "a.stl");
  const auto text = read_stl(
      "solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1.0e0 0 0\nvertex 0 +1 0\nendloop\nendfacet\n"
      "facet normal 1 0 0\nouter loop\nvertex 0 0 0\nvertex 0 1 0\nvertex 0 0 1\nendloop\nendfacet\nendsolid\n",
      {}, "a.stl");
  ASSERT_TRUE(binary) << to_string(binary.error());
  ASSERT_TRUE(text) << to_string(text.error());
  EXPECT_EQ(binary->positions, text->positions);
  EXPECT_EQ(binary->triangles, text->triangles);
  EXPECT_EQ(binary->positions.size(), 4u);
}

TEST(Stl, RefusesWhatIsCutOffOrTooLarge) {
  std::string bytes = binary_stl({{0, 0, 0, 1, 0, 0, 0, 1, 0}});
  EXPECT_FALSE(read_stl(std::string_view(bytes).substr(0, 100), {}, "a.stl"));
  EXPECT_FALSE(read_stl("", {}, "a.stl"));
  Budget budget;
  budget.vertices = 2;
  EXPECT_EQ(to_string(read_stl(bytes, budget, "a.stl").error()),
            "a.stl: has more than the 2 vertices and triangles allowed here");
  const std::uint32_t many = 0xffffffff;
  std::memcpy(bytes.data() + 80, &many, 4);
  EXPECT_FALSE(read_stl(bytes, {}, "a.stl"));
}

}  // namespace
}  // namespace wm::import
