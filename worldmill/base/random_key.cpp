#include "worldmill/base/random_key.h"

#include <string>

#include "worldmill/base/hash.h"

// A place is the hash of its path, one step at a time:
//
//   child = XXH3-128( low (8 bytes LE) | high (8 bytes LE) | kind: 's' 'n' or '#' | bytes of the name or number LE )
//
//   Philox counter  [ index low 32 | index high 32 | high low 32 | high high 32 ]     key [ low low 32 | low high 32 ]

namespace wm::base {
namespace {

void append(std::string& bytes, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(value >> shift & 0xff));
}

std::uint32_t low_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint32_t high_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

}  // namespace

Counter philox(Counter c, std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c[2];
    c = {high_word(p1) ^ c[1] ^ k[0], low_word(p1), high_word(p0) ^ c[3] ^ k[1], low_word(p0)};
    k[0] += 0x9E3779B9;  // the golden ratio
    k[1] += 0xBB67AE85;  // the square root of three, less one
  }
  return c;
}

RandomKey RandomKey::from_seed(std::uint64_t seed) {
  std::string bytes;
  append(bytes, seed);
  return RandomKey(0, 0).descend('s', bytes);
}

RandomKey RandomKey::child(std::string_view name) const {
  return descend('n', name);
}

RandomKey RandomKey::child(std::uint64_t number) const {
  std::string bytes;
  append(bytes, number);
  return descend('#', bytes);
}

RandomKey RandomKey::descend(char kind, std::string_view step) const {
  std::string bytes;
  bytes.reserve(17 + step.size());
  append(bytes, low_);
  append(bytes, high_);
  bytes.push_back(kind);
  bytes += step;
  const Hash hash = hash_bytes(bytes);
  return RandomKey(hash.low, hash.high);
}

Counter RandomKey::bits(std::uint64_t index) const {
  return philox({low_word(index), high_word(index), low_word(high_), high_word(high_)},
                {low_word(low_), high_word(low_)});
}

}  // namespace wm::base
