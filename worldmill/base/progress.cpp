#include "worldmill/base/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace wm::base {
namespace {

double share_of(const Progress& progress) {
  return progress.total == 0 ? 1.0 : static_cast<double>(progress.done) / static_cast<double>(progress.total);
}

}  // namespace

std::string to_text(std::chrono::duration<double> span) {
  const auto seconds = static_cast<std::int64_t>(std::llround(std::max(0.0, span.count())));
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds % 3600 / 60);
}

std::string to_line(const Progress& progress, const char* unit) {
  std::string line = fmt::format("{}/{} {}  {:.1f} %", progress.done, progress.total, unit, 100 * share_of(progress));
  const std::int64_t now = progress.done - progress.before;
  if (now <= 0 || progress.elapsed.count() <= 0) return line;
  const double rate = static_cast<double>(now) / progress.elapsed.count();
  line += fmt::format("  {:.1f}/s", rate);
  const std::chrono::duration<double> rest(static_cast<double>(progress.total - progress.done) / rate);
  return progress.done == progress.total ? line : line + "  " + to_text(rest) + " left";
}

std::string to_bar(const Progress& progress, const char* unit, int width) {
  const std::string line = to_line(progress, unit);
  const int room = width - static_cast<int>(line.size()) - 4;
  if (room < 20) return line;
  const int full = static_cast<int>(share_of(progress) * room);
  return fmt::format("[{:#<{}}{:.<{}}]  {}", "", full, "", room - full, line);
}

}  // namespace wm::base
