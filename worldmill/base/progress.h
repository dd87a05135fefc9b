#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace wm::base {

/// What a person wants to know while waiting: how much of how much, how fast, how long yet.
/// A pure function of what it is given; who prints it and where is the door's affair.
struct Progress {
  std::int64_t done = 0;    ///< Units finished by now, those of earlier runs included; at most `total`.
  std::int64_t total = 0;   ///< Units ordered.
  std::int64_t before = 0;  ///< Of `done`, units that earlier runs finished: they do not count as speed.
  std::chrono::duration<double> elapsed{};  ///< Since this run began.
};

/// `37/1000 samples  3.7 %  2.1/s  7 min 39 s left`; rate and rest appear once something is done in this run.
std::string to_line(const Progress& progress, const char* unit);

/// The line with a bar before it, `width` columns in all (at least 20 for the bar to appear).
std::string to_bar(const Progress& progress, const char* unit, int width);

/// `42 s`, `7 min 39 s`, `3 h 05 min`; negative counts as 0.
std::string to_text(std::chrono::duration<double> span);

}  // namespace wm::base
