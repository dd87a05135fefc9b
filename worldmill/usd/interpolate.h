#pragma once
#include "worldmill/usd/value.h"

namespace wm::usd {

/// Between `a` (at 0) and `b` (at 1): component by component, quaternions along the arc; `a` where the type does not
/// mix or arrays have other lengths. SPEC 12.3.3.
Value interpolated(const Value& a, const Value& b, double between);

/// Time codes in the value (scalars, arrays, dictionaries) mapped by `offset`; all else as it is.
Value retimed(const Value& value, const LayerOffset& offset);

}  // namespace wm::usd
