#include "worldmill/formats/fields.h"

#include <fmt/format.h>

namespace wm::formats {
namespace {

tl::unexpected<base::Diagnostic> not_a(std::string_view kind, std::string_view key, const base::Value& found,
                                       const std::string& place) {
  return base::error(fmt::format("\"{}\" must be {}, not {}", key, kind, base::describe(found)), {place});
}

}  // namespace

Result<const base::Value*> field(const base::Value& object, std::string_view key, const std::string& place) {
  const base::Value* found = object.find(key);
  if (found == nullptr) return base::error(fmt::format("\"{}\" is missing", key), {place});
  return found;
}

Result<std::int64_t> whole_field(const base::Value& object, std::string_view key, const std::string& place) {
  WM_TRY(found, field(object, key, place));
  if (const auto* n = std::get_if<std::int64_t>(&found->data)) return *n;
  return not_a("a whole number", key, *found, place);
}

Result<double> number_field(const base::Value& object, std::string_view key, const std::string& place) {
  WM_TRY(found, field(object, key, place));
  double number = 0;
  if (!base::json_double(*found, number)) return not_a("a number", key, *found, place);
  return number;
}

Result<std::string> text_field(const base::Value& object, std::string_view key, const std::string& place) {
  WM_TRY(found, field(object, key, place));
  if (found->text() == nullptr) return not_a("text", key, *found, place);
  return *found->text();
}

Result<const base::Value::List*> list_field(const base::Value& object, std::string_view key, const std::string& place) {
  WM_TRY(found, field(object, key, place));
  if (found->list() == nullptr) return not_a("a list", key, *found, place);
  return found->list();
}

Result<std::vector<double>> numbers_field(const base::Value& object, std::string_view key, std::size_t count,
                                          const std::string& place) {
  WM_TRY(list, list_field(object, key, place));
  std::vector<double> numbers;
  for (const base::Value& item : *list) {
    numbers.push_back(0);
    if (!base::json_double(item, numbers.back())) return not_a("a list of numbers", key, item, place);
  }
  if (numbers.size() != count) {
    return base::error(fmt::format("\"{}\" must hold {} numbers, not {}", key, count, numbers.size()), {place});
  }
  return numbers;
}

}  // namespace wm::formats
