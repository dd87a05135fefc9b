// The statements of USDA text. SPEC 16.2; a layer in a picture:
//
//   #usda 1.0
//   ( metadata )
//   def Xform "World" ( metadata ) {
//     double3 xformOp:translate = (0, 0, 1)      property: any number of statements make one spec
//     double3 xformOp:translate.timeSamples = { 0: (0, 0, 1), 24: (0, 0, 2) }
//     rel material:binding = </Looks/Red>
//     variantSet "colour" = { "red" { ... } "blue" { ... } }
//     over "Child" { ... }
//   }
#include "worldmill/usd/text_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/usd/text_parser.h"

namespace wm::usd {

TextParser::TextParser(std::string_view text, const std::string& file, const ReadBudget& budget)
    : TextValues(text, file), layer_(std::make_shared<Layer>(file)), budget_(budget) {}

Result<std::shared_ptr<Layer>> TextParser::read() {
  if (text_.size() > budget_.bytes) {
    return base::error(fmt::format("the file has {} bytes, more than the {} allowed", text_.size(), budget_.bytes),
                       {file_});
  }
  if (!header() || !root()) return tl::unexpected(*error());
  return layer_;
}

bool TextParser::header() {
  if (rest().starts_with("\xEF\xBB\xBF")) return fail("the file begins with a byte order mark; save it without one");
  if (rest().starts_with("#sdf 1.4.")) {
    strict = true;
  } else if (!rest().starts_with("#usda 1.")) {
    return fail("the first line must begin with #usda 1.0");
  }
  go(std::min(text_.find_first_of("\r\n", at()), text_.size()));
  if (const std::size_t nul = text_.find('\0'); nul != std::string_view::npos) {
    return fail_at(nul, "a zero byte stands in the text");
  }
  return true;
}

bool TextParser::root() {
  std::vector<Field> fields;
  std::vector<Token> prims;
  lines();
  if (!metadata(Owner::layer, Path::root(), fields)) return false;
  if (at_ > 0 && text_[at_ - 1] == ')' && !end_statement("the metadata of the layer")) return false;
  for (;;) {
    lines();
    if (done()) break;
    if (is_word("reorder")) {
      word();
      blanks();
      if (word() != "rootPrims") return fail("expected rootPrims after reorder");
      if (!order_statement("primOrder", fields)) return false;
      continue;
    }
    Specifier specifier;
    if (is_word("def")) {
      specifier = Specifier::def;
    } else if (is_word("over")) {
      specifier = Specifier::over;
    } else if (is_word("class")) {
      specifier = Specifier::class_;
    } else {
      return fail("expected def, over or class");
    }
    word();
    if (!prim(Path::root(), specifier, prims)) return false;
    if (!at_line_end()) return fail("expected a new line after the } of a prim");
  }
  if (!prims.empty()) set(fields, known("primChildren"), Value::tokens(prims));
  return put(Path::root(), SpecType::pseudo_root, std::move(fields));
}

bool TextParser::put(Path path, SpecType type, std::vector<Field> fields) {
  if (layer_->specs().size() >= budget_.specs) {
    return fail(fmt::format("more than the {} prims and properties allowed", budget_.specs));
  }
  layer_->put(path, type, std::move(fields));
  return true;
}

std::vector<Field> TextParser::fields_of(Path path) const {
  const Layer::Spec* spec = layer_->find(path);
  if (!spec) return {};
  const auto fields = layer_->fields(*spec);
  return {fields.begin(), fields.end()};
}

bool TextParser::string_list(std::vector<Token>& names) {
  return list(
      [&] {
        if (!is_quote()) return fail("expected a name in quotation marks");
        std::string name;
        if (!quoted(name)) return false;
        names.push_back(Token(name));
        return true;
      },
      "names");
}

bool TextParser::order_statement(std::string_view what, std::vector<Field>& fields) {
  blanks();
  if (!expect('=', "after reorder")) return false;
  blanks();
  std::vector<Token> names;
  if (!string_list(names)) return false;
  set(fields, Token(what), Value::tokens(names));
  return end_statement("reorder");
}

bool TextParser::prim(Path parent, Specifier specifier, std::vector<Token>& siblings) {
  blanks();
  std::vector<Field> fields;
  fields.push_back({known("specifier"), Value::small(Type::specifier, static_cast<std::uint64_t>(specifier))});
  if (!is_quote()) {
    const std::string_view type = long_word();
    if (type.empty()) return fail("expected the name of the prim in quotation marks");
    if (type != "__AnyType__") fields.push_back({known("typeName"), Value::of(Token(type))});
    blanks();
    if (!is_quote()) return fail("expected the name of the prim in quotation marks");
  }
  const std::size_t start = at();
  std::string name;
  if (!quoted(name)) return false;
  if (!is_identifier(name)) return fail_at(start, "\"" + name.substr(0, 100) + "\" cannot be the name of a prim");
  if (parent.depth() >= Path::kMaxDepth) {
    return fail_at(start, fmt::format("prims are nested deeper than {}", Path::kMaxDepth));
  }
  const Path path = parent.child(Token(name));
  if (layer_->has(path)) return fail_at(start, "a prim " + path.text() + " was written before");
  siblings.push_back(path.name());
  // Its place among the specs comes before what is inside it.
  if (!put(path, SpecType::prim, fields)) return false;
  lines();
  if (!metadata(Owner::prim, path, fields)) return false;
  lines();
  Contents inside;
  if (!contents(path, fields, inside)) return false;
  return put(path, SpecType::prim, std::move(fields));
}

bool TextParser::contents(Path path, std::vector<Field>& fields, Contents& inside) {
  const std::size_t start = at();
  if (!expect('{', "before the contents of a prim")) return false;
  const auto listed = [&](Token list) {
    const Value* old = find(fields, list);
    std::vector<Token> names;
    if (old) {
      for (std::size_t i = 0; i < old->size(); ++i) names.push_back(old->get<Token>(i));
    }
    return names;
  };
  inside.prims = listed(known("primChildren"));
  inside.properties = listed(known("properties"));
  inside.variant_sets = listed(known("variantSetChildren"));
  for (;;) {
    lines();
    while (take(';')) lines();
    if (take('}')) break;
    if (done()) return fail_at(start, "this { is not closed");
    if (!statement(path, fields, inside)) return false;
  }
  if (!inside.prims.empty()) set(fields, known("primChildren"), Value::tokens(inside.prims));
  if (!inside.properties.empty()) set(fields, known("properties"), Value::tokens(inside.properties));
  if (!inside.variant_sets.empty()) set(fields, known("variantSetChildren"), Value::tokens(inside.variant_sets));
  return true;
}

bool TextParser::statement(Path path, std::vector<Field>& fields, Contents& inside) {
  constexpr std::string_view kSpecifiers[] = {"def", "over", "class"};
  for (int i = 0; i < 3; ++i) {
    if (!is_word(kSpecifiers[i])) continue;
    word();
    if (!prim(path, static_cast<Specifier>(i), inside.prims)) return false;
    return at_line_end() || fail("expected a new line after the } of a prim");
  }
  if (is_word("variantSet")) {
    word();
    return variant_set(path, inside);
  }
  constexpr std::string_view kEdits[] = {"", "add", "prepend", "append", "delete", "reorder"};
  for (int i = 1; i < 6; ++i) {
    if (!is_word(kEdits[i])) continue;
    const std::size_t start = at();
    word();
    blanks();
    if (i == 5 && (is_word("nameChildren") || is_word("properties"))) {
      return order_statement(word() == "nameChildren" ? "primOrder" : "propertyOrder", fields);
    }
    if (peek() == '=' || peek() == '.') {
      go(start);
      break;
    }
    return property(path, static_cast<Edit>(i), inside);
  }
  return property(path, Edit::set, inside);
}

bool TextParser::variant_set(Path path, Contents& inside) {
  blanks();
  const std::size_t start = at();
  std::string name;
  if (!is_quote()) return fail("expected the name of the variant set in quotation marks");
  if (!quoted(name)) return false;
  if (!is_identifier(name))
    return fail_at(start, "\"" + name.substr(0, 100) + "\" cannot be the name of a variant set");
  blanks();
  if (!expect('=', "after the name of a variant set")) return false;
  lines();
  if (path.depth() + 1 >= Path::kMaxDepth) {
    return fail_at(start, fmt::format("variants are nested deeper than {}", Path::kMaxDepth));
  }
  const Token set_name(name);
  const Path set_path = path.variant(set_name, Token());
  std::vector<Token> variants;
  if (const Layer::Spec* old = layer_->find(set_path)) variants = layer_->children(*old, known("variantChildren"));
  if (std::find(inside.variant_sets.begin(), inside.variant_sets.end(), set_name) == inside.variant_sets.end()) {
    inside.variant_sets.push_back(set_name);
  }
  if (!put(set_path, SpecType::variant_set, fields_of(set_path))) return false;
  const std::size_t open = at();
  if (!expect('{', "before the variants of a set")) return false;
  for (;;) {
    lines();
    if (take('}')) break;
    if (done()) return fail_at(open, "this { is not closed");
    const std::size_t here = at();
    std::string variant;
    if (!is_quote()) return fail("expected the name of a variant in quotation marks");
    if (!quoted(variant)) return false;
    if (!is_variant_name(variant)) {
      return fail_at(here, "no variant can be called \"" + variant.substr(0, 100) + "\"");
    }
    const Token variant_name(variant);
    const Path variant_path = path.variant(set_name, variant_name);
    if (std::find(variants.begin(), variants.end(), variant_name) == variants.end()) variants.push_back(variant_name);
    std::vector<Field> fields = fields_of(variant_path);
    if (!put(variant_path, SpecType::variant, fields)) return false;
    lines();
    if (!metadata(Owner::variant, variant_path, fields)) return false;
    lines();
    Contents within;
    if (!contents(variant_path, fields, within)) return false;
    if (!put(variant_path, SpecType::variant, std::move(fields))) return false;
  }
  std::vector<Field> fields = fields_of(set_path);
  if (!variants.empty()) set(fields, known("variantChildren"), Value::tokens(variants));
  if (!put(set_path, SpecType::variant_set, std::move(fields))) return false;
  return at_line_end() || fail("expected a new line after the } of a variant set");
}

bool TextParser::property(Path path, Edit edit, Contents& inside) {
  bool custom = false;
  std::optional<bool> uniform;
  // `custom`, `uniform` and the rest may be names of types only when nothing follows them as a name would.
  for (;;) {
    if (is_word("custom") && !custom) {
      custom = true;
    } else if ((is_word("uniform") || is_word("config") || is_word("varying")) && !uniform) {
      uniform = !is_word("varying");
    } else {
      break;
    }
    word();
    blanks();
  }
  if (is_word("rel")) {
    word();
    blanks();
    return relationship(path, edit, custom, uniform, inside);
  }
  return attribute(path, edit, custom, uniform, inside);
}

bool TextParser::relationship(Path prim_path, Edit edit, bool custom, std::optional<bool> uniform, Contents& inside) {
  const std::size_t start = at();
  const std::string_view name = spaced_name();
  if (name.empty()) return fail("expected the name of a relationship");
  if (peek() == '.' || peek() == '[') {
    return fail("this form of a relationship (rel name.default, rel name[path]) is of an old version of the format");
  }
  const Path path = prim_path.property(Token(name));
  const Layer::Spec* old = layer_->find(path);
  if (old && old->type != SpecType::relationship) {
    return fail_at(start, std::string(name) + " was written as an attribute before");
  }
  std::vector<Field> fields = fields_of(path);
  if (!old) inside.properties.push_back(path.name());
  if (custom) set(fields, known("custom"), Value::of(true));
  if (uniform) set(fields, known("variability"), Value::small(Type::variability, *uniform));
  blanks();
  if (take('=')) {
    blanks();
    if (!targets(known("targetPaths"), prim_path, edit, true, fields)) return false;
    blanks();
  } else if (edit != Edit::set && !find(fields, known("targetPaths")) && strict) {
    return fail("expected `=` and the targets to edit");
  }
  if (!metadata(Owner::relationship, prim_path, fields)) return false;
  if (!put(path, SpecType::relationship, std::move(fields))) return false;
  return end_statement("a relationship");
}

bool TextParser::attribute(Path prim_path, Edit edit, bool custom, std::optional<bool> uniform, Contents& inside) {
  const std::size_t start = at();
  const std::string_view type_word = long_word();
  if (type_word.empty()) return fail("expected a property, a prim, or }");
  std::string type_text(type_word);
  blanks();
  if (take('[')) {
    blanks();
    if (!expect(']', "after [ of a type")) return false;
    type_text += "[]";
    blanks();
  }
  const std::size_t name_at = at();
  const std::string_view name = spaced_name();
  if (name.empty()) return fail("expected the name of an attribute after its type " + type_text.substr(0, 80));
  const TypeName type = type_named(type_text);
  if (!type.current.empty()) type_text = std::string(type.current) + (type.array ? "[]" : "");
  const Path path = prim_path.property(Token(name));
  const Layer::Spec* old = layer_->find(path);
  if (old && old->type != SpecType::attribute) {
    return fail_at(name_at, std::string(name) + " was written as a relationship before");
  }
  std::vector<Field> fields = fields_of(path);
  const Token type_token(type_text);
  if (const Value* before = find(fields, known("typeName")); before && before->token() != type_token) {
    return fail_at(start, "the type of " + std::string(name) + " was " + std::string(before->token().text()) +
                              " before, now it is " + type_text);
  }
  if (!old) inside.properties.push_back(path.name());
  if (custom) set(fields, known("custom"), Value::of(true));
  set(fields, known("typeName"), Value::of(type_token));
  if (uniform && *uniform) set(fields, known("variability"), Value::small(Type::variability, 1));
  blanks();
  std::string_view part;
  if (take('.')) {
    blanks();
    part = word();
    blanks();
  }
  if (edit != Edit::set && part != "connect") return fail("only connections can be added, deleted or ordered");
  if (part == "mapper") return fail("mappers are of an old version of the format");
  if (!part.empty() && !expect('=', "after ." + std::string(part))) return false;
  if (part == "connect") {
    blanks();
    if (!targets(known("connectionPaths"), prim_path, edit, false, fields)) return false;
  } else if (part == "timeSamples") {
    blanks();
    Value samples_value;
    if (!samples(type, samples_value)) return false;
    set(fields, known("timeSamples"), std::move(samples_value));
  } else if (part == "spline") {
    blanks();
    Value curve;
    if (!spline(type, curve)) return false;
    set(fields, known("spline"), std::move(curve));
  } else if (!part.empty()) {
    return fail("`." + std::string(part) + "` is no part of an attribute; known: connect, timeSamples, spline");
  } else if (take('=')) {
    blanks();
    Value result;
    if (none()) {
      result = Value::small(Type::value_block, 0);
    } else if (is_word("AnimationBlock")) {
      word();
      result = Value::small(Type::animation_block, 0);
    } else if (type.opaque) {
      return fail("an attribute of type " + type_text + " has no value");
    } else if (type.type == Type::none) {
      std::string_view raw;
      if (!raw_value(raw)) return false;
      result = Value::boxed(Type::unregistered, Value::of(Token(raw), Type::string));
    } else if (!value(type.type, type.array, result)) {
      return false;
    }
    set(fields, known("default"), std::move(result));
    blanks();
  } else if (peek() == '[') {
    return fail("mappers are of an old version of the format");
  }
  if (part.empty()) {
    blanks();
    if (!metadata(Owner::attribute, prim_path, fields)) return false;
  }
  if (!put(path, SpecType::attribute, std::move(fields))) return false;
  blanks();
  if (part == "connect" && peek() == '@') return fail("markers are of an old version of the format");
  if (part == "connect" && peek() == '{') return fail("mappers are of an old version of the format");
  return end_statement("an attribute");
}

bool is_text(std::string_view bytes) {
  return bytes.starts_with("#usda 1.") || bytes.starts_with("#sdf 1.4.");
}

Result<std::shared_ptr<Layer>> read_text(std::string_view text, const std::string& file, const ReadBudget& budget) {
  return TextParser(text, file, budget).read();
}

}  // namespace wm::usd
