// Inherits and specializes: arcs to classes in the same layer stack, and what every layer stack on the way up to the
// prim says about the same class: its implied arcs.
#include <algorithm>

#include "worldmill/usd/prim_indexer.h"
#include "worldmill/usd/prim_sites.h"

namespace wm::usd {

void PrimIndexer::classes(std::uint32_t i, bool specializes) {
  const PrimNode n = node(i);
  int sibling = 0;
  for (const Path path :
       composed_list<Path>(*n.stack, n.path, specializes ? known("specializes") : known("inheritPaths"))) {
    if (path.is_prim() && !path.has_variant()) {
      const MapFunction map = arc_map(n, path, {}).with_root_identity();
      add_class(specializes ? Arc::specialize : Arc::inherit, i, i, map, sibling, nullptr);
    }
    ++sibling;
  }
}

std::uint32_t PrimIndexer::add_class(Arc arc, std::uint32_t parent, std::uint32_t origin, const MapFunction& map,
                                     int sibling, const PrimNode* same_as) {
  const PrimNode p = node(parent);
  const Path path = map.to_source(p.path.without_variants());
  if (path.empty() || !path.is_prim()) return kNone;
  if (origin != parent && path == p.path.without_variants()) return kNone;  // names that the map does not know
  for (const std::uint32_t child : index_.children(parent)) {
    const PrimNode& c = node(child);
    if (c.arc == arc && c.path == path && *c.to_parent == map) return child;
  }
  const bool contributes = !(same_as && same_as->stack == p.stack && same_as->path.without_variants() == path);
  if (!contributes && is_class(node(same_as->parent).arc)) return kNone;  // it goes up with the class that has it
  return add_arc({.arc = arc,
                  .parent = parent,
                  .origin = origin,
                  .stack = p.stack,
                  .path = path,
                  .map = map,
                  .sibling = sibling,
                  .below = origin == parent ? 0 : node(origin).below,
                  .contributes = contributes,
                  .ancestral = contributes && path.prim_depth() > 1,
                  .skip_duplicates = contributes && path.prim_depth() > 1});
}

void PrimIndexer::implied_classes(std::uint32_t i) {
  const std::vector<std::uint32_t> children = index_.children(i).list();
  for (const std::uint32_t child : children) {
    if (is_class(node(child).arc)) imply_upward(i, i, child);
  }
}

// The class `child` of node `i`, seen from node `at`, as the layer stack one arc up sees it. Classes of a relocate's
// source that name the prim as it is after the move are the target's; others go to the same move one stack up.
void PrimIndexer::imply_upward(std::uint32_t i, std::uint32_t at, std::uint32_t child) {
  if (at == 0) {
    if (frame_ && i != 0) deferred_.push_back(i);  // the graph around will see to it
    return;
  }
  const PrimNode n = node(at);
  if (n.arc != Arc::relocate) {
    if (const std::uint32_t to = landing(at); to != kNone) {
      imply(to, child, n.to_parent->with_root_identity());
    } else {
      deferred_.push_back(i);
    }
    return;
  }
  const Path mapped = node(child).to_parent->to_target(node(child).path);
  for (std::uint32_t moved = at; node(moved).arc == Arc::relocate;) {  // perhaps more than once
    moved = node(moved).parent;
    if (node(moved).path.without_variants() == mapped) {
      imply_upward(i, moved, child);
      return;
    }
    if (moved == 0 && frame_ && frame_->arc == Arc::relocate) deferred_.push_back(i);
    if (moved == 0) break;
  }
  if (n.parent == 0) return;
  const PrimNode target = node(n.parent);
  const MapFunction transfer = target.to_parent->with_root_identity();
  const std::vector<std::uint32_t> beside = index_.children(target.parent).list();
  for (const std::uint32_t other : beside) {
    if (node(other).arc == Arc::relocate && node(other).origin == at) imply(other, child, transfer);
  }
}

// The node that the arc of node `i` leads to by its names: its parent, or, where a relocate's source is the parent and
// the names are those after the move, the target. None: it is in the graph around.
std::uint32_t PrimIndexer::landing(std::uint32_t i) {
  std::uint32_t to = node(i).parent;
  const Path mapped = node(i).to_parent->to_target(node(i).path);
  while (mapped && mapped != node(to).path.without_variants()) {
    if (to == 0 && frame_ && frame_->arc == Arc::relocate && node(0).path == frame_->requested) return kNone;
    if (node(to).arc != Arc::relocate) break;
    to = node(to).parent;
  }
  return to;
}

// The class `child` of some node, and its own, as `to` sees them.
void PrimIndexer::imply(std::uint32_t to, std::uint32_t child, const MapFunction& transfer) {
  const PrimNode c = node(child);
  const MapFunction map = transfer.after(*c.to_parent).after(transfer.inverse());
  const std::uint32_t made = add_class(c.arc, to, child, map, c.sibling, &c);
  if (made < kSkipped) imply_tree(made, child, transfer);
}

void PrimIndexer::imply_tree(std::uint32_t to, std::uint32_t from, const MapFunction& transfer) {
  const std::vector<std::uint32_t> children = index_.children(from).list();
  for (const std::uint32_t child : children) {
    if (is_class(node(child).arc)) imply(to, child, transfer);
  }
}

}  // namespace wm::usd
