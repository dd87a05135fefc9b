#include "worldmill/scene/body.h"

namespace wm::scene {
namespace {

/// Where the tables of a part come to lie.
struct Offsets {
  std::size_t nodes, surfaces, bodies, shapes, joints, sites, tendons, drives, deformables;

  void move(NodeId& id) const { shift(id, nodes); }
  // What stood in the part's own frame stands on the node that the part hangs below.
  void move_or_hang(NodeId& id) const { id = NodeId((id.exists() ? id.index() : std::size_t(-1)) + nodes); }
  void move(SurfaceId& id) const { shift(id, surfaces); }
  void move(BodyId& id) const { shift(id, bodies); }
  void move(ShapeId& id) const { shift(id, shapes); }
  void move(JointId& id) const { shift(id, joints); }
  void move(SiteId& id) const { shift(id, sites); }
  void move(TendonId& id) const { shift(id, tendons); }
  void move(Ref& ref) const {
    const std::size_t by[] = {0, bodies, joints, shapes, sites, tendons, drives};
    ref.index += static_cast<std::uint32_t>(by[static_cast<std::size_t>(ref.kind)]);
  }
  template <class... Handles>
  void move_all(Handles&... ids) const {
    (move(ids), ...);
  }

 private:
  template <class Handle>
  static void shift(Handle& id, std::size_t by) {
    if (id.exists()) id = Handle(id.index() + by);
  }
};

void move(Surface&, const Offsets&) {}
void move(Body& body, const Offsets& by) {
  by.move(body.node);
}
void move(Shape& shape, const Offsets& by) {
  by.move_all(shape.node, shape.surface);
}
void move(Joint& joint, const Offsets& by) {
  by.move(joint.body);
}
void move(Site& site, const Offsets& by) {
  by.move(site.node);
}
void move(Tendon& tendon, const Offsets& by) {
  for (TendonHold& wrap : tendon.path) by.move_all(wrap.joint, wrap.site, wrap.shape, wrap.side);
}
void move(Drive& drive, const Offsets& by) {
  by.move_all(drive.joint, drive.tendon, drive.site, drive.reference_site, drive.body);
}
void move(Constraint& c, const Offsets& by) {
  by.move_all(c.body_a, c.body_b, c.site_a, c.site_b, c.joint_a, c.joint_b, c.tendon_a, c.tendon_b);
  if (c.deformable >= 0) c.deformable += static_cast<int>(by.deformables);
}
void move(Deformable& soft, const Offsets& by) {
  for (BodyId& body : soft.vertices) by.move(body);
  for (BodyId& body : soft.nodes) by.move(body);
  by.move(soft.surface);
}
void move(StateSensor& sensor, const Offsets& by) {
  by.move_all(sensor.object, sensor.reference);
}
void move(Exclude& exclude, const Offsets& by) {
  by.move_all(exclude.body_a, exclude.body_b);
}
void move(ContactPair& pair, const Offsets& by) {
  by.move_all(pair.shape_a, pair.shape_b);
}
void move(Keyframe& key, const Offsets& by) {
  key.first_joint += by.joints;
  key.first_drive += by.drives;
  key.first_body += by.bodies;
}

template <class T>
void append_table(std::vector<T>& to, const std::vector<T>& part, const Offsets& by, const std::string& prefix) {
  for (T spec : part) {
    move(spec, by);
    if constexpr (requires { spec.name; }) {
      if (!spec.name.empty()) spec.name = prefix + (spec.name.front() == '/' ? "" : "/") + spec.name;
    }
    to.push_back(std::move(spec));
  }
}

}  // namespace

void append(Mechanics& mechanics, const Mechanics& part, std::size_t first_node, const std::string& prefix) {
  const Offsets by{first_node,
                   mechanics.surfaces.size(),
                   mechanics.bodies.size(),
                   mechanics.shapes.size(),
                   mechanics.joints.size(),
                   mechanics.sites.size(),
                   mechanics.tendons.size(),
                   mechanics.drives.size(),
                   mechanics.deformables.size()};
  if (part.has_options && !mechanics.has_options) {
    mechanics.options = part.options;
    mechanics.has_options = true;
  }
  append_table(mechanics.surfaces, part.surfaces, by, prefix);
  append_table(mechanics.bodies, part.bodies, by, prefix);
  append_table(mechanics.shapes, part.shapes, by, prefix);
  append_table(mechanics.joints, part.joints, by, prefix);
  append_table(mechanics.sites, part.sites, by, prefix);
  append_table(mechanics.tendons, part.tendons, by, prefix);
  append_table(mechanics.drives, part.drives, by, prefix);
  append_table(mechanics.constraints, part.constraints, by, prefix);
  append_table(mechanics.deformables, part.deformables, by, prefix);
  append_table(mechanics.sensors, part.sensors, by, prefix);
  append_table(mechanics.excludes, part.excludes, by, prefix);
  append_table(mechanics.pairs, part.pairs, by, prefix);
  append_table(mechanics.keyframes, part.keyframes, by, prefix);
}

}  // namespace wm::scene
