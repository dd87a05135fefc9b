#include "worldmill/image/exr.h"

#include <OpenEXR/Iex.h>
#include <OpenEXR/ImfChannelList.h>
#include <OpenEXR/ImfFrameBuffer.h>
#include <OpenEXR/ImfHeader.h>
#include <OpenEXR/ImfIO.h>
#include <OpenEXR/ImfInputFile.h>
#include <OpenEXR/ImfOutputFile.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <tuple>

#include "worldmill/base/check.h"
#include "worldmill/image/half.h"

// The header is read twice: first by us, so that sizes are known before the library allocates anything from them, then
// by OpenEXR. It is (all numbers little-endian):
//
//   76 2f 31 01, version and flags (u32), then attributes: name \0 type \0 size (i32) value; an empty name ends
//   dataWindow, displayWindow: x and y of the first, x and y of the last pixel (i32)
//   channels: name \0, kind (i32), 4 bytes, sampling in x and y (i32); an empty name ends

namespace wm::image {
namespace {

using base::error;

constexpr std::uint32_t kDeep = 0x800, kMultiPart = 0x1000;
constexpr int kZipLevel = 4;

struct Window {
  std::int32_t x0 = 0, y0 = 0, x1 = -1, y1 = -1;
  std::int64_t width() const { return std::int64_t{x1} - x0 + 1; }
  std::int64_t height() const { return std::int64_t{y1} - y0 + 1; }
  friend bool operator==(const Window&, const Window&) = default;
};

struct Header {
  Window data, display;
  std::int64_t tile_width = 1, tile_height = 1;
  std::vector<std::string> channels;
};

// Walks over bytes; after a step beyond the end `ok` is false and everything reads as zero.
struct Cursor {
  std::string_view left;
  bool ok = true;

  std::string_view take(std::size_t count) {
    ok = ok && count <= left.size();
    if (!ok) return {};
    const std::string_view taken = left.substr(0, count);
    left.remove_prefix(count);
    return taken;
  }
  template <class T>
  T number() {
    T value{};
    const std::string_view taken = take(sizeof(T));
    if (ok) std::memcpy(&value, taken.data(), sizeof(T));
    return value;
  }
  std::string_view name() {
    const std::size_t length = left.substr(0, 256).find('\0');
    const std::string_view taken = take(length);
    take(1);
    return ok ? taken : std::string_view();
  }
};

tl::unexpected<base::Diagnostic> broken(const std::string& why, const std::string& file) {
  return error(fmt::format("is a broken OpenEXR picture: {}", why), {file});
}

Window read_window(Cursor* cursor) {
  Window window;
  window.x0 = cursor->number<std::int32_t>();
  window.y0 = cursor->number<std::int32_t>();
  window.x1 = cursor->number<std::int32_t>();
  window.y1 = cursor->number<std::int32_t>();
  return window;
}

// By layer, then R G B A, then by name.
auto order_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  const std::string layer = dot == std::string::npos ? "" : name.substr(0, dot);
  const std::string last = dot == std::string::npos ? name : name.substr(dot + 1);
  const std::size_t rank = last.size() == 1 ? std::string_view("RGBA").find(last[0]) : std::string_view::npos;
  return std::tuple(layer, rank, last);
}

Result<std::vector<std::string>> read_channels(Cursor* cursor, const std::string& file) {
  std::vector<std::string> names;
  for (;;) {
    const std::string name(cursor->name());
    if (!cursor->ok) return broken("its channel list ends too soon", file);
    if (name.empty()) break;
    cursor->take(8);
    const auto x_sampling = cursor->number<std::int32_t>();
    const auto y_sampling = cursor->number<std::int32_t>();
    if (cursor->ok && (x_sampling != 1 || y_sampling != 1)) {
      return error(fmt::format("its channel {} is subsampled; save every channel in full resolution", name), {file});
    }
    names.push_back(name);
  }
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return order_of(a) < order_of(b); });
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin != names.end()) return broken(fmt::format("channel {} stands in it twice", *twin), file);
  if (names.empty()) return broken("it has no channels", file);
  return names;
}

Status read_attribute(std::string_view name, std::string_view type, Cursor value, Header* header,
                      const std::string& file) {
  if (name == "dataWindow") header->data = read_window(&value);
  if (name == "displayWindow") header->display = read_window(&value);
  if (name == "channels") {
    WM_TRY(channels, read_channels(&value, file));
    header->channels = std::move(channels);
  }
  if (name == "tiles") {
    header->tile_width = value.number<std::uint32_t>();
    header->tile_height = value.number<std::uint32_t>();
  }
  if (type == "preview") {  // the library believes its size
    const std::int64_t width = value.number<std::uint32_t>();
    const std::int64_t height = value.number<std::uint32_t>();
    value.ok = value.ok && width < 65536 && height < 65536 && width * height * 4 == std::ssize(value.left);
  }
  if (!value.ok) return broken(fmt::format("its attribute {} has the wrong size", name), file);
  return {};
}

Status check_kind(std::uint32_t version, const std::string& file) {
  if ((version & 0xff) != 2) {
    return error(fmt::format("is OpenEXR of version {}; 2 can be read", version & 0xff), {file});
  }
  if ((version & kDeep) != 0) return error("is a deep OpenEXR picture; flatten it", {file});
  if ((version & kMultiPart) != 0) {
    return error("is an OpenEXR picture of several parts; save each part as a file", {file});
  }
  return {};
}

Result<Header> read_header(std::string_view bytes, const std::string& file) {
  Cursor cursor{bytes};
  if (cursor.number<std::uint32_t>() != 20000630) return error("is no OpenEXR picture", {file});
  const auto version = cursor.number<std::uint32_t>();
  if (cursor.ok) WM_TRY_STATUS(check_kind(version, file));
  Header header;
  for (;;) {
    const std::string_view name = cursor.name();
    if (cursor.ok && name.empty()) break;
    const std::string_view type = cursor.name();
    const auto size = cursor.number<std::int32_t>();
    const std::string_view value = cursor.take(static_cast<std::uint32_t>(size));
    if (!cursor.ok) return broken("its header ends too soon", file);
    WM_TRY_STATUS(read_attribute(name, type, Cursor{value}, &header, file));
  }
  if (header.channels.empty()) return broken("it has no channels", file);
  return header;
}

Status check_header(const Header& header, const Budget& budget, const std::string& file) {
  const std::int64_t quads = (std::ssize(header.channels) + 3) / 4;
  const Budget each{budget.pixels / quads};
  WM_TRY_STATUS(check_size(header.display.width(), header.display.height(), each, file));
  WM_TRY_STATUS(check_size(header.data.width(), header.data.height(), each, file));
  return check_size(header.tile_width, header.tile_height, each, file);
}

class StringSource : public Imf::IStream {
 public:
  StringSource(std::string_view bytes, const char* name) : IStream(name), bytes_(bytes) {}
  bool read(char to[], int count) override {
    if (count < 0 || at_ > bytes_.size() || static_cast<std::size_t>(count) > bytes_.size() - at_) {
      throw Iex::InputExc("the file ends too soon");
    }
    std::memcpy(to, bytes_.data() + at_, static_cast<std::size_t>(count));
    at_ += static_cast<std::size_t>(count);
    return at_ < bytes_.size();
  }
  std::uint64_t tellg() override { return at_; }
  void seekg(std::uint64_t at) override { at_ = at; }

 private:
  std::string_view bytes_;
  std::uint64_t at_ = 0;
};

class StringSink : public Imf::OStream {
 public:
  StringSink() : OStream("memory") {}
  void write(const char from[], int count) override {
    const auto size = static_cast<std::size_t>(count);
    if (at_ + size > bytes.size()) bytes.resize(at_ + size);
    std::memcpy(bytes.data() + at_, from, size);
    at_ += size;
  }
  std::uint64_t tellp() override { return at_; }
  void seekp(std::uint64_t at) override { at_ = at; }

  std::string bytes;

 private:
  std::uint64_t at_ = 0;
};

Pixels<float> read_data_window(std::string_view bytes, const Header& header, const std::string& file) {
  StringSource source(bytes, file.c_str());
  Imf::InputFile input(source, 0);
  const Imath::Box2i window = input.header().dataWindow();
  if (Window{window.min.x, window.min.y, window.max.x, window.max.y} != header.data) {
    throw Iex::InputExc("its data window stands in it twice");
  }
  Pixels<float> pixels(static_cast<int>(header.data.width()), static_cast<int>(header.data.height()),
                       static_cast<int>(header.channels.size()));
  const std::size_t pixel_stride = header.channels.size() * sizeof(float);
  Imf::FrameBuffer frame;
  for (std::size_t c = 0; c < header.channels.size(); ++c) {
    frame.insert(header.channels[c], Imf::Slice::Make(Imf::FLOAT, &pixels.values[c], window, pixel_stride,
                                                      pixel_stride * static_cast<std::size_t>(pixels.width)));
  }
  input.setFrameBuffer(frame);
  input.readPixels(window.min.y, window.max.y);
  return pixels;
}

// What of `data` lies in `display`, and 0 where there is nothing.
Pixels<float> over_display(const Pixels<float>& data, const Header& header) {
  const Window& from = header.data;
  const Window& to = header.display;
  Pixels<float> pixels(static_cast<int>(to.width()), static_cast<int>(to.height()), data.channels);
  const std::int64_t x0 = std::max(from.x0, to.x0), x1 = std::min(from.x1, to.x1);
  if (x0 > x1) return pixels;
  for (std::int64_t y = std::max(from.y0, to.y0); y <= std::min(from.y1, to.y1); ++y) {
    const float* row = &data.at(static_cast<int>(x0 - from.x0), static_cast<int>(y - from.y0));
    std::copy_n(row, (x1 - x0 + 1) * data.channels,
                &pixels.at(static_cast<int>(x0 - to.x0), static_cast<int>(y - to.y0)));
  }
  return pixels;
}

template <class T>
void write_pixels(const T* values, const Pixels<float>& pixels, std::span<const std::string> channels,
                  Imf::PixelType type, StringSink* sink) {
  Imf::Header header(pixels.width, pixels.height);
  header.compression() = Imf::ZIP_COMPRESSION;
  header.zipCompressionLevel() = kZipLevel;
  Imf::FrameBuffer frame;
  const std::size_t stride = channels.size() * sizeof(T);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    header.channels().insert(channels[c], Imf::Channel(type));
    auto* base = const_cast<char*>(reinterpret_cast<const char*>(values + c));  // an output slice only reads
    frame.insert(channels[c], Imf::Slice(type, base, stride, stride * static_cast<std::size_t>(pixels.width)));
  }
  Imf::OutputFile output(*sink, header, 0);
  output.setFrameBuffer(frame);
  output.writePixels(pixels.height);
}

void check_names(std::span<const std::string> channels, int count) {
  WM_CHECK(std::ssize(channels) == count);
  for (std::size_t i = 0; i < channels.size(); ++i) {
    WM_CHECK(!channels[i].empty() && channels[i].size() < 256);
    WM_CHECK(std::find(channels.begin(), channels.begin() + static_cast<std::ptrdiff_t>(i), channels[i]) ==
             channels.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace

std::string encode_exr(const Pixels<float>& pixels, std::span<const std::string> channels, ExrDepth depth) {
  WM_CHECK(pixels.width > 0 && pixels.height > 0);
  check_names(channels, pixels.channels);
  StringSink sink;
  if (depth == ExrDepth::single) {
    write_pixels(pixels.values.data(), pixels, channels, Imf::FLOAT, &sink);
  } else {
    std::vector<Half> halves(pixels.values.size());
    std::transform(pixels.values.begin(), pixels.values.end(), halves.begin(), half_from_float);
    write_pixels(halves.data(), pixels, channels, Imf::HALF, &sink);
  }
  return std::move(sink.bytes);
}

Result<ExrImage> decode_exr(std::string_view bytes, const Budget& budget, const std::string& file) {
  WM_TRY(header, read_header(bytes, file));
  WM_TRY_STATUS(check_header(header, budget, file));
  try {
    Pixels<float> pixels = read_data_window(bytes, header, file);
    if (header.data != header.display) pixels = over_display(pixels, header);
    return ExrImage{std::move(pixels), std::move(header.channels)};
  } catch (const std::bad_alloc&) {
    throw;  // the machine's mistake
  } catch (const std::exception& fault) {
    return broken(fault.what(), file);
  }
}

Result<ImageInfo> exr_info(std::string_view bytes, const std::string& file) {
  WM_TRY(header, read_header(bytes, file));
  WM_TRY_STATUS(check_header(header, {INT64_MAX}, file));
  return ImageInfo{static_cast<int>(header.display.width()), static_cast<int>(header.display.height()),
                   static_cast<int>(header.channels.size()), ImageFormat::exr};
}

}  // namespace wm::image
