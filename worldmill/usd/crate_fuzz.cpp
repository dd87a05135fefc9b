#include <cstddef>
#include <cstdint>
#include <string>

#include "worldmill/base/check.h"
#include "worldmill/base/log.h"
#include "worldmill/usd/crate.h"
#include "worldmill/usd/text_writer.h"

using namespace wm::usd;

// Every value decodes or is none, and nothing that is read cannot be written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto quiet = [] {
    wm::base::set_log_level(wm::base::LogLevel::silent);
    return true;
  }();
  (void)quiet;
  const ReadBudget budget = {.bytes = 1 << 20, .specs = 10'000, .decoded_bytes = 1 << 24};
  const Bytes bytes = bytes_of(std::string(reinterpret_cast<const char*>(data), size));
  const auto layer = read_crate(bytes, "fuzz.usdc", budget);
  if (!layer) {
    WM_CHECK(!layer.error().message.empty());
    return 0;
  }
  std::size_t left = 1 << 22;  // a small file may hold a value many times over
  for (const Layer::Spec& spec : (*layer)->specs()) {
    for (const Field& field : (*layer)->fields(spec)) {
      const Value value = (*layer)->decoded(field.value);
      if (!value.is(Type::time_samples)) continue;
      for (const Value& sample : value.content<TimeSamples>().values) {
        if (left-- == 0) return 0;
        (*layer)->decoded(sample);
      }
    }
  }
  return 0;
}
