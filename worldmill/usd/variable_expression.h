#pragma once
#include <string>
#include <string_view>

#include "worldmill/base/result.h"
#include "worldmill/usd/value.h"

namespace wm::usd {

/// Whether the text is an expression: it stands between backticks.
bool is_variable_expression(std::string_view text);

/// Evaluates `` `"./${NAME}.usd"` `` with the variables of a layer stack. Strings with ${...}, lists, and the functions
/// if, and, or, not, eq, neq, lt, leq, gt, geq, contains, at, len, defined. The value is a string, a boolean, an int64,
/// a list or none (`None`); an error is a sentence. SPEC 11.
Result<Value> evaluate_expression(std::string_view text, const Dictionary& variables);

/// The same where a string is needed: a name or a path. Text that is no expression is itself.
Result<std::string> evaluated_string(std::string_view text, const Dictionary& variables);

}  // namespace wm::usd
