#include "worldmill/import/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace wm::import {
namespace {

bool as_number(const base::Value& value, double& number) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) number = static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value.data)) number = *real;
  return std::holds_alternative<std::int64_t>(value.data) || std::holds_alternative<double>(value.data);
}

}  // namespace

Fields::Fields(const base::Value* object, std::string where, Complaint& complaint)
    : object_(object), where_(std::move(where)), complaint_(&complaint) {
  if (object_ && !object_->map()) {
    say("must be an object");
    object_ = nullptr;
  }
}

void Fields::say(std::string_view what) const {
  complaint_->say(where_.empty() ? std::string(what) : fmt::format("{} {}", where_, what));
}

const base::Value* Fields::find(const char* key) const {
  if (!object_) return nullptr;
  const base::Value* value = object_->find(key);
  return value && value->is_null() ? nullptr : value;
}

double Fields::number(const char* key, double fallback, double low, double high) const {
  const base::Value* value = find(key);
  if (!value) return fallback;
  double number = 0;
  if (!as_number(*value, number)) {
    complaint_->say(fmt::format("{} is {}, must be a number", at(key), describe(*value)));
    return fallback;
  }
  if (number >= low && number <= high) return number;
  complaint_->say(fmt::format("{} is {}, must be in [{}, {}]", at(key), number, low, high));
  return fallback;
}

std::int64_t Fields::integer(const char* key, std::int64_t fallback, std::int64_t low, std::int64_t high) const {
  const double number = Fields::number(key, static_cast<double>(fallback));
  if (number == std::floor(number) && number >= static_cast<double>(low) && number <= static_cast<double>(high)) {
    return static_cast<std::int64_t>(number);
  }
  complaint_->say(fmt::format("{} is {}, must be a whole number in [{}, {}]", at(key), number, low, high));
  return fallback;
}

bool Fields::flag(const char* key, bool fallback) const {
  const base::Value* value = find(key);
  if (!value) return fallback;
  if (const bool* flag = std::get_if<bool>(&value->data)) return *flag;
  complaint_->say(fmt::format("{} is {}, must be true or false", at(key), describe(*value)));
  return fallback;
}

std::string Fields::text(const char* key) const {
  const base::Value* value = find(key);
  if (!value) return {};
  if (value->text()) return *value->text();
  complaint_->say(fmt::format("{} is {}, must be text", at(key), describe(*value)));
  return {};
}

std::optional<std::size_t> Fields::index(const char* key, std::size_t count, const char* things) const {
  if (!has(key)) return {};
  const double number = Fields::number(key, -1);
  if (number == std::floor(number) && number >= 0 && number < static_cast<double>(count)) {
    return static_cast<std::size_t>(number);
  }
  complaint_->say(fmt::format("{} is {}, but the file has {} {}", at(key), number, count, things));
  return {};
}

bool Fields::numbers(const char* key, double* values, std::size_t count) const {
  const base::Value* list = find(key);
  if (!list) return false;
  bool good = list->list() && list->list()->size() == count;
  for (std::size_t i = 0; good && i < count; ++i) good = as_number((*list->list())[i], values[i]);
  if (!good) complaint_->say(fmt::format("{} must be a list of {} numbers", at(key), count));
  return good;
}

Fields Fields::object(const char* key) const {
  return Fields(find(key), at(key), *complaint_);
}

std::size_t Fields::size(const char* list) const {
  const base::Value* value = find(list);
  if (!value) return 0;
  if (value->list()) return value->list()->size();
  complaint_->say(fmt::format("{} must be a list", at(list)));
  return 0;
}

Fields Fields::item(const char* list, std::size_t i) const {
  return Fields(&(*find(list)->list())[i], fmt::format("{}[{}]", at(list), i), *complaint_);
}

std::vector<std::size_t> Fields::indices(const char* list, std::size_t count, const char* things) const {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < size(list); ++i) {
    const base::Value& value = (*find(list)->list())[i];
    const auto* number = std::get_if<std::int64_t>(&value.data);
    if (number && *number >= 0 && *number < static_cast<std::int64_t>(count)) {
      result.push_back(static_cast<std::size_t>(*number));
    } else {
      complaint_->say(fmt::format("{}[{}] is {}, but the file has {} {}", at(list), i, describe(value), count, things));
    }
  }
  return result;
}

}  // namespace wm::import
