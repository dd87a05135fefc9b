#include <gtest/gtest.h>

#include "worldmill/base/log.h"
#include "worldmill/usd/compose_report.h"
#include "worldmill/usd/layer_file.h"
#include "worldmill/usd/testing.h"

namespace wm::usd {
namespace {

namespace fs = std::filesystem;

std::string composed(const fs::path& file, const std::string& shown, std::string& refusal) {
  LayerLibrary library;
  LayerStacks stacks(library);
  const std::string identifier = fs::absolute(file).lexically_normal().string();
  auto layer = library.open(identifier);
  if (!layer) {
    refusal = to_string(layer.error());
    return {};
  }
  const LayerStack* root = stacks.make(*layer, nullptr);
  Composer::Options options;
  options.variant_fallbacks = {{Token("standin"), {Token("render")}}};
  Composer composer(stacks, *root, options);
  const std::string folder = fs::path(identifier).parent_path().string() + "/";
  return compose_report(composer, {shown + file.filename().string(), folder, shown});
}

// What the text says, a line at a time; which lines are warnings of the program that wrote it is not ours to say.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    while (!line.empty() && line.back() == ' ') line.pop_back();
    if (line.empty() || line.starts_with("Warning: ") || line == std::string(80, '-')) continue;
    lines.push_back(line);
  }
  return lines;
}

TEST(Composition, IsWhatTheComplianceSuiteExpects) {
  const fs::path folder = usd_data() / "aousd/composition/tests/assets";
  WM_NEEDS(folder);
  const char* only = std::getenv("WM_CASE");
  int cases = 0, equal = 0;
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (fs::exists(entry.path() / "pcp.txt")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  for (const fs::path& path : folders) {
    if (only && path.filename() != only) continue;
    const std::string expected = slurp(path / "pcp.txt");
    const std::size_t from = expected.find('@') + 1;
    const std::string loading = expected.substr(from, expected.find('@', from) - from);
    const std::string shown = loading.substr(0, loading.rfind('/') + 1);
    std::string refusal;
    const std::string found = composed(path / "usda" / loading.substr(shown.size()), shown, refusal);
    ++cases;
    if (expected.find("Traceback") != std::string::npos) {  // the suite's program refuses the layer
      EXPECT_FALSE(refusal.empty()) << path;
      equal += !refusal.empty();
      continue;
    }
    const auto a = lines_of(expected), b = lines_of(found);
    const auto [p, q] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const bool same = p == a.end() && q == b.end();
    equal += same;
    EXPECT_TRUE(same) << path.filename().string() << ":\n  expected " << (p == a.end() ? "the end" : *p)
                      << "\n  found    " << (q == b.end() ? "the end" : *q) << refusal;
    if (only) std::printf("%s\n", found.c_str());
    // The crate twins compose to the same, but for the folder in their names.
    const std::string twin = composed(path / loading.substr(shown.size()), shown, refusal);
    if (refusal.empty()) {
      EXPECT_EQ(lines_of(twin), b) << path;
    }
  }
  std::printf("%d of %d cases\n", equal, cases);
}

}  // namespace
}  // namespace wm::usd
