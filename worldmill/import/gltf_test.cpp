#include "worldmill/import/gltf.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "worldmill/image/png.h"
#include "worldmill/import/memory_files.h"

namespace wm::import {
namespace {

std::string number(std::uint32_t value) {
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  return bytes;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string chunk(const char* kind, std::string body, char pad) {
  while (body.size() % 4 != 0) body += pad;
  return number(static_cast<std::uint32_t>(body.size())) + std::string(kind, 4) + body;
}

std::string glb(const std::string& json, const std::string& binary) {
  const std::string chunks = chunk("JSON", json, ' ') + (binary.empty() ? "" : chunk("BIN\0", binary, '\0'));
  return "glTF" + number(2) + number(static_cast<std::uint32_t>(12 + chunks.size())) + chunks;
}

// A unit square of four vertices in the xy plane, facing +z, at bytes 0..48; indices of two triangles at 48..54.
const std::string kSquare =
    bytes_of<float>({0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0}) + bytes_of<std::uint16_t>({0, 1, 2, 2, 1, 3});

// A file with the square as mesh 0; `nodes` and what else stands at the root are the test's.
std::string square_file(const std::string& nodes, const std::string& more = "", const std::string& primitive = "") {
  return fmt::format(R"({{"asset":{{"version":"2.0","copyright":"CC0"}},"scene":0,"scenes":[{{"nodes":[0]}}],
    "nodes":[{}],
    "meshes":[{{"name":"square","primitives":[{{"attributes":{{"POSITION":0}},"indices":1{}}}]}}],
    "accessors":[{{"bufferView":0,"componentType":5126,"type":"VEC3","count":4}},
                 {{"bufferView":1,"componentType":5123,"type":"SCALAR","count":6}}],
    "bufferViews":[{{"buffer":0,"byteLength":48}},{{"buffer":0,"byteOffset":48,"byteLength":12}}],
    "buffers":[{{"byteLength":60}}]{}}})",
                     nodes, primitive, more);
}

Result<scene::Asset> import(MemoryFiles& files, const std::string& bytes, const std::string& name = "a.glb") {
  files.contents["/data/" + name] = bytes;
  return import_file(files, "/data/" + name, {"/data"});
}

Result<scene::Asset> import(const std::string& bytes, const std::string& name = "a.glb") {
  MemoryFiles files;
  return import(files, bytes, name);
}

std::string complaint(const Result<scene::Asset>& result) {
  return result ? "" : to_string(result.error());
}

math::Vec3f corner(const scene::Asset& asset, std::size_t mesh, std::size_t triangle, std::size_t i) {
  const geometry::Mesh& m = *asset.scene.meshes[mesh];
  return m.positions[m.triangles[triangle][i]];
}

TEST(Gltf, TurnsYUpToZUpAtItsRootsAlone) {
  const auto asset = import(glb(square_file(R"({"name":"up","translation":[1,2,3],"children":[1]},
                                               {"name":"in","mesh":0,"translation":[0,1,0]})"),
                                kSquare));
  ASSERT_TRUE(asset) << complaint(asset);
  const auto& nodes = asset->scene.nodes;
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].path, "/up");
  EXPECT_EQ(nodes[1].path, "/up/in");
  EXPECT_EQ(nodes[0].parent_from_node.translation, (math::Vec3{1, -3, 2}));
  const math::Affine world = nodes[0].parent_from_node * nodes[1].parent_from_node;
  EXPECT_EQ(world.point({0, 0, 0}), (math::Vec3{1, -3, 3}));  // up by one
  EXPECT_EQ(asset->files[0].name, "a.glb");
  EXPECT_EQ(asset->files[0].license, "CC0");
}

TEST(Gltf, MatricesAndTurnsSayTheSame) {
  const std::string quarter = R"("rotation":[0,0,0.70710678118654752,0.70710678118654752],"scale":[2,3,4])";
  const std::string matrix = R"("matrix":[0,2,0,0, -3,0,0,0, 0,0,4,0, 0,0,0,1])";
  const auto a = import(glb(square_file("{\"mesh\":0," + quarter + "}"), kSquare));
  const auto b = import(glb(square_file("{\"mesh\":0," + matrix + "}"), kSquare));
  ASSERT_TRUE(a && b);
  for (const math::Vec3 p : {math::Vec3{1, 0, 0}, math::Vec3{0, 1, 0}, math::Vec3{0, 0, 1}}) {
    const math::Vec3 difference =
        a->scene.nodes[0].parent_from_node.point(p) - b->scene.nodes[0].parent_from_node.point(p);
    EXPECT_LT(math::length(difference), 1e-14);
  }
}

TEST(Gltf, NamesakesAndTheUnnamedGetTheirNumbers) {
  const auto asset = import(glb(square_file(R"({"name":"r","children":[1,2,3,4,5]},{"name":"a","mesh":0},{"name":"a"},
      {"name":"a_1"},{},{"name":"b/c"})"),
                                kSquare));
  ASSERT_TRUE(asset) << complaint(asset);
  std::vector<std::string> paths;
  for (const auto& node : asset->scene.nodes) paths.push_back(node.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"/r", "/r/a", "/r/a_2", "/r/a_1", "/r/node_4", "/r/b_c"}));
}

TEST(Gltf, StripsAndFansKeepTheirFacing) {
  for (const int mode : {4, 5, 6}) {
    const std::string indices = mode == 4   ? bytes_of<std::uint16_t>({0, 1, 2, 2, 1, 3})
                                : mode == 5 ? bytes_of<std::uint16_t>({0, 1, 2, 3, 3, 3})
                                            : bytes_of<std::uint16_t>({0, 1, 3, 2, 2, 2});
    const auto asset = import(
        glb(square_file("{\"mesh\":0}", "", fmt::format(",\"mode\":{}", mode)), kSquare.substr(0, 48) + indices));
    ASSERT_TRUE(asset) << complaint(asset);
    double area = 0;
    for (std::size_t t = 0; t < asset->scene.meshes[0]->triangles.size(); ++t) {
      const math::Vec3f a = corner(*asset, 0, t, 0), b = corner(*asset, 0, t, 1), c = corner(*asset, 0, t, 2);
      const math::Vec3f across = math::cross(b - a, c - a);
      EXPECT_GE(across.z, 0) << "mode " << mode;
      area += 0.5 * across.z;
    }
    EXPECT_EQ(area, 1) << "mode " << mode;
  }
}

TEST(Gltf, LinesAreNamedAndNotShown) {
  const auto asset = import(glb(square_file("{\"mesh\":0}", "", ",\"mode\":1"), kSquare));
  EXPECT_EQ(complaint(asset), "/data/a.glb: has nothing to show: lines are not shown");
}

TEST(Gltf, SparseAccessorsReplaceWhatTheyName) {
  // Vertex 3 moves to (5, 6, 7): its index lies at byte 60, the value at 64.
  std::string json = square_file("{\"mesh\":0}");
  const std::string plain = "\"type\":\"VEC3\",\"count\":4";
  json.replace(
      json.find(plain), plain.size(),
      plain + R"(,"sparse":{"count":1,"indices":{"bufferView":2,"componentType":5121},"values":{"bufferView":3}})");
  const std::string views = "\"byteOffset\":48,\"byteLength\":12}";
  json.replace(json.find(views), views.size(),
               views + R"(,{"buffer":0,"byteOffset":60,"byteLength":1},{"buffer":0,"byteOffset":64,"byteLength":12})");
  json.replace(json.find("\"byteLength\":60"), 15, "\"byteLength\":76");
  const std::string binary = kSquare + std::string("\3\0\0\0", 4) + bytes_of<float>({5, 6, 7});
  const auto asset = import(glb(json, binary));
  ASSERT_TRUE(asset) << complaint(asset);
  EXPECT_EQ(corner(*asset, 0, 1, 2), (math::Vec3f{5, 6, 7}));
  EXPECT_EQ(corner(*asset, 0, 0, 1), (math::Vec3f{1, 0, 0}));
  std::string beyond = binary;
  beyond[60] = 4;
  EXPECT_EQ(complaint(import(glb(json, beyond))),
            "/data/a.glb: mesh \"square\", primitive 0, POSITION: sparse index 0 is 4, but it has 4 elements");
}

std::string data_uri(const std::string& bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return "data:image/png;base64," + text;
}

std::string tiny_png() {
  image::Pixels<std::uint8_t> pixels(2, 1, 3);
  pixels.values = {255, 0, 0, 0, 255, 0};
  return image::encode_png(pixels);
}

TEST(Gltf, MaterialsAreReadWithTheirTextures) {
  const std::string more =
      fmt::format(R"(,"materials":[{{"name":"m","alphaMode":"MASK","alphaCutoff":0.25,"doubleSided":true,
      "pbrMetallicRoughness":{{"baseColorFactor":[0.5,0.25,1,0.75],"metallicFactor":0,"baseColorTexture":{{"index":0,"texCoord":1,
        "extensions":{{"KHR_texture_transform":{{"offset":[0.5,0.25],"rotation":1.5,"scale":[2,3]}}}}}}}},
      "emissiveFactor":[1,0,0.5],"extensions":{{"KHR_materials_emissive_strength":{{"emissiveStrength":100}},
        "KHR_materials_ior":{{"ior":1.33}},"KHR_materials_transmission":{{"transmissionFactor":0.5}},
        "KHR_materials_clearcoat":{{"clearcoatFactor":1,"clearcoatRoughnessFactor":0.125}}}}}}],
      "textures":[{{"source":0,"sampler":0}}],"samplers":[{{"wrapS":33071,"wrapT":33648,"magFilter":9728}}],
      "images":[{{"uri":"{}"}}])",
                  data_uri(tiny_png()));
  const auto asset = import(glb(square_file("{\"mesh\":0}", more, ",\"material\":0"), kSquare));
  ASSERT_TRUE(asset) << complaint(asset);
  const scene::Material& m = asset->scene.materials[0];
  EXPECT_EQ(m.base_color, (math::Vec3f{0.5f, 0.25f, 1}));
  EXPECT_EQ(m.opacity, 0.75f);
  EXPECT_EQ(m.metallic, 0);
  EXPECT_EQ(m.roughness, 1);
  EXPECT_EQ(m.alpha_mode, scene::AlphaMode::mask);
  EXPECT_EQ(m.alpha_cutoff, 0.25f);
  EXPECT_TRUE(m.double_sided);
  EXPECT_EQ(m.emission, (math::Vec3f{100, 0, 50}));
  EXPECT_EQ(m.ior, 1.33f);
  EXPECT_EQ(m.transmission, 0.5f);
  EXPECT_EQ(m.clearcoat_roughness, 0.125f);
  const scene::Texture& t = m.base_color_texture;
  EXPECT_EQ(t.uv_set, 1);
  EXPECT_EQ(t.wrap_u, scene::Wrap::clamp);
  EXPECT_EQ(t.wrap_v, scene::Wrap::mirror);
  EXPECT_EQ(t.filter, scene::Filter::nearest);
  EXPECT_EQ(t.offset, (math::Vec2{0.5, 0.25}));
  EXPECT_EQ(t.scale, (math::Vec2{2, 3}));
  EXPECT_EQ(t.rotation, 1.5);
  ASSERT_TRUE(t.picture);
  const auto& pixels = std::get<image::Pixels<std::uint8_t>>(t.picture->pixels);
  EXPECT_EQ(pixels.width, 2);
  EXPECT_EQ(pixels.at(1, 0, 1), 255);
}

TEST(Gltf, LightsAndCamerasHangOnTheirNodes) {
  const auto asset = import(
      glb(square_file(R"({"name":"r","children":[1,2,3]},
      {"extensions":{"KHR_lights_punctual":{"light":0}}},{"extensions":{"KHR_lights_punctual":{"light":1}}},{"camera":0,"name":"eye"})",
                      R"(,"cameras":[{"type":"perspective","perspective":{"yfov":0.5,"aspectRatio":2,"znear":0.1}}],
      "extensions":{"KHR_lights_punctual":{"lights":[{"type":"spot","intensity":40,"color":[1,0.5,0],"spot":{"outerConeAngle":0.6}},
                                                     {"type":"directional","intensity":1000}]}})"),
          kSquare));
  ASSERT_TRUE(asset) << complaint(asset);
  ASSERT_EQ(asset->scene.lights.size(), 2u);
  EXPECT_EQ(asset->scene.lights[0].kind, scene::LightKind::spot);
  EXPECT_EQ(asset->scene.lights[0].intensity, 40);
  EXPECT_EQ(asset->scene.lights[0].outer_cone, 0.6f);
  EXPECT_EQ(asset->scene.lights[1].kind, scene::LightKind::distant);
  EXPECT_EQ(asset->scene.nodes[2].light.index(), 1u);
  EXPECT_EQ(asset->scene.cameras[0].name, "eye");
  EXPECT_EQ(asset->scene.cameras[0].vertical_fov, 0.5);
}

TEST(Gltf, OtherFilesAreReadUnderTheRootsAlone) {
  std::string json = square_file("{\"mesh\":0}");
  const auto with_uri = [&](const std::string& uri) {
    std::string text = json;
    text.replace(text.find("\"byteLength\":60"), 15, "\"byteLength\":60,\"uri\":\"" + uri + "\"");
    return text;
  };
  MemoryFiles files;
  files.contents["/data/my square.bin"] = kSquare;
  files.contents["/secret/key.bin"] = kSquare;
  const auto good = import(files, with_uri("./my%20square.bin"), "a.gltf");
  ASSERT_TRUE(good) << complaint(good);
  ASSERT_EQ(good->files.size(), 2u);
  EXPECT_EQ(good->files[1].name, "my square.bin");
  EXPECT_EQ(good->files[1].bytes, 60);
  const int before = files.reads;
  for (const char* escape :
       {"../secret/key.bin", "%2e%2e/secret/key.bin", "..\\\\secret\\\\key.bin", "/secret/key.bin"}) {
    const auto bad = import(files, with_uri(escape), "a.gltf");
    ASSERT_FALSE(bad) << escape;
    EXPECT_NE(complaint(bad).find("outside the folders that may be read"), std::string::npos) << complaint(bad);
  }
  EXPECT_EQ(files.reads, before + 4);  // the file itself each time, the secret never
  EXPECT_NE(complaint(import(files, with_uri("https://x.org/a.bin"), "a.gltf")).find("download it"), std::string::npos);
  EXPECT_EQ(complaint(import(files, with_uri("gone.bin"), "a.gltf")),
            "/data/a.gltf: refers to \"gone.bin\", which is not there; put it where the file says");
}

TEST(Gltf, RefusesByNameWhatItDoesNotKnow) {
  const std::string more = R"(,"extensionsRequired":["KHR_texture_basisu"],"extensionsUsed":["KHR_texture_basisu"])";
  EXPECT_EQ(complaint(import(glb(square_file("{\"mesh\":0}", more), kSquare))),
            "/data/a.glb: requires the extension KHR_texture_basisu, which is not read; export it without");
}

TEST(Gltf, CyclesAndDepthAreRefused) {
  EXPECT_EQ(complaint(import(glb(square_file(R"({"children":[1]},{"mesh":0,"children":[0]})"), kSquare))),
            "/data/a.glb: nodes[0] stands in the tree more than once; export it again");
  std::string chain;
  for (int i = 0; i < 300; ++i) chain += fmt::format("{{\"children\":[{}]}},", i + 1);
  EXPECT_EQ(complaint(import(glb(square_file(chain + "{\"mesh\":0}"), kSquare))),
            "/data/a.glb: its tree is deeper than the 256 levels allowed here");
}

TEST(Gltf, AttributesOfDifferentLengthAreRefusedEvenWhenOneIsEmpty) {
  std::string json = square_file("{\"mesh\":0}");
  json.replace(json.find("\"POSITION\":0"), 0, "\"NORMAL\":0,");
  json.replace(json.find("\"POSITION\":0"), 12, "\"POSITION\":2");
  json.replace(json.find("\"count\":6}"), 10,
               "\"count\":6},{\"bufferView\":0,\"componentType\":5126,\"type\":\"VEC3\"}");
  json.replace(json.find("\"indices\":1"), 11, "\"mode\":4");
  EXPECT_EQ(complaint(import(glb(json, kSquare))),
            "/data/a.glb: mesh \"square\", primitive 0, NORMAL has 4 values, but there are 0 vertices");
}

TEST(Gltf, NumbersThatCannotBeAreRefused) {
  const auto swapped = [](std::string text, const std::string& what, const std::string& with) {
    text.replace(text.find(what), what.size(), with);
    return text;
  };
  const std::string json = square_file("{\"mesh\":0}");
  const auto why = [&](const std::string& what, const std::string& with) {
    return complaint(import(glb(swapped(json, what, with), kSquare)));
  };
  EXPECT_EQ(why("\"count\":6", "\"count\":7"),
            "/data/a.glb: mesh \"square\", primitive 0, indices: its accessor reads to byte 14 of bufferViews[1], "
            "which has 12");
  EXPECT_EQ(why("\"byteOffset\":48", "\"byteOffset\":1e300"),
            "/data/a.glb: bufferViews[1].byteOffset is 1e+300, must be a whole number in [0, 1099511627776]");
  EXPECT_EQ(why("\"byteOffset\":48", "\"byteOffset\":56"),
            "/data/a.glb: bufferViews[1] reaches to byte 68, its buffer has 60");
  EXPECT_EQ(why("\"mesh\":0", "\"mesh\":4"), "/data/a.glb: nodes[0].mesh is 4, but the file has 1 meshes");
  EXPECT_EQ(why("\"count\":4", "\"count\":4294967296"),
            "/data/a.glb: mesh \"square\", primitive 0, POSITION: accessors[0] counts 4294967296 elements, more than "
            "allowed here");
  std::string nan = kSquare;
  std::memcpy(nan.data() + 16, "\0\0\xc0\x7f", 4);
  EXPECT_EQ(
      complaint(import(glb(json, nan))),
      "/data/a.glb: mesh \"square\", primitive 0: the position of vertex 1 is not finite; mend it in the program that "
      "made it");
  EXPECT_EQ(complaint(import(glb(json, std::string(48, '\0') + kSquare.substr(48)))),
            "/data/a.glb: has nothing to show: mesh \"square\", primitive 0 has no area and is not shown");
}

TEST(Gltf, ACutFileIsRefusedAtEveryLength) {
  const std::string whole = glb(square_file("{\"mesh\":0}"), kSquare);
  ASSERT_TRUE(import(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(import(whole.substr(0, length))) << length;
  std::string zeroed = whole;
  for (std::size_t at = 0; at + 4 < whole.size(); at += 4) {
    zeroed = whole;
    zeroed.replace(at, 4, "\xff\xff\xff\xff");
    (void)import(zeroed);  // any answer will do
  }
}

TEST(Gltf, NormalMapsGetTangentsAndFlatNormals) {
  const std::string more =
      fmt::format(R"(,"materials":[{{"normalTexture":{{"index":0,"scale":0.5}}}}],"textures":[{{"source":0}}],
      "images":[{{"uri":"{}"}}])",
                  data_uri(tiny_png()));
  std::string json = square_file("{\"mesh\":0}", more, ",\"material\":0");
  json.replace(json.find("\"POSITION\":0"), 12, "\"POSITION\":0,\"TEXCOORD_0\":2");
  json.replace(json.find("\"count\":6}"), 10,
               "\"count\":6},{\"bufferView\":2,\"componentType\":5126,\"type\":\"VEC2\",\"count\":4}");
  json.replace(json.find("\"byteLength\":12}"), 16,
               "\"byteLength\":12},{\"buffer\":0,\"byteOffset\":60,\"byteLength\":32}");
  json.replace(json.find("\"byteLength\":60"), 15, "\"byteLength\":92");
  const auto asset = import(glb(json, kSquare + bytes_of<float>({0, 1, 1, 1, 0, 0, 1, 0})));
  ASSERT_TRUE(asset) << complaint(asset);
  const geometry::Mesh& mesh = *asset->scene.meshes[0];
  ASSERT_EQ(mesh.positions.size(), 6u);
  ASSERT_EQ(mesh.tangents.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(mesh.normals[i], (math::Vec3f{0, 0, 1}));
    EXPECT_EQ(mesh.tangents[i], (std::array<float, 4>{1, 0, 0, 1}));
  }
  EXPECT_EQ(asset->scene.materials[0].normal_scale, 0.5f);
}

TEST(Gltf, CopiesOfAMeshStandBelowTheirNode) {
  std::string json =
      square_file(R"({"name":"many","mesh":0,"extensions":{"EXT_mesh_gpu_instancing":{"attributes":{"TRANSLATION":0}}},
      "children":[1]},{"name":"instance_1"})");
  const auto asset = import(glb(json, kSquare));
  ASSERT_TRUE(asset) << complaint(asset);
  ASSERT_EQ(asset->scene.nodes.size(), 6u);
  EXPECT_TRUE(asset->scene.nodes[0].parts.empty());
  EXPECT_EQ(asset->scene.nodes[2].path, "/many/instance_0");
  EXPECT_EQ(asset->scene.nodes[3].path, "/many/instance_1_1");
  EXPECT_EQ(asset->scene.nodes[5].parent_from_node.translation, (math::Vec3{1, 1, 0}));
  EXPECT_EQ(asset->scene.nodes[5].parts.size(), 1u);
}

TEST(Gltf, SkinsAndMorphTargetsAreBakedInTheFilesPose) {
  // All four vertices hang on a joint one up; the morph target adds the square's own corners at weight 0.5.
  std::string json = square_file(R"({"children":[1,2]},{"mesh":0,"skin":0,"weights":[0.5],"translation":[9,9,9]},
      {"name":"joint","translation":[0,1,0]})",
                                 R"(,"skins":[{"joints":[2]}])", R"(,"targets":[{"POSITION":0}])");
  json.replace(json.find("\"POSITION\":0"), 12, "\"POSITION\":0,\"JOINTS_0\":2,\"WEIGHTS_0\":3");
  json.replace(json.find("\"count\":6}"), 10,
               R"("count":6},{"bufferView":2,"componentType":5121,"type":"VEC4","count":4},
      {"bufferView":3,"componentType":5121,"type":"VEC4","count":4,"normalized":true})");
  json.replace(json.find("\"byteLength\":12}"), 16, R"("byteLength":12},{"buffer":0,"byteOffset":60,"byteLength":16},
      {"buffer":0,"byteOffset":76,"byteLength":16})");
  json.replace(json.find("\"byteLength\":60"), 15, "\"byteLength\":92");
  std::string weights;
  for (int i = 0; i < 4; ++i) weights += std::string("\xff\0\0\0", 4);
  const auto asset = import(glb(json, kSquare + std::string(16, '\0') + weights));
  ASSERT_TRUE(asset) << complaint(asset);
  const math::Affine world = asset->scene.nodes[0].parent_from_node * asset->scene.nodes[1].parent_from_node;
  const math::Vec3f p = corner(*asset, 0, 1, 2);  // (1, 1, 0) at first
  EXPECT_EQ(world.point({p.x, p.y, p.z}), (math::Vec3{1.5, 0, 2.5}));
  EXPECT_EQ(asset->ignored, (std::vector<std::string>{"skins are baked in the pose of the file's nodes",
                                                      "morph targets are baked at the file's weights"}));
}

TEST(Gltf, AHugePictureIsRefusedByItsHeader) {
  const std::string header = "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 30000 +X 30000\n";
  const std::string more =
      fmt::format(R"(,"materials":[{{"emissiveTexture":{{"index":0}}}}],"textures":[{{"source":0}}],
      "images":[{{"uri":"{}"}}])",
                  data_uri(header));
  const auto asset = import(glb(square_file("{\"mesh\":0}", more, ",\"material\":0"), kSquare));
  ASSERT_FALSE(asset);
  EXPECT_EQ(asset.error().place.file, "/data/a.glb (images[0])");
  EXPECT_NE(complaint(asset).find("30000"), std::string::npos) << complaint(asset);
}

TEST(Gltf, SharesAMeshThatTwoNodesShow) {
  const auto asset = import(glb(square_file(R"({"children":[1,2]},{"mesh":0},{"mesh":0,"scale":[-1,1,1]})"), kSquare));
  ASSERT_TRUE(asset) << complaint(asset);
  EXPECT_EQ(asset->scene.meshes.size(), 1u);
  EXPECT_EQ(asset->scene.nodes[1].parts[0].mesh, asset->scene.nodes[2].parts[0].mesh);
}

}  // namespace
}  // namespace wm::import
