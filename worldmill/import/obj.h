#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/import/source.h"

namespace wm::import {

/// Reads Wavefront OBJ from `text` (the source's main file) and the .mtl files it names. Taken as z up and metres.
/// An object or group becomes a node, what it shows with one material a mesh. Polygons are cut into triangles; corners
/// without a normal are smooth inside their smoothing group and flat without one, as the format says.
Result<scene::Asset> import_obj(Source& source, const std::string& text);

/// Reads the materials of an .mtl file, `reference` from the main file. Metallic-roughness is taken where it is written
/// (Pr, Pm, map_Pr, map_Pm), else made of Phong's: roughness^4 = 2 / (Ns + 2), matte without Ks. Kd is linear; with a
/// map_Kd a black Kd counts as white.
Result<std::map<std::string, scene::Material>> read_mtl(Source& source, const std::string& reference, Notes& notes);

/// Words of a line of OBJ or MTL.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) { skip(); }
  bool empty() const { return rest_.empty(); }
  std::string_view next();
  /// All that is left, without blanks at its ends.
  std::string_view rest() const;
  /// The next word as a number; false, with nothing taken, when it is none.
  bool number(double& value);

 private:
  void skip();
  std::string_view rest_;
};

/// Lines of a text without comments; a line that ends in `\` goes on in the next.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  bool next();
  std::string_view line() const { return line_; }
  int number() const { return number_; }  ///< Of the first line of those joined, from 1.

 private:
  std::string_view text_;
  std::string_view line_;
  std::string joined_;
  int number_ = 0;
  int ahead_ = 0;
};

}  // namespace wm::import
