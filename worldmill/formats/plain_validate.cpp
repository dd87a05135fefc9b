#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "worldmill/base/json.h"
#include "worldmill/formats/arrays.h"
#include "worldmill/formats/fields.h"
#include "worldmill/formats/overlay.h"
#include "worldmill/formats/plain.h"
#include "worldmill/formats/validate.h"

namespace wm::formats {
namespace {

using base::error;
using base::Value;

class PlainInspection {
 public:
  PlainInspection(base::Files& files, const std::filesystem::path& folder) : seen_(files, folder) {}

  std::vector<std::string> run() {
    read_classes();
    const auto index = seen_.read("index.jsonl");
    std::string_view left = index ? std::string_view(*index) : std::string_view();
    for (int line = 1; !left.empty() && !seen_.full(); ++line) {
      const std::size_t end = std::min(left.find('\n'), left.size());
      const auto entry = base::parse_json(left.substr(0, end), "index.jsonl");
      const Status sound = entry ? check_entry(*entry) : tl::unexpected(entry.error());
      if (!sound) seen_.complain("index.jsonl", fmt::format("line {}: {}", line, sound.error().message));
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    return seen_.finish();
  }

 private:
  void read_classes() {
    const auto root = seen_.json("classes.json");
    if (!root) return;
    const auto list = list_field(*root, "classes", "");
    if (!list) return seen_.complain("classes.json", list.error().message);
    for (const Value& entry : **list) {
      const auto id = whole_field(entry, "id", "");
      if (!id) {
        seen_.complain("classes.json", id.error().message);
      } else {
        seen_.expect(classes_.insert(*id).second, "classes.json", fmt::format("id {} stands twice", *id));
      }
    }
  }

  /// The files of one picture, and what its labels say of them.
  Status check_entry(const Value& entry) {
    WM_TRY(labels_file, text_field(entry, "labels", ""));
    const auto labels = seen_.json(labels_file);
    if (!labels) return {};
    WM_TRY(camera, field(*labels, "camera", ""));
    WM_TRY(width, whole_field(*camera, "width", ""));
    WM_TRY(height, whole_field(*camera, "height", ""));
    for (const base::Entry& file : *entry.map()) {
      const std::string* path = file.value.text();
      if (path == nullptr || path->find('/') == path->npos || *path == labels_file) continue;
      if (path->ends_with(".npy")) {
        seen_.read(*path);
        continue;
      }
      const auto info = seen_.picture(*path);
      if (!info) continue;
      seen_.expect(
          info->width == width && info->height == height, *path,
          fmt::format("is {} x {} pixels, not its camera's {} x {}", info->width, info->height, width, height));
    }
    const Status sound = check_objects(*labels, entry.find("instances"), width, height);
    if (!sound) seen_.complain(labels_file, sound.error().message);
    return {};
  }

  Status check_objects(const Value& labels, const Value* instances, std::int64_t width, std::int64_t height) {
    WM_TRY(objects, list_field(labels, "objects", ""));
    std::map<std::int64_t, std::optional<std::int64_t>> visible;  // by instance
    for (const Value& object : *objects) {
      WM_TRY(instance, whole_field(object, "instance", ""));
      WM_TRY(semantic, whole_field(object, "class_id", ""));
      if (semantic != 0 && semantic != 65535 && !classes_.contains(semantic)) {
        return error(fmt::format("object {} has class {}, which does not exist", instance, semantic));
      }
      std::optional<std::int64_t> pixels;
      if (object.find("visible_pixels") != nullptr) {
        WM_TRY(count, whole_field(object, "visible_pixels", ""));
        pixels = count;
      }
      if (!visible.emplace(instance, pixels).second) return error(fmt::format("object {} stands twice", instance));
      const Value* box = object.find("box_2d");
      if (box == nullptr || box->is_null()) continue;
      WM_TRY(b, numbers_field(object, "box_2d", 4, ""));
      if (!(b[0] >= 0 && b[1] >= 0 && b[0] < b[2] && b[1] < b[3] && b[2] <= static_cast<double>(width) &&
            b[3] <= static_cast<double>(height))) {
        return error(fmt::format("object {} has a box_2d that is not inside the picture", instance));
      }
    }
    if (instances == nullptr || instances->text() == nullptr) return {};
    return check_counts(*instances->text(), {height, width}, visible);
  }

  /// Every id in the picture is a labelled object, with as many pixels as its label says.
  Status check_counts(const std::string& file, std::vector<std::int64_t> shape,
                      const std::map<std::int64_t, std::optional<std::int64_t>>& visible) {
    const auto bytes = seen_.read(file);
    if (!bytes || !file.ends_with(".png")) return {};
    WM_TRY(pixels, decode_array(*bytes, sample::Dtype::u16, std::move(shape), file));
    std::vector<std::int64_t> counts(65536);
    for (const std::uint16_t id : pixels.as<std::uint16_t>()) ++counts[id];
    for (std::int64_t id = 1; id < 65536; ++id) {
      const std::int64_t count = counts[static_cast<std::size_t>(id)];
      const auto found = visible.find(id);
      if (found == visible.end() && count > 0) return error(fmt::format("instance {} of {} has no label", id, file));
      if (found != visible.end() && found->second && *found->second != count) {
        return error(fmt::format("object {} has {} pixels in {}, not {}", id, count, file, *found->second));
      }
    }
    return {};
  }

  Inspection seen_;
  std::set<std::int64_t> classes_;
};

}  // namespace

std::vector<std::string> validate_plain(base::Files& files, const std::filesystem::path& folder) {
  return PlainInspection(files, folder).run();
}

std::vector<std::string> validate_overlay(base::Files& files, const std::filesystem::path& folder) {
  Inspection seen(files, folder);
  for (const std::string& name : seen.list("")) {
    if (seen.expect(name.ends_with(".png"), name, "is no picture of an overlay")) seen.picture(name);
  }
  return seen.finish();
}

}  // namespace wm::formats
