#include "worldmill/base/result.h"

#include <algorithm>
#include <vector>

namespace wm::base {

std::string to_string(const Diagnostic& diagnostic) {
  std::string text;
  const Place& place = diagnostic.place;
  if (!place.file.empty()) text += place.file + ":";
  if (place.line > 0) text += std::to_string(place.line) + ":";
  if (place.line > 0 && place.column > 0) text += std::to_string(place.column) + ":";
  if (!text.empty()) text += " ";
  return text + diagnostic.message;
}

tl::unexpected<Diagnostic> error(std::string message, Place place) {
  return tl::unexpected(Diagnostic{std::move(place), std::move(message)});
}

// Optimal string alignment: three rows of the Levenshtein table, so that a swap can look two back.
int edit_distance(std::string_view a, std::string_view b) {
  const int width = static_cast<int>(b.size()) + 1;
  std::vector<int> before(width), above(width), row(width);
  for (int j = 0; j < width; ++j) above[j] = j;
  for (int i = 1; i <= static_cast<int>(a.size()); ++i) {
    row[0] = i;
    for (int j = 1; j < width; ++j) {
      const int replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[width - 1];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  const int limit = std::max(1, static_cast<int>(word.size()) / 3);
  std::string_view best;
  int best_distance = limit + 1;
  for (const std::string_view candidate : candidates) {
    const int distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view best = nearest(word, candidates);
  return best.empty() ? "" : "; did you mean \"" + std::string(best) + "\"?";
}

}  // namespace wm::base
