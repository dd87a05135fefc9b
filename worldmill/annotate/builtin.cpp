#include "worldmill/annotate/builtin.h"

#include <array>

namespace wm::annotate {
namespace {

/// Says that a sample is to tell of its take; what is told is no view's.
class Told : public Annotator {
 public:
  explicit Told(sense::Needs needs) : needs_(needs) {}
  sense::Needs needs() const override { return needs_; }
  void annotate(const sense::Observation&, sample::View&) const override {}

 private:
  sense::Needs needs_;
};

std::unique_ptr<Annotator> make_events() {
  return std::make_unique<Told>(sense::Needs{.events = true});
}
std::unique_ptr<Annotator> make_actions() {
  return std::make_unique<Told>(sense::Needs{.actions = true});
}

}  // namespace

std::span<const AnnotatorRow> builtin_annotators() {
  static constexpr std::array<AnnotatorRow, 14> kRows{{
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
      {"events", "What goes on in the take, with exact times: contacts, falls ... of the recipe's events.",
       make_events},
      {"actions", "What each actor and drive of the take was told, and what it did.", make_actions},
  }};
  return kRows;
}

}  // namespace wm::annotate
