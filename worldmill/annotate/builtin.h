#pragma once
#include "worldmill/annotate/annotator.h"

/// The rows of builtin_annotators, one maker each.
namespace wm::annotate {

std::unique_ptr<Annotator> make_rgb();
std::unique_ptr<Annotator> make_rgb_linear();
std::unique_ptr<Annotator> make_depth();
std::unique_ptr<Annotator> make_distance();
std::unique_ptr<Annotator> make_normals();
std::unique_ptr<Annotator> make_instances();
std::unique_ptr<Annotator> make_semantics();
std::unique_ptr<Annotator> make_parts();
std::unique_ptr<Annotator> make_box_2d();
std::unique_ptr<Annotator> make_box_2d_loose();
std::unique_ptr<Annotator> make_box_3d();
std::unique_ptr<Annotator> make_occlusion();

}  // namespace wm::annotate
