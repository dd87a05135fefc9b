#include "worldmill/image/hdr.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "worldmill/base/check.h"

// A Radiance picture (Ward, "Real Pixels", Graphics Gems II; Radiance's color.c):
//
//   #?RADIANCE                  lines of text, NAME=value, until an empty one
//   FORMAT=32-bit_rle_rgbe
//   EXPOSURE=2.5                what the pixels were multiplied by; several multiply
//
//   -Y 512 +X 1024              512 scanlines from the top, 1024 pixels each from the left; any order and signs
//   2 2 hi lo                   a scanline, new: then all its r, all its g, b, e, each in pieces:
//                                 n > 128: n - 128 times the next byte;  1..128: n bytes as they are
//   r g b e                     or old: pixel by pixel; 1 1 1 n repeats the last n << 8 k times, k counts such in a row
//
// A pixel is (r, g, b) * 2^(e - 136); e = 0 is black.

namespace wm::image {
namespace {

using base::error;
using base::Place;
using Rgbe = std::array<std::uint8_t, 4>;

constexpr int kShortestNew = 8;  // scanlines that the new encoding may hold
constexpr int kLongestNew = 0x7fff;

struct Header {
  std::int64_t width = 0, height = 0;
  bool by_columns = false;  // scanlines run along y
  bool from_right = false, from_bottom = false;
  std::array<double, 3> exposure = {1, 1, 1};
  std::size_t size = 0;  // bytes of text before the pixels
};

class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  std::optional<std::string_view> next() {
    const std::size_t end = text_.substr(at_, 4096).find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = text_.substr(at_, end);
    at_ += end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  std::size_t read() const { return at_; }
  int number = 0;

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::string_view next_word(std::string_view* text) {
  const std::size_t begin = std::min(text->find_first_not_of(" \t"), text->size());
  const std::size_t end = std::min(text->find_first_of(" \t", begin), text->size());
  const std::string_view word = text->substr(begin, end - begin);
  text->remove_prefix(end);
  return word;
}

template <class Number>
bool read_number(std::string_view word, Number* number) {
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), *number);
  return fault == std::errc() && end == word.data() + word.size();
}

// `values` takes one number for all three channels, or three.
Status multiply_exposure(std::string_view name, std::string_view text, int count, Header* header, const Place& place) {
  double value = 1;
  for (int i = 0; i < 3; ++i) {
    if (i < count && (!read_number(next_word(&text), &value) || !(value > 0) || !std::isfinite(value))) {
      return error(fmt::format("{} must be {} positive number{}", name, count, count == 1 ? "" : "s"), place);
    }
    header->exposure[i] *= value;
    if (!(header->exposure[i] > 1e-30 && header->exposure[i] < 1e30)) {
      return error("the exposures multiply to more than a picture can hold", place);
    }
  }
  return {};
}

Status read_setting(std::string_view line, Header* header, const Place& place) {
  const std::size_t equals = std::min(line.find('='), line.size());
  const std::string_view name = line.substr(0, equals);
  std::string_view value = line.substr(std::min(equals + 1, line.size()));
  if (name == "EXPOSURE") return multiply_exposure(name, value, 1, header, place);
  if (name == "COLORCORR") return multiply_exposure(name, value, 3, header, place);
  if (name != "FORMAT") return {};
  const std::string_view format = next_word(&value);
  if (format == "32-bit_rle_rgbe") return {};
  if (format == "32-bit_rle_xyze") return error("has XYZ colours; convert it to RGB", place);
  return error(fmt::format("has the unknown format \"{}\"; 32-bit_rle_rgbe can be read", format), place);
}

bool read_axis(std::string_view axis, std::string_view length, Header* header) {
  if (axis.size() != 2 || (axis[0] != '-' && axis[0] != '+')) return false;
  const bool is_x = axis[1] == 'X';
  std::int64_t& size = is_x ? header->width : header->height;
  if ((!is_x && axis[1] != 'Y') || size != 0) return false;
  (is_x ? header->from_right : header->from_bottom) = axis[0] == (is_x ? '-' : '+');
  return read_number(length, &size) && size != 0;
}

Status read_size(std::string_view line, Header* header, const Place& place) {
  std::array<std::string_view, 4> word;
  std::string_view rest = line;
  for (std::string_view& each : word) each = next_word(&rest);
  if (!next_word(&rest).empty() || !read_axis(word[0], word[1], header) || !read_axis(word[2], word[3], header)) {
    return error("a size must stand here, like -Y 512 +X 1024", place);
  }
  header->by_columns = word[0][1] == 'X';
  return {};
}

Result<Header> read_header(std::string_view bytes, const std::string& file) {
  Header header;
  Lines lines(bytes);
  for (bool in_settings = true;;) {
    const std::optional<std::string_view> line = lines.next();
    const Place place{file, lines.number};
    if (!line) return error("is a broken Radiance picture: its header ends too soon", {file});
    if (lines.number == 1 && !line->starts_with("#?RADIANCE") && !line->starts_with("#?RGBE")) {
      return error("is no Radiance picture: it must begin with #?RADIANCE", place);
    }
    if (!in_settings) {
      WM_TRY_STATUS(read_size(*line, &header, place));
      header.size = lines.read();
      return header;
    }
    in_settings = !line->empty();
    WM_TRY_STATUS(read_setting(*line, &header, place));
  }
}

// Reads scanlines; a failure leaves its sentence in `complaint`.
class Scanlines {
 public:
  explicit Scanlines(std::string_view bytes) : bytes_(bytes) {}

  bool read(std::vector<Rgbe>* line) {
    const std::size_t width = line->size();
    const bool is_new = width >= kShortestNew && width <= kLongestNew && bytes_.size() >= 4 && byte(0) == 2 &&
                        byte(1) == 2 && byte(2) < 128;
    if (!is_new) return read_old(line);
    if (static_cast<std::size_t>(byte(2) << 8 | byte(3)) != width) return fail("a scanline has the wrong length");
    bytes_.remove_prefix(4);
    for (std::size_t channel = 0; channel < 4; ++channel) {
      if (!read_channel(line, channel)) return false;
    }
    return true;
  }

  const char* complaint = "";

 private:
  std::uint8_t byte(std::size_t i) const { return static_cast<std::uint8_t>(bytes_[i]); }
  bool fail(const char* sentence) {
    complaint = sentence;
    return false;
  }

  bool read_channel(std::vector<Rgbe>* line, std::size_t channel) {
    for (std::size_t x = 0; x < line->size();) {
      if (bytes_.size() < 2) return fail("the file ends too soon");
      const bool is_run = byte(0) > 128;
      const std::size_t count = is_run ? byte(0) - 128u : byte(0);
      const std::size_t taken = is_run ? 2 : count + 1;
      if (count == 0 || count > line->size() - x) return fail("a run leaves its scanline");
      if (taken > bytes_.size()) return fail("the file ends too soon");
      for (std::size_t i = 0; i < count; ++i) (*line)[x++][channel] = byte(is_run ? 1 : 1 + i);
      bytes_.remove_prefix(taken);
    }
    return true;
  }

  bool read_old(std::vector<Rgbe>* line) {
    int repeats = 0;
    for (std::size_t x = 0; x < line->size();) {
      if (bytes_.size() < 4) return fail("the file ends too soon");
      const Rgbe pixel = {byte(0), byte(1), byte(2), byte(3)};
      bytes_.remove_prefix(4);
      if (pixel[0] != 1 || pixel[1] != 1 || pixel[2] != 1) {
        (*line)[x++] = last_ = pixel;
        repeats = 0;
        continue;
      }
      if (repeats > 3) return fail("a run leaves its scanline");
      const std::size_t count = std::size_t{pixel[3]} << (8 * repeats++);
      if (count > line->size() - x) return fail("a run leaves its scanline");
      std::fill_n(line->begin() + static_cast<std::ptrdiff_t>(x), count, last_);
      x += count;
    }
    return true;
  }

  std::string_view bytes_;
  Rgbe last_{};
};

// What mantissa 1 means under each exponent, the exposure of one channel divided out.
std::array<double, 256> steps(double exposure) {
  std::array<double, 256> step{};
  for (int e = 1; e < 256; ++e) step[e] = std::ldexp(1.0, e - 136) / exposure;
  return step;
}

class Placer {
 public:
  Placer(const Header& header, Pixels<float>* pixels)
      : header_(header),
        pixels_(pixels),
        step_{steps(header.exposure[0]), steps(header.exposure[1]), steps(header.exposure[2])} {}

  void place(int scanline, const std::vector<Rgbe>& line) {
    for (int i = 0; i < static_cast<int>(line.size()); ++i) {
      const int x = header_.by_columns ? scanline : i;
      const int y = header_.by_columns ? i : scanline;
      float* to = &pixels_->at(header_.from_right ? pixels_->width - 1 - x : x,
                               header_.from_bottom ? pixels_->height - 1 - y : y);
      for (std::size_t c = 0; c < 3; ++c) to[c] = static_cast<float>(line[i][c] * step_[c][line[i][3]]);
    }
  }

 private:
  const Header& header_;
  Pixels<float>* pixels_;
  std::array<std::array<double, 256>, 3> step_;
};

Rgbe rgbe_of(const float* rgb) {
  constexpr float kBrightest = 255 * 0x1p119f;
  float clean[3];
  for (int c = 0; c < 3; ++c) clean[c] = rgb[c] > 0 ? std::min(rgb[c], kBrightest) : 0;
  const float most = std::max({clean[0], clean[1], clean[2]});
  int exponent = 0;
  std::frexp(most, &exponent);
  if (std::ldexp(most, 8 - exponent) >= 255.5f) ++exponent;  // would round to 256
  if (most == 0 || exponent + 128 < 1) return {0, 0, 0, 0};
  Rgbe pixel{0, 0, 0, static_cast<std::uint8_t>(exponent + 128)};
  for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(std::ldexp(clean[c], 8 - exponent) + 0.5f);
  return pixel;
}

// How many of the bytes from `x` on are equal, at most 127.
int run_at(const std::vector<std::uint8_t>& line, std::size_t x) {
  int run = 1;
  while (run < 127 && x + run < line.size() && line[x + run] == line[x]) ++run;
  return run;
}

void write_channel(const std::vector<std::uint8_t>& line, std::string* bytes) {
  constexpr int kWorthARun = 4;
  for (std::size_t x = 0; x < line.size();) {
    std::size_t literal = 0;
    int run = 0;
    while (literal < 128 && x + literal < line.size() && (run = run_at(line, x + literal)) < kWorthARun) ++literal;
    if (literal > 0) {
      bytes->push_back(static_cast<char>(literal));
      bytes->append(reinterpret_cast<const char*>(&line[x]), literal);
      x += literal;
    } else {
      bytes->push_back(static_cast<char>(128 + run));
      bytes->push_back(static_cast<char>(line[x]));
      x += static_cast<std::size_t>(run);
    }
  }
}

void write_scanline(const std::vector<Rgbe>& line, std::string* bytes) {
  const int width = static_cast<int>(line.size());
  if (width < kShortestNew || width > kLongestNew) {
    for (const Rgbe& pixel : line) bytes->append(pixel.begin(), pixel.end());
    return;
  }
  bytes->append({2, 2, static_cast<char>(width >> 8), static_cast<char>(width & 255)});
  std::vector<std::uint8_t> channel(line.size());
  for (std::size_t c = 0; c < 4; ++c) {
    for (std::size_t x = 0; x < line.size(); ++x) channel[x] = line[x][c];
    write_channel(channel, bytes);
  }
}

}  // namespace

std::string encode_hdr(const Pixels<float>& pixels) {
  WM_CHECK(pixels.width > 0 && pixels.height > 0 && pixels.channels == 3);
  std::string bytes = fmt::format("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {} +X {}\n", pixels.height, pixels.width);
  std::vector<Rgbe> line(static_cast<std::size_t>(pixels.width));
  for (int y = 0; y < pixels.height; ++y) {
    for (int x = 0; x < pixels.width; ++x) line[x] = rgbe_of(&pixels.at(x, y));
    write_scanline(line, &bytes);
  }
  return bytes;
}

Result<Pixels<float>> decode_hdr(std::string_view bytes, const Budget& budget, const std::string& file) {
  WM_TRY(header, read_header(bytes, file));
  WM_TRY_STATUS(check_size(header.width, header.height, budget, file));
  Pixels<float> pixels(static_cast<int>(header.width), static_cast<int>(header.height), 3);
  Scanlines scanlines(bytes.substr(header.size));
  Placer placer(header, &pixels);
  const int count = header.by_columns ? pixels.width : pixels.height;
  std::vector<Rgbe> line(static_cast<std::size_t>(header.by_columns ? header.height : header.width));
  for (int i = 0; i < count; ++i) {
    if (!scanlines.read(&line)) {
      return error(fmt::format("is a broken Radiance picture: scanline {}: {}", i, scanlines.complaint), {file});
    }
    placer.place(i, line);
  }
  return pixels;
}

Result<ImageInfo> hdr_info(std::string_view bytes, const std::string& file) {
  WM_TRY(header, read_header(bytes, file));
  WM_TRY_STATUS(check_size(header.width, header.height, {INT64_MAX}, file));
  return ImageInfo{static_cast<int>(header.width), static_cast<int>(header.height), 3, ImageFormat::hdr};
}

}  // namespace wm::image
