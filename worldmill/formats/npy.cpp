#include "worldmill/formats/npy.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <optional>

#include "worldmill/formats/dtypes.h"

// 0x93 "NUMPY", version 1 0, length of the header (2 bytes, little-endian; 4 in version 2), then the header: a Python
// dict literal, padded with spaces and ended by a newline so that the numbers start at a multiple of 64 bytes.
//   {'descr': '<f4', 'fortran_order': False, 'shape': (480, 640, 3), }

namespace wm::formats {
namespace {

using base::error;
using sample::Array;
using sample::Dtype;

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::string_view kDescr[] = {"|u1", "<u2", "<u4", "<i4", "<i8", "<f4", "<f8"};  // in the order of Dtype

std::string shape_text(const std::vector<std::int64_t>& shape) {
  if (shape.size() == 1) return fmt::format("({},)", shape[0]);
  return fmt::format("({})", fmt::join(shape, ", "));
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\n')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\n')) s.remove_suffix(1);
  return s;
}

/// What stands after `'key':` up to the `end` that closes it.
std::optional<std::string_view> field(std::string_view header, std::string_view key, char end) {
  const std::size_t at = header.find(fmt::format("'{}':", key));
  if (at == header.npos) return {};
  header.remove_prefix(at + key.size() + 3);
  const std::size_t length = header.find(end);
  if (length == header.npos) return {};
  return trimmed(header.substr(0, length));
}

std::optional<std::vector<std::int64_t>> parse_shape(std::string_view text) {
  std::vector<std::int64_t> shape;
  if (text.empty() || text.front() != '(') return {};
  text = trimmed(text.substr(1));
  while (!text.empty()) {
    std::int64_t n = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (fault != std::errc() || n < 0) return {};
    shape.push_back(n);
    text = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
    if (text.empty()) break;
    if (text.front() != ',') return {};
    text = trimmed(text.substr(1));
  }
  return shape;
}

std::optional<Dtype> parse_descr(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kDescr); ++i) {
    if (text.size() == 5 && text.substr(1, 3) == kDescr[i]) return static_cast<Dtype>(i);
  }
  return {};
}

/// Splits header from numbers; nothing when this is no NumPy file.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 12) return {};
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(bytes[i])}; };
  const std::size_t version = byte(6);
  if ((version != 1 && version != 2) || byte(7) != 0) return {};
  const std::size_t start = version == 1 ? 10 : 12;
  std::size_t length = byte(8) | byte(9) << 8;
  if (version == 2) length |= byte(10) << 16 | byte(11) << 24;
  if (length > bytes.size() - start) return {};
  return std::pair{bytes.substr(start, length), bytes.substr(start + length)};
}

/// Whether `shape` holds exactly `bytes` of numbers that are `each` long, without overflow on the way.
bool fills(const std::vector<std::int64_t>& shape, std::size_t bytes, std::size_t each) {
  if (bytes % each != 0) return false;
  for (const std::int64_t n : shape) {
    if (n == 0) return bytes == 0;
  }
  std::size_t left = bytes / each;
  for (const std::int64_t n : shape) {
    if (left == 0 || left % static_cast<std::size_t>(n) != 0) return false;
    left /= static_cast<std::size_t>(n);
  }
  return left == 1;
}

}  // namespace

std::string encode_npy(const Array& array) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                   kDescr[static_cast<std::size_t>(array.dtype())], shape_text(array.shape()));
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  WM_CHECK(header.size() < 65536);
  std::string bytes(kMagic);
  bytes += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  bytes += header;
  std::visit(
      [&](const auto& values) {
        if (!values.empty()) {
          bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
        }
      },
      array.values());
  return bytes;
}

Result<Array> decode_npy(std::string_view bytes, const std::string& file) {
  const auto parts = split(bytes);
  if (!parts) return error("is no NumPy file of version 1.0 or 2.0", {file});
  const auto [header, numbers] = *parts;
  const auto descr = field(header, "descr", ',');
  const auto order = field(header, "fortran_order", ',');
  const auto shape_field = field(header, "shape", ')');
  if (!descr || !order || !shape_field) return error("lacks descr, fortran_order or shape in its header", {file});
  if (*order != "False") return error("is in Fortran order; only row-major arrays are read", {file});
  const std::optional<Dtype> dtype = parse_descr(*descr);
  if (!dtype) return error(fmt::format("holds numbers of type {}, which is not read", *descr), {file});
  auto shape = parse_shape(*shape_field);
  if (!shape || shape->size() > 32) return error("has a shape that is none", {file});
  return with_dtype(*dtype, [&, data = numbers]<class T>(std::type_identity<T>) -> Result<Array> {
    if (!fills(*shape, data.size(), sizeof(T))) return error("is not as long as its shape says", {file});
    std::vector<T> values(data.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), data.data(), data.size());
    return Array(std::move(*shape), std::move(values));
  });
}

}  // namespace wm::formats
