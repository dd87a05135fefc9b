#include "worldmill/formats/store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "worldmill/base/distributions.h"
#include "worldmill/base/json.h"
#include "worldmill/formats/dtypes.h"
#include "worldmill/formats/synthetic.h"

namespace wm::formats {
namespace {

using base::RandomKey;
using sample::Array;
using sample::Dtype;
using sample::Sample;

/// Equal numbers, NaN like NaN.
bool same(double a, double b) {
  return a == b ? std::signbit(a) == std::signbit(b) : std::isnan(a) && std::isnan(b);
}

bool same(const Array& a, const Array& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  return with_dtype(a.dtype(), [&]<class T>(std::type_identity<T>) {
    return std::ranges::equal(a.as<T>(), b.as<T>(), [](T x, T y) {
      if constexpr (std::is_floating_point_v<T>) return same(x, y);
      return x == y;
    });
  });
}

void expect_same(const Sample& a, const Sample& b) {
  std::string draws_a, draws_b;
  for (const auto& draw : a.draws) base::append_json(draws_a += draw.address + draw.distribution, draw.value);
  for (const auto& draw : b.draws) base::append_json(draws_b += draw.address + draw.distribution, draw.value);
  EXPECT_EQ(draws_a, draws_b);
  EXPECT_TRUE(a.id == b.id && a.stem == b.stem && a.part == b.part);
  ASSERT_EQ(a.objects.size(), b.objects.size());
  for (std::size_t i = 0; i < a.objects.size(); ++i) {
    const auto &x = a.objects[i], &y = b.objects[i];
    EXPECT_TRUE(x.instance == y.instance && x.path == y.path && x.semantic == y.semantic && x.asset == y.asset);
  }
  ASSERT_EQ(a.views.size(), b.views.size());
  for (std::size_t i = 0; i < a.views.size(); ++i) {
    const sample::View &x = a.views[i], &y = b.views[i];
    const auto &c = x.camera, &d = y.camera;
    EXPECT_EQ(x.sensor, y.sensor);
    EXPECT_TRUE(c.lens.width == d.lens.width && c.lens.height == d.lens.height && c.time == d.time);
    for (const auto& [p, q] : {std::pair{c.lens.fx, d.lens.fx},
                               {c.lens.fy, d.lens.fy},
                               {c.lens.cx, d.lens.cx},
                               {c.lens.cy, d.lens.cy},
                               {c.exposure, d.exposure},
                               {c.world_from_camera.rotation.w, d.world_from_camera.rotation.w},
                               {c.world_from_camera.rotation.x, d.world_from_camera.rotation.x},
                               {c.world_from_camera.rotation.y, d.world_from_camera.rotation.y},
                               {c.world_from_camera.rotation.z, d.world_from_camera.rotation.z},
                               {c.world_from_camera.translation.x, d.world_from_camera.translation.x},
                               {c.world_from_camera.translation.y, d.world_from_camera.translation.y},
                               {c.world_from_camera.translation.z, d.world_from_camera.translation.z}}) {
      EXPECT_TRUE(same(p, q)) << p << " " << q;
    }
    ASSERT_EQ(x.channels.size(), y.channels.size());
    for (std::size_t j = 0; j < x.channels.size(); ++j) {
      EXPECT_EQ(x.channels[j].name, y.channels[j].name);
      EXPECT_TRUE(same(x.channels[j].data, y.channels[j].data)) << x.channels[j].name;
    }
    EXPECT_EQ(x.objects.rows, y.objects.rows);
    ASSERT_EQ(x.objects.columns.size(), y.objects.columns.size());
    for (std::size_t j = 0; j < x.objects.columns.size(); ++j) {
      EXPECT_EQ(x.objects.columns[j].name, y.objects.columns[j].name);
      EXPECT_TRUE(same(x.objects.columns[j].values, y.objects.columns[j].values)) << x.objects.columns[j].name;
    }
  }
}

/// Any bits at all: whole numbers of every size, floats with NaN, infinities and subnormals among them.
Array random_array(RandomKey key, Dtype dtype, std::vector<std::int64_t> shape) {
  return with_dtype(dtype, [&]<class T>(std::type_identity<T>) {
    std::vector<T> values(Array::count(shape));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const base::Counter bits = key.bits(i);
      const std::uint64_t word = std::uint64_t{bits[0]} << 32 | bits[1];
      if constexpr (std::is_same_v<T, float>) {
        values[i] = std::bit_cast<float>(bits[0]);
      } else if constexpr (std::is_same_v<T, double>) {
        values[i] = std::bit_cast<double>(word);
      } else {
        values[i] = static_cast<T>(word);
      }
      if constexpr (std::is_floating_point_v<T>) {
        constexpr T kSpecial[] = {std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity(),
                                  std::numeric_limits<T>::quiet_NaN(), -T{0}};
        if (bits[2] % 8 == 0) values[i] = kSpecial[bits[3] % 4];
      }
    }
    return Array(std::move(shape), std::move(values));
  });
}

Sample random_sample(std::uint64_t seed) {
  const RandomKey key = RandomKey::from_seed(seed);
  const auto number = [&](std::uint64_t i, std::int64_t low, std::int64_t high) {
    return base::integer(key, i, low, high);
  };
  Sample sample;
  sample.id = {number(0, 0, 2'000'000), number(1, 0, 120), number(2, 0, 20000)};
  sample.stem = to_string(sample.id, false);
  sample.part = seed % 2 == 0 ? "train" : "";
  const std::int64_t rows = number(3, 0, 5);
  for (std::int64_t i = 0; i < rows; ++i) {
    sample.objects.push_back({4294967295u - static_cast<std::uint32_t>(i), fmt::format("/a \"b\"\\{}/ünï🙂\n", i),
                              static_cast<std::uint16_t>(number(4, 0, 65535)), i == 0 ? "" : "mug 1.glb"});
  }
  const std::string names[] = {"main", "left eye", "vorn.größe/🙂", std::string(150, 'x') + "1",
                               std::string(150, 'x') + "2"};
  for (std::size_t v = 0; v < static_cast<std::size_t>(number(5, 0, 5)); ++v) {
    sample::View view;
    view.sensor = names[v];
    view.camera = {{64, 48, 0.1, 1e300, -0.0, 5e-324}, {{1, 0, 0, 1e-17}, {1, 2, 3}}, -1.5, {number(6, 0, INT64_MAX)}};
    view.objects.rows = rows;
    for (int d = 0; d < 7; ++d) {
      const auto dtype = static_cast<Dtype>(d);
      const RandomKey at = key.child(v).child(static_cast<std::uint64_t>(d));
      const std::int64_t w = base::integer(at, 1u << 20, 1, 9), h = base::integer(at, (1u << 20) + 1, 1, 9);
      const std::string type(name(dtype));
      view.channels.push_back({type + " flat", random_array(at.child("flat"), dtype, {h, w})});
      for (std::int64_t c : {1, 2, 3, 4, 5}) {
        view.channels.push_back({fmt::format("{}.{}", type, c), random_array(at.child("c"), dtype, {h, w, c})});
      }
      view.channels.push_back({type + " empty", random_array(at, dtype, {0, w})});
      view.channels.push_back({type + " list", random_array(at.child("list"), dtype, {w})});
      view.objects.add(type, random_array(at.child("column"), dtype, {rows}));
      view.objects.add(type + " matrix", random_array(at.child("matrix"), dtype, {rows, 2, 3}));
    }
    sample.views.push_back(std::move(view));
  }
  base::Value nested{base::Value::Map{{"z", {}, {std::int64_t{9007199254740993}, {}}},
                                      {"a", {}, {base::Value::List{{true, {}}, {0.1, {}}, {"x", {}}, {}}, {}}}},
                     {}};
  sample.draws = {{"scene/1/é", "choice [a, \"b\"]", nested}, {"scene/2", "uniform [0, 1]", {-0.0, {}}}};
  return sample;
}

TEST(Store, GivesBackExactlyTheSampleThatWasWritten) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Sample sample = random_sample(seed);
    const auto back = sample_from_store(store_files(sample), "scene.tar");
    ASSERT_TRUE(back.has_value()) << to_string(back.error());
    expect_same(sample, *back);
  }
}

TEST(Store, SameSampleSameBytes) {
  EXPECT_EQ(tar(store_files(random_sample(3))), tar(store_files(random_sample(3))));
}

TEST(Store, FilesSayWhatTheyHold) {
  const Sample sample = synthetic::shoot({12, 0, 0}, synthetic::scatter(1), {"left"}, 32, 24);
  std::vector<std::string> paths;
  for (const OutFile& file : store_files(sample)) paths.push_back(file.path);
  const std::vector<std::string> expected{"000012.json",
                                          "000012.left.depth.exr",
                                          "000012.left.distance.exr",
                                          "000012.left.instances.npy",
                                          "000012.left.normals.exr",
                                          "000012.left.parts.png",
                                          "000012.left.rgb.png",
                                          "000012.left.rgb_linear.exr",
                                          "000012.left.semantics.png"};
  EXPECT_EQ(paths, expected);
}

TEST(Store, ATarHoldsTheSamplesOfAScene) {
  std::vector<OutFile> files;
  std::vector<Sample> samples;
  for (std::int64_t moment : {10000, 9999, 0}) {
    samples.push_back(random_sample(static_cast<std::uint64_t>(moment)));
    samples.back().id = {7, 0, moment};
    samples.back().stem = to_string(samples.back().id, false);
    for (OutFile& file : store_files(samples.back())) files.push_back(std::move(file));
  }
  const auto back = read_store(tar(files), "7.tar");
  ASSERT_TRUE(back.has_value()) << to_string(back.error());
  ASSERT_EQ(back->size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) expect_same((*back)[i], samples[2 - i]);
}

class DamagedStore : public testing::Test {
 protected:
  std::vector<OutFile> files = store_files(synthetic::shoot({1, 0, 0}, synthetic::scatter(1), {"left"}, 16, 12));
  std::string complaint() const {
    const auto back = sample_from_store(files, "1.tar");
    return back ? "no complaint" : to_string(back.error());
  }
  void replace(std::string_view from, std::string_view to) {
    std::string& json = files.front().bytes;
    const std::size_t at = json.find(from);
    ASSERT_NE(at, json.npos) << from;
    json.replace(at, from.size(), to);
  }
};

TEST_F(DamagedStore, AMissingFileIsNamed) {
  files.erase(files.begin() + 1);
  EXPECT_EQ(complaint(), "1.tar: 000001.json: the file \"000001.left.depth.exr\" of channel \"depth\" is missing");
}

TEST_F(DamagedStore, AFileTooManyIsNamed) {
  files.push_back({"000001.left.flow.npy", "x"});
  EXPECT_EQ(complaint(), "1.tar: 000001.json: \"000001.left.flow.npy\" belongs to no channel");
}

TEST_F(DamagedStore, ADescriptionThatDoesNotFitIsRefused) {
  replace("\"shape\":[12,16,3]", "\"shape\":[12,17,3]");
  EXPECT_EQ(complaint(), "000001.left.rgb.png: is 16 x 12 pixels of 3 channels, not what its shape says");
}

TEST_F(DamagedStore, AHugeShapeIsRefusedBeforeAnythingIsMade) {
  replace("\"shape\":[10,4]", "\"shape\":[10,400000000000]");
  EXPECT_EQ(complaint(), "1.tar: 000001.json: \"shape\" is none");
}

TEST_F(DamagedStore, NumbersOutOfTheirRangeAreRefused) {
  replace("\"instance\":1,", "\"instance\":-1,");
  EXPECT_EQ(complaint(), "1.tar: 000001.json: \"instance\" is -1, out of its range");
}

TEST_F(DamagedStore, AColumnNeedsARowPerObject) {
  replace("\"dtype\":\"int64\",\"shape\":[10]", "\"dtype\":\"int64\",\"shape\":[10,1,0]");
  EXPECT_EQ(complaint(), "1.tar: 000001.json: \"values\" are not as many as \"shape\" says");
}

TEST_F(DamagedStore, WithoutDescriptionThereIsNoSample) {
  files.erase(files.begin());
  EXPECT_EQ(complaint(), "1.tar: no .json describes this sample");
}

}  // namespace
}  // namespace wm::formats
