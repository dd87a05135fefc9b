#include "worldmill/sense/camera.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wm::sense {
namespace {

using math::Vec3;

/// The world ray through a pixel's centre; t along it is depth.
class PixelRays {
 public:
  explicit PixelRays(const sample::CameraRecord& camera)
      : lens_(camera.lens),
        axes_(camera.world_from_camera.rotation.matrix()),
        origin_(camera.world_from_camera.translation) {}
  render::Ray at(int x, int y) const { return {origin_, axes_ * lens_.unproject({x + 0.5, y + 0.5})}; }
  /// A world direction in the camera's frame.
  Vec3 to_camera(math::Vec3f v) const { return transposed(axes_) * Vec3{v.x, v.y, v.z}; }

 private:
  geometry::Pinhole lens_;
  math::Mat3 axes_;
  Vec3 origin_;
};

void store(const render::Hit& hit, const PixelRays& rays, const scene::Labels& labels, int x, int y, LabelPixels& out) {
  out.depth.at(x, y) = hit.t;
  if (!hit.exists()) return;
  const Vec3 normal = rays.to_camera(hit.normal);
  out.normal.at(x, y, 0) = static_cast<float>(normal.x);
  out.normal.at(x, y, 1) = static_cast<float>(normal.y);
  out.normal.at(x, y, 2) = static_cast<float>(normal.z);
  out.node.at(x, y) = hit.node + 1;
  const scene::NodeLabel& label = labels.nodes[hit.node];
  out.instance.at(x, y) = label.instance;
  out.semantic.at(x, y) = label.semantic;
  out.part.at(x, y) = label.part;
}

/// A rectangle of pixels, inclusive; empty when high < low.
struct Window {
  int low_x = 0, low_y = 0, high_x = -1, high_y = -1;
};

/// Where an object's pixels can be, and whether that is all of it.
struct Frame {
  Window window;
  bool bounded = true;
};

/// First and last pixel whose centre lies in [low, high] [px], held within [least, most].
std::pair<int, int> pixels_between(double low, double high, int least, int most) {
  const double first = std::ceil(low - 0.5), last = std::floor(high - 0.5);
  return {static_cast<int>(std::clamp<double>(first, least, most + 1.0)),
          static_cast<int>(std::clamp<double>(last, least - 1.0, most))};
}

/// The image of the nodes' vertices; the searched frame is three images wide and high. Whatever reaches behind the
/// camera is searched for in the image alone.
Frame frame_of(const scene::World& world, const std::vector<math::Affine>& world_from_node,
               std::span<const scene::NodeId> nodes, const sample::CameraRecord& camera) {
  const int width = camera.lens.width, height = camera.lens.height;
  const math::Affine camera_from_world(camera.world_from_camera.inverse());
  double low_x = 1e300, low_y = 1e300, high_x = -1e300, high_y = -1e300;
  for (const scene::NodeId id : nodes) {
    const math::Affine camera_from_node = camera_from_world * world_from_node[id.index()];
    for (const scene::Part& part : world.scene->node(id).parts) {
      for (const math::Vec3f p : world.scene->meshes[part.mesh.index()]->positions) {
        const auto image = camera.lens.project(camera_from_node.point({p.x, p.y, p.z}));
        if (!image) return {{0, 0, width - 1, height - 1}, false};
        low_x = std::min(low_x, image->x), high_x = std::max(high_x, image->x);
        low_y = std::min(low_y, image->y), high_y = std::max(high_y, image->y);
      }
    }
  }
  if (low_x > high_x) return {};
  constexpr double kSlack = 1e-3;  // float vertices in Embree against double ones here [px]
  const auto [x0, x1] = pixels_between(low_x - kSlack, high_x + kSlack, -width, 2 * width - 1);
  const auto [y0, y1] = pixels_between(low_y - kSlack, high_y + kSlack, -height, 2 * height - 1);
  const bool bounded = low_x >= -width && high_x <= 2 * width && low_y >= -height && high_y <= 2 * height;
  return {{x0, y0, x1, y1}, bounded};
}

void count(int x, int y, int width, int height, Silhouette& out) {
  if (out.total == 0) {
    out.low_x = out.high_x = x;
    out.low_y = out.high_y = y;
  }
  out.low_x = std::min(out.low_x, x), out.high_x = std::max(out.high_x, x);
  out.low_y = std::min(out.low_y, y), out.high_y = std::max(out.high_y, y);
  ++out.total;
  if (x >= 0 && x < width && y >= 0 && y < height) ++out.inside;
}

/// Where the object is seen it needs no ray: alone it would be met there too.
Silhouette cast_one(const render::Surfaces& alone, const PixelRays& rays, const Frame& frame, std::uint32_t instance,
                    const LabelPixels& seen) {
  const int width = seen.instance.width, height = seen.instance.height;
  Silhouette out;
  out.bounded = frame.bounded;
  std::vector<render::Ray> row;
  std::vector<int> columns;
  std::vector<render::Hit> hits;
  for (int y = frame.window.low_y; y <= frame.window.high_y; ++y) {
    row.clear(), columns.clear();
    for (int x = frame.window.low_x; x <= frame.window.high_x; ++x) {
      const bool in_image = x >= 0 && x < width && y >= 0 && y < height;
      if (in_image && seen.instance.at(x, y) == instance) {
        ++out.visible;
        count(x, y, width, height, out);
      } else {
        row.push_back(rays.at(x, y));
        columns.push_back(x);
      }
    }
    hits.assign(row.size(), {});
    alone.intersect(row, hits);
    for (std::size_t i = 0; i < hits.size(); ++i) {
      if (hits[i].exists()) count(columns[i], y, width, height, out);
    }
  }
  return out;
}

/// [object] The visible nodes that carry its surface.
std::vector<std::vector<scene::NodeId>> nodes_of_objects(const scene::World& world, const scene::Labels& labels) {
  std::vector<std::vector<scene::NodeId>> nodes(labels.objects.size());
  const std::vector<char> visible = scene::effective_visibility(world);
  for (std::size_t i = 0; i < labels.nodes.size(); ++i) {
    const std::uint32_t instance = labels.nodes[i].instance;
    if (instance != 0 && visible[i] && !world.scene->nodes[i].parts.empty()) nodes[instance - 1].emplace_back(i);
  }
  return nodes;
}

}  // namespace

sample::CameraRecord record(const scene::CameraSpec& spec, const math::Pose& world_from_camera) {
  return {geometry::Pinhole::from_fov(spec.width, spec.height, spec.fov), world_from_camera, spec.exposure, {}};
}

LabelPixels cast_labels(const render::Surfaces& surfaces, const sample::CameraRecord& camera,
                        const scene::Labels& labels) {
  const int width = camera.lens.width, height = camera.lens.height;
  LabelPixels out{{width, height, 1}, {width, height, 3}, {width, height, 1},
                  {width, height, 1}, {width, height, 1}, {width, height, 1}};
  const PixelRays pixels(camera);
  std::vector<render::Ray> rays(static_cast<std::size_t>(width));
  std::vector<render::Hit> hits(rays.size());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) rays[static_cast<std::size_t>(x)] = pixels.at(x, y);
    surfaces.intersect(rays, hits);
    for (int x = 0; x < width; ++x) store(hits[static_cast<std::size_t>(x)], pixels, labels, x, y, out);
  }
  return out;
}

std::vector<Silhouette> cast_silhouettes(const render::Stage& stage, const sample::CameraRecord& camera,
                                         const scene::Labels& labels, const LabelPixels& seen) {
  const scene::World& world = stage.world();
  const std::vector<math::Affine> world_from_node = scene::world_from_nodes(world);
  const PixelRays rays(camera);
  std::vector<Silhouette> all;
  std::uint32_t instance = 0;
  for (const std::vector<scene::NodeId>& nodes : nodes_of_objects(world, labels)) {
    const Frame frame = frame_of(world, world_from_node, nodes, camera);
    ++instance;
    if (frame.window.high_x < frame.window.low_x || frame.window.high_y < frame.window.low_y) {
      all.push_back({.bounded = frame.bounded});
    } else {
      all.push_back(cast_one(*stage.only(nodes), rays, frame, instance, seen));
    }
  }
  return all;
}

}  // namespace wm::sense
