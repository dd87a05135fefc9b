#include "worldmill/formats/coco.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/formats/json_writing.h"
#include "worldmill/formats/options.h"
#include "worldmill/formats/rle.h"
#include "worldmill/formats/views.h"

// An annotation is a visible object of a class: box and area are those of its mask, or those of box_2d without masks.
// What the labels ignore is a crowd (iscrowd 1) of every category, because the evaluation excuses detections only
// within the category of a crowd.
//
// A fragment holds a line `I` + an image, then a line `A` + an annotation for each of its annotations: the members of
// JSON objects, but for the ids. Those are given at sealing, counted from 1 (pycocotools takes an annotation 0 for
// none).

namespace wm::formats {
namespace {

using base::append_json;
using base::error;
using sample::Sample;
using sample::View;

struct Settings {
  std::vector<std::string> sensors;
  std::string images;  // png | jpg
  int quality = 95;
  bool masks = true;
};

struct Shape {  // of one object in one picture
  const sample::ObjectRecord* object;
  std::size_t row;
  double x, y, width, height, area;
  const Mask* mask;  // null: none asked for
};

class Coco : public Writer {
 public:
  Coco(sample::DatasetInfo info, Settings settings) : info_(std::move(info)), settings_(std::move(settings)) {
    for (const sample::ClassRecord& record : info_.classes) {
      if (!record.ignore && record.part_of.empty()) categories_.push_back(&record);
    }
  }

  Result<Emitted> emit(const Sample& sample) const override {
    Emitted emitted;
    for (const View* view : views_of(sample, settings_.sensors)) {
      WM_TRY(picture, encode_rgb(sample, *view, settings_.images, settings_.quality));
      const std::string name = image_stem(sample, *view) + "." + settings_.images;
      append_image(emitted.fragment, sample, *view, name);
      WM_TRY_STATUS(append_annotations(emitted.fragment, sample, *view));
      emitted.files.push_back({"images/" + name, std::move(picture)});
    }
    return emitted;
  }

  Result<std::vector<OutFile>> seal(std::span<const std::string> fragments) const override {
    std::string out = "{\"info\":";
    object_in(out)
        .member("description", std::string_view(info_.name))
        .member("version", std::string_view("1.0"))
        .close();
    out += ",\n\"licenses\":[],\n\"images\":[";
    WM_TRY_STATUS(append_numbered(out, fragments, 'I'));
    out += "],\n\"annotations\":[";
    WM_TRY_STATUS(append_numbered(out, fragments, 'A'));
    out += "],\n\"categories\":";
    append_lines(out, categories_, [&](const sample::ClassRecord* record) {
      object_in(out)
          .member("id", std::int64_t{record->id})
          .member("name", std::string_view(record->name))
          .member("supercategory", std::string_view("object"))
          .close();
    });
    out += "}\n";
    return std::vector<OutFile>{{"annotations/instances.json", std::move(out)}};
  }

 private:
  static void append_image(std::string& out, const Sample& sample, const View& view, const std::string& name) {
    out += 'I';
    Members(out)
        .member("file_name", std::string_view(name))
        .member("width", std::int64_t{view.camera.lens.width})
        .member("height", std::int64_t{view.camera.lens.height})
        .member("sample", std::string_view(sample.stem))
        .member("sensor", std::string_view(view.sensor));
    out += '\n';
  }

  Status append_annotations(std::string& out, const Sample& sample, const View& view) const {
    std::vector<InstanceMask> masks;
    WM_TRY(shapes, settings_.masks ? masked(sample, view, masks) : boxed(sample, view));
    for (const Shape& shape : shapes) {
      const sample::ClassRecord* record = class_of(info_, *shape.object);
      if (record != nullptr && record->part_of.empty()) append_annotation(out, sample, view, shape, record->id, false);
      if (!is_ignored(info_, *shape.object)) continue;
      for (const auto* category : categories_) append_annotation(out, sample, view, shape, category->id, true);
    }
    return {};
  }

  static Result<std::vector<Shape>> masked(const Sample& sample, const View& view, std::vector<InstanceMask>& masks) {
    WM_TRY(instances, picture(sample, view, "instances", sample::Dtype::u32));
    masks = instance_masks(instances->as<std::uint32_t>(), view.camera.lens.width, view.camera.lens.height);
    std::vector<Shape> shapes;
    for (std::size_t row = 0; row < sample.objects.size(); ++row) {
      const auto found = std::ranges::lower_bound(masks, sample.objects[row].instance, {}, &InstanceMask::instance);
      if (found == masks.end() || found->instance != sample.objects[row].instance) continue;
      const MaskBox& box = found->box;
      shapes.push_back({&sample.objects[row], row, static_cast<double>(box.x_min), static_cast<double>(box.y_min),
                        static_cast<double>(box.x_max - box.x_min), static_cast<double>(box.y_max - box.y_min),
                        static_cast<double>(box.area), &found->mask});
    }
    return shapes;
  }

  static Result<std::vector<Shape>> boxed(const Sample& sample, const View& view) {
    WM_TRY(boxes, column(sample, view, "box_2d", 4));
    std::vector<Shape> shapes;
    for (std::size_t row = 0; row < sample.objects.size(); ++row) {
      const std::span<const double> box = boxes.subspan(4 * row, 4);
      const double width = box[2] - box[0], height = box[3] - box[1];
      if (!(width > 0 && height > 0)) continue;  // NaN: not visible
      shapes.push_back({&sample.objects[row], row, box[0], box[1], width, height, width * height, nullptr});
    }
    return shapes;
  }

  static void append_annotation(std::string& out, const Sample& sample, const View& view, const Shape& shape,
                                std::uint16_t category, bool crowd) {
    out += 'A';
    Members members(out);
    members.member("category_id", std::int64_t{category})
        .numbers("bbox", {shape.x, shape.y, shape.width, shape.height})
        .member("area", shape.area)
        .member("iscrowd", std::int64_t{crowd});
    if (shape.mask != nullptr) append_mask(members.begin("segmentation"), *shape.mask);
    members.member("instance", std::int64_t{shape.object->instance});
    for (const std::string_view extra : {"visibility", "occlusion", "truncation"}) {
      if (view.objects.find(extra) == nullptr) continue;
      if (const auto values = column(sample, view, extra)) members.member(extra, (*values)[shape.row]);
    }
    out += '\n';
  }

  static void append_mask(std::string& out, const Mask& mask) {
    fmt::format_to(std::back_inserter(out), "{{\"size\":[{},{}],\"counts\":", mask.height, mask.width);
    append_json(out, std::string_view(mask_text(mask)));
    out += '}';
  }

  /// All lines of `kind`, each an object that begins with its number.
  static Status append_numbered(std::string& out, std::span<const std::string> fragments, char kind) {
    std::int64_t image = 0, count = 0;
    for (std::size_t i = 0; i < fragments.size(); ++i) {
      std::string_view left = fragments[i];
      for (bool first = true; !left.empty(); first = false) {
        const std::size_t end = left.find('\n');
        const bool known = left.front() == 'I' || (left.front() == 'A' && !first);
        if (end == left.npos || !known) return error(fmt::format("fragment {} is none that coco wrote", i));
        image += left.front() == 'I';
        if (left.front() == kind) append_line(out, left.substr(1, end - 1), ++count, kind == 'A' ? image : 0);
        left.remove_prefix(end + 1);
      }
    }
    return {};
  }

  static void append_line(std::string& out, std::string_view members, std::int64_t id, std::int64_t image) {
    fmt::format_to(std::back_inserter(out), "{}{{\"id\":{},", id == 1 ? "\n" : ",\n", id);
    if (image > 0) fmt::format_to(std::back_inserter(out), "\"image_id\":{},", image);
    out.append(members) += '}';
  }

  sample::DatasetInfo info_;
  Settings settings_;
  std::vector<const sample::ClassRecord*> categories_;
};

}  // namespace

Result<std::unique_ptr<Writer>> make_coco(const sample::DatasetInfo& info, const base::Value& options) {
  constexpr std::string_view kKnown[] = {"images", "masks", "quality", "sensors"};
  WM_TRY(read, Options::read(options, "coco", kKnown));
  Settings settings;
  constexpr std::string_view kImages[] = {"png", "jpg"};
  constexpr std::string_view kMasks[] = {"rle", "none"};
  WM_TRY(images, read.one_of("images", kImages));
  WM_TRY(masks, read.one_of("masks", kMasks));
  WM_TRY(quality, read.whole("quality", 1, 100, settings.quality));
  WM_TRY(sensors, read.sensors(info));
  settings = {sensors, images, quality, masks == "rle"};
  WM_TRY_STATUS(read.need_classes(info));
  constexpr std::string_view kRgb[] = {"rgb"}, kMasked[] = {"rgb", "instances"}, kBoxed[] = {"box_2d"};
  if (settings.masks) {
    WM_TRY_STATUS(read.need(info, kMasked, {}));
  } else {
    WM_TRY_STATUS(read.need(info, kRgb, kBoxed));
  }
  return std::make_unique<Coco>(info, std::move(settings));
}

}  // namespace wm::formats
