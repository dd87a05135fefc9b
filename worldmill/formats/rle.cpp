#include "worldmill/formats/rle.h"

#include <algorithm>
#include <map>

#include "worldmill/base/check.h"

namespace wm::formats {
namespace {

using base::error;

/// Runs of ones [start, end) in column order, as counts.
class Runs {
 public:
  void add(std::uint32_t start, std::uint32_t end) {
    if (!counts_.empty() && start == end_) {
      counts_.back() += end - start;
    } else {
      counts_.push_back(start - end_);
      counts_.push_back(end - start);
    }
    end_ = end;
  }
  Mask finish(int width, int height) {
    const auto size = static_cast<std::uint32_t>(width) * static_cast<std::uint32_t>(height);
    if (end_ < size || counts_.empty()) counts_.push_back(size - end_);
    return {width, height, std::move(counts_)};
  }

 private:
  std::vector<std::uint32_t> counts_;
  std::uint32_t end_ = 0;
};

/// Calls `found(id, start, end)` for every run of one id in column order.
template <class T, class Found>
void scan_columns(std::span<const T> rows, int width, int height, Found found) {
  const auto w = static_cast<std::size_t>(width), h = static_cast<std::size_t>(height);
  WM_CHECK(width >= 0 && height >= 0 && rows.size() == w * h && rows.size() < (std::size_t{1} << 31));
  if (rows.empty()) return;
  T id = rows.front();
  std::uint32_t start = 0, at = 0;
  for (std::size_t x = 0; x < w; ++x) {
    for (std::size_t y = 0; y < h; ++y, ++at) {
      const T here = rows[y * w + x];
      if (here == id) continue;
      found(id, start, at);
      id = here;
      start = at;
    }
  }
  found(id, start, at);
}

}  // namespace

Mask encode_mask(std::span<const std::uint8_t> rows, int width, int height) {
  Runs runs;
  scan_columns(rows, width, height, [&](std::uint8_t id, std::uint32_t start, std::uint32_t end) {
    if (id != 0) runs.add(start, end);
  });
  return runs.finish(width, height);
}

std::vector<std::uint8_t> decode_mask(const Mask& mask) {
  const auto w = static_cast<std::size_t>(mask.width), h = static_cast<std::size_t>(mask.height);
  std::vector<std::uint8_t> rows(w * h);
  std::size_t at = 0;
  for (std::size_t i = 0; i < mask.counts.size(); ++i) {
    const std::size_t end = at + mask.counts[i];
    WM_CHECK(end <= rows.size());
    if (i % 2 == 0) at = end;
    for (; at < end; ++at) rows[at % h * w + at / h] = 1;
  }
  return rows;
}

std::string mask_text(const Mask& mask) {  // rleToString of pycocotools' maskApi.c
  std::string text;
  for (std::size_t i = 0; i < mask.counts.size(); ++i) {
    std::int64_t x = mask.counts[i];
    if (i > 2) x -= mask.counts[i - 2];
    for (bool more = true; more;) {
      std::int64_t bits = x & 0x1f;
      x >>= 5;
      more = (bits & 0x10) != 0 ? x != -1 : x != 0;
      if (more) bits |= 0x20;
      text += static_cast<char>(bits + 48);
    }
  }
  return text;
}

Result<Mask> mask_from_text(std::string_view text, int width, int height) {
  const std::int64_t size = std::int64_t{width} * height;
  Mask mask{width, height, {}};
  std::int64_t filled = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::int64_t x = 0;
    for (int shift = 0;; shift += 5) {
      if (at == text.size() || shift > 35) return error("the run lengths stop inside a number");
      const int bits = text[at++] - 48;
      if (bits < 0 || bits > 63) return error("the run lengths hold a character that is none of theirs");
      x |= std::int64_t{bits & 0x1f} << shift;
      if ((bits & 0x20) != 0) continue;
      if ((bits & 0x10) != 0) x |= ~std::int64_t{0} << (shift + 5);
      break;
    }
    if (mask.counts.size() > 2) x += mask.counts[mask.counts.size() - 2];
    if (x < 0 || x > size - filled) return error("the run lengths do not fit the picture");
    filled += x;
    mask.counts.push_back(static_cast<std::uint32_t>(x));
  }
  if (filled != size) return error("the run lengths do not fill the picture");
  return mask;
}

MaskBox box_of(const Mask& mask) {
  MaskBox box{0, mask.width, mask.height, 0, 0};
  const auto h = static_cast<std::uint32_t>(mask.height);
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < mask.counts.size(); ++i) {
    const std::uint32_t start = at;
    at += mask.counts[i];
    if (i % 2 == 0 || at == start) continue;
    const std::uint32_t last = at - 1;
    const bool one_column = start / h == last / h;
    box.area += at - start;
    box.x_min = std::min(box.x_min, static_cast<int>(start / h));
    box.x_max = std::max(box.x_max, static_cast<int>(last / h) + 1);
    box.y_min = std::min(box.y_min, one_column ? static_cast<int>(start % h) : 0);
    box.y_max = std::max(box.y_max, one_column ? static_cast<int>(last % h) + 1 : mask.height);
  }
  return box.area == 0 ? MaskBox{} : box;
}

std::vector<InstanceMask> instance_masks(std::span<const std::uint32_t> instances, int width, int height) {
  std::map<std::uint32_t, Runs> runs;
  scan_columns(instances, width, height, [&](std::uint32_t id, std::uint32_t start, std::uint32_t end) {
    if (id != 0) runs[id].add(start, end);
  });
  std::vector<InstanceMask> masks;
  for (auto& [instance, found] : runs) {
    Mask mask = found.finish(width, height);
    const MaskBox box = box_of(mask);
    masks.push_back({instance, std::move(mask), box});
  }
  return masks;
}

}  // namespace wm::formats
