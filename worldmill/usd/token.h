#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>

namespace wm::usd {

/// Text that is kept once: four bytes, equal when the texts are equal. Every name, string and asset path of USD is one.
/// The table behind it lives as long as the program (the one global of this module: names are compared everywhere, by
/// layers that know nothing of each other). Thread-safe. Ids depend on who came first: never order by them.
class Token {
 public:
  constexpr Token() = default;  ///< The empty text.
  explicit Token(std::string_view text);

  std::string_view text() const;
  bool empty() const { return id_ == 0; }
  explicit operator bool() const { return id_ != 0; }
  constexpr std::uint32_t id() const { return id_; }
  static constexpr Token of_id(std::uint32_t id) {
    Token token;
    token.id_ = id;
    return token;
  }
  friend constexpr bool operator==(Token, Token) = default;

 private:
  std::uint32_t id_ = 0;
};

/// Names that the format itself knows; their ids are known when we compile.
inline constexpr std::string_view kKnownNames[] = {"",
                                                   "specifier",
                                                   "typeName",
                                                   "primChildren",
                                                   "properties",
                                                   "variantSetChildren",
                                                   "variantChildren",
                                                   "primOrder",
                                                   "propertyOrder",
                                                   "references",
                                                   "payload",
                                                   "inheritPaths",
                                                   "specializes",
                                                   "variantSetNames",
                                                   "variantSelection",
                                                   "apiSchemas",
                                                   "kind",
                                                   "active",
                                                   "instanceable",
                                                   "hidden",
                                                   "customData",
                                                   "assetInfo",
                                                   "clips",
                                                   "clipSets",
                                                   "relocates",
                                                   "layerRelocates",
                                                   "subLayers",
                                                   "subLayerOffsets",
                                                   "defaultPrim",
                                                   "upAxis",
                                                   "metersPerUnit",
                                                   "kilogramsPerUnit",
                                                   "timeCodesPerSecond",
                                                   "framesPerSecond",
                                                   "startTimeCode",
                                                   "endTimeCode",
                                                   "documentation",
                                                   "comment",
                                                   "customLayerData",
                                                   "expressionVariables",
                                                   "default",
                                                   "timeSamples",
                                                   "spline",
                                                   "connectionPaths",
                                                   "targetPaths",
                                                   "variability",
                                                   "custom",
                                                   "interpolation",
                                                   "elementSize",
                                                   "colorSpace",
                                                   "permission",
                                                   "symmetryFunction",
                                                   "symmetryArguments",
                                                   "prefixSubstitutions",
                                                   "suffixSubstitutions",
                                                   "displayName",
                                                   "displayGroup",
                                                   "allowedTokens",
                                                   "fallbackPrimTypes",
                                                   "noLoadHint",
                                                   "variantSets",
                                                   "variants",
                                                   "inherits",
                                                   "doc",
                                                   "assetPaths",
                                                   "primPath",
                                                   "manifestAssetPath",
                                                   "times",
                                                   "interpolateMissingClipValues",
                                                   "templateAssetPath",
                                                   "templateStartTime",
                                                   "templateEndTime",
                                                   "templateStride",
                                                   "templateActiveOffset",
                                                   "framePrecision",
                                                   "owner",
                                                   "sessionOwner",
                                                   "hasOwnedSubLayers",
                                                   "arraySizeConstraint"};

/// The token of a known name: `known("references")` costs nothing; any other name does not compile.
consteval Token known(std::string_view name) {
  for (std::uint32_t i = 0; i < std::size(kKnownNames); ++i) {
    if (kKnownNames[i] == name) return Token::of_id(i);
  }
  throw "this name is not in kKnownNames";
}

}  // namespace wm::usd

template <>
struct std::hash<wm::usd::Token> {
  std::size_t operator()(wm::usd::Token token) const { return token.id() * 0x9E3779B97F4A7C15ull; }
};
