#include "worldmill/image/png.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <png.h>

#include <csetjmp>
#include <cstring>
#include <memory>
#include <new>

#include "worldmill/base/check.h"

// libpng reads; writing needs so little of the format that it is done here, around libdeflate: a third of zlib's time.
//
// libpng reports errors by longjmp, which must cross no destructor. So each setjmp stands in a function of its own that
// owns nothing but plain data, and the objects live in its caller.

namespace wm::image {
namespace {

using base::error;

constexpr int kLevel = 5;  // libdeflate: from here on noise becomes no smaller

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

// The bytes of one row as PNG orders them: 16 bits begin with the upper eight.
void put_row(const std::uint8_t* values, std::size_t count, std::uint8_t* to) {
  std::memcpy(to, values, count);
}
void put_row(const std::uint16_t* values, std::size_t count, std::uint8_t* to) {
  for (std::size_t i = 0; i < count; ++i) {
    to[2 * i] = static_cast<std::uint8_t>(values[i] >> 8);
    to[2 * i + 1] = static_cast<std::uint8_t>(values[i]);
  }
}

// Every row as its difference to the one above (filter 2): as small as better filters on noise, and many times faster.
template <class T>
std::vector<std::uint8_t> filtered(const Pixels<T>& pixels) {
  const auto count = static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.channels);
  const std::size_t size = count * sizeof(T);
  std::vector<std::uint8_t> rows((size + 1) * static_cast<std::size_t>(pixels.height));
  std::vector<std::uint8_t> above(size), row(size);
  for (int y = 0; y < pixels.height; ++y) {
    put_row(&pixels.at(0, y), count, row.data());
    std::uint8_t* to = &rows[static_cast<std::size_t>(y) * (size + 1)];
    *to++ = 2;
    for (std::size_t i = 0; i < size; ++i) to[i] = static_cast<std::uint8_t>(row[i] - above[i]);
    std::swap(row, above);
  }
  return rows;
}

std::string compressed(const std::vector<std::uint8_t>& bytes) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(kLevel), libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  std::string packed(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()), '\0');
  packed.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(), packed.data(), packed.size()));
  WM_CHECK(!packed.empty());
  return packed;
}

void append_number(std::uint32_t value, std::string* bytes) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes->push_back(static_cast<char>(value >> shift));
}

// A chunk: length, name, content, checksum of name and content.
void append_chunk(std::string_view name, std::string_view content, std::string* bytes) {
  append_number(static_cast<std::uint32_t>(content.size()), bytes);
  const std::size_t begin = bytes->size();
  bytes->append(name).append(content);
  append_number(libdeflate_crc32(0, bytes->data() + begin, bytes->size() - begin), bytes);
}

template <class T>
std::string encode(const Pixels<T>& pixels) {
  WM_CHECK(pixels.width > 0 && pixels.height > 0 && pixels.channels >= 1 && pixels.channels <= 4);
  constexpr char kColorTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                  PNG_COLOR_TYPE_RGB_ALPHA};
  constexpr std::size_t kLongestChunk = std::size_t{1} << 30;
  std::string header;
  append_number(static_cast<std::uint32_t>(pixels.width), &header);
  append_number(static_cast<std::uint32_t>(pixels.height), &header);
  header.append({static_cast<char>(8 * sizeof(T)), kColorTypes[pixels.channels - 1], 0, 0, 0});
  const std::string packed = compressed(filtered(pixels));

  std::string bytes = "\x89PNG\r\n\x1a\n";
  bytes.reserve(packed.size() + 100);
  append_chunk("IHDR", header, &bytes);
  for (std::size_t at = 0; at < packed.size(); at += kLongestChunk) {
    append_chunk("IDAT", std::string_view(packed).substr(at, kLongestChunk), &bytes);
  }
  append_chunk("IEND", "", &bytes);
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
