#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

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

  /// What stands at a path, symbolic links followed; `other` is what is neither file nor folder.
  enum class Kind { nothing, file, folder, other };

  // These three look at the real disk unless overridden, and give nothing where they may not look.

  virtual Kind kind(const std::filesystem::path& path);

  /// Names in a folder (not `.` and `..`), sorted by their bytes; empty when it is none or cannot be read.
  virtual std::vector<std::string> list(const std::filesystem::path& folder);

  /// The absolute path with every symbolic link resolved; empty when nothing stands there.
  virtual std::filesystem::path resolve(const std::filesystem::path& path);
};

/// The real disk. Lives as long as the program.
Files& disk();

}  // namespace wm::base
