#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "worldmill/base/value.h"
#include "worldmill/geometry/mesh.h"
#include "worldmill/math/pose.h"
#include "worldmill/scene/ids.h"

/// What physics needs to know of a Scene, as plain specs: SI and radians, no engine. All of it is in one table a kind,
/// `Mechanics`, and refers by handle. A node's scale is taken into its shapes; bodies themselves are rigid frames.
namespace wm::scene {

/// What an engine alone understands: a map of its own names of fields to numbers, lists of numbers or texts. Null:
/// nobody wrote for an engine, and Worldmill's own contact and solver settings hold. A map, be it empty: an author
/// wrote for that engine, and what is not in the map stands at the engine's defaults; it wins over ours.
using Extras = base::Value;

/// How surfaces rub and bounce.
struct Surface {
  std::string name;
  double friction = 0.8;              ///< Of sliding [1], at least 0.
  double static_friction = 0.8;       ///< Of sticking [1]; engines with one coefficient use `friction` alone.
  double torsional_friction = 0.005;  ///< Against turning about the normal: radius of an equivalent patch [m].
  double rolling_friction = 0.0001;   ///< Against rolling: arm of the equivalent moment [m].
  double restitution = 0;             ///< Speed after / speed before of a head-on impact [1], 0..0.95.
};

/// A rigid body: the node's frame moves with it, and with the node all below that are not bodies themselves. A body
/// without joints is fixed to the nearest body above it, or to the world.
struct Body {
  NodeId node;
  double mass = 0;      ///< [kg]; 0: what its shapes weigh.
  math::Vec3 inertia;   ///< About the centre of mass, along `axes` [kg m^2]; 0: the shapes' own, scaled to `mass`.
  math::Vec3 center;    ///< Centre of mass in the node's frame [m]; counts when `inertia` is given.
  math::Rotation axes;  ///< node_from_principal; counts when `inertia` is given.
  double gravity_compensation = 0;  ///< 1: floats as if without weight [1].
  bool kinematic = false;  ///< Goes where it is told, pushed by nothing. Must be a root of bodies, without joints.
  Extras extras;
};

enum class ShapeKind { plane, box, sphere, capsule, cylinder, ellipsoid, hull, pieces, distance_field, height_field };

/// A mesh as its author wrote it, for an engine that makes its own hull of it: the bytes of a file, or numbers.
struct MeshFile {
  std::string name;             ///< With its ending, which says what the bytes are.
  std::string bytes;            ///< As they were in the file; empty: `vertices` and `faces` count.
  std::vector<float> vertices;  ///< x y z each.
  std::vector<int> faces;       ///< Three vertices each; none: the hull.
  Extras extras;                ///< Scale and the like.
};

/// Heights on a grid about the shape's origin, rows along +y, columns along +x.
struct HeightField {
  int rows = 0, columns = 0;  ///< At least 2 each.
  math::Vec3 half_size;       ///< x, y: half extents; z: height of the value 1 [m].
  double base = 0.1;          ///< Thickness below the value 0 [m].
  std::vector<float> values;  ///< [row * columns + column], 0..1, both reached.
};

/// What touches. Belongs to the nearest body at its node or above; to the world when there is none.
struct Shape {
  std::string name;  ///< Unique among shapes when not empty.
  NodeId node;       ///< None: the scene's own frame.
  math::Pose node_from_shape;
  ShapeKind kind = ShapeKind::box;
  /// [m] plane (through the origin, up along z): half extents x, y, 0 for endless; box: half extents; sphere: radius;
  /// capsule, cylinder: radius, half length along z without the caps; ellipsoid: radii. Others: unused.
  math::Vec3 size{0.5, 0.5, 0.5};
  std::shared_ptr<const geometry::Mesh> mesh;                 ///< hull, distance_field; in the shape's frame.
  std::vector<std::shared_ptr<const geometry::Mesh>> pieces;  ///< pieces: convex ones.
  std::shared_ptr<const MeshFile> file;                       ///< In place of `mesh`.
  std::shared_ptr<const HeightField> heights;
  SurfaceId surface;                ///< None: a default Surface.
  double density = 1000;            ///< [kg/m^3]; counts when neither its nor its body's mass is given.
  double mass = 0;                  ///< [kg]; 0: from the density.
  std::uint32_t category = 1;       ///< Bits. Two shapes of different bodies touch when one's `collides_with` has a bit
  std::uint32_t collides_with = 1;  ///< of the other's `category`.
  Extras extras;
};

enum class JointKind { hinge, slider, ball, free };

/// Lets a body move against the one above it; several on one body act in order, three sliders and three hinges make six
/// degrees of freedom. What a joint joins does not touch each other. Coordinates: hinge [rad], slider [m], ball:
/// quaternion w x y z, free: x y z [m] and quaternion, all in the frame of the body above (free: of the world).
/// Velocities: [rad/s], [m/s]; ball: [rad/s] in the body's frame; free: [m/s] in the world's and [rad/s] in the body's
/// frame.
struct Joint {
  std::string name;  ///< Unique among joints.
  BodyId body;
  JointKind kind = JointKind::hinge;
  math::Vec3 anchor;         ///< In the body's frame [m].
  math::Vec3 axis{0, 0, 1};  ///< In the body's frame, length 1.
  double reference = 0;      ///< Coordinate at the pose that the nodes have [rad or m].
  bool limited = false;
  double lower = 0, upper = 0;  ///< Where it stops [rad or m]; ball: 0 and the greatest angle.
  double stiffness = 0;         ///< Of a spring [N m/rad or N/m].
  double spring_reference = 0;  ///< Coordinate at which the spring rests [rad or m].
  double damping = 0;           ///< [N m s/rad or N s/m]
  double armature = 0;          ///< Inertia of the rotor, seen at the joint [kg m^2 or kg].
  double friction_loss = 0;     ///< Dry friction [N m or N].
  Extras extras;

  int coordinates() const { return kind == JointKind::free ? 7 : kind == JointKind::ball ? 4 : 1; }
  int freedoms() const { return kind == JointKind::free ? 6 : kind == JointKind::ball ? 3 : 1; }
};

/// A frame on a node that tendons, constraints and sensors hold on to.
struct Site {
  std::string name;  ///< Unique among sites.
  NodeId node;       ///< None: the scene's own frame.
  math::Pose node_from_site;
  Extras extras;
};

/// One thing along a tendon: exactly one of joint, site, shape, or a pulley.
struct TendonHold {
  JointId joint;  ///< Fixed tendons: times `factor`.
  SiteId site;
  ShapeId shape;      ///< Sphere or cylinder that a spatial tendon runs around.
  SiteId side;        ///< On which side it does; may be none.
  double factor = 1;  ///< Of a joint [1 or m/rad]; of a pulley its divisor [1].
};

/// A length that can pull: a sum of joint coordinates (all holds are joints) or a path through sites and around shapes.
struct Tendon {
  std::string name;  ///< Unique among tendons.
  std::vector<TendonHold> path;
  bool limited = false;
  double lower = 0, upper = 0;                ///< Lengths where it stops [m].
  double stiffness = 0, damping = 0;          ///< [N/m], [N s/m]
  double friction_loss = 0, armature = 0;     ///< [N], [kg]
  std::array<double, 2> rest_length{-1, -1};  ///< The spring is slack between [m]; -1: the length at first.
  Extras extras;
};

enum class DriveKind {
  motor,     ///< The command is the force [N or N m].
  position,  ///< The command is the coordinate [m or rad].
  velocity,  ///< The command is the velocity [m/s or rad/s].
  general    ///< As `extras` say.
};

/// An actuator on a joint, a tendon, a site or a body: exactly one of them.
struct Drive {
  std::string name;  ///< Unique among drives.
  JointId joint;
  TendonId tendon;
  SiteId site;
  SiteId reference_site;  ///< What the site moves against; may be none.
  BodyId body;
  DriveKind kind = DriveKind::motor;
  double gear = 1;       ///< Coordinate of the drive / coordinate of what it drives [1]; forces are multiplied by it.
  double stiffness = 0;  ///< position: force per error [N/m or N m/rad].
  double damping = 0;    ///< position, velocity: force per velocity error [N s/m or N m s/rad].
  bool command_limited = false;
  double lower_command = 0, upper_command = 0;
  bool force_limited = false;
  double lower_force = 0, upper_force = 0;  ///< [N or N m]
  double delay = 0;                         ///< From command to effect [s].
  Extras extras;
};

enum class ConstraintKind {
  connect,   ///< `anchor` of body a (or site a) and the same point of b stay together.
  weld,      ///< b_from_a (or the sites' frames) stays as it was.
  joint,     ///< Mimic: joint a = polynomial of joint b, each counted from its reference; without b: stays.
  tendon,    ///< Likewise for lengths of tendons.
  distance,  ///< Site a and site b keep their distance.
  edges      ///< All edges of a deformable keep their lengths.
};

/// A closed loop, a mimic, a weld. Refers to two of one kind; b none: the world.
struct Constraint {
  std::string name;
  ConstraintKind kind = ConstraintKind::connect;
  BodyId body_a, body_b;
  SiteId site_a, site_b;
  JointId joint_a, joint_b;
  TendonId tendon_a, tendon_b;
  int deformable = -1;          ///< edges: index.
  math::Vec3 anchor;            ///< connect: in body a's frame; weld: in body b's frame [m].
  bool relative_given = false;  ///< weld: whether `relative` counts; else the pose that the nodes have.
  math::Pose relative;          ///< weld: a_from_b
  double torque_scale = 1;      ///< weld: how hard rotation is held, against translation [m].
  std::array<double, 5> polynomial{0, 1, 0, 0, 0};
  bool active = true;
  Extras extras;
};

/// Cloth, soft bodies, ropes: vertices that are bodies of their own, joined by triangles, tetrahedra or segments.
/// A rope bends and keeps its length; cloths and solids stretch too.
struct Deformable {
  std::string name;
  int dimension = 2;               ///< Of an element: 1 rope, 2 cloth, 3 solid.
  std::vector<BodyId> vertices;    ///< Body of each vertex, or one for all.
  std::vector<BodyId> nodes;       ///< Bodies of the control points of an interpolated one; else empty.
  std::vector<math::Vec3> points;  ///< Vertices in their bodies' frames [m]; empty: at the origins.
  std::vector<int> elements;       ///< dimension + 1 vertices each.
  double radius = 0.005;           ///< Around the elements, for contact [m].
  double youngs_modulus = 0;       ///< [Pa]
  double poisson_ratio = 0;        ///< [1], 0..0.5
  double damping = 0;              ///< Rayleigh's, to the stiffness [s].
  double thickness = -1;           ///< Cloth [m]; -1: twice the radius.
  SurfaceId surface;
  Extras extras;
};

/// What a state sensor, or anything else of an engine's own, may refer to.
struct Ref {
  enum class Kind { none, body, joint, shape, site, tendon, drive };
  Kind kind = Kind::none;
  std::uint32_t index = 0;  ///< In the table of its kind.
};

/// A reading that the engine makes itself, e.g. a joint's coordinate or a force; what it is, `extras` say.
struct StateSensor {
  std::string name;
  Ref object, reference;
  Extras extras;
};

/// Two bodies that never touch, or (`shapes`) two shapes that touch with their own settings.
struct Exclude {
  BodyId body_a, body_b;
};
struct ContactPair {
  ShapeId shape_a, shape_b;
  Extras extras;
};

/// A named state of a part of the tables: coordinates of joints [first_joint, ...), in order.
struct Keyframe {
  std::string name;
  double time = 0;                                                   ///< [s]
  std::size_t first_joint = 0, first_drive = 0, first_body = 0;      ///< Where the part begins in the tables.
  std::vector<double> positions, velocities, activations, commands;  ///< In the engine's order of the part.
  std::vector<double> kinematic_positions, kinematic_rotations;      ///< Of kinematic bodies.
};

/// The world that bodies live in and how it is stepped.
struct PhysicsOptions {
  math::Vec3 gravity{0, 0, -9.81};  ///< [m/s^2]
  math::Vec3 wind;                  ///< [m/s]
  double medium_density = 0;        ///< [kg/m^3]; 0: no drag
  double medium_viscosity = 0;      ///< [Pa s]
  double time_step = 0.002;         ///< [s]
  Extras extras;                    ///< Null: the solver is chosen by the scene.
};

/// All of it. A part of a Scene without bodies has empty tables.
struct Mechanics {
  PhysicsOptions options;
  bool has_options = false;  ///< Whether somebody set `options`; when parts are joined, the first who did wins.
  std::vector<Surface> surfaces;
  std::vector<Body> bodies;
  std::vector<Shape> shapes;
  std::vector<Joint> joints;
  std::vector<Site> sites;
  std::vector<Tendon> tendons;
  std::vector<Drive> drives;
  std::vector<Constraint> constraints;
  std::vector<Deformable> deformables;
  std::vector<StateSensor> sensors;
  std::vector<Exclude> excludes;
  std::vector<ContactPair> pairs;
  std::vector<Keyframe> keyframes;

  bool empty() const { return bodies.empty() && shapes.empty(); }
};

/// Adds a copy of `part`, whose nodes now begin at `first_node` >= 1, just after the node of its own frame; names move
/// below `prefix` ("/jack/0":
/// "/jack/0/wrist").
void append(Mechanics& mechanics, const Mechanics& part, std::size_t first_node, const std::string& prefix);

}  // namespace wm::scene
