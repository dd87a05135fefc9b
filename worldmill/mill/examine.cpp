#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "worldmill/base/json.h"
#include "worldmill/formats/store.h"
#include "worldmill/mill/dataset.h"

namespace wm::mill {
namespace {

namespace fs = std::filesystem;
using sample::Array;

/// A file of the ledger, or a store: there, and the bytes it was.
class LedgerCheck {
 public:
  LedgerCheck(base::Files& files, const Dataset& dataset, std::vector<std::string>& wrong)
      : files_(files), dataset_(dataset), wrong_(wrong) {}

  Status run() {
    const fs::path path = dataset_.folder / "ledger.jsonl";
    WM_TRY(text, files_.read(path, std::uint64_t{1} << 34));
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      WM_TRY(entry, base::parse_json(rest.substr(0, end), path.string()));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (entry.find("failed")) continue;
      const base::Value* list = entry.find("files");
      if (!list || !list->list()) return base::error("a line has no files", {path.string(), 0, 0});
      for (const base::Value& file : *list->list()) check_file(file);
    }
    return {};
  }

 private:
  void check_file(const base::Value& file) {
    const base::Value* path = file.find("path");
    const base::Value* hash = file.find("hash");
    if (!path || !path->text() || !hash || !hash->text()) {
      wrong_.push_back("ledger.jsonl: a file has no path or hash");
      return;
    }
    const auto bytes = files_.read(dataset_.folder / *path->text(), std::uint64_t{1} << 34);
    if (!bytes) {
      wrong_.push_back(to_string(bytes.error()));
    } else if (base::to_string(base::hash_bytes(*bytes)) != *hash->text()) {
      wrong_.push_back(fmt::format("{}: not the bytes that the ledger names", *path->text()));
    }
  }

  base::Files& files_;
  const Dataset& dataset_;
  std::vector<std::string>& wrong_;
};

/// What one pass over the pixels of a view says of each object.
struct Counted {
  std::int64_t pixels = 0;
  double low_x = 1e9, low_y = 1e9, high_x = -1, high_y = -1;
};

std::vector<Counted> count_pixels(const Array& instances, std::size_t objects, bool& unknown) {
  std::vector<Counted> counted(objects);
  const auto ids = instances.as<std::uint32_t>();
  const auto width = static_cast<std::size_t>(instances.shape()[1]);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == 0) continue;
    if (ids[i] > objects) {
      unknown = true;
      continue;
    }
    Counted& c = counted[ids[i] - 1];
    const auto x = static_cast<double>(i % width), y = static_cast<double>(i / width);
    ++c.pixels;
    c.low_x = std::min(c.low_x, x), c.low_y = std::min(c.low_y, y);
    c.high_x = std::max(c.high_x, x + 1), c.high_y = std::max(c.high_y, y + 1);
  }
  return counted;
}

class ViewCheck {
 public:
  ViewCheck(const sample::Sample& sample, const sample::View& view, std::vector<std::string>& wrong)
      : sample_(sample), view_(view), wrong_(wrong) {}

  void run() {
    if (const Array* instances = view_.find("instances")) {
      bool unknown = false;
      const std::vector<Counted> counted = count_pixels(*instances, sample_.objects.size(), unknown);
      if (unknown) say("a pixel has an instance that is no object");
      semantics(*instances);
      boxes(counted);
      counts(counted);
    }
    shares();
    depth();
  }

 private:
  void say(const std::string& what) { wrong_.push_back(fmt::format("{} {}: {}", sample_.stem, view_.sensor, what)); }

  /// Masks part the image: a pixel's class is its object's.
  void semantics(const Array& instances) {
    const Array* semantics = view_.find("semantics");
    if (!semantics) return;
    const auto ids = instances.as<std::uint32_t>();
    const auto classes = semantics->as<std::uint16_t>();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] == 0 || ids[i] > sample_.objects.size()) continue;
      if (classes[i] != sample_.objects[ids[i] - 1].semantic) return say("a pixel's class is not its object's");
    }
  }

  void boxes(const std::vector<Counted>& counted) {
    const Array* boxes = view_.objects.find("box_2d");
    if (!boxes) return;
    const auto values = boxes->as<double>();
    for (std::size_t i = 0; i < counted.size(); ++i) {
      const Counted& c = counted[i];
      const double* box = &values[4 * i];
      const bool same = c.pixels == 0
                            ? std::isnan(box[0])
                            : box[0] == c.low_x && box[1] == c.low_y && box[2] == c.high_x && box[3] == c.high_y;
      if (!same) say(fmt::format("box_2d of {} is not the box of its mask", sample_.objects[i].path));
    }
    loose(counted);
  }

  void loose(const std::vector<Counted>& counted) {
    const Array* boxes = view_.objects.find("box_2d_loose");
    if (!boxes) return;
    const auto values = boxes->as<double>();
    for (std::size_t i = 0; i < counted.size(); ++i) {
      const Counted& c = counted[i];
      const double* box = &values[4 * i];
      if (c.pixels == 0 || std::isnan(box[0])) continue;
      if (box[0] > c.low_x || box[1] > c.low_y || box[2] < c.high_x || box[3] < c.high_y) {
        say(fmt::format("box_2d_loose of {} does not hold its mask", sample_.objects[i].path));
      }
    }
  }

  void counts(const std::vector<Counted>& counted) {
    const Array* visible = view_.objects.find("visible_pixels");
    if (!visible) return;
    const auto values = visible->as<std::int64_t>();
    for (std::size_t i = 0; i < counted.size(); ++i) {
      if (values[i] != counted[i].pixels) {
        say(fmt::format("visible_pixels of {} is not its mask's", sample_.objects[i].path));
      }
    }
  }

  void shares() {
    for (const char* name : {"visibility", "occlusion", "truncation"}) {
      const Array* column = view_.objects.find(name);
      if (!column) continue;
      for (const double share : column->as<double>()) {
        if (!std::isnan(share) && !(share >= 0 && share <= 1)) say(fmt::format("{} is {}, not in [0, 1]", name, share));
      }
    }
  }

  void depth() {
    const Array* depth = view_.find("depth");
    if (!depth) return;
    for (const float z : depth->as<float>()) {
      if (!(z > 0)) return say("a depth is not positive");
    }
  }

  const sample::Sample& sample_;
  const sample::View& view_;
  std::vector<std::string>& wrong_;
};

}  // namespace

std::vector<std::string> broken_invariants(const sample::Sample& sample) {
  std::vector<std::string> wrong;
  for (const sample::View& view : sample.views) ViewCheck(sample, view, wrong).run();
  return wrong;
}

Result<std::vector<std::string>> examine(base::Files& files, const Dataset& dataset) {
  std::vector<std::string> wrong;
  WM_TRY(hash, tree_hash(files, dataset.folder, dataset.json));
  if (base::to_string(hash) != dataset.tree_hash) {
    wrong.push_back(fmt::format("the tree hash is {}, dataset.json says {}", base::to_string(hash), dataset.tree_hash));
  }
  WM_TRY_STATUS(LedgerCheck(files, dataset, wrong).run());
  const Status read = for_each_sample(files, dataset, [&](const sample::Sample& sample) -> Status {
    std::ranges::move(broken_invariants(sample), std::back_inserter(wrong));
    return {};
  });
  if (!read) wrong.push_back(to_string(read.error()));
  std::vector<std::string> parts = dataset.info.parts;
  if (parts.empty()) parts.emplace_back("all");
  for (const recipe::Write& write : dataset.writes) {
    const auto rows = formats::builtin_writers();
    const auto row = std::ranges::find(rows, write.format, &formats::WriterRow::name);
    if (row == rows.end()) continue;
    for (const std::string& part : parts) {
      std::ranges::move(row->validate(files, dataset.folder / write.name / part), std::back_inserter(wrong));
    }
  }
  return wrong;
}

}  // namespace wm::mill
