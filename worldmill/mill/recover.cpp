#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "worldmill/base/json.h"
#include "worldmill/mill/dataset.h"
#include "worldmill/mill/fields.h"

namespace wm::mill {
namespace {

namespace fs = std::filesystem;
using base::Value;

template <class Use>
Status for_each_line(base::Files& files, const fs::path& path, Use use) {
  WM_TRY(text, files.read(path, std::uint64_t{1} << 34));
  std::string_view rest = text;
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    WM_TRY(value, base::parse_json(rest.substr(0, end), path.string()));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    Fields fields(value);
    use(value, fields);
    if (!fields.bad().empty()) {
      return base::error(fmt::format("this line has no proper \"{}\"; was it edited?", fields.bad()),
                         {path.string(), number, 0});
    }
  }
  return {};
}

/// Numbers of `0..3, 7`.
std::vector<std::int64_t> scenes_of(const std::string& ranges) {
  std::vector<std::int64_t> scenes;
  const char *at = ranges.data(), *end = at + ranges.size();
  const auto number = [&] {
    std::int64_t n = 0;
    at = std::from_chars(at, end, n).ptr;
    return n;
  };
  while (at < end) {
    const std::int64_t first = number();
    std::int64_t last = first;
    if (end - at >= 2 && at[0] == '.' && at[1] == '.') at += 2, last = number();
    for (std::int64_t scene = first; scene <= last; ++scene) scenes.push_back(scene);
    while (at < end && (*at < '0' || *at > '9')) ++at;
  }
  return scenes;
}

class Recovery {
 public:
  Recovery(base::Files& files, const Dataset& dataset) : files_(files), dataset_(dataset) {}

  Result<Book> run() {
    WM_TRY(outputs, open_outputs(dataset_.info, dataset_.writes));
    for (const Output& output : outputs) WM_TRY_STATUS(read_mappings(output));
    WM_TRY_STATUS(read_plan());
    WM_TRY_STATUS(read_ledger());
    WM_TRY_STATUS(read_assets());
    if (dataset_.simulated) {
      WM_TRY_STATUS(read_takes("events.jsonl", &Record::events));
      WM_TRY_STATUS(read_takes("sequences.jsonl", &Record::sequences));
    }
    WM_TRY_STATUS(for_each_sample(files_, dataset_, [&](const sample::Sample& sample) -> Status {
      SampleRecord& record = book_.samples.at(sample.id);
      for (const Output& output : outputs) {
        WM_TRY(emitted, output.writer->emit(view_of(sample, output.write)));
        if (!emitted.fragment.empty()) record.fragments[output.write.name] = std::move(emitted.fragment);
      }
      return {};
    }));
    return std::move(book_);
  }

 private:
  Status read_mappings(const Output& output) {
    if (!output.writer->numbered()) return {};
    for (const std::string& part : files_.list(dataset_.folder / output.write.name)) {
      const std::string place = output.write.name + "/" + part + "/";
      const fs::path mapping = dataset_.folder / place / "mapping.jsonl";
      WM_TRY(text, files_.read(mapping, std::uint64_t{1} << 34));
      WM_TRY(numbering, formats::Numbering::parse(text, mapping.string()));
      numberings_.emplace(place, std::move(numbering));
    }
    return {};
  }

  std::string emitted_path(const std::string& path) const {
    for (const auto& [place, numbering] : numberings_) {
      if (path.starts_with(place)) return numbering.named(path);
    }
    return path;
  }

  /// A slot without samples loses its part of the split, which nothing needs then.
  Status read_plan() {
    return for_each_line(files_, dataset_.folder / "plan.jsonl", [&](const Value& line, Fields& fields) {
      Record record{.slot = {fields.number("scene"), fields.number("take")}};
      if (line.find("unfilled")) {
        record.status = Record::Status::unfilled;
        record.reason = fields.text("unfilled");
      } else {
        record.attempt = static_cast<int>(fields.number("attempt"));
        record.moments = fields.number("moments");
      }
      if (line.find("exploded")) {
        for (const Value& trouble : fields.list("exploded")) record.exploded.push_back(*trouble.text());
      }
      book_.records[record.slot] = std::move(record);
    });
  }

  Status read_ledger() {
    return for_each_line(files_, dataset_.folder / "ledger.jsonl", [&](const Value& line, Fields& fields) {
      const auto id = sample::parse_sample_id(fields.text("id"));
      if (!id) return fields.fail("id");
      if (line.find("failed")) return;  // tried again
      book_.records[{id->scene, id->take}].part = fields.text("part");
      SampleRecord record{.id = *id};
      record.draws = fields.hash("draws");
      record.store = fields.hash("store");
      for (const Value& item : fields.list("files")) {
        Fields file(item);
        record.files.push_back({emitted_path(file.text("path")), file.hash("hash"), file.number("bytes")});
        if (!file.bad().empty()) fields.fail("files");
      }
      book_.samples[record.id] = std::move(record);
    });
  }

  Status read_takes(const char* name, std::string Record::*lines) {
    return for_each_line(files_, dataset_.folder / name, [&](const Value& line, Fields& fields) {
      const auto at = book_.records.find({fields.number("scene"), fields.number("take")});
      if (at == book_.records.end()) return fields.fail("take");
      base::append_json(at->second.*lines, line);
      at->second.*lines += '\n';
    });
  }

  /// Which of an asset's files belong together is not written down: each counts as an asset of its own.
  Status read_assets() {
    return for_each_line(files_, dataset_.folder / "assets.jsonl", [&](const Value& line, Fields& fields) {
      const std::string name = fields.text("file");
      const Value* license = line.find("license");
      const bool licensed = license && license->text();
      book_.assets[name] = {
          {name, fields.hash("hash"), fields.number("bytes"), licensed ? *license->text() : std::string()}};
      for (const std::int64_t scene : scenes_of(fields.text("scenes"))) {
        for (auto at = book_.records.lower_bound({scene, 0}); at != book_.records.end() && at->first.scene == scene;
             ++at) {
          if (at->second.status == Record::Status::ok) at->second.assets.push_back(name);
        }
      }
    });
  }

  base::Files& files_;
  const Dataset& dataset_;
  std::map<std::string, formats::Numbering> numberings_;
  Book book_;
};

}  // namespace

Result<Book> read_book(base::Files& files, const fs::path& folder) {
  Book book;
  for (const char* place : {"parts", ".work"}) {
    for (const std::string& name : files.list(folder / place)) {
      if (!name.ends_with(".jsonl")) continue;
      const fs::path path = folder / place / name;
      WM_TRY(text, files.read(path, std::uint64_t{1} << 34));
      WM_TRY_STATUS(read_lines(text, path.string(), book));
    }
  }
  if (!book.records.empty() || files.kind(folder / "dataset.json") != base::Files::Kind::file) return book;
  // Sealed, and its journal was left behind: what it said stands in the dataset, but for the fragments of formats.
  WM_TRY(dataset, open_dataset(files, folder));
  if (!dataset.store) {
    return base::error(
        fmt::format("{} has neither a journal nor a store (store: none): nothing can be added to it", folder.string()));
  }
  return Recovery(files, dataset).run();
}

}  // namespace wm::mill
