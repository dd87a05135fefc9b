#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "worldmill/usd/layer.h"
#include "worldmill/usd/map_function.h"
#include "worldmill/usd/package.h"

namespace wm::usd {

/// What composing finds wrong; it goes on without the part.
struct CompositionError {
  enum class Kind {
    arc_cycle,
    arc_to_prohibited_child,
    inconsistent_property_type,
    invalid_asset_path,
    invalid_prim_path,
    invalid_sublayer_path,
    invalid_sublayer_offset,
    invalid_reference_offset,
    sublayer_cycle,
    unresolved_prim_path,
    opinion_at_relocation_source,
    invalid_relocate,
    conflicting_relocate,
    same_target_relocates,
    invalid_external_target,
    variable_expression,
    too_deep
  };
  Kind kind;
  std::string message;
};

/// Layers by name, each opened once, and which paths may be opened at all. One thread at a time.
class LayerLibrary {
 public:
  struct Options {
    std::vector<std::filesystem::path> roots;         ///< Paths never leave these; empty: anywhere.
    std::vector<std::filesystem::path> search_paths;  ///< For paths such as `a/b.usd`, after the layer's own folder.
    ReadBudget budget;
    std::size_t layers = 100'000;  ///< At most so many are opened.
  };
  LayerLibrary() = default;
  explicit LayerLibrary(Options options) : options_(std::move(options)) {}

  /// The layer of that name, or why there is none. Names are those that `resolve` gives.
  Result<std::shared_ptr<Layer>> open(const std::string& identifier);
  /// A layer that is in memory alone.
  void add(std::shared_ptr<Layer> layer);
  /// The name of the asset that `path` means, written in `anchor`; packages are looked into. Empty when nothing is
  /// there or it may not be reached, `why` saying so.
  std::string resolve(const std::string& anchor, std::string_view path, std::string* why = nullptr);
  /// The name that `path` would have, whether or not something is there.
  std::string anchored(const std::string& anchor, std::string_view path) const;
  /// Paths such as `a/b.usd` are looked for from here too, after the layer's own folder.
  void look_beside(std::string identifier) { beside_ = std::move(identifier); }
  /// A whole asset: a picture, a layer.
  Result<Bytes> read(const std::string& identifier);

 private:
  std::string resolve_from(const std::string& anchor, std::string_view path, std::string* why);
  bool allowed(const std::filesystem::path& path) const;
  const Package* package(const std::string& identifier, std::string* why);

  Options options_;
  std::string beside_;
  std::unordered_map<std::string, Result<std::shared_ptr<Layer>>> layers_;
  std::unordered_map<std::string, Package> packages_;
};

/// timeCodesPerSecond of a layer, or framesPerSecond where that alone is said, or 24 [1/s].
double time_codes_per_second(const Layer& layer);

/// A root layer with all its sublayers, strongest first, and what holds for all of them.
struct LayerStack {
  struct Entry {
    std::shared_ptr<Layer> layer;
    LayerOffset offset;  ///< Of its time to the root layer's.
  };
  std::string identifier;  ///< The root layer's.
  std::vector<Entry> layers;
  std::size_t session_layers = 0;  ///< How many at the front come from the session.
  double time_codes_per_second = 24;
  Dictionary expression_variables;

  /// A prim is moved: what weaker layer stacks say at the source counts at the target; an empty target: it is gone.
  struct Relocate {
    Path source, target;
  };
  std::vector<Relocate> relocates;
  std::unordered_map<Path, Path> relocated_from;  ///< By target.
  std::unordered_map<Path, Path> relocated_to;    ///< By source; deleted ones are empty.

  std::vector<CompositionError> errors;

  const Layer& root() const { return *layers[session_layers].layer; }
};

/// Builds layer stacks, each once.
class LayerStacks {
 public:
  explicit LayerStacks(LayerLibrary& library) : library_(library) {}
  LayerLibrary& library() { return library_; }

  /// `inherited`: the expression variables of the stack that leads to this one; they are stronger. Null: it cannot be
  /// opened, `why` saying so.
  const LayerStack* find(const std::string& identifier, const Dictionary& inherited, std::string* why);
  /// All that were made, in no order.
  std::vector<const LayerStack*> all() const;
  /// With a session layer before the root layer.
  const LayerStack* make(std::shared_ptr<Layer> root, std::shared_ptr<Layer> session);

 private:
  struct Build;
  std::unique_ptr<LayerStack> build(std::shared_ptr<Layer> root, std::shared_ptr<Layer> session,
                                    const Dictionary& inherited);
  void add_layer(Build& build, std::shared_ptr<Layer> layer, LayerOffset offset, int depth);
  static void read_relocates(LayerStack& stack);

  LayerLibrary& library_;
  std::map<std::string, std::vector<std::pair<Dictionary, std::unique_ptr<LayerStack>>>> stacks_;
  std::vector<std::unique_ptr<LayerStack>> made_;
};

}  // namespace wm::usd
