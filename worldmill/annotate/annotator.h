#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "worldmill/sample/dataset_info.h"
#include "worldmill/sense/camera.h"

namespace wm::annotate {

/// Turns an observation into channels and columns of labels. Stateless; thread-safe.
class Annotator {
 public:
  virtual ~Annotator() = default;
  virtual sense::Needs needs() const = 0;
  virtual std::vector<sample::FieldSchema> channels() const { return {}; }
  virtual std::vector<sample::FieldSchema> columns() const { return {}; }
  /// Adds exactly the channels and columns that it declares. view.camera and view.objects.rows are set.
  virtual void annotate(const sense::Observation& seen, sample::View& view) const = 0;
};

/// A row of the catalogue.
struct AnnotatorRow {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<Annotator> (*make)();
};

/// rgb, rgb_linear, depth, distance, normals, instances, semantics, parts, box_2d, box_2d_loose, box_3d, occlusion,
/// events, actions.
std::span<const AnnotatorRow> builtin_annotators();

}  // namespace wm::annotate
