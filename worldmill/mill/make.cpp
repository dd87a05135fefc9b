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

  /// A machine's fault is tried once more, then it is the sample's own failure.
  void record(const Slot& slot, int inner) {
    const auto started = Clock::now();
    Record record;
    Seconds seconds;
    for (int attempt = 0; attempt < 2; ++attempt) {
      record = Record{.slot = slot};
      try {
        if (const Status made = sample(slot, inner, record, seconds); !made) {
          fail(record, portable(to_string(made.error()), studio_.recipe().roots));
        }
        break;
      } catch (const std::bad_alloc&) {
        fail(record, "not enough memory");
      }
    }
    enter(record, seconds, std::chrono::duration<double>(Clock::now() - started).count());
  }

  static void fail(Record& record, std::string reason) {
    record.status = Record::Status::failed;
    record.reason = std::move(reason);
    record.files.clear();
    record.fragments.clear();
    record.assets.clear();
  }

  Status sample(const Slot& slot, int inner, Record& record, Seconds& seconds) {
    record.part = vary::split_part(studio_.recipe().job, slot.scene);
    const auto planned = options_.plan.find(slot);
    if (planned != options_.plan.end() && std::holds_alternative<Unfilled>(planned->second)) {
      record.status = Record::Status::unfilled;
      record.reason = std::get<Unfilled>(planned->second).reason;
      return {};
    }
    WM_TRY(outcome,
           studio_.accept(
               slot, planned == options_.plan.end() ? std::nullopt : std::optional(std::get<int>(planned->second))));
    if (const auto* unfilled = std::get_if<Unfilled>(&outcome)) {
      record.status = Record::Status::unfilled;
      record.reason = unfilled->reason;
      return {};
    }
    Accepted& accepted = std::get<Accepted>(outcome);
    record.attempt = accepted.attempt;
    record.assets = accepted.staged.assets;
    std::ranges::copy(accepted.varied.assets, std::back_inserter(record.assets));
    std::ranges::sort(record.assets);
    const auto twins = std::ranges::unique(record.assets);
    record.assets.erase(twins.begin(), twins.end());
    const auto sample = studio_.shoot(std::move(accepted), inner, nullptr, &seconds);
    record.draws = hash_of(sample->draws);
    return write(*sample, record);
  }

  Status write(const sample::Sample& sample, Record& record) {
    const fs::path& folder = options_.folder;
    if (studio_.recipe().store) {
      const std::string tar = formats::tar(formats::store_files(sample));
      record.store = base::hash_bytes(tar);
      const bool whole = studio_.recipe().takes == 1;
      files_.commit(folder / (whole ? "samples" : ".work/samples") / (sample.stem + ".tar"), tar);
    }
    for (const Output& output : studio_.outputs()) {
      WM_TRY(emitted, output.writer->emit(view_of(sample, output.write)));
      for (const formats::OutFile& file : emitted.files) {
        const std::string path =
            fmt::format("{}/{}/{}", output.write.name, sample.part.empty() ? "all" : sample.part, file.path);
        files_.commit(folder / path, file.bytes);
        record.files.push_back({path, base::hash_bytes(file.bytes), static_cast<std::int64_t>(file.bytes.size())});
      }
      if (!emitted.fragment.empty()) record.fragments[output.write.name] = std::move(emitted.fragment);
    }
    return {};
  }

  /// The journal says so only now that all files are on the disk.
  void enter(const Record& record, const Seconds& parts, double seconds) {
    std::map<std::string, std::vector<scene::AssetFile>> files_of;
    for (const std::string& asset : record.assets) {
      if (auto files = studio_.assets().files(asset)) files_of[asset] = std::move(*files);
    }
    journal_->add(record, files_of);
    const std::lock_guard guard(mutex_);
    for (auto& [asset, files] : files_of) book_.assets[asset] = std::move(files);
    book_.records[record.slot] = record;
    ++done_;
    files_.append(
        options_.folder / "run.jsonl",
        fmt::format("{{\"id\":\"{}\",\"seconds\":{:.4f},\"stage\":{:.4f},\"labels\":{:.4f},\"light\":{:.4f}}}\n",
                    studio_.stem(record.slot), seconds, parts.stage, parts.labels, parts.light));
    if (options_.warn && record.status != Record::Status::ok) {
      options_.warn(fmt::format("{} {}: {}", studio_.stem(record.slot),
                                record.status == Record::Status::failed ? "failed" : "stays unfilled", record.reason));
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
    const auto [first, last] =
        options_.scenes.value_or(std::pair<std::int64_t, std::int64_t>(0, studio_.recipe().scenes - 1));
    for (const auto& [slot, record] : book_.records) {
      if (slot.scene < first || slot.scene > last) continue;
      summary.ok += record.status == Record::Status::ok;
      summary.failed += record.status == Record::Status::failed;
      summary.unfilled += record.status == Record::Status::unfilled;
      for (const FileRecord& file : record.files) {
        const bool picture = file.path.ends_with(".png") || file.path.ends_with(".jpg");
        if (picture && summary.pictures.size() < 100) summary.pictures.push_back(file.path);
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
};

}  // namespace

Result<MakeSummary> make(const Studio& studio, base::Files& files, const MakeOptions& options) {
  return Run(studio, files, options).go();
}

std::pair<std::int64_t, std::int64_t> shard_range(std::int64_t scenes, std::int64_t index, std::int64_t count) {
  return {scenes * (index - 1) / count, scenes * index / count - 1};
}

}  // namespace wm::mill
