#pragma once
#include <array>
#include <set>
#include <string>
#include <tuple>

#include "worldmill/usd/prim_index.h"

namespace wm::usd {

/// Builds the index of one site. Arcs are followed by kind, those first whose outcome others need: relocates,
/// references, payloads, inherits and what they imply, specializes; variants last, as any of those may select them, and
/// only in the graph of the prim itself, where all selections can be seen.
class PrimIndexer {
 public:
  /// An index that is built for an arc of another: where it will hang.
  struct Frame {
    PrimIndexer* outer = nullptr;
    std::uint32_t parent = 0;  ///< In the outer graph.
    Arc arc = Arc::root;
    const MapFunction* map = nullptr;
    Path requested;  ///< The path that the whole index is for.
    bool skip_duplicates = false;
  };

  /// What one prim's index has cost so far.
  struct Effort {
    std::size_t nodes = 0;
    int depth = 0;  ///< Of indices within indices, now.
  };

  PrimIndexer(Composer& composer, const Frame* frame, Effort* effort)
      : composer_(composer), frame_(frame), effort_(effort) {}

  /// From the finished index of the prim above.
  void extend(const PrimIndex& above, Path path, bool contributes = true);
  /// The site of an arc, with what the prims above it bring when `ancestral`. False: a relocate's source is in the way,
  /// and nothing is to hang there.
  bool build(const LayerStack& stack, Path path, bool ancestral, bool contributes);
  void start(const LayerStack& stack, Path path, bool contributes = true);
  void run();
  void cull();
  void finish();
  PrimIndex take() { return std::move(index_); }

 private:
  enum class Work : std::uint8_t {
    relocations,
    implied_relocations,
    references,
    payloads,
    inherits,
    implied_classes,
    specializes,
    variants_above,
    fallbacks_above,
    variants,
    fallbacks,
    count
  };
  struct Task {
    std::uint32_t node;
    Token variant_set = {};
    int number = 0;
    int above = 0;  ///< The set belongs to a prim so many elements up the node's path.
    friend auto operator<=>(const Task& a, const Task& b) {
      return std::tuple(a.node, -a.above, a.number) <=> std::tuple(b.node, -b.above, b.number);
    }
    friend bool operator==(const Task& a, const Task& b) { return (a <=> b) == 0; }
  };
  struct NewArc {
    Arc arc;
    std::uint32_t parent, origin;
    const LayerStack* stack;
    Path path;
    MapFunction map;
    int sibling = 0, below = 0;
    bool contributes = true, ancestral = false, skip_duplicates = false;
  };
  static constexpr std::uint32_t kNone = ~0u, kSkipped = ~0u - 1;  // no node: a mistake; there is one like it

  PrimNode& node(std::uint32_t i) { return index_.nodes[i]; }
  std::uint32_t add_arc(const NewArc& arc);
  std::uint32_t hang(const NewArc& arc, PrimIndex subtree, bool fresh);
  void insert_child(std::uint32_t parent, std::uint32_t child);
  int compare_siblings(std::uint32_t a, std::uint32_t b) const;
  int compare_nodes(std::uint32_t a, std::uint32_t b) const;
  std::uint32_t origin_root(std::uint32_t i) const;
  void add_tasks(std::uint32_t i, bool all);
  void add_task(Work work, Task task);
  bool find_cycle(const NewArc& arc);
  bool is_duplicate(const LayerStack& stack, Path path) const;
  Path final_path(Path path) const;
  std::string site(const LayerStack& stack, Path path) const;
  void report(CompositionError::Kind kind, std::string message);
  void report_too_deep();

  void relocations(std::uint32_t i);
  void implied_relocations(std::uint32_t i);
  void references(std::uint32_t i, bool payloads);
  void classes(std::uint32_t i, bool specializes);
  std::uint32_t add_class(Arc arc, std::uint32_t parent, std::uint32_t origin, const MapFunction& map, int sibling,
                          const PrimNode* same_as);
  void implied_classes(std::uint32_t i);
  void imply_upward(std::uint32_t i, std::uint32_t at, std::uint32_t child);
  std::uint32_t landing(std::uint32_t i);
  void imply(std::uint32_t to, std::uint32_t child, const MapFunction& transfer);
  void imply_tree(std::uint32_t to, std::uint32_t from, const MapFunction& transfer);
  void variants(const Task& task, bool fallback);
  bool selection(std::uint32_t i, Path path, Token set, Token& selected);
  void add_variant_tasks(std::uint32_t i, Path path, int above);
  bool selection_at(const PrimNode& n, Path path, Token set, Token& selected);
  bool selection_below(std::uint32_t i, Path path, Token set, Token& selected);
  void elide(std::uint32_t i);
  void retry_variants();
  MapFunction arc_map(const PrimNode& parent, Path source, LayerOffset offset) const;

  Composer& composer_;
  const Frame* frame_;
  Effort* effort_;
  PrimIndex index_;
  std::vector<std::uint32_t> deferred_;                            // nodes whose classes lead out of this graph
  std::vector<std::pair<std::uint32_t, std::string>> unresolved_;  // arcs' nodes, and what to say if nothing is there
  std::array<std::set<Task>, static_cast<std::size_t>(Work::count)> tasks_;
};

}  // namespace wm::usd
