#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"
#include "worldmill/formats/store.h"
#include "worldmill/formats/synthetic.h"

using namespace wm;
using formats::OutFile;

namespace {

/// Files without a tar's checksums around them, so that their contents are easy to reach: `path` newline contents, one
/// after the other, separated by a line of dashes.
std::vector<OutFile> loose_files(std::string_view text) {
  constexpr std::string_view kBetween = "\n-----\n";
  std::vector<OutFile> files;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(kBetween), text.size());
    const std::string_view file = text.substr(0, end);
    const std::size_t line = std::min(file.find('\n'), file.size());
    files.push_back({std::string(file.substr(0, line)), std::string(file.substr(std::min(line + 1, file.size())))});
    text.remove_prefix(std::min(end + kBetween.size(), text.size()));
  }
  return files;
}

/// A sample that could be read can be written, and is then the same; any writer takes it or says why not.
void use(const sample::Sample& sample) {
  const std::vector<OutFile> files = formats::store_files(sample);
  const auto again = formats::sample_from_store(files, "again");
  WM_CHECK(again.has_value());
  WM_CHECK(formats::tar(formats::store_files(*again)) == formats::tar(files));
  static const sample::DatasetInfo info = formats::synthetic::info();
  for (const formats::WriterRow& row : formats::builtin_writers()) {
    const auto writer = row.make(info, {});
    WM_CHECK(writer.has_value());
    const auto emitted = (*writer)->emit(sample);
    WM_CHECK(emitted ? (*writer)->seal(std::vector{emitted->fragment}).has_value() : !emitted.error().message.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto files = formats::untar(bytes, "fuzz.tar")) {
    WM_CHECK(formats::untar(formats::tar(*files), "again.tar").has_value());
  }
  if (const auto samples = formats::read_store(bytes, "fuzz.tar")) {
    for (const sample::Sample& sample : *samples) use(sample);
  }
  if (const auto sample = formats::sample_from_store(loose_files(bytes), "fuzz")) use(*sample);
  return 0;
}
