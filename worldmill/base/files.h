#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "worldmill/base/result.h"

namespace wm::base {

/// The disk, behind an interface so that a test can make it fail. Thread-safe for different paths.
/// What a user can mend (no such file, too large) comes back as a Result; what the machine does to us
/// (disk full, input/output error) is thrown as std::system_error that names the path.
class Files {
 public:
  virtual ~Files() = default;

  /// The whole file, refused when it is longer than `budget` [bytes] or not a regular file.
  virtual Result<std::string> read(const std::filesystem::path& path, std::uint64_t budget) = 0;

  /// All or nothing: written to a temporary beside `path`, synced, renamed over it, the folder synced.
  /// Makes missing folders. After a crash at any instant `path` holds its old bytes or the new ones.
  virtual void commit(const std::filesystem::path& path, std::string_view bytes) = 0;

  /// Adds `bytes` at the end of `path` (made when missing) and syncs; one call's bytes may be cut by a crash.
  virtual void append(const std::filesystem::path& path, std::string_view bytes) = 0;
};

/// The real disk. Lives as long as the program.
Files& disk();

}  // namespace wm::base
