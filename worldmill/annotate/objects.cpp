// Annotators that give values per object, from the same label rays as the pixels.
#include <algorithm>
#include <cmath>
#include <limits>

#include "worldmill/annotate/builtin.h"

namespace wm::annotate {
namespace {

using math::Vec3;
using sample::Array;
using sense::Observation;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::int64_t rows(const Observation& seen) {
  return static_cast<std::int64_t>(seen.objects->objects.size());
}

/// A column that is all unknown, `width` numbers per row.
std::vector<double> unknown(const Observation& seen, std::int64_t width) {
  return std::vector<double>(static_cast<std::size_t>(rows(seen) * width), kUnknown);
}

class Box2d : public Annotator {
 public:
  sense::Needs needs() const override { return {}; }
  std::vector<sample::FieldSchema> columns() const override {
    return {{"box_2d", "float64", "N 4", "px",
             "x_min, y_min, x_max, y_max around the visible pixels, from edge to edge; null when none is."}};
  }
  void annotate(const Observation& seen, sample::View& view) const override {
    std::vector<double> boxes = unknown(seen, 4);
    const image::Pixels<std::uint32_t>& instance = seen.labels.instance;
    for (int y = 0; y < instance.height; ++y) {
      for (int x = 0; x < instance.width; ++x) {
        const std::uint32_t id = instance.at(x, y);
        if (id == 0) continue;
        double* box = &boxes[std::size_t{id - 1} * 4];
        // fmin and fmax pass over the NaN that stands there at first.
        box[0] = std::fmin(box[0], x), box[1] = std::fmin(box[1], y);
        box[2] = std::fmax(box[2], x + 1.0), box[3] = std::fmax(box[3], y + 1.0);
      }
    }
    view.objects.add("box_2d", Array({rows(seen), 4}, std::move(boxes)));
  }
};

class Box2dLoose : public Annotator {
 public:
  sense::Needs needs() const override { return {.silhouettes = true}; }
  std::vector<sample::FieldSchema> columns() const override {
    return {{"box_2d_loose", "float64", "N 4", "px",
             "x_min, y_min, x_max, y_max around the whole object as if nothing were in front, beyond the image's edges "
             "too; "
             "null when it has no pixel or reaches behind the camera or more than one image beyond the edges."}};
  }
  void annotate(const Observation& seen, sample::View& view) const override {
    std::vector<double> boxes = unknown(seen, 4);
    for (std::size_t i = 0; i < seen.silhouettes.size(); ++i) {
      const sense::Silhouette& s = seen.silhouettes[i];
      if (s.total == 0 || !s.bounded) continue;
      const double box[] = {double(s.low_x), double(s.low_y), s.high_x + 1.0, s.high_y + 1.0};
      std::ranges::copy(box, boxes.begin() + static_cast<std::ptrdiff_t>(4 * i));
    }
    view.objects.add("box_2d_loose", Array({rows(seen), 4}, std::move(boxes)));
  }
};

class Occlusion : public Annotator {
 public:
  sense::Needs needs() const override { return {.silhouettes = true}; }
  std::vector<sample::FieldSchema> columns() const override {
    return {
        {"visible_pixels", "int64", "N", "px", "Pixels whose label ray met the object first."},
        {"visibility", "float64", "N", "1",
         "Visible pixels over those of the unoccluded silhouette inside the image, 0 to 1; null when that has none."},
        {"occlusion", "float64", "N", "1", "1 - visibility: what is hidden by other things."},
        {"truncation", "float64", "N", "1",
         "Share of the unoccluded silhouette outside the image, 0 to 1; null when there is none or its extent is "
         "unknown."}};
  }
  void annotate(const Observation& seen, sample::View& view) const override {
    std::vector<std::int64_t> visible;
    std::vector<double> visibility, occlusion, truncation;
    for (const sense::Silhouette& s : seen.silhouettes) {
      visible.push_back(s.visible);
      visibility.push_back(s.inside > 0 ? double(s.visible) / double(s.inside) : kUnknown);
      occlusion.push_back(s.inside > 0 ? double(s.inside - s.visible) / double(s.inside) : kUnknown);
      truncation.push_back(s.total > 0 && s.bounded ? double(s.total - s.inside) / double(s.total) : kUnknown);
    }
    view.objects.add("visible_pixels", Array({rows(seen)}, std::move(visible)));
    view.objects.add("visibility", Array({rows(seen)}, std::move(visibility)));
    view.objects.add("occlusion", Array({rows(seen)}, std::move(occlusion)));
    view.objects.add("truncation", Array({rows(seen)}, std::move(truncation)));
  }
};

/// The rigid frame of a node whose transform may scale, mirror or shear: x along its x, y in the plane of x and y.
/// Axes that were scaled to nothing say nothing: then the world's.
math::Pose rigid_frame(const math::Affine& world_from_node) {
  const math::Mat3 columns = math::transposed(world_from_node.linear);
  const Vec3 across = cross(columns.row0, columns.row1);
  if (!(length(across) > 0)) return {{}, world_from_node.translation};
  const Vec3 x = normalized(columns.row0), z = normalized(across);
  return {math::Rotation::from_matrix(math::transposed(math::Mat3{x, cross(z, x), z})), world_from_node.translation};
}

/// [object] Boxes in the rigid frame of each object's root.
std::vector<math::Box3> boxes_in_frames(const Observation& seen, std::span<const math::Affine> world_from_node,
                                        std::span<const math::Pose> world_from_frame) {
  const scene::Scene& scene = *seen.world->scene;
  std::vector<math::Box3> boxes(seen.objects->objects.size());
  const std::vector<char> visible = scene::effective_visibility(*seen.world);
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    const std::uint32_t instance = seen.objects->nodes[i].instance;
    if (instance == 0 || !visible[i]) continue;
    const math::Affine frame_from_node = math::Affine(world_from_frame[instance - 1].inverse()) * world_from_node[i];
    for (const scene::Part& part : scene.nodes[i].parts) {
      const geometry::Mesh& mesh = *scene.meshes[part.mesh.index()];
      for (const geometry::Triangle& t : mesh.triangles) {
        for (const std::uint32_t corner : t) {
          const math::Vec3f p = mesh.positions[corner];
          boxes[instance - 1].add(frame_from_node.point({p.x, p.y, p.z}));
        }
      }
    }
  }
  return boxes;
}

class Box3d : public Annotator {
 public:
  sense::Needs needs() const override { return {}; }
  std::vector<sample::FieldSchema> columns() const override {
    return {
        {"box_3d_size", "float64", "N 3", "m",
         "Full extents along the axes of the object's root; null when nothing of it is there."},
        {"box_3d_center", "float64", "N 3", "m", "Centre in the camera's optical frame (x right, y down, z forward)."},
        {"box_3d_rotation", "float64", "N 4", "1", "camera_from_box as a unit quaternion w, x, y, z."}};
  }
  void annotate(const Observation& seen, sample::View& view) const override {
    const std::vector<math::Affine> world_from_node = scene::world_from_nodes(*seen.world);
    std::vector<math::Pose> frames;
    for (const scene::NodeId root : seen.objects->roots) frames.push_back(rigid_frame(world_from_node[root.index()]));
    const std::vector<math::Box3> boxes = boxes_in_frames(seen, world_from_node, frames);
    std::vector<double> size = unknown(seen, 3), center = unknown(seen, 3), rotation = unknown(seen, 4);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      if (boxes[i].is_empty()) continue;
      const math::Pose camera_from_box = seen.camera.world_from_camera.inverse() * frames[i];
      const Vec3 extent = boxes[i].size(), middle = camera_from_box * boxes[i].center();
      const math::Rotation& q = camera_from_box.rotation;
      std::ranges::copy(std::array{extent.x, extent.y, extent.z}, &size[3 * i]);
      std::ranges::copy(std::array{middle.x, middle.y, middle.z}, &center[3 * i]);
      std::ranges::copy(std::array{q.w, q.x, q.y, q.z}, &rotation[4 * i]);
    }
    view.objects.add("box_3d_size", Array({rows(seen), 3}, std::move(size)));
    view.objects.add("box_3d_center", Array({rows(seen), 3}, std::move(center)));
    view.objects.add("box_3d_rotation", Array({rows(seen), 4}, std::move(rotation)));
  }
};

}  // namespace

std::unique_ptr<Annotator> make_box_2d() {
  return std::make_unique<Box2d>();
}

std::unique_ptr<Annotator> make_box_2d_loose() {
  return std::make_unique<Box2dLoose>();
}

std::unique_ptr<Annotator> make_box_3d() {
  return std::make_unique<Box3d>();
}

std::unique_ptr<Annotator> make_occlusion() {
  return std::make_unique<Occlusion>();
}

}  // namespace wm::annotate
