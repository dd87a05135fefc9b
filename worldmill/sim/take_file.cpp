#include <fmt/format.h>
#include <libdeflate.h>

#include <bit>
#include <cstring>
#include <stdexcept>

#include "worldmill/base/hash.h"
#include "worldmill/base/json.h"
#include "worldmill/sim/take.h"

// WMTAKE01 · length of the header (8 bytes) · header: JSON that says what is where · packed numbers (DEFLATE) ·
// XXH3-128 of all before it (16 bytes). Numbers are little-endian: keys as 13 doubles and a time each, channels as
// times, then what was commanded, then what was; then the blocks of the checkpoints.

namespace wm::sim {
namespace {

using base::error;
using base::Value;
using base::value_of;

static_assert(std::endian::native == std::endian::little);
constexpr std::string_view kMagic = "WMTAKE01";
constexpr std::size_t kSumBytes = 16;

void put(std::string& to, const void* from, std::size_t bytes) {
  to.append(static_cast<const char*>(from), bytes);
}

void put(std::string& to, const Key& key) {
  const math::Pose& p = key.pose;
  const double numbers[13] = {p.translation.x,    p.translation.y,    p.translation.z,     p.rotation.w,
                              p.rotation.x,       p.rotation.y,       p.rotation.z,        key.twist.linear.x,
                              key.twist.linear.y, key.twist.linear.z, key.twist.angular.x, key.twist.angular.y,
                              key.twist.angular.z};
  put(to, &key.time.nanoseconds, sizeof key.time.nanoseconds);
  put(to, numbers, sizeof numbers);
}

/// The bytes of numbers side by side: those of one weight lie together, which packs better. Undone by `unshuffled`.
std::string shuffled(std::string_view numbers, std::size_t width) {
  std::string out(numbers.size(), '\0');
  const std::size_t rows = numbers.size() / width;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < width; ++k) out[k * rows + i] = numbers[i * width + k];
  }
  return out;
}
std::string unshuffled(std::string_view bytes, std::size_t width) {
  std::string out(bytes.size(), '\0');
  const std::size_t rows = bytes.size() / width;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < width; ++k) out[i * width + k] = bytes[k * rows + i];
  }
  return out;
}
constexpr std::size_t kKeyBytes = 14 * sizeof(double);

std::string packed(std::string_view bytes) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  if (compressor == nullptr) throw std::bad_alloc();
  std::string out(libdeflate_deflate_compress_bound(compressor, bytes.size()), '\0');
  out.resize(libdeflate_deflate_compress(compressor, bytes.data(), bytes.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

bool unpack(std::string_view bytes, std::string& out) {
  libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();
  if (decompressor == nullptr) throw std::bad_alloc();
  const auto result =
      libdeflate_deflate_decompress(decompressor, bytes.data(), bytes.size(), out.data(), out.size(), nullptr);
  libdeflate_free_decompressor(decompressor);
  return result == LIBDEFLATE_SUCCESS;
}

std::string sum_of(std::string_view bytes) {
  const base::Hash hash = base::hash_bytes(bytes);
  std::string sum;
  put(sum, &hash.high, sizeof hash.high);
  put(sum, &hash.low, sizeof hash.low);
  return sum;
}

std::int64_t signed_size(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

Value header_of(const Take& take, std::size_t raw) {
  std::vector<Value> tracks, channels, events, checkpoints;
  for (const Track& t : take.tracks) {
    tracks.push_back(base::map_of({{"body", value_of(signed_size(t.body.index()))},
                                   {"path", value_of(t.path)},
                                   {"keys", value_of(signed_size(t.keys.size()))}}));
  }
  for (const Channel& c : take.channels) {
    channels.push_back(base::map_of({{"name", value_of(c.name)},
                                     {"kind", value_of(c.kind)},
                                     {"unit", value_of(c.unit)},
                                     {"frame", value_of(c.frame)},
                                     {"size", value_of(std::int64_t{c.size})},
                                     {"rows", value_of(signed_size(c.times.size()))}}));
  }
  for (const Event& e : take.events) events.push_back(to_value(e));
  for (const Checkpoint& c : take.checkpoints) {
    checkpoints.push_back(base::map_of({{"step", value_of(c.step)}, {"bytes", value_of(signed_size(c.block.size()))}}));
  }
  return base::map_of({{"step_ns", value_of(take.step_ns)},
                       {"settle_steps", value_of(take.settle_steps)},
                       {"steps", value_of(take.steps)},
                       {"solver", value_of(take.solver)},
                       {"trouble", value_of(static_cast<std::int64_t>(take.trouble.trouble))},
                       {"trouble_time", value_of(take.trouble.time)},
                       {"trouble_message", value_of(take.trouble.message)},
                       {"tracks", base::list_of(std::move(tracks))},
                       {"channels", base::list_of(std::move(channels))},
                       {"events", base::list_of(std::move(events))},
                       {"checkpoints", base::list_of(std::move(checkpoints))},
                       {"numbers", value_of(signed_size(raw))}});
}

/// Reads a header; the first thing that is not as it should be is remembered.
class Header {
 public:
  explicit Header(const Value& value) : value_(value) {}

  std::int64_t whole(const char* key, std::int64_t least, std::int64_t most) {
    const Value* v = value_.find(key);
    const auto* n = v ? std::get_if<std::int64_t>(&v->data) : nullptr;
    if (n && *n >= least && *n <= most) return *n;
    return fail(key), least;
  }
  std::string text(const char* key) {
    const Value* v = value_.find(key);
    return v && v->text() ? *v->text() : (fail(key), std::string());
  }
  double real(const char* key) {
    const Value* v = value_.find(key);
    double number = 0;
    if (!v || !base::json_double(*v, number)) fail(key);
    return number;
  }
  const Value::List& list(const char* key) {
    static const Value::List kNone;
    const Value* v = value_.find(key);
    return v && v->list() ? *v->list() : (fail(key), kNone);
  }
  void fail(const std::string& key) {
    if (bad_.empty()) bad_ = key;
  }
  const std::string& bad() const { return bad_; }

 private:
  const Value& value_;
  std::string bad_;
};

/// Hands out the unpacked numbers piece by piece.
class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : left_(bytes) {}
  std::optional<std::string_view> piece(std::size_t rows, std::size_t width) {
    if (width != 0 && rows > left_.size() / width) return std::nullopt;
    const std::string_view got = left_.substr(0, rows * width);
    left_.remove_prefix(got.size());
    return got;
  }
  bool empty() const { return left_.empty(); }

 private:
  std::string_view left_;
};

template <class T>
std::vector<T> values(std::string_view bytes) {
  std::vector<T> out(bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(T));
  return out;
}

constexpr std::int64_t kMost = std::int64_t{1} << 40;

bool read_track(Header& head, Numbers& numbers, Track& track) {
  track.body = scene::BodyId(static_cast<std::size_t>(head.whole("body", 0, 1 << 24)));
  track.path = head.text("path");
  const auto bytes = numbers.piece(static_cast<std::size_t>(head.whole("keys", 1, kMost)), kKeyBytes);
  if (!bytes) return false;
  const std::string rows = unshuffled(*bytes, kKeyBytes);
  for (std::size_t at = 0; at < rows.size(); at += kKeyBytes) {
    Key key;
    double n[13];
    std::memcpy(&key.time.nanoseconds, rows.data() + at, sizeof key.time.nanoseconds);
    std::memcpy(n, rows.data() + at + sizeof key.time.nanoseconds, sizeof n);
    key.pose = {{n[3], n[4], n[5], n[6]}, {n[0], n[1], n[2]}};
    key.twist = {{n[7], n[8], n[9]}, {n[10], n[11], n[12]}};
    if (!track.keys.empty() && key.time <= track.keys.back().time) return false;
    track.keys.push_back(key);
  }
  return true;
}

bool read_channel(Header& head, Numbers& numbers, Channel& channel) {
  channel.name = head.text("name");
  channel.kind = head.text("kind");
  channel.unit = head.text("unit");
  channel.frame = head.text("frame");
  channel.size = static_cast<int>(head.whole("size", 1, 1 << 16));
  const auto rows = static_cast<std::size_t>(head.whole("rows", 0, kMost));
  const auto times = numbers.piece(rows, sizeof(std::int64_t));
  const std::size_t width = static_cast<std::size_t>(channel.size) * sizeof(double);
  const auto commanded = times ? numbers.piece(rows, width) : std::nullopt;
  const auto actual = commanded ? numbers.piece(rows, width) : std::nullopt;
  if (!actual) return false;
  for (const std::int64_t t : values<std::int64_t>(*times)) channel.times.push_back({t});
  channel.commanded = values<double>(*commanded);
  channel.actual = values<double>(*actual);
  return true;
}

Result<Take> read(const Value& value, std::string_view raw, const std::string& file) {
  const auto broken = [&](const std::string& what) { return error("is a broken take: " + what, {file}); };
  Header head(value);
  Take take;
  take.step_ns = head.whole("step_ns", 1, kMost);
  take.settle_steps = head.whole("settle_steps", 0, kMost);
  take.steps = head.whole("steps", 0, kMost);
  take.solver = head.text("solver");
  take.trouble = {static_cast<physics::Trouble>(head.whole("trouble", 0, static_cast<int>(physics::Trouble::failed))),
                  head.real("trouble_time"), head.text("trouble_message")};
  Numbers numbers(raw);
  const auto each = [&](const char* key, auto use) {
    for (const Value& item : head.list(key)) {
      Header inner(item);
      if (!use(inner) || !inner.bad().empty()) return head.fail(fmt::format("{}.{}", key, inner.bad()));
    }
  };
  each("tracks", [&](Header& h) { return read_track(h, numbers, take.tracks.emplace_back()); });
  each("channels", [&](Header& h) { return read_channel(h, numbers, take.channels.emplace_back()); });
  each("checkpoints", [&](Header& h) {
    const std::int64_t step = h.whole("step", 0, kMost);
    const auto block = numbers.piece(static_cast<std::size_t>(h.whole("bytes", 0, kMost)), 1);
    if (!block || (!take.checkpoints.empty() && step <= take.checkpoints.back().step)) return false;
    take.checkpoints.push_back({step, std::string(*block)});
    return true;
  });
  if (!head.bad().empty()) return broken(fmt::format("its {} cannot be", head.bad()));
  if (!numbers.empty()) return broken("it has more numbers than it names");
  for (const Value& item : head.list("events")) {
    WM_TRY(event, event_of(item));
    take.events.push_back(std::move(event));
  }
  return take;
}

}  // namespace

std::string encode(const Take& take) {
  std::string numbers;
  for (const Track& track : take.tracks) {
    std::string rows;
    for (const Key& key : track.keys) put(rows, key);
    numbers += shuffled(rows, kKeyBytes);
  }
  for (const Channel& c : take.channels) {
    for (const base::SimTime time : c.times) put(numbers, &time.nanoseconds, sizeof time.nanoseconds);
    put(numbers, c.commanded.data(), c.commanded.size() * sizeof(double));
    put(numbers, c.actual.data(), c.actual.size() * sizeof(double));
  }
  for (const Checkpoint& c : take.checkpoints) numbers += c.block;
  std::string header;
  base::append_json(header, header_of(take, numbers.size()));
  std::string bytes(kMagic);
  const std::uint64_t length = header.size();
  put(bytes, &length, sizeof length);
  bytes += header;
  bytes += packed(numbers);
  return bytes + sum_of(bytes);
}

Result<Take> decode(std::string_view bytes, const std::string& file, std::uint64_t budget) {
  std::uint64_t length = 0;
  if (bytes.size() < kMagic.size() + sizeof length + kSumBytes || !bytes.starts_with(kMagic)) {
    return error("is no take of this version", {file});
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kSumBytes);
  if (sum_of(body) != bytes.substr(body.size())) return error("is a broken take: its checksum does not agree", {file});
  std::memcpy(&length, bytes.data() + kMagic.size(), sizeof length);
  const std::string_view rest = body.substr(kMagic.size() + sizeof length);
  if (length > rest.size()) return error("is a broken take: it ends in its header", {file});
  WM_TRY(header, base::parse_json(rest.substr(0, length), file));
  Header head(header);
  const std::int64_t size = head.whole("numbers", 0, kMost);
  if (!head.bad().empty()) return error("is a broken take: its numbers cannot be", {file});
  if (static_cast<std::uint64_t>(size) > budget) {
    return error(fmt::format("would take {} bytes of memory; {} are allowed", size, budget), {file});
  }
  std::string raw(static_cast<std::size_t>(size), '\0');
  if (!unpack(rest.substr(length), raw)) return error("is a broken take: its numbers cannot be unpacked", {file});
  return read(header, raw, file);
}

}  // namespace wm::sim
