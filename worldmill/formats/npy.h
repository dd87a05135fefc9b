#pragma once
#include <string>
#include <string_view>

#include "worldmill/base/result.h"
#include "worldmill/sample/array.h"

namespace wm::formats {

/// A NumPy file, version 1.0, little-endian, row-major: the same array gives the same bytes.
std::string encode_npy(const sample::Array& array);

/// Reads versions 1.0 and 2.0 of the types that Array has. Refuses Fortran order, big-endian numbers, and a file that
/// is not exactly as long as its shape says. `file` is what a complaint names.
Result<sample::Array> decode_npy(std::string_view bytes, const std::string& file);

}  // namespace wm::formats
