#include "worldmill/usd/layer.h"

#include <algorithm>

namespace wm::usd {
namespace {

Token children_field(Path path) {
  switch (path.kind()) {
    case Path::Kind::property:
      return known("properties");
    case Path::Kind::variant:
      return path.selection().empty() ? known("variantSetChildren") : known("variantChildren");
    default:
      return known("primChildren");
  }
}

// Where the spec that lists `path` stands: a variant is listed by its set, `{set=}`, which its prim lists.
Path lister(Path path) {
  if (path.kind() == Path::Kind::variant && !path.selection().empty())
    return path.parent().variant(path.name(), Token());
  return path.parent();
}

}  // namespace

std::size_t Layer::slot_of(Path path) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = (path.id() * 0x9E3779B97F4A7C15ull >> 20) & mask;
  while (slots_[at].spec && slots_[at].path != path.id()) at = (at + 1) & mask;
  return at;
}

void Layer::rehash(std::size_t slots) {
  slots_.assign(slots, {});
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    slots_[slot_of(specs_[i].path)] = {specs_[i].path.id(), static_cast<std::uint32_t>(i + 1)};
  }
}

void Layer::reserve(std::size_t specs, std::size_t fields) {
  specs_.reserve(specs);
  fields_.reserve(fields);
  std::size_t slots = 16;
  while (slots < specs * 3 / 2) slots *= 2;
  if (slots > slots_.size()) rehash(slots);
}

const Layer::Spec* Layer::find(Path path) const {
  if (slots_.empty()) return nullptr;
  const std::uint32_t index = slots_[slot_of(path)].spec;
  if (index == 0 || specs_[index - 1].type == SpecType::unknown) return nullptr;
  return &specs_[index - 1];
}

const Value* Layer::raw(const Spec& spec, Token name) const {
  for (const Field& field : fields(spec)) {
    if (field.name == name) return &field.value;
  }
  return nullptr;
}

Value Layer::decoded(const Value& value) const {
  return value.is_encoded() && source_ ? source_->decode(value) : value;
}

Value Layer::field(const Spec& spec, Token name) const {
  const Value* value = raw(spec, name);
  return value ? decoded(*value) : Value();
}

Value Layer::field(Path path, Token name) const {
  const Spec* spec = find(path);
  return spec ? field(*spec, name) : Value();
}

std::vector<Token> Layer::children(const Spec& spec, Token list) const {
  const Value value = field(spec, list);
  if (!value.is_array() || info(value.type()).scalar != Scalar::text) return {};
  std::vector<Token> names(value.size());
  const auto bytes = value.bytes();
  if (!names.empty()) std::memcpy(static_cast<void*>(names.data()), bytes.data(), bytes.size());
  return names;
}

std::uint32_t Layer::add_fields(std::span<const Field> fields) {
  const auto first = static_cast<std::uint32_t>(fields_.size());
  fields_.insert(fields_.end(), fields.begin(), fields.end());
  return first;
}

bool Layer::add_spec(Path path, SpecType type, std::uint32_t first, std::uint32_t count, bool shared) {
  if (slots_.size() * 2 < (specs_.size() + 1) * 3) rehash(std::max<std::size_t>(16, slots_.size() * 2));
  const std::size_t slot = slot_of(path);
  const Spec spec{path, first, count, type, shared};
  if (slots_[slot].spec) {
    Spec& old = specs_[slots_[slot].spec - 1];
    if (old.type != SpecType::unknown) return false;
    old = spec;
    return true;
  }
  specs_.push_back(spec);
  slots_[slot] = {path.id(), static_cast<std::uint32_t>(specs_.size())};
  return true;
}

void Layer::put(Path path, SpecType type, std::vector<Field> fields) {
  Spec* spec = find_mutable(path);
  const auto count = static_cast<std::uint32_t>(fields.size());
  if (spec && !spec->shared && spec->count >= count) {
    std::move(fields.begin(), fields.end(), fields_.begin() + spec->first);
    spec->count = count;
    spec->type = type;
    return;
  }
  const std::uint32_t first = add_fields(fields);
  if (spec) {
    *spec = {path, first, count, type, false};
  } else {
    add_spec(path, type, first, count, false);
  }
}

void Layer::set(Path path, Token name, Value value) {
  const Spec* spec = find(path);
  WM_CHECK(spec);
  const auto now = fields(*spec);
  std::vector<Field> changed(now.begin(), now.end());
  const auto at = std::find_if(changed.begin(), changed.end(), [&](const Field& f) { return f.name == name; });
  if (!value) {
    if (at == changed.end()) return;
    changed.erase(at);
  } else if (at != changed.end()) {
    at->value = std::move(value);
  } else {
    changed.push_back({name, std::move(value)});
  }
  put(path, spec->type, std::move(changed));
}

void Layer::make_prims(Path path) {
  if (has(path)) return;
  if (path.is_root()) {
    put(path, SpecType::pseudo_root, {});
    return;
  }
  WM_CHECK(path.is_prim_or_variant());
  make_prims(path.parent());
  const auto list = [&](Path listed) {
    std::vector<Token> names = children(*find(lister(listed)), children_field(listed));
    const Token name = listed.kind() == Path::Kind::variant && listed.selection() ? listed.selection() : listed.name();
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    names.push_back(name);
    set(lister(listed), children_field(listed), Value::tokens(names));
  };
  if (path.is_prim()) {
    put(path, SpecType::prim, {{known("specifier"), Value::small(Type::specifier, 1)}});
  } else {
    const Path whole = path.parent().variant(path.name(), Token());
    if (!has(whole)) put(whole, SpecType::variant_set, {});
    list(whole);
    put(path, SpecType::variant, {});
  }
  list(path);
}

void Layer::make_property(Path path, SpecType type) {
  if (has(path)) return;
  make_prims(path.parent());
  put(path, type, {});
  std::vector<Token> names = children(*find(path.parent()), known("properties"));
  names.push_back(path.name());
  set(path.parent(), known("properties"), Value::tokens(names));
}

void Layer::remove(Path path) {
  for (Spec& spec : specs_) {
    if (spec.type != SpecType::unknown && spec.path.has_prefix(path)) spec.type = SpecType::unknown;
  }
  const Spec* above = find(lister(path));
  if (!above) return;
  std::vector<Token> names = children(*above, children_field(path));
  std::erase(names, path.kind() == Path::Kind::variant && path.selection() ? path.selection() : path.name());
  set(above->path, children_field(path), names.empty() ? Value() : Value::tokens(names));
}

namespace {

// Encoded samples become the values they stand for, so that layers of both formats compare.
Value in_full(const Layer& layer, const Value& raw) {
  Value value = layer.decoded(raw);
  if (!value.is(Type::time_samples)) return value;
  TimeSamples samples = value.content<TimeSamples>();
  for (Value& sample : samples.values) sample = layer.decoded(sample);
  return Value::boxed(Type::time_samples, std::move(samples));
}

// What a spec without the field says too: some writers write it down.
bool says_nothing(const Layer& layer, const Layer::Spec& spec, const Field& field) {
  const Value value = layer.decoded(field.value);
  if (field.name == known("custom")) return value.is(Type::boolean) && !value.truth();
  if (field.name == known("variability")) return value.bits() == (spec.type == SpecType::relationship);
  if (field.name == known("primChildren") || field.name == known("properties")) return value.size() == 0;
  return false;
}

}  // namespace

bool same_content(const Layer& a, const Layer& b, std::string* difference) {
  const auto differ = [&](const std::string& what) {
    if (difference) *difference = what;
    return false;
  };
  const auto covered = [&](const Layer& x, const Layer& y, bool values) {
    for (const Layer::Spec& spec : x.specs()) {
      if (spec.type == SpecType::unknown) continue;
      const Layer::Spec* other = y.find(spec.path);
      if (!other) return differ("only " + x.identifier() + " has a spec at " + spec.path.text());
      if (other->type != spec.type) return differ("another kind of spec at " + spec.path.text());
      for (const Field& field : x.fields(spec)) {
        const std::string where = std::string(field.name.text()) + " of " + spec.path.text();
        const Value* theirs = y.raw(*other, field.name);
        if (!theirs && says_nothing(x, spec, field)) continue;
        if (!theirs) return differ("only " + x.identifier() + " has the field " + where);
        if (values && !(in_full(x, field.value) == in_full(y, *theirs))) return differ("the field " + where);
      }
    }
    return true;
  };
  return covered(a, b, true) && covered(b, a, false);
}

}  // namespace wm::usd
