#pragma once
#include <memory>
#include <stdexcept>
#include <string>

#include "worldmill/physics/physics.h"

namespace wm::physics {

/// Scenes of a few bodies, for tests. Names count up: /body0, /body1 ...
struct TestScene {
  std::shared_ptr<scene::Scene> scene = std::make_shared<scene::Scene>();
  scene::Mechanics& m = scene->mechanics;

  scene::NodeId node(math::Vec3 position, const math::Rotation& rotation = {}, scene::NodeId parent = {}) {
    scene::Node node;
    node.path = (parent.exists() ? scene->node(parent).path : "") + "/node" + std::to_string(scene->nodes.size());
    node.parent = parent;
    node.parent_from_node = math::Affine(math::Pose{rotation, position});
    scene->nodes.push_back(std::move(node));
    return scene::NodeId(scene->nodes.size() - 1);
  }
  scene::SurfaceId surface(scene::Surface surface) {
    m.surfaces.push_back(std::move(surface));
    return scene::SurfaceId(m.surfaces.size() - 1);
  }
  scene::BodyId body(scene::NodeId node, double mass) {
    m.bodies.push_back({.node = node, .mass = mass});
    return scene::BodyId(m.bodies.size() - 1);
  }
  scene::JointId joint(scene::Joint joint) {
    joint.name = "joint" + std::to_string(m.joints.size());
    m.joints.push_back(std::move(joint));
    return scene::JointId(m.joints.size() - 1);
  }
  scene::ShapeId shape(scene::Shape shape) {
    m.shapes.push_back(std::move(shape));
    return scene::ShapeId(m.shapes.size() - 1);
  }
  void floor(scene::SurfaceId surface = {}, const math::Rotation& rotation = {}) {
    shape({.node = node({}, rotation), .kind = scene::ShapeKind::plane, .size = {0, 0, 0}, .surface = surface});
  }
  scene::BodyId flying(scene::NodeId at, double mass) {
    const scene::BodyId id = body(at, mass);
    joint({.body = id, .kind = scene::JointKind::free});
    return id;
  }
  scene::BodyId ball(math::Vec3 center, double radius, double mass, scene::SurfaceId surface = {}) {
    const scene::NodeId at = node(center);
    shape({.node = at, .kind = scene::ShapeKind::sphere, .size = {radius, 0, 0}, .surface = surface});
    return flying(at, mass);
  }
  scene::BodyId box(math::Vec3 center, math::Vec3 half, double mass, scene::SurfaceId surface = {},
                    const math::Rotation& rotation = {}) {
    const scene::NodeId at = node(center, rotation);
    shape({.node = at, .kind = scene::ShapeKind::box, .size = half, .surface = surface});
    return flying(at, mass);
  }
  std::shared_ptr<const Model> compile() const {
    auto model = physics::compile(scene);
    if (!model) throw std::runtime_error(to_string(model.error()));
    return *model;
  }
};

}  // namespace wm::physics
