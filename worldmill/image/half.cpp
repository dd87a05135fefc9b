#include "worldmill/image/half.h"

#include <immintrin.h>

namespace wm::image {

Half half_from_float(float value) {
  return {static_cast<std::uint16_t>(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT))};
}

float float_from_half(Half half) {
  return _cvtsh_ss(half.bits);
}

}  // namespace wm::image
