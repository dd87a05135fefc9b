#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/base/result.h"

namespace wm::formats {

/// How a format that demands dense integers calls its images: `000000`, `000001`, ... in the order of (id, sensor).
/// Writers name files by stem (`000012_cam`); whoever seals a part gives the numbers, when it is known who is there.
class Numbering {
 public:
  /// `fragments` of a numbered writer, in order: a stem a line. One that holds none is refused.
  static Result<Numbering> of(std::span<const std::string> fragments);
  /// Reads what `to_text` wrote; `file` is named by complaints.
  static Result<Numbering> parse(std::string_view text, const std::string& file);
  /// `{"number":"000000","image":"000012_cam"}`, a line each.
  std::string to_text() const;

  std::size_t count() const { return stems_.size(); }
  static std::string number(std::size_t index);

  /// The path with its file's stem as number, or the other way; itself when the stem is none that is known.
  std::string numbered(const std::string& path) const;
  std::string named(const std::string& path) const;

 private:
  void add(std::string stem);

  std::vector<std::string> stems_;  // [number]
  std::map<std::string, std::string, std::less<>> numbers_of_, stems_of_;
};

}  // namespace wm::formats
