#include "worldmill/mill/alone.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "worldmill/import/gltf.h"
#include "worldmill/import/usd.h"

namespace wm::mill {
namespace {

namespace fs = std::filesystem;

// A door that swings against a ball, which rolls off a table: what moves has parents and children that move.
constexpr std::string_view kModel = R"(<mujoco>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 .1"/>
    <body name="frame" pos="0 0 1"><geom type="box" size=".1 .1 .02" pos="0 .5 0"/>
      <body name="door" pos="0 0 .4"><joint type="hinge" axis="0 0 1"/><geom type="box" size=".4 .02 .3" pos=".4 0 0"/>
        <body name="handle" pos=".7 .05 0"><joint type="hinge" axis="0 1 0"/>
          <geom type="capsule" size=".01" fromto="0 0 0 -.1 0 0"/></body></body></body>
    <body name="ball" pos="1 1 .5"><freejoint/><geom type="sphere" size=".1"/></body>
  </worldbody></mujoco>)";

class Exported : public testing::Test {
 protected:
  const fs::path folder = fs::temp_directory_path() / fmt::format("worldmill_alone_{}", getpid());

  void SetUp() override {
    fs::create_directories(folder);
    std::ofstream(folder / "door.xml") << kModel;
    TakeOptions options{.file = folder / "door.xml", .seconds = 1, .pushes = {{"door", {0, 40, 0}}}};
    auto run = take_alone(base::disk(), options);
    ASSERT_TRUE(run) << to_string(run.error());
    base::disk().commit(folder / "door.take", sim::encode(run->take));
    take = std::make_shared<const sim::Take>(std::move(run->take));
    timeline = sim::timeline(take, run->initial);
    initial = run->initial;
  }
  void TearDown() override { fs::remove_all(folder); }

  Result<std::vector<std::string>> write(const std::string& name, std::optional<base::Rate> rate = {}) {
    return export_take(base::disk(), {folder / "door.xml", folder / "door.take", folder / name, {}, rate});
  }

  /// The file's nodes at a time [s] of the take; `code`: its time code of OpenUSD.
  scene::Scene read(const std::string& name, double time, double code) {
    const std::string bytes = *base::disk().read(folder / name, 1 << 28);
    import::Source source(base::disk(), folder / name, name, import::Roots(base::disk(), {folder}), {});
    const bool usd = name.find(".usd") != std::string::npos;
    auto back = usd ? import::import_usd(source, bytes, code) : import::import_gltf(source, bytes, time);
    EXPECT_TRUE(back) << to_string(back.error());
    return back ? back->scene : scene::Scene{};
  }

  /// How far a node of the file is from where the take has it, over all nodes of the take's scene [m or 1].
  double error(const scene::Scene& back, double time) {
    const scene::World then = timeline->world_at(base::SimTime::from_seconds(time));
    const std::vector<math::Affine> wanted = scene::world_from_nodes(then);
    std::vector<math::Affine> local;
    for (const scene::Node& node : back.nodes) local.push_back(node.parent_from_node);
    const std::vector<math::Affine> found = scene::world_from_nodes(back, local);
    double most = 0;
    for (std::size_t n = 0; n < wanted.size(); ++n) {
      const std::string& path = initial.scene->nodes[n].path;
      const auto at = std::ranges::find_if(
          back.nodes, [&](const scene::Node& node) { return node.path == path || node.path == "/World" + path; });
      if (at == back.nodes.end()) return 1e9;
      const math::Affine& a = wanted[n];
      const math::Affine& b = found[static_cast<std::size_t>(at - back.nodes.begin())];
      for (const math::Vec3 d : {a.translation - b.translation, a.linear.row0 - b.linear.row0,
                                 a.linear.row1 - b.linear.row1, a.linear.row2 - b.linear.row2}) {
        most = std::max(most, math::length(d));
      }
    }
    return most;
  }

  std::shared_ptr<const sim::Take> take;
  std::unique_ptr<scene::Timeline> timeline;
  scene::World initial;
};

TEST_F(Exported, NodesReadBackWhereTheTakeHasThemAtEveryTick) {
  for (const std::string name : {"door.glb", "door.gltf", "door.usda", "door.usdc", "door.usdz"}) {
    const auto notes = write(name, base::Rate{20, 1});
    ASSERT_TRUE(notes) << to_string(notes.error());
    for (const int tick : {0, 1, 7, 13, 20}) {
      // glTF's keys are floats, about 1 and below: 1e-7, through three parents.
      EXPECT_LT(error(read(name, tick / 20.0, tick), tick / 20.0), 1e-6) << name << " " << tick;
    }
  }
  EXPECT_GT(error(read("door.glb", 0, 0), 1), 0.1);  // and it does move
}

TEST_F(Exported, TheTakesOwnKeysAreTheAnimationsWhereNoRateIsSaid) {
  ASSERT_TRUE(write("door.glb"));
  for (const sim::Track& track : take->tracks) {
    for (std::size_t k = 0; k < track.keys.size(); k += 7) {
      const double t = track.keys[k].time.seconds();
      EXPECT_LT(error(read("door.glb", t, 0), t), 1e-6) << track.path << " at " << t;
    }
  }
}

TEST_F(Exported, WhatCannotBeWrittenIsRefusedWithASentence) {
  EXPECT_NE(to_string(write("door.fbx").error()).find("name it .glb, .gltf, .usda"), std::string::npos);
  std::ofstream(folder / "other.xml")
      << "<mujoco><worldbody><body name='x'><geom size='.1'/></body></worldbody></mujoco>";
  const auto other = export_take(base::disk(), {folder / "other.xml", folder / "door.take", folder / "o.glb", {}, {}});
  EXPECT_NE(to_string(other.error()).find("it is of another scene"), std::string::npos);
}

}  // namespace
}  // namespace wm::mill
