#include "worldmill/formats/arrays.h"

#include <fmt/format.h>

#include <limits>

#include "worldmill/base/json.h"
#include "worldmill/formats/dtypes.h"
#include "worldmill/formats/fields.h"
#include "worldmill/formats/npy.h"
#include "worldmill/image/exr.h"
#include "worldmill/image/png.h"

namespace wm::formats {
namespace {

using base::error;
using base::Value;
using sample::Array;
using sample::Dtype;

constexpr std::int64_t kMostPixels = std::int64_t{1} << 27;
constexpr std::int64_t kMostDimensions = 32;

std::string_view extension_for(Dtype dtype, const std::vector<std::int64_t>& shape) {
  const bool picture = (shape.size() == 2 || (shape.size() == 3 && shape[2] >= 1 && shape[2] <= 4)) && shape[0] > 0 &&
                       shape[1] > 0 && shape[0] <= kMostPixels / shape[1];
  if (picture && (dtype == Dtype::u8 || dtype == Dtype::u16)) return ".png";
  if (picture && dtype == Dtype::f32) return ".exr";
  return ".npy";
}

std::vector<std::string> exr_channels(int count) {
  if (count == 1) return {"Y"};
  if (count == 2) return {"X", "Y"};
  std::vector<std::string> names{"R", "G", "B", "A"};
  names.resize(static_cast<std::size_t>(count));
  return names;
}

template <class T>
Result<Array> array_of(image::Pixels<T> pixels, std::vector<std::int64_t> shape, const std::string& file) {
  const std::int64_t channels = shape.size() == 3 ? shape[2] : 1;
  if (pixels.height != shape[0] || pixels.width != shape[1] || pixels.channels != channels) {
    return error(fmt::format("is {} x {} pixels of {} channels, not what its shape says", pixels.width, pixels.height,
                             pixels.channels),
                 {file});
  }
  return Array(std::move(shape), std::move(pixels.values));
}

template <class T>
Result<Array> decode_png_as(std::string_view bytes, std::vector<std::int64_t> shape, const std::string& file) {
  WM_TRY(samples, image::decode_png(bytes, {.pixels = shape[0] * shape[1]}, file));
  auto* pixels = std::get_if<image::Pixels<T>>(&samples);
  if (pixels == nullptr) return error(fmt::format("is not a PNG of {} bits", 8 * sizeof(T)), {file});
  return array_of(std::move(*pixels), std::move(shape), file);
}

Result<Array> decode_exr_as(std::string_view bytes, std::vector<std::int64_t> shape, const std::string& file) {
  WM_TRY(exr, image::decode_exr(bytes, {.pixels = shape[0] * shape[1]}, file));
  if (exr.channels != exr_channels(shape.size() == 3 ? static_cast<int>(shape[2]) : 1)) {
    return error("does not have the channels that its shape says", {file});
  }
  return array_of(std::move(exr.pixels), std::move(shape), file);
}

/// Numbers as T, or nothing when one is out of its range or not whole.
template <class T>
std::optional<std::vector<T>> numbers_as(const Value::List& list) {
  std::vector<T> values;
  values.reserve(list.size());
  for (const Value& item : list) {
    if constexpr (std::is_floating_point_v<T>) {
      double number = 0;
      if (!base::json_double(item, number)) return {};
      if (std::isfinite(number) && std::abs(number) > std::numeric_limits<T>::max()) return {};
      values.push_back(static_cast<T>(number));
    } else {
      const auto* number = std::get_if<std::int64_t>(&item.data);
      if (number == nullptr || !std::in_range<T>(*number)) return {};
      values.push_back(static_cast<T>(*number));
    }
  }
  return values;
}

}  // namespace

ArrayFile encode_array(const Array& array) {
  const std::string_view extension = extension_for(array.dtype(), array.shape());
  if (extension == ".exr") {
    const auto pixels = pixels_of<float>(array);
    return {extension, image::encode_exr(pixels, exr_channels(pixels.channels), image::ExrDepth::single)};
  }
  if (extension == ".npy") return {extension, encode_npy(array)};
  if (array.dtype() == Dtype::u8) return {extension, image::encode_png(pixels_of<std::uint8_t>(array))};
  return {extension, image::encode_png(pixels_of<std::uint16_t>(array))};
}

Result<Array> decode_array(std::string_view bytes, Dtype dtype, std::vector<std::int64_t> shape,
                           const std::string& file) {
  const std::string_view extension = extension_for(dtype, shape);
  if (!file.ends_with(extension)) return error(fmt::format("should be a {} file", extension), {file});
  if (extension == ".exr") return decode_exr_as(bytes, std::move(shape), file);
  if (extension == ".png" && dtype == Dtype::u8) return decode_png_as<std::uint8_t>(bytes, std::move(shape), file);
  if (extension == ".png") return decode_png_as<std::uint16_t>(bytes, std::move(shape), file);
  WM_TRY(array, decode_npy(bytes, file));
  if (array.dtype() != dtype || array.shape() != shape) return error("does not have the shape that it should", {file});
  return array;
}

void append_type_members(std::string& out, const Array& array) {
  fmt::format_to(std::back_inserter(out), "\"dtype\":\"{}\",\"shape\":[{}]", sample::name(array.dtype()),
                 fmt::join(array.shape(), ","));
}

Result<ArrayType> type_from_members(const Value& object, const std::string& place) {
  WM_TRY(dtype_name, text_field(object, "dtype", place));
  const std::optional<Dtype> dtype = dtype_named(dtype_name);
  if (!dtype) return error(fmt::format("\"{}\" is no type of numbers", dtype_name), {place});
  WM_TRY(list, list_field(object, "shape", place));
  const auto shape = numbers_as<std::int64_t>(*list);
  if (!shape || shape->size() > kMostDimensions) return error("\"shape\" is none", {place});
  std::int64_t room = std::int64_t{1} << 40;
  for (const std::int64_t n : *shape) {
    if (n < 0 || n > room) return error("\"shape\" is none", {place});
    if (n > 0) room /= n;
  }
  return ArrayType{*dtype, *shape};
}

void append_array_members(std::string& out, const Array& array) {
  append_type_members(out, array);
  out += ",\"values\":[";
  std::visit(
      [&]<class T>(const std::vector<T>& values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (i > 0) out += ',';
          if constexpr (std::is_floating_point_v<T>) {
            base::append_json(out, static_cast<double>(values[i]));
          } else {
            base::append_json(out, static_cast<std::int64_t>(values[i]));
          }
        }
      },
      array.values());
  out += ']';
}

Result<Array> array_from_members(const Value& object, const std::string& place) {
  WM_TRY(type, type_from_members(object, place));
  WM_TRY(list, list_field(object, "values", place));
  if (list->size() != Array::count(type.shape)) return error("\"values\" are not as many as \"shape\" says", {place});
  return with_dtype(type.dtype, [&]<class T>(std::type_identity<T>) -> Result<Array> {
    auto values = numbers_as<T>(*list);
    if (!values) return error(fmt::format("\"values\" holds what is no {}", sample::name(type.dtype)), {place});
    return Array(std::move(type.shape), std::move(*values));
  });
}

}  // namespace wm::formats
