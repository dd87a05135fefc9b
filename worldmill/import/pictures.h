#pragma once
#include <string>
#include <string_view>

#include "worldmill/import/import.h"
#include "worldmill/scene/material.h"

namespace wm::import {

/// Decodes a PNG, JPEG, EXR or HDR within the budget. `file` is what a complaint names, `name` the
/// picture's own.
Result<scene::PicturePtr> decode_picture(std::string_view bytes, const Budget& budget, const std::string& file,
                                         const std::string& name);

}  // namespace wm::import
