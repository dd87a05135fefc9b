#include "worldmill/mill/dataset.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/json.h"
#include "worldmill/formats/store.h"

namespace wm::mill {
namespace {

namespace fs = std::filesystem;
using base::Value;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 34;

std::string text_at(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value && value->text() ? *value->text() : "";
}

std::int64_t number_at(const Value& map, std::string_view key, std::int64_t otherwise) {
  const Value* value = map.find(key);
  const auto* number = value ? std::get_if<std::int64_t>(&value->data) : nullptr;
  return number ? *number : otherwise;
}

const Value::List& list_at(const Value& map, std::string_view key) {
  static const Value::List kNone;
  const Value* value = map.find(key);
  return value && value->list() ? *value->list() : kNone;
}

std::vector<sample::FieldSchema> schemas_at(const Value& json, std::string_view key) {
  std::vector<sample::FieldSchema> fields;
  for (const Value& item : list_at(json, key)) {
    fields.push_back({text_at(item, "name"), text_at(item, "dtype"), text_at(item, "shape"), text_at(item, "unit"),
                      text_at(item, "meaning")});
  }
  return fields;
}

sample::DatasetInfo info_of(const Value& json, bool stills) {
  sample::DatasetInfo info;
  info.name = text_at(json, "name");
  info.stills = stills;
  for (const Value& item : list_at(json, "classes")) {
    const Value* ignore = item.find("ignore");
    info.classes.push_back({static_cast<std::uint16_t>(number_at(item, "id", 0)), text_at(item, "name"),
                            text_at(item, "part_of"),
                            ignore && std::holds_alternative<bool>(ignore->data) && std::get<bool>(ignore->data)});
  }
  for (const Value& item : list_at(json, "sensors")) {
    info.sensors.push_back({text_at(item, "name"), text_at(item, "kind"), static_cast<int>(number_at(item, "width", 0)),
                            static_cast<int>(number_at(item, "height", 0))});
  }
  info.channels = schemas_at(json, "channels");
  info.columns = schemas_at(json, "columns");
  for (const Value& item : list_at(json, "parts")) info.parts.push_back(item.text() ? *item.text() : "");
  return info;
}

}  // namespace

Result<Dataset> open_dataset(base::Files& files, const fs::path& folder) {
  WM_TRY(json, read_dataset(files, folder));
  const std::string place = (folder / "dataset.json").string();
  if (number_at(json, "worldmill_dataset", 0) != 1) {
    return base::error("this is no dataset.json of Worldmill's first version", {place, 0, 0});
  }
  Dataset dataset;
  dataset.folder = folder;
  dataset.scenes = number_at(json, "scenes", 0);
  dataset.takes = number_at(json, "takes", 1);
  dataset.license = text_at(json, "license");
  dataset.tree_hash = text_at(json, "tree_hash");
  const Value* stills = json.find("stills");
  dataset.info = info_of(json, stills && std::holds_alternative<bool>(stills->data) && std::get<bool>(stills->data));
  const Value* recipe = json.find("recipe");
  if (!recipe || !recipe->map()) return base::error("it holds no recipe", {place, 0, 0});
  dataset.store = text_at(*recipe, "store") != "none";
  const Value* simulate = recipe->find("simulate");
  dataset.simulated = simulate && simulate->map();
  WM_TRY(writes, recipe::writes_of(*recipe));
  dataset.writes = std::move(writes);
  dataset.json = std::move(json);
  return dataset;
}

Status for_each_sample(base::Files& files, const Dataset& dataset,
                       const std::function<Status(const sample::Sample&)>& use) {
  for (const std::string& name : files.list(dataset.folder / "samples")) {
    if (!name.ends_with(".tar")) continue;
    const fs::path path = dataset.folder / "samples" / name;
    WM_TRY(bytes, files.read(path, kMostBytes));
    WM_TRY(samples, formats::read_store(bytes, path.string()));
    for (const sample::Sample& sample : samples) WM_TRY_STATUS(use(sample));
  }
  return {};
}

Result<sample::Sample> read_sample(base::Files& files, const Dataset& dataset, const sample::SampleId& id) {
  const fs::path path = dataset.folder / "samples" / fmt::format("{:06}.tar", id.scene);
  if (files.kind(path) != base::Files::Kind::file) {
    return base::error(fmt::format("{} is not there: this dataset has no such scene, or no store", path.string()));
  }
  WM_TRY(bytes, files.read(path, kMostBytes));
  WM_TRY(samples, formats::read_store(bytes, path.string()));
  const auto at = std::ranges::find(samples, id, &sample::Sample::id);
  if (at == samples.end()) {
    return base::error(fmt::format("{} holds no sample {}", path.string(), sample::to_string(id, dataset.info.stills)));
  }
  return std::move(*at);
}

}  // namespace wm::mill
