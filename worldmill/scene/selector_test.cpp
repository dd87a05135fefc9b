#include "worldmill/scene/selector.h"

#include <gtest/gtest.h>

#include "worldmill/base/yaml.h"

namespace wm::scene {
namespace {

struct Fixture {
  Scene scene;
  Names names;

  Fixture() {
    Scene fork;
    fork.nodes.push_back({.path = "/Body", .parent = {}, .parent_from_node = {}});
    fork.nodes.push_back({.path = "/Body/ForkLeft", .parent = NodeId(0), .parent_from_node = {}});
    Scene world;
    world.nodes.push_back({.path = "/Floor", .parent = {}, .parent_from_node = {}});
    world.nodes.push_back({.path = "/Shelf_1", .parent = {}, .parent_from_node = {}, .semantic = "shelf"});
    world.nodes.push_back({.path = "/Shelf_2", .parent = {}, .parent_from_node = {}, .tags = {"old"}});
    add(scene, world, "/World", {}, {});
    for (const char* path : {"/jack/0", "/jack/1"}) names.entries["jack"].push_back(add(scene, fork, path, {}, {}));
    names.classes["jack"] = names.entries["jack"];
  }

  std::string match(const std::string& yaml) const {
    const auto value = base::parse_yaml(yaml, "r.yaml");
    const auto selector = Selector::parse(value.value());
    if (!selector) return to_string(selector.error());
    const auto nodes = selector->match(scene, names);
    if (!nodes) return to_string(nodes.error());
    std::string text;
    for (const NodeId id : *nodes) text += (text.empty() ? "" : " ") + scene.node(id).path;
    return text;
  }
};

TEST(Selector, FindsNamesPathsClassesAndTags) {
  const Fixture f;
  EXPECT_EQ(f.match("jack"), "/jack/0 /jack/1");
  EXPECT_EQ(f.match("jack/1"), "/jack/1");
  EXPECT_EQ(f.match("jack/**/Fork*"), "/jack/0/Body/ForkLeft /jack/1/Body/ForkLeft");
  EXPECT_EQ(f.match("jack/Body"), "/jack/0/Body /jack/1/Body");
  EXPECT_EQ(f.match("jack/*/Body"), "/jack/0/Body /jack/1/Body");
  EXPECT_EQ(f.match("jack/1/**/ForkL?ft"), "/jack/1/Body/ForkLeft");
  EXPECT_EQ(f.match("/World/Shelf_*"), "/World/Shelf_1 /World/Shelf_2");
  EXPECT_EQ(f.match("/World/**"), "/World/Floor /World/Shelf_1 /World/Shelf_2");
  EXPECT_EQ(f.match("class:jack"), "/jack/0 /jack/1");
  EXPECT_EQ(f.match("class:shelf"), "/World/Shelf_1");
  EXPECT_EQ(f.match("tag:old"), "/World/Shelf_2");
}

TEST(Selector, UnitesAndTakesAway) {
  const Fixture f;
  EXPECT_EQ(f.match("[jack/0, /World/Floor]"), "/World/Floor /jack/0");
  EXPECT_EQ(f.match("{any: /World/*, except: tag:old}"), "/World/Floor /World/Shelf_1");
}

TEST(Selector, SaysWhatIsWrong) {
  const Fixture f;
  EXPECT_EQ(
      f.match("jakc"),
      "r.yaml:1:1: selector \"jakc\" matches nothing; did you mean \"jack\"?; `worldmill scene` lists what there is, "
      "`optional: true` allows it");
  EXPECT_EQ(f.match("type:lihgt").substr(0, 59), "r.yaml:1:1: unknown type \"lihgt\"; did you mean \"light\"?; kn");
  EXPECT_EQ(f.match("{of: a}"), "r.yaml:1:2: unknown key \"of\" in a selector; known: any, except");
  EXPECT_EQ(f.match("3"), "r.yaml:1:1: a selector is a name, a path, class:, type: or tag:, not the number 3");
}

TEST(Glob, StarsStayWithinANameAndDoubleStarsDoNot) {
  EXPECT_TRUE(glob_match("/a/*/c", "/a/b/c"));
  EXPECT_FALSE(glob_match("/a/*", "/a/b/c"));
  EXPECT_TRUE(glob_match("/a/**", "/a/b/c"));
  EXPECT_TRUE(glob_match("/a/**/c", "/a/c"));
  EXPECT_TRUE(glob_match("**", "x/y"));
  EXPECT_FALSE(glob_match("/a/**/d", "/a/b/c"));
  EXPECT_TRUE(glob_match("?x*", "axyz"));
}

}  // namespace
}  // namespace wm::scene
