#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/result.h"
#include "worldmill/base/value.h"
#include "worldmill/scene/scene.h"

namespace wm::scene {

/// What a recipe calls things, beside the scene's own paths.
struct Names {
  std::map<std::string, std::vector<NodeId>> entries;  ///< Recipe name -> roots, in order of their index.
  std::map<std::string, std::vector<NodeId>> classes;  ///< Label name -> nodes that it was given to.
};

/// `of`, `surface`, `clear_of`, `look_at` ...: which nodes are meant.
///
///   jack · jack/0 · jack/**/Fork* · /World/Shelf_* · class:x · type:light · tag:x · a list (union) ·
///   {any: [...], except: ...}
///
/// A glob's `*` and `?` stay within one name, `**` is any number of names. type: is one of mesh, light, camera and the
/// kinds of light (sphere_light, rect_light, distant_light, spot_light, environment).
class Selector {
 public:
  /// Reads text, a list of texts, or a map {any, except}; anything else is an error at its place.
  static Result<Selector> parse(const base::Value& value);

  /// The nodes meant, in the order of the scene, each once. An error (did you mean ...) when nothing matches and
  /// `optional` is false.
  Result<std::vector<NodeId>> match(const Scene& scene, const Names& names, bool optional = false) const;

  /// Recipe names, classes and absolute paths that the patterns begin with, for checks ahead of any scene.
  struct Head {
    std::string kind;  ///< `name`, `path`, `class`, `type`, `tag`
    std::string text;
    base::Place place;
  };
  std::vector<Head> heads() const;
  std::string to_string() const;  ///< As written, in one line.

 private:
  struct Pattern {
    std::string text;
    base::Place place;
  };
  std::vector<Pattern> any_, except_;
};

/// `*` and `?` within a name, `**` across names; `/` parts the names. No other character is special.
bool glob_match(std::string_view pattern, std::string_view path);

}  // namespace wm::scene
