#include "worldmill/usd/prim_indexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/usd/prim_sites.h"
#include "worldmill/usd/variable_expression.h"

namespace wm::usd {
namespace {

using Kind = CompositionError::Kind;

const char* verb(Arc arc) {
  switch (arc) {
    case Arc::inherit:
      return "inherit from";
    case Arc::relocate:
      return "be relocated from";
    case Arc::payload:
      return "get payload from";
    case Arc::specialize:
      return "specialize";
    case Arc::variant:
      return "use variant";
    default:
      return "reference";
  }
}
const char* verb_now(Arc arc) {
  switch (arc) {
    case Arc::inherit:
      return "inherits from";
    case Arc::relocate:
      return "is relocated from";
    case Arc::payload:
      return "gets payload from";
    case Arc::specialize:
      return "specializes";
    case Arc::variant:
      return "uses variant";
    default:
      return "references";
  }
}

// A reference with who wrote it; two are one item of the list when all they say is the same.
struct Written {
  Reference reference;  // with the anchored asset, so that equal texts of other folders differ
  const LayerStack::Entry* entry = nullptr;
  Token asset;  // as written
  friend bool operator==(const Written& a, const Written& b) { return a.reference == b.reference; }
};

std::vector<Written> composed_references(const LayerStack& stack, Path path, Token field, LayerLibrary& library) {
  std::vector<Written> items;
  for (auto entry = stack.layers.rbegin(); entry != stack.layers.rend(); ++entry) {
    const Value value = entry->layer->field(path, field);
    if (!value.is(Type::reference_list_op) && !value.is(Type::payload_list_op)) continue;
    const auto prepared = [&](const std::vector<Reference>& list) {
      std::vector<Written> made;
      for (const Reference& reference : list) {
        Written w{reference, &*entry, reference.asset};
        if (reference.asset && !is_variable_expression(reference.asset.text())) {
          w.reference.asset = Token(library.anchored(entry->layer->identifier(), reference.asset.text()));
        }
        made.push_back(std::move(w));
      }
      return made;
    };
    const auto& op = value.content<ReferenceListOp>();
    ListOp<Written> mapped;
    mapped.is_explicit = op.is_explicit;
    mapped.explicit_items = prepared(op.explicit_items);
    mapped.added = prepared(op.added);
    mapped.prepended = prepared(op.prepended);
    mapped.appended = prepared(op.appended);
    mapped.deleted = prepared(op.deleted);
    mapped.ordered = prepared(op.ordered);
    edit(items, mapped);
  }
  return items;
}

}  // namespace

const char* name_of(Arc arc) {
  constexpr const char* kNames[] = {"root", "inherit", "variant", "relocate", "reference", "payload", "specialize"};
  return kNames[static_cast<int>(arc)];
}

bool has_prim_specs(const LayerStack& stack, Path path) {
  return std::any_of(stack.layers.begin(), stack.layers.end(),
                     [&](const auto& entry) { return entry.layer->has(path); });
}

namespace {

// The moves of a layer stack for what an arc at `path` brings: from where things are when the arc brings them.
MapFunction relocation_at(const LayerStack& stack, Path path) {
  MapFunction::Pairs pairs = {{Path::root(), Path::root()}};
  for (const LayerStack::Relocate& r : stack.relocates) {
    if (!r.target) continue;  // targets that name what is gone keep their names
    Path origin = r.source;
    for (std::size_t steps = 0; steps < stack.relocates.size(); ++steps) {
      Path above = origin.parent();
      while (!above.is_root() && (path.has_prefix(above) || !stack.relocated_from.contains(above)))
        above = above.parent();
      if (above.is_root()) break;
      origin = origin.replace_prefix(above, stack.relocated_from.at(above));
    }
    if (origin.has_prefix(path)) pairs.emplace_back(origin, r.target);
  }
  return {std::move(pairs), {}};
}

}  // namespace

void PrimIndexer::report(Kind kind, std::string message) {
  index_.errors.push_back({kind, std::move(message)});
}

std::string PrimIndexer::site(const LayerStack& stack, Path path) const {
  return fmt::format("@{}@<{}>", stack.identifier, path.text());
}

void PrimIndexer::start(const LayerStack& stack, Path path, bool contributes) {
  PrimNode root;
  root.stack = &stack;
  root.path = path;
  root.introduced = path;
  root.inert = !contributes;
  root.has_specs = contributes && has_prim_specs(stack, path);
  root.to_parent = root.to_root = composer_.keep(MapFunction::identity());
  index_.nodes = {root};
}

void PrimIndexer::extend(const PrimIndex& above, Path path, bool contributes) {
  index_.nodes = above.nodes;
  const Token name = path.name();
  bool relocates = false;
  for (std::uint32_t i = 0; i < index_.nodes.size(); ++i) {
    PrimNode& n = index_.nodes[i];
    if (frame_ && !n.inert) {
      const auto level = static_cast<std::uint16_t>(n.path.prim_depth());
      if (n.first_unselected == n.end_unselected) n.first_unselected = level;
      n.end_unselected = static_cast<std::uint16_t>(level + 1);
    }
    // What stands beneath an instance comes from its arcs alone.
    if (above.instanceable && !is_instance_node(above, i)) n.inert = true;
    if (i == 0 && !contributes) n.inert = true;
    n.path = n.path.child(name);
    n.from_ancestor = i != 0;
    if (i != 0) ++n.below;
    n.has_specs = !n.inert && has_prim_specs(*n.stack, n.path);
    relocates = relocates || !n.stack->relocates.empty();
  }
  // Below a prim that nobody wrote nothing is written; but graphs around need all sites, and relocates bring names
  // back.
  if (!frame_ && !relocates) cull();
  for (std::uint32_t i = 0; i < index_.nodes.size(); ++i) add_tasks(i, true);
}

// Leaves out the nodes that have no specs in their trees, but for those that others came from.
void PrimIndexer::cull() {
  auto& nodes = index_.nodes;
  std::vector<std::uint32_t> place(nodes.size(), 0);  // 1: stays; then where
  std::size_t kept = 0;
  for (std::size_t i = nodes.size(); i-- > 0;) {
    if (i == 0 || nodes[i].has_specs) place[i] = 1;
    if (!place[i]) continue;
    ++kept;
    place[nodes[i].parent] = 1;  // parents come before their children
    for (std::uint32_t o = nodes[i].origin; !place[o]; o = nodes[o].origin) {
      if (o > i) return;  // an origin that comes later: all stay
      place[o] = 1;
    }
  }
  if (kept == nodes.size()) return;
  std::uint32_t next = 0;
  for (auto& p : place) p = p ? next++ : ~0u;
  std::vector<PrimNode> left;
  left.reserve(next);
  const auto skipping = [&](std::uint32_t i) {
    while (i != 0 && place[i] == ~0u) i = nodes[i].next;
    return i ? place[i] : 0;
  };
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (place[i] == ~0u) continue;
    PrimNode n = nodes[i];
    n.parent = place[n.parent];
    n.origin = place[n.origin];
    n.first_child = skipping(n.first_child);
    n.next = skipping(n.next);
    left.push_back(n);
  }
  nodes = std::move(left);
}

void PrimIndexer::report_too_deep() {
  if (!index_.errors.empty() && index_.errors.back().kind == Kind::too_deep) return;
  report(Kind::too_deep, fmt::format("The arcs of <{}> are too many or nested too deep; the rest is left out",
                                     index_.nodes.empty() ? frame_->requested.text() : index_.nodes[0].path.text()));
}

bool PrimIndexer::build(const LayerStack& stack, Path path, bool ancestral, bool contributes) {
  if (effort_->depth >= composer_.options().depth) {
    report_too_deep();
    return false;
  }
  contributes = contributes || path != frame_->requested;
  if (ancestral && path.prim_depth() > 1 && path.kind() != Path::Kind::variant) {
    PrimIndexer above(composer_, frame_, effort_);
    ++effort_->depth;
    const bool built = above.build(stack, path.parent(), true, contributes);
    if (built) above.run();
    --effort_->depth;
    if (!built) {
      index_.errors = std::move(above.index_.errors);
      return false;
    }
    const PrimIndex parent = above.take();
    deferred_ = std::move(above.deferred_);
    index_.errors = parent.errors;
    std::vector<CompositionError> errors = parent.errors;
    extend(parent, path, contributes);
    index_.errors = std::move(errors);
  } else {
    start(stack, path, contributes);
    add_tasks(0, true);
  }
  // The end of the path may be what a relocate moved away: its opinions are not here to be had. The arc of a relocate
  // goes to such a place by its nature.
  const bool own_relocate = frame_->arc == Arc::relocate && path == frame_->requested;
  for (std::uint32_t i = 0; i < index_.nodes.size(); ++i) {
    const PrimNode& n = index_.nodes[i];
    if (!n.stack->relocated_to.contains(n.path)) continue;
    if (i == 0 && own_relocate) continue;
    if (n.arc == Arc::relocate || (n.inert && i != 0)) continue;
    const PrimNode& parent = frame_->outer->node(frame_->parent);
    frame_->outer->report(
        Kind::arc_to_prohibited_child,
        fmt::format(
            "{}\nCANNOT {}:\n{}\nwhich is a prohibited child of its parent because it would require allowing opinions "
            "from the source of a relocation at {}.",
            site(*parent.stack, parent.path), verb(frame_->arc), site(stack, frame_->requested),
            site(*n.stack, n.path)));
    return false;
  }
  return true;
}

void PrimIndexer::add_task(Work work, Task task) {
  tasks_[static_cast<std::size_t>(work)].insert(task);
}

void PrimIndexer::add_tasks(std::uint32_t i, bool all) {
  const PrimNode& n = index_.nodes[i];
  if (all && !n.inert && n.stack->relocated_from.contains(n.path)) add_task(Work::relocations, {i});
  if (!n.contributes()) return;
  bool found[5] = {};
  for (const LayerStack::Entry& entry : n.stack->layers) {
    const Layer::Spec* spec = entry.layer->find(n.path);
    if (!spec) continue;
    for (const Field& field : entry.layer->fields(*spec)) {
      found[0] |= field.name == known("references");
      found[1] |= field.name == known("payload");
      found[2] |= field.name == known("inheritPaths");
      found[3] |= field.name == known("specializes");
      found[4] |= field.name == known("variantSetNames");
    }
  }
  if (all && found[0]) add_task(Work::references, {i});
  if (all && found[1]) add_task(Work::payloads, {i});
  if (all && found[2]) add_task(Work::inherits, {i});
  if (all && found[3]) add_task(Work::specializes, {i});
  if (found[4]) add_variant_tasks(i, n.path, 0);
}

void PrimIndexer::add_variant_tasks(std::uint32_t i, Path path, int above) {
  if (frame_) return;
  int number = 0;
  for (const Token set : composed_list<Token>(*index_.nodes[i].stack, path, known("variantSetNames"))) {
    add_task(above ? Work::variants_above : Work::variants, {i, set, number++, above});
  }
}

void PrimIndexer::run() {
  for (;;) {
    std::size_t kind = 0;
    while (kind < tasks_.size() && tasks_[kind].empty()) ++kind;
    if (kind == tasks_.size()) return;
    auto at = tasks_[kind].begin();
    const Work work = static_cast<Work>(kind);
    if (work >= Work::variants_above) {
      // The strongest node's sets come first, as what they bring may select in others.
      for (auto other = std::next(at); other != tasks_[kind].end(); ++other) {
        if (other->node != at->node && compare_nodes(other->node, at->node) < 0) at = other;
      }
    }
    const Task task = *at;
    tasks_[kind].erase(at);
    switch (work) {
      case Work::relocations:
        relocations(task.node);
        break;
      case Work::implied_relocations:
        implied_relocations(task.node);
        break;
      case Work::references:
        references(task.node, false);
        break;
      case Work::payloads:
        references(task.node, true);
        break;
      case Work::inherits:
        classes(task.node, false);
        break;
      case Work::implied_classes:
        implied_classes(task.node);
        break;
      case Work::specializes:
        classes(task.node, true);
        break;
      case Work::variants_above:
      case Work::variants:
        variants(task, false);
        break;
      case Work::fallbacks_above:
      case Work::fallbacks:
        variants(task, true);
        break;
      case Work::count:
        break;
    }
  }
}

// A path of this graph as it will be when the whole index of the frame stands.
Path PrimIndexer::final_path(Path path) const {
  if (!frame_ || index_.nodes[0].path == frame_->requested) return path;
  std::vector<Token> names;
  for (Path p = frame_->requested; p != index_.nodes[0].path && !p.is_root(); p = p.parent()) names.push_back(p.name());
  for (auto name = names.rbegin(); name != names.rend(); ++name) path = path.child(*name);
  return path;
}

bool PrimIndexer::is_duplicate(const LayerStack& stack, Path path) const {
  for (const PrimIndexer* graph = this;; graph = graph->frame_->outer) {
    for (const PrimNode& n : graph->index_.nodes) {
      if (n.stack == &stack && n.path == path) return true;
    }
    if (!graph->frame_) return false;
    path = graph->final_path(path);  // as deep as the nodes of the graph around
  }
}

// A site within itself: the new one is above, below or at one that leads to it.
bool PrimIndexer::find_cycle(const NewArc& arc) {
  if (arc.arc == Arc::variant) return false;
  constexpr int kMaxChain = 250;  // of arcs, one leading to the next
  Path target = arc.path;         // as deep as the nodes of the graph looked at
  const PrimIndexer* graph = this;
  std::uint32_t at = arc.parent;
  bool found = false;
  for (int length = 0; !found; ++length) {
    const PrimNode& n = graph->index_.nodes[at];
    if (n.stack == arc.stack && !(arc.arc == Arc::relocate && graph == this)) {
      const Path a = n.path.without_variants(), b = target.without_variants();
      found = a.has_prefix(b) || b.has_prefix(a);
    }
    if (length > kMaxChain) {
      report_too_deep();
      return true;
    }
    if (at != 0) {
      at = n.parent;
    } else if (graph->frame_) {
      target = graph->final_path(target);
      at = graph->frame_->parent;
      graph = graph->frame_->outer;
    } else {
      break;
    }
  }
  if (!found) return false;
  std::vector<std::string> chain;  // innermost first: a site, how it came
  graph = this;
  at = arc.parent;
  for (;;) {
    const PrimNode& n = graph->index_.nodes[at];
    chain.push_back(site(*n.stack, n.path));
    if (at != 0) {
      chain.push_back(verb_now(n.arc));
      at = n.parent;
    } else if (graph->frame_) {
      chain.push_back(verb_now(graph->frame_->arc));
      at = graph->frame_->parent;
      graph = graph->frame_->outer;
    } else {
      break;
    }
  }
  std::string message = "Cycle detected:\n";
  bool first = true;
  for (auto part = chain.rbegin(); part != chain.rend();) {
    message += *part + "\n";
    if (++part == chain.rend()) break;
    message += (first ? "" : "which ") + *part + ":\n";
    ++part;
    first = false;
  }
  message += fmt::format("{}CANNOT {}:\n{}\n", first ? "" : "which ", verb(arc.arc), site(*arc.stack, arc.path));
  report(Kind::arc_cycle, std::move(message));
  return true;
}

std::uint32_t PrimIndexer::add_arc(const NewArc& arc) {
  if (find_cycle(arc)) return kNone;
  bool skip = arc.skip_duplicates;
  for (const Frame* frame = frame_; frame; frame = frame->outer->frame_) skip = skip || frame->skip_duplicates;
  if (skip && is_duplicate(*arc.stack, arc.path)) return kSkipped;
  if (static_cast<int>(index_.nodes.size()) >= composer_.options().nodes ||
      ++effort_->nodes > composer_.options().work || !composer_.spend_node()) {
    report_too_deep();
    return kNone;
  }
  if (arc.path.depth() >= Path::kMaxDepth) return kNone;
  const Frame frame{this, arc.parent, arc.arc, &arc.map, arc.path, arc.skip_duplicates};
  PrimIndexer sub(composer_, &frame, effort_);
  if (!(arc.ancestral && arc.path.prim_depth() > 1)) {
    // A single site; its own arcs are followed in this graph.
    if (arc.arc != Arc::variant && arc.arc != Arc::relocate && arc.stack->relocated_to.contains(arc.path)) {
      if (!sub.build(*arc.stack, arc.path, false, arc.contributes)) return kNone;
    }
    PrimNode n;
    n.stack = arc.stack;
    n.path = arc.path;
    n.inert = !arc.contributes;
    n.has_specs = arc.contributes && has_prim_specs(*arc.stack, arc.path);
    PrimIndex single;
    single.nodes = {n};
    return hang(arc, std::move(single), true);
  }
  ++effort_->depth;
  const bool built = sub.build(*arc.stack, arc.path, true, arc.contributes);
  if (built) sub.run();
  --effort_->depth;
  if (!built) {
    if (effort_->depth + 1 >= composer_.options().depth) report_too_deep();
    return kNone;
  }
  PrimIndex subtree = sub.take();
  for (CompositionError& error : subtree.errors) index_.errors.push_back(std::move(error));
  subtree.errors.clear();
  const auto first = static_cast<std::uint32_t>(index_.nodes.size());
  for (auto& [i, message] : sub.unresolved_) unresolved_.emplace_back(first + i, std::move(message));
  for (const std::uint32_t i : sub.deferred_) add_task(Work::implied_classes, {first + i});
  return hang(arc, std::move(subtree), false);
}

std::uint32_t PrimIndexer::hang(const NewArc& arc, PrimIndex subtree, bool fresh) {
  const auto first = static_cast<std::uint32_t>(index_.nodes.size());
  const MapFunction* to_parent = composer_.keep(arc.map);
  const MapFunction* to_root = composer_.keep(node(arc.parent).to_root->after(arc.map));
  for (std::uint32_t i = 0; i < subtree.nodes.size(); ++i) {
    PrimNode n = subtree.nodes[i];
    if (i == 0) {
      n.next = 0;
      n.parent = arc.parent;
      n.origin = arc.origin;
      n.arc = arc.arc;
      n.to_parent = to_parent;
      n.to_root = to_root;
      n.introduced = node(arc.parent).path;
      n.sibling = static_cast<std::uint16_t>(std::min(arc.sibling, 65535));
      n.below = static_cast<std::uint16_t>(arc.below);
      n.from_ancestor = false;
    } else {
      n.to_root = composer_.keep(to_root->after(*n.to_root));
      n.parent += first;
      n.origin += first;
    }
    n.merged = n.merged || arc.skip_duplicates;
    if (n.first_child) n.first_child += first;
    if (n.next) n.next += first;
    index_.nodes.push_back(n);
  }
  insert_child(arc.parent, first);
  if (is_class(arc.arc)) {
    // Classes of classes written together go up as one tree, from the prim that has the first of them.
    std::uint32_t top = arc.parent;
    while (is_class(node(top).arc)) {
      if (node(top).below != arc.below) add_task(Work::implied_classes, {top});
      top = node(top).parent;
    }
    add_task(Work::implied_classes, {top});
  }
  for (std::uint32_t i = first; i < index_.nodes.size(); ++i) {
    add_tasks(i, fresh);
    if (!frame_) {
      Path above = node(i).path;
      for (int up = 1; above.prim_depth() > node(i).first_unselected && node(i).end_unselected > 0; ++up) {
        above = above.parent();
        if (above.prim_depth() < node(i).first_unselected || above.empty()) break;
        if (above.prim_depth() < node(i).end_unselected) add_variant_tasks(i, above, up);
      }
      node(i).first_unselected = node(i).end_unselected = 0;
    }
    // Classes of the new tree are implied to where it hangs.
    if (i == first && !is_class(arc.arc)) add_task(Work::implied_classes, {i});
    if (i == first && index_.nodes[i].arc == Arc::relocate) add_task(Work::implied_relocations, {i});
  }
  // Relocates within the tree hang below its root; what they imply beyond it is seen here.
  if (node(first).arc != Arc::relocate) {
    for (const std::uint32_t child : index_.children(first)) {
      if (node(child).arc == Arc::relocate) add_task(Work::implied_relocations, {child});
    }
  }
  retry_variants();
  return first;
}

void PrimIndexer::retry_variants() {
  for (const auto& [from, to] :
       {std::pair(Work::fallbacks, Work::variants), std::pair(Work::fallbacks_above, Work::variants_above)}) {
    auto& waiting = tasks_[static_cast<std::size_t>(from)];
    for (const Task& task : waiting) add_task(to, task);
    waiting.clear();
  }
}

std::uint32_t PrimIndexer::origin_root(std::uint32_t i) const {
  while (i != 0 && index_.nodes[i].origin != index_.nodes[i].parent) i = index_.nodes[i].origin;
  return i;
}

// Which of two children of one node is stronger: negative for the first. SPEC 10.4.
int PrimIndexer::compare_siblings(std::uint32_t a, std::uint32_t b) const {
  const PrimNode &x = index_.nodes[a], &y = index_.nodes[b];
  if (x.arc != y.arc) return x.arc < y.arc ? -1 : 1;
  if (x.below != y.below) return x.below < y.below ? -1 : 1;
  const bool x_implied = x.origin != x.parent, y_implied = y.origin != y.parent;
  if (x_implied != y_implied) return y_implied ? -1 : 1;
  if (x_implied) {
    const std::uint32_t u = origin_root(a), v = origin_root(b);
    if (u != v) {
      if (const int order = compare_nodes(u, v)) return order;
    } else if (x.origin != y.origin) {
      if (const int order = compare_nodes(x.origin, y.origin)) return order;
    }
  }
  if (x.sibling != y.sibling) return x.sibling < y.sibling ? -1 : 1;
  return 0;
}

// Which of two nodes of the tree comes first in it.
int PrimIndexer::compare_nodes(std::uint32_t a, std::uint32_t b) const {
  if (a == b) return 0;
  std::vector<std::uint32_t> x, y;
  for (std::uint32_t i = a; i != 0; i = index_.nodes[i].parent) x.push_back(i);
  for (std::uint32_t i = b; i != 0; i = index_.nodes[i].parent) y.push_back(i);
  auto p = x.rbegin(), q = y.rbegin();
  while (p != x.rend() && q != y.rend() && *p == *q) ++p, ++q;
  if (p == x.rend()) return -1;
  if (q == y.rend()) return 1;
  for (const std::uint32_t child : index_.children(index_.nodes[*p].parent)) {
    if (child == *p) return -1;
    if (child == *q) return 1;
  }
  return 0;
}

void PrimIndexer::insert_child(std::uint32_t parent, std::uint32_t child) {
  std::uint32_t before = 0, after = node(parent).first_child;
  while (after != 0 && compare_siblings(after, child) <= 0) {
    before = after;
    after = node(after).next;
  }
  node(child).next = after;
  (before ? node(before).next : node(parent).first_child) = child;
}

MapFunction PrimIndexer::arc_map(const PrimNode& parent, Path source, LayerOffset offset) const {
  MapFunction map({{source, parent.path.without_variants()}}, offset);
  if (!parent.stack->relocates.empty()) map = relocation_at(*parent.stack, parent.path.without_variants()).after(map);
  return map;
}

void PrimIndexer::elide(std::uint32_t i) {
  std::vector<std::uint32_t> stack = {i};
  while (!stack.empty()) {
    const std::uint32_t at = stack.back();
    PrimNode& n = node(at);
    stack.pop_back();
    for (auto& work : tasks_) std::erase_if(work, [&](const Task& task) { return task.node == at; });
    n.inert = true;
    n.has_specs = false;
    n.first_unselected = n.end_unselected = 0;
    for (const std::uint32_t child : index_.children(at)) stack.push_back(child);
  }
}

void PrimIndexer::relocations(std::uint32_t i) {
  const PrimNode n = node(i);
  const auto found = n.stack->relocated_from.find(n.path);
  if (found == n.stack->relocated_from.end()) return;
  const Path source = found->second;
  // What arcs of the prims above bring under this name is not meant: the prim comes from elsewhere. Variants stay, as
  // they are written in this very layer stack.
  std::vector<std::uint32_t> above = index_.children(i).list();
  while (!above.empty()) {
    const std::uint32_t child = above.back();
    above.pop_back();
    if (node(child).arc == Arc::variant) {
      for (const std::uint32_t inner : index_.children(child)) above.push_back(inner);
    } else {
      elide(child);
    }
  }
  const std::uint32_t made = add_arc({.arc = Arc::relocate,
                                      .parent = i,
                                      .origin = i,
                                      .stack = n.stack,
                                      .path = source,
                                      .map = MapFunction::identity(),
                                      .contributes = false,
                                      .ancestral = true});
  if (made >= kSkipped) return;
  for (const LayerStack::Entry& entry : n.stack->layers) {
    if (!entry.layer->has(source)) continue;
    report(
        Kind::opinion_at_relocation_source,
        fmt::format("The layer @{}@ has an invalid opinion at the relocation source path <{}>, which will be ignored.",
                    entry.layer->identifier(), source.text()));
  }
}

// The same move seen from the layer stack that holds this one, so that what it says at the moved prim's class is found.
void PrimIndexer::implied_relocations(std::uint32_t i) {
  const PrimNode n = node(i);
  if (n.arc != Arc::relocate || n.parent == 0) return;
  const PrimNode parent = node(n.parent);
  const std::uint32_t to = parent.parent;
  const Path source = parent.to_parent->to_target(n.path);
  if (source.empty() || !source.is_prim()) return;
  for (const std::uint32_t child : index_.children(to)) {
    if (node(child).arc == Arc::relocate && node(child).path == source) return;
  }
  add_arc({.arc = Arc::relocate,
           .parent = to,
           .origin = i,
           .stack = node(to).stack,
           .path = source,
           .map = MapFunction::identity(),
           .below = n.below,
           .contributes = false});
}

void PrimIndexer::references(std::uint32_t i, bool payloads) {
  const PrimNode n = node(i);
  const Arc arc = payloads ? Arc::payload : Arc::reference;
  const char* what = payloads ? "payload" : "reference";
  if (payloads && composer_.options().load && frame_ == nullptr && !composer_.options().load(index_.nodes[0].path))
    return;
  LayerStacks& stacks = composer_.stacks();
  const auto written =
      composed_references(*n.stack, n.path, payloads ? known("payload") : known("references"), stacks.library());
  int sibling = -1;
  for (const Written& w : written) {
    ++sibling;
    const std::string here = site(*n.stack, n.path);
    LayerOffset offset = w.entry->offset * w.reference.offset;
    if (!(offset.scale > 0) || !std::isfinite(offset.scale) || !std::isfinite(offset.offset)) {
      report(Kind::invalid_reference_offset,
             fmt::format("Invalid {} offset (offset={}, scale={}) at {}. Using no offset instead.", what, offset.offset,
                         offset.scale, here));
      offset = w.entry->offset;
    }
    const LayerStack* stack = n.stack;
    const bool internal = w.asset.empty();
    if (!internal) {
      const auto asset = evaluated_string(w.asset.text(), n.stack->expression_variables);
      if (!asset) {
        report(Kind::variable_expression, fmt::format("Error evaluating expression {} for {} at {}: {}", w.asset.text(),
                                                      what, here, asset.error().message));
        continue;
      }
      if (asset->empty()) continue;
      std::string why;
      const std::string anchor = w.entry->layer->identifier();
      const std::string identifier = stacks.library().resolve(anchor, *asset, &why);
      stack = identifier.empty() ? nullptr : stacks.find(identifier, n.stack->expression_variables, &why);
      if (!stack) {
        report(Kind::invalid_asset_path,
               fmt::format("Could not open asset @{}@ for {} introduced by {}.",
                           identifier.empty() ? stacks.library().anchored(anchor, *asset) : identifier, what, here));
        continue;
      }
    }
    if (!internal) {
      const double own = time_codes_per_second(*w.entry->layer), theirs = stack->time_codes_per_second;
      offset.scale *= own / theirs;
    }
    Path target = w.reference.prim;
    if (target.empty()) {
      const Token name = stack->root().field(Path::root(), known("defaultPrim")).token();
      const auto path = name ? Path::parse(name.text()) : std::nullopt;
      if (!path || !path->is_prim() || path->has_variant()) {
        report(Kind::unresolved_prim_path, fmt::format("Unresolved {} prim path @{}@<{}> introduced by {}", what,
                                                       stack->identifier, "defaultPrim", here));
        continue;
      }
      target = *path;
    }
    if (!target.is_prim() || target.has_variant()) {
      report(Kind::invalid_prim_path,
             fmt::format("Invalid {} path <{}> introduced by {} -- must be an absolute prim path.", what, target.text(),
                         here));
      continue;
    }
    MapFunction map = arc_map(n, target, offset);
    if (internal) map = map.with_root_identity();
    const std::uint32_t made = add_arc({.arc = arc,
                                        .parent = i,
                                        .origin = i,
                                        .stack = stack,
                                        .path = target,
                                        .map = std::move(map),
                                        .sibling = sibling,
                                        .ancestral = target.prim_depth() > 1});
    if (made < kSkipped) {
      unresolved_.emplace_back(
          made, fmt::format("Unresolved {} prim path {} introduced by {}", what, site(*stack, target), here));
    }
  }
}

}  // namespace wm::usd
