#include "worldmill/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

namespace wm::base {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* doing, const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), fmt::format("{} {}", doing, path.string()));
}

// An open file that closes itself; close() reports what a delayed write found.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) fail("cannot open", path_);
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("cannot write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void sync() {
    if (::fsync(fd_) != 0) fail("cannot sync", path_);
  }
  void close() {
    if (::close(std::exchange(fd_, -1)) != 0) fail("cannot close", path_);
  }

 private:
  fs::path path_;
  int fd_;
};

void sync_folder(const fs::path& folder) {
  Descriptor(folder, O_RDONLY | O_DIRECTORY).sync();
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Makes the folder and its missing parents, and syncs the names of those that it made.
void make_folder(const fs::path& folder) {
  if (fs::is_directory(folder)) return;
  make_folder(folder_of(folder));
  fs::create_directory(folder);
  sync_folder(folder_of(folder));
}

class Disk final : public Files {
 public:
  Result<std::string> read(const fs::path& path, std::uint64_t budget) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not hold us
    if (fd < 0)
      return error(fmt::format("cannot be read: {}", std::generic_category().message(errno)), {path.string()});
    struct Closer {
      int fd;
      ~Closer() { ::close(fd); }
    } closer{fd};
    struct stat status {};
    if (::fstat(fd, &status) != 0) fail("cannot look at", path);
    if (!S_ISREG(status.st_mode)) return error("is not a regular file", {path.string()});
    std::string bytes;
    char block[1 << 16];
    while (true) {
      const ssize_t count = ::read(fd, block, sizeof block);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("cannot read", path);
      if (count == 0) return bytes;
      bytes.append(block, static_cast<std::size_t>(count));
      if (bytes.size() > budget) {
        return error(fmt::format("is larger than the {} bytes allowed here", budget), {path.string()});
      }
    }
  }

  void commit(const fs::path& path, std::string_view bytes) override {
    static std::atomic<std::uint64_t> serial = 0;
    make_folder(folder_of(path));
    const fs::path temporary = fmt::format("{}.{}-{}.tmp", path.string(), ::getpid(), serial++);
    try {
      Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
      file.write(bytes);
      file.sync();
      file.close();
      fs::rename(temporary, path);
    } catch (...) {
      std::error_code ignored;  // the first failure is the one to tell
      fs::remove(temporary, ignored);
      throw;
    }
    sync_folder(folder_of(path));
  }

  void append(const fs::path& path, std::string_view bytes) override {
    make_folder(folder_of(path));
    const bool is_new = !fs::exists(path);
    Descriptor file(path, O_WRONLY | O_CREAT | O_APPEND);
    file.write(bytes);
    file.sync();
    file.close();
    if (is_new) sync_folder(folder_of(path));
  }
};

}  // namespace

Files::Kind Files::kind(const fs::path& path) {
  std::error_code cannot_look;
  const fs::file_status status = fs::status(path, cannot_look);
  if (!fs::exists(status)) return Kind::nothing;
  if (fs::is_regular_file(status)) return Kind::file;
  return fs::is_directory(status) ? Kind::folder : Kind::other;
}

std::vector<std::string> Files::list(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code cannot_look;
  for (fs::directory_iterator entry(folder, cannot_look), end; entry != end && !cannot_look;) {
    names.push_back(entry->path().filename().string());
    entry.increment(cannot_look);
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path Files::resolve(const fs::path& path) {
  std::error_code cannot_look;
  return fs::canonical(path, cannot_look);
}

Files& disk() {
  static Disk disk;
  return disk;
}

}  // namespace wm::base
