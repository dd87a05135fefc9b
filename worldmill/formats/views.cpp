#include "worldmill/formats/views.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/formats/arrays.h"
#include "worldmill/image/jpeg.h"
#include "worldmill/image/png.h"

namespace wm::formats {
namespace {

using base::error;
using sample::Sample;
using sample::View;

std::vector<std::int64_t> shape_with(std::initializer_list<std::int64_t> first, std::int64_t last) {
  std::vector<std::int64_t> shape(first);
  if (last != 1) shape.push_back(last);
  return shape;
}

}  // namespace

std::vector<const View*> views_of(const Sample& sample, const std::vector<std::string>& sensors) {
  std::vector<const View*> views;
  for (const View& view : sample.views) {
    if (std::ranges::find(sensors, view.sensor) != sensors.end()) views.push_back(&view);
  }
  std::ranges::sort(views, {}, &View::sensor);
  return views;
}

std::string image_stem(const Sample& sample, const View& view) {
  std::string stem;
  for (const char c : sample.stem + "_" + view.sensor) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '/' && c != '\\' && c != '%') {
      stem += c;
    } else {
      fmt::format_to(std::back_inserter(stem), "%{:02X}", static_cast<unsigned>(byte));
    }
  }
  return stem;
}

Result<const sample::Array*> picture(const Sample& sample, const View& view, std::string_view channel,
                                     sample::Dtype dtype, std::int64_t channels) {
  const std::string where = fmt::format("sample {}, sensor \"{}\"", sample.stem, view.sensor);
  const sample::Array* array = view.find(channel);
  if (array == nullptr) return error(fmt::format("{}: channel \"{}\" is missing", where, channel));
  if (array->dtype() != dtype ||
      array->shape() != shape_with({view.camera.lens.height, view.camera.lens.width}, channels)) {
    return error(fmt::format("{}: channel \"{}\" is no {} picture of the camera's size with {} channels", where,
                             channel, sample::name(dtype), channels));
  }
  return array;
}

Result<std::span<const double>> column(const Sample& sample, const View& view, std::string_view name,
                                       std::int64_t width) {
  const std::string where = fmt::format("sample {}, sensor \"{}\"", sample.stem, view.sensor);
  const sample::Array* array = view.objects.find(name);
  if (array == nullptr) return error(fmt::format("{}: column \"{}\" is missing", where, name));
  const auto rows = static_cast<std::int64_t>(sample.objects.size());
  if (array->dtype() != sample::Dtype::f64 || array->shape() != shape_with({rows}, width)) {
    return error(fmt::format("{}: column \"{}\" does not hold {} doubles for each object", where, name, width));
  }
  return array->as<double>();
}

Result<std::string> encode_rgb(const Sample& sample, const View& view, std::string_view format, int quality) {
  WM_TRY(rgb, picture(sample, view, "rgb", sample::Dtype::u8, 3));
  const auto pixels = pixels_of<std::uint8_t>(*rgb);
  return format == "jpg" ? image::encode_jpeg(pixels, quality) : image::encode_png(pixels);
}

bool is_ignored(const sample::DatasetInfo& info, const sample::ObjectRecord& object) {
  if (object.semantic == sample::kIgnore) return true;
  const auto found = std::ranges::find(info.classes, object.semantic, &sample::ClassRecord::id);
  return found != info.classes.end() && found->ignore;
}

const sample::ClassRecord* class_of(const sample::DatasetInfo& info, const sample::ObjectRecord& object) {
  if (object.semantic == sample::kUnlabelled || is_ignored(info, object)) return nullptr;
  const auto found = std::ranges::find(info.classes, object.semantic, &sample::ClassRecord::id);
  return found == info.classes.end() ? nullptr : &*found;
}

}  // namespace wm::formats
