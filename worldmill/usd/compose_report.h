#pragma once
#include <string>

#include "worldmill/usd/prim_index.h"

namespace wm::usd {

/// How the prims of a layer come about, as the compliance suite's pcp.txt files tell it: for each prim its specs,
/// offsets, selections, children, properties and targets; then what is wrong. `name` stands for the layer; `folder` is
/// cut off identifiers, `shown` put in its place.
struct ReportNames {
  std::string loading;  ///< After `Loading @`.
  std::string folder;   ///< With a slash at its end.
  std::string shown;
};
std::string compose_report(Composer& composer, const ReportNames& names);

}  // namespace wm::usd
