#pragma once
#include <string>
#include <string_view>

#include "worldmill/base/json.h"

/// Reading what a JSON object must hold; a complaint names `place` and the key.
namespace wm::formats {

Result<const base::Value*> field(const base::Value& object, std::string_view key, const std::string& place);
Result<std::int64_t> whole_field(const base::Value& object, std::string_view key, const std::string& place);
Result<double> number_field(const base::Value& object, std::string_view key, const std::string& place);
Result<std::string> text_field(const base::Value& object, std::string_view key, const std::string& place);
Result<const base::Value::List*> list_field(const base::Value& object, std::string_view key, const std::string& place);
/// A list of exactly `count` numbers.
Result<std::vector<double>> numbers_field(const base::Value& object, std::string_view key, std::size_t count,
                                          const std::string& place);

}  // namespace wm::formats
