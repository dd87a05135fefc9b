#include <gtest/gtest.h>
#include <stdlib.h>

#include <thread>

#include "worldmill/image/png.h"
#include "worldmill/import/import.h"
#include "worldmill/import/memory_files.h"

namespace wm::import {
namespace {

const std::string kTriangle =
    R"({"asset":{"version":"2.0","extras":{"license":"CC-BY-4.0"}},"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
        "meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
        "accessors":[{"bufferView":0,"componentType":5126,"type":"VEC3","count":3}],
        "bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36,"uri":"../shared/t.bin"}]})";

std::string triangle_bytes() {
  const float values[9] = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  return {reinterpret_cast<const char*>(values), sizeof values};
}

class Library : public testing::Test {
 protected:
  Library() {
    files.contents["/recipe/models/t.gltf"] = kTriangle;
    files.contents["/recipe/shared/t.bin"] = triangle_bytes();
    files.contents["/more/sky.png"] = image::encode_png(image::Pixels<std::uint8_t>(4, 2, 3));
    files.contents["/secret/t.gltf"] = kTriangle;
    source = make_asset_source(files, {"/recipe", "/more"});
  }
  MemoryFiles files;
  std::unique_ptr<scene::AssetSource> source;
};

TEST_F(Library, GivesTheSameObjectWhileItIsInUse) {
  auto first = source->load("models/t.gltf").value();
  EXPECT_EQ(files.reads, 2);
  EXPECT_EQ(source->load("models/../models/t.gltf").value(), first);
  EXPECT_EQ(source->load("/recipe/models/t.gltf").value(), first);
  EXPECT_EQ(files.reads, 2);
  first.reset();
  EXPECT_TRUE(source->load("models/t.gltf"));
  EXPECT_EQ(files.reads, 4);
}

TEST_F(Library, ListsAllFilesBehindAPathWithTheirLicence) {
  const auto list = source->files("models/t.gltf").value();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "models/t.gltf");
  EXPECT_EQ(list[1].name, "shared/t.bin");
  EXPECT_EQ(list[1].bytes, 36);
  EXPECT_EQ(list[1].hash, base::hash_bytes(triangle_bytes()));
  EXPECT_EQ(list[1].license, "CC-BY-4.0");
  EXPECT_EQ(source->files("sky.png").value()[0].name, "sky.png");
  EXPECT_EQ(source->files("/recipe/models/t.gltf").value()[0].name, "models/t.gltf");
}

TEST_F(Library, FindsPicturesInEachRoot) {
  const auto sky = source->load_picture("sky.png");
  ASSERT_TRUE(sky);
  EXPECT_EQ((*sky)->name, "sky.png");
  EXPECT_EQ(source->load_picture("/more/sky.png").value(), *sky);
}

TEST_F(Library, OpensNothingOutsideItsRoots) {
  for (const char* path : {"../secret/t.gltf", "/secret/t.gltf", "models/../../secret/t.gltf"}) {
    const auto result = source->load(path);
    ASSERT_FALSE(result) << path;
    EXPECT_EQ(result.error().message, "is outside the folders that may be read; put it into one of them");
  }
  EXPECT_EQ(files.reads, 0);
  EXPECT_EQ(to_string(source->load("gone.glb").error()), "gone.glb: is not there; looked for it in /recipe, /more");
}

TEST(LibraryOnDisk, FollowsNoLinkOutOfItsRoots) {
  namespace fs = std::filesystem;
  std::string name = (fs::temp_directory_path() / "wm_import_XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  base::disk().commit(folder / "recipe/models/t.gltf", kTriangle);
  base::disk().commit(folder / "secret/t.bin", triangle_bytes());
  fs::create_directory_symlink(folder / "secret", folder / "recipe/shared");
  const auto refused = make_asset_source(base::disk(), {folder / "recipe"})->load("models/t.gltf");
  const auto allowed = make_asset_source(base::disk(), {folder / "recipe", folder / "secret"})->load("models/t.gltf");
  fs::remove_all(folder);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("outside the folders that may be read"), std::string::npos);
  EXPECT_TRUE(allowed);
}

TEST_F(Library, ServesManyThreads) {
  std::vector<std::shared_ptr<const scene::Asset>> got(8);
  std::vector<std::thread> threads;
  for (auto& asset : got) threads.emplace_back([&] { asset = source->load("models/t.gltf").value(); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& asset : got) EXPECT_EQ(asset, got[0]);
  EXPECT_EQ(files.reads, 2);
}

}  // namespace
}  // namespace wm::import
