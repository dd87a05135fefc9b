#include <fmt/format.h>
#include <gnu/libc-version.h>

#include "worldmill/image/versions.h"
#include "worldmill/mill/folder.h"
#include "worldmill/render/render.h"

namespace wm::mill {

base::Value platform() {
  using base::value_of;
  std::vector<std::pair<std::string, base::Value>> entries{
      {"instructions", value_of("x86-64-v3")},
      {"compiler", value_of(fmt::format("gcc {}.{}", __GNUC__, __GNUC_MINOR__))},
      {"libc", value_of(fmt::format("glibc {}", gnu_get_libc_version()))},
      {"rays", value_of(render::ray_backend())}};
  for (const auto& [codec, version] : image::codec_versions()) entries.emplace_back(codec, value_of(version));
  return base::map_of(std::move(entries));
}

}  // namespace wm::mill
