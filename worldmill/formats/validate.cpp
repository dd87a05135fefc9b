#include "worldmill/formats/validate.h"

#include "worldmill/base/json.h"
#include "worldmill/image/decode.h"

namespace wm::formats {
namespace {

constexpr std::size_t kMostComplaints = 100;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 33;
constexpr base::JsonBudget kJson{kMostBytes, std::uint64_t{1} << 28, 100};

}  // namespace

bool Inspection::full() const {
  return complaints_.size() > kMostComplaints;
}

void Inspection::complain(const std::string& file, const std::string& what) {
  if (full()) return;
  complaints_.push_back(complaints_.size() == kMostComplaints ? folder_.string() + ": and more like these"
                                                              : (folder_ / file).string() + ": " + what);
}

bool Inspection::expect(bool promise, const std::string& file, const std::string& what) {
  if (!promise) complain(file, what);
  return promise;
}

bool Inspection::is_inside(const std::string& file) {
  const std::filesystem::path path(file);
  if (file.empty() || path.is_absolute()) return false;
  for (const std::filesystem::path& step : path) {
    if (step == ".." || step.empty()) return false;
  }
  return true;
}

std::optional<std::string> Inspection::read(const std::string& file) {
  if (!expect(is_inside(file), file, "is no path inside the folder")) return {};
  auto bytes = files_.read(folder_ / file, kMostBytes);
  if (!bytes) {
    complain(file, bytes.error().message);
    return {};
  }
  return std::move(*bytes);
}

std::optional<base::Value> Inspection::json(const std::string& file) {
  const auto bytes = read(file);
  if (!bytes) return {};
  auto value = base::parse_json(*bytes, file, kJson);
  if (!value) {
    complain(file, to_string(value.error()));
    return {};
  }
  return std::move(*value);
}

std::optional<image::ImageInfo> Inspection::picture(const std::string& file) {
  const auto bytes = read(file);
  if (!bytes) return {};
  auto info = image::image_info(*bytes, file);
  if (!info) {
    complain(file, info.error().message);
    return {};
  }
  return *info;
}

std::vector<std::string> Inspection::list(const std::string& subfolder) {
  return files_.list(subfolder.empty() ? folder_ : folder_ / subfolder);
}

}  // namespace wm::formats
