// Integers, as crate files pack them; a differences example with 32-bit integers:
//
//   123 124 125 100125 100125 100126   differences 123 1 1 100000 0 1, the common one is 1
//   01 00 00 00 | codes, two bits each: 1 0 0 3 1 0 | 7B | A0 86 01 00 | 00
//
// Code 0: the common difference; 1, 2, 3: the difference in 1, 2 or 4 bytes (2, 4 or 8 for 64-bit integers).
#include "worldmill/usd/crate_coding.h"

#include <lz4.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <type_traits>
#include <unordered_map>

namespace wm::usd {

std::optional<std::vector<std::byte>> unpack_bytes(std::span<const std::byte> packed, std::size_t size) {
  if (packed.empty() || size / 255 > packed.size()) return std::nullopt;
  std::vector<std::byte> bytes(size);
  const auto decode = [&](std::span<const std::byte> block, std::size_t at) -> std::ptrdiff_t {
    const std::size_t room = std::min<std::size_t>(size - at, LZ4_MAX_INPUT_SIZE);
    return LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(bytes.data() + at),
                               static_cast<int>(block.size()), static_cast<int>(room));
  };
  const auto chunks = static_cast<unsigned>(packed[0]);
  packed = packed.subspan(1);
  if (chunks == 0) {
    if (packed.size() > LZ4_MAX_INPUT_SIZE || decode(packed, 0) != static_cast<std::ptrdiff_t>(size))
      return std::nullopt;
    return bytes;
  }
  std::size_t at = 0;
  for (unsigned i = 0; i < chunks; ++i) {
    std::int32_t length;
    if (packed.size() < 4) return std::nullopt;
    std::memcpy(&length, packed.data(), 4);
    packed = packed.subspan(4);
    if (length < 0 || static_cast<std::size_t>(length) > packed.size()) return std::nullopt;
    const std::ptrdiff_t made = decode(packed.first(static_cast<std::size_t>(length)), at);
    if (made < 0) return std::nullopt;
    at += static_cast<std::size_t>(made);
    packed = packed.subspan(static_cast<std::size_t>(length));
  }
  if (at != size) return std::nullopt;
  return bytes;
}

std::string pack_bytes(std::span<const std::byte> bytes) {
  std::string packed;
  const auto block = [&](std::span<const std::byte> part) {
    const int bound = LZ4_compressBound(static_cast<int>(part.size()));
    const std::size_t at = packed.size();
    packed.resize(at + static_cast<std::size_t>(bound));
    const int made = LZ4_compress_default(reinterpret_cast<const char*>(part.data()), packed.data() + at,
                                          static_cast<int>(part.size()), bound);
    packed.resize(at + static_cast<std::size_t>(made));
    return made;
  };
  if (bytes.size() <= LZ4_MAX_INPUT_SIZE) {
    packed += '\0';
    block(bytes);
    return packed;
  }
  const std::size_t chunks = (bytes.size() + LZ4_MAX_INPUT_SIZE - 1) / LZ4_MAX_INPUT_SIZE;
  packed += static_cast<char>(chunks);
  for (std::size_t i = 0; i < chunks; ++i) {
    const std::size_t from = i * LZ4_MAX_INPUT_SIZE;
    const std::size_t length_at = packed.size();
    packed.append(4, '\0');
    const std::int32_t made =
        block(bytes.subspan(from, std::min<std::size_t>(LZ4_MAX_INPUT_SIZE, bytes.size() - from)));
    std::memcpy(packed.data() + length_at, &made, 4);
  }
  return packed;
}

namespace {

template <class Narrow, class Wide>
Wide take(const std::byte*& at) {
  Narrow value;
  std::memcpy(&value, at, sizeof(Narrow));
  at += sizeof(Narrow);
  return static_cast<Wide>(value);
}

template <class Narrow>
void give(std::string& out, std::int64_t value) {
  const auto narrow = static_cast<Narrow>(value);
  out.append(reinterpret_cast<const char*>(&narrow), sizeof narrow);
}

template <std::size_t Size>
using Signed = std::conditional_t<Size == 4, std::int32_t, std::int64_t>;
template <std::size_t Size>
using Small = std::conditional_t<Size == 4, std::int8_t, std::int16_t>;
template <std::size_t Size>
using Middle = std::conditional_t<Size == 4, std::int16_t, std::int32_t>;

template <std::size_t Size>
constexpr std::size_t kWidths[4] = {0, Size / 4, Size / 2, Size};  // in bytes, by code

// Where the differences of the four codes in one byte lie, and the bits of a word that are not theirs.
struct Four {
  std::uint8_t begins[4], spare[4], size;
};
template <std::size_t Size>
constexpr std::array<Four, 256> fours() {
  std::array<Four, 256> table{};
  for (unsigned codes = 0; codes < 256; ++codes) {
    Four& four = table[codes];
    for (unsigned k = 0; k < 4; ++k) {
      const std::size_t width = kWidths<Size>[codes >> (2 * k) & 3];
      four.begins[k] = four.size;
      four.spare[k] = static_cast<std::uint8_t>(width == 0 ? 0 : 8 * (Size - width));
      four.size = static_cast<std::uint8_t>(four.size + width);
    }
  }
  return table;
}

}  // namespace

template <class T>
bool unpack_integers(std::span<const std::byte> packed, std::span<T> integers) {
  constexpr std::size_t kSize = sizeof(T);
  using S = Signed<kSize>;
  using U = std::make_unsigned_t<S>;
  const std::size_t n = integers.size();
  if (n == 0) return true;
  const std::size_t codes_size = (2 * n + 7) / 8;
  if (packed.empty()) return false;
  // How many bytes come out is not said; at most these.
  const std::size_t most = std::min<std::size_t>(kSize + codes_size + n * kSize, packed.size() * 255 + 64);
  if (most > LZ4_MAX_INPUT_SIZE && static_cast<unsigned>(packed[0]) == 0 && n * kSize > LZ4_MAX_INPUT_SIZE)
    return false;
  const auto bytes = std::make_unique_for_overwrite<std::byte[]>(most);
  std::size_t made = 0;
  {
    const auto chunks = static_cast<unsigned>(packed[0]);
    auto rest = packed.subspan(1);
    const auto decode = [&](std::span<const std::byte> block) {
      const int room = static_cast<int>(std::min<std::size_t>(most - made, LZ4_MAX_INPUT_SIZE));
      if (block.size() > LZ4_MAX_INPUT_SIZE) return false;
      const int got =
          LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(bytes.get() + made),
                              static_cast<int>(block.size()), room);
      if (got < 0) return false;
      made += static_cast<std::size_t>(got);
      return true;
    };
    if (chunks == 0) {
      if (!decode(rest)) return false;
    } else {
      for (unsigned i = 0; i < chunks; ++i) {
        std::int32_t length;
        if (rest.size() < 4) return false;
        std::memcpy(&length, rest.data(), 4);
        rest = rest.subspan(4);
        if (length < 0 || static_cast<std::size_t>(length) > rest.size()) return false;
        if (!decode(rest.first(static_cast<std::size_t>(length)))) return false;
        rest = rest.subspan(static_cast<std::size_t>(length));
      }
    }
  }
  if (made < kSize + codes_size) return false;
  const std::byte* at = bytes.get();
  const std::byte* const end = at + made;
  const U common = static_cast<U>(take<S, S>(at));
  const std::byte* const codes = at;
  at += codes_size;
  U previous = 0;
  std::size_t i = 0;
  // Four at a time where no width can lead beyond the end: all four lie where their one byte of codes says.
  static constexpr auto kFours = fours<kSize>();
  for (; i + 4 <= n && static_cast<std::size_t>(end - at) >= 4 * kSize; i += 4) {
    const auto code = static_cast<unsigned>(codes[i / 4]);
    const Four& four = kFours[code];
    for (std::size_t k = 0; k < 4; ++k) {
      S word;
      std::memcpy(&word, at + four.begins[k], kSize);
      const unsigned spare = four.spare[k];
      const S difference = (code >> (2 * k) & 3) == 0 ? static_cast<S>(common) : static_cast<S>(word << spare) >> spare;
      previous += static_cast<U>(difference);
      integers[i + k] = static_cast<T>(previous);
    }
    at += four.size;
  }
  for (; i < n; ++i) {
    const unsigned code = (static_cast<unsigned>(codes[i / 4]) >> (2 * (i % 4))) & 3;
    const std::size_t width = kWidths<kSize>[code];
    if (static_cast<std::size_t>(end - at) < width) return false;
    previous += code == 0   ? common
                : code == 1 ? static_cast<U>(take<Small<kSize>, S>(at))
                : code == 2 ? static_cast<U>(take<Middle<kSize>, S>(at))
                            : static_cast<U>(take<S, S>(at));
    integers[i] = static_cast<T>(previous);
  }
  return true;
}

template <class T>
std::string pack_integers(std::span<const T> integers) {
  constexpr std::size_t kSize = sizeof(T);
  using S = Signed<kSize>;
  using U = std::make_unsigned_t<S>;
  std::string out;  // of no integers the common difference remains
  std::vector<S> differences(integers.size());
  std::unordered_map<S, std::size_t> counts;
  U previous = 0;
  for (std::size_t i = 0; i < integers.size(); ++i) {
    differences[i] = static_cast<S>(static_cast<U>(integers[i]) - previous);
    previous = static_cast<U>(integers[i]);
    ++counts[differences[i]];
  }
  S common = 0;
  std::size_t most = 0;
  for (const auto& [difference, count] : counts) {  // the order does not matter: the largest of the most frequent
    if (count > most || (count == most && difference > common)) common = difference, most = count;
  }
  give<S>(out, common);
  const std::size_t codes_at = out.size();
  out.append((2 * integers.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < differences.size(); ++i) {
    const S d = differences[i];
    unsigned code = 3;
    if (d == common) {
      code = 0;
    } else if (d == static_cast<S>(static_cast<Small<kSize>>(d))) {
      code = 1;
      give<Small<kSize>>(out, d);
    } else if (d == static_cast<S>(static_cast<Middle<kSize>>(d))) {
      code = 2;
      give<Middle<kSize>>(out, d);
    } else {
      give<S>(out, d);
    }
    char& byte = out[codes_at + i / 4];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | code << (2 * (i % 4)));
  }
  return pack_bytes({reinterpret_cast<const std::byte*>(out.data()), out.size()});
}

template bool unpack_integers(std::span<const std::byte>, std::span<std::int32_t>);
template bool unpack_integers(std::span<const std::byte>, std::span<std::uint32_t>);
template bool unpack_integers(std::span<const std::byte>, std::span<std::int64_t>);
template bool unpack_integers(std::span<const std::byte>, std::span<std::uint64_t>);
template std::string pack_integers(std::span<const std::int32_t>);
template std::string pack_integers(std::span<const std::uint32_t>);
template std::string pack_integers(std::span<const std::int64_t>);
template std::string pack_integers(std::span<const std::uint64_t>);

}  // namespace wm::usd
