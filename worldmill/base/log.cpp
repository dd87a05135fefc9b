#include "worldmill/base/log.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <set>
#include <utility>

namespace wm::base {
namespace {

constexpr std::size_t kMostRemembered = 10'000;

/// The one mutable thing that a process shares: where its lines go.
struct State {
  std::atomic<LogLevel> quietest = LogLevel::warning;
  std::mutex mutex;  // of all below, and of the sink while it is called
  LogSink sink;
  std::set<std::string, std::less<>> told;
};

State& state() {
  static State& only = *new State;  // never destroyed: threads may log while the process ends
  return only;
}

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    default:
      return "error";
  }
}

std::string line_of(LogLevel level, std::string_view text) {
  std::string line = fmt::format("worldmill: {}: ", name(level));
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return line;
}

/// `s.mutex` must be held.
void tell(State& s, LogLevel level, std::string_view text) {
  std::string line = line_of(level, text);
  if (s.sink) return s.sink(level, line);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void set_log_level(LogLevel quietest) {
  state().quietest = quietest;
}

bool is_logged(LogLevel level) {
  return level >= state().quietest && level < LogLevel::silent;
}

LogSink set_log_sink(LogSink sink) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  return std::exchange(s.sink, std::move(sink));
}

void log(LogLevel level, std::string_view text) {
  if (!is_logged(level)) return;
  State& s = state();
  const std::lock_guard lock(s.mutex);
  tell(s, level, text);
}

void warn_once(std::string_view text) {
  if (!is_logged(LogLevel::warning)) return;
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (s.told.size() > kMostRemembered || s.told.contains(text)) return;
  s.told.emplace(text);
  tell(s, LogLevel::warning, s.told.size() > kMostRemembered ? "too many different warnings; no more are told" : text);
}

LogCapture::LogCapture() : old_level_(state().quietest) {
  {
    const std::lock_guard lock(state().mutex);
    state().told.clear();
  }
  old_sink_ = set_log_sink([this](LogLevel, std::string_view line) { lines_.emplace_back(line); });
  set_log_level(LogLevel::debug);
}

LogCapture::~LogCapture() {
  set_log_level(old_level_);
  set_log_sink(std::move(old_sink_));
}

}  // namespace wm::base
