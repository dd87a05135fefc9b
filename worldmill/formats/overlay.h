#pragma once
#include "worldmill/formats/writer.h"
#include "worldmill/image/draw.h"

/// Labels drawn over the picture, for eyes: `<id>_<sensor>.png`. A colour is an instance; what the labels ignore is
/// grey.
namespace wm::formats {

/// What to draw; of that, whatever labels the view has.
struct OverlayStyle {
  bool masks = true;   ///< Instances, translucent, outlined.
  bool box_2d = true;  ///< Around what is visible.
  bool box_3d = true;  ///< Wireframes of what is visible.
  bool names = true;   ///< Class and visible share, where there is room; large objects first.
};

/// The view needs the channel rgb.
Result<image::Canvas> draw_overlay(const sample::DatasetInfo& info, const sample::Sample& sample,
                                   const sample::View& view, const OverlayStyle& style = {});

Result<std::unique_ptr<Writer>> make_overlay(const sample::DatasetInfo& info, const base::Value& options);
std::vector<std::string> validate_overlay(base::Files& files, const std::filesystem::path& folder);

}  // namespace wm::formats
