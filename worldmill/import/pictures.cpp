#include "worldmill/import/pictures.h"

#include "worldmill/image/decode.h"

namespace wm::import {

Result<scene::PicturePtr> decode_picture(std::string_view bytes, const Budget& budget, const std::string& file,
                                         const std::string& name) {
  image::Budget pixels;
  pixels.pixels = budget.pixels;
  auto decoded = image::decode_image(bytes, pixels, file);
  if (!decoded) return tl::unexpected(std::move(decoded.error()));
  return std::make_shared<const scene::Picture>(scene::Picture{name, *std::move(decoded)});
}

}  // namespace wm::import
