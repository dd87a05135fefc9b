#pragma once
#include <string>
#include <string_view>

#include "worldmill/base/value.h"
#include "worldmill/image/pixels.h"
#include "worldmill/sample/array.h"

/// Arrays as files and as JSON, and back without loss.
namespace wm::formats {

/// An array as the file that suits it: u8 and u16 pictures of 1 to 4 channels .png, f32 ones .exr, the rest .npy.
struct ArrayFile {
  std::string_view extension;
  std::string bytes;
};
ArrayFile encode_array(const sample::Array& array);

/// The inverse, when the file holds `dtype` and `shape`; the extension of `file` says how to read it.
Result<sample::Array> decode_array(std::string_view bytes, sample::Dtype dtype, std::vector<std::int64_t> shape,
                                   const std::string& file);

/// `"dtype":"float64","shape":[3,4],"values":[...]`: members of a JSON object, numbers exact.
void append_array_members(std::string& out, const sample::Array& array);
Result<sample::Array> array_from_members(const base::Value& object, const std::string& place);

/// `"dtype":...,"shape":[...]` alone.
void append_type_members(std::string& out, const sample::Array& array);
struct ArrayType {
  sample::Dtype dtype;
  std::vector<std::int64_t> shape;
};
Result<ArrayType> type_from_members(const base::Value& object, const std::string& place);

/// A picture [H, W] or [H, W, C] of T as pixels; `array` must be one.
template <class T>
image::Pixels<T> pixels_of(const sample::Array& array) {
  const auto& shape = array.shape();
  image::Pixels<T> pixels;
  pixels.height = static_cast<int>(shape[0]);
  pixels.width = static_cast<int>(shape[1]);
  pixels.channels = shape.size() == 3 ? static_cast<int>(shape[2]) : 1;
  pixels.values.assign(array.as<T>().begin(), array.as<T>().end());
  return pixels;
}

}  // namespace wm::formats
