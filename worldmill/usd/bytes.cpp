#include "worldmill/usd/bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace wm::usd {
namespace {

constexpr std::size_t kMapFrom = 1 << 16;  // a small file is cheaper to read than to map

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

struct Mapping {
  void* at;
  std::size_t size;
  ~Mapping() { ::munmap(at, size); }
};

[[noreturn]] void machine_failed(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

Bytes bytes_of(std::string text) {
  auto kept = std::make_shared<const std::string>(std::move(text));
  return {{reinterpret_cast<const std::byte*>(kept->data()), kept->size()}, kept};
}

Result<Bytes> map_file(const std::filesystem::path& path, std::uint64_t budget) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return base::error("no such file", {path.string()});
    if (errno == EACCES || errno == ELOOP || errno == ENAMETOOLONG) {
      return base::error("this file cannot be opened: " + std::generic_category().message(errno), {path.string()});
    }
    machine_failed(path);
  }
  struct stat status {};
  if (::fstat(file.fd, &status) != 0) machine_failed(path);
  if (!S_ISREG(status.st_mode)) return base::error("this is no file", {path.string()});
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > budget) {
    return base::error(fmt::format("the file has {} bytes, more than the {} allowed", size, budget), {path.string()});
  }
  if (size < kMapFrom) {
    std::string text(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const ssize_t got = ::read(file.fd, text.data() + have, size - have);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) machine_failed(path);
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return bytes_of(std::move(text));
  }
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (at == MAP_FAILED) machine_failed(path);
  auto mapping = std::shared_ptr<const Mapping>(new Mapping{at, size});
  return Bytes{{static_cast<const std::byte*>(at), size}, std::move(mapping)};
}

}  // namespace wm::usd
