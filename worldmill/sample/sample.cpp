#include "worldmill/sample/sample.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "worldmill/base/check.h"

namespace wm::sample {

std::string_view name(Dtype dtype) {
  constexpr std::array<std::string_view, 7> kNames{"uint8", "uint16", "uint32", "int32", "int64", "float32", "float64"};
  return kNames[static_cast<std::size_t>(dtype)];
}

std::string to_string(const SampleId& id, bool stills) {
  if (stills) return fmt::format("{:06}", id.scene);
  return fmt::format("{:06}-{:02}-{:04}", id.scene, id.take, id.moment);
}

Result<SampleId> parse_sample_id(std::string_view text) {
  std::array<std::int64_t, 3> numbers{};
  std::size_t count = 0;
  const char* at = text.data();
  const char* end = text.data() + text.size();
  bool good = !text.empty();
  while (good && at != end && count < 3) {
    const bool digit = *at >= '0' && *at <= '9';
    const auto [next, code] = std::from_chars(at, end, numbers[count]);
    good = digit && code == std::errc{} && (next == end || (*next == '-' && next + 1 != end && count < 2));
    at = next == end ? end : next + 1;
    ++count;
  }
  if (!good || at != end || count == 2) {
    return base::error(fmt::format("\"{}\" is no sample id; ids look like 000012 or 000012-03-0007", text));
  }
  return SampleId{numbers[0], numbers[1], numbers[2]};
}

const Array* Table::find(std::string_view column) const {
  const auto at = std::ranges::find(columns, column, &Column::name);
  return at == columns.end() ? nullptr : &at->values;
}

void Table::add(std::string column, Array values) {
  WM_CHECK(values.rows() == rows && !find(column));
  columns.push_back({std::move(column), std::move(values)});
}

const Array* View::find(std::string_view channel) const {
  const auto at = std::ranges::find(channels, channel, &Channel::name);
  return at == channels.end() ? nullptr : &at->data;
}

}  // namespace wm::sample
