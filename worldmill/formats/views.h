#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/image/pixels.h"
#include "worldmill/sample/dataset_info.h"
#include "worldmill/sample/sample.h"

/// What a writer asks of a view; a complaint names the sample, the sensor and what is missing or of the wrong kind.
namespace wm::formats {

/// The views of `sensors` that the sample has, sorted by sensor.
std::vector<const sample::View*> views_of(const sample::Sample& sample, const std::vector<std::string>& sensors);

/// `<id>_<sensor>`, a safe file name: slashes, controls and what is not ASCII become %XX.
std::string image_stem(const sample::Sample& sample, const sample::View& view);

/// A channel of the camera's size: [H, W], or [H, W, channels] when that is not 1.
Result<const sample::Array*> picture(const sample::Sample& sample, const sample::View& view, std::string_view channel,
                                     sample::Dtype dtype, std::int64_t channels = 1);
/// A column of f64 [rows], or [rows, width] when that is not 1.
Result<std::span<const double>> column(const sample::Sample& sample, const sample::View& view, std::string_view name,
                                       std::int64_t width = 1);

/// The 8-bit sRGB picture as `png` or `jpg`.
Result<std::string> encode_rgb(const sample::Sample& sample, const sample::View& view, std::string_view format,
                               int quality);

/// The class of an object; null when it is unlabelled, ignored or not in the table.
const sample::ClassRecord* class_of(const sample::DatasetInfo& info, const sample::ObjectRecord& object);
/// Whether the object belongs to what the labels ignore.
bool is_ignored(const sample::DatasetInfo& info, const sample::ObjectRecord& object);

}  // namespace wm::formats
