#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worldmill/base/expression.h"
#include "worldmill/base/time.h"
#include "worldmill/base/value.h"
#include "worldmill/scene/asset_source.h"
#include "worldmill/scene/selector.h"
#include "worldmill/scene/sensor.h"

/// What a recipe orders of scenes and takes, read and checked: `recipe` fills it in, `vary` carries it out.
namespace wm::vary {

/// How often a draw is made anew; coarser first.
enum class Per { dataset, scene, take, moment };

/// A field that may be drawn. `value` is a tree of settings with units resolved to SI (rad, m, ...), file names
/// resolved to what AssetSource takes, globs of a choice expanded, colours linear Rec.709:
///
///   constant                          a number, truth, text, list of numbers
///   text with a `$` in it             an expression over lets and params (a lone "$name" may be of any type)
///   {by: "$name", case: FIELD, ...}   the case that the name's value says; `else` if there is one
///   {DISTRIBUTION: ARGUMENTS}         uniform log_uniform int [min, max] · normal {mean, sd} · truncated_normal {mean,
///                                     sd, min, max} · beta {a, b, min, max} · poisson MEAN · bernoulli P ·
///                                     choice [FIELD, ...] or {item: weight} (a number as its text) · sequence [FIELD,
///                                     ...] · hsv {h [rad], s, v: FIELD} · box {min, max} · sphere {center, radius} ·
///                                     shell {center, radius: [min, max]} · direction {} · rotation {} (w, x, y, z)
///   [FIELD, FIELD, FIELD]             a list whose items are drawn each for itself
struct Field {
  base::Value value;
  std::string name;        ///< Of the draw's address: `vary.lamps.light.intensity`.
  std::optional<Per> per;  ///< As written beside the distribution; none: the entry's.
  bool shared = false;     ///< One value for all matches.
  bool exists() const { return !value.is_null(); }
};

struct Let {
  std::string name;
  Field field;
  Per per = Per::take;
};

/// `scene.add`: copies of assets, as `/name/0`, `/name/1`, ...
struct Add {
  std::string name;
  Field asset;                          ///< Text: a path for AssetSource.
  Field count;                          ///< Whole number >= 0; none: 1.
  Field scale;                          ///< Factor > 0; none: 1.
  Field position, yaw, rpy, quat_wxyz;  ///< Of the root; at most one rotation.
  /// How a copy takes part in takes when its file has no bodies; none: it stands in the way, fixed.
  std::optional<scene::BodyOptions> body;
  std::optional<base::Expression> when;
  base::Place place;
};

/// `scene.place`: puts things onto a surface, without overlap among themselves, with the placed things before them, and
/// with `clear_of`. Each match is a thing, unless it hangs below another; hidden ones are passed over. A thing takes up
/// the upright prism of its outline seen from above (the convex hull), from its lowest to its highest point: no
/// triangle of anything else comes into it. All of the outline has surface under it; the thing stands on the highest
/// point of that. Things that another entry will place later are no obstacles yet: they will yield.
struct Place {
  std::string name;
  scene::Selector of;
  scene::Selector surface;  ///< Triangles that look up (within `slope`) of these nodes' subtrees.
  Field yaw;                ///< [rad] about +z, from how it stands; none: 0.
  std::optional<scene::Selector> clear_of;
  /// uniform: every spot that fits alike. poisson_disk: besides, things keep away from each other as far as they can.
  enum class Spread { uniform, poisson_disk } spread = Spread::uniform;
  double gap = 0;         ///< Least distance between two things [m].
  double edge = 0;        ///< Least distance of a thing's footprint from the surface's edge [m].
  double slope = 0.1745;  ///< Steepest surface that counts [rad].
  int tries = 200;        ///< Spots tried per thing; then it is left out (hidden, and logged as such).
  Per per = Per::scene;
  std::optional<base::Expression> when;
  base::Place place;
};

enum class Act { set, scale, add };

/// One field of one randomizer.
struct Change {
  /// pose.position · pose.yaw · pose.rpy · pose.quat_wxyz · pose.scale · visible · material.{base_color, opacity,
  /// metallic, roughness, emission, normal_scale, ior, transmission, clearcoat, clearcoat_roughness} · light.{switch,
  /// color, intensity, image, yaw, radius, angle, position} · body.{mass, friction, torsional_friction,
  /// rolling_friction, restitution, velocity, angular_velocity} · joint.{start, lower, upper, stiffness,
  /// spring_reference, damping, armature, friction_loss} · drive.{stiffness, damping, force_limit, delay}
  std::string target;
  Act act = Act::set;
  Field field;
};

/// `vary`: changes what the selector matches. Each match draws its own value unless shared.
struct Vary {
  std::string name;
  scene::Selector of;
  std::vector<Change> changes;
  bool shared = false;
  bool optional = false;
  std::vector<std::string> over;  ///< Earlier entries whose fields this one may write again.
  Per per = Per::take;
  std::optional<base::Expression> when;
  base::Place place;
};

struct Label {
  std::string name;
  std::uint16_t id = 0;  ///< Frozen, 1..65534; 0 where `ignore`.
  scene::Selector of;
  std::string part_of;  ///< Label of the whole; empty: a whole, each match is an object.
  bool ignore = false;
  bool optional = false;
  base::Place place;
};

struct Sensor {
  std::string name;
  scene::CameraSpec camera;  ///< What is constant of it.
  Field fov, exposure;       ///< [rad], [EV]; none: as `camera` says.
  /// Either looks at something from a distance ...
  /// The centre of its bounds; of several matches one is drawn, of the visible ones if there are any.
  std::optional<scene::Selector> look_at;
  Field distance;   ///< From there [m]; along the ground where `height` is given.
  Field azimuth;    ///< Of the camera seen from there, counter-clockwise from +x [rad]; none: uniform all around.
  Field elevation;  ///< Of the camera above the horizon as seen from there [rad]; none, and no height: 30 degrees.
  Field height;     ///< Of the camera, z [m]; instead of elevation.
  Field offset;     ///< Added to the point looked at [m], three numbers.
  Field roll;       ///< [rad], by which what is seen turns clockwise; none: 0, the horizon is level.
  /// ... or stands somewhere: position [m] with look_at, or with a rotation of the body frame (x forward, y left, z
  /// up). rpy: roll about x, then pitch about y (positive: nose down), then yaw about z.
  Field position, yaw, rpy, quat_wxyz;
  Per per = Per::take;
  base::Place place;
};

/// A demand on what a camera must see; any camera will do.
struct Require {
  std::string name;
  scene::Selector of;
  bool all = false;       ///< Every match must be seen so, else any one of them.
  double min_pixels = 0;  ///< Visible pixels
  double max_pixels = 1e18;
  double min_visible = 0;  ///< Visible share of the unoccluded silhouette inside the image [0, 1]
  double max_visible = 1;
  base::Place place;
};

/// An entry of `simulate.actors` or `simulate.faults`: what somebody does in a take, to each match by itself unless
/// `shared`.
struct Action {
  std::string name;
  std::string kind;  ///< `push`, `drive_dead` ...
  bool fault = false;
  scene::Selector of;
  /// SI. Those of three numbers stand for NAME_x, NAME_y, NAME_z.
  std::vector<std::pair<std::string, Field>> numbers;
  std::vector<Field> points;  ///< [m]
  /// [Hz] Of a fault that comes of itself: the hazard that it comes in the next instant; instead of `at`.
  Field hazard;
  std::optional<base::Expression> when;
  bool shared = false;
  bool optional = false;
  base::Place place;
};

/// How takes run; none: scenes stand still.
struct Simulate {
  double settle = 0;           ///< Before time 0 [s].
  double run = 0;              ///< From time 0 [s].
  std::optional<double> step;  ///< [s]; none: as the scene says.
  Field gravity;               ///< [m/s^2]; none: as the scene says.
  bool redraw = true;          ///< A world that explodes is drawn again; else its take ends there and says why.
  base::Rate keys{60, 1};      ///< How often poses and channels are kept.
  std::vector<Action> actions;
  base::Place place;
};

/// What is looked for in takes.
struct EventRule {
  std::string name;
  std::string detector;
  std::vector<scene::Selector> groups;                  ///< As the detector's row names them.
  std::vector<std::pair<std::string, double>> numbers;  ///< SI
  std::optional<base::Expression> when;                 ///< A condition on the state, of `expression`.
  bool optional = false;                                ///< No match is no error.
  base::Place place;
};

/// Which moments of takes become samples. Windows in time, each a sequence: around the edges of events, at given times,
/// at drawn times, or the whole take.
struct Capture {
  enum class Edge { begin, end, both };
  std::string name;
  std::string event;  ///< A rule's name; empty: `at`, `count`, or the whole take.
  Edge edge = Edge::begin;
  Field at;                            ///< [s] A time, instead of an event.
  std::int64_t count = 0;              ///< So many windows at drawn times, instead of an event.
  double before = 0, after = 0;        ///< [s] Of an event's edge or of `at`.
  double length = 0;                   ///< [s] Of each drawn window.
  std::optional<base::Rate> rate;      ///< none: one moment for each window, at its edge.
  std::optional<std::int64_t> max;     ///< At most so many windows of a take, the first.
  bool merge = true;                   ///< Windows that overlap become one.
  bool keep_clipped = true;            ///< Windows that reach past the take are cut; else they are left out.
  std::vector<std::string> away_from;  ///< Drawn windows overlap with no event of these rules, nor come ...
  double margin = 0;                   ///< ... nearer than this [s].
  base::Place place;
};

struct Split {
  std::vector<std::string> parts;     ///< By name as written; empty: no split.
  std::vector<double> shares;         ///< Sum 1
  std::vector<std::string> disjoint;  ///< Names of choice fields: `scene.add.junk.asset`
};

struct Job {
  std::string name;
  std::uint64_t seed = 0;
  std::vector<std::pair<std::string, base::Value>> params;  ///< Constants behind `$name`.
  std::vector<Let> lets;
  std::string stage;  ///< Path for AssetSource; empty: nothing but what is added.
  base::Place stage_place;
  std::vector<Add> adds;  ///< All lists in the order written (base files first).
  std::vector<Place> places;
  std::vector<Vary> varies;
  std::vector<Label> labels;
  std::optional<Simulate> simulate;
  std::vector<EventRule> events;
  std::vector<Capture> captures;  ///< None: one moment at each take's end.
  std::vector<Sensor> sensors;
  std::vector<Require> requires_;
  /// [px] At which slots are accepted; none: each sensor's own size. Pixels are counted as those of the sensor.
  std::optional<std::pair<int, int>> require_size;
  int attempts = 20;        ///< Per slot, at least 1
  Per redraw = Per::scene;  ///< scene or take
  Split split;
};

}  // namespace wm::vary
