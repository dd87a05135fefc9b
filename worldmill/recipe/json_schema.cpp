#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/base/json.h"
#include "worldmill/recipe/schema.h"
#include "worldmill/recipe/tree.h"

// The recipe's schema as JSON Schema (draft 2020-12). It says what shapes an editor may offer; a base recipe may hold
// what a recipe leaves out, so no entry demands its keys here, and null (which deletes) may stand for any named thing.

namespace wm::recipe {

using base::Entry;
using base::Value;

namespace {

struct Json {
  Value value;
  Json() : value{Value::Map(), {}} {}
  Json& with(std::string_view key, Value item) {
    std::get<Value::Map>(value.data).push_back({std::string(key), {}, std::move(item)});
    return *this;
  }
  Json& with(std::string_view key, const char* text) { return with(key, Value{std::string(text), {}}); }
  Json& with(std::string_view key, const std::string& text) { return with(key, Value{text, {}}); }
  Json& with(std::string_view key, Json json) { return with(key, std::move(json.value)); }
  Json& with(std::string_view key, bool truth) { return with(key, Value{truth, {}}); }
  Json& with(std::string_view key, std::int64_t whole) { return with(key, Value{whole, {}}); }
};

Value list(std::vector<Json> items) {
  Value::List all;
  for (Json& item : items) all.push_back(std::move(item.value));
  return {std::move(all), {}};
}

template <class Words>
Value texts(const Words& words) {
  Value::List all;
  for (const auto& word : words) all.push_back({std::string(word), {}});
  return {std::move(all), {}};
}

Json type(const char* name) {
  return Json().with("type", name);
}

Value number(double x) {
  if (x == std::floor(x) && std::fabs(x) < 1e15) return {static_cast<std::int64_t>(x), {}};
  return {x, {}};
}

std::string escaped(const std::string& unit) {
  std::string out;
  for (const char c : unit) out += c == '^' ? std::string("\\^") : std::string(1, c);
  return out;
}

// `(m|cm|mm|km)` of `m, cm, mm or km`; of every unit when any may stand there.
std::string unit_pattern(Dimension dimension) {
  if (dimension == Dimension::any) return "[a-zA-Z][a-zA-Z/^2 ]*";
  std::string units = units_of(dimension), out;
  for (std::size_t at = 0; at < units.size();) {
    const std::size_t comma = units.find(", ", at), word = units.find(" or ", at);
    const std::size_t end = std::min({comma, word, units.size()});
    out += (out.empty() ? "" : "|") + escaped(units.substr(at, end - at));
    at = end == units.size() ? end : end + (end == comma ? 2 : 4);
  }
  return "(" + out + ")";
}

class Writer {
 public:
  Json schema(const Node& root) {
    Json properties;
    for (const Key& key : root.keys) properties.with(key.name, nullable(property(key)));
    Json out;
    out.with("$schema", "https://json-schema.org/draft/2020-12/schema")
        .with("title", "Worldmill recipe")
        .with("description", "What a dataset is made from: scenes, what is drawn, who looks, what is labelled.")
        .with("type", "object")
        .with("properties", std::move(properties))
        .with("required", texts(std::vector<std::string>{"worldmill"}))
        .with("anyOf", list({Json().with("required", texts(std::vector<std::string>{"extends"})),
                             Json().with("required", texts(std::vector<std::string>{"scene", "sensors"}))}))
        .with("additionalProperties", false)
        .with("$defs", Value{std::move(defs_), {}});
    return out;
  }

 private:
  Json property(const Key& key) {
    Json out;
    out.with("description", std::string(key.help));
    if (key.preset) out.with("default", *key.preset);
    Json inside = node(*key.node);
    for (Entry& entry : std::get<Value::Map>(inside.value.data)) out.with(entry.key, std::move(entry.value));
    return out;
  }

  static Json nullable(Json json) {
    Json out;
    if (const Value* description = json.value.find("description")) out.with("description", *description);
    return out.with("anyOf", list({std::move(json), type("null")}));
  }

  Json ref(const std::string& name) { return Json().with("$ref", "#/$defs/" + name); }
  template <class Make>
  Json define(const std::string& name, const Make& make) {
    const auto is_it = [&](const Entry& e) { return e.key == name; };
    if (std::none_of(defs_.begin(), defs_.end(), is_it)) {
      defs_.push_back({name, {}, Value{true, {}}});  // a place for what refers to itself
      const std::size_t at = defs_.size() - 1;
      Json made = make();
      defs_[at].value = std::move(made.value);
    }
    return ref(name);
  }

  Json expression() {
    return define("expression", [] {
      return type("string")
          .with("pattern", "\\$")
          .with("description", "An expression over $names of let: and params:.");
    });
  }

  Json node(const Node& n) {
    switch (n.kind) {
      case Node::Kind::map: {
        Json properties;
        for (const Key& key : n.keys) properties.with(key.name, property(key));
        return type("object").with("properties", std::move(properties)).with("additionalProperties", false);
      }
      case Node::Kind::named:
        return named(n);
      case Node::Kind::list: {
        Json out = type("array").with("items", node(*n.item)).with("minItems", static_cast<std::int64_t>(n.least));
        return n.most > 1'000'000 ? out : out.with("maxItems", static_cast<std::int64_t>(n.most));
      }
      case Node::Kind::either: {
        std::vector<Json> options;
        for (const Node* option : n.options) options.push_back(node(*option));
        return Json().with("anyOf", list(std::move(options)));
      }
      case Node::Kind::constant:
        return constant(n.spec);
      case Node::Kind::field:
        return n.acts ? acted(n) : field(n.spec);
      case Node::Kind::word:
        return Json().with("anyOf", list({Json().with("enum", texts(n.words)), expression()}));
      case Node::Kind::selector:
        return selector();
      case Node::Kind::guard:
        return Json().with("anyOf", list({expression(), type("boolean")}));
      case Node::Kind::text:
        return type("string").with("minLength", std::int64_t{1});
      case Node::Kind::version:
        return Json().with("const", std::int64_t{1});
      case Node::Kind::param:
        return Json().with("type", texts(std::vector<std::string>{"number", "string", "boolean"}));
      case Node::Kind::extends:
        return Json().with("anyOf", list({type("string"), type("array").with("items", type("string"))}));
      case Node::Kind::write:
        return type("object");
    }
    return Json();
  }

  Json named(const Node& n) {
    const char* pattern = n.identifiers ? "^[A-Za-z_][A-Za-z0-9_]*$" : "^[A-Za-z_][A-Za-z0-9_-]*$";
    Json out = type("object").with("propertyNames", Json().with("pattern", pattern));
    if (n.item->kind == Node::Kind::write) {
      Json formats, one;
      for (const std::string& format : n.item->words) {
        formats.with(format, nullable(type("object")));
        one.with(format, type("object"));
      }
      out.with("properties", std::move(formats));
      Json other = type("object").with("properties", std::move(one)).with("additionalProperties", false);
      other.with("minProperties", std::int64_t{1}).with("maxProperties", std::int64_t{1});
      return out.with("additionalProperties", nullable(std::move(other)));
    }
    Json known;
    for (const Key& key : n.keys) {
      known.with(key.name, nullable(property(key)));
    }
    if (!n.keys.empty()) out.with("properties", std::move(known));
    return out.with("additionalProperties", nullable(node(*n.item)));
  }

  Json selector() {
    return define("selector", [] {
      Json some = Json().with("anyOf", list({type("string"), type("array").with("items", type("string"))}));
      Json map = type("object")
                     .with("properties", Json().with("any", some).with("except", some))
                     .with("required", texts(std::vector<std::string>{"any"}))
                     .with("additionalProperties", false);
      return Json()
          .with("description",
                "What is meant: a name of scene.add, jack/0, jack/**/Part*, /a/path, class:x, type:light, "
                "tag:x; a list is a union.")
          .with("anyOf", list({type("string"), type("array").with("items", type("string")), std::move(map)}));
    });
  }

  static std::string name(const Spec& spec) {
    constexpr std::string_view kTypes[] = {"number",   "truth", "word",    "vector", "colour",
                                           "rotation", "asset", "picture", "value"};
    std::string out(kTypes[static_cast<std::size_t>(spec.type)]);
    if (spec.type == Type::number && spec.whole) out = "whole";
    constexpr std::string_view kDimensions[] = {"",
                                                "",
                                                "length",
                                                "time",
                                                "rate",
                                                "angle",
                                                "mass",
                                                "density",
                                                "force",
                                                "torque",
                                                "impulse",
                                                "speed",
                                                "acceleration",
                                                "angular_speed",
                                                "temperature",
                                                "power",
                                                "luminous_flux",
                                                "illuminance",
                                                "pixels"};
    const std::string_view dimension = kDimensions[static_cast<std::size_t>(spec.dimension)];
    if (!dimension.empty()) out += fmt::format("_{}", dimension);
    const Range& r = spec.range;
    if (std::isfinite(r.least)) out += fmt::format("_{}_{:.4g}", r.open_least ? "above" : "from", r.least);
    if (std::isfinite(r.most)) out += fmt::format("_{}_{:.4g}", r.open_most ? "below" : "to", r.most);
    return out;
  }

  Json constant(const Spec& spec) {
    return define(name(spec), [&] { return constant_itself(spec); });
  }

  Json bare_number(const Spec& spec) {
    Json out = type(spec.whole ? "integer" : "number");
    const Range& r = spec.range;
    if (std::isfinite(r.least)) out.with(r.open_least ? "exclusiveMinimum" : "minimum", number(r.least));
    if (std::isfinite(r.most)) out.with(r.open_most ? "exclusiveMaximum" : "maximum", number(r.most));
    return out;
  }

  Json numbers(const Spec& spec, std::int64_t count, bool drawn) {
    const Spec item{Type::number, spec.dimension, spec.range, false};
    return type("array")
        .with("items", drawn ? field(item) : constant(item))
        .with("minItems", count)
        .with("maxItems", count);
  }

  Json constant_itself(const Spec& spec) {
    switch (spec.type) {
      case Type::number: {
        std::vector<Json> options;
        if (spec.dimension != Dimension::angle) options.push_back(bare_number(spec));
        if (spec.dimension != Dimension::none) {
          options.push_back(
              type("string").with("pattern", "^[-+]?[0-9.]+([eE][-+]?[0-9]+)? *" + unit_pattern(spec.dimension) + "$"));
        }
        options.push_back(expression());
        return Json().with("description", std::string(name_of(spec.dimension))).with("anyOf", list(std::move(options)));
      }
      case Type::truth:
        return Json().with("anyOf", list({type("boolean"), expression()}));
      case Type::vector:
        return Json().with("anyOf", list({numbers(spec, 3, true), expression()}));
      case Type::colour:
        return Json()
            .with("description", "[r, g, b] in linear light, or \"#rrggbb\" in sRGB.")
            .with("anyOf",
                  list({numbers(spec, 3, true), type("string").with("pattern", "^#[0-9a-fA-F]{6}$"), expression()}));
      case Type::rotation:
        return Json().with("anyOf", list({numbers({}, 4, false), expression()}));
      case Type::word:
      case Type::asset:
      case Type::picture:
        return type("string").with("minLength", std::int64_t{1});
      case Type::any:
        return Json().with("type", texts(std::vector<std::string>{"number", "string", "boolean", "array"}));
    }
    return Json();
  }

  Json field(const Spec& spec) {
    return define("drawn_" + name(spec), [&] {
      std::vector<Json> options = {constant(spec)};
      if (spec.type == Type::word || spec.type == Type::asset || spec.type == Type::picture)
        options.push_back(expression());
      options.push_back(by(spec));
      for (const Distribution& row : known_distributions()) {
        if (gives(row, spec.type)) options.push_back(draw(row, spec));
      }
      return Json().with("anyOf", list(std::move(options)));
    });
  }

  Json per() {
    return define("per",
                  [] { return Json().with("enum", texts(kPers)).with("description", "How often it is drawn anew."); });
  }

  Json by(const Spec& spec) {
    return type("object")
        .with("description", "The case that $name says; `else` if there is one.")
        .with("properties", Json().with("by", expression()).with("per", per()).with("shared", type("boolean")))
        .with("required", texts(std::vector<std::string>{"by"}))
        .with("additionalProperties", ref("drawn_" + name(spec)));
  }

  Json draw(const Distribution& row, const Spec& spec) {
    Json properties;
    properties.with(row.name, arguments(row, spec)).with("per", per()).with("shared", type("boolean"));
    return type("object")
        .with("description", fmt::format("{}: {} {}", row.name, row.arguments, row.help))
        .with("properties", std::move(properties))
        .with("required", texts(std::vector<std::string_view>{row.name}))
        .with("additionalProperties", false);
  }

  Json object(std::vector<std::pair<std::string_view, Json>> known, const std::vector<std::string>& required) {
    Json properties;
    for (auto& entry : known) properties.with(entry.first, std::move(entry.second));
    return type("object")
        .with("properties", std::move(properties))
        .with("required", texts(required))
        .with("additionalProperties", false);
  }

  Json arguments(const Distribution& row, const Spec& spec) {
    const Dimension dimension = spec.dimension;
    const Spec end = spec.type == Type::any ? Spec{Type::number, Dimension::any, {}, false}
                                            : Spec{Type::number, dimension, spec.range, spec.whole};
    const Spec free{Type::number, dimension, {}, false}, share{Type::number, Dimension::none, {0, 1}, false};
    const Spec positive{Type::number, Dimension::none, {.least = 0}, false};
    const std::string_view name = row.name;
    if (name == "uniform" || name == "log_uniform" || name == "int") {
      return type("array")
          .with("items", constant(end))
          .with("minItems", std::int64_t{2})
          .with("maxItems", std::int64_t{2});
    }
    if (name == "normal") return object({{"mean", constant(free)}, {"sd", constant(free)}}, {"mean", "sd"});
    if (name == "truncated_normal") {
      return object({{"mean", constant(free)}, {"sd", constant(free)}, {"min", constant(end)}, {"max", constant(end)}},
                    {"mean", "sd"});
    }
    if (name == "beta") {
      return object(
          {{"a", constant(positive)}, {"b", constant(positive)}, {"min", constant(end)}, {"max", constant(end)}},
          {"a", "b"});
    }
    if (name == "poisson") return constant(positive);
    if (name == "bernoulli") return constant(share);
    if (name == "sequence") return type("array").with("items", field(spec)).with("minItems", std::int64_t{1});
    if (name == "choice") {
      Json weights =
          type("object").with("additionalProperties", constant(positive)).with("minProperties", std::int64_t{1});
      std::vector<Json> options = {type("array").with("items", constant(spec)).with("minItems", std::int64_t{1}),
                                   std::move(weights)};
      options.push_back(type("string"));
      return Json().with("anyOf", list(std::move(options)));
    }
    if (name == "hsv") {
      const Spec angle{Type::number, Dimension::angle, {}, false};
      return object({{"h", field(angle)}, {"s", field(share)}, {"v", field(share)}}, {"h", "s", "v"});
    }
    return region(name, free);
  }

  Json region(std::string_view name, const Spec& free) {
    const Json point = numbers(free, 3, false);
    if (name == "box") return object({{"min", point}, {"max", point}}, {"min", "max"});
    if (name == "sphere") return object({{"center", point}, {"radius", constant(free)}}, {"radius"});
    if (name == "shell") {
      Json pair = type("array")
                      .with("items", constant(free))
                      .with("minItems", std::int64_t{2})
                      .with("maxItems", std::int64_t{2});
      return object({{"center", point}, {"radius", std::move(pair)}}, {"radius"});
    }
    return type("object").with("maxProperties", std::int64_t{0});
  }

  Json acted(const Node& node) {
    const Spec& spec = node.spec;
    const std::string suffix = node.scales == node.adds ? "" : node.adds ? "_no_scale" : "_no_add";
    return define("changed_" + name(spec) + suffix, [&] {
      const Spec factor{Type::number, Dimension::none, {.least = 0}, false};
      const Spec added{spec.type, spec.dimension, {}, spec.whole};
      std::vector<Json> options = {field(spec), object({{"set", field(spec)}}, {"set"})};
      if (node.scales) {
        Json scale = Json().with("anyOf", list({field(factor), numbers(factor, 3, true)}));
        options.push_back(object({{"scale", std::move(scale)}}, {"scale"}));
      }
      if (node.adds) options.push_back(object({{"add", field(added)}}, {"add"}));
      return Json().with("anyOf", list(std::move(options)));
    });
  }

  Value::Map defs_;
};

void print(const Value& value, std::size_t depth, std::string& out) {
  constexpr std::size_t kWidth = 100;
  std::string line;
  base::append_json(line, value);
  if (2 * depth + line.size() <= kWidth || (!value.map() && !value.list())) {
    out += line;
    return;
  }
  const std::string indent(2 * depth + 2, ' ');
  out += value.map() ? "{" : "[";
  const char* comma = "\n";
  const auto next = [&] {
    out += comma + indent;
    comma = ",\n";
  };
  if (value.map()) {
    for (const Entry& entry : *value.map()) {
      next();
      base::append_json(out, std::string_view(entry.key));
      out += ": ";
      print(entry.value, depth + 1, out);
    }
  } else {
    for (const Value& item : *value.list()) {
      next();
      print(item, depth + 1, out);
    }
  }
  out += "\n" + std::string(2 * depth, ' ') + (value.map() ? "}" : "]");
}

}  // namespace

std::string json_schema(const Vocabulary& vocabulary) {
  const Schema schema(vocabulary);
  std::string out;
  print(Writer().schema(schema.root()).value, 0, out);
  return out + "\n";
}

}  // namespace wm::recipe
