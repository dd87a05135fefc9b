// Writes crate files. Values go out first, each once: what is equal (type and bytes) is written at one place; then the
// tables. Nested values are written before what holds them, so that what holds them is plain bytes.
#include <algorithm>
#include <unordered_map>

#include "worldmill/usd/crate.h"
#include "worldmill/usd/crate_coding.h"
#include "worldmill/usd/crate_file.h"
#include "worldmill/usd/spline.h"

namespace wm::usd {
namespace {

template <class T>
void give(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::uint64_t hash_bytes(std::string_view bytes) {
  std::uint64_t hash = 0x9E3779B97F4A7C15ull ^ bytes.size();
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    hash = (hash ^ word) * 0xBF58476D1CE4E5B9ull;
    hash ^= hash >> 31;
  }
  for (; at < bytes.size(); ++at) hash = (hash ^ static_cast<unsigned char>(bytes[at])) * 0x100000001b3ull;
  return hash ^ hash >> 29;
}

class Writer {
 public:
  explicit Writer(const Layer& layer) : layer_(layer) {
    out_.assign(88, '\0');
    token(Token(";-)"));  // a property's element is minus its token's index, so index 0 must not be one
  }

  std::string write() {
    specs();
    tables();
    head();
    return std::move(out_);
  }

 private:
  struct Place {
    std::uint64_t offset, size;
    Type type;
  };

  void need(int minor) { minor_ = std::max(minor_, minor); }

  std::uint32_t token(Token t) {
    const auto [at, fresh] = token_indices_.try_emplace(t, static_cast<std::uint32_t>(tokens_.size()));
    if (fresh) tokens_.push_back(t);
    return at->second;
  }
  std::uint32_t string(Token t) {
    const auto [at, fresh] = string_indices_.try_emplace(t, static_cast<std::uint32_t>(strings_.size()));
    if (fresh) strings_.push_back(token(t));
    return at->second;
  }
  // The path's place in the table; those above it are entered too. Place 0 is the empty path.
  std::uint32_t path(Path p) {
    if (p.empty()) return 0;
    const auto found = path_indices_.find(p);
    if (found != path_indices_.end()) return found->second;
    if (!p.is_root()) path(p.parent());
    paths_.push_back(p);
    const auto index = static_cast<std::uint32_t>(paths_.size());
    path_indices_.emplace(p, index);
    return index;
  }

  // Writes bytes at a multiple of eight unless the same ones, of the same type, are there.
  std::uint64_t place(Type type, std::string_view bytes, bool array) {
    const std::uint64_t hash = hash_bytes(bytes) * 128 + static_cast<std::uint64_t>(type) * 2 + array;
    for (auto [at, end] = placed_.equal_range(hash); at != end; ++at) {
      const Place& p = at->second;
      if (p.type == type && p.size == bytes.size() && std::string_view(out_).substr(p.offset, p.size) == bytes) {
        return p.offset;
      }
    }
    out_.resize((out_.size() + 7) / 8 * 8, '\0');
    const std::uint64_t offset = out_.size();
    out_ += bytes;
    placed_.emplace(hash, Place{offset, bytes.size(), type});
    return offset;
  }

  ValueRep stored(Type type, std::string_view bytes) { return ValueRep::of(type, 0, place(type, bytes, false)); }
  static ValueRep inlined(Type type, std::uint32_t low) { return ValueRep::of(type, ValueRep::kInlined, low); }

  ValueRep rep_of(const Value& raw) {
    const Value value = layer_.decoded(raw);
    const Type type = value.type();
    if (type == Type::timecode) need(9);
    if (type == Type::path_expression) need(10);
    if (info(type).bytes > 0 && !info(type).name.empty()) return value.is_array() ? array(value) : element(value);
    std::string bytes;
    const auto path_item = [&](Path p) { give(bytes, path(p)); };
    const auto token_item = [&](Token t) { give(bytes, token(t)); };
    const auto string_item = [&](Token t) { give(bytes, string(t)); };
    switch (type) {
      case Type::specifier:
      case Type::permission:
      case Type::variability:
        return inlined(type, static_cast<std::uint32_t>(value.bits()));
      case Type::value_block:
        return inlined(type, 0);
      case Type::animation_block:
        need(14);
        return inlined(type, 0);
      case Type::dictionary:
        if (value.content<Dictionary>().empty()) return inlined(type, 0);
        dictionary(value.content<Dictionary>(), bytes);
        return stored(type, bytes);
      case Type::token_list_op:
        list_op(value.content<TokenListOp>(), bytes, token_item);
        return stored(type, bytes);
      case Type::string_list_op:
        list_op(value.content<TokenListOp>(), bytes, string_item);
        return stored(type, bytes);
      case Type::path_list_op:
        list_op(value.content<PathListOp>(), bytes, path_item);
        return stored(type, bytes);
      case Type::reference_list_op:
      case Type::payload_list_op:
        list_op(value.content<ReferenceListOp>(), bytes,
                [&](const Reference& r) { reference(r, type == Type::payload_list_op, bytes); });
        return stored(type, bytes);
      case Type::int_list_op:
      case Type::uint_list_op:
        list_op(value.content<IntegerListOp>(), bytes,
                [&](std::int64_t n) { give(bytes, static_cast<std::int32_t>(n)); });
        return stored(type, bytes);
      case Type::int64_list_op:
      case Type::uint64_list_op:
        list_op(value.content<IntegerListOp>(), bytes, [&](std::int64_t n) { give(bytes, n); });
        return stored(type, bytes);
      case Type::unregistered_list_op: {
        // Each item's bytes: a distance of eight, then where its value is.
        const auto& op = value.content<ValueListOp>();
        list_op(op, bytes, [&](const Value& item) {
          indirect(item.is(Type::unregistered) ? item.content<Value>() : item, bytes);
        });
        std::string outer;
        give(outer, std::int64_t{8});
        give(outer, stored(type, bytes).bits);
        return stored(Type::unregistered, outer);
      }
      case Type::unregistered:
        indirect(value.content<Value>(), bytes);
        return stored(type, bytes);
      case Type::token_vector:
      case Type::string_vector:
        give(bytes, std::uint64_t{value.size()});
        for (std::size_t i = 0; i < value.size(); ++i) {
          const Token t = value.get<Token>(i);
          give(bytes, type == Type::token_vector ? token(t) : string(t));
        }
        return stored(type, bytes);
      case Type::path_vector:
        give(bytes, std::uint64_t{value.size()});
        for (std::size_t i = 0; i < value.size(); ++i) give(bytes, path(value.get<Path>(i)));
        return stored(type, bytes);
      case Type::double_vector:
      case Type::layer_offset_vector: {
        give(bytes, std::uint64_t{value.size()});
        const auto all = value.bytes();
        bytes.append(reinterpret_cast<const char*>(all.data()), all.size());
        return stored(type, bytes);
      }
      case Type::variant_selection_map:
        give(bytes, std::uint64_t{value.content<VariantSelections>().size()});
        for (const auto& [set_name, selection] : value.content<VariantSelections>()) {
          string_item(set_name);
          string_item(selection);
        }
        return stored(type, bytes);
      case Type::relocates:
        need(11);
        give(bytes, std::uint64_t{value.content<Relocates>().size()});
        for (const auto& [from, to] : value.content<Relocates>()) {
          path_item(from);
          path_item(to);
        }
        return stored(type, bytes);
      case Type::time_samples:
        samples(value.content<TimeSamples>(), bytes);
        return stored(type, bytes);
      case Type::spline: {
        need(12);
        const auto& curve = value.content<Spline>();
        const std::string packed = pack_spline(curve);
        give(bytes, std::uint64_t{packed.size()});
        bytes += packed;
        std::string customs;
        std::uint64_t count = 0;
        for (const Spline::Knot& knot : curve.knots) {
          if (knot.custom_data.empty()) continue;
          give(customs, knot.time);
          dictionary(knot.custom_data, customs);
          ++count;
        }
        give(bytes, count);
        bytes += customs;
        return stored(type, bytes);
      }
      default:
        return inlined(Type::value_block, 0);  // a value whose bytes were broken when they were read
    }
  }

  void indirect(const Value& value, std::string& bytes) {
    const ValueRep rep = rep_of(value);
    give(bytes, std::int64_t{8});
    give(bytes, rep.bits);
  }

  void dictionary(const Dictionary& entries, std::string& bytes) {
    give(bytes, std::uint64_t{entries.size()});
    for (const auto& [key, value] : entries) {
      give(bytes, string(key));
      indirect(value, bytes);
    }
  }

  void reference(const Reference& r, bool payload, std::string& bytes) {
    give(bytes, string(r.asset));
    give(bytes, path(r.prim));
    give(bytes, r.offset.offset);
    give(bytes, r.offset.scale);
    if (payload) return;
    if (r.custom_data) {
      dictionary(*r.custom_data, bytes);
    } else {
      give(bytes, std::uint64_t{0});
    }
  }

  template <class T, class Item>
  void list_op(const ListOp<T>& op, std::string& bytes, Item item) {
    const std::pair<int, const std::vector<T>*> lists[] = {{2, &op.explicit_items}, {4, &op.added},
                                                           {0x20, &op.prepended},   {0x40, &op.appended},
                                                           {8, &op.deleted},        {0x10, &op.ordered}};
    int bits = op.is_explicit;
    for (const auto& [bit, list] : lists) bits |= list->empty() ? 0 : bit;
    give(bytes, static_cast<std::uint8_t>(bits));
    for (const auto& [bit, list] : lists) {
      if (list->empty()) continue;
      give(bytes, std::uint64_t{list->size()});
      for (const T& one : *list) item(one);
    }
  }

  void samples(const TimeSamples& s, std::string& bytes) {
    std::vector<ValueRep> reps;
    for (const Value& value : s.values) reps.push_back(rep_of(value));
    const ValueRep times = rep_of(s.times);
    give(bytes, std::int64_t{8});
    give(bytes, times.bits);
    give(bytes, std::int64_t{8});
    give(bytes, std::uint64_t{reps.size()});
    for (const ValueRep& rep : reps) give(bytes, rep.bits);
  }

  ValueRep element(const Value& value) {
    const Type type = value.type();
    const auto bytes = value.bytes();
    const TypeInfo& i = info(type);
    if (i.scalar == Scalar::text) {
      const Token t = value.token();
      if (type == Type::path_expression) {
        std::string index;
        give(index, string(t));
        return stored(type, index);
      }
      return inlined(type, type == Type::string ? string(t) : token(t));
    }
    std::uint32_t low = 0;
    if (bytes.size() <= 4) {
      std::memcpy(&low, bytes.data(), bytes.size());
      return inlined(type, low);
    }
    if (i.components == 1 && type != Type::timecode) {
      if (i.scalar == Scalar::i64) {
        const auto n = value.get<std::int64_t>();
        if (n == static_cast<std::int32_t>(n))
          return inlined(type, static_cast<std::uint32_t>(static_cast<std::int32_t>(n)));
      } else if (i.scalar == Scalar::u64) {
        const auto n = value.get<std::uint64_t>();
        if (n == static_cast<std::uint32_t>(n)) return inlined(type, static_cast<std::uint32_t>(n));
      } else {
        const auto n = value.get<double>();
        const auto narrow = static_cast<float>(n);
        if (std::bit_cast<std::uint64_t>(static_cast<double>(narrow)) == std::bit_cast<std::uint64_t>(n)) {
          return inlined(type, std::bit_cast<std::uint32_t>(narrow));
        }
      }
    }
    const bool quaternion = type == Type::quatd || type == Type::quatf || type == Type::quath;
    if (i.components > 1 && !quaternion && small_numbers(value, low)) return inlined(type, low);
    return stored(type, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  // Vectors of whole numbers from -128 to 127, and diagonal matrices of them, in four bytes.
  static bool small_numbers(const Value& value, std::uint32_t& low) {
    const TypeInfo& i = info(value.type());
    const int rows = value.is(Type::matrix2d) ? 2 : value.is(Type::matrix3d) ? 3 : value.is(Type::matrix4d) ? 4 : 0;
    std::int8_t small[4] = {};
    for (int k = 0; k < i.components; ++k) {
      const double n = number_at(i.scalar, value.bytes().data(), static_cast<std::size_t>(k));
      if (rows > 0 && k % (rows + 1) != 0) {
        if (std::bit_cast<std::uint64_t>(n) != 0) return false;
        continue;
      }
      if (!(n >= -128 && n <= 127) || n != static_cast<std::int8_t>(n) || (n == 0 && std::signbit(n))) return false;
      small[rows > 0 ? k / (rows + 1) : k] = static_cast<std::int8_t>(n);
    }
    std::memcpy(&low, small, 4);
    return true;
  }

  ValueRep array(const Value& value) {
    const Type type = value.type();
    const TypeInfo& i = info(type);
    const std::size_t count = value.size();
    if (count == 0) return ValueRep::of(type, ValueRep::kArray, 0);
    std::string bytes;
    give(bytes, std::uint64_t{count});
    if (i.scalar == Scalar::text) {
      for (std::size_t k = 0; k < count; ++k) {
        const Token t = value.get<Token>(k);
        give(bytes, type == Type::token ? token(t) : string(t));
      }
      return ValueRep::of(type, ValueRep::kArray, place(type, bytes, true));
    }
    if (count >= kCompressFrom && i.components == 1 && compressed(value, bytes)) {
      return ValueRep::of(type, ValueRep::kArray | ValueRep::kCompressed, place(type, bytes, true));
    }
    const auto all = value.bytes();
    bytes.append(reinterpret_cast<const char*>(all.data()), all.size());
    return ValueRep::of(type, ValueRep::kArray, place(type, bytes, true));
  }

  template <class T>
  static std::vector<T> copied(const Value& value) {
    std::vector<T> items(value.size());
    std::memcpy(items.data(), value.bytes().data(), value.bytes().size());
    return items;
  }
  template <class T>
  static void give_packed(std::string& bytes, const std::vector<T>& integers) {
    const std::string packed = pack_integers<T>(integers);
    give(bytes, std::uint64_t{packed.size()});
    bytes += packed;
  }

  bool compressed(const Value& value, std::string& bytes) {
    switch (value.type()) {
      case Type::int_:
      case Type::uint:
        give_packed(bytes, copied<std::int32_t>(value));
        return true;
      case Type::int64:
      case Type::uint64:
        give_packed(bytes, copied<std::int64_t>(value));
        return true;
      case Type::half:
        return compressed_reals<Half>(value, bytes);
      case Type::float_:
        return compressed_reals<float>(value, bytes);
      case Type::double_:
        return compressed_reals<double>(value, bytes);
      default:
        return false;
    }
  }

  // Whole numbers as integers; few different ones as a table; else not at all.
  template <class T>
  bool compressed_reals(const Value& value, std::string& bytes) {
    const Scalar scalar = info(value.type()).scalar;
    std::vector<std::int32_t> integers;
    for (std::size_t k = 0; k < value.size(); ++k) {
      const double n = number_at(scalar, value.bytes().data(), k);
      if (!(n >= -2147483648.0 && n <= 2147483647.0) || n != static_cast<std::int32_t>(n) ||
          (n == 0 && std::signbit(n)))
        break;
      integers.push_back(static_cast<std::int32_t>(n));
    }
    if (integers.size() == value.size()) {
      bytes += 'i';
      give_packed(bytes, integers);
      return true;
    }
    using Word = std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                    std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
    const std::size_t most = std::min<std::size_t>(value.size() / 4, 1024);
    std::unordered_map<Word, std::uint32_t> table;
    std::vector<Word> words;
    std::vector<std::uint32_t> indices;
    for (std::size_t k = 0; k < value.size(); ++k) {
      const Word word = value.get<Word>(k);
      const auto [at, fresh] = table.try_emplace(word, static_cast<std::uint32_t>(words.size()));
      if (fresh) words.push_back(word);
      if (words.size() > most) return false;
      indices.push_back(at->second);
    }
    bytes += 't';
    give(bytes, static_cast<std::uint32_t>(words.size()));
    for (const Word word : words) give(bytes, word);
    give_packed(bytes, indices);
    return true;
  }

  void specs() {
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> field_indices;  // rep -> fields with it
    std::unordered_map<std::string, std::uint32_t> sets;
    for (const Layer::Spec& spec : layer_.specs()) {
      if (spec.type == SpecType::unknown) continue;
      std::string set;
      const auto written = layer_.fields(spec);
      std::vector<Field> fields(written.begin(), written.end());
      // A relationship of text is uniform unless it says otherwise; one of a crate is varying.
      if (spec.type == SpecType::relationship && !layer_.raw(spec, known("variability"))) {
        fields.push_back({known("variability"), Value::small(Type::variability, 1)});
      }
      for (const Field& field : fields) {
        const std::uint32_t name = token(field.name);
        const ValueRep rep = rep_of(field.value);
        auto& same_rep = field_indices[rep.bits];
        const auto found =
            std::find_if(same_rep.begin(), same_rep.end(), [&](auto index) { return fields_[index] == name; });
        if (found != same_rep.end()) {
          give(set, *found);
        } else {
          same_rep.push_back(static_cast<std::uint32_t>(fields_.size()));
          give(set, static_cast<std::uint32_t>(fields_.size()));
          fields_.push_back(name);
          reps_.push_back(rep.bits);
        }
      }
      const auto [at, fresh] = sets.try_emplace(set, static_cast<std::uint32_t>(field_sets_.size()));
      if (fresh) {
        for (std::size_t k = 0; k < set.size(); k += 4) {
          std::uint32_t index;
          std::memcpy(&index, set.data() + k, 4);
          field_sets_.push_back(index);
        }
        field_sets_.push_back(kNoIndex);
      }
      spec_paths_.push_back(path(spec.path));
      spec_sets_.push_back(at->second);
      spec_types_.push_back(static_cast<std::uint32_t>(spec.type));
    }
    path(Path::root());
    if (fields_.empty()) {  // other readers cannot unpack a table of nothing; no set names this one
      fields_.push_back(token(known("default")));
      reps_.push_back(inlined(Type::value_block, 0).bits);
    }
  }

  template <class Fill>
  void section(const char* name, Fill fill) {
    const std::uint64_t start = out_.size();
    fill();
    std::string entry(name);
    entry.resize(16, '\0');
    give(entry, start);
    give(entry, std::uint64_t{out_.size() - start});
    contents_ += entry;
    ++sections_;
  }

  void tables() {
    // The tree first: its elements are tokens.
    std::vector<std::uint32_t> order(paths_.size()), indices;
    std::vector<std::int32_t> elements, jumps;
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return path_less(paths_[a], paths_[b]); });
    const std::size_t n = order.size();
    jumps.assign(n, -2);
    std::unordered_map<Path, std::size_t> last_child;  // the entry that will point at the next sibling
    for (std::size_t i = 0; i < n; ++i) {
      const Path p = paths_[order[i]];
      indices.push_back(order[i] + 1);
      elements.push_back(element_token(p));
      if (p.is_root()) continue;
      const auto [at, first] = last_child.try_emplace(p.parent(), i);
      if (first) {
        jumps[i - 1] = -1;  // sorted, so a first child follows its parent
      } else {
        jumps[at->second] = jumps[at->second] == -2 ? 0 : static_cast<std::int32_t>(i - at->second);
        at->second = i;
      }
    }
    section("TOKENS", [&] {
      std::string text;
      for (const Token t : tokens_) text.append(t.text()).append(1, '\0');
      const std::string packed = pack_bytes({reinterpret_cast<const std::byte*>(text.data()), text.size()});
      give(out_, std::uint64_t{tokens_.size()});
      give(out_, std::uint64_t{text.size()});
      give(out_, std::uint64_t{packed.size()});
      out_ += packed;
    });
    section("STRINGS", [&] {
      give(out_, std::uint64_t{strings_.size()});
      for (const std::uint32_t s : strings_) give(out_, s);
    });
    section("FIELDS", [&] {
      give(out_, std::uint64_t{fields_.size()});
      give_packed(out_, fields_);
      const std::string packed =
          pack_bytes({reinterpret_cast<const std::byte*>(reps_.data()), reps_.size() * sizeof(std::uint64_t)});
      give(out_, std::uint64_t{packed.size()});
      out_ += packed;
    });
    section("FIELDSETS", [&] {
      give(out_, std::uint64_t{field_sets_.size()});
      give_packed(out_, field_sets_);
    });
    section("PATHS", [&] {
      give(out_, std::uint64_t{n + 1});
      give(out_, std::uint64_t{n});
      give_packed(out_, indices);
      give_packed(out_, elements);
      give_packed(out_, jumps);
    });
    section("SPECS", [&] {
      give(out_, std::uint64_t{spec_paths_.size()});
      give_packed(out_, spec_paths_);
      give_packed(out_, spec_sets_);
      give_packed(out_, spec_types_);
    });
  }

  std::int32_t element_token(Path p) {
    switch (p.kind()) {
      case Path::Kind::property:
        return -static_cast<std::int32_t>(token(p.name()));
      case Path::Kind::variant:
        return static_cast<std::int32_t>(
            token(Token("{" + std::string(p.name().text()) + "=" + std::string(p.selection().text()) + "}")));
      case Path::Kind::target:
        return static_cast<std::int32_t>(token(Token("[" + p.target_path().text() + "]")));
      default:
        return static_cast<std::int32_t>(token(p.name()));
    }
  }

  void head() {
    const std::uint64_t contents_at = out_.size();
    give(out_, sections_);
    out_ += contents_;
    std::memcpy(out_.data(), "PXR-USDC", 8);
    out_[9] = static_cast<char>(minor_);
    std::memcpy(out_.data() + 16, &contents_at, 8);
  }

  const Layer& layer_;
  std::string out_, contents_;
  std::uint64_t sections_ = 0;
  int minor_ = 8;
  std::vector<Token> tokens_;
  std::vector<std::uint32_t> strings_, fields_, field_sets_, spec_paths_, spec_sets_, spec_types_;
  std::vector<std::uint64_t> reps_;
  std::vector<Path> paths_;
  std::unordered_map<Token, std::uint32_t> token_indices_, string_indices_;
  std::unordered_map<Path, std::uint32_t> path_indices_;
  std::unordered_multimap<std::uint64_t, Place> placed_;
};

}  // namespace

std::string write_crate(const Layer& layer) {
  return Writer(layer).write();
}

}  // namespace wm::usd
