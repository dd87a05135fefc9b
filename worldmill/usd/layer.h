#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "worldmill/base/result.h"
#include "worldmill/usd/path.h"
#include "worldmill/usd/value.h"

namespace wm::usd {

/// What a spec is; the numbers are the crate's.
enum class SpecType : std::uint8_t {
  unknown = 0,
  attribute = 1,
  prim = 6,
  pseudo_root = 7,
  relationship = 8,
  variant = 10,
  variant_set = 11
};

struct Field {
  Token name;
  Value value;
};

/// Where encoded values lie: a crate file. Thread-safe.
class ValueSource {
 public:
  virtual ~ValueSource() = default;
  /// The value, or none with a warning in the log when its bytes are broken.
  virtual Value decode(const Value& encoded) const = 0;
};

/// One file of USD as it is written: specs at paths, each with fields; nothing composed. What it does not understand it
/// keeps. Children lists (`primChildren`, `properties`, `variantSetChildren`, `variantChildren`) are fields like others
/// and give the order. Many threads may read a layer; one at a time may change it, with no reader beside it. SPEC 7.
class Layer {
 public:
  struct Spec {
    Path path;
    std::uint32_t first = 0, count = 0;  ///< Its fields.
    SpecType type = SpecType::unknown;   ///< unknown: taken out.
    bool shared = false;                 ///< Its fields are another spec's too.
  };

  explicit Layer(std::string identifier) : identifier_(std::move(identifier)) {}

  /// The path or name by which it was found; what diagnostics name.
  const std::string& identifier() const { return identifier_; }
  void set_identifier(std::string identifier) { identifier_ = std::move(identifier); }

  const Spec* find(Path path) const;
  bool has(Path path) const { return find(path) != nullptr; }
  std::span<const Spec> specs() const { return specs_; }
  std::span<const Field> fields(const Spec& spec) const { return {fields_.data() + spec.first, spec.count}; }

  /// The field as it is kept, perhaps encoded; null when there is none.
  const Value* raw(const Spec& spec, Token name) const;
  /// The field's value; none when there is none, or its bytes are broken.
  Value field(const Spec& spec, Token name) const;
  Value field(Path path, Token name) const;
  Value decoded(const Value& value) const;
  /// A children list: tokens, in order.
  std::vector<Token> children(const Spec& spec, Token list) const;

  // Changing it. What a spec needs above it is the caller's to add.

  /// Adds a spec or gives it other fields.
  void put(Path path, SpecType type, std::vector<Field> fields);
  void set(Path path, Token name, Value value);  ///< The spec must be there. A none value takes the field away.
  /// Adds an `over` for each missing prim down to `path`, listed in its parent.
  void make_prims(Path path);
  /// Adds a property (and its prim), listed in it.
  void make_property(Path path, SpecType type);
  /// Takes out the spec, all beneath it, and its name in the parent's list.
  void remove(Path path);

  // For readers of files.
  void set_source(std::shared_ptr<const ValueSource> source) { source_ = std::move(source); }
  const std::shared_ptr<const ValueSource>& source() const { return source_; }
  std::uint32_t add_fields(std::span<const Field> fields);
  bool add_spec(Path path, SpecType type, std::uint32_t first, std::uint32_t count, bool shared);  ///< False: is there.
  void reserve(std::size_t specs, std::size_t fields);

 private:
  std::size_t slot_of(Path path) const;
  void rehash(std::size_t slots);
  Spec* find_mutable(Path path) { return const_cast<Spec*>(find(path)); }

  std::string identifier_;
  std::vector<Spec> specs_;
  std::vector<Field> fields_;
  struct Slot {
    std::uint32_t path = 0, spec = 0;  // ids; a spec's index + 1, 0: free
  };
  std::vector<Slot> slots_;  // by the spec's path
  std::shared_ptr<const ValueSource> source_;
};

/// What reading a file may cost; checked before anything is made.
struct ReadBudget {
  std::uint64_t bytes = std::uint64_t{1} << 33;  ///< Of the file.
  std::uint64_t specs = 50'000'000;
  std::uint64_t decoded_bytes = std::uint64_t{1} << 34;  ///< Of one decoded array, and of tables.
};

/// Whether two layers say the same: same specs with equal decoded fields, whatever the order they are kept in. Fills
/// `difference` with the first one found.
bool same_content(const Layer& a, const Layer& b, std::string* difference = nullptr);

}  // namespace wm::usd
