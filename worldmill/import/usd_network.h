#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>

#include "worldmill/import/usd_look.h"

/// Shader networks of UsdShade, followed to what a material of ours can say.
namespace wm::import {

/// Where an input leads: the shader and the output of it that feeds the input, or nothing but a value.
struct UsdFeed {
  usd::Prim shader;
  std::string output;
};

/// A picture as UsdUVTexture (or a node like it) gives it.
struct UsdMap {
  scene::Texture texture;   ///< With the transform of its coordinates.
  std::string coordinates;  ///< The primvar they come from.
  std::array<float, 4> scale{1, 1, 1, 1}, bias{0, 0, 0, 0};
  int channel = -1;  ///< 0..3 for r g b a, -1: rgb.
  bool raw = false;  ///< Its codes are linear, said in so many words.
};

class UsdNetwork {
 public:
  UsdNetwork(const usd::Stage& stage, const UsdValues& values, UsdPictures& pictures, Notes& notes)
      : stage_(stage), values_(values), pictures_(pictures), notes_(notes) {}

  /// What feeds an attribute, through node graphs and interfaces; none when it is not connected.
  std::optional<UsdFeed> feed(const usd::Prim& prim, std::string_view attribute) const;
  /// The prim and attribute whose value counts for an input: itself, or the interface it is connected to.
  usd::Value value(const usd::Prim& prim, std::string_view attribute) const;
  double number(const usd::Prim& prim, std::string_view attribute, double fallback) const;
  math::Vec3f color(const usd::Prim& prim, std::string_view attribute, math::Vec3f fallback) const;
  std::string text(const usd::Prim& prim, std::string_view attribute, std::string_view fallback) const;
  /// The picture that feeds an input, if one does and is there.
  std::optional<UsdMap> map(const usd::Prim& prim, std::string_view attribute) const;

 private:
  void place(const usd::Prim& prim, std::string_view attribute, UsdMap& map) const;
  std::pair<usd::Prim, std::string> source(const usd::Prim& prim, std::string_view attribute) const;

  const usd::Stage& stage_;
  const UsdValues& values_;
  UsdPictures& pictures_;
  Notes& notes_;
};

/// One channel of a picture that is being put together: from a map, or one value.
struct UsdChannel {
  const UsdMap* map = nullptr;
  int channel = 0;
  float value = 1;
};
/// An 8-bit picture of such channels, as large as the largest of theirs.
scene::PicturePtr combined(const std::array<UsdChannel, 4>& channels, int count, const std::string& name);

}  // namespace wm::import
