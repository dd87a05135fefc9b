#include "worldmill/mill/book.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/base/json.h"
#include "worldmill/mill/fields.h"

namespace wm::mill {
namespace {

using base::list_of;
using base::map_of;
using base::Value;
using base::value_of;
using sample::to_string;

constexpr std::array<std::string_view, 3> kStatus{"ok", "failed", "unfilled"};

Value to_value(const base::Hash& hash) {
  return value_of(base::to_string(hash));
}

Value to_value(const FileRecord& file) {
  return map_of({{"path", value_of(file.path)}, {"hash", to_value(file.hash)}, {"bytes", value_of(file.bytes)}});
}

std::string line(const Value& value) {
  std::string text;
  base::append_json(text, value);
  return text;
}

Value to_value(const std::vector<FileRecord>& files) {
  std::vector<Value> list;
  for (const FileRecord& file : files) list.push_back(to_value(file));
  return list_of(std::move(list));
}

Value to_value(const std::vector<std::string>& texts) {
  std::vector<Value> list;
  for (const std::string& text : texts) list.push_back(value_of(text));
  return list_of(std::move(list));
}

std::vector<FileRecord> files_of(Fields& fields) {
  std::vector<FileRecord> files;
  for (const Value& item : fields.list("files")) {
    Fields file(item);
    files.push_back({file.text("path"), file.hash("hash"), file.number("bytes")});
    if (!file.bad().empty()) fields.fail(file.bad());
  }
  return files;
}

std::vector<std::string> texts_of(Fields& fields, std::string_view key) {
  std::vector<std::string> texts;
  for (const Value& item : fields.list(key)) {
    if (!item.text()) fields.fail(key);
    texts.push_back(item.text() ? *item.text() : "");
  }
  return texts;
}

Record record_of(Fields& fields) {
  Record record;
  record.slot = {fields.number("scene"), fields.number("take")};
  const auto status = std::ranges::find(kStatus, fields.text("status"));
  if (status == kStatus.end()) fields.fail("status");
  record.status = static_cast<Record::Status>(status - kStatus.begin());
  record.reason = fields.text("reason");
  record.attempt = static_cast<int>(fields.number("attempt"));
  record.part = fields.text("part");
  record.moments = fields.number("moments");
  record.exploded = texts_of(fields, "exploded");
  record.events = fields.text("events");
  record.sequences = fields.text("sequences");
  record.assets = texts_of(fields, "assets");
  return record;
}

SampleRecord sample_of(Fields& fields) {
  SampleRecord sample;
  sample.id = {fields.number("scene"), fields.number("take"), fields.number("moment")};
  sample.draws = fields.hash("draws");
  sample.store = fields.hash("store");
  sample.files = files_of(fields);
  for (const base::Entry& entry : fields.map("fragments")) {
    if (!entry.value.text()) fields.fail("fragments");
    sample.fragments[entry.key] = entry.value.text() ? *entry.value.text() : "";
  }
  sample.assets = texts_of(fields, "assets");
  return sample;
}

std::vector<scene::AssetFile> asset_files_of(Fields& fields) {
  std::vector<scene::AssetFile> files;
  for (const Value& item : fields.list("files")) {
    Fields file(item);
    files.push_back({file.text("name"), file.hash("hash"), file.number("bytes"), file.text("license")});
    if (!file.bad().empty()) fields.fail(file.bad());
  }
  return files;
}

}  // namespace

std::string to_line(const Record& record) {
  return line(map_of({{"scene", value_of(record.slot.scene)},
                      {"take", value_of(record.slot.take)},
                      {"status", value_of(std::string(kStatus[static_cast<std::size_t>(record.status)]))},
                      {"reason", value_of(record.reason)},
                      {"attempt", value_of(std::int64_t{record.attempt})},
                      {"part", value_of(record.part)},
                      {"moments", value_of(record.moments)},
                      {"exploded", to_value(record.exploded)},
                      {"events", value_of(record.events)},
                      {"sequences", value_of(record.sequences)},
                      {"assets", to_value(record.assets)}}));
}

std::string to_line(const SampleRecord& sample) {
  std::vector<std::pair<std::string, Value>> fragments;
  for (const auto& [name, text] : sample.fragments) fragments.emplace_back(name, value_of(text));
  return line(map_of({{"scene", value_of(sample.id.scene)},
                      {"take", value_of(sample.id.take)},
                      {"moment", value_of(sample.id.moment)},
                      {"draws", to_value(sample.draws)},
                      {"store", to_value(sample.store)},
                      {"files", to_value(sample.files)},
                      {"fragments", map_of(std::move(fragments))},
                      {"assets", to_value(sample.assets)}}));
}

Result<std::vector<const SampleRecord*>> Book::samples_of(const Record& record) const {
  std::vector<const SampleRecord*> found;
  for (std::int64_t moment = 0; moment < record.moments; ++moment) {
    const sample::SampleId id{record.slot.scene, record.slot.take, moment};
    const auto at = samples.find(id);
    if (at == samples.end()) {
      return base::error(fmt::format("the journal does not know sample {}; was it edited?", to_string(id, false)));
    }
    found.push_back(&at->second);
  }
  return found;
}

std::string to_line(const std::string& asset, const std::vector<scene::AssetFile>& files) {
  std::vector<Value> list;
  for (const scene::AssetFile& file : files) {
    list.push_back(map_of({{"name", value_of(file.name)},
                           {"hash", to_value(file.hash)},
                           {"bytes", value_of(file.bytes)},
                           {"license", value_of(file.license)}}));
  }
  return line(map_of({{"asset", value_of(asset)}, {"files", list_of(std::move(list))}}));
}

Status read_lines(std::string_view text, const std::string& file, Book& book) {
  int number = 0;
  while (true) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};  // what is left was cut off by a crash
    ++number;
    WM_TRY(value, base::parse_json(text.substr(0, end), file));
    text.remove_prefix(end + 1);
    Fields fields(value);
    if (value.find("asset")) {
      book.assets[fields.text("asset")] = asset_files_of(fields);
    } else if (value.find("moment")) {
      SampleRecord sample = sample_of(fields);
      book.samples[sample.id] = std::move(sample);
    } else {
      Record record = record_of(fields);
      book.records[record.slot] = std::move(record);
    }
    if (!fields.bad().empty()) {
      return base::error(fmt::format("this line of the journal has no proper \"{}\"; was it edited?", fields.bad()),
                         {file, number, 0});
    }
  }
}

std::string ranges(const std::vector<std::int64_t>& sorted) {
  std::string text;
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t last = i;
    while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1) ++last;
    text += text.empty() ? "" : ", ";
    text += last == i ? fmt::format("{}", sorted[i]) : fmt::format("{}..{}", sorted[i], sorted[last]);
    i = last + 1;
  }
  return text;
}

void Journal::add(const std::vector<std::string>& lines,
                  const std::map<std::string, std::vector<scene::AssetFile>>& files_of) {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const auto& [asset, files] : files_of) {
    if (named_.emplace(asset, true).second) text += to_line(asset, files) + '\n';
  }
  for (const std::string& line : lines) text += line + '\n';
  files_.append(path_, text);
}

}  // namespace wm::mill
