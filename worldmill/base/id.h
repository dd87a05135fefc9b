#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>

#include "worldmill/base/check.h"

namespace wm::base {

/// A stable handle: the index of one thing in a table of its kind, or none. Handles of different kinds do not mix:
/// `using MeshId = base::Id<struct MeshTag>;`.
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  explicit constexpr Id(std::size_t index) : value_(static_cast<std::uint32_t>(index)) {}

  constexpr bool exists() const { return value_ != kNone; }
  /// The index; there must be one.
  constexpr std::size_t index() const {
    WM_CHECK(exists());
    return value_;
  }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::uint32_t value_ = kNone;
};

}  // namespace wm::base
