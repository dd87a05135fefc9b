// One run over a range of slots:
//
//   lock ── same recipe? ── read journals ── missing slots ──▶ work (any order, any number of workers) ──▶ seal
//                                                │
//                accept, light, annotate, encode ┴ commit files, then one line in this process's journal
//
// DIR/.work/  lock · identity.json · journal-<k>.jsonl (one per process) · samples/<stem>.tar (scenes of several takes)
#include "worldmill/mill/make.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "worldmill/base/distributions.h"
#include "worldmill/base/json.h"
#include "worldmill/base/memory.h"
#include "worldmill/formats/store.h"
#include "worldmill/mill/dataset.h"
#include "worldmill/mill/remake.h"

namespace wm::mill {
namespace {

namespace fs = std::filesystem;
using base::Value;
using Clock = std::chrono::steady_clock;

/// One run at a time works in a folder; the kernel lets go of the lock when the process ends, however it does.
class Lock {
 public:
  static Result<Lock> take(const fs::path& folder) {
    fs::create_directories(folder / ".work");
    const fs::path path = folder / ".work" / "lock";
    const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    if (file < 0) throw std::system_error(errno, std::generic_category(), path.string());
    Lock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
      return base::error(fmt::format("another run is at work in {}; wait for it, or give another -o", folder.string()));
    }
    return lock;
  }
  Lock(Lock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Lock& operator=(Lock&&) = delete;
  ~Lock() {
    if (file_ >= 0) ::close(file_);
  }

 private:
  explicit Lock(int file) : file_(file) {}
  int file_;
};

/// A folder that holds things, none of which is a dataset's, is somebody's own.
Status check_ours(base::Files& files, const fs::path& folder) {
  if (files.kind(folder) == base::Files::Kind::file) {
    return base::error(fmt::format("{} is a file; -o needs a folder", folder.string()));
  }
  const bool ours = files.kind(folder / ".work") == base::Files::Kind::folder ||
                    files.kind(folder / "dataset.json") == base::Files::Kind::file;
  if (ours || files.list(folder).empty()) return {};
  return base::error(fmt::format("{} holds files that are no dataset; give a new or empty folder", folder.string()));
}

Value identity_part(const Value& dataset) {
  std::vector<std::pair<std::string, Value>> entries;
  for (const char* key : {"engine", "platform", "recipe"}) {
    if (const Value* value = dataset.find(key)) entries.emplace_back(key, *value);
  }
  return base::map_of(std::move(entries));
}

/// What is there must come from the same recipe, engine and platform; order.scenes may differ.
Status check_identity(base::Files& files, const fs::path& folder, const Value& identity) {
  const fs::path kept = folder / ".work" / "identity.json";
  Value there;
  if (files.kind(kept) == base::Files::Kind::file) {
    WM_TRY(bytes, files.read(kept, 1 << 28));
    WM_TRY(value, base::parse_json(bytes, kept.string()));
    there = std::move(value);
  } else if (files.kind(folder / "dataset.json") == base::Files::Kind::file) {
    WM_TRY(value, read_dataset(files, folder));
    there = identity_part(value);
  } else {
    files.commit(kept, base::pretty_json(identity));
    return {};
  }
  // Through the same text, so that numbers are compared as they are written.
  WM_TRY(here, base::parse_json(base::pretty_json(identity), "here"));
  const std::string differs = difference(there, here);
  if (differs.empty()) return {};
  return base::error(fmt::format("{} was made from another recipe or engine: {}; give another -o, or make it anew",
                                 folder.string(), differs));
}

fs::path new_journal(base::Files& files, const fs::path& folder) {
  int number = 0;
  fs::path path;
  do {
    path = folder / ".work" / fmt::format("journal-{:04}.jsonl", number++);
  } while (files.kind(path) != base::Files::Kind::nothing);
  return path;
}

/// Assets that earlier samples used must still be what they were.
Status check_assets(const Studio& studio, const Book& book) {
  for (const auto& [asset, then] : book.assets) {
    WM_TRY(now, studio.assets().files(asset));
    for (const scene::AssetFile& file : now) {
      const auto old = std::ranges::find(then, file.name, &scene::AssetFile::name);
      if (old == then.end() || old->hash != file.hash) {
        return base::error(
            fmt::format("{} has changed since the samples in this folder were made; give another -o, or "
                        "bring the old file back",
                        file.name));
      }
    }
  }
  return {};
}

base::Hash hash_of(const std::vector<sample::DrawRecord>& draws) {
  std::string text;
  for (const sample::DrawRecord& draw : draws) {
    text += draw.address + '\t' + draw.distribution + '\t';
    base::append_json(text, draw.value);
    text += '\n';
  }
  return base::hash_bytes(text);
}

/// A sentence as a dataset may keep it: files by their place below the folders of assets, wherever those lie here.
std::string portable(std::string sentence, const std::vector<fs::path>& roots) {
  std::vector<std::string> prefixes;
  for (const fs::path& root : roots) {
    prefixes.push_back(root.string() + "/");
    prefixes.push_back(fs::absolute(root).lexically_normal().string() + "/");
    prefixes.push_back(fs::weakly_canonical(root).string() + "/");
  }
  std::ranges::sort(prefixes, std::ranges::greater{}, &std::string::size);
  for (const std::string& prefix : prefixes) {
    if (prefix.size() < 3) continue;  // "/", "./"
    for (std::size_t at = 0; (at = sentence.find(prefix, at)) != std::string::npos;) sentence.erase(at, prefix.size());
  }
  return sentence;
}

/// Lines of events.jsonl: which take, and what happened in it.
std::string event_lines(const Slot& slot, const sim::Take& take) {
  std::string text;
  for (const sim::Event& event : take.events) {
    Value value = sim::to_value(event);
    auto& entries = std::get<Value::Map>(value.data);
    entries.insert(entries.begin(),
                   {{"scene", {}, base::value_of(slot.scene)}, {"take", {}, base::value_of(slot.take)}});
    base::append_json(text, value);
    text += '\n';
  }
  return text;
}

/// Lines of sequences.jsonl: which samples belong together, and what happened while they were taken.
std::string sequence_lines(const Studio& studio, const Accepted& accepted) {
  std::string text;
  for (const Sequence& sequence : accepted.selection.sequences) {
    std::vector<Value> samples, events;
    for (std::size_t i = sequence.first; i < sequence.first + sequence.count; ++i) {
      samples.push_back(base::value_of(studio.stem(accepted.slot, static_cast<std::int64_t>(i))));
    }
    for (const sim::Event& event : accepted.take->events) {
      if (event.begin <= sequence.end && event.end >= sequence.begin) events.push_back(sim::to_value(event));
    }
    base::append_json(text, base::map_of({{"id", base::value_of(sequence_id(accepted.slot, sequence.name))},
                                          {"scene", base::value_of(accepted.slot.scene)},
                                          {"take", base::value_of(accepted.slot.take)},
                                          {"rule", base::value_of(sequence.rule)},
                                          {"begin_ns", base::value_of(sequence.begin.nanoseconds)},
                                          {"end_ns", base::value_of(sequence.end.nanoseconds)},
                                          {"samples", base::list_of(std::move(samples))},
                                          {"events", base::list_of(std::move(events))}}));
    text += '\n';
  }
  return text;
}

class Run {
 public:
  Run(const Studio& studio, base::Files& files, const MakeOptions& options)
      : studio_(studio), files_(files), options_(options), gate_(options.max_memory), began_(Clock::now()) {}

  Result<MakeSummary> go() {
    WM_TRY_STATUS(check_ours(files_, options_.folder));
    WM_TRY(lock, Lock::take(options_.folder));
    const Value identity = mill::identity(studio_.recipe());
    WM_TRY_STATUS(check_identity(files_, options_.folder, identity));
    WM_TRY(book, read_book(files_, options_.folder));
    WM_TRY_STATUS(check_extent(book));
    keep_roots(files_, options_.folder, studio_.recipe().roots);
    WM_TRY_STATUS(check_assets(studio_, book));
    book_ = std::move(book);
    const std::vector<Slot> missing = missing_slots();
    before_ = ordered_ - static_cast<std::int64_t>(missing.size());
    done_ = before_;
    const bool was_sealed = files_.kind(options_.folder / "dataset.json") == base::Files::Kind::file;
    if (!missing.empty()) {
      // The seal is broken before anything changes, so that no half-made folder looks whole.
      fs::remove(options_.folder / "dataset.json");
      journal_.emplace(files_, new_journal(files_, options_.folder));
      work(missing);
    }
    return finish(was_sealed && missing.empty(), identity);
  }

 private:
  Status check_extent(const Book& book) const {
    if (book.records.empty() || book.records.rbegin()->first.scene < studio_.recipe().scenes) return {};
    return base::error(fmt::format("{} already holds scene {}, but the order is for {} scenes; order at least as many",
                                   options_.folder.string(), book.records.rbegin()->first.scene,
                                   studio_.recipe().scenes));
  }

  /// Slots of the range that are not there, failed ones included: they are tried again.
  std::vector<Slot> missing_slots() {
    const auto [first, last] =
        options_.scenes.value_or(std::pair<std::int64_t, std::int64_t>(0, studio_.recipe().scenes - 1));
    std::vector<Slot> missing;
    for (std::int64_t scene = first; scene <= last; ++scene) {
      for (std::int64_t take = 0; take < studio_.recipe().takes; ++take) {
        ++ordered_;
        const auto at = book_.records.find({scene, take});
        if (at == book_.records.end() || at->second.status == Record::Status::failed) missing.push_back({scene, take});
      }
    }
    if (options_.shuffle) {
      const base::RandomKey key = base::RandomKey::from_seed(*options_.shuffle);
      for (std::size_t i = missing.size(); i > 1; --i) {
        const auto j = base::integer(key, i, 0, static_cast<std::int64_t>(i) - 1);
        std::swap(missing[i - 1], missing[static_cast<std::size_t>(j)]);
      }
    }
    return missing;
  }

  void work(const std::vector<Slot>& slots) {
    fs::create_directories(options_.folder / ".work");
    const auto count = static_cast<std::int64_t>(slots.size());
    // With fewer slots than workers the pixels of each picture are shared out.
    const int inner = static_cast<int>(std::max<std::int64_t>(1, options_.workers / std::max<std::int64_t>(count, 1)));
    base::run_in_order(
        count, options_.workers,
        [&](std::int64_t i) -> base::Finish {
          const base::MemoryGate::Pass pass(gate_);
          if (stop()) return {};
          record(slots[static_cast<std::size_t>(i)], inner);
          return {};
        },
        options_.cancel);
  }

  bool stop() const {
    if (options_.cancel && options_.cancel->requested()) return true;
    return options_.time_limit && std::chrono::duration<double>(Clock::now() - began_).count() > *options_.time_limit;
  }

  /// A machine's fault is tried once more, then it is the slot's own failure. What was stopped is not entered.
  void record(const Slot& slot, int inner) {
    const auto started = Clock::now();
    Record record;
    Seconds seconds;
    bool done = false;
    for (int attempt = 0; attempt < 2; ++attempt) {
      record = Record{.slot = slot};
      try {
        if (const Result<bool> made = fill_slot(slot, inner, record, seconds); !made) {
          fail(record, portable(to_string(made.error()), studio_.recipe().roots));
          done = true;
        } else {
          done = *made;
        }
        break;
      } catch (const std::bad_alloc&) {
        fail(record, "not enough memory");
        done = true;
      }
    }
    if (done) enter(record, seconds, std::chrono::duration<double>(Clock::now() - started).count());
  }

  /// Nothing half-made remains: samples that were done before go too.
  void fail(Record& record, std::string reason) {
    record = Record{.slot = record.slot, .status = Record::Status::failed, .reason = std::move(reason)};
    const std::lock_guard guard(mutex_);
    auto at = book_.samples.lower_bound({record.slot.scene, record.slot.take, 0});
    while (at != book_.samples.end() && at->first.scene == record.slot.scene && at->first.take == record.slot.take) {
      for (const FileRecord& file : at->second.files) fs::remove(options_.folder / file.path);
      fs::remove(store_path(at->first));
      at = book_.samples.erase(at);
    }
    fs::remove(options_.folder / take_path(record.slot));
  }

  /// Whether all of the slot is there now; false: stopped before.
  Result<bool> fill_slot(const Slot& slot, int inner, Record& record, Seconds& seconds) {
    record.part = vary::split_part(studio_.recipe().job, slot.scene);
    const auto planned = options_.plan.find(slot);
    if (planned != options_.plan.end() && std::holds_alternative<Unfilled>(planned->second)) {
      record.status = Record::Status::unfilled;
      record.reason = std::get<Unfilled>(planned->second).reason;
      return true;
    }
    WM_TRY(outcome,
           studio_.accept(
               slot, planned == options_.plan.end() ? std::nullopt : std::optional(std::get<int>(planned->second))));
    if (const auto* unfilled = std::get_if<Unfilled>(&outcome)) {
      record.status = Record::Status::unfilled;
      record.reason = unfilled->reason;
      return true;
    }
    Accepted& accepted = std::get<Accepted>(outcome);
    seconds = accepted.seconds;
    record.attempt = accepted.attempt;
    record.moments = static_cast<std::int64_t>(accepted.selection.moments.size());
    record.exploded = accepted.exploded;
    record.assets = accepted.staged.assets;
    std::ranges::copy(accepted.varied.assets, std::back_inserter(record.assets));
    std::ranges::sort(record.assets);
    const auto twins = std::ranges::unique(record.assets);
    record.assets.erase(twins.begin(), twins.end());
    for (std::size_t moment = 0; moment < accepted.selection.moments.size(); ++moment) {
      if (has_sample({slot.scene, slot.take, static_cast<std::int64_t>(moment)})) continue;
      if (moment > 0 && stop()) return false;
      WM_TRY(shot, studio_.shoot(accepted, moment, inner));
      seconds += shot.seconds;
      WM_TRY_STATUS(write(*shot.sample, std::move(shot.assets)));
    }
    if (accepted.take) write_take(accepted, record);
    return true;
  }

  std::string take_path(const Slot& slot) const { return fmt::format("takes/{:06}-{:02}.take", slot.scene, slot.take); }

  fs::path store_path(const sample::SampleId& id) const {
    const bool whole = studio_.info().stills;
    return options_.folder / (whole ? "samples" : ".work/samples") /
           (studio_.stem({id.scene, id.take}, id.moment) + ".tar");
  }

  /// Whether a run that was stopped has left this sample, with all its files.
  bool has_sample(const sample::SampleId& id) {
    const std::lock_guard guard(mutex_);
    const auto at = book_.samples.find(id);
    if (at == book_.samples.end()) return false;
    const auto is_there = [&](const fs::path& path) { return files_.kind(path) == base::Files::Kind::file; };
    return std::ranges::all_of(at->second.files,
                               [&](const FileRecord& file) { return is_there(options_.folder / file.path); }) &&
           (!studio_.recipe().store || is_there(store_path(id)));
  }

  FileRecord commit(const std::string& path, const std::string& bytes) {
    files_.commit(options_.folder / path, bytes);
    return {path, base::hash_bytes(bytes), static_cast<std::int64_t>(bytes.size())};
  }

  /// The journal says so only when all files are on the disk.
  Status write(const sample::Sample& sample, std::vector<std::string> assets) {
    SampleRecord record{.id = sample.id, .draws = hash_of(sample.draws)};
    record.assets = std::move(assets);
    if (studio_.recipe().store) {
      const std::string tar = formats::tar(formats::store_files(sample));
      record.store = base::hash_bytes(tar);
      files_.commit(store_path(sample.id), tar);
    }
    for (const Output& output : studio_.outputs()) {
      WM_TRY(emitted, output.writer->emit(view_of(sample, output.write)));
      for (const formats::OutFile& file : emitted.files) {
        record.files.push_back(
            commit(fmt::format("{}/{}/{}", output.write.name, sample.part.empty() ? "all" : sample.part, file.path),
                   file.bytes));
      }
      if (!emitted.fragment.empty()) record.fragments[output.write.name] = std::move(emitted.fragment);
    }
    journal_->add({to_line(record)}, files_of(record.assets));
    const std::lock_guard guard(mutex_);
    book_.samples[record.id] = std::move(record);
    if (options_.progress) options_.progress({done_, ordered_, before_, Clock::now() - began_});
    return {};
  }

  void write_take(const Accepted& accepted, Record& record) {
    files_.commit(options_.folder / take_path(record.slot), sim::encode(*accepted.take));
    record.events = event_lines(record.slot, *accepted.take);
    record.sequences = sequence_lines(studio_, accepted);
  }

  std::map<std::string, std::vector<scene::AssetFile>> files_of(const std::vector<std::string>& assets) {
    std::map<std::string, std::vector<scene::AssetFile>> files_of;
    for (const std::string& asset : assets) {
      if (auto files = studio_.assets().files(asset)) files_of[asset] = std::move(*files);
    }
    const std::lock_guard guard(mutex_);
    for (const auto& [asset, files] : files_of) book_.assets[asset] = files;
    return files_of;
  }

  void enter(const Record& record, const Seconds& parts, double seconds) {
    journal_->add({to_line(record)}, files_of(record.assets));
    const std::lock_guard guard(mutex_);
    book_.records[record.slot] = record;
    ++done_;
    spent_ += parts;
    worker_seconds_ += seconds;
    files_.append(options_.folder / "run.jsonl",
                  fmt::format("{{\"id\":\"{}\",\"samples\":{},\"seconds\":{:.4f},\"stage\":{:.4f},\"simulate\":{:.4f},"
                              "\"labels\":{:.4f},\"light\":{:.4f}}}\n",
                              studio_.stem(record.slot), record.moments, seconds, parts.stage, parts.simulate,
                              parts.labels, parts.light));
    if (options_.warn && record.status != Record::Status::ok) {
      options_.warn(fmt::format("{} {}: {}", studio_.stem(record.slot),
                                record.status == Record::Status::failed ? "failed" : "stays unfilled", record.reason));
    }
    for (const std::string& trouble : record.exploded) {
      if (options_.warn) options_.warn(trouble);
    }
    if (options_.progress) options_.progress({done_, ordered_, before_, Clock::now() - began_});
  }

  Result<MakeSummary> finish(bool untouched, const Value& identity) {
    MakeSummary summary = count();
    if (summary.ok + summary.failed + summary.unfilled < ordered_) return summary;
    if (untouched && whole_order()) {
      WM_TRY(dataset, read_dataset(files_, options_.folder));
      const Value* hash = dataset.find("tree_hash");
      summary.tree_hash = hash && hash->text() ? *hash->text() : "";
    } else {
      SealInput input{identity,
                      studio_.info(),
                      studio_.recipe().scenes,
                      studio_.recipe().takes,
                      studio_.recipe().store,
                      studio_.recipe().job.simulate.has_value(),
                      studio_.recipe().license,
                      {}};
      for (const Output& output : studio_.outputs()) input.outputs.push_back(&output);
      WM_TRY(hash, seal(files_, options_.folder, input, book_));
      summary.tree_hash = base::to_string(hash);
      fs::remove_all(options_.folder / ".work" / "samples");
    }
    summary.sealed = true;
    return summary;
  }

  /// Whether the seal that is there is for the order as it is now.
  bool whole_order() const {
    const auto dataset = read_dataset(files_, options_.folder);
    const Value* scenes = dataset ? dataset->find("scenes") : nullptr;
    const auto* number = scenes ? std::get_if<std::int64_t>(&scenes->data) : nullptr;
    return number && *number == studio_.recipe().scenes;
  }

  MakeSummary count() const {
    MakeSummary summary;
    summary.ordered = ordered_;
    summary.spent = spent_;
    summary.worker_seconds = worker_seconds_;
    const auto [first, last] =
        options_.scenes.value_or(std::pair<std::int64_t, std::int64_t>(0, studio_.recipe().scenes - 1));
    for (const auto& [slot, record] : book_.records) {
      if (slot.scene < first || slot.scene > last) continue;
      summary.ok += record.status == Record::Status::ok;
      summary.failed += record.status == Record::Status::failed;
      summary.unfilled += record.status == Record::Status::unfilled;
      if (record.status != Record::Status::ok) continue;
      summary.samples += record.moments;
      if (studio_.recipe().job.simulate) summary.whole_takes += moments_of_whole_take(studio_.recipe().job);
      const auto samples = book_.samples_of(record);
      for (const SampleRecord* sample : samples ? *samples : std::vector<const SampleRecord*>()) {
        for (const FileRecord& file : sample->files) {
          const bool picture = file.path.ends_with(".png") || file.path.ends_with(".jpg");
          if (picture && summary.pictures.size() < 100) summary.pictures.push_back(file.path);
        }
      }
    }
    return summary;
  }

  const Studio& studio_;
  base::Files& files_;
  const MakeOptions& options_;
  base::MemoryGate gate_;
  Clock::time_point began_;
  std::optional<Journal> journal_;
  std::mutex mutex_;
  Book book_;
  std::int64_t ordered_ = 0, before_ = 0, done_ = 0;
  Seconds spent_;  // of this run
  double worker_seconds_ = 0;
};

}  // namespace

Result<MakeSummary> make(const Studio& studio, base::Files& files, const MakeOptions& options) {
  return Run(studio, files, options).go();
}

std::pair<std::int64_t, std::int64_t> shard_range(std::int64_t scenes, std::int64_t index, std::int64_t count) {
  return {scenes * (index - 1) / count, scenes * index / count - 1};
}

}  // namespace wm::mill
