#include "worldmill/image/versions.h"

#include <OpenEXR/OpenEXRConfig.h>
#include <jpeglib.h>
#include <libdeflate.h>
#include <png.h>

#include <cstddef>
#include <cstdio>  // jpeglib.h needs it

namespace wm::image {
namespace {

#define WM_TEXT(x) #x
#define WM_TEXT_OF(x) WM_TEXT(x)
constexpr const char* kJpegTurbo = WM_TEXT_OF(LIBJPEG_TURBO_VERSION);
#undef WM_TEXT_OF
#undef WM_TEXT

}  // namespace

std::vector<std::pair<std::string, std::string>> codec_versions() {
  return {{"openexr", OPENEXR_VERSION_STRING},
          {"libdeflate", LIBDEFLATE_VERSION_STRING},
          {"libpng", png_get_libpng_ver(nullptr)},
          {"libjpeg-turbo", kJpegTurbo}};
}

}  // namespace wm::image
