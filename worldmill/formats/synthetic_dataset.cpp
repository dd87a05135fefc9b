// synthetic_dataset DIR: two stills of two cameras, and an empty one, in every format: what tests/interop reads.
#include <fmt/format.h>

#include "worldmill/formats/numbering.h"
#include "worldmill/formats/synthetic.h"
#include "worldmill/formats/writer.h"

namespace {

using namespace wm;

int write(const formats::WriterRow& row, const std::vector<sample::Sample>& samples,
          const std::filesystem::path& folder) {
  const auto writer = row.make(formats::synthetic::info(), {});
  if (!writer) return fmt::print(stderr, "{}\n", to_string(writer.error())), 1;
  std::vector<std::string> fragments;
  std::vector<formats::OutFile> files;
  for (const sample::Sample& sample : samples) {
    auto emitted = (*writer)->emit(sample);
    if (!emitted) return fmt::print(stderr, "{}\n", to_string(emitted.error())), 1;
    fragments.push_back(std::move(emitted->fragment));
    std::ranges::move(emitted->files, std::back_inserter(files));
  }
  if ((*writer)->numbered()) {
    const auto numbering = formats::Numbering::of(fragments);
    if (!numbering) return fmt::print(stderr, "{}\n", to_string(numbering.error())), 1;
    for (formats::OutFile& file : files) file.path = numbering->numbered(file.path);
    files.push_back({"mapping.jsonl", numbering->to_text()});
  }
  auto sealed = (*writer)->seal(fragments);
  if (!sealed) return fmt::print(stderr, "{}\n", to_string(sealed.error())), 1;
  std::ranges::move(*sealed, std::back_inserter(files));
  for (const formats::OutFile& file : files) base::disk().commit(folder / file.path, file.bytes);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return fmt::print(stderr, "usage: synthetic_dataset DIR\n"), 2;
  const std::vector<std::string> sensors{"left", "right"};
  std::vector<sample::Sample> samples;
  for (std::int64_t scene = 0; scene < 2; ++scene) {
    const auto things = formats::synthetic::scatter(static_cast<std::uint64_t>(scene) + 1);
    samples.push_back(formats::synthetic::shoot({scene, 0, 0}, things, sensors, 320, 240));
  }
  samples.push_back(formats::synthetic::shoot({2, 0, 0}, {}, sensors, 320, 240));
  for (const formats::WriterRow& row : formats::builtin_writers()) {
    const int failed = write(row, samples, std::filesystem::path(arguments[1]) / row.name / "all");
    if (failed != 0) return failed;
  }
  return 0;
}
