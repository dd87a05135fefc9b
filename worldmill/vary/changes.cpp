#include "worldmill/vary/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "worldmill/vary/targets.h"

// A match of an entry stands for its subtree: what is changed of materials and lights is changed of all that hang at or
// below it and below no deeper match of the same entry. Poses and visibility are the matched node's own.
//
// All changes of a level are drawn first, entry by entry, and made afterwards, parents before children: no result
// depends on the order in which entries stand.

namespace wm::vary {
namespace {

using base::error;
using scene::NodeId;
using scene::Scene;

Result<const Target*> target_of(const Vary& entry, const Change& change) {
  if (const Target* target = find_target(change.target)) return target;
  std::vector<std::string_view> known;
  for (const Target& row : targets()) known.push_back(row.name);
  return error(fmt::format("vary.{}: there is no \"{}\" to change{}", entry.name, change.target,
                           base::did_you_mean(change.target, known)),
               change.field.value.place);
}

Result<bool> writes_on(const Vary& entry, On on) {
  for (const Change& change : entry.changes) {
    WM_TRY(target, target_of(entry, change));
    if (target->on == on) return true;
  }
  return false;
}

/// A thing that a match's changes reach.
struct Reached {
  std::size_t index;  ///< Of the node, material, light, body ...
  NodeId node;
};

NodeId node_of(const Scene& scene, const scene::Drive& drive) {
  const scene::Mechanics& m = scene.mechanics;
  if (drive.joint.exists()) return m.bodies[m.joints[drive.joint.index()].body.index()].node;
  if (drive.body.exists()) return m.bodies[drive.body.index()].node;
  return drive.site.exists() ? m.sites[drive.site.index()].node : NodeId();
}

/// Every thing of `on` with the node that it belongs to, in the order of nodes; what belongs to none is left out.
std::vector<Reached> things_of(const Scene& scene, On on) {
  const scene::Mechanics& m = scene.mechanics;
  std::vector<Reached> things;
  const auto add = [&](std::size_t index, NodeId node) {
    if (node.exists()) things.push_back({index, node});
  };
  for (std::size_t i = 0; i < scene.nodes.size() && (on == On::light || on == On::material); ++i) {
    const scene::Node& node = scene.nodes[i];
    if (on == On::light && node.light.exists()) add(node.light.index(), NodeId(i));
    for (const scene::Part& part : node.parts) {
      if (on == On::material) add(part.material.index(), NodeId(i));
    }
  }
  for (std::size_t i = 0; i < m.bodies.size() && on == On::body; ++i) add(i, m.bodies[i].node);
  for (std::size_t i = 0; i < m.shapes.size() && on == On::surface; ++i) {
    if (m.shapes[i].surface.exists()) add(m.shapes[i].surface.index(), m.shapes[i].node);
  }
  for (std::size_t i = 0; i < m.joints.size() && on == On::joint; ++i) {
    add(i, m.bodies[m.joints[i].body.index()].node);
  }
  for (std::size_t i = 0; i < m.drives.size() && on == On::drive; ++i) add(i, node_of(scene, m.drives[i]));
  std::ranges::stable_sort(things, {}, &Reached::node);
  return things;
}

/// [match] What of `on` each match reaches, each once.
std::vector<std::vector<Reached>> reach(const Scene& scene, std::span<const NodeId> matches, On on) {
  std::vector<std::vector<Reached>> reached(matches.size());
  if (on == On::node) {
    for (std::size_t m = 0; m < matches.size(); ++m) reached[m] = {{matches[m].index(), matches[m]}};
    return reached;
  }
  const std::vector<int> owner = owners(scene, matches);
  std::map<std::size_t, int> taken;  // by which match
  for (const Reached& thing : things_of(scene, on)) {
    const int match = owner[thing.node.index()];
    if (match < 0) continue;
    const auto [at, is_new] = taken.try_emplace(thing.index, match);
    if (is_new || at->second != match) reached[static_cast<std::size_t>(match)].push_back(thing);
    at->second = match;
  }
  return reached;
}

/// Gives copies to all but the first user of each row of a table, where users differ in the matches that own them.
template <class Table, class Handle>
void copy_shared(Table& table, std::map<std::pair<std::size_t, std::vector<int>>, std::size_t>& copies, Handle& handle,
                 const std::vector<int>& matches, std::vector<char>& used) {
  const std::size_t before = handle.index();
  const auto [at, is_new] = copies.try_emplace({before, matches}, before);
  if (is_new && used[before]) {
    at->second = table.size();
    auto copy = table[before];
    table.push_back(std::move(copy));
  }
  used[before] = 1;
  handle = Handle(at->second);
}

/// [entry that writes `on`][node] The match that owns the node, or -1.
Result<std::vector<std::vector<int>>> owners_on(const Job& job, const Scene& scene, const scene::Names& names, On on) {
  std::vector<std::vector<int>> all;
  for (const Vary& entry : job.varies) {
    WM_TRY(writes, writes_on(entry, on));
    if (!writes) continue;
    WM_TRY(matches, match(entry.of, scene, names, entry.optional));
    all.push_back(owners(scene, matches));
  }
  return all;
}

std::vector<int> matches_of(const std::vector<std::vector<int>>& owners, std::size_t node) {
  std::vector<int> matches;
  for (const std::vector<int>& owner : owners) matches.push_back(owner[node]);
  return matches;
}

const char* noun_of(On on) {
  constexpr const char* kNouns[] = {"node", "surface", "light", "body", "collision shape", "joint", "drive"};
  return kNouns[static_cast<std::size_t>(on)];
}

Status make_surfaces_unique(const Job& job, Scene& scene, const scene::Names& names) {
  WM_TRY(all, owners_on(job, scene, names, On::surface));
  if (all.empty()) return {};
  scene::Mechanics& m = scene.mechanics;
  std::map<std::pair<std::size_t, std::vector<int>>, std::size_t> copies;
  std::vector<char> used(m.surfaces.size());
  std::map<std::vector<int>, std::size_t> fresh;  // of shapes that had none
  for (scene::Shape& shape : m.shapes) {
    if (!shape.node.exists()) continue;
    const std::vector<int> matches = matches_of(all, shape.node.index());
    if (shape.surface.exists()) {
      copy_shared(m.surfaces, copies, shape.surface, matches, used);
    } else if (std::ranges::any_of(matches, [](int match) { return match >= 0; })) {
      const auto [at, is_new] = fresh.try_emplace(matches, m.surfaces.size());
      if (is_new) m.surfaces.emplace_back();
      shape.surface = scene::SurfaceId(at->second);
    }
  }
  return {};
}

/// Which field of which thing an entry writes.
struct Claim {
  On on;
  std::size_t index;
  std::string_view field;
  std::size_t entry;
  NodeId node;

  auto thing() const { return std::tie(on, index, field); }
};

class Changer {
 public:
  Changer(const scene::World& world, Draws& draws, const scene::Names& names, Per level)
      : scene_(*world.scene), draws_(draws), names_(names), level_(level) {}

  Status run(Writer& writer) {
    const std::vector<Vary>& entries = draws_.job().varies;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (level_of(entries[i].per) > level_) continue;
      WM_TRY(holds, draws_.holds(entries[i].when, entries[i].per, "vary." + entries[i].name, entries[i].place));
      if (holds) WM_TRY_STATUS(take_entry(i, level_of(entries[i].per) == level_));
    }
    WM_TRY_STATUS(check_claims());
    std::ranges::stable_sort(writes_, {}, [](const Write& w) {
      return std::tuple(w.target->on, w.index, w.target - targets().data(), w.entry);
    });
    for (const Write& write : writes_) WM_TRY_STATUS(make(writer, write));
    return {};
  }

 private:
  Status take_entry(std::size_t index, bool is_drawn) {
    const Vary& entry = draws_.job().varies[index];
    WM_TRY(matches, match(entry.of, scene_, names_, entry.optional));
    for (const Change& change : entry.changes) {
      WM_TRY(target, target_of(entry, change));
      const auto reached = reach(scene_, matches, target->on);
      const bool none = std::ranges::all_of(reached, [](const auto& r) { return r.empty(); });
      if (none && !matches.empty() && !entry.optional) {
        return error(fmt::format("vary.{}: no {} is at or below what \"{}\" matches, so there is nothing to change; "
                                 "`optional: true` allows it",
                                 entry.name, noun_of(target->on), entry.of.to_string()),
                     entry.place);
      }
      claim(index, *target, reached);
      if (is_drawn) WM_TRY_STATUS(draw(index, change, *target, matches, reached));
    }
    return {};
  }

  void claim(std::size_t entry, const Target& target, const std::vector<std::vector<Reached>>& reached) {
    for (const auto& things : reached) {
      for (const Reached& r : things) claims_.push_back({target.on, r.index, target.writes, entry, r.node});
    }
  }

  Status draw(std::size_t index, const Change& change, const Target& target, std::span<const NodeId> matches,
              const std::vector<std::vector<Reached>>& reached) {
    const Vary& entry = draws_.job().varies[index];
    const bool shared = entry.shared || change.field.shared;
    std::optional<base::Value> value;
    for (std::size_t m = 0; m < matches.size(); ++m) {
      if (reached[m].empty()) continue;
      if (!value || !shared) {
        const std::string_view object = shared ? std::string_view() : scene_.node(matches[m]).path;
        WM_TRY(drawn, draws_.draw(change.field, entry.per, object));
        value = std::move(drawn);
      }
      for (const Reached& r : reached[m]) {
        writes_.push_back({&target, r.index, index, change.act, *value, &change.field, r.node});
      }
    }
    return {};
  }

  Status check_claims() {
    std::ranges::stable_sort(claims_, [](const Claim& a, const Claim& b) {
      return std::tie(a.on, a.index, a.field, a.entry) < std::tie(b.on, b.index, b.field, b.entry);
    });
    for (std::size_t i = 1; i < claims_.size(); ++i) {
      const Claim& a = claims_[i - 1];
      const Claim& b = claims_[i];
      if (a.thing() != b.thing() || a.entry == b.entry) continue;
      const Vary& first = draws_.job().varies[a.entry];
      const Vary& second = draws_.job().varies[b.entry];
      if (std::ranges::find(second.over, first.name) != second.over.end()) continue;
      return error(fmt::format("vary.{} and vary.{} both write {} of {}; write `over: {}` in the later one or narrow "
                               "`of:`",
                               first.name, second.name, b.field, scene_.node(b.node).path, first.name),
                   second.place);
    }
    return {};
  }

  const Scene& scene_;
  Draws& draws_;
  const scene::Names& names_;
  Per level_;
  std::vector<Claim> claims_;
  std::vector<Write> writes_;
};

}  // namespace

Status make_unique(const Job& job, Scene& scene, const scene::Names& names) {
  WM_TRY_STATUS(make_surfaces_unique(job, scene, names));
  WM_TRY(material_owners, owners_on(job, scene, names, On::material));
  WM_TRY(light_owners, owners_on(job, scene, names, On::light));
  if (material_owners.empty() && light_owners.empty()) return {};
  std::map<std::pair<std::size_t, std::vector<int>>, std::size_t> materials, lights;
  std::vector<char> used_materials(scene.materials.size()), used_lights(scene.lights.size());
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    scene::Node& node = scene.nodes[i];
    const std::vector<int> of_materials = matches_of(material_owners, i), of_lights = matches_of(light_owners, i);
    for (scene::Part& part : node.parts) {
      copy_shared(scene.materials, materials, part.material, of_materials, used_materials);
    }
    if (node.light.exists()) copy_shared(scene.lights, lights, node.light, of_lights, used_lights);
  }
  return {};
}

Result<bool> touches_light(const Job& job, const Scene& scene, const scene::Names& names, NodeId node) {
  WM_TRY(owners, owners_on(job, scene, names, On::light));
  return std::ranges::any_of(owners, [&](const std::vector<int>& owner) { return owner[node.index()] >= 0; });
}

Status change_world(scene::World& world, Draws& draws, const scene::Names& names, Per level, scene::AssetSource& assets,
                    std::set<std::string>& used) {
  Writer writer{world, assets, used};
  return Changer(world, draws, names, level).run(writer);
}

math::Affine world_from_node(const scene::World& world, NodeId node) {
  math::Affine result = world.parent_from_node[node.index()];
  for (NodeId up = world.scene->node(node).parent; up.exists(); up = world.scene->node(up).parent) {
    result = world.parent_from_node[up.index()] * result;
  }
  return result;
}

bool set_world_from_node(scene::World& world, NodeId node, const math::Affine& world_from_child) {
  const NodeId parent = world.scene->node(node).parent;
  math::Affine local = world_from_child;
  if (parent.exists()) {
    const math::Affine world_from_parent = world_from_node(world, parent);
    if (math::determinant(world_from_parent.linear) == 0) return false;
    local = world_from_parent.inverse() * world_from_child;
  }
  world.parent_from_node.set(node.index(), local);
  return true;
}

}  // namespace wm::vary
