#include "worldmill/usd/prim_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "worldmill/usd/prim_indexer.h"

namespace wm::usd {
namespace {

using Kind = CompositionError::Kind;

void add_names(std::vector<Token>& names, std::set<std::uint32_t>& seen, const LayerStack& stack, Path path, Token list,
               Token order) {
  for (auto entry = stack.layers.rbegin(); entry != stack.layers.rend(); ++entry) {
    const Layer::Spec* spec = entry->layer->find(path);
    if (!spec) continue;
    for (const Token name : entry->layer->children(*spec, list)) {
      if (seen.insert(name.id()).second) names.push_back(name);
    }
    if (order.empty()) continue;
    if (const std::vector<Token> wanted = entry->layer->children(*spec, order); !wanted.empty()) reorder(names, wanted);
  }
}

// Moves into, out of and within the prim of the node, as its layer stack says.
void relocate_names(const PrimNode& n, std::vector<Token>& names, std::set<std::uint32_t>& seen,
                    std::set<std::string>& prohibited) {
  std::vector<Token> added;
  for (const LayerStack::Relocate& r : n.stack->relocates) {
    const bool from_here = r.source.parent() == n.path, to_here = r.target && r.target.parent() == n.path;
    if (from_here) {
      prohibited.insert(std::string(r.source.name().text()));
      const auto at = std::find(names.begin(), names.end(), r.source.name());
      if (at != names.end()) {
        seen.erase(r.source.name().id());
        if (to_here && !seen.contains(r.target.name().id())) {
          *at = r.target.name();
          seen.insert(r.target.name().id());
        } else {
          names.erase(at);
        }
      }
    }
    if (to_here) added.push_back(r.target.name());
  }
  std::sort(added.begin(), added.end(), [](Token a, Token b) { return a.text() < b.text(); });
  for (const Token name : added) {
    if (seen.insert(name.id()).second) names.push_back(name);
  }
}

}  // namespace

Composer::Composer(LayerStacks& stacks, const LayerStack& root, Options options)
    : stacks_(stacks), root_(root), options_(std::move(options)) {}

const MapFunction* Composer::keep(MapFunction map) {
  if (map.is_identity()) {
    static const MapFunction identity = MapFunction::identity();
    return &identity;
  }
  maps_.push_back(std::move(map));
  return &maps_.back();
}

void Composer::forget() {
  indices_.clear();
  maps_.clear();
}

const PrimIndex& Composer::index(Path path) {
  const auto found = indices_.find(path);
  if (found != indices_.end()) return *found->second;
  PrimIndexer::Effort effort;
  PrimIndexer indexer(*this, nullptr, &effort);
  if (path.is_root()) {
    indexer.start(root_, path);
  } else {
    indexer.extend(index(path.parent()), path);
    indexer.run();
  }
  indexer.finish();
  auto made = std::make_unique<PrimIndex>(indexer.take());
  spent_ += made->nodes.size();
  return *indices_.emplace(path, std::move(made)).first->second;
}

bool is_instance_node(const PrimIndex& index, std::uint32_t i) {
  for (; i != 0; i = index.nodes[i].parent) {
    if (!index.nodes[i].from_ancestor) return true;
  }
  return false;
}

// The order of strength is the tree's, but for specializes: all that a prim specializes is weaker than all else of it,
// so those trees come last, in the order of the places where they were written, the implied before what implied them.
// SPEC 10.4.
void PrimIndexer::finish() {
  const auto& nodes = index_.nodes;
  for (auto& [top, message] : unresolved_) {
    bool any = false;
    std::vector<std::uint32_t> below = {top};
    while (!below.empty() && !any) {
      const std::uint32_t at = below.back();
      below.pop_back();
      any = nodes[at].contributes();
      for (const std::uint32_t child : index_.children(at)) below.push_back(child);
    }
    if (!any) report(Kind::unresolved_prim_path, std::move(message));
  }
  std::vector<std::uint32_t> waiting;
  std::vector<std::size_t> rank(nodes.size(), ~std::size_t{0});
  const auto visit = [&](std::uint32_t top) {
    std::vector<std::uint32_t> stack = {top};
    while (!stack.empty()) {
      const std::uint32_t i = stack.back();
      stack.pop_back();
      rank[i] = index_.order.size();
      index_.order.push_back(i);
      const std::size_t mark = stack.size();
      for (const std::uint32_t child : index_.children(i)) {
        (nodes[child].arc == Arc::specialize ? waiting : stack).push_back(child);
      }
      std::reverse(stack.begin() + static_cast<std::ptrdiff_t>(mark), stack.end());
    }
  };
  visit(0);
  const auto stronger = [&](std::uint32_t a, std::uint32_t b) {
    const std::uint32_t u = origin_root(a), v = origin_root(b);
    if (u != v) return compare_nodes(u, v) < 0;
    return rank[nodes[a].parent] < rank[nodes[b].parent];
  };
  std::vector<std::uint32_t> visited;
  while (!waiting.empty()) {
    const auto next = std::min_element(waiting.begin(), waiting.end(), stronger);
    const std::uint32_t i = *next;
    waiting.erase(next);
    for (const std::uint32_t other : visited) {
      if (nodes[other].stack == nodes[i].stack && nodes[other].path == nodes[i].path &&
          *nodes[other].to_root == *nodes[i].to_root && nodes[other].contributes()) {
        elide(i);
      }
    }
    visited.push_back(i);
    visit(i);
  }
  // Whether it can be shared.
  bool arcs = false;
  for (std::uint32_t i = 1; i < nodes.size(); ++i)
    arcs = arcs || (nodes[i].contributes() && is_instance_node(index_, i));
  if (!arcs) return;
  for (const std::uint32_t i : index_.order) {
    if (!nodes[i].contributes()) continue;
    for (const LayerStack::Entry& entry : nodes[i].stack->layers) {
      const Value said = entry.layer->field(nodes[i].path, known("instanceable"));
      if (!said.is(Type::boolean)) continue;
      index_.instanceable = said.truth();
      return;
    }
  }
}

ChildNames child_names(const PrimIndex& index) {
  ChildNames result;
  std::set<std::uint32_t> seen;
  std::set<std::string> prohibited;
  for (auto i = index.order.rbegin(); i != index.order.rend(); ++i) {
    const PrimNode& n = index.nodes[*i];
    if (index.instanceable && !is_instance_node(index, *i)) continue;
    if (!n.stack->relocates.empty() && (!n.inert || n.arc == Arc::relocate))
      relocate_names(n, result.names, seen, prohibited);
    if (n.contributes()) add_names(result.names, seen, *n.stack, n.path, known("primChildren"), known("primOrder"));
  }
  std::erase_if(result.names, [&](Token name) { return prohibited.contains(std::string(name.text())); });
  for (const std::string& name : prohibited) result.prohibited.push_back(Token(name));
  return result;
}

// propertyOrder is the stage's to apply, once.
std::vector<Token> property_names(const PrimIndex& index) {
  std::vector<Token> names;
  std::set<std::uint32_t> seen;
  for (auto i = index.order.rbegin(); i != index.order.rend(); ++i) {
    const PrimNode& n = index.nodes[*i];
    if (n.contributes()) add_names(names, seen, *n.stack, n.path, known("properties"), Token());
  }
  return names;
}

std::vector<PropertySite> property_stack(const PrimIndex& index, Token name, std::vector<CompositionError>* errors) {
  std::vector<PropertySite> sites;
  for (const std::uint32_t i : index.order) {
    const PrimNode& n = index.nodes[i];
    if (!n.contributes()) continue;
    const Path path = n.path.property(name);
    for (const LayerStack::Entry& entry : n.stack->layers) {
      const Layer::Spec* spec = entry.layer->find(path);
      if (!spec) continue;
      if (!sites.empty() && sites.front().type != spec->type) {
        if (errors) {
          const auto word = [](SpecType type) {
            return type == SpecType::attribute ? "an attribute" : "a relationship";
          };
          const PropertySite& first = sites.front();
          errors->push_back(
              {Kind::inconsistent_property_type,
               fmt::format(
                   "The property <{}> has inconsistent spec types.  The defining spec is @{}@<{}> and is {} spec.  The "
                   "conflicting spec is @{}@<{}> and is {} spec.  The conflicting spec will be ignored.",
                   index.path().property(name).text(), first.entry->layer->identifier(), first.path.text(),
                   word(first.type), entry.layer->identifier(), path.text(), word(spec->type))});
        }
        continue;
      }
      sites.push_back({i, &entry, path, spec->type});
    }
  }
  return sites;
}

Targets targets(const PrimIndex& index, Token property, const std::vector<PropertySite>& stack,
                std::vector<CompositionError>* errors) {
  (void)property;
  Targets result;
  std::vector<CompositionError> found;
  for (auto site = stack.rbegin(); site != stack.rend(); ++site) {
    const bool relationship = site->type == SpecType::relationship;
    const Value value =
        site->entry->layer->field(site->path, relationship ? known("targetPaths") : known("connectionPaths"));
    if (!value.is(Type::path_list_op)) continue;
    const PrimNode& n = index.nodes[site->node];
    const auto mapped = [&](const std::vector<Path>& paths, bool complain) {
      std::vector<Path> made;
      for (const Path path : paths) {
        const Path in_root = n.to_root->to_target(path);
        if (in_root) {
          made.push_back(in_root);
          continue;
        }
        if (!complain) continue;
        found.push_back(
            {Kind::invalid_external_target,
             fmt::format("The {} <{}> from <{}> in layer @{}@ refers to a path outside the scope of the {} from "
                         "<{}>.  Ignoring.",
                         relationship ? "relationship target" : "attribute connection", path.text(), site->path.text(),
                         site->entry->layer->identifier(), name_of(n.arc), n.introduced.text())});
      }
      return made;
    };
    const auto& op = value.content<PathListOp>();
    if (op.is_explicit) found.clear();  // what weaker ones get wrong does not matter
    PathListOp translated;
    translated.is_explicit = op.is_explicit;
    translated.explicit_items = mapped(op.explicit_items, true);
    translated.added = mapped(op.added, true);
    translated.prepended = mapped(op.prepended, true);
    translated.appended = mapped(op.appended, true);
    translated.deleted = mapped(op.deleted, false);
    translated.ordered = mapped(op.ordered, false);
    if (translated.is_explicit) result.deleted.clear();
    edit(result.paths, translated);
    for (const Path path : translated.deleted) {
      if (std::find(result.deleted.begin(), result.deleted.end(), path) == result.deleted.end())
        result.deleted.push_back(path);
    }
  }
  if (errors) errors->insert(errors->end(), found.begin(), found.end());
  std::erase_if(result.deleted, [&](Path path) {
    return std::find(result.paths.begin(), result.paths.end(), path) != result.paths.end();
  });
  return result;
}

}  // namespace wm::usd
