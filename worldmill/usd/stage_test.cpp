#include "worldmill/usd/stage.h"

#include <gtest/gtest.h>

#include "worldmill/usd/spline.h"
#include "worldmill/usd/testing.h"
#include "worldmill/usd/text_reader.h"
#include "worldmill/usd/text_writer.h"

namespace wm::usd {
namespace {

namespace fs = std::filesystem;

constexpr double kNone = -999;  // what a number that is none reads as

std::unique_ptr<Stage> stage_of(std::string_view text, Stage::Options options = {}) {
  auto layer = read_text(text, "memory.usda");
  EXPECT_TRUE(layer.has_value()) << (layer ? "" : to_string(layer.error()));
  auto stage = Stage::open(*layer, std::move(options));
  EXPECT_TRUE(stage.has_value());
  return std::move(*stage);
}

std::unique_ptr<Stage> stage_in(const fs::path& file) {
  auto stage = Stage::open(file.string(), {});
  EXPECT_TRUE(stage.has_value()) << (stage ? "" : to_string(stage.error()));
  return stage ? std::move(*stage) : nullptr;
}

Property property(const Stage& stage, const char* path) {
  const Path parsed = *Path::parse(path);
  return Property(stage.find(parsed.parent()), parsed.name());
}

double at(const Stage& stage, const char* path, Time time = {}) {
  return property(stage, path).value(time).number(kNone);
}

TEST(Stage, MixesBetweenSamplesAndHoldsBeyondThem) {
  const auto stage = stage_of(
      "#usda 1.0\ndef \"A\" {\n double x = 7\n double x.timeSamples = { 0: 0, 10: 20 }\n int n.timeSamples = { 0: 1, "
      "10: 5 }\n"
      " double y.timeSamples = { 0: 1, 5: None, 9: 3 }\n double z = None\n}\n");
  EXPECT_EQ(at(*stage, "/A.x"), 7);
  EXPECT_EQ(at(*stage, "/A.x", -3), 0);
  EXPECT_EQ(at(*stage, "/A.x", 2.5), 5);
  EXPECT_EQ(at(*stage, "/A.x", 99), 20);
  EXPECT_EQ(at(*stage, "/A.n", 9.9), 1);
  EXPECT_EQ(at(*stage, "/A.y", 4), 1);     // held before a block
  EXPECT_EQ(at(*stage, "/A.y", 6), -999);  // blocked
  EXPECT_TRUE(property(*stage, "/A.z").is_blocked());
}

constexpr double kTimes[] = {-5, 0, 2.5, 5, 7, 10, 12.5, 15, 17, 20, 21, 25, 30};

// The suite has the stages, usd-core 26.11 said the values (floats, so compared to seven digits).
struct Judged {
  const char* folder;
  const char* path;
  double at_default;
  double values[std::size(kTimes)];
};
constexpr Judged kJudged[] = {
    {"clip_advanced", "/Model.local", 1.0, {0.0, 0.0, 2.5, 5.0, 7.0, 10.0, 12.5, 15.0, 17.0, 20.0, 20.0, 20.0, 20.0}},
    {"clip_advanced",
     "/Model.ref",
     1.0,
     {0.0, 0.0, -2.5, -5.0, -7.0, -10.0, -12.5, -15.0, -17.0, -20.0, -21.0, -25.0, -25.0}},
    {"clip_basic", "/Model.size", 1.0, {0.0, 0.0, 2.5, 5.0, 7.0, 10.0, 12.5, 15.0, 17.0, 20.0, 21.0, 25.0, 25.0}},
    {"clip_multi",
     "/Model_1.size",
     1.0,
     {-5.0, -5.0, -5.0, -5.0, -7.0, -10.0, -12.5, -15.0, -23.0, -24.0, -25.0, -29.0, -29.0}},
    {"clip_sets",
     "/DefaultOrderTest.attr",
     1.0,
     {10.0, 10.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0}},
    {"clip_timings",
     "/Model.size",
     1.0,
     {10.0, 10.0, 11.25, 12.5, 13.5, 15.0, 16.25, 17.5, 18.5, 10.0, 10.5, 12.5, 15.0}},
    {"default",
     "/Root.root",
     2.0,
     {5.0, 5.0, 5.2586207, 5.6896553, 6.0344830, 6.5517240, 6.9827585, 7.4137931, 7.7586207, 8.2758617, 8.4482756,
      9.1379309, 10.0}},
    {"timesamples",
     "/Root.root",
     kNone,
     {5.0, 5.0, 5.2586207, 5.6896553, 6.0344830, 6.5517240, 6.9827585, 7.4137931, 7.7586207, 8.2758617, 8.4482756,
      9.1379309, 10.0}},
};

TEST(Stage, GivesTheValuesThatTheJudgeGivesForTheSuite) {
  const fs::path folder = usd_data() / "aousd/value_resolution/tests/assets";
  WM_NEEDS(folder);
  for (const Judged& judged : kJudged) {
    const auto stage = stage_in(folder / judged.folder / "entry.usd");
    ASSERT_TRUE(stage);
    EXPECT_EQ(at(*stage, judged.path), judged.at_default) << judged.path;
    for (std::size_t i = 0; i < std::size(kTimes); ++i) {
      EXPECT_NEAR(at(*stage, judged.path, kTimes[i]), judged.values[i], 1e-6)
          << judged.folder << judged.path << " at " << kTimes[i];
    }
  }
}

TEST(Stage, DefinesAPrimByAClassOnlyWhenNothingElseDoes) {
  const auto stage = stage_of(
      "#usda 1.0\nclass \"c\" {\n}\ndef \"d\" (inherits=</c>) {\n}\nover \"o\" (inherits=</c>) {\n}\nclass \"k\" "
      "(references=</d>) {\n}\nover \"v\" (inherits=</k>) {\n}\nover \"w\" (references=</k>) {\n}\n");
  const auto specifier = [&](const char* path) { return stage->find(*Path::parse(path)).specifier(); };
  EXPECT_EQ(specifier("/o"), Specifier::class_);
  EXPECT_EQ(specifier("/k"), Specifier::class_);
  EXPECT_EQ(specifier("/v"), Specifier::def);
  EXPECT_EQ(specifier("/w"), Specifier::class_);
}

TEST(Stage, SortsPropertiesAsDictionariesDo) {
  std::vector<std::string> names = {"z", "Y", "a10", "a9", "A1", "a:b", "ab", "_u"};
  std::sort(names.begin(), names.end(), dictionary_less);
  EXPECT_EQ(names, (std::vector<std::string>{"_u", "A1", "a9", "a10", "a:b", "ab", "Y", "z"}));
}

TEST(Stage, SharesTheContentOfEqualInstances) {
  const auto stage = stage_of(
      "#usda 1.0\ndef \"P\" {\n def \"Mesh\" {\n  double x = 1\n  rel r = </P/Mesh>\n }\n}\ndef \"A\" (instanceable = "
      "true\n "
      "references = </P>) {\n over \"Mesh\" {\n  double x = 9\n }\n}\ndef \"B\" (instanceable = true\n references = "
      "</P>) {\n}\n");
  const Prim a = stage->find(*Path::parse("/A")), b = stage->find(*Path::parse("/B"));
  EXPECT_TRUE(a.is_instance() && b.is_instance());
  EXPECT_EQ(a.shared_with(), b.shared_with());
  EXPECT_TRUE(b.children().empty());
  ASSERT_EQ(b.children(true).size(), 1u);
  EXPECT_EQ(b.children(true)[0].path().text(), "/B/Mesh");
  EXPECT_EQ(at(*stage, "/A/Mesh.x"), 1);  // overs within an instance do not count
  EXPECT_EQ(property(*stage, "/B/Mesh.r").targets(), std::vector<Path>{*Path::parse("/B/Mesh")});
}

TEST(Stage, FollowsMaskAndLoadRules) {
  const std::string text =
      "#usda 1.0\ndef \"P\" {\n def \"In\" {\n }\n}\ndef \"A\" (payload = </P>) {\n}\ndef \"B\" (payload = </P>) "
      "{\n}\n";
  Stage::Options options;
  options.unload = {*Path::parse("/B")};
  options.mask = {*Path::parse("/A"), *Path::parse("/B")};
  const auto stage = stage_of(text, options);
  EXPECT_TRUE(stage->find(*Path::parse("/A/In")));
  EXPECT_FALSE(stage->find(*Path::parse("/B/In")));
  EXPECT_FALSE(stage->find(*Path::parse("/B")).is_loaded());
  EXPECT_FALSE(stage->find(*Path::parse("/P")));
}

TEST(Stage, MovesTimeByOffsets) {
  const auto stage = stage_of(
      "#usda 1.0\ndef \"P\" {\n double x.timeSamples = { 0: 0, 10: 10 }\n timecode t = 3\n}\ndef \"A\" (references = "
      "</P> "
      "(offset = 5; scale = 2)) {\n}\n");
  EXPECT_EQ(at(*stage, "/A.x", 15), 5);
  EXPECT_EQ(at(*stage, "/A.t"), 11);
  EXPECT_EQ(property(*stage, "/A.x").sample_times(), (std::vector<double>{5, 25}));
}

TEST(Stage, FlattensToTheSameValues) {
  const auto stage = stage_of(
      "#usda 1.0\n(\n metersPerUnit = 0.01\n)\ndef \"P\" (kind = \"component\") {\n double x = 1\n double "
      "x.timeSamples = { 0: 0, "
      "10: 10 }\n def \"C\" {\n  rel r = </P>\n }\n}\ndef \"A\" (references = </P> (offset = 5)\n customData = { int k "
      "= 3 "
      "}) {\n}\ndef \"I\" (instanceable = true\n references = </P>) {\n}\ndef \"J\" (instanceable = true\n references "
      "= </P>) {\n}\n");
  const auto layer = flattened(*stage);
  const std::string text = write_text(*layer);
  ASSERT_TRUE(read_text(text, "flat.usda").has_value()) << text;
  const auto flat = Stage::open(layer, {});
  ASSERT_TRUE(flat.has_value());
  EXPECT_EQ(at(**flat, "/A.x", 10), 5);
  EXPECT_EQ((*flat)->find(*Path::parse("/A")).metadata(known("kind")).token().text(), "component");
  EXPECT_EQ(property(**flat, "/A/C.r").targets(), std::vector<Path>{*Path::parse("/A")});
  EXPECT_TRUE((*flat)->find(*Path::parse("/I")).is_instance());
  EXPECT_EQ(at(**flat, "/J.x", 5), 5);
}

// Each prim holds two that hold two ...: a sentence, not a stage without end.
TEST(Stage, EndsWhereArcsMultiply) {
  std::string text = "#usda 1.0\n";
  for (int i = 0; i < 40; ++i) {
    text += "def \"A" + std::to_string(i) + "\" {\n";
    for (const char* name : {"x", "y"}) {
      text += std::string(" def \"") + name + "\" (references = </A" + std::to_string(i + 1) + ">) {\n }\n";
    }
    text += "}\n";
  }
  auto layer = read_text(text + "def \"A40\" {\n}\n", "bomb.usda");
  ASSERT_TRUE(layer.has_value());
  Stage::Options options;
  options.prims = 10'000;
  const auto stage = Stage::open(*layer, options);
  ASSERT_FALSE(stage.has_value());
  EXPECT_NE(stage.error().message.find("more than the 10000 prims"), std::string::npos);
}

TEST(Stage, EndsWhereArcsOfOnePrimMultiply) {
  std::string text = "#usda 1.0\n";
  for (int i = 0; i < 60; ++i) {
    text += "class \"A" + std::to_string(i) + "\" (references = [</A" + std::to_string(i + 1) + ">, </A" +
            std::to_string(i + 1) + "> (offset = 1)]) {\n}\n";
  }
  auto layer = read_text(text + "def \"A60\" {\n}\n", "bomb.usda");
  ASSERT_TRUE(layer.has_value());
  Stage::Options options;
  options.mask = {*Path::parse("/A0")};
  const auto stage = Stage::open(*layer, options);
  ASSERT_TRUE(stage.has_value());
  const auto errors = (*stage)->errors();
  EXPECT_TRUE(
      std::any_of(errors.begin(), errors.end(), [](auto& e) { return e.kind == CompositionError::Kind::too_deep; }));
}

TEST(Stage, RefusesPathsThatLeaveTheRoots) {
  Stage::Options options;
  options.library.roots = {"/nowhere/at/all"};
  const auto stage = stage_of("#usda 1.0\ndef \"A\" (references = @../../../../etc/passwd@) {\n}\n", options);
  ASSERT_EQ(stage->errors().size(), 1u);
  EXPECT_EQ(stage->errors()[0].kind, CompositionError::Kind::invalid_asset_path);
}

TEST(Spline, PassesThroughItsKnotsAndIsStraightWhereItsTangentsAre) {
  Spline spline;
  spline.knots = {{.time = 0, .value = 0, .post_width = 1, .post_slope = 2, .next = Spline::Next::curve},
                  {.time = 3, .value = 6, .pre_width = 1, .pre_slope = 2}};
  spline.after.mode = Spline::Beyond::linear;
  for (const double t : {0.0, 0.4, 1.5, 2.9, 3.0, 5.0}) EXPECT_NEAR(*evaluate(spline, t), 2 * t, 1e-12) << t;
  EXPECT_EQ(*evaluate(spline, -1), 0);
  spline.after.mode = Spline::Beyond::loop_repeat;
  EXPECT_NEAR(*evaluate(spline, 4.5), 9, 1e-12);
}

}  // namespace
}  // namespace wm::usd
