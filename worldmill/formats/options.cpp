#include "worldmill/formats/options.h"

#include <fmt/format.h>

#include <algorithm>

namespace wm::formats {
namespace {

using base::error;
using base::Value;

bool has(const std::vector<sample::FieldSchema>& fields, std::string_view name) {
  return std::ranges::find(fields, name, &sample::FieldSchema::name) != fields.end();
}

/// Which annotator makes a channel or column.
std::string_view annotator_of(std::string_view field) {
  if (field.starts_with("box_3d_")) return "box_3d";
  for (const std::string_view column : {"visible_pixels", "visibility", "truncation"}) {
    if (field == column) return "occlusion";
  }
  return field;
}

}  // namespace

Result<Options> Options::read(const Value& options, std::string_view format, std::span<const std::string_view> known) {
  if (!options.is_null() && options.map() == nullptr) {
    return error(fmt::format("the options of {} must be a map, not {}", format, describe(options)), options.place);
  }
  for (const base::Entry& entry : options.map() == nullptr ? Value::Map() : *options.map()) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    std::string hint = base::did_you_mean(entry.key, known);
    if (hint.empty()) hint = fmt::format("; it has {}", fmt::join(known, ", "));
    return error(fmt::format("{} has no option \"{}\"{}", format, entry.key, hint), entry.place);
  }
  return Options(options, format);
}

tl::unexpected<base::Diagnostic> Options::refuse(std::string_view key, std::string_view must) const {
  const Value* value = options_.find(key);
  return error(fmt::format("{} of {} must be {}, not {}", key, format_, must, describe(*value)), value->place);
}

Result<std::string> Options::one_of(std::string_view key, std::span<const std::string_view> choices) const {
  const Value* value = options_.find(key);
  if (value == nullptr) return std::string(choices.front());
  if (value->text() == nullptr || std::ranges::find(choices, *value->text()) == choices.end()) {
    return refuse(key, fmt::format("{}", fmt::join(choices, " or ")));
  }
  return *value->text();
}

Result<bool> Options::flag(std::string_view key, bool otherwise) const {
  const Value* value = options_.find(key);
  if (value == nullptr) return otherwise;
  if (const bool* flag = std::get_if<bool>(&value->data)) return *flag;
  return refuse(key, "true or false");
}

Result<int> Options::whole(std::string_view key, int low, int high, int otherwise) const {
  const Value* value = options_.find(key);
  if (value == nullptr) return otherwise;
  const auto* number = std::get_if<std::int64_t>(&value->data);
  if (number == nullptr || *number < low || *number > high) {
    return refuse(key, fmt::format("a whole number from {} to {}", low, high));
  }
  return static_cast<int>(*number);
}

Result<std::vector<std::string>> Options::sensors(const sample::DatasetInfo& info) const {
  std::vector<std::string> all;
  for (const sample::SensorRecord& sensor : info.sensors) all.push_back(sensor.name);
  const Value* value = options_.find("sensors");
  if (value == nullptr) return all;
  if (value->list() == nullptr || value->list()->empty()) return refuse("sensors", "a list of sensors' names");
  const std::vector<std::string_view> names(all.begin(), all.end());
  std::vector<std::string> chosen;
  for (const Value& item : *value->list()) {
    if (item.text() == nullptr) return error("a sensor is named by text, not " + describe(item), item.place);
    if (std::ranges::find(all, *item.text()) == all.end()) {
      const std::string hint = base::did_you_mean(*item.text(), names);
      return error(fmt::format("no sensor is called \"{}\"{}", *item.text(), hint), item.place);
    }
    if (std::ranges::find(chosen, *item.text()) == chosen.end()) chosen.push_back(*item.text());
  }
  return chosen;
}

Status Options::need(const sample::DatasetInfo& info, std::span<const std::string_view> channels,
                     std::span<const std::string_view> columns) const {
  std::vector<std::string_view> missing;
  const auto add = [&](std::string_view field) {
    const std::string_view annotator = annotator_of(field);
    if (std::ranges::find(missing, annotator) == missing.end()) missing.push_back(annotator);
  };
  for (const std::string_view channel : channels) {
    if (!has(info.channels, channel)) add(channel);
  }
  for (const std::string_view column : columns) {
    if (!has(info.columns, column)) add(column);
  }
  if (missing.empty()) return {};
  return error(fmt::format("{} needs labels that are not made; add {} to annotate", format_, fmt::join(missing, ", ")),
               options_.place);
}

Status Options::need_classes(const sample::DatasetInfo& info) const {
  for (const sample::ClassRecord& record : info.classes) {
    if (!record.ignore && record.part_of.empty()) return {};
  }
  return error(fmt::format("{} needs classes; name some under labels", format_), options_.place);
}

bool has_channel(const sample::DatasetInfo& info, std::string_view name) {
  return has(info.channels, name);
}
bool has_column(const sample::DatasetInfo& info, std::string_view name) {
  return has(info.columns, name);
}

}  // namespace wm::formats
