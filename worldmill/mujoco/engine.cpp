#include "worldmill/mujoco/engine.h"

#include <limits>
#include <mutex>

#include "worldmill/base/check.h"

namespace wm::mujoco {

void silence() {
  static std::once_flag once;
  std::call_once(once, [] {
    mjLogConfig config = mju_getLogConfig();
    config.logto_console = false;
    config.logto_file = false;
    mju_setLogConfig(config);
  });
}

MemoryDisk::MemoryDisk() {
  mj_defaultVFS(&vfs_);
}

MemoryDisk::~MemoryDisk() {
  mj_deleteVFS(&vfs_);
}

void MemoryDisk::add(const std::string& name, const std::string& bytes) {
  WM_CHECK(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  if (names_.insert(name).second) mj_addBufferVFS(&vfs_, name.c_str(), bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace wm::mujoco
