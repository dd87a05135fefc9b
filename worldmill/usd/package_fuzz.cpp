#include <cstddef>
#include <cstdint>
#include <string>

#include "worldmill/base/check.h"
#include "worldmill/usd/package.h"

using namespace wm::usd;

// Members lie within the bytes, and their names within the package.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = bytes_of(std::string(reinterpret_cast<const char*>(data), size));
  const auto package = Package::open(bytes, "fuzz.usdz");
  if (!package) {
    WM_CHECK(!package.error().message.empty());
    return 0;
  }
  std::size_t total = 0;
  for (const Package::Member& member : package->members()) {
    WM_CHECK(!member.name.starts_with('/') && !member.name.starts_with("../") &&
             member.name.find("/../") == std::string::npos);
    const auto text = member.bytes.text();
    if (!text.empty()) WM_CHECK(text.data() >= bytes.text().data() && text.end() <= bytes.text().end());
    total += text.size();
  }
  WM_CHECK(total <= size);
  return 0;
}
