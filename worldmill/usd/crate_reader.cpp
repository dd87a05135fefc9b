// A crate file in a picture; every offset counts from its first byte:
//
//   PXR-USDC, version, offset of the contents | values ... | TOKENS STRINGS FIELDS FIELDSETS PATHS SPECS | contents
//
//   SPECS      path, field set, kind      for each spec
//   FIELDSETS  fields of each set, ended by ~0; specs share sets
//   FIELDS     token, where its value is
//   PATHS      the tree of paths, depth first: element, what follows (child, sibling, both)
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "worldmill/usd/crate.h"
#include "worldmill/usd/crate_coding.h"
#include "worldmill/usd/crate_file.h"

namespace wm::usd {

bool is_crate(std::string_view bytes) {
  return bytes.starts_with("PXR-USDC");
}

Result<std::shared_ptr<Layer>> read_crate(const Bytes& bytes, const std::string& file, const ReadBudget& budget) {
  return CrateFile::open(bytes, file, budget);
}

tl::unexpected<base::Diagnostic> CrateFile::broken(const std::string& what) const {
  return base::error("the crate file is broken: " + what, {file_});
}

tl::unexpected<base::Diagnostic> CrateFile::too_many(const char* what, std::uint64_t count) const {
  return base::error(fmt::format("the file has {} {}, more than go with the {} prims and properties allowed", count,
                                 what, budget_.specs),
                     {file_});
}

Result<std::shared_ptr<Layer>> CrateFile::open(const Bytes& bytes, const std::string& file, const ReadBudget& budget) {
  if (bytes.data.size() > budget.bytes) {
    return base::error(fmt::format("the file has {} bytes, more than the {} allowed", bytes.data.size(), budget.bytes),
                       {file});
  }
  const std::shared_ptr<CrateFile> crate(new CrateFile(bytes, file, budget));
  auto layer = std::make_shared<Layer>(file);
  WM_TRY_STATUS(crate->read_contents());
  WM_TRY_STATUS(crate->read_tokens());
  WM_TRY_STATUS(crate->read_strings());
  WM_TRY_STATUS(crate->read_fields());
  WM_TRY_STATUS(crate->read_field_sets());
  WM_TRY_STATUS(crate->read_paths());
  WM_TRY_STATUS(crate->read_specs(*layer));
  // What is left is for values: tokens, strings and paths.
  crate->fields_ = {};
  crate->field_sets_ = {};
  crate->sections_ = {};
  layer->set_source(crate);
  return layer;
}

Status CrateFile::read_contents() {
  CrateCursor cursor(bytes_.data, 0);
  if (!is_crate(bytes_.text())) return base::error("the file does not begin with PXR-USDC", {file_});
  if (bytes_.data.size() < 88) return broken("it is shorter than its head");
  cursor.go(8);
  const auto major = cursor.read<std::uint8_t>(), minor = cursor.read<std::uint8_t>(),
             patch = cursor.read<std::uint8_t>();
  version_ = version_of(major, minor, patch);
  if (major != 0 || minor > 14) {
    return base::error(fmt::format("crate version {}.{}.{} is newer than the 0.14 that is known", major, minor, patch),
                       {file_});
  }
  cursor.go(16);
  const auto contents = cursor.read<std::uint64_t>();
  if (contents >= bytes_.data.size()) return broken("its contents lie beyond its end");
  cursor.go(contents);
  const std::uint64_t count = cursor.count(32);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto name = cursor.take(16);
    const Section where{cursor.read<std::uint64_t>(), cursor.read<std::uint64_t>()};
    if (!cursor.ok()) break;
    if (where.start > bytes_.data.size() || where.size > bytes_.data.size() - where.start) {
      return broken("a section lies beyond its end");
    }
    const auto* text = reinterpret_cast<const char*>(name.data());
    sections_.emplace_back(std::string(text, std::find(text, text + 16, '\0')), where);
  }
  if (!cursor.ok()) return broken("its contents are cut off");
  return {};
}

CrateCursor CrateFile::section(const char* name, bool& found) const {
  for (const auto& [known_name, where] : sections_) {
    if (known_name != name) continue;
    found = true;
    return {bytes_.data.first(where.start + where.size), where.start};
  }
  found = false;
  return {{}, 0};
}

template <class T>
bool CrateFile::read_packed(CrateCursor& cursor, std::vector<T>& integers) {
  const auto packed = cursor.take(cursor.read<std::uint64_t>());
  return cursor.ok() && unpack_integers<T>(packed, integers);
}

Status CrateFile::read_tokens() {
  bool found;
  CrateCursor cursor = section("TOKENS", found);
  if (!found) return broken("it has no tokens");
  const auto count = cursor.read<std::uint64_t>();
  const auto size = cursor.read<std::uint64_t>();
  std::optional<std::vector<std::byte>> unpacked;
  std::span<const std::byte> text;
  if (version_ >= version_of(0, 4, 0)) {
    const auto packed = cursor.take(cursor.read<std::uint64_t>());
    if (!cursor.ok() || size > budget_.decoded_bytes) return broken("its tokens are cut off");
    if (size > 0) {
      unpacked = unpack_bytes(packed, size);
      if (!unpacked) return broken("its tokens cannot be unpacked");
      text = *unpacked;
    }
  } else {
    text = cursor.take(size);
  }
  if (!cursor.ok() || count > text.size()) return broken("its tokens are cut off");
  tokens_.reserve(count);
  const char* at = reinterpret_cast<const char*>(text.data());
  const char* const end = at + text.size();
  for (std::uint64_t i = 0; i < count; ++i) {
    const char* const stop = std::find(at, end, '\0');
    if (stop == end) return broken("a token is not ended");
    tokens_.push_back(Token({at, static_cast<std::size_t>(stop - at)}));
    at = stop + 1;
  }
  return {};
}

Status CrateFile::read_strings() {
  bool found;
  CrateCursor cursor = section("STRINGS", found);
  if (!found) return broken("it has no strings");
  const std::uint64_t count = cursor.count(4);
  for (std::uint64_t i = 0; i < count; ++i) strings_.push_back(token_at(cursor.read<std::uint32_t>()));
  if (!cursor.ok()) return broken("its strings are cut off");
  return {};
}

Status CrateFile::read_fields() {
  bool found;
  CrateCursor cursor = section("FIELDS", found);
  if (!found) return broken("it has no fields");
  if (version_ < version_of(0, 4, 0)) {
    const std::uint64_t count = cursor.count(16);
    for (std::uint64_t i = 0; i < count; ++i) {
      cursor.read<std::uint32_t>();
      const Token name = token_at(cursor.read<std::uint32_t>());
      fields_.emplace_back(name, ValueRep{cursor.read<std::uint64_t>()});
    }
    if (!cursor.ok()) return broken("its fields are cut off");
    return {};
  }
  const auto count = cursor.read<std::uint64_t>();
  if (!cursor.ok() || !can_hold(cursor.left(), count)) return broken("its fields are cut off");
  if (count > budget_.specs * 4) return too_many("fields", count);
  std::vector<std::uint32_t> names(count);
  if (!read_packed(cursor, names)) return broken("the names of its fields cannot be unpacked");
  const auto packed = cursor.take(cursor.read<std::uint64_t>());
  if (!cursor.ok()) return broken("its fields are cut off");
  if (count == 0) return {};
  const auto reps = unpack_bytes(packed, count * 8);
  if (!reps) return broken("its fields cannot be unpacked");
  fields_.resize(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t bits;
    std::memcpy(&bits, reps->data() + i * 8, 8);
    fields_[i] = {token_at(names[i]), ValueRep{bits}};
  }
  return {};
}

Status CrateFile::read_field_sets() {
  bool found;
  CrateCursor cursor = section("FIELDSETS", found);
  if (!found) return broken("it has no field sets");
  if (version_ < version_of(0, 4, 0)) {
    const std::uint64_t count = cursor.count(4);
    field_sets_.resize(count);
    for (auto& index : field_sets_) index = cursor.read<std::uint32_t>();
    if (!cursor.ok()) return broken("its field sets are cut off");
  } else {
    const auto count = cursor.read<std::uint64_t>();
    if (!cursor.ok() || !can_hold(cursor.left(), count)) return broken("its field sets are cut off");
    if (count > budget_.specs * 8) return too_many("field sets", count);
    field_sets_.resize(count);
    if (!read_packed(cursor, field_sets_)) return broken("its field sets cannot be unpacked");
  }
  if (!field_sets_.empty() && field_sets_.back() != kNoIndex) return broken("its last field set is not ended");
  return {};
}

bool CrateFile::add_path(std::uint32_t index, Path parent, std::int64_t element, bool property, Path& made) {
  if (index >= paths_.size()) return false;
  if (parent.empty()) {
    made = Path::root();
  } else {
    const auto token_index = static_cast<std::uint64_t>(element < 0 ? -element : element);
    if (token_index >= tokens_.size() || parent.depth() >= Path::kMaxDepth) return false;
    const Token token = tokens_[token_index];
    const std::string_view text = token.text();
    // A name that text could not hold would come back as something else.
    if (property) {
      if (!is_namespaced_identifier(text)) return false;
      made = parent.property(token);
    } else if (text.starts_with('{') && text.ends_with('}')) {
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos) return false;
      const std::string_view set = text.substr(1, equals - 1);
      const std::string_view selection = text.substr(equals + 1, text.size() - equals - 2);
      if (!is_identifier(set) || !(selection.empty() || is_variant_name(selection))) return false;
      made = parent.variant(Token(set), Token(selection));
    } else if (text.starts_with('[') && text.ends_with(']')) {
      const auto to = Path::parse(text.substr(1, text.size() - 2));
      made = parent.target(to ? *to : Path());
    } else if (!is_identifier(text)) {
      return false;
    } else {
      made = parent.child(token);
    }
  }
  paths_[index] = made;
  return true;
}

Status CrateFile::read_paths() {
  bool found;
  CrateCursor cursor = section("PATHS", found);
  if (!found) return broken("it has no paths");
  const auto table = cursor.read<std::uint64_t>();
  if (version_ < version_of(0, 4, 0)) {
    if (!cursor.ok() || table > cursor.left()) return broken("its paths are cut off");
    paths_.resize(table);
    return read_old_paths(cursor.at());
  }
  const auto count = cursor.read<std::uint64_t>();
  if (!cursor.ok() || count > table || !can_hold(cursor.left(), table)) return broken("its paths are cut off");
  if (table > budget_.specs * 4) return too_many("paths", table);
  paths_.resize(table);
  std::vector<std::uint32_t> indices(count);
  std::vector<std::int32_t> elements(count), jumps(count);
  if (!read_packed(cursor, indices) || !read_packed(cursor, elements) || !read_packed(cursor, jumps)) {
    return broken("its paths cannot be unpacked");
  }
  if (count == 0) return {};
  struct Step {
    std::uint64_t at;
    Path parent;
  };
  std::vector<Step> siblings = {{0, Path()}};
  std::uint64_t made_count = 0;
  while (!siblings.empty()) {
    auto [at, parent] = siblings.back();
    siblings.pop_back();
    for (;;) {
      Path made;
      if (at >= count || ++made_count > count) return broken("its tree of paths does not end");
      if (!add_path(indices[at], parent, elements[at], elements[at] < 0, made)) {
        return broken(fmt::format("a path is none, or has more than {} elements", Path::kMaxDepth));
      }
      const std::int32_t jump = jumps[at];
      const bool child = jump > 0 || jump == -1, sibling = jump >= 0;
      if (child) {
        if (sibling) siblings.push_back({at + static_cast<std::uint64_t>(jump), parent});
        parent = made;
      }
      if (!child && !sibling) break;
      ++at;
    }
  }
  return {};
}

// Before version 0.4.0 the tree lies in the file as headers, each with its child and sibling after it or pointed at.
Status CrateFile::read_old_paths(std::uint64_t start) {
  struct Step {
    std::uint64_t at;
    Path parent;
  };
  std::vector<Step> siblings = {{start, Path()}};
  const bool padded = version_ == version_of(0, 0, 1);
  std::uint64_t made_count = 0;
  while (!siblings.empty()) {
    auto [at, parent] = siblings.back();
    siblings.pop_back();
    for (;;) {
      CrateCursor cursor(bytes_.data, at);
      if (padded) cursor.read<std::uint32_t>();
      const auto index = cursor.read<std::uint32_t>();
      const auto element = cursor.read<std::uint32_t>();
      const auto bits = cursor.read<std::uint8_t>();
      cursor.take(3);
      Path made;
      if (!cursor.ok() || ++made_count > paths_.size()) return broken("its tree of paths does not end");
      if (!add_path(index, parent, element, bits & 4, made)) {
        return broken(fmt::format("a path is none, or has more than {} elements", Path::kMaxDepth));
      }
      const bool child = bits & 1, sibling = bits & 2;
      if (child && sibling) siblings.push_back({cursor.read<std::uint64_t>(), parent});
      if (!cursor.ok()) return broken("its paths are cut off");
      if (child) parent = made;
      if (!child && !sibling) break;
      at = cursor.at();
    }
  }
  return {};
}

Status CrateFile::read_specs(Layer& layer) {
  bool found;
  CrateCursor cursor = section("SPECS", found);
  if (!found) return broken("it has no specs");
  std::vector<std::uint32_t> paths, sets, types;
  const bool old = version_ < version_of(0, 4, 0);
  const auto count = old ? cursor.count(12) : cursor.read<std::uint64_t>();
  if (!cursor.ok() || (!old && !can_hold(cursor.left(), count))) return broken("its specs are cut off");
  if (count > budget_.specs) {
    return base::error(
        fmt::format("the file has {} prims and properties, more than the {} allowed", count, budget_.specs), {file_});
  }
  paths.resize(count), sets.resize(count), types.resize(count);
  if (old) {
    for (std::uint64_t i = 0; i < count; ++i) {
      if (version_ == version_of(0, 0, 1)) cursor.read<std::uint32_t>();
      paths[i] = cursor.read<std::uint32_t>();
      sets[i] = cursor.read<std::uint32_t>();
      types[i] = cursor.read<std::uint32_t>();
    }
    if (!cursor.ok()) return broken("its specs are cut off");
  } else if (!read_packed(cursor, paths) || !read_packed(cursor, sets) || !read_packed(cursor, types)) {
    return broken("its specs cannot be unpacked");
  }
  // Sets are decoded once, each where it begins.
  std::unordered_map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>> ranges;
  layer.reserve(count, field_sets_.size());
  std::vector<Field> set_fields;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Path path = path_at(paths[i]);
    const auto type = static_cast<SpecType>(types[i]);
    if (path.empty() || path.kind() == Path::Kind::target) continue;
    if (type != SpecType::attribute && type != SpecType::prim && type != SpecType::pseudo_root &&
        type != SpecType::relationship && type != SpecType::variant && type != SpecType::variant_set) {
      continue;  // connections, mappers and targets of old files; what they say stands elsewhere too
    }
    const std::uint32_t start = sets[i];
    if (start >= field_sets_.size() || (start > 0 && field_sets_[start - 1] != kNoIndex)) {
      return broken("a field set does not begin where a spec says");
    }
    auto [range, fresh] = ranges.try_emplace(start);
    if (fresh) {
      set_fields.clear();
      for (std::uint32_t at = start; field_sets_[at] != kNoIndex; ++at) {
        if (field_sets_[at] >= fields_.size()) return broken("a field set names a field that is not there");
        const auto& [name, rep] = fields_[field_sets_[at]];
        set_fields.push_back({name, Value::small(Type::encoded, rep.bits)});
      }
      range->second = {layer.add_fields(set_fields), static_cast<std::uint32_t>(set_fields.size())};
    }
    layer.add_spec(path, type, range->second.first, range->second.second,
                   true);  // of two with one path the first stays
  }
  if (!layer.has(Path::root())) layer.put(Path::root(), SpecType::pseudo_root, {});
  return {};
}

}  // namespace wm::usd
