#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "worldmill/usd/layer_stack.h"

namespace wm::usd {

/// Why a site contributes to a prim, strongest first: L I V (E) R P S. SPEC 10.4.
enum class Arc : std::uint8_t { root, inherit, variant, relocate, reference, payload, specialize };
const char* name_of(Arc arc);

/// One site that contributes to a prim: a path in a layer stack, and the arc that leads there from its parent.
struct PrimNode {
  const LayerStack* stack = nullptr;
  Path path;
  std::uint32_t parent = 0;
  std::uint32_t origin = 0;  ///< The node that this one was implied by; the parent for one that was written.
  std::uint32_t first_child = 0, next = 0;  ///< The strongest child, the next weaker sibling; 0: none.
  const MapFunction* to_parent = nullptr;
  const MapFunction* to_root = nullptr;
  Path introduced;            ///< The path of the parent where the arc was written.
  std::uint16_t sibling = 0;  ///< Its number among the arcs written together.
  std::uint16_t below = 0;    ///< So many prims below the one where the arc was written.
  std::uint16_t first_unselected = 0,
                end_unselected = 0;  ///< Prims up its path whose variant sets wait, by prim depth.
  Arc arc = Arc::root;
  bool inert = false;  ///< Stands in the graph alone: gives no opinions.
  bool has_specs = false;
  bool from_ancestor = false;  ///< Its arc was written above.
  bool merged = false;         ///< Hangs where its sites may be in the tree already; what is, is not added again.

  bool contributes() const { return has_specs && !inert; }
};

/// The children of a node, strongest first. Nodes may be added while it is walked.
class NodeChildren {
 public:
  NodeChildren(const std::vector<PrimNode>& nodes, std::uint32_t parent)
      : nodes_(&nodes), first_(nodes[parent].first_child) {}
  class Iterator {
   public:
    Iterator(const std::vector<PrimNode>* nodes, std::uint32_t at) : nodes_(nodes), at_(at) {}
    std::uint32_t operator*() const { return at_; }
    Iterator& operator++() {
      at_ = (*nodes_)[at_].next;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const std::vector<PrimNode>* nodes_;
    std::uint32_t at_;
  };
  Iterator begin() const { return {nodes_, first_}; }
  Iterator end() const { return {nodes_, 0}; }
  std::vector<std::uint32_t> list() const {
    std::vector<std::uint32_t> all;
    for (const std::uint32_t child : *this) all.push_back(child);
    return all;
  }

 private:
  const std::vector<PrimNode>* nodes_;
  std::uint32_t first_;
};

/// All sites that contribute to one prim: a tree, and its order of strength. Node 0 is the prim's own site.
struct PrimIndex {
  std::vector<PrimNode> nodes;
  std::vector<std::uint32_t> order;  ///< Every node, strongest first.
  std::vector<CompositionError> errors;
  bool instanceable = false;  ///< Says so, and has an arc that can be shared.

  Path path() const { return nodes[0].path; }
  NodeChildren children(std::uint32_t i) const { return {nodes, i}; }
};

/// Which of a prim's payloads are followed.
using LoadPayload = std::function<bool(Path prim)>;

/// Composes prims of one root layer stack, each once. One thread at a time. Memory grows with the prims asked for.
class Composer {
 public:
  struct Options {
    std::vector<std::pair<Token, std::vector<Token>>> variant_fallbacks;  ///< For sets that nobody selects in.
    LoadPayload load;                                                     ///< None: all are loaded.
    int nodes = 100'000;                                                  ///< Of one prim, at most.
    int depth = 100;                                                      ///< Of indices within indices.
    std::size_t work = 2'000'000;        ///< Nodes made for one prim's index, those of indices within it too.
    std::size_t all_nodes = 30'000'000;  ///< Of all prims.
  };
  Composer(LayerStacks& stacks, const LayerStack& root) : Composer(stacks, root, Options()) {}
  Composer(LayerStacks& stacks, const LayerStack& root, Options options);

  const LayerStack& root() const { return root_; }
  LayerStacks& stacks() { return stacks_; }
  const Options& options() const { return options_; }

  /// The index of the prim (or the pseudo-root) at `path`; made with those above it when it is new.
  const PrimIndex& index(Path path);
  void forget();  ///< All indices.

  /// Whether one more node may be made.
  bool spend_node() { return ++spent_ < options_.all_nodes; }
  /// A map that lives as long as this.
  const MapFunction* keep(MapFunction map);

 private:
  LayerStacks& stacks_;
  const LayerStack& root_;
  Options options_;
  std::unordered_map<Path, std::unique_ptr<PrimIndex>> indices_;
  std::deque<MapFunction> maps_;
  std::size_t spent_ = 0;
};

/// Names of children in their order; `prohibited`: sources of relocates, sorted. SPEC 12.1.
struct ChildNames {
  std::vector<Token> names, prohibited;
};
ChildNames child_names(const PrimIndex& index);
std::vector<Token> property_names(const PrimIndex& index);

/// A property's spec in one layer.
struct PropertySite {
  std::uint32_t node;
  const LayerStack::Entry* entry;
  Path path;
  SpecType type;
};
/// Strongest first. Of attributes and relationships with one name the strongest decides; others are reported.
std::vector<PropertySite> property_stack(const PrimIndex& index, Token name,
                                         std::vector<CompositionError>* errors = nullptr);

/// The composed list of `targetPaths` or `connectionPaths`, in the stage's names.
struct Targets {
  std::vector<Path> paths, deleted;
};
Targets targets(const PrimIndex& index, Token property, const std::vector<PropertySite>& stack,
                std::vector<CompositionError>* errors = nullptr);

/// Whether the node came by an arc written on the prim itself, so that prims with equal arcs can share it.
bool is_instance_node(const PrimIndex& index, std::uint32_t node);

/// Whether any layer of the stack has a prim (or variant) there.
bool has_prim_specs(const LayerStack& stack, Path path);

}  // namespace wm::usd
