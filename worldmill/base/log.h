#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// What a person at a terminal should know and a Result cannot carry: a skipped texture, a file read in part.
/// Never part of a result, and never where an error belongs. Thread-safe; one call is one line, in one piece.
namespace wm::base {

enum class LogLevel { debug, info, warning, error, silent };

/// Takes lines such as `worldmill: warning: a.gltf: skipped 2 cameras`, no newline at the end. Called by one thread at
/// a time; it must not log.
using LogSink = std::function<void(LogLevel level, std::string_view line)>;

/// The quietest level still told; warning to begin with, silent for nothing at all.
void set_log_level(LogLevel quietest);
/// Whether lines of `level` are told: ask before costly formatting.
bool is_logged(LogLevel level);

/// Gives the old one back. An empty sink is stderr.
LogSink set_log_sink(LogSink sink);

/// Control characters, which may come from a stranger's file, are told as \xNN; a newline too.
void log(LogLevel level, std::string_view text);
inline void log_debug(std::string_view text) {
  log(LogLevel::debug, text);
}
inline void log_info(std::string_view text) {
  log(LogLevel::info, text);
}
inline void log_warning(std::string_view text) {
  log(LogLevel::warning, text);
}
inline void log_error(std::string_view text) {
  log(LogLevel::error, text);
}

/// A warning unless this very text was told before, for what a thousand files share. Remembers 10 000 texts; says once
/// when it is full, and tells nothing new after that.
void warn_once(std::string_view text);

/// For tests: while it lives, lines of every level come here instead, and warn_once has told nothing yet.
/// One at a time; other threads may log.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  /// The lines so far. No other thread may be logging.
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
  LogSink old_sink_;
  LogLevel old_level_;
};

}  // namespace wm::base
