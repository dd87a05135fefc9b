#include "worldmill/annotate/builtin.h"

#include <array>

namespace wm::annotate {

std::span<const AnnotatorRow> builtin_annotators() {
  static constexpr std::array<AnnotatorRow, 12> kRows{{
      {"rgb", "Picture, 8 bits per channel, sRGB.", make_rgb},
      {"rgb_linear", "Light after exposure, linear float.", make_rgb_linear},
      {"depth", "Along the optical axis to the first surface [m].", make_depth},
      {"distance", "Along the pixel's ray to the first surface [m].", make_distance},
      {"normals", "Geometric surface normals in the camera's frame.", make_normals},
      {"instances", "Which labelled object each pixel belongs to.", make_instances},
      {"semantics", "Which class each pixel belongs to.", make_semantics},
      {"parts", "Which labelled part each pixel belongs to.", make_parts},
      {"box_2d", "Tight image rectangle around the visible part of each object.", make_box_2d},
      {"box_2d_loose", "Image rectangle around the whole of each object, hidden parts included.", make_box_2d_loose},
      {"box_3d", "Box around each object, in its own axes, with its pose in the camera's frame.", make_box_3d},
      {"occlusion", "Visible pixels, visibility, occlusion and truncation of each object.", make_occlusion},
  }};
  return kRows;
}

}  // namespace wm::annotate
