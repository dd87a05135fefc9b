#include "worldmill/usd/dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "worldmill/base/json.h"
#include "worldmill/usd/sha256.h"
#include "worldmill/usd/spline.h"
#include "worldmill/usd/text_writer.h"
#include "worldmill/usd/variable_expression.h"

namespace wm::usd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWhole = 64;  // longer arrays are told by hash

template <class T>
void append_real(std::string& out, T number) {
  if (std::isfinite(number)) {
    append_number(out, number);
  } else {
    out += std::isnan(number) ? "\"nan\"" : number > 0 ? "\"inf\"" : "\"-inf\"";
  }
}

constexpr std::string_view kSkipProperty[] = {"typeName",      "variability", "custom",          "default",
                                              "timeSamples",   "spline",      "connectionPaths", "targetPaths",
                                              "interpolation", "elementSize"};
constexpr std::string_view kSkipPrim[] = {"references",
                                          "payload",
                                          "inheritPaths",
                                          "specializes",
                                          "variantSetNames",
                                          "variantSelection",
                                          "apiSchemas",
                                          "specifier",
                                          "typeName",
                                          "active",
                                          "kind",
                                          "primOrder",
                                          "propertyOrder",
                                          "variantChildren",
                                          "variantSetChildren",
                                          "primChildren",
                                          "properties",
                                          "relocates",
                                          "clips"};
constexpr std::string_view kSkipRoot[] = {"primOrder",       "primChildren", "relocates", "layerRelocates", "subLayers",
                                          "subLayerOffsets", "kind",         "active",    "apiSchemas"};

bool contains(std::span<const std::string_view> list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

class Dumper {
 public:
  Dumper(const Stage& stage, std::string file, std::string root)
      : stage_(stage), file_(std::move(file)), root_(std::move(root)) {
    folder_ = fs::path(file_).parent_path();
  }

  std::string run() {
    std::vector<Prim> waiting = {stage_.pseudo_root()};
    std::string prims;
    std::size_t count = 0;
    while (!waiting.empty()) {
      const Prim at = waiting.back();
      waiting.pop_back();
      if (!at.path().is_root()) {
        out_.clear();
        prim(at);
        if (count++ > 0) prims += ",\n";
        prims += out_;
      }
      std::vector<Prim> below = at.children(true);
      std::reverse(below.begin(), below.end());
      waiting.insert(waiting.end(), below.begin(), below.end());
    }
    out_ = "{\"stage\":";
    head(count);
    return out_ + ",\n\"prims\":[\n" + prims + "\n]}\n";
  }

 private:
  void key(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    base::append_json(out_, name);
    out_ += ':';
  }
  void text(std::string_view name, std::string_view value) {
    key(name);
    base::append_json(out_, value);
  }
  void truth(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  void number(std::string_view name, double value) {
    key(name);
    append_real(out_, value);
  }

  std::string relative(const std::string& identifier) const {
    if (identifier.empty() || identifier[0] != '/') return identifier;
    const auto [outer, inner] = split_package_path(identifier);
    std::string path = fs::path(outer).lexically_relative(folder_).generic_string();
    if (!inner.empty() && identifier != stage_.root().identifier) path += "[" + std::string(inner) + "]";
    return path;
  }

  void asset(Token written, const Layer* layer, const LayerStack* stack) {
    std::string path(written.text());
    const auto evaluated = evaluated_string(path, stack ? stack->expression_variables : Dictionary());
    const bool changed = evaluated && *evaluated != path;
    if (evaluated) path = *evaluated;
    if (path.starts_with('/')) path = relative(path);
    const std::string resolved = layer && !path.empty() ? library().resolve(layer->identifier(), path) : std::string();
    out_ += '{';
    text("asset", path);
    key("resolved");
    if (resolved.empty()) {
      out_ += "null";
    } else {
      base::append_json(out_, relative(resolved));
    }
    if (changed) text("authored", written.text());
    out_ += '}';
  }
  LayerLibrary& library() { return const_cast<Stage&>(stage_).library(); }

  // The fewest digits that read back as the same half.
  void half(float number) {
    if (!std::isfinite(number) || number == 0) return append_real(out_, number);
    for (int digits = 1; digits <= 5; ++digits) {
      const std::string text = fmt::format("{:.{}g}", number, digits);
      if (to_half(std::strtof(text.c_str(), nullptr)) == to_half(number)) {
        out_ += text;
        return;
      }
    }
  }

  void component(Scalar scalar, const std::byte* bytes, std::size_t i) {
    switch (scalar) {
      case Scalar::boolean:
        out_ += number_at(scalar, bytes, i) != 0 ? "true" : "false";
        return;
      case Scalar::i64: {
        std::int64_t n;
        std::memcpy(&n, bytes + i * 8, 8);
        out_ += fmt::format_int(n).c_str();
        return;
      }
      case Scalar::u64: {
        std::uint64_t n;
        std::memcpy(&n, bytes + i * 8, 8);
        out_ += fmt::format_int(n).c_str();
        return;
      }
      case Scalar::f64:
        return append_real(out_, number_at(scalar, bytes, i));
      case Scalar::f16:
        return half(static_cast<float>(number_at(scalar, bytes, i)));
      case Scalar::f32:
        return append_real(out_, static_cast<float>(number_at(scalar, bytes, i)));
      default:
        out_ += fmt::format_int(static_cast<std::int64_t>(number_at(scalar, bytes, i))).c_str();
    }
  }

  void element(const Value& v, std::size_t index, const Layer* layer, const LayerStack* stack) {
    const TypeInfo& i = info(v.type());
    if (i.scalar == Scalar::text) {
      const Token token = v.get<Token>(index);
      if (v.is(Type::asset)) return asset(token, layer, stack);
      base::append_json(out_, token.text());
      return;
    }
    if (v.is(Type::path_vector)) {
      base::append_json(out_, v.get<Path>(index).text());
      return;
    }
    const std::byte* bytes = v.bytes().data() + index * static_cast<std::size_t>(i.bytes);
    if (i.components == 1) return component(i.scalar, bytes, 0);
    const bool quaternion = v.is(Type::quatd) || v.is(Type::quatf) || v.is(Type::quath);
    const int rows = v.is(Type::matrix2d) ? 2 : v.is(Type::matrix3d) ? 3 : v.is(Type::matrix4d) ? 4 : 0;
    out_ += '[';
    for (int k = 0; k < i.components; ++k) {
      if (k > 0) out_ += ',';
      if (rows > 0 && k % rows == 0) out_ += '[';
      component(i.scalar, bytes, static_cast<std::size_t>(quaternion ? (k + 3) % 4 : k));
      if (rows > 0 && k % rows == rows - 1) out_ += ']';
    }
    out_ += ']';
  }

  void array(const Value& v, const Layer* layer, const LayerStack* stack) {
    const std::size_t n = v.size();
    const auto run = [&](std::size_t from, std::size_t to) {
      out_ += '[';
      for (std::size_t k = from; k < to; ++k) {
        if (k > from) out_ += ',';
        element(v, k, layer, stack);
      }
      out_ += ']';
    };
    if (n <= kWhole) return run(0, n);
    const TypeInfo& i = info(v.type());
    Sha256 hash;
    std::string type;
    if (i.scalar == Scalar::text) {
      type = "str";
      for (std::size_t k = 0; k < n; ++k) {
        const std::string_view token = v.get<Token>(k).text();
        const std::byte zero{};
        hash.add(std::as_bytes(std::span(token)));
        hash.add({&zero, 1});
      }
    } else {
      constexpr const char* kNames[] = {"", "u1", "u1", "i4", "u4", "i8", "u8", "f2", "f4", "f8", ""};
      type = kNames[static_cast<int>(i.scalar)];
      if (i.components > 1) type += fmt::format("x{}", i.components);
      hash.add(v.bytes());
    }
    out_ += '{';
    key("len");
    out_ += fmt::format_int(n).c_str();
    text("dtype", type);
    text("sha256", hash.hex());
    key("first");
    run(0, 4);
    key("last");
    run(n - 4, n);
    out_ += '}';
  }

  template <class T, class Item>
  void list(const std::vector<T>& items, Item item) {
    out_ += '[';
    for (std::size_t k = 0; k < items.size(); ++k) {
      if (k > 0) out_ += ',';
      item(items[k]);
    }
    out_ += ']';
  }

  template <class T, class Item>
  void list_op(const ListOp<T>& op, Item item) {
    std::vector<T> items;
    edit(items, op);
    list(items, item);
  }

  void value(const Value& v, const Layer* layer, const LayerStack* stack) {
    if (v.is_array()) return array(v, layer, stack);
    if (info(v.type()).bytes > 0) return element(v, 0, layer, stack);
    const auto word = [&](Token t) { base::append_json(out_, t.text()); };
    switch (v.type()) {
      case Type::dictionary:
        out_ += '{';
        for (const auto& [name, entry] : v.content<Dictionary>()) {
          key(name.text());
          value(entry, layer, stack);
        }
        out_ += '}';
        return;
      case Type::token_list_op:
      case Type::string_list_op:
        return list_op(v.content<TokenListOp>(), word);
      case Type::path_list_op:
        return list_op(v.content<PathListOp>(), [&](Path p) { base::append_json(out_, p.text()); });
      case Type::int_list_op:
      case Type::int64_list_op:
      case Type::uint_list_op:
      case Type::uint64_list_op:
        return list_op(v.content<IntegerListOp>(), [&](std::int64_t n) { out_ += fmt::format_int(n).c_str(); });
      case Type::unregistered_list_op:
        return list_op(v.content<ValueListOp>(), [&](const Value& x) { value(x, layer, stack); });
      case Type::unregistered: {
        out_ += "{\"unregistered\":";
        value(v.content<Value>(), layer, stack);
        out_ += '}';
        return;
      }
      case Type::permission:
        out_ += v.bits() ? "\"PermissionPrivate\"" : "\"PermissionPublic\"";
        return;
      case Type::value_block:
        out_ += "{\"block\":true}";
        return;
      default:
        out_ += "null";
    }
  }

  template <class Thing>
  void metadata(std::string_view name, const Thing& thing, std::span<const std::string_view> skip, const Layer* layer) {
    bool any = false;
    for (const Token field : thing.metadata_names()) {
      if (contains(skip, field.text())) continue;
      if (!any) {
        key(name);
        out_ += '{';
      }
      any = true;
      key(field.text());
      value(thing.metadata(field), layer, &stage_.root());
    }
    if (any) out_ += '}';
  }

  void attribute(const Property& p) {
    const Layer* layer = p.value_layer();
    const LayerStack* stack = p.value_stack();
    out_ += '{';
    text("t", p.type_name().text());
    ValueOrigin origin = ValueOrigin::none;
    if (const Value v = p.value({}, &origin)) {
      key("v");
      value(v, layer, stack);
    }
    constexpr const char* kOrigins[] = {"none", "fallback", "default", "samples", "clips", "spline"};
    text("src", kOrigins[static_cast<int>(origin)]);
    const std::vector<Path> connections = p.targets();
    truth("auth", p.has_authored_value() || p.has_authored_targets());
    if (p.is_blocked()) truth("blocked", true);
    if (p.is_uniform()) text("var", "uniform");
    if (p.is_custom()) truth("custom", true);
    const std::string name(p.path().name().text());
    const Value interpolation = p.metadata(known("interpolation"));
    if (name.starts_with("primvars:") && !name.ends_with(":indices")) {
      text("interp", interpolation ? interpolation.token().text() : "constant");
      if (const Value size = p.metadata(known("elementSize"))) {
        key("elementSize");
        value(size, layer, stack);
      }
    } else if (interpolation) {
      text("interp", interpolation.token().text());
    }
    const auto path_item = [&](Path path) { base::append_json(out_, path.text()); };
    if (!connections.empty()) {
      key("conn");
      list(connections, path_item);
    }
    metadata("md", p, kSkipProperty, layer);
    const std::vector<double> times = p.sample_times();
    const auto pair = [&](double time) {
      out_ += '[';
      append_real(out_, time);
      out_ += ',';
      if (const Value v = p.value(time)) {
        value(v, layer, stack);
      } else {
        out_ += "null";
      }
      out_ += ']';
    };
    const auto picked = [&](const std::vector<double>& all) {
      const std::set<std::size_t> indices = {0, all.size() / 4, all.size() / 2, 3 * all.size() / 4, all.size() - 1};
      out_ += '[';
      for (const std::size_t i : indices) {
        if (i != 0) out_ += ',';
        pair(all[i]);
      }
      out_ += ']';
    };
    if (!times.empty()) {
      key("n");
      out_ += fmt::format_int(times.size()).c_str();
      key("times");
      array(Value::array_of<double>(Type::double_, times), nullptr, nullptr);
      key("at");
      picked(times);
    }
    std::vector<double> knots;
    if (const auto spline = p.spline()) {
      for (const Spline::Knot& knot : spline->first.content<Spline>().knots) knots.push_back(spline->second(knot.time));
      key("spline");
      picked(knots);
    }
    const auto& between = knots.empty() ? times : knots;
    if (between.size() > 1) {
      key("mid");
      pair((between[0] + between[1]) / 2);
    }
    out_ += '}';
  }

  std::vector<Path> forwarded(const std::vector<Path>& targets) {
    std::vector<Path> found;
    std::set<std::uint32_t> seen;
    std::vector<Path> waiting(targets.rbegin(), targets.rend());
    while (!waiting.empty()) {
      const Path path = waiting.back();
      waiting.pop_back();
      if (!seen.insert(path.id()).second) continue;
      const Prim prim = path.is_property() ? stage_.find(path.parent()) : Prim();
      const Property p = prim ? Property(prim, path.name()) : Property(stage_.pseudo_root(), Token());
      if (!p || p.is_attribute()) {
        found.push_back(path);
        continue;
      }
      const std::vector<Path> next = p.targets();
      waiting.insert(waiting.end(), next.rbegin(), next.rend());
    }
    return found;
  }

  void relationship(const Property& p) {
    const auto path_item = [&](Path path) { base::append_json(out_, path.text()); };
    const std::vector<Path> targets = p.targets(), ends = forwarded(targets);
    out_ += '{';
    key("targets");
    list(targets, path_item);
    if (ends != targets) {
      key("forwarded");
      list(ends, path_item);
    }
    truth("auth", p.has_authored_targets());
    if (p.is_custom()) truth("custom", true);
    metadata("md", p, kSkipProperty, nullptr);
    out_ += '}';
  }

  void variants(const Prim& prim) {
    std::map<std::string, std::pair<std::string, std::set<std::string>>> sets;
    const PrimIndex& index = prim.index();
    std::vector<Token> names;
    for (auto i = index.order.rbegin(); i != index.order.rend(); ++i) {
      const PrimNode& n = index.nodes[*i];
      if (!n.contributes()) continue;
      for (auto entry = n.stack->layers.rbegin(); entry != n.stack->layers.rend(); ++entry) {
        const Value op = entry->layer->field(n.path, known("variantSetNames"));
        if (op.is(Type::string_list_op)) edit(names, op.content<TokenListOp>());
      }
    }
    for (const Token name : names) sets[std::string(name.text())];
    for (const std::uint32_t i : index.order) {
      const PrimNode& n = index.nodes[i];
      if (n.arc == Arc::variant && n.path.kind() == Path::Kind::variant && !n.from_ancestor) {
        auto& selection = sets[std::string(n.path.name().text())].first;
        if (selection.empty()) selection = n.path.selection().text();
      }
    }
    for (const std::uint32_t i : index.order) {
      const PrimNode& n = index.nodes[i];
      if (!n.contributes()) continue;
      for (const LayerStack::Entry& entry : n.stack->layers) {
        for (auto& [name, set] : sets) {
          const Layer::Spec* spec = entry.layer->find(n.path.variant(Token(name), Token()));
          if (!spec) continue;
          for (const Token choice : entry.layer->children(*spec, known("variantChildren")))
            set.second.emplace(choice.text());
        }
      }
    }
    if (sets.empty()) return;
    key("variants");
    out_ += '{';
    for (const auto& [name, set] : sets) {
      key(name);
      out_ += '{';
      text("sel", set.first);
      key("choices");
      list(std::vector<std::string>(set.second.begin(), set.second.end()),
           [&](const std::string& c) { base::append_json(out_, c); });
      out_ += '}';
    }
    out_ += '}';
  }

  void prim(const Prim& p) {
    constexpr const char* kSpecifiers[] = {"def", "over", "class"};
    out_ += '{';
    text("path", p.path().text());
    text("type", p.type_name().text());
    text("spec", kSpecifiers[static_cast<int>(p.specifier())]);
    text("kind", p.metadata(known("kind")).token().text());
    key("api");
    const Value api = p.metadata(known("apiSchemas"));
    if (api.is(Type::token_list_op)) {
      value(api, nullptr, nullptr);
    } else {
      out_ += "[]";
    }
    truth("active", p.is_active());
    truth("defined", p.is_defined());
    truth("loaded", p.is_loaded());
    truth("abstract", p.is_abstract());
    truth("model", p.is_model());
    truth("group", p.is_group());
    if (p.is_instance()) {
      truth("instance", true);
      const auto first = shared_.try_emplace(p.shared_with(), p.path()).first;
      text("same_as", first->second.text());
    }
    if (p.is_instance_proxy()) truth("proxy", true);
    variants(p);
    metadata("metadata", p, kSkipPrim, &p.index().nodes[0].stack->root());
    std::vector<Token> names = p.property_names();
    std::sort(names.begin(), names.end(), [](Token a, Token b) { return a.text() < b.text(); });
    std::vector<Property> relationships;
    key("attrs");
    out_ += '{';
    for (const Token name : names) {
      Property one(p, name);
      if (!one.is_attribute()) {
        relationships.push_back(std::move(one));
        continue;
      }
      key(name.text());
      attribute(one);
    }
    out_ += '}';
    key("rels");
    out_ += '{';
    for (const Property& one : relationships) {
      key(one.path().name().text());
      relationship(one);
    }
    out_ += "}}";
  }

  void head(std::size_t count) {
    const Prim root = stage_.pseudo_root();
    out_ += '{';
    text("file", fs::path(file_).lexically_relative(fs::absolute(root_).lexically_normal()).generic_string());
    const Value up = root.metadata(known("upAxis"));
    text("up", up ? up.token().text() : "Y");
    const auto number_or = [&](Token name, double otherwise) {
      const Value v = root.metadata(name);
      return v ? v.number(otherwise) : otherwise;
    };
    number("mpu", number_or(known("metersPerUnit"), 0.01));
    number("kpu", number_or(known("kilogramsPerUnit"), 1));
    number("tcps", stage_.time_codes_per_second());
    number("fps", number_or(known("framesPerSecond"), 24));
    for (const auto& [name, field] :
         {std::pair("start", known("startTimeCode")), std::pair("end", known("endTimeCode"))}) {
      key(name);
      const Value v = root.metadata(field);
      if (v) {
        append_real(out_, v.number());
      } else {
        out_ += "null";
      }
    }
    key("defaultPrim");
    const Prim first = stage_.default_prim();
    if (first) {
      base::append_json(out_, first.path().text());
    } else {
      out_ += "null";
    }
    text("interpolation", stage_.options().held ? "held" : "linear");
    text("load", "all");
    std::vector<std::string> layers;
    for (const Layer* layer : stage_.used_layers()) layers.push_back(relative(layer->identifier()));
    std::sort(layers.begin(), layers.end());
    key("layers");
    list(layers, [&](const std::string& name) { base::append_json(out_, name); });
    key("errors");
    out_ += fmt::format("{{\"all\":{}}}", stage_.errors().size());
    key("nprims");
    out_ += fmt::format_int(count).c_str();
    metadata("metadata", root, kSkipRoot, &stage_.root().root());
    out_ += '}';
  }

  const Stage& stage_;
  std::string file_, root_, out_;
  fs::path folder_;
  std::map<Path, Path, bool (*)(Path, Path)> shared_{path_less};
};

}  // namespace

std::string dump_json(const Stage& stage, const std::string& file, const std::string& root) {
  return Dumper(stage, file, root).run();
}

std::string dump_tree(const Stage& stage) {
  std::string out;
  std::vector<Prim> waiting = {stage.pseudo_root()};
  constexpr const char* kSpecifiers[] = {"def", "over", "class"};
  while (!waiting.empty()) {
    const Prim at = waiting.back();
    waiting.pop_back();
    if (!at.path().is_root()) {
      out.append(static_cast<std::size_t>(at.path().depth() - 1) * 2, ' ');
      out.append(at.name().text());
      if (at.type_name()) out += fmt::format(" [{}]", at.type_name().text());
      if (at.specifier() != Specifier::def) out += fmt::format(" {}", kSpecifiers[static_cast<int>(at.specifier())]);
      if (!at.is_active()) out += " inactive";
      if (!at.is_loaded() && at.is_active()) out += " unloaded";
      if (at.is_instance()) out += fmt::format(" instance of {}", at.shared_with().text());
      out += '\n';
    }
    std::vector<Prim> below = at.children();
    std::reverse(below.begin(), below.end());
    waiting.insert(waiting.end(), below.begin(), below.end());
  }
  return out;
}

}  // namespace wm::usd
