#include "worldmill/formats/numbering.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/formats/json_writing.h"

namespace wm::formats {
namespace {

using Names = std::map<std::string, std::string, std::less<>>;

std::string renamed(const std::string& path, const Names& names) {
  const std::size_t begin = path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1;
  const std::size_t dot = path.find('.', begin), end = dot == path.npos ? path.size() : dot;
  const auto at = names.find(std::string_view(path).substr(begin, end - begin));
  return at == names.end() ? path : path.substr(0, begin) + at->second + path.substr(end);
}

/// Calls `use` with each line and its number from 1.
template <class Use>
Status for_each_line(std::string_view text, Use use) {
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    WM_TRY_STATUS(use(text.substr(0, end), number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace

void Numbering::add(std::string stem) {
  const std::string digits = number(stems_.size());
  numbers_of_[stem] = digits;
  stems_of_[digits] = stem;
  stems_.push_back(std::move(stem));
}

std::string Numbering::number(std::size_t index) {
  return fmt::format("{:06}", index);
}

Result<Numbering> Numbering::of(std::span<const std::string> fragments) {
  Numbering numbering;
  for (const std::string& fragment : fragments) {
    WM_TRY_STATUS(for_each_line(fragment, [&](std::string_view stem, int) -> Status {
      const bool is_stem = !stem.empty() && stem.find_first_of("/.\"") == stem.npos && stem.find('_') != stem.npos;
      if (!is_stem || numbering.numbers_of_.contains(stem)) {
        return base::error(fmt::format("a fragment names an image \"{}\", which is no stem or stands twice", stem));
      }
      numbering.add(std::string(stem));
      return {};
    }));
  }
  return numbering;
}

Result<Numbering> Numbering::parse(std::string_view text, const std::string& file) {
  Numbering numbering;
  WM_TRY_STATUS(for_each_line(text, [&](std::string_view line, int at) -> Status {
    WM_TRY(value, base::parse_json(line, file));
    const base::Value *digits = value.find("number"), *stem = value.find("image");
    if (!digits || !digits->text() || *digits->text() != number(numbering.count()) || !stem || !stem->text()) {
      return base::error("this line does not give the next image its number", {file, at, 0});
    }
    numbering.add(*stem->text());
    return {};
  }));
  return numbering;
}

std::string Numbering::to_text() const {
  std::string text;
  for (std::size_t i = 0; i < stems_.size(); ++i) {
    object_in(text).member("number", std::string_view(number(i))).member("image", std::string_view(stems_[i])).close();
    text += '\n';
  }
  return text;
}

std::string Numbering::numbered(const std::string& path) const {
  return renamed(path, numbers_of_);
}

std::string Numbering::named(const std::string& path) const {
  return renamed(path, stems_of_);
}

}  // namespace wm::formats
