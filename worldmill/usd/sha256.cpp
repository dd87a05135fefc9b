#include "worldmill/usd/sha256.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace wm::usd {
namespace {

__extension__ typedef unsigned __int128 Wide;

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, by whole numbers alone.
constexpr std::array<std::uint32_t, 64> kRounds = [] {
  std::array<std::uint32_t, 64> made{};
  std::size_t count = 0;
  for (std::uint64_t n = 2; count < made.size(); ++n) {
    bool prime = true;
    for (std::uint64_t d = 2; d * d <= n; ++d) prime = prime && n % d != 0;
    if (!prime) continue;
    // The largest r with r^3 <= n * 2^96, bit by bit.
    Wide root = 0;
    for (int bit = 35; bit >= 0; --bit) {
      const Wide r = root | static_cast<Wide>(1) << bit;
      // r < 2^36, so r^3 < 2^108; n * 2^96 needs 9 bits more.
      if (r * r * r <= static_cast<Wide>(n) << 96) root = r;
    }
    made[count++] = static_cast<std::uint32_t>(root);
  }
  return made;
}();

}  // namespace

void Sha256::block(const std::byte* bytes) {
  std::uint32_t w[64];
  for (std::size_t i = 0; i < 16; ++i) {
    w[i] = 0;
    for (std::size_t k = 0; k < 4; ++k) w[i] = w[i] << 8 | static_cast<std::uint32_t>(bytes[4 * i + k]);
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t s =
        h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + kRounds[i] + w[i];
    const std::uint32_t t = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + s, d = c, c = b, b = a, a = s + t;
  }
  const std::uint32_t sums[8] = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state_[i] += sums[i];
}

void Sha256::add(std::span<const std::byte> bytes) {
  std::size_t have = size_ % 64;
  size_ += bytes.size();
  while (!bytes.empty()) {
    if (have == 0 && bytes.size() >= 64) {
      block(bytes.data());
      bytes = bytes.subspan(64);
      continue;
    }
    const std::size_t n = std::min(bytes.size(), 64 - have);
    std::memcpy(rest_.data() + have, bytes.data(), n);
    bytes = bytes.subspan(n);
    have += n;
    if (have == 64) {
      block(rest_.data());
      have = 0;
    }
  }
}

std::string Sha256::hex() {
  const std::uint64_t bits = size_ * 8;
  const std::byte one{0x80};
  add({&one, 1});
  const std::byte zero{};
  while (size_ % 64 != 56) add({&zero, 1});
  for (int shift = 56; shift >= 0; shift -= 8) {
    const std::byte b{static_cast<unsigned char>(bits >> shift)};
    add({&b, 1});
  }
  std::string text;
  for (const std::uint32_t word : state_) {
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 15];
  }
  return text;
}

}  // namespace wm::usd
