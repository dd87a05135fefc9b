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

Record record_of(Fields& fields) {
  Record record;
  record.slot = {fields.number("scene"), fields.number("take")};
  const auto status = std::ranges::find(kStatus, fields.text("status"));
  if (status == kStatus.end()) fields.fail("status");
  record.status = static_cast<Record::Status>(status - kStatus.begin());
  record.reason = fields.text("reason");
  record.attempt = static_cast<int>(fields.number("attempt"));
  record.part = fields.text("part");
  record.draws = fields.hash("draws");
  record.store = fields.hash("store");
  for (const Value& item : fields.list("files")) {
    Fields file(item);
    record.files.push_back({file.text("path"), file.hash("hash"), file.number("bytes")});
    if (!file.bad().empty()) fields.fail(file.bad());
  }
  for (const base::Entry& entry : fields.map("fragments")) {
    if (!entry.value.text()) fields.fail("fragments");
    record.fragments[entry.key] = entry.value.text() ? *entry.value.text() : "";
  }
  for (const Value& item : fields.list("assets")) {
    if (!item.text()) fields.fail("assets");
    record.assets.push_back(item.text() ? *item.text() : "");
  }
  return record;
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
  std::vector<Value> files, assets;
  for (const FileRecord& file : record.files) files.push_back(to_value(file));
  for (const std::string& asset : record.assets) assets.push_back(value_of(asset));
  std::vector<std::pair<std::string, Value>> fragments;
  for (const auto& [name, text] : record.fragments) fragments.emplace_back(name, value_of(text));
  return line(map_of({{"scene", value_of(record.slot.scene)},
                      {"take", value_of(record.slot.take)},
                      {"status", value_of(std::string(kStatus[static_cast<std::size_t>(record.status)]))},
                      {"reason", value_of(record.reason)},
                      {"attempt", value_of(std::int64_t{record.attempt})},
                      {"part", value_of(record.part)},
                      {"draws", to_value(record.draws)},
                      {"store", to_value(record.store)},
                      {"files", list_of(std::move(files))},
                      {"fragments", map_of(std::move(fragments))},
                      {"assets", list_of(std::move(assets))}}));
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

void Journal::add(const Record& record, const std::map<std::string, std::vector<scene::AssetFile>>& files_of) {
  const std::lock_guard lock(mutex_);
  std::string lines;
  for (const auto& [asset, files] : files_of) {
    if (named_.emplace(asset, true).second) lines += to_line(asset, files) + '\n';
  }
  files_.append(path_, lines + to_line(record) + '\n');
}

}  // namespace wm::mill
