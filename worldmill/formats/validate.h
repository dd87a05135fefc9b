#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "worldmill/base/files.h"
#include "worldmill/base/value.h"
#include "worldmill/image/pixels.h"

namespace wm::formats {

/// Reads a written folder back and keeps what is not sound in it: one sentence each, with the file, up to a hundred.
class Inspection {
 public:
  Inspection(base::Files& files, std::filesystem::path folder) : files_(files), folder_(std::move(folder)) {}

  void complain(const std::string& file, const std::string& what);
  /// False, and a complaint, when `promise` does not hold.
  bool expect(bool promise, const std::string& file, const std::string& what);
  std::vector<std::string> finish() { return std::move(complaints_); }
  bool full() const;

  /// These complain when they give nothing.
  std::optional<std::string> read(const std::string& file);
  std::optional<base::Value> json(const std::string& file);
  std::optional<image::ImageInfo> picture(const std::string& file);  ///< What its header says.

  /// Names in a subfolder, sorted; the folder itself for "".
  std::vector<std::string> list(const std::string& subfolder);
  /// A relative path that stays in the folder: files are named by what the folder holds.
  static bool is_inside(const std::string& file);

 private:
  base::Files& files_;
  std::filesystem::path folder_;
  std::vector<std::string> complaints_;
};

}  // namespace wm::formats
