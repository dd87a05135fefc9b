#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"
#include "worldmill/base/expression.h"

using namespace wm::base;

// Any text is an expression that asks for its own names alone and gives a finite number, or a sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Place place = {"fuzz.yaml", 3, 7};
  const auto expression = Expression::parse({reinterpret_cast<const char*>(data), size}, place);
  if (!expression) {
    WM_CHECK(!expression.error().message.empty() && expression.error().place.line == 3);
    return 0;
  }
  const auto lookup = [&](const std::string& name) -> wm::Result<Term> {
    WM_CHECK(std::ranges::find(expression->names(), name) != expression->names().end());
    if (name.size() % 3 == 0) return Term(name);
    if (name.size() % 3 == 1) return Term(static_cast<double>(size) - 20);
    return Term(true);
  };
  const auto term = expression->evaluate(lookup);
  if (!term) {
    WM_CHECK(!term.error().message.empty());
  } else if (const double* number = std::get_if<double>(&*term)) {
    WM_CHECK(std::isfinite(*number));
  }
  return 0;
}
