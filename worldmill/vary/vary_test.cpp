#include "worldmill/vary/vary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "worldmill/vary/draws.h"
#include "worldmill/vary/testing.h"

namespace wm::vary {
namespace {

using namespace testing;

Staged staged(const Job& job, std::int64_t scene = 0, int attempt = 0) {
  MemoryAssets source = assets();
  Result<Staged> result = stage(job, scene, attempt, source);
  EXPECT_TRUE(result) << complaint(result);
  return *std::move(result);
}

Varied varied(const Job& job, std::int64_t take = 0) {
  MemoryAssets source = assets();
  Result<Varied> result = vary(job, staged(job), take, 0, source);
  EXPECT_TRUE(result) << complaint(result);
  return *std::move(result);
}

std::string complaint_of(const Job& job) {
  MemoryAssets source = assets();
  const Result<Staged> result = stage(job, 0, 0, source);
  if (!result) return complaint(result);
  return complaint(vary(job, *result, 0, 0, source));
}

TEST(Stage, HoldsTheStageAndTheCopies) {
  Job j = job();
  j.adds = {add("mug", "box", "2")};
  const Staged s = staged(j);
  EXPECT_EQ(s.names.entries.at("mug").size(), 2u);
  EXPECT_EQ(s.scene->node(s.names.entries.at("mug")[1]).path, "/mug/1");
  EXPECT_EQ(s.assets, (std::vector<std::string>{"box", "stage"}));
  node(*s.scene, "/mug/0/Body");
  node(*s.scene, "/World/Floor");
}

TEST(Stage, CountsAndAssetsAreDrawn) {
  Job j = job();
  j.adds = {add("junk", "{choice: [box, ball]}", "{int: [0, 3]}")};
  std::set<std::size_t> counts;
  std::set<std::string> used;
  for (int scene = 0; scene < 60; ++scene) {
    const Staged s = staged(j, scene);
    counts.insert(s.names.entries.at("junk").size());
    used.insert(s.assets.begin(), s.assets.end());
    EXPECT_EQ(s.draws.size(), 1 + s.names.entries.at("junk").size());
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(used, (std::set<std::string>{"ball", "box", "stage"}));
}

TEST(Stage, AGuardLeavesAnEntryOut) {
  Job j = job();
  j.params = {{"many", yaml("3")}};
  j.adds = {add("mug", "box"), add("cup", "box")};
  j.adds[0].when = expression("$many > 5");
  const Staged s = staged(j);
  EXPECT_TRUE(s.names.entries.at("mug").empty());
  EXPECT_EQ(s.names.entries.at("cup").size(), 1u);
}

TEST(Stage, PosesAndScalesOfCopies) {
  Job j = job();
  j.adds = {add("mug", "box")};
  j.adds[0].position = field("p", "[1, 2, 3]");
  j.adds[0].yaw = field("y", "1.5707963267948966");
  j.adds[0].scale = field("s", "2");
  const Staged s = staged(j);
  const math::Affine a = s.scene->node(node(*s.scene, "/mug/0")).parent_from_node;
  const math::Vec3 corner = a.point({1, 0, 0});
  EXPECT_NEAR(corner.x, 1, 1e-12);
  EXPECT_NEAR(corner.y, 4, 1e-12);
  EXPECT_NEAR(corner.z, 3, 1e-12);
}

TEST(Stage, IsTheSameAloneOrAfterOthers) {
  Job j = job();
  j.adds = {add("junk", "{choice: [box, ball]}", "{int: [1, 5]}")};
  j.places = {place("spots", "junk")};
  j.places[0].yaw = field("scene.place.spots.yaw", "{uniform: [0, 6]}");
  j.varies = {vary_entry("paint", "junk", "material.base_color", "{hsv: {h: {uniform: [0, 6]}, s: 1, v: 1}}")};
  MemoryAssets source = assets();
  const std::string alone = print(stage(j, 7, 0, source)->world);
  for (int scene = 0; scene < 7; ++scene) ASSERT_TRUE(stage(j, scene, 0, source));
  const Staged seventh = *stage(j, 7, 0, source);
  EXPECT_EQ(print(seventh.world), alone);
  EXPECT_NE(print(stage(j, 7, 1, source)->world), alone);
  const std::string take = print(vary(j, seventh, 3, 0, source)->world);
  for (int t = 0; t < 3; ++t) EXPECT_NE(print(vary(j, seventh, t, 0, source)->world), take);
  EXPECT_EQ(print(vary(j, seventh, 3, 0, source)->world), take);
  EXPECT_NE(print(vary(j, seventh, 3, 1, source)->world), take);
}

TEST(Stage, EntriesDoNotDisturbEachOther) {
  Job few = job();
  few.adds = {add("mug", "{choice: [box, ball]}", "3")};
  few.adds[0].position = field("scene.add.mug.position", "[{uniform: [-1, 1]}, {uniform: [-1, 1]}, 0]");
  few.varies = {vary_entry("paint", "mug", "material.roughness", "{uniform: [0, 1]}")};
  Job many = few;
  many.adds.insert(many.adds.begin(), add("pan", "{choice: [ball, box]}", "{int: [1, 2]}"));
  many.varies.insert(many.varies.begin(), vary_entry("other", "pan", "material.roughness", "{uniform: [0, 1]}"));
  many.varies.push_back(vary_entry("lamps", "/World/Lamp_*", "light.intensity", "{uniform: [0, 1]}"));
  many.lets = {{"hour", field("let.hour", "{choice: [day, night]}"), Per::scene}};
  const auto draws_of = [](const Job& j) {
    std::set<std::string> all;
    for (const auto& d : staged(j).draws) all.insert(d.address + to_line(d.value));
    for (const auto& d : varied(j).draws) all.insert(d.address + to_line(d.value));
    return all;
  };
  const auto before = draws_of(few), after = draws_of(many);
  EXPECT_EQ(before.size(), 3u + 6 + 3);
  EXPECT_TRUE(std::ranges::includes(after, before));
}

TEST(Stage, ComplainsOfWhatCannotBe) {
  Job j = job();
  j.adds = {add("mug", "no.glb")};
  EXPECT_EQ(complaint_of(j), "r.yaml:1:1: scene.add.mug: no.glb: there is no such asset in memory");
  j.adds = {add("World", "box")};
  EXPECT_EQ(complaint_of(j), "scene.add.World: the stage has a node /World of its own; give the entry another name");
  j.adds = {add("mug", "box", "1.5")};
  EXPECT_EQ(complaint_of(j), "r.yaml:1:1: scene.add.mug.count is 1.5, must be a whole number from 0 to 100000");
  j.adds = {add("mug", "box")};
  j.adds[0].scale = field("scene.add.mug.scale", "0");
  EXPECT_EQ(complaint_of(j), "r.yaml:1:1: scene.add.mug.scale is 0, must be above 0");
  j.adds = {};
  j.stage = "none.glb";
  EXPECT_EQ(complaint_of(j), "scene.stage: none.glb: there is no such asset in memory");
}

TEST(Sky, IsThereWhenTheStageBringsNone) {
  Job j = job();
  EXPECT_FALSE(light(staged(j).world, "/Sky").on) << "the stage has lamps";
  j.varies = {vary_entry("sky", "/Sky", "light.image", "sky.hdr")};
  const Varied v = varied(j);
  EXPECT_TRUE(light(v.world, "/Sky").on);
  EXPECT_NE(light(v.world, "/Sky").picture, nullptr);
  EXPECT_EQ(v.assets, std::vector<std::string>{"sky.hdr"});
  j.stage.clear();
  j.varies.clear();
  EXPECT_TRUE(light(staged(j).world, "/Sky").on) << "nothing else shines";
}

TEST(Labels, GoDownTheTreeAndDeeperOnesWin) {
  Job j = job();
  j.adds = {add("mug", "box", "2")};
  j.labels = {label("world", "/World", 7), label("pillar", "/World/Pillar", 3), label("mug", "mug", 5)};
  const Staged s = staged(j);
  const auto of = [&](const std::string& path) { return s.labels.nodes[node(*s.scene, path).index()]; };
  EXPECT_EQ(of("/World").semantic, 7);
  EXPECT_EQ(of("/World/Floor").semantic, 7);
  EXPECT_EQ(of("/World/Floor").instance, 1u);
  EXPECT_EQ(of("/World/Pillar").semantic, 3);
  EXPECT_EQ(of("/World/Pillar").instance, 2u);
  EXPECT_EQ(of("/mug/0").instance, 3u);
  EXPECT_EQ(of("/mug/0/Body").instance, 3u);
  EXPECT_EQ(of("/mug/1/Body").instance, 4u);
  EXPECT_EQ(of("/Sky").instance, 0u);
  ASSERT_EQ(s.labels.objects.size(), 4u);
  EXPECT_EQ(s.labels.objects[3].path, "/mug/1");
  EXPECT_EQ(s.labels.objects[3].asset, "box");
  EXPECT_EQ(s.labels.objects[0].asset, "");
  EXPECT_EQ(s.names.classes.at("mug").size(), 2u);
}

TEST(Labels, PartsKeepTheWholesInstance) {
  Job j = job();
  j.adds = {add("mug", "box")};
  j.labels = {label("mug", "mug", 5), label("body", "mug/**/Body", 6)};
  j.labels[1].part_of = "mug";
  const Staged s = staged(j);
  const scene::NodeLabel body = s.labels.nodes[node(*s.scene, "/mug/0/Body").index()];
  EXPECT_EQ(body.instance, 1u);
  EXPECT_EQ(body.semantic, 5);
  EXPECT_EQ(body.part, 6);
  EXPECT_EQ(s.labels.objects.size(), 1u);
}

TEST(Labels, IgnoredThingsAreObjectsOfNoClass) {
  Job j = job();
  j.labels = {label("glass", "/World/Pillar", 0)};
  j.labels[0].ignore = true;
  const Staged s = staged(j);
  EXPECT_EQ(s.labels.nodes[node(*s.scene, "/World/Pillar").index()].semantic, sample::kIgnore);
  EXPECT_EQ(s.labels.objects.at(0).semantic, sample::kIgnore);
}

TEST(Labels, AdoptTheScenesOwnClasses) {
  Job j = job();
  MemoryAssets source = assets();
  scene::Scene own = stage_asset();
  own.nodes[2].semantic = "pillar";
  source.add("stage", own);
  j.labels = {label("pillar", "class:pillar", 4)};
  const Result<Staged> s = stage(j, 0, 0, source);
  ASSERT_TRUE(s) << complaint(s);
  EXPECT_EQ(s->labels.nodes[2].semantic, 4);
}

TEST(Labels, ComplainOfOverlapAndStrayParts) {
  Job j = job();
  j.labels = {label("a", "/World/Floor", 1), label("b", "/World/*", 2)};
  EXPECT_EQ(complaint_of(j), "labels.a and labels.b both match /World/Floor; take it from one of them with `except:`");
  j.labels = {label("a", "/World/Floor", 1), label("b", "/World/Pillar", 2)};
  j.labels[1].part_of = "a";
  EXPECT_EQ(complaint_of(j), "labels.b: /World/Pillar is part of no \"a\"; narrow `of:` or label the whole");
}

TEST(Vary, EachMatchVariesAlone) {
  Job j = job();
  j.varies = {vary_entry("lamps", "/World/Lamp_*", "light.intensity", "{uniform: [100, 200]}"),
              vary_entry("paint", "/World/Floor", "material.base_color", "[0.1, 0.2, 0.3]")};
  const Varied v = varied(j);
  const float a = light(v.world, "/World/Lamp_0").intensity, b = light(v.world, "/World/Lamp_1").intensity;
  EXPECT_NE(a, b) << "the file lets both share one light";
  EXPECT_GE(a, 100);
  EXPECT_LT(b, 200);
  EXPECT_EQ(material(v.world, "/World/Floor").base_color, (math::Vec3f{0.1f, 0.2f, 0.3f}));
  EXPECT_EQ(material(v.world, "/World/Pillar").base_color, scene::Material().base_color);
}

TEST(Vary, SharedMatchesHaveOneValue) {
  Job j = job();
  j.varies = {vary_entry("lamps", "/World/Lamp_*", "light.intensity", "{uniform: [100, 200]}")};
  j.varies[0].shared = true;
  const Varied v = varied(j);
  EXPECT_EQ(light(v.world, "/World/Lamp_0").intensity, light(v.world, "/World/Lamp_1").intensity);
  ASSERT_EQ(v.draws.size(), 1u);
  EXPECT_EQ(v.draws[0].address, "scene/0/0/take/0/0/vary.lamps.light.intensity");
}

TEST(Vary, AMatchStandsForItsSubtree) {
  Job j = job();
  j.adds = {add("mug", "box", "2")};
  j.varies = {vary_entry("paint", "mug", "material.roughness", "{uniform: [0, 1]}")};
  const Varied v = varied(j);
  EXPECT_NE(material(v.world, "/mug/0/Body").roughness, material(v.world, "/mug/1/Body").roughness);
  ASSERT_EQ(v.draws.size(), 2u);
  EXPECT_EQ(v.draws[1].address, "scene/0/0/take/0/0/vary.paint.material.roughness/mug/1");
}

TEST(Vary, ScaleAndAddActOnWhatTheSceneSays) {
  Job j = job();
  Vary entry = vary_entry("x", "/World/Pillar", "material.roughness", "0.25", Act::add);
  entry.changes.push_back({"material.base_color", Act::scale, field("c", "[0.5, 1, 2]")});
  entry.changes.push_back({"pose.position", Act::add, field("p", "[0, 0, 1]")});
  j.varies = {entry};
  const Varied v = varied(j);
  EXPECT_FLOAT_EQ(material(v.world, "/World/Pillar").roughness, 0.75f);
  EXPECT_EQ(material(v.world, "/World/Pillar").base_color, (math::Vec3f{0.4f, 0.8f, 1.0f})) << "kept to its range";
  EXPECT_EQ(v.world.parent_from_node[2].translation, (math::Vec3{1, 0, 1}));
}

TEST(Vary, PosesAreOfTheWorld) {
  Job j = job();
  Vary entry = vary_entry("x", "/World/Pillar", "pose.position", "[0, 1, 0]");
  entry.changes.push_back({"pose.yaw", Act::set, field("y", "1.5707963267948966")});
  entry.changes.push_back({"pose.scale", Act::set, field("s", "[2, 1, 1]")});
  Vary world = vary_entry("w", "/World", "pose.position", "[10, 0, 0]");
  j.varies = {entry, world};
  const Varied v = varied(j);
  const math::Affine a = scene::world_from_nodes(v.world)[2];
  const math::Vec3 x = a.point({1, 0, 0});
  EXPECT_NEAR(x.x, 0, 1e-12) << "whatever its parents do";
  EXPECT_NEAR(x.y, 3, 1e-12);
}

TEST(Vary, SwitchesHidesAndMakesSeeThrough) {
  Job j = job();
  j.varies = {vary_entry("a", "/World/Lamp_0", "light.switch", "false"),
              vary_entry("b", "/World/Floor", "visible", "{bernoulli: 0}"),
              vary_entry("c", "/World/Pillar", "material.opacity", "0.5")};
  const Varied v = varied(j);
  EXPECT_FALSE(light(v.world, "/World/Lamp_0").on);
  EXPECT_TRUE(light(v.world, "/World/Lamp_1").on);
  EXPECT_FALSE(v.world.visible[1]);
  EXPECT_EQ(material(v.world, "/World/Pillar").alpha_mode, scene::AlphaMode::blend);
}

TEST(Vary, PerSceneChangesHoldForAllTakes) {
  Job j = job();
  j.varies = {vary_entry("paint", "/World/Floor", "material.roughness", "{uniform: [0, 1]}")};
  EXPECT_NE(material(varied(j, 0).world, "/World/Floor").roughness,
            material(varied(j, 1).world, "/World/Floor").roughness);
  j.varies[0].per = Per::scene;
  EXPECT_EQ(material(varied(j, 0).world, "/World/Floor").roughness,
            material(varied(j, 1).world, "/World/Floor").roughness);
  EXPECT_NE(material(staged(j, 0).world, "/World/Floor").roughness,
            material(staged(j, 1).world, "/World/Floor").roughness);
  EXPECT_EQ(staged(j).draws.size(), 1u);
  EXPECT_TRUE(varied(j).draws.empty());
}

TEST(Vary, TwoEntriesMustNotWriteOneField) {
  Job j = job();
  j.varies = {vary_entry("a", "/World/*", "material.roughness", "0.1"),
              vary_entry("b", "/World/Floor", "material.roughness", "0.2")};
  EXPECT_EQ(complaint_of(j),
            "vary.a and vary.b both write material.roughness of /World/Floor; write `over: a` in the later one or "
            "narrow `of:`");
  j.varies[1].over = {"a"};
  EXPECT_EQ(material(varied(j).world, "/World/Floor").roughness, 0.2f);
  EXPECT_EQ(material(varied(j).world, "/World/Pillar").roughness, 0.1f);
  j.varies[1].over = {};
  j.varies[0].per = Per::scene;
  EXPECT_NE(complaint_of(j), "no complaint") << "a coarser entry counts too";
  j.varies[0].when = expression("1 > 2");
  EXPECT_EQ(complaint_of(j), "no complaint") << "what does not hold writes nothing";
  j.varies = {vary_entry("a", "/World/Floor", "pose.yaw", "0.1"),
              vary_entry("b", "/World/Floor", "pose.rpy", "[0, 0, 1]")};
  EXPECT_NE(complaint_of(j), "no complaint") << "both are the rotation";
}

TEST(Vary, ComplainsOfWhatCannotBe) {
  Job j = job();
  const auto of = [&](const std::string& path, const std::string& target, const std::string& value) {
    j.varies = {vary_entry("x", path, target, value)};
    return complaint_of(j);
  };
  EXPECT_EQ(of("/World/Flor", "visible", "true").substr(0, 78),
            "r.yaml:1:1: selector \"/World/Flor\" matches nothing; did you mean \"/World/Floor");
  EXPECT_EQ(of("/World/Floor", "material.roughness", "2"),
            "r.yaml:1:1: vary.x.material.roughness: is 2, must be in [0, 1]");
  EXPECT_EQ(of("/World/Lamp_0", "light.intensity", "-1"),
            "r.yaml:1:1: vary.x.light.intensity: is -1, must be at least 0");
  EXPECT_EQ(of("/World/Floor", "material.roughness", "rough"),
            "r.yaml:1:1: vary.x.material.roughness must be a finite number, not text \"rough\"");
  EXPECT_EQ(of("/World/Floor", "light.intensity", "1"),
            "vary.x: no light is at or below what \"/World/Floor\" matches, so there is nothing to change; `optional: "
            "true` allows it");
  EXPECT_EQ(of("/World/Lamp_0", "light.image", "sky.hdr"),
            "r.yaml:1:1: vary.x.light.image: /World/Lamp_0 is no environment, and only environments take a picture; "
            "say `of: type:environment`");
  EXPECT_EQ(of("/Sky", "light.image", "no.hdr"),
            "r.yaml:1:1: vary.x.light.image: no.hdr: there is no such asset in memory");
  EXPECT_EQ(of("/World/Floor", "material.rough", "1"),
            "r.yaml:1:1: vary.x: there is no \"material.rough\" to change; did you mean \"material.roughness\"?");
}

TEST(Vary, NoCopiesThisTimeIsNoError) {
  Job j = job();
  j.adds = {add("mug", "box", "0")};
  j.places = {place("spots", "mug")};
  j.varies = {vary_entry("paint", "mug", "material.roughness", "0.5")};
  j.labels = {label("mug", "mug", 1)};
  EXPECT_EQ(complaint_of(j), "no complaint");
}

}  // namespace
}  // namespace wm::vary
