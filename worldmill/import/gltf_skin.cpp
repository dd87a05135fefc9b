#include "worldmill/import/gltf_skin.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace wm::import {

using base::error;
using math::Affine;
using math::Mat3;
using math::Vec3;

namespace {

// A scale of 0 along some axes is made very thin, so that what is flattened keeps a sense of sides.
std::array<double, 3> unfold(std::array<double, 3> scale) {
  const double most = std::max({std::abs(scale[0]), std::abs(scale[1]), std::abs(scale[2])});
  for (double& s : scale) {
    if (s == 0) s = 1e-6 * most;
  }
  return scale;
}

Mat3 sum(const Mat3& a, const Mat3& b, double weight) {
  return {a.row0 + b.row0 * weight, a.row1 + b.row1 * weight, a.row2 + b.row2 * weight};
}

math::Vec3f unit(Vec3 v, math::Vec3f fallback) {
  const double size = math::length(v);
  if (!std::isnormal(size)) return fallback;
  return {static_cast<float>(v.x / size), static_cast<float>(v.y / size), static_cast<float>(v.z / size)};
}

void move_vertex(const Affine& map, geometry::Mesh& mesh, std::size_t i) {
  const math::Vec3f p = mesh.positions[i];
  const Vec3 moved = map.point({p.x, p.y, p.z});
  mesh.positions[i] = {static_cast<float>(moved.x), static_cast<float>(moved.y), static_cast<float>(moved.z)};
  if (!mesh.normals.empty() && std::isnormal(math::determinant(map.linear))) {
    const math::Vec3f n = mesh.normals[i];
    mesh.normals[i] = unit(map.normal({n.x, n.y, n.z}), n);
  }
  if (!mesh.tangents.empty()) {
    auto& t = mesh.tangents[i];
    const math::Vec3f along = unit(map.direction({t[0], t[1], t[2]}), {t[0], t[1], t[2]});
    t = {along.x, along.y, along.z, t[3]};
  }
}

}  // namespace

Affine local_transform(const Fields& node) {
  std::array<double, 16> m;
  if (node.numbers("matrix", m)) {
    if (m[3] != 0 || m[7] != 0 || m[11] != 0 || m[15] != 1) node.say("has a matrix whose last row is not 0 0 0 1");
    return {{{m[0], m[4], m[8]}, {m[1], m[5], m[9]}, {m[2], m[6], m[10]}}, {m[12], m[13], m[14]}};
  }
  std::array<double, 3> t{0, 0, 0}, s{1, 1, 1};
  std::array<double, 4> q{0, 0, 0, 1};
  node.numbers("translation", t);
  node.numbers("scale", s);
  node.numbers("rotation", q);
  const double size = q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3];
  if (!std::isnormal(size)) {
    node.say("has a rotation of length 0");
    return {};
  }
  return to_affine(t, math::Rotation::normalized(q[3], q[0], q[1], q[2]), s);
}

Affine to_affine(std::array<double, 3> t, const math::Rotation& rotation, std::array<double, 3> s) {
  s = unfold(s);
  const Mat3 scale{{s[0], 0, 0}, {0, s[1], 0}, {0, 0, s[2]}};
  return {rotation.matrix() * scale, {t[0], t[1], t[2]}};
}

GltfTransforms::GltfTransforms(const GltfDocument& document) : document_(document), parents_(document.count("nodes")) {
  const std::size_t nodes = parents_.size();
  for (std::size_t i = 0; i < nodes; ++i) {
    for (const std::size_t c : document.item("nodes", i).indices("children", nodes, "nodes")) parents_[c] = i;
  }
}

std::optional<Affine> GltfTransforms::world_from_node(std::size_t i, int budget) const {
  Affine world = local_transform(document_.item("nodes", i));
  for (std::optional<std::size_t> up = parents_[i]; up; up = parents_[*up]) {
    if (--budget < 0) return {};
    world = local_transform(document_.item("nodes", *up)) * world;
  }
  return world;
}

Result<Skin> read_skin(GltfDocument& document, const GltfTransforms& transforms, std::size_t index,
                       std::size_t wearer) {
  const Fields fields = document.item("skins", index);
  const base::Place place{document.source().file(), 0, 0};
  const auto joints = fields.indices("joints", document.count("nodes"), "nodes");
  const auto accessor = fields.index("inverseBindMatrices", document.count("accessors"), "accessors");
  WM_TRY_STATUS(document.complaint().status());
  Numbers bind;
  if (accessor) {
    WM_TRY(read, document.numbers(*accessor, fmt::format("skins[{}], inverseBindMatrices", index)));
    bind = std::move(read);
    if (bind.components != 16 || bind.count() < joints.size()) {
      return error(
          fmt::format("skins[{}] has {} joints, but {} inverse bind matrices", index, joints.size(), bind.count()),
          place);
    }
  }
  const int depth = document.source().budget().depth;
  const auto world_from_wearer = transforms.world_from_node(wearer, depth);
  Skin skin;
  if (!world_from_wearer || !std::isnormal(math::determinant(world_from_wearer->linear))) return skin;
  const Affine wearer_from_world = world_from_wearer->inverse();
  for (std::size_t j = 0; j < joints.size(); ++j) {
    const auto world_from_joint = transforms.world_from_node(joints[j], depth);
    if (!world_from_joint) return error(fmt::format("nodes[{}] stands in the tree more than once", joints[j]), place);
    Affine joint_from_skin;
    if (accessor) {
      const float* m = bind.values.data() + 16 * j;
      joint_from_skin = {{{m[0], m[4], m[8]}, {m[1], m[5], m[9]}, {m[2], m[6], m[10]}}, {m[12], m[13], m[14]}};
    }
    skin.node_from_skin.push_back(wearer_from_world * *world_from_joint * joint_from_skin);
  }
  WM_TRY_STATUS(document.complaint().status());
  return skin;
}

Status apply_skin(const Skin& skin, GltfPrimitive& primitive, const std::string& name, const std::string& file) {
  const SkinWeights& hang = primitive.skin;
  for (std::size_t i = 0; i < hang.joints.size(); ++i) {
    Affine map({{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}, {0, 0, 0});
    bool hangs = false;
    for (std::size_t k = 0; k < hang.joints[i].size(); ++k) {
      const double weight = hang.weights[i][k];
      if (weight == 0) continue;
      if (hang.joints[i][k] >= skin.node_from_skin.size()) {
        return error(fmt::format("{}: vertex {} hangs on joint {}, but its skin has {}", name, i, hang.joints[i][k],
                                 skin.node_from_skin.size()),
                     {file, 0, 0});
      }
      const Affine& joint = skin.node_from_skin[hang.joints[i][k]];
      map = {sum(map.linear, joint.linear, weight), map.translation + joint.translation * weight};
      hangs = true;
    }
    if (hangs) move_vertex(map, primitive.mesh, i);
  }
  return {};
}

}  // namespace wm::import
