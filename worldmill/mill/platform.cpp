#include <fmt/format.h>
#include <gnu/libc-version.h>

#include "worldmill/mill/folder.h"

namespace wm::mill {

base::Value platform() {
  using base::value_of;
  return base::map_of({{"instructions", value_of("x86-64-v3")},
                       {"compiler", value_of(fmt::format("gcc {}.{}", __GNUC__, __GNUC_MINOR__))},
                       {"libc", value_of(fmt::format("glibc {}", gnu_get_libc_version()))}});
}

}  // namespace wm::mill
