#include "worldmill/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace wm::base {

void check_failed(const char* promise, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken promise: %s (this is a bug in Worldmill; please report it)\n", file, line,
               promise);
  std::abort();
}

}  // namespace wm::base
