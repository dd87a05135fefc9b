#include "worldmill/usd/text_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "worldmill/base/json.h"
#include "worldmill/usd/spline.h"

namespace wm::usd {
namespace {

// d.ddde-x in shortest form, written without an exponent between 1e-6 and 1e15.
template <class T>
void append_shortest(std::string& out, T number) {
  if (std::isnan(number)) {
    out += "nan";
    return;
  }
  if (std::isinf(number)) {
    out += number < 0 ? "-inf" : "inf";
    return;
  }
  char buffer[64];
  const double magnitude = std::abs(static_cast<double>(number));
  const bool plain = number == 0 || (magnitude >= 1e-6 && magnitude < 1e15);
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number,
                                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string_view text(buffer, static_cast<std::size_t>(result.ptr - buffer));
  if (plain) {
    out += text;
    return;
  }
  const std::size_t e = text.find('e');
  out += text.substr(0, e + 1);
  text.remove_prefix(e + 1);
  if (text[0] == '-') out += '-';
  text.remove_prefix(1);
  while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
  out += text;
}

void append_quoted(std::string& out, std::string_view text) {
  const bool lines = text.find('\n') != std::string_view::npos;
  const char quote = text.find('"') != std::string_view::npos && text.find('\'') == std::string_view::npos ? '\'' : '"';
  const std::string fence(lines ? 3 : 1, quote);
  out += fence;
  while (!text.empty()) {
    const char c = text[0];
    const std::size_t length = base::utf8_length(text);
    if (length > 1) {
      out += text.substr(0, length);
      text.remove_prefix(length);
      continue;
    }
    text.remove_prefix(1);
    if (c == '\\' || c == quote) {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += c;
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += fence;
}

void append_asset(std::string& out, std::string_view path) {
  if (path.find('@') == std::string_view::npos) {
    out.append("@").append(path).append("@");
    return;
  }
  out += "@@@";
  for (std::size_t at = 0; at < path.size();) {
    if (path.substr(at).starts_with("@@@")) {
      out += "\\@@@";
      at += 3;
    } else {
      out += path[at++];
    }
  }
  out += "@@@";
}

template <class T>
T load(const std::byte* bytes, std::size_t i) {
  T value;
  std::memcpy(static_cast<void*>(&value), bytes + i * sizeof(T), sizeof(T));
  return value;
}

void append_component(std::string& out, Scalar scalar, Type type, const std::byte* bytes, std::size_t i) {
  switch (scalar) {
    case Scalar::boolean:
    case Scalar::u8:
      out += fmt::format_int(load<std::uint8_t>(bytes, i)).c_str();
      return;
    case Scalar::i32:
      out += fmt::format_int(load<std::int32_t>(bytes, i)).c_str();
      return;
    case Scalar::u32:
      out += fmt::format_int(load<std::uint32_t>(bytes, i)).c_str();
      return;
    case Scalar::i64:
      out += fmt::format_int(load<std::int64_t>(bytes, i)).c_str();
      return;
    case Scalar::u64:
      out += fmt::format_int(load<std::uint64_t>(bytes, i)).c_str();
      return;
    case Scalar::f16:
      return append_shortest(out, to_float(load<Half>(bytes, i)));
    case Scalar::f32:
      return append_shortest(out, load<float>(bytes, i));
    case Scalar::f64:
      return append_shortest(out, load<double>(bytes, i));
    case Scalar::text:
      if (type == Type::asset) return append_asset(out, load<Token>(bytes, i).text());
      return append_quoted(out, load<Token>(bytes, i).text());
    case Scalar::none:
      return;
  }
}

void append_tuple(std::string& out, const TypeInfo& i, Type type, const std::byte* bytes, std::size_t first,
                  int count) {
  const bool quaternion = type == Type::quatd || type == Type::quatf || type == Type::quath;
  out += '(';
  for (int k = 0; k < count; ++k) {
    if (k > 0) out += ", ";
    append_component(out, i.scalar, type, bytes, first + static_cast<std::size_t>(quaternion ? (k + 3) % 4 : k));
  }
  out += ')';
}

void append_element(std::string& out, Type type, const std::byte* bytes) {
  const TypeInfo& i = info(type);
  if (i.components == 1) return append_component(out, i.scalar, type, bytes, 0);
  const int rows = type == Type::matrix2d ? 2 : type == Type::matrix3d ? 3 : type == Type::matrix4d ? 4 : 0;
  if (rows == 0) return append_tuple(out, i, type, bytes, 0, i.components);
  out += "( ";
  for (int row = 0; row < rows; ++row) {
    if (row > 0) out += ", ";
    append_tuple(out, i, type, bytes, static_cast<std::size_t>(row * rows), rows);
  }
  out += " )";
}

class Writer {
 public:
  explicit Writer(const Layer& layer) : layer_(layer) {}

  std::string layer() {
    out_ = "#usda 1.0\n";
    const Layer::Spec* root = layer_.find(Path::root());
    if (!root) return std::move(out_);
    const std::size_t before = out_.size();
    metadata(*root, Path::root(), 0);
    if (out_.size() > before) out_ += '\n';
    names(*root, known("primOrder"), "reorder rootPrims", 0);
    for (const Token name : layer_.children(*root, known("primChildren"))) {
      out_ += '\n';
      prim(Path::root().child(name), 0);
    }
    return std::move(out_);
  }

  std::string out_;

  void value(const Value& raw, int depth) {
    const Value v = layer_.decoded(raw);
    const TypeInfo& i = info(v.type());
    if (v.is_array()) {
      out_ += '[';
      const auto bytes = v.bytes();
      for (std::size_t n = 0; n < v.size(); ++n) {
        if (n > 0) out_ += ", ";
        append_element(out_, v.type(), bytes.data() + n * static_cast<std::size_t>(i.bytes));
      }
      out_ += ']';
    } else if (i.bytes > 0) {
      append_element(out_, v.type(), v.bytes().data());
    } else if (v.is(Type::dictionary)) {
      dictionary(v.content<Dictionary>(), depth);
    } else if (v.is_block()) {
      out_ += "None";
    } else if (v.is(Type::animation_block)) {
      out_ += "AnimationBlock";
    } else if (v.is(Type::unregistered)) {
      const Value& inside = v.content<Value>();
      if (inside.is(Type::dictionary)) return dictionary(inside.content<Dictionary>(), depth);
      out_ += inside.token().text();
    } else {
      out_ += "None";
    }
  }

 private:
  void indent(int depth) { out_.append(static_cast<std::size_t>(depth) * 4, ' '); }

  void dictionary(const Dictionary& entries, int depth) {
    out_ += "{\n";
    for (const auto& [key, raw] : entries) {
      const Value v = layer_.decoded(raw);
      std::string_view type = info(v.type()).name;
      switch (v.type()) {
        case Type::dictionary:
          type = "dictionary";
          break;
        case Type::token_vector:
          type = "token";
          break;
        case Type::string_vector:
          type = "string";
          break;
        case Type::double_vector:
          type = "double";
          break;
        case Type::value_block:
          type = "string";
          break;
        default:
          break;
      }
      if (type.empty()) continue;  // no text says such a value
      indent(depth + 1);
      out_.append(type).append(v.is_array() ? "[] " : " ");
      if (is_identifier(key.text())) {
        out_ += key.text();
      } else {
        append_quoted(out_, key.text());
      }
      out_ += " = ";
      value(v, depth + 1);
      out_ += '\n';
    }
    indent(depth);
    out_ += '}';
  }

  void names(const Layer::Spec& spec, Token field, std::string_view keyword, int depth) {
    const std::vector<Token> tokens = layer_.children(spec, field);
    if (!layer_.raw(spec, field)) return;
    indent(depth);
    out_.append(keyword).append(" = [");
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (i > 0) out_ += ", ";
      append_quoted(out_, tokens[i].text());
    }
    out_ += "]\n";
  }

  template <class T, class Item>
  void list_op(const ListOp<T>& op, const std::string& before, const std::string& after, int depth, Item item,
               bool always_brackets = false) {
    const auto line = [&](std::string_view keyword, const std::vector<T>& items) {
      indent(depth);
      if (!keyword.empty()) out_.append(keyword).append(" ");
      out_.append(before).append(after).append(" = ");
      if (items.empty()) {
        out_ += "None\n";
        return;
      }
      const bool brackets = always_brackets || items.size() > 1;
      if (brackets) out_ += '[';
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out_ += ", ";
        item(items[i]);
      }
      if (brackets) out_ += ']';
      out_ += '\n';
    };
    if (op.is_explicit) return line("", op.explicit_items);
    if (op.is_inert()) return line("delete", op.deleted);  // says that the list is edited, and how: not at all
    if (!op.deleted.empty()) line("delete", op.deleted);
    if (!op.added.empty()) line("add", op.added);
    if (!op.prepended.empty()) line("prepend", op.prepended);
    if (!op.appended.empty()) line("append", op.appended);
    if (!op.ordered.empty()) line("reorder", op.ordered);
  }

  void offset(const LayerOffset& o, const Dictionary* data, int depth) {
    if (o.is_identity() && !data) return;
    out_ += " (";
    const char* separator = "";
    if (o.offset != 0) {
      out_ += "offset = ";
      append_number(out_, o.offset);
      separator = "; ";
    }
    if (o.scale != 1) {
      out_ += separator;
      out_ += "scale = ";
      append_number(out_, o.scale);
      separator = "; ";
    }
    if (data) {
      out_ += separator;
      out_ += "customData = ";
      dictionary(*data, depth);
    }
    out_ += ')';
  }

  void reference(const Reference& r, int depth) {
    if (r.asset) append_asset(out_, r.asset.text());
    if (r.prim || !r.asset) out_.append("<").append(r.prim.text()).append(">");
    offset(r.offset, r.custom_data.get(), depth);
  }

  // One item of metadata, with the keyword that text has for the field.
  void item(const Field& field, Path path, int depth) {
    const Value v = layer_.decoded(field.value);
    std::string key(field.name.text());
    if (key == "documentation") key = "doc";
    if (key == "inheritPaths") key = "inherits";
    if (key == "variantSetNames") key = "variantSets";
    if (key == "variantSelection") key = "variants";
    if (key == "layerRelocates") key = "relocates";
    const auto path_item = [&](Path p) { out_.append("<").append(p.text()).append(">"); };
    switch (v.type()) {
      case Type::path_list_op:
        return list_op(v.content<PathListOp>(), key, "", depth, path_item);
      case Type::reference_list_op:
      case Type::payload_list_op:
        return list_op(v.content<ReferenceListOp>(), key, "", depth, [&](const Reference& r) { reference(r, depth); });
      case Type::token_list_op:
      case Type::string_list_op:
        return list_op(
            v.content<TokenListOp>(), key, "", depth, [&](Token t) { append_quoted(out_, t.text()); }, true);
      case Type::uint64_list_op:
        return list_op(
            v.content<IntegerListOp>(), key, "", depth,
            [&](std::int64_t n) { out_ += fmt::format_int(static_cast<std::uint64_t>(n)).c_str(); }, true);
      case Type::int_list_op:
      case Type::int64_list_op:
      case Type::uint_list_op:
        return list_op(
            v.content<IntegerListOp>(), key, "", depth, [&](std::int64_t n) { out_ += fmt::format_int(n).c_str(); },
            true);
      case Type::unregistered_list_op:
        return list_op(
            v.content<ValueListOp>(), key, "", depth, [&](const Value& x) { value(x, depth); }, true);
      default:
        break;
    }
    indent(depth);
    if (key == "comment") {
      append_quoted(out_, v.token().text());
      out_ += '\n';
      return;
    }
    out_ += key + " = ";
    if (v.is(Type::permission)) {
      out_ += v.bits() ? "private" : "public";
    } else if (key == "symmetryFunction" || key == "displayUnit") {
      out_ += v.token().text();
    } else if (v.is(Type::variant_selection_map)) {
      out_ += "{\n";
      for (const auto& [set_name, selection] : v.content<VariantSelections>()) {
        indent(depth + 1);
        out_.append("string ").append(set_name.text()).append(" = ");
        append_quoted(out_, selection.text());
        out_ += '\n';
      }
      indent(depth);
      out_ += '}';
    } else if (v.is(Type::relocates)) {
      out_ += "{\n";
      for (const auto& [from, to] : v.content<Relocates>()) {
        indent(depth + 1);
        out_ += "<" + from.text() + ">: <" + to.text() + ">,\n";
      }
      indent(depth);
      out_ += '}';
    } else {
      value(v, depth);
    }
    (void)path;
    out_ += '\n';
  }

  void sublayers(const Layer::Spec& spec, int depth) {
    const std::vector<Token> assets = layer_.children(spec, known("subLayers"));
    const Value offsets = layer_.field(spec, known("subLayerOffsets"));
    indent(depth);
    out_ += "subLayers = [\n";
    for (std::size_t i = 0; i < assets.size(); ++i) {
      indent(depth + 1);
      append_asset(out_, assets[i].text());
      if (offsets.is(Type::layer_offset_vector) && i < offsets.size()) {
        offset(offsets.get<LayerOffset>(i), nullptr, depth + 1);
      }
      out_ += i + 1 < assets.size() ? ",\n" : "\n";
    }
    indent(depth);
    out_ += "]\n";
  }

  void metadata(const Layer::Spec& spec, Path path, int depth) {
    static constexpr std::string_view kElsewhere[] = {
        "specifier",       "typeName",        "primChildren",  "properties",  "variantSetChildren",
        "variantChildren", "primOrder",       "propertyOrder", "default",     "timeSamples",
        "spline",          "connectionPaths", "targetPaths",   "variability", "custom",
        "subLayerOffsets"};
    std::vector<const Field*> items;
    for (const Field& field : layer_.fields(spec)) {
      if (std::find(std::begin(kElsewhere), std::end(kElsewhere), field.name.text()) == std::end(kElsewhere)) {
        items.push_back(&field);
      }
    }
    if (items.empty()) return;
    std::sort(items.begin(), items.end(), [](const Field* a, const Field* b) {
      const bool x = a->name == known("comment"), y = b->name == known("comment");
      return x != y ? x : a->name.text() < b->name.text();
    });
    out_ += path.is_root() ? "(\n" : " (\n";
    for (const Field* field : items) {
      if (field->name == known("subLayers")) {
        sublayers(spec, depth + 1);
      } else {
        item(*field, path, depth + 1);
      }
    }
    indent(depth);
    out_ += ')';
  }

  void contents(const Layer::Spec& spec, Path path, int depth) {
    indent(depth);
    out_ += "{\n";
    names(spec, known("primOrder"), "reorder nameChildren", depth + 1);
    names(spec, known("propertyOrder"), "reorder properties", depth + 1);
    bool gap = false;
    for (const Token name : layer_.children(spec, known("properties"))) {
      property(path.property(name), depth + 1);
      gap = true;
    }
    for (const Token name : layer_.children(spec, known("primChildren"))) {
      if (gap) out_ += '\n';
      prim(path.child(name), depth + 1);
      gap = true;
    }
    for (const Token name : layer_.children(spec, known("variantSetChildren"))) variant_set(path, name, depth + 1);
    indent(depth);
    out_ += "}\n";
  }

  void variant_set(Path path, Token name, int depth) {
    const Layer::Spec* spec = layer_.find(path.variant(name, Token()));
    if (!spec) return;
    indent(depth);
    out_.append("variantSet \"").append(name.text()).append("\" = {\n");
    for (const Token variant : layer_.children(*spec, known("variantChildren"))) {
      const Path inside = path.variant(name, variant);
      const Layer::Spec* variant_spec = layer_.find(inside);
      if (!variant_spec) continue;
      indent(depth + 1);
      append_quoted(out_, variant.text());
      metadata(*variant_spec, inside, depth + 1);
      out_ += '\n';
      contents(*variant_spec, inside, depth + 1);
    }
    indent(depth);
    out_ += "}\n";
  }

  void prim(Path path, int depth) {
    const Layer::Spec* spec = layer_.find(path);
    if (!spec) return;
    const Value specifier = layer_.field(*spec, known("specifier"));
    constexpr const char* kWords[] = {"def ", "over ", "class "};
    indent(depth);
    out_ += kWords[specifier.is(Type::specifier) ? std::min<std::uint64_t>(specifier.bits(), 2) : 1];
    if (const Token type = layer_.field(*spec, known("typeName")).token()) out_.append(type.text()).append(" ");
    append_quoted(out_, path.name().text());
    metadata(*spec, path, depth);
    out_ += '\n';
    contents(*spec, path, depth);
  }

  void property(Path path, int depth) {
    const Layer::Spec* spec = layer_.find(path);
    if (!spec) return;
    const bool is_rel = spec->type == SpecType::relationship;
    const Value variability = layer_.field(*spec, known("variability"));
    std::string words = layer_.field(*spec, known("custom")).truth() ? "custom " : "";
    if (variability.is(Type::variability)) {
      if (!is_rel && variability.bits() == 1) words += "uniform ";
      if (is_rel && variability.bits() == 0) words += "varying ";
    }
    const std::string type = is_rel ? "rel" : std::string(layer_.field(*spec, known("typeName")).token().text());
    const std::string head = words + type + " " + std::string(path.name().text());
    const auto path_item = [&](Path p) { out_.append("<").append(p.text()).append(">"); };
    if (is_rel) {
      const Value targets = layer_.field(*spec, known("targetPaths"));
      std::string block;
      const std::size_t before = out_.size();
      metadata(*spec, path, depth);
      block = out_.substr(before);
      out_.resize(before);
      const bool whole = targets.is(Type::path_list_op) && targets.content<PathListOp>().is_explicit;
      if (targets.is(Type::path_list_op)) {
        list_op(targets.content<PathListOp>(), head, "", depth, path_item);
        if (!block.empty() && whole) {
          out_.pop_back();
          out_ += block + "\n";
        }
      }
      if (!whole && (!targets || !block.empty())) {
        indent(depth);
        out_ += head + block + "\n";
      }
      return;
    }
    const Value* value_field = layer_.raw(*spec, known("default"));
    const Value* samples = layer_.raw(*spec, known("timeSamples"));
    const Value* curve = layer_.raw(*spec, known("spline"));
    const Value connections = layer_.field(*spec, known("connectionPaths"));
    const std::size_t before = out_.size();
    metadata(*spec, path, depth);
    const std::string block = out_.substr(before);
    out_.resize(before);
    if (value_field || !block.empty() || !(samples || curve || connections)) {
      indent(depth);
      out_ += head;
      if (value_field) {
        out_ += " = ";
        value(*value_field, depth);
      }
      out_ += block + "\n";
    }
    if (samples) {
      indent(depth);
      out_ += head + ".timeSamples = {\n";
      const Value decoded = layer_.decoded(*samples);
      if (decoded.is(Type::time_samples)) {
        const auto& s = decoded.content<TimeSamples>();
        for (std::size_t i = 0; i < s.size(); ++i) {
          indent(depth + 1);
          append_number(out_, s.time(i));
          out_ += ": ";
          value(s.values[i], depth + 1);
          out_ += ",\n";
        }
      }
      indent(depth);
      out_ += "}\n";
    }
    if (curve) spline(head, layer_.decoded(*curve), depth);
    if (connections.is(Type::path_list_op)) {
      list_op(connections.content<PathListOp>(), head, ".connect", depth, path_item);
    }
  }

  void number(double n, const Spline& s) {
    if (s.value_type == Type::double_) {
      append_number(out_, n);
    } else {
      append_number(out_, static_cast<float>(n));
    }
  }

  void side(std::string_view keyword, const Spline::Side& s, int depth) {
    constexpr const char* kModes[] = {"none",        "held",       "linear",        "sloped(",
                                      "loop repeat", "loop reset", "loop oscillate"};
    indent(depth);
    out_.append(keyword).append(": ").append(kModes[static_cast<int>(s.mode)]);
    if (s.mode == Spline::Beyond::sloped) {
      append_number(out_, s.slope);
      out_ += ')';
    }
    out_ += ",\n";
  }

  void spline(const std::string& head, const Value& curve, int depth) {
    if (!curve.is(Type::spline)) return;
    const auto& s = curve.content<Spline>();
    indent(depth);
    out_ += head + ".spline = {\n";
    const bool hermite = s.curve == Spline::Curve::hermite;
    indent(depth + 1);
    out_ += hermite ? "hermite,\n" : "bezier,\n";
    if (s.before_said || s.before.mode != Spline::Beyond::held) side("pre", s.before, depth + 1);
    if (s.after_said || s.after.mode != Spline::Beyond::held) side("post", s.after, depth + 1);
    if (s.loop) {
      indent(depth + 1);
      out_ += "loop: (";
      append_number(out_, s.loop->start);
      out_ += ", ";
      append_number(out_, s.loop->end);
      out_ += fmt::format(", {}, {}, ", s.loop->before, s.loop->after);
      append_number(out_, s.loop->value_offset);
      out_ += "),\n";
    }
    constexpr const char* kNext[] = {"none", "held", "linear", "curve"};
    const auto tangent = [&](double width, double slope) {
      if (width == 0 && slope == 0) return;
      out_ += " (";
      if (!hermite || width != 0) {
        append_number(out_, width);
        out_ += ", ";
      }
      number(slope, s);
      out_ += ')';
    };
    for (const Spline::Knot& k : s.knots) {
      indent(depth + 1);
      append_number(out_, k.time);
      out_ += ": ";
      if (k.pre_value) {
        number(*k.pre_value, s);
        out_ += " & ";
      }
      number(k.value, s);
      if (k.pre_width != 0 || k.pre_slope != 0) {
        out_ += "; pre";
        tangent(k.pre_width, k.pre_slope);
      }
      if (k.next != Spline::Next::held || k.post_width != 0 || k.post_slope != 0) {
        out_.append("; post ").append(kNext[static_cast<int>(k.next)]);
        tangent(k.post_width, k.post_slope);
      }
      if (!k.custom_data.empty()) {
        out_ += "; ";
        dictionary(k.custom_data, depth + 1);
      }
      out_ += ",\n";
    }
    indent(depth);
    out_ += "}\n";
  }

  const Layer& layer_;
};

}  // namespace

void append_number(std::string& out, double number) {
  append_shortest(out, number);
}
void append_number(std::string& out, float number) {
  append_shortest(out, number);
}

std::string write_text(const Layer& layer) {
  return Writer(layer).layer();
}

std::string text_of(const Value& value) {
  static const Layer none("");
  Writer writer(none);
  writer.value(value, 0);
  return std::move(writer.out_);
}

}  // namespace wm::usd
