#include "worldmill/mill/remake.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

#include "worldmill/base/json.h"
#include "worldmill/formats/store.h"

namespace wm::mill {
namespace {

namespace fs = std::filesystem;

/// The disk, and one file that is not on it.
class WithFile : public base::Files {
 public:
  WithFile(base::Files& disk, fs::path path, std::string bytes)
      : disk_(disk), path_(std::move(path)), bytes_(std::move(bytes)) {}
  Result<std::string> read(const fs::path& path, std::uint64_t budget) override {
    if (path.lexically_normal() == path_.lexically_normal()) return bytes_;
    return disk_.read(path, budget);
  }
  void commit(const fs::path& path, std::string_view bytes) override { disk_.commit(path, bytes); }
  void append(const fs::path& path, std::string_view bytes) override { disk_.append(path, bytes); }
  Kind kind(const fs::path& path) override {
    return path.lexically_normal() == path_.lexically_normal() ? Kind::file : disk_.kind(path);
  }
  std::vector<std::string> list(const fs::path& folder) override { return disk_.list(folder); }
  fs::path resolve(const fs::path& path) override {
    if (path.lexically_normal() == path_.lexically_normal()) return fs::absolute(path).lexically_normal();
    return disk_.resolve(path);
  }

 private:
  base::Files& disk_;
  fs::path path_;
  std::string bytes_;
};

struct Entry {
  sample::SampleId id;
  std::string stem, store;
  std::map<std::string, std::string> files;  ///< path -> hash
};

Result<std::vector<Entry>> read_ledger(base::Files& files, const fs::path& folder) {
  const fs::path path = folder / "ledger.jsonl";
  WM_TRY(text, files.read(path, std::uint64_t{1} << 34));
  std::vector<Entry> entries;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    WM_TRY(value, base::parse_json(std::string_view(text).substr(at, end - at), path.string()));
    at = end + 1;
    if (value.find("failed")) continue;
    Entry entry;
    entry.stem = *value.find("id")->text();
    entry.store = *value.find("store")->text();
    WM_TRY(id, sample::parse_sample_id(entry.stem));
    entry.id = id;
    for (const base::Value& file : *value.find("files")->list()) {
      entry.files[*file.find("path")->text()] = *file.find("hash")->text();
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

/// Where a file that was emitted lies in the sealed dataset.
Result<std::string> sealed_path(base::Files& files, const fs::path& folder, const Output& output,
                                const std::string& part, const std::string& path) {
  const std::string place = fmt::format("{}/{}/", output.write.name, part.empty() ? "all" : part);
  if (!output.writer->numbered()) return place + path;
  const fs::path mapping = folder / place / "mapping.jsonl";
  WM_TRY(text, files.read(mapping, std::uint64_t{1} << 34));
  WM_TRY(numbering, formats::Numbering::parse(text, mapping.string()));
  return place + numbering.numbered(path);
}

Status compare(base::Files& files, const fs::path& folder, const Studio& studio, const Entry& entry, Remade& remade) {
  remade.samples.push_back(entry.stem);
  WM_TRY(outcome, studio.accept({entry.id.scene, entry.id.take}));
  if (std::holds_alternative<Unfilled>(outcome)) {
    remade.differences.push_back(fmt::format("{} stays unfilled now", entry.stem));
    return {};
  }
  WM_TRY(shot, studio.shoot(std::get<Accepted>(outcome), static_cast<std::size_t>(entry.id.moment), 1));
  const std::optional<sample::Sample>& sample = shot.sample;
  if (studio.recipe().store &&
      base::to_string(base::hash_bytes(formats::tar(formats::store_files(*sample)))) != entry.store) {
    remade.differences.push_back(fmt::format("{}: the stored sample is not what is made now", entry.stem));
  }
  for (const Output& output : studio.outputs()) {
    WM_TRY(emitted, output.writer->emit(view_of(*sample, output.write)));
    for (const formats::OutFile& file : emitted.files) {
      WM_TRY(path, sealed_path(files, folder, output, sample->part, file.path));
      const auto at = entry.files.find(path);
      if (at == entry.files.end() || at->second != base::to_string(base::hash_bytes(file.bytes))) {
        remade.differences.push_back(fmt::format("{} is not what is made now", path));
      }
    }
  }
  return {};
}

std::vector<fs::path> kept_roots(base::Files& files, const fs::path& folder) {
  std::vector<fs::path> roots;
  const auto text = files.read(folder / ".work" / "roots.txt", 1 << 20);
  if (!text) return roots;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    roots.emplace_back(text->substr(at, end - at));
    at = end + 1;
  }
  return roots;
}

}  // namespace

void keep_roots(base::Files& files, const fs::path& folder, const std::vector<fs::path>& roots) {
  std::string text;
  for (const fs::path& root : roots) text += fs::absolute(root).lexically_normal().string() + '\n';
  files.commit(folder / ".work" / "roots.txt", text);
}

Result<Remade> remake(base::Files& files, const Dataset& dataset, const std::vector<fs::path>& assets, int count) {
  const fs::path virtual_file = dataset.folder / "dataset.json.recipe";
  const base::Value* resolved = dataset.json.find("recipe");
  WithFile with(files, virtual_file, base::pretty_json(*resolved));
  recipe::Overrides overrides;
  overrides.assets = assets;
  std::ranges::copy(kept_roots(files, dataset.folder), std::back_inserter(overrides.assets));
  WM_TRY(recipe, recipe::load(with, virtual_file, overrides, vocabulary()));
  WM_TRY(studio, Studio::open(recipe, files));
  WM_TRY(entries, read_ledger(files, dataset.folder));
  std::mt19937 dice(std::random_device{}());  // which samples: no byte depends on it
  std::ranges::shuffle(entries, dice);
  entries.resize(std::min(entries.size(), static_cast<std::size_t>(count)));
  Remade remade;
  for (const Entry& entry : entries) WM_TRY_STATUS(compare(files, dataset.folder, *studio, entry, remade));
  return remade;
}

}  // namespace wm::mill
