#include "worldmill/mill/folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/check.h"
#include "worldmill/base/json.h"
#include "worldmill/formats/store.h"

namespace wm::mill {
namespace {

using base::list_of;
using base::map_of;
using base::Value;
using base::value_of;
namespace fs = std::filesystem;

constexpr const char* kDataset = "dataset.json";
constexpr const char* kMapping = "mapping.jsonl";
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 34;  ///< of one file of a dataset

std::string line(const Value& value) {
  std::string text;
  base::append_json(text, value);
  return text + '\n';
}

Value hash_value(const base::Hash& hash) {
  return value_of(base::to_string(hash));
}

Value without(const Value& map, std::string_view key) {
  Value copy = map;
  if (auto* entries = std::get_if<Value::Map>(&copy.data)) {
    std::erase_if(*entries, [&](const base::Entry& entry) { return entry.key == key; });
  }
  return copy;
}

std::string plain(const Value& value) {
  std::string text;
  base::append_json(text, value);
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

/// Not part of what a dataset is.
bool is_aside(const std::string& path) {
  return path == "run.jsonl" || path == "report.html" || path.starts_with(".work/");
}

/// Whether a name is that of a temporary which Files::commit did not live to rename: `x.png.5035-6.tmp`.
bool is_leftover(const std::string& name) {
  const auto digits_before = [&name](std::size_t end) {
    std::size_t at = end;
    while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9') --at;
    return at;
  };
  if (!name.ends_with(".tmp")) return false;
  const std::size_t dash = digits_before(name.size() - 4);
  if (dash == 0 || dash == name.size() - 4 || name[dash - 1] != '-') return false;
  const std::size_t dot = digits_before(dash - 1);
  return dot > 0 && dot < dash - 1 && name[dot - 1] == '.';
}

/// What killed runs left half-written. Whoever calls holds the folder's lock.
void sweep(const fs::path& folder) {
  std::vector<fs::path> leftovers;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && is_leftover(entry.path().filename().string())) leftovers.push_back(entry.path());
  }
  for (const fs::path& path : leftovers) fs::remove(path);
}

template <class Rename>
void rename_all(const fs::path& folder, Rename rename) {
  std::vector<std::pair<fs::path, fs::path>> moves;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().generic_string();
    const std::string to = entry.is_regular_file() ? rename(path) : path;
    if (to != path) moves.emplace_back(path, to);
  }
  for (const auto& [from, to] : moves) fs::rename(from, to);
}

class Sealer {
 public:
  Sealer(base::Files& files, const fs::path& folder, const SealInput& input, const Book& book)
      : files_(files), folder_(folder), input_(input), book_(book) {}

  Result<base::Hash> run() {
    const std::size_t slots = static_cast<std::size_t>(input_.scenes * input_.takes);
    complete_ = book_.records.size() == slots;
    sweep(folder_);
    // The seal is broken before anything changes, so that no half-sealed folder looks whole.
    fs::remove(folder_ / kDataset);
    WM_TRY_STATUS(find_samples());
    if (input_.store && !input_.info.stills) WM_TRY_STATUS(stores());
    WM_TRY_STATUS(number());
    plan_and_ledger();
    events();
    assets();
    splits();
    for (const Output* output : input_.outputs) WM_TRY_STATUS(format(*output));
    parts();
    return dataset();
  }

 private:
  using Status_ = Record::Status;

  /// What belongs to each sample of slots that are ok, in order.
  Status find_samples() {
    for (const auto& [slot, record] : book_.records) {
      if (record.status != Status_::ok) continue;
      WM_TRY(samples, book_.samples_of(record));
      for (const SampleRecord* sample : samples) samples_.emplace_back(&record, sample);
    }
    return {};
  }

  /// Scenes of several samples: one tar of all of them, in order.
  Status stores() {
    std::vector<formats::OutFile> files;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const sample::SampleId& id = samples_[i].second->id;
      WM_TRY(more, sample_files(id.scene, sample::to_string(id, false)));
      std::ranges::move(more, std::back_inserter(files));
      if (i + 1 < samples_.size() && samples_[i + 1].second->id.scene == id.scene) continue;
      files_.commit(folder_ / "samples" / fmt::format("{:06}.tar", id.scene), formats::tar(files));
      files.clear();
    }
    return {};
  }

  /// From its own tar, or out of the scene's, where an earlier seal put it.
  Result<std::vector<formats::OutFile>> sample_files(std::int64_t scene, const std::string& stem) {
    const fs::path own = folder_ / ".work" / "samples" / (stem + ".tar");
    if (files_.kind(own) == base::Files::Kind::file) {
      WM_TRY(bytes, files_.read(own, kMostBytes));
      return formats::untar(bytes, own.string());
    }
    const fs::path tar = folder_ / "samples" / fmt::format("{:06}.tar", scene);
    WM_TRY(bytes, files_.read(tar, kMostBytes));
    WM_TRY(all, formats::untar(bytes, tar.string()));
    std::erase_if(all, [&](const formats::OutFile& f) { return !f.path.starts_with(stem + "."); });
    if (all.empty()) return base::error(fmt::format("{} holds no sample {}", tar.string(), stem));
    return all;
  }

  std::vector<std::string> parts_of_split() const {
    return input_.info.parts.empty() ? std::vector<std::string>{"all"} : input_.info.parts;
  }

  std::vector<std::string> fragments(const Output& output, const std::string& part) const {
    std::vector<std::string> found;
    for (const auto& [record, sample] : samples_) {
      if (!input_.info.parts.empty() && record->part != part) continue;
      const auto at = sample->fragments.find(output.write.name);
      if (at != sample->fragments.end()) found.push_back(at->second);
    }
    return found;
  }

  /// Images of formats that demand dense integers get theirs.
  Status number() {
    for (const Output* output : input_.outputs) {
      if (!output->writer->numbered()) continue;
      for (const std::string& part : parts_of_split()) {
        const std::string place = output->write.name + "/" + part;
        WM_TRY(numbering, formats::Numbering::of(fragments(*output, part)));
        const auto before = files_.read(folder_ / place / kMapping, kMostBytes);
        if (before && *before != numbering.to_text()) WM_TRY_STATUS(name_images(files_, folder_ / place));
        number_images(files_, folder_ / place, numbering);
        numberings_.emplace(place + "/", std::move(numbering));
      }
    }
    return {};
  }

  /// Where a file that was emitted lies in the sealed dataset.
  std::string sealed_path(const std::string& path) const {
    for (const auto& [place, numbering] : numberings_) {
      if (path.starts_with(place)) return numbering.numbered(path);
    }
    return path;
  }

  void plan_and_ledger() {
    std::string plan, ledger;
    auto sample = samples_.begin();
    for (const auto& [slot, record] : book_.records) {
      if (record.status == Status_::failed) {
        ledger +=
            line(map_of({{"id", value_of(stem({slot.scene, slot.take, 0}))}, {"failed", value_of(record.reason)}}));
        continue;
      }
      plan += plan_line(record);
      for (; sample != samples_.end() && sample->first == &record; ++sample) {
        ledger += line(ledger_entry(record, *sample->second));
      }
    }
    files_.commit(folder_ / "plan.jsonl", plan);
    files_.commit(folder_ / "ledger.jsonl", ledger);
  }

  Value ledger_entry(const Record& record, const SampleRecord& sample) const {
    std::vector<Value> files;
    for (const FileRecord& file : sample.files) {
      files.push_back(map_of({{"path", value_of(sealed_path(file.path))},
                              {"hash", hash_value(file.hash)},
                              {"bytes", value_of(file.bytes)}}));
    }
    const sample::SampleId& id = sample.id;
    return map_of({{"id", value_of(stem(id))},
                   {"address", value_of(fmt::format("scene/{}/take/{}/moment/{}", id.scene, id.take, id.moment))},
                   {"attempt", value_of(std::int64_t{record.attempt})},
                   {"part", value_of(record.part)},
                   {"draws", hash_value(sample.draws)},
                   {"store", hash_value(sample.store)},
                   {"files", list_of(std::move(files))}});
  }

  /// Of takes that were simulated: what happened, and which samples belong together.
  void events() {
    if (!input_.simulated) return;
    std::string events, sequences;
    for (const auto& [slot, record] : book_.records) {
      events += record.events;
      sequences += record.sequences;
    }
    files_.commit(folder_ / "events.jsonl", events);
    files_.commit(folder_ / "sequences.jsonl", sequences);
  }

  void assets() {
    std::map<std::string, std::pair<scene::AssetFile, std::vector<std::int64_t>>> used;
    const auto note = [&](std::int64_t scene, const std::vector<std::string>& assets) {
      for (const std::string& asset : assets) {
        const auto at = book_.assets.find(asset);
        if (at == book_.assets.end()) continue;
        for (const scene::AssetFile& file : at->second) {
          auto& [kept, scenes] = used[file.name];
          kept = file;
          if (scenes.empty() || scenes.back() != scene) scenes.push_back(scene);
        }
      }
    };
    auto sample = samples_.begin();
    for (const auto& [slot, record] : book_.records) {
      if (record.status != Status_::ok) continue;
      note(slot.scene, record.assets);
      for (; sample != samples_.end() && sample->first == &record; ++sample) note(slot.scene, sample->second->assets);
    }
    std::string text;
    for (const auto& [name, entry] : used) {
      const auto& [file, scenes] = entry;
      text += line(map_of({{"file", value_of(name)},
                           {"hash", hash_value(file.hash)},
                           {"bytes", value_of(file.bytes)},
                           {"license", file.license.empty() ? Value{} : value_of(file.license)},
                           {"scenes", value_of(ranges(scenes))}}));
    }
    files_.commit(folder_ / "assets.jsonl", text);
  }

  void splits() {
    for (const std::string& part : input_.info.parts) {
      std::string text;
      for (const auto& [record, sample] : samples_) {
        if (record->part == part) text += stem(sample->id) + '\n';
      }
      files_.commit(folder_ / "splits" / (part + ".txt"), text);
    }
  }

  Status format(const Output& output) {
    for (const std::string& part : parts_of_split()) {
      WM_TRY(files, output.writer->seal(fragments(output, part)));
      for (const formats::OutFile& file : files)
        files_.commit(folder_ / output.write.name / part / file.path, file.bytes);
    }
    return {};
  }

  /// Until all slots are in, what later seals need travels with the part.
  void parts() {
    fs::remove_all(folder_ / "parts");
    if (complete_) return;
    std::string text;
    for (const auto& [asset, list] : book_.assets) text += to_line(asset, list) + '\n';
    for (const auto& [record, sample] : samples_) text += to_line(*sample) + '\n';
    for (const auto& [slot, record] : book_.records) text += to_line(record) + '\n';
    files_.commit(folder_ / "parts" / (covered("_") + ".jsonl"), text);
  }

  std::string covered(const char* separator) const {
    std::vector<std::int64_t> scenes;
    for (const auto& [slot, record] : book_.records) {
      if (scenes.empty() || scenes.back() != slot.scene) scenes.push_back(slot.scene);
    }
    std::string text = ranges(scenes);
    for (std::size_t at = 0; (at = text.find(", ", at)) != std::string::npos;) text.replace(at, 2, separator);
    return text;
  }

  Result<base::Hash> dataset() {
    std::vector<std::pair<std::string, Value>> entries{{"worldmill_dataset", value_of(std::int64_t{1})},
                                                       {"name", value_of(input_.info.name)},
                                                       {"scenes", value_of(input_.scenes)},
                                                       {"takes", value_of(input_.takes)},
                                                       {"stills", value_of(input_.info.stills)}};
    if (!complete_) entries.emplace_back("part", value_of(covered(", ")));
    entries.emplace_back("license", input_.license.empty() ? Value{} : value_of(input_.license));
    entries.emplace_back("origin",
                         value_of("Synthetic: made by Worldmill from the recipe below and the files of assets.jsonl."));
    for (const base::Entry& entry : *input_.identity.map()) entries.emplace_back(entry.key, entry.value);
    entries.emplace_back("classes", classes());
    entries.emplace_back("sensors", sensors());
    entries.emplace_back("channels", schemas(input_.info.channels));
    entries.emplace_back("columns", schemas(input_.info.columns));
    entries.emplace_back("parts", names(input_.info.parts));
    WM_TRY(hash, tree_hash(files_, folder_, map_of(entries)));
    entries.emplace_back("tree_hash", hash_value(hash));
    files_.commit(folder_ / kDataset, base::pretty_json(map_of(std::move(entries))));
    return hash;
  }

  Value classes() const {
    std::vector<Value> list;
    for (const sample::ClassRecord& c : input_.info.classes) {
      list.push_back(map_of({{"id", value_of(std::int64_t{c.id})},
                             {"name", value_of(c.name)},
                             {"part_of", c.part_of.empty() ? Value{} : value_of(c.part_of)},
                             {"ignore", value_of(c.ignore)}}));
    }
    return list_of(std::move(list));
  }

  Value sensors() const {
    std::vector<Value> list;
    for (const sample::SensorRecord& s : input_.info.sensors) {
      list.push_back(map_of({{"name", value_of(s.name)},
                             {"kind", value_of(s.kind)},
                             {"width", value_of(std::int64_t{s.width})},
                             {"height", value_of(std::int64_t{s.height})}}));
    }
    return list_of(std::move(list));
  }

  static Value schemas(const std::vector<sample::FieldSchema>& fields) {
    std::vector<Value> list;
    for (const sample::FieldSchema& f : fields) {
      list.push_back(map_of({{"name", value_of(f.name)},
                             {"dtype", value_of(f.dtype)},
                             {"shape", value_of(f.shape)},
                             {"unit", value_of(f.unit)},
                             {"meaning", value_of(f.meaning)}}));
    }
    return list_of(std::move(list));
  }

  static Value names(const std::vector<std::string>& words) {
    std::vector<Value> list;
    for (const std::string& word : words) list.push_back(value_of(word));
    return list_of(std::move(list));
  }

  std::string stem(const sample::SampleId& id) const { return sample::to_string(id, input_.info.stills); }

  base::Files& files_;
  const fs::path& folder_;
  const SealInput& input_;
  const Book& book_;
  std::vector<std::pair<const Record*, const SampleRecord*>> samples_;  ///< In order, of slots that are ok.
  std::map<std::string, formats::Numbering> numberings_;                ///< By `kitti/train/`.
  bool complete_ = false;
};

std::string differs(const Value& there, const Value& here, const std::string& path) {
  if (there.map() && here.map()) {
    for (const base::Entry& entry : *there.map()) {
      const Value* other = here.find(entry.key);
      const std::string below = path.empty() ? entry.key : path + "." + entry.key;
      if (!other) return fmt::format("{} is {} there and not here", below, plain(entry.value));
      if (std::string text = differs(entry.value, *other, below); !text.empty()) return text;
    }
    for (const base::Entry& entry : *here.map()) {
      const std::string below = path.empty() ? entry.key : path + "." + entry.key;
      if (!there.find(entry.key)) return fmt::format("{} is {} here and not there", below, plain(entry.value));
    }
    return "";
  }
  const std::string a = line(there), b = line(here);
  return a == b ? "" : fmt::format("{} is {} there and {} here", path, plain(there), plain(here));
}

}  // namespace

void number_images(base::Files& files, const fs::path& part, const formats::Numbering& numbering) {
  files.commit(part / kMapping, numbering.to_text());
  rename_all(part, [&](const std::string& path) { return numbering.numbered(path); });
}

Status name_images(base::Files& files, const fs::path& part) {
  const fs::path mapping = part / kMapping;
  if (files.kind(mapping) != base::Files::Kind::file) return {};
  WM_TRY(text, files.read(mapping, kMostBytes));
  WM_TRY(numbering, formats::Numbering::parse(text, mapping.string()));
  rename_all(part, [&](const std::string& path) { return numbering.named(path); });
  fs::remove(mapping);
  return {};
}

std::string difference(const Value& there, const Value& here) {
  return differs(there, here, "");
}

std::string plan_line(const Record& record) {
  std::vector<std::pair<std::string, Value>> entry{{"scene", value_of(record.slot.scene)},
                                                   {"take", value_of(record.slot.take)}};
  if (record.status == Record::Status::unfilled) {
    entry.emplace_back("unfilled", value_of(record.reason));
    return line(map_of(std::move(entry)));
  }
  entry.emplace_back("attempt", value_of(std::int64_t{record.attempt}));
  entry.emplace_back("moments", value_of(record.moments));
  entry.emplace_back("weight", value_of(1.0));
  if (!record.exploded.empty()) {
    std::vector<Value> troubles;
    for (const std::string& trouble : record.exploded) troubles.push_back(value_of(trouble));
    entry.emplace_back("exploded", list_of(std::move(troubles)));
  }
  return line(map_of(std::move(entry)));
}

Value identity(const recipe::Recipe& recipe) {
  Value resolved = recipe.resolved;
  if (auto* entries = std::get_if<Value::Map>(&resolved.data)) {
    for (base::Entry& entry : *entries) {
      if (entry.key == "order") entry.value = without(entry.value, "scenes");
    }
  }
  return map_of({{"engine", value_of(std::string("worldmill ") + kVersion)},
                 {"platform", platform()},
                 {"recipe", std::move(resolved)}});
}

std::vector<std::string> files_of(const fs::path& folder) {
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::string path = fs::relative(entry.path(), folder).generic_string();
    if (!is_aside(path)) paths.push_back(std::move(path));
  }
  std::ranges::sort(paths);
  return paths;
}

Result<base::Hash> tree_hash(base::Files& files, const fs::path& folder, const Value& dataset) {
  std::map<std::string, base::Hash> hashes{
      {kDataset, base::hash_bytes(base::pretty_json(without(dataset, "tree_hash")))}};
  for (const std::string& path : files_of(folder)) {
    if (path == kDataset) continue;
    WM_TRY(bytes, files.read(folder / path, kMostBytes));
    hashes[path] = base::hash_bytes(bytes);
  }
  std::string list;
  for (const auto& [path, hash] : hashes) list += path + '\n' + base::to_string(hash) + '\n';
  return base::hash_bytes(list);
}

Result<Value> read_dataset(base::Files& files, const fs::path& folder) {
  const fs::path path = folder / kDataset;
  if (files.kind(path) != base::Files::Kind::file) {
    return base::error(
        fmt::format("{} is no sealed dataset: it has no dataset.json; if a run was stopped, "
                    "`worldmill make` with the same -o goes on",
                    folder.string()));
  }
  WM_TRY(bytes, files.read(path, kMostBytes));
  return base::parse_json(bytes, path.string());
}

Result<base::Hash> seal(base::Files& files, const fs::path& folder, const SealInput& input, const Book& book) {
  return Sealer(files, folder, input, book).run();
}

}  // namespace wm::mill
