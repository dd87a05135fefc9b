#include <fmt/format.h>

#include <map>
#include <set>

#include "worldmill/formats/coco.h"
#include "worldmill/formats/fields.h"
#include "worldmill/formats/rle.h"
#include "worldmill/formats/validate.h"

namespace wm::formats {
namespace {

using base::error;
using base::Value;

constexpr char kFile[] = "annotations/instances.json";
constexpr std::int64_t kMostSide = 1 << 16;

struct Size {
  int width, height;
};

/// Reads one annotations file: each check says what is wrong with one entry and goes on with the next.
class CocoInspection {
 public:
  CocoInspection(base::Files& files, const std::filesystem::path& folder) : seen_(files, folder) {}

  std::vector<std::string> run() {
    const std::optional<Value> root = seen_.json(kFile);
    if (!root) return seen_.finish();
    each(*root, "categories", [&](const Value& entry) { return category(entry); });
    each(*root, "images", [&](const Value& entry) { return image(entry); });
    each(*root, "annotations", [&](const Value& entry) { return annotation(entry); });
    for (const std::string& name : seen_.list("images")) {
      seen_.expect(names_.contains(name), "images/" + name, "is no image of the annotations");
    }
    return seen_.finish();
  }

 private:
  template <class Check>
  void each(const Value& root, std::string_view key, Check check) {
    const auto list = list_field(root, key, "");
    if (!list) return seen_.complain(kFile, list.error().message);
    for (std::size_t i = 0; i < (*list)->size() && !seen_.full(); ++i) {
      const Status sound = check((**list)[i]);
      if (!sound) seen_.complain(kFile, fmt::format("{}[{}]: {}", key, i, sound.error().message));
    }
  }

  Status category(const Value& entry) {
    WM_TRY(id, whole_field(entry, "id", ""));
    WM_TRY(name, text_field(entry, "name", ""));
    if (!categories_.insert(id).second) return error(fmt::format("id {} stands twice", id));
    if (name.empty()) return error("has no name");
    return {};
  }

  Status image(const Value& entry) {
    WM_TRY(id, whole_field(entry, "id", ""));
    WM_TRY(name, text_field(entry, "file_name", ""));
    WM_TRY(width, whole_field(entry, "width", ""));
    WM_TRY(height, whole_field(entry, "height", ""));
    if (width < 1 || height < 1 || width > kMostSide || height > kMostSide) return error("has a size that cannot be");
    const Size size{static_cast<int>(width), static_cast<int>(height)};
    if (!images_.emplace(id, size).second) return error(fmt::format("id {} stands twice", id));
    if (!names_.insert(name).second) return error(fmt::format("file_name \"{}\" stands twice", name));
    const auto info = seen_.picture("images/" + name);
    if (info && (info->width != width || info->height != height)) {
      return error(
          fmt::format("\"{}\" is {} x {} pixels, not {} x {}", name, info->width, info->height, width, height));
    }
    return {};
  }

  Status annotation(const Value& entry) {
    WM_TRY(id, whole_field(entry, "id", ""));
    WM_TRY(image, whole_field(entry, "image_id", ""));
    WM_TRY(category, whole_field(entry, "category_id", ""));
    WM_TRY(crowd, whole_field(entry, "iscrowd", ""));
    WM_TRY(area, number_field(entry, "area", ""));
    WM_TRY(box, numbers_field(entry, "bbox", 4, ""));
    if (id < 1) return error(fmt::format("id is {}; evaluators take 0 and less for none", id));
    if (!annotations_.insert(id).second) return error(fmt::format("id {} stands twice", id));
    if (!categories_.contains(category)) return error(fmt::format("category {} does not exist", category));
    if (crowd != 0 && crowd != 1) return error("iscrowd must be 0 or 1");
    const auto found = images_.find(image);
    if (found == images_.end()) return error(fmt::format("image {} does not exist", image));
    const Size size = found->second;
    if (!(box[0] >= 0 && box[1] >= 0 && box[2] > 0 && box[3] > 0 && box[0] + box[2] <= size.width &&
          box[1] + box[3] <= size.height)) {
      return error("its box is not inside the image");
    }
    if (!(area > 0 && area <= box[2] * box[3])) return error("its area is not positive or larger than its box");
    const Value* segmentation = entry.find("segmentation");
    return segmentation == nullptr ? Status() : check_mask(*segmentation, size, box, area);
  }

  static Status check_mask(const Value& segmentation, Size size, const std::vector<double>& box, double area) {
    WM_TRY(sides, numbers_field(segmentation, "size", 2, ""));
    if (sides[0] != size.height || sides[1] != size.width) return error("its mask does not have the image's size");
    WM_TRY(text, text_field(segmentation, "counts", ""));
    WM_TRY(mask, mask_from_text(text, size.width, size.height));
    const MaskBox tight = box_of(mask);
    if (static_cast<double>(tight.area) != area) return error("its area is not that of its mask");
    if (tight.x_min != box[0] || tight.y_min != box[1] || tight.x_max != box[0] + box[2] ||
        tight.y_max != box[1] + box[3]) {
      return error("its box is not that of its mask");
    }
    return {};
  }

  Inspection seen_;
  std::set<std::int64_t> categories_, annotations_;
  std::map<std::int64_t, Size> images_;
  std::set<std::string> names_;
};

}  // namespace

std::vector<std::string> validate_coco(base::Files& files, const std::filesystem::path& folder) {
  return CocoInspection(files, folder).run();
}

}  // namespace wm::formats
