#include "worldmill/import/mjcf.h"

#include <gtest/gtest.h>

#include "worldmill/import/import.h"
#include "worldmill/import/memory_files.h"

namespace wm::import {
namespace {

using scene::DriveKind;
using scene::JointKind;
using scene::ShapeKind;

class Mjcf : public testing::Test {
 protected:
  MemoryFiles files;

  Result<scene::Asset> read(const std::string& text) {
    files.contents["/f/a.xml"] = text;
    return import_file(files, "/f/a.xml", {"/f"});
  }
  scene::Asset sound(const std::string& text) {
    auto asset = read(text);
    if (asset) return *std::move(asset);
    ADD_FAILURE() << to_string(asset.error());
    return {};
  }
  std::string complaint(const std::string& text) {
    auto asset = read(text);
    return asset ? "none" : to_string(asset.error());
  }
};

// A pendulum in degrees, with a servo, a class and a frame: everything that the engine must resolve.
constexpr const char* kPendulum = R"(<mujoco>
  <option gravity="0 0 -1.62"/>
  <default><geom friction="0.3 0.01 0.002"/><default class="stiff"><joint damping="0.5"/></default></default>
  <worldbody>
    <geom name="ground" type="plane" size="2 2 1"/>
    <frame pos="0 0 1">
      <body name="arm" pos="0 0 1">
        <joint name="hinge" class="stiff" axis="0 1 0" range="-90 45" limited="true"/>
        <geom name="rod" type="capsule" fromto="0 0 0 0 0 -0.5" size="0.02" mass="2"/>
        <site name="tip" pos="0 0 -0.5"/>
      </body>
    </frame>
  </worldbody>
  <actuator><position name="servo" joint="hinge" kp="30" kv="2" ctrlrange="-1 1"/></actuator>
  <keyframe><key name="up" qpos="0.25"/></keyframe>
</mujoco>)";

TEST_F(Mjcf, BecomesNodesBodiesAndJointsInRadians) {
  const scene::Scene scene = sound(kPendulum).scene;
  const scene::Mechanics& m = scene.mechanics;
  ASSERT_EQ(m.bodies.size(), 1u);
  EXPECT_EQ(scene.node(m.bodies[0].node).path, "/arm");
  EXPECT_EQ(scene.node(m.bodies[0].node).parent_from_node.translation.z, 2);
  EXPECT_NEAR(m.bodies[0].mass, 2, 1e-12);
  ASSERT_EQ(m.joints.size(), 1u);
  EXPECT_EQ(m.joints[0].name, "hinge");
  EXPECT_EQ(m.joints[0].kind, JointKind::hinge);
  EXPECT_NEAR(m.joints[0].lower, -1.5707963267948966, 1e-15);
  EXPECT_EQ(m.joints[0].damping, 0.5);
  ASSERT_EQ(m.shapes.size(), 2u);
  EXPECT_EQ(m.shapes[1].kind, ShapeKind::capsule);
  EXPECT_NEAR(m.shapes[1].size.y, 0.25, 1e-15);
  EXPECT_EQ(m.surfaces[m.shapes[1].surface.index()].friction, 0.3);
  EXPECT_EQ(m.options.gravity.z, -1.62);
  EXPECT_EQ(m.sites[0].node_from_site.translation.z, -0.5);
  EXPECT_EQ(m.keyframes[0].positions, std::vector<double>{0.25});
}

TEST_F(Mjcf, KnowsAServoByItsGains) {
  const scene::Mechanics m = sound(kPendulum).scene.mechanics;
  ASSERT_EQ(m.drives.size(), 1u);
  EXPECT_EQ(m.drives[0].kind, DriveKind::position);
  EXPECT_EQ(m.drives[0].stiffness, 30);
  EXPECT_EQ(m.drives[0].damping, 2);
  EXPECT_EQ(m.drives[0].joint, scene::JointId(0));
  EXPECT_TRUE(m.drives[0].command_limited);
}

TEST_F(Mjcf, KeepsWhatOnlyTheEngineUnderstands) {
  const scene::Mechanics m = sound(R"(<mujoco><worldbody>
      <body><freejoint/><geom size="1" solref="0.01 0.7" condim="6" priority="2"/></body>
    </worldbody></mujoco>)")
                                 .scene.mechanics;
  ASSERT_EQ(m.shapes.size(), 1u);
  ASSERT_NE(m.shapes[0].extras.find("solref"), nullptr);
  EXPECT_EQ(std::get<double>(m.shapes[0].extras.find("solref")->list()->at(1).data), 0.7);
  EXPECT_EQ(std::get<std::int64_t>(m.shapes[0].extras.find("condim")->data), 6);
  EXPECT_EQ(m.shapes[0].extras.find("solimp"), nullptr);
  EXPECT_NE(m.options.extras.map(), nullptr) << "an author's options are not ours";
}

TEST_F(Mjcf, ShowsWhatItsViewerWouldShow) {
  const scene::Scene scene = sound(R"(<mujoco><asset><material name="red" rgba="1 0 0 1"/></asset><worldbody>
      <body name="b"><geom name="seen" size="1" material="red"/><geom name="hidden" size="1" group="3"/></body>
    </worldbody></mujoco>)")
                                 .scene;
  ASSERT_EQ(scene.nodes.size(), 2u);
  EXPECT_EQ(scene.nodes[1].path, "/b/seen");
  EXPECT_EQ(scene.materials.at(0).name, "red");
  EXPECT_EQ(scene.materials.at(0).base_color, (math::Vec3f{1, 0, 0}));
  EXPECT_EQ(scene.mechanics.shapes.size(), 2u);
}

TEST_F(Mjcf, ReadsIncludedFilesBesideIt) {
  files.contents["/f/parts/arm.xml"] = "<mujocoinclude><body name='arm'><geom size='1'/></body></mujocoinclude>";
  const scene::Asset asset = sound("<mujoco><worldbody><include file='parts/arm.xml'/></worldbody></mujoco>");
  ASSERT_EQ(asset.scene.mechanics.bodies.size(), 1u);
  ASSERT_EQ(asset.files.size(), 2u);
  EXPECT_EQ(asset.files[1].name, "parts/arm.xml");
}

constexpr const char* kTetrahedron = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n";

TEST_F(Mjcf, ReadsMeshesThroughTheSameDoorAsAllFiles) {
  files.contents["/f/m/t.obj"] = kTetrahedron;
  const scene::Asset asset = sound(R"(<mujoco><compiler meshdir="m"/><asset><mesh file="t.obj" scale="2 2 2"/></asset>
      <worldbody><body name="b"><freejoint/><geom type="mesh" mesh="t" density="3000"/></body></worldbody></mujoco>)");
  ASSERT_EQ(asset.scene.meshes.size(), 1u);
  EXPECT_EQ(asset.scene.meshes[0]->triangles.size(), 4u);
  ASSERT_TRUE(asset.scene.mechanics.shapes.at(0).file);
  EXPECT_EQ(asset.scene.mechanics.shapes[0].file->bytes, kTetrahedron);
  EXPECT_NEAR(asset.scene.mechanics.bodies.at(0).mass, 3000 * 8.0 / 6, 1e-3);  // vertices are floats
}

TEST_F(Mjcf, KeepsMeshesThatAreWrittenInTheText) {
  const scene::Mechanics m = sound(R"(<mujoco><asset><mesh name="a mesh with a long enough name" scale="2 1 1"
      vertex="0 0 0 1 0 0 0 1 0 0 0 0.1"/></asset><worldbody><body><freejoint/>
      <geom type="mesh" mesh="a mesh with a long enough name"/></body></worldbody></mujoco>)")
                                 .scene.mechanics;
  ASSERT_TRUE(m.shapes.at(0).file);
  EXPECT_EQ(m.shapes[0].file->vertices, (std::vector<float>{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0.1f}));
}

TEST_F(Mjcf, GoesOnWithoutMeshesThatWouldOnlyBeSeen) {
  const scene::Asset asset = sound(R"(<mujoco><asset><mesh file="gone.obj"/></asset><worldbody><body name="b">
      <freejoint/><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
      <geom type="mesh" mesh="gone" contype="0" conaffinity="0"/><geom size="0.1" group="3"/>
    </body></worldbody></mujoco>)");
  ASSERT_EQ(asset.ignored.size(), 1u);
  EXPECT_EQ(asset.ignored[0], "refers to \"gone.obj\", which is not there; it would only be seen");
  EXPECT_EQ(asset.scene.nodes.size(), 2u) << "its collision shape is shown in its place";
}

TEST_F(Mjcf, RefusesWithoutMeshesThatMatter) {
  EXPECT_EQ(complaint(R"(<mujoco><asset><mesh file="gone.stl"/></asset>
      <worldbody><geom type="mesh" mesh="gone"/></worldbody></mujoco>)"),
            "/f/a.xml: refers to \"gone.stl\", which is not there; put it where the file says");
}

TEST_F(Mjcf, RefusesWhatWouldCostTooMuchOrLeadOutside) {
  EXPECT_EQ(complaint("<mujoco><worldbody><replicate count='1000'><replicate count='1000'><geom size='1'/></replicate>"
                      "</replicate></worldbody></mujoco>"),
            "/f/a.xml:1: makes 1e+06 copies of something, at most 1e+05 are allowed here");
  EXPECT_EQ(complaint("<mujoco><asset><texture name='t' builtin='flat' width='100000' height='1'/></asset></mujoco>"),
            "/f/a.xml:1: texture has a width of 100000, must be in 0..8192");
  files.contents["/g/b.xml"] = "<mujoco/>";
  EXPECT_EQ(
      complaint("<mujoco><include file='../g/b.xml'/></mujoco>"),
      "/f/a.xml: refers to \"../g/b.xml\", which is outside the folders that may be read; put it beside the file");
  EXPECT_EQ(complaint("<mujoco><include file='a.xml'/></mujoco>"), "/f/a.xml: includes \"a.xml\" twice");
}

TEST_F(Mjcf, SaysWhatIsWrongWithAText) {
  EXPECT_EQ(complaint("<mujoco><worldbody>"), "/f/a.xml:1: is no XML: mismatched element");
  EXPECT_EQ(complaint("<package/>"),
            "/f/a.xml: is XML of <package>, which is not read; read are MJCF (<mujoco>) and URDF (<robot>)");
  EXPECT_NE(complaint("<mujoco><worldbody><geom siz='1'/></worldbody></mujoco>").find("unrecognized attribute: 'siz'"),
            std::string::npos);
  EXPECT_EQ(complaint("<mujoco/>"), "/f/a.xml: has nothing to show: it has no geoms and no bodies");
}

}  // namespace
}  // namespace wm::import
