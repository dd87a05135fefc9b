#include "worldmill/formats/overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/formats/arrays.h"
#include "worldmill/formats/box_3d.h"
#include "worldmill/formats/options.h"
#include "worldmill/formats/views.h"
#include "worldmill/image/png.h"

namespace wm::formats {
namespace {

using image::Canvas;
using image::Rgb;
using sample::Sample;
using sample::View;

constexpr Rgb kIgnoredColor{150, 150, 150};
constexpr double kNear = 0.02;  // [m] wireframes are cut here
constexpr double kFill = 0.38;

/// Everything of one picture that the drawing steps share.
struct Drawing {
  const sample::DatasetInfo& info;
  const Sample& sample;
  const View& view;
  Canvas canvas;
  int stroke = 1;                                 // [px]
  std::vector<Rgb> colors;                        // by row
  std::vector<std::optional<image::Rect>> boxes;  // by row; nothing where the object is not seen
  std::vector<std::size_t> order;                 // rows that are seen, large ones first
};

Rgb color_of(const sample::DatasetInfo& info, const sample::ObjectRecord& object) {
  return is_ignored(info, object) ? kIgnoredColor : image::palette_color(object.instance - std::size_t{1});
}

Status find_boxes(Drawing& d) {
  d.boxes.resize(d.sample.objects.size());
  if (d.view.objects.find("box_2d") == nullptr) return {};
  WM_TRY(boxes, column(d.sample, d.view, "box_2d", 4));
  for (std::size_t row = 0; row < d.boxes.size(); ++row) {
    const auto box = boxes.subspan(4 * row, 4);
    const auto inside = [&](double value, int most) { return static_cast<int>(std::clamp<double>(value, 0, most)); };
    if (!(box[2] > box[0] && box[3] > box[1])) continue;  // NaN: not seen
    d.boxes[row] = image::Rect{inside(std::floor(box[0]), d.canvas.width), inside(std::floor(box[1]), d.canvas.height),
                               inside(std::ceil(box[2]), d.canvas.width), inside(std::ceil(box[3]), d.canvas.height)};
    d.order.push_back(row);
  }
  const auto area = [&](std::size_t row) {
    const image::Rect& r = *d.boxes[row];
    return std::int64_t{r.x1 - r.x0} * (r.y1 - r.y0);
  };
  std::ranges::stable_sort(d.order, std::greater(), area);
  return {};
}

/// Rows by instance, for pixels.
class Rows {
 public:
  explicit Rows(const Sample& sample) {
    for (std::size_t row = 0; row < sample.objects.size(); ++row) rows_.emplace_back(sample.objects[row].instance, row);
    std::ranges::sort(rows_);
  }
  std::optional<std::size_t> find(std::uint32_t instance) const {
    const auto at = std::ranges::lower_bound(rows_, instance, {}, &std::pair<std::uint32_t, std::size_t>::first);
    if (at == rows_.end() || at->first != instance) return {};
    return at->second;
  }

 private:
  std::vector<std::pair<std::uint32_t, std::size_t>> rows_;
};

Status draw_masks(Drawing& d) {
  if (d.view.find("instances") == nullptr) return {};
  WM_TRY(array, picture(d.sample, d.view, "instances", sample::Dtype::u32));
  const auto ids = array->as<std::uint32_t>();
  const Rows rows(d.sample);
  const int w = d.canvas.width, h = d.canvas.height;
  const auto at = [&](int x, int y) {
    return ids[static_cast<std::size_t>(y) * static_cast<std::size_t>(w) + static_cast<std::size_t>(x)];
  };
  std::uint32_t last = 0;
  std::optional<std::size_t> row;
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      const std::uint32_t id = at(x, y);
      if (id == 0) continue;
      if (id != last) row = rows.find(id);
      last = id;
      if (!row) continue;
      const bool rim = (x > 0 && at(x - 1, y) != id) || (x + 1 < w && at(x + 1, y) != id) ||
                       (y > 0 && at(x, y - 1) != id) || (y + 1 < h && at(x, y + 1) != id);
      image::blend(d.canvas, x, y, d.colors[*row], rim ? 0.9 : kFill);
    }
  }
  return {};
}

/// The part of a segment in front of the camera, projected.
void draw_edge(Drawing& d, math::Vec3 a, math::Vec3 b, Rgb color) {
  if (a.z < kNear && b.z < kNear) return;
  if (a.z < kNear) std::swap(a, b);
  if (b.z < kNear) b = a + (b - a) * ((a.z - kNear) / (a.z - b.z));
  const auto from = d.view.camera.lens.project(a), to = d.view.camera.lens.project(b);
  if (from && to) image::draw_line(d.canvas, *from, *to, color, 0.9 * d.stroke);
}

Status draw_wireframes(Drawing& d) {
  if (d.view.objects.find("box_3d_size") == nullptr) return {};
  WM_TRY(boxes, boxes_3d(d.sample, d.view));
  for (const std::size_t row : d.order) {
    if (!boxes[row] || is_ignored(d.info, d.sample.objects[row])) continue;
    const Rgb color = d.colors[row];
    const auto lighter = [](std::uint8_t c) { return static_cast<std::uint8_t>(c + (255 - c) * 2 / 5); };
    const Rgb light{lighter(color.red), lighter(color.green), lighter(color.blue)};
    const auto corners = boxes[row]->corners();
    for (std::size_t i = 0; i < 8; ++i) {
      for (const std::size_t bit : {1u, 2u, 4u}) {
        if ((i & bit) == 0) draw_edge(d, corners[i], corners[i | bit], light);
      }
    }
  }
  return {};
}

void draw_boxes(Drawing& d) {
  for (const std::size_t row : d.order) image::draw_rect(d.canvas, *d.boxes[row], d.colors[row], d.stroke);
}

std::string caption(const Drawing& d, std::size_t row) {
  const sample::ObjectRecord& object = d.sample.objects[row];
  const sample::ClassRecord* record = class_of(d.info, object);
  std::string text = record != nullptr ? record->name : is_ignored(d.info, object) ? "ignore" : object.path;
  const auto visibility = column(d.sample, d.view, "visibility");
  if (visibility && (*visibility)[row] < 0.995) {
    text += fmt::format(" {}%", static_cast<int>(std::clamp((*visibility)[row], 0.0, 1.0) * 100 + 0.5));
  }
  return text;
}

bool overlap(const image::Rect& a, const image::Rect& b) {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

/// Large objects first: above the box, in it, or below it, where no name stands yet; else the name is left out.
void draw_names(Drawing& d) {
  const int scale = std::max(1, d.stroke / 2);
  const int height = image::text_height(scale) + scale;
  std::vector<image::Rect> taken;
  for (const std::size_t row : d.order) {
    const image::Rect& box = *d.boxes[row];
    const std::string text = caption(d, row);
    const int width = image::text_width(text, scale) + 3 * scale;
    const int x = std::clamp(box.x0, 0, std::max(0, d.canvas.width - width));
    for (const int y : {box.y0 - height, box.y0 + 1, box.y1}) {
      const image::Rect plate{x, y, x + width, y + height};
      const bool inside = y >= 0 && plate.y1 <= d.canvas.height && width <= d.canvas.width;
      if (!inside || std::ranges::any_of(taken, [&](const image::Rect& other) { return overlap(plate, other); }))
        continue;
      image::draw_label(d.canvas, x, y, text, d.colors[row], scale);
      taken.push_back(plate);
      break;
    }
  }
}

class Overlay : public Writer {
 public:
  Overlay(sample::DatasetInfo info, std::vector<std::string> sensors, OverlayStyle style)
      : info_(std::move(info)), sensors_(std::move(sensors)), style_(style) {}

  Result<Emitted> emit(const Sample& sample) const override {
    Emitted emitted;
    for (const View* view : views_of(sample, sensors_)) {
      WM_TRY(canvas, draw_overlay(info_, sample, *view, style_));
      emitted.files.push_back({image_stem(sample, *view) + ".png", image::encode_png(canvas)});
    }
    return emitted;
  }
  Result<std::vector<OutFile>> seal(std::span<const std::string>) const override { return std::vector<OutFile>(); }

 private:
  sample::DatasetInfo info_;
  std::vector<std::string> sensors_;
  OverlayStyle style_;
};

}  // namespace

Result<Canvas> draw_overlay(const sample::DatasetInfo& info, const Sample& sample, const View& view,
                            const OverlayStyle& style) {
  WM_TRY(rgb, picture(sample, view, "rgb", sample::Dtype::u8, 3));
  Drawing d{info, sample, view, pixels_of<std::uint8_t>(*rgb), 1, {}, {}, {}};
  d.stroke = std::max(1, d.canvas.width / 640);
  for (const sample::ObjectRecord& object : sample.objects) d.colors.push_back(color_of(info, object));
  WM_TRY_STATUS(find_boxes(d));
  if (style.masks) WM_TRY_STATUS(draw_masks(d));
  if (style.box_3d) WM_TRY_STATUS(draw_wireframes(d));
  if (style.box_2d) draw_boxes(d);
  if (style.names) draw_names(d);
  return std::move(d.canvas);
}

Result<std::unique_ptr<Writer>> make_overlay(const sample::DatasetInfo& info, const base::Value& options) {
  constexpr std::string_view kKnown[] = {"box_2d", "box_3d", "masks", "names", "sensors"};
  WM_TRY(read, Options::read(options, "overlay", kKnown));
  WM_TRY(sensors, read.sensors(info));
  OverlayStyle style;
  WM_TRY(masks, read.flag("masks", style.masks));
  WM_TRY(box_2d, read.flag("box_2d", style.box_2d));
  WM_TRY(box_3d, read.flag("box_3d", style.box_3d));
  WM_TRY(names, read.flag("names", style.names));
  constexpr std::string_view kRgb[] = {"rgb"};
  WM_TRY_STATUS(read.need(info, kRgb, {}));
  return std::make_unique<Overlay>(info, std::move(sensors), OverlayStyle{masks, box_2d, box_3d, names});
}

}  // namespace wm::formats
