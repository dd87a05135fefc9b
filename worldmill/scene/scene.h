#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/geometry/mesh.h"
#include "worldmill/math/pose.h"
#include "worldmill/scene/body.h"
#include "worldmill/scene/ids.h"
#include "worldmill/scene/material.h"

/// A Scene is a flat, immutable description: no engine, no file format. Right-handed, z up, metres.
namespace wm::scene {

/// Lights look along their node's -z (rect, spot, distant), as glTF and USD have it. An environment surrounds
/// everything: its picture is equirectangular, top row up (+z of its node), its centre column along the node's +x,
/// azimuth growing to the left (counter-clockwise seen from above).
enum class LightKind { sphere, rect, distant, spot, environment };

/// Photometric quantities carry a linear Rec.709 colour; picture value 1 is sRGB white at exposure 0.
struct Light {
  LightKind kind = LightKind::sphere;
  math::Vec3f color{1, 1, 1};
  /// sphere, spot: luminous intensity [cd]; rect: luminance [cd/m^2]; distant: illuminance [lx] on a surface that
  /// faces it; environment: factor on the picture's luminance [cd/m^2].
  float intensity = 1;
  float radius = 0;               ///< sphere, spot [m]; 0 is a point
  float width = 1, height = 1;    ///< rect, along the node's x and y [m]
  float angle = 0;                ///< distant: full angle of the disc [rad]; 0 is a perfect parallel
  float inner_cone = 0;           ///< spot: half angle of full strength [rad]
  float outer_cone = 0.7853982f;  ///< spot: half angle where it ends [rad]
  PicturePtr picture;             ///< environment; none: white everywhere
  bool on = true;
};

/// A camera that a scene file brings along. Looks along its node's -z with y up (glTF's convention).
struct Camera {
  std::string name;
  double vertical_fov = 0.8;  ///< [rad]
  double aspect = 0;          ///< width / height; 0: as the picture asked for
  bool orthographic = false;  ///< Read, but not rendered yet: the door refuses it by name.
};

struct Part {
  MeshId mesh;
  MaterialId material;
};

/// A node of the tree. `path` is unique: `/World/Floor`, `/mug/0/Body`; it begins with its parent's.
struct Node {
  std::string path;
  NodeId parent;  ///< none for a root; parents stand before children
  math::Affine parent_from_node;
  std::vector<Part> parts;
  LightId light;
  CameraId camera;
  bool visible = true;   ///< false hides the subtree
  std::string semantic;  ///< The file's own class; empty when it says none.
  std::vector<std::string> tags;

  std::string_view name() const { return std::string_view(path).substr(path.rfind('/') + 1); }
};

struct Scene {
  std::vector<Node> nodes;
  std::vector<std::shared_ptr<const geometry::Mesh>> meshes;  ///< all pass geometry::validate
  std::vector<Material> materials;
  std::vector<Light> lights;
  std::vector<Camera> cameras;
  Mechanics mechanics;

  const Node& node(NodeId id) const { return nodes[id.index()]; }
};

/// Adds a copy of `part` (its tables too; meshes and pictures are shared) below a new node `path`, whose transform is
/// `parent_from_root`, under `parent` (none: a root). Paths of the part move below `path`. Gives the new node.
/// Names of what moves (joints, drives ...) go below `path` too. `path` must be new to `scene`.
NodeId add(Scene& scene, const Scene& part, const std::string& path, NodeId parent,
           const math::Affine& parent_from_root);

/// World transforms of all nodes, parents first, from local ones given per node.
std::vector<math::Affine> world_from_nodes(const Scene& scene, std::span<const math::Affine> parent_from_node);

/// The tree as text, one node a line: path, what it carries (triangles, material names, light), bounds [m].
std::string to_tree(const Scene& scene);

}  // namespace wm::scene
