#include "worldmill/vary/draws.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "worldmill/base/yaml.h"

namespace wm::vary {
namespace {

base::Value value(const std::string& yaml) {
  return base::parse_yaml(yaml, "r.yaml").value();
}

Field field(const std::string& name, const std::string& yaml) {
  return {value(yaml), name, std::nullopt, false};
}

Let let(const std::string& name, const std::string& yaml, Per per = Per::take) {
  return {name, field("let." + name, yaml), per};
}

Job job() {
  Job job;
  job.seed = 7;
  job.params = {{"clutter", value("12")}, {"palette", value("[1, 2, 3]")}};
  return job;
}

constexpr Slot kTake{12, 1, 3, 2, 0};
constexpr Slot kScene{12, 1, std::nullopt, 0, std::nullopt};

std::string drawn(const Job& job, const std::string& yaml, const Slot& slot = kTake, Per per = Per::take) {
  Draws draws(job, slot);
  const Field f = field("vary.x.y", yaml);
  const Result<base::Value> result = draws.draw(f, per, "/mug/0");
  return result ? to_line(*result) : base::to_string(result.error());
}

double number(const Job& job, const std::string& yaml, std::int64_t scene) {
  Draws draws(job, {scene, 0, 0, 0, 0});
  return draws.number(field("vary.x.y", yaml), Per::take, "/mug/0").value();
}

TEST(Draws, LeaveConstantsAlone) {
  EXPECT_EQ(drawn(job(), "3.5"), "3.5");
  EXPECT_EQ(drawn(job(), "[1, two, true]"), "[1, two, true]");
}

TEST(Draws, ReckonWithLetsAndParams) {
  Job j = job();
  j.lets = {let("hour", "{choice: {night: 1}}"), let("twice", "2 * $clutter")};
  EXPECT_EQ(drawn(j, "$clutter"), "12");
  EXPECT_EQ(drawn(j, "$palette"), "[1, 2, 3]");
  EXPECT_EQ(drawn(j, "$twice + 1"), "25");
  EXPECT_EQ(drawn(j, "$hour == night"), "true");
  EXPECT_EQ(drawn(j, "{by: $hour, day: 1, night: $twice}"), "24");
  EXPECT_EQ(drawn(j, "{by: $clutter, 3: a, else: b}"), "b");
}

TEST(Draws, ComplainWithPlaceAndWhatToDo) {
  Job j = job();
  j.lets = {let("a", "$b"), let("b", "$a"), let("hour", "night")};
  EXPECT_EQ(drawn(j, "$cluter"),
            "r.yaml:1:1: vary.x.y: there is no let or param \"cluter\"; did you mean \"clutter\"?");
  EXPECT_EQ(drawn(j, "$a"), "r.yaml:1:1: let.a needs its own value");
  EXPECT_EQ(drawn(j, "{unifrom: [0, 1]}").substr(0, 83),
            "r.yaml:1:2: vary.x.y: unknown distribution \"unifrom\"; did you mean \"uniform\"?; know");
  EXPECT_EQ(drawn(j, "{uniform: [2, 1]}"), "r.yaml:1:11: vary.x.y: min 2 is above max 1; swap them");
  EXPECT_EQ(drawn(j, "{uniform: 2}"), "r.yaml:1:11: vary.x.y: needs [min, max], not the number 2");
  EXPECT_EQ(drawn(j, "{bernoulli: 1.5}"), "r.yaml:1:13: vary.x.y: probability is 1.5, must be in [0, 1]");
  EXPECT_EQ(drawn(j, "{normal: {mean: 0, ds: 1}}"),
            "r.yaml:1:20: vary.x.y: unknown key \"ds\"; did you mean \"sd\"?; known: mean, sd");
  EXPECT_EQ(drawn(j, "{by: $hour, day: 1}"),
            "r.yaml:1:1: vary.x.y: $hour is \"night\", which is none of the cases day; add it or `else:`");
  EXPECT_EQ(drawn(j, "{choice: []}"), "r.yaml:1:10: vary.x.y: there is nothing to choose from");
}

TEST(Draws, EveryDistributionOfTheTableDraws) {
  const std::map<std::string, std::string> arguments = {
      {"uniform", "[0, 1]"},
      {"log_uniform", "[1, 10]"},
      {"int", "[1, 3]"},
      {"normal", "{mean: 0, sd: 1}"},
      {"truncated_normal", "{mean: 0, sd: 1, min: 0}"},
      {"beta", "{a: 2, b: 2}"},
      {"poisson", "3"},
      {"bernoulli", "0.5"},
      {"choice", "[a, b]"},
      {"sequence", "[a, b]"},
      {"hsv", "{h: 1, s: 1, v: 1}"},
      {"box", "{min: [0, 0, 0], max: [1, 1, 1]}"},
      {"sphere", "{radius: 2}"},
      {"shell", "{center: [1, 1, 1], radius: [1, 2]}"},
      {"direction", "{}"},
      {"rotation", "{}"},
  };
  const Job j = job();
  for (const DistributionRow& row : distributions()) {
    Draws draws(j, kTake);
    const std::string yaml = "{" + std::string(row.name) + ": " + arguments.at(std::string(row.name)) + "}";
    const Field f = field("f", yaml);
    const Result<base::Value> result = draws.draw(f, Per::take, "/a");
    EXPECT_TRUE(result) << yaml << base::to_string(result.error());
    EXPECT_EQ(draws.take_records().size(), row.name == "hsv" ? 0u : 1u) << yaml;
  }
}

TEST(Draws, HsvIsSrgbMadeLinear) {
  const double half = 0.21404114048223255;  // of sRGB 0.5
  Job j = job();
  Draws draws(j, kTake);
  const auto rgb = [&](const std::string& yaml) { return draws.vec3(field("f", yaml), Per::take, "/a").value(); };
  EXPECT_EQ(rgb("{hsv: {h: 0, s: 1, v: 1}}"), (math::Vec3{1, 0, 0}));
  const math::Vec3 green = rgb("{hsv: {h: 2.0943951023931953, s: 1, v: 1}}");
  EXPECT_NEAR(green.x, 0, 1e-12);
  EXPECT_NEAR(green.y, 1, 1e-12);
  EXPECT_NEAR(green.z, 0, 1e-12);
  EXPECT_NEAR(rgb("{hsv: {h: 3, s: 0, v: 0.5}}").y, half, 1e-15);
  EXPECT_NEAR(rgb("{hsv: {h: 0, s: 0.5, v: 1}}").z, half, 1e-15);
}

TEST(Draws, AddressesAreAsTheHeaderSays) {
  const Job j = job();
  Draws draws(j, kTake);
  const base::RandomKey seed = base::RandomKey::from_seed(7);
  const base::RandomKey scene = seed.child("scene").child(12).child(1);
  const base::RandomKey take = scene.child("take").child(3).child(2);
  const base::RandomKey moment = take.child("moment").child(std::uint64_t{0});
  EXPECT_EQ(draws.key(Per::dataset, "f", ""), seed.child("f"));
  EXPECT_EQ(draws.key(Per::scene, "f", "/a/0"), scene.child("f").child("/a/0"));
  EXPECT_EQ(draws.key(Per::take, "f", "/a/0"), take.child("f").child("/a/0"));
  EXPECT_EQ(draws.key(Per::moment, "f", ""), moment.child("f"));
  EXPECT_EQ(draws.address(Per::dataset, "f", "/a/0"), "f/a/0");
  EXPECT_EQ(draws.address(Per::take, "f", "/a/0"), "scene/12/1/take/3/2/f/a/0");
  EXPECT_EQ(draws.address(Per::moment, "f", ""), "scene/12/1/take/3/2/moment/0/f");
}

TEST(Draws, RecordWhatTheyDrewAndWhere) {
  const Job j = job();
  Draws draws(j, kScene);
  const Field f = field("vary.paint.color", "{hsv: {h: {uniform: [0, 6.28318530717]}, s: 0.8, v: 0.7}}");
  ASSERT_TRUE(draws.draw(f, Per::scene, "/jack/0"));
  const auto records = draws.take_records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].address, "scene/12/1/vary.paint.color.h/jack/0");
  EXPECT_EQ(records[0].distribution, "uniform [0, 6.28319]");
  EXPECT_TRUE(std::holds_alternative<double>(records[0].value.data));
}

TEST(Draws, SharedAndCoarserDrawsHaveOneValue) {
  const Job j = job();
  const auto at = [&](Field f, const std::string& object, std::int64_t take) {
    Draws draws(j, {12, 0, take, 0, 0});
    return draws.number(f, Per::take, object).value();
  };
  Field f = field("f", "{uniform: [0, 1]}");
  EXPECT_NE(at(f, "/a/0", 0), at(f, "/a/1", 0));
  EXPECT_NE(at(f, "/a/0", 0), at(f, "/a/0", 1));
  f.shared = true;
  EXPECT_EQ(at(f, "/a/0", 0), at(f, "/a/1", 0));
  f.per = Per::scene;
  EXPECT_EQ(at(f, "/a/0", 0), at(f, "/a/0", 1));
  const Field beside = field("f", "{uniform: [0, 1], per: scene, shared: true}");
  EXPECT_EQ(at(beside, "/a/0", 0), at(f, "/a/1", 1));
}

TEST(Draws, ACoarserEntryCannotUseAFinerDraw) {
  Job j = job();
  j.lets = {let("hour", "{choice: [day, night]}", Per::take)};
  EXPECT_EQ(drawn(j, "$hour", kScene, Per::scene),
            "r.yaml:1:1: vary.x.y is drawn per scene and cannot use $hour, which is drawn per take; write `per: take`");
  EXPECT_EQ(drawn(j, "{uniform: [0, 1], per: take}", kScene, Per::scene),
            "r.yaml:1:1: vary.x.y is drawn per take, finer than its entry, which is per scene");
}

TEST(Draws, ALetHasOneValueAndIsWrittenOnce) {
  Job j = job();
  j.lets = {let("u", "{uniform: [0, 1]}", Per::scene), let("v", "$u + 1")};
  Draws scene(j, kScene);
  ASSERT_TRUE(scene.evaluate_lets());
  EXPECT_EQ(scene.number(field("a", "$u"), Per::scene, "/a").value(),
            scene.number(field("b", "$u"), Per::scene, "/b").value());
  const auto in_scene = scene.take_records();
  ASSERT_EQ(in_scene.size(), 1u);
  EXPECT_EQ(in_scene[0].address, "scene/12/1/let.u");
  Draws take(j, kTake);
  ASSERT_TRUE(take.evaluate_lets());
  const double u = std::get<double>(in_scene[0].value.data);
  EXPECT_EQ(take.number(field("c", "$v"), Per::take, "/a").value(), u + 1);
  EXPECT_TRUE(take.take_records().empty());  // $u is the scene's
}

TEST(Draws, OthersDoNotDisturb) {
  Job few = job(), many = job();
  few.lets = {let("b", "{uniform: [0, 1]}")};
  many.lets = {let("c", "{uniform: [0, 1]}"), let("b", "{uniform: [0, 1]}"), let("a", "{normal: {mean: 0, sd: 1}}")};
  EXPECT_EQ(drawn(few, "$b"), drawn(many, "$b"));
  Draws draws(many, kTake);
  ASSERT_TRUE(draws.draw(field("other", "{uniform: [0, 1]}"), Per::take, "/mug/0"));
  EXPECT_EQ(to_line(draws.draw(field("vary.x.y", "{uniform: [0, 1]}"), Per::take, "/mug/0").value()),
            drawn(few, "{uniform: [0, 1]}"));
}

TEST(Draws, ASequenceCountsByItsPer) {
  const Job j = job();
  EXPECT_EQ(drawn(j, "{sequence: [a, b, c, d, e]}", {12, 0, 3, 0}), "d");
  EXPECT_EQ(drawn(j, "{sequence: [a, b, c, d, e], per: scene}", {12, 5, 3, 0}), "c");
  EXPECT_EQ(drawn(j, "{sequence: [a, b, c, d, e], per: dataset}", {12, 5, 3, 0}), "a");
}

TEST(Draws, DistributionsMayNest) {
  const Job j = job();
  Draws draws(j, kTake);
  const Field f = field("f", "[{uniform: [0, 1]}, {normal: {mean: {choice: [100]}, sd: 0}}, $clutter]");
  const math::Vec3 v = draws.vec3(f, Per::take, "").value();
  EXPECT_GE(v.x, 0);
  EXPECT_LT(v.x, 1);
  EXPECT_EQ(v.y, 100);
  EXPECT_EQ(v.z, 12);
}

std::vector<std::string> choices(const std::string& yaml, int count, const Job& j = job()) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back(drawn(j, yaml, {i, 0, 0, 0}));
  return all;
}

TEST(Choice, FollowsTheWeights) {
  constexpr int kDraws = 20000;
  std::map<std::string, double> counts;
  for (const std::string& c : choices("{choice: {a: 1, b: 2, c: 5, d: 0}}", kDraws)) counts[c] += 1;
  EXPECT_EQ(counts.size(), 3u);
  double chi = 0;
  const std::map<std::string, double> weights = {{"a", 1}, {"b", 2}, {"c", 5}};
  for (const auto& [name, weight] : weights) {
    const double expected = kDraws * weight / 8;
    chi += (counts[name] - expected) * (counts[name] - expected) / expected;
  }
  EXPECT_LT(chi, 13.8);  // chi-squared, two degrees of freedom: 0.1 % of seeds lie above
}

TEST(Choice, ANewCandidateTakesOnlyItsOwnShare) {
  constexpr int kDraws = 2000;
  const auto before = choices("{choice: [a.glb, b.glb, c.glb]}", kDraws);
  const auto after = choices("{choice: [d.glb, c.glb, a.glb, b.glb]}", kDraws);
  int moved = 0;
  for (int i = 0; i < kDraws; ++i) {
    if (after[i] == before[i]) continue;
    EXPECT_EQ(after[i], "d.glb");
    ++moved;
  }
  EXPECT_NEAR(moved, kDraws / 4, 100);  // five standard deviations
}

TEST(Choice, NumbersOfAWeightMapAreNumbers) {
  EXPECT_EQ(number(job(), "{choice: {2.5: 1}}", 0), 2.5);
  EXPECT_EQ(drawn(job(), "{choice: {true: 1}}"), "true");
  EXPECT_EQ(drawn(job(), "{choice: {12.glb: 1}}"), "12.glb");
}

TEST(Choice, WhatIsWrittenTwiceCountsTwice) {
  int a = 0;
  for (const std::string& c : choices("{choice: [a, b, a]}", 3000)) a += c == "a";
  EXPECT_NEAR(a, 2000, 130);  // five standard deviations
}

Job with_split() {
  Job j = job();
  j.split = {{"train", "val"}, {0.75, 0.25}, {"vary.x.y"}};
  return j;
}

TEST(Split, SharesHoldAndTheOrderOfPartsDoesNotMatter) {
  Job j = with_split(), turned = with_split();
  turned.split.parts = {"val", "train"};
  turned.split.shares = {0.25, 0.75};
  int train = 0;
  for (int scene = 0; scene < 4000; ++scene) {
    train += split_part(j, scene) == "train";
    EXPECT_EQ(split_part(j, scene), split_part(turned, scene));
  }
  EXPECT_NEAR(train, 3000, 137);  // five standard deviations
}

TEST(Split, DisjointPartsShareNoCandidate) {
  std::string list;
  for (int i = 0; i < 40; ++i) list += (i ? ", f" : "f") + std::to_string(i);
  const Job j = with_split();
  std::map<std::string, std::map<std::string, int>> seen;
  for (int scene = 0; scene < 2000; ++scene) {
    const std::string chosen = drawn(j, "{choice: [" + list + "]}", {scene, 0, 0, 0, 0});
    ++seen[chosen][split_part(j, scene)];
    EXPECT_EQ(part_of_candidate(j, "vary.x.y", chosen), split_part(j, scene));
  }
  EXPECT_EQ(seen.size(), 40u);
  for (const auto& [name, parts] : seen) EXPECT_EQ(parts.size(), 1u) << name;
}

TEST(Split, APartLeftWithNothingIsAnError) {
  const Job j = with_split();
  int complaints = 0;
  for (int scene = 0; scene < 40; ++scene) {
    const std::string said = drawn(j, "{choice: [only]}", {scene, 0, 0, 0, 0});
    if (said == "only") continue;
    ++complaints;
    EXPECT_EQ(said, "r.yaml:1:10: split.disjoint: none of the 1 candidates of vary.x.y is dealt to part \"" +
                        split_part(j, scene) + "\"; give it more candidates or take it from the list");
  }
  EXPECT_GT(complaints, 0);
  EXPECT_LT(complaints, 40);
}

}  // namespace
}  // namespace wm::vary
