#pragma once
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "worldmill/usd/prim_index.h"

namespace wm::usd {

class Stage;
struct ClipSet;

/// When: a time code, or none, where only `default` values count.
class Time {
 public:
  constexpr Time() = default;                   ///< No time: default values.
  constexpr Time(double code) : code_(code) {}  // NOLINT: a time code is a time
  bool is_default() const { return code_ != code_; }
  double code() const { return code_; }  ///< [time codes of the stage]

 private:
  double code_ = std::numeric_limits<double>::quiet_NaN();
};

/// A prim on a stage, also one within an instance (whose path is the instance's, whose content is shared). Cheap to
/// copy; lives no longer than its stage.
class Prim {
 public:
  Prim() = default;
  explicit operator bool() const { return stage_ != nullptr; }

  Path path() const { return path_; }
  Token name() const { return path_.name(); }
  Token type_name() const;
  Specifier specifier() const;
  bool is_active() const;
  bool is_loaded() const;
  bool is_defined() const;
  bool is_abstract() const;
  bool is_model() const;
  bool is_group() const;
  bool is_instance() const;
  bool is_instance_proxy() const { return proxy_; }
  /// The instance whose content this one shares; itself for the first of them. Empty for what is no instance.
  Path shared_with() const;

  /// What lies beneath, in order; within an instance too when `proxies`.
  std::vector<Prim> children(bool proxies = false) const;
  Prim parent() const;  ///< No prim above the pseudo-root.
  const PrimIndex& index() const;

  /// Names of all metadata that anything says about it, sorted.
  std::vector<Token> metadata_names() const;
  /// Composed: dictionaries merge, list ops combine, else the strongest. None: not said.
  Value metadata(Token name) const;
  /// Sorted as dictionaries are, then by `propertyOrder`.
  std::vector<Token> property_names() const;

  friend bool operator==(const Prim& a, const Prim& b) { return a.stage_ == b.stage_ && a.path_ == b.path_; }

 private:
  friend class Stage;
  friend class Property;
  const Stage* stage_ = nullptr;
  std::uint32_t node_ = 0;  // in the stage's tree; within an instance, of the first one's
  Path path_;
  bool proxy_ = false;
};

enum class ValueOrigin : std::uint8_t { none, fallback, default_, samples, clips, spline };

/// An attribute or relationship of a prim: all its specs, found once.
class Property {
 public:
  Property(const Prim& prim, Token name);
  explicit operator bool() const { return !specs_.empty(); }
  bool is_attribute() const { return !specs_.empty() && specs_[0].type == SpecType::attribute; }
  Path path() const { return prim_.path().property(name_); }
  Token type_name() const;
  bool is_uniform() const;
  bool is_custom() const;
  const std::vector<PropertySite>& specs() const { return specs_; }

  /// SPEC 12.3. None where nothing is said, or what is said is blocked.
  Value value(Time time = {}, ValueOrigin* origin = nullptr) const;
  /// Times at which something is written [time codes of the stage], sorted.
  std::vector<double> sample_times() const;
  bool is_blocked() const;  ///< The default-time value is `None`.
  bool has_authored_value() const;
  /// The spline that decides, and how its layer's time maps to the stage's.
  std::optional<std::pair<Value, LayerOffset>> spline() const;

  std::vector<Token> metadata_names() const;
  Value metadata(Token name) const;
  /// Targets of a relationship, connections of an attribute; as the stage names them.
  std::vector<Path> targets() const;
  bool has_authored_targets() const;
  /// The layer in which an asset path that is its value was written, to anchor it.
  const Layer* value_layer() const;
  const LayerStack* value_stack() const;  ///< Whose expression variables it uses.

 private:
  struct Source {
    ValueOrigin origin = ValueOrigin::none;
    const PropertySite* site = nullptr;
    LayerOffset offset;  // of the layer's time to the stage's
    Value value;         // the field
    const ClipSet* clips = nullptr;
    bool blocked = false;
  };
  Source source(bool default_only) const;
  LayerOffset offset_of(const PropertySite& site) const;
  bool look(const PropertySite& site, bool default_only, Source& found) const;

  Prim prim_;
  Token name_;
  std::vector<PropertySite> specs_;
  const std::vector<ClipSet>* clips_ = nullptr;
};

/// A composed scene: the tree of prims of a root layer. Built whole when opened; many threads may read it then.
class Stage {
 public:
  struct Options {
    LayerLibrary::Options library;
    std::string session;  ///< A layer that is stronger than the root layer; empty: none.
    std::vector<std::pair<Token, std::vector<Token>>> variant_fallbacks;
    bool load_payloads = true;
    std::vector<Path> load, unload;  ///< Exceptions: the nearest rule above a prim counts.
    std::vector<Path> mask;          ///< Only these prims, those above and beneath them; empty: all.
    bool held = false;               ///< Values stay between samples instead of being mixed.
    std::size_t prims = 5'000'000;   ///< At most so many.
  };
  static Result<std::unique_ptr<Stage>> open(const std::string& file, Options options);
  static Result<std::unique_ptr<Stage>> open(std::shared_ptr<Layer> root, Options options);
  ~Stage();

  const Options& options() const { return options_; }
  const LayerStack& root() const { return *root_stack_; }
  LayerLibrary& library() { return library_; }
  /// Every layer that contributes or was looked at.
  std::vector<const Layer*> used_layers() const;
  double time_codes_per_second() const { return root_stack_->time_codes_per_second; }

  Prim pseudo_root() const;
  Prim find(Path path) const;  ///< Also within instances; no prim when none is there.
  Prim default_prim() const;
  std::size_t prim_count() const { return nodes_.size() - 1; }

  /// Of all prims, those within instances once, then of the layer stacks.
  std::vector<CompositionError> errors() const;

 private:
  friend class Prim;
  friend class Property;
  struct Node {
    Path path;
    const PrimIndex* index = nullptr;
    Token type, kind;
    std::uint32_t parent = 0, first_child = 0, next_sibling = 0;  // 0: none
    std::uint32_t shared = 0;                                     // the first instance with this content
    Specifier specifier = Specifier::over;
    bool active = true, loaded = true, defined = false, abstract = false, model = false, group = false,
         instance = false, clips = false;
  };
  Stage(Options options);
  Result<std::unique_ptr<Stage>> static finish(std::unique_ptr<Stage> stage, std::shared_ptr<Layer> root);
  Status populate();
  void describe(Node& node, const Node* parent);
  bool in_mask(Path path) const;
  bool loads(Path path) const;
  std::string instance_key(const PrimIndex& index) const;
  Prim prim(std::uint32_t node, Path path, bool proxy) const;
  /// The clip sets of a prim, found once; null when there are none.
  const std::vector<ClipSet>* clips(const Prim& prim) const;

  Options options_;
  mutable LayerLibrary library_;  // clips are opened when they are asked for, under the lock below
  std::unique_ptr<LayerStacks> stacks_;
  const LayerStack* root_stack_ = nullptr;
  std::unique_ptr<Composer> composer_;
  std::vector<Node> nodes_;
  std::unordered_map<Path, std::uint32_t> node_at_;  ///< By path; for looking up alone.
  mutable std::mutex clips_mutex_;
  mutable std::unordered_map<std::uint32_t, std::unique_ptr<std::vector<ClipSet>>> clips_;
};

/// The stage as one layer without arcs: what every query gives is written down. Instances stay instances: each shared
/// content becomes a prim `/Flattened_Prototype_N` that they reference. SPEC 12.5.
std::shared_ptr<Layer> flattened(const Stage& stage);

/// Order of names: letters before their case, numbers by value.
bool dictionary_less(std::string_view a, std::string_view b);

}  // namespace wm::usd
