#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "worldmill/usd/bytes.h"
#include "worldmill/usd/crate_format.h"
#include "worldmill/usd/layer.h"

namespace wm::usd {

/// Reads little-endian things one after another; beyond the end it gives zeros and is no longer `ok`.
class CrateCursor {
 public:
  CrateCursor(std::span<const std::byte> data, std::uint64_t at) : data_(data), at_(at), ok_(at <= data.size()) {}
  template <class T>
  T read() {
    T value{};
    if (!ok_ || sizeof(T) > data_.size() - at_) {
      ok_ = false;
      return value;
    }
    std::memcpy(static_cast<void*>(&value), data_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  std::span<const std::byte> take(std::uint64_t size) {
    if (!ok_ || size > data_.size() - at_) {
      ok_ = false;
      return {};
    }
    const auto part = data_.subspan(at_, size);
    at_ += size;
    return part;
  }
  /// A count of things that take at least `least` bytes each; not ok when so many cannot follow.
  std::uint64_t count(std::uint64_t least) {
    const auto n = read<std::uint64_t>();
    if (ok_ && n > left() / least) ok_ = false;
    return ok_ ? n : 0;
  }
  std::uint64_t left() const { return ok_ ? data_.size() - at_ : 0; }
  std::uint64_t at() const { return at_; }
  void go(std::uint64_t at) {
    at_ = at;
    ok_ = ok_ && at <= data_.size();
  }
  bool ok() const { return ok_; }
  void spoil() { ok_ = false; }

 private:
  std::span<const std::byte> data_;
  std::uint64_t at_;
  bool ok_;
};

/// The tables of a crate file, and its values on demand. Immutable after `open`; thread-safe.
class CrateFile final : public ValueSource {
 public:
  static Result<std::shared_ptr<Layer>> open(const Bytes& bytes, const std::string& file, const ReadBudget& budget);
  Value decode(const Value& encoded) const override;

 private:
  struct Section {
    std::uint64_t start = 0, size = 0;
  };
  CrateFile(Bytes bytes, std::string file, ReadBudget budget)
      : bytes_(std::move(bytes)), file_(std::move(file)), budget_(budget) {}

  tl::unexpected<base::Diagnostic> broken(const std::string& what) const;
  tl::unexpected<base::Diagnostic> too_many(const char* what, std::uint64_t count) const;
  Status read_contents();
  Status read_tokens();
  Status read_strings();
  Status read_fields();
  Status read_field_sets();
  Status read_paths();
  Status read_old_paths(std::uint64_t count);
  Status read_specs(Layer& layer);
  bool add_path(std::uint32_t index, Path parent, std::int64_t element, bool property, Path& made);
  template <class T>
  bool read_packed(CrateCursor& cursor, std::vector<T>& integers);
  CrateCursor section(const char* name, bool& found) const;

  Value value_of(ValueRep rep, int depth) const;
  Value inlined(ValueRep rep) const;
  Value array(ValueRep rep) const;
  Value compressed_array(ValueRep rep, CrateCursor& cursor, std::uint64_t count) const;
  Value stored(ValueRep rep, int depth) const;
  std::optional<Dictionary> dictionary(CrateCursor& cursor, int depth) const;
  Value indirect(CrateCursor& cursor, int depth) const;
  std::optional<Reference> reference(CrateCursor& cursor, bool payload, int depth) const;
  Value samples(CrateCursor& cursor, int depth) const;
  Value spline(CrateCursor& cursor, int depth) const;
  template <class T, class Item>
  Value list_op(Type type, CrateCursor& cursor, std::uint64_t least, Item item) const;
  template <class T, class Item>
  std::optional<std::vector<T>> items(CrateCursor& cursor, std::uint64_t least, Item item) const;
  Token token_at(std::uint32_t index) const { return index < tokens_.size() ? tokens_[index] : Token(); }
  Token string_at(std::uint32_t index) const { return index < strings_.size() ? strings_[index] : Token(); }
  Path path_at(std::uint32_t index) const { return index < paths_.size() ? paths_[index] : Path(); }

  Bytes bytes_;
  std::string file_;
  ReadBudget budget_;
  std::uint32_t version_ = 0;
  std::vector<std::pair<std::string, Section>> sections_;
  std::vector<Token> tokens_, strings_;
  std::vector<std::pair<Token, ValueRep>> fields_;
  std::vector<std::uint32_t> field_sets_;
  std::vector<Path> paths_;

  mutable std::mutex times_mutex_;
  mutable std::unordered_map<std::uint64_t, Value> times_;  // shared by the attributes of a file
};

/// A spline's packed bytes, versions 1 and 2; nothing when they are broken.
std::optional<struct Spline> unpack_spline(std::span<const std::byte> bytes);
std::string pack_spline(const struct Spline& spline);

}  // namespace wm::usd
