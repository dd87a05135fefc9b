#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "worldmill/base/json.h"
#include "worldmill/base/yaml.h"
#include "worldmill/formats/numbering.h"
#include "worldmill/formats/synthetic.h"
#include "worldmill/formats/writer.h"

namespace wm::formats {
namespace {

namespace fs = std::filesystem;
using base::Value;

/// Files in memory: what a writer gave, and what a validator reads.
class Memory : public base::Files {
 public:
  Result<std::string> read(const fs::path& path, std::uint64_t budget) override {
    const auto found = files.find(path.string());
    if (found == files.end()) return base::error("no such file", {path.string()});
    if (found->second.size() > budget) return base::error("too long", {path.string()});
    return found->second;
  }
  void commit(const fs::path& path, std::string_view bytes) override { files[path.string()] = bytes; }
  void append(const fs::path& path, std::string_view bytes) override { files[path.string()] += bytes; }
  std::vector<std::string> list(const fs::path& folder) override {
    std::vector<std::string> names;
    const std::string start = folder.string() + "/";
    for (const auto& [path, bytes] : files) {
      if (!path.starts_with(start)) continue;
      const std::string name = path.substr(start.size(), path.find('/', start.size()) - start.size());
      if (names.empty() || names.back() != name) names.push_back(name);
    }
    return names;
  }
  std::map<std::string, std::string> files;
};

const WriterRow& row(std::string_view name) {
  const auto rows = builtin_writers();
  return *std::ranges::find(rows, name, &WriterRow::name);
}

Value options(std::string_view yaml) {
  return base::parse_yaml(yaml, "r.yaml").value();
}

const std::vector<sample::Sample>& samples() {
  static const std::vector<sample::Sample> all = [] {
    std::vector<sample::Sample> made;
    for (std::int64_t i = 0; i < 2; ++i) {
      const auto things = synthetic::scatter(static_cast<std::uint64_t>(i) + 1);
      made.push_back(synthetic::shoot({i, 0, 0}, things, {"right", "left"}, 160, 120));
    }
    made.push_back(synthetic::shoot({2, 0, 0}, {}, {"right", "left"}, 160, 120));
    return made;
  }();
  return all;
}

Memory written(std::string_view format, std::string_view yaml) {
  Memory disk;
  const auto writer = row(format).make(synthetic::info(), options(yaml));
  EXPECT_TRUE(writer.has_value()) << to_string(writer.error());
  std::vector<std::string> fragments;
  for (const sample::Sample& sample : samples()) {
    const auto emitted = (*writer)->emit(sample);
    EXPECT_TRUE(emitted.has_value()) << to_string(emitted.error());
    for (const OutFile& file : emitted->files) disk.commit("d/" + file.path, file.bytes);
    fragments.push_back(emitted->fragment);
  }
  if ((*writer)->numbered()) {
    const Numbering numbering = Numbering::of(fragments).value();
    for (const auto& [path, bytes] : std::exchange(disk.files, {})) disk.files[numbering.numbered(path)] = bytes;
    disk.commit("d/mapping.jsonl", numbering.to_text());
  }
  const auto sealed = (*writer)->seal(fragments);
  EXPECT_TRUE(sealed.has_value()) << to_string(sealed.error());
  for (const OutFile& file : *sealed) disk.commit("d/" + file.path, file.bytes);
  return disk;
}

std::string refusal(std::string_view format, std::string_view yaml,
                    const sample::DatasetInfo& info = synthetic::info()) {
  const auto writer = row(format).make(info, options(yaml));
  return writer ? "none" : to_string(writer.error());
}

void replace(Memory& disk, const std::string& path, std::string_view from, std::string_view to) {
  std::string& bytes = disk.files.at(path);
  const std::size_t at = bytes.find(from);
  ASSERT_NE(at, bytes.npos) << from;
  bytes.replace(at, from.size(), to);
}

TEST(Writers, WhatEachWritesIsSoundByItsOwnValidator) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"plain", ""},     {"plain", "{depth_png: true, preview: true, sensors: [left]}"},
      {"coco", ""},      {"coco", "{masks: none, images: jpg, quality: 80}"},
      {"kitti", ""},     {"kitti", "{box: loose, sensors: [right]}"},
      {"overlay", "{}"}, {"overlay", "{masks: false, box_3d: false, names: false}"},
  };
  for (const auto& [format, yaml] : cases) {
    Memory disk = written(format, yaml);
    EXPECT_GE(disk.files.size(), 3u);
    for (const std::string& wrong : row(format).validate(disk, "d"))
      ADD_FAILURE() << format << " " << yaml << ": " << wrong;
  }
}

TEST(Writers, SameSamplesSameBytes) {
  for (const WriterRow& format : builtin_writers()) {
    EXPECT_EQ(written(format.name, "").files, written(format.name, "").files) << format.name;
  }
}

TEST(Writers, UnknownOptionsSensorsAndValuesAreRefusedAtTheirPlace) {
  EXPECT_EQ(refusal("coco", "masks: none\nqualty: 3"),
            "r.yaml:2:1: coco has no option \"qualty\"; did you mean \"quality\"?");
  EXPECT_EQ(refusal("coco", "sensors: [lefd]"), "r.yaml:1:11: no sensor is called \"lefd\"; did you mean \"left\"?");
  EXPECT_EQ(refusal("coco", "masks: all"), "r.yaml:1:8: masks of coco must be rle or none, not text \"all\"");
  EXPECT_EQ(refusal("coco", "quality: 0"),
            "r.yaml:1:10: quality of coco must be a whole number from 1 to 100, not the number 0");
  EXPECT_EQ(refusal("plain", "preview: 1"), "r.yaml:1:10: preview of plain must be true or false, not the number 1");
  EXPECT_EQ(refusal("plain", "colour: 1"),
            "r.yaml:1:1: plain has no option \"colour\"; it has depth_png, preview, sensors");
  EXPECT_EQ(refusal("overlay", "[x]"), "r.yaml:1:1: the options of overlay must be a map, not a list");
}

TEST(Writers, MissingLabelsAreNamedByTheirAnnotators) {
  sample::DatasetInfo info = synthetic::info();
  info.channels.clear();
  info.columns.clear();
  EXPECT_EQ(refusal("coco", "{}", info),
            "r.yaml:1:1: coco needs labels that are not made; add rgb, instances to annotate");
  EXPECT_EQ(refusal("coco", "{masks: none}", info),
            "r.yaml:1:1: coco needs labels that are not made; add rgb, box_2d to annotate");
  EXPECT_EQ(refusal("plain", "{depth_png: true}", info),
            "r.yaml:1:1: plain needs labels that are not made; add depth to annotate");
  EXPECT_EQ(refusal("plain", "{}", info), "none");
  info = synthetic::info();
  info.classes.clear();
  EXPECT_EQ(refusal("coco", "{}", info), "r.yaml:1:1: coco needs classes; name some under labels");
}

TEST(Writers, ASampleWithoutTheirChannelIsToldNotDropped) {
  sample::Sample sample = samples()[0];
  std::erase_if(sample.views[0].channels, [](const sample::Channel& c) { return c.name == "rgb"; });
  for (const char* format : {"coco", "overlay"}) {
    const auto emitted = row(format).make(synthetic::info(), {}).value()->emit(sample);
    ASSERT_FALSE(emitted.has_value());
    EXPECT_EQ(emitted.error().message, "sample 000000, sensor \"right\": channel \"rgb\" is missing");
  }
}

TEST(Coco, IdsAreDenseInOrderOfSampleAndSensor) {
  const Memory disk = written("coco", "");
  const Value root = base::parse_json(disk.files.at("d/annotations/instances.json"), "i").value();
  const auto& images = *root.find("images")->list();
  ASSERT_EQ(images.size(), 6u);
  const char* names[] = {"000000_left.png",  "000000_right.png", "000001_left.png",
                         "000001_right.png", "000002_left.png",  "000002_right.png"};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(std::get<std::int64_t>(images[i].find("id")->data), static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(*images[i].find("file_name")->text(), names[i]);
  }
  std::int64_t expected = 0, last_image = 0;
  for (const Value& annotation : *root.find("annotations")->list()) {
    EXPECT_EQ(std::get<std::int64_t>(annotation.find("id")->data), ++expected);
    const std::int64_t image = std::get<std::int64_t>(annotation.find("image_id")->data);
    EXPECT_LE(last_image, image);
    last_image = image;
    EXPECT_LE(image, 4) << "the third scene is empty";
  }
  EXPECT_GT(expected, 20);
}

TEST(Coco, BoxesOfMasksAreTheTightBoxes) {
  const Memory disk = written("coco", "");
  const Value root = base::parse_json(disk.files.at("d/annotations/instances.json"), "i").value();
  std::map<std::pair<std::int64_t, std::int64_t>, const Value*> by_object;
  for (const Value& a : *root.find("annotations")->list()) {
    if (std::get<std::int64_t>(a.find("iscrowd")->data) == 1) continue;
    by_object[{std::get<std::int64_t>(a.find("image_id")->data), std::get<std::int64_t>(a.find("instance")->data)}] =
        &a;
  }
  int seen = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    for (const sample::View& view : samples()[i].views) {
      const std::int64_t image = static_cast<std::int64_t>(2 * i) + (view.sensor == "left" ? 1 : 2);
      const auto boxes = view.objects.find("box_2d")->as<double>();
      for (std::size_t object = 0; object < samples()[i].objects.size(); ++object) {
        const auto found = by_object.find({image, static_cast<std::int64_t>(object) + 1});
        const bool expected =
            !std::isnan(boxes[4 * object]) && samples()[i].objects[object].semantic != sample::kIgnore;
        ASSERT_EQ(found != by_object.end(), expected);
        if (!expected) continue;
        ++seen;
        const auto& bbox = *found->second->find("bbox")->list();
        EXPECT_EQ(std::get<double>(bbox[0].data), boxes[4 * object]);
        EXPECT_EQ(std::get<double>(bbox[0].data) + std::get<double>(bbox[2].data), boxes[4 * object + 2]);
        EXPECT_EQ(std::get<double>(bbox[1].data) + std::get<double>(bbox[3].data), boxes[4 * object + 3]);
      }
    }
  }
  EXPECT_GT(seen, 15);
}

TEST(Coco, WhatIsIgnoredIsACrowdOfEveryCategory) {
  const Memory disk = written("coco", "");
  const Value root = base::parse_json(disk.files.at("d/annotations/instances.json"), "i").value();
  std::map<std::int64_t, int> crowds;
  for (const Value& a : *root.find("annotations")->list()) {
    if (std::get<std::int64_t>(a.find("iscrowd")->data) == 1)
      ++crowds[std::get<std::int64_t>(a.find("category_id")->data)];
  }
  ASSERT_EQ(crowds.size(), 3u);  // mug, can, box; glass is ignored, handle is a part
  EXPECT_GT(crowds[1], 0);
  EXPECT_EQ(crowds[1], crowds[2]);
  EXPECT_EQ(crowds[1], crowds[3]);
}

TEST(Coco, AFragmentOfSomebodyElseIsRefused) {
  const auto writer = row("coco").make(synthetic::info(), {}).value();
  for (const char* text : {"x\n", "A\"a\":1\n", "I\"a\":1", "\n"}) {
    const auto sealed = writer->seal(std::vector<std::string>{"", text});
    ASSERT_FALSE(sealed.has_value()) << text;
    EXPECT_EQ(sealed.error().message, "fragment 1 is none that coco wrote");
  }
}

TEST(Coco, TheValidatorFindsWhatIsBroken) {
  const auto complaint = [](std::string_view from, std::string_view to) {
    Memory disk = written("coco", "");
    replace(disk, "d/annotations/instances.json", from, to);
    const auto wrong = row("coco").validate(disk, "d");
    return wrong.empty() ? std::string("none") : wrong.front();
  };
  const std::string at = "d/annotations/instances.json: ";
  EXPECT_EQ(complaint("{\"id\":2,\"image_id\"", "{\"id\":1,\"image_id\""), at + "annotations[1]: id 1 stands twice");
  EXPECT_EQ(complaint("\"image_id\":1", "\"image_id\":9"), at + "annotations[0]: image 9 does not exist");
  EXPECT_EQ(complaint("\"category_id\":", "\"category_id\":9"), at + "annotations[0]: category 91 does not exist");
  EXPECT_EQ(complaint("\"area\":", "\"area\":1"),
            at + "annotations[0]: its area is not positive or larger than its box");
  EXPECT_EQ(complaint("\"bbox\":[", "\"bbox\":[9"), at + "annotations[0]: its box is not inside the image");
  EXPECT_EQ(complaint("\"counts\":\"", "\"counts\":\"0"),
            at + "annotations[0]: the run lengths do not fit the picture");
  EXPECT_EQ(complaint("\"width\":160", "\"width\":161"),
            at + "images[0]: \"000000_left.png\" is 160 x 120 pixels, not 161 x 120");
  EXPECT_EQ(complaint("000000_left.png", "../../secret.png"),
            "d/images/../../secret.png: is no path inside the folder");
  EXPECT_EQ(complaint("\"annotations\"", "\"annotation\""), at + "\"annotations\" is missing");
}

TEST(Kitti, NumbersAreDenseAndMapped) {
  const Memory disk = written("kitti", "");
  EXPECT_EQ(disk.files.at("d/ImageSets/train.txt"), "000000\n000001\n000002\n000003\n000004\n000005\n");
  EXPECT_TRUE(disk.files.at("d/mapping.jsonl")
                  .starts_with("{\"number\":\"000000\",\"image\":\"000000_left\"}\n"
                               "{\"number\":\"000001\",\"image\":\"000000_right\"}\n"));
  EXPECT_EQ(disk.files.at("d/training/label_2/000005.txt"), "");  // nothing is there
  EXPECT_EQ(disk.files.count("d/training/calib/000003.txt"), 1u);
}

TEST(Kitti, WhatIsIgnoredIsDontCareAndWhatIsHiddenIsNotThere) {
  const Memory disk = written("kitti", "{sensors: [left]}");
  const std::string& labels = disk.files.at("d/training/label_2/000000.txt");
  EXPECT_NE(labels.find("DontCare -1 -1 -10 "), labels.npos);
  const auto seen = samples()[0].views[1].objects.find("visible_pixels")->as<std::int64_t>();
  EXPECT_EQ(std::ranges::count(labels, '\n'), std::ranges::count_if(seen, [](std::int64_t n) { return n > 0; }));
  EXPECT_EQ(labels.find("glass"), labels.npos);
}

TEST(Kitti, TheValidatorFindsWhatIsBroken) {
  const auto complaint = [](const std::string& path, std::string_view from, std::string_view to) {
    Memory disk = written("kitti", "");
    replace(disk, path, from, to);
    const auto wrong = row("kitti").validate(disk, "d");
    return wrong.empty() ? std::string("none") : wrong.front();
  };
  const std::string labels = "d/training/label_2/000000.txt", calib = "d/training/calib/000000.txt";
  EXPECT_EQ(complaint(labels, "mug ", "mug 1 "), labels + ": line 1: has 16 fields, not 15");
  EXPECT_EQ(complaint(labels, "mug ", "mug 2"), labels + ": line 1: truncated is not from 0 to 1");
  EXPECT_EQ(complaint(labels, "mug 0", "mug x"), labels + ": line 1: holds what is no number");
  EXPECT_EQ(complaint(labels, "DontCare -1", "DontCare 0").substr(labels.size(), 7), ": line ");
  EXPECT_EQ(complaint(calib, "R0_rect", "R0"), calib + ": \"R0:\" does not hold its numbers");
  EXPECT_EQ(complaint(calib, "P2: ", "P2: 9"), labels + ": line 1: its 3D box does not project around its 2D box");
  EXPECT_EQ(complaint("d/ImageSets/train.txt", "000002\n", ""),
            "d/training/image_2/000002.png: is not in ImageSets/train.txt");
}

TEST(Plain, TheValidatorFindsWhatIsBroken) {
  const auto complaint = [](const std::string& path, std::string_view from, std::string_view to) {
    Memory disk = written("plain", "");
    replace(disk, path, from, to);
    const auto wrong = row("plain").validate(disk, "d");
    return wrong.empty() ? std::string("none") : wrong.front();
  };
  const std::string labels = "d/labels/000000_left.json";
  EXPECT_EQ(complaint(labels, "\"instance\":1,", "\"instance\":99,"),
            labels + ": instance 1 of instances/000000_left.png has no label");
  EXPECT_EQ(complaint(labels, "\"class_id\":1,", "\"class_id\":77,"),
            labels + ": object 1 has class 77, which does not exist");
  EXPECT_EQ(complaint(labels, "\"width\":160", "\"width\":161"),
            "d/rgb/000000_left.png: is 160 x 120 pixels, not its camera's 161 x 120");
  EXPECT_EQ(complaint("d/index.jsonl", "rgb/000000_left.png", "rgb/nothing.png"), "d/rgb/nothing.png: no such file");
}

TEST(Plain, LabelsHoldCameraAndObjects) {
  const Memory disk = written("plain", "");
  const Value root = base::parse_json(disk.files.at("d/labels/000000_left.json"), "l").value();
  const Value& camera = *root.find("camera");
  EXPECT_EQ(std::get<double>((*(*camera.find("K")->list())[0].list())[0].data), 128);
  EXPECT_EQ(camera.find("world_from_camera")->list()->size(), 4u);
  const Value& hidden = root.find("objects")->list()->back();
  EXPECT_TRUE(hidden.find("box_2d")->is_null());
  EXPECT_EQ(std::get<std::int64_t>(hidden.find("visible_pixels")->data), 0);
  EXPECT_EQ(std::get<double>(hidden.find("visibility")->data), 0);
  EXPECT_EQ(*hidden.find("class")->text(), "can");
  const auto& position = *hidden.find("world_from_box_translation")->list();
  EXPECT_NEAR(std::get<double>(position[0].data), 2.6, 1e-12);  // where the scene put it
  EXPECT_NEAR(std::get<double>(position[2].data), 0.05, 1e-12);
}

}  // namespace
}  // namespace wm::formats
