#include "worldmill/image/jpeg.h"

#include <fmt/format.h>

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <new>

// <jpeglib.h> wants <cstdio> before it, and the codes of <jerror.h> depend on what <jpeglib.h> defines.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "worldmill/base/check.h"

// libjpeg reports errors by longjmp, which must cross no destructor. So each setjmp stands in a function of its own
// that owns nothing but plain data, and the objects live in its caller.

namespace wm::image {
namespace {

using base::error;

constexpr int kMostScans = 500;  // a progressive file needs about ten; thousands are an attack on our time

struct Jump {
  jpeg_error_mgr manager;
  std::jmp_buf back;
  char complaint[JMSG_LENGTH_MAX] = "";
};

void jump_back(j_common_ptr jpeg) {
  auto* jump = reinterpret_cast<Jump*>(jpeg->err);
  jpeg->err->format_message(jpeg, jump->complaint);
  std::longjmp(jump->back, 1);
}

// Warnings after which the library would go on with invented pixels.
bool invents_pixels(int code) {
  return code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_JPEG_EOF || code == JWRN_MUST_RESYNC ||
         code == JWRN_BOGUS_PROGRESSION || code == JWRN_NOT_SEQUENTIAL || code == JWRN_ARITH_BAD_CODE;
}

void weigh_message(j_common_ptr jpeg, int level) {
  if (level < 0 && invents_pixels(jpeg->err->msg_code)) jump_back(jpeg);
}

jpeg_error_mgr* error_manager(Jump* jump) {
  jpeg_std_error(&jump->manager);
  jump->manager.error_exit = jump_back;
  jump->manager.emit_message = weigh_message;
  return &jump->manager;
}

void nothing_to_do(j_decompress_ptr) {}

boolean no_more_input(j_decompress_ptr jpeg) {
  ERREXIT(jpeg, JERR_INPUT_EOF);
  return FALSE;
}

void skip_input(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  if (static_cast<std::size_t>(count) > jpeg->src->bytes_in_buffer) ERREXIT(jpeg, JERR_INPUT_EOF);
  jpeg->src->next_input_byte += count;
  jpeg->src->bytes_in_buffer -= static_cast<std::size_t>(count);
}

void count_scans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMostScans) ERREXIT(jpeg, JERR_BAD_PROGRESSION);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) {
    jpeg.err = error_manager(&jump);
    source.next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
    source.bytes_in_buffer = bytes.size();
    source.init_source = nothing_to_do;
    source.fill_input_buffer = no_more_input;
    source.skip_input_data = skip_input;
    source.resync_to_restart = jpeg_resync_to_restart;
    source.term_source = nothing_to_do;
    progress.progress_monitor = count_scans;
  }
  ~Reader() { jpeg_destroy_decompress(&jpeg); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  tl::unexpected<base::Diagnostic> complaint(const std::string& file) const {
    if (jump.manager.msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
    return error(fmt::format("is a broken JPEG: {}", jump.complaint), {file});
  }

  jpeg_decompress_struct jpeg{};
  Jump jump{};
  jpeg_source_mgr source{};
  jpeg_progress_mgr progress{};
};

bool read_header(Reader* reader) {
  if (setjmp(reader->jump.back)) return false;
  jpeg_create_decompress(&reader->jpeg);
  reader->jpeg.src = &reader->source;
  reader->jpeg.progress = &reader->progress;
  jpeg_read_header(&reader->jpeg, TRUE);
  return true;
}

bool read_rows(Reader* reader, JSAMPLE* to, std::size_t stride) {
  if (setjmp(reader->jump.back)) return false;
  jpeg_decompress_struct& jpeg = reader->jpeg;
  jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = to + jpeg.output_scanline * stride;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

Status check_colors(const jpeg_decompress_struct& jpeg, const std::string& file) {
  switch (jpeg.jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_RGB:
    case JCS_YCbCr:
      return {};
    case JCS_CMYK:
    case JCS_YCCK:
      return error("is a JPEG for print (CMYK); save it as RGB", {file});
    default:
      return error(fmt::format("is a JPEG of {} unknown channels; save it as grey or RGB", jpeg.num_components),
                   {file});
  }
}

struct Written {
  unsigned char* data = nullptr;
  unsigned long size = 0;
};

bool write_all(jpeg_compress_struct* jpeg, Jump* jump, const Pixels<std::uint8_t>* pixels, int quality, Written* out) {
  if (setjmp(jump->back)) return false;
  jpeg_create_compress(jpeg);
  jpeg_mem_dest(jpeg, &out->data, &out->size);
  jpeg->image_width = static_cast<JDIMENSION>(pixels->width);
  jpeg->image_height = static_cast<JDIMENSION>(pixels->height);
  jpeg->input_components = pixels->channels;
  jpeg->in_color_space = pixels->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(jpeg);
  jpeg_set_quality(jpeg, quality, TRUE);
  if (quality >= 90) jpeg->comp_info[0].h_samp_factor = jpeg->comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(jpeg, TRUE);
  while (jpeg->next_scanline < jpeg->image_height) {
    auto* row = const_cast<JSAMPROW>(&pixels->at(0, static_cast<int>(jpeg->next_scanline)));
    jpeg_write_scanlines(jpeg, &row, 1);
  }
  jpeg_finish_compress(jpeg);
  return true;
}

}  // namespace

std::string encode_jpeg(const Pixels<std::uint8_t>& pixels, int quality) {
  WM_CHECK(pixels.width > 0 && pixels.height > 0 && pixels.width <= JPEG_MAX_DIMENSION &&
           pixels.height <= JPEG_MAX_DIMENSION);
  WM_CHECK(pixels.channels == 1 || pixels.channels == 3);
  WM_CHECK(quality >= 1 && quality <= 100);
  jpeg_compress_struct jpeg{};
  Jump jump{};
  Written out;
  jpeg.err = error_manager(&jump);
  const bool written = write_all(&jpeg, &jump, &pixels, quality, &out);
  jpeg_destroy_compress(&jpeg);
  if (!written) {
    std::free(out.data);
    throw std::bad_alloc();  // the sizes were checked: memory is all that can be missing
  }
  std::string bytes(reinterpret_cast<const char*>(out.data), out.size);
  std::free(out.data);
  return bytes;
}

Result<Pixels<std::uint8_t>> decode_jpeg(std::string_view bytes, const Budget& budget, const std::string& file) {
  Reader reader(bytes);
  if (!read_header(&reader)) return reader.complaint(file);
  WM_TRY_STATUS(check_size(reader.jpeg.image_width, reader.jpeg.image_height, budget, file));
  WM_TRY_STATUS(check_colors(reader.jpeg, file));
  Pixels<std::uint8_t> pixels(static_cast<int>(reader.jpeg.image_width), static_cast<int>(reader.jpeg.image_height),
                              reader.jpeg.num_components == 1 ? 1 : 3);
  const std::size_t stride = static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.channels);
  if (!read_rows(&reader, pixels.values.data(), stride)) return reader.complaint(file);
  return pixels;
}

Result<ImageInfo> jpeg_info(std::string_view bytes, const std::string& file) {
  Reader reader(bytes);
  if (!read_header(&reader)) return reader.complaint(file);
  WM_TRY_STATUS(check_colors(reader.jpeg, file));
  return ImageInfo{static_cast<int>(reader.jpeg.image_width), static_cast<int>(reader.jpeg.image_height),
                   reader.jpeg.num_components == 1 ? 1 : 3, ImageFormat::jpeg};
}

}  // namespace wm::image
