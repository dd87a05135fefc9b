#pragma once
#include <mujoco/mujoco.h>

#include <set>
#include <string>

namespace wm::mujoco {

/// Keeps the library from printing and from writing a log file beside the program: what it has to say comes back from
/// its calls. To be called before any other of them; again does nothing. Thread-safe.
void silence();

/// Files in memory alone, for a library that would open them itself. Not thread-safe.
class MemoryDisk {
 public:
  MemoryDisk();
  ~MemoryDisk();
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;

  /// A second file of a name is passed over. At most 2 GB each.
  void add(const std::string& name, const std::string& bytes);
  const mjVFS* get() const { return &vfs_; }

 private:
  mjVFS vfs_;
  std::set<std::string> names_;
};

}  // namespace wm::mujoco
