#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "worldmill/base/result.h"

namespace wm::base {

/// What an expression can be: a truth, a number, a word.
using Term = std::variant<bool, double, std::string>;

/// The small grammar of recipes, loosest first; no loops, no templates:
///
///   or · and · not · == != < <= > >= (not chained) · + - · * / · unary - · number, $name, word, "text", true, false,
///   (...), min max (2 or more), abs floor round sqrt (1), clamp (value, low, high)
///
/// round takes halves away from zero. A bare word is text: `$hour == night`. Immutable; shared freely among threads.
class Expression {
 public:
  /// Reads `text`, which stands at `place`. Refuses more than 1000 characters and nesting deeper than 50.
  static Result<Expression> parse(std::string_view text, Place place);

  /// Gives the term behind `$name`; names() says which will be asked for.
  using Lookup = std::function<Result<Term>(const std::string& name)>;

  /// The value, or which operation could not be: words in arithmetic, a division by zero, a result that is not finite.
  /// and, or look at their right side only when the left does not decide.
  Result<Term> evaluate(const Lookup& lookup) const;

  /// Every `$name` in it without the `$`, in order of first use, each once.
  const std::vector<std::string>& names() const { return names_; }

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
  std::vector<std::string> names_;
  Place place_;
};

}  // namespace wm::base
