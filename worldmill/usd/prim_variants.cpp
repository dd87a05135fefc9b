// Variants: which one of a set is chosen, by the strongest opinion anywhere in the graph.
#include <fmt/format.h>

#include "worldmill/usd/prim_indexer.h"
#include "worldmill/usd/prim_sites.h"
#include "worldmill/usd/variable_expression.h"

namespace wm::usd {

namespace {
using Kind = CompositionError::Kind;
}  // namespace

void PrimIndexer::variants(const Task& task, bool fallback) {
  const PrimNode n = node(task.node);
  Path level = n.path;  // the prim, perhaps in a variant, whose set it is
  std::vector<Token> below;
  for (int up = 0; up < task.above; ++up) {
    below.push_back(level.name());
    level = level.parent();
  }
  Token selected;
  bool found = false;
  // Within a variant of a set of the same name the choice is made.
  for (Path path = level; path.kind() == Path::Kind::variant && !found; path = path.parent()) {
    if (path.name() != task.variant_set) continue;
    selected = path.selection();
    found = true;
  }
  if (!found && !selection(task.node, level.without_variants(), task.variant_set, selected)) {
    if (!fallback) {
      add_task(task.above ? Work::fallbacks_above : Work::fallbacks, task);
      return;
    }
    for (const auto& [set, names] : composer_.options().variant_fallbacks) {
      if (set != task.variant_set) continue;
      for (const Token name : names) {
        if (!selected && has_prim_specs(*n.stack, level.variant(set, name))) selected = name;
      }
    }
  }
  if (!selected || !is_variant_name(selected.text())) return;
  Path path = level.variant(task.variant_set, selected);
  for (auto name = below.rbegin(); name != below.rend(); ++name) path = path.child(*name);
  add_arc({.arc = Arc::variant,
           .parent = task.node,
           .origin = task.node,
           .stack = n.stack,
           .path = path,
           .map = MapFunction::identity(),
           .sibling = task.number,
           .below = task.above,
           .ancestral = task.above > 0,
           .skip_duplicates = n.merged});
}

// The strongest selection that anything in the graph makes for the prim that is `path` to node `i`.
bool PrimIndexer::selection(std::uint32_t i, Path path, Token set, Token& selected) {
  // As far up as the prim has a name.
  while (i != 0) {
    const Path above = node(i).to_parent->to_target(path);
    if (above.empty()) break;
    path = above;
    i = node(i).parent;
  }
  return selection_below(i, path, set, selected);
}

bool PrimIndexer::selection_at(const PrimNode& n, Path path, Token set, Token& selected) {
  if (n.inert && n.path.prim_depth() <= path.prim_depth()) return false;
  // The site's own path, with its variants, as far as `path` goes.
  Path at = n.path;
  while (at.prim_depth() > path.prim_depth()) at = at.parent();
  if (at.without_variants() != path) return false;
  for (const LayerStack::Entry& entry : n.stack->layers) {
    const Value value = entry.layer->field(at, known("variantSelection"));
    if (!value.is(Type::variant_selection_map)) continue;
    for (const auto& [name, chosen] : value.content<VariantSelections>()) {
      if (name != set) continue;
      const auto text = evaluated_string(chosen.text(), n.stack->expression_variables);
      if (!text) {
        report(Kind::variable_expression,
               fmt::format("Error evaluating expression {} for the variant selection at {}: {}", chosen.text(),
                           site(*n.stack, at), text.error().message));
        continue;
      }
      selected = Token(*text);
      return true;
    }
  }
  return false;
}

bool PrimIndexer::selection_below(std::uint32_t i, Path path, Token set, Token& selected) {
  const PrimNode& n = node(i);
  if (selection_at(n, path, set, selected)) return true;
  // What was said of a prim before it was moved is as strong as what is said of it now.
  for (const std::uint32_t child : index_.children(i)) {
    if (node(child).arc == Arc::relocate && selection_at(node(child), path, set, selected)) return true;
  }
  for (const std::uint32_t child : index_.children(i)) {
    const PrimNode& c = node(child);
    const Path below = c.arc == Arc::variant ? path : c.to_parent->to_source(path);
    if (!below.empty() && selection_below(child, below, set, selected)) return true;
  }
  return false;
}

}  // namespace wm::usd
