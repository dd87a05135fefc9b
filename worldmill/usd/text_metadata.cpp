// The blocks in parentheses: what is said about a layer, a prim, a property.
#include <algorithm>

#include "worldmill/usd/text_parser.h"
#include "worldmill/usd/text_writer.h"

namespace wm::usd {

Value* find(std::vector<Field>& fields, Token name) {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  return at == fields.end() ? nullptr : &at->value;
}

void set(std::vector<Field>& fields, Token name, Value value) {
  if (Value* old = find(fields, name)) {
    *old = std::move(value);
  } else {
    fields.push_back({name, std::move(value)});
  }
}

namespace {

// Several lines for one field make one list op; a whole list and edits of it do not mix, the last way of saying it
// counts.
template <class T>
void edit_list(std::vector<Field>& fields, Token name, Type type, Edit edit, std::vector<T> items) {
  const Value* old = find(fields, name);
  ListOp<T> op;
  if (old && old->is(type)) op = old->content<ListOp<T>>();
  if (op.is_explicit != (edit == Edit::set)) op = {};
  op.is_explicit = edit == Edit::set;
  std::vector<T>* lists[] = {&op.explicit_items, &op.added, &op.prepended, &op.appended, &op.deleted, &op.ordered};
  *lists[static_cast<int>(edit)] = std::move(items);
  set(fields, name, Value::boxed(type, std::move(op)));
}

Type vector_of(Type list_op) {
  switch (list_op) {
    case Type::int_list_op:
      return Type::int_;
    case Type::int64_list_op:
      return Type::int64;
    case Type::uint_list_op:
      return Type::uint;
    case Type::uint64_list_op:
      return Type::uint64;
    case Type::token_list_op:
      return Type::token;
    case Type::string_list_op:
      return Type::string;
    default:
      return Type::none;
  }
}

}  // namespace

namespace {

// Numbers in their shortest form and one blank after each comma, where a value is made of numbers and brackets alone.
std::string tidied(std::string_view raw) {
  if (raw.find_first_not_of("0123456789+-.eE,[]() \t\r\n") != std::string_view::npos) return std::string(raw);
  TextScanner scanner(raw, "");
  std::string out;
  for (;;) {
    scanner.lines();
    if (scanner.done()) return out;
    const char c = scanner.peek();
    if (c == '[' || c == '(' || c == ']' || c == ')' || c == ',') {
      scanner.take(c);
      out += c;
      if (c == ',') out += ' ';
      continue;
    }
    double number;
    std::int64_t integer = 0;
    std::uint64_t natural = 0;
    bool is_integer, is_negative;
    if (!scanner.number(number, integer, natural, is_integer, is_negative)) return std::string(raw);
    if (is_integer) {
      out += is_negative ? std::to_string(integer) : std::to_string(natural);
    } else {
      append_number(out, number);
    }
  }
}

}  // namespace

bool TextParser::metadata(Owner owner, Path path, std::vector<Field>& fields) {
  const std::size_t start = at();
  if (!take('(')) return true;
  for (;;) {
    lines();
    while (take(';')) lines();
    if (take(')')) return true;
    if (done()) return fail_at(start, "this ( is not closed");
    if (!metadata_item(owner, path, fields)) return false;
    blanks();
    if (peek() == ')') continue;
    if (!end_statement("an item of metadata")) return false;
  }
}

bool TextParser::metadata_item(Owner owner, Path path, std::vector<Field>& fields) {
  if (is_quote()) {
    std::string comment;
    if (!quoted(comment)) return false;
    set(fields, known("comment"), Value::of(Token(comment), Type::string));
    return true;
  }
  std::string_view key = word();
  if (key.empty()) return fail("expected the name of an item of metadata");
  blanks();
  Edit edit = Edit::set;
  constexpr std::string_view kEdits[] = {"", "add", "prepend", "append", "delete", "reorder"};
  if (peek() != '=') {
    for (int i = 1; i < 6; ++i) {
      if (key == kEdits[i]) edit = static_cast<Edit>(i);
    }
    if (edit == Edit::set) return fail("expected `=` after " + std::string(key));
    key = spaced_name();
    if (key.empty()) return fail("expected the name of a list to edit");
    blanks();
  }
  const std::size_t equals = at();
  if (!expect('=', "after " + std::string(key.substr(0, 80)))) return false;
  blanks();
  bool known_key = false;
  const bool on_prim = owner == Owner::prim || owner == Owner::variant;
  if (owner == Owner::layer && key == "subLayers") return sublayers(fields);
  if (key == "relocates" && (owner == Owner::layer || on_prim)) return relocates(owner, path, fields);
  if (on_prim) {
    if (!special_item(key, edit, path, fields, known_key)) return false;
    if (known_key) return true;
  }
  if (key == "permission") {
    const std::string_view name = word();
    if (name != "public" && name != "private") return fail_at(equals, "permission is public or private");
    set(fields, known("permission"), Value::small(Type::permission, name == "private"));
    return true;
  }
  if (key == "symmetryFunction" || key == "displayUnit") {  // legacy: a word without quotation marks, or nothing
    set(fields, Token(key), Value::of(Token(word())));
    return true;
  }
  const std::string_view name = key == "doc" ? "documentation" : key;
  static constexpr Token kReserved[] = {known("specifier"),
                                        known("typeName"),
                                        known("primChildren"),
                                        known("properties"),
                                        known("variantSetChildren"),
                                        known("variantChildren"),
                                        known("primOrder"),
                                        known("propertyOrder"),
                                        known("default"),
                                        known("timeSamples"),
                                        known("spline"),
                                        known("connectionPaths"),
                                        known("targetPaths"),
                                        known("variability"),
                                        known("custom"),
                                        known("subLayers"),
                                        known("subLayerOffsets"),
                                        known("references"),
                                        known("payload"),
                                        known("inheritPaths"),
                                        known("specializes"),
                                        known("variantSetNames"),
                                        known("variantSelection"),
                                        known("relocates"),
                                        known("layerRelocates")};
  if (std::find(std::begin(kReserved), std::end(kReserved), Token(name)) != std::end(kReserved)) {
    return fail_at(equals, std::string(name) + " cannot be said here");
  }
  const MetadataType type = metadata_type(name);
  if (type.type == Type::none) return unknown_item(name, edit, fields);
  return known_item(name, edit, type.type, type.array, fields);
}

bool TextParser::known_item(std::string_view key, Edit edit, Type type, bool array, std::vector<Field>& fields) {
  const Token name(key);
  if (vector_of(type) != Type::none && info(type).bytes == 0) return names(name, type, edit, fields);
  if (edit != Edit::set) return fail(std::string(key) + " is no list that can be edited");
  Value result;
  if (none()) {
    result = Value::small(Type::value_block, 0);
  } else if (!value(type, array, result)) {
    return false;
  }
  set(fields, name, std::move(result));
  return true;
}

// What USD does not know keeps its text, so that it can be written again.
bool TextParser::unknown_item(std::string_view key, Edit edit, std::vector<Field>& fields) {
  const Token name(key);
  const auto unregistered = [&](Value inside) { return Value::boxed(Type::unregistered, std::move(inside)); };
  if (peek() == '{' && edit == Edit::set) {
    Value inside;
    if (!dictionary(inside)) return false;
    set(fields, name, unregistered(std::move(inside)));
    return true;
  }
  if (edit != Edit::set) {
    std::vector<Value> items;
    bool is_none = false;
    const bool read = list(
        [&] {
          std::string_view raw;
          if (!raw_value(raw)) return false;
          items.push_back(unregistered(Value::of(Token(raw), Type::string)));
          return true;
        },
        key, &is_none);
    if (!read) return false;
    edit_list(fields, name, Type::unregistered_list_op, edit, std::move(items));
    return true;
  }
  const std::size_t start = at();
  std::string_view raw;
  if (!raw_value(raw)) return false;
  if (strict && raw != "None" && is_identifier(raw)) {
    return fail_at(start, "a word without quotation marks is no value of " + std::string(key));
  }
  set(fields, name, unregistered(Value::of(Token(tidied(raw)), Type::string)));
  return true;
}

bool TextParser::names(Token name, Type type, Edit edit, std::vector<Field>& fields) {
  const Type item_type = vector_of(type);
  std::vector<Token> tokens;
  std::vector<std::int64_t> integers;
  const bool read = list(
      [&] {
        Value item;
        // Lists of integers are read as doubles are where a point stands: cut off.
        if (!value(item_type, false, item)) return false;
        if (info(item_type).scalar == Scalar::text) {
          tokens.push_back(item.token());
        } else if (item_type == Type::int_) {
          integers.push_back(item.get<std::int32_t>());
        } else if (item_type == Type::uint) {
          integers.push_back(item.get<std::uint32_t>());
        } else {
          integers.push_back(item.get<std::int64_t>());
        }
        return true;
      },
      name.text());
  if (!read) return false;
  if (info(item_type).scalar == Scalar::text) {
    edit_list(fields, name, type, edit, std::move(tokens));
  } else {
    edit_list(fields, name, type, edit, std::move(integers));
  }
  return true;
}

bool TextParser::special_item(std::string_view key, Edit edit, Path path, std::vector<Field>& fields, bool& known_key) {
  known_key = true;
  if (key == "references") return references(known("references"), Type::reference_list_op, edit, path, fields);
  if (key == "payload") return references(known("payload"), Type::payload_list_op, edit, path, fields);
  if (key == "inherits") return paths(known("inheritPaths"), key, edit, path, fields);
  if (key == "specializes") return paths(known("specializes"), key, edit, path, fields);
  if (key == "variantSets") return names(known("variantSetNames"), Type::string_list_op, edit, fields);
  if (key == "variants") return variant_selections(fields);
  if (key == "reference") return fail("`reference` is of an old version of the format; write `references`");
  known_key = false;
  return true;
}

bool TextParser::offset_items(LayerOffset& offset, Dictionary* custom_data) {
  if (!take('(')) return true;
  for (;;) {
    lines();
    while (take(';')) lines();
    if (take(')')) return true;
    const std::size_t start = at();
    const std::string_view key = word();
    blanks();
    if (!expect('=', "in the block after an asset or path")) return false;
    blanks();
    if (key == "offset" || key == "scale") {
      if (!number(key == "offset" ? offset.offset : offset.scale)) return false;
    } else if (key == "customData" && custom_data) {
      Value data;
      if (!dictionary(data)) return false;
      *custom_data = data.content<Dictionary>();
    } else {
      return fail_at(start, "expected offset" + std::string(custom_data ? ", scale or customData" : " or scale"));
    }
    blanks();
    if (peek() == ')') continue;
    if (!end_statement("an item")) return false;
  }
}

bool TextParser::sublayers(std::vector<Field>& fields) {
  std::vector<Token> assets;
  std::vector<LayerOffset> offsets;
  const bool read = list(
      [&] {
        if (peek() != '@') return fail("expected the asset path of a sublayer in @ @");
        std::string path;
        if (!asset(path)) return false;
        blanks();
        LayerOffset offset;
        if (!offset_items(offset, nullptr)) return false;
        assets.push_back(Token(path));
        offsets.push_back(offset);
        return true;
      },
      "sublayers");
  if (!read) return false;
  set(fields, known("subLayers"), Value::tokens(assets, Type::string_vector));
  set(fields, known("subLayerOffsets"), Value::array_of<LayerOffset>(Type::layer_offset_vector, offsets));
  return true;
}

bool TextParser::relocates(Owner owner, Path path, std::vector<Field>& fields) {
  if (!expect('{', "before relocates")) return false;
  const Path anchor = owner == Owner::layer ? Path::root() : path.without_variants();
  Relocates pairs;
  for (;;) {
    lines();
    if (take('}')) break;
    const std::size_t start = at();
    Path from, to;
    if (!this->path(anchor, from)) return false;
    if (!from.is_prim() || from.has_variant()) return fail_at(start, "a relocate's source must be a prim");
    lines();
    if (!expect(':', "after the source of a relocate")) return false;
    lines();
    const std::size_t second = at();
    if (!this->path(anchor, to, owner == Owner::layer)) return false;
    if (to && (!to.is_prim() || to.has_variant())) return fail_at(second, "a relocate's target must be a prim");
    pairs.emplace_back(from, to);
    lines();
    if (take('}')) break;
    if (!take(',')) return fail("expected `,` or `}` after a relocate");
  }
  set(fields, owner == Owner::layer ? known("layerRelocates") : known("relocates"),
      Value::boxed(Type::relocates, std::move(pairs)));
  return true;
}

bool TextParser::reference(Path path, bool payload, Reference& found) {
  const std::size_t start = at();
  if (peek() == '@') {
    std::string text;
    if (!asset(text)) return false;
    if (text.empty() && !payload) return fail_at(start, "a reference's asset path is empty");
    found.asset = Token(text);
    const std::size_t after = at();
    lines();
    if (peek() != '<') go(after);
  } else if (peek() != '<') {
    return fail("expected an asset path in @ @ or a path in < >");
  }
  const std::size_t second = at();
  if (peek() == '<') {
    if (!this->path(path.without_variants(), found.prim, true)) return false;
    if (found.prim && (!found.prim.is_prim() || found.prim.has_variant())) {
      return fail_at(second, "a reference or payload goes to a prim, not into a variant or to a property: <" +
                                 found.prim.text() + ">");
    }
  }
  const std::size_t before = at();
  blanks();
  if (peek() != '(') go(before);
  Dictionary data;
  if (!offset_items(found.offset, payload ? nullptr : &data)) return false;
  if (!data.empty()) found.custom_data = std::make_shared<const Dictionary>(std::move(data));
  return true;
}

bool TextParser::references(Token name, Type type, Edit edit, Path path, std::vector<Field>& fields) {
  std::vector<Reference> items;
  bool is_none = false;
  const std::size_t start = at();
  const bool read = list(
      [&] {
        Reference item;
        if (!reference(path, type == Type::payload_list_op, item)) return false;
        items.push_back(std::move(item));
        return true;
      },
      name.text(), &is_none);
  if (!read) return false;
  if (is_none && edit != Edit::set && strict) return fail_at(start, "None cannot be added, deleted or ordered");
  edit_list(fields, name, type, edit, std::move(items));
  return true;
}

bool TextParser::paths(Token name, std::string_view key, Edit edit, Path path, std::vector<Field>& fields) {
  std::vector<Path> items;
  bool is_none = false;
  const std::size_t start = at();
  const bool read = list(
      [&] {
        const std::size_t here = at();
        Path item;
        if (!this->path(path.without_variants(), item)) return false;
        if (!item.is_prim() || item.has_variant()) {
          return fail_at(
              here, std::string(key) + " goes to a prim, not into a variant or to a property: <" + item.text() + ">");
        }
        items.push_back(item);
        return true;
      },
      key, &is_none);
  if (!read) return false;
  if (is_none && edit != Edit::set && strict) return fail_at(start, "None cannot be added, deleted or ordered");
  edit_list(fields, name, Type::path_list_op, edit, std::move(items));
  return true;
}

bool TextParser::variant_selections(std::vector<Field>& fields) {
  const std::size_t start = at();
  Value value;
  if (!dictionary(value)) return false;
  VariantSelections selections;
  for (const auto& [set_name, selection] : value.content<Dictionary>()) {
    if (!selection.is(Type::string) && !selection.is(Type::token)) {
      return fail_at(start, "the selection of variant set " + std::string(set_name.text()) + " must be a string");
    }
    const std::string_view text = selection.token().text();
    if (!text.empty() && text[0] != '`' && !is_variant_name(text)) {
      return fail_at(start,
                     "no variant can be called "
                     " + std::string(text.substr(0, 100)) + "
                     "");
    }
    selections.emplace_back(set_name, selection.token());
  }
  set(fields, known("variantSelection"), Value::boxed(Type::variant_selection_map, std::move(selections)));
  return true;
}

bool TextParser::targets(Token name, Path prim, Edit edit, bool unique, std::vector<Field>& fields) {
  std::vector<Path> items;
  bool is_none = false;
  const std::size_t start = at();
  const bool read = list(
      [&] {
        const std::size_t here = at();
        Path item;
        if (!path(prim.without_variants(), item, !strict)) return false;
        if (!item) return true;
        if (item.has_variant()) return fail_at(here, "a target cannot lie in a variant: <" + item.text() + ">");
        if (unique && std::find(items.begin(), items.end(), item) != items.end()) {
          return fail_at(here, "<" + item.text() + "> is twice in one list of targets");
        }
        items.push_back(item);
        return true;
      },
      "targets", &is_none);
  if (!read) return false;
  if (is_none && edit != Edit::set && strict) return fail_at(start, "None cannot be added, deleted or ordered");
  edit_list(fields, name, Type::path_list_op, edit, std::move(items));
  return true;
}

}  // namespace wm::usd
