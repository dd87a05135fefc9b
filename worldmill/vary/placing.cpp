#include "worldmill/vary/placing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "worldmill/base/distributions.h"
#include "worldmill/math/elementary.h"
#include "worldmill/vary/bodies.h"
#include "worldmill/vary/changes.h"

// Darts. A thing takes up an upright prism: the convex hull of its outline seen from above, from its lowest to its
// highest point. Spot after spot is drawn uniformly on the ground until one is found where
//
//   * the outline, grown by `edge`, has ground under all of it; the thing stands on the highest point of that ground,
//   * no triangle of `clear_of` reaches into the prism, grown by `gap`,
//   * for each thing placed before: the two prisms do not touch, or at least no triangle of it reaches into the prism,
//   * when spread as a Poisson disk: every thing of the entry is at least r away. r begins near the closest that so
//   many
//     can be thrown (0.8 sqrt(area / number)) and shrinks linearly to 0 with the tries (after McCool, Fiume,
//     "Hierarchical Poisson disk sampling distributions", Graphics Interface 1992).
//
// A spot's address is the thing's own: spot t of a thing is the same whatever the others do.

namespace wm::vary {
namespace {

using base::error;
using math::Vec2;
using math::Vec3;
using scene::NodeId;

constexpr double kTouch = 1e-4;   // [m] things may stand in each other's top by so much
constexpr double kDensest = 0.8;  // of sqrt(area / number)

Prism prism_of(const Body& body, double cos, double sin, Vec3 spot, double gap) {
  const Vec2 middle{spot.x, spot.y};
  return {grown(moved(body.outline, cos, sin, middle), gap), spot.z + kTouch, spot.z + body.high - body.low + gap,
          middle};
}

/// What a thing placed before takes up.
struct Standing {
  Body body;
  std::vector<std::size_t> nodes;
  Prism prism;                               // without gap
  math::Affine move;                         // where it went since the snapshot
  std::shared_ptr<const TriangleGrid> grid;  // made when first asked for
};

/// An entry of the recipe that holds, and what it places.
struct Group {
  const Place* place;
  std::vector<NodeId> things;
};

/// [thing] The nodes at and below each.
std::vector<std::vector<std::size_t>> nodes_of(const scene::Scene& scene, std::span<const NodeId> things) {
  std::vector<std::vector<std::size_t>> nodes(things.size());
  const std::vector<int> owner = owners(scene, things);
  for (std::size_t i = 0; i < owner.size(); ++i) {
    if (owner[i] >= 0) nodes[static_cast<std::size_t>(owner[i])].push_back(i);
  }
  return nodes;
}

template <class Wanted>
std::vector<std::size_t> nodes_where(const scene::Scene& scene, const Wanted& wanted) {
  std::vector<std::size_t> nodes;
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    if (wanted(i)) nodes.push_back(i);
  }
  return nodes;
}

class Arranger {
 public:
  Arranger(scene::World& world, Draws& draws, const scene::Names& names, Per level)
      : world_(world), scene_(*world.scene), draws_(draws), names_(names), level_(level) {}

  Status run() {
    if (draws_.job().places.empty()) return {};
    WM_TRY_STATUS(find_groups());
    WM_TRY_STATUS(check_claims());
    if (now_.empty()) return {};
    for (const Group& group : before_) stand(group);
    for (const Group& group : now_) WM_TRY_STATUS(arrange(group));
    return {};
  }

 private:
  /// Outermost matches: what hangs below a thing goes with it.
  Result<std::vector<NodeId>> things_of(const Place& place) {
    WM_TRY(matches, match(place.of, scene_, names_));
    std::vector<int> inside = owners(scene_, matches);
    std::erase_if(matches, [&](NodeId id) {
      const NodeId parent = scene_.node(id).parent;
      return parent.exists() && inside[parent.index()] >= 0;
    });
    return matches;
  }

  Status find_groups() {
    for (const Place& place : draws_.job().places) {
      const Per level = level_of(place.per);
      WM_TRY(things, things_of(place));
      for (const NodeId id : things) moves_.push_back(id);
      if (level > level_) continue;
      WM_TRY(holds, draws_.holds(place.when, place.per, "scene.place." + place.name, place.place));
      if (holds) (level == level_ ? now_ : before_).push_back({&place, std::move(things)});
    }
    std::ranges::sort(moves_);
    moves_.erase(std::unique(moves_.begin(), moves_.end()), moves_.end());
    return {};
  }

  /// One place for a thing: two entries must not both say it, nor a change of the same level.
  Status check_claims() {
    std::map<NodeId, std::string> claims;
    for (const auto* groups : {&before_, &now_}) {
      for (const Group& group : *groups) {
        const std::string name = "scene.place." + group.place->name;
        for (const NodeId id : group.things) {
          const auto [at, is_new] = claims.try_emplace(id, name);
          if (!is_new) return claimed_twice(at->second, name, id, group.place->place);
        }
      }
    }
    for (const Vary& entry : draws_.job().varies) {
      const bool moves =
          std::ranges::any_of(entry.changes, [](const Change& c) { return c.target == "pose.position"; });
      if (!moves || level_of(entry.per) != level_) continue;
      WM_TRY(holds, draws_.holds(entry.when, entry.per, "vary." + entry.name, entry.place));
      if (!holds) continue;
      WM_TRY(matches, match(entry.of, scene_, names_, entry.optional));
      for (const Group& group : now_) {
        for (const NodeId id : matches) {
          if (std::ranges::find(group.things, id) == group.things.end()) continue;
          return claimed_twice("scene.place." + group.place->name, "vary." + entry.name, id, entry.place);
        }
      }
    }
    return {};
  }

  tl::unexpected<base::Diagnostic> claimed_twice(const std::string& first, const std::string& second, NodeId id,
                                                 const base::Place& place) {
    return error(
        fmt::format("{} and {} both say where {} is; take it from one of them", first, second, scene_.node(id).path),
        place);
  }

  void stand(const Group& group) {
    if (!snapshot_) snapshot_ = std::make_unique<Snapshot>(world_);
    auto nodes = nodes_of(scene_, group.things);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const NodeId id = group.things[i];
      if (!snapshot_->visible[id.index()]) continue;
      const Body body = body_of(*snapshot_, id, nodes[i]);
      const Prism prism = prism_of(body, 1, 0, {body.anchor.x, body.anchor.y, body.low}, 0);
      standing_.push_back({body, std::move(nodes[i]), prism, {}, nullptr});
    }
  }

  /// The triangles that stand still and must be kept clear of.
  Result<TriangleGrid> obstacles(const Place& place, const Ground& ground, const std::vector<Body>& bodies) {
    TriangleGrid grid;
    if (!place.clear_of) return grid;
    WM_TRY(matches, match(*place.clear_of, scene_, names_));
    const std::vector<int> meant = owners(scene_, matches), movers = owners(scene_, moves_);
    double reach = 0, tallest = 0;
    for (const Body& body : bodies) {
      reach = std::max(reach, body.radius);
      tallest = std::max(tallest, body.high - body.low);
    }
    math::Box3 room = ground.bounds();
    reach += place.gap * 1.1;
    room.low = room.low - Vec3{reach, reach, kTouch};
    room.high = room.high + Vec3{reach, reach, tallest + place.gap + kTouch};
    const auto wanted = nodes_where(
        scene_, [&](std::size_t node) { return meant[node] >= 0 && movers[node] < 0 && snapshot_->visible[node]; });
    const auto keep = [&](const WorldTriangle& t, std::size_t node) {
      if (surface_[node] >= 0 && ground.counts(t)) return false;
      math::Box3 box;
      for (const Vec3 corner : t) box.add(corner);
      const bool beside =
          box.low.x > room.high.x || box.high.x < room.low.x || box.low.y > room.high.y || box.high.y < room.low.y;
      return !beside;
    };
    gather(*snapshot_, {}, wanted, keep, grid);
    grid.build();
    return grid;
  }

  Status arrange(const Group& group) {
    const Place& place = *group.place;
    if (group.things.empty()) return {};
    snapshot_ = std::make_unique<Snapshot>(world_);
    for (Standing& s : standing_) s.move = {}, s.grid = nullptr;
    WM_TRY(nodes, match(place.surface, scene_, names_));
    surface_ = owners(scene_, nodes);
    const std::vector<int> own = owners(scene_, group.things);
    const auto grounds = nodes_where(scene_, [&](std::size_t node) { return surface_[node] >= 0 && own[node] < 0; });
    const Ground ground(*snapshot_, grounds, place.slope);
    if (ground.area() <= 0) {
      return error(fmt::format("scene.place.{}: nothing of the surface \"{}\" looks up within slope {:.4g} rad",
                               place.name, place.surface.to_string(), place.slope),
                   place.place);
    }
    const auto nodes_of_things = nodes_of(scene_, group.things);
    std::vector<Body> bodies;
    for (std::size_t i = 0; i < group.things.size(); ++i) {
      const NodeId id = group.things[i];
      if (!snapshot_->visible[id.index()]) continue;
      bodies.push_back(body_of(*snapshot_, id, nodes_of_things[i]));
      nodes_[id] = nodes_of_things[i];
    }
    WM_TRY(fixed, obstacles(place, ground, bodies));
    const double densest = place.spread == Place::Spread::poisson_disk && !bodies.empty()
                               ? kDensest * std::sqrt(ground.area() / static_cast<double>(bodies.size()))
                               : 0;
    anchors_.clear();
    for (const Body& body : bodies) WM_TRY_STATUS(put(place, ground, fixed, densest, body));
    return {};
  }

  Status put(const Place& place, const Ground& ground, const TriangleGrid& fixed, double densest, const Body& body) {
    const std::string& path = scene_.node(body.root).path;
    double yaw = 0;
    if (place.yaw.exists()) {
      WM_TRY(drawn, draws_.number(place.yaw, place.per, path));
      yaw = drawn;
    }
    const math::SinCos turn = math::sincos(yaw);
    const std::string name = fmt::format("scene.place.{}.spot", place.name);
    const base::RandomKey key = draws_.key(place.per, name, path);
    for (int t = 0; t < place.tries; ++t) {
      const auto i = static_cast<std::uint64_t>(t) * 3;
      const Vec3 spot = ground.point(base::unit(key, i), base::unit(key, i + 1), base::unit(key, i + 2));
      const double apart = densest * (1 - static_cast<double>(t) / place.tries);
      const std::optional<Vec3> found = fits(place, ground, fixed, body, turn, spot, apart);
      if (!found) continue;
      record(place, name, path, found, t);
      return set_down(body, turn, *found);
    }
    record(place, name, path, std::nullopt, place.tries);
    world_.visible.set(body.root.index(), 0);
    return {};
  }

  /// Where the thing stands at this spot, if it may.
  std::optional<Vec3> fits(const Place& place, const Ground& ground, const TriangleGrid& fixed, const Body& body,
                           const math::SinCos& turn, Vec3 spot, double apart) {
    for (const Vec3 anchor : anchors_) {
      if (math::length(anchor - spot) < apart) return std::nullopt;
    }
    const Polygon outline = moved(body.outline, turn.cos, turn.sin, {spot.x, spot.y});
    const std::optional<double> height = ground.height(grown(outline, place.edge), spot.z);
    if (!height) return std::nullopt;
    spot.z = *height;
    const Prism prism = prism_of(body, turn.cos, turn.sin, spot, place.gap);
    for (Standing& other : standing_) {
      if (touches(prism, body.radius + place.gap * 1.1, other)) return std::nullopt;
    }
    if (!fixed.triangles().empty() && is_blocked(prism, fixed)) return std::nullopt;
    return spot;
  }

  bool touches(const Prism& prism, double radius, Standing& other) {
    const double x = prism.middle.x - other.prism.middle.x, y = prism.middle.y - other.prism.middle.y;
    const double reach = radius + other.body.radius;
    if (x * x + y * y >= reach * reach) return false;
    if (prism.low >= other.prism.high || prism.high <= other.prism.low) return false;
    if (!overlap(prism.outline, other.prism.outline)) return false;
    if (!other.grid) other.grid = triangles_of(other);
    return is_blocked(prism, *other.grid);
  }

  std::shared_ptr<const TriangleGrid> triangles_of(const Standing& other) {
    auto grid = std::make_shared<TriangleGrid>();
    const auto shown = [this](const WorldTriangle&, std::size_t node) { return snapshot_->visible[node] != 0; };
    gather(*snapshot_, other.move, other.nodes, shown, *grid);
    grid->build();
    return grid;
  }

  Status set_down(const Body& body, const math::SinCos& turn, Vec3 spot) {
    math::Affine move;
    move.linear = {{turn.cos, -turn.sin, 0}, {turn.sin, turn.cos, 0}, {0, 0, 1}};
    move.translation = spot - move.linear * Vec3{body.anchor.x, body.anchor.y, body.low};
    if (!set_world_from_node(world_, body.root, move * snapshot_->world_from_node[body.root.index()])) {
      return error(fmt::format("{} lies below a node that is flat (scaled to 0), so it cannot be placed",
                               scene_.node(body.root).path));
    }
    anchors_.push_back(spot);
    standing_.push_back({body, nodes_.at(body.root), prism_of(body, turn.cos, turn.sin, spot, 0), move, nullptr});
    return {};
  }

  void record(const Place& place, const std::string& name, const std::string& path, std::optional<Vec3> spot,
              int spent) {
    base::Value::Map said;
    const auto say = [&said](const char* key, base::Value value) {
      base::Entry& entry = said.emplace_back();
      entry.key = key;
      entry.value = std::move(value);
    };
    say("placed", {spot.has_value(), {}});
    if (spot) say("position", value_of(*spot));
    say(spot ? "try" : "tries", {std::int64_t{spent}, {}});
    const char* spread = place.spread == Place::Spread::poisson_disk ? "poisson_disk" : "uniform";
    draws_.record(draws_.address(place.per, name, path), fmt::format("{} on {}", spread, place.surface.to_string()),
                  {std::move(said), {}});
  }

  scene::World& world_;
  const scene::Scene& scene_;
  Draws& draws_;
  const scene::Names& names_;
  Per level_;
  std::vector<Group> before_, now_;  // of the coarser level, of this one
  std::vector<NodeId> moves_;        // everything that some entry places
  std::unique_ptr<Snapshot> snapshot_;
  std::map<NodeId, std::vector<std::size_t>> nodes_;  // of things that are being placed
  std::vector<int> surface_;                          // [node] >= 0: belongs to the surface
  std::vector<Standing> standing_;
  std::vector<Vec3> anchors_;
};

}  // namespace

Status place_things(scene::World& world, Draws& draws, const scene::Names& names, Per level) {
  return Arranger(world, draws, names, level).run();
}

}  // namespace wm::vary
