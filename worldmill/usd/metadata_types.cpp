// Metadata that USD knows: a text file does not say its types.
#include <algorithm>
#include <iterator>

#include "worldmill/usd/text_reader.h"

namespace wm::usd {
namespace {

struct Known {
  std::string_view name;
  Type type;
  bool array = false;
};

// Sorted by name.
constexpr Known kKnown[] = {
    {"active", Type::boolean},
    {"allowedTokens", Type::token, true},
    {"apiSchemas", Type::token_list_op},
    {"arraySizeConstraint", Type::int64},
    {"assetInfo", Type::dictionary},
    {"autoPlay", Type::boolean},
    {"bindMaterialAs", Type::token},
    {"clipSets", Type::string_list_op},
    {"clips", Type::dictionary},
    {"colorConfiguration", Type::asset},
    {"colorManagementSystem", Type::token},
    {"colorSpace", Type::token},
    {"comment", Type::string},
    {"connectability", Type::token},
    {"constraintTargetIdentifier", Type::token},
    {"customData", Type::dictionary},
    {"customLayerData", Type::dictionary},
    {"defaultPrim", Type::token},
    {"displayGroup", Type::string},
    {"displayGroupOrder", Type::string, true},
    {"displayName", Type::string},
    {"documentation", Type::string},
    {"elementSize", Type::int_},
    {"endFrame", Type::double_},
    {"endTimeCode", Type::double_},
    {"expressionVariables", Type::dictionary},
    {"fallbackPrimTypes", Type::dictionary},
    {"framePrecision", Type::int_},
    {"framesPerSecond", Type::double_},
    {"hasOwnedSubLayers", Type::boolean},
    {"hidden", Type::boolean},
    {"inactiveIds", Type::int64_list_op},
    {"instanceable", Type::boolean},
    {"interpolation", Type::token},
    {"kilogramsPerUnit", Type::double_},
    {"kind", Type::token},
    {"limits", Type::dictionary},
    {"metersPerUnit", Type::double_},
    {"noLoadHint", Type::boolean},
    {"outputName", Type::token},
    {"owner", Type::string},
    {"playbackMode", Type::token},
    {"prefix", Type::string},
    {"prefixSubstitutions", Type::dictionary},
    {"renderSettingsPrimPath", Type::string},
    {"renderType", Type::token},
    {"sdrMetadata", Type::dictionary},
    {"sessionOwner", Type::string},
    {"startFrame", Type::double_},
    {"startTimeCode", Type::double_},
    {"suffix", Type::string},
    {"suffixSubstitutions", Type::dictionary},
    {"symmetricPeer", Type::string},
    {"symmetryArguments", Type::dictionary},
    {"timeCodesPerSecond", Type::double_},
    {"uiHints", Type::dictionary},
    {"unauthoredValuesIndex", Type::int_},
    {"upAxis", Type::token},
    {"weight", Type::float_},
};

}  // namespace

MetadataType metadata_type(std::string_view name) {
  const auto at = std::lower_bound(std::begin(kKnown), std::end(kKnown), name,
                                   [](const Known& known, std::string_view n) { return known.name < n; });
  if (at == std::end(kKnown) || at->name != name) return {};
  return {at->type, at->array};
}

}  // namespace wm::usd
