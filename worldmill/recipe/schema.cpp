#include "worldmill/recipe/schema.h"

#include <algorithm>
#include <array>

#include "worldmill/sim/actor.h"

namespace wm::recipe {

using base::Value;
using vary::Per;

const Key* Node::key(std::string_view name) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

const Node* Node::below(std::string_view name) const {
  const Key* known = key(name);
  return known ? known->node : item;
}

namespace {

constexpr double kPi = 3.14159265358979323846;

constexpr unsigned bit(Type type) {
  return 1u << static_cast<unsigned>(type);
}
constexpr unsigned kAny = bit(Type::any);
constexpr unsigned kNumber = bit(Type::number) | kAny;
constexpr unsigned kAll = 0x1ff;

constexpr std::array<Distribution, 15> kDistributions = {{
    {"uniform", "[min, max]", "Any number from min to max, each as likely.", kNumber},
    {"log_uniform", "[min, max]", "From min to max, each order of magnitude as likely; min is positive.", kNumber},
    {"int", "[min, max]", "A whole number from min to max, both ends in.", kNumber},
    {"normal", "{mean, sd}", "The bell curve.", kNumber},
    {"truncated_normal", "{mean, sd, min, max}", "The bell curve cut off at min and max.", kNumber},
    {"beta", "{a, b, min, max}", "The beta distribution stretched from min (0) to max (1).", kNumber},
    {"poisson", "MEAN", "A count whose mean is known.", kNumber},
    {"bernoulli", "P", "True with probability P.", bit(Type::truth) | kAny},
    {"choice", "[a, b] or {a: weight, b: weight}", "One of these; of files also by a glob.", kAll},
    {"sequence", "[a, b, ...]", "Item i mod n of its `per`: each in turn.", kAll},
    {"hsv", "{h, s, v}", "A colour by hue [angle], saturation and value [0, 1]; each may be drawn.",
     bit(Type::colour) | kAny},
    {"box", "{min: [x, y, z], max: [x, y, z]}", "A point in a box.", bit(Type::vector) | kAny},
    {"sphere", "{center, radius}", "A point in a ball.", bit(Type::vector) | kAny},
    {"shell", "{center, radius: [min, max]}", "A point between two spheres.", bit(Type::vector) | kAny},
    {"direction", "{}", "A vector of length 1, each direction as likely.", bit(Type::vector) | kAny},
}};
constexpr Distribution kRotation{"rotation", "{}", "Any rotation, each as likely.", bit(Type::rotation) | kAny};

constexpr auto kRows = [] {
  std::array<Distribution, kDistributions.size() + 1> rows{};
  std::copy(kDistributions.begin(), kDistributions.end(), rows.begin());
  rows.back() = kRotation;
  return rows;
}();

constexpr Range kUnit{0, 1};
constexpr Range kPositive{.least = 0, .open_least = true};
constexpr Range kNotNegative{.least = 0};

constexpr Range between(double least, double most) {
  return {least, most};
}

Key must(std::string_view name, const Node* node, std::string_view help) {
  return {name, node, help, true, {}};
}
Key may(std::string_view name, const Node* node, std::string_view help) {
  return {name, node, help, false, {}};
}
template <class T>
Key preset(std::string_view name, const Node* node, std::string_view help, T value) {
  return {name, node, help, false, Value{std::move(value), {"default"}}};
}
Key preset(std::string_view name, const Node* node, std::string_view help, const char* value) {
  return preset(name, node, help, std::string(value));
}
Key preset(std::string_view name, const Node* node, std::string_view help, int value) {
  return preset(name, node, help, std::int64_t{value});
}

}  // namespace

std::span<const Distribution> known_distributions() {
  return kRows;
}

const Distribution* find_distribution(std::string_view name) {
  const auto* found = std::find_if(kRows.begin(), kRows.end(), [&](const Distribution& d) { return d.name == name; });
  return found == kRows.end() ? nullptr : found;
}

/// Reads top to bottom like a recipe.
class SchemaBuilder {
 public:
  SchemaBuilder(Schema& schema, const Vocabulary& vocabulary) : schema_(schema), vocabulary_(vocabulary) {}

  const Node* root() {
    return map({
        must("worldmill", make({.kind = Node::Kind::version}), "The version of this schema: 1."),
        may("extends", make({.kind = Node::Kind::extends}),
            "Base recipes, one path or a list, first to last: maps merge by name, null deletes, lists replace."),
        may("name", text(), "What the dataset is called; left out: the file's name."),
        may("license", text(), "Under which licence the dataset is handed on, as text."),
        may("params", named("parameter", param(), true), "Numbers and words that `-p name=value` may set."),
        preset("order", order(), "How much of it.", Value::Map()),
        may("let", named("draw", let(), true), "Named draws, shared by all that say $name."),
        must("scene", scene(), "What is there."),
        may("labels", named("label", label()), "What is labelled, as which class."),
        may("vary", named("randomizer", randomizer()), "What is drawn anew."),
        may("simulate", simulate(), "How takes run; left out: nothing moves."),
        must("sensors", named("sensor", sensor(), false, 1), "Who looks."),
        may("events", named("event", event()), "What is looked for in takes, by name."),
        may("capture", named("rule", capture(), false, 1),
            "Which moments of takes become samples; left out: one at the end of each take."),
        may("require", require(), "What a slot must show; else it is drawn again."),
        may("split", split(), "Into which parts the scenes are dealt."),
        preset("render", render(), "How well the light is sampled.", Value::Map()),
        preset("annotate", annotate(), "Which labels are made: a list, or {all: [...], sensor: [...]}.",
               default_annotators()),
        preset("write", write(), "Which formats are written, each into a folder of its name.", default_writers()),
        preset("store", words({"full", "none"}), "`none` leaves the canonical store out.", "full"),
    });
  }

 private:
  const Node* make(Node node) {
    schema_.nodes_.push_back(std::move(node));
    return &schema_.nodes_.back();
  }
  const Node* map(std::vector<Key> keys, std::optional<Per> per = {}) {
    return make({.kind = Node::Kind::map, .keys = std::move(keys), .per = per});
  }
  const Node* named(std::string_view noun, const Node* item, bool identifiers = false, std::size_t least = 0) {
    return make({.kind = Node::Kind::named, .item = item, .least = least, .identifiers = identifiers, .noun = noun});
  }
  const Node* list(const Node* item, std::size_t least, std::size_t most = 100'000, std::string_view example = {}) {
    return make({.kind = Node::Kind::list, .item = item, .least = least, .most = most, .example = example});
  }
  const Node* either(std::vector<const Node*> options) {
    return make({.kind = Node::Kind::either, .options = std::move(options)});
  }
  const Node* words(std::vector<std::string> known) {
    return make({.kind = Node::Kind::word, .words = std::move(known)});
  }
  const Node* text() { return make({.kind = Node::Kind::text}); }
  const Node* truth() { return constant({.type = Type::truth}); }
  const Node* selector() { return make({.kind = Node::Kind::selector}); }
  const Node* guard() { return make({.kind = Node::Kind::guard}); }
  const Node* per() { return words({std::begin(kPers), std::end(kPers)}); }
  const Node* constant(Spec spec) { return make({.kind = Node::Kind::constant, .spec = spec}); }
  const Node* field(Spec spec) { return make({.kind = Node::Kind::field, .spec = spec}); }
  /// A field of vary: what acts on it beside `set`.
  const Node* change(Spec spec, bool scales, bool adds) {
    return make({.kind = Node::Kind::field, .spec = spec, .acts = true, .scales = scales, .adds = adds});
  }
  const Node* change(Spec spec) {
    const bool is_turn = spec.dimension == Dimension::angle || spec.type == Type::rotation;
    const bool is_amount = spec.type == Type::number || spec.type == Type::vector || spec.type == Type::colour;
    return change(spec, is_amount && !is_turn, is_amount || is_turn);
  }

  static Spec number(Dimension dimension, Range range = {}) { return {Type::number, dimension, range, false}; }
  static Spec whole(double least, double most, Dimension dimension = Dimension::none) {
    return {Type::number, dimension, between(least, most), true};
  }
  static Spec vector(Dimension dimension) { return {Type::vector, dimension, {}, false}; }
  static Spec colour(Range range) { return {Type::colour, Dimension::none, range, false}; }
  static Spec plain(Type type) { return {type, Dimension::none, {}, false}; }

  const Node* param() {
    const Node* scalar = make({.kind = Node::Kind::param});
    const Node* pair = list(constant(number(Dimension::any)), 2, 2, "[0, 100]");
    const Node* full = map({
        must("default", scalar, "Its value unless `-p` says another."),
        may("int", pair, "[min, max]: a whole number between these."),
        may("number", pair, "[min, max]: a number between these."),
        may("choice", list(scalar, 1), "One of these."),
        may("text", truth(), "true: any text."),
        may("bool", truth(), "true: true or false."),
        may("help", text(), "What it is for."),
    });
    return either({full, scalar});
  }

  const Node* order() {
    return map({
        preset("scenes", constant(whole(1, 1e9)), "Scenes: structures, what is there.", 1),
        preset("takes", constant(whole(1, 1e6)), "Takes of each scene: one run each.", 1),
        preset("seed", constant({Type::number, Dimension::none, kNotNegative, true}),
               "The dataset's own number: another one, another dataset.", 0),
    });
  }

  const Node* let() { return field({}); }

  // Where a root stands; at most one of the three rotations.
  void add_pose(std::vector<Key>& keys, bool changes) {
    const auto make_field = [&](Spec spec) { return changes ? change(spec) : field(spec); };
    keys.push_back(may("position", make_field(vector(Dimension::length)), "Where [m], [x, y, z]."));
    keys.push_back(may("yaw", make_field(number(Dimension::angle)), "Turn about the vertical."));
    keys.push_back(may("rpy", make_field(vector(Dimension::angle)), "Roll, pitch, yaw about x, y, z in that order."));
    keys.push_back(may("quat_wxyz", make_field(plain(Type::rotation)), "Rotation as a quaternion [w, x, y, z]."));
  }

  const Node* scene() {
    return map({
        may("stage", constant(plain(Type::asset)), "A scene file that everything stands in."),
        may("add", named("thing", add()), "Copies of assets: /name/0, /name/1, ..."),
        may("place", named("placement", place()), "What is put onto which surface."),
    });
  }

  const Node* add() {
    std::vector<Key> keys = {
        must("asset", field(plain(Type::asset)), "A scene file; each copy draws its own."),
        preset("count", field(whole(0, 100'000)), "How many copies.", 1),
        may("scale", field(number(Dimension::none, kPositive)), "Factor on its size."),
    };
    add_pose(keys, false);
    keys.push_back(
        may("body", thing_body(),
            "How it takes part in takes, if its file says nothing of bodies; left out: it stays where it is, "
            "and is in the way."));
    keys.push_back(may("when", guard(), "Only then are they there."));
    return map(std::move(keys), Per::scene);
  }

  const Node* thing_body() {
    return map({
        preset("kind", words({"rigid", "fixed"}), "`rigid` moves freely, `fixed` stays where it is.", "rigid"),
        preset("collider", words({"automatic", "box", "sphere", "capsule", "cylinder", "hull", "pieces"}),
               "What it collides as: a simple shape about it, its convex hull, or convex pieces; `automatic` is the "
               "simplest that fits.",
               "automatic"),
        preset("density", constant(number(Dimension::density, kPositive)),
               "What makes its mass of its collider's volume.", "500 kg/m^3"),
    });
  }

  const Node* place() {
    return map(
        {
            must("of", selector(), "What is put down."),
            must("surface", selector(), "Onto what: the parts of it that look up."),
            may("yaw", field(number(Dimension::angle)), "Turn about the vertical; left out: as in its file."),
            may("clear_of", selector(), "What it must not touch beside what was placed before it."),
            preset("spread", words({"uniform", "poisson_disk"}), "`poisson_disk` keeps them apart evenly.", "uniform"),
            preset("gap", constant(number(Dimension::length, kNotNegative)), "Least distance between two things.",
                   "0 m"),
            preset("edge", constant(number(Dimension::length, kNotNegative)),
                   "Least distance of a footprint from the surface's edge.", "0 m"),
            preset("slope", constant(number(Dimension::angle, between(0, kPi / 2))), "Steepest surface that counts.",
                   "10 deg"),
            preset("tries", constant(whole(1, 100'000)), "Spots tried for each thing; then it is left out.", 200),
            preset("per", per(), "How often they are placed anew.", "scene"),
            may("when", guard(), "Only then are they placed."),
        },
        Per::scene);
  }

  const Node* label() {
    return map({
        must("of", selector(), "What carries the label."),
        may("id", constant(whole(1, 65534)), "Its number; left out: the free ones from 1, by name."),
        may("part_of", text(), "The label of the whole that this is a part of."),
        preset("ignore", truth(), "Pixels that count for nothing.", false),
        preset("optional", truth(), "No match is no error.", false),
    });
  }

  const Node* material() {
    const Node* share = change(number(Dimension::none, kUnit));
    return map({
        may("base_color", change(colour(kUnit)), "Colour, linear [0, 1]."),
        may("opacity", share, "1 is opaque."),
        may("metallic", share, "1 is metal."),
        may("roughness", share, "0 is a mirror, 1 is matt."),
        may("emission", change(colour(kNotNegative)), "Its own light [cd/m^2] per channel."),
        may("normal_scale", change(number(Dimension::none, between(0, 10))), "Strength of the normal map."),
        may("ior", change(number(Dimension::none, between(1, 3))), "Index of refraction."),
        may("transmission", share, "1 lets light through as thin glass does."),
        may("clearcoat", share, "1 has a clear lacquer on top."),
        may("clearcoat_roughness", share, "Roughness of the lacquer."),
    });
  }

  const Node* light() {
    return map({
        may("switch", change(plain(Type::truth)), "On or off."),
        may("color", change(colour(kNotNegative)), "Colour, linear."),
        may("intensity", change(number(Dimension::none, kNotNegative)),
            "Sphere and spot [cd], rectangle [cd/m^2], distant [lx], environment: factor on its picture."),
        may("image", change(plain(Type::picture)), "The picture of an environment."),
        may("yaw", change(number(Dimension::angle)), "Turn about the vertical."),
        may("radius", change(number(Dimension::length, kNotNegative)), "Of a sphere or a spot."),
        may("angle", change(number(Dimension::angle, between(0, kPi)), true, true), "Of a distant light's disc."),
        may("position", change(vector(Dimension::length)), "Where it stands."),
    });
  }

  const Node* body() {
    const Node* share = change(number(Dimension::none, between(0, 10)));
    return map({
        may("mass", change(number(Dimension::mass, kPositive)), "What it weighs, its inertia in step with it."),
        may("friction", share, "Of sliding."),
        may("torsional_friction", change(number(Dimension::length, between(0, 10))),
            "Against turning about the normal: radius of a patch."),
        may("rolling_friction", change(number(Dimension::length, between(0, 10))), "Against rolling: arm of it."),
        may("restitution", change(number(Dimension::none, between(0, 0.95))), "Speed after an impact / before."),
        may("velocity", change(vector(Dimension::speed)), "With which it begins, if it flies freely."),
        may("angular_velocity", change(vector(Dimension::angular_speed)), "Likewise."),
    });
  }

  const Node* joint() {
    const Node* any = change(number(Dimension::any), true, true);
    const Node* amount = change(number(Dimension::any, kNotNegative), true, true);
    return map({
        may("start", any, "Coordinate at first [rad or m]."),
        may("lower", any, "Where it stops [rad or m]."),
        may("upper", any, "Where it stops [rad or m]."),
        may("stiffness", amount, "Of its spring [N m/rad or N/m]."),
        may("spring_reference", any, "Where its spring rests [rad or m]."),
        may("damping", amount, "[N m s/rad or N s/m]"),
        may("armature", amount, "Inertia of its rotor [kg m^2 or kg]."),
        may("friction_loss", amount, "Dry friction [N m or N]."),
    });
  }

  const Node* drive() {
    const Node* amount = change(number(Dimension::any, kNotNegative), true, true);
    return map({
        may("stiffness", amount, "Force per error [N m/rad or N/m]."),
        may("damping", amount, "Force per velocity error [N m s/rad or N s/m]."),
        may("force_limit", amount, "The same both ways [N m or N]."),
        may("delay", change(number(Dimension::time, kNotNegative)), "From command to effect."),
    });
  }

  // ---- takes

  /// Of a number of a detector or an actor.
  static Dimension dimension_of(std::string_view unit) {
    if (unit == "1") return Dimension::none;
    const auto quantity = read_quantity("1 " + std::string(unit));
    return quantity ? quantity->dimension : Dimension::any;
  }

  /// `force` of `force_x`, whose neighbours are `force_y` and `force_z`; else empty.
  static std::string_view vector_name(std::string_view name) {
    return name.ends_with("_x") ? name.substr(0, name.size() - 2) : std::string_view();
  }

  /// What the numbers of a row are called in a recipe; three that belong together are one vector. `drawn`: they may be.
  void add_numbers(std::vector<Key>& keys, const std::vector<sim::NumberSchema>& numbers, bool drawn) {
    for (const sim::NumberSchema& row : numbers) {
      if (row.name.ends_with("_y") || row.name.ends_with("_z")) continue;
      const Dimension dimension = dimension_of(row.unit);
      const std::string_view three = vector_name(row.name);
      const Spec spec = three.empty() ? number(dimension) : vector(dimension);
      const Node* node = drawn ? field(spec) : constant(spec);
      if (!drawn && row.help.ends_with("at least.")) {
        node = either({node, map({must("min", node, "At least.")})});  // `impulse: {min: 5 N s}` reads well
      }
      const bool is_when = drawn && row.name == "at";  // whose place a hazard may take
      keys.push_back({three.empty() ? row.name : three, node, row.help, !row.preset && !is_when, {}});
    }
  }

  const Node* simulate() {
    return map({
        preset("settle", constant(number(Dimension::time, kNotNegative)), "Stepped before time 0, unseen.", "0 s"),
        must("run", constant(number(Dimension::time, kPositive)), "How long a take is."),
        may("step", constant(number(Dimension::time, {.least = 1e-5, .most = 0.1})),
            "Of the stepper; left out: as the scene says, else 2 ms."),
        may("gravity", field(vector(Dimension::acceleration)), "Left out: as the scene says, else 9.81 m/s^2 down."),
        preset("trouble", words({"redraw", "record"}),
               "A world that explodes is drawn again, or its take ends there and says why.", "redraw"),
        preset("keys", constant(number(Dimension::rate, kPositive)), "How often poses and actions are kept.", "60 Hz"),
        may("actors", named("actor", action(false)), "Who makes things happen."),
        may("faults", named("fault", action(true)), "What breaks."),
    });
  }

  const Node* action(bool fault) {
    std::vector<Key> rows;
    for (const sim::ActorRow& row : sim::builtin_actors()) {
      if (row.summary.starts_with("A fault") != fault) continue;
      std::vector<Key> keys = {must("of", selector(), "Whom it is done to; each for itself unless `shared`.")};
      add_numbers(keys, row.numbers, true);
      if (row.points) {
        keys.push_back(must("points", list(field(vector(Dimension::length)), 1, 10'000, "[[0, 0, 0], [1 m, 0, 0]]"),
                            "Where it goes, in the world's frame."));
      }
      if (fault) {
        keys.push_back(may("hazard", field(number(Dimension::rate, kPositive)),
                           "How probable it is that it comes, per time; instead of `at`."));
      }
      rows.push_back(may(row.name, map(std::move(keys)), row.summary));
    }
    rows.push_back(preset("shared", truth(), "One draw for all matches.", false));
    rows.push_back(preset("optional", truth(), "No match is no error.", false));
    rows.push_back(may("when", guard(), "Only then is it done."));
    return map(std::move(rows), Per::take);
  }

  const Node* event() {
    std::vector<Key> rows;
    for (const sim::DetectorRow& row : sim::builtin_detectors()) {
      std::vector<Key> keys;
      for (std::size_t i = 0; i < row.groups.size(); ++i) {
        if (row.groups[i] == "between") {
          keys.push_back(must("between", list(selector(), 2, 2, "[jack, junk]"), "The two that it is about."));
          break;
        }
        keys.push_back(must(row.groups[i], selector(), i == 0 ? "What it is about." : "Who does it."));
      }
      add_numbers(keys, row.numbers, false);
      if (row.name == "expression") keys.push_back(must("when", text(), "The condition, as in: $speed > 2"));
      rows.push_back(may(row.name, map(std::move(keys)), row.summary));
    }
    rows.push_back(preset("optional", truth(), "No match is no error.", false));
    return map(std::move(rows));
  }

  const Node* capture() {
    const Node* span = constant(number(Dimension::time, kNotNegative));
    return map(
        {
            may("event", text(), "The event around whose edges it looks."),
            preset("edge", words({"begin", "end", "both"}), "Which edges of the event.", "begin"),
            may("at", field(number(Dimension::time, kNotNegative)), "Around this time, instead of an event."),
            may("count", constant(whole(1, 100'000)), "So many windows at drawn times, instead of an event."),
            preset("before", span, "How long before the edge.", "0 s"),
            preset("after", span, "How long after the edge.", "0 s"),
            preset("length", span, "How long each drawn window is.", "0 s"),
            may("rate", constant(number(Dimension::rate, kPositive)),
                "Moments per second, one of them the edge itself; left out: that one alone. Without event, at and "
                "count: of the whole take."),
            may("max", constant(whole(1, 1e6)), "So many windows of a take at most, the first."),
            preset("merge", truth(), "Windows that overlap become one.", true),
            preset("clip", words({"keep", "drop"}), "Windows that reach past the take are cut, or left out.", "keep"),
            may("away_from", either({list(text(), 1, 1000, "[hit]"), text()}),
                "Events that drawn windows keep away from: negatives."),
            preset("margin", span, "How far they keep away.", "0 s"),
        },
        Per::take);
  }

  const Node* randomizer() {
    std::vector<Key> pose;
    add_pose(pose, true);
    pose.push_back(may("scale", change(number(Dimension::none, kPositive), true, false), "Factor on its size."));
    return map(
        {
            must("of", selector(), "What is changed."),
            may("pose", map(std::move(pose)), "Where it stands, beside its parent."),
            may("visible", change(plain(Type::truth)), "Whether it and what hangs on it is there."),
            may("material", material(), "Of all its surfaces."),
            may("light", light(), "Of the lights among it."),
            may("body", body(), "Of its rigid bodies and of what they are covered with."),
            may("joint", joint(), "Of the joints that move its bodies."),
            may("drive", drive(), "Of the drives of those joints."),
            preset("per", per(), "How often it is drawn anew.", "take"),
            preset("shared", truth(), "One draw for all matches.", false),
            preset("optional", truth(), "No match is no error.", false),
            may("when", guard(), "Only then is it changed."),
            may("over", either({list(text(), 1), text()}), "Earlier entries whose fields this one writes again."),
        },
        Per::take);
  }

  const Node* size() { return list(constant(whole(1, 16384, Dimension::pixels)), 2, 2, "[640, 480]"); }

  const Node* sensor() {
    const Node* camera = map({
        preset("resolution", size(), "[width, height].",
               Value::List{{std::int64_t{640}, {"default"}}, {std::int64_t{480}, {"default"}}}),
        preset("fov", field(number(Dimension::angle, {0, kPi, true, true})), "Horizontal field of view.", "60 deg"),
        preset("exposure", field(number(Dimension::none, between(-40, 40))),
               "[EV]: the picture is radiance * 2^exposure.", 0),
    });
    std::vector<Key> pose = {
        may("look_at", selector(), "The centre of what it looks at; of several one is drawn."),
        may("distance", field(number(Dimension::length, kPositive)), "From there."),
        may("azimuth", field(number(Dimension::angle)), "Seen from there, from +x; left out: all around."),
        may("elevation", field(number(Dimension::angle, between(-kPi / 2, kPi / 2))),
            "Above the horizon, from there; left out: 30 deg."),
        may("height", field(number(Dimension::length)), "Of the camera, z; instead of elevation."),
        may("offset", field(vector(Dimension::length)), "Added to the point looked at."),
        may("roll", field(number(Dimension::angle)), "Clockwise in the picture; left out: the horizon is level."),
    };
    add_pose(pose, false);
    return map(
        {
            preset("camera", camera, "A pinhole camera.", Value::Map()),
            must("pose", map(std::move(pose)), "Where it stands: look_at and distance, or position and a rotation."),
            preset("per", per(), "How often it is drawn anew.", "take"),
        },
        Per::take);
  }

  const Node* require() {
    Node node{.kind = Node::Kind::named, .item = demand(), .noun = "demand"};
    node.keys = {may("resolution", size(),
                     "[width, height] to look at while slots are accepted; left out: each sensor's. Pixels are counted "
                     "as those of the sensor.")};
    return make(std::move(node));
  }

  const Node* demand() {
    const Node* pixels = map({
        preset("min", constant(number(Dimension::pixels, kNotNegative)), "At least.", 0),
        may("max", constant(number(Dimension::pixels, kNotNegative)), "At most."),
    });
    const Node* visible = map({
        preset("min", constant(number(Dimension::none, kUnit)), "At least.", 0),
        preset("max", constant(number(Dimension::none, kUnit)), "At most.", 1),
    });
    return map({
        may("any", selector(), "One of these must be seen so."),
        may("all", selector(), "Every one of these must be seen so."),
        may("pixels", pixels, "Visible pixels."),
        may("visible", visible, "Visible share of its outline in the picture, [0, 1]."),
        may("attempts", constant(whole(1, 100'000)), "How often a slot is drawn before it stays unfilled (20)."),
        may("redraw", words({"scene", "take"}), "What is drawn again; left out: scene when takes is 1, else take."),
    });
  }

  const Node* split() {
    return map({
        must("parts", named("part", constant(number(Dimension::none, kUnit)), false, 1), "Name: share; sum 1."),
        may("disjoint", list(text(), 1, 1000, "[scene.add.junk.asset]"),
            "Choices whose candidates no two parts share: `scene.add.junk.asset`."),
    });
  }

  const Node* render() {
    return map({
        may("noise", constant(number(Dimension::none, kPositive)),
            "Stop where the relative error of a pixel is below this."),
        preset("max_samples", constant(whole(1, 65535)), "Samples for each pixel at most.", 64),
        preset("max_depth", constant(whole(1, 64)), "Segments of a light path at most.", 8),
    });
  }

  const Node* annotate() {
    const Node* names = list(words(vocabulary_.annotators), 0, 1000, "[rgb, depth]");
    return either({names, named("list of annotators", names)});
  }

  const Node* write() {
    Node entry{.kind = Node::Kind::write};
    entry.words = vocabulary_.writers;
    return named("format", make(std::move(entry)), false, 1);
  }

  Value::List default_annotators() const {
    Value::List names;
    for (const char* name :
         {"rgb", "depth", "normals", "instances", "semantics", "box_2d", "box_3d", "occlusion", "events", "actions"}) {
      const auto& known = vocabulary_.annotators;
      if (std::find(known.begin(), known.end(), name) != known.end()) names.push_back({name, {"default"}});
    }
    return names;
  }

  Value::Map default_writers() const {
    const auto& known = vocabulary_.writers;
    if (std::find(known.begin(), known.end(), "plain") == known.end()) return {};
    return {{"plain", {"default"}, Value{Value::Map(), {"default"}}}};
  }

  Schema& schema_;
  const Vocabulary& vocabulary_;
};

Schema::Schema(const Vocabulary& vocabulary) {
  root_ = SchemaBuilder(*this, vocabulary).root();
}

}  // namespace wm::recipe
