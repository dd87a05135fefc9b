#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/json.h"
#include "worldmill/mill/dataset.h"

namespace wm::mill {
namespace {

namespace fs = std::filesystem;

base::Value identity_of(const Dataset& dataset) {
  std::vector<std::pair<std::string, base::Value>> entries;
  for (const char* key : {"engine", "platform", "recipe"}) {
    if (const base::Value* value = dataset.json.find(key)) entries.emplace_back(key, *value);
  }
  return base::map_of(std::move(entries));
}

/// Records of one part, which must not cover a slot that another part covers too.
Status unite(base::Files& files, const Dataset& part, Book& all) {
  WM_TRY(book, read_book(files, part.folder));
  for (auto& [slot, record] : book.records) {
    if (!all.records.emplace(slot, record).second) {
      return base::error(fmt::format("scene {} is in {} and in another part too; name each scene once", slot.scene,
                                     part.folder.string()));
    }
  }
  all.samples.merge(book.samples);
  for (auto& [asset, list] : book.assets) {
    const auto [at, fresh] = all.assets.emplace(asset, list);
    const auto same = [](const scene::AssetFile& a, const scene::AssetFile& b) { return a.hash == b.hash; };
    if (!fresh && !std::ranges::equal(at->second, list, same)) {
      return base::error(fmt::format("asset {} was not the same when {} was made", asset, part.folder.string()));
    }
  }
  return {};
}

/// What belongs to samples; everything else is sealed anew.
Status copy_samples(base::Files& files, const Dataset& part, const fs::path& folder) {
  std::vector<std::string> places{"samples", "takes"};
  for (const recipe::Write& write : part.writes) places.push_back(write.name);
  for (const std::string& place : places) {
    if (!fs::exists(part.folder / place)) continue;
    fs::create_directories(folder / place);
    fs::copy(part.folder / place, folder / place, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    // Two parts give their images the same numbers.
    for (const std::string& inside : files.list(folder / place)) {
      WM_TRY_STATUS(name_images(files, folder / place / inside));
    }
  }
  return {};
}

}  // namespace

Result<std::string> merge(base::Files& files, const std::vector<fs::path>& from, const fs::path& folder) {
  if (!files.list(folder).empty()) {
    return base::error(fmt::format("{} is not empty; merge into a new folder", folder.string()));
  }
  std::vector<Dataset> parts;
  Book book;
  for (const fs::path& path : from) {
    WM_TRY(part, open_dataset(files, path));
    WM_TRY_STATUS(unite(files, part, book));
    if (!parts.empty()) {
      const std::string differs = difference(identity_of(parts.front()), identity_of(part));
      if (!differs.empty() || part.scenes != parts.front().scenes) {
        return base::error(fmt::format("{} and {} do not belong together: {}", parts.front().folder.string(),
                                       path.string(), differs.empty() ? "order.scenes differs" : differs));
      }
    }
    parts.push_back(std::move(part));
  }
  for (const Dataset& part : parts) WM_TRY_STATUS(copy_samples(files, part, folder));
  const Dataset& first = parts.front();
  WM_TRY(outputs, open_outputs(first.info, first.writes));
  SealInput input{identity_of(first), first.info,      first.scenes,  first.takes,
                  first.store,        first.simulated, first.license, {}};
  for (const Output& output : outputs) input.outputs.push_back(&output);
  WM_TRY(hash, seal(files, folder, input, book));
  return base::to_string(hash);
}

Result<fs::path> export_format(base::Files& files, const Dataset& dataset, const recipe::Write& write) {
  if (!dataset.store) {
    return base::error(
        fmt::format("{} was made with store: none; there is nothing to export from", dataset.folder.string()));
  }
  WM_TRY(outputs, open_outputs(dataset.info, {write}));
  const Output& output = outputs.front();
  const fs::path place = dataset.folder / write.name;
  if (!files.list(place).empty()) {
    return base::error(fmt::format("{} is there already; remove it, or export under another name", place.string()));
  }
  // Aside until it is whole: a run that is cut short leaves the dataset as it was.
  const fs::path folder = dataset.folder / ".work" / ("export." + write.name);
  fs::remove_all(folder);
  std::map<std::string, std::vector<std::string>> fragments;
  for (const std::string& part : dataset.info.parts) fragments[part];
  if (dataset.info.parts.empty()) fragments["all"];
  WM_TRY_STATUS(for_each_sample(files, dataset, [&](const sample::Sample& sample) -> Status {
    const std::string part = sample.part.empty() ? "all" : sample.part;
    WM_TRY(emitted, output.writer->emit(view_of(sample, write)));
    for (const formats::OutFile& file : emitted.files) files.commit(folder / part / file.path, file.bytes);
    if (!emitted.fragment.empty()) fragments[part].push_back(std::move(emitted.fragment));
    return {};
  }));
  for (const auto& [part, list] : fragments) {
    if (output.writer->numbered()) {
      WM_TRY(numbering, formats::Numbering::of(list));
      number_images(files, folder / part, numbering);
    }
    WM_TRY(sealed, output.writer->seal(list));
    for (const formats::OutFile& file : sealed) files.commit(folder / part / file.path, file.bytes);
  }
  fs::rename(folder, place);
  // The tree has grown: so has what its hash stands for.
  WM_TRY(hash, tree_hash(files, dataset.folder, dataset.json));
  base::Value json = dataset.json;
  for (base::Entry& entry : std::get<base::Value::Map>(json.data)) {
    if (entry.key == "tree_hash") entry.value = base::value_of(base::to_string(hash));
  }
  files.commit(dataset.folder / "dataset.json", base::pretty_json(json));
  return place;
}

}  // namespace wm::mill
