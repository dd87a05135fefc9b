#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worldmill/base/result.h"
#include "worldmill/usd/bytes.h"

namespace wm::usd {

/// A USDZ file: a zip archive whose members are stored as they are. Members point into the archive's bytes. SPEC 16.4.
class Package {
 public:
  struct Member {
    std::string name;  ///< With forward slashes, relative, without `..`.
    Bytes bytes;
    bool aligned = false;  ///< Its data begins at a multiple of 64 bytes.
  };

  /// Compressed or encrypted members, names that leave the package and overlapping data are refused with a sentence.
  static Result<Package> open(const Bytes& bytes, const std::string& file);

  const std::vector<Member>& members() const { return members_; }
  const Member* find(std::string_view name) const;

 private:
  std::vector<Member> members_;
};

/// The archive of these members, the first being the root layer; data at multiples of 64 bytes, times zero.
std::string write_package(const std::vector<std::pair<std::string, std::string_view>>& members);

/// `a.usdz[b/c.png]` taken apart at its first bracket; the second part is empty when there is none.
std::pair<std::string_view, std::string_view> split_package_path(std::string_view path);
/// `a.usdz[b.usdz]` and `c.usda` make `a.usdz[b.usdz[c.usda]]`.
std::string package_path(std::string_view package, std::string_view inner);

}  // namespace wm::usd
