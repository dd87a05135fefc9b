// The corridor from recipe to sealed dataset, small: 48 x 36 pixels, one sample per pixel.
#include "worldmill/mill/make.h"

#include <gtest/gtest.h>

#include <atomic>
#include <system_error>

#include "worldmill/mill/dataset.h"

namespace wm::mill {
namespace {

namespace fs = std::filesystem;

recipe::Overrides small(int scenes) {
  recipe::Overrides overrides;
  overrides.sets = {"sensors.cam.camera.resolution=[48, 36]", "render.max_samples=1", "require.seen.pixels.min=5",
                    "write.overlay=null", "order.scenes=" + std::to_string(scenes)};
  return overrides;
}

recipe::Recipe tabletop(const recipe::Overrides& overrides) {
  const fs::path file = fs::path(WM_SOURCE_DIR) / "recipes" / "tabletop.yaml";
  auto recipe = recipe::load(base::disk(), file, overrides, vocabulary());
  EXPECT_TRUE(recipe) << (recipe ? "" : to_string(recipe.error()));
  return std::move(*recipe);
}

/// An empty folder of this test's own.
fs::path fresh(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / ("make_test." + name);
  fs::remove_all(folder);
  return folder;
}

Result<MakeSummary> make_in(const fs::path& folder, const recipe::Recipe& recipe, base::Files& files, int workers) {
  WM_TRY(studio, Studio::open(recipe, files));
  MakeOptions options;
  options.folder = folder;
  options.workers = workers;
  return make(*studio, files, options);
}

/// A disk that fails at one commit and works again afterwards.
class FailsOnce : public base::Files {
 public:
  explicit FailsOnce(int at) : left_(at) {}
  Result<std::string> read(const fs::path& path, std::uint64_t budget) override {
    return base::disk().read(path, budget);
  }
  void commit(const fs::path& path, std::string_view bytes) override {
    if (left_.fetch_sub(1) == 0) throw std::system_error(ENOSPC, std::generic_category(), path.string());
    base::disk().commit(path, bytes);
  }
  void append(const fs::path& path, std::string_view bytes) override { base::disk().append(path, bytes); }

 private:
  std::atomic<int> left_;
};

TEST(Make, GivesASoundDatasetWhoseSamplesKeepTheirPromises) {
  const fs::path folder = fresh("sound");
  const auto summary = make_in(folder, tabletop(small(3)), base::disk(), 3);
  ASSERT_TRUE(summary) << to_string(summary.error());
  EXPECT_EQ(summary->ok, 3);
  EXPECT_TRUE(summary->sealed);
  const auto dataset = open_dataset(base::disk(), folder);
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_EQ(dataset->tree_hash, summary->tree_hash);
  int samples = 0;
  const auto read = for_each_sample(base::disk(), *dataset, [&](const sample::Sample& sample) -> Status {
    EXPECT_EQ(broken_invariants(sample), std::vector<std::string>());
    EXPECT_FALSE(sample.draws.empty());
    ++samples;
    return {};
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(samples, 3);
  EXPECT_EQ(examine(base::disk(), *dataset).value(), std::vector<std::string>());
}

TEST(Make, DoesNothingWhereAllIsThere) {
  const fs::path folder = fresh("again");
  const auto first = make_in(folder, tabletop(small(2)), base::disk(), 2);
  const auto written = fs::last_write_time(folder / "dataset.json");
  const auto second = make_in(folder, tabletop(small(2)), base::disk(), 2);
  EXPECT_EQ(second.value().tree_hash, first.value().tree_hash);
  EXPECT_EQ(fs::last_write_time(folder / "dataset.json"), written);
}

TEST(Make, GoesOnAfterTheDiskFailedAtAnyCommit) {
  const fs::path whole = fresh("whole"), torn = fresh("torn");
  const recipe::Recipe recipe = tabletop(small(1));
  const std::string wanted = make_in(whole, recipe, base::disk(), 1).value().tree_hash;
  int commits = 0;
  for (bool failed = true; failed; ++commits) {
    FailsOnce files(commits);
    try {
      EXPECT_TRUE(make_in(torn, recipe, files, 1));
      failed = false;
    } catch (const std::system_error&) {
      EXPECT_FALSE(fs::exists(torn / "dataset.json")) << commits;
    }
    EXPECT_EQ(make_in(torn, recipe, base::disk(), 1).value().tree_hash, wanted) << commits;
    fs::remove_all(torn);
  }
  EXPECT_GT(commits, 12);
}

TEST(Make, RefusesAFolderOfAnotherRecipeAndSaysWhatDiffers) {
  const fs::path folder = fresh("other");
  ASSERT_TRUE(make_in(folder, tabletop(small(1)), base::disk(), 1));
  recipe::Overrides other = small(1);
  other.seed = 7;
  const auto refused = make_in(folder, tabletop(other), base::disk(), 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            folder.string() +
                " was made from another recipe or engine: recipe.order.seed is 2024 there and 7 "
                "here; give another -o, or make it anew");
}

TEST(Make, RefusesAFolderThatIsSomebodysOwn) {
  const fs::path folder = fresh("own");
  fs::create_directories(folder);
  base::disk().commit(folder / "thesis.txt", "mine");
  const auto refused = make_in(folder, tabletop(small(1)), base::disk(), 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, folder.string() + " holds files that are no dataset; give a new or empty folder");
}

TEST(Examine, FindsAFileThatWasTouched) {
  const fs::path folder = fresh("touched");
  ASSERT_TRUE(make_in(folder, tabletop(small(1)), base::disk(), 1));
  const auto dataset = open_dataset(base::disk(), folder);
  const fs::path picture = folder / "coco" / "train" / "images" / "000000_cam.png";
  ASSERT_TRUE(fs::exists(picture));
  base::disk().append(picture, "x");
  const auto wrong = examine(base::disk(), *dataset).value();
  ASSERT_GE(wrong.size(), 2u);
  EXPECT_EQ(wrong[0].substr(0, 17), "the tree hash is ");
  EXPECT_EQ(wrong[1], "coco/train/images/000000_cam.png: not the bytes that the ledger names");
}

TEST(Make, ExtendsADatasetThatCameWithoutItsJournal) {
  const fs::path folder = fresh("shipped"), whole = fresh("unshipped");
  const auto of = [](int scenes) {
    recipe::Overrides overrides = small(scenes);
    overrides.sets.push_back("write.kitti={}");
    return tabletop(overrides);
  };
  ASSERT_TRUE(make_in(folder, of(2), base::disk(), 1));
  fs::remove_all(folder / ".work");
  const auto extended = make_in(folder, of(4), base::disk(), 1);
  ASSERT_TRUE(extended) << to_string(extended.error());
  EXPECT_EQ(extended->tree_hash, make_in(whole, of(4), base::disk(), 1).value().tree_hash);
  const auto dataset = open_dataset(base::disk(), folder);
  EXPECT_EQ(examine(base::disk(), *dataset).value(), std::vector<std::string>());
}

TEST(Make, FollowsAPlanAndRefusesThatOfAnotherRecipe) {
  const recipe::Recipe recipe = tabletop(small(3));
  const auto studio = Studio::open(recipe, base::disk());
  const fs::path folder = fresh("planned"), file = fresh("plan") / "plan";
  base::disk().commit(file, to_file(make_plan(**studio, {}), recipe));
  MakeOptions options;
  options.folder = folder;
  options.plan = read_plan(base::disk(), file, recipe).value();
  EXPECT_EQ(options.plan.size(), 3u);
  EXPECT_EQ(make(**studio, base::disk(), options).value().tree_hash,
            make_in(fresh("unplanned"), recipe, base::disk(), 1).value().tree_hash);
  recipe::Overrides other = small(3);
  other.seed = 7;
  EXPECT_EQ(to_string(read_plan(base::disk(), file, tabletop(other)).error()),
            file.string() + ": was made for another recipe, engine or platform; plan again");
}

TEST(Accept, MayLookAtFewerPixelsAndCountsThoseOfTheSensor) {
  const auto accepted = [](const std::string& size, int pixels) {
    recipe::Overrides overrides = small(1);
    overrides.sets[2] = "require.seen.pixels.min=" + std::to_string(pixels);
    overrides.sets.push_back("require.seen.attempts=1");
    overrides.sets.push_back("require.resolution=" + size);
    const auto studio = Studio::open(tabletop(overrides), base::disk());
    const auto outcome = (*studio)->accept({0, 0});
    EXPECT_TRUE(outcome);
    if (!std::holds_alternative<Accepted>(*outcome)) return false;
    const auto look = (*studio)->look(std::get<Accepted>(*outcome), 0);
    return look && look->seen[0].camera.lens.width == 48;
  };
  EXPECT_TRUE(accepted("[24, 18]", 5));
  EXPECT_FALSE(accepted("[24, 18]", 24 * 18 * 4));
}

TEST(Export, IsWhatMakingItAtOnceWouldHaveWritten) {
  const fs::path folder = fresh("export"), direct = fresh("direct");
  recipe::Overrides plain = small(2);
  plain.sets.push_back("write.coco=null");
  ASSERT_TRUE(make_in(folder, tabletop(plain), base::disk(), 1));
  ASSERT_TRUE(make_in(direct, tabletop(small(2)), base::disk(), 1));
  const auto dataset = open_dataset(base::disk(), folder);
  recipe::Write coco;
  coco.name = coco.format = "coco";
  ASSERT_TRUE(export_format(base::disk(), *dataset, coco));
  for (const char* file : {"coco/train/annotations/instances.json", "coco/train/images/000000_cam.png"}) {
    EXPECT_EQ(base::disk().read(folder / file, 1 << 24).value(), base::disk().read(direct / file, 1 << 24).value());
  }
  const auto again = open_dataset(base::disk(), folder);
  EXPECT_EQ(base::to_string(tree_hash(base::disk(), folder, again->json).value()), again->tree_hash);
}

TEST(Book, ReadsWhatItWroteAndPassesOverATornLine) {
  Record record;
  record.slot = {12, 3};
  record.status = Record::Status::unfilled;
  record.reason = "a \"reason\"\n";
  record.attempt = 4;
  record.part = "val";
  record.moments = 1;
  record.exploded = {"scene/12/0/take/3/3: too fast"};
  record.events = "{}\n";
  record.assets = {"mug.glb"};
  SampleRecord sample{.id = {12, 3, 0}, .draws = base::hash_bytes("a"), .store = base::hash_bytes("b")};
  sample.files = {{"coco/x.png", base::hash_bytes("c"), 7}};
  sample.fragments["coco"] = "{}";
  const std::vector<scene::AssetFile> files{{"mug.glb", base::hash_bytes("d"), 9, "CC0-1.0"}};
  const std::string text = to_line("mug.glb", files) + '\n' + to_line(sample) + '\n' + to_line(record) + '\n' +
                           to_line(record).substr(0, 20);
  Book book;
  ASSERT_TRUE(read_lines(text, "j", book));
  ASSERT_EQ(book.records.size(), 1u);
  EXPECT_EQ(to_line(book.records.begin()->second), to_line(record));
  ASSERT_EQ(book.samples.size(), 1u);
  EXPECT_EQ(to_line(book.samples.begin()->second), to_line(sample));
  EXPECT_TRUE(book.samples_of(record));
  record.moments = 2;
  EXPECT_FALSE(book.samples_of(record));
  EXPECT_EQ(to_line("mug.glb", book.assets["mug.glb"]), to_line("mug.glb", files));
}

TEST(Ranges, AreInclusive) {
  EXPECT_EQ(ranges({}), "");
  EXPECT_EQ(ranges({0, 1, 2, 5, 7, 8}), "0..2, 5, 7..8");
}

TEST(Shards, PartTheOrderWithoutGapOrOverlap) {
  for (const std::int64_t scenes : {1, 4, 10, 1000}) {
    std::int64_t next = 0;
    for (std::int64_t i = 1; i <= 7; ++i) {
      const auto [first, last] = shard_range(scenes, i, 7);
      EXPECT_EQ(first, next);
      next = last + 1;
    }
    EXPECT_EQ(next, scenes);
  }
}

}  // namespace
}  // namespace wm::mill
