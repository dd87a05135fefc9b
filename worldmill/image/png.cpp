#include "worldmill/image/png.h"

#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstring>
#include <new>

#include "worldmill/base/check.h"

// libpng reports errors by longjmp, which must cross no destructor. So each setjmp stands in a function of its own that
// owns nothing but plain data, and the objects live in its caller.

namespace wm::image {
namespace {

using base::error;

constexpr int kLevel = 4;  // zlib: a third of the time of 6 for a few percent of size

struct Source {
  const unsigned char* data;
  std::size_t left;
  char complaint[128] = "";
};

void keep_complaint(png_structp png, png_const_charp message) {
  char* complaint = static_cast<char*>(png_get_error_ptr(png));
  std::strncpy(complaint, message, 127);
  png_longjmp(png, 1);
}
void ignore_warning(png_structp, png_const_charp) {}

void read_some(png_structp png, png_bytep to, png_size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->left) png_error(png, "the file ends too soon");
  std::memcpy(to, source->data, count);
  source->data += count;
  source->left -= count;
}

void write_some(png_structp png, png_bytep from, png_size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(from), count);
}
void flush_nothing(png_structp) {}

struct Header {
  std::uint32_t width, height;
  int channels, bits;
};

bool read_header(png_structp png, png_infop info) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_read_info(png, info);
  return true;
}

bool settle_format(png_structp png, png_infop info, Header* header) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_expand(png);
  png_set_interlace_handling(png);
  if (png_get_bit_depth(png, info) == 16) png_set_swap(png);
  png_read_update_info(png, info);
  *header = {png_get_image_width(png, info), png_get_image_height(png, info), png_get_channels(png, info),
             png_get_bit_depth(png, info)};
  return true;
}

bool read_rows(png_structp png, png_bytep* rows) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  return true;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes)
      : source{reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()},
        png(png_create_read_struct(PNG_LIBPNG_VER_STRING, source.complaint, keep_complaint, ignore_warning)),
        info(png != nullptr ? png_create_info_struct(png) : nullptr) {
    if (info == nullptr) {
      png_destroy_read_struct(&png, &info, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png, &source, read_some);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);  // ours is the budget, with a better sentence
    png_set_chunk_malloc_max(png, 8 << 20);
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Source source;
  png_structp png;
  png_infop info;
};

template <class T>
std::vector<png_bytep> rows_of(Pixels<T>& pixels) {
  std::vector<png_bytep> rows;
  for (int y = 0; y < pixels.height; ++y) rows.push_back(reinterpret_cast<png_bytep>(&pixels.at(0, y)));
  return rows;
}

template <class T>
Result<Samples> read_pixels(Reader& reader, const Header& header, const std::string& file) {
  Pixels<T> pixels(static_cast<int>(header.width), static_cast<int>(header.height), header.channels);
  std::vector<png_bytep> rows = rows_of(pixels);
  if (!read_rows(reader.png, rows.data())) {
    return error(fmt::format("is a broken PNG: {}", reader.source.complaint), {file});
  }
  return Samples(std::move(pixels));
}

bool write_all(png_structp png, png_infop info, const Header* header, png_bytep* rows) {
  constexpr int kColorTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                 PNG_COLOR_TYPE_RGB_ALPHA};
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_compression_level(png, kLevel);
  png_set_filter(png, 0, PNG_FILTER_SUB);
  png_set_IHDR(png, info, header->width, header->height, header->bits, kColorTypes[header->channels - 1],
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (header->bits == 16) png_set_swap(png);
  png_write_image(png, rows);
  png_write_end(png, nullptr);
  return true;
}

template <class T>
std::string encode(Pixels<T> pixels) {  // a copy: libpng wants rows that it could write to
  WM_CHECK(pixels.width > 0 && pixels.height > 0 && pixels.channels >= 1 && pixels.channels <= 4);
  std::string bytes;
  char complaint[128] = "";
  std::vector<png_bytep> rows = rows_of(pixels);
  const Header header{static_cast<std::uint32_t>(pixels.width), static_cast<std::uint32_t>(pixels.height),
                      pixels.channels, 8 * static_cast<int>(sizeof(T))};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, complaint, keep_complaint, ignore_warning);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  if (info == nullptr) {
    png_destroy_write_struct(&png, &info);
    throw std::bad_alloc();
  }
  png_set_write_fn(png, &bytes, write_some, flush_nothing);
  const bool written = write_all(png, info, &header, rows.data());
  png_destroy_write_struct(&png, &info);
  WM_CHECK(written);
  return bytes;
}

}  // namespace

Status check_size(std::int64_t width, std::int64_t height, const Budget& budget, const std::string& file) {
  if (width > 0 && height > 0 && width <= budget.pixels / height && width <= INT32_MAX && height <= INT32_MAX)
    return {};
  return error(fmt::format("is {} x {} pixels; 1 to {} pixels are allowed", width, height, budget.pixels), {file});
}

std::string encode_png(const Pixels<std::uint8_t>& pixels) {
  return encode(pixels);
}
std::string encode_png(const Pixels<std::uint16_t>& pixels) {
  return encode(pixels);
}

Result<Samples> decode_png(std::string_view bytes, const Budget& budget, const std::string& file) {
  Reader reader(bytes);
  const auto broken = [&] { return error(fmt::format("is a broken PNG: {}", reader.source.complaint), {file}); };
  if (!read_header(reader.png, reader.info)) return broken();
  WM_TRY_STATUS(check_size(png_get_image_width(reader.png, reader.info), png_get_image_height(reader.png, reader.info),
                           budget, file));
  Header header{};
  if (!settle_format(reader.png, reader.info, &header)) return broken();
  return header.bits == 16 ? read_pixels<std::uint16_t>(reader, header, file)
                           : read_pixels<std::uint8_t>(reader, header, file);
}

Result<ImageInfo> png_info(std::string_view bytes, const std::string& file) {
  Reader reader(bytes);
  Header header{};
  if (!read_header(reader.png, reader.info) || !settle_format(reader.png, reader.info, &header)) {
    return error(fmt::format("is a broken PNG: {}", reader.source.complaint), {file});
  }
  return ImageInfo{static_cast<int>(header.width), static_cast<int>(header.height), header.channels, ImageFormat::png};
}

}  // namespace wm::image
