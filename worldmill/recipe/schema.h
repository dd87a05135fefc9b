#pragma once
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/recipe/recipe.h"
#include "worldmill/recipe/units.h"

/// What a recipe may say, as one tree of nodes. The check (checker.h), the merge of files (merge.h), the defaults, the
/// JSON Schema (json_schema.cpp) all walk this tree: a new key is one line in schema.cpp and one in fill.cpp.
namespace wm::recipe {

/// Which numbers are allowed, in SI. `open_*`: the end itself is not.
struct Range {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool open_least = false, open_most = false;

  bool has(double x) const { return (open_least ? x > least : x >= least) && (open_most ? x < most : x <= most); }
};

/// What a value is, once it is drawn.
enum class Type { number, truth, word, vector, colour, rotation, asset, picture, any };

/// One drawable value, or one constant.
struct Spec {
  Type type = Type::any;
  Dimension dimension = Dimension::any;
  Range range;
  bool whole = false;
};

struct Node;

struct Key {
  std::string_view name;
  const Node* node = nullptr;
  std::string_view help;  ///< One sentence: for the JSON Schema and for people.
  bool required = false;
  std::optional<base::Value> preset;  ///< Filled in where the key is left out.
};

struct Node {
  enum class Kind {
    map,       ///< `keys`
    named,     ///< any name -> `item`, but for those of `keys`
    list,      ///< of `item`, `least` to `most` of them
    either,    ///< `options`: the first that has the shape (map, list, neither) of what is written
    constant,  ///< `spec`, the same for the whole dataset
    field,     ///< `spec`, may be drawn; `acts`: also {set: ...}, `scales`: {scale: ...}, `adds`: {add: ...}
    word,      ///< one of `words`
    selector,
    guard,  ///< an expression that is true or false
    text,
    version,  ///< the number 1
    param,    ///< of any scalar kind
    write,    ///< an entry of `write`; `words`: formats
    extends,
  };
  Kind kind = Kind::map;
  std::vector<Key> keys;
  const Node* item = nullptr;
  std::size_t least = 0, most = std::numeric_limits<std::size_t>::max();
  std::vector<const Node*> options;
  Spec spec;
  bool acts = false, scales = false, adds = false;
  std::vector<std::string> words;
  /// Of a map: an entry whose fields are drawn, how often unless its `per` says so.
  std::optional<vary::Per> per;
  bool identifiers = false;  ///< Of named: names are what stands behind `$`, so without `-`.
  std::string_view noun;     ///< Of what is named, for sentences: `sensor`.
  std::string_view example;  ///< Of a list, for sentences: `[640, 480]`.

  const Key* key(std::string_view name) const;
  /// Of a map or named: the node that says what stands at `name`; null where nothing may.
  const Node* below(std::string_view name) const;
};

/// The tree for one vocabulary. Nodes live as long as it does.
class Schema {
 public:
  explicit Schema(const Vocabulary& vocabulary);
  Schema(const Schema&) = delete;
  const Node& root() const { return *root_; }

 private:
  friend class SchemaBuilder;
  std::deque<Node> nodes_;
  const Node* root_ = nullptr;
};

constexpr std::string_view kPers[] = {"dataset", "scene", "take", "moment"};
constexpr std::string_view kActs[] = {"set", "scale", "add"};

/// A distribution that a draw may name, and the types that it gives.
struct Distribution {
  std::string_view name;
  std::string_view arguments;  ///< `[min, max]`
  std::string_view help;
  unsigned types;  ///< Bits 1 << Type.
};
std::span<const Distribution> known_distributions();
const Distribution* find_distribution(std::string_view name);
inline bool gives(const Distribution& distribution, Type type) {
  return (distribution.types >> static_cast<unsigned>(type) & 1u) != 0;
}

}  // namespace wm::recipe
