#include "worldmill/formats/kitti.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/formats/numbering.h"
#include "worldmill/formats/options.h"
#include "worldmill/formats/views.h"

// A label is a line of 15 fields:
//   type truncated occluded alpha  left top right bottom  height width length  x y z  rotation_y
// KITTI's pixel centres are whole numbers, ours half-integers: half a pixel is taken from the principal point, and a
// 2D box goes from its first pixel to its last. An object whose whole extent is unknown reaches behind the camera or
// far beyond the picture: it counts as wholly truncated. What a label does not know is -1, -10 or -1000, as in
// DontCare.

namespace wm::formats {
namespace {

using base::error;
using sample::Sample;
using sample::View;

constexpr double kLargestAngle = 3.141592;  // what six digits hold without passing pi

struct Labels {  // of a view; empty where the dataset does not have the column
  std::span<const double> boxes, visibility, truncation;
  std::vector<std::optional<Box3d>> boxes_3d;
};

/// Nothing when no pixel of it is inside the picture.
struct PixelBox {
  double left, top, right, bottom;
};
std::optional<PixelBox> pixel_box(std::span<const double> box, const geometry::Pinhole& lens) {
  const double left = std::max(box[0], 0.0), top = std::max(box[1], 0.0);
  const double right = std::min(box[2], double(lens.width)) - 1, bottom = std::min(box[3], double(lens.height)) - 1;
  if (!(left <= right && top <= bottom)) return {};  // NaN: not seen
  return PixelBox{left, top, right, bottom};
}

int occlusion_level(double visibility) {
  if (std::isnan(visibility)) return 3;
  return visibility > 0.9 ? 0 : visibility > 0.5 ? 1 : 2;
}

/// Spaces separate fields.
std::string type_name(const std::string& name) {
  std::string type = name;
  std::ranges::replace_if(
      type, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }, '_');
  return type;
}

double shown(double number) {  // no minus zero
  return std::abs(number) < 5e-7 ? 0 : number;
}
double shown_angle(double angle) {
  return shown(std::clamp(angle, -kLargestAngle, kLargestAngle));
}

std::string box_3d_fields(const std::optional<Box3d>& box) {
  if (!box) return "-1 -1 -1 -1000 -1000 -1000 -10";
  const KittiBox k = upright(*box);
  return fmt::format("{:.6f} {:.6f} {:.6f} {:.6f} {:.6f} {:.6f} {:.6f}", k.height, k.width, k.length, shown(k.bottom.x),
                     shown(k.bottom.y), shown(k.bottom.z), shown_angle(k.rotation_y));
}

std::string label(const std::string& type, const Labels& labels, std::size_t row, const PixelBox& box) {
  const double visibility = labels.visibility[row], truncation = labels.truncation[row];
  const std::string alpha =
      labels.boxes_3d[row] ? fmt::format("{:.6f}", shown_angle(upright(*labels.boxes_3d[row]).alpha())) : "-10";
  return fmt::format("{} {:.2f} {} {} {:.2f} {:.2f} {:.2f} {:.2f} {}\n", type_name(type),
                     std::isnan(truncation) ? 1.0 : std::clamp(truncation, 0.0, 1.0), occlusion_level(visibility),
                     alpha, box.left, box.top, box.right, box.bottom, box_3d_fields(labels.boxes_3d[row]));
}

std::string dont_care(const PixelBox& box) {
  return fmt::format("DontCare -1 -1 -10 {:.2f} {:.2f} {:.2f} {:.2f} -1 -1 -1 -1000 -1000 -1000 -10\n", box.left,
                     box.top, box.right, box.bottom);
}

/// Four cameras that are one, and a lidar (x forward, y left, z up) at the camera's centre.
std::string calibration(const geometry::Pinhole& lens) {
  const std::string projection =
      fmt::format("{:.12e} 0 {:.12e} 0 0 {:.12e} {:.12e} 0 0 0 1 0", lens.fx, lens.cx - 0.5, lens.fy, lens.cy - 0.5);
  return fmt::format(
      "P0: {0}\nP1: {0}\nP2: {0}\nP3: {0}\n"
      "R0_rect: 1 0 0 0 1 0 0 0 1\n"
      "Tr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n"
      "Tr_imu_to_velo: 1 0 0 0 0 1 0 0 0 0 1 0\n",
      projection);
}

class Kitti : public Writer {
 public:
  Kitti(sample::DatasetInfo info, std::vector<std::string> sensors, std::string box)
      : info_(std::move(info)), sensors_(std::move(sensors)), box_(std::move(box)) {
    std::ranges::sort(sensors_);
  }

  Result<Emitted> emit(const Sample& sample) const override {
    Emitted emitted;
    for (const View* view : views_of(sample, sensors_)) {
      const std::string name = image_stem(sample, *view);
      WM_TRY(rgb, encode_rgb(sample, *view, "png", 0));
      WM_TRY(labels, label_lines(sample, *view));
      emitted.files.push_back({"training/image_2/" + name + ".png", std::move(rgb)});
      emitted.files.push_back({"training/label_2/" + name + ".txt", std::move(labels)});
      emitted.files.push_back({"training/calib/" + name + ".txt", calibration(view->camera.lens)});
      emitted.fragment += name + '\n';
    }
    return emitted;
  }

  bool numbered() const override { return true; }

  Result<std::vector<OutFile>> seal(std::span<const std::string> fragments) const override {
    WM_TRY(images, Numbering::of(fragments));
    std::string numbers;
    for (std::size_t i = 0; i < images.count(); ++i) numbers += Numbering::number(i) + '\n';
    return std::vector<OutFile>{{"ImageSets/train.txt", std::move(numbers)}};
  }

 private:
  Result<std::string> label_lines(const Sample& sample, const View& view) const {
    Labels labels;
    WM_TRY(boxes, column(sample, view, box_ == "loose" ? "box_2d_loose" : "box_2d", 4));
    WM_TRY(seen, column(sample, view, "box_2d", 4));
    WM_TRY(visibility, column(sample, view, "visibility"));
    WM_TRY(truncation, column(sample, view, "truncation"));
    WM_TRY(cuboids, boxes_3d(sample, view));
    labels = {boxes, visibility, truncation, std::move(cuboids)};
    std::string objects, ignored;
    for (std::size_t row = 0; row < sample.objects.size(); ++row) {
      const auto visible = pixel_box(seen.subspan(4 * row, 4), view.camera.lens);
      if (!visible) continue;
      const auto box = pixel_box(labels.boxes.subspan(4 * row, 4), view.camera.lens).value_or(*visible);
      const sample::ClassRecord* record = class_of(info_, sample.objects[row]);
      if (record != nullptr && record->part_of.empty()) objects += label(record->name, labels, row, box);
      if (is_ignored(info_, sample.objects[row])) ignored += dont_care(box);
    }
    return objects + ignored;
  }

  sample::DatasetInfo info_;
  std::vector<std::string> sensors_;
  std::string box_;
};

}  // namespace

Result<std::unique_ptr<Writer>> make_kitti(const sample::DatasetInfo& info, const base::Value& options) {
  constexpr std::string_view kKnown[] = {"box", "sensors"}, kBoxes[] = {"tight", "loose"};
  WM_TRY(read, Options::read(options, "kitti", kKnown));
  WM_TRY(sensors, read.sensors(info));
  WM_TRY(box, read.one_of("box", kBoxes));
  constexpr std::string_view kChannels[] = {"rgb"};
  std::vector<std::string_view> columns{"box_2d",          "box_3d_size", "box_3d_center",
                                        "box_3d_rotation", "visibility",  "truncation"};
  if (box == "loose") columns.push_back("box_2d_loose");
  WM_TRY_STATUS(read.need_classes(info));
  WM_TRY_STATUS(read.need(info, kChannels, columns));
  return std::make_unique<Kitti>(info, std::move(sensors), std::move(box));
}

}  // namespace wm::formats
