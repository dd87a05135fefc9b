#include "worldmill/usd/crate.h"

#include <gtest/gtest.h>

#include "worldmill/base/log.h"
#include "worldmill/usd/crate_coding.h"
#include "worldmill/usd/layer_file.h"
#include "worldmill/usd/package.h"
#include "worldmill/usd/testing.h"
#include "worldmill/usd/text_reader.h"
#include "worldmill/usd/text_writer.h"

namespace wm::usd {
namespace {

namespace fs = std::filesystem;

// The number of values in the layer; every one must decode.
int values_in(const Layer& layer) {
  int count = 0;
  for (const Layer::Spec& spec : layer.specs()) {
    for (const Field& field : layer.fields(spec)) {
      const Value value = layer.decoded(field.value);
      EXPECT_TRUE(bool(value)) << layer.identifier() << " " << spec.path.text() << " " << field.name.text();
      ++count;
      if (!value.is(Type::time_samples)) continue;
      for (const Value& sample : value.content<TimeSamples>().values) {
        EXPECT_TRUE(bool(layer.decoded(sample))) << spec.path.text();
      }
    }
  }
  return count;
}

std::shared_ptr<Layer> rewritten(const Layer& layer) {
  const auto again = read_crate(bytes_of(write_crate(layer)), "written");
  EXPECT_TRUE(again.has_value()) << (again ? "" : to_string(again.error()));
  return again ? *again : std::make_shared<Layer>("nothing");
}

TEST(Crate, ReadsTheComplianceSuite) {
  const fs::path folder = usd_data() / "aousd/file_formats/tests/assets/binary";
  WM_NEEDS(folder);
  int read = 0;
  for (const fs::path& path : files_in(folder, ".usdc")) {
    if (fs::file_size(path) == 0) continue;  // left out of the copy
    const auto layer = open_layer(path);
    ASSERT_TRUE(layer.has_value()) << to_string(layer.error());
    EXPECT_GT(values_in(**layer), 0) << path;
    std::string difference;
    EXPECT_TRUE(same_content(**layer, *rewritten(**layer), &difference)) << path << ": " << difference;
    const auto text = read_text(write_text(**layer), "text");
    ASSERT_TRUE(text.has_value()) << path << to_string(text.error());
    ++read;
  }
  EXPECT_EQ(read, 42);
}

TEST(Crate, EveryFileOfTheDataFolderIsTheSameAfterWriting) {
  WM_NEEDS(usd_data());
  int crates = 0, refused = 0;
  for (const auto& entry : fs::recursive_directory_iterator(usd_data())) {
    const std::string ending = entry.path().extension().string();
    if (ending != ".usd" && ending != ".usdc" && ending != ".usda" && ending != ".usdz") continue;
    const auto layer = open_layer(entry.path());
    if (!layer) {
      ++refused;
      continue;
    }
    values_in(**layer);
    if (entry.path().filename() == "splines.usda") continue;  // a Hermite knot with widths, which crates do not keep
    std::string difference;
    EXPECT_TRUE(same_content(**layer, *rewritten(**layer), &difference)) << entry.path() << ": " << difference;
    ++crates;
  }
  EXPECT_GT(crates, 700);
  EXPECT_LT(refused, 10);
  std::printf("%d layers, %d refused\n", crates, refused);
}

TEST(Crate, SaysWhatTheTextTwinSays) {
  const fs::path folder = usd_data() / "aousd/composition/tests/assets";
  WM_NEEDS(folder);
  int twins = 0, equal = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path path = entry.path();
    if (path.extension() != ".usd" || path.parent_path().filename() == "usda") continue;
    const fs::path twin = path.parent_path() / "usda" / path.filename();
    if (!fs::exists(twin)) continue;
    const auto crate = open_layer(path), text = open_layer(twin);
    if (!text) continue;  // two of them hold what the format forbids
    ASSERT_TRUE(crate.has_value());
    if ((*crate)->source() == nullptr || (*text)->source() != nullptr) continue;
    std::string difference;
    ++twins;
    if (same_content(**crate, **text, &difference)) {
      ++equal;
    } else if (difference.find("comment") == difference.npos && difference.find("documentation") == difference.npos) {
      std::printf("%s\n",
                  difference.c_str());  // comments have other ends of lines; some twins were made from another text
    }
  }
  EXPECT_GT(equal, twins * 4 / 5);
  std::printf("%d of %d twins are equal in every field\n", equal, twins);
}

TEST(Crate, PacksIntegersAndUnpacksThem) {
  std::vector<std::int64_t> numbers = {0, 1, -1, 127, 128, 40'000, -3'000'000'000, INT64_MAX, INT64_MIN, 5, 6, 7};
  for (std::size_t i = 0; i < 1000; ++i) {
    numbers.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(numbers[i]) * 3 + 1));
  }
  const std::string packed = pack_integers<std::int64_t>(numbers);
  std::vector<std::int64_t> back(numbers.size());
  ASSERT_TRUE(unpack_integers<std::int64_t>(std::as_bytes(std::span(packed)), back));
  EXPECT_EQ(numbers, back);
}

TEST(Crate, RefusesCountsThatTheBytesCannotHold) {
  Layer layer("a");
  layer.make_prims(Path::root().child(Token("A")));
  const std::string good = write_crate(layer);
  int refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(0xFF);
    const base::LogCapture log;
    const auto read = read_crate(bytes_of(bad), "bad.usdc");
    refused += !read;
  }
  EXPECT_GT(refused, 50);
}

TEST(Package, ReadsWhatItWrites) {
  const std::string layer = "#usda 1.0\n", picture(1000, 'x');
  const std::string bytes = write_package({{"a.usda", layer}, {"textures/b.png", picture}, {"c.txt", ""}});
  const auto package = Package::open(bytes_of(bytes), "p.usdz");
  ASSERT_TRUE(package.has_value()) << to_string(package.error());
  ASSERT_EQ(package->members().size(), 3u);
  for (const auto& member : package->members()) EXPECT_TRUE(member.aligned) << member.name;
  EXPECT_EQ(package->find("textures/b.png")->bytes.text(), picture);
  EXPECT_TRUE(read_layer(bytes_of(bytes), "p.usdz").has_value());
}

TEST(Package, RefusesNamesThatLeaveIt) {
  for (const char* name : {"../a.usda", "/a.usda", "b/../../a.usda"}) {
    const auto package = Package::open(bytes_of(write_package({{name, "#usda 1.0\n"}})), "p.usdz");
    ASSERT_FALSE(package.has_value()) << name;
    EXPECT_NE(package.error().message.find("leaves"), std::string::npos);
  }
}

}  // namespace
}  // namespace wm::usd
